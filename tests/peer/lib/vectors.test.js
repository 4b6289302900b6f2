// Holds this node to docs/spec/vectors: what the C++ code wrote down, read by code that shares nothing with it.
import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { test } from 'node:test';
import { Addresses } from './addresses.js';
import { hex, u64, unhex } from './bytes.js';
import { scalarOf } from './cpace.js';
import { ErrorNumber, WireError } from './errors.js';
import { hashParts } from './hash.js';
import { SigningKey, deviceIdOf, sealPublicKey } from './keys.js';
import { Link } from './link.js';
import { deviceOf, parseOperation } from './operation.js';
import { FramedSocket, join, macKey } from './pairing.js';
import { decode, encode } from './proto.js';
import { RosterLog } from './roster_log.js';
import { recoverySeedOf, verifierOf } from './words.js';

const read = (name) => JSON.parse(readFileSync(new URL(`../../../docs/spec/vectors/${name}.json`, import.meta.url)));

// --- roster

const roster = read('roster');
const operations = roster.operations.map((operation) => unhex(operation.bytes));

function logOf(numbers) {
  const log = new RosterLog();
  for (const number of numbers) assert.equal(log.add(operations[number]), 'accepted', roster.operations[number].name);
  return log;
}

function shown(log) {
  const { household, name, version, devices, people, removed, bridges } = log.roster;
  return {
    household,
    name,
    version: hex(version),
    recovery_key: log.now.household.recoveryKey,
    heads: log.heads(),
    devices: [...devices.values()].map((device) => ({
      id: device.id, name: device.name, kind: device.kind, owner: device.owner ?? null, meant_for: device.meantFor ?? null, admin: device.admin,
    })),
    people: [...people.values()].map(({ id, name: called, role }) => ({ id, name: called, role })),
    removed: [...removed.values()].map(({ id, heads }) => ({ id, heads: heads.map(({ channel, seq, hash }) => ({ channel, seq, hash })) })),
    bridges: Object.fromEntries(bridges),
  };
}

test('roster: keys follow from seeds, and the recovery key from the words', () => {
  for (const { seed, public_key: publicKey, id } of roster.devices) {
    assert.equal(hex(new SigningKey(unhex(seed)).publicKey), publicKey);
    assert.equal(deviceIdOf(unhex(publicKey)), id);
  }
  assert.equal(hex(recoverySeedOf(roster.recovery.words)), roster.recovery.seed);
  assert.equal(hex(new SigningKey(unhex(roster.recovery.seed)).publicKey), roster.recovery.public_key);
});

test('roster: every operation has its hash', () => {
  roster.operations.forEach(({ name, hash }, i) => assert.equal(parseOperation(operations[i]).hash, hash, name));
});

for (const { name, operations: numbers, count, roster: expected } of roster.resolutions) {
  test(`roster: ${name}`, () => {
    const log = logOf(numbers);
    const { unknown_critical: _, ...rest } = expected;
    assert.deepEqual(shown(log), rest);
    assert.deepEqual(numbers.filter((number) => log.counts(roster.operations[number].hash)), count);
  });
}

for (const { why, after, bytes } of roster.rejects) {
  test(`roster: refused: ${why}`, () => {
    const log = logOf(after);
    const before = log.hashes();
    assert.throws(() => log.add(unhex(bytes)));
    assert.deepEqual(log.hashes(), before);
  });
}

// --- pairing

const pairing = read('pairing');

// Plays the host's frames up to number `after`, then `bad`; `said` gets the joiner's.
async function attempt({ after = pairing.frames.length, bad = null } = {}) {
  const said = [];
  const play = async (socket) => {
    const frames = new FramedSocket(socket);
    for (const { from, bytes } of pairing.frames.slice(0, after)) {
      if (from === 'host') frames.write(unhex(bytes));
      else said.push(hex(await frames.read()));
    }
    if (bad) frames.write(unhex(bad));
  };
  const server = createServer((socket) => play(socket).catch(() => {}));
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const key = new SigningKey(unhex(pairing.joiner.seed));
  // What the device says of itself is in its share.
  const { data } = decode('PairingFrame', unhex(pairing.frames[2].bytes)).share;
  const { name, kind } = deviceOf(data);
  const words = [];
  try {
    const joined = await join({
      host: '127.0.0.1', port: server.address().port, code: pairing.code, key,
      self: { verifyKey: key.publicKey, sealKey: sealPublicKey(key.seed), name, kind },
      scalar: scalarOf(unhex(pairing.joiner.random[0])),
      onVerifier: (shownWords) => words.push(shownWords),
    });
    return { joined, said, words };
  } finally {
    server.close();
  }
}

