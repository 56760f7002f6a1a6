"""Tests src/json, and the program on rows files, with the texts of nst/JSONTestSuite.

LC_JSON_SUITE is the suite's folder; the table in json_texts.py covers the same ground and is
always run. LC_JSON_FACTS and LLAVA_CHECK are the paths of the built programs.
"""

from __future__ import annotations

import json
import os
import re
from collections import Counter
from pathlib import Path

import pytest

import json_reference as reference
import json_texts
import rows_reference
from columns import find_odd  # whose folder rows_reference adds to the path
from rows_program import Checker, Finding, Result

ROOT = Path(__file__).resolve().parents[2]
SUITE = Path(os.environ.get("LC_JSON_SUITE") or ROOT.parent / "shared" / "corpus" / "json-suite")
TABLE_COUNTS = {"y": 64, "n": 180, "i": 47}  # at least
SUITE_COUNTS = {"y": 90, "n": 180, "i": 35}

Named = list[tuple[str, bytes]]


def collection(name: str) -> Named:
    """Return the texts of the table or the suite; if there is no suite, those of the table."""
    if name == "table" or not SUITE.is_dir():
        texts, counts = json_texts.table(), TABLE_COUNTS
    else:
        texts = [(path.stem, path.read_bytes()) for path in sorted(SUITE.glob("[yni]_*.json"))]
        counts = SUITE_COUNTS
    for kind, count in counts.items():
        assert sum(name.startswith(kind + "_") for name, _ in texts) >= count
    return texts


# with a sanitizer the larger one is enough
@pytest.fixture(params=["table"] if os.environ.get("LC_SANITIZE") else ["table", "suite"])
def texts(request: pytest.FixtureRequest) -> Named:
    return collection(request.param)


def test_texts(texts: Named) -> None:
    """Every y_ is read and every n_ refused, with the same positions and values as in Python."""
    wrong = []
    for (name, text), facts in zip(texts, reference.run_facts([t for _, t in texts]), strict=True):
        causes, _ = reference.compare(text, facts)
        accepted = facts.fast.fault == "fine"
        if name.startswith("y_") and not accepted:
            causes.append("JSON is refused")
        if name.startswith("n_") and accepted and facts.fast.nan < 0:  # Python reads NaN
            causes.append("what is not JSON is read")
        wrong += [f"{name} {text[:60]!r}: {cause}; {facts.fast}" for cause in causes]
    assert not wrong, "\n".join(wrong)


def load(data: bytes) -> object:
    """Return what json.load returns for the file, or raise its exception."""
    return json.loads(data.decode("utf-8"))


def file_kind(data: bytes) -> str:
    """Return what a loader sees: "array", "lines" (two or more objects, one a line), "object", "scalar"
    or "refused"; "deep" texts are not compared."""
    if reference.is_deep(data):
        return "deep"
    try:
        value = load(data)
    except ValueError:
        return lines_kind(data)
    if isinstance(value, dict):
        return "object"
    return "array" if isinstance(value, list) else "scalar"


def lines_kind(data: bytes) -> str:
    try:
        lines = [line.strip() for line in rows_reference.text_lines(data)]
        rows = [load(line.encode("utf-8", "surrogateescape")) for line in lines if line]
    except ValueError:
        return "refused"
    return "lines" if rows and all(isinstance(row, dict) for row in rows) else "refused"


def is_allowed(finding: Finding, data: bytes) -> bool:
    """Whether an error is right although Python reads the file."""
    if finding.rule == "JSN110":
        return load(data) == []
    return finding.rule == "JSN108" and reference.judge(data).surrogate


def judge_file(data: bytes, result: Result) -> str:
    """Return what is wrong with the program's report on a file, or ""."""
    kind, errors = file_kind(data), result.errors("JSN")
    if kind == "deep":
        return "" if errors and result.exit_code == 1 else "false clean: deep"
    if kind in ("refused", "scalar"):
        return "" if errors and result.exit_code == 1 else f"false clean: {kind}"
    if kind == "object":  # a JSONL of one line, or no rows file: the keys decide
        return "" if {f.rule for f in errors} <= {"JSN103", "JSN108"} else f"{kind}: {errors}"
    if kind == "lines":  # Python's json.load refuses it, as the file is not named .jsonl
        return "" if [f.rule for f in errors] == ["JSN103"] else f"{kind}: {errors}"
    false = [f for f in errors if not is_allowed(f, data)]
    return f"{kind}: false alarm {false}" if false else ""


