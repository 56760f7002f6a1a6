"""guard: a row that a trainer's data set would silently replace raises an error."""

from __future__ import annotations

import pickle
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any

import pytest
from conftest import BAD_TURNS, REPLACED, Made

import llava_check


class Replacing:
    """Replace a row that fails by the next one, as LLaVA's data sets do."""

    def __init__(self, made: Made) -> None:
        self.list_data_dict = list(made.rows)
        self.data_args = SimpleNamespace(image_folder=str(made.path / "images"))
        self.epoch = 3

    def __len__(self) -> int:
        return len(self.list_data_dict)

    def __getitem__(self, i: int) -> dict[str, Any]:
        try:
            return self._get_item(i)
        except Exception:
            return self._get_item(min(i + 1, len(self) - 1))

    def _get_item(self, i: int) -> dict[str, Any]:
        row = self.list_data_dict[i]
        if "image" in row:
            with open(f"{self.data_args.image_folder}/{row['image']}", "rb") as file:
                file.read()
        assert row["conversations"][1]["from"] == "gpt"
        return row


class Crashing(Replacing):
    def __getitem__(self, i: int) -> dict[str, Any]:
        return self._get_item(i)


def bad_rows(data: Any) -> dict[int, llava_check.BadRowError]:
    found = {}
    for i in range(len(data)):
        try:
            assert data[i] is data.list_data_dict[i]
        except llava_check.BadRowError as error:
            found[i] = error
    return found


def test_a_replaced_row_raises_with_its_finding(made: Made):
    data = llava_check.guard(Replacing(made))
    errors = bad_rows(data)
    assert sorted(errors) == sorted([*REPLACED, BAD_TURNS])
    error = errors[REPLACED[0]]
    assert error.row == made.rows[REPLACED[0]] and error.number == REPLACED[0]
    assert error.effect == "replaced" and error.findings[0]["rule"] == "IMG501"
    assert "000003" in str(error) and "IMG501" in str(error)
    assert errors[BAD_TURNS].findings[0]["rule"] == "CNV303"
    assert data.epoch == 3 and len(data) == len(made.rows)
    again = pickle.loads(pickle.dumps(error))
    assert (again.number, again.findings, str(again)) == (3, error.findings, str(error))


def test_a_row_that_crashes_raises_with_its_finding(made: Made):
    errors = bad_rows(llava_check.guard(Crashing(made)))
    assert sorted(errors) == sorted([*REPLACED, BAD_TURNS])
    assert errors[3].effect == "crash" and "FileNotFoundError" in str(errors[3])
    assert isinstance(errors[3].__cause__, FileNotFoundError)


def test_with_a_report_it_raises_before_the_row_is_read(made: Made):
    with llava_check.check(made.path) as report:
        data = llava_check.guard(Replacing(made), report, trainer="llava-next")
    for path in (made.path / "images/a").iterdir():
        path.unlink()
    with pytest.raises(llava_check.BadRowError, match="IMG501"):
        data[3]
    data = llava_check.guard(Replacing(made), made.path)
    with pytest.raises(llava_check.BadRowError, match="CNV303"):
        data[BAD_TURNS]


def test_a_report_of_other_data_is_refused(made: Made):
    data = Replacing(made)
    data.list_data_dict.pop()
    with llava_check.check(made.path) as report, pytest.raises(llava_check.UsageError):
        llava_check.guard(data, report)


def test_it_can_be_pickled_and_iterated(made: Made):
    for number in REPLACED:
        (made.path / f"images/a/{number}.png").write_bytes(
            (made.path / "images/a/0.png").read_bytes())
    source = Replacing(made)
    source.list_data_dict[BAD_TURNS]["conversations"][1]["from"] = "gpt"
    data = pickle.loads(pickle.dumps(llava_check.guard(source)))
    assert [row["id"] for row in data] == [row["id"] for row in made.rows]
    with pytest.raises(IndexError):
        data[len(data)]


class Index:
    """An integer type like numpy's and torch's."""

    def __init__(self, value: int) -> None:
        self.value = value

    def __index__(self) -> int:
        return self.value


def test_indexes_of_all_kinds(made: Made):
    """A bad row raises for every kind of index, with a report and without one."""
    count = len(made.rows)
    llava_check.check(made.path).close()
    for report in (None, made.path):
        data = llava_check.guard(Replacing(made), report, trainer="llava-next")
        for bad in REPLACED:
            for index in (bad, bad - count, Index(bad), Index(bad - count)):
                with pytest.raises(llava_check.BadRowError) as caught:
                    data[index]
                assert caught.value.number == bad
        assert data[Index(0)] is data[-count] is data.list_data_dict[0]
        assert data[-1] is data.list_data_dict[count - 1]
        assert data[0:2] == made.rows[0:2]
        with pytest.raises(llava_check.BadRowError):
            data[0:6]
        for index in (count, -count - 1):
            with pytest.raises(IndexError):
                data[index]


def test_threads_share_a_guard(made: Made):
    """A row read by one thread does not count as the row requested by another."""
    data = llava_check.guard(Replacing(made))
    sound = [i for i in range(len(made.rows)) if i not in (*REPLACED, BAD_TURNS)]

    def read(start: int) -> list[Any]:
        order = sound[start:] + sound[:start]
        return [data[i] is data.list_data_dict[i] for _ in range(50) for i in order]

    with ThreadPoolExecutor(4) as pool:
        for found in pool.map(read, range(4)):
            assert all(found)
