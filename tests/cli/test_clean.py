"""clean: rows that train are copied byte for byte, and checked before the result gets its name; nothing is lost.

LC_CLEAN_FILES is the number of mutated files to compare with Python.
"""

from __future__ import annotations

import json
import os
import random
import re
import resource
import shutil
import signal
import subprocess
import time
from collections import Counter
from pathlib import Path
from typing import Any, Callable, NamedTuple, Sequence

import pytest
import xxhash
from PIL import Image
from program import (
    DEMO, FIXTURES, GOOD_JPEG, GOOD_PNG, READS_LLAVA, TIMEOUT_S, Aged, Done, assert_complaint, copy_fixture, files_of, make_small, moments,
    program, row, run, unprivileged, write_rows,
)  # fmt: skip
from test_trainers import EFFECTS

SANITIZED = bool(os.environ.get("LC_SANITIZE"))
MUTATED_FILES = int(os.environ.get("LC_CLEAN_FILES") or (8 if SANITIZED else 60))
KILLS = 4 if SANITIZED else 15
ALL_EFFECTS = "crash,replaced,altered,unknown"
SIDES = ["dropped.jsonl", "refetch.txt", "report.json"]
FIXTURES_AT_LEAST = 550


class Row(NamedTuple):
    """A row of a rows file as read by Python: its value and its text."""

    value: Any
    text: bytes


class Result(NamedTuple):
    """What clean left beside OUT."""

    report: dict[str, Any]
    dropped: list[dict[str, Any]]
    refetch: list[list[str]]

    def places(self) -> list[tuple[str, int]]:
        return [(d["file"], d["row"]) for d in self.dropped]

    def codes(self) -> Counter[str]:
        return Counter(reason["rule"] for d in self.dropped for reason in d["reasons"])


def rows_in(path: Path) -> list[Row]:
    """Read a rows file as the trainers' loaders do, and find the text of each row."""
    data = path.read_bytes()
    if path.suffix == ".jsonl":
        return [Row(json.loads(line), line.strip().encode()) for line in path.open(encoding="utf-8", newline=None)]
    text = data.decode()
    values = json.loads(text)
    assert isinstance(values, list)
    decoder, rows, at = json.JSONDecoder(), [], text.index("[") + 1
    for value in values:
        at += len(text[at:]) - len(text[at:].lstrip(" \t\r\n,"))
        _, end = decoder.raw_decode(text, at)
        rows.append(Row(value, text[at:end].encode()))
        at = end
    return rows


def read_result(out: Path) -> Result:
    report = json.loads(out.with_name(out.name + ".report.json").read_text())
    dropped = [json.loads(line) for line in out.with_name(out.name + ".dropped.jsonl").open(encoding="utf-8")]
    refetch = [line.split("\t") for line in out.with_name(out.name + ".refetch.txt").read_text().splitlines()]
    rows = report["rows"]
    assert rows["in"] == rows["kept"] + rows["fixed"] + rows["dropped"] + rows["not_sampled"]
    assert rows["kept"] == sum(f["rows"] for f in report["files"]) == sum(report["effects"].values())
    assert rows["dropped"] == len(dropped) and report["refetch"] == len(refetch)
    assert all(d["reasons"] for d in dropped)
    return Result(report, dropped, refetch)


def bytes_of(dropped: dict[str, Any]) -> bytes:
    return dropped["bytes"].encode("utf-8", "surrogateescape")


def clean(source: str | Path, out: str | Path, *options: str, cwd: Path) -> Result:
    done = run("clean", source, "-o", out, "--no-index", *options, cwd=cwd)
    assert done.code == 0, done
    return read_result(cwd / out)


def assert_slices(source: bytes, pieces: Sequence[bytes]) -> None:
    """Assert that pieces are slices of the source, in order and without overlaps."""
    at = 0
    for piece in pieces:
        found = source.find(piece, at)
        assert found >= 0, piece[:200]
        at = found + len(piece)


def assert_nothing_written(folder: Path, *names: str) -> None:
    """Assert that there is no result, not even an unfinished one."""
    left = [p.name for p in folder.iterdir() if p.name.startswith(("out", *SIDES))]
    assert sorted(left) == sorted(names)


@pytest.fixture(name="demo")
def made_demo(tmp_path: Path) -> Path:
    copy_fixture(DEMO, tmp_path / "demo")
    return tmp_path


def make_three_rows(folder: Path) -> Path:
    """Make three rows in raw/, the second of which has no image, with the images beside them."""
    (folder / "images").mkdir()
    shutil.copy(GOOD_JPEG, folder / "images/a.jpg")
    shutil.copy(GOOD_PNG, folder / "images/b.png")
    write_rows(folder / "raw/rows.json", [row("a", "a.jpg"), row("x", "gone.jpg"), row("b", "b.png")])
    return folder


@pytest.fixture(name="small")
def made_small(tmp_path: Path) -> Path:
    return make_three_rows(tmp_path)


@pytest.fixture(name="aged", scope="module", autouse=True)
def made_aged(tmp_path_factory: pytest.TempPathFactory) -> Aged:
    """Folders with three rows each, old enough to be trusted; images are also in other/."""
    folders = [make_three_rows(tmp_path_factory.mktemp("aged")) for _ in [None, *CHANGES, *OTHER_OPTIONS]]
    for folder in folders:
        shutil.copytree(folder / "images", folder / "other")
    return Aged(folders)


ROOT = ["--images", "images"]

# ---- what is kept


@pytest.mark.parametrize("trainer", READS_LLAVA)
def test_every_row_of_the_cleaned_demo_is_trained_as_written(trainer: str, demo: Path) -> None:
    result = clean("demo", "out.json", "--for", trainer, "--drop", ALL_EFFECTS, cwd=demo)
    again = run("out.json", "--images", "demo/images", "--trainer", trainer, "--no-index", cwd=demo)
    kept = result.report["rows"]["kept"]
    assert 20 < kept < 40
    said = again.out.decode()  # one program loads no .json
    assert f"all {kept} rows as written" in said or f"{kept} of {kept} rows would be trained as written" in said
    assert result.report["effects"] == {"fine": kept, **dict.fromkeys(EFFECTS[:-1], 0)}
    # Python reads the same in the copy as in the source
    source = (demo / "demo/llava_demo.json").read_bytes()
    kept_rows = rows_in(demo / "out.json")
    assert_slices(source, [r.text for r in kept_rows])
    assert_slices(source, [bytes_of(d) for d in result.dropped])
    assert len(kept_rows) == kept


