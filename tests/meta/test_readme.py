"""README.md shows what the program prints: the demo's output and the table of rules."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

SOURCE = Path(os.environ["LC_SOURCE_DIR"])
README = (SOURCE / "README.md").read_text(encoding="utf-8")
CUT = "…"


def run(*arguments: str) -> str:
    command = [os.environ["LLAVA_CHECK"], *arguments]
    done = subprocess.run(command, cwd=SOURCE, capture_output=True, text=True, timeout=60)
    assert done.returncode in (0, 1), done.stderr
    return done.stdout


def test_demo_output() -> None:
    block = README.split("    $ llava-check fixtures/demo\n")[1].split("\n\nThe worst comes first")[0]
    shown = [line[4:] for line in block.splitlines()]
    assert len(shown) > 30
    at = shown.index(CUT)
    printed = run("fixtures/demo", "--no-index").splitlines()
    head, tail = shown[:at], shown[at + 1 :]
    assert printed[: len(head)] == head
    assert printed[-len(tail) :] == tail


def test_rules_table() -> None:
    listed = re.findall(r"^(\w{3}\d{3})  (\w+) +(\S+) +(.+)$", run("rules"), re.MULTILINE)
    rows = re.findall(r"^\| (\w{3}\d{3}) \| (\S+) \| (\w+) \| (.+) \|$", README, re.MULTILINE)
    assert len(listed) > 30
    table = [(code, level, name, re.sub("`(<(?:image|video)>)`", r"\1", text)) for code, name, level, text in rows]
    assert table == listed
