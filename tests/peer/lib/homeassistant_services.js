// The services of Home Assistant's kinds of things, as its public documentation lists them: which fields each takes, what it
// wants of the thing, and what state it leaves behind.  Part of the stand-in (homeassistant_testing.js).

class Refused extends Error {
  constructor(code, message) {
    super(message);
    this.code = code;
  }
}

const invalid = (message) => { throw new Refused('invalid_format', message); };
const unable = (message) => { throw new Refused('service_validation_error', message); };

// Fields: each throws for what it does not take.
const flag = (value) => typeof value === 'boolean' || invalid('expected bool');
const text = (value) => typeof value === 'string' || invalid('expected str');
const object = (value) => (typeof value === 'object' && value !== null) || invalid('expected a dictionary');
const number = (low, high) => (value) => {
  if (typeof value !== 'number' || !Number.isFinite(value)) invalid('expected float');
  if (value < low) invalid(`value must be at least ${low}`);
  if (value > high) invalid(`value must be at most ${high}`);
};
const whole = (low, high) => (value) => Number.isInteger(value) ? number(low, high)(value) : invalid('expected int');
const list = (length, each) => (value) => Array.isArray(value) && value.length === length ? value.forEach(each)
  : invalid(`expected a list of ${length}`);
const oneOf = (...words) => (value) => words.includes(value) || invalid(`value must be one of ${JSON.stringify(words)}`);

// `needs`: fields that must be there; `able`: throws if this thing can't; `does`: [state, attributes] that come of it.
const service = (fields, does, { needs = [], able = () => {} } = {}) => ({ fields, does, needs, able });
const becomes = (state) => () => [state];
const stays = (attributes = () => ({})) => (thing, data) => [thing.state, attributes(data)];
const pressed = () => [new Date().toISOString()];

const feature = (bit, action) => (thing) => {
  if (((thing.attributes.supported_features ?? 0) & bit) === 0) {
    throw new Refused('service_not_supported', `Entity ${thing.entity_id} does not support action ${action}`);
  }
};
const hasMode = (thing, { hvac_mode: mode }) => {
  if (mode !== undefined && !thing.attributes.hvac_modes?.includes(mode)) unable(`HVAC mode ${mode} is not valid`);
};
const hasOption = (thing, { option }) => {
  if (!thing.attributes.options?.includes(option)) unable(`Option ${option} is not valid for entity ${thing.entity_id}`);
};
const within = (what, low, high) => (thing, data) => {
  const { [low]: least = -Infinity, [high]: most = Infinity } = thing.attributes;
  if (data[what] < least || data[what] > most) unable(`Provided ${what} ${data[what]} is not valid`);
};

const onOff = { turn_on: service({}, becomes('on')), turn_off: service({}, becomes('off')) };
const press = { press: service({}, pressed) };
const set = (state) => ({
  set_value: service({ value: number(-Infinity, Infinity) }, state, { needs: ['value'], able: within('value', 'min', 'max') }),
});
const choose = { select_option: service({ option: text }, (_, { option }) => [option], { needs: ['option'], able: hasOption }) };
const byte = whole(0, 255);
const position = (word) => ({
  [`open_${word}`]: service({}, (thing) => ['open', 'current_position' in thing.attributes ? { current_position: 100 } : {}]),
  [`close_${word}`]: service({}, (thing) => ['closed', 'current_position' in thing.attributes ? { current_position: 0 } : {}]),
  [`stop_${word}`]: service({}, stays()),
  [`set_${word}_position`]: service({ position: whole(0, 100) },
    (_, data) => [data.position > 0 ? 'open' : 'closed', { current_position: data.position }], { needs: ['position'] }),
});
const modes = oneOf('off', 'heat', 'cool', 'heat_cool', 'auto', 'dry', 'fan_only');
const firstMode = ({ attributes: { hvac_modes: all = [] } }) => ['heat_cool', 'heat', 'cool'].find((mode) => all.includes(mode))
  ?? all.find((mode) => mode !== 'off');

