"""jobs.py - a small data set with something of everything, and the jobs to run on it."""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import tarfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Iterable

from PIL import Image

SIDE = 24
FORMATS = {"a.jpg": {}, "b.jpg": {"progressive": True}, "c.png": {}, "d.webp": {}, "e.gif": {},
           "f.bmp": {}, "g.tiff": {"compression": "tiff_lzw"}, "h.webp": {"lossless": True}}
REPORTS = ["report.txt", "report.json", "report.html", "report.sarif", "report.csv",
           "report.md", "report.jsonl", "junit:report.xml", "gitlab:gl.json"]


@dataclass(frozen=True)
class Job:
    """A command that runs in a copy of a folder; {work} stands for the folder of the data."""

    name: str
    arguments: tuple[str, ...]
    before: str  # "empty", or "checked": after a first run
    after: bool = False  # it writes the index, so it is run once more without a fault


def check(*arguments: str) -> tuple[str, ...]:
    return ("check", *arguments, "--index", "index", "--threads", "1")


# Files are cut here while they are read: the data are part of the copied folder
CUT = Job("cut", check("data", "-f", "json"), "inside")
REPORT_OPTIONS = tuple(word for report in REPORTS for word in ("--report", report))
JOBS = [
    Job("check", check("../data", "-f", "json", "--thumbnails", *REPORT_OPTIONS), "empty",
        after=True),
    Job("again", check("../data", "-f", "json"), "checked", after=True),
    Job("mixture", check("../data/mixture.yaml", "--images", "../data/images", "-f", "json"),
        "empty", after=True),
    Job("found", ("check", "data", "--threads", "1", "-f", "json"), "inside", after=True),
    Job("no-index", ("check", "../data", "--no-index", "-f", "json",
                     "--index-mode", "content"), "empty"),
    Job("not-unpacked", check("../packed", "-f", "json"), "empty", after=True),
    Job("clean", ("clean", "../data", "--index", "index", "--threads", "1", "-o", "out.json", "--merge",
                  "--force", "--split", "a=0.6,b=0.4"), "checked", after=True),
    Job("shuffle", ("clean", "../data", "--no-index", "--threads", "1", "-o", "out.jsonl", "--merge",
                    "--sample", "9", "--shuffle", "1", "--drop", "error,ROW206"), "empty"),
    Job("copied", ("clean", "../data", "--index", "index", "--threads", "1", "-o", "out.json", "--merge",
                   "--force", "-q", "--copy-images", "copied"), "checked", after=True),
    Job("linked", ("clean", "../data", "--no-index", "--threads", "1", "-o", "out.json", "--merge",
                   "--link-images", "linked"), "empty"),
    Job("transcoded", ("clean", "../data", "--no-index", "--threads", "1", "-o", "out.json", "--merge", "-q",
                       "--copy-images", "copied", "--transcode"), "empty"),
    Job("shards", ("check", "../shards", "--no-index", "--threads", "1", "--report", "json:report.json", "-q"), "empty"),
    Job("spooled", ("check", "../spooled", "--no-index", "--threads", "1", "--report", "json:report.json", "-q"), "empty"),
    Job("clean-shards", ("clean", "../shards", "--no-index", "--threads", "1", "-o", "new", "--split", "a=0.6,b=0.4"), "empty"),
    Job("fix", ("clean", "../data", "--no-index", "--threads", "1", "-o", "out.json", "--merge", "--fix", "--unsafe"), "empty"),
    Job("fix-diff", ("fix", "../data", "--no-index", "--threads", "1", "--diff", "--unsafe"), "empty"),
    Job("convert", ("convert", "../data", "--index", "index", "--threads", "1", "--to", "messages", "-t", "llama-factory", "-o",
                    "out.json", "--skip", "--entry", "x", "--force", "-q"), "checked", after=True),
    Job("verify", ("verify", "../data", "--index", "index", "--threads", "1", "-q", "--report",
                   "json:/dev/stdout"), "checked"),
    Job("report", ("report", "index", "-f", "text", "--baseline", "known.json",
                   *REPORT_OPTIONS), "checked"),
    Job("compared", ("report", "index", "-t", "all", "-f", "markdown"), "checked"),
    Job("baseline", ("report", "index", "--write-baseline", "new.json"), "checked"),
    Job("stats", ("index", "stats", "index"), "checked"),
    Job("images", ("index", "images", "index"), "checked"),
    Job("rows", ("index", "rows", "index", "-w", "effect>=replaced", "-w", "level=error", "-w", "rule!=IMG507", "-f", "offsets"),
        "checked"),
    Job("findings", ("index", "findings", "index"), "checked"),
    Job("dump", ("index", "dump", "rows", "index"), "checked"),
    Job("duplicates", ("index", "duplicates", "index"), "checked"),
    Job("get", ("index", "get", "index", "a.jpg"), "checked"),
    Job("index-check", ("index", "check", "index"), "checked"),
    Job("diff", ("diff", "index", "index-of-other", "-f", "json"), "checked"),
    Job("config", ("config", "../data"), "empty"),
    Job("rules", ("rules", "IMG507"), "empty"),
    Job("trainers", ("trainers", "llava-1.5", "-f", "json"), "empty"),
    Job("man", ("man",), "empty"),
    Job("help", ("help", "check"), "empty"),
]


