"""JPEGs that reach code which no mutant reaches: segments in strange places, scans and tables in
any order, markers on both sides of the boundaries of the blocks in which libjpeg gets a file."""

import struct

from image_seeds import encode, noise

BLOCK = 65536  # number of bytes that Pillow gives libjpeg at once

SOI, EOI = b"\xff\xd8", b"\xff\xd9"


def segment(marker, data, length=None):
    return b"\xff" + bytes((marker,)) + struct.pack(">H", len(data) + 2 if length is None else length) + data


QUANT = segment(0xDB, b"\0" + bytes([1] * 64))
# a single code of one bit each: no difference, or no more terms
DC = segment(0xC4, b"\x00\1" + bytes(15) + b"\0")
AC = segment(0xC4, b"\x10\1" + bytes(15) + b"\0")
# also a term of one bit with no zeros before it; a run of 16 zeros; a run of 2 blocks
TERMS = segment(0xC4, b"\x10\0\3\1\1" + bytes(12) + b"\0\1\xf0\x10\x20")
DCS = segment(0xC4, b"\x00\0\3" + bytes(14) + b"\0\1\2")
TABLES = QUANT + DC + AC


def frame(components=((1, 1, 1, 0),), width=8, height=8, kind=0xC0, bits=8, more=b""):
    body = struct.pack(">BHHB", bits, height, width, len(components))
    for number, h, v, quant in components:
        body += bytes((number, h << 4 | v, quant))
    return segment(kind, body + more)


def scan(*numbers, first=0, last=63, high=0, low=0, tables=0):
    body = bytes((len(numbers),)) + b"".join(bytes((number, tables)) for number in numbers)
    return segment(0xDA, body + bytes((first, last, high << 4 | low)))


GRAY = b"\x3f"  # a block without terms: the bits 00, then ones
YCC = tuple((number, 1, 1, 0) for number in (1, 2, 3))


def simple(*before, head=TABLES, shape=frame(), after=scan(1) + GRAY + EOI):
    return SOI + head + b"".join(before) + shape + after


# --- segments ----------------------------------------------------------------------------


def entry(number, kind, count, value):
    return struct.pack("<HHL", number, kind, count) + value.ljust(4, b"\0")


def exif(*entries, head=b"Exif\0\0II*\0\x08\0\0\0", tail=b""):
    body = struct.pack("<H", len(entries)) + b"".join(entries) + bytes(4) + tail
    return segment(0xE1, head + body)


def exifs():
    """Yield Exif resolutions, which Pillow reads if JFIF has none."""
    unit = entry(0x128, 3, 1, b"\2\0")
    for at, text in enumerate((b"", b"\0", b"7\0", b"7", b"72\0", b"72", b"x", b"x\0", b":\0", b"/\0", b"\0\0",
                               b"7\0\0", b"abc\0")):
        for kind in (1, 2, 7):
            if text:
                yield f"density-{at}-{kind}", simple(exif(unit, entry(0x11A, kind, len(text), text)))
    yield "density-bare", simple(exif(entry(0x11A, 2, 1, b"7")))
    for kind in (3, 4, 5, 6, 9, 11, 12, 13):
        yield f"density-number-{kind}", simple(exif(unit, entry(0x11A, kind, 1, b"\x30\0\0\0"), tail=bytes(60)))
        yield f"unit-number-{kind}", simple(exif(entry(0x128, kind, 1, b"\3\0"), entry(0x11A, 2, 1, b"7")))
    for kind in (1, 2, 3, 4, 6, 7, 8, 9, 13, 16):
        for at, value in enumerate((b"\6\0\0\0", b"\0\0\0\0", b"\x09\0\0\0", b"\xff\xff\xff\xff", b"\x80\0\0\0")):
            yield f"orientation-{kind}-{at}", simple(exif(entry(0x112, kind, 1, value)))
    for at, body in enumerate((b"Exif\0", b"Exif\0\0", b"Exif\0\0I", b"Exif\0\0II*", b"Exif\0\0II*\0", b"Exif\0\0II*\0\x08\0\0",
                               b"Exif\0\0II+\0\x08\0\0\0", b"Exif\0\0MM\0*\0\0\0\x08", b"Exif\0\0junk" + bytes(20),
                               b"Exif\0x", b"Exif\0xII*\0\x08\0\0\0" + bytes(10))):
        yield f"short-{at}", simple(segment(0xE1, body))
        yield f"short-{at}-jfif", simple(segment(0xE0, b"JFIF\0\1\1\1\0\1\0\1\0\0"), segment(0xE1, body))
        yield f"short-{at}-behind-jfif", simple(segment(0xE0, b"JFIF\0\1\1\0\0\1\0\1\0\0"), segment(0xE1, body))


