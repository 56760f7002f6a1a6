"""An index that is damaged, cut short or of another kind: one line, exit code 2, and no crash."""

from __future__ import annotations

import random
import struct
from pathlib import Path

import lmdb
import pytest

from forge import seal, unseal
from program import DEMO, assert_complaint, make_small, run

KEPT_BYTES = [0, 1, 100, 4095, 4096, 8191, 8192, 12288, 16384, 32768, -4096, -1]


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The index of the demo."""
    folder = tmp_path_factory.mktemp("sound")
    assert run(DEMO, "-q", "--index", "index", cwd=folder).code == 1
    return (folder / "index/index.mdb").read_bytes()


def assert_refused(folder: Path, *parts: str) -> None:
    for command in (["report"], ["report", "-f", "json"], ["index", "stats"]):
        done = run(*command, "index", cwd=folder)
        assert_complaint(done, "index: ", "index", *parts)
        assert done.out == b""


def place(folder: Path, data: bytes) -> None:
    (folder / "index").mkdir()
    (folder / "index/index.mdb").write_bytes(data)


@pytest.mark.parametrize("kept", KEPT_BYTES)
def test_cut_index(kept: int, sound: bytes, tmp_path: Path) -> None:
    """There is never a crash, and never a different report than from the whole index."""
    assert len(sound) > 40000
    place(tmp_path, sound[:kept])
    for command in (["report", "-f", "json"], ["index", "stats"]):
        assert_complaint(run(*command, "index", cwd=tmp_path), "index: ", "damaged")


GARBAGE = {
    "text": b"this is not an index\n" * 1000,
    "zeros": bytes(65536),
    "random": random.Random(1).randbytes(65536),
}


@pytest.mark.parametrize("kind", GARBAGE)
def test_garbage_index(kind: str, tmp_path: Path) -> None:
    place(tmp_path, GARBAGE[kind])
    assert_refused(tmp_path, "damaged")


def edit(data: bytes, folder: Path, key: bytes, value: bytes | None) -> None:
    """Write an index with another value in its table meta."""
    place(folder, data)
    unseal(folder / "index/index.mdb")
    with lmdb.open(
        str(folder / "index/index.mdb"), subdir=False, lock=False, max_dbs=16, map_size=1 << 24
    ) as env:
        with env.begin(write=True) as transaction:
            meta = env.open_db(b"meta", transaction, create=False)
            if value is None:
                assert transaction.delete(key, db=meta)
            else:
                assert transaction.put(key, value, db=meta)
    seal(folder / "index/index.mdb")


def test_index_of_another_version(sound: bytes, tmp_path: Path) -> None:
    edit(sound, tmp_path, b"schema", struct.pack(">I", 999))
    assert_refused(tmp_path, "another version")


def test_index_of_another_version_with_other_tables(sound: bytes, tmp_path: Path) -> None:
    edit(sound, tmp_path, b"schema", struct.pack(">I", 1))
    unseal(tmp_path / "index/index.mdb")
    with lmdb.open(
        str(tmp_path / "index/index.mdb"), subdir=False, lock=False, max_dbs=16
    ) as env:
        mixture = env.open_db(b"mixture", create=False)
        with env.begin(write=True) as transaction:
            transaction.drop(mixture)
    seal(tmp_path / "index/index.mdb")
    assert_refused(tmp_path, "another version")


@pytest.mark.parametrize("key", [b"schema", b"tool", b"dataset", b"options", b"summary"])
def test_index_without_a_value(key: bytes, sound: bytes, tmp_path: Path) -> None:
    edit(sound, tmp_path, key, None)
    assert_refused(tmp_path, "damaged")


@pytest.mark.parametrize("key", [b"summary", b"options", b"count:CNV303"])
def test_index_with_a_short_value(key: bytes, sound: bytes, tmp_path: Path) -> None:
    edit(sound, tmp_path, key, b"\0\0\0")
    assert_refused(tmp_path, "damaged")


def test_other_lmdb_file(tmp_path: Path) -> None:
    (tmp_path / "index").mkdir()
    with lmdb.open(str(tmp_path / "index/index.mdb"), subdir=False, lock=False) as env:
        with env.begin(write=True) as transaction:
            transaction.put(b"a", b"b")
    assert_refused(tmp_path, "damaged")
    seal(tmp_path / "index/index.mdb")
    assert_refused(tmp_path, "not an index")


def test_folder_as_index_file(tmp_path: Path) -> None:
    (tmp_path / "index/index.mdb").mkdir(parents=True)
    assert_refused(tmp_path)


def test_a_run_replaces_a_damaged_index(tmp_path: Path) -> None:
    folder = make_small(tmp_path / "set")
    assert run("set", "-q", "-o", "first.json", cwd=tmp_path).code == 0
    (folder / ".llava-check/index.mdb").write_bytes(b"garbage")
    (folder / ".llava-check/index.mdb.part").write_bytes(b"of a run that was killed")
    assert run("set", "-q", "-o", "second.json", cwd=tmp_path).code == 0
    assert (tmp_path / "second.json").read_bytes() == (tmp_path / "first.json").read_bytes()
    assert not (folder / ".llava-check/index.mdb.part").exists()
