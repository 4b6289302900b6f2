// A stand-in for Home Assistant (lib/homeassistant_testing.js says what that is and is not) as a program of its own, with a
// lamp, a kettle, and another lamp that it too has from the broker's zigbee2mqtt: its argument is that one's unique id.
// Says its port and ends with its input.
import { home, HomeAssistant } from './lib/homeassistant_testing.js';

const what = home();
what.registry.push({ entity_id: 'light.reading', platform: 'mqtt', unique_id: process.argv[2], device_id: null, area_id: 'bed',
  disabled_by: null, hidden_by: null, entity_category: null });
what.states = what.states.map((state) => state.entity_id === 'light.bed'
  ? { ...state, attributes: { ...state.attributes, friendly_name: 'Bedside Lamp' } } : state);
what.states.push({ entity_id: 'light.reading', state: 'off', attributes: { friendly_name: 'Reading Lamp', supported_color_modes: ['brightness'] } });
const there = new HomeAssistant(what);
console.log(await there.listen());
process.stdin.on('end', () => there.close().then(() => process.exit(there.wrongs.length)));
process.stdin.resume();
