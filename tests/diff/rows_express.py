"""Express LLaVA's rows in other dialects, and change them for rows_mutate.py."""

from __future__ import annotations

import copy
import random
from collections.abc import Callable
from typing import Any

import rows_texts as texts
from rows_dialects import BESIDE, DIALECTS, MEDIA, Dialect

Row = dict[str, Any]


def rename(members: Row, old: str, new: str) -> None:
    if old in members and old != new:
        members[new] = members.pop(old)


def split_at(text: str, what: list[str]) -> list[str]:
    """Split a text before and after each of some strings."""
    pieces = [text]
    for mark in what:
        pieces = [part for piece in pieces for part in cut(piece, mark)]
    return [piece for piece in pieces if piece]


def cut(text: str, mark: str) -> list[str]:
    if text == mark or mark not in text:
        return [text]
    parts = text.split(mark)
    return [piece for part in parts[:-1] for piece in (part, mark)] + parts[-1:]


# ---- from LLaVA's form ----


def paths_of(row: Row, key: str) -> list[Any]:
    value = row.get(key)
    return list(value) if isinstance(value, list) else [value] if isinstance(value, str) else []


def dict_turns(row: Row, *keys: str) -> list[Row]:
    turns = next((row[key] for key in keys if isinstance(row.get(key), list)), [])
    return [turn for turn in turns if isinstance(turn, dict)]


def rename_turns(row: Row, dialect: Dialect, rng: random.Random) -> None:
    """Rename keys and roles to the dialect's, using any of its names."""
    names: dict[str, list[str]] = {}
    for name, role in dialect.roles.items():
        names.setdefault(role, []).append(name)
    for turn in dict_turns(row, "conversations"):
        role = turn.get("from")
        if isinstance(role, str) and role in ("human", "gpt", "system") and role in names:
            turn["from"] = names[role][0] if rng.random() < 0.7 else rng.choice(names[role])
        rename(turn, "from", dialect.role_key)
        rename(turn, "value", dialect.text_key)
        if rng.random() < 0.05 and names.get("result"):
            turn[dialect.role_key] = rng.choice(names["result"] + names.get("call", []))


def rename_columns(row: Row, dialect: Dialect, rng: random.Random) -> None:
    for column, old in (("turns", "conversations"), ("image", "image"), ("video", "video")):
        names = dialect.columns.get(column)
        if names and old in row:
            new = names[0] if rng.random() < 0.7 else rng.choice(names)
            rename(row, old, new)


def text_to_parts(turn: Row, images: list[Any], rng: random.Random) -> None:
    content = turn.get("content")
    if not isinstance(content, str):
        return
    parts: list[Any] = []
    for piece in split_at(content, ["<image>", "<video>"]):
        if piece == "<image>":
            parts.append(make_part("image", images.pop(0) if images else None, rng))
        elif piece == "<video>":
            parts.append(make_part("video", rng.choice(texts.VIDEOS[:6]), rng))
        else:
            parts.append(rng.choice([{"type": "text", "text": piece}] * 4 + [piece, {"text": piece}, {"type": "text", "value": piece}]))
    turn["content"] = parts


def make_part(medium: str, path: Any, rng: random.Random) -> Row:
    if path is None:
        return rng.choice([{"type": medium}, {"type": medium, medium: None}, {"type": "text", "text": None, medium: None}])
    key = rng.choice([medium, f"{medium}_url", "value", "path", "url", "content"])
    kind = key if key.startswith(medium) else rng.choice([medium, f"{medium}_url"])
    value = {"url": path} if key == f"{medium}_url" and rng.random() < 0.7 else path
    part = {"type": kind, key: value}
    if rng.random() < 0.1 and key.startswith(medium):
        del part["type"]
    return part


