"""Writes rows files in the ways that other programs do, and returns each row's text."""

from __future__ import annotations

import json
import re
from typing import Any, NamedTuple

SURROGATES = re.compile("[\ud800-\udfff]")


class Members(list[tuple[str, Any]]):
    """An object that may have duplicate keys."""


class Escaped(str):
    """A key or a text that is written with unnecessary escapes."""


class Form(NamedTuple):
    """How a rows file is written."""

    name: str
    lines: bool = False  # JSONL
    indent: int | None = None
    per_line: bool = False  # an array with one row a line
    ascii_only: bool = True
    newline: str = "\n"
    separators: tuple[str, str] = (", ", ": ")


FORMS = [
    Form("one-line"),
    Form("one-line utf-8 tight", ascii_only=False, separators=(",", ":")),
    Form("row-per-line utf-8", per_line=True, ascii_only=False),
    Form("indent-1", indent=1),
    Form("indent-1 utf-8", indent=1, ascii_only=False),
    Form("indent-4", indent=4),
    Form("indent-4 utf-8 crlf", indent=4, ascii_only=False, newline="\r\n"),
    Form("jsonl", lines=True),
    Form("jsonl utf-8 tight", lines=True, ascii_only=False, separators=(",", ":")),
    Form("jsonl crlf", lines=True, newline="\r\n"),
    Form("jsonl cr", lines=True, newline="\r"),
]


def scalar(value: Any, form: Form) -> str:
    if isinstance(value, Escaped):
        units = str(value).encode("utf-16-be", "surrogatepass").hex()
        return '"' + "".join(f"\\u{units[i : i + 4]}" for i in range(0, len(units), 4)) + '"'
    text = json.dumps(value, ensure_ascii=form.ascii_only)
    # a file can contain a lone surrogate only as an escape
    return SURROGATES.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def write_value(value: Any, form: Form, level: int) -> str:
    if isinstance(value, dict):
        value = Members(value.items())
    if not isinstance(value, list):
        return scalar(value, form)
    comma, colon = form.separators
    opening, closing = "{}" if isinstance(value, Members) else "[]"
    if not value:
        return opening + closing
    if isinstance(value, Members):
        items = [scalar(k, form) + colon + write_value(v, form, level + 1) for k, v in value]
    else:
        items = [write_value(item, form, level + 1) for item in value]
    if form.indent is None:
        return opening + comma.join(items) + closing
    inner = form.newline + " " * form.indent * (level + 1)
    outer = form.newline + " " * form.indent * level
    return opening + inner + ("," + inner).join(items) + outer + closing


def join(texts: list[bytes], form: Form) -> bytes:
    """Make a file from the texts of rows, which need not be JSON."""
    newline = form.newline.encode()
    if form.lines:
        return b"".join(text + newline for text in texts)
    if form.indent is not None:
        lead = newline + b" " * form.indent
        return b"[" + lead + (b"," + lead).join(texts) + newline + b"]" + newline
    comma = b"," + newline if form.per_line else form.separators[0].encode()
    return b"[" + comma.join(texts) + b"]" + newline


def write(rows: list[Any], form: Form) -> tuple[bytes, list[bytes]]:
    """Return the file's bytes, and the text of each row in it."""
    level = 0 if form.indent is None else 1
    texts = [write_value(row, form, level).encode("utf-8") for row in rows]
    return join(texts, form), texts
