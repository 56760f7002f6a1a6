"""Findings that are hidden, lowered or let pass are counted in the verdict of every format, with what did it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from program import FIXTURES, copy_fixture, make_small, row, run, write_rows
from report_readers import READERS, VERDICTS

LEVELS = ("error", "warning", "info")


@pytest.fixture(scope="module", name="demo")
def make_demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo, checked once; known.json is a baseline of its IMG findings."""
    folder = tmp_path_factory.mktemp("verdict")
    copy_fixture(FIXTURES / "demo", folder / "demo")
    assert run("demo", "-q", cwd=folder).code == 1
    assert run("report", "demo", "-q", "--select", "IMG", "--write-baseline", "known.json", cwd=folder).code == 0
    return folder


def found(folder: Path, *codes: str) -> dict[str, int]:
    """How many findings of some rules there are, by level, without any selection."""
    done = run("report", "demo", "-f", "json", "--show", "info", "--isolated", cwd=folder)
    levels = [f["severity"] for f in json.loads(done.out)["findings"] if f["rule"].startswith(codes)]
    return {level: levels.count(level) for level in LEVELS}


def verdict(folder: Path, *options: str) -> tuple[int, dict[str, Any]]:
    done = run("report", "demo", "-f", "json", *options, cwd=folder)
    assert done.code in (0, 1), done.err
    return done.code, json.loads(done.out)["verdict"]


# options; how, by what, the rules whose findings that concerns; the phrase
CASES: list[tuple[tuple[str, ...], str, str, tuple[str, ...], str]] = [
    (("--ignore", "IMG"), "ignored", "--ignore", ("IMG",), "ignored by --ignore"),
    (("--select", "JSN,ROW,CNV,TOK"), "not-selected", "--select", ("IMG", "SET"), "left out by --select"),
    (("--severity", "IMG=off"), "off", "--severity", ("IMG",), "turned off by --severity"),
    (("--severity", "TOK=info"), "lowered", "--severity", ("TOK",), "lowered by --severity"),
    (("--baseline", "known.json"), "known", "known.json", ("IMG",), "known in known.json"),
    (("--exit-zero",), "passed", "--exit-zero", ("",), "let pass by --exit-zero"),
]
SETTINGS: list[tuple[str, str, tuple[str, ...], str]] = [
    ("ignore: IMG", "ignored", ("IMG",), "ignored by my.yaml"),
    ("select: [JSN, ROW, CNV, TOK]", "not-selected", ("IMG", "SET"), "left out by my.yaml"),
    ("severity: {IMG: off}", "off", ("IMG",), "turned off by my.yaml"),
    ("severity: {TOK: info}", "lowered", ("TOK",), "lowered by my.yaml"),
    ("per-folder-ignores: {'**': IMG}", "ignored-in-folders", ("IMG",), "ignored in folders by my.yaml"),
    ("exit-zero: true", "passed", ("",), "let pass by my.yaml"),
]


@pytest.mark.parametrize("options, how, by, codes, phrase", CASES)
def test_what_options_do_is_counted(demo: Path, options: tuple[str, ...], how: str, by: str,
                                    codes: tuple[str, ...], phrase: str) -> None:
    counts = found(demo, *codes)
    if how == "passed":
        counts = {**counts, "warning": 0, "info": 0}  # those that fail
    assert verdict(demo, *options)[1]["adjusted"] == [{"how": how, "by": by, **counts}]
    assert sum(counts.values()) > 0
    assert_every_format(demo, counts, phrase, *options)


@pytest.mark.parametrize("text, how, codes, phrase", SETTINGS)
def test_what_a_settings_file_does_is_counted(demo: Path, text: str, how: str, codes: tuple[str, ...],
                                              phrase: str) -> None:
    (demo / "conf").mkdir(exist_ok=True)
    (demo / "conf/my.yaml").write_text(text + "\n")
    options = ("--config", "conf/my.yaml")
    counts = found(demo, *codes)
    if how == "passed":
        counts = {**counts, "warning": 0, "info": 0}
    assert verdict(demo, *options)[1]["adjusted"] == [{"how": how, "by": "my.yaml", **counts}]
    assert_every_format(demo, counts, phrase, *options)


def assert_every_format(folder: Path, counts: dict[str, int], phrase: str, *options: str) -> None:
    """The verdict of each format has the numbers and what did it."""
    assert set(VERDICTS) == set(READERS) and len(VERDICTS) == 15
    for name, read in VERDICTS.items():
        data = run("report", "demo", "-f", name, *options, cwd=folder).out
        said = read(data)
        READERS[name](data)  # and it is a valid report
        assert phrase in said, name
        for level in LEVELS:
            number = counts[level]
            word = {"info": "note"}.get(level, level) + ("" if number == 1 else "s")
            if number and name == "stats":
                assert re.search(rf"^adjusted: {level} +{number}  {re.escape(phrase)}$", said, re.MULTILINE)
            elif number:
                assert re.search(rf"\b{number} {word}\b.* {re.escape(phrase)}", said), (name, said)


