"""Every form of input: rows files as people write them, mixtures, patterns, several paths at once.

The rows that training samples from a mixture are compared with Python's own slices.
"""

from __future__ import annotations

import ctypes
import itertools
import json
import math
import os
import random
import shutil
import time
from pathlib import Path
from typing import Any, Callable, NamedTuple, Sequence

import pytest

from program import GOOD_JPEG, Done, assert_complaint, files_of, make_small, row, run, write_rows

Row = dict[str, Any]


def report_of(*arguments: str | Path, cwd: Path, code: int | None = None) -> dict[str, Any]:
    """Return the JSON report of a run."""
    done = run(*arguments, "-f", "json", "--show", "info", cwd=cwd)
    assert done.code in ((0, 1) if code is None else (code,)), done
    report: dict[str, Any] = json.loads(done.out)
    return report


def text_rows(count: int, name: str = "r") -> list[Row]:
    """Make sound rows without images, all different."""
    return [row(f"{name}-{n}", None, f"Answer {n} of {name}.") for n in range(count)]


def found(report: dict[str, Any]) -> set[tuple[str, str, int | None]]:
    """Return findings about rows and files as (rule, file, row)."""
    return {(f["rule"], f["file"], f.get("row")) for f in report["findings"] if "file" in f}


# ---- how a rows file may be written ----


def faulty_rows() -> list[Row]:
    """Make rows with non-ASCII text, some of them faulty."""
    rows = text_rows(12)
    rows[2]["conversations"][1]["value"] = " "
    rows[5]["conversations"][0]["from"] = "système 😀"
    rows[7] = {"id": "no turns"}
    rows[9]["conversations"][0]["value"] = "日本語 <image>"
    return rows


class Form(NamedTuple):
    name: str
    suffix: str
    write: Callable[[list[Row]], str]


def dumps(value: Any, **how: Any) -> str:
    return json.dumps(value, ensure_ascii=False, **how)


def lines(end: str = "\n", before: str = "", last: str | None = None) -> Callable[[list[Row]], str]:
    def write(rows: list[Row]) -> str:
        return end.join(before + dumps(r) for r in rows) + (end if last is None else last)

    return write


def every_end(rows: list[Row]) -> str:
    ends = itertools.cycle(["\r", "\n", "\r\n", "\r"])
    return "".join(dumps(r) + next(ends) for r in rows)


FORMS = [
    Form("one line", ".json", dumps),
    Form("one line, nothing blank", ".json", lambda rows: dumps(rows, separators=(",", ":"))),
    Form("ascii", ".json", json.dumps),
    *(
        Form(f"indent {indent!r} {end!r}", ".json", lambda rows, i=indent, e=end: dumps(rows, indent=i).replace("\n", e) + e)
        for indent, end in itertools.product((0, 1, 2, 4, 9, "\t", "\t\t"), ("\n", "\r\n"))
    ),
    Form("a row a line", ".json", lambda rows: "[\n" + ",\n".join(map(dumps, rows)) + "\n]\n"),
    Form("a row a line crlf", ".json", lambda rows: "[\r\n" + ",\r\n".join(map(dumps, rows)) + "\r\n]\r\n"),
    Form("commas first", ".json", lambda rows: "[ " + "\n, ".join(map(dumps, rows)) + "\n]"),
    Form("tabs between", ".json", lambda rows: "[\t" + "\t,\t".join(map(dumps, rows)) + "\t]\t"),
    Form("white space around", ".json", lambda rows: "\r\n\t \n" + dumps(rows, indent=3) + "\n\r\t \n"),
    Form("carriage returns", ".json", lambda rows: dumps(rows, indent=1).replace("\n", "\r")),
    Form("jsonl", ".jsonl", lines()),
    Form("jsonl crlf", ".jsonl", lines("\r\n")),
    Form("jsonl without a last line end", ".jsonl", lines(last="")),
    Form("jsonl crlf without a last line end", ".jsonl", lines("\r\n", last="")),
    Form("jsonl indented", ".jsonl", lines(before=" \t ")),
    Form("jsonl trailing blanks", ".jsonl", lines(" \t\n")),
    Form("jsonl carriage returns", ".jsonl", lines("\r")),
    Form("jsonl carriage returns without a last one", ".jsonl", lines("\r", last="")),
    Form("jsonl carriage returns, indented", ".jsonl", lines(" \r", before="\t")),
    Form("jsonl line ends of every kind", ".jsonl", every_end),
]  # fmt: skip
FAULTS = {("CNV306", 2), ("CNV302", 5), ("ROW202", 7), ("TOK403", 9)}


def assert_places(report: dict[str, Any], folder: Path) -> None:
    """Assert that line, column and offset of each finding agree; lines of a JSONL are Python's."""
    for finding in report["findings"]:
        if "file" in finding:
            before = (folder / finding["file"]).read_bytes()[: finding["offset"]]
            if finding["file"].endswith(".jsonl"):
                before = before.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
            assert finding["line"] == before.count(b"\n") + 1, finding
            assert finding["column"] == len(before.split(b"\n")[-1].decode()) + 1, finding


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.name)
def test_forms(form: Form, tmp_path: Path) -> None:
    """The same rows have the same findings, however they are written."""
    rows = faulty_rows()
    path = tmp_path / f"rows{form.suffix}"
    path.write_bytes(form.write(rows).encode())
    report = report_of(path, "--no-index", cwd=tmp_path, code=1)
    assert report["summary"]["rows"] == len(rows)
    marked = {(f["rule"], f["row"]) for f in report["findings"] if f["severity"] != "info"}
    assert FAULTS <= marked and not any(rule.startswith("JSN") for rule, _ in marked)
    assert {r for _, r in marked} == {r for _, r in FAULTS}
    of_rows = [f for f in report["findings"] if "row" in f]
    assert {f["id"] for f in of_rows} == {rows[f["row"]]["id"] for f in of_rows}
    of_file = [f["rule"] for f in report["findings"] if "row" not in f]
    by_return = {"jsonl carriage returns", "jsonl carriage returns without a last one",
                 "jsonl carriage returns, indented", "jsonl line ends of every kind"}  # fmt: skip
    expected = ["JSN119"] if form.name == "white space around" else ["JSN121"] if form.name in by_return else []
    assert of_file == expected
    assert_places(report, tmp_path)
    # exactly the same as in the simplest form
    (tmp_path / "plain.json").write_text(dumps(rows), encoding="utf-8")
    plain = report_of("plain.json", "--no-index", cwd=tmp_path)

    def without_place(report: dict[str, Any]) -> list[tuple[Any, ...]]:
        names = ("rule", "severity", "message", "row", "id", "turn")
        return [tuple(f.get(name) for name in names) for f in report["findings"] if "row" in f]

    assert without_place(report) == without_place(plain)
    for summary in (report["summary"], plain["summary"]):
        summary["trainer"].pop("unloaded")  # depends on the file's name
    for rule in of_file:
        assert report["summary"]["by_rule"].pop(rule) == 1
        report["summary"]["by_severity"]["info"] -= 1
        report["summary"]["listed"] -= 1
    assert report["summary"] == plain["summary"]


