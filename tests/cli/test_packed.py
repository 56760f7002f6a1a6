"""Data sets that are not unpacked yet: archives of images, compressed rows files, tables."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path
from typing import NamedTuple

import pytest

from program import assert_complaint, make_small, run, unprivileged, write_rows


class Packed(NamedTuple):
    files: list[str]  # additional files, beside or below the data set
    named: str  # named if rows are missing; "": none
    read: str = ""  # archive in which missing images are looked for
    unread: str = ""  # what has to be unpacked first


CASES = {
    "an archive": Packed(["images.zip"], "images.zip", read="images.zip"),
    "a part": Packed(["images.tar.gz.001"], "images.tar.gz.001", unread="images.tar.gz.001"),
    "in capitals": Packed(["IMAGES.ZIP"], "IMAGES.ZIP", read="IMAGES.ZIP"),
    "two": Packed(["b.tar", "a.7z"], "a.7z, b.tar", read="b.tar", unread="a.7z"),
    "many": Packed([f"{n}.tgz" for n in range(9)], "0.tgz, 1.tgz and 7 more", read="0.tgz and 8 more"),
    "below": Packed(["LLaVA-Pretrain/images.zip"], "LLaVA-Pretrain/images.zip", read="LLaVA-Pretrain/images.zip"),
    "many kinds": Packed(["a.zip", "b.RAR", "c.7z", "d.tar.zst", "e.zip.001", "f.rar"], "a.zip, b.RAR and 4 more",
                         read="a.zip and 1 more", unread="b.RAR, c.7z and 2 more"),
    "two below": Packed(["a/b/images.zip"], ""),
    "a table": Packed(["data/train-00000-of-00001.parquet"], "data/train-00000-of-00001.parquet", unread="data/train-00000-of-00001.parquet"),
    "compressed rows": Packed(["rows.jsonl.zst"], "rows.jsonl.zst", unread="rows.jsonl.zst"),
    "a folder of that name": Packed(["images.zip/a.txt"], ""),
    "a longer word": Packed(["images.zipped", "notes.tarot", "zip", ".zip"], ""),
    "a longer word first": Packed(["a.zipped.zip"], "a.zipped.zip", read="a.zipped.zip"),
    "controls": Packed(["\x1b[31m.zip"], "\\x1b[31m.zip", read="\\x1b[31m.zip"),
    "controls, unread": Packed(["\x1b[31m\n.7z", "\u202e.rar"], "\\x1b[31m\\x0a.7z, \\u{202e}.rar",
                               unread="\\x1b[31m\\x0a.7z, \\u{202e}.rar"),
    "no UTF-8": Packed([os.fsdecode(b"\xff.zip")], "\\xff.zip", read="\\xff.zip"),
}


def place(files: list[str], folder: Path) -> None:
    for name in files:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"PK")


@pytest.mark.parametrize("case", CASES)
def test_rows_are_not_unpacked(case: str, tmp_path: Path) -> None:
    folder = tmp_path / "set"
    folder.mkdir()
    place(CASES[case].files, folder)
    done = run("set", cwd=tmp_path)
    assert_complaint(done, "set: no rows found")
    named = CASES[case].named
    ending = f"; not unpacked: {named}" if named else ""
    if ".parquet" in named:
        ending = f"; not read: {named} ('llava-check import parquet' converts it)"
    assert done.err == f"llava-check: set: no rows found: it has no .json or .jsonl file{ending}\n"


def test_rows_of_another_form(tmp_path: Path) -> None:
    """Skipped files are noted, because no report mentions them."""
    for name in ("b.json", "a.json"):
        (tmp_path / name).write_text('[{"messages": [], "images": ["a.jpg"]}]')
        done = run(".", cwd=tmp_path)
        more = " (and 1 more)" if name == "a.json" else ""
        assert_complaint(done, f"no rows found: skipped {name}: it has no rows (keys 'messages', 'images'){more}")
    make_small(tmp_path / "set")
    (tmp_path / "set/info.json").write_text("{}")
    (tmp_path / "empty").mkdir()
    assert_complaint(run("set", "empty", cwd=tmp_path), "empty: no rows found: it has no .json")
    shutil.rmtree(tmp_path / "set")
    place(["rows.tar"], tmp_path)
    assert_complaint(run(".", cwd=tmp_path), " (and 1 more); rows have one of the keys ", "; not unpacked: rows.tar")


@pytest.mark.parametrize("case", CASES)
def test_images_are_not_unpacked(case: str, tmp_path: Path) -> None:
    make_small(tmp_path / "set")
    for file in (tmp_path / "set/images").iterdir():
        file.unlink()
    (tmp_path / "set/images").rmdir()
    place(CASES[case].files, tmp_path / "set")
    done = run("set", cwd=tmp_path)
    named = [re.search(r"^note: images: 0 of 2 sampled paths .* what is missing is looked for in (.*)$", done.err, re.M),
             re.search(r"^note: archives of this kind are not read; unpack them first: (.*)$", done.err, re.M)]
    assert done.code == 1 and [found[1] if found else "" for found in named] == [CASES[case].read, CASES[case].unread]
    assert ("none of the first rows' images was found" in done.err) == (not CASES[case].read)
    assert b'"ARC8' in run("report", "set", "-f", "json", cwd=tmp_path).out or not CASES[case].read  # "PK" is not an archive


def test_videos_are_not_unpacked(tmp_path: Path) -> None:
    make_small(tmp_path / "set")
    turns = [{"from": "human", "value": "<video> What happens?"}, {"from": "gpt", "value": "A lot."}]
    write_rows(tmp_path / "set/rows.json", [{"id": "v", "video": "v.mp4", "conversations": turns}])
    place(["videos.zip"], tmp_path / "set")
    done = run("set", cwd=tmp_path)
    assert "note: archives of videos are not read; unpack them first: videos.zip\n" in done.err


def test_archives_beside_images_are_no_matter(tmp_path: Path) -> None:
    make_small(tmp_path / "set")
    place(["images.zip"], tmp_path / "set")
    assert "archives" not in run("set", cwd=tmp_path).err


def test_what_may_not_be_listed_is_passed_over(open_folder: Path) -> None:
    closed = open_folder / "set/closed"
    closed.mkdir(parents=True)
    place(["a.zip"], open_folder / "set")
    user = unprivileged(open_folder)
    closed.chmod(0o000)
    done = run("set", cwd=open_folder, before=user.before, executable=user.executable)
    assert_complaint(done, "; not unpacked: a.zip")


def test_links_to_folders_are_not_followed(tmp_path: Path) -> None:
    (tmp_path / "set").mkdir()
    place(["a.zip"], tmp_path / "set")
    os.symlink(".", tmp_path / "set/itself")  # a.zip would be found again
    os.symlink("/nowhere", tmp_path / "set/gone.zip")
    done = run("set", cwd=tmp_path)
    assert done.err.endswith("; not unpacked: a.zip\n")
