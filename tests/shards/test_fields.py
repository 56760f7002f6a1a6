"""Energon's dataset.yaml: which samples train according to its field map, and what is not verified

No sample is called fine unless Energon was seen to yield it. If a map contains something that cannot be followed, the
effect is unknown; code is never run.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent / "cli")]
from fields import CASES, KEYS, Fields, put  # noqa: E402
from program import run  # noqa: E402
from test_hostile import OBEYED  # noqa: E402

FORMS = {case.name: case for case in CASES}
RECORD = json.loads((HERE / "outcomes/fields.json").read_text(encoding="ascii"))["cases"]
COUNT = 27
# Energon does not decode texts that are not fields; for us, invalid UTF-8 is still an error
STRICTER = {"json": "g", "within-json": "g", "loader": "fg", "crude-parts": "fg"}
FAILS = {"no-such-class", "other-module", "other-key", "number"}  # it fails in ways that are predicted as unknown


def check(folder: Path, *words: str) -> Any:
    return json.loads(run(".", "-t", "energon", "-f", "json", "--show", "info", *words, cwd=folder).out)


def cases_of(report: Any, rule: str) -> set[str]:
    return {one.get("case", "") for one in report["findings"] if one["rule"] == rule}


def test_the_records_are_of_all_forms() -> None:
    assert list(RECORD) == list(FORMS) and len(RECORD) == COUNT


@pytest.mark.parametrize("name", FORMS)
def test_fields(name: str, tmp_path: Path) -> None:
    case: Fields = FORMS[name]
    put(case, tmp_path)
    report, recorded = check(tmp_path, "--no-index"), RECORD[name]
    by_row = {one["row"]: one["effect"] for one in report["effects"]}
    effects = {key: by_row.get(row, "fine") for row, key in enumerate(KEYS)}
    found = cases_of(report, "ARC816")
    assert found == {case.finds} - {""} | ({"unfollowed"} if name == "space" else set())
    assert report["summary"]["trainer"]["fine"] == sum(effect == "fine" for effect in effects.values())
    if "misfit" in found:
        assert "error" in recorded or not recorded["samples"]
        return
    assert ("error" in recorded) == (name in FAILS)
    assert not [key for key, effect in effects.items() if effect == "fine" and key not in recorded["samples"]], effects
    lost = {key for key, effect in effects.items() if effect in ("dropped", "refused")}
    assert lost & set(recorded["samples"]) == set(STRICTER.get(name, "")), effects


def test_other_trainers_do_not_read_it(tmp_path: Path) -> None:
    put(FORMS["empty"], tmp_path)
    done = run(".", "--no-index", "-f", "json", cwd=tmp_path)
    assert {one["effect"] for one in json.loads(done.out)["findings"] if one.get("case") == "field"} == {"fine"}


def test_a_new_map_is_noticed_by_the_next_run(tmp_path: Path) -> None:
    put(FORMS["crude"], tmp_path)
    assert "field" not in cases_of(check(tmp_path), "ARC812") | cases_of(check(tmp_path), "ARC812")
    put(FORMS["caption"], tmp_path)
    assert "field" in cases_of(check(tmp_path), "ARC812") & cases_of(check(tmp_path), "ARC812")
    (tmp_path / ".nv-meta/dataset.yaml").unlink()
    assert "field" not in cases_of(check(tmp_path), "ARC812")


@pytest.mark.parametrize("text", ["", "[", "7", "field_map: 7", "a: &a [x,x]\nfield_map: *a", "\0", "<<: {a: 1}", "__class__: [7]", "sample_type: x",
                                  "sample_loader: [7]", "x\x1b[2J: 1", "sample_loader: \"\\e[2J\\u202e\"", "field_map: {image: '[', a: '[]]', b: ',,,'}",
                                  "part_filter: x", "!!python/object/apply:os.system ['touch run']",
                                  "sample_type: {__module__: megatron.energon, __class__: CaptioningSample}\nfield_map: {"
                                  + ", ".join(f"f{i}: 'p{i},q{i},r{i},s{i},t{i}'" for i in range(40)) + "}"])  # fmt: skip
def test_odd_files(text: str, tmp_path: Path) -> None:
    """What is not understood is never called fine, and nothing in it is run."""
    put(FORMS["crude"], tmp_path)
    (tmp_path / ".nv-meta/dataset.yaml").write_text(text)
    report = check(tmp_path, "--no-index")
    assert cases_of(report, "ARC816") and not report["summary"]["trainer"].get("fine") or "misfit" in cases_of(report, "ARC816")
    assert not OBEYED.search(run(".", "-t", "energon", "--no-index", cwd=tmp_path).out.decode())
    assert not (tmp_path / "run").exists()