test('pairing: with the same randomness, the same frames byte for byte', async () => {
  const { joined, said, words } = await attempt();
  assert.deepEqual(said, pairing.frames.filter(({ from }) => from === 'joiner').map(({ bytes }) => bytes).slice(0, said.length));
  assert.ok(said.length >= 4);
  assert.deepEqual(words, [pairing.verifier]);
  assert.deepEqual(joined.log.missingFor([]).map(hex), pairing.operations);
  assert.equal(joined.log.roster.household, pairing.household);
});

test('pairing: the key schedule', () => {
  const isk = unhex(pairing.isk);
  assert.equal(verifierOf(isk), pairing.verifier);
  for (const domain of ['pairing-confirm-joiner', 'pairing-confirm-host', 'pairing-key-joiner', 'pairing-key-host']) {
    assert.equal(hex(macKey(isk, domain)), pairing[domain]);
  }
});

for (const { why, after, bytes } of pairing.rejects.filter(({ to }) => to === 'joiner')) {
  test(`pairing: refused by the joiner: ${why}`, async () => {
    await assert.rejects(attempt({ after, bad: bytes }), (error) => !/is gone/.test(error.message));
  });
}

// --- wire

const wire = read('wire');

class FakeSocket extends EventEmitter {
  sent = [];

  send(bytes) {
    this.sent.push(Buffer.from(bytes));
  }

  close() {}

  terminate() {}
}

// As an acceptor that knows one method; its Hello is of the household of the vectors.
function acceptor() {
  const socket = new FakeSocket();
  const { household } = decode('Frame', unhex(wire.talks[0].hello)).hello;
  const link = new Link(socket, {
    peer: 'peer',
    dialled: false,
    rules: {
      hello: () => ({ household, mainsPowered: true }),
      admits: () => 0,
      onNotice() {},
      async onCall(call) {
        if (call.method !== 'node.ping') throw new WireError(ErrorNumber.UnknownMethod, call.method);
        call.finish(call.payload);
      },
    },
  });
  const hear = async (bytes) => {
    const before = socket.sent.length;
    socket.emit('message', unhex(bytes), true);
    await new Promise(setImmediate);
    return socket.sent.slice(before).map(hex);
  };
  return { link, hear };
}

// What an answer says, without the words for people.
function meant(bytes) {
  const frame = decode('Frame', unhex(bytes));
  const body = frame[frame.body];
  const number = (field) => (field === undefined ? 0 : Number(field));
  return { kind: frame.body, call: number(body.call), error: number(body.error), nonce: number(body.nonce), body: body.payload ? hex(body.payload.body) : '' };
}

for (const { name, bytes } of wire.envelopes) {
  test(`wire: the envelope "${name}" is read and written alike`, () => {
    assert.equal(hex(encode('Frame', decode('Frame', unhex(bytes)))), bytes);
  });
}

for (const { why, bytes } of wire.refused) {
  test(`wire: ends the link: ${why}`, async () => {
    const { link, hear } = acceptor();
    await hear(wire.talks[0].turns[0].in);
    assert.ok(!link.over);
    const [bye] = await hear(bytes);
    assert.equal(meant(bye).error, ErrorNumber.ProtocolViolation);
    assert.ok(link.over);
  });
}

for (const { name, turns } of wire.talks) {
  test(`wire: ${name}`, async () => {
    const { link, hear } = acceptor();
    for (const { in: heard, out, closed } of turns) {
      assert.deepEqual((await hear(heard)).map(meant), out.map(meant));
      assert.equal(link.over, closed);
    }
    link.end(new WireError(ErrorNumber.PeerLost));
  });
}

test('wire: an address record and an mDNS name', () => {
  const publicKey = unhex(wire.device.public_key);
  assert.equal(deviceIdOf(publicKey), wire.device.id);
  const { household, day, instance } = wire.mdns;
  assert.equal(hex(hashParts('ambit/v1/mdns', [unhex(household), unhex(wire.device.id), u64(day)])).slice(0, 32), instance);
  const members = { devices: new Map([[wire.device.id, { id: wire.device.id, verifyKey: publicKey }]]) };
  assert.deepEqual(new Addresses().take(unhex(wire.address_records), members), [wire.device.id]);
});
