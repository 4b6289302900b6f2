// The messages of proto/*.proto, read at start-up from the files themselves.
import protobuf from 'protobufjs';
import { fileURLToPath } from 'node:url';

const { Long } = protobuf.util;
const folder = fileURLToPath(new URL('../../../proto/', import.meta.url));
const root = new protobuf.Root();
root.loadSync(['wire', 'roster', 'pairing', 'node', 'facts', 'request'].map((name) => `${folder}${name}.proto`));

const types = new Map();
function typeOf(name) {
  if (!types.has(name)) types.set(name, root.lookupType(`ambit.v1.${name}`));
  return types.get(name);
}

export const encode = (name, fields) => Buffer.from(typeOf(name).encode(fields).finish());
export const decode = (name, bytes) => typeOf(name).decode(bytes);

// 64-bit fields hold more than a number can.
export const toBig = (field) => BigInt(field.toString());
export const fromBig = (value) => Long.fromString(value.toString(), true);
export const toNumber = (field) => Number(toBig(field));
