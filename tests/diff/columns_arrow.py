#!/usr/bin/env python3
"""JSN115 against Arrow: columns_arrow.py [--files N] [--seed N]

Needs pyarrow, which is not part of Debian: python3 -m venv V && V/bin/pip install pyarrow. Writes
JSONL files with random columns, and compares: Arrow must refuse the files that the program reports
("changed from … to …"), and no others. LLAVA_CHECK is the path of the built program.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
from pathlib import Path
from typing import Any

import pyarrow
import pyarrow.json

from rows_program import Checker

SCALARS: list[Any] = [1, 2.5, -3, 10**20, "a", "2020-01-02", True, False, None, None]
NAMES = ["a", "b", "c", "value"]


def random_value(rng: random.Random, like: Any, depth: int = 0) -> Any:
    """Return a value, most often of the same kind as another."""
    if isinstance(like, list) and rng.random() < 0.9:
        return [random_value(rng, like[0] if like else 1, depth + 1) for _ in range(rng.randrange(4))]
    if isinstance(like, dict) and rng.random() < 0.9:
        kept = {key: random_value(rng, value, depth + 1) for key, value in like.items() if rng.random() < 0.9}
        return kept if rng.random() < 0.9 else {**kept, rng.choice(NAMES): 1}
    if like is None or rng.random() < 0.02:
        kinds = [*SCALARS, [1], ["a"], {"a": 1}, {"a": "x", "b": [1]}, [{"a": 1, "b": None}]]
        return rng.choice(kinds if depth < 3 else SCALARS)
    same = [scalar for scalar in SCALARS if scalar is None or type(scalar) is type(like)]
    return rng.choice(same) if same else like


def random_rows(rng: random.Random) -> list[Any]:
    model = {name: random_value(rng, None) for name in NAMES[: rng.randrange(1, 5)]}
    rows = [random_value(rng, model) for _ in range(rng.randrange(2, 20))]
    return [{"conversations": [], **row} if isinstance(row, dict) else model for row in rows]


def arrow_refuses(data: bytes) -> bool:
    try:
        pyarrow.json.read_json(pyarrow.BufferReader(data))
    except pyarrow.ArrowInvalid as error:
        if "changed from" not in str(error):
            raise
        return True
    return False


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--files", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    rng = random.Random(arguments.seed)
    refused = differ = 0
    with tempfile.TemporaryDirectory() as folder:
        checker = Checker(Path(folder))
        for _ in range(arguments.files):
            data = "".join(json.dumps(row) + "\n" for row in random_rows(rng)).encode()
            theirs = arrow_refuses(data)
            found = checker.check(data, ".jsonl", 2, "llava").findings
            ours = any(finding.rule == "JSN115" for finding in found)
            refused += theirs
            if ours != theirs:
                differ += 1
                print(f"Arrow {'refuses' if theirs else 'reads'}: {data.decode()}")
    print(f"pyarrow {pyarrow.__version__}: {arguments.files} files, {refused} refused, {differ} differ")
    return differ > 0


if __name__ == "__main__":
    sys.exit(main())
