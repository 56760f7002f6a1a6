"""Forged indexes of a few MB, with sound pages, that would cost a trusting reader hours or gigabytes.
forgeries.py SOUND FOLDER writes a file for each, without a seal.

Each makes a product large: the findings about an image times the rows that name it, the rows of a file
times the findings about it, or the length of a path times its references.
"""

from __future__ import annotations

import struct
import sys
from pathlib import Path
from typing import Any, Callable, Iterator, NamedTuple

import lmdb

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "cli"))
from forge import leb128, read_leb128  # noqa: E402

SEAL = 104
FINDINGS = 5_000
ENTRIES = 20_000
PACK = 1960  # largest size of a packed value
SUMMARY = ">19Q"
ROWS, IMAGES, FILES, ERRORS = 1, 8, 0, 18  # positions in the summary


class Index:
    """The tables of an index in a transaction."""

    def __init__(self, environment: Any, transaction: Any) -> None:
        self.environment, self.transaction = environment, transaction
        self.table = {bytes(name).decode(): environment.open_db(bytes(name), transaction, create=False)
                      for name, _ in list(transaction.cursor())}

    def get(self, table: str, key: bytes) -> bytes:
        return bytes(self.transaction.get(key, db=self.table[table]))

    def put(self, table: str, key: bytes, value: bytes) -> None:
        assert self.transaction.put(key, value, db=self.table[table])

    def clear(self, table: str) -> None:
        self.transaction.drop(self.table[table], delete=False)

    def pairs(self, table: str) -> list[tuple[bytes, bytes]]:
        return [(bytes(k), bytes(v)) for k, v in self.transaction.cursor(self.table[table])]

    def summary(self, **numbers: int) -> None:
        values = list(struct.unpack(SUMMARY, self.get("meta", b"summary")))
        for name, number in numbers.items():
            values[globals()[name]] = number
        self.put("meta", b"summary", struct.pack(SUMMARY, *values))

    def put_entries(self, table: str, entries: Iterator[bytes], honest: bool = True) -> None:
        """Store packed entries of the same size; unless honest, under separate keys."""
        self.clear(table)
        value, number = b"", 0
        for entry in [*entries, None]:
            if entry is None or len(value) + len(entry) > PACK:
                size = len(entry) if entry else size
                key = value[:size] if honest else value[:size - 8] + struct.pack(">Q", number)
                self.put(table, key, value)
                value, number = b"", number + 1
            value += entry or b""


