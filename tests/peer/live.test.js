// The node of this folder in a household with a real ambitd: pairs, syncs facts, serves a capability, obeys removal.
//
// AMBIT_BUILD: the folder that holds ambitd (default: build/dev/apps/ambitd of this repository).
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Daemon, eventually, soon } from './lib/daemon_testing.js';
import { Lamp } from './lib/lamp.js';
import { Node } from './lib/node.js';

const repository = fileURLToPath(new URL('../../', import.meta.url));
const program = join(resolve(repository, process.env.AMBIT_BUILD ?? 'build/dev/apps/ambitd'), 'ambitd');
const skip = existsSync(program) ? false : `there is no ${program}: build it, or say where it is with AMBIT_BUILD`;

const root = mkdtempSync(join(tmpdir(), 'ambit-peer-'));
const lamp = new Lamp({ source: 'js:lab', id: 'lamp', name: 'Bench Lamp' });
const bench = new Node({ name: 'bench', kind: 'lab', provider: lamp });
const second = new Node({ name: 'second', kind: 'lab' });
let phone;

async function pair(node) {
  let shown;
  for await (const { event, data } of phone.stream('POST', 'pair', { owner: { shared: true }, accept_verifier: true })) {
    if (event === 'code') {
      const [host, port] = data.at.split(':');
      shown = { joining: node.join({ host, port: Number(port), code: data.code, onVerifier: (words) => (shown.here = words) }) };
    } else if (event === 'verifier') {
      shown.there = data.words.join(' \u00b7 ');
    }
  }
  await shown.joining;
  assert.equal(shown.here, shown.there);
}

const note = (value) => phone.post('facts', { subject: 'note', attribute: 'text', value, audience: 'household' });
const noteAt = (node) => node.facts.get('note', 'text')?.value?.value;
const rowOf = async (name) => (await phone.get('devices')).devices.find((device) => device.name === name);

before(async () => {
  if (skip) return;
  phone = new Daemon(program, root, 'phone');
  await phone.ready();
  await phone.post('household/create', { name: 'phone', kind: 'phone', household_name: 'Home', languages: ['en'], owner: { name: 'Anna' } });
  await Promise.all([bench.listen(), second.listen()]);
});

after(async () => {
  bench.stop();
  second.stop();
  await phone?.stop();
  rmSync(root, { recursive: true });
});

test('joins with a code, and both sides show the same words', { skip }, async () => {
  await pair(bench);
  const row = await eventually('a link to bench', async () => {
    const found = await rowOf('bench');
    return found?.link === 'direct' && found;
  });
  assert.equal(row.id, bench.id);
  assert.equal(row.owner, undefined);
  assert.deepEqual([...bench.roster.people.values()].map((person) => person.name), ['Anna']);
});

test('a wrong code is refused', { skip }, async () => {
  for await (const { event, data } of phone.stream('POST', 'pair', { owner: { shared: true }, accept_verifier: true })) {
    if (event !== 'code') continue;
    const [host, port] = data.at.split(':');
    const code = data.code.replace(/\d$/, (digit) => (Number(digit) + 1) % 10);
    await assert.rejects(second.join({ host, port: Number(port), code }), { number: 1301 });
    break;
  }
  assert.equal(await rowOf('second'), undefined);
});

test('facts go both ways, signed by who wrote them', { skip }, async () => {
  const { fact } = await note('from phone');
  const there = await eventually('the fact of phone', () => bench.facts.get('note', 'text'));
  assert.equal(there.value.value, 'from phone');
  assert.equal(there.hash, fact.hash);
  assert.equal(there.writer, (await rowOf('phone')).id);
  const hash = bench.put({ subject: 'note', attribute: 'answer', value: { type: 'text', value: 'from bench' } });
  const here = await eventually('the fact of bench', async () => (await phone.get('facts?subject=note&attribute=answer')).facts[0]);
  assert.equal(here.value, 'from bench');
  assert.equal(here.source, 'bench');
  assert.equal(here.hash, hash);
});

test('a fact for one person is neither offered nor sent', { skip }, async (t) => {
  const heard = t.mock.method(bench, 'admits');  // called with all data that comes, before it is looked at
  await phone.post('facts', { subject: 'secret', attribute: 'text', value: 'canary', audience: 'me' });
  await note('after the secret');
  await eventually('the fact after it', () => noteAt(bench) === 'after the secret');
  const sealed = heard.mock.calls.map((call) => call.arguments[0]);
  assert.ok(sealed.length > 0);
  assert.deepEqual(sealed.filter(({ audience, body }) => audience !== 'household' || body.includes('canary')), []);
});

test('asked at the phone, the lamp here is turned on, once', { skip }, async () => {
  await eventually('the lamp is announced', async () =>
    (await phone.get('facts?subject=entity:js:lab/lamp')).facts.some((fact) => fact.attribute.startsWith('announced:')));
  const { answers } = await phone.post('ask', { text: 'turn on the bench lamp', timeout_ms: 5000 });
  assert.equal(answers[0].outcome, 'done', JSON.stringify(answers));
  assert.equal(answers[0].done_by, 'bench');
  assert.deepEqual(lamp.state, { on: true });
  assert.equal(lamp.served, 1);
});

test('a second node links to the first, and is cut off by it when removed', { skip }, async () => {
  await pair(second);
  await eventually('a link between the two', () => bench.peers.up().includes(second.id));
  const relayed = await eventually('the facts of bench', () => second.facts.get('note', 'answer'));
  assert.equal(relayed.writer, bench.id);
  const gone = soon(second, 'down');
  await phone.post('devices/remove', { device: 'second' });
  await gone;
  await eventually('bench knows', () => !bench.isMember(second.id) && !bench.peers.up().includes(second.id));
});

test('removed, it gets nothing more', { skip }, async () => {
  const down = soon(bench, 'down');
  await phone.post('devices/remove', { device: 'bench' });
  await down;
  await note('after the removal');
  await soon(bench.peers, 'dialFailed');
  assert.deepEqual(bench.peers.up(), []);
  assert.equal(noteAt(bench), 'after the secret');
  assert.equal(await rowOf('bench'), undefined);
  const { answers, error } = await phone.post('ask', { text: 'turn off the bench lamp', timeout_ms: 2000 });
  assert.notEqual(answers?.[0]?.outcome, 'done', JSON.stringify(error));
  assert.deepEqual(lamp.state, { on: true });
});
