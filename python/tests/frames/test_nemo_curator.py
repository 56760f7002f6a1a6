"""llava_check.nemo_curator: the stage, with batches of the real package."""

from __future__ import annotations

import pickle

import pyarrow
import pytest
from conftest import make_row, png
from nemo_curator.tasks import DocumentBatch

import llava_check
from llava_check.nemo_curator import Annotate


def make_table() -> pyarrow.Table:
    """Five rows, of which one has an image that ends early."""
    rows = [{**make_row(i, "x"), "image": {"bytes": png(seed=i)[: 40 if i == 2 else None], "path": None}}
            for i in range(5)]
    return pyarrow.Table.from_pylist(rows)


@pytest.mark.parametrize("is_frame", [False, True])
def test_it_agrees_with_annotate(is_frame: bool) -> None:
    table = make_table()
    wanted = llava_check.annotate(table, trainer="llava-next").to_pylist()
    task = DocumentBatch(dataset_name="set", data=table.to_pandas() if is_frame else table, _metadata={"a": 1})
    stage = pickle.loads(pickle.dumps(Annotate(trainer="llava-next")))  # as workers get it
    assert stage.validate_input(task)
    (out,) = stage.process_batch([task])
    assert (out.dataset_name, out._metadata, out.num_items) == ("set", {"a": 1}, 5)
    found = out.to_pyarrow().to_pylist()
    for name in stage.outputs()[1]:
        assert [row[name] for row in found] == [row[name] for row in wanted]
    assert [row["llava_ok"] for row in found] == [True, True, False, True, True]


def test_rows_are_dropped_by_effect() -> None:
    table = make_table()
    effects = llava_check.annotate(table, trainer="llava-next")["llava_effect"].to_pylist()
    dropped = effects[2]
    assert effects.count(dropped) == 1
    out = Annotate(trainer="llava-next", drop=(dropped,)).process(DocumentBatch(dataset_name="set", data=table))
    assert out.to_pyarrow()["id"].to_pylist() == [row["id"] for row in table.to_pylist()[:2] + table.to_pylist()[3:]]


def test_what_cannot_be_is_refused() -> None:
    for drop in ("replaced", ("nothing",)):
        with pytest.raises(llava_check.UsageError):
            Annotate(drop=drop)
