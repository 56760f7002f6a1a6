"""dataset_images.py - make the image files of data sets."""
from __future__ import annotations

import io
import random
from pathlib import Path
from typing import NamedTuple

from PIL import Image, ImageDraw

POOL_SIZE = 64
IMAGE_SUFFIXES = (".jpg", ".jpeg", ".png")

# Folders of LLaVA-NeXT-Data, with their numbers of rows and their file names.
FOLDERS = (
    ("coco/train2017/{:012d}", 391_219, ".jpg"),
    ("vg/VG_100K/{}", 86_417, ".jpg"),
    ("ocr_vqa/images/{:010d}", 80_000, ".jpg"),
    ("gqa/images/{}", 72_140, ".jpg"),
    ("synthdog-en/train/{:08d}", 40_093, ".jpg"),
    ("dvqa/images/bar_train_{:08d}", 20_000, ".png"),
    ("chartqa/train/png/{}", 18_317, ".png"),
    ("docvqa/documents/doc{}_1", 10_194, ".png"),
    ("laion-gpt4v-20231128/images/{}", 8_048, ".jpg"),
    ("llava_pretrain_lcs558k/{:09d}", 6_989, ".jpg"),
    ("ai2d/images/{}", 3_247, ".png"),
    ("sharegpt4v/web-images/{}", 1_926, ".jpg"),
)


class Copy(NamedTuple):
    """One file to write: its name below the image root, and its bytes."""

    name: str
    data: bytes


def _suffix(data: bytes) -> str:
    return ".png" if data.startswith(b"\x89PNG") else ".jpg"


def _draw(rng: random.Random, number: int) -> bytes:
    size = (rng.randint(48, 160), rng.randint(48, 160))
    picture = Image.new("RGB", size, tuple(rng.randrange(256) for _ in range(3)))
    draw = ImageDraw.Draw(picture)
    for _ in range(12):
        x, y = rng.randrange(size[0]), rng.randrange(size[1])
        box = (x, y, x + rng.randint(5, 60), y + rng.randint(5, 60))
        color = tuple(rng.randrange(256) for _ in range(3))
        (draw.ellipse if rng.random() < 0.5 else draw.rectangle)(box, fill=color)
    draw.text((4, 4), str(number), fill=(255, 255, 255))
    out = io.BytesIO()
    if number % 4 == 3:
        picture.save(out, "PNG")
    else:
        picture.save(out, "JPEG", quality=85)
    return out.getvalue()


def find_sources(folder: Path | None, rng: random.Random) -> list[bytes]:
    """Return the bytes of a folder's JPEG and PNG files, or of small pictures."""
    if folder is None:
        return [_draw(rng, k) for k in range(POOL_SIZE)]
    paths = sorted(p for p in folder.iterdir() if p.suffix.lower() in IMAGE_SUFFIXES)
    if not paths:
        raise SystemExit("no .jpg, .jpeg or .png in the folder of --from")
    return [path.read_bytes() for path in paths]


def plan(sources: list[bytes], images: int, rng: random.Random) -> list[Copy]:
    """Name a number of files, in folders by their shares; every source is used equally often."""
    pools: dict[str, list[bytes]] = {".jpg": [], ".png": []}
    used = {".jpg": 0, ".png": 0}
    for data in sources:
        pools[_suffix(data)].append(data)

    copies = []
    shares = [rows for _, rows, _ in FOLDERS]
    for k, (pattern, _, wanted) in enumerate(rng.choices(FOLDERS, shares, k=images)):
        kind = wanted if pools[wanted] else next(s for s in pools if pools[s])
        data = pools[kind][used[kind] % len(pools[kind])]
        used[kind] += 1
        copies.append(Copy(pattern.format(1009 + k * 31) + kind, data))
    return copies


FAULTS = (
    ("IMG507", lambda data: data[: len(data) // 2]),
    ("IMG504", lambda data: b""),
    ("IMG506", lambda data: b"<!DOCTYPE html><html><body>404 Not Found</body></html>\n"),
)


def write(root: Path, copies: list[Copy], fault_rate: float) -> list[str]:
    """Write the files, a share of them damaged; return which were damaged, and how."""
    faults: list[str] = []
    root.mkdir()
    for folder in {Path(copy.name).parent for copy in copies}:
        (root / folder).mkdir(parents=True, exist_ok=True)
    for k, (name, data) in enumerate(copies):
        if int((k + 1) * fault_rate) != int(k * fault_rate):
            code, damage = FAULTS[len(faults) % len(FAULTS)]
            data = damage(data)
            faults.append(f"image\t{name}\t{code}\n")
        (root / name).write_bytes(data)
    return faults
