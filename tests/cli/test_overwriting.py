"""Writing a report or a baseline never loses what is at its path.

An existing file is replaced only if it is a report (or a baseline, by a baseline), or with --force; a
file that the run reads is never replaced, and nothing is written through a symbolic link.
"""

from __future__ import annotations

import fcntl
import json
import os
import socket
import subprocess
from pathlib import Path
from typing import Callable

import pytest
from program import (
    DEMO, NOBODY, TIMEOUT_S, assert_complaint, copy_fixture, environment, files_of, make_small, program, row, run, unprivileged, write_rows,
)  # fmt: skip
from test_formats import FORMATS

FORMAT_COUNT = 15
NAMES = [format.name for format in FORMATS]
REFUSED = "is not a llava-check report"

# Other files, as similar to our reports as possible
FOREIGN = {
    "shell": b"#!/bin/sh\nrm -rf /\n",
    "bashrc": b"# ~/.bashrc\nalias ll='ls -l'\n",
    "rows": b'[\n  {"id": 1, "conversations": []}\n]\n',
    "a list": b"[]",
    "a list of lists": b"[]\n[]\n",
    "an object": b"{}\n{}\n",
    "a schema": b'{\n  "$schema":"https://json.schemastore.org/sarif-2.1.0.json",\n  "version":"2.1.0",\n  "runs":[\n    {\n'
                b'      "tool":{"driver":{"name":"eslint",',
    "tsconfig": b'{\n  "$schema":"https://json.schemastore.org/tsconfig.json"\n}\n',
    "json": b'{\n  "schema": 1,\n  "tool": { "name": "other"',
    "json without a number": b'{\n  "schema": ,\n  "tool": { "name": "llava-check",',
    "jsonl": b'{"rule":"ZZZ999","name":"image-missing"}\n',
    "jsonl of no rule": b'{"rule":"","name":"other",',
    "codeclimate": b'[\n  {"type":"issue","check_name":"ZZZ999 other",',
    "csv": b"rule,name,severity,effect,message,file,row,line,column,offset,turn,id,image,rows,more\n",
    "notes": b"# My notes\n",
    "notes about us": b"# llava-check: what I think of it\n",
    "a mark": b"# llava-check texts report\n",
    "a mark without an end": b"# llava-check text report",
    "junit": b'<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="pytest">',
    "github": b"::notice title=other::text\n",
    "concise": b"a.c:1:1: error IMG501 no such file\n",
    "page": b"<!doctype html>\n<html>",
    "space": b" ",
    "newline": b"\n",
    "bytes": bytes(range(256)),
}


@pytest.fixture(name="data")
def made_data(tmp_path: Path) -> Path:
    copy_fixture(DEMO, tmp_path / "demo")
    run("demo", "-q", "--index", "index", cwd=tmp_path)
    return tmp_path


def write(cwd: Path, place: str, *options: str) -> tuple[int, str]:
    done = run("report", "index", "-q", "-o", place, *options, cwd=cwd)
    return done.code, done.err


@pytest.mark.parametrize("name", NAMES)
def test_a_report_takes_the_place_of_reports(name: str, data: Path) -> None:
    """This includes every format, and empty files: nothing found, everything ignored, or not yet written."""
    make_small(data / "good")
    assert run("good", "-q", cwd=data).code == 0
    seen = 0
    for other in NAMES:
        for of in (["index"], ["good"], ["index", "--ignore", "all"]):
            assert run("report", *of, "-q", "-o", f"{other}:r", cwd=data).err == ""
            assert write(data, f"{name}:r") == (1, ""), other
            seen += 1
            (data / "r").unlink()
    (data / "r").touch()
    assert write(data, f"{name}:r") == (1, "")
    assert seen == 3 * FORMAT_COUNT


@pytest.mark.parametrize("name", NAMES)
def test_no_other_file_is_overwritten(name: str, data: Path) -> None:
    assert write(data, f"{name}:r") == (1, "")
    report, foreign = (data / "r").read_bytes(), dict(FOREIGN)
    for size in (1, 5, 10, 15):  # a part of a report does not count as one
        foreign[f"{size} bytes"] = report[:size]
    assert len(foreign) == len(FOREIGN) + 4
    for what, theirs in foreign.items():
        (data / "r").write_bytes(theirs)
        before = (data / "r").stat().st_ino
        code, said = write(data, f"{name}:r")
        assert code == 2 and said.startswith("llava-check: r: ") and REFUSED in said and "--force" in said, what
        assert (data / "r").read_bytes() == theirs and (data / "r").stat().st_ino == before, what
        assert list(data.glob("r.*")) == []
    assert write(data, f"{name}:r", "--force") == (1, "")
    assert (data / "r").read_bytes() == report


