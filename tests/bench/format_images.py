"""format_images.py - pictures for formats.py: photographs, and charts and documents drawn
here, the same ones each time."""
from __future__ import annotations

import math
import random
from pathlib import Path
from typing import Callable, Iterator

from PIL import Image, ImageDraw

JPEG_SUFFIXES = (".jpg", ".jpeg")
WORDS = ("the of and to in is with chart value year growth total model data image figure "
         "result table report sales region per cent average against").split()


def jpegs(folder: Path) -> list[Path]:
    found = sorted(p for p in folder.iterdir() if p.suffix.lower() in JPEG_SUFFIXES)
    if not found:
        raise SystemExit(f"no .jpg or .jpeg in {folder}")
    return found


def photographs(source: Path) -> Iterator[tuple[str, Image.Image]]:
    for path in jpegs(source):
        with Image.open(path) as image:
            yield path.stem, image.convert("RGB")


def sentence(rng: random.Random, words: int) -> str:
    return " ".join(rng.choice(WORDS) for _ in range(words))


def bars(rng: random.Random) -> Image.Image:
    image = Image.new("RGB", (900, 600), "white")
    draw = ImageDraw.Draw(image)
    count = rng.randrange(5, 20)
    step = 760 / count
    for n in range(6):
        draw.line((80, 60 + n * 90, 860, 60 + n * 90), fill=(220, 220, 220))
        draw.text((40, 54 + n * 90), str((5 - n) * 20), fill="black")
    for n in range(count):
        left = 90 + n * step
        height = rng.randrange(10, 440)
        colour = tuple(rng.randrange(40, 220) for _ in range(3))
        draw.rectangle((left, 510 - height, left + step * 0.7, 510), fill=colour)
        draw.text((left, 516), rng.choice(WORDS)[:5], fill="black")
    draw.text((300, 20), sentence(rng, 6), fill="black")
    return image


def lines(rng: random.Random) -> Image.Image:
    image = Image.new("RGBA", (1000, 700), (255, 255, 255, 255))
    draw = ImageDraw.Draw(image)
    draw.rectangle((80, 40, 960, 640), outline="black")
    for _ in range(rng.randrange(2, 6)):
        colour = tuple(rng.randrange(200) for _ in range(3))
        phase, wave = rng.random() * 6, rng.randrange(30, 160)
        points = [(80 + 4 * n, 340 + 200 * math.sin(phase + n * 4 / wave)
                   + rng.randrange(-12, 12)) for n in range(220)]
        draw.line(points, fill=colour, width=2)
    for n in range(12):
        draw.text((85 + n * 73, 650), str(1990 + 3 * n), fill="black")
    draw.text((380, 15), sentence(rng, 7), fill="black")
    return image


def document(rng: random.Random) -> Image.Image:
    image = Image.new("L", (1240, 1754), 255)
    draw = ImageDraw.Draw(image)
    for line in range(80):
        if rng.random() < 0.12:
            continue
        draw.text((110, 100 + 19 * line), sentence(rng, rng.randrange(14, 26)), fill=20)
    # Scanned or rendered pages have larger letters than Pillow's default font.
    return image.resize((1488, 2105), Image.Resampling.BILINEAR)


def spreadsheet(rng: random.Random) -> Image.Image:
    image = Image.new("RGB", (1280, 800), (250, 250, 250))
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0, 1280, 40), fill=(33, 115, 70))
    for row in range(36):
        for column in range(10):
            left, top = 20 + column * 124, 50 + row * 20
            fill = (235, 241, 222) if row % 2 else (255, 255, 255)
            draw.rectangle((left, top, left + 124, top + 20), fill=fill,
                           outline=(200, 200, 200))
            draw.text((left + 6, top + 4), str(rng.randrange(100000)), fill="black")
    return image


def diagram(rng: random.Random) -> Image.Image:
    image = Image.new("P", (800, 800), 0)
    image.putpalette([255, 255, 255, 0, 0, 0, 200, 60, 60, 60, 120, 200, 240, 200, 80])
    draw = ImageDraw.Draw(image)
    boxes = [(rng.randrange(20, 640), rng.randrange(20, 720)) for _ in range(12)]
    for (x, y), (to_x, to_y) in zip(boxes, boxes[1:]):
        draw.line((x + 60, y + 20, to_x + 60, to_y + 20), fill=1)
    for x, y in boxes:
        draw.rectangle((x, y, x + 120, y + 44), fill=rng.randrange(2, 5), outline=1)
        draw.text((x + 8, y + 14), sentence(rng, 3), fill=1)
    return image


KINDS: tuple[Callable[[random.Random], Image.Image], ...] = (
    bars, lines, document, spreadsheet, diagram)


def drawn(count: int) -> Iterator[tuple[str, Image.Image]]:
    """Yield charts, pages, tables and diagrams."""
    for number in range(count):
        kind = KINDS[number % len(KINDS)]
        yield f"{kind.__name__}-{number:02}", kind(random.Random(number))


def make(folder: Path, pictures: Iterator[tuple[str, Image.Image]], suffix: str,
         **options: object) -> list[Path]:
    """Save the pictures, or use existing ones."""
    done = folder / "MADE.txt"
    if not done.exists():
        folder.mkdir(parents=True, exist_ok=True)
        for name, image in pictures:
            image.save(folder / f"{name}{suffix}", **options)
        done.write_text("", encoding="utf-8")
    return sorted(folder.glob(f"*{suffix}"))
