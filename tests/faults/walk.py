#!/usr/bin/python3
"""walk.py - make every call of the program fail, one after the other, and judge the outcomes.

    LC_FAULTS=…/faults LLAVA_CHECK=…/llava-check walk.py [--every N] [--job NAME]... [--call NAME]

Prints a table with, for each call, how often it is made, how often it was made to fail, and what the
program did. Exit 1: it did something wrong.
"""

from __future__ import annotations

import argparse
import errno
import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Sequence

sys.dont_write_bytecode = True

from jobs import JOBS, Job, prepare  # noqa: E402

GOOD = {"same", "refused", "unreadable", "reported", "unreached"}
# How an unreadable file is reported, and which findings may then be missing
UNREADABLE = ("IMG502", "ROW212", "IDX704", "ARC802")
OF_ALL = ("SET6", "IDX7")


@dataclass(frozen=True)
class Fault:
    """A call that was made to fail, and the outcome."""

    job: str
    call: str
    thread: int
    number: int
    code: str
    mode: str
    outcome: str
    exit: int
    said: str
    kept: Path


@dataclass
class Walk:
    """The driver's output about a job."""

    job: Job
    exit: int = -1
    counts: Counter[str] = field(default_factory=Counter)
    faults: list[Fault] = field(default_factory=list)
    interrupted: str = ""
    ways: int = 0  # number of ways that lead to calls, if they were counted


def subjects(report: bytes) -> dict[str, Any]:
    return {json.dumps([f["rule"], f.get("file"), f.get("row"), f.get("image"), f.get("turn")]): f
            for f in json.loads(report)["findings"]}


def is_unreadable(wanted: bytes, reported: bytes) -> bool:
    """Whether reports differ only by images that could not be read, and by the consequences."""
    try:
        before, after = subjects(wanted), subjects(reported)
    except (ValueError, KeyError):
        return False
    new = [after[key] for key in after.keys() - before.keys()]
    images = {f.get("image") for f in new if f["rule"] in UNREADABLE} - {None}
    gone = [before[key] for key in before.keys() - after.keys()]
    return any(f["rule"] in UNREADABLE for f in new) and all(
        f["rule"].startswith((*UNREADABLE, *OF_ALL)) for f in new) and all(
        f.get("image") in images or f["rule"].startswith(OF_ALL) for f in gone)


def is_unreadable_archive(wanted: bytes, reported: bytes, code: str) -> bool:
    """Whether reports differ only by archives that could not be read, with the reason."""
    reason = os.strerror(getattr(errno, code, 0))
    try:
        before, after = json.loads(wanted), json.loads(reported)
        pairs = list(zip(before.pop("findings"), after.pop("findings"), strict=True))
    except (ValueError, KeyError):
        return False
    changed = [(old, new) for old, new in pairs if old != new]
    return before == after and bool(changed) and all(
        new["rule"] == "ARC802" and new["message"].endswith(reason) and
        {**new, "message": old["message"]} == old for old, new in changed)


def only_lacks_pictures(wanted: Path, reported: Path) -> bool:
    """Whether only the page differs, which shows thumbnails of readable images."""
    page = "report.html"
    names = [path.name for path in wanted.iterdir() if path.is_file() and path.name != page]
    return bool(names) and (reported / page).exists() and all(
        (reported / name).read_bytes() == (wanted / name).read_bytes() for name in names)


def reasons(folder: Path) -> list[list[Any]]:
    """Return why clean dropped rows, without details."""
    rows = [json.loads(line) for path in folder.glob("*.dropped.jsonl") for line in path.open("rb")]
    return [[r["file"], r["row"], [[why["rule"], why.get("image")] for why in r["reasons"]]] for r in rows]


def drops_unreadable(wanted: Path, kept: Path) -> bool:
    """Whether clean dropped rows because a file could not be read, and reports that, or could not find names
    similar to that of a missing file."""
    found = json.dumps(reasons(kept))
    return bool(reasons(kept)) and (reasons(kept) == reasons(wanted) or any(f'"{rule}"' in found for rule in UNREADABLE))


def read_fault(walk: Walk, columns: Sequence[str], work: Path) -> Fault:
    call, thread, number, code, mode, outcome, code_seen, said = columns
    kept = work / "differs" / f"{call}-{thread}-{number}-{code}-{mode}"
    if outcome == "refused" and "Success" in said:
        outcome = "silent"
    # images that could no longer be read: findings and, for a page with pictures, a message
    no_pictures = outcome == "left" and "open the image folder" in said
    may_be = outcome in ("differs", "exit-code") and int(code_seen) == 1 or no_pictures
    if may_be and is_unreadable((work / "wanted-out").read_bytes(),
                                              (kept / ".out").read_bytes()):
        outcome = "unreadable"
    if outcome == "differs" and int(code_seen) == 1 and is_unreadable_archive(
            (work / "wanted-out").read_bytes(), (kept / ".out").read_bytes(), code):
        outcome = "unreadable"
    if (outcome == "differs" and "--thumbnails" in walk.job.arguments and
            only_lacks_pictures(work / "wanted", kept) and
            (code == "EIO" or call == "readlink" or
             b"there is not enough memory" in (kept / "report.html").read_bytes())):
        outcome = "unreadable"
    if (outcome == "left" and "--thumbnails" in walk.job.arguments and
            only_lacks_pictures(work / "wanted", kept)):
        outcome = "refused"  # no thumbnails could be made: a message, and a page without them
    if outcome == "differs" and int(code_seen) == 0 and drops_unreadable(work / "wanted", kept):
        outcome = "unreadable"
    if code == "LC_CODE_CUT" and outcome == "differs" and int(code_seen) == 1:
        outcome = "reported"  # by findings: the current state of files counts
    if code == "LC_CODE_CUT" and outcome == "left" and int(code_seen) == 2:
        outcome = "refused"  # the index was cut, and that was reported
    return Fault(walk.job.name, call, int(thread), int(number), code, mode, outcome,
                 int(code_seen), said, kept)