def string(data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + data


def text(data: bytes) -> bytes:
    return leb128(len(data)) + data


def finding(kind: int, rule: bytes, *, file: int = 0, row: int = -1, image: int = 0,
            ident: bytes = b"", message: bytes = b"no") -> bytes:
    numbers = b"".join(leb128(number) for number in (file, row + 1, 0, 1, 1, 0, image))
    return bytes([kind, 2]) + text(rule) + text(b"") + text(message) + numbers + text(ident) + leb128(2)


def finding_key(kind: int, subject: int, row: int, number: int) -> bytes:
    return struct.pack(">BIQHQ", kind, subject, row, 0, number)


def many_findings(index: Index, kind: int, rule: bytes, **more: Any) -> None:
    index.clear("findings")
    for number in range(FINDINGS):
        index.put("findings", finding_key(kind, 0, 0, number), finding(kind, rule, **more))
    index.summary(ERRORS=FINDINGS)


def image_of_many_rows(index: Index) -> None:
    """Each of thousands of findings is about an image that tens of thousands of rows name."""
    index.put_entries("image_rows", (struct.pack(">IQ", 0, n) for n in range(ENTRIES)))
    many_findings(index, 2, b"IMG501")


def image_of_one_row(index: Index) -> None:
    """The same, but all references come from the same row."""
    index.put_entries("image_rows", (struct.pack(">IQ", 0, 0) for n in range(ENTRIES)), honest=False)
    many_findings(index, 2, b"IMG501")


def id_of_many_rows(index: Index) -> None:
    """Each of thousands of findings is about an id that tens of thousands of rows have."""
    ident, hashed = some_id(index)
    index.put_entries("by_id", (hashed + struct.pack(">Q", n) for n in range(ENTRIES)))
    many_findings(index, 3, b"CNV301", ident=ident)


def id_of_one_row(index: Index) -> None:
    ident, hashed = some_id(index)
    index.put_entries("by_id", (hashed + struct.pack(">Q", 0) for n in range(ENTRIES)), honest=False)
    many_findings(index, 3, b"CNV301", ident=ident)


def file_of_many_rows(index: Index) -> None:
    """Each of thousands of findings is about every row of a file."""
    many_findings(index, 1, b"IDX701")
    change_files(index, 1, FINDINGS)


def files_of_many_rows(index: Index) -> None:
    """Each of thousands of files has all rows, and there are findings about all files."""
    index.clear("findings")
    for number in range(FINDINGS // 4):
        index.put("findings", finding_key(1, number, 0, number), finding(1, b"IDX701", file=number))
    index.summary(ERRORS=FINDINGS // 4)
    change_files(index, FINDINGS // 4, FINDINGS)


def alternating_findings(index: Index) -> None:
    """The keys are in order, but the records alternate between two images."""
    index.put_entries("image_rows", (struct.pack(">IQ", n // (ENTRIES // 2), n) for n in range(ENTRIES)))
    index.clear("findings")
    for number in range(FINDINGS):
        index.put("findings", finding_key(2, 0, 0, number), finding(2, b"IMG501", image=number % 2))
    index.summary(ERRORS=FINDINGS)


def change_files(index: Index, count: int, rows: int) -> None:
    """Make count copies of the first file, each with the first row 0 and all rows."""
    value = index.get("files", bytes(4))
    places = value.index(struct.pack(">Q", 0) + struct.pack(">Q", 43))
    value = value[:places] + struct.pack(">QQ", 0, rows) + value[places + 16:]
    statistics = index.get("file_statistics", bytes(4))
    for number in range(count):
        index.put("files", struct.pack(">I", number), value)
        if number < 200:
            index.put("file_statistics", struct.pack(">I", number), statistics)
    index.summary(FILES=count, ROWS=rows)


def some_id(index: Index) -> tuple[bytes, bytes]:
    """Return the id of the first row, whose number is 0, and its hash."""
    value = index.pairs("rows")[0][1]
    size, = struct.unpack_from(">I", value, 8)
    record = value[12:12 + size]
    at = len(record)
    for length in range(1, 60):
        if record[at - length - 1] == length:
            break
    ident = record[at - length:]
    entries = b"".join(v for _, v in index.pairs("by_id"))
    hashed, = [entries[i:i + 16] for i in range(0, len(entries), 24)
               if entries[i + 16:i + 24] == bytes(8)]
    return ident, hashed


def row_of_many_images(index: Index) -> None:
    """A row names an image hundreds of thousands of times, and has thousands of findings."""
    index.clear("row_images")
    images = bytes(4 * ENTRIES * 5)
    index.put("row_images", bytes(8), struct.pack(">QI", 0, len(images)) + images)
    many_findings(index, 2, b"IMG501")


def long_path(index: Index) -> None:
    """A row names an image with a path of 200 kB ten thousand times."""
    index.clear("row_images")
    images = bytes(4 * 10_000)
    index.put("row_images", bytes(8), struct.pack(">QI", 0, len(images)) + images)
    value = index.get("images", bytes(4))
    size, at = read_leb128(value, 0)
    index.put("images", bytes(4), text(b"a" * 200_000) + value[at + size:])


def many_rule_counts(index: Index) -> None:
    """meta has counts of tens of thousands of rules; the findings alternate between two of the last."""
    for number in range(20_000):
        code = b"ZZ%05d" % number
        index.put("meta", b"count:" + code, code + struct.pack(">3Q", 0, 0, 1))
    index.clear("findings")
    for number in range(FINDINGS):
        index.put("findings", finding_key(2, 0, 0, number), finding(2, b"ZZ%05d" % (19_999 - number % 2)))
    index.summary(ERRORS=FINDINGS)


def many_rules(index: Index) -> None:
    """Each finding has a different rule."""
    index.clear("findings")
    for number in range(FINDINGS):
        index.put("findings", finding_key(2, 0, 0, number), finding(2, b"ZZ%05d" % number))
    index.summary(ERRORS=FINDINGS)


def many_folders(index: Index) -> None:
    """Each image is in a separate folder, and has a finding."""
    value = index.get("images", bytes(4))
    size, at = read_leb128(value, 0)
    index.clear("findings")
    for number in range(FINDINGS):
        index.put("images", struct.pack(">I", number), text(b"%05d/a" % number) + value[at + size:])
        index.put("findings", finding_key(2, number, 0, number), finding(2, b"IMG501", image=number))
    index.summary(ERRORS=FINDINGS, IMAGES=FINDINGS)


def same_content(index: Index) -> None:
    """Thousands of images have the same content, under alternating hashes."""
    entries = (bytes([n % 2] * 16) + struct.pack(">Q", n % 30) for n in range(ENTRIES))
    index.put_entries("by_content", entries, honest=False)


def most_numbers(index: Index) -> None:
    """The index claims as many rows, images and findings as fit in its file."""
    index.put("meta", b"zzz", bytes(1 << 22))
    change_files(index, 1, 1 << 16)
    index.summary(IMAGES=1 << 16, ERRORS=1 << 16)


def many_shares(index: Index) -> None:
    for kind in range(2):
        for rank in range(FINDINGS * 2):
            index.put("mixture", struct.pack(">BI", kind, rank),
                      string(b"s%06d" % rank) + struct.pack(">4Q", 1, 1, 1, 1))


class Forgery(NamedTuple):
    """A forgery, and how far a reader gets with it."""

    change: Callable[[Index], None]
    is_opened: bool
    is_answered: bool  # every question and report is answered


FORGERIES = [
    Forgery(image_of_many_rows, True, False),
    Forgery(image_of_one_row, True, False),
    Forgery(id_of_many_rows, True, False),
    Forgery(id_of_one_row, True, False),
    Forgery(file_of_many_rows, True, False),
    Forgery(files_of_many_rows, False, False),
    Forgery(alternating_findings, True, False),
    Forgery(row_of_many_images, True, False),
    Forgery(long_path, True, False),
    Forgery(many_rule_counts, False, False),
    Forgery(many_rules, True, True),
    Forgery(many_folders, True, True),
    Forgery(same_content, True, False),
    Forgery(most_numbers, True, True),
    Forgery(many_shares, True, True),
]


def forge(sound: Path, target: Path, change: Callable[[Index], None]) -> None:
    target.write_bytes(sound.read_bytes()[:-SEAL])
    with lmdb.open(str(target), subdir=False, lock=False, max_dbs=20, map_size=1 << 30) as environment:
        with environment.begin(write=True) as transaction:
            change(Index(environment, transaction))


def main() -> None:
    sound, folder = map(Path, sys.argv[1:])
    for change, _, _ in FORGERIES:
        forge(sound, folder / f"{change.__name__}.mdb", change)


if __name__ == "__main__":
    main()
