"""Headers open with what a reader must know, and show no third-party library to those who include them.

That each header compiles alone is checked by the build: see CMakeLists.txt here.
"""

import re

from layers import MODULE

INCLUDES_MAX = 10
LIBRARY = re.compile(
    r"\s*#\s*include\s+[<\"]("
    r"boost/|nlohmann/|sqlite3|google/protobuf|openssl/|sodium|grpc|llama|ggml|yaml-cpp|mosquitto|avahi|toml\+\+|CLI/"
    r"|seccomp|qrencode|spdlog|absl/)"
)
INCLUDE = re.compile(r"\s*#\s*include\b")
# What a front door tells, and the words that open the telling.
FRONT_DOOR = {
    "who owns it": re.compile(r"\b(?:Ownership|Owner|Who \w+ it)\b"),
    "which threads": re.compile(r"\bThreads?:"),
    "how it fails": re.compile(r"\b(?:Failures?|Errors|Misuse):"),
}


def opening_comment(text):
    lines = []
    for line in text.splitlines():
        if not line.startswith("//"):
            break
        lines.append(line)
    return lines


def check(tree, report):
    doors = {}
    for path in tree.matching(r"(?:core|edge|extensions|apps)/.*\.h"):
        text = tree.text(path)
        comment = opening_comment(text)
        if not comment:
            report.fail(path, "opens without a comment that says what it is")
        if not re.search(r"^#pragma once$", text, flags=re.MULTILINE):
            report.fail(path, "has no #pragma once")
        check_includes(tree, path, report)
        module = MODULE.fullmatch(path)
        if module:
            directory = path.rsplit("/", 1)[0]
            told = [what for what, words in FRONT_DOOR.items() if words.search("\n".join(comment))]
            doors[directory] = max(doors.get(directory, []), told, key=len)
    for directory, told in doors.items():
        missing = [what for what in FRONT_DOOR if what not in told]
        if missing:
            report.fail(directory, f"no header is its front door: none tells {', '.join(missing)} in its opening comment")


def check_includes(tree, path, report):
    includes = 0
    for number, line in tree.lines(path):
        includes += bool(INCLUDE.match(line))
        library = LIBRARY.match(line)
        if library:
            report.fail(f"{path}:{number}", f"{library.group(1)} belongs in a .cpp file: forward-declare or hide it")
    if includes > INCLUDES_MAX:
        report.fail(path, f"{includes} includes; at most {INCLUDES_MAX}, six is the aim")


DOOR = "// A: what it is.\n// Ownership: values.  Threads: any.  Failure: none.\n#pragma once\n"
CASES = [
    ("front door", {"core/a/a.h": DOOR + "#include <vector>\n", "core/a/b.h": "// B: more.\n#pragma once\n"}, None),
    ("no comment", {"core/a/a.h": DOOR, "core/a/b.h": "#pragma once\n"}, "core/a/b.h: opens without a comment"),
    ("no pragma", {"core/a/a.h": DOOR.replace("#pragma once", "")}, "no #pragma once"),
    ("no front door", {"core/a/a.h": "// A: what it is.\n#pragma once\n"}, "none tells who owns it, which threads"),
    ("library", {"edge/a/a.h": DOOR + "#include <boost/asio.hpp>\n"}, "edge/a/a.h:4: boost/ belongs in a .cpp"),
    ("many includes", {"core/a/a.h": DOOR + "#include <a>\n" * (INCLUDES_MAX + 1)}, "includes; at most"),
]
