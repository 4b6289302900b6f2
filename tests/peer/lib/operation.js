// One signed change of the roster (docs/spec/roster.md), parsed and checked as far as that needs no other operation.
import { hex, idOf } from './bytes.js';
import { hash, hashParts } from './hash.js';
import { checkedPublicKey, deviceIdOf, verifies } from './keys.js';
import { decode, encode, toNumber } from './proto.js';

export const Kind = {
  genesis: 1, addPerson: 2, addDevice: 3, bindDevice: 4, removeDevice: 5, removePerson: 6,
  setRole: 7, setDeviceAdmin: 8, setBridges: 9, rename: 10, recover: 11,
};
export const Role = { guest: 1, child: 2, adult: 3, admin: 4 };

const operationBytesMax = 16 * 1024;
const parentsMax = 16;
const nameBytesMax = 64;
const kindBytesMax = 32;
const channelBytesMax = 256;
const signatureSize = 64;

export function checkedText(text, bytesMax, what) {
  const size = Buffer.byteLength(text);
  if (size < 1 || size > bytesMax || /[\x00-\x1f\x7f]/.test(text)) throw new Error(`${what} is no text of 1 to ${bytesMax} bytes`);
  return text;
}

const optionalId = (bytes, size, what) => (bytes.length === 0 ? null : idOf(bytes, size, what));
const deviceId = (bytes) => idOf(bytes, 32, 'device id');
const personId = (bytes) => idOf(bytes, 16, 'person id');

// The id of a person follows from a nonce and the key of their first device, if they join with one.
export function personIdOf(nonce, firstDeviceKey) {
  return hex(hashParts('person-id', [nonce, firstDeviceKey ?? Buffer.alloc(0)]).subarray(0, 16));
}

function roleOf(role, expiresMs) {
  if (role < Role.guest || role > Role.admin) throw new Error('no such role');
  const expires = toNumber(expiresMs) || null;
  if (expires !== null && role !== Role.guest) throw new Error('only guests expire');
  return { role, expires };
}

function personOf(record) {
  idOf(record.nonce, 16, 'person nonce');
  return { nonce: record.nonce, name: checkedText(record.name, nameBytesMax, 'person name'), ...roleOf(record.role, record.expiresMs) };
}

// What a device says about itself: a serialised DeviceRecord.
export function deviceOf(record) {
  const fields = decode('DeviceRecord', record);
  idOf(fields.sealKey, 32, 'seal key');
  const device = {
    verifyKey: checkedPublicKey(fields.verifyKey),
    sealKey: hex(fields.sealKey),
    name: checkedText(fields.name, nameBytesMax, 'device name'),
    kind: checkedText(fields.kind, kindBytesMax, 'device kind'),
    mainsPowered: fields.mainsPowered,
    owner: optionalId(fields.owner, 16, 'owner'),
    meantFor: optionalId(fields.meantFor, 16, 'person meant'),
  };
  device.id = deviceIdOf(device.verifyKey);
  if (device.owner && device.meantFor) throw new Error('a device has an owner or is meant for somebody, not both');
  return device;
}

export function consentTo(key, household, record) {
  return { record, signature: key.sign('roster-consent', Buffer.concat([household, record])) };
}

function consentOf(consent, household) {
  const device = deviceOf(consent.record);
  if (!verifies(device.verifyKey, 'roster-consent', Buffer.concat([household, consent.record]), consent.signature)) {
    throw new Error('a device did not sign its own joining');
  }
  return device;
}

function checkFirstDevice(person, device) {
  if (device.owner !== personIdOf(person.nonce, device.verifyKey)) throw new Error('the device does not consent to this owner');
}

// A recovery key with the proof that who has its words meant this household.
function recoveryKeyOf(key, proof, household) {
  const recoveryKey = checkedPublicKey(key);
  if (!verifies(recoveryKey, 'recovery-proof', household, proof)) throw new Error('a recovery key without its proof');
  return recoveryKey;
}

const headsOf = (heads) => heads.map((head) => ({
  channel: checkedText(head.channel, channelBytesMax, 'channel'),
  seq: toNumber(head.seq),
  hash: idOf(head.hash, 32, 'hash'),
}));

