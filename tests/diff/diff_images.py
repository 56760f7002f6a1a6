#!/usr/bin/python3
"""Compare src/image with Pillow, on sound and damaged files.

    diff_images.py --facts PROGRAM [--mutants N] [--seed S] [--jobs J] [--keep DIR] [FILE...]

Without --mutants, the files are compared as they are; with it, N mutants of the files or, without
files, of generated pictures. Prints each disagreement; exits 1 if there is any.
"""

import argparse
import collections
import concurrent.futures
import os
import random
import shutil
import subprocess
import sys
import tempfile

import image_mutants
import image_seeds
import mutants_gif_bmp
import mutants_tiff_webp
import pillow_verdict
import pillows
import seeds_gif_bmp
import seeds_jpeg
import seeds_rare
import seeds_tiff_webp

FIELDS = ("path decode format width height mode orientation warnings rows limited "
          "metadata frames trailing depth blank transparent lenient doubt detail").split()

image_seeds.MORE.append(seeds_jpeg.seeds)
image_seeds.MORE.append(seeds_gif_bmp.seeds)
image_seeds.MORE.append(seeds_tiff_webp.seeds)
image_mutants.STRUCTURED[:0] = mutants_gif_bmp.STRUCTURED + mutants_tiff_webp.STRUCTURED

# The verified formats, with Pillow's names for them.
VERIFIED = {"jpeg": ("JPEG", "MPO"), "png": ("PNG",), "gif": ("GIF",),
            "bmp": ("BMP",), "dib": ("DIB",), "webp": ("WEBP",), "tiff": ("TIFF",)}

# Pillow needs 8 bytes for each pixel, so larger pictures are only counted. So are animations
# beyond its limit, because it fills their first frame before it checks the limit.
LARGE = 40_000_000

# Files that a process handles between two progress reports.
BATCH = 200


def read_facts(program, paths, *options):
    """Run the program on the files; a crash is an exception."""
    names = b"\0".join(os.fsencode(path) for path in paths) + b"\0"
    done = subprocess.run([program, "-0", *options], input=names, capture_output=True,
                          check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{program}: exit {done.returncode}: "
                           f"{done.stderr.decode(errors='replace')[-3000:]}")
    lines = done.stdout.decode("utf-8", "surrogateescape").splitlines()
    if len(lines) != len(paths):
        raise RuntimeError(f"{program}: {len(lines)} lines for {len(paths)} files")
    facts = [dict(zip(FIELDS, line.split("\t"))) for line in lines]
    for fact in facts:
        for name in ("width", "height", "orientation", "warnings", "rows", "limited",
                     "frames", "trailing", "depth", "blank", "transparent"):
            fact[name] = int(fact[name])
    return facts


def silence(program, paths):
    """Return for each file whether libjpeg-turbo decodes it without errors and warnings."""
    if not paths:
        return []
    silent = os.path.join(os.path.dirname(program), "jpeg_silence")
    names = b"\0".join(os.fsencode(path) for path in paths) + b"\0"
    done = subprocess.run([silent], input=names, capture_output=True, check=True)
    return [line == b"1" for line in done.stdout.split()]


def loud(program, facts):
    """Return JPEGs that were found clean, but that libjpeg-turbo warns about or refuses."""
    clean = [fact for fact in facts if fact["format"] == "jpeg" and fact["decode"] == "ok"]
    answers = silence(program, [fact["path"] for fact in clean])
    return [(fact["path"], "libjpeg is not silent", fact, None)
            for fact, silent in zip(clean, answers, strict=True) if not silent]


