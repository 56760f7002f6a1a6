#!/usr/bin/python3
"""formats.py - how fast image files of one format are verified, beside Pillow.

Each set of files is measured with verify_files.c (which reads, hashes and verifies, as
llava-check does), the same without its shortcuts, Pillow on one core, and for JPEG a full
decode. A round runs each of them once; the table has the medians of all rounds.
"""
from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Callable, NamedTuple

import format_images
import measure
from measure import MB

HERE = Path(__file__).resolve().parent


class Set(NamedTuple):
    """Files to be measured together."""

    format: str
    title: str
    paths: Callable[[argparse.Namespace], list[Path]]


def png_photographs(args: argparse.Namespace) -> list[Path]:
    return format_images.make(args.work / "png-photographs",
                              format_images.photographs(args.images_from), ".png")


def png_drawn(args: argparse.Namespace) -> list[Path]:
    return format_images.make(args.work / "png-drawn", format_images.drawn(args.drawn),
                              ".png")


def png_optimized(args: argparse.Namespace) -> list[Path]:
    return format_images.make(args.work / "png-optimized",
                              format_images.drawn(args.drawn), ".png", optimize=True)


def jpeg_files(args: argparse.Namespace) -> list[Path]:
    return format_images.jpegs(args.jpeg)


def jpeg_progressive(args: argparse.Namespace) -> list[Path]:
    return format_images.make(args.work / "jpeg-progressive",
                              format_images.photographs(args.jpeg), ".jpg",
                              progressive=True, quality=90)


# Each format has its sets here; NEEDS lists the options that a set requires.
SETS = (
    Set("png", "PNG, photographs", png_photographs),
    Set("png", "PNG, charts and documents", png_drawn),
    Set("png", "PNG, the same with optimize", png_optimized),
    Set("jpeg", "JPEG", jpeg_files),
    Set("jpeg", "JPEG, the same saved as progressive", jpeg_progressive),
)
NEEDS = {"png": "images_from", "jpeg": "jpeg"}


def commands(args: argparse.Namespace, kind: str) -> dict[str, list[str]]:
    """Return the commands to measure, by the name of their column."""
    verify = str(args.verify.resolve())
    found = {"llava-check": [verify], "without shortcuts": [verify, "-x"]}
    if args.threads > 1:
        found[f"{args.threads} threads"] = [verify, "-t", str(args.threads)]
    found["Pillow"] = [sys.executable, str(HERE / "pillow_load.py")]
    if kind == "jpeg" and args.baseline:
        found["full decode"] = [str(args.baseline.resolve())]
    return found


def rate(command: list[str], names: Path, files: int, cores: int | None) -> float:
    """Return MB/s as measured by the program itself, which must have accepted every file."""
    text = measure.run(command, names, cores).stdout
    if int(measure.value(text, "files")) != files:
        raise SystemExit(f"not every file was read: {command}")
    return (int(measure.value(text, "bytes")) / MB
            / float(measure.value(text, "seconds")))


def measure_set(args: argparse.Namespace, one: Set) -> list[str]:
    """Return the set's line of the table."""
    paths = one.paths(args)
    size = sum(path.stat().st_size for path in paths)
    repeats = max(1, round(args.megabytes * MB / size))
    todo = commands(args, one.format)
    rates: dict[str, list[float]] = {name: [] for name in todo}
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as names:
        names.write("".join(f"{path.resolve()}\n" for path in paths) * repeats)
        names.flush()
        for path in paths:
            path.read_bytes()
        for _ in range(args.rounds):
            for name, command in todo.items():
                cores = args.threads if "threads" in name else 1
                rates[name].append(rate(command, Path(names.name), len(paths) * repeats,
                                        cores))
    middle = {name: statistics.median(values) for name, values in rates.items()}
    ratios = [ours / theirs for ours, theirs in zip(rates["llava-check"], rates["Pillow"])]
    cells = [f"{middle[name]:.0f}" if name in middle else "" for name in columns(args)]
    decode = ""
    if "full decode" in middle:
        decode = f"{middle['llava-check'] / middle['full decode']:.2f}"
    return [one.title, str(len(paths)), f"{size / MB:.1f}", *cells,
            f"{statistics.median(ratios):.2f}", decode]


def columns(args: argparse.Namespace) -> list[str]:
    found = ["llava-check", "without shortcuts", "Pillow", "full decode"]
    if args.threads > 1:
        found.insert(2, f"{args.threads} threads")
    return found


def report(args: argparse.Namespace) -> str:
    lines = [measure_set(args, one) for one in SETS if one.format in args.only]
    head = ["MB of files per second", "files", "MB", *columns(args), ": Pillow",
            ": full decode"]
    return ("# Formats\n\n" + "".join(f"- {line}\n" for line in measure.machine())
            + f"- Python {sys.version.split()[0]}, Pillow {measure.pillow_version()}\n\n"
            f"Files in the page cache, one core except in the column with threads, medians of "
            f"{args.rounds} rounds. llava-check reads, hashes and verifies; Pillow opens "
            f"and converts to RGB.\n\n" + measure.table(head, lines))


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--verify", type=Path, required=True, help="program verify_files")
    parser.add_argument("--baseline", type=Path, help="program full_decode, for JPEG")
    parser.add_argument("--images-from", type=Path, metavar="DIR",
                        help="JPEG photographs that the other formats are made of")
    parser.add_argument("--jpeg", type=Path, metavar="DIR", help="JPEG files to measure")
    parser.add_argument("--only", action="append", choices=sorted(NEEDS))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--megabytes", type=int, default=100, help="of files in one run")
    parser.add_argument("--drawn", type=int, default=50, help="charts and documents")
    parser.add_argument("--work", type=Path, default=Path("build/bench-formats"))
    parser.add_argument("--out", type=Path, metavar="FILE.md", help="default: stdout")
    args = parser.parse_args()
    if not args.only:
        args.only = [kind for kind, need in NEEDS.items() if getattr(args, need)]
    for kind in args.only:
        if not getattr(args, NEEDS[kind]):
            parser.error(f"{kind} needs --{NEEDS[kind].replace('_', '-')}")
    return args


def main() -> int:
    args = parse_arguments()
    text = report(args)
    if args.out:
        args.out.write_text(text, encoding="utf-8")
    else:
        sys.stdout.write(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