def express_messages(row: Row, dialect: Dialect, rng: random.Random) -> Any:
    rename_turns(row, dialect, rng)
    if rng.random() < 0.4:
        named = rng.random() < 0.7  # named by the parts, or by the column
        images = paths_of(row, "image") if named else []
        if images:
            del row["image"]
        for turn in dict_turns(row, "conversations"):
            if rng.random() < 0.8:
                text_to_parts(turn, images, rng)
    if rng.random() < 0.1:
        turns = row.get("conversations")
        if isinstance(turns, list) and rng.random() < 0.5:
            return turns
        rename(row, "conversations", "chosen")
    rename_columns(row, dialect, rng)
    return row


def express_inline(row: Row, dialect: Dialect, rng: random.Random) -> Any:
    images = paths_of(row, "image")
    if images:
        del row["image"]
    for turn in dict_turns(row, "conversations"):
        value = turn.get("value")
        pieces = split_at(value, ["<image>"]) if isinstance(value, str) else []
        for at, piece in enumerate(pieces):
            if piece == "<image>" and images:
                opening, closing, _ = rng.choice(dialect.tags[:2])
                pieces[at] = f"{opening}{images.pop(0)}{closing}"
        if pieces:
            turn["value"] = "".join(pieces)
    rename_turns(row, dialect, rng)
    rename_columns(row, dialect, rng)
    return row


def express_columns(row: Row, dialect: Dialect, rng: random.Random) -> Any:
    """Make the last question and answer columns, and earlier ones the history."""
    turns = row.pop("conversations", None)
    values = [turn.get("value") if isinstance(turn, dict) else turn for turn in turns or []] if isinstance(turns, list) else [turns]

    def put(column: str, value: Any) -> None:
        names = dialect.columns[column]
        row[names[0] if rng.random() < 0.6 else rng.choice(names)] = value

    answer = values.pop() if len(values) % 2 == 0 and values else None
    question = values.pop() if values else None
    if len(values) > 1 or rng.random() < 0.1:
        put("history", [values[at : at + 2] for at in range(0, len(values), 2)])
    if "query" in dialect.columns and rng.random() < 0.5 and isinstance(question, str):
        at = rng.choice([0, len(question), rng.randrange(len(question) + 1)])
        put("query", question[at:])
        question = question[:at]
    if "query" in dialect.columns and rng.random() < 0.05:
        put("query", copy.deepcopy(rng.choice([None, 0, False, [], {}, 7, True, ["a"], {"a": 1}, 0.0, 2.5])))
    if "query" not in dialect.columns or rng.random() < 0.97:
        put("prompt", None if rng.random() < 0.02 else question)
    if answer is not None or rng.random() < 0.5:
        put("response", [answer, "other"] if rng.random() < 0.05 else answer)
    rename_columns(row, dialect, rng)
    return row


def express_xcomposer(row: Row, dialect: Dialect, rng: random.Random) -> Any:
    for turn in dict_turns(row, "conversations"):
        if isinstance(turn.get("value"), str) and rng.random() < 0.9:
            turn["value"] = turn["value"].replace("<image>", "<ImageHere>")
    return express_turns(row, dialect, rng)


def express_xtuner(row: Row, dialect: Dialect, rng: random.Random) -> Any:
    """Make the images parts of the first question, with their positions in the texts."""
    images = paths_of(row, "image")
    if images:
        del row["image"]
    for turn in dict_turns(row, "conversations"):
        if isinstance(turn.get("value"), str) and rng.random() < 0.9:
            text = turn["value"].replace("<image>", "<IMG_CONTEXT>").replace("<video>", "<VIDEO_CONTEXT>")
            shown = [{"type": "image_url", "image_url": {"url": path, "image_wh": [6, 4]}} for path in images]
            turn["value"] = [*shown, {"type": "text", "text": text}] if shown or rng.random() < 0.3 else text
            images = []
    return express_turns(row, dialect, rng)


def express_turns(row: Row, dialect: Dialect, rng: random.Random) -> Any:
    rename_turns(row, dialect, rng)
    rename_columns(row, dialect, rng)
    return row


