// The stand-in as a program: `node run.js PORT [CERTIFICATE KEY]`.  One JSON object a line on stdin tells the car what to say
// ({"set": {"Vehicle.Speed": 3}}, {"provide": false}, {"stall": true}, {"token": {"scope": "read", "seconds": 60}}); one a line on
// stdout says what happened.  With a certificate it asks for TLS and a token.
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

import grpc from '@grpc/grpc-js';

import { Databroker } from './databroker.js';
import { Tokens } from './tokens.js';

const [port = '0', certificate, key] = process.argv.slice(2);
const say = (event) => process.stdout.write(`${JSON.stringify({ ...event, at: Date.now() / 1000 })}\n`);

const tokens = certificate ? new Tokens(readFileSync(key)) : undefined;
const credentials = certificate
  ? grpc.ServerCredentials.createSsl(null, [{ cert_chain: readFileSync(certificate), private_key: readFileSync(key) }])
  : undefined;
const broker = new Databroker({ tokens });
broker.on('actuated', (values) => say({ event: 'actuated', values }));

const commands = {
  set: (values) => Object.entries(values).forEach(([path, value]) => broker.set(path, value === 'NaN' ? NaN : value)),
  provide: (is) => { broker.provided = is; },
  stall: (is) => { broker.stalled = is; },
  token: ({ scope, seconds }) => say({ event: 'token', token: tokens.make(scope, seconds) }),
};
createInterface({ input: process.stdin })
  .on('line', (line) => Object.entries(JSON.parse(line)).forEach(([name, value]) => commands[name](value)))
  .on('close', () => process.exit(0));

say({ event: 'listening', port: await broker.listen(Number(port), credentials) });
