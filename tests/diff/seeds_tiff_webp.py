"""Small WebP and TIFF pictures of every kind, made with Pillow and by hand."""

import random
import struct
import zlib

from PIL import Image

from image_seeds import encode, exif, noise


def riff_chunk(name, data):
    return name + struct.pack("<I", len(data)) + data + b"\0" * (len(data) & 1)


def riff(*chunks):
    body = b"WEBP" + b"".join(chunks)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def riff_chunks(data):
    """Return the chunks as (name, payload), as far as their lengths are valid."""
    found = []
    at = 12
    while at + 8 <= len(data):
        size = int.from_bytes(data[at + 4 : at + 8], "little")
        found.append((data[at : at + 4], data[at + 8 : at + 8 + size]))
        at += 8 + size + (size & 1)
    return found


def le24(value):
    return value.to_bytes(3, "little")


def vp8x(flags, width, height):
    return riff_chunk(b"VP8X", bytes((flags, 0, 0, 0)) + le24(width - 1) + le24(height - 1))


def anmf(picture, x, y, width, height, bits=0):
    """Make a frame of an animation from a still WebP."""
    inner = b"".join(riff_chunk(*chunk) for chunk in riff_chunks(picture)
                     if chunk[0] in (b"ALPH", b"VP8 ", b"VP8L"))
    return riff_chunk(b"ANMF", le24(x // 2) + le24(y // 2) + le24(width - 1) +
                      le24(height - 1) + le24(40) + bytes((bits,)) + inner)


def animations():
    anim = riff_chunk(b"ANIM", b"\xff\xff\xff\xff\0\0")
    small = encode(noise("RGB", (20, 16), 31), "WEBP")
    clear = encode(noise("RGBA", (20, 16), 32), "WEBP")
    black = encode(Image.new("RGB", (20, 16)), "WEBP", lossless=True)
    yield "part", riff(vp8x(0x02, 40, 30), anim, anmf(small, 4, 6, 20, 16))
    yield "alpha", riff(vp8x(0x12, 40, 30), anim, anmf(clear, 4, 6, 20, 16, 3),
                        anmf(small, 0, 0, 20, 16))
    yield "black", riff(vp8x(0x02, 40, 30), anim, anmf(black, 4, 6, 20, 16))
    yield "outside", riff(vp8x(0x02, 22, 30), anim, anmf(small, 4, 6, 20, 16))
    yield "flat", riff(vp8x(0x02, 20, 16), anim,
                       anmf(encode(Image.new("RGB", (20, 16), "red"), "WEBP", lossless=True),
                            0, 0, 20, 16), anmf(small, 0, 0, 20, 16))


def webp_seeds():
    rgb = noise("RGB", (67, 45), 21)
    rgba = noise("RGBA", (33, 50), 22)
    yield "lossy", encode(rgb, "WEBP")
    yield "lossy-poor", encode(rgb, "WEBP", quality=3, method=0)
    yield "lossy-large", encode(noise("RGB", (300, 250), 23), "WEBP", quality=95)
    yield "lossless", encode(rgb, "WEBP", lossless=True)
    yield "lossless-few", encode(rgb.quantize(8).convert("RGB"), "WEBP", lossless=True)
    yield "lossless-large", encode(noise("RGB", (200, 150), 24), "WEBP", lossless=True)
    yield "alpha", encode(rgba, "WEBP")
    yield "alpha-poor", encode(rgba, "WEBP", alpha_quality=20)
    yield "alpha-lossless", encode(rgba, "WEBP", lossless=True, exact=True)
    yield "exif", encode(rgb, "WEBP", exif=exif(6))
    yield "exif-alpha", encode(rgba, "WEBP", exif=exif(3)[6:])
    yield "icc-xmp", encode(rgb, "WEBP", icc_profile=b"profile" * 31, xmp=b"<x:xmp/>")
    yield "flat", encode(Image.new("RGB", (60, 40), "white"), "WEBP")
    clear = Image.new("RGBA", (31, 21), (9, 8, 7, 0))
    clear.putpixel((5, 5), (9, 8, 7, 200))
    yield "flat-alpha", encode(clear, "WEBP", lossless=True, exact=True)
    frames = [noise(mode, (40, 30), 25 + i) for i, mode in enumerate(("RGB", "RGBA", "RGB"))]
    yield "animated", encode(frames[0], "WEBP", save_all=True, append_images=frames[1:])
    yield "animated-lossless", encode(frames[1], "WEBP", save_all=True, lossless=True,
                                      append_images=frames[2:], exif=exif(8))
    for name, data in animations():
        yield f"animated-{name}", data
    simple = riff_chunks(encode(rgb, "WEBP"))[0]
    yield "extended-plain", riff(vp8x(0, 67, 45), riff_chunk(*simple))
    yield "unknown-chunks", riff(riff_chunk(*simple), riff_chunk(b"ABCD", b"12345"))


# --- TIFF --------------------------------------------------------------------------------

BYTE, ASCII, SHORT, LONG, RATIONAL, LONG8 = 1, 2, 3, 4, 5, 16
TYPES = {1: "B", 2: "B", 3: "H", 4: "L", 6: "b", 7: "B", 8: "h", 9: "l", 11: "f", 12: "d",
         13: "L", 16: "Q"}


def tag(number, kind, *values):
    return number, kind, values


def pack(order, kind, values):
    if kind in (5, 10):
        return struct.pack(f"{order}{len(values)}{'L' if kind == 5 else 'l'}", *values)
    return struct.pack(f"{order}{len(values)}{TYPES[kind]}", *values)


def directory(order, large, at, tags, following=0):
    """Return the bytes of a directory for an offset, followed by its values."""
    word = "Q" if large else "L"
    capacity = 8 if large else 4
    head = struct.pack(order + ("Q" if large else "H"), len(tags))
    size = len(head) + len(tags) * (4 + 2 * capacity) + capacity
    entries = values = b""
    for number, kind, numbers in sorted(tags, key=lambda entry: entry[0]):
        value = pack(order, kind, numbers)
        count = len(numbers) // 2 if kind in (5, 10) else len(numbers)
        if len(value) > capacity:
            where = struct.pack(order + word, at + size + len(values))
            values += value + b"\0" * (len(value) & 1)
            value = where
        entries += struct.pack(f"{order}HH{word}", number, kind, count) + \
            value.ljust(capacity, b"\0")
    return head + entries + struct.pack(order + word, following) + values


def tiff_file(order, large, tags, pieces, tiled=False, pages=1):
    """Make a file of pages that share strips or tiles, and fill in their offsets and sizes."""
    mark = b"II" if order == "<" else b"MM"
    head = mark + struct.pack(order + "H", 43 if large else 42)
    if large:
        head += struct.pack(order + "HH", 8, 0)
    at = len(head) + (8 if large else 4)
    places = []
    for piece in pieces:
        places.append(at)
        at += len(piece) + (len(piece) & 1)
    kind = LONG8 if large and len(pieces) > 1 else LONG
    numbers = (324, 325) if tiled else (273, 279)
    tags = tags + [tag(numbers[0], kind, *places),
                   tag(numbers[1], kind, *(len(piece) for piece in pieces))]
    body = b"".join(piece + b"\0" * (len(piece) & 1) for piece in pieces)
    size = len(directory(order, large, 0, tags))
    size += size & 1
    for page in range(pages):
        following = at + (page + 1) * size if page + 1 < pages else 0
        body += directory(order, large, at + page * size, tags, following).ljust(size, b"\0")
    return head + struct.pack(order + ("Q" if large else "L"), at) + body


def basic(width, height, bits, photometric, *more, compression=1):
    return [tag(256, SHORT, width), tag(257, SHORT, height), tag(258, SHORT, *bits),
            tag(259, SHORT, compression), tag(262, SHORT, photometric),
            tag(277, SHORT, len(bits)), *more]


def noise_bytes(size, seed):
    rng = random.Random(seed)
    return bytes((i // 7 + rng.randrange(40)) & 255 for i in range(size))


def stripes(data, row_size, rows):
    step = row_size * rows
    return [data[i : i + step] for i in range(0, len(data), step)]


def packed(pieces, compression):
    if compression == 1:
        return pieces
    assert compression == 8
    return [zlib.compress(piece) for piece in pieces]


# Name, byte orders, bits, photometric, further tags: all in strips, some also in tiles.
RAW_KINDS = (
    ("1-white", "<>", (1,), 0), ("1", "<>", (1,), 1), ("1-reversed", "<>", (1,), 1, tag(266, SHORT, 2)),
    ("1-white-reversed", "<", (1,), 0, tag(266, SHORT, 2)),
    ("2", "<", (2,), 1), ("2-reversed", ">", (2,), 0, tag(266, SHORT, 2)),
    ("4", ">", (4,), 1), ("4-white", "<", (4,), 0), ("8", "<>", (8,), 1),
    ("8-white", "<", (8,), 0), ("8-reversed", "<", (8,), 1, tag(266, SHORT, 2)),
    ("8-white-reversed", ">", (8,), 0, tag(266, SHORT, 2)), ("12", "<", (12,), 1),
    ("16", "<>", (16,), 1), ("16-white", "<>", (16,), 0), ("16-signed", "<>", (16,), 1, tag(339, SHORT, 2)),
    ("16-reversed", "<", (16,), 1, tag(266, SHORT, 2)),
    ("32", "<", (32,), 1), ("32-signed", "<>", (32,), 1, tag(339, SHORT, 2)),
    ("float", "<>", (32,), 1, tag(339, SHORT, 3)), ("float-white", "<", (32,), 0, tag(339, SHORT, 3)),
    ("la", "<", (8, 8), 1, tag(338, SHORT, 2)), ("rgb", "<>", (8, 8, 8), 2),
    ("rgb-reversed", ">", (8, 8, 8), 2, tag(266, SHORT, 2)),
    ("rgb-formats", "<", (8, 8, 8), 2, tag(339, SHORT, 1, 1, 1)),
    ("rgba", "<>", (8,) * 4, 2, tag(338, SHORT, 2)), ("rgba-bare", "<", (8,) * 4, 2),
    ("rgba-corel", "<", (8,) * 4, 2, tag(338, SHORT, 999)),
    ("rgbx", "<", (8,) * 4, 2, tag(338, SHORT, 0)), ("rgbxx", ">", (8,) * 5, 2, tag(338, SHORT, 0, 0)),
    ("rgbxxx", "<", (8,) * 6, 2, tag(338, SHORT, 0, 0, 0)),
    ("rgba-premultiplied", "<", (8,) * 4, 2, tag(338, SHORT, 1)),
    ("rgbax", "<", (8,) * 5, 2, tag(338, SHORT, 2, 0)), ("rgbaxx", ">", (8,) * 6, 2, tag(338, SHORT, 1, 0, 0)),
    ("rgb16", "<>", (16,) * 3, 2), ("rgba16", "<>", (16,) * 4, 2, tag(338, SHORT, 1)),
    ("rgbx16", ">", (16,) * 4, 2, tag(338, SHORT, 0)),
    ("cmyk", "<>", (8,) * 4, 5), ("cmykx", "<", (8,) * 5, 5, tag(338, SHORT, 0)),
    ("cmyk16", "<", (16,) * 4, 5), ("ycbcr", "<", (8,) * 3, 6), ("lab", "<", (8,) * 3, 8),
    ("unknown", "<", (8,) * 3, 1), ("unknown-bits", "<", (7,), 1), ("no-mode", ">", (8, 8), 1),
)  # fmt: skip


def palette(bits, seed):
    rng = random.Random(seed)
    return tag(320, SHORT, *(rng.randrange(65536) for _ in range(3 << bits)))


def made_tiffs():
    kinds = list(RAW_KINDS)
    for bits in (1, 2, 4, 8):
        kinds.append((f"palette-{bits}", "<>", (bits,), 3, palette(bits, bits)))
    kinds.append(("palette-alpha", "<", (8, 8), 3, tag(338, SHORT, 2), palette(8, 9)))
    kinds.append(("palette-reversed", "<", (8,), 3, tag(266, SHORT, 2), palette(8, 3)))
    for at, (name, orders, bits, photometric, *more) in enumerate(kinds):
        for order in orders:
            for compression in (1, 8):
                row = (29 * sum(bits) + 7) // 8
                pieces = stripes(noise_bytes(row * 23, at), row, 10)
                tags = basic(29, 23, bits, photometric, tag(278, SHORT, 10), *more,
                             compression=compression)
                yield f"{name}-{'II' if order == '<' else 'MM'}-{compression}", \
                    tiff_file(order, False, tags, packed(pieces, compression))


def flat_tiffs():
    """Yield pictures of one colour, although their samples may differ."""
    for name, bits, photometric, pixel, *more in (
        ("gray", (8,), 1, b"\x50"), ("black", (8, 8, 8), 2, b"\0\0\0"),
        ("rgba", (8,) * 4, 2, b"\1\2\3", tag(338, SHORT, 2)),
        ("premultiplied", (8,) * 4, 2, b"\0\0\0", tag(338, SHORT, 1)),
        ("cmyk", (8,) * 4, 5, b"\x20\x30\x40\x50"), ("bright", (16,), 1, b"\xff\x7f"),
        ("float", (32,), 1, b"\0\0\x80\xbf", tag(339, SHORT, 3)),
        ("float-bright", (32,), 1, b"\0\0\x96\x43", tag(339, SHORT, 3)),
        ("float-any", (32,), 1, b"\0\0\x96", tag(339, SHORT, 3)),
        ("la", (8, 8), 1, b"\x41", tag(338, SHORT, 2)), ("lab", (8,) * 3, 8, b"abc"),
    ):
        missing = sum(bits) // 8 - len(pixel)
        rows = b"".join(pixel + bytes([i % 251] * missing) for i in range(20 * 16))
        for compression in (1, 8):
            tags = basic(20, 16, bits, photometric, *more, compression=compression)
            yield f"flat-{name}-{compression}", tiff_file("<", False, tags,
                                                          packed([rows], compression))
    doubled = tag(320, SHORT, *((7 << 8,) * 256 * 3))
    for compression in (1, 8):
        tags = basic(20, 16, (8,), 3, doubled, compression=compression)
        yield f"flat-palette-{compression}", tiff_file(
            "<", False, tags, packed([noise_bytes(320, 1)], compression))


def arranged_tiffs():
    """Yield tiles, separate planes, BigTIFF, several pages."""
    rgb = [8, 8, 8]
    for compression in (1, 8):
        for order, large in (("<", False), (">", False), ("<", True), (">", True)):
            end = f"{'II' if order == '<' else 'MM'}{'-big' if large else ''}-{compression}"
            tiles = packed([noise_bytes(16 * 16 * 3, i) for i in range(6)], compression)
            size = (tag(322, SHORT, 16), tag(323, SHORT, 16))
            yield f"tiles-{end}", tiff_file(order, large, basic(
                40, 30, rgb, 2, *size, compression=compression), tiles, tiled=True)
            strips = packed(stripes(noise_bytes(40 * 30 * 3, 7), 120, 7), compression)
            yield f"strips-{end}", tiff_file(order, large, basic(
                40, 30, rgb, 2, tag(278, LONG, 7), compression=compression), strips)
        separate = (tag(284, SHORT, 2), tag(278, SHORT, 15))
        for name, bits, photometric, *more in (
            ("rgb", rgb, 2), ("rgba", [8] * 4, 2, tag(338, SHORT, 2)), ("cmyk", [8] * 4, 5),
            ("rgba-premultiplied", [8] * 4, 2, tag(338, SHORT, 1)), ("rgb16", [16] * 3, 2),
            ("lab", rgb, 8), ("gray", [8], 1), ("la", [8, 8], 1, tag(338, SHORT, 2)),
            ("rgbx", [8] * 4, 2, tag(338, SHORT, 0)), ("ycbcr", rgb, 6),
        ):
            planes = [noise_bytes(40 * 15 * bits[0] // 8, i) for i in range(2 * len(bits))]
            yield f"planes-{name}-{compression}", tiff_file("<", False, basic(
                40, 30, bits, photometric, *separate, *more, compression=compression),
                packed(planes, compression))
        tiles = packed([noise_bytes(16 * 16, i) for i in range(18)], compression)
        yield f"planes-tiles-{compression}", tiff_file(">", False, basic(
            40, 30, rgb, 2, tag(284, SHORT, 2), *size, compression=compression), tiles, True)
        pages = packed([noise_bytes(40 * 30, 3)], compression)
        for order, large in (("<", False), (">", False), ("<", True)):
            yield f"pages-{order == '<'}-{large}-{compression}", tiff_file(
                order, large, basic(40, 30, [8], 1, compression=compression), pages, pages=3)


def odd_tiffs():
    rows = noise_bytes(40 * 30, 5)
    gray = basic(40, 30, [8], 1)
    yield "orientation", tiff_file("<", False, gray + [tag(274, SHORT, 6)], [rows])
    yield "orientation-pages", tiff_file(">", False, gray + [tag(274, SHORT, 3)], [rows],
                                         pages=2)
    yield "centimetres", tiff_file("<", False, gray + [
        tag(282, RATIONAL, 72, 1), tag(283, RATIONAL, 72, 1), tag(296, SHORT, 3)], [rows])
    inner = tiff_file("<", False, gray + [tag(34665, LONG, 8), tag(34853, LONG, 8)], [rows])
    yield "exif", inner
    yield "exif-interop", tiff_file("<", False, gray + [
        tag(34665, LONG, 8 + len(rows)), tag(40965, LONG, 8)], [rows])
    yield "one-strip-short", tiff_file("<", False, gray + [tag(278, SHORT, 10)],
                                       [rows[:400]])
    yield "too-many-strips", tiff_file("<", False, gray + [tag(278, SHORT, 10)],
                                       [rows[:400]] * 7)
    yield "one-tile", tiff_file("<", False, gray + [
        tag(322, SHORT, 48), tag(323, SHORT, 32)], [noise_bytes(48 * 32, 2)], tiled=True)
    yield "one-bit-value", tiff_file("<", False, basic(20, 20, [8], 2)[:-1] + [
        tag(277, SHORT, 3)], [rows])
    yield "signature-wrong-order", b"II\0\x2a" + tiff_file("<", False, gray, [rows])[4:]
    yield "text-size", tiff_file("<", False, gray[1:] + [tag(256, ASCII, *b"40\0")], [rows])


SAVED = (
    ("1", ("group3", "group4", "tiff_ccitt", "packbits", "tiff_lzw", "raw")),
    ("L", ("raw", "tiff_lzw", "tiff_adobe_deflate", "tiff_deflate", "packbits", "jpeg", "lzma",
           "zstd")),
    ("P", ("raw", "tiff_lzw", "packbits")), ("LA", ("raw", "tiff_lzw")),
    ("RGB", ("raw", "tiff_lzw", "tiff_adobe_deflate", "packbits", "jpeg", "lzma", "zstd", "webp")),
    ("RGBA", ("raw", "tiff_lzw", "webp", "zstd")), ("RGBX", ("tiff_lzw",)),
    ("CMYK", ("raw", "tiff_lzw", "jpeg")), ("YCbCr", ("raw", "jpeg", "tiff_lzw")),
    ("LAB", ("raw", "tiff_lzw")), ("I;16", ("raw", "tiff_lzw")), ("I;16B", ("raw",)),
    ("I", ("raw", "tiff_lzw")), ("F", ("raw", "tiff_adobe_deflate")),
)


def saved_tiffs():
    size = (61, 47)
    for mode, compressions in SAVED:
        if mode in ("1", "I", "F"):
            image = noise("L", size, 41).convert(mode)
        elif mode == "P":
            image = noise("RGB", size, 42).quantize(200)
        elif mode.startswith("I;16"):
            image = Image.frombytes(mode, size, noise_bytes(size[0] * size[1] * 2, 43))
        elif mode == "LAB":
            image = Image.frombytes(mode, size, noise_bytes(size[0] * size[1] * 3, 44))
        else:
            image = noise(mode, size, 45)
        for compression in compressions:
            yield f"{mode.replace(';', '-')}-{compression}", encode(
                image, "TIFF", compression=None if compression == "raw" else compression)
    image = noise("RGB", size, 46)
    predictor = {"tiffinfo": {317: 2}}
    yield "predictor-lzw", encode(image, "TIFF", compression="tiff_lzw", **predictor)
    yield "predictor-deflate", encode(image, "TIFF", compression="tiff_adobe_deflate",
                                      **predictor)
    yield "strips-lzw", encode(image, "TIFF", compression="tiff_lzw", tiffinfo={278: 9})
    yield "pages-lzw", encode(image, "TIFF", compression="tiff_lzw", save_all=True,
                              append_images=[noise("L", (20, 20), 47)])
    yield "large-lzw", encode(noise("RGB", (200, 160), 48), "TIFF", compression="tiff_lzw")


def tiff_seeds():
    for kind in (saved_tiffs, made_tiffs, flat_tiffs, arranged_tiffs, odd_tiffs):
        yield from kind()


def seeds():
    return [(f"webp-{name}", data) for name, data in webp_seeds()] + \
        [(f"tiff-{name}", data) for name, data in tiff_seeds()]
