"""The rules of rows, written plainly from the catalogue on what json.loads gives.

A row's findings are a set of codes: one finding per row and code. Where the catalogue leaves room,
the reading that stands is written beside the rule.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from typing import Any, NamedTuple

PLACEHOLDER = "<image>"

# How often each (row, code) was found: a row's number, an id (ROW206), or None for the file.
Findings = Counter[tuple[int | str | None, str]]

# In the catalogue, and not judged here: rules that are being built, and those of whole files,
# which rows that were written on purpose do not break.
NOT_JUDGED = {
    "JSN109", "ROW207", "ROW209", "ROW210", "ROW211", "ROW212", "CNV307", "CNV308", "CNV309",
    "CNV310", "CNV311", "TOK405", "TOK406", "TOK407", "TOK408",
}  # fmt: skip


class Turn(NamedTuple):
    """A turn; what is no string is None."""

    role: str | None
    value: str | None

    @property
    def malformed(self) -> bool:
        return self.role is None or self.value is None

    @property
    def placeholders(self) -> int:
        return (self.value or "").count(PLACEHOLDER)


def is_blank(text: str) -> bool:
    return not text or text.isspace()


def string(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def read_turn(turn: Any) -> Turn:
    if not isinstance(turn, dict):
        return Turn(None, None)
    return Turn(string(turn.get("from")), string(turn.get("value")))


def id_text(row: Any) -> str | None:
    """The id as text, so that 7 and "7" are the same; None when there is no good one."""
    identity = row.get("id") if isinstance(row, dict) else None
    if isinstance(identity, int) and not isinstance(identity, bool):
        return str(identity)
    if isinstance(identity, str) and not is_blank(identity):
        return identity
    return None


def count_images(row: dict[str, Any]) -> int | None:
    """The row's images; None when its image is wrong (ROW208)."""
    if "image" not in row:
        return 0
    image = row["image"]
    if isinstance(image, str):
        return None if is_blank(image) else 1
    if not isinstance(image, list) or not image:
        return None
    good = all(isinstance(path, str) and not is_blank(path) for path in image)
    return len(image) if good else None


def judge_turns(turns: list[Turn]) -> set[str]:
    """CNV301 to CNV306. CNV302 and CNV306 look at single turns; the others, which are about the
    conversation, wait until every turn is well-formed."""
    codes = set()
    roles = [turn.role for turn in turns]
    unknown = any(role not in (None, "human", "gpt") for role in roles)
    malformed = any(turn.malformed for turn in turns)
    if malformed:
        codes.add("CNV301")
    if unknown:  # a turn without a value has a role all the same
        codes.add("CNV302")
    if any(not turn.malformed and is_blank(turn.value or "") for turn in turns):
        codes.add("CNV306")
    if malformed or not turns:
        return codes
    in_step = roles[1:] if roles[0] == "gpt" else roles
    if not unknown and in_step != (["human", "gpt"] * len(roles))[: len(in_step)]:
        codes.add("CNV303")
    if roles[0] == "gpt":
        codes.add("CNV304")
    if roles[-1] == "human":
        codes.add("CNV305")
    return codes


def judge_placeholders(row: dict[str, Any], turns: list[Turn]) -> set[str]:
    """TOK401 to TOK404. A video counts as an image whatever the key holds. TOK403 counts every
    string value, that of a malformed turn too."""
    codes = set()
    images = count_images(row)
    total = sum(turn.placeholders for turn in turns)
    human = sum(turn.placeholders for turn in turns if turn.role == "human")
    if any(turn.role == "gpt" and turn.placeholders for turn in turns):
        codes.add("TOK404")
    if images is None:
        return codes
    if "image" not in row:
        images += "video" in row
    if not images and total:
        codes.add("TOK403")
    if not images or not turns or any(turn.malformed for turn in turns):
        return codes
    if human and human != images:
        codes.add("TOK401")
    if not total:
        codes.add("TOK402")
    return codes


def judge_row(row: Any) -> set[str]:
    """The codes of a row that json.loads read; JSN107 and JSN108 are the text's."""
    if not isinstance(row, dict):
        return {"ROW201"}
    codes = set()
    turns: list[Turn] = []
    conversations = row.get("conversations")
    if not isinstance(conversations, list):
        codes.add("ROW202")
    elif not conversations:
        codes.add("ROW203")
    else:
        turns = [read_turn(turn) for turn in conversations]
        codes |= judge_turns(turns)
    if "id" not in row:
        codes.add("ROW204")
    elif id_text(row) is None:
        codes.add("ROW205")
    if "image" in row and count_images(row) is None:
        codes.add("ROW208")
    return codes | judge_placeholders(row, turns)


class Reader:
    """json.loads of one row, with the codes of what Python alone reads."""

    def __init__(self) -> None:
        self._surrogate = re.compile("[\ud800-\udfff]")
        self._decoder = json.JSONDecoder(
            object_pairs_hook=self._members, parse_constant=self._constant
        )
        self._codes: set[str] = set()

    def _constant(self, word: str) -> float:
        self._codes.add("JSN107")
        return float(word)

    def _members(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        for key, value in pairs:  # a value that a later key replaces was there all the same
            self.look_at(key)
            self.look_at(value)
        return dict(pairs)

    def look_at(self, value: Any) -> None:
        if isinstance(value, str) and self._surrogate.search(value):
            self._codes.add("JSN108")
        elif isinstance(value, list):
            for item in value:
                self.look_at(item)

    def read(self, text: str) -> tuple[Any, set[str]]:
        self._codes = set()
        row = self._decoder.decode(text)
        self.look_at(row)
        return row, set(self._codes)


def judge_text(text: bytes, reader: Reader) -> tuple[set[str], str | None]:
    """The codes of a row's text, and its id. A text that Python refuses has one code."""
    try:
        decoded = text.decode("utf-8")
    except UnicodeDecodeError:
        return {"JSN105"}, None
    try:
        row, codes = reader.read(decoded)
    except ValueError:
        return {"JSN101"}, None
    return codes | judge_row(row), id_text(row)


def escaped(text: str) -> str:
    """An id as the report has it: bytes that are not UTF-8 and control characters as \\xNN."""
    data = text.encode("utf-8", "surrogatepass")
    return "".join(
        f"\\x{ord(c) - 0xDC00:02x}" if 0xDC80 <= ord(c) <= 0xDCFF else c
        for c in data.decode("utf-8", "surrogateescape")
    )


def judge_file(texts: list[bytes]) -> Findings:
    """All findings of a rows file, given the text of each row: (row, code), or (id, "ROW206")."""
    reader = Reader()
    findings: Findings = Counter()
    ids: Counter[str] = Counter()
    for number, text in enumerate(texts):
        codes, identity = judge_text(text, reader)
        findings.update((number, code) for code in codes)
        if identity is not None:
            ids[identity] += 1
    findings.update((escaped(name), "ROW206") for name, count in ids.items() if count > 1)
    if not texts:
        findings[None, "JSN110"] += 1
    return findings


def difference(ours: Findings, reference: Findings) -> tuple[Findings, Findings]:
    """What the program found and the reference did not, and the other way round."""
    judged = Counter({key: n for key, n in ours.items() if key[1] not in NOT_JUDGED})
    return judged - reference, reference - judged
