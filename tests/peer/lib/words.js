// The word list that recovery words and verifiers are taken from (docs/spec/words.txt).
import { readFileSync } from 'node:fs';
import { hash } from './hash.js';

const list = readFileSync(new URL('../../../docs/spec/words.txt', import.meta.url), 'utf8').split('\n').filter(Boolean);

// What both sides of a pairing show, for the people to compare (docs/spec/pairing.md, "Verifier").
export function verifierOf(sessionKey) {
  const [a, b, digit, c] = hash('pairing-verifier', sessionKey);
  return [list[a], list[b], digit % 10, list[c]].join(' \u00b7 ');
}
