"""Makes lying indexes: changes one, and seals it again as if it had been written that way.

Anybody can seal an index. Only the owner of the user's key can sign it, as tests of signed indexes do.
"""

from __future__ import annotations

import ctypes
import hashlib
import hmac
import os
import re
import struct
from pathlib import Path
from typing import Any, Callable

import lmdb
import xxhash

MARK = 1 << 40
PIECE = 1 << 20  # number of bytes of an index that are hashed together


SEAL = 8 + 16 + 16 + 32 + 32  # bytes: mark, hash, salt, tags, MAC


def user_key() -> bytes:
    """Return the key of the user who runs the tests; docs/index-format.md says where it is."""
    return (Path(os.environ["XDG_STATE_HOME"]) / "llava-check/key").read_bytes()


def gmacs(key: bytes, pieces: list[bytes]) -> bytes:
    """Return the AES-256-GMACs of pieces, with their numbers as nonces. Python has no AES, but nettle has."""
    nettle = ctypes.CDLL("libnettle.so.8")
    context = ctypes.create_string_buffer(1 << 16)
    out = b""
    nettle.nettle_gcm_aes256_set_key(context, key)
    for number, piece in enumerate(pieces):
        tag = ctypes.create_string_buffer(16)
        nettle.nettle_gcm_aes256_set_iv(context, ctypes.c_size_t(12), number.to_bytes(12, "big"))
        nettle.nettle_gcm_aes256_update(context, ctypes.c_size_t(len(piece)), piece)
        nettle.nettle_gcm_aes256_digest(context, ctypes.c_size_t(16), tag)
        out += tag.raw
    return out


def seal(file: Path, key: bytes | None = None) -> None:
    """Append a seal for a file's contents, as in docs/index-format.md; with a key, sign it."""
    data = file.read_bytes()
    size = len(data).to_bytes(8, "big")
    pieces = [data[at : at + PIECE] for at in range(0, len(data), PIECE)]
    fields = b"LCSEAL03" + xxhash.xxh3_128(size + b"".join(xxhash.xxh3_128(piece).digest() for piece in pieces)).digest()
    mac = bytes(32)
    if key:
        salt = os.urandom(16)
        piece_key = hmac.digest(key, b"llava-check pieces\0" + bytes(32) + salt, "sha256")
        fields += salt + hashlib.sha256(gmacs(piece_key, pieces)).digest()
        mac = hmac.digest(key, b"llava-check index\0" + bytes(32) + size + fields, "sha256")
    file.write_bytes(data + fields.ljust(SEAL - 32, b"\0") + mac)


def unseal(file: Path) -> None:
    """Remove the seal, which leaves what LMDB wrote."""
    file.write_bytes(file.read_bytes()[:-SEAL])


def leb128(number: int) -> bytes:
    """Encode a number as most numbers in records: docs/index-format.md, n32 and n64."""
    out = b""
    while number >= 0x80:
        out += bytes([number & 0x7F | 0x80])
        number >>= 7
    return out + bytes([number])


def read_leb128(data: bytes, at: int) -> tuple[int, int]:
    """Read such a number; return it and the offset after it."""
    value = shift = 0
    while True:
        value |= (data[at] & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if data[at - 1] < 0x80:
            return value, at


def edited(source: Path, target: Path, table_name: str, change: Callable[[Any, Any], None]) -> Path:
    """Copy an index, change a table, and seal it again."""
    target.mkdir()
    file = target / "index.mdb"
    file.write_bytes(source.read_bytes()[:-SEAL])
    with lmdb.open(str(file), subdir=False, lock=False, max_dbs=16, map_size=1 << 28) as env:
        with env.begin(write=True) as transaction:
            change(transaction, env.open_db(table_name.encode(), transaction, create=False))
    seal(file)
    return target


def of_no_rule(transaction: Any, table: Any) -> None:
    """Give the last finding a rule that this version does not know."""
    with transaction.cursor(table) as cursor:
        assert cursor.last()
        key, value = bytes(cursor.key()), bytes(cursor.value())
    changed = re.sub(rb"IMG\d\d\d", b"ZZZ999", value, count=1)
    assert changed != value and transaction.put(key, changed, db=table)


def forge(file: Path, key: bytes | None = None) -> None:
    """Give each rows file MARK additional rows without an image, so that the statistics of a run that
    reuses n files have n times MARK more."""
    unseal(file)
    environment = lmdb.open(str(file), subdir=False, lock=False, max_dbs=20, map_size=1 << 30)
    with environment.begin(write=True) as transaction:
        table = environment.open_db(b"file_statistics", transaction, create=False)
        for table_key, value in list(transaction.cursor(table)):
            (rows,) = struct.unpack_from(">Q", value)
            transaction.put(table_key, struct.pack(">Q", rows + MARK) + value[8:], db=table)
    environment.close()
    seal(file, key)