const changeReaders = {
  [Kind.genesis](bytes, household) {
    const message = decode('GenesisOperation', bytes);
    const change = {
      name: checkedText(message.householdName, nameBytesMax, 'household name'),
      recoveryKey: recoveryKeyOf(message.recoveryKey, message.recoveryProof, household),
      founder: consentOf(message.founder, household),
      person: message.person ? personOf(message.person) : null,
    };
    if (change.person) {
      checkFirstDevice(change.person, change.founder);
      if (change.person.role !== Role.admin) throw new Error('the founding person is an admin');
    } else if (change.founder.owner || change.founder.meantFor) {
      throw new Error("the founder's owner is missing");
    }
    return change;
  },
  [Kind.addPerson](bytes, household) {
    const message = decode('AddPersonOperation', bytes);
    const change = { person: personOf(message.person), firstDevice: null };
    if (message.firstDevice) {
      change.firstDevice = consentOf(message.firstDevice, household);
      checkFirstDevice(change.person, change.firstDevice);
    }
    return change;
  },
  [Kind.addDevice](bytes, household) {
    return { device: consentOf(decode('AddDeviceOperation', bytes).device, household) };
  },
  [Kind.bindDevice](bytes) {
    const message = decode('BindDeviceOperation', bytes);
    return { device: deviceId(message.device), person: personId(message.person) };
  },
  [Kind.removeDevice](bytes) {
    const { device } = decode('RemoveDeviceOperation', bytes);
    return { device: deviceId(device.device), heads: headsOf(device.heads) };
  },
  [Kind.removePerson](bytes) {
    const message = decode('RemovePersonOperation', bytes);
    const heads = new Map(message.devices.map((device) => [deviceId(device.device), headsOf(device.heads)]));
    return { person: personId(message.person), heads };
  },
  [Kind.setRole](bytes) {
    const message = decode('SetRoleOperation', bytes);
    return { person: personId(message.person), ...roleOf(message.role, message.expiresMs) };
  },
  [Kind.setDeviceAdmin](bytes) {
    const message = decode('SetDeviceAdminOperation', bytes);
    const change = { device: deviceId(message.device), admin: message.admin, passTo: optionalId(message.passTo, 16, 'person') };
    if (change.admin && change.passTo) throw new Error('admin is granted or passed on, not both');
    return change;
  },
  [Kind.setBridges](bytes) {
    const message = decode('SetBridgesOperation', bytes);
    const devices = message.devices.map(deviceId);
    if (new Set(devices).size !== devices.length) throw new Error('a device twice in one bridge order');
    return { source: checkedText(message.source, nameBytesMax, 'source'), devices };
  },
  [Kind.rename](bytes) {
    const message = decode('RenameOperation', bytes);
    const change = {
      device: optionalId(message.device, 32, 'device id'),
      person: optionalId(message.person, 16, 'person id'),
      name: checkedText(message.name, nameBytesMax, 'name'),
    };
    if (change.device && change.person) throw new Error('one name at a time');
    return change;
  },
  [Kind.recover](bytes, household) {
    const message = decode('RecoverOperation', bytes);
    if (Boolean(message.newDevice) === message.device.length > 0 || Boolean(message.person) === message.owner.length > 0) {
      throw new Error('a recovery names one device and one person');
    }
    const change = {
      person: message.person ? personOf(message.person) : null,
      owner: optionalId(message.owner, 16, 'owner'),
      newDevice: message.newDevice ? consentOf(message.newDevice, household) : null,
      device: optionalId(message.device, 32, 'device id'),
      nextRecoveryKey: message.nextRecoveryKey.length > 0
        ? recoveryKeyOf(message.nextRecoveryKey, message.nextRecoveryProof, household) : null,
    };
    if (change.newDevice) {
      const owner = change.person ? personIdOf(change.person.nonce, change.newDevice.verifyKey) : change.owner;
      if (change.newDevice.owner !== owner) throw new Error('the device does not consent to this owner');
    }
    return change;
  },
};

function parentsOf(body) {
  if (body.parents.length > parentsMax) throw new Error('too many parents');
  const parents = body.parents.map((parent) => idOf(parent, 32, 'parent'));
  if (parents.some((parent, i) => i > 0 && parents[i - 1] >= parent)) throw new Error('parents are not ascending');
  return parents;
}

// `bytes`: signature || body.  Throws what is wrong with it.
export function parseOperation(bytes) {
  if (bytes.length > operationBytesMax || bytes.length <= signatureSize) throw new Error('size of a roster operation');
  const body = decode('Operation', bytes.subarray(signatureSize));
  const genesis = body.kind === Kind.genesis;
  if (genesis !== (body.household.length === 0) || genesis !== (body.parents.length === 0)) {
    throw new Error('a genesis, and nothing else, has no household and no parents');
  }
  const authorKey = checkedPublicKey(body.author);
  if (!verifies(authorKey, 'roster-op', bytes.subarray(signatureSize), bytes.subarray(0, signatureSize))) {
    throw new Error('an operation that its author did not sign');
  }
  // Before the genesis has a hash the household has no id: in its consents the author's key stands for it.
  const household = genesis ? body.author : body.household;
  idOf(household, 32, 'household');
  const operationHash = hex(hash('roster-op', bytes));
  const known = changeReaders[body.kind];
  return {
    bytes: Buffer.from(bytes),
    hash: operationHash,
    household: genesis ? operationHash : hex(household),
    parents: parentsOf(body),
    authorKey: hex(authorKey),
    author: deviceIdOf(authorKey),
    kind: known ? body.kind : null,  // null: of a newer version, kept and relayed without effect
    critical: body.critical,
    change: known ? known(body.payload, Buffer.from(household)) : null,
  };
}

// A new operation; `payload` is the encoded message of the kind, `household` empty for the genesis.
export function makeOperation({ household = Buffer.alloc(0), parents = [], kind, payload, key, wallMs }) {
  const body = encode('Operation', {
    household,
    parents: [...parents].sort().map((parent) => Buffer.from(parent, 'hex')),
    author: key.publicKey,
    wallMs,
    kind,
    critical: true,
    payload,
  });
  return Buffer.concat([key.sign('roster-op', body), body]);
}
