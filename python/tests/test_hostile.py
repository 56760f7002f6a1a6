"""Folders and counts that mean harm: nothing takes for ever, or all memory."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Iterator

import pytest

from llava_check import UsageError, _parquet, _remote


@pytest.fixture(autouse=True)
def alarm() -> Iterator[None]:
    signal.alarm(60)
    yield
    signal.alarm(0)


def test_links_to_folders_above(tmp_path: Path) -> None:
    """Of two links to the folder itself, paths double with each level."""
    data = tmp_path / "data"
    (data / "sub").mkdir(parents=True)
    for name in ("a", "b", "sub/c"):
        (data / name).symlink_to(data)
    (data / "loop").symlink_to("loop")
    (data / "sub/x.parquet").write_bytes(b"")
    os.mkfifo(data / "fifo.parquet")
    assert _parquet.find_files([os.fsencode(data)]) == [str(data / "sub/x.parquet")]
    assert _parquet.is_parquet([os.fsencode(data)])
    (data / "sub/rows.json").write_bytes(b"[]")
    assert not _parquet.is_parquet([os.fsencode(data)])


def test_a_deep_folder(tmp_path: Path) -> None:
    """Deeper than Python's stack."""
    here = os.getcwd()
    os.chdir(tmp_path)
    for _ in range(1500):
        os.mkdir("d")
        os.chdir("d")
    Path("x.parquet").write_bytes(b"")
    os.chdir(here)
    try:
        assert len(_parquet.find_files([os.fsencode(tmp_path)])) == 1
    finally:
        os.chdir(tmp_path)
        for _ in range(1500):
            os.chdir("d")
        os.unlink("x.parquet")
        for _ in range(1500):
            os.chdir("..")
            os.rmdir("d")
        os.chdir(here)


@pytest.mark.parametrize("groups, rows, size", [
    ([1 << 40], 1 << 40, 400), ([1 << 62, 1 << 62], 1 << 63, 400), ([-1], -1, 400), ([5, -5], 0, 400), ([7], 8, 400),
    ([], 3, 400), ([300_000], 300_000, 1 << 20),
])  # fmt: skip
def test_counts_that_cannot_be(groups: list[int], rows: int, size: int) -> None:
    """A name is made for each row of a file: 400 bytes may say that they are a billion."""
    with pytest.raises(UsageError):
        _parquet.check_counts("x.parquet", groups, rows, size)


def test_counts_that_can_be() -> None:
    for groups, rows, size in (([], 0, 400), ([3, 4], 7, 400), ([100_000], 100_000, 1000), ([779_289], 779_289, 1 << 30)):
        _parquet.check_counts("x.parquet", groups, rows, size)


def test_an_object_that_does_not_end(tmp_path: Path) -> None:
    """A store that sends more than it listed does not fill the disk; nor do names the stack."""

    class Endless:
        def read(self, size: int) -> bytes:
            return bytes(size)

        def __enter__(self) -> Endless:
            return self

        def __exit__(self, *_: object) -> None:
            return None

    class Files:
        def open(self, *_: object, **__: object) -> Endless:
            return Endless()

    with open(tmp_path / "out", "wb") as out:
        size = _remote.FsspecStore(Files(), "root").fetch("x", out.fileno(), 10)
    assert 10 < size <= 10 + _remote.CHUNK
    assert _remote._is_safe("a/" * 100 + "x") and not _remote._is_safe("a/" * 1000 + "x")
