"""PNGs that reach code which no mutant reaches: texts at their limits, contradictory animations and
headers, very wide rows."""

import random
import struct
import zlib

from image_seeds import chunk, filtered, header, idat, png, scanlines

RGB = header(8, 8, 8, 2)


def rows(width=8, height=8, bits=24, seed=1):
    return scanlines(width, height, bits, random.Random(seed))


def plain(*chunks):
    """Make a sound picture with these chunks before its pixels."""
    return png(RGB, *chunks, *idat(rows()))


# --- texts -------------------------------------------------------------------------------

PACKED = zlib.compress(b"text")

# The contents of a tEXt, zTXt, iTXt or iCCP chunk.
TEXTS = {
    b"zTXt": (b"", b"key", b"key\0", b"key\0\0", b"key\0\1" + PACKED, b"key\0\0" + PACKED, b"key\0\0junk",
              b"key\0\0" + PACKED[:-2], b"key\0\0" + PACKED[:3], b"\0\0" + PACKED, b"\0\0junk",
              b"interlace\0\0junk", b"interlace\0\0" + PACKED, b"transparency\0\0junk", b"exif\0\0junk",
              b"exif\0\0" + zlib.compress(b"II*\0"), b"exif\0\0" + zlib.compress(b"")),
    b"iCCP": (b"", b"\0", b"name", b"name\0", b"name\0\0", b"name\0\1" + PACKED, b"name\0\0junk",
              b"name\0\0" + PACKED[:-3]),
    b"tEXt": (b"", b"key", b"key\0", b"\0value", b"interlace\0", b"interlace\0x", b"exif\0", b"exif\0Exif\0\0",
              b"exif\0II*\0\x08\0\0\0", b"transparency\0", b"bbox\0", b"default_image\0", b"default_image\0x"),
    b"iTXt": (b"", b"key", b"key\0", b"key\0\0", b"key\0\0\0", b"key\0\0\0\0", b"key\0\0\0\0\0", b"key\0\1\1\0\0",
              b"key\0\1\0\0\0" + PACKED, b"key\0\1\0\0\0junk", b"key\0\1\0\0\0" + PACKED[:-2], b"key\0\2\0\0\0" + PACKED,
              b"key\0\0\1\0\0text", b"key\0\0\0en\0translated\0text", b"\0\0\0\0\0text", b"interlace\0\0\0\0\0x",
              b"interlace\0\1\0\0\0junk", b"exif\0\0\0\0\0II*\0", b"exif\0\0\0\0\0", b"transparency\0\0\0\0\0x"),
}

# Valid and invalid UTF-8: RFC 3629 section 4.
CHARACTERS = (b"\xc3\xa9", b"\xe2\x82\xac", b"\xf0\x9f\x98\x80", b"\xc3", b"\xc3A", b"\xe2\x82", b"\xe2\x82A",
              b"\xf0\x9f\x98", b"\xf0\x9f\x98A", b"\xc0\x80", b"\xc1\xbf", b"\xe0\x80\x80", b"\xe0\x9f\xbf",
              b"\xe0\xa0\x80", b"\xed\x9f\xbf", b"\xed\xa0\x80", b"\xed\xbf\xbf", b"\xee\x80\x80",
              b"\xf0\x80\x80\x80", b"\xf0\x8f\xbf\xbf", b"\xf0\x90\x80\x80", b"\xf4\x8f\xbf\xbf",
              b"\xf4\x90\x80\x80", b"\xf5\x80\x80\x80", b"\xff", b"\x80", b"\0")

# Exif in hexadecimal, as ImageMagick writes it, after three lines.
EXIF = (b"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\1\3\0\1\0\0\0\6\0\0\0" + bytes(4)).hex().encode()
HEXADECIMAL = (b"", b"\n", b"\n\n", b"\n\n\n", b"\nexif\n 36\n" + EXIF, b"\nexif\n 36\n" + EXIF[:-1],
               b"\nexif\n 36\n" + EXIF.upper(), b"\nexif\n 36\n" + EXIF[:20] + b"\n" + EXIF[20:] + b"\n",
               b"\nexif\n 36\n" + EXIF[:20] + b" \t\r\f\v" + EXIF[20:], b"\nexif\n 36\n" + EXIF[:21] + b" " + EXIF[21:],
               b"\nexif\n 36\n" + EXIF[:21] + b"\n" + EXIF[21:], b"\nexif\n 36\n" + EXIF[:20] + b"\0" + EXIF[20:],
               b"\nexif\n 36\nzz", b"\nexif\n 36\n:;", b"\nexif\n 36\n/@", b"\nexif\n 36\nG0", b"\nexif\n 36\n`0",
               b"\nexif\n 36\n" + EXIF[12:], b"\nexif\n 36\n\xa0" + EXIF)

