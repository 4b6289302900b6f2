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
const things = async () => (await hub.get('things?limit=20000')).things.filter(({ id }) => id.startsWith('homeassistant:'));
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

// name, state, attributes; the sentence; the service and its data.
const kinds = [
  ['climate', 'Thermostat', 'heat', { temperature: 19, hvac_modes: ['off', 'heat', 'cool'], supported_features: 1 },
    ['set the thermostat to 21 degrees', 'set_temperature', { temperature: 21 }],
    ['turn off the thermostat', 'set_hvac_mode', { hvac_mode: 'off' }],
    ['turn on the thermostat', 'set_hvac_mode', { hvac_mode: 'heat' }]],
  ['cover', 'Blind', 'closed', { current_position: 0 }, ['open the blind', 'open_cover', {}],
    ['set the blind to 30 percent', 'set_cover_position', { position: 30 }]],
  ['fan', 'Ventilator', 'off', {}, ['turn on the ventilator', 'turn_on', {}],
    ['set the ventilator speed to 40 percent', 'turn_on', { percentage: 40 }]],
  ['media_player', 'Radio', 'playing', { volume_level: 0.5 }, ['pause the radio', 'media_pause', {}],
    ['set the radio volume to 20 percent', 'volume_set', { volume_level: 0.2 }]],
  ['vacuum', 'Robot', 'docked', {}, ['start the robot', 'start', {}], ['send the robot home', 'return_to_base', {}]],
  ['lawn_mower', 'Mower', 'docked', {}, ['turn on the mower', 'start_mowing', {}]],
  ['valve', 'Garden Water', 'closed', {}, ['turn on garden water', 'open_valve', {}]],
  ['humidifier', 'Mister', 'off', {}, ['turn on the mister', 'turn_on', {}]],
  ['siren', 'Horn', 'off', {}, ['turn on the horn', 'turn_on', {}]],
  ['scene', 'Film Night', 'unknown', {}, ['turn on film night', 'turn_on', {}]],
  ['script', 'Good Night Round', 'off', {}, ['turn on good night round', 'turn_on', {}]],
  ['automation', 'Holiday Lights', 'on', {}, ['turn on holiday lights', 'trigger', {}]],
  ['button', 'Gong', 'unknown', {}, ['turn on the gong', 'press', {}]],
  ['input_boolean', 'Guest Mode', 'off', {}, ['turn on guest mode', 'turn_on', {}]],
];

test('speaks to each kind as it is documented', { skip }, async () => {
  for (const [domain, name, state, attributes] of kinds) {
    there.change(`${domain}.x`, state, { friendly_name: name, ...attributes });
  }
  await eventually('all are known', async () => (await things()).length >= kinds.length + 2);
  for (const [domain, , , , ...sayings] of kinds) {
    for (const [sentence, service, data] of sayings) {
      there.calls = [];
      const answer = await ask(sentence);
      assert.equal(answer.outcome, 'done', `${sentence}: ${JSON.stringify(answer)}`);
      assert.deepEqual(there.calls, [{ domain, service, data, entity: `${domain}.x` }], sentence);
    }
  }
  for (const [domain] of kinds) there.change(`${domain}.x`, null);
  await eventually('they are gone', async () => (await things()).length === 2);
});

test('half a reload, of a server that stalls, ends nothing and changes nothing', { skip }, async () => {
  const rounds = () => there.asked.get('get_states');
  const before = rounds();
  const lamp = there.states.get('light.bed');
  there.states.delete('light.bed');  // and says so in no event
  there.stalled.add('config/area_registry/list');
  there.fire('device_registry_updated', { action: 'update', device_id: 'd1' });
  await eventually('it asks again', () => rounds() > before);
  there.states.set('light.bed', lamp);
  assert.equal((await ask('turn on the reading lamp')).outcome, 'done', 'it goes on with what it knows');
  there.release();
  await eventually('all is well', async () => (await health()).ok && (await things()).length === 2);
});

test('a service that is never answered is not done', { skip }, async () => {
  there.stalled.add('call_service');
  assert.equal((await ask('turn on the kettle')).outcome, 'unknown');
  there.held = [];
  there.release();
});

test('what says the opposite of what was asked is not done', { skip }, async () => {
  there.lie = 'off';
  assert.equal((await ask('turn on the kettle')).outcome, 'unknown');
  there.lie = null;
  there.sayToAll(JSON.stringify({ id: 1, type: 'result', success: true, result: [] }));  // answered long ago
  assert.equal((await ask('turn on the kettle')).outcome, 'done');
});

test('a list that is none is said, and the home stays', { skip }, async () => {
  for (const [command, nonsense] of [['get_states', null], ['config/entity_registry/list', 'no']]) {
    there.nonsense.set(command, nonsense);
    there.fire('entity_registry_updated', { action: 'update', entity_id: 'light.bed' });
    const bad = await eventually('it is said', async () => !(await health()).ok && health());
    assert.equal(bad.error.name, 'HomeAssistantNonsense');
    assert.equal((await things()).length, 2);
    assert.equal((await ask('turn off the reading lamp')).outcome, 'done');
    there.nonsense.clear();
    there.fire('entity_registry_updated', { action: 'update', entity_id: 'light.bed' });
    await eventually('all is well', async () => (await health()).ok);
  }
});

test('the doctor lists what is used, and what is not and why', { skip }, async () => {
  const { devices } = await hub.get('doctor?source=homeassistant');
  assert.deepEqual(devices.map(({ from, used }) => [from, used]), [
    ['Lamp', ['light Reading Lamp']], ['helpers and rules', []], ['integration tuya', ['switch Kettle']]]);
  assert.deepEqual(devices[0].ignored, [{ what: 'sensor.lamp_signal', why: 'what the device says of itself' }]);
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

test('ten thousand things, two of them of one name', { skip }, async () => {
  const { port } = there;
  await there.close();
  const many = home();
  for (let i = 0; i < 10_000; i += 1) {
    many.states.push({ entity_id: `light.many_${i}`, state: 'off', attributes: { friendly_name: i < 2 ? 'Twin Lamp' : `Lamp ${i}` } });
  }
  there = new HomeAssistant(many);
  await there.listen(port);
  await eventually('all are known', async () => (await things()).length === 10_002, 120_000);
  const { answers, choices } = await hub.post('ask', { text: 'turn on the twin lamp', timeout_ms: 3000 });
  assert.equal(choices?.length, 2, JSON.stringify(answers));
  assert.deepEqual(there.calls, [], 'nobody is switched that may not be meant');
  assert.equal((await ask('turn on the reading lamp')).outcome, 'done');
  assert.deepEqual(there.wrongs, [], 'it kept to the documentation');
});
