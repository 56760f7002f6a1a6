"""Python's reading of JSON lines as the reference for the splitter, and the program lines_facts.

A trainer reads `for line in open(path, "r", encoding="utf-8")` and passes each line to `json.loads`,
LLaVA-NeXT after `line.strip()`, Qwen-VL as it is. `read_lines` does that, `run_facts` returns how the
splitter reads the same files, and `compare` where they differ. There are no exceptions: each line that
is not blank is a row with Python's line number and text, and is refused exactly if Python refuses it.
"""

from __future__ import annotations

import io
import json
import os
import subprocess
import struct
from typing import Any, NamedTuple

JSON_SPACE = " \t\r\n"
BOM = b"\xef\xbb\xbf"
FORMLESS = {"not-rows", "no-rows", "not-utf8", "lfs-pointer"}  # faults of the file as a whole
REFUSED = {"syntax", "cut-off", "not-utf8", "too-deep"}
READ = {"fine", "return"}  # Python reads these; a program that ends lines only at \n does not read "return"


class Line(NamedTuple):
    """A line as Python reads it."""

    number: int  # from 1
    text: str  # what str.strip leaves; "" if the line is blank
    read: bool  # by json.loads(line.strip())
    read_plain: bool  # by json.loads(line)
    space: str  # the first character that only str.strip removes, or ""
    is_row: bool  # the value is an object


class Piece(NamedTuple):
    """A line of lines_facts."""

    kind: str
    row: int
    line: int
    column: int
    offset: int
    size: int
    fault: str
    space: int
    space_offset: int


class Facts(NamedTuple):
    lines: bool
    pieces: list[Piece]

    def has_form(self) -> bool:
        """Whether the file is cut into lines: it is no array, and has rows."""
        return self.lines and not any(p.kind == "file" and p.fault in FORMLESS for p in self.pieces)


def load(text: str) -> tuple[bool, Any]:
    try:
        return True, json.loads(text)
    except ValueError:  # also for an integer with too many digits
        return False, None


def odd_space(line: str) -> str:
    """Return the first white space around the text that JSON does not know."""
    text = line.strip()
    if not text:
        around = line
    else:
        at = line.index(text)
        around = line[:at] + line[at + len(text) :]
    return around.strip(JSON_SPACE)[:1]


def read_lines(data: bytes) -> list[Line]:
    """Return the lines of a file. Bytes that are not UTF-8 stay as they are, and their line is refused."""
    lines = []
    file = io.TextIOWrapper(io.BytesIO(data), encoding="utf-8", errors="surrogateescape")
    for number, line in enumerate(file, 1):
        text = line.strip()
        valid = not any("\udc80" <= c <= "\udcff" for c in line)
        read, value = load(text) if valid else (False, None)
        plain = valid and load(line)[0]
        lines.append(Line(number, text, read, plain, odd_space(line), isinstance(value, dict)))
    return lines


def first_after_return(data: bytes) -> int:
    """Return the first line with text that only a carriage return separates from another one, or 0."""
    file = io.TextIOWrapper(io.BytesIO(data), encoding="utf-8", errors="surrogateescape", newline="")
    has_text = False
    for number, line in enumerate(file, 1):
        if line.strip():
            if has_text:
                return number
            has_text = True
        if line.endswith("\n"):
            has_text = False
    return 0


