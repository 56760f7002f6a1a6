"""A recording that was stopped resumes, unless something that it depends on has changed."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))

import record  # noqa: E402


class Program:
    name = "none"
    packages = ()


@pytest.fixture
def part(tmp_path: Path) -> record.Part:
    (tmp_path / "checkout.commit").write_text("0123\n")
    return record.Part(tmp_path / "none.json", Program(), tmp_path / "checkout")


RECORDS = {"row/a": {"case": "1", "rows": "fine"}, "row/ö": {"case": "2", "start": "ValueError: \u2028"}}


def write(part: record.Part) -> None:
    with part.writer({}) as add:
        for name, found in RECORDS.items():
            add(name, found)


def test_records_are_there_while_it_runs(part: record.Part) -> None:
    assert part.read() == {}
    with part.writer({"row/a": RECORDS["row/a"]}) as add:
        assert part.read() == {"row/a": RECORDS["row/a"]}
        add("row/ö", RECORDS["row/ö"])
        assert part.read() == RECORDS


def test_a_line_that_was_cut_is_left_out(part: record.Part) -> None:
    write(part)
    part.path.write_bytes(part.path.read_bytes()[:-2])
    assert part.read() == {"row/a": RECORDS["row/a"]}
    part.path.write_bytes(b'{"program"')
    assert part.read() == {}


@pytest.mark.parametrize("key", ["program", "commit", "versions", "harness"])
def test_records_of_another_program_or_harness_are_not_reused(part: record.Part, key: str) -> None:
    write(part)
    part.maker = part.maker | {key: "another"}
    assert part.read() == {}