def photoshop(*blocks):
    return segment(0xED, b"Photoshop 3.0\0" + b"".join(blocks))


def segments():
    yield "plain", simple()
    for at, blocks in enumerate(((b"8BI",), (b"8BIM",), (b"8BIM\3",), (b"8BIM\3\xed",), (b"8BIM\3\xed\0",),
                                 (b"8BIM\3\xed\0\0\0\0\0\x10" + bytes(16), b"8BIX"), (b"8BIM\4\4\0\0\0\0\0\2ab", b"junk"),
                                 (b"8BIM\4\4\0\0\0\0\0\2ab", b"8BIM\3"), (b"junkjunk",), ())):
        yield f"photoshop-{at}", simple(photoshop(*blocks))
    first, second, short = (b"ICC_PROFILE\0\1\2abcd", b"ICC_PROFILE\0\2\2efgh", b"ICC_PROFILE\0\1")
    for at, profiles in enumerate(((first, second), (second, first), (first, first), (first, first + b"x"),
                                   (first + b"x", first), (short,), (short, first), (first, short), (second, short),
                                   (b"ICC_PROFILE\0",))):
        parts = [segment(0xE2, profile) for profile in profiles]
        yield f"profiles-{at}", simple(*parts)
        yield f"profiles-{at}-late", simple(head=QUANT, shape=frame(), after=b"".join(parts) + DC + AC + scan(1) + GRAY + EOI)
    for at, body in enumerate((b"Adobe\0\x64\0\0\0\0\0", b"Adobe\0\x64\0\0\0\0\1", b"Adobe\0\x64\0\0\0\0\2",
                               b"Adobe\0\x64\0\0\0\0", b"Adobe\0", b"Adobx\0\x64\0\0\0\0\7", b"Ad")):
        yield f"adobe-{at}", simple(segment(0xEE, body))
    for at, length in enumerate((0, 1, 2, 3)):
        for marker in (0xE0, 0xE1, 0xE5, 0xEE, 0xFE, 0xDB, 0xC4, 0xDD, 0xDC, 0xDE, 0xDF, 0xF0, 0xFD):
            yield f"length-{at}-{marker:02x}", simple(segment(marker, b"\0" * max(0, length - 2), length))
    for marker in (*range(0xC0, 0xD8), 0xDA, 0xDB, 0xDC, 0xDE, 0xDF, *range(0xF0, 0x100), 0x00, 0x01, 0x02, 0xBF):
        yield f"marker-{marker:02x}", simple(b"\xff" + bytes((marker,)))
        yield f"marker-{marker:02x}-segment", simple(segment(marker, b"ab"))
        after = scan(1) + GRAY + segment(marker, b"ab") + EOI
        yield f"marker-{marker:02x}-behind", simple(after=after)
    for version in (b"\0\0", b"\1\3", b"\2\0", b"\xff\xff"):
        yield f"jfif-{version.hex()}", simple(segment(0xE0, b"JFIF\0" + version + b"\1\0\1\0\1\0\0"))
    yield "tables-first", SOI + TABLES + EOI + simple(head=b"")
    yield "tables-first-whole", SOI + TABLES + EOI + simple()
    yield "frame-without-scan", SOI + TABLES + frame() + EOI + simple()
    yield "nothing-first", SOI + EOI + simple()
    yield "scan-length", SOI + TABLES + frame() + b"\xff\xda\0\2"
    yield "scan-length-0", SOI + TABLES + frame() + b"\xff\xda\0\0"
    yield "scan-length-more", SOI + TABLES + frame() + b"\xff\xda\0\2\1\1\0\0\x3f\0" + GRAY + EOI


