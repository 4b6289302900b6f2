// One entry of a channel (docs/spec/facts.md, "Entries").
import { idOf, unhex } from './bytes.js';
import { decode, encode, fromBig, toBig, toNumber } from './proto.js';

export const EntryKind = { set: 1, delete: 2, add: 3, remove: 4, end: 5 };
export const entryBytesMax = 65536;
const version = 1;
const valueBytesMax = 32768;

// `value` is null or {type, value}: type boolean, integer (a BigInt), number, text or json (its text).
function valueFrom(message) {
  if (!message?.is) return null;
  const value = message[message.is];
  return { type: message.is, value: message.is === 'integer' ? toBig(value) : value };
}

function valueMessage(value) {
  if (value === null) return {};
  return { [value.type]: value.type === 'integer' ? fromBig(value.value) : value.value };
}

export const sameValue = (value) => (value === null ? '' : `${value.type}:${value.value}`);

const sizeIn = (text, least, most) => Buffer.byteLength(text) >= least && Buffer.byteLength(text) <= most;

// Years 1 to 9999.
const timeUsMin = -62_135_596_800_000_000;
const timeUsEnd = 253_402_300_800_000_000;

function withinLimits({ subject, attribute, value, timeUs, confidence, causes, observed }) {
  const texts = value?.type === 'text' || value?.type === 'json';
  return sizeIn(subject, 1, 256) && sizeIn(attribute, 1, 128) && confidence >= 0 && confidence <= 1 &&
    timeUs >= timeUsMin && timeUs < timeUsEnd &&
    (!texts || sizeIn(value.value, 0, valueBytesMax)) && (value?.type !== 'number' || Number.isFinite(value.value)) &&
    causes.length <= 16 && causes.every((cause) => sizeIn(cause, 0, 128)) && observed.length <= 512;
}

export function encodeEntry(entry) {
  if (!withinLimits(entry)) throw new Error('a fact over a limit');
  return encode('FactEntry', {
    kind: entry.kind,
    version,
    critical: true,
    hlc: fromBig(entry.hlc),
    subject: entry.subject,
    attribute: entry.attribute,
    value: valueMessage(entry.value),
    timeUs: fromBig(entry.timeUs),
    confidence: entry.confidence,
    untrusted: entry.untrusted,
    causes: entry.causes,
    observed: entry.observed.map((hash) => unhex(hash, 32)),
  });
}

// null: kept and relayed, but it does not count.  {unknown: true}: it stops the fold of its channel.
export function decodeEntry(bytes) {
  try {
    const message = decode('FactEntry', bytes);
    const known = message.version === version && Object.values(EntryKind).includes(message.kind);
    if (!known) return message.critical ? { unknown: true } : null;
    const entry = {
      kind: message.kind,
      hlc: toBig(message.hlc),
      subject: message.subject,
      attribute: message.attribute,
      value: valueFrom(message.value),
      timeUs: toNumber(message.timeUs),
      confidence: message.confidence,
      untrusted: message.untrusted,
      causes: message.causes,
      observed: message.observed.map((hash) => idOf(hash, 32, 'observed')),
    };
    return withinLimits(entry) ? entry : null;
  } catch {
    return null;
  }
}
