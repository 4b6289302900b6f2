// The word list that recovery words and verifiers are taken from (docs/spec/words.txt).
import { readFileSync } from 'node:fs';
import { hash } from './hash.js';

const list = readFileSync(new URL('../../../docs/spec/words.txt', import.meta.url), 'utf8').split('\n').filter(Boolean);

// The recovery key's seed behind the words of a household (docs/spec/roster.md, "Recovery words").
export function recoverySeedOf(words) {
  const bytes = Buffer.from(words.split(' ').map((word) => list.indexOf(word)));
  const secret = bytes.subarray(0, 16);
  if (bytes.length !== 17 || hash('recovery-check', secret)[0] !== bytes[16]) throw new Error('not recovery words');
  return hash('recovery-key', secret);
}

// What both sides of a pairing show, for the people to compare (docs/spec/pairing.md, "Verifier").
export function verifierOf(sessionKey) {
  const [a, b, digit, c] = hash('pairing-verifier', sessionKey);
  return [list[a], list[b], digit % 10, list[c]].join(' \u00b7 ');
}
