"""llava-check.yaml: where it is found, what it may contain, and what `llava-check config` shows.

test_trust.py tests who may write it, and what it may not do.
"""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest

from program import REPOSITORY, assert_complaint, make_small, run

NAME = "llava-check.yaml"
DOC = REPOSITORY / "docs/configuration.md"
TABLE = (REPOSITORY / "src/cli/options.def").read_text(encoding="utf-8")
ROWS = re.findall(r'^LC_OPTION\(\w+, "([\w-]+)",((?:"(?:[^"\\]|\\.)*"|[^")])*)\)$', TABLE, re.MULTILINE)
SETTINGS = [name for name, rest in ROWS if rest.endswith("NULL") and "ALIAS" not in rest]


def make_set(folder: Path) -> Path:
    """Make data/ in a folder of a repository, so that nothing above it is found."""
    (folder / "top/.git").mkdir(parents=True)
    make_small(folder / "top/data")
    return folder / "top"


def settings(*arguments: str | Path, cwd: Path) -> dict[str, Any]:
    done = run("config", *arguments, "-f", "json", cwd=cwd)
    assert done.code == 0 and done.err == "", done.err
    return json.loads(done.out)


def read(*arguments: str | Path, cwd: Path) -> dict[str, str]:
    """Return the settings files that are read, by where they are."""
    return {f["from"]: f["file"] for f in settings(*arguments, cwd=cwd)["files"] if f["read"]}


def value(name: str, *arguments: str | Path, cwd: Path) -> tuple[Any, str]:
    entry = settings(*arguments, cwd=cwd)["settings"][name]
    return entry["value"], entry["from"]


def test_where_files_are_found(tmp_path: Path) -> None:
    top = make_set(tmp_path)
    (tmp_path / NAME).write_text("fail-on: info\n")  # above the repository
    assert read("data", cwd=top) == {}
    (top / NAME).write_text("fail-on: warning\n")
    assert read("data", cwd=top) == {"working tree": NAME}
    assert read("data/rows.json", cwd=top) == {"working tree": NAME}
    assert read(top / "data", cwd=top / "data") == {"working tree": str(top / NAME)}
    assert read(cwd=top) == {"working tree": NAME}
    (top / "data" / NAME).write_text("trainer: qwen-vl\n")
    both = {"working tree": NAME, "data": f"data/{NAME}"}
    assert read("data", cwd=top) == read("data/rows.json", cwd=top) == both
    assert read("data/r{ow,ow}s.json", cwd=top) == both
    assert read("data", "--isolated", cwd=top) == {}
    assert read("data", "--config", f"data/{NAME}", cwd=top) == {"--config": f"data/{NAME}"}
    (top / "sub/deep").mkdir(parents=True)
    assert read("../../data", cwd=top / "sub/deep")["working tree"] == str(top / NAME)
    (top / "sub" / NAME).write_text("show: info\n")  # the nearest to where the user works
    assert read("../../data", cwd=top / "sub/deep")["working tree"] == str(top / "sub" / NAME)
    (top / ".git").rmdir()  # without a repository it is that folder alone
    assert "working tree" not in read("../../data", cwd=top / "sub/deep")
    assert read("../data", cwd=top / "sub")["working tree"] == NAME


def test_the_working_tree_comes_before_the_data(tmp_path: Path) -> None:
    top = make_set(tmp_path)
    (top / "data" / NAME).write_text("trainer: qwen-vl\nimages: images\n")
    (top / NAME).write_text("trainer: internvl\n")
    assert value("trainer", "data", cwd=top) == ("internvl", "working tree")
    assert value("images", "data", cwd=top) == ("data/images", "data")
    assert value("trainer", "data", "--trainer", "llava-1.5", cwd=top) == ("llava-1.5", "command line")


