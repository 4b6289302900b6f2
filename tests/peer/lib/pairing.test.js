import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TestHost } from './host_testing.js';
import { TestHousehold } from './household_testing.js';
import { SigningKey, deviceIdOf, sealPublicKey } from './keys.js';
import { PairingError, join } from './pairing.js';

async function attempt({ typed = '4821-7730', faults, onVerifier } = {}) {
  const home = new TestHousehold();
  const host = new TestHost(home, { code: '48217730', faults });
  const key = new SigningKey();
  const self = { verifyKey: key.publicKey, sealKey: sealPublicKey(key.seed), name: 'bench', kind: 'lab', mainsPowered: true };
  try {
    const joined = await join({ ...await host.listen(), code: typed, key, self, onVerifier: onVerifier ?? ((words) => (host.seen = words)) });
    return { home, host, joined, id: deviceIdOf(key.publicKey) };
  } finally {
    host.close();
  }
}

test('joins with the right code; both show the same verifier', async () => {
  const { home, host, joined, id } = await attempt();
  assert.equal(host.seen, host.verifier);
  assert.equal(joined.householdName, 'Test');
  assert.equal(joined.host, deviceIdOf(home.founder.publicKey));
  assert.equal(joined.log.roster.devices.get(id).name, 'bench');
  assert.deepEqual(joined.addresses, ['127.0.0.1:1']);
});

test('a wrong code is refused by the host', async () => {
  await assert.rejects(attempt({ typed: '4821-7731' }), { number: 1301 });
});

test('our own share, another version, or a log without us ends the pairing', async () => {
  await assert.rejects(attempt({ faults: { echo: true } }), { number: 1305 });
  await assert.rejects(attempt({ faults: { version: 2 } }), { number: 1307 });
  await assert.rejects(attempt({ faults: { forget: true } }), { number: 1305 });
  await assert.rejects(attempt({ faults: { halfLog: true } }));
});

test('the person may refuse when the words differ', async () => {
  await assert.rejects(attempt({ onVerifier: () => { throw new PairingError(1306, 'different words'); } }), { number: 1306 });
});
