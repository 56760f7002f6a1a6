"""Compares src/json with Python's json on damaged rows: verdict, position and value must be the same.

LC_JSON_FACTS is the path of the built program json_facts. json_mutate.py runs far more.
"""

from __future__ import annotations

import random
import sys
from collections import Counter

import pytest

import json_mutate
import json_reference as reference

MUTANTS = 20000
LEAST_FAULTS = {"fine": 1000, "syntax": 5000, "not-utf8": 1000, "cut-off": 500}
LEAST_EXCEPTIONS = ("cut-escape", "cut-number", "cut-character")
# Since Python 3.13, the position is that of the comma itself.
OLD_EXCEPTIONS = ("trailing-comma",) if sys.version_info < (3, 13) else ()


@pytest.fixture(scope="module")
def outcome() -> json_mutate.Outcome:
    return json_mutate.run(MUTANTS, seed=1)


def test_mutants(outcome: json_mutate.Outcome) -> None:
    assert outcome.compared == MUTANTS
    assert not outcome.disagreements, outcome.describe()


def test_mutants_meet_every_verdict(outcome: json_mutate.Outcome) -> None:
    """If all mutants were refused, agreement would prove nothing."""
    for fault, least in LEAST_FAULTS.items():
        assert outcome.faults[fault] >= least, outcome.describe()
    assert {*LEAST_EXCEPTIONS, *OLD_EXCEPTIONS} <= set(outcome.exceptions), outcome.describe()
    newer = {"trailing-comma"} - set(OLD_EXCEPTIONS)
    assert set(outcome.exceptions) - {""} <= set(reference.EXCEPTIONS) - newer


def test_every_beginning_of_a_row_is_cut_off() -> None:
    """A row that ends early, wherever that is, was cut off by a download, not mistyped."""
    rng = random.Random(5)
    rows = json_mutate.seed_rows(rng)
    texts = [row[:end] for row in rng.sample(rows, 60) for end in range(len(row))]
    assert len(texts) >= 5000
    found = Counter(facts.exact.fault for facts in reference.run_facts(texts))
    assert found == {"cut-off": len(texts)}
