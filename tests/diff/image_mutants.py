"""Damage pictures, at random and where it hurts their formats. The same random state gives the
same mutant."""

import struct
import zlib

import mutants_jpeg
from image_seeds import PNG_SIGNATURE, blank_png, chunk, part_frame, png_kinds


def cut(data, rng):
    return data[: rng.randrange(1, len(data) + 1)]


def cut_end(data, rng):
    return data[: max(1, len(data) - rng.randrange(1, 40))]


def flip(data, rng):
    out = bytearray(data)
    for _ in range(rng.choice((1, 1, 1, 2, 5, 20))):
        out[rng.randrange(len(out))] ^= 1 << rng.randrange(8)
    return bytes(out)


def flip_early(data, rng):
    out = bytearray(data)
    out[rng.randrange(min(len(out), 700))] = rng.choice((0, 1, 255, rng.randrange(256)))
    return bytes(out)


def zero_run(data, rng):
    at = rng.randrange(len(data))
    size = min(len(data) - at, rng.randrange(1, 200))
    return data[:at] + bytes([rng.choice((0, 0, 255))]) * size + data[at + size :]


def insert(data, rng):
    at = rng.randrange(len(data) + 1)
    extra = bytes(rng.randrange(256) for _ in range(rng.randrange(1, 30)))
    return data[:at] + extra + data[at:]


def remove(data, rng):
    at = rng.randrange(len(data))
    return data[:at] + data[at + rng.randrange(1, 60) :]


def trail(data, rng):
    tail = rng.choice((b"\0" * 70000, b"\xff\xd9", b"\xff" * 9, data, b"junk" * 5,
                       b"\xff\xc0\x00\x02", b"\xff\xc8", b"\x00\x00\x00\x05tEXtabc"))
    return data + tail


def swap(data, rng):
    at = rng.randrange(len(data))
    size = rng.randrange(1, 40)
    return data[:at] + data[at + size : at + 2 * size] + data[at : at + size] + \
        data[at + 2 * size :]


BLIND = (cut, cut_end, flip, flip, flip_early, zero_run, insert, remove, trail, swap)


# --- parts: a JPEG's segments, a PNG's chunks -----------------------------------------


def jpeg_parts(data):
    """Split into the marker segments before the first scan, and the rest."""
    parts = []
    at = 2
    while at + 4 <= len(data) and data[at] == 0xFF and data[at + 1] != 0xDA:
        end = at + 2 + struct.unpack(">H", data[at + 2 : at + 4])[0]
        parts.append(data[at:end])
        at = end
    return data[:2], parts, data[at:]


def png_parts(data):
    parts = []
    at = len(PNG_SIGNATURE)
    while at + 12 <= len(data):
        end = at + 12 + struct.unpack(">I", data[at : at + 4])[0]
        parts.append(data[at:end])
        at = end
    return data[:8], parts, data[at:]


def segment(marker, data):
    return bytes((0xFF, marker)) + struct.pack(">H", len(data) + 2) + data


def tiff(rng, tags):
    """Make a TIFF directory with random types and counts for these tags."""
    order = rng.choice("<>")
    head = rng.choice((b"II\x2a\0", b"II\x2a\0", b"II\x2b\0", b"II\0\x2a")) \
        if order == "<" else rng.choice((b"MM\0\x2a", b"MM\0\x2a", b"MM\x2a\0", b"MM\0\x2b"))
    chosen = [tag for tag in tags if rng.random() < 0.8]
    out = struct.pack(order + "H", rng.choice((len(chosen),) * 4 + (len(chosen) + 3,)))
    tail = 8 + 2 + 12 * len(chosen) + 4
    for tag in chosen:
        kind = rng.choice((1, 2, 3, 3, 3, 4, 4, 5, 6, 7, 7, 8, 9, 10, 11, 12, 13, 14, 16))
        count = rng.choice((0, 1, 1, 1, 2, 4, 5, 16, 32, 33, 70000))
        value = rng.choice((struct.pack(order + "HH", rng.randrange(10), 0),
                            struct.pack(order + "I", rng.choice((1, 2, 3, 6, tail, 10**9))),
                            bytes((rng.choice((48, 0, 3)), 0, 0, 0)),
                            struct.pack(order + "I", tail)))
        out += struct.pack(order + "HHI", tag, kind, count) + value
    out = head + struct.pack(order + "I", rng.choice((8, 8, 8, 8, 8, 9, 500))) + out + \
        b"\0\0\0\0"
    out += bytes(rng.choice((0, 0, 1, 49, rng.randrange(256)))
                 for _ in range(rng.choice((0, 8, 64))))
    return out if rng.random() < 0.85 else out[: rng.randrange(len(out))]


