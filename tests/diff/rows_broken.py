#!/usr/bin/env python3
"""Tests whether a broken row among sound and faulty ones is reported, and the others are still checked.

    LLAVA_CHECK=… rows_broken.py [--files 20000] [--seed 1] [--show OUTCOME]

prints for each form of file how often each outcome occurred:

    right       the broken row has its finding (JSN101, 102 or 105), every other row exactly its own
    joined      Python reads the file: the change made other rows of it, and all have their findings
    doubled     like right, but one cause has two JSN findings
    neighbour   like right, but the JSN finding is at another row, or at the file
    lost        rows after the broken one were missed
    shifted     rows after it were checked, but with wrong numbers, or with additional rows
    changed     the numbers are right, but the findings of another row are not
    clean       no JSN error at all: never allowed
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any, NamedTuple

import json_mutate
import rows_mutate
import rows_reference as reference
import rows_write
from rows_program import Checker, Result, by_row

ROWS = 20
FAULTY = 0.4  # fraction of the other rows with planted faults
BROKEN = {"JSN101", "JSN102", "JSN105"}
OF_COLUMNS = {"JSN115", "JSN116", "JSN117", "JSN120", "JSN122"}
READ_ALL_THE_SAME = {  # findings about texts that Python reads
    "JSN107", "JSN108", "JSN109", "JSN113", "JSN114", "JSN118", "JSN121",
} | OF_COLUMNS  # fmt: skip
OF_IDS = {"ROW206", "ROW207"}
WHITE_SPACE = " \t\r\n"


class Case(NamedTuple):
    form: rows_write.Form
    broken: int  # the number of the row
    texts: list[bytes]
    mutator: str

    @property
    def data(self) -> bytes:
        return rows_write.join(self.texts, self.form)


def planted(rows: list[rows_mutate.Row], rng: random.Random) -> Any:
    if rng.random() >= FAULTY:
        return rng.choice(rows)
    row = rows_mutate.mutate(rng.choice(rows), rng)
    return row if isinstance(row, dict) and row else rng.choice(rows)


def make_case(form: rows_write.Form, rows: list[rows_mutate.Row], rng: random.Random) -> Case:
    """Make a file of 20 rows, with the text of one changed so that Python refuses it."""
    _, texts = rows_write.write([planted(rows, rng) for _ in range(ROWS)], form)
    at = rng.randrange(ROWS)
    reader = reference.Reader()
    while True:
        mutator = rng.choice(json_mutate.MUTATORS)
        text = mutator(texts[at], rng)
        if text.strip() and reference.judge_text(text, reader)[0] & BROKEN:
            texts[at] = text
            return Case(form, at, texts, mutator.__name__)


def split(data: bytes) -> list[bytes] | None:
    """Return the texts of the rows of an array, or None if Python refuses it."""
    decoder = json.JSONDecoder()
    try:
        text = data.decode("utf-8")
        if not isinstance(json.loads(text), list):
            return None
    except ValueError:
        return None
    texts, at = [], text.index("[") + 1
    while True:
        while text[at] in WHITE_SPACE + ",":
            at += 1
        if text[at] == "]":
            return texts
        end = decoder.raw_decode(text, at)[1]
        texts.append(text[at:end].encode("utf-8"))
        at = end


def split_lines(data: bytes) -> list[bytes]:
    """Return the texts of the rows of a JSONL, where a broken row may have become several."""
    lines = (line.strip() for line in reference.text_lines(data))
    return [line.encode("utf-8", "surrogateescape") for line in lines if line]


def is_json_finding(key: tuple[int | str | None, str]) -> bool:
    return key[1].startswith("JSN") and key[1] not in READ_ALL_THE_SAME


def is_of_broken(key: tuple[int | str | None, str], case: Case) -> bool:
    """Whether a finding can come from what could be read of the broken row, which is still checked: its
    id, its content and the types of its columns are compared with those of other rows."""
    row, code = key
    if row == case.broken or code in OF_IDS or code in OF_COLUMNS:
        return True
    return code == "ROW210" and isinstance(row, int) and row > case.broken


def classify(case: Case, result: Result, videos: frozenset[str]) -> str:
    """Return the outcome, named as in the module's docstring."""
    found = by_row(result.findings)
    if case.form.lines and case.data.startswith(b"\xef\xbb\xbf"):  # this broke the first row; it is refused, too
        found -= Counter({(None, "JSN106"): 1})
    whole = split_lines(case.data) if case.form.lines else split(case.data)
    if whole is not None and (case.form.lines or len(whole) != ROWS):
        return classify_exactly(whole, found, case, videos)
    wanted = reference.judge_file(case.texts, videos, case.data if case.form.lines else None)
    faults = Counter({key: n for key, n in found.items() if is_json_finding(key)})
    others = found - faults
    if not faults:
        return "clean"
    wanted -= Counter({key: n for key, n in wanted.items() if is_json_finding(key)})
    over, under = reference.difference(others, wanted)
    over = Counter({key: n for key, n in over.items() if not is_of_broken(key, case)})
    if result.rows == ROWS and not over and not under:
        if not any(row == case.broken and code in BROKEN for row, code in faults):
            return "neighbour"
        return "right" if faults.total() == 1 else "doubled"
    if result.rows < ROWS:
        return "lost"
    return "shifted" if result.rows > ROWS else "changed"


