"""Indexes that once ended the program by a signal or an assertion, used as people would; and mutants.

The real program is run, with the index in the data folder.
"""

from __future__ import annotations

import json
import shutil
import struct
import subprocess
import time
from pathlib import Path
from typing import Any, Callable

import pytest
from forge import edited, leb128, read_leb128, seal, unseal
from program import Done, row, run
from sets import SETS
from work import TIMEOUT_S, driver

SAMPLE = 72  # number of mutants that the program is run on

EVERY_COMMAND = [
    ["report", "data", "-f", "json"], ["report", "data", "-f", "html"], ["report", "data"],
    ["index", "stats", "data"], ["index", "check", "data"], ["index", "images", "data"],
    ["index", "get", "data", "000000033471"], ["index", "duplicates", "data"], ["index", "findings", "data"],
    ["index", "dump", "images", "data"], ["index", "dump", "rows", "data", "-f", "csv"],
    ["index", "dump", "findings", "data"], ["index", "dump", "files", "data"],
    ["diff", "sound", "data"], ["diff", "data", "sound"], ["verify", "data"],
    ["data", "--isolated"], ["data"],
]
CHECKS = [command for command in EVERY_COMMAND if command[0] == "data"]


def assert_ends_well(done: Done, what: object) -> None:
    """Expect one of our exit codes, notes and at most one error: no signal, assertion or sanitizer report."""
    assert done.code in (0, 1, 2), (what, done.code, done.err[-2000:])
    complaints = [line for line in done.err.splitlines() if not line.startswith("note: ")]
    assert len(complaints) == (done.code == 2), (what, done.err)
    assert all(line.startswith("llava-check: ") for line in complaints), (what, done.err)
    assert all(line.isprintable() for line in done.err.splitlines()), (what, done.err)
    assert "out of memory" not in done.err, what


