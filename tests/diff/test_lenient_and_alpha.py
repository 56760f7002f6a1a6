"""Compares our facts about LOAD_TRUNCATED_IMAGES and transparency with Pillow's pixels."""

from __future__ import annotations

import io
import itertools
import os
import random
import struct
import sys
import zlib
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))
import pillow_verdict  # noqa: E402
import pillows  # noqa: E402
from diff_images import read_facts  # noqa: E402

CUTS = 2000  # least number of cut files
PICTURES = 3000  # least number of pictures with or without alpha


def facts_of(folder: Path, files: list[bytes]) -> list[dict[str, Any]]:
    paths = [folder / str(number) for number in range(len(files))]
    for path, data in zip(paths, files):
        path.write_bytes(data)
    return read_facts(os.environ["LC_IMAGE_FACTS"], [str(path) for path in paths])


def noise(size: tuple[int, int], mode: str, seed: int) -> Image.Image:
    dice = random.Random(seed)
    bands = len(Image.new(mode, (1, 1)).getbands())
    small = Image.frombytes(mode, (5, 5), dice.randbytes(25 * bands))
    return small.resize(size, Image.Resampling.BICUBIC)


def save(image: Image.Image, form: str, **options: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, form, **options)
    return out.getvalue()


def sound() -> list[bytes]:
    files = []
    for seed, mode in enumerate(("RGB", "L", "RGB", "CMYK")):
        picture = noise((61, 45), mode, seed)
        files += [save(picture, "JPEG", quality=quality, progressive=progressive, **sampling)
                  for quality in (40, 90) for progressive in (False, True)
                  for sampling in ({}, {"subsampling": 0}) if mode != "L" or not sampling]
    rgb = noise((61, 45), "RGB", 9)
    files += [save(rgb, "PNG"), save(rgb, "PNG", pnginfo=None, exif=b"Exif\0\0MM\0*\0\0\0\x08\0\0\0\0\0\0")]
    files += [save(rgb.quantize(64), form) for form in ("PNG", "GIF", "BMP")]
    files += [save(rgb.quantize(256), "GIF")]  # with 64 colours, some Pillows write a table of 256
    files += [save(rgb, "BMP"), save(rgb, "TIFF"), save(rgb, "TIFF", compression="tiff_lzw"),
              save(rgb, "WEBP"), save(rgb, "WEBP", lossless=True)]
    return files


