"""splits.py - record what Energon does with a split.yaml that does not fit the shards

    PYTHON tests/shards/splits.py WORK OUT

PYTHON is an interpreter with Energon. Each case changes a data set that `energon prepare` has made from three shards,
s-0 to s-2, with the samples a, b and c, all in the part `val`. The record has the samples that the loader yields for
`val`, in order, and the exception that ended it.
"""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path
from typing import Iterator, NamedTuple

sys.path.insert(0, str(Path(__file__).parent))
import energon  # noqa: E402
from cases import pair, tar  # noqa: E402

INFO = {"energon_version": "7.4.1", "shard_counts": {"s-0.tar": 1, "s-1.tar": 1, "s-2.tar": 1}}


class Split(NamedTuple):
    name: str
    val: list[str] | None = ["s-{0..2}.tar"]
    train: list[str] = []
    exclude: list[str] = []
    shards: str = "abc"  # a letter for each shard in the folder: its sample
    finds: str = ""  # the case of ARC816 that is found; "": none


CASES = [
    Split("sound"),
    Split("one-by-one", ["s-0.tar", "s-1.tar", "s-2.tar"]),
    Split("other-part", ["s-{0,1}.tar"], train=["s-2.tar"]),
    Split("unlisted", shards="abcd", finds="unlisted"),
    Split("no-part", ["s-0.tar", "s-1.tar"], finds="no-split"),
    Split("twice", ["s-0.tar", "s-{0..2}.tar"], finds="split-twice"),
    Split("two-parts", train=["s-1.tar"], finds="split-twice"),
    Split("no-file", shards="ab", finds="absent"),
    Split("not-listed", ["s-{0..2}.tar", "s-9.tar"], finds="absent"),
    Split("listed-nowhere", ["s-{0..3}.tar"], shards="abcd", finds="absent"),
    Split("excluded", exclude=["s-0.tar"]),
    Split("excluded-and-in-no-part", ["s-1.tar", "s-2.tar"], exclude=["s-0.tar"]),
    Split("excludes-nothing", exclude=["s-7.tar"]),
    Split("excludes-a-sample", exclude=["s-1.tar/b"]),
    Split("empty-part", [], finds="no-split"),
]


def put(case: Split, folder: Path) -> None:
    for number, key in enumerate(case.shards):
        (folder / f"s-{number}.tar").write_bytes(tar(pair(key)))
    for number in range(len(case.shards), 3):
        (folder / f"s-{number}.tar").unlink(missing_ok=True)
    (folder / ".nv-meta").mkdir(exist_ok=True)
    (folder / ".nv-meta/.info.json").write_text(json.dumps(INFO))
    split = {"split_parts": {"train": case.train, "val": case.val, "test": []}, "exclude": case.exclude}
    (folder / ".nv-meta/split.yaml").write_text(json.dumps(split))  # JSON is YAML


def folders(work: Path) -> Iterator[tuple[str, Path]]:
    for case in CASES:
        folder = work / case.name
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        for number, key in enumerate("abc"):
            (folder / f"s-{number}.tar").write_bytes(tar(pair(key)))
        with energon.silence():
            energon.prepare(folder)
        put(case, folder)
        yield case.name, folder


def main() -> None:
    count = energon.record_keys(folders(Path(sys.argv[1]).resolve()), Path(sys.argv[2]))
    print(f"energon: {count} splits")


if __name__ == "__main__":
    main()
