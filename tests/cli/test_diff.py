"""Compares `llava-check diff A B` with a simple implementation in Python, on randomly edited data sets."""

from __future__ import annotations

import json
import random
import re
import shutil
from collections import defaultdict
from pathlib import Path
from typing import Any, Iterable

import pytest

from program import GOOD_PNG, run

SEEDS = range(6)
ROWS = 2000
IMAGES = 300

Row = dict[str, Any]


# ---- data sets and their edits


def new_row(rng: random.Random, images: list[str]) -> Row:
    row: Row = {}
    kind = rng.random()
    if kind < 0.6:
        row["id"] = f"id {rng.randrange(10**9)}"
    elif kind < 0.7:
        row["id"] = rng.randrange(10**6)
    elif kind < 0.9:  # on many rows
        row["id"] = f"often {rng.randrange(60)}"
    elif kind < 0.92:
        row["id"] = None
    if rng.random() < 0.7:
        names = rng.choices(images, k=rng.choice([1, 1, 1, 2, 3]))
        row["image"] = names[0] if len(names) == 1 and rng.random() < 0.9 else names
    row["conversations"] = [
        {"from": "human" if turn % 2 == 0 else "gpt", "value": rng.choice(
            ["What?", "Where?\n", "é日本", f"{rng.randrange(40)}"])}
        for turn in range(rng.choice([2, 2, 4]))
    ]
    if rng.random() < 0.5:
        row["data_source"] = rng.choice(["coco", "vg"])
    if rng.random() < 0.2:
        row["meta"] = rng.choice([1, 1.5, "x", None, True, [1, "a"], {"a": {"b": []}}])
    if rng.random() < 0.05:
        row["conversations"][0]["weight"] = rng.choice([0, 1])
    if rng.random() < 0.03:
        row["conversations"] = rng.choice([[], None, [5], [{"from": "gpt"}]])
    return row


def edit_row(rng: random.Random, row: Row, images: list[str]) -> None:
    turns = row["conversations"]
    what = rng.randrange(6)
    if what == 0 and turns and isinstance(turns[0], dict):
        turns[0]["value"] = f"edited {rng.randrange(10**6)}"
    elif what == 1:
        row["image"] = rng.choice(images)
    elif what == 2:
        row["id"] = f"new {rng.randrange(10**6)}"
    elif what == 3:
        row.pop("id", None)
    elif what == 4:
        row["meta"] = f"edited {rng.randrange(10**6)}"
    elif what == 5 and turns and isinstance(turns[0], dict):
        turns[0]["extra"] = rng.randrange(3)


def edit_rows(rng: random.Random, rows: list[Row], images: list[str]) -> list[Row]:
    edited = []
    for row in rows:
        kind = rng.random()
        copy = json.loads(json.dumps(row))
        if kind < 0.03:
            continue
        if kind < 0.08:
            edit_row(rng, copy, images)
        edited.append(copy)
        if kind > 0.98:
            edited.append(json.loads(json.dumps(copy)))
        if 0.95 < kind < 0.98:
            edited.append(new_row(rng, images))
    if rng.random() < 0.5:
        rng.shuffle(edited)
    return edited


