"""What LLaMA-Factory and ms-swift do with the text of a tool call, and with tools: their own steps, with Python's json and ast."""

from __future__ import annotations

import ast
import json
import re
from typing import Any

TAGS = re.compile("<tool_call>(.*?)</tool_call>", re.DOTALL)
THOUGHT = re.compile("<think>\n(.*?)\n</think>\n\n", re.DOTALL)


class Members(dict):  # type: ignore[type-arg]
    """An object; `extra` if it has more than a name and arguments, or one of them twice."""

    extra = False


def as_members(pairs: list[tuple[str, Any]]) -> Members:
    found = Members(pairs)
    found.extra = sorted(key for key, _ in pairs) != ["arguments", "name"]
    return found


def loads(text: str) -> Any:
    return json.loads(text, object_pairs_hook=as_members)


def has_half(value: Any) -> bool:
    """Whether half of a surrogate pair would be written, at which tokenizers fail."""
    return re.search("[\ud800-\udfff]", json.dumps(value, ensure_ascii=False)) is not None


def llama_factory(text: str) -> str:
    """FunctionFormatter.apply: "refused", "altered" or "fine"."""
    tagged, thought = TAGS.search(text), THOUGHT.search(text)
    found = tagged or thought
    try:
        calls = loads(tagged[1] if tagged else text.replace(thought[0], "") if thought else text)
        calls = calls if isinstance(calls, list) else [calls]
        names = [(call["name"], call["arguments"]) for call in calls]
    except (ValueError, TypeError, KeyError, RecursionError):
        return "refused"
    if has_half(names) or has_half(text):
        return "refused"
    before, after = (text[:found.start()], text[found.end():]) if found else ("", "")
    moved = after if tagged else before
    return "altered" if not calls or any(call.extra for call in calls) or moved.strip(" \t\r\n") else "fine"


def parse(text: Any) -> Any:
    """BaseAgentTemplate._parse_json."""
    if not isinstance(text, str):
        return text
    try:
        return loads(text)
    except json.JSONDecodeError:
        try:
            return ast.literal_eval(text)
        except Exception:
            return None


def extra_of_literal(text: str) -> bool:
    keys = [key.value for key in ast.parse(text.lstrip(" \t"), mode="eval").body.keys]  # type: ignore[attr-defined]
    return sorted(map(str, keys)) != ["arguments", "name"]


def ms_swift(text: str) -> str:
    """BaseAgentTemplate._parse_tool_call: "replaced", "altered" or "fine"."""
    try:
        call = parse(text)
        name, arguments = call["name"], call.get("arguments")
        arguments = parse(call.get("parameters") if arguments is None else arguments)
        assert arguments is not None
        if has_half([name, arguments]) or has_half(text):
            return "replaced"
    except Exception:
        return "replaced"
    extra = call.extra if isinstance(call, Members) else extra_of_literal(text)
    return "altered" if extra else "fine"


def is_sound(text: str) -> bool:
    """Whether both programs train the call as it is written."""
    return llama_factory(text) == ms_swift(text) == "fine"


def are_tools_read(tools: Any) -> bool:
    """Template._preprocess_tools of ms-swift. What a Python literal has that is not a dict, llava-check does not say."""
    if not tools:
        return True
    if isinstance(tools, str):
        return is_tool(tools) or is_list_of_tools(tools)
    return isinstance(tools, list) and all(isinstance(tool, dict) or isinstance(tool, str) and is_tool(tool) for tool in tools)


def is_tool(text: str) -> bool:
    return isinstance(parse(text), dict)


def is_list_of_tools(text: str) -> bool:
    try:
        listed = json.loads(text)
    except ValueError:
        return False
    return isinstance(listed, list) and all(isinstance(tool, dict) for tool in listed)


def llama_factory_tools(tools: Any) -> str:
    """ToolFormatter.apply, if dataset_info.json names the column and there is no system prompt."""
    if not tools:
        return "fine"
    try:
        listed = json.loads(tools)
        if len(listed) == 0:
            return "altered"  # an empty system prompt
        for tool in listed:
            tool.get("type")
    except (ValueError, TypeError, AttributeError):
        return "refused"
    return "fine"
