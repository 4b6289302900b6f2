import assert from 'node:assert/strict';
import { test } from 'node:test';
import { run, services } from './homeassistant_services.js';

const thing = (id, attributes = {}, state = 'off') => ({ entity_id: id, state, attributes });

test('a service takes the fields that are documented, and no others', () => {
  assert.deepEqual(run('light', 'turn_on', { brightness_pct: 40 }, thing('light.a')), ['on', { brightness: 102 }]);
  for (const [domain, name, data] of [['light', 'turn_on', { brightness_pct: 101 }], ['light', 'turn_off', { brightness_pct: 5 }],
    ['light', 'turn_on', { brightness: '5' }], ['light', 'turn_on', { rgb_color: [1, 2] }], ['fan', 'turn_on', { speed: 5 }],
    ['cover', 'set_cover_position', {}], ['cover', 'set_cover_position', { position: -1 }], ['vacuum', 'start', { area: 1 }],
    ['climate', 'set_hvac_mode', { hvac_mode: 'warm' }], ['climate', 'set_temperature', { temperature: null }],
    ['media_player', 'volume_set', { volume_level: 20 }], ['switch', 'turn_on', { on: true }], ['scene', 'turn_on', { x: 1 }],
    ['number', 'set_value', { value: NaN }], ['button', 'press', { times: 2 }], ['lock', 'unlock', { code: 1234 }]]) {
    assert.throws(() => run(domain, name, data, thing(`${domain}.a`)), { code: 'invalid_format' }, `${domain}.${name} ${JSON.stringify(data)}`);
  }
  assert.throws(() => run('light', 'dim', {}, thing('light.a')), { code: 'not_found' });
  assert.throws(() => run('toaster', 'turn_on', {}, thing('toaster.a')), { code: 'not_found' });
});

test('a service wants a thing of its kind that can', () => {
  assert.throws(() => run('light', 'turn_on', {}, undefined), { code: 'home_assistant_error' });
  assert.throws(() => run('light', 'turn_on', {}, thing('switch.a')), { code: 'home_assistant_error' });
  assert.throws(() => run('light', 'turn_on', {}, thing('light.a', {}, 'unavailable')), { code: 'home_assistant_error' });
  assert.throws(() => run('climate', 'turn_on', {}, thing('climate.a', { hvac_modes: ['off', 'heat'] })), { code: 'service_not_supported' });
  assert.deepEqual(run('climate', 'turn_on', {}, thing('climate.a', { hvac_modes: ['off', 'auto', 'heat'], supported_features: 256 })), ['heat']);
  assert.throws(() => run('climate', 'set_hvac_mode', { hvac_mode: 'cool' }, thing('climate.a', { hvac_modes: ['off', 'heat'] })),
    { code: 'service_validation_error' });
  assert.throws(() => run('number', 'set_value', { value: 11 }, thing('number.a', { min: 0, max: 10 })), { code: 'service_validation_error' });
  assert.throws(() => run('select', 'select_option', { option: 'x' }, thing('select.a', { options: ['y'] })), { code: 'service_validation_error' });
});

test('every service leaves a state behind', () => {
  for (const [domain, all] of Object.entries(services)) {
    for (const { does } of Object.values(all)) {
      const [state] = does(thing(`${domain}.a`, { hvac_modes: ['off', 'heat'] }), { value: 1, option: 'a', hvac_mode: 'heat', position: 5 });
      assert.equal(typeof state, 'string', domain);
    }
  }
});
