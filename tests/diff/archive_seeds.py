"""archive_seeds.py - archives of every form, sound and hostile, to make mutants from.

A tar is a list of blocks of 512 bytes until it is written, so that mutators can change headers."""

from __future__ import annotations

import io
import os
import random
import stat
import subprocess
import tarfile
import zipfile
from pathlib import Path

BLOCK = 512
LONG = "folder/" * 20 + "a name that is longer than a header holds " * 4 + ".jpg"


def checksum(header: bytes) -> bytes:
    total = sum(header[:148]) + sum(header[156:BLOCK]) + 8 * 32
    return b"%06o\0 " % total


def with_checksum(header: bytes) -> bytes:
    return header[:148] + checksum(header) + header[156:]


def number(value: int, size: int = 12) -> bytes:
    return b"%0*o\0" % (size - 1, value)


def header(name: bytes, kind: bytes = b"0", size: bytes | int = 0, link: bytes = b"",
           magic: bytes = b"ustar\x0000", prefix: bytes = b"") -> bytes:
    """Make a header from its fields, without checking them."""
    size = number(size) if isinstance(size, int) else size
    block = (name[:100].ljust(100, b"\0") + number(0o644, 8) + number(1000, 8) + number(1000, 8) + size
             + number(1_700_000_000) + b" " * 8 + kind + link[:100].ljust(100, b"\0") + magic
             + b"user".ljust(32, b"\0") + b"group".ljust(32, b"\0") + number(0, 8) + number(0, 8)
             + prefix[:155].ljust(155, b"\0"))
    return with_checksum(block.ljust(BLOCK, b"\0"))


def padded(data: bytes) -> bytes:
    return data + bytes(-len(data) % BLOCK)


def pax(**records: bytes | str) -> bytes:
    out = b""
    for keyword, value in records.items():
        body = b" " + keyword.replace("__", ".").encode() + b"=" + (value.encode() if isinstance(value, str) else value) + b"\n"
        size = len(body)
        while len(str(size)) + len(body) != size:
            size = len(str(size)) + len(body)
        out += str(size).encode() + body
    return out


def extended(kind: bytes, body: bytes) -> bytes:
    return header(b"././@PaxHeader", kind, len(body)) + padded(body)


def file(name: bytes, data: bytes, **more: bytes) -> bytes:
    return header(name, size=len(data), **more) + padded(data)


END = bytes(2 * BLOCK)


def contents(rng: random.Random) -> bytes:
    """Return a member's bytes: some do not compress, have blocks of zeros, or look like headers."""
    size = rng.choice([0, 1, 511, 512, 513, 1024, 3000])
    return rng.choice([rng.randbytes(size), bytes(size), (b"text " * size)[:size],
                       header(b"inner.jpg")[:size]])


def by_python(rng: random.Random, form: int) -> bytes:
    """Write a tar with Python's tarfile."""
    out = io.BytesIO()
    names = ["a.jpg", "folder/b.jpg", "./c.jpg", "ünï/é.png", "folder/a.jpg", "n" * 100, "p" * 90 + "/" + "q" * 90]
    names += [LONG] if form != tarfile.USTAR_FORMAT else []
    with tarfile.open(fileobj=out, mode="w", format=form) as archive:
        for name in rng.sample(names, rng.randint(1, len(names))):
            data = contents(rng)
            info = tarfile.TarInfo(name)
            info.size, info.mtime = len(data), rng.choice([0, 1_700_000_000, 1_700_000_000.25])
            if form != tarfile.PAX_FORMAT:
                info.mtime = int(info.mtime)
            archive.addfile(info, io.BytesIO(data))
        for kind in rng.sample([tarfile.DIRTYPE, tarfile.SYMTYPE, tarfile.LNKTYPE], rng.randint(0, 3)):
            info = tarfile.TarInfo("kind" + kind.decode())
            info.type, info.linkname = kind, names[0] if kind != tarfile.DIRTYPE else ""
            if kind != tarfile.LNKTYPE or "a.jpg" in archive.getnames():
                archive.addfile(info)
    return out.getvalue()


def by_gnu(folder: Path) -> list[bytes]:
    """Write a folder with GNU tar in each of its formats, including sparse files."""
    tree = folder / "tree"
    (tree / "sub").mkdir(parents=True)
    (tree / "sub" / "one.jpg").write_bytes(b"1" * 700)
    (tree / "two.jpg").write_bytes(b"")
    os.link(tree / "sub" / "one.jpg", tree / "sub" / "same.jpg")
    (tree / "soft").symlink_to("sub/one.jpg")
    (tree / ("n" * 90)).mkdir()
    (tree / ("n" * 90) / ("m" * 60)).write_bytes(b"long")
    with (tree / "holes").open("wb") as holes:
        holes.truncate(200_000)
        holes.seek(100_000)
        holes.write(b"data")
    found = []
    for options in (["--format=v7"], ["--format=oldgnu"], ["--format=gnu"], ["--format=ustar"], ["--format=pax"],
                    ["--format=gnu", "-S"], ["--format=pax", "-S"], ["--format=oldgnu", "-S", "-b1"],
                    ["--format=gnu", "--label=volume"], ["--format=gnu", "--listed-incremental=/dev/null"]):
        for what in (["sub", "two.jpg", "soft"], ["."] if "--format=v7" not in options else ["sub"],
                     ["two.jpg", "holes", "two.jpg"]):
            done = subprocess.run(["tar", *options, "--sort=name", "-cf", "-", "-C", tree, *what],
                                  capture_output=True, check=False)
            assert done.returncode in (0, 2), done.stderr  # V7 has no long names
            found.append(done.stdout)
    return found


