#!/usr/bin/env python3
"""The rules about rows, implemented simply from the catalogue, on the output of json.loads.

    rows_reference.py FILE [--dialect NAME]

judges a rows file (.jsonl by lines, all others by json.load) as a simple script would, and prints how
often each code was found. Rules that need more than the rows from json are left out: the JSN rules
and ROW212.

A row's findings are a set of codes: one finding for each row and code. If the catalogue leaves room
for interpretation, the one chosen is noted with the rule. Several media may each have the same code.
rows_dialects.py reads rows; rows_turns.py has the rules about turns.
"""

from __future__ import annotations

import argparse
import io
import itertools
import json
import math
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

sys.path.append(str(Path(__file__).resolve().parents[2] / "fixtures"))

import tool_calls  # noqa: E402
from columns import find_odd  # noqa: E402  (its folder is not a package)
from lines_reference import first_after_return  # noqa: E402
from rows_dialects import (
    FileUrl,
    DIALECTS, MEDIA, Dialect, Media, Row, Turn, column_of, columns_of, is_blank, is_something, read_row, read_turn,
)  # fmt: skip
from rows_turns import is_late, judge_turns

# How often each (row, code) was found; row is a number, an id (ROW206 and ROW207), or None for the
# file.
Findings = Counter[tuple[int | str | None, str]]
Content = tuple[object, ...]

REFUSED = {"JSN101", "JSN105"}
UNREAD_KEYS = [
    "images", "image", "image_path", "image_paths", "image_url", "image_urls", "image_file", "image_files", "image_name", "image_list",
    "input_image", "input_images", "img", "imgs", "img_path", "img_paths", "picture", "pictures", "photo", "photos", "pic",
    "Image", "IMAGE", "Images",
]  # fmt: skip


# Keys of each kind, which count in upper and lower case.
READ_KEYS = {"system": ("system", "system_prompt"), "media": ("videos", "video", "audios", "audio")}


def id_text(row: Any) -> str | None:
    """Return the id as text, so that 7 and "7" are the same; None if there is no valid one."""
    identity = row.get("id") if isinstance(row, dict) else None
    if isinstance(identity, int) and not isinstance(identity, bool):
        return str(identity)
    if isinstance(identity, str) and not is_blank(identity):
        return identity
    return None


def role_of(turn: Turn) -> str | None:
    """Return the role; for roles that the dialect does not have, their name."""
    return turn.name if turn.role == "other" else turn.role


def beside(row: Row) -> Content:
    """Return the dialect's other columns. 7 and 7.0 differ."""
    return tuple((column, repr(value)) for column, value in row.beside.items())


def judged_media(row: Row) -> Content | None:
    """Return the row's media; None if one is faulty."""
    if any(row.media[medium].wrong for medium in MEDIA):
        return None
    return tuple((row.media[medium].items, row.media[medium].rejected) for medium in MEDIA)


def content(row: Row) -> Content | None:
    """Return what makes rows duplicates (ROW210): media, turns and other columns; None if unknown."""
    media = judged_media(row)
    if media is None or not row.whole:
        return None
    return (media, beside(row), *((role_of(turn), turn.role == "other", turn.said) for turn in row.turns))


def first_exchange(row: Row) -> tuple[Content, Any] | None:
    """Return the first question with its media and the other roles' turns before it, and its answer (SET605)."""
    media = judged_media(row)
    if media is None or not any(row.media[medium].shown for medium in MEDIA) or not row.whole:
        return None
    before = list(itertools.takewhile(lambda turn: turn.role != "human", row.turns))
    asked = row.turns[len(before) : len(before) + 2]
    if [turn.role for turn in asked] != ["human", "gpt"]:
        return None
    others = ((role_of(turn), turn.said) for turn in before if turn.role != "gpt")
    return (media, beside(row), *others, asked[0].said), asked[1].said


