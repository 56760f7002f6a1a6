#!/usr/bin/python3
"""What one build says of files that do not depend on the machine, to be compared with another's.

    verdict_sets.py make FOLDER [--mutants N]      files for judge, made once
    verdict_sets.py judge FOLDER BUILD OUT         what the programs in BUILD say, into OUT; BUILD
                                                   may also be the command alone

OUT then holds the facts of every image (by the command alone: not) and a JSON report of every data set: those of FOLDER, of
fixtures/ and of the corpus beside the tree, where there is one. The same source must say the same
of the same files whatever libraries it was built with: scripts/chroots.sh compares two OUTs.
"""

import argparse
import json
import os
import random
import subprocess
import sys
from pathlib import Path

sys.dont_write_bytecode = True

ROOT = Path(__file__).resolve().parents[2]
CORPUS = ROOT.parent / "shared" / "corpus"
TURNS = [{"from": "human", "value": "<image>\nWhat is it?"}, {"from": "gpt", "value": "A picture."}]
NOT_IMAGES = {".json", ".jsonl", ".tsv", ".md", ".py", ".txt"}


def make(folder, mutants):
    """Seeds and mutants of images, and rows that were damaged byte by byte."""
    import diff_images
    import image_seeds
    import json_mutate
    import seeds_rare

    seeds = image_seeds.seeds() + seeds_rare.seeds()
    diff_images.SEEDS[:] = diff_images.balanced(seeds)
    images = folder / "images"
    images.mkdir(parents=True, exist_ok=True)
    for name, data in seeds:
        (images / f"seed-{name}").write_bytes(data)
    for number in range(mutants):
        name, data = diff_images.mutant(3, number)
        (images / f"mutant-{number}-{name}").write_bytes(data)
    rng = random.Random(3)
    rows = json_mutate.seed_rows(rng)
    lines = [json_mutate.mutate(rng.choice(rows), rng) for _ in range(mutants)]
    lines[:0] = [b'{"id": 0}', b'\xef\xbb\xbf{"id": 1}']  # as after: cat a.jsonl windows.jsonl
    (folder / "damaged.jsonl").write_bytes(b"\n".join(lines))
    print(f"{len(seeds)} seeds, {mutants} mutants of images, {mutants} damaged rows")


def pictures(folder):
    """The files that may be images, sorted."""
    return sorted((path for path in folder.rglob("*") if path.is_file() and path.suffix not in NOT_IMAGES
                   and ".llava-check" not in path.parts), key=os.fsencode)


def name_all(folder, to):
    """A rows file that names every picture of a folder, one a row."""
    rows = [{"id": number, "image": str(path.relative_to(folder)), "conversations": TURNS}
            for number, path in enumerate(pictures(folder)) if str(path).isprintable()]
    to.write_text(json.dumps(rows), encoding="utf-8")
    return len(rows)


def image_folders(folder):
    found = {"made": folder / "images", "fixtures": ROOT / "fixtures", "hostile": CORPUS / "hostile",
             "derived": CORPUS / "derived" / "images"}
    return {name: path for name, path in found.items() if path.is_dir()}


def judge(folder, build, out):
    """Write what is said of everything; print how much that was."""
    import diff_images

    out.mkdir(parents=True)
    images = rows = 0
    commands = {}
    for name, place in image_folders(folder).items():
        paths = pictures(place)
        images += len(paths)
        if build.is_dir():
            facts = diff_images.read_facts(str(build / "tests" / "image_facts"), [str(path) for path in paths])
            lines = [json.dumps({**fact, "path": os.path.relpath(fact["path"], place)}) for fact in facts]
            (out / f"{name}.facts").write_text("\n".join(lines) + "\n", encoding="utf-8")
        rows_file = out / f"{name}-rows.json"
        rows += name_all(place, rows_file)
        commands[f"{name}-images"] = [rows_file, "--images", place]
    commands["demo"] = [ROOT / "fixtures" / "demo"]
    commands["rules"] = [ROOT / "fixtures" / "rules", "--no-images"]
    commands["damaged"] = [folder / "damaged.jsonl", "--no-images"]
    for path in sorted((ROOT / "fixtures" / "rules").glob("*.json*")):
        commands[f"rules-{path.name}"] = [path]
    for path in sorted((CORPUS / "derived").glob("*.json*")):
        commands[f"derived-{path.name}"] = [path]
    for path in sorted((CORPUS / "json-suite").glob("*.json")):
        commands[f"suite-{path.name}"] = [path, "--no-images"]
    for name, arguments in commands.items():
        check(build / "llava-check" if build.is_dir() else build, arguments, out / f"{name}.report")
    print(f"{images} images, {rows} rows that name them, {len(commands)} data sets")


def check(program, arguments, to):
    """One report, with the exit code and what was said on stderr."""
    done = subprocess.run([program, "check", *map(str, arguments), "--no-index", "--isolated", "--format", "json",
                           "--show", "info"], capture_output=True, check=False)
    if done.returncode not in (0, 1, 2):
        raise RuntimeError(f"{arguments}: exit {done.returncode}: {done.stderr[-2000:]!r}")
    to.write_bytes(b"exit %d\n" % done.returncode + done.stdout + done.stderr)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(dest="command", required=True)
    one = commands.add_parser("make")
    one.add_argument("folder", type=Path)
    one.add_argument("--mutants", type=int, default=10000, metavar="N")
    other = commands.add_parser("judge")
    other.add_argument("folder", type=Path)
    other.add_argument("build", type=Path)
    other.add_argument("out", type=Path)
    options = parser.parse_args()
    if options.command == "make":
        make(options.folder, options.mutants)
    else:
        judge(options.folder, options.build.resolve(), options.out)


if __name__ == "__main__":
    main()