def photoshop(rng):
    out = b"Photoshop 3.0\0"
    for _ in range(rng.randrange(1, 4)):
        body = bytes(rng.randrange(20))
        out += b"8BIM" + rng.choice((b"\x03\xed", b"\x04\x04")) + \
            rng.choice((b"\0\0", b"\x03abc", b"\xf0a")) + \
            struct.pack(">I", rng.choice((len(body),) * 4 + (99999,))) + body
        out += b"\0" * (len(body) & 1)
    return out if rng.random() < 0.5 else out[: rng.randrange(14, len(out))]


def jpeg_segment(rng):
    kind = rng.randrange(12)
    if kind == 0:
        jfif = b"JFIF\0\x01\x02" + bytes((rng.randrange(3),)) + b"\0H\0H\0\0"
        return segment(0xE0, jfif[: rng.choice((5, 6, 7, 8, 11, 14))])
    if kind in (1, 2, 3):
        tags = (0x0112, 0x011A, 0x0128, 0x0112)
        return segment(0xE1, rng.choice((b"Exif\0\0",) * 5 + (b"Exif\0",)) + tiff(rng, tags))
    if kind == 4:
        return segment(0xED, photoshop(rng))
    if kind == 5:
        icc = b"ICC_PROFILE\0" + bytes((rng.randrange(3), rng.randrange(3))) + b"abc"
        return segment(0xE2, icc[: rng.choice((12, 13, 14, 17))])
    if kind == 6:
        return segment(0xEE, (b"Adobe\0d\0\0\0\0" + bytes((rng.randrange(4),)))
                       [: rng.choice((5, 6, 7, 10, 12, 12))])
    if kind in (7, 8):
        entries = b"".join(struct.pack("<LLLHH", rng.choice((0, 0, 0x030000, 1 << 24)), 9, 9,
                                       0, 0) for _ in range(rng.randrange(4)))
        if rng.random() < 0.4:
            return segment(0xE2, b"MPF\0" + tiff(rng, (0xB001, 0xB002)))
        body = struct.pack("<HHHII", 2, 0xB001, rng.choice((3, 4, 4, 9)), 1,
                           rng.choice((0, 1, 2, 3, 2**32 - 1)))
        body += struct.pack("<HHII", 0xB002, rng.choice((7, 7, 7, 1, 2)), len(entries), 38)
        return segment(0xE2, b"MPF\0II\x2a\0\x08\0\0\0" + body + b"\0\0\0\0" + entries)
    if kind == 9:
        return segment(0xDB, bytes((rng.choice((0, 1, 16, 3)),)) +
                       bytes(range(1, rng.choice((64, 65, 65, 129)))))
    if kind == 10:
        marker = rng.choice((0xC3, 0xC5, 0xC8, 0xCC, 0xDC, 0xDD, 0xDE, 0xDF, 0xF0, 0xFE,
                             0x01, 0x02, 0xD0, 0xD8, 0xD9))
        body = bytes((8, 0, 9, 0, 9, rng.choice((1, 3)), 1, 0x11, 0))
        return segment(marker, body[: rng.randrange(len(body) + 1)])
    return rng.choice((b"\xff" * 5, b"\0\0abc", b"\xff\x00", b"\xff\xd9", b"\xff\xfe\0\0",
                       b"\xff\xfe\0\x01", b"\xff\xe1\0\x02"))


def text_chunk(rng):
    key = rng.choice((b"Comment", b"", b"interlace", b"bbox", b"transparency", b"exif",
                      b"default_image", b"XML:com.adobe.xmp", b"Raw profile type exif",
                      b"disposal", b"k" * 90))
    value = rng.choice((b"", b"hello", b'x tiff:Orientation="6"', b"<tiff:Orientation>3<",
                        b"\nexif\n 20\n" + (b"Exif\0\0" + tiff(rng, (0x112,))).hex().encode(),
                        b"\xff\xfe", b"Exif\0\0" + tiff(rng, (0x112,)), b"0" * 2000000))
    packed = zlib.compress(value)
    if rng.random() < 0.3:
        packed = packed[: rng.randrange(len(packed) + 1)]
    kind = rng.randrange(4)
    if kind == 0:
        return chunk(b"tEXt", key + rng.choice((b"\0", b"")) + value)
    if kind == 1:
        return chunk(b"zTXt", key + b"\0" + rng.choice((b"\0", b"\0", b"\1", b"")) + packed)
    if kind == 2:
        return chunk(b"iTXt", key + b"\0" + rng.choice((b"\0\0", b"\1\0", b"\1\1", b"\0")) +
                     b"en\0" + rng.choice((b"k\0", b"\xe9\0", b"")) +
                     rng.choice((value, packed)))
    return chunk(b"iCCP", rng.choice((b"name\0\0", b"name\0\1", b"name", b"")) + packed)


