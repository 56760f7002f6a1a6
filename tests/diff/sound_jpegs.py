"""Sound JPEGs of every kind that Pillow, cjpeg and jpegtran write."""

import io
import itertools
import random
import subprocess
import tempfile

from PIL import Image, ImageDraw

from image_seeds import encode, noise
from seeds_jpeg import APART, FINE, HALF, SHALLOW, SPECTRAL

# Progressions as chosen by mozjpeg: separate DC for each colour, bands of luma, refinements.
SPLIT_DC = ("0: 0-0, 0, 0;\n1: 0-0, 0, 0;\n2: 0-0, 0, 0;\n0: 1-8, 0, 2;\n1: 1-8, 0, 0;\n2: 1-8, 0, 0;\n"
            "0: 9-63, 0, 2;\n0: 1-63, 2, 1;\n0: 1-63, 1, 0;\n1: 9-63, 0, 0;\n2: 9-63, 0, 0;\n")
SPLIT_CHROMA = ("0: 0-0, 0, 0;\n1 2: 0-0, 0, 1;\n1 2: 0-0, 1, 0;\n0: 1-2, 0, 1;\n0: 3-63, 0, 1;\n0: 1-63, 1, 0;\n"
                "1: 1-2, 0, 2;\n1: 3-63, 0, 2;\n1: 1-63, 2, 1;\n1: 1-63, 1, 0;\n2: 1-63, 0, 0;\n")
DEEP = ("0 1 2: 0-0, 0, 4;\n0: 1-63, 0, 4;\n1: 1-63, 0, 3;\n2: 1-63, 0, 3;\n0 1 2: 0-0, 4, 3;\n0: 1-63, 4, 3;\n"
        "0 1 2: 0-0, 3, 2;\n0: 1-63, 3, 2;\n1: 1-63, 3, 2;\n2: 1-63, 3, 2;\n0: 1-63, 2, 1;\n0 1 2: 0-0, 2, 1;\n"
        "0 1 2: 0-0, 1, 0;\n0: 1-63, 1, 0;\n1: 1-63, 2, 1;\n2: 1-63, 2, 1;\n1: 1-63, 1, 0;\n2: 1-63, 1, 0;\n")
EACH = "0 1 2: 0-0, 0, 0;\n" + "".join(f"0: {k}-{k}, 0, 0;\n" for k in range(1, 64)) + \
    "1: 1-63, 0, 0;\n2: 1-63, 0, 0;\n"
SCRIPTS = {"apart": APART, "half": HALF, "fine": FINE, "spectral": SPECTRAL, "shallow": SHALLOW, "split-dc": SPLIT_DC,
           "split-chroma": SPLIT_CHROMA, "deep": DEEP, "each": EACH}

SAMPLES = ("1x1", "2x1", "1x2", "2x2", "4x1", "1x4", "4x2", "2x2,1x2,1x1", "1x1,2x2,2x2", "2x2,1x1,2x1")

CJPEG = [["-baseline"], ["-progressive"], ["-optimize"], ["-arithmetic"], ["-arithmetic", "-progressive"],
         ["-restart", "1"], ["-restart", "1B"], ["-restart", "7B", "-optimize"], ["-restart", "1", "-progressive"],
         ["-restart", "3B", "-progressive"], ["-restart", "2", "-arithmetic"], ["-dct", "fast"], ["-dct", "float"],
         ["-smooth", "40"], ["-grayscale"], ["-grayscale", "-progressive"], ["-grayscale", "-sample", "2x2"], ["-rgb"],
         ["-rgb", "-progressive"], ["-quality", "1"], ["-quality", "1", "-progressive"], ["-quality", "100"],
         ["-quality", "100", "-progressive", "-sample", "1x1"], ["-quality", "20,90"],
         *(["-sample", sample] for sample in SAMPLES), *(["-sample", sample, "-progressive"] for sample in SAMPLES)]

JPEGTRAN = [["-optimize"], ["-progressive"], ["-restart", "1"], ["-restart", "5B"], ["-restart", "1B", "-progressive"],
            ["-arithmetic"], ["-grayscale"], ["-grayscale", "-progressive"], ["-flip", "horizontal"],
            ["-flip", "vertical", "-trim"], ["-rotate", "90"], ["-rotate", "270", "-trim", "-progressive"], ["-transpose"],
            ["-crop", "16x16+0+0"], ["-copy", "none", "-optimize"], ["-copy", "all", "-progressive"]]

QUALITIES = (1, 10, 25, 50, 75, 85, 90, 95, 98, 100)
SIZES = ((1, 1), (1, 9), (8, 8), (9, 8), (15, 17), (16, 16), (17, 31), (33, 16), (63, 65), (65, 64), (48, 24))


def run(command, data):
    return subprocess.run(command, input=data, capture_output=True, check=True).stdout


def pictures():
    """Yield noise of many sizes, and other features of photographs and documents."""
    for width, height in SIZES:
        yield f"noise-{width}x{height}", noise("RGB", (width, height), width * 100 + height)
    random_bytes = random.Random(4).randbytes(40 * 56 * 3)
    yield "grain", Image.frombytes("RGB", (40, 56), random_bytes)
    yield "flat", Image.new("RGB", (70, 41), (12, 200, 90))
    text = Image.new("RGB", (150, 44), "white")
    ImageDraw.Draw(text).text((3, 3), "a b c d e f g\n1 2 3 4 5 6 7 8", fill="black")
    yield "text", text


def by_pillow(name, image):
    for quality, subsampling in itertools.product(QUALITIES, (0, 1, 2)):
        for kind, options in (("base", {}), ("progressive", {"progressive": True}), ("optimized", {"optimize": True})):
            yield (f"pillow-{name}-{quality}-{subsampling}-{kind}",
                   encode(image, "JPEG", quality=quality, subsampling=subsampling, **options))
    for mode, quality, progressive in itertools.product(("L", "CMYK"), QUALITIES[::2], (False, True)):
        yield (f"pillow-{name}-{mode}-{quality}-{progressive}",
               encode(image.convert(mode), "JPEG", quality=quality, progressive=progressive))


def by_cjpeg(name, image, folder):
    picture = io.BytesIO()
    image.save(picture, "PPM")
    for options in CJPEG:
        yield f"cjpeg-{name}{'-'.join(['', *options])}", run(["cjpeg", *options], picture.getvalue())
    for (script, text), quality in itertools.product(SCRIPTS.items(), ("50", "95")):
        path = f"{folder}/{script}"
        with open(path, "w", encoding="ascii") as to:
            to.write(text)
        # with three colours of the same size, there would be no difference
        for sample in ("2x2", "1x1", "2x1"):
            yield (f"cjpeg-{name}-{script}-{quality}-{sample}",
                   run(["cjpeg", "-quality", quality, "-sample", sample, "-scans", path], picture.getvalue()))


def by_jpegtran(name, data):
    for options in JPEGTRAN:
        yield f"jpegtran-{name}{'-'.join(['', *options])}", run(["jpegtran", *options], data)


def all_of(name, image, folder):
    written = [*by_pillow(name, image), *by_cjpeg(name, image, folder)]
    yield from written
    for source, data in written[::9]:
        if "CMYK" not in source and image.size >= (16, 16):
            yield from by_jpegtran(source, data)


def sound(step=1, images=None):
    """Yield names and bytes of every step-th picture."""
    with tempfile.TemporaryDirectory() as folder:
        made = (found for name, image in images or pictures() for found in all_of(name, image, folder))
        yield from itertools.islice(made, 0, None, step)
