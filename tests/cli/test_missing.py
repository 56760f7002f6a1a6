"""Messages about missing images: the folder, and the nearest file."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Sequence

from program import FIXTURES, row, run, write_rows

JPEG = (FIXTURES / "rules/images/ok.jpg").read_bytes()


def write_images(root: Path, files: Sequence[str | bytes]) -> None:
    for name in files:
        path = os.path.join(os.fsencode(root), os.fsencode(name))
        os.makedirs(os.path.dirname(path), exist_ok=True)
        Path(os.fsdecode(path)).write_bytes(JPEG)


def said_of(folder: Path, images: Sequence[str], *options: str) -> dict[str, str]:
    """Return IMG501's message by image; the report must be the same with any number of threads."""
    write_rows(folder / "rows.json", [row(str(n), image) for n, image in enumerate(images)])
    reports = [
        run("check", "rows.json", "--images", "images", "--no-index", "-f", "json",
            *options, "--threads", threads, cwd=folder).out
        for threads in ("1", "2", "8")
    ]
    assert reports[0] == reports[1] == reports[2]
    found = json.loads(reports[0])["findings"]
    return {f["image"]: f["message"] for f in found if f["rule"] == "IMG501"}


def test_a_whole_folder(tmp_path: Path) -> None:
    write_images(tmp_path / "images", ["COCO/a.jpg", "COCO/b.jpg", "vg/c.jpg"])
    images = ["coco/a.jpg", "coco/b.jpg", "coco/sub/d.jpg", "coco/a.jpg", "coco2/a.jpg",
              "vg/C.jpg", "vg/sub/e.jpg", "vg/c.jpg"]
    head = "no such file; "
    coco = head + "the whole folder 'coco' is missing, with 3 images of 4 rows"
    assert said_of(tmp_path, images) == {
        "coco/a.jpg": coco + "; there is 'COCO/a.jpg', in different case",
        "coco/b.jpg": coco + "; there is 'COCO/b.jpg', in different case",
        "coco/sub/d.jpg": coco,
        "coco2/a.jpg": head + "the whole folder 'coco2' is missing, with 1 image of 1 row; "
        "there is 'COCO/a.jpg', in another folder",
        "vg/C.jpg": head + "there is 'c.jpg', in different case",
        "vg/sub/e.jpg": head + "the whole folder 'vg/sub' is missing, with 1 image of 1 row",
    }


def test_one_example_of_a_folder(tmp_path: Path) -> None:
    """The text report shows different folders."""
    write_images(tmp_path / "images", ["x.jpg"])
    images = [f"{folder}/{n}.jpg" for folder in "abc" for n in range(50)]
    write_rows(tmp_path / "rows.json", [row(str(n), image) for n, image in enumerate(images)])
    text = run("check", "rows.json", "--images", "images", "--no-index", cwd=tmp_path).out.decode()
    shown = [line for line in text.splitlines() if line.startswith("    ")]
    assert [line.split()[0] for line in shown] == ["a/0.jpg:", "b/0.jpg:", "c/0.jpg:", "…"]
    assert all("with 50 images of 50 rows" in line for line in shown[:3])
    assert shown[3].split()[2] == "147"


def test_rows_of_a_folder_count_once(tmp_path: Path) -> None:
    write_images(tmp_path / "images", ["x.jpg"])
    many = [[f"gone/{n}.jpg", f"gone/{n + 1}.jpg"] for n in range(200)]
    write_rows(tmp_path / "rows.json", [row(str(n), image) for n, image in enumerate(many)])
    done = run("check", "rows.json", "--images", "images", "--no-index", cwd=tmp_path)
    assert b"'gone' is missing, with 201 images of 200 rows" in done.out


def test_names_of_other_bytes(tmp_path: Path) -> None:
    """Names on disk that are not UTF-8 do no harm, and are escaped in reports."""
    write_images(tmp_path / "images", [b"Caf\xe9.jpg", b"\xff\xfe/inner.jpg", "e\u0301.jpg"])
    said = said_of(tmp_path, ["caf\u00e9.jpg", "x/inner.jpg", "\u00e9.jpg"])
    assert said == {
        "caf\u00e9.jpg": "no such file",
        "x/inner.jpg": "no such file; the whole folder 'x' is missing, with 1 image of 1 row; "
        "there is '\\xff\\xfe/inner.jpg', in another folder",
        "\u00e9.jpg": "no such file; there is 'e\u0301.jpg', in another Unicode form",
    }


def test_nothing_outside_is_looked_at(tmp_path: Path) -> None:
    """A link is followed if a row names a file through it, but its target is not searched."""
    write_images(tmp_path / "elsewhere", ["Secret.jpg", "sub/deep.jpg"])
    write_images(tmp_path / "images", ["a.jpg"])
    (tmp_path / "images/out").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "images/dead.jpg").symlink_to("nothing.jpg")
    said = said_of(
        tmp_path,
        ["out/Secret.jpg", "out/secret.jpg", "out/none/x.jpg", "secret.jpg", "deep.jpg", "dead.jpg"],
    )
    assert said == {
        "out/secret.jpg": "no such file",
        "out/none/x.jpg": "no such file",
        "secret.jpg": "no such file",
        "deep.jpg": "no such file",
        "dead.jpg": "no such file; it is a broken symbolic link",
    }
    outside = ["../elsewhere/secret.jpg", str(tmp_path / "elsewhere/secret.jpg")]
    said = said_of(tmp_path, outside, "--allow-outside")
    assert said == {path: "no such file" for path in outside}
