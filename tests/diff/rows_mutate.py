#!/usr/bin/env python3
"""The program against rows_reference.py on rows that were changed in their structure.

    LLAVA_CHECK=… rows_mutate.py [--rows 200000] [--seed 1]

prints the disagreements, how often each rule fired, and at last a line with two numbers. The exit
code is 1 when there is a disagreement.
"""

from __future__ import annotations

import argparse
import copy
import json
import random
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import json_mutate
import rows_reference as reference
import rows_write
from rows_program import Checker, by_row

ROWS_PER_FILE = 60
SHOWN = 10
Row = dict[str, Any]

BLANKS = [
    "", " ", "\t", "\n", "\r\n", "\x0b", "\x0c", "\x1c", "\x1d\x1e\x1f", "\x85", "\xa0", "\u1680", "\u2000", "\u2005\u200a", "\u2028",
    "\u2029", "\u202f", "\u205f", "\u3000", " \u3000\t\xa0 ", " " * 70,
]  # fmt: skip
NEARLY_BLANKS = ["\u200b", "\ufeff", "\u180e", "\u2060", "\x00", "\x1b", "\x7f", ".", " \u200d ", "\x08", "\u2027", "\u2001b"]
STRINGS = ["x", "7", "<image>", "é中😀", 'say "no"', "a\\b", "a/b", "\ud83d", "\ude00 x", "\x00", "\u2028", "\ufffd", "{}", "[", "]},{"]
VALUES: list[Any] = [
    None, True, False, 0, 7, -1, 2**63, 10**30, 0.5, -0.0, float("nan"), float("-inf"), [], {}, [None], ["x"], [["x"]],
    {"id": "x"}, [7, "x"], {"from": "human", "value": "<image>"},
]  # fmt: skip
IDS: list[Any] = [
    0, -0, 7, "7", "07", -7, "-7", 7.0, 7e30, True, False, None, "True", "None", [], ["7"], {"id": 7}, 2**63 - 1, 2**63, str(2**63), -(2**63),
    -(2**63) - 1, 10**30, str(10**30), 10**400, float("nan"), "a", "a ", "A", "é", "e\u0301", "\ud83d", "\ud83d\ude00", "😀", "a\x00b", "a\\xed",
]  # fmt: skip
PATHS = ["a.jpg", "b/c d.png", "é中.jpg", "../up.jpg", "/abs.jpg", "http://x/y.jpg", "a\\b.jpg", "\x00", "\ud83d.jpg", "7"]
ROLES = ["human", "gpt", "user", "assistant", "system", "Human", "GPT", "gpt ", "human\x00", "", " ", "hum\u00e4n"]
LOOKALIKES = ["<Image>", "<image >", "< image>", "<img>", "<image/>", "</image>", "<image", "image>", "<image1>", "<imag\u0435>", "<im<image>age>"]


def seeds() -> list[Row]:
    """Sound rows: of the demo, of the derived corpus when it is there, and made up ones."""
    found = [json.loads(text) for text in json_mutate.seed_rows(random.Random(1))]
    rows = [row for row in found if isinstance(row.get("conversations"), list)]
    assert len(rows) >= 40
    images = [{"image": ["a.jpg", "b.jpg"]}, {"image": ["a.jpg"]}, {}, {"video": "v.mp4"}]
    for number, extra in enumerate(images * 5):
        count = len(extra.get("image", [1])) if extra else 0
        value = "<image>" * count + "\nWhat?"
        turns = [{"from": "human", "value": value}, {"from": "gpt", "value": "That."}]
        rows.append({"id": f"made-{number}", **copy.deepcopy(extra), "conversations": turns})
    return rows


def conversation(row: Row) -> list[Any]:
    """The row's turns; a list of its own when it has none."""
    turns = row.get("conversations")
    return turns if isinstance(turns, list) else []


def a_turn(row: Row, rng: random.Random) -> dict[str, Any]:
    turns = [turn for turn in conversation(row) if isinstance(turn, dict)]
    return rng.choice(turns) if turns else {}


