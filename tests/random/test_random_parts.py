"""A few random data sets in parts; random_parts.py runs any number."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

SETS = int(os.environ.get("LC_PART_SETS") or 24)
SEED = os.environ.get("LC_PART_SEED") or "1"
SCRIPT = Path(__file__).with_name("random_parts.py")


def test_random_parts() -> None:
    command = [sys.executable, "-B", SCRIPT, "--sets", str(SETS), "--seed", SEED, "--jobs", "2"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    rules, last = done.stdout.splitlines()[-2:]
    assert last.startswith(f"{SETS} sets (") and last.endswith("; 0 faults")
    refused, packed, parts = (int(n) for n in re.findall(r"\((\d+) refused, (\d+) of archives\), (\d+) parts", last)[0])
    assert refused < SETS / 4 and packed >= SETS // 3 and parts > 3 * SETS
    # what needs the whole set was found in many of them
    found = dict(re.findall(r"(\w{3}\d{3}) (\d+)", rules))
    often = ["ROW206", "ROW207", "ROW210", "SET602", "SET605"]
    assert all(int(found[rule]) > SETS / 8 for rule in often), rules
    assert all(int(number) > 0 for rule, number in found.items() if SETS >= 200), rules
