"""A second run reuses the rows of unchanged files from the index.

Its reports and its index, except for the start time of the run, must be byte for byte those of a run
from scratch.
"""

from __future__ import annotations

import json
import os
import random
import re
import shutil
import time
from pathlib import Path
from typing import Any, Callable, Iterable

import lmdb
import pytest
from forge import MARK, forge
from program import DEMO, FIXTURES, Done, row, run, write_rows

RULES = FIXTURES / "rules"
FIXTURE_COUNT = 935  # number of rows files among the fixtures
VIDEO_COUNT = 46  # number of them with rows that name videos
PARTS = 20
MUTANTS = 150
COPIES = 24  # number of tests that change a copy
Table = dict[tuple[bytes, bytes], bytes]


def read_index(folder: Path) -> Table:
    """Return the contents of an index, except for the start time of its run."""
    environment = lmdb.open(str(folder / "index.mdb"), subdir=False, readonly=True, lock=False,
                            max_dbs=20)
    found = {}
    with environment.begin() as transaction:
        for name in [bytes(key) for key, _ in transaction.cursor()]:
            table = environment.open_db(name, transaction, create=False)
            for key, value in transaction.cursor(table):
                found[name, bytes(key)] = bytes(value)
    environment.close()
    assert found.pop((b"meta", b"began_ns"))
    return found


def files_in(index: Path) -> int:
    """Return the number of rows files in an index."""
    return sum(table == b"files" for table, _ in read_index(index))


def unread(done: Done) -> int:
    """Return the number of rows files that were not even read."""
    match = re.search(r"(\d+) of \d+ rows files are unchanged", done.err)
    return int(match.group(1)) if match else 0



def count_taken(folder: Path, index: Path, *options: str | Path) -> int:
    """Count the reused rows files, by a mark that is put into the statistics of each."""
    marked = index.with_name(f"{index.name}-marked")
    shutil.copytree(index, marked, dirs_exist_ok=True)
    file = marked / "index.mdb"
    forge(file)
    report = json.loads(check(folder, marked, *options).out)
    return report["statistics"]["rows_by_images"]["none"] // MARK


def check(folder: Path, index: Path, *options: str | Path) -> Done:
    paths = [o for o in options if not str(o).startswith("--") and o != "content"]
    others = [o for o in options if o not in paths]
    return run("check", *(paths or ["."]), *others, "-f", "json", "--index", index, cwd=folder)


def assert_as_from_nothing(folder: Path, index: Path, *options: str | Path) -> int:
    """Compare a run that reuses an earlier index with one from scratch; return how many files were reused."""
    fresh = folder.parent / f"{folder.name}-fresh"
    found = count_taken(folder, index, *options)
    again = check(folder, index, *options)
    nothing = check(folder, fresh, "--recheck", *options)
    assert unread(nothing) == 0
    assert again.code == nothing.code < 2, again.err
    assert again.out == nothing.out
    left, due = read_index(index), read_index(fresh)
    assert sorted(left) == sorted(due)
    assert [key for key in due if left[key] != due[key]] == []
    assert run("index", "check", index, cwd=folder).code == 0
    assert unread(again) <= found
    return found


def mutants(texts: Iterable[bytes], count: int) -> list[bytes]:
    """Make rows files with bytes removed, duplicated, and misplaced."""
    chance = random.Random(7)
    seeds = list(texts)
    pieces = [b",", b",,", b"]", b"[", b"}", b"{", b'"', b" x ", b"\n\n", b"null", b"] [", b"\xff",
              b"NaN", b'"a": 1,', b"\xef\xbb\xbf"]
    made = []
    for _ in range(count):
        data = chance.choice(seeds)
        for _ in range(chance.randint(1, 4)):
            at, size = chance.randrange(len(data) + 1), chance.randint(0, 30)
            middle = chance.choice([b"", data[at : at + size] * 2, chance.choice(pieces)])
            data = data[:at] + middle + data[at + size :]
        made.append(data)
    return made


NASTY = {
    "commas.json": b"[,, {R},,,, {R} x {R},,]",
    "arrays.json": b"\xef\xbb\xbf[{R}, {R}][{R}] [{R}, 7, {] [{R}",
    "lines.jsonl": b"\n{R}\n\n\n{R}\n{\n{R}]\n7\n\n",
    "array.jsonl": b"[{R},\n\n{R}]\n",
    "cut.json": b'[{R}, {R}, {"id": "7", "con',
    "none.json": b"[]",
    "empty.jsonl": b"",
    "text.json": b"<html>conversations</html>",
}


