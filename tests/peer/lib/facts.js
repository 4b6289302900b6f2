// Kept facts: the channels this node holds, what they come to, and how they are compared with others (docs/spec/facts.md).
//
// They live in memory only: every start of this node is a new incarnation, as after the loss of a database.
import { randomBytes } from 'node:crypto';
import { mayRead } from './audience.js';
import { hex } from './bytes.js';
import { chainNext, chainStart, channelFrom, channelMessage, headFrom, headMessage, headVerifies, signHead, streamOf } from './channel.js';
import { HybridClock, aheadMaxMs, msOf } from './clock.js';
import { EntryKind, decodeEntry, encodeEntry, entryBytesMax } from './entry.js';
import { Role } from './operation.js';
import { decode, encode, toNumber } from './proto.js';
import { AudienceState } from './state.js';

const entriesPerRangeMax = 256;
const bytesPerRangeMax = 258_048;
const heightsPerMessageMax = 512;
const noLedger = '00'.repeat(32);

export class Facts {
  constructor({ self, key, nowMs = Date.now }) {
    this.self = self;
    this.key = key;
    this.nowMs = nowMs;
    this.clock = new HybridClock(nowMs);
    this.incarnation = hex(randomBytes(16));
    this.logs = new Map();    // stream -> {channel, entries, hashes, heads: Map(seq -> head), tip, frozen}
    this.wanted = new Map();  // stream -> the peer that was asked for it
    this.guests = new Map();  // guest's device -> Map(stream -> entries it does not get)
    this.states = new Map();
    this.roster = { devices: new Map(), people: new Map(), removed: new Map() };
  }

  setRoster(roster) {
    this.roster = roster;
    this.states.clear();
    for (const device of roster.devices.values()) {
      if (!this.isGuest(device.id) || this.guests.has(device.id)) continue;
      this.guests.set(device.id, new Map([...this.logs].map(([stream, log]) => [stream, log.entries.length])));
    }
  }

  isGuest(device) {
    const owner = this.roster.devices.get(device)?.owner;
    return Boolean(owner) && this.roster.people.get(owner)?.role === Role.guest;
  }

  // --- writing and reading

  put({ audience = 'household', subject, attribute, value, kind = EntryKind.set }) {
    if (!mayRead(audience, this.roster, this.self)) throw new Error('a fact for an audience this device is not in');
    const log = this.open({ writer: this.self, audience, incarnation: this.incarnation });
    const now = this.nowMs();
    const observed = kind === EntryKind.remove ? [...this.state(audience).element(JSON.stringify([subject, attribute]), value).alive.keys()] : [];
    const entry = encodeEntry({
      kind, subject, attribute, value, observed, hlc: this.clock.send(), timeUs: now * 1000, confidence: 1, untrusted: false, causes: [],
    });
    this.append(log, [entry], signHead(this.key, log.channel, {
      seq: log.entries.length + 1, hash: chainNext(log.hashes.at(-1), entry), ledger: noLedger,
    }));
    return log.tip.hash;
  }

  state(audience) {
    if (!this.states.has(audience)) this.states.set(audience, this.fold(audience));
    return this.states.get(audience);
  }

  get(subject, attribute, audience = 'household') {
    return this.state(audience).get(subject, attribute);
  }

  fold(audience) {
    const state = new AudienceState();
    const ends = this.endsIn(audience);
    for (const [stream, log] of this.logs) {
      if (log.channel.audience !== audience) continue;
      const last = this.lastThatCounts(stream, log);
      for (let i = 0; i < last; ++i) {
        const entry = decodeEntry(log.entries[i]);
        if (entry && !entry.unknown && msOf(entry.hlc) > (ends.get(stream) ?? Infinity)) continue;
        if (entry?.unknown || (entry && msOf(entry.hlc) > this.nowMs() + aheadMaxMs)) break;
        if (!entry) continue;
        if (log.channel.writer !== this.self) this.clock.receive(entry.hlc);
        if (entry.kind === EntryKind.end) continue;
        state.apply({ ...entry, writer: log.channel.writer, hash: log.hashes[i + 1] });
      }
    }
    return state;
  }

