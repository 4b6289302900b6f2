// A simulated lamp, and the capability "light.set" for it (docs/spec/requests.md).
import { hex, idOf, utf8 } from './bytes.js';
import { hashParts } from './hash.js';
import { decode, encode } from './proto.js';

const Outcome = { done: 1, notDone: 2 };
const ErrorNumber = { limitExceeded: 1003, unknownCapability: 4101, badInput: 4102, unknownEntity: 4104, requestIdReused: 4209 };
const journalMax = 16_384;
const keptMsMin = 360_000;

export class Lamp {
  // `onState` is told each new state.
  constructor({ source, id, name, area = '', onState = () => {} }) {
    this.entity = { id: `${source}/${id}`, source, name, area, domain: 'light', aliases: [], capabilities: ['light.set'] };
    this.state = { on: false };
    this.onState = onState;
    this.journal = new Map();  // request -> {digest, result, at}: an effect happens once, however often it is asked for
    this.served = 0;
  }

  // The body of an Open of "capability.invoke"; returns the body of its answer.
  invoke(body) {
    const request = decode('InvokeRequest', body);
    const id = idOf(request.request, 16, 'request');
    const digest = hex(hashParts('ambit/v1/action', [utf8(request.capability), utf8(request.entity), request.input]));
    const known = this.journal.get(id);
    if (known) {
      return known.digest === digest ? reply(request, { ...known.result, duplicate: true })
        : reply(request, { outcome: Outcome.notDone, error: ErrorNumber.requestIdReused });
    }
    if (!this.hasRoom()) return reply(request, { outcome: Outcome.notDone, error: ErrorNumber.limitExceeded });
    const result = this.act(request);
    this.journal.set(id, { digest, result, at: Date.now() });
    return reply(request, result);
  }

  // The oldest entry goes, but not while its request could still be repeated.
  hasRoom() {
    if (this.journal.size < journalMax) return true;
    const [id, oldest] = this.journal.entries().next().value;
    if (Date.now() - oldest.at < keptMsMin) return false;
    return this.journal.delete(id);
  }

  act({ capability, entity, input }) {
    const refuse = (error) => ({ outcome: Outcome.notDone, error, output: utf8('{}') });
    if (entity !== this.entity.id) return refuse(ErrorNumber.unknownEntity);
    if (!this.entity.capabilities.includes(capability)) return refuse(ErrorNumber.unknownCapability);
    const wanted = checkedInput(input);
    if (!wanted) return refuse(ErrorNumber.badInput);
    this.state = { ...this.state, ...wanted };
    ++this.served;
    this.onState(this.state);
    return { outcome: Outcome.done, output: utf8(JSON.stringify(this.state)) };
  }
}

const reply = ({ request }, result) => encode('InvokeReply', { request, ...result });

// The input of light.set: {on, brightness_pct?, color_temp_k?}; null if it is something else.
function checkedInput(bytes) {
  try {
    const input = JSON.parse(bytes.toString('utf8'));
    const known = { on: isBoolean, brightness_pct: isWithin(0, 100), color_temp_k: isWithin(1000, 20000) };
    const fits = Object.entries(input).every(([name, value]) => Object.hasOwn(known, name) && known[name](value));
    return fits && Object.hasOwn(input, 'on') ? input : null;
  } catch {
    return null;
  }
}

const isBoolean = (value) => typeof value === 'boolean';
const isWithin = (least, most) => (value) => typeof value === 'number' && value >= least && value <= most;