@pytest.mark.parametrize("form", ["jsonl", "array"])
def test_what_the_name_does_not_say(form: str, tmp_path: Path) -> None:
    """The content decides how rows are read; a note says that the trainer uses the name."""
    rows = faulty_rows()
    if form == "jsonl":
        (tmp_path / "rows.json").write_text(lines()(rows), encoding="utf-8")
    else:
        (tmp_path / "rows.jsonl").write_text(dumps(rows, indent=1), encoding="utf-8")
    (name,) = os.listdir(tmp_path)
    report = report_of(name, "--no-index", cwd=tmp_path, code=1)
    assert report["summary"]["rows"] == len(rows)
    assert {(rule, name, at) for rule, at in FAULTS} | {("JSN103", name, None)} <= found(report)
    assert report["summary"]["by_rule"]["JSN103"] == 1


BLANK = ["", " ", "\t", "\r", " \t \r"]


@pytest.mark.parametrize("at", [0, 3, 12], ids=["first", "between", "last"])
@pytest.mark.parametrize("blank", BLANK, ids=repr)
def test_a_blank_line(blank: str, at: int, tmp_path: Path) -> None:
    """A blank line is one error for the file; rows keep their numbers, and findings their lines."""
    rows = text_rows(12)
    rows[11]["conversations"][1]["value"] = ""
    made = [dumps(r) for r in rows]
    made.insert(at, blank)
    (tmp_path / "rows.jsonl").write_bytes("".join(f"{line}\n" for line in made).encode())
    report = report_of("rows.jsonl", "--no-index", cwd=tmp_path, code=1)
    assert report["summary"]["rows"] == report["summary"]["rows_ok"] == 12
    by_rule = {f["rule"]: f for f in report["findings"]}
    assert set(by_rule) == {"JSN113", "CNV306"}
    assert by_rule["JSN113"]["severity"] == "error"
    assert by_rule["JSN113"]["line"] == at + 1
    assert by_rule["CNV306"]["row"] == 11
    assert by_rule["CNV306"]["line"] == (12 if at == 12 else 13)
    assert_places(report, tmp_path)


def test_many_blank_lines_are_one_finding(tmp_path: Path) -> None:
    text = "\n\n \n".join(dumps(r) for r in text_rows(50)) + "\n" * 1000
    (tmp_path / "rows.jsonl").write_text(text)
    report = report_of("rows.jsonl", "--no-index", cwd=tmp_path, code=1)
    assert report["summary"]["rows"] == 50 and report["summary"]["by_rule"] == {"JSN113": 1}


def test_blank_lines_are_none_of_an_array(tmp_path: Path) -> None:
    text = "\n\n[\n\n" + ",\n\n".join(dumps(r) for r in text_rows(5)) + "\n\n]\n\n"
    (tmp_path / "rows.json").write_text(text)
    report = report_of("rows.json", "--no-index", cwd=tmp_path, code=0)
    assert report["summary"]["rows"] == 5
    assert [(f["rule"], f["line"]) for f in report["findings"]] == [("JSN119", 1)]  # the lines before it


def test_only_blank_lines(tmp_path: Path) -> None:
    (tmp_path / "rows.jsonl").write_text("\n \n\n")
    report = report_of("rows.jsonl", "--no-index", cwd=tmp_path, code=1)
    assert report["summary"]["rows"] == 0 and "JSN110" in report["summary"]["by_rule"]


# ---- mixtures ----


def quoted(text: str) -> str:
    return json.dumps(text)  # YAML reads it as Python does


def write_mixture(path: Path, entries: Sequence[tuple[str, str | None]]) -> Path:
    """Write a mixture of (json_path, sampling_strategy or None for no strategy)."""
    text = "datasets:\n"
    for json_path, strategy in entries:
        text += f"  - json_path: {quoted(json_path)}\n"
        if strategy is not None:
            text += f"    sampling_strategy: {quoted(strategy)}\n"
    path.write_text(text, encoding="utf-8")
    return path


def draw(strategy: str, count: int) -> int:
    """Return how many of count rows the trainer samples, by slicing a list."""
    rows = list(range(count))
    name, colon, text = strategy.partition(":")
    if not colon:
        return count
    if "%" in text:
        number = math.ceil(int(text[: text.index("%")]) * count / 100)
    else:
        number = int(text)
    if name in ("first", "random"):
        return len(rows[:number])
    return len(rows[-number:]) if name == "end" else count


SAMPLED_BY_HAND = [
    ("all", 7, 7), ("first:0", 7, 0), ("first:3", 7, 3), ("first:7", 7, 7), ("first:99", 7, 7), ("first:-2", 7, 5),
    ("first:-99", 7, 0), ("end:0", 7, 7), ("end:3", 7, 3), ("end:99", 7, 7), ("end:-2", 7, 5), ("end:-7", 7, 0),
    ("end:-99", 7, 0), ("random:0", 7, 0), ("random:3", 7, 3), ("random:-1", 7, 6), ("random:99", 7, 7),
    ("first:10%", 7, 1), ("first:50%", 7, 4), ("end:1%", 7, 1), ("end:0%", 7, 7), ("random:100%", 7, 7), ("first:300%", 7, 7),
    ("first:0%", 7, 0), ("first:-10%", 7, 0), ("first:-20%", 7, 6), ("end:-50%", 7, 4), ("first", 7, 7), ("end", 7, 7), ("random", 7, 7),
    ("last:3", 7, 7), ("First:3", 7, 7), ("first :3", 7, 7), ("", 7, 7), ("first:+3", 7, 3), ("first: 3 ", 7, 3), ("first:1_0", 12, 10),
    ("first:50%of them%", 7, 4), ("first:3", 0, 0), ("end:3", 0, 0), ("first:50%", 0, 0), (":3", 7, 7), ("first:" + "9" * 40, 7, 7),
    ("end:-" + "9" * 40, 7, 0),
]  # fmt: skip


