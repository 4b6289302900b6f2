// A channel: the log of one writer for one audience in one incarnation (docs/spec/facts.md, "Channels", "Chain").
import { isNamedAudience } from './audience.js';
import { hex, idOf, u64, unhex, utf8 } from './bytes.js';
import { hashParts } from './hash.js';
import { verifies } from './keys.js';
import { fromBig, toNumber } from './proto.js';

// `channel` is {writer, audience, incarnation}: ids in hexadecimal.
export const streamOf = ({ writer, audience, incarnation }) => `facts/${writer}/${audience}/${incarnation}`;

export function channelFrom(message) {
  if (!message || !isNamedAudience(message.audience)) throw new Error('not a channel');
  return {
    writer: idOf(message.writer, 32, 'writer'),
    audience: message.audience,
    incarnation: idOf(message.incarnation, 16, 'incarnation'),
  };
}

export function channelMessage({ writer, audience, incarnation }) {
  return { writer: unhex(writer, 32), audience, incarnation: unhex(incarnation, 16) };
}

export function chainStart({ writer, audience, incarnation }) {
  return hex(hashParts('channel', [unhex(writer, 32), utf8(audience), unhex(incarnation, 16)]));
}

export const chainNext = (previous, entry) => hex(hashParts('entry', [unhex(previous, 32), entry]));

function headBytes({ writer, audience, incarnation }, { seq, hash, ledger }) {
  return Buffer.concat([unhex(writer, 32), unhex(incarnation, 16), u64(seq), unhex(hash, 32), unhex(ledger, 32), utf8(audience)]);
}

export function signHead(key, channel, head) {
  return { ...head, signature: hex(key.sign('channel-head', headBytes(channel, head))) };
}

export function headVerifies(publicKey, channel, head) {
  return verifies(publicKey, 'channel-head', headBytes(channel, head), unhex(head.signature, 64));
}

export function headFrom(message) {
  if (!message) throw new Error('no head');
  return {
    seq: toNumber(message.seq),
    hash: idOf(message.hash, 32, 'hash'),
    ledger: idOf(message.ledger, 32, 'ledger'),
    signature: idOf(message.signature, 64, 'signature'),
  };
}

export function headMessage({ seq, hash, ledger, signature }) {
  return { seq: fromBig(seq), hash: unhex(hash, 32), ledger: unhex(ledger, 32), signature: unhex(signature, 64) };
}
