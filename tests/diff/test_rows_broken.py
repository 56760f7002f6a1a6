"""A broken row among others is reported, and the other rows are still checked.

In an array, the start of the next row after a broken one can only be guessed, so the test is about
the share of files with every row in its place; in a JSONL, nothing has to be guessed.
LLAVA_CHECK is the path of the built program. rows_broken.py runs far more.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

import rows_broken
import rows_write
from rows_program import Checker, by_row

FILES = 800 if os.environ.get("LC_SANITIZE") else 1000  # the program is run for each
LEAST_RIGHT = {"one-line": 0.88, "array": 0.95, "lines": 1.0}  # measured: 0.95, 0.99 and 1


def kind_of(form: rows_write.Form) -> str:
    return "lines" if form.lines else "one-line" if form.name.startswith("one-line") else "array"


@pytest.fixture(scope="module")
def outcome(tmp_path_factory: pytest.TempPathFactory) -> rows_broken.Outcome:
    return rows_broken.run(FILES, seed=3, folder=tmp_path_factory.mktemp("broken"))


def test_never_clean(outcome: rows_broken.Outcome) -> None:
    assert sum(counts.total() for counts in outcome.counts.values()) == FILES
    clean = [rows_broken.describe_case(*example, outcome.videos) for example in outcome.examples["clean"]]
    assert not clean, clean[0]


@pytest.mark.parametrize("kind", LEAST_RIGHT)
def test_other_rows(outcome: rows_broken.Outcome, kind: str) -> None:
    """All forms of a kind together: one form alone has too few files for a share."""
    forms = [form.name for form in rows_write.FORMS if kind_of(form) == kind]
    assert forms
    right = outcome.fraction(forms, "right", "joined", "doubled", "neighbour")
    assert right >= LEAST_RIGHT[kind], outcome.describe()


SOUND = b'{"id": "%d", "conversations": [{"from": "human", "value": "q"}, {"from": "gpt", "value": "%s"}]}'


def rows_file(lead: bytes, broken: bytes) -> bytes:
    """Four rows; the second is broken, the last has a blank answer."""
    rows = [SOUND % (0, b"a"), broken, SOUND % (2, b"a"), SOUND % (3, b" ")]
    return b"[" + b",".join(lead + row for row in rows) + b"\n]\n"


UNCLOSED = [  # a row that was cut between two tokens: all that follows seems to be inside of it
    b'{"id": "1", "conversations": [{"from": "human", "value": "q"}',
    b'{"id": "1", "conversations": [{"from": "human", "value": "q"},\n   {"from": "gpt", "value": "a"}\n',
    b'{"id": "1", "conversations": [',
    b'{"id": "1", "note": {"a": [1, 2',
]


@pytest.mark.parametrize("broken", UNCLOSED)
def test_a_row_that_is_not_closed(broken: bytes, tmp_path: Path) -> None:
    """The rows are on lines of their own: those after the broken one are found."""
    result = Checker(tmp_path).check(rows_file(b"\n  ", broken))
    found = by_row(result.findings)
    assert result.rows == 4, found
    assert found[3, "CNV306"] == 1, found
    assert found[1, "JSN101"] == 1, found


def test_a_row_whose_first_key_is_its_own(tmp_path: Path) -> None:
    """On a line of its own, and indented as rows are, an object is a row with any keys."""
    data = rows_file(b"\n  ", b'{"id": 1x, "conversations": []}').replace(b'{"id": "2",', b'{"note": 2,')
    found = by_row(Checker(tmp_path).check(data).findings)
    assert found[1, "JSN101"] == 1 and found[2, "ROW204"] == 1 and found[3, "CNV306"] == 1, found


def test_a_last_row_that_is_broken_at_its_line_end(tmp_path: Path) -> None:
    """One cause, one finding: the array is closed after the row."""
    data = b"[" + SOUND % (0, b"a") + b',\n{"id": "1", "note": "x]\n'
    found = by_row(Checker(tmp_path).check(data).findings)
    assert sum(n for (_, code), n in found.items() if code.startswith("JSN")) == 1, found


@pytest.mark.parametrize("text", [b'{"id": "\xff', b'{"id": 1, "note": "\xe2\x82', b'{"id": "\xff"}'])
def test_bytes_that_are_not_utf_8_in_the_midst_of_a_file(text: bytes, tmp_path: Path) -> None:
    """Not the end of the file, so no cut: the bytes are what Python refuses first."""
    data = SOUND % (0, b"a") + b"\n" + text + b"\n" + SOUND % (2, b" ") + b"\n"
    found = by_row(Checker(tmp_path).check(data, ".jsonl").findings)
    assert found == {(1, "JSN105"): 1, (2, "CNV306"): 1}


def test_text_before_a_row(tmp_path: Path) -> None:
    """Junk before a row's brace makes that row broken, and is not a row of its own."""
    data = rows_file(b"\n  ", b"x" + SOUND % (1, b"a"))
    result = Checker(tmp_path).check(data)
    found = by_row(result.findings)
    assert result.rows == 4 and found[1, "JSN101"] == 1 and found[3, "CNV306"] == 1, found


def test_a_row_that_closes_too_early(tmp_path: Path) -> None:
    """Its turns are not rows, although they are between balanced brackets."""
    broken = b'{"id": "1", "conversations":\n   "from": "human", "value": "q"},\n   {"from": "gpt", "value": "a"}\n   ]}'
    result = Checker(tmp_path).check(rows_file(b"\n  ", broken))
    found = by_row(result.findings)
    assert result.rows == 4 and found[1, "JSN101"] == 1 and found[3, "CNV306"] == 1, found
