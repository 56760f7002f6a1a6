"""Compares TGA, PCX, SGI, QOI and MSP files with the installed Pillow: verdicts and facts about pixels.

LC_RARE_FORMATS is the number of files of each format; LC_RARE_FORMATS_SEED the number of the first.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

import rare_formats

FILES = int(os.environ.get("LC_RARE_FORMATS", "600"))
FIRST = int(os.environ.get("LC_RARE_FORMATS_SEED", "0"))
# The least number of files with each verdict, of 600.
LEAST = {
    "tga": {"ok": 300, "truncated": 60, "corrupt": 90, "none": 10},
    "pcx": {"ok": 300, "truncated": 90, "corrupt": 10, "damaged": 50},
    "sgi": {"ok": 300, "truncated": 90, "corrupt": 30, "damaged": 15},
    "qoi": {"none": 300, "truncated": 90, "corrupt": 5},
    "msp": {"ok": 200, "truncated": 60, "corrupt": 60, "none": 30},
}


@pytest.mark.parametrize("form", rare_formats.MAKERS)
def test_as_pillow(form: str, tmp_path: Path) -> None:
    facts = os.environ.get("LC_IMAGE_FACTS", "")
    assert facts, "LC_IMAGE_FACTS must name the program image_facts"
    counts, found = rare_formats.compare(facts, form, range(FIRST, FIRST + FILES), tmp_path)
    assert found == []
    assert sum(counts.values()) == FILES
    assert all(counts[verdict] * 600 >= least * FILES for verdict, least in LEAST[form].items()), counts


def test_files_are_the_same_each_time() -> None:
    for form in rare_formats.MAKERS:
        assert rare_formats.made(form, 7) == rare_formats.made(form, 7)
        assert len({rare_formats.made(form, number) for number in range(100)}) > 90


if __name__ == "__main__":
    pytest.main([__file__])
