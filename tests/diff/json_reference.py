"""Python's json as the reference for src/json, and the program json_facts beside it.

`judge` returns Python's verdict on a text, `run_facts` that of src/json, and `compare` where they
differ. Intended differences are listed in `EXCEPTIONS`; every other one is a bug.
"""

from __future__ import annotations

import json
import os
import re
import struct
import subprocess
import sys
from typing import Any, NamedTuple

MAX_DEPTH = 1024  # LC_JSON_MAX_DEPTH; json.loads gives up at Python's recursion limit
sys.setrecursionlimit(max(sys.getrecursionlimit(), 8 * MAX_DEPTH))
MAX_BRACKETS_DEPTH = 64  # depth that src/json/brackets.h promises to follow
SURROGATES = re.compile("[\ud800-\udfff]")

EXCEPTIONS = {
    "trailing-comma": "reported at the comma to remove; Python before 3.13 reports it at the bracket after it",
    "cut-escape": r"a text that ends right after \uXXXX is an unterminated string, reported at its "
    "quote; CPython's scanner calls the escape invalid",
    "cut-number": "a text that ends after the point or the e of a number is cut off, reported at the "
    "number; Python takes the whole number before it and says what follows is too much",
    "cut-character": "a text that ends within a character is cut off; Python's decoder only says "
    "that it is not UTF-8",
    "long-integer": "Python raises a ValueError without a place; said at the number",
    "deep": "what is nested beyond 1,024 is refused, whatever Python's recursion limit is",
}


class Members(list[tuple[str, Any]]):
    """An object's members in the order of the text, duplicate keys included."""


class Python(NamedTuple):
    """Python's verdict on a text."""

    fault: str  # "fine", "syntax", "not-utf8", "integer" (too many digits) or "deep"
    offset: int  # in bytes, -1 if Python does not tell
    nan: bool
    surrogate: bool
    value: str  # canonical dump, "-" if refused


class Read(NamedTuple):
    """The verdict of one of the two parsers of src/json."""

    fault: str
    offset: int
    message: str
    nan: int
    surrogate: int
    value: str


class Facts(NamedTuple):
    """A line of json_facts."""

    fast: Read
    exact: Read
    begin_fault: str  # of the value at the start of the text
    begin_end: int
    brackets: str
    brackets_end: int


class Decoder:
    """json.loads, which records what RFC 8259 does not allow."""

    def __init__(self) -> None:
        self.nan = False
        self._decoder = json.JSONDecoder(
            object_pairs_hook=Members, parse_constant=self._constant
        )

    def _constant(self, word: str) -> float:
        self.nan = True
        return float(word)

    def decode(self, text: str) -> Any:
        self.nan = False
        return self._decoder.decode(text)

    def begin(self, text: str) -> int:
        """Return the end of the value at the start of a text."""
        return self._decoder.raw_decode(text)[1]


DECODER = Decoder()


def dump(value: Any) -> str:
    """Return the canonical form that json_facts prints."""
    if isinstance(value, str):
        return "s" + value.encode("utf-8", "surrogatepass").hex()
    if isinstance(value, Members):
        inner = "".join(f" {dump(key)} {dump(item)}" for key, item in value)
        return f"{{{len(value)}{inner}}}"
    if isinstance(value, list):
        return f"[{len(value)}" + "".join(" " + dump(item) for item in value) + "]"
    if value is None:
        return "n"
    if isinstance(value, bool):
        return "t" if value else "f"
    return f"i{value}" if isinstance(value, int) else "d"


def has_surrogate(value: Any) -> bool:
    """Whether a string in a value, which may be a key, has half of a surrogate pair."""
    if isinstance(value, str):
        return SURROGATES.search(value) is not None
    if isinstance(value, Members):
        return any(has_surrogate(key) or has_surrogate(item) for key, item in value)
    return isinstance(value, list) and any(has_surrogate(item) for item in value)


def refused(fault: str, offset: int = -1) -> Python:
    return Python(fault, offset, False, False, "-")


def judge(text: bytes) -> Python:
    """Return what json.loads(text.decode()) does."""
    try:
        decoded = text.decode("utf-8")
    except UnicodeDecodeError as error:
        return refused("not-utf8", error.start)
    try:
        value = DECODER.decode(decoded)
        return Python("fine", -1, DECODER.nan, has_surrogate(value), dump(value))
    except json.JSONDecodeError as error:
        return refused("syntax", len(decoded[: error.pos].encode("utf-8")))
    except RecursionError:
        return refused("deep")
    except ValueError:
        return refused("integer")


def depth_of(text: bytes) -> int:
    """Return an upper limit of the depth: the number of all brackets, even in strings."""
    return text.count(b"[") + text.count(b"{")


def is_deep(text: bytes) -> bool:
    return depth_of(text) > MAX_DEPTH


