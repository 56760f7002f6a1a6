#!/usr/bin/python3
"""Write the pictures that fuzzing begins with: DIR/FORMAT/NAME, and some mutants of each.

    fuzz_seeds.py DIR [MUTANTS]
"""

import os
import pathlib
import random
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "diff"))

import diff_images  # noqa: E402, F401 (it knows the seeds of every format)
import image_mutants  # noqa: E402
import image_seeds  # noqa: E402

# What a format's files begin with; the first that fits counts.
BEGINNINGS = [
    ("jpeg", b"\xff\xd8"),
    ("png", b"\x89PNG"),
    ("gif", b"GIF8"),
    ("webp", b"RIFF"),
    ("tiff", b"II"),
    ("tiff", b"MM"),
    ("bmp", b"BM"),
    ("dib", b"\x0c\0\0\0"),
    ("dib", b"\x28\0\0\0"),
    ("dib", b"\x40\0\0\0"),
    ("dib", b"\x6c\0\0\0"),
    ("dib", b"\x7c\0\0\0"),
]


def format_of(data):
    return next((name for name, begins in BEGINNINGS if data.startswith(begins)), "other")


def write(folder, name, data):
    where = os.path.join(folder, format_of(data))
    os.makedirs(where, exist_ok=True)
    with open(os.path.join(where, name), "wb") as file:
        file.write(data)


def main():
    folder = sys.argv[1]
    mutants = int(sys.argv[2]) if len(sys.argv) > 2 else 0
    seeds = diff_images.balanced(image_seeds.seeds())
    for name, data in seeds:
        write(folder, name, data)
    for number in range(mutants):
        rng = random.Random(f"fuzz:{number}")
        name, data = seeds[number % len(seeds)]
        write(folder, f"{number}-{name}", diff_images.image_mutants.mutate(data, rng))


if __name__ == "__main__":
    main()