# the program is run for each text, so with a sanitizer one form is enough
@pytest.mark.parametrize("form", ["row"] if os.environ.get("LC_SANITIZE") else ["whole", "row", "second-row"])
def test_files(texts: Named, form: str, tmp_path: Path) -> None:
    """Each text as a rows file, as its only row, and as its second row: no crash, no false clean."""
    checker = Checker(tmp_path)
    before, after = {"whole": (b"", b""), "row": (b"[ ", b" ]"), "second-row": (b'[{"id": 1},\n', b"\n]\n")}[form]  # fmt: skip
    wrong = []
    for name, text in texts:
        data = before + text + after
        problem = judge_file(data, checker.check(data))
        if problem:
            wrong.append(f"{name} {data[:60]!r}: {problem}")
    assert not wrong, "\n".join(wrong)


SOUND = b'{"id": "%d", "conversations": [{"from": "human", "value": "q"}, {"from": "gpt", "value": "%d"}]}'
BEFORE, BEHIND = SOUND % (1, 1), SOUND % (2, 2)
REFUSALS = {"JSN101", "JSN102", "JSN105", "JSN112"}  # of a row
READ = {"JSN107", "JSN108", "JSN109", "JSN115", "JSN116", "JSN117", "JSN118", "JSN120", "JSN121", "JSN122"}  # codes of texts that Python reads


def python_codes(text: bytes) -> set[str]:
    """Return what a text must get as a row: {"refused"}, or the codes of what Python reads."""
    if reference.is_deep(text):
        return {"refused"}
    codes, _ = rows_reference.judge_text(text, rows_reference.Reader())
    return {"refused"} if codes & rows_reference.REFUSED else codes


def row_codes(result: Result, row: int) -> set[str]:
    """Return the same from the program's report on a row."""
    codes = {f.rule for f in result.findings if f.row == row and f.rule.startswith("JSN")}
    assert codes <= REFUSALS | READ, codes
    return {"refused"} if codes & REFUSALS else codes


def has_long_number(text: bytes) -> bool:
    """Whether an object has a number that readers of arrays may refuse; none of its keys is a column."""
    numbers: list[str] = []

    def note(number: str) -> int:
        numbers.append(number)
        return 0

    if not isinstance(json.loads(text, parse_int=note, parse_float=note), dict):
        return False
    return any(re.match(r"-?[\d.]+[eE]\+?\d{3}", number) or not -(2**63) <= int(re.match(r"-?\d+", number)[0]) < 2**63
               for number in numbers)


# .ci/nightly also runs it with one thread
@pytest.mark.parametrize("threads", [1, 4] if os.environ.get("LC_LONG") else [4])
def test_lines(texts: Named, threads: int, tmp_path: Path) -> None:
    """Each text as a line of a JSONL between two rows: that line, and no other, gets Python's verdict.

    Python also decides about i_. Texts that are not a line, or are blank, cannot be tested.
    """
    checker, tried, wrong = Checker(tmp_path), Counter[str](), []
    for name, text in texts:
        if b"\n" in text or b"\r" in text or not text.strip():
            continue
        tried[name[0]] += 1
        result = checker.check(b"\n".join([BEFORE, text, BEHIND]) + b"\n", ".jsonl", threads)
        found, wanted = row_codes(result, 1), python_codes(text)
        if wanted != {"refused"} and isinstance(value := json.loads(text), dict):
            wanted |= {odd.code for odd in find_odd([(0, json.loads(BEFORE)), (1, value)])}
        others = [f for f in result.findings if f.row != 1]
        if found != wanted or result.rows != 3 or others:
            wrong.append(f"{name} {text[:60]!r}: {found}, Python {wanted}; {result.rows} {others}")
        if (found == {"refused"}) != (name[0] == "n") and name[0] != "i" and "JSN107" not in found:
            wrong.append(f"{name} {text[:60]!r}: {found}")
        refused = any(f.rule in REFUSALS for f in result.errors("JSN"))
        if refused != (wanted == {"refused"}) or (refused and result.exit_code != 1):
            wrong.append(f"{name} {text[:60]!r}: exit code {result.exit_code}")
    assert not wrong, "\n".join(wrong)
    assert tried["y"] >= 55 and tried["n"] >= 165 and tried["i"] >= 30, tried


