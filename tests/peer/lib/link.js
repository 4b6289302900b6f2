// One link to a member: Hello, calls, notices and liveness over a WebSocket (docs/spec/wire.md).
//
// `rules` is what the node adds: {hello(), admits(sealed), onNotice(link, method, sealed), onCall(call)}.
// Events: 'up' (the peer's Hello), 'down' (why), once each; 'down' may come without 'up'.
import { EventEmitter } from 'node:events';
import { IncomingCall, OutgoingCall, creditAtOpen } from './call.js';
import { ErrorNumber, WireError } from './errors.js';
import { decode, encode } from './proto.js';

export const LinkKind = { interactive: 0, bulk: 1 };
const version = 1;
const helloMs = 3000;
const callsMax = 256;
const methodBytesMax = 64;
const tickMs = 100;
const bulkIdleMs = 30_000;
const pace = { eager: { pingMs: 300, deadMs: 950 }, calm: { pingMs: 45_000, deadMs: 60_000 } };

export class Link extends EventEmitter {
  constructor(webSocket, { peer, dialled, kind = LinkKind.interactive, rules }) {
    super();
    Object.assign(this, { webSocket, peer, dialled, kind, rules, hello: null, over: false });
    this.calls = new Map();
    this.nextCall = dialled ? 1 : 2;
    this.highestOfPeer = 0;
    this.lastHeard = this.lastPing = Date.now();
    this.eagerSince = null;
    this.startedAt = this.lastUsed = Date.now();
    webSocket.on('message', (data, binary) => this.receive(data, binary));
    webSocket.on('close', () => this.end(new WireError(ErrorNumber.PeerLost, 'closed')));
    webSocket.on('error', (error) => this.end(new WireError(ErrorNumber.PeerLost, error.message)));
    this.timer = setInterval(() => this.tick(), tickMs);
    this.ownHello = { versionMin: version, versionMax: version, link: kind, ...rules.hello() };
    this.send({ hello: this.ownHello });
  }

  admits(sealed) {
    return this.rules.admits(sealed);
  }

  send(frame) {
    if (!this.over) this.webSocket.send(encode('Frame', frame));
  }

  notify(method, payload) {
    this.send({ notice: { method, payload } });
  }

  // Resolves with the last item, if the Close carried one.
  call(method, payload, { onItem, deadlineMs = 0 } = {}) {
    if (this.over) return Promise.reject(new WireError(ErrorNumber.PeerLost));
    const call = new OutgoingCall(this, this.nextCall, onItem, creditAtOpen);
    this.nextCall += 2;
    this.calls.set(call.number, call);
    this.send({ open: { call: call.number, method, payload, deadlineMs, credit: creditAtOpen } });
    return call.done;
  }

  close(error, detail = '') {
    this.send({ bye: { error, detail } });
    this.end(new WireError(error, detail));
  }

  end(error) {
    if (this.over) return;
    this.over = true;
    clearInterval(this.timer);
    for (const call of [...this.calls.values()]) call.end(error);
    this.webSocket.close();
    setTimeout(() => this.webSocket.terminate(), tickMs).unref();
    this.emit('down', error);
  }

  receive(data, binary) {
    if (this.over) return;
    this.lastHeard = Date.now();
    try {
      if (!binary) throw new WireError(ErrorNumber.ProtocolViolation, 'a text message');
      const frame = decode('Frame', data);
      const handler = handlers[frame.body];
      if (!handler) throw new WireError(ErrorNumber.ProtocolViolation, 'an unknown kind of frame');
      if ((this.hello === null) !== (frame.body === 'hello')) throw new WireError(ErrorNumber.ProtocolViolation, 'Hello comes first, once');
      handler.call(this, frame[frame.body]);
    } catch (error) {
      this.close(error.number ?? ErrorNumber.ProtocolViolation, error.message.slice(0, 200));
    }
  }

  callOf(number) {
    const call = this.calls.get(Number(number));
    const ownSide = (Number(number) % 2 === 1) === this.dialled;
    const opened = ownSide ? Number(number) < this.nextCall : Number(number) <= this.highestOfPeer;
    if (!call && !opened) throw new WireError(ErrorNumber.ProtocolViolation, 'a call that was never opened');
    return call;  // undefined: it has ended, and the frame is ignored
  }

  isEager() {
    if (this.kind !== LinkKind.interactive || !this.hello) return false;
    return this.calls.size > 0 || (this.hello.mainsPowered && this.ownHello.mainsPowered);
  }

  tick() {
    const now = Date.now();
    if (!this.hello) {
      if (now - this.startedAt > helloMs) this.close(ErrorNumber.ProtocolViolation, 'no Hello');
      return;
    }
    if (this.calls.size > 0) this.lastUsed = now;
    if (this.kind === LinkKind.bulk && this.dialled && now - this.lastUsed > bulkIdleMs) {
      this.close(0, 'no longer needed');
      return;
    }
    const eager = this.isEager();
    this.eagerSince = eager ? this.eagerSince ?? now : null;
    const { pingMs, deadMs } = eager ? pace.eager : pace.calm;
    if (now - Math.max(this.lastHeard, this.eagerSince ?? 0) > deadMs) {
      this.end(new WireError(ErrorNumber.PeerLost, 'silent'));
    } else if (now - Math.max(this.lastHeard, this.lastPing) >= pingMs) {
      this.lastPing = now;
      this.send({ ping: { nonce: now } });
    }
  }
}

const handlers = {
  hello(hello) {
    if (hello.versionMin > version || hello.versionMax < version) {
      throw new WireError(ErrorNumber.VersionMismatch, `here ${version} to ${version}, there ${hello.versionMin} to ${hello.versionMax}`);
    }
    if (!hello.household.equals(this.ownHello.household)) throw new WireError(ErrorNumber.WrongHousehold);
    this.hello = hello;
    if (!this.dialled) this.kind = hello.link;
    this.emit('up', hello);
  },
  ping({ nonce, padding }) {
    this.send({ pong: { nonce, padding } });
  },
  pong() {},
  open(open) {
    const number = Number(open.call);
    if ((number % 2 === 1) === this.dialled || number <= this.highestOfPeer || !open.payload ||
        Buffer.byteLength(open.method) < 1 || Buffer.byteLength(open.method) > methodBytesMax) {
      throw new WireError(ErrorNumber.ProtocolViolation, 'a bad Open');
    }
    this.highestOfPeer = number;
    const call = new IncomingCall(this, open);
    const open256 = [...this.calls.values()].filter((other) => other instanceof IncomingCall).length >= callsMax;
    const refused = open256 ? ErrorNumber.QueueFull : this.admits(open.payload);
    this.calls.set(number, call);
    if (refused) call.fail(new WireError(refused));
    else Promise.resolve(this.rules.onCall(call)).catch((error) => call.fail(error));
  },
  item({ call, payload }) {
    this.callOf(call)?.item(payload);
  },
  close(close) {
    this.callOf(close.call)?.close(close);
  },
  cancel({ call }) {
    this.callOf(call)?.end(new WireError(ErrorNumber.PeerLost, 'cancelled'));
  },
  credit({ call, items }) {
    this.callOf(call)?.credit.add?.(items);
  },
  notice({ method, payload }) {
    if (payload && !this.admits(payload)) this.rules.onNotice(this, method, payload);
  },
  bye({ error, detail }) {
    this.end(new WireError(error, detail));
  },
  wantBulk() {
    this.emit('wantBulk');
  },
};
