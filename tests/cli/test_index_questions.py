"""llava-check index get, images, duplicates, findings, dump and check print what
docs/examples/read_index.py reads in the same index."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import shutil
import struct
from collections import Counter
from pathlib import Path
from typing import Any

import lmdb
import pytest

from ci_runners import hidden
from forge import edited, of_no_rule, read_leb128
from program import DEMO, GOOD_PNG, assert_complaint, make_small, run, write_rows, row
from report_readers import read_cell
from test_index_script import Set

LAST = "mixture"  # the set with duplicates and shared ids


@pytest.fixture(scope="module", params=["demo", "rules", LAST])
def checked(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Set:
    return Set(request.param, tmp_path_factory.mktemp("asked"))


def ask(checked: Set, *words: str) -> bytes:
    done = run("index", words[0], *words[1:], cwd=checked.folder)
    assert (done.code, done.err) == (0, "")
    return done.out


def lines(checked: Set, *words: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in ask(checked, *words, "-f", "jsonl").splitlines()]


def table(checked: Set, *words: str) -> list[dict[str, str]]:
    """Read CSV strictly with Python; all lines must have the same number of columns."""
    text = ask(checked, *words, "-f", "csv").decode()
    rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    assert {len(r) for r in rows} == {len(rows[0])}
    assert not hidden(text)
    return [dict(zip(rows[0], map(read_cell, r))) for r in rows[1:]]


def cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return json.dumps(value, separators=(",", ":"))
    return str(value)


def assert_same_csv(records: list[dict[str, Any]], cells: list[dict[str, str]]) -> None:
    assert len(records) == len(cells)
    for record, line in zip(records, cells):
        got = {name: value for name, value in line.items() if name != "images"}
        assert got == {name: cell(record.get(name)) for name in got}
        if "images" in line:
            assert json.loads(line["images"]) == record["images"]
        assert set(record) <= set(line)


def test_rows(checked: Set) -> None:
    dumped, read = lines(checked, "dump", "rows", checked.index), checked.read("rows")
    assert len(dumped) > 40
    bad = {image["path"] for image in checked.read("images") if image["faulty"]}
    blamed = {(f["file"], f.get("row")) for f in lines(checked, "findings", checked.index) if
              f["kind"] == "row" and f["severity"] == "error"}
    for got, wanted in zip(dumped, read, strict=True):
        absent = {"id": "", "script": "", "data_source": "", "content": "0" * 32}
        wanted = {k: v for k, v in wanted.items() if absent.get(k) != v and k not in ("question", "answer", "traits", "dialect")}
        wanted["faulty"] |= any(image in bad for image in wanted["images"])
        wanted["faulty"] |= (wanted["file"], wanted["row"]) in blamed
        assert got == wanted
    assert_same_csv(dumped, table(checked, "dump", "rows", checked.index))
    assert json.loads(ask(checked, "dump", "rows", checked.index, "-f", "json")) == dumped


def test_files(checked: Set) -> None:
    dumped, read = lines(checked, "dump", "files", checked.index), checked.read("files")
    assert dumped == [{k: v for k, v in f.items() if k not in ("names", "strays") and (k != "sampling" or v)} for f in read]
    assert_same_csv(dumped, table(checked, "dump", "files", checked.index))


def expected_image(image: dict[str, Any]) -> dict[str, Any]:
    """Convert what read_index.py reads about an image to the form of the answers."""
    out = {**image, "verdict": image["state"], "rows": len(image["rows"])}
    assert image["archive"] == 0  # the images are files
    out["archive"] = ""
    for name in ("state", "uses", "content_kind", "metadata_too_large", "transparent", "lenient"):
        del out[name]
    if not image["width"] or not image["height"]:
        del out["width"], out["height"]
    else:
        out["pixels"] = image["width"] * image["height"]
    if out["content"] == "0" * 32:
        del out["content"]
    if not image["inode"] and not image["size"]:
        del out["size"]
    return out


def test_images(checked: Set) -> None:
    dumped = lines(checked, "dump", "images", checked.index)
    assert len(dumped) > 30
    assert dumped == [expected_image(image) for image in checked.read("images")]
    assert dumped == lines(checked, "images", checked.index)
    assert_same_csv(dumped, table(checked, "images", checked.index))
    text = ask(checked, "images", checked.index).decode().splitlines()
    assert len(text) == len(dumped) + 3
    for line, image in zip(text[1:], dumped):
        assert line.startswith(image["verdict"] + " ") and read_cell(line).endswith(image["path"])


CONDITIONS = {
    "verdict=ok": lambda i: i["verdict"] == "ok",
    "verdict!=ok": lambda i: i["verdict"] != "ok",
    "format=jpeg": lambda i: i["format"] == "jpeg",
    "width<300": lambda i: i.get("width", 300) < 300,
    "height >= 240": lambda i: i.get("height", 0) >= 240,
    "size>1K": lambda i: i.get("size", 0) > 1024,
    "size<=1K": lambda i: i.get("size", 9999) <= 1024,
    "pixels>=2K": lambda i: i.get("pixels", 0) >= 2048,
    "rows>1": lambda i: i["rows"] > 1,
    "blank": lambda i: i["blank"],
    "!blank": lambda i: not i["blank"],
    "faulty=yes": lambda i: i["faulty"],
    "path~a": lambda i: "a" in i["path"],
    "path!~a": lambda i: "a" not in i["path"],
    "mode=RGB": lambda i: i["mode"] == "RGB",
}


@pytest.mark.parametrize("condition", CONDITIONS)
def test_where(checked: Set, condition: str) -> None:
    images = lines(checked, "images", checked.index)
    wanted = [image for image in images if CONDITIONS[condition](image)]
    assert lines(checked, "images", checked.index, "--where", condition) == wanted
    both = [image for image in wanted if image["verdict"] == "ok"]
    asked = lines(checked, "images", checked.index, "-w", condition, "-w", "verdict=ok")
    assert asked == both


@pytest.mark.parametrize("checked", ["rules"], indirect=True)
def test_conditions_are_distinguished(checked: Set) -> None:
    """In this set, every condition is true for some images and false for others."""
    images = lines(checked, "images", checked.index)
    held = {c: sum(map(bool, map(holds, images))) for c, holds in CONDITIONS.items()}
    assert [c for c, count in held.items() if not 0 < count < len(images)] == []


# Conditions on rows, in Python; f are the row's findings, e is its effect in the report.
EFFECTS = ["fine", "unknown", "altered", "dropped", "replaced", "crash", "refused"]
LEVELS = ["info", "warning", "error"]
ROW_CONDITIONS = {
    "effect=fine": lambda r, f, e: e == "fine",
    "effect>=replaced": lambda r, f, e: EFFECTS.index(e) >= EFFECTS.index("replaced"),
    "effect<altered": lambda r, f, e: e in ("fine", "unknown"),
    "rule=IMG501": lambda r, f, e: any(x["rule"] == "IMG501" for x in f),
    "rule=image-missing": lambda r, f, e: any(x["rule"] == "IMG501" for x in f),
    "rule!=IMG501": lambda r, f, e: all(x["rule"] != "IMG501" for x in f),
    "rule~IMG": lambda r, f, e: any("IMG" in x["rule"] for x in f),
    "rule!~CNV": lambda r, f, e: all("CNV" not in x["rule"] for x in f),
    "case~e": lambda r, f, e: any("e" in x.get("case", "") for x in f),
    "level=error": lambda r, f, e: any(x["severity"] == "error" for x in f),
    "level>=warning": lambda r, f, e: any(x["severity"] != "info" for x in f),
    "level!=info": lambda r, f, e: all(x["severity"] != "info" for x in f),
    "message~image": lambda r, f, e: any("image" in x["message"] for x in f),
    "images>0": lambda r, f, e: len(r["images"]) > 0,
    "images=0": lambda r, f, e: not r["images"],
    "image~.jpg": lambda r, f, e: any(".jpg" in i for i in r["images"]),
    "image!~.jpg": lambda r, f, e: not any(".jpg" in i for i in r["images"]),
    "turns=2": lambda r, f, e: r["turns"] == 2,
    "rounds>=2": lambda r, f, e: r["turns"] // 2 >= 2,
    "words<9": lambda r, f, e: r["words"] < 9,
    "characters>40": lambda r, f, e: r["characters"] > 40,
    "faulty": lambda r, f, e: r["faulty"],
    "!readable": lambda r, f, e: not r["readable"],
    "script=latin": lambda r, f, e: r.get("script") == "latin",
    "id~1": lambda r, f, e: "1" in r.get("id", ""),
    "line>20": lambda r, f, e: r["line"] > 20,
    "dialect=llava": lambda r, f, e: r["dialect"] == "llava",
    "data_source!=dvqa": lambda r, f, e: r.get("data_source") != "dvqa",
}


class Rows:
    """The rows of a set, with the answers of other questions and the report about them."""

    def __init__(self, checked: Set) -> None:
        self.rows = lines(checked, "dump", "rows", checked.index)
        dialects = {f["name"]: f["dialect"] for f in lines(checked, "dump", "files", checked.index)}
        self.findings = {r["number"]: [] for r in self.rows}
        by_place, by_image, by_id = {}, {}, {}
        for r in self.rows:
            r["dialect"] = dialects[r["file"]]
            by_place[r["file"], r["row"]] = r["number"]
            by_id.setdefault(r.get("id"), []).append(r["number"])
            for image in set(r["images"]):
                by_image.setdefault(image, []).append(r["number"])
        for f in lines(checked, "dump", "findings", checked.index):
            about = ([by_place[f["file"], f["row"]]] if f["kind"] == "row" and "row" in f else
                     by_image[f["image"]] if f["kind"] == "image" else by_id[f["id"]] if f.get("id") else [])
            for number in about if f["kind"] != "row" or "row" in f else []:
                self.findings[number].append(f)
        self.by_place = by_place
        places = Counter((r["file"], r["row"]) for r in self.rows)  # a mixture may name a file twice
        self.told_apart = {r["number"] for r in self.rows if places[r["file"], r["row"]] == 1}

    def effects(self, checked: Set, trainer: str) -> dict[int, str]:
        done = run("report", checked.index, "-f", "json", "-t", trainer, "--exit-zero", cwd=checked.folder)
        found = {self.by_place[e["file"], e["row"]]: e["effect"] for e in json.loads(done.out)["effects"]}
        return {r["number"]: found.get(r["number"], "fine") for r in self.rows}


@pytest.fixture(scope="module")
def known(checked: Set) -> Rows:
    return Rows(checked)


@pytest.mark.parametrize("trainer", ["llava-next", "llama-factory"])
def test_row_conditions(trainer: str, checked: Set, known: Rows) -> None:
    """Each condition alone, and each with two others."""
    effects = known.effects(checked, trainer)
    sets = {c: {r["number"] for r in known.rows if holds(r, known.findings[r["number"]], effects[r["number"]])}
            for c, holds in ROW_CONDITIONS.items()}
    if checked.folder.name == "rules" and trainer == "llava-next":
        assert [c for c, held in sets.items() if not 0 < len(held) < len(known.rows) and c not in ("dialect=llava", "data_source!=dvqa")] == []
    apart = ("rule=", "rule~", "case", "level=", "level>", "message")  # one finding must meet all of these
    for number, condition in enumerate(list(ROW_CONDITIONS)[trainer == "llava-next"::2]):
        others = [c for c in list(ROW_CONDITIONS)[number + 3::9] if not (c.startswith(apart) and condition.startswith(apart))]
        for more in ([], others[:1])[number % 2:]:
            asked = [word for c in (condition, *more) for word in ("-w", c)]
            got = lines(checked, "rows", checked.index, "-t", trainer, *asked)
            wanted = set.intersection(sets[condition], *(sets[c] for c in more))
            got = [r for r in got if r["number"] in known.told_apart]
            assert [r["number"] for r in got] == sorted(wanted & known.told_apart), asked
            assert got == [{k: v for k, v in known.rows[r["number"]].items() if k != "dialect"} for r in got]


def test_one_finding_meets_all_conditions(checked: Set, known: Rows) -> None:
    pairs = {(f["rule"], f["severity"]) for found in known.findings.values() for f in found}
    assert len(pairs) > 5
    for rule in sorted({rule for rule, _ in pairs})[::3]:
        for level in LEVELS:
            got = lines(checked, "rows", checked.index, "-w", f"rule={rule}", "-w", f"level={level}")
            assert [r["number"] for r in got if r["number"] in known.told_apart] == [
                n for n, found in known.findings.items() if n in known.told_apart and
                any((f["rule"], f["severity"]) == (rule, level) for f in found)]


def test_places_of_rows(checked: Set, known: Rows) -> None:
    """ids are JSON, lines can be opened in an editor, offsets give slices of the file."""
    asked = ["rows", checked.index, "-w", "effect!=fine"]
    rows = lines(checked, *asked)
    assert len(rows) > 5
    ids = [json.loads(line) for line in ask(checked, *asked, "-f", "ids").splitlines()]
    assert ids == [r.get("id") for r in rows]
    places = ask(checked, *asked, "-f", "lines").decode().splitlines()
    assert [(read_cell(p.rpartition(":")[0]), int(p.rpartition(":")[2])) for p in places] == [
        (r["file"], r["line"]) for r in rows]
    offsets = [line.split(" ", 2) for line in ask(checked, *asked, "-f", "offsets").decode().splitlines()]
    assert [(int(o), int(s), read_cell(name)) for o, s, name in offsets] == [
        (r["offset"], r["size"], r["file"]) for r in rows]
    text = ask(checked, *asked).decode().splitlines()
    assert len(text) == len(rows) + 3 and text[-1] == f"{len(rows)} of {len(known.rows):,} rows"
    some = [r["id"] for r in rows if re.fullmatch(r"\w+", r.get("id", ""))][:3]
    for name in ("ids", "lines", "offsets"):
        found = ask(checked, "get", checked.index, *some, "-f", name).splitlines()
        assert len(found) == sum(r.get("id") == i for i in some for r in known.rows)


def test_the_source_of_rows(tmp_path: Path) -> None:
    """Each is on one line, safe to print, and equal to what Python reads; rows that are not JSON are strings."""
    make_small(tmp_path / "set")
    rows = [row("x\u202e\x1b[1m", "a.jpg"), row("::error::##[group]", None), {**row("y", None), "n": [1, {"a": "\t"}]}]
    text = json.dumps(rows, indent=2, ensure_ascii=False).replace("\n", "\r\n\t")
    (tmp_path / "set/rows.json").write_text(text, newline="")
    (tmp_path / "set/bad.jsonl").write_bytes(json.dumps(rows[1]).encode() + b'\n{"id": "\xff::warning::"}\n{"id": 1\n')
    assert run("set", "-q", "--images", "set/images", cwd=tmp_path).code == 1
    out = run("index", "rows", "set", "-f", "source", cwd=tmp_path).out.decode()
    assert not hidden(out) and "::" not in out and "##[" not in out
    got = [json.loads(line) for line in out.splitlines()]
    assert got[0] == rows[1] and got[3:] == rows
    assert [line.encode("utf-8", "surrogateescape") for line in got[1:3]] == [b'{"id": "\xff::warning::"}', b'{"id": 1']
    assert_complaint(run("index", "rows", "set/.llava-check", "-f", "source", cwd=tmp_path), "name the data set, not its index")
    with (tmp_path / "set/bad.jsonl").open("a") as file:
        file.write("\n")
    assert_complaint(run("index", "rows", "set", "-f", "source", cwd=tmp_path), "bad.jsonl changed since it was checked")


def test_places_are_found_from_where_one_is(tmp_path: Path) -> None:
    """File names can be opened from the working folder; slices are rows. Names and ids may be anything."""
    name = "a b\n::error:: \\x41 7:8.jsonl"
    rows = [row(i, "a.jpg") for i in ("x", "two\nlines\n", "\x00\x1b[1m", '"', "é\u2028", "7")] + [row(7, None)]
    make_small(tmp_path / "set")
    os.unlink(next((tmp_path / "set").glob("*.json")))
    write_rows(tmp_path / "set" / name, rows)
    run("set", "-q", cwd=tmp_path)
    found = {f: run("index", "rows", "set", "-f", f, cwd=tmp_path).out for f in ("ids", "lines", "offsets")}
    assert {text.count(b"\n") for text in found.values()} == {len(rows)}
    assert [json.loads(i) for i in found["ids"].splitlines()] == [str(r["id"]) for r in rows]
    for place, slot, wanted in zip(found["lines"].decode().splitlines(), found["offsets"].decode().splitlines(), rows, strict=True):
        offset, size, path = slot.split(" ", 2)
        data = (tmp_path / read_cell(path)).read_bytes()
        assert json.loads(data[int(offset):int(offset) + int(size)]) == wanted
        assert place.rpartition(":")[0] == path
        assert json.loads(data.splitlines()[int(place.rpartition(":")[2]) - 1]) == wanted


def test_duplicates(checked: Set) -> None:
    groups = lines(checked, "duplicates", checked.index)
    read = {g["content"]: g["paths"] for g in checked.read("duplicates")}
    assert {g["content"]: g["paths"] for g in groups} == read
    assert [g["files"] for g in groups] == [len(g["paths"]) for g in groups]
    order = [(-g["files"], -g["size"], g["paths"][0].encode()) for g in groups]
    assert order == sorted(order)
    assert [g["group"] for g in groups] == list(range(len(groups)))
    assert json.loads(ask(checked, "duplicates", checked.index, "-f", "json")) == groups
    cells = table(checked, "duplicates", checked.index) if groups else []
    assert [c["path"] for c in cells] == [p for g in groups for p in g["paths"]]
    text = ask(checked, "duplicates", checked.index).decode()
    shown = [read_cell(line[2:]) for line in text.splitlines() if line.startswith("  ")]
    assert shown == [c["path"] for c in cells]
    if checked.index.name == "mixture.yaml":
        assert len(groups) > 10


def test_findings(checked: Set) -> None:
    dumped = lines(checked, "dump", "findings", checked.index)
    read = checked.read("findings")
    assert len(dumped) > 10
    for got, wanted in zip(dumped, read, strict=True):
        if "rows" in wanted:
            wanted["row_count"] = len(wanted.pop("rows"))
        got = dict(got)
        assert got.pop("name")
        assert got == wanted
    assert_same_csv(dumped, table(checked, "dump", "findings", checked.index))
    usual = [f for f in dumped if f["severity"] != "info"]
    assert lines(checked, "findings", checked.index) == usual
    assert lines(checked, "findings", checked.index, "--show", "info") == dumped
    for code in sorted({f["rule"] for f in dumped}):
        of_rule = [f for f in dumped if f["rule"] == code]
        assert lines(checked, "findings", checked.index, "--rule", code) == of_rule
    text = ask(checked, "findings", checked.index).decode().splitlines()
    assert [line.split()[:2] for line in text[:-2]] == [[f["severity"], f["rule"]] for f in usual]


def test_get(checked: Set) -> None:
    rows, images = checked.read("rows"), lines(checked, "images", checked.index)
    findings = lines(checked, "dump", "findings", checked.index)
    by_path = {image["path"]: image for image in images}
    known = [r["id"] for r in rows if re.fullmatch(r"\w.{0,999}", r["id"])]
    ids = list(dict.fromkeys(known))[-60:]
    if "shared" in known:
        ids.append("shared")
    assert len(ids) > 10
    got = lines(checked, "get", checked.index, *ids)
    wanted = [r for i in ids for r in rows if r["id"] == i]
    assert [g["number"] for g in got] == [r["number"] for r in wanted]
    for found, read in zip(got, wanted):
        place = (read["file"], read["row"])
        own = [f for f in findings if (f.get("file"), f.get("row")) == place]
        own += [f for f in findings if f["kind"] == "set" and f.get("id") == read["id"]]
        assert found["findings"] == own
        assert found["offset"] == read["offset"]
        assert [i["path"] for i in found["images"]] == read["images"]
        for image in found["images"]:
            about = [f for f in findings if f.get("image") == image["path"]]
            assert image == {**by_path[image["path"]], "findings": about}
    assert json.loads(ask(checked, "get", checked.index, "-f", "json", *ids)) == got
    text = ask(checked, "get", checked.index, *ids).decode()
    assert text.count("\n\n") == len(got) - 1


def test_times_before_1970(tmp_path: Path) -> None:
    make_small(tmp_path / "set")
    os.utime(tmp_path / "set/images/a.jpg", ns=(-1_500_000_001, -1_500_000_001))
    assert run("set", "-q", cwd=tmp_path).code == 0
    images = json.loads(run("index", "images", "set", "-f", "json", cwd=tmp_path).out)
    assert images[0]["mtime_ns"] == -1_500_000_001


def test_unknown_ids(tmp_path: Path) -> None:
    assert run(DEMO, "-q", "--index", "index", cwd=tmp_path).code == 1
    done = run("index", "get", "index", "nobody", "000000033471", "-f", "json", cwd=tmp_path)
    assert done.code == 1
    assert [r["row"] for r in json.loads(done.out)] == [0]
    assert done.err == "llava-check: 1 of 2 ids not found in any row\n"
    done = run("index", "get", "index", "nobody", cwd=tmp_path)
    assert (done.code, done.out) == (1, b"no row has the id 'nobody'\n")


BAD_USE = {
    "images index -w widht=3": "did you mean 'width'",
    "images index -w verdict=corupt": "did you mean 'corrupt'",
    "images index -w nonsense": "unknown field 'nonsense'; use one of number, path, verdict",
    "images index -w width=wide": "needs a number",
    "images index -w width~3": "is numeric",
    "images index -w path>3": "is not numeric",
    "images index -w blank=3": "use blank or !blank",
    "images index -w width": "needs a comparison",
    "images index -w !width=3": "needs a comparison",
    "images index -f stats": "is not a query format",
    "images index --rule IMG501": "does not accept --rule",
    "findings index -w blank": "does not accept --where",
    "findings index --rule IMG999": "unknown rule 'IMG999'",
    "dump index": "usage: llava-check index dump TABLE",
    "dump tables index": "use rows, images, findings or files",
    "dump rows index -f text": "jsonl, csv or json",
    "dump rows index -w blank": "unknown field 'blank'; use one of number, id, file",
    "dump files index -w blank": "--where applies only to rows and images",
    "dump images index -t trl": "--trainer applies only to rows",
    "images index -t trl": "'index images' does not accept --trainer",
    "rows index -t all": "needs the name of one trainer",
    "rows index -t nobody": "unknown trainer 'nobody'",
    "rows index -w effect>worse": "unknown effect 'worse'; use one of fine, unknown, altered, dropped, replaced, crash",
    "rows index -w effect~fine": "'effect' has an order",
    "rows index -w level=fatal": "unknown level 'fatal'; use one of info, warning, error",
    "rows index -w rule=image-misssing": "did you mean 'image-missing'",
    "rows index -w rule=nonsense": "unknown rule 'nonsense'; 'llava-check rules' lists them",
    "rows index -w rule": "'rule' needs a comparison, such as rule=",
    "rows index -w images~x": "'images' is numeric",
    "rows index -w dialect=lava": "did you mean 'llava'",
    "rows index -w script=greek": "use one of latin, han, other, none",
    "images index -f lines": "formats are text json jsonl csv",
    "get index": "usage: llava-check index get",
    "get index x -f csv": "formats are text json jsonl",
    "ask index": "'index' has no query 'ask'; use one of stats, get, rows, images",
    "stats index -f json": "does not accept --format",
    "check nowhere": "no such file or folder",
}


@pytest.mark.parametrize("words", BAD_USE)
def test_bad_use(words: str, tmp_path: Path) -> None:
    assert run(DEMO, "-q", "--index", "index", cwd=tmp_path).code == 1
    done = run("index", *words.split(), cwd=tmp_path)
    assert_complaint(done, BAD_USE[words])
    assert done.out == b""


def test_foreign_bytes_reach_no_terminal(tmp_path: Path) -> None:
    """Names with control characters, commas, quotes and line ends are escaped, but stay distinguishable."""
    names = ["a,b.png", 'a"b.png', "a\nb.png", "a\x1b[31mb.png", "a\u202eb.png", "é.png", " a.png"]
    for name in names:
        (tmp_path / "raw/images").mkdir(parents=True, exist_ok=True)
        shutil.copy(GOOD_PNG, tmp_path / "raw/images" / name)
    write_rows(tmp_path / "raw/rows.json", [row(f"id of {n}", n) for n in names])
    assert run("raw", "-q", cwd=tmp_path).code in (0, 1)
    for words in (["images"], ["duplicates"], ["findings", "--show", "info"]):
        for form in ("text", "csv", "jsonl", "json"):
            out = run("index", words[0], "raw", *words[1:], "-f", form, cwd=tmp_path).out.decode()
            assert all(c.isprintable() or c == "\n" for c in out), (words, form)
    listed = json.loads(run("index", "images", "raw", "-f", "json", cwd=tmp_path).out)
    assert {image["path"] for image in listed} == set(names)
    text = run("index", "images", "raw", "-f", "csv", cwd=tmp_path).out.decode()
    cells = list(csv.DictReader(io.StringIO(text, newline="")))
    assert {read_cell(c["path"]) for c in cells} == set(names)
    got = run("index", "get", "raw", "id of a\x1b[31mb.png", cwd=tmp_path)
    assert got.code == 0 and b"\x1b" not in got.out


# ---- check ----


def test_sound(checked: Set) -> None:
    out = ask(checked, "check", checked.index).decode()
    counts = dict(re.findall(r"^(\w+) +(\d+)$", out, re.MULTILINE))
    assert len(counts) == 15
    assert int(counts["rows"]) == checked.report["summary"]["rows"]
    assert int(counts["images"]) == checked.report["summary"]["images_referenced"]
    assert out.splitlines()[-1].startswith("The index is intact: ")


def remove_first(transaction: Any, table: Any) -> None:
    with transaction.cursor(table) as cursor:
        assert cursor.first() and cursor.delete()


def flip(position: int) -> Any:
    """Flip a bit of the last value."""

    def change(transaction: Any, table: Any) -> None:
        with transaction.cursor(table) as cursor:
            assert cursor.last()
            key, value = bytes(cursor.key()), bytearray(cursor.value())
        value[position] ^= 1
        assert transaction.put(key, bytes(value), db=table)

    return change


def cut_value(transaction: Any, table: Any) -> None:
    with transaction.cursor(table) as cursor:
        assert cursor.last()
        key, value = bytes(cursor.key()), bytes(cursor.value())
    assert transaction.put(key, value[:-1], db=table)


def lengthen_first_key(transaction: Any, table: Any) -> None:
    with transaction.cursor(table) as cursor:
        assert cursor.first()
        key, value = bytes(cursor.key()), bytes(cursor.value())
    assert transaction.delete(key, db=table) and transaction.put(key + b"x", value, db=table)


def order_of_no_rule(transaction: Any, table: Any) -> None:
    """Change the order of the first finding, in bytes 13 and 14 of its key."""
    with transaction.cursor(table) as cursor:
        assert cursor.first()
        key, value = bytes(cursor.key()), bytes(cursor.value())
    assert transaction.delete(key, db=table)
    assert transaction.put(key[:13] + b"\xff\xff" + key[15:], value, db=table)


def image_of_no_number(transaction: Any, table: Any) -> None:
    with transaction.cursor(table) as cursor:
        assert cursor.last()
        key, value = bytes(cursor.key()), bytes(cursor.value())
    assert transaction.put(key, value[:-4] + b"\xff" * 4, db=table)


def move_key(transaction: Any, table: Any) -> None:
    with transaction.cursor(table) as cursor:
        assert cursor.last()
        key, value = bytes(cursor.key()), bytes(cursor.value())
    assert transaction.delete(key, db=table)
    assert transaction.put(key[:-1] + bytes([key[-1] ^ 0x80]), value, db=table)


def lengthen_key(transaction: Any, table: Any) -> None:
    with transaction.cursor(table) as cursor:
        assert cursor.last()
        key, value = bytes(cursor.key()), bytes(cursor.value())
    assert transaction.delete(key, db=table)
    assert transaction.put(key + b"x", value, db=table)


def swap_ends(transaction: Any, table: Any) -> None:
    """Swap the first and the last value."""
    with transaction.cursor(table) as cursor:
        assert cursor.first()
        first = bytes(cursor.key()), bytes(cursor.value())
        assert cursor.last()
        last = bytes(cursor.key()), bytes(cursor.value())
    assert first != last
    assert transaction.put(first[0], last[1], db=table) and transaction.put(last[0], first[1], db=table)


def of_no_state(transaction: Any, table: Any) -> None:
    """Change an image's state, which follows the path and its length."""
    key = bytes(4)
    value = bytearray(transaction.get(key, db=table))
    size, at = read_leb128(value, 0)
    at += size
    assert value[at] < 20
    value[at] = 200
    assert transaction.put(key, bytes(value), db=table)


