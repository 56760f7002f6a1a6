"""What llava-check says of the texts of tool calls, against the steps of LLaMA-Factory and ms-swift in Python.

LLAVA_CHECK is the path of the built program.
"""

from __future__ import annotations

import json
import random
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

import tool_calls
from rows_program import program

sys.path.append(str(Path(__file__).resolve().parents[1] / "runner"))

import runner  # noqa: E402  (its folder is not a package)

COUNT = 6000
LEAST = 40  # of each pair of effects
PAIRS = {
    ("fine", "fine"), ("refused", "replaced"), ("fine", "replaced"), ("altered", "replaced"), ("altered", "altered"),
    ("refused", "altered"), ("refused", "fine"),
}  # fmt: skip
ARGUMENTS: list[Any] = [
    {}, {"a": 1}, {"a": [1, {"b": None}]}, [1], 7, 1.5, True, None, "", "x", '{"a": 1}', "{'a': True}", "null", "None", "a b", "[1,", "'q'", "007",
    "-1", "\u00e9", "{'a': 'it\\'s'}", '{"a": "\\ud83d\\ude00"}', float("nan"), "True", "true", "Paris, France", "2024-01-01", "\t{}",
]
PIECES = [
    '"', "'", "{", "}", "[", "]", ",", ":", " ", "\n", "\\", "null", "None", "True", "true", "NaN", "name", '"name"', "'arguments'", "<tool_call>", "</tool_call>",
    "<think>\n", "\n</think>\n\n", "0", "-", "#", "(", ")", "u", "\t", "\u00e9", "\0", "\\u00e9", "\\x41", "\\n", "1.5", "1_0", "set", "\ufeff", "**", "...",
]


def a_call(rng: random.Random) -> dict[str, Any]:
    name: Any = rng.choice(["look", "f", "", None, 7, "it's", 'say "a"', "\u00e9t\u00e9"])
    call: dict[str, Any] = {"name": name, "arguments": rng.choice(ARGUMENTS)}
    if rng.random() < 0.2:
        call.pop(rng.choice(["name", "arguments"]))
    if rng.random() < 0.2:
        call[rng.choice(["parameters", "id", "type"])] = rng.choice(ARGUMENTS)
    return call


def a_text(rng: random.Random) -> str:
    """A call in some form, which may be changed at a place or two."""
    call = a_call(rng)
    write = rng.choice([json.dumps, json.dumps, repr, lambda value: json.dumps(value, indent=1, ensure_ascii=False)])
    listed: Any = [a_call(rng) for _ in range(rng.randrange(4))] if rng.random() < 0.2 else call
    text = write(listed)
    kind = rng.random()
    if kind < 0.1:
        text = f"<tool_call>{rng.choice(['', chr(10)])}{text}</tool_call>" * rng.choice([1, 1, 2])
    elif kind < 0.15:
        text = f"<think>\nHm.\n</think>\n{rng.choice(['', chr(10)])}{text}"
    elif kind < 0.2:
        text = rng.choice([f"{text}<think>\nHm.\n</think>\n\n", f"I call {text}", f"{text} now", text + text, f" {text}\n"])
    for _ in range(rng.choice([0, 0, 0, 1, 1, 2])):
        at = rng.randrange(len(text) + 1)
        text = text[:at] + rng.choice([*PIECES, ""]) + text[at + rng.choice([0, 0, 1, 4]):]
    return text


def effects(path: Path, trainer: str, *options: str) -> list[str]:
    done = runner.run([program(), "check", str(path), "--trainer", trainer, "--no-index", "--no-images", "--show", "info",
                       "--format", "json", *options], timeout=120)
    assert done.returncode in (0, 1), done.stderr
    report = json.loads(done.stdout)
    found = {effect["row"]: effect["effect"] for effect in report["effects"] if "row" in effect}
    return [found.get(number, "fine") for number in range(report["summary"]["rows"])]


def test_calls(tmp_path: Path) -> None:
    rng = random.Random(17)
    texts = [a_text(rng) for _ in range(COUNT)]
    rows = tmp_path / "rows.jsonl"
    with rows.open("w", encoding="utf-8") as file:
        for number, text in enumerate(texts):
            talk = [("human", "Hi."), ("function_call", text), ("observation", "ok"), ("gpt", f"Done {number}.")]
            turns = [{"from": role, "value": value} for role, value in talk]
            file.write(json.dumps({"id": number, "conversations": turns}) + "\n")
    said = {trainer: effects(rows, trainer, "--dialect", "sharegpt") for trainer in ("llama-factory", "ms-swift")}
    seen: Counter[tuple[str, str]] = Counter()
    unsure = 0
    for number, text in enumerate(texts):
        real = (tool_calls.llama_factory(text), tool_calls.ms_swift(text))
        got = (said["llama-factory"][number], said["ms-swift"][number])
        seen[real] += 1
        unsure += "unknown" in got
        assert "unknown" in got or got == real, (text, got, real)
    assert set(seen) == PAIRS and min(seen.values()) >= LEAST, seen
    assert unsure <= COUNT // 20, unsure


TOOL = {"name": "look", "parameters": {}}
TOOLS: list[Any] = [
    json.dumps([TOOL]), json.dumps([TOOL, {"type": "function", "function": TOOL}]), json.dumps(TOOL), "[]", "{}", "", " ", "look", "7", "null", '"look"', '["look"]', "[1]",
    repr(TOOL), [TOOL], [json.dumps(TOOL)], ["look"], [1], [None], TOOL, {}, [], None, False, True, 0, 0.0, 7, 1.5, json.dumps([TOOL])[:-1], "[{}]", [{}], ["{}"], ["[]"], "\u00e9",
]  # fmt: skip


@pytest.mark.parametrize("named", [False, True])
def test_tools(named: bool, tmp_path: Path) -> None:
    """Each value in a file of its own: the types of a column must not differ."""
    said = [{"from": "human", "value": "Hi."}, {"from": "function_call", "value": '{"name": "look", "arguments": {}}'}]
    for number, tools in enumerate(TOOLS):
        folder = tmp_path / str(number)
        folder.mkdir()
        (folder / "rows.json").write_text(json.dumps([{"id": "1", "conversations": said, "tools": tools}]), encoding="utf-8")
        columns = {"messages": "conversations", "tools": "tools"} if named else {"messages": "conversations"}
        entry = {"file_name": "rows.json", "formatting": "sharegpt", "columns": columns}
        (folder / "dataset_info.json").write_text(json.dumps({"rows": entry}), encoding="utf-8")
        real = tool_calls.llama_factory_tools(tools) if named else "fine"
        assert effects(folder, "llama-factory") == [real], tools
        # the only row, so that there is none to take in its place
        fails = [] if tool_calls.are_tools_read(tools) else ["refused"]
        swift = effects(folder, "ms-swift")
        assert swift == fails or not fails and swift in (["fine"], ["altered"]), tools
