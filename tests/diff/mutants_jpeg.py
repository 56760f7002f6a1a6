"""Damage JPEGs where it hurts their scans: markers, parameters, tables, restarts."""

import struct


def markers(data):
    """Return the offsets of all markers, including restart markers, but not of stuffing."""
    found = []
    at = data.find(b"\xff")
    while 0 <= at < len(data) - 1:
        if data[at + 1] not in (0, 0xFF):
            found.append(at)
        at = data.find(b"\xff", at + 1)
    return found


def pick(data, rng, wanted):
    """Return the offset of a random marker with one of these codes, or None."""
    found = [at for at in markers(data) if data[at + 1] in wanted]
    return rng.choice(found) if found else None


def put(data, at, new):
    return data[:at] + new + data[at + len(new) :]


def restart_lost(data, rng):
    at = pick(data, rng, range(0xD0, 0xD8))
    if at is None:
        return insert_restart(data, rng)
    action = rng.randrange(4)
    if action == 0:
        return data[:at] + data[at + 2 :]
    if action == 1:
        return data[:at] + data[at : at + 2] + data[at:]
    if action == 2:
        return put(data, at + 1, bytes((0xD0 + rng.randrange(8),)))
    return data[:at] + b"\xff" * rng.randrange(1, 4) + data[at:]


def insert_restart(data, rng):
    at = rng.randrange(len(data))
    return data[:at] + bytes((0xFF, 0xD0 + rng.randrange(8))) + data[at:]


def interval(data, rng):
    """Add, change or drop the restart interval."""
    at = pick(data, rng, (0xDD,))
    if at is not None:
        return put(data, at + 4, struct.pack(">H", rng.choice((0, 1, 2, 3, 12, 65535))))
    at = pick(data, rng, (0xDA,))
    if at is None:
        return data
    return data[:at] + b"\xff\xdd\0\4" + struct.pack(">H", rng.choice((0, 1, 9, 30000))) + data[at:]


def frame(data, rng):
    """Change sizes, sampling factors, ids and tables in the frame header."""
    at = pick(data, rng, (0xC0, 0xC1, 0xC2, 0xC9, 0xCA))
    if at is None or at + 12 > len(data):
        return data
    action = rng.randrange(4)
    if action == 0:
        where = at + 5 + 2 * rng.randrange(2)
        size = struct.unpack(">H", data[where : where + 2])[0]
        size = max(0, min(65535, size + rng.choice((-9, -8, -1, 1, 7, 8, 16))))
        return put(data, where, struct.pack(">H", size))
    if action == 1:
        return put(data, at + 11 + 3 * rng.randrange(3),
                   bytes((rng.choice((0x11, 0x21, 0x12, 0x22, 0x41, 0x31, 0x13, 0x44, 0)),)))
    if action == 2:
        return put(data, at + 10 + rng.randrange(9), bytes((rng.randrange(5),)))
    return put(data, at + 1, bytes((rng.choice((0xC0, 0xC1, 0xC2, 0xC3, 0xC9, 0xCA)),)))


def scan(data, rng):
    """Change parameters of a scan: components, tables, spectral selection, approximation."""
    at = pick(data, rng, (0xDA,))
    if at is None or at + 4 > len(data):
        return data
    size = struct.unpack(">H", data[at + 2 : at + 4])[0]
    where = at + 2 + rng.randrange(2, max(3, min(size, len(data) - at - 2)))
    return put(data, where, bytes((rng.choice((0, 1, 2, 3, 5, 16, 17, 32, 33, 63, 64, 255)),)))


def codes(data, rng):
    """Change counts and symbols of a Huffman table."""
    at = pick(data, rng, (0xC4,))
    if at is None:
        return data
    where = at + 4 + rng.choice((rng.randrange(18), rng.randrange(60)))
    if where >= len(data):
        return data
    return put(data, where, bytes(((data[where] + rng.choice((-1, 1, 16, 128))) & 255,)))


def quantization(data, rng):
    at = pick(data, rng, (0xDB,))
    if at is None or at + 69 > len(data):
        return data
    new = rng.choice((b"\0", b"\1", b"\xff"))
    return put(data, at + 5 + rng.choice((0, 0, rng.randrange(64))), new)


def scans_moved(data, rng):
    """Drop, duplicate or exchange the data between two scan headers."""
    starts = [at for at in markers(data) if data[at + 1] == 0xDA] + [max(2, len(data) - 2)]
    if len(starts) < 3:
        return data
    i = rng.randrange(len(starts) - 1)
    part = data[starts[i] : starts[i + 1]]
    action = rng.randrange(3)
    if action == 0:
        return data[: starts[i]] + data[starts[i + 1] :]
    if action == 1:
        return data[: starts[i + 1]] + part + data[starts[i + 1] :]
    rest = data[starts[i + 1] :]
    nearer = rng.randrange(len(rest) + 1) if rng.random() < 0.3 else len(rest) - 2
    return data[: starts[i]] + rest[:nearer] + part + rest[nearer:]


def ending(data, rng):
    """Change the end of the last scan: padding bits, stuffing, fill bytes, the end marker."""
    at = data.rfind(b"\xff\xd9")
    if at < 3:
        return data
    action = rng.randrange(7)
    if action == 0:
        return put(data, at - 1, bytes((data[at - 1] ^ rng.choice((1, 3, 7, 15, 255)),)))
    if action == 1:
        return data[:at] + bytes(rng.randrange(1, 5)) + data[at:]
    if action == 2:
        return data[:at] + b"\xff\x00" + data[at:]
    if action == 3:
        return data[: at - rng.randrange(1, 3)] + data[at:]
    if action == 4:
        return data[:at] + b"\xff" * rng.randrange(1, 9) + data[at:]
    if action == 5:
        return data[:at] + data[at + 2 :]
    return data[:at] + rng.choice((b"\xff\xfe\0\4hi", b"\xff\xe0\0\2", b"\xff\xdc\0\4\0\7",
                                   b"\xff\xd8", b"\xff\xd3", b"\xff\x01")) + data[at:]


def stuffing(data, rng):
    """Set a byte of the scan to FF, or remove the zero after a stuffed FF."""
    at = data.find(b"\xff\x00", rng.randrange(len(data)))
    if at >= 0 and rng.random() < 0.5:
        return data[: at + 1] + data[at + 2 :]
    at = rng.randrange(len(data))
    return put(data, at, b"\xff")


DAMAGES = (restart_lost, interval, frame, scan, codes, quantization, scans_moved, ending,
           ending, stuffing)


def damage(data, rng):
    return rng.choice(DAMAGES)(data, rng) or b"\xff"
