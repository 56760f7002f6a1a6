#!/usr/bin/env python3
"""Read an index of llava-check: an example for docs/index-format.md.

    read_index.py INDEX summary     the run in numbers, by rule too
    read_index.py INDEX files       the rows files
    read_index.py INDEX rows        every row, or those of the numbers given: rows 17 18
    read_index.py INDEX images      every image path that rows name, with its verdict
    read_index.py INDEX archives    the archives that images are in, with their damage
    read_index.py INDEX members     the members of archives that are the image of no row
    read_index.py INDEX points      the points from which archives can be read
    read_index.py INDEX bad         the images that are not ok
    read_index.py INDEX duplicates  images of the same content
    read_index.py INDEX findings    everything that was found
    read_index.py INDEX statistics  what the rows are like, in numbers
    read_index.py INDEX file_statistics  the same for each rows file
    read_index.py INDEX mixture     how the rows are shared between sources and folders

INDEX is the file index.mdb or the folder that holds it, such as raw/.llava-check. Each record
is printed as a line of JSON. Needs the package lmdb (Debian: python3-lmdb).
"""

from __future__ import annotations

import json
import struct
import sys
from itertools import groupby
from pathlib import Path
from typing import Any, Iterator

import lmdb

SCHEMA = 18
SEVERITIES = ["info", "warning", "error"]
KINDS = {1: "row", 2: "image", 3: "set"}
SCRIPTS = ["latin", "han", "other", "none"]
SHARES = ["data_source", "folder"]
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
    "not-looked-at",
]
SUMMARY = [
    "rows_files",
    "rows",
    "rows_ok",
    "rows_text_only",
    "turns",
    "words",
    "characters",
    "rows_sampled",
    "images_referenced",
    "images",
    "images_ok",
    "images_unverified",
    "images_skipped",
    "image_bytes",
    "urls",
    "embedded",
]
BUCKETS = 41  # of a histogram: 0, 1, 2 to 3, 4 to 7 ...

# The fields of each record, in the order of their bytes. The types: B an unsigned byte, ? a
# bool, I and Q unsigned numbers of 4 and 8 bytes, q a signed one of 8, H a hash of 16 bytes,
# s a string: its length in 4 bytes, then its bytes. n is a number in LEB128, o such a number
# less 1, t a string whose length is one.
FILE = (
    "name:s size:Q mtime_ns:q ctime_ns:q inode:Q device:Q content:H first_row:Q rows:Q lines:? "
    "sampling:s sampled:Q dialect:s names:Q strays:Q"
)
ROW = (
    "file:n row:n offset:n line:n column:n size:n turns:n images:n videos:n urls:n embedded:n "
    "placeholders:n words:n characters:n script:B readable:? faulty:? whole:? content:H "
    "question:Q answer:Q rest:Q object:? text_only:? traits:n dialect:B data_source:t id:t"
)
IMAGE = (
    "path:t state:B size:n mtime_ns:q ctime_ns:q inode:n device:n content:H format:t mode:t "
    "width:n height:n rows_decoded:n warnings:n orientation:B depth:B "
    "frames:n trailing:n blank:? transparent:? lenient:B content_kind:B metadata_too_large:? detail:t faulty:? uses:n "
    "archive:n offset:n"
)
FINDING = (
    "kind:B severity:B rule:t rule_case:t message:t file:n row:o offset:n line:n column:n turn:o image:n "
    "id:t row_count:n"
)
SHARE = "name:s rows:Q images:Q rounds:Q words:Q"
ARCHIVE = (
    "name:s size:Q mtime_ns:q ctime_ns:q inode:Q device:Q state:B kind:s removed:s added:s "
    "members:Q files:Q unpacked:Q unsafe:Q unsafe_example:s damage:s"
)
MEMBER = "path:t archive:n offset:n size:n content:H"
POINT = "bit:Q begin:Q crc:I window_size:I window:S"

# The statistics are numbers of 8 bytes: those of COUNTS, then these histograms, then the median.
# Here the histograms have the names that they have in the JSON report.
COUNTS = ["no_image", "one_image", "several_images", "video", *SCRIPTS]
HISTOGRAMS = {
    "rounds": "rounds_per_row",
    "turn_words": "words_per_turn",
    "turn_characters": "characters_per_turn",
    "row_words": "words_per_row",
    "row_characters": "characters_per_row",
}

# The bytes of an entry in the tables of sorted entries; its last 8 are the number.
ENTRY = {"image_rows": 12, "by_id": 24, "by_path": 24, "by_content": 24}


def text(data: bytes) -> str:
    """Bytes as the reports show them: what is not UTF-8 becomes \\xNN."""
    return data.decode("utf-8", "backslashreplace")


