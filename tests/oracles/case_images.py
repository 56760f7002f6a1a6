"""Cases of images: every format and mode, sizes at the limits, and each kind of damage."""

from __future__ import annotations

import base64
import json
import random
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

import pictures as pic
from cases import Case, between, sound, text_row, turns
from PIL import Image

RARE = Path(__file__).with_name("rare_images.json")  # from encoders that Debian's Pillow does not have


def cases() -> Iterator[Case]:
    for make in (modes, more_modes, formats, more_formats, sizes, orientations, damages, names, videos):
        yield from make()


def shown(
    name: str, aims: str, data: bytes, path: str = "x.png", intact: bytes | None | str = "", silent: bool = False
) -> Case:
    """Make a case whose middle row shows these bytes; `intact` is the picture before its damage."""
    kept = {} if isinstance(intact, str) else {f"images/{path}": intact}
    return between(f"image/{name}", aims, sound("s1", image=path), media={f"images/{path}": data}, intact=kept,
                   silent=frozenset(kept) if silent else frozenset())


def picture(seed: int, mode: str = "RGB", size: tuple[int, int] = (48, 32)) -> Image.Image:
    return pic.blurred(seed, mode, size)


def save(image: Image.Image, form: str, **options: object) -> bytes:
    return pic.encode(image, form, **options)


