// Audiences (docs/spec/privacy.md): who may read a datum.  A roster is {devices: Map, people: Map}, by id.

const forms = [/^household$/, /^anyone$/, /^person:[0-9a-f]{32}$/, /^device:[0-9a-f]{64}$/];
const clausesMax = 16;

export const isNamedAudience = (text) => forms.some((form) => form.test(text));

function readersOf(clause, roster) {
  const [kind, id] = clause.split(':');
  const devices = [...roster.devices.values()];
  if (kind === 'anyone' || kind === 'household') return new Set(devices.map((device) => device.id));
  if (kind === 'device') return roster.devices.has(id) ? new Set([id]) : null;
  if (!roster.people.has(id)) return null;
  return new Set(devices.filter((device) => device.owner === id).map((device) => device.id));
}

// The members that may read `text`; null when it is malformed or names somebody the roster lacks.
export function resolve(text, roster) {
  const clauses = text.split(' & ');
  if (clauses.length > clausesMax || !clauses.every(isNamedAudience)) return null;
  const sets = clauses.map((clause) => readersOf(clause, roster));
  if (sets.includes(null)) return null;
  return new Set([...sets[0]].filter((id) => sets.every((set) => set.has(id))));
}

export const mayRead = (text, roster, device) => resolve(text, roster)?.has(device) ?? false;
