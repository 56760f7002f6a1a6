"""A table of the differences between Debian's Pillows.

src/image calls an image sound only if every one of them loads it (docs/verdicts.md, "Two
Pillows"), whichever is installed. So the tests compare its verdict with the Pillow that they run
under, except for the rows here. test_pillows.py checks each row against that Pillow, on a file that
shows the difference.
"""

import dataclasses

import PIL

KNOWN = ("9.4", "11.1")  # Debian 12's, Debian 13's
ANY = "a library of its own"  # refused if Pillow is built with other libraries


def running():
    """Return the running Pillow's column in the tables."""
    version = ".".join(PIL.__version__.split(".")[:2])
    if version not in KNOWN:
        raise RuntimeError(f"Pillow {version} is neither of {KNOWN}: it needs a column in tests/diff/pillows.py")
    return version


@dataclasses.dataclass(frozen=True)
class Refusal:
    """A reason of ours to refuse that not every Pillow shares."""

    reason: str  # the facts' detail, or its end
    by: str  # the Pillow that refuses
    seeds: tuple  # files of image_seeds or seeds_rare that the others load


REFUSALS = (
    Refusal("Exif header too short, which Pillow 9.4 refuses", "9.4",
            ("rare-jpeg-exif-short-5", "rare-jpeg-exif-short-6")),
    Refusal("a header of 52 or 56 bytes, which Pillow 9.4 refuses", "9.4",
            ("rare-bmp-header-52", "rare-bmp-header-56")),
    Refusal("a colour layout, which Pillow 9.4 refuses", "9.4",
            ("rare-bmp-layout-bgxr", "rare-bmp-layout-bgar")),
    Refusal("a pixel format, which Pillow 9.4 refuses", "9.4", ("rare-tiff-ycbcr-old-jpeg-1-1",)),
    Refusal("a frame of width 0 at the left border, which Pillow 11.1 refuses", "11.1",
            ("gif-without-width", "rare-png-animation-box-0")),
    Refusal("an iCCP chunk without a profile, which Pillow 11.1 refuses", "11.1",
            ("rare-png-text-iCCP-1", "rare-png-text-iCCP-3-after")),
    Refusal("an unknown compression of a colour profile, which Pillow 11.1 refuses", "11.1",
            ("rare-png-text-iCCP-5-after",)),
    Refusal("width or height is not an integer, which Pillow 11.1 refuses", "11.1", ("rare-tiff-size-text-1-1",)),
    Refusal("a plane beside red, green and blue, which Pillow 11.1 refuses", "11.1",
            ("tiff-planes-rgbx-1", "tiff-planes-rgbx-8")),
    Refusal("a tile of width 0 at the left border, which Pillow 11.1 refuses", "11.1",
            ("rare-tiff-tiles-no-width",)),
    Refusal("a strip or tile that zlib cannot inflate", ANY, ("rare-tiff-strips-deflate-endless",)),
    Refusal("a WebP that does not fit its strip or tile", ANY, ("rare-tiff-strips-webp-alpha",)),
)

# (format, our mode): the mode in other Pillows than 9.4
MODES = {
    ("png", "I"): {"11.1": "I;16"},
    ("tiff", "RGBX"): {"11.1": "RGB"},
}

# First bytes of files of formats that are not verified, with the Pillows that open them: IMG518
# reports that 9.4 does not.
OPENED = {b"Pf": ("11.1",), b"qoif": ("11.1",)}
FORMATS = {b"qoif": "qoi"}  # formats with separate plugins


def opens(data):
    """Whether the running Pillow opens a file with these first bytes, which 9.4 does not."""
    return any(data.startswith(head) and running() in by for head, by in OPENED.items())


def refusal_of(detail):
    """Return the row for a detail of ours, or None."""
    return next((row for row in REFUSALS if detail.endswith(row.reason)), None)


def may_load(detail):
    """Whether the running Pillow may load, or refuse differently, what we refuse with a detail."""
    row = refusal_of(detail)
    return row is not None and row.by != running()


def mode(form, ours):
    """Return the running Pillow's mode for a picture of this mode of ours."""
    return MODES.get((form, ours), {}).get(running(), ours)


def size(fact):
    """Return the size that the running Pillow reports after opening the file."""
    turned = running() != "9.4" and fact["format"] == "tiff" and fact["orientation"] >= 5
    return (fact["height"], fact["width"]) if turned else (fact["width"], fact["height"])


def may_be_blank(fact):
    """Whether one colour may differ: past the end of a palette, 9.4 has grays, later ones one colour."""
    return running() != "9.4" and fact["format"] in ("png", "gif", "bmp", "dib") and fact["mode"] != "RGB"


def may_be_transparent(fact):
    """Pillow compares a PNG's transparent colour with samples that it has scaled or cut to 8 bits."""
    deep = fact["depth"] != 8 and fact["mode"] in ("1", "L", "RGB")
    return fact["format"] == "png" and (deep or fact["mode"] == "I")


def may_have_more_frames(fact, pillow):
    """Pillow 9.4 raises at a graphic control without blocks, so that no frame after it counts; 11.1 goes on."""
    if running() == "9.4" or fact["format"] != "gif" or pillow["frames"] < fact["frames"]:
        return False
    with open(fact["path"], "rb") as file:
        return b"\x21\xf9\x00" in file.read()


def raises_after_pixels(fact, pillow):
    """Pillow 9.4 rejects a chunk that is cut after the pixels, even if LOAD_TRUNCATED_IMAGES is set."""
    return running() == "9.4" and fact["format"] == "png" and pillow["lenient_message"] == "Truncated File Read"


def ignores_profile(fact, pillow):
    """Pillow 11.1 refuses a colour profile that is missing or of unknown compression, which earlier ones leave out."""
    if fact["format"] != "png" or not pillow["lenient"]:
        return False
    with open(fact["path"], "rb") as file:
        chunks = file.read().split(b"iCCP")[1:]
    return any(not chunk.partition(b"\0")[2].startswith(b"\0") for chunk in chunks)


def may_open(fact, head):
    """Whether the running Pillow knows the format of a file that has none for us."""
    return running() != "9.4" and int.from_bytes(head[:4], "little") in (52, 56)
