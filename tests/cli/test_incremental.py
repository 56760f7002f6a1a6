"""A second run reuses the facts about unchanged images from the index."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import time
from pathlib import Path

import lmdb
import pytest
from program import FIXTURES, program, row, run, write_rows

RULES = FIXTURES / "rules/images"
JPEG = (RULES / "ok.jpg").read_bytes()
COUNT = 40
SIZE = 1 << 20  # additional bytes of large ones
COPIES = 20  # number of tests that change a copy


def read_report(folder: Path, *options: str) -> tuple[str, str]:
    """Return the JSON report and what was printed on stderr; the text report must be the same, too."""
    done = run("check", ".", "-f", "json", *options, cwd=folder)
    return done.out.decode(), done.err


def reused(said: str) -> int:
    match = re.search(r"(\d+) of \d+ images are unchanged", said)
    return int(match.group(1)) if match else 0


def wait_until_times_are_trusted() -> None:
    """Wait until the files' times are old enough to be trusted."""
    time.sleep(2.2)


@pytest.fixture(name="made", scope="module")
def made_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a set with all pictures of the rules' fixtures, good and bad, and some more."""
    folder = tmp_path_factory.mktemp("data")
    images = folder / "images"
    shutil.copytree(RULES, images, symlinks=True)
    for number in range(COUNT):
        (images / f"n{number:02d}.jpg").write_bytes(JPEG + bytes(number))
    names = sorted(str(path.relative_to(images)) for path in images.rglob("*")
                   if path.is_file())
    write_rows(folder / "rows.json",
               [row(str(n), name) for n, name in enumerate([*names, "gone.jpg"])])
    return folder