XMP = (b"<x tiff:Orientation='6'/>", b'<x tiff:Orientation="6"/>', b"<tiff:Orientation>6<", b"tiff:Orientation",
       b"tiff:Orientation>", b"tiff:Orientation=", b'tiff:Orientation="', b'tiff:Orientation="x" tiff:Orientation="3"',
       b'tiff:Orientation="9"', b'tiff:Orientation="0"', b"tiff:Orientation>/", b"tiff:Orientation>:",
       b"tiff:Orientation>a<tiff:Orientation>8", b'tiff:Orientation=x"tiff:Orientation>8', b"tiff:Orientation>12")


def texts():
    for name, bodies in TEXTS.items():
        for at, body in enumerate(bodies):
            yield f"{name.decode()}-{at}", plain(chunk(name, body))
            yield f"{name.decode()}-{at}-after", png(RGB, *idat(rows()), chunk(name, body))
    for at, text in enumerate(CHARACTERS):
        for place, body in (("value", b"interlace\0\0\0\0\0" + text), ("language", b"interlace\0\0\0" + text + b"\0\0x"),
                            ("translated", b"interlace\0\0\0\0" + text + b"\0x"),
                            ("packed", b"interlace\0\1\0\0\0" + zlib.compress(text)),
                            ("end", b"interlace\0\0\0\0\0abc" + text)):
            yield f"utf8-{place}-{at}", plain(chunk(b"iTXt", body))
    for at, text in enumerate(HEXADECIMAL):
        for name, between in ((b"tEXt", b""), (b"zTXt", b"\0")):
            body = zlib.compress(text) if between else text
            yield f"hexadecimal-{at}-{name.decode()}", plain(chunk(name, b"Raw profile type exif\0" + between + body))
    for at, text in enumerate(XMP):
        yield f"xmp-{at}", plain(chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + text))
        yield f"xmp-{at}-exif", plain(chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + text),
                                      chunk(b"eXIf", b"II*\0\x08\0\0\0\0\0" + bytes(4)))
    half = zlib.compress(bytes(600000), 9)
    yield "texts-full", plain(*[chunk(b"zTXt", b"k%d\0\0" % i + half) for i in range(3)])
    full = zlib.compress(bytes((1 << 20)), 9)
    yield "texts-one-full", plain(chunk(b"zTXt", b"key\0\0" + full))
    over = zlib.compress(bytes((1 << 20) + 1), 9)
    for name, head in ((b"zTXt", b"key\0\0"), (b"iTXt", b"key\0\1\0\0\0"), (b"iCCP", b"name\0\0")):
        yield f"texts-one-over-{name.decode()}", plain(chunk(name, head + over))
    long = b"\n\n\n" + b"0" * ((1 << 21) + 10)
    yield "hexadecimal-long", plain(chunk(b"tEXt", b"Raw profile type exif\0" + long))


# --- headers -----------------------------------------------------------------------------


def palettes():
    """Yield files with a second IHDR, which changes the mode after a palette or transparent colour."""
    for at, (colour, depth) in enumerate(((2, 8), (0, 8), (0, 16), (0, 1), (4, 8), (4, 16), (6, 8), (3, 4))):
        data = rows(8, 8, {2: 24, 0: depth, 4: 2 * depth, 6: 32, 3: 4}[colour], at)
        for size in (3, 768, 771):
            palette = chunk(b"PLTE", bytes(i & 255 for i in range(size)))
            for name, extra in (("", []), ("-clear", [chunk(b"tRNS", b"\xff\0\xff")])):
                yield f"turned-{colour}-{depth}-{size}{name}", png(
                    header(8, 8, 8, 3), palette, *extra, chunk(b"IHDR", header(8, 8, depth, colour)), *idat(data))
    indexes = rows(8, 8, 8)
    for at, alpha in enumerate((b"\0\n", b"\xff\0\n", b"\n", b"\0\0\n", b"\xff\0\xff", b"\0", b"", b"\xff\n\0", b"\0\x80")):
        for palette in ([chunk(b"PLTE", bytes(range(30)))], []):
            yield f"transparent-{at}-{len(palette)}", png(header(8, 8, 8, 3), *palette, chunk(b"tRNS", alpha),
                                                          *idat(indexes))
    for colour, depth, bits in ((0, 1, 1), (0, 8, 8), (0, 16, 16), (2, 8, 24), (3, 8, 8), (4, 8, 16), (6, 8, 32)):
        shape, data = header(8, 8, depth, colour), idat(rows(8, 8, bits))
        palette = [chunk(b"PLTE", bytes(768))] if colour == 3 else []
        yield f"transparent-text-{colour}-{depth}", png(shape, *palette, chunk(b"tEXt", b"transparency\0x"), *data)
        for size in (0, 1, 2, 5, 6):
            yield f"transparent-{colour}-{depth}-{size}", png(shape, *palette, chunk(b"tRNS", bytes(size)), *data)
    for name, cut in (("name", 4), ("length", 2), ("crc", 10)):
        yield f"cut-{name}", png(RGB, *idat(rows()))[:-12] + chunk(b"tEXt", b"a\0b")[:cut]
        yield f"cut-before-{name}", png(RGB)[:-12] + chunk(b"tEXt", b"a\0b")[:cut]