# --- frames and scans --------------------------------------------------------------------


def frames():
    for at, shape in enumerate((((1, 1, 1, 0),) * 3, ((1, 3, 1, 0), (2, 2, 1, 0), (3, 1, 1, 0)),
                                ((1, 1, 3, 0), (2, 1, 2, 0), (3, 1, 1, 0)), ((1, 4, 4, 0),), ((1, 0, 1, 0),),
                                ((1, 1, 0, 0),), ((1, 5, 1, 0),), ((1, 1, 5, 0),), ((1, 1, 1, 4),), ((1, 1, 1, 3),),
                                ((1, 4, 2, 0), (2, 1, 1, 0), (3, 2, 2, 0)), ((0, 1, 1, 0),), ((1, 2, 1, 0),),
                                ((1, 1, 2, 0), (2, 1, 2, 0), (3, 1, 1, 0)))):
        numbers = [component[0] for component in shape]
        yield f"components-{at}", simple(shape=frame(shape), after=scan(*numbers) + b"\0" * 30 + EOI)
        yield f"components-{at}-apart", simple(shape=frame(shape), after=b"".join(
            scan(number) + b"\0" * 20 for number in numbers) + EOI)
    for at, (width, height) in enumerate(((0, 8), (8, 0), (65500, 1), (65501, 1), (1, 65500), (1, 65501), (65535, 1))):
        yield f"size-{at}", simple(shape=frame(width=width, height=height), after=scan(1) + bytes(2048) + EOI)
    yield "more", simple(shape=frame(more=b"\2\x11\0"))
    yield "bits-12", simple(shape=frame(bits=12))
    yield "two", simple(frame())
    yield "two-behind", simple(after=scan(1) + GRAY + frame() + scan(1) + GRAY + EOI)
    yield "four", simple(shape=frame(YCC + ((4, 1, 1, 0),)), after=scan(1, 2, 3, 4) + b"\0" * 2 + EOI)
    yield "two-components", simple(shape=frame(YCC[:2]), after=scan(1, 2) + b"\0" * 2 + EOI)


