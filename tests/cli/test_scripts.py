"""scripts/run.sh if something is missing: the data were not checked, which is exit code 2.

It runs in a copy of the tree's scripts, and finds only the programs provided here: some of the
system's, and stand-ins for those that would install or build.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Mapping

import pytest

from program import REPOSITORY, Done

SHELLS = ["dash", "bash"]
TOOLS = ["sh", "dirname", "mkdir", "cat", "env", "chmod", "rm"]
INSTALLED = "printf installed"
ABSENT = "exit 1"
# builds a program that prints its arguments, and exits with a code
BUILD = """case $1 in --build)
    mkdir -p build/release
    printf '#!/bin/sh\\necho "$@"\\nexit 1\\n' >build/release/llava-check
    chmod 755 build/release/llava-check ;;
esac"""


@pytest.fixture(name="tree", params=SHELLS)
def made_tree(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    shutil.copytree(REPOSITORY / "scripts", tmp_path / "tree/scripts")
    (tmp_path / "bin").mkdir()
    for tool in TOOLS:
        found = shutil.which(request.param if tool == "sh" else tool)
        assert found, tool
        (tmp_path / "bin" / tool).symlink_to(found)
    return tmp_path


def run_script(tree: Path, programs: Mapping[str, str], *arguments: str) -> Done:
    for name, text in programs.items():
        path = tree / "bin" / name
        path.write_text(f"#!/bin/sh\n{text}\n")
        path.chmod(0o755)
    done = subprocess.run(["sh", tree / "tree/scripts/run.sh", *arguments], cwd=tree, executable=tree / "bin/sh",
                          env={"PATH": str(tree / "bin")}, stdin=subprocess.DEVNULL, capture_output=True, timeout=60)
    return Done(done.returncode, done.stdout, done.stderr.decode())


def packages() -> list[str]:
    text = (REPOSITORY / "scripts/setup.sh").read_text(encoding="utf-8")
    names = re.search(r'BUILD_PACKAGES="(.*?)"', text, re.DOTALL)[1].split()
    assert len(names) > 10
    return names


ROOT, USER = {"id": "echo 0"}, {"id": "echo 1000"}
NOT_INSTALLED: dict[str, dict[str, str]] = {
    "no-sudo": {**USER, "apt-get": "exit 0"},
    "sudo-refuses": {**USER, "apt-get": "exit 0", "sudo": "echo 'sudo: a password is required' >&2; exit 1"},
    "no-network": {**ROOT, "apt-get": "exit 100"},
    "no-such-package": {**ROOT, "apt-get": "[ $1 = update ] || exit 100"},
    "no-apt-get": ROOT,
}


@pytest.mark.parametrize("case", NOT_INSTALLED)
def test_packages_that_cannot_be_installed(case: str, tree: Path) -> None:
    done = run_script(tree, {"dpkg-query": ABSENT, "cmake": BUILD, **NOT_INSTALLED[case]}, "data")
    assert done.code == 2 and done.out == b"", done
    last = done.err.splitlines()[-2:]
    for package in packages():
        assert package in last[0], done.err
    if case != "no-apt-get":
        assert last[1].startswith("as root, run: apt-get update && apt-get install ")
        assert last[1].split()[-len(packages()):] == packages()
    assert not (tree / "tree/build").exists()


def test_only_what_is_missing_is_installed(tree: Path) -> None:
    missing = packages()[3]
    done = run_script(tree, {
        **USER, "dpkg-query": f'for last; do :; done; [ "$last" = {missing} ] || {INSTALLED}', "cmake": BUILD,
        "sudo": 'echo "$@" >>asked; exec "$@"', "apt-get": "exit 0"}, "a", "b c")
    assert (done.code, done.out) == (1, b"a b c\n"), done.err
    asked = (tree / "tree/asked").read_text().splitlines()
    assert asked[0] == "apt-get update -qq" and asked[1].split()[-1] == missing and len(asked) == 2
    assert "DEBIAN_FRONTEND=noninteractive" in asked[1]


BUILT_NOT = {
    "no-cmake": {},
    "configure-fails": {"cmake": "echo 'CMake Error: no compiler'; exit 1"},
    "build-fails": {"cmake": "[ $1 = --preset ] || { echo 'a.c:1: error: no'; exit 1; }"},
    "nothing-built": {"cmake": "exit 0"},
    "not-executable": {"cmake": BUILD + "\nchmod 644 build/release/llava-check 2>/dev/null"},
}


@pytest.mark.parametrize("case", BUILT_NOT)
def test_builds_that_fail(case: str, tree: Path) -> None:
    done = run_script(tree, {**ROOT, "dpkg-query": INSTALLED, **BUILT_NOT[case]}, "data")
    assert done.code == 2 and done.out == b"", done
    if case in ("no-cmake", "configure-fails", "build-fails"):
        assert "building the preset release failed" in done.err.splitlines()[-1]
        assert str(tree / "tree/build/release.log") in done.err
        assert {"no-cmake": "cmake", "configure-fails": "CMake Error", "build-fails": "a.c:1: error"}[case] in done.err


def test_a_tree_that_cannot_be_written(tree: Path) -> None:
    (tree / "tree/build").write_text("a file where the folder should be")
    done = run_script(tree, {**ROOT, "dpkg-query": INSTALLED, "cmake": BUILD}, "data")
    assert done.code == 2 and "build" in done.err


@pytest.mark.parametrize("code", [0, 1, 2, 130])
def test_the_exit_code_is_the_programs(code: int, tree: Path) -> None:
    build = BUILD.replace("exit 1", f"exit {code}")
    for _ in range(2):
        done = run_script(tree, {**ROOT, "dpkg-query": INSTALLED, "cmake": build}, "data", "--show", "info")
        assert (done.code, done.out) == (code, b"data --show info\n")


def test_the_shells_are_there() -> None:
    assert [os.path.basename(os.path.realpath(shutil.which(shell) or "")) for shell in SHELLS] == SHELLS