def modes() -> Iterator[Case]:
    rgb = picture(1)
    gray = picture(2, "L")
    half = gray.point(lambda v: v // 2)
    opaque = Image.new("L", rgb.size, 255)
    few = rgb.quantize(16)
    bits = gray.convert("1")

    def with_alpha(base: Image.Image, alpha: Image.Image) -> Image.Image:
        out = base.copy()
        out.putalpha(alpha)
        return out

    hole = opaque.copy()
    hole.paste(0, (10, 8, 20, 16))
    for name, aim, image, form, suffix, options in (
        ("rgb-png", "", rgb, "PNG", "png", {}),
        ("gray-png", "", gray, "PNG", "png", {}),
        ("rgba-opaque", "IMG515 opaque", with_alpha(rgb, opaque), "PNG", "png", {}),
        ("rgba-transparent", "IMG515 alpha", with_alpha(rgb, half), "PNG", "png", {}),
        ("rgba-hole", "IMG515 alpha", with_alpha(rgb, hole), "PNG", "png", {}),
        ("la-opaque", "IMG515 opaque", with_alpha(gray, opaque), "PNG", "png", {}),
        ("la-transparent", "IMG515 alpha", with_alpha(gray, half), "PNG", "png", {}),
        ("palette", "IMG515 palette", few, "PNG", "png", {}),
        ("palette-transparent", "IMG515 alpha", few, "PNG", "png", {"transparency": 3}),
        ("palette-transparent-unused", "IMG515 opaque", few, "PNG", "png", {"transparency": 200}),
        ("palette-bytes", "IMG515 alpha", few, "PNG", "png", {"transparency": bytes([0, 128] + [255] * 14)}),
        ("palette-bytes-opaque", "IMG515 opaque", few, "PNG", "png", {"transparency": bytes([255] * 16)}),
        ("gray-transparent-key", "IMG515 alpha", gray, "PNG", "png", {"transparency": gray.getpixel((5, 5))}),
        ("rgb-transparent-key", "IMG515 alpha", rgb, "PNG", "png", {"transparency": rgb.getpixel((5, 5))}),
        ("bilevel-png", "IMG515 bilevel", bits, "PNG", "png", {}),
        ("bilevel-tiff", "IMG515 bilevel", bits, "TIFF", "tif", {}),
        ("bilevel-bmp", "IMG515 bilevel", bits, "BMP", "bmp", {}),
        ("palette-bmp", "IMG515 palette", few, "BMP", "bmp", {}),
        ("cmyk-jpeg", "IMG515 cmyk", rgb.convert("CMYK"), "JPEG", "jpg", {}),
        ("cmyk-tiff", "IMG515 cmyk", rgb.convert("CMYK"), "TIFF", "tif", {}),
        ("lab-tiff", "IMG515 lab", Image.merge("LAB", rgb.split()), "TIFF", "tif", {}),
        ("ycbcr-tiff", "", rgb.convert("YCbCr"), "TIFF", "tif", {}),
        ("float-tiff", "IMG515 float", gray.convert("F"), "TIFF", "tif", {}),
        ("float-small-tiff", "IMG515 float", gray.convert("F").point(lambda v: v * 0.002), "TIFF", "tif", {}),
        ("int32-tiff", "IMG515 int32", gray.convert("I").point(lambda v: v * 70000), "TIFF", "tif", {}),
        ("int32-small-tiff", "IMG515 int32", gray.convert("I"), "TIFF", "tif", {}),
        ("16-bit-png", "IMG515 16-bit", gray.convert("I").point(lambda v: v * 256), "PNG", "png", {}),
        ("16-bit-dark-png", "IMG515 16-bit", gray.convert("I"), "PNG", "png", {}),
        ("16-bit-black-png", "IMG515 16-bit", gray.convert("I").point(lambda v: v * 0), "PNG", "png", {}),
        ("gif", "IMG515 palette", few, "GIF", "gif", {}),
        ("gif-gray", "", gray, "GIF", "gif", {}),
        ("gif-transparent", "IMG515 alpha", few, "GIF", "gif", {"transparency": 3}),
        ("gif-animated", "IMG516", few, "GIF", "gif", {"save_all": True, "append_images": [picture(3).quantize(16)]}),
        ("gif-twice-same", "IMG516", few, "GIF", "gif", {"save_all": True, "append_images": [few, few]}),
        ("apng", "IMG516", rgb, "PNG", "png", {"save_all": True, "append_images": [picture(4)]}),
        ("tiff-pages", "IMG516", rgb, "TIFF", "tif", {"save_all": True, "append_images": [picture(5)]}),
        ("webp-animated", "IMG516", rgb, "WEBP", "webp", {"save_all": True, "append_images": [picture(6)]}),
        ("mpo", "IMG516", rgb, "MPO", "jpg", {"save_all": True, "append_images": [picture(7)]}),
        ("webp", "", rgb, "WEBP", "webp", {}),
        ("webp-lossless", "", rgb, "WEBP", "webp", {"lossless": True}),
        ("webp-alpha", "IMG515 alpha", with_alpha(rgb, half), "WEBP", "webp", {}),
        ("webp-alpha-opaque", "", with_alpha(rgb, opaque), "WEBP", "webp", {}),
        ("jpeg", "", rgb, "JPEG", "jpg", {}),
        ("jpeg-gray", "", gray, "JPEG", "jpg", {}),
        ("jpeg-progressive", "", rgb, "JPEG", "jpg", {"progressive": True}),
        ("jpeg-444", "", rgb, "JPEG", "jpg", {"subsampling": 0}),
        ("bmp", "", rgb, "BMP", "bmp", {}),
        ("bmp-alpha", "IMG515 alpha", with_alpha(rgb, half), "BMP", "bmp", {}),
        ("tiff", "", rgb, "TIFF", "tif", {}),
        ("tiff-lzw", "", rgb, "TIFF", "tif", {"compression": "tiff_lzw"}),
        ("tiff-deflate", "", rgb, "TIFF", "tif", {"compression": "tiff_deflate"}),
        ("tiff-jpeg", "", rgb, "TIFF", "tif", {"compression": "jpeg"}),
        ("tiff-alpha", "IMG515 alpha", with_alpha(rgb, half), "TIFF", "tif", {}),
        ("tiff-16-bit", "IMG515 16-bit", deep(gray), "TIFF", "tif", {}),
        ("blank-white", "IMG519", Image.new("RGB", (48, 32), "white"), "PNG", "png", {}),
        ("blank-black", "IMG519", Image.new("L", (48, 32), 0), "PNG", "png", {}),
    ):
        yield shown(f"mode-{name}", aim, save(image, form, **options), f"x.{suffix}")
    for name, colour, depth in (("gray-alpha-16", 4, 16), ("rgb-16", 2, 16), ("rgba-16", 6, 16), ("gray-2", 0, 2),
                                ("gray-4", 0, 4), ("palette-1", 3, 1)):
        yield shown(f"png-{name}", f"IMG515 {name}", raw_png(32, 24, depth, colour), "x.png")


def more_modes() -> Iterator[Case]:
    """Modes that Pillow writes rarely, or not at all."""
    rgb, gray = picture(14), picture(15, "L")
    half, opaque = gray.point(lambda v: v // 2), Image.new("L", rgb.size, 255)
    few = rgb.quantize(16)
    deep_be = Image.frombytes("I;16B", gray.size, b"".join(struct.pack(">H", v * 257) for v in gray.tobytes()))
    exif = Image.Exif()
    for name, aim, image, form, options in (
        ("la-tiff", "IMG515 alpha", Image.merge("LA", (gray, half)), "TIFF", {}),
        ("la-opaque-tiff", "IMG515 opaque", Image.merge("LA", (gray, opaque)), "TIFF", {}),
        ("pa-tiff", "IMG515 alpha", few.convert("PA"), "TIFF", {}),
        ("rgbx-tiff", "IMG515", rgb.convert("RGBX"), "TIFF", {}),
        ("rgba-premultiplied-tiff", "IMG515 alpha", Image.merge("RGBA", (*rgb.split(), half)), "TIFF",
         {"tiffinfo": {338: 1}}),
        ("palette-tiff", "IMG515 palette", few, "TIFF", {}),
        ("16-bit-big-tiff", "IMG515 16-bit", deep_be, "TIFF", {}),
        ("bilevel-group4-tiff", "IMG515 bilevel", gray.convert("1"), "TIFF", {"compression": "group4"}),
        ("cmyk-lzw-tiff", "IMG515 cmyk", rgb.convert("CMYK"), "TIFF", {"compression": "tiff_lzw"}),
        ("bilevel-gif", "IMG515", gray.convert("1"), "GIF", {}),
        ("palette-few-png", "IMG515 palette", rgb.quantize(2), "PNG", {"bits": 1}),
        ("jpeg-icc", "", rgb, "JPEG", {"icc_profile": bytes(200)}),
        ("jpeg-quality-1", "", rgb, "JPEG", {"quality": 1}),
        ("png-text", "", rgb, "PNG", {"pnginfo": None, "dpi": (72, 72)}),
    ):
        suffix = {"TIFF": "tif", "JPEG": "jpg"}.get(form, form.lower())
        yield shown(f"mode-{name}", aim, save(image, form, **options), f"x.{suffix}")
    for turn in (3, 6):
        exif[0x0112] = turn
        yield shown(f"orientation-tiff-{turn}", "IMG514", save(rgb, "TIFF", exif=exif), "x.tif")
    noise = random.Random(3).randbytes(32 * 24 * 6)
    for name, colour, depth, key in (("gray-16-key", 0, 16, noise[:2]), ("rgb-16-key", 2, 16, noise[:6]), ("gray-1-key", 0, 1, b"\0\1"),
                                     ("gray-8-no-key", 0, 8, b"\1\0"), ("palette-1-key", 3, 1, b"\x80")):
        data = raw_png(32, 24, depth, colour)
        at = pic.chunk(data, b"IDAT")[0]
        chunk = struct.pack(">I", len(key)) + b"tRNS" + key + struct.pack(">I", zlib.crc32(b"tRNS" + key))
        yield shown(f"png-{name}", f"IMG515 {name}", data[:at] + chunk + data[at:], "x.png")
    for name, bits, masks in (("bgrx", 32, b""), ("555", 16, b""), ("565", 16, struct.pack("<III", 0xF800, 0x7E0, 0x1F))):
        head = struct.pack("<IiiHHIIiiII", 40, 32, 24, 1, bits, 3 if masks else 0, 0, 0, 0, 0, 0) + masks
        pixels = b"".join(noise[i : i + 3] + b"\0" for i in range(0, 32 * 24 * 3, 3)) if bits == 32 else noise[: 32 * 24 * 2]
        file = b"BM" + struct.pack("<IHHI", 14 + len(head) + len(pixels), 0, 0, 14 + len(head))
        yield shown(f"bmp-{name}", "", file + head + pixels, "x.bmp")


def deep(gray: Image.Image) -> Image.Image:
    """Return the picture in 16 bits."""
    data = b"".join(struct.pack("<H", v * 257) for v in gray.tobytes())
    return Image.frombytes("I;16", gray.size, data)


def raw_png(width: int, height: int, depth: int, colour: int) -> bytes:
    """Make a PNG of noise with any depth and colour type."""
    dice = random.Random(depth * 8 + colour)
    channels = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[colour]
    line = (width * channels * depth + 7) // 8
    rows = b"".join(b"\0" + dice.randbytes(line) for _ in range(height))

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    palette = chunk(b"PLTE", b"\x20\x40\x80\xf0\xe0\xd0") if colour == 3 else b""
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + palette + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def formats() -> Iterator[Case]:
    """Formats that Pillow loads but llava-check does not decode: sound, cut and damaged."""
    rgb, gray = picture(11), picture(12, "L")
    made: dict[str, bytes] = {
        "ppm": save(rgb, "PPM"), "pgm": save(gray, "PPM"), "pbm": save(gray.convert("1"), "PPM"),
        "tga": save(rgb, "TGA"), "tga-rle": save(rgb, "TGA", compression="tga_rle"), "pcx": save(rgb, "PCX"),
        "pcx-gray": save(gray, "PCX"), "ico": save(rgb.resize((32, 32)), "ICO"), "sgi": save(rgb, "SGI"),
        "dds": save(rgb, "DDS"), "im": save(rgb, "IM"), "jp2": save(rgb, "JPEG2000"),
        "j2k": save(rgb, "JPEG2000", no_jp2=True), "icns": save(rgb.resize((128, 128)), "ICNS"),
        "msp": save(gray.convert("1"), "MSP"), "xbm": save(gray.convert("1"), "XBM"), "spider": save(gray.convert("F"), "SPIDER"),
        "eps": save(rgb, "EPS"), "ppm-ascii": b"P3\n2 2\n255\n" + b"9 9 9 " * 4,
        "ppm-16": b"P6\n8 8\n65535\n" + bytes(range(256)) + bytes(128), "psd": b"8BPS\0\1" + bytes(20),
        "hdr": b"#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n-Y 8 +X 8\n" + bytes(256), "fits": b"SIMPLE  =                    T",
        "svg": b'<svg xmlns="http://www.w3.org/2000/svg"/>', "wmf": b"\xd7\xcd\xc6\x9a" + bytes(40),
        "jxl": b"\xff\x0a" + bytes(60), "heic": b"\0\0\0\x18ftypheic" + bytes(60), "blp": b"BLP2" + bytes(1200),
        "qoi": b"qoif" + struct.pack(">IIBB", 2, 2, 3, 0) + b"\xfe\x01\x02\x03" * 4 + bytes(7) + b"\1",
    }
    if RARE.exists():
        made |= {name: base64.b64decode(text) for name, text in json.loads(RARE.read_text()).items()}
    for name, data in made.items():
        suffix = name.split("-")[0]
        yield shown(f"format-{name}", f"unverified {suffix}", data, f"x.{suffix}")
        if len(data) > 60:
            yield shown(f"format-{name}-half", f"unverified {suffix}", data[: len(data) // 2], f"x.{suffix}", None)
            yield shown(f"format-{name}-cut", f"unverified {suffix}", data[:-8], f"x.{suffix}", None)
            dice = random.Random(len(data))
            spoilt = bytearray(data)
            for at in dice.sample(range(min(12, len(data) // 2), len(data)), 6):
                spoilt[at] ^= 0xFF
            yield shown(f"format-{name}-spoilt", f"unverified {suffix}", bytes(spoilt), f"x.{suffix}", None)
            yield shown(f"format-{name}-head", f"unverified {suffix}", data[:24], f"x.{suffix}", None)


def more_formats() -> Iterator[Case]:
    """Kinds of TGA, PCX, SGI and QOI, with alpha, colours, gray and padding; some of them damaged."""
    rgb, gray = picture(16), picture(17, "L")
    odd = picture(18, "RGB", (47, 31))
    half, opaque = gray.point(lambda v: v // 2), Image.new("L", rgb.size, 255)
    clear, whole = Image.merge("RGBA", (*rgb.split(), half)), Image.merge("RGBA", (*rgb.split(), opaque))
    few = rgb.quantize(16)
    tga_16 = struct.pack("<BBBHHBHHHHBB", 0, 0, 2, 0, 0, 0, 0, 0, 32, 24, 16, 1)
    noise = random.Random(4).randbytes(32 * 24 * 2)
    tga_run = struct.pack("<BBBHHBHHHHBB", 0, 0, 10, 0, 0, 0, 0, 0, 32, 24, 24, 0) + b"\xffabc" * 6
    colours = bytes(random.Random(6).randbytes(256 * 4))
    tga_map = struct.pack("<BBBHHBHHHHBB", 0, 1, 1, 0, 256, 32, 0, 0, 32, 24, 8, 0) + colours + noise[: 32 * 24]
    pcx_4 = struct.pack("<4B4H2H", 10, 5, 1, 1, 0, 0, 31, 23, 72, 72) + bytes(range(48)) + b"\0\4" + struct.pack("<HH", 4, 1)
    pcx_4 = pcx_4.ljust(128, b"\0") + bytes(b & 0xBF for b in noise[: 16 * 24])
    palette = save(few, "PCX")
    made = {
        "tga-clear": save(clear, "TGA"), "tga-opaque": save(whole, "TGA"), "tga-gray": save(gray, "TGA"),
        "tga-palette": save(few, "TGA"), "tga-palette-rle": save(few, "TGA", compression="tga_rle"),
        "tga-la": save(Image.merge("LA", (gray, half)), "TGA"), "tga-la-opaque": save(Image.merge("LA", (gray, opaque)), "TGA"),
        "tga-bilevel": save(gray.convert("1"), "TGA"), "tga-16": tga_16 + noise, "tga-gray-cut": save(gray, "TGA")[:900],
        "tga-16-opaque": tga_16 + bytes(b & 0x7F for b in noise), "tga-no-map": tga_16[:2] + b"\1" + tga_16[3:16] + b"\x08\0" + noise,
        "tga-run": tga_run, "tga-map-32": tga_map, "tga-like-pcx": bytes([10]) + tga_16[1:] + bytes(10) + noise,
        "tga-tiny": tga_16[:12] + struct.pack("<HHBB", 1, 1, 32, 8) + b"abc\xff",
        "pcx-palette": palette, "pcx-odd": save(odd, "PCX"), "pcx-bilevel": save(gray.convert("1"), "PCX"), "pcx-16": pcx_4,
        "pcx-palette-gone": palette[:-769] + bytes(769), "pcx-palette-cut": palette[:-300],
        "pcx-narrow": save(picture(19, "RGB", (3, 40)), "PCX"),
        "sgi-gray": save(gray, "SGI"), "sgi-clear": save(clear, "SGI"), "sgi-opaque": save(whole, "SGI"),
        "sgi-16": save(rgb, "SGI", bpc=2), "sgi-gray-16": save(gray, "SGI", bpc=2),
        "sgi-rle": sgi_packed(gray), "sgi-rle-short": sgi_packed(gray, short=5), "sgi-rle-cut": sgi_packed(gray)[:-40],
        "qoi-clear": b"qoif" + struct.pack(">IIBB", 8, 8, 4, 0) + b"".join(b"\xff" + noise[i : i + 4] for i in range(64)) + bytes(8),
        "qoi-no-end": b"qoif" + struct.pack(">IIBB", 8, 8, 3, 0) + b"".join(b"\xfe" + noise[i : i + 3] for i in range(64)),
    }
    for name, data in made.items():
        suffix = name.split("-")[0]
        damaged = name.endswith(("short", "palette-gone", "palette-cut"))  # although Pillow loads it
        yield shown(f"kind-{name}", suffix, data, f"x.{suffix}", None if damaged else "", damaged)


def sgi_packed(gray: Image.Image, short: int = -1) -> bytes:
    """Make a compressed SGI, which Pillow cannot write; the row `short` has half its pixels."""
    width, height = gray.size
    rows = [gray.crop((0, height - 1 - y, width, height - y)).tobytes() for y in range(height)]
    coded = [bytes([0x80 | len(row)]) + row + b"\0" for row in
             (row[: width // 2] if y == short else row for y, row in enumerate(rows))]
    starts = [512 + 8 * height + sum(map(len, coded[:y])) for y in range(height)]
    head = struct.pack(">BBBBHHHH", 1, 0xDA, 1, 1, 2, width, height, 1).ljust(512, b"\0")
    return head + struct.pack(f">{height}I", *starts) + struct.pack(f">{height}I", *map(len, coded)) + b"".join(coded)


SIZES = (
    (1, 1), (2, 2), (3, 3), (4, 4), (5, 5), (1, 2), (2, 1), (1, 3), (3, 1), (1, 4), (3, 2), (2, 3), (1, 10), (1, 27),
    (1, 28), (28, 1), (1, 100), (100, 1), (2, 100), (3, 100), (100, 3), (4, 100), (27, 27), (1, 199), (1, 200), (1, 201),
    (201, 1), (2, 400), (2, 402), (402, 2), (5, 1000), (5, 1001), (10, 1000), (1000, 10), (1000, 5), (2000, 10),
    (2010, 10), (336, 336), (335, 337), (1000, 100), (14, 14), (10, 10), (8, 2000), (3, 601), (672, 672), (1, 1000), (1000, 1),
)


def sizes() -> Iterator[Case]:
    for width, height in SIZES:
        aim = "IMG512" if min(width, height) < 4 else "IMG513" if max(width, height) > 200 * min(width, height) else ""
        for mode in ("RGB", "L"):
            data = pic.png(picture(width * 31 + height, mode, (width, height)))
            yield shown(f"size-{width}x{height}-{mode}", aim, data)
    for width, height, aim in ((9500, 9500, "IMG511 warning"), (13400, 13400, "IMG511 error"), (20000, 10000, "IMG511 error")):
        yield shown(f"size-bomb-{width}x{height}", aim, bit_png(width, height))


def bit_png(width: int, height: int) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    line = b"\0" + b"\xf0" * ((width + 7) // 8)
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(line * height, 9)) + chunk(b"IEND", b"")


def orientations() -> Iterator[Case]:
    for value in (1, 2, 3, 4, 5, 6, 7, 8, 9, 0):
        exif = Image.Exif()
        exif[0x0112] = value
        aim = "IMG514" if 2 <= value <= 8 else ""
        yield shown(f"orientation-{value}", aim, pic.jpeg(picture(40 + value), exif=exif.tobytes()), "x.jpg")
    exif = Image.Exif()
    exif[0x0112] = 6
    yield shown("orientation-png", "IMG514", save(picture(52), "PNG", exif=exif), "x.png")
    yield shown("orientation-webp", "IMG514", save(picture(53), "WEBP", exif=exif.tobytes()), "x.webp")


def damages() -> Iterator[Case]:
    big = picture(60, "RGB", (160, 120))
    jpeg, progressive = pic.jpeg(big), pic.jpeg(big, progressive=True)
    png = pic.png(big)
    kinds = {
        "jpeg": (jpeg, "jpg"), "progressive": (progressive, "jpg"), "png": (png, "png"),
        "gif": (save(big.quantize(64), "GIF"), "gif"), "bmp": (save(big, "BMP"), "bmp"),
        "tiff": (save(big, "TIFF"), "tif"), "tiff-lzw": (save(big, "TIFF", compression="tiff_lzw"), "tif"),
        "tiff-deflate": (save(big, "TIFF", compression="tiff_deflate"), "tif"),
        "webp": (save(big, "WEBP"), "webp"), "webp-lossless": (save(big, "WEBP", lossless=True), "webp"),
    }
    for name, (data, suffix) in kinds.items():
        for share in (0.1, 0.3, 0.5, 0.8, 0.97):
            cut = data[: int(len(data) * share)]
            yield shown(f"damage-{name}-cut-{int(share * 100)}", "IMG507", cut, f"x.{suffix}", data)
        for tail in (1, 2, 3, 8, 12, 16):
            yield shown(f"damage-{name}-tail-{tail}", "IMG507", data[:-tail], f"x.{suffix}", data)
        by_bits = suffix == "jpg"  # a wrong bit may be noticed by libjpeg, by Pillow, or not at all
        for seed in range(6):
            dice = random.Random(seed * 100 + len(data))
            spoilt = bytearray(data)
            for _ in range(1 + seed % 3):
                spoilt[dice.randrange(len(data) // 3, len(data))] ^= 1 << dice.randrange(8)
            if not by_bits or pic.refusal(bytes(spoilt)):
                yield shown(f"damage-{name}-flip-{seed}", "IMG508 IMG509", bytes(spoilt), f"x.{suffix}", data)
        zeroed = data[: len(data) // 2] + bytes(len(data) // 4) + data[len(data) // 2 + len(data) // 4 :]
        yield shown(f"damage-{name}-zeros", "IMG508 IMG509", zeroed, f"x.{suffix}", data, by_bits)
        yield shown(f"damage-{name}-trailing", "IMG517", data + b"more" * 20, f"x.{suffix}")
        yield shown(f"damage-{name}-twice", "IMG517", data + data, f"x.{suffix}")
    start, end = pic.chunk(png, b"IDAT")
    yield shown("damage-png-adler", "IMG508", pic.with_idat(png, png[start + 8 : end - 8] + b"\0\0\0\0"), "x.png", png)
    yield shown("damage-png-crc", "IMG508", pic.flip(png, end - 1), "x.png", png)
    yield shown("damage-png-header-crc", "IMG508", pic.flip(png, pic.chunk(png, b"IHDR")[1] - 1), "x.png", png)
    yield shown("damage-png-iend-crc", "IMG508", pic.flip(png, len(png) - 1), "x.png", png)
    yield shown("damage-jpeg-scan", "IMG509", pic.damage_scan(jpeg, 0.5), "x.jpg", jpeg, True)
    for name, data in (
        ("empty", b""), ("newline", b"\n"), ("text", b"Access denied.\n"), ("html", b"<!DOCTYPE html><html></html>\n"),
        ("json", b'{"error": 404}'), ("zeros", bytes(4096)), ("signature-png", png[:8]), ("signature-jpeg", jpeg[:3]),
        ("lfs", b"version https://git-lfs.github.com/spec/v1\noid sha256:" + b"0" * 64 + b"\nsize 118231\n"),
        ("zip", b"PK\3\4" + bytes(40)), ("gzip", zlib.compress(b"not here\n", 9, 31)), ("pdf", b"%PDF-1.4\n"),
        ("noise", random.Random(5).randbytes(3000)),
    ):
        yield shown(f"not-{name}", "IMG504 IMG505 IMG506", data, "x.jpg", None)
        row = sound("s1", image="x.jpg")
        yield between(f"image/not-{name}-last", "IMG504 IMG505 IMG506", row, last=True,
                      media={"images/x.jpg": data}, intact={"images/x.jpg": None})


def names() -> Iterator[Case]:
    jpeg, png, webp = pic.jpeg(picture(70)), pic.png(picture(71)), save(picture(72), "WEBP")
    for name, path, data, aim in (
        ("png-as-jpg", "x.jpg", png, "IMG510"), ("jpg-as-png", "x.png", jpeg, "IMG510"),
        ("webp-as-jpg", "x.jpg", webp, "IMG510"), ("no-suffix", "x", jpeg, ""), ("upper", "X.JPG", jpeg, ""),
        ("jpg-as-gif", "x.gif", jpeg, "IMG510"), ("as-txt", "x.txt", jpeg, ""), ("as-json", "x.json", png, ""),
        ("folder", "a/b/c.png", png, ""), ("space", "a b.png", png, ""), ("han", "图.png", png, ""),
        ("percent", "a%20b.png", png, ""), ("quote", "a'b.png", png, ""), ("hash", "a#b.png", png, ""),
        ("accent", "é.png", png, ""), ("long", "x" * 200 + ".png", png, ""), ("colon", "a:b.png", png, ""),
        ("brace", "{a}.png", png, ""), ("dots", "a..b.png", png, ""), ("hidden", ".x.png", png, ""),
        ("comma", "a,b.png", png, ""), ("star", "a*b.png", png, ""), ("question", "a?b.png", png, ""),
        ("video-suffix", "x.mp4", png, ""), ("http", "http.png", png, ""), ("data", "data.png", png, ""),
    ):
        yield shown(f"name-{name}", aim, data, path)
    yield between("image/name-trailing-space", "IMG501", sound("s1", image="s1.png "))
    yield between("image/name-leading-space", "IMG501", sound("s1", image=" s1.png"))
    yield between("image/name-line", "IMG501", sound("s1", image="s1.png\n"))
    yield between("image/name-case", "IMG501", sound("s1", image="S1.PNG"))
    yield between("image/name-images-prefix", "IMG501", sound("s1", image="images/s1.png"))
    yield between("image/name-nul", "IMG503 nul", sound("s1", image="s1.png\0"))
    yield between("image/name-over-long", "IMG501", sound("s1", image="x" * 300 + ".png"))
    yield between("image/name-over-long-path", "IMG501", sound("s1", image="y/" * 2500 + ".png"))
    yield between("image/name-slash", "IMG501", sound("s1", image="s1.png/"))


def videos() -> Iterator[Case]:
    clip = {"videos/v.mp4": b"no video"}
    question = turns("<video>\nWhat happens in picture v1?", "A cloud.")
    tagged = turns("<image>\nWhat happens in picture v1?", "A cloud.")
    for name, changes, conversations in (
        ("broken", {"video": "v.mp4"}, question), ("broken-tag", {"video": "v.mp4"}, tagged),
        ("gone", {"video": "gone.mp4"}, question), ("gone-tag", {"video": "gone.mp4"}, tagged),
        ("null", {"video": None}, question), ("empty", {"video": ""}, question), ("list", {"video": ["gone.mp4"]}, question),
        ("number", {"video": 7}, question), ("no-tag", {"video": "gone.mp4"}, turns("What is it?", "A cloud.")),
    ):
        row = text_row("v1", **changes, conversations=conversations)
        yield between(f"video/{name}", f"ROW212 {name}", row, media=clip, intact={"videos/v.mp4": None})
        yield between(f"video/{name}-last", f"ROW212 {name}", row, last=True, media=clip, intact={"videos/v.mp4": None})
        beside = {"id": "v1", "image": "s1.png", **changes,
                  "conversations": turns("<image>\nWhat happens in picture v1?", "A cloud.")}
        yield between(f"video/{name}-beside", f"ROW212 {name} beside", beside, media=clip,
                      intact={"videos/v.mp4": None})
