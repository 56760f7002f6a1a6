"""The whole program on a few random data sets; scripts/random_sets.sh runs any number."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

SETS = int(os.environ.get("LC_SETS") or 50)
SCRIPT = Path(__file__).with_name("random_sets.py")


def test_random_sets() -> None:
    command = [sys.executable, "-B", SCRIPT, "--sets", str(SETS), "--seed", "1", "--jobs", "2"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    last = done.stdout.splitlines()[-1] if done.stdout else ""
    assert done.returncode == 0, done.stdout + done.stderr
    assert last.startswith(f"{SETS} sets, ") and last.endswith("; 0 faults")
    # most of them are checked, and most of those have something wrong
    ended = {int(part.split()[-1]): int(part.split()[-3]) for part in last.split(": ")[1].split(";")[0].split(", ")}
    assert ended[1] > ended.get(2, 0) > 0 and ended[0] > 0
