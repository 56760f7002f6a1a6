#!/usr/bin/env python3
"""The rules of rows, written plainly from the catalogue on what json.loads gives.

    rows_reference.py FILE

judges a rows file (.jsonl by lines, all others by json.load) as a plain script would, and prints how
often each code was found. Left out there is what needs more than the rows that json gives: the
rules JSN, and ROW212.

A row's findings are a set of codes: one finding per row and code. Where the catalogue leaves room,
the reading that was chosen is noted with the rule. The rules of turns are in rows_turns.py.
"""

from __future__ import annotations

import argparse
import io
import itertools
import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from rows_turns import Turn, is_blank, is_late, is_whole, judge_turns, read_turns

# How often each (row, code) was found: a row's number, an id (ROW206 and ROW207), or None for the
# file.
Findings = Counter[tuple[int | str | None, str]]
Content = tuple[object, ...]

REFUSED = {"JSN101", "JSN105"}
UNREAD_KEYS = [
    "images", "image_path", "image_paths", "image_url", "image_urls", "image_file", "image_files", "image_name", "image_list",
    "input_image", "input_images", "img", "imgs", "img_path", "img_paths", "picture", "pictures", "photo", "photos", "pic",
    "Image", "IMAGE", "Images",
]  # fmt: skip


def id_text(row: Any) -> str | None:
    """The id as text, so that 7 and "7" are the same; None when there is no good one."""
    identity = row.get("id") if isinstance(row, dict) else None
    if isinstance(identity, int) and not isinstance(identity, bool):
        return str(identity)
    if isinstance(identity, str) and not is_blank(identity):
        return identity
    return None


def good_paths(value: Any) -> tuple[str, ...] | None:
    """What a key names, a string being a list of one; None when it is neither."""
    paths = [value] if isinstance(value, str) else value
    if not isinstance(paths, list) or not paths:
        return None
    good = all(isinstance(path, str) and not is_blank(path) for path in paths)
    return tuple(paths) if good else None


def images_of(row: dict[str, Any]) -> tuple[str, ...] | None:
    """The row's images, none without the key; None when its image is wrong (ROW208)."""
    return good_paths(row["image"]) if "image" in row else ()


def is_something(value: Any) -> bool:
    """Whether a key's value can be meant; a number is, 0 too."""
    if isinstance(value, str):
        return not is_blank(value)
    return not (value is None or value is False or value == [] or value == {})


def content(row: dict[str, Any], turns: list[Turn]) -> Content | None:
    """What makes rows the same (ROW210): its images, video and turns; None when it cannot be said."""
    images = images_of(row)
    videos = good_paths(row["video"]) if "video" in row else []
    if images is None or videos is None or not is_whole(turns):
        return None
    return (images, tuple(videos), *((turn.role, turn.value) for turn in turns))


def first_exchange(row: dict[str, Any], turns: list[Turn]) -> tuple[Content, str] | None:
    """What the first question is about, with other roles' turns before it, and its answer (SET605)."""
    media = (images_of(row), good_paths(row["video"]) if "video" in row else ())
    if None in media or not any(media) or not is_whole(turns):
        return None
    before = list(itertools.takewhile(lambda turn: turn.role != "human", turns))
    asked = turns[len(before) : len(before) + 2]
    if [turn.role for turn in asked] != ["human", "gpt"]:
        return None
    others = ((turn.role, turn.value) for turn in before if turn.role != "gpt")
    return (*media, *others, asked[0].value), asked[1].text


def judge_placeholders(row: dict[str, Any], turns: list[Turn]) -> set[str]:
    """TOK401 to TOK405. A video counts as an image whatever the key holds, but for TOK405. TOK403
    counts every string value, that of a malformed turn too."""
    codes = set()
    paths = images_of(row)
    total = sum(turn.placeholders for turn in turns)
    human = sum(turn.placeholders for turn in turns if turn.role == "human")
    if any(turn.role == "gpt" and turn.placeholders for turn in turns):
        codes.add("TOK404")
    if paths is None:
        return codes
    images = len(paths) if "image" in row else int("video" in row)
    if not images and total:
        codes.add("TOK403")
    if is_late(turns, len(paths)):
        codes.add("TOK405")
    if not images or not is_whole(turns):
        return codes
    if human and human != images:
        codes.add("TOK401")
    if not total:
        codes.add("TOK402")
    return codes


def judge_keys(row: dict[str, Any], videos: frozenset[str]) -> set[str]:
    """The rules of the row's own keys: ROW202 to ROW205, ROW208, ROW209, ROW211 and ROW212."""
    codes = set()
    if not isinstance(row.get("conversations"), list):
        codes.add("ROW202")
    elif not row["conversations"]:
        codes.add("ROW203")
    if "id" not in row:
        codes.add("ROW204")
    elif id_text(row) is None:
        codes.add("ROW205")
    if images_of(row) is None:
        codes.add("ROW208")
    if "image" not in row and any(is_something(row.get(key)) for key in UNREAD_KEYS):
        codes.add("ROW209")
    if "video" in row:
        codes.add("ROW211")
        paths = good_paths(row["video"])
        if paths is None or not videos.issuperset(paths):
            codes.add("ROW212")
    return codes