@pytest.fixture(name="large", scope="module")
def made_large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make larger images, not checked yet."""
    folder = tmp_path_factory.mktemp("large")
    (folder / "images").mkdir()
    for number in range(COUNT):
        (folder / f"images/{number}.jpg").write_bytes(JPEG + bytes(SIZE))
    write_rows(folder / "rows.json", [row(str(n), f"{n}.jpg") for n in range(COUNT)])
    return folder


@pytest.fixture(name="copies", scope="module")
def made_copies(made: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    above = tmp_path_factory.mktemp("copies")
    folders = [above / str(number) for number in range(COPIES)]
    for folder in folders:
        shutil.copytree(made, folder, symlinks=True)
    return folders


@pytest.fixture(name="aged", scope="module")
def made_aged(made: Path, large: Path, copies: list[Path]) -> None:
    """Wait once until the times of all sets are old enough."""
    wait_until_times_are_trusted()


@pytest.fixture(name="data", scope="module")
def checked_data(made: Path, aged: None) -> Path:
    run("check", ".", cwd=made)
    return made


@pytest.fixture(name="copy")
def copied(copies: list[Path], aged: None) -> Path:
    """A copy of the data, checked once its times could be trusted, for a test to change."""
    folder = copies.pop()
    run("check", ".", cwd=folder)
    return folder


def test_the_report_is_that_of_a_run_from_nothing(data: Path) -> None:
    fresh, said = read_report(data, "--recheck")
    assert reused(said) == 0
    for threads in ("1", "8"):
        again, said = read_report(data, "--threads", threads)
        assert again == fresh
        assert reused(said) > COUNT
    text = [run("check", ".", "--color", "never", *options, cwd=data).out
            for options in ([], ["--recheck"], ["--index-mode", "content"])]
    assert text[0] == text[1] == text[2]


def bytes_read(folder: Path, *options: str) -> int:
    """Return the bytes that a run read, from its /proc/PID/io after its end."""
    script = '"$@" >/dev/null 2>&1; cat /proc/$$/io'
    command = ["sh", "-c", script, "sh", str(program()), "check", ".", *options]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
    return int(re.search(r"rchar: (\d+)", done.stdout).group(1))


def test_files_are_not_read(large: Path, aged: None) -> None:
    run("check", ".", cwd=large)
    assert bytes_read(large) < SIZE
    assert bytes_read(large, "--index-mode", "content") > COUNT * SIZE
    assert bytes_read(large, "--recheck") > COUNT * SIZE


CHANGES = {
    "other bytes, the same size and time": lambda path, old: path.write_bytes(
        JPEG[:-40] + bytes(40)),
    "another file in its place": lambda path, old: (
        path.with_suffix(".new").write_bytes(JPEG[: len(JPEG) // 2]),
        os.replace(path.with_suffix(".new"), path)),
    "a link to another": lambda path, old: (path.unlink(), path.symlink_to("n00.jpg")),
    "removed": lambda path, old: path.unlink(),
    "a folder": lambda path, old: (path.unlink(), path.mkdir()),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_is_seen(copy: Path, change: str) -> None:
    path = copy / "images" / "ok.jpg"
    old = path.stat()
    CHANGES[change](path, old)
    if path.is_file() and not path.is_symlink():
        os.utime(path, ns=(old.st_atime_ns, old.st_mtime_ns))
    again, said = read_report(copy)
    assert reused(said) > COUNT
    fresh, _ = read_report(copy, "--recheck")
    assert again == fresh


def test_rows_come_and_go(copy: Path) -> None:
    """New images come before, between and after the known ones."""
    names = ["0.jpg", "n00.jpg", "n07.jpg", "n07a.jpg", "zz.jpg"]
    for name in ("0.jpg", "n07a.jpg", "zz.jpg"):
        (copy / "images" / name).write_bytes(JPEG)
    write_rows(copy / "rows.json", [row(str(n), name) for n, name in enumerate(names)])
    again, said = read_report(copy)
    assert reused(said) == 2
    assert again == read_report(copy, "--recheck")[0]


def test_fresh_times_are_not_trusted(tmp_path: Path) -> None:
    (tmp_path / "images").mkdir()
    (tmp_path / "images" / "a.jpg").write_bytes(JPEG)
    write_rows(tmp_path / "rows.json", [row("1", "a.jpg")])
    assert reused(read_report(tmp_path)[1]) == 0
    assert reused(read_report(tmp_path)[1]) == 0
    wait_until_times_are_trusted()
    assert reused(read_report(tmp_path)[1]) == 0  # they were read when their times were fresh
    assert reused(read_report(tmp_path)[1]) == 1


def test_other_options_judge_known_facts_again(copy: Path) -> None:
    assert '"IMG' not in read_report(copy, "--no-images")[0].split('"findings"')[1]
    again, said = read_report(copy)
    assert reused(said) > COUNT  # known facts are kept although they were not needed
    assert again == read_report(copy, "--recheck")[0]


def index_of(folder: Path) -> Path:
    return folder / ".llava-check" / "index.mdb"


def flip(data: bytes, at: int) -> bytes:
    at %= len(data)
    return data[:at] + bytes([data[at] ^ 0xFF]) + data[at + 1 :]


DAMAGES = {
    "a byte within": lambda data: flip(data, len(data) // 2),
    "its end": lambda data: data[:-1],
    "half of it": lambda data: data[: len(data) // 2],
    "nothing left": lambda data: b"",
    "other bytes": lambda data: b"no index at all" * 5000,
    "the hash": lambda data: flip(data, len(data) - 90),
    "zeros within": lambda data: data[:20000] + bytes(len(data) - 20100) + data[-100:],
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_index_is_not_used(copy: Path, damage: str) -> None:
    fresh, _ = read_report(copy, "--recheck")
    index = index_of(copy)
    index.write_bytes(DAMAGES[damage](index.read_bytes()))
    again, said = read_report(copy)
    assert again == fresh
    assert reused(said) == 0
    assert "the index is damaged" in said
    assert reused(read_report(copy)[1]) > COUNT  # it was rewritten


def test_an_index_with_another_signature_is_not_used(copy: Path) -> None:
    fresh, _ = read_report(copy, "--recheck")
    index = index_of(copy)
    index.write_bytes(flip(index.read_bytes(), -3))
    again, said = read_report(copy)
    assert again == fresh
    assert reused(said) == 0
    assert "the index was not written with this user's key" in said
    assert reused(read_report(copy)[1]) > COUNT  # it was written again


def test_an_index_without_its_checksum_is_not_used(copy: Path) -> None:
    """Another program may have changed it: LMDB keeps the bytes after its pages."""
    environment = lmdb.open(str(index_of(copy)), subdir=False, lock=False, max_dbs=20)
    with environment.begin(write=True) as transaction:
        transaction.put(b"decoders", bytes(16), db=environment.open_db(b"meta", transaction))
    environment.close()
    again, said = read_report(copy)
    assert reused(said) == 0
    assert "the index is damaged" in said
    assert again == read_report(copy, "--recheck")[0]
