"""An index that came with the data is not trusted; one that the user names is, anywhere.

Whoever distributes data can add an index that lies: here, it has rows that do not exist.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import struct
from pathlib import Path
from typing import Any, Callable

import pytest
from forge import MARK, edited, forge, user_key
from program import DEMO, NOBODY, environment, make_small, run

SETTLED = 1_500_000_000  # seconds since 1970: long before any run
MODES = ("metadata", "content")
ELSEWHERE = "in another place"
NOT_OURS = "not written with this user's key"


def make_set(folder: Path) -> Path:
    """Make a small data set with old times."""
    make_small(folder)
    for path in folder.rglob("*"):
        os.utime(path, (SETTLED, SETTLED))
    return folder


def believed(folder: Path, *options: str, **more: Any) -> tuple[bool, str]:
    """Return whether a check of the data set in a folder reuses its index, and its output."""
    done = run("data", *options, "-f", "json", cwd=folder, **more)
    assert done.code == 0, done.err
    rows = json.loads(done.out)["statistics"]["rows_by_images"]["none"]
    assert rows in (0, MARK)
    return rows == MARK, done.err


@pytest.mark.parametrize("mode", MODES)
def test_a_copy_is_not_believed(mode: str, tmp_path: Path) -> None:
    make_set(tmp_path / "data")
    assert run("data", cwd=tmp_path).code == 0
    forge(tmp_path / "data/.llava-check/index.mdb", user_key())
    shutil.copytree(tmp_path / "data", tmp_path / "given/data")
    lied, output = believed(tmp_path / "given", "--index-mode", mode)
    assert not lied and ELSEWHERE in output
    _, output = believed(tmp_path / "given", "--index-mode", mode)
    assert ELSEWHERE not in output  # now the index is its own


@pytest.mark.parametrize("mode", MODES)
def test_where_it_was_made_it_is(mode: str, tmp_path: Path) -> None:
    """The folder may be renamed: identities from the file system stay the same."""
    make_set(tmp_path / "data")
    assert run("data", cwd=tmp_path).code == 0
    forge(tmp_path / "data/.llava-check/index.mdb", user_key())
    (tmp_path / "moved").mkdir()
    (tmp_path / "data").rename(tmp_path / "moved/data")
    taken, output = believed(tmp_path / "moved", "--index-mode", mode)
    assert taken and ELSEWHERE not in output


@pytest.mark.parametrize("mode", MODES)
def test_one_without_the_users_key_is_not_believed(mode: str, tmp_path: Path) -> None:
    """This applies even in its original place: a file system image can reproduce device, inode and birth time."""
    make_set(tmp_path / "data")
    assert run("data", cwd=tmp_path).code == 0
    index = tmp_path / "data/.llava-check/index.mdb"
    for key in (None, bytes(32), os.urandom(32)):
        forge(index, key)
        lied, output = believed(tmp_path, "--index-mode", mode)
        assert not lied and NOT_OURS in output, key
    forge(index, user_key())  # the same index with the key: so only the key was missing
    assert believed(tmp_path, "--index-mode", mode)[0]


def test_a_secret_of_ci_is_needed_where_it_is_set(tmp_path: Path) -> None:
    """LLAVA_CHECK_KEY: a cache that somebody else wrote is not trusted, although it is named."""
    make_set(tmp_path / "data")
    secret, other = "s" * 32, "t" * 32
    key = hashlib.sha256(secret.encode()).digest()

    def check(value: str) -> tuple[bool, str]:
        env = {**environment(tmp_path), "LLAVA_CHECK_KEY": value}
        return believed(tmp_path, "--index", "cache", env=env)

    check(secret)
    forge(tmp_path / "cache/index.mdb")
    lied, output = check(secret)
    assert not lied and NOT_OURS in output
    forge(tmp_path / "cache/index.mdb", key)
    assert check(secret)[0]
    forge(tmp_path / "cache/index.mdb", key)
    lied, output = check(other)
    assert not lied and NOT_OURS in output
    done = run("data", env={**environment(tmp_path), "LLAVA_CHECK_KEY": "short"}, cwd=tmp_path)
    assert done.code == 2 and "LLAVA_CHECK_KEY has fewer than 32 characters" in done.err


# What a key file must not be, and the message about it
BAD_KEYS: dict[str, tuple[Callable[[Path], None], str]] = {
    "readable": (lambda path: path.chmod(0o644), "readable by others"),
    "short": (lambda path: path.write_bytes(b"x" * 31) and None, "is damaged"),
    "long": (lambda path: path.write_bytes(b"x" * 33) and None, "is damaged"),
    "a link": (lambda path: (path.rename(path.with_name("k")), path.symlink_to("k")) and None,
               "cannot be read"),
    "a hard link": (lambda path: os.link(path, path.with_name("k")), "is a link"),
    "a folder": (lambda path: (path.unlink(), path.mkdir()) and None, "not a regular file"),
    "somebody else's": (lambda path: os.chown(path, NOBODY, NOBODY), "another user"),
}


@pytest.mark.parametrize("what", BAD_KEYS)
def test_a_key_that_others_may_know_is_no_key(what: str, tmp_path: Path) -> None:
    """Results are stored, and reports can use them, but no later run reuses them."""
    spoil, why = BAD_KEYS[what]
    make_set(tmp_path / "data")
    env = {**environment(tmp_path), "XDG_STATE_HOME": str(tmp_path / "state")}
    assert run("data", "--recheck", cwd=tmp_path, env=env).err == ""  # --recheck does not print what is reused
    key = tmp_path / "state/llava-check/key"
    assert key.stat().st_mode & 0o777 == 0o600 and len(key.read_bytes()) == 32
    assert why not in believed(tmp_path, env=env)[1]
    spoil(key)
    forge(tmp_path / "data/.llava-check/index.mdb")
    lied, output = believed(tmp_path, env=env)
    assert not lied and why in output and "no secret key" in output
    assert run("report", "data", cwd=tmp_path, env=env).code == 0


def test_without_a_home_nothing_is_believed(tmp_path: Path) -> None:
    make_set(tmp_path / "data")
    env = {key: value for key, value in environment(tmp_path).items()
           if key not in ("HOME", "XDG_STATE_HOME")}
    for _ in range(2):
        lied, output = believed(tmp_path, env=env)
        assert not lied and "HOME and XDG_STATE_HOME are not set" in output
        forge(tmp_path / "data/.llava-check/index.mdb")


def test_one_that_is_named_is_believed_anywhere(tmp_path: Path) -> None:
    """This is how a CI cache works, which is fetched before each run."""
    make_set(tmp_path / "data")
    assert run("data", "--index", "cache", cwd=tmp_path).code == 0
    forge(tmp_path / "cache/index.mdb")
    shutil.copytree(tmp_path / "cache", tmp_path / "fetched")
    taken, output = believed(tmp_path, "--index", "fetched", "--index-mode", "content")
    assert taken and ELSEWHERE not in output


# Offsets of numbers in the summary that determine allocations, and forged values for them
COUNTS = {"rows_files": 0, "rows": 1, "images_referenced": 8, "errors": 18}
TOO_MANY = [2**64 - 1, 2**63, 2**40]


@pytest.mark.parametrize("number", TOO_MANY)
@pytest.mark.parametrize("what", COUNTS)
def test_more_is_counted_than_there_is(what: str, number: int, tmp_path: Path) -> None:
    """Nothing is allocated for the forged number, and nothing past the existing records is read."""
    def change(transaction: Any, table: Any) -> None:
        values = list(struct.unpack(">19Q", transaction.get(b"summary", db=table)))
        values[COUNTS[what]] = number
        transaction.put(b"summary", struct.pack(">19Q", *values), db=table)

    make_set(tmp_path / "data")
    assert run("data", "--index", "sound", cwd=tmp_path).code == 0
    edited(tmp_path / "sound/index.mdb", tmp_path / "index", "meta", change)
    for command in (["report", "index", "-f", "json"], ["diff", "sound", "index"],
                    ["verify", "data", "--index", "index"], ["index", "stats", "index"]):
        done = run(*command, cwd=tmp_path)
        assert (done.code, done.out) == (2, b""), command
        assert done.err.endswith("the index is damaged: it counts more than it can contain\n")
    assert run("data", "--index", "index", cwd=tmp_path).code == 0


def test_a_file_of_more_rows_than_there_are(tmp_path: Path) -> None:
    """If the file has changed, each of its rows is marked, which must not take years."""
    def change(transaction: Any, table: Any) -> None:
        value, places = transaction.get(bytes(4), db=table), struct.pack(">QQ", 0, 2)
        assert value.count(places) == 1
        transaction.put(bytes(4), value.replace(places, struct.pack(">QQ", 0, 2**62)), db=table)

    make_set(tmp_path / "data")
    assert run("data", "--index", "sound", cwd=tmp_path).code == 0
    edited(tmp_path / "sound/index.mdb", tmp_path / "index", "files", change)
    (file,) = (tmp_path / "data").glob("*.json*")
    file.write_bytes(file.read_bytes() + b"\n")
    done = run("verify", "data", "--index", "index", cwd=tmp_path, timeout=60)
    assert done.code == 2 and "the index is damaged: wrong number of rows" in done.err


@pytest.mark.parametrize("rule", [b"ZZZ999", b"ROW206"])
def test_a_finding_of_another_rule_than_its_key(rule: bytes, tmp_path: Path) -> None:
    """Its rows are read again, because there is no such rule, or it is about something else."""
    def change(transaction: Any, table: Any) -> None:
        with transaction.cursor(table) as cursor:
            keys = [bytes(key) for key, value in cursor if b"CNV302" in value]
        assert keys
        for key in keys:
            value = transaction.get(key, db=table)
            transaction.put(key, value.replace(b"CNV302", rule), db=table)

    shutil.copytree(DEMO, tmp_path / "data")
    whole = run("data", "--index", "sound", "-f", "json", cwd=tmp_path)
    edited(tmp_path / "sound/index.mdb", tmp_path / "index", "findings", change)
    done = run("data", "--index", "index", "--index-mode", "content", "-f", "json", cwd=tmp_path)
    assert (done.code, done.out) == (1, whole.out)
    assert done.err == "note: the index is damaged: reading all files again\n"


def name_images_outside(transaction: Any, table: Any) -> None:
    assert transaction.put(b"image_folder", b"../private", db=table)


def name_rows_outside(transaction: Any, table: Any) -> None:
    value = transaction.get(bytes(4), db=table)
    name = b"../private/rows.json"
    (size,) = struct.unpack_from(">I", value)
    assert transaction.put(bytes(4), struct.pack(">I", len(name)) + name + value[4 + size:], db=table)


@pytest.mark.parametrize("table, change, output, option", [
    ("meta", name_images_outside, "an image root outside of the data folder", ["--images", "private"]),
    ("files", name_rows_outside, "a rows file outside of the data folder", ["--allow-outside"]),
])
def test_no_file_outside_is_verified_as_a_stranger_names_it(table: str, change: Callable[[Any, Any], None],
                                                            output: str, option: list[str], tmp_path: Path) -> None:
    """The report would reveal to whoever made the data whether a file exists, and what it contains."""
    make_set(tmp_path / "data")
    shutil.copytree(tmp_path / "data/images", tmp_path / "private")
    shutil.copy(tmp_path / "data/rows.json", tmp_path / "private")
    assert run("data", cwd=tmp_path).code == 0
    index = tmp_path / "data/.llava-check/index.mdb"
    edited(index, tmp_path / "forged", table, change)
    shutil.copy(tmp_path / "forged/index.mdb", index)
    done = run("verify", "data", cwd=tmp_path)
    assert (done.code, done.out) == (2, b"") and output in done.err
    assert run("verify", "data", *option, cwd=tmp_path).code == 0
    assert run("verify", "data", "--index", "forged", cwd=tmp_path).code == 0  # the user named it
