"""Compares sound, cut and damaged PBM, PGM and PPM files with the installed Pillow."""

from __future__ import annotations

import os
import subprocess
import warnings
from collections import Counter
from pathlib import Path

import pytest
from PIL import Image, ImageFile

from pnm_files import made

LEAST = {"ok": 500, "truncated": 150, "corrupt": 80}  # least number of files with each verdict


def pillow(path: Path, lenient: bool) -> tuple[str, bool, tuple[int, int], str]:
    """Return why Pillow refuses a file, whether all pixels are the same, the size and the mode."""
    ImageFile.LOAD_TRUNCATED_IMAGES = lenient
    try:
        with Image.open(path) as image:
            mode, size = image.mode, image.size
            extrema = image.convert("RGB").getextrema()
        return "", all(low == high for low, high in extrema), size, mode
    except Exception as error:  # Pillow raises many kinds
        return str(error) or type(error).__name__, False, (0, 0), ""
    finally:
        ImageFile.LOAD_TRUNCATED_IMAGES = False


def test_pnm(tmp_path: Path) -> None:
    program = os.environ.get("LC_IMAGE_FACTS", "")
    assert program, "LC_IMAGE_FACTS must name the program image_facts"
    paths = [tmp_path / str(number) for number in range(900)]
    for number, path in enumerate(paths):
        path.write_bytes(made(number))
    said = subprocess.run([program], input=b"".join(bytes(p) + b"\n" for p in paths), capture_output=True, check=True)
    lines = said.stdout.decode().splitlines()
    assert len(lines) == len(paths)
    counts: Counter[str] = Counter()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for path, line in zip(paths, lines):
            fields = line.split("\t")
            verdict, width, height, mode, blank, lenient = (fields[n] for n in (1, 3, 4, 5, 14, 16))
            counts[verdict] += 1
            refusal, uniform, size, modes = pillow(path, False)
            data = path.read_bytes()
            if verdict == "none" or (data[1:2] in b"23" and not data[-1:].isspace() and verdict == "truncated"):
                continue  # Pillow 9.4 repeats the last number
            assert (verdict == "ok") == (not refusal), (path.read_bytes()[:80], line, refusal)
            if verdict == "ok":
                assert (int(width), int(height), mode) == (*size, modes), line
                assert bool(int(blank)) == uniform, (path.read_bytes()[:80], line)
            else:
                loads = not pillow(path, True)[0]
                assert (lenient == "holes") == loads, (path.read_bytes()[:80], line)
    assert all(counts[verdict] >= least for verdict, least in LEAST.items()), counts
    assert counts["none"] < 60, counts


if __name__ == "__main__":
    pytest.main([__file__])
