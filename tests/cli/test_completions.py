"""Shell completions and the man page, which are generated from the program's tables."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from program import assert_complaint, environment, make_small, run

BASH = """
source completions
COMP_WORDS=("$@")
COMP_CWORD=$(($# - 1))
_llava_check
printf '%s\\n' "${COMPREPLY[@]}"
"""
SYNTAX = {"bash": ["bash", "-n"], "zsh": ["zsh", "-n"], "fish": ["fish", "-n"]}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a data set, and the completions for each shell."""
    scratch = tmp_path_factory.mktemp("completions")
    make_small(scratch / "raw data")
    for shell in SYNTAX:
        done = run("completions", shell, cwd=scratch)
        assert done.code == 0 and not done.err
        (scratch / f"for-{shell}").write_bytes(done.out)
    return scratch


def needs(tool: str) -> None:
    if not shutil.which(tool):
        pytest.skip(f"{tool} is not installed")


def said(folder: Path, *command: str) -> str:
    done = subprocess.run(
        command, cwd=folder, env=environment(folder), capture_output=True, text=True, timeout=30
    )
    assert (done.returncode, done.stderr) == (0, ""), done
    return done.stdout


def in_bash(folder: Path, *words: str) -> set[str]:
    script = BASH.replace("completions", "./for-bash")
    return set(said(folder, "bash", "-c", script, "-", "llava-check", *words).split("\n")) - {""}


@pytest.mark.parametrize("shell", sorted(SYNTAX))
def test_syntax(shell: str, folder: Path) -> None:
    needs(shell)
    assert said(folder, *SYNTAX[shell], f"for-{shell}") == ""


def test_bash_commands_and_files(folder: Path) -> None:
    assert {"check", "report", "index", "help", "raw data"} <= in_bash(folder, "")
    assert in_bash(folder, "re") == {"report"}
    assert in_bash(folder, "check", "ra") == {"raw data"}
    assert in_bash(folder, "ra") == {"raw data"}


def test_bash_options_are_the_commands(folder: Path) -> None:
    assert in_bash(folder, "--thr") == {"--threads"}
    assert {"--images", "--verbose", "-j"} <= in_bash(folder, "check", "raw data", "-")
    assert in_bash(folder, "report", "--thr") == set()
    assert "--where" in in_bash(folder, "index", "images", "raw data", "--")


@pytest.mark.parametrize(
    "words, values",
    [
        (["--trainer", "llava-n"], {"llava-next", "llava-next-qwen"}),
        (["check", "-t", "int"], {"internvl"}),
        (["check", "-t", "al"], {"all"}),
        (["--color", "="], {"auto", "always", "never"}),
        (["--color", "=", "al"], {"always"}),
        (["check", "--show", ""], {"info", "warning", "error"}),
        (["diff", "--format", "json"], {"json", "jsonl"}),
        (["index", "findings", "--rule", "IMG70"], set()),
        (["index", "findings", "--rule", "IMG502"], {"IMG502"}),
        (["index", "du"], {"duplicates", "dump"}),
        (["index", "images", "ra"], {"raw data"}),
        (["rules", "TOK401"], {"TOK401"}),
        (["trainers", "inter"], {"internvl"}),
        (["trainers", "--format", ""], {"text", "json"}),
        (["help", "TOK401"], {"TOK401"}),
        (["help", "ver"], {"verify", "version"}),
        (["completions", ""], {"bash", "zsh", "fish"}),
        (["--images", "ra"], {"raw data"}),
        (["--images", "for-"], set()),
        (["--report", "for-"], {"for-bash", "for-zsh", "for-fish"}),
        (["--threads", ""], set()),
    ],
    ids=" ".join,
)
def test_bash_values(words: list[str], values: set[str], folder: Path) -> None:
    assert in_bash(folder, *words) == values


def in_fish(folder: Path, line: str) -> set[str]:
    script = f"source for-fish; complete -C {json.dumps('llava-check ' + line)}"
    output = said(folder, "fish", "--no-config", "-c", script)
    return {word.split("\t")[0] for word in output.splitlines()}


def test_fish(folder: Path) -> None:
    needs("fish")
    assert {"check", "report", "help"} <= in_fish(folder, "")
    assert in_fish(folder, "--thr") == {"--threads"}
    assert in_fish(folder, "report --thr") == set()
    assert in_fish(folder, "check -t int") == {"internvl"}
    assert in_fish(folder, "diff --format json") == {"json", "jsonl"}
    assert in_fish(folder, "index du") == {"duplicates", "dump"}
    assert in_fish(folder, "rules TOK40") >= {"TOK401", "TOK402"}
    assert in_fish(folder, "--report for-f") == {"for-fish"}
    assert in_fish(folder, "completions z") == {"zsh"}


def test_zsh_takes_the_specifications(folder: Path) -> None:
    """_arguments only works in the line editor, so its arguments are tested."""
    needs("zsh")
    script = """
_arguments() { print -rl -- "$@" }
_describe() { print -rl -- $commands }
_files() { print files }
compdef() { }
source ./for-zsh
CURRENT=2 words=(llava-check '') _llava_check
CURRENT=4 words=(llava-check index images '') _llava_check
CURRENT=3 words=(llava-check raw '') _llava_check
"""
    lines = said(folder, "zsh", "-f", "-c", script).splitlines()
    assert "check:check a data set and report what is wrong" in lines and "files" in lines
    assert "*-o+[also write a report to FILE; the format comes from its suffix, or from FORMAT\\:FILE; may be repeated]" in " ".join(lines)
    color = "--color=[auto (default), always or never; auto respects NO_COLOR]"
    assert color + ":WHEN:(auto always never)" in lines
    assert sum(line.startswith("(-t --trainer)--trainer=[") for line in lines) == 2  # index, check
    assert "*:path:_files" in lines


def test_unknown_shells(tmp_path: Path) -> None:
    assert_complaint(run("completions", "tcsh", cwd=tmp_path), "'tcsh'", "bash, zsh and fish")
    assert_complaint(run("completions", "bahs", cwd=tmp_path), "did you mean 'bash'?")
    assert_complaint(run("completions", cwd=tmp_path), "usage: llava-check completions bash|zsh|")


def test_man_page(tmp_path: Path) -> None:
    done = run("man", cwd=tmp_path)
    assert done.code == 0 and not done.err and done.out.isascii()
    (tmp_path / "page.1").write_bytes(done.out)
    for command in (
        ["mandoc", "-Tlint", "-Werror", "page.1"],
        ["groff", "-man", "-ww", "-z", "-Tutf8", "page.1"],
    ):
        if shutil.which(command[0]):
            assert said(tmp_path, *command) == ""


def test_man_page_is_read(tmp_path: Path) -> None:
    needs("mandoc")
    (tmp_path / "page.1").write_bytes(run("man", cwd=tmp_path).out)
    text = said(tmp_path, "mandoc", "-Tascii", "-Owidth=100", "page.1")
    plain = re.sub(".\b", "", text)  # bold is a letter twice
    assert "-t, --trainer NAME" in plain and "Accepted by check, report." in plain
    assert "verdict=corrupt, format=png, 'width<100', 'size>10M', path~coco/." in plain
    assert "-j" in plain and "130" in plain
