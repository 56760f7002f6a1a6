#!/usr/bin/python3
"""Pillow's verdict on a file: Image.open(f).convert("RGB") with default settings.

    pillow_verdict.py FILE...     one tab separated line for each file
"""

import os
import re
import sys
import warnings

from PIL import Image, ImageFile, UnidentifiedImageError

warnings.simplefilter("ignore")

TRUNCATED = ("image file is truncated", "Truncated File Read")

# How Pillow 11.1's message begins for a TIFF whose size is missing or not an integer.
NO_SIZE = "Invalid dimensions"

# The message about a chunk's name that is cut off within its four bytes.
SHORT_NAME = re.compile(r"broken PNG file \(chunk (b'.*'|b\".*\")\)$", re.DOTALL)


def is_short_name(message):
    match = SHORT_NAME.match(message)
    return bool(match) and len(eval(match.group(1), {"__builtins__": {}})) < 4


def is_cut_webp(path):
    """Whether a WebP's container claims to be larger than the file: Pillow has the same
    message for all faults."""
    with open(path, "rb") as file:
        data = file.read()
    size = int.from_bytes(data[4:8], "little")
    return data[:4] == b"RIFF" and data[8:12] == b"WEBP" and \
        12 <= size <= 0xFFFFFFF6 and size + 8 > len(data)


def is_cut_tiff(image, error):
    """Whether the data of a TIFF may have been cut off, whatever the exception says: libtiff's
    has no text, a mapped file's has another one, and one about Exif comes first."""
    if str(error) == "buffer is not large enough" or isinstance(error, (KeyError, TypeError)):
        return True
    tags = image.tag_v2
    size = os.path.getsize(image.filename)
    for places, counts in ((tags.get(273, ()), 279), (tags.get(324, ()), 325)):
        sizes = tags.get(counts, ())
        for i, place in enumerate(places):
            known = i < len(sizes) and isinstance(place, int) and isinstance(sizes[i], int)
            if not known or place + sizes[i] > size:
                return True
    if (273 in tags and 325 in tags) or (279 in tags and 324 in tags):
        return True  # libtiff stores strips and tiles in the same place
    # libtiff may find strips in entries that Pillow ignores
    with open(image.filename, "rb") as file:
        file.seek(tags.offset)
        count = file.read(8 if tags._bigtiff else 2)
    order = "little" if tags.prefix == b"II" else "big"
    return int.from_bytes(count, order) != len(tags)


def orientation_of(image):
    """Return the stored orientation, or 0 if it is absent, unreadable or invalid."""
    try:
        value = image.getexif().get(0x0112)
    except Exception:
        return 0
    return value if type(value) is int and 1 <= value <= 8 else 0


def frames_of(image):
    """Return the number of frames, or 0 if Pillow cannot tell."""
    try:
        return getattr(image, "n_frames", 1)
    except Exception:
        return 0


def is_blank(rgb):
    return all(low == high for low, high in rgb.getextrema())


def is_transparent(image):
    """Whether a loaded picture has a pixel that is not opaque; None if Pillow cannot tell."""
    if "transparency" not in image.info and image.mode not in ("RGBA", "LA", "PA"):
        return False
    try:
        return image.convert("RGBA").getchannel("A").getextrema()[0] < 255
    except Exception:  # a text instead of a colour
        return None


def load_leniently(path):
    """Load with LOAD_TRUNCATED_IMAGES; return the pixels, or None, and why they do not load."""
    ImageFile.LOAD_TRUNCATED_IMAGES = True
    try:
        with Image.open(path) as image:
            return image.convert("RGB"), ""
    except Exception as error:
        return None, str(error)
    finally:
        ImageFile.LOAD_TRUNCATED_IMAGES = False


def verdict(path):
    """Return a dict: verdict (ok, truncated, corrupt, bomb), opened, size, mode, ..."""
    result = {
        "verdict": "ok",
        "opened": False,
        "size": (0, 0),
        "mode": "",
        "format": "",
        "orientation": 0,
        "frames": 0,
        "blank": False,
        "transparent": False,
        "lenient": False,  # refused, but loads if LOAD_TRUNCATED_IMAGES is set
        "cut": False,  # the data were cut off, whatever the exception says
        "message": "",
    }
    image = None
    try:
        with Image.open(path) as image:
            result["opened"] = True
            result["size"] = image.size
            result["mode"] = image.mode
            result["format"] = image.format
            early = orientation_of(image) if image.format == "TIFF" else 0
            result["blank"] = is_blank(image.convert("RGB"))
            result["transparent"] = is_transparent(image)
            result["orientation"] = early or orientation_of(image)
            result["frames"] = frames_of(image)
    except Image.DecompressionBombError as error:
        result["verdict"] = "bomb"
        result["message"] = str(error)
    except Exception as error:
        message = str(error)
        result["message"] = f"{type(error).__name__}: {message}"
        result["verdict"] = "corrupt"
        if message.startswith(TRUNCATED) or is_cut_webp(path):
            result["verdict"] = "truncated"
        result["cut"] = isinstance(error, UnidentifiedImageError) or is_short_name(message) or \
            message == NO_SIZE
        if result["format"] == "TIFF":
            result["cut"] = is_cut_tiff(image, error)
        rgb, result["lenient_message"] = load_leniently(path)
        result["lenient"] = rgb is not None
    return result


def main():
    for path in sys.argv[1:]:
        result = verdict(path)
        print(
            path,
            result["verdict"],
            result["format"],
            *result["size"],
            result["mode"],
            result["orientation"],
            result["message"],
            sep="\t",
        )


if __name__ == "__main__":
    main()
