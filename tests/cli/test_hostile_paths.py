"""Malicious paths: nothing in a data set, nor its own path, may lead elsewhere. test_index_folder.py
tests the contents of an index folder that came with the data.

The tests watch with inotify what is opened. With LC_LONG=1, the large folder has 100,000 files.
"""

from __future__ import annotations

import ctypes
import json
import os
import shutil
import socket
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from program import (
    GOOD_JPEG, TIMEOUT_S, assert_complaint, environment, make_small, program, row, run, unprivileged, write_rows,
)  # fmt: skip

SANITIZED = bool(os.environ.get("LC_SANITIZE"))
FILES = 100_000 if os.environ.get("LC_LONG") else 1_000 if SANITIZED else 5_000
FILES_S = 30 if os.environ.get("LC_LONG") or SANITIZED else 10
IN_OPEN, IN_ACCESS, IN_MODIFY, IN_DELETE = 0x20, 0x01, 0x02, 0x200
CLEAN_FILE = b"nobody writes here\n"


class Watch:
    """Records which files are opened, read, written or removed; a folder includes its files."""

    def __init__(self, *paths: Path | str) -> None:
        self.libc = ctypes.CDLL(None, use_errno=True)
        self.fd = self.libc.inotify_init1(os.O_NONBLOCK)
        assert self.fd >= 0
        self.names: dict[int, str] = {}
        for path in paths:
            mask = IN_OPEN | IN_ACCESS | IN_MODIFY | IN_DELETE
            number = self.libc.inotify_add_watch(self.fd, os.fsencode(path), mask)
            assert number >= 0, path
            self.names[number] = os.fspath(path)

    def seen(self) -> set[str]:
        seen = set()
        try:
            data = os.read(self.fd, 1 << 20)
        except BlockingIOError:
            return seen
        while data:
            size = int.from_bytes(data[12:16], "little")
            name = data[16 : 16 + size].rstrip(b"\0").decode()
            seen.add(os.path.join(self.names[int.from_bytes(data[:4], "little")], name))
            data = data[16 + size :]
        return seen


def states(done_out: bytes) -> dict[str, str]:
    """Return the rule of each image's error by path."""
    findings = json.loads(done_out)["findings"]
    return {f["image"]: f["rule"] for f in findings if "image" in f and f["severity"] == "error"}


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    """A folder next to the data set, whose files must not be touched."""
    folder = tmp_path / "outside"
    folder.mkdir()
    shutil.copy(GOOD_JPEG, folder / "secret.jpg")
    os.mkfifo(folder / "fifo")
    (folder / "file").write_bytes(CLEAN_FILE)
    (folder / "folder").mkdir()
    back = os.getcwd()
    with socket.socket(socket.AF_UNIX) as unix:
        os.chdir(folder)  # paths of sockets must be short
        unix.bind("socket")
        os.chdir(back)
    return folder


def untouched(folder: Path) -> bool:
    names = {"secret.jpg", "fifo", "file", "folder", "socket"}
    there = {path.name for path in folder.iterdir()}
    return there == names and (folder / "file").read_bytes() == CLEAN_FILE and not list((folder / "folder").iterdir())


# ---- what rows name ----


def test_what_rows_name_outside_is_not_opened(outside: Path, tmp_path: Path) -> None:
    data = make_small(tmp_path / "set")
    secret = str(outside / "secret.jpg")
    climbing = ["../../outside/secret.jpg", "a/../../../outside/secret.jpg", "./../../outside/secret.jpg"]
    paths = [secret, "/" + secret, secret.replace("/", "//"), "/dev/zero", "/proc/self/environ", *climbing]
    paths += [f"file://{secret}", secret.replace("/", "\\"), secret + "\0.jpg"]
    write_rows(data / "rows.json", [row(n, path) for n, path in enumerate(paths)])
    watch = Watch(outside, outside / "fifo", "/dev/zero", tmp_path)
    images = ["set", "--images", "set/images", "-f", "json"]
    done = run(*images, "-j", "2", cwd=tmp_path)
    assert done.code == 1 and states(done.out) == {path: "IMG503" for path in paths}
    assert watch.seen() <= {f"{tmp_path}/", f"{tmp_path}/set"}, "of the folder above, the set alone"
    assert untouched(outside)
    asked = run(*images, "--allow-outside", "--recheck", cwd=tmp_path)
    assert f"{outside}/secret.jpg" in watch.seen(), "nothing would be seen"
    assert secret not in states(asked.out) and climbing[0] not in states(asked.out)