TABLES = ["files", "rows", "images", "row_images", "image_rows", "by_id", "by_path", "by_content"]
CHANGES: dict[str, tuple[str, Any]] = {
    **{f"{t} lost": (t, remove_first) for t in [*TABLES, "findings", "mixture"]},
    **{f"{t} cut": (t, cut_value) for t in [*TABLES, "findings", "mixture"]},
    **{f"{t} moved": (t, move_key) for t in ["files", "rows", "images", "row_images", "by_id"]},
    **{f"{t} with a long key": (t, lengthen_key) for t in ["files", "images", "findings", "mixture"]},
    **{f"{t} changing places": (t, swap_ends) for t in ["images", "mixture", "findings"]},
    **{f"file_statistics {what.__name__}": ("file_statistics", what)
       for what in (remove_first, cut_value, move_key)},
    "findings lengthen_first_key": ("findings", lengthen_first_key),
    "image of a row beyond all": ("row_images", image_of_no_number),
    "state of an image": ("images", of_no_state),
    "rule of a finding": ("findings", of_no_rule),
    "hash of an id": ("by_id", flip(3)),
    "number of an id": ("by_id", flip(-1)),
    "hash of a path": ("by_path", flip(3)),
    "number of a content": ("by_content", flip(-1)),
    "row of an image": ("image_rows", flip(-1)),
    "image of a row": ("row_images", flip(-1)),
    "uses of an image": ("images", flip(-3)),
    "error of an image": ("images", flip(-4)),
    "rows of a file": ("files", flip(-22)),
    "kind of a finding": ("findings", flip(0)),
    "rows of a share": ("mixture", flip(-25)),
}


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("examined")
    assert run(DEMO, "-q", "--index", "index", cwd=folder).code == 1
    return folder / "index/index.mdb"


