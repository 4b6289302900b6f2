"""Nothing in the tree names the machine it was written on, or where packages come from there."""

import re

# Written so that this file does not match itself.
FORBIDDEN = [
    (re.compile(r"(?<![\w.~$}])/(?:home|Users|work|root)/[\w.-]+"), "a path of one machine"),
    (re.compile(r"\b(?:registry\.npmjs|registry\.yarnpkg|files\.pythonhosted|pypi\.org|deb\.debian|proxy\.golang)"),
     "a package registry's host"),
    (re.compile(r"^(?:<{7}|>{7}) ", re.MULTILINE), "a merge conflict's marker"),
    (re.compile(r"\b(?:TO[D]O|FIX[M]E|XX[X])\b"), "unfinished work: finish it or open an issue"),
]


def check(tree, report):
    for path in tree.paths:
        text = tree.text(path)
        if "\0" in text:
            continue
        for pattern, why in FORBIDDEN:
            match = pattern.search(text)
            if match:
                line = text.count("\n", 0, match.start()) + 1
                report.fail(f"{path}:{line}", f'"{match.group(0)}" is {why}')


CASES = [
    ("clean", {"docs/a.md": "Look in ~/.config, $HOME/work/x and https://example.org/home/page.\n"}, None),
    ("build machine", {"docs/a.md": "\nsee " + "/ho" + "me/somebody/ambit\n"}, "docs/a.md:2:"),
    ("registry", {"a.json": '"https://registry' + '.npmjs.org/ws"\n'}, "a package registry's host"),
    ("conflict", {"a.cpp": "<" * 7 + " HEAD\n"}, "a merge conflict's marker"),
    ("unfinished", {"a.cpp": "// TO" + "DO: write\n"}, "unfinished work"),
]
