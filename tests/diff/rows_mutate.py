#!/usr/bin/env python3
"""Compare the program with rows_reference.py on rows whose structure was changed.

    LLAVA_CHECK=… rows_mutate.py [--rows 200000] [--seed 1]

prints the disagreements, how often each rule fired, and finally a line with two numbers. The exit
code is 1 if there is a disagreement.
"""

from __future__ import annotations

import argparse
import copy
import json
import os
import random
import re
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import json_mutate
import rows_reference as reference
import rows_texts as texts
import rows_write
from rows_dialects import BESIDE, DIALECTS, Dialect
from rows_express import express
from rows_mutators import Row as Row
from rows_mutators import any_value, vary
from rows_mutators import mutate as mutate
from rows_program import Checker, by_row

SIZES = [2, 4, 8, 15, 30, 60, 180]
SIZE_WEIGHTS = [3, 3, 3, 3, 3, 3, 0.2]
SHOWN = 10
CONTROLS = [bytes([byte]) for byte in range(0x20) if byte not in b"\r\n"]
NOT_UTF8 = [
    b"\x80", b"\xbf", b"\xc0\xaf", b"\xc3", b"\xe4\xb8", b"\xed\xa0\xbd", b"\xf0\x9f\x98", b"\xf4\x90\x80\x80", b"\xfe",
    b"\xff",
]  # fmt: skip
BLANK_LINES = [b"", b"", b" ", b"\t ", b"\r", b" \r", b"\r\r", b"\x0c", b"\xc2\xa0 ", b" " * 300]
ODD_SPACES = [b"\x0b", b"\x0c", b"\x1c", b"\x1f", b"\xc2\x85", b"\xc2\xa0", b"\xe2\x80\xa8", b"\xe3\x80\x80"]
COMPARED_AS_A_WHOLE = {
    "tool_calls", *(name for dialect in DIALECTS.values() for column in BESIDE for name in dialect.columns.get(column, [])),
}  # fmt: skip
STRING = re.compile(rb'"(?:[^"\\]|\\.)+"')


def seeds() -> list[Row]:
    """Return sound rows: of the demo, of the derived corpus if it exists, and synthetic ones."""
    found = [json.loads(text) for text in json_mutate.seed_rows(random.Random(1))]
    rows = [row for row in found if isinstance(row.get("conversations"), list)]
    assert len(rows) >= 40
    images = [{"image": ["a.jpg", "b.jpg"]}, {"image": ["a.jpg"]}, {}, {"video": "v.mp4"}]
    for number, extra in enumerate(images * 5):
        count = len(extra.get("image", [1])) if extra else 0
        value = "<image>" * count + "\nWhat?"
        turns = [{"from": "human", "value": value}, {"from": "gpt", "value": "That."}]
        rows.append({"id": f"made-{number}", **copy.deepcopy(extra), "conversations": turns})
    return rows


def dress(value: Any, rng: random.Random, chance: float) -> Any:
    """Give some objects a duplicate key (Python keeps the last), and write some strings with escapes. Leave
    out values that are compared as a whole: there the program compares both values of a key."""
    if isinstance(value, str):
        return rows_write.Escaped(value) if rng.random() < chance / 5 else value
    if not isinstance(value, list | dict):
        return value
    if isinstance(value, list) and not isinstance(value, rows_write.Members):
        return [dress(item, rng, chance) for item in value]
    pairs = value.items() if isinstance(value, dict) else value
    if ("type", "tool_use") in pairs:
        chance = 0
    members = [(key, dress(item, rng, 0 if key in COMPARED_AS_A_WHOLE else chance)) for key, item in pairs]
    if members and rng.random() < chance:
        key, item = rng.choice(members)
        key = rng.choice([key, key, rows_write.Escaped(key)])
        members.insert(rng.randrange(len(members) + 1), (key, rng.choice([item, any_value(rng)])))
    return rows_write.Members(members)


def make_rows(
    rows: list[Row], count: int, rng: random.Random, dialect: Dialect = DIALECTS["llava"]
) -> list[Any]:
    """Make the rows of a file. In some files, many rows are the same as an earlier one, or nearly; most of
    these are also written in the same way."""
    repeated = rng.choice([0, 0, 0.1, 0.5])
    made: list[tuple[Any, int]] = []  # a row in LLaVA's form, and the seed for converting it to the dialect
    for _ in range(count):
        earlier = [(row, way) for row, way in made[-20:] if isinstance(row, dict)]
        row, way = copy.deepcopy(rng.choice(rows)), rng.getrandbits(32)
        if rng.random() < 0.9:
            row = mutate(row, rng)
        if earlier and rng.random() < repeated:
            again, same_way = rng.choice(earlier)
            row, way = vary(again, rng), same_way if rng.random() < 0.8 else way
        made.append((row, way))
    expressed = [express(row, dialect, random.Random(way)) for row, way in made]
    return [dress(row, rng, 0.02) for row in expressed]


def damage(text: bytes, rng: random.Random) -> bytes:
    """Damage a line of a JSONL so that Python refuses it. In an array, later rows could only be guessed."""
    if rng.random() < 0.4:
        return text[: rng.randrange(1, len(text) + 1)]
    strings = list(STRING.finditer(text))
    if not strings:
        return text
    at = rng.choice(strings).start() + 1
    return text[:at] + rng.choice(rng.choice([CONTROLS, NOT_UTF8, NOT_UTF8])) + text[at:]


def add_space(text: bytes, rng: random.Random) -> bytes:
    """Add white space around a line that only str.strip removes."""
    space = rng.choice([b"", b" "]) + rng.choice(ODD_SPACES)
    return rng.choice([space + text, text + space])


