// The state of a household after the roster operations that count (docs/spec/roster.md, "State").
//
// History is an array of {operation, ancestors, support, affected, givesFirstDevice}; sets of places in it are BigInts
// used as bits.  Apply parents before children.  What is said about a member holds until something later is said; what
// was said at once stays side by side.
import { Kind, Role, personIdOf } from './operation.js';

export const bit = (at) => 1n << BigInt(at);
export const has = (set, at) => ((set >> BigInt(at)) & 1n) === 1n;

const peopleMax = 64;
const devicesMax = 255;

export class Household {
  constructor(history) {
    this.history = history;
    this.id = null;
    this.name = '';
    this.recoveryKey = null;
    this.devices = new Map();
    this.people = new Map();
    this.bridges = new Map();
  }

  before(earlier, later) {
    return has(this.history[later].ancestors, earlier);
  }

  // An addition dies by every removal it did not follow; one by recovery only by removals that followed it.
  alive(member, add) {
    const recovery = member.recoveries.includes(add);
    return member.removes.every((remove) => (recovery ? !this.before(add, remove) : this.before(remove, add)));
  }

  latest(statements, member) {
    const live = statements.filter((statement) => this.alive(member, statement.at));
    const last = live.filter((statement) => !live.some((other) => this.before(statement.at, other.at)));
    return last.some((statement) => statement.recovery) ? last.filter((statement) => statement.recovery) : last;
  }

  isPerson(id) {
    const person = this.people.get(id);
    return person !== undefined && person.adds.some((add) => this.alive(person, add));
  }

  belongingOf(id) {
    const nobody = { owner: null, meantFor: null };
    const device = this.devices.get(id);
    const said = device ? this.latest(device.belongings, device) : [];
    if (said.length === 0) return nobody;
    const { owner, meantFor } = said[0].value;
    if (said.some(({ value }) => value.owner !== owner || value.meantFor !== meantFor)) return nobody;
    if (owner) {
      const person = this.people.get(owner);
      if (!person) return nobody;
      // Two admins gave different first devices to one person at once: neither may read that person's data.
      const claims = person.firstDevices.map((claim) => claim.value);
      if (claims.includes(id) && claims.some((claim) => claim !== id) && !said[0].recovery) return nobody;
    }
    return { owner, meantFor };
  }

  ownerOf(id) {
    return this.belongingOf(id).owner;
  }

  isDevice(id) {
    const device = this.devices.get(id);
    if (!device || !device.adds.some((add) => this.alive(device, add))) return false;
    const owner = this.ownerOf(id);
    return !owner || this.isPerson(owner);
  }

  holdsAdmin(id) {
    if (!this.isDevice(id)) return false;
    const device = this.devices.get(id);
    const said = this.latest(device.admin, device);
    return said.length > 0 && said.every((statement) => statement.value);
  }

  isAdmin(id) {
    const owner = this.ownerOf(id);
    return this.holdsAdmin(id) || (this.isDevice(id) && owner !== null && this.roleOf(owner).role === Role.admin);
  }

  // Of what was said at once the least holds.
  roleOf(id) {
    const person = this.people.get(id);
    const said = person ? this.latest(person.roles, person).map((statement) => statement.value) : [];
    const order = (a, b) => a.role - b.role || (a.expires ?? Infinity) - (b.expires ?? Infinity) || 0;
    return said.sort(order)[0] ?? { role: Role.guest, expires: null };
  }

  everHadDevice(id) {
    const person = this.people.get(id);
    return person !== undefined && (person.bornWithDevice || person.firstDevices.length > 0);
  }

  devicesOf(person) {
    return [...this.devices.keys()].filter((id) => this.ownerOf(id) === person && this.isDevice(id)).sort();
  }

  // The operations that make `id` a member with the authority it has.
  supportOf(id) {
    const device = this.devices.get(id);
    if (!device) return 0n;
    const places = [];
    const take = (member, ...kinds) => {
      places.push(...member.adds.filter((add) => this.alive(member, add)));
      for (const statements of kinds) places.push(...this.latest(statements, member).map((statement) => statement.at));
    };
    take(device, device.belongings, device.admin);
    const owner = this.ownerOf(id);
    if (owner) take(this.people.get(owner), this.people.get(owner).roles);
    return places.reduce((all, at) => all | bit(at) | this.history[at].support, 0n);
  }

  apply(at) {
    const { operation } = this.history[at];
    if (operation.kind !== null) appliers[operation.kind].call(this, operation.change, at, this.history[at]);
  }

  deviceState(id) {
    if (!this.devices.has(id)) {
      this.devices.set(id, { adds: [], recoveries: [], removes: [], belongings: [], admin: [], heads: [] });
    }
    return this.devices.get(id);
  }

  personState(id) {
    if (!this.people.has(id)) {
      this.people.set(id, { adds: [], recoveries: [], removes: [], roles: [], firstDevices: [], bornWithDevice: false });
    }
    return this.people.get(id);
  }

