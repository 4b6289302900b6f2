"""Files and functions stay short enough to be read at once."""

import re

from tree import strip_comments_and_strings

FILE_LINES_MAX = 700
FILE_LINES_NOTED = 400
FUNCTION_LINES_MAX = 60

SOURCE = r"(?:.*/)?(?:[^/]+\.(?:h|cpp|py|js|mjs|sh|proto|cmake)|CMakeLists\.txt|dev|run)"
NOT_A_FUNCTION = re.compile(r"(?:typedef|namespace|class|struct|union|enum|extern)\b")


def functions(text):
    """Yields (first line, last line) of every C++ function body that is not inside another one.

    Works on code as clang-format leaves it: a body's brace follows a space, a braced initialiser's does not.
    """
    code = strip_comments_and_strings(text)
    line, head, open_braces, body_start, body_depth = 1, "", [], 0, None
    for position, character in enumerate(code):
        if character == "\n":
            line += 1
        if character == "{":
            kind = kind_of_brace(head, code[position - 1] if position else "\n")
            if kind == "function" and body_depth is None:
                body_start, body_depth = line, len(open_braces)
            open_braces.append(kind)
            head = head + "{" if kind == "initialiser" else ""
        elif character == "}":
            kind = open_braces.pop() if open_braces else "other"
            if body_depth == len(open_braces) and kind == "function":
                yield body_start, line
                body_depth = None
            head = head + "}" if kind == "initialiser" else ""
        elif character == ";" and "initialiser" not in open_braces[-1:]:
            head = ""
        else:
            head += character


def kind_of_brace(head, before):
    head = re.sub(r"\b(?:public|private|protected):", "", head)
    head = re.sub(r"^\s*(?:template\s*<.*?>\s*(?=\w))*", "", head, flags=re.DOTALL).strip()
    if before not in " \n" or head.endswith(("=", "return", ",", "(")):
        return "initialiser"
    if "(" in head and (head.endswith(")") or not NOT_A_FUNCTION.match(head)):
        return "function"
    return "other"


def check(tree, report):
    for path in tree.matching(SOURCE):
        text = tree.text(path)
        count = text.count("\n")
        if count > FILE_LINES_MAX:
            report.fail(path, f"{count} lines; at most {FILE_LINES_MAX}.  Split it by what it does.")
        elif count > FILE_LINES_NOTED:
            report.note(path, f"{count} lines; aim under 250")
        if path.endswith((".h", ".cpp")):
            for first, last in functions(text):
                if last - first > FUNCTION_LINES_MAX:
                    report.fail(f"{path}:{first}", f"function of {last - first} lines; at most {FUNCTION_LINES_MAX}")


def body(lines):
    return "{\n" + "    work();\n" * lines + "}\n"


LONG = body(FUNCTION_LINES_MAX + 1)
CASES = [
    ("short", {"core/a/a.cpp": "namespace a {\n" + "int f() " + body(50) + "int g() " + body(50) + "}\n"}, None),
    ("long class of short functions", {"core/a/a.h": "class A {\n" + "  void f() { work(); }\n" * 80 + "};\n"}, None),
    ("long table", {"core/a/a.cpp": "const Row kRows[] = {\n" + "    {1, f(2)},\n" * 90 + "};\n"}, None),
    ("long function", {"core/a/a.cpp": "int f(int x) const " + LONG}, "core/a/a.cpp:1: function of"),
    ("long method", {"core/a/a.h": "class A {\n  public:\n    int f() " + LONG + "};\n"}, "core/a/a.h:3: function of"),
    ("long constructor", {"core/a/a.cpp": "A::A(int x)\n    : a_{x}, b_(x) " + LONG}, "core/a/a.cpp:2: function of"),
    ("long template", {"core/a/a.h": "template <typename T>\nstruct B* f(T x) " + LONG}, "core/a/a.h:2: function of"),
    ("braces in strings", {"core/a/a.cpp": "int f() {\n" + '    work("{");  // {\n' * 70 + "}\n"}, "core/a/a.cpp:1:"),
    ("long file", {"core/a/a.cpp": "int x;\n" * (FILE_LINES_MAX + 1)}, "lines; at most"),
]