def leb128(data: bytes, at: int) -> tuple[int, int]:
    """A number of seven bits a byte, the lowest first, and where it ends."""
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at


def decode(fields: str, data: bytes) -> dict[str, Any]:
    """A record: its fields by name."""
    record: dict[str, Any] = {}
    at = 0
    for field in fields.split():
        name, kind = field.split(":")
        if kind == "n" or kind == "o":
            record[name], at = leb128(data, at)
            record[name] -= kind == "o"
        elif kind == "t":
            size, at = leb128(data, at)
            record[name] = text(data[at : at + size])
            at += size
        elif kind == "s":
            (size,) = struct.unpack_from(">I", data, at)
            record[name] = text(data[at + 4 : at + 4 + size])
            at += 4 + size
        elif kind == "S":
            (size,) = struct.unpack_from(">I", data, at)
            record[name] = data[at + 4 : at + 4 + size].hex()
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
    """A big-endian number."""
    return int.from_bytes(data, "big")


def histogram(numbers: tuple[int, ...]) -> dict[str, Any]:
    """As in the JSON report: of each bucket that is not empty from, to, and how many values."""
    count, total, most, *buckets = numbers
    if len(buckets) != BUCKETS:
        raise ValueError(f"a histogram of {len(buckets)} buckets where {BUCKETS} are due")
    ranges = []
    for bucket, values in enumerate(buckets):
        first = 1 << (bucket - 1) if bucket else 0
        last = most if bucket + 1 == BUCKETS else (1 << bucket) - 1
        if values:
            ranges.append([first, last, values])
    mean = round(total / count, 3) if count else 0.0
    return {"count": count, "sum": total, "mean": mean, "most": most, "histogram": ranges}


def list_of_records(value: bytes) -> Iterator[tuple[int, bytes]]:
    """A value of a table that is packed by row number: row numbers and records."""
    at = 0
    while at < len(value):
        row, size = struct.unpack_from(">QI", value, at)
        at += 12
        if at + size > len(value):
            raise ValueError("a record that is longer than its list")
        yield row, value[at : at + size]
        at += size


