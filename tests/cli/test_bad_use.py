"""Wrong use, and failures that prevent a check: one line on stderr, exit code 2.

Nothing may be left half-written: no .part file, and an existing index is kept.
"""

from __future__ import annotations

import fcntl
import json
import os
import resource
import signal
import socket
import subprocess
import time
from pathlib import Path
from typing import Callable

import pytest

from program import (
    TIMEOUT_S,
    Done,
    assert_complaint,
    files_of,
    make_small,
    program,
    row,
    run,
    unprivileged,
)

# (arguments, part of the message), in a folder that holds the data set `set`
WRONG_ARGUMENTS: list[tuple[list[str], str]] = [
    ([], "PATH"),
    ([""], ""),
    (["nowhere"], "nowhere: no such file or folder"),
    (["nowhere/below"], "nowhere/below: no such file or folder"),
    (["set/rows.json/below"], "no such file or folder"),
    (["-"], "cannot read from standard input"),
    (["--", "--help"], "--help: no such file or folder"),
    (["x" * 300], "name too long"),
    (["/dev/null"], "is neither a regular file nor a folder"),
    (["empty"], "no rows found"),
    (["set/images"], "no rows found"),
    (["chekc", "set"], "chekc"),
    (["set", "missing"], "missing: no such file or folder"),
    (["qqqqqqqq", "set"], "'qqqqqqqq' is neither a command nor a file; see 'llava-check --help'"),
    (["check"], "usage: llava-check check PATH"),
    (["check", "set", "more"], "more: no such file or folder"),
    (["set", "--trainer", "llava"], "unknown trainer 'llava'; use one of llava-1.5, "),
    (["set", "--videos", "missing"], "missing: cannot open the video root: No such file or directory"),
    (["index", "stats", "set", "--trainer", "llava-next"], "'index stats' does not accept --trainer"),
    (["--nope", "set"], "unknown option '--nope'"),
    (["--thread", "2", "set"], "did you mean '--threads'?"),
    (["-z", "set"], "unknown option '-z'"),
    (["set", "--threads"], "--threads requires"),
    (["set", "-j"], "--threads requires"),
    (["set", "--report"], "--report requires"),
    (["set", "--threads", "0"], "'0'"),
    (["set", "--threads=-1"], "'-1'"),
    (["set", "--threads", "1.5"], "'1.5'"),
    (["set", "--threads", ""], "the value of --threads is empty"),
    (["set", "--threads", " 2"], "' 2'"),
    (["set", "--threads", "513"], "'513'"),
    (["set", "--threads", "18446744073709551617"], "18446744073709551617"),
    (["set", "--io-depth", "0"], "--io-depth must be a number from 1 to 512, not '0'"),
    (["set", "--io-depth=513"], "'513'"),
    (["report", "set", "--io-depth", "2"], "'report' does not accept --io-depth"),
    (["set", "--no-index=yes"], "--no-index takes no value"),
    (["set", "--format", "yaml"], "'yaml'"),
    (["set", "--show", "all"], "'all'"),
    (["set", "--fail-on", "never"], "'never'"),
    (["set", "--color", "sometimes"], "'sometimes'"),
    (["set", "--report", "r.yaml"], "r.yaml"),
    (["set", "--report", ".json"], ".json"),
    (["set", "--report", "nowhere/r.json"], "nowhere/r.json"),
    (["set", "--report", "set"], "set"),
    (["set", "--report", "folder.json"], "folder.json: is a folder"),
    (["set", "-o", "r.json", "-o", "r.json"], "r.json"),
    (["set", "-o", "r.json", "-o", "r.yaml"], "r.yaml"),
    (["set", "--images", "set/rows.json"], "set/rows.json"),
    (["set", "--images", "nowhere"], "nowhere"),
    (["set", "--images", ""], "--images"),
    (["set", "--index", ""], "--index"),
    (["set", "--index", "set/rows.json"], "set/rows.json"),
    (["set", "--index", "set/rows.json/below"], "set/rows.json/below"),
    (["nowhere", "--index", "made"], "nowhere"),
    (["nowhere", "--report", "r.json"], "nowhere"),
    (["report"], "usage: llava-check report"),
    (["report", "set"], "run llava-check on it first"),
    (["report", "set/rows.json"], "run llava-check on it first"),
    (["report", "empty"], "run llava-check on it first"),
    (["report", "nowhere"], "nowhere: no such file or folder"),
    (["report", "set", "--threads", "2"], "'report' does not accept --threads"),
    (["report", "set", "-o", "r.json"], "run llava-check on it first"),
    (["index"], "usage: llava-check index"),
    (["index", "count", "set"], "'count'"),
    (["index", "stats", "set"], "run llava-check on it first"),
    (["index", "imagse", "set"], "'index' has no query 'imagse'; did you mean 'images'?"),
    (["index", "images", "set", *["--where", "bad"] * 33], "too many --where options; at most 32 are allowed"),
    (["rules", "CNV999"], "CNV999"),
    (["rules", "CNV303", "more"], "'more'"),
    (["rules", "placeholder-cout"], "did you mean 'placeholder-count'?"),
    (["rules", "-q"], "--quiet"),
    (["trainers", "qwen-v"], "unknown trainer 'qwen-v'; did you mean 'qwen-vl'?"),
    (["trainers", "nobody"], "unknown trainer 'nobody'; 'llava-check trainers' lists them"),
    (["trainers", "-f", "csv"], "'csv' is not a format of lists; use one of text, json"),
    (["help", "chekc"], "'chekc'"),
    (["help", "qqqqqqqq"], "'qqqqqqqq' is neither a command nor a rule; see"),
    (["version", "now"], "'now'"),
]
WRONG_ARGUMENTS_COUNT = 77


