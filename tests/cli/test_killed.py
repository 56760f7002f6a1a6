"""A run is killed or stopped at any moment: the next one resumes, and reports the same.

LC_KILLS is the number of runs to kill (scripts/kills.sh uses more).
"""

from __future__ import annotations

import ctypes
import io
import os
import random
import re
import shutil
import signal
import struct
import subprocess
import time
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from PIL import Image
from forge import read_leb128
from program import program, row, run, runner, write_rows

SANITIZED = bool(os.environ.get("LC_SANITIZE"))
KILLS = int(os.environ.get("LC_KILLS") or (3 if SANITIZED else 8))
COUNT = 60 if SANITIZED else 100
JPEG_SIDE = 900
BAD = 7  # one in this number of images is cut
BLOCK_HEAD = struct.Struct(">4sI16s32s")


@dataclass
class Set:
    folder: Path
    report: bytes
    seconds: float  # time of a whole run


def check(data: Set | Path, index: Path, *options: str) -> list[str]:
    folder = data.folder if isinstance(data, Set) else data
    return [str(program()), "check", str(folder), "--index", str(index), "-f", "json", *options]


def journal_paths(index: Path) -> set[str]:
    """Return the images that an unfinished run left in its journal (docs/index-format.md)."""
    try:
        data = (index / "journal").read_bytes()
    except FileNotFoundError:
        return set()
    paths, at = set(), 0
    while at + BLOCK_HEAD.size <= len(data):
        mark, size, _, _ = BLOCK_HEAD.unpack_from(data, at)
        block = data[at + BLOCK_HEAD.size:at + BLOCK_HEAD.size + size]
        if mark != b"LCJ2" or len(block) < size:
            break
        at += BLOCK_HEAD.size + size
        record = 1
        while block[:1] == b"i" and record < size:
            length, = struct.unpack_from(">I", block, record)
            path_length, at_path = read_leb128(block, record + 4)
            paths.add(block[at_path:at_path + path_length].decode())
            record += 4 + length
    return paths


class Opened:
    """Records with inotify which files of a folder are opened."""

    IN_OPEN = 0x20

    def __init__(self, folder: Path) -> None:
        libc = ctypes.CDLL(None, use_errno=True)
        self.fd = libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
        assert self.fd >= 0
        assert libc.inotify_add_watch(self.fd, os.fsencode(folder), self.IN_OPEN) >= 0

    def names(self) -> set[str]:
        names = set()
        while True:
            try:
                data = os.read(self.fd, 1 << 16)
            except BlockingIOError:
                return names - {""}
            at = 0
            while at < len(data):
                length = struct.unpack_from("iIII", data, at)[3]
                names.add(data[at + 16:at + 16 + length].rstrip(b"\0").decode())
                at += 16 + length

    def close(self) -> None:
        os.close(self.fd)


def noise(side: int) -> bytes:
    """Make a JPEG that takes some milliseconds to decode."""
    file = io.BytesIO()
    pixels = random.Random(5).randbytes(3 * side * side)
    Image.frombytes("RGB", (side, side), pixels).save(file, "JPEG", quality=90)
    return file.getvalue()


def whole_run(folder: Path, index: Path) -> Set:
    began = time.monotonic()
    done = subprocess.run(check(folder, index, "--recheck"), capture_output=True, check=False)
    assert done.returncode == 1, done.stderr
    return Set(folder, done.stdout, time.monotonic() - began)


@pytest.fixture(name="data", scope="module")
def made_data(tmp_path_factory: pytest.TempPathFactory) -> Set:
    """Make images that take some time, some of them cut; and the report of a whole run."""
    folder = tmp_path_factory.mktemp("data")
    jpeg = noise(JPEG_SIDE)
    (folder / "images").mkdir()
    for number in range(COUNT):
        size = len(jpeg) - number * 100 if number % BAD == 0 else len(jpeg)
        (folder / f"images/{number:03d}.jpg").write_bytes(jpeg[:size])
    write_rows(folder / "rows.json", [row(str(n), f"{n:03d}.jpg") for n in range(COUNT)])
    time.sleep(2.2)  # until the files' times can be trusted
    return whole_run(folder, tmp_path_factory.mktemp("whole"))


