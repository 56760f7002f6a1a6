"""Classify what a program did with a case: an outcome for the file and for each row.

    refused   the job does not start
    crash     the job ends when it reaches the row
    replaced  another row is used in its place
    dropped   the row is left out
    altered   the row is trained, but not as written
    fine      the row is trained as written
"""

from __future__ import annotations

import dataclasses
from typing import Any

from expect import LEFT_OUT, Expected, Sample, Template, difference, expected, marks, marks_of_row


@dataclasses.dataclass
class Seen:
    """What a program did with a case.

    start    "" or the exception
    length   the number of rows that it found, None if unknown
    rows     for each requested row: a sample, or the exception as text
    alone    for each of these: "" or the exception of a batch of only that row
    batch    "" or the exception of a batch of all of them
    shifted  rows that have another row's images in that batch: {row: text}
    """

    start: str = ""
    length: int | None = None
    rows: list[Sample | str] = dataclasses.field(default_factory=list)
    alone: list[str] = dataclasses.field(default_factory=list)
    batch: str = ""
    shifted: dict[int, str] = dataclasses.field(default_factory=dict)


Pixels = dict[tuple[str, ...], list["str | None"]]  # expected digests by the paths of a row


def outcome(
    seen: Seen, rows: list[Any] | None, template: Template, pixels: Pixels, replaces: bool
) -> dict[str, Any]:
    """Return the record of a case: outcomes, and in `why` the reason for each that is not fine.

    `replaces`: whether the program ever replaces a row by another.
    """
    if seen.start:
        return {"start": seen.start}
    record: dict[str, Any] = {}
    if rows is None:  # the program reads rows from a file in which we find none
        kinds = ["crash" if isinstance(got, str) else "altered" for got in seen.rows]
        return {"loads": seen.length, "rows": kinds, "why": {}}
    if seen.length is not None and seen.length != len(rows):
        record["loads"] = seen.length
    want = [expected(row) for row in rows]
    if "loads" in record:
        judged = [judge_absent(number, rows, seen, want, template, pixels) for number in range(len(rows))]
    else:
        judged = [judge(number, rows, got, want, template, pixels) for number, got in enumerate(seen.rows)]
        if not replaces:
            judged = [("altered" if kind == "replaced" else kind, why) for kind, why in judged]
        for number, error in enumerate(seen.alone):
            if error and judged[number][0] in ("fine", "altered"):
                judged[number] = ("crash", "batch: " + error)
    record["rows"] = [kind for kind, _ in judged]
    record["why"] = {str(n): why for n, (kind, why) in enumerate(judged) if why}
    if seen.batch and not any(seen.alone):
        record["batch"] = seen.batch
    if seen.shifted:
        record["others"] = {str(n): text for n, text in sorted(seen.shifted.items())}
    return record


def judge(
    number: int, rows: list[Any], got: Sample | str, want: list[Expected | None], template: Template, pixels: Pixels
) -> tuple[str, str]:
    if isinstance(got, str):
        return "crash", got
    if got == LEFT_OUT:
        return "replaced", "by a row of its own"
    own = differs(got, want[number], template, pixels)
    if not own:
        return "fine", ""
    for other, wish in enumerate(want):
        if other != number and wish and rows[other] != rows[number] and not differs(got, wish, template, None):
            return "replaced", f"row {other}"
    mine, named = marks_of_row(rows[number]), marks(got.text)
    for other, row in enumerate(rows):
        if other != number and named and named[0] not in mine and named[0] in marks_of_row(row):
            return "replaced", f"row {other}"
    return "altered", own


def differs(got: Sample, want: Expected | None, template: Template, pixels: Pixels | None) -> str:
    if want is None:
        return "no such row as written"
    wish = None if pixels is None else pixels.get(want.images, [None] * len(want.images))
    return difference(got, template, want, wish)


def judge_absent(
    number: int, rows: list[Any], seen: Seen, want: list[Expected | None], template: Template, pixels: Pixels
) -> tuple[str, str]:
    """Judge a row if the program has fewer or more rows than the file: identify its samples by their text."""
    errors = [got for got in seen.rows if isinstance(got, str)]
    samples = [got for got in seen.rows if isinstance(got, Sample)]
    if any(not differs(got, want[number], template, pixels) for got in samples):
        return "fine", ""
    mine = marks_of_row(rows[number])
    for got in samples:
        if mine and set(marks(got.text)) & set(mine):
            return "altered", differs(got, want[number], template, pixels)
    if errors and len(seen.rows) > len(samples):
        return "crash", errors[0]
    return "dropped", ""
