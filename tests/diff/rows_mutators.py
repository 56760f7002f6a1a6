"""The ways in which rows_mutate.py changes one row."""

from __future__ import annotations

import copy
import random
from collections.abc import Callable
from typing import Any

import rows_texts as texts
import rows_write
from rows_reference import UNREAD_KEYS

Row = dict[str, Any]


def conversation(row: Row) -> list[Any]:
    """Return the row's turns, or a separate list if it has none."""
    turns = row.get("conversations")
    return turns if isinstance(turns, list) else []


def dict_turns(row: Row) -> list[dict[str, Any]]:
    return [turn for turn in conversation(row) if isinstance(turn, dict)]


def a_turn(row: Row, rng: random.Random) -> dict[str, Any]:
    turns = dict_turns(row)
    return rng.choice(turns) if turns else {}


def any_value(rng: random.Random) -> Any:
    return copy.deepcopy(rng.choice(texts.VALUES + texts.STRINGS + texts.BLANKS))


def any_paths(rng: random.Random, paths: list[Any]) -> Any:
    """Return any value for an image or video, with some of the paths."""
    return rng.choice([
        rng.choice(paths), rng.choice(paths), [rng.choice(paths)], rng.choices(paths, k=rng.randrange(1, 4)), None, 7, True, {},
        {"path": "x"}, [],
    ])  # fmt: skip


def text_of(turn: dict[str, Any]) -> str:
    value = turn.get("value")
    return value if isinstance(value, str) else ""


def drop_key(row: Row, rng: random.Random) -> None:
    row.pop(rng.choice(list(row) or ["id"]), None)


def rename_key(row: Row, rng: random.Random) -> None:
    key = rng.choice(list(row) or ["id"])
    new = rng.choice(["ID", "Image", "images", "conversation", "conversations ", "id\x00", "image\ud83d", "video", key])
    row[new] = row.pop(key, None)


def rename_image(row: Row, rng: random.Random) -> None:
    image = row.pop("image", "a.jpg")
    for _ in range(rng.choice([1, 1, 2])):
        key = rng.choice(UNREAD_KEYS * 2 + texts.OTHER_KEYS)
        row[key] = image if rng.random() < 0.5 else any_value(rng)


def add_unread_key(row: Row, rng: random.Random) -> None:
    row[rng.choice(UNREAD_KEYS + texts.OTHER_KEYS)] = any_value(rng)


def retype_key(row: Row, rng: random.Random) -> None:
    row[rng.choice(["id", "image", "conversations", "video", "note"])] = any_value(rng)


def begin_with_null(row: Row, rng: random.Random) -> None:
    """Add a list that begins with null, often with a key that no other row has."""
    values = [any_value(rng) for _ in range(rng.randrange(3))]
    row[rng.choice(["tags", "labels", "scores", "note", f"list{rng.randrange(100)}"])] = [None, *values]


def reorder_keys(row: Row, rng: random.Random) -> None:
    items = list(row.items())
    rng.shuffle(items)
    row.clear()
    row.update(items)


def nest(row: Row, rng: random.Random) -> None:
    """Add a key with objects, one of which has a duplicate key, or nearly."""
    second = rng.choice(["a", rows_write.Escaped("a"), "A", "a\u0301", "b", "a\x00", "a "])
    value: Any = rows_write.Members([("a", any_value(rng)), (second, any_value(rng))])
    for _ in range(rng.randrange(4)):
        value = rng.choice([[value], [7, value], {"a": value}, {"from": value, "value": "x"}])
    row[rng.choice(["meta", "note", "image", "video", "id"] if rng.random() < 0.3 else ["meta"])] = value


def change_id(row: Row, rng: random.Random) -> None:
    row["id"] = copy.deepcopy(rng.choice(texts.IDS + texts.BLANKS + texts.NEARLY_BLANKS))


def change_image(row: Row, rng: random.Random) -> None:
    paths: list[Any] = texts.PATHS + rng.choice([[], [], texts.BLANKS + texts.NEARLY_BLANKS, texts.VALUES])
    row["image"] = any_paths(rng, paths)


def wrap_image(row: Row, rng: random.Random) -> None:
    """Turn a string into a list of one, or the other way round."""
    key = rng.choice(["image", "image", "video"])
    if isinstance(row.get(key), str):
        row[key] = [row[key]]
    elif type(row.get(key)) is list and row[key]:
        row[key] = row[key][0]


def change_video(row: Row, rng: random.Random) -> None:
    if "video" in row and rng.random() < 0.5:
        del row["video"]
    else:
        row["video"] = any_value(rng) if rng.random() < 0.3 else any_paths(rng, texts.VIDEOS)


