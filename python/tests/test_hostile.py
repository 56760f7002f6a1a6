"""Hostile folders, counts and callers: nothing may run forever or use up all memory."""

from __future__ import annotations

import os
import pickle
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Iterator

import pytest
from conftest import Made, make_dataset

import llava_check
from llava_check import UsageError, _parquet, _remote


@pytest.fixture(autouse=True)
def alarm() -> Iterator[None]:
    signal.alarm(60)
    yield
    signal.alarm(0)


def test_links_to_folders_above(tmp_path: Path) -> None:
    """With two links to the folder itself, the number of paths doubles at each level."""
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
    """Folders may be nested deeper than Python's recursion limit."""
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
def test_impossible_row_counts_are_refused(groups: list[int], rows: int, size: int) -> None:
    """A file of 400 bytes may claim a billion rows; a name would be made for each of them."""
    with pytest.raises(UsageError):
        _parquet.check_counts("x.parquet", groups, rows, size)


def test_possible_row_counts_are_accepted() -> None:
    for groups, rows, size in (([], 0, 400), ([3, 4], 7, 400), ([100_000], 100_000, 1000), ([779_289], 779_289, 1 << 30)):
        _parquet.check_counts("x.parquet", groups, rows, size)


def test_an_object_that_does_not_end(tmp_path: Path) -> None:
    """A store that sends more than it listed does not fill the disk; deep names do not exhaust the stack."""

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


def test_errors_name_what_cannot_be_pickled_or_be_a_path(made: Made) -> None:
    with llava_check.check(made.path) as report:
        for what in (report, report.findings, report.effects()):
            with pytest.raises(TypeError, match="cannot be pickled"):
                pickle.dumps(what)
    for path in ("\ud800", "a\ud800/b"):
        with pytest.raises(UsageError, match="has no bytes"):
            llava_check.check(path)


def test_names_that_are_not_utf8(tmp_path: Path) -> None:
    """A folder's name is any bytes; it can be given as bytes, str or Path."""
    name = os.fsencode(tmp_path) + b"/n\xff\xfe"
    folder = Path(os.fsdecode(name))
    made = make_dataset(folder)
    for path in (name, os.fsdecode(name), folder):
        with llava_check.check(path) as report:
            assert not report.ok and report.text() and report._repr_html_()
    report = llava_check.open(name)
    report.write(name + b"/out.json")
    assert (folder / "out.json").exists()
    assert llava_check.SoundRows(name)[0] == made.rows[0]
    assert llava_check.clean(name, os.fsencode(tmp_path) + b"/c\xff.json").exit_code == 0


def test_a_callback_that_checks_exits_or_is_interrupted(made: Made) -> None:
    found: list[bool] = []

    def nested(_progress: llava_check.Progress) -> None:
        if not found:
            found.append(llava_check.check(made.path, no_index=True, progress="never").ok)

    llava_check.check(made.path, progress=nested).close()
    assert found == [False]
    for error in (KeyboardInterrupt, SystemExit):

        def fail(_progress: llava_check.Progress, error: type[BaseException] = error) -> None:
            raise error

        with pytest.raises(error):
            llava_check.check(made.path, recheck=True, progress=fail)
    llava_check.check(made.path).close()


def test_a_report_outlives_its_index_and_a_fork(made: Made) -> None:
    llava_check.check(made.path).close()
    report = llava_check.open(made.path)
    shutil.rmtree(made.path / ".llava-check")
    child = os.fork()
    if child == 0:
        try:
            llava_check.check(made.path, no_index=True, progress="never").close()
            os._exit(len(list(report.findings)))
        finally:
            os._exit(99)
    assert os.waitpid(child, 0)[1] == len(list(report.findings)) << 8
    rows = iter(report.rows)
    next(rows)
    report.close()
    assert len(list(rows)) == len(made.rows) - 1
    for use in (lambda: report.ok, report.text, report._repr_html_, lambda: list(report.rows)):
        with pytest.raises(llava_check.Error, match="was closed"):
            use()


@pytest.mark.parametrize("how", ["check", "open", "verify"])
def test_an_index_that_is_truncated_while_a_report_is_open(made: Made, how: str) -> None:
    """Pages of a mapped file that no longer exist raise SIGBUS, which ends the interpreter."""
    with llava_check.check(made.path) as report:
        expected = [report.text(), str(len(report.findings))]
    if how == "verify":
        with llava_check.verify(made.path) as report:
            expected = [report.text(), str(len(report.findings))]
    index = made.path / ".llava-check/index.mdb"
    code = f"""
import os, sys, llava_check
with llava_check.{how}(sys.argv[1]) as report:
    os.truncate(sys.argv[2], 0)
    print(report.text(), len(report.findings), sep="\\0", end="")
"""
    done = subprocess.run([sys.executable, "-c", code, made.path, index], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.split("\0") == expected
