"""CONTRIBUTING.md names every script, folder of tests, preset and table, and none that is not there."""

from __future__ import annotations

import json
import re

from tree import ROOT

TEXT = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")


def table(head: str) -> set[str]:
    """The names in the first column of the table whose head begins so."""
    body = TEXT.split(f"\n| {head} |", 1)[1].split("\n\n", 1)[0]
    return {name for line in body.splitlines()[2:]
            for name in re.findall(r"`([^`]+)`", line.split("|")[1])}


def test_scripts():
    assert table("Script") == {path.name for path in (ROOT / "scripts").glob("*.sh")}


def test_folders_of_tests():
    assert table("Folder of `tests/`") == {
        f"{path.name}/" for path in (ROOT / "tests").iterdir()
        if path.is_dir() and path.name != "__pycache__"}


def test_presets():
    presets = json.loads((ROOT / "CMakePresets.json").read_text(encoding="utf-8"))
    assert table("Preset") == {preset["name"] for preset in presets["buildPresets"]}


def test_what_is_named_is_there():
    names = re.findall(r"`((?:src|tests|docs|fixtures|reports)/[^`]*)`", TEXT)
    assert len(names) > 15
    assert [name for name in names if not (ROOT / name).exists()] == []