def test_links_to_what_is_no_file_are_not_opened(outside: Path, tmp_path: Path) -> None:
    """Links to files are read, as by the trainer; opening other targets might have effects."""
    data = make_small(tmp_path / "set")
    images = data / "images"
    targets = {"fifo": outside / "fifo", "socket": outside / "socket", "folder": outside / "folder", "zero": Path("/dev/zero"),
               "null": Path("/dev/null"), "terminal": Path("/dev/tty"), "self": images, "root": Path("/")}  # fmt: skip
    for name, target in targets.items():
        (images / f"{name}.jpg").symlink_to(target)
    (images / "loop.jpg").symlink_to("loop.jpg")
    (images / "nowhere.jpg").symlink_to("../../none/x.jpg")
    os.mkfifo(images / "own.jpg")
    (images / "linked.jpg").symlink_to(outside / "secret.jpg")
    (images / "linked").symlink_to(outside)
    names = [f"{name}.jpg" for name in [*targets, "loop", "nowhere", "own", "linked"]]
    paths = [*names, "linked/fifo", "linked/secret.jpg", "fifo.jpg/x.jpg", "loop.jpg/x.jpg"]
    write_rows(data / "rows.json", [row(n, path) for n, path in enumerate(paths)])
    watch = Watch(outside / "fifo", outside / "folder", outside / "socket", images / "own.jpg", "/dev/zero", "/dev/null")
    for options in (["-j", "1"], ["-j", "8", "--recheck"]):
        done = run("set", "-f", "json", *options, cwd=tmp_path)
        found = states(done.out)
        assert done.code == 1 and set(paths) - set(found) == {"linked.jpg", "linked/secret.jpg"}
        missing = {path for path, rule in found.items() if rule == "IMG501"}
        assert missing == {"nowhere.jpg", "fifo.jpg/x.jpg"} and set(found.values()) == {"IMG501", "IMG502"}
    seen = watch.seen() - {"/dev/null/"}  # the stdin of this test
    assert seen == set() and untouched(outside)


# ---- arguments of the program ----

GIVEN = {
    "rows": ["GIVEN"],
    "mixture": ["given.yaml"],
    "settings": ["set", "--config", "GIVEN"],
    "baseline": ["set", "--baseline", "GIVEN"],
    "index": ["report", "GIVEN"],
    "images": ["set", "--images", "GIVEN"],
}
KINDS = ["fifo", "socket", "folder", "/dev/zero", "/dev/full", "loop", "nowhere"]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("role", GIVEN)
@pytest.mark.parametrize("linked", [False, True])
def test_no_file_where_one_is_expected(role: str, kind: str, linked: bool, outside: Path, tmp_path: Path) -> None:
    make_small(tmp_path / "set")
    (outside / "loop").symlink_to("loop")
    (outside / "nowhere").symlink_to("none")
    given = Path(kind) if kind.startswith("/") else outside / kind
    name = tmp_path / ("given.yaml" if role == "mixture" else "given")
    if linked or role == "mixture":
        name.symlink_to(given)
        given = name
    arguments = [str(given) if a == "GIVEN" else a for a in GIVEN[role]]
    for _ in range(10):  # another test may open the devices in the meantime
        watch = Watch(outside / "fifo", "/dev/zero", "/dev/full")
        done = run(*arguments, cwd=tmp_path, timeout=10)
        seen = watch.seen()
        if not seen:
            break
    if kind == "folder" and role == "images":
        assert done.code == 1  # an empty folder: all images are missing
        return
    assert_complaint(done)
    assert seen == set()


def test_rows_files_of_a_folder_that_are_none(outside: Path, tmp_path: Path) -> None:
    """What is no rows file is skipped, with a note."""
    data = make_small(tmp_path / "set")
    os.mkfifo(data / "fifo.json")
    (data / "zero.json").symlink_to("/dev/zero")
    (data / "loop.jsonl").symlink_to("loop.jsonl")
    (data / "folder.json").mkdir()
    watch = Watch(data / "fifo.json", "/dev/zero")
    done = run("set", "-f", "json", cwd=tmp_path)
    assert done.code == 0 and json.loads(done.out)["summary"]["rows"] == 2
    assert {line for line in done.err.splitlines()} == {
        f"note: skipped {name}: not a regular file" for name in ("fifo.json", "zero.json", "loop.jsonl", "folder.json")
    }
    assert watch.seen() == set()


def test_settings_that_are_no_file(outside: Path, tmp_path: Path) -> None:
    data = make_small(tmp_path / "set")
    os.mkfifo(data / "llava-check.yaml")
    watch = Watch(data / "llava-check.yaml")
    done = run("set", cwd=tmp_path, timeout=10)
    assert done.code == 0
    assert done.err == "note: set/llava-check.yaml was ignored: it is not a regular file\n"
    assert watch.seen() == set()


# ---- names and numbers ----


def make_deep(folder: Path, name: str, depth: int) -> None:
    """Make nested folders with a picture in the last, too deep for any path."""
    back = os.open(".", os.O_RDONLY)
    os.chdir(folder)
    for _ in range(depth):
        os.mkdir(name)
        os.chdir(name)
    shutil.copy(GOOD_JPEG, "x.jpg")
    os.fchdir(back)
    os.close(back)


