"""Damage GIF and BMP pictures where it hurts their formats."""

import struct

from seeds_gif_bmp import LOOP, control, extension, frame, pixels

# --- GIF ----------------------------------------------------------------------------------


def is_gif(data):
    return data[:4] == b"GIF8" and len(data) > 13


def gif_parts(data):
    """Split into the screen with its table, the extensions and frames, and the rest."""
    at = 13 + (6 << (data[10] & 7) if data[10] & 0x80 else 0)
    head, parts = data[:at], []
    while at < len(data) and data[at] in b"!,":
        end = at + 2
        if data[at] == 0x2C:
            if at + 10 > len(data):
                break
            flags = data[at + 9]
            end = at + 11 + (6 << (flags & 7) if flags & 0x80 else 0)
        while end < len(data) and data[end]:
            end += 1 + data[end]
        parts.append(data[at : end + 1])
        at = end + 1
    return head, parts, data[at:]


def some_size(rng):
    return rng.choice((0, 1, 2, 3, 5, 19, 20, 21, 255, 256, 3000, 65535))


def gif_screen(head, rng):
    """Change the size of the screen, a flag, or the version."""
    out = bytearray(head)
    action = rng.randrange(4)
    if action == 0:
        struct.pack_into("<HH", out, 6, some_size(rng), some_size(rng))
    elif action == 1:
        out[10] = rng.randrange(256)
    elif action == 2:
        out[4] = rng.choice(b"789")
    elif len(out) > 13: # its colours: all grays, all one, or some
        table = rng.choice((bytes(i // 3 & 255 for i in range(len(out) - 13)),
                            bytes((rng.randrange(256),)) * (len(out) - 13),
                            bytes(rng.randrange(256) for _ in range(len(out) - 13))))
        out[13:] = table
    return bytes(out)


def gif_frame(part, rng):
    """Change the position, size, flags or number of bits of a frame."""
    out = bytearray(part)
    if len(out) < 12:
        return part
    action = rng.randrange(5)
    if action == 0:
        struct.pack_into("<H", out, rng.choice((1, 3, 5, 7)), some_size(rng))
    elif action == 1:
        out[9] ^= 1 << rng.randrange(8)
    elif action == 2 and not out[9] & 0x80:
        out[10] = rng.choice((0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13, 200))
    elif action == 3:
        out[9] ^= 0x40
    else:
        small = rng.choice((1, 2, 7, 8, 10, 16))
        struct.pack_into("<HH", out, 5, small, rng.choice((1, 2, 3, 4, 5, 9)))
    return bytes(out)


def gif_codes(part, rng):
    """Damage codes or the lengths of their blocks, or end them early."""
    out = bytearray(part)
    at = 11 + (6 << (out[9] & 7) if len(out) > 9 and out[9] & 0x80 else 0)
    if len(out) <= at + 2:
        return part
    place = rng.randrange(at, len(out))
    action = rng.randrange(6)
    if action < 3:
        for _ in range(rng.choice((1, 1, 2, 8))):
            out[rng.randrange(at, len(out))] ^= 1 << rng.randrange(8)
    elif action == 3:
        out[at] = rng.choice((0, 1, 255, out[at] - 1 & 255, out[at] + 1 & 255))
    elif action == 4:
        out[place:] = b"\0"
    else:
        out[place:place] = bytes(rng.randrange(256) for _ in range(rng.randrange(1, 300)))
    return bytes(out)


def gif_part(rng):
    kind = rng.randrange(9)
    block = bytes(rng.randrange(256) for _ in range(rng.choice((0, 1, 3, 4, 11, 30))))
    if kind == 0:
        return control(rng.randrange(8), rng.choice((None, 0, 3, 255)))
    if kind == 1:
        return extension(rng.choice((0xF9, 0xFE, 0xFF, 0x01, 0, 7)), *[block] * 2)
    if kind == 2:
        return rng.choice((b"!\xf9\0", b"!\xf9\3\0\0\0\0", b"!\xf9\3\1\0\0\0", b"!\xff\0",
                           b"!\xff\x0bNETSCAPE2.0\0", b"!\xfe\0", b"!\1\0\3abc\0", b"!",
                           b"!\xff\x0bNETSCAPE2.0\2\1\0\0"))
    if kind == 3:
        return LOOP
    if kind == 4:
        return rng.choice((b";", b"\0", b"\0\0\0", b"x", b"," * 3, b"!" * 3, block))
    if kind == 5:
        return frame(b"", (0, 0, some_size(rng), some_size(rng)), 2)
    width, height, bits = rng.randrange(1, 30), rng.randrange(1, 30), rng.randrange(1, 9)
    return frame(pixels(width * height, bits, rng.randrange(99)),
                 (rng.randrange(9), rng.randrange(9), width, height), bits,
                 interlaced=rng.random() < 0.3, size=rng.choice((1, 20, 255)))


def mutate_gif(data, rng):
    head, parts, tail = gif_parts(data)
    frames = [i for i, part in enumerate(parts) if part[:1] == b","]
    action = rng.randrange(14)
    if action < 2:
        head = gif_screen(head, rng)
    elif action < 5 and frames:
        at = rng.choice(frames[:2])
        parts[at] = gif_frame(parts[at], rng)
    elif action < 9 and frames:
        at = rng.choice(frames[:2])
        parts[at] = gif_codes(parts[at], rng)
    elif action == 9 and parts:
        del parts[rng.randrange(len(parts))]
    elif action == 10 and parts:
        at = rng.randrange(len(parts))
        parts.insert(rng.randrange(len(parts)), parts[at])
    elif action == 11 and parts:
        parts.insert(rng.randrange(len(parts)), parts.pop(rng.randrange(len(parts))))
    elif action == 12 and rng.random() < 0.3:
        head += rng.choice((b"junk", b"\0", b"\1\2\3"))
    elif action == 12:
        tail = rng.choice((b"", b";", b"\0;", b";trailing", b"\0" * 140000, b";" * 70000,
                           data, head))
    else:
        parts.insert(rng.randrange(len(parts) + 1), gif_part(rng))
    return head + b"".join(parts) + tail


# --- BMP ----------------------------------------------------------------------------------

HEADER_SIZES = (12, 40, 64, 108, 124)


def bmp_start(data):
    return 14 if data[:2] == b"BM" else 0


def is_bmp(data):
    at = bmp_start(data)
    return len(data) > at + 16 and int.from_bytes(data[at : at + 4], "little") in HEADER_SIZES


def bmp_field(data, rng):
    """Change a field of the headers."""
    out = bytearray(data)
    start = bmp_start(data)
    is_small = data[start] == 12
    fields = {"offset": (10, "<I"), "file": (2, "<I")} if start else {}
    if is_small:
        fields.update(size=(start, "<I"), width=(start + 4, "<H"), height=(start + 6, "<H"),
                      bits=(start + 10, "<H"))
    else:
        fields.update(size=(start, "<I"), width=(start + 4, "<I"), height=(start + 8, "<I"),
                      bits=(start + 14, "<H"), compression=(start + 16, "<I"),
                      data=(start + 20, "<I"), colours=(start + 32, "<I"))
        for i in range(4):
            fields[f"mask{i}"] = (start + 40 + 4 * i, "<I")
    name = rng.choice(sorted(fields))
    at, kind = fields[name]
    if at + struct.calcsize(kind) > len(out):
        return data
    old, = struct.unpack_from(kind, out, at)
    values = {
        "size": (*HEADER_SIZES, 0, 3, 4, 16, 52, 56, 200, 2**32 - 1),
        "width": (0, 1, 2, 3, 4, 7, 8, 9, 31, 33, 65, 5000, 2**16 - 1, 2**31, 2**32 - 1),
        "height": (0, 1, 2, 3, 5000, 2**16 - 1, 2**31, 2**32 - 1, 2**32 - old,
                   0xFF000000, 0xFEFFFFFF),
        "bits": (0, 1, 2, 4, 8, 16, 24, 32, 33, 64, 65535),
        "compression": (0, 1, 2, 3, 4, 5, 6, 2**31),
        "colours": (0, 1, 2, 3, 4, 16, 17, 200, 255, 256, 257, 300, 65536, 65537, 2**32 - 1),
        "offset": (0, 14 + data[start], 26, 54, 54 + 12, 54 + 1024, len(data), len(data) - 1,
                   len(data) + 9, 2**32 - 1),
    }.get(name, (0, 0xFF, 0xFF00, 0xFF0000, 0xFF000000, 0x7E0, 0x1F, 0xF800, len(data)))
    value = rng.choice((*values, old + 1, old - 1 if old else 0, old * 2))
    struct.pack_into(kind, out, at, value % 256 ** struct.calcsize(kind))
    return bytes(out)


def bmp_pixels_at(data):
    start = bmp_start(data)
    if start:
        return min(int.from_bytes(data[10:14], "little"), len(data))
    size = data[0]
    bits = data[10 if size == 12 else 14]
    count = 0 if size == 12 else int.from_bytes(data[32:36], "little")
    palette = (count or 1 << bits) * (3 if size == 12 else 4) if bits <= 8 else 0
    return min(size + palette, len(data))


def bmp_runs(data, rng):
    """Insert other runs, or replace runs."""
    at = bmp_pixels_at(data)
    if at >= len(data):
        return data
    run = rng.choice((b"\0\0", b"\0\1", b"\0\2\1\1", b"\0\2\0\0\2\3", b"\0\2\0\0\0\xff", b"\0",
                      b"\0\5abcde\0", b"\0\5abcde", b"\0\6ab\0", b"\xff\7", b"\3\x12", b"\1\0",
                      b"\0\0\0\0", b"\0\4ab", b"\0\3a", b"\0\xffabc"))
    place = rng.randrange(at, len(data))
    action = rng.randrange(4)
    if action == 0:
        return data[:place] + run + data[place:]
    if action == 1:
        return data[:place] + run + data[place + len(run) :]
    if action == 2:
        return data[:at] + run * rng.randrange(1, 300)
    return data[:place] + rng.choice((b"\0\1", b""))


def bmp_colours(data, rng):
    """Set a palette of grays, of one colour, of black and white, or none."""
    start = bmp_start(data)
    begin = start + data[start]
    end = bmp_pixels_at(data)
    size = 3 if data[start] == 12 else 4
    if end - begin < size:
        return data
    count = (end - begin) // size
    palette = rng.choice((
        b"".join(bytes((i & 255,)) * 3 + b"\0" * (size - 3) for i in range(count)),
        b"".join(bytes((255 * i & 255,)) * 3 + b"\0" * (size - 3) for i in range(count)),
        b"\7\x08\x09\0"[:size] * count,
        bytes(rng.randrange(256) for _ in range(count * size)), b""))
    return data[:begin] + palette + data[begin + len(palette) :]


def bmp_length(data, rng):
    """Cut near the end of the rows, or append something."""
    if rng.random() < 0.6:
        return data[: max(20, len(data) - rng.randrange(12))]
    return data + rng.choice((b"\0", b"\0\1", b"tail" * 9, b"\0" * 3000))


def mutate_bmp(data, rng):
    if not is_bmp(data):
        return data
    if rng.random() < 0.25:
        is_run = data[bmp_start(data)] > 12 and data[bmp_start(data) + 16] in (1, 2)
        return bmp_runs(data, rng) if is_run else bmp_length(data, rng)
    return rng.choice((bmp_field, bmp_field, bmp_field, bmp_colours, bmp_length))(data, rng)


# How each format is damaged where it hurts: (test for the format, damage).
STRUCTURED = [(is_gif, mutate_gif), (is_bmp, mutate_bmp)]
