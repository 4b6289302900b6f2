// Ed25519 keys whose signatures are bound to a purpose (docs/spec/wire.md, "Signatures").
import { ed25519, x25519 } from '@noble/curves/ed25519';
import { sha512 } from '@noble/hashes/sha2';
import { randomBytes } from 'node:crypto';
import { hex, utf8 } from './bytes.js';
import { hash } from './hash.js';

const signedBytes = (purpose, message) => Buffer.concat([utf8(`ambit/v1/${purpose}`), Buffer.from([0]), message]);

export class SigningKey {
  constructor(seed = randomBytes(32)) {
    this.seed = seed;
    this.publicKey = Buffer.from(ed25519.getPublicKey(seed));
  }

  sign(purpose, message) {
    return Buffer.from(ed25519.sign(signedBytes(purpose, message), this.seed));
  }
}

// Throws unless `bytes` is a public key that only its owner can sign with: a point of the prime-order group.
export function checkedPublicKey(bytes) {
  const point = ed25519.Point.fromHex(Buffer.from(bytes));
  if (point.isSmallOrder() || !point.isTorsionFree()) throw new Error('not an Ed25519 public key');
  return Buffer.from(bytes);
}

export function verifies(publicKey, purpose, message, signature) {
  try {
    return ed25519.verify(signature, signedBytes(purpose, message), publicKey, { zip215: false });
  } catch {
    return false;
  }
}

export const deviceIdOf = (publicKey) => hex(hash('device-id', publicKey));

// The X25519 key that others seal secrets to, derived from its seed as libsodium's crypto_box_seed_keypair does.
export function sealPublicKey(seed) {
  return Buffer.from(x25519.getPublicKey(sha512(seed).subarray(0, 32)));
}