def test_the_refusal_comes_before_the_run(tmp_path: Path) -> None:
    make_small(tmp_path / "data")
    (tmp_path / "notes").write_text("mine\n")
    for command in ([], ["verify"]):
        done = run(*command, "data", "-o", "text:notes", cwd=tmp_path)
        assert_complaint(done, "notes: exists and " + REFUSED)
        assert done.out == b"" and not (tmp_path / "data/.llava-check").exists()


def test_one_that_cannot_be_read(open_folder: Path) -> None:
    """An unreadable file may be anything, so it is not replaced."""
    make_small(open_folder / "set")
    (open_folder / "r.json").write_text("mine")
    (open_folder / "r.json").chmod(0)
    open_folder.chmod(0o777)
    user = unprivileged(open_folder)
    at = ["set", "--no-index", "-q", "-o", "r.json"]
    done = run(*at, cwd=open_folder, before=user.before, executable=user.executable)
    assert_complaint(done, "r.json: exists and cannot be read to see whether it is a report: Permission denied")
    assert (open_folder / "r.json").read_text() == "mine"
    done = run(*at, "--force", cwd=open_folder, before=user.before, executable=user.executable)
    assert done.err == "" and json.loads((open_folder / "r.json").read_bytes())["schema"] == 1


# ---- what the run reads ----


def make_mixture(folder: Path) -> None:
    make_small(folder)
    write_rows(folder / "more.jsonl", [row("c", "a.jpg")])
    write_rows(folder / "other.json", [row("d", "a.jpg")])
    (folder / "mixture.yaml").write_text("datasets:\n- json_path: rows.json\n- json_path: more.jsonl\n")


# What is checked, and a file of it
READ = [
    ("data", "data/rows.json"),
    ("data", "data/more.jsonl"),
    ("data", "data/./more.jsonl"),
    ("data/rows.json", "data/rows.json"),
    ("data/mixture.yaml", "data/mixture.yaml"),
    ("data/mixture.yaml", "data/more.jsonl"),
    ("data/{rows,other}.json", "data/other.json"),
    ("data", "linked"),
    ("data", "second"),
]


@pytest.mark.parametrize("command", [["check"], ["report"], ["verify"]])
@pytest.mark.parametrize("path, target", READ)
def test_no_file_of_the_data_is_overwritten(path: str, target: str, command: list[str], tmp_path: Path) -> None:
    """Not even one that looks like a report, and not even with --force."""
    make_mixture(tmp_path / "data")
    (tmp_path / "linked").symlink_to("data/rows.json")
    os.link(tmp_path / "data/rows.json", tmp_path / "second")
    assert run("check", path, "--images", "data/images", "-q", cwd=tmp_path).code == 0
    before = files_of(tmp_path)
    for options in ([], ["--force"]):
        done = run(*command, path, "-q", *options, "-o", f"json:{target}", cwd=tmp_path)
        wanted = "symbolic link" if target == "linked" and not options else "is a file of the data set"
        assert_complaint(done, f"{target}: ", wanted)
    assert files_of(tmp_path) == before and (tmp_path / "linked").is_symlink()


@pytest.mark.parametrize("rows", [b"", b"[]\n", b'{"rule":"IMG501","name":"image-missing","conversations":[]}\n'])
def test_rows_that_look_like_a_report(rows: bytes, tmp_path: Path) -> None:
    make_small(tmp_path / "data")
    (tmp_path / "data/more.jsonl").write_bytes(rows)
    # in a folder, an empty file, and one with only brackets, are skipped, because they have no rows
    for path in ("data/more.jsonl", *(["data"] if b"rule" in rows else [])):
        for options in ([], ["--force"]):
            done = run(path, "-q", "--no-index", *options, "-o", "text:data/more.jsonl", cwd=tmp_path)
            assert_complaint(done, "data/more.jsonl: is a file of the data set")
    assert (tmp_path / "data/more.jsonl").read_bytes() == rows


