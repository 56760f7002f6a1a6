#!/usr/bin/python3
"""pillow_check.py - the script one would write instead of llava-check.

json.load() and a loop for the rows; Image.open(f).convert("RGB") and XXH3-128 in
a pool of processes for the images. Speed measurements compare llava-check with it.
Exit codes: 0 clean, 1 errors found.
"""
from __future__ import annotations

import argparse
import collections
import io
import json
import multiprocessing
import os
import sys
import time
from pathlib import Path
from typing import Any, NamedTuple

import xxhash
from PIL import Image

IMAGE_TOKEN = "<image>"
CHUNK_SIZE = 16
SHOWN = 20
SUFFIXES = {
    "JPEG": (".jpg", ".jpeg"),
    "PNG": (".png",),
    "WEBP": (".webp",),
    "GIF": (".gif",),
    "BMP": (".bmp",),
    "TIFF": (".tif", ".tiff"),
}

Row = dict[str, Any]


class ImageResult(NamedTuple):
    """A worker's result for one image; error and warning may be empty."""

    path: str
    size: int
    digest: bytes
    error: str
    warning: str


class Findings:
    """Counts errors and warnings, and prints the first ones."""

    def __init__(self) -> None:
        self.errors = 0
        self.warnings = 0

    def error(self, where: str, what: str) -> None:
        self.errors += 1
        self._show("error", self.errors, where, what)

    def warning(self, where: str, what: str) -> None:
        self.warnings += 1
        self._show("warning", self.warnings, where, what)

    @staticmethod
    def _show(level: str, count: int, where: str, what: str) -> None:
        if count <= SHOWN:
            print(f"{level}: {where}: {what}")


def load_rows(path: Path) -> list[Any]:
    with open(path, encoding="utf-8") as file:
        if path.suffix == ".jsonl":
            return [json.loads(line) for line in file if line.strip()]
        rows = json.load(file)
    if not isinstance(rows, list):
        raise SystemExit("the rows file is not a list")
    return rows


def row_images(row: Row, where: str, found: Findings) -> list[str]:
    """Return the images of a row: its `image` is missing, a path, or a list."""
    if "image" not in row:
        return []
    image = row["image"]
    images = image if isinstance(image, list) else [image]
    if not images or not all(isinstance(i, str) and i.strip() for i in images):
        found.error(where, "image is not a name or a list of names")
        return []
    return images


def check_turns(turns: list[Any], where: str, found: Findings) -> bool:
    """Check shapes, roles, order and blank texts; return False if the roles are unusable."""
    for turn in turns:
        if (not isinstance(turn, dict) or not isinstance(turn.get("from"), str)
                or not isinstance(turn.get("value"), str)):
            found.error(where, "a turn without from and value")
            return False
    roles = [turn["from"] for turn in turns]
    unknown = [role for role in roles if role not in ("human", "gpt")]
    if unknown:
        found.error(where, f"unknown role {unknown[0]}")
    elif "gpt" not in roles:
        found.error(where, "no answer")
    else:
        if roles[0] == "gpt":
            found.warning(where, "first turn is an answer")
            roles = roles[1:]
        if any(role != ("human", "gpt")[n % 2] for n, role in enumerate(roles)):
            found.error(where, "turns do not alternate")
        elif len(roles) % 2:
            found.warning(where, "last turn is not an answer")
    if any(not turn["value"].strip() for turn in turns):
        found.warning(where, "a blank turn")
    return not unknown


def check_placeholders(row: Row, images: list[str], where: str, found: Findings) -> None:
    asked = sum(turn["value"].count(IMAGE_TOKEN) for turn in row["conversations"]
                if turn["from"] == "human")
    if any(IMAGE_TOKEN in turn["value"] for turn in row["conversations"]
           if turn["from"] == "gpt"):
        found.error(where, "a placeholder in an answer")
    if "image" not in row and asked:
        found.error(where, "a placeholder without an image")
    elif images and asked != len(images):
        found.error(where, f"{asked} placeholders for {len(images)} images")


def check_id(row: Row, where: str, ids: set[str], found: Findings) -> None:
    if "id" not in row:
        found.warning(where, "no id")
        return
    row_id = row["id"]
    if isinstance(row_id, bool) or not isinstance(row_id, (str, int)) or row_id == "":
        found.warning(where, "id is neither a string nor an integer")
        return
    if str(row_id) in ids:
        found.warning(where, f"id {row_id} again")
    ids.add(str(row_id))


def check_rows(rows: list[Any], found: Findings) -> list[str]:
    """Check every row; return the unique images in order."""
    ids: set[str] = set()
    unique: dict[str, None] = {}
    for n, row in enumerate(rows):
        where = f"row {n}"
        if not isinstance(row, dict):
            found.error(where, "not an object")
            continue
        check_id(row, where, ids, found)
        images = row_images(row, where, found)
        unique.update(dict.fromkeys(images))
        turns = row.get("conversations")
        if not isinstance(turns, list) or not turns:
            found.error(where, "conversations is missing, empty or no list")
        elif check_turns(turns, where, found):
            check_placeholders(row, images, where, found)
    return sorted(unique)


def check_image(job: tuple[str, str]) -> ImageResult:
    """Read, hash and load one image, in a worker process."""
    root, path = job
    try:
        with open(os.path.join(root, path), "rb") as file:
            data = file.read()
    except (OSError, ValueError) as error:
        return ImageResult(path, 0, b"", f"cannot be read: {error.__class__.__name__}", "")
    if not data:
        return ImageResult(path, 0, b"", "empty", "")

    digest = xxhash.xxh3_128_digest(data)
    try:
        with Image.open(io.BytesIO(data)) as image:
            image.convert("RGB")
            kind = image.format or ""
    except Exception as error:  # Pillow raises almost any exception for broken files
        return ImageResult(path, len(data), digest, f"cannot be loaded: {error}", "")
    suffix = os.path.splitext(path)[1].lower()
    warning = "" if suffix in SUFFIXES.get(kind, (suffix,)) else f"is {kind}, not {suffix}"
    return ImageResult(path, len(data), digest, "", warning)


def check_images(root: Path, images: list[str], processes: int, found: Findings) -> int:
    """Check every image; return the number of bytes read."""
    size = 0
    contents: collections.Counter[bytes] = collections.Counter()
    jobs = ((str(root), path) for path in images)
    with multiprocessing.Pool(processes) as pool:
        for result in pool.imap_unordered(check_image, jobs, CHUNK_SIZE):
            size += result.size
            if result.error:
                found.error(result.path, result.error)
            if result.warning:
                found.warning(result.path, result.warning)
            if result.digest:
                contents[result.digest] += 1
    print(f"contents {len(contents)}")
    return size


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("path", type=Path, help="rows: a JSON array, or .jsonl")
    parser.add_argument("--images", type=Path, required=True, metavar="DIR")
    parser.add_argument("--processes", type=int, default=os.cpu_count())
    args = parser.parse_args()

    begin = time.monotonic()
    found = Findings()
    rows = load_rows(args.path)
    images = check_rows(rows, found)
    row_count = len(rows)
    del rows  # before the workers are forked, so that they are small
    rows_end = time.monotonic()
    size = check_images(args.images, images, args.processes, found)
    seconds = time.monotonic() - rows_end

    print(f"rows {row_count}")
    print(f"rows_seconds {rows_end - begin:.3f}")
    print(f"images {len(images)}")
    print(f"image_bytes {size}")
    print(f"image_seconds {seconds:.3f}")
    print(f"errors {found.errors}")
    print(f"warnings {found.warnings}")
    return 1 if found.errors else 0


if __name__ == "__main__":
    sys.exit(main())
