"""TIFFs that reach code which no mutant reaches: values of odd types, directories that Pillow and
libtiff read differently, tiles of impossible sizes."""

import io
import struct

from PIL import Image

from image_seeds import encode, noise
from seeds_gif_bmp import lzw
from seeds_tiff_webp import (ASCII, BYTE, LONG, LONG8, RATIONAL, SHORT, basic, directory, noise_bytes,
                             packed, palette, stripes, tag, tiff_file)

UNDEFINED, SSHORT, SLONG, SRATIONAL, FLOAT, DOUBLE = 7, 8, 9, 10, 11, 12
INFINITE = float("inf")

WIDTH, LENGTH, BITS, PHOTOMETRIC, FILL, STRIPS = 256, 257, 258, 262, 266, 273
SAMPLES, ROWS, PLANAR, UNIT, X_DENSITY, Y_DENSITY = 277, 278, 284, 296, 282, 283
COLORS, TILE_WIDTH, TILE_LENGTH, TILES, EXTRA, FORMAT = 320, 322, 323, 324, 338, 339
EXIF, GPS, INTEROP, SUBSAMPLING = 34665, 34853, 40965, 530

SIDE = 16
GRAY = noise_bytes(SIDE * SIDE, 71)
COLOUR = noise_bytes(SIDE * SIDE * 3, 72)


def changed(tags, *others):
    """Replace tags by others with the same numbers."""
    numbers = {other[0] for other in others}
    return [entry for entry in tags if entry[0] not in numbers] + list(others)


def gray(*others, order="<", large=False, compression=1, bits=8):
    tags = basic(SIDE, SIDE, [bits], 1, compression=compression)
    return tiff_file(order, large, changed(tags, *others), packed([GRAY], compression))


def rgb(*others, compression=1, **options):
    tags = basic(SIDE, SIDE, [8] * 3, 2, compression=compression)
    return tiff_file("<", False, changed(tags, *others), packed([COLOUR], compression), **options)


def tiled(*others, compression=1, bits=(8,), photometric=1, pieces=None, width=SIDE):
    tags = basic(width, SIDE, bits, photometric, compression=compression)
    size = tag(TILE_WIDTH, SHORT, SIDE), tag(TILE_LENGTH, SHORT, SIDE)
    return tiff_file("<", False, changed(tags + list(size), *others),
                     packed(pieces or [noise_bytes(SIDE * SIDE * len(bits), 73)], compression), tiled=True)


# --- numbers of every type ---------------------------------------------------------------

# Texts that Python's int() accepts or not.
TEXTS = (b"16", b"+16", b"-16", b" 16 ", b"\t16\n", b"\x0b16\x0c", b"1_6", b"_16", b"16_", b"1__6", b"",
         b"1 6", b"\x1c16", b"16\x1f", b"\x8516", b"16\xa0", b"\xa0\x1c16", b"\x8516\x1f", b"0x10", b"\xb2",
         b"0" * 4298 + b"16", b"0" * 4299 + b"16", b"0_" * 4298 + b"16", b"9" * 30, b"-" + b"9" * 30, b"+-16",
         b"-0")

# Values of tags other than short integers.
NUMBERS = (
    (BYTE, 16), (BYTE, 49, 54), (UNDEFINED, 49, 54), (UNDEFINED, 0x85, 49, 54), (UNDEFINED, 32, 49, 54, 9),
    (UNDEFINED, 0x1C, 49, 54), (SSHORT, -16), (SLONG, -2**31), (RATIONAL, 16, 1), (RATIONAL, 33, 2),
    (RATIONAL, 16, 0), (RATIONAL, 0, 0), (SRATIONAL, 16, -1), (SRATIONAL, -32, -2), (FLOAT, 16.0), (FLOAT, 16.5),
    (FLOAT, -1e30), (FLOAT, 1e30), (FLOAT, INFINITE), (FLOAT, float("nan")), (DOUBLE, 16.0), (DOUBLE, 1e300),
    (LONG8, 16), (LONG8, 1 << 40), (LONG8, 1 << 63), (SHORT, 16, 3),
)


