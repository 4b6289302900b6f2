// A stand-in for Home Assistant's WebSocket API, written from its public developer documentation: it is our own, and not
// Home Assistant.  It is strict: what the documentation does not allow a client to do is kept in `wrongs` and ends the
// connection; a service takes the fields that are documented (homeassistant_services.js), or refuses.  What a real one may do at
// any time is done on request: vanish (`close`), stall (`stalled`), talk nonsense (`nonsense`, `sayToAll`), lie (`lie`), and run
// services without anything coming of it (`deaf`).
import { createServer } from 'node:http';
import { once } from 'node:events';
import { WebSocketServer } from 'ws';
import { run } from './homeassistant_services.js';

// Each with its fields.
const commands = {
  subscribe_events: ['event_type'],
  unsubscribe_events: ['subscription'],
  call_service: ['domain', 'service', 'service_data', 'target', 'return_response'],
  get_states: [],
  get_config: [],
  ping: [],
  'config/floor_registry/list': [],
  'config/area_registry/list': [],
  'config/device_registry/list': [],
  'config/entity_registry/list': [],
};

export class HomeAssistant {
  constructor({ token, floors = [], areas = [], devices = [], registry = [], states = [] }) {
    Object.assign(this, { token, floors, areas, devices, registry });
    this.states = new Map(states.map((state) => [state.entity_id, state]));
    this.wrongs = [];
    this.calls = [];  // services that ran
    this.signIns = 0;
    this.deaf = false;  // services run, and nothing changes
    this.lie = null;  // the state that comes of whatever is asked
    this.stalled = new Set();  // commands that are taken and not answered, until release()
    this.nonsense = new Map();  // commands, and what is answered as their result
    this.asked = new Map();  // commands, and how often they came
    this.held = [];
    this.sockets = new Set();
  }

  async listen(port = 0) {
    this.http = createServer((_, response) => response.writeHead(404).end());
    this.server = new WebSocketServer({ server: this.http, path: '/api/websocket' });
    this.server.on('connection', (socket) => this.#serve(socket));
    this.http.listen(port, '127.0.0.1');
    await once(this.http, 'listening');
    this.port = this.http.address().port;
    return this.port;
  }

  async close() {
    for (const socket of this.sockets) socket.terminate();
    this.server.close();
    this.http.close();
    await once(this.http, 'close');
  }

  // Answers what was stalled.
  release() {
    this.stalled.clear();
    for (const answer of this.held.splice(0)) answer();
  }

  // A thing changes by itself, or because a service ran.
  change(entityId, state, attributes = {}) {
    const old = this.states.get(entityId) ?? null;
    const fresh = state === null ? null
      : { entity_id: entityId, state, attributes: { ...old?.attributes, ...attributes }, last_changed: new Date().toISOString() };
    fresh ? this.states.set(entityId, fresh) : this.states.delete(entityId);
    this.fire('state_changed', { entity_id: entityId, old_state: old, new_state: fresh });
  }

  fire(type, data) {
    for (const socket of this.sockets) {
      for (const [id, wanted] of socket.subscriptions) {
        if (wanted === type || wanted === undefined) {
          this.#say(socket, { id, type: 'event', event: { event_type: type, data, origin: 'LOCAL', time_fired: new Date().toISOString() } });
        }
      }
    }
  }

  sayToAll(text) {
    for (const socket of this.sockets) socket.send(text);
  }

  #say(socket, message) {
    socket.send(JSON.stringify(message));
  }

