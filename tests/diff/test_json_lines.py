"""Compares our reading of JSON lines with Python's: every line end, white space and byte.

LC_LINES_FACTS and LLAVA_CHECK are the paths of the built programs. lines_mutate.py runs far more.
"""

from __future__ import annotations

import json
import os
import random
from pathlib import Path
from typing import Any

import pytest

import lines_mutate
import lines_reference as reference
from rows_program import TIMEOUT_S, program, runner

MUTANTS = 20000
LEAST_FAULTS = {
    "fine": 10000, "syntax": 4000, "not-utf8": 800, "split-row": 1000, "blank-line": 2500, "not-rows": 500, "bom": 200,
}  # fmt: skip
FILES = 60 if os.environ.get("LC_SANITIZE") else 120  # three runs of the program for each
SOUND = '{"id": "%d", "conversations": [{"from": "human", "value": "q%d"}, {"from": "gpt", "value": "a"}]}'


@pytest.fixture(scope="module")
def outcome() -> lines_mutate.Outcome:
    return lines_mutate.run(MUTANTS, seed=1)


def test_mutants(outcome: lines_mutate.Outcome) -> None:
    assert outcome.compared == MUTANTS
    assert not outcome.disagreements, outcome.describe()


def test_mutants_meet_every_verdict(outcome: lines_mutate.Outcome) -> None:
    """If all mutants were refused, agreement would prove nothing."""
    for fault, least in LEAST_FAULTS.items():
        assert outcome.faults[fault] >= least, outcome.describe()
    assert outcome.clean >= 2500 and outcome.clean_by_strip >= 2500, outcome.describe()
    assert outcome.with_return >= 8000, outcome.describe()


def test_every_character_at_the_edge_of_a_line() -> None:
    """Python decides what may come before or after a row, for all characters of the first plane."""
    row = b'{"id":1}'
    edges = [chr(point).encode("utf-8", "surrogatepass") for point in range(0x10000)]
    files = [row + b"\n" + edge + row + b"\n" for edge in edges]
    files += [row + edge + b"\n" + row for edge in edges]
    files += [row + b"\n" + edge + b"\n" + row for edge in edges]
    wrong = []
    for data, facts in zip(files, reference.run_facts(files), strict=True):
        wrong += [f"{data!r}: {cause}" for cause in reference.compare(data, facts)]
    assert not wrong, "\n".join(wrong[:10])
    assert len(files) == 3 * 0x10000


WRONG = {
    "verdict": (b'{"id":1}\n', b'{"id":1}x\n'),
    "white space": (b'{"id":1}\n', b'{"id":1}\x1f\n'),
    "row or none": (b'{"id":1}\n{"id":2}\n', b'{"id":1}\n\n{"id":2}\n'),
    "blank lines": (b'{"id":1}\n{"id":2}\n', b'{"id":1}\n{"id":2}\n\n'),
    "byte order mark": (b'{"id":1}\n', b'\xef\xbb\xbf{"id":1}\n'),
    "text": (b'{"id":12}\n', b'{"id":1} \n'),
    "rows on lines": (b'{"id":1}\n{"id":2}\n', b'{"id":1}\n'),
}


@pytest.mark.parametrize("cause", WRONG)
def test_a_wrong_splitter_is_seen(cause: str) -> None:
    """The facts about one file must not pass for those about another, in either direction."""
    for one, other in (WRONG[cause], WRONG[cause][::-1]):
        facts = reference.run_facts([one, other])
        assert reference.compare(one, facts[0]) == [] == reference.compare(other, facts[1])
        assert reference.compare(other, facts[0]) and reference.compare(one, facts[1])
    one, other = WRONG[cause]
    assert any(cause in found for found in reference.compare(other, reference.run_facts([one])[0]))


# ---- the program as a whole ----


def run(rows: Path, trainer: str, *options: str) -> dict[str, Any]:
    report = rows.with_name("report.json")
    report.unlink(missing_ok=True)
    command = [program(), "check", str(rows), "--quiet", "--no-images", "--trainer", trainer, "--report", str(report)]
    done = runner.run([*command, *options], timeout=TIMEOUT_S)
    assert done.returncode in (0, 1), (done.returncode, done.stderr[-1000:])
    found: dict[str, Any] = json.loads(report.read_text(encoding="utf-8"))
    errors = found["summary"]["by_severity"]["error"]
    failed = found["verdict"]["failed"]  # because of an error, or because the trainer stops
    assert done.returncode == failed >= (errors > 0)
    return found


def rows_file(rng: random.Random) -> bytes:
    """Sound rows, so that all findings are about how they are written."""
    count = rng.choice([2, 3, 5])
    lines: list[bytes] = []
    usual = rng.choice(lines_mutate.ENDS)
    for number in range(count):
        lines += [(SOUND % (number, number)).encode(), usual]
    for _ in range(rng.choice([0, 1, 1, 2])):
        rng.choice(lines_mutate.MUTATORS[:-2])(lines, rng)
    return b"".join(lines)


def crashes(report: dict[str, Any]) -> bool:
    """Whether the trainer's loader refuses the file."""
    return any(f["effect"] == "refused" and f["rule"].startswith("JSN") for f in report["findings"])


def test_files(tmp_path: Path) -> None:
    """The predictions for a file are what Python does, in a first and in a second run."""
    rng, wrong, refused = random.Random(4), [], {"llava-next": 0, "qwen-vl": 0}
    for number in range(FILES):
        data = rows_file(rng)
        path = tmp_path / f"{number}" / "rows.jsonl"
        path.parent.mkdir()
        path.write_bytes(data)
        lines = reference.read_lines(data)
        first = run(path, "qwen-vl", "--index", str(path.parent / "index"))
        again = run(path, "llava-next", "--index", str(path.parent / "index"))
        fresh = run(path, "llava-next", "--no-index", "--threads", "2")
        if again["findings"] != fresh["findings"] or again["summary"]["rows"] != fresh["summary"]["rows"]:
            wrong.append(f"{data!r}: another report at the second run")
        for trainer, report, read in (
            ("llava-next", fresh, all(line.read for line in lines)),
            ("qwen-vl", first, all(line.read_plain for line in lines)),
        ):
            refused[trainer] += not read
            if crashes(report) == read:
                wrong.append(f"{data!r}: {trainer} {'reads' if read else 'refuses'}: {report['findings']}")
    assert not wrong, "\n".join(wrong[:5])
    assert FILES * 0.3 < refused["llava-next"] < refused["qwen-vl"] < FILES * 0.9, refused
