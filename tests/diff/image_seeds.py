"""Small pictures of every kind, made with Pillow and by hand, for the tests to damage."""

import io
import random
import struct
import zlib

from PIL import Image

PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"

# The seven passes of an interlaced picture: first row, row step, first column, step.
PASSES = (
    (0, 8, 0, 8),
    (0, 8, 4, 8),
    (4, 8, 0, 4),
    (0, 4, 2, 4),
    (2, 4, 0, 2),
    (0, 2, 1, 2),
    (1, 2, 0, 1),
)


def noise(mode, size, seed):
    """Make a smooth picture with some noise, so that a JPEG of it has many coefficients."""
    rng = random.Random(seed)
    width, height = size
    bands = len(Image.new(mode, (1, 1)).getbands())
    data = bytes(
        (x * 3 + y * 2 * (band + 1) + rng.randrange(60)) & 255
        for y in range(height)
        for x in range(width)
        for band in range(bands)
    )
    return Image.frombytes(mode, size, data)


def encode(image, kind, **options):
    to = io.BytesIO()
    image.save(to, kind, **options)
    return to.getvalue()


def with_restarts(jpeg, interval):
    """Insert a DRI that does not fit the entropy-coded data: the decoder has to resync."""
    at = jpeg.index(b"\xff\xda")
    return jpeg[:at] + b"\xff\xdd\x00\x04" + struct.pack(">H", interval) + jpeg[at:]


def exif(orientation):
    data = Image.Exif()
    data[0x0112] = orientation
    data[0x0128] = 2
    data[0x011A] = 72.0
    return data.tobytes()


def jpeg_seeds():
    rgb = noise("RGB", (67, 45), 1)
    yield "gray", encode(noise("L", (61, 40), 2), "JPEG")
    yield "444", encode(rgb, "JPEG", subsampling=0)
    yield "422", encode(rgb, "JPEG", subsampling=1)
    yield "420", encode(rgb, "JPEG", subsampling=2, dpi=(72, 72))
    yield "cmyk", encode(noise("CMYK", (33, 29), 3), "JPEG")
    yield "progressive", encode(rgb, "JPEG", progressive=True)
    yield "progressive-gray", encode(noise("L", (50, 50), 4), "JPEG", progressive=True)
    yield "optimized", encode(rgb, "JPEG", optimize=True, quality=40)
    yield "exif", encode(rgb, "JPEG", exif=exif(6))
    yield "icc", encode(rgb, "JPEG", icc_profile=b"profile" * 30)
    yield "restarts", with_restarts(encode(rgb, "JPEG", subsampling=0), 4)
    yield "large", encode(noise("RGB", (400, 300), 5), "JPEG", quality=97, subsampling=0)
    yield "mpo", encode(rgb, "MPO", save_all=True, append_images=[noise("RGB", (20, 20), 6)])


def chunk(name, data):
    crc = zlib.crc32(name + data)
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", crc)


def png(header, *chunks):
    return PNG_SIGNATURE + chunk(b"IHDR", header) + b"".join(chunks) + chunk(b"IEND", b"")


def header(width, height, depth, colour, interlace=0):
    return struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, interlace)


def scanlines(width, height, bits, rng):
    size = (width * bits + 7) // 8
    if size == 0:
        return b""
    return b"".join(
        bytes([rng.randrange(5)]) + bytes(rng.randrange(0, 256, 7) for _ in range(size))
        for _ in range(height)
    )