def any_strategy(rng: random.Random) -> str:
    name = rng.choice(["first", "end", "random", "first", "end", "random", "all", "middle", "END"])
    sign = rng.choice(["", "", "", "-", "+"])
    size = rng.choice([2, 20, 50, 120, 10**6, 10**19, 10**30])
    number = f"{sign}{rng.randrange(size + 1)}{rng.choice(['', '', '%'])}"
    return rng.choice([f"{name}:{number}"] * 12 + [name, f"{name}: {number}"])


class Sampled(NamedTuple):
    """An entry of a mixture, and the rows that must be sampled from it."""

    name: str
    strategy: str | None
    rows: int
    sampled: int


def check_sampled(folder: Path, wanted: list[Sampled], *arguments: str) -> None:
    """Make these files and a mixture of them, and check it."""
    for number, entry in enumerate(wanted):
        write_rows(folder / entry.name, text_rows(entry.rows, str(number)))
    write_mixture(folder / "mixture.yaml", [(e.name, e.strategy) for e in wanted])
    report = report_of("mixture.yaml", "--no-index", *arguments, cwd=folder)
    assert report["dataset"]["rows_files"] == [e.name for e in wanted]
    assert [Sampled(f["name"], f.get("sampling_strategy", ""), f["rows"], f["sampled"]) for f in report["dataset"]["files"]] == [
        e._replace(strategy="all" if e.strategy is None else e.strategy) for e in wanted
    ]  # fmt: skip
    assert report["summary"]["rows"] == sum(e.rows for e in wanted)
    assert report["summary"]["rows_sampled"] == sum(e.sampled for e in wanted)


def test_the_copy_of_the_slices() -> None:
    for strategy, rows, sampled in SAMPLED_BY_HAND:
        assert draw(strategy, rows) == sampled, (strategy, rows)


def test_sampling_computed_by_hand(tmp_path: Path) -> None:
    wanted = [Sampled(f"{n}.json", *case) for n, case in enumerate(SAMPLED_BY_HAND)]
    check_sampled(tmp_path, [*wanted, Sampled("none.jsonl", None, 3, 3)])


@pytest.mark.parametrize("seed", [1, 2])
def test_sampling_is_pythons_slicing(seed: int, tmp_path: Path) -> None:
    """Many small files, both .json and .jsonl, each with its own strategy."""
    rng = random.Random(seed)
    wanted = []
    for n in range(400):
        strategy, rows = any_strategy(rng), rng.choice([1, 2, 3, 7, 10, 33])
        name = f"part {n % 5}/{n}.{rng.choice(['json', 'jsonl'])}"
        wanted.append(Sampled(name, strategy, rows, draw(strategy, rows)))
    kinds = {e.strategy.split(":")[0] for e in wanted if e.strategy}
    assert kinds >= {"all", "first", "end", "random"}
    assert any(0 < e.sampled < e.rows for e in wanted)
    check_sampled(tmp_path, wanted, "--threads", "4")


def test_rows_that_are_not_sampled_are_checked(tmp_path: Path) -> None:
    rows = text_rows(5)
    rows[4]["conversations"][1]["value"] = ""
    write_rows(tmp_path / "a.json", rows)
    write_mixture(tmp_path / "m.yaml", [("a.json", "first:1")])
    report = report_of("m.yaml", cwd=tmp_path)
    assert ("CNV306", "a.json", 4) in found(report) and report["summary"]["rows_sampled"] == 1


def test_plain_yaml_as_people_write_it(tmp_path: Path) -> None:
    write_rows(tmp_path / "a.json", text_rows(10, "a"))
    write_rows(tmp_path / "b.jsonl", text_rows(10, "b"))
    text = """
# the mixture of stage 2
name: stage 2
datasets:
    # half of it
    - json_path: a.json   # an array
      sampling_strategy: first:50%
      weight: 3
    - {sampling_strategy: 'end:3', json_path: 'b.jsonl'}
    - json_path: b.jsonl
      sampling_strategy: all
    - json_path: b.jsonl
    - json_path: >-
        a.json
      sampling_strategy: |-
        random:2
"""
    for ending in ("\n", "\r\n"):
        (tmp_path / "m.yml").write_bytes(text.replace("\n", ending).encode())
        files = report_of("m.yml", "--no-index", cwd=tmp_path)["dataset"]["files"]
        assert [f["sampled"] for f in files] == [5, 3, 10, 10, 2]
        assert [f["name"] for f in files] == ["a.json", "b.jsonl", "b.jsonl", "b.jsonl", "a.json"]


def test_anchors_and_aliases(tmp_path: Path) -> None:
    write_rows(tmp_path / "a.json", text_rows(10))
    text = "x: &x {json_path: a.json, sampling_strategy: &s first:4}\ndatasets:\n- *x\n- json_path: a.json\n  sampling_strategy: *s\n"
    (tmp_path / "m.yaml").write_text(text)
    assert report_of("m.yaml", cwd=tmp_path)["summary"]["rows_sampled"] == 8


def test_merge_keys(tmp_path: Path) -> None:
    """yaml.safe_load supports <<: a skipped key must not change the number of sampled rows."""
    write_rows(tmp_path / "a.json", text_rows(10))
    text = "usual: &u\n  sampling_strategy: first:4\ndatasets:\n- <<: *u\n  json_path: a.json\n"
    (tmp_path / "m.yaml").write_text(text)
    done = run("m.yaml", "-f", "json", "--no-index", cwd=tmp_path)
    if done.code == 2:  # refusing it is right, too
        assert_complaint(done, "m.yaml", "line 4")
    else:
        assert json.loads(done.out)["summary"]["rows_sampled"] == 4