def test_it_is_never_silent(tmp_path: Path) -> None:
    top = make_set(tmp_path)
    (top / NAME).write_text("show: error\n")
    note = f"note: settings from {NAME}\n"
    assert run("data", cwd=top).err == note  # which makes the index
    assert run("report", "data", "-f", "json", cwd=top).err == note
    assert run("verify", "data", cwd=top).err == note
    assert run("data", "-q", cwd=top).err == ""
    assert run("data", "--isolated", "--no-index", cwd=top).err == ""
    for command in (["index", "stats", "data"], ["rules"], ["diff", "data", "data"]):
        assert run(*command, cwd=top).err == ""
    done = run("data", "--config", NAME, "--no-index", cwd=top)
    assert done.err == note
    (top / NAME).write_text("quiet: true\n")
    done = run("data", "--config", NAME, "--no-index", cwd=top)
    assert (done.out, done.err) == (b"", note)
    (top / NAME).unlink()
    (top / "data" / NAME).write_text("trainer: internvl\nimages: images\n")
    assert run("data", "--no-index", cwd=top).err == (  # nor of results that are reused, after some seconds
        f"note: settings from data/{NAME}, which is part of the data set: images, trainer\n")


def test_the_command_line_comes_first(tmp_path: Path) -> None:
    top = make_set(tmp_path)
    (top / NAME).write_text("# a comment\nfail-on: warning\nignore: [IMG, TOK401]\nthreads: 2\n"
                            "report: [a.json, junit:b]\nseverity: {CNV: off, ROW: info}\n")
    assert value("fail-on", "data", cwd=top) == ("warning", "working tree")
    assert value("fail-on", "data", "--fail-on", "info", cwd=top) == ("info", "command line")
    assert value("ignore", "data", cwd=top) == (["IMG", "TOK401"], "working tree")
    assert value("ignore", "data", "--ignore", "ROW", "--ignore", "CNV3,JSN", cwd=top) == (
        ["ROW", "CNV3", "JSN"], "command line")
    assert value("threads", "data", cwd=top) == (2, "working tree")
    assert value("report", "data", cwd=top) == (["a.json", "junit:b"], "working tree")
    assert value("report", "data", "-o", "c.csv", cwd=top) == (["c.csv"], "command line")
    assert value("severity", "data", cwd=top) == (["CNV=off", "ROW=info"], "working tree")
    assert value("severity", "data", "--severity", "IMG=off", cwd=top) == (["IMG=off"], "command line")
    assert value("show", "data", cwd=top) == ("warning", "default")
    assert value("quiet", "data", cwd=top) == (False, "default")
    assert settings("data", cwd=top)["settings"]["report"]["line"] == 5


def test_text_of_config(tmp_path: Path) -> None:
    top = make_set(tmp_path)
    (top / NAME).write_text("ignore: IMG\nper-folder-ignores:\n  a/**: [TOK, CNV]\n  'b c': ROW\n")
    lines = run("config", "data", "--show", "info", cwd=top).out.decode().splitlines()
    assert lines[0].split() == ["settings", "from", NAME, "(working", "tree)"]
    assert lines[2].split() == ["setting", "value", "from", "trust", "settable", "from"]
    said = {line.split()[0]: line.split(maxsplit=1)[1].split("  ") for line in lines[3:] if line[0] != " "}
    said = {name: [cell.strip() for cell in cells if cell] for name, cells in said.items()}
    assert said["ignore"] == ["IMG", f"{NAME}:1", "limited", "working tree"]
    assert said["show"] == ["info", "command line", "full", "working tree"]
    assert said["trainer"] == ["by dialect", "default", "full", "data"]
    assert said["allow-outside"] == ["false", "default", "full", "--config"]
    assert said["per-folder-ignores"] == ["a/**: TOK", f"{NAME}:2", "limited", "working tree"]
    assert [cell.strip() for cell in lines[-1].split("  ") if cell] == [
        "b c: ROW", f"{NAME}:2", "limited", "working tree"]
    for word in ("from", "trust", "settable"):  # columns
        at = lines[2].index(word)
        assert all(line[at - 1] == " " and line[at] != " " for line in lines[2:]), word
    assert settings("data", cwd=top)["settings"]["per-folder-ignores"] == {
        "value": [{"pattern": "a/**", "rule": "TOK"}, {"pattern": "a/**", "rule": "CNV"},
                  {"pattern": "b c", "rule": "ROW"}],
        "from": "working tree", "trust": "limited", "settable_from": "working tree", "file": NAME, "line": 2}


