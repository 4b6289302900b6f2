// Bytes are Node's Buffers; ids and hashes are lower-case hexadecimal strings, which compare as their bytes do.

export const utf8 = (text) => Buffer.from(text, 'utf8');
export const hex = (bytes) => Buffer.from(bytes).toString('hex');

// `size`: what the field must hold, in bytes.
export function unhex(text, size) {
  if (!/^([0-9a-f]{2})*$/.test(text) || (size !== undefined && text.length !== 2 * size)) {
    throw new Error(`not ${size ?? 'whole'} bytes in hexadecimal`);
  }
  return Buffer.from(text, 'hex');
}

// An id or hash that came as bytes.
export function idOf(bytes, size, what) {
  if (bytes.length !== size) throw new Error(`${what}: ${bytes.length} bytes instead of ${size}`);
  return hex(bytes);
}

export function u64(number) {
  const out = Buffer.alloc(8);
  out.writeBigUInt64BE(BigInt(number));
  return out;
}