def test_where_json_paths_begin(tmp_path: Path) -> None:
    """They are relative to the mixture's folder, else to the working folder, unless they are absolute."""
    for where in ("mixtures", "mixtures/sub", "work", "far", "work/only"):
        write_rows(tmp_path / where / "a.json", text_rows(len(where), where))
    write_rows(tmp_path / "work/only.jsonl", text_rows(3, "only"))
    entries = ["a.json", "sub/a.json", "../far/a.json", str(tmp_path / "far/a.json"), "only/a.json", "only.jsonl"]  # fmt: skip
    write_mixture(tmp_path / "mixtures/m.yaml", [(path, None) for path in entries])
    report = report_of(tmp_path / "mixtures/m.yaml", cwd=tmp_path / "work")
    names = ["a.json", "sub/a.json", "../far/a.json", "../far/a.json", "../work/only/a.json", "../work/only.jsonl"]  # fmt: skip
    assert report["dataset"]["rows_files"] == names
    wanted = [len("mixtures"), len("mixtures/sub"), len("far"), len("far"), len("work/only"), 3]
    assert [f["rows"] for f in report["dataset"]["files"]] == wanted
    assert str(tmp_path) not in json.dumps(report)
    # in another working folder, files are missing
    assert_complaint(run("mixtures/m.yaml", cwd=tmp_path), "m.yaml", "line 6")


def test_a_mixture_with_images(tmp_path: Path) -> None:
    """The image root is found beside the files that the mixture names."""
    make_small(tmp_path / "sets/one")
    write_mixture(tmp_path / "m.yaml", [("sets/one/rows.json", "first:1")])
    report = report_of("m.yaml", cwd=tmp_path, code=0)
    assert report["dataset"]["image_root"] == "sets/one/images"
    assert report["summary"]["images_ok"] == 2 and not report["findings"]


Y = "datasets:\n- json_path: a.json\n"
# (name, text, the line that must be named; for an alias, its anchor's)
MALFORMED: list[tuple[str, str | bytes, int]] = [
    ("nothing", "", 1),
    ("a comment", "# none\n\n", 1),
    ("a merge key beside datasets", "usual: &u {x: 1}\n<<: *u\ndatasets:\n- json_path: a.json\n", 1),
    ("no datasets", "data:\n- json_path: a.json\n", 1),
    ("a list", "- json_path: a.json\n", 1),
    ("a word", "a.json\n", 1),
    ("datasets is a mapping", "x: 1\ndatasets:\n  json_path: a.json\n", 3),
    ("datasets is a path", "x: 1\n\ndatasets: a.json\n", 3),
    ("datasets is null", "x: 1\ndatasets:\n", 2),
    ("datasets is empty", "x: 1\ndatasets: []\n", 2),
    ("an entry is a path", f"{Y}- a.json\n", 3),
    ("an entry is a list", f"{Y}- [a.json]\n", 3),
    ("an entry is null", f"{Y}-\n", 3),
    ("no json_path", f"{Y}- sampling_strategy: all\n", 3),
    ("a json_path that is null", f"{Y}- json_path:\n", 3),
    ("a json_path that is ~", f"{Y}- json_path: ~\n", 3),
    ("a json_path that is a list", f"{Y}- json_path: [a.json]\n", 3),
    ("a json_path that is empty", f'{Y}- json_path: ""\n', 3),
    ("no such file", f"{Y}- sampling_strategy: all\n  json_path: b.json\n", 4),
    ("a folder", f"{Y}- json_path: folder.json\n", 3),
    ("no regular file", f"{Y}- json_path: fifo.json\n", 3),
    ("another suffix", f"{Y}- json_path: a.parquet\n", 3),
    ("no suffix", f"{Y}- json_path: a\n", 3),
    ("another mixture", f"{Y}- json_path: m.yaml\n", 3),
    ("a pattern", f'{Y}- json_path: "{{a,a}}.json"\n', 3),
    ("NUL in a path", f'{Y}- json_path: "a.json\\0.json"\n', 3),
    ("first:x", f"{Y}  sampling_strategy: first:x\n", 3),
    ("all:x", f"{Y}  sampling_strategy: all:x\n", 3),
    ("unknown:x", f"{Y}  sampling_strategy: unknown:x\n", 3),
    ("a:b:c", f"{Y}  sampling_strategy: a:b:c\n", 3),
    ("first:1:", f'{Y}  sampling_strategy: "first:1:"\n', 3),
    ("first:", f'{Y}  sampling_strategy: "first:"\n', 3),
    ("first:%", f'{Y}  sampling_strategy: "first:%"\n', 3),
    ("first:1.5", f"{Y}  sampling_strategy: first:1.5\n", 3),
    ("first:1.5%", f"{Y}  sampling_strategy: first:1.5%\n", 3),
    ("first:1e3", f"{Y}  sampling_strategy: first:1e3\n", 3),
    ("first:1 0", f"{Y}  sampling_strategy: first:1 0\n", 3),
    ("first:--1", f"{Y}  sampling_strategy: first:--1\n", 3),
    ("first:_1", f"{Y}  sampling_strategy: first:_1\n", 3),
    ("first:1__0", f"{Y}  sampling_strategy: first:1__0\n", 3),
    ("first:0x10", f"{Y}  sampling_strategy: first:0x10\n", 3),
    ("a strategy that is null", f"{Y}  sampling_strategy:\n", 3),
    ("a strategy that is a list", f"{Y}  sampling_strategy: [first:1]\n", 3),
    ("a tab", f"{Y}\t- json_path: a.json\n", 3),
    ("a colon too many", f"{Y}  sampling_strategy: first: 1\n", 3),
    ("an open bracket", f"{Y}- {{json_path: a.json\n", 4),
    ("an open quote", f'{Y}- json_path: "a.json\n\n', 5),
    ("wrong indent", f"{Y}   json_path: a.json\n", 3),
    ("no such anchor", f"{Y}- *a\n", 3),
    ("itself", "datasets: &d\n- *d\n", 1),
    ("bytes", bytes(random.Random(1).randbytes(100_000)), 1),
    ("NUL", bytes(1000), 1),
    ("a control character", f"{Y}- json_path: a\x01.json\n", 3),
    ("not UTF-8", Y.encode() + b"- json_path: \xe9.json\n", 3),
    ("an image", GOOD_JPEG.read_bytes(), 1),
    ("huge", b"# " + b"x" * (17 << 20), 1),
    ("long path", f"{Y}- json_path: {'x' * 100_000}.json\n", 3),
    ("nested flow", "[" * 2_000_000, 1),
    ("nested blocks", "".join(" " * n + "a:\n" for n in range(3000)), 1),
    ("a billion laughs", "a0: &a0 [x]\n" + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 60)) + "datasets: *a59\n", 59),
]  # fmt: skip


