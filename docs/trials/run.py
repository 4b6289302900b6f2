#!/usr/bin/env python3
"""Says sentences to a fresh demo household as a new user would, each at the start of a conversation, and counts what it
does with them: right, wrong, asked back, nothing.

  docs/trials/run.py BUILD [LIST]   BUILD: a build folder; LIST: lines as for `ambit language test`
"""

import collections
import json
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "demo"))
from household import Household, wait_for  # noqa: E402


def kind_of(row):
    """What became of one sentence."""
    if row["ok"]:
        return "right"
    if "understood" in row["difference"] and "not understood" in row["difference"]:
        return "not understood"
    if "Which one" in row.get("meant", "") or "Do you mean" in row.get("meant", ""):
        return "asked back"
    return "wrong"


def main(build, path):
    with Household(build, isolated=False) as home:
        things = home.add_things(observed=False)
        hub = home.add("hub", "hub", things.settings()).start()
        hub.api.post("household/create", {"name": "hub", "kind": "hub", "household_name": "Home"})
        wait_for("the lights are known", lambda: hub.api.get("plan?text=turn%20on%20the%20kitchen%20light")["rows"])
        report = hub.api.post("language/test", {"file": path.name, "text": path.read_text()})
    counts = collections.Counter()
    for row in report["rows"]:
        kind = kind_of(row)
        counts[kind] += 1
        if kind != "right":
            print(f"{kind:15} {row['line']:3} {row['text']}\n{'':19} {row['difference']}")
    print(json.dumps(counts))
    return 0


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]) if len(sys.argv) > 2 else HERE / "fifty.txt"))
