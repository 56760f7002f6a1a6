"""docs/examples/read_index.py reads an index using only docs/index-format.md, and must find the same as
the JSON report."""

from __future__ import annotations

import json
import re
import shutil
import struct
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any, Iterator

import pytest
import xxhash

from program import FIXTURES, GOOD_JPEG, GOOD_PNG, REPOSITORY, copy_fixture, row, run, write_rows

SCRIPT = REPOSITORY / "docs/examples/read_index.py"
FORMAT = REPOSITORY / "docs/index-format.md"
BAD_STATES = {
    "IMG501": "missing",
    "IMG502": "unreadable",
    "IMG503": "outside",
    "IMG504": "not-an-image",
    "IMG505": "not-an-image",
    "IMG506": "not-an-image",
    "IMG507": "truncated",
    "IMG508": "corrupt",
    "IMG509": "damaged",
    "IMG511": "too-large",
    "IMG518": "unverified",
    "IMG520": "corrupt",
    "IMG521": "unverified",
}

# Line ends in JSON, and in JSON lines, which Python reads with universal newlines
LINE_END = {False: re.compile(rb"\n"), True: re.compile(rb"\r\n|\r|\n")}




def turns(*texts: str) -> list[dict[str, str]]:
    return [{"from": ("human", "gpt")[n % 2], "value": text} for n, text in enumerate(texts)]


def many_rows() -> Iterator[dict[str, Any]]:
    """Yield enough rows for many values in every packed table, with what is rare in fixtures: images and
    ids of hundreds of rows, an id with more rows than fit in a value, long texts."""
    for n in range(3000):
        image = "often.jpg" if n % 4 == 0 else f"own/{n}.jpg" if n % 5 == 1 else None
        answer = "x" * (n % 700) if n % 9 else "中文 " * (n % 30 + 1)
        out = row("shared" if n % 7 == 0 else n, image, answer or "yes")
        out["data_source"] = f"source {n % 11}"
        yield out
    yield row("long " * 2000, ["often.jpg", "deep/b.png", "often.jpg"])
    yield {"id": "video", "video": "v.mp4", "conversations": turns("<image>\nWhat?", "That.")}
    yield {"id": "talk", "conversations": turns(*["word"] * 2500)}
    yield {"id": "text", "conversations": turns("a" * 5000, "b " * 70000)}
    yield {"id": "digits", "conversations": turns("1 + 1?", "2")}
    yield {"id": "cyrillic", "conversations": turns("Что это?", "Кот.")}
    yield {"id": "none"}
    yield {"id": "deep", "image": "./deep/b.png", "conversations": turns("<image>\nWhat?", "B.")}


def make_mixture(folder: Path) -> Path:
    """Make a mixture of two files, one of them twice."""
    (folder / "images/deep").mkdir(parents=True)
    shutil.copy(GOOD_JPEG, folder / "images/often.jpg")
    shutil.copy(GOOD_PNG, folder / "images/deep/b.png")
    shutil.copy(GOOD_PNG, folder / "images/own.png")
    (folder / "images/own").mkdir()
    for n in range(1, 3000, 10):  # the other half of them is missing
        (folder / f"images/own/{n}.jpg").write_text(f"text {n % 2000}")
    write_rows(folder / "many.json", list(many_rows()))
    write_rows(folder / "few.jsonl", [row(f"few{n}", "own.png") for n in range(9)])
    text = "datasets:\n"
    for name, sampling in (("few.jsonl", None), ("many.json", "first:10%"), ("few.jsonl", "end:4")):
        text += f"  - json_path: {name}\n"
        text += f'    sampling_strategy: "{sampling}"\n' if sampling else ""
    (folder / "mixture.yaml").write_text(text)
    return folder / "mixture.yaml"


class Set:
    """A checked data set: its report, and what the script reads."""

    def __init__(self, name: str, scratch: Path) -> None:
        self.folder = scratch / name
        self.index = self.folder / ".llava-check"
        path = self.folder
        if name == "mixture":
            path = make_mixture(self.folder)
            self.index /= path.name
        else:
            copy_fixture(FIXTURES / name, self.folder)
        done = run("check", path, "-f", "json", "--show", "info", cwd=scratch)
        assert done.code == 1
        self.report: dict[str, Any] = json.loads(done.out)

    def read(self, *arguments: str) -> list[dict[str, Any]]:
        done = subprocess.run(
            [sys.executable, SCRIPT, self.index, *arguments], capture_output=True, check=True
        )
        return [json.loads(line) for line in done.stdout.splitlines()]


