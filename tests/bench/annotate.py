#!/usr/bin/env python3
"""What llava_check.annotate costs beside the C library on the same batches, in processor time.

    LLAVA_CHECK_LIBRARY=… PYTHONPATH=python:python/tests/frames python tests/bench/annotate.py [ROWS [BATCH]]

The library alone is called with what it needs at hand: images as addresses, rows as JSON files. It needs
pyarrow and Pillow. Fails above 10 % for rows with photographs.
"""

from __future__ import annotations

import ctypes
import json
import random
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import parquet_data
import pyarrow

import llava_check
from llava_check import _run
from llava_check import _structs as structs
from llava_check._library import library

BATCH = int(sys.argv[2]) if len(sys.argv) > 2 else 128
ROUNDS = 9
MOST = 1.10


def make_table(count: int, with_images: bool) -> pyarrow.Table:
    photographs = parquet_data.pool(random.Random(1), (640, 480), 16)
    rows = []
    for number in range(count):
        question = "What is shown here? " * 3
        row: dict[str, Any] = {
            "id": f"{number:08}",
            "conversations": [
                {"from": "human", "value": ("<image>\n" if with_images else "") + question},
                {"from": "gpt", "value": f"A thing of kind {number}, on a table. " * 4},
            ],
        }
        if with_images:
            row["image"] = {"bytes": photographs[number % len(photographs)] + bytes([number % 256]) * 4, "path": None}
        rows.append(row)
    return pyarrow.Table.from_pylist(rows)


class Alone:
    """The library, called for a batch."""

    def __init__(self, batch: pyarrow.Table, folder: Path, number: int) -> None:
        self.images: list[Any] = []
        if "image" in batch.column_names:
            for scalar in batch.column("image"):
                data = scalar["bytes"].as_buffer()
                self.images.append((data, data.address, data.size))
        rows = batch.select(["id", "conversations"]).to_pylist()
        self.path = folder / f"{number}.json"
        self.path.write_text(json.dumps([{**row, "image": f"{i}.jpg"} if self.images else row
                                         for i, row in enumerate(rows)]))
        self.folder = str(folder).encode()
        self.raw = structs.Inspected()
        self.error = structs.Error()

    def run(self, inspector: ctypes.c_void_p) -> None:
        inspect = library().lc_inspect
        for _, address, size in self.images:
            assert inspect(inspector, address, size, ctypes.byref(self.raw), ctypes.byref(self.error)) == 0
        path = structs.strings([str(self.path).encode()])
        struct = structs.CheckOptions(
            paths=ctypes.cast(path, ctypes.POINTER(ctypes.c_char_p)), path_count=1, images=self.folder,
            videos=self.folder, no_index=True, no_images=True, threads=1, each_alone=True,
        )
        library().lc_index_close(_run.check_quietly(struct))


def measure(table: pyarrow.Table) -> float:
    """The ratio of the least processor time that each took: other programs disturb it least."""
    batches = [table.slice(start, BATCH) for start in range(0, table.num_rows, BATCH)]
    inspector = ctypes.c_void_p()
    assert library().lc_inspector_new(ctypes.byref(inspector), None) == 0
    with tempfile.TemporaryDirectory() as folder:
        alone = [Alone(batch, Path(folder), number) for number, batch in enumerate(batches)]
        ratios, best = [], [float("inf")] * 2
        for _ in range(ROUNDS):
            began = time.process_time()
            for one in alone:
                one.run(inspector)
            middle = time.process_time()
            for batch in batches:
                llava_check.annotate(batch)
            took = (middle - began, time.process_time() - middle)
            best = [min(pair) for pair in zip(best, took)]
            ratios.append(took[1] / took[0])
    library().lc_inspector_free(inspector)
    print(f"  the library {best[0] * 1e3:.0f} ms, annotate {best[1] * 1e3:.0f} ms; "
          f"ratios {', '.join(f'{ratio:.3f}' for ratio in sorted(ratios))}")
    return best[1] / best[0]


def main() -> int:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1024
    print(f"{count} rows with photographs, in batches of {BATCH}")
    ratio = measure(make_table(count, True))
    print(f"{count} rows of text")
    measure(make_table(count, False))
    return 0 if ratio <= MOST else 1


if __name__ == "__main__":
    sys.exit(main())
