#!/usr/bin/python3
"""reports.py - every report format with 740,000 findings: time, memory, and whether its reader accepts it.

The data set is generated: each row names an image that does not exist. It is checked once; then every
format of src/report/formats.def is written from the index, and read by its reader from
tests/cli/report_readers.py, which exits with an error if the report is not valid.
"""
from __future__ import annotations

import argparse
import json
import re
import shutil
import sys
import time
from pathlib import Path

import measure

ROOT = Path(__file__).resolve().parents[2]
# Runs in a separate process, because a child's peak memory starts at that of its parent.
READ = """
import sys
sys.path.insert(0, sys.argv[1])
import report_readers
print(len(report_readers.READERS[sys.argv[2]](open(sys.argv[3], "rb").read())))
"""

FINDINGS = 740_000
FOLDERS = 450
TARGET_SECONDS, TARGET_PEAK = 10.0, 300.0  # MB
TEXT = [{"from": "human", "value": "<image>\nWhat is this?"}, {"from": "gpt", "value": "A dog."}]


def formats() -> list[str]:
    table = (ROOT / "src/report/formats.def").read_text(encoding="utf-8")
    return re.findall(r"^LC_FORMAT\((\w+),", table, flags=re.MULTILINE)


def make(folder: Path, rows: int) -> Path:
    """Make rows in JSON lines, and a folder with a single image of another name."""
    (folder / "set/images").mkdir(parents=True)
    (folder / "set/images/other.jpg").write_bytes(b"no image")
    with open(folder / "set/rows.jsonl", "w", encoding="utf-8") as file:
        for n in range(rows):
            image = f"part{n % FOLDERS:03}/{n:09}.jpg"
            file.write(json.dumps({"id": f"{n:09}", "image": image, "conversations": TEXT}) + "\n")
    return folder / "set"


def shell(program: Path, data: Path, name: str, out: Path, *more: str) -> list[str]:
    command = [str(program), "report", str(data), "--exit-zero", "--format", name, *more]
    return ["sh", "-c", 'out=$1; shift; exec "$@" >"$out"', "sh", str(out), *command]


def measured(args: argparse.Namespace, data: Path, name: str, *more: str) -> list[str]:
    """Return a row of the table: format, seconds, memory, bytes, entries read."""
    out = args.work / f"report.{name}"
    runs = [measure.run(shell(args.program, data, name, out, *more)) for _ in range(args.rounds)]
    begun = time.monotonic()
    reader = [sys.executable, "-B", "-c", READ, str(ROOT / "tests/cli"), name, str(out)]
    entries = int(measure.run(reader).stdout)
    seconds, peak = min(run.wall for run in runs), max(run.peak for run in runs) / measure.MB
    print(f"{name}: {seconds:.2f} s; read in {time.monotonic() - begun:.0f} s", file=sys.stderr)
    size = out.stat().st_size
    out.unlink()
    return [" ".join([f"`{name}`", *(f"`{word}`" for word in more)]), f"{seconds:.1f}",
            f"{peak:.0f}", f"{size:,}", f"{entries:,}"]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", type=Path, required=True, help="llava-check")
    parser.add_argument("--work", type=Path, required=True, help="a folder for data and reports")
    parser.add_argument("--rows", type=int, default=FINDINGS)
    parser.add_argument("--rounds", type=int, default=3, help="the fastest counts")
    parser.add_argument("--out", type=Path, help="write the page here")
    args = parser.parse_args()
    args.program = args.program.resolve()
    shutil.rmtree(args.work, ignore_errors=True)
    data = make(args.work.resolve(), args.rows)
    measure.run([str(args.program), str(data), "-q", "--exit-zero"])
    rows = [measured(args, data, name) for name in formats()]
    rows.append(measured(args, data, "html", "--thumbnails"))
    shutil.rmtree(args.work)
    passed = all(float(r[1]) <= TARGET_SECONDS and float(r[2]) <= TARGET_PEAK for r in rows)
    machine = "".join(f"- {line}\n" for line in measure.machine())
    table = measure.table(["format", "seconds", "peak MB", "bytes", "entries read"], rows)
    text = (f"# {args.rows:,} findings in every format\n\n{machine}\n"
            f"{args.rows:,} rows whose images are all missing; `llava-check report PATH --format "
            f"…`, whole program, fastest of {args.rounds}.\nEach file was "
            f"parsed, and validated against the format's schema if it has one; *entries* are the "
            f"findings or groups\nof findings that it lists.\n\n{table}\n"
            + measure.verdict(passed, f"the targets are {TARGET_SECONDS:.0f} s and "
                              f"{TARGET_PEAK:.0f} MB."))
    return measure.publish(text, passed, args.out)


if __name__ == "__main__":
    sys.exit(main())
