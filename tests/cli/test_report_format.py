"""Every JSON report is as docs/report-format.md says."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from program import FIXTURES, REPOSITORY, make_small, run

DOC = REPOSITORY / "docs/report-format.md"
COMMON = {"rule": str, "name": str, "severity": str, "message": str}
ABOUT_ROW = {"file": str, "line": int, "column": int, "offset": int}
ABOUT_ROW_MAYBE = {"row": int, "id": str, "turn": int}
COUNTS = (
    "rows rows_ok rows_text_only turns words images_referenced images images_ok "
    "images_unverified image_bytes"
).split()
FINDING_COUNTS = {"demo": 17, "rules": 200}  # at least


def check_users(users: dict[str, Any]) -> None:
    assert set(users) == {"count", "first"}
    assert len(users["first"]) == min(users["count"], 3) > 0
    for user in users["first"]:
        assert list(user) == ["file", "row", "line"]


def check_finding(finding: dict[str, Any], codes: dict[str, str]) -> tuple[Any, ...]:
    """Check one finding; return what it must be sorted by."""
    rest = dict(finding)
    for name, kind in COMMON.items():
        assert type(rest.pop(name)) is kind
    assert codes[finding["rule"]] == finding["name"]
    assert finding["severity"] in ("error", "warning", "info")
    assert finding["message"] and "\n" not in finding["message"]
    rank = list(codes).index(finding["rule"])
    if "file" in rest:
        for name, kind in ABOUT_ROW.items():
            assert type(rest.pop(name)) is kind
        for name, kind in ABOUT_ROW_MAYBE.items():
            assert type(rest.pop(name, kind())) is kind
        assert not rest and finding["line"] >= 1 and finding["column"] >= 1
        whole = 0 if not finding["offset"] else 1 << 64
        return (1, finding["file"].encode(), finding.get("row", whole), rank)
    check_users(rest.pop("rows"))
    if "image" in rest:
        assert list(rest) == ["image"]
        return (2, finding["image"].encode(), 0, rank)
    assert list(rest) == ["id"]
    first = finding["rows"]["first"][0]
    return (3, first["file"].encode(), first["row"], rank)


def rule_names(scratch: Path) -> dict[str, str]:
    lines = run("rules", cwd=scratch).out.decode().splitlines()
    return {line.split()[0]: line.split()[2] for line in lines}


@pytest.mark.parametrize("name", FINDING_COUNTS)
def test_members_and_order(name: str, tmp_path: Path) -> None:
    done = run("check", FIXTURES / name, "--no-index", "-f", "json", "--show", "info", cwd=tmp_path)
    report = json.loads(done.out.decode("utf-8"))
    assert list(report) == ["schema", "tool", "dataset", "summary", "findings"]
    assert report["schema"] == 1 and report["tool"]["name"] == "llava-check"
    assert list(report["dataset"]) == ["path", "rows_files", "image_root", "trainer"]
    summary = report["summary"]
    assert list(summary) == [*COUNTS, "by_severity", "by_rule", "complete"]
    assert summary["complete"] is True
    findings = report["findings"]
    codes = rule_names(tmp_path)
    order = [check_finding(f, codes) for f in findings]
    assert order == sorted(order) and len(order) >= FINDING_COUNTS[name]
    assert {o[0] for o in order} >= {1, 2}
    for member, key in (("by_rule", "rule"), ("by_severity", "severity")):
        seen = {k: sum(f[key] == k for f in findings) for k in summary[member]}
        assert summary[member] == seen
    assert sum(summary["by_rule"].values()) == len(findings)
    assert str(tmp_path) not in done.out.decode() and str(FIXTURES) not in done.out.decode()


def test_each_finding_has_a_line(tmp_path: Path) -> None:
    done = run(FIXTURES / "demo", "--no-index", "-f", "json", cwd=tmp_path)
    lines = [li for li in done.out.decode().splitlines() if li.startswith('    {"rule":"')]
    assert [json.loads(li.rstrip(",")) for li in lines] == json.loads(done.out)["findings"]


def test_places_lead_to_the_matter(tmp_path: Path) -> None:
    """Line, column and offset are the same place."""
    done = run(FIXTURES / "demo", "--no-index", "-f", "json", cwd=tmp_path)
    seen = 0
    for finding in json.loads(done.out)["findings"]:
        if "file" in finding:
            before = (FIXTURES / "demo" / finding["file"]).read_bytes()[: finding["offset"]]
            assert finding["line"] == before.count(b"\n") + 1
            assert finding["column"] == len(before.split(b"\n")[-1].decode()) + 1
            seen += 1
    assert seen == 8


def test_show_leaves_out_and_still_counts(tmp_path: Path) -> None:
    said = {}
    for level in ("info", "warning", "error"):
        at = ["check", FIXTURES / "rules", "--no-index", "-f", "json", "--show", level]
        said[level] = json.loads(run(*at, cwd=tmp_path).out)
    assert said["info"]["summary"] == said["warning"]["summary"] == said["error"]["summary"]
    counts = said["info"]["summary"]["by_severity"]
    assert all(counts.values())
    assert len(said["error"]["findings"]) == counts["error"]
    assert len(said["warning"]["findings"]) == counts["error"] + counts["warning"]
    assert len(said["info"]["findings"]) == sum(counts.values())


def test_what_is_not_utf8(tmp_path: Path) -> None:
    folder = make_small(tmp_path / "set")
    rows = folder / "rows.json"
    text = '[{"id": "half \\ud83d", "image": "no\\nsuch\\u0001.jpg", "conversations": []}]'
    rows.write_text(text)
    rows.rename(folder / "caf\udce9.json")
    done = run("set", "-f", "json", cwd=tmp_path)
    report = json.loads(done.out.decode("utf-8"))
    assert report["dataset"]["rows_files"] == ["caf\\xe9.json"]
    found = {f["rule"]: f for f in report["findings"]}
    assert found["JSN108"]["file"] == "caf\\xe9.json"
    assert found["JSN108"]["id"] == "half \\xed\\xa0\\xbd"
    assert found["IMG501"]["image"] == "no\nsuch\x01.jpg"


def test_the_description_names_every_member() -> None:
    described = DOC.read_text(encoding="utf-8")
    names = [*COMMON, *ABOUT_ROW, *ABOUT_ROW_MAYBE, *COUNTS, "by_severity", "by_rule", "complete"]
    names += ["image", "rows", "count", "first", "schema", "tool", "dataset", "summary", "findings"]
    missing = [name for name in names if not re.search(rf"`{name}`", described)]
    assert not missing
    example = json.loads(re.search(r"```json\n(.*?)```", described, re.S).group(1))  # type: ignore
    assert list(example) == ["schema", "tool", "dataset", "summary", "findings"]