def name_of(arguments: list[str]) -> str:
    return " ".join(arguments)[:40] or "none"


@pytest.mark.parametrize(
    "arguments, part", WRONG_ARGUMENTS, ids=[name_of(a) for a, _ in WRONG_ARGUMENTS]
)
def test_wrong_arguments(arguments: list[str], part: str, tmp_path: Path) -> None:
    make_small(tmp_path / "set")
    (tmp_path / "empty").mkdir()
    (tmp_path / "folder.json").mkdir()
    before = files_of(tmp_path)
    done = run(*arguments, cwd=tmp_path)
    assert_complaint(done, part)
    assert done.out == b""
    assert files_of(tmp_path) == before


def test_all_wrong_arguments_were_seen() -> None:
    assert len(WRONG_ARGUMENTS) == WRONG_ARGUMENTS_COUNT


def test_a_name_with_a_newline_stays_one_line(tmp_path: Path) -> None:
    assert_complaint(run("no\nsuch\x1b[31m", cwd=tmp_path), "no such file or folder")
    assert_complaint(run("--opt\nion", cwd=tmp_path), "unknown option")
    assert_complaint(run(b"no\xff", cwd=tmp_path), "no such file or folder")


def test_notes_show_names_as_they_are(tmp_path: Path) -> None:
    """Names in the data folder are untrusted: a note never contains their control characters."""
    folder = make_small(tmp_path / "set")
    (folder / "a\n\x1b[31mb.json").write_text("{}\n")
    done = run("set", "-f", "json", cwd=tmp_path)
    assert done.code == 0
    assert done.err.startswith("note: skipped a") and done.err.count("\n") == 1
    assert done.err.strip().isprintable()


@pytest.mark.parametrize("name", [
    b"\xe2\x80\xaegpj", b"\xc2\x9b31m", b"\x9b31m", b"\xe2\x80\xa9", b"\xe2\x81\xa7abc", b"cut \xe4\xb8", b"long \xe0\x9f\xbf",
    b"half \xed\xa0\x80", b"long \xf0\x8f\xbf\xbf", b"beyond \xf4\x90\x80\x80", b"beyond \xf5\x80\x80\x80"])