def test_paths_start_at_the_file(tmp_path: Path) -> None:
    top = make_set(tmp_path)
    (top / "conf").mkdir()
    (top / "conf/x.yaml").write_text("report: [junit:r.xml, r.json]\nimages: ../data/images\nindex: ix\n")
    done = run("data", "--config", "conf/x.yaml", "-q", cwd=top)
    assert done.code == 0, done.err
    assert sorted(p.name for p in (top / "conf").iterdir()) == ["ix", "r.json", "r.xml", "x.yaml"]
    assert value("images", "data", "--config", "conf/x.yaml", cwd=top)[0] == "conf/../data/images"
    assert value("index", "data", "--config", top / "conf/x.yaml", cwd=top)[0] == str(top / "conf/ix")
    (top / "conf/x.yaml").write_text("images: /nowhere\n")
    assert value("images", "data", "--config", "conf/x.yaml", cwd=top)[0] == "/nowhere"


BROKEN = [
    # settings, the line that is named, what is said
    ("selct: IMG", 1, "unknown setting 'selct'; did you mean 'select'?"),
    ("show: info\n\nper-folder-ignore: {}", 3, "did you mean 'per-folder-ignores'?"),
    ("xyzzy: 1", 1, "docs/configuration.md"),
    ("rule: IMG501", 1, "'rule' cannot be set in a file, only on the command line"),
    ("config: a.yaml", 1, "'config' cannot be set in a file, only on the command line"),
    ("help: true", 1, "'help' cannot be set in a file, only on the command line"),
    ("write-baseline: a", 1, "'write-baseline' cannot be set in a file, only on the command line"),
    ("show: 3", 1, "'show' must be a string, not '3'"),
    ("show: loud", 1, "--show must be info, warning or error, not 'loud'"),
    ("show: [info]", 1, "expected a single value"),
    ("show:", 1, "'show' must be a string"),
    ("show: info\nshow: info", 2, "'show' is already set on line 1"),
    ("threads: '4'", 1, "'threads' must be a number"),
    ("threads: 0", 1, "from 1 to 512"),
    ("threads: yes", 1, "'yes'"),
    ("images: 12", 1, "'images' must be a string"),
    ("images: true", 1, "'images' must be a string"),
    ("images: null", 1, "'images' must be a string"),
    ("no-images: 1", 1, "'no-images' must be true or false, not '1'"),
    ("no-images: 'true'", 1, "'no-images' must be true or false"),
    ("ignore: {IMG: 1}", 1, "a list of strings"),
    ("ignore: [IMG, [TOK]]", 1, "a list of strings"),
    ("ignore:\n- IMG\n- IMG50Y", 3, "did you mean 'IMG501'?"),
    ("ignore: ''", 1, "'ignore' must be a string"),
    ("severity: {IMG: 3}", 1, "info, warning, error or off"),
    ("severity: {IMG501: [off]}", 1, "expected a level"),
    ("severity: [IMG501]", 1, "CODE=LEVEL"),
    ("format: xml", 1, "'xml' is not a report format"),
    ("trainer: llava-nxt", 1, "did you mean 'llava-next'?"),
    ("per-folder-ignores: [a]", 1, "must map path patterns to rules"),
    ("per-folder-ignores:\n  a: IMG\n  b: {}", 3, "a rule or a list of rules"),
    ("per-folder-ignores:\n  a: []\n  b: XX", 3, "unknown rule 'XX'"),
    ("per-folder-ignores: {'': IMG}", 1, "empty path pattern"),
    ("per-folder-ignores: {a: ' , '}", 1, "no rules given for 'a'"),
    ("per-folder-ignores: {a: [IMG", 2, "invalid YAML"),
    ("ignore: [IMG", 2, "invalid YAML"),
    ("@", 1, "invalid YAML"),
    ("per-folder-ignores: {a: IMG}\nper-folder-ignores: {b: IMG}", 2, "already set on line 1"),
    ("- show", 1, "expected settings such as"),
    ("show", 1, "expected settings such as"),
    ("show: info\n---\nshow: info", 2, "a settings file must be a single YAML document"),
    ("a: &x info\nshow: *x", 1, "unknown setting 'a'"),
    ("show: &x info\nfail-on: *x", 2, "aliases"),
    ("show: info\nfail-on: [", 2, "expected a single value"),
    ("show: 'info", 2, "invalid YAML"),
    ("show: \"in\\0fo\"", 1, "NUL"),
    ("show: \x01", 1, "invalid YAML"),
    ("\"sh\\eow\": info", 1, "sh\\x1bow"),
]


