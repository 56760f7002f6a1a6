#!/usr/bin/python3
"""run.py - measure llava-check against Pillow, a full decode, and its targets.

Images: MB of image files per second, against pillow_check.py on the same files, and
against full_decode on one core. Rows: MB of JSON a second of wall and of processor
time, and memory. Data sets are made once below --work, and reused.
"""
from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Iterable, NamedTuple

import measure
from measure import MB

HERE = Path(__file__).resolve().parent
ROWS_AN_IMAGE = 1.6
BASELINE_NAMES = 2000
ROWS_BENCH_IMAGES = 64
FULL_DECODE_SHARE = 0.9
LLAVA_NEXT_ROWS = 738_590
TARGET_ROWS_RATE = 700.0  # MB/s of wall time, on one core
TARGET_SPEED_UP = 1.7     # two cores compared with one
TARGET_REFERENCE = 15.0   # times as fast as rows_reference.py
TARGET_PEAK = 250 * MB
VARIANTS = {
    "indent4": (["--format", "json", "--indent", "4"], "rows.json"),
    "compact": (["--format", "json", "--indent", "none"], "rows.json"),
    "jsonl": (["--format", "jsonl"], "rows.jsonl"),
}


class DataSet(NamedTuple):
    rows_file: Path
    images: Path


class Pair(NamedTuple):
    """Rates of one round of the images bench, in MB/s."""

    single: float
    together: float
    program: float
    pillow: float


def short(number: int) -> str:
    """Abbreviate a number: 20000 is 20k, 1000000 is 1m."""
    for size, letter in ((1_000_000, "m"), (1000, "k")):
        if number % size == 0:
            return f"{number // size}{letter}"
    return str(number)


def median_and_all(values: Iterable[float], digits: int = 0) -> str:
    """Return the median followed by all values, as text."""
    values = list(values)
    each = ", ".join(f"{v:.{digits}f}" for v in values)
    return f"{statistics.median(values):.{digits}f} ({each})"


def verdict(name: str, measured: float, target: float, unit: str,
            at_least: bool = True) -> str:
    """Return PASS or FAIL with the figures, as a list item."""
    passed = measured >= target if at_least else measured < target
    bound = "at least" if at_least else "under"
    digits = 2 if target < 10 else 0
    return (f"- **{'PASS' if passed else 'FAIL'}**: {name} is {measured:.{digits}f}{unit}; "
            f"the target is {bound} {target:.{digits}f}{unit}.\n")


class Bench:
    """What all measurements share: the programs, the folders, and a list of the command lines."""

    def __init__(self, args: argparse.Namespace) -> None:
        self.args = args
        self.work: Path = args.work.resolve()
        self.work.mkdir(parents=True, exist_ok=True)
        self.program = str(args.program.resolve())
        self.commands: dict[str, None] = {}

    def show(self, command: list[str], note: str = "") -> None:
        """Remember a command line, without the folders of this machine."""
        names = [(self.program, "llava-check"), (sys.executable, "python3"),
                 (str(self.work), "WORK"), (str(HERE.parent), "tests")]
        if self.args.baseline:
            names.insert(0, (str(self.args.baseline.resolve()), "full_decode"))
        line = " ".join(command)
        for path, name in names:
            line = line.replace(path, name)
        self.commands[line + note] = None

    def make(self, folder: Path, rows: int, images: int, options: list[str],
             rows_name: str = "rows.json") -> DataSet:
        """Make a data set, or reuse a finished one."""
        made = folder / "MADE.txt"
        if made.exists():
            text = made.read_text(encoding="utf-8")
            if not text.startswith(f"rows={rows} images={images} "):
                raise SystemExit(f"{folder} holds another data set: {text}")
        elif folder.exists():
            raise SystemExit(f"{folder} is unfinished: remove it")
        else:
            print(f"making {folder.relative_to(self.work)} …", file=sys.stderr)
            subprocess.run([sys.executable, str(HERE / "make_dataset.py"), str(folder),
                            "--rows", str(rows), "--images", str(images), *options],
                           check=True)
        return DataSet(folder / rows_name, folder / "images")

    def check_command(self, data: DataSet, threads: int) -> list[str]:
        return [self.program, "check", str(data.rows_file), "--images", str(data.images),
                "--threads", str(threads), "--no-index", "-q"]

    def prove(self, data: DataSet, rows: int, images: int | None = None) -> None:
        """Prove with an untimed run that every row and image is checked."""
        with tempfile.TemporaryDirectory(dir=self.work) as folder:
            report = os.path.join(folder, "report.json")
            measure.run(self.check_command(data, self.args.threads) + ["--report", report])
            with open(report, encoding="utf-8") as file:
                summary = json.load(file)["summary"]
        seen = (summary["rows"], summary["images"], summary["complete"])
        if seen != (rows, images if images is not None else seen[1], True):
            raise SystemExit(f"not everything was checked: {seen} of {rows}, {images}")


