#!/usr/bin/python3
"""latency.py - compare runs on slow storage with runs on fast storage.

    latency.py SET --program build/release/llava-check --shim build/dev/tests/liblatency.so
    latency.py SET --program build/release/llava-check --file-system build/slow_fs

SET has JPEG images; if it does not exist, a set of 1,500 pictures is made. Opening an image takes 3 ms, plus or minus 2,
and reading 128 KiB of it 1 ms; in the second run, each stat takes 1 ms. The shim delays the program's own calls; the file system (slow_fs.c, FUSE; needs root or
fusermount3) also delays what the kernel does by itself, such as io_uring. There, "without latency" is the same file
system that does not wait, so that its own cost is not taken for latency. Printed: seconds of the images stage, by the
program itself. Exit 1: a report differs from that of the folder itself.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from PIL import Image

OPENS = {"open": 3000, "read": 1000, "jitter": 2000}  # microseconds
STATS = {"stat": 1000}


def measure(options: argparse.Namespace, folder: str, env: dict[str, str], *arguments: str) -> tuple[float, bytes]:
    """Check a folder. Return the seconds of its images stage, and the report."""
    with tempfile.TemporaryDirectory() as place:
        done = subprocess.run([os.path.abspath(options.program), ".", "-v", "-j2", "--report", f"{place}/report.json",
                               *arguments], cwd=folder, env={**os.environ, **env}, text=True, check=False,
                              stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)  # fmt: skip
        if done.returncode not in (0, 1):
            sys.exit(f"latency.py: {done.stderr}")
        report = Path(f"{place}/report.json").read_bytes()
    return float(re.search(r"^times: .*images ([0-9.]+) s", done.stderr, re.MULTILINE)[1]), report


@contextlib.contextmanager
def late(options: argparse.Namespace, delays: dict[str, int]) -> Iterator[tuple[str, dict[str, str]]]:
    """Provide storage with delays: yield the folder to check, and the environment for the check."""
    if options.shim:
        shim = {f"LATENCY_{name.upper()}": str(us) for name, us in delays.items()}
        shim |= {"LATENCY_SUFFIX": options.suffix, "LD_PRELOAD": os.path.abspath(options.shim)}
        yield os.path.abspath(options.set), shim if delays else {}
        return
    with tempfile.TemporaryDirectory() as place:
        mount = f"{place}/{Path(options.set).resolve().name}"  # reports have its name
        os.mkdir(mount)
        given = [f"{name}={us}" for name, us in delays.items()]
        given += ["ro", "max_threads=600", "max_idle_threads=600", f"suffix={options.suffix}"]
        subprocess.run([options.file_system, options.set, mount, "-o", ",".join(given)], check=True)
        try:
            yield mount, {}
        finally:
            subprocess.run(["fusermount3", "-u", mount], check=True)


def make_set(folder: Path, images: int = 1500) -> None:
    """Make a set of pictures of 640 x 480 with noise, 60 to 130 kB each."""
    (folder / "images").mkdir(parents=True)
    for number in range(images):
        noise = Image.effect_noise((160, 120), 20 + number % 60).resize((640, 480), Image.Resampling.BICUBIC)
        grain = Image.effect_noise((640, 480), 8)
        Image.merge("RGB", (noise, grain, noise)).save(folder / f"images/{number}.jpg", quality=90)
    turns = [{"from": "human", "value": "<image>\nWhat is it?"}, {"from": "gpt", "value": "Noise."}]
    rows = [{"id": number, "image": f"images/{number}.jpg", "conversations": turns} for number in range(images)]
    (folder / "rows.json").write_text(json.dumps(rows))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("set")
    parser.add_argument("--program", required=True)
    storage = parser.add_mutually_exclusive_group(required=True)
    storage.add_argument("--shim")
    storage.add_argument("--file-system")
    parser.add_argument("--suffix", default=".jpg")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    if not os.path.exists(options.set):
        make_set(Path(options.set))
    _, expected = measure(options, options.set, {}, "--no-index")
    reports = []

    def seconds(delays: dict[str, int], *arguments: str) -> float:
        with late(options, delays) as (folder, env):
            taken, report = measure(options, folder, env, *arguments)
        reports.append(report)
        return taken

    for name, more in (("one file at a time", ("--io-depth", "1")), ("default", ())):
        pairs = [(seconds({}, "--no-index"), seconds(OPENS, "--no-index", *more)) for _ in range(options.rounds)]
        speed = statistics.median(a / b for a, b in pairs)
        print(f"first run, {name}: {statistics.median(b for _, b in pairs):.1f} s, {speed:.0%} of the speed without latency")
    with tempfile.TemporaryDirectory() as place, late(options, STATS) as (folder, env):
        index = ("--index", f"{place}/index")
        first, *again = (measure(options, folder, env, *index, *more)
                         for more in ((), ("--io-depth", "1"), ()))  # fmt: skip
        reports += [first[1], *(report for _, report in again)]
        print(f"second run: {again[0][0]:.1f} s one stat at a time, {again[1][0]:.1f} s by default")
    if any(report != expected for report in reports):
        print("a report differs from that of the folder itself")
        return 1
    print(f"{len(reports)} reports are equal to that of the folder itself")
    return 0


if __name__ == "__main__":
    sys.exit(main())