def test_an_edit_without_a_change_is_sound(demo: Path, tmp_path: Path) -> None:
    edited(demo, tmp_path / "index", "rows", lambda transaction, table: None)
    assert run("index", "check", "index", cwd=tmp_path).code == 0


@pytest.mark.parametrize("change", CHANGES)
def test_faults(change: str, demo: Path, tmp_path: Path) -> None:
    table_name, what = CHANGES[change]
    edited(demo, tmp_path / "index", table_name, what)
    done = run("index", "check", "index", cwd=tmp_path)
    assert (done.code, done.err) == (1, ""), done
    assert re.search(r"^\w+: ", done.out.decode(), re.MULTILINE)
    assert re.fullmatch(r"The index is damaged: \d+ problems? found\. .*", done.out.decode().splitlines()[-1])


def test_many_faults_are_counted(demo: Path, tmp_path: Path) -> None:
    """Five faults of each table are listed, and the number of the others."""
    lists = []

    def cut_all(transaction: Any, table: Any) -> None:
        for key, value in list(transaction.cursor(table)):
            transaction.put(key, value[:1], db=table)
            lists.append(key)

    edited(demo, tmp_path / "index", "rows", cut_all)
    lines = run("index", "check", "index", cwd=tmp_path).out.decode().splitlines()
    named = [line for line in lines if line.startswith("rows: ")]
    # each list ends within a record, and the next row's number matches neither a key nor the end
    assert len(lists) == 3 and named[5:] == ["rows: and 2 more faults"], lines