def try_all(data: Path, index: bytes, commands: list[list[str]], what: object) -> dict[str, int]:
    """Run each command on the index; return the exit code of each."""
    file = data / "data/.llava-check/index.mdb"
    codes: dict[str, int] = {}
    for command in commands:
        file.write_bytes(index)
        done = run(*command, cwd=data, timeout=30)
        assert_ends_well(done, (what, command))
        codes[" ".join(command)] = done.code
    return codes


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The checked demo, with a copy of its index in sound/."""
    there = tmp_path_factory.mktemp("people")
    SETS["demo"](there / "data")
    assert run("data", cwd=there).code == 1
    (there / "sound").mkdir()
    shutil.copy(there / "data/.llava-check/index.mdb", there / "sound")
    return there


def resealed(index: bytes, folder: Path) -> bytes:
    """Return the pages of an index with a new seal for their contents."""
    file = folder / "index.mdb"
    file.write_bytes(index)
    unseal(file)
    seal(file)
    return file.read_bytes()


def test_an_id_without_rows_before_a_damaged_row(people: Path, tmp_path: Path) -> None:
    """Only the damage is reported, not the ids that had not been found yet."""
    def cut(transaction: Any, table: Any) -> None:
        for key, value in list(transaction.cursor(table)):
            transaction.put(key, value[:5], db=table)

    edited(people / "sound/index.mdb", tmp_path / "index", "rows", cut)
    for form in ("text", "json", "jsonl"):
        done = run("index", "get", "index", "none", "000000033471", "-f", form, cwd=tmp_path)
        assert done.code == 2 and done.err == "llava-check: index: the index is damaged: a list is malformed\n", form


@pytest.mark.parametrize("offset", [12322, 45073])
def test_one_byte(offset: int, people: Path, tmp_path: Path) -> None:
    """One byte ended most commands by a signal, when LMDB still read what strangers had written."""
    sound = (people / "sound/index.mdb").read_bytes()
    changed = bytearray(sound)
    changed[offset] ^= 1
    codes = try_all(people, bytes(changed), EVERY_COMMAND, offset)
    assert {code for name, code in codes.items() if not name.startswith("data")} <= {1, 2}
    assert codes["index check data"] == 1 and codes["report data -f json"] == 2  # the seal is wrong
    assert [codes[" ".join(command)] for command in CHECKS] == [1, 1]
    changed[offset] = 1
    codes = try_all(people, resealed(bytes(changed), tmp_path), EVERY_COMMAND, (offset, "resealed"))
    assert [codes[" ".join(command)] for command in CHECKS] == [1, 1]


def pages_of(index: bytes, kind: int) -> list[int]:
    return [at for at in range(8192, len(index) - 4095, 4096) if struct.unpack_from("<H", index, at + 10)[0] == kind]


def test_page_headers_and_child_pointers(people: Path, tmp_path: Path) -> None:
    """LMDB's assertions about a page's kind and bounds used to end the program."""
    sound = (people / "sound/index.mdb").read_bytes()
    leaves, branches = pages_of(sound, 2), pages_of(sound, 1)
    assert len(leaves) > 5 and branches
    changes = [(page + field, value) for page in leaves[:4] + branches[:2]
               for field, value in ((10, 0), (10, 4), (12, 0xFFFF), (14, 0), (16, 0xFFF0))]
    changes += [(page + struct.unpack_from("<H", sound, page + 16)[0], child) for page in branches
                for child in (0, 0xFFFF, page // 4096, leaves[0] // 4096)]
    commands = [c for c in EVERY_COMMAND if c[0] != "data"][::3] + [["data"]]
    for offset, value in changes:
        changed = bytearray(sound)
        struct.pack_into("<H", changed, offset, value)
        codes = try_all(people, resealed(bytes(changed), tmp_path), commands, (offset, value))
        assert codes["data"] == 1
    assert len(changes) >= 20


def test_keys_that_do_not_ascend(people: Path, tmp_path: Path) -> None:
    """A walk ends at a key that does not ascend, because a page could repeat the same pair a thousand times."""
    sound = (people / "sound/index.mdb").read_bytes()
    reported = 0
    for page in pages_of(sound, 2):
        nodes = (struct.unpack_from("<H", sound, page + 12)[0] - 16) // 2
        if nodes < 3:
            continue
        last = page + 16 + 2 * (nodes - 1)
        changed = sound[:last] + sound[last - 2:last] + sound[last + 2:]
        (people / "changed").mkdir(exist_ok=True)
        (people / "changed/index.mdb").write_bytes(resealed(changed, tmp_path))
        for command in (["index", "dump", "images", "changed"], ["index", "dump", "findings", "changed"],
                        ["report", "changed"]):
            done = run(*command, cwd=people)
            assert_ends_well(done, (page, command))
            reported += "the index is damaged: keys are out of order" in done.err
    assert reported >= 3


def test_mutants_as_people_meet_them(people: Path, demo: Path) -> None:
    """The same mutants as in test_mutants, in the data folder and through the real program."""
    subprocess.run([driver(), "-w", demo, "100000", str(SAMPLE)], check=True, timeout=TIMEOUT_S,
                   stdout=subprocess.DEVNULL)
    mutants = sorted((demo / "found").iterdir())
    assert len(mutants) == SAMPLE
    for number, mutant in enumerate(mutants):
        turn = EVERY_COMMAND[number % len(EVERY_COMMAND)]
        codes = try_all(people, mutant.read_bytes(), [turn, ["data"]], mutant.name)
        assert codes["data"] == 1, mutant.name


def test_a_damaged_index_that_is_named_costs_time_alone(people: Path, demo: Path, tmp_path: Path) -> None:
    """A named index is trusted; if it turns out to be damaged, the run starts again without it."""
    seen = 0
    run("data", "--index", tmp_path / "cache", cwd=people)
    sound = (tmp_path / "cache/index.mdb").read_bytes()
    expected = run("data", "-f", "json", "--no-index", cwd=people)
    for page in pages_of(sound, 2):
        changed = bytearray(sound)
        changed[page + 12] ^= 0x41
        (tmp_path / "cache/index.mdb").write_bytes(resealed(bytes(changed), tmp_path))
        done = run("data", "-f", "json", "--index", tmp_path / "cache", cwd=people)
        assert (done.code, done.out) == (expected.code, expected.out)
        seen += "note: the index is damaged: reading all files again" in done.err
    assert seen > 0


FAR = 1 << 40


def lie_about_rows(transaction: Any, table: Any) -> None:
    """Rows far past the end of their file: memory after it used to be dropped."""
    for key, value in list(transaction.cursor(table)):
        changed, at = b"", 0
        while at < len(value):  # row number and size; the record's offset follows its file and row
            number, size = struct.unpack_from(">QI", value, at)
            begin = at + 12
            offset = read_leb128(value, read_leb128(value, begin)[1])[1]
            rest = read_leb128(value, offset)[1]
            at = begin + size
            record = value[begin:offset] + leb128(FAR) + value[rest:at]
            changed += struct.pack(">QI", number, len(record)) + record
        transaction.put(key, changed, db=table)


def lie_about_findings(transaction: Any, table: Any) -> None:
    """A finding between rows is about a row far beyond the last, for which a mark used to be set in memory."""
    for key, value in list(transaction.cursor(table)):
        if value[3:9] == b"JSN101":
            at = 9
            for _ in ("case", "message"):
                size, at = read_leb128(value, at)
                at += size
            at = read_leb128(value, at)[1]  # skip the file
            after = read_leb128(value, at)[1]
            transaction.put(key, value[:at] + leb128(FAR + 1) + value[after:], db=table)


LIES: dict[str, Callable[[Any, Any], None]] = {"rows": lie_about_rows, "findings": lie_about_findings}


@pytest.mark.parametrize("table", LIES)
def test_numbers_of_a_reused_index_are_compared_with_the_data(table: str, tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    rows = [json.dumps(row(str(number), None)) for number in range(4)]
    (data / "rows.json").write_text("[" + ", ".join(rows[:2]) + " oops, " + ", ".join(rows[2:]) + "]")
    expected = run("data", "-f", "json", "--index", "sound", cwd=tmp_path)
    assert expected.code == 1 and b"JSN101" in expected.out
    time.sleep(2.1)  # only results of files that were old when they were read are reused
    assert run("data", "-f", "json", "--index", "sound", cwd=tmp_path).out == expected.out
    edited(tmp_path / "sound/index.mdb", tmp_path / "cache", table, LIES[table])
    done = run("data", "-f", "json", "--index", "cache", cwd=tmp_path)
    assert "note: the index is damaged: reading all files again\n" in done.err
    assert (done.code, done.out) == (expected.code, expected.out)
