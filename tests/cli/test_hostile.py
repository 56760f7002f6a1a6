"""Hostile images: no crash, no hang, memory and time bounded, a verdict on every one.

A generated set is always checked, and also the one that LC_HOSTILE names, or else the corpus beside the
repository, if it exists.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, NamedTuple, Sequence

import pytest

from hostile import PROGRESSIVE, jpeg_of_size, make_hostile
from program import GOOD_JPEG, REPOSITORY, TIMEOUT_S, environment, program, row, write_rows

MADE_COUNT = 271
# With sanitizers, which need their own memory, the limit means little, and the test takes minutes.
LARGE = (16 if os.environ.get("LC_SANITIZE") else 140) << 20
MAX_RSS_KIB = (1 << 20) * (5 if os.environ.get("LC_SANITIZE") == "thread" else 1)
WALL_S = 2 * TIMEOUT_S
SCRIPT = REPOSITORY / "docs/examples/read_index.py"


class Ended(NamedTuple):
    code: int
    out: bytes
    err: str
    rss_kib: int
    seconds: float


def run_measured(arguments: Sequence[str | Path], scratch: Path) -> Ended:
    """Run the program; it is killed after WALL_S seconds."""
    out, err = scratch / "out", scratch / "err"
    began = time.monotonic()
    with open(out, "wb") as to_out, open(err, "wb") as to_err:
        process = subprocess.Popen(
            [program(), *arguments],
            stdin=subprocess.DEVNULL,
            stdout=to_out,
            stderr=to_err,
            env=environment(scratch),
        )
    while True:
        pid, status, usage = os.wait4(process.pid, os.WNOHANG)
        seconds = time.monotonic() - began
        if pid:
            break
        if seconds > WALL_S:
            process.kill()
        time.sleep(0.01)
    process.returncode = os.waitstatus_to_exitcode(status)
    text = err.read_text(encoding="utf-8", errors="backslashreplace")
    return Ended(process.returncode, out.read_bytes(), text, usage.ru_maxrss, seconds)


def images_in(index: Path) -> dict[str, str]:
    """Return the state of every image of an index."""
    script = [sys.executable, SCRIPT, index, "images"]
    done = subprocess.run(script, capture_output=True, check=True)
    return {i["path"]: i["state"] for i in map(json.loads, done.stdout.splitlines())}


def check_hostile(root: Path, paths: Sequence[str], scratch: Path) -> dict[str, Any]:
    """Check rows that name the paths, with one thread and with eight."""
    rows = write_rows(scratch / "rows/rows.json", [row(n, path) for n, path in enumerate(paths)])
    said = set()
    for threads in ("1", "8"):
        index, report = scratch / f"index-{threads}", scratch / f"{threads}.json"
        at = [rows, "--images", root, "--index", index, "--threads", threads, "--show", "info"]
        ended = run_measured([*at, "-o", report], scratch)
        assert ended.code == 1, (ended.code, ended.err[-2000:])
        assert ended.err == ""
        assert ended.seconds < WALL_S and ended.rss_kib < MAX_RSS_KIB, (threads, *ended[3:])
        # no terminal control characters
        assert all(line.isprintable() for line in ended.out.decode("utf-8").split("\n"))
        out = ended.out.replace(bytes(index), b"index")  # it is named in suggested commands
        said.add((out, report.read_bytes()))
        states = images_in(index)
        assert set(states) == set(paths)
    assert len(said) == 1
    parsed: dict[str, Any] = json.loads(report.read_bytes())
    assert parsed["summary"]["images_referenced"] == len(set(paths))
    bad = {path for path, state in states.items() if state not in ("ok", "unverified")}
    errors = {f["image"] for f in parsed["findings"] if f["severity"] == "error"}
    assert bad <= errors
    return {"states": states, "bad": bad, **parsed}


def test_made_set(tmp_path: Path) -> None:
    paths = make_hostile(tmp_path / "images")
    assert len(paths) == len(set(paths)) == MADE_COUNT
    found = check_hostile(tmp_path / "images", paths, tmp_path)
    states = found["states"]
    assert all(states[path] != "ok" for path in paths if path.startswith(("cut-", "bomb-decl")))
    for name in ("fifo", "folder", "zero", "socket", "loop", "sparse", "root", "terminal"):
        assert states[f"{name}.jpg"] in ("unreadable", "missing"), name
    for path in paths:
        if path.startswith(("/", "..", "a/..", "C:", "https:", "file:", "data:", "nul\0")):
            assert states[path] == "outside", path
    for path in ("new\nline.jpg", "percent%s%n%d.jpg", "-rf.jpg", "a" * 251 + ".jpg", "😀.jpg"):
        assert states[path] == "ok", path


BESIDE = REPOSITORY.parent / "shared/corpus/hostile"
CORPORA = [Path(os.environ["LC_HOSTILE"])] if "LC_HOSTILE" in os.environ else [BESIDE] if BESIDE.is_dir() else []


@pytest.mark.parametrize("root", CORPORA or [None], ids=str)
def test_corpus(root: Path | None, tmp_path: Path) -> None:
    """Check real broken images, if there are any; the generated set has its own test."""
    if root is None:
        return
    assert root.is_dir(), f"LC_HOSTILE: no folder {root}"
    names = sorted(path.name for path in root.iterdir() if path.suffix != ".tsv")
    paths = [name for name in names if name.isprintable() and "\\" not in name]
    assert len(paths) >= 200
    found = check_hostile(root, paths, tmp_path)
    assert len(found["bad"]) >= 100


@pytest.mark.parametrize("kind", ["scan", "progressive"])
def test_memory_is_not_multiplied_by_threads(kind: str, tmp_path: Path) -> None:
    """Files that need much memory are not all decoded at once, and their memory is released.

    There are enough small files to keep all workers busy to the end.
    """
    root = tmp_path / "images"
    root.mkdir()
    scan_begun = GOOD_JPEG.read_bytes()[: GOOD_JPEG.read_bytes().index(b"\xff\xda") + 40]
    bomb = jpeg_of_size(PROGRESSIVE.read_bytes(), 10500, 10500)
    for n in range(200):
        path = root / f"{n:03}.jpg"
        if n % 4 or n >= 32:
            path.symlink_to(GOOD_JPEG)
        elif kind == "progressive":
            path.write_bytes(bomb)
        else:
            with open(path, "wb") as sparse:  # zeros are valid codes, which the proof copies
                sparse.write(scan_begun)
                sparse.seek(LARGE)
                sparse.write(b"\xff\xd9")
    rows = write_rows(tmp_path / "rows.json", [row(n, f"{n:03}.jpg") for n in range(200)])
    ended = run_measured([rows, "--images", root, "--no-index", "-q", "-j", "8"], tmp_path)
    assert ended.code == 1, ended.err
    assert ended.rss_kib < MAX_RSS_KIB, f"{ended.rss_kib >> 10} MiB"