@pytest.mark.parametrize("name, text, line", MALFORMED, ids=[name for name, _, _ in MALFORMED])
def test_malformed_mixtures(name: str, text: str | bytes, line: int, tmp_path: Path) -> None:
    """The error is one line with the mixture's name and the line in it; nothing is written."""
    write_rows(tmp_path / "a.json", text_rows(3))
    shutil.copy(tmp_path / "a.json", tmp_path / "a.parquet")
    (tmp_path / "folder.json").mkdir()
    os.mkfifo(tmp_path / "fifo.json")
    mixture = tmp_path / "m.yaml"
    mixture.write_bytes(text.encode() if isinstance(text, str) else text)
    names = sorted(os.listdir(tmp_path))
    began = time.monotonic()
    done = run("m.yaml", "-o", "r.json", cwd=tmp_path, timeout=20)
    assert time.monotonic() - began < 10
    assert done.out == b"" and sorted(os.listdir(tmp_path)) == names
    if name in ("bytes", "NUL", "an image", "wrong indent", "nested blocks"):
        assert_complaint(done, "m.yaml", "line ")  # the line number comes from the YAML library
    else:
        assert_complaint(done, "m.yaml", f"line {line}:")


def test_a_mixture_that_may_not_be_one(tmp_path: Path) -> None:
    (tmp_path / "folder.yaml").mkdir()
    os.mkfifo(tmp_path / "fifo.yaml")
    assert_complaint(run("nowhere.yaml", cwd=tmp_path), "nowhere.yaml: no such file or folder")
    assert_complaint(run("folder.yaml", cwd=tmp_path), "folder.yaml", "no rows found")
    assert_complaint(run("fifo.yaml", cwd=tmp_path, timeout=10), "fifo.yaml", "neither a regular file")


def test_mixture_names_with_control_characters(tmp_path: Path) -> None:
    (tmp_path / "a\n\x1b[31m.yaml").write_text("x: 1\n")
    assert_complaint(run("a\n\x1b[31m.yaml", cwd=tmp_path), "line 1")


# ---- patterns ----


def test_pattern(tmp_path: Path) -> None:
    for name in ("a", "b", "with space", "sub/c"):
        write_rows(tmp_path / f"data/part-{name}.json", text_rows(2, name))

    def names(pattern: str, *more: str) -> list[str]:
        report = report_of("check", pattern, *more, "--no-index", cwd=tmp_path, code=0)
        files = report["dataset"]["files"]
        assert [f["name"] for f in files] == report["dataset"]["rows_files"]
        assert all(f["rows"] == f["sampled"] == 2 and set(f) == {"name", "rows", "dialect", "sampled"} for f in files)
        assert report["summary"]["rows"] == report["summary"]["rows_sampled"] == 2 * len(files)
        return [str(f["name"]) for f in files]

    assert names("data/part-{a,b}.json") == ["part-a.json", "part-b.json"]
    assert names("data/part-{b,a}.json") == ["part-b.json", "part-a.json"]
    assert names("./data//part-{b}.json") == ["part-b.json"]
    assert names("data/{part-a,part-sub/c}.json") == ["part-a.json", "part-sub/c.json"]
    assert names("data/part-{with space,a}.json") == ["part-with space.json", "part-a.json"]
    assert names(str(tmp_path / "data/part-{a,b}.json")) == ["part-a.json", "part-b.json"]
    assert names("data/part-{a}.json", "data/part-{b}.json") == ["part-a.json", "part-b.json"]
    # an existing file of that name is not a pattern
    write_rows(tmp_path / "data/part-{a,b}.json", text_rows(2, "itself"))
    assert names("data/part-{a,b}.json") == ["part-{a,b}.json"]


def test_pattern_as_the_first_of_several_paths(tmp_path: Path) -> None:
    for name in "abc":
        write_rows(tmp_path / f"{name}.json", text_rows(2, name))
    for paths in (["{a,b}.json", "c.json"], ["{a,b}.json", "{c}.json"]):
        done = run(*paths, "-f", "json", "--no-index", cwd=tmp_path)
        assert done.code == 0, done.err
        assert json.loads(done.out)["dataset"]["rows_files"] == ["a.json", "b.json", "c.json"]


@pytest.mark.parametrize(
    "pattern, missing",
    [("{a,no}.json", "no.json"), ("{}.json", ".json"), ("{a,}.json", ".json"), ("{a, a}.json", " a.json"), ("{a,fifo}.json", "fifo.json"), ("{a,folder}.json", "folder.json")],
)  # fmt: skip
def test_pattern_of_what_is_not_there(pattern: str, missing: str, tmp_path: Path) -> None:
    write_rows(tmp_path / "a.json", text_rows(1))
    (tmp_path / "folder.json").mkdir()
    os.mkfifo(tmp_path / "fifo.json")
    assert_complaint(run(pattern, cwd=tmp_path, timeout=10), f"{pattern}: ", f" {missing}")
    assert not (tmp_path / ".llava-check").exists()


@pytest.mark.parametrize("path", ["{a,a}.jsonl", "{a,a}", "a}.json", "{a.json", "}a{.json", "{a,a}.json/x"])
def test_what_is_no_pattern(path: str, tmp_path: Path) -> None:
    write_rows(tmp_path / "a.json", text_rows(1))
    write_rows(tmp_path / "a.jsonl", text_rows(1))
    assert_complaint(run(path, cwd=tmp_path), f"{path}: no such file or folder")


# ---- several paths ----


@pytest.fixture
def sets(tmp_path: Path) -> Path:
    """Make two folders with two rows files each, and files beside them."""
    for name in ("one/a.json", "one/b.jsonl", "two/a.json", "two/c.json", "x.json", "y.jsonl"):
        write_rows(tmp_path / name, text_rows(3, name))
    return tmp_path


def test_several_paths(sets: Path) -> None:
    def names(*paths: str, cwd: Path = sets) -> list[str]:
        report = report_of(*paths, "--no-index", cwd=cwd, code=0)
        assert report["summary"]["rows"] == 3 * len(report["dataset"]["files"])
        return list(report["dataset"]["rows_files"])

    assert names("x.json", "y.jsonl") == ["x.json", "y.jsonl"]
    assert names("y.jsonl", "x.json") == ["y.jsonl", "x.json"]
    assert names("one", "two") == ["a.json", "b.jsonl", "../two/a.json", "../two/c.json"]
    assert names("one/a.json", "two") == ["a.json", "../two/a.json", "../two/c.json"]
    assert names("x.json", "one", "./two//") == ["x.json", "one/a.json", "one/b.jsonl", "two/a.json", "two/c.json"]  # fmt: skip
    assert names("one", "x.json") == ["a.json", "b.jsonl", "../x.json"]
    assert names("../x.json", "a.json", cwd=sets / "one") == ["x.json", "one/a.json"]


