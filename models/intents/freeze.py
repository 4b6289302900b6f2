#!/usr/bin/env python3
"""Freezes sentences of our own grammar for the models: own.train.jsonl to learn from, and own.dev.jsonl, of templates none
of whose sentences are in the first, to measure with.

  models/intents/freeze.py AMBIT   AMBIT: the program `ambit`; English; the same program writes the same files

Run when the grammar has grown enough to train on it again; the models must then be trained anew, too."""

import collections
import json
import pathlib
import subprocess
import sys
import zlib

HERE = pathlib.Path(__file__).resolve().parent
SAMPLES = 120_000
TRAIN, DEV = 60, 10  # sentences of an intent, at most
WORDS_MAX = 20
HELD_BACK = 5  # one template in so many, of an intent that has several


def is_held_back(intent, template, templates):
    return len(templates[intent]) > 2 and zlib.crc32(f"{intent} {template}".encode()) % HELD_BACK == 0


def evenly(rows, count):
    """The first sentence of each template, then the second ...; `count` of them."""
    by_template = collections.defaultdict(list)
    for row in rows:
        by_template[row["template"]].append(row)
    ranked = [(rank, row) for of_one in by_template.values() for rank, row in enumerate(of_one)]
    return [row for _, row in sorted(ranked, key=lambda one: one[0])[:count]]


def write(name, rows):
    with open(HERE / name, "w", encoding="utf-8") as out:
        for row in sorted(rows, key=lambda row: (row["intent"], row["text"])):
            slots = [{key: slot[key] for key in ("name", "start", "end")} for slot in row["slots"]]
            line = {"text": row["text"], "intent": row["intent"], "slots": slots}
            out.write(json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n")


def main(program):
    command = [program, "language", "sample", "--count", str(SAMPLES), "--seed", "1", "--language", "en"]
    rows, seen, templates = [], set(), collections.defaultdict(set)
    for line in subprocess.run(command, capture_output=True, check=True, text=True).stdout.splitlines():
        row = json.loads(line)
        templates[row["intent"]].add(row["template"])
        if row["text"] not in seen and len(row["text"].split()) <= WORDS_MAX:
            seen.add(row["text"])
            rows.append(row)
    train, dev = [], []
    for intent in sorted(templates):
        own = [row for row in rows if row["intent"] == intent]
        held = [row for row in own if is_held_back(intent, row["template"], templates)]
        train += evenly([row for row in own if row not in held], TRAIN)
        dev += evenly(held, DEV)
    write("own.train.jsonl", train)
    write("own.dev.jsonl", dev)
    print(f"{len(train)} sentences to learn from, {len(dev)} of {len({row['intent'] for row in dev})} intents to measure with")


if __name__ == "__main__":
    main(sys.argv[1])