def sizes():
    for at, text in enumerate(TEXTS):
        for end in (b"\0", b""):
            yield f"text-{at}-{len(end)}", gray(tag(LENGTH, ASCII, *text + end))
        if len(text) < 100:
            yield f"text-bytes-{at}", gray(tag(LENGTH, UNDEFINED, *text))
    for at, (kind, *values) in enumerate(NUMBERS):
        yield f"number-{at}", gray(tag(LENGTH, kind, *values))
    tags = basic(34_000_000, 1, [16] * 4, 2, tag(EXTRA, SHORT, 2))
    tags = changed(tags, tag(WIDTH, LONG, 34_000_000))
    yield "too-wide", tiff_file("<", False, tags, [GRAY])
    yield "too-wide-packed", tiff_file("<", False, changed(tags, tag(259, SHORT, 8)), [GRAY])


# Tags whose meaning depends on the type.
ODD = (
    *(tag(X_DENSITY, *value) for value in NUMBERS[:24]),
    tag(X_DENSITY, ASCII), tag(X_DENSITY, ASCII, 0), tag(X_DENSITY, ASCII, *b"72\0"),
    tag(X_DENSITY, RATIONAL, 0, 1), tag(X_DENSITY, SHORT, 0),
)


def values():
    centimetres = tag(UNIT, SHORT, 3)
    for at, entry in enumerate(ODD):
        yield f"density-{at}", gray(entry, tag(Y_DENSITY, RATIONAL, 72, 1), centimetres)
        yield f"density-y-{at}", gray(tag(Y_DENSITY, *entry[1:2], *entry[2]), centimetres)
    for name, number in (("format", FORMAT), ("samples", SAMPLES), ("extra", EXTRA), ("fill", FILL),
                         ("planar", PLANAR), ("rows", ROWS), ("bits", BITS), ("strips", STRIPS)):
        for kind, value in ((ASCII, (49, 0)), (UNDEFINED, (1,)), (BYTE, (1,)), (BYTE, (1, 1)), (FLOAT, (1.0,)),
                            (FLOAT, (0.5,)), (DOUBLE, (1.0, 1.0, 1.0)), (RATIONAL, (3, 3)), (SHORT, (1, 1)),
                            (SHORT, (1, 2, 3)), (LONG8, (1 << 63,)), (ASCII, (0,))):
            yield f"{name}-{kind}-{value[0]}-{len(value)}", file_with(gray, number, kind, value)
            yield f"{name}-rgb-{kind}-{value[0]}-{len(value)}", file_with(rgb, number, kind, value)
    for at, value in enumerate(((SHORT, 2), (FLOAT, 2.0), (FLOAT, 0.5), (RATIONAL, 2, 1), (RATIONAL, 1, 2), (LONG8, 2),
                                (SSHORT, -2), (BYTE, 2), (SHORT, 2, 0), (SHORT, 0), (SHORT, 3))):
        tags = basic(SIDE, SIDE, [8] * 4, 2, tag(EXTRA, *value))
        yield f"extra-rgba-{at}", tiff_file("<", False, tags, [noise_bytes(1024, 7)])
    for at, (kind, value) in enumerate(((ASCII, b"ab\0"), (UNDEFINED, b"abc"), (BYTE, bytes(768)), (FLOAT, [0.0] * 768),
                        (RATIONAL, [512, 1] * 768), (RATIONAL, [512, 0] * 768), (SHORT, [9] * 3 * 257),
                        (SHORT, [9] * 7), (LONG, [1 << 31] * 768))):
        yield f"colours-{at}", tiff_file(
            "<", False, basic(SIDE, SIDE, [8], 3, tag(COLORS, kind, *value)), [GRAY])


def file_with(make, number, kind, value):
    """Where the strips are is filled in last; one more entry of that tag comes after."""
    if number != STRIPS:
        return make(tag(number, kind, *value))
    tags = basic(SIDE, SIDE, [8], 1, tag(279, LONG, 256), tag(STRIPS, kind, *value))
    body = directory("<", False, 8, tags) + GRAY
    return b"II*\0" + struct.pack("<L", 8) + body


# --- directories -------------------------------------------------------------------------


def raw_directory(order, large, *entries, following=0):
    """Make a directory of entries (tag, type, count, value or offset), in this order."""
    word = "Q" if large else "L"
    return struct.pack(order + ("Q" if large else "H"), len(entries)) + b"".join(
        struct.pack(f"{order}HH{word}{word}", *entry) for entry in entries) + \
        struct.pack(order + word, following)


