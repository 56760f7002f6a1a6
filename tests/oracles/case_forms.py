"""Files of rows in the dialects of LLaMA-Factory and ms-swift, in forms that only some programs read: roles that need tags,
rejected answers in some rows, tool calls that are objects, turns as a text."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

from cases import SOUND_MEDIA, Case, answer, ask

MARKS = ("s0", "s1", "s2")
CALL = {"name": "look", "arguments": {"at": "s1"}}
Row = dict[str, Any]


def cases() -> Iterator[Case]:
    for make in (names, rejected, calls, listed_calls, texts):
        yield from make()


def case(name: str, rows: tuple[Any, ...]) -> Case:
    return Case(f"forms/{name}", "", rows, media=SOUND_MEDIA)


def one_of(name: str, make: Callable[..., Row], **changes: Any) -> Case:
    """Three rows, the second of which is changed; `...` removes a key."""
    rows = [make(mark) for mark in MARKS]
    rows[1] = {key: value for key, value in (rows[1] | changes).items() if value is not ...}
    return case(name, tuple(rows))


def plain(mark: str) -> str:
    return f"Name what is not in picture {mark}."


def said(*pairs: tuple[str, Any], keys: tuple[str, str] = ("from", "value")) -> list[Row]:
    return [{keys[0]: role, keys[1]: text} for role, text in pairs]


def sharegpt(mark: str, roles: tuple[str, str] = ("human", "gpt"), *, keys: tuple[str, str] = ("from", "value"), text: bool = False) -> Row:
    turns = said((roles[0], plain(mark) if text else ask(mark)), (roles[1], answer(mark)), keys=keys)
    return {"id": mark, "conversations": turns} | ({} if text else {"images": [f"{mark}.png"]})


def messages(mark: str) -> Row:
    turns = said(("user", ask(mark)), ("assistant", answer(mark)), keys=("role", "content"))
    return {"id": mark, "messages": turns, "images": [f"{mark}.png"]}


def query(mark: str) -> Row:
    return {"id": mark, "query": ask(mark), "response": answer(mark), "images": [f"{mark}.png"]}


def names() -> Iterator[Case]:
    for name, roles in (
        ("user-assistant", ("user", "assistant")), ("user-gpt", ("user", "gpt")), ("human-assistant", ("human", "assistant")), ("human-bot", ("human", "bot")), ("upper", ("Human", "GPT")),
    ):
        for text in (False, True):
            made = f"{name}{'-text' * text}"
            yield case(f"roles-{made}", tuple(sharegpt(mark, roles, text=text) for mark in MARKS))
            if not text:
                yield case(f"roles-{made}-one", (sharegpt("s0"), sharegpt("s1", roles), sharegpt("s2")))
    for name, opening in (("system-user", said(("system", "Be short."))), ("user-again", said(("user", "Hello."), ("assistant", "Hello.")))):
        rows = [sharegpt(mark, ("user", "assistant")) for mark in MARKS]
        yield case(f"roles-{name}", tuple(row | {"conversations": [*opening, *row["conversations"]]} for row in rows))
    for name, roles in (("user", ("user", "assistant")), ("human", ("human", "gpt"))):
        for text in (False, True):
            yield case(f"role-value-{name}{'-text' * text}", tuple(sharegpt(mark, roles, keys=("role", "value"), text=text) for mark in MARKS))


def rejected() -> Iterator[Case]:
    other = "Picture s1 is black."
    turns = [{"role": "user", "content": ask("s1")}, {"role": "assistant", "content": other}]
    for dialect, make in (("messages", messages), ("query", query), ("sharegpt", sharegpt)):
        for name, value in (("text", other), ("null", None), ("empty", ""), ("same", answer("s1")), ("list", [other]), ("turns", turns)):
            yield one_of(f"rejected-{dialect}-{name}", make, rejected_response=value)
        rows = [make(mark) | {"rejected_response": other} for mark in MARKS]
        yield case(f"rejected-{dialect}-all", tuple(rows))
        yield case(f"rejected-{dialect}-missing", (rows[0], make("s1"), rows[2]))
        yield case(f"rejected-{dialect}-missing-first", (make("s0"), *rows[1:]))
        yield case(f"rejected-{dialect}-one-null", (rows[0], rows[1] | {"rejected_response": None}, rows[2]))
        yield one_of(f"rejected-{dialect}-messages", make, rejected_messages=turns)
        yield one_of(f"rejected-{dialect}-images", make, rejected_images=["s3.png"])
        yield one_of(f"rejected-{dialect}-positive", make, positive_messages=[turns])


def talk(mark: str, role: str, call: Any) -> Row:
    turns = said(("human", ask(mark)), (role, call), ("observation", f"Grey {mark}."), ("gpt", answer(mark)))
    return {"id": mark, "images": [f"{mark}.png"], "conversations": turns}


def calls() -> Iterator[Case]:
    """Calls of tools that are values of JSON, not texts."""
    values = (
        ("object", CALL), ("list", [CALL]), ("list-empty", []), ("object-empty", {}), ("no-name", {"arguments": {}}), ("no-arguments", {"name": "look"}), ("arguments-text", {"name": "look", "arguments": "{}"}), ("members", CALL | {"id": "c1"}),
        ("parameters", {"name": "look", "parameters": {}}), ("number", 7), ("null", None), ("true", True), ("list-of-texts", [json.dumps(CALL)]),
    )
    for name, value in values:
        for role in ("function_call", "tool_call"):
            good = json.dumps(CALL)
            yield case(f"call-{role}-{name}", (talk("s0", role, good), talk("s1", role, value), talk("s2", role, good)))
        yield case(f"call-all-{name}", tuple(talk(mark, "function_call", value) for mark in MARKS))
        yield case(f"call-result-{name}", tuple(result(mark, value if mark == "s1" else "Grey.") for mark in MARKS))
        yield case(f"call-messages-{name}", tuple(asked(mark, {"role": "tool_call", "content": value}) for mark in MARKS))


def result(mark: str, value: Any) -> Row:
    row = talk(mark, "function_call", json.dumps(CALL))
    row["conversations"][2]["value"] = value
    return row


def asked(mark: str, *turns: Row, reply: Any = "Grey.") -> Row:
    row = messages(mark)
    row["messages"][1:1] = [*turns, {"role": "tool", "content": reply}]
    return row


def listed_calls() -> Iterator[Case]:
    """Calls of tools as a list beside the content, as OpenAI writes them; in every row."""
    function = {"name": "look", "arguments": json.dumps(CALL["arguments"])}
    good = {"id": "c1", "type": "function", "function": function}
    for name, listed in (
        ("sound", [good]), ("two", [good, good]), ("object", [{"type": "function", "function": CALL}]), ("bare", [CALL]), ("arguments-plain", [good | {"function": {"name": "look", "arguments": "at s1"}}]), ("arguments-null", [good | {"function": {"name": "look", "arguments": None}}]),
        ("arguments-missing", [good | {"function": {"name": "look"}}]), ("arguments-empty", [good | {"function": {"name": "look", "arguments": ""}}]), ("arguments-list", [good | {"function": {"name": "look", "arguments": "[1]"}}]), ("name-missing", [good | {"function": {"arguments": "{}"}}]), ("empty", []), ("text", json.dumps([good])), ("objects-empty", [{}]),
    ):
        for content in (None, "", "I look."):
            made = f"{name}{'-null' if content is None else '-text' if content else ''}"
            turn = {"role": "assistant", "content": content, "tool_calls": listed}
            yield case(f"listed-{made}", tuple(asked(mark, turn) for mark in MARKS))
    turn = {"role": "assistant", "content": "", "tool_calls": [good]}
    yield case("listed-no-content", tuple(asked(mark, {"role": "assistant", "tool_calls": [good]}) for mark in MARKS))
    yield case("listed-alone", tuple(messages(mark) | {"messages": [*messages(mark)["messages"][:1], turn]} for mark in MARKS))
    yield case("listed-answers-two", tuple(asked(mark, turn, {"role": "tool", "content": "Red."}) for mark in MARKS))
    yield case("listed-result-parts", tuple(asked(mark, turn, reply=[{"type": "text", "text": "Grey."}]) for mark in MARKS))


def texts() -> Iterator[Case]:
    """Turns that are written as a text."""
    forms: tuple[tuple[str, Callable[[Any], Any]], ...] = (
        ("json", json.dumps), ("python", repr), ("json-indented", lambda turns: json.dumps(turns, indent=1)), ("json-null", lambda turns: json.dumps([*turns[:1], turns[1] | {"note": None}])), ("python-none", lambda turns: repr([*turns[:1], turns[1] | {"note": None}])),
        ("json-twice", lambda turns: json.dumps(json.dumps(turns))), ("cut", lambda turns: json.dumps(turns)[:-2]), ("empty-list", lambda turns: "[]"), ("empty", lambda turns: ""), ("blank", lambda turns: " "), ("object", lambda turns: json.dumps(turns[0])), ("number", lambda turns: "7"), ("plain", lambda turns: "What is it?"), ("space-first", lambda turns: " " + json.dumps(turns)), ("strings", lambda turns: '["a", "b"]'),
        ("list-of-texts", lambda turns: [json.dumps(turn) for turn in turns]),
    )
    for dialect, column, make in (("sharegpt", "conversations", sharegpt), ("messages", "messages", messages)):
        for name, write in forms:
            rows = [make(mark) for mark in MARKS]
            yield case(f"text-{dialect}-{name}", tuple(row | {column: write(row[column])} for row in rows))
            yield case(f"text-{dialect}-{name}-one", tuple(row | {column: write(row[column])} if n == 1 else row for n, row in enumerate(rows)))
    for name, value in (("images-json", '["s1.png"]'), ("images-python", "['s1.png']")):
        yield case(f"text-{name}", tuple(sharegpt(mark) | {"images": value.replace("s1", mark)} for mark in MARKS))
