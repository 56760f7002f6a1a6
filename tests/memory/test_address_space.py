"""With little address space, as under `ulimit -v` or a batch system, the results are the same.

LMDB's map takes address space. Under a limit, the map starts smaller and grows, and transactions are
smaller, so that there are many more of them. Sanitizers reserve terabytes of address space, so these
tests cannot run with them.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
from pathlib import Path

import pytest

ROWS = 60_000
KIB = 1024


def row(number: int) -> str:
    """Return a row whose image does not exist; every third one also has its turns in the wrong order."""
    turns = [{"from": "human", "value": "<image> Why?"}, {"from": "gpt", "value": f"{number}"}]
    if number % 3 == 0:
        turns.reverse()
    image = f"folder-{number % 100:03}/{'x' * (number % 90)}{number}.jpg"
    return json.dumps({"id": number, "image": image, "conversations": turns})


def check(folder: Path, limit: int | None, index: str) -> tuple[int, bytes, bytes]:
    def limited() -> None:
        if limit:
            resource.setrlimit(resource.RLIMIT_AS, (limit * KIB, limit * KIB))

    command = [os.environ["LLAVA_CHECK"], "data", "--index", index, "-f", "json", "--threads", "2"]
    done = subprocess.run(command, cwd=folder, preexec_fn=limited, capture_output=True, timeout=200)
    return done.returncode, done.stdout, done.stderr


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("limited")
    (folder / "data/images").mkdir(parents=True)
    (folder / "data/rows.jsonl").write_text("".join(row(i) + "\n" for i in range(ROWS)))
    return folder


@pytest.mark.parametrize("limit", [1_000_000, 500_000])
def test_the_results_are_the_same(folder: Path, limit: int) -> None:
    """With a map that starts at 64 MiB and grows, and 512 records per transaction."""
    unlimited = check(folder, None, f"unlimited-{limit}")
    assert unlimited[0] == 1 and len(json.loads(unlimited[1])["findings"]) > ROWS
    assert check(folder, limit, f"limited-{limit}") == unlimited
    sizes = [(folder / name / "index.mdb").stat().st_size
             for name in (f"unlimited-{limit}", f"limited-{limit}")]
    assert sizes[0] > 32 << 20  # so the small map had to grow
    assert sizes[1] < 1.2 * sizes[0]
