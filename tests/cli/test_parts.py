"""A data set in parts: check --part, and merge. tests/random/random_parts.py compares their findings."""

from __future__ import annotations

import gzip
import io
import json
import re
import shutil
import tarfile
import time
from pathlib import Path
from typing import Any

import pytest
from forge import edited
from program import DEMO, GOOD_JPEG, Done, assert_complaint, environment, files_of, row, run, write_rows

PARTS = 3


def make_set(folder: Path) -> Path:
    """Make rows and images with faults that no part can see alone."""
    data = folder / "data"
    (data / "images").mkdir(parents=True)
    for name in ["a.jpg", "A.jpg", "b.jpg", "unused.jpg"]:
        shutil.copy(GOOD_JPEG, data / "images" / name)
    images = ["a.jpg", "A.jpg", "b.jpg", "gone/1.jpg", "gone/2.jpg", "gone/1.jpg", "c.jpg", "B.jpg", "a.jpg"]
    write_rows(data / "rows.json", [row(f"id-{i % 7}", image) for i, image in enumerate(images)])
    write_rows(data / "more.json", [row(f"id-{i}", image) for i, image in enumerate(images[:4])])
    for name in ["rows.json", "more.json"]:  # white space before the array is a finding about the file
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
    """Return all reports on an index, with the same name for every index."""
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
    """Make a data set, its index, and those of its three parts."""
    make_set(tmp_path)
    run("check", "data", "--isolated", "--index", "whole", cwd=tmp_path)
    for number in range(1, PARTS + 1):
        check_part(tmp_path, number)
    return tmp_path


def test_merged_is_whole(in_parts: Path) -> None:
    done = merge(in_parts, "part-3", "part-1", "part-2", to="index")
    assert done.code == 1 and done.err == ""
    # a merge prints the report that it stores
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
    assert done.code == 2 and "has the same part with different results" in done.err
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
    """Make a part 2 of something else."""
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
    ("other rows", "its rows file 'rows.json' differs from that of part-1"),
    ("other options", "it was checked with different options than part-1"),
    ("other number", "it is one of 4 parts, but part-1 is one of 3"),
    ("other set", "it is of another data set than part-1"),
    ("other root", "it is of another image root than part-1"),
    ("whole", "it is the index of a whole data set, not of a part"),
    ("other version", "it was checked by version '0.0.1', and this is version"),
])  # fmt: skip
def test_foreign_parts_are_named(in_parts: Path, what: str, said: str) -> None:
    """Not even --allow-missing leaves them out, because something was mixed up."""
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
    # a part that is also in a group is no contradiction
    assert merge(in_parts, "x", "part-2", "part-3").code == 1
    assert reports(in_parts, "merged") == reports(in_parts, "whole")


def test_a_part_is_never_overwritten(in_parts: Path) -> None:
    before = {name: files_of(in_parts / name) for name in ["part-1", "part-2", "part-3"]}
    done = merge(in_parts, "part-1", "part-2", "part-3", to="part-2")
    assert done.code == 2 and "part-2: the merged index would replace it" in done.err
    assert before == {name: files_of(in_parts / name) for name in before}


def test_merged_index_is_reused(in_parts: Path) -> None:
    """The next check reuses its rows and images, if it is named."""
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


def tar(path: Path, members: dict[str, bytes | str]) -> None:
    """Make a tar; a text is the target of a symbolic link."""
    with tarfile.open(path, "w") as archive:
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            if isinstance(data, str):
                info.type, info.linkname = tarfile.SYMTYPE, data
                archive.addfile(info)
            else:
                info.size = len(data)
                archive.addfile(info, io.BytesIO(data))


