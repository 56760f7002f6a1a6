#!/usr/bin/env python3
"""Write the output of fix and clean for faulty sets as cases for record.py: write_fixed.py FOLDER PROGRAM FORM

    write_fixed.py --judge RECORD

A case is 200 rows, or all, of the result for the program from the demo, from a set with planted faults of
20 kinds, or from a set in $LC_DERIVED, if it is given. Each row must be trained as written: --judge checks
that in a record of record.py. LLAVA_CHECK is the program; scripts/fixed_oracles.sh runs both.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
SAMPLE = ["--sample", "200", "--seed", "1"]
AS_WRITTEN = ["--drop", "crash,replaced,altered,unknown", "--no-index", "--force", "-q"]
# programs that do not read LLaVA's rows, and how these are converted for them
CONVERTED = {"llama-factory": ["messages"], "ms-swift": ["messages"], "trl": ["messages", "--in-parts"], "xtuner": ["xtuner"]}


class NoRowError(Exception):
    """No row is left of a set."""


def check(*words: str | Path) -> None:
    done = subprocess.run([os.environ["LLAVA_CHECK"], *words], capture_output=True, text=True, check=False)
    if "no row is left" in done.stderr:
        raise NoRowError(done.stderr)
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, words))}: {done.stderr}")


def planted(place: Path, program: str) -> Path:
    """Make the set of tests/cli/test_fix.py."""
    sys.path[:0] = [str(REPOSITORY / "tests/cli")]
    import test_fix

    (place / "images/deep/er").mkdir(parents=True)
    for source, name in ((test_fix.GOOD_JPEG, "a.jpg"), (test_fix.GOOD_PNG, "b.png"), (test_fix.GOOD_JPEG, "deep/er/c.jpg")):
        shutil.copy(source, place / "images" / name)
    return Path(test_fix.plant(place, program)[0])


def sources(place: Path, program: str) -> dict[str, tuple[Path, Path]]:
    """Return rows files and image roots by name."""
    found = {"demo": (REPOSITORY / "fixtures/demo/llava_demo.json", REPOSITORY / "fixtures/demo/images"),
             "planted": (planted(place, program), place / "images")}
    derived = os.environ.get("LC_DERIVED")
    for path in sorted(Path(derived).glob("*.json*")) if derived else []:
        found[f"derived-{path.stem}"] = (path, Path(derived or "") / "images")
    return found


def write_case(home: Path, rows: Path, images: Path, program: str, form: str) -> None:
    out = home / f"rows.{form}"
    first = rows.read_bytes()[:4000]
    if program in CONVERTED and b'"conversations"' in first:
        # images first, because xtuner's rows have their sizes
        check("clean", rows, "--images", images, "--fix", "--unsafe", "--for", "llava-next", "-o", home / "llava.json",
              "--copy-images", home / "first", "--transcode", *AS_WRITTEN)
        images = home / "first"
        images.mkdir(exist_ok=True)
        check("convert", home / "llava.json", "--images", images, "--to", *CONVERTED[program], "-o", home / f"made.{form}",
              "--no-index", "--force", "-q")
        rows = home / f"made.{form}"
    check("clean", rows, "--images", images, "--fix", "--unsafe", "--for", program, "-o", home / f"all.{form}",
          "--copy-images", home / "images", "--transcode", *AS_WRITTEN)
    check("clean", home / f"all.{form}", "--images", home / "images", "--for", program, "-o", out, *SAMPLE, *AS_WRITTEN)
    (home / "images").mkdir(exist_ok=True)
    (home / "videos").mkdir(exist_ok=True)


def write(folder: Path, program: str, form: str) -> int:
    lines = []
    for number, name in enumerate(["demo", "planted", *(["derived"] if os.environ.get("LC_DERIVED") else [])]):
        with tempfile.TemporaryDirectory() as temporary:
            for source, (rows, images) in sources(Path(temporary), program).items():
                if not source.startswith(name):
                    continue
                home = folder / f"fixed/{source}"
                home.mkdir(parents=True)
                try:
                    write_case(home, rows, images, program, form)
                except NoRowError as error:
                    print(f"{source}: left out: {error}", end="")
                    continue
                lines.append(json.dumps({
                    "name": f"fixed/{source}", "aims": [], "digest": hashlib.sha256((home / f"rows.{form}").read_bytes()).hexdigest()[:8],
                    "file": f"fixed/{source}/rows.{form}", "rows": f"rows.{form}", "mixture": None, "damaged": [], "silent": []}))
    (folder / "index.jsonl").write_text("\n".join(lines) + "\n")
    print(f"{len(lines)} cases in {folder}")
    return 0


def judge(record: Path) -> int:
    cases = json.loads(record.read_text())["cases"]
    bad = 0
    for name, found in sorted(cases.items()):
        kinds = found.get("rows", "")
        rows = sum(int(run.partition("*")[2] or 1) for run in kinds.split())
        good = rows > 0 and all(run.partition("*")[0] == "fine" for run in kinds.split()) and "start" not in found and "batch" not in found
        print(f"{record.stem}: {name}: {rows} rows, {'all trained as written' if good else json.dumps(found)[:400]}")
        bad += not good
    return 1 if bad or len(cases) < 2 else 0


if __name__ == "__main__":
    sys.exit(judge(Path(sys.argv[2])) if sys.argv[1] == "--judge" else write(Path(sys.argv[1]).resolve(), *sys.argv[2:4]))