def test_paths_beyond_the_longest(tmp_path: Path) -> None:
    """Neither we nor the trainer can open such files by their path; both can open those next to the limit."""
    data = make_small(tmp_path / "set")
    name = "d" * 250
    make_deep(data / "images", name, 20)
    lengths = {"/".join([name] * depth) + "/x.jpg": depth for depth in (15, 16, 17, 20)}
    write_rows(data / "rows.json", [row(n, path) for n, path in enumerate([*lengths, "n" * 255, "n" * 256])])
    done = run("set", "--images", "set/images", "-f", "json", "--show", "info", cwd=tmp_path)
    assert done.code == 1 and done.err == ""
    assert set(states(done.out).values()) == {"IMG501"} and len(states(done.out)) == 6
    shutil.rmtree(data / "images" / name)


def test_a_folder_of_many_files(tmp_path: Path) -> None:
    """The folder is listed once, in time that grows with the number of files."""
    data = make_small(tmp_path / "set")
    picture = GOOD_JPEG.read_bytes()[:300]
    for number in range(FILES):
        (data / f"images/{number}.jpg").write_bytes(picture)
    rows = [row(f"r{n}", f"{n}.jpg" if n % 2 else f"{n}.png", f"{n}.") for n in range(0, FILES, 10)]
    write_rows(data / "rows.json", rows)
    began = time.monotonic()
    done = run("set", "--images", "set/images", "-f", "json", cwd=tmp_path, timeout=FILES_S)
    assert time.monotonic() - began < FILES_S
    parsed = json.loads(done.out)
    assert done.code == 1 and len(states(done.out)) == FILES // 10
    hints = [f["message"] for f in parsed["findings"] if f["rule"] == "IMG501"]
    assert len(hints) == FILES // 10 and all("with another extension" in hint for hint in hints)


# ---- permissions, and disappearing files ----


def test_images_that_may_not_be_read(open_folder: Path) -> None:
    data = make_small(open_folder / "set")
    (data / "images/closed").mkdir()
    shutil.copy(GOOD_JPEG, data / "images/closed/c.jpg")
    write_rows(data / "rows.json", [row(n, name) for n, name in enumerate(["a.jpg", "b.png", "closed/c.jpg", "closed/d.jpg"])])
    user = unprivileged(open_folder)
    (data / "images/a.jpg").chmod(0o000)
    (data / "images/closed").chmod(0o000)
    done = run("set", "--no-index", "-f", "json", cwd=open_folder, before=user.before, executable=user.executable)
    assert done.code == 1
    assert states(done.out) == {"a.jpg": "IMG502", "closed/c.jpg": "IMG502", "closed/d.jpg": "IMG502"}


@pytest.mark.parametrize("how", ["removed", "renamed"])
def test_a_root_that_vanishes(how: str, tmp_path: Path) -> None:
    """Everything not yet read is missing, and the run ends normally."""
    count = 300
    root = tmp_path / "images"
    root.mkdir()
    side = 300 if SANITIZED else 700
    noise = Image.frombytes("RGB", (side, side), os.urandom(side * side * 3))
    noise.save(root / "0.jpg", quality=95)
    for number in range(1, count):
        os.link(root / "0.jpg", root / f"{number}.jpg")
    rows = write_rows(tmp_path / "rows.json", [row(n, f"{n}.jpg", f"{n}.") for n in range(count)])
    command = [str(program()), "check", str(rows), "--images", str(root), "--index", str(tmp_path / "index"), "-f", "json"]
    process = subprocess.Popen([*command, "-j", "2", "--progress", "json"], stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, env=environment(tmp_path))  # fmt: skip
    assert process.stderr
    for line in process.stderr:
        if b'"stage": "images"' in line:
            break
    if how == "removed":
        shutil.rmtree(root)
    else:
        root.rename(tmp_path / "elsewhere")
    out, err = process.communicate(timeout=TIMEOUT_S)
    if process.returncode == 2:  # it vanished before it was opened
        assert b"open the image folder" in err and not out
        return
    report = json.loads(out)
    summary, verdicts = report["summary"], report["image_statistics"]["by_verdict"]
    assert process.returncode in (0, 1) and summary["complete"]
    assert summary["images_referenced"] == count == sum(verdicts.values())
    assert verdicts["ok"] + verdicts["missing"] + verdicts["unreadable"] == count
    assert (process.returncode == 0) == (verdicts["ok"] == count)
    if how == "removed":
        assert 0 < verdicts["missing"] + verdicts["unreadable"], "it was removed too late"
    again = run(rows, "--images", root, "--index", "index", cwd=tmp_path)
    assert_complaint(again, "cannot open the image root: No such file or directory")
