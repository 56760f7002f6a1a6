"""Compares what llava-check predicts with what the programs did, on every sixth recorded case.

They differ exactly where agreement/PROGRAM.json says so. `scripts/oracles.sh --compare` does the same
with all cases, and writes that file. No report contradicts itself. LLAVA_CHECK is the path of the built program.
"""

from __future__ import annotations

import functools
import json
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))

import agreement  # noqa: E402
import compare  # noqa: E402
from agreement import Difference  # noqa: E402
from cases import all_cases  # noqa: E402
from consistent import contradictions  # noqa: E402
from dialects import translate  # noqa: E402

LEAST = 500  # least number of cases for each program
PROGRAMS = Path(__file__).with_name("programs.txt")


def form_of(program: str) -> tuple[str, str]:
    """Return the dialect of a program's cases, "" for LLaVA's, and the suffix of their files."""
    words = [line.split() for line in PROGRAMS.read_text(encoding="utf-8").splitlines()]
    dialect, _, suffix = next(of[1] for of in words if of[0] == program).rpartition(".")
    return dialect, suffix


@functools.cache
def every() -> list[Any]:
    return list(all_cases())


def sampled(record: dict[str, Any]) -> list[Any]:
    """Return evenly spaced cases of the record: at least LEAST, or all."""
    cases = [case for case in every() if case.name in record]
    return cases[:: max(1, len(cases) // LEAST)]


@pytest.mark.parametrize("program", agreement.trainers())
def test_predictions(program: str, tmp_path: Path) -> None:
    check = Path(os.environ["LLAVA_CHECK"])
    record = json.loads((agreement.OUTCOMES / f"{program}.json").read_text(encoding="utf-8"))["cases"]
    dialect, suffix = form_of(program)

    def one(case: Any) -> tuple[str, list[Difference]] | None:
        if dialect:
            case = translate(case, dialect)
        did = record[case.name]
        if did["case"] != case.digest():  # newer than the record
            return None
        rows = case.write(tmp_path, suffix)
        report = compare.predict(check, program, tmp_path / case.name, rows)
        assert not contradictions(report), case.name
        return case.name, compare.compare(case.name, report, did).differences

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        found = dict(each for each in pool.map(one, sampled(record)) if each is not None)
    assert len(found) > 400
    kept = {line_of(d) for d in agreement.read(program)["differences"] if d.case in found}
    now = {line_of(d): d.line() for differences in found.values() for d in differences}
    more, fewer = [now[key] for key in now if key not in kept], sorted(kept - now.keys())
    assert not more and not fewer, f"run scripts/oracles.sh --compare {program}: {more[:40]}, no longer: {fewer[:40]}"


def line_of(difference: Difference) -> str:
    return f"{difference.case} {difference.where}: said {difference.said}, did {difference.did}"
