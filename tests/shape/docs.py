"""Documents tell the truth: every path, link and command they name exists.

Read are all *.md files, the comments of C++ files (for pages under docs/ and ./dev commands) and the next steps of
the error table.  Commands of the CLI are checked against docs/cli-commands.txt, one "noun verb" or "verb" a line;
the test of apps/ambit keeps that list equal to what the program offers.
"""

import os
import re

CLI_COMMANDS = "docs/cli-commands.txt"
FENCE = re.compile(r"^ *```[^\n]*\n(.*?)^ *```", re.MULTILINE | re.DOTALL)
SPAN = re.compile(r"`([^`\n]+)`")
LINK = re.compile(r"\]\(([^)#\s]+)")
PATH = re.compile(r"(?:\.?[\w-]+/)[\w./*<>-]*|[\w-]+\.(?:md|txt|h|cpp|proto|json|cmake|def)")
DEV = re.compile(r"\./dev\s+([a-z][\w-]*)(?:[ \t]+([\w-]+))?")
AMBIT_SPAN = re.compile(r"(?:^|\n)[ \t]*(?:\$ )?ambit(?: --[\w-]+ [\w]+)*[ \t]+([a-z][a-z-]*)(?:[ \t]+([a-z][a-z-]*))?")
PAGE = re.compile(r"docs/[\w/-]+\.md")
SOURCE = r"(?:core|edge|extensions|apps|tests|bench|proto|demo)/.*\.(?:h|cpp|def|proto|js|mjs)"


class Names:
    """What exists and may be named."""

    def __init__(self, tree):
        self.tree = tree
        self.top = {path.split("/")[0] for path in tree.paths if "/" in path}
        self.basenames = {os.path.basename(path) for path in tree.paths}
        self.dev_tasks = self._dev_tasks()
        self.cli = None
        if tree.has_file(CLI_COMMANDS):
            self.cli = {line.strip() for _, line in tree.lines(CLI_COMMANDS) if line.strip() and line[0] != "#"}

    def _dev_tasks(self):
        script = self.tree.text("dev") if self.tree.has_file("dev") else ""
        return set(re.findall(r"^task_([a-z]+)\(\)", script, flags=re.MULTILINE))

    def has_benchmark(self, name):
        listed = "bench/CMakeLists.txt"
        in_list = self.tree.has_file(listed) and re.search(rf"\b{name}\b(?!-)", self.tree.text(listed))
        return bool(in_list) or any(self.tree.has_file(f"bench/{name}{end}") for end in ("", ".py", ".sh"))

    def has_path(self, path, beside):
        """True too for what is no path of ours: another program's file, a pattern with a place-holder."""
        path = re.sub(r":\d+$", "", path)
        if "/" not in path:
            return path in self.basenames
        path = path.rstrip("/.")
        if path.split("/")[0] not in self.top or "<" in path:
            return True
        path = path.split("*")[0]
        return any(
            self.tree.exists(os.path.join(start, path)) or any(known.startswith(path) for known in self.tree.paths)
            for start in ("", beside)
        )


def check(tree, report):
    names = Names(tree)
    if names.cli is None:
        report.note(CLI_COMMANDS, "missing, so commands of the CLI in documents are not checked")
    for path in tree.matching(r".*\.md"):
        check_document(path, tree.text(path), names, report)
    for path in tree.matching(SOURCE):
        for number, line in tree.lines(path):
            check_source_line(f"{path}:{number}", path, line, names, report)


def check_document(path, text, names, report):
    beside = os.path.dirname(path)
    for match in LINK.finditer(text):
        target = match.group(1)
        if not re.match(r"[a-z]+:", target) and not names.tree.exists(os.path.join(beside, target)):
            report.fail(place(path, text, match), f"the link leads nowhere: {target}")
    code = [(match, match.group(1)) for match in FENCE.finditer(text)]
    prose = FENCE.sub(lambda match: re.sub(r"[^\n]", " ", match.group(0)), text)
    for match in SPAN.finditer(prose):
        code.append((match, match.group(1)))
        if PATH.fullmatch(match.group(1)) and not names.has_path(match.group(1), beside):
            report.fail(place(path, text, match), f"there is no {match.group(1)}")
    for match, snippet in code:
        check_commands(place(path, text, match), snippet, names, report)


def check_source_line(where, path, line, names, report):
    for page in PAGE.findall(line):
        if not names.tree.has_file(page):
            report.fail(page, f"missing, but named at {where}")
    for snippet in SPAN.findall(line):
        check_commands(where, snippet, names, report)


def check_commands(where, snippet, names, report):
    for task, argument in DEV.findall(snippet):
        if task not in names.dev_tasks:
            report.fail(where, f"there is no ./dev {task}")
        elif task == "bench" and argument and argument.islower() and not names.has_benchmark(argument):
            report.fail(where, f"there is no benchmark {argument}")
    if names.cli is None:
        return
    for noun, verb in AMBIT_SPAN.findall(snippet):
        if noun not in names.cli and f"{noun} {verb}" not in names.cli:
            report.fail(where, f"there is no command: ambit {noun} {verb}".rstrip())


def place(path, text, match):
    return f"{path}:{text.count(chr(10), 0, match.start()) + 1}"


GOOD = {
    "dev": "task_test() {\n}\ntask_bench() {\n}\n",
    "bench/CMakeLists.txt": "add_benchmark(mesh-rtt mesh_rtt.cpp)\n",
    CLI_COMMANDS: "# all\ndevices\ndevices remove\nask\n",
    "docs/spec/wire.md": "wire\n",
    "README.md": "Run `./dev test` (`bench/`), `./dev bench mesh-rtt`, read [the wire](docs/spec/wire.md), `docs/spec/` and\n"
    "`wire.md`, edit `sentences/en.yaml`.\n```\n$ ambit devices remove phone\n$ ambit ask \"hello\"\n```\n",
    "core/a/a.h": "// Spec: docs/spec/wire.md, `./dev bench mesh-rtt`.\n",
}
CASES = [
    ("true", GOOD, None),
    ("no CLI list yet", {"README.md": "`ambit whatever`\n"}, None),
    ("dead link", {**GOOD, "docs/a.md": "[x](spec/gone.md)\n"}, "docs/a.md:1: the link leads nowhere: spec/gone.md"),
    ("path", {**GOOD, "docs/a.md": "\n`docs/gone.md`\n"}, "docs/a.md:2: there is no docs/gone.md"),
    ("file", {**GOOD, "docs/a.md": "`gone.proto`\n"}, "there is no gone.proto"),
    ("task", {**GOOD, "docs/a.md": "```\n./dev fly\n```\n"}, "there is no ./dev fly"),
    ("benchmark", {**GOOD, "docs/a.md": "`./dev bench mesh`\n"}, "there is no benchmark mesh"),
    ("command", {**GOOD, "docs/a.md": "`ambit fly`\n"}, "there is no command: ambit fly"),
    ("command with an instance", {**GOOD, "docs/a.md": "`ambit --instance hub fly`\n"}, "no command: ambit fly"),
    ("next step", {**GOOD, "core/base/errors.def": 'X(1, "t", "Run `ambit fly`.")\n'}, "errors.def:1: there is no command"),
    ("page in a header", {**GOOD, "core/a/b.h": "// Spec: docs/spec/gone.md\n"}, "docs/spec/gone.md: missing, but named at core/a/b.h:1"),
]