def list_of_entries(value: bytes, size: int) -> list[bytes]:
    """A value of a table of sorted entries."""
    if len(value) % size:
        raise ValueError(f"a list of {len(value)} bytes with entries of {size}")
    return [value[at : at + size] for at in range(0, len(value), size)]


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
        """All keys and values of a table."""
        for key, value in self.transaction.cursor(self.table(table)):
            yield bytes(key), bytes(value)

    def seek(self, table: str, wanted: bytes) -> Iterator[bytes]:
        """The values of a packed table, from the first that may hold what is wanted."""
        cursor = self.transaction.cursor(self.table(table))
        if not cursor.set_range(wanted):  # every key is smaller
            cursor.last()
        elif bytes(cursor.key()) != wanted and not cursor.prev():
            cursor.first()
        for value in cursor.iternext(keys=False):  # an empty table has none
            yield bytes(value)

    def records(self, table: str) -> Iterator[tuple[int, bytes]]:
        """All row numbers and records of a table that is packed by row number."""
        for _, value in self.pairs(table):
            yield from list_of_records(value)

    def record(self, table: str, row: int) -> bytes | None:
        """The record of a row; None when it has none."""
        for value in self.seek(table, struct.pack(">Q", row)):
            return dict(list_of_records(value)).get(row)
        return None

    def entries(self, table: str) -> Iterator[tuple[bytes, int]]:
        """All entries of a table of sorted entries: what is looked up, and the number."""
        for _, value in self.pairs(table):
            for entry in list_of_entries(value, ENTRY[table]):
                yield entry[:-8], number(entry[-8:])

    def values(self, table: str, wanted: bytes) -> list[int]:
        """The numbers of the entries that begin with some bytes: an image number or a hash."""
        numbers: list[int] = []
        for value in self.seek(table, wanted):
            for entry in list_of_entries(value, ENTRY[table]):
                if entry[:-8] > wanted:
                    return numbers
                if entry[:-8] == wanted:
                    numbers.append(number(entry[-8:]))
        return numbers

    # ---- the tables ----

    def summary(self) -> dict[str, Any]:
        values = struct.unpack(f">{len(SUMMARY) + 3}Q", self.get("meta", b"summary"))
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
            "image_folder": text(self.get("meta", b"image_folder")),
            "options": self.get("meta", b"options").hex(),
            **dict(zip(SUMMARY, values)),
            "by_severity": dict(zip(SEVERITIES, values[len(SUMMARY) :])),
            "by_rule": by_rule,
        }

    def files(self) -> Iterator[dict[str, Any]]:
        for key, value in self.pairs("files"):
            yield {"number": number(key), **decode(FILE, value)}

    def row(self, row: int) -> dict[str, Any]:
        data = self.record("rows", row)
        if data is None:
            raise KeyError(f"there is no row {row}")
        record = decode(ROW, data)
        record["file"] = decode(FILE, self.get("files", struct.pack(">I", record["file"])))["name"]
        record["script"] = SCRIPTS[record["script"]] if record["readable"] else ""
        images = self.record("row_images", row) or b""
        if len(images) != 4 * record["images"]:
            raise ValueError(f"row {row} names other images than it has")
        paths = [self.image(image)["path"] for (image,) in struct.iter_unpack(">I", images)]
        return {"number": row, **record, "images": paths}

    def image(self, image: int) -> dict[str, Any]:
        record = decode(IMAGE, self.get("images", struct.pack(">I", image)))
        record["state"] = STATES[record["state"]]
        return {"number": image, **record}

    def rows(self) -> Iterator[dict[str, Any]]:
        for row, _ in self.records("rows"):
            yield self.row(row)

    def images(self) -> Iterator[dict[str, Any]]:
        for key, _ in self.pairs("images"):
            yield {**self.image(number(key)), "rows": self.values("image_rows", key)}

    def archives(self) -> Iterator[dict[str, Any]]:
        for key, value in self.pairs("archives"):
            yield {"number": number(key), **decode(ARCHIVE, value)}

    def members(self) -> Iterator[dict[str, Any]]:
        """The members of archives that are the image of no row."""
        for _, value in self.pairs("members"):
            yield decode(MEMBER, value)

    def points(self) -> Iterator[dict[str, Any]]:
        """Where a tar.gz can be read from; the window is deflated if it is shorter than its size."""
        for key, value in self.pairs("points"):
            yield {"archive": number(key[:4]), "offset": number(key[4:]), **decode(POINT, value)}

    def duplicates(self) -> Iterator[dict[str, Any]]:
        for content, entries in groupby(self.entries("by_content"), lambda entry: entry[0]):
            paths = [self.image(image)["path"] for _, image in entries]
            if len(paths) > 1:
                yield {"content": content.hex(), "paths": paths}

    def findings(self) -> Iterator[dict[str, Any]]:
        """The findings in the order of reports, with the fields that each kind has."""
        for _, value in self.pairs("findings"):
            finding = decode(FINDING, value)
            kind = KINDS[finding["kind"]]
            out = {name: finding[name] for name in ("rule", "message")}
            if finding["rule_case"]:
                out["case"] = finding["rule_case"]
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

    def statistics(self, data: bytes | None = None) -> dict[str, Any]:
        """What the rows are like, as in the JSON report; or what other statistics say."""
        values = struct.unpack(
            f">{len(COUNTS) + len(HISTOGRAMS) * (3 + BUCKETS) + 1}Q",
            data or self.get("meta", b"statistics"),
        )
        counts = dict(zip(COUNTS, values))
        by_images = {
            "none": counts["no_image"],
            "one": counts["one_image"],
            "several": counts["several_images"],
        }
        out: dict[str, Any] = {
            "rows_by_images": by_images,
            "rows_with_video": counts["video"],
            "rows_by_script": {script: counts[script] for script in SCRIPTS},
        }
        at = len(COUNTS)
        for name in HISTOGRAMS.values():
            out[name] = histogram(values[at : at + 3 + BUCKETS])
            at += 3 + BUCKETS
        out["rounds_per_row"]["median"] = values[at]
        return out

    def file_statistics(self) -> Iterator[dict[str, Any]]:
        """The same for the rows of each file."""
        for key, value in self.pairs("file_statistics"):
            yield {"file": number(key), **self.statistics(value)}

    def mixture(self) -> Iterator[dict[str, Any]]:
        """The shares of the data sources, then of the folders, each those of most rows first."""
        for key, value in self.pairs("mixture"):
            kind, rank = struct.unpack(">BI", key)
            yield {"kind": SHARES[kind], "rank": rank, **decode(SHARE, value)}


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
        "archives": index.archives,
        "members": index.members,
        "points": index.points,
        "bad": lambda: (image for image in index.images() if image["state"] != "ok"),
        "duplicates": index.duplicates,
        "findings": index.findings,
        "statistics": lambda: [index.statistics()],
        "file_statistics": index.file_statistics,
        "mixture": index.mixture,
    }
    if what not in choices:
        print(__doc__, file=sys.stderr)
        return 2
    for record in choices[what]():
        print(json.dumps(record, ensure_ascii=False))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
