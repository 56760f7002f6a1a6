"""Malicious shards: odd names, very many members, very long keys. Output is harmless, and memory is bounded."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import Iterable

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from cases import JPEG, Member, pair, rows, tar  # noqa: E402

BINARY = os.environ["LLAVA_CHECK"]
FORMATS = ["text", "json", "jsonl", "csv", "markdown", "sarif", "junit", "github", "gitlab", "html"]
NAMES = ["\x1b[2J", "\u202egpj", "a::b", "##[error]x", "::error::x", "/abs", "../up", "n\nl", "q\"'`", "<img src=x>", "$(x)", "%s%n", "a!b",
         "\x7f", "\u2066x", "-rf", "C:\\x", "a\tb", "|c|", "{0..9}", "=1+1"]  # fmt: skip
OBEYED = re.compile("[\0-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
MEGABYTES = 300


def run(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([BINARY, *words], cwd=folder, capture_output=True, text=True, timeout=240, check=False)


@pytest.mark.parametrize("form", FORMATS)
def test_names(tmp_path: Path, form: str) -> None:
    """Names are harmless even in findings: for each, there is a sample without text."""
    odd = [member for name in NAMES for member in [*pair(name), Member(name + "2.jpg", b"no image")]]
    (tmp_path / "0.tar").write_bytes(tar(odd, tarfile.PAX_FORMAT))
    done = run(tmp_path, "0.tar", "--no-index", "--show", "info", "--max-findings", "100", "-f", form)
    assert done.returncode == 1 and not OBEYED.search(done.stdout + done.stderr)
    lines = done.stdout.splitlines() + done.stderr.splitlines()
    assert not [line for line in lines if line.startswith(("##[", "::error::x"))]
    if form == "github":
        assert all(re.match("::(error|warning|notice) ", line) for line in done.stdout.splitlines() if line.startswith("::"))


def write(path: Path, members: Iterable[tuple[str, bytes]]) -> None:
    with path.open("wb") as file:
        for name, data in members:
            info = tarfile.TarInfo(name)
            info.size = len(data)
            file.write(info.tobuf(tarfile.PAX_FORMAT) + data + bytes(-len(data) % 512))
        file.write(bytes(1024))


MANY: dict[str, Iterable[tuple[str, bytes]]] = {
    "one key": [("k.json", rows("k")), *((f"k.{i}.jpg", b"") for i in range(30_000))],
    "no bytes": [("a.jpg", JPEG), ("a.json", rows("a")), *((f"{i}.jpg", b"") for i in range(30_000))],
    "long keys": [(f"{'k' * 50_000}{i}{suffix}", JPEG) for i in range(100) for suffix in (".jpg", ".txt")],
    "folders": [(f"{'d/' * 2000}{i}{suffix}", JPEG) for i in range(300) for suffix in (".jpg", ".cls")],
}


@pytest.mark.parametrize("what", MANY)
def test_many(tmp_path: Path, what: str) -> None:
    write(tmp_path / "0.tar", MANY[what])
    with subprocess.Popen([BINARY, "0.tar", "--index", "index", "--quiet", "--isolated"], cwd=tmp_path) as child:
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
    assert child.returncode == 1
    assert os.environ.get("LC_SANITIZE") or usage.ru_maxrss < MEGABYTES * 1024
    assert usage.ru_utime + usage.ru_stime < 60  # processor time, of about one second
    assert run(tmp_path, "index", "check", "index").returncode == 0
    assert (tmp_path / "index/index.mdb").stat().st_size < 4 * (tmp_path / "0.tar").stat().st_size
