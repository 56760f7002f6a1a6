"""Which findings are reported: --select, --ignore, --severity, per-folder-ignores, --max-findings."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from program import FIXTURES, Done, assert_complaint, copy_fixture, make_small, row, run, write_rows


@pytest.fixture(scope="module", name="demo")
def make_demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo, checked once; reports are made from its index."""
    folder = tmp_path_factory.mktemp("select")
    copy_fixture(FIXTURES / "demo", folder / "demo")
    assert run("demo", "-q", cwd=folder).code == 1
    return folder


def report(folder: Path, *options: str) -> tuple[int, dict[str, Any]]:
    done = run("report", "demo", "-f", "json", "--show", "info", *options, cwd=folder)
    assert done.code in (0, 1), done.err
    return done.code, json.loads(done.out)


def reported(folder: Path, *options: str) -> Counter[str]:
    return Counter(f["rule"] for f in report(folder, *options)[1]["findings"])


def withheld(data: dict[str, Any]) -> int:
    by = data["summary"]["withheld"]
    return sum(sum(by[reason].values()) for reason in ("by_selection", "by_folders", "by_baseline"))


# options, and whether each rule of the demo is reported
CASES: list[tuple[tuple[str, ...], dict[str, bool]]] = [
    (("--select", "IMG"), {"IMG501": True, "TOK402": False, "JSN101": False}),
    (("--select", "img501"), {"IMG501": True, "IMG503": False}),
    (("--select", "image-missing"), {"IMG501": True, "IMG503": False}),
    (("--select", "IMG,TOK"), {"IMG501": True, "TOK402": True, "CNV302": False}),
    (("--select", "IMG", "--select", "TOK"), {"IMG501": True, "TOK402": True, "CNV302": False}),
    (("--ignore", "IMG"), {"IMG501": False, "TOK402": True}),
    (("--ignore", "I"), {"IMG501": False, "TOK402": True}),
    (("--ignore", "all"), {"IMG501": False, "TOK402": False}),
    (("--select", "IMG", "--ignore", "IMG50"), {"IMG501": False, "IMG510": True}),
    (("--select", "IMG501", "--ignore", "IMG"), {"IMG501": True, "IMG503": False}),
    (("--select", "IMG50", "--ignore", "IMG,IMG503"), {"IMG501": True, "IMG503": False}),
    (("--select", "IMG", "--ignore", "IMG"), {"IMG501": False}),
    (("--select", "IMG501", "--ignore", "image-missing"), {"IMG501": False}),
    (("--select", "IMG", "--ignore", "all"), {"IMG501": True, "TOK402": False}),
    (("--select", "all", "--ignore", "IMG5"), {"IMG501": False, "TOK402": True}),
    (("--severity", "IMG=off"), {"IMG501": False, "TOK402": True}),
    (("--severity", "IMG=off", "--severity", "IMG501=warning"), {"IMG501": True, "IMG503": False}),
    (("--severity", "IMG501=warning", "--severity", "IMG=off"), {"IMG501": True, "IMG503": False}),
    (("--severity", "IMG501=off", "--select", "IMG501"), {"IMG501": False}),
]


@pytest.mark.parametrize("options, expected", CASES)
def test_the_more_specific_decides(demo: Path, options: tuple[str, ...],
                                   expected: dict[str, bool]) -> None:
    whole = reported(demo)
    code, data = report(demo, *options)
    found = Counter(f["rule"] for f in data["findings"])
    assert {rule: rule in found for rule in expected} == expected
    assert all(whole[rule] == count for rule, count in found.items())
    assert data["summary"]["by_rule"] == dict(found)
    assert sum(data["summary"]["by_severity"].values()) == sum(found.values())
    assert withheld(data) == sum(whole.values()) - sum(found.values())
    errors = data["summary"]["by_severity"]["error"]
    assert code == (1 if errors else 0)


@pytest.mark.parametrize("options, parts", [
    (("--select", "IMG50Y"), ("unknown rule 'IMG50Y'", "did you mean 'IMG501'?")),
    (("--ignore", "image-mising"), ("did you mean 'image-missing'?",)),
    (("--ignore", "IMG,XYZ"), ("unknown rule 'XYZ'", "llava-check rules")),
    (("--ignore", ","), ("--ignore is empty",)),
    (("--ignore", "\x1b[31m"), ("unknown rule", "\\x1b")),
    (("--severity", "IMG501"), ("CODE=LEVEL", "'IMG501'")),
    (("--severity", "IMG501=fatal"), ("info, warning, error or off", "'fatal'")),
    (("--severity", "CNW=off"), ("unknown rule 'CNW'",)),
    (("--max-findings", "0"), ("--max-findings", "of at least 1")),
    (("--max-findings", "x"), ("--max-findings", "'x'")),
])
def test_bad_selections(demo: Path, options: tuple[str, ...], parts: tuple[str, ...]) -> None:
    assert_complaint(run("report", "demo", *options, cwd=demo), *parts)


