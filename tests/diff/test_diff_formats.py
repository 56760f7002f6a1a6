"""Compares the formats that src/image recognises without verifying them with Pillow.

A format that Pillow loads must never be taken for another, nor for one that it does not load
(IMG518): both would be false alarms. And what Pillow refuses must not pass as a format that it loads.
"""

from __future__ import annotations

import io
import os
import re
import struct
import subprocess
import warnings
from pathlib import Path

import pytest
from PIL import Image

import pillows

RULES = Path(__file__).resolve().parents[2] / "src/image/others.c"
DECODED = {"msp", "pcx", "sgi", "tga"}  # and most kinds of pnm
VERIFIED = {"jpeg", "png", "webp", "gif", "bmp", "dib", "tiff"}


def saved(form: str, mode: str = "RGB", size: tuple[int, int] = (16, 16), **options: object) -> bytes:
    out = io.BytesIO()
    picture = Image.linear_gradient("L").resize(size).convert(mode)
    picture.save(out, form, **options)
    return out.getvalue()


def pcx_planes(planes: int, version: int = 5, bits: int = 1) -> bytes:
    """Make planes of few bits, which Pillow cannot save."""
    head = struct.pack("<4B4H2H", 10, version, 1, bits, 0, 0, 15, 15, 72, 72) + bytes(range(48)) + bytes(1)
    head += struct.pack("<BHH", planes, 2 * bits, 1)
    return head.ljust(128, b"\0") + bytes(range(64)) * (planes * bits)


def swapped(data: bytes) -> bytes:
    """Swap the byte order of floats."""
    return struct.pack(f"<{len(data) // 4}f", *struct.unpack(f">{len(data) // 4}f", data))


def spider(tmp_path: Path) -> bytes:
    path = tmp_path / "a.spi"
    Image.linear_gradient("L").resize((16, 16)).convert("F").save(path, "SPIDER")
    return path.read_bytes()


def fits() -> bytes:
    cards = ["SIMPLE  =                    T", "BITPIX  =                    8",
             "NAXIS   =                    2", "NAXIS1  =                   16",
             "NAXIS2  =                   16", "END"]
    return "".join(f"{card:80}" for card in cards).encode().ljust(2880) + bytes(range(256)) * 12


def xpm() -> bytes:
    rows = ",\n".join('"' + "ab" * 4 + '"' for _ in range(8))
    return f'/* XPM */\nstatic char *a[] = {{\n"8 8 2 1",\n"a c #ff0000",\n"b c #00ff00",\n{rows}}};\n'.encode()


def dcx() -> bytes:
    return struct.pack("<3I", 0x3ADE68B1, 16, 0) + bytes(4) + saved("PCX")


def cur() -> bytes:
    icon = bytearray(saved("ICO", "RGBA", bitmap_format="bmp"))
    icon[2] = 2
    return bytes(icon)


def fli() -> bytes:
    """One frame, with uncompressed pixels (FLI_COPY)."""
    pixels = bytes(range(256)) * 1
    chunk = struct.pack("<IH", 6 + len(pixels), 16) + pixels
    frame = struct.pack("<IHH", 16 + len(chunk), 0xF1FA, 1) + bytes(8) + chunk
    head = struct.pack("<IHHHHHHI", 128 + len(frame), 0xAF11, 1, 16, 16, 8, 3, 5)
    return head.ljust(128, b"\0") + frame


def mcidas() -> bytes:
    words = [0] * 64
    words[1], words[8], words[9], words[10], words[13] = 4, 16, 16, 1, 1
    words[33] = 256
    return struct.pack("!64i", *words) + bytes(range(256)) * 2


def ftex() -> bytes:
    data = bytes(16 * 16 * 3)
    head = b"FTEX" + struct.pack("<i2i2i2i", 1, 16, 16, 1, 1, 1, 32)
    return head + struct.pack("<i", len(data)) + data


def pixar() -> bytes:
    head = bytearray(b"\x80\xe8\0\0".ljust(1024, b"\0"))
    struct.pack_into("<HH", head, 416, 16, 16)
    struct.pack_into("<HH", head, 424, 14, 2)
    return bytes(head) + bytes(16 * 16 * 3)


def sun() -> bytes:
    return struct.pack(">8I", 0x59A66A95, 16, 16, 8, 256, 1, 0, 0) + bytes(range(256))


