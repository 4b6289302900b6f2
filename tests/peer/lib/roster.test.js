import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TestHousehold } from './household_testing.js';
import { SigningKey, deviceIdOf } from './keys.js';
import { Kind, Role } from './operation.js';
import { RosterLog } from './roster_log.js';

const id = (key) => deviceIdOf(key.publicKey);
const bytes = (text) => Buffer.from(text, 'hex');
const demote = (home, by, person, parents) =>
  home.write(by, Kind.setRole, 'SetRoleOperation', { person: bytes(person), role: Role.guest }, parents);

// A household with two admins, each with a device, and a shared device.
function twoAdmins() {
  const home = new TestHousehold({ person: 'Anna' });
  const other = new SigningKey();
  const { owner, operation } = home.addPerson(home.founder, other, 'Bert', Role.admin);
  home.log.add(operation);
  const shared = new SigningKey();
  home.log.add(home.addDevice(home.founder, shared, 'speaker'));
  return { home, other, otherPerson: owner, shared };
}

// The log resolves alike in whatever order the operations came.
function assertSame(log) {
  const operations = log.missingFor([]);
  const reversed = new RosterLog();
  reversed.add(operations[0]);
  for (const operation of operations.slice(1).reverse()) reversed.add(operation);
  assert.deepEqual(reversed.roster, log.roster);
  assert.deepEqual(log.hashes().filter((hash) => log.counts(hash)), log.hashes().filter((hash) => reversed.counts(hash)));
}

test('a household begins with its founder: shared with admin, or of a person who is admin', () => {
  const shared = new TestHousehold();
  assert.equal(shared.log.roster.devices.get(id(shared.founder)).admin, true);
  const personal = new TestHousehold({ person: 'Anna' });
  assert.equal(personal.log.roster.devices.get(id(personal.founder)).admin, false);
  assert.equal(personal.log.roster.people.get(personal.person).role, Role.admin);
  assert.equal(personal.log.add(personal.genesis), 'known');
  assert.throws(() => personal.log.add(shared.genesis), /another household/);
});

test('only admins add; only a person adds a device for themselves', () => {
  const { home, shared } = twoAdmins();
  const fresh = new SigningKey();
  assert.throws(() => home.log.add(home.addDevice(shared, fresh, 'x')), /only an admin/);
  assert.throws(() => home.log.add(home.addDevice(fresh, fresh, 'x')), /not in the household/);
  const forAnna = { owner: home.person };
  const bertDevice = [...home.log.roster.devices.values()].find((device) => device.name === "Bert's");
  assert.ok(bertDevice);
  assert.throws(() => home.log.add(home.addDevice(shared, fresh, 'x', forAnna)), /own device/);
  assert.equal(home.log.add(home.addDevice(home.founder, fresh, 'watch', forAnna)), 'accepted');
  assert.equal(home.log.roster.devices.get(id(fresh)).owner, home.person);
  assert.throws(() => home.log.add(home.addDevice(home.founder, fresh, 'again')), /is a member/);
});

test('an operation that was changed on its way is refused', () => {
  const home = new TestHousehold();
  const operation = home.addDevice(home.founder, new SigningKey(), 'x');
  operation[operation.length - 1] ^= 1;
  assert.throws(() => home.log.add(operation));
  assert.throws(() => home.log.add(operation.subarray(0, 60)));
});

test('an operation waits for its parents', () => {
  const home = new TestHousehold();
  const [first, second] = [new SigningKey(), new SigningKey()];
  const one = home.addDevice(home.founder, first, 'one');
  home.log.add(one);
  const two = home.addDevice(home.founder, second, 'two');
  const late = new RosterLog();
  late.add(home.genesis);
  assert.equal(late.add(two), 'waiting');
  assert.equal(late.add(one), 'accepted');
  assert.ok(late.roster.devices.has(id(second)));
});

test('a removed device is gone, and what it wrote at the same time does not count', () => {
  const { home, other, otherPerson, shared } = twoAdmins();
  const before = home.log.heads();
  const added = new SigningKey();
  home.log.add(home.addDevice(other, added, 'by the removed one', {}, before));
  assert.ok(home.log.roster.devices.has(id(added)));
  home.log.add(home.removeDevice(home.founder, other, [], before));
  assert.ok(!home.log.roster.devices.has(id(other)));
  assert.ok(!home.log.roster.devices.has(id(added)));
  assert.ok(home.log.roster.people.has(otherPerson));
  assert.ok(home.log.roster.devices.has(id(shared)));
  assert.ok(home.log.roster.removed.has(id(other)));
  assertSame(home.log);
});

test('what rests on a removed device falls with it', () => {
  const { home, other } = twoAdmins();
  const before = home.log.heads();
  const carl = new SigningKey();
  const { operation } = home.addPerson(other, carl, 'Carl', Role.admin, before);
  home.log.add(operation);
  const late = new SigningKey();
  home.log.add(home.addDevice(carl, late, 'by Carl', {}, home.log.heads()));
  assert.ok(home.log.roster.devices.has(id(late)));
  home.log.add(home.removeDevice(home.founder, other, [], before));
  assert.ok(!home.log.roster.devices.has(id(carl)));
  assert.ok(!home.log.roster.devices.has(id(late)));
  assertSame(home.log);
});

test('removals of each other both hold', () => {
  const { home, other } = twoAdmins();
  const before = home.log.heads();
  home.log.add(home.removeDevice(home.founder, other, [], before));
  home.log.add(home.removeDevice(other, home.founder, [], before));
  assert.ok(!home.log.roster.devices.has(id(other)));
  assert.ok(!home.log.roster.devices.has(id(home.founder)));
  assertSame(home.log);
});

test('a demoted admin has no say from then on, nor at the same time', () => {
  const { home, other, otherPerson } = twoAdmins();
  const before = home.log.heads();
  home.log.add(demote(home, home.founder, otherPerson, before));
  home.log.add(home.addDevice(other, new SigningKey(), 'at once', {}, before));
  assert.deepEqual([...home.log.roster.devices.values()].map((device) => device.name).sort(), ["Bert's", 'founder', 'speaker']);
  assert.throws(() => home.log.add(home.addDevice(other, new SigningKey(), 'later')), /only an admin/);
  assertSame(home.log);
});

test('a device may come back after its removal', () => {
  const { home, shared } = twoAdmins();
  home.log.add(home.removeDevice(home.founder, shared));
  assert.ok(!home.log.roster.devices.has(id(shared)));
  home.log.add(home.addDevice(home.founder, shared, 'speaker'));
  assert.ok(home.log.roster.devices.has(id(shared)));
  assert.ok(home.log.roster.removed.has(id(shared)));
});
