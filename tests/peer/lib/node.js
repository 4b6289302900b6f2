// A node of a household: joins it, keeps links to its members, and handles what they say (docs/spec/wire.md, "Methods").
//
// It keeps everything in memory: a restart is a new device.  It has no person, so it may read what is for the household.
// Every byte of data leaves through sealed(), which asks the roster first.
// Events: 'roster', 'facts' (something new was taken), 'up' and 'down' (device).
import { EventEmitter } from 'node:events';
import { randomBytes } from 'node:crypto';
import { Addresses } from './addresses.js';
import { resolve } from './audience.js';
import { hex } from './bytes.js';
import { makeCertificate } from './certificate.js';
import { ErrorNumber, WireError } from './errors.js';
import { Facts } from './facts.js';
import { SigningKey, deviceIdOf, sealPublicKey } from './keys.js';
import { join } from './pairing.js';
import { Peers } from './peers.js';
import { decode, encode, toNumber } from './proto.js';

const bulkFromEntries = 256;
const noticeBytesMax = 128 * 1024;
const livesMs = 24 * 3600 * 1000;

export class Node extends EventEmitter {
  // `provider` (optional): {entity, state, invoke(body)}, a lamp for example.
  constructor({ name, kind, mainsPowered = true, provider = null, key = new SigningKey() }) {
    super();
    this.key = key;
    this.id = deviceIdOf(this.key.publicKey);
    this.self = { verifyKey: this.key.publicKey, sealKey: sealPublicKey(randomBytes(32)), name, kind, mainsPowered };
    this.provider = provider;
    this.addresses = new Addresses();
    this.facts = new Facts({ self: this.id, key: this.key });
    this.fleeting = new Map();  // [source, audience, subject, attribute] -> value
    this.log = null;
    this.peers = new Peers({
      self: this.id,
      credentials: makeCertificate(this.key),
      isMember: (device) => this.isMember(device),
      addressesOf: (device) => [...this.addresses.of(device), ...(this.hints.get(device) ?? [])],
      rules: {
        hello: () => this.hello(),
        admits: (sealed) => this.admits(sealed),
        onNotice: (link, method, sealed) => this.onNotice(link, method, sealed),
        onCall: (call) => this.onCall(call),
      },
    });
    this.hints = new Map();
    this.peers.on('up', (peer, link) => this.onUp(peer, link));
    this.peers.on('down', (peer, error) => this.onDown(peer, error));
  }

  get roster() {
    return this.log.roster;
  }

  // Joins with a code, then keeps links to everybody.
  async join({ host, port, code, onVerifier }) {
    const joined = await join({ host, port, code, key: this.key, self: this.self, onVerifier });
    this.hints.set(joined.host, joined.addresses.map(parseAddress).filter(Boolean));
    this.start(joined.log);
  }

  // Takes part in the household of `log`, a RosterLog that has this device as a member.
  start(log) {
    this.log = log;
    this.facts.setRoster(this.roster);
    if (this.provider) this.announce(this.provider.entity);
    this.dialEverybody();
  }

  async listen() {
    const address = await this.peers.listen();
    this.addresses.announce(this.key, this.id, [address]);
    return address;
  }

  stop() {
    this.peers.stop();
  }

  isMember(device) {
    const member = this.log?.roster.devices.get(device);
    const expires = this.log?.roster.people.get(member?.owner)?.expires;
    return member !== undefined && !(expires && Date.now() >= expires);
  }

  dialEverybody() {
    for (const device of this.roster.devices.keys()) {
      if (device !== this.id) this.peers.keepDialling(device);
    }
  }

  // --- labels

  hello() {
    return {
      household: Buffer.from(this.roster.household, 'hex'),
      rosterVersion: this.roster.version,
      mainsPowered: this.self.mainsPowered,
      wallMs: Date.now(),
    };
  }

  // 0, or the error for data that must be dropped.
  admits({ audience }) {
    const readers = resolve(audience, this.roster);
    if (!readers) return ErrorNumber.UnknownLabel;
    return readers.has(this.id) ? 0 : ErrorNumber.AudienceForbids;
  }

  sealed(peer, audience, body) {
    if (!resolve(audience, this.roster)?.has(peer)) throw new WireError(ErrorNumber.AudienceForbids);
    return { audience, untrusted: false, rosterVersion: this.roster.version, body };
  }

  notify(peer, method, body, audience = 'household') {
    this.peers.links.get(peer)?.notify(method, this.sealed(peer, audience, body));
  }

  // --- links

  onUp(peer, link) {
    if (!link.hello.rosterVersion.equals(this.roster.version)) this.sendKnown(peer);
    this.notify(peer, 'address.records', this.addresses.message([...this.roster.devices.keys()]));
    this.sendHeights(peer);
    this.sendState(peer);
    this.emit('up', peer);
  }

  onDown(peer, error) {
    this.facts.forget(peer);
    this.emit('down', peer, error);
  }

  onNotice(link, method, { body }) {
    const { peer } = link;
    if (method === 'roster.ops') this.onOperations(peer, decode('RosterOperations', body));
    else if (method === 'address.records') this.onAddresses(peer, body);
    else if (method === 'facts.heights') this.onHeights(peer, body);
    else if (method === 'facts.fleeting') this.onFleeting(peer, body);
  }

