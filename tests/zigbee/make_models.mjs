// Writes models.jsonl: of one in nine models that zigbee-herdsman-converters knows, and of all fans and locks, what
// zigbee2mqtt says they expose.  Only what Ambit reads is kept.  See README.md.
import { createHash } from 'node:crypto';
import { readdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const require = createRequire(import.meta.url);
const { prepareDefinition } = require('zigbee-herdsman-converters');
const devices = join(dirname(require.resolve('zigbee-herdsman-converters')), 'devices');
const oneIn = 9;
const kept = ['type', 'name', 'label', 'property', 'access', 'category', 'endpoint', 'unit', 'value_on', 'value_off',
  'value_min', 'value_max', 'value_step', 'values', 'features'];

const shortened = (expose) => Object.fromEntries(kept.filter((key) => expose[key] !== undefined)
  .map((key) => [key, key === 'features' ? expose.features.map(shortened) : expose[key]]));

// Rare kinds are all taken; of the others those whose hash says so, whatever the version of the package.
const isTaken = ({ model, exposes }) => exposes.some(({ type }) => type === 'fan' || type === 'lock') ||
  createHash('sha256').update(model).digest().readUInt32BE() % oneIn === 0;

const models = new Map();
for (const file of readdirSync(devices).filter((name) => name.endsWith('.js')).sort()) {
  for (const definition of require(join(devices, file)).definitions ?? []) {
    const { model, vendor, exposes } = prepareDefinition(definition);
    const list = typeof exposes === 'function' ? exposes({ isDummyDevice: true }, {}) : exposes;
    if (!models.has(model) && isTaken({ model, exposes: list })) {
      models.set(model, { model, vendor, exposes: list.map(shortened) });
    }
  }
}
const lines = [...models.values()].sort((a, b) => (a.model < b.model ? -1 : 1)).map((one) => JSON.stringify(one));
writeFileSync(new URL('models.jsonl', import.meta.url), lines.join('\n') + '\n');
console.log(`${lines.length} models`);
