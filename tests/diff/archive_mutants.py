"""archive_mutants.py - change tars, compressed tars and zips at random."""

from __future__ import annotations

import bz2
import gzip
import lzma
import random
import struct
import subprocess
import tarfile
from dataclasses import dataclass
from pathlib import Path

import archive_seeds as seeds
from archive_seeds import BLOCK

FIELDS = [(0, 100), (100, 8), (108, 8), (116, 8), (124, 12), (136, 12), (148, 8), (156, 1), (157, 100), (257, 8),
          (329, 8), (337, 8), (345, 155), (482, 1)]
TYPES = b"0\x0012345677xgLKSVMDNXZ"
SUFFIXES = {"": ".tar", "gz": ".tar.gz", "xz": ".tar.xz", "bz2": ".tar.bz2", "zst": ".tar.zst"}


@dataclass
class Made:
    name: str  # of the file
    data: bytes
    tar: bytes | None  # the uncompressed tar; None for zips


def is_header(block: bytes) -> bool:
    return len(block) == BLOCK and block[148:156] == seeds.checksum(block)


def change_header(rng: random.Random, data: bytes) -> bytes:
    """Change a field of a header; most often, fix its checksum."""
    at = [i for i in range(0, len(data), BLOCK) if is_header(data[i:i + BLOCK])]
    if not at:
        return data
    begin = rng.choice(at)
    block = bytearray(data[begin:begin + BLOCK])
    offset, size = rng.choice(FIELDS)
    kind = rng.randrange(6)
    if offset == 156 and kind:
        block[156] = rng.choice(TYPES)
    elif kind == 0:
        block[offset + rng.randrange(size)] ^= 1 << rng.randrange(8)
    elif kind == 1:
        block[offset:offset + size] = rng.randbytes(size)
    elif kind == 2:
        block[offset:offset + size] = rng.choice([b"\0", b" ", b"7", b"\xff", b"\x80", b"/", b"."]) * size
    elif kind == 3:
        block[offset:offset + size] = seeds.number(rng.choice([0, 1, 5, 512, 513, 7 ** 6]), size)[-size:]
    elif kind == 4:
        block[offset:offset + size] = (b"\x80" + bytes(size))[:size - 1] + bytes([rng.randrange(256)])
    else:
        block[offset + rng.randrange(size)] = rng.choice(b"\0 /.019\x80\xff")
    fixed = bytes(block) if offset == 148 or rng.random() < 0.1 else seeds.with_checksum(bytes(block))
    return data[:begin] + fixed + data[begin + BLOCK:]


