"""Limits of time and memory for each image, whatever its bytes: docs/limits.md lists them.

LC_LONG=1 makes long images 100 MB long instead of 8, and adds those that are slow to make.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from bombs import ALL_BOMBS, BOMBS, LONG
from program import REPOSITORY, environment, program, row, write_rows

BOMB_COUNT, QUICK_COUNT = 53, 40
SANITIZED = os.environ.get("LC_SANITIZE")
SLOWER, LARGER = (10, 5) if SANITIZED else (1, 1)
LIMITS = (REPOSITORY / "docs/limits.md").read_text(encoding="utf-8")

# A child's ru_maxrss includes that of its parent, so the program is started by a small process. Prints
# the exit code, processor seconds, and MB.
LAUNCH = """
import os, sys
child = os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ)
_, status, usage = os.wait4(child, 0)
print(os.waitstatus_to_exitcode(status), usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, file=sys.stderr)
"""


def stated(pattern: str) -> float:
    """Return a number from docs/limits.md."""
    found = re.search(pattern, LIMITS)
    assert found, pattern
    return float(found[1])


SECONDS = stated(r"takes at most (\d+) seconds of one processor")
SECONDS_PER_MB = stated(r"plus ([\d.]+) seconds for each megabyte of its file")
MEGABYTES = stated(r"at most (\d+) MB of\s+memory, plus twice the size of its file")


def test_all_bombs_are_seen() -> None:
    assert len(ALL_BOMBS) == BOMB_COUNT and len(BOMBS) == (BOMB_COUNT if LONG else QUICK_COUNT)


@pytest.mark.parametrize("name", BOMBS)
def test_one_image(name: str, tmp_path: Path) -> None:
    bomb = BOMBS[name]
    data = bomb.make()
    (tmp_path / name).write_bytes(data)
    rows = write_rows(tmp_path / "rows.json", [row("x", name)])
    report = tmp_path / "r.json"
    command = [program(), "check", rows, "--images", tmp_path, "--no-index", "-j", "1", "-q", "-o", report]
    done = subprocess.run(
        [sys.executable, "-IS", "-c", LAUNCH, *command],
        stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, env=environment(tmp_path), timeout=300, check=True,
    )  # fmt: skip
    (tmp_path / name).unlink()
    code, seconds, megabytes = map(float, done.stderr.split())
    assert code in (0, 1), done.stderr
    size_mb = len(data) / 1e6
    assert seconds < (SECONDS + SECONDS_PER_MB * size_mb) * SLOWER, (seconds, size_mb)
    # the file is in memory, and once more without byte stuffing
    assert megabytes < (MEGABYTES + 2.25 * size_mb) * LARGER, (megabytes, size_mb)
    verdicts = json.loads(report.read_bytes())["image_statistics"]["by_verdict"]
    states = {state for state, count in verdicts.items() if count}
    assert len(states) == 1 and "not-looked-at" not in states
    assert not bomb.state or states == {bomb.state}