def make_archives(folder: Path) -> Path:
    """Make images in archives, with what only shows in all of them: duplicate members, links across archives, a gap in the series."""
    data = folder / "data"
    (data / "images").mkdir(parents=True)
    good = GOOD_JPEG.read_bytes()
    names = [f"images/{number}.jpg" for number in range(24)]
    for number in [1, 2, 4]:
        own = names[number::4]
        tar(data / f"part_{number}.tar", {name: good + bytes([number]) for name in own} | {
            "images/twice.jpg": good + bytes([number]), f"images/unused-{number}.jpg": good, f"unused/{number}/x.jpg": good,
            f"images/link-{number}.jpg": "twice.jpg", f"images/across-{number}.jpg": names[(number + 1) % 4 + 4][7:]})  # fmt: skip
    (data / "part_4.tar").write_bytes((data / "part_4.tar").read_bytes()[:-700])
    shutil.copy(GOOD_JPEG, data / "images/loose.jpg")
    shutil.copy(GOOD_JPEG, data / "images/unused.jpg")
    others = ["twice.jpg", "loose.jpg", "Loose.jpg", "gone/1.jpg", "TWICE.JPG", "link-1.jpg", "link-2.jpg", "across-1.jpg", "across-2.jpg"]
    write_rows(data / "rows.json", [row(f"id-{i % 20}", name) for i, name in enumerate(names + [f"images/{name}" for name in others])])
    return data


def archives_read(done: Done) -> set[str]:
    """Return the archives of this part, as listed by the program."""
    return set(re.findall(r"archive: (\S+) \((?!of another part)", done.err))


def in_order(folder: Path, parts: int, data: str = "data") -> list[set[str]]:
    """Check all parts; return the archives that each has read."""
    read = []
    for number in range(1, parts + 1):
        where = ["--part", f"{number}/{parts}", "--index", f"part-{number}", "--isolated", "-v"]
        done = run("check", data, *where, cwd=folder)
        assert done.code in (0, 1), done
        read.append(archives_read(done))
    return read


@pytest.mark.parametrize("parts", [1, 2, 5])
def test_archives(tmp_path: Path, parts: int) -> None:
    """Each archive is read by one part, and the merge knows the members of all."""
    make_archives(tmp_path)
    run("check", "data", "--isolated", "--index", "whole", cwd=tmp_path)
    read = in_order(tmp_path, parts)
    assert sorted(name for names in read for name in names) == ["part_1.tar", "part_2.tar", "part_4.tar"]
    assert max(map(len, read)) == (3 if parts == 1 else 2 if parts == 2 else 1)
    assert merge(tmp_path, *[f"part-{i}" for i in range(parts, 0, -1)]).code == 1
    whole = reports(tmp_path, "whole")
    assert reports(tmp_path, "merged") == whole
    found = {rule for rule in re.findall(r"(?:ARC|IMG|SET)\d{3}", whole["csv"].out.decode())}
    assert {"ARC801", "ARC807", "ARC808", "IMG501", "SET602"} <= found
    run("check", "data", "--isolated", "--index", "merged", cwd=tmp_path)
    assert reports(tmp_path, "merged") == whole


def test_archives_of_a_part_are_not_read_again(tmp_path: Path) -> None:
    """A part stores links in the same way as a new reading would find them."""
    make_archives(tmp_path)
    time.sleep(2.2)  # until the times are old enough to be trusted
    run("check", "data", "--isolated", "--index", "whole", cwd=tmp_path)
    in_order(tmp_path, 2)
    for number in (1, 2):
        where = ["--part", f"{number}/2", "--index", f"part-{number}", "--isolated", "-v"]
        done = run("check", "data", *where, cwd=tmp_path)
        said = dict(re.findall(r"archive: (\S+) \((unchanged|of another part)", done.err))
        assert len(said) == 3 and "unchanged" in said.values(), done.err
    assert merge(tmp_path, "part-1", "part-2").code == 1
    assert reports(tmp_path, "merged") == reports(tmp_path, "whole")


def test_archives_in_groups(tmp_path: Path) -> None:
    """A merge of some parts keeps what merging all of them needs."""
    make_archives(tmp_path)
    run("check", "data", "--isolated", "--index", "whole", cwd=tmp_path)
    in_order(tmp_path, 4)
    some = ("--allow-missing",)
    assert merge(tmp_path, "part-1", "part-4", to="a", more=some).code in (0, 1)
    assert merge(tmp_path, "part-2", "part-3", to="b", more=some).code in (0, 1)
    reports(tmp_path, "a")
    assert merge(tmp_path, "a", "b").code == 1
    assert reports(tmp_path, "merged") == reports(tmp_path, "whole")


