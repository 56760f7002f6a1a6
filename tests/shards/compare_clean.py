"""compare_clean.py - run a reader on shards that `clean` has written for it

    LLAVA_CHECK=… PYTHON tests/shards/compare_clean.py webdataset|energon WORK SEED COUNT

PYTHON is an interpreter with the reader installed. The sets are those of cases.py, and COUNT of random_cases.py. For
each result, the reader must not raise, and must yield every sample with an image and a text, decoded; the keys must be
those that tarfile finds, in order. Sets may be refused only if they are compressed, or no sample is left.
"""

from __future__ import annotations

import io
import logging
import os
import shutil
import subprocess
import sys
import tarfile
import warnings
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import random_cases  # noqa: E402
from cases import Case, cases  # noqa: E402
from model import split  # noqa: E402
from record import run_energon, run_webdataset  # noqa: E402

IMAGES, TEXTS = {"jpg", "jpeg", "png", "webp"}, {"json", "txt"}


def keys_of(shards: dict[str, bytes]) -> list[str]:
    found: list[str] = []
    for data in shards.values():
        last = None
        with tarfile.open(fileobj=io.BytesIO(data), mode="r|") as file:
            for info in file:
                parts = split(info.name)
                assert info.isreg() and parts, info.name
                if parts[0] != last:
                    found.append(parts[0])
                last = parts[0]
    return found


def compare(program: str, case: Case, work: Path) -> tuple[str, list[str], int]:
    """Return whether a case was cleaned or refused, what is wrong, and the number of samples."""
    source, result = work / "in", work / "out"
    for folder in (source, result):
        shutil.rmtree(folder, ignore_errors=True)
    source.mkdir(parents=True)
    for name, data in case.shards.items():
        (source / name).write_bytes(data)
    paths = [str(source / name) for name in case.shards]
    done = subprocess.run([os.environ["LLAVA_CHECK"], "clean", *paths, "-o", str(result), "--for", program, "--no-index", "-q", "--isolated", "--force"],
                          capture_output=True, text=True, check=False)  # fmt: skip
    if done.returncode:
        known = ("is compressed", "no row is left", "there are no rows", "rename it")
        return "refused", [] if any(text in done.stderr for text in known) else [done.stderr], 0
    shards = {name: (result / name).read_bytes() for name in case.shards if (result / name).exists()}
    keys = keys_of(shards)
    new = Case(case.name, case.what, shards, keys)
    outcomes = (run_webdataset if program == "webdataset" else run_energon)(new, work / "read")
    wrong = []
    for way in ("raw", "decoded") if program == "webdataset" else ("raw",):
        one = outcomes.get(way, {"error": outcomes.get("prepare"), "samples": []})
        yielded = [key.rpartition("!")[2].partition(".tar/")[2] or key for key, _ in one["samples"]]
        if "error" in one:
            wrong.append(f"{way}: raises {one['error']}")
        if yielded != keys:
            wrong.append(f"{way}: yields {yielded}, not {keys}")
        for key, suffixes in one["samples"]:
            last = {suffix.lower().rpartition(".")[2] for suffix in suffixes}
            if not IMAGES & last or not TEXTS & last:
                wrong.append(f"{way}: {key} has {suffixes}")
    return "cleaned", wrong, len(keys)


def main() -> int:
    program, work = sys.argv[1], Path(sys.argv[2]).resolve()
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    count = {"cleaned": 0, "refused": 0}
    samples = failed = 0
    for case in [*cases(), *random_cases.cases(int(sys.argv[3]), int(sys.argv[4]))]:
        what, wrong, found = compare(program, case, work)
        count[what] += 1
        samples += found
        failed += bool(wrong)
        for line in wrong:
            print(f"{case.name} ({case.what}), {program}: {line}", flush=True)
    print(f"{program}: {count['cleaned']} sets cleaned, {count['refused']} refused, {samples} samples; {failed} not as promised")
    return 1 if failed or not count["cleaned"] else 0


if __name__ == "__main__":
    sys.exit(main())
