// CPace (draft-irtf-cfrg-cpace-21), CPACE-RISTR255-SHA512: names as in the draft.
import { RistrettoPoint, ed25519, hashToRistretto255 } from '@noble/curves/ed25519';
import { bytesToNumberLE } from '@noble/curves/utils';
import { sha512 } from '@noble/hashes/sha2';
import { randomBytes } from 'node:crypto';
import { utf8 } from './bytes.js';

const dsi = utf8('CPaceRistretto255');
const blockSize = 128;
const order = ed25519.Point.Fn.ORDER;

export function prependLen(bytes) {
  const length = [];
  let left = bytes.length;
  for (; left >= 0x80; left >>= 7) length.push((left & 0x7f) | 0x80);
  length.push(left);
  return Buffer.concat([Buffer.from(length), bytes]);
}

export const lvCat = (...parts) => Buffer.concat(parts.map(prependLen));

export function generatorString(password, channel, session) {
  const used = prependLen(password).length + prependLen(dsi).length + 1;
  return lvCat(dsi, password, Buffer.alloc(Math.max(0, blockSize - used)), channel, session);
}

export function generator(password, channel, session) {
  return RistrettoPoint.hashToCurve(sha512(generatorString(password, channel, session)));
}

// Throws for what is no point and for the identity: the session must be given up then.
export function scalarMultVerify(scalar, share) {
  const point = RistrettoPoint.fromHex(Buffer.from(share)).multiply(scalar);
  if (point.equals(RistrettoPoint.ZERO)) throw new Error('not a usable CPace share');
  return Buffer.from(point.toRawBytes());
}

export const scalarOf = (bytes) => bytesToNumberLE(bytes) % order;
export const randomScalar = () => scalarOf(randomBytes(64));

export function sessionKey(session, sharedPoint, transcript) {
  return Buffer.from(sha512(Buffer.concat([lvCat(utf8(`${dsi}_ISK`), session, sharedPoint), transcript])));
}

// One side of one run.  `initiator`: this side's share comes first in the transcript.
export class Cpace {
  constructor({ password, channel, session, initiator, scalar = randomScalar() }) {
    this.session = session;
    this.initiator = initiator;
    this.scalar = scalar;
    this.share = Buffer.from(generator(password, channel, session).multiply(scalar).toRawBytes());
  }

  finish(ownData, peerShare, peerData) {
    const shared = scalarMultVerify(this.scalar, peerShare);
    const own = [this.share, ownData];
    const peer = [peerShare, peerData];
    return sessionKey(this.session, shared, lvCat(...(this.initiator ? [...own, ...peer] : [...peer, ...own])));
  }
}
