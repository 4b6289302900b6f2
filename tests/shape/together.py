"""Files that AMBIT_UNITY compiles together (ambit_together in cmake/AmbitModule.cmake) share no file-local name.

Only what such a build would stumble on: a type, constant or variable that two files of one directory both define
in an unnamed namespace, an alias with two meanings, or a function with the same parameters.
"""

import re

from tree import strip_comments_and_strings

MODULE = re.compile(r"^\s*ambit_module\((\S+?)(\s+APART)?[\s)]", re.MULTILINE)
PROGRAMS = ["apps/ambit", "apps/ambitd"]
OPENING = re.compile(r"namespace\s*\{")
DEFINITIONS = [
    re.compile(r"^(?:template\s*<[^{;]*?>\s*)?(?:struct|class|enum(?: class)?|union)\s+(?P<name>\w+)[^;{()]*\{"),
    re.compile(r"^(?:template\s*<[^{;]*?>\s*)?using\s+(?P<name>\w+) = (?P<alias>.*);"),
    re.compile(r"^[^(){;=]*?\b(?P<name>k[A-Z]\w*)\s*(?:\[[^\]]*\]\s*)*[={;(]"),
    re.compile(r"^[^={};]*?[\w>&*\]]\s+[&*]*(?P<name>\w+\([^{}]*\))\s*(?:const|noexcept|->[^{]*)?\s*\{"),
]


def statements(text):
    """What stands directly in the unnamed namespaces of `text`: (offset, statement up to its body or end)."""
    for opening in OPENING.finditer(text):
        depth, start = 1, opening.end()
        for at in range(opening.end(), len(text)):
            if text[at] == "{":
                if depth == 1:
                    yield start, text[start : at + 1]
                depth += 1
            elif text[at] == "}":
                depth -= 1
                start = at + 1
                if depth == 0:
                    break
            elif text[at] == ";" and depth == 1:
                yield start, text[start : at + 1]
                start = at + 1


def local_names(text):
    """What unnamed namespaces define: (line, name, for an alias the type it stands for)."""
    for offset, statement in statements(text):
        stripped = re.sub(r"(?<=\() | (?=\))", "", re.sub(r"\s+", " ", statement).strip("; "))
        for definition in DEFINITIONS:
            match = definition.match(stripped if stripped.endswith("{") else stripped + ";")
            if match:
                line = text.count("\n", 0, offset + len(statement)) + 1
                # f(std::string a) and f(const std::string& a) are two functions, but no call can tell them apart.
                name = re.sub(r"\s+", " ", re.sub(r"\bconst\b |&", "", match["name"]))
                yield line, name, match.groupdict().get("alias")
                break


def check(tree, report):
    together = [
        directory
        for cmake in ("CMakeLists.txt", "extensions/CMakeLists.txt")
        if tree.has_file(cmake)
        for directory, apart in MODULE.findall(tree.text(cmake))
        if not apart
    ]
    for directory in together + PROGRAMS:
        seen = {}
        for path in tree.matching(re.escape(directory) + r"/[^/]*\.cpp"):
            if re.search(r"_(test|testing|fuzz)\.cpp$", path):
                continue
            for line, name, alias in local_names(strip_comments_and_strings(tree.text(path))):
                first, meaning = seen.setdefault(name, (path, alias))
                if first != path and (alias is None or alias != meaning):
                    report.fail(f"{path}:{line}", f"{first} has a file-local {name} too; AMBIT_UNITY compiles both together")


TWO = {"CMakeLists.txt": "ambit_module(core/a LINK b)\n", "core/a/x.cpp": "namespace {\nconstexpr int kSize = 1;\n}\n"}
CASES = [
    ("constant", {**TWO, "core/a/y.cpp": "namespace {\n\nconst std::size_t kSize{2};\n}\n"}, "core/a/y.cpp:3: core/a/x.cpp"),
    ("constant in parentheses", {**TWO, "core/a/y.cpp": "namespace {\nconst Here kSize(2);\n}\n"}, "core/a/y.cpp:2"),
    ("array", {**TWO, "core/a/y.cpp": "namespace {\nint kSize[] = {2};\n}\n"}, "core/a/y.cpp:2"),
    ("other name", {**TWO, "core/a/y.cpp": "namespace {\nconstexpr int kWidth = kSize;\n}\n"}, None),
    ("apart", {**TWO, "CMakeLists.txt": "ambit_module(core/a APART LINK b)\n",
               "core/a/y.cpp": "namespace {\nint kSize = 2;\n}\n"}, None),
    ("tests are apart", {**TWO, "core/a/y_test.cpp": "namespace {\nint kSize = 2;\n}\n"}, None),
    ("outside the namespace", {**TWO, "core/a/y.cpp": "namespace a {\nvoid f() { int kSize = 2; }\n}\n"}, None),
    ("alias", {**TWO, "core/a/x.cpp": "namespace {\nusing Kind = A::Kind;\n}\n",
               "core/a/y.cpp": "namespace {\nusing Kind = B::Kind;\n}\n"}, "core/a/y.cpp:2"),
    ("same alias", {**TWO, "core/a/x.cpp": "namespace {\nusing Kind = A::Kind;\n}\n", "core/a/y.cpp": "namespace {\nusing Kind = A::Kind;\n}\n"}, None),
    ("type", {"apps/ambit/x.cpp": "namespace {\nstruct Row {\n};\n}\n", "apps/ambit/y.cpp": "namespace {\nclass Row : Base {};\n}\n"},
     "apps/ambit/y.cpp:2: apps/ambit/x.cpp has a file-local Row"),
    ("function", {"apps/ambit/x.cpp": "namespace {\nstd::string chars(View v) { return v; }\n}\n",
                  "apps/ambit/y.cpp": "namespace {\nint f();\nstd::string chars(\n    View v) {\n}\n}\n"}, "apps/ambit/y.cpp"),
    ("ambiguous", {"apps/ambit/x.cpp": "namespace {\nstd::string lower(const std::string& text) { return v; }\n}\n",
                   "apps/ambit/y.cpp": "namespace {\nstd::string lower(std::string text) {\n}\n}\n"}, "apps/ambit/y.cpp"),
    ("overload", {"apps/ambit/x.cpp": "namespace {\nstd::string chars(View v) { return v; }\n}\n",
                  "apps/ambit/y.cpp": "namespace {\nstd::string chars(Id v) { return v; }\n}\n"}, None),
]