def agrees(fact, pillow):
    """Return why the two disagree, or None."""
    ours = fact["decode"]
    theirs = pillow["verdict"]
    if fact["format"] not in VERIFIED:
        known = any(pillow["format"] in names for names in VERIFIED.values())
        if theirs != "ok" or not known:
            return None
        with open(fact["path"], "rb") as file:
            return None if pillows.may_open(fact, file.read(4)) else "loads"
    if "[Errno 22]" in pillow["message"]:
        return None  # an offset in a TIFF beyond the largest file of this file system
    detail = fact["detail"]
    if ours == "none" and (detail.startswith("not verified") or "of memory" in detail):
        return None
    if ours == "none":
        large = fact["width"] * fact["height"] > 178956970
        return None if large and theirs in ("bomb", "corrupt") else "limit"
    if theirs == "ok" and pillow["format"] not in VERIFIED[fact["format"]]:
        return "loads as " + pillow["format"]
    if pillows.may_load(fact["detail"]) and ours in ("corrupt", "truncated"):
        return None
    allowed = {"ok": ("ok", "damaged"), "truncated": ("truncated",), "bomb": (),
               "corrupt": ("corrupt", "truncated") if pillow["cut"] else ("corrupt",)}
    if ours not in allowed[theirs]:
        return "verdict"
    if theirs in ("truncated", "corrupt") and (fact["lenient"] != "refused") != pillow["lenient"] and \
            not pillows.raises_after_pixels(fact, pillow) and not pillows.ignores_profile(fact, pillow):
        return "lenient"
    if (ours == "damaged") != (fact["warnings"] > 0) and ours in ("ok", "damaged"):
        return "warnings"
    if pillow["opened"]:
        if pillows.size(fact) != tuple(pillow["size"]):
            return "size"
        if pillows.mode(fact["format"], fact["mode"]) != pillow["mode"]:
            return "mode"
    if theirs == "ok" and fact["orientation"] != pillow["orientation"]:
        return "orientation"
    if ours == "ok" and fact["rows"] != fact["height"] and "frame" not in fact["detail"]:
        return None if fact["format"] == "png" else "rows"
    return disagreeing_fact(fact, pillow) if theirs == "ok" else None


def disagreeing_fact(fact, pillow):
    """Facts of a picture that loads; a decoder that does not fill one yet leaves 0."""
    if fact["decode"] == "ok" and fact["blank"] != pillow["blank"]:
        # TIFFs of one colour may go unnoticed: with LAB colours, or overlapping tiles
        missed = fact["format"] == "tiff" or pillows.may_be_blank(fact)
        if fact["frames"] and (fact["blank"] or not missed):
            return "blank"
    if pillow["transparent"] not in (None, fact["transparent"]) and not pillows.may_be_transparent(fact):
        return "transparent"
    if fact["frames"] and pillow["frames"] and fact["frames"] != pillow["frames"] and \
            not pillows.may_have_more_frames(fact, pillow):
        return "frames"
    return None


def is_too_large(path, pixels):
    if pixels <= LARGE:
        return False
    with open(path, "rb") as file:
        return pixels <= 178956970 or b"fcTL" in file.read()


def compare(program, paths):
    """Return the disagreements, and how often each pair of verdicts occurred."""
    bad = []
    pairs = collections.Counter()
    facts = read_facts(program, paths)
    bad += loud(program, facts)
    both = zip(paths, facts, read_facts(program, paths, "-x"))
    for path, fact, plain in both:
        if {**fact, "doubt": ""} != plain:
            bad.append((path, "shortcut", fact, plain))
        if is_too_large(path, fact["width"] * fact["height"]):
            pairs[(fact["format"], fact["decode"], "not asked: too large")] += 1
            continue
        pillow = pillow_verdict.verdict(path)
        pairs[(fact["format"], fact["decode"], pillow["verdict"])] += 1
        why = agrees(fact, pillow)
        if why:
            bad.append((path, why, fact, pillow))
    return bad, pairs


# The files that mutants are made from. Processes inherit them: if they were sent with each task,
# they could fill the pipe of a process that has just died, and Python would wait for ever.
SEEDS = []


def mutant(seed, number):
    rng = random.Random(f"{seed}:{number}")
    name, data = SEEDS[number % len(SEEDS)]
    return name, image_mutants.mutate(data, rng)


