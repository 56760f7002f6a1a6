"""clean --transcode: the pixels of rewritten files are those that Pillow shows: upright, on white, in 8 bits."""

from __future__ import annotations

import io
import os
import random
import struct
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from PIL import Image, ImageChops

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))
import seeds_gif_bmp  # noqa: E402
import seeds_rare  # noqa: E402
import seeds_rare_tiff  # noqa: E402
import seeds_tiff_webp  # noqa: E402

FORMATS = ("GIF", "BMP", "DIB", "TIFF")


def pictures() -> list[tuple[str, bytes]]:
    """Pictures of all modes, as Pillow writes them."""
    dice, found = random.Random(5), []

    def add(name: str, image: Image.Image, form: str, **options: object) -> None:
        out = io.BytesIO()
        image.save(out, form, **options)
        found.append((name, out.getvalue()))

    for number, size in enumerate(((37, 23), (8, 5), (1, 9))):
        def noise(mode: str, size: tuple[int, int] = size) -> Image.Image:
            bands = len(Image.new(mode, (1, 1)).getbands())
            return Image.frombytes(mode, (5, 5), dice.randbytes(25 * bands)).resize(size)

        rgb = noise("RGB")
        images = {mode: noise(mode) for mode in ("L", "LA", "RGB", "RGBA", "CMYK")}
        images["1"] = noise("L").convert("1")
        images["P"] = rgb.quantize(60)
        images["I;16"] = Image.frombytes("I;16", size, dice.randbytes(2 * size[0] * size[1]))
        for mode, image in images.items():
            for compression in (None, "tiff_lzw", "tiff_adobe_deflate", "packbits"):
                add(f"tiff-{mode}-{compression}-{number}", image, "TIFF", compression=compression)
        add(f"tiff-group4-{number}", images["1"], "TIFF", compression="group4")
        add(f"tiff-jpeg-{number}", rgb, "TIFF", compression="jpeg")
        for turn in range(1, 9):
            add(f"tiff-turned{turn}-{number}", rgb, "TIFF", compression="tiff_lzw", tiffinfo={0x0112: turn})
        for mode in ("1", "L", "P", "RGB", "RGBA"):
            add(f"bmp-{mode}-{number}", images[mode], "BMP")
            add(f"gif-{mode}-{number}", images[mode].convert("RGBA" if mode == "RGBA" else "P"), "GIF")
        add(f"gif-animated-{number}", rgb.quantize(30), "GIF", save_all=True, append_images=[noise("RGB")])
        add(f"gif-clear-{number}", rgb.quantize(30), "GIF", transparency=7)
    return found


def as_seen(data: bytes) -> Image.Image:
    """Paste with the alpha as mask, and the upper 8 bits of 16. Pillow turns a TIFF when it loads it."""
    with Image.open(io.BytesIO(data)) as image:
        image.load()
    if image.mode in ("I", "I;16", "I;16B"):
        return image.convert("I").point(lambda level: level / 256).convert("L").convert("RGB")
    if "A" in image.getbands() or "transparency" in image.info:
        rgba = image.convert("RGBA")
        seen = Image.new("RGB", image.size, "white")
        seen.paste(rgba, mask=rgba.getchannel("A"))
        return seen
    return image.convert("RGB")


def rewrite(folder: Path, files: list[tuple[str, bytes]]) -> list[str]:
    paths = [folder / str(number) for number in range(len(files))]
    for path, (_, data) in zip(paths, files):
        path.write_bytes(data)
    program = Path(os.environ["LC_IMAGE_FACTS"]).with_name("image_rewrite")
    done = subprocess.run([program], input="".join(f"{path}\n" for path in paths), capture_output=True, text=True, check=True)
    return done.stdout.split()


@pytest.mark.filterwarnings("ignore")
def test_pixels(tmp_path: Path) -> None:
    files = [*pictures(), *seeds_gif_bmp.seeds(), *seeds_tiff_webp.tiff_seeds(), *seeds_rare.gifs(), *seeds_rare.bmps(),
             *seeds_rare_tiff.seeds()[::2]]
    words = rewrite(tmp_path, files)
    assert len(words) == len(files)
    counts: Counter[tuple[str, str]] = Counter()
    wrong = []
    for number, ((name, data), word) in enumerate(zip(files, words)):
        if word in ("unsound", "unread"):
            continue
        with Image.open(io.BytesIO(data)) as image:
            form = str(image.format)
        counts[form, word] += 1
        # no code has 12 bits from the start but in files that are made to break decoders
        if word == "failed" and form in FORMATS and not name.startswith("wide-"):
            wrong.append(f"{name}: failed")
        if word != "new" or form not in FORMATS:
            continue
        with Image.open(tmp_path / f"{number}.new") as new:
            assert new.format == "PNG" and new.mode in ("L", "RGB"), name
            try:
                wanted = as_seen(data)
            except (OSError, ValueError, TypeError, SyntaxError, KeyError, struct.error):  # other versions of Pillow load it; other tests compare verdicts
                counts[form, "refused"] += 1
                continue
            if new.size != wanted.size or ImageChops.difference(new.convert("RGB"), wanted).getbbox():
                wrong.append(f"{name}: {form} {new.size} {wanted.size}")
    assert not wrong, f"{len(wrong)} of {sum(counts.values())}: " + "\n".join(wrong[:60])
    for form, least in (("GIF", 100), ("BMP", 70), ("TIFF", 300)):
        assert counts[form, "new"] >= least, dict(counts)