  addDevice(device, at, recovery) {
    const state = this.deviceState(device.id);
    state.adds.push(at);
    state.description = device;
    state.name = device.name;
    state.belongings.push({ at, value: { owner: device.owner, meantFor: device.meantFor }, recovery });
    state.admin.push({ at, value: false, recovery });
  }

  addPerson(id, person, at, withDevice, recovery) {
    const state = this.personState(id);
    state.adds.push(at);
    state.name = person.name;
    state.bornWithDevice ||= withDevice;
    state.roles.push({ at, value: { role: person.role, expires: person.expires }, recovery });
  }

  removeDevice(id, heads, at) {
    const state = this.deviceState(id);
    state.removes.push(at);
    for (const head of heads) {
      const known = state.heads.findIndex((other) => other.channel === head.channel);
      if (known < 0) {
        state.heads.push(head);
        continue;
      }
      // The furthest that any remover saw; of two forks the smaller hash.
      const other = state.heads[known];
      if (head.seq > other.seq || (head.seq === other.seq && head.hash < other.hash)) state.heads[known] = head;
    }
  }

  // The roster that this state shows; `version` is for the log to add.
  roster() {
    const people = new Map();
    for (const id of [...this.people.keys()].sort()) {
      if (people.size < peopleMax && this.isPerson(id)) people.set(id, { id, name: this.people.get(id).name, ...this.roleOf(id) });
    }
    const devices = new Map();
    const removed = new Map();
    for (const id of [...this.devices.keys()].sort()) {
      const { description, name, removes, heads } = this.devices.get(id);
      if (removes.length > 0) removed.set(id, { id, verifyKey: description.verifyKey, heads });
      const belonging = this.belongingOf(id);
      if (devices.size === devicesMax || !this.isDevice(id) || (belonging.owner && !people.has(belonging.owner))) continue;
      devices.set(id, { ...description, ...belonging, name, admin: this.holdsAdmin(id) });
    }
    return { household: this.id, name: this.name, people, devices, removed, bridges: this.bridges };
  }
}

const appliers = {
  [Kind.genesis](change, at, entry) {
    this.id = entry.operation.household;
    this.name = change.name;
    this.recoveryKey = change.recoveryKey.toString('hex');
    this.addDevice(change.founder, at, false);
    if (change.person) this.addPerson(change.founder.owner, change.person, at, true, false);
    this.devices.get(change.founder.id).admin = [{ at, value: !change.person, recovery: false }];
  },
  [Kind.addPerson]({ person, firstDevice }, at) {
    this.addPerson(personIdOf(person.nonce, firstDevice?.verifyKey), person, at, firstDevice !== null, false);
    if (firstDevice) this.addDevice(firstDevice, at, false);
  },
  [Kind.addDevice]({ device }, at, entry) {
    this.addDevice(device, at, false);
    if (entry.givesFirstDevice) this.personState(device.owner).firstDevices.push({ at, value: device.id });
  },
  [Kind.bindDevice](change, at) {
    this.deviceState(change.device).belongings.push({ at, value: { owner: change.person, meantFor: null }, recovery: false });
  },
  [Kind.removeDevice](change, at) {
    this.removeDevice(change.device, change.heads, at);
  },
  [Kind.removePerson](change, at, entry) {
    this.personState(change.person).removes.push(at);
    for (const device of entry.affected) this.removeDevice(device, change.heads.get(device) ?? [], at);
  },
  [Kind.setRole](change, at) {
    this.personState(change.person).roles.push({ at, value: { role: change.role, expires: change.expires }, recovery: false });
  },
  [Kind.setDeviceAdmin](change, at) {
    this.deviceState(change.device).admin.push({ at, value: change.admin, recovery: false });
    if (change.passTo) this.personState(change.passTo).roles.push({ at, value: { role: Role.admin, expires: null }, recovery: false });
  },
  [Kind.setBridges](change) {
    this.bridges.set(change.source, change.devices);
  },
  [Kind.rename](change) {
    if (change.device) this.deviceState(change.device).name = change.name;
    else if (change.person) this.personState(change.person).name = change.name;
    else this.name = change.name;
  },
  [Kind.recover](change, at) {
    const id = change.newDevice?.id ?? change.device;
    const device = this.deviceState(id);
    device.recoveries.push(at);
    if (change.newDevice) this.addDevice(change.newDevice, at, true);
    else device.adds.push(at);
    const owner = change.person ? personIdOf(change.person.nonce, device.description.verifyKey) : change.owner;
    const person = this.personState(owner);
    person.recoveries.push(at);
    if (change.person) this.addPerson(owner, change.person, at, true, true);
    else person.adds.push(at);
    person.roles.push({ at, value: { role: Role.admin, expires: null }, recovery: true });
    person.bornWithDevice = true;
    if (!change.newDevice) device.belongings.push({ at, value: { owner, meantFor: null }, recovery: true });
    if (change.nextRecoveryKey) this.recoveryKey = change.nextRecoveryKey.toString('hex');
  },
};
