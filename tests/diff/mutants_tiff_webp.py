"""Damage WebP and TIFF pictures where it hurts their formats."""

import struct

from image_mutants import tiff
from seeds_tiff_webp import riff_chunk, riff_chunks, vp8x


def random_bytes(rng, size):
    return bytes(rng.randrange(256) for _ in range(size))


# --- WebP: a RIFF container of chunks ----------------------------------------------------


def is_webp(data):
    return data[:4] == b"RIFF" and data[8:12] == b"WEBP" and len(data) > 20


def webp_chunk(rng):
    name = rng.choice((b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ANIM", b"ANMF", b"EXIF", b"XMP ",
                       b"ICCP", b"ABCD"))
    if name == b"VP8X" and rng.random() < 0.7:
        return vp8x(rng.randrange(256), rng.randrange(1, 80), rng.randrange(1, 80))
    if name == b"EXIF" and rng.random() < 0.8:
        return riff_chunk(name, rng.choice((b"", b"Exif\0\0")) + tiff(rng, (0x112, 0x11A)))
    return riff_chunk(name, random_bytes(rng, rng.choice((0, 1, 5, 6, 10, 16, 30))))


def webp_length(chunk, rng):
    """Give a chunk a wrong length."""
    size = int.from_bytes(chunk[4:8], "little")
    size = rng.choice((0, 1, size - 1, size + 1, size - 2, size + 2, size // 2, size + 100,
                       0xFFFFFFFF, 0xFFFFFFF6, 10, 16))
    return chunk[:4] + struct.pack("<I", size % 2**32) + chunk[8:]


def webp_flags(chunks, rng):
    """Change the flags or the size of the canvas, if there is one."""
    first = bytearray(chunks[0])
    if first[:4] == b"VP8X" and len(first) >= 18:
        if rng.random() < 0.5:
            first[8] ^= 1 << rng.randrange(8)
        else:
            first[12 + rng.randrange(6)] ^= 1 << rng.randrange(7)
    return [bytes(first)] + chunks[1:]


def inside_chunk(chunk, rng):
    """Damage near the beginning of a payload, where its header is."""
    out = bytearray(chunk)
    if len(out) > 8:
        out[8 + rng.randrange(min(len(out) - 8, 40))] = rng.choice((0, 255,
                                                                    rng.randrange(256)))
    return bytes(out)


def mutate_webp(data, rng):
    chunks = [riff_chunk(*chunk) for chunk in riff_chunks(data)]
    if not chunks:
        return data[: rng.randrange(len(data))]
    at = rng.randrange(len(chunks))
    action = rng.randrange(10)
    if action == 0:
        del chunks[at]
    elif action == 1:
        chunks.insert(at, chunks[at])
    elif action == 2:
        chunks.insert(rng.randrange(len(chunks)), chunks.pop(at))
    elif action == 3:
        chunks[at] = webp_length(chunks[at], rng)
    elif action == 4:
        chunks[:] = webp_flags(chunks, rng)
    elif action in (5, 6):
        chunks[at] = inside_chunk(chunks[at], rng)
    elif action == 7:
        chunks[at] = riff_chunk(chunks[at][:4], chunks[at][8 : rng.randrange(
            8, len(chunks[at]) + 1)])
    else:
        chunks.insert(rng.randrange(len(chunks) + 1), webp_chunk(rng))
    body = b"WEBP" + b"".join(chunks)
    size = len(body)
    if rng.random() < 0.2:
        size = rng.choice((0, 4, 11, 12, size - 1, size + 1, size - 2, size + 8, size // 2,
                           0xFFFFFFF6, 0xFFFFFFF7, int.from_bytes(data[4:8], "little")))
    return b"RIFF" + struct.pack("<I", max(0, size)) + body + \
        rng.choice((b"", b"", b"", b"\0", random_bytes(rng, 9)))


# --- TIFF: a directory of entries ---------------------------------------------------------


