"""Scripts stop at the first error, can be executed, and pass shellcheck where it is installed."""

import os
import shutil
import subprocess


def check(tree, report):
    scripts = [path for path in tree.paths if first_line(tree, path).startswith("#!")]
    shell = [path for path in scripts if first_line(tree, path).endswith("bash")]
    for path in scripts:
        if not os.access(os.path.join(tree.root, path), os.X_OK):
            report.fail(path, "opens with #! but is not executable: chmod +x")
    for path in shell:
        if "\nset -euo pipefail\n" not in tree.text(path):
            report.fail(path, "does not say `set -euo pipefail`")
    if shell and not shutil.which("shellcheck"):
        report.note("shellcheck", f"NOT INSTALLED, so {len(shell)} scripts were not checked by it")
    elif shell:
        done = subprocess.run(["shellcheck", "--format=gcc", *shell], cwd=tree.root, capture_output=True, text=True, check=False)
        for line in done.stdout.splitlines():
            report.fail(*line.split(": ", 1))


def first_line(tree, path):
    with open(os.path.join(tree.root, path), "rb") as file:
        return file.readline(200).decode("utf-8", errors="replace").rstrip()


CASES = [
    ("not executable", {"a": "#!/usr/bin/env bash\nset -euo pipefail\n"}, "a: opens with #! but is not executable"),
    ("not strict", {"a": "#!/usr/bin/env bash\necho\n"}, "a: does not say `set -euo pipefail`"),
    ("no script", {"a": "echo\n"}, None),
]
if shutil.which("shellcheck"):
    CASES.append(("shellcheck", {"a": "#!/usr/bin/env bash\nset -euo pipefail\nrm $1\n"}, "a:3:4: note: Double quote"))
