"""On a file system without shared mappings, the index goes to the user's cache folder."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from pathlib import Path

DEMO = Path(__file__).resolve().parents[2] / "fixtures/demo"


def run(folder: Path, *arguments: str, shared: bool = False) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "XDG_CACHE_HOME": str(folder / "cache")}
    if not shared:
        env |= {"LD_PRELOAD": os.environ["LC_NO_SHARED_MAPS"],
                "NO_SHARED_MAPS": str(folder / "data")}
    return subprocess.run([os.environ["LLAVA_CHECK"], *arguments], cwd=folder, env=env,
                          capture_output=True, text=True, timeout=60, check=False)


def test_the_index_goes_to_the_cache(tmp_path: Path) -> None:
    shutil.copytree(DEMO, tmp_path / "data", ignore=shutil.ignore_patterns(".llava-check"))
    time.sleep(2.2)  # until the times of the copies are old enough to be trusted
    first = run(tmp_path, "data", "-f", "json")
    assert first.returncode == 1, first.stderr
    assert "the data folder cannot hold the index: results are kept in" in first.stderr
    (index,) = (tmp_path / "cache").rglob("index.mdb")
    assert not list((tmp_path / "data").rglob("index.mdb*"))
    again = run(tmp_path, "data", "-f", "json", "-v")
    assert again.stdout == first.stdout
    assert " images are unchanged" in again.stderr
    report = run(tmp_path, "report", "data", "-f", "json")
    assert (report.returncode, report.stdout, report.stderr) == (1, first.stdout, "")
    assert json.loads(report.stdout)["findings"]
    assert run(tmp_path, "verify", "data").returncode == 0
    assert index.stat().st_size > 40000
    # as soon as the data folder can hold an index, it is used first
    assert run(tmp_path, "data", "-q", shared=True).returncode == 1
    assert (tmp_path / "data/.llava-check/index.mdb").exists()


def test_a_named_folder_is_not_replaced(tmp_path: Path) -> None:
    shutil.copytree(DEMO, tmp_path / "data", ignore=shutil.ignore_patterns(".llava-check"))
    done = run(tmp_path, "data", "--index", "data/index")
    assert done.returncode == 2 and "No such device" in done.stderr
    assert not list((tmp_path / "cache").rglob("index.mdb"))