def animation(*chunks, frames=2):
    return png(RGB, chunk(b"acTL", struct.pack(">II", frames, 0)), *chunks)


def control(number, width=8, height=8, x=0, y=0):
    return chunk(b"fcTL", struct.pack(">IIIIIHHBB", number, width, height, x, y, 1, 10, 0, 0))


def frame(number, data):
    return chunk(b"fdAT", struct.pack(">I", number) + data)


def animations():
    packed = zlib.compress(rows())
    half = len(packed) // 2
    one, other = packed[:half], packed[half:]
    yield "parts", animation(control(0), frame(1, one), frame(2, other), control(3), frame(4, packed))
    yield "parts-mixed", animation(control(0), chunk(b"IDAT", one), frame(1, other))
    yield "parts-DDAT", png(RGB, chunk(b"IDAT", one), chunk(b"DDAT", other))
    yield "parts-empty", animation(control(0), frame(1, one), frame(2, b""), frame(3, other))
    yield "parts-order", animation(control(0), frame(1, one), frame(3, other))
    yield "parts-short", animation(control(0), frame(1, one), chunk(b"fdAT", b"abc"), frame(2, other))
    yield "parts-without", animation(chunk(b"IDAT", one), frame(0, other))
    yield "parts-cut", animation(control(0), frame(1, one), frame(2, other))[:-12 - len(other) - 6]
    yield "first-cut", animation(control(0), frame(1, packed))[:-12 - len(packed) - 6]
    for at, counts in enumerate(((2, 2), (0, 2), (2, 0), (1 << 31, 2), (0xFFFFFFFF, 2), (2, 2, 2))):
        yield f"twice-{at}", png(RGB, *[chunk(b"acTL", struct.pack(">II", n, 0)) for n in counts], *idat(rows()))
    yield "controls", animation(control(0), control(1), frame(2, packed))
    yield "controls-order", animation(control(0), control(2), frame(3, packed))
    yield "controls-last", animation(control(0xFFFFFFFF), frame(0, packed))
    for at, count in enumerate((0, 1, 2, 0x7FFFFFFF, 0x80000000, 0x80000001, 0xFFFFFFFF)):
        yield f"frames-{at}", animation(control(0), chunk(b"IDAT", packed), control(1), frame(2, packed), frames=count)
    for at, box in enumerate(((0, 8, 0, 0), (0, 8, 2, 0), (8, 0, 0, 0), (8, 0, 0, 2), (0, 0, 0, 0), (0, 0, 1, 0),
                              (4, 4, 4, 4), (1, 1, 0, 0), (8, 8, 1, 0), (8, 8, 0, 1))):
        data = zlib.compress(rows(box[0] or 8, box[1] or 8))
        yield f"box-{at}", animation(control(0, *box), chunk(b"IDAT", data))
    for at, (width, height) in enumerate(((4, 8), (8, 4), (4, 4))):
        yield f"shrunk-{at}", animation(control(0), chunk(b"IHDR", header(width, height, 8, 2)),
                                        chunk(b"IDAT", packed))
    palette = chunk(b"PLTE", bytes((9, 9, 9)) * 4)
    for name, colour, more in (("palette", 3, [palette]), ("black", 3, [chunk(b"PLTE", bytes(12))]), ("gray", 0, [])):
        flat = zlib.compress(bytes(4 * 5))
        yield f"flat-part-{name}", png(header(8, 8, 8, colour), *more, chunk(b"acTL", struct.pack(">II", 2, 0)),
                                       control(0, 4, 4, 1, 1), chunk(b"IDAT", flat))


# --- rows --------------------------------------------------------------------------------