FAR = (65000, SHORT, 1000, 1 << 63)  # an entry with its value at an offset that no file reaches
NEAR = (65000, SHORT, 1, 1)


def directories():
    yield "header-cut", b"II+\0" + struct.pack("<HH", 8, 0) + bytes(4)
    yield "header-8", b"II+\0" + struct.pack("<HH", 8, 0)
    for name, entry in (("far", FAR), ("near", NEAR)):
        inner = raw_directory("<", True, entry)
        interop = raw_directory("<", True, (INTEROP, LONG8, 1, 16))
        for place, number in (("exif", EXIF), ("gps", GPS)):
            yield f"{place}-{name}", big(inner, tag(number, LONG8, 16))
        yield f"interop-{name}", big(inner + raw_directory("<", True, (INTEROP, LONG8, 1, 16)),
                                     tag(EXIF, LONG8, 16 + len(inner)), tag(INTEROP, LONG8, 16))
        yield f"interop-absent-{name}", big(inner, tag(EXIF, LONG8, 16), tag(INTEROP, LONG8, 16))
        yield f"exif-itself-{name}", big(interop, tag(EXIF, LONG8, 16), tag(INTEROP, LONG8, 16))
        tags = basic(SIDE, SIDE, [8], 1, tag(279, LONG, 256), tag(STRIPS, LONG, 16))
        where = 16 + len(GRAY)
        head = b"II+\0" + struct.pack("<HHQ", 8, 0, where)
        first = directory("<", True, where, tags)
        yield f"first-{name}", head + GRAY + struct.pack("<Q", len(tags) + 1) + \
            struct.pack("<HHQQ", *entry) + first[8:]
    for kind in (ASCII, RATIONAL, SSHORT):
        inner = directory("<", True, 16, [tag(INTEROP, kind, *b"\x10\0")])
        yield f"interop-{kind}", big(inner, tag(EXIF, LONG8, 16), tag(INTEROP, LONG8, 16))
    for number in (EXIF, GPS):
        yield f"offset-{number}", big(b"", tag(number, LONG8, 1 << 63))
        yield f"offset-{number}-negative", big(b"", tag(number, SSHORT, -5))
    yield from other_directories()


def big(inner, *tags):
    """Make a BigTIFF with another directory at 16."""
    entries = changed(basic(SIDE, SIDE, [8], 1, tag(279, LONG, 256)), *tags)
    at = 16 + len(inner)
    where = at + len(GRAY)
    entries.append(tag(STRIPS, LONG, at))
    return b"II+\0" + struct.pack("<HHQ", 8, 0, where) + inner + GRAY + directory("<", True, where, entries)


def other_directories():
    """Yield big-endian BigTIFFs, which Pillow reads as TIFFs with their directory at 0x80000."""
    tags = basic(SIDE, SIDE, [8], 1, tag(279, LONG, 256), tag(STRIPS, LONG, 0x90000), compression=8)
    for name, at in (("there", 0x80000), ("elsewhere", 16)):
        true = directory(">", True, at, tags) if at == 16 else b""
        data = b"MM\0+" + struct.pack(">HHQ", 8, 0, at) + true
        data = data.ljust(0x80000, b"\0") + directory(">", False, 0x80000, tags)
        yield f"two-views-{name}", data.ljust(0x90000, b"\0") + packed([GRAY], 8)[0]


# --- strips and tiles --------------------------------------------------------------------


def two(number, first, last):
    """Make two entries for a tag: libtiff uses the first one, Pillow the last."""
    return [tag(number, SHORT, *first), tag(number, SHORT, *last)]


