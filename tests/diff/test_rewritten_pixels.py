"""clean --transcode: rewritten files have the pixels that Pillow shows: upright, on white, in 8 bits."""

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
from PIL import Image, ImageChops, ImageOps

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))
import image_mutants  # noqa: E402
import image_seeds  # noqa: E402
import seeds_gif_bmp  # noqa: E402
import seeds_rare  # noqa: E402
import seeds_rare_png  # noqa: E402
import seeds_rare_tiff  # noqa: E402
import seeds_tiff_webp  # noqa: E402

FORMATS = ("GIF", "BMP", "DIB", "TIFF", "PNG", "WEBP")
UNUSUAL = ("wide-", "text", "turned")  # parts of the names of files that are made to break decoders, and not rewritten
REFUSALS = (OSError, ValueError, TypeError, SyntaxError, KeyError, struct.error)  # Pillow's, which depend on its version; other tests compare verdicts


def pictures() -> list[tuple[str, bytes]]:
    """Return pictures of all modes, as Pillow writes them."""
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
    """Return a picture upright, pasted with its alpha as mask, with the upper 8 of 16 bits. Pillow turns TIFFs on loading."""
    with Image.open(io.BytesIO(data)) as image:
        image.load()
        image = image if image.format == "TIFF" else ImageOps.exif_transpose(image)
    if image.mode in ("I", "I;16", "I;16B"):
        return image.convert("I").point(lambda level: level / 256).convert("L").convert("RGB")
    if "A" in image.getbands() or "transparency" in image.info:
        rgba = image.convert("RGBA")
        seen = Image.new("RGB", image.size, "white")
        seen.paste(rgba, mask=rgba.getchannel("A"))
        return seen
    return image.convert("RGB")


def is_past_palette(data: bytes) -> bool:
    """Whether an opaque pixel is past the end of its palette: gray up to Pillow 10.0, and black since 10.1."""
    with Image.open(io.BytesIO(data)) as image:
        if image.mode not in ("P", "PA"):
            return False
        if not image.palette:  # all are gray, unless there are alphas
            return isinstance(image.info.get("transparency"), bytes)
        palette, step = image.palette.palette, 4 if image.palette.rawmode == "BGRX" else 3  # as stored: loading may change it
        image.load()
        clear = image.info.get("transparency", b"")
        indexes = set(image.getchannel(0).tobytes())
    hidden = {clear} if isinstance(clear, int) else {index for index, alpha in enumerate(clear) if not alpha}
    return max(indexes - hidden, default=0) >= len(palette) // step


def rewrite(folder: Path, files: list[tuple[str, bytes]], factor: int = 1) -> list[str]:
    paths = [folder / str(number) for number in range(len(files))]
    for path, (_, data) in zip(paths, files):
        path.write_bytes(data)
    program = Path(os.environ["LC_IMAGE_FACTS"]).with_name("image_rewrite")
    done = subprocess.run([program, str(factor)], input="".join(f"{path}\n" for path in paths), capture_output=True, text=True, check=True)
    return done.stdout.split()


def mutants(seeds: list[tuple[str, bytes]], count: int) -> list[tuple[str, bytes]]:
    dice = random.Random(11)
    small = [seed for seed in seeds if len(seed[1]) < 30000]
    return [(f"mutant-{name}", image_mutants.mutate(data, dice)) for name, data in (dice.choice(small) for _ in range(count))]


def compare(folder: Path, number: int, data: bytes, factor: int = 1) -> str:
    """Compare a new file with Pillow's pixels: "same", "refused" by this Pillow, or how it differs."""
    with Image.open(io.BytesIO(data)) as image:
        form = str(image.format)
    with Image.open(folder / f"{number}.new") as new:
        assert new.format == ("WEBP" if form == "WEBP" else "PNG") and new.mode in ("L", "RGB")
        try:
            wanted = as_seen(data)
        except REFUSALS:
            return "refused"
        wanted = wanted if factor == 1 else wanted.reduce(factor)
        same = new.size == wanted.size and not ImageChops.difference(new.convert("RGB"), wanted).getbbox()
        return "same" if same else f"{form} {new.size} {wanted.size}"


@pytest.mark.filterwarnings("ignore")
def test_pixels(tmp_path: Path) -> None:
    odd = [*image_seeds.png_seeds(), *seeds_tiff_webp.webp_seeds(), *seeds_rare_png.seeds()]
    files = [*pictures(), *seeds_gif_bmp.seeds(), *seeds_tiff_webp.tiff_seeds(), *seeds_rare.gifs(), *seeds_rare.bmps(),
             *seeds_rare_tiff.seeds()[::2], *odd, *seeds_rare.webps(), *mutants(odd, 500)]
    words = rewrite(tmp_path, files)
    assert len(words) == len(files)
    counts: Counter[tuple[str, str]] = Counter()
    wrong, past = [], 0
    for number, ((name, data), word) in enumerate(zip(files, words)):
        if word in ("unsound", "unread"):
            continue
        try:
            with Image.open(io.BytesIO(data)) as image:
                form = str(image.format)
        except REFUSALS:
            continue
        counts[form, word] += 1
        if word == "failed" and form in FORMATS and not name.startswith("mutant-") and not any(part in name for part in UNUSUAL):
            past += is_past_palette(data)
            if not is_past_palette(data):
                wrong.append(f"{name}: failed")
        if word != "new" or form not in FORMATS:
            continue
        found = compare(tmp_path, number, data)
        if found == "same" and is_past_palette(data):
            found = "past its palette"
        counts[form, "refused"] += found == "refused"
        if found not in ("same", "refused"):
            wrong.append(f"{name}: {found}")
    assert past >= 15
    assert not wrong, f"{len(wrong)} of {sum(counts.values())}: " + "\n".join(wrong[:60])
    for form, least in (("GIF", 100), ("BMP", 70), ("TIFF", 300), ("PNG", 400), ("WEBP", 15)):
        assert counts[form, "new"] - counts[form, "refused"] >= least, dict(counts)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("factor", [2, 3, 7])
def test_pixels_of_pictures_that_are_scaled_down(factor: int, tmp_path: Path) -> None:
    """Scaling is like Image.reduce: only PNG keeps its pixels, and only JPEG and PNG are scaled down."""
    files = [seed for seed in image_seeds.png_seeds() if seed[0] != "exif"]  # this one is turned afterwards
    words = rewrite(tmp_path, files, factor)
    found = Counter(compare(tmp_path, number, data, factor) for number, ((_, data), word) in enumerate(zip(files, words)) if word == "new")
    assert set(found) <= {"same", "refused"} and found["same"] >= 30, found
    out = io.BytesIO()
    picture = Image.effect_noise((61, 45), 40).resize((305, 225)).convert("RGB")
    picture.save(out, "JPEG", quality=95)
    assert rewrite(tmp_path, [("", out.getvalue())], factor) == ["new"]
    with Image.open(tmp_path / "0.new") as new, Image.open(io.BytesIO(out.getvalue())) as old:
        wanted = old.reduce(factor)
        assert new.format == "JPEG" and new.size == wanted.size
        assert max(high for _, high in ImageChops.difference(new, wanted).getextrema()) < 24
    assert rewrite(tmp_path, list(seeds_tiff_webp.webp_seeds())[:3], factor) == ["failed"] * 3
