"""An index whose owner lies: it is changed, and sealed again as if it had been written so."""

from __future__ import annotations

import re
import struct
from pathlib import Path
from typing import Any, Callable

import lmdb
import xxhash

MARK = 1 << 40
PIECE = 1 << 20  # bytes of an index that are hashed together


def seal(file: Path) -> None:
    """End the file with the checksum of what it holds, as docs/index-format.md says."""
    data = file.read_bytes()
    hashes = b"".join(xxhash.xxh3_128(data[at : at + PIECE]).digest()
                      for at in range(0, len(data), PIECE))
    file.write_bytes(data + b"LCSEAL01" + xxhash.xxh3_128(hashes).digest())


def edited(source: Path, target: Path, table_name: str, change: Callable[[Any, Any], None]) -> Path:
    """A copy of an index with a change to a table, sealed again."""
    target.mkdir()
    file = target / "index.mdb"
    file.write_bytes(source.read_bytes()[:-24])
    with lmdb.open(str(file), subdir=False, lock=False, max_dbs=16, map_size=1 << 28) as env:
        with env.begin(write=True) as transaction:
            change(transaction, env.open_db(table_name.encode(), transaction, create=False))
    seal(file)
    return target


def of_no_rule(transaction: Any, table: Any) -> None:
    """The last finding is of a rule that this version does not know."""
    with transaction.cursor(table) as cursor:
        assert cursor.last()
        key, value = bytes(cursor.key()), bytes(cursor.value())
    changed = re.sub(rb"IMG\d\d\d", b"ZZZ999", value, count=1)
    assert changed != value and transaction.put(key, changed, db=table)


def forge(file: Path) -> None:
    """Each rows file has MARK rows without an image more than it had: in the statistics of a run
    that takes over n of them are n times MARK more."""
    environment = lmdb.open(str(file), subdir=False, lock=False, max_dbs=20, map_size=1 << 30)
    with environment.begin(write=True) as transaction:
        table = environment.open_db(b"file_statistics", transaction, create=False)
        for key, value in list(transaction.cursor(table)):
            (rows,) = struct.unpack_from(">Q", value)
            transaction.put(key, struct.pack(">Q", rows + MARK) + value[8:], db=table)
    environment.close()
    seal(file)
