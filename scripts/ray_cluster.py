#!/usr/bin/env python3
"""llava_check.ray on a Ray cluster of three nodes on this machine, one of which is ended while it works.

    python scripts/ray_cluster.py BUILD_FOLDER

Needs Ray (`pip install 'ray>=2'`) and a build with the library. The report must be that of one run,
and a data set that cannot be read must fail with the command's own message.
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

import ray  # noqa: E402: it reads the environment
from ray.cluster_utils import Cluster  # noqa: E402

import llava_check  # noqa: E402
import llava_check.ray  # noqa: E402

STORE = 80 * 2**20


def make_data(folder: Path) -> Path:
    """Many copies of the demo, so that some parts are at work when the node ends."""
    data = folder / "data"
    shutil.copytree(ROOT / "fixtures/demo/images", data / "images")
    rows = (ROOT / "fixtures/demo/llava_demo.json").read_bytes()
    for number in range(400):
        (data / f"rows{number:03}.json").write_bytes(rows)
    return data


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
    finally:
        ray.shutdown()
        cluster.shutdown()
        shutil.rmtree(folder, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
