"""llava_check.datatrove in a pipeline of datatrove."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow
import pytest
from conftest import REPLACED, Made, make_row, png
from datatrove.data import Document
from datatrove.executor.local import LocalPipelineExecutor
from datatrove.pipeline.readers import JsonlReader
from datatrove.pipeline.writers import JsonlWriter

import llava_check
from llava_check.datatrove import Annotate, adapter


def test_a_pipeline(made: Made, tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    for part in range(3):
        (data / f"{part}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in made.rows[part::3]))
    executor = LocalPipelineExecutor(
        [
            JsonlReader(str(data), adapter=adapter),
            Annotate(trainer="llava-next", images=made.path / "images", batch_size=3, drop=("replaced",)),
            JsonlWriter(str(tmp_path / "out"), compression=None),
        ],
        tasks=3, workers=1, logging_dir=str(tmp_path / "logs"), skip_completed=False,
    )  # fmt: skip
    stats = executor.run()
    found = {}
    for file in (tmp_path / "out").glob("*.jsonl"):
        for line in file.read_text().splitlines():
            document = json.loads(line)
            found[document["id"]] = document["metadata"]
    report = llava_check.check(made.path)
    effects = [row["effect"] for row in report.effects("llava-next")]
    kept = [row["id"] for row, effect in zip(made.rows, effects) if effect != "replaced"]
    assert sorted(found) == sorted(kept) and len(kept) < len(made.rows) - len(REPLACED) + 1
    for row, effect in zip(made.rows, effects):
        if effect != "replaced":
            assert found[row["id"]]["llava_effect"] == effect
            assert found[row["id"]]["conversations"] == row["conversations"]
    assert stats.stats[1]["total"].total == len(made.rows)


def test_it_agrees_with_annotate() -> None:
    rows = [{**make_row(i, "x"), "image": {"bytes": png(seed=i)[: 40 if i == 2 else None], "path": None}}
            for i in range(5)]
    table = llava_check.annotate(pyarrow.Table.from_pylist(rows)).to_pylist()
    lists = [{**row, "image": [row["image"]["bytes"]]} for row in rows]
    for given in (rows, lists):
        documents = [Document(text="x", id=row["id"], metadata=dict(row)) for row in given]
        found = [document.metadata for document in Annotate().run(documents)]
        assert [m["llava_ok"] for m in found] == [row["llava_ok"] for row in table] != [True] * 5
        assert [m["llava_findings"] for m in found] == [row["llava_findings"] for row in table]
        assert [m["image"] for m in found] == [row["image"] for row in given]  # as it was
    assert list(Annotate().run([])) == []


def test_what_cannot_be_is_refused() -> None:
    for options in ({"drop": "replaced"}, {"drop": ["bad"]}, {"batch_size": 0}):
        with pytest.raises(llava_check.UsageError):
            Annotate(**options)  # type: ignore[arg-type]
