#!/usr/bin/env python3
"""Run the whole program on random data sets; it must keep its promises for each of them.

    LLAVA_CHECK=… random_sets.py [--sets 10000] [--seed 0] [--jobs 2] [--keep FOLDER]

Each set is checked with one thread and with eight, each with its own index; then again with the
second index; and, after a part of the set was changed, with that index and from scratch. Output, every
report and the exit code must be the same each time, and the index sound. Prints failures and figures;
the exit code is 1 if anything failed. A set is made again by

    random_sets.py --only NUMBER --seed SEED --keep FOLDER
"""

from __future__ import annotations

import argparse
import os
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Iterator, NamedTuple

from make_set import Made, Seeds, change_set, make_set

sys.path.append(str(Path(__file__).resolve().parents[1] / "runner"))

import runner  # noqa: E402  (its folder is not a package)

SANITIZED = bool(os.environ.get("LC_SANITIZE"))
SLOWER = 10 if SANITIZED else 1
LIMIT_S = 10 * SLOWER
LIMIT_MB = 512 * (4 if SANITIZED else 1)
FIXED_REPORT = ["--report", "json:report.json"]
CHUNK = 25
REUSED = re.compile(rb"^note: [^\n]* results reused from the index [^\n]*\n", re.MULTILINE)  # printed by later runs
OBEYED = re.compile("[\0-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


class Fault(Exception):
    """A broken promise."""


class Ended(NamedTuple):
    code: int
    out: bytes
    err: bytes
    reports: tuple[bytes, ...]


@dataclass
class Figures:
    """Figures about the sets."""

    sets: int = 0
    runs: int = 0
    faults: list[str] = field(default_factory=list)
    codes: Counter[int] = field(default_factory=Counter)
    seconds: float = 0  # the longest run
    megabytes: float = 0  # the largest run

    def add(self, other: Figures) -> None:
        self.sets += other.sets
        self.runs += other.runs
        self.faults += other.faults
        self.codes += other.codes
        self.seconds = max(self.seconds, other.seconds)
        self.megabytes = max(self.megabytes, other.megabytes)


class Program:
    """Runs the program in a set's folder, within limits."""

    def __init__(self, made: Made, figures: Figures) -> None:
        self.made = made
        self.figures = figures
        kept = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "TERM", "COLUMNS")}
        cache_folder = str(made.folder / "cache")
        self.environment = {**kept, "LC_ALL": "C", "TZ": "UTC", "XDG_CACHE_HOME": cache_folder}

    def run(self, *arguments: str) -> tuple[int, bytes, bytes]:
        if os.environ.get("LC_RUNNER"):
            return self.run_loaded(*arguments)
        outputs = [self.made.folder / "out", self.made.folder / "err"]
        began = time.monotonic()
        with open(outputs[0], "wb") as out, open(outputs[1], "wb") as err:
            process = subprocess.Popen(
                [os.environ["LLAVA_CHECK"], *arguments],
                cwd=self.made.folder, env=self.environment, stdin=subprocess.DEVNULL, stdout=out, stderr=err,
            )  # fmt: skip
            usage = self.wait(process, began)
        said = outputs[1].read_bytes()
        self.judge(process.returncode, said, began, usage.ru_maxrss / 1024)
        return process.returncode, outputs[0].read_bytes(), said

    def run_loaded(self, *arguments: str) -> tuple[int, bytes, bytes]:
        """The same with a runner."""
        began = time.monotonic()
        try:
            done = runner.run([os.environ["LLAVA_CHECK"], *arguments], self.made.folder, self.environment, LIMIT_S)
        except subprocess.TimeoutExpired as late:
            raise Fault(f"no end after {LIMIT_S} s") from late
        self.judge(done.returncode, done.stderr, began, done.most_kib / 1024)
        return done.returncode, done.stdout, done.stderr

    def judge(self, code: int, said: bytes, began: float, megabytes: float) -> None:
        """Count a finished run, and check it against the limits."""
        self.figures.runs += 1
        self.figures.seconds = max(self.figures.seconds, time.monotonic() - began)
        self.figures.megabytes = max(self.figures.megabytes, megabytes)
        if code not in (0, 1, 2):
            raise Fault(f"exit code {code}: {said[-3000:].decode(errors='replace')}")
        if megabytes > LIMIT_MB:
            raise Fault(f"{megabytes:.0f} MB")

    @staticmethod
    def wait(process: subprocess.Popen[bytes], began: float) -> resource.struct_rusage:
        """Wait for the end, but not longer than the limit."""
        pause = 0.001
        while True:
            pid, status, usage = os.wait4(process.pid, os.WNOHANG)
            if pid:
                process.returncode = os.waitstatus_to_exitcode(status)
                return usage
            if time.monotonic() - began > LIMIT_S:
                process.kill()
                _, status, _ = os.wait4(process.pid, 0)
                process.returncode = os.waitstatus_to_exitcode(status)
                raise Fault(f"no end after {LIMIT_S} s")
            time.sleep(pause)
            pause = min(pause * 1.5, 0.02)

    def check(self, threads: int, index: str) -> Ended:
        """Check the set. The index has the same name in each run, because output may contain it."""
        for old in self.made.folder.glob("report*"):
            old.unlink()
        kept, used = self.made.folder / index, self.made.folder / "index"
        if kept.is_dir():
            kept.rename(used)
        where = ["--threads", str(threads), "--index", "index"]
        code, out, err = self.run("check", *self.made.arguments, *FIXED_REPORT, *where)
        if used.is_dir():
            used.rename(kept)
        self.figures.codes[code] += 1
        reports = sorted(self.made.folder.glob("report*"))
        err = REUSED.sub(b"", err)
        for line in err.decode("utf-8", "strict").split("\n"):
            if OBEYED.search(line):
                raise Fault(f"not for a terminal: {line!r}")
        return Ended(code, out, err, tuple(path.read_bytes() for path in reports))

    def check_index(self, index: str) -> None:
        code, out, err = self.run("index", "check", index)
        if code != 0:
            raise Fault(f"index check: exit code {code}: {(out + err).decode(errors='replace')}")


