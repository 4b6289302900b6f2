// The signed operations that make up a household, and the roster they come to (docs/spec/roster.md).
import { affectedBy, authorise, givesFirstDevice } from './authority.js';
import { hash } from './hash.js';
import { Household, bit, has } from './household.js';
import { Kind, parseOperation } from './operation.js';
import { operationsOfAuthorMax, resolve } from './resolution.js';

const operationsMax = 4096;
const operationsOfNonAdminMax = 64;
const waitingMax = 256;

export class RosterLog {
  constructor() {
    this.history = [];
    this.places = new Map();
    this.waiting = new Map();
    this.now = { household: new Household(this.history), counting: 0n, ignored: 0n };
    this.roster = { household: null, version: null, people: new Map(), devices: new Map(), removed: new Map(), bridges: new Map() };
  }

  get all() {
    return bit(this.history.length) - 1n;
  }

  // What counts for the version, and what the next operation builds on.
  get shown() {
    return this.all & ~this.now.ignored;
  }

  // 'accepted', 'known', 'waiting' (for its parents) or 'flood' (not kept); throws for what everybody refuses.
  add(bytes) {
    const operation = parseOperation(bytes);
    if (this.places.has(operation.hash)) return 'known';
    this.checkHousehold(operation);
    if (!this.parentsKnown(operation)) {
      if (this.waiting.size === waitingMax) this.waiting.delete(this.waiting.keys().next().value);
      this.waiting.set(operation.hash, operation);
      return 'waiting';
    }
    if (this.isFlood(operation)) return 'flood';
    this.accept(operation);
    this.acceptWaiting();
    this.refresh();
    return 'accepted';
  }

  checkHousehold(operation) {
    if (this.history.length === 0) return;
    if (operation.household !== this.history[0].operation.household) throw new Error('an operation of another household');
    if (operation.kind === Kind.genesis) throw new Error('a second genesis');
  }

  written(author) {
    return this.history.filter((entry) => entry.operation.author === author).length;
  }

  // One more than the limit proves that its author floods; further ones only if another member builds on them.
  isFlood(operation) {
    return this.written(operation.author) > operationsOfAuthorMax && !this.isAwaited(operation);
  }

  isAwaited(operation) {
    const seen = new Set();
    for (const open = [operation.hash]; open.length > 0;) {
      const next = open.pop();
      if (seen.has(next)) continue;
      seen.add(next);
      for (const later of this.waiting.values()) {
        if (!later.parents.includes(next)) continue;
        if (later.author !== operation.author && this.now.household.isDevice(later.author)) return true;
        open.push(later.hash);
      }
    }
    return false;
  }

  parentsKnown(operation) {
    return operation.parents.every((parent) => this.places.has(parent));
  }

  accept(operation) {
    if (this.history.length === operationsMax) throw new Error('too many operations');
    const parents = operation.parents.map((parent) => this.places.get(parent));
    const inherited = parents.reduce((set, at) => set | this.history[at].ancestors, 0n);
    if (parents.some((at) => has(inherited, at))) throw new Error('a parent is an ancestor of another');
    const ancestors = parents.reduce((set, at) => set | bit(at), inherited);
    const knowsAll = ancestors === this.shown;
    const past = knowsAll ? this.now.household : resolve(this.history, ancestors).household;
    authorise(past, operation);
    this.checkAmount(past, operation, ancestors);
    const at = this.history.length;
    this.places.set(operation.hash, at);
    this.history.push({
      operation,
      ancestors,
      support: past.supportOf(operation.author),
      affected: affectedBy(past, operation),
      givesFirstDevice: givesFirstDevice(past, operation),
    });
    if (knowsAll && this.written(operation.author) <= operationsOfAuthorMax) {
      this.now.household.apply(at);
      this.now.counting |= bit(at);
    } else {
      this.now = resolve(this.history, this.all);
    }
  }

  // One member cannot fill the log of everybody.
  checkAmount(past, operation, ancestors) {
    const trusted = past.isAdmin(operation.author) || operation.authorKey === past.recoveryKey;
    const most = trusted ? operationsOfAuthorMax : operationsOfNonAdminMax;
    const before = this.history.filter((entry, at) => has(ancestors, at) && entry.operation.author === operation.author);
    if (before.length >= most) throw new Error('too many operations of one author');
  }

  acceptWaiting() {
    for (let ready; (ready = [...this.waiting.values()].find((operation) => this.parentsKnown(operation)));) {
      this.waiting.delete(ready.hash);
      try {
        if (!this.isFlood(ready)) this.accept(ready);
      } catch { /* Refused by everybody. */ }
    }
  }

  refresh() {
    const version = hash('roster-version', Buffer.from(this.heads().join(''), 'hex'));
    this.roster = { ...this.now.household.roster(), version };
  }

  heads() {
    const covered = this.history.reduce((set, entry, at) => set | (has(this.shown, at) ? entry.ancestors : 0n), 0n);
    return this.history.filter((_, at) => has(this.shown, at) && !has(covered, at)).map((entry) => entry.operation.hash).sort();
  }

  hashes() {
    return [...this.places.keys()].sort();
  }

  counts(operationHash) {
    return this.places.has(operationHash) && has(this.now.counting, this.places.get(operationHash));
  }

  // What somebody who has `known` lacks, parents before children.
  missingFor(known) {
    const theirs = new Set(known);
    return this.history.map((entry) => entry.operation).filter((operation) => !theirs.has(operation.hash)).map((operation) => operation.bytes);
  }
}
