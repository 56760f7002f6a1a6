#!/usr/bin/env python3
"""Check a large data set in parts: compare the merged report with a single run's, and measure merging.

    LLAVA_CHECK=… parts.py [--rows 200000] [--images 30000] [--parts 64] [--folder DIR]

Makes rows and images with all faults that only the whole set shows, checks the set at once and in
parts (in any order, some twice), merges them at once and as a tree, and compares the reports. Prints
processor times and peak memory; the exit code is 1 if a report differs.
"""

from __future__ import annotations

import argparse
import io
import os
import random
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

from PIL import Image

DISTINCT = 997  # pictures: all others are links to one of them


class Cost(NamedTuple):
    seconds: float  # of processors
    megabytes: float


def run(folder: Path, *arguments: str) -> Cost:
    """Run the program to its end, and measure it."""
    with open(folder / "out", "wb") as out:
        process = subprocess.Popen([os.environ["LLAVA_CHECK"], *arguments], cwd=folder, stdout=out, stderr=out)
        _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in (0, 1):
        sys.exit(f"{arguments}: exit code {process.returncode}\n{(folder / 'out').read_text()[-2000:]}")
    return Cost(usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def make_images(root: Path, count: int, rng: random.Random) -> list[str]:
    """Make images: mostly links to some pictures; a few are missing, damaged, or differ in case."""
    pictures = []
    paths = []
    for number in range(count):
        path = f"{number % 64:02}/{number:07}.jpg"
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        if number < DISTINCT:
            picture = Image.effect_noise((224, 224), rng.randrange(20, 90)).convert("RGB")
            data = io.BytesIO()
            picture.save(data, "JPEG", quality=75)
            file.write_bytes(data.getvalue() if number % 90 else data.getvalue()[: rng.randrange(9000)])
            pictures.append(file)
        elif number % 250:
            os.link(rng.choice(pictures), file)
        if number % 300 == 7:
            os.link(file, file.with_name(file.name.upper())) if file.exists() else None
            paths.append(path.upper())
        paths.append(path)
    for number in range(0, count // 100):
        os.link(pictures[0], root / f"{number % 64:02}" / f"unused-{number}.jpg")
    return paths + [f"gone/{number}.jpg" for number in range(count // 200)]


def make_rows(folder: Path, count: int, paths: list[str], rng: random.Random) -> None:
    """Three files, two of JSON and one of lines; ids, rows and questions repeat."""
    turns = '[{"from":"human","value":"<image>\\nWhat is in picture %d?"},{"from":"gpt","value":"Answer %d, %s."}]'
    words = "a small dog on a wide green field beside the old house " * 2
    files = [open(folder / name, "w", encoding="utf-8") for name in ("a.json", "b.json", "c.jsonl")]
    for file in files[:2]:
        file.write("[")
    for number in range(count):
        file = files[min(number * 3 // count, 2)]
        ident = number if rng.random() < 0.995 else rng.randrange(count)
        say = number if rng.random() < 0.99 else rng.randrange(100)
        # a column of two types, in a later part than its first value
        more = ',"score":1' if number == 5 else ',"score":"high"' if number == count // 3 - 9 else ""
        image = paths[rng.randrange(len(paths))]
        text = f'{{"id":"{ident}","image":"{image}","conversations":{turns % (say % 50, say, words)}{more}}}'
        if rng.random() < 0.0005:
            text = text.replace('"gpt"', '"robot"', 1) if rng.random() < 0.5 else text[:-3]
        first = file.tell() == 1 or (file is files[2] and file.tell() == 0)
        file.write(("" if first else "\n" if file is files[2] else ",\n") + text)
    for file in files[:2]:
        file.write("]\n")
    for file in files:
        file.close()


def reports(folder: Path, index: str) -> list[bytes]:
    """Return the reports on an index, which has the same name each time."""
    (folder / index).rename(folder / "index")
    found = []
    for name in ("json", "text", "csv"):
        run(folder, "report", "index", "--isolated", "--show", "info", "--format", name)
        found.append((folder / "out").read_bytes())
    (folder / "index").rename(folder / index)
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--images", type=int, default=30_000)
    parser.add_argument("--parts", type=int, default=64)
    parser.add_argument("--folder", type=Path, help="where the set is made; removed at the end")
    given = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="llava-check-parts-", dir=given.folder))
    rng = random.Random(22)
    failed = False
    try:
        data = folder / "data"
        paths = make_images(data / "images", given.images, rng)
        make_rows(data, given.rows, paths, rng)
        size = sum(file.stat().st_size for file in data.glob("*.json*"))
        print(f"{given.rows} rows ({size / 1e6:.0f} MB), {len(paths)} image paths", flush=True)
        whole = run(folder, "check", "data", "--index", "whole", "--quiet", "--isolated")
        print(f"one run: {whole.seconds:.1f} s of processors, {whole.megabytes:.0f} MB", flush=True)
        order = [*range(1, given.parts + 1), *rng.sample(range(1, given.parts + 1), 2)]
        rng.shuffle(order)
        costs = [run(folder, "check", "data", "--index", f"p{n}", "--part", f"{n}/{given.parts}", "--quiet", "--isolated")
                 for n in order]  # fmt: skip
        print(f"{len(costs)} parts: {sum(c.seconds for c in costs) / len(costs):.2f} s of processors each, "
              f"{max(c.megabytes for c in costs):.0f} MB at most", flush=True)  # fmt: skip
        parts = [f"p{n}" for n in range(1, given.parts + 1)]
        rng.shuffle(parts)
        merged = run(folder, "merge", *parts, "--index", "merged", "--quiet", "--isolated")
        print(f"merge: {merged.seconds:.1f} s of processors ({100 * merged.seconds / whole.seconds:.0f} % of the one run), "
              f"{merged.megabytes:.0f} MB", flush=True)  # fmt: skip
        groups = [parts[i::8] for i in range(8)]
        for number, group in enumerate(groups):
            run(folder, "merge", *group, "--index", f"g{number}", "--quiet", "--isolated", "--allow-missing")
        tree = run(folder, "merge", *[f"g{n}" for n in range(8)], "--index", "tree", "--quiet", "--isolated")
        print(f"merge of 8 groups: {tree.seconds:.1f} s of processors, {tree.megabytes:.0f} MB", flush=True)
        expected = reports(folder, "whole")
        for index in ("merged", "tree"):
            same = reports(folder, index) == expected
            failed |= not same
            print(f"{index}: reports {'are the same' if same else 'DIFFER'} ({len(expected[0])} bytes of JSON)")
            run(folder, "index", "check", index)
    finally:
        shutil.rmtree(folder)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