def test_the_data_stays_what_it_is(demo: Path) -> None:
    """A selection hides findings, but does not change facts: rows, images and what a trainer does."""
    whole, none = report(demo)[1], report(demo, "--ignore", "all")[1]
    for name in ("dataset", "statistics", "mixture", "image_statistics", "effects"):
        assert whole[name] == none[name]
    changed = {"by_severity", "by_rule", "withheld", "listed"}
    for name, value in whole["summary"].items():
        assert (none["summary"][name] != value) == (name in changed), name


def test_effects_are_those_of_the_level_that_was_found(demo: Path) -> None:
    plain = {json.dumps({**f, "severity": ""}) for f in report(demo)[1]["findings"]}
    leveled = report(demo, "--severity", "all=info")[1]
    assert {json.dumps({**f, "severity": ""}) for f in leveled["findings"]} == plain
    assert {f["severity"] for f in leveled["findings"]} == {"info"}


def test_nothing_withheld_looks_clean(demo: Path) -> None:
    done = run("report", "demo", "--ignore", "all", cwd=demo)
    assert done.code == 0
    assert done.out.decode().splitlines()[-1].startswith(
        "OK: 15 errors, 2 warnings and 4 notes ignored by --ignore; no other errors in 43 rows")


def test_levels_decide_the_exit_code(demo: Path) -> None:
    def code(*options: str) -> int:
        return run("report", "demo", "-q", *options, cwd=demo).code

    assert code("--severity", "all=warning") == 0
    assert code("--severity", "all=warning", "--fail-on", "warning") == 1
    assert code("--select", "CNV311", "--severity", "CNV311=error") == code("--select", "CNV311",
                                                                             "--fail-on", "info")
    assert code("--exit-zero") == 0
    done = run("report", "demo", "--exit-zero", cwd=demo)
    assert done.out.decode().splitlines()[-1].startswith("FAILED: 15 errors")
    assert run("report", "nowhere", "--exit-zero", cwd=demo).code == 2


def test_the_index_holds_all(demo: Path) -> None:
    """A check with a selection writes the same index as one without it."""
    assert run("demo", "--ignore", "all", "-q", cwd=demo).code == 0
    assert run("report", "demo", "-q", cwd=demo).code == 1


def test_max_findings(demo: Path) -> None:
    def listed(form: str, *options: str) -> Done:
        return run("report", "demo", "-f", form, "--max-findings", "3", *options, cwd=demo)

    done = listed("json")
    data = json.loads(done.out)
    assert len(data["findings"]) == data["summary"]["listed"] == 3
    assert data["summary"]["by_severity"]["error"] == 15
    assert done.err == "note: --max-findings: 3 of 17 findings are listed\n"
    assert listed("json", "-q").err == ""
    assert len(listed("jsonl").out.splitlines()) == 3 + 1  # and the verdict
    assert len(list(csv.reader(io.StringIO(listed("csv").out.decode())))) == 1 + 3 + 1
    sarif = json.loads(listed("sarif").out)["runs"][0]
    rules = {result["ruleId"] for result in sarif["results"]}
    assert len(sarif["results"]) == len(rules)  # one for each rule, if its findings share an entry
    assert sum(r["properties"].get("findings", 1) for r in sarif["results"]) == 17
    assert sarif["properties"]["errors"] == 15
    text = listed("text")
    assert text.err == "" and text.out.decode().splitlines()[-1].startswith("FAILED: 15 errors")


def test_max_findings_in_text(tmp_path: Path) -> None:
    write_rows(tmp_path / "rows.json", [row(i, f"{i}.jpg") for i in range(9)])
    run("rows.json", "-q", cwd=tmp_path)
    for most, shown in ((None, 3), ("1", 1), ("7", 7), ("20", 9)):
        options = ["--max-findings", most] if most else []
        out = run("report", "rows.json", *options, cwd=tmp_path).out.decode()
        assert sum(".jpg: no such file" in line for line in out.splitlines()) == shown
        assert (f"and {9 - shown} more" in out) == (shown < 9)


# ---- folders