@pytest.mark.parametrize("text, line, part", BROKEN)
def test_broken_settings(tmp_path: Path, text: str, line: int, part: str) -> None:
    make_small(tmp_path / "data")
    (tmp_path / "my.yaml").write_text(text + "\n")
    for command in ("check", "config"):
        done = run(command, "data", "--config", "my.yaml", cwd=tmp_path)
        assert_complaint(done, f"llava-check: my.yaml: line {line}: ", part)


def test_no_settings_at_all(tmp_path: Path) -> None:
    make_small(tmp_path / "data")
    for text in ("", "\n", "# nothing\n", "---\n", "{}\n"):
        (tmp_path / "my.yaml").write_text(text)
        done = run("data", "--config", "my.yaml", cwd=tmp_path)
        assert done.code == 0, done.err


def test_what_is_no_file(tmp_path: Path) -> None:
    make_small(tmp_path / "data")
    assert_complaint(run("data", "--config", "no.yaml", cwd=tmp_path), "no.yaml: ", "No such file")
    assert_complaint(run("data", "--config", "data", cwd=tmp_path), "data: ", "not a regular file")
    (tmp_path / "large.yaml").write_text("#" * (1 << 21))
    assert_complaint(run("data", "--config", "large.yaml", cwd=tmp_path), "too large")


# ---- every option


def test_every_setting_is_shown_and_described(tmp_path: Path) -> None:
    assert len(ROWS) == TABLE.count("\nLC_OPTION(") > len(SETTINGS) > 20
    shown = settings(".", "--isolated", cwd=tmp_path)["settings"]
    assert list(shown) == [*SETTINGS, "per-folder-ignores"]
    described = DOC.read_text(encoding="utf-8")
    table = described.split("| Setting |")[1].split("\n\n")[0]
    rows = re.findall(r"^\| `([\w-]+)` \|", table, re.MULTILINE)
    assert sorted(rows) == sorted(shown)


def test_every_setting_can_be_set(tmp_path: Path) -> None:
    """Each by its name, and what is given is what is shown."""
    samples: dict[str, Any] = {
        "images": "x", "videos": "x", "index": "x", "index-mode": "content", "trainer": "qwen-vl", "dialect": "sharegpt",
        "report": ["x.json"], "format": "json", "color": "never", "select": ["IMG"],
        "ignore": ["IMG501"], "severity": ["IMG=info"], "show": "info", "fail-on": "info",
        "max-findings": 7, "baseline": "x", "threads": 3, "io-depth": 100, "progress": "never",
    }
    given = {name: samples.get(name, True) for name in SETTINGS}
    (tmp_path / "my.yaml").write_text(json.dumps(given), encoding="utf-8")  # which is YAML
    shown = settings(".", "--config", "my.yaml", cwd=tmp_path)["settings"]
    assert {name: shown[name]["value"] for name in SETTINGS} == given
    assert {shown[name]["from"] for name in SETTINGS} == {"--config"}
    false = {name: False for name in SETTINGS if given[name] is True}
    (tmp_path / "my.yaml").write_text(json.dumps(false), encoding="utf-8")
    shown = settings(".", "--config", "my.yaml", cwd=tmp_path)["settings"]
    assert {name: shown[name]["value"] for name in false} == false


def test_no_file_at_all(tmp_path: Path) -> None:
    top = make_set(tmp_path)
    assert run("config", "data", cwd=top).out.decode().splitlines()[0].split() == ["settings", "from", "no", "file"]
    assert settings("data", cwd=top)["files"] == []


def test_strange_names_are_shown(tmp_path: Path) -> None:
    folder = tmp_path / "a\x1b[31m"
    folder.mkdir()
    (folder / NAME).write_text("trainer: qwen-vl\n")
    done = run("config", folder.name, cwd=tmp_path)
    assert done.code == 0 and b"\x1b" not in done.out
    shown = settings(folder.name, "--images", os.fsdecode(b"\xff\"x"), cwd=tmp_path)
    assert [f["file"] for f in shown["files"]] == [f"{folder.name}/{NAME}"]
    assert shown["settings"]["images"]["value"] == "\\xff\"x"
