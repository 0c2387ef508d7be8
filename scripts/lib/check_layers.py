#!/usr/bin/env python3
"""Checks that no folder under src/ includes one that it may not know about.

A folder may include itself and those before it in ROOMS, less what KEPT_FROM forbids it as well.
"""

import pathlib
import re
import sys

ROOMS = [
    "base",
    "zip",
    "net",
    "aws",
    "image",
    "store",
    "lambda",
    "functions",
    "catalog",
    "sources",
    "ingest",
    "api",
    "emulator",
    "deploy",
    "demo",
    "cli",
]

KEPT_FROM = {
    "net": {"zip"},
    "aws": {"zip"},
    "image": {"zip", "net", "aws"},
    "lambda": {"zip", "image", "store"},
    "catalog": {"zip", "net", "aws", "store", "lambda", "functions"},
    "sources": {"lambda", "functions"},
    "emulator": {"catalog", "sources", "ingest", "api"},
    "deploy": {"catalog", "sources", "ingest", "api", "emulator"},
    # Its tests read what its sites answer with the kinds of sources.
    "demo": {"catalog", "ingest", "api", "deploy"},
}

# The public header of `lambda` lies outside src/.
PUBLIC_FOLDERS = {"creel": "lambda"}

# What is made for tests, and may be included by them alone: tests/support, and fixtures beside the tests.
TEST_FOLDERS = {"support"}
TEST_HEADER = re.compile(r"(_fixture|test_support)\.h$")
TEST_SOURCE = re.compile(r"(_test\.cpp|_fixture\.h|test_support\.h)$")

INCLUDE = re.compile(r'^\s*#\s*include\s*"([^"]+)"', re.MULTILINE)


def allowed(room):
    return set(ROOMS[: ROOMS.index(room) + 1]) - KEPT_FROM.get(room, set())


def complaints(source, room, path):
    text = path.read_text(encoding="utf-8")
    for match in INCLUDE.finditer(text):
        included = match.group(1)
        folder = included.split("/")[0] if "/" in included else None
        folder = PUBLIC_FOLDERS.get(folder, folder)
        if folder in TEST_FOLDERS or TEST_HEADER.search(included):
            if TEST_SOURCE.search(path.name):
                continue
            why = "only tests may include what is made for them"
        elif folder not in ROOMS:
            why = "includes go by path from src/"
        elif folder in allowed(room):
            continue
        else:
            why = f"src/{room} may not include src/{folder}"
        line = text.count("\n", 0, match.start(1)) + 1
        yield f'src/{path.relative_to(source)}:{line}: #include "{included}": {why}'


def main():
    source = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "src")
    found = []
    for path in sorted(source.rglob("*")):
        if path.suffix not in (".h", ".cpp"):
            continue
        room = path.relative_to(source).parts[0]
        if room not in ROOMS:
            found.append(
                f"src/{path.relative_to(source)}: src/{room} is in no layer: add it to ROOMS in {sys.argv[0]}"
            )
            continue
        found.extend(complaints(source, room, path))
    for complaint in found:
        print(complaint, file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