def test_what_is_printed(demo: Path) -> None:
    done = run("clean", "demo", "-o", "out.json", "--for", "llava-next", "--no-index", cwd=demo)
    assert done == Done(0, done.out, "")
    lines = done.out.decode().splitlines()
    assert lines[1] == "  rows      43 in = 35 kept + 0 fixed + 8 dropped"
    assert "            1  IMG501 image-missing: replaced" in lines
    assert "  wrote     out.json: 35 rows" in lines
    assert "  checked   llava-next: 24 trained as written, 10 trained altered, 1 unknown" in lines
    command = lines[-1].split("#")[0].split()
    assert command[0] == "llava-check"
    again = run(*command[1:], "--no-index", cwd=demo)
    assert "24 as written" in again.out.decode().splitlines()[-2]
    assert run("clean", "demo", "-o", "quiet.json", "-q", cwd=demo) == Done(0, b"", "")


def test_the_default_without_a_trainer_is_rows_with_errors(demo: Path) -> None:
    result = clean("demo", "out.json", cwd=demo)
    report = json.loads(run("demo", "-f", "json", "--no-index", cwd=demo).out)
    assert result.report["drop"] == ["error"]
    assert result.report["rows"]["kept"] == report["summary"]["rows_ok"]
    again = json.loads(run("out.json", "--images", "demo/images", "-f", "json", "--no-index", cwd=demo).out)
    assert again["summary"]["by_severity"]["error"] == 0 and again["summary"]["rows"] == 28


def test_without_a_trainer_the_result_may_stop_one(tmp_path: Path) -> None:
    """A line says how such rows are dropped; it does so."""
    rows = [{"conversations": row("", None)["conversations"], "n": kind} for kind in (1, 2, "3")]
    write_rows(tmp_path / "rows.json", rows)
    hint = b"            --for llama-factory drops such rows, too\n"
    done = run("clean", "rows.json", "-o", "out.json", "--dialect", "sharegpt", cwd=tmp_path)
    assert done.code == 0 and b"keeping it from starting" in done.out and hint in done.out, done
    for options in (["--for", "llama-factory"], ["--drop", "error"]):
        done = run("clean", "rows.json", "-o", "out.json", "--force", "--dialect", "sharegpt", *options, cwd=tmp_path)
        assert done.code == 0 and b"drops such rows" not in done.out
        assert (b"trains every row as written" in done.out) == ("--for" in options)


def test_drop_by_rule_case_and_level(small: Path) -> None:
    assert clean("raw", "out.json", *ROOT, "--drop", "IMG501", cwd=small).places() == [("rows.json", 1)]
    assert clean("raw", "out.json", *ROOT, "--drop", "image-missing,CNV", "--force", cwd=small).codes() == {"IMG501": 1}
    assert clean("raw", "out.json", *ROOT, "--drop", "TOK", "--force", cwd=small).dropped == []
    assert clean("raw", "out.json", *ROOT, "--drop", "warning", "--force", cwd=small).places() == [("rows.json", 1)]


def test_what_is_not_reported_has_no_level(small: Path) -> None:
    def dropped(*options: str) -> list[int]:
        result = clean("raw", "out.json", *ROOT, "--force", *options, cwd=small)
        return [d["row"] for d in result.dropped]

    write_rows(small / "raw/rows.json", [row("a", "a.jpg"), row("x", "gone.jpg"), row("b", None, "")])
    assert dropped() == [1] and dropped("--ignore", "IMG501") == [] and dropped("--select", "CNV") == []
    assert dropped("--severity", "IMG501=off") == dropped("--severity", "IMG501=warning") == []
    assert dropped("--drop", "warning") == [1, 2] and dropped("--drop", "warning", "--ignore", "all") == []
    assert dropped("--severity", "CNV306=error", "--ignore", "IMG") == [2]
    assert dropped("--drop", "IMG501", "--ignore", "IMG501") == [1]  # a named rule
    assert dropped("--for", "llava-next", "--ignore", "all") == [1]  # effects do not depend on ignored rules
    (small / "llava-check.yaml").write_text("ignore: [image-missing]\n")
    assert dropped() == [] and dropped("--isolated") == [1]
    assert_complaint(run("clean", "raw", "-o", "x.json", "--ignore", "IMG999", cwd=small), "IMG999")


def test_of_rows_that_share_an_id_the_first_stays(tmp_path: Path) -> None:
    rows = [row("a", None, "one"), row("a", None, "two"), row("b", None, "three"), row("a", None, "four"),
            row("c", None, "three")]
    write_rows(tmp_path / "raw/x.json", rows)
    write_rows(tmp_path / "raw/y.json", [row("a", None, "five")])
    result = clean("raw", "out", "--drop", "ROW206", cwd=tmp_path)
    assert result.places() == [("x.json", 1), ("x.json", 3)]
    assert result.codes() == {"ROW206": 2}
    assert clean("raw", "out", "--drop", "ROW210", "--force", cwd=tmp_path).places() == [("x.json", 4)]


def test_a_row_that_is_too_long_says_so(tmp_path: Path) -> None:
    write_rows(tmp_path / "raw/rows.jsonl", [row("a", None), row("b", None, "a few words " * 9000)])
    result = clean("raw", "out.jsonl", "--for", "llama-factory", "--drop", "altered,unknown", cwd=tmp_path)
    assert [(d["row"], d["reasons"]) for d in result.dropped] == [
        (1, [{"length": 2048, "effect": "altered", "message": "it is longer than the limit of 2048 tokens"}])]
    assert result.report["reasons"] == [{"length": 2048, "effect": "altered", "rows": 1}]


def test_of_columns_of_two_types_the_one_of_most_rows_stays(tmp_path: Path) -> None:
    def dropped(kinds: str, *options: str) -> list[int]:
        ids = {"n": 7, "s": "x", "0": None, "f": 1.5, "l": [1], "o": {"a": 1}}
        write_rows(tmp_path / "raw/rows.jsonl", [row(ids[kind], None, f"answer {i}") for i, kind in enumerate(kinds)])
        result = clean("raw", "out.jsonl", "--for", "llama-factory", "--force", *options, cwd=tmp_path)
        assert set(result.codes()) <= {"JSN115"} and all(len(d["reasons"]) == 1 for d in result.dropped)
        again = run("out.jsonl", "-t", "llama-factory", "--no-index", cwd=tmp_path)
        assert b"JSN115" not in again.out and b"as written" in again.out
        return [d["row"] for d in result.dropped]

    assert dropped("nnnsnnn") == [3]
    assert dropped("snnnnnn") == [0] and dropped("ssnssss") == [2]  # whichever comes first
    assert dropped("0nf0n") == []  # null is compatible with any type, integers with fractions
    assert dropped("lnsossn") == [0, 1, 3, 6]
    assert dropped("ns" * 45) == list(range(1, 90, 2))
    assert dropped("n" * 2000 + "s" * 1999) == list(range(2000, 3999))
    result = read_result(tmp_path / "out.jsonl")
    assert result.dropped[0]["reasons"][0]["message"] == "'id' is a string, but a number in most rows"