def change_block(rng: random.Random, data: bytes) -> bytes:
    """Remove, repeat, zero, or move a block."""
    if len(data) < 2 * BLOCK:
        return data
    at = rng.randrange(len(data) // BLOCK) * BLOCK
    block = data[at:at + BLOCK]
    to = rng.randrange(len(data) // BLOCK) * BLOCK
    return rng.choice([data[:at] + data[at + BLOCK:], data[:at] + block + data[at:],
                       data[:at] + bytes(BLOCK) + data[at + BLOCK:], data[:to] + block + data[to:]])


def change_bytes(rng: random.Random, data: bytes) -> bytes:
    """Flip bits, cut, insert or append."""
    if not data:
        return data
    at = rng.randrange(len(data))
    kind = rng.randrange(6)
    if kind == 0:
        return data[:at]
    if kind == 1:
        return data[:at] + rng.randbytes(rng.choice([1, 2, 512])) + data[at:]
    if kind == 2:
        return data[:at] + data[at + rng.choice([1, 2, 512]):]
    if kind == 3:
        return data + rng.choice([b"\0", bytes(600), b"g", rng.randbytes(600), data])
    return data[:at] + bytes([data[at] ^ 1 << rng.randrange(8)]) + data[at + 1:]


def compress(rng: random.Random, data: bytes, coding: str) -> bytes:
    """Compress in one piece or in several, which all formats allow, perhaps with zeros or a skippable frame between."""
    if not coding:
        return data
    cuts = sorted(rng.randrange(len(data) + 1) for _ in range(rng.choice([0, 0, 0, 1, 2])))
    pieces = [data[a:b] for a, b in zip([0, *cuts], [*cuts, len(data)])]
    between = {"gz": bytes(3), "xz": bytes(8), "zst": b"\x53\x2a\x4d\x18\4\0\0\0skip"}.get(coding, b"")
    return (between if rng.random() < 0.2 else b"").join(compress_piece(rng, piece, coding) for piece in pieces)


def compress_piece(rng: random.Random, piece: bytes, coding: str) -> bytes:
    if coding == "gz":
        packed = gzip.compress(piece, rng.choice([0, 1, 6]), mtime=0)
        if rng.random() < 0.2:  # with a name
            packed = packed[:3] + b"\x08" + packed[4:10] + b"name.tar\0" + packed[10:]
        return packed
    if coding == "xz":
        return lzma.compress(piece, preset=0, check=rng.choice([lzma.CHECK_CRC32, lzma.CHECK_CRC64, lzma.CHECK_SHA256]))
    if coding == "bz2":
        return bz2.compress(piece, 1)
    check = rng.choice(["--check", "--no-check"])
    return subprocess.run(["zstd", "-q", "-1", check], input=piece, capture_output=True, check=True).stdout


MAGICS = (b"PK\1\2", b"PK\3\4", b"PK\5\6", b"PK\6\6", b"PK\6\7")


def change_zip(rng: random.Random, data: bytes) -> bytes:
    """Change a field of a record."""
    at = [i for magic in MAGICS for i in range(len(data)) if data.startswith(magic, i)]
    if not at:
        return data
    begin = rng.choice(at) + rng.randrange(4 if rng.random() < 0.9 else 0, 46)
    width = rng.choice([1, 2, 4])
    value = rng.choice([0, 1, 2, 5, 8, 9, 0x7F, 0xFF, 0x800, 0xFFFF, 0xFFFFFFFF, rng.randrange(1 << 32)])
    return data[:begin] + struct.pack("<I", value)[:width] + data[begin + width:]


class Maker:
    """Makes the n-th archive, the same in each run."""

    def __init__(self, folder: Path, seed: int):
        self.rng = random.Random(seed)
        self.hand = seeds.by_hand()
        self.gnu = seeds.by_gnu(folder)

    def tar(self, n: int) -> tuple[str, bytes]:
        rng = self.rng
        hand = list(self.hand)
        if n < len(hand):
            return hand[n], self.hand[hand[n]]
        kind = rng.randrange(3)
        if kind == 0:
            name = rng.choice(hand)
            return name, self.hand[name]
        if kind == 1:
            return "gnu", rng.choice(self.gnu)
        return "python", seeds.by_python(rng, rng.choice([tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT]))

    def make(self, n: int) -> Made:
        rng = self.rng
        if rng.random() < 0.25 and n >= len(self.hand):
            data = seeds.zips(rng)
            for _ in range(rng.choice([0, 1, 1, 1, 2])):
                data = rng.choice([change_zip, change_zip, change_bytes])(rng, data)
            return Made(f"{n}.zip", data, None)
        name, data = self.tar(n)
        if n >= len(self.hand):
            for _ in range(rng.choice([0, 1, 1, 1, 2, 3])):
                data = rng.choice([change_header, change_header, change_header, change_block, change_bytes])(rng, data)
        coding = rng.choice(["", "", "", "gz", "gz", "xz", "bz2", "zst"]) if n >= len(self.hand) else ""
        packed = compress(rng, data, coding)
        if coding and rng.random() < 0.4:
            packed = change_bytes(rng, packed)
        return Made(f"{n}-{name}{SUFFIXES[coding]}", packed, data)
