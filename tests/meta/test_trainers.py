"""docs/trainers.md and the pages below it are what scripts/trainers.py generates with the built program."""

from __future__ import annotations

import re
import sys

from tree import ROOT, program

sys.path.insert(0, str(ROOT / "scripts"))

import trainers  # noqa: E402


def test_pages_are_current():
    made = trainers.pages(program())
    assert len(made) > 6
    for path, text in made.items():
        assert (ROOT / path).read_text(encoding="utf-8") == text, f"{path}: run scripts/trainers.py"
    assert {path.relative_to(ROOT) for path in (ROOT / trainers.FOLDER).iterdir()} == {*made} - {trainers.OVERVIEW}


def test_tables_are_whole():
    """Each row of a table has the same number of cells as its head."""
    tables = 0
    for path in [trainers.OVERVIEW, *(path.relative_to(ROOT) for path in (ROOT / trainers.FOLDER).iterdir())]:
        cells = 0
        for line in (ROOT / path).read_text(encoding="utf-8").splitlines():
            count = len(re.findall(r"(?<!\\)\|", line)) if line.startswith("|") else 0
            assert not (cells and count) or count == cells, (path, line)
            tables += count > 0 and cells == 0
            cells = count
    assert tables > 20