READERS = [
    ["report", "index", "-f", "json", "--report", "new.html"], ["index", "images", "index"],
    ["index", "findings", "index"], ["index", "dump", "rows", "index"], ["index", "duplicates", "index"],
    ["index", "get", "index", "000000033471"], ["diff", "index", "sound"], ["verify", DEMO, "--index", "index"],
    ["check", DEMO, "--index", "index", "-f", "json"],
]
# What `index check` cannot detect, because it knows no rules
OF_RULES = {"order of a finding": ("findings", order_of_no_rule)}
SOME = 4 if os.environ.get("LC_SANITIZE") else 1


@pytest.mark.parametrize("change", [*OF_RULES, *list(CHANGES)[::SOME]])
def test_what_is_damaged_is_read_or_refused(change: str, demo: Path, tmp_path: Path) -> None:
    """Whatever uses the index; and a run that ignores it reports the same as one from scratch."""
    (tmp_path / "sound").mkdir()
    shutil.copy(demo, tmp_path / "sound/index.mdb")
    edited(demo, tmp_path / "index", *{**CHANGES, **OF_RULES}[change])
    for command in READERS:
        done = run(*command, cwd=tmp_path)
        assert done.code in (0, 1, 2)
        if done.code == 2:  # there is a line for each report that cannot be made
            for line in done.err.splitlines():
                assert line.startswith("llava-check: ") and "damaged" in line and line.isprintable(), line
            assert done.err
    wanted = run(DEMO, "-f", "json", "--no-index", cwd=tmp_path)
    assert run(DEMO, "-f", "json", "--index", "index", "--recheck", cwd=tmp_path) == wanted
    assert run("index", "check", "index", cwd=tmp_path).code == 0


