"""Findings about Energon's split.yaml, compared with what Energon was seen to do"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent / "cli")]
from program import run  # noqa: E402
from splits import CASES, INFO, Split, put  # noqa: E402

SPLITS = {case.name: case for case in CASES}
RECORD = json.loads((HERE / "outcomes/splits.json").read_text(encoding="ascii"))["cases"]
COUNT = 15


def check(folder: Path, *words: str) -> tuple[Any, list[tuple[str, str, str]]]:
    done = run(".", "-t", "energon", "-f", "json", "--show", "info", "--no-index", *words, cwd=folder)
    report = json.loads(done.out)
    return report, [(f["file"], f.get("case", ""), f["effect"]) for f in report["findings"] if f["rule"] == "ARC816"]


def test_the_records_are_of_all_cases() -> None:
    assert list(RECORD) == list(SPLITS) and len(RECORD) == COUNT


@pytest.mark.parametrize("name", SPLITS)
def test_splits(name: str, tmp_path: Path) -> None:
    case: Split = SPLITS[name]
    put(case, tmp_path)
    report, found = check(tmp_path)
    assert {which for _, which, _ in found} - {"unlisted"} == ({case.finds} - {"", "unlisted"}), found
    assert ("unlisted" in {which for _, which, _ in found}) == (len(case.shards) > 3)
    recorded, trainer = RECORD[name], report["summary"]["trainer"]
    effects = {effect for _, _, effect in found}
    if name == "empty-part":  # only val is empty; a part with shards can be loaded
        assert recorded["error"] == "EmptyDatasetError" and effects == {"dropped"} and trainer["refused"] == 3
        return
    assert ("error" in recorded) == ("crash" in effects), (recorded, found)
    if "error" in recorded:
        return
    listed = {key for key in case.shards if key not in "ab"} if name == "other-part" else set()  # trained, but not validated
    lost = set(case.shards) - set(recorded["samples"]) - listed - {"a" * ("excluded" in name), "b" * (name == "excludes-a-sample")}
    assert trainer["dropped"] == len(lost), (recorded, found)
    assert (max(map(recorded["samples"].count, recorded["samples"])) > 1 or case.train[:1] == ["s-1.tar"]) == ("split-twice" == case.finds)


def test_a_new_split_is_noticed_by_the_next_run(tmp_path: Path) -> None:
    put(SPLITS["sound"], tmp_path)
    words = [".", "-t", "energon", "-f", "json", "--show", "info"]
    rules = lambda: {f["rule"] for f in json.loads(run(*words, cwd=tmp_path).out)["findings"]}  # noqa: E731
    assert "ARC816" not in rules() and "ARC816" not in rules()
    put(SPLITS["no-part"], tmp_path)
    assert "ARC816" in rules() and "ARC816" in rules()


@pytest.mark.parametrize("text", ["", "[", "{}", "split_parts: 7", "split_parts: {val: 7}", "split_parts: {val: [7, [x], null]}", "\0",
                                  "split_parts: {val: ['{0..9999999}{0..9999999}.tar']}", "split_parts: {val: ['../../../etc/passwd']}",
                                  "a: &a [x,x]\nsplit_parts: {val: *a}"])  # fmt: skip
def test_odd_splits(text: str, tmp_path: Path) -> None:
    """The check ends soon, without a crash."""
    put(SPLITS["sound"], tmp_path)
    (tmp_path / ".nv-meta/split.yaml").write_text(text)
    report, _ = check(tmp_path)
    assert report["summary"]["rows"] == sum(INFO["shard_counts"].values())  # type: ignore[union-attr]