  // What a writer took back of its earlier incarnations, because its clock was ahead: stream -> milliseconds.
  endsIn(audience) {
    const ends = new Map();
    for (const log of this.logs.values()) {
      if (log.channel.audience !== audience) continue;
      for (const entry of log.entries.map(decodeEntry)) {
        if (entry?.unknown) break;
        if (entry?.kind !== EntryKind.end || entry.attribute !== 'end' || entry.value?.type !== 'integer') continue;
        const stream = streamOf({ ...log.channel, incarnation: entry.subject });
        ends.set(stream, Math.min(ends.get(stream) ?? Infinity, Number(entry.value.value)));
      }
    }
    return ends;
  }

  // What a removed device wrote counts up to the heads that its removal names.
  lastThatCounts(stream, log) {
    const removal = this.roster.removed.get(log.channel.writer);
    if (!removal) return log.entries.length;
    const head = removal.heads.find((one) => one.channel === stream);
    if (head) return Math.min(head.seq, log.entries.length);
    const seenByAll = ['household', 'anyone'].includes(log.channel.audience);
    return seenByAll && !this.roster.devices.has(log.channel.writer) ? 0 : log.entries.length;
  }

  // --- channels

  open(channel) {
    const stream = streamOf(channel);
    if (!this.logs.has(stream)) {
      this.logs.set(stream, { channel, entries: [], hashes: [chainStart(channel)], heads: new Map(), tip: null, frozen: false });
    }
    return this.logs.get(stream);
  }

  append(log, entries, head) {
    for (const entry of entries) {
      log.entries.push(entry);
      log.hashes.push(chainNext(log.hashes.at(-1), entry));
    }
    log.heads.set(head.seq, head);
    log.tip = head;
    this.states.delete(log.channel.audience);
  }

  keyOf(writer) {
    return (this.roster.devices.get(writer) ?? this.roster.removed.get(writer))?.verifyKey;
  }

  mayExchange(peer, channel) {
    return !channel.audience.startsWith('device:') && mayRead(channel.audience, this.roster, peer) &&
      mayRead(channel.audience, this.roster, this.self);
  }

  // --- sync: the one who offers

  // Bodies of "facts.heights" for `peer`, by audience: each message is labelled with the one audience of its channels.
  heightsFor(peer) {
    const byAudience = new Map();
    for (const [stream, log] of this.logs) {
      if (!log.tip || !this.mayExchange(peer, log.channel) || this.floor(peer, stream) >= log.tip.seq) continue;
      const heights = byAudience.get(log.channel.audience) ?? [];
      heights.push({ channel: channelMessage(log.channel), head: headMessage(log.tip) });
      byAudience.set(log.channel.audience, heights);
    }
    const messages = [];
    for (const [audience, heights] of byAudience) {
      for (let i = 0; i < heights.length; i += heightsPerMessageMax) {
        messages.push({ audience, body: encode('FactHeights', { heights: heights.slice(i, i + heightsPerMessageMax) }) });
      }
    }
    return messages;
  }

  // A guest's device gets what was written since it was first seen.
  floor(peer, stream) {
    return this.isGuest(peer) ? this.guests.get(peer)?.get(stream) ?? 0 : 0;
  }

  // The ranges that answer a "facts.range" of `peer`, each a body; throws when it may not have them.
  * rangesFor(peer, body) {
    const want = decode('FactWant', body);
    const channel = channelFrom(want.channel);
    const stream = streamOf(channel);
    const log = this.logs.get(stream);
    let first = toNumber(want.firstSeq);
    if (!log?.tip || !this.mayExchange(peer, channel) || first < 1 || first > log.tip.seq) throw new Error('not here for you');
    first = Math.max(first, this.floor(peer, stream) + 1);
    while (first <= log.tip.seq) {
      const head = this.lastHeadWithin(log, first);
      const entries = log.entries.slice(first - 1, head.seq);
      yield {
        audience: channel.audience,
        last: head.seq === log.tip.seq,
        body: encode('FactRange', {
          channel: channelMessage(channel), firstSeq: first, previous: Buffer.from(log.hashes[first - 1], 'hex'), entries, head: headMessage(head),
        }),
      };
      first = head.seq + 1;
    }
  }