def test_what_more_terminals_obey(name: bytes, tmp_path: Path) -> None:
    """Non-ASCII control characters, direction overrides, and invalid bytes."""
    folder = make_small(tmp_path / "set")
    (Path(os.fsdecode(os.fsencode(folder) + b"/" + name + b".json"))).write_text("{}\n")
    done = run("set", "-f", "json", cwd=tmp_path)
    assert done.err.startswith("note: skipped ") and done.err.count("\n") == 1
    assert done.err.strip().isprintable() and done.err.isascii(), done.err
    printed = run("config", "set", "-f", "json", "--index", name, cwd=tmp_path)
    assert printed.code == 0 and b"\x9b" not in printed.out and b"\x80" not in printed.out
    json.loads(printed.out)


# ---- permissions ----


def test_folder_that_may_not_be_read(open_folder: Path) -> None:
    folder = make_small(open_folder / "set")
    user = unprivileged(open_folder)
    folder.chmod(0o000)
    done = run("set", cwd=open_folder, before=user.before, executable=user.executable)
    assert_complaint(done, "set: ", "Permission denied")


def test_folder_that_may_not_be_entered(open_folder: Path) -> None:
    make_small(open_folder / "closed/set")
    user = unprivileged(open_folder)
    (open_folder / "closed").chmod(0o000)
    done = run("closed/set", cwd=open_folder, before=user.before, executable=user.executable)
    assert_complaint(done, "closed/set: ", "Permission denied")


@pytest.mark.parametrize("path", ["set", "set/rows.json"])
def test_rows_file_that_may_not_be_read(path: str, open_folder: Path) -> None:
    folder = make_small(open_folder / "set")
    user = unprivileged(open_folder)
    (folder / "rows.json").chmod(0o000)
    done = run(path, cwd=open_folder, before=user.before, executable=user.executable)
    assert_complaint(done, "rows.json", "Permission denied")


def test_image_folder_that_may_not_be_read(open_folder: Path) -> None:
    folder = make_small(open_folder / "set")
    user = unprivileged(open_folder)
    (folder / "images").chmod(0o000)
    at = ["set", "--images", "set/images", "--no-index"]
    done = run(*at, cwd=open_folder, before=user.before, executable=user.executable)
    assert_complaint(done, "Permission denied")


def test_index_folder_that_may_not_be_written(open_folder: Path) -> None:
    make_small(open_folder / "set")
    (open_folder / "closed").mkdir(mode=0o555)
    user = unprivileged(open_folder)
    before = files_of(open_folder, without="state")  # the user's key
    for index in ("closed", "closed/below"):
        at = ["set", "--index", index]
        done = run(*at, cwd=open_folder, before=user.before, executable=user.executable)
        assert_complaint(done, index, "Permission denied")
    assert files_of(open_folder, without="state") == before


def test_report_folder_that_may_not_be_written(open_folder: Path) -> None:
    make_small(open_folder / "set")
    (open_folder / "closed").mkdir(mode=0o555)
    user = unprivileged(open_folder)
    at = ["set", "--no-index", "-o", "closed/r.json"]
    done = run(*at, cwd=open_folder, before=user.before, executable=user.executable)
    assert_complaint(done, "closed/r.json", "Permission denied")


# ---- the disk and the standard streams ----


def assert_nothing_unfinished(folder: Path) -> None:
    assert not [p for p in folder.rglob("*") if p.name.endswith(".part")]


def test_report_to_a_full_disk(tmp_path: Path) -> None:
    make_small(tmp_path / "set")
    done = run("set", "-q", "--report", "/dev/full", cwd=tmp_path)
    assert_complaint(done, "/dev/full: ", "No space left on device")
    assert_nothing_unfinished(tmp_path)
    assert run("report", "set", "-q", cwd=tmp_path).code == 0  # the index is complete


