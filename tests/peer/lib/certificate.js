// A self-signed Ed25519 certificate and its key, as TLS wants them.  Nobody looks at the names and dates in it
// (docs/spec/wire.md, "Transport"), so a DER writer of a few lines is enough.
import { ed25519 } from '@noble/curves/ed25519';

function der(tag, ...parts) {
  const body = Buffer.concat(parts);
  const length = body.length < 0x80 ? [body.length] : [0x82, body.length >> 8, body.length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...length]), body]);
}
const sequence = (...parts) => der(0x30, ...parts);
const integer = (value) => der(0x02, Buffer.from([value]));
const bitString = (bytes) => der(0x03, Buffer.from([0]), bytes);
const octets = (bytes) => der(0x04, bytes);
const time = (text) => der(0x18, Buffer.from(text));

const ed25519Algorithm = sequence(der(0x06, Buffer.from([0x2b, 0x65, 0x70])));  // 1.3.101.112
const commonName = der(0x06, Buffer.from([0x55, 0x04, 0x03]));                  // 2.5.4.3
const name = sequence(der(0x31, sequence(commonName, der(0x0c, Buffer.from('ambit')))));

function pem(label, bytes) {
  const lines = bytes.toString('base64').match(/.{1,64}/g).join('\n');
  return `-----BEGIN ${label}-----\n${lines}\n-----END ${label}-----\n`;
}

// `key`: a SigningKey.  Returns {cert, key} in PEM.
export function makeCertificate(key) {
  const body = sequence(
    der(0xa0, integer(2)),  // X.509 v3
    integer(1),
    ed25519Algorithm,
    name,
    sequence(time('20200101000000Z'), time('99991231235959Z')),
    name,
    sequence(ed25519Algorithm, bitString(key.publicKey)),
  );
  const certificate = sequence(body, ed25519Algorithm, bitString(Buffer.from(ed25519.sign(body, key.seed))));
  const secret = sequence(integer(0), ed25519Algorithm, octets(octets(key.seed)));
  return { cert: pem('CERTIFICATE', certificate), key: pem('PRIVATE KEY', secret) };
}