def demand_same(what: str, one: Ended, other: Ended) -> None:
    for name, left, right in zip(Ended._fields, one, other):
        if left != right:
            raise Fault(f"{what}: another {name}:\n{str(left)[:1500]}\n{str(right)[:1500]}")


def check_set(made: Made, seeds: Seeds, seed: int, number: int, figures: Figures) -> None:
    program = Program(made, figures)
    first = program.check(1, "index-1")
    demand_same("8 threads", first, program.check(8, "index-8"))
    has_index = (made.folder / "index-8").is_dir()
    if first.code != 2 and not has_index:
        raise Fault("no index")
    demand_same("the second run", first, program.check(8, "index-8"))
    if has_index:
        program.check_index("index-8")
        program.check_index("index-1")
    change_set(made, seeds, seed, number)
    changed = program.check(1, "index-8")
    demand_same("after changes", program.check(8, "index-9"), changed)


@cache
def seeds_of_process() -> Seeds:
    return Seeds()


def run_sets(seed: int, numbers: range, keep: Path | None) -> Figures:
    """Run some sets one after the other, each in a separate folder."""
    figures = Figures()
    for number in numbers:
        scratch = Path(tempfile.mkdtemp(prefix="llava-check-random-"))
        folder = scratch / "set"
        try:
            made = make_set(folder, seeds_of_process(), seed, number)
            check_set(made, seeds_of_process(), seed, number, figures)
        except Fault as fault:
            figures.faults.append(f"set {number} of seed {seed}: {fault}\n  arguments: {made.arguments}")
            if keep:
                shutil.copytree(folder, keep / f"{seed}-{number}", symlinks=True, dirs_exist_ok=True,
                                ignore=lambda at, names: [n for n in names if Path(at, n).is_fifo()])
        finally:
            shutil.rmtree(scratch)
        figures.sets += 1
    return figures


def all_sets(seed: int, count: int, jobs: int, keep: Path | None) -> Iterator[Figures]:
    chunks = [range(at, min(at + CHUNK, count)) for at in range(0, count, CHUNK)]
    if jobs == 1:
        yield from (run_sets(seed, numbers, keep) for numbers in chunks)
        return
    with ProcessPoolExecutor(jobs) as pool:
        waiting = [pool.submit(run_sets, seed, numbers, keep) for numbers in chunks]
        yield from (done.result() for done in waiting)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--sets", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--keep", type=Path, help="where sets that found something are copied to")
    parser.add_argument("--only", type=int, help="the one set of this number")
    given = parser.parse_args()
    if given.keep:
        given.keep.mkdir(parents=True, exist_ok=True)
    began, total = time.monotonic(), Figures()
    if given.only is not None:
        parts = iter([run_sets(given.seed, range(given.only, given.only + 1), given.keep)])
    else:
        parts = all_sets(given.seed, given.sets, given.jobs, given.keep)
    for part in parts:
        total.add(part)
        if total.sets % 500 == 0:
            print(f"{total.sets} sets, {len(total.faults)} faults", file=sys.stderr, flush=True)
        for fault in part.faults:
            print(fault, flush=True)
    codes = ", ".join(f"{count} with {code}" for code, count in sorted(total.codes.items()))
    print(f"{total.sets} sets, {total.runs} runs in {time.monotonic() - began:.0f} s; checks ended: {codes}; "
          f"the longest took {total.seconds:.2f} s, the largest {total.megabytes:.0f} MB; "
          f"{len(total.faults)} faults")  # fmt: skip
    return 1 if total.faults else 0


if __name__ == "__main__":
    sys.exit(main())
