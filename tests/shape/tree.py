"""The project's files as the shape checks see them, and what a check found."""

import os
import re

# Directories that hold nothing of ours: builds, downloads, version control, data lent to the checkout.
SKIPPED = {".git", "build", "node_modules", ".cache", "__pycache__", "shared"}


class Tree:
    """The text files under `root`, by path relative to it."""

    def __init__(self, root):
        self.root = root
        self.paths = sorted(self._walk())
        self._paths = set(self.paths)

    def _walk(self):
        for directory, names, files in os.walk(self.root):
            names[:] = [name for name in names if name not in SKIPPED]
            for file in set(files) - SKIPPED:  # .git is a file in a git worktree
                yield os.path.relpath(os.path.join(directory, file), self.root)

    def exists(self, path):
        return os.path.exists(os.path.join(self.root, path))

    def has_file(self, path):
        return path in self._paths

    def text(self, path):
        with open(os.path.join(self.root, path), "rb") as file:
            return file.read().decode("utf-8", errors="replace")

    def lines(self, path):
        """Yields (line number from 1, line)."""
        return enumerate(self.text(path).splitlines(), start=1)

    def matching(self, pattern):
        """The paths that the regular expression matches whole."""
        return [path for path in self.paths if re.fullmatch(pattern, path)]


class Report:
    """What a check found.  A failure fails the test, a note is only shown."""

    def __init__(self, check, allowed):
        self._check = check
        self._allowed = {path for name, path in allowed if name == check}
        self._unused = set(self._allowed)
        self.failures = []
        self.notes = []

    def fail(self, place, text):
        """`place` is "path" or "path:line"; silent when allowed.txt grants this check an exception there."""
        path = place.split(":")[0]
        self._unused.discard(path)
        if path not in self._allowed:
            self.failures.append(f"{place}: {text}")

    def note_unused_exceptions(self):
        for path in sorted(self._unused):
            self.note("tests/shape/allowed.txt", f"{self._check} {path} is not needed any more")

    def note(self, place, text):
        self.notes.append(f"{place}: {text}")


def strip_comments_and_strings(text):
    """C++ `text` with comments, literals and preprocessor lines blanked, every line kept in its place."""

    def blank(match):
        return re.sub(r"[^\n]", " ", match.group(0))

    pattern = (
        r'R"(?P<raw>[^\s()\\]{0,16})\(.*?\)(?P=raw)"'
        r"|//(?:[^\n\\]|\\.|\\\n)*"
        r"|/\*.*?\*/"
        r'|"(?:[^"\\\n]|\\.)*"'
        r"|(?<![0-9a-fA-F])'(?:[^'\\\n]|\\.)*'"
    )
    text = re.sub(pattern, blank, text, flags=re.DOTALL)
    return re.sub(r"^[ \t]*#(?:[^\n\\]|\\.|\\\n)*", blank, text, flags=re.MULTILINE | re.DOTALL)
