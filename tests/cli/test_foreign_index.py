"""An index that came with the data is not believed; one that the user names is, anywhere.

Who gives away data can give an index with it that lies: here it has rows that are not there.
"""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest
from forge import MARK, forge
from program import make_small, run

SETTLED = 1_500_000_000  # seconds since 1970: long before any run
MODES = ("metadata", "content")
ELSEWHERE = "made elsewhere"


def make(folder: Path) -> Path:
    """A small data set, of old times."""
    make_small(folder)
    for path in folder.rglob("*"):
        os.utime(path, (SETTLED, SETTLED))
    return folder


def believed(folder: Path, *options: str) -> tuple[bool, str]:
    """Whether a check of the data set in a folder takes over what its index says; what it told."""
    done = run("data", *options, "-f", "json", cwd=folder)
    assert done.code == 0, done.err
    rows = json.loads(done.out)["statistics"]["rows_by_images"]["none"]
    assert rows in (0, MARK)
    return rows == MARK, done.err


@pytest.mark.parametrize("mode", MODES)
def test_a_copy_is_not_believed(mode: str, tmp_path: Path) -> None:
    make(tmp_path / "data")
    assert run("data", cwd=tmp_path).code == 0
    forge(tmp_path / "data/.llava-check/index.mdb")
    shutil.copytree(tmp_path / "data", tmp_path / "given/data")
    lied, told = believed(tmp_path / "given", "--index-mode", mode)
    assert not lied and ELSEWHERE in told
    _, told = believed(tmp_path / "given", "--index-mode", mode)
    assert ELSEWHERE not in told  # it is its own now


@pytest.mark.parametrize("mode", MODES)
def test_where_it_was_made_it_is(mode: str, tmp_path: Path) -> None:
    """The folder may get another name; the file system's own are kept."""
    make(tmp_path / "data")
    assert run("data", cwd=tmp_path).code == 0
    forge(tmp_path / "data/.llava-check/index.mdb")
    (tmp_path / "moved").mkdir()
    (tmp_path / "data").rename(tmp_path / "moved/data")
    taken, told = believed(tmp_path / "moved", "--index-mode", mode)
    assert taken and ELSEWHERE not in told


def test_one_that_is_named_is_believed_anywhere(tmp_path: Path) -> None:
    """As a cache of CI is, which is fetched before each run."""
    make(tmp_path / "data")
    assert run("data", "--index", "cache", cwd=tmp_path).code == 0
    forge(tmp_path / "cache/index.mdb")
    shutil.copytree(tmp_path / "cache", tmp_path / "fetched")
    taken, told = believed(tmp_path, "--index", "fetched", "--index-mode", "content")
    assert taken and ELSEWHERE not in told
