#!/usr/bin/python3
"""repositories.py - check cloned repositories, and print the results as a Markdown table.

Every folder in FOLDER is checked as it was cloned: the command names its root and, if one is
given, the trainer, but nothing else. A person has to compare the output with the repositories;
this script does not know what is right.
"""
from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Iterator, NamedTuple

ROOTS_SHOWN = 4
NOT_THERE = ("missing", "outside")  # verdicts on images that were not opened
HEAD = ("repository", "commit", "trainer", "sets", "dialects", "rows files", "rows",
        "images sound / bad / missing", "image roots: present of named", "errors",
        "warnings", "seconds")


class Outcome(NamedTuple):
    """One run over a clone."""

    sets: list[dict]  # the JSON report of each data set
    said: list[str]  # lines on stderr
    seconds: float | None  # None if it exceeded the time limit


def documents(text: str) -> Iterator[dict]:
    """Yield the JSON reports of --all, which are written one after the other."""
    decoder = json.JSONDecoder()
    at = 0
    while text[at:].strip():
        at += len(text[at:]) - len(text[at:].lstrip())
        document, at = decoder.raw_decode(text, at)
        if "data_sets" not in document:  # the last one only lists them
            yield document


def check(args: argparse.Namespace, clone: Path, trainer: str | None) -> Outcome:
    command = [str(args.program), str(clone), "--all", "--no-index", "-f", "json"]
    if args.allow_outside:
        command.append("--allow-outside")
    if trainer:
        command += ["--trainer", trainer]
    start = time.monotonic()
    try:
        done = subprocess.run(command, capture_output=True, timeout=args.limit)
    except subprocess.TimeoutExpired:
        return Outcome([], [f"ended after {args.limit} s"], None)
    said = done.stderr.decode(errors="replace").replace(str(clone), clone.name)
    return Outcome(list(documents(done.stdout.decode())), said.splitlines(),
                   time.monotonic() - start)


def findings(sets: list[dict], level: str) -> str:
    counts = Counter(finding["rule"] for report in sets for finding in report["findings"]
                     if finding["severity"] == level)
    return ", ".join(f"{code} {count:,}" for code, count in sorted(counts.items()))


def verdicts(report: dict) -> dict[str, int]:
    """Return the number of images by verdict; empty if the data set has no images."""
    return report.get("image_statistics", {}).get("by_verdict", {})


def images(sets: list[dict]) -> str:
    counts = sum((Counter(verdicts(report)) for report in sets), Counter())
    bad = counts.total() - sum(counts[name] for name in ("ok", *NOT_THERE))
    there = f"{counts['ok']:,} / {bad:,}"
    return f"{there} / {absent(counts):,}" if counts.total() else ""


def absent(counts: dict[str, int]) -> int:
    return sum(counts.get(name, 0) for name in NOT_THERE)


def root(report: dict) -> str:
    counts = verdicts(report)
    named = sum(counts.values())
    path = report["dataset"].get("image_root")
    return f"`{path}` {named - absent(counts):,}/{named:,}" if named else ""


def roots(sets: list[dict]) -> str:
    found = [text for text in map(root, sets) if text]
    if len(found) > ROOTS_SHOWN:
        found[ROOTS_SHOWN:] = [f"and {len(found) - ROOTS_SHOWN} more"]
    return ", ".join(found)


def line(clone: Path, trainer: str | None, outcome: Outcome) -> list[str]:
    commit = clone.with_name(clone.name + ".commit")
    files = [file for report in outcome.sets for file in report["dataset"]["files"]]
    dialects = sorted({str(file.get("dialect")) for file in files})
    rows = sum(report["summary"]["rows"] for report in outcome.sets)
    return [clone.name.replace("+", "/"),
            commit.read_text().strip()[:12] if commit.exists() else "", trainer or "",
            f"{len(outcome.sets)}", ", ".join(dialects), f"{len(files)}", f"{rows:,}",
            images(outcome.sets), roots(outcome.sets), findings(outcome.sets, "error"),
            findings(outcome.sets, "warning"),
            "" if outcome.seconds is None else f"{outcome.seconds:.1f}"]


def table_row(cells: tuple[str, ...] | list[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="the clones are in it")
    parser.add_argument("--program", type=Path, required=True, help="llava-check")
    parser.add_argument("--trainer", action="append", default=[], metavar="CLONE=NAME",
                        help="the trainer of a clone; may be repeated")
    parser.add_argument("--skip", action="append", default=[], metavar="CLONE")
    parser.add_argument("--only", action="append", default=[], metavar="CLONE")
    parser.add_argument("--limit", type=float, default=120, metavar="SECONDS",
                        help="for each clone (default: 120)")
    parser.add_argument("--allow-outside", action="store_true",
                        help="as the option of llava-check")
    parser.add_argument("--keep", type=Path, metavar="DIR",
                        help="write what was said and reported about each clone there")
    args = parser.parse_args()
    trainers = dict(pair.split("=", 1) for pair in args.trainer)

    print(table_row(HEAD))
    print(table_row(["---"] * len(HEAD)))
    for clone in sorted(args.folder.iterdir(), key=lambda path: path.name.lower()):
        if not clone.is_dir() or clone.name in args.skip:
            continue
        if args.only and clone.name not in args.only:
            continue
        outcome = check(args, clone, trainers.get(clone.name))
        print(table_row(line(clone, trainers.get(clone.name), outcome)), flush=True)
        for text in outcome.said if not outcome.sets else ():
            print(f"{clone.name}: {text}", file=sys.stderr)
        if args.keep:
            args.keep.mkdir(parents=True, exist_ok=True)
            (args.keep / (clone.name + ".json")).write_text(
                json.dumps(outcome._asdict(), ensure_ascii=False))
    return 0


if __name__ == "__main__":
    sys.exit(main())
