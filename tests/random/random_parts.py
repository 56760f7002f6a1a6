#!/usr/bin/env python3
"""Check random data sets in parts: the merged parts must equal a single run.

    LLAVA_CHECK=… random_parts.py [--sets 1000] [--seed 0] [--jobs 2] [--keep FOLDER] [--kind KIND]

Images are files, members of archives or both, or the sets are shards of WebDataset.

Each set is checked as a whole, and in 1 to 9 parts: in any order, some of them twice, merged at once
or as a tree. Reports as text, JSON and in one more format, and the dumps of rows, images, findings
and files, must be the same byte for byte; every index must be sound. Prints failures and figures; the
exit code is 1 if anything failed. A set is made again by

    random_parts.py --only NUMBER --seed SEED --keep FOLDER
"""

from __future__ import annotations

import argparse
import copy
import json
import os
import random
import re
import shutil
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Iterator

from make_set import FORMATS, Made, Seeds, make_set
from packed import make_shards, pack
from random_sets import Fault, Figures, Program, seeds_of_process

CHUNK = 25
TIMES = re.compile(rb'"([mc]time_ns|inode)":-?\d+')
VALUED = ["--images", "--videos"]
FLAGS = ["--allow-outside", "--no-images"]
# findings that depend on more than one row or image, which a part cannot see
OF_THE_SET = ["ROW206", "ROW207", "ROW210", "ROW214", "SET601", "SET602", "SET603", "SET604", "SET605", "ROW211"]
OF_ARCHIVES = ["ARC801", "ARC802", "ARC803", "ARC804", "ARC805", "ARC806", "ARC807", "ARC808", "ARC809", "ARC811", "ARC812", "ARC814", "ARC816", "ARC819"]
KINDS = ["files", "archives", "shards"]


@dataclass
class Seen(Figures):
    """Figures about the sets and their rules."""

    parts: int = 0
    refused: int = 0
    packed: int = 0  # sets with archives, or of shards
    rules: Counter[str] = field(default_factory=Counter)  # sets with a finding of it

    def add(self, other: Figures) -> None:
        super().add(other)
        if isinstance(other, Seen):
            self.parts += other.parts
            self.refused += other.refused
            self.packed += other.packed
            self.rules += other.rules


def paths_first(made: Made, rng: random.Random) -> list[str]:
    """The arguments up to the first option, and the options among the rest."""
    end = next((i for i, a in enumerate(made.arguments) if a.startswith("--")), len(made.arguments))
    options = made.arguments[end:]
    kept = made.arguments[:end]
    for name in VALUED:
        if name in options:
            kept += [name, options[options.index(name) + 1]]
    kept += [name for name in FLAGS if name in options and (name != "--no-images" or rng.random() < 0.5)]
    return kept


def more_images(made: Made, rng: random.Random) -> list[str]:
    """Copy images to other names: in another case, or very many of one."""
    copies: list[str] = []
    for path in [made.data / name for name in made.paths]:
        if path.is_symlink() or not path.is_file() or rng.random() < 0.5:
            continue
        names = [path.name.swapcase(), "twin-" + path.name]
        if rng.random() < 0.1:
            names += [f"{number}-{path.name}" for number in range(12)]
        for name in names:
            other = path.with_name(name)
            try:
                if not other.exists():
                    shutil.copyfile(path, other)
                    copies += [str(path.relative_to(made.data)), str(other.relative_to(made.data))]
            except OSError:
                continue
    return copies


def more_rows(rows: list[object], images: list[str], rng: random.Random) -> list[object]:
    """Repeat some rows, with the same images or others."""
    twins = [copy.deepcopy(row) for row in rng.sample(rows, k=min(len(rows), rng.randrange(1, 6)))]
    base = next((row for row in rows if isinstance(row, dict) and isinstance(row.get("image"), str)), None)
    named = [{**copy.deepcopy(base), "image": image, "id": f"more-{i}"} for i, image in enumerate(images)] if base else []
    return rows + twins + named


