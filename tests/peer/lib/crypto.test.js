import assert from 'node:assert/strict';
import { X509Certificate, createPrivateKey } from 'node:crypto';
import { test } from 'node:test';
import { hex, unhex, utf8 } from './bytes.js';
import { makeCertificate } from './certificate.js';
import { Cpace, generatorString, generator, lvCat, prependLen, scalarMultVerify, scalarOf } from './cpace.js';
import { hash, hashParts, keyedHash } from './hash.js';
import { SigningKey, checkedPublicKey, deviceIdOf, verifies } from './keys.js';
import { verifierOf } from './words.js';

// The draft's vectors for CPACE-RISTR255-SHA512 (draft-irtf-cfrg-cpace-21, appendix B).
const cpace = {
  password: utf8('Password'),
  session: unhex('7e4b4791d6a8ef019b936c79fb7f2c57'),
  channel: lvCat(utf8('A_initiator'), utf8('B_responder')),
  generator: '222b6b195fe84b1652badb6f6a3ae3d24341e7306967f0b8115b40d5698c7e56',
  a: { scalar: 'da3d23700a9e5699258aef94dc060dfda5ebb61f02a5ea77fad53f4ff0976d08', share: 'd6bac480f2c386c394efc7c47adb9925dcd2630b64f240c50f8d0eec482b9157' },
  b: { scalar: 'd2316b454718c35362d83d69df6320f38578ed5984651435e2949762d900b80d', share: '3ea7e0b19560d7c0b0f5734f63b955286dfa8232b5ebe63324e2d9e7433f7258' },
  key: 'b69effbf61b51d56401c0f65601abe428de8206feaaf0e32198896dcae7b35cd2b38950a39dfd5d4a79164614c2984f7daa460b588c1e80c3fa2068af7900447',
};

test('CPace: the vectors of the draft', () => {
  assert.equal(generatorString(cpace.password, cpace.channel, cpace.session).length, 170);
  assert.equal(hex(generator(cpace.password, cpace.channel, cpace.session).toRawBytes()), cpace.generator);
  const sideOf = ({ scalar }, initiator) => new Cpace({ ...cpace, initiator, scalar: scalarOf(unhex(scalar)) });
  const [a, b] = [sideOf(cpace.a, true), sideOf(cpace.b, false)];
  assert.equal(hex(a.share), cpace.a.share);
  assert.equal(hex(b.share), cpace.b.share);
  assert.equal(hex(a.finish(utf8('ADa'), b.share, utf8('ADb'))), cpace.key);
  assert.equal(hex(b.finish(utf8('ADb'), a.share, utf8('ADa'))), cpace.key);
});

test('CPace: a share that is no point, or the identity, is refused', () => {
  const scalar = scalarOf(unhex('7cd0e075fa7955ba52c02759a6c90dbbfc10e6d40aea8d283e407d88cf538a05'));
  const valid = unhex('2c3c6b8c4f3800e7aef6864025b4ed79bd599117e427c41bd47d93d654b4a51c');
  assert.equal(hex(scalarMultVerify(scalar, valid)), '7c13645fe790a468f62c39beb7388e541d8405d1ade69d1778c5fe3e7f6b600e');
  valid[0] = 0x2b;
  assert.throws(() => scalarMultVerify(scalar, valid));
  assert.throws(() => scalarMultVerify(scalar, Buffer.alloc(32)));
});

test('CPace: lengths are LEB128', () => {
  assert.equal(hex(prependLen(Buffer.alloc(0))), '00');
  assert.equal(hex(prependLen(utf8('1234'))), '0431323334');
  assert.equal(hex(prependLen(Buffer.alloc(128)).subarray(0, 2)), '8001');
});

test('hashes differ by domain, key and boundaries', () => {
  const values = [
    hash('a', utf8('bc')), hash('ab', utf8('c')), hashParts('a', [utf8('bc')]), hashParts('a', [utf8('b'), utf8('c')]),
    keyedHash(Buffer.alloc(64, 1), 'a', utf8('bc')),
  ].map(hex);
  assert.equal(new Set(values).size, values.length);
});

test('a signature counts for its purpose only', () => {
  const key = new SigningKey();
  const signature = key.sign('address', utf8('x'));
  assert.ok(verifies(key.publicKey, 'address', utf8('x'), signature));
  assert.ok(!verifies(key.publicKey, 'channel-head', utf8('x'), signature));
  assert.ok(!verifies(key.publicKey, 'address', utf8('y'), signature));
  assert.ok(!verifies(key.publicKey, 'address', utf8('x'), signature.subarray(1)));
});

test('a public key of small order is refused', () => {
  assert.throws(() => checkedPublicKey(Buffer.from('01'.padEnd(64, '0'), 'hex')));
  const key = new SigningKey();
  assert.deepEqual(checkedPublicKey(key.publicKey), key.publicKey);
});

test('the certificate is one that TLS takes, with the device key in it', () => {
  const key = new SigningKey();
  const { cert, key: secret } = makeCertificate(key);
  const parsed = new X509Certificate(cert);
  assert.ok(parsed.verify(parsed.publicKey));
  assert.ok(parsed.checkPrivateKey(createPrivateKey(secret)));
  const { x } = parsed.publicKey.export({ format: 'jwk' });
  assert.equal(deviceIdOf(Buffer.from(x, 'base64url')), deviceIdOf(key.publicKey));
});

test('a verifier is three words and a digit', () => {
  assert.match(verifierOf(Buffer.alloc(64, 7)), /^[a-z]+ \u00b7 [a-z]+ \u00b7 [0-9] \u00b7 [a-z]+$/);
});
