"""The same data give the same bytes, however they are named, with any number of threads, every time;
the data are not touched; and the files of a data set are found as the help says."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from program import (
    DEMO,
    FIXTURES,
    GOOD_JPEG,
    GOOD_PNG,
    NOBODY,
    assert_complaint,
    copy_fixture,
    environment,
    files_of,
    make_small,
    row,
    run,
    unprivileged,
    write_rows,
)

OWN = ".llava-check"


def report_of(*arguments: str | Path, cwd: Path, notes: list[str] | None = None) -> dict[str, Any]:
    """Run with a JSON report, which must equal that of --report; collect the notes."""
    file = cwd / "report-of.json"
    done = run(*arguments, "-f", "json", "--show", "info", "-o", file, cwd=cwd)
    assert done.code in (0, 1), done.err
    assert file.read_bytes() == done.out
    file.unlink()
    found = [line.removeprefix("note: ") for line in done.err.splitlines()]
    if notes is None:
        assert not found
    else:
        notes.extend(found)
    return json.loads(done.out)


def places(report: dict[str, Any]) -> tuple[list[str], str]:
    return report["dataset"]["rows_files"], report["dataset"]["image_root"]


# ---- the same bytes ----


@pytest.mark.parametrize("name", ["demo", "rules"])
def test_threads(name: str, tmp_path: Path) -> None:
    copy_fixture(FIXTURES / name, tmp_path / name)
    said = set()
    for threads in (1, 2, 8):
        # --recheck: reuse depends on the age of the copy, and is noted
        done = run("check", name, "-j", str(threads), "--recheck", "-o", "r.json", "-o", "r.txt", cwd=tmp_path)
        assert done.code == 1
        said.add((done.out, done.err, *((tmp_path / r).read_bytes() for r in ("r.json", "r.txt"))))
    assert len(said) == 1


# The text has commands that list more notes, with the path as given.
WITHOUT_NOTES = ("--ignore", "TOK409")


def test_ways_to_name_a_folder(tmp_path: Path) -> None:
    """The JSON is the same; in the text only the prefix of rows files' names differs, and the path of commands to copy."""
    copy_fixture(DEMO, tmp_path / "demo")
    json_said, text_said = set(), set()
    ways = [
        ("demo", tmp_path, "demo/"),
        ("demo/", tmp_path, "demo/"),
        ("demo//", tmp_path, "demo/"),
        ("./demo", tmp_path, "./demo/"),
        ("./demo/.", tmp_path, "./demo/./"),
        (str(tmp_path / "demo"), tmp_path, f"{tmp_path}/demo/"),
        (str(tmp_path / "demo") + "/", Path("/"), f"{tmp_path}/demo/"),
        (".", tmp_path / "demo", ""),
        ("./", tmp_path / "demo", ""),
        ("../demo", tmp_path / "demo", "../demo/"),
    ]
    for path, cwd, prefix in ways:
        done = run(path, *WITHOUT_NOTES, "--recheck", "-o", tmp_path / "r.json", cwd=cwd)
        assert done.code == 1 and not done.err
        json_said.add((tmp_path / "r.json").read_bytes())
        before = f"    {prefix}llava_demo.json:".encode()
        assert done.out.count(before) == 8, (path, before)
        assert re.findall(rb"(?m)^  llava-check fix (\S+) --diff ", done.out) == [path.encode()]
        said = re.sub(rb"(?m)^  llava-check (?:help|fix) .*\n", b"", done.out)
        text_said.add(said.replace(f"{prefix}llava_demo.json:".encode(), b"llava_demo.json:"))
    assert len(json_said) == len(text_said) == 1


def test_ways_to_name_a_rows_file(tmp_path: Path) -> None:
    copy_fixture(DEMO, tmp_path / "demo")
    said = set()
    absolute = str(tmp_path / "demo/llava_demo.json")
    for path in ("demo/llava_demo.json", "./demo//llava_demo.json", absolute):
        done = run(path, "-o", "r.json", cwd=tmp_path)
        assert done.code == 1 and not done.err
        said.add((tmp_path / "r.json").read_bytes())
        prefix = path.removesuffix("llava_demo.json")
        assert f"    {prefix}llava_demo.json:361:".encode() in done.out
    assert len(said) == 1
    done = run("llava_demo.json", cwd=tmp_path / "demo")
    assert b"    llava_demo.json:361:" in done.out