def make_parts(folder: Path) -> Path:
    """Make a folder of rows files of every kind, some of them partly the same."""
    shutil.copytree(DEMO / "images", folder / "images")
    images = sorted(str(path.relative_to(folder / "images"))
                    for path in (folder / "images").rglob("*.*"))
    demo: list[dict[str, Any]] = [row(f"id{number}", image) for number, image in enumerate(images)]
    demo[3]["conversations"] = [{"from": "human", "value": ""}, {"from": "x", "value": "<image>"}]
    demo[4]["image"] = images[:3] + ["gone/there.jpg", images[0]]
    demo[5:7] = [row(7, None), {"conversations": []}]
    for part in range(PARTS):
        rows = [dict(r, data_source=f"source{part % 3}") for r in demo[part : part + 5]]
        write_rows(folder / f"part{part:02d}.json{'l' if part % 4 == 0 else ''}", rows)
    text = json.dumps(demo[0]).encode()
    for name, data in NASTY.items():
        (folder / name).write_bytes(data.replace(b"{R}", text))
    for number, data in enumerate(mutants([(folder / "part01.json").read_bytes(),
                                           (folder / "part04.jsonl").read_bytes()], MUTANTS)):
        (folder / f"mutant{number}.json{'l' * (number % 2)}").write_bytes(data)
    (folder / "mixture.yaml").write_text(
        "datasets:\n"
        "  - json_path: part01.json\n    sampling_strategy: first:2\n"
        "  - json_path: part04.jsonl\n    sampling_strategy: all\n"
        "  - json_path: part01.json\n    sampling_strategy: end:50%\n")
    return folder