def scans():
    three = frame(YCC)
    for at, after in enumerate((scan(1) + GRAY + QUANT + scan(2) + GRAY + scan(3) + GRAY,
                                 scan(1) + GRAY + DC + AC + scan(2) + GRAY + scan(3) + GRAY,
                                 scan(1) + GRAY + scan(1) + GRAY + scan(2, 3) + GRAY, scan(1) + GRAY + scan(2) + GRAY,
                                 scan(3, 2, 1) + b"\x03", scan(1, 2, 3) + b"\x03", scan(1, 1, 2) + b"\x03",
                                 scan(1, 2, 4) + b"\x03", scan(4) + GRAY, scan(1, 2, 3, 1) + b"\x03", scan() + GRAY,
                                 scan(1, 2, 3, last=62) + b"\x03", scan(1, 2, 3, first=1) + b"\x03",
                                 scan(1, 2, 3, high=1) + b"\x03", scan(1, 2, 3, low=1) + b"\x03",
                                 scan(1, 2, 3, tables=0x44) + b"\x03", scan(1, 2, 3, tables=0x11) + b"\x03",
                                 scan(1) + GRAY + segment(0xE5, b"between") + scan(2, 3) + b"\x0f",
                                 scan(1) + GRAY + segment(0xFE, b"between") + scan(2, 3) + b"\x0f",
                                 scan(1) + GRAY + segment(0xDD, b"\0\1") + scan(2, 3) + b"\x0f",
                                 scan(1) + GRAY + segment(0xDD, b"\0\1\0") + scan(2, 3) + b"\x0f",
                                 segment(0xDA, b"\1\1\0\0\x3f\0\0") + GRAY, segment(0xDA, b"\1\1\0\0\x3f") + GRAY,
                                 segment(0xDA, b"") + GRAY, segment(0xDA, b"\0\0\x3f\0") + GRAY)):
        yield f"order-{at}", simple(shape=three, after=after + EOI)
        yield f"order-{at}-frame-last", SOI + TABLES + after + three + EOI
    for at, head in enumerate((segment(0xDB, b"\x10" + b"\0\1" * 64), segment(0xDB, b"\x20" + b"\0\1" * 64),
                               segment(0xDB, b"\4" + b"\1" * 64), segment(0xDB, b"\0" + b"\1" * 63),
                               segment(0xDB, b"\1" + b"\1" * 64), b"", segment(0xDB, b"\0" + b"\0" * 64),
                               segment(0xDB, b"\x10" + b"\0\1" * 32 + b"\0" * 4))):
        yield f"quantization-{at}", simple(head=head + DC + AC)
    for at, codes in enumerate((b"\x00\1" + bytes(15), b"\x20\1" + bytes(15) + b"\0", b"\x04\1" + bytes(15) + b"\0",
                                b"\x00\3" + bytes(15) + b"\0\1\2", b"\x00\2" + bytes(15) + b"\0\1",
                                b"\x00" + b"\xff" * 16 + bytes(300), b"\x00" + bytes(15) + b"\xff" + bytes(range(255)),
                                b"\x00\1" + bytes(15) + b"\x10", b"\x00" + bytes(16), b"\x10" + bytes(16),
                                b"\x00" + bytes(7) + b"\xff" + bytes(8) + bytes(255), b"\x00\0\3\2" + bytes(13) + bytes(5),
                                b"\x00" + bytes(14) + b"\xff\2" + bytes(257), b"\x00\1" + bytes(14))):
        yield f"codes-{at}", simple(head=QUANT + DC + AC + segment(0xC4, codes))
        yield f"codes-{at}-used", simple(head=QUANT + segment(0xC4, codes) + AC)


def progressive(*scans_, shape=frame(kind=0xC2), head=TABLES):
    return SOI + head + shape + b"".join(scans_) + EOI


def ac(first, last, high=0, low=0, data=b"\x7f", number=1):
    return scan(number, first=first, last=last, high=high, low=low) + data


def terms_one_by_one():
    """Return a progression of 127 scans."""
    return [scan(1, last=0) + b"\x7f", *(ac(k, k, 0, 1) for k in range(1, 64)),
            *(ac(k, k, 1, 0) for k in range(1, 64))]


