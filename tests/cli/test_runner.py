"""The runner, with which most tests run the program: its runs must be the same as of the program itself."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from program import DEMO, environment, program, runner

COMMANDS: dict[str, list[str | bytes]] = {
    "version": ["version"],
    "help": ["help"],
    "check": ["check", "demo", "--no-index", "--color", "never"],
    "json": ["check", "demo", "--no-index", "-f", "json"],
    "missing": ["check", "no such folder"],
    "option": ["check", "demo", "--no-such-option"],
    "bytes": ["check", b"\xff\n"],
    "rules": ["rules"],
    "nothing": [],
}


@pytest.mark.parametrize("name", COMMANDS)
def test_a_run_is_that_of_the_program(name: str, tmp_path: Path) -> None:
    assert os.environ.get("LC_RUNNER"), "LC_RUNNER must name the program runner"
    (tmp_path / "demo").symlink_to(DEMO)
    words = [os.fsencode(word) for word in (program(), *COMMANDS[name])]
    env = environment(tmp_path)
    started = subprocess.run(words, cwd=tmp_path, env=env, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    for _ in range(2):  # nothing is left from the first run
        ended = runner.run(words, tmp_path, env)
        assert (ended.returncode, ended.stdout) == (started.returncode, started.stdout)
        assert ended.stderr == started.stderr and ended.most_kib > 1000


def test_the_environment_is_that_of_the_run(tmp_path: Path) -> None:
    """The key of an index is stored where the run's environment says."""
    (tmp_path / "demo").symlink_to(DEMO)
    for name in ("one", "other"):
        env = {**environment(tmp_path), "XDG_STATE_HOME": str(tmp_path / name)}
        assert runner.run([program(), "check", "demo", "-q", "--index", name + ".index"], tmp_path, env).returncode == 1
        assert list((tmp_path / name).rglob("*"))


def test_a_run_that_does_not_end(tmp_path: Path) -> None:
    """It is killed, and the next one is not affected."""
    with pytest.raises(subprocess.TimeoutExpired):
        runner.run([program(), "watch", DEMO], tmp_path, environment(tmp_path), timeout=0.5)
    assert runner.run([program(), "version"], tmp_path, environment(tmp_path)).returncode == 0


def test_what_must_be_started_is_started(tmp_path: Path) -> None:
    """This is so for variables that a sanitizer or the loader reads before main, and for other programs."""
    env = {**environment(tmp_path), "LD_BIND_NOW": "1"}
    assert runner.run([program(), "version"], tmp_path, env).most_kib == 0
    assert runner.run(["/bin/true"], tmp_path, env).most_kib == 0
