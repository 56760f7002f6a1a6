"""Thumbnails in the HTML report: they show what Pillow decodes.

The small pictures are extracted from the page and compared with Pillow's own decoding, shrunk in the
same way. The tests depend on Pillow anyway.
"""

from __future__ import annotations

import base64
import io
import os
import re
import struct
import zlib
from pathlib import Path
from typing import Callable, NamedTuple

import pytest
from PIL import Image, ImageChops, ImageFile, ImageOps, ImageStat

from html_reader import Report
from program import assert_complaint, files_of, row, run, write_rows

SIDE = 96
OF_RULE = 5
NEAR = 9.0  # mean difference in levels that is allowed for the JPEG of a small picture
JUNK = b"what follows the end"  # IMG517, so that any sound picture has a thumbnail


class Thumb(NamedTuple):
    path: str
    captions: list[str]
    pictures: list[Image.Image]
    why: str


def thumbs_of(page: Report, code: str) -> list[Thumb]:
    """Return the thumbnails in a rule's part of the page."""
    part = page.text.partition(f"id='rule-{code}'>")[2].partition("</details>")[0]
    shown = part.partition("<ul class='thumbs'")[2]
    found = []
    for item in shown.split("<li>")[1:]:
        data = re.findall("base64,([^']+)'", item)
        sizes = re.findall(r"width='(\d+)' height='(\d+)'", item)
        pictures = [Image.open(io.BytesIO(base64.b64decode(text))) for text in data]
        assert [p.size for p in pictures] == [(int(w), int(h)) for w, h in sizes]
        assert all(max(p.size) <= SIDE for p in pictures)
        why = re.findall("No thumbnail: ([^<]*)", item)
        path = re.findall("<bdi>(.*?)</bdi>", item)[0]
        found.append(Thumb(path, re.findall("<figcaption>(.*?)</figcaption>", item),
                           [p.convert("RGB") for p in pictures], why[0] if why else ""))  # fmt: skip
        assert bool(pictures) != bool(why)
    return found


class Data:
    """A data set with one image in each row."""

    def __init__(self, folder: Path) -> None:
        self.scratch = folder
        self.folder = folder / "raw"
        self.images = self.folder / "images"
        self.images.mkdir(parents=True)
        self.names: list[str] = []

    def add(self, name: str, content: bytes) -> Path:
        path = self.images / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        self.names.append(name)
        return path

    def check(self, *more: str | Path, report: str = "page.html") -> Report:
        write_rows(self.folder / "rows.json", [row(n, name) for n, name in enumerate(self.names)])
        done = run("raw", "-q", "--show", "info", "--thumbnails", "-o", report, *more,
                   cwd=self.scratch)  # fmt: skip
        assert done.code in (0, 1) and not done.err, done
        return self.page(report)

    def page(self, name: str) -> Report:
        return Report((self.scratch / name).read_bytes())


@pytest.fixture
def data(tmp_path: Path) -> Data:
    return Data(tmp_path)


def picture(width: int = 240, height: int = 160, mode: str = "RGB") -> Image.Image:
    """Make a smooth picture that differs in each corner."""
    across = Image.linear_gradient("L").rotate(90).resize((width, height))
    down = Image.linear_gradient("L").resize((width, height))
    made = Image.merge("RGB", (across, down, ImageOps.invert(across)))
    made.paste((250, 240, 20), (0, 0, width // 3, height // 4))
    return made.convert(mode)


def noisy(width: int, height: int) -> Image.Image:
    """Make a picture with too many strings for a GIF's table."""
    noise = Image.effect_noise((width, height), 40).convert("RGB")
    return ImageChops.add(picture(width, height), noise)


def encoded(image: Image.Image, kind: str, **how: object) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **how)  # type: ignore[arg-type]
    return out.getvalue()


def difference(one: Image.Image, other: Image.Image) -> float:
    """Return the mean difference of two pictures in levels; the second one is shrunk first."""
    small = other.convert("RGB").resize(one.size, Image.Resampling.BOX)
    return max(ImageStat.Stat(ImageChops.difference(one, small)).mean)


def interlaced(image: Image.Image, depth: int = 8) -> bytes:
    """Make an interlaced gray PNG, which Pillow cannot write; each row is filtered."""
    passes = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2),
              (0, 1, 1, 2)]  # fmt: skip
    raw = b""
    for x0, y0, dx, dy in passes:
        for y in range(y0, image.height, dy):
            values = [image.getpixel((x, y)) for x in range(x0, image.width, dx)]
            deltas = [(v - (values[i - 1] if i else 0)) % 256 for i, v in enumerate(values)]
            raw += b"\1" + bytes(deltas) if values else b""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    head = struct.pack(">IIBBBBB", image.width, image.height, depth, 0, 0, 0, 1)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(raw))
            + chunk(b"IEND", b""))  # fmt: skip


