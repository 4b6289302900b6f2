// Yjs, Automerge and Loro, each merging one concurrent set from every device into one map.
//
//   node others.mjs DEVICES ROUNDS
//
// Reads a line, runs every library once, prints one JSON line {name: {ms, bytes_per_op, value}}; so that the caller can
// let Ambit's own rounds take turns with these.  Each library merges one update at a time, as they arrive, and all at
// once; the faster of the two counts for it.
import { createInterface } from 'node:readline';

import * as Automerge from '@automerge/automerge';
import { LoroDoc } from 'loro-crdt';
import * as Y from 'yjs';

const devices = Number(process.argv[2]);

function timed(action) {
  const start = process.hrtime.bigint();
  const value = action();
  return { ms: Number(process.hrtime.bigint() - start) / 1e6, value };
}

const better = (a, b) => (a.ms < b.ms ? a : b);
const bytesPerOp = (updates) => updates.reduce((sum, update) => sum + update.length, 0) / updates.length;

const libraries = {
  yjs: {
    updates: () => Array.from({ length: devices }, (_, i) => {
      const doc = new Y.Doc();
      doc.getMap('map').set('v', i);
      return Y.encodeStateAsUpdate(doc);
    }),
    oneByOne: (updates) => {
      const doc = new Y.Doc();
      for (const update of updates) Y.applyUpdate(doc, update);
      return doc.getMap('map').get('v');
    },
    atOnce: (updates) => {
      const doc = new Y.Doc();
      Y.transact(doc, () => updates.forEach((update) => Y.applyUpdate(doc, update)));
      return doc.getMap('map').get('v');
    },
  },
  automerge: {
    updates: () => Array.from({ length: devices }, (_, i) => {
      const doc = Automerge.change(Automerge.init(), (map) => { map.v = i; });
      return Automerge.getLastLocalChange(doc);
    }),
    oneByOne: (updates) => {
      let doc = Automerge.init();
      for (const update of updates) [doc] = Automerge.applyChanges(doc, [update]);
      return doc.v;
    },
    atOnce: (updates) => Automerge.applyChanges(Automerge.init(), updates)[0].v,
  },
  loro: {
    updates: () => Array.from({ length: devices }, (_, i) => {
      const doc = new LoroDoc();
      doc.getMap('map').set('v', i);
      doc.commit();
      return doc.export({ mode: 'update' });
    }),
    oneByOne: (updates) => {
      const doc = new LoroDoc();
      for (const update of updates) doc.import(update);
      return doc.getMap('map').get('v');
    },
    atOnce: (updates) => {
      const doc = new LoroDoc();
      doc.importBatch(updates);
      return doc.getMap('map').get('v');
    },
  },
};

const prepared = Object.entries(libraries).map(([name, library]) => [name, library, library.updates()]);

for await (const _ of createInterface({ input: process.stdin })) {
  const result = {};
  for (const [name, library, updates] of prepared) {
    const best = better(timed(() => library.oneByOne(updates)), timed(() => library.atOnce(updates)));
    if (!(best.value >= 0 && best.value < devices)) throw new Error(`${name} merged to ${best.value}`);
    result[name] = { ms: best.ms, bytes_per_op: bytesPerOp(updates) };
  }
  console.log(JSON.stringify(result));
}