  #wrong(socket, what) {
    this.wrongs.push(what);
    socket.close();
  }

  #serve(socket) {
    Object.assign(socket, { signedIn: false, lastId: 0, subscriptions: new Map() });
    this.sockets.add(socket);
    socket.on('close', () => this.sockets.delete(socket));
    socket.on('message', (data, isBinary) => {
      let message;
      try {
        message = JSON.parse(String(data));
      } catch {
        return this.#wrong(socket, `not JSON: ${data}`);
      }
      if (isBinary) return this.#wrong(socket, 'messages are text');
      socket.signedIn ? this.#command(socket, message) : this.#auth(socket, message);
    });
    this.#say(socket, { type: 'auth_required', ha_version: '2026.11.0' });
  }

  #auth(socket, message) {
    if (message.type !== 'auth' || typeof message.access_token !== 'string' || 'id' in message) {
      return this.#wrong(socket, `the first message is auth, not ${JSON.stringify(message)}`);
    }
    if (message.access_token !== this.token) {
      this.#say(socket, { type: 'auth_invalid', message: 'Invalid access token or password' });
      return socket.close();
    }
    socket.signedIn = true;
    this.signIns += 1;
    this.#say(socket, { type: 'auth_ok', ha_version: '2026.11.0' });
  }

  #command(socket, message) {
    if (!Number.isInteger(message.id) || message.id <= socket.lastId) {
      return this.#wrong(socket, `ids only grow: ${message.id} after ${socket.lastId}`);
    }
    const fields = commands[message.type];
    if (!fields) return this.#wrong(socket, `unknown command ${message.type}`);
    const odd = Object.keys(message).find((key) => !['id', 'type', ...fields].includes(key));
    if (odd) return this.#wrong(socket, `${message.type}: extra keys not allowed @ data['${odd}']`);
    socket.lastId = message.id;
    this.asked.set(message.type, (this.asked.get(message.type) ?? 0) + 1);
    if (this.stalled.has(message.type)) {
      this.held.push(() => this.#answer(socket, message));
    } else {
      this.#answer(socket, message);
    }
  }

  #answer(socket, message) {
    const good = (result) => this.#say(socket, { id: message.id, type: 'result', success: true, result });
    const bad = (code, text) => this.#say(socket, { id: message.id, type: 'result', success: false, error: { code, message: text } });
    if (this.nonsense.has(message.type)) return good(this.nonsense.get(message.type));
    switch (message.type) {
      case 'ping': return this.#say(socket, { id: message.id, type: 'pong' });
      case 'subscribe_events':
        socket.subscriptions.set(message.id, message.event_type);
        return good(null);
      case 'unsubscribe_events':
        return socket.subscriptions.delete(message.subscription) ? good(null) : bad('not_found', 'Subscription not found.');
      case 'get_config': return good({ unit_system: { temperature: '°C', length: 'km' }, components: [], version: '2026.11.0' });
      case 'get_states': return good([...this.states.values()]);
      case 'config/floor_registry/list': return good(this.floors);
      case 'config/area_registry/list': return good(this.areas);
      case 'config/device_registry/list': return good(this.devices);
      case 'config/entity_registry/list': return good(this.registry);
      default: return this.#call(message, good, bad);
    }
  }

  #call(message, good, bad) {
    const { domain, service, service_data: data = {}, target = {} } = message;
    const thing = this.states.get(target.entity_id);
    let state, attributes;
    try {
      [state, attributes] = run(domain, service, data, thing);
    } catch ({ code, message: text }) {
      return bad(code ?? 'unknown_error', text);
    }
    this.calls.push({ domain, service, data, entity: target.entity_id });
    if (!this.deaf) this.change(target.entity_id, this.lie ?? state, attributes);
    return good({ context: { id: 'c', parent_id: null, user_id: null } });
  }
}

// A small home: two floors, a lamp that MQTT knows too, a lock, a sensor, and things that are nobody's business.
export const home = () => ({
  token: 'a-long-lived-token',
  floors: [{ floor_id: 'up', name: 'Upstairs', level: 1, aliases: [] }],
  areas: [{ area_id: 'bed', name: 'Bedroom', floor_id: 'up', aliases: [] }, { area_id: 'kitchen', name: 'Kitchen', floor_id: null, aliases: [] }],
  devices: [{ id: 'd1', name: 'Lamp', name_by_user: null, area_id: 'bed', identifiers: [['hue', '17']], connections: [], disabled_by: null }],
  registry: [
    { entity_id: 'light.bed', platform: 'hue', unique_id: '17-light', device_id: 'd1', area_id: null, disabled_by: null, hidden_by: null, entity_category: null },
    { entity_id: 'switch.kettle', platform: 'tuya', unique_id: 'k', device_id: null, area_id: 'kitchen', disabled_by: null, hidden_by: null, entity_category: null },
    { entity_id: 'sensor.lamp_signal', platform: 'hue', unique_id: '17-s', device_id: 'd1', area_id: null, disabled_by: null, hidden_by: null, entity_category: 'diagnostic' },
  ],
  states: [
    { entity_id: 'light.bed', state: 'off', attributes: { friendly_name: 'Reading Lamp', supported_color_modes: ['brightness'] } },
    { entity_id: 'switch.kettle', state: 'off', attributes: { friendly_name: 'Kettle' } },
    { entity_id: 'sensor.lamp_signal', state: '-60', attributes: { friendly_name: 'Signal' } },
    { entity_id: 'sun.sun', state: 'above_horizon', attributes: {} },
  ],
});
