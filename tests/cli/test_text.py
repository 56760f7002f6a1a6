"""Text for terminals: width, colours, order, and what to do next."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import unicodedata
from pathlib import Path

import pytest

from program import FIXTURES, assert_complaint, copy_fixture, environment, make_small, program, row, run, write_rows
from terminal import open_terminal, read_terminal

FORMATS = ["text", "full", "grouped", "concise", "counts"]
LEVELS = {"error": 0, "warning": 1, "info": 2}
EFFECTS = ["refused", "crash", "replaced", "dropped", "altered", "unknown", "fine"]
HEAD = re.compile(r"^(error|warning|info) (\w{3}\d{3}) \S+: ([\d,]+) findings? \(([\w.-]+): (\w+)\)$", re.M)


@pytest.fixture(scope="module")
def sets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo, the rules' fixtures, and a set with long and wide names."""
    folder = tmp_path_factory.mktemp("text")
    for name in ("demo", "rules"):
        copy_fixture(FIXTURES / name, folder / name)
        assert run("check", name, "-q", cwd=folder).code == 1
    rows = [row(n, f"{name}/{n}.jpg") for n, name in enumerate(
        ["a" * 250 + "/" + "b" * 250, "中文" * 60, "e\u0301" * 200, "words and words " * 20, "x" * 5000])]
    write_rows(folder / "wide set/rows.json", [*rows, *(row(f"m{n}", f"m/{n}.jpg") for n in range(7))])
    assert run("check", "wide set", "-q", cwd=folder).code == 1
    return folder


def on_terminal(*arguments: str, cwd: Path, columns: int, **more: str) -> str:
    """Return what the program prints on a terminal with this number of columns."""
    ours, theirs = open_terminal(columns)
    env = {**environment(cwd), "TERM": "xterm", **more}
    with subprocess.Popen([program(), *arguments], cwd=cwd, env=env, stdin=subprocess.DEVNULL,
                          stdout=theirs, stderr=subprocess.DEVNULL) as process:
        os.close(theirs)
        seen = read_terminal(ours, process)
    assert process.returncode in (0, 1), seen
    return seen.decode().replace("\r\n", "\n")


def bare(text: str) -> str:
    return re.sub(r"\x1b\[[\d;]*m", "", text)


def columns_of(line: str) -> int:
    wide = sum(unicodedata.east_asian_width(c) in "WF" for c in line)
    return len(line) + wide - sum(unicodedata.combining(c) > 0 for c in line)


@pytest.mark.parametrize("columns", [40, 80, 200])
@pytest.mark.parametrize("name", [f for f in FORMATS if f != "concise"])
def test_lines_fit_the_terminal(name: str, columns: int, sets: Path) -> None:
    """All lines fit, except commands, which can be copied; short enough text loses only blanks."""
    for data in ("demo", "rules", "wide set"):
        report = ("report", data, "-f", name, "--max-findings", "50")
        seen = bare(on_terminal(*report, cwd=sets, columns=columns))
        plain = run(*report, cwd=sets).out.decode()
        lines = seen.splitlines()
        commands = [line for line in lines if line.startswith("  llava-check ")]
        assert [line for line in lines if columns_of(line) > columns and line not in commands] == []
        assert all(shlex.split(line, comments=True)[0] == "llava-check" for line in commands)
        assert columns > 40 or len(lines) > len(plain.splitlines()) or name == "counts"
        squeezed = [re.sub(r"\s+", "", text.split("\n  llava-check ")[0].split("\n  # ")[0])
                    for text in (seen, plain)]
        assert (squeezed[0] == squeezed[1]) == (data != "wide set" or name == "counts")
        if data == "wide set" and name != "counts":
            assert "…\n" in seen and "x" * 5000 in plain


def test_concise_is_a_line_for_each(sets: Path) -> None:
    seen = bare(on_terminal("report", "demo", "-f", "concise", cwd=sets, columns=40))
    plain = run("report", "demo", "-f", "concise", cwd=sets).out.decode()
    assert seen.splitlines()[:17] == plain.splitlines()[:17]
    assert [line for line in seen.splitlines()[17:] if len(line) > 40] == [] and "FAILED: 15 errors" in plain
    assert "demo/llava_demo.json:109:13: error CNV303 row 5, id '000000520873': turn 1 is" in seen
    assert len(re.findall(r"^\S+: (?:error|warning) [A-Z]{3}\d{3} ", seen, re.M)) == 17


@pytest.mark.parametrize("name", FORMATS)
def test_pipes_get_the_same_everywhere(name: str, sets: Path) -> None:
    env = {**environment(sets), "COLUMNS": "40", "TERM": "xterm", "CLICOLOR_FORCE": "1"}
    done = subprocess.run([program(), "report", "demo", "-f", name], cwd=sets, env=env, capture_output=True)
    assert done.stdout == run("report", "demo", "-f", name, cwd=sets).out and b"\x1b" not in done.stdout