  async onCall(call) {
    const handler = calls[call.method];
    if (!handler) throw new WireError(ErrorNumber.UnknownMethod, call.method);
    await handler.call(this, call, call.link.peer);
  }

  onAddresses(peer, body) {
    const news = this.addresses.take(body, this.roster).filter((device) => device !== this.id);
    if (news.length === 0) return;
    for (const other of this.peers.up()) {
      if (other !== peer) this.notify(other, 'address.records', this.addresses.message(news));
    }
    this.dialEverybody();
  }

  // --- roster

  sendKnown(peer) {
    const known = this.log.hashes().map((hash) => Buffer.from(hash, 'hex'));
    this.notify(peer, 'roster.ops', encode('RosterOperations', { known }));
  }

  sendOperations(peer, operations) {
    let part = [];
    let bytes = 0;
    for (const operation of [...operations, null]) {
      if (part.length > 0 && (operation === null || bytes + operation.length > noticeBytesMax)) {
        this.notify(peer, 'roster.ops', encode('RosterOperations', { operations: part }));
        [part, bytes] = [[], 0];
      }
      part.push(operation);
      bytes += operation?.length ?? 0;
    }
  }

  onOperations(peer, { known, operations }) {
    const waiting = this.addOperations(operations, peer);
    if (waiting && this.isMember(peer)) this.sendKnown(peer);
    if (known.length > 0 && this.isMember(peer)) this.sendOperations(peer, this.log.missingFor(known.map(hex)));
  }

  // Returns whether some wait for others.
  addOperations(operations, from = null) {
    const before = this.log.hashes();
    let waiting = false;
    for (const operation of operations) {
      try {
        waiting = this.log.add(operation) === 'waiting' || waiting;
      } catch { /* Refused by everybody. */ }
    }
    const news = this.log.missingFor(before);
    if (news.length === 0) return waiting;
    this.facts.setRoster(this.roster);
    this.peers.dropStrangers();
    for (const other of this.peers.up()) {
      if (other !== from) this.sendOperations(other, news);
      this.sendHeights(other);
    }
    this.dialEverybody();
    this.emit('roster', this.roster);
    return waiting;
  }

  // --- facts

  put(fact) {
    const hash = this.facts.put(fact);
    for (const peer of this.peers.up()) this.sendHeights(peer);
    return hash;
  }

  sendHeights(peer) {
    for (const { audience, body } of this.facts.heightsFor(peer)) this.notify(peer, 'facts.heights', body, audience);
  }

  async onHeights(peer, body) {
    await Promise.allSettled(this.facts.wantsAfter(peer, body).map((want) => this.fetch(peer, want)));
  }

  async fetch(peer, want) {
    try {
      const link = want.entries > bulkFromEntries ? await this.peers.bulkTo(peer) : this.peers.links.get(peer);
      const take = (sealed) => this.facts.take(peer, sealed.body) && this.emit('facts');
      const last = await link.call('facts.range', this.sealed(peer, want.audience, want.body), { onItem: take });
      if (last) take(last);
      for (const other of this.peers.up()) {
        if (other !== peer) this.sendHeights(other);
      }
    } finally {
      this.facts.closeWant(want.stream);
    }
  }

  onFleeting(peer, body) {
    for (const fact of decode('FleetingFacts', body).facts) {
      const mayRead = resolve(fact.audience, this.roster);
      if (hex(fact.source) !== peer || !mayRead?.has(peer) || !mayRead.has(this.id) || fact.audience.startsWith('device:')) continue;
      const until = Date.now() + Math.min(toNumber(fact.livesMs), livesMs);
      this.fleeting.set(JSON.stringify([peer, fact.audience, fact.subject, fact.attribute]), { value: fact.value, until });
    }
  }

  // --- what this node can do

  announce(entity) {
    this.put({ subject: `entity:${entity.id}`, attribute: `announced:${this.id}`, value: { type: 'json', value: JSON.stringify(entity) } });
    this.provider.onState = () => this.peers.up().forEach((peer) => this.sendState(peer));
  }

  sendState(peer) {
    if (!this.provider) return;
    const { entity, state } = this.provider;
    const fact = {
      audience: 'household', subject: `entity:${entity.id}`, attribute: 'state', value: { json: JSON.stringify({ state, available: true }) },
      timeUs: Date.now() * 1000, livesMs, source: Buffer.from(this.id, 'hex'), confidence: 1,
    };
    this.notify(peer, 'facts.fleeting', encode('FleetingFacts', { facts: [fact] }));
  }
}

const calls = {
  'node.ping'(call, peer) {
    call.finish(this.sealed(peer, call.payload.audience, call.payload.body));
  },
  async 'facts.range'(call, peer) {
    for (const range of this.facts.rangesFor(peer, call.payload.body)) {
      const item = this.sealed(peer, range.audience, range.body);
      if (range.last) call.finish(item);
      else await call.send(item);
    }
  },
  'capability.invoke'(call, peer) {
    if (!this.provider) throw new WireError(ErrorNumber.UnknownMethod, call.method);
    call.finish(this.sealed(peer, 'household', this.provider.invoke(call.payload.body)));
  },
};

function parseAddress(text) {
  const at = text.lastIndexOf(':');
  const host = text.slice(0, at).replace(/^\[|\]$/g, '');
  return at > 0 ? { host, port: Number(text.slice(at + 1)) } : null;
}
