"""Convert rows from one dialect to another in plain Python, as llava-check convert must do.

A row is converted, or Refused is raised. The order of the result's members does not matter."""

from __future__ import annotations

import re
from typing import Any

from rows_dialects import DIALECTS, MEDIA, Dialect, column_of

CONVERTED = ["llava", "sharegpt", "messages", "role-value", "alpaca", "query", "internvl"]
TURN_COLUMNS = ["turns", "prompt", "query", "response", "history"]
SYSTEM_TURNS = ["messages", "role-value", "internvl", "xtuner"]
PREFERENCES = ["chosen", "rejected"]
ROLES = {
    "llava": {"human": "human", "gpt": "gpt"},
    "sharegpt": {"human": "human", "gpt": "gpt", "system": "system", "result": "observation", "call": "function_call"},
    "messages": {"human": "user", "gpt": "assistant", "system": "system", "result": "tool", "call": "tool_call",
                 "whole": "pretrain"},
    "role-value": {"human": "user", "gpt": "assistant", "system": "system"},
    "internvl": {"human": "human", "gpt": "gpt", "system": "system"},
    "xtuner": {"human": "user", "gpt": "assistant", "system": "system", "result": "tool", "whole": "pretrain"},
}  # fmt: skip
Sizes = dict[str, tuple[int, int]]  # sizes of images, by path

Row = dict[str, Any]


class Refused(Exception):
    pass


class Turn:
    def __init__(self, role: str, text: str, extra: Row) -> None:
        self.role, self.text, self.extra = role, text, extra


class Said:
    """The content of a row, whatever its dialect."""

    def __init__(self) -> None:
        self.turns: list[Turn] = []
        self.system: Turn | None = None
        self.system_is_turn = False
        self.media: dict[str, list[Any]] = {medium: [] for medium in MEDIA}
        self.of_parts = False
        self.literal = False  # a part's text contains what would be read as a placeholder or a tag


def all_columns(dialect: Dialect) -> dict[str, str]:
    """Return the column of each key."""
    own = {"id": "id", "data_source": "source"}
    return {**own, **{name: column for column, names in dialect.columns.items() for name in names}}


def refuse_if(wrong: Any, why: str = "") -> None:
    if wrong:
        raise Refused(why)


# ---- reading


def without_nulls(value: Row) -> Row:
    """Remove members that are null, which Arrow adds."""
    return {key: item for key, item in value.items() if item is not None}


def read_part(part: Any, dialect: Dialect, said: Said) -> str:
    refuse_if(not isinstance(part, dict))
    part = without_nulls(part)
    kind = part.pop("type", None)
    refuse_if(not isinstance(kind, str) or len(part) > 1)
    if kind == "text":
        refuse_if(not isinstance(part.get("text"), str))
        said.literal |= any(mark in part["text"] for mark in ("<image>", "<video>", "<audio>", "<img>", "<|vision_start|>"))
        return part["text"]
    medium = kind.removesuffix("_url")
    refuse_if(medium not in MEDIA)
    for key, value in part.items():
        refuse_if(key not in (kind, medium, "path", "url"))
        if isinstance(value, dict):
            value = without_nulls(value)
            if dialect.marks:
                value.pop("image_wh", None)
            refuse_if(set(value) - {"url"})
            value = value.get("url")
            if value is None:
                continue
        refuse_if(not isinstance(value, str))
        said.media[medium].append(value)
        said.of_parts = True
    return "" if dialect.marks else f"<{medium}>"


def read_text(value: Any, dialect: Dialect, said: Said) -> str:
    if isinstance(value, str):
        return value
    refuse_if(not dialect.parts or not isinstance(value, list))
    return "".join(read_part(part, dialect, said) for part in value)


def read_turn(turn: Any, dialect: Dialect, said: Said) -> Turn:
    refuse_if(not isinstance(turn, dict) or dialect.role_key not in turn or dialect.text_key not in turn)
    role = turn[dialect.role_key]
    refuse_if(not isinstance(role, str))
    extra = {k: v for k, v in turn.items() if k not in (dialect.role_key, dialect.text_key)}
    return Turn(dialect.roles.get(role, "other"), read_text(turn[dialect.text_key], dialect, said), extra)


def read_turns(turn: Any, dialect: Dialect, said: Said) -> list[Turn]:
    """Read a turn, or the two of a pair."""
    if dialect.pairs and isinstance(turn, dict):
        asked = [key for key in ("human", "user") if key in turn]
        given = [key for key in ("gpt", "assistant", "bot") if key in turn]
        if asked and given:
            refuse_if(len(turn) > 2 or not all(isinstance(text, str) for text in turn.values()))
            return [Turn("human", turn[asked[0]], {}), Turn("gpt", turn[given[0]], {})]
    return [read_turn(turn, dialect, said)]


