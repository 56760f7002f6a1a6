"""clean --transcode: images that trainers see differently from viewers are rewritten with the same pixels as in Pillow."""

from __future__ import annotations

import io
import json
import random
from pathlib import Path

import pytest
import xxhash
from PIL import Image, ImageChops, ImageOps, ImageStat, PngImagePlugin
from program import GOOD_JPEG, GOOD_PNG, assert_complaint, files_of, row, run, write_rows
from test_clean import read_result, rows_in

OPTIONS = ["raw", "--images", "images", "-o", "out.json", "--no-index", "--for", "llava-next"]
DROP_ALL = ["--drop", "crash,replaced,altered,unknown"]
SIZE = (37, 23)


def picture(mode: str, seed: int, size: tuple[int, int] = SIZE) -> Image.Image:
    """Make a picture of smooth colours, with all levels of alpha."""
    rng = random.Random(seed)
    bands = len(Image.new(mode, (1, 1)).getbands())
    base = Image.frombytes(mode, (4, 4), bytes(rng.randrange(256) for _ in range(16 * bands)))
    return base.resize(size, Image.BICUBIC)


def exif(orientation: int) -> bytes:
    tags = Image.Exif()
    tags[0x0112] = orientation
    return tags.tobytes()


def save_deep(path: Path) -> None:
    rng = random.Random(9)
    Image.frombytes("I;16", SIZE, bytes(rng.randrange(256) for _ in range(2 * SIZE[0] * SIZE[1]))).save(path)


def save_palette(path: Path) -> None:
    quantized = picture("RGB", 4).quantize(16)
    quantized.save(path, transparency=bytes(range(0, 256, 16)))


def make_set(folder: Path) -> dict[str, Image.Image]:
    """Make images; return them as Pillow shows them."""
    images = folder / "images"
    images.mkdir()
    wanted = {}

    def save(name: str, image: Image.Image, **options: object) -> None:
        image.save(images / name, **options)

    for orientation in range(1, 9):
        for mode in ("RGB", "L", "CMYK"):
            save(f"{mode}{orientation}.jpg", picture(mode, orientation), exif=exif(orientation), quality=92)
        save(f"turned{orientation}.png", picture("RGB", orientation), exif=exif(orientation))
        save(f"turned{orientation}.webp", picture("RGB", orientation), exif=exif(orientation), lossless=True)
    for mode in ("RGBA", "LA"):
        save(f"{mode}.png", picture(mode, 2))
    save("lossy.webp", picture("RGBA", 2), quality=80)
    save("lossless.webp", picture("RGBA", 3), lossless=True, exact=True)
    save("animated.webp", picture("RGBA", 5), save_all=True, append_images=[picture("RGBA", 6)], duration=90)
    save("animated.png", picture("RGBA", 7), save_all=True, append_images=[picture("RGBA", 8)])
    save("key.png", picture("RGB", 9), transparency=picture("RGB", 9).getpixel((3, 3)))
    save("grayscale-key.png", picture("L", 9), transparency=picture("L", 9).getpixel((3, 3)))
    for number, compression in enumerate((None, "tiff_lzw", "jpeg")):
        pages = [picture("RGB", 20 + number), picture("RGB", 30)]
        save(f"pages{number}.tif", pages[0], compression=compression, save_all=True, append_images=pages[1:])
    save("RGBA.tif", picture("RGBA", 11))
    save("turned.tif", picture("RGB", 13), tiffinfo={0x0112: 6})
    save("deep.tif", Image.frombytes("I;16", SIZE, random.Random(8).randbytes(2 * SIZE[0] * SIZE[1])))
    save("animated.gif", picture("RGB", 14).quantize(40), save_all=True, append_images=[picture("RGB", 15)])
    save("clear.gif", picture("RGB", 16).quantize(40), transparency=5)
    save_deep(images / "deep.png")
    save_palette(images / "palette.png")
    for path in sorted(images.iterdir()):
        with Image.open(path) as image:
            image.load()
            wanted[path.name] = as_seen(image)
    return wanted


