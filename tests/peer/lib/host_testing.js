// The host of a pairing, as far as the tests of the joiner need one.  `faults` make it misbehave.
import { randomBytes } from 'node:crypto';
import { createServer } from 'node:net';
import { utf8 } from './bytes.js';
import { Cpace, lvCat } from './cpace.js';
import { recordOf } from './household_testing.js';
import { Kind } from './operation.js';
import { FramedSocket, Sealing, macKey } from './pairing.js';
import { decode, encode } from './proto.js';
import { verifierOf } from './words.js';

export class TestHost {
  constructor(home, { code, faults = {} }) {
    Object.assign(this, { home, code, faults });
    this.server = createServer((socket) => this.host(new FramedSocket(socket)).catch((error) => {
      this.failure = error;
      socket.destroy();
    }));
  }

  listen() {
    return new Promise((resolve) => this.server.listen(0, '127.0.0.1', () => resolve({ host: '127.0.0.1', port: this.server.address().port })));
  }

  close() {
    this.server.close();
  }

  async host(frames) {
    const read = async () => decode('PairingFrame', await frames.read());
    const write = (frame) => frames.write(encode('PairingFrame', frame));
    await read();
    const session = randomBytes(16);
    write({ challenge: { version: this.faults.version ?? 1, session } });
    const { share } = await read();
    const channel = lvCat(utf8('ambit-pairing-joiner'), utf8('ambit-pairing-host'));
    const cpace = new Cpace({ password: utf8(this.code), channel, session, initiator: false });
    const data = recordOf(this.home.founder, 'founder');
    write({ share: this.faults.echo ? share : { share: cpace.share, data } });
    const sessionKey = cpace.finish(data, share.share, share.data);
    const { confirm } = await read();
    if (!confirm.mac.equals(macKey(sessionKey, 'pairing-confirm-joiner'))) {
      write({ refusal: { error: 1301, detail: '2 tries left' } });
      return;
    }
    write({ confirm: { mac: macKey(sessionKey, 'pairing-confirm-host') } });
    this.verifier = verifierOf(sessionKey);
    const sending = new Sealing(sessionKey, 'host', session);
    const receiving = new Sealing(sessionKey, 'joiner', session);
    const seal = (message) => write({ sealed: Buffer.from(sending.next().encrypt(encode('PairingMessage', message))) });
    const open = async () => decode('PairingMessage', receiving.next().decrypt((await read()).sealed));
    seal({ offer: { household: this.home.id, householdName: 'Test' } });
    const { consent } = await open();
    if (!this.faults.forget) this.home.log.add(this.home.write(this.home.founder, Kind.addDevice, 'AddDeviceOperation', { device: consent }));
    const operations = this.home.log.missingFor([]);
    seal({ operations: { operations: this.faults.halfLog ? operations.slice(1) : operations, last: true, addresses: ['127.0.0.1:1'] } });
    this.finished = Boolean((await open()).finished);
  }
}