EXPRESS: dict[str, Callable[[Row, Dialect, random.Random], Any]] = {
    "messages": express_messages,
    "inline": express_inline,
    "alpaca": express_columns,
    "query": express_columns,
    "xcomposer": express_xcomposer,
    "xtuner": express_xtuner,
}


# ---- changes ----

LONG = "iVBORw0KGgo" + "A" * 300
ITEMS: list[Any] = [
    "a.jpg", "b.jpg", "http://x/a.jpg", "https://x/b.jpg", "file://c.jpg", "file://", "data:image/png;base64,iVBORw0KGgo=", "data:",
    "data:,a.jpg", LONG, LONG[:250], LONG + "?", "/9j/a.jpg", " ", "", None, 7, {"path": "a.jpg"}, {"path": "a.jpg", "bytes": None},
    {"bytes": "iVBORw0KGgo=", "path": None}, {"bytes": LONG}, {"url": "http://x/a.jpg"}, {"url": "a.jpg"}, {"path": " "}, {},
    {"name": "a.jpg"}, ["f/1.jpg", "f/2.jpg"], ["frames/1.jpg"], [], [None], ["v.mp4"],
]  # fmt: skip
VALUES: list[Any] = ["Be brief.", "", " ", None, False, True, 0, 1, 1.0, [], {}, ["x"], "[]", "x"]
TAGGED = [
    "<img>a.jpg</img>", "<img>b/c d.png</img>", "<img> a.jpg\n</img>", "<img></img>", "<img> </img>", "<img>a.jpg", "a.jpg</img>",
    "<img><img>a.jpg</img></img>", "<img>http://x/a.jpg</img>", "<|vision_start|>a.jpg<|vision_end|>",
    "<|vision_start|>a.jpg</img>", "<audio>v.mp4</audio>", "<audio>gone.wav</audio>", "<audio>", "</audio>",
    "<img><image></img>", "<img></s></img>", "<img>[INST]</img>", "<img>" + "p" * 4096 + "</img>", "<img>" + "p" * 4097 + "</img>",
    "<img>a.jpg</img><img>b.jpg</img>", "<img>a\n<image>b</img>", "<img>a.jpg</img><image>",
]  # fmt: skip
ROLES = [
    "user", "assistant", "human", "gpt", "bot", "system", "developer", "tool", "tool_response", "function", "observation",
    "tool_call", "function_call", "pretrain", "User", "nobody", "",
]  # fmt: skip
PARTS: list[Any] = [
    "x", " ", "<image>", {"type": "text", "text": "x"}, {"type": "text", "text": "<img>a.jpg</img>"}, {"type": "text", "text": 7},
    {"type": "text"}, {"text": "x"}, {"type": "reasoning", "value": "x"}, {"type": "x", "content": "y"}, {"type": "image"},
    {"type": "image", "image": "a.jpg"}, {"type": "image", "image": None}, {"type": "image", "image": ["a.jpg"]},
    {"type": "image_url", "image_url": {"url": "http://x/a.jpg"}}, {"type": "image_url", "image_url": "a.jpg"},
    {"type": "image_url", "image": "a.jpg"}, {"type": "image", "path": "a.jpg", "url": "b.jpg"}, {"image": "a.jpg", "text": "x"},
    {"type": "text", "text": "x", "image": None}, {"type": "video", "video": ["f/1.jpg"]}, {"type": "video", "video": "v.mp4"},
    {"type": "audio", "audio": "v.mp4"}, {"type": "input_audio", "input_audio": {"data": "v.mp4"}},
    {"type": "image", "source": {"type": "url", "url": "a.jpg"}}, {"type": "tool_use", "name": "f"}, {"type": "tool_use", "name": "g"},
    {"type": "tool_result", "content": "x"}, {"type": "tool_result", "content": [{"type": "text", "text": "x"}, {"image": "a.jpg"}]},
    {"type": "tool_result", "content": [{"type": "tool_result", "content": []}]}, {"type": "audio_url", "audio": "gone.wav"}, {"type": " ", "image": "a.jpg"}, {"type": 7, "image": "a.jpg"}, 7, None, [], {},
]  # fmt: skip