def strips():
    for compression in (1, 8):
        for at, value in enumerate((0, 1, 5, 1 << 30, (1 << 31) - 1, 1 << 31, 0xFFFFFFFF)):
            yield f"rows-{at}-{compression}", gray(tag(ROWS, LONG, value), compression=compression)
        yield f"rows-huge-{compression}", gray(tag(ROWS, LONG8, 1 << 62), compression=compression, large=True)
        yield f"tiny-{compression}", tiff_file("<", False, basic(2, 2, [8], 1, compression=compression),
                                               packed([b"abcd"], compression))
        flat = [bytes([7]) * 256] * 7
        for name, bits, photometric, *more in (
            ("rgba", 4, 2, tag(EXTRA, SHORT, 2)), ("cmyk", 4, 5), ("rgbx", 4, 2, tag(EXTRA, SHORT, 0)),
            ("rgbxx", 5, 2, tag(EXTRA, SHORT, 0, 0)), ("cmykxx", 6, 5, tag(EXTRA, SHORT, 0, 0)),
            ("rgbaxx", 6, 2, tag(EXTRA, SHORT, 2, 0, 0)), ("la", 2, 1, tag(EXTRA, SHORT, 2)),
        ):
            for count in (bits - 1, bits, bits + 1):
                yield f"flat-planes-{name}-{count}-{compression}", tiff_file(
                    "<", False, basic(SIDE, SIDE, [8] * bits, photometric, tag(PLANAR, SHORT, 2), *more,
                                      compression=compression), packed(flat[:count], compression))
        for number in (WIDTH, LENGTH):
            data = changed(basic(SIDE, SIDE, [8], 1, compression=compression))
            data = [entry for entry in data if entry[0] != number] + two(number, [SIDE - 1], [SIDE])
            yield f"twice-{number}-{compression}", tiff_file("<", False, data, packed([GRAY], compression))
    for order, name in (("<", "old"), (">", "old-big")):
        codes = lzw(GRAY, 8)
        tags = basic(SIDE, SIDE, [8], 1, compression=5)
        yield f"lzw-{name}", tiff_file(order, False, tags, [codes])
        yield f"lzw-{name}-cut", tiff_file(order, False, tags, [codes[:100]])
        yield f"lzw-{name}-flat", tiff_file(order, False, tags, [lzw(bytes(256), 8)])
    for name, first in (("4", [4] * 3), ("16", [16] * 3), ("12", [12] * 3)):
        tags = [entry for entry in basic(SIDE, SIDE, [8] * 3, 2, compression=8) if entry[0] != BITS]
        for planar in (1, 2):
            pieces = [COLOUR] if planar == 1 else stripes(COLOUR, SIDE, SIDE)
            yield f"bits-{name}-planar-{planar}", tiff_file(
                "<", False, tags + two(BITS, first, [8] * 3) + [tag(PLANAR, SHORT, planar)], packed(pieces, 8))
    yield "deflate-endless", tiff_file("<", False, basic(SIDE, SIDE, [8], 1, compression=8), [endless(300)])
    alpha = encode(noise("RGBA", (SIDE, SIDE), 75), "WEBP")
    yield "webp-alpha", tiff_file("<", False, basic(SIDE, SIDE, [8] * 3, 2, compression=50001), [alpha])
    tags = basic(SIDE, SIDE, [8] * 3, 2, tag(TILE_WIDTH, SHORT, SIDE), tag(TILE_LENGTH, SHORT, SIDE), compression=50001)
    yield "webp-tile", tiff_file("<", False, tags, [encode(noise("RGB", (SIDE, SIDE), 76), "WEBP")], tiled=True)
    rgba16 = basic(SIDE, SIDE, [16] * 4, 2, tag(EXTRA, SHORT, 2))
    yield "mapped-rgbx", tiff_file("<", False, basic(SIDE, SIDE, [8] * 4, 2, tag(EXTRA, SHORT, 0)),
                                   [noise_bytes(1024, 1)])
    yield "rgba16-cut", tiff_file("<", False, rgba16, [GRAY])


def endless(size):
    """Make a zlib stream of the literals 7 and 8, whose code has no end of block. zlib refuses that;
    libdeflate fills the strip before it notices, which is enough for libtiff."""
    lengths = {1: 1, 18: 2, 0: 2}  # lengths of the codes for code lengths
    codes = {1: "0", 0: "10", 18: "11"}
    order = (16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1)
    number = lambda value, width: format(value, f"0{width}b")[::-1]  # noqa: E731
    bits = "1" + number(2, 2) + number(0, 5) + number(0, 5) + number(len(order) - 4, 4)
    bits += "".join(number(lengths.get(symbol, 0), 3) for symbol in order)
    bits += codes[0] * 7 + codes[1] * 2  # the lengths of 0 to 8
    bits += codes[18] + number(138 - 11, 7) + codes[18] + number(248 - 138 - 11, 7)  # to 256
    bits += codes[0]  # the only distance
    bits += "".join("01"[i % 3 == 0] for i in range(8 * size))
    data = bytes(int(bits[i:i + 8][::-1], 2) for i in range(0, len(bits) - 7, 8))
    return b"\x78\x01" + data


