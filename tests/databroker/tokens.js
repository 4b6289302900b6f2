// Tokens as a databroker takes them: JWT signed with RS256, whose scope says what may be done with which signals
// ("read", "actuate:Vehicle.Cabin").
import { createPrivateKey, createPublicKey, createSign, createVerify, generateKeyPairSync } from 'node:crypto';

import { Refusal } from './signals.js';

const coded = (object) => Buffer.from(JSON.stringify(object)).toString('base64url');

export class Tokens {
  // key: PEM of the private key that signs; a fresh one if there is none.
  constructor(key) {
    const { privateKey } = key ? { privateKey: createPrivateKey(key) } : generateKeyPairSync('rsa', { modulusLength: 2048 });
    Object.assign(this, { privateKey, publicKey: createPublicKey(privateKey) });
  }

  make(scope, seconds = 3600) {
    const now = Math.floor(Date.now() / 1000);
    const body = `${coded({ alg: 'RS256', typ: 'JWT' })}.${coded({ sub: 'test', iat: now, exp: now + seconds, scope })}`;
    return `${body}.${createSign('RSA-SHA256').update(body).sign(this.privateKey, 'base64url')}`;
  }

  // What the caller may do: (action, path) -> boolean.
  permissions(metadata) {
    const [header] = metadata.get('authorization');
    const refuse = (why) => {
      throw new Refusal('UNAUTHENTICATED', why);
    };
    const match = /^Bearer ([\w-]+)\.([\w-]+)\.([\w-]+)$/.exec(header ?? '') ?? refuse('no token');
    const [, head, payload, signature] = match;
    if (!createVerify('RSA-SHA256').update(`${head}.${payload}`).verify(this.publicKey, signature, 'base64url')) {
      refuse('the token is not signed by anybody known');
    }
    const { exp, scope } = JSON.parse(Buffer.from(payload, 'base64url').toString());
    if (exp * 1000 < Date.now()) {
      refuse('the token is expired');
    }
    const scopes = scope.split(' ').map((one) => one.split(':'));
    return (action, path) =>
      scopes.some(([name, root]) => name === action && (root === undefined || path === root || path.startsWith(`${root}.`)));
  }
}
