import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { hex, unhex } from './bytes.js';
import { chainNext, chainStart, headVerifies, signHead, streamOf } from './channel.js';
import { EntryKind } from './entry.js';
import { Facts } from './facts.js';
import { SigningKey, deviceIdOf } from './keys.js';
import { decode } from './proto.js';

const vectors = JSON.parse(readFileSync(new URL('../../../docs/spec/vectors/facts.json', import.meta.url)));
const channel = { writer: vectors.writer, audience: vectors.audience, incarnation: vectors.incarnation };
const key = new SigningKey(unhex(vectors.seed, 32));

function rosterOf(...keys) {
  const devices = new Map();
  for (const publicKey of keys) devices.set(deviceIdOf(publicKey), { id: deviceIdOf(publicKey), verifyKey: publicKey, owner: null });
  return { devices, people: new Map(), removed: new Map() };
}

function reader(...others) {
  const own = new SigningKey();
  const facts = new Facts({ self: deviceIdOf(own.publicKey), key: own });
  facts.setRoster(rosterOf(own.publicKey, key.publicKey, ...others));
  return facts;
}

function want(facts, peer, heights) {
  return facts.wantsAfter(peer, heights)[0];
}

test('the chain and the head are those of the vectors', () => {
  assert.equal(hex(key.publicKey), vectors.public_key);
  assert.equal(deviceIdOf(key.publicKey), vectors.writer);
  assert.equal(streamOf(channel), vectors.stream);
  assert.equal(chainStart(channel), vectors.chain_start);
  let last = vectors.chain_start;
  for (const entry of vectors.entries) {
    last = chainNext(last, unhex(entry.bytes));
    assert.equal(last, entry.hash);
  }
  const { seq, hash, ledger, signature } = vectors.head;
  assert.equal(signHead(key, channel, { seq, hash, ledger }).signature, signature);
  assert.ok(headVerifies(key.publicKey, channel, vectors.head));
  assert.ok(!headVerifies(key.publicKey, channel, { ...vectors.head, seq: seq + 1 }));
});

test('the vectors are asked for, taken and folded', () => {
  const facts = reader();
  const asked = want(facts, vectors.writer, unhex(vectors.heights));
  assert.equal(hex(asked.body), vectors.want);
  assert.ok(facts.take(vectors.writer, unhex(vectors.range)));
  const state = facts.state('household');
  assert.equal(state.get('household', 'name').value.value, vectors.state.name);
  assert.deepEqual(state.elements('household', 'groceries').map((element) => element.value), vectors.state.groceries);
  assert.equal(state.hash(), vectors.state.hash);
});

test('a range that nobody asked for, or that was changed, is refused', () => {
  const facts = reader();
  assert.throws(() => facts.take(vectors.writer, unhex(vectors.range)), /not asked for/);
  want(facts, vectors.writer, unhex(vectors.heights));
  const range = unhex(vectors.range);
  const value = range.indexOf('Zu Hause');
  range[value] ^= 1;
  assert.throws(() => facts.take(vectors.writer, range), /did not sign/);
  assert.equal(facts.get('household', 'name'), null);
});

test('what one node writes arrives at another, in several ranges, and is relayed', () => {
  const [ownKey, otherKey] = [new SigningKey(), new SigningKey()];
  const roster = rosterOf(ownKey.publicKey, otherKey.publicKey, key.publicKey);
  const make = (signing) => {
    const facts = new Facts({ self: deviceIdOf(signing.publicKey), key: signing });
    facts.setRoster(roster);
    return facts;
  };
  const [writer, relay, last] = [make(ownKey), make(otherKey), make(key)];
  for (let i = 0; i < 300; ++i) {
    writer.put({ subject: 'test', attribute: `n${i % 3}`, value: { type: 'integer', value: BigInt(i) } });
  }
  writer.put({ subject: 'test', attribute: 'set', kind: EntryKind.add, value: { type: 'text', value: 'a' } });
  writer.put({ subject: 'test', attribute: 'set', kind: EntryKind.remove, value: { type: 'text', value: 'a' } });
  for (const [from, to] of [[writer, relay], [relay, last]]) {
    const [heights] = from.heightsFor(to.self);
    const asked = want(to, from.self, heights.body);
    let ranges = 0;
    for (const range of from.rangesFor(to.self, asked.body)) {
      to.take(from.self, range.body);
      ++ranges;
    }
    assert.ok(ranges > 1 || from === relay);
  }
  assert.equal(last.get('test', 'n2').value.value, 299n);
  assert.deepEqual(last.state('household').elements('test', 'set'), []);
  assert.equal(last.state('household').hash(), writer.state('household').hash());
});

test('a stranger is offered nothing; a removal counts up to the heads it names', () => {
  const facts = reader();
  want(facts, vectors.writer, unhex(vectors.heights));
  facts.take(vectors.writer, unhex(vectors.range));
  assert.deepEqual(facts.heightsFor('ab'.repeat(32)), []);
  assert.throws(() => facts.rangesFor('ab'.repeat(32), unhex(vectors.want)).next(), /not here for you/);
  const removal = { id: vectors.writer, verifyKey: key.publicKey, heads: [{ channel: vectors.stream, seq: 1, hash: vectors.entries[0].hash }] };
  facts.setRoster({ people: new Map(), devices: new Map([[facts.self, { id: facts.self, owner: null }]]), removed: new Map([[vectors.writer, removal]]) });
  const first = decode('FactEntry', unhex(vectors.entries[0].bytes)).value.text;
  assert.equal(facts.get('household', 'name').value.value, first);
});
