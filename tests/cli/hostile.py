"""Makes malicious image files from the fixtures, for test_hostile.py."""

from __future__ import annotations

import io
import json
import os
import random
import socket
import struct
import tarfile
import zipfile
import zlib
from pathlib import Path

from program import FIXTURES, GOOD_JPEG, GOOD_PNG

PROGRESSIVE = FIXTURES / "rules/images/IMG508-progressive.jpg"
CUTS = 24
MUTANTS = 40
MIB = 1 << 20


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width: int, height: int, data: bytes, more: bytes = b"", color: int = 2) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, 8, color, 0, 0, 0)
    body = chunk(b"IHDR", header) + more + chunk(b"IDAT", data) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def jpeg_of_size(data: bytes, width: int, height: int) -> bytes:
    """Return the JPEG with other dimensions in its frame header."""
    at = next(data.index(marker) for marker in (b"\xff\xc0", b"\xff\xc2") if marker in data)
    return data[: at + 5] + struct.pack(">HH", height, width) + data[at + 9 :]


def bombs() -> dict[str, bytes]:
    zeros = zlib.compress(bytes(64 * MIB), 9)
    text = chunk(b"zTXt", b"Comment\0\0" + zeros)
    profile = chunk(b"iCCP", b"icc\0\0" + zeros)
    good = zlib.compress(bytes(4 * 13))
    jpeg, progressive = GOOD_JPEG.read_bytes(), PROGRESSIVE.read_bytes()
    return {
        "bomb-declared.png": png(0x7FFFFFFF, 0x7FFFFFFF, b""),
        "bomb-negative.png": png(0xFFFFFFFF, 0xFFFFFFFF, good),
        "bomb-zero.png": png(0, 0, good),
        "bomb-wide.png": png(178_000_000, 1, zeros),
        "bomb-tall.png": png(1, 178_000_000, zeros),
        "bomb-stream.png": png(4, 4, zeros),
        "bomb-large.png": png(4000, 5000, zeros),
        "bomb-text.png": png(4, 4, good, text),
        "bomb-texts.png": png(4, 4, good, text * 3),
        "bomb-profile.png": png(4, 4, good, profile),
        "bomb-chunks.png": png(4, 4, good, chunk(b"tEXt", b"a\0b") * 50_000),
        "bomb-length.png": GOOD_PNG.read_bytes()[:33] + b"\xff\xff\xff\xffIDAT",
        "bomb-declared.jpg": jpeg_of_size(jpeg, 65500, 65500),
        "bomb-zero.jpg": jpeg_of_size(jpeg, 0, 0),
        "bomb-segments.jpg": b"\xff\xd8" + b"\xff\xfe\x00\x02" * 100_000 + jpeg[2:],
        "bomb-fill.jpg": b"\xff\xd8" + b"\xff" * MIB + jpeg[2:],
        "bomb-restarts.jpg": jpeg[:-2] + b"\xff\xd0\xff\xd7" * 100_000 + b"\xff\xd9",
        "bomb-scans.jpg": progressive[:-2] + progressive[-400:-2] * 50 + b"\xff\xd9",
        "bomb.gif": b"GIF89a\xff\xff\xff\xff\0\0\0,\0\0\0\0\xff\xff\xff\xff\0\x02",
        "bomb.bmp": b"BM" + struct.pack("<IIIIiiHHI", 54, 0, 54, 40, *[2**31 - 1] * 2, 1, 24, 0),
        "bomb.tif": b"II*\0\x08\0\0\0\xff\xff" + b"\xff" * 64,
        "bomb.webp": b"RIFF\xff\xff\xff\xffWEBPVP8X\xff\xff\xff\xff" + b"\xff" * 32,
    }


