#!/usr/bin/python3
"""Write the seeds for fuzzing: DIR/TARGET/NAME, and some mutants of each.

    fuzz_seeds.py DIR [MUTANTS [TARGET...]]
    fuzz_seeds.py --list: the targets, a line each, with their longest input

MUTANTS are made of the pictures, and fewer of families that take longer. The words of a family are
in DIR/TARGET.dict. The targets are those of targets.def.
"""

import os
import pathlib
import random
import re
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "diff"))

import diff_images  # noqa: E402, F401 (it knows the seeds of every format)
import fuzz_archives  # noqa: E402
import fuzz_sets  # noqa: E402
import fuzz_texts  # noqa: E402
import image_mutants  # noqa: E402
import image_seeds  # noqa: E402
import pnm_files  # noqa: E402
import rare_formats  # noqa: E402
import seeds_rare  # noqa: E402

# First bytes of each format's files; the first match counts.
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

NAMES = sorted({name for name, _ in BEGINNINGS})

# Formats whose files are made from a number; some files are damaged.
MADE = {form: lambda number, form=form: rare_formats.made(form, number) for form in rare_formats.MAKERS}
MADE["pnm"] = pnm_files.made
FEWEST_MADE = 240

# One mutant of these is made for this number of mutants of pictures, because they take longer.
FEWER = {"index": 40, "program": 80}
FEWER_TEXTS = 8


def targets():
    """Return name, family of seeds and longest input of every target."""
    table = (HERE / "targets.def").read_text(encoding="utf-8")
    found = re.findall(r"^LC_FUZZ\((\w+), \w+, (\w+), (\d+)\)$", table, re.MULTILINE)
    assert len(found) == len(re.findall(r"^LC_FUZZ", table, re.MULTILINE))
    return [(name, family, int(longest)) for name, family, longest in found]


def format_of(data):
    return next((name for name, begins in BEGINNINGS if data.startswith(begins)), "other")


def pictures(mutants):
    """Return the seeds of each format and their mutants, which may have another format."""
    families = {}
    seeds = diff_images.balanced(image_seeds.seeds())
    for name, data in seeds + seeds_rare.seeds():
        families.setdefault(format_of(data), []).append((name, data))
    for number in range(mutants):
        rng = random.Random(f"fuzz:{number}")
        name, data = seeds[number % len(seeds)]
        mutant = image_mutants.mutate(data, rng)
        families.setdefault(format_of(mutant), []).append((f"{number}-{name}", mutant))
    return families


def damage(data, words, rng):
    """Damage bytes of any kind in one way."""
    at, size = rng.randrange(len(data) + 1), rng.randrange(1, 9)
    kind = rng.randrange(6)
    if kind == 0:
        return data[:at]
    if kind == 1:
        return data[:at] + data[at + size:]
    if kind == 2:
        return data[:at] + bytes(rng.randrange(256) for _ in range(size)) + data[at + size:]
    if kind == 3 and words:
        return data[:at] + rng.choice(words) + data[at:]
    if kind == 4:
        other = rng.randrange(len(data) + 1)
        return data[:at] + data[other:other + 8 * size] + data[at:]
    bits = bytearray(data or b"\0")
    bits[at % len(bits)] ^= 1 << rng.randrange(8)
    return bytes(bits)


def texts(family, mutants):
    """Return the seeds of a family that is not a picture format, and their mutants."""
    seeds, words = fuzz_texts.family(family) or fuzz_archives.family(family) or fuzz_sets.family(family)
    made = [(f"seed-{number}", data) for number, data in enumerate(seeds)]
    for number in range(mutants // FEWER.get(family, FEWER_TEXTS)):
        rng = random.Random(f"fuzz:{family}:{number}")
        data = rng.choice(seeds)
        for _ in range(rng.choice((1, 1, 2, 4))):
            data = damage(data, words, rng)
        made.append((f"mutant-{number}", data))
    return made, words


def write(folder, target, longest, made, words):
    where = os.path.join(folder, target)
    os.makedirs(where, exist_ok=True)
    for name, data in made:
        if len(data) <= longest:
            with open(os.path.join(where, name), "wb") as file:
                file.write(data)
    if words:
        lines = ["\"" + "".join(f"\\x{byte:02x}" for byte in word) + "\"\n" for word in words]
        pathlib.Path(folder, f"{target}.dict").write_text("".join(lines), encoding="ascii")


def main():
    folder = sys.argv[1]
    if folder == "--list":
        for target, _, longest in targets():
            print(target, longest)
        return
    mutants = int(sys.argv[2]) if len(sys.argv) > 2 else 0
    wanted = sys.argv[3:]
    os.makedirs(folder, exist_ok=True)
    by_format = None
    for target, family, longest in targets():
        if wanted and target not in wanted:
            continue
        if family in [*NAMES, "other", "pictures"]:
            by_format = by_format or pictures(mutants)
            by_format["pictures"] = sum((by_format[name] for name in NAMES), [])
            write(folder, target, longest, by_format.get(family, []), None)
        elif family in MADE:
            numbers = range(FEWEST_MADE + mutants // 20)
            write(folder, target, longest, [(f"{number}", MADE[family](number)) for number in numbers], None)
        else:
            write(folder, target, longest, *texts(family, mutants))


if __name__ == "__main__":
    main()
