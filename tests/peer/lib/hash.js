// The hashes of docs/spec/wire.md: BLAKE2b-256, always under a domain.
import { blake2b } from '@noble/hashes/blake2';
import { u64, utf8 } from './bytes.js';

const domainPrefix = (domain) => Buffer.concat([Buffer.from([utf8(domain).length]), utf8(domain)]);

export const hash = (domain, bytes) => keyedHash(undefined, domain, bytes);

export function hashParts(domain, parts) {
  const input = [domainPrefix(domain)];
  for (const part of parts) input.push(u64(part.length), part);
  return Buffer.from(blake2b(Buffer.concat(input), { dkLen: 32 }));
}

export function keyedHash(key, domain, bytes) {
  return Buffer.from(blake2b(Buffer.concat([domainPrefix(domain), bytes]), { dkLen: 32, key }));
}
