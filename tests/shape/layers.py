"""Includes point one way only: every `#include "..."` must be an edge of layers.txt."""

import re

RULES = "layers.txt"
MODULE = re.compile(r"(?:(?:core|edge|extensions)/([a-z0-9_]+)|(sim))/.*\.(?:h|cpp)")
APPS = re.compile(r"apps/.*\.(?:h|cpp)")
INCLUDE = re.compile(r'\s*#\s*include\s+"([^"]+)"')


def read_rules(tree, report):
    """{directory: set of directories it may include, or {"*"}}, checking that each line only names earlier ones."""
    rules = {}
    for number, line in tree.lines(RULES):
        if not line.strip() or line.startswith("#"):
            continue
        name, _, allowed = line.partition(":")
        names = set(allowed.split())
        for other in sorted(names - rules.keys() - {"*"}):
            report.fail(f"{RULES}:{number}", f"{name} may include only directories on lines above it, not {other}")
        rules[name] = names
    return rules


def layer_of(path):
    match = MODULE.fullmatch(path)
    if match:
        return match.group(1) or match.group(2)
    return "apps" if APPS.fullmatch(path) else None


def check(tree, report):
    rules = read_rules(tree, report)
    sources = {path: layer_of(path) for path in tree.paths if layer_of(path)}
    modules = set(sources.values())
    for name in sorted(modules - rules.keys()):
        report.fail(RULES, f"no line for the directory {name}: write \"{name}: <what it may include>\"")
    for name in sorted(rules.keys() - modules):
        report.fail(RULES, f"stale line: there is no directory {name} with C++ files")
    for path, layer in sources.items():
        for number, line in tree.lines(path):
            match = INCLUDE.match(line)
            if match:
                check_include(f"{path}:{number}", path, layer, match.group(1), rules, modules, report)


def check_include(place, path, layer, included, rules, modules, report):
    target, slash, _ = included.partition("/")
    allowed = rules.get(layer, set())
    if target == "proto":
        if path.endswith(".h"):
            report.fail(place, "generated protobuf code is included in .cpp files only")
    elif "*" in allowed or target == layer:
        return
    elif not slash:
        report.fail(place, f'write the directory too: #include "{layer}/{included}"')
    elif target not in modules:
        report.fail(place, f"{target} is no directory of core/, edge/ or extensions/")
    elif target not in allowed:
        report.fail(place, f"{layer} may not include {target}; {RULES} allows it: {' '.join(sorted(allowed)) or 'nothing'}")


GOOD = {
    RULES: "# comment\nbase:\nfacts: base\napps: *\n",
    "core/base/bytes.h": "#pragma once\n",
    "core/facts/fact.h": '#include "base/bytes.h"\n',
    "core/facts/fact.cpp": '#include "facts/fact.h"\n#include "proto/wire.pb.h"\n',
    "apps/ambitd/main.cpp": '#include "facts/fact.h"\n#include "options.h"\n',
}
CASES = [
    ("allowed edges", GOOD, None),
    ("upward edge", {**GOOD, "core/base/bytes.cpp": '#include "facts/fact.h"\n'}, "base may not include facts"),
    ("missing line", {**GOOD, "edge/store/store.cpp": "\n"}, "no line for the directory store"),
    ("stale line", {**GOOD, RULES: "base:\nfacts: base\ngone:\napps: *\n"}, "stale line: there is no directory gone"),
    ("cycle", {**GOOD, RULES: "base: facts\nfacts: base\napps: *\n"}, "only directories on lines above"),
    ("bare include", {**GOOD, "core/facts/log.cpp": '#include "fact.h"\n'}, "write the directory too"),
    ("protobuf in a header", {**GOOD, "core/facts/log.h": '#include "proto/wire.pb.h"\n'}, ".cpp files only"),
]