def is_tiff(data):
    return data[:4] in (b"II\x2a\0", b"MM\0\x2a", b"II\x2b\0", b"MM\0\x2b") and len(data) > 16


TAGS = (256, 257, 258, 259, 262, 266, 273, 274, 277, 278, 279, 282, 283, 284, 296, 317, 320,
        322, 323, 324, 325, 330, 338, 339, 347, 530, 531, 532, 34665, 34853, 40965, 0xBC01,
        254, 34675, 700)
KINDS = (1, 2, 3, 3, 3, 4, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 16, 0, 14, 17, 129)
VALUES = (0, 1, 1, 2, 2, 3, 4, 5, 6, 7, 8, 8, 10, 16, 16, 24, 32, 40, 64, 255, 256, 999,
          32771, 32773, 32946, 34925, 50000, 50001, 65535, 65536, 2**31 - 1, 2**31, 2**32 - 1)
COMPRESSIONS = (1, 1, 2, 3, 4, 5, 6, 7, 8, 8, 32771, 32773, 32809, 32946, 34676, 34677, 34925,
                50000, 50001, 34887, 9)


class Directory:
    """The first directory of a file, which is changed and appended to the file."""

    def __init__(self, data):
        self.data = data
        self.order = "<" if data[:2] == b"II" else ">"
        self.large = 43 in data[2:4]
        self.word = "Q" if self.large else "L"
        self.capacity = 8 if self.large else 4
        self.size = 4 + 2 * self.capacity
        where = data[8:16] if self.large else data[4:8]
        (at,) = struct.unpack(self.order + self.word, where)
        head = 8 if self.large else 2
        count = int.from_bytes(data[at : at + head], "little" if self.order == "<" else "big")
        count = min(count, 60)
        at += head
        self.entries = [data[at + i * self.size : at + (i + 1) * self.size]
                        for i in range(count)]
        self.entries = [entry for entry in self.entries if len(entry) == self.size]
        self.next = data[at + count * self.size :][: self.capacity].ljust(self.capacity, b"\0")

    def number(self, value, size):
        return (value % 256**size).to_bytes(size, "little" if self.order == "<" else "big")

    def tag(self, i):
        return int.from_bytes(self.entries[i][:2], "little" if self.order == "<" else "big")

    def entry(self, rng):
        """Make an entry whose value fits into it, more or less."""
        number = rng.choice(TAGS)
        kind = rng.choice(KINDS)
        count = rng.choice((1, 1, 1, 1, 0, 2, 3, 5, 100))
        size = {1: 1, 2: 1, 6: 1, 7: 1, 3: 2, 8: 2}.get(kind, 4)
        value = rng.choice(VALUES)
        if number == 259:
            value = rng.choice(COMPRESSIONS)
        body = self.number(value, size) * (self.capacity // size)
        if kind in (2, 7) and rng.random() < 0.5:
            body = rng.choice((b"40\0", b" 8 ", b"1_0", b"-40", b"4x", b"\0")).ljust(8, b"\0")
        return self.number(number, 2) + self.number(kind, 2) + \
            self.number(count, self.capacity) + body[: self.capacity].ljust(self.capacity, b"\0")

    def replace(self, i, at, value, size):
        entry = self.entries[i]
        self.entries[i] = entry[:at] + self.number(value, size) + entry[at + size :]

    def bytes(self, count):
        data = self.data + b"\0" * (len(self.data) & 1)
        body = self.number(count, 8 if self.large else 2) + b"".join(self.entries) + self.next
        where = self.number(len(data), self.capacity)
        head = data[:8] + where if self.large else data[:4] + where
        return head + data[len(head) :] + body


def change_value(directory, rng):
    i = rng.randrange(len(directory.entries))
    kind = directory.entries[i][2:4]
    short = directory.number(3, 2) == kind
    size = 2 if short else directory.capacity
    value = rng.choice(VALUES + (len(directory.data) - rng.randrange(40),
                                 rng.randrange(len(directory.data))))
    if directory.tag(i) == 259:
        value = rng.choice(COMPRESSIONS)
    directory.replace(i, 4 + directory.capacity, value, size)


def change_type(directory, rng):
    directory.replace(rng.randrange(len(directory.entries)), 2, rng.choice(KINDS), 2)


def change_count(directory, rng):
    i = rng.randrange(len(directory.entries))
    count = rng.choice((0, 1, 2, 3, 4, 5, 7, 768, 769, 770, 771, 1000, 2**31, 2**32 - 1,
                        2**61 + 1))
    directory.replace(i, 4, count, directory.capacity)


def change_tag(directory, rng):
    directory.replace(rng.randrange(len(directory.entries)), 0, rng.choice(TAGS), 2)


def drop_entry(directory, rng):
    del directory.entries[rng.randrange(len(directory.entries))]


def double_entry(directory, rng):
    entry = rng.choice(directory.entries)
    directory.entries.insert(rng.randrange(len(directory.entries) + 1), entry)


def move_entry(directory, rng):
    entry = directory.entries.pop(rng.randrange(len(directory.entries)))
    directory.entries.insert(rng.randrange(len(directory.entries) + 1), entry)


def add_entry(directory, rng):
    directory.entries.insert(rng.randrange(len(directory.entries) + 1), directory.entry(rng))


def add_sorted(directory, rng):
    directory.entries.append(directory.entry(rng))
    little = directory.order == "<"
    directory.entries.sort(key=lambda e: int.from_bytes(e[:2], "little" if little else "big"))


def change_next(directory, rng):
    size = len(directory.data)
    directory.next = directory.number(
        rng.choice((0, 8, size, size + 2, size - 20, rng.randrange(size), 2**32 - 1, 2**63)),
        directory.capacity)


def point_values(directory, rng):
    """Give an entry other values, appended to the file."""
    i = rng.randrange(len(directory.entries))
    kind = rng.choice((1, 3, 3, 4, 4, 5, 8, 9, 11, 12, 16))
    size = {1: 1, 3: 2, 8: 2, 5: 8, 12: 8, 16: 8}.get(kind, 4)
    count = rng.choice((2, 3, 3, 4, 6, 9, 20, 256, 768))
    small = rng.random() < 0.6
    values = b"".join(
        directory.number(rng.choice((0, 1, 1, 2, 8, 8)) if small else
                         rng.randrange(len(directory.data) + 20), size)
        for _ in range(count))
    at = len(directory.data)
    directory.data += values + b"\0" * (len(values) & 1)
    directory.replace(i, 2, kind, 2)
    directory.replace(i, 4, count, directory.capacity)
    if len(values) > directory.capacity:
        directory.replace(i, 4 + directory.capacity, at, directory.capacity)


CHANGES = (change_value, change_value, change_value, change_type, change_count, change_tag,
           drop_entry, double_entry, move_entry, add_entry, add_sorted, add_sorted,
           change_next, point_values)


def damage_data(data, rng):
    """Damage after the header and before the directory: most often pixels."""
    out = bytearray(data)
    end = max(10, len(data) * 3 // 4)
    for _ in range(rng.choice((1, 1, 3, 10))):
        out[8 + rng.randrange(end - 9)] = rng.randrange(256)
    return bytes(out)


def mutate_tiff(data, rng):
    if rng.random() < 0.2:
        return damage_data(data, rng)
    directory = Directory(data)
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        if not directory.entries:
            return data[: rng.randrange(1, len(data))]
        rng.choice(CHANGES)(directory, rng)
    count = len(directory.entries) + rng.choice((0,) * 20 + (1, -1, 300))
    return directory.bytes(max(0, count))


# How each format is damaged where it hurts: (test for the format, damage).
STRUCTURED = [(is_webp, mutate_webp), (is_tiff, mutate_tiff)]
