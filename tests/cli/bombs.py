"""Images of every format that take much time or memory for few bytes, for test_bombs.py.

SIZE is the size of long ones: their time must grow with it, not with its square.
"""

from __future__ import annotations

import io
import lzma
import os
import struct
import subprocess
import zlib
from typing import Any, Callable, NamedTuple

from PIL import Image

from hostile import chunk, jpeg_of_size, png

LONG = bool(os.environ.get("LC_LONG"))
SIZE = 100_000_000 if LONG else 2_000_000 if os.environ.get("LC_SANITIZE") else 8_000_000
FILL = max(SIZE, 48_000_000)  # if time could grow with its square
SIDE = 13377  # its square is the largest picture that Pillow loads
RGB_SIDE = 10770  # side of a progressive JPEG that takes 700 MB
GOOD_ROWS = zlib.compress(bytes(4 * 13))  # of 4 x 4 pixels


class Bomb(NamedTuple):
    state: str  # the state of the image; "" for any
    make: Callable[[], bytes]
    slow: bool = False  # takes seconds, mostly to make it: only with LC_LONG


def encode(mode: str, side: tuple[int, int], kind: str, **options: Any) -> bytes:
    to = io.BytesIO()
    Image.new(mode, side).save(to, kind, **options)
    return to.getvalue()


def jpeg(mode: str = "RGB", **options: Any) -> bytes:
    return encode(mode, (16, 16), "JPEG", **({"subsampling": 0} if mode == "RGB" else {}), **options)


# ---- JPEG ----


def huffman(kind: int, symbol: int) -> bytes:
    """Make a table whose only code is the bit 0."""
    return b"\xff\xc4" + struct.pack(">HB", 20, kind) + bytes([1] + [0] * 15) + bytes([symbol])


def scan_header(components: list[int], first: int, last: int) -> bytes:
    listed = b"".join(bytes([component, 0]) for component in components)
    return b"\xff\xda" + struct.pack(">HB", 6 + len(listed), len(components)) + listed + bytes([first, last, 0])


def runs_table() -> bytes:
    """Make codes of four bits for EOB0 to EOB14."""
    return b"\xff\xc4" + struct.pack(">HB", 34, 0x10) + bytes([0, 0, 0, 15] + [0] * 12) + bytes(range(0, 0xF0, 16))