def demand(row: Row, medium: str) -> tuple[int, str] | None:
    """Return how many placeholders the files of a medium need, and of which medium; None if unknown. In
    LLaVA, <image> stands for the video of a row without images."""
    images, videos, files = row.media["image"], row.media["video"], row.media[medium]
    image_tags, video_tags = (sum(row.count(turn, m) for turn in row.turns) for m in ("image", "video"))
    if not row.dialect.modern and not images.there and videos.there and (image_tags or not video_tags):
        if medium == "video":
            return None if files.wrong else (1, "image")
        if medium == "image":
            return None
    if files.wrong or (medium == "video" and not row.dialect.modern and not video_tags):
        return None
    return files.shown, medium


def is_rejected_wrong(row: Row, medium: str) -> bool:
    """Whether the rejected answer has different numbers of placeholders and media."""
    media = row.media[medium]
    files = media.rejected
    if media.wrong:
        return False
    if row.rejected is None:
        return files > 0 and sum(row.count(turn, medium) for turn in row.turns) != files
    if not files and not row.rejected.separate:
        files = media.shown
    return row.rejected.tags[medium] != files


def judge_placeholders(row: Row) -> Counter[str]:
    """TOK401 to TOK405. TOK403 counts every text, even that of a malformed turn."""
    codes: Counter[str] = Counter()
    for role in ("gpt", "system"):
        shown = any(turn.role == role and row.count(turn, "image") for turn in row.turns)
        codes["TOK404"] += shown and not row.dialect.answers_show
    if is_late(row):
        codes["TOK405"] += 1
    codes["TOK401"] += sum(row.whole and is_rejected_wrong(row, medium) for medium in MEDIA)
    for medium in MEDIA:
        needed = demand(row, medium)
        if needed is None:
            continue
        files, marker = needed
        counts = [(turn.role, row.count(turn, marker)) for turn in row.turns]
        anywhere = sum(count for _, count in counts)
        counted = anywhere
        if row.dialect.counted == "in questions":
            whole = len(counts) == 1 and counts[0][0] == "whole"
            counted = sum(count for role, count in counts if role == "human" or whole)
        if not files and anywhere and (row.dialect.modern or medium == "image"):
            codes["TOK403"] += 1
        twice = medium in row.columns and any(medium in turn.named for turn in row.turns)
        if row.whole and ((files and twice) or (files and counted and counted != files)):
            codes["TOK401"] += 1
        if files and row.whole and not anywhere:
            codes["TOK402"] += 1
    return codes


def is_there(media: Media, videos: frozenset[str]) -> bool:
    return not media.wrong and videos.issuperset(media.paths)


def judge_keys(members: dict[str, Any], row: Row, videos: frozenset[str]) -> Counter[str]:
    """The rules about the row's own keys: ROW202 to ROW205, ROW208, ROW209, ROW211, ROW212 and ROW215
    to ROW219."""
    codes: Counter[str] = Counter()
    if row.shape != "list":
        codes["ROW202"] += 1
    elif not row.turns:
        codes["ROW203"] += 1
    if "id" not in members:
        codes["ROW204"] += 1
    elif id_text(members) is None:
        codes["ROW205"] += 1
    if row.media["image"].wrong:
        codes["ROW208"] += 1
    elif row.dialect is DIALECTS["llava"] and isinstance(members.get("image"), list):
        codes["ROW217"] += 1
    if ("image" in row.dialect.columns or row.dialect.marks) and not row.media["image"].there:
        codes["ROW209"] += any(is_something(members.get(key)) for key in unread_keys(members, row.dialect))
    codes["ROW209"] += names_other_images(members, row)
    for medium in ("video", "audio"):
        codes["ROW211"] += row.media[medium].there and not row.dialect.modern
        codes["ROW212"] += not is_there(row.media[medium], videos)
    for medium in MEDIA:
        kinds = {kind for kind, _ in row.media[medium].items}
        codes["ROW215"] += "url" in kinds
        codes["ROW215"] += any(isinstance(text, FileUrl) for _, text in row.media[medium].items)
        codes["ROW216"] += "data" in kinds
    codes["ROW218"] += keys_read(members, row.dialect) + is_images_text(row, members)
    codes["ROW219"] += not tool_calls.are_tools_read(members.get(column_of(members, row.dialect, "tools") or "tools"))
    return +codes