def png_chunk(rng):
    kind = rng.randrange(10)
    if kind < 4:
        return text_chunk(rng)
    size = rng.choice((0, 1, 2, 3, 4, 5, 6, 8, 9, 12, 13, 26, 32, 770, 771, 800))
    body = bytes(rng.choice((0, 0, 1, 2, 8, 255)) for _ in range(size))
    if kind == 4:
        return chunk(b"eXIf", rng.choice((b"", b"Exif\0\0")) + tiff(rng, (0x112,)))
    if kind == 5:
        head = struct.pack(">IIBBBBB", rng.randrange(60), rng.randrange(60),
                           rng.choice((1, 8, 8, 16, 3)), rng.choice((0, 2, 3, 4, 6, 5)),
                           rng.choice((0, 0, 9)), rng.choice((0, 0, 0, 1)), rng.randrange(2))
        return chunk(b"IHDR", head[: rng.choice((13, 13, 13, 12))])
    if kind == 6:
        frame = struct.pack(">IIIIIHHBB", rng.randrange(3), rng.randrange(0, 40),
                            rng.randrange(0, 30), rng.randrange(3), rng.randrange(3), 1, 1,
                            rng.randrange(3), 0)
        return chunk(b"fcTL", frame[: rng.choice((26, 26, 25))])
    if kind == 7:
        return rng.choice((chunk(b"acTL", struct.pack(">II", rng.randrange(3), 0)),
                           chunk(b"fdAT", struct.pack(">I", rng.randrange(4)) + b"xyz"),
                           chunk(b"IDAT", b""), chunk(b"IDAT", body), chunk(b"IEND", b""),
                           chunk(b"DDAT", body), chunk(b"fdAT", b"abc")))
    if kind == 8:
        return chunk(b"tRNS", rng.choice((body, b"\xff\xff\0\xff", b"\xff\0\n", b"\0\0")))
    return chunk(rng.choice((b"PLTE", b"gAMA", b"cHRM", b"sRGB", b"pHYs", b"tIME", b"bKGD",
                             b"ABCD", b"ab_1", b"a\x00bc")), body)


def mutate_parts(data, rng):
    """Drop, double, reorder or add segments or chunks, or falsify a length."""
    is_png = data.startswith(PNG_SIGNATURE)
    head, parts, tail = (png_parts if is_png else jpeg_parts)(data)
    if not parts:
        return flip(data, rng)
    at = rng.randrange(len(parts))
    action = rng.randrange(9)
    if action == 0:
        del parts[at]
    elif action == 1:
        parts.insert(at, parts[at])
    elif action == 2:
        parts.insert(rng.randrange(len(parts)), parts.pop(at))
    elif action == 3:
        offset = 0 if is_png else 2
        size = 4 if is_png else 2
        part = bytearray(parts[at])
        length = int.from_bytes(part[offset : offset + size], "big")
        length = rng.choice((0, 1, 2, 3, length - 1, length + 1, length + 4, 65535))
        length = max(0, length) % 256**size
        part[offset : offset + size] = length.to_bytes(size, "big")
        parts[at] = bytes(part)
    elif action == 4 and is_png:
        body = bytearray(parts[at][8:-4])
        if body:
            body[rng.randrange(len(body))] ^= 1 << rng.randrange(8)
        parts[at] = chunk(parts[at][4:8], bytes(body[: rng.choice((len(body), 13, 3, 0))]))
    else:
        added = png_chunk(rng) if is_png else jpeg_segment(rng)
        at = rng.randrange(len(parts) + 1)
        parts.insert(at, added)
    return head + b"".join(parts) + tail


def compress(rows, rng):
    """Compress with any kind of codes."""
    strategy = rng.choice((zlib.Z_DEFAULT_STRATEGY, zlib.Z_FILTERED, zlib.Z_HUFFMAN_ONLY,
                           zlib.Z_RLE, zlib.Z_FIXED))
    packer = zlib.compressobj(rng.choice((0, 1, 6, 9)), zlib.DEFLATED,
                              rng.choice((9, 12, 15)), rng.choice((1, 8, 9)), strategy)
    at = rng.randrange(len(rows) + 1)
    return packer.compress(rows[:at]) + packer.flush(rng.choice(
        (zlib.Z_NO_FLUSH, zlib.Z_SYNC_FLUSH, zlib.Z_FULL_FLUSH))) + \
        packer.compress(rows[at:]) + packer.flush()


