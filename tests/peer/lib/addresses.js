// Where members say they can be reached (docs/spec/wire.md, "Addresses").
import { idOf } from './bytes.js';
import { verifies } from './keys.js';
import { decode, encode, toNumber } from './proto.js';

const addressesMax = 8;
const isHost = (host) => /^[A-Za-z0-9.\-_:%]{1,255}$/.test(host);
const isPort = (port) => port >= 1 && port <= 65535;

export class Addresses {
  constructor() {
    this.known = new Map();  // device -> {sequence, addresses, record: {body, signature}}
  }

  of(device) {
    return this.known.get(device)?.addresses ?? [];
  }

  // Of the node itself; each record replaces the one before.
  announce(key, self, addresses) {
    const sequence = Math.max(Date.now(), (this.known.get(self)?.sequence ?? 0) + 1);
    const body = encode('AddressRecord', { device: Buffer.from(self, 'hex'), addresses, sequence, timeMs: Date.now() });
    this.known.set(self, { sequence, addresses, record: { body, signature: key.sign('address', body) } });
  }

  // The body of "address.records".
  message(devices) {
    return encode('AddressRecords', { records: devices.map((device) => this.known.get(device)?.record).filter(Boolean) });
  }

  // Takes what counts of a message; returns the devices of which something new was learned.
  take(body, roster) {
    const news = [];
    for (const record of decode('AddressRecords', body).records) {
      const said = decode('AddressRecord', record.body);
      const device = idOf(said.device, 32, 'device');
      const member = roster.devices.get(device);
      const sequence = toNumber(said.sequence);
      const fits = said.addresses.length <= addressesMax && said.addresses.every(({ host, port }) => isHost(host) && isPort(port));
      if (!member || !fits || sequence <= (this.known.get(device)?.sequence ?? 0)) continue;
      if (!verifies(member.verifyKey, 'address', record.body, record.signature)) continue;
      this.known.set(device, { sequence, addresses: said.addresses, record });
      news.push(device);
    }
    return news;
  }
}
