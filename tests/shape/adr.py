"""Decision records: numbered without a gap, one form, and an index that is up to date."""

import importlib.machinery
import importlib.util
import os
import re

INDEX = "docs/adr/README.md"
SECTIONS = ["Status", "Context", "Decision", "Consequences"]


def index_script():
    """docs/adr/index as a module, so that the index is checked by the code that writes it."""
    path = os.path.join(os.path.dirname(__file__), "..", "..", "docs", "adr", "index")
    loader = importlib.machinery.SourceFileLoader("adr_index", path)
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("adr_index", loader))
    loader.exec_module(module)
    return module


def check(tree, report):
    records = tree.matching(r"docs/adr/\d{4}-[a-z0-9-]+\.md")
    for expected, path in enumerate(records, start=1):
        name = os.path.basename(path)
        if int(name[:4]) != expected:
            report.fail(path, f"numbers run without a gap: expected {expected:04}")
        found = re.findall(r"^## (.+)$", tree.text(path), flags=re.MULTILINE)
        if found != SECTIONS:
            report.fail(path, f"the sections are {', '.join(SECTIONS)}, not {', '.join(found)}")
    if records:
        written = tree.text(INDEX) if tree.has_file(INDEX) else ""
        if written != index_script().render(os.path.join(tree.root, "docs/adr")):
            report.fail(INDEX, "out of date: run docs/adr/index")


RECORD = "# Choose\n\n## Status\n\nAccepted\n\n## Context\n\nc\n\n## Decision\n\nDo it.\n\n## Consequences\n\nq\n"
CASES = [
    ("stale index", {"docs/adr/0001-choose.md": RECORD, INDEX: "old\n"}, "out of date: run docs/adr/index"),
    ("gap", {"docs/adr/0002-choose.md": RECORD}, "expected 0001"),
    ("form", {"docs/adr/0001-choose.md": "# Choose\n\n## Status\n\nAccepted\n"}, "the sections are Status, Context"),
]