def test_another_archive_is_named(tmp_path: Path) -> None:
    data = make_archives(tmp_path)
    check_part(tmp_path, 1, of=2)
    tar(data / "part_2.tar", {"images/2.jpg": b""})
    check_part(tmp_path, 2, of=2)
    done = merge(tmp_path, "part-1", "part-2")
    assert done.code == 2 and "part-2: its archive 'part_2.tar' differs from that of part-1" in done.err
    tar(data / "part_5.tar", {"images/3.jpg": b""})
    check_part(tmp_path, 1, of=2)
    assert "part-2: its archives are not those of part-1" in merge(tmp_path, "part-1", "part-2").err


def test_shards(tmp_path: Path) -> None:
    """A part consists of whole shards, with their rows and images, and opens no others."""
    data = tmp_path / "data"
    data.mkdir()
    text = json.dumps(row("x", "x.jpg")).encode()
    for shard in [0, 1, 2, 3, 5, 6]:
        keys = [f"{shard}{i}" for i in range(4 + shard)] + ["again"]
        members = {f"{key}.{suffix}": data for key in keys for suffix, data in [("jpg", GOOD_JPEG.read_bytes()), ("json", text)]}
        tar(data / f"{shard:06}.tar", members | {f"v1.{shard}.jpg": b"no image", f"v1.{shard}.json": b"{"})
    run("check", "data", "--isolated", "--index", "whole", cwd=tmp_path)
    read = in_order(tmp_path, 4)
    assert sorted(name for names in read for name in names) == [f"{i:06}.tar" for i in [0, 1, 2, 3, 5, 6]]
    assert all(read)
    assert merge(tmp_path, *[f"part-{i}" for i in [3, 1, 4, 2]]).code == 1
    whole = reports(tmp_path, "whole")
    assert reports(tmp_path, "merged") == whole
    assert {"ARC808", "ROW214"} <= set(re.findall(r"[A-Z]{3}\d{3}", whole["csv"].out.decode()))


@pytest.mark.parametrize("suffix", [".tar", ".tar.gz"])
def test_shards_are_reused(tmp_path: Path, suffix: str) -> None:
    """Samples without a text, captions that grow as JSON, offsets in a compressed archive: the index is sound."""
    (tmp_path / "data").mkdir()
    good, text = GOOD_JPEG.read_bytes(), json.dumps(row("x", "x.jpg")).encode()
    path = tmp_path / "data" / ("0" + suffix)
    members = {"a.jpg": good, "a.json": text, "b.jpg": good, "c.jpg": good, "c.txt": b"\1" * 3000, "d.jpg": good, "d.json": text}
    tar(tmp_path / "0", members)
    path.write_bytes((tmp_path / "0").read_bytes() if suffix == ".tar" else gzip.compress((tmp_path / "0").read_bytes()))
    time.sleep(2.2)  # until the times are old enough to be trusted
    first = run("check", "data", "--index", "whole", "--isolated", cwd=tmp_path)
    assert run("index", "check", "whole", cwd=tmp_path).code == 0
    again = run("check", "data", "--index", "whole", "--isolated", cwd=tmp_path)
    assert again.out == first.out and "results reused from the index" in again.err and "damaged" not in again.err
    (tmp_path / "data/1.tar").write_bytes((tmp_path / "0").read_bytes())
    more = run("check", "data", "--index", "whole", "--isolated", cwd=tmp_path)
    assert "1 of 2 rows files are unchanged" in more.err and "damaged" not in more.err


def test_demo(tmp_path: Path) -> None:
    shutil.copytree(DEMO, tmp_path / "data")
    run("check", "data", "--isolated", "--index", "whole", cwd=tmp_path)
    parts = [check_part(tmp_path, number, of=5) for number in range(1, 6)]
    assert merge(tmp_path, *parts).code == 1
    assert reports(tmp_path, "merged") == reports(tmp_path, "whole")
