"""llava_check.annotate: the verdicts of a check, row by row, whatever the batches."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pyarrow
import pytest
from conftest import ROOT, make_row, png

import llava_check

Rows = list[dict[str, Any]]
DEMO = ROOT / "fixtures/demo"
FINDINGS = pyarrow.list_(pyarrow.struct({
    "rule": pyarrow.string(), "severity": pyarrow.string(), "message": pyarrow.string(),
    "image": pyarrow.int64(),
}))  # fmt: skip


def sound_rows() -> Rows:
    """Those rows of the demo that Arrow can have: objects whose members have one type each."""
    report = llava_check.check(DEMO, no_index=True, isolated=True)
    text = (DEMO / "llava_demo.json").read_bytes()
    found = []
    for row in report.rows:
        raw = text[row["offset"]:row["offset"] + row["size"]]
        try:
            value = json.loads(raw)
        except ValueError:
            continue
        turns = value.get("conversations") if isinstance(value, dict) else None
        if isinstance(turns, list) and all(
            isinstance(turn, dict) and all(isinstance(text, str) for text in turn.values()) for turn in turns
        ) and isinstance(value.get("image", ""), str):  # fmt: skip
            found.append({key: value.get(key) for key in ("id", "image", "conversations") if key in value})
    assert len(found) >= 35, len(found)
    return [{**row, "id": str(row.get("id"))} for row in found]


def wanted(rows: Rows, folder: Path, **options: Any) -> list[tuple[bool, str, list[str]]]:
    """Verdicts of a check of each row, with sound ones after it that can replace it."""
    found = []
    sound = [{**rows[0], "id": f"sound{i}"} for i in range(2)]
    for number, row in enumerate(rows):
        file = folder / f"{number}.json"
        file.write_text(json.dumps([row, *sound]))
        report = llava_check.check(file, images=DEMO / "images", no_index=True, isolated=True, **options)
        verdict = next(iter(report.verdicts(show="warning")))
        assert verdict["is_ok"] == next(iter(report.rows))["is_ok"]
        codes = sorted(f["rule"] for f in verdict["findings"])
        found.append((verdict["is_ok"], verdict["effect"], codes))
    return found


def verdicts(table: pyarrow.Table) -> list[tuple[bool, str, list[str]]]:
    return [(row["llava_ok"], row["llava_effect"], sorted(f["rule"] for f in row["llava_findings"]))
            for row in table.select(["llava_ok", "llava_effect", "llava_findings"]).to_pylist()]


def clean(rows: Rows) -> Rows:
    """As Arrow has them: a member that a row lacks is null."""
    table = pyarrow.Table.from_pylist(rows)
    return table.to_pylist()


@pytest.mark.parametrize("trainer", ["llava-next", "internvl"])
def test_each_row_has_the_verdict_of_a_check(tmp_path: Path, trainer: str) -> None:
    rows = clean(sound_rows())
    expected = wanted(rows, tmp_path, trainer=trainer)
    assert len({effect for _, effect, _ in expected}) >= 3 and not all(ok for ok, _, _ in expected)
    table = pyarrow.Table.from_pylist(rows)
    for size in (1, 7, len(rows)):
        found = []
        for start in range(0, len(rows), size):
            batch = table.slice(start, size)
            out = llava_check.annotate(batch, trainer=trainer, images=DEMO / "images")
            assert out.drop_columns(out.column_names[-3:]).equals(batch)
            assert out.schema.field("llava_findings").type == FINDINGS
            found += verdicts(out)
        assert found == expected, size


def test_bytes_and_files_agree(tmp_path: Path) -> None:
    """An image in memory has the verdict of the file with these bytes."""
    rows, expected = [], []
    for row in clean(sound_rows()):
        file = DEMO / "images" / str(row["image"])
        if row["image"] and file.is_file():
            rows.append({**row, "image": {"bytes": file.read_bytes(), "path": None}})
            expected.append(row)
    assert len(rows) >= 25
    by_path = llava_check.annotate(pyarrow.Table.from_pylist(expected), images=DEMO / "images", ignore="IMG510")
    by_bytes = llava_check.annotate(pyarrow.Table.from_pylist(rows), threads=3, ignore="IMG510")
    assert verdicts(by_bytes) == verdicts(by_path)
    several = [{**row, "image": [row["image"], row["image"]]} for row in rows]
    for line in llava_check.annotate(pyarrow.Table.from_pylist(several)).to_pylist():
        of_images = [f["image"] for f in line["llava_findings"] if f["rule"].startswith("IMG5")]
        assert of_images.count(0) == of_images.count(1)


def test_bytes_beside_paths_and_rows_without_images(tmp_path: Path) -> None:
    (tmp_path / "there.png").write_bytes(png())
    images = [
        {"bytes": png(), "path": "x.png"}, {"bytes": None, "path": "there.png"},
        {"bytes": None, "path": "gone.png"}, {"bytes": None, "path": "../there.png"},
        {"bytes": None, "path": "there.png/x"}, {"bytes": b"", "path": None}, None,
    ]  # fmt: skip
    rows = [{**make_row(i, None if image is None else "x"), "image": image} for i, image in enumerate(images)]
    out = llava_check.annotate(pyarrow.Table.from_pylist(rows), images=tmp_path)
    assert out["llava_ok"].to_pylist() == [True, True, False, False, False, False, True]
    rules = [[f["rule"] for f in findings] for findings in out["llava_findings"].to_pylist()]
    assert rules[2] == ["IMG501"] and rules[3] != ["IMG501"] and rules[5] != []


def test_rows_are_not_compared(tmp_path: Path) -> None:
    row = {**make_row(1, "x"), "image": {"bytes": png(), "path": None}}
    out = llava_check.annotate(pyarrow.Table.from_pylist([row] * 3), show="info")
    assert out["llava_ok"].to_pylist() == [True] * 3
    assert not any("ROW2" in f["rule"] for findings in out["llava_findings"].to_pylist() for f in findings)


def test_empty_batches_and_batches_of_nothing() -> None:
    empty = pyarrow.Table.from_pylist([make_row(1, "x")]).slice(0, 0)
    out = llava_check.annotate(empty)
    assert out.num_rows == 0 and out.schema.field("llava_findings").type == FINDINGS
    assert out.schema.field("llava_ok").type == pyarrow.bool_()
    batch = pyarrow.table({"image": pyarrow.array([png(), b"x"])}).to_batches()[0]
    with pytest.raises(llava_check.UsageError, match="unknown dialect"):
        llava_check.annotate(batch)
    out = llava_check.annotate(batch, dialect="llava")
    assert out.num_rows == 2 and out["llava_ok"].to_pylist() == [False, False]  # no conversation


def test_columns_are_replaced_and_named() -> None:
    table = pyarrow.Table.from_pylist([make_row(1, None)])
    once = llava_check.annotate(table, prefix="q_")
    assert once.column_names[-3:] == ["q_ok", "q_findings", "q_effect"]
    assert llava_check.annotate(once, prefix="q_").equals(once)


def test_what_cannot_be_is_refused(tmp_path: Path) -> None:
    table = pyarrow.Table.from_pylist([make_row(1, None)])
    for options in ({"trainer": "nobody"}, {"dialect": "nothing"}, {"ignore": "XYZ999"}, {"show": "all"}):
        with pytest.raises(llava_check.UsageError):
            llava_check.annotate(table, **options)
    assert os.listdir(tmp_path / "work") == []  # nothing is left


def test_hostile_texts() -> None:
    """Texts that JSON must escape; what is not UTF-8 in a binary column."""
    texts = ["\0", '"\\', "\u2028", "é" * 1000, "</script>", "\x1b[2J", "😀"]
    rows = [{**make_row(i, None), "id": text, "raw": b"\xff\xfe"} for i, text in enumerate(texts)]
    out = llava_check.annotate(pyarrow.Table.from_pylist(rows))
    assert out["llava_ok"].to_pylist() == [True] * len(texts)


def test_chunks_metadata_and_columns_that_become_json(tmp_path: Path) -> None:
    """A table of several chunks has the verdicts of one chunk; its schema's metadata stay."""
    rows = [{**make_row(i, None), "score": i / 2} for i in range(7)]
    rows[3]["conversations"][1]["from"] = "human"
    whole = pyarrow.Table.from_pylist(rows)
    parts = pyarrow.concat_tables([whole.slice(0, 2), whole.slice(2, 0), whole.slice(2)])
    assert parts.column("id").num_chunks >= 2
    once, several = llava_check.annotate(whole), llava_check.annotate(parts)
    assert several.equals(once) and once["llava_ok"].to_pylist() == [i != 3 for i in range(7)]
    for metadata in ({"a": "1"}, {"a": "2"}, None):
        out = llava_check.annotate(whole.replace_schema_metadata(metadata))
        assert out.schema.metadata == whole.replace_schema_metadata(metadata).schema.metadata
    assert llava_check.annotate(whole, ignore=["ROW", "CNV"])["llava_ok"].to_pylist() == [True] * 7
    for number in range(20):  # more options than are kept
        (tmp_path / str(number)).mkdir()
        assert llava_check.annotate(whole, images=tmp_path / str(number)).num_rows == 7
