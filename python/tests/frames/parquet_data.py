"""parquet_data.py FOLDER MEGABYTES - parquet with LLaVA-NeXT-Data's columns, written by `datasets`

All kinds of images, with alpha and palettes, gray, CMYK, cut and broken ones; ids that rows share,
with other images and with the same one; ids with slashes and dots; rows without an image.
"""

from __future__ import annotations

import io
import random
import sys
from pathlib import Path
from typing import Any, Iterator

import pyarrow
import pyarrow.parquet
from PIL import Image

KINDS = 12


def picture(mode: str, form: str, rng: random.Random, size: tuple[int, int], **options: Any) -> bytes:
    """A picture with enough noise that its file has about the size of a photograph's."""
    small = Image.frombytes("RGB", (size[0] // 4, size[1] // 4),
                            rng.randbytes(size[0] // 4 * (size[1] // 4) * 3))
    image = small.resize(size, Image.Resampling.BICUBIC).convert("RGB")
    if mode == "P":
        image = image.quantize(32)
    elif mode != "RGB":
        image = image.convert(mode)
    if mode == "RGBA":
        image.putalpha(Image.linear_gradient("L").resize(size))
    out = io.BytesIO()
    image.save(out, form, **options)
    return out.getvalue()


def pool(rng: random.Random, size: tuple[int, int], count: int) -> list[bytes]:
    """Photographs, as JPEG."""
    return [picture("RGB", "JPEG", rng, size, quality=88) for _ in range(count)]


def rows(count: int, seed: int = 0, size: tuple[int, int] = (640, 480)) -> Iterator[dict[str, Any]]:
    """Rows with the published columns."""
    rng = random.Random(seed)
    photographs = pool(rng, size, 24)
    small = (size[0] // 4, size[1] // 4)
    odd = [
        (picture("RGBA", "PNG", rng, small), "alpha.png"),
        (picture("P", "PNG", rng, small), "palette.png"),
        (picture("L", "JPEG", rng, small), None),
        (picture("CMYK", "JPEG", rng, small), None),
        (picture("RGB", "GIF", rng, small), None),
        (picture("RGB", "WEBP", rng, small), "x.webp"),
        (photographs[0][: len(photographs[0]) // 2], "cut.jpg"),
        (b"<html>404</html>", "gone.jpg"),
    ]
    for number in range(count):
        image: dict[str, Any] | None
        row_id: str = f"{number:012d}"
        # every photograph has bytes of its own: data after its end
        data = photographs[number % len(photographs)] + b"%d" % number
        image = {"bytes": data, "path": f"{number:012d}.jpg"}
        turn = "<image>\nWhat is in the picture?"
        if number % 5 == 1:
            data, path = odd[number // 5 % len(odd)]
            image = {"bytes": data, "path": path}
        if number % 19 == 4:
            image, turn = None, "What is the capital of France?"
        if number % 50 == 7:
            row_id = "shared"
        if number % 50 == 9:
            row_id, image = "same", {"bytes": photographs[3], "path": None}
        if number == 11:
            row_id = "../../etc/passwd"
        if number == 12:
            row_id = "gqa/images/2354786.JPG"
        if number == 13:
            row_id = "GQA_images_2354786"
        yield {
            "id": row_id,
            "conversations": [
                {"from": "human", "value": turn},
                {"from": "gpt", "value": f"It is number {number}: 图片 é."},
            ],
            "data_source": ("coco", "gqa", "ocr_vqa")[number % 3],
            "image": image,
        }


def features() -> Any:
    import datasets

    return datasets.Features({
        "id": datasets.Value("string"),
        "conversations": [{"from": datasets.Value("string"), "value": datasets.Value("string")}],
        "data_source": datasets.Value("string"),
        "image": datasets.Image(),
    })


def write(folder: Path, count: int, files: int = 2, size: tuple[int, int] = (640, 480)) -> None:
    """Write files as `datasets` does, without needing it."""
    folder.mkdir(parents=True, exist_ok=True)
    turns = pyarrow.list_(pyarrow.struct([("from", pyarrow.string()), ("value", pyarrow.string())]))
    image = pyarrow.struct([("bytes", pyarrow.binary()), ("path", pyarrow.string())])
    schema = pyarrow.schema([("id", pyarrow.string()), ("conversations", turns),
                             ("data_source", pyarrow.string()), ("image", image)])
    every = list(rows(count, size=size))
    each = -(-count // files)
    for number in range(files):
        part = every[number * each : (number + 1) * each]
        pyarrow.parquet.write_table(pyarrow.Table.from_pylist(part, schema=schema),
                                    folder / f"train-{number:05d}-of-{files:05d}.parquet",
                                    row_group_size=20)


def main() -> None:
    import datasets

    folder, megabytes = Path(sys.argv[1]), int(sys.argv[2])
    folder.mkdir(parents=True)
    count = megabytes * 2**20 // 90_000
    data = datasets.Dataset.from_generator(rows, features=features(),
                                           gen_kwargs={"count": count}, cache_dir=str(folder / "cache"))
    files = max(1, megabytes // 400)
    for number in range(files):
        shard = data.shard(files, number, contiguous=True)
        shard.to_parquet(str(folder / f"train-{number:05d}-of-{files:05d}.parquet"))
    data.cleanup_cache_files()


if __name__ == "__main__":
    main()