def write_subset(data: DataSet, out: Path, names: int) -> None:
    """Write the rows without an image, and those with one of the first `names` images."""
    with open(data.rows_file, encoding="utf-8") as file:
        rows = json.load(file)
    wanted: set[str] = set()
    kept = []
    for row in rows:
        if "image" in row and row["image"] not in wanted:
            if len(wanted) == names:
                continue
            wanted.add(row["image"])
        kept.append(row)
    with open(out, "w", encoding="utf-8") as file:
        json.dump(kept, file, ensure_ascii=False, indent=4)


def pillow_data(bench: Bench, data: DataSet) -> DataSet:
    """Return the data set for Pillow: all of it, or a part with --pillow-names."""
    names = bench.args.pillow_names
    if not names or names >= bench.args.names:
        return data
    out = data.images.parent.with_name(f"{data.images.parent.name}-first{names}.json")
    # In a separate process, because a child's peak memory starts at that of its parent.
    process = multiprocessing.Process(target=write_subset, args=(data, out, names))
    process.start()
    process.join()
    if process.exitcode != 0:
        raise SystemExit("could not write the rows for Pillow")
    return DataSet(out, data.images)


def write_baseline_list(folder: Path, out: Path) -> None:
    """Write a list of names that repeats the original files."""
    paths = sorted(str(p.resolve()) for p in folder.iterdir()
                   if p.suffix.lower() in (".jpg", ".jpeg"))
    if not paths:
        raise SystemExit("no .jpg or .jpeg in the folder of --images-from")
    repeats = -(-BASELINE_NAMES // len(paths))
    names = (paths * repeats)[:BASELINE_NAMES]
    out.write_text("".join(f"{name}\n" for name in names), encoding="utf-8")


def decode_rates(baseline: str, names: Path, copies: int) -> tuple[float, float]:
    """Return MB/s of full_decode alone, and of several at the same time."""
    alone = measure.run([baseline], names)
    size = int(measure.value(alone.stdout, "bytes"))
    runs = [measure.finish(s) for s in
            [measure.start([baseline], names) for _ in range(copies)]]
    together = copies * size / MB / max(r.wall for r in runs)
    return size / MB / alone.wall, together


def measure_pairs(bench: Bench, data: DataSet, names: Path, size: int) -> list[Pair]:
    """Measure all programs in turn, --pairs times."""
    args = bench.args
    subset = pillow_data(bench, data)
    ours = bench.check_command(data, args.threads)
    pillow = [sys.executable, str(HERE / "pillow_check.py"), str(subset.rows_file),
              "--images", str(subset.images), "--processes", str(args.threads)]
    baseline = str(args.baseline.resolve())
    bench.show([baseline], f" < NAMES   ({BASELINE_NAMES} names)")
    bench.show(ours)
    bench.show(pillow)

    pairs = []
    for n in range(args.pairs):
        single, together = decode_rates(baseline, names, args.threads)
        ours_rate = size / MB / measure.run(ours).wall
        theirs = measure.run(pillow)
        their_size = int(measure.value(theirs.stdout, "image_bytes"))
        pairs.append(Pair(single, together, ours_rate, their_size / MB / theirs.wall))
        print(f"images, pair {n + 1}: {pairs[-1]}", file=sys.stderr)
    return pairs


def images_bench(bench: Bench) -> str:
    args = bench.args
    rows = int(args.names * ROWS_AN_IMAGE)
    data = bench.make(bench.work / f"images{short(args.names)}", rows, args.names,
                      ["--from", str(args.images_from.resolve())])
    names = bench.work / "full_decode-names.txt"
    write_baseline_list(args.images_from, names)
    size = measure.warm(data.images)
    bench.prove(data, rows, args.names)
    pairs = measure_pairs(bench, data, names, size)

    threads = args.threads
    reach = FULL_DECODE_SHARE * threads
    to_pillow = [p.program / p.pillow for p in pairs]
    to_decode = [p.program / (reach * p.single) for p in pairs]
    table = measure.table(
        ["MB of image files per second", "median (all pairs)"],
        [[f"llava-check, {threads} threads", median_and_all(p.program for p in pairs)],
         [f"pillow_check.py, {threads} processes", median_and_all(p.pillow for p in pairs)],
         ["full_decode, one thread", median_and_all(p.single for p in pairs)],
         [f"full_decode, {threads} at once", median_and_all(p.together for p in pairs)],
         ["llava-check : Pillow", median_and_all(to_pillow, 2)],
         [f"llava-check : {threads} x full_decode less 10 %", median_and_all(to_decode, 2)]])
    return (f"## Images\n\n{args.names:,} files, {size / MB:,.0f} MB, {rows:,} rows, all "
            f"in the page cache. Wall time of the whole program, including "
            f"start and rows.\n\n"
            f"{table}\n"
            + verdict(f"the ratio to {threads} x full_decode on one thread, less 10 %",
                      statistics.median(to_decode), 1.0, ""))


def python_rates(bench: Bench, variant: str, rows: int) -> list[tuple[str, float, int]]:
    """Measure Python on a smaller file, on one core: json.load() alone, and with all rules about
    rows. Return for each its name, MB/s and peak memory."""
    options, name = VARIANTS[variant]
    data = bench.make(bench.work / f"rows{short(rows)}" / variant, rows,
                      ROWS_BENCH_IMAGES, options, name)
    code = "import json, sys; json.load(open(sys.argv[1], encoding='utf-8'))"
    reference = str(HERE.parent / "diff" / "rows_reference.py")
    size = data.rows_file.stat().st_size
    rates = []
    for name, arguments, shown in (("json.load", ["-c", code], ["-c", f'"{code}"']),
                                   ("rows_reference.py", [reference], [reference])):
        bench.show([sys.executable, *shown, str(data.rows_file)])
        runs = [measure.run([sys.executable, *arguments, str(data.rows_file)], cores=1)
                for _ in range(bench.args.pairs)]
        rates.append((name, statistics.median(size / MB / r.wall for r in runs),
                      max(r.peak for r in runs)))
    return rates


def rows_variant(bench: Bench, variant: str) -> tuple[list[list[str]], list[str], float]:
    """Measure one form of the rows file. Return table rows, verdicts, and MB/s of wall time with one thread."""
    args = bench.args
    options, name = VARIANTS[variant]
    data = bench.make(bench.work / f"rows{short(args.rows)}" / variant, args.rows,
                      ROWS_BENCH_IMAGES, options, name)
    size = data.rows_file.stat().st_size
    measure.warm(data.rows_file.parent)
    bench.prove(data, args.rows)

    counts = sorted({1, args.threads})
    runs: dict[int, list[measure.Run]] = {threads: [] for threads in counts}
    for _ in range(args.pairs):
        for threads in counts:
            command = bench.check_command(data, threads)
            bench.show(command)
            runs[threads].append(measure.run(command, cores=threads))
            print(f"rows, {variant}, {threads}: {runs[threads][-1][:3]}", file=sys.stderr)

    lines, verdicts, rates = [], [], {}
    for threads in counts:
        peak = max(r.peak for r in runs[threads])
        rates[threads] = statistics.median(size / MB / r.wall for r in runs[threads])
        lines.append([f"{variant}, {size / MB:,.0f} MB, {threads} core{'s'[:threads > 1]}",
                      median_and_all(size / MB / r.wall for r in runs[threads]),
                      median_and_all(size / MB / r.cpu for r in runs[threads]),
                      f"{peak / MB:.0f}"])
        verdicts.append(verdict(f"{variant}, {threads} threads: peak memory", peak / MB,
                                TARGET_PEAK / MB, " MB", at_least=False))
    verdicts.append(verdict(f"{variant}, one core", rates[1], TARGET_ROWS_RATE, " MB/s"))
    if 2 in rates:
        verdicts.append(verdict(f"{variant}, two cores over one", rates[2] / rates[1],
                                TARGET_SPEED_UP, ""))
    return lines, verdicts, rates[1]


def rows_bench(bench: Bench) -> str:
    args = bench.args
    lines: list[list[str]] = []
    verdicts: list[str] = []
    rates: dict[str, float] = {}
    for variant in VARIANTS:
        more, said, rates[variant] = rows_variant(bench, variant)
        lines += more
        verdicts += said
    sample = max(args.rows // 10, 1)
    for variant in ("indent4", "compact"):
        for name, rate, peak in python_rates(bench, variant, sample):
            lines.append([f"{name}, {variant}, {sample:,} rows", f"{rate:.0f}", "",
                          f"{peak / MB:.0f}"])
            if name == "json.load":
                verdicts.append(f"- llava-check is {rates[variant] / rate:.1f} times as fast "
                                f"as json.load alone ({variant}, one core).\n")
            else:
                verdicts.append(verdict(f"{variant}, times the reference in Python",
                                        rates[variant] / rate, TARGET_REFERENCE, ""))
    table = measure.table(["rows file", "MB/s, wall time", "MB/s, CPU time",
                           "peak memory, MB"], lines)
    return (f"## Rows\n\n{args.rows:,} rows that name {ROWS_BENCH_IMAGES} small images: "
            f"they take no time. As many threads as cores; the process may use no other cores. "
            f"Medians, with all runs in parentheses, and the highest peak.\n\n{table}\n"
            + "".join(verdicts))


def header(bench: Bench) -> str:
    version = measure.run([bench.program, "version"]).stdout.strip().splitlines()
    lines = measure.machine()
    lines.append(version[0] if version else "llava-check of unknown version")
    lines.append(f"Python {sys.version.split()[0]}, Pillow {measure.pillow_version()}")
    if bench.args.baseline:
        with tempfile.NamedTemporaryFile() as empty:
            out = measure.run([str(bench.args.baseline.resolve())], Path(empty.name)).stdout
        lines.append(f"full_decode with libjpeg-turbo {measure.value(out, 'libjpeg-turbo')}")
    return "# Speed and memory\n\n" + "".join(f"- {line}\n" for line in lines) + "\n"


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--program", type=Path, required=True, help="llava-check")
    parser.add_argument("--baseline", type=Path, help="full_decode (images)")
    parser.add_argument("--images-from", type=Path, metavar="FOLDER",
                        help="JPEG files to copy under many names (images)")
    parser.add_argument("--names", type=int, default=20_000)
    parser.add_argument("--rows", type=int, default=LLAVA_NEXT_ROWS)
    parser.add_argument("--pairs", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--pillow-names", type=int, default=0, metavar="K",
                        help="number of images that Pillow reads (default: all)")
    parser.add_argument("--work", type=Path, default=Path("build/bench-data"), metavar="DIR")
    parser.add_argument("--out", type=Path, metavar="FILE.md", help="default: stdout")
    parser.add_argument("--only", choices=("images", "rows"))
    args = parser.parse_args()
    if args.only != "rows" and not (args.baseline and args.images_from):
        parser.error("the images bench needs --baseline and --images-from")
    return args


def main() -> int:
    args = parse_arguments()
    bench = Bench(args)
    parts = [header(bench)]
    if args.only != "rows":
        parts.append(images_bench(bench))
    if args.only != "images":
        parts.append(rows_bench(bench))
    parts.append("## Commands\n\n" + "".join(f"    {line}\n" for line in bench.commands))
    text = "\n".join(part.rstrip("\n") + "\n" for part in parts)
    if args.out:
        args.out.write_text(text, encoding="utf-8")
    else:
        sys.stdout.write(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