def interlaced(width, height, bits, rng):
    out = b""
    for row, row_step, column, column_step in PASSES:
        columns = max(0, -(-(width - column) // column_step))
        rows = max(0, -(-(height - row) // row_step))
        out += scanlines(columns, rows, bits, rng)
    return out


def idat(data, pieces=1):
    packed = zlib.compress(data)
    step = -(-len(packed) // pieces)
    return [chunk(b"IDAT", packed[i : i + step]) for i in range(0, len(packed), step)]


SAMPLES = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}


def png_kinds():
    for colour, depths in ((0, (1, 2, 4, 8, 16)), (2, (8, 16)), (3, (1, 2, 4, 8)),
                           (4, (8, 16)), (6, (8, 16))):
        for depth in depths:
            yield colour, depth


def animation(kind):
    rng = random.Random(kind)
    control = chunk(b"acTL", struct.pack(">II", 2, 0))
    frame = [
        chunk(b"fcTL", struct.pack(">IIIIIHHBB", n, w, h, x, y, 1, 10, dispose, 0))
        for n, w, h, x, y, dispose in ((0, 24, 20, 0, 0, 1), (1, 8, 8, 3, 3, 0))
    ]
    whole = zlib.compress(scanlines(24, 20, 24, rng))
    part = zlib.compress(scanlines(8, 8, 24, rng))
    if kind == "default":
        frames = [chunk(b"IDAT", whole), frame[0],
                  chunk(b"fdAT", struct.pack(">I", 1) + whole)]
    elif kind == "frames-only":
        frames = [frame[0], chunk(b"fdAT", struct.pack(">I", 1) + whole)]
    else:
        frames = [frame[0], chunk(b"IDAT", whole), frame[1],
                  chunk(b"fdAT", struct.pack(">I", 2) + part)]
    return png(header(24, 20, 8, 2), control, *frames)


def filtered(rows, step, rng):
    """Filter the rows of a pass, each with a random filter."""
    out = b""
    above = bytes(len(rows[0]))
    for row in rows:
        kind = rng.choice((0, 1, 2, 3, 4, 4))
        line = bytearray([kind])
        for at, value in enumerate(row):
            left = row[at - step] if at >= step else 0
            corner = above[at - step] if at >= step else 0
            distances = (abs(above[at] - corner), abs(left - corner),
                         abs(left + above[at] - 2 * corner))
            paeth = (left, above[at], corner)[distances.index(min(distances))]
            line.append((value - (0, left, above[at], (left + above[at]) // 2,
                                  paeth)[kind]) & 255)
        out += line
        above = row
    return out


def blank_png(colour, depth, interlace, rng):
    """Make a PNG of equal pixels, or nearly, or that differ only in what convert("RGB") drops."""
    width, height = rng.choice(((1, 1), (9, 7), (16, 5), (33, 12)))
    samples = SAMPLES[colour]
    pixel = [rng.choice((0, 1, 2, 255, 300, 65535, rng.randrange(65536)))
             & ((1 << depth) - 1) for _ in range(samples)]
    alpha = samples - 1 if colour in (4, 6) else -1
    what = rng.choice(("same", "same", "alpha", "low", "one", "high"))

    def sample(number, spot):
        if what == "alpha" and number == alpha:
            return rng.randrange(1 << depth)
        if what == "low" and depth == 16 and colour != 0:
            return (pixel[number] & 0xFF00) | rng.randrange(256)
        if what == "high" and depth == 16:
            return rng.randrange(255, 65536)
        if what == "high" and colour == 3:
            return rng.randrange(1 << depth)
        if what == "one" and number == 0 and spot == (width - 1, height - 1):
            return pixel[0] ^ 1
        return pixel[number]

    passes = PASSES if interlace else ((0, 1, 0, 1),)
    data = b""
    for row, row_step, column, column_step in passes:
        rows = []
        for y in range(row, height, row_step):
            bits = "".join(format(sample(n, (x, y)), f"0{depth}b")
                           for x in range(column, width, column_step)
                           for n in range(samples))
            bits += rng.choice("01") * (-len(bits) % 8)
            rows.append(int(bits or "0", 2).to_bytes(len(bits) // 8, "big"))
        if rows and rows[0]:
            data += filtered(rows, max(1, samples * depth // 8), rng)
    palette = [chunk(b"PLTE", bytes((7, 8, 9)) * rng.choice((1, 2, 16, 256)))]
    return png(header(width, height, depth, colour, interlace),
               *(palette if colour == 3 and rng.random() < 0.9 else []),
               *idat(data, rng.choice((1, 1, 2, 9))))


def part_frame(rng):
    """Make an animation whose first frame is a blank part of the picture."""
    x, y = rng.randrange(3), rng.randrange(3)
    value = bytes((rng.choice((0, 0, 9)),)) * 24
    rows = filtered([value] * 8, 3, rng)
    return png(header(12, 12, 8, 2), chunk(b"acTL", struct.pack(">II", 2, 0)),
               chunk(b"fcTL", struct.pack(">IIIIIHHBB", 0, 8, 8, x, y, 1, 10, 0, 0)),
               *idat(rows, 2), chunk(b"fcTL", struct.pack(">IIIIIHHBB", 1, 8, 8, x, y, 1,
                                                         10, 0, 0)),
               chunk(b"fdAT", struct.pack(">I", 2) + zlib.compress(rows)))


def png_seeds():
    rng = random.Random(7)
    palette = chunk(b"PLTE", bytes(range(48)))
    for colour, depth in png_kinds():
        bits = SAMPLES[colour] * depth
        extra = [palette] if colour == 3 else []
        rows = scanlines(37, 23, bits, rng)
        yield f"plain-{colour}-{depth}", png(header(37, 23, depth, colour), *extra,
                                            *idat(rows, 3))
        rows = interlaced(37, 23, bits, rng)
        yield f"interlaced-{colour}-{depth}", png(header(37, 23, depth, colour, 1), *extra,
                                                 *idat(rows, 2))
    transparent = Image.new("P", (20, 20), 3)
    yield "trns-index", encode(transparent, "PNG", transparency=3)
    yield "trns-bytes", encode(transparent, "PNG", transparency=bytes([0, 128, 255, 7]))
    yield "trns-rgb", encode(noise("RGB", (16, 16), 8), "PNG", transparency=(1, 2, 3))
    yield "trns-gray", encode(noise("L", (16, 16), 9), "PNG", transparency=200)
    yield "exif", encode(noise("RGB", (16, 16), 10), "PNG", exif=exif(8))
    yield "icc", encode(noise("L", (16, 16), 11), "PNG", icc_profile=b"profile" * 30)
    for kind in ("still-first", "default", "frames-only"):
        yield f"animation-{kind}", animation(kind)
    yield "large", encode(noise("RGB", (300, 250), 12), "PNG", compress_level=1)
    yield "part-frame", part_frame(rng)
    yield "short-palette", png(header(13, 9, 8, 3), chunk(b"PLTE", bytes(range(9))),
                               *idat(scanlines(13, 9, 8, rng), 2))


# Functions that yield (name, bytes); other modules add theirs.
MORE = []


def seeds():
    """Return a list of (name, bytes)."""
    found = [(f"jpeg-{name}", data) for name, data in jpeg_seeds()]
    found += [(f"png-{name}", data) for name, data in png_seeds()]
    for more in MORE:
        found += more()
    return found
