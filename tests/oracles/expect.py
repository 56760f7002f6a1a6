"""What "trained as written" means for a row, defined simply and independently of any program.

The answers, in order, are the targets. The questions, in order, are in the input but are not
targets. Each placeholder in a question is one image, with the pixels of the file. README.md
explains this in words.
"""

from __future__ import annotations

import ast
import dataclasses
import json
import re
import unicodedata
from typing import Any

IMAGE = "\uf8f2"  # one image among the tokens, however many tokens it has
TAG = "<image>"
XTUNER_TAG = "<IMG_CONTEXT>"
ROLES = {
    "human": "human", "user": "human", "gpt": "gpt", "assistant": "gpt", "bot": "gpt", "model": "gpt",
    "chatgpt": "gpt", "system": "system",
}
KEYS = {"role": "from"}  # of turns that all have role and value
IMAGE_KEYS = ("image", "images", "image_path", "image_paths", "img", "imgs", "image_file", "image_url", "input_image",
              "Image", "picture", "photo", "photos")


def special(token: str) -> str:
    """Return a control token as it appears in the text of a sample."""
    return f"\uf8f0{token}\uf8f1"


class Doubled(dict):  # type: ignore[type-arg]
    """An object with a duplicate key that has different values."""

    keys_lost: frozenset[str] = frozenset()


def as_object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = Doubled(pairs)
    lost = frozenset(key for key, value in pairs if found[key] is not value and found[key] != value)
    if not lost:
        return dict(found)
    found.keys_lost = lost
    return found


@dataclasses.dataclass(frozen=True)
class Expected:
    turns: tuple[tuple[str, str], ...]  # role and text, with TAG in place of images
    images: tuple[str, ...]  # as the row names them
    system: str = ""  # from a key, in dialects that have one; programs that read it make it the first turn
    tools: tuple[str, ...] = ()  # also from a key, as JSON; programs that read them make them part of the system turn


@dataclasses.dataclass(frozen=True)
class Template:
    """How a program writes turns, as regular expressions over the text of a sample.

    begin   before the first turn; `begin_system` if the first turn is the row's own system turn
    heads, tails   before and after the text of a turn, by role
    end     after the last turn
    image   an image in the text
    tools   tools in the system turn, as one JSON object a line in the group `tools`; "": not read
    """

    begin: str
    heads: dict[str, str]
    tails: dict[str, str]
    end: str = ""
    begin_system: str | None = None
    image: str = IMAGE
    tools: str = ""


@dataclasses.dataclass(frozen=True)
class Sample:
    """A row as processed by a program: the tokens as text, a mask of targets, the images."""

    text: str
    mask: str  # a digit for each character of the text; "1" for those of targets
    images: tuple[str, ...]  # digests of the pixels, in order
    flaws: tuple[str, ...] = ()  # other faults that the harness found


LEFT_OUT = Sample("", "", (), ("left out",))  # what a program uses in place of a row, without anything to learn


