"""Tests src/image on files unlike any mutant: each is made to reach one place in a decoder.

The files are compared with Pillow; what Pillow cannot answer is stated here.
"""

from __future__ import annotations

import os
import re
import struct
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

import seeds_rare  # noqa: E402
from seeds_gif_bmp import bmp, bmp_header, gray_palette, rows  # noqa: E402
from seeds_rare_tiff import (  # noqa: E402
    GRAY, LENGTH, LONG, SHORT, SSHORT, STRIPS, TILE_LENGTH, TILE_WIDTH, WIDTH, file_with, gray,
    other_directories, raw_directory)
from seeds_tiff_webp import basic, packed, tag, tiff_file  # noqa: E402

FORMATS = {"jpeg": 661, "png": 553, "tiff": 643, "gif": 115, "bmp": 447, "webp": 52}
LARGE = 4000  # pixels in a row


def facts(path: Path, *options: str) -> list[str]:
    """Return verdict, format, width, height, ... as image_facts prints them."""
    program = os.environ.get("LC_IMAGE_FACTS", "")
    assert program, "LC_IMAGE_FACTS must name the program image_facts"
    said = subprocess.run([program, *options, str(path)], capture_output=True, check=True)
    return said.stdout.decode().rstrip("\n").split("\t")[1:]


def look(tmp_path: Path, data: bytes, *options: str) -> tuple[str, str, list[str]]:
    """Return the verdict, its reason, and all facts."""
    path = tmp_path / "file"
    path.write_bytes(data)
    said = facts(path, *options)
    return said[0], said[-1], said


def test_rare_files(tmp_path: Path) -> None:
    seeds = seeds_rare.seeds()
    for name, data in seeds:
        (tmp_path / name).write_bytes(data)
    counts = {form: sum(name.startswith(f"rare-{form}-") for name, _ in seeds) for form in FORMATS}
    assert counts == FORMATS
    assert sum(counts.values()) == len(seeds) == len(list(tmp_path.iterdir()))
    python = os.environ.get("LC_PYTHON", "/usr/bin/python3")
    done = subprocess.run(
        [python, str(HERE / "diff_images.py"), "--facts", os.environ["LC_IMAGE_FACTS"], "--jobs", "2",
         *(str(tmp_path / name) for name, _ in seeds)], capture_output=True, text=True, check=False,
        env=dict(os.environ, PYTHONDONTWRITEBYTECODE="1", PYTHONNOUSERSITE="1"))
    assert re.search(rf"^{len(seeds)} compared, 0 disagreements\n\Z", done.stdout, re.MULTILINE), \
        done.stdout + done.stderr
    assert done.returncode == 0


def wide_tiff(*tags: tuple[int, int, tuple[int, ...]], bits: int = 1, photometric: int = 1,
              tiled: bool = False) -> bytes:
    size = [tag(TILE_WIDTH, SHORT, LARGE), tag(TILE_LENGTH, SHORT, 32)] if tiled else []
    entries = basic(LARGE, 32, [8] * bits, photometric, *size, *tags, compression=8)
    return tiff_file("<", False, entries, packed([bytes(LARGE * 32 * bits)], 8), tiled=tiled)


@pytest.mark.parametrize("data", [
    wide_tiff(), wide_tiff(tiled=True), wide_tiff(tag(530, SHORT, 1, 1), bits=3, photometric=6),
    wide_tiff(tag(530, SHORT, 1, 1), bits=3, photometric=6, tiled=True),
], ids=["strips", "tiles", "colours", "tiles of colours"])
def test_a_strip_larger_than_the_memory(tmp_path: Path, data: bytes) -> None:
    """The decoder's own memory for a strip counts, although libtiff does not count it."""
    assert look(tmp_path, data)[0] == look(tmp_path, data, "-m0")[0] == "ok"
    verdict, why, said = look(tmp_path, data, "-m50000")
    assert verdict == "none" and said[8] == "1"
    assert re.fullmatch(r"\d+ bytes of memory, more than 50000", why)