@pytest.mark.parametrize("name", ["/dev/stdout", "/dev/fd/1"])
def test_report_to_an_open_stream_that_is_a_file(name: str, tmp_path: Path) -> None:
    """The report is appended to the file; the name in /dev still refers to the stream."""
    make_small(tmp_path / "set")
    before = os.readlink("/dev/stdout")
    with open(tmp_path / "out", "wb") as out:
        out.write(b"before\n")
        out.flush()
        done = run("set", "-q", "--report", f"json:{name}", cwd=tmp_path, stdout=out)
    assert done.code == 0, done.err
    head, report = (tmp_path / "out").read_text().split("\n", 1)
    assert head == "before" and json.loads(report)["summary"]["rows"] == 2
    assert os.readlink("/dev/stdout") == before


@pytest.mark.parametrize(
    "arguments", [["set"], ["set", "-f", "json"], ["help"], ["rules"], ["version"]], ids=name_of
)
def test_stdout_on_a_full_disk(arguments: list[str], tmp_path: Path) -> None:
    make_small(tmp_path / "set")
    with open("/dev/full", "wb") as full:
        done = run(*arguments, cwd=tmp_path, stdout=full)
    assert_complaint(done, "standard output", "No space left on device")


def limited(size: int) -> Callable[[], None]:
    """Limit the size of files, which acts like a full disk, for any user."""

    def limit() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

    return limit


@pytest.mark.parametrize("size", [0, 10, 4096, 20000])
def test_index_that_cannot_grow(size: int, tmp_path: Path) -> None:
    make_small(tmp_path / "set")
    done = run("set", "-q", cwd=tmp_path, preexec_fn=limited(size))
    assert_complaint(done, "set: ", "the index")  # LMDB has its own errors for short writes
    assert_nothing_unfinished(tmp_path)
    assert not (tmp_path / "set/.llava-check/index.mdb").exists()
    assert run("set", "-q", cwd=tmp_path).code == 0


def test_report_that_cannot_grow_leaves_the_old_one(tmp_path: Path) -> None:
    make_small(tmp_path / "set")
    assert run("set", "-q", cwd=tmp_path).code == 0
    old = "# llava-check text report\n"
    (tmp_path / "r.json").write_text(old)
    done = run("report", "set", "-q", "-o", "r.json", cwd=tmp_path, preexec_fn=limited(100))
    assert_complaint(done, "r.json: ", "File too large")
    assert (tmp_path / "r.json").read_text() == old
    assert_nothing_unfinished(tmp_path)


@pytest.mark.parametrize("arguments", [["set"], ["set", "--no-index"], ["set", "-o", "r.json"]])
def test_closed_stdout(arguments: list[str], tmp_path: Path) -> None:
    make_small(tmp_path / "set")
    done = run(*arguments, cwd=tmp_path, before=["sh", "-c", 'exec "$@" >&-', "sh"])
    assert_complaint(done, "standard output")


def test_closed_stderr_does_not_write_notes_into_files(tmp_path: Path) -> None:
    folder = make_small(tmp_path / "set")
    (folder / "other.json").write_text("{}\n")
    shell = ["sh", "-c", 'exec "$@" 2>&-', "sh"]
    done = run("set", "-o", "r.json", cwd=tmp_path, before=shell)
    assert done.code == 0
    assert (tmp_path / "r.json").read_text().startswith("{")


# ---- special files ----


def test_fifo_as_path(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "rows.json")
    done = run("rows.json", cwd=tmp_path, timeout=10)
    assert_complaint(done, "rows.json: is neither a regular file nor a folder")


def test_fifo_as_report(tmp_path: Path) -> None:
    """A FIFO without a reader would block the program for ever; one in /dev belongs to the shell."""
    make_small(tmp_path / "set")
    os.mkfifo(tmp_path / "r.json")
    done = run("set", "--report", "r.json", cwd=tmp_path, timeout=10)
    assert_complaint(done, "r.json: is a FIFO; cannot write a report there")


