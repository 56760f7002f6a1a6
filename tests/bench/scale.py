#!/usr/bin/python3
"""scale.py - measure time per row, and memory, with ten million rows and two million images.

scale.c feeds generated facts to the stages after the parsers, and to the index; llava-check then
answers questions about the index. The same is done with a tenth of the rows: the time per row must
not be longer with all of them.
"""
from __future__ import annotations

import argparse
import shutil
import sys
from pathlib import Path
from typing import NamedTuple

import measure

ROWS, IMAGES = 10_000_000, 2_000_000
TARGET_RATIO = 1.5
TARGET_PEAK = 500.0  # MiB, while loading
LOAD = ("rows", "links", "images", "set", "finish")
QUESTIONS = ("stats", "duplicates", "check", "findings")


MEMORY = """
## What is held in memory

| For each | Bytes | Until | Why |
| --- | ---: | --- | --- |
| row | 5 | the end | number of images that it names (4), whether it has an error (1): both are needed in random order |
| image that a row names | 4 | the end | its number: rows with the same id are compared by their images |
| the same | 4 | the images are done | the row's number: an error of an image counts for its rows |
| image path | 44 to 52, and its text | the images are done | each path once: hash, offset, slot, rank, first row |
| id, content of a row; content, path of an image | 24, for at most a million of each | they are stored | more are sorted on disk, in an unnamed file next to the index (in `TMPDIR` with `--no-index`) |
| 64 rows | 8 | the end | position of their images |

The rest does not grow: a batch of the index (16 MB), files and images being read. A full disk is an error, exit code 2.
"""


class Phase(NamedTuple):
    wall: float
    cpu: float
    peak: float  # MiB


class Size(NamedTuple):
    """The measurements for one size."""

    rows: int
    images: int  # different images that rows name
    links: int  # times that rows name an image
    phases: dict[str, Phase]
    index: int  # size in bytes

    def sum(self, names: tuple[str, ...]) -> Phase:
        chosen = [self.phases[name] for name in names]
        return Phase(sum(p.wall for p in chosen), sum(p.cpu for p in chosen),
                     max(p.peak for p in chosen))


def ask(program: str, folder: Path, question: str) -> Phase:
    run = measure.run([program, "index", question, str(folder / "index.mdb")])
    return Phase(run.wall, run.cpu, run.peak / 2**20)


def measure_once(args: argparse.Namespace, rows: int, images: int) -> Size:
    folder = args.work / f"scale{rows}"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    out = measure.run([str(args.scale), str(folder), str(rows), str(images)]).stdout
    lines = [line.split() for line in out.splitlines()]
    phases = {w[0]: Phase(float(w[1]), float(w[2]), int(w[3]) / 1024) for w in lines if w[3:]}
    for question in QUESTIONS:
        phases["index " + question] = ask(str(args.program), folder, question)
    size = Size(rows, int(measure.value(out, "images_named")), int(measure.value(out, "entries")),
                phases, (folder / "index.mdb").stat().st_size)
    shutil.rmtree(folder)
    return size


def best(args: argparse.Namespace, rows: int, images: int, rounds: int) -> Size:
    sizes = [measure_once(args, rows, images) for _ in range(rounds)]
    return min(sizes, key=lambda size: size.sum(LOAD).cpu)


def phase_row(name: str, small: Phase, large: Phase, args: argparse.Namespace) -> list[str]:
    a, b = (p.cpu / n * 1e6 for p, n in ((small, args.rows / 10), (large, args.rows)))
    ratio = f"{b / a:.2f}" if small.cpu >= 0.1 else ""
    return [name, f"{a:.2f}", f"{b:.2f}", ratio, f"{large.wall:.1f}", f"{small.peak:.0f}",
            f"{large.peak:.0f}"]


def page(args: argparse.Namespace, small: Size, large: Size) -> tuple[str, bool]:
    """Return the page, and whether all targets were met."""
    names = list(large.phases)
    asked = tuple(name for name in names if name not in LOAD)
    rows = [phase_row(n, small.phases[n], large.phases[n], args) for n in LOAD]
    rows.append(phase_row("**load**", small.sum(LOAD), large.sum(LOAD), args))
    rows += [phase_row(n, small.phases[n], large.phases[n], args) for n in asked]
    load = large.sum(LOAD)
    ratio = load.cpu / small.sum(LOAD).cpu / 10
    answer = large.sum(asked).cpu / small.sum(asked).cpu / 10
    passed = (ratio <= TARGET_RATIO, answer <= TARGET_RATIO, load.peak <= TARGET_PEAK)
    machine = "".join(f"- {line}\n" for line in measure.machine())
    table = measure.table(
        ["phase", "µs per row, 1/10", "µs per row", "ratio", "seconds", "peak MiB, 1/10", "peak MiB"],
        rows)
    text = (
        f"# {large.rows:,} rows, {args.images:,} images\n\n{machine}\n"
        f"`tests/bench/scale.c` feeds generated facts to the stages of a run that follow parsers and decoders, "
        f"and writes an index,\nwhich `llava-check index` reads. A tenth of the rows is measured for comparison. Times "
        f"per row are CPU time, *seconds* are\nwall time. Rows name "
        f"{large.images:,} different images "
        f"{large.links:,} times. Memory counts the pages of the mapped index.\n\n{table}\n"
        + measure.verdict(passed[0], f"load: time per row is {ratio:.2f} times that of a tenth of the rows; "
                  f"the target is at most {TARGET_RATIO}.")
        + measure.verdict(passed[1], f"questions: time per row is {answer:.2f} times that of a tenth; "
                  f"the target is at most {TARGET_RATIO}.")
        + measure.verdict(passed[2], f"load: peak memory is {load.peak:.0f} MiB; the target is at most "
                  f"{TARGET_PEAK:.0f} MiB.")
        + f"- The index has {large.index:,} bytes: {large.index / large.rows:.0f} per row, including its share "
        f"of the images; {small.index / small.rows:.0f} with a tenth of the rows.\n" + MEMORY)
    return text, all(passed)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--scale", type=Path, required=True, help="built from scale.c")
    parser.add_argument("--program", type=Path, required=True, help="llava-check")
    parser.add_argument("--work", type=Path, required=True, help="a folder for the indexes")
    parser.add_argument("--out", type=Path, help="write the page here")
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--images", type=int, default=IMAGES)
    parser.add_argument("--rounds", type=int, default=1, help="the tenth has three times as many")
    args = parser.parse_args()
    args.scale, args.program = args.scale.resolve(), args.program.resolve()
    small = best(args, args.rows // 10, args.images // 10, 3 * args.rounds)
    large = best(args, args.rows, args.images, args.rounds)
    text, passed = page(args, small, large)
    return measure.publish(text, passed, args.out)


if __name__ == "__main__":
    sys.exit(main())