def as_seen(image: Image.Image) -> Image.Image:
    """Convert as in Pillow's documentation: exif_transpose, paste with alpha as mask, the upper 8 of 16 bits."""
    if image.format != "TIFF":  # Pillow turns TIFFs when it loads them
        image = ImageOps.exif_transpose(image)
    if image.mode in ("I", "I;16", "I;16B"):
        return image.convert("I").point(lambda level: level / 256).convert("L")
    if "A" in image.getbands() or "transparency" in image.info:
        seen = Image.new("RGB", image.size, "white")
        rgba = image.convert("RGBA")
        seen.paste(rgba, mask=rgba.getchannel("A"))
        return seen
    return image if image.mode == "L" else image.convert("RGB")


def test_pixels_against_pillow(tmp_path: Path) -> None:
    wanted = make_set(tmp_path)
    assert len(wanted) == 8 * 5 + 18
    write_rows(tmp_path / "raw/rows.json", [row(i, name) for i, name in enumerate(wanted)])
    before = files_of(tmp_path)
    done = run("clean", *OPTIONS, *DROP_ALL, "--copy-images", "new", "--transcode", cwd=tmp_path)
    assert done.code == 0, done
    assert {name: entry for name, entry in files_of(tmp_path).items() if name in before} == before
    assert (tmp_path / "out.json").read_bytes() == (tmp_path / "raw/rows.json").read_bytes()
    assert "llava-next trains every row as written" in done.out.decode()
    lines = [line.split("\t") for line in (tmp_path / "out.json.images.tsv").read_text().splitlines()]
    rewritten = {line[0]: line for line in lines}
    assert list(rewritten) == sorted(rewritten) and f": {len(lines)} rewritten images, with changes" in done.out.decode()
    unchanged = {name for name in wanted if name not in rewritten}
    assert unchanged == {"turned1.png", "turned1.webp", "RGB1.jpg", "L1.jpg", "CMYK1.jpg", "turned.tif"}
    for name, image in wanted.items():
        source, copy = (tmp_path / "images" / name).read_bytes(), (tmp_path / "new" / name).read_bytes()
        assert (source == copy) == (name in unchanged), name
        if name in unchanged:
            continue
        assert rewritten[name] == [name, name, rewritten[name][2], xxhash.xxh3_128_hexdigest(source), xxhash.xxh3_128_hexdigest(copy)]
        with Image.open(tmp_path / "new" / name) as new:
            assert new.format == {"jpg": "JPEG", "webp": "WEBP"}.get(name.split(".")[1], "PNG")
            assert new.size == image.size and getattr(new, "n_frames", 1) == 1 and new.mode in ("RGB", "L"), name
            assert new.getexif().get(0x0112) is None and "transparency" not in new.info
            difference = ImageChops.difference(new.convert("RGB"), image.convert("RGB"))
        if name.endswith(".jpg"):
            assert max(ImageStat.Stat(difference).rms) < 3.5, name
        else:
            assert difference.getbbox() is None, name
    assert {line[2] for line in lines} == {
        "turned", "on white", "on white,first frame", "8 bits", "on white,as PNG", "first frame,as PNG", "8 bits,as PNG"}
    again = run("out.json", "--images", "new", "-t", "llava-next", "--no-index", cwd=tmp_path)
    assert again.code == 0 and b"rows as written" in again.out


def test_a_run_is_repeated_and_an_original_that_is_there_is_refused(tmp_path: Path) -> None:
    (tmp_path / "images").mkdir()
    picture("RGBA", 1).save(tmp_path / "images/a.png")
    write_rows(tmp_path / "raw/rows.json", [row(0, "a.png")])
    command = ["clean", *OPTIONS, "--force", "--copy-images", "new", "--transcode"]
    assert run(*command, cwd=tmp_path).code == 0
    first = (tmp_path / "new/a.png").read_bytes()
    again = run(*command, cwd=tmp_path)
    assert again.code == 0 and b"1 of them was there already" in again.out
    assert (tmp_path / "new/a.png").read_bytes() == first
    (tmp_path / "new/a.png").write_bytes((tmp_path / "images/a.png").read_bytes())
    assert_complaint(run(*command, cwd=tmp_path), "new: a.png: a different file exists there")