def test_special_files_where_rows_are_expected(tmp_path: Path) -> None:
    folder = make_small(tmp_path / "set")
    os.mkfifo(folder / "fifo.json")
    os.mkfifo(folder / "fifo.jsonl")
    (folder / "folder.json").mkdir()
    (folder / "loop.json").symlink_to("loop.json")
    (folder / "nothing.json").symlink_to("nowhere.json")
    (folder / "zero.json").symlink_to("/dev/zero")
    with socket.socket(socket.AF_UNIX) as unix:
        os.chdir(folder)  # paths of sockets must be short
        unix.bind("socket.json")
        os.chdir("/")
    done = run("set", "-q", cwd=tmp_path, timeout=10)
    assert done == Done(0, b"", "")
    done = run("set", "--no-index", "-f", "json", cwd=tmp_path, timeout=20)  # without reusing results
    passed = [line.split(": ")[1].split()[-1] for line in done.err.splitlines()]
    names = "fifo.json fifo.jsonl folder.json loop.json nothing.json socket.json zero.json"
    assert passed == names.split()
    assert all(line.startswith("note: skipped ") for line in done.err.splitlines())


def test_only_special_files(tmp_path: Path) -> None:
    (tmp_path / "set").mkdir()
    os.mkfifo(tmp_path / "set/rows.json")
    done = run("set", cwd=tmp_path, timeout=10)
    assert done.code == 2 and "no rows found" in done.err


# ---- an index in use ----


def test_index_in_use(tmp_path: Path) -> None:
    folder = make_small(tmp_path / "set")
    assert run("set", "-q", cwd=tmp_path).code == 0
    before = files_of(folder)
    with open(folder / ".llava-check/lock", "r+") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        name, held = lock.read().split()
        assert name == "llava-check" and held.isdigit()
        done = run("set", "-o", "r.json", cwd=tmp_path)
        assert_complaint(done, "in use by another run", held, "--index")
        # a report only reads the index
        assert run("report", "set", "-q", cwd=tmp_path).code == 0
        assert run("set", "-q", "--no-index", cwd=tmp_path).code == 0
        assert run("set", "-q", "--index", "other", cwd=tmp_path).code == 0
    assert files_of(folder) == before
    assert not (tmp_path / "r.json").exists()
    assert_nothing_unfinished(tmp_path)
    assert run("set", "-q", cwd=tmp_path).code == 0


def test_report_must_not_replace_the_data(tmp_path: Path) -> None:
    """The program never writes into the data that it checks."""
    folder = make_small(tmp_path / "set")
    before = files_of(folder)
    for path in ("set", "set/rows.json"):
        assert_complaint(run(path, "--no-index", "-o", "set/rows.json", cwd=tmp_path), "rows.json")
        assert files_of(folder) == before


def test_a_rows_file_that_shrinks_while_it_is_read(tmp_path: Path) -> None:
    """Not every try hits the moment: the file may be cut before it is opened. No try may crash."""
    rows = [row(n, "x.jpg") for n in range(20000)]
    text = json.dumps(rows).encode()
    said = set()
    delays = [0.001 * 1.25**n for n in range(36)]  # up to 2.5 s, to fit machines of any speed
    for delay in delays:
        if said and delay > 0.1:
            break
        path = tmp_path / "rows.json"
        path.write_bytes(text[:-1] + b"," + text[1:-1] + b"," + text[1:])
        command = [program(), path, "--no-index", "-q", "-j", "1"]
        with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
            time.sleep(delay)
            os.truncate(path, 100)
            error = process.communicate(timeout=TIMEOUT_S)[1]
        assert process.returncode in (1, 2), error
        if process.returncode == 2:
            assert error.startswith("llava-check: ") and error.count("\n") == 1
            said.add(error)
    assert said, "no try met a run that was reading"