def palette(transparent: bool = False) -> bytes:
    image = picture().quantize(100)
    return encoded(image, "PNG", **({"transparency": bytes(range(100))} if transparent else {}))


SOUND: dict[str, Callable[[], bytes]] = {
    "rgb.jpg": lambda: encoded(picture(), "JPEG"),
    "large.jpg": lambda: encoded(picture(3000, 2000), "JPEG"),
    "progressive.jpg": lambda: encoded(picture(), "JPEG", progressive=True),
    "gray.jpg": lambda: encoded(picture(mode="L"), "JPEG"),
    "cmyk.jpg": lambda: encoded(picture(mode="CMYK"), "JPEG"),
    "rgb.png": lambda: encoded(picture(), "PNG"),
    "small.png": lambda: encoded(picture(31, 17), "PNG"),
    "wide.png": lambda: encoded(picture(1000, 3), "PNG"),
    "gray.png": lambda: encoded(picture(mode="L"), "PNG"),
    "bits.png": lambda: encoded(picture(mode="1"), "PNG"),
    "palette.png": palette,
    "four.png": lambda: encoded(picture().quantize(14), "PNG", bits=4),
    "alpha.png": lambda: encoded(picture(mode="RGBA"), "PNG"),
    "interlaced.png": lambda: interlaced(picture(45, 29, "L")),
    "one.gif": lambda: encoded(picture(), "GIF", interlace=0),
    "interlaced.gif": lambda: encoded(noisy(90, 301), "GIF", interlace=1),
    "rgb.webp": lambda: encoded(picture(), "WEBP", quality=90),
    "lossless.webp": lambda: encoded(picture(), "WEBP", lossless=True),
}


BATCHES = [sorted(SOUND)[n : n + OF_RULE] for n in range(0, len(SOUND), OF_RULE)]


@pytest.mark.parametrize("names", BATCHES, ids=lambda names: names[0])
def test_shows_what_pillow_loads(names: list[str], data: Data) -> None:
    for name in names:
        data.add(name, SOUND[name]() + JUNK)
    thumbs = thumbs_of(data.check(), "IMG517")
    assert [thumb.path for thumb in thumbs] == names
    for thumb in thumbs:
        assert thumb.captions == ["as it is loaded"], thumb
        with Image.open(data.images / thumb.path) as image:
            scale = min(1, SIDE / max(image.size))
            assert thumb.pictures[0].size == tuple(max(1, round(s * scale)) for s in image.size)
            assert difference(thumb.pictures[0], image) < NEAR, thumb


@pytest.mark.parametrize("orientations", [range(2, 6), range(6, 9)])
def test_turned(orientations: range, data: Data) -> None:
    for orientation in orientations:
        exif = Image.Exif()
        exif[0x0112] = orientation
        data.add(f"{orientation}.jpg", encoded(picture(), "JPEG", exif=exif))
    thumbs = thumbs_of(data.check(), "IMG514")
    assert len(thumbs) == len(orientations)
    for thumb in thumbs:
        assert thumb.captions == ["as it is loaded", "as viewers rotate it"]
        with Image.open(data.images / thumb.path) as image:
            assert difference(thumb.pictures[0], image) < NEAR
            turned = ImageOps.exif_transpose(image)
        assert difference(thumb.pictures[1], turned) < NEAR
        assert difference(thumb.pictures[1], ImageOps.flip(turned)) > 2 * NEAR


def clear(mode: str = "RGBA") -> Image.Image:
    image = picture(mode="RGBA")
    image.putalpha(image.getchannel("R"))
    return image.convert(mode)


def test_transparency(data: Data) -> None:
    data.add("a.png", encoded(clear(), "PNG"))
    data.add("a.webp", encoded(clear(), "WEBP", lossless=True, exact=True))
    data.add("la.png", encoded(clear("LA"), "PNG"))
    data.add("p.png", palette(True))
    thumbs = thumbs_of(data.check(), "IMG515")
    assert len(thumbs) == 4
    for thumb in thumbs:
        assert thumb.captions == ["as it is loaded", "as viewers show it"]
        with Image.open(data.images / thumb.path) as image:
            rgba = image.convert("RGBA")
        white = Image.new("RGBA", rgba.size, "white")
        assert difference(thumb.pictures[0], rgba.convert("RGB")) < NEAR, thumb.path
        assert difference(thumb.pictures[1], Image.alpha_composite(white, rgba)) < NEAR, thumb.path
        assert difference(thumb.pictures[0], white) > 2 * NEAR, thumb.path


