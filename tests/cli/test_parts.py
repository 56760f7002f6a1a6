"""A data set in parts: check --part, and merge. tests/random/random_parts.py compares what they find."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from forge import edited
from program import DEMO, GOOD_JPEG, Done, assert_complaint, environment, files_of, row, run, write_rows

PARTS = 3


def make_set(folder: Path) -> Path:
    """Rows and images with something wrong that no part sees alone."""
    data = folder / "data"
    (data / "images").mkdir(parents=True)
    for name in ["a.jpg", "A.jpg", "b.jpg", "unused.jpg"]:
        shutil.copy(GOOD_JPEG, data / "images" / name)
    images = ["a.jpg", "A.jpg", "b.jpg", "gone/1.jpg", "gone/2.jpg", "gone/1.jpg", "c.jpg", "B.jpg", "a.jpg"]
    write_rows(data / "rows.json", [row(f"id-{i % 7}", image) for i, image in enumerate(images)])
    write_rows(data / "more.json", [row(f"id-{i}", image) for i, image in enumerate(images[:4])])
    for name in ["rows.json", "more.json"]:  # white space before the array is a finding of the file
        (data / name).write_text("\n " * 100 + (data / name).read_text())
    return data


def check_part(folder: Path, number: int, *more: str | Path, of: int = PARTS, data: str = "data", name: str = "") -> str:
    index = name or f"part-{number}"
    done = run("check", data, "--part", f"{number}/{of}", "--index", index, "--isolated", *more, cwd=folder)
    assert done.code in (0, 1), done
    return index


def merge(folder: Path, *parts: str, to: str = "merged", more: tuple[str, ...] = (), **options: Any) -> Done:
    return run("merge", *parts, "--index", to, "--isolated", *more, cwd=folder, **options)


def reports(folder: Path, index: str) -> dict[str, Done]:
    """What is said of an index, under one name for all."""
    used = folder / "index"
    (folder / index).rename(used)
    found = {
        name: run("report", "index", "--isolated", "--show", "info", "--format", name, cwd=folder)
        for name in ["text", "json", "csv", "sarif"]
    }
    used.rename(folder / index)
    return found


@pytest.fixture
def in_parts(tmp_path: Path) -> Path:
    """A data set, its index, and those of its three parts."""
    make_set(tmp_path)
    run("check", "data", "--isolated", "--index", "whole", cwd=tmp_path)
    for number in range(1, PARTS + 1):
        check_part(tmp_path, number)
    return tmp_path


def test_merged_is_whole(in_parts: Path) -> None:
    done = merge(in_parts, "part-3", "part-1", "part-2", to="index")
    assert done.code == 1 and done.err == ""
    # the report that a merge prints is the one that it stores
    assert done.out == run("report", "index", "--isolated", cwd=in_parts).out
    (in_parts / "index").rename(in_parts / "merged")
    whole = reports(in_parts, "whole")
    assert reports(in_parts, "merged") == whole
    text = whole["text"].out.decode()
    for part in ["JSN119", "ROW206", "SET601", "SET602", "SET604", "the whole folder 'gone' is missing, with 2 images of 4 rows"]:
        assert part in text


def test_parts_share_rows_and_images(in_parts: Path) -> None:
    """Each row and each image is in exactly one part."""
    lines: list[tuple[str, int]] = []
    seen: list[str] = []
    for number in range(1, PARTS + 1):
        dump = run("index", "dump", "rows", f"part-{number}", cwd=in_parts)
        assert "this is part" in dump.err and f"{number} of {PARTS}" in dump.err
        rows = [json.loads(line) for line in dump.out.splitlines()]
        lines += [(entry["file"], entry["line"]) for entry in rows]
        images = run("index", "dump", "images", f"part-{number}", cwd=in_parts).out
        seen += [e["path"] for e in map(json.loads, images.splitlines()) if e["verdict"] != "not-looked-at"]
        assert run("index", "check", f"part-{number}", cwd=in_parts).code == 0
    assert len(lines) == len(set(lines)) == 13
    assert sorted(seen) == ["A.jpg", "B.jpg", "a.jpg", "b.jpg", "c.jpg", "gone/1.jpg", "gone/2.jpg"]


def test_a_part_is_repeated(in_parts: Path) -> None:
    before = (in_parts / "part-2/index.mdb").read_bytes()
    check_part(in_parts, 2)
    assert merge(in_parts, "part-1", "part-2", "part-3").code == 1
    assert reports(in_parts, "merged") == reports(in_parts, "whole")
    assert len(before) == len((in_parts / "part-2/index.mdb").read_bytes())


def test_part_given_twice(in_parts: Path) -> None:
    shutil.copytree(in_parts / "part-2", in_parts / "again")
    done = merge(in_parts, "part-1", "again", "part-2", "part-3", "part-1")
    assert done.code == 1
    assert "part 2 of 3 was given twice: again is used, and part-2 is not" in done.err
    assert "part 1 of 3 was given twice: part-1 is used, and part-1 is not" in done.err
    assert reports(in_parts, "merged") == reports(in_parts, "whole")


def test_part_that_found_something_else_is_refused(in_parts: Path) -> None:
    (in_parts / "data/images/b.jpg").write_bytes(b"")
    (in_parts / "data/images/a.jpg").write_bytes(b"")
    (in_parts / "data/images/A.jpg").write_bytes(b"")
    again = [check_part(in_parts, number, name=f"again-{number}") for number in (1, 2, 3)]
    done = merge(in_parts, "part-1", "part-2", "part-3", *again)
    assert done.code == 2 and "is the same part with other results" in done.err
    assert not (in_parts / "merged").exists()


def test_missing_parts_are_named(in_parts: Path) -> None:
    assert_complaint(merge(in_parts, "part-2"), "merged: missing: part 1, 3 of 3; --allow-missing merges the others")
    done = merge(in_parts, "part-2", "nothing", more=("--allow-missing",))
    assert done.code in (0, 1)
    assert "nothing is left out: there is no index" in done.err
    assert "missing: part 1, 3 of 3; the result covers only the others" in done.err
    report = run("report", "merged", "--isolated", cwd=in_parts)
    assert "this is part 2 of 3 of a data set" in report.err
    assert merge(in_parts, "merged", "part-1", "part-3", to="all").code == 1
    assert reports(in_parts, "all") == reports(in_parts, "whole")


@pytest.mark.parametrize("damage", ["cut", "bit", "empty", "no seal", "text"])
def test_torn_parts_are_named(in_parts: Path, damage: str) -> None:
    file = in_parts / "part-2/index.mdb"
    data = file.read_bytes()
    file.write_bytes({
        "cut": data[: len(data) // 2], "bit": data[:9000] + bytes([data[9000] ^ 1]) + data[9001:], "empty": b"",
        "no seal": data[:-72], "text": b"not an index\n" * 900,
    }[damage])  # fmt: skip
    done = merge(in_parts, "part-1", "part-2", "part-3")
    lines = done.err.splitlines()
    assert done.code == 2 and len(lines) == 2
    assert lines[0].startswith("llava-check: part-2: the index is damaged")
    assert lines[1] == "llava-check: merged: nothing is merged: 1 of 3 parts cannot be used"
    assert not (in_parts / "merged").exists()
    done = merge(in_parts, "part-1", "part-2", "part-3", more=("--allow-missing",))
    assert done.code == 1 and "missing: part 2 of 3" in done.err


def foreign(folder: Path, what: str) -> str:
    """Part 2, of something else."""
    if what == "other rows":
        rows = (folder / "data/rows.json").read_text()
        (folder / "data/rows.json").write_text(rows.replace("This is it", "That is it"))
    elif what == "other options":
        return check_part(folder, 2, "--no-images", name="other")
    elif what == "other number":
        return check_part(folder, 2, of=4, name="other")
    elif what == "other set":
        (folder / "data").rename(folder / "dataset")
        return check_part(folder, 2, data="dataset", name="other")
    elif what == "other root":
        return check_part(folder, 2, "--images", "data", name="other")
    elif what == "whole":
        return "whole"
    elif what == "other version":
        edited(folder / "part-2/index.mdb", folder / "other", "meta", lambda t, m: t.put(b"tool", b"0.0.1", db=m))
        return "other"
    return check_part(folder, 2, name="other")


@pytest.mark.parametrize("what, said", [
    ("other rows", "the rows file 'rows.json' is another one than that of part-1"),
    ("other options", "it was checked with other options than part-1"),
    ("other number", "it is one of 4 parts, but part-1 is one of 3"),
    ("other set", "it is of another data set than part-1"),
    ("other root", "it is of another image root than part-1"),
    ("whole", "it is the index of a whole data set, not of a part"),
    ("other version", "version '0.0.1' checked it, and this is"),
])  # fmt: skip
def test_foreign_parts_are_named(in_parts: Path, what: str, said: str) -> None:
    """Not even --allow-missing leaves them out: somebody has mixed something up."""
    other = foreign(in_parts, what)
    for more in [(), ("--allow-missing",)]:
        done = merge(in_parts, "part-1", other, "part-3", more=more)
        assert done.code == 2 and f"{other}: {said}" in done.err, done
        assert not (in_parts / "merged").exists()


def test_parts_of_groups_that_overlap_are_refused(in_parts: Path) -> None:
    merge(in_parts, "part-1", "part-2", to="x", more=("--allow-missing",))
    merge(in_parts, "part-2", "part-3", to="y", more=("--allow-missing",))
    done = merge(in_parts, "x", "y")
    assert done.code == 2 and "y: some of its parts are in x, too, but not all of them" in done.err
    # a part that is in a group is not a contradiction
    assert merge(in_parts, "x", "part-2", "part-3").code == 1
    assert reports(in_parts, "merged") == reports(in_parts, "whole")


def test_a_part_is_never_overwritten(in_parts: Path) -> None:
    before = {name: files_of(in_parts / name) for name in ["part-1", "part-2", "part-3"]}
    done = merge(in_parts, "part-1", "part-2", "part-3", to="part-2")
    assert done.code == 2 and "part-2: the merged index would replace it" in done.err
    assert before == {name: files_of(in_parts / name) for name in before}


def test_merged_index_is_reused(in_parts: Path) -> None:
    """The next check takes rows and images from it, if it is named."""
    merge(in_parts, "part-1", "part-2", "part-3")
    done = run("check", "data", "--isolated", "--index", "merged", "--index-mode", "content", cwd=in_parts)
    assert done.code == 1 and done.err == ""
    assert reports(in_parts, "merged") == reports(in_parts, "whole")


def test_a_part_is_not_taken_for_the_whole(in_parts: Path) -> None:
    done = run("check", "data", "--isolated", "--index", "part-2", cwd=in_parts)
    assert done.code == 1 and "unchanged" not in done.err.replace("images are unchanged", "")
    assert reports(in_parts, "part-2") == reports(in_parts, "whole")


def test_keys(in_parts: Path) -> None:
    """With a key in the environment, parts are merged only if they are signed with it."""
    secret = {**environment(in_parts), "LLAVA_CHECK_KEY": "k" * 32}
    done = merge(in_parts, "part-1", "part-2", "part-3", env=secret)
    assert done.code == 2
    assert done.err.count("the index is not signed with the key in LLAVA_CHECK_KEY") == 3
    for number in (1, 2, 3):
        run("check", "data", "--part", f"{number}/3", "--index", f"part-{number}", "--isolated", cwd=in_parts, env=secret)
    assert merge(in_parts, "part-1", "part-2", "part-3", env=secret).code == 1


@pytest.mark.parametrize("value", ["3", "0/3", "4/3", "1/0", "-1/3", "1/-3", "1/3x", "1x/3", " 1/3", "1/ 3", "a/b", "1/65537", "1/3/5"])
def test_bad_parts(tmp_path: Path, value: str) -> None:
    make_set(tmp_path)
    done = run("check", "data", f"--part={value}", "--index", "x", cwd=tmp_path)
    assert_complaint(done, "--part must be I/N")


def test_misuse(tmp_path: Path) -> None:
    make_set(tmp_path)
    assert_complaint(run("check", "data", "--part", "1/2", cwd=tmp_path), "--part requires --index DIR")
    assert_complaint(run("check", "data", "--part", "1/2", "--index", "x", "--no-index", cwd=tmp_path), "--part requires")
    assert_complaint(run("check", "data", "--part", "1/2", "--index", "x", "--all", cwd=tmp_path), "not --all")
    assert_complaint(run("merge", "x", cwd=tmp_path), "merge requires --index DIR")
    assert_complaint(run("merge", "--index", "x", cwd=tmp_path), "usage: llava-check merge PART… --index DIR")
    assert not (tmp_path / "x").exists()


def test_more_parts_than_rows(tmp_path: Path) -> None:
    """Most parts have no row, and some no image."""
    data = tmp_path / "data"
    data.mkdir()
    (data / "empty.json").write_text("[]")
    (data / "none.jsonl").write_text("")
    write_rows(data / "rows.json", [row("one", "x.jpg"), row("two", "y.jpg")])
    run("check", "data", "--isolated", "--index", "whole", cwd=tmp_path)
    parts = [check_part(tmp_path, number, of=40) for number in range(1, 41)]
    assert merge(tmp_path, *parts).code == 1
    assert reports(tmp_path, "merged") == reports(tmp_path, "whole")


def test_archives_are_refused(tmp_path: Path) -> None:
    """Their members are not divided among parts."""
    data = make_set(tmp_path)
    shutil.make_archive(str(data / "images"), "tar", data / "images")
    done = run("check", "data", "--part", "1/2", "--index", "x", cwd=tmp_path)
    assert_complaint(done, "a data set with archives cannot be checked in parts")


def test_demo(tmp_path: Path) -> None:
    shutil.copytree(DEMO, tmp_path / "data")
    run("check", "data", "--isolated", "--index", "whole", cwd=tmp_path)
    parts = [check_part(tmp_path, number, of=5) for number in range(1, 6)]
    assert merge(tmp_path, *parts).code == 1
    assert reports(tmp_path, "merged") == reports(tmp_path, "whole")
