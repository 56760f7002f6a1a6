#!/usr/bin/env python3
"""Read an index of llava-check: an example for docs/index-format.md.

    read_index.py INDEX summary     the run in numbers, by rule too
    read_index.py INDEX files       the rows files
    read_index.py INDEX rows        every row, or those of the numbers given: rows 17 18
    read_index.py INDEX images      every image path that rows name, with its verdict
    read_index.py INDEX bad         the images that are not ok
    read_index.py INDEX duplicates  images of the same content
    read_index.py INDEX findings    everything that was found

INDEX is the file index.mdb or the folder that holds it, such as raw/.llava-check. Each record
is printed as a line of JSON. Needs the package lmdb (Debian: python3-lmdb).
"""

from __future__ import annotations

import json
import struct
import sys
from pathlib import Path
from typing import Any, Iterator

import lmdb

SCHEMA = 1
SEVERITIES = ["info", "warning", "error"]
KINDS = {1: "row", 2: "image", 3: "set"}
STATES = [
    "ok",
    "damaged",
    "truncated",
    "corrupt",
    "not-an-image",
    "unverified",
    "missing",
    "unreadable",
    "outside",
    "too-large",
]
SUMMARY = [
    "rows_files",
    "rows",
    "rows_ok",
    "rows_text_only",
    "turns",
    "words",
    "images_referenced",
    "images",
    "images_ok",
    "images_unverified",
    "image_bytes",
]

# The fields of each record, in the order of their bytes. The types: B an unsigned byte, ? a
# bool, I and Q unsigned numbers of 4 and 8 bytes, q a signed one of 8, H a hash of 16 bytes,
# s a string: its length in 4 bytes, then so many bytes.
FILE = "name:s size:Q mtime_ns:q inode:Q first_row:Q rows:Q lines:?"
ROW = (
    "file:I row:Q offset:Q line:Q size:I turns:I images:I placeholders:I words:Q "
    "readable:? faulty:? content:H id:s"
)
IMAGE = (
    "path:s state:B size:Q mtime_ns:q ctime_ns:q inode:Q device:Q content:H format:s mode:s "
    "width:I height:I rows_decoded:I warnings:I orientation:B faulty:? uses:Q"
)
FINDING = (
    "kind:B severity:B rule:s message:s file:I row:q offset:Q line:Q column:Q turn:q image:I "
    "id:s row_count:Q"
)


def text(data: bytes) -> str:
    """Bytes as the reports show them: what is not UTF-8 becomes \\xNN."""
    return data.decode("utf-8", "backslashreplace")


def decode(fields: str, data: bytes) -> dict[str, Any]:
    """A record: its fields by name."""
    record: dict[str, Any] = {}
    at = 0
    for field in fields.split():
        name, kind = field.split(":")
        if kind == "s":
            (size,) = struct.unpack_from(">I", data, at)
            record[name] = text(data[at + 4 : at + 4 + size])
            at += 4 + size
        elif kind == "H":
            record[name] = data[at : at + 16].hex()
            at += 16
        else:
            (record[name],) = struct.unpack_from(">" + kind, data, at)
            at += struct.calcsize(">" + kind)
    if at != len(data):
        raise ValueError(f"a record of {len(data)} bytes where {at} are due")
    return record


def number(data: bytes) -> int:
    """A big-endian number: most keys, and the values of look-ups."""
    return int.from_bytes(data, "big")