def by_hand() -> dict[str, bytes]:
    """Return tars that no programs write, or only hostile ones."""
    one, two = file(b"a.jpg", b"first"), file(b"b.jpg", b"second" * 200)
    big = b"\x80" + bytes(10) + b"\x05"
    return {
        "sound": one + two + END,
        "binary-size": header(b"a.jpg", size=big) + padded(b"first") + two + END,
        "binary-huge": header(b"a.jpg", size=b"\x80" + b"\xff" * 11) + padded(b"first") + two + END,
        "binary-large": header(b"a.jpg", size=b"\x80\0\0\0\x7f" + b"\xff" * 7) + padded(b"first") + two + END,
        "binary-negative": one + header(b"b.jpg", size=b"\xff" * 11 + b"\xf0") + two + END,
        "spaces-size": header(b"a.jpg", size=b"         5 \0") + padded(b"first") + two + END,
        "blank-size": one + header(b"a.jpg", size=b" " * 12) + two + END,
        "nul-first-size": header(b"a.jpg", size=b"\x0000000000005") + padded(b"first") + two + END,
        "decimal-size": one + header(b"a.jpg", size=b"00000000009\0") + two + END,
        "signed-size": one + header(b"a.jpg", size=b"-0000000005\0") + two + END,
        "dots": file(b"../outside.jpg", b"x") + file(b"a/../../b.jpg", b"y") + one + END,
        "absolute": file(b"/absolute/a.jpg", b"x") + one + END,
        "empty-name": file(b"", b"x") + one + END,
        "bytes-name": file(b"\xff\xfe\x80.jpg", b"x") + one + END,
        "soft-out": header(b"out", b"2", link=b"/etc") + file(b"out/passwd", b"x") + one + END,
        "hard-out": header(b"out", b"1", link=b"/etc/passwd") + one + END,
        "hard-size": one + header(b"same.jpg", b"1", 5, link=b"a.jpg") + two + END,
        "folder-size": header(b"folder", b"5", 5) + two + END,
        "fifo": header(b"fifo", b"6") + one + END,
        "unknown-type": header(b"a.new", b"Z", 5) + padded(b"first") + two + END,
        "contiguous": header(b"a.jpg", b"7", 5) + padded(b"first") + two + END,
        "v7-folder": header(b"folder/", b"\0", magic=bytes(8)) + one + END,
        "slash-file": header(b"folder/", b"0") + one + END,
        "slash-file-data": header(b"folder/", b"0", 5) + padded(b"first") + one + END,
        "duplicates": one + two + file(b"a.jpg", b"other") + END,
        "prefix": file(b"b.jpg", b"x", prefix=b"folder") + END,
        "prefix-gnu": file(b"b.jpg", b"x", prefix=b"14712345", magic=b"ustar  \0") + END,
        "no-end": one + two,
        "half-end": one + two + bytes(BLOCK),
        "half-end-more": one + bytes(BLOCK) + two + END,
        "concatenated": one + END + two + END,
        "garbage": one + END + b"garbage",
        "garbage-block": one + END + bytes(8192) + b"g" * 700,
        "empty": END,
        "long-padding": one + END + bytes(20 * BLOCK),
        "pax-path": extended(b"x", pax(path="dir/p.jpg")) + one + two + END,
        "pax-size": extended(b"x", pax(size="5")) + header(b"a.jpg") + padded(b"first") + two + END,
        "pax-size-0": extended(b"x", pax(size="0")) + header(b"a.jpg", size=512) + two + END,
        "pax-size-bad": extended(b"x", pax(size="5x")) + one + two + END,
        "pax-size-huge": extended(b"x", pax(size="99999999999999999999")) + one + two + END,
        "pax-empty-path": extended(b"x", pax(path="")) + one + two + END,
        "pax-nul": extended(b"x", pax(path=b"a\0b.jpg")) + one + two + END,
        "pax-two": extended(b"x", pax(path="first.jpg")) + extended(b"x", pax(path="second.jpg")) + one + END,
        "pax-two-keys": extended(b"x", pax(path="first.jpg")) + extended(b"x", pax(mtime="1.5")) + one + END,
        "pax-short": extended(b"x", b"9 path=x\n") + one + END,
        "pax-long": extended(b"x", b"99 path=x\n") + one + END,
        "pax-zero": extended(b"x", b"0 path=x\n") + one + END,
        "pax-no-newline": extended(b"x", b"9 path=xy") + one + END,
        "pax-no-equals": extended(b"x", b"9 path xy\n"[:9]) + one + END,
        "pax-leading-zero": extended(b"x", b"000000010 path=ab.jpg\n"[2:]) + one + END,
        "pax-cut": extended(b"x", pax(path="dir/p.jpg"))[:BLOCK],
        "pax-alone": one + extended(b"x", pax(path="dir/p.jpg")) + END,
        "pax-global": extended(b"g", pax(comment="0123456789abcdef")) + one + two + END,
        "pax-global-path": extended(b"g", pax(path="all.jpg")) + one + two + END,
        "pax-global-size": extended(b"g", pax(size="5")) + one + END,
        "pax-solaris": extended(b"X", pax(path="sun.jpg")) + one + END,
        "pax-link": one + extended(b"x", pax(path="soft", linkpath="a.jpg")) + header(b"s", b"2", link=b"no") + END,
        "pax-mtime": extended(b"x", pax(mtime="1700000000.123456789")) + one + END,
        "pax-sparse": extended(b"x", pax(GNU__sparse__major="1", GNU__sparse__minor="0", GNU__sparse__name="s.jpg",
                                         GNU__sparse__realsize="5")) + file(b"x", padded(b"1\n0\n5\n") + b"first") + END,
        "gnu-name": header(b"././@LongLink", b"L", 9) + padded(b"long.jpg\0") + one + END,
        "gnu-name-twice": (header(b"L", b"L", 9) + padded(b"long.jpg\0") + header(b"L", b"L", 7) + padded(b"2nd.jp\0")
                           + one + END),
        "gnu-name-and-pax": header(b"L", b"L", 9) + padded(b"long.jpg\0") + extended(b"x", pax(path="pax.jpg")) + one + END,
        "gnu-name-no-nul": header(b"L", b"L", 8) + padded(b"long.jpg") + one + END,
        "gnu-name-nul": header(b"L", b"L", 9) + padded(b"lo\0g.jpg\0") + one + END,
        "gnu-name-empty": header(b"L", b"L", 0) + one + END,
        "gnu-name-huge": header(b"L", b"L", 1 << 30) + one + END,
        "gnu-link": one + header(b"L", b"K", 6) + padded(b"a.jpg\0") + header(b"s", b"1", link=b"cut") + END,
        "gnu-name-alone": one + header(b"L", b"L", 9) + padded(b"long.jpg\0") + END,
        "volume": header(b"label", b"V") + one + END,
        "bad-mode": with_checksum(one[:100] + b"zzzzzzzz" + one[108:BLOCK]) + one[BLOCK:] + two + END,
        "checksum-only": one + bytes(148) + b"0000400\0" + bytes(356) + two + END,
        "signed-checksum": _signed(file(b"\xff\xfe.jpg", b"x")) + one + END,
    }