def progressions():
    dc, *one_by_one = terms_one_by_one()
    yield "many-scans", progressive(dc, *one_by_one)
    yield "hundred-scans", progressive(dc, *one_by_one[:99])
    for at, parts in enumerate(((dc,), (dc, ac(1, 63)), (ac(1, 63),), (ac(1, 63), dc), (dc, dc), (dc, ac(1, 63), ac(1, 63)),
                                (dc, ac(1, 5), ac(5, 63)), (dc, ac(1, 64)), (dc, ac(5, 4)), (dc, ac(1, 63, 0, 14)),
                                (dc, ac(1, 63, 0, 13)), (dc, ac(1, 63, 2, 0)), (dc, ac(1, 63, 1, 0)),
                                (dc, ac(1, 63, 0, 1), ac(1, 63, 1, 0)), (dc, ac(1, 63, 0, 2), ac(1, 63, 1, 0)),
                                (scan(1, last=5) + b"\x7f",), (scan(1, last=63) + b"\x7f",),
                                (scan(1, last=0, low=1) + b"\x7f", scan(1, last=0, high=1) + b"\x7f"),
                                (scan(1, last=0, low=1) + b"\x7f", scan(1, last=0, high=2, low=1) + b"\x7f"),
                                (scan(1, last=0, high=1) + b"\x7f",), (scan(1, last=0, low=13) + b"\x7f",))):
        yield f"order-{at}", progressive(*parts)
    three = frame(YCC, kind=0xC2)
    all_dc = scan(1, 2, 3, last=0) + b"\x1f"
    yield "three", progressive(all_dc, ac(1, 63), ac(1, 63, number=2), ac(1, 63, number=3), shape=three)
    yield "three-together", progressive(all_dc, scan(1, 2, first=1) + b"\x3f", shape=three)
    yield "three-missing", progressive(scan(1, 2, last=0) + b"\x3f", ac(1, 63), shape=three)
    yield "ac-before-dc", progressive(scan(1, last=0) + b"\x7f", ac(1, 63, number=2), scan(2, 3, last=0) + b"\x3f",
                                      shape=three)
    yield "without-tables", progressive(dc, ac(1, 63), head=QUANT + DC)
    yield "without-dc-table", progressive(dc, ac(1, 63), head=QUANT + AC)
    # terms that a second scan refines by one bit: runs of blocks, and of zeros
    shape = frame(width=24, kind=0xC2)
    dcs = scan(1, last=0) + b"\x1f"
    for at, first in enumerate((b"\x00", b"\x55\x55", b"\x66\x66\x66", b"\xaa\xaa", b"\xc0\x7f", b"\xd5\x55", b"\xe0\x7f",
                                b"\x4f\xe0\x7f", b"\x50\x50\x50")):
        for second in (b"\x00", b"\x55\x55", b"\xaa\xaa\xaa", b"\xe0\x7f", b"\xc0\x7f", b"", b"\xd0\xd0\xd0", b"\x7f"):
            yield f"refined-{at}-{second.hex()}", progressive(
                dcs, scan(1, first=1, low=1) + first, scan(1, first=1, high=1) + second, shape=shape,
                head=QUANT + DC + TERMS)


# --- blocks ------------------------------------------------------------------------------


def comment(size):
    """Make comment segments of a total size."""
    out = b""
    while size > 0:
        part = min(size, 65535 + 2) if size < 65540 or size > 65550 else 60000
        out += segment(0xFE, bytes(part - 4))
        size -= part
    return out


def blocks():
    """Yield files with bytes after the first block, which libjpeg sees only when it asks for more."""
    small = encode(noise("L", (40, 40), 91), "JPEG")
    at = small.index(b"\xff\xdb")
    for size in (BLOCK - 100, BLOCK, BLOCK + 5000, 3 * BLOCK):
        yield f"comment-{size}", small[:at] + comment(size) + small[at:]
    for name, tail in (("frame", frame()), ("scan", scan(1) + GRAY), ("lossless", segment(0xC3, b"ab")),
                       ("table", segment(0xC4, b"\x33")), ("junk", b"junk"), ("nothing", b""), ("soi", SOI),
                       ("restart", b"\xff\xd3"), ("number", segment(0xDD, b"\0"))):
        for size in (100, BLOCK + 100):
            data = small[:-2] + comment(size) + tail
            yield f"behind-{name}-{size}", data + EOI
            yield f"behind-{name}-{size}-cut", data
    # bytes before EOI that libjpeg ignores or not, depending on whether it takes its fast path:
    # near the end of a block it has little input, with the whole file it has plenty
    small = encode(noise("L", (40, 40), 91), "JPEG", quality=50)
    at = small.index(b"\xff\xdb")
    for count in range(1, 9):
        hidden = small[at:-2] + b"\x11" * count + EOI
        yield f"hidden-{count}", small[:at] + comment(BLOCK - 3 - at - len(hidden)) + hidden + bytes(5000)
    color = encode(noise("RGB", (40, 40), 92), "JPEG", progressive=True)
    yield "behind-progressive", color[:-2] + comment(BLOCK + 100) + frame() + EOI


def seeds():
    kinds = (("exif", exifs), ("segment", segments), ("frame", frames), ("scan", scans),
             ("progressive", progressions), ("block", blocks))
    return [(f"rare-jpeg-{kind}-{name}", data) for kind, make in kinds for name, data in make()]