def any_value(rng: random.Random) -> Any:
    return copy.deepcopy(rng.choice(VALUES + STRINGS + BLANKS))


def text_of(turn: dict[str, Any]) -> str:
    value = turn.get("value")
    return value if isinstance(value, str) else ""


def drop_key(row: Row, rng: random.Random) -> None:
    row.pop(rng.choice(list(row) or ["id"]), None)


def rename_key(row: Row, rng: random.Random) -> None:
    key = rng.choice(list(row) or ["id"])
    new = rng.choice(["ID", "Image", "images", "conversation", "conversations ", "id\x00", "image\ud83d", "video", key])
    row[new] = row.pop(key, None)


def retype_key(row: Row, rng: random.Random) -> None:
    row[rng.choice(["id", "image", "conversations", "video", "note"])] = any_value(rng)


def reorder_keys(row: Row, rng: random.Random) -> None:
    items = list(row.items())
    rng.shuffle(items)
    row.clear()
    row.update(items)


def change_id(row: Row, rng: random.Random) -> None:
    row["id"] = copy.deepcopy(rng.choice(IDS + BLANKS + NEARLY_BLANKS))


def change_image(row: Row, rng: random.Random) -> None:
    paths: list[Any] = PATHS + BLANKS + NEARLY_BLANKS
    row["image"] = rng.choice([
        rng.choice(paths), rng.choice(PATHS), None, 7, True, {}, {"path": "x"}, [], rng.choices(PATHS, k=rng.randrange(1, 4)),
        rng.choices(paths, k=rng.randrange(1, 4)), rng.choices(PATHS + VALUES, k=2),
    ])  # fmt: skip


def toggle_video(row: Row, rng: random.Random) -> None:
    if "video" in row:
        del row["video"]
    else:
        row["video"] = any_value(rng)


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


def change_turn(row: Row, rng: random.Random) -> None:
    turns = conversation(row)
    if turns:
        turns[rng.randrange(len(turns))] = any_value(rng)


def change_role(row: Row, rng: random.Random) -> None:
    a_turn(row, rng)["from"] = rng.choice(ROLES)


def break_turn(row: Row, rng: random.Random) -> None:
    turn, key = a_turn(row, rng), rng.choice(["from", "value", "note"])
    if rng.random() < 0.4:
        turn.pop(key, None)
    elif rng.random() < 0.3:
        turn[rng.choice(["role", "content", "From", "value "])] = turn.pop(key, None)
    else:
        turn[key] = any_value(rng)


def blank_turn(row: Row, rng: random.Random) -> None:
    a_turn(row, rng)["value"] = "".join(rng.choices(BLANKS, k=rng.randrange(1, 4)))


def nearly_blank_turn(row: Row, rng: random.Random) -> None:
    blank = rng.choice(BLANKS)
    a_turn(row, rng)["value"] = blank + rng.choice(NEARLY_BLANKS) + blank


def blank_all(row: Row, rng: random.Random) -> None:
    for turn in conversation(row):
        if isinstance(turn, dict):
            turn["value"] = rng.choice(BLANKS)


def put(turn: dict[str, Any], what: str, rng: random.Random) -> None:
    text = text_of(turn)
    at = rng.choice([0, len(text), rng.randrange(len(text) + 1)])
    turn["value"] = text[:at] + what + text[at:]


def add_placeholder(row: Row, rng: random.Random) -> None:
    put(a_turn(row, rng), rng.choice(["<image>", "<image>\n", "\n<image>", "<image><image>"]), rng)


def remove_placeholder(row: Row, rng: random.Random) -> None:
    for turn in conversation(row):
        if isinstance(turn, dict):
            turn["value"] = text_of(turn).replace("<image>", rng.choice(["", *LOOKALIKES]))


def move_placeholder(row: Row, rng: random.Random) -> None:
    remove_placeholder(row, rng)
    add_placeholder(row, rng)


def only_placeholder(row: Row, rng: random.Random) -> None:
    a_turn(row, rng)["value"] = rng.choice(BLANKS) + "<image>" + rng.choice(BLANKS)