def compare_mutants(task):
    """Compare a batch, in its own folder."""
    program, seed, numbers, keep = task
    with tempfile.TemporaryDirectory() as folder:
        paths = []
        for number in numbers:
            name, data = mutant(seed, number)
            paths.append(os.path.join(folder, f"{seed}-{number}-{name}"))
            with open(paths[-1], "wb") as to:
                to.write(data)
        bad, pairs = compare(program, paths)
        if keep:
            for path, *_ in bad:
                shutil.copy(path, keep)
    return bad, pairs


def compare_files(task):
    program, paths = task
    return compare(program, paths)


def chunks(items, size):
    return [items[i : i + size] for i in range(0, len(items), size)]


def balanced(seeds):
    """Yield the seeds of all formats in turn, repeating those of formats with few."""
    groups = collections.defaultdict(list)
    for name, data in seeds:
        groups[name.split("-")[0]].append((name, data))
    most = max(map(len, groups.values()))
    return [group[i % len(group)] for i in range(most) for group in groups.values()]


def run(program, files=(), mutants=0, seed=0, jobs=1, keep=None):
    """Compare, and return (disagreements, counts of verdict pairs)."""
    if mutants:
        SEEDS[:] = [(os.path.basename(path), open(path, "rb").read()) for path in files] or \
            balanced(image_seeds.seeds() + seeds_rare.seeds())
        tasks = [(program, seed, numbers, keep)
                 for numbers in chunks(range(mutants), BATCH)]
        work = compare_mutants
    else:
        tasks = [(program, paths) for paths in chunks(list(files), BATCH)]
        work = compare_files
    bad = []
    pairs = collections.Counter()
    for some_bad, some_pairs in work_through(work, tasks, jobs):
        bad += some_bad
        pairs += some_pairs
    return bad, pairs


def work_through(work, tasks, jobs):
    """Yield each task's result. A task that kills its process, as Pillow does on some
    files whose two headers disagree, is cut into single files to find which."""
    while tasks:
        broken = []
        with concurrent.futures.ProcessPoolExecutor(jobs) as pool:
            futures = []
            for task in tasks:
                try:
                    futures.append((task, pool.submit(work, task)))
                except concurrent.futures.process.BrokenProcessPool:
                    broken.append(task)
            for task, future in futures:
                try:
                    yield future.result()
                except concurrent.futures.process.BrokenProcessPool:
                    broken.append(task)
        if len(broken) == len(tasks):
            first = broken.pop(0)
            if len(items_of(first)) == 1:
                print(f"Pillow dies of {items_of(first)}")
                yield [], collections.Counter({("-", "-", "crash"): 1})
            else:
                broken[:0] = [with_items(first, part) for part in halves(items_of(first))]
        tasks = broken


def items_of(task):
    return task[2] if len(task) == 4 else task[1]


def with_items(task, items):
    return task[:2] + (items,) + task[3:] if len(task) == 4 else (task[0], items)


def halves(items):
    middle = len(items) // 2
    return items[:middle], items[middle:]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--facts", required=True, help="the program image_facts")
    parser.add_argument("--mutants", type=int, default=0, metavar="N")
    parser.add_argument("--seed", type=int, default=0, metavar="S")
    parser.add_argument("--jobs", type=int, default=1, metavar="J")
    parser.add_argument("--keep", metavar="DIR", help="copy disagreeing mutants here")
    parser.add_argument("files", nargs="*", metavar="FILE")
    options = parser.parse_args()
    if not options.files and not options.mutants:
        parser.error("no files and no mutants")
    bad, pairs = run(options.facts, options.files, options.mutants, options.seed,
                     options.jobs, options.keep)
    for path, why, fact, pillow in bad:
        print(f"{path}: {why}\n    ours:   {fact}\n    pillow: {pillow}")
    for (kind, ours, theirs), count in sorted(pairs.items()):
        print(f"{count:8} {kind:8} ours {ours:10} pillow {theirs}")
    print(f"{sum(pairs.values())} compared, {len(bad)} disagreements")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
