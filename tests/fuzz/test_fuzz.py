"""The fuzz targets without the fuzzer, on the seeds for fuzzing and on past failures.

LC_FUZZ_REPLAY is the path of the built program fuzz_replay. scripts/fuzz.sh fuzzes; an input whose
fault was fixed gets a file in regressions/TARGET, named for the fault.
"""

import os
import pathlib
import subprocess
import sys

import pytest

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE))

import fuzz_seeds  # noqa: E402

MUTANTS = 2000 if os.environ.get("LC_SANITIZE") else 1000  # more of them under a sanitizer, which notices what they break
TARGETS = [name for name, _, _ in fuzz_seeds.targets()]
PICTURES = {"jpeg", "jpeg_proof", "png", "webp", "gif", "bmp", "dib", "tiff", "msp", "pcx", "pnm", "qoi", "sgi", "tga"}
# Whole runs take long, so only one in this many inputs is run; campaigns run all.
SHARE = {"program": 6, "index": 2}
FEWEST = {"image": 20, "program": 25, "index": 60}
REGRESSIONS = HERE / "regressions"


def environment():
    """Use a folder in memory if possible, because targets write thousands of small files."""
    memory = "/dev/shm"
    return os.environ | ({"TMPDIR": memory} if os.access(memory, os.W_OK) else {})


def replay(target, paths):
    program = os.environ.get("LC_FUZZ_REPLAY", "")
    assert os.access(program, os.X_OK), f"LC_FUZZ_REPLAY: no program at {program!r}"
    names = "".join(f"{path}\n" for path in paths)
    return subprocess.run([program, target], input=names, capture_output=True, text=True,
                          timeout=250, check=False, env=environment())


@pytest.fixture(scope="module")
def seeds(tmp_path_factory):
    folder = tmp_path_factory.mktemp("seeds")
    subprocess.run(["/usr/bin/python3", str(HERE / "fuzz_seeds.py"), str(folder),
                    str(MUTANTS)], check=True, timeout=120)
    return folder


def check(target, paths):
    done = replay(target, paths)
    assert done.returncode == 0, done.stderr[-3000:]
    assert done.stdout == f"{len(paths)} replayed\n"


@pytest.mark.parametrize("target", TARGETS)
def test_seeds_and_mutants(target, seeds):
    paths = sorted(path for path in (seeds / target).iterdir() if path.is_file())
    paths = paths[:: SHARE.get(target, 1)]
    assert len(paths) >= FEWEST.get(target, 120)
    check(target, paths)


@pytest.mark.parametrize("folder", sorted(REGRESSIONS.iterdir()), ids=lambda path: path.name)
def test_past_finds(folder):
    assert folder.name in TARGETS
    paths = sorted(folder.iterdir())
    assert paths
    check(folder.name, paths)


def test_the_table_is_read_alike():
    assert PICTURES < set(TARGETS)
    assert len(TARGETS) == len(set(TARGETS)) >= 20
    assert replay("none", []).returncode == 2
    for target in TARGETS:
        assert replay(target, []).stdout == "0 replayed\n"


def test_a_missing_file_is_an_error(tmp_path):
    assert replay("jpeg", [tmp_path / "none.jpg"]).returncode == 2