def some_turn(row: Row, dialect: Dialect, rng: random.Random) -> Row:
    turns = dict_turns(row, *dialect.columns.get("turns", []))
    return rng.choice(turns) if turns else {}


def column_name(row: Row, dialect: Dialect, column: str) -> str | None:
    return next((name for name in dialect.columns.get(column, []) if name in row), None)


def change_media(row: Row, dialect: Dialect, rng: random.Random) -> None:
    medium = rng.choice(["image", "image", *MEDIA])
    names = dialect.columns.get(medium)
    if names:
        items: list[Any] = copy.deepcopy(rng.choices(ITEMS[:9] if rng.random() < 0.6 else ITEMS, k=rng.randrange(4)))
        row[rng.choice(names)] = rng.choice([items, items, items[0] if items else None])


def wrap_items(row: Row, dialect: Dialect, rng: random.Random) -> None:
    """Turn paths into objects, or the other way round."""
    name = column_name(row, dialect, rng.choice(MEDIA))
    items = row.get(name) if name else None
    if isinstance(items, str):
        row[name] = rng.choice([[items], {"path": items}])
    elif type(items) is list:
        row[name] = [rng.choice([item, {"path": item, "bytes": None}, {"url": item}]) if isinstance(item, str) else item for item in items]


def other_name(row: Row, dialect: Dialect, rng: random.Random) -> None:
    """Give a column another of its names, or two."""
    column = rng.choice(list(dialect.columns))
    name, new = column_name(row, dialect, column), rng.choice(dialect.columns[column])
    if name is None:
        row[new] = rng.choice([None, "x", [], ["a.jpg"]])
    elif rng.random() < 0.5:
        rename(row, name, new)
    else:
        row[new] = rng.choice([None, copy.deepcopy(row[name]), [], "x"])


def strange_name(row: Row, dialect: Dialect, rng: random.Random) -> None:
    """Give a column a name from another dialect."""
    other = rng.choice(list(DIALECTS.values()))
    column = rng.choice(list(dialect.columns))
    name = column_name(row, dialect, column)
    if name is not None and column in other.columns:
        rename(row, name, rng.choice(other.columns[column]))


def null_column(row: Row, dialect: Dialect, rng: random.Random) -> None:
    name = column_name(row, dialect, rng.choice(list(dialect.columns)))
    if name is not None:
        row[name] = rng.choice([None, None, [], "", 7, {}])


def put_beside(row: Row, dialect: Dialect, rng: random.Random) -> None:
    columns = [column for column in BESIDE if column in dialect.columns]
    if rng.random() < 0.2 or not columns:
        row[rng.choice(["system", "System_prompt", "tools", "VIDEOS", "Audio"])] = copy.deepcopy(rng.choice(VALUES))
    else:
        row[rng.choice(dialect.columns[rng.choice(columns)])] = copy.deepcopy(rng.choice(VALUES))


def change_role(row: Row, dialect: Dialect, rng: random.Random) -> None:
    turn = some_turn(row, dialect, rng)
    if turn and dialect.role_key:
        turn[dialect.role_key] = rng.choice([*dialect.roles, *ROLES])


def add_turn(row: Row, dialect: Dialect, rng: random.Random) -> None:
    """Insert a turn of another role before, after or among the others."""
    name = column_name(row, dialect, "turns")
    if name is not None and isinstance(row[name], list):
        turn = {dialect.role_key: rng.choice([*dialect.roles, "system", "system"]), dialect.text_key: rng.choice(["x", "y", "", "<image>"])}
        row[name].insert(rng.choice([0, 0, len(row[name]), rng.randrange(len(row[name]) + 1)]), turn)


