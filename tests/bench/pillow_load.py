#!/usr/bin/python3
"""pillow_load.py - the program that formats.py compares with: open each file and convert it to RGB.

Reads file names from stdin, one per line; uses one process. Prints the same lines as verify_files.c.
"""
from __future__ import annotations

import os
import sys
import time
import warnings

from PIL import Image


def main() -> int:
    warnings.simplefilter("ignore")
    names = sys.stdin.read().splitlines()
    Image.init()
    size = sound = refused = 0
    begin = time.perf_counter()
    cpu = time.process_time()
    for name in names:
        size += os.stat(name).st_size
        try:
            with Image.open(name) as image:
                image.convert("RGB")
            sound += 1
        except Exception:  # pylint: disable=broad-except
            refused += 1
    cpu = time.process_time() - cpu
    wall = time.perf_counter() - begin
    print(f"files {len(names)}\nsound {sound}\nrefused {refused}\nbytes {size}")
    print(f"seconds {wall:.4f}\ncpu_seconds {cpu:.4f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