def row(ident: Any, image: Any, answer: str = "This is it.", **more: Any) -> dict[str, Any]:
    question = "What is it?" if image is None else "<image>\nWhat is it?"
    turns = [{"from": "human", "value": question}, {"from": "gpt", "value": answer}]
    return {"id": ident, **({} if image is None else {"image": image}), "conversations": turns,
            **more}


def make_images(folder: Path) -> list[str]:
    folder.mkdir(parents=True)
    for number, (name, options) in enumerate(FORMATS.items()):
        image = Image.new("RGB", (SIDE, SIDE), (number * 20, 90, 200))
        for x in range(SIDE):
            image.putpixel((x, x * number % SIDE), (255, 10 * x, 0))
        image.save(folder / name, **options)
    Image.new("RGBA", (SIDE, SIDE), (9, 90, 200, 100)).save(folder / "i.png")  # clean rewrites both
    Image.new("CMYK", (SIDE, SIDE), (9, 90, 200, 100)).save(folder / "j.jpg")
    whole = (folder / "a.jpg").read_bytes()
    (folder / "cut.jpg").write_bytes(whole[:-40])
    (folder / "bad.png").write_bytes((folder / "c.png").read_bytes()[:40] + b"\0" * 40)
    (folder / "cut.tiff").write_bytes((folder / "g.tiff").read_bytes()[:90])
    (folder / "page.jpg").write_bytes(b"<html>no</html>")
    (folder / "same.jpg").write_bytes(whole)
    (folder / "unused.jpg").write_bytes(whole + b"tail")
    return sorted(set(os.listdir(folder)) - {"unused.jpg"})


def make_data(folder: Path) -> None:
    """Make rows in an array, as lines, and in a mixture, with good and bad images."""
    names = make_images(folder / "images")
    (folder / "images/v.mp4").write_bytes(b"video")
    (folder / "images/deep").mkdir()
    (folder / "images/deep/c.png").write_bytes((folder / "images/c.png").read_bytes())
    rows = [row(name, name) for name in names]
    rows += [row("gone", "A.JPG"), row("out", "../x.jpg"), row("a.jpg", "a.jpg"), row("t", None, ""),
             row("v", None, video="v.mp4"), {"id": 7, "conversations": []}]
    text = "[" + ",\n".join(json.dumps(r) for r in rows) + ',\n {"id": 8, "conversations": [}]\n'
    (folder / "rows.json").write_text(text)
    lines = [row("l1", "c.png", "caf\u00e9"), row("l2", ["a.jpg", "e.gif"]), row("l3", "b.jpg"),
             row("l4", "deep/c.png")]
    (folder / "lines.jsonl").write_text(
        "".join(json.dumps(r, ensure_ascii=False) + "\n" for r in lines))
    (folder / "mixture.yaml").write_text(
        f"datasets:\n  - json_path: rows.json\n    sampling_strategy: first:5\n"
        f"  - json_path: lines.jsonl\n    sampling_strategy: all\n")
    (folder / "llava-check.yaml").write_text("images: images\ntrainer: llava-next\nignore: [TOK407]\n")


