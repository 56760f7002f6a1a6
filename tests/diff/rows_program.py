"""Runs llava-check on a rows file and reads its report.

LLAVA_CHECK is the path of the built program.
"""

from __future__ import annotations

import json
import os
import sys
from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple

sys.path.append(str(Path(__file__).resolve().parents[1] / "runner"))

import runner  # noqa: E402  (its folder is not a package)

TIMEOUT_S = 60
BY_CASE = {"CNV301", "CNV302", "CNV306", "CNV308", "CNV309", "CNV314", "TOK406"}


class Finding(NamedTuple):
    rule: str
    row: int | None  # None: about the whole file or the set
    severity: str
    id: str | None  # for a finding about an id
    case: str = ""  # of the rule


class Result(NamedTuple):
    exit_code: int
    rows: int
    findings: list[Finding]

    def errors(self, *prefixes: str) -> list[Finding]:
        return [f for f in self.findings if f.severity == "error" and f.rule.startswith(prefixes)]


def program() -> str:
    path = os.environ.get("LLAVA_CHECK", "")
    assert path, "LLAVA_CHECK must name the built program llava-check"
    assert os.access(path, os.X_OK), f"LLAVA_CHECK: no program at {path}"
    return path


def read_finding(finding: dict[str, Any]) -> Finding:
    about_id = finding.get("id") if "rows" in finding else None
    return Finding(finding["rule"], finding.get("row"), finding["severity"], about_id, finding.get("case", ""))


class Checker:
    """Writes rows files into one folder, and checks them against an empty image root."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.images = folder / "images"
        self.images.mkdir(exist_ok=True)
        self.report = folder / "report.json"

    def check(
        self, data: bytes, suffix: str = ".json", threads: int = 1, dialect: str = "llava"
    ) -> Result:
        rows = self.folder / f"rows{suffix}"
        rows.write_bytes(data)
        self.report.unlink(missing_ok=True)
        done = runner.run(
            [program(), "check", str(rows), "--dialect", dialect, "--no-index", "--quiet", "--show", "info",
             "--images", str(self.images), "--videos", str(self.images), "--threads", str(threads), "--report", str(self.report)],
            timeout=TIMEOUT_S,
        )  # fmt: skip
        assert done.returncode in (0, 1), (done.returncode, done.stderr[-1000:], data[:2000])
        report = json.loads(self.report.read_text(encoding="utf-8"))
        findings = [read_finding(finding) for finding in report["findings"]]
        return Result(done.returncode, report["summary"]["rows"], findings)


def by_row(findings: list[Finding]) -> Counter[tuple[int | str | None, str]]:
    """Count findings by (row or id, code), without those about images.

    For rules in BY_CASE, a row may have a finding of each case, and each case counts once.
    """
    found = Counter(
        (f.id if f.id is not None else f.row, f.rule, f.case)
        for f in findings
        if f.rule[:3] in ("JSN", "ROW", "CNV", "TOK") or f.rule == "SET605"
    )
    most: Counter[tuple[int | str | None, str]] = Counter()
    for (place, rule, _), count in found.items():
        most[place, rule] = max(most[place, rule], count) if rule in BY_CASE else most[place, rule] + count
    return most