def test_ways_to_name_the_images(tmp_path: Path) -> None:
    folder = make_small(tmp_path / "set")
    (folder / "pictures").mkdir()
    (folder / "images").rename(folder / "pictures/all")
    roots = set()
    for images in ("set/pictures/all", "./set/pictures/all/", str(folder / "pictures/all")):
        for path in ("set", str(folder)):
            report = report_of(path, "--images", images, "--no-index", cwd=tmp_path)
            roots.add(report["dataset"]["image_root"])
    assert roots == {"pictures/all"}


def test_a_second_run_equals_the_first(tmp_path: Path) -> None:
    copy_fixture(DEMO, tmp_path / "demo")
    first = run("demo", *WITHOUT_NOTES, "-o", "1.json", cwd=tmp_path)
    second = run("demo", *WITHOUT_NOTES, "-o", "2.json", cwd=tmp_path)
    third = run("demo", *WITHOUT_NOTES, "--no-index", "-o", "3.json", cwd=tmp_path)
    assert first == second == third
    said = {(tmp_path / f"{n}.json").read_bytes() for n in (1, 2, 3)}
    assert len(said) == 1


def test_a_change_is_seen(tmp_path: Path) -> None:
    folder = make_small(tmp_path / "set")
    assert run("set", "-q", cwd=tmp_path).code == 0
    with open(folder / "images/a.jpg", "r+b") as image:
        image.truncate(500)
    assert run("set", "-q", cwd=tmp_path).code == 1
    shutil.copy(GOOD_JPEG, folder / "images/a.jpg")
    assert run("set", "-q", cwd=tmp_path).code == 0
    (folder / "images/a.jpg").unlink()
    assert run("set", "-q", cwd=tmp_path).code == 1


def test_the_data_is_not_touched(tmp_path: Path) -> None:
    copy_fixture(DEMO, tmp_path / "demo")
    before = files_of(tmp_path / "demo")
    assert len(before) > 35
    run("demo", cwd=tmp_path)
    run("demo/llava_demo.json", cwd=tmp_path)
    run("report", "demo", cwd=tmp_path)
    assert files_of(tmp_path / "demo", without=OWN) == before
    own = {path.name for path in (tmp_path / "demo" / OWN).iterdir()}
    assert own == {"index.mdb", "lock", ".gitignore", "CACHEDIR.TAG", "llava_demo.json"}
    shutil.rmtree(tmp_path / "demo" / OWN)
    run("demo", "--no-index", cwd=tmp_path)
    run("demo", "--index", "elsewhere", cwd=tmp_path)
    assert files_of(tmp_path / "demo") == before


def test_the_index_of_one_rows_file_is_not_that_of_another(tmp_path: Path) -> None:
    """Two rows files in a folder share an index folder: a report must not mix them up."""
    folder = make_small(tmp_path / "set")
    write_rows(folder / "other.json", [row("c", "a.jpg")])
    assert run("set/rows.json", "-q", cwd=tmp_path).code == 0
    assert run("set/other.json", "-q", cwd=tmp_path).code == 0
    done = run("report", "set/rows.json", "-f", "json", cwd=tmp_path)
    assert done.code == 2 or json.loads(done.out)["dataset"]["rows_files"] == ["rows.json"]


# ---- what a data set consists of ----


def test_folder_with_images_beside_the_rows(tmp_path: Path) -> None:
    make_small(tmp_path / "set")
    for image in ("a.jpg", "b.png"):
        (tmp_path / "set/images" / image).rename(tmp_path / "set" / image)
    (tmp_path / "set/images").rmdir()
    assert places(report_of("set", cwd=tmp_path)) == (["rows.json"], ".")
    assert places(report_of("set/rows.json", cwd=tmp_path)) == (["rows.json"], ".")