def small_image() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (SIDE, SIDE), (9, 90, 200)).save(out, "JPEG")
    return out.getvalue()


def add_sample(tar: tarfile.TarFile, key: str, parts: Iterable[tuple[str, bytes]]) -> None:
    for suffix, data in parts:
        info = tarfile.TarInfo(f"{key}.{suffix}")
        info.size = len(data)
        tar.addfile(info, io.BytesIO(data))


def make_shards(folder: Path) -> None:
    """Make two WebDataset shards with a broken image, a sample without an image, and a duplicate key."""
    folder.mkdir()
    image = small_image()
    text = json.dumps(row("x", "x.jpg")).encode()
    for name, keys in (("0.tar", "abcab"), ("1.tar", "defgh")):
        with tarfile.open(folder / name, "w", format=tarfile.USTAR_FORMAT) as tar:
            for number, key in enumerate(keys):
                pixels = image[: len(image) // 2] if number == 1 else image
                add_sample(tar, key, (("jpg", pixels), ("json", text))[number == 2 :])


def make_spooled(folder: Path) -> None:
    """Make a shard with more text than stays in memory until the rows are read."""
    folder.mkdir()
    text = json.dumps(row("x", "x.jpg", "word " * 900_000)).encode()
    with tarfile.open(folder / "0.tar", "w", format=tarfile.USTAR_FORMAT) as tar:
        for key in "abcde":
            add_sample(tar, key, [("jpg", small_image()), ("json", text)])


def add_settings(folder: Path) -> None:
    """Add settings to the working directory, through a link that stays in it."""
    (folder / "mine.yaml").write_text(
        "ignore: [TOK407]\nseverity: {TOK408: info}\nper-folder-ignores:\n  'lines.jsonl': [CNV306]\n"
        "baseline: known.json\nallow-outside: true\n")
    (folder / "llava-check.yaml").symlink_to("mine.yaml")
    (folder / "known.json").write_text('[{"llava-check-baseline": 1}]\n')


def prepare(program: Path, work: Path) -> None:
    """Make the data, and the folders in which jobs start."""
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    make_data(work / "data")
    make_shards(work / "shards")
    make_spooled(work / "spooled")
    packed = work / "packed"
    packed.mkdir()
    (packed / "rows.json").write_text(json.dumps([row("x", "x.jpg"), row("y", "./y.jpg")]))
    for name in ("images.zip", "a.tar", "b.tar"):
        (packed / name).touch()
    (work / "empty").mkdir()
    add_settings(work / "empty")
    shutil.copytree(work / "data", work / "inside/data")
    (work / "inside/data/.llava-check/journal").mkdir(parents=True)  # not ours, so it is removed
    other = work / "other"
    shutil.copytree(work / "data", other)
    (other / "images/c.png").unlink()
    checked = work / "checked"
    checked.mkdir()

    def run(*arguments: str) -> None:
        env = {**os.environ, "XDG_STATE_HOME": str(checked.resolve() / "index-state")}
        done = subprocess.run([program, *arguments], cwd=checked, capture_output=True, check=False,
                              env=env)
        assert done.returncode in (0, 1), done.stderr

    run(*check("../data"))
    run("check", "../other", "--index", "index-of-other")
    run("report", "index", "--select", "IMG", "--write-baseline", "known.json")
    known = (checked / "known.json").read_bytes()
    add_settings(checked)
    (checked / "known.json").write_bytes(known)
