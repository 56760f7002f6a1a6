#!/usr/bin/python3
"""What Pillow makes of a file: Image.open(f).convert("RGB"), nothing configured.

    pillow_verdict.py FILE...     one tab separated line for each file
"""

import re
import sys
import warnings

from PIL import Image, UnidentifiedImageError

warnings.simplefilter("ignore")

TRUNCATED = ("image file is truncated", "Truncated File Read")

# The name of a chunk of which the file holds less than its four bytes.
SHORT_NAME = re.compile(r"broken PNG file \(chunk (b'.*'|b\".*\")\)$", re.DOTALL)


def is_short_name(message):
    match = SHORT_NAME.match(message)
    return bool(match) and len(eval(match.group(1), {"__builtins__": {}})) < 4


def orientation_of(image):
    """The stored orientation, 0 when it is absent, unreadable or means nothing."""
    try:
        value = image.getexif().get(0x0112)
    except Exception:
        return 0
    return value if type(value) is int and 1 <= value <= 8 else 0


def frames_of(image):
    """How many frames there are; 0 when Pillow cannot tell."""
    try:
        return getattr(image, "n_frames", 1)
    except Exception:
        return 0


def is_blank(rgb):
    return all(low == high for low, high in rgb.getextrema())


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
        "cut": False,  # the data ended, whatever the exception says
        "message": "",
    }
    try:
        with Image.open(path) as image:
            result["opened"] = True
            result["size"] = image.size
            result["mode"] = image.mode
            result["format"] = image.format
            result["blank"] = is_blank(image.convert("RGB"))
            result["orientation"] = orientation_of(image)
            result["frames"] = frames_of(image)
    except Image.DecompressionBombError as error:
        result["verdict"] = "bomb"
        result["message"] = str(error)
    except Exception as error:
        message = str(error)
        result["message"] = f"{type(error).__name__}: {message}"
        result["verdict"] = "corrupt"
        if message.startswith(TRUNCATED):
            result["verdict"] = "truncated"
        result["cut"] = isinstance(error, UnidentifiedImageError) or is_short_name(message)
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