def foreign_keys(row: Row, dialect: Dialect, rng: random.Random) -> None:
    turn = some_turn(row, dialect, rng)
    for old, new in zip((dialect.role_key, dialect.text_key), rng.choice([("from", "value"), ("role", "content"), ("role", "value")]), strict=True):
        if rng.random() < 0.9:
            rename(turn, old, new)


def put_tags(row: Row, dialect: Dialect, rng: random.Random) -> None:
    if dialect.has_turns:
        members, key = some_turn(row, dialect, rng), dialect.text_key
    else:
        members, key = row, column_name(row, dialect, rng.choice(["prompt", "response"])) or ""
    if isinstance(members.get(key), str):
        what = rng.choice([*TAGGED, *TAGGED, "<video>", "<audio>", "<image>", "<ImageHere>", "<video>\n"])
        text = members[key]
        at = rng.choice([0, len(text), rng.randrange(len(text) + 1)])
        members[key] = rng.choice([what, text[:at] + what + text[at:], text[:at] + what + text[at:]])


def make_pair(row: Row, dialect: Dialect, rng: random.Random) -> None:
    name = column_name(row, dialect, "turns")
    turns = row.get(name) if name else None
    if isinstance(turns, list) and len(turns) > 1 and all(isinstance(turn, dict) for turn in turns[:2]):
        asked, answer = turns[0].get(dialect.text_key), turns[1].get(dialect.text_key)
        pair = {rng.choice(["human", "user"]): asked, rng.choice(["gpt", "assistant", "bot"]): answer}
        if rng.random() < 0.2:
            pair.pop(rng.choice(list(pair)))
        if rng.random() < 0.1:
            pair["user"] = "x"
        turns[:2] = [pair]


def change_history(row: Row, dialect: Dialect, rng: random.Random) -> None:
    pair = rng.choice([["P", "B"], ["P"], [], ["P", "B", "C"], [7, "B"], ["P", None], "P", {}, None, ["<image>", "B"], [[], "B"]])
    history = row.get("history")
    if "history" not in dialect.columns:
        return
    if isinstance(history, list) and rng.random() < 0.5:
        history.append(copy.deepcopy(pair))
    else:
        row["history"] = copy.deepcopy(rng.choice([[pair], [["P", "B"], pair], pair, None, [], "", {}, 0, 7]))


def change_parts(row: Row, dialect: Dialect, rng: random.Random) -> None:
    turn = some_turn(row, dialect, rng)
    content = turn.get(dialect.text_key)
    new = copy.deepcopy(rng.choices(PARTS, k=rng.randrange(1, 4)))
    if dialect.parts and turn:
        if isinstance(content, list) and rng.random() < 0.7:
            content[rng.randrange(len(content) + 1) :] = new
        elif isinstance(content, str) and rng.random() < 0.7:
            turn[dialect.text_key] = [{"type": "text", "text": content}, *new]
        else:
            turn[dialect.text_key] = new


def call_tools(row: Row, dialect: Dialect, rng: random.Random) -> None:
    turn = some_turn(row, dialect, rng)
    if dialect.parts and turn:
        turn["tool_calls"] = copy.deepcopy(rng.choice([[{"function": {"name": "f"}}], [], None, "x", [1], [2]]))
        if rng.random() < 0.6:
            turn[dialect.text_key] = rng.choice([None, None, "", 7, "x"])
        if rng.random() < 0.2:
            turn.pop(dialect.text_key, None)


CALLS = [
    '{"name": "f", "arguments": {}}', '{"name": "f", "arguments": "{}"}', '{"name": "f", "arguments": {"a": NaN}}', "[]", "look", "", "{'name': 'f', 'arguments': {}}",
    '{"name": "f", "parameters": {}}', '{"name": "f", "arguments": null}', '<tool_call>{"name": "f", "arguments": {}}</tool_call>', '{"name": "f", "arguments": {}, "id": 1}',
]  # fmt: skip


