"""The driver, and its working folder."""

from __future__ import annotations

import os
from pathlib import Path

from sets import SETS

TIMEOUT_S = 240


def driver() -> str:
    program = os.environ.get("LC_HOSTILE_INDEX", "")
    assert os.access(program, os.X_OK), f"LC_HOSTILE_INDEX: no program at {program!r}"
    return program


def make_work(name: str, folder: Path) -> Path:
    work = folder / name
    work.mkdir()
    SETS[name.split("-")[0]](work / "data")
    return work