@pytest.mark.parametrize("root", ["images", "image", "anything"])
def test_folder_with_images_below(root: str, tmp_path: Path) -> None:
    make_small(tmp_path / "set")
    (tmp_path / "set/images").rename(tmp_path / "set" / root)
    assert places(report_of("set", cwd=tmp_path)) == (["rows.json"], root)


def test_paths_that_begin_with_images(tmp_path: Path) -> None:
    make_small(tmp_path / "set")
    write_rows(tmp_path / "set/rows.json", [row(1, "images/a.jpg"), row(2, "images/b.png")])
    assert places(report_of("set", cwd=tmp_path)) == (["rows.json"], ".")


def test_the_root_with_most_of_the_images_is_taken(tmp_path: Path) -> None:
    make_small(tmp_path / "set")
    (tmp_path / "set/others").mkdir()
    shutil.copy(GOOD_PNG, tmp_path / "set/others/b.png")
    assert places(report_of("set", cwd=tmp_path)) == (["rows.json"], "images")


@pytest.mark.parametrize("name", ["rows.json", "rows.jsonl", "ROWS.JSON", "train.v2.json"])
def test_rows_files_by_suffix(name: str, tmp_path: Path) -> None:
    folder = make_small(tmp_path / "set")
    (folder / "rows.json").unlink()
    write_rows(folder / name, [row("a", "a.jpg"), row("b", "b.png")])
    assert places(report_of("set", cwd=tmp_path)) == ([name], "images")
    assert places(report_of(f"set/{name}", cwd=tmp_path)) == ([name], "images")


def test_several_rows_files_in_order(tmp_path: Path) -> None:
    folder = make_small(tmp_path / "set")
    for name in ("z.json", "B.jsonl", "a.json"):
        write_rows(folder / name, [row(name, "a.jpg")])
    report = report_of("set", cwd=tmp_path)
    assert places(report)[0] == ["B.jsonl", "a.json", "rows.json", "z.json"]
    assert report["summary"]["rows"] == 5 and report["summary"]["images_referenced"] == 2


def test_rows_one_level_down(tmp_path: Path) -> None:
    folder = make_small(tmp_path / "set")
    (folder / "parts").mkdir()
    (folder / "rows.json").rename(folder / "parts/1.json")
    write_rows(folder / "parts/2.jsonl", [row(2, "a.jpg")])
    write_rows(folder / ".hidden/4.json", [row(4, "a.jpg")])
    assert places(report_of("set", cwd=tmp_path)) == (["parts/1.json", "parts/2.jsonl"], "images")
    write_rows(folder / "top.json", [row(5, "a.jpg")])
    notes: list[str] = []
    assert places(report_of("set", cwd=tmp_path, notes=notes)) == (["top.json"], "images")
    assert len(notes) == 1 and "llava-check set/parts" in notes[0]


def test_files_passed_over_are_named(tmp_path: Path) -> None:
    folder = make_small(tmp_path / "set")
    (folder / "config.json").write_text('{"model": "llava"}\n')
    (folder / "list.json").write_text("[1, 2, 3]\n")
    (folder / "folder.json").mkdir()
    (folder / ".hidden.json").write_text("[]\n")
    (folder / "notes.txt").write_text("[]\n")
    notes: list[str] = []
    assert places(report_of("set", cwd=tmp_path, notes=notes)) == (["rows.json"], "images")
    assert notes == [
        "skipped config.json: it has no rows",
        "skipped folder.json: not a regular file",
        "skipped list.json: it has no rows",
    ]


def test_broken_rows_files_are_not_passed_over(tmp_path: Path) -> None:
    """No false clean: files that may have had rows are checked, even if nothing in them can be read."""
    folder = make_small(tmp_path / "set")
    broken = {
        "cut.json": '[{"id": "a", "conversa',
        "pointer.json": "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n",
    }
    for name, text in broken.items():
        (folder / name).write_text(text)
    (folder / "empty.json").touch()
    notes: list[str] = []
    report = report_of("set", cwd=tmp_path, notes=notes)
    assert places(report)[0] == ["cut.json", "pointer.json", "rows.json"]
    assert notes == ["skipped empty.json: it is empty"]
    assert {f["file"] for f in report["findings"]} == set(broken)