def test_columns_of_two_types_in_files_that_are_joined_and_in_lists(tmp_path: Path) -> None:
    write_rows(tmp_path / "raw/a.jsonl", [row(1, None, "one"), row(2, None, "two")])
    write_rows(tmp_path / "raw/b.jsonl", [row("3", None, "three"), row("4", None, "four"), row("5", None, "five")])
    merged = clean("raw", "out.jsonl", "--for", "llama-factory", "--merge", cwd=tmp_path)
    assert merged.places() == [("a.jsonl", 0), ("a.jsonl", 1)]
    assert clean("raw", "out", "--for", "llama-factory", cwd=tmp_path).dropped == []
    more = [{**row(i, None, f"a {i}"), "tags": ["x", i] if i == 3 else ["x"], "box": [1] if i == 5 else 1} for i in range(9)]
    write_rows(tmp_path / "raw/a.jsonl", more)
    result = clean("raw/a.jsonl", "x.jsonl", "--for", "llama-factory", cwd=tmp_path)
    assert [(d["row"], d["reasons"][0]["message"]) for d in result.dropped] == [
        (3, "'tags[]' is a number, but a string in most rows"), (5, "'box' is a list, but a number in most rows")]
    by_rule = clean("raw/a.jsonl", "y.jsonl", "--drop", "JSN115", cwd=tmp_path)
    assert [d["row"] for d in by_rule.dropped] == [3, 5]


def test_a_row_that_changes_what_is_done_with_others_is_dropped_alone(tmp_path: Path) -> None:
    """With a column `messages`, ms-swift does not read `conversations`, in any row of the file."""
    odd = {**row("odd", None, "answer"), "messages": [{"role": "user", "content": "?"}, {"role": "assistant", "content": "!"}]}
    write_rows(tmp_path / "raw/rows.jsonl", [*(row(f"{i}", None, f"answer {i}") for i in range(9)), odd])
    report = json.loads(run("raw", "-f", "json", "--trainer", "ms-swift", "--no-index", cwd=tmp_path).out)
    assert report["summary"]["trainer"]["fine"] < 9
    result = clean("raw", "out.jsonl", "--for", "ms-swift", cwd=tmp_path)
    assert [d["id"] for d in result.dropped] == ["odd"] and result.codes() == {"JSN117": 1}


def test_a_dialect_that_the_trainer_does_not_read_is_refused(tmp_path: Path) -> None:
    turns = [{"role": "user", "content": "What?"}, {"role": "assistant", "content": "This."}]
    write_rows(tmp_path / "raw/rows.json", [{"messages": turns}])
    done = run("clean", "raw", "-o", "out.json", "--for", "llava-next", "--no-index", cwd=tmp_path)
    assert_complaint(done, "no row is left", "llava-next does not read rows of the dialect messages")
    assert_nothing_written(tmp_path)
    assert clean("raw", "out.json", "--for", "llama-factory", cwd=tmp_path).report["rows"]["kept"] == 1


def test_a_row_over_the_length_that_the_user_gave(tmp_path: Path) -> None:
    talk = [[{"from": "human", "value": "Q"}, {"from": "gpt", "value": text}] for text in ("A", "A cloud. " * 900)]
    write_rows(tmp_path / "rows.json", [{"id": str(n), "conversations": turns} for n, turns in enumerate(talk)])
    done = run("clean", "rows.json", "-o", "out.json", "--for", "llava-1.5:500", "--drop", "altered", cwd=tmp_path)
    assert done.code == 0, done
    assert b"1  longer than the trainer's token limit, or possibly longer: altered" in done.out
    assert b"--trainer llava-1.5:500   # checks it again" in done.out
    (dropped,) = map(json.loads, (tmp_path / "out.json.dropped.jsonl").read_text().splitlines())
    (reason,) = dropped["reasons"]
    assert (dropped["id"], reason["length"], reason["effect"]) == ("1", 500, "altered")
    assert reason["message"] == "it is longer than the limit of 500 tokens"
    said = json.loads((tmp_path / "out.json.report.json").read_text())
    assert said["reasons"] == [{"length": 500, "effect": "altered", "rows": 1}]
    again = run("clean", "rows.json", "-o", "all.json", "--for", "llava-1.5:50000", "--drop", "altered,unknown", cwd=tmp_path)
    assert again.code == 0 and b"2 in = 2 kept" in again.out


def test_when_all_rows_would_be_dropped_nothing_is_written(small: Path) -> None:
    done = run("clean", "raw", "-o", "out.json", *ROOT, "--drop", "all", "--no-index", cwd=small)
    assert done.code == 0  # two rows are sound
    write_rows(small / "raw/rows.json", [row("x", "gone.jpg")])
    done = run("clean", "raw", "-o", "out2.json", *ROOT, "--no-index", cwd=small)
    assert_complaint(done, "no row is left")
    assert not (small / "out2.json").exists()


# ---- in the source's own form

ROWS = [json.dumps(row(f"r{i}", None, f"Answer {i} é"), ensure_ascii=False) for i in range(6)]
BAD = '{"id": "bad"}'