def swap_turns(row: Row, rng: random.Random) -> None:
    turns = conversation(row)
    if len(turns) >= 2:
        a, b = rng.sample(range(len(turns)), 2)
        turns[a], turns[b] = turns[b], turns[a]


def merge_turns(row: Row, rng: random.Random) -> None:
    turns = conversation(row)
    if len(turns) >= 2 and all(isinstance(turn, dict) for turn in turns):
        at = rng.randrange(len(turns) - 1)
        turns[at]["value"] = text_of(turns[at]) + text_of(turns.pop(at + 1))


def drop_turns(row: Row, rng: random.Random) -> None:
    turns = conversation(row)
    for _ in range(rng.choice([1, 1, 2, len(turns)])):
        if turns:
            turns.pop(rng.choice([0, -1, rng.randrange(len(turns))]))


def double_turn(row: Row, rng: random.Random) -> None:
    turns = conversation(row)
    if turns:
        at = rng.randrange(len(turns))
        turns.insert(at, copy.deepcopy(turns[at]))


def double_exchange(row: Row, rng: random.Random) -> None:
    """Repeat two turns at the end, now and then with another answer."""
    turns = conversation(row)
    added = copy.deepcopy(turns[:2])
    if added and isinstance(added[-1], dict) and rng.random() < 0.4:
        added[-1]["value"] = text_of(added[-1]) + rng.choice([" ", "\n", ".", "\x00"])
    turns.extend(added)


def echo(row: Row, rng: random.Random) -> None:
    """Make a turn repeat the one before it, exactly or nearly."""
    turns = dict_turns(row)
    if len(turns) >= 2:
        at = rng.randrange(len(turns) - 1)
        turns[at + 1]["value"] = text_of(turns[at]) + rng.choice(["", "", "", " ", "\n", "\x00"])


def change_turn(row: Row, rng: random.Random) -> None:
    turns = conversation(row)
    if turns:
        turns[rng.randrange(len(turns))] = any_value(rng)


def change_role(row: Row, rng: random.Random) -> None:
    a_turn(row, rng)["from"] = rng.choice(texts.ROLES)


def break_turn(row: Row, rng: random.Random) -> None:
    turn, key = a_turn(row, rng), rng.choice(["from", "value", "note"])
    if rng.random() < 0.4:
        turn.pop(key, None)
    elif rng.random() < 0.3:
        turn[rng.choice(["role", "content", "From", "value "])] = turn.pop(key, None)
    else:
        turn[key] = any_value(rng)


def openai_turns(row: Row, rng: random.Random) -> None:
    """Use role and content in one turn, half of them or all; some keep a key, or lose one."""
    share = rng.choice([0.0, 0.5, 1.0])
    turns = dict_turns(row)
    for turn in [*(turn for turn in turns if rng.random() < share), *rng.sample(turns, min(1, len(turns)))]:
        keep = rng.random() < 0.15
        for old, new in (("from", "role"), ("value", "content")):
            if old in turn and rng.random() < 0.95:
                turn[new] = turn[old] if keep else turn.pop(old)
        if rng.random() < 0.1:
            turn[rng.choice(["role", "content", "from", "value"])] = any_value(rng)


def blank_turn(row: Row, rng: random.Random) -> None:
    a_turn(row, rng)["value"] = "".join(rng.choices(texts.BLANKS, k=rng.randrange(1, 4)))


def nearly_blank_turn(row: Row, rng: random.Random) -> None:
    blank = rng.choice(texts.BLANKS)
    a_turn(row, rng)["value"] = blank + rng.choice(texts.NEARLY_BLANKS) + blank


def blank_all(row: Row, rng: random.Random) -> None:
    for turn in dict_turns(row):
        turn["value"] = rng.choice(texts.BLANKS)
    if rng.random() < 0.2:
        nearly_blank_turn(row, rng)


def put(turn: dict[str, Any], what: str, rng: random.Random) -> None:
    text = text_of(turn)
    at = rng.choice([0, len(text), rng.randrange(len(text) + 1)])
    turn["value"] = text[:at] + what + text[at:]


def add_placeholder(row: Row, rng: random.Random) -> None:
    put(a_turn(row, rng), rng.choice(texts.PLACEHOLDERS), rng)


def remove_placeholder(row: Row, rng: random.Random) -> None:
    for turn in dict_turns(row):
        new = rng.choice(["", *texts.LOOKALIKES, *texts.NO_LOOKALIKES])
        turn["value"] = text_of(turn).replace("<image>", new)


def move_placeholder(row: Row, rng: random.Random) -> None:
    for turn in dict_turns(row):
        turn["value"] = text_of(turn).replace("<image>\n", "").replace("<image>", "")
    add_placeholder(row, rng)