def script() -> ModuleType:
    """Import the script as a module."""
    sys.path.insert(0, str(SCRIPT.parent))
    try:
        import read_index  # type: ignore[import]
    finally:
        sys.path.pop(0)
    return read_index


@pytest.fixture(scope="module", params=["demo", "rules", "mixture"])
def checked(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Set:
    return Set(request.param, tmp_path_factory.mktemp("checked"))


def test_summary(checked: Set) -> None:
    (summary,) = checked.read("summary")
    report = checked.report
    reported = dict(report["summary"])
    for name in ("complete", "trainer", "withheld", "listed"):
        del reported[name]  # not in the index
    assert {name: summary[name] for name in reported} == reported
    assert len(reported) == 17
    assert summary["tool"] == report["tool"]["version"]
    assert summary["dataset"] == report["dataset"]["path"]
    assert summary["image_root"] == report["dataset"]["image_root"]
    assert summary["rows_files"] == len(report["dataset"]["rows_files"])


def test_files_and_rows(checked: Set) -> None:
    files = checked.read("files")
    rows = checked.read("rows")
    assert [f["name"] for f in files] == checked.report["dataset"]["rows_files"]
    numbers = [
        {key: f[key] for key in ("name", "rows", "dialect", "sampled")}
        | ({"sampling_strategy": f["sampling"]} if f["sampling"] else {})
        for f in files
    ]
    assert numbers == checked.report["dataset"]["files"]
    assert [r["number"] for r in rows] == list(range(checked.report["summary"]["rows"]))
    assert rows[7:9] == checked.read("rows", "7", "8")
    assert rows[-1:] == checked.read("rows", str(len(rows) - 1))
    for name in ("turns", "words", "characters"):
        assert sum(r[name] for r in rows) == checked.report["summary"][name]
    misnamed = {
        finding["file"] for finding in checked.report["findings"]
        if finding["rule"] == "JSN103" and finding["case"] in ("array", "json-lines")
    }
    for file in files:
        path = checked.folder / file["name"]
        text = path.read_bytes()
        assert (file["size"], file["mtime_ns"]) == (len(text), path.stat().st_mtime_ns)
        assert file["inode"] == path.stat().st_ino
        assert file["lines"] == ((path.suffix == ".jsonl") != (file["name"] in misnamed))
        own = rows[file["first_row"] : file["first_row"] + file["rows"]]
        assert [r["row"] for r in own] == list(range(file["rows"]))
        for row in own:
            assert row["file"] == file["name"]
            ends = [end.end() for end in LINE_END[file["lines"]].finditer(text, 0, row["offset"])]
            assert row["line"] == len(ends) + 1
            line = text[ends[-1] if ends else 0 : row["offset"]]
            if row["line"] == 1:
                line = line.removeprefix(b"\xef\xbb\xbf")
            assert row["column"] == sum(not 0x80 <= byte <= 0xBF for byte in line) + 1
            if row["readable"]:
                check_row(row, text[row["offset"] : row["offset"] + row["size"]], file["dialect"])


def check_row(row: dict[str, Any], text: bytes, dialect: str) -> None:
    """Compare a row of the index with its own text."""
    data = json.loads(text.decode("utf-8", "surrogateescape"))
    if not isinstance(data, dict):
        return
    if ("messages" in data or "chosen" in data) and (dialect == "messages" or "conversations" not in data):
        return  # another dialect: tests/unit/test_dialects.c
    for key, named in (("image", row["images"]), ("video", [None] * row["videos"])):
        paths = data.get(key + "s" if dialect == "sharegpt" else key)
        paths = [paths] if isinstance(paths, str) else paths
        if not isinstance(paths, list) or not all(isinstance(p, str) and p.strip() for p in paths):
            paths = []
        assert len(named) == len(paths)
        assert key == "video" or named == paths
    if isinstance(data.get("id"), (str, int)) and not isinstance(data["id"], bool) and row["id"]:
        assert row["id"] == str(data["id"])
    conversation = data.get("conversations")
    if isinstance(conversation, list):
        assert row["turns"] == len(conversation)
        # a row that does not fit the dialect of its file is read in its own
        key = "content" if row["dialect"] and "content" in conversation[0] else "value"
        values = [turn.get(key) for turn in conversation if isinstance(turn, dict)]
        if key == "content":
            values = [part.get("text") for value in values if isinstance(value, list) for part in value] + values
        texts = [value for value in values if isinstance(value, str)]
        assert row["words"] == sum(len(text.split()) for text in texts)
        assert row["characters"] == sum(len(text) for text in texts)


def test_rows_that_are_the_same(checked: Set) -> None:
    """content and whole of rows agree with ROW210."""
    seen: set[str] = set()
    twins = set()
    for row in checked.read("rows"):
        if row["whole"] and row["content"] in seen:
            twins.add((row["file"], row["line"], row["row"]))
        if row["whole"]:
            assert row["readable"]
            seen.add(row["content"])
    found = [f for f in checked.report["findings"] if f["rule"] == "ROW210"]
    assert twins == {(f["file"], f["line"], f["row"]) for f in found}


def test_statistics(checked: Set) -> None:
    (statistics,) = checked.read("statistics")
    assert statistics == checked.report["statistics"]
    assert len(statistics) == 8
    rows = [r for r in checked.read("rows") if r["readable"]]
    for script_name in ("latin", "han", "other"):
        count = sum(r["script"] == script_name for r in rows)
        assert statistics["rows_by_script"][script_name] == count
    assert statistics["rows_by_images"]["one"] == sum(len(r["images"]) == 1 for r in rows)
    assert statistics["rows_by_images"]["several"] == sum(len(r["images"]) > 1 for r in rows)
    for total, name in (("words_per_row", "words"), ("characters_per_row", "characters")):
        assert statistics[total]["most"] == max(r[name] for r in rows)
        for first, last, count in statistics[total]["histogram"]:
            if first > 0:  # some of the rows without turns have no list of turns
                assert count == sum(first <= r[name] <= last for r in rows)


def test_mixture(checked: Set) -> None:
    mixture = checked.read("mixture")
    for kind, shares in checked.report["mixture"].items():
        own = [share for share in mixture if share["kind"] == kind]
        assert [share["rank"] for share in own] == list(range(len(shares)))
        names = ("name", "rows", "images", "rounds", "words")
        assert [{name: share[name] for name in names} for share in own] == shares
        rows = [r for r in checked.read("rows") if r["readable"]]
        objects = sum(checked.report["statistics"]["rows_by_images"].values())
        assert sum(share["rows"] for share in own) == objects <= len(rows)
        assert sum(share["images"] for share in own) == sum(len(r["images"]) for r in rows)
        assert sum(share["rounds"] for share in own) == sum(r["turns"] // 2 for r in rows)
    assert {share["kind"] for share in mixture} == {"data_source", "folder"}


def test_histogram() -> None:
    """Test the last bucket, which no data set fills."""
    buckets = [0] * 41
    buckets[0], buckets[1], buckets[3], buckets[39], buckets[40] = 2, 3, 1, 4, 1
    ours = script().histogram((11, 2**40 + 9, 2**40, *buckets))
    assert ours == {
        "count": 11,
        "sum": 2**40 + 9,
        "mean": round((2**40 + 9) / 11, 3),
        "most": 2**40,
        "histogram": [[0, 0, 2], [1, 1, 3], [4, 7, 1], [2**38, 2**39 - 1, 4], [2**39, 2**40, 1]],
    }
    with pytest.raises(ValueError):
        script().histogram((0,) * 43)


def test_images(checked: Set) -> None:
    images = {image["path"]: image for image in checked.read("images")}
    summary = checked.report["summary"]
    root = checked.folder / checked.report["dataset"]["image_root"]
    assert len(images) == summary["images_referenced"]
    assert list(images) == sorted(images, key=str.encode)
    assert sum(i["state"] == "ok" for i in images.values()) == summary["images_ok"]
    hashed = 0
    for path, image in images.items():
        assert image["uses"] == len(image["rows"]) > 0
        if not image["format"]:  # it was not read
            assert image["content"] == "0" * 32
            continue
        data, stat = (root / path).read_bytes(), (root / path).stat()
        assert image["content"] == xxhash.xxh3_128(data).hexdigest(), path
        assert image["size"] == len(data) and image["inode"] == stat.st_ino
        assert image["mtime_ns"] == stat.st_mtime_ns and image["ctime_ns"] == stat.st_ctime_ns
        assert image["device"] == stat.st_dev
        hashed += 1
    assert hashed == summary["images"]
    findings = [f for f in checked.report["findings"] if f["severity"] == "error" or f["rule"] == "IMG521"]
    verdicts = {f["image"]: BAD_STATES[f["rule"]] for f in findings if f["rule"] in BAD_STATES and "image" in f}
    bad = {image["path"]: image["state"] for image in checked.read("bad")}
    assert bad == verdicts and len(bad) >= 8


def test_image_statistics(checked: Set) -> None:
    """The report's numbers about images match the records."""
    images, reported = list(checked.read("images")), checked.report["image_statistics"]
    for verdict, count in reported["by_verdict"].items():
        assert count == sum(image["state"] == verdict for image in images), verdict
    for key, field in (("by_format", "format"), ("by_mode", "mode"), ("by_depth", "depth")):
        own: dict[str, list[int]] = {}
        for image in images:
            if image[field]:
                own.setdefault(str(image[field]), []).append(image["size"])
        assert {kind["name"]: (kind["images"], kind["bytes"]) for kind in reported[key]} == {
            name: (len(sizes), sum(sizes)) for name, sizes in own.items()
        }
    sized = [image for image in images if image["width"] and image["height"]]
    assert reported["width"]["sum"] == sum(image["width"] for image in sized)
    assert reported["height"]["most"] == max(image["height"] for image in sized)
    assert reported["pixels"]["sum"] == sum(i["width"] * i["height"] for i in sized)
    assert reported["turned"] == sum(2 <= image["orientation"] <= 8 for image in images)
    assert reported["animated"] == sum(image["frames"] > 1 for image in images)
    assert reported["trailing"] == sum(image["trailing"] > 0 for image in images)
    assert reported["blank"] == sum(image["blank"] for image in images)


def test_findings(checked: Set) -> None:
    """The same findings in the same order, with the same fields."""
    rows = checked.read("rows")
    found = checked.read("findings")
    wanted = checked.report["findings"]
    assert len(found) == len(wanted) == sum(checked.report["summary"]["by_rule"].values())
    for ours, reported in zip(found, wanted):
        kind = ours.pop("kind")
        reported = dict(reported)
        del reported["name"], reported["effect"]  # these come from the rule and from the trainer
        reported.pop("fix", None)  # of the rule
        if kind == "row":
            assert ours == reported
            continue
        users = reported.pop("rows", {"count": 0})  # a folder is of no row
        if kind == "image":
            numbers = ours.pop("rows")
            assert users["count"] == len(numbers)
            first = [{k: rows[n][k] for k in ("file", "row", "line", "id") if rows[n][k] != ""} for n in numbers[:3]]
            assert users["first"] == first
        else:
            assert users["count"] == ours.pop("row_count")
        assert ours == reported


def test_look_ups(checked: Set) -> None:
    """Every look-up finds the right entries, and duplicates are those of the files."""
    index = script().Index(checked.index)
    rows, images = checked.read("rows"), checked.read("images")
    by_id: dict[str, list[int]] = {}
    by_content: dict[str, list[int]] = {}
    users: dict[str, list[int]] = {}
    for row in rows:
        if row["id"]:
            by_id.setdefault(row["id"], []).append(row["number"])
        for path in dict.fromkeys(row["images"]):
            users.setdefault(path, []).append(row["number"])
    assert sum(map(len, by_id.values())) > 30
    for ident, numbers in by_id.items():
        assert index.values("by_id", xxhash.xxh3_128(ident.encode()).digest()) == numbers
    for image in images:
        path = xxhash.xxh3_128(image["path"].encode()).digest()
        assert index.values("by_path", path) == [image["number"]]
        assert image["rows"] == users[image["path"]]
        if image["format"]:
            by_content.setdefault(image["content"], []).append(image["number"])
    for content, numbers in by_content.items():
        assert index.values("by_content", bytes.fromhex(content)) == numbers
    groups = {group["content"]: group["paths"] for group in checked.read("duplicates")}
    assert groups == {
        content: [images[n]["path"] for n in numbers]
        for content, numbers in by_content.items()
        if len(numbers) > 1
    }
    root = checked.folder / checked.report["dataset"]["image_root"]
    for same in groups.values():
        assert len({(root / path).read_bytes() for path in same}) == 1


def test_look_ups_of_nothing(checked: Set) -> None:
    """Missing keys are not found: before the first entry, after the last and between."""
    index = script().Index(checked.index)
    for table in ("by_id", "by_path", "by_content"):
        for wanted in (bytes(16), b"\x80" * 16, b"\xff" * 16):
            assert index.values(table, wanted) == []
    assert index.values("image_rows", b"\xff" * 4) == []
    rows = checked.report["summary"]["rows"]
    assert index.record("rows", rows) is None and index.record("row_images", 2**64 - 1) is None
    for row in checked.read("rows"):
        assert (index.record("row_images", row["number"]) is None) == (not row["images"])


def test_packed_tables(checked: Set) -> None:
    """Keys, order and entries of the packed tables are as described."""
    read_index = script()
    index = read_index.Index(checked.index)
    values = dict.fromkeys([*read_index.ENTRY, "rows", "row_images"], 0)
    for table, size in read_index.ENTRY.items():
        last = b""
        for key, value in index.pairs(table):
            entries = read_index.list_of_entries(value, size)
            assert key == entries[0] and entries == sorted(set(entries)) and entries[0] > last
            last = entries[-1]
            values[table] += 1
    for table in ("rows", "row_images"):
        before = -1
        for key, value in index.pairs(table):
            numbers = [number for number, _ in read_index.list_of_records(value)]
            assert key == numbers[0].to_bytes(8, "big")
            assert numbers == sorted(set(numbers)) and numbers[0] > before
            before = numbers[-1]
            values[table] += 1
    if checked.folder.name == "mixture":  # entries spread over several values were read
        assert min(values.values()) > 1, values
        assert max(image["uses"] for image in checked.read("images")) > 2 * 1960 / 12
        assert max(len(row["id"]) for row in checked.read("rows")) == 10000


def test_keys_of_findings(checked: Set) -> None:
    read_index = script()
    index = read_index.Index(checked.index)
    orders: dict[int, str] = {}
    running = []
    for key, value in index.pairs("findings"):
        finding = read_index.decode(read_index.FINDING, value)
        assert len(key) == 23
        kind, subject, row, order, count = struct.unpack(">BIQHQ", key)
        assert kind == finding["kind"]
        assert subject == {1: finding["file"], 2: finding["image"], 3: 0}[kind]
        if kind != 1:
            assert row == 0
        elif finding["row"] < 0:
            assert row in (0, 2**64 - 1)
        else:
            assert row == finding["row"] + 1
        assert orders.setdefault(order, finding["rule"]) == finding["rule"]
        running.append(count)
    assert sorted(running) == list(range(len(running)))
    rules = run("rules", cwd=checked.folder).out.decode()
    codes = [line.split()[0] for line in rules.splitlines() if line[:1].isupper()]
    assert {order: codes[order] for order in orders} == orders


def test_images_that_were_not_looked_at(tmp_path: Path) -> None:
    copy_fixture(FIXTURES / "demo", tmp_path / "demo")
    run("check", "demo", "--no-images", "-q", cwd=tmp_path)
    index = script().Index(tmp_path / "demo/.llava-check")
    images = list(index.images())
    assert {image["state"] for image in images} == {"not-looked-at"}
    assert index.summary()["images_skipped"] == len(images) > 30
    assert index.values("by_content", bytes(16)) == [] and list(index.duplicates()) == []


def test_where_the_index_of_several_paths_is(tmp_path: Path) -> None:
    """The name of its folder follows from the documentation."""
    write_rows(tmp_path / "a.json", [row("a", None)])
    for n in (1, 2):
        write_rows(tmp_path / f"part{n}.json", [row(f"p{n}", None)])
    pattern = "part{1,2}.json"
    for paths in (["a.json", pattern], [pattern, "a.json"], ["a.json", "part1.json", "part2.json"]):
        real = [path if path == pattern else str((tmp_path / path).resolve()) for path in paths]
        digits = xxhash.xxh3_128(b"".join(path.encode() + b"\0" for path in real)).hexdigest()
        assert run("check", *paths, "-q", cwd=tmp_path).code == 0
        index = tmp_path / ".llava-check" / f"{paths[0]}+{len(paths) - 1}-{digits[:8]}"
        name = script().Index(index).summary()["dataset"]
        assert name == f"{paths[0]} and {len(paths) - 1} more"
    assert run("check", pattern, "-q", cwd=tmp_path).code == 0
    assert script().Index(tmp_path / ".llava-check" / pattern).summary()["rows"] == 2


def test_the_description_names_every_field() -> None:
    read_index = script()
    described = FORMAT.read_text(encoding="utf-8")
    records = [read_index.FILE, read_index.ROW, read_index.IMAGE, read_index.FINDING]
    records.append(read_index.SHARE)
    names = [field.split(":")[0] for record in records for field in record.split()]
    names += read_index.SUMMARY + read_index.STATES + read_index.SEVERITIES + read_index.SHARES
    names += read_index.COUNTS[:4] + list(read_index.HISTOGRAMS)
    assert len(names) == 131
    missing = [name for name in names if f"`{name}`" not in described]
    assert not missing


def test_wrong_use() -> None:
    for arguments in ([], ["index"], ["index", "nothing"]):
        done = subprocess.run([sys.executable, SCRIPT, *arguments], capture_output=True)
        assert done.returncode != 0
