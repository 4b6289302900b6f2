// Nodes of this folder among themselves, over real TLS on the loopback.
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { afterEach, test } from 'node:test';
import tls from 'node:tls';
import { makeCertificate } from './certificate.js';
import { eventually, soon } from './daemon_testing.js';
import { ErrorNumber } from './errors.js';
import { TestHousehold } from './household_testing.js';
import { SigningKey } from './keys.js';
import { Lamp } from './lamp.js';
import { LinkKind } from './link.js';
import { Node } from './node.js';
import { decode, encode } from './proto.js';
import { RosterLog } from './roster_log.js';

const running = [];
afterEach(() => running.splice(0).forEach((node) => node.stop()));

const copyOf = (log) => {
  const copy = new RosterLog();
  log.missingFor([]).forEach((operation) => copy.add(operation));
  return copy;
};

// Two shared members of one household; the second one knows where the first one is.
async function twoNodes() {
  const home = new TestHousehold();
  const keys = [new SigningKey(), new SigningKey()];
  for (const key of keys) home.log.add(home.addDevice(home.founder, key, 'member'));
  const lamp = new Lamp({ source: 'js:lab', id: 'lamp', name: 'Bench Lamp' });
  const server = new Node({ name: 'server', kind: 'lab', key: keys[0], provider: lamp });
  const client = new Node({ name: 'client', kind: 'lab', key: keys[1] });
  running.push(server, client);
  const address = await server.listen();
  server.start(copyOf(home.log));
  client.hints.set(server.id, [address]);
  return { home, server, client, address, lamp };
}

async function linked() {
  const all = await twoNodes();
  const up = soon(all.client, 'up');
  all.client.start(copyOf(all.home.log));
  await up;
  await eventually('both are up', () => all.server.peers.links.has(all.client.id));
  return { ...all, link: all.client.peers.links.get(all.server.id) };
}

const invocation = (lamp, input, request = Buffer.alloc(16, 7)) =>
  encode('InvokeRequest', { request, capability: 'light.set', entity: lamp.entity.id, input: Buffer.from(JSON.stringify(input)), attempt: 1 });

test('a call is answered; an unknown one is refused by number', async () => {
  const { client, server, link } = await linked();
  const sealed = client.sealed(server.id, 'household', Buffer.from('ping'));
  assert.equal((await link.call('node.ping', sealed)).body.toString(), 'ping');
  await assert.rejects(link.call('no.such', sealed), { number: ErrorNumber.UnknownMethod });
});

test('a lamp is turned on once, however often the same request comes', async () => {
  const { client, server, link, lamp } = await linked();
  const invoke = async (input) => {
    const answer = await link.call('capability.invoke', client.sealed(server.id, `device:${server.id}`, invocation(lamp, input)));
    return decode('InvokeReply', answer.body);
  };
  assert.equal((await invoke({ on: true })).outcome, 1);
  const again = await invoke({ on: true });
  assert.deepEqual([again.outcome, again.duplicate, lamp.served], [1, true, 1]);
  assert.equal((await invoke({ on: false })).error, 4209);
  assert.deepEqual(lamp.state, { on: true });
});

test('an input that does not fit is refused', () => {
  const lamp = new Lamp({ source: 'js:lab', id: 'lamp', name: 'Bench Lamp' });
  for (const [i, input] of [{}, { on: 1 }, { on: true, more: 1 }, { on: true, brightness_pct: 101 }, []].entries()) {
    const reply = decode('InvokeReply', lamp.invoke(invocation(lamp, input, Buffer.alloc(16, i))));
    assert.deepEqual([reply.outcome, reply.error], [2, 4102]);
  }
  assert.equal(lamp.served, 0);
});

test('many facts come over a bulk link, in the order of their writer', async () => {
  const { home, server, client } = await twoNodes();
  for (let i = 0; i < 600; ++i) server.put({ subject: 'many', attribute: `n${i}`, value: { type: 'integer', value: BigInt(i) } });
  client.start(copyOf(home.log));
  await eventually('all facts', () => client.facts.get('many', 'n599'));
  assert.equal(client.facts.state('household').hash(), server.facts.state('household').hash());
  assert.equal(client.peers.bulk.get(server.id).kind, LinkKind.bulk);
});

test('data for others than the receiver is neither sent nor taken', async () => {
  const { client, server, link } = await linked();
  const own = `device:${client.id}`;
  assert.throws(() => client.sealed(server.id, own, Buffer.alloc(0)));
  assert.throws(() => client.sealed(server.id, `person:${'00'.repeat(16)}`, Buffer.alloc(0)));
  const call = (audience) => link.call('node.ping', { audience, body: Buffer.from('x') });
  await assert.rejects(call(own), { number: ErrorNumber.AudienceForbids });
  await assert.rejects(call(`person:${'00'.repeat(16)}`), { number: ErrorNumber.UnknownLabel });
});

test('a device that leaves the roster is cut off at once and stays out', async () => {
  const { home, client, server } = await linked();
  const down = soon(client, 'down');
  server.addOperations([home.removeDevice(home.founder, client.key)]);
  const [, error] = await down;
  assert.equal(error.number, ErrorNumber.NotAMember);
  await soon(client.peers, 'dialFailed');
  server.put({ subject: 'late', attribute: 'x', value: { type: 'boolean', value: true } });
  assert.deepEqual(server.peers.up(), []);
  assert.equal(client.facts.get('late', 'x'), null);
});

test('new operations reach a member that missed them', async () => {
  const { home, server, client } = await twoNodes();
  const behind = copyOf(home.log);
  server.addOperations([home.addDevice(home.founder, new SigningKey(), 'news')]);
  client.start(behind);
  await eventually('the operation', () => client.roster.devices.size === server.roster.devices.size);
  assert.deepEqual(client.roster.version, server.roster.version);
});

test('a stranger gets no further than TLS', async () => {
  const { address } = await twoNodes();
  const credentials = makeCertificate(new SigningKey());
  const socket = tls.connect({ ...address, ...credentials, rejectUnauthorized: false });
  socket.on('secureConnect', () => socket.write('GET /ambit/v1 HTTP/1.1\r\n\r\n'));
  socket.on('error', () => {});
  let heard = 0;
  socket.on('data', (data) => (heard += data.length));
  await soon(socket, 'close');
  assert.equal(heard, 0);
  const plain = connect(address);
  plain.on('error', () => {});
  plain.write('GET /ambit/v1 HTTP/1.1\r\n\r\n');
  await soon(plain, 'close');
});

test('a frame out of turn ends the link', async () => {
  for (const frame of [{ hello: {} }, { item: { call: 99 } }, { open: { call: 2, method: 'node.ping', payload: {} } }, {}]) {
    const { client, link } = await linked();
    const down = soon(client, 'down');
    link.send(frame);
    const [, error] = await down;
    assert.equal(error.number, ErrorNumber.ProtocolViolation);
    running.splice(0).forEach((node) => node.stop());
  }
});