def test_images_option(tmp_path: Path) -> None:
    folder = make_small(tmp_path / "set")
    (folder / "images").rename(tmp_path / "elsewhere")
    report = report_of("set", "--images", "elsewhere", cwd=tmp_path)
    assert places(report) == (["rows.json"], "elsewhere")
    assert report["summary"]["images_ok"] == 2
    # a root that the user names is used, even if there is a better one
    (folder / "images").mkdir()
    report = report_of("set", "--images", "set/images", cwd=tmp_path)
    assert places(report)[1] == "images" and report["summary"]["by_rule"] == {"IMG501": 2}


def test_rows_file_without_images_near_it(tmp_path: Path) -> None:
    write_rows(tmp_path / "rows/rows.json", [row("a", "a.jpg"), row("t", None)])
    notes: list[str] = []
    report = report_of("rows/rows.json", cwd=tmp_path, notes=notes)
    assert report["summary"]["by_rule"] == {"IMG501": 1} and report["summary"]["rows_ok"] == 1
    assert len(notes) == 1 and "--images" in notes[0]


def test_rows_of_text_alone(tmp_path: Path) -> None:
    write_rows(tmp_path / "set/rows.json", [row("a", None), row("b", None, "That is it.")])
    report = report_of("set", cwd=tmp_path)
    summary = report["summary"]
    assert summary["rows_text_only"] == summary["rows_ok"] == 2 and not report["findings"]
    assert summary["images_referenced"] == summary["images"] == 0


def test_rows_file_beside_the_images_above(tmp_path: Path) -> None:
    folder = make_small(tmp_path / "set")
    (folder / "annotations").mkdir()
    (folder / "rows.json").rename(folder / "annotations/rows.json")
    notes: list[str] = []
    report = report_of("set/annotations/rows.json", cwd=tmp_path, notes=notes)
    assert notes == ["images: 2 of 2 sampled paths found in set/images"]
    assert report["summary"]["images_ok"] == 2 and report["summary"]["rows_ok"] == 2


def test_read_only_data(open_folder: Path) -> None:
    """The index goes to the user's cache, and report finds it there."""
    folder = make_small(open_folder / "set")
    user = unprivileged(open_folder)
    cache = open_folder / "cache"
    cache.mkdir()
    if user.before:
        shutil.chown(cache, NOBODY, NOBODY)
    for closed in (folder / "images", folder):
        closed.chmod(0o555)
    before = files_of(folder)
    done = run("set", cwd=open_folder, before=user.before, executable=user.executable)
    assert done.code == 0, done.err
    assert files_of(folder) == before
    indexes = list(cache.rglob("index.mdb"))
    assert len(indexes) == 1 and indexes[0].parent.parent == cache / "llava-check"
    again = run("report", "set", cwd=open_folder, before=user.before, executable=user.executable)
    assert again.out == done.out and again.code == 0
    rest = {name: value for name, value in environment(open_folder).items() if name != "XDG_CACHE_HOME"}
    shutil.rmtree(cache / "llava-check")
    for home, place in ((str(cache), ".cache/llava-check"), ("", None), ("below", None)):
        done = run("set", cwd=open_folder, before=user.before, executable=user.executable,
                   env={**rest, "HOME": home})
        if place:
            assert done.code == 0 and list((cache / place).rglob("index.mdb"))
        else:
            assert_complaint(done, "there is no home folder for it; choose a folder with --index")
    assert files_of(folder) == before


def test_an_index_beside_data_that_may_not_be_written(open_folder: Path) -> None:
    """Somebody else made it there: it is read if this user has none."""
    folder = make_small(open_folder / "set")
    done = run("set", cwd=open_folder)
    user = unprivileged(open_folder)
    for path in (folder / "images", folder / OWN, folder):
        path.chmod(0o555)
    again = run("report", "set", cwd=open_folder, before=user.before, executable=user.executable)
    assert again.code == 0 and again.out == done.out
