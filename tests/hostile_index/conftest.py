"""Shared by the tests of this folder: the driver, and its working folders."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Iterator

import pytest

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "cli")]

from work import TIMEOUT_S, driver, make_work  # noqa: E402


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A working folder, in memory if possible, because thousands of small files are written."""
    memory = Path("/dev/shm")
    if not os.access(memory, os.W_OK):
        yield tmp_path_factory.mktemp("hostile")
        return
    made = memory / f"hostile-index-{os.getpid()}"
    made.mkdir()
    yield made
    shutil.rmtree(made)


@pytest.fixture(scope="module")
def demo(folder: Path) -> Path:
    """A working folder of the driver, with a sound index of the demo."""
    work = make_work("demo-1", folder)
    subprocess.run([driver(), work, "1", "0"], check=True, timeout=TIMEOUT_S, stdout=subprocess.DEVNULL)
    return work