def write_call(row: Row, dialect: Dialect, rng: random.Random) -> None:
    """Make a turn a call in a text, and perhaps describe the tools."""
    turn = some_turn(row, dialect, rng)
    if turn and dialect.role_key:
        turn[dialect.role_key] = rng.choice(["function_call", "tool_call"])
        turn[dialect.text_key] = rng.choice(CALLS)
    if rng.random() < 0.5:
        row["tools"] = copy.deepcopy(rng.choice(["", "[]", "f", '[{"name": "f"}]', "{}", [{}], ["{}"], [1], {}, {"name": "f"}, 0, 7, "null", "{'name': 'f'}"]))


def reject_turn(turn: Row, rng: random.Random) -> None:
    """Change the text of a turn, and the media in it."""
    kind = rng.randrange(6)
    text = turn.get("content")
    if kind == 0:
        turn["content"] = copy.deepcopy(rng.choices(PARTS, k=rng.randrange(1, 4)))
    elif kind == 1:
        turn["content"] = copy.deepcopy(rng.choice(VALUES))
    elif kind == 2:
        turn["role"] = rng.choice(ROLES)
    elif kind < 5 and isinstance(text, str):
        turn["content"] = rng.choice([*TAGGED, "<image>", "<image>", "<video>"]) + text


def reject_answer(row: Row, dialect: Dialect, rng: random.Random) -> None:
    """Add a rejected answer with its own media, turns, or both."""
    if "rejected_image" not in dialect.columns:
        return
    while rng.random() < 0.6:
        items: list[Any] = copy.deepcopy(rng.choices(ITEMS[:9] if rng.random() < 0.7 else ITEMS, k=rng.randrange(3)))
        row[rng.choice(["rejected_images", "rejected_images", "rejected_videos", "rejected_audios"])] = rng.choice(
            [items, items, items[0] if items else None]
        )
    if rng.random() < 0.6:
        name = column_name(row, dialect, "turns")
        turns = copy.deepcopy(row[name]) if name and isinstance(row[name], list) else [{"role": "user", "content": "<image>x"}]
        for turn in turns:
            if isinstance(turn, dict) and rng.random() < 0.5:
                reject_turn(turn, rng)
        if rng.random() < 0.2:
            turns.append(copy.deepcopy(rng.choice(PARTS)))
        row[rng.choice(dialect.columns["rejected"])] = turns


def compare_answers(row: Row, dialect: Dialect, rng: random.Random) -> None:
    """Add the two answers of preference data, or one of them, in a form that the dialect may have or not."""
    if "rejected" not in dialect.columns:
        return
    turn = {dialect.role_key or "from": rng.choice([*dialect.roles, "nobody"]), dialect.text_key or "value": rng.choice(["A", "B", "", None])}
    forms: list[Any] = ["A", turn, [turn], [turn, turn], {}, [], 7, None, " "]
    for column in ("chosen", "rejected"):
        if rng.random() < 0.8:
            row[rng.choice(dialect.columns[column])] = copy.deepcopy(rng.choice(forms))


CHANGES: list[Callable[[Row, Dialect, random.Random], None]] = [
    change_media, change_media, wrap_items, other_name, strange_name, null_column, put_beside, put_beside, change_role, add_turn,
    foreign_keys, put_tags, put_tags, change_parts, change_parts, call_tools, write_call, reject_answer, compare_answers,
]  # fmt: skip


def express(row: Any, dialect: Dialect, rng: random.Random) -> Any:
    """Express a row of LLaVA's form in another dialect, and change it 0 to 3 times."""
    if not isinstance(row, dict) or dialect.name == "llava":
        return row
    row = EXPRESS.get(dialect.name, express_turns)(copy.deepcopy(row), dialect, rng)
    changes = CHANGES + [make_pair] * (4 if dialect.pairs else 0) + [change_history] * (3 if "history" in dialect.columns else 0)
    for _ in range(rng.choice([0, 0, 0, 1, 1, 2, 3])):
        if isinstance(row, dict):
            rng.choice(changes)(row, dialect, rng)
    return row