def with_scans(mode: str, side: int, scans: int) -> bytes:
    """Make a sound progressive picture of one colour, whose scans are a few runs of blocks each."""
    bands = len(mode)
    blocks = ((side + 7) // 8) ** 2
    bits = ""
    for left in range(blocks, 0, -32767):
        run = min(left, 32767)
        bits += format(run.bit_length() - 1, "04b") + format(run, "b")[1:]
    bits += "1" * (-len(bits) % 8)
    codes = int(bits, 2).to_bytes(len(bits) // 8, "big").replace(b"\xff", b"\xff\0")
    whole = jpeg_of_size(jpeg(mode, progressive=True), side, side)
    parts = [whole[: whole.index(b"\xff\xda")], huffman(0, 0), runs_table()]
    parts += [scan_header(list(range(1, bands + 1)), 0, 0), bytes((blocks * bands + 7) // 8)]
    for number in range(scans):
        term = 1 + number // bands % 63
        parts += [scan_header([1 + number % bands], term, term), codes]
    return b"".join(parts) + b"\xff\xd9"


def in_front(data: bytes) -> bytes:
    return b"\xff\xd8" + data + jpeg()[2:]


def after(data: bytes) -> bytes:
    return jpeg()[:-2] + data + b"\xff\xd9"


def arithmetic() -> bytes:
    plain = encode("L", (16000, 11000), "JPEG")
    return subprocess.run(["jpegtran", "-arithmetic"], input=plain, capture_output=True, check=True).stdout


def fill_in_scan() -> bytes:
    whole = jpeg()
    at = whole.index(b"\xff\xda") + 16
    return whole[:at] + b"\xff" * FILL + whole[at:]


def fill_without_tables() -> bytes:
    """Make fill bytes after the scan of a picture that only libjpeg reads, in small pieces."""
    whole = jpeg()
    while (at := whole.find(b"\xff\xc4")) >= 0:
        whole = whole[:at] + whole[at + 2 + int.from_bytes(whole[at + 2 : at + 4], "big") :]
    return whole[:-2] + b"\xff" * FILL + whole[-2:]


EXIF = b"Exif\0\0II*\0\x08\0\0\0\xff\x0f" + b"\x12\x01\x07\0\xff\xff\0\0\0\0\0\0" * 4095
SEGMENT = b"\xff\xe1\xff\xff" + EXIF.ljust(65533, b"\0")

JPEG = {
    "declared-65500.jpg": Bomb("too-large", lambda: jpeg_of_size(jpeg(), 65500, 65500)),
    "declared.jpg": Bomb("damaged", lambda: jpeg_of_size(jpeg(), SIDE, SIDE)),
    "declared-progressive.jpg": Bomb("damaged", lambda: jpeg_of_size(jpeg(progressive=True), RGB_SIDE, RGB_SIDE)),
    "declared-memory.jpg": Bomb("too-large", lambda: jpeg_of_size(jpeg(progressive=True), SIDE, SIDE)),
    "scans.jpg": Bomb("too-large", lambda: with_scans("RGB", RGB_SIDE, 499)),
    "scans-gray.jpg": Bomb("too-large", lambda: with_scans("L", SIDE, 499), slow=True),
    "scans-proved.jpg": Bomb("ok", lambda: with_scans("RGB", 5100, 95), slow=True),
    "scans-thousands.jpg": Bomb("too-large", lambda: with_scans("RGB", 64, 5000)),
    "arithmetic.jpg": Bomb("ok", arithmetic, slow=True),
    "segments.jpg": Bomb("ok", lambda: in_front(b"\xff\xfe\0\2" * (SIZE // 4))),
    "segments-exif.jpg": Bomb("", lambda: in_front(SEGMENT * (SIZE // 65537))),
    "tables.jpg": Bomb("ok", lambda: in_front(huffman(0, 0) * (SIZE // 22))),
    "fill.jpg": Bomb("ok", lambda: in_front(b"\xff" * FILL)),
    "fill-in-scan.jpg": Bomb("", fill_in_scan),
    "fill-without-tables.jpg": Bomb("ok", fill_without_tables),
    "restarts.jpg": Bomb("", lambda: after(b"\xff\xd0\xff\xd7" * (SIZE // 4))),
    "junk.jpg": Bomb("damaged", lambda: after(b"\x12" * SIZE)),
    "length-0.jpg": Bomb("ok", lambda: in_front(b"\xff\xe1\0\0" * 9)),
}

# ---- PNG ----


def zeros(count: int) -> bytes:
    packer = zlib.compressobj(1)
    step = bytes(1 << 24)
    parts = [packer.compress(step[: min(count - at, 1 << 24)]) for at in range(0, count, 1 << 24)]
    return b"".join(parts) + packer.flush()


def png_of(side: tuple[int, int], depth: int, color: int, data: bytes, interlace: int = 0) -> bytes:
    header = struct.pack(">IIBBBBB", *side, depth, color, 0, 0, interlace)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def packed(count: int = 1_000_000) -> bytes:
    return zlib.compress(bytes(count), 9)


def broken_text() -> bytes:
    text = bytearray(packed())
    text[-1] ^= 1
    return chunk(b"zTXt", b"Comment\0\0" + text)


PNG = {
    "declared.png": Bomb("too-large", lambda: png(2**31 - 1, 2**31 - 1, b"")),
    "pixels-16-bit.png": Bomb("ok", lambda: png_of((SIDE, SIDE), 16, 6, zeros(SIDE * (SIDE * 8 + 1))), slow=True),
    "pixels-interlaced.png": Bomb("ok", lambda: png_of((SIDE, SIDE), 8, 6, zeros(SIDE * SIDE * 4 + 10**6), 1), slow=True),
    "row.png": Bomb("", lambda: png_of((178_000_000, 1), 16, 6, zeros(178_000_000 * 8 + 1)), slow=True),
    "profiles.png": Bomb("too-large", lambda: png(4, 4, GOOD_ROWS, chunk(b"iCCP", b"icc\0\0" + packed()) * 5000)),
    "texts-broken.png": Bomb("too-large", lambda: png(4, 4, GOOD_ROWS, broken_text() * 5000), slow=True),
    "texts.png": Bomb("corrupt", lambda: png(4, 4, GOOD_ROWS, chunk(b"zTXt", b"a\0\0" + packed()) * 5000)),
    "chunks.png": Bomb("ok", lambda: png(4, 4, GOOD_ROWS, chunk(b"tEXt", b"a\0b") * (SIZE // 15))),
    "data-empty.png": Bomb("", lambda: png(4, 4, GOOD_ROWS[:5], chunk(b"IDAT", b"") * (SIZE // 12))),
    "blocks-empty.png": Bomb("truncated", lambda: png(4, 4, b"\x78\x01" + b"\0\0\0\xff\xff" * (SIZE // 5))),
    "length-4-gib.png": Bomb("truncated", lambda: png(4, 4, b"")[:33] + b"\xff\xff\xff\xfftEXta\0b"),
}

# ---- GIF, BMP, WebP ----


def gif(side: int, body: bytes) -> bytes:
    return b"GIF89a" + struct.pack("<HH", side, side) + b"\x80\0\0" + bytes(6) + body


def gif_frame(side: int, blocks: bytes) -> bytes:
    return b"," + struct.pack("<HHHH", 0, 0, side, side) + b"\0\2" + blocks + b"\0"


def bmp(side: int, bits: int, compression: int, pixels: bytes = b"") -> bytes:
    colors = bytes(1024 if bits == 8 else 0)
    header = struct.pack("<IiiHHIIiiII", 40, side, side, 1, bits, compression, 0, 0, 0, len(colors) // 4, 0)
    return b"BM" + struct.pack("<IHHI", 54, 0, 0, 54 + len(colors)) + header + colors + pixels


def riff(name: bytes, data: bytes) -> bytes:
    return name + struct.pack("<I", len(data)) + data + bytes(len(data) & 1)


def webp(flags: int, chunks: bytes) -> bytes:
    return riff(b"RIFF", b"WEBP" + riff(b"VP8X", bytes([flags]) + bytes(9)) + chunks)


def pixel() -> bytes:
    return encode("RGB", (1, 1), "WEBP", lossless=True)[12:]


OTHERS = {
    "declared.gif": Bomb("too-large", lambda: gif(65535, gif_frame(65535, b"\2\x44\1") + b";")),
    "pixels.gif": Bomb("ok", lambda: encode("P", (SIDE, SIDE), "GIF"), slow=True),
    "frames.gif": Bomb("ok", lambda: gif(1, gif_frame(1, b"\2\x44\1") * (SIZE // 16) + b";")),
    "clears.gif": Bomb("", lambda: gif(SIDE, gif_frame(SIDE, (b"\xff" + b"\x24" * 255) * (SIZE // 256)) + b";")),
    "extensions.gif": Bomb("truncated", lambda: gif(1, b"!\xfe\0" * (SIZE // 3) + b";")),
    "blocks.gif": Bomb("truncated", lambda: gif(1, b"!\xff\x0bNETSCAPE2.0" + b"\1a" * (SIZE // 2) + b"\0;")),
    "declared.bmp": Bomb("too-large", lambda: bmp(2**31 - 1, 24, 0)),
    "declared-178.bmp": Bomb("truncated", lambda: bmp(SIDE, 24, 0)),
    "runs.bmp": Bomb("", lambda: bmp(SIDE, 8, 1, b"\xff\0" * (SIDE * SIDE // 255 + 1) + b"\0\1")),
    "steps.bmp": Bomb("", lambda: bmp(SIDE, 8, 1, b"\0\2\0\0" * (SIZE // 4))),
    "lines.bmp": Bomb("corrupt", lambda: bmp(SIDE, 8, 1, b"\0\0" * (SIZE // 2))),
    "pixels.webp": Bomb("too-large", lambda: encode("RGB", (SIDE, SIDE), "WEBP", lossless=True, method=0, quality=0), slow=True),
    "pixels-77.webp": Bomb("ok", lambda: encode("RGB", (8800, 8800), "WEBP", lossless=True, method=0, quality=0), slow=True),
    "frames.webp": Bomb("ok", lambda: webp(2, riff(b"ANIM", bytes(6)) + riff(b"ANMF", bytes(16) + pixel()) * (SIZE // 50))),
    "chunks.webp": Bomb("ok", lambda: webp(8, pixel() + riff(b"ABCD", b"") * (SIZE // 8))),
    "length-4-gib.webp": Bomb("", lambda: b"RIFF\xff\xff\xff\xffWEBPVP8L\xff\xff\xff\xff" + b"\x2f" * 64),
}  # fmt: skip

# ---- TIFF ----

TYPE_SIZES = {3: 2, 4: 4}


def tiff(tags: list[tuple[int, int, bytes]], after: bytes = b"") -> bytes:
    """Make a directory, followed by the values that do not fit into it, and by after."""
    entries, values = b"", b""
    at = 8 + 2 + 12 * len(tags) + 4
    for tag, kind, value in sorted(tags):
        entries += struct.pack("<HHI", tag, kind, len(value) // TYPE_SIZES[kind])
        entries += value.ljust(4, b"\0") if len(value) <= 4 else struct.pack("<I", at + len(values))
        values += value if len(value) > 4 else b""
    return b"II*\0\x08\0\0\0" + struct.pack("<H", len(tags)) + entries + bytes(4) + values + after


def shared_strips(width: int, height: int, rows: int, compression: int, data: bytes, samples: int = 3) -> bytes:
    """Make a picture whose strips all share the same bytes."""
    count = -(-height // rows)

    def whole(at: int) -> bytes:
        numbers = {256: width, 257: height, 259: compression, 262: 2 if samples == 3 else 1, 277: samples, 278: rows}
        tags = [(tag, 4, struct.pack("<I", number)) for tag, number in numbers.items()]
        tags += [(258, 3, struct.pack("<H", 8) * samples), (273, 4, struct.pack("<I", at) * count)]
        return tiff([*tags, (279, 4, struct.pack("<I", len(data)) * count)], data)

    return whole(len(whole(0)) - len(data))


def chain(count: int) -> bytes:
    """Make directories without entries, each leading to the next."""
    return b"II*\0\x08\0\0\0" + b"".join(struct.pack("<HI", 0, 8 + 6 * (n + 1)) for n in range(count))


ROW = bytes(SIDE * 3)
DICTIONARY = [{"id": lzma.FILTER_LZMA2, "dict_size": 1500 << 20}]
NO_DATA = b"\x78\x01" + b"\0\0\0\xff\xff" * 800 + zlib.compress(b"\0")[2:]

TIFF = {
    "declared.tif": Bomb("too-large", lambda: shared_strips(2**31 - 1, 2**31 - 1, 2**31 - 1, 8, b"x")),
    "strips.tif": Bomb("ok", lambda: shared_strips(SIDE, SIDE, 1, 8, zlib.compress(ROW, 9))),
    "strips-empty.tif": Bomb("too-large", lambda: shared_strips(1, 500_000, 1, 8, NO_DATA, 1)),
    "strips-packbits.tif": Bomb("too-large", lambda: shared_strips(SIDE, SIDE, 1, 32773, b"\x80" * 10**6)),
    "strips-jpeg.tif": Bomb("", lambda: shared_strips(4096, 4096 * 10, 4096, 7, with_scans("RGB", 4096, 40)), slow=True),
    "strips-many.tif": Bomb("too-large", lambda: shared_strips(1, 10_000_000, 1, 1, b"abc"), slow=True),
    "dictionary.tif": Bomb("ok", lambda: shared_strips(
        SIDE, 2000, 1, 34925, lzma.compress(ROW, filters=DICTIONARY)), slow=True),
    "chain.tif": Bomb("corrupt", lambda: chain(SIZE // 6)),
}  # fmt: skip

ALL_BOMBS = {**JPEG, **PNG, **OTHERS, **TIFF}
BOMBS = {name: bomb for name, bomb in ALL_BOMBS.items() if LONG or not bomb.slow}