@pytest.mark.parametrize("kind", ["GIF", "WEBP"])
def test_first_frame(kind: str, data: Data) -> None:
    frames = [picture(), ImageOps.invert(picture())]
    path = data.add("a.bin", encoded(frames[0], kind, save_all=True, append_images=frames[1:]))
    (thumb,) = thumbs_of(data.check(), "IMG516")
    assert thumb.captions == ["its first frame, as it is loaded"]
    with Image.open(path) as image:
        assert difference(thumb.pictures[0], image) < NEAR
    assert difference(thumb.pictures[0], frames[1]) > 2 * NEAR


def test_sixteen_bits_are_cut_off(data: Data) -> None:
    """Pillow's convert("RGB") clips larger values to 255."""
    gray = picture(mode="L")
    deep = Image.new("I", gray.size)
    deep.putdata([int(v) * 257 for v in gray.getdata()])
    path = data.add("a.png", encoded(deep, "PNG"))
    (thumb,) = thumbs_of(data.check(), "IMG515")
    with Image.open(path) as image:
        assert difference(thumb.pictures[0], image.convert("RGB")) < NEAR
    assert difference(thumb.pictures[1], gray) < NEAR < difference(thumb.pictures[0], gray)


def test_truncated_beside_an_intact_file(data: Data, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = encoded(picture(), "JPEG", quality=90)
    data.add("train/a.jpg", whole[: len(whole) // 2])
    data.add("a/a.jpg", encoded(picture(80, 80), "JPEG"))  # another size, so not a thumbnail of it
    data.add("copy/a.jpg", whole)
    (thumb,) = thumbs_of(data.check(), "IMG507")
    assert thumb.path == "train/a.jpg"
    assert thumb.captions == ["what can be decoded",
                              "an intact file of the same name and size: <bdi>copy/a.jpg</bdi>"]  # fmt: skip
    assert difference(thumb.pictures[1], picture()) < NEAR
    monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", True)
    with Image.open(data.images / "train/a.jpg") as image:
        assert difference(thumb.pictures[0], image) < NEAR
    assert difference(thumb.pictures[0], picture()) > NEAR


def test_truncated(data: Data) -> None:
    """In every format, the part that exists is right."""
    whole_one = noisy(400, 400)
    for kind, how in (("JPEG", {"progressive": True}), ("PNG", {}), ("WEBP", {"quality": 95}), ("GIF", {"interlace": 0})):  # fmt: skip
        whole = encoded(whole_one, kind, **how)
        data.add(f"{kind}.bin", whole[: len(whole) * 7 // 10])
    thumbs = thumbs_of(data.check(), "IMG507")
    assert len(thumbs) == 4
    for thumb in thumbs:
        top = thumb.pictures[0].crop((0, 0, SIDE, SIDE // 3))
        assert difference(top, whole_one.crop((0, 0, 400, 400 // 3))) < 3 * NEAR, thumb.path


def test_what_has_no_thumbnail_has_a_reason(data: Data) -> None:
    data.add("a.bmp", encoded(picture(), "BMP") + JUNK)
    head = struct.pack(">IIBBBBB", 40000, 30000, 8, 2, 0, 0, 0)
    bomb = b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        for name, body in ((b"IHDR", head), (b"IDAT", zlib.compress(bytes(100000)))))  # fmt: skip
    data.add("b.png", bomb)
    data.add("c.jpg", encoded(picture(), "JPEG")[:150])
    page = data.check()
    assert thumbs_of(page, "IMG511")[0].why == "it has too many pixels."
    assert thumbs_of(page, "IMG507")[0].why == "no part of it can be decoded."
    other = "thumbnails are made only of JPEG, PNG, WebP and GIF."
    assert thumbs_of(page, "IMG517")[0].why == other


def test_only_what_was_checked_is_shown(data: Data) -> None:
    """Files that changed, disappeared, or became a FIFO or a link out after the check are not shown."""
    outside = data.scratch / "secret.jpg"
    outside.write_bytes(encoded(picture(), "JPEG") + JUNK)
    for name in ("changed.jpg", "fifo.jpg", "gone.jpg", "kept.jpg", "link.jpg"):
        data.add(name, outside.read_bytes())
    first = data.check()
    assert len(thumbs_of(first, "IMG517")) == OF_RULE
    for name in ("fifo.jpg", "gone.jpg", "link.jpg"):
        (data.images / name).unlink()
    os.mkfifo(data.images / "fifo.jpg")
    os.symlink(outside, data.images / "link.jpg")
    (data.images / "changed.jpg").write_bytes(encoded(picture(mode="L"), "JPEG") + JUNK)
    before = files_of(data.folder)
    again = ("report", "raw", "--show", "info", "--thumbnails", "-q", "-o", "again.html")
    done = run(*again, cwd=data.scratch)
    assert not done.err, done
    seen = {t.path: t.why for t in thumbs_of(data.page("again.html"), "IMG517")}
    assert seen == {
        "changed.jpg": "the file is not the one that was checked.",
        "fifo.jpg": "it is not a regular file.",
        "gone.jpg": "it no longer exists.",
        "kept.jpg": "",
        "link.jpg": "it is a link out of the image root.",
    }
    assert files_of(data.folder) == before
    run(*again, "--allow-outside", cwd=data.scratch)
    seen = {t.path: t.why for t in thumbs_of(data.page("again.html"), "IMG517")}
    assert seen["link.jpg"] == ""


def test_what_cannot_be_read(data: Data) -> None:
    """A file is too large; others became a link to itself, or to a file without a size, since the check."""
    sound = encoded(picture(), "JPEG") + JUNK
    for name in ("kept.jpg", "large.jpg", "loop.jpg", "odd.jpg"):
        data.add(name, sound)
    os.truncate(data.images / "large.jpg", (16 << 20) + 1)
    seen = {t.path: t.why for t in thumbs_of(data.check(), "IMG517")}
    assert seen == {"kept.jpg": "", "large.jpg": "the file is larger than 16 MiB.", "loop.jpg": "", "odd.jpg": ""}
    for name, target in (("loop.jpg", "loop.jpg"), ("odd.jpg", "/proc/version")):
        (data.images / name).unlink()
        os.symlink(target, data.images / name)
    run("report", "raw", "--show", "info", "--thumbnails", "-q", "-o", "again.html", "--allow-outside",
        cwd=data.scratch)
    seen = {t.path: t.why for t in thumbs_of(data.page("again.html"), "IMG517")}
    assert seen["loop.jpg"] == "it cannot be read."
    assert seen["odd.jpg"] == "it is being changed."
    assert seen["kept.jpg"] == ""


def test_a_partner_that_changed_is_not_shown(data: Data) -> None:
    whole = encoded(picture(), "JPEG", quality=90)
    data.add("train/a.jpg", whole[: len(whole) // 2])
    copy = data.add("copy/a.jpg", whole)
    assert len(thumbs_of(data.check(), "IMG507")[0].pictures) == 2
    copy.write_bytes(encoded(picture(mode="L"), "JPEG"))
    run("report", "raw", "--show", "info", "--thumbnails", "-q", "-o", "again.html", cwd=data.scratch)
    (thumb,) = thumbs_of(data.page("again.html"), "IMG507")
    assert thumb.captions == ["what can be decoded"]


def claiming(width: int, height: int, rows: int) -> bytes:
    """Make a gray PNG that only has its first rows."""
    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    packed = zlib.compress(bytes(i % 251 for i in range(width + 1)).replace(b"\0", b"\1", 1) * rows)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", packed[:-10])


def test_a_second_picture_has_to_be_paid_for(data: Data) -> None:
    """Others use 195 of 200 million pixels; twice three is more than the remaining five."""
    for n in range(OF_RULE):
        data.add(f"{n}.png", claiming(6000, 6500, 2))
    data.add("clear.png", encoded(clear().resize((2000, 1500)), "PNG", compress_level=1))
    page = data.check()
    assert [thumb.captions for thumb in thumbs_of(page, "IMG507")] == [["what can be decoded"]] * OF_RULE
    (thumb,) = thumbs_of(page, "IMG515")
    assert thumb.captions == ["as it is loaded"]


def test_paths_that_leave_the_root(data: Data) -> None:
    outside = data.folder / "secret.jpg"
    outside.write_bytes(encoded(picture(), "JPEG") + JUNK)
    data.names += ["../secret.jpg", str(outside)]
    data.check("--allow-outside", "--images", "raw/images")
    page = data.page("page.html")
    assert [t.why for t in thumbs_of(page, "IMG517")] == ["", ""]
    run("report", "raw", "--show", "info", "--thumbnails", "-q", "-o", "page.html", cwd=data.scratch)
    page = data.page("page.html")
    assert [t.why for t in thumbs_of(page, "IMG517")] == ["its path leaves the image root."] * 2


def test_again_from_the_index(data: Data) -> None:
    for name, make in SOUND.items():
        data.add(name, make() + JUNK)
    page = data.check("-j", "1")
    shown = thumbs_of(page, "IMG517")
    assert [t.path for t in shown] == sorted(SOUND)[:OF_RULE]
    assert page.source == data.check("-j", "8").source
    done = run("report", "raw", "--show", "info", "--thumbnails", "-f", "html", cwd=data.scratch)
    assert done.out.decode() == page.source
    done = run("report", "raw", "--show", "info", "-f", "html", cwd=data.scratch)
    assert "<img" not in Report(done.out).text and b"img-src" not in done.out and b'"thumbnails"' not in done.out


def test_all_pictures_together_are_small(data: Data) -> None:
    noise = Image.effect_noise((300, 300), 120)
    many = Image.merge("RGB", (noise, noise.rotate(90), noise.rotate(180)))
    exif = Image.Exif()
    exif[0x0112] = 6
    for n in range(12):
        data.add(f"{n}.jpg", encoded(many, "JPEG", exif=exif) + JUNK)
        data.add(f"{n}.png", encoded(many.quantize(64), "PNG", transparency=bytes(range(64))) + JUNK)
    page = data.check()
    for code in ("IMG514", "IMG515", "IMG517"):
        assert len(thumbs_of(page, code)) == OF_RULE
    assert sum(map(len, re.findall("base64,([^']+)'", page.text))) <= 400_000


def test_hostile_names(data: Data) -> None:
    name = "'><img src=x onerror=alert(1)>\u202e\n.jpg"
    whole = encoded(picture(), "JPEG")
    data.add(name, whole[: len(whole) // 2])
    data.add("copy/" + name, whole)
    page = data.check()
    assert page.words.count("'><img src=x onerror=alert(1)>\\u{202e}\\x0a.jpg") >= 3
    shown = thumbs_of(page, "IMG507")
    assert len(shown) == 1 and len(shown[0].pictures) == 2


def test_wrong_use(data: Data) -> None:
    data.add("a.jpg", encoded(picture(), "JPEG") + JUNK)
    data.check()
    done = run("raw", "--thumbnails", "-q", "--format", "json", cwd=data.scratch)
    assert done.code == 0 and not done.err
    done = run("raw", "--thumbnails", "--format", "json", cwd=data.scratch)
    assert done.code == 0 and "no effect without an HTML report" in done.err
    report = ("report", "raw/.llava-check", "--show", "info", "--thumbnails", "-q", "-o", "b.html")
    assert_complaint(run(*report, cwd=data.scratch), "an index contains no images", "--images")
    done = run(*report, "--images", "raw/images", cwd=data.scratch)
    assert done.code == 0 and not done.err
    assert len(thumbs_of(data.page("b.html"), "IMG517")) == 1
    data.images.rename(data.folder / "moved")
    report = ("report", "raw", "--show", "info", "--thumbnails", "-q", "-o", "c.html")
    assert_complaint(run(*report, cwd=data.scratch), "open the image folder")


def test_a_root_elsewhere_is_to_be_named(data: Data) -> None:
    """An index or a link that came with the data could make any folder the image root."""
    elsewhere = data.scratch / "private"
    data.images.rename(elsewhere)
    data.images = elsewhere
    data.add("a.jpg", encoded(picture(), "JPEG") + JUNK)
    shown = thumbs_of(data.check("--images", "private"), "IMG517")
    assert len(shown[0].pictures) == 1
    report = ("report", "raw", "--show", "info", "--thumbnails", "-q", "-o", "b.html")
    assert_complaint(run(*report, cwd=data.scratch), "outside of the data folder", "--images")
    assert run(*report, "--images", "private", cwd=data.scratch).code == 0
    os.symlink(elsewhere, data.folder / "images")
    check = ("raw", "--no-index", "--show", "info", "--thumbnails", "-q", "-o", "c.html")
    assert_complaint(run(*check, cwd=data.scratch), "outside of the data folder", "--images")
    assert "<img" not in data.page("c.html").text
    assert run(*check, "--images", "raw/images", cwd=data.scratch).code == 0
    assert "<img" in data.page("c.html").text