def read_rounds(row: Row, dialect: Dialect) -> list[Turn]:
    names = {c: column_of(row, dialect, c) for c in ("prompt", "query", "response", "history")}
    values = {c: row[name] if name else None for c, name in names.items()}
    refuse_if(not names["prompt"] and not names["response"], "no turns")
    history = values["history"]
    refuse_if(history not in (None, "") and not isinstance(history, list))
    pairs = history or []
    refuse_if(any(not isinstance(pair, list) or len(pair) != 2 for pair in pairs))
    asked = [values["prompt"], values["query"]]
    refuse_if(any(text is not None and not isinstance(text, str) for text in asked))
    texts = [text for pair in pairs for text in pair] + ["\n".join(text for text in asked if text), values["response"]]
    refuse_if(any(not isinstance(text, str) for text in texts))
    return [Turn("gpt" if number % 2 else "human", text, {}) for number, text in enumerate(texts)]


def read_media(value: Any) -> list[Any]:
    items = [] if value is None else value if isinstance(value, list) else [value]
    refuse_if(any(not isinstance(item, (str, dict)) for item in items))
    return items


def read(row: Any, dialect: Dialect) -> Said:
    refuse_if(not isinstance(row, dict))
    said = Said()
    for medium in MEDIA:
        name = column_of(row, dialect, medium)
        if name:
            said.media[medium] = read_media(row[name])
    of_columns = any(said.media.values())
    if dialect.has_turns:
        name = column_of(row, dialect, "turns")
        refuse_if(not name or not isinstance(row[name], list))
        said.turns = [made for turn in row[name] for made in read_turns(turn, dialect, said)]
    else:
        said.turns = read_rounds(row, dialect)
    refuse_if(of_columns and said.of_parts)
    system = row.get(column_of(row, dialect, "system") or "")
    if column_of(row, dialect, "system") and system is not None:
        refuse_if(not isinstance(system, str))
        said.system = Turn("system", system, {})
    if said.turns and said.turns[0].role == "system":
        refuse_if(said.system)
        said.system, said.system_is_turn = said.turns.pop(0), True
    return said


# ---- writing


MARKS = re.compile("<(image|video|audio)>")


def in_parts(text: str) -> list[Row]:
    """Split a text into a list of parts."""
    pieces = [piece for piece in re.split("(<image>|<video>|<audio>)", text) if piece]
    return [{"type": piece[1:-1]} if MARKS.fullmatch(piece) else {"type": "text", "text": piece} for piece in pieces or [""]]


def name_parts(turns: list[Row], media: dict[str, list[Any]]) -> None:
    """Add the names of files to parts that are media."""
    left = {medium: list(items) for medium, items in media.items()}
    for part in [part for turn in turns for part in turn["content"] if part["type"] != "text"]:
        refuse_if(not left[part["type"]] or isinstance(left[part["type"]][0], dict))
        part[part["type"]] = left[part["type"]].pop(0)
    refuse_if(any(left.values()))


def size_parts(turns: list[Row], said: Said, sizes: Sizes) -> None:
    """Make XTuner's form: images with their sizes, then the text with their places."""
    refuse_if(said.media["video"] or said.media["audio"])
    left = list(said.media["image"])
    for turn in turns:
        count = turn["content"].count("<IMG_CONTEXT>")
        refuse_if(count > len(left) or "<VIDEO_CONTEXT>" in turn["content"] or (count and turn["role"] not in ("user", "pretrain")))
        refuse_if(any(isinstance(path, dict) or path not in sizes for path in left[:count]))
        shown = [{"type": "image_url", "image_url": {"url": path, "image_wh": list(sizes[path])}} for path in left[:count]]
        turn["content"] = [*shown, {"type": "text", "text": turn["content"]}]
        left = left[count:]
    refuse_if(left)


def write_turn(turn: Turn, to: Dialect, same: bool) -> Row:
    refuse_if(turn.role not in ROLES[to.name])
    refuse_if(to.role_key in turn.extra or to.text_key in turn.extra)
    refuse_if(not same and ("tool_calls" in turn.extra or "tool_call_id" in turn.extra))
    return {to.role_key: ROLES[to.name][turn.role], to.text_key: turn.text, **turn.extra}


