#!/usr/bin/env python3
"""Compare src/json with Python's json on texts that were damaged byte by byte.

    LC_JSON_FACTS=… json_mutate.py [--count 500000] [--seed 1]

prints the disagreements, how often each exception was needed, and finally a line with two numbers.
The exit code is 1 if there is a disagreement.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import json_reference as reference

ROOT = Path(__file__).resolve().parents[2]
DEMO = ROOT / "fixtures" / "demo" / "llava_demo.json"
DERIVED = ROOT.parent / "shared" / "corpus" / "derived"
BATCH = 5000
SHOWN = 5  # disagreements with each cause

STRUCTURE = [b"{", b"}", b"[", b"]", b",", b":", b'"', b"\\", b" ", b"\n", b"\t", b"\r", b"-"]
TOKENS = STRUCTURE + [
    b'\\"', b"\\\\", b"\\/", b"\\n", b"\\x", b"\\u", b"\\u12", b"\\u12G4", b"\\u0000", b"\\u00e9",
    b"\\ud83d", b"\\ude00", b"\\ud83d\\ude00", b"\\ud83d\\ud83d", b"\\uD83D\\u0041", b"\\udfff\\ud800",
    b"null", b"true", b"false", b"nul", b"None", b"True", b"NaN", b"Infinity", b"-Infinity", b"-Inf",
    b"0", b"1", b"-0", b"01", b"1.", b".5", b"1.5", b"1e", b"1e+", b"1e5", b"1E-5", b"1e999", b"+1",
    b"9223372036854775807", b"9223372036854775808", b"-9223372036854775808", b"-9223372036854775809",
    b"18446744073709551615", b"18446744073709551616", b"0x10", b"1_0", b",]", b",}", b", }", b"[]", b"{}",
    b'""', b'"a":1', b'{"a":1}', b"/*c*/", b"//", b"'", b"<image>", b"\xef\xbb\xbf", b"\x00", b"\x01",
    b"\x0b", b"\x0c", b"\x1f", b"\x7f", b"\x80", b"\xbf", b"\xc0\xaf", b"\xc2", b"\xc3\xa9", b"\xe4\xb8\xad",
    b"\xe4\xb8", b"\xed\xa0\xbd", b"\xf0\x9f\x98\x80", b"\xf0\x9f\x98", b"\xf4\x90\x80\x80", b"\xfe", b"\xff",
    b"\xe2\x80\xa8", b"\xc2\xa0", b"\xe3\x80\x80",
]  # fmt: skip

BOM = b"\xef\xbb\xbf"
EDGES = [BOM, BOM * 2, b" " + BOM, BOM + b"\n", b"\x00", b"\x00" * 64, b" ", b"\r", b"\n", b"\t", b"\x0b", b"\x0c", b"\x1c",
         b"\x1f", b"\xc2\x85", b"\xc2\xa0", b"\xe2\x80\xa8", b"\xe3\x80\x80", b",", b"]", b"}", b"//", b"1"]  # fmt: skip


def synthetic(rng: random.Random) -> bytes:
    """Make a row with many things that parsers get wrong."""
    letters = ["a", "é", "中", "😀", '"', "\\", "/", "\b", "\f", "\n", "\r", "\t", "\x00", "\x7f", "\x85",
               "\u2028", "\u3000", "\ufeff", "\ufffd", "\U0010ffff", "\ud83d", "\ude00", " ", "<image>"]  # fmt: skip
    numbers: list[Any] = [0, -1, 7, 2**63 - 1, 2**63, -(2**63), -(2**63) - 1, 2**64, 10**30, 0.5, -1e-7, 1e308,
                          float("nan"), float("inf"), float("-inf")]  # fmt: skip

    def text() -> str:
        return "".join(rng.choices(letters, k=rng.randrange(6)))

    def value(depth: int) -> Any:
        kind = rng.randrange(7 if depth < 4 else 5)
        if kind == 5:
            return [value(depth + 1) for _ in range(rng.randrange(4))]
        if kind == 6:
            return {text(): value(depth + 1) for _ in range(rng.randrange(4))}
        simple: list[Any] = [text(), text(), rng.choice(numbers), rng.choice([True, False]), None]
        return simple[kind]

    row = {"id": rng.choice(numbers), "image": text(), text(): value(0), text(): value(0)}
    ascii_only = rng.random() < 0.5
    written = json.dumps(row, ensure_ascii=ascii_only, indent=rng.choice([None, None, 1]))
    if not ascii_only:  # a text can contain a lone surrogate only as an escape
        written = reference.SURROGATES.sub(lambda m: f"\\u{ord(m[0]):04x}", written)
    return written.encode("utf-8")


def seed_rows(rng: random.Random) -> list[bytes]:
    """Return rows of the demo, of the derived corpus if it exists, and synthetic ones."""
    decoder = json.JSONDecoder()
    demo = DEMO.read_text(encoding="utf-8")
    rows: list[bytes] = []
    at = demo.find("{")
    while at >= 0:  # the demo has a broken row, which is skipped
        try:
            end = decoder.raw_decode(demo, at)[1]
            rows.append(demo[at:end].encode("utf-8"))
        except json.JSONDecodeError:
            end = at + 1
        at = demo.find("{", end)
    assert len(rows) >= 40
    if DERIVED.is_dir():
        for path in sorted(DERIVED.glob("*.json")):
            found = json.loads(path.read_text(encoding="utf-8"))
            for row in rng.sample(found, min(20, len(found))):
                rows.append(json.dumps(row).encode("utf-8"))
    return rows + [synthetic(rng) for _ in range(300)]


def cut(text: bytes, rng: random.Random) -> tuple[int, int]:
    begin = rng.randrange(len(text) + 1)
    return begin, min(len(text), begin + rng.choice([1, 1, 1, 2, 3, 5, 8, 20]))


def delete(text: bytes, rng: random.Random) -> bytes:
    begin, end = cut(text, rng)
    return text[:begin] + text[end:]


def insert(text: bytes, rng: random.Random) -> bytes:
    at = rng.randrange(len(text) + 1)
    return text[:at] + rng.choice(TOKENS) + text[at:]


def enclose(text: bytes, rng: random.Random) -> bytes:
    """Put white space of JSON or of Python, a byte order mark or a NUL before or after the value."""
    added = rng.choice(EDGES)
    return rng.choice([added + text, text + added])


def replace(text: bytes, rng: random.Random) -> bytes:
    begin, end = cut(text, rng)
    return text[:begin] + rng.choice(TOKENS) + text[end:]


def randomise(text: bytes, rng: random.Random) -> bytes:
    at = rng.randrange(len(text) + 1)
    return text[:at] + bytes([rng.randrange(256)]) + text[at + 1 :]


def flip(text: bytes, rng: random.Random) -> bytes:
    if not text:
        return text
    at = rng.randrange(len(text))
    return text[:at] + bytes([text[at] ^ 1 << rng.randrange(8)]) + text[at + 1 :]


def duplicate(text: bytes, rng: random.Random) -> bytes:
    begin, end = cut(text, rng)
    return text[:end] + text[begin:end] + text[end:]


def truncate(text: bytes, rng: random.Random) -> bytes:
    return text[: rng.randrange(len(text) + 1)]


def structural(text: bytes, rng: random.Random) -> bytes:
    """Replace a structural byte, quote or backslash with another one, two, or none."""
    places = [i for i, byte in enumerate(text) if byte in b'{}[],:"\\']
    if not places:
        return insert(text, rng)
    at = rng.choice(places)
    new = rng.choice([b"", text[at : at + 1] * 2, rng.choice(STRUCTURE), rng.choice(TOKENS)])
    return text[:at] + new + text[at + 1 :]


def retype(text: bytes, rng: random.Random) -> bytes:
    """Replace a value."""
    places = [i for i, byte in enumerate(text) if byte in b":,["]
    if not places:
        return insert(text, rng)
    at = rng.choice(places) + 1
    end = at
    while end < len(text) and text[end] not in b",]}":
        end += 1
    return text[:at] + rng.choice(TOKENS) + text[end:]


MUTATORS: list[Callable[[bytes, random.Random], bytes]] = [
    delete, insert, insert, replace, randomise, flip, duplicate, truncate, structural, structural,
    structural, retype, retype, enclose,
]  # fmt: skip


def mutate(text: bytes, rng: random.Random) -> bytes:
    for _ in range(rng.choice([1, 1, 1, 2, 2, 3])):
        text = rng.choice(MUTATORS)(text, rng)
    return text


def mutants(count: int, seed: int) -> Iterator[bytes]:
    rng = random.Random(seed)
    rows = seed_rows(rng)
    yield from rows[:count]
    for number in range(count - len(rows)):
        if number % 20000 == 19999:  # new rows, in a long run
            rows[-300:] = [synthetic(rng) for _ in range(300)]
        yield mutate(rng.choice(rows), rng)


class Outcome:
    """The results of a comparison."""

    def __init__(self) -> None:
        self.compared = 0
        self.accepted = 0
        self.exceptions: Counter[str] = Counter()
        self.faults: Counter[str] = Counter()
        self.causes: Counter[str] = Counter()
        self.disagreements: list[tuple[bytes, list[str], reference.Facts]] = []

    def add(self, texts: list[bytes]) -> None:
        for text, facts in zip(texts, reference.run_facts(texts), strict=True):
            causes, used = reference.compare(text, facts)
            self.compared += 1
            self.accepted += facts.fast.fault == "fine"
            self.faults[facts.fast.fault] += 1
            self.exceptions[used] += bool(used)
            self.causes.update(causes)
            if causes:
                self.disagreements.append((text, causes, facts))

    def describe(self) -> str:
        lines = []
        shown: Counter[str] = Counter()
        for text, causes, facts in self.disagreements:
            shown[causes[0]] += 1
            if shown[causes[0]] > SHOWN:
                continue
            lines += [f"{text!r}", f"    {'; '.join(causes)}", f"    Python {reference.judge(text)}",
                      f"    {facts}"]  # fmt: skip
        lines += [f"{n:8} disagree: {cause}" for cause, n in self.causes.most_common()]
        lines += [f"{n:8} {fault}" for fault, n in self.faults.most_common()]
        lines += [f"{n:8} exception {name}" for name, n in self.exceptions.items() if name]
        lines.append(f"{self.compared} compared, {len(self.disagreements)} disagreements")
        return "\n".join(lines)


def run(count: int, seed: int) -> Outcome:
    outcome = Outcome()
    texts: list[bytes] = []
    for text in mutants(count, seed):
        texts.append(text)
        if len(texts) == BATCH:
            outcome.add(texts)
            texts = []
    outcome.add(texts)
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