@pytest.mark.parametrize("at", [0, 1 / 3, 0.5, 0.9])
def test_a_flipped_bit_is_a_fault(at: float, demo: Path, tmp_path: Path) -> None:
    data = bytearray(demo.read_bytes())
    data[int(len(data) * at)] ^= 16
    (tmp_path / "index").mkdir()
    (tmp_path / "index/index.mdb").write_bytes(data)
    done = run("index", "check", "index", cwd=tmp_path)
    assert (done.code, done.err) == (1, "")
    assert done.out.startswith(b"file: the index is damaged or of another version")


def test_a_summary_that_is_wrong(demo: Path, tmp_path: Path) -> None:
    """Each number that also follows from the tables is compared with them."""
    numbers = ["rows_files", "rows", "rows_ok", "turns", "words", "characters", "rows_sampled",
               "images_referenced", "images_ok", "images_skipped"]
    places = [0, 1, 2, 4, 5, 6, 7, 8, 10, 12, 16, 17, 18]
    assert len(places) == len(numbers) + 3
    for place in places:
        def change(transaction: Any, table: Any, place: int = place) -> None:
            values = list(struct.unpack(">19Q", transaction.get(b"summary", db=table)))
            values[place] += 1
            transaction.put(b"summary", struct.pack(">19Q", *values), db=table)

        edited(demo, tmp_path / str(place), "meta", change)
        assert run("index", "check", str(place), cwd=tmp_path).code == 1, place