FORMS: dict[str, tuple[str, list[str], str]] = {
    # name: suffix, the source in pieces (rows are 0 to 5, BAD is dropped), the result
    "array": (".json", ["[", "0", ", ", "bad", ", ", "1", "]"], "[0, 1]"),
    "indented": (".json", ["[\n  ", "0", ",\n  ", "bad", ",\n  ", "1", "\n]\n"], "[\n  0,\n  1\n]\n"),
    "indented, the first": (".json", ["[\n  ", "bad", ",\n  ", "0", ",\n\t", "1", "\n]\n"], "[\n  0,\n\t1\n]\n"),
    "indented, the last": (".json", ["[\n  ", "0", ",\n  ", "1", ",\n  ", "bad", "\n]\n"], "[\n  0,\n  1\n]\n"),
    "windows": (".json", ["[\r\n", "0", ",\r\n", "bad", ",\r\n", "1", "\r\n]\r\n"], "[\r\n0,\r\n1\r\n]\r\n"),
    "space": (".json", [" [ ", "0", " , ", "bad", " ,\n\n ", "1", " ] \n "], " [ 0 ,\n\n 1 ] \n "),
    "trailing comma": (".json", ["[\n ", "0", ",\n ", "1", ",\n]\n"], "[\n 0,\n 1\n]\n"),
    "two commas": (".json", ["[", "0", ",  ", "1", ",, ", "2", "]"], "[0,  1,  2]"),
    "no comma": (".json", ["[", "0", ", ", "1", " ", "2", "]"], "[0, 1, 2]"),
    "no end": (".json", ["[\n", "0", ",\n", "1", "\n"], "[\n0,\n1\n]\n"),
    "cut off": (".json", ["[\n", "0", ",\n", "1", ",\n", '{"id": "cut'], "[\n0,\n1\n]\n"),
    "byte order mark": (".json", ["\ufeff[\n", "0", ",\n", "1", "]"], "[\n0,\n1]"),
    "text after": (".json", ["[", "0", ", ", "1", "]\n", "more"], "[0, 1\n]\n"),
    "lines in json": (".json", ["0", "\n", "bad", "\n", "1", "\n"], "[\n0,\n1\n]\n"),
    "lines": (".jsonl", ["0", "\n", "bad", "\n", "1", "\n"], "0\n1\n"),
    "lines, no end": (".jsonl", ["0", "\n", "1"], "0\n1"),
    "lines, the last": (".jsonl", ["0", "\n", "1", "\n", "bad"], "0\n1\n"),
    "lines of windows": (".jsonl", ["0", "\r\n", "bad", "\r\n", "1", "\r\n"], "0\r\n1\r\n"),
    "blank lines": (".jsonl", ["\n", "0", "\n\n", "1", "\n", "2", "\n \n"], "0\n1\n2\n"),
    "space of lines": (".jsonl", [" ", "0", " \n\t", "1", "\n"], " 0 \n\t1\n"),
    "wide space of lines": (".jsonl", ["0", "\u00a0\n", "1", "\n", "2", "\n"], "0\n1\n2\n"),
    "mark before lines": (".jsonl", ["\ufeff", "0", "\n", "1", "\n"], "0\n1\n"),
    "array in lines": (".jsonl", ["[", "0", ", ", "bad", ", ", "1", "]"], "0\n1\n"),
    "the last line, without an end": (".jsonl", ["0", "\n", "1", "\n", "bad"], "0\n1\n"),
    "the last two, without an end": (".jsonl", ["0", "\r\n", "bad", "\r\n", "bad"], "0\r\n"),
    "the first, and no end": (".jsonl", ["bad", "\r\n", "0", "\r\n", "1"], "0\r\n1"),
}
FORM_COUNT = 26


def spell(piece: str) -> str:
    return ROWS[int(piece)] if piece.isdigit() else BAD if piece == "bad" else piece


@pytest.mark.parametrize("name", FORMS)
def test_the_result_has_the_form_of_the_source(name: str, tmp_path: Path) -> None:
    assert len(FORMS) == FORM_COUNT
    suffix, pieces, wanted = FORMS[name]
    source = tmp_path / f"raw/rows{suffix}"
    source.parent.mkdir()
    source.write_bytes("".join(map(spell, pieces)).encode())
    result = clean(source, f"out{suffix}", "--for", "qwen-vl", cwd=tmp_path)
    text = (tmp_path / f"out{suffix}").read_bytes().decode()
    assert text == re.sub(r"\d", lambda found: ROWS[int(found[0])], wanted)
    assert [r.value["id"] for r in rows_in(tmp_path / f"out{suffix}")] == [f"r{i}" for i in re.findall(r"\d", wanted)]
    assert result.report["rows"]["kept"] == len(re.findall(r"\d", wanted))


def test_an_unchanged_file_is_the_same_file(tmp_path: Path) -> None:
    for name in ("rows.json", "rows.jsonl"):
        write_rows(tmp_path / name, [row(f"{i}", None, f"answer {i}") for i in range(3000)])
        clean(name, f"out-{name}", cwd=tmp_path)
        assert (tmp_path / name).read_bytes() == (tmp_path / f"out-{name}").read_bytes()


def test_a_row_on_several_lines(tmp_path: Path) -> None:
    (tmp_path / "rows.json").write_text(json.dumps([row("a", None), row("b", None)], indent=1))
    done = run("clean", "rows.json", "-o", "out.jsonl", "--no-index", cwd=tmp_path)
    assert_complaint(done, "span several lines", "name the result .json")
    assert_nothing_written(tmp_path)
    split = json.dumps(row("b", None)).replace(", ", ",\n", 1)
    (tmp_path / "rows.jsonl").write_text("\n".join([ROWS[0], split, ROWS[1], ""]))
    result = clean("rows.jsonl", "out.jsonl", "--for", "qwen-vl", "--drop", "TOK403", cwd=tmp_path)
    assert result.codes() == {"JSN111": 1}
    assert len(rows_in(tmp_path / "out.jsonl")) == 2


# ---- several files


@pytest.fixture(name="several")
def made_several(tmp_path: Path) -> Path:
    write_rows(tmp_path / "raw/a.json", [row("a", None, "one"), {"id": "bad"}])
    write_rows(tmp_path / "raw/b.jsonl", [row("b", None, "two"), {"id": "bad"}, row("c", None, "three")])
    write_rows(tmp_path / "raw/c.json", [{"id": "bad", "conversations": []}])
    return tmp_path


def test_several_files_become_files_of_a_folder(several: Path) -> None:
    result = clean("raw", "out", cwd=several)
    assert sorted(files_of(several / "out")) == ["a.json", "b.jsonl"]
    assert [f["name"] for f in result.report["files"]] == ["a.json", "b.jsonl"]
    assert [r.value["id"] for r in rows_in(several / "out/b.jsonl")] == ["b", "c"]
    again = run("out", "--no-index", cwd=several)
    assert again.code == 0 and b"3 rows" in again.out


def test_several_files_are_merged(several: Path) -> None:
    done = run("clean", "raw", "-o", "out.json", "--no-index", cwd=several)
    assert_complaint(done, "3 rows files", "--merge")
    clean("raw", "out.json", "--merge", cwd=several)
    assert [r.value["id"] for r in rows_in(several / "out.json")] == ["a", "b", "c"]
    clean("raw", "out.jsonl", "--merge", cwd=several)
    assert [r.value["id"] for r in rows_in(several / "out.jsonl")] == ["a", "b", "c"]
    done = run("clean", "raw", "-o", "folder", "--merge", cwd=several)
    assert_complaint(done, "--merge writes one file")


def test_folders_of_files_are_made(tmp_path: Path) -> None:
    write_rows(tmp_path / "raw/train/rows.json", [row("a", None)])
    write_rows(tmp_path / "raw/val/rows.json", [row("b", None)])
    clean("raw", "out/", cwd=tmp_path)
    assert [n for n in files_of(tmp_path / "out") if n.endswith(".json")] == ["train/rows.json", "val/rows.json"]


def test_files_that_cannot_be_joined(tmp_path: Path) -> None:
    write_rows(tmp_path / "raw/a.json", [row("a", None)])
    turns = [{"role": "user", "content": "What?"}, {"role": "assistant", "content": "This."}]
    write_rows(tmp_path / "raw/b.json", [{"messages": turns}])
    done = run("clean", "raw", "-o", "out.json", "--merge", "--no-index", cwd=tmp_path)
    assert_complaint(done, "different dialects")


