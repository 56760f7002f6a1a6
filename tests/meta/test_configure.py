"""cmake/python.cmake: modules that the tests import and the interpreter does not have are reported by
Debian package when the build is configured."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tree import ROOT

SCRIPT = ROOT / "cmake/python.cmake"
PACKAGES = dict(re.findall(r"^    (\w+) +(python3-\w+)\)?$", SCRIPT.read_text(), re.MULTILINE))
assert len(PACKAGES) == 6

WITHOUT_MODULES = """#!/usr/bin/python3
import sys
for module in {modules!r}:
    sys.modules[module] = None
code, sys.argv = sys.argv[2], sys.argv[1:2] + sys.argv[3:]
exec(code)
"""


def configure(python: Path) -> tuple[int, str]:
    done = subprocess.run(["cmake", f"-DLC_PYTHON={python}", "-P", SCRIPT], capture_output=True, text=True,
                          timeout=60, check=False)
    return done.returncode, " ".join(done.stderr.split())


def interpreter(folder: Path, text: str) -> Path:
    path = folder / "python3"
    path.write_text(text)
    path.chmod(0o755)
    return path


@pytest.mark.parametrize("modules", [*([module] for module in PACKAGES), ["lmdb", "PIL"], []])
def test_missing_modules_are_named_by_their_packages(tmp_path, modules):
    code, error = configure(interpreter(tmp_path, WITHOUT_MODULES.format(modules=modules)))
    named = re.search(r"On Debian: apt-get install ((?:python3-\w+ )+)", error)
    assert code == (1 if modules else 0), error
    assert sorted(named[1].split() if named else []) == sorted(PACKAGES[module] for module in modules)


def test_an_interpreter_that_does_not_run_is_named(tmp_path):
    path = interpreter(tmp_path, "#!/bin/sh\nexit 3\n")
    code, error = configure(path)
    assert code == 1 and f"{path} cannot run: 3" in error


def test_the_tests_are_configured_with_it():
    assert "include(${CMAKE_SOURCE_DIR}/cmake/python.cmake)" in (ROOT / "tests/CMakeLists.txt").read_text()


def test_packages_are_those_that_scripts_install():
    packages = re.search(r'^TEST_PACKAGES="([^"]*)"', (ROOT / "scripts/setup.sh").read_text(), re.MULTILINE)
    installed = re.findall(r"\bpython3-\w+", packages.group(1))
    assert sorted(installed) == sorted(PACKAGES.values())


def test_every_imported_module_is_listed():
    files = [path for top in ("tests", "fixtures", "scripts", "docs") for path in (ROOT / top).rglob("*.py")]
    own = {path.stem for path in files} | {path.parent.name for path in ROOT.glob("python/*/__init__.py")}
    oracles = ROOT / "tests" / "oracles"
    elsewhere = {oracles / "record.py", *(ROOT / name for name in (
        "tests/diff/columns_arrow.py", "tests/shards/record.py", "tests/shards/energon.py",
        "scripts/ray_cluster.py", "scripts/s3_server.py", "tests/bench/annotate.py", "docs/site/hooks.py",
    ))}  # in virtual environments, which have more
    assert all(path in files for path in elsewhere)
    files = [path for path in files if path not in elsewhere and path.parent != oracles / "programs"]
    imported = set()
    for path in files:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                imported |= {name.name.split(".")[0] for name in node.names}
            elif isinstance(node, ast.ImportFrom) and not node.level:
                imported.add((node.module or "").split(".")[0])
    assert len(files) > 100
    assert imported - own - set(sys.stdlib_module_names) == set(PACKAGES)
