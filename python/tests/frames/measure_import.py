"""measure_import.py MEGABYTES [FOLDER [PAIRS]] - import parquet, against the conversion of the data card

The data are written by `datasets` itself. The card's conversion stops at the first image with alpha;
here it leaves such images out, and goes on. Processor time (user and system, of all threads) is what
counts on a machine with other work, where threads have no processors of their own.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import datasets
import parquet_data

import llava_check


def card(parquet: Path, out: Path) -> tuple[float, int]:
    """Seconds, and the number of images that could not be saved."""
    out.mkdir()
    start, failed = time.perf_counter(), 0
    data = datasets.load_dataset("parquet", data_files=str(parquet / "*.parquet"), split="train",
                                 cache_dir=str(out / "cache"))
    loaded = time.perf_counter()
    converted: list[dict[str, Any]] = []
    for number in range(len(data)):
        try:
            row = data[number]
            found = {"id": row["id"], "conversations": row["conversations"]}
            if row["image"] is not None:
                found["image"] = f"{row['id']}.jpg"
                row["image"].save(out / found["image"])
        except (OSError, ValueError):
            failed += 1
        converted.append(found)
    with (out / "rows.json").open("w", encoding="utf-8") as file:
        json.dump(converted, file, indent=4, ensure_ascii=False)
    end = time.perf_counter()
    print(f"card: {end - start:.1f} s, of which {loaded - start:.1f} s to load; "
          f"{failed} images not saved, {len(list(out.glob('*.jpg')))} files")
    return end - start, failed


def main() -> None:
    megabytes = int(sys.argv[1])
    with tempfile.TemporaryDirectory(dir=sys.argv[2] if sys.argv[2:] else None) as name:
        folder = Path(name)
        sys.argv[1:3] = [str(folder / "data"), str(megabytes)]
        parquet_data.main()
        parquet = folder / "data"
        size = sum(path.stat().st_size for path in parquet.glob("*.parquet"))
        print(f"{size / 2**20:,.0f} MiB of parquet in {len(list(parquet.glob('*.parquet')))} files")
        walls, processors = [], []
        for attempt in range(int(sys.argv[3]) if sys.argv[3:] else 2):
            before = time.process_time()
            slow, _ = card(parquet, folder / f"card{attempt}")
            card_time = time.process_time() - before
            start, before = time.perf_counter(), time.process_time()
            result = llava_check.import_parquet(parquet, folder / f"raw{attempt}", check=False)
            quick, import_time = time.perf_counter() - start, time.process_time() - before
            print(f"import: {quick:.1f} s for {result.images:,} images and {result.rows:,} rows, "
                  f"{size / 2**20 / quick:,.0f} MiB/s; processor time: card {card_time:.1f} s, import {import_time:.1f} s")
            start = time.perf_counter()
            llava_check.check(folder / f"raw{attempt}").close()
            print(f"the check after it: {time.perf_counter() - start:.1f} s")
            walls.append(slow / quick)
            processors.append(card_time / import_time)
        print(f"import is {min(walls):.1f} times as fast as the card's conversion, and takes a "
              f"{min(processors):.1f}th of its processor time; load {os.getloadavg()[0]:.1f}")
        # with other work on the machine, caches and threads are shared
        is_idle = os.getloadavg()[0] <= (os.cpu_count() or 1) + 1
        assert min(walls) >= (5 if is_idle else 2) and min(processors) >= (5 if is_idle else 4)


if __name__ == "__main__":
    main()