def add_twins(made: Made, rng: random.Random) -> None:
    """Add more of what only the whole set shows: equal images, rows and ids, names in another case."""
    images = more_images(made, rng)
    numbered = rng.random() < 0.2
    for name in made.rows_files:
        path = made.folder / name
        data = path.read_bytes()
        if rng.random() < 0.2:
            continue
        try:
            lines = path.suffix == ".jsonl"
            rows = [json.loads(line) for line in data.splitlines()] if lines else json.loads(data)
            assert isinstance(rows, list)
            rows = more_rows(rows, images, rng)
            if numbered:  # each file counts its rows
                rows = [{**row, "id": f"row-{i}"} if isinstance(row, dict) else row for i, row in enumerate(rows)]
            texts = [json.dumps(row, indent=None if lines else rng.choice([None, 1])) for row in rows]
        except (ValueError, AssertionError, RecursionError):
            continue
        path.write_text("\n".join(texts) if lines else "[" + ",\n".join(texts) + "]\n", encoding="utf-8")


def answers(program: Program, index: str, extra: str) -> dict[str, tuple[int, bytes]]:
    """Return all output about an index, which has the same name each time."""
    folder, used = program.made.folder / index, program.made.folder / "index"
    folder.rename(used)
    found: dict[str, tuple[int, bytes]] = {}
    try:
        for name in ["json", "text", extra]:
            code, out, err = program.run("report", "index", "--isolated", "--show", "info", "--format", name)
            found[name] = (code, out + err)
        for table in ["rows", "images", "findings", "files"]:
            code, out, err = program.run("index", "dump", table, "index")
            # the set's own folder may be named as an image, and a file of /proc
            found["dump of " + table] = (code, TIMES.sub(b"", out) + err)
        code, out, err = program.run("index", "check", "index")
        if code != 0:
            raise Fault(f"index check of {index}: {(out + err).decode(errors='replace')}")
    finally:
        used.rename(folder)
    return found


def merge(program: Program, parts: list[str], index: str, rng: random.Random, some: bool = False) -> None:
    arguments = ["merge", *parts, "--index", index, "--isolated", "--quiet", "--threads", rng.choice("14")]
    code, _, err = program.run(*arguments, *(["--allow-missing"] if some else []))
    if code == 2:
        raise Fault(f"merge of {parts}: {err.decode(errors='replace')}")


def merge_as_tree(program: Program, parts: list[str], rng: random.Random) -> None:
    """Merge parts into two or three groups first, neighbours or not, then the groups."""
    groups: list[list[str]] = [[] for _ in range(rng.randrange(2, 4))]
    for part in parts:
        if part != "again":  # two groups with the same part would be refused
            rng.choice(groups).append(part)
    merged = []
    for number, group in enumerate(groups):
        if sum(map(bool, groups)) == 1:
            merged += group
        elif group:
            merged.append(f"group-{number}")
            merge(program, group, merged[-1], rng, some=True)
    answers(program, merged[0], "text")
    merge(program, merged, "merged", rng)


def check_parts(program: Program, checked: list[str], count: int, rng: random.Random, code: int) -> list[str]:
    """Check the parts in any order, some of them twice, and name some of them twice."""
    parts = [f"part-{i}" for i in range(1, count + 1)]
    order = [*range(1, count + 1), *(i for i in range(1, count + 1) if rng.random() < 0.2)]
    rng.shuffle(order)
    for number in order:
        where = ["--part", f"{number}/{count}", "--index", f"part-{number}", "--threads", rng.choice("14")]
        ended, _, err = program.run("check", *checked, "--isolated", "--quiet", *where)
        if (ended == 2) != (code == 2):
            raise Fault(f"part {number} of {count} ended with {ended}, the whole with {code}: {err!r}")
    if rng.random() < 0.3 and code != 2:
        shutil.copytree(program.made.folder / parts[0], program.made.folder / "again")
        parts.append("again")
    rng.shuffle(parts)
    return parts


def make_one_set(folder: Path, seeds: Seeds, seed: int, number: int, kind: str) -> Made:
    rng = random.Random(f"{seed}:{number}:{kind}")
    if kind == "shards":
        return make_shards(folder, seeds, rng)
    made = make_set(folder, seeds, seed, number)
    if rng.random() < 0.7:
        add_twins(made, rng)
    if kind == "archives":
        pack(made, seeds, rng)
    return made