def _signed(member: bytes) -> bytes:
    """Set the checksum of signed bytes, as some old programs did."""
    total = sum(byte - 256 if byte > 127 else byte for byte in member[:148] + member[156:BLOCK]) + 8 * 32
    return member[:148] + b"%06o\0 " % total + member[156:]


class Unseekable(io.RawIOBase):
    """A file without seek, so that zipfile writes sizes after the data."""

    def __init__(self) -> None:
        super().__init__()
        self.data = b""

    def writable(self) -> bool:
        return True

    def write(self, data: bytes) -> int:
        self.data += bytes(data)
        return len(data)


def zips(rng: random.Random) -> bytes:
    """Write a zip with Python's zipfile."""
    raw = Unseekable() if rng.random() < 0.3 else io.BytesIO()
    names = ["a.jpg", "folder/b.jpg", "é.png", "deep/" * 30 + "c.jpg", "d"]
    method = rng.choice([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_DEFLATED])
    with zipfile.ZipFile(raw, "w", method) as archive:
        for name in rng.sample(names, rng.randint(0, len(names))):
            info = zipfile.ZipInfo(name, (2024, 5, 6, 7, 8, 10))
            info.compress_type = method if rng.random() < 0.9 else zipfile.ZIP_BZIP2
            with archive.open(info, "w", force_zip64=rng.random() < 0.2) as to:
                to.write(contents(rng))
        if rng.random() < 0.3:
            archive.writestr("empty/", b"")
        if rng.random() < 0.2:
            link = zipfile.ZipInfo("link")
            link.create_system, link.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
            archive.writestr(link, "a.jpg")
        if rng.random() < 0.2:
            archive.comment = b"a comment"
    return raw.data if isinstance(raw, Unseekable) else raw.getvalue()
