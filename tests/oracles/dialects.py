"""Converts cases to the dialects of programs that do not read LLaVA's rows, with the same faults."""

from __future__ import annotations

import dataclasses
import functools
import io
import re
from collections.abc import Callable
from typing import Any

from cases import Case, Raw

from expect import TAG, XTUNER_TAG

Sizes = dict[str, tuple[int, int]]  # width and height, by path
KEYS = {"from": "role", "value": "content"}
NAMES = {"human": "user", "gpt": "assistant"}


def as_messages(row: Any) -> Any:
    """Use `messages` with role and content, and `images`; contents stay unchanged."""
    return translated(row, lambda text: text)


def as_lists(row: Any) -> Any:
    """Give LLaVA's row a list `images`."""
    if not isinstance(row, dict) or "image" not in row:
        return row
    image = row["image"]
    rest = {key: value for key, value in row.items() if key != "image"}
    return {"images": [image] if isinstance(image, str) else image} | rest


def as_parts(row: Any) -> Any:
    """Use `messages` whose contents are split into parts; each placeholder is a part."""
    return translated(row, parts_of)


def translated(row: Any, content: Callable[[Any], Any]) -> Any:
    if not isinstance(row, dict):
        return row
    made = {}
    for key, value in row.items():
        if key == "conversations":
            is_list = isinstance(value, list)
            made["messages"] = [turn_of(turn, content) for turn in value] if is_list else value
        elif key == "image":
            # A single path becomes a list; any other value keeps its type.
            made["images"] = [value] if isinstance(value, str) else value
        else:
            made[key] = value
    return made


def as_openai(row: Any, tag: str = "", sizes: Sizes = {}) -> Any:
    """Put the paths of images into parts of the questions, in the order of the placeholders.

    With a tag, as in xtuner, the images come first and the tag is in the text.
    """
    if not isinstance(row, dict):
        return row
    images = row.get("image")
    left = list(images) if isinstance(images, list) else [images] if "image" in row else []
    made = {key: value for key, value in row.items() if key not in ("image", "conversations")}
    if "conversations" in row:
        turns = row["conversations"]
        is_list = isinstance(turns, list)
        made["messages"] = [turn_of(turn, lambda text: text) for turn in turns] if is_list else turns
        asked = [turn for turn in made["messages"] or () if is_question(turn)] if is_list else []
        for number, turn in enumerate(asked):
            # Images without a placeholder go into the first question.
            count = max(turn["content"].count(TAG), len(left) - later(asked) if number == 0 else 0)
            mine, left = left[:count], left[count:]
            turn["content"] = parts_with(turn["content"], mine, tag, sizes)
        for turn in made["messages"] if is_list else ():
            if isinstance(turn, dict) and isinstance(turn.get("content"), str):
                turn["content"] = [{"type": "text", "text": turn["content"].replace(TAG, tag or TAG)}]
    return made


def is_question(turn: Any) -> bool:
    return isinstance(turn, dict) and turn.get("role") == "user" and isinstance(turn.get("content"), str)


def later(asked: list[dict[str, Any]]) -> int:
    return sum(turn["content"].count(TAG) for turn in asked[1:])


def parts_with(text: str, images: list[Any], tag: str, sizes: Sizes) -> list[dict[str, Any]]:
    shown = [{"type": "image_url", "image_url": {"url": image} | size_of(image, sizes)} for image in images]
    if tag:
        return [*shown, {"type": "text", "text": text.replace(TAG, tag)}]
    made: list[dict[str, Any]] = shown[: max(0, len(images) - text.count(TAG))]
    shown = shown[len(made):]
    for number, piece in enumerate(text.split(TAG)):
        if number:
            made.append(shown.pop(0) if shown else {"type": "text", "text": TAG})
        if piece:
            made.append({"type": "text", "text": piece})
    return made


def size_of(image: Any, sizes: Sizes) -> dict[str, Any]:
    """Return the size for a row, which xtuner needs. Files that are not pictures get an arbitrary one."""
    return {"image_wh": list(sizes.get(image, (320, 240)))} if sizes and isinstance(image, str) else {}


