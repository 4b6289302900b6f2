// The side that joins a household with a code (docs/spec/pairing.md).
import { xchacha20poly1305 } from '@noble/ciphers/chacha';
import { timingSafeEqual } from 'node:crypto';
import { connect } from 'node:net';
import { hex, idOf, u64, utf8 } from './bytes.js';
import { Cpace, lvCat } from './cpace.js';
import { keyedHash } from './hash.js';
import { consentTo, deviceOf } from './operation.js';
import { decode, encode } from './proto.js';
import { RosterLog } from './roster_log.js';
import { verifierOf } from './words.js';

const version = 1;
const frameBytesMax = 65_536;
const sessionMs = 360_000;  // the people at the other device may take as long as a code lives, twice
const sessionSize = 16;

export class PairingError extends Error {
  constructor(number, detail) {
    super(`${number}: ${detail}`);
    this.number = number;
  }
}

// Frames of a TCP connection, each with its length before it.
export class FramedSocket {
  constructor(socket) {
    this.socket = socket;
    this.buffered = Buffer.alloc(0);
    this.waiting = null;
    this.failure = null;
    socket.setTimeout(sessionMs, () => socket.destroy(new Error('it took too long')));
    socket.on('data', (data) => {
      this.buffered = Buffer.concat([this.buffered, data]);
      this.waiting?.();
    });
    socket.on('error', (error) => this.fail(error));
    socket.on('close', () => this.fail(new Error('the other device is gone')));
  }

  fail(error) {
    this.failure ??= error;
    this.waiting?.();
  }

  write(frame) {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(frame.length);
    this.socket.write(Buffer.concat([length, frame]));
  }

  async read() {
    const size = (await this.take(4)).readUInt32BE();
    if (size > frameBytesMax) throw new PairingError(1305, 'a frame over 64 KiB');
    return this.take(size);
  }

  async take(size) {
    while (this.buffered.length < size) {
      if (this.failure) throw this.failure;
      await new Promise((resolve) => (this.waiting = resolve));
    }
    const taken = this.buffered.subarray(0, size);
    this.buffered = this.buffered.subarray(size);
    return taken;
  }
}

export const macKey = (sessionKey, domain) => keyedHash(sessionKey, domain, Buffer.alloc(0));

// One direction of the encryption: the frames of a side are numbered from 0.
export class Sealing {
  constructor(sessionKey, side, session) {
    Object.assign(this, { key: macKey(sessionKey, `pairing-key-${side}`), session, number: 0 });
  }

  next() {
    const nonce = Buffer.concat([Buffer.alloc(16), u64(this.number++)]);
    return xchacha20poly1305(this.key, nonce, this.session);
  }
}

// One attempt.  `self`: {verifyKey, sealKey, name, kind, mainsPowered}.
class Joining {
  constructor(socket, { key, self, code, scalar }) {
    Object.assign(this, { frames: new FramedSocket(socket), key, self, scalar, code: code.replace(/[ -]/g, '') });
  }

  send(frame) {
    this.frames.write(encode('PairingFrame', frame));
  }

  async receive(kind) {
    const frame = decode('PairingFrame', await this.frames.read());
    if (frame.body === 'refusal') throw new PairingError(frame.refusal.error, frame.refusal.detail);
    if (frame.body !== kind) throw new PairingError(1305, `${kind} expected`);
    return frame[kind];
  }

  sendSealed(message) {
    this.send({ sealed: Buffer.from(this.sending.next().encrypt(encode('PairingMessage', message))) });
  }

  async receiveSealed(kind) {
    const message = decode('PairingMessage', this.receiving.next().decrypt(await this.receive('sealed')));
    if (message.body !== kind) throw new PairingError(1305, `${kind} expected`);
    return message[kind];
  }

  // Steps 1 to 6: both know the code.
  async agree() {
    this.send({ hello: { versionMin: version, versionMax: version } });
    const challenge = await this.receive('challenge');
    if (challenge.version !== version) throw new PairingError(1307, 'this device speaks version 1');
    idOf(challenge.session, sessionSize, 'session');
    const cpace = new Cpace({
      password: utf8(this.code),
      channel: lvCat(utf8('ambit-pairing-joiner'), utf8('ambit-pairing-host')),
      session: challenge.session,
      initiator: true,
      scalar: this.scalar,
    });
    const data = encode('DeviceRecord', this.self);
    this.send({ share: { share: cpace.share, data } });
    const theirs = await this.receive('share');
    if (theirs.data.equals(data) || theirs.share.equals(cpace.share)) throw new PairingError(1305, 'our own share came back');
    this.peer = deviceOf(theirs.data);
    const sessionKey = cpace.finish(data, theirs.share, theirs.data);
    this.send({ confirm: { mac: macKey(sessionKey, 'pairing-confirm-joiner') } });
    const { mac } = await this.receive('confirm');
    const expected = macKey(sessionKey, 'pairing-confirm-host');
    if (mac.length !== expected.length || !timingSafeEqual(mac, expected)) throw new PairingError(1301, 'the other device does not know the code');
    this.sending = new Sealing(sessionKey, 'joiner', challenge.session);
    this.receiving = new Sealing(sessionKey, 'host', challenge.session);
    return verifierOf(sessionKey);
  }

  // Steps 7 to 10: the other device takes this one in.
  async join() {
    const { household, householdName, owner, meantFor } = await this.receiveSealed('offer');
    idOf(household, 32, 'household');
    const given = (id) => (id.length > 0 ? id : undefined);
    const record = encode('DeviceRecord', { ...this.self, owner: given(owner), meantFor: given(meantFor) });
    this.sendSealed({ consent: consentTo(this.key, household, record) });
    const log = new RosterLog();
    let last;
    do {
      last = await this.receiveSealed('operations');
      for (const operation of last.operations) {
        if (log.add(operation) !== 'accepted') throw new PairingError(1305, 'the log is not in order');
      }
    } while (!last.last);
    this.check(log, hex(household), deviceOf(record));
    this.sendSealed({ finished: {} });
    this.frames.socket.end();
    return { log, householdName, host: this.peer.id, addresses: last.addresses };
  }

  check({ roster }, household, agreed) {
    const self = roster.devices.get(agreed.id);
    const asAgreed = self && self.sealKey === agreed.sealKey && self.owner === agreed.owner && self.meantFor === agreed.meantFor;
    if (roster.household !== household || !asAgreed || !roster.devices.has(this.peer.id)) {
      throw new PairingError(1305, 'this device is not in the household as agreed');
    }
  }
}

// Joins over TCP.  `scalar`: for test vectors only.  `onVerifier(words, peer)` shows them; if it throws, the pairing is refused.
// Resolves with {log, householdName, host, addresses}.
export async function join({ host, port, code, key, self, scalar, onVerifier }) {
  const socket = connect({ host, port });
  const joining = new Joining(socket, { key, self, code, scalar });
  try {
    const words = await joining.agree();
    await onVerifier?.(words, joining.peer);
    return await joining.join();
  } catch (error) {
    if (!socket.destroyed) joining.send({ refusal: { error: error.number ?? 1306, detail: 'refused by the joining device' } });
    socket.end();
    throw error;
  }
}
