// The signals of a made-up electric car, by the names of VSS 6.0, and what may be written to them.

// How a data type is written, and what fits in it; integers of 8 and 16 bits travel as 32.
export const TYPES = {
  string: { number: 1, field: 'string' },
  boolean: { number: 2, field: 'bool' },
  int8: { number: 3, field: 'int32', min: -128, max: 127 },
  int16: { number: 4, field: 'int32', min: -32768, max: 32767 },
  uint8: { number: 7, field: 'uint32', min: 0, max: 255 },
  uint16: { number: 8, field: 'uint32', min: 0, max: 65535 },
  uint32: { number: 9, field: 'uint32', min: 0, max: 4294967295 },
  float: { number: 11, field: 'float' },
};

const ENTRY = { attribute: 1, sensor: 2, actuator: 3 };

const hvac = 'Vehicle.Cabin.HVAC';
const station = (seat) => `${hvac}.Station.Row1.${seat}`;
const battery = 'Vehicle.Powertrain.TractionBattery';

const TABLE = [
  [`${hvac}.AmbientAirTemperature`, 'float', 'sensor', { value: 4 }],
  ['Vehicle.Exterior.AirTemperature', 'float', 'sensor', { value: 3.5 }],
  [`${station('Driver')}.Temperature`, 'int8', 'actuator', { min: 16, max: 28, value: 18 }],
  [`${station('Passenger')}.Temperature`, 'int8', 'actuator', { min: 16, max: 28, value: 18 }],
  [`${station('Driver')}.FanSpeed`, 'uint8', 'actuator', { min: 0, max: 100, value: 0 }],
  [`${station('Passenger')}.FanSpeed`, 'uint8', 'actuator', { min: 0, max: 100, value: 0 }],
  [`${hvac}.IsAirConditioningActive`, 'boolean', 'actuator', { value: false }],
  [`${battery}.StateOfCharge.Current`, 'float', 'sensor', { min: 0, max: 100, value: 71.5 }],
  [`${battery}.Charging.ChargingPort.AnyPosition.IsChargingCableConnected`, 'boolean', 'sensor', { value: true }],
  ['Vehicle.IsMoving', 'boolean', 'sensor', { value: false }],
  ['Vehicle.Speed', 'float', 'sensor', { value: 0 }],
  ['Vehicle.Cabin.Door.Row1.DriverSide.IsLocked', 'boolean', 'actuator', { value: true }],
  ['Vehicle.VehicleIdentification.VIN', 'string', 'attribute', { value: 'NOTAREALVIN000001' }],
];

export class Refusal extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

// A signal with its current value; what an actuator is to become is never kept.
export class Signal {
  constructor(id, [path, type, entry, rest]) {
    Object.assign(this, { id, path, type: TYPES[type], entry, min: rest.min, max: rest.max });
    this.value = rest.value;
    this.at = Date.now();
  }

  metadata() {
    const limit = (number) => (number === undefined ? undefined : { [this.type.field]: number });
    return {
      path: this.path, id: this.id, data_type: this.type.number, entry_type: ENTRY[this.entry],
      min: limit(this.min), max: limit(this.max),
    };
  }

  datapoint() {
    return {
      timestamp: { seconds: Math.floor(this.at / 1000), nanos: (this.at % 1000) * 1e6 },
      value: this.value === undefined ? undefined : { [this.type.field]: this.value },
    };
  }

  // What a `Value` message says, if it is one for this signal.
  read(message) {
    const fields = Object.keys(message ?? {}).filter((name) => name !== 'typed_value');
    if (fields.length !== 1 || fields[0] !== this.type.field) {
      throw new Refusal('INVALID_ARGUMENT', `${this.path} takes ${this.type.field}, not ${fields.join() || 'nothing'}`);
    }
    const value = message[this.type.field];
    for (const { min, max } of [this.type, this]) {
      if (typeof value === 'number' && !(value >= (min ?? -Infinity) && value <= (max ?? Infinity))) {
        throw new Refusal('INVALID_ARGUMENT', `${this.path}: ${value} is out of range`);
      }
    }
    return value;
  }
}

export function makeSignals() {
  return new Map(TABLE.map((row, index) => [row[0], new Signal(index + 1, row)]));
}