def put_text(row: Row, rng: random.Random) -> None:
    put(a_turn(row, rng), rng.choice(STRINGS + BLANKS + LOOKALIKES), rng)


MUTATORS: list[Callable[[Row, random.Random], None]] = [
    drop_key, rename_key, retype_key, reorder_keys, change_id, change_id, change_image, change_image, toggle_video, swap_turns, merge_turns,
    drop_turns, double_turn, change_turn, change_role, break_turn, break_turn, blank_turn, nearly_blank_turn, blank_all, add_placeholder,
    add_placeholder, remove_placeholder, move_placeholder, only_placeholder, put_text, put_text,
]  # fmt: skip


def mutate(row: Row, rng: random.Random) -> Any:
    """A row that was changed 0 to 4 times; now and then something that is no object."""
    if rng.random() < 0.02:
        return any_value(rng)
    row = copy.deepcopy(row)
    for _ in range(rng.choice([0, 1, 1, 1, 2, 2, 3, 4])):
        rng.choice(MUTATORS)(row, rng)
    return row


def double_keys(value: Any, rng: random.Random, chance: float) -> Any:
    """Give some objects a key twice; Python keeps the last."""
    if isinstance(value, list):
        return [double_keys(item, rng, chance) for item in value]
    if not isinstance(value, dict):
        return value
    members = [(key, double_keys(item, rng, chance)) for key, item in value.items()]
    if members and rng.random() < chance:
        key = rng.choice(members)[0]
        members.insert(rng.randrange(len(members) + 1), (key, any_value(rng)))
    return rows_write.Members(members)


def make_rows(rows: list[Row], count: int, rng: random.Random) -> list[Any]:
    return [double_keys(mutate(rng.choice(rows), rng), rng, 0.03) for _ in range(count)]


class Outcome:
    """What a run of the comparison found."""

    def __init__(self) -> None:
        self.rows = 0
        self.files = 0
        self.fired: Counter[str] = Counter()
        self.sound = 0
        self.disagreements: list[str] = []

    def compare(self, checker: Checker, rng: random.Random, rows: list[Any]) -> None:
        form = rng.choice(rows_write.FORMS)
        if form.lines and not isinstance(rows[0], dict | rows_write.Members):
            rows = [{"id": "first", "conversations": []}, *rows]  # tells that this is JSONL
        data, texts = rows_write.write(rows, form)
        wanted = reference.judge_file(texts)
        suffix = ".jsonl" if form.lines else ".json"
        result = checker.check(data, suffix, threads=rng.choice([1, 4]))
        over, under = reference.difference(by_row(result.findings), wanted)
        self.files += 1
        self.rows += len(rows)
        self.sound += len(rows) - len({row for row, _ in wanted if isinstance(row, int)})
        self.fired.update(code for (_, code), n in wanted.items() for _ in range(n))
        if result.rows != len(rows):
            self.disagreements.append(f"{form}: {result.rows} rows of {len(rows)}")
        for what, found in (("only ours", over), ("only reference", under)):
            for row, code in found:
                text = texts[row] if isinstance(row, int) else b""
                self.disagreements.append(f"{form}: {what}: {code} at {row!r}: {text!r}")

    def describe(self) -> str:
        lines = self.disagreements[:SHOWN]
        lines += [f"{count:8} {code}" for code, count in sorted(self.fired.items())]
        lines.append(f"{self.sound:8} rows without a finding, {self.files} files")
        lines.append(f"{self.rows} compared, {len(self.disagreements)} disagreements")
        return "\n".join(lines)


def run(count: int, seed: int, folder: Path) -> Outcome:
    rng = random.Random(seed)
    outcome, checker, rows = Outcome(), Checker(folder), seeds()
    while outcome.rows < count:
        size = rng.choice([2, ROWS_PER_FILE, ROWS_PER_FILE, 3 * ROWS_PER_FILE])
        outcome.compare(checker, rng, make_rows(rows, size, rng))
    return outcome


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=200000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        outcome = run(options.rows, options.seed, Path(folder))
    print(outcome.describe())
    return 1 if outcome.disagreements else 0


if __name__ == "__main__":
    sys.exit(main())