def make_folders(folder: Path) -> Path:
    """Make rows with missing images in two folders below images/; one row names both folders."""
    make_small(folder)
    rows = [row("a", "coco/1.jpg"), row("b", "charts/2.jpg"), row("c", "charts/deep/3.jpg"),
            row("d", ["charts/2.jpg", "coco/1.jpg"]), row("e", "./charts/4.jpg"), row("f", "a.jpg")]
    for entry in rows[:3]:
        entry["conversations"][0]["value"] = "What is it?"  # TOK402
    write_rows(folder / "rows.json", rows)
    write_rows(folder / "more.json", [row("b", "a.jpg"), row("b", "a.jpg", "Two."), row("g", None), row("g", None)])
    return folder


FOLDERS: list[tuple[str, str, set[str]]] = [
    # pattern, rules, what is still reported: paths of images, ids of rows
    ("images/charts/**", "IMG", {"coco/1.jpg"}),
    ("images/charts", "IMG", {"coco/1.jpg"}),
    ("images/charts/", "IMG", {"coco/1.jpg"}),
    ("charts", "IMG", {"coco/1.jpg"}),
    ("charts/*", "IMG", {"coco/1.jpg"}),
    ("charts/*.jpg", "IMG", {"coco/1.jpg", "charts/deep/3.jpg"}),
    ("**/*.jpg", "IMG", set()),
    ("**/3.jpg", "IMG", {"coco/1.jpg", "charts/2.jpg", "./charts/4.jpg"}),
    ("**/deep", "image-missing", {"coco/1.jpg", "charts/2.jpg", "./charts/4.jpg"}),
    ("**/charts/**/3.jpg", "IMG", {"coco/1.jpg", "charts/2.jpg", "./charts/4.jpg"}),
    ("charts/?.jpg", "IMG", {"coco/1.jpg", "charts/deep/3.jpg"}),
    ("chart", "IMG", {"coco/1.jpg", "charts/2.jpg", "charts/deep/3.jpg", "./charts/4.jpg"}),
    ("c*", "IMG", set()),
    ("*", "IMG", set()),
    ("charts", "TOK", {"coco/1.jpg", "charts/2.jpg", "charts/deep/3.jpg", "./charts/4.jpg"}),
]


def folder_report(folder: Path, pattern: str, rules: str, *options: str) -> dict[str, Any]:
    (folder.parent / "my.yaml").write_text(f'per-folder-ignores: {{"{pattern}": {rules}}}\n')
    done = run("report", folder, "-f", "json", "--config", "my.yaml", *options, cwd=folder.parent)
    assert done.code in (0, 1), done.err
    return json.loads(done.out)


@pytest.fixture(scope="module", name="folders")
def fixture_folders(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = make_folders(tmp_path_factory.mktemp("folders") / "data")
    assert run(folder, "--images", folder / "images", "-q", cwd=folder.parent).code == 1
    return folder


@pytest.mark.parametrize("pattern, rules, expected", FOLDERS)
def test_images_in_folders(folders: Path, pattern: str, rules: str, expected: set[str]) -> None:
    data = folder_report(folders, pattern, rules, "--select", "IMG501")
    assert {f["image"] for f in data["findings"]} == expected
    assert data["summary"]["withheld"]["by_folders"]["error"] == 4 - len(expected)


@pytest.mark.parametrize("pattern, expected", [
    ("rows.json", set()),
    ("charts", {"a"}),  # every image of the row is there
    ("images/**", set()),
    ("*.json", set()),
    ("more.json", {"a", "b", "c"}),
])
def test_rows_in_folders(folders: Path, pattern: str, expected: set[str]) -> None:
    data = folder_report(folders, pattern, "TOK402", "--select", "TOK402")
    assert {f["id"] for f in data["findings"]} == expected


@pytest.mark.parametrize("pattern, expected", [
    ("more.json", {"b"}),  # one of its rows is elsewhere
    ("*.json", set()),
    ("rows.json", {"b", "g"}),
])
def test_ids_in_folders(folders: Path, pattern: str, expected: set[str]) -> None:
    data = folder_report(folders, pattern, "ROW206", "--select", "ROW206")
    assert {f["id"] for f in data["findings"]} == expected


def test_patterns_end(folders: Path) -> None:
    """Matching many stars takes hardly any time."""
    data = folder_report(folders, "*a" * 40 + "**/x" * 40, "IMG", "--select", "IMG501")
    assert len(data["findings"]) == 4


def test_verify_takes_a_selection(tmp_path: Path) -> None:
    make_small(tmp_path / "data")
    run("data", "-q", cwd=tmp_path)
    (tmp_path / "data/images/a.jpg").unlink()
    assert run("verify", "data", "-q", cwd=tmp_path).code == 1
    done = run("verify", "data", "--ignore", "IDX", cwd=tmp_path)
    assert done.code == 0
    assert done.out.decode().splitlines()[-1] == (
        "OK: 1 error ignored by --ignore; 2 of 3 files contain the bytes that were indexed")
