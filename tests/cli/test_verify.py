"""`verify`: what it reports about files that changed after the check, and what it does not touch."""

from __future__ import annotations

import json
import os
import random
import shutil
from collections import Counter
from pathlib import Path
from typing import Any, Callable, NamedTuple

import pytest

from program import (
    DEMO,
    GOOD_JPEG,
    Done,
    assert_complaint,
    copy_fixture,
    files_of,
    make_small,
    row,
    run,
    unprivileged,
    write_rows,
)

MANY = 1000
EVERY_FILE = "files same touched changed replaced gone unreadable bytes".split()


def put_back(path: Path, change: Callable[[], Any]) -> None:
    """Change or replace a file, and restore its time."""
    before = path.stat()
    change()
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def flip(path: Path, bit: int) -> None:
    content = bytearray(path.read_bytes())
    content[bit // 8] ^= 1 << bit % 8
    with path.open("r+b") as file:
        file.write(content)


def write_in_place(path: Path, content: bytes) -> None:
    with path.open("r+b") as file:
        file.truncate(len(content))
        file.write(content)


class Verified(NamedTuple):
    done: Done
    report: dict[str, Any]

    def found(self) -> Counter[tuple[str, str]]:
        """Count findings by rule and file."""
        return Counter((f["rule"], f.get("image", f.get("file"))) for f in self.report["findings"])


def verify(folder: Path, *arguments: str | Path, name: str | Path | None = None) -> Verified:
    """Verify with one thread and with eight, which must report the same and change nothing."""
    target = name or folder.name
    before = files_of(folder)
    said = []
    for threads in ("1", "8"):
        report = folder.parent / f"verified-{threads}.json"
        report.unlink(missing_ok=True)
        done = run(
            *("verify", target, "--show", "info", "--report", report, "--threads", threads),
            *arguments,
            cwd=folder.parent,
        )
        assert done.code in (0, 1) and not done.err, done
        said.append((done, report.read_bytes()))
    assert said[0] == said[1]
    assert files_of(folder) == before
    return Verified(said[0][0], json.loads(said[0][1]))


def check(folder: Path, *arguments: str | Path) -> None:
    done = run(folder.name, "-q", *arguments, cwd=folder.parent)
    assert done.code in (0, 1) and not done.err, done


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A checked data set of two rows and two images."""
    folder = make_small(tmp_path / "small")
    check(folder)
    return folder


def test_nothing_changed(small: Path) -> None:
    done, report = verify(small)
    sizes = [(small / name).stat().st_size for name in ("images/a.jpg", "images/b.png")]
    assert done.code == 0
    assert done.out.decode().splitlines()[-1] == "OK: 3 files contain the bytes that were indexed"
    assert report["findings"] == [] and report["effects"] == []
    none = dict.fromkeys(EVERY_FILE, 0)
    assert report["verification"] == {
        "rows_files": {**none, "files": 1, "same": 1, "bytes": (small / "rows.json").stat().st_size},
        "images": {**none, "files": 2, "same": 2, "bytes": sum(sizes)},
        "images_unknown": 0,
        "images_outside": 0,
    }
    summary = report["summary"]
    assert (summary["rows"], summary["rows_ok"]) == (2, 2)
    assert (summary["images"], summary["images_ok"]) == (2, 2)
    assert summary["image_bytes"] == sum(sizes)


def test_one_flipped_bit_of_many_files(tmp_path: Path) -> None:
    """A bit flipped anywhere, with the time restored, is found, and nothing else."""
    folder = tmp_path / "many"
    (folder / "images").mkdir(parents=True)
    names = [f"{i // 100}/{i:04}.jpg" for i in range(MANY)]
    jpeg = GOOD_JPEG.read_bytes()
    for i, name in enumerate(names):
        (folder / "images" / name).parent.mkdir(exist_ok=True)
        (folder / "images" / name).write_bytes(jpeg + i.to_bytes(4, "big"))
    write_rows(folder / "rows.json", [row(i, name) for i, name in enumerate(names)])
    check(folder)

    chosen = random.Random(5)
    for bit in (0, len(jpeg) * 4, len(jpeg) * 8 + 31):  # the first bit, one inside, the last one
        name = chosen.choice(names)
        path = folder / "images" / name
        put_back(path, lambda: flip(path, bit))
        done, report = verify(folder)
        assert done.code == 1
        assert Verified(done, report).found() == Counter([("IDX701", name)])
        assert report["verification"]["images"]["same"] == MANY - 1
        assert report["verification"]["images"]["changed"] == 1
        assert report["summary"]["rows_ok"] == MANY - 1
        (finding,) = report["findings"]
        assert (finding["severity"], finding["rows"]["count"]) == ("error", 1)
        assert "its time restored" in finding["message"]
        put_back(path, lambda: flip(path, bit))
    done, report = verify(folder)
    assert done.code == 0 and not report["findings"]


def test_every_bit_of_a_small_file(tmp_path: Path) -> None:
    folder = make_small(tmp_path / "small")
    (folder / "images/b.png").write_bytes(b"GIF")
    check(folder)
    for bit in range(24):
        put_back(folder / "images/b.png", lambda: flip(folder / "images/b.png", bit))
        assert verify(folder).found() == Counter([("IDX701", "b.png")])
        put_back(folder / "images/b.png", lambda: flip(folder / "images/b.png", bit))


def remove(path: Path) -> None:
    path.unlink()


def append(path: Path) -> None:
    put_back(path, lambda: path.write_bytes(path.read_bytes() + b"\0"))


def cut(path: Path) -> None:
    put_back(path, lambda: write_in_place(path, path.read_bytes()[:-1]))


def empty(path: Path) -> None:
    path.write_bytes(b"")


def rewrite(path: Path) -> None:
    flip(path, 77)
    os.utime(path, ns=(1, 1))


def touch(path: Path) -> None:
    os.utime(path, ns=(1, 1))


def copy_same(path: Path) -> None:
    """Replace a file by one with the same bytes and time, like a restored backup."""
    shutil.copy2(path, path.with_suffix(".copy"))
    path.with_suffix(".copy").replace(path)


def copy_damaged(path: Path) -> None:
    shutil.copy2(path, path.with_suffix(".copy"))
    put_back(path.with_suffix(".copy"), lambda: flip(path.with_suffix(".copy"), 300))
    path.with_suffix(".copy").replace(path)


def make_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def make_fifo(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def make_loop(path: Path) -> None:
    path.unlink()
    path.symlink_to(path.name)


def make_link(path: Path) -> None:
    """Replace a file by a link to it, which counts as the same file."""
    path.rename(path.with_suffix(".real"))
    path.symlink_to(path.with_suffix(".real").name)


# With TSan, a program has less than two terabytes, in pieces: a file that large may not fit
HOLE = 1 << (36 if os.environ.get("LC_SANITIZE") == "thread" else 40)


def make_huge(path: Path) -> None:
    """Make a file of a terabyte with a hole, which used to be ignored; it cannot be unchanged."""
    with path.open("r+b") as file:
        file.truncate(HOLE)


CHANGES: list[tuple[Callable[[Path], None], str, str, str]] = [
    # the change, how it is counted, and the findings for an image and for a rows file
    (remove, "gone", "IDX703", "IDX704"),
    (append, "replaced", "IDX702", "IDX702"),
    (cut, "replaced", "IDX702", "IDX702"),
    (empty, "replaced", "IDX702", "IDX702"),
    (rewrite, "replaced", "IDX702", "IDX702"),
    (touch, "same", "", ""),
    (copy_same, "same", "", ""),
    (copy_damaged, "changed", "IDX701", "IDX701"),
    (make_folder, "unreadable", "IMG502", "IDX704"),
    (make_fifo, "unreadable", "IMG502", "IDX704"),
    (make_loop, "unreadable", "IMG502", "IDX704"),
    (make_link, "same", "", ""),
    (make_huge, "replaced", "IDX702", "IDX702"),
]
LEVELS = {"IDX702": "info"}


@pytest.mark.parametrize("rows", [False, True], ids=["image", "rows"])
@pytest.mark.parametrize("case", CHANGES, ids=[case[0].__name__ for case in CHANGES])
def test_change(small: Path, case: tuple[Callable[[Path], None], str, str, str], rows: bool) -> None:
    change, counted, of_image, of_rows = case
    rule = of_rows if rows else of_image
    change(small / ("rows.json" if rows else "images/a.jpg"))
    verified = verify_unread(small)
    seen = verified.report["verification"]["rows_files" if rows else "images"]
    assert seen[counted] == (1 if rows or counted != "same" else 2)
    assert seen["touched"] == (change is touch)
    kinds = set(EVERY_FILE) - {"files", "touched", "bytes"}
    assert sum(seen[kind] for kind in kinds) == seen["files"]
    assert verified.found() == Counter([(rule, "rows.json" if rows else "a.jpg")] if rule else [])
    level = LEVELS.get(rule, "error")
    assert all(f["severity"] == level for f in verified.report["findings"])
    assert verified.done.code == (1 if rule and level == "error" else 0)
    bad = 0 if not rule or level == "info" else 2 if rows else 1
    assert verified.report["summary"]["rows_ok"] == 2 - bad


def verify_unread(folder: Path) -> Verified:
    """Like verify, for a folder whose files the test cannot read."""
    report = folder.parent / "verified.json"
    saids = []
    for threads in ("1", "8"):
        arguments = ("--show", "info", "--report", report, "--threads", threads)
        done = run("verify", folder.name, *arguments, cwd=folder.parent)
        assert not done.err, done
        saids.append((done, report.read_bytes()))
    assert saids[0] == saids[1]
    return Verified(saids[0][0], json.loads(saids[0][1]))


def test_number_of_changes() -> None:
    assert len(CHANGES) == 13


def test_not_allowed(open_folder: Path) -> None:
    """Files that may no longer be read; permissions do not apply to root, who becomes nobody."""
    user = unprivileged(open_folder)
    folder = make_small(open_folder / "small")
    check(folder)
    (folder / "images/a.jpg").chmod(0)
    done = run("verify", "small", cwd=open_folder, before=user.before, executable=user.executable)
    assert done.code == 1, done
    assert "IMG502 image-unreadable: 1 finding" in done.out.decode()
    assert "a.jpg: permission denied" in done.out.decode()
    (folder / "rows.json").chmod(0)
    done = run("verify", "small", cwd=open_folder, before=user.before, executable=user.executable)
    assert "IDX704 rows-file-gone: 1 finding" in done.out.decode()


def test_gone_says_when_it_was_seen(small: Path) -> None:
    (small / "images/a.jpg").unlink()
    (finding,) = verify(small).report["findings"]
    year = finding["message"].removeprefix("no such file; last seen by the check of ")[:2]
    assert year == "20" and finding["message"].endswith(" UTC")
    assert finding["rows"] == {"count": 1, "first": [{"file": "rows.json", "row": 0, "line": 1, "id": "a"}]}
    assert finding["effect"] == "replaced"


def test_levels(small: Path) -> None:
    """--fail-on and --show as in a check."""
    append(small / "images/a.jpg")
    for arguments, code in [((), 0), (("--fail-on", "warning"), 0), (("--fail-on", "info"), 1)]:
        done = run("verify", "small", *arguments, cwd=small.parent)
        assert (done.code, done.err) == (code, "")
        assert b"IDX702" not in done.out and b"1 note not listed: --show info" in done.out
    assert b"llava-check report" not in done.out  # the index has the findings of the check
    assert b"FAILED: 1 note; 1 of 3 files is not as indexed" in done.out
    done = run("verify", "small", "-q", "--fail-on", "info", cwd=small.parent)
    assert done == Done(1, b"", "")


def test_demo(tmp_path: Path) -> None:
    """Files that were missing or not opened when they were indexed are neither compared nor reported."""
    copy_fixture(DEMO, tmp_path / "demo")
    check(tmp_path / "demo")
    done, report = verify(tmp_path / "demo")
    assert done.code == 0 and report["findings"] == []
    seen = report["verification"]
    assert (seen["images"]["files"], seen["images"]["same"]) == (33, 33)
    assert (seen["images_unknown"], seen["images_outside"]) == (2, 0)
    text = done.out.decode()
    assert "2 more could not be read when they were indexed, so there is nothing to compare" in text


def test_images_elsewhere(tmp_path: Path) -> None:
    """An image root outside of the data folder is found again, even if everything was moved together."""
    folder = make_small(tmp_path / "all/small")
    (folder / "images").rename(tmp_path / "all/pictures")
    done = run("small", "--images", "pictures", "-q", cwd=tmp_path / "all")
    assert done.code == 0, done
    assert verify(folder).report["verification"]["images"]["same"] == 2
    (tmp_path / "all").rename(tmp_path / "moved")
    assert verify(tmp_path / "moved/small").report["verification"]["images"]["same"] == 2

    (tmp_path / "moved/pictures").rename(tmp_path / "moved/other")
    done = run("verify", "small", cwd=tmp_path / "moved")
    assert_complaint(done, "small: open the image folder: No such file or directory")
    verified = verify(tmp_path / "moved/small", "--images", "other")
    assert verified.report["verification"]["images"]["same"] == 2


def test_index_elsewhere(tmp_path: Path) -> None:
    folder = make_small(tmp_path / "small")
    check(folder, "--index", tmp_path / "kept")
    assert_complaint(run("verify", "small", cwd=tmp_path), "small: no index found")
    before = files_of(tmp_path / "kept")
    assert verify(folder, "--index", tmp_path / "kept").done.code == 0
    assert files_of(tmp_path / "kept") == before


@pytest.mark.parametrize("name", ["small/rows.json", "small/"])
def test_paths(tmp_path: Path, name: str) -> None:
    folder = make_small(tmp_path / "small")
    assert run(name, "-q", cwd=tmp_path).code == 0
    assert verify(folder, name=name).done.code == 0


def test_several_paths(tmp_path: Path) -> None:
    folder = make_small(tmp_path / "small")
    write_rows(folder / "more.jsonl", [row("c", "b.png")])
    paths = ["small/rows.json", "small/more.jsonl"]
    assert run(*paths, "-q", cwd=tmp_path).code == 0
    put_back(folder / "more.jsonl", lambda: flip(folder / "more.jsonl", 40))
    done = run("verify", *paths, cwd=tmp_path)
    assert done.code == 1 and not done.err
    assert b"small/more.jsonl:1:1: the hash of the bytes is " in done.out
    assert b"  rows      2 files: 1 as indexed, 1 changed; " in done.out


def test_outside(tmp_path: Path) -> None:
    """Files that were opened with --allow-outside are only opened again with it."""
    folder = make_small(tmp_path / "small")
    shutil.copy(GOOD_JPEG, tmp_path / "outside.jpg")
    write_rows(folder / "rows.json", [row("a", "a.jpg"), row("c", str(tmp_path / "outside.jpg"))])
    check(folder, "--allow-outside")
    flip(tmp_path / "outside.jpg", 3)
    done, report = verify(folder)
    assert done.code == 0 and report["verification"]["images_outside"] == 1
    assert "1 more outside of the image root were not opened" in done.out.decode()
    verified = verify(folder, "--allow-outside")
    assert verified.found() == Counter([("IDX702", str(tmp_path / "outside.jpg"))])


def test_no_index(tmp_path: Path) -> None:
    make_small(tmp_path / "small")
    assert_complaint(run("verify", "small", cwd=tmp_path), "no index found")
    assert_complaint(run("verify", "nothing", cwd=tmp_path), "nothing: no such file or folder")
    assert_complaint(run("verify", cwd=tmp_path), "usage: llava-check verify PATH")
    assert_complaint(run("verify", "small", "--no-images", cwd=tmp_path), "does not accept")


def test_damaged_index(small: Path) -> None:
    """A flipped bit in the index itself is not reported as a fault of the files."""
    index = small / ".llava-check/index.mdb"
    flip(index, index.stat().st_size * 4)
    done = run("verify", "small", cwd=small.parent)
    assert_complaint(done, "small: the index is damaged or of another version")


def test_rows_only(tmp_path: Path) -> None:
    """The index of a run without images knows nothing about their bytes."""
    folder = make_small(tmp_path / "small")
    check(folder, "--no-images")
    done, report = verify(folder)
    assert done.code == 0 and report["verification"]["images_unknown"] == 2
    assert done.out.decode().splitlines()[-1] == "OK: 1 file contains the bytes that were indexed"


def test_names_are_escaped(tmp_path: Path) -> None:
    folder = make_small(tmp_path / "small")
    name = "a\x1b[31m.jpg"
    shutil.copy(GOOD_JPEG, folder / "images" / name)
    write_rows(folder / "rows.json", [row("a", name)])
    check(folder)
    (folder / "images" / name).unlink()
    done, report = verify(folder)
    assert b"\x1b" not in done.out and rb"a\x1b[31m.jpg: no such file" in done.out
    assert report["findings"][0]["image"] == name


def test_more_rows_than_bytes_of_what_was_found(tmp_path: Path) -> None:
    """A verification stores its findings in a separate, small index, which has the counts of the data."""
    rows = 120_000
    line = json.dumps(row("", None)).replace('"id": ""', '"id": "%d"')
    (tmp_path / "data").mkdir()
    (tmp_path / "data/rows.jsonl").write_text("".join(line % number + "\n" for number in range(rows)))
    assert run("data", cwd=tmp_path).code == 0
    done = run("verify", "data", cwd=tmp_path)
    assert (done.code, done.err) == (0, "") and b"OK: 1 file contains the bytes that were indexed" in done.out
