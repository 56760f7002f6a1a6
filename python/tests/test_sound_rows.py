"""SoundRows: the rows that a program trains as written, readable in any process."""

from __future__ import annotations

import json
import multiprocessing
import os
import pickle
from pathlib import Path

import pytest
from conftest import BAD_TURNS, REPLACED, Made, make_row

import llava_check


def sound_ids(made: Made) -> list[str]:
    return [r["id"] for n, r in enumerate(made.rows) if n not in (*REPLACED, BAD_TURNS)]


def read_ids(rows: llava_check.SoundRows) -> list[str]:
    return [row["id"] for row in rows]


def test_rows_are_those_of_the_file(made: Made):
    llava_check.check(made.path).close()
    rows = llava_check.SoundRows(made.path, "llava-next")
    assert read_ids(rows) == sound_ids(made)
    assert len(rows) == len(sound_ids(made)) and rows[-1] == made.rows[-1]
    assert rows[1:3] == [made.rows[1], made.rows[2]]
    assert list(rows.numbers)[:4] == [0, 1, 2, 4]
    with pytest.raises(IndexError):
        rows[len(rows)]
    assert made.rows[REPLACED[0]] in llava_check.SoundRows(
        made.path, "llava-next", effects=("replaced",))
    with pytest.raises(llava_check.UsageError):
        llava_check.SoundRows(made.path, effects=("good",))


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_in_other_processes(made: Made, method: str, monkeypatch: pytest.MonkeyPatch):
    llava_check.check(made.path).close()
    rows = llava_check.SoundRows(made.path, "llava-next")
    assert rows[0]  # its file is open
    context = multiprocessing.get_context(method)
    with context.Pool(3) as pool:
        for ids in pool.map(read_ids, [rows] * 6):
            assert ids == sound_ids(made)
    assert pickle.loads(pickle.dumps(rows))[0] == made.rows[0]


def test_json_lines_and_several_files(tmp_path: Path):
    folder = tmp_path / "set"
    folder.mkdir()
    rows = [make_row(n, None, id=f"é{n}") for n in range(9)]
    (folder / "a.jsonl").write_text(
        "\n".join(json.dumps(r, ensure_ascii=False) for r in rows[:5]) + "\n", encoding="utf-8")
    (folder / "b.json").write_text(json.dumps(rows[5:], indent=2), encoding="utf-8")
    with llava_check.check(folder) as report:
        found = llava_check.SoundRows(report, effects=("fine", "altered", "unknown"))
        assert list(found) == rows
    found = llava_check.SoundRows(folder, effects=("fine", "altered", "unknown"))
    assert list(found) == rows


def test_changed_files_are_refused(made: Made):
    llava_check.check(made.path).close()
    rows = llava_check.SoundRows(made.path)
    file = made.path / "rows.json"
    os.utime(file, (1, 1))
    with pytest.raises(llava_check.UsageError, match="changed"):
        rows[0]
    file.rename(made.path / "other.json")
    with pytest.raises(llava_check.UsageError, match="root="):
        llava_check.SoundRows(made.path)