def check_set(made: Made, seed: int, number: int, seen: Seen) -> None:
    rng = random.Random(f"{seed}:{number}:parts")
    program = Program(made, seen)
    checked = paths_first(made, rng)
    code, _, _ = program.run("check", *checked, "--isolated", "--quiet", "--index", "whole")
    seen.codes[code] += 1
    count = rng.randrange(1, 10)
    seen.parts += count
    parts = check_parts(program, checked, count, rng, code)
    if code == 2:
        seen.refused += 1
        return
    if count > 1 and rng.random() < 0.4:
        merge_as_tree(program, parts, rng)
    else:
        merge(program, parts, "merged", rng)
    extra = rng.choice(FORMATS)
    whole, merged = answers(program, "whole", extra), answers(program, "merged", extra)
    for name, (status, text) in whole.items():
        if merged[name] != (status, text):
            at = next((i for i, (a, b) in enumerate(zip(text, merged[name][1])) if a != b), 0)
            around = slice(max(0, at - 300), at + 300)
            raise Fault(f"{count} parts: another {name}:\n{text[around]!r}\n{merged[name][1][around]!r}")
    answers(program, parts[0], "text")
    found = json.loads(whole["json"][1])
    for rule in found["summary"].get("by_rule", {}) or found.get("rules", {}):
        seen.rules[rule if isinstance(rule, str) else rule.get("code", "")] += 1


def run_sets(seed: int, numbers: range, keep: Path | None, kinds: list[str]) -> Seen:
    seen = Seen()
    seeds: Seeds = seeds_of_process()
    for number in numbers:
        scratch = Path(tempfile.mkdtemp(prefix="llava-check-parts-"))
        folder = scratch / "set"
        try:
            kind = kinds[number % len(kinds)]
            seen.packed += kind != "files"
            made = make_one_set(folder, seeds, seed, number, kind)
            check_set(made, seed, number, seen)
        except Fault as fault:
            seen.faults.append(f"set {number} of seed {seed}: {fault}")
            if keep:
                shutil.copytree(folder, keep / f"{seed}-{number}", symlinks=True, dirs_exist_ok=True,
                                ignore=lambda at, names: [n for n in names if Path(at, n).is_fifo()])
        finally:
            shutil.rmtree(scratch)
        seen.sets += 1
    return seen


def all_sets(seed: int, count: int, jobs: int, keep: Path | None, kinds: list[str]) -> Iterator[Seen]:
    chunks = [range(at, min(at + CHUNK, count)) for at in range(0, count, CHUNK)]
    if jobs == 1:
        yield from (run_sets(seed, numbers, keep, kinds) for numbers in chunks)
        return
    with ProcessPoolExecutor(jobs) as pool:
        waiting = [pool.submit(run_sets, seed, numbers, keep, kinds) for numbers in chunks]
        yield from (done.result() for done in waiting)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--sets", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--keep", type=Path, help="where sets that found something are copied to")
    parser.add_argument("--only", type=int, help="the one set of this number")
    parser.add_argument("--kind", choices=KINDS, help="sets of one kind alone")
    given = parser.parse_args()
    kinds = [given.kind] if given.kind else KINDS
    if given.keep:
        given.keep.mkdir(parents=True, exist_ok=True)
    began, total = time.monotonic(), Seen()
    if given.only is not None:
        chunks = iter([run_sets(given.seed, range(given.only, given.only + 1), given.keep, kinds)])
    else:
        chunks = all_sets(given.seed, given.sets, given.jobs, given.keep, kinds)
    for chunk in chunks:
        total.add(chunk)
        for fault in chunk.faults:
            print(fault, flush=True)
    rules = ", ".join(f"{rule} {total.rules[rule]}" for rule in OF_THE_SET + OF_ARCHIVES)
    print(f"of the whole set: {rules}")
    print(f"{total.sets} sets ({total.refused} refused, {total.packed} of archives), {total.parts} parts, {total.runs} runs in "
          f"{time.monotonic() - began:.0f} s; the largest took {total.megabytes:.0f} MB; "
          f"{len(total.faults)} faults")  # fmt: skip
    return 1 if total.faults else 0


if __name__ == "__main__":
    sys.exit(main())