def write_rows(rng: random.Random, folder: Path, rows: list[Row]) -> list[tuple[str, int]]:
    """Write rows to files in random spelling; return the file and position of each."""
    places = []
    count = rng.choice([1, 2, 3])
    size = -(-len(rows) // count)
    for number in range(count):
        part = rows[number * size : (number + 1) * size]
        name = f"part{number}.{rng.choice(['json', 'jsonl'])}"
        texts = []
        for row in part:
            keys = list(row)
            rng.shuffle(keys)
            texts.append(json.dumps({key: row[key] for key in keys},
                                    ensure_ascii=rng.random() < 0.5,
                                    separators=rng.choice([(",", ":"), (", ", ": ")])))
        text = "\n".join(texts) if name.endswith("l") else "[" + ",\n ".join(texts) + "]"
        (folder / name).write_text(text + "\n", encoding="utf-8")
        places += [(name, place) for place in range(len(part))]
    return places


def new_images(rng: random.Random) -> dict[str, bytes | None]:
    """Return, by path, the bytes after the picture, some of them equal; None: no file."""
    return {f"{rng.choice('ab')}/{number}.png":
            None if rng.random() < 0.05 else b"%d" % rng.randrange(IMAGES)
            for number in range(IMAGES)}


def edit_images(rng: random.Random, images: dict[str, bytes | None]) -> dict[str, bytes | None]:
    edited: dict[str, bytes | None] = {}
    for path, tail in images.items():
        kind = rng.random()
        if kind < 0.05:
            edited[path] = None
        elif kind < 0.1:
            edited[path] = b"new %d" % rng.randrange(10**6)
        elif kind < 0.2:
            edited["moved/" + path] = tail
        elif kind < 0.25:
            edited["moved/" + path] = b"other %d" % rng.randrange(10**6)
        else:
            edited[path] = tail
    return edited


def follow_images(rng: random.Random, rows: list[Row],
                  images: dict[str, bytes | None]) -> None:
    """Rename most moved images in the rows to their new paths."""
    paths = {path.removeprefix("moved/"): path for path in sorted(images)
             if rng.random() < 0.9}
    for row in rows:
        image = row.get("image", [])
        if isinstance(image, str):
            row["image"] = paths.get(image, image)
        elif image:
            row["image"] = [paths.get(path, path) for path in image]


def write_images(folder: Path, images: dict[str, bytes | None]) -> None:
    picture = GOOD_PNG.read_bytes()
    for path, tail in images.items():
        if tail is not None:
            file = folder / "images" / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(picture + tail)


# ---- the simple comparison in Python


def content(row: Row) -> str:
    """Return a row without its id, independent of the order of members in it and in its turns."""
    image = row.get("image")
    turns = row["conversations"]
    if isinstance(turns, list):
        turns = [sorted(turn.items()) if isinstance(turn, dict) else turn for turn in turns]
    others = sorted((key, json.dumps(value)) for key, value in row.items()
                    if key not in ("id", "image", "conversations"))
    bad_id = "id" in row and row["id"] is None
    return json.dumps([[image] if isinstance(image, str) else image, turns, others, bad_id])


def pair_equal(a: list[tuple[str, int]], b: list[tuple[str, int]]) -> int:
    """Remove pairs with equal contents from two lists; return their number."""
    same = 0
    waiting = defaultdict(list)
    for item in b:
        waiting[item[0]].append(item)
    for item in list(a):
        if waiting[item[0]]:
            a.remove(item)
            b.remove(waiting[item[0]].pop(0))
            same += 1
    return same


def by_id(rows: list[Row]) -> dict[str | None, list[tuple[str, int]]]:
    groups = defaultdict(list)
    for number, row in enumerate(rows):
        name = row.get("id")
        groups[None if name is None else str(name)].append((content(row), number))
    return groups


def expected_rows(a: list[Row], b: list[Row]) -> tuple[int, set[tuple[Any, ...]]]:
    groups_a, groups_b = by_id(a), by_id(b)
    changes: set[tuple[Any, ...]] = set()
    same = 0
    left_a, left_b = list(groups_a.pop(None, [])), list(groups_b.pop(None, []))
    same += pair_equal(left_a, left_b)
    named_a, named_b = [], []
    for name in groups_a.keys() | groups_b.keys():
        mine, theirs = groups_a.get(name, []), groups_b.get(name, [])
        same += pair_equal(mine, theirs)
        if len(mine) == len(theirs) == 1:
            changes.add(("row-changed", mine[0][1], theirs[0][1]))
        else:
            named_a += mine
            named_b += theirs
    left_a += sorted(named_a, key=lambda item: item[1])
    left_b += sorted(named_b, key=lambda item: item[1])
    waiting = defaultdict(list)
    for text, number in left_b:
        waiting[text].append(number)
    for text, number in left_a:
        if waiting[text]:
            changes.add(("row-renamed", number, waiting[text].pop(0)))
        else:
            changes.add(("row-removed", number, None))
    for numbers in waiting.values():
        changes |= {("row-added", None, number) for number in numbers}
    return same, changes


def expected_images(a: dict[str, bytes | None],
                    b: dict[str, bytes | None]) -> tuple[int, set[tuple[Any, ...]]]:
    both = a.keys() & b.keys()
    changes: set[tuple[Any, ...]] = {("image-changed", path, path) for path in both
                                     if a[path] != b[path]}
    same = len(both) - len(changes)
    came = defaultdict(list)
    for path in sorted(b.keys() - a.keys()):
        came[b[path]].append(path)
    for path in sorted(a.keys() - b.keys()):
        if a[path] is not None and came[a[path]]:
            changes.add(("image-moved", path, came[a[path]].pop(0)))
        else:
            changes.add(("image-removed", path, None))
    for paths in came.values():
        changes |= {("image-added", None, path) for path in paths}
    return same, changes


def named_images(rows: list[Row], images: dict[str, bytes | None]) -> dict[str, bytes | None]:
    named = set()
    for row in rows:
        image = row.get("image", [])
        named |= {image} if isinstance(image, str) else set(image)
    return {path: images.get(path) for path in named}


# ---- the program's report


def checked(folder: Path, rng: random.Random, rows: list[Row],
            images: dict[str, bytes | None]) -> list[tuple[str, int]]:
    folder.mkdir()
    write_images(folder, images)
    places = write_rows(rng, folder, rows)
    assert run(folder, "-q", cwd=folder.parent).code in (0, 1)
    return places


def diff(*arguments: str | Path, cwd: Path) -> tuple[int, dict[str, Any]]:
    done = run("diff", *arguments, "--format", "json", cwd=cwd)
    assert done.err == ""
    return done.code, json.loads(done.out)


def numbered(changes: Iterable[dict[str, Any]], places_a: list[tuple[str, int]],
         places_b: list[tuple[str, int]]) -> list[tuple[Any, ...]]:
    """Return changes as (kind, row or path in a, row or path in b)."""
    numbers = [{place: number for number, place in enumerate(places)}
               for places in (places_a, places_b)]

    def name(change: dict[str, Any], side: int) -> Any:
        end = change.get("ab"[side])
        if end is None or "image" in end:
            return end and end["image"]
        return numbers[side][end["file"], end["row"]]

    return [(change["change"], name(change, 0), name(change, 1)) for change in changes]


@pytest.mark.parametrize("seed", SEEDS)
def test_random_edits(seed: int, tmp_path: Path) -> None:
    rng = random.Random(seed)
    images_a = new_images(rng)
    images_b = edit_images(rng, images_a)
    rows_a = [new_row(rng, sorted(images_a)) for _ in range(ROWS)]
    rows_b = edit_rows(rng, rows_a, sorted(images_a))
    follow_images(rng, rows_b, images_b)
    places_a = checked(tmp_path / "a", rng, rows_a, images_a)
    places_b = checked(tmp_path / "b", rng, rows_b, images_b)

    code, report = diff("a", "b", cwd=tmp_path)
    got = numbered(report["changes"], places_a, places_b)
    same_rows, changes = expected_rows(rows_a, rows_b)
    same_images, more = expected_images(named_images(rows_a, images_a),
                                        named_images(rows_b, images_b))
    assert len(got) == len(set(got))
    assert set(got) == changes | more
    assert len(changes) > 100 and len(more) > 20
    assert len({change[0] for change in got}) == 8
    assert report["rows"]["same"] == same_rows
    assert report["images"]["same"] == same_images
    assert code == 1 and report["equal"] is False
    assert (report["a"]["rows"], report["b"]["rows"]) == (len(rows_a), len(rows_b))
    for what in ("rows", "images"):
        for verb, count in report[what].items():
            kind = f"{what[:-1]}-{verb}"
            assert verb in ("same", "unknown") or count == sum(c[0] == kind for c in got)


@pytest.mark.parametrize("seed", SEEDS)
def test_other_spelling_and_order_are_equal(seed: int, tmp_path: Path) -> None:
    rng = random.Random(seed)
    images = new_images(rng)
    rows = [new_row(rng, sorted(images)) for _ in range(300)]
    checked(tmp_path / "a", rng, rows, images)
    rng.shuffle(rows)
    checked(tmp_path / "b", rng, rows, images)
    code, report = diff("a", "b", cwd=tmp_path)
    assert report["changes"] == []
    assert code == 0 and report["equal"] is True
    assert report["rows"]["same"] == 300
    assert run("diff", "a", "b", "--quiet", cwd=tmp_path)[:2] == (0, b"")


def test_broken_rows_are_equal_at_any_position(tmp_path: Path) -> None:
    """The end of a broken row is found in different ways, depending on its position."""
    bad = ['{"id": 1, "a": [1, 2}', '{"id": "x",}', '{"id": 2 "b": {}}', '{"c": tru}']
    good = [json.dumps(talk("y" * size, id=f"n{size}")) for size in range(200)]
    for name, step in (("a", 7), ("b", 31)):
        rows = list(good)
        for number, text in enumerate(bad):
            rows.insert(step * (number + 1), text)
        (tmp_path / name).mkdir()
        for ending, text in (("json", "[\n " + ",\n ".join(rows) + "\n]"),
                             ("jsonl", "\n".join(rows))):
            (tmp_path / name / f"rows.{ending}").write_text(text)
        assert run(name, "-q", cwd=tmp_path).code == 1
    code, report = diff("a", "b", cwd=tmp_path)
    assert report["changes"] == [] and code == 0


def test_both_ways(tmp_path: Path) -> None:
    """Rows that are added in one direction are removed in the other."""
    rng = random.Random(0)
    images = new_images(rng)
    rows = [new_row(rng, sorted(images)) for _ in range(ROWS)]
    other = edit_images(rng, images)
    checked(tmp_path / "a", rng, rows, images)
    checked(tmp_path / "b", rng, edit_rows(rng, rows, sorted(other)), other)
    one, two = diff("a", "b", cwd=tmp_path)[1], diff("b", "a", cwd=tmp_path)[1]
    for what in ("rows", "images"):
        swapped = dict(two[what], added=two[what]["removed"], removed=two[what]["added"])
        assert one[what] == swapped


# ---- single cases


def small(folder: Path, *rows: Any) -> Path:
    """Make and check a data set of rows without images; rows given as text are written as they are."""
    folder.mkdir()
    texts = [row if isinstance(row, str) else json.dumps(row) for row in rows]
    (folder / "rows.jsonl").write_text("".join(text + "\n" for text in texts))
    assert run(folder, "-q", cwd=folder.parent).code in (0, 1)
    return folder


def talk(text: str = "b", **more: Any) -> Row:
    return {"conversations": [{"from": "human", "value": "a"},
                              {"from": "gpt", "value": text}], **more}


CASES = [
    # rows in a, rows in b, changes with the parts that differ
    ([talk(id=1)], [talk(id="1")], []),
    ([talk(id=1)], [talk("c", id=1)], ["row-changed conversation"]),
    ([talk(id=1)], [talk(id=1, x=1)], ["row-changed other"]),
    ([talk(id=1)], [talk(id=1, image="a.jpg")], ["row-changed images", "image-added"]),
    ([talk(id=1, x=1)], [talk("cc", id=1, image="a.jpg")],
     ["row-changed images conversation other", "image-added"]),
    ([talk(id=1, video="a.mp4")], [talk(id=1, video="b.mp4")], ["row-changed conversation"]),
    ([talk(id=1)], [talk(id=2)], ["row-renamed"]),
    ([talk()], [talk(id=2)], ["row-renamed"]),
    ([talk()], [talk()], []),
    ([talk()], [talk("c")], ["row-added", "row-removed"]),
    ([talk()], [talk(), talk()], ["row-added"]),
    ([talk(id=1), talk(id=1)], [talk(id=1)], ["row-removed"]),
    ([talk(id=1), talk("c", id=1)], [talk(id=1), talk("d", id=1)], ["row-changed conversation"]),
    ([talk("c", id=1), talk("d", id=1)], [talk("e", id=1), talk("f", id=1)],
     ["row-added", "row-added", "row-removed", "row-removed"]),
    ([talk(id=1), talk(id=2)], [talk(id=2), talk(id=1)], []),
    (["[1, 2]", talk()], ["[1, 2]", talk()], []),
    (["[1, 2]", talk()], ["[1, 3]", talk()], ["row-added", "row-removed"]),
    (['{"id": 1, "a": tru}', talk()], ['{"id": 1, "a": tru}', talk()], []),
    (['{"id": 1, "a": tru}', talk()], ['{"id": 1, "a": fals}', talk()],
     ["row-added", "row-removed"]),
    ([talk(id=1, image=None)], [talk(id=1)], ["row-changed other"]),
]


@pytest.mark.parametrize("case", range(len(CASES)))
def test_cases(case: int, tmp_path: Path) -> None:
    a, b, expected = CASES[case]
    small(tmp_path / "a", *a)
    small(tmp_path / "b", *b)
    code, report = diff("a", "b", cwd=tmp_path)
    got = [" ".join([change["change"], *change.get("differs", [])])
           for change in report["changes"]]
    assert got == expected
    assert code == (1 if expected else 0)
    lines = run("diff", "a", "b", "-f", "jsonl", cwd=tmp_path).out.splitlines()
    assert [json.loads(line) for line in lines] == report["changes"]


def test_rows_without_an_id(tmp_path: Path) -> None:
    small(tmp_path / "a", talk(), talk("c", id="kept"))
    small(tmp_path / "b", talk("d"), talk("c"))
    text = run("diff", "a", "b", cwd=tmp_path).out.decode()
    assert re.findall(r"row (\d), (no id)(: was id 'kept')?", text) == [
        ("0", "no id", ""), ("0", "no id", ""), ("1", "no id", ": was id 'kept'")], text


def test_what_was_not_looked_at(tmp_path: Path) -> None:
    rng = random.Random(1)
    rows = [talk(id=1, image="a.png")]
    checked(tmp_path / "a", rng, rows, {"a.png": b"1"})
    checked(tmp_path / "b", rng, rows, {"a.png": b"2"})
    assert diff("a", "b", cwd=tmp_path)[1]["images"]["changed"] == 1
    assert run("b", "-q", "--no-images", cwd=tmp_path).code == 1
    code, report = diff("a", "b", cwd=tmp_path)
    assert code == 0 and report["images"]["unknown"] == 1
    assert b"1 not checked" in run("diff", "a", "b", cwd=tmp_path).out


def test_hostile_names_are_shown_not_obeyed(tmp_path: Path) -> None:
    small(tmp_path / "a", talk(id="\x1b[31m\u202e"), talk(id=2, image="\x1b]0;x\x07.png"))
    small(tmp_path / "b", talk("c", id="\x1b[31m\u202e"))
    done = run("diff", "a", "b", "--color", "never", cwd=tmp_path)
    assert done.code == 1
    text = done.out.decode()
    assert "\x1b" not in text and "\x07" not in text and "\u202e" not in text


def test_versions_are_found_as_report_finds_them(tmp_path: Path) -> None:
    small(tmp_path / "a", talk(id=1))
    small(tmp_path / "b", talk(id=2))
    index = tmp_path / "a/.llava-check"
    for name in ("a", "a/", index, index / "index.mdb"):
        assert run("diff", name, "b", "-q", cwd=tmp_path).code == 1
        assert run("diff", name, "a", "-q", cwd=tmp_path).code == 0
    shutil.copy(index / "index.mdb", tmp_path / "index.mdb")
    assert run("diff", "index.mdb", "a", "-q", cwd=tmp_path).code == 0


@pytest.mark.parametrize("arguments, message", [
    (["a"], "usage: llava-check diff A B"),
    (["a", "a", "a"], "unexpected argument 'a'"),
    (["a", "nothing"], "nothing: no such file or folder"),
    (["new", "a"], "new: no index found"),
    (["a", "bad/index.mdb"], "bad/index.mdb: the index is damaged"),
    (["a", "a", "-f", "stats"], "use one of text, json, jsonl"),
    (["a", "a", "--threads", "2"], "'diff' does not accept --threads"),
])
def test_errors(arguments: list[str], message: str, tmp_path: Path) -> None:
    small(tmp_path / "a", talk(id=1))
    (tmp_path / "new").mkdir()
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad/index.mdb").write_bytes(b"x")
    done = run("diff", *arguments, cwd=tmp_path)
    assert done.code == 2 and done.out == b""
    assert message in done.err


def test_a_full_disk_is_an_error(tmp_path: Path) -> None:
    small(tmp_path / "a", talk(id=1))
    with open("/dev/full", "wb") as full:
        done = run("diff", "a", "a", cwd=tmp_path, stdout=full)
    assert done.code == 2 and "No space left" in done.err
