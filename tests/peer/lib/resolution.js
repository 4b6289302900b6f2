// Which operations of a set count: strong removal (docs/spec/roster.md, "Resolution").
//
// A removal or demotion attacks what the devices it affects did at the same time, and what was done with an authority
// that rests on that.
import { authorise } from './authority.js';
import { Household, bit, has } from './household.js';

export const operationsOfAuthorMax = 512;

// Places of `set`, parents first; of those that could come next, the smallest hash.
function ordered(history, set) {
  const places = history.map((_, at) => at).filter((at) => has(set, at));
  const order = [];
  let done = 0n;
  const left = new Set(places);
  while (left.size > 0) {
    const ready = [...left].filter((at) => (history[at].ancestors & set & ~done) === 0n);
    const next = ready.reduce((a, b) => (history[a].operation.hash < history[b].operation.hash ? a : b));
    order.push(next);
    done |= bit(next);
    left.delete(next);
  }
  return order;
}

function attacksIn(history, order) {
  const attackers = new Map();
  const hits = new Map();
  const concurrent = (a, b) => a !== b && !has(history[a].ancestors, b) && !has(history[b].ancestors, a);
  for (const attacker of order) {
    const { affected, operation } = history[attacker];
    if (affected.length === 0) continue;
    let direct = 0n;
    for (const target of order) {
      const { author } = history[target].operation;
      if (concurrent(attacker, target) && author !== operation.author && affected.includes(author)) direct |= bit(target);
    }
    for (const target of order) {
      if (!has(direct, target) && (history[target].support & direct) === 0n) continue;
      attackers.set(target, [...(attackers.get(target) ?? []), attacker]);
    }
    hits.set(attacker, direct);
  }
  return { attackers, hits };
}

// The places that are not lost: what nobody who stands attacks, stands; removals that attack each other in a circle, with
// nobody outside of it attacking, all stand.
function survivors(history, order) {
  const { attackers, hits } = attacksIn(history, order);
  const lost = new Set();
  const mutual = new Set();
  // Lost, or it reaches the target only through what stands with it in a circle.
  const harmless = (attacker, target) => {
    const reached = history[target].support & hits.get(attacker);
    return lost.has(attacker)
      || (!has(hits.get(attacker), target) && order.every((at) => !has(reached, at) || mutual.has(at)));
  };
  const stands = (at) =>
    !lost.has(at) && (mutual.has(at) || (attackers.get(at) ?? []).every((one) => harmless(one, at)));
  const undecided = (at) => !lost.has(at) && !stands(at);
  const settle = () => {
    for (let changed = true; changed;) {
      changed = false;
      for (const [target, by] of attackers) {
        if (lost.has(target) || mutual.has(target)) continue;
        if (!by.some((one) => stands(one) && !harmless(one, target))) continue;
        lost.add(target);
        changed = true;
      }
    }
  };
  const undecidedBehind = (at) => {
    const seen = new Set();
    for (const open = [at]; open.length > 0;) {
      for (const attacker of attackers.get(open.pop()) ?? []) {
        if (!undecided(attacker) || seen.has(attacker)) continue;
        seen.add(attacker);
        open.push(attacker);
      }
    }
    return seen;
  };
  const acceptMutual = () => {
    const behind = new Map([...attackers.keys()].filter(undecided).map((at) => [at, undecidedBehind(at)]));
    const circles = [...behind].filter(([at, by]) => [...behind].every(([other, othersBy]) => !by.has(other) || othersBy.has(at)));
    circles.forEach(([at]) => mutual.add(at));
    return circles.length > 0;
  };
  do settle(); while (acceptMutual());
  return order.filter((at) => !lost.has(at));
}

// What authors with more operations than the limit wrote and nobody else built on ("Floods").
function ignoredIn(history, set) {
  const places = history.map((_, at) => at).filter((at) => has(set, at));
  let ignored = 0n;
  for (const author of new Set(places.map((at) => history[at].operation.author))) {
    const [own, others] = [true, false].map((its) => places.filter((at) => (history[at].operation.author === author) === its));
    if (own.length <= operationsOfAuthorMax) continue;
    const builtOn = others.reduce((all, at) => all | history[at].ancestors, 0n);
    own.filter((at) => !has(builtOn, at)).forEach((at) => { ignored |= bit(at); });
  }
  return ignored;
}

// The state after `set` (ancestors included), which of it counts, and which is as if it had never come.
export function resolve(history, set) {
  const ignored = ignoredIn(history, set);
  const order = ordered(history, set & ~ignored);
  const surviving = new Set(survivors(history, order));
  const household = new Household(history);
  let counting = 0n;
  let done = 0n;
  for (const at of order) {
    const { ancestors, operation } = history[at];
    if (surviving.has(at)) {
      // Judged again in its own past, now that more is known about that past.
      const past = (ancestors & done) === done ? household : stateOf(history, order, counting & ancestors);
      try {
        authorise(past, operation);
        household.apply(at);
        counting |= bit(at);
      } catch { /* It does not count. */ }
    }
    done |= bit(at);
  }
  return { household, counting, ignored };
}

function stateOf(history, order, set) {
  const household = new Household(history);
  order.filter((at) => has(set, at)).forEach((at) => household.apply(at));
  return household;
}
