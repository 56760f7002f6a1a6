"""Progress of a run: a bar on a terminal, JSON lines, the output of -v; never on stdout."""

from __future__ import annotations

import json
import math
import os
import random
import re
import signal
import subprocess
import time
from pathlib import Path
from typing import NamedTuple

import pytest
from PIL import Image

from program import environment, make_small, program, row, run, write_rows
from terminal import open_terminal, read_terminal

WIPE = b"\r\x1b[K"
COPIES = 80 if os.environ.get("LC_SANITIZE") else 450
IMAGES = len([n for n in range(COPIES) if n % 9]) + 1  # number of different paths
SIDE = 900
STAGES = ["rows", "links", "images", "set", "index", "over"]


class Seen(NamedTuple):
    code: int
    out: bytes
    terminal: bytes
    first: float  # seconds until something was on the terminal; infinite if nothing was


@pytest.fixture(name="large", scope="module")
def made_large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a data set that takes a second: many paths of an image that takes some milliseconds."""
    folder = make_small(tmp_path_factory.mktemp("progress") / "set")
    pixels = random.Random(7).randbytes(3 * SIDE * SIDE)
    Image.frombytes("RGB", (SIDE, SIDE), pixels).save(folder / "images/noise.jpg", quality=90)
    for number in range(COPIES):
        os.link(folder / "images/noise.jpg", folder / f"images/{number:05d}.jpg")
    rows = [row(str(n), f"{n:05d}.jpg" if n % 9 else "gone.jpg") for n in range(COPIES)]
    write_rows(folder / "rows.json", rows)
    return folder


def on_terminal(
    *arguments: str | Path, cwd: Path, columns: int = 80, interrupt: bytes = b"", term: str = "xterm"
) -> Seen:
    """Run with stderr on a terminal; interrupt: text after which to send SIGINT."""
    ours, theirs = open_terminal(columns)
    env = {**environment(cwd), "TERM": term}
    started, first = time.monotonic(), math.inf

    def interrupt_when_seen(seen: bytes) -> None:
        nonlocal interrupt, first
        first = min(first, time.monotonic() - started)
        if interrupt and interrupt in seen:
            process.send_signal(signal.SIGINT)
            interrupt = b""

    with subprocess.Popen(
        [program(), *arguments], cwd=cwd, env=env, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=theirs,
    ) as process:
        os.close(theirs)
        terminal = read_terminal(ours, process, interrupt_when_seen)
        out = process.stdout.read()
    return Seen(process.returncode, out, terminal, first)


def bars(terminal: bytes) -> list[str]:
    text = terminal.decode()
    return re.findall(r"\r((?:images|rows|linking|comparing|writing) [^\r\n]*?)\x1b\[K", text)


@pytest.mark.parametrize("columns", [0, 20, 80, 200])  # 0: the terminal does not report it
def test_bar_on_a_terminal(columns: int, large: Path, tmp_path: Path) -> None:
    at = [large, "--no-index", "-j", "1"]
    seen = on_terminal(*at, cwd=tmp_path, columns=columns)
    assert seen.code == 1 and b"\x1b" not in seen.out and b"FAILED" in seen.out
    assert bars(seen.terminal) and seen.first >= 0.3, seen
    assert all(len(bar) < (columns or 80) for bar in bars(seen.terminal))
    assert seen.terminal.endswith(WIPE) and b"\n" not in seen.terminal
    if columns == 200:
        assert any(re.fullmatch(
            rf"images  \[=*>? *\] +\d+% +[\d,]+ of {IMAGES} +[\d,]+/s +\d+ MB/s"
            r"  ETA \S+ *(  [\d,]+ error\w*)?", bar) for bar in bars(seen.terminal)), seen


@pytest.mark.parametrize("arguments, term", [
    (["--progress", "never"], "xterm"), (["-q"], "xterm"), ([], "dumb"), ([], ""),
], ids=str)
def test_no_bar(arguments: list[str], term: str, large: Path, tmp_path: Path) -> None:
    seen = on_terminal(large, "--no-index", *arguments, cwd=tmp_path, term=term)
    assert seen.code == 1 and seen.terminal == b""


def test_no_bar_for_what_is_quick(tmp_path: Path) -> None:
    """The bar comes after 0.3 s, which a run of two rows seldom takes, except on an emulated processor."""
    make_small(tmp_path / "set")
    seen = on_terminal("set", cwd=tmp_path)
    assert seen.first >= 0.3 and (seen.terminal == b"") == (seen.first == math.inf)


def test_bar_is_gone_when_it_is_stopped(large: Path, tmp_path: Path) -> None:
    at = [large, "--no-index", "-j", "1"]
    for _ in range(20):  # on a busy machine, a run may end before this process can stop it
        seen = on_terminal(*at, cwd=tmp_path, interrupt=b"images ")
        if seen.code == 130:
            break
    assert seen.code == 130, seen
    last = seen.terminal.split(WIPE)[-1]
    assert last.startswith(b"llava-check: ") and b"stopped" in last and last.count(b"\n") == 1


def test_nothing_without_a_terminal(large: Path, tmp_path: Path) -> None:
    assert run(large, "--no-index", cwd=tmp_path).err == ""


def test_json_lines(large: Path, tmp_path: Path) -> None:
    done = run(large, "--no-index", "--progress", "json", "-q", cwd=tmp_path)
    assert done.code == 1 and done.out == b""
    lines = [json.loads(line) for line in done.err.splitlines()]
    order = [line["stage"] for line in lines]
    assert list(dict.fromkeys(order)) == STAGES and order == sorted(order, key=STAGES.index)
    keys = ["stage", "unit", "done", "total", "bytes", "errors", "warnings", "infos"]
    assert all(list(li) == [*keys, "seconds", "rate", "bytes_rate", "eta"] for li in lines)
    rows = [line for line in lines if line["stage"] == "rows"][-1]
    assert rows["done"] == rows["total"] == (large / "rows.json").stat().st_size
    images = [line for line in lines if line["stage"] == "images"][-1]
    assert (images["unit"], images["done"], images["total"]) == ("images", IMAGES, IMAGES)
    assert lines[-1]["errors"] == 1 and lines[-1]["eta"] is None
    seconds = [line["seconds"] for line in lines]
    assert seconds == sorted(seconds)


def test_verbose_prints_what_was_chosen(tmp_path: Path) -> None:
    make_small(tmp_path / "set")
    done = run("set", "-v", "-j", "2", cwd=tmp_path)
    lines = done.err.splitlines()
    assert lines[:-1] == [
        "rows file: set/rows.json",
        "image root: set/images (2 of 2 sampled paths found)",
        "workers: 2",
        "index: set/.llava-check",
    ]
    assert re.fullmatch(
        r"times: rows \d\.\d s, links .* images .* set .* index .*; \d+\.\d s in all", lines[-1]
    )
    assert run("set", cwd=tmp_path).out == done.out
    done = run("verify", "set", "-v", "-j", "3", cwd=tmp_path)
    assert done.err.splitlines()[:2] == ["image root: set/images", "workers: 3"]
    assert run("set", "-q", "-v", cwd=tmp_path).err == ""


def test_verbose_with_many_files(tmp_path: Path) -> None:
    folder = make_small(tmp_path / "set")
    for number in range(20):
        write_rows(folder / f"a\x1b{number:02d}.json", [row(str(number), None)])
    lines = run("set", "-v", "--no-images", "--no-index", cwd=tmp_path).err.splitlines()
    files = [line for line in lines if line.startswith("rows file: ")]
    assert len(files) == 9 and files[-1] == "rows file: and 13 more"
    assert files[0] == "rows file: set/a\\x1b00.json"
    assert not [line for line in lines if "root" in line]
    assert "index: none" in lines