def test_rows_are_kept_that_only_their_images_would_drop(tmp_path: Path) -> None:
    (tmp_path / "images").mkdir()
    picture("RGBA", 1).save(tmp_path / "images/a.png")
    picture("RGBA", 1).save(tmp_path / "images/b.gif", save_all=True, append_images=[picture("RGBA", 2)])
    (tmp_path / "images/c.jpg").write_bytes(GOOD_JPEG.read_bytes()[:-900])
    write_rows(tmp_path / "raw/rows.json", [row(0, "a.png"), row(1, "b.gif"), row(2, "c.jpg"), row(3, ["a.png", "b.gif"])])
    done = run("clean", *OPTIONS, *DROP_ALL, "--copy-images", "new", "--transcode", cwd=tmp_path)
    assert done.code == 0, done
    assert [r.value["id"] for r in rows_in(tmp_path / "out.json")] == [0, 1]
    assert all(d["reasons"] for d in read_result(tmp_path / "out.json").dropped)
    assert sorted(p.name for p in (tmp_path / "new").iterdir()) == ["a.png", "b.gif"]


@pytest.mark.parametrize("options, said", [
    (["--transcode"], "--transcode needs --copy-images DIR"),
    (["--transcode", "--link-images", "new"], "--transcode needs --copy-images DIR"),
])  # fmt: skip
def test_wrong_options(options: list[str], said: str, tmp_path: Path) -> None:
    (tmp_path / "images").mkdir()
    (tmp_path / "images/a.png").write_bytes(GOOD_PNG.read_bytes())
    write_rows(tmp_path / "raw/rows.json", [row(0, "a.png")])
    assert_complaint(run("clean", *OPTIONS, *options, cwd=tmp_path), said)




def picture_that_is_not_rewritten() -> bytes:
    """Make a picture with a text instead of a transparent colour: clean refuses it, but Pillow loads it."""
    out = io.BytesIO()
    text = PngImagePlugin.PngInfo()
    text.add_text("transparency", "none")
    picture("RGBA", 1).save(out, "PNG", pnginfo=text)
    return out.getvalue()


@pytest.mark.parametrize("options", [[], ["--fix", "--unsafe"]])
def test_an_image_that_cannot_be_rewritten_drops_its_rows(options: list[str], tmp_path: Path) -> None:
    images = tmp_path / "images"
    images.mkdir()
    picture("RGBA", 1).save(images / "a.png")
    (images / "odd.png").write_bytes(picture_that_is_not_rewritten())
    picture("RGBA", 2).save(images / "b.png")
    (images / "again.png").write_bytes(picture_that_is_not_rewritten())
    write_rows(tmp_path / "raw/rows.json", [row(0, "a.png"), row(1, "odd.png"), row(2, "b.png"), row(3, "again.png")])
    done = run("clean", *OPTIONS, *DROP_ALL, "--copy-images", "new", "--transcode", *options, cwd=tmp_path)
    assert done.code == 0, done
    assert b"4 in = 2 kept + 0 fixed + 2 dropped" in done.out and b"2 could not be rewritten: out.json.images.tsv names them last" in done.out
    assert b"was there already" not in done.out and b"were there already" not in done.out
    assert sorted(path.name for path in (tmp_path / "new").iterdir()) == ["a.png", "b.png"]
    assert [line.split("\t")[::2][:2] for line in (tmp_path / "out.json.images.tsv").read_text().splitlines()] == [
        ["a.png", "on white"], ["b.png", "on white"], ["again.png", "not rewritten"], ["odd.png", "not rewritten"]]
    dropped = [json.loads(line) for line in (tmp_path / "out.json.dropped.jsonl").read_text().splitlines()]
    assert [[(reason["rule"], reason["image"]) for reason in one["reasons"]] for one in dropped] == [
        [("IMG515", "odd.png")], [("IMG515", "again.png")]]
    assert all(one["reasons"][0]["message"].endswith("; the image could not be rewritten") for one in dropped)