def turn_of(turn: Any, content: Callable[[Any], Any]) -> Any:
    if not isinstance(turn, dict):
        return turn
    made = {KEYS.get(key, key): value for key, value in turn.items()}
    if isinstance(made.get("role"), str):
        made["role"] = NAMES.get(made["role"], made["role"])
    if isinstance(made.get("content"), str):
        made["content"] = content(made["content"])
    return made


def parts_of(text: str) -> list[dict[str, str]]:
    made: list[dict[str, str]] = []
    for number, piece in enumerate(text.split(TAG)):
        made += [{"type": "image"}] if number else []
        made += [{"type": "text", "text": piece}] if piece or TAG not in text else []
    return made


# The same in the bytes of a file that is not, or not quite, JSON.
IMAGE_IN_BYTES = rb'"image": ?("[^"\n]*")', rb'"images": [\1]'
KEYS_IN_BYTES = (
    IMAGE_IN_BYTES,
    (rb'"conversations"', b'"messages"'), (rb'"from"', b'"role"'), (rb'"value"', b'"content"'),
    (rb'"human"', b'"user"'), (rb'"gpt"', b'"assistant"'),
)
IN_PARTS = rb'("content": ?)"<image>((?:[^"\\\n]|\\.)*)"'
PARTS = rb'\1[{"type": "image"}, {"type": "text", "text": "\2"}]'


def bytes_as_messages(data: bytes) -> bytes:
    for key, name in KEYS_IN_BYTES:
        data = re.sub(key, name, data)
    return data


def bytes_as_lists(data: bytes) -> bytes:
    return re.sub(*IMAGE_IN_BYTES, data)


def bytes_as_parts(data: bytes) -> bytes:
    return re.sub(IN_PARTS, PARTS, bytes_as_messages(data))


def bytes_as_openai(data: bytes) -> bytes:
    """Convert one image and one placeholder at the start of a question, as in the fixtures."""
    image = re.search(rb'"image": ?("[^"\n]*"),? ?', data)
    part = b'{"type": "image_url", "image_url": {"url": ' + (image[1] if image else b'"ok.jpg"') + b"}}, "
    data = re.sub(rb'"image": ?"[^"\n]*",? ?', b"", data)
    return bytes_as_parts(data).replace(b'{"type": "image"}, ', part)


def bytes_as_xtuner(data: bytes) -> bytes:
    data = bytes_as_openai(data).replace(b'"}}, {"type": "text", "text": "',
                                         b'", "image_wh": [320, 240]}}, {"type": "text", "text": "<IMG_CONTEXT>')
    return data


DIALECTS: dict[str, tuple[Callable[[Any], Any], Callable[[bytes], bytes]]] = {
    "lists": (as_lists, bytes_as_lists),
    "messages": (as_messages, bytes_as_messages),
    "parts": (as_parts, bytes_as_parts),
    "openai": (as_openai, bytes_as_openai),
    "xtuner": (as_openai, bytes_as_xtuner),
}


def translate(case: Case, dialect: str) -> Case:
    """Convert the rows of a case to a dialect; rows given as text are converted as bytes."""
    of_row, of_bytes = DIALECTS[dialect]
    if dialect == "xtuner":
        of_row = functools.partial(as_openai, tag=XTUNER_TAG, sizes=sizes_of(case))

    def either(row: Any) -> Any:
        if isinstance(row, Raw):
            return Raw(of_bytes(row.encode("utf-8", "surrogatepass")).decode("utf-8", "surrogatepass"))
        return of_row(row)

    if case.rows is None:
        return dataclasses.replace(case, data=of_bytes(case.data))
    return dataclasses.replace(case, rows=tuple(map(either, case.rows)))


def sizes_of(case: Case) -> Sizes:
    """Return the size of each picture that Pillow can open."""
    from PIL import Image

    found = {"": (0, 0)}
    for path, data in case.media.items():
        try:
            with Image.open(io.BytesIO(data)) as picture:
                found[path.removeprefix("images/")] = picture.size
        except Exception:
            continue
    return found
