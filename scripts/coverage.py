#!/usr/bin/python3
"""coverage.py BUILD - how much of src/ the tests of a coverage build ran: a table by file.

Reads GCC's counts (gcov --json-format). A line or branch that is in several objects, such as code
in headers, counts as run if it ran in one of them. Branches that no test could take are left out:
those of asserts, of C++ exceptions, and of tables (.def), which compare constants. Lines that never
ran are listed in BUILD/not-run.txt, and each needs a reason in tests/not_run.txt.
"""
from __future__ import annotations

import json
import re
import subprocess
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any, Iterator

ROOT = Path(__file__).resolve().parent.parent
REASONS = ROOT / "tests/not_run.txt"
AT_ONCE = 40  # number of files in a call of gcov
ASSERT = re.compile(r"\b(static_)?assert\(")


class File:
    """The counts of one file: by line, and by line and number of the branch."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.lines: dict[int, int] = defaultdict(int)
        self.branches: dict[tuple[int, int], int] = defaultdict(int)
        self.text = (ROOT / path).read_text(encoding="utf-8").splitlines()

    def add(self, line: dict[str, Any]) -> None:
        number = line["line_number"]
        self.lines[number] += line["count"]
        if self.path.endswith(".def") or ASSERT.search(self.text[number - 1]):
            return
        for at, branch in enumerate(line["branches"]):
            if not branch["throw"]:
                self.branches[number, at] += branch["count"]

    def ran(self) -> tuple[int, int, int, int]:
        """Return the numbers of lines, of lines that ran, of branches, and of branches that ran."""
        return (len(self.lines), sum(map(bool, self.lines.values())), len(self.branches),
                sum(map(bool, self.branches.values())))

    def lines_missed(self) -> list[int]:
        return sorted(number for number, count in self.lines.items() if not count)

    def missed(self) -> Iterator[str]:
        sides: dict[int, list[int]] = defaultdict(list)
        for (number, at), count in self.branches.items():
            if not count:
                sides[number].append(at)
        for number in sorted({*sides, *self.lines_missed()}):
            what = f"branches {sides[number]}" if self.lines[number] else "never"
            yield f"{self.path}:{number}: {what}: {self.text[number - 1].strip()}\n"


def documents(build: Path) -> Iterator[dict[str, Any]]:
    """Yield gcov's JSON document for every object that ran."""
    counts = sorted(str(path) for path in build.rglob("*.gcda"))
    for at in range(0, len(counts), AT_ONCE):
        done = subprocess.run(["gcov", "--json-format", "--branch-probabilities", "--stdout",
                               *counts[at:at + AT_ONCE]], cwd=build, capture_output=True,
                              text=True, check=True)
        yield from (json.loads(line) for line in done.stdout.splitlines() if line)


def read(build: Path) -> list[File]:
    files: dict[str, File] = {}
    for document in documents(build):
        base = Path(document["current_working_directory"])
        for file in document["files"]:
            path = (base / file["file"]).resolve()
            if not path.is_relative_to(ROOT / "src"):
                continue
            name = str(path.relative_to(ROOT))
            kept = files.setdefault(name, File(name))
            for line in file["lines"]:
                kept.add(line)
    return [files[name] for name in sorted(files)]


def reasons() -> dict[tuple[str, str], str]:
    """Return the reasons why lines are not run, by file (* for any) and text of the line."""
    why, found = "", {}
    for line in REASONS.read_text(encoding="utf-8").splitlines():
        if line.startswith("    "):
            path, text = line.strip().split(": ", 1)
            found[path, text] = why
        elif line and not line.startswith("#"):
            why = line
    return found


def without_reason(files: list[File]) -> list[str]:
    known = reasons()
    return [f"{file.path}:{number}: never run, without a reason: {text}"
            for file in files for number in file.lines_missed()
            if (text := file.text[number - 1].strip()) not in ("", "}")
            and (file.path, text) not in known and ("*", text) not in known]


def percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:5.1f} %" if whole else "      -"


def main() -> int:
    build, least = Path(sys.argv[1]).resolve(), float(sys.argv[2])
    files = read(build)
    total = [sum(column) for column in zip(*(file.ran() for file in files))]
    with open(build / "not-run.txt", "w", encoding="utf-8") as out:
        for file in files:
            out.writelines(file.missed())
    print(f"{'file':<36} {'lines':>7} {'ran':>7} {'branches':>9} {'ran':>7}")
    for name, counts in [*((file.path, file.ran()) for file in files), ("all", total)]:
        lines, lines_ran, branches, branches_ran = counts
        print(f"{name:<36} {lines:7,} {percent(lines_ran, lines)} {branches:9,} "
              f"{percent(branches_ran, branches)}")
    unexplained = without_reason(files)
    for line in unexplained:
        print(line)
    return int(bool(unexplained) or not files or 100 * total[3] < least * total[2])


if __name__ == "__main__":
    sys.exit(main())
