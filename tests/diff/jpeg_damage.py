#!/usr/bin/python3
"""Test that damaged JPEGs are found, and that sound ones are not called damaged.

    jpeg_damage.py --facts PROGRAM [--mutants N] [--seed S] [--before PROGRAM] [--sound]
                   [--list FILE] [FILE...]

--sound judges sound JPEGs of every kind, and the files, which must be sound. --mutants damages the
files, or generated pictures, at one place of their scans, and compares what Pillow loads with the
picture. Prints figures; exits 1 if a sound JPEG is found damaged, or if damage that libjpeg-turbo
or a simple reader notices is not found.
"""

import argparse
import collections
import io
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import warnings

from PIL import Image

import diff_images
import jpeg_reference
import sound_jpegs

# The number of bytes that the simple reader reads in a second.
PLAIN = 40_000

BATCH = 200

# The generated pictures that mutants are made from.
MUTATED = ("noise-17x31", "noise-63x65", "text")


def flip(data, at, rng):
    return data[:at] + bytes((data[at] ^ 1 << rng.randrange(8),)) + data[at + 1 :]


def change(data, at, rng):
    return data[:at] + bytes((rng.randrange(256),)) + data[at + 1 :]


def cut(data, at, rng):
    return data[:at] + data[min(at + rng.randrange(1, 64), len(data) - 2) :]


def insert(data, at, rng):
    return data[:at] + rng.randbytes(rng.randrange(1, 64)) + data[at:]


def zero(data, at, rng):
    size = min(rng.randrange(1, 512), len(data) - 2 - at)
    return data[:at] + bytes(size) + data[at + size :]


DAMAGES = (flip, flip, change, cut, insert, zero)


def scan_begin(data):
    at = data.index(b"\xff\xda")
    return at + 2 + int.from_bytes(data[at + 2 : at + 4], "big")


def damage(data, rng):
    """Damage one place of the scans, but not the last marker."""
    kind = rng.choice(DAMAGES)
    return kind.__name__, kind(data, rng.randrange(scan_begin(data), len(data) - 2), rng)


def pixels(data):
    """Return the pixels that Pillow loads, or None."""
    try:
        return Image.open(io.BytesIO(data)).convert("RGB").tobytes()
    except Exception:  # whatever Pillow raises
        return None


UNREAD = object()


def plain_fault(data):
    """Return what the simple reader finds, None for nothing, or UNREAD if the file is not for it."""
    try:
        return jpeg_reference.fault(data) if len(data) <= PLAIN else UNREAD
    except jpeg_reference.Unreadable:
        return UNREAD


class Source:
    """A sound JPEG, as it is, progressive, or with restart markers."""

    def __init__(self, name, data):
        self.name, self.data, self.pixels = name, data, pixels(data)


def sources(files):
    """Yield sources from files, or from generated pictures."""
    if not files:
        pictures = [found for found in sound_jpegs.pictures() if found[0] in MUTATED]
        for name, data in sound_jpegs.sound(7, pictures):
            if "arithmetic" not in name and scan_begin(data) < len(data) - 40:
                yield Source(name.split("-")[0] + "-" + str(len(data)), data)
        return
    for path in files:
        with open(path, "rb") as file:
            yield Source("baseline", file.read())
        for name, option in (("progressive", ["-progressive"]), ("restarts", ["-restart", "1"])):
            done = subprocess.run(["jpegtran", *option, path], capture_output=True, check=False)
            if done.returncode == 0:
                yield Source(name, done.stdout)


def judge_mutants(options, folder):
    """Yield (source, kind of damage, pixels, before, now, known, path) for each mutant."""
    made = [source for source in sources(options.files) if source.pixels is not None]
    rng = random.Random(options.seed)
    for first in range(0, options.mutants, BATCH):
        batch = []
        for number in range(first, min(first + BATCH, options.mutants)):
            source = made[number % len(made)]
            kind, data = damage(source.data, rng)
            path = os.path.join(folder, f"{number}-{source.name}-{kind}.jpg")
            with open(path, "wb") as to:
                to.write(data)
            batch.append((source, kind, data, path))
        paths = [path for *_, path in batch]
        facts = diff_images.read_facts(options.facts, paths)
        before = diff_images.read_facts(options.before, paths) if options.before else facts
        silent = diff_images.silence(options.facts, paths)
        for (source, kind, data, path), fact, old, quiet in zip(batch, facts, before, silent, strict=True):
            yield source, kind, pixels(data), old, fact, quiet, plain_fault(data), path
        for path in paths:
            if os.path.exists(path):
                os.remove(path)


