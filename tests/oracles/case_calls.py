"""Cases about tools: calls of a tool in texts, as LLaMA-Factory and ms-swift write them, and their descriptions."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from cases import SOUND_MEDIA, Case, answer, ask

CALL = {"name": "look", "arguments": {"at": "s1"}}
GOOD = json.dumps(CALL)
TOOL = {"name": "look", "description": "Look at it.", "parameters": {"type": "object", "properties": {"at": {"type": "string"}}}}
CALLS: dict[str, Any] = {
    "sound": GOOD, "spaces": f" \n{GOOD}\n", "indented": json.dumps(CALL, indent=2), "list": f"[{GOOD}, {GOOD}]", "list-one": f"[{GOOD}]", "list-empty": "[]",
    "list-other": json.dumps([CALL | {"id": "c1"}]), "list-numbers": "[1]", "plain": "look(at='s1')", "empty": "", "cut": GOOD[:-1], "trailing": GOOD + " now", "twice": GOOD + "\n" + GOOD,
    "quotes": repr(CALL), "quotes-other": repr(CALL | {"id": "c1"}), "quotes-parameters": repr({"name": "look", "parameters": {}}), "quotes-none": "{'name': 'look', 'arguments': None}",
    "quotes-text": "{'name': 'look', 'arguments': '{\"at\": \"s1\"}'}", "quotes-true": "{'name': 'look', 'arguments': {'a': True, 'b': [1, -2.5, None]}}", "quotes-javascript": "{name: 'look', arguments: {}}",
    "quotes-json": "{'name': 'look', 'arguments': {'a': true}}", "raw-tab": '{"name": "look", "arguments": {"at": "a\tb"}}', "raw-line": '{"name": "look", "arguments": {"at": "a\nb"}}',
    "no-name": '{"arguments": {}}', "no-arguments": '{"name": "look"}', "name-null": '{"name": null, "arguments": {}}', "name-number": '{"name": 7, "arguments": {}}',
    "parameters": '{"name": "look", "parameters": {"at": "s1"}}', "parameters-other": '{"name": "look", "parameters": {}, "id": 1}', "parameters-null": '{"name": "look", "parameters": null}',
    "both": '{"name": "look", "arguments": {}, "parameters": {}}', "function": json.dumps({"type": "function", "function": CALL}), "members": json.dumps(CALL | {"id": "c1"}), "name-twice": '{"name": "f", "name": "look", "arguments": {}}',
    "arguments-text": json.dumps({"name": "look", "arguments": '{"at": "s1"}'}), "arguments-plain": '{"name": "look", "arguments": "at s1"}', "arguments-empty": '{"name": "look", "arguments": ""}',
    "arguments-null": '{"name": "look", "arguments": null}', "arguments-null-text": '{"name": "look", "arguments": "null"}', "arguments-python": '{"name": "look", "arguments": "{\'at\': 1}"}', "arguments-list": '{"name": "look", "arguments": [1]}',
    "arguments-number": '{"name": "look", "arguments": 7}', "arguments-nan": '{"name": "look", "arguments": {"at": NaN}}', "arguments-escaped": '{"name": "look", "arguments": {"at": "\\u00e9\\n"}}',
    "tags": f"<tool_call>\n{GOOD}\n</tool_call>", "tags-tight": f"<tool_call>{GOOD}</tool_call>", "tags-text-before": f"I look. <tool_call>{GOOD}</tool_call>", "tags-text-after": f"<tool_call>{GOOD}</tool_call> So.",
    "tags-two": f"<tool_call>{GOOD}</tool_call><tool_call>{GOOD}</tool_call>", "tags-list": f"<tool_call>[{GOOD}]</tool_call>", "tags-plain": "<tool_call>look</tool_call>", "tags-other": "<tool_call>" + json.dumps(CALL | {"id": 1}) + "</tool_call>",
    "tags-open": f"<tool_call>\n{GOOD}", "tags-arguments": '<tool_call>{"name": "look", "arguments": null}</tool_call>', "thought": f"<think>\nHm.\n</think>\n\n{GOOD}", "thought-tight": f"<think>Hm.</think>{GOOD}",
    "thought-one-line": f"<think>\nHm.\n</think>\n{GOOD}", "thought-alone": "<think>\nHm.\n</think>\n\n", "thought-after": f"{GOOD}<think>\nHm.\n</think>\n\n", "number": "7", "string": '"look"', "null": "null", "surrogate": '{"name": "look", "arguments": {"at": "\\ud83d"}}',
}  # fmt: skip
TOOLS: dict[str, Any] = {
    "text": json.dumps([TOOL]), "wrapped": json.dumps([{"type": "function", "function": TOOL}]), "object-text": json.dumps(TOOL), "plain": "look(at)", "blank": " ", "empty": "", "list-empty": "[]", "object-empty": "{}",
    "number-text": "7", "string-text": '"look"', "null-text": "null", "list-of-strings": '["look"]', "list-of-numbers": "[1]", "python": repr([TOOL]), "python-object": repr(TOOL), "list": [TOOL], "list-of-texts": [json.dumps(TOOL)],
    "strings": ["look"], "numbers": [1], "object": TOOL, "null": None,
}  # fmt: skip


def row(mark: str, call: Any = GOOD, *, roles: tuple[str, ...] = ("human", "function_call", "observation", "gpt"), **more: Any) -> dict[str, Any]:
    texts = {"human": ask(mark), "function_call": call, "tool_call": call, "observation": f"Grey {mark}.", "gpt": answer(mark), "system": "Be short."}
    return {"id": mark, "images": [f"{mark}.png"], "conversations": [{"from": role, "value": texts[role]} for role in roles], **more}


def openai(mark: str, *turns: dict[str, Any]) -> dict[str, Any]:
    """A row of messages with these turns between question and answer."""
    return {"id": mark, "images": [f"{mark}.png"], "messages": [{"role": "user", "content": ask(mark)}, *turns, {"role": "assistant", "content": answer(mark)}]}


def plain(mark: str, **more: Any) -> dict[str, Any]:
    return row(mark, roles=("human", "gpt")) | more


def between(name: str, *middle: dict[str, Any]) -> Case:
    return Case(f"calls/{name}", "", (row("s0"), *middle, row("s2")), media=SOUND_MEDIA)


def cases() -> Iterator[Case]:
    for name, call in CALLS.items():
        yield between(name, row("s1", call))
    for name, roles in (
        ("at-end", ("human", "function_call")), ("after-system", ("system", "human", "function_call", "observation", "gpt")), ("out-of-order", ("human", "function_call", "gpt", "observation", "gpt")),
        ("other-name", ("human", "tool_call", "observation", "gpt")), ("twice", ("human", "function_call", "observation", "function_call", "observation", "gpt")), ("first", ("function_call", "gpt")),
    ):
        for kind, call in (("sound", GOOD), ("plain", "look"), ("quotes", repr(CALL)), ("parameters", '{"name": "look", "parameters": {}}')):
            yield between(f"{name}-{kind}", row("s1", call, roles=roles))
    for name, tools in TOOLS.items():
        yield Case(f"calls/tools-{name}", "", (plain("s0"), plain("s1", tools=tools), plain("s2")), media=SOUND_MEDIA)
    said = {"role": "tool", "content": "Grey s1."}
    for name, call in (("sound", GOOD), ("plain", "look"), ("quotes", repr(CALL)), ("list", f"[{GOOD}]"), ("arguments-null", CALLS["arguments-null"])):
        for role in ("tool_call", "function_call"):
            yield Case(f"calls/{role}-{name}", "", (openai("s0"), openai("s1", {"role": role, "content": call}, said), openai("s2")), media=SOUND_MEDIA)
    for name, call in (
        ("sound", {"type": "function", "function": {"name": "look", "arguments": "{}"}}), ("object", {"function": CALL}), ("bare", CALL), ("no-name", {"function": {"arguments": "{}"}}), ("no-arguments", {"function": {"name": "look"}}),
        ("arguments-null", {"function": {"name": "look", "arguments": None}}), ("arguments-plain", {"function": {"name": "look", "arguments": "at s1"}}), ("empty", {}),
    ):
        turn = {"role": "assistant", "content": "", "tool_calls": [call]}
        yield Case(f"calls/listed-{name}", "", (openai("s0"), openai("s1", turn, said), openai("s2")), media=SOUND_MEDIA)
