"""The fixtures: each case must yield exactly the findings of fixtures/expected.tsv.

LLAVA_CHECK is the path of the built program. It is run with one thread and with eight, and must
print the same, byte for byte.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from program import program, runner

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"
sys.path.insert(0, str(FIXTURES))

from cases import INFOS, RULES, WARNINGS  # noqa: E402  (its folder is not a package)

CASE_COUNT = 937
LOADED_JPEG_COUNT = 79
# The cases of rules/ share a folder of images, so each of them leaves most images unused.
NOT_COMPARED = {"SET602"}
TIMEOUT_S = 60


class Case(NamedTuple):
    path: str
    exit_code: int
    findings: list[str]
    places: dict[str, str]  # finding: line:column:offset


def read_cases() -> list[Case]:
    cases = []
    for line in (FIXTURES / "expected.tsv").read_text(encoding="utf-8").splitlines():
        path, exit_code, findings, *places = line.split("\t")
        pairs = (text.rsplit("=", 1) for text in " ".join(places).split())
        cases.append(Case(path, int(exit_code), findings.split(), {k: v for k, v in pairs}))
    return cases


CASES = read_cases()
BY_CASE = {"CNV301", "CNV302", "CNV306", "CNV308", "CNV309", "CNV314", "TOK406"}  # a row may have one of each case


def read_of_cases() -> dict[str, list[str]]:
    """Return, for each fixture, its findings that have a case, as CODE.case@row."""
    lines = (Path(__file__).parent / "fixture_cases.tsv").read_text(encoding="utf-8").splitlines()
    return {path: findings.split(" ") for path, findings in (line.split("\t") for line in lines)}


OF_CASES = read_of_cases()


def quote(text: str) -> str:
    """Percent-encode as expected.tsv does."""
    return "".join(f"%{ord(c):02X}" if c <= " " or c in "%\x7f" else c for c in text)


def name(finding: dict[str, Any]) -> str:
    """Write a finding of the report as in expected.tsv."""
    if "row" in finding:
        where = str(finding["row"])
    elif "image" in finding:
        where = finding["image"]
    elif finding["rule"] in {"ROW206", "ROW207"}:
        where = f"id:{finding['id']}"
    else:
        where = "-"
    return f"{finding['rule']}@{quote(where)}"


def name_case(finding: dict[str, Any]) -> str:
    """The same with the case of the rule, as in fixture_cases.tsv."""
    return name(finding).replace("@", f".{finding['case']}@", 1)


def run(path: str, threads: int, report: Path) -> tuple[runner.Ended, bytes]:
    report.unlink(missing_ok=True)
    command = [program(), "check", FIXTURES / path, "--no-index", "--threads", str(threads)]
    done = runner.run(
        [*command, "--show", "info", "--report", report],
        env={**os.environ, "LC_ALL": "C", "TZ": "UTC"},
        timeout=TIMEOUT_S,
    )
    assert report.exists(), f"no report; exit code {done.returncode}\n{done.stderr!r}"
    return done, report.read_bytes()


def level(finding: dict[str, Any], case: Case) -> str:
    """Return the level that a finding must have."""
    code, exit_code = finding["rule"], case.exit_code
    if finding.get("case") in ("thin", "long-thin") or (code == "JSN118" and finding.get("case", "").startswith("long")):
        return "info"
    if (code, finding.get("case")) in {("CNV308", "both"), ("TOK404", "system")}:
        return "warning"
    if (code, finding.get("case")) in {("CNV301", "part"), ("ROW201", "list-of-turns"), ("ROW209", "beside-parts")}:
        return "warning"
    if (code, finding.get("case")) == ("CNV309", "assistant"):
        return "info"
    if code == "CNV314":
        of_one = {"list": "info", "tagged": "info", "arguments": "info", "absent": "error", "absent-disordered": "error", None: "info"}
        return of_one.get(finding.get("case"), "warning")
    if (code, finding.get("case")) == ("ROW219", None):
        return "info"
    if code == "CNV313":
        return "info" if finding.get("case") in {"turns", "lists", "texts", "beside-answer"} else "warning"
    if code == "TOK404" and case.path.endswith("-texts.json"):
        return "warning"  # programs that read messages count not only the placeholders of questions
    if code == "TOK402" and finding.get("case", "").endswith(("texts", "text-parts")):
        return "info"  # programs insert it
    if (code, finding.get("case")) == ("TOK401", "rejected") or (code, exit_code) == ("TOK404", 0):
        return finding["severity"]  # several levels are possible: expected.tsv has the exit code
    if code == "CNV305" and case.path.endswith("CNV308-fires-parts.json"):
        return "warning"  # a row of messages may be a prompt
    if code == "CNV305":
        return "error" if finding.get("case", "").startswith("no-answer") else "warning"
    if code == "IMG511":  # both levels are possible; such a case has no other finding
        return "error" if exit_code else "warning"
    return "info" if code in INFOS else "warning" if code in WARNINGS else "error"


@pytest.mark.parametrize("case", CASES, ids=[case.path for case in CASES])
def test_case(case: Case, tmp_path: Path) -> None:
    done, data = run(case.path, 1, tmp_path / "report.json")
    done_by_eight, data_by_eight = run(case.path, 8, tmp_path / "report.json")
    assert data == data_by_eight
    assert done.stdout == done_by_eight.stdout

    found = [f for f in json.loads(data)["findings"] if f["rule"] not in NOT_COMPARED]
    of_cases = {name_case(f) for f in found if "case" in f}
    assert of_cases == set(OF_CASES.get(case.path.replace("demo/llava_demo.json", "demo"), []))
    several = Counter(name(f) for f in found if f["rule"] in BY_CASE)  # a finding for each case
    plain = Counter(name(f) for f in found if f["rule"] not in BY_CASE)
    assert plain + Counter(set(several)) == Counter(case.findings), done.stderr
    assert {(f["rule"], f["severity"]) for f in found} == {
        (f["rule"], level(f, case)) for f in found
    }
    assert (done.returncode, done_by_eight.returncode) == (case.exit_code, case.exit_code)
    places = {
        name(f): f"{f.get('line')}:{f.get('column')}:{f.get('offset')}"
        for f in found
        if name(f) in case.places
    }
    assert places == case.places


def test_number_of_cases() -> None:
    assert len(CASES) == CASE_COUNT
    assert len({case.path for case in CASES}) == CASE_COUNT
    on_disk = {f"rules/{p.name}" for p in (FIXTURES / "rules").glob("*.json*")}
    assert on_disk == {case.path for case in CASES if case.path.startswith("rules/")}


@pytest.mark.parametrize("code", RULES)
def test_rule_has_cases(code: str) -> None:
    """Each rule has a case that fires it, one that does not, and lines in the README."""
    readme = (FIXTURES / "README.md").read_text(encoding="utf-8")
    fired = {case.path: {f.split("@")[0] for f in case.findings} for case in CASES}
    fires = [path for path in fired if path.startswith(f"rules/{code}-fires-")]
    ok = [path for path in fired if path.startswith(f"rules/{code}-ok-")]
    assert fires and all(code in fired[path] for path in fires)
    assert ok and not any(code in fired[path] for path in ok)
    assert all(f"| `{path}` |" in readme for path in fires + ok)


def test_every_family_is_in_the_demo() -> None:
    demo = next(case for case in CASES if case.path == "demo")
    assert {f[:3] for f in demo.findings} == {code[:3] for code in RULES} - {"SET"}


def test_tree_is_what_the_script_makes() -> None:
    done = subprocess.run(
        [sys.executable, str(FIXTURES / "make.py"), "--check"], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_libjpeg_warns_of_damaged_images_only() -> None:
    """Of the images that Pillow loads, djpeg warns about those of IMG509, and no others."""
    djpeg = shutil.which("djpeg")
    assert djpeg, "djpeg is not installed (libjpeg-turbo-progs)"
    damaged = {f.split("@")[1] for c in CASES for f in c.findings if f.startswith("IMG509@")}
    bad = {f.split("@")[1] for c in CASES for f in c.findings if f.startswith("IMG50")}
    seen = 0
    for root in (FIXTURES / "rules/images", FIXTURES / "demo/images"):
        for path in sorted(p for p in root.rglob("*") if p.is_file()):
            image = path.relative_to(root).as_posix()
            if path.read_bytes()[:2] != b"\xff\xd8" or image in bad - damaged:
                continue
            said = subprocess.run([djpeg, "-outfile", os.devnull, path], capture_output=True).stderr
            assert bool(said) == (image in damaged), (image, said)
            seen += 1
    assert seen == LOADED_JPEG_COUNT