PLACE = re.compile(r"MCU (?:\d+ to )?(\d+) of \d+(?: in scan (\d+))?: ([^;]*);")
LEFT_OVER = re.compile(r"\d+ bytes? left over")


def place_of(fact):
    """Return what and where the damage is, as the simple reader puts it; None for other messages."""
    match = PLACE.match(fact["detail"])
    if match:
        return match.group(3), int(match.group(2) or 1), int(match.group(1))
    component = fact["detail"].startswith("colour component ")
    return (fact["detail"], None, None) if component else None


def is_wrong(loaded, fact, quiet, plain):
    """Return why a mutant's verdict must be wrong, or None."""
    if loaded is None:
        return None if fact["decode"] in ("corrupt", "truncated") else "Pillow raises"
    if fact["decode"] not in ("ok", "damaged"):
        return "Pillow loads"
    if fact["decode"] == "ok" and not quiet:
        return "libjpeg warns"
    ours = place_of(fact) if fact["decode"] == "damaged" else None
    if plain is UNREAD or (ours is None and plain is None):
        return None if ours or fact["decode"] == "ok" or not quiet else "nobody sees damage"
    if plain is None:
        return "a plain reader finds nothing"
    return None if ours == plain or ours == (plain[0], None, None) else f"a plain reader finds {plain}"


def notice(fact, quiet):
    """Return who noticed the damage."""
    if not quiet:
        return "noticed by libjpeg"
    return "noticed by no libjpeg" if place_of(fact) else "valid codes"


def was(fact, before):
    """Return the verdict of the other version, if there is one."""
    return f"was {fact['decode']}, is" if before else ""


def measure_mutants(options):
    """Print how many mutants were found, and how; return the number of wrong verdicts."""
    counts = collections.Counter()
    wrong = 0
    with tempfile.TemporaryDirectory() as folder:
        for source, kind, loaded, old, fact, quiet, plain, path in judge_mutants(options, folder):
            why = is_wrong(loaded, fact, quiet, plain)
            if why:
                wrong += 1
                print(f"{os.path.basename(path)}: {why}\n    ours: {fact}")
                if options.keep:
                    shutil.copy(path, options.keep)
            look = "raises" if loaded is None else "same pixels" if loaded == source.pixels else "other pixels"
            counts[(look, notice(fact, quiet), was(old, options.before), fact["decode"])] += 1
            counts[("damage:", kind, look)] += 1
            if loaded is not None and plain and plain is not UNREAD:
                counts[("fault: " + LEFT_OVER.sub("left over", plain[0]),)] += 1
    for key, count in sorted(counts.items(), key=str):
        print(f"{count:8} {'  '.join(part for part in key if part)}")
    print(f"{options.mutants} mutants, {wrong} wrong")
    return wrong


def judge_sound(program, files):
    """Print sound JPEGs that were found damaged; return their number, and the total."""
    bad = total = 0
    with tempfile.TemporaryDirectory() as folder:
        for batch in diff_images.chunks(list(sound_files(folder, files)), 1000):
            total += len(batch)
            for fact in diff_images.read_facts(program, batch):
                if fact["decode"] != "ok":
                    bad += 1
                    print(f"{fact['path']}: {fact['decode']}: {fact['detail']}")
    print(f"{total} sound JPEGs, {bad} of them not ok")
    return bad, total


def sound_files(folder, files):
    for number, (name, data) in enumerate(sound_jpegs.sound()):
        path = os.path.join(folder, f"{number}-{name.replace('/', '-')}.jpg")
        with open(path, "wb") as to:
            to.write(data)
        yield path
    yield from files


def main():
    warnings.simplefilter("ignore")
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--facts", required=True, help="the program image_facts")
    parser.add_argument("--before", help="image_facts of another version, to compare")
    parser.add_argument("--mutants", type=int, default=0, metavar="N")
    parser.add_argument("--seed", default="0", metavar="S")
    parser.add_argument("--keep", metavar="DIR", help="copy wrong mutants here")
    parser.add_argument("--sound", action="store_true")
    parser.add_argument("--list", metavar="FILE", help="the files' names, one on a line")
    parser.add_argument("files", nargs="*", metavar="FILE")
    options = parser.parse_args()
    if options.list:
        with open(options.list, encoding="utf-8", errors="surrogateescape") as names:
            options.files += sorted(names.read().splitlines())
    bad = judge_sound(options.facts, options.files)[0] if options.sound else 0
    wrong = measure_mutants(options) if options.mutants else 0
    return 1 if bad or wrong else 0


if __name__ == "__main__":
    sys.exit(main())
