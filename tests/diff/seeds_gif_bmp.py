"""Small GIF and BMP pictures of every kind, made with Pillow and by hand."""

import random
import struct

from PIL import Image

from image_seeds import encode, noise

# --- GIF: blocks, and codes of our choice ------------------------------------------------


def sub_blocks(data, size=255):
    """Split data into blocks preceded by their lengths, and add the empty block."""
    blocks = [data[i : i + size] for i in range(0, len(data), size)]
    return b"".join(bytes((len(block),)) + block for block in blocks) + b"\0"


def lzw(pixels, bits, end=True, limit=4096):
    """Encode pixels below 2 ** bits; the table is cleared when it has limit codes."""
    clear = 1 << bits
    out, filled, width = 0, 0, bits + 1
    table, string = {}, b""

    def put(code):
        nonlocal out, filled
        out |= code << filled
        filled += width

    put(clear)
    following = clear + 2
    for pixel in pixels:
        longer = string + bytes((pixel,))
        if len(longer) == 1 or longer in table:
            string = longer
            continue
        put(table[string] if len(string) > 1 else string[0])
        if following < limit:
            table[longer] = following
            if following == 1 << width and width < 12:
                width += 1
            following += 1
        elif limit < 4096:
            put(clear)
            table, following, width = {}, clear + 2, bits + 1
        string = bytes((pixel,))
    if string:
        put(table[string] if len(string) > 1 else string[0])
    if end:
        if following == 1 << width and width < 12:
            width += 1
        put(clear + 1)
    return out.to_bytes((filled + 7) // 8, "little")


def ramp(bits):
    return bytes(i for i in range(1 << bits) for _ in range(3))


def colours(bits, seed):
    return random.Random(seed).randbytes(3 << bits)


def screen(width, height, table=b"", background=0, version=b"GIF89a"):
    flags = 0x80 | ((len(table) // 3).bit_length() - 2) if table else 0
    return version + struct.pack("<HHBBB", width, height, flags, background, 0) + table


def frame(pixels, box, bits, table=b"", interlaced=False, size=255, end=True, limit=4096):
    flags = 0x80 | ((len(table) // 3).bit_length() - 2) if table else 0
    return b"," + struct.pack("<HHHHB", *box, flags | 0x40 * interlaced) + table + \
        bytes((bits,)) + sub_blocks(lzw(pixels, bits, end, limit), size)


def control(disposal=0, transparent=None):
    flags = disposal << 2 | (transparent is not None)
    return b"!\xf9\x04" + struct.pack("<BHBB", flags, 10, transparent or 0, 0)


def extension(label, *blocks):
    return b"!" + bytes((label,)) + b"".join(bytes((len(b),)) + b for b in blocks) + b"\0"


LOOP = extension(0xFF, b"NETSCAPE2.0", b"\1\0\0")


def pixels(count, bits, seed):
    rng = random.Random(seed)
    return bytes(rng.randrange(1 << bits) if rng.random() < 0.5 else seed % (1 << bits)
                 for _ in range(count))


def gif_seeds():
    rgb = noise("RGB", (67, 45), 41)
    yield "pillow", encode(rgb, "GIF")
    yield "pillow-gray", encode(noise("L", (50, 40), 42), "GIF", interlace=0)
    yield "pillow-large", encode(noise("RGB", (400, 300), 43), "GIF")
    frames = [noise("RGB", (40, 30), 44 + i).quantize(30) for i in range(4)]
    yield "animated", encode(frames[0], "GIF", save_all=True, append_images=frames[1:],
                             loop=0, disposal=2, comment=b"hello")
    yield "animated-large", encode(
        noise("RGB", (300, 200), 48), "GIF", save_all=True,
        append_images=[noise("RGB", (300, 200), 49 + i) for i in range(3)], disposal=3)
    for bits in (2, 4, 8):
        for interlaced in (False, True):
            yield f"bits-{bits}-{interlaced:d}", screen(31, 23, colours(bits, bits)) + \
                frame(pixels(31 * 23, bits, bits), (0, 0, 31, 23), bits,
                      interlaced=interlaced) + b";"
    for bits in (1, 3, 9, 11):
        few = min(bits, 8)
        yield f"odd-bits-{bits}", screen(20, 20, colours(few, 50)) + \
            frame(pixels(400, few, 51), (0, 0, 20, 20), bits) + b";"
    yield "local", screen(20, 20, colours(4, 52)) + \
        frame(pixels(400, 3, 53), (0, 0, 20, 20), 3, colours(3, 54)) + b";"
    yield "local-gray", screen(20, 20, colours(4, 55)) + \
        frame(pixels(400, 3, 56), (0, 0, 20, 20), 3, ramp(3)) + b";"
    yield "no-table", screen(20, 20) + \
        frame(pixels(400, 5, 57), (0, 0, 20, 20), 5) + b";"
    yield "gray-table", screen(20, 20, ramp(5), version=b"GIF87a") + \
        frame(pixels(400, 5, 58), (0, 0, 20, 20), 5) + b";"
    yield "part", screen(30, 30, colours(3, 59)) + control(1, 5) + \
        frame(pixels(100, 3, 60), (7, 9, 10, 10), 3, interlaced=True) + b";"
    yield "grows", screen(5, 5, colours(3, 61), 9) + control(2) + \
        frame(pixels(100, 3, 62), (7, 9, 10, 10), 3) + b";"
    yield "flat", screen(30, 20, colours(3, 63)) + \
        frame(b"\5" * 600, (0, 0, 30, 20), 3) + b";"
    yield "flat-two-indices", screen(30, 20, b"\7\x08\x09" * 4 + b"\1\2\3" * 4) + \
        frame(b"\1\2\2\3" * 150, (0, 0, 30, 20), 3) + b";"
    yield "flat-part", screen(30, 20, colours(3, 64)) + control(0, 5) + \
        frame(b"\5" * 200, (0, 0, 20, 10), 3) + b";"
    yield "flat-part-black", screen(30, 20, colours(3, 65)) + \
        frame(b"\0" * 200, (0, 0, 20, 10), 3) + b";"
    yield "nearly-flat", screen(30, 20, colours(3, 66)) + \
        frame(b"\5" * 599 + b"\4", (0, 0, 30, 20), 3) + b";"
    yield "long-code-at-end", screen(30, 20, colours(3, 67)) + \
        frame(b"\5" * 600 + b"\4\5\5\5", (0, 0, 30, 20), 3) + b";"
    yield "small-blocks", screen(20, 20, colours(3, 68)) + LOOP + \
        frame(pixels(400, 3, 69), (0, 0, 20, 20), 3, size=7) + b";"
    yield "full-table", screen(200, 150, colours(8, 70)) + \
        frame(pixels(30000, 8, 71), (0, 0, 200, 150), 8) + b";"
    yield "cleared-often", screen(60, 50, colours(8, 72)) + \
        frame(pixels(3000, 8, 73), (0, 0, 60, 50), 8, limit=600) + b";"
    yield "no-end-code", screen(20, 20, colours(3, 74)) + \
        frame(pixels(400, 3, 75), (0, 0, 20, 20), 3, end=False) + b";"
    yield "early-end-code", screen(20, 20, colours(3, 76)) + \
        frame(pixels(300, 3, 77), (0, 0, 20, 20), 3) + \
        frame(pixels(400, 3, 78), (0, 0, 20, 20), 3) + b"\0" * 140000
    yield "extensions", screen(20, 20, colours(3, 79)) + extension(0xFE, b"one", b"two") + \
        extension(0x01, b"plain text....", b"abc") + LOOP + control(3, 2) + \
        frame(pixels(400, 3, 80), (0, 0, 20, 20), 3) + extension(0xFE, b"late") + \
        control() + frame(pixels(64, 3, 81), (2, 2, 8, 8), 3) + b";junk"
    yield "without-width", screen(20, 20, colours(3, 82)) + \
        frame(pixels(400, 3, 83), (0, 3, 0, 5), 3) + b";"


# --- BMP: a file header, a header of some version, a palette, rows or runs ---------------


def bmp_header(size, width, height, bits, compression=0, count=0, masks=(), data_size=0):
    if size == 12:
        return struct.pack("<IHHHH", 12, width, height, 1, bits)
    head = struct.pack("<IiiHHIIiiII", size, width, height, 1, bits, compression, data_size,
                       2835, 2835, count, 0)
    head += b"".join(struct.pack("<I", mask) for mask in masks)
    return head.ljust(size, b"\0")


def bmp(header, palette, data, gap=b"", tail=b"", offset=None):
    at = 14 + len(header) + len(palette) + len(gap)
    body = header + palette + gap + data + tail
    return b"BM" + struct.pack("<IHHI", 14 + len(body), 0, 0,
                               at if offset is None else offset) + body


def rows(width, height, bits, seed):
    size = (width * bits + 31) // 32 * 4
    return random.Random(seed).randbytes(size * abs(height))


def bmp_palette(count, size, seed):
    return random.Random(seed).randbytes(count * size)


def gray_palette(values, size=4):
    return b"".join(bytes((value & 255,)) * 3 + b"\0" * (size - 3) for value in values)


def rle8(width, height, seed):
    """Make runs, single pixels and jumps; every row has its end code."""
    rng = random.Random(seed)
    out = b""
    for _ in range(height):
        left = width
        while left > 0:
            size = rng.randrange(1, min(left, 40) + 1)
            if rng.random() < 0.5 and size >= 3:
                out += bytes((0, size)) + rng.randbytes(size) + b"\0" * (size & 1)
            else:
                out += bytes((size, rng.randrange(256)))
            left -= size
        out += b"\0\0"
    return out + b"\0\1"


def rle4(width, height, seed):
    rng = random.Random(seed)
    out = b""
    for _ in range(height):
        left = width
        while left > 0:
            size = rng.randrange(1, min(left, 40) + 1)
            if rng.random() < 0.5 and size % 4 == 0:
                out += bytes((0, size)) + rng.randbytes(size // 2)
            else:
                out += bytes((size, rng.randrange(256)))
            left -= size
        out += b"\0\0"
    return out + b"\0\1"


MASKS = (
    (16, (0xF800, 0x7E0, 0x1F, 0)),
    (16, (0x7C00, 0x3E0, 0x1F, 0)),
    (24, (0xFF0000, 0xFF00, 0xFF, 0)),
    (32, (0xFF0000, 0xFF00, 0xFF, 0)),
    (32, (0xFF000000, 0xFF0000, 0xFF00, 0)),
    (32, (0xFF000000, 0xFF0000, 0xFF00, 0xFF)),
    (32, (0xFF, 0xFF00, 0xFF0000, 0xFF000000)),
    (32, (0xFF0000, 0xFF00, 0xFF, 0xFF000000)),
    (32, (0, 0, 0, 0)),
    (16, (0xF00, 0xF0, 0xF, 0)),
)


def bmp_parts():
    """Yield (name, header, palette, data) of every kind."""
    for size in (12, 40, 64, 108, 124):
        for bits in (1, 4, 8, 16, 24, 32):
            colour = 3 if size == 12 else 4
            palette = bmp_palette(1 << bits, colour, bits) if bits <= 8 else b""
            yield f"{size}-{bits}", bmp_header(size, 21, 17, bits), palette, \
                rows(21, 17, bits, size)
    yield "top-down", bmp_header(40, 21, -17, 24), b"", rows(21, 17, 24, 90)
    for number, (bits, masks) in enumerate(MASKS):
        for size in (40, 108):
            after = b"".join(struct.pack("<I", mask) for mask in masks[:3])
            yield f"masks-{number}-{size}", \
                bmp_header(size, 19, 13, bits, 3, 0, () if size == 40 else masks), \
                after if size == 40 else b"", rows(19, 13, bits, number)
    yield "few-colours", bmp_header(40, 20, 20, 8, 0, 5), bmp_palette(5, 4, 91), \
        rows(20, 20, 8, 91)
    yield "gray", bmp_header(40, 20, 20, 8, 0, 0), gray_palette(range(256)), \
        rows(20, 20, 8, 92)
    yield "gray-300", bmp_header(40, 20, 20, 8, 0, 300), gray_palette(range(300)), \
        rows(20, 20, 8, 92)
    yield "many-colours", bmp_header(40, 20, 20, 8, 0, 300), bmp_palette(300, 4, 93), \
        rows(20, 20, 8, 93)
    yield "black-white", bmp_header(40, 29, 20, 1), gray_palette((0, 255)), \
        rows(29, 20, 1, 94)
    yield "black-white-8", bmp_header(40, 29, 20, 8, 0, 2), gray_palette((0, 255)), \
        rows(29, 20, 8, 95)
    yield "gray-4", bmp_header(40, 29, 20, 4), gray_palette(range(16)), rows(29, 20, 4, 96)
    yield "gray-1", bmp_header(40, 4, 20, 1, 0, 1), gray_palette((0,)), rows(4, 20, 1, 97)
    yield "gray-1-wide", bmp_header(40, 29, 20, 1, 0, 1), gray_palette((0,)), \
        rows(29, 20, 1, 97)
    yield "flat-24", bmp_header(40, 21, 17, 24), b"", b"\7\x08\x09" * 21 * 17 + b"\0" * 17
    yield "flat-32", bmp_header(40, 21, 17, 32), b"", b"\7\x08\x09\1\7\x08\x09\2" * 179
    yield "flat-16", bmp_header(40, 22, 17, 16), b"", b"\7\x08\7\x88" * 11 * 17
    yield "flat-8", bmp_header(40, 20, 10, 8, 0, 4), b"\1\2\3\4\1\2\3\5" * 2, \
        b"\0\1\2\3" * 50
    yield "flat-4", bmp_header(40, 16, 10, 4, 0, 4), b"\1\2\3\4" * 3 + b"\0\0\0\0", \
        b"\x01\x20" * 40
    yield "flat-1", bmp_header(40, 16, 10, 1), gray_palette((0, 255)), b"\xff\xff\0\0" * 10
    palette = bmp_palette(256, 4, 98)
    for size in (40, 108):
        yield f"rle8-{size}", bmp_header(size, 33, 21, 8, 1), palette, rle8(33, 21, size)
        yield f"rle4-{size}", bmp_header(size, 33, 21, 4, 2), palette[:64], \
            rle4(33, 21, size)
    yield "rle8-gray", bmp_header(40, 33, 21, 8, 1), gray_palette(range(256)), \
        rle8(33, 21, 99)
    yield "rle8-top-down", bmp_header(40, 33, -21, 8, 1), palette, rle8(33, 21, 100)
    yield "rle8-flat", bmp_header(40, 30, 9, 8, 1), palette, b"\x1e\7\0\0" * 9
    yield "rle4-flat", bmp_header(40, 30, 9, 4, 2), palette[:64], b"\x1e\x77\0\0" * 9
    yield "rle8-jumps", bmp_header(40, 30, 9, 8, 1), palette, \
        b"\5\7\0\2\0\2\4\1\6\5\0\0\0\2\0\2\0\3\x1e\7\0\0" + b"\x1e\7\0\0" * 4
    yield "rle8-24", bmp_header(40, 33, 21, 24, 1), b"", rle8(33, 21, 101)


def bmp_seeds():
    for mode in ("1", "L", "P", "RGB", "RGBA"):
        picture = noise("L" if mode in "1P" else mode, (45, 31), 102).convert(mode)
        yield f"pillow-{mode}", encode(picture, "BMP")
        yield f"pillow-dib-{mode}", encode(picture, "DIB")
    yield "pillow-large", encode(noise("RGB", (300, 250), 103), "BMP")
    yield "pillow-flat", encode(Image.new("RGB", (31, 21), "white"), "BMP")
    for name, header, palette, data in bmp_parts():
        yield name, bmp(header, palette, data)
        yield f"dib-{name}", header + palette + data
    header = bmp_header(40, 21, 17, 8)
    palette = bmp_palette(256, 4, 104)
    data = rows(21, 17, 8, 104)
    yield "no-offset", bmp(header, palette, data, offset=0)
    yield "offset-at-palette", bmp(header, palette, data, offset=54)
    yield "gap-and-tail", bmp(header, palette, data, b"gap", b"tail" * 5)
    yield "last-padding-missing", bmp(header, palette, data[:-3])


def seeds():
    return [(f"gif-{name}", data) for name, data in gif_seeds()] + \
        [(f"bmp-{name}", data) for name, data in bmp_seeds()]
