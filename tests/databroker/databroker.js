// A stand-in for a vehicle's databroker: gRPC kuksa.val.v2, as strict as its public documentation, and a made-up car behind
// it.  It is no Eclipse Kuksa and shares nothing with it but the service's names and numbers.
//
// The car takes what it is to do after a delay, or not at all while nothing provides its actuators.  Only current values are
// stored: what an actuator is asked to become shows nowhere until the car says that it is so.
import { EventEmitter } from 'node:events';
import { fileURLToPath } from 'node:url';

import grpc from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';

import { Refusal, makeSignals } from './signals.js';

const PATH_LENGTH_MAX = 1000;
const BUFFER_MAX = 1000;

export const { kuksa } = grpc.loadPackageDefinition(
  loadSync(fileURLToPath(new URL('./val.proto', import.meta.url)), { keepCase: true, longs: Number, oneofs: true }));

export class Databroker extends EventEmitter {
  // tokens: what is asked of callers (none: nothing); later: when the car does what it is told.
  constructor({ tokens, later = (task) => setTimeout(task, 200) } = {}) {
    super();
    this.signals = makeSignals();
    this.tokens = tokens;
    this.later = later;
    this.provided = true;
    this.stalled = false;
    this.subscribers = new Set();
    this.server = new grpc.Server();
    this.server.addService(kuksa.val.v2.VAL.service, {
      GetValue: this.unary(({ signal_id: name }, may) => ({ data_point: this.readable(name, may).datapoint() })),
      GetValues: this.unary(({ signal_ids: names }, may) => ({
        data_points: this.some(names).map((name) => this.readable(name, may).datapoint()),
      })),
      Actuate: this.unary((request, may) => this.actuate([request], may)),
      BatchActuate: this.unary(({ actuate_requests: requests }, may) => this.actuate(this.some(requests), may)),
      ListMetadata: this.unary(({ root }) => ({ metadata: this.list(root) })),
      PublishValue: this.unary((request, may) => this.publish(request, may)),
      GetServerInfo: this.unary(() => ({ name: 'stand-in databroker, not Kuksa', version: '0.1.0' })),
      Subscribe: (call) => this.subscribe(call),
    });
  }

  // The port it listens on.
  listen(port = 0, credentials = grpc.ServerCredentials.createInsecure()) {
    return new Promise((resolve, reject) => {
      this.server.bindAsync(`127.0.0.1:${port}`, credentials, (error, bound) => (error ? reject(error) : resolve(bound)));
    });
  }

  close() {
    this.server.forceShutdown();
  }

  // --- what the car says

  set(path, value) {
    const signal = this.signals.get(path);
    if (Object.is(signal.value, value)) {
      return;
    }
    signal.value = value;
    signal.at = Date.now();
    for (const { call, paths } of this.subscribers) {
      if (paths.has(path)) {
        call.write({ entries: { [path]: signal.datapoint() } });
      }
    }
  }

  apply(changes) {
    this.emit('actuated', Object.fromEntries(changes.map(({ signal, value }) => [signal.path, value])));
    this.later(() => changes.forEach(({ signal, value }) => this.set(signal.path, value)));
  }

  // --- calls

  unary(answer) {
    return (call, callback) => {
      if (this.stalled) {
        return;
      }
      try {
        callback(null, answer(call.request, this.permissions(call.metadata)));
      } catch (error) {
        callback(this.status_of(error));
      }
    };
  }

  status_of(error) {
    const status = error instanceof Refusal ? error.status : 'INTERNAL';
    return { code: grpc.status[status], details: error.message };
  }

  permissions(metadata) {
    return this.tokens ? this.tokens.permissions(metadata) : () => true;
  }

  some(list) {
    if (!list || list.length === 0) {
      throw new Refusal('INVALID_ARGUMENT', 'nothing is asked for');
    }
    return list;
  }

  find({ path, id } = {}) {
    if (path !== undefined && path.length > PATH_LENGTH_MAX) {
      throw new Refusal('INVALID_ARGUMENT', 'a path that is too long');
    }
    const signal = path === undefined ? [...this.signals.values()].find((one) => one.id === id) : this.signals.get(path);
    if (!signal) {
      throw new Refusal('NOT_FOUND', `no signal ${path ?? id}`);
    }
    return signal;
  }

  readable(name, may) {
    const signal = this.find(name);
    if (!may('read', signal.path) && !may('actuate', signal.path)) {
      throw new Refusal('PERMISSION_DENIED', `no claim to read ${signal.path}`);
    }
    return signal;
  }

  list(root) {
    if (/[*]/.test(root)) {
      throw new Refusal('INVALID_ARGUMENT', 'no wildcards');
    }
    const found = [...this.signals.values()].filter(({ path }) => path === root || path.startsWith(`${root}.`));
    if (found.length === 0) {
      throw new Refusal('NOT_FOUND', `no branch ${root}`);
    }
    return found.map((signal) => signal.metadata());
  }

  actuate(requests, may) {
    // All of them, before anything is passed on.
    const changes = requests.map(({ signal_id: name, value }) => {
      const signal = this.find(name);
      if (!may('actuate', signal.path)) {
        throw new Refusal('PERMISSION_DENIED', `no claim to actuate ${signal.path}`);
      }
      if (signal.entry !== 'actuator') {
        throw new Refusal('INVALID_ARGUMENT', `${signal.path} is no actuator`);
      }
      return { signal, value: signal.read(value) };
    });
    if (!this.provided) {
      throw new Refusal('UNAVAILABLE', `nothing provides ${changes[0].signal.path}`);
    }
    this.apply(changes);
    return {};
  }

  publish({ signal_id: name, data_point: point }, may) {
    const signal = this.find(name);
    if (!may('provide', signal.path)) {
      throw new Refusal('PERMISSION_DENIED', `no claim to provide ${signal.path}`);
    }
    this.set(signal.path, signal.read(point?.value));
    return {};
  }

  subscribe(call) {
    if (this.stalled) {
      return;
    }
    try {
      const { signal_paths: paths, buffer_size: buffer } = call.request;
      if (buffer > BUFFER_MAX) {
        throw new Refusal('INVALID_ARGUMENT', `a buffer of ${buffer}`);
      }
      const may = this.permissions(call.metadata);
      const signals = this.some(paths).map((path) => this.readable({ path }, may));
      call.write({ entries: Object.fromEntries(signals.map((signal) => [signal.path, signal.datapoint()])) });
      const subscriber = { call, paths: new Set(paths) };
      this.subscribers.add(subscriber);
      call.on('cancelled', () => this.subscribers.delete(subscriber));
      call.on('error', () => this.subscribers.delete(subscriber));
    } catch (error) {
      call.emit('error', this.status_of(error));
    }
  }
}
