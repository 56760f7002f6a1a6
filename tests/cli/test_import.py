"""import: runs the Python package with unchanged arguments, and loads nothing from the current folder."""

from __future__ import annotations

import json
import os
import shutil
import sys
from pathlib import Path

import pytest
from program import REPOSITORY, assert_complaint, program, run
from test_hostile_text import EVIL, NAMED, TEXTS, hidden, obeyed

PACKAGE = "import json, sys\ndef main(): print(json.dumps(sys.argv[1:])); sys.exit(3)\n"
TRAP = "raise SystemExit('the current folder was imported from')\n"


def make_package(folder: Path, text: str = PACKAGE) -> Path:
    (folder / "llava_check").mkdir(parents=True)
    (folder / "llava_check/__init__.py").write_text("")
    (folder / "llava_check/__main__.py").write_text(text)
    return folder


@pytest.fixture(name="environment")
def made_environment(tmp_path: Path) -> dict[str, str]:
    """A PATH with only this Python, which does not have the package."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/python3").symlink_to(sys.executable)
    return {**os.environ, "PATH": str(tmp_path / "bin"), "PYTHONNOUSERSITE": "1"}


def test_words_are_handed_on_as_they_are(environment: dict[str, str], tmp_path: Path) -> None:
    words = ["parquet", "a b", "--jobs", "2", "-o", "raw", "--help", "*.parquet", "::x", ""]
    environment["PYTHONPATH"] = str(make_package(tmp_path / "site"))
    done = run("import", *words, cwd=tmp_path, env=environment)
    assert (done.code, json.loads(done.out), done.err) == (3, ["import", *words], "")


def test_nothing_is_imported_from_the_current_folder(environment: dict[str, str], tmp_path: Path) -> None:
    data = make_package(tmp_path / "data", TRAP)
    for name in ("argparse", "json", "sys", "os", "pyarrow"):
        (data / f"{name}.py").write_text(TRAP)
    environment["PYTHONPATH"] = str(make_package(tmp_path / "site"))
    done = run("import", "parquet", cwd=data, env=environment)
    assert (done.code, json.loads(done.out), done.err) == (3, ["import", "parquet"], "")


def test_the_python_beside_the_command_is_first(environment: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "venv").mkdir()
    command = tmp_path / "venv/llava-check"
    shutil.copy(program(), command)
    (tmp_path / "venv/python3").write_text("#!/bin/sh\necho beside \"$4\" \"$5\"\n")
    (tmp_path / "venv/python3").chmod(0o755)
    environment["LD_LIBRARY_PATH"] = str(Path(program()).parent)
    done = run("import", "parquet", cwd=tmp_path, env=environment, executable=command)
    assert (done.code, done.out, done.err) == (0, b"beside parquet \n", "")


def test_without_the_package_or_python_one_line_says_so(environment: dict[str, str], tmp_path: Path) -> None:
    done = run("import", "parquet", cwd=tmp_path, env=environment)
    assert (done.code, done.out) == (2, b"")
    assert done.err == ("llava-check: import needs the Python package: install the wheel and pyarrow, see docs/install.md\n")
    environment["PATH"] = str(tmp_path)
    done = run("import", "parquet", cwd=tmp_path, env=environment)
    assert (done.code, done.out) == (2, b"")
    assert done.err == "llava-check: import needs Python: python3: No such file or directory\n"


def test_what_fails_in_the_package_is_not_hidden(environment: dict[str, str], tmp_path: Path) -> None:
    environment["PYTHONPATH"] = str(make_package(tmp_path / "site", "import no_such_module\n"))
    done = run("import", "parquet", cwd=tmp_path, env=environment)
    assert done.code == 1 and "No module named 'no_such_module'" in done.err


def test_hostile_words_are_harmless_in_what_the_package_says(environment: dict[str, str], tmp_path: Path) -> None:
    environment["PYTHONPATH"] = str(REPOSITORY / "python")
    for text in [*TEXTS, EVIL, *NAMED]:
        done = run("import", "parquet", "x", "-o", "y", f"--w-{text}", cwd=tmp_path, env=environment)
        assert_complaint(done, "unrecognized arguments: --w-")
        assert not obeyed(done.err) and not hidden(done.err), done.err


@pytest.mark.parametrize("words, said", [
    ([], "usage: llava-check import parquet DIR -o OUT"),
    (["csv", "x"], "import reads parquet, not 'csv'"),
    (["./data"], "import reads parquet, not './data'"),
])  # fmt: skip
def test_wrong_words(words: list[str], said: str, tmp_path: Path) -> None:
    done = run("import", *words, cwd=tmp_path)
    assert (done.code, done.err) == (2, f"llava-check: {said}\n")


def test_help_is_the_commands_own(tmp_path: Path) -> None:
    first, second = run("import", "--help", cwd=tmp_path), run("help", "import", cwd=tmp_path)
    assert first == second and first.code == 0
    assert b"pyarrow" in first.out