def classify_exactly(
    texts: list[bytes], found: reference.Findings, case: Case, videos: frozenset[str]
) -> str:
    """Return the outcome if the rows of the file are known: all findings must be right."""
    wanted = reference.judge_file(texts, videos, case.data if case.form.lines else None)
    last = len(texts) - 1
    for key in [key for key in found if key == (last, "JSN102")]:  # the file's last row
        found[last, "JSN101"] += found.pop(key)
    over, under = reference.difference(found, wanted)
    if not over and not under:
        return "right" if case.form.lines else "joined"
    return "clean" if not any(map(is_json_finding, found)) and case.form.lines else "changed"


class Outcome:
    """The results of a measurement."""

    def __init__(self, videos: frozenset[str]) -> None:
        self.videos = videos
        self.counts: dict[str, Counter[str]] = defaultdict(Counter)
        self.examples: dict[str, list[tuple[Case, Result]]] = defaultdict(list)

    def add(self, case: Case, result: Result) -> None:
        outcome = classify(case, result, self.videos)
        self.counts[case.form.name][outcome] += 1
        self.examples[outcome].append((case, result))

    def fraction(self, forms: list[str], *outcomes: str) -> float:
        """Return the fraction of files of these forms with one of these outcomes."""
        counts = sum((self.counts[form] for form in forms), Counter[str]())
        return sum(counts[outcome] for outcome in outcomes) / counts.total()

    def describe(self) -> str:
        lines = []
        for form, counts in self.counts.items():
            shares = ", ".join(f"{k} {n / counts.total():.2%}" for k, n in counts.most_common())
            lines.append(f"{form:24} {counts.total():6} files: {shares}")
        return "\n".join(lines)


def describe_case(case: Case, result: Result, videos: frozenset[str]) -> str:
    found = by_row(result.findings)
    wanted = reference.judge_file(case.texts, videos, case.data if case.form.lines else None)
    over, under = reference.difference(found, wanted)
    return (
        f"{case.form.name}, row {case.broken} of {ROWS} by {case.mutator}, {result.rows} rows seen\n"
        f"    {case.texts[case.broken]!r}\n    only ours {sorted(over, key=str)}\n"
        f"    only reference {sorted(under, key=str)}"
    )


def run(files: int, seed: int, folder: Path) -> Outcome:
    rng = random.Random(seed)
    checker, rows = Checker(folder), rows_mutate.seeds()
    outcome = Outcome(rows_mutate.make_videos(checker.images))
    for number in range(files):
        case = make_case(rows_write.FORMS[number % len(rows_write.FORMS)], rows, rng)
        suffix = ".jsonl" if case.form.lines else ".json"
        outcome.add(case, checker.check(case.data, suffix))
    return outcome


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--files", type=int, default=20000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--show", default="clean", help="print cases of this outcome")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        outcome = run(options.files, options.seed, Path(folder))
    for example in outcome.examples[options.show][:20]:
        print(describe_case(*example, outcome.videos))
    print(outcome.describe())
    return 1 if outcome.examples["clean"] else 0


if __name__ == "__main__":
    sys.exit(main())