def tiles():
    one = [noise_bytes(64, 74)]
    yield "no-width", tiled(tag(TILE_WIDTH, SHORT, 0), pieces=[GRAY, GRAY])
    yield "bits-1-narrow", tiled(tag(TILE_WIDTH, SHORT, 20), bits=(1,), pieces=one, width=18)
    yield "bits-1-narrow-two", tiled(tag(TILE_WIDTH, SHORT, 10), bits=(1,), pieces=one * 2, width=18)
    yield "bits-2-narrow", tiled(tag(TILE_WIDTH, SHORT, 10), bits=(2,), pieces=one * 2, width=18)
    for number in (TILE_WIDTH, TILE_LENGTH):
        for compression in (1, 8):
            for kind, value in ((SHORT, 0), (SSHORT, -8), (LONG8, 1 << 62), (LONG, 1 << 31), (LONG, 1 << 30),
                                (LONG, 0xFFFFFFFF), (SLONG, -2**31), (LONG, (1 << 31) - 1), (SHORT, 12)):
                name = f"{number}-{kind}-{value}-{compression}".replace("--", "-minus-")
                yield f"size-{name}", tiled(tag(number, kind, value), compression=compression)
                yield f"size-{name}-two", tiled(tag(number, kind, value), compression=compression,
                                                pieces=[GRAY, GRAY[::-1]], width=2 * SIDE)
    for name, first in (("1", [1]), ("4", [4]), ("16", [16]), ("32", [32])):
        tags = [entry for entry in basic(SIDE, SIDE, [8], 1, compression=8) if entry[0] != BITS]
        tags += [tag(TILE_WIDTH, SHORT, SIDE), tag(TILE_LENGTH, SHORT, SIDE)]
        yield f"bits-{name}-twice", tiff_file("<", False, tags + two(BITS, first, [8]),
                                              packed([bytes(1024)], 8), tiled=True)
    marks = GRAY[:-3] + b"\x9e" * 3
    yield "marks", tiled(compression=8, pieces=[marks])
    yield "marks-flat", tiled(compression=8, pieces=[b"\x9e" * 256])
    yield "marks-short", tiled(compression=8, pieces=[GRAY[:200]])
    for name, planes in (("planes", 3), ("planes-flat", 3)):
        data = [bytes([9]) * 256 if "flat" in name else noise_bytes(256, i) for i in range(planes)]
        yield name, tiled(tag(PLANAR, SHORT, 2), bits=(8,) * 3, photometric=2, pieces=data, compression=8)
    same = [(SIDE * i, GRAY) for i in range(4)]
    for name, places in (("doubled", (8, 8, 8, 8)), ("doubled-once", (8, 8, 264, 264)),
                         ("doubled-turns", (264, 8, 264, 8))):
        yield f"strips-{name}", shared(places, len(same))
        yield f"strips-{name}-planes", shared(places[:3], 3, planar=True)
    for number, (kind, value) in enumerate(((SLONG, -2**31), (SSHORT, -8), (SLONG, -2**20))):
        for name in ("width", "length"):
            for at, places in enumerate(((776, 520, 264, 8), (8, 264, 520, 776), (264, 8), (8,))):
                size = [(SHORT, SIDE), (SHORT, SIDE)]
                size[name == "length"] = kind, value
                tags = basic(SIDE, SIDE, [8], 1, tag(TILE_WIDTH, *size[0]), tag(TILE_LENGTH, *size[1]),
                             tag(TILES, LONG, *places))
                yield f"negative-{name}-{number}-{at}", b"II*\0" + struct.pack("<L", 8 + 1024) + GRAY * 4 + \
                    directory("<", False, 8 + 1024, tags)
    for kind, value in ((LONG8, 1 << 62), (LONG, 0xFFFFFFFF)):
        yield f"huge-rgb-{kind}", tiled(tag(TILE_WIDTH, kind, value), bits=(8,) * 3, photometric=2)
    tags = basic(SIDE, SIDE, [8], 1, tag(ROWS, SHORT, 8), tag(STRIPS, SSHORT, -5, 8), tag(279, LONG, 128, 128))
    yield "negative-offset", b"II*\0" + struct.pack("<L", 8 + 256) + GRAY + directory("<", False, 8 + 256, tags)


