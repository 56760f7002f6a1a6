#!/usr/bin/env python3
"""What llava_check.annotate costs beside the C library on the same batches, in processor time.

    LLAVA_CHECK_LIBRARY=… PYTHONPATH=python:python/tests/frames python tests/bench/annotate.py [ROWS [BATCH]]

The library alone gets the same batches through Arrow's C interface, and its verdicts are read from its stream and
dropped: the rest is Python's and pyarrow's. "Checked" is less than that, with everything at hand: images as
addresses, rows as JSON files, and no verdicts. It needs pyarrow and Pillow. Fails above 10 % of the former for rows
with photographs, rows of text, or both.
"""

from __future__ import annotations

import ctypes
import json
import random
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Callable

import parquet_data
import pyarrow

import llava_check
from llava_check import _run
from llava_check import _structs as structs
from llava_check._arrow import array_pointers
from llava_check._import_batch import IMAGE, VALUE
from llava_check._library import call, library

BATCH = int(sys.argv[2]) if len(sys.argv) > 2 else 128
ROUNDS = 15
MOST = 1.10


def make_table(count: int, share: float) -> pyarrow.Table:
    """Make rows, a share of which have photographs."""
    photographs = parquet_data.pool(random.Random(1), (640, 480), 16)
    rows = []
    for number in range(count):
        with_images = number % 8 < 8 * share
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


class Checked:
    """Only the check itself."""

    def __init__(self, batch: pyarrow.Table, folder: Path, number: int) -> None:
        self.images: list[Any] = []
        if "image" in batch.column_names:
            for scalar in filter(lambda scalar: scalar.is_valid, batch.column("image")):
                data = scalar["bytes"].as_buffer()
                self.images.append((data, data.address, data.size))
        rows = batch.select(["id", "conversations"]).to_pylist()
        self.path = folder / f"{number}.json"
        has_image = [row["conversations"][0]["value"].startswith("<image>") for row in rows]
        self.path.write_text(json.dumps([{**row, "image": f"{i}.jpg"} if has_image[i] else row
                                         for i, row in enumerate(rows)]))
        self.folder = str(folder).encode()
        self.raw = structs.Inspected()
        self.error = structs.Error()
        self.inspector = ctypes.c_void_p()
        assert library().lc_inspector_new(ctypes.byref(self.inspector), None) == 0

    def run(self) -> None:
        inspect = library().lc_inspect
        for _, address, size in self.images:
            assert inspect(self.inspector, address, size, ctypes.byref(self.raw), ctypes.byref(self.error)) == 0
        path = structs.strings([str(self.path).encode()])
        struct = structs.CheckOptions(
            paths=ctypes.cast(path, ctypes.POINTER(ctypes.c_char_p)), path_count=1, images=self.folder,
            videos=self.folder, no_index=True, no_images=True, threads=1, each_alone=True,
        )
        library().lc_index_close(_run.check_quietly(struct))


class Alone:
    """The library, called for a batch with everything that annotate requests."""

    def __init__(self, batch: pyarrow.Table, folder: Path) -> None:
        (one,) = batch.combine_chunks().to_batches()
        self.capsules = one.__arrow_c_array__()
        schema, array = array_pointers(self.capsules)
        roles = bytes(IMAGE if name == "image" else VALUE for name in batch.column_names)
        self.batch = structs.ImportBatch(ctypes.sizeof(structs.ImportBatch), schema, array, roles)
        self.options = structs.CheckOptions(images=str(folder).encode(), videos=str(folder).encode(), threads=1)
        self.importer = ctypes.c_void_p()
        call("lc_importer_new", ctypes.byref(self.importer))

    def run(self) -> None:
        index, prediction = ctypes.c_void_p(), ctypes.c_void_p()
        stream, array = structs.ArrowArrayStream(), structs.ArrowArray()
        call("lc_importer_render", self.importer, ctypes.byref(self.batch))
        call("lc_importer_check", self.importer, ctypes.byref(self.options), ctypes.byref(index))
        call("lc_prediction_new_of_each", index, None, ctypes.byref(prediction))
        options = structs.ArrowOptions(show=1, prediction=prediction)
        call("lc_arrow_stream", index, structs.TABLES.index("verdicts"), ctypes.byref(options), ctypes.byref(stream))
        while True:
            assert stream.get_next(ctypes.byref(stream), ctypes.byref(array)) == 0
            if not array.release:
                break
            array.release(ctypes.byref(array))
        stream.release(ctypes.byref(stream))
        library().lc_prediction_free(prediction)
        library().lc_index_close(index)


def measure(table: pyarrow.Table) -> float:
    """Return the ratio of the least processor times for each batch, which other programs disturb least."""
    batches = [table.slice(start, BATCH) for start in range(0, table.num_rows, BATCH)]
    with tempfile.TemporaryDirectory() as folder:
        takers: list[list[Callable[[], Any]]] = [
            [Checked(batch, Path(folder), number).run, Alone(batch, Path(folder)).run,
             lambda batch=batch: llava_check.annotate(batch, images=folder)]
            for number, batch in enumerate(batches)
        ]
        best = [[float("inf")] * 3 for _ in batches]
        for _ in range(ROUNDS):
            for taker, least in zip(takers, best):
                for i, run in enumerate(taker):
                    began = time.process_time()
                    run()
                    least[i] = min(least[i], time.process_time() - began)
    checked, alone, annotate = (sum(least[i] for least in best) for i in range(3))
    print(f"  checked {checked * 1e3:.1f} ms, the library {alone * 1e3:.1f} ms, annotate {annotate * 1e3:.1f} ms: "
          f"{annotate / alone:.3f} of the library, {annotate / checked:.3f} of what is checked")
    return annotate / alone


def main() -> int:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1024
    ratios = []
    for share, words in ((1, "with photographs"), (0, "of text"), (0.5, "of which half have photographs")):
        print(f"{count} rows {words}, in batches of {BATCH}")
        ratios.append(measure(make_table(count, share)))
    return 0 if max(ratios) <= MOST else 1


if __name__ == "__main__":
    sys.exit(main())
