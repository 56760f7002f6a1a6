"""Where images and videos are looked for, and the messages about it."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from program import GOOD_JPEG, assert_complaint, files_of, make_small, row, run, unprivileged, write_rows


def place(folder: Path, *names: str) -> None:
    """Copy a sound image to each of these names."""
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(GOOD_JPEG, folder / name)


def rows_of(*images: str) -> list[dict[str, Any]]:
    return [row(f"{number}", image, f"Answer {number}.") for number, image in enumerate(images)]


def missing(*arguments: str | Path, cwd: Path) -> int:
    """Return the number of images that a run did not find."""
    done = run(*arguments, "--no-index", "-f", "json", cwd=cwd)
    assert done.code in (0, 1), done
    by_rule: dict[str, int] = json.loads(done.out)["summary"]["by_rule"]
    return by_rule.get("IMG501", 0) + by_rule.get("ROW212", 0)


def root_of(path: str | Path, *arguments: str, cwd: Path) -> str:
    """Return the image root that a run chose, and how many of the sampled paths are in it."""
    done = run(path, "--no-index", "-v", *arguments, cwd=cwd)
    (line,) = (li for li in done.err.splitlines() if li.startswith("image root: "))
    return line.removeprefix("image root: ")


PLACES = ["r/images", "r/image", "r/img", "r/imgs", "r/media", "r/data", "r/t", "r/other", "r", "r/train/images",
          "r/train/deep/er", "r/train/deep/er/est"]  # fmt: skip


@pytest.mark.parametrize("images", PLACES, ids=repr)
def test_a_folder_and_its_file_have_the_same_root(images: str, tmp_path: Path) -> None:
    write_rows(tmp_path / "r/train/t.json", rows_of("a.jpg", "b/c.jpg"))
    place(tmp_path / images, "a.jpg", "b/c.jpg")
    wanted = f"{images} (2 of 2 sampled paths found)"
    assert root_of("r/train", cwd=tmp_path) == root_of("r/train/t.json", cwd=tmp_path) == wanted
    for path in ("r/train", "r/train/t.json"):
        done = run(path, "--no-index", cwd=tmp_path)
        outside = not images.startswith("r/train")
        said = f"note: images: 2 of 2 sampled paths found in {images}\n" if outside else ""
        assert (done.code, done.err) == (0, said)
    inside = tmp_path / "r/train"
    assert missing(".", cwd=inside) == missing("t.json", cwd=inside) == 0


def test_the_top_of_a_repository_is_found_from_far_below(tmp_path: Path) -> None:
    write_rows(tmp_path / "x/r/a/b/c/d/t.json", rows_of("images/1.jpg"))
    place(tmp_path / "x/r/some/assets", "images/1.jpg")
    assert missing("x/r/a/b/c/d", cwd=tmp_path) == 1
    (tmp_path / "x/r/.git").mkdir()
    assert missing("x/r/a/b/c/d", cwd=tmp_path) == 0


def test_nothing_above_a_repository_is_a_root(tmp_path: Path) -> None:
    write_rows(tmp_path / "r/t.json", rows_of("1.jpg"))
    place(tmp_path, "1.jpg", "images/1.jpg")
    assert missing("r", cwd=tmp_path) == missing("r/t.json", cwd=tmp_path) == 0
    (tmp_path / "r/.git").write_text("gitdir: elsewhere\n")
    assert missing("r", cwd=tmp_path) == missing("r/t.json", cwd=tmp_path) == 1


@pytest.mark.parametrize("why", ["home", "open to all", "root of all"])
def test_folders_of_others_are_no_root(why: str, tmp_path: Path) -> None:
    """Untrusted rows must not select files of the home folder, or of a world-writable folder."""
    write_rows(tmp_path / "h/r/t.json", rows_of("1.jpg"))
    place(tmp_path / "h", "1.jpg")
    environment = {**os.environ, "HOME": str(tmp_path / "h" if why == "home" else tmp_path / "r")}
    if why == "open to all":
        (tmp_path / "h").chmod(0o777)
    if why == "root of all":
        write_rows(tmp_path / "h/r/t.json", rows_of("usr/bin/env"))
    done = run("h/r", "--no-index", "-f", "json", cwd=tmp_path, env=environment)
    assert json.loads(done.out)["summary"]["by_rule"]["IMG501"] == 1


def test_the_nearest_of_equal_roots(tmp_path: Path) -> None:
    write_rows(tmp_path / "r/train/t.json", rows_of("1.jpg"))
    for folder in ("r/train/z", "r/images", "r/a"):
        place(tmp_path / folder, "1.jpg")
        assert root_of("r/train", cwd=tmp_path).startswith("r/train/z ")
    shutil.rmtree(tmp_path / "r/train/z")
    assert root_of("r/train", cwd=tmp_path).startswith("r/images ")


def test_a_root_with_most_of_them_ends_the_search(tmp_path: Path) -> None:
    """Outer folders are only used for rows whose images are not inside."""
    images = [f"{number}.jpg" for number in range(10)]
    write_rows(tmp_path / "r/t.json", rows_of(*images))
    place(tmp_path / "images", *images)
    place(tmp_path / "r/images", *images[:5])
    assert root_of("r", cwd=tmp_path) == "r/images (5 of 10 sampled paths found)"
    (tmp_path / "r/images/0.jpg").unlink()
    assert root_of("r", cwd=tmp_path) == "images (10 of 10 sampled paths found)"


def notes(*arguments: str | Path, cwd: Path) -> list[str]:
    done = run(*arguments, "--no-index", cwd=cwd)
    return done.err.splitlines()


def test_what_is_said_of_a_rate(tmp_path: Path) -> None:
    images = [f"{number}.jpg" for number in range(10)]
    write_rows(tmp_path / "r/t.json", rows_of(*images))
    place(tmp_path / "r/images", *images[:5])
    assert notes("r", cwd=tmp_path) == []
    (tmp_path / "r/images/4.jpg").unlink()
    assert notes("r", cwd=tmp_path) == [
        "note: images: 4 of 10 sampled paths found in r/images; set another root with --images DIR"
    ]
    place(tmp_path / "r/other 'one'", *images[7:])
    assert notes("r", cwd=tmp_path) == [
        "note: images: 4 of 10 sampled paths found in r/images; next best is r/other 'one' with 3: "
        "llava-check r --images 'r/other '\\''one'\\'''"
    ]
    assert notes("r", "--images", "r/other 'one'", cwd=tmp_path) == []
    assert notes("r", "-q", cwd=tmp_path) == []


FOREIGN = {  # what the rows name, and the prefix to remove
    "absolute": ("/home/u/d/{}", "/home/u/d/"),
    "Windows": ("C:\\data\\{}", "C:/data/"),
    "relative": ("other/repo/{}", "other/repo/"),
}


@pytest.mark.parametrize("kind", FOREIGN)
def test_paths_of_another_machine(kind: str, tmp_path: Path) -> None:
    """A note says where the images are, judging by the ends of their paths; they are still missing."""
    path, cut = FOREIGN[kind]
    names = [f"pics/{n}.jpg" for n in range(8)]
    write_rows(tmp_path / "r/t.json", rows_of(*(path.format(name) for name in names)))
    (tmp_path / "r/.git").mkdir()
    place(tmp_path / "x", *names)  # beside the repository
    (tmp_path / "r/link").symlink_to("../x")
    assert not [note for note in notes("r", cwd=tmp_path) if "begin with" in note]
    place(tmp_path / "r/deep", *names[:6])
    place(tmp_path / "r/wrong", "0.jpg")
    said = (f"note: image paths begin with '{cut}'; without it, 6 of 8 sampled ones are in '{{1}}': "
            "llava-check fix {0} --images {1} --diff shows them corrected")  # fmt: skip
    assert said.format("r", "r/deep") in notes("r", cwd=tmp_path)
    assert said.format("t.json", "deep") in notes("t.json", cwd=tmp_path / "r")
    assert run("r", "--no-index", cwd=tmp_path).code == 1
    fixed = run("fix", "r", "--images", "r/deep", "--diff", "--no-index", cwd=tmp_path).out.decode()
    assert [f'"pics/{n}.jpg"' in fixed for n in range(8)] == [True] * 6 + [False] * 2
    (tmp_path / "r/deep/pics").rename(tmp_path / "r/pics")
    assert said.format(".", ".") in notes(".", cwd=tmp_path / "r")


def test_two_places_of_paths_of_another_machine(tmp_path: Path) -> None:
    """If the better place has few of the files, the other is named, too."""
    write_rows(tmp_path / "r/t.json", rows_of(*(f"/home/u/d/{'ab'[n % 2]}/{n}.jpg" for n in range(40))))
    place(tmp_path / "r/x", *(f"a/{n}.jpg" for n in range(0, 36, 2)))
    place(tmp_path / "r/y", *(f"b/{n}.jpg" for n in range(1, 10, 2)))
    assert notes("r", cwd=tmp_path) == [
        "note: image paths begin with '/home/u/d/'; without it, 18 of 40 sampled ones are in 'r/x': "
        "next best is without '/home/u/d/' in 'r/y', with 5"
    ]


@pytest.mark.parametrize("found, is_said", [(40, True), (36, True), (35, False), (1, False)])
def test_names_alone_are_no_evidence(found: int, is_said: bool, tmp_path: Path) -> None:
    """Many folders have pictures named 1.jpg: nearly all must be there."""
    write_rows(tmp_path / "r/t.json", rows_of(*(f"/home/u/d/{n}.jpg" for n in range(40))))
    place(tmp_path / "r/pics", *(f"{n}.jpg" for n in range(found)))
    said = [note for note in notes("r", cwd=tmp_path) if "paths begin with '/home/u/d/'" in note]
    assert [f"{found} of 40 sampled ones are in 'r/pics'" in note for note in said] == [True] * is_said


def test_few_names_are_no_evidence(tmp_path: Path) -> None:
    write_rows(tmp_path / "r/t.json", rows_of("/u/1.jpg", "/u/2.jpg", "/u/3.jpg"))
    place(tmp_path / "r/pics", "1.jpg", "2.jpg", "3.jpg")
    assert notes("r", cwd=tmp_path) == []
    place(tmp_path / "r", "pics/u/1.jpg", "pics/u/2.jpg")
    assert "2 of 3 sampled ones are in 'r/pics'" in notes("r", cwd=tmp_path)[0]


def test_videos_of_another_machine(tmp_path: Path) -> None:
    rows = [{**row(str(n), None), "video": f"/home/u/clips/{n}.mp4"} for n in range(4)]
    write_rows(tmp_path / "r/t.json", rows)
    place(tmp_path / "r/a", *(f"clips/{n}.mp4" for n in range(4)))
    assert ("note: video paths begin with '/home/u/'; without it, 4 of 4 sampled ones are in 'r/a': "
            "change the paths to check them") in notes("r", cwd=tmp_path)  # fmt: skip


def test_a_video_root(tmp_path: Path) -> None:
    rows = [{**row(str(n), f"{n}.jpg"), "video": f"{n}.mp4"} for n in range(4)]
    write_rows(tmp_path / "r/train/t.json", rows)
    place(tmp_path / "r/images", *(f"{n}.jpg" for n in range(4)))
    (tmp_path / "r/videos").mkdir()
    (tmp_path / "r/videos/1.mp4").write_bytes(b"video")
    for path in ("r/train", "r/train/t.json"):
        assert notes(path, cwd=tmp_path) == [
            "note: images: 4 of 4 sampled paths found in r/images",
            "note: videos: 1 of 4 sampled paths found in r/videos; set another root with --videos DIR"
        ]
        assert missing(path, cwd=tmp_path) == 3


def test_rows_alone_ask_for_no_root(tmp_path: Path) -> None:
    """Nothing is looked for, and nothing is missing."""
    rows = [{**row("a", "nowhere/1.jpg"), "video": "nowhere/1.mp4"}]
    write_rows(tmp_path / "t.json", rows)
    assert len(notes("t.json", cwd=tmp_path)) == 2
    done = run("t.json", "--no-images", "-v", cwd=tmp_path)
    assert done.code == 0 and b"missing" not in done.out and "root" not in done.err
    assert not [line for line in done.err.splitlines() if line.startswith("note: ")]
    (tmp_path / "a.zip").write_bytes(b"PK")
    assert notes(".", "--no-images", cwd=tmp_path) == []


@pytest.mark.parametrize("option, medium", [("--images", "image"), ("--videos", "video")])
def test_a_named_root_that_cannot_be_used(option: str, medium: str, tmp_path: Path) -> None:
    make_small(tmp_path)
    assert_complaint(run("rows.json", option, "none", cwd=tmp_path), f"none: cannot open the {medium} root: No such file or directory")
    assert_complaint(run("rows.json", option, "rows.json", cwd=tmp_path), f"rows.json: the {medium} root is not a folder")


def test_folders_that_cannot_be_listed_are_passed_over(tmp_path: Path) -> None:
    """The root of the file system has such folders: in /proc even for root."""
    write_rows(tmp_path / "t.json", rows_of("nowhere.jpg"))
    done = run("t.json", "--images", "/proc/1", "--no-index", cwd=tmp_path)
    assert done.code == 1 and "Permission denied" not in done.err


def test_hostile_trees(open_folder: Path) -> None:
    """Inaccessible folders, loops of links, FIFOs and very many entries around the rows."""
    tree = open_folder / "tree"
    write_rows(tree / "r/train/t.json", rows_of("x/1.jpg", "fifo.jpg"))
    os.symlink("..", tree / "r/train/up")
    os.symlink("loop", tree / "r/train/loop")
    os.mkfifo(tree / "r/fifo.jpg")
    os.symlink("/dev/zero", tree / "r/images")
    (tree / "r/closed/x").mkdir(parents=True)
    for number in range(2000):
        (tree / f"r/train/{number}").mkdir()
    user = unprivileged(open_folder)
    (tree / "r/closed").chmod(0)
    before = files_of(tree) if os.geteuid() == 0 else {}
    for path in ("tree/r/train", "tree/r/train/t.json"):
        done = run(path, "--no-index", cwd=open_folder, before=user.before, executable=user.executable, timeout=20)
        assert done.code == 1, done
    assert not before or files_of(tree) == before