def test_a_lowered_level_is_counted(demo: Path) -> None:
    """It left no trace in the text before."""
    done = run("report", "demo", "--severity", "all=info", cwd=demo)
    assert done.code == 0
    assert done.out.decode().splitlines()[-1].startswith(
        "OK: 15 errors and 2 warnings lowered by --severity; no other errors in 43 rows")
    assert verdict(demo, "--severity", "all=error")[1]["adjusted"] == []  # raised


def test_several_are_told_apart(demo: Path) -> None:
    """Each finding counts once: for the first cause."""
    code, said = verdict(demo, "--ignore", "IMG,all", "--select", "IMG501,JSN,TOK,CNV302", "--severity",
                         "TOK=info", "--severity", "CNV=off", "--exit-zero")
    assert code == 0 and said["failed"] is True
    assert [(a["how"], a["by"]) for a in said["adjusted"]] == [
        ("ignored", "--ignore"), ("off", "--severity"), ("lowered", "--severity"), ("passed", "--exit-zero")]
    of = {a["how"]: a["error"] for a in said["adjusted"]}
    assert of["off"] == found(demo, "CNV302")["error"] and of["lowered"] == found(demo, "TOK")["error"]
    assert of["passed"] == found(demo, "IMG501", "JSN")["error"]
    assert of["ignored"] + of["off"] + of["lowered"] + of["passed"] == found(demo, "")["error"] == 15
    assert said["text"].startswith("FAILED: 2 errors, ")


def test_the_command_line_replaces_the_file(demo: Path) -> None:
    """What it gives of an option is what counts, and it is named."""
    (demo / "both.yaml").write_text("ignore: IMG\nseverity: {TOK: info}\n")
    said = verdict(demo, "--config", "both.yaml", "--ignore", "CNV")[1]
    assert [(a["how"], a["by"]) for a in said["adjusted"]] == [("ignored", "--ignore"), ("lowered", "both.yaml")]


def test_nothing_is_adjusted(demo: Path) -> None:
    """A report without a selection has no more entries than findings."""
    assert verdict(demo)[1]["adjusted"] == []
    whole = run("report", "demo", "-f", "json", cwd=demo)
    assert whole.code == 1
    for name in ("jsonl", "csv", "gitlab"):
        data = run("report", "demo", "-f", name, cwd=demo).out
        assert VERDICTS[name](data) == ""
        assert len(READERS[name](data)) == len(json.loads(whole.out)["findings"]) == 17
    assert b"adjusted" not in run("report", "demo", "-f", "stats", cwd=demo).out


@pytest.mark.parametrize("options", [("--show", "error"), ("--max-findings", "2")])
def test_a_list_that_leaves_out_says_so(demo: Path, options: tuple[str, ...]) -> None:
    for name in ("jsonl", "csv", "gitlab", "github"):
        said = VERDICTS[name](run("report", "demo", "-f", name, *options, cwd=demo).out)
        assert said.startswith("FAILED: 15 errors, 2 warnings; "), name


def test_a_level_that_is_not_listed(tmp_path: Path) -> None:
    """Warnings alone, and only errors are listed: no format is empty."""
    make_small(tmp_path / "demo")
    write_rows(tmp_path / "demo/rows.json", [row("a", "a.jpg"), row("a", "a.jpg")])
    assert run("demo", "-q", cwd=tmp_path).code == 0
    for name in ("jsonl", "csv", "gitlab", "github"):
        said = VERDICTS[name](run("report", "demo", "-f", name, "--show", "error", cwd=tmp_path).out)
        assert re.match(r"OK: \d warnings?[,;] ", said), (name, said)


def test_names_that_mean_harm(tmp_path: Path) -> None:
    """A baseline or a settings file may have any name: letters, digits, dots and dashes are shown."""
    make_small(tmp_path / "demo")
    write_rows(tmp_path / "demo/rows.json", [row("a", "a.jpg"), row("x", "x.jpg")])
    name = "a`<b>|::##[\x1b[31m\u202e&'\"\\" + "n" * 200
    assert run("demo", "-q", "--write-baseline", name, cwd=tmp_path).code == 0
    for form, read in VERDICTS.items():
        data = run("report", "demo", "-f", form, "--baseline", name, cwd=tmp_path).out
        READERS[form](data)
        assert re.search(r"1 error known in a__b____\w+" if form != "stats" else r" known in a__b____\w+", read(data))
        assert "n" * 64 not in read(data)


def test_of_a_verification(tmp_path: Path) -> None:
    make_small(tmp_path / "demo")
    assert run("demo", "-q", cwd=tmp_path).code == 0
    (tmp_path / "demo/images/a.jpg").unlink()
    for options, phrase in ((("--ignore", "IDX"), "1 error ignored by --ignore"),
                            (("--severity", "IDX=info"), "1 error lowered by --severity")):
        for name, read in VERDICTS.items():
            done = run("verify", "demo", "-q", "-o", f"{name}:/dev/stdout", *options, cwd=tmp_path)
            assert done.code == 0
            said = read(done.out)
            assert phrase in said or (name == "stats" and phrase.split(" ", 2)[2] in said), (name, said)