def gbr() -> bytes:
    return struct.pack(">5I", 24, 1, 16, 16, 1) + b"abc\0" + bytes(range(256))


def gimp_gbr(depth: int) -> bytes:
    return struct.pack(">5I", 32, 2, 16, 16, depth) + b"GIMP\0\0\0\1abc\0" + bytes(range(256)) * depth


def pcd() -> bytes:
    return bytes(2048) + b"PCD_".ljust(2048, b"\0") + bytes(768 * 512 * 3)


def xvthumb() -> bytes:
    return b"P7 332\n#END_OF_COMMENTS\n16 16 255\n" + bytes(range(256))


LOADED = {  # by our name
    "blp": [lambda: saved("BLP", "P", blp_version="BLP1"), lambda: saved("BLP", "P")],
    "cur": [cur],
    "dcx": [dcx],
    "dds": [lambda: saved("DDS"), lambda: saved("DDS", "RGBA")],
    "fits": [fits],
    "fli": [fli],
    "ftex": [ftex],
    "gbr": [gbr, lambda: gimp_gbr(1), lambda: gimp_gbr(4)],
    "icns": [lambda: saved("ICNS", "RGBA", (32, 32))],
    "ico": [lambda: saved("ICO", "RGBA"), lambda: saved("ICO", "RGBA", bitmap_format="bmp")],
    "im": [lambda: saved("IM"), lambda: saved("IM", "L"), lambda: saved("IM", "F")],
    "j2k": [lambda: saved("JPEG2000", no_jp2=True)],
    "jp2": [lambda: saved("JPEG2000"), lambda: saved("JPEG2000", "RGBA")],
    "mcidas": [mcidas],
    "msp": [lambda: saved("MSP", "1")],
    "pcd": [pcd],
    "pcx": [lambda: saved("PCX"), lambda: saved("PCX", "L"), lambda: saved("PCX", "1"),
            lambda: saved("PCX", "P"), lambda: pcx_planes(1, 2), lambda: pcx_planes(2), lambda: pcx_planes(4),
            lambda: pcx_planes(1, 0), lambda: pcx_planes(1, 3)],
    "pixar": [pixar],
    "pnm": [lambda: saved("PPM"), lambda: saved("PPM", "L"), lambda: saved("PPM", "1"),
            lambda: saved("PPM", "I"), lambda: b"P2 # plain\n# text\n2 1 255\n7 200\n",
            lambda: b"P3\n1 1\n255\n1 2 3\n", lambda: b"PyRGBA 1 1 255\n1234",
            lambda: b"P0CMYK 1 1 255\n1234", lambda: b"PyP 1 1 255\n1", lambda: b"PyP\t1 1 255\n1"],
    "psd": [lambda: b"8BPS\0\1" + bytes(6) + struct.pack(">HIIHH", 3, 16, 16, 8, 3) + bytes(14)
            + bytes(16 * 16 * 3)],
    "sgi": [lambda: saved("SGI"), lambda: saved("SGI", "L"), lambda: saved("SGI", bpc=2)],
    "spider": [],  # made below: it is saved by name
    "sun": [sun],
    "tga": [lambda: saved("TGA"), lambda: saved("TGA", "L"), lambda: saved("TGA", "P"),
            lambda: saved("TGA", "RGBA", rle=True), lambda: saved("TGA", "LA"),
            lambda: saved("TGA", "1", id_section=b"name")],
    "xbm": [lambda: saved("XBM", "1"), lambda: saved("XBM", "1", hotspot=(1, 2))],
    "xpm": [xpm],
    "xvthumb": [xvthumb],
}

