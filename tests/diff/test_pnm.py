"""PBM, PGM and PPM files, sound, cut and spoilt, against the Pillow that is installed."""

from __future__ import annotations

import os
import random
import subprocess
import warnings
from collections import Counter
from pathlib import Path

import pytest
from PIL import Image, ImageFile

LEAST = {"ok": 500, "truncated": 150, "corrupt": 80}  # of each verdict


def head(kind: int, width: int, height: int, most: int, dice: random.Random) -> bytes:
    """A header, whose words are separated in any way that is allowed."""
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


def pillow(path: Path, lenient: bool) -> tuple[str, bool, tuple[int, int], str]:
    """Why Pillow refuses it, whether all pixels are the same, the size and the mode."""
    ImageFile.LOAD_TRUNCATED_IMAGES = lenient
    try:
        with Image.open(path) as image:
            mode, size = image.mode, image.size
            extrema = image.convert("RGB").getextrema()
        return "", all(low == high for low, high in extrema), size, mode
    except Exception as error:  # Pillow raises many kinds
        return str(error) or type(error).__name__, False, (0, 0), ""
    finally:
        ImageFile.LOAD_TRUNCATED_IMAGES = False


def test_pnm(tmp_path: Path) -> None:
    program = os.environ.get("LC_IMAGE_FACTS", "")
    assert program, "LC_IMAGE_FACTS must name the program image_facts"
    paths = [tmp_path / str(number) for number in range(900)]
    for number, path in enumerate(paths):
        path.write_bytes(made(number))
    said = subprocess.run([program], input=b"".join(bytes(p) + b"\n" for p in paths), capture_output=True, check=True)
    lines = said.stdout.decode().splitlines()
    assert len(lines) == len(paths)
    counts: Counter[str] = Counter()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for path, line in zip(paths, lines):
            fields = line.split("\t")
            verdict, width, height, mode, blank, lenient = (fields[n] for n in (1, 3, 4, 5, 14, 16))
            counts[verdict] += 1
            refusal, uniform, size, modes = pillow(path, False)
            data = path.read_bytes()
            if verdict == "none" or (data[1:2] in b"23" and not data[-1:].isspace() and verdict == "truncated"):
                continue  # Pillow 9.4 repeats the last number
            assert (verdict == "ok") == (not refusal), (path.read_bytes()[:80], line, refusal)
            if verdict == "ok":
                assert (int(width), int(height), mode) == (*size, modes), line
                assert bool(int(blank)) == uniform, (path.read_bytes()[:80], line)
            else:
                loads = not pillow(path, True)[0]
                assert (lenient == "holes") == loads, (path.read_bytes()[:80], line)
    assert all(counts[verdict] >= least for verdict, least in LEAST.items()), counts
    assert counts["none"] < 60, counts


if __name__ == "__main__":
    pytest.main([__file__])
