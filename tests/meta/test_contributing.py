"""CONTRIBUTING.md names every script, folder of tests, preset and table, and none that does not exist."""

from __future__ import annotations

import json
import re

from tree import ROOT

TEXT = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")


def table(head: str) -> set[str]:
    """Return the names in the first column of the table whose head begins with this."""
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


def test_the_example_is_no_rule():
    code = re.search(r"The example is a rule (CNV\d+)", TEXT).group(1)
    assert f"LC_RULE({code}," not in (ROOT / "src/rules/rules.def").read_text(encoding="utf-8")


def test_tables_have_what_is_to_be_added():
    """Each name that the walk-through or the table of things to add mentions is in its file."""
    named = {
        "src/image/image.c": ["formats[] = {"],
        "src/image/sniff.c": ["signatures[] = {"],
        "src/image/common/facts.h": ["LC_CONTENT_TIFF"],
        "src/report/formats.def": ["LC_FORMAT(json,"],
        "src/report/report.c": ["lc_report_##"],
        "src/rules/trainers.def": ["LC_TRAINER(", "LC_ASSUMES("],
        "src/rules/trainers.c": ['#include "rules/effects/trl.def"'],
        "src/rules/rules.def": ["LC_RULE(CNV312,", "LC_CASE("],
        "src/rules/traits.def": ["LC_TRAITS(", "LC_CASE_TRAITS("],
        "src/rules/rules.h": ["lc_emit(", "lc_finding_case("],
        "src/dataset/dialects.def": [".columns = {"],
        "src/cli/options.def": ["LC_OPTION("],
        "fixtures/cases.py": ["RULES", "WARNINGS", "INFOS"],
        "fixtures/row_cases.py": ["def build()", "book.fires(", "book.ok("],
        "tests/cli/test_fixtures.py": ["CASE_COUNT = "],
        "tests/cli/test_rows_replay.py": ["FIXTURE_COUNT = "],
        "tests/diff/test_rows_reference.py": ["CODES = "],
        "tests/unit/test_rules.c": ["every_rule_fired"],
    }
    missing = [(path, name) for path, names in named.items() for name in names
               if name not in (ROOT / path).read_text(encoding="utf-8")]
    assert missing == []
