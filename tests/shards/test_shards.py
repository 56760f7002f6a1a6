"""The records of tests/shards: they cover all cases, and the model does what webdataset does."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))
from cases import Case, cases  # noqa: E402
from model import webdataset  # noqa: E402

CASES = {case.name: case for case in cases()}
CASE_COUNT = 72


def outcomes(program: str) -> dict[str, Any]:
    read: dict[str, Any] = json.loads((HERE / f"outcomes/{program}.json").read_text(encoding="ascii"))
    return read["cases"]


@pytest.mark.parametrize("program", ["webdataset", "energon"])
def test_records_are_of_all_cases(program: str) -> None:
    outcome = outcomes(program)
    assert list(outcome) == list(CASES) and len(outcome) == CASE_COUNT
    assert all(outcome[name]["what"] == case.what and outcome[name]["meant"] == case.meant for name, case in CASES.items())
    assert not [name for name, one in outcome.items() if "no end" in json.dumps(one) or "endless" in json.dumps(one)]


@pytest.mark.parametrize("name", CASES)
def test_model_of_webdataset(name: str) -> None:
    case: Case = CASES[name]
    outcome = outcomes("webdataset")[name]["raw"]
    samples, raises = webdataset(list(case.shards.values()))
    assert raises == ("error" in outcome)
    assert samples == outcome["samples"]


def test_silent_losses() -> None:
    """Intended samples that are silently lost or incomplete: rules must report them."""
    silent = []
    for name, one in outcomes("webdataset").items():
        keys = [key for key, suffixes in one["raw"]["samples"] if len(suffixes) > 1]
        if "error" not in one["raw"] and sorted(keys) != sorted(one["meant"]):
            silent.append(name)
    assert len(silent) >= 25 and {"dot-in-key", "interleaved", "cut-member", "gz-no-trailer"} - set(silent) == {"gz-no-trailer"}