def encode(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


class Comparison:
    """Follows the splitter's pieces along Python's lines."""

    def __init__(self, data: bytes, facts: Facts) -> None:
        self.data, self.facts = data, facts
        self.causes: list[str] = []
        self.bom = data.startswith(BOM)  # at the start of the first line: refused, but reported separately
        self.lines = read_lines(data[3:] if self.bom else data)
        self.within: set[int] = set()  # lines of rows that span several lines

    def expect(self, right: bool, cause: str) -> None:
        if not right:
            self.causes.append(cause)

    def clean(self) -> bool:
        """Whether only white space is reported about the file."""
        return all(piece.fault in READ for piece in self.facts.pieces)

    def run(self) -> list[str]:
        rows = [piece for piece in self.facts.pieces if piece.kind != "file"]
        python_reads = not self.bom and bool(self.lines) and all(line.read for line in self.lines)
        if not self.facts.has_form():
            self.expect(not self.clean(), "false clean")
            objects = bool(self.lines) and all(line.is_row for line in self.lines)
            self.expect(not objects, "not read as lines")
            return self.causes
        self.expect(self.clean() == python_reads, "verdict")
        self.follow_rows(rows)
        self.check_file_pieces()
        spaces = any(piece.space for piece in self.facts.pieces)
        if python_reads:
            plain = all(line.read_plain for line in self.lines)
            self.expect(plain == (not spaces), "verdict without strip()")
        return self.causes

    def follow_rows(self, rows: list[Piece]) -> None:
        self.expect([piece.row for piece in rows] == list(range(len(rows))), "row numbers")
        by_line = {piece.line: piece for piece in reversed(rows)}  # the first row of each line
        for piece in rows:
            if piece.fault == "split-row":
                self.check_split(piece)
        for line in self.lines:
            if line.number in self.within:
                continue
            piece = by_line.get(line.number)
            self.expect((piece is not None) == bool(line.text), f"line {line.number}: row or none")
            if piece:
                self.check_row(line, piece)
        others = {piece.line for piece in rows} - {line.number for line in self.lines}
        self.expect(not others, f"rows on lines {others}")

    def check_row(self, line: Line, piece: Piece) -> None:
        found = self.data[piece.offset : piece.offset + piece.size]
        space = chr(piece.space) if piece.space else ""
        self.expect(space == line.space, f"line {line.number}: white space {space!r}")
        if piece.fault == "split-row":
            self.expect(not line.read, f"line {line.number}: read by itself")
            return
        self.expect(found == encode(line.text), f"line {line.number}: text {found!r}")
        self.expect((piece.fault == "fine") == line.read, f"line {line.number}: {piece.fault}")
        self.expect(piece.fault in REFUSED | {"fine"}, f"line {line.number}: {piece.fault}")
        at = piece.offset + piece.space_offset
        if space and piece.space_offset:
            self.expect(self.data[at:].startswith(encode(space)), f"line {line.number}: place of {space!r}")

    def check_split(self, piece: Piece) -> None:
        """Check a row that spans lines: it must be JSON by itself, and end on a later line."""
        text = self.data[piece.offset : piece.offset + piece.size].decode("utf-8", "surrogateescape")
        taken = len(io.StringIO(text, newline=None).read().split("\n"))
        self.expect(load(text)[0] and taken > 1, f"line {piece.line}: not a row over several lines")
        self.within |= set(range(piece.line + 1, piece.line + taken))

    def check_file_pieces(self) -> None:
        pieces = [piece for piece in self.facts.pieces if piece.kind == "file"]
        blank = [line for line in self.lines if not line.text and line.number not in self.within]
        odd = [line for line in blank if line.space]
        rows = any(piece.kind != "file" for piece in self.facts.pieces)
        reported = [piece.line for piece in pieces if piece.fault == "blank-line"]
        self.expect(reported == [line.number for line in blank[:1]] or not rows, f"blank lines {reported}")
        reported = [piece.line for piece in pieces if piece.space]
        self.expect(reported == [line.number for line in odd[:1]] or not rows, f"blank lines with space {reported}")
        self.expect(any(piece.fault == "bom" for piece in pieces) == self.bom, "byte order mark")
        if not self.within:
            reported = [piece.line for piece in pieces if piece.fault == "return"]
            after = first_after_return(self.data.removeprefix(BOM))
            self.expect(reported == [after] * (after > 0), f"carriage returns {reported}, after {after}")


def compare(data: bytes, facts: Facts) -> list[str]:
    """Return all causes of disagreement on a file."""
    return Comparison(data, facts).run()


def run_facts(files: list[bytes]) -> list[Facts]:
    """Return how the splitter reads each file."""
    program = os.environ.get("LC_LINES_FACTS", "")
    assert os.access(program, os.X_OK), f"LC_LINES_FACTS must name the built program: {program!r}"
    data = b"".join(struct.pack("<I", len(file)) + file for file in files)
    done = subprocess.run([program], input=data, capture_output=True, check=False, timeout=600)
    assert done.returncode == 0, (done.returncode, done.stderr[-2000:])
    blocks = done.stdout.decode("ascii").split("\n\n")
    assert blocks.pop() == "" and len(blocks) == len(files)
    return [parse_facts(block.split("\n")) for block in blocks]


def parse_facts(block: list[str]) -> Facts:
    pieces = []
    for fields in (line.split("\t") for line in block[1:]):
        assert len(fields) == len(Piece._fields), fields
        numbers = [int(field) for field in fields[1:6]]
        pieces.append(Piece(fields[0], *numbers, fields[6], int(fields[7]), int(fields[8])))
    return Facts(block[0] == "lines 1", pieces)