@pytest.fixture(name="made", scope="module")
def made_folders(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make the fixtures and many copies of the parts, with times old enough to be trusted."""
    above = tmp_path_factory.mktemp("made")
    shutil.copytree(RULES, above / "rules", symlinks=True,
                    ignore=shutil.ignore_patterns(".llava-check"))
    make_parts(above / "parts")
    for number in range(COPIES):
        folder = above / f"copy{number}"
        folder.mkdir()
        for path in (above / "parts").iterdir():
            if path.is_file() and not path.name.startswith("mutant"):
                shutil.copy(path, folder / path.name)
        (folder / "images").symlink_to(above / "parts/images")
    time.sleep(2.2)
    return above


@pytest.fixture(name="copies", scope="module")
def made_copies(made: Path) -> list[Path]:
    return [made / f"copy{number}" for number in range(COPIES)]


@pytest.fixture(name="copy")
def copied(copies: list[Path]) -> Path:
    """A folder of parts, for a test to check and change."""
    return copies.pop()


def rows_files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.suffix in {".json", ".jsonl"})


@pytest.mark.parametrize("threads", ["--threads=1", "--threads=8"])
def test_all_fixtures(made: Path, threads: str) -> None:
    folder, index = made / "rules", made / f"rules-index{threads[-1]}"
    names = rows_files(folder)
    assert len(names) == FIXTURE_COUNT
    check(folder, index, *names)
    found = assert_as_from_nothing(folder, index, *names, threads)
    assert found == FIXTURE_COUNT - VIDEO_COUNT


def test_all_fixtures_when_nobody_looks_for_videos(made: Path) -> None:
    folder, index = made / "rules", made / "rules-no-images"
    names = rows_files(folder)
    check(folder, index, "--no-images", *names)
    assert assert_as_from_nothing(folder, index, "--no-images", *names) == FIXTURE_COUNT
    assert assert_as_from_nothing(folder, index, *names) == 0  # now somebody does


def test_broken_files(made: Path) -> None:
    folder, index = made / "parts", made / "parts-index"
    check(folder, index)
    count = files_in(index)
    assert count > PARTS + MUTANTS
    assert assert_as_from_nothing(folder, index) == count
    assert assert_as_from_nothing(folder, index) == count  # reused from what was itself reused
    assert assert_as_from_nothing(folder, index, "--index-mode", "content") == count


def test_the_text_report_is_the_same(copy: Path) -> None:
    first = run("check", ".", "--color", "never", cwd=copy)
    again = run("check", ".", "--color", "never", cwd=copy)
    assert first.out == again.out and first.code == again.code
    assert "rows files are unchanged" in again.err
    assert "rows files" not in first.err


def rewrite(path: Path, change: Callable[[bytes], bytes]) -> None:
    """Change the bytes of a file, and restore its time."""
    old = path.stat()
    path.write_bytes(change(path.read_bytes()))
    os.utime(path, ns=(old.st_atime_ns, old.st_mtime_ns))


def swap(folder: Path) -> None:
    (folder / "part01.json").rename(folder / "x")
    (folder / "part02.json").rename(folder / "part01.json")
    (folder / "x").rename(folder / "part02.json")


# The change, and how many files are then parsed again.
CHANGES: dict[str, tuple[Callable[[Path], object], int]] = {
    "nothing": (lambda folder: None, 0),
    "a row more": (lambda folder: write_rows(folder / "part01.json", [row("1", "a.jpg")]), 1),
    "other bytes, the same size and time": (
        lambda folder: rewrite(folder / "part01.json", lambda d: d.replace(b"human", b"haman")),
        1),
    "the same bytes": (lambda folder: rewrite(folder / "part01.json", lambda d: d), 0),
    "touched": (lambda folder: [(folder / name).touch() for name in rows_files(folder)], 0),
    "swapped": (swap, 0),
    "renamed": (lambda folder: (folder / "part03.json").rename(folder / "zzz.json"), 0),
    "renamed to lines": (
        lambda folder: (folder / "part03.json").rename(folder / "part03.jsonl"), 1),
    "removed": (lambda folder: (folder / "part03.json").unlink(), 0),
    "one before": (lambda folder: write_rows(folder / "a.json", [row("1", "a.jpg", "new")]), 1),
    "one between": (
        lambda folder: write_rows(folder / "part03a.jsonl", [row("p", None), row("p", None)]), 1),
    "a copy": (lambda folder: shutil.copy(folder / "part03.json", folder / "b.json"), 0),
    "the first row of all": (
        lambda folder: rewrite(folder / "array.jsonl", lambda d: d[:-3] + b" \n"), 1),
}


@pytest.mark.parametrize("change", CHANGES)
def test_only_what_changed_is_parsed(copy: Path, change: str) -> None:
    index = copy.parent / f"{copy.name}-index"
    check(copy, index)
    CHANGES[change][0](copy)
    found = assert_as_from_nothing(copy, index)
    assert found == files_in(index) - CHANGES[change][1]


def test_files_whose_times_tell_are_not_read(copy: Path) -> None:
    index = copy.parent / f"{copy.name}-index"
    assert unread(check(copy, index)) == 0
    assert unread(check(copy, index)) == files_in(index)
    (copy / "part01.json").touch()
    assert unread(check(copy, index)) == files_in(index) - 1
    assert unread(check(copy, index, "--index-mode", "content")) == 0
    assert count_taken(copy, index, "--index-mode", "content") == files_in(index)


def test_a_mixture(copy: Path) -> None:
    """A mixture names a file twice, and training samples from it."""
    index = copy.parent / f"{copy.name}-index"
    check(copy, index, "mixture.yaml")
    assert assert_as_from_nothing(copy, index, "mixture.yaml") == 3
    mixture = copy / "mixture.yaml"
    mixture.write_text(mixture.read_text().replace("first:2", "first:3"))
    assert assert_as_from_nothing(copy, index, "mixture.yaml") == 3
    rewrite(copy / "part01.json", lambda data: data + b" ")
    assert assert_as_from_nothing(copy, index, "mixture.yaml") == 1


def test_less_and_more_of_a_folder(copy: Path) -> None:
    """File numbers, rows and images differ: what only one part names is not in both."""
    index = copy.parent / f"{copy.name}-index"
    check(copy, index)
    assert assert_as_from_nothing(copy, index, "part05.json", "part02.json") == 2
    assert assert_as_from_nothing(copy, index, "part07.json", "part02.json", "part05.json") == 2


def test_other_options_have_other_findings(copy: Path) -> None:
    index = copy.parent / f"{copy.name}-index"
    check(copy, index)
    assert assert_as_from_nothing(copy, index, "--allow-outside") == 0
    assert assert_as_from_nothing(copy, index, "--allow-outside") > PARTS


def test_a_video_that_goes_is_seen(copy: Path) -> None:
    """Rows that name videos are parsed again, because their findings depend on the disk."""
    index = copy.parent / f"{copy.name}-index"
    video = copy / "a.mp4"
    video.write_bytes(b"frames")
    turns = row("v", None)["conversations"]
    write_rows(copy / "rows.json", [{"id": "v", "video": "a.mp4", "conversations": turns}])
    options = ("rows.json", "part01.json", f"--videos={copy}")
    assert b"ROW212" not in check(copy, index, *options).out.split(b'"findings"')[-1]
    assert assert_as_from_nothing(copy, index, *options) == 1
    video.unlink()
    assert assert_as_from_nothing(copy, index, *options) == 1
    assert b'"ROW212"' in check(copy, index, *options).out


def test_fresh_times_are_not_trusted(copy: Path) -> None:
    """A file that was written while it was read is noticed by its bytes."""
    index = copy.parent / f"{copy.name}-index"
    path = copy / "fresh.json"
    for answer in ("one", "two", "six"):
        write_rows(path, [row("1", None, answer)])
        check(copy, index, "fresh.json")
        rewrite(path, lambda data: data.replace(answer.encode(), b"new"))
        assert assert_as_from_nothing(copy, index, "fresh.json") == 0
        assert assert_as_from_nothing(copy, index, "fresh.json") == 1


def test_long_texts(copy: Path) -> None:
    """An id and a source are longer than what findings and shares store of them."""
    index = copy.parent / f"{copy.name}-index"
    rows = [dict(row("i" * 5000, "a/b.jpg", "<image>"), data_source="s" * size)
            for size in (255, 256, 257, 4000)]
    write_rows(copy / "long.json", rows)
    check(copy, index, "long.json")
    assert assert_as_from_nothing(copy, index, "long.json") == 1


def test_space_before_the_array_is_reported_once(copy: Path) -> None:
    index = copy.parent / f"{copy.name}-index"
    (copy / "space.json").write_text("\n " + json.dumps([row("1", None), row("2", None)]))
    check(copy, index, "space.json")
    for _ in range(2):
        assert assert_as_from_nothing(copy, index, "space.json", "--show=info") == 1
    assert check(copy, index, "space.json", "--show=info").out.count(b"begins with white space") == 1
