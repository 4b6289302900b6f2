// The links to other members: dialled and accepted, kept single, dialled again (docs/spec/wire.md, "One link per pair").
//
// Events: 'up' and 'down' with the device, for interactive links; 'dialFailed' with the device and why.
import { EventEmitter } from 'node:events';
import { randomBytes } from 'node:crypto';
import { ErrorNumber } from './errors.js';
import { Link, LinkKind } from './link.js';
import { Listener, dial } from './transport.js';

const retryMs = { first: 250, most: 30_000 };
const largerIdWaitsMs = 100;
const replacesAfterMs = 5000;
const bulkWaitMs = 5000;

export class Peers extends EventEmitter {
  // `rules`: as for a Link; `isMember(device)`; `addressesOf(device)`.
  constructor({ self, credentials, rules, isMember, addressesOf }) {
    super();
    Object.assign(this, { self, credentials, isMember, addressesOf });
    this.instance = randomBytes(16);
    this.rules = { ...rules, hello: () => ({ ...rules.hello(), instance: this.instance }) };
    this.links = new Map();    // device -> interactive link whose Hello came
    this.bulk = new Map();
    this.open = new Set();
    this.dialling = new Map();  // device -> timer or true
    this.stopped = false;
    this.setMaxListeners(0);
  }

  async listen() {
    this.listener = new Listener({
      credentials: this.credentials,
      isMember: (device) => !this.stopped && this.isMember(device),
      onLink: (webSocket, peer) => this.adopt(new Link(webSocket, { peer, dialled: false, rules: this.rules })),
    });
    return this.listener.listen();
  }

  up() {
    return [...this.links.keys()];
  }

  stop() {
    this.stopped = true;
    this.listener?.close();
    for (const timer of this.dialling.values()) clearTimeout(timer);
    for (const link of [...this.open]) link.close(ErrorNumber.Stopping, 'stopping');
  }

  // The roster changed: who left is cut off at once.
  dropStrangers() {
    for (const link of [...this.open]) {
      if (!this.isMember(link.peer)) link.close(ErrorNumber.NotAMember);
    }
  }

  // Keeps a link to `device`, as long as it is a member that can be reached.
  keepDialling(device, waitMs = this.self > device ? largerIdWaitsMs : 0, retry = retryMs.first) {
    if (this.stopped || this.dialling.has(device) || this.links.has(device) || !this.isMember(device)) return;
    this.dialling.set(device, setTimeout(async () => {
      const link = await this.dialOnce(device, LinkKind.interactive);
      this.dialling.delete(device);
      if (link) return;
      this.keepDialling(device, retry * (0.5 + Math.random()), Math.min(retry * 2, retryMs.most));
    }, waitMs));
  }

  async dialOnce(device, kind) {
    for (const { host, port } of this.addressesOf(device)) {
      try {
        const webSocket = await dial({ host, port, credentials: this.credentials, expected: device, isMember: this.isMember });
        if (this.stopped) {
          webSocket.terminate();
          return null;
        }
        const link = new Link(webSocket, { peer: device, dialled: true, kind, rules: this.rules });
        this.adopt(link);
        return link;
      } catch (error) {
        this.emit('dialFailed', device, error);
      }
    }
    return null;
  }

  adopt(link) {
    this.open.add(link);
    link.on('up', () => this.onUp(link));
    link.on('down', (error) => this.onDown(link, error));
    link.on('wantBulk', () => this.dialOnce(link.peer, LinkKind.bulk));
  }

  onUp(link) {
    if (link.kind === LinkKind.bulk) {
      this.bulk.set(link.peer, link);
      this.emit('bulk', link.peer);
      return;
    }
    const older = this.links.get(link.peer);
    link.upSince = Date.now();
    if (older) {
      const newerStays = this.newerStays(older, link);
      if (newerStays) this.links.set(link.peer, link);
      (newerStays ? older : link).close(ErrorNumber.DuplicateLink);
      return;
    }
    this.links.set(link.peer, link);
    this.emit('up', link.peer, link);
  }

  newerStays(older, newer) {
    if (!older.hello.instance.equals(newer.hello.instance)) return true;
    if (Date.now() - older.upSince > replacesAfterMs || older.dialled === newer.dialled) return true;
    return newer.dialled === (this.self < newer.peer);
  }

  onDown(link, error) {
    this.open.delete(link);
    if (this.bulk.get(link.peer) === link) this.bulk.delete(link.peer);
    if (this.links.get(link.peer) !== link) return;
    this.links.delete(link.peer);
    this.bulk.get(link.peer)?.close(ErrorNumber.PeerLost);
    this.emit('down', link.peer, error);
    this.keepDialling(link.peer, retryMs.first);
  }

  // A link for bulk data beside the interactive one: dialled by the side that dialled that one.
  async bulkTo(device) {
    const waiting = this.bulk.has(device) ? null : new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error('no bulk link')), bulkWaitMs);
      const onBulk = (peer) => {
        if (peer !== device) return;
        clearTimeout(timer);
        this.off('bulk', onBulk);
        resolve();
      };
      this.on('bulk', onBulk);
    });
    const link = this.links.get(device);
    if (waiting && link?.dialled) this.dialOnce(device, LinkKind.bulk);
    else if (waiting) link?.send({ wantBulk: {} });
    await waiting;
    return this.bulk.get(device);
  }
}
