"""measure_import.py MEGABYTES [FOLDER] - import parquet, against the conversion of the data card

The data are written by `datasets` itself. The card's conversion stops at the first image with alpha;
here it leaves such images out, and goes on.
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
        sys.argv[1:] = [str(folder / "data"), str(megabytes)]
        parquet_data.main()
        parquet = folder / "data"
        size = sum(path.stat().st_size for path in parquet.glob("*.parquet"))
        print(f"{size / 2**20:,.0f} MiB of parquet in {len(list(parquet.glob('*.parquet')))} files")
        times = []
        for attempt in range(2):
            before = time.process_time()
            slow, _ = card(parquet, folder / f"card{attempt}")
            processor = [time.process_time() - before]
            start = time.perf_counter()
            result = llava_check.import_parquet(parquet, folder / f"raw{attempt}", check=False)
            quick = time.perf_counter() - start
            processor.append(time.process_time() - before - processor[0])
            print(f"processor time: card {processor[0]:.1f} s, import {processor[1]:.1f} s")
            start = time.perf_counter()
            llava_check.check(folder / f"raw{attempt}").close()
            checked = time.perf_counter() - start
            print(f"import: {quick:.1f} s for {result.images:,} images and {result.rows:,} rows, "
                  f"{size / 2**20 / quick:,.0f} MiB/s; the check after it {checked:.1f} s")
            times.append(slow / quick)
        print(f"import is {min(times):.1f} times as fast as the card's conversion")
        # with other work on the machine, threads have no processors of their own
        assert min(times) >= (5 if os.getloadavg()[0] <= (os.cpu_count() or 1) + 1 else 2)


if __name__ == "__main__":
    main()