def test_an_image_that_cannot_be_rewritten_is_copied_for_rows_that_stay(tmp_path: Path) -> None:
    (tmp_path / "images").mkdir()
    picture("RGBA", 1).save(tmp_path / "images/a.png")
    (tmp_path / "images/odd.png").write_bytes(picture_that_is_not_rewritten())
    write_rows(tmp_path / "raw/rows.json", [row(0, "a.png"), row(1, "odd.png")])
    done = run("clean", *OPTIONS, "--copy-images", "new", "--transcode", cwd=tmp_path)
    assert done.code == 0 and b"2 in = 2 kept" in done.out and b"1 could not be rewritten: out.json.images.tsv names it last" in done.out, done
    assert (tmp_path / "new/odd.png").read_bytes() == picture_that_is_not_rewritten()


def test_fixes_and_rewriting_go_together(tmp_path: Path) -> None:
    """A corrected path may lead to an image that no row named before, which is rewritten, too."""
    images = tmp_path / "images"
    images.mkdir()
    for name in ("Plain.png", "Case.PNG"):
        picture("RGBA", len(name)).save(images / name)
    picture("RGB", 3).save(images / "turned.jpg", exif=exif(6))
    lines = [row(0, "Plain.png"), row(1, "case.png"), row(2, "turned.jpg"), {**row(3, "Plain.png"), "conversations": [
        {"from": "human", "value": "What?"}, {"from": "gpt", "value": "It."}]}]
    write_rows(tmp_path / "raw/rows.json", lines)
    done = run("clean", *OPTIONS, *DROP_ALL, "--copy-images", "new", "--transcode", "--fix", "--unsafe", cwd=tmp_path)
    assert done.code == 0 and b"4 in = 2 kept + 2 fixed + 0 dropped" in done.out, done
    assert b"llava-next trains every row as written" in done.out
    assert [one["image"] for one in json.loads((tmp_path / "out.json").read_bytes())] == ["Plain.png", "Case.PNG", "turned.jpg", "Plain.png"]
    assert [line.split("\t")[0] for line in (tmp_path / "out.json.images.tsv").read_text().splitlines()] == ["Case.PNG", "Plain.png", "turned.jpg"]
    assert (tmp_path / "out.json.refetch.txt").read_bytes() == b""  # the file was there, under another name
    for name in ("Plain.png", "Case.PNG"):
        with Image.open(images / name) as old, Image.open(tmp_path / "new" / name) as new:
            assert ImageChops.difference(new.convert("RGB"), as_seen(old).convert("RGB")).getbbox() is None
    again = run("out.json", "--images", "new", "-t", "llava-next", "--no-index", cwd=tmp_path)
    assert again.code == 0 and b"rows as written" in again.out


def test_a_picture_with_more_pixels_than_pillow_allows_is_scaled_down(tmp_path: Path) -> None:
    images = tmp_path / "images"
    images.mkdir()
    Image.new("L", (16000, 11201), 90).save(images / "big.jpg", quality=50)
    (images / "cut.jpg").write_bytes((images / "big.jpg").read_bytes()[:-200000])
    write_rows(tmp_path / "raw/rows.json", [row(0, "big.jpg"), row(1, "cut.jpg")])
    done = run("clean", *OPTIONS, *DROP_ALL, "--copy-images", "new", "--transcode", cwd=tmp_path)
    assert done.code == 0 and b"2 in = 1 kept + 0 fixed + 1 dropped" in done.out, done
    with Image.open(tmp_path / "new/big.jpg") as new:
        assert new.size == (8000, 5601) and new.mode == "L"
    assert [line.split("\t")[::2][:2] for line in (tmp_path / "out.json.images.tsv").read_text().splitlines()] == [
        ["big.jpg", "scaled to 1/2"], ["cut.jpg", "not rewritten"]]
