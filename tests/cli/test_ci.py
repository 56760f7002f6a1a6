"""What is offered to CI systems: it parses, its shell steps do what they say.

The services are not here: the steps are run by bash and sh as a service would run them.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from program import DEMO, REPOSITORY, copy_fixture, environment, make_small, program, run

DOCS = (REPOSITORY / "docs/ci.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```(\w+)\n(.*?)```", DOCS, flags=re.DOTALL)


def blocks(language: str) -> list[str]:
    return [text for name, text in BLOCKS if name == language]


def parsed(name: str) -> Any:
    return yaml.safe_load((REPOSITORY / name).read_text(encoding="utf-8"))


ACTION = parsed("action.yml")
HOOKS = parsed(".pre-commit-hooks.yaml")
GITHUB, GITLAB, PRE_COMMIT = (yaml.safe_load(text) for text in blocks("yaml"))
(SCRIPT,) = blocks("sh")


@pytest.fixture(name="place")
def made_place(tmp_path: Path) -> Path:
    """A repository with the data set raw/, and llava-check in the PATH and as a checkout."""
    (tmp_path / "reports").mkdir()
    (tmp_path / "checkout/scripts").mkdir(parents=True)
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/llava-check").symlink_to(program())
    # scripts/run.sh would build a release: it is this at the end
    (tmp_path / "checkout/scripts/run.sh").write_text('exec llava-check "$@"\n')
    return tmp_path


def shell(place: Path, *command: str, **variables: str) -> subprocess.CompletedProcess[str]:
    env = {**environment(place), **variables}
    env["PATH"] = f"{place / 'bin'}:{env['PATH']}"
    return subprocess.run(
        command, cwd=place, env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True,
        timeout=60,
    )


def add_data(place: Path, sound: bool, name: str = "raw") -> None:
    if sound:
        make_small(place / name)
    else:
        copy_fixture(DEMO, place / name)


@pytest.mark.parametrize("sound, code", [(True, 0), (False, 1)])
def test_shell_script(sound: bool, code: int, place: Path) -> None:
    add_data(place, sound)
    assert subprocess.run(["sh", "-n"], input=SCRIPT, text=True).returncode == 0
    done = shell(place, "sh", "-c", SCRIPT)
    assert done.returncode == code, done.stderr
    assert ("sound" in done.stdout.splitlines()[-1]) == sound
    assert ("has errors" in done.stderr) != sound
    assert json.loads((place / "reports/llava-check.json").read_text())["schema"]
    assert "<html" in (place / "reports/llava-check.html").read_text()
    assert (place / ".cache/llava-check/index.mdb").is_file()
    shutil.rmtree(place / "raw")
    assert shell(place, "sh", "-c", SCRIPT).returncode == 2


def action(place: Path, step: int, **inputs: str) -> subprocess.CompletedProcess[str]:
    """A step of the action, as a runner starts it."""
    given = {name: row.get("default", "") for name, row in ACTION["inputs"].items()} | inputs
    variables = {"GITHUB_ACTION_PATH": str(place / "checkout"),
                 "GITHUB_STEP_SUMMARY": str(place / "summary")}
    for name, value in ACTION["runs"]["steps"][step].get("env", {}).items():
        (of,) = re.fullmatch(r"\$\{\{ inputs\.(\w+) \}\}", value).groups()
        variables[name] = given[of]
    (place / "step.sh").write_text(ACTION["runs"]["steps"][step]["run"])
    flags = ["--noprofile", "--norc", "-eo", "pipefail"]
    return shell(place, "bash", *flags, "step.sh", **variables)


def test_action_is_whole() -> None:
    assert ACTION["runs"]["using"] == "composite"
    assert ACTION["inputs"]["path"]["required"] is True
    for step in ACTION["runs"]["steps"]:
        assert step["shell"] == "bash"
        assert "${{" not in step["run"], "an input must not be put into a script"
        assert subprocess.run(["bash", "-n"], input=step["run"], text=True).returncode == 0
        assert "uses" not in step
    assert "version" in ACTION["runs"]["steps"][0]["run"]


def test_action_builds(place: Path) -> None:
    done = action(place, 0)
    assert done.returncode == 0 and done.stdout == run("version", cwd=place).out.decode()


@pytest.mark.parametrize("sound, code", [(True, 0), (False, 1)])
def test_action_checks(sound: bool, code: int, place: Path) -> None:
    name = "raw data; echo $(touch pwned)"
    add_data(place, sound, name)
    (place / "summary").touch()
    done = action(place, 1, path=name, args="--show info --threads 1")
    assert done.returncode == code, done.stderr
    assert "rows" in done.stdout and ("FAILED" in done.stdout) != sound
    assert ("::error" in done.stderr) != sound
    assert json.loads((place / "llava-check.sarif").read_text())["version"] == "2.1.0"
    assert (place / "summary").stat().st_size > 100
    assert not (place / "pwned").exists()


def test_action_without_sarif(place: Path) -> None:
    add_data(place, True)
    assert action(place, 1, path="raw", sarif="").returncode == 0
    assert not list(place.glob("*.sarif"))
    assert action(place, 1, path="nowhere").returncode == 2


def test_action_is_used_as_it_is() -> None:
    steps = GITHUB["jobs"]["check"]["steps"]
    (use,) = [step for step in steps if "llava-check@" in step["uses"]]
    assert set(use["with"]) <= set(ACTION["inputs"])
    (upload,) = [step for step in steps if "upload-sarif" in step["uses"]]
    assert upload["with"]["sarif_file"] == use["with"]["sarif"]
    options = run(*use["with"]["args"].split(), "--help", cwd=REPOSITORY)
    assert options.code == 0, options.err


def test_gitlab(place: Path) -> None:
    job = GITLAB["llava-check"]
    add_data(place, False)
    for line in [*job["before_script"], *job["script"]]:
        assert subprocess.run(["sh", "-n"], input=line, text=True).returncode == 0
    (line,) = job["script"]
    done = shell(place, "sh", "-ec", line.replace("/opt/llava-check", str(place / "checkout")))
    assert done.returncode == 1, done.stderr
    reports = job["artifacts"]["reports"]
    assert json.loads((place / reports["codequality"]).read_text())
    assert "<testsuites" in (place / reports["junit"]).read_text()
    assert [p for p in job["cache"]["paths"] if (place / p / "index.mdb").is_file()]


def test_pre_commit(place: Path) -> None:
    (repo,) = PRE_COMMIT["repos"]
    hooks = {hook["id"]: hook for hook in HOOKS}
    assert {hook["id"] for hook in repo["hooks"]} <= set(hooks)
    built = REPOSITORY / hooks["llava-check"]["entry"]
    assert built.is_file() and os.access(built, os.X_OK)
    add_data(place, True)
    for hook in repo["hooks"]:
        done = shell(place, hooks["llava-check-installed"]["entry"], *hook["args"])
        assert done.returncode == 0, done.stderr
    for hook in HOOKS:
        assert hook["pass_filenames"] is False
        assert re.search(hook["files"], "raw/rows.jsonl") and re.search(hook["files"], "a.json")


def test_the_readme_has_the_same() -> None:
    readme = (REPOSITORY / "README.md").read_text(encoding="utf-8")
    shown = re.findall(r"```(?:sh|yaml)\n(.*?)```", readme, flags=re.DOTALL)
    assert SCRIPT in shown
    assert GITLAB in [yaml.safe_load(text) for text in shown if "script:" in text]


def test_scripts_are_sound() -> None:
    for script in (REPOSITORY / "scripts").glob("*.sh"):
        assert subprocess.run(["sh", "-n", script]).returncode == 0
