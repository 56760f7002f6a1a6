"""The figures of the agreement match the records in the tree, and are good enough.

test_predictions.py compares the differences that they count with the program.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))

import agreement  # noqa: E402
import compare  # noqa: E402

LEAST = 97  # least percentage of rows that agree
MOST_FALSE_FINE = {"xtuner": 1}  # it names an image in a key, and another one in its turns


@pytest.mark.parametrize("program", agreement.trainers())
def test_figures(program: str) -> None:
    kept = agreement.read(program)
    record = json.loads((agreement.OUTCOMES / f"{program}.json").read_text(encoding="utf-8"))
    again = f"run scripts/oracles.sh --compare {program}"
    assert (kept["record"], kept["date"]) == (agreement.digest(program), record["date"]), again
    differences = kept["differences"]
    cases = {difference.case for difference in differences}
    assert cases <= record["cases"].keys()
    assert kept["cases"] > 400 and kept["cases"] <= len(record["cases"])
    assert kept["cases"] - kept["cases_agree"] == len(cases)
    of_files = {d.case for d in differences if d.where == "file" and d.did == "starts"}
    rows = sum(len(compare.unpack(record["cases"][case].get("rows", ""))) for case in of_files)
    rows += sum(difference.where != "file" for difference in differences)
    assert kept["rows"] - kept["rows_agree"] == rows
    assert kept["false_fine"] == sum(difference.false_fine for difference in differences)
    assert 100 * kept["rows_agree"] / kept["rows"] >= LEAST
    assert kept["false_fine"] <= MOST_FALSE_FINE.get(program, 0)


def test_the_programs_table_has_them() -> None:
    assert len(agreement.trainers()) > 5
    written = agreement.TABLE.read_text(encoding="utf-8")
    assert written == agreement.table(), "run tests/oracles/agreement.py"
    assert written.count("\nLC_AGREEMENT(") == len(agreement.trainers())


def test_no_file_is_left_over() -> None:
    assert {path.stem for path in agreement.FOLDER.iterdir()} == {*agreement.trainers()}
