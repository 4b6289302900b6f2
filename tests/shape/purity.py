"""The core reads no clock, randomness, file, socket or environment, and starts no thread (DESIGN: rule 7)."""

import re

from tree import strip_comments_and_strings

HEADERS = re.compile(
    r"\s*#\s*include\s+<(fstream|iostream|filesystem|thread|mutex|shared_mutex|condition_variable|future|random|ctime|"
    r"unistd\.h|fcntl\.h|sys/[a-z]+\.h|netinet/[a-z]+\.h|boost/.*|sqlite3\.h|openssl/.*|mosquitto.*)>"
)
CALLS = re.compile(
    r"\b(system_clock::now|steady_clock::now|high_resolution_clock|clock_gettime|gettimeofday|time\s*\(\s*(?:NULL|nullptr|0)"
    r"|random_device|randombytes_\w+|getrandom|getenv|fopen|std::cout|std::cerr|printf|thread_local)\b"
)
TESTS = re.compile(r".*_(?:test|testing|fuzz)\.(?:h|cpp)")


def check(tree, report):
    for path in tree.matching(r"core/.*\.(?:h|cpp)"):
        if TESTS.fullmatch(path):
            continue
        for number, line in tree.lines(path):
            match = HEADERS.match(line)
            if match:
                report.fail(f"{path}:{number}", f"the core does no IO: <{match.group(1)}> belongs in edge/")
        for number, line in enumerate(strip_comments_and_strings(tree.text(path)).splitlines(), start=1):
            match = CALLS.search(line)
            if match:
                report.fail(f"{path}:{number}", f"the core may not call {match.group(1)}: take it as an argument")


CASES = [
    ("pure", {"core/a/a.cpp": '#include <vector>\n// never steady_clock::now\nint f(Now now);\n'}, None),
    ("the edge may", {"edge/a/a.cpp": "#include <fstream>\nauto t = steady_clock::now();\n"}, None),
    ("a test may", {"core/a/a_test.cpp": "#include <fstream>\n"}, None),
    ("file", {"core/a/a.cpp": "#include <fstream>\n"}, "core/a/a.cpp:1: the core does no IO: <fstream>"),
    ("clock", {"core/a/a.cpp": "\nauto t = std::chrono::steady_clock::now();\n"}, "core/a/a.cpp:2: the core may not"),
    ("randomness", {"core/a/a.cpp": "randombytes_buf(out, 32);\n"}, "may not call randombytes_buf"),
    ("environment", {"core/a/a.h": 'auto x = getenv("HOME");\n'}, "may not call getenv"),
]
