#!/usr/bin/python3
"""latency.py - runs on storage that answers late beside runs on storage that does not.

    latency.py SET --program build/release/llava-check --shim build/dev/tests/liblatency.so

SET has JPEG images. Opening one takes 3 ms, 2 more or less, and each 128 KiB of it 1 ms; in the
second run, each stat takes 1 ms. Printed: seconds of the images stage, by the program itself.
"""

from __future__ import annotations

import argparse
import os
import re
import statistics
import subprocess
import sys
import tempfile

OPENS = {"LATENCY_OPEN": "3000", "LATENCY_READ": "1000", "LATENCY_JITTER": "2000"}
STATS = {"LATENCY_STAT": "1000"}


def seconds(options: argparse.Namespace, delays: dict[str, str], *arguments: str) -> float:
    env = {**os.environ, **delays, "LATENCY_SUFFIX": options.suffix}
    if delays:
        env["LD_PRELOAD"] = os.path.abspath(options.shim)
    done = subprocess.run([options.program, options.set, "-v", "-j2", *arguments], env=env, text=True, check=False,
                          stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)  # fmt: skip
    return float(re.search(r"^times: .*images ([0-9.]+) s", done.stderr, re.MULTILINE)[1])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("set")
    parser.add_argument("--program", required=True)
    parser.add_argument("--shim", required=True)
    parser.add_argument("--suffix", default=".jpg")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    for name, more in (("one file at a time", ("--io-depth", "1")), ("default", ())):
        pairs = [(seconds(options, {}, "--no-index"), seconds(options, OPENS, "--no-index", *more))
                 for _ in range(options.rounds)]  # fmt: skip
        speed = statistics.median(a / b for a, b in pairs)
        print(f"first run, {name}: {statistics.median(b for _, b in pairs):.1f} s, {speed:.0%} of the speed without latency")
    with tempfile.TemporaryDirectory() as folder:
        index = ("--index", f"{folder}/index")
        seconds(options, {}, *index)
        one, many = seconds(options, STATS, *index, "--io-depth", "1"), seconds(options, STATS, *index)
        print(f"second run: {one:.1f} s one stat at a time, {many:.1f} s by default")
    return 0


if __name__ == "__main__":
    sys.exit(main())
