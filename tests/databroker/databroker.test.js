// The stand-in is as strict as it says.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import grpc from '@grpc/grpc-js';

import { Databroker, kuksa } from './databroker.js';
import { Tokens } from './tokens.js';

const FAN = 'Vehicle.Cabin.HVAC.Station.Row1.Driver.FanSpeed';
const WARM = 'Vehicle.Cabin.HVAC.Station.Row1.Driver.Temperature';
const tokens = new Tokens();
const due = [];
const broker = new Databroker({ tokens, later: (task) => due.push(task) });
let client;

before(async () => {
  const port = await broker.listen();
  client = new kuksa.val.v2.VAL(`127.0.0.1:${port}`, grpc.credentials.createInsecure());
});
after(() => {
  client.close();
  broker.close();
});

function metadata(token) {
  const result = new grpc.Metadata();
  if (token) {
    result.set('authorization', `Bearer ${token}`);
  }
  return result;
}

const ALL = tokens.make('read actuate provide');

function call(method, request, token = ALL) {
  return new Promise((resolve) => {
    client[method](request, metadata(token), (error, answer) => resolve(error ? grpc.status[error.code] : answer));
  });
}

const order = (path, value) => ({ signal_id: { path }, value });

test('tokens', async () => {
  const read = { signal_id: { path: FAN } };
  assert.equal(await call('GetValue', read, null), 'UNAUTHENTICATED');
  assert.equal(await call('GetValue', read, new Tokens().make('read')), 'UNAUTHENTICATED');
  assert.equal(await call('GetValue', read, tokens.make('read', -1)), 'UNAUTHENTICATED');
  assert.equal(await call('GetValue', read, tokens.make('read:Vehicle.Body')), 'PERMISSION_DENIED');
  assert.equal((await call('GetValue', read, tokens.make('read:Vehicle.Cabin'))).data_point.value.uint32, 0);
  assert.equal(await call('Actuate', order(FAN, { uint32: 1 }), tokens.make('read')), 'PERMISSION_DENIED');
  assert.equal(await call('PublishValue', { signal_id: { path: FAN }, data_point: { value: { uint32: 1 } } },
    tokens.make('read actuate')), 'PERMISSION_DENIED');
});

test('types, ranges and names', async () => {
  assert.equal(await call('Actuate', order('Vehicle.Cabin.No', { uint32: 1 })), 'NOT_FOUND');
  assert.equal(await call('Actuate', order('Vehicle.Speed', { float: 1 })), 'INVALID_ARGUMENT');
  assert.equal(await call('Actuate', order(FAN, { int32: 1 })), 'INVALID_ARGUMENT');
  assert.equal(await call('Actuate', order(FAN, { uint32: 101 })), 'INVALID_ARGUMENT');
  assert.equal(await call('Actuate', order(WARM, { int32: 200 })), 'INVALID_ARGUMENT');
  assert.equal(await call('Actuate', order(WARM, undefined)), 'INVALID_ARGUMENT');
  assert.equal(await call('GetValue', { signal_id: { path: 'V'.repeat(1001) } }), 'INVALID_ARGUMENT');
  assert.equal(await call('GetValues', { signal_ids: [] }), 'INVALID_ARGUMENT');
  assert.equal(await call('ListMetadata', { root: 'Vehicle.*' }), 'INVALID_ARGUMENT');
  assert.equal(await call('ListMetadata', { root: 'Boat' }), 'NOT_FOUND');
  const { metadata: list } = await call('ListMetadata', { root: 'Vehicle.Cabin.HVAC' });
  const fan = list.find(({ path }) => path === FAN);
  assert.deepEqual([fan.data_type, fan.entry_type, fan.max.uint32], [7, 3, 100]);
});

test('all or nothing, and nothing without a provider', async () => {
  const seen = [];
  broker.on('actuated', (values) => seen.push(values));
  const both = { actuate_requests: [order(FAN, { uint32: 40 }), order(WARM, { int32: 99 })] };
  assert.equal(await call('BatchActuate', both), 'INVALID_ARGUMENT');
  broker.provided = false;
  assert.equal(await call('Actuate', order(FAN, { uint32: 40 })), 'UNAVAILABLE');
  broker.provided = true;
  assert.deepEqual(seen, []);
});

test('only current values, told at once and when they change', async () => {
  const subscription = client.Subscribe({ signal_paths: [FAN, WARM], buffer_size: 10 }, metadata(ALL));
  const parts = subscription[Symbol.asyncIterator]();
  const first = (await parts.next()).value.entries;
  assert.deepEqual(Object.keys(first).sort(), [FAN, WARM].sort());
  assert.deepEqual(await call('Actuate', order(FAN, { uint32: 55 })), {});
  assert.equal((await call('GetValue', { signal_id: { path: FAN } })).data_point.value.uint32, 0, 'it is not so yet');
  due.splice(0).forEach((task) => task());
  const { entries } = (await parts.next()).value;
  assert.deepEqual(Object.keys(entries), [FAN], 'only what changed');
  assert.equal(entries[FAN].value.uint32, 55);
  subscription.on('error', () => {});
  subscription.cancel();
  const refused = client.Subscribe({ signal_paths: [FAN], buffer_size: 1001 }, metadata(ALL));
  await assert.rejects(async () => { for await (const _ of refused); }, { code: grpc.status.INVALID_ARGUMENT });
});