@pytest.mark.parametrize("options, what", [
    (["--config", "settings.yaml", "-o", "text:settings.yaml"], "settings.yaml: is a settings file"),
    (["--baseline", "base.json", "-o", "base.json"], "base.json: is the baseline"),
    (["--write-baseline", "base.json", "-o", "base.json"], "base.json: is the baseline"),
])
def test_nothing_else_that_is_read_is_overwritten(options: list[str], what: str, tmp_path: Path) -> None:
    make_small(tmp_path / "data")
    (tmp_path / "settings.yaml").write_text("show: info\n")
    assert run("data", "-q", "--write-baseline", "base.json", cwd=tmp_path).code == 0
    before = files_of(tmp_path)
    assert_complaint(run("data", "-q", *options, "--force", cwd=tmp_path), what)
    assert files_of(tmp_path) == before


# ---- links, and what is not a file ----


@pytest.mark.parametrize("leads_to", ["theirs", "report", "nowhere", "folder"])
def test_nothing_is_written_through_a_link(leads_to: str, data: Path) -> None:
    (data / "theirs").write_text("mine\n")
    (data / "folder").mkdir()
    assert write(data, "json:report")[0] == 1
    report = (data / "report").read_bytes()
    (data / "r.json").symlink_to(leads_to)
    code, said = write(data, "r.json")
    assert code == 2 and "r.json: is a symbolic link" in said and os.readlink(data / "r.json") == leads_to
    assert write(data, "r.json", "--force") == (1, "")
    assert not (data / "r.json").is_symlink() and (data / "r.json").read_bytes() == report
    assert (data / "theirs").read_text() == "mine\n" and (data / "report").read_bytes() == report
    assert not (data / "nowhere").exists() and not list((data / "folder").iterdir())


def test_a_path_through_the_open_files_is_no_stream(data: Path) -> None:
    """Output is appended to such a stream, whatever its type."""
    (data / "theirs").write_text("mine\n")
    above = "../" * 10
    for path in (f"/dev/fd/{above}{data}/theirs", f"/dev/fd/1/../{above}{data}/theirs", "/dev/fd/", "/dev/fd/x"):
        code, _ = write(data, f"text:{path}")
        assert code == 2, path
    assert (data / "theirs").read_text() == "mine\n"


@pytest.mark.parametrize("kind, said", [("folder", "is a folder"), ("fifo", "is a FIFO"), ("socket", "is not a regular file")])
@pytest.mark.parametrize("options, what", [(["-o", "text:r"], "report"), (["--write-baseline", "r"], "baseline")])
def test_what_is_no_file(kind: str, said: str, options: list[str], what: str, data: Path) -> None:
    if kind == "folder":
        (data / "r").mkdir()
    elif kind == "fifo":
        os.mkfifo(data / "r")
    else:
        with socket.socket(socket.AF_UNIX) as unix:
            back = os.getcwd()
            os.chdir(data)  # paths of sockets must be short
            unix.bind("r")
            os.chdir(back)
    for more in ([], ["--force"]):
        done = run("report", "index", "-q", *options, *more, cwd=data, timeout=10)
        assert_complaint(done, f"r: {said}; cannot write a {what} there")


# ---- files that appear during the run ----


def theirs(path: Path) -> None:
    path.unlink(missing_ok=True)
    path.write_text("mine\n")


def a_link(path: Path) -> None:
    path.unlink(missing_ok=True)
    path.symlink_to("theirs")


def a_folder(path: Path) -> None:
    path.unlink(missing_ok=True)
    path.mkdir()


def written_in_place(path: Path) -> None:
    path.write_text("mine\n")


def a_report(path: Path) -> None:
    path.unlink(missing_ok=True)
    path.write_text("# llava-check text report\n")


MEANWHILE = [(theirs, REFUSED), (a_link, "symbolic link"), (a_folder, "is a folder"), (written_in_place, REFUSED), (a_report, "")]


