"""Each shard is read once, for its rows and its images; a killed run continues"""

from __future__ import annotations

import gzip
import json
import os
import random
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))
from cases import JPEG, Member, ends, pair, rows, tar  # noqa: E402

BINARY = os.environ["LLAVA_CHECK"]
NOISE = random.Random(1).randbytes(1 << 20)


def photograph(number: int, size: int) -> bytes:
    """Make a JPEG of this size, with bytes that do not compress."""
    segment = b"\xff\xfe\xff\xfe" + NOISE[number * 7 : number * 7 + 65532]
    return JPEG[:2] + segment * (size // len(segment)) + JPEG[2:]


def members(shard: int, count: int, size: int) -> list[Member]:
    found = []
    for number in range(count):
        key = f"{shard}-{number:04}"
        found += [Member(f"{key}.jpg", photograph(shard * count + number, size)), Member(f"{key}.json", rows(key))]
    return found


def run(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([BINARY, *words], cwd=folder, capture_output=True, text=True, timeout=120, check=False)


def report(folder: Path, *words: str) -> dict[str, Any]:
    done = run(folder, "check", "data", "--format", "json", *words)
    assert done.returncode in (0, 1), done.stderr
    return json.loads(done.stdout)


def read_by(folder: Path, *words: str) -> int:
    """Return the number of bytes that a check reads."""
    done = subprocess.run(["sh", "-c", '"$0" check data -q "$@" >/dev/null; grep rchar /proc/$$/io', BINARY, *words], cwd=folder,
                          capture_output=True, text=True, timeout=120, check=True)  # fmt: skip
    return int(done.stdout.split()[-1])


@pytest.mark.parametrize("suffix", [".tar", ".tar.gz"])
def test_a_shard_is_read_once(tmp_path: Path, suffix: str) -> None:
    """The probe of the first shard, which ends at its first sample, reads a little of it again."""
    (tmp_path / "data").mkdir()
    size = 0
    for shard in range(4):
        data = tar(members(shard, 15, 200_000))
        data = gzip.compress(data, 1) if suffix == ".tar.gz" else data
        (tmp_path / f"data/{shard}{suffix}").write_bytes(data)
        size += len(data)
    assert size > 11_000_000
    assert size <= read_by(tmp_path, "--no-index") < 1.25 * size
    assert read_by(tmp_path, "--no-index", "--no-images") < 1.25 * size


def test_texts_that_do_not_fit_into_memory(tmp_path: Path) -> None:
    """They go to a temporary file: rows, places and hashes are those of the same shards with plain names."""
    (tmp_path / "data").mkdir()
    for shard in range(3):
        found = []
        for number in range(40):
            text = json.dumps({"id": f"{number}", "conversations": [
                {"from": "human", "value": "<image>\nWhat?"}, {"from": "gpt", "value": f"{shard} {number} " + "word " * 40_000}]})  # fmt: skip
            found += [Member(f"{number}.jpg", JPEG), Member(f"{number}.json", text.encode())]
        (tmp_path / f"data/{shard}.tar").write_bytes(tar(found))
    (tmp_path / "tmp").mkdir()
    one = report(tmp_path, "--no-index", "--threads", "1")
    assert one["summary"]["rows"] == 120 and one["summary"]["images_referenced"] == 120
    assert one["summary"]["words"] > 120 * 40_000
    assert report(tmp_path, "--no-index", "--threads", "4") == one
    assert report(tmp_path, "--index", "index") == one
    assert not list((tmp_path / "tmp").iterdir())


# A child's ru_maxrss includes that of its parent, so the program is started by a small process. Prints MB.
LAUNCH = """
import os, sys
child = os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ)
_, status, usage = os.wait4(child, 0)
print(os.waitstatus_to_exitcode(status), usage.ru_maxrss / 1024)
"""


@pytest.mark.parametrize("word", ["--no-index", "--no-images"])
def test_large_texts_take_little_memory(word: str, tmp_path: Path) -> None:
    """They are processed one at a time, and no thread keeps the memory for one."""
    (tmp_path / "data").mkdir()
    answer = "word " * 12_000_000
    for shard in range(2):
        with open(tmp_path / f"data/{shard}.tar", "wb") as file:
            for key in "ab":
                turns = [{"from": "human", "value": "<image>"}, {"from": "gpt", "value": f"{shard} {key} {answer}"}]
                data = tar([Member(f"{key}.jpg", JPEG), Member(f"{key}.json", json.dumps({"conversations": turns}).encode())])
                file.write(data[: ends(data)])
            file.write(bytes(1024))
    command = [BINARY, "check", "data", "--no-index", word, "--threads", "4", "-q", "-o", "report.json"]
    done = subprocess.run([sys.executable, "-IS", "-c", LAUNCH, *command], cwd=tmp_path, capture_output=True, text=True, timeout=300, check=True)
    code, megabytes = map(float, done.stdout.split())
    assert code in (0, 1), done.stderr
    assert json.loads((tmp_path / "report.json").read_bytes())["summary"]["rows"] == 4
    assert megabytes < 300 * (5 if os.environ.get("LC_SANITIZE") else 1)


def test_a_shard_with_a_text_that_expands_too_much_is_read_twice(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    text = json.dumps({"conversations": [{"from": "human", "value": "<image>"}, {"from": "gpt", "value": "a" * 30_000_000}]}).encode()
    data = tar([Member("a.jpg", JPEG), Member("a.json", text), *pair("b")])
    (tmp_path / "data/bomb.tar.gz").write_bytes(gzip.compress(data))
    (tmp_path / "data/fine.tar").write_bytes(tar(pair("c")))
    whole = report(tmp_path, "--no-index")
    assert whole["summary"]["rows"] == 3 and whole["summary"]["images_referenced"] == 3
    assert whole["summary"]["by_rule"] == {"ARC817": 1, "CNV312": 1, "IMG512": 3, "SET601": 1}


def test_a_shard_that_cannot_be_read(tmp_path: Path) -> None:
    """The run fails as if only the rows had been read."""
    (tmp_path / "data").mkdir()
    (tmp_path / "data/a.tar").write_bytes(tar(pair("a")))
    huge = b"{" + b" " * (65 << 20) + b"}"
    (tmp_path / "data/b.tar").write_bytes(tar([*pair("b"), Member("c.json", huge)]))
    with_images = run(tmp_path, "check", "data", "--no-index")
    rows_alone = run(tmp_path, "check", "data", "--no-index", "--no-images")
    assert with_images.returncode == rows_alone.returncode == 2
    assert "a text of more than 64 MiB" in with_images.stderr
    assert with_images.stderr == rows_alone.stderr


def test_a_run_that_did_not_finish_decodes_no_image_again(tmp_path: Path) -> None:
    """It fails at the last shard: the images of the others are in the journal."""
    (tmp_path / "data").mkdir()
    for shard in range(2):
        found = members(shard, 30, 0)
        found[8] = Member(found[8].name, JPEG[:-30])
        (tmp_path / f"data/{shard}.tar.gz").write_bytes(gzip.compress(tar(found), 1))
    last = tmp_path / "data/2.tar.gz"
    last.write_bytes(gzip.compress(tar([*pair("b"), Member("c.json", b" " * (65 << 20))])))
    time.sleep(2.2)  # until the times are old enough to be trusted
    assert run(tmp_path, "check", "data", "--index", "index", "-q").returncode == 2
    assert (tmp_path / "index/journal").exists() and not (tmp_path / "index/index.mdb").exists()
    last.write_bytes(gzip.compress(tar(members(2, 30, 0)), 1))
    done = run(tmp_path, "check", "data", "--index", "index", "--format", "json")
    assert "note: 60 of 90 images are unchanged: results reused" in done.stderr
    whole = report(tmp_path, "--index", "whole")
    assert json.loads(done.stdout) == whole and whole["summary"]["by_rule"]["IMG507"] == 2
    assert run(tmp_path, "index", "check", "index").returncode == 0
    assert not (tmp_path / "index/journal").exists()