def test_files_of_a_registry_are_joined(tmp_path: Path) -> None:
    """Each entry has its own dialect; it only matters whether they have the same content."""
    entry = {"formatting": "sharegpt", "columns": {"messages": "conversations"}}
    registry = {name: {"file_name": f"{name}.json", **entry} for name in "ab"}
    for name in "ab":
        write_rows(tmp_path / f"raw/{name}.json", [row(name, None)])
    (tmp_path / "raw/dataset_info.json").write_text(json.dumps(registry))
    clean("raw/dataset_info.json", "out.json", "--merge", cwd=tmp_path)
    assert [r.value["id"] for r in rows_in(tmp_path / "out.json")] == ["a", "b"]
    registry["b"]["columns"] = {"messages": "turns"}
    write_rows(tmp_path / "raw/b.json", [{"turns": row("b", None)["conversations"]}])
    (tmp_path / "raw/dataset_info.json").write_text(json.dumps(registry))
    done = run("clean", "raw/dataset_info.json", "-o", "new.json", "--merge", "--no-index", cwd=tmp_path)
    assert_complaint(done, "in the registry, a.json and b.json have different columns or roles")


def test_a_file_without_rows_says_why(tmp_path: Path) -> None:
    (tmp_path / "rows.json").write_bytes(json.dumps([row("a", None)]).encode("utf-16"))
    for command in (["clean"], ["convert", "--to", "messages"]):
        done = run(*command, "rows.json", "--images", ".", "-o", "out.json", "--no-index", cwd=tmp_path)
        assert_complaint(done, "there are no rows: UTF-16, not UTF-8: re-encode it, as with iconv")


def test_names_outside_of_the_folder_are_refused(tmp_path: Path) -> None:
    write_rows(tmp_path / "more/a.json", [row("a", None)])
    (tmp_path / "raw").mkdir()
    path = tmp_path / "more/a.json"
    (tmp_path / "raw/mix.yaml").write_text(f"datasets:\n  - json_path: {path}\n    sampling_strategy: all\n")
    done = run("clean", "raw/mix.yaml", "-o", "out", "--no-index", cwd=tmp_path)
    assert_complaint(done, "outside of the data folder", "--merge")
    clean("raw/mix.yaml", "out.json", cwd=tmp_path)
    assert len(rows_in(tmp_path / "out.json")) == 1


# ---- what happened to the other rows


def test_bytes_of_dropped_rows_can_be_had_back(tmp_path: Path) -> None:
    odd = [b'{"id": "\xff\xfe\xed\xa0\x80", "x": "\\ud83d \\u0000"}', b'{"id": "tab\\t",\r "quote": "\\""}',
           '{"id": "\u202e \u007f é 🙂 ::error:: ##[x"}'.encode()]
    (tmp_path / "rows.json").write_bytes(b"[" + b",\n".join([*odd, ROWS[0].encode()]) + b"]")
    result = clean("rows.json", "out.json", cwd=tmp_path)
    assert [bytes_of(d) for d in result.dropped] == odd


def test_images_to_download_again(demo: Path) -> None:
    result = clean("demo", "out.json", cwd=demo)
    verdicts = {path: verdict for path, verdict, _ in result.refetch}
    images = [json.loads(line) for line in run("index", "images", "demo", "-f", "jsonl", cwd=demo).out.splitlines()
              ] if run("demo", "-q", cwd=demo).code == 1 else []
    bad = {"missing", "unreadable", "not-an-image", "truncated", "corrupt", "damaged"}
    assert verdicts == {i["path"]: i["verdict"] for i in images if i["verdict"] in bad}
    assert len(verdicts) == 7
    rows = json.loads(json.dumps(result.refetch))
    assert [r[2] for r in rows if r[0] == "dvqa/images/bar_train_00004102.jpg"] == ["llava_demo.json:27"]


def test_a_folder_with_results_is_read_as_the_result_alone(demo: Path) -> None:
    """Files beside the rows are not taken for rows."""
    (demo / "result").mkdir()
    clean("demo", "result/out.json", "--for", "llava-next", cwd=demo)
    done = run("result", "--images", "demo/images", "--no-index", cwd=demo)
    assert b"\n  rows      35 in out.json" in done.out


# ---- compared with a model of clean in Python, which only uses slices and json


def mutate(rng: random.Random, text: bytes) -> bytes:
    """Change a row in one of many small ways: its JSON, its keys, its turns."""
    kind = rng.randrange(12)
    at = rng.randrange(len(text))
    if kind == 0:
        return text[:at] + text[at + 1:]
    if kind == 1:
        return text[:at] + rng.choice([b"\xff", b"\\", b'"', b",", b"\x01", b"\xc3\xa9", b"\n", b"{", b"]"]) + text[at:]
    if kind == 2:
        return text.replace(b'"human"', b'"user"', 1)
    if kind == 3:
        return text.replace(b"<image>", b"", 1)
    if kind == 4:
        return text.replace(b'"gpt"', b'"human"', 1)
    if kind == 5:
        return text.replace(b"a.jpg", b"gone.jpg")
    if kind == 6:
        return text.replace(b"What", b"NaN \\ud83d <image>")
    if kind == 7:
        return text[:at]
    if kind == 8:
        return text.replace(b'"id": ', b'"id": 7, "id": ')
    if kind == 9:
        return rng.choice([b"null", b"[]", b"3", b'"x"', b"{}", text + b"}"])
    if kind == 10:
        return text.replace(b"}, {", b"}, null, {")
    return text.replace(b'"value"', b'"content"', 1)


def make_mutated(rng: random.Random, path: Path, rows: int) -> bytes:
    names = ["a.jpg", "b.png", "c.jpg", None]
    texts = [json.dumps(row(f"r{i}", rng.choice(names), f"answer {rng.randrange(50)}"), indent=rng.choice([None, None, 1])
                        if path.suffix == ".json" else None).encode() for i in range(rows)]
    texts = [mutate(rng, t) if rng.random() < 0.3 else t for t in texts]
    if path.suffix == ".jsonl":
        data = rng.choice([b"\n", b"\r\n"]).join(texts) + rng.choice([b"", b"\n", b"\n\n"])
    else:
        data = b"[" + b"".join(t + rng.choice([b",", b",\n  ", b",\n\n"]) for t in texts).rstrip(b",\n ")
        data += rng.choice([b"]", b"\n]\n", b",]", b"", b"]\n{}"])
    data = rng.choice([b"", b"", b"\xef\xbb\xbf"]) + data
    path.write_bytes(data)
    return data