def cut(data: bytes) -> list[bytes]:
    """Return the file without its last bytes, and with a changed byte."""
    ends = [*range(1, 31), *range(40, len(data), max(len(data) // 30, 1))]
    spoilt = []
    for at in random.Random(len(data)).sample(range(8, len(data)), 20):
        copy = bytearray(data)
        copy[at] ^= 0x55
        spoilt.append(bytes(copy))
    return [data[:-end] for end in ends] + spoilt


def png_is_intact(data: bytes) -> bool:
    """Whether all consecutive pixel chunks are complete and have the right checksums."""
    at = data.index(b"IDAT") - 4
    while data[at + 4:at + 8] == b"IDAT":
        end = at + 8 + int.from_bytes(data[at:at + 4], "big")
        if data[end:end + 4] != zlib.crc32(data[at + 4:end]).to_bytes(4, "big"):
            return False
        at = end + 4
    return True


def gif_is_intact(data: bytes) -> bool:
    """Whether complete blocks lead to the trailer; Pillow skips zeros between them."""
    def table(flags: int) -> int:
        return 6 << (flags & 7) if flags & 0x80 else 0

    at = 13 + table(data[10])
    while at < len(data):
        kind = data[at]
        if kind == 0x3B:
            return True
        if kind == 0x2C and at + 9 < len(data):
            at += 11 + table(data[at + 9])
        elif kind == 0x21:
            at += 2
        else:
            at += 1
            continue
        while at < len(data) and data[at]:
            at += 1 + data[at]
        at += 1
    return False


def is_intact(form: str, data: bytes) -> bool:
    """Return False for a PNG or GIF with a fault that Pillow does not notice."""
    return {"png": png_is_intact, "gif": gif_is_intact}[form](data) if form in ("png", "gif") else True


def test_what_loads_leniently(tmp_path: Path) -> None:
    """We know whether Pillow then loads a refused file; "whole" means the same pixels as the sound one."""
    seeds = sound()
    files = [(seed, number < len(cut(data)) - 20, damaged)
             for seed, data in enumerate(seeds) for number, damaged in enumerate(cut(data))]
    facts = facts_of(tmp_path, [data for _, _, data in files])
    seen: Counter[tuple[str, str]] = Counter()
    for (seed, is_cut, damaged), fact in zip(files, facts, strict=True):
        if fact["decode"] not in ("truncated", "corrupt"):
            intact = fact["decode"] != "ok" or is_intact(fact["format"], damaged)
            assert fact["lenient"] == ("refused" if intact else "whole"), fact
            seen[fact["format"], f"{fact['decode']}, {'intact' if intact else 'not intact'}"] += 1
            continue
        seen[fact["format"], fact["lenient"]] += 1
        loaded, why = pillow_verdict.load_leniently(fact["path"])
        if not pillows.raises_after_pixels(fact, {"lenient_message": why}):
            assert (loaded is not None) == (fact["lenient"] != "refused"), fact
        if fact["lenient"] == "whole" and is_cut and loaded:
            with Image.open(io.BytesIO(seeds[seed])) as image:
                assert loaded.tobytes() == image.convert("RGB").tobytes(), fact
    assert len(files) >= CUTS
    assert seen["png", "ok, not intact"] >= 20 and seen["png", "ok, intact"] >= 10, seen
    assert seen["gif", "ok, not intact"] >= 2 and seen["gif", "ok, intact"] >= 10, seen
    assert seen["jpeg", "whole"] >= 10 and seen["jpeg", "holes"] >= 100 and seen["jpeg", "refused"] >= 10
    assert seen["png", "holes"] >= 50 and seen["png", "refused"] >= 10
    assert seen["gif", "holes"] and seen["bmp", "holes"] and seen["tiff", "holes"] and seen["tiff", "refused"]
    assert seen["webp", "refused"] and not seen["webp", "holes"]


def test_gif_without_its_trailer(tmp_path: Path) -> None:
    """A file that is cut off in a block may still end with the byte of the trailer."""
    data = save(noise((30, 20), "RGB", 3).quantize(64), "GIF")
    assert data[-2:] == b"\0;"
    ends = [(b";", "refused"), (b";;", "refused"), (b"\0;", "refused"), (b"!\xfe\1;\0;", "refused"), (b"", "whole"),
            (b"\0", "whole"), (b"!\xfe\1;", "whole"), (b"!\xfe\1;\0", "whole"), (b"!\xff\1;", "whole")]
    files = [data[:-1] + end for end, _ in ends]
    for file, (end, wanted), fact in zip(files, ends, facts_of(tmp_path, files), strict=True):
        with Image.open(io.BytesIO(file)) as image:
            image.convert("RGB")
        assert (fact["decode"], fact["lenient"]) == ("ok", wanted), fact
        assert fact["trailing"] == (end == b";;"), fact


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png_with(data: bytes, kind: bytes, content: bytes, flip: int) -> bytes:
    """Insert a chunk before a PNG's pixels; flip: a mask for the last byte of its checksum."""
    at = data.index(b"IDAT") - 4
    made = chunk(kind, content)
    return data[:at] + made[:-1] + bytes([made[-1] ^ flip]) + data[at:]


def test_chunks_that_are_ignored_leniently(tmp_path: Path) -> None:
    """Ancillary chunks with a wrong checksum, too short, too large; and critical ones."""
    data = save(noise((30, 20), "RGB", 3), "PNG")
    large = b"k\0\0" + zlib.compress(bytes(3 << 20))
    files = [
        (png_with(data, b"tIME", bytes(7), 1), "whole"),
        (png_with(data, b"PLTE", bytes(6), 1), "refused"),
        (png_with(data, b"pHYs", bytes(3), 0), "whole"),
        (png_with(data, b"sRGB", b"", 0), "whole"),
        (png_with(data, b"gAMA", b"", 0), "refused"),
        (png_with(data, b"zTXt", large, 0), "whole"),
        (png_with(data, b"iCCP", large, 0), "whole"),
        (png_with(data, b"a.bc", b"x", 0), "whole"),
        (png_with(data, b"a\xffbc", b"x", 0), "refused"),
        (data.replace(b"IHDR", b"IHDQ"), "refused"),
        (png_with(data, b"tIME", bytes(7), 1)[:-60], "holes"),
    ]
    for (_, wanted), fact in zip(files, facts_of(tmp_path, [data for data, _ in files]), strict=True):
        assert fact["decode"] in ("truncated", "corrupt") and fact["lenient"] == wanted, fact
        assert (pillow_verdict.load_leniently(fact["path"])[0] is not None) == (wanted != "refused"), fact


def png(size: tuple[int, int], depth: int, colour: int, rows: list[bytes], interlaced: bool = False,
        extra: bytes = b"") -> bytes:
    """Make a PNG of rows, using each filter in turn."""
    channels = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[colour]
    step = max(channels * depth // 8, 1)
    out, above = b"", bytes(len(rows[0]))
    for number, row in enumerate(rows):
        out += bytes([number % 5]) + filtered(row, above, step, number % 5)
        above = row
    header = struct.pack(">IIBBBBB", *size, depth, colour, 0, 0, int(interlaced))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + extra + chunk(b"IDAT", zlib.compress(out))
            + chunk(b"IEND", b""))


def filtered(row: bytes, above: bytes, step: int, kind: int) -> bytes:
    out = bytearray()
    for i, value in enumerate(row):
        left, corner = (row[i - step], above[i - step]) if i >= step else (0, 0)
        up = above[i]
        guess = left + up - corner
        paeth = min((left, up, corner), key=lambda v: abs(guess - v))
        out.append((value - (0, left, up, (left + up) // 2, paeth)[kind]) & 255)
    return bytes(out)


def with_alpha(size: tuple[int, int], channels: int, dice: random.Random) -> list[bytes]:
    """Make rows of 8-bit samples; every other picture has one pixel that is not opaque."""
    rows = [bytearray(dice.randbytes(size[0] * channels)) for _ in range(size[1])]
    for row in rows:
        row[channels - 1 :: channels] = b"\xff" * size[0]
    if dice.random() < 0.6:
        x, y = dice.choice((0, size[0] - 1, dice.randrange(size[0]))), dice.choice((0, size[1] - 1))
        rows[y][x * channels + channels - 1] = dice.choice((0, 254, 128))
    return [bytes(row) for row in rows]


def pngs(dice: random.Random) -> list[bytes]:
    files = []
    for _ in range(700):
        size = dice.randrange(1, 9), dice.randrange(1, 9)
        files.append(png(size, 8, 6, with_alpha(size, 4, dice)))
        files.append(png(size, 8, 4, with_alpha(size, 2, dice)))
        key = bytes((0, dice.randrange(4), 0, dice.randrange(2), 0, 1))
        rows = [bytes(dice.choice((0, 1, 2, 7)) for _ in range(3 * size[0])) for _ in range(size[1])]
        files.append(png(size, 8, 2, rows, extra=chunk(b"tRNS", key)))
        rows = [bytes(dice.choice((0, 1, 2, 7)) for _ in range(size[0])) for _ in range(size[1])]
        files.append(png(size, 8, 0, rows, extra=chunk(b"tRNS", key[:2])))
        palette, alphas = chunk(b"PLTE", dice.randbytes(24)), bytes(dice.choice((255, 255, 9)) for _ in range(5))
        files.append(png(size, 8, 3, rows, extra=palette + chunk(b"tRNS", alphas)))
        packed = [dice.randbytes((size[0] + 1) // 2) for _ in range(size[1])]
        palette = chunk(b"PLTE", dice.randbytes(48))
        files.append(png(size, 4, 3, packed, extra=palette + chunk(b"tRNS", alphas)))
        wide = [b"".join(bytes((v, dice.randrange(256))) for v in row) for row in with_alpha(size, 4, dice)]
        files.append(png(size, 16, 6, wide))
    return files


def others(dice: random.Random) -> list[bytes]:
    files = []
    for number in range(120):
        size = dice.randrange(1, 20), dice.randrange(1, 20)
        rgba = noise(size, "RGBA", number)
        alpha = Image.new("L", size, 255)
        if number % 2:
            alpha.putpixel((dice.randrange(size[0]), dice.randrange(size[1])), dice.choice((0, 254)))
        rgba.putalpha(alpha)
        la = rgba.convert("LA")
        la.putalpha(alpha)
        few = noise(size, "RGB", number).quantize(8)
        files += [save(rgba, "WEBP", lossless=True, exact=True), save(rgba, "WEBP"), save(rgba, "TIFF"),
                  save(rgba, "TIFF", compression="tiff_lzw"), save(rgba, "TIFF", compression="tiff_deflate"),
                  save(la, "TIFF"), save(la, "TIFF", compression="packbits"), save(la, "PNG", optimize=True),
                  save(rgba, "PNG", compress_level=9), save(few, "GIF", transparency=number % 9),
                  save(few, "GIF"), save(few, "PNG", transparency=number % 9),
                  save(noise(size, "RGB", number), "JPEG"), bitfields(rgba, number % 3)]
    return files


def bitfields(rgba: Image.Image, order: int) -> bytes:
    """Make a top-down BMP of 32 bits with masks."""
    raw, masks = (("RGBA", (0xFF, 0xFF00, 0xFF0000, 0xFF000000)), ("BGRA", (0xFF0000, 0xFF00, 0xFF, 0xFF000000)),
                  ("ABGR", (0xFF000000, 0xFF0000, 0xFF00, 0xFF)))[order]
    pixels = rgba.tobytes("raw", raw)
    head = struct.pack("<IiiHHIIiiII4I", 108, rgba.width, -rgba.height, 1, 32, 3, len(pixels), 0, 0, 0, 0, *masks)
    head += bytes(108 - len(head))
    return b"BM" + struct.pack("<IHHI", 14 + len(head) + len(pixels), 0, 0, 14 + len(head)) + head + pixels


@pytest.mark.parametrize("make", [pngs, others])
def test_transparency(make: Any, tmp_path: Path) -> None:
    files = make(random.Random(7))
    seen: Counter[tuple[str, int]] = Counter()
    for fact in facts_of(tmp_path, files):
        pillow = pillow_verdict.verdict(fact["path"])
        assert fact["decode"] == "ok" and pillow["verdict"] == "ok", (fact, pillow)
        assert fact["transparent"] == pillow["transparent"], (fact, pillow)
        seen[fact["format"], fact["transparent"]] += 1
    assert len(files) >= (PICTURES if make is pngs else 1500)
    wanted = ("png",) if make is pngs else ("png", "webp", "tiff", "gif", "bmp")
    assert all(seen[form, known] > 20 for form, known in itertools.product(wanted, (0, 1))), seen


def test_interlaced_and_both_ways(tmp_path: Path) -> None:
    """Pillow writes no interlaced PNG: one row of each pass, by hand, without and with the proof."""
    size = 8, 8
    files = []
    for hole in (None, 0, 5):
        data = b""
        for width, height in ((1, 1), (1, 1), (2, 1), (2, 2), (4, 2), (4, 4), (8, 4)):
            for y in range(height):
                row = bytearray(b"\x01\x02\x03\xff" * width)
                if hole is not None and (width, y) == (2 if hole else 1, 0):
                    row[3] = 254
                data += b"\0" + row
        header = struct.pack(">IIBBBBB", *size, 8, 6, 0, 0, 1)
        files.append(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(data))
                     + chunk(b"IEND", b""))
    facts = facts_of(tmp_path, files)
    assert [fact["transparent"] for fact in facts] == [0, 1, 1]
    again = read_facts(os.environ["LC_IMAGE_FACTS"], [fact["path"] for fact in facts], "-x")
    assert [fact["transparent"] for fact in again] == [0, 1, 1]