def await_images(process: subprocess.Popen, index: Path) -> None:
    """Wait until a run has stored some images, or has ended."""
    while process.poll() is None and not journal_paths(index):
        time.sleep(0.002)


def kill(data: Set, index: Path, after: float) -> None:
    """Start a run, and kill it after this many seconds, unless it has ended."""
    with subprocess.Popen(check(data, index), stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL) as process:
        try:
            process.wait(after)
        except subprocess.TimeoutExpired:
            process.kill()


def finish(data: Set, index: Path, kept: set[str]) -> None:
    """Finish the run: the report must be that of a whole run, and images in the journal are not read."""
    opened = Opened(data.folder / "images")
    done = subprocess.run(check(data, index), capture_output=True, text=False, check=False)
    read = opened.names()
    opened.close()
    assert done.returncode == 1, done.stderr
    assert done.stdout == data.report
    assert not read & kept
    assert len(read) + len(kept) == COUNT
    match = re.search(rb"(\d+) of \d+ images are unchanged", done.stderr)
    assert int(match.group(1) if match else 0) == len(kept)
    assert not (index / "journal").exists()
    assert not (index / "index.mdb.part").exists()


def test_killed_at_random_moments(data: Set, tmp_path: Path) -> None:
    rng = random.Random(os.environ.get("LC_SEED", "killed"))
    kept_in_all = 0
    enough = KILLS // 6  # not all kills came before or after the images
    for number in range(4 * KILLS):
        if number >= KILLS and kept_in_all >= enough:
            break
        if number and number % KILLS == 0:  # the machine may have become slower or faster
            data = replace(data, seconds=whole_run(data.folder, tmp_path / "whole").seconds)
        index = tmp_path / str(number)
        kept: set[str] = set()
        for _ in range(rng.choice([1, 1, 1, 2, 3])):
            kill(data, index, rng.uniform(0, 1.05 * data.seconds))
            if (index / "index.mdb").exists():
                kept = {f"{n:03d}.jpg" for n in range(COUNT)}  # it had come to its end
                break
            now = journal_paths(index)
            assert kept <= now  # the next kill does not lose stored images
            kept = now
        kept_in_all += 0 < len(kept) < COUNT
        finish(data, index, kept)
        shutil.rmtree(index)
    assert kept_in_all >= enough


def test_a_finished_index_outlives_a_killed_run(data: Set, tmp_path: Path) -> None:
    subprocess.run(check(data, tmp_path), capture_output=True, check=False)
    before = (tmp_path / "index.mdb").read_bytes()
    with subprocess.Popen(check(data, tmp_path, "--recheck"), stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL) as process:
        time.sleep(data.seconds / 2)
        process.kill()
    assert (tmp_path / "index.mdb").read_bytes() == before or not (tmp_path / "journal").exists()
    finish(data, tmp_path, {f"{n:03d}.jpg" for n in range(COUNT)})


