"""JPEGs that Pillow does not write: from cjpeg, or made by hand from Pillow's."""

import io
import subprocess

from PIL import Image, ImageDraw

from image_seeds import encode, noise

# Scan scripts of cjpeg: sequential without interleaving, half interleaved, and progressions.
APART = "0: 0-63, 0, 0;\n1: 0-63, 0, 0;\n2: 0-63, 0, 0;\n"
HALF = "0: 0-63, 0, 0;\n1 2: 0-63, 0, 0;\n"
FINE = ("0 1 2: 0-0, 0, 1;\n0: 1-5, 0, 2;\n2: 1-63, 0, 1;\n1: 1-63, 0, 1;\n0: 6-63, 0, 2;\n"
        "0: 1-63, 2, 1;\n0 1 2: 0-0, 1, 0;\n2: 1-63, 1, 0;\n1: 1-63, 1, 0;\n0: 1-63, 1, 0;\n")
SPECTRAL = "0 1 2: 0-0, 0, 0;\n0: 1-9, 0, 0;\n0: 10-63, 0, 0;\n1: 1-63, 0, 0;\n2: 1-63, 0, 0;\n"
SHALLOW = "0 1 2: 0-0, 0, 3;\n0: 1-63, 0, 4;\n0 1 2: 0-0, 3, 2;\n0: 1-63, 4, 3;\n"

# Names, cjpeg's options, and a scan script.
WRITTEN = [
    ("arithmetic", ["-arithmetic"], None),
    ("arithmetic-progressive", ["-arithmetic", "-progressive"], None),
    ("restart-rows", ["-restart", "1"], None),
    ("restart-mcus", ["-restart", "3B"], None),
    ("restart-each", ["-restart", "1B", "-sample", "1x1"], None),
    ("progressive-restart", ["-progressive", "-restart", "2"], None),
    ("progressive-restart-each", ["-progressive", "-restart", "1B"], None),
    ("411", ["-sample", "4x1"], None),
    ("440", ["-sample", "1x2"], None),
    ("odd-sampling", ["-sample", "2x2,1x2,2x1"], None),
    ("gray-2x2", ["-grayscale", "-sample", "2x2"], None),
    ("rgb", ["-rgb"], None),
    ("apart", [], APART),
    ("apart-restart", ["-restart", "5B"], APART),
    ("half", ["-sample", "1x1"], HALF),
    ("fine", ["-quality", "97"], FINE),
    ("spectral", [], SPECTRAL),
    ("shallow", ["-quality", "95"], SHALLOW),
    ("low", ["-quality", "5", "-optimize"], None),
    ("best", ["-quality", "100", "-sample", "1x1"], None),
    ("wide-tables", ["-quality", "1"], None),
]


def cjpeg(image, options, script, folder):
    """Encode a picture with cjpeg."""
    picture = io.BytesIO()
    image.save(picture, "PPM")
    command = ["cjpeg", *options]
    if script:
        path = f"{folder}/script"
        with open(path, "w", encoding="ascii") as file:
            file.write(script)
        command += ["-scans", path]
    return subprocess.run(command, input=picture.getvalue(), capture_output=True,
                          check=True).stdout


def plain(mode, size, colour):
    return Image.new(mode, size, colour)


def with_a_dot(size, colour, dot):
    image = plain("RGB", size, colour)
    ImageDraw.Draw(image).rectangle((size[0] - 9, size[1] - 9, size[0], size[1]), fill=dot)
    return image


def blank_seeds():
    """Yield pictures of one colour, or nearly."""
    yield "white", encode(plain("RGB", (120, 90), "white"), "JPEG")
    yield "black-gray", encode(plain("L", (33, 70), 0), "JPEG")
    yield "red-progressive", encode(plain("RGB", (60, 60), "red"), "JPEG", progressive=True)
    yield "blue-cmyk", encode(plain("CMYK", (40, 40), (255, 200, 0, 10)), "JPEG")
    yield "one-pixel", encode(plain("RGB", (1, 1), (3, 99, 200)), "JPEG")
    yield "dot", encode(with_a_dot((200, 160), "white", "black"), "JPEG")
    yield "faint-dot", encode(with_a_dot((200, 160), (100, 100, 100), (102, 100, 100)), "JPEG",
                              quality=98)
    yield "dot-white", encode(with_a_dot((90, 160), (250, 250, 250), "white"), "JPEG")
    yield "colour-only", encode(with_a_dot((90, 90), (128, 128, 128), (164, 110, 128)), "JPEG",
                                subsampling=0)


def seeds():
    """Return a list of (name, bytes)."""
    import tempfile

    image = noise("RGB", (93, 71), 21)
    found = list(blank_seeds())
    with tempfile.TemporaryDirectory() as folder:
        for name, options, script in WRITTEN:
            found.append((name, cjpeg(image, options, script, folder)))
        long = noise("RGB", (260, 240), 22)
        found.append(("long-restarts", cjpeg(long, ["-restart", "1", "-quality", "95"], None,
                                             folder)))
        found.append(("long-fine", cjpeg(long, ["-quality", "90"], FINE, folder)))
    baseline = encode(image, "JPEG")
    at = baseline.index(b"\xff\xc0")
    found.append(("extended", baseline[: at + 1] + b"\xc1" + baseline[at + 2 :]))
    found.append(("twelve-bit", baseline[: at + 4] + b"\x0c" + baseline[at + 5 :]))
    found.append(("no-app", b"\xff\xd8" + baseline[baseline.index(b"\xff\xdb") :]))
    found.append(("camera", baseline[:-2] + b"\xff\xd9" + b"\0" * 4096))
    return [(f"jpeg-{name}", data) for name, data in found]