def test_mutated_rows_against_python(tmp_path: Path) -> None:
    """Kept rows are slices of the source that json reads; dropped ones are the slices between them."""
    rng = random.Random(20)
    images = tmp_path / "images"
    images.mkdir()
    for name in ("a.jpg", "b.png", "c.jpg"):
        Image.new("RGB", (20, 20), rng.choice(["red", "blue"])).save(images / name)
    seen = kept = 0
    for number in range(MUTATED_FILES):
        path = tmp_path / f"rows.{rng.choice(['json', 'jsonl'])}"
        data = make_mutated(rng, path, rng.choice([1, 7, 60]))
        trainer = rng.choice(READS_LLAVA)
        out = f"out{path.suffix}"
        done = run("clean", path.name, *ROOT, "-o", out, "--for", trainer, "--drop", ALL_EFFECTS, "--no-index", "--force",
                   cwd=tmp_path)
        context = (number, path.name, trainer, done)
        if done.code == 2:
            assert "no row is left" in done.err or "there are no rows" in done.err or (
                "rows must still be dropped" in done.err and "JSN115" in done.err), context
            path.unlink()
            continue
        assert done.code == 0, context
        result = read_result(tmp_path / out)
        rows = rows_in(tmp_path / out)
        assert_slices(data, [r.text for r in rows])
        for dropped in result.dropped:
            assert data[dropped["offset"]:].startswith(bytes_of(dropped)), context
        assert len(rows) + len(result.dropped) == result.report["rows"]["in"], context
        assert result.report["effects"]["fine"] == len(rows), context
        again = run(out, *ROOT, "--trainer", trainer, "--no-index", "-f", "json", cwd=tmp_path)
        summary = json.loads(again.out)["summary"]
        assert summary["trainer"]["fine"] == summary["rows"] == len(rows), (context, summary)
        seen += result.report["rows"]["in"]
        kept += len(rows)
        path.unlink()
    assert seen > MUTATED_FILES * 8 and kept > seen / 3


