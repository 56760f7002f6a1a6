"""Files of the other formats that reach code which no mutant reaches."""

import random
import struct

import seeds_rare_jpeg
import seeds_rare_png
import seeds_rare_tiff
from image_seeds import encode, noise
from seeds_gif_bmp import bmp, bmp_header, bmp_palette, colours, control, extension, frame, gray_palette, rows, \
    screen, sub_blocks
from seeds_tiff_webp import riff, riff_chunk, riff_chunks, vp8x

# --- GIF ---------------------------------------------------------------------------------


def packed(codes, width):
    """Pack codes of one width, lowest bits first."""
    bits = sum(code << i * width for i, code in enumerate(codes))
    return bits.to_bytes(-(-len(codes) * width // 8), "little")


def gif_of(bits, codes, width, size=(4, 4)):
    box = struct.pack("<HHHHB", 0, 0, *size, 0)
    return screen(*size, colours(3, 6)) + b"," + box + bytes((bits,)) + sub_blocks(packed(codes, width)) + b";"


def gifs():
    """Yield codes of 12 bits and more, which do not fit in a table; ends of blocks."""
    clear = 1 << 12
    for at, codes in enumerate(((5,) * 16, (5, clear + 2), (5, clear + 2, clear + 2), (5, clear + 2, 7) + (3,) * 16,
                                (5, 6, clear + 2) + (3,) * 16, (5, clear + 3), (clear + 2,), (5, clear, 6) + (7,) * 16,
                                (5, clear + 1), (5, clear + 2, 7, clear + 2) + (3,) * 16, (4095,) * 16,
                                (4095, clear + 2) + (300,) * 16, (clear, 5, clear + 2, 5), (1, 2, 3, clear),
                                (5, clear + 2, 4, clear + 2, 3, clear + 2, 9, 9, 9, 9, 9, 9, 9))):
        yield f"wide-{at}", gif_of(12, codes, 13)
        yield f"wide-{at}-one", gif_of(12, codes, 13, (1, 1))
        yield f"wide-{at}-two", gif_of(12, codes, 13, (2, 1))
    for bits in (0, 1, 9, 10, 11, 12, 13, 200):
        yield f"bits-{bits}", gif_of(bits, (1 << bits % 16, 0, 0, 0, 0), bits % 16 + 1)
    picture = frame(bytes(16), (0, 0, 4, 4), 2)
    for at, block in enumerate((b"!", b"!\xff", b"!\xff\0", b"!\xff\x0bNETSCAPE2.0", b"!\xff\x0bNETSCAPE2.0\0",
                                b"!\xff\x0bNETSCAPE2.0\1\1\0", b"!\xff\x0bNETSCAPE2.0\3\1\0\0\0", b"!\xfe", b"!\xfe\0",
                                b"!\xfe\3abc", b"!\xfe\3abc\0", b"!\xf9", b"!\xf9\0", b"!\xf9\3\0\0\0\0", b"!\xf9\3\1\0\0\0",
                                b"!\xf9\4\1\0\0\2\0", b"!\x01\3abc\0", b"!\xff\x03XYZ\0")):
        yield f"block-{at}", screen(4, 4, colours(2, 7)) + block + picture + b";"
        yield f"block-{at}-cut", screen(4, 4, colours(2, 7)) + block
        yield f"block-{at}-behind", screen(4, 4, colours(2, 7)) + picture + block + picture + b";"
    for at, (box, size) in enumerate((((0, 0, 0, 0), (4, 4)), ((0, 0, 0, 4), (0, 4)), ((0, 0, 4, 0), (4, 0)), ((0, 0, 4, 4), (0, 0)),
                                      ((0, 0, 0, 0), (0, 0)), ((3, 3, 4, 4), (4, 4)), ((0, 0, 4, 4), (0, 4)))):
        yield f"size-{at}", screen(*size, colours(2, 8)) + frame(bytes(16), box, 2) + b";"
    yield "control-twice", screen(4, 4, colours(2, 9)) + control(2, 1) + control(0) + picture + extension(0xFE) + b";"


# --- BMP ---------------------------------------------------------------------------------


def bmps():
    masks = struct.pack("<III", 0xFF0000, 0xFF00, 0xFF)
    for size in (40, 64, 108, 124):
        for bits in (1, 8, 16, 24, 32):
            head = bmp_header(size, 5, 3, bits, 3, 0, (0xFF0000, 0xFF00, 0xFF, 0) if size > 64 else ())
            palette = bmp_palette(1 << bits, 4, bits) if bits <= 8 else b""
            yield f"masks-{size}-{bits}", bmp(head, masks + palette, rows(5, 3, bits, 1))
            for cut in (0, 4, 11, 12):
                yield f"masks-{size}-{bits}-{cut}", bmp(head, masks[:cut], b"")
                yield f"masks-{size}-{bits}-{cut}-dib", head + masks[:cut]
    gray = gray_palette(range(256))
    mixed = bmp_palette(256, 4, 3)
    # pixels that Pillow maps, counting their bits in its own way
    for bits in (1, 4, 8, 16, 24, 32):
        for palette in (gray, mixed) if bits <= 8 else (b"",):
            for width, height in ((4090, 1), (4097, 1), (8000, 2), (8000, 1), (33, 5), (1, 1)):
                if bits == 4 and palette is gray and (width < 8000) == (width > 4000) or height == 2:
                    continue  # past the mapping's last page, it reads arbitrary memory, or crashes
                for shift in (0, -1, 4, 1000):
                    head = bmp_header(40, width, height, bits)
                    use = palette[:4 << bits] if palette else b""
                    name = f"mapped-{bits}-{'gray' if palette is gray else 'mixed'}-{width}x{height}-{shift}"
                    yield name, bmp(head, use, rows(width, height, bits, 2), offset=54 + len(use) + shift)
    for count in (1, 2, 5, 255, 256, 257):
        for bits in (1, 4, 8):
            yield f"count-{bits}-{count}", bmp(bmp_header(40, 20, 4, bits, 0, count), gray_palette(range(count)),
                                               rows(20, 4, bits, 4))
    for at, mark in enumerate((b"BA", b"BN", b"B", b"BM", b"MB", b"B\0")):
        yield f"mark-{at}", mark + bmp(bmp_header(40, 4, 4, 24), b"", rows(4, 4, 24, 5))[2:]
        yield f"mark-{at}-only", mark
    for size in (12, 16, 40, 64, 108, 124):
        head = bmp_header(size, 4, 4, 24) if size != 16 else struct.pack("<IIIHH", 16, 4, 4, 1, 24)
        for cut in sorted({4, 8, min(15, size), size - 1, size}):
            yield f"cut-{size}-{cut}", bmp(head[:cut], b"", b"")
            yield f"cut-{size}-{cut}-dib", head[:cut]
    for size in (52, 56):  # sizes that Pillow 9.4 does not know
        yield f"header-{size}", bmp(bmp_header(size, 4, 4, 24), b"", rows(4, 4, 24, 7))
    for name, alpha in (("bgxr", 0), ("bgar", 0xFF0000)):
        yield f"layout-{name}", bmp(bmp_header(108, 4, 4, 32, 3, 0, (0xFF000000, 0xFF00, 0xFF, alpha)), b"",
                                    rows(4, 4, 32, 8))
    for height in (-1, -4, -2**24, -2**24 - 1, -2**31):
        head = struct.pack("<IiIHHIIiiII", 40, 4, height & 0xFFFFFFFF, 1, 24, 0, 0, 0, 0, 0, 0)
        yield f"height-{height & 0xFFFFFFFF}", bmp(head, b"", rows(4, 4, 24, 6))


# --- WebP --------------------------------------------------------------------------------


def webps():
    still = riff_chunks(encode(noise("RGB", (20, 16), 31), "WEBP"))[0]
    alpha = riff_chunks(encode(noise("RGBA", (20, 16), 32), "WEBP"))
    anim = riff_chunk(b"ANIM", bytes(6))
    yield "no-frame", riff(vp8x(0, 20, 16))
    yield "no-frame-animated", riff(vp8x(2, 20, 16), anim)
    yield "no-frame-metadata", riff(vp8x(0x2C, 20, 16), riff_chunk(b"EXIF", b"II*\0"), riff_chunk(b"XMP ", b"x"))
    yield "empty", riff()
    yield "empty-frame", riff(vp8x(2, 20, 16), anim, riff_chunk(b"ANMF", bytes(16)))
    yield "frame-still", riff(vp8x(2, 20, 16), anim, riff_chunk(*still))
    yield "still-frame", riff(vp8x(0, 20, 16), anim, riff_chunk(*still))
    yield "alpha-last", riff(vp8x(0x10, 20, 16), *(riff_chunk(*part) for part in alpha[::-1]))
    yield "alpha-only", riff(vp8x(0x10, 20, 16), *(riff_chunk(*part) for part in alpha if part[0] == b"ALPH"))
    yield "alpha-broken", riff(vp8x(0x10, 20, 16), riff_chunk(b"ALPH", b"\1" + b"\xff" * 30),
                               *(riff_chunk(*part) for part in alpha if part[0] == b"VP8 "))
    yield "twice", riff(riff_chunk(*still), riff_chunk(*still))
    yield "other-size", riff(vp8x(0, 30, 16), riff_chunk(*still))
    for at in range(0, 60, 3):
        yield f"short-{at}", riff(riff_chunk(still[0], still[1][:at]))
        yield f"short-{at}-extended", riff(vp8x(0, 20, 16), riff_chunk(still[0], still[1][:at]))


def seeds():
    kinds = (("gif", gifs), ("bmp", bmps), ("webp", webps))
    found = [(f"rare-{kind}-{name}", data) for kind, make in kinds for name, data in make()]
    found += seeds_rare_jpeg.seeds() + seeds_rare_png.seeds() + seeds_rare_tiff.seeds()
    random.Random(3).shuffle(found)  # so that few mutants still include each format
    return found