def write_rounds(said: Said, to: Dialect) -> Row:
    roles = [turn.role for turn in said.turns]
    refuse_if(not roles or len(roles) % 2 or roles != ["human", "gpt"] * (len(roles) // 2))
    refuse_if(any(turn.extra for turn in said.turns))
    texts = [turn.text for turn in said.turns]
    out = {to.columns["prompt"][0]: texts[-2], to.columns["response"][0]: texts[-1]}
    if "query" in to.columns:
        out[to.columns["query"][0]] = ""
    if texts[:-2]:
        out["history"] = [list(pair) for pair in zip(texts[:-2:2], texts[1:-2:2])]
    return out


def is_foreign(item: Any) -> bool:
    return isinstance(item, dict) or item.startswith(("http://", "https://", "data:"))


def write_media(row: Row, said: Said, dialect: Dialect, to: Dialect) -> Row:
    out: Row = {}
    for medium, items in said.media.items():
        name = column_of(row, dialect, medium)
        if not items and (said.of_parts or not name or medium not in to.columns or dialect.modern != to.modern):
            continue
        refuse_if(medium not in to.columns)
        refuse_if(dialect.modern != to.modern and any(map(is_foreign, items)))
        key = to.columns[medium][0]
        if name and not said.of_parts and dialect.modern == to.modern:
            out[key] = row[name]
        else:
            out[key] = items if to.modern or len(items) != 1 else items[0]
    return out


def has_tag(text: str, dialect: Dialect) -> bool:
    return any(opening in text for opening, _, _ in dialect.tags)


def write_others(row: Row, dialect: Dialect, to: Dialect) -> Row:
    ours, theirs, out = all_columns(dialect), all_columns(to), {}
    for key, value in row.items():
        column = ours.get(key)
        if column and column not in ("id", "source") and column_of(row, dialect, column) != key:
            column = None  # another name of the column counts
        if column in (*TURN_COLUMNS, *MEDIA, "system"):
            continue
        if column == "tools":
            refuse_if(value is not None and "tools" not in to.columns)
            if value is not None:
                out["tools"] = value
        elif column in PREFERENCES or theirs.get(key) != column:
            refuse_if(value is not None)
        else:
            out[key] = value
    return out


def replace_marks(said: Said, dialect: Dialect, to: Dialect) -> None:
    for turn in [*said.turns, *([said.system] if said.system else [])]:
        for medium, mark in to.placeholders.items():
            if mark != dialect.placeholders.get(medium):
                refuse_if(mark in turn.text)
                turn.text = turn.text.replace(dialect.placeholders.get(medium, mark), mark)


def convert(row: Any, source: str, target: str, form: str = "strings", sizes: Sizes | None = None) -> Any:
    """Convert a row to another dialect, or raise Refused; form, for messages: "strings", "parts" or "named"."""
    dialect, to = DIALECTS[source], DIALECTS[target]
    if source == target and form == "strings":
        refuse_if(not isinstance(row, dict))
        return row
    said = read(row, dialect)
    replace_marks(said, dialect, to)
    texts = [turn.text for turn in said.turns] + ([said.system.text] if said.system else [])
    out = write_others(row, dialect, to)
    if said.media["video"] and not said.media["image"] and dialect.modern != to.modern:
        refuse_if(any("<image>" in text for text in texts))  # LLaVA's loaders use it for videos, too
    if not any(said.media.values()) and bool(dialect.tags) != bool(to.tags):
        refuse_if(any(has_tag(text, dialect) or has_tag(text, to) for text in texts))
    turns = list(said.turns)
    if said.system and target in SYSTEM_TURNS:
        turns.insert(0, said.system)
    elif said.system:
        refuse_if("system" not in to.columns or said.system.extra)
        out["system"] = said.system.text
    refuse_if(target not in ("messages", "role-value") and any(turn.role == "system" for turn in said.turns))
    if to.has_turns:
        made = out[to.columns["turns"][0]] = [write_turn(turn, to, source == target) for turn in turns]
        if form != "strings":
            refuse_if(said.literal)
            for turn in made:
                turn["content"] = in_parts(turn["content"])
        if form == "named":
            name_parts(made, said.media)
        if target == "xtuner":
            size_parts(made, said, sizes or {})
    else:
        out.update(write_rounds(said, to))
    if target == "xtuner" or form == "named":
        refuse_if(dialect.modern != to.modern and any(is_foreign(item) for items in said.media.values() for item in items))
    else:
        out.update(write_media(row, said, dialect, to))
    return out