class DataSet:
    """Rows that json read, judged one after the other."""

    def __init__(self, videos: frozenset[str] = frozenset()) -> None:
        self._videos = videos  # the paths that lead to one
        self._ids: Counter[str] = Counter()
        self._images: dict[str, set[tuple[str, ...]]] = defaultdict(set)
        self._contents: set[Content] = set()
        self._answers: dict[Content, set[str]] = defaultdict(set)
        self._asked_first: dict[Content, int] = {}

    def judge(self, row: Any, number: int) -> set[str]:
        """The codes of the row itself, and ROW210."""
        if not isinstance(row, dict):
            return {"ROW201"}
        turns = read_turns(row)
        codes = judge_keys(row, self._videos)
        codes |= judge_turns(turns, "video" in row)
        codes |= judge_placeholders(row, turns)
        self._note_id(row)
        same = content(row, turns)
        if same is not None and same in self._contents:
            codes.add("ROW210")
        if same is not None:
            self._contents.add(same)
        exchange = first_exchange(row, turns)
        if exchange is not None:
            question, answer = exchange
            self._answers[question].add(answer)
            self._asked_first.setdefault(question, number)
        return codes

    def judge_answers(self) -> Iterator[tuple[int, str]]:
        """The first row of each question that has several answers, with SET605."""
        for question, answers in self._answers.items():
            if len(answers) > 1:
                yield self._asked_first[question], "SET605"

    def _note_id(self, row: dict[str, Any]) -> None:
        identity = id_text(row)
        if identity is None:
            return
        self._ids[identity] += 1
        images = images_of(row)
        if images:
            self._images[identity].add(images)

    def judge_ids(self) -> Iterator[tuple[str, str]]:
        """Each id that is not one row's alone, with ROW206 or ROW207."""
        for identity, count in self._ids.items():
            if count > 1:
                yield identity, "ROW206"
        for identity, images in self._images.items():
            if len(images) > 1:
                yield identity, "ROW207"


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
        members = dict(pairs)
        if len(members) < len(pairs):
            self._codes.add("JSN109")
        return members

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


def judge_text(text: bytes, reader: Reader) -> tuple[set[str], Any]:
    """The codes JSN of a row's text, and the row. A text that Python refuses has one code."""
    try:
        decoded = text.decode("utf-8")
    except UnicodeDecodeError:
        return {"JSN105"}, None
    try:
        row, codes = reader.read(decoded)
    except ValueError:
        return {"JSN101"}, None
    return codes, row


def text_lines(lines: bytes) -> list[str]:
    """The lines of a file as Python's text files have them; bytes that are not UTF-8 stand for themselves."""
    return list(io.TextIOWrapper(io.BytesIO(lines), encoding="utf-8", errors="surrogateescape"))


def spaced(line: str) -> bool:
    """JSN114. Whether str.strip removes what json.loads does not take for white space."""
    return line.strip() != line.strip(" \t\r\n")


def escaped(text: str) -> str:
    """An id as the report has it: bytes that are not UTF-8 and control characters as \\xNN."""
    data = text.encode("utf-8", "surrogatepass")
    return "".join(
        f"\\x{ord(c) - 0xDC00:02x}" if 0xDC80 <= ord(c) <= 0xDCFF else c
        for c in data.decode("utf-8", "surrogateescape")
    )


def judge_file(
    texts: list[bytes], videos: frozenset[str] = frozenset(), lines: bytes | None = None
) -> Findings:
    """All findings of a rows file, given the text of each row, and of a JSONL all its bytes."""
    reader, rows = Reader(), DataSet(videos)
    findings: Findings = Counter()
    for number, text in enumerate(texts):
        codes, row = judge_text(text, reader)
        if not codes & REFUSED:
            codes |= rows.judge(row, number)
        findings.update((number, code) for code in codes)
    findings.update((escaped(name), code) for name, code in rows.judge_ids())
    findings.update(rows.judge_answers())
    if not texts:
        findings[None, "JSN110"] += 1
    if lines is not None:
        judge_white_space(lines, findings)
    return findings


def judge_white_space(lines: bytes, findings: Findings) -> None:
    """JSN113, reported once for the file; JSN114, for each row, and once for the blank lines."""
    found = text_lines(lines)
    rows = [line for line in found if line.strip()]
    blank = [line for line in found if not line.strip()]
    if blank:
        findings[None, "JSN113"] += 1
    if any(map(spaced, blank)):
        findings[None, "JSN114"] += 1
    findings.update((number, "JSN114") for number, line in enumerate(rows) if spaced(line))


def difference(ours: Findings, reference: Findings) -> tuple[Findings, Findings]:
    """What the program found and the reference did not, and the other way round."""
    return ours - reference, reference - ours


def read_rows(path: Path) -> Iterator[Any]:
    with path.open(encoding="utf-8") as file:
        if path.suffix == ".jsonl":
            yield from (json.loads(line) for line in file if line.strip())
        else:
            yield from json.load(file)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("file", type=Path)
    rows, counts = DataSet(), Counter[str]()
    for number, row in enumerate(read_rows(parser.parse_args().file)):
        counts.update(rows.judge(row, number))
    counts.update(code for _, code in itertools.chain(rows.judge_ids(), rows.judge_answers()))
    del counts["ROW212"]  # where the videos are is not known here
    for code, count in sorted(counts.items()):
        print(f"{count:8} {code}")


if __name__ == "__main__":
    main()