def wide():
    """Yield files with rows that do not fit into the window of the inflater."""
    for name, colour, bits, width, height in (("gray", 0, 8, 300_000, 2), ("rgba16", 6, 64, 40_000, 2),
                                              ("rgba16-more", 6, 64, 32_753, 3)):
        size = (width * bits + 7) // 8
        depth = 16 if bits == 64 else 8
        data = b"".join(bytes((y % 5, y + 1, y)) + bytes(size - 2) for y in range(height))
        noisy = b"\1" + random.Random(3).randbytes(size) + data[size + 1:]
        for kind, text in (("", data), ("-noise", noisy), ("-filter", b"\7" + data[1:]), ("-cut", data[:size + 20])):
            yield f"wide-{name}{kind}", png(header(width, height, depth, colour), *idat(text, 3))
        whole = png(header(width, height, depth, colour), *idat(noisy, 2))
        yield f"wide-{name}-half", whole[:len(whole) // 2]
    yield "wide-interlaced", png(header(300_000, 8, 8, 0, 1), *idat(b"\0\7" + bytes(4_000_000), 2))
    # a piece of the stream that ends exactly when the window is full
    packed = zlib.compress(b"\0" + random.Random(5).randbytes(128) + bytes(300_000 - 128))
    piece = next(i for i in range(len(packed)) if len(zlib.decompressobj().decompress(packed[:i])) == 262_000)
    yield "wide-exact", png(header(300_000, 1, 8, 0), chunk(b"IDAT", packed[:piece]), chunk(b"IDAT", packed[piece:]))


def streams():
    """Yield files whose stream ends before, at or after the end of the rows."""
    data = rows()
    packed = zlib.compress(data)
    for at, tail in enumerate((b"", b"x", bytes(70000), packed)):
        yield f"tail-{at}", png(RGB, chunk(b"IDAT", packed + tail))
        yield f"tail-{at}-chunk", png(RGB, chunk(b"IDAT", packed), chunk(b"IDAT", tail))
    for at, cut in enumerate(range(1, 8)):
        yield f"short-{at}", png(RGB, chunk(b"IDAT", packed[:-cut]))
        yield f"short-{at}-more", png(RGB, chunk(b"IDAT", packed[:-cut]), chunk(b"IDAT", packed[-cut:]))
    more = zlib.compress(data + bytes(3_000_000))
    yield "more-rows", png(RGB, chunk(b"IDAT", more))
    yield "more-rows-noise", png(RGB, chunk(b"IDAT", zlib.compress(data + random.Random(4).randbytes(2_500_000), 1)))
    yield "more-rows-wrong", png(RGB, chunk(b"IDAT", more[:-1] + b"\0"))
    for at, packer in enumerate((zlib.compressobj(9, zlib.DEFLATED, 9), zlib.compressobj(6, zlib.DEFLATED, 12),
                                 zlib.compressobj(0), zlib.compressobj(6, zlib.DEFLATED, -15),
                                 zlib.compressobj(6, zlib.DEFLATED, 31), zlib.compressobj(6, strategy=zlib.Z_FIXED))):
        yield f"packer-{at}", png(RGB, chunk(b"IDAT", packer.compress(data) + packer.flush()))
    for name, bits in (("codes", "1" "01" "00000" "00000" "1111"),
                       ("overrun", "0" "10" "00110000" "11000101" "00000" "0000000" "1" "10" "0000000")):
        body = int(bits[::-1], 2).to_bytes(-(-len(bits) // 8), "little")
        yield f"{name}-cut", png(RGB, chunk(b"IDAT", b"\x78\x9c" + body + bytes(4)))
    one_by_one = [chunk(b"IDAT", packed[i:i + 1]) for i in range(len(packed))]
    yield "one-by-one", png(RGB, *one_by_one)
    yield "empty-first", png(RGB, chunk(b"IDAT", b""), chunk(b"IDAT", packed))
    yield "dictionary", png(RGB, chunk(b"IDAT", with_dictionary(data)))
    for kind in range(5):
        flat = filtered([bytes((9, 8, 7)) * 8] * 8, 3, Always(kind))
        yield f"flat-filter-{kind}", png(RGB, *idat(flat))
        bent = flat[:25 * 3 + 1] + bytes((flat[25 * 3 + 1] + 1 & 255,)) + flat[25 * 3 + 2:]
        yield f"flat-filter-{kind}-bent", png(RGB, *idat(bent))
        yield f"flat-filter-{kind}-zeros", png(RGB, *idat(b"".join(bytes((kind, 5 if y == 0 else 0)) + bytes(23)
                                                               for y in range(8))))
        yield f"flat-filter-{kind}-first", png(RGB, *idat(b"".join(bytes((kind, 5, 6, 7)) + bytes(21)
                                                               for _ in range(8))))


class Always:
    """Replaces a random generator, and always makes the same choice."""

    def __init__(self, kind):
        self.kind = kind

    def choice(self, _):
        return self.kind


def with_dictionary(data):
    packer = zlib.compressobj(zdict=b"abcdefgh")
    return packer.compress(data) + packer.flush()


def seeds():
    kinds = (("text", texts), ("palette", palettes), ("animation", animations), ("wide", wide), ("stream", streams))
    return [(f"rare-png-{kind}-{name}", data) for kind, make in kinds for name, data in make()]
