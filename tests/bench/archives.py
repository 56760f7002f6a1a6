#!/usr/bin/env python3
"""Compare the time of checking a data set in archives, like LLaVA-NeXT-Data, with unpacking them.

    LLAVA_CHECK=… archives.py FOLDER [--photographs DIR] [--megabytes 5000] [--archives 11]
                                     [--rounds 3] [--kills 50]

Makes the set in FOLDER/raw, unless it exists: tar.gz archives of photographs, all different, and rows
that name them, a tenth of which have no image. Then, in each round, one after the other:
tar -xzf of all archives, two at a time, into an empty folder; a check, with two workers; and the same
check again. Prints times, processor times and peak memory, and the best ratio of the first two.
Compares the report with that of the unpacked folder. With --kills, a check is killed that number of times
at random moments, and resumed; every third time it may finish, and must have the same report.

The exit code is 1 if a report differs.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import random
import re
import shutil
import subprocess
import sys
import tarfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

ROWS_PER_IMAGE = 74 / 45
FOLDERS = ("coco/train2017/{:012}.jpg", "vg/VG_100K/{}.jpg", "ocr_vqa/images/{:010}.jpg", "gqa/images/{}.jpg")
SOI = 2  # bytes of a JPEG before its first segment


class Cost(NamedTuple):
    seconds: float
    processor: float
    megabytes: float


def measure(command: list[str], folder: Path, out: Path) -> Cost:
    began = time.monotonic()
    with open(out, "wb") as to, subprocess.Popen(command, cwd=folder, stdout=to, stderr=subprocess.DEVNULL) as process:
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in (0, 1):
        sys.exit(f"{command}: exit code {process.returncode}")
    return Cost(time.monotonic() - began, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


# ---- the set


def photographs(folder: Path | None) -> list[bytes]:
    if folder:
        return [data for path in sorted(p for p in folder.rglob("*") if p.is_file()) if (data := path.read_bytes())[:2] == b"\xff\xd8"]
    from PIL import Image

    found = []
    for number in range(40):
        picture = Image.effect_noise((560 + number, 420), 40 + number).convert("RGB")
        out = io.BytesIO()
        picture.save(out, "JPEG", quality=72)
        found.append(out.getvalue())
    return found


def vary(data: bytes, number: int) -> bytes:
    """Add a comment to a picture, so that its bytes differ."""
    text = f"number {number}".encode()
    return data[:SOI] + b"\xff\xfe" + (len(text) + 2).to_bytes(2, "big") + text + data[SOI:]


def make_archive(path: Path, names: list[tuple[int, str]], pool: list[bytes], damaged: set[int]) -> None:
    with open(path, "wb") as to, subprocess.Popen(["gzip", "-6"], stdin=subprocess.PIPE, stdout=to) as process:
        assert process.stdin
        with tarfile.open(fileobj=process.stdin, mode="w|", format=tarfile.GNU_FORMAT) as archive:
            for number, name in names:
                data = vary(pool[number * 7919 % len(pool)], number)
                member = tarfile.TarInfo(name)
                member.mtime = 1_700_000_000
                data = data[: len(data) // 2] if number in damaged else data
                member.size = len(data)
                archive.addfile(member, io.BytesIO(data))
        process.stdin.close()
    assert process.returncode == 0


def make_set(raw: Path, megabytes: int, archives: int, pool: list[bytes]) -> None:
    average = sum(map(len, pool)) / len(pool)
    images = int(megabytes * 1e6 / average)
    draw = random.Random(5)
    names = [FOLDERS[number % len(FOLDERS)].format(number) for number in range(images)]
    damaged = set(draw.sample(range(images), max(1, images // 2000)))
    raw.mkdir(parents=True)
    by_archive: list[list[tuple[int, str]]] = [[] for _ in range(archives)]
    for number, name in enumerate(names):
        if number % 1000 != 999:  # some are missing
            by_archive[number * archives // images].append((number, name))
    with ThreadPoolExecutor(2) as threads:
        jobs = [threads.submit(make_archive, raw / f"images_{i + 1}.tar.gz", by_archive[i], pool, damaged)
                for i in range(archives)]
        for job in jobs:
            job.result()
    rows: list[dict[str, Any]] = []
    for number in range(int(images * ROWS_PER_IMAGE)):
        row: dict[str, Any] = {"id": f"{number}"}
        image = number if number < images else draw.randrange(images) if draw.random() < 0.75 else None
        question = "What is shown here, and what is to its left?"
        if image is not None:
            row["image"] = names[image]
            question = "<image>\n" + question
        answer = " ".join(draw.choices(("a", "the", "man", "street", "red", "beside", "holding", "tree"), k=60)) + "."
        row["conversations"] = [{"from": "human", "value": question}, {"from": "gpt", "value": answer}]
        rows.append(row)
    draw.shuffle(rows)
    (raw / "llava_next.json").write_text(json.dumps(rows))
    print(f"{len(rows):,} rows, {images:,} images, {sum(p.stat().st_size for p in raw.iterdir()) / 1e9:.2f} GB")


# ---- reports


def placeless(report: bytes) -> Any:
    """Return a report without the places of images."""
    found = json.loads(report)
    for name in ("dataset", "image_root", "target", "name"):
        found.pop(name, None)
    found["findings"] = [f for f in found["findings"] if not f["rule"].startswith("ARC")]
    for finding in found["findings"]:
        finding.pop("archive", None)
    return found


def check(program: str, raw: Path, out: Path, *options: str) -> Cost:
    return measure([program, "check", ".", "-f", "json", "--threads", "2", *options], raw, out)


def unpack(raw: Path, to: Path) -> Cost:
    shutil.rmtree(to, ignore_errors=True)
    to.mkdir(parents=True)
    return measure(["sh", "-c", f"ls {raw}/*.tar.gz | xargs -P 2 -n 1 tar -xzf"], to, Path("/dev/null"))


def rounds(program: str, folder: Path, count: int) -> bool:
    # a folder beside the set would be searched for its images
    raw, plain, out = folder / "raw", folder / "far/from/it/plain", folder / "report.json"
    ratios = []
    print(f"{'':14}{'seconds':>9}{'processor':>11}{'MB':>7}")
    for number in range(count):
        costs = {"tar -xzf": unpack(raw, plain)}
        shutil.rmtree(raw / ".llava-check", ignore_errors=True)
        costs["check"] = check(program, raw, out)
        costs["check again"] = check(program, raw, folder / "again.json")
        for what, cost in costs.items():
            print(f"{what:14}{cost.seconds:9.2f}{cost.processor:11.2f}{cost.megabytes:7.0f}")
        ratios.append((costs["check"].seconds / costs["tar -xzf"].seconds,
                       costs["check"].processor / costs["tar -xzf"].processor))
    print(f"check : tar    {min(r[0] for r in ratios):.2f} of its time, {min(r[1] for r in ratios):.2f} of its processor time")
    shutil.copy(raw / "llava_next.json", plain)
    check(program, plain, folder / "plain.json", "--no-index")
    assert json.loads(out.read_bytes())["dataset"]["image_root"] == ".", "it has read other images"
    same = placeless(out.read_bytes()) == placeless((folder / "plain.json").read_bytes())
    same &= out.read_bytes() == (folder / "again.json").read_bytes()
    print("reports        " + ("equal" if same else "DIFFER"))
    shutil.rmtree(plain)
    return same


# ---- kills


def kills(program: str, folder: Path, count: int, seed: int) -> bool:
    raw, out = folder / "raw", folder / "killed.json"
    draw = random.Random(seed)
    check(program, raw, folder / "whole.json", "--no-index")
    shutil.rmtree(raw / ".llava-check", ignore_errors=True)
    whole = check(program, raw, out).seconds
    shutil.rmtree(raw / ".llava-check")
    expected = (folder / "whole.json").read_bytes()
    good, ended, continued, members, killed = True, 0, 0, 0, 0
    while killed < count:
        with subprocess.Popen([program, "check", ".", "-q"], cwd=raw, stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL) as process:
            time.sleep(draw.uniform(0.02, whole * 0.9))
            is_late = process.poll() is not None
            process.kill()
        ended += is_late
        killed += not is_late
        if killed % 3 and not is_late:
            continue
        done = subprocess.run([program, "check", ".", "-v", "-f", "json"], cwd=raw, capture_output=True, check=False)
        after = [int(n) for n in re.findall(rb"continued after (\d+) members", done.stderr)]
        continued += bool(after)
        members += sum(after)
        if done.stdout != expected:
            good = False
            (folder / f"differs-{killed}.json").write_bytes(done.stdout)
        sound = subprocess.run([program, "index", "check", "."], cwd=raw, capture_output=True, check=False)
        good &= sound.returncode == 0
        shutil.rmtree(raw / ".llava-check")
    print(f"{count} kills      {ended} more came too late; {continued} runs continued within archives, after {members:,} members; "
          + ("all reports equal" if good else "REPORTS DIFFER"))
    return good


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--photographs", type=Path)
    parser.add_argument("--megabytes", type=int, default=5000)
    parser.add_argument("--archives", type=int, default=11)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--kills", type=int, default=0)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    folder, program = options.folder.resolve(), os.environ["LLAVA_CHECK"]
    if not (folder / "raw").exists():
        make_set(folder / "raw", options.megabytes, options.archives, photographs(options.photographs))
        time.sleep(2.2)  # until the times are old enough to be trusted
    good = rounds(program, folder, options.rounds) if options.rounds else True
    if options.kills:
        good &= kills(program, folder, options.kills, options.seed)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
