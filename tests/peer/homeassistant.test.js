// A real ambitd beside a stand-in for Home Assistant (lib/homeassistant_testing.js says what that is and is not).
//
// AMBIT_BUILD: the folder that holds ambitd (default: build/dev/apps/ambitd of this repository).
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Daemon, eventually } from './lib/daemon_testing.js';
import { home, HomeAssistant } from './lib/homeassistant_testing.js';

const repository = fileURLToPath(new URL('../../', import.meta.url));
const program = join(resolve(repository, process.env.AMBIT_BUILD ?? 'build/dev/apps/ambitd'), 'ambitd');
const skip = existsSync(program) ? false : `there is no ${program}: build it, or say where it is with AMBIT_BUILD`;

const root = mkdtempSync(join(tmpdir(), 'ambit-homeassistant-'));
let there = new HomeAssistant(home());
let hub;

const stateOf = async (entity) => {
  const { facts } = await hub.get(`facts?subject=entity:homeassistant:home/${entity}&attribute=state`);
  return facts[0]?.value;
};
const health = async () => (await hub.get('doctor')).items.find((item) => item.key === 'homeassistant:home');
const ask = async (text) => (await hub.post('ask', { text, timeout_ms: 3000 })).answers[0];

before(async () => {
  if (skip) return;
  const port = await there.listen();
  const tokenFile = join(root, 'token');
  writeFileSync(tokenFile, `${there.token}\n`, { mode: 0o600 });
  hub = new Daemon(program, root, 'hub', '[homeassistant]\nenabled = true\n' +
    `url = "http://127.0.0.1:${port}"\ntoken_file = ${JSON.stringify(tokenFile)}\n`);
  await hub.ready();
  await hub.post('household/create', { name: 'hub', kind: 'hub', household_name: 'Home', languages: ['en'] });
  await eventually('it signs in', async () => (await health())?.ok);
});

after(async () => {
  await hub?.stop();
  if (!skip) await there.close();
  rmSync(root, { recursive: true, force: true });
});

test('shows what is there, with names and areas', { skip }, async () => {
  const announced = async () => (await hub.get('facts?subject=entity:*&limit=1000')).facts
    .filter((fact) => fact.attribute.startsWith('announced:')).map((fact) => fact.value);
  const entities = await eventually('both are known', async () => {
    const known = await announced();
    return known.length >= 2 && known;
  });
  assert.deepEqual(entities.map((entity) => entity.id).sort(), ['homeassistant:home/light.bed', 'homeassistant:home/switch.kettle']);
  const lamp = entities.find((entity) => entity.id.endsWith('light.bed'));
  assert.equal(lamp.name, 'Reading Lamp');
  assert.equal(lamp.area, 'Bedroom');
  assert.equal(lamp.floor, 'Upstairs');
  assert.equal(lamp.twin, 'hue/17-light');
});

test('carries out what is asked, and says what came of it', { skip }, async () => {
  const done = await ask('turn on the reading lamp');
  assert.equal(done.outcome, 'done', JSON.stringify(done));
  assert.deepEqual(there.calls, [{ domain: 'light', service: 'turn_on', data: {}, entity: 'light.bed' }]);
  assert.deepEqual(await stateOf('light.bed'), { state: { on: true }, available: true });
  there.deaf = true;
  assert.equal((await ask('turn on the kettle')).outcome, 'unknown', 'it ran, and nothing came of it');
  there.deaf = false;
  there.states.delete('switch.kettle');  // as if it had gone a moment ago
  assert.equal((await ask('turn on the kettle')).outcome, 'not_done');
  there.change('switch.kettle', 'off', { friendly_name: 'Kettle' });
});

test('follows what changes by itself', { skip }, async () => {
  there.change('light.bed', 'off');
  await eventually('the lamp is off', async () => (await stateOf('light.bed'))?.state.on === false);
  there.change('light.bed', 'unavailable');
  await eventually('the lamp is gone', async () => (await stateOf('light.bed'))?.available === false);
  there.change('light.bed', 'on', { brightness: 128 });
  await eventually('the lamp is back', async () => (await stateOf('light.bed'))?.state.brightness_pct === 50);
  there.areas[0].name = 'Study';
  there.fire('area_registry_updated', { action: 'update', area_id: 'bed' });
  await eventually('the area has another name', async () => {
    const { facts } = await hub.get('facts?subject=entity:homeassistant:home/light.bed');
    return facts.some((fact) => fact.value.area === 'Study');
  });
});

test('a loss is one item of the doctor, and heals by itself', { skip }, async () => {
  const { port } = there;
  const before = there.wrongs;
  await there.close();
  const lost = await eventually('the loss is seen', async () => !(await health()).ok && health());
  assert.equal(lost.error.name, 'HomeAssistantLost');
  assert.equal((await hub.get('doctor')).items.filter((item) => item.key.startsWith('homeassistant') && !item.ok).length, 1);
  assert.equal((await ask('turn on the reading lamp')).outcome, 'not_done');
  there = new HomeAssistant(home());
  await there.listen(port);
  await eventually('it is back', async () => (await health()).ok, 15_000);
  assert.equal((await ask('turn on the reading lamp')).outcome, 'done');
  assert.deepEqual(before, [], 'it kept to the documentation');
});

test('nonsense is survived', { skip }, async () => {
  there.sayToAll('{"type":');
  await eventually('it came again', () => there.signIns >= 2, 15_000);
  await eventually('all is well', async () => (await health()).ok, 15_000);
  there.sayToAll(JSON.stringify({ id: 1, type: 'event', event: { event_type: 'state_changed', data: 5 } }));
  there.sayToAll(JSON.stringify({ id: 99999, type: 'result', success: true, result: 'x'.repeat(1_000_000) }));
  there.change('light.bed', 'on', { friendly_name: `<b>\u202E${'x'.repeat(10_000)}` });
  await eventually('it follows on', async () => (await stateOf('light.bed'))?.state.on === true);
  const { facts } = await hub.get('facts?subject=entity:homeassistant:home/light.bed');
  assert.ok(facts.every((fact) => (fact.value.name ?? '').length <= 256));
  assert.deepEqual(there.wrongs, [], 'it kept to the documentation');
});
