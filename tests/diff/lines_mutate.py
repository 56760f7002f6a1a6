#!/usr/bin/env python3
"""Compare the splitter with Python on files of JSON lines with odd line ends, white space and bytes.

    LC_LINES_FACTS=… lines_mutate.py [--count 500000] [--seed 1]

prints the disagreements, how often each fault occurred, and finally a line with two numbers. The exit
code is 1 if there is a disagreement.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections import Counter
from collections.abc import Callable, Iterator

import json_mutate
import lines_reference as reference

BATCH = 5000
SHOWN = 5  # disagreements with each cause

ENDS = [b"\n", b"\r\n", b"\r"]
ODD_SPACES = [b"\x0b", b"\x0c", b"\x1c", b"\x1d", b"\x1e", b"\x1f", b"\xc2\x85", b"\xc2\xa0", b"\xe1\x9a\x80", b"\xe2\x80\x80",
              b"\xe2\x80\x8a", b"\xe2\x80\xa8", b"\xe2\x80\xa9", b"\xe2\x80\xaf", b"\xe2\x81\x9f", b"\xe3\x80\x80"]  # fmt: skip
TOKENS = [*ENDS, *ENDS, b"\n\r", b"\r\r", b"\n\n", b" ", b"\t", *ODD_SPACES, *ODD_SPACES, reference.BOM, reference.BOM, b"\x00", b"\x7f",
          b"\x1b", b"\xe2\x80\x8b", b"\xe2\x80\x8e", b"\xc2\x86", b"\xa0", b"\x85", b"\xc2", b"\xe2\x80", b"\xe3\x80", b"\xe2", b"\xff",
          b"{", b"}", b"[", b"]", b",", b'"', b"{}", b"[]", b"null", b"7"]  # fmt: skip
SMALL = [b"{}", b'{"id":1}', b'{"id": "a", "b": [1, {"c": null}]}', b'{"a": "\xc3\xa9 \xe2\x80\xa8 \xe4\xb8\xad"}', b"[1]", b"7", b"null"]


def seeds(rng: random.Random) -> list[bytes]:
    rows = [row for row in json_mutate.seed_rows(rng) if len(row) < 600 and b"\n" not in row]
    assert len(rows) >= 40
    return rows


def pretty(row: bytes, rng: random.Random) -> bytes:
    """Spread a row over several lines."""
    try:
        text = json.dumps(json.loads(row), indent=rng.choice([0, 2]), ensure_ascii=False)
        return text.encode("utf-8").replace(b"\n", rng.choice(ENDS))
    except ValueError:
        return row


def make_lines(rows: list[bytes], rng: random.Random) -> list[bytes]:
    """Return alternating lines and line ends; the last end may be missing."""
    lines = []
    usual = rng.choice(ENDS)
    for _ in range(rng.choice([1, 2, 2, 3, 4, 8])):
        row = rng.choice(SMALL) if rng.random() < 0.6 else rng.choice(rows)
        lines.append(pretty(row, rng) if rng.random() < 0.05 else row)
        lines.append(usual if rng.random() < 0.8 else rng.choice(ENDS))
    if rng.random() < 0.3:
        lines.pop()
    return lines


def at_edge(lines: list[bytes], rng: random.Random) -> None:
    """Insert something before or after the text of a line."""
    at = 2 * rng.randrange((len(lines) + 1) // 2)
    added = b"".join(rng.choice(TOKENS) for _ in range(rng.choice([1, 1, 2, 3])))
    lines[at] = rng.choice([added + lines[at], lines[at] + added])


def strippable(lines: list[bytes], rng: random.Random) -> None:
    """Put white space around the text of a line, so that Python may still read it."""
    at = 2 * rng.randrange((len(lines) + 1) // 2)
    added = b"".join(rng.choice([b" ", b"\t", *ODD_SPACES]) for _ in range(rng.choice([1, 1, 2, 3])))
    lines[at] = rng.choice([added + lines[at], lines[at] + added])


def blank(lines: list[bytes], rng: random.Random) -> None:
    """Add a blank line."""
    space = b"".join(rng.choice([b" ", b"\t", *ODD_SPACES]) for _ in range(rng.choice([0, 0, 1, 2])))
    at = 2 * rng.randrange((len(lines) + 1) // 2)
    lines[at:at] = [space, rng.choice(ENDS)]


def within(lines: list[bytes], rng: random.Random) -> None:
    """Put something anywhere in a line."""
    at = rng.randrange(len(lines))
    place = rng.randrange(len(lines[at]) + 1)
    lines[at] = lines[at][:place] + rng.choice(TOKENS) + lines[at][place:]


def between_tokens(lines: list[bytes], rng: random.Random) -> None:
    """Break a line after a comma, a colon or a bracket."""
    at = 2 * rng.randrange((len(lines) + 1) // 2)
    places = [i + 1 for i, byte in enumerate(lines[at]) if byte in b"{[,:"]
    if places:
        place = rng.choice(places)
        lines[at] = lines[at][:place] + rng.choice(ENDS + ODD_SPACES) + lines[at][place:]


def byte_level(lines: list[bytes], rng: random.Random) -> None:
    at = rng.randrange(len(lines))
    lines[at] = rng.choice(json_mutate.MUTATORS)(lines[at], rng)


MUTATORS: list[Callable[[list[bytes], random.Random], None]] = [
    at_edge, strippable, strippable, blank, within, between_tokens, byte_level,
]  # fmt: skip


def mutants(count: int, seed: int) -> Iterator[bytes]:
    rng = random.Random(seed)
    rows = seeds(rng)
    for _ in range(count):
        lines = make_lines(rows, rng)
        for _ in range(rng.choice([0, 1, 1, 1, 2, 3])):
            rng.choice(MUTATORS)(lines, rng)
        data = b"".join(lines)
        yield reference.BOM + data if rng.random() < 0.02 else data


class Outcome:
    """The results of a comparison."""

    def __init__(self) -> None:
        self.compared = 0
        self.with_return = 0  # files with a \r that is not part of \r\n
        self.clean = 0  # files that are read both with and without strip()
        self.clean_by_strip = 0  # files that are only read with strip()
        self.faults: Counter[str] = Counter()
        self.causes: Counter[str] = Counter()
        self.disagreements: list[tuple[bytes, list[str], reference.Facts]] = []

    def add(self, files: list[bytes]) -> None:
        for data, facts in zip(files, reference.run_facts(files), strict=True):
            causes = reference.compare(data, facts)
            self.compared += 1
            self.with_return += b"\r" in data.replace(b"\r\n", b"\n")
            clean = facts.has_form() and all(piece.fault in reference.READ for piece in facts.pieces)
            spaces = any(piece.space for piece in facts.pieces)
            self.clean += clean and not spaces
            self.clean_by_strip += clean and spaces
            self.faults.update({piece.fault for piece in facts.pieces})
            self.causes.update(causes)
            if causes:
                self.disagreements.append((data, causes, facts))

    def describe(self) -> str:
        lines = []
        shown: Counter[str] = Counter()
        for data, causes, facts in self.disagreements:
            shown[causes[0]] += 1
            if shown[causes[0]] > SHOWN:
                continue
            lines += [f"{data!r}", f"    {'; '.join(causes)}", f"    {facts}"]
        lines += [f"{n:8} disagree: {cause}" for cause, n in self.causes.most_common()]
        lines += [f"{n:8} {fault}" for fault, n in self.faults.most_common()]
        lines.append(f"{self.clean} read, {self.clean_by_strip} by strip() alone, {self.with_return} with a lone \\r")
        lines.append(f"{self.compared} compared, {len(self.disagreements)} disagreements")
        return "\n".join(lines)


def run(count: int, seed: int) -> Outcome:
    outcome = Outcome()
    files: list[bytes] = []
    for data in mutants(count, seed):
        files.append(data)
        if len(files) == BATCH:
            outcome.add(files)
            files = []
    outcome.add(files)
    return outcome


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=500000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    outcome = run(options.count, options.seed)
    print(outcome.describe())
    return 1 if outcome.disagreements else 0


if __name__ == "__main__":
    sys.exit(main())