def spoil_codes(packed, rng):
    """Change bits of a stream, and set the checksum of its new contents."""
    for _ in range(rng.choice((1, 1, 2))):
        packed[2 + rng.randrange(min(len(packed) - 2, 60))] ^= 1 << rng.randrange(8)
    unpacker = zlib.decompressobj(-15)
    try:
        rows = unpacker.decompress(bytes(packed[2:-4]), 1 << 20)
    except zlib.error:
        return
    packed[-4:] = struct.pack(">I", zlib.adler32(rows))


def change_header(data, rng):
    """Change the kind or the size of the picture, but not its pixels; fix the checksum."""
    head, parts, tail = png_parts(data)
    if not parts or parts[0][4:8] != b"IHDR" or len(parts[0]) != 25:
        return flip(data, rng)
    fields = list(struct.unpack(">IIBBBBB", parts[0][8:21]))
    at = rng.choice((0, 1, 2, 3, 6, 6))
    fields[at] = {0: (fields[0] + rng.choice((-1, 1))) & 0xFFFFFFFF,
                  1: (fields[1] + rng.choice((-1, 1))) & 0xFFFFFFFF,
                  2: rng.choice((1, 2, 4, 8, 16)), 3: rng.choice((0, 2, 3, 4, 6)),
                  6: 1 - (fields[6] & 1)}[at]
    parts[0] = chunk(b"IHDR", struct.pack(">IIBBBBB", *fields))
    if rng.random() < 0.3:
        parts.insert(1, chunk(b"PLTE", bytes(rng.randrange(256) for _ in range(
            rng.choice((0, 1, 3, 5, 9, 48, 768, 771))))))
    return head + b"".join(parts) + tail


def another_blank(_, rng):
    """Return no damaged picture, but one that has a single colour, or nearly."""
    if rng.random() < 0.05:
        return part_frame(rng)
    return blank_png(*rng.choice(list(png_kinds())), rng.randrange(2), rng)


def recompress(data, rng):
    """Damage a PNG's inflated pixels, or its stream, and fix all checksums."""
    head, parts, tail = png_parts(data)
    pixels = b"".join(p[8:-4] for p in parts if p[4:8] == b"IDAT")
    try:
        rows = bytearray(zlib.decompress(pixels))
    except zlib.error:
        return flip(data, rng)
    if not rows:
        return flip(data, rng)
    action = rng.randrange(9)
    if action == 0:
        rows = rows[: rng.randrange(len(rows) + 1)]
    elif action == 1:
        rows += bytes(rng.choice((1, 100, 70000)))
    elif action == 2:
        rows[0] = rng.randrange(7)
    elif action >= 7:
        for _ in range(rng.choice((1, 1, 3))):
            rows[rng.randrange(len(rows))] = rng.choice((0, 1, 4, 5, 255))
    packed = bytearray(compress(bytes(rows), rng))
    if action == 3:
        packed = packed[:-rng.randrange(1, 6)]
    elif action == 4:
        packed[-1 - rng.randrange(4)] ^= 1
    elif action == 5:
        packed += b"trailing" * rng.choice((1, 9000))
    elif action == 6:
        spoil_codes(packed, rng)
    step = rng.choice((len(packed), len(packed) - 4, len(packed) // 2 + 1, 100, 7))
    step = max(1, step)
    new = [chunk(b"IDAT", bytes(packed[i : i + step])) for i in range(0, len(packed), step)]
    if rng.random() < 0.2:
        new.insert(rng.randrange(len(new) + 1), chunk(b"IDAT", b""))
    if rng.random() < 0.1:  # a wrong checksum
        at = rng.randrange(len(new))
        new[at] = new[at][:-1] + bytes((new[at][-1] ^ 1,))
    first = next((i for i, p in enumerate(parts) if p[4:8] == b"IDAT"), 0)
    parts = [p for p in parts[:first]] + new + \
        [p for p in parts[first:] if p[4:8] != b"IDAT"]
    return head + b"".join(parts) + tail


# How each format is damaged where it hurts: (test for the format, damage).
STRUCTURED = [
    (lambda data: data.startswith(PNG_SIGNATURE),
     lambda data, rng: rng.choice((recompress,) * 4 + (mutate_parts,) * 4 +
                                  (change_header, another_blank))(data, rng)),
    (lambda data: data.startswith(b"\xff\xd8"),
     lambda data, rng: (mutate_parts if rng.random() < 0.3 else mutants_jpeg.damage)(data, rng)),
]


def mutate(data, rng):
    """Damage a file in one to three ways."""
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        if not data:
            return b"\xff"
        structured = next((damage for matches, damage in STRUCTURED if matches(data)), None)
        if rng.random() < 0.5 or not structured:
            data = rng.choice(BLIND)(data, rng)
        else:
            data = structured(data, rng)
    return data