@pytest.mark.parametrize("existed", [False, True])
@pytest.mark.parametrize("change, said", MEANWHILE, ids=lambda value: getattr(value, "__name__", ""))
def test_what_changes_meanwhile(change: Callable[[Path], None], said: str, existed: bool, data: Path) -> None:
    """The file changes while the run blocks on writing a report to a full pipe."""
    (data / "theirs").write_text("mine\n")
    if existed:
        assert write(data, "text:r") == (1, "")
    reader, writer = os.pipe()
    fcntl.fcntl(writer, fcntl.F_SETPIPE_SZ, 4096)
    command = [program(), "report", "index", "-q", "-o", f"json:/dev/fd/{writer}", "-o", "text:r"]
    process = subprocess.Popen(command, cwd=data, pass_fds=[writer], stderr=subprocess.PIPE, text=True,
                               env=environment(data))  # fmt: skip
    os.close(writer)
    assert os.read(reader, 1) == b"{"  # it has passed the checks, and is writing
    change(data / "r")
    while os.read(reader, 65536):
        pass
    os.close(reader)
    error = process.communicate(timeout=TIMEOUT_S)[1]
    assert (process.returncode, bool(said)) in ((1, False), (2, True)), error
    assert said in error and (data / "theirs").read_text() == "mine\n"
    assert list(data.glob("r.*")) == []
    if not said:
        assert (data / "r").read_bytes().count(b"\n") > 10
    elif change in (theirs, written_in_place):
        assert (data / "r").read_text() == "mine\n"


@pytest.mark.parametrize("force", [[], ["--force"]])
def test_a_report_where_a_baseline_was_just_written(force: list[str], data: Path) -> None:
    """The baseline is written first, but neither existed when both paths were checked."""
    done = run("report", "index", "-q", "--write-baseline", "new", "-o", "text:./new", *force, cwd=data)
    assert_complaint(done, "./new: is the baseline, which a report never overwrites")
    assert "llava-check-baseline" in (data / "new").read_text()


# ---- baselines ----


@pytest.mark.parametrize("target", ["notes", "report", "rows", "link", "nowhere"])
@pytest.mark.parametrize("force", [[], ["--force"]])
def test_a_baseline_takes_the_place_of_baselines_alone(target: str, force: list[str], data: Path) -> None:
    """Reasons that people wrote are in it: no force makes one of something else."""
    (data / "notes").write_text("mine\n")
    (data / "rows").symlink_to("demo/llava_demo.json")
    assert write(data, "json:report")[0] == 1
    assert run("report", "index", "-q", "--write-baseline", "base", cwd=data).code == 0
    (data / "link").symlink_to("base")
    (data / "nowhere").symlink_to("none")
    before = files_of(data)
    at = "demo/llava_demo.json" if target == "rows" else target
    done = run("demo", "--no-index", "-q", "--write-baseline", at, *force, cwd=data)
    said = {"notes": "", "report": "not a baseline", "rows": "is a file of the data set"}
    assert_complaint(done, f"{at}: ", said.get(target, "is a symbolic link; choose the file itself"))
    assert files_of(data) == before
    done = run("demo", "--no-index", "-q", "--baseline", at, "--prune-baseline", *force, cwd=data)
    assert_complaint(done, f"{at}: ")
    assert files_of(data) == before


# ---- where --force applies ----


def test_force_is_not_for_what_settings_name(data: Path) -> None:
    """It only applies to typed paths, because the user may not have read the settings."""
    (data / "notes").write_text("mine\n")
    (data / "settings.yaml").write_text("report: [text:notes]\n")
    at = ["report", "index", "-q", "--config", "settings.yaml", "--force"]
    assert_complaint(run(*at, cwd=data), "notes: exists and " + REFUSED)
    assert (data / "notes").read_text() == "mine\n"
    assert run(*at, "-o", "text:notes", cwd=data).err == ""
    assert (data / "notes").read_bytes().startswith(b"# llava-check text report\n")


def test_force_is_no_setting(data: Path) -> None:
    (data / "settings.yaml").write_text("force: true\n")
    done = run("report", "index", "-q", "--config", "settings.yaml", cwd=data)
    assert_complaint(done, "settings.yaml", "force")


def test_a_report_is_owned_by_who_writes_it(open_folder: Path) -> None:
    """It is a new file, which does not inherit owner and permissions of an old one."""
    assert os.geteuid() != 0 or NOBODY
    make_small(open_folder / "set")
    open_folder.chmod(0o777)
    (open_folder / "r.json").write_text("")
    (open_folder / "r.json").chmod(0o666)
    user = unprivileged(open_folder)
    done = run("set", "--no-index", "-q", "-o", "r.json", cwd=open_folder, before=user.before, executable=user.executable)
    assert done.err == ""
    status = (open_folder / "r.json").stat()
    assert status.st_uid == (NOBODY if user.before else os.geteuid()) and not status.st_mode & 0o022
