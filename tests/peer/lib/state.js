// The state of one audience: a function of the set of entries that count (docs/spec/facts.md, "State").
import { unhex } from './bytes.js';
import { EntryKind, sameValue } from './entry.js';

const littleEndian = (hash) => BigInt(`0x${unhex(hash, 32).reverse().toString('hex')}`);
const nameOf = (entry) => JSON.stringify([entry.subject, entry.attribute]);

function beats(one, other) {
  if (one.hlc !== other.hlc) return one.hlc > other.hlc;
  return one.writer !== other.writer ? one.writer > other.writer : one.hash > other.hash;
}

export class AudienceState {
  constructor() {
    this.registers = new Map();
    this.sets = new Map();
  }

  // `entry` with `writer` and `hash`.
  apply(entry) {
    const name = nameOf(entry);
    if (entry.kind === EntryKind.set || entry.kind === EntryKind.delete) {
      const winner = this.registers.get(name);
      if (!winner || beats(entry, winner)) this.registers.set(name, entry);
      return;
    }
    const element = this.element(name, entry.value);
    if (entry.kind === EntryKind.add) {
      if (!element.undone.has(entry.hash)) element.alive.set(entry.hash, entry);
      return;
    }
    for (const hash of entry.observed) {
      element.undone.add(hash);
      element.alive.delete(hash);
    }
  }

  element(name, value) {
    if (!this.sets.has(name)) this.sets.set(name, new Map());
    const set = this.sets.get(name);
    const key = sameValue(value);
    if (!set.has(key)) set.set(key, { value, alive: new Map(), undone: new Set() });
    return set.get(key);
  }

  get(subject, attribute) {
    const winner = this.registers.get(nameOf({ subject, attribute }));
    return winner?.kind === EntryKind.set ? winner : null;
  }

  elements(subject, attribute) {
    const set = this.sets.get(nameOf({ subject, attribute }))?.values() ?? [];
    return [...set].filter((element) => element.alive.size > 0).map((element) => element.value);
  }

  hash() {
    const additions = [...this.sets.values()].flatMap((set) => [...set.values()]).flatMap((element) => [...element.alive.keys()]);
    const winners = [...this.registers.values()].map((winner) => winner.hash);
    const sum = [...additions, ...winners].reduce((total, hash) => total + littleEndian(hash), 0n) % (1n << 256n);
    return Buffer.from(sum.toString(16).padStart(64, '0'), 'hex').reverse().toString('hex');
  }
}