def walk_job(job: Job, work: Path, options: Sequence[str]) -> Walk:
    """Run the driver on a job in a separate folder."""
    walk = Walk(job)
    prepare(Path(os.environ["LLAVA_CHECK"]), work)
    command = [os.environ["LC_FAULTS"], *(["-a"] if job.after else []), *options, str(work),
               job.before, *job.arguments]
    environment = {**os.environ, "ASAN_OPTIONS": "exitcode=99:allocator_may_return_null=1",
                   "UBSAN_OPTIONS": "exitcode=99:print_stacktrace=1", "LC_ALL": "C.UTF-8"}
    done = subprocess.run(command, capture_output=True, check=False, env=environment)
    assert done.returncode == 0, (job.name, done.returncode, done.stderr[-2000:])
    for line in done.stdout.decode("utf-8", "backslashreplace").splitlines():
        kind, *columns = line.split("\t")
        if kind == "exit":
            walk.exit = int(columns[0])
        elif kind == "count":
            walk.counts[columns[0]] += int(columns[2])
        elif kind == "ways":
            walk.ways = int(columns[0])
        elif kind == "interrupted":
            walk.interrupted = columns[0]
        else:
            walk.faults.append(read_fault(walk, columns, work))
    return walk


def wrong_of(walk: Walk) -> list[Fault]:
    return [fault for fault in walk.faults if fault.outcome not in GOOD]


def walk_jobs(jobs: Sequence[Job], work: Path, options: Sequence[str], workers: int = 2,
              verbose: bool = False) -> list[Walk]:
    """Walk through several jobs; verbose: print a line on stderr after each, as it may take long."""
    def work_on(job: Job) -> Walk:
        walk = walk_job(job, work / job.name, options)
        if verbose:
            print(f"{job.name}: {len(walk.faults):,} faults, {len(wrong_of(walk))} wrong",
                  file=sys.stderr, flush=True)
        return walk

    with ThreadPoolExecutor(workers) as pool:
        return list(pool.map(work_on, jobs))


def table(walks: Sequence[Walk]) -> str:
    """Return a table by call: how often it is made, how often it failed, and the outcomes."""
    made: Counter[str] = Counter()
    for walk in walks:
        made.update(walk.counts)
    faults = [fault for walk in walks for fault in walk.faults]
    head = ("| Call | Calls | Faults | Survived | Unreadable | Damage reported | Exit 2 | Not reached | "
            "Wrong |\n|---|---:|---:|---:|---:|---:|---:|---:|---:|")
    lines = [head]
    for call in [*made, ""]:
        of = Counter(f.outcome for f in faults if call in ("", f.call))
        wrong = sum(n for outcome, n in of.items() if outcome not in GOOD)
        lines.append(f"| {call or '**all**'} | {made[call] if call else made.total()} | "
                     f"{of.total()} | {of['same']} | {of['unreadable']} | {of['reported']} | "
                     f"{of['refused']} | {of['unreached']} | {wrong} |")
    return "\n".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--every", default="1", help="one in N calls (1: all)")
    parser.add_argument("--offset", default="0", help="the first of them")
    parser.add_argument("--ways", default="0",
                        help="of each way that leads to a call the first N calls and the last")
    parser.add_argument("--job", action="append", help="only this one")
    parser.add_argument("--call", help="only these, with commas")
    parser.add_argument("--code", help="only these errors, with commas")
    parser.add_argument("--mode", default="both", help="once, stays or both")
    parser.add_argument("--work", type=Path, help="folder that is kept (default: a new one)")
    wanted = parser.parse_args()
    options = ["-m", wanted.mode, "-e", wanted.every, "-o", wanted.offset, "-w", wanted.ways]
    options += ["-k", wanted.call] if wanted.call else []
    options += ["-c", wanted.code] if wanted.code else []
    jobs = [job for job in JOBS if not wanted.job or job.name in wanted.job]
    work = wanted.work or Path(tempfile.mkdtemp(prefix="llava-check-faults-"))
    walks = walk_jobs(jobs, work.resolve(), options, verbose=True)
    print(table(walks))
    if wanted.ways != "0":
        print(f"\n{sum(walk.ways for walk in walks):,} ways")
    wrong = [fault for walk in walks for fault in wrong_of(walk)]
    for fault in wrong:
        print(f"{fault.job}: {fault.call} {fault.thread}:{fault.number} {fault.code} "
              f"{fault.mode}: {fault.outcome} {fault.exit} {fault.said}", file=sys.stderr)
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
