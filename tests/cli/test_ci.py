"""What is offered to CI systems: it can be parsed, and its shell steps work.

Instead of the services, bash and sh run the steps as a service would.
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
SCRIPT, PRE_COMMIT_ENTRY = blocks("sh")
VARIABLES = ("LLAVA_CHECK_GIT", "LLAVA_CHECK_COMMIT")
# Actions that snippets use, with tags that exist in their repositories
ACTIONS = {"actions/checkout": "v4", "github/codeql-action/upload-sarif": "v3"}
PAGES = ["README.md", "action.yml", ".pre-commit-hooks.yaml",
         *(str(path.relative_to(REPOSITORY)) for path in sorted((REPOSITORY / "docs").glob("*.md")))]


@pytest.fixture(name="place")
def made_place(tmp_path: Path) -> Path:
    """Make a repository with the data set raw/, and with llava-check in the PATH and as a checkout."""
    (tmp_path / "reports").mkdir()
    (tmp_path / "checkout/scripts").mkdir(parents=True)
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/llava-check").symlink_to(program())
    # scripts/run.sh would build a release: this is what it runs at the end
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
    """Run a step of the action as a runner does."""
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
    (use,) = [step for step in steps if step.get("uses", "").startswith("./")]
    assert set(use["with"]) <= set(ACTION["inputs"])
    (upload,) = [step for step in steps if "upload-sarif" in step.get("uses", "")]
    assert upload["with"]["sarif_file"] == use["with"]["sarif"]
    options = run(*use["with"]["args"].split(), "--help", cwd=REPOSITORY)
    assert options.code == 0, options.err


@pytest.fixture(name="source")
def made_source(place: Path) -> Path:
    """Make a repository to clone, with an action and a script that only one commit has."""
    folder = place / "source"
    (folder / "scripts").mkdir(parents=True)
    for text in ('exec llava-check "$@"\n', "exit 77\n"):
        (folder / "scripts/run.sh").write_text(text)
        (folder / "action.yml").write_text((REPOSITORY / "action.yml").read_text(encoding="utf-8"))
        git(folder, "init", "-q") if not (folder / ".git").exists() else None
        git(folder, "add", "-A")
        git(folder, "commit", "-qm", text)
    return folder


def git(folder: Path, *words: str) -> str:
    command = ["git", "-c", "user.name=a", "-c", "user.email=a@b", *words]
    done = subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout.strip()


def variables_of(source: Path) -> dict[str, str]:
    return dict(zip(VARIABLES, (f"file://{source}", git(source, "rev-parse", "HEAD~1"))))


def test_github_gets_the_commit(place: Path, source: Path) -> None:
    assert GITHUB["env"] == {name: f"${{{{ vars.{name} }}}}" for name in VARIABLES}
    steps = GITHUB["jobs"]["check"]["steps"]
    (get,) = [step["run"] for step in steps if "run" in step]
    (use,) = [step["uses"] for step in steps if step.get("uses", "").startswith("./")]
    given = variables_of(source)
    done = shell(place, "bash", "-e", "-c", get, **given)
    assert done.returncode == 0, done.stderr
    assert (place / use / "action.yml").is_file()
    assert (place / use / "scripts/run.sh").read_text() == 'exec llava-check "$@"\n'
    for name in VARIABLES:
        for value in ({name: ""}, {}):  # unset variables are empty there
            shutil.rmtree(place / use, ignore_errors=True)
            done = shell(place, "bash", "-e", "-c", get, **{n: v for n, v in given.items() if n != name}, **value)
            assert done.returncode and f"{name}: set this variable" in done.stderr
            assert not (place / use).exists()


def gitlab_lines(place: Path, *, skip: str = "apt-get") -> str:
    job = GITLAB["llava-check"]
    lines = [line for line in [*job["before_script"], *job["script"]] if skip not in line]
    assert len(lines) == len(job["before_script"]) + len(job["script"]) - 1
    return "\n".join(lines).replace("/opt/llava-check", str(place / "opt"))


def test_gitlab(place: Path, source: Path) -> None:
    job = GITLAB["llava-check"]
    add_data(place, False)
    for line in [*job["before_script"], *job["script"]]:
        assert subprocess.run(["sh", "-n"], input=line, text=True).returncode == 0
    given = variables_of(source)
    for name in VARIABLES:
        done = shell(place, "sh", "-ec", gitlab_lines(place), **{n: v for n, v in given.items() if n != name})
        assert done.returncode and f"{name}: set this variable" in done.stderr
        assert not (place / "opt").exists()
    done = shell(place, "sh", "-ec", gitlab_lines(place), **given)
    assert done.returncode == 1, done.stderr
    reports = job["artifacts"]["reports"]
    assert json.loads((place / reports["codequality"]).read_text())
    assert "<testsuites" in (place / reports["junit"]).read_text()
    assert [p for p in job["cache"]["paths"] if (place / p / "index.mdb").is_file()]


# ---- pre-commit ----

DEFAULTS: dict[str, Any] = {"files": "", "exclude": "^$", "types": ["file"], "always_run": False, "pass_filenames": True}
IMAGE_ADDED = [("A", "raw/images/new.jpg")]
COMMITS = [IMAGE_ADDED, [("A", "raw/images/no-suffix")], [("M", "raw/images/a.jpg")], [("D", "raw/images/a.jpg")],
           [("R", "raw/other/a.jpg")], [("M", "raw/rows.jsonl")], [("D", "raw/rows.json")], [("M", "raw/mix.yaml")],
           [("A", "raw/videos/a.mp4")], [("M", "llava-check.yaml"), ("M", "README.md")]]


def runs_at(hook: dict[str, Any], commit: list[tuple[str, str]]) -> bool:
    """Whether pre-commit runs a hook, as in its pre_commit/commands/run.py: if a file of the commit that was not
    removed (--diff-filter=ACMRTUXB) matches; with always_run, always."""
    of = {**DEFAULTS, **hook}
    assert of["types"] == ["file"] and "types_or" not in of and "stages" not in of
    names = [name for change, name in commit if change in "ACMRTUXB"]
    chosen = [name for name in names if re.search(of["files"], name) and not re.search(of["exclude"], name)]
    return bool(chosen) or of["always_run"]


def local_hook() -> dict[str, Any]:
    (repo,) = PRE_COMMIT["repos"]
    assert repo["repo"] == "local"
    (hook,) = repo["hooks"]
    return hook


def test_hooks_run_for_every_commit() -> None:
    assert {hook["id"] for hook in HOOKS} == {"llava-check", "llava-check-installed"}
    for hook in [*HOOKS, local_hook()]:
        assert not hook["pass_filenames"]
        assert [commit for commit in COMMITS if not runs_at(hook, commit)] == [], hook["id"]
    old = {"files": r"\.jsonl?$", "pass_filenames": False}
    assert not runs_at(old, IMAGE_ADDED) and runs_at(old, [("M", "raw/rows.jsonl")])
    for added in ({"always_run": False, "files": "^raw/"},):  # as documented on the page
        text = "`always_run: false` and `files: ^raw/`"
        assert text in DOCS and runs_at(added, IMAGE_ADDED) and not runs_at(added, [("D", "raw/images/a.jpg")])


def test_pre_commit(place: Path) -> None:
    built = REPOSITORY / {hook["id"]: hook for hook in HOOKS}["llava-check"]["entry"]
    assert built.is_file() and os.access(built, os.X_OK)
    hook = local_hook()
    assert {name: hook[name] for name in ("entry", "language")} == {
        name: HOOKS[1][name] for name in ("entry", "language")}
    add_data(place, True)
    for code in (0, 1):
        done = shell(place, hook["entry"], *hook["args"])
        assert done.returncode == code, done.stderr
        (place / "raw/images/a.jpg").unlink(missing_ok=True)


def test_pre_commit_entry(place: Path, source: Path) -> None:
    """The entry printed for a checkout has its URL, its commit, and a hook of this repository."""
    git(source, "remote", "add", "origin", "ssh://a.b/c d.git")
    done = subprocess.run(["sh", "-c", PRE_COMMIT_ENTRY], cwd=source, capture_output=True, text=True, check=True)
    (repo,) = yaml.safe_load(done.stdout)
    assert (repo["repo"], repo["rev"]) == ("ssh://a.b/c d.git", git(source, "rev-parse", "HEAD"))
    (hook,) = repo["hooks"]
    assert hook["id"] in {h["id"] for h in HOOKS} and hook["args"] == local_hook()["args"]


# ---- names in snippets ----


def tags() -> set[str]:
    done = subprocess.run(["git", "tag"], cwd=REPOSITORY, capture_output=True, text=True)
    return set(done.stdout.split()) if done.returncode == 0 else set()


@pytest.mark.parametrize("page", PAGES)
def test_snippets_name_nothing_that_does_not_exist(page: str) -> None:
    """They contain no tag that does not exist, and no invented owner or host."""
    text = (REPOSITORY / page).read_text(encoding="utf-8")
    named = re.findall(r"\b(?:rev|ref):\s*(\S+)|--branch[ =](\S+)|llava-check(?:\.git)?@(\S+)", text)
    named_tags = {name for names in named for name in names if name} | set(re.findall(r"\bv\d+\.\d+\.\d+\b", text))
    assert named_tags - {"$(git"} <= tags()
    for action, tag in re.findall(r"uses:\s*([\w./-]+)@(\S+)", text):
        assert ACTIONS.get(action) == tag
    assert not re.search(r"\bOWNER\b|\bexample\.(?:org|com|net)\b", text)


def test_pages_are_looked_at() -> None:
    assert len(PAGES) >= 12 and "docs/ci.md" in PAGES
    assert sum(len(re.findall(r"uses:", (REPOSITORY / page).read_text())) for page in PAGES) >= 3


def test_the_readme_has_the_same() -> None:
    readme = (REPOSITORY / "README.md").read_text(encoding="utf-8")
    shown = re.findall(r"```(?:sh|yaml)\n(.*?)```", readme, flags=re.DOTALL)
    assert shown == [SCRIPT]


def test_scripts_are_sound() -> None:
    for script in (REPOSITORY / "scripts").glob("*.sh"):
        shell = "bash" if script.read_text(encoding="utf-8").startswith("#!/bin/bash\n") else "sh"
        assert subprocess.run([shell, "-n", script]).returncode == 0