@pytest.fixture(name="part", scope="module")
def made_part(data: Set, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Make a journal with a part of the images."""
    for _ in range(20):
        index = tmp_path_factory.mktemp("part")
        with subprocess.Popen(check(data, index), stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL) as process:
            await_images(process, index)
            process.kill()
        if 3 < len(journal_paths(index)) < COUNT:
            return (index / "journal").read_bytes()
    raise AssertionError("no run was killed between its images")


DAMAGES = {
    "cut": lambda data, rng: data[:rng.randrange(len(data))],
    "zeroed to the end": lambda data, rng: (
        (at := rng.randrange(len(data))) and data[:at] + bytes(len(data) - at)),
    "a bit flipped": lambda data, rng: (
        (at := rng.randrange(len(data))) and
        data[:at] + bytes([data[at] ^ 1 << rng.randrange(8)]) + data[at + 1:]),
    "noise after the end": lambda data, rng: data + rng.randbytes(100),
    "twice": lambda data, _: data + data,
    "all noise": lambda data, rng: rng.randbytes(len(data)),
    "empty": lambda data, _: b"",
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_journal(data: Set, part: bytes, damage: str, tmp_path: Path) -> None:
    """After a power failure, only the sound part of a journal is used."""
    rng = random.Random(damage)
    whole = journal_paths_of(part, tmp_path / "whole")
    for number in range(2 if SANITIZED else 3):
        index = tmp_path / str(number)
        index.mkdir()
        (index / "CACHEDIR.TAG").write_text("# Made by llava-check\n")  # marks everything in it as ours
        (index / "journal").write_bytes(DAMAGES[damage](part, rng))
        opened = Opened(data.folder / "images")
        done = subprocess.run(check(data, index), capture_output=True, check=False)
        read = opened.names()
        opened.close()
        assert done.stdout == data.report, done.stderr
        assert COUNT - len(whole) <= len(read) <= COUNT
        if damage in ("noise after the end", "twice"):
            assert not read & whole


def journal_paths_of(journal: bytes, folder: Path) -> set[str]:
    folder.mkdir()
    (folder / "journal").write_bytes(journal)
    return journal_paths(folder)


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])  # a shell may make it ignored
def test_stopped(data: Set, name: str, tmp_path: Path) -> None:
    """It ends soon, says how to continue, and exits with the signal's code."""
    number = getattr(signal, name)
    for attempt in range(10):
        index = tmp_path / str(attempt)
        with subprocess.Popen(check(data, index), stdout=subprocess.DEVNULL,
                              stderr=subprocess.PIPE,
                              preexec_fn=lambda: signal.signal(number, signal.SIG_DFL),
                              ) as process:
            await_images(process, index)
            process.send_signal(number)
            began = time.monotonic()
            said = process.stderr.read()
            process.wait()
            seconds = time.monotonic() - began
        if process.returncode == 1:
            continue  # it had come to its end
        assert process.returncode == 128 + number, said.decode()
        assert seconds < 10 * runner.SLOWNESS  # well below 1 s on an idle machine
        if b"images are done" in said:
            break
        assert SANITIZED and b"stopped; progress is kept" in said  # it was too slow
    else:
        raise AssertionError("no run was stopped between its images")
    assert b"run the same command again to continue" in said
    done = int(re.search(rb"(\d+) of \d+ images are done", said).group(1))
    kept = journal_paths(index)
    assert len(kept) == done
    finish(data, index, kept)


def test_a_second_signal_ends_at_once(data: Set, tmp_path: Path) -> None:
    with subprocess.Popen(check(data, tmp_path), stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL) as process:
        time.sleep(data.seconds / 4)
        for _ in range(20):
            process.send_signal(signal.SIGTERM)
        assert process.wait() in (143, 1)


def test_nohup_stays(data: Set, tmp_path: Path) -> None:
    """A signal that the parent process ignores stays ignored."""
    with subprocess.Popen(check(data, tmp_path), stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL,
                          preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN),
                          ) as process:
        time.sleep(data.seconds / 4)
        process.send_signal(signal.SIGHUP)
        assert process.stdout.read() == data.report


def test_nothing_is_kept_without_an_index(data: Set, tmp_path: Path) -> None:
    command = [str(program()), "check", str(data.folder), "--no-index"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                          env={**os.environ, "TMPDIR": str(tmp_path)}) as process:
        time.sleep(data.seconds / 3)
        process.send_signal(signal.SIGTERM)
        said = process.stderr.read()
    assert process.returncode in (143, 1)
    assert process.returncode == 1 or b"nothing is kept" in said
    assert not list(tmp_path.iterdir())
    assert not (data.folder / ".llava-check").exists()


def test_a_run_of_rows_alone_forgets_no_image(data: Set, tmp_path: Path) -> None:
    """Its index has no images: known facts about them are kept beside it."""
    subprocess.run(check(data, tmp_path), capture_output=True, check=False)
    for _ in range(2):
        done = subprocess.run(check(data, tmp_path, "--no-images"), capture_output=True,
                              check=False)
        assert done.returncode == 0, done.stderr
    finish(data, tmp_path, {f"{n:03d}.jpg" for n in range(COUNT)})
    assert run("index", "check", ".", cwd=tmp_path).code == 0
