#!/usr/bin/env python3
"""Run llava_check.ray on a Ray cluster of three nodes on this machine; one is killed while it works.

    python scripts/ray_cluster.py BUILD_FOLDER

Needs Ray (`pip install 'ray>=2'`) and a build with the library. The report must be the same as
that of a single run, and a data set that cannot be read must fail with the command's own message.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BUILD = Path(sys.argv[1]).resolve()
os.environ.update(
    LLAVA_CHECK_LIBRARY=str(BUILD / "libllava_check.so"), PYTHONPATH=str(ROOT / "python"),
    RAY_USAGE_STATS_ENABLED="0", RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER="0",
)  # fmt: skip
sys.path[0] = str(ROOT / "python")

import ray  # noqa: E402: reads the environment
import ray.data  # noqa: E402
from ray.cluster_utils import Cluster  # noqa: E402

import pyarrow  # noqa: E402

import llava_check  # noqa: E402
import llava_check.ray  # noqa: E402

STORE = 80 * 2**20


def make_data(folder: Path) -> Path:
    """Write many copies of the demo, so that parts are still running when the node is killed."""
    data = folder / "data"
    shutil.copytree(ROOT / "fixtures/demo/images", data / "images")
    rows = (ROOT / "fixtures/demo/llava_demo.json").read_bytes()
    for number in range(400):
        (data / f"rows{number:03}.json").write_bytes(rows)
    return data


def make_table(count: int) -> pyarrow.Table:
    """Return rows with the demo's images as bytes, and their numbers."""
    images = [path.read_bytes() for path in sorted((ROOT / "fixtures/demo/images").rglob("*")) if path.is_file()]
    rows = []
    for number in range(count):
        turns = [{"from": "human", "value": f"<image>\nWhat is it? {number}"}, {"from": "gpt", "value": "It is a thing."}]
        if number % 10 == 3:
            turns[1]["from"] = "human"
        rows.append({"id": str(number), "image": {"bytes": images[number % len(images)], "path": None},
                     "conversations": turns})
    return pyarrow.Table.from_pylist(rows)


def slowly(table: pyarrow.Table) -> pyarrow.Table:
    """Pass rows on slowly, so that nodes are still working when one is killed."""
    time.sleep(0.4)
    return table


def verdicts_of(rows: list[dict[str, object]]) -> dict[object, object]:
    return {row["id"]: (row["llava_ok"], row["llava_effect"], row["llava_findings"]) for row in rows}


def try_annotate(cluster: Cluster, node: object) -> None:
    """Each row of a Dataset gets the verdict that it has in one batch, although a node is killed."""
    table = make_table(3000)
    wanted = verdicts_of(llava_check.annotate(table, trainer="llava-next").to_pylist())
    dataset = ray.data.from_arrow([table.slice(start, 75) for start in range(0, table.num_rows, 75)])
    dataset = dataset.map_batches(slowly, batch_format="pyarrow", batch_size=75)
    dataset = dataset.map_batches(
        llava_check.annotate, batch_format="pyarrow", batch_size=75, fn_kwargs={"trainer": "llava-next"}
    )
    ended = threading.Timer(4, lambda: cluster.remove_node(node, allow_graceful=False))
    ended.start()
    began = time.monotonic()
    found = verdicts_of(dataset.select_columns(["id", "llava_ok", "llava_effect", "llava_findings"]).take_all())
    took = time.monotonic() - began
    ended.cancel()
    assert took > 4, "no batch was at work when the node ended"
    assert len(found) == table.num_rows and found == wanted, "other verdicts"
    bad = sum(not ok for ok, _, _ in found.values())  # type: ignore[misc]
    print(f"40 batches of 75 rows, one of three nodes ended: the verdicts of one batch, {bad} rows with errors, "
          f"after {took:.0f} s")


def main() -> int:
    folder = Path(tempfile.mkdtemp(prefix="llava-check-ray-"))
    cluster = Cluster(initialize_head=True, head_node_args={
        "num_cpus": 1, "object_store_memory": STORE, "include_dashboard": False,
    })  # fmt: skip
    nodes = [cluster.add_node(num_cpus=1, object_store_memory=STORE) for _ in range(2)]
    cluster.wait_for_nodes()
    ray.init(address=cluster.address, log_to_driver=False)
    try:
        data = make_data(folder)
        whole = llava_check.check(data, index=folder / "whole")
        ended = threading.Timer(3, lambda: cluster.remove_node(nodes[1], allow_graceful=False))
        ended.start()
        began = time.monotonic()
        merged = llava_check.ray.check(data, index=folder / "merged", parts=24, cpus_per_part=1)
        took = time.monotonic() - began
        ended.cancel()
        assert took > 3, "no part was at work when the node ended"
        assert json.dumps(merged.to_dict()) == json.dumps(whole.to_dict()), "another report"
        try:
            llava_check.ray.check(folder / "nothing", index=folder / "x", parts=2, cpus_per_part=1, retries=1)
        except llava_check.Error as error:
            assert "no such file or folder" in str(error), error
        else:
            raise AssertionError("what is not there was checked")
        print(f"24 parts on three nodes, of which one ended: the report of one run, after {took:.0f} s")
        cluster.add_node(num_cpus=1, object_store_memory=STORE)
        cluster.wait_for_nodes()
        try_annotate(cluster, nodes[0])
    finally:
        ray.shutdown()
        cluster.shutdown()
        shutil.rmtree(folder, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