class Index:
    """A finished index. What is open stays as it is, also when another run replaces the file."""

    def __init__(self, path: Path) -> None:
        file = path / "index.mdb" if path.is_dir() else path
        self.environment = lmdb.open(
            str(file), subdir=False, readonly=True, lock=False, max_dbs=16
        )
        self.transaction = self.environment.begin()
        self.tables: dict[str, Any] = {}
        if number(self.get("meta", b"schema")) != SCHEMA:
            raise ValueError("the index is from another version")

    def table(self, name: str) -> Any:
        if name not in self.tables:
            self.tables[name] = self.environment.open_db(
                name.encode(), self.transaction, create=False
            )
        return self.tables[name]

    def get(self, table: str, key: bytes) -> bytes:
        value = self.transaction.get(key, db=self.table(table))
        if value is None:
            raise KeyError(f"{table}: {key!r}")
        return bytes(value)

    def pairs(self, table: str) -> Iterator[tuple[bytes, bytes]]:
        """All keys and values; a key of a table with duplicates comes once for each value."""
        for key, value in self.transaction.cursor(self.table(table)):
            yield bytes(key), bytes(value)

    def values(self, table: str, key: bytes) -> list[int]:
        """The numbers that stand under a key of a table with duplicates."""
        cursor = self.transaction.cursor(self.table(table))
        return [number(value) for value in cursor.iternext_dup()] if cursor.set_key(key) else []

    # ---- the tables ----

    def summary(self) -> dict[str, Any]:
        values = struct.unpack(">14Q", self.get("meta", b"summary"))
        by_rule = {}
        for key, value in self.pairs("meta"):
            if key.startswith(b"count:"):
                code, *counts = struct.unpack(">8s3Q", value)
                by_rule[code.rstrip(b"\0").decode()] = sum(counts)
        return {
            "schema": SCHEMA,
            "tool": text(self.get("meta", b"tool")),
            "dataset": text(self.get("meta", b"dataset")),
            "image_root": text(self.get("meta", b"image_root")),
            "options": self.get("meta", b"options").hex(),
            **dict(zip(SUMMARY, values)),
            "by_severity": dict(zip(SEVERITIES, values[len(SUMMARY) :])),
            "by_rule": by_rule,
        }

    def files(self) -> Iterator[dict[str, Any]]:
        for key, value in self.pairs("files"):
            yield {"number": number(key), **decode(FILE, value)}

    def row(self, row: int) -> dict[str, Any]:
        key = struct.pack(">Q", row)
        record = decode(ROW, self.get("rows", key))
        record["file"] = decode(FILE, self.get("files", struct.pack(">I", record["file"])))["name"]
        images = b""
        if record["images"]:
            images = self.get("row_images", key)
        paths = [self.image(image)["path"] for (image,) in struct.iter_unpack(">I", images)]
        return {"number": row, **record, "images": paths}

    def image(self, image: int) -> dict[str, Any]:
        record = decode(IMAGE, self.get("images", struct.pack(">I", image)))
        record["state"] = STATES[record["state"]]
        return {"number": image, **record}

    def rows(self) -> Iterator[dict[str, Any]]:
        for key, _ in self.pairs("rows"):
            yield self.row(number(key))

    def images(self) -> Iterator[dict[str, Any]]:
        for key, _ in self.pairs("images"):
            yield {**self.image(number(key)), "rows": self.values("image_rows", key)}

    def duplicates(self) -> Iterator[dict[str, Any]]:
        cursor = self.transaction.cursor(self.table("by_content"))
        for content in cursor.iternext_nodup(values=False):
            images = self.values("by_content", bytes(content))
            if len(images) > 1:
                paths = [self.image(image)["path"] for image in images]
                yield {"content": bytes(content).hex(), "paths": paths}

    def findings(self) -> Iterator[dict[str, Any]]:
        """The findings in the order of reports, with the fields that each kind has."""
        for _, value in self.pairs("findings"):
            finding = decode(FINDING, value)
            kind = KINDS[finding["kind"]]
            out = {name: finding[name] for name in ("rule", "message")}
            out |= {"kind": kind, "severity": SEVERITIES[finding["severity"]]}
            if kind == "row":
                file = self.get("files", struct.pack(">I", finding["file"]))
                out["file"] = decode(FILE, file)["name"]
                out |= {name: finding[name] for name in ("line", "column", "offset")}
                out |= {name: finding[name] for name in ("row", "turn") if finding[name] >= 0}
            if kind == "image":
                key = struct.pack(">I", finding["image"])
                out["image"] = decode(IMAGE, self.get("images", key))["path"]
                out["rows"] = self.values("image_rows", key)
            if finding["id"]:
                out["id"] = finding["id"]
            if kind == "set":
                out["row_count"] = finding["row_count"]
            yield out


def main(arguments: list[str]) -> int:
    if len(arguments) < 2:
        print(__doc__, file=sys.stderr)
        return 2
    index = Index(Path(arguments[0]))
    what, numbers = arguments[1], [int(n) for n in arguments[2:]]
    choices: dict[str, Any] = {
        "summary": lambda: [index.summary()],
        "files": index.files,
        "rows": lambda: (index.row(n) for n in numbers) if numbers else index.rows(),
        "images": index.images,
        "bad": lambda: (image for image in index.images() if image["state"] != "ok"),
        "duplicates": index.duplicates,
        "findings": index.findings,
    }
    if what not in choices:
        print(__doc__, file=sys.stderr)
        return 2
    for record in choices[what]():
        print(json.dumps(record, ensure_ascii=False))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