def add_blank_lines(lines: bytes, newline: bytes, rng: random.Random) -> bytes:
    found = lines.split(newline)[:-1]
    for _ in range(rng.choice([0, 1, 1, 3])):
        at = rng.choice([0, len(found), rng.randrange(len(found) + 1)])
        found.insert(at, rng.choice(BLANK_LINES))
    return newline.join(found) + rng.choice([newline, newline, b""])


class Rows(NamedTuple):
    """A rows file: its bytes, and the text of each row in it."""

    form: rows_write.Form
    data: bytes
    texts: list[bytes]
    dialect: str

    @property
    def suffix(self) -> str:
        return ".jsonl" if self.form.lines else ".json"

    def judge(self, videos: frozenset[str]) -> reference.Findings:
        lines = self.data if self.form.lines else None
        return reference.judge_file(self.texts, videos, lines, self.dialect)


def make_file(rows: list[Any], rng: random.Random, dialect: str = "llava") -> Rows:
    lines = rng.random() < 0.5
    form = rng.choice([form for form in rows_write.FORMS if form.lines == lines])
    if form.lines and not isinstance(rows[0], dict | rows_write.Members):
        rows = [{"id": "first", "conversations": []}, *rows]  # shows that this is JSONL
    data, row_texts = rows_write.write(rows, form)
    if form.lines and rng.random() < 0.7:
        for at in range(1, len(row_texts) - 1):  # the first row shows the form, the last one the file's end
            if rng.random() < 0.2:
                row_texts[at] = damage(row_texts[at], rng)
        data = rows_write.join(row_texts, form)
    if form.lines and rng.random() < 0.3:
        spaced = [add_space(text, rng) if rng.random() < 0.1 else text for text in row_texts]
        data = rows_write.join(spaced, form)
    if form.lines and rng.random() < 0.8:
        data = add_blank_lines(data, form.newline.encode(), rng)
    return Rows(form, data, row_texts, dialect)


def make_videos(root: Path) -> frozenset[str]:
    """Create files, and return those of the rows' paths that lead to a video."""
    for folder in ("frames", "C:"):
        (root / folder).mkdir(exist_ok=True)
    for name in ("v.mp4", "frames/1.jpg", "a\\b.mp4", "C:/v.mp4", "é.mp4", "a..b.mp4"):
        (root / name).write_bytes(b"abc")
    for name in ("empty.mp4", "frames/empty.mp4"):
        (root / name).write_bytes(b"")
    paths = texts.VIDEOS + texts.STRINGS + texts.NEARLY_BLANKS
    return frozenset(path for path in paths if is_video(root, path))


def is_video(root: Path, path: str) -> bool:
    """ROW212: a nonempty file or a folder, at a path that cannot lead elsewhere."""
    if path.startswith(("/", "C:")) or ".." in path.split("/") or "\\" in path or "://" in path:
        return False
    full = os.path.join(root, path)
    return os.path.isdir(full) or (os.path.isfile(full) and os.path.getsize(full) > 0)


class Outcome:
    """The results of a comparison."""

    def __init__(self) -> None:
        self.rows = 0
        self.files = 0
        self.fired: Counter[str] = Counter()
        self.dialects: Counter[str] = Counter()
        self.sound = 0
        self.disagreements: list[str] = []

    def compare(self, checker: Checker, rows: Rows, threads: int, videos: frozenset[str]) -> None:
        form, count = f"{rows.dialect}, {rows.form.name}", len(rows.texts)
        wanted = rows.judge(videos)
        result = checker.check(rows.data, rows.suffix, threads, rows.dialect)
        over, under = reference.difference(by_row(result.findings), wanted)
        self.files += 1
        self.rows += count
        self.dialects[rows.dialect] += count
        self.sound += count - len({row for row, _ in wanted if isinstance(row, int)})
        self.fired.update(code for (_, code), n in wanted.items() for _ in range(n))
        if result.rows != count:
            self.disagreements.append(f"{form}: {result.rows} rows of {count}")
        for what, found in (("only ours", over), ("only reference", under)):
            for row, code in found:
                text = rows.texts[row] if isinstance(row, int) and row < count else b""
                self.disagreements.append(f"{form}: {what}: {code} at {row!r}: {text!r}")

    def describe(self) -> str:
        lines = self.disagreements[:SHOWN]
        lines += [f"{count:8} {code}" for code, count in sorted(self.fired.items())]
        lines += [f"{count:8} rows of {name}" for name, count in sorted(self.dialects.items())]
        lines.append(f"{self.sound:8} rows without a finding, {self.files} files")
        lines.append(f"{self.rows} compared, {len(self.disagreements)} disagreements")
        return "\n".join(lines)


def run(count: int, seed: int, folder: Path, names: Sequence[str] = tuple(DIALECTS)) -> Outcome:
    """Compare files of some dialects, with about the same number of rows of each."""
    rng = random.Random(seed)
    outcome, checker, rows = Outcome(), Checker(folder), seeds()
    videos = make_videos(checker.images)
    while outcome.rows < count:
        size = rng.choices(SIZES, SIZE_WEIGHTS)[0]
        name = min(names, key=lambda name: outcome.dialects[name])  # the one with the fewest rows so far
        made = make_file(make_rows(rows, size, rng, DIALECTS[name]), rng, name)
        outcome.compare(checker, made, rng.choice([1, 4]), videos)
    return outcome


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=200000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--dialect", choices=DIALECTS, help="only this one")
    options = parser.parse_args()
    names = [options.dialect] if options.dialect else tuple(DIALECTS)
    with tempfile.TemporaryDirectory() as folder:
        outcome = run(options.rows, options.seed, Path(folder), names)
    print(outcome.describe())
    return 1 if outcome.disagreements else 0


if __name__ == "__main__":
    sys.exit(main())
