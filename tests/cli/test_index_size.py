"""The size of an index is limited by the size of the rows files: docs/limits.md has the limit."""

from __future__ import annotations

import io
import re
import subprocess
import tarfile
from pathlib import Path

import pytest

from program import REPOSITORY, run

COUNT = 20_000
GOOD = '{"conversations":[{"from":"human","value":"a"},{"from":"gpt","value":"b"}]}'
FIXED = 128 << 10  # size of an empty index

# Data that make the most rows, findings, images or ids from the fewest bytes
SHAPES = {
    "objects.jsonl": "{}\n" * COUNT,
    "numbers.jsonl": "0\n" * COUNT,
    "blank.jsonl": "\n" * COUNT,
    "broken.jsonl": "x\n" * COUNT,
    "brackets.jsonl": "[\n" * COUNT,
    "quotes.jsonl": '"\n' * COUNT,
    "keys.jsonl": '{"a":1,"a":1}\n' * COUNT,
    "nan.jsonl": "NaN\n" * COUNT,
    "turns.jsonl": '{"conversations":[' + ",".join(["{}"] * COUNT) + "]}\n",
    "images.jsonl": '{"image":[' + ",".join(f'"{i:x}"' for i in range(COUNT)) + "]}\n",
    "one-image.jsonl": "".join(f'{{"image":"{i:x}"}}\n' for i in range(COUNT)),
    "ids.jsonl": "".join(f'{{"id":{i // 2}}}\n' for i in range(COUNT)),
    "sources.jsonl": "".join(f'{{"data_source":"{i:x}"}}\n' for i in range(COUNT)),
    "numbers.json": "0," * COUNT,
    "objects.json": "{}," * COUNT,
    "commas.json": "," * COUNT,
}


def ceiling() -> int:
    text = (REPOSITORY / "docs/limits.md").read_text()
    (found,) = re.findall(r"the index \| at most (\d+) bytes for each byte of the rows files", text)
    return int(found)


@pytest.mark.parametrize("name", SHAPES)
def test_an_index_is_not_larger_than_it_may_be(name: str, tmp_path: Path) -> None:
    end = SHAPES[name] + GOOD
    text = f"{GOOD}\n{end}\n" if name.endswith("l") else f"[{GOOD},{end}]"
    (tmp_path / "images").mkdir()
    (tmp_path / name).write_text(text)
    done = run(name, "--index", "index", "--images", "images", "-q", cwd=tmp_path)
    assert done.code in (0, 1), done.err
    size = sum(path.stat().st_size for path in (tmp_path / "index").iterdir())
    assert size < ceiling() * len(text) + FIXED, size / len(text)


def test_the_ceiling_is_no_more_than_needed(tmp_path: Path) -> None:
    (tmp_path / "rows.json").write_text(f"[{GOOD},{SHAPES['commas.json']}{GOOD}]")
    assert run("rows.json", "--index", "index", "-q", cwd=tmp_path).code == 1
    assert (tmp_path / "index/index.mdb").stat().st_size > 0.75 * ceiling() * COUNT


def shard_ceiling() -> tuple[int, int]:
    """Return the limit in bytes for each byte of a compressed shard, and for each shard."""
    text = (REPOSITORY / "docs/limits.md").read_text()
    ((factor, fixed),) = re.findall(r"of compressed shards \| at most (\d+) bytes for each byte of a shard, plus (\d+) MiB for each", text)
    return int(factor), int(fixed) << 20


# Samples that compress very well: with many members, or with long names
SAMPLES = {
    "images": [("{}.jpg", b"")] * 10_000,
    "texts": [("{}.json", b"{}"), ("{}.jpg", b"")] * 5_000,
    "faulty": [("{}.json", b"["), ("{}.JPG", b"x"), ("{}.jpg", b""), ("{}.jpg", b"")] * 2_500,
    "names": [("{}" + "n" * 500_000 + ".jpg", b"")] * 10,
    "one": [("a." + "n" * 500_000 + "{}.jpg", b"")] * 10,
}


@pytest.mark.parametrize("kind", SAMPLES)
def test_a_compressed_shard_does_not_fill_the_disk(kind: str, tmp_path: Path) -> None:
    """A shard of 15 kB once had an index of 400 MB, and another took 1.1 GB of memory."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.GNU_FORMAT) as archive:
        each = {"texts": 2, "faulty": 4}.get(kind, 1)  # number of members of a sample
        for number, (name, data) in enumerate(SAMPLES[kind]):
            member = tarfile.TarInfo(name.format("ab"[number // each % 2] if kind != "one" else number))
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    (tmp_path / "data").mkdir()
    packed = subprocess.run(["zstd", "-qc9"], input=out.getvalue(), capture_output=True, check=True).stdout
    (tmp_path / "data/s-000000.tar.zst").write_bytes(packed)
    done = run("check", "data/s-000000.tar.zst", "--index", "index", "-q", cwd=tmp_path)
    assert done.code == 1, done.err
    size = (tmp_path / "index/index.mdb").stat().st_size
    factor, fixed = shard_ceiling()
    assert size < factor * len(packed) + fixed, (size, len(packed))
