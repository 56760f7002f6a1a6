"""Every report format: valid for its readers, within their limits, for any data."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from PIL import Image

from forge import edited, of_no_rule
from html_reader import Report
from program import FIXTURES, REPOSITORY, assert_complaint, copy_fixture, make_small, row, run, write_rows
from report_readers import READERS, Entry, assert_harmless, unescape_command

FORMAT_COUNT = 15
TABLE = REPOSITORY / "src/report/formats.def"
EACH = ["json", "jsonl", "csv"]  # formats that list all findings
BY_RULE = ["text", "full", "counts", "markdown"]  # formats that list rules
LINES = ["grouped", "concise"]  # formats with a line for each finding
TERMINAL = ["text", "full", *LINES]
LIMITED = ["sarif", "junit", "github", "gitlab"]
ROOM = 5000
MANY = 6000


class Format(NamedTuple):
    name: str
    suffixes: list[str]
    marked: bool  # in a file, a line precedes it
    printed: bool

    @property
    def mark(self) -> bytes:
        return f"# llava-check {self.name} report\n".encode() if self.marked else b""


def formats() -> list[Format]:
    text = re.sub(r"/\*.*?\*/", "", TABLE.read_text(encoding="utf-8"), flags=re.DOTALL)
    rows = re.findall(r'LC_FORMAT\((\w+),\s*(NULL|"[^"]*"),\s*(NULL|"|HEAD).*?,\s*(true|false),\s*"', text, re.DOTALL)
    assert len(rows) == text.count("LC_FORMAT(")
    return [Format(name, [] if suffixes == "NULL" else suffixes.strip('"').split(), head == "NULL", printed == "true")
            for name, suffixes, head, printed in rows]


FORMATS = formats()


def render(path: str | Path, name: str, cwd: Path, *more: str) -> bytes:
    done = run("report", path, "-f", name, *more, cwd=cwd)
    assert done.err == "" and done.code in (0, 1)
    return done.out


def counts_of(entries: list[Entry]) -> Counter[tuple[str, str]]:
    counts: Counter[tuple[str, str]] = Counter()
    for entry in entries:
        counts[entry.rule, entry.level] += entry.count
    return counts


def test_the_table() -> None:
    assert len(FORMATS) == FORMAT_COUNT
    assert [f.name for f in FORMATS if f.printed] == list(READERS)
    suffixes = [suffix for f in FORMATS for suffix in f.suffixes]
    assert len(set(suffixes)) == len(suffixes)
    assert {*EACH, *BY_RULE, *LINES, *LIMITED, "stats", "html"} == set(READERS)


@pytest.mark.parametrize("name", [f.name for f in FORMATS])
def test_the_format_is_described(name: str) -> None:
    described = (REPOSITORY / "docs/reports.md").read_text(encoding="utf-8")
    readme = (REPOSITORY / "README.md").read_text(encoding="utf-8")
    assert re.search(rf"^\| `{name}` \|", described, re.M)
    assert f"`{name}`" in readme
    for command in ("check", "report", "verify"):
        assert re.search(rf"^  {name}  ", run("help", command, cwd=REPOSITORY).out.decode(), re.M)


@pytest.mark.parametrize("name", ["demo", "rules"])
def test_every_format_is_valid_and_counts(name: str, tmp_path: Path) -> None:
    copy_fixture(FIXTURES / name, tmp_path / name)
    assert run("check", name, "-q", cwd=tmp_path).code == 1
    for level in ("info", "warning", "error"):
        said = {f: READERS[f](render(name, f, tmp_path, "--show", level)) for f in READERS}
        wanted = counts_of(said["json"])
        assert len(said["json"]) > 10
        for f in [*EACH, *LINES, "counts", "markdown", "sarif", "junit", "gitlab", "html"]:
            assert counts_of(said[f]) == wanted, f
        for f in ("text", "full", "github"):  # text has a rule's findings under its worst level
            assert sum(e.count for e in said[f]) == sum(wanted.values()), f
        for f in EACH:
            assert [e[:3] for e in said[f]] == [e[:3] for e in said["json"]], f


def test_files_hold_what_is_printed(tmp_path: Path) -> None:
    """Formats chosen by suffix and by name, in one run and later without a scan."""
    copy_fixture(FIXTURES / "demo", tmp_path / "demo")
    names = {f"{f.name}{i}{s}": f for f in FORMATS for i, s in enumerate(f.suffixes)}
    options = [part for name in names for part in ("--report", name)]
    options += [part for f in FORMATS for part in ("-o", f"{f.name}:any.{f.name}.out")]
    done = run("demo", "-q", *options[:32], cwd=tmp_path)
    assert done.code == 1 and done.err == ""
    later = run("report", "demo", "-q", *options[32:], cwd=tmp_path)
    assert later.code == 1 and later.err == ""
    seen = 0
    for path in [*(tmp_path / name for name in names), *tmp_path.glob("any.*.out")]:
        format = names.get(path.name) or next(f for f in FORMATS if f"any.{f.name}.out" == path.name)
        data = path.read_bytes()
        seen += 1
        assert data.startswith(format.mark), path.name
        if format.name not in TERMINAL:  # terminals open paths as they were typed
            assert data == format.mark + render("demo", format.name, tmp_path), path.name
    assert seen == len(names) + FORMAT_COUNT >= 17


@pytest.mark.parametrize("place, said", [
    ("sarf:x.json", "sarf:x.json: unknown report format; did you mean 'sarif'?"),
    ("pdf:x", "pdf:x: unknown report format; use one of text, full, grouped, concise, counts, json, "),
    ("json:", "no file name after the format"),
    ("report.pdf", "no report format has this suffix; name the format, as in json:report.pdf"),
    ("report", "no report format has this suffix"),
    ("./gitlab:x", "no report format has this suffix"),
])
def test_no_such_format(place: str, said: str, tmp_path: Path) -> None:
    make_small(tmp_path / "good")
    assert_complaint(run("good", "-o", place, cwd=tmp_path), said)


def test_a_path_twice(tmp_path: Path) -> None:
    make_small(tmp_path / "good")
    done = run("good", "-o", "a.json", "-o", "csv:a.json", cwd=tmp_path)
    assert_complaint(done, "a.json: more than one --report writes to this file")


HOSTILE = [
    "\"double\" 'single' `tick`",
    "<script>alert(1)</script>",
    "new\nline\r\nand\ttab",
    "escape \x1b[31mred\x1b]0;title\x07 \x9b31m",
    "a ]]> b <![CDATA[ c -->",
    "::error file=x::said",
    "  ::add-mask::said",
    ": one colon",
    "=cmd|' /C calc'!A1",
    "100%0A::error::said, a:b,c %25",
    "right \u202egpj.exe\u202c \u2067left \u200f",
    "comma, semicolon; pipe | backslash \\ \\| end\\",
    "[link](javascript:alert(1)) ![x](http://x/y) <http://x> www.example.org @someone #1 **b** _i_ $x$ &amp;",
    "```` many ticks `" + "`" * 200,
    "nothing \x00 here \x7f \ufffe \uffff \ufeff",
    "half \ud83d",
    "emoji 😀 中文 e\u0301",
    "a" * 10_000,
    "é" * 5_000,
    "aé" * 5_000,
    "中文字" * 3_000,
    "/absolute//path",
    "../../outside",
    "C:\\windows.jpg",
    "",
    ".",
]


THERE = "100%0A::error::said, a:b,c %25.jpg"  # the only existing image


def make_hostile_set(folder: Path) -> Path:
    """Make a set with malicious names of files, ids, images, texts and sources."""
    folder.mkdir()
    rows: list[dict[str, Any]] = []
    for n, text in enumerate(HOSTILE):
        rows.append({**row(text, f"{text}.jpg"), "data_source": text})
        rows.append({**row(text, None), "image": text, text: 1})
        turns = [{"from": text, "value": text}, {"from": "gpt", "value": text}]
        rows.append({"id": f"{text}{n}", "image": f"{text}/x.jpg", "conversations": turns})
    half = json.dumps(rows).replace('"emoji', '"\\ud83d')
    names = [b"rows\"<b>'`\n\x1b[1m,%:\xff]]>\xe2\x80\xae.json", b"::error::x.json", b"=1+1.json", b" #|*_x_.json"]
    for name in names:
        (folder / os.fsdecode(name)).write_text(half, encoding="utf-8")
    (folder / THERE).touch()
    (folder / "damaged.jsonl").write_bytes(b'{"id": "\xff\xfe\x1b", "a": 1}\n{"id": "::error::\n')
    return folder


def test_hostile_data_is_harmless_in_every_format(tmp_path: Path) -> None:
    folder = make_hostile_set(tmp_path / "::error::<b>`|\x1b[31m \udcff\u202e")
    assert run(folder.name, "-q", "--index", "index", cwd=tmp_path).code == 1
    said = {}
    for format in FORMATS:
        for at in ("index", folder.name):  # with and without the folder's name before paths
            done = run("report", at, "-f", format.name, "--show", "info", cwd=tmp_path) if at == "index" else run(
                folder.name, "-f", format.name, "--show", "info", "--no-index", cwd=tmp_path)
            assert done.code == 1, (format.name, done.err)
            text = done.out.decode("utf-8")
            assert_harmless(text)
            said[format.name] = READERS[format.name](done.out)
            for entry in said[format.name]:
                if format.name not in ("json", "jsonl"):  # unchanged data for programs
                    assert_harmless(entry.text)
    wanted = counts_of(said["json"])
    assert sum(wanted.values()) > 400 and len({rule for rule, _ in wanted}) > 15
    for f in [*EACH, *LINES, "counts", "markdown", "sarif", "junit", "gitlab", "html"]:
        assert counts_of(said[f]) == wanted, f
    for f in LIMITED:
        assert max(len(entry.text) for entry in said[f]) < 4000
        assert max(len(entry.path) for entry in said[f]) < 8000
    assert sum(entry.count for entry in said["github"]) == sum(wanted.values())
    paths = {entry.path for entry in said["sarif"]}
    assert any("<b>" in path for path in paths)
    assert any("<script>" in entry.text for entry in said["sarif"])
    for f in ("sarif", "gitlab", "junit"):
        assert any(entry.path.endswith(f"/{THERE}") for entry in said[f]), f


NO_FILE = {"IMG501", "IMG502", "IMG503", "IDX703"}


def assert_places(top: Path, entries: list[Entry], ids: dict[str, set[str]]) -> Counter[str]:
    """Assert that each entry is at an existing file below top and, in rows files, at a row that it is about."""
    seen: Counter[str] = Counter()
    for entry in entries:
        if not entry.path:
            assert not entry.rule, "only an entry of several rules has no place"
            continue
        path = top / entry.path
        assert path.is_file() and not path.is_symlink(), entry
        rows_file = path.suffix in (".json", ".jsonl")
        if entry.rule in NO_FILE:
            assert rows_file and entry.line, entry
            named = path.read_text(encoding="utf-8").split("\n")[entry.line - 1]
            assert any(image in entry.text and image in named for image in ids[entry.rule]), (entry, named)
        elif entry.rule.startswith("IMG"):
            assert rows_file == (entry.rule in ids), entry
        seen[entry.rule] += 1
    return seen


def make_places(folder: Path) -> Path:
    """Make images that are missing in every way, and bad ones that exist."""
    make_small(folder)
    for name in ("empty", "text"):
        (folder / f"images/{name}.jpg").write_text("" if name == "empty" else "text")
    (folder / "images/folder.jpg").mkdir()
    (folder / "images/nowhere.jpg").symlink_to("nothing")
    names = ["a.jpg", "gone.jpg", "empty.jpg", "folder.jpg", "../up.jpg", "text.jpg", "nowhere.jpg", "/abs.jpg", "b.png"]
    write_rows(folder / "rows.json", [row(n, name, f"It is {n}.") for n, name in enumerate(["a.jpg", *names])])
    return folder


@pytest.mark.parametrize("name", ["github", "gitlab", "sarif", "junit"])
def test_annotations_are_at_files_that_are_there(name: str, tmp_path: Path) -> None:
    top = tmp_path / "repository"
    make_places(top / "raw")
    (top / "raw/images").rename(top / "pictures")
    (top / "more").mkdir()
    ids = {"IMG501": {"gone.jpg", "nowhere.jpg"}, "IMG502": {"folder.jpg"}, "IMG503": {"../up.jpg", "/abs.jpg"}}
    bad = {"IMG504": {"empty.jpg"}, "IMG506": {"text.jpg"}}
    outside = tmp_path / "elsewhere"
    for images, where, cwd in (("pictures", "raw", top), ("../pictures", ".", top / "raw"), ("pictures", top / "raw", top)):
        done = run("check", where, "--images", images, "-f", name, "--no-index", "-q", "-o", f"{name}:out", cwd=cwd)
        assert done.code == 1, done.err
        below = where == "raw"  # else the images are not below the folder where paths begin
        entries = READERS[name]((cwd / "out").read_bytes())
        (cwd / "out").unlink()
        seen = assert_places(top if below else top / "raw", entries, ids if below else ids | bad)
        assert set(seen) == {*ids, *bad}
    shutil.move(top / "pictures", outside)
    assert run("check", "raw", "--images", outside, "-q", "--index", "index", "-o", f"{name}:out", cwd=top).code == 1
    seen = assert_places(top, READERS[name]((top / "out").read_bytes()), ids | bad)
    assert set(seen) == {*ids, *bad}
    shutil.move(outside, top / "raw/images")
    assert run("check", "raw", "-q", cwd=top).code == 1
    (top / "raw/images/a.jpg").unlink()
    (top / "raw/images/b.png").rename(top / "raw/images/c.png")
    done = run("verify", "raw", "-q", "-o", f"{name}:out", cwd=top)
    assert done.code == 1, done.err
    seen = assert_places(top, READERS[name]((top / "out").read_bytes()), {"IDX703": {"a.jpg", "b.png"}})
    assert set(seen) == {"IDX703"}


def test_names_of_tests_tell_missing_images_apart(tmp_path: Path) -> None:
    make_places(tmp_path / "raw")
    report = run("raw", "-f", "junit", "--no-index", cwd=tmp_path).out.decode()
    names = re.findall(r'classname="IMG50[1-3] \S+" name="([^"]*)" file="raw/rows.json"', report)
    assert sorted(names) == sorted(["gone.jpg", "nowhere.jpg", "folder.jpg", "../up.jpg", "/abs.jpg"])


def test_a_rule_that_nobody_knows(tmp_path: Path) -> None:
    """A forged index has a finding of an unknown rule: it is left out, or the report is refused."""
    assert run(FIXTURES / "demo", "-q", "--index", "sound", cwd=tmp_path).code == 1
    edited(tmp_path / "sound/index.mdb", tmp_path / "index", "findings", of_no_rule)
    for format in FORMATS:
        done = run("report", "index", "-f", format.name, cwd=tmp_path)
        assert done.code in (1, 2), format.name
        assert format.name in ("json", "jsonl") or b"ZZZ999" not in done.out, format.name
        if done.code == 2:
            assert_complaint(done, "damaged")
        elif format.name in READERS:
            assert READERS[format.name](done.out) or format.name == "stats"


def test_unverified_images_and_unsampled_rows_are_reported(tmp_path: Path) -> None:
    """The set has only warnings, unsampled rows, and an image whose format is not decoded."""
    folder = make_small(tmp_path / "set")
    Image.new("RGB", (16, 16)).save(folder / "images/a.ico")
    rows = [row("a", "a.ico"), row("b", "a.ico")]
    rows[1]["conversations"][1]["value"] = ""
    write_rows(folder / "rows.json", rows)
    (folder / "m.yaml").write_text("datasets:\n- {json_path: rows.json, sampling_strategy: first:1}\n")
    at = ("set/m.yaml", "--images", "set/images", "--index", "index")
    assert run(*at, "-q", cwd=tmp_path).code == 0
    for name in ("text", "markdown"):
        assert "; 1 image not verified" in render("index", name, tmp_path).decode()
    assert "FAILED: 1 warning in 2 rows\n" in render("index", "text", tmp_path, "--fail-on", "warning").decode()
    page = Report(render("index", "html", tmp_path)).text
    assert "1 image of formats that this version does not decode" in page
    assert re.search(r"<dt>Sampled</dt><dd>1 of 2", page)


@pytest.mark.parametrize("powers", [14, 15])
def test_plots_of_long_tails(powers: int, tmp_path: Path) -> None:
    """With more than thirteen bars, every second one has a label, and labels do not overlap at the end."""
    rows = [row(str(n), None) for n in range(powers)]
    for n, its in enumerate(rows):
        its["conversations"] = [{"from": "human", "value": "w"}, {"from": "gpt", "value": "w " * 2**n}]
    write_rows(tmp_path / "set/rows.json", rows)
    run("set", "-q", "--index", "index", cwd=tmp_path)
    figures = Report(render("index", "html", tmp_path)).text.split("<figure>")[1:]
    words = next(f for f in figures if "aria-label='Words per turn'" in f)
    assert (words.count("<rect"), words.count("class='tick'")) == (2 * powers, 8)


def test_escapes_of_commands() -> None:
    assert unescape_command("100%25 a%0Ab", prop=False) == "100% a\nb"
    assert unescape_command("a%3Ab%2Cc%253A", prop=True) == "a:b,c%3A"


def identities(folder: Path, cwd: Path, name: str) -> dict[str, str]:
    """Return the text of each entry of a report by its identity."""
    run(folder, "--no-index", "-q", "-o", f"{name}:{folder}.out", "--show", "info", cwd=cwd)
    entries = READERS[name]((cwd / f"{folder}.out").read_bytes())
    assert len({e.identity for e in entries}) == len(entries)
    return {e.identity: f"{e.rule} {e.path}" for e in entries}


@pytest.mark.parametrize("name", ["sarif", "gitlab"])
def test_a_finding_keeps_its_identity(name: str, tmp_path: Path) -> None:
    """Earlier rows, their number and their spelling do not matter; ids and contents do."""
    bad = [
        row("a", "missing/a.jpg"),
        {**row("b", None), "image": 7},
        {"conversations": [{"from": "human", "value": "<image>"}, {"from": "gpt", "value": ""}]},
        {"id": "c", "conversations": [{"from": "human", "value": " "}, {"from": "gpt", "value": ""}]},
        row("twice", None, "one"),
        row("twice", None, "two"),
    ]
    for folder in ("one", "two", "three"):
        (tmp_path / folder).mkdir()
    write_rows(tmp_path / "one/rows.json", bad)
    write_rows(tmp_path / "two/rows.json", [row("new", None), row("z", None, "x"), *bad])
    (tmp_path / "two/rows.json").write_text(
        json.dumps(json.loads((tmp_path / "two/rows.json").read_text()), indent=4), encoding="utf-8")
    changed = [dict(r) for r in bad]
    changed[3]["id"] = "other"
    write_rows(tmp_path / "three/rows.json", changed)
    one, two, three = (
        identities(Path(folder), tmp_path, name) for folder in ("one", "two", "three")
    )
    assert len(one) == 11
    strip = lambda said: {k: v.split("/", 1)[1] for k, v in said.items()}  # noqa: E731
    assert strip(one) == strip(two)
    assert set(one) != set(three) and len(set(one) & set(three)) == len(one) - 3


def test_equal_findings_are_distinguished(tmp_path: Path) -> None:
    """Findings of equal rows without ids each have an ordinal."""
    (tmp_path / "set").mkdir()
    same = {"conversations": [{"from": "human", "value": "q"}, {"from": "gpt", "value": ""}]}
    write_rows(tmp_path / "set/rows.json", [same, same, same])
    prints = identities(Path("set"), tmp_path, "gitlab")
    blank = sorted(k for k, v in prints.items() if v.startswith("CNV306"))
    assert [k[32:] for k in blank] == ["", "-2", "-3"] and len({k[:32] for k in blank}) == 1


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A set with more findings than a report can hold: missing images in folders, and rows with two rules."""
    folder = tmp_path_factory.mktemp("many")
    rows = [row(f"r{n}", f"folder{n % 12}/{n:06}.jpg") for n in range(MANY)]
    rows += [{"id": f"t{n}", "conversations": [{"from": "human", "value": f"q{n}"}, {"from": "gpt", "value": " "}]}
             for n in range(30)]
    rows += [{"id": "bad", "image": " ", "conversations": []}]
    write_rows(folder / "set/rows.json", rows)
    assert run("set", "-q", cwd=folder).code == 1
    return folder