@pytest.mark.parametrize("form", ["array", "one-line", "value"])
def test_rows_of_an_array(texts: Named, form: str, tmp_path: Path) -> None:
    """Each text as a row between two others, and as a value in a row: refused exactly if Python refuses
    the whole, else read with the same codes; an accepted text does not affect other rows."""
    checker, wrong, counts = Checker(tmp_path), [], Counter[str]()
    comma = b", " if form == "one-line" else b",\n"
    for name, text in texts:
        inner = SOUND[:-1] % (7, 7) + b', "note": ' + text + b"}" if form == "value" else text
        data = b"[" + comma.join([BEFORE, inner, BEHIND]) + b"]\n"
        result = checker.check(data)
        if reference.is_deep(data):
            accepted = False
        else:
            accepted = reference.judge(data).fault == "fine"
        refused = [f for f in result.errors("JSN") if f.rule in REFUSALS | {"JSN103"}]
        counts["accepted" if accepted else "refused"] += 1
        if accepted != (not refused) or (refused and result.exit_code != 1):
            wrong.append(f"{name} {text[:60]!r}: Python {accepted}, {refused}")
        if accepted:
            rows = json.loads(data)
            others = [f for f in result.findings if f.row in (0, len(rows) - 1)]
            if result.rows != len(rows) or others:
                wrong.append(f"{name} {text[:60]!r}: {result.rows} rows, {others}")
            objects = [(number, value) for number, value in enumerate(rows) if isinstance(value, dict)]
            odd = {column.code for column in find_odd(objects) if column.row == 1}
            odd |= {"JSN118"} if has_long_number(inner) else set()
            if len(rows) == 3 and row_codes(result, 1) != python_codes(inner) | odd:
                wrong.append(f"{name} {text[:60]!r}: {row_codes(result, 1)}")
    assert not wrong, "\n".join(wrong)
    assert counts["accepted"] >= 80 and counts["refused"] >= 180, counts


def test_each_verdict_of_the_suite(texts: Named) -> None:
    """y_ and n_ are what Python does, except for what it reads beyond RFC 8259: the words NaN and
    Infinity. So a wrong reference is noticed."""
    for name, text in texts:
        refused = python_codes(text) == {"refused"}
        if name[0] == "y":
            assert not refused, name
        if name[0] == "n" and not refused:
            assert python_codes(text) == {"JSN107"}, name


def test_an_integer_of_too_many_digits() -> None:
    """Python refuses an integer of more than 4,300 digits, with either sign."""
    texts = [sign + b"1" * digits for sign in (b"", b"-") for digits in (4299, 4300, 4301, 4302)]
    faults = [facts.fast.fault for facts in reference.run_facts(texts)]
    assert faults == ["fine", "fine", "syntax", "syntax"] * 2


def test_depth() -> None:
    """1,024 levels are read, 1,025 refused, by both parsers and with either kind of bracket."""
    texts, wanted = [], []
    for depth in (900, 1000, 1023, 1024, 1025, 1026, 100000):
        for opening, inner, closing in ((b"[", b"", b"]"), (b'{"a":', b"1", b"}"), (b"[{\"a\":", b"[]", b"}]")):  # fmt: skip
            levels = depth // 2 if opening.startswith(b"[{") else depth
            texts.append(opening * levels + inner + closing * levels)
            real = 2 * levels + 1 if opening.startswith(b"[{") else depth
            wanted.append("fine" if real <= 1024 else "too-deep")
    found = reference.run_facts(texts)
    assert [facts.fast.fault for facts in found] == wanted
    assert [facts.exact.fault for facts in found] == wanted


def test_a_wrong_reader_is_seen() -> None:
    """The comparison must notice wrong verdicts, positions and values."""
    facts = reference.run_facts([b'{"a": 1}'])[0]
    assert reference.compare(b'{"a": 1}', facts) == ([], "")
    for text in (b'{"a": 2}', b'{"b": 1}', b'{"a": 1', b"[]", b'{"a": "\xff"}'):
        assert reference.compare(text, facts)[0]
