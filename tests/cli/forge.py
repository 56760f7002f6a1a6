"""An index whose owner lies: it is changed, and sealed again as if it had been written so."""

from __future__ import annotations

import struct
from pathlib import Path

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