@pytest.mark.parametrize("name", LIMITED)
def test_limits_are_kept(name: str, many: Path) -> None:
    data = render("set", name, many)
    entries = READERS[name](data)
    counts = counts_of(entries)
    assert counts["IMG501", "error"] == MANY and counts["CNV306", "warning"] == 30
    assert counts["ROW203", "error"] == counts["ROW208", "error"] == 1
    missing = [e for e in entries if e.rule == "IMG501"]
    if name == "github":
        assert len(missing) == 8 and missing[-1].count == 5 * MANY // 12
        assert f"{MANY + 30:,} of {MANY + 32:,} findings are only counted" in data.decode()
        return
    assert len(missing) == 12 and {e.count for e in missing} == {MANY // 12}
    assert sum(e.rule == "CNV306" for e in entries) == 30 and len(entries) <= ROOM
    if name != "gitlab":  # it has no place for this
        said = data.decode().index(f"{MANY:,} of {MANY + 32:,} findings are only counted")
        assert said < data.decode().index("no such file")


def test_totals_come_first(many: Path) -> None:
    for name in ("markdown", "github", "junit", "sarif"):
        text = render("set", name, many).decode()
        total = text.index("FAILED: 6,002 errors, 30 warnings; 30 of 6,031 rows and 0 of 6,000 images are sound")
        assert total < text.index("such file")
    assert "not listed: --show error" not in render("set", "sarif", many).decode()
    assert "30 warnings" in render("set", "markdown", many, "--show", "error").decode()


def test_nothing_is_left_out_of_the_others(many: Path) -> None:
    for name in [*EACH, *LINES]:
        assert len(READERS[name](render("set", name, many))) == MANY + 32
    full = render("set", "full", many).decode()
    assert len(re.findall(r"^    (?!…)\S", full, re.M)) == MANY + 32 and "… and" not in full
    summary = render("set", "markdown", many)
    assert len(summary) < 20_000 and b"- 500 in `folder0`\n" in summary and b"- 3,000 in others" in summary


def test_paths_begin_where_the_repository_does(many: Path) -> None:
    (many / "deep").mkdir(exist_ok=True)
    said = {}
    for at, cwd in (("set", many), ("./set/", many), (str(many / "set"), many), ("../set", many / "deep")):
        entries = READERS["sarif"](render(at, "sarif", cwd, "--show", "error"))
        said[at] = {e.path for e in entries if e.rule == "ROW203"}
    assert list(said.values()) == [{"set/rows.json"}, {"set/rows.json"}, {"rows.json"}, {"rows.json"}]


def test_levels_that_do_not_fail(many: Path) -> None:
    """JUnit: findings below --fail-on are listed, but do not fail."""
    for level, failing in (("error", {"error"}), ("warning", {"error", "warning"})):
        data = render("set", "junit", many, "--fail-on", level).decode()
        assert set(re.findall(r'<failure type="(\w+)"', data)) == failing


def test_nothing_found(tmp_path: Path) -> None:
    make_small(tmp_path / "good")
    assert run("good", "-q", cwd=tmp_path).code == 0
    for name, read in READERS.items():
        data = render("good", name, tmp_path)
        assert read(data) == []
        if name in ("markdown", "junit", "sarif"):
            assert "OK: no findings; 2 of 2 rows and 2 of 2 images are sound" in data.decode()
    assert render("good", "jsonl", tmp_path) == render("good", "github", tmp_path) == b""
