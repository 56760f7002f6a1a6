"""The disk that an index takes is bounded by the bytes of the rows files: docs/limits.md has the ceiling."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from program import REPOSITORY, run

COUNT = 20_000
GOOD = '{"conversations":[{"from":"human","value":"a"},{"from":"gpt","value":"b"}]}'
FIXED = 128 << 10  # bytes of an index of nothing

# What makes the most rows, findings, images or ids of the fewest bytes
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
    (found,) = re.findall(r"the index \| (\d+) bytes for each byte of the rows files", text)
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
