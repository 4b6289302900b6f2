// Who may do what to the household, judged in the past of the operation alone (docs/spec/roster.md, "Authority").
import { Kind, Role, personIdOf } from './operation.js';

const peopleMax = 64;
const devicesMax = 255;
const bridgesMax = 64;

const need = (allowed, why) => {
  if (!allowed) throw new Error(why);
};

const judges = {
  [Kind.genesis]() {
    need(false, 'a household begins once');
  },
  [Kind.addPerson](past, who, { person, firstDevice }) {
    need(who.admin, 'only an admin adds a person');
    need(!past.people.has(personIdOf(person.nonce, firstDevice?.verifyKey)), 'a person with this id was here before');
    needRoomForPerson(past);
    if (firstDevice) needRoomFor(past, firstDevice);
  },
  [Kind.addDevice](past, who, { device }) {
    need(!device.meantFor || past.isPerson(device.meantFor), 'the person the device is meant for is not here');
    if (!device.owner) {
      need(who.admin, 'only an admin adds a shared device');
    } else {
      need(past.isPerson(device.owner), 'the owner of the device is not here');
      const own = who.person === device.owner && past.roleOf(who.person).role >= Role.adult;
      const first = who.admin && !past.everHadDevice(device.owner);
      need(who.recovery || own || first, "only a person's own device, or recovery, adds a device for them");
    }
    needRoomFor(past, device);
  },
  [Kind.bindDevice](past, who, change) {
    need(past.isDevice(change.device) && past.isPerson(change.person), 'no such member');
    const { owner, meantFor } = past.belongingOf(change.device);
    need(!owner, 'the device has an owner');
    const own = who.person === change.person && meantFor === change.person;
    need(who.recovery || own, 'only the person a device is meant for binds it');
  },
  [Kind.removeDevice](past, who, change) {
    need(past.isDevice(change.device), 'no such member');
    const owner = past.ownerOf(change.device);
    const own = change.device === who.device || (owner !== null && owner === who.person);
    need(who.admin || own, 'only an admin or its person removes a device');
  },
  [Kind.removePerson](past, who, change) {
    need(past.isPerson(change.person), 'no such member');
    need(who.admin || who.person === change.person, 'only an admin removes another person');
  },
  [Kind.setRole](past, who, change) {
    need(past.isPerson(change.person), 'no such member');
    need(who.admin, 'only an admin changes roles');
  },
  [Kind.setDeviceAdmin](past, who, change) {
    need(past.isDevice(change.device), 'no such member');
    if (change.passTo) {
      need(change.device === who.device, 'a device passes on its own admin only');
      need(past.isPerson(change.passTo), 'no such member');
      const fit = past.roleOf(change.passTo).role >= Role.adult && past.devicesOf(change.passTo).length > 0;
      need(fit, 'admin passes to an adult with a device');
    }
    need(who.admin, 'only an admin changes who is one');
  },
  [Kind.setBridges](past, who, change) {
    need(change.devices.every((device) => past.isDevice(device)), 'no such member');
    need(past.bridges.has(change.source) || past.bridges.size < bridgesMax, 'too many bridges');
    const others = (devices) => devices.filter((device) => device !== who.device);
    const before = others(past.bridges.get(change.source) ?? []);
    const after = others(change.devices);
    // A device that serves a source puts itself behind those that already do, or takes itself off.
    const itself = before.join() === after.join() &&
      (change.devices.length === after.length || change.devices.at(-1) === who.device);
    const adult = who.person !== null && past.roleOf(who.person).role >= Role.adult;
    need(who.admin || adult || (itself && who.person === null), 'only an adult changes who acts for a source');
  },
  [Kind.rename](past, who, change) {
    if (change.device) {
      need(past.isDevice(change.device), 'no such member');
      const owner = past.ownerOf(change.device);
      need(change.device === who.device || (owner !== null && owner === who.person) || who.admin, 'only an admin may');
    } else if (change.person) {
      need(past.isPerson(change.person), 'no such member');
      need(who.person === change.person || who.admin, 'only an admin may');
    } else {
      need(who.admin, 'only an admin may');
    }
  },
  [Kind.recover](past, who, change) {
    need(who.recovery, 'only the recovery key recovers');
    if (change.newDevice) needRoomFor(past, change.newDevice);
    else need(past.devices.has(change.device), 'no such device');
    if (change.owner) need(past.people.has(change.owner), 'no such person');
    else needRoomForPerson(past);
  },
};

function needRoomFor(past, device) {
  need(!past.isDevice(device.id), 'the device is a member');
  need([...past.devices.keys()].filter((id) => past.isDevice(id)).length < devicesMax, 'too many devices');
}

function needRoomForPerson(past) {
  need([...past.people.keys()].filter((id) => past.isPerson(id)).length < peopleMax, 'too many people');
}

// Throws unless the author of `operation` may do it in the state `past`.
export function authorise(past, operation) {
  if (past.id === null) {
    need(operation.kind === Kind.genesis, 'the household has not begun');
    return;
  }
  const recovery = operation.authorKey === past.recoveryKey;
  need(recovery || past.isDevice(operation.author), 'the author is not in the household');
  if (operation.kind === null) return;
  const who = {
    device: operation.author,
    recovery,
    admin: recovery || past.isAdmin(operation.author),
    person: past.ownerOf(operation.author),
  };
  judges[operation.kind](past, who, operation.change);
}

// The devices whose concurrent operations this one undoes: those it removes or demotes.
export function affectedBy(past, { kind, change }) {
  if (kind === Kind.removeDevice) return [change.device];
  if (kind === Kind.removePerson) return past.devicesOf(change.person);
  if (kind === Kind.setRole) return change.role < past.roleOf(change.person).role ? past.devicesOf(change.person) : [];
  if (kind === Kind.setDeviceAdmin) return !change.admin && past.holdsAdmin(change.device) ? [change.device] : [];
  return [];
}

// True if it gives a person, who had none, a device without that person's own signature.
export function givesFirstDevice(past, operation) {
  return operation.kind === Kind.addDevice && operation.change.device.owner !== null &&
    past.ownerOf(operation.author) !== operation.change.device.owner && operation.authorKey !== past.recoveryKey;
}