@pytest.mark.parametrize("name", FORMATS)
def test_colours_are_for_terminals(name: str, sets: Path) -> None:
    report = ("report", "demo", "-f", name)
    colored = on_terminal(*report, cwd=sets, columns=80)
    assert "\x1b[1;31m" in colored
    ends = re.findall(r"\x1b\[([\d;]*)m", colored)
    assert ends[1::2] == ["0"] * (len(ends) // 2), "each colour ends before the next"
    plain = on_terminal(*report, cwd=sets, columns=80, NO_COLOR="1")
    assert "\x1b" not in plain and bare(colored) == plain
    assert "\x1b" not in on_terminal(*report, "--color", "never", cwd=sets, columns=80)
    assert "\x1b" not in on_terminal(*report, cwd=sets, columns=80, TERM="dumb")
    assert b"\x1b[" in run(*report, "--color", "always", cwd=sets).out


@pytest.mark.parametrize("trainer", ["llava-next", "llava-1.5", "ms-swift"])
@pytest.mark.parametrize("name", ["text", "full"])
def test_the_worst_comes_first(name: str, trainer: str, sets: Path) -> None:
    """Rules are sorted by level, then by effect, then those that keep a file out, then by number."""
    out = run("report", "rules", "-f", name, "-t", trainer, "--show", "info", cwd=sets).out.decode()
    heads = HEAD.findall(out)
    assert len(heads) > 30 and {head[3] for head in heads} == {trainer}
    order = [(LEVELS[level], EFFECTS.index(effect), not code.startswith("JSN"), -int(n.replace(",", "")))
             for level, code, n, _, effect in heads]
    assert order == sorted(order) and len({o[1] for o in order}) > 2
    assert out.splitlines()[-1].startswith("FAILED: ")


def test_statistics(sets: Path) -> None:
    out = run("report", "demo", "--statistics", cwd=sets).out.decode()
    assert out == run("report", "demo", "-f", "counts", cwd=sets).out.decode()
    head, *lines = out.split("\n\n")[0].splitlines()
    assert head.split() == ["findings", "level", "code", "rule", "llava-next"]
    assert lines[0].split() == ["1", "error", "JSN101", "json-syntax", "refused"] and len(lines) == 17
    assert all(line.index(line.split()[2]) == head.index("code") for line in lines)
    assert run("demo", "--statistics", "--no-index", cwd=sets).out.decode() == out
    assert_complaint(run("report", "demo", "--statistics", "-f", "json", cwd=sets),
                     "--statistics and --format cannot be combined")
    (sets / "f.yaml").write_text("format: json\n")
    (sets / "s.yaml").write_text("statistics: true\n")
    assert run("report", "demo", "--statistics", "--config", "f.yaml", cwd=sets).out.decode() == out
    assert run("report", "demo", "--config", "s.yaml", cwd=sets).out.decode() == out
    assert run("report", "demo", "-f", "json", "--config", "s.yaml", cwd=sets).out.startswith(b"{")
    (sets / "b.yaml").write_text("statistics: true\nformat: json\n")
    done = run("report", "demo", "--config", "b.yaml", cwd=sets)
    assert done.code == 2 and "cannot be combined" in done.err
    assert run("report", "demo", "--statistics", "-q", cwd=sets).out == b""


def test_another_name(sets: Path) -> None:
    wanted = run("report", "demo", "-f", "concise", cwd=sets).out
    for options in (["--output-format", "concise"], ["--output-format=concise"], ["-f", "csv", "--output-format", "concise"]):
        assert run("report", "demo", *options, cwd=sets).out == wanted
    assert run("report", "demo", "--output-format", "concise", "-f", "json", cwd=sets).out.startswith(b"{")
    assert_complaint(run("rules", "--output-format", "json", cwd=sets), "'rules' does not accept --format")


@pytest.mark.parametrize("command, value, said", [
    (["report", "demo"], "jsn", "'jsn' is not a report format; did you mean 'json'?"),
    (["report", "demo"], "Concise", "'Concise' is not a report format; did you mean 'concise'?"),
    (["report", "demo"], "group", "'group' is not a report format; did you mean 'grouped'?"),
    (["report", "demo"], "xyz", "'xyz' is not a report format; use one of text, full, grouped, concise, counts, json, "),
    (["index", "images", "demo"], "cvs", "'cvs' is not a query format; did you mean 'csv'?"),
    (["index", "images", "demo"], "sarif", "'sarif' is not a query format; use one of text, json, jsonl, csv"),
    (["diff", "demo", "demo"], "texst", "'texst' is not a report format; did you mean 'text'?"),
    (["config", "demo"], "jason", "'jason' is not a settings format; did you mean 'json'?"),
    (["config", "demo"], "csv", "'csv' is not a settings format; use one of text, json"),
])
def test_a_slip_of_a_format(command: list[str], value: str, said: str, sets: Path) -> None:
    assert_complaint(run(*command, "--output-format", value, cwd=sets), said)


def test_suggested_commands_work(sets: Path) -> None:
    """A shell runs each command, even with names that it would split."""
    count = 0
    for data in ("demo", "rules", "wide set"):
        out = run("check", data, "--show", "error", cwd=sets).out.decode()
        lines = [line for line in out.splitlines() if line.startswith("  llava-check ")]
        assert shlex.split(lines[0])[1] == "help"
        for line in lines:
            done = subprocess.run(["sh", "-c", f"{program()} {line.strip().removeprefix('llava-check ')}"],
                                  cwd=sets, env=environment(sets), capture_output=True, text=True)
            assert done.returncode in (0, 1) and done.stdout, line
            assert all(said.startswith("note: ") for said in done.stderr.splitlines()), line  # fix checks the data again
            assert done.stderr == "" or " fix " in line, line
            all_of = re.search(r"# all ([\d,]+) of them", line)
            if all_of:
                assert len(done.stdout.splitlines()) >= int(all_of[1].replace(",", "")), line
            count += 1
    assert count >= 7


@pytest.mark.parametrize("name", ["it's; echo $HOME", "-n", "a\nb", "\x1b[31m", "\u202e"])
def test_names_that_a_shell_or_a_terminal_would_obey(name: str, tmp_path: Path) -> None:
    make_small(tmp_path / name)
    write_rows(tmp_path / name / "rows.json", [row(n, f"{n}.jpg") for n in range(9)])
    out = run("check", "--", name, cwd=tmp_path).out.decode()
    suggested = [line for line in out.splitlines() if " index findings " in line]
    assert len(suggested) == 1 and suggested[0].isprintable()
    shell = subprocess.run(["bash", "-c", "printf '%s\\0' " + suggested[0]], capture_output=True, check=True)
    words = [os.fsdecode(word) for word in shell.stdout.split(b"\0")[:-1]]
    assert words[:3] == ["llava-check", "index", "findings"]
    assert Path(words[3]) == Path(name) and words[4:] == ["-r", "IMG501"]


def test_without_a_name_for_the_results(tmp_path: Path) -> None:
    """No command that would not work is suggested, but the remaining findings are counted."""
    make_small(tmp_path / "set")
    write_rows(tmp_path / "set/rows.json", [{**row(n, f"{n}.jpg"), "id": None} for n in range(9)])
    out = run("set", "--no-index", "--show", "error", cwd=tmp_path).out.decode()
    assert "llava-check report" not in out and "llava-check index" not in out
    assert "… and 6 more\n" in out and " not listed: --show " in out
    kept = run("set", "--index", "kept here", "--show", "error", cwd=tmp_path).out.decode()
    assert "  llava-check index findings 'kept here' -r IMG501 " in kept


def test_full_explains(sets: Path) -> None:
    out = run("report", "demo", "-f", "full", cwd=sets).out.decode()
    block = out[out.index("error CNV303 ") :].split("\n\n")[0].splitlines()
    assert [line.split()[0] for line in block[2:6]] == ["why", "fix", "llava-check", "trainer"]
    assert block[4].split(None, 2)[2] == "with --unsafe join-turns"
    assert block[6].startswith("    demo/llava_demo.json:109:13: row 5, ")
    assert "… and 6 more" in run("report", "wide set", "-f", "full", "--max-findings", "6", cwd=sets).out.decode()


NO_ROWS = {"empty.json": "", "blank.json": " \n", "array.json": "[]", "object.json": '{"data": []}', "empty.jsonl": ""}


@pytest.mark.parametrize("name", NO_ROWS)
def test_the_verdict_where_there_is_no_row(name: str, tmp_path: Path) -> None:
    """Python loads an empty array, so nothing else is reported about it."""
    (tmp_path / name).write_text(NO_ROWS[name])
    done = run(name, "--no-index", cwd=tmp_path)
    assert done.code == 1
    assert done.out.decode().splitlines()[-2:] == [
        "llava-next does not start: its loader gets no rows",
        "FAILED: 1 error; no rows to train on",
    ]


def test_the_verdict_where_a_file_of_several_has_no_row(tmp_path: Path) -> None:
    make_small(tmp_path / "set")
    (tmp_path / "empty.json").write_text("[]")
    out = run("set/rows.json", "empty.json", "--no-index", cwd=tmp_path).out.decode()
    assert out.endswith("\nFAILED: 1 error; Python cannot load 1 of 2 files; 0 of 2 rows have errors\n")