def cuts_and_mutants() -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    for seed, source in enumerate((GOOD_JPEG, PROGRESSIVE, GOOD_PNG)):
        data, chance = source.read_bytes(), random.Random(seed)
        for n in range(CUTS):
            files[f"cut-{seed}-{n:02}{source.suffix}"] = data[: len(data) * n // CUTS]
        for n in range(MUTANTS):
            mutant = bytearray(data)
            for _ in range(chance.choice([1, 4, 40])):
                end = chance.choice([64, 700, len(data)])  # headers are changed more often
                mutant[chance.randrange(min(end, len(data)))] = chance.randrange(256)
            files[f"mutant-{seed}-{n:02}{source.suffix}"] = bytes(mutant)
    return files


def odd_names(good: bytes) -> dict[str, bytes]:
    names = [
        "new\nline.jpg",
        "esc\x1b[31mape.jpg",
        "tab\t.jpg",
        "del\x7f.jpg",
        "right-to-left\u202egpj.exe.jpg",
        "line\u2028separator.jpg",
        "quote\"'`.jpg",
        "percent%s%n%d.jpg",
        " .jpg",
        "-rf.jpg",
        "a" * 251 + ".jpg",
        "é" * 125 + ".jpg",
        "😀.jpg",
        "two..dots.jpg",
        "deep/" * 40 + "x.jpg",
    ]
    return {name: good for name in names}


def make_special(folder: Path) -> list[str]:
    """Make special files: not regular, or otherwise unusual."""
    os.mkfifo(folder / "fifo.jpg")
    (folder / "folder.jpg").mkdir()
    links = {
        "loop.jpg": "loop.jpg",
        "loop-a.jpg": "loop-b.jpg",
        "loop-b.jpg": "loop-a.jpg",
        "nowhere.jpg": "nothing/here.jpg",
        "zero.jpg": "/dev/zero",
        "null.jpg": "/dev/null",
        "random.jpg": "/dev/urandom",
        "full.jpg": "/dev/full",
        "memory.jpg": "/proc/self/mem",
        "maps.jpg": "/proc/self/maps",
        "terminal.jpg": "/dev/tty",
        "itself.jpg": ".",
        "root.jpg": "/",
    }
    for name, target in links.items():
        (folder / name).symlink_to(target)
    back = os.getcwd()
    with socket.socket(socket.AF_UNIX) as unix:
        os.chdir(folder)  # paths of sockets must be short
        unix.bind("socket.jpg")
        os.chdir(back)
    with open(folder / "sparse.jpg", "wb") as sparse:
        sparse.truncate(8 << 40)
    with open(folder / "sparse-with-header.jpg", "wb") as sparse:
        sparse.write(GOOD_JPEG.read_bytes()[:700])
        sparse.truncate(100 * MIB)
    return ["fifo.jpg", "folder.jpg", *links, "socket.jpg", "sparse.jpg", "sparse-with-header.jpg"]


NOT_THERE = [
    "/etc/passwd",
    "/dev/zero",
    "//etc/passwd",
    "../rows.json",
    "a/../../rows.json",
    "..",
    ".",
    "./",
    ".//",
    "/",
    "folder.jpg/",
    "fifo.jpg/x.jpg",
    "C:\\x.jpg",
    "https://example.com/x.jpg",
    "file:///etc/passwd",
    "data:image/png;base64,AAAA",
    "nul\0.jpg",
    "b" * 256 + ".jpg",
    "c/" * 3000 + "x.jpg",
    "d" * 100_000,
    "bad-utf8-\ufffd.jpg",
    "lone-\\ud83d.jpg",
    "%2e%2e/x.jpg",
    "x.jpg?size=1",
]


def make_hostile(folder: Path) -> list[str]:
    """Make the files; return the paths that rows name."""
    folder.mkdir()
    files = {**bombs(), **cuts_and_mutants(), **odd_names(GOOD_JPEG.read_bytes())}
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    (folder / os.fsdecode(b"bad-utf8-\xff\xfe.jpg")).write_bytes(GOOD_JPEG.read_bytes())
    return [*files, *make_special(folder), *NOT_THERE]


def hostile_tar(path: Path, mode: str, victim: str) -> None:
    """Make a tar whose members lead out of the folder in every possible way."""
    good = GOOD_JPEG.read_bytes()
    with tarfile.open(path, mode, format=tarfile.GNU_FORMAT) as archive:  # type: ignore[call-overload]
        for name in ("../../victim/a.jpg", f"{victim}/b.jpg", "a/../../../victim/c.jpg", "::error::x.jpg",
                     "esc\x1b[2J.jpg", "-rf.jpg", "n" * 300 + ".jpg", "link/d.jpg", "%0a.json", ".llava-check/index.mdb"):
            member = tarfile.TarInfo(name)
            member.size = len(good)
            archive.addfile(member, io.BytesIO(good))
        for name, kind, target in (("link", tarfile.SYMTYPE, victim), ("hard.jpg", tarfile.LNKTYPE, "../../victim/train.json"),
                                   ("soft.jpg", tarfile.SYMTYPE, f"{victim}/train.json"), ("fifo.jpg", tarfile.FIFOTYPE, ""),
                                   ("zero.jpg", tarfile.CHRTYPE, "")):
            member = tarfile.TarInfo(name)
            member.type, member.linkname = kind, target
            archive.addfile(member)


def plant(raw: Path, victim: Path) -> list[str]:
    """Add everything malicious that a data set may have beside its rows. Return the names of the images
    that rows can name."""
    hostile_tar(raw / "a.tar", "w", str(victim))
    hostile_tar(raw / "b.tar.gz", "w:gz", str(victim))
    with zipfile.ZipFile(raw / "c.zip", "w") as archive:
        for name in ("../../victim/z.jpg", f"{victim}/y.jpg", "x\\..\\w.jpg", "ok.jpg"):
            archive.writestr(name, GOOD_JPEG.read_bytes())
    with tarfile.open(raw / "headers.tar.xz", "w:xz") as xz:  # a megabyte of headers in a few bytes
        for _ in range(2000):
            xz.addfile(tarfile.TarInfo("same.jpg"))
    for folder in (".nv-meta", ".git", ".cache/huggingface/download", ".cache/huggingface/trees", ".git/lfs/objects"):
        (raw / folder).mkdir(parents=True)
    commit = "0" * 40
    for name in ("fifo.tar", "fifo.zip", "fifo.json", "fifo.md5", ".nv-meta/.info.json", ".git/index", ".git/HEAD",
                 ".cache/huggingface/download/f.metadata", f".cache/huggingface/trees/{commit}.json"):
        os.mkfifo(raw / name)
    for name, target in (("zero.tar", "/dev/zero"), ("zero.jsonl", "/dev/zero"), ("MANIFEST", str(victim / "train.json")),
                         ("up", ".."), ("loop", "loop"), ("here", "."), ("out.tar.gz", str(victim / "train.json"))):
        (raw / name).symlink_to(target)
    sums = "".join(f"{'a' * 64}  {name}\n" for name in ("../../victim/train.json", str(victim / "train.json"),
                                                        "up/up/victim/train.json", "\x1b[2J", "::error::x", "=1+1"))
    (raw / "SHA256SUMS").write_text(sums)
    anchors = "a: &a [x, x]\n" + "".join(f"{chr(98 + n)}: &{chr(98 + n)} [{', '.join(['*' + chr(97 + n)] * 9)}]\n" for n in range(20))
    (raw / "mixture.yaml").write_text(anchors + "datasets: *u\n")
    (raw / "dataset_info.json").write_text(json.dumps({
        f"e{n}": {"file_name": name} for n, name in enumerate(("../../victim/train.json", str(victim / "train.json"), "fifo.json",
                                                              "up/up/victim/train.json", "here/here/zero.jsonl", "\x1b[2J"))}))
    (raw / ".nv-meta/.info.yaml").write_text("shard_counts: {a.tar: 1e999, '../../x.tar': -1}\n")
    return ["../../victim/a.jpg", "hard.jpg", "soft.jpg", "link/d.jpg", "ok.jpg", "same.jpg", "-rf.jpg", "::error::x.jpg", "fifo.jpg"]