def is_images_text(row: Row, members: dict[str, Any]) -> bool:
    """Whether messages have a path as `images`, where others have a list."""
    images = row.media["image"]
    is_read = row.dialect is DIALECTS["messages"] and column_of(members, row.dialect, "image") == "images"
    return is_read and isinstance(members["images"], str) and images.there and not images.wrong


def keys_read(members: dict[str, Any], dialect: Dialect) -> int:
    """Count the kinds of keys that have content, are no columns, and are read by other programs: ROW218."""
    columns = {name for names in dialect.columns.values() for name in names}
    kinds = set()
    for key, value in members.items():
        replaced = key == "prompt" and key in dialect.columns.get("turns", ()) and column_of(members, dialect, "turns") != key
        if is_something(value) and (key not in columns or replaced):
            plain = key.lower() if key.isascii() else key
            kinds |= {kind for kind, names in READ_KEYS.items() if plain in names}
            kinds |= {key} & {"tools"}
        if key in ("prompt", "chosen", "rejected", "completion") and (key not in columns or replaced):
            kinds.add("prompt")
        turns = members.get(column_of(members, dialect, "turns") or "")
        if key in ("chosen", "rejected", "completion") and key in columns and isinstance(turns, list):
            kinds |= {"prompt"} if value is None or isinstance(value, str) and value.strip() else set()
        if key in columns:
            continue
        if key in ("rejected_response", "positive_messages", "negative_messages"):
            kinds.add("preference")
        if key == "objects" and value is not None and not (isinstance(value, dict) and "bbox" in value):
            kinds.add("objects")
    turns = members.get(column_of(members, dialect, "turns") or "")
    for turn in turns if isinstance(turns, list) else []:
        if isinstance(turn, dict) and (turn.get("loss") is False or turn.get("loss_scale") is not None):
            kinds.add("loss")
        if isinstance(turn, dict) and is_asked_loss(turn, dialect):
            kinds.add("asked loss")
    return len(kinds)


def is_asked_loss(turn: dict[str, Any], dialect: Dialect) -> bool:
    """Whether a turn that is no answer is a training target."""
    loss = turn.get("loss")
    return (loss is True or type(loss) is int and loss == 1) and read_turn(turn, dialect).role not in ("gpt", "call")


def names_other_images(members: dict[str, Any], row: Row) -> bool:
    """Whether a key names other images than the parts of turns, which are all that the programs of the dialect read."""
    images = row.media["image"]
    keys = [key for key in unread_keys(members, row.dialect) if is_something(members.get(key))]
    if not row.dialect.marks or not keys or not images.there or images.wrong or any(kind != "path" for kind, _ in images.items):
        return False
    value = members["image" if "image" in keys else keys[0]]
    named = value if isinstance(value, list) else [value]
    pairs = list(zip(named, images.paths))
    return len(named) != len(images.paths) or not all(isinstance(key, str) and f"/{path}".endswith(f"/{key}") or
                                                      isinstance(key, str) and f"/{key}".endswith(f"/{path}") for key, path in pairs)


def unread_keys(members: dict[str, Any], dialect: Dialect) -> list[str]:
    """Return the keys that seem to name images but are not read."""
    read = columns_of(members, dialect, "image")
    return [key for key in UNREAD_KEYS if key not in read]