def test_a_list_of_strips_larger_than_the_memory(tmp_path: Path) -> None:
    verdict, why, said = look(tmp_path, gray(), "-m64")
    assert verdict == "none" and said[8] == "1"
    assert re.fullmatch(r"\d+ bytes of memory, more than 64", why)


def test_a_directory_larger_than_the_memory(tmp_path: Path) -> None:
    """libtiff can do without a text that does not fit in memory, but not without a directory."""
    views = dict(other_directories())
    data = bytearray(views["two-views-elsewhere"])
    assert look(tmp_path, bytes(data))[0] == "damaged"
    count = struct.unpack_from(">Q", data, 16)[0]
    entry = struct.pack(">HHQQ", 65000, 2, 100_000, 1000)
    at = 24 + 20 * count
    data[16:24] = struct.pack(">Q", count + 1)
    data[at:at + 20] = entry
    assert look(tmp_path, bytes(data))[0] == "damaged"
    verdict, why, said = look(tmp_path, bytes(data), "-m50000")
    assert (verdict, said[8]) == ("none", "1"), why


@pytest.mark.parametrize(("width", "height"), [(1 << 31, 1), (1, 1 << 31)])
def test_a_tiff_beyond_an_int(tmp_path: Path, width: int, height: int) -> None:
    data = gray(tag(WIDTH, LONG, width), tag(LENGTH, LONG, height))
    assert look(tmp_path, data)[0] == "none"
    assert look(tmp_path, data, f"-p{1 << 40}")[:2] == ("corrupt", "wider or higher than Pillow supports")


def test_a_mapped_strip_before_the_file(tmp_path: Path) -> None:
    """With such a strip, Pillow reads arbitrary memory, or crashes."""
    data = file_with(gray, STRIPS, SSHORT, (-5,))
    assert look(tmp_path, data)[:2] == ("none", "not verified: an offset below 0")


def test_a_mapped_picture_beyond_the_file(tmp_path: Path) -> None:
    """The same with rows of 4 bits, read as 8, that end after the mapping's last page."""
    grays = gray_palette(range(16))
    for width, verdict, why in ((3000, "ok", ""), (4090, "none", "not verified: rows extend past the end of the file")):
        data = bmp(bmp_header(40, width, 1, 4), grays, rows(width, 1, 4, 1))
        assert look(tmp_path, data)[:2] == (verdict, why)


def chain(count: int, entries: int, last: int = 0) -> bytes:
    """Make overlapping directories with ineffective entries, after a sound one."""
    first = basic(16, 16, [8], 1, tag(279, LONG, 256), tag(STRIPS, LONG, 8))
    head = raw_directory("<", False, *((number, kind, len(values), values[0]) for number, kind, values in
                                       sorted(first)), following=0)
    begin = 8 + len(GRAY) + len(head)
    body = bytearray(12 * (entries + count) + 6)
    for i in range(count):
        body[12 * i:12 * i + 2] = struct.pack("<H", entries)
        end = 12 * i + 2 + 12 * entries
        body[end:end + 4] = struct.pack("<L", begin + 12 * (i + 1) if i + 1 < count else last)
    return b"II*\0" + struct.pack("<L", 8 + len(GRAY)) + GRAY + head[:-4] + struct.pack("<L", begin) + bytes(body)


@pytest.mark.parametrize(("count", "last", "frames"), [
    (10, 0, 11), (70, 0, 0), (12, 8 + 256, 13), (25, 8 + 256, 0), (70, 8 + 256, 0), (40, 0, 41), (45, 8 + 256, 0)])
def test_directories_are_counted_for_so_long(tmp_path: Path, count: int, last: int, frames: int) -> None:
    """After four million entries, the number of pictures is not reported."""
    verdict, _, said = look(tmp_path, chain(count, 65000, last))
    assert (verdict, int(said[10])) == ("ok", frames)
