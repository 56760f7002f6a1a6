"""Makes sound, cut and damaged PBM, PGM and PPM files from a number."""

from __future__ import annotations

import random


def head(kind: int, width: int, height: int, most: int, dice: random.Random) -> bytes:
    """Make a header whose words are separated in any allowed way."""
    words = [str(width), str(height)] + [str(most)] * (kind % 3 != 1)
    spaces = [dice.choice([" ", "\n", "\t", "\r\n", " # text\n", "\n#\r", "  "]) for _ in words]
    spaces[0] = dice.choice(["\n", " ", "\t"]) + dice.choice(["", "# made by hand\n"])
    return (f"P{kind}" + "".join(map("".join, zip(spaces, words))) + dice.choice("\n \t")).encode()


def samples(kind: int, width: int, height: int, most: int, dice: random.Random) -> bytes:
    count = width * height * (3 if kind % 3 == 0 else 1)
    values = [dice.randint(0, most) for _ in range(count)]
    if dice.random() < 0.1:
        values = values[: count // (width * height)] * (width * height)
    if kind == 1:
        return dice.choice(["", " ", "\n"]).join(map(str, values)).encode()
    if kind < 4:
        return "".join(f"{v}{dice.choice([' ', chr(10), chr(9), ' # c' + chr(10)])}" for v in values).encode()
    if kind == 4:
        return dice.randbytes((width + 7) // 8 * height)
    return b"".join(v.to_bytes(1 + (most > 255), "big") for v in values)


def made(number: int) -> bytes:
    dice = random.Random(number)
    kind = 1 + number % 6
    most = 1 if kind % 3 == 1 else dice.choice([255, 255, 255, 1, 7, 254, 256, 1000, 65535])
    width, height = dice.randint(1, 20), dice.randint(1, 12)
    data = head(kind, width, height, most, dice) + samples(kind, width, height, most, dice)
    change = number // 6 % 5
    if change == 1:
        data = data[: dice.randrange(3, len(data))]
    elif change == 2:
        data += dice.randbytes(dice.randint(1, 9)) if kind > 3 else b"\n"
    elif change == 3:
        at = dice.randrange(3, len(data))
        data = data[:at] + dice.choice([b"9", b"0", b"x", b" ", b"99999999999 ", b""]) + data[at + 1 :]
    elif change == 4 and kind % 3 != 1:
        data = data.replace(str(most).encode(), dice.choice([b"0", b"65536", b"255", b"3"]), 1)
    return data