class DataSet:
    """Judges rows that json read, one after the other."""

    def __init__(self, videos: frozenset[str] = frozenset(), dialect: str = "llava") -> None:
        self._videos = videos  # the paths that lead to a video
        self._dialect = DIALECTS[dialect]
        self._ids: Counter[str] = Counter()
        self._images: dict[str, set[tuple[str, ...]]] = defaultdict(set)
        self._contents: set[Content] = set()
        self._answers: dict[Content, set[Any]] = defaultdict(set)
        self._asked_first: dict[Content, int] = {}

    def judge(self, value: Any, number: int) -> Counter[str]:
        """Return the codes of the row itself, and ROW210."""
        row = read_row(value, self._dialect)
        if row is None:
            return Counter(["ROW201"])
        members = value if isinstance(value, dict) else {}
        codes = judge_keys(members, row, self._videos) + judge_placeholders(row)
        codes.update(judge_turns(row))
        codes["ROW201"] += isinstance(value, list)  # the list of turns itself
        self._note_id(members, row)
        same = content(row)
        if same is not None and same in self._contents:
            codes["ROW210"] += 1
        if same is not None:
            self._contents.add(same)
        exchange = first_exchange(row)
        if exchange is not None:
            question, answer = exchange
            self._answers[question].add(answer)
            self._asked_first.setdefault(question, number)
        return codes

    def judge_answers(self) -> Iterator[tuple[int, str]]:
        """Yield the first row of each question with several answers, with SET605."""
        for question, answers in self._answers.items():
            if len(answers) > 1:
                yield self._asked_first[question], "SET605"

    def _note_id(self, members: dict[str, Any], row: Row) -> None:
        identity = id_text(members)
        if identity is None:
            return
        self._ids[identity] += 1
        images = row.media["image"].paths
        if images:
            self._images[identity].add(images)

    def judge_ids(self) -> Iterator[tuple[str, str]]:
        """Yield each id that several rows have, with ROW206 or ROW207."""
        for identity, count in self._ids.items():
            if count > 1:
                yield identity, "ROW206"
        for identity, images in self._images.items():
            if len(images) > 1:
                yield identity, "ROW207"