def read_rows(data: bytes) -> list[Any] | None:
    """Read the rows of a file in any form that some program reads; None if it has none."""
    text = data.decode("utf-8-sig", "surrogateescape")
    lines = [line.strip() for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n")]  # as open() does
    for strict in (True, False):
        try:
            whole = json.loads(text, strict=strict, object_pairs_hook=as_object)
            return whole if isinstance(whole, list) else [whole] if isinstance(whole, dict) else None
        except RecursionError:
            return None
        except ValueError:
            pass
        try:
            return [json.loads(line, strict=strict, object_pairs_hook=as_object) for line in lines if line]
        except (ValueError, RecursionError):
            pass
    plain = as_ujson(text)
    return read_values(text) if plain == text else read_rows(plain.encode("utf-8", "surrogateescape"))


NOT_JSON = re.compile(r'"(?:[^"\\]|\\.)*"|(?P<comma>,)(?=\s*\})|(?P<zeros>(?<=[:\[,\s-])0+)(?=\d)|(?<=\d)(?P<point>\.)(?![\d])', re.DOTALL)


def as_ujson(text: str) -> str:
    """Remove what pandas' parser accepts beyond JSON: a comma before a brace, zeros before and a point after a number."""
    if not text.lstrip().startswith("["):
        return text
    return NOT_JSON.sub(lambda found: "" if found.lastgroup else found[0], text)


def read_values(text: str) -> list[Any] | None:
    """Read consecutive objects, wherever lines end, as Arrow does."""
    decoder = json.JSONDecoder(object_pairs_hook=as_object)
    found: list[Any] = []
    at = 0
    try:
        while text[at:].strip(" \t\r\n"):
            at += len(text[at:]) - len(text[at:].lstrip(" \t\r\n"))
            value, at = decoder.raw_decode(text, at)
            found.append(value)
    except (ValueError, RecursionError):
        return None
    return found if found and all(isinstance(value, dict) for value in found) else None


def expected(row: Any) -> Expected | None:
    """Return the meaning of a row; None if it cannot be trained as written."""
    if not isinstance(row, dict):
        return None
    if isinstance(row, Doubled) and row.keys_lost & {"conversations", "messages", *IMAGE_KEYS}:
        return None
    turns = turns_of(row)
    images = images_of(row)
    if turns is None or images is None:
        return None
    if not images and row.get("video"):
        return None
    tags = sum(text.count(TAG) for role, text in turns if role == "human")
    if tags != len(images) or any(TAG in text for role, text in turns if role != "human"):
        return None
    if not any(role == "gpt" for role, _ in turns):
        return None  # nothing to learn
    named = row.get("system") if "images" in row or "messages" in row else None
    is_prompt = isinstance(named, str) and turns[0][0] != "system"
    return Expected(tuple(turns), tuple(images), named if is_prompt else "", tools_of(row))


def tools_of(row: dict[str, Any]) -> tuple[str, ...]:
    """Return the tools from a key, each as JSON; none unless all are objects."""
    named = row.get("tools") if "images" in row or "messages" in row else None
    named = value_of(named) if isinstance(named, str) else named
    listed = [named] if isinstance(named, dict) else named if isinstance(named, list) else []
    listed = [value_of(tool) if isinstance(tool, str) else tool for tool in listed]
    return tuple(json.dumps(tool, sort_keys=True) for tool in listed) if all(isinstance(tool, dict) for tool in listed) else ()


def turns_of(row: dict[str, Any]) -> list[tuple[str, str]] | None:
    listed = row.get("conversations", row.get("messages"))
    if listed == [] and isinstance(row.get("messages"), list):
        listed = row["messages"]
    if isinstance(listed, list) and listed:
        if all(isinstance(turn, dict) and {"role", "value"} <= {*turn} and not {"from", "content"} & {*turn} for turn in listed):
            listed = [{KEYS.get(key, key): value for key, value in turn.items()} for turn in listed]
        of_tools = "conversations" in row and "image" not in row  # only LLaMA-Factory's have turns of tools
        found = [turn_of(turn) or (tool_turn_of(turn) if of_tools else None) for turn in listed]
        return None if None in found else found  # type: ignore[return-value]
    for question, reply in (("query", "response"), ("instruction", "output")):
        if isinstance(row.get(question), str) and isinstance(row.get(reply), str) and listed is None:
            return [("human", row[question]), ("gpt", row[reply])]
    return None


def turn_of(turn: Any) -> tuple[str, str] | None:
    if not isinstance(turn, dict) or isinstance(turn, Doubled):
        return None
    for who, what in (("from", "value"), ("role", "content")):
        role, text = turn.get(who), turn.get(what)
        if isinstance(role, str) and role.strip().lower() in ROLES:
            if isinstance(text, list):
                text = text_of_parts(text)
            if isinstance(text, (int, float)) and not isinstance(text, bool):
                text = str(text)
            if isinstance(text, str):
                return ROLES[role.strip().lower()], text
    return None


class Call(str):
    """The text of a turn that is a call of a tool; `forms` are the ways in which it may be written as the template wants it."""

    forms: tuple[str, ...] = ()


def tool_turn_of(turn: Any) -> tuple[str, str] | None:
    """Return a turn of a tool: a call is an answer, and a result is a question."""
    if not isinstance(turn, dict) or isinstance(turn, Doubled):
        return None
    role, text = turn.get("from", turn.get("role")), turn.get("value", turn.get("content"))
    if not isinstance(text, str):
        return None
    if role in ("observation", "tool_response", "tool"):
        return "human", f"<tool_response>\n{text}\n</tool_response>"
    return ("gpt", call_of(text)) if role in ("function_call", "tool_call") else None


def call_of(text: str) -> Call:
    """Return a call with the ways to write it: none, if the text has no calls, or more than their names and arguments."""
    found = Call(text)
    parts = re.fullmatch(r"(?P<before>.*?)<tool_call>(?P<call>.*?)</tool_call>\s*", text, re.DOTALL)
    parts = parts or re.fullmatch(r"(?P<before><think>\n.*?\n</think>\n\n|)(?P<call>.*)", text, re.DOTALL)
    assert parts is not None
    calls = value_of(parts["call"])
    calls = calls if isinstance(calls, list) else [calls]
    if not calls or any(type(call) is not dict or {*call} != {"name", "arguments"} for call in calls):
        return found
    forms = [parts["before"] + "\n".join(map(written, calls))]
    if all(isinstance(call["arguments"], str) for call in calls):
        read = [call | {"arguments": value_of(call["arguments"])} for call in calls]
        forms.append(parts["before"] + "\n".join(map(written, read)))
    found.forms = tuple(forms)
    return found


def value_of(text: str) -> Any:
    """Return a value that a text is in JSON or Python; None if it is none."""
    try:
        return json.loads(text, object_pairs_hook=as_object)
    except ValueError:
        try:
            return ast.literal_eval(text)
        except (ValueError, SyntaxError, TypeError):
            return None


def written(call: dict[str, Any]) -> str:
    ordered = {"name": call["name"], "arguments": call["arguments"]}
    return f"<tool_call>\n{json.dumps(ordered, ensure_ascii=False)}\n</tool_call>"


def text_of_parts(parts: list[Any]) -> str | None:
    """Join OpenAI's list of contents to one text. With xtuner's tag, images are at the tags."""
    found = []
    known = [part for part in parts if isinstance(part, dict)]
    tagged = any(XTUNER_TAG in str(part.get("text")) for part in known)
    tagged = tagged and any(part.get("type") == "image_url" for part in known)
    for part in parts:
        if not isinstance(part, dict) or part.get("type") not in ("text", "image", "image_url"):
            return None
        text = part.get("text") if part["type"] == "text" else "" if tagged else TAG
        found.append(text.replace(XTUNER_TAG, TAG) if tagged and isinstance(text, str) else text)
    return "".join(found) if found and all(isinstance(text, str) for text in found) else None


def images_of(row: dict[str, Any]) -> list[str] | None:
    for key in IMAGE_KEYS:
        if key not in row or key == "image" and row[key] in (None, "", []) and row.get("images"):
            continue
        value = row[key]
        listed = value if isinstance(value, list) else [value] if value not in (None, "") else []
        paths = [item.get("path") if isinstance(item, dict) else item for item in listed]
        if not paths and (named := images_of_parts(row.get("messages"))):
            return named
        if key == "images" and paths and (filled := fill_parts(row.get("messages"), paths)):
            return filled
        if all(isinstance(path, str) and path for path in paths):
            return paths
        return None
    return images_of_parts(row.get("messages"))


def fill_parts(messages: Any, paths: list[Any]) -> list[str] | None:
    """Return the paths of TRL's parts, {"type": "image", "image": …}; parts without a path take the next one of a column.

    Return None if no part names a path, or if the column has more or fewer paths than there are parts without one.
    """
    turns = messages if isinstance(messages, list) else []
    contents = [turn.get("content") for turn in turns if isinstance(turn, dict)]
    parts = [part for content in contents if isinstance(content, list) for part in content]
    named = [part.get("image") for part in parts if isinstance(part, dict) and part.get("type") == "image"]
    if named.count(None) == len(named) or named.count(None) != len(paths):
        return None
    rest = iter(paths)
    filled = [next(rest) if path is None else path for path in named]
    return filled if all(isinstance(path, str) and path for path in filled) else None


def images_of_parts(messages: Any) -> list[str] | None:
    """Return the paths in OpenAI's parts, {"type": "image_url", "image_url": {"url": …}}."""
    turns = messages if isinstance(messages, list) else []
    contents = [turn.get("content") for turn in turns if isinstance(turn, dict)]
    parts = [part for content in contents if isinstance(content, list) for part in content]
    holders = [part.get("image_url") for part in parts
               if isinstance(part, dict) and part.get("type") == "image_url"]
    paths = [holder.get("url") if isinstance(holder, dict) else None for holder in holders]
    return paths if all(isinstance(path, str) and path for path in paths) else None


def pattern(template: Template, turns: tuple[tuple[str, str], ...]) -> re.Pattern[str]:
    """Return a pattern for the text of a sample with exactly these turns; it has a group for each."""
    own_system = turns[0][0] == "system" and template.begin_system is not None
    parts = [template.begin_system or "" if own_system else template.begin]
    for number, (role, text) in enumerate(turns):
        if own_system and number == 0:
            parts.append(rf"\s*(?P<t0>{body(text, template.image)})\s*" + template.tails.get("system", ""))
            continue
        head, tail = template.heads.get(role), template.tails.get(role)
        if head is None or tail is None:
            return re.compile(r"(?!)")
        parts.append(rf"{head}\s*(?P<t{number}>{body(text, template.image)})\s*{tail}")
    return re.compile("".join(parts) + template.end, re.DOTALL)


def body(text: str, image: str) -> str:
    if isinstance(text, Call):
        return "(?:" + ("|".join(re.escape(form.strip()) for form in text.forms) or "(?!)") + ")"
    pieces = [re.escape(piece.strip()) for piece in text.split(TAG)]
    return rf"\s*{image}\s*".join(pieces)


def difference(sample: Sample, template: Template, want: Expected, pixels: list[str | None] | None) -> str:
    """Return how a sample differs from the expected one, with or without the system prompt and tools of keys; "" if not."""
    if want.tools and (plain := without_tools(sample, template, want.tools)):
        sample = plain
    found = compare(sample, template, want, pixels)
    if found == "text" and want.system:
        return compare(sample, template, Expected((("system", want.system), *want.turns), want.images), pixels)
    return found


def without_tools(sample: Sample, template: Template, tools: tuple[str, ...]) -> Sample | None:
    """Return the sample without the tools in its system turn, which are not targets; None if it has none."""
    found = re.search(template.tools, sample.text, re.DOTALL) if template.tools else None
    if found is None or "1" in sample.mask[found.start():found.end()]:
        return None
    try:
        written = [json.loads(line) for line in found["tools"].split("\n")]
    except ValueError:
        return None
    bare = [tool.get("function", tool) if isinstance(tool, dict) else tool for tool in written]
    for wanted, whole, inner in zip(map(json.loads, tools), written, bare):
        if wanted not in (whole, inner):
            return None
    if len(written) != len(tools):
        return None
    text = sample.text[:found.start()] + sample.text[found.end():]
    mask = sample.mask[:found.start()] + sample.mask[found.end():]
    head = re.match(f"(?:{template.heads['system']})" + r"\s*" + template.tails["system"], text)  # if it only had the tools
    skip = head.end() if head else 0
    return dataclasses.replace(sample, text=text[skip:], mask=mask[skip:])


def compare(sample: Sample, template: Template, want: Expected, pixels: list[str | None] | None) -> str:
    """Return how a sample differs from the expected one, or "".

    `pixels` has the expected digest of each image, None for missing pictures; without it, images
    are only counted.
    """
    found = pattern(template, want.turns).fullmatch(sample.text)
    if found is None:  # Qwen's tokenizer composes letters with their accents
        composed = tuple((role, unicodedata.normalize("NFC", text)) for role, text in want.turns)
        found = pattern(template, composed).fullmatch(sample.text)
    if found is None:
        return "text"
    for number, (role, _) in enumerate(want.turns):
        start, end = found.span(f"t{number}")
        marks = {sample.mask[at] for at in range(start, end) if not sample.text[at].isspace()}
        if marks - {"1" if role == "gpt" else "0"}:
            return "targets"
    if len(sample.images) != len(want.images):
        return f"{len(sample.images)} images for {len(want.images)}"
    if pixels is not None:
        for got, right in zip(sample.images, pixels):
            if got != right:
                return "no such picture" if right is None else "pixels"
    return "; ".join(sample.flaws)


def marks(text: str) -> list[str]:
    """Return the names that identify rows of the cases: "picture s1", "in m7"."""
    return [a or b for a, b in re.findall(r"[Pp]icture (\w+)|in (m\d+)\b", text)]


def marks_of_row(row: Any) -> list[str]:
    return marks(json.dumps(row, ensure_ascii=False)) if isinstance(row, (dict, list)) else []
