"""Fixtures for the tests of this folder."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Iterator

import pytest


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A scratch folder that every user may enter, unlike tmp_path."""
    folder = Path(tempfile.mkdtemp(prefix="llava-check-test-"))
    folder.chmod(0o755)
    yield folder
    for path in folder.rglob("*"):
        if path.is_dir() and not path.is_symlink():
            path.chmod(0o755)
    shutil.rmtree(folder)