def test_fixtures_of_all_rules(tmp_path: Path) -> None:
    """Whatever is wrong with a file, the result is JSON that the trainer trains as written."""
    cases = sorted(p for p in (FIXTURES / "rules").iterdir() if p.suffix in (".json", ".jsonl"))
    if SANITIZED:
        cases = cases[::7]
    shutil.copytree(FIXTURES / "rules", tmp_path / "rules", ignore=shutil.ignore_patterns(".llava-check"))
    written = 0
    for number, case in enumerate(cases):
        trainer = READS_LLAVA[number % len(READS_LLAVA)]
        out = f"out{case.suffix}"
        done = run("clean", f"rules/{case.name}", "-o", out, "--for", trainer, "--drop", ALL_EFFECTS, "--no-index",
                   "--force", cwd=tmp_path)
        if done.code == 2:
            assert re.search("no row is left|there are no rows|span several lines|is not|no rows|no such", done.err), (case, done)
            continue
        assert done.code == 0, (case, done)
        result = read_result(tmp_path / out)
        assert len(rows_in(tmp_path / out)) == result.report["rows"]["kept"] == result.report["effects"]["fine"], case
        written += 1
    assert len(cases) >= (FIXTURES_AT_LEAST // 10 if SANITIZED else FIXTURES_AT_LEAST) // 2
    assert written > len(cases) / 3


# ---- samples, parts, order


def make_many(folder: Path, suffix: str) -> Path:
    """Make rows with one image, several, and none; some images are copies of others."""
    rng = random.Random(3)
    images = folder / "images"
    images.mkdir()
    for i in range(60):
        Image.new("RGB", (8, 8), (i * 4 % 256 if i % 10 else 8, 7 * i % 256 if i % 10 else 9, 3)).save(images / f"{i}.png")
    rows = []
    for i in range(400):
        if i % 7 == 0:
            rows.append(row(f"t{i}", None, f"answer {i}"))
        elif i % 11 == 0:
            names = [f"{rng.randrange(60)}.png" for _ in range(2)]
            turns = [{"from": "human", "value": "<image>\n<image>\nWhich?"}, {"from": "gpt", "value": f"This {i}."}]
            rows.append({"id": f"m{i}", "image": names, "conversations": turns})
        else:
            rows.append(row(f"i{i}", f"{rng.randrange(60)}.png", f"answer {i}"))
    return write_rows(folder / f"raw/rows{suffix}", rows)


@pytest.mark.parametrize("suffix", [".json", ".jsonl"])
def test_a_sample_is_by_hash(suffix: str, tmp_path: Path) -> None:
    source = make_many(tmp_path, suffix)
    rows = rows_in(source)
    result = clean("raw", f"out{suffix}", *ROOT, "--sample", "50", "--seed", "9", cwd=tmp_path)
    order = sorted(range(len(rows)), key=lambda i: xxhash.xxh3_128_digest(f"9:{i}"))
    assert rows_in(tmp_path / f"out{suffix}") == [rows[i] for i in sorted(order[:50])]
    assert result.report["rows"]["not_sampled"] == len(rows) - 50
    assert clean("raw", f"all{suffix}", *ROOT, "--sample", "5000", cwd=tmp_path).report["rows"]["kept"] == len(rows)


@pytest.mark.parametrize("suffix", [".json", ".jsonl"])
def test_shuffled_rows_are_in_the_order_of_hashes(suffix: str, tmp_path: Path) -> None:
    rows = rows_in(make_many(tmp_path, suffix))
    clean("raw", f"out{suffix}", *ROOT, "--shuffle", "4", cwd=tmp_path)
    order = sorted(range(len(rows)), key=lambda i: xxhash.xxh3_128_digest(f"4:{i}"))
    assert rows_in(tmp_path / f"out{suffix}") == [rows[i] for i in order]
    clean("raw", f"other{suffix}", *ROOT, "--shuffle", "5", "--threads", "1", cwd=tmp_path)
    assert (tmp_path / f"out{suffix}").read_bytes() != (tmp_path / f"other{suffix}").read_bytes()


def group_keys(rows: list[Row], images: Path) -> list[str]:
    """Return the key of each row, described in docs/clean.md, by a simple search for connected pictures."""
    content = {p.name: xxhash.xxh3_128_hexdigest(p.read_bytes()) for p in images.iterdir()}
    shown = [{content[n] for n in ([i] if isinstance(i, str) else i)} if (i := r.value.get("image")) else set() for r in rows]
    keys = []
    for own, pictures in zip(rows, shown):
        group = set(pictures)
        while any(s & group and not s <= group for s in shown):
            group |= set().union(*(s for s in shown if s & group))
        keys.append(min(group) if group else xxhash.xxh3_128_hexdigest(own.value["id"]))
    return keys


def test_no_picture_is_in_two_parts(tmp_path: Path) -> None:
    source = make_many(tmp_path, ".json")
    rows = rows_in(source)
    result = clean("raw", "out.json", *ROOT, "--split", "train=0.7,val=0.2,test=0.1", "--seed", "2", cwd=tmp_path)
    names = ["train", "val", "test"]
    assert [f["name"] for f in result.report["files"]] == [f"out.{n}.json" for n in names]
    parts = {n: rows_in(tmp_path / f"out.{n}.json") for n in names}
    wanted: dict[str, list[Row]] = {n: [] for n in names}
    for own, key in zip(rows, group_keys(rows, tmp_path / "images")):
        place = (int(xxhash.xxh3_128_hexdigest(f"2:{key}")[:16], 16) >> 11) / 2**53
        wanted["train" if place < 0.7 else "val" if place < 0.7 + 0.2 else "test"].append(own)
    assert parts == wanted
    assert sum(map(len, parts.values())) == len(rows) and all(parts.values())


@pytest.mark.parametrize("value", ["train", "train=0.9", "train=0.5,val=0.6", "a=0.5,a=0.5", "a=0,b=1", "a/b=1", "=1", "a=1x",
                                   "a=0.5,,b=0.5", ".a=1"])
def test_wrong_parts(value: str, small: Path) -> None:
    assert_complaint(run("clean", "raw", "-o", "out.json", "--split", value, cwd=small), "--split")


# ---- nothing is lost


def test_what_exists_is_replaced_by_force_alone(small: Path) -> None:
    (small / "out.json").write_text("mine")
    before = files_of(small)
    assert_complaint(run("clean", "raw", *ROOT, "-o", "out.json", cwd=small), "out.json: exists", "--force")
    (small / "out.json").rename(small / "out.json.report.json")
    assert_complaint(run("clean", "raw", *ROOT, "-o", "out.json", cwd=small), "out.json.report.json: exists")
    (small / "out.json.report.json").rename(small / "out.json")
    assert files_of(small, without=".llava-check").keys() == before.keys()
    clean("raw", "out.json", *ROOT, "--force", cwd=small)
    assert len(rows_in(small / "out.json")) == 2


@pytest.mark.parametrize("out", ["raw/out.json", "raw/rows.json", "raw/deep/out.json", "raw", "raw/folder", "images/out.json",
                                 "link/out.json", "raw/../raw/out.json"])
def test_nothing_is_written_into_the_data(out: str, small: Path) -> None:
    (small / "link").symlink_to("raw")
    before = files_of(small)
    done = run("clean", "raw", *ROOT, "-o", out, "--force", "--no-index", cwd=small)
    assert_complaint(done, "is inside the", "which is never written into")
    assert files_of(small) == before


def test_the_source_is_never_replaced(small: Path) -> None:
    os.link(small / "raw/rows.json", small / "hard.json")
    (small / "soft.json").symlink_to("raw/rows.json")
    before = files_of(small)
    for out in ("raw/rows.json", "hard.json", "soft.json"):
        done = run("clean", "raw/rows.json", *ROOT, "-o", out, "--force", "--no-index", cwd=small)
        assert_complaint(done, f"{out}: is a file of the data set")
    assert files_of(small) == before
    clean("raw/rows.json", "raw/clean.json", *ROOT, cwd=small)  # beside a named file


@pytest.mark.parametrize("out, said", [
    ("no/out.json", "llava-check: no: cannot write a result into this folder: No such file or directory"),
    ("no/er/out/", "llava-check: no/er: cannot write a result into this folder"), ("/dev/null", "not a folder"),
    ("/dev/full/out.json", "/dev/full: cannot write a result into this folder: "), ("file", "not a folder"),
])  # fmt: skip
def test_places_that_cannot_be_written(out: str, said: str, small: Path) -> None:
    (small / "file").write_text("")
    before = files_of(small)
    assert_complaint(run("clean", "raw", *ROOT, "-o", out, "--no-index", cwd=small), said)
    assert files_of(small) == before


def test_a_folder_that_is_read_only(open_folder: Path) -> None:
    user = unprivileged(open_folder)
    data = make_small(open_folder / "set")
    (open_folder / "target").mkdir(mode=0o555)
    done = run("clean", data, "-o", open_folder / "target/out.json", "--no-index", cwd=open_folder, before=user.before,
               executable=user.executable)
    assert_complaint(done, "Permission denied")
    assert list((open_folder / "target").iterdir()) == []


def limited(size: int) -> Callable[[], None]:
    def limit() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

    return limit


@pytest.mark.parametrize("old", [False, True])
def test_a_full_disk_leaves_what_was_there(old: bool, tmp_path: Path) -> None:
    write_rows(tmp_path / "raw/rows.json", [row(f"{i}", None, f"answer {i}" * 20) for i in range(30000)])
    run("raw", "-q", cwd=tmp_path)
    if old:
        (tmp_path / "out.json").write_text("old")
    done = run("clean", "raw", "-o", "out.json", "--force", "-q", cwd=tmp_path, preexec_fn=limited(9000000))
    assert done.code == 2 and "out.json" in done.err and "File too large" in done.err, done
    assert_nothing_written(tmp_path, *(["out.json"] if old else []))
    assert not old or (tmp_path / "out.json").read_text() == "old"


def test_a_folder_that_was_made_goes_with_a_failure(several: Path) -> None:
    write_rows(several / "raw/b.jsonl", [row(f"{i}", None, f"answer {i}" * 20) for i in range(3000)])
    done = run("clean", "raw", "-o", "out", "-q", "--no-images", cwd=several)
    assert done.code == 2 and "does not accept" in done.err
    run("raw", "-q", cwd=several)
    done = run("clean", "raw", "-o", "out", "-q", cwd=several, preexec_fn=limited(800000))
    assert done.code == 2
    assert not (several / "out").exists()


def make_large(folder: Path) -> Path:
    return write_rows(folder / "raw/rows.json", [row(f"{i}", None, f"answer {i} " * 30) for i in range(60000)])


def start(folder: Path, *options: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen([program(), "clean", "raw", "-o", "out.json", "--force", "-q", *options], cwd=folder,
                            stderr=subprocess.PIPE)


def unfinished(folder: Path) -> list[Path]:
    return [p for p in folder.glob("out.json*") if re.fullmatch(r"\.\w{6}", p.suffix) and p.suffix != ".jsonl"]


def test_a_source_that_changes_while_it_is_copied(tmp_path: Path) -> None:
    source = make_large(tmp_path)
    run("raw", "-q", cwd=tmp_path)
    for _ in range(20):  # on a busy machine, a run may end before we look
        (tmp_path / "out.json").write_text("old")
        process = start(tmp_path)
        while process.poll() is None and not unfinished(tmp_path):
            time.sleep(0.001)
        process.send_signal(signal.SIGSTOP)
        with source.open("ab") as file:
            file.write(b"\n")
        process.send_signal(signal.SIGCONT)
        _, err = process.communicate(timeout=TIMEOUT_S)
        assert unfinished(tmp_path) == []
        if process.returncode:
            break
    assert process.returncode == 2 and b"changed" in err, err
    assert (tmp_path / "out.json").read_text() == "old"


def test_a_kill_at_any_moment_leaves_the_old_file_or_the_new_one(tmp_path: Path) -> None:
    source = make_large(tmp_path)
    run("raw", "-q", cwd=tmp_path)
    began = time.monotonic()
    assert start(tmp_path).wait() == 0
    seconds = time.monotonic() - began
    new = (tmp_path / "out.json").read_bytes()
    assert new == source.read_bytes()
    found: Counter[bytes] = Counter()
    for number, moment in enumerate(moments(KILLS, seconds)):
        old = b"old %d" % number
        (tmp_path / "out.json").write_bytes(old)
        process = start(tmp_path)
        time.sleep(moment)
        process.kill()
        process.communicate()
        left = (tmp_path / "out.json").read_bytes()
        assert left in (old, new)
        found[left[:3]] += 1
        for part in unfinished(tmp_path):
            part.unlink()
    assert found[b"old"]
    assert start(tmp_path).wait() == 0


def test_ctrl_c_removes_what_is_unfinished(tmp_path: Path) -> None:
    make_large(tmp_path)
    run("raw", "-q", cwd=tmp_path)
    (tmp_path / "out.json").write_text("old")  # a new file gets its name only when it is complete
    process = start(tmp_path)
    while process.poll() is None and not unfinished(tmp_path):
        time.sleep(0.001)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=TIMEOUT_S)
    assert process.returncode in (0, 130), err
    if process.returncode:
        assert_nothing_written(tmp_path, "out.json")


def test_a_kill_leaves_no_unfinished_file_where_there_was_none(tmp_path: Path) -> None:
    make_large(tmp_path)
    run("raw", "-q", cwd=tmp_path)
    began = time.monotonic()
    assert start(tmp_path).wait() == 0
    seconds = time.monotonic() - began
    for moment in moments(KILLS, seconds):
        for path in tmp_path.glob("out.json*"):
            path.unlink()
        process = start(tmp_path)
        time.sleep(moment)
        process.kill()
        process.communicate()
        names = {path.name for path in tmp_path.glob("out.json*")}
        assert names <= {"out.json", *(f"out.json.{side}" for side in SIDES)}


# ---- the command line


@pytest.mark.parametrize("options, said", [
    ([], "no output given"),
    (["-o", "out.json", "--drop", "IMG999"], "unknown rule"),
    (["-o", "out.json", "--drop", "crashes"], "unknown rule"),
    (["-o", "out.json", "--for", "nobody"], "unknown trainer"),
    (["-o", "out.json", "--sample", "0"], "--sample must be"),
    (["-o", "out.json", "--report", "x.json"], "does not accept --report"),
])  # fmt: skip
def test_wrong_options(options: list[str], said: str, small: Path) -> None:
    assert_complaint(run("clean", "raw", *options, cwd=small), said)


def test_the_index_is_used_and_left_as_check_leaves_it(small: Path) -> None:
    assert run("raw", *ROOT, "-q", cwd=small).code == 1
    assert run("clean", "raw", *ROOT, "-o", "out.json", "-q", cwd=small) == Done(0, b"", "")
    assert run("report", "raw", "-q", cwd=small).code == 1


UNCHANGED = "all rows files and images are unchanged"
CHANGES: dict[str, Callable[[Path], object]] = {
    "an image appears": lambda at: shutil.copy(GOOD_JPEG, at / "images/gone.jpg"),
    "an image is gone": lambda at: (at / "images/a.jpg").unlink(),
    "an image is damaged": lambda at: (at / "images/b.png").write_bytes(GOOD_PNG.read_bytes()[:-90]),
    "an image is replaced": lambda at: shutil.copy(GOOD_JPEG, at / "images/b.png"),
    "an image is a folder": lambda at: ((at / "images/a.jpg").unlink(), (at / "images/a.jpg").mkdir()),
    "a row more": lambda at: write_rows(at / "raw/rows.json", [row("a", "a.jpg"), row("x", "gone.jpg"), row("c", "gone.jpg")]),
    "a file more": lambda at: write_rows(at / "raw/more.json", [row("d", "a.jpg"), row("e", "no.jpg")]),
    "rows of the same size": lambda at: (at / "raw/rows.json").write_text(
        (at / "raw/rows.json").read_text().replace("b.png", "c.png")),
}


@pytest.mark.parametrize("change", [None, *CHANGES])
def test_what_changed_since_the_check_is_looked_at(change: str | None, aged: Aged) -> None:
    """A current index is used as it is; otherwise, the data are checked again."""
    small = aged.take()
    assert run("raw", *ROOT, "-q", cwd=small).code == 1
    index = (small / "raw/.llava-check/index.mdb").read_bytes()
    if change:
        CHANGES[change](small)
    options = ["--drop", "error", "--merge", *ROOT]
    done = run("clean", "raw", "-o", "out.json", *options, cwd=small)
    assert (UNCHANGED in done.err) == (change is None) and done.code == 0, done
    clean("raw", "new.json", *options, cwd=small)
    assert (small / "out.json").read_bytes() == (small / "new.json").read_bytes()
    assert read_result(small / "out.json").places() == read_result(small / "new.json").places()
    assert change or (small / "raw/.llava-check/index.mdb").read_bytes() == index


OTHER_OPTIONS = [["--index-mode", "content"], ["--recheck"], ["--images", "other"], ["--allow-outside"]]


@pytest.mark.parametrize("option", OTHER_OPTIONS)
def test_other_options_need_another_check(option: list[str], aged: Aged) -> None:
    small = aged.take()
    assert run("raw", *ROOT, "-q", cwd=small).code == 1
    assert UNCHANGED in run("clean", "raw", *ROOT, "-o", "out.json", cwd=small).err
    done = run("clean", "raw", *ROOT, "-o", "out.json", "--force", *option, cwd=small)
    assert UNCHANGED not in done.err and done.code == 0


def test_settings_name_the_trainer(small: Path) -> None:
    (small / "raw/llava-check.yaml").write_text("trainer: qwen-vl\n")
    assert clean("raw", "out.json", *ROOT, cwd=small).report["trainer"] == "qwen-vl"
    result = clean("raw", "out.json", *ROOT, "--force", "--for", "internvl", cwd=small)
    assert result.report["trainer"] == "internvl" and result.report["drop"][0] == "refused"
