"""Fixtures of the package's tests: a data set, and the paths of the package and its library.

Against an installed package, tests use its own library and command. In the tree, LLAVA_CHECK_LIBRARY
names the library; the command is in the same folder.
"""

from __future__ import annotations

import json
import os
import shutil
import struct
import sys
import zlib
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]

sys.path.insert(0, str(HERE))
if "LLAVA_CHECK_LIBRARY" in os.environ:
    sys.path.insert(0, str(ROOT / "python"))
    os.environ["PYTHONPATH"] = str(ROOT / "python")  # for child processes


def png(width: int = 40, height: int = 30, seed: int = 0) -> bytes:
    """Return a gray PNG."""

    def chunk(name: bytes, data: bytes) -> bytes:
        checksum = zlib.crc32(name + data)
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", checksum)

    line = b"\0" + bytes((seed * 7 + x) % 256 for x in range(width))
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(line * height))
        + chunk(b"IEND", b"")
    )


def make_row(number: int, image: str | None, **members: Any) -> dict[str, Any]:
    row: dict[str, Any] = {
        "id": f"{number:06d}",
        "conversations": [
            {"from": "human", "value": f"<image>\nWhat is in picture {number}?"},
            {"from": "gpt", "value": f"A thing of kind {number}."},
        ],
        "data_source": "made",
    }
    if image is None:
        row["conversations"][0]["value"] = f"What is {number}?"
    else:
        row["image"] = image
    return {**row, **members}


class Made:
    """A data set: its path and its rows."""

    def __init__(self, path: Path, rows: list[dict[str, Any]]) -> None:
        self.path = path
        self.rows = rows


# The bad rows of the data set, by what llava-next does with them
REPLACED = [3, 7]  # no such image
BAD_TURNS = 5


def make_dataset(folder: Path, count: int = 12) -> Made:
    """Make a data set in which some rows name a missing image, and one has its turns in the wrong order."""
    (folder / "images" / "a").mkdir(parents=True)
    rows = []
    for number in range(count):
        image = f"a/{number}.png"
        if number not in REPLACED:
            (folder / "images" / image).write_bytes(png(seed=number))
        rows.append(make_row(number, None if number == 2 else image))
    rows[BAD_TURNS]["conversations"][1]["from"] = "human"
    (folder / "rows.json").write_text(json.dumps(rows, indent=1), encoding="utf-8")
    return Made(folder, rows)


@pytest.fixture
def made(tmp_path: Path) -> Made:
    return make_dataset(tmp_path / "made")


@pytest.fixture(autouse=True)
def own_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Hide the user's keys, caches and settings from the tests."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)


def command() -> str:
    from llava_check._places import command_path

    return str(command_path())


def fresh(folder: Path) -> None:
    shutil.rmtree(folder / ".llava-check", ignore_errors=True)
