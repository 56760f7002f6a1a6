"""The fuzz targets on the files that fuzzing begins with, without the fuzzer.

LC_FUZZ_REPLAY is the path of the built program fuzz_replay. scripts/fuzz.sh fuzzes.
"""

import os
import pathlib
import subprocess

HERE = pathlib.Path(__file__).parent
MUTANTS = 2000


def replay(paths):
    program = os.environ.get("LC_FUZZ_REPLAY", "")
    assert os.access(program, os.X_OK), f"LC_FUZZ_REPLAY: no program at {program!r}"
    names = "".join(f"{path}\n" for path in paths)
    return subprocess.run([program], input=names, capture_output=True, text=True,
                          timeout=250, check=False)


def test_seeds_and_mutants(tmp_path):
    subprocess.run(["/usr/bin/python3", str(HERE / "fuzz_seeds.py"), str(tmp_path),
                    str(MUTANTS)], check=True, timeout=120)
    paths = sorted(path for path in tmp_path.rglob("*") if path.is_file())
    assert len(paths) > MUTANTS
    for wanted in ("jpeg", "png", "gif", "bmp", "dib", "webp", "tiff"):
        assert len(list((tmp_path / wanted).iterdir())) > 100
    done = replay(paths)
    assert done.returncode == 0, done.stderr[-3000:]
    assert done.stdout == f"{len(paths)} replayed\n"


def test_a_missing_file_is_an_error(tmp_path):
    assert replay([tmp_path / "none.jpg"]).returncode == 2
