"""Small runs under valgrind's memcheck: no use of uninitialised memory, and no leaks.

The address sanitizer does not detect uses of uninitialised memory; clang's memory sanitizer would
need every library to be built with it.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"
FOUND = 97
MEMCHECK = ("valgrind", "-q", f"--error-exitcode={FOUND}", "--leak-check=full",
            "--errors-for-leak-kinds=definite,indirect,possible")
REPORTS = ("json", "csv", "sarif", "junit", "html", "markdown")


def outcome(folder: Path, *arguments: str, before: tuple[str, ...] = ()) -> tuple[int, bytes, str]:
    """Run in a folder, which is made if necessary; return exit code, stdout and stderr."""
    folder.mkdir(exist_ok=True)
    done = subprocess.run([*before, os.environ["LLAVA_CHECK"], *arguments], cwd=folder,
                          capture_output=True, timeout=240, check=False)
    return done.returncode, done.stdout, done.stderr.decode("utf-8", "backslashreplace")


@pytest.mark.parametrize("name", ["demo", "rules"])
def test_nothing_is_found(tmp_path: Path, name: str) -> None:
    data = str(FIXTURES / name)
    reports = [f"--report={format}:out.{format}" for format in REPORTS]
    for command in (
        ("check", data, "--index", "index", *reports),
        ("check", data, "--index", "index"),  # reuses the results
        ("verify", data, "--index", "index"),
        ("index", "check", "index"),
        ("index", "dump", "rows", "index"),
        ("index", "dump", "images", "index"),
    ):
        plain = outcome(tmp_path / "plain", *command)
        code, out, err = outcome(tmp_path / "checked", *command, before=MEMCHECK)
        assert code != FOUND, (command, err[-3000:])
        assert (code, out) == plain[:2], (command, err[-3000:])
        assert code in (0, 1), err
