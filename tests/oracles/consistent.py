"""What a report says of findings, of rows and in its sums does not contradict itself.

`contradictions(report)` works on any JSON report that lists all findings:

- A finding has no effect that outranks what happens to its row. A finding about an image, or about two
  columns of a file, is borne out by one row at least. (A row that is left out is never looked at again,
  so nothing outranks "dropped" but a file that is not loaded.)
- What happens to a row is the effect of one of its findings, or of one about its file, or the row that
  would replace it fails too. The effects of dialects, of image formats and of lengths have no finding:
  rows of files that may have these are not held to this.
- The sums over rows are those of the rows.
"""

from __future__ import annotations

import collections
import functools
import re
from pathlib import Path
from typing import Any

EFFECTS = Path(__file__).resolve().parents[2] / "src/rules/effects"
RANKS = ("fine", "unknown", "altered", "dropped", "replaced", "crash", "refused")
LOST = {("JSN117", ""), ("ROW218", "preference")}  # they are about other rows of the file


def outranks(effect: str, other: str) -> bool:
    if "dropped" in (effect, other) and "refused" not in (effect, other):
        return effect == "dropped" != other
    return RANKS.index(effect) > RANKS.index(other)


@functools.cache
def own_effects(trainer: str) -> tuple[frozenset[str], bool]:
    """Return the dialects on which a trainer has effects of their own, and whether it has some on image formats."""
    name = {"llava-1.5": "llava_15"}.get(trainer, trainer.replace("-", "_"))
    text = (EFFECTS / f"{name}.def").read_text(encoding="utf-8")
    return frozenset(re.findall(r"^LC_DIALECT\(([\w-]+)", text, re.M)), "\nLC_FORMAT(" in text


def is_about_others(finding: dict[str, Any]) -> bool:
    return finding["rule"] == "JSN117" or (finding["rule"], finding.get("case", "")) in LOST


def contradictions(report: dict[str, Any]) -> list[str]:
    rows: dict[tuple[str, int], str] = {}
    plain: set[str] = set()  # files whose rows have effects only by findings
    trainer = report["summary"]["trainer"]
    dialects, formats = own_effects(trainer["name"])
    for file in report["dataset"]["files"]:
        rows |= {(file["name"], row): "fine" for row in range(file["rows"])}
        if file.get("dialect", "") not in dialects and not formats:
            plain.add(file["name"])
    longer = set()
    for row in report["effects"]:
        rows[row["file"], row["row"]] = row["effect"]
        if "tokens" in row:
            longer.add((row["file"], row["row"]))
    found = of_findings(report, rows)
    counts = collections.Counter(rows.values())
    if any(counts[effect] != trainer[effect] for effect in RANKS):
        found.append(f"sums {trainer}, but rows {dict(counts)}")
    for (file, row), effect in rows.items():
        if effect == "fine" or file not in plain or (file, row) in longer:
            continue
        causes = {finding["effect"] for finding in report["findings"] if reaches(finding, file, row)}
        if effect == "crash" and "replaced" in causes:
            continue  # by a row that fails too
        if effect == "unknown" and any(f["effect"] == "dropped" and is_about_others(f) for f in report["findings"]):
            continue  # its turns, or answers, are in the column that is read
        if effect == "refused" and counts["refused"] == len(rows):
            continue  # no row is left, or none can be read
        if effect == "refused" and "replaced" in causes and counts["refused"] + counts["dropped"] == len(rows):
            continue  # no other row can replace it
        if effect not in causes:
            found.append(f"row {row} is {effect}, but its findings {sorted(causes)}")
    return found


def of_findings(report: dict[str, Any], rows: dict[tuple[str, int], str]) -> list[str]:
    found = []
    for finding in report["findings"]:
        what = f"{finding['rule']} {finding.get('case', '')} is {finding['effect']}"
        places = places_of(finding)
        if is_about_others(finding):
            places = [place for place in rows if place[0] == finding["file"]]
        elif "rows" in finding and len(places) < finding["rows"]["count"]:
            continue  # not all rows are listed
        if places and all(outranks(finding["effect"], rows.get(place, "fine")) for place in places):
            found.append(f"{what}, but rows {places[:3]} are {sorted({rows.get(place, 'fine') for place in places})}")
    return found


def places_of(finding: dict[str, Any]) -> list[tuple[str, int]]:
    if "row" in finding:
        return [(finding["file"], finding["row"])]
    return [(row["file"], row["row"]) for row in finding.get("rows", {}).get("first", [])]


def reaches(finding: dict[str, Any], file: str, row: int) -> bool:
    places = places_of(finding)
    if is_about_others(finding):
        return places[0][0] == file
    return not places or (file, row) in places or len(places) < finding.get("rows", {}).get("count", 0)