def test_several_paths_of_every_kind(sets: Path) -> None:
    write_mixture(sets / "m.yaml", [("x.json", "first:1"), ("two/c.json", None)])
    paths = ["y.jsonl", "m.yaml", "one", "two/{c,a}.json"]
    files = report_of(*paths, cwd=sets)["dataset"]["files"]
    assert files == [
        {"name": "y.jsonl", "rows": 3, "dialect": "llava", "sampled": 3},
        {"name": "x.json", "rows": 3, "dialect": "llava", "sampling_strategy": "first:1", "sampled": 1},
        {"name": "two/c.json", "rows": 3, "dialect": "llava", "sampling_strategy": "all", "sampled": 3},
        {"name": "one/a.json", "rows": 3, "dialect": "llava", "sampled": 3},
        {"name": "one/b.jsonl", "rows": 3, "dialect": "llava", "sampled": 3},
        {"name": "two/c.json", "rows": 3, "dialect": "llava", "sampled": 3},
        {"name": "two/a.json", "rows": 3, "dialect": "llava", "sampled": 3},
    ]


def findings_by_rule(report: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    by_rule: dict[str, list[dict[str, Any]]] = {}
    for finding in report["findings"]:
        by_rule.setdefault(finding["rule"], []).append(finding)
    return by_rule


def test_ids_and_rows_are_compared_over_all_files(tmp_path: Path) -> None:
    same, picture = row("same", None), row("same", "a.jpg")
    write_rows(tmp_path / "one.json", [row("1", None, "Else."), same])
    write_rows(tmp_path / "sub/two.jsonl", [{**same, "id": "other"}, picture, row("same", "b.jpg", "Two.")])
    write_rows(tmp_path / "three.json", [row("3", None, "No."), row("same", "b.jpg"), {**same, "id": "third"}])
    report = report_of("one.json", "sub", "three.json", "--no-images", "--ignore", "SET605", cwd=tmp_path, code=0)
    by_rule = findings_by_rule(report)
    assert set(by_rule) == {"ROW206", "ROW207", "ROW210"}
    users = [("one.json", 1, 2), ("sub/two.jsonl", 1, 2), ("sub/two.jsonl", 2, 3)]
    for rule in ("ROW206", "ROW207"):
        (finding,) = by_rule[rule]
        assert finding["id"] == "same" and finding["rows"]["count"] == 4
        assert [tuple(u.values()) for u in finding["rows"]["first"]] == users
    assert [(f["file"], f["row"], f["id"]) for f in by_rule["ROW210"]] == [
        ("sub/two.jsonl", 0, "other"),
        ("three.json", 2, "third"),
    ]
    for finding in by_rule["ROW210"]:  # the first such row, in the other file
        assert "one.json" in finding["message"] and "row 1" in finding["message"]
        assert "line 2" in finding["message"]


def ids_report(folder: Path, *files: list[tuple[str, str | None]]) -> dict[str, list[str]]:
    """Return messages by rule for files of rows with these ids and images; no two rows are equal."""
    number = 0
    for name, ids in zip("abcdefgh", files, strict=False):
        rows = []
        for ident, image in ids:
            number += 1
            rows.append(row(ident, image, f"Answer {number}."))
        write_rows(folder / f"{name}.jsonl", rows)
    reports = []
    for options in ([], [], ["--recheck"], ["--no-index", "--threads", "8"]):  # the second run takes everything from the index
        report = report_of(".", "--no-images", "--ignore", "SET605", *options, cwd=folder, code=0)
        found = findings_by_rule(report)
        reports.append({rule: [f["message"] for f in findings] for rule, findings in found.items()})
        assert not any(f.keys() & {"id", "rows", "file"} for f in found.get("ROW214", []))
    assert reports[0] == reports[1] == reports[2] == reports[3]
    return reports[0]


def test_ids_that_repeat_across_files_only_are_one_note(tmp_path: Path) -> None:
    found = ids_report(
        tmp_path,
        [("x", "x.jpg"), ("7", "1.jpg"), ("y", None)],
        [("z", None)],
        [("7", "2.jpg"), ("w", None), ("y", None)],
        [("v", None)],
        [("y", None)],
        [("7", None)],
    )
    assert found == {"ROW214": ["once per file: 2 ids, such as '7', in 'a.jsonl', 'c.jsonl', 'e.jsonl' and 1 more"]}


def test_an_id_that_one_file_repeats_is_a_warning(tmp_path: Path) -> None:
    """Images are compared within the file: the row with this id in the other file names another image."""
    found = ids_report(tmp_path, [("7", "1.jpg"), ("7", "1.jpg"), ("y", None)], [("7", "2.jpg"), ("y", None)])
    assert found == {
        "ROW206": ["id '7' is used by 3 rows"],
        "ROW214": ["once per file: 1 id, such as 'y', in 'a.jsonl', 'b.jsonl'"],
    }


def test_images_of_an_id_differ_in_the_last_file(tmp_path: Path) -> None:
    found = ids_report(tmp_path, [("7", "1.jpg")], [("7", "2.jpg")], [("7", "1.jpg"), ("7", None), ("7", "2.jpg")])
    assert found == {
        "ROW206": ["id '7' is used by 5 rows"],
        "ROW207": ["the rows with id '7' name different images"],
    }


def test_answers_are_compared_over_all_files_and_runs(tmp_path: Path) -> None:
    """A file whose rows are reused from the earlier index counts like one that is read."""
    def ask(ident: str, image: str, answer: str) -> Row:
        return row(ident, image, answer)

    write_rows(tmp_path / "a.jsonl", [ask("1", "x.jpg", "Red."), ask("2", "y.jpg", "One."), ask("3", "x.jpg", "Red. ")])
    write_rows(tmp_path / "b.jsonl", [ask("4", "y.jpg", "Two."), ask("5", "z.jpg", "No."), ask("6", "x.jpg", "Blue.")])
    old = time.time() - 60
    for name in ("a.jsonl", "b.jsonl"):
        os.utime(tmp_path / name, (old, old))

    def found(*options: str) -> list[tuple[str, int, str]]:
        report = report_of(".", "--no-images", "--select", "SET605", *options, cwd=tmp_path, code=0)
        return [(f["file"], f["row"], f["message"]) for f in report["findings"]]

    wanted = [
        ("a.jsonl", 0, "3 rows give 3 answers; another is in row 2 of 'a.jsonl', line 3"),
        ("a.jsonl", 1, "2 rows give 2 answers; another is in row 0 of 'b.jsonl', line 1"),
    ]
    assert found() == found() == found("--recheck") == found("--threads", "8", "--no-index") == wanted
    write_rows(tmp_path / "b.jsonl", [ask("4", "y.jpg", "One."), ask("6", "x.jpg", "Blue.")])
    assert found() == wanted[:1] == found("--no-index")


def test_a_repeated_row_of_one_file_names_no_file(tmp_path: Path) -> None:
    write_rows(tmp_path / "one.json", [row("1", None), row("2", None)])
    (finding,) = report_of("one.json", cwd=tmp_path)["findings"]
    assert finding["rule"] == "ROW210" and "one.json" not in finding["message"]


def test_the_same_file_twice(sets: Path) -> None:
    """Each row repeats itself, and none is lost."""
    report = report_of("x.json", "./x.json", cwd=sets)
    assert report["summary"]["rows"] == 6
    assert report["summary"]["by_rule"] == {"ROW210": 3, "ROW214": 1}


# ---- the index for each way to name paths ----

WAYS = [
    ["one"], ["one/a.json"], ["one/a.json", "two/a.json"], ["two/a.json", "one/a.json"], ["one", "two"], ["one", "two/a.json"],
    ["one/a.json", "x.json", "y.jsonl"], ["m.yaml"], ["m.yaml", "x.json"], ["check", "two/{a,c}.json"], ["check", "two/{c,a}.json"],
    ["x.json"], ["y.jsonl"],
]  # fmt: skip


def test_each_way_has_an_index_of_its_own(sets: Path) -> None:
    """All are checked before the first is used again, so none has replaced another."""
    write_mixture(sets / "m.yaml", [("x.json", "end:1"), ("two/c.json", "random:50%")])
    said: dict[int, Done] = {}
    for number, way in enumerate(WAYS):
        said[number] = run(*way, "-f", "json", cwd=sets)
        assert said[number].code == 0, said[number].err
    assert len({done.out for done in said.values()}) == len(WAYS)
    assert len(list(sets.rglob("index.mdb"))) == len(WAYS)
    for number, way in enumerate(WAYS):
        paths = way[1:] if way[0] == "check" else way
        assert run("report", *paths, "-f", "json", cwd=sets) == said[number], way
        stats = run("index", "stats", *paths, cwd=sets)
        report = json.loads(said[number].out)
        assert stats.code == 0 and not stats.err
        numbers = dict(line.rsplit(None, 1) for line in stats.out.decode().splitlines()[:2])
        assert {k.strip(): int(v) for k, v in numbers.items()} == {
            "rows files": len(report["dataset"]["files"]),
            "rows": report["summary"]["rows"],
        }
    # the same paths, spelled differently
    for typed in (["./one//a.json", "two/../two/a.json"], [str(sets / "one/a.json"), "two/a.json"]):
        assert run("report", *typed, "-f", "json", cwd=sets) == said[2], typed


def test_paths_that_were_not_checked_together_have_no_index(sets: Path) -> None:
    assert run("x.json", "y.jsonl", "-q", cwd=sets).code == 0
    for paths in (["y.jsonl", "x.json"], ["x.json"], ["x.json", "y.jsonl", "one"], ["x.json", "one"]):
        for command in (["report"], ["index", "stats"]):
            done = run(*command, *paths, cwd=sets)
            assert_complaint(done, paths[0], "run llava-check on it first")


def test_several_paths_are_not_touched(sets: Path) -> None:
    before = files_of(sets)
    assert run("one", "two/a.json", "x.json", "-q", "--index", "kept", cwd=sets).code == 0
    assert run("report", "kept", "-q", cwd=sets).code == 0
    after = {name: entry for name, entry in files_of(sets).items() if not name.startswith("kept")}
    assert after == before


# ---- --no-images, --videos ----

IN_OPEN, IN_ACCESS = 0x20, 0x01


class Watch:
    """Records with inotify which files of folders are opened or read."""

    def __init__(self, *folders: Path) -> None:
        self.libc = ctypes.CDLL(None, use_errno=True)
        self.fd = self.libc.inotify_init1(os.O_NONBLOCK)
        assert self.fd >= 0
        for folder in folders:
            assert self.libc.inotify_add_watch(self.fd, os.fsencode(folder), IN_OPEN | IN_ACCESS) >= 0

    def seen(self) -> set[str]:
        """Return the names since the last call; folders themselves have none."""
        names = set()
        try:
            data = os.read(self.fd, 1 << 20)
        except BlockingIOError:
            return names
        while data:
            size = int.from_bytes(data[12:16], "little")
            names.add(data[16 : 16 + size].rstrip(b"\0").decode())
            data = data[16 + size :]
        return names - {""}


def make_watched(folder: Path) -> Path:
    make_small(folder)
    (folder / "images/bad.jpg").write_bytes(b"no picture")
    (folder / "videos").mkdir()
    (folder / "videos/v.mp4").write_bytes(b"film")
    film = row("film", "none.jpg")
    del film["image"]
    rows = [row("a", "a.jpg"), row("b", "b.png"), row("bad", "bad.jpg"), row("none", "none.jpg")]
    for number, made in enumerate(rows):
        made["conversations"][1]["value"] = f"Answer {number}."
    rows += [{**film, "video": video, "id": video, "conversations": [*film["conversations"], *row(0, None, video)["conversations"]]} for video in ("v.mp4", "none.mp4")]  # fmt: skip
    write_rows(folder / "rows.json", rows)
    return folder


def test_no_images_looks_at_no_file(tmp_path: Path) -> None:
    folder = make_watched(tmp_path / "set")
    watch = Watch(folder / "images", folder / "videos")
    report = report_of("set", "--no-images", cwd=tmp_path, code=0)
    assert watch.seen() == set()
    summary = report["summary"]
    assert summary["rows"] == summary["rows_ok"] == 6
    assert summary["images_referenced"] == 4
    assert summary["images"] == summary["images_ok"] == summary["image_bytes"] == 0
    assert summary["by_rule"] == {"ROW211": 2}
    # with images
    report = report_of("set", cwd=tmp_path, code=1)
    assert watch.seen() == {"a.jpg", "b.png", "bad.jpg"}
    assert report["summary"]["by_rule"] == {"ROW211": 2, "ROW212": 1, "IMG501": 1, "IMG506": 1}


def test_no_images_still_checks_rows(tmp_path: Path) -> None:
    rows = [row("a", "../a.jpg"), {**row("b", "b.jpg"), "image": 7}, row("c", "c.jpg", " ")]
    write_rows(tmp_path / "rows.json", rows)
    report = report_of("rows.json", "--no-images", cwd=tmp_path, code=1)
    assert {("ROW208", "rows.json", 1), ("CNV306", "rows.json", 2)} <= found(report)
    assert not any(rule.startswith("IMG50") and rule != "IMG503" for rule in report["summary"]["by_rule"])


def test_no_images_does_not_spoil_the_next_run(tmp_path: Path) -> None:
    """The index of a run without images must not be mistaken for one with images."""
    make_watched(tmp_path / "set")
    whole = run("set", "-f", "json", "--no-index", cwd=tmp_path)
    bare = run("set", "-f", "json", "--no-index", "--no-images", cwd=tmp_path)
    assert whole.out != bare.out
    for option, wanted in ((["--no-images"], bare), ([], whole), (["--no-images"], bare), ([], whole)):
        # except for the notice of images that are old enough to be reused
        assert run("set", "-f", "json", *option, cwd=tmp_path)[:2] == wanted[:2]
        assert run("report", "set", "-f", "json", cwd=tmp_path)[:2] == wanted[:2]


def test_no_images_with_image_options(tmp_path: Path) -> None:
    """A named root must still exist."""
    make_watched(tmp_path / "set")
    assert run("set", "--no-images", "--images", "set/images", "-q", cwd=tmp_path).code == 0
    assert_complaint(run("set", "--no-images", "--images", "nowhere", cwd=tmp_path), "nowhere")
    assert_complaint(run("set", "--no-images", "--videos", "nowhere", cwd=tmp_path), "nowhere")
    assert_complaint(run("set", "--no-images=1", cwd=tmp_path), "--no-images takes no value")


def film_row(video: Any) -> Row:
    return {**row(str(video), None, f"A film: {video}."), "video": video}


def test_videos_option(tmp_path: Path) -> None:
    videos = tmp_path / "films/all"
    (videos / "frames").mkdir(parents=True)
    (videos / "v.mp4").write_bytes(b"film")
    (videos / "empty.mp4").write_bytes(b"")
    (videos / "loop.mp4").symlink_to("loop.mp4")
    named = ["v.mp4", "frames", "empty.mp4", "none.mp4", "loop.mp4", "../all/v.mp4", str(videos / "v.mp4"), "", ["v.mp4"], ["v.mp4", "none.mp4"], 7]  # fmt: skip
    write_rows(tmp_path / "set/rows.json", [film_row(video) for video in named])

    def missing(*arguments: str) -> set[int]:
        report = report_of("set", "--no-index", *arguments, cwd=tmp_path)
        assert report["summary"]["by_rule"]["ROW211"] == len(named)
        return {f["row"] for f in report["findings"] if f["rule"] == "ROW212"}

    for typed in ("films/all", "./films//all/", str(videos)):
        assert missing("--videos", typed) == {2, 3, 4, 5, 6, 7, 9, 10}, typed
    assert missing("--videos", "films") == {n for n in range(11)}
    assert missing() == {n for n in range(11)}
    # detected, if it is beside the rows
    shutil.move(videos, tmp_path / "set/clips")
    assert missing() - {5, 6} == {2, 3, 4, 7, 9, 10}


# ---- wrong uses ----

WRONG: list[tuple[list[str], list[str]]] = [
    (["x.json", "nowhere.json"], ["nowhere.json: no such file or folder"]),
    (["check", "x.json", "nowhere.json"], ["nowhere.json: no such file or folder"]),
    (["check", "nowhere.json", "x.json"], ["nowhere.json: no such file or folder"]),
    (["one", "x.json", "two", "nowhere"], ["nowhere: no such file or folder"]),
    (["x.json", "m.yaml"], ["m.yaml", "line 3"]),
    (["x.json", "empty"], ["empty: ", "no rows found"]),
    (["x.json", "fifo.json"], ["fifo.json: ", "neither a regular file"]),
    (["x.json", "{x,z}.json"], ["{x,z}.json: ", "z.json"]),
    (["x.json", ""], ["empty"]),
    (["x.json", "-"], ["standard input"]),
    (["x.json", "/dev/null"], ["/dev/null: "]),
    (["nowhere.json", "x.json"], ["nowhere.json"]),
    (["x.json", "--videos", "nowhere"], ["nowhere"]),
    (["x.json", "--videos", "y.jsonl"], ["y.jsonl"]),
    (["x.json", "--videos", ""], ["--videos"]),
    (["x.json", "--videos"], ["--videos requires"]),
    (["x.json", "--images", "x.json"], ["x.json"]),
    (["x.json", "y.jsonl", "-o", "y.jsonl"], ["y.jsonl"]),
    (["x.json", "y.jsonl", "-o", "x.json"], ["x.json"]),
    (["m2.yaml", "-o", "x.json"], ["x.json"]),
    (["report", "x.json", "--videos", "one"], ["'report' does not accept --videos"]),
    (["report", "x.json", "--no-images"], ["'report' does not accept --no-images"]),
    (["report", "x.json", "nowhere.json"], ["run llava-check on it first"]),
    (["index", "stats", "x.json", "--no-images"], ["--no-images"]),
]


@pytest.mark.parametrize("arguments, parts", WRONG, ids=[" ".join(a) for a, _ in WRONG])
def test_wrong_uses(arguments: list[str], parts: list[str], sets: Path) -> None:
    """The message names the wrong path among several; nothing is written."""
    (sets / "empty").mkdir()
    os.mkfifo(sets / "fifo.json")
    (sets / "m.yaml").write_text("datasets:\n- json_path: x.json\n- json_path: none.json\n")
    write_mixture(sets / "m2.yaml", [("x.json", None)])
    before = files_of(sets)
    done = run(*arguments, cwd=sets, timeout=10)
    assert_complaint(done, *parts)
    assert done.out == b"" and files_of(sets) == before
