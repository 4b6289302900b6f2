// A household of the tests' own making: a founder with its root, and operations by whoever may write them.
import { randomBytes } from 'node:crypto';
import { SigningKey, deviceIdOf, sealPublicKey } from './keys.js';
import { Kind, Role, consentTo, makeOperation, personIdOf } from './operation.js';
import { encode } from './proto.js';
import { RosterLog } from './roster_log.js';

export function recordOf(key, name, { owner, meantFor } = {}) {
  return encode('DeviceRecord', {
    verifyKey: key.publicKey,
    sealKey: sealPublicKey(key.seed),
    name,
    kind: 'lab',
    mainsPowered: true,
    owner: owner ? Buffer.from(owner, 'hex') : undefined,
    meantFor: meantFor ? Buffer.from(meantFor, 'hex') : undefined,
  });
}

export class TestHousehold {
  // A shared founder, or with `person` (a name) that person's first device.
  constructor({ person = null } = {}) {
    const root = new SigningKey();
    this.founder = new SigningKey();
    this.log = new RosterLog();
    const record = person && { nonce: randomBytes(16), name: person, role: Role.admin };
    this.person = record && personIdOf(record.nonce, this.founder.publicKey);
    const founder = consentTo(this.founder, root.publicKey, recordOf(this.founder, 'founder', { owner: this.person }));
    const recovery = new SigningKey();
    const payload = encode('GenesisOperation', {
      householdName: 'Test', recoveryKey: recovery.publicKey, recoveryProof: recovery.sign('recovery-proof', root.publicKey), founder, person: record,
    });
    this.genesis = makeOperation({ kind: Kind.genesis, payload, key: root, wallMs: 1 });
    this.log.add(this.genesis);
  }

  get id() {
    return Buffer.from(this.log.roster.household, 'hex');
  }

  // An operation by `key`, not yet added; `parents`: other than the heads of the log.
  write(key, kind, type, fields, parents = this.log.heads()) {
    return makeOperation({ household: this.id, parents, kind, payload: encode(type, fields), key, wallMs: 1 });
  }

  addDevice(by, key, name, belonging, parents) {
    const device = consentTo(key, this.id, recordOf(key, name, belonging));
    return this.write(by, Kind.addDevice, 'AddDeviceOperation', { device }, parents);
  }

  addPerson(by, key, name, role, parents) {
    const person = { nonce: randomBytes(16), name, role };
    const owner = personIdOf(person.nonce, key.publicKey);
    const firstDevice = consentTo(key, this.id, recordOf(key, `${name}'s`, { owner }));
    return { owner, operation: this.write(by, Kind.addPerson, 'AddPersonOperation', { person, firstDevice }, parents) };
  }

  removeDevice(by, key, heads = [], parents) {
    return this.write(by, Kind.removeDevice, 'RemoveDeviceOperation', { device: { device: Buffer.from(deviceIdOf(key.publicKey), 'hex'), heads } }, parents);
  }
}
