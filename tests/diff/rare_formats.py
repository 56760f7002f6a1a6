"""Makes sound, cut and damaged TGA, PCX, SGI, QOI and MSP files from a number; Pillow's verdict on them.

As a program, it compares image_facts with any Pillow: rare_formats.py IMAGE_FACTS COUNT
"""

from __future__ import annotations

import random
import struct
import subprocess
import sys
import tempfile
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import PIL
from PIL import Image, ImageFile

VERSION = tuple(int(word) for word in PIL.__version__.split(".")[:2])
QOI_SINCE = (9, 5)


# --- making files


def packets(data: bytes, unit: int, row: int, dice: random.Random) -> bytes:
    """Make TGA packets of pixels of `unit` bytes; runs end with a row, other packets not always."""
    out, at = b"", 0
    while at < len(data):
        left = (len(data) - at) // unit
        in_row = (row - at % row) // unit
        count = min(dice.randint(1, 9), in_row if dice.random() < 0.97 else left, left)
        if dice.random() < 0.4 and count <= in_row:
            out += bytes([0x80 | count - 1]) + data[at : at + unit]
        else:
            out += bytes([count - 1]) + data[at : at + count * unit]
        at += count * unit
    return out


def tga(dice: random.Random) -> bytes:
    kind, bits = dice.choice([(1, 8), (1, 8), (3, 8), (3, 16), (3, 1), (2, 16), (2, 24), (2, 24), (2, 32), (2, 32)])
    if dice.random() < 0.05:
        kind, bits = dice.randint(1, 3), dice.choice([1, 8, 16, 24, 32])
    width, height = dice.randint(1, 20), dice.randint(1, 12)
    name = dice.randbytes(dice.choice([0, 0, 0, 5, 10, 255]))
    has_map = kind == 1 if dice.random() < 0.95 else not kind == 1
    depth = dice.choice([24, 24, 24, 16, 32, 15, 8]) if has_map else dice.choice([0, 24])
    first, count = (dice.choice([0, 0, 0, 1, 200]), dice.choice([256, 16, 56, 300])) if has_map else (0, 0)
    if has_map and first + count > 256 and dice.random() < 0.9:
        count = 256 - first
    colours = dice.randbytes(count * (depth // 8)) if dice.random() < 0.9 else bytes(count * (depth // 8))
    row = (width * bits + 7) // 8
    data = dice.randbytes(row * height) if dice.random() < 0.85 else bytes(dice.randbytes(1)) * (row * height)
    if bits == 32 and kind == 2 and dice.random() < 0.5:
        data = b"".join(data[i : i + 3] + b"\xff" for i in range(0, len(data), 4))
    if bits == 16 and dice.random() < 0.5:
        data = b"".join(bytes([data[i], data[i + 1] & 0x7F if kind == 2 else 255]) for i in range(0, len(data), 2))
    packed = dice.random() < 0.5
    if packed:
        data = packets(data, max(1, bits // 8), row, dice)
    head = struct.pack("<BBBHHBHHHHBB", len(name), has_map, kind + 8 * packed, first, count, depth, 0, 0, width, height,
                       bits, dice.choice([0, 0x20, 0x10, 0x30, 8, 0x28]))
    footer = struct.pack("<II", 0, 0) + b"TRUEVISION-XFILE.\0" if dice.random() < 0.6 else b""
    return head + name + colours + data + footer


def runs(line: bytes, dice: random.Random) -> bytes:
    """Encode a line of a PCX."""
    out, at = b"", 0
    while at < len(line):
        count = 1
        while at + count < len(line) and line[at + count] == line[at] and count < 63:
            count += 1
        if dice.random() < 0.01:
            out += b"\xc0" + dice.randbytes(1)
        if count > 1 or line[at] >= 0xC0:
            out += bytes([0xC0 | count, line[at]])
        else:
            out += line[at : at + 1]
        at += count
    return out


def pcx(dice: random.Random) -> bytes:
    bits, planes = dice.choice([(1, 1), (1, 2), (1, 4), (8, 1), (8, 1), (8, 3), (8, 3)])
    width, height = dice.randint(1, 40), dice.randint(1, 12)
    packed = (width * bits + 7) // 8
    stride = packed + packed % 2 if dice.random() < 0.8 else packed
    left, top = dice.choice([(0, 0), (3, 5)])
    head = struct.pack("<BBBBHHHHHH", 10, 5 if bits == 8 or dice.random() < 0.7 else dice.choice([0, 2, 3]), 1, bits,
                       left, top, left + width - 1, top + height - 1, 72, 72)
    head += dice.randbytes(48) + bytes([0, planes])
    head += struct.pack("<H", stride if dice.random() < 0.95 else stride + dice.choice([-1, 2, 7])) + bytes(60)
    size = stride * planes
    lines = [dice.randbytes(size) if dice.random() < 0.5 else bytes([dice.choice([0, 7, 255])]) * size] * height
    if dice.random() < 0.8:
        lines = [dice.randbytes(size) if dice.random() < 0.3 else line for line in lines]
    data = b"".join(runs(line, dice) for line in lines)
    if (bits, planes) == (8, 1) and dice.random() < 0.9:
        gray = bytes(i // 3 for i in range(768))
        data += b"\x0c" + (gray if dice.random() < 0.3 else dice.randbytes(768))
    return head + data


def chunks(row: bytes, unit: int, dice: random.Random) -> bytes:
    """Encode a row of a plane of a compressed SGI."""
    out, at = b"", 0
    pad = bytes(unit - 1)
    while at < len(row):
        count = min(dice.randint(1, 9), (len(row) - at) // unit)
        if dice.random() < 0.4:
            out += pad + bytes([count]) + row[at : at + unit]
        else:
            out += pad + bytes([0x80 | count]) + row[at : at + count * unit]
        at += count * unit
    return out + bytes(unit)


def sgi(dice: random.Random) -> bytes:
    unit, (dims, planes) = dice.choice([1, 1, 2]), dice.choice([(1, 1), (2, 1), (3, 3), (3, 4)])
    if dice.random() < 0.04:
        planes = dice.choice([1, 2, 5])
    width, height = dice.randint(1, 20), dice.randint(1, 8)
    packed = dice.random() < 0.6
    head = struct.pack(">BBBBHHHH", 1, 0xDA, packed, unit, dims, width, height, planes) + bytes(500)
    rows = [dice.randbytes(width * unit) for _ in range(planes * height)]
    if dice.random() < 0.15:
        rows = [bytes(dice.randbytes(1)) * (width * unit)] * (planes * height)
    if planes == 4 and dice.random() < 0.5:
        rows = [b"\xff" * (width * unit) if i >= 3 * height else row for i, row in enumerate(rows)]
    if not packed:
        return head + b"".join(rows) + dice.choice([b"", b"", b"end"])
    coded = [chunks(row, unit, dice) for row in rows]
    at, starts = 512 + 8 * len(rows), []
    for row in coded:
        starts.append(at)
        at += len(row)
    sizes = [len(row) for row in coded]
    if dice.random() < 0.1:
        sizes[dice.randrange(len(sizes))] = dice.choice([0, 1, 2, 1000])
    if dice.random() < 0.1:
        starts[dice.randrange(len(starts))] = dice.choice([0, 511, 512, 600, at, at - 1, 1 << 31])
    table = b"".join(struct.pack(">I", n) for n in starts + sizes)
    return head + table + b"".join(coded)


def msp(dice: random.Random) -> bytes:
    width, height = dice.randint(1, 40), dice.randint(1, 12)
    words = [width, height, 1, 1, 1, 1, width, height] + [0] * 5
    head = dice.choice([b"DanM", b"DanM", b"DanM", b"LinS"]) + struct.pack("<13H", *words)
    total = 0
    for at in range(0, 32, 2):
        total ^= struct.unpack_from("<H", head.ljust(32, b"\0"), at)[0]
    head += struct.pack("<H", total)
    rows = (width + 7) // 8 * height
    return head + (dice.randbytes(rows) if dice.random() < 0.8 else bytes(rows)) + dice.choice([b"", b"x"])


def qoi(dice: random.Random) -> bytes:
    channels = dice.choice([3, 4, 4, 0])
    width, height = dice.randint(1, 12), dice.randint(1, 8)
    out, pixels = b"", 0
    while pixels < width * height:
        kind = dice.randrange(6) if dice.random() < 0.95 else 5
        out += (b"\xfe" + dice.randbytes(3), b"\xff" + dice.randbytes(4), bytes([dice.randrange(64)]),
                bytes([0x40 | dice.randrange(64)]), bytes([0x80 | dice.randrange(64)]) + dice.randbytes(1),
                bytes([0xC0 | dice.randrange(62)]))[kind]
        pixels += (out[-1] & 63) + 1 if kind == 5 else 1
    return b"qoif" + struct.pack(">IIBB", width, height, channels, dice.randrange(2)) + out + bytes(7) + b"\1"


def spoilt(data: bytes, dice: random.Random) -> bytes:
    """Return the file, often unchanged, else cut or with other bytes, mostly in its header."""
    change = dice.random()
    if change < 0.5:
        return data
    if change < 0.7:
        return data[: dice.randrange(4, len(data))]
    out = bytearray(data)
    for _ in range(dice.choice([1, 1, 1, 3])):
        at = dice.randrange(2, min(len(out), 70) if dice.random() < 0.4 else len(out))
        out[at] = dice.choice([0, 1, 255, 128, out[at] ^ 1, dice.randrange(256)])
    return bytes(out)


MAKERS: dict[str, Callable[[random.Random], bytes]] = {"tga": tga, "pcx": pcx, "sgi": sgi, "qoi": qoi, "msp": msp}


def made(form: str, number: int) -> bytes:
    dice = random.Random(f"{form} {number}")
    return spoilt(MAKERS[form](dice), dice)


# --- comparing


class Seen(NamedTuple):
    """Pillow's verdict on a file."""

    refusal: str
    blank: bool
    clear: bool  # a pixel is not opaque
    size: tuple[int, int]
    mode: str


def pillow(path: Path, lenient: bool) -> Seen:
    ImageFile.LOAD_TRUNCATED_IMAGES = lenient
    try:
        with Image.open(path) as image:
            mode, size = image.mode, image.size
            rgb = image.convert("RGB")
            clear = mode in ("RGBA", "LA") and image.getchannel("A").getextrema()[0] < 255
        return Seen("", all(low == high for low, high in rgb.getextrema()), clear, size, mode)
    except Exception as error:  # Pillow raises many kinds
        return Seen(f"{type(error).__name__}: {error}", False, False, (0, 0), "")
    finally:
        ImageFile.LOAD_TRUNCATED_IMAGES = False


def refused_by_another(detail: str) -> bool:
    """Whether a detail names a Pillow that refuses the file, and it is not this one."""
    words = detail.rpartition(", which Pillow ")
    return words[2].endswith(" refuses") and (words[2] == "9.4 refuses") != (VERSION < (10, 0))


def changed_since_12(form: str, lenient: str, path: Path) -> bool:
    """Pillow 12 loads mapped pixels that are cut; 13 refuses a TGA with alpha of fewer than 26 bytes."""
    if lenient == "refused":
        return form in ("tga", "sgi")
    return form == "tga" and path.stat().st_size < 26


def differences(form: str, fields: list[str], path: Path) -> Iterator[str]:
    """Yield the facts of image_facts about a file that differ from this Pillow."""
    verdict, sort, width, height, mode, blank, clear, lenient, detail = (
        fields[n] for n in (1, 2, 3, 4, 5, 14, 15, 16, 18)
    )
    if form == "qoi" and detail.startswith("sound"):  # sound for the Pillows that open it
        verdict = "ok"
    seen = pillow(path, False)
    if sort != form:
        if not seen.refusal and sort not in ("cur", "ico"):  # these are not verified
            yield f"recognised as {sort}, and loads"
        return
    if verdict == "none" or (form == "qoi" and VERSION < QOI_SINCE) or refused_by_another(detail):
        return
    if (verdict in ("ok", "damaged")) != (not seen.refusal):
        yield f"Pillow: {seen.refusal or 'loads'}"
    elif seen.refusal:
        loads = not pillow(path, True).refusal
        if (lenient != "refused") != loads and not (VERSION >= (12, 0) and changed_since_12(form, lenient, path)):
            yield f"LOAD_TRUNCATED_IMAGES: {'loads' if loads else 'raises'}"
    else:
        if (int(width), int(height)) != seen.size:
            yield f"size {seen.size}"
        if mode != seen.mode and not (form == "tga" and VERSION < (10, 0) and mode == "RGBA"):
            yield f"mode {seen.mode}"
        # past the end of a palette, 9.4 has grays, later Pillows a single colour
        if verdict == "ok" and bool(int(blank)) != seen.blank and not (seen.blank and mode == "P" and VERSION > (10, 0)):
            yield f"blank: {seen.blank}"
        if seen.clear and not int(clear):
            yield "a pixel is not opaque"
        if int(clear) and not seen.clear and (form, seen.mode) not in (("tga", "P"), ("tga", "RGB")) and not (
            form == "tga" and VERSION >= (12, 0)
        ):
            yield "no pixel is transparent"


def compare(facts: str, form: str, numbers: range, folder: Path) -> tuple[Counter[str], list[str]]:
    """Return the number of files with each verdict, and the differences."""
    counts: Counter[str] = Counter()
    found: list[str] = []
    for first in range(numbers.start, numbers.stop, 1000):
        some = range(first, min(first + 1000, numbers.stop))
        paths = [folder / f"{form}-{number - first}" for number in some]
        for number, path in zip(some, paths):
            path.write_bytes(made(form, number))
        said = subprocess.run([facts], input=b"".join(bytes(p) + b"\n" for p in paths), capture_output=True, check=True)
        lines = said.stdout.decode().splitlines()
        assert len(lines) == len(paths)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            for number, path, line in zip(some, paths, lines):
                fields = line.split("\t")
                counts[fields[1] if fields[2] == form else "another"] += 1
                found += [f"{form} {number}: {text} ({' '.join(fields[1:])})" for text in differences(form, fields, path)]
    return counts, found


def main() -> int:
    facts, count = sys.argv[1], int(sys.argv[2])
    bad = 0
    for form in MAKERS:
        with tempfile.TemporaryDirectory() as folder:
            counts, found = compare(facts, form, range(count), Path(folder))
        print(f"Pillow {PIL.__version__}, {form}: {dict(counts)}, {len(found)} differ")
        print("".join(f"  {text}\n" for text in found[:20]), end="")
        bad += len(found)
    return bad > 0


if __name__ == "__main__":
    sys.exit(main())