REFUSED = {  # by our name: images, but none of Pillow's
    "avif": [b"\0\0\0\x1cftypavif\0\0\0\0mif1avifmiaf" + bytes(64)],
    "bpg": [b"BPG\xfb" + bytes(64)],
    "cr3": [b"\0\0\0\x18ftypcrx \0\0\0\1crx isom" + bytes(64)],
    "djvu": [b"AT&TFORM\0\0\0\x40DJVU" + bytes(64)],
    "emf": [b"\1\0\0\0" + bytes(36) + b" EMF" + bytes(64)],
    "eps": [b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 16 16\n%%EndComments\nshowpage\n"],
    "exr": [b"\x76\x2f\x31\x01\2\0\0\0" + bytes(64)],
    "farbfeld": [b"farbfeld" + struct.pack(">II", 1, 1) + bytes(8)],
    "flif": [b"FLIF\x31\x31" + bytes(64)],
    "hdr": [b"#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n-Y 1 +X 1\n" + bytes(4)],
    "heic": [b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(64)],
    "heif": [b"\0\0\0\x18ftypmif1\0\0\0\0mif1heic" + bytes(64)],
    "jng": [b"\x8bJNG\r\n\x1a\n" + bytes(64)],
    "jxl": [b"\xff\x0a" + bytes(64), b"\0\0\0\x0cJXL \r\n\x87\n" + bytes(64)],
    "jxr": [b"II\xbc\1\x20\0\0\0" + bytes(64)],
    "mng": [b"\x8aMNG\r\n\x1a\n" + bytes(64)],
    "orf": [b"IIRO\x08\0\0\0" + bytes(64)],
    "pam": [b"P7\nWIDTH 1\nHEIGHT 1\nDEPTH 3\nMAXVAL 255\nTUPLTYPE RGB\nENDHDR\nabc"],
    "pfm": [b"PF\n1 1\n-1.0\n" + bytes(12), b"Pf\n1 1\n-1.0\n" + bytes(4)],
    "qoi": [b"qoif" + struct.pack(">IIBB", 1, 1, 3, 0) + bytes(64)],
    "raf": [b"FUJIFILMCCD-RAW 0201" + bytes(64)],
    "rw2": [b"IIU\0\x18\0\0\0" + bytes(64)],
    "wmf": [b"\xd7\xcd\xc6\x9a\0\0" + struct.pack("<4hH", 0, 0, 16, 16, 72) + bytes(6)
            + b"\1\0\x09\0" + bytes(64)],
    "xcf": [b"gimp xcf file\0" + bytes(64)],
}

OTHERS = {  # by our name: no images
    "7z": [b"7z\xbc\xaf\x27\x1c\0\4" + bytes(64)],
    "arrow": [b"ARROW1\0\0" + bytes(64)],
    "avi": [b"RIFF\x40\0\0\0AVI LIST" + bytes(64)],
    "bzip2": [b"BZh91AY&SY" + bytes(64)],
    "gzip": [b"\x1f\x8b\x08\0" + bytes(64)],
    "hdf5": [b"\x89HDF\r\n\x1a\n" + bytes(64)],
    "html": [b"<!DOCTYPE html><title>404</title>", b"<html>\n", b"\n <HEAD>",
             b"<!-- moved --><html>", b"<?xml version='1.0'?>\n<html xmlns='http://www.w3.org/1999/xhtml'/>",
             b"<html"],
    "json": [b'{"error": 404}', b"[]", b'\xef\xbb\xbf{"a": 1}'],
    "git-lfs": [b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n",
                b"version https://hawser.github.com/spec/v1\noid sha256:0\nsize 1\n"],
    "lz4": [b"\x04\x22\x4d\x18" + bytes(64)],
    "matroska": [b"\x1a\x45\xdf\xa3" + bytes(64)],
    "mp4": [b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom" + bytes(64)],
    "mpeg": [b"\0\0\1\xb3\x01\x00\x10\x00" + bytes(64), b"\0\0\1\xba" + bytes(64)],
    "numpy": [b"\x93NUMPY\1\0" + bytes(64)],
    "ogg": [b"OggS\0\2" + bytes(64)],
    "ole": [b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)],
    "parquet": [b"PAR1\x15\0" + bytes(64)],
    "pdf": [b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n"],
    "rar": [b"Rar!\x1a\7\0" + bytes(64)],
    "sqlite": [b"SQLite format 3\0" + bytes(64)],
    "svg": [b"<svg xmlns='http://www.w3.org/2000/svg'/>"],
    "tar": [b"a.txt".ljust(257, b"\0") + b"ustar\x0000" + bytes(300)],
    "text": [b"Access denied.\n", b"P6 is a postcode, P5 another\n", b"BLP1 is out of stock\n",
             b"Image type: none was found\n", b"BMW makes cars, and motorcycles\n", b"\n",
             b"P6 # no number", b"P6 ", b"P5x", b"P5 x\n", b"P4", b"#define A 1\nint a;\n", b"#define", b"Image type: ",
             b"PyP", b"PyPI is an index\n", b"PyRGB\n", b"<\n", b"<1", b"<{", b"<3 words\n",
             b"\xff\xfe<\0h\0t\0m\0l\0>\0", "caf\u00e9\n".encode("latin-1")],
    "unknown": [bytes(4096), b"\0\1\2\3" * 20, b"\xff" * 300, b"P5\0\0", b"P5 \0 1 1",
                b"\x0a\5\1\x08" + bytes(4) + b"\xff\xff" + bytes(200), b"\x0a\5\1\x07" + bytes(200)],
    "wav": [b"RIFF\x24\0\0\0WAVEfmt " + bytes(64)],
    "xml": [b"<?xml version='1.0'?><Error><Code>AccessDenied</Code></Error>"],
    "xz": [b"\xfd7zXZ\0\0\4" + bytes(64)],
    "zip": [b"PK\3\4\x14\0" + bytes(64), b"PK\5\6" + bytes(18)],
    "zstd": [b"\x28\xb5\x2f\xfd" + bytes(64)],
}
COUNTS = {"loaded": 60, "refused": 26, "others": 67}


def loads(path: Path) -> str:
    """Return why Pillow refuses a file, or "" if it loads it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            with Image.open(path) as image:
                image.convert("RGB")
        except Exception as error:  # Pillow raises many kinds
            return str(error) or type(error).__name__
    return ""


def format_of(path: Path) -> tuple[str, str]:
    """Return our verdict and the name of the format."""
    program = os.environ.get("LC_IMAGE_FACTS", "")
    assert program, "LC_IMAGE_FACTS must name the program image_facts"
    said = subprocess.run([program], input=bytes(path) + b"\0", capture_output=True, check=True)
    fields = said.stdout.decode().split("\t")
    return fields[1], fields[2]


def opened(when: str = "") -> set[str]:
    """The names in the table of what Pillow opens; with "_later", newer versions of it."""
    table = re.search(rf"\bopened{when}\[\] = \{{(.*?)\}};", RULES.read_text(), re.DOTALL)
    assert table
    return set(re.findall(r'"(\w+)"', table[1]))


def write(tmp_path: Path, data: bytes) -> Path:
    path = tmp_path / "file"
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("name", LOADED)
def test_what_pillow_loads(name: str, tmp_path: Path) -> None:
    makers = LOADED[name] or [lambda: spider(tmp_path), lambda: swapped(spider(tmp_path))]
    for maker in makers:
        path = write(tmp_path, maker())
        assert loads(path) == "", name
        verdict, ours = format_of(path)
        is_decoded = name in DECODED or name == "pnm" and path.read_bytes()[1:2] in (b"1", b"2", b"3", b"4", b"5", b"6")
        assert (verdict, ours) == ("ok" if is_decoded else "none", name)
    assert name in opened()


@pytest.mark.parametrize("name", REFUSED)
def test_what_pillow_refuses(name: str, tmp_path: Path) -> None:
    for data in REFUSED[name]:
        path = write(tmp_path, data)
        assert bool(loads(path)) != pillows.opens(data), name
        assert format_of(path) == ("none", name)
    assert name not in opened()


@pytest.mark.parametrize("name", OTHERS)
def test_what_is_no_image(name: str, tmp_path: Path) -> None:
    for data in OTHERS[name]:
        path = write(tmp_path, data)
        assert loads(path), name
        assert format_of(path) == ("none", name), data[:20]
    assert name not in opened()


def test_the_tables_are_whole() -> None:
    counts = [sum(max(len(files), 1) for files in table.values()) for table in (LOADED, REFUSED, OTHERS)]
    assert dict(zip(COUNTS, counts)) == COUNTS
    assert set(LOADED) == opened()


def test_every_plugin_of_pillow_is_known() -> None:
    """A new format of Pillow must be added here."""
    Image.init()
    names = {"DIB": "bmp", "JPEG2000": "jp2", "PPM": "pnm", "CUR": "cur"}
    ours = {names.get(form, form.lower()) for form in Image.OPEN}
    never_loaded = {"bufr", "grib", "hdf5", "mpeg", "eps", "wmf", "fpx", "mic", "imt", "iptc"}
    later = {form for head, form in pillows.FORMATS.items() if pillows.opens(head)}
    known = VERIFIED | opened() | never_loaded | later | {"mpo", "webp"}
    assert ours - known == set()
