"""The rules about the image root as a whole: SET602 and SET604, and SET601 and SET603 in an index.

Their other cases are in the fixtures.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Sequence

from program import FIXTURES, row, run, write_rows

JPEG = (FIXTURES / "rules/images/ok.jpg").read_bytes()


def make(root: Path, names: Sequence[str], same: bool = False) -> None:
    """Pictures of these names; each like no other, but for what libjpeg passes over."""
    for number, name in enumerate(names):
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        comment = b"\xff\xfe\x00\x06%04d" % (0 if same else number)
        path.write_bytes(JPEG[:2] + comment + JPEG[2:])


def findings(folder: Path, images: Sequence[str], *options: str) -> list[dict[str, Any]]:
    """Return the SET findings about rows that name these images, with any number of threads."""
    write_rows(folder / "rows.json", [row(str(n), image) for n, image in enumerate(images)])
    reports = [
        run("check", "rows.json", "--images", "images", "-f", "json", "--show", "info",
            *options, "--threads", threads, cwd=folder).out
        for threads in ("1", "2", "8")
    ]
    assert reports[0] == reports[1] == reports[2]
    return [f for f in json.loads(reports[0])["findings"] if f["rule"].startswith("SET")]


def messages(folder: Path, images: Sequence[str], code: str, *options: str) -> list[str]:
    return [f"{f['image']}: {f['message']}" if "image" in f else f["message"]
            for f in findings(folder, images, *options) if f["rule"] == code]


def test_unused_images(tmp_path: Path) -> None:
    root = tmp_path / "images"
    used = ["a.jpg", "coco/1.jpg", "coco/deep/2.jpg", "vg/./3.jpg", "./vg//4.jpg"]
    make(root, used + ["b.PNG", "0.jpg", "coco/9.webp", "coco/8.webp", "coco/deep/x/1.jpg"])
    make(root, [f"gone/{a}/{b}.jpg" for a in "qp" for b in "21"] + ["gone/p/r/s/1.jpg"])
    make(root, ["only-below/u/1.jpg", "only-below/v/1.jpg", ".cache/1.jpg", "vg/.thumb.jpg"])
    (root / "read.me").write_text("no image")
    (root / "notes").mkdir()
    (root / "notes/read.txt").write_text("no image")
    (root / "linked").symlink_to("gone")
    assert messages(tmp_path, used, "SET602", "--no-index") == [
        "the image root: 2 unused image files, such as '0.jpg'",
        "'coco': 2 unused image files, such as 'coco/8.webp'",
        "'coco/deep/x': 1 unused image file (no row uses this folder), such as "
        "'coco/deep/x/1.jpg'",
        "'gone': 5 unused image files (no row uses this folder), such as 'gone/p/1.jpg'",
        "'only-below': 2 unused image files (no row uses this folder), such as "
        "'only-below/u/1.jpg'",
    ]
    for found in findings(tmp_path, used, "--no-index"):
        assert found["severity"] == "info"
        assert not found.keys() & {"id", "rows", "image"}
    assert messages(tmp_path, used, "SET602", "--no-index", "--no-images") == []
    assert messages(tmp_path, [], "SET602", "--no-index") == []


def test_names_that_clash(tmp_path: Path) -> None:
    there = ["A.jpg", "a.JPG", "b/C.jpg", "B/c.jpg", "b/c.jpg", "B/C.jpg", "caf\u00e9.jpg",
             "cafe\u0301.jpg", "\u00dc.jpg", "\u00fc.jpg", "one.jpg", "ones.jpg", "lost.jpg"]
    make(tmp_path / "images", there)
    images = there + ["Lost.jpg", "LOST.jpg", "../One.jpg", "/one.JPG"]
    wanted = [
        "A.jpg: differs only in case from 'a.JPG'",
        "B/C.jpg: differs only in case from 'B/c.jpg', 'b/C.jpg' and 1 more",
        "cafe\u0301.jpg: differs only in case from 'caf\\xc3\\xa9.jpg'",
        "\u00dc.jpg: differs only in case from '\\xc3\\xbc.jpg'",
    ]
    found = messages(tmp_path, images, "SET604", "--no-index")
    assert [text.replace("\u00e9", "\\xc3\\xa9").replace("'\u00fc", "'\\xc3\\xbc")
            for text in found] == wanted
    # nothing is known about the files, so missing names may exist
    unread = messages(tmp_path, images, "SET604", "--no-index", "--no-images")
    assert any(text.startswith("LOST.jpg: ") for text in unread)
    assert all(f["severity"] == "warning" and f["rows"]["count"] == 1
               for f in findings(tmp_path, images, "--no-index") if f["rule"] == "SET604")


def test_the_index_has_them(tmp_path: Path) -> None:
    """They are found again even if no image is read again, and the index is consistent."""
    names = [f"{n:02}.jpg" for n in range(12)]
    make(tmp_path / "images", names, same=True)
    images = [*names[:11], names[0]]
    wanted = ["00.jpg: the same bytes as '01.jpg', '02.jpg' and 8 more"]
    for options in ([], ["--recheck"], ["--no-index"], ["--index-mode", "content"]):
        assert messages(tmp_path, images, "SET601", *options) == wanted
        assert messages(tmp_path, images, "SET603", *options) == [
            "00.jpg: 11 files contain the same picture"]
        assert messages(tmp_path, images, "SET602", *options) == [
            "the image root: 1 unused image file, such as '11.jpg'"]
    assert run("index", "check", "rows.json", cwd=tmp_path).code == 0
    listed = run("index", "findings", "rows.json", "--show", "info", cwd=tmp_path).out.decode()
    assert sorted(code for code in listed.split() if code.startswith("SET")) == [
        "SET601", "SET602", "SET603"]


def test_a_column_under_two_names_is_one_finding(tmp_path: Path) -> None:
    """This is so however many rows and types of values follow."""
    text = {k: v for k, v in row("x", None).items() if k != "id"}
    rows = [text | {"image": "a.jpg"}, text | {"images": ["a.jpg"]}, text | {"image": ["a.jpg"]}, text | {"image": 1}]
    write_rows(tmp_path / "rows.jsonl", rows)
    done = run("check", "rows.jsonl", "--dialect", "llava", "--no-images", "--no-index", "-f", "json", cwd=tmp_path)
    found = [f["row"] for f in json.loads(done.out)["findings"] if f["rule"] == "JSN117"]
    assert found == [1]
