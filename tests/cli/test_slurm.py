"""Tests what `llava-check slurm` prints, with a Slurm that only records requests.

scripts/slurm.sh, part of .ci/nightly, runs it on a real Slurm, where a node is killed.
"""

from __future__ import annotations

import os
import shlex
import subprocess
from pathlib import Path

import pytest
from program import DEMO, Done, assert_complaint, environment, program, run, write_rows, row

SBATCH = """#!/bin/sh
printf '%s\\n' "$*" >>"$FAKE/submitted"
wc -l <"$FAKE/submitted" | tr -d ' '
"""


class Cluster:
    """A folder with a data set, and an sbatch that prints job numbers."""

    def __init__(self, folder: Path, data: str = "data") -> None:
        self.folder = folder
        self.data = folder / data
        (folder / "bin").mkdir()
        (folder / "bin/sbatch").write_text(SBATCH)
        (folder / "bin/sbatch").chmod(0o755)
        (folder / "tmp").mkdir()

    def bash(self, *arguments: str, **variables: str) -> Done:
        path = f"{self.folder / 'bin'}:{os.environ['PATH']}"
        env = {**environment(self.folder), "PATH": path, "FAKE": str(self.folder), "TMPDIR": str(self.folder / "tmp"),
               "SLURM_JOB_ID": "7", **variables}  # fmt: skip
        done = subprocess.run(["bash", *arguments], cwd=self.folder, env=env, capture_output=True, timeout=60)
        return Done(done.returncode, done.stdout, done.stderr.decode())

    def print_script(self, *more: str, parts: int = 3) -> None:
        options = ["--index", "results", "--parts", str(parts), "--threads", "1"]
        done = run("slurm", self.data.name, *options, *more, cwd=self.folder)
        assert done.code == 0 and done.err == "", done
        (self.folder / "job.sh").write_bytes(done.out)

    def part(self, number: int, **variables: str) -> Done:
        return self.bash("results/job.sh", "part", SLURM_ARRAY_TASK_ID=str(number), **variables)

    def submitted(self) -> list[str]:
        file = self.folder / "submitted"
        return file.read_text().splitlines() if file.exists() else []


@pytest.fixture
def cluster(tmp_path: Path) -> Cluster:
    cluster = Cluster(tmp_path)
    cluster.data.symlink_to(DEMO)
    cluster.print_script()
    return cluster


def test_all_goes_well(cluster: Cluster) -> None:
    done = cluster.bash("job.sh", "--partition=cpu", "--time=1:00")
    assert done.code == 0, done
    array, merge = cluster.submitted()
    assert "--array=1-3 --requeue --cpus-per-task=1" in array and "--partition=cpu --time=1:00" in array
    assert array.endswith("results/job.sh part") and "--dependency=afterany:1" in merge
    assert merge.endswith("results/job.sh merge 1 --partition=cpu --time=1:00")
    for number in (3, 1, 2):
        assert cluster.part(number).code == 0
    done = cluster.bash("results/job.sh", "merge", "1")
    assert done.code == 0 and b"all 3 parts are merged" in done.out, done
    assert len(cluster.submitted()) == 2
    run("check", "data", "--index", "whole", "--quiet", cwd=cluster.folder)
    whole = run("report", "whole", "--format", "json", cwd=cluster.folder)
    assert (cluster.folder / "results/report.json").read_bytes() == whole.out
    assert b"llava_demo.json" in (cluster.folder / "results/report.txt").read_bytes()
    assert list((cluster.folder / "tmp").iterdir()) == []  # nothing is left on the node


def test_failed_parts_are_tried_again(cluster: Cluster) -> None:
    cluster.bash("job.sh")
    cluster.part(1)
    assert cluster.part(2, LLAVA_CHECK="/bin/false").code == 1  # the same code as with findings, but without an index
    done = cluster.bash("results/job.sh", "merge", "1", "--mem=1G")
    assert done.code == 0 and b"parts 2-3 are missing" in done.out
    assert "--array=2-3 " in cluster.submitted()[2] and "--mem=1G" in cluster.submitted()[2]
    assert cluster.submitted()[3].endswith("merge 2 --mem=1G")
    done = cluster.bash("results/job.sh", "merge", "3")
    assert done.code == 1 and b"parts 2-3 failed 3 times" in done.out and len(cluster.submitted()) == 4
    # running it again does what is left
    cluster.bash("job.sh")
    assert "--array=2-3 " in cluster.submitted()[4]


def test_torn_part_is_tried_again(cluster: Cluster) -> None:
    cluster.bash("job.sh")
    for number in (1, 2, 3):
        cluster.part(number)
    os.truncate(cluster.folder / "results/parts/2/index.mdb", 5000)
    done = cluster.bash("results/job.sh", "merge", "1")
    assert done.code == 0 and b"parts 2 are missing" in done.out
    assert "--array=2 " in cluster.submitted()[2]
    assert not (cluster.folder / "results/report.json").exists()
    cluster.part(2)
    assert cluster.bash("results/job.sh", "merge", "2").code == 0
    assert (cluster.folder / "results/report.json").exists()


def test_program_that_fails(cluster: Cluster) -> None:
    cluster.bash("job.sh")
    (cluster.folder / "bin/two").write_text("#!/bin/sh\necho no such thing >&2\nexit 2\n")
    (cluster.folder / "bin/two").chmod(0o755)
    done = cluster.part(1, LLAVA_CHECK=str(cluster.folder / "bin/two"))
    assert done.code == 2 and done.err == "no such thing\n"
    assert not (cluster.folder / "results/parts/1").exists()


def test_sbatch_that_fails(cluster: Cluster) -> None:
    (cluster.folder / "bin/sbatch").write_text("#!/bin/sh\necho no partition >&2\nexit 1\n")
    done = cluster.bash("job.sh")
    assert done.code == 1 and "no partition" in done.err


@pytest.mark.parametrize("name", ["a b", "it's", 'q"x', "$(touch x)", "`touch x`", "-rf", "new\nline", "é", "a\\b", "*", "a;b"])
def test_odd_names(tmp_path: Path, name: str) -> None:
    folder = tmp_path / ("at " + name.replace("-", "+"))
    folder.mkdir()
    cluster = Cluster(folder, data="data")
    (folder / name).mkdir()
    write_rows(folder / name / "rows.json", [row("a", "x.jpg"), row("b", "y.jpg")])
    inside = ["./" + name] if name.startswith("-") else [name]
    done = run("slurm", *inside, "--images", *inside, "--index", "results", "--parts", "2", cwd=folder)
    assert done.code == 0
    (folder / "job.sh").write_bytes(done.out)
    assert cluster.bash("job.sh").code == 0
    assert cluster.part(1).code == 0 and cluster.part(2).code == 0
    done = cluster.bash("results/job.sh", "merge", "1")
    assert done.code == 0 and b"all 2 parts are merged" in done.out, done
    assert not list(tmp_path.rglob("x"))


def test_misuse(tmp_path: Path) -> None:
    assert_complaint(run("slurm", "data", cwd=tmp_path), "slurm requires --index DIR")
    assert_complaint(run("slurm", "data", "--index", "x", cwd=tmp_path), "data: no such file or folder")
    (tmp_path / "data").mkdir()
    assert_complaint(run("slurm", "data", "--index", "x", "--parts", "10001", cwd=tmp_path), "--parts must be at most 10000")
    assert_complaint(run("slurm", "data", "--index", "x", "--parts", "0", cwd=tmp_path), "--parts must be")


def test_program_is_named(cluster: Cluster) -> None:
    assert f"tool={shlex.quote(str(program()))}\n" in (cluster.folder / "job.sh").read_text()