def late_placeholder(row: Row, rng: random.Random) -> None:
    """Move the placeholder to a later human turn, which is added if there is none."""
    move_placeholder(row, rng)
    turns = conversation(row)
    if len(turns) < 3:
        turns += [{"from": "human", "value": "And <image>?"}, {"from": "gpt", "value": "Here."}]
    later = [turn for turn in turns[1:] if isinstance(turn, dict) and turn.get("from") == "human"]
    for turn in dict_turns(row):
        turn["value"] = text_of(turn).replace("<image>", "")
    if later:
        put(rng.choice(later), rng.choice(["<image>", "<image>\n", "\n<image>"]), rng)
    row["image"] = rng.choice(["a.jpg", ["a.jpg"], ["a.jpg", "b.jpg"]])


def only_placeholder(row: Row, rng: random.Random) -> None:
    a_turn(row, rng)["value"] = rng.choice(texts.BLANKS) + "<image>" + rng.choice(texts.BLANKS)


def put_text(row: Row, rng: random.Random) -> None:
    put(a_turn(row, rng), rng.choice(texts.TEXTS + texts.BLANKS), rng)


def put_line(row: Row, rng: random.Random) -> None:
    """Put a text at the very start of a value, or after something that may end a line."""
    turn = a_turn(row, rng)
    end = rng.choice(["", "\n", "\r", "\r\n", " ", "\u2028", "\x85", "\\n"])
    text = rng.choice(texts.TEMPLATES + texts.NO_TEMPLATES + ["<image>"])
    before, after = rng.choice([("", text_of(turn)), (text_of(turn), "")])
    turn["value"] = before + end + text + after


def put_two(row: Row, rng: random.Random) -> None:
    """Put two texts next to each other: they may form a third."""
    two = rng.choices(texts.DAMAGES + texts.NO_DAMAGES + texts.LOOKALIKES + texts.NO_LOOKALIKES, k=2)
    put(a_turn(row, rng), "".join(two), rng)


MUTATORS: list[Callable[[Row, random.Random], None]] = [
    drop_key, rename_key, rename_image, rename_image, add_unread_key, retype_key, begin_with_null, reorder_keys, nest, change_id, change_id,
    change_image, change_image, wrap_image, change_video, change_video, swap_turns, merge_turns, drop_turns, double_turn,
    double_exchange, echo, change_turn, change_role, break_turn, openai_turns, openai_turns, blank_turn, nearly_blank_turn,
    blank_all, blank_all, add_placeholder, add_placeholder, remove_placeholder, move_placeholder, late_placeholder,
    only_placeholder, put_text, put_text, put_text, put_line, put_two,
]  # fmt: skip


def mutate(row: Row, rng: random.Random) -> Any:
    """Change a row 0 to 4 times; now and then, return something that is not an object."""
    if rng.random() < 0.02:
        return any_value(rng)
    row = copy.deepcopy(row)
    for _ in range(rng.choice([0, 0, 1, 1, 1, 2, 2, 3, 4])):
        rng.choice(MUTATORS)(row, rng)
    return row


def respell_id(row: Row) -> None:
    """Turn 7 into "7", or the other way round."""
    identity = row.get("id")
    if isinstance(identity, int) and not isinstance(identity, bool):
        row["id"] = str(identity)
    elif isinstance(identity, str) and identity.isascii() and identity.isdigit():
        row["id"] = int(identity)


def vary(row: Row, rng: random.Random) -> Row:
    """Return a row that is the same as another of its file, or nearly."""
    row = copy.deepcopy(row)
    for _ in range(rng.choice([0, 1, 1, 2])):
        kind = rng.randrange(8)
        if kind == 0:
            row["id"] = rng.choice([7, "7", "a", 8, "é"])
        elif kind == 1:
            respell_id(row)
        elif kind == 2:
            row[rng.choice(["note", "meta"])] = any_value(rng)
            a_turn(row, rng)["note"] = any_value(rng)
        elif kind == 3:
            rng.choice([change_image, change_video, change_role])(row, rng)
        elif kind == 4:
            put(a_turn(row, rng), rng.choice([" ", "\x00", "\u0301", "."]), rng)
        elif kind == 5:
            row["image"] = rng.choice(["a.jpg", "b.jpg", ["a.jpg"], ["a.jpg", "b.jpg"], ["b.jpg", "a.jpg"]])
        elif kind == 6:
            rng.choice([wrap_image, wrap_image, reorder_keys])(row, rng)
        else:
            answers = [turn for turn in dict_turns(row) if turn.get("from") == "gpt"]
            for turn in answers[: rng.choice([1, 1, 2])]:
                turn["value"] = rng.choice(["That.", "This.", "that."])
    return row