def exception(text: bytes, python: Python, ours: Read) -> str:
    """Return the name of the exception that allows both to refuse a text differently, or ""."""
    after = text[ours.offset :]
    if python.fault == "integer" and ours.fault == "syntax":
        return "long-integer" if re.match(rb"-?[0-9]{4301}", after) else ""
    if python.fault == "not-utf8" and ours.fault == "cut-off":
        error = decode_error(text)
        return "cut-character" if error.reason == "unexpected end of data" else ""
    if python.fault != "syntax":
        return ""
    if ours.fault == "syntax" and ours.message.startswith("trailing comma before "):
        comma = re.match(rb",[ \t\r\n]*([\]}])", after)
        if comma and comma.group(1).decode() == ours.message[-1]:
            return "trailing-comma" if python.offset == ours.offset + comma.start(1) else ""
    if ours.fault == "cut-off" and ours.message == "unterminated string":
        last = text[python.offset - 1 :]
        if text[ours.offset : ours.offset + 1] == b'"' and re.fullmatch(
            rb"\\u[0-9a-fA-F]{4}", last
        ):
            return "cut-escape"
    if ours.fault == "cut-off" and ours.message == "the text ends inside a number":
        if re.fullmatch(rb"-?(0|[1-9][0-9]*)(\.|(\.[0-9]+)?[eE][-+]?)", after):
            return "cut-number"
    return ""


def decode_error(text: bytes) -> UnicodeDecodeError:
    try:
        text.decode("utf-8")
    except UnicodeDecodeError as error:
        return error
    raise AssertionError("the text is UTF-8")


def compare_read(text: bytes, python: Python, ours: Read) -> tuple[str, str]:
    """Return the cause of a disagreement, or "", and the exception that was used, or ""."""
    if "deep" in python.fault or ours.fault == "too-deep":
        return ("", "deep") if ours.fault == "too-deep" and is_deep(text) else ("depth", "")
    if python.fault == "fine" or ours.fault == "fine":
        if python.fault != ours.fault:
            return f"verdict: Python {python.fault}, ours {ours.fault}", ""
        if python.value != ours.value:
            return "value", ""
        if python.nan != (ours.nan >= 0):
            return "nan", ""
        return "surrogate" if python.surrogate != (ours.surrogate >= 0) else "", ""
    allowed = exception(text, python, ours)
    if allowed:
        return "", allowed
    if (python.fault == "not-utf8") != (ours.fault == "not-utf8"):
        return f"fault: Python {python.fault}, ours {ours.fault}", ""
    return "offset" if python.offset != ours.offset else "", ""


def compare_beginning(text: bytes, facts: Facts) -> str:
    """Compare what the splitter relies on: where the value at the start of a text ends."""
    if is_deep(text) or text[:1] not in (b"{", b"["):
        return ""
    try:
        decoded = text.decode("utf-8")
        end = len(decoded[: DECODER.begin(decoded)].encode("utf-8"))
    except ValueError:
        return ""
    if (facts.begin_fault, facts.begin_end) != ("fine", end):
        return "beginning"
    if depth_of(text[:end]) <= MAX_BRACKETS_DEPTH:
        return "" if (facts.brackets, facts.brackets_end) == ("closed", end) else "brackets"
    return ""


def compare(text: bytes, facts: Facts) -> tuple[list[str], str]:
    """Return all causes of disagreement on a text, and the exception that was used, or ""."""
    python = judge(text)
    cause, used = compare_read(text, python, facts.fast)
    causes = [f"lc_json_parse, {cause}"] if cause else []
    cause, _ = compare_read(text, python, facts.exact)
    if cause:
        causes.append(f"lc_json_parse_exact, {cause}")
    cause = compare_beginning(text, facts)
    if cause:
        causes.append(cause)
    return causes, used


def facts_program() -> str:
    program = os.environ.get("LC_JSON_FACTS", "")
    assert program, "LC_JSON_FACTS must name the built program json_facts"
    assert os.access(program, os.X_OK), f"LC_JSON_FACTS: no program at {program}"
    return program


def run_facts(texts: list[bytes]) -> list[Facts]:
    """Return the facts of src/json about each text."""
    data = b"".join(struct.pack("<I", len(text)) + text for text in texts)
    done = subprocess.run(
        [facts_program()], input=data, capture_output=True, check=False, timeout=600
    )
    assert done.returncode == 0, (done.returncode, done.stderr[-2000:])
    lines = done.stdout.decode("ascii").splitlines()
    assert len(lines) == len(texts)
    return [parse_facts(line) for line in lines]


def parse_facts(line: str) -> Facts:
    fields = line.split("\t")
    assert len(fields) == 16, line
    reads = [
        Read(f[0], int(f[1]), f[2], int(f[3]), int(f[4]), f[5])
        for f in (fields[0:6], fields[6:12])
    ]
    return Facts(
        reads[0], reads[1], fields[12], int(fields[13]), fields[14], int(fields[15])
    )
