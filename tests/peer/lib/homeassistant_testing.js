// A stand-in for Home Assistant's WebSocket API, written from its public developer documentation: it is our own, and not
// Home Assistant.  It is strict: what the documentation does not allow a client to do is kept in `wrongs` and ends the
// connection.  What a real one may do at any time - vanish, stall, talk nonsense - is done on request.
import { createServer } from 'node:http';
import { once } from 'node:events';
import { WebSocketServer } from 'ws';

const commands = new Set(['subscribe_events', 'unsubscribe_events', 'call_service', 'get_states', 'get_config', 'ping',
  'config/floor_registry/list', 'config/area_registry/list', 'config/device_registry/list', 'config/entity_registry/list']);
const services = { light: ['turn_on', 'turn_off'], switch: ['turn_on', 'turn_off'], lock: ['lock', 'unlock'] };

export class HomeAssistant {
  constructor({ token, floors = [], areas = [], devices = [], registry = [], states = [] }) {
    Object.assign(this, { token, floors, areas, devices, registry });
    this.states = new Map(states.map((state) => [state.entity_id, state]));
    this.wrongs = [];
    this.calls = [];  // services that ran
    this.signIns = 0;
    this.deaf = false;  // services run, and nothing changes
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
    if (!commands.has(message.type)) return this.#wrong(socket, `unknown command ${message.type}`);
    socket.lastId = message.id;
    const good = (result) => this.#say(socket, { id: message.id, type: 'result', success: true, result });
    const bad = (code, text) => this.#say(socket, { id: message.id, type: 'result', success: false, error: { code, message: text } });
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
    const allowed = ['id', 'type', 'domain', 'service', 'service_data', 'target', 'return_response'];
    const odd = Object.keys(message).find((key) => !allowed.includes(key));
    if (odd) return bad('invalid_format', `extra keys not allowed @ data['${odd}']`);
    if (!services[domain]?.includes(service)) return bad('not_found', `Service ${domain}.${service} not found.`);
    const keys = { light: ['brightness_pct', 'color_temp_kelvin'], switch: [], lock: ['code'] }[domain];
    const unknown = Object.keys(data).find((key) => !keys.includes(key));
    if (unknown || (service === 'turn_off' && data.brightness_pct !== undefined)) {
      return bad('invalid_format', `extra keys not allowed @ data['${unknown ?? 'brightness_pct'}']`);
    }
    if (!this.states.has(target.entity_id)) return bad('home_assistant_error', `Unknown entity ${target.entity_id}`);
    this.calls.push({ domain, service, data, entity: target.entity_id });
    if (!this.deaf) {
      const state = { turn_on: 'on', turn_off: 'off', lock: 'locked', unlock: 'unlocked' }[service];
      const brightness = service === 'turn_on' && data.brightness_pct ? { brightness: Math.round(data.brightness_pct * 2.55) } : {};
      this.change(target.entity_id, state, brightness);
    }
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