def shared(places, count, planar=False):
    """Make strips that overlap in the file."""
    bits = [8] * 3 if planar else [8]
    tags = basic(SIDE, SIDE, bits, 2 if planar else 1, tag(PLANAR, SHORT, 2 if planar else 1),
                 tag(ROWS, SHORT, SIDE if planar else SIDE // count), tag(STRIPS, LONG, *places),
                 tag(279, LONG, *[256 if planar else 64] * len(places)))
    return b"II*\0" + struct.pack("<L", 8 + 768) + COLOUR + directory("<", False, 8 + 768, tags)


# --- brightness and colour apart ---------------------------------------------------------


def gray_jpeg(seed, size=(SIDE, SIDE)):
    to = io.BytesIO()
    Image.frombytes("L", size, noise_bytes(size[0] * size[1], seed)).save(to, "JPEG")
    return to.getvalue()


def ycbcr():
    even = tag(SUBSAMPLING, SHORT, 1, 1)
    for compression in (1, 8):
        for at, subsampling in enumerate(((1, 1), (2, 2), (2, 1), (4, 4), (3, 1))):
            more = tag(SUBSAMPLING, SHORT, *subsampling)
            yield f"tiled-{at}-{compression}", tiled(more, bits=(8,) * 3, photometric=6, compression=compression)
            tags = basic(SIDE, SIDE, [8] * 3, 6, more, compression=compression)
            yield f"strips-{at}-{compression}", tiff_file("<", False, tags, packed([COLOUR], compression))
    for at, rows in enumerate((1 << 25, 1 << 29, (1 << 31) - 1, 0xFFFFFFFF, 0)):
        tags = basic(SIDE, SIDE, [8] * 3, 6, even, tag(ROWS, LONG, rows), compression=8)
        yield f"rows-{at}", tiff_file("<", False, tags, packed([COLOUR], 8))
        yield f"tile-length-{at}", tiled(even, tag(TILE_LENGTH, LONG, rows), bits=(8,) * 3, photometric=6,
                                         compression=8)
    tags = [entry for entry in basic(SIDE, SIDE, [8] * 3, 6, even, compression=8) if entry[0] != BITS]
    for bits in (4, 16):
        yield f"bits-{bits}", tiff_file("<", False, tags + two(BITS, [bits] * 3, [8] * 3), packed([COLOUR], 8))
    planes = tag(PLANAR, SHORT, 2)
    tags = basic(SIDE, SIDE, [8] * 3, 6, even, planes, compression=7)
    yield "jpeg-planes", tiff_file("<", False, tags, [gray_jpeg(i) for i in range(3)])
    yield "jpeg-planes-cut", tiff_file("<", False, tags, [gray_jpeg(i) for i in range(2)] + [gray_jpeg(3)[:300]])
    yield "jpeg-gray", gray_in_jpeg(7)
    for samples in ([8] * 3, [8], [8, 8]):
        for photometric in (1, 2, 6):
            yield f"old-jpeg-{len(samples)}-{photometric}", tiff_file(
                "<", False, basic(SIDE, SIDE, samples, photometric, compression=6), [gray_jpeg(5)])
    bare = [entry for entry in basic(SIDE, SIDE, [8] * 3, 2, compression=6) if entry[0] != SAMPLES]
    yield "old-jpeg-bare", tiff_file("<", False, bare, [gray_jpeg(6)])


def gray_in_jpeg(compression):
    return tiff_file("<", False, basic(SIDE, SIDE, [8], 1, compression=compression), [gray_jpeg(9)])


def seeds():
    kinds = (("size", sizes), ("value", values), ("directory", directories), ("strips", strips),
             ("tiles", tiles), ("ycbcr", ycbcr))
    return [(f"rare-tiff-{kind}-{name}", data) for kind, make in kinds for name, data in make()]