  lastHeadWithin(log, first) {
    let best = null;
    let bytes = 0;
    for (let seq = first; seq <= log.entries.length && seq < first + entriesPerRangeMax; ++seq) {
      bytes += log.entries[seq - 1].length;
      if (bytes > bytesPerRangeMax) break;
      best = log.heads.get(seq) ?? best;
    }
    return best;
  }

  // --- sync: the one who asks

  // Takes a body of "facts.heights"; returns the bodies of the "facts.range" calls to make.
  wantsAfter(peer, body) {
    const { heights } = decode('FactHeights', body);
    if (heights.length > heightsPerMessageMax) throw new Error('too many heights');
    const wants = [];
    for (const height of heights) {
      const channel = channelFrom(height.channel);
      const head = headFrom(height.head);
      const stream = streamOf(channel);
      const log = this.logs.get(stream);
      if (!this.mayExchange(peer, channel) || !this.keyOf(channel.writer) || this.wanted.has(stream) || log?.frozen) continue;
      const have = log?.entries.length ?? 0;
      if (log && head.seq === have && head.hash !== log.tip.hash && headVerifies(this.keyOf(channel.writer), channel, head)) log.frozen = true;
      if (head.seq <= have) continue;
      this.wanted.set(stream, peer);
      wants.push({ stream, audience: channel.audience, entries: head.seq - have, body: encode('FactWant', { channel: channelMessage(channel), firstSeq: have + 1 }) });
    }
    return wants;
  }

  // Checks and takes one range; throws what is wrong with it.  Returns true when it brought something new.
  take(peer, body) {
    const range = decode('FactRange', body);
    const channel = channelFrom(range.channel);
    const head = headFrom(range.head);
    const stream = streamOf(channel);
    const first = toNumber(range.firstSeq);
    const bytes = range.entries.reduce((sum, entry) => sum + entry.length, 0);
    if (range.entries.length < 1 || range.entries.length > entriesPerRangeMax || bytes > bytesPerRangeMax ||
        range.entries.some((entry) => entry.length > entryBytesMax)) throw new Error('a range over a limit');
    if (first < 1 || head.seq !== first + range.entries.length - 1) throw new Error('the head is not at the last entry');
    if (this.wanted.get(stream) !== peer) throw new Error('a range that was not asked for');
    const writerGone = !this.roster.devices.has(channel.writer);
    if (!this.mayExchange(peer, channel) || !(writerGone || mayRead(channel.audience, this.roster, channel.writer))) {
      throw new Error('a channel outside its audience');
    }
    const hashes = [hex(range.previous)];
    for (const entry of range.entries) hashes.push(chainNext(hashes.at(-1), entry));
    const starts = first !== 1 || hashes[0] === chainStart(channel);
    const publicKey = this.keyOf(channel.writer);
    if (!starts || hashes.at(-1) !== head.hash || !publicKey || !headVerifies(publicKey, channel, head)) {
      throw new Error('a range that its writer did not sign');
    }
    return this.join(this.open(channel), first, range.entries, hashes, head);
  }

  join(log, first, entries, hashes, head) {
    const have = log.entries.length;
    if (log.frozen) throw new Error('a frozen channel');
    if (first > have + 1) throw new Error('a range that starts too late');  // this node is never a guest's
    if (head.seq < have) return false;
    if (hashes[have - (first - 1)] !== log.hashes[have]) {
      log.frozen = true;
      throw new Error('its writer signed two histories');
    }
    if (head.seq === have) return false;
    this.append(log, entries.slice(have - (first - 1)).map((entry) => Buffer.from(entry)), head);
    return true;
  }

  closeWant(stream) {
    this.wanted.delete(stream);
  }

  forget(peer) {
    for (const [stream, asked] of this.wanted) if (asked === peer) this.wanted.delete(stream);
  }
}
