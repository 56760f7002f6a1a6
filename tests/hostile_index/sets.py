"""The data sets whose indexes get damaged: sets.py NAME FOLDER makes one.

demo       the fixture, as it is
derived    real pictures: LC_DERIVED names the folder, which is not part of the project
generated  every rule, and tables of several levels with values in overflow pages
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from pathlib import Path
from typing import Any, Callable

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"
ROWS = 2000
PIXEL = (b"BM\x3a\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0\x01\0\0\0\x01\0\0\0\x01\0\x18\0\0\0\0\0\x04"
         + bytes(19) + b"\xff\0\0\0")


def make_demo(folder: Path) -> None:
    shutil.copytree(FIXTURES / "demo", folder)


def make_derived(folder: Path) -> None:
    shutil.copytree(os.environ["LC_DERIVED"], folder)


def number_row(number: int) -> dict[str, Any]:
    """Make a row; some have an error, a long id, several images, or the id or picture of another."""
    ident = f"{number}"
    if number % 10 == 0:  # two findings about this row fill a page, or one needs several
        ident += "é" * (700 if number % 200 else 2040)
    if number % 97 == 1:
        ident = "the same"
    images = [f"many/{(number + k) % 50:03}.bmp" for k in range(number % 3)]
    question = "<image>" * len(images) + "\nWhat is it?"
    answer = "" if number % 50 == 3 else f"It is {number // 2}."
    row = {"id": ident, "conversations": [{"from": "human", "value": question},
                                          {"from": "user" if number % 10 == 0 else "gpt",
                                           "value": answer}]}
    if images:
        row["image"] = images if number % 2 else images[0]
    if number % 41 == 0:
        row["video"] = f"{number % 10}.mp4"
    if number % 5:
        row["data_source"] = f"source {number % 5}"
    return row


def make_generated(folder: Path) -> None:
    (folder / "images/many").mkdir(parents=True)
    shutil.copytree(FIXTURES / "rules/images", folder / "images", dirs_exist_ok=True)
    shutil.copytree(FIXTURES / "rules/videos", folder / "videos")
    (folder / "videos/0.mp4").write_bytes(b"\0\0\0\x18ftypisom")
    for number in range(48):  # the others are missing; every seventh differs
        tint = bytes([number // 7 if number % 7 == 0 else 0])
        (folder / f"images/many/{number:03}.bmp").write_bytes(PIXEL[:-2] + tint + PIXEL[-1:])
    seen = set()
    for case in sorted((FIXTURES / "rules").glob("*-fires-*.json*")):
        code = case.name.split("-", 1)[0]
        if case.is_file() and code not in seen and case.stat().st_size < 20_000:
            seen.add(code)
            shutil.copy(case, folder)
    assert len(seen) > 40
    lines = (json.dumps(number_row(number), ensure_ascii=False) for number in range(ROWS))
    (folder / "rows.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")


SETS: dict[str, Callable[[Path], None]] = {
    "demo": make_demo,
    "derived": make_derived,
    "generated": make_generated,
}


def main() -> None:
    name, folder = sys.argv[1:]
    SETS[name](Path(folder))


if __name__ == "__main__":
    main()