export const services = {
  light: {
    turn_on: service({
      brightness: byte, brightness_pct: number(0, 100), brightness_step: whole(-255, 255), brightness_step_pct: number(-100, 100),
      color_temp_kelvin: whole(1, 100_000), rgb_color: list(3, byte), rgbw_color: list(4, byte), rgbww_color: list(5, byte),
      hs_color: list(2, number(0, 360)), xy_color: list(2, number(0, 1)), color_name: text, white: byte, effect: text, flash: text,
      profile: text, transition: number(0, 6553),
    }, (_, data) => ['on', {
      ...(data.brightness_pct !== undefined && { brightness: Math.round(data.brightness_pct * 2.55) }),
      ...(data.color_temp_kelvin !== undefined && { color_temp_kelvin: data.color_temp_kelvin }),
    }]),
    turn_off: service({ transition: number(0, 6553), flash: text }, becomes('off')),
  },
  switch: onOff,
  input_boolean: onOff,
  siren: {
    turn_on: service({ tone: text, duration: number(0, Infinity), volume_level: number(0, 1) }, becomes('on')),
    turn_off: service({}, becomes('off')),
  },
  fan: {
    turn_on: service({ percentage: whole(0, 100), preset_mode: text },
      (_, { percentage }) => percentage === 0 ? ['off'] : ['on', percentage === undefined ? {} : { percentage }]),
    turn_off: service({}, becomes('off')),
    set_percentage: service({ percentage: whole(0, 100) }, (_, { percentage }) => [percentage > 0 ? 'on' : 'off', { percentage }],
      { needs: ['percentage'] }),
  },
  humidifier: {
    ...onOff,
    set_humidity: service({ humidity: whole(0, 100) }, stays(({ humidity }) => ({ humidity })),
      { needs: ['humidity'], able: within('humidity', 'min_humidity', 'max_humidity') }),
  },
  lock: {
    lock: service({ code: text }, becomes('locked')),
    unlock: service({ code: text }, becomes('unlocked')),
    open: service({ code: text }, becomes('open'), { able: feature(1, 'lock.open') }),
  },
  cover: position('cover'),
  valve: position('valve'),
  climate: {
    turn_on: service({}, (thing) => [firstMode(thing)], { able: feature(256, 'climate.turn_on') }),
    turn_off: service({}, becomes('off'), { able: feature(128, 'climate.turn_off') }),
    set_hvac_mode: service({ hvac_mode: modes }, (_, data) => [data.hvac_mode], { needs: ['hvac_mode'], able: hasMode }),
    set_temperature: service({ temperature: number(-100, 300), target_temp_high: number(-100, 300), target_temp_low: number(-100, 300),
      hvac_mode: modes }, (thing, data) => [data.hvac_mode ?? thing.state, { temperature: data.temperature }],
    { needs: ['temperature'], able: (thing, data) => { hasMode(thing, data); within('temperature', 'min_temp', 'max_temp')(thing, data); } }),
  },
  media_player: {
    turn_on: service({}, becomes('idle')),
    turn_off: service({}, becomes('off')),
    media_play: service({}, becomes('playing')),
    media_pause: service({}, becomes('paused')),
    media_stop: service({}, becomes('idle')),
    media_next_track: service({}, stays()),
    media_previous_track: service({}, stays()),
    volume_set: service({ volume_level: number(0, 1) }, stays(({ volume_level: level }) => ({ volume_level: level })), { needs: ['volume_level'] }),
    volume_mute: service({ is_volume_muted: flag }, stays((data) => ({ is_volume_muted: data.is_volume_muted })), { needs: ['is_volume_muted'] }),
    select_source: service({ source: text }, stays(({ source }) => ({ source })), { needs: ['source'] }),
  },
  vacuum: {
    start: service({}, becomes('cleaning')),
    pause: service({}, becomes('paused')),
    stop: service({}, becomes('idle')),
    return_to_base: service({}, becomes('returning')),
  },
  lawn_mower: {
    start_mowing: service({}, becomes('mowing')),
    pause: service({}, becomes('paused')),
    dock: service({}, becomes('returning')),
  },
  scene: { turn_on: service({ transition: number(0, 6553) }, pressed) },
  script: { turn_on: service({ variables: object }, stays()), turn_off: service({}, becomes('off')) },
  automation: {
    turn_on: service({}, becomes('on')),
    turn_off: service({ stop_actions: flag }, becomes('off')),
    trigger: service({ skip_condition: flag }, stays()),
  },
  button: press,
  input_button: press,
  number: set((_, { value }) => [String(value)]),
  input_number: set((_, { value }) => [value.toFixed(1)]),
  select: choose,
  input_select: choose,
  update: {
    install: service({ version: text, backup: flag }, stays()),
    skip: service({}, becomes('off')),
  },
};

// What comes of `domain.name` with `data` for `thing`: [state, attributes]; throws {code, message}, as Home Assistant refuses.
export function run(domain, name, data, thing) {
  const { fields, does, needs, able } = services[domain]?.[name] ?? {};
  if (!fields) throw new Refused('not_found', `Service ${domain}.${name} not found.`);
  for (const [key, value] of Object.entries(data)) {
    if (!fields[key]) invalid(`extra keys not allowed @ data['${key}']`);
    fields[key](value);
  }
  const missing = needs.find((key) => data[key] === undefined);
  if (missing) invalid(`required key not provided @ data['${missing}']`);
  if (!thing || thing.entity_id.split('.')[0] !== domain) throw new Refused('home_assistant_error', `no ${domain} of that name`);
  if (thing.state === 'unavailable') throw new Refused('home_assistant_error', `${thing.entity_id} is unavailable`);
  able(thing, data);
  return does(thing, data);
}
