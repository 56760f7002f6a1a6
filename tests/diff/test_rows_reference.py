"""The program's findings on rows that were changed in their structure, against rows_reference.py.

LLAVA_CHECK is the path of the built program. rows_mutate.py runs far more.
"""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

import rows_mutate
import rows_reference as reference
import rows_write
from rows_program import Checker, by_row

ROWS = 5000
CODES = {"JSN107", "JSN108", "ROW201", "ROW202", "ROW203", "ROW204", "ROW205", "ROW206", "ROW208",
         *(f"CNV{n}" for n in range(301, 307)), *(f"TOK{n}" for n in range(401, 405))}  # fmt: skip
LEAST = 20  # of each code and seed


@pytest.mark.parametrize("seed", [1, 2])
def test_mutants(seed: int, tmp_path: Path) -> None:
    outcome = rows_mutate.run(ROWS // 2, seed, tmp_path)
    assert outcome.rows >= ROWS // 2
    assert not outcome.disagreements, outcome.describe()
    assert set(outcome.fired) == CODES
    assert min(outcome.fired.values()) >= LEAST, outcome.describe()
    assert outcome.sound >= ROWS // 20, outcome.describe()


def judge(*rows: Any) -> set[tuple[int | str | None, str]]:
    return set(reference.judge_file([json.dumps(row).encode() for row in rows]))


def row(*values: str, **keys: Any) -> dict[str, Any]:
    roles = ["human", "gpt"] * len(values)
    turns = [{"from": f, "value": v} for f, v in zip(roles, values, strict=False)]
    return {"id": "a", "conversations": turns, **keys}


def test_the_reference_itself() -> None:
    """A few rows judged by hand."""
    assert judge(row("What?", "That.")) == set()
    assert judge(row("<image>", "That.", image="a.jpg")) == set()
    assert judge(row("What?", "That.", image="a.jpg")) == {(0, "TOK402")}
    assert judge(row("<image>", "That.")) == {(0, "TOK403")}
    assert judge(row("<image><image>", "<image>", image="a.jpg")) == {(0, "TOK401"), (0, "TOK404")}
    assert judge(row("What?", "\u3000"), row("x", "y", id="b")) == {(0, "CNV306")}
    assert judge(row("What?")) == {(0, "CNV305")}
    assert judge(row("x", "y", id=7), row("x", "y", id="7")) == {("7", "ROW206")}
    assert judge([], {}) == {(0, "ROW201"), (1, "ROW202"), (1, "ROW204")}
    assert judge() == {(None, "JSN110")}


def test_a_false_finding_is_seen(tmp_path: Path) -> None:
    """The comparison must notice a finding too many, too few and at another row."""
    data, texts = rows_write.write([row("What?", "\xa0"), row("x", "y", id="b")], rows_write.FORMS[0])
    found = by_row(Checker(tmp_path).check(data).findings)
    assert reference.difference(found, reference.judge_file(texts)) == (Counter(), Counter())
    over, under = reference.difference(found, reference.judge_file(texts[::-1]))
    assert set(over) == {(0, "CNV306")} and set(under) == {(1, "CNV306")}


@pytest.mark.parametrize("form", rows_write.FORMS, ids=lambda form: form.name)
def test_forms_are_what_python_reads(form: rows_write.Form) -> None:
    """The writer's file is the rows whose texts it names."""
    rows: list[Any] = [row("é\ud83d😀", "b"), {}, {"a": [], "b": {"c": [1, {}]}}, row("x", "y")]
    data, texts = rows_write.write(rows, form)
    decoded = data.decode("utf-8")
    read = [json.loads(line) for line in decoded.splitlines()] if form.lines else json.loads(decoded)
    assert read == rows == [json.loads(text) for text in texts]