class Reader:
    """json.loads of a row, with the codes for what only Python reads."""

    def __init__(self) -> None:
        self._surrogate = re.compile("[\ud800-\udfff]")
        self._decoder = json.JSONDecoder(
            object_pairs_hook=self._members, parse_constant=self._constant, parse_int=self._int, parse_float=self._float
        )
        self._codes: set[str] = set()
        self.replaced: dict[int, list[tuple[str, Any]]] = {}  # by object: members that a later one of that key replaces

    def _constant(self, word: str) -> float:
        self._codes.add("JSN107")
        return float(word)

    def _int(self, text: str) -> int:
        if not -(2**63) <= int(text) < 2**64:
            self._codes.add("JSN118")
        return int(text)

    def _float(self, text: str) -> float:
        if math.isinf(float(text)):
            self._codes.add("JSN118")
        return float(text)

    def _members(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        for key, value in pairs:  # values that a later key replaces count, too
            self.look_at(key)
            self.look_at(value)
        members = dict(pairs)
        if len(members) < len(pairs):
            self._codes.add("JSN109")
            self.replaced[id(members)] = [(key, value) for key, value in pairs if value is not members[key]]
        return members

    def look_at(self, value: Any) -> None:
        if isinstance(value, str) and self._surrogate.search(value):
            self._codes.add("JSN108")
        elif isinstance(value, list):
            for item in value:
                self.look_at(item)

    def read(self, text: str) -> tuple[Any, set[str]]:
        self._codes, self.replaced = set(), {}
        row = self._decoder.decode(text)
        self.look_at(row)
        return row, set(self._codes)


def judge_text(text: bytes, reader: Reader) -> tuple[set[str], Any]:
    """Return the JSN codes of a row's text, and the row. A text that Python refuses has one code."""
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
    """Return the lines of a file as Python's text files do; bytes that are not UTF-8 stay as they are."""
    return list(io.TextIOWrapper(io.BytesIO(lines), encoding="utf-8", errors="surrogateescape"))


def spaced(line: str) -> bool:
    """JSN114: whether str.strip removes something that is not white space for json.loads."""
    return line.strip() != line.strip(" \t\r\n")


def escaped(text: str) -> str:
    """Write an id as the report does: bytes that are not UTF-8 and control characters as \\xNN."""
    data = text.encode("utf-8", "surrogatepass")
    return "".join(
        f"\\x{ord(c) - 0xDC00:02x}" if 0xDC80 <= ord(c) <= 0xDCFF else c
        for c in data.decode("utf-8", "surrogateescape")
    )


def judge_file(
    texts: list[bytes],
    videos: frozenset[str] = frozenset(),
    lines: bytes | None = None,
    dialect: str = "llava",
) -> Findings:
    """Return all findings of a rows file, given the text of each row and, for a JSONL, all its bytes."""
    reader, rows = Reader(), DataSet(videos, dialect)
    findings: Findings = Counter()
    objects: list[tuple[int, Any]] = []  # objects that Arrow could read
    for number, text in enumerate(texts):
        codes, row = judge_text(text, reader)
        counts = Counter(codes)
        if not codes & REFUSED:
            counts += rows.judge(row, number)
            if (lines is None or DIALECTS[dialect].modern) and isinstance(row, dict):
                counts["JSN118"] |= has_long_number(row, DIALECTS[dialect], reader.replaced, 64 if lines is not None else 63)
            if isinstance(row, dict) and "JSN109" not in codes:
                objects.append((number, row))
        findings.update({(number, code): count for code, count in counts.items() if count})
    findings.update((escaped(name), code) for name, code in rows.judge_ids())
    findings.update(rows.judge_answers())
    own = {names[0] for names in DIALECTS[dialect].columns.values()}
    findings.update((odd.row, odd.code) for odd in find_odd(objects, own))
    if not texts:
        findings[None, "JSN110"] += 1
    if lines is not None:
        judge_white_space(lines, findings)
    return findings


def has_long_number(
    row: dict[str, Any], dialect: Dialect, replaced: dict[int, list[tuple[str, Any]]], bits: int
) -> bool:
    """Whether a key that is no column has an integer of 2**bits or more, or below -2**63: ujson reads 63 bits, Arrow
    takes 64 for a double. The generator makes no such floats."""

    def all_members(value: dict[str, Any]) -> list[tuple[str, Any]]:
        return [*value.items(), *replaced.get(id(value), [])]

    columns = {name for names in dialect.columns.values() for name in names}
    todo = [value for key, value in all_members(row) if key not in columns | {"id", "data_source"}]
    while todo:
        value = todo.pop()
        if type(value) is int and not -(2**63) <= value < 2**bits:
            return True
        if isinstance(value, dict):
            todo += [inner for _, inner in all_members(value)]
        elif isinstance(value, list):
            todo += value
    return False


def judge_white_space(lines: bytes, findings: Findings) -> None:
    """JSN113 and JSN121, reported once for the file; JSN114, for each row, and once for all blank lines."""
    found = text_lines(lines)
    rows = [line for line in found if line.strip()]
    blank = [line for line in found if not line.strip()]
    if blank:
        findings[None, "JSN113"] += 1
    if first_after_return(lines):
        findings[None, "JSN121"] += 1
    if any(map(spaced, blank)):
        findings[None, "JSN114"] += 1
    findings.update((number, "JSN114") for number, line in enumerate(rows) if spaced(line))


def difference(ours: Findings, reference: Findings) -> tuple[Findings, Findings]:
    """Return what only the program found, and what only the reference found."""
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
    parser.add_argument("--dialect", choices=DIALECTS, default="llava")
    options = parser.parse_args()
    rows, counts = DataSet(dialect=options.dialect), Counter[str]()
    for number, row in enumerate(read_rows(options.file)):
        counts.update(rows.judge(row, number))
    counts.update(code for _, code in itertools.chain(rows.judge_ids(), rows.judge_answers()))
    del counts["ROW212"]  # it is not known here where the videos are
    for code, count in sorted(counts.items()):
        print(f"{count:8} {code}")


if __name__ == "__main__":
    main()
