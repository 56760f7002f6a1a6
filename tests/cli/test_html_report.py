"""The HTML report: its contents, and that text from the data stays text."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from html_reader import Report
from program import DEMO, GOOD_JPEG, copy_fixture, row, run, write_rows

LISTED_MOST = 50_000
HOSTILE = [
    "<script>alert(1)</script>",
    "</script><script>alert(1)</script>",
    "]]><!-- --!> <![CDATA[",
    "\"><img src=x onerror=alert(1)>",
    "' onmouseover='alert(1)",
    "&lt;b&gt; &amp; &#60;",
    "new\nline\r\ttab",
    "\x1b[31mred\x1b[0m\x07",
    "right\u202eto\u2066left\u200f",
    "line\u2028separator\u0085",
    "::error file=x::y",
    "{{7*7}} ${7*7} `id`",
    "long" * 2500,
    "שלום عربي 漢字 😀",
]


def report(data: Path, scratch: Path, *more: str | Path, paper: bool = False) -> Report:
    page = scratch / "report.html"
    done = run(data, "--no-index", "-q", "-o", page, *more, cwd=scratch)
    assert done.code in (0, 1) and not done.err, done
    return Report(page.read_bytes(), paper)


def test_demo(tmp_path: Path) -> None:
    copy_fixture(DEMO, tmp_path / "demo")
    seen = report(tmp_path / "demo", tmp_path, "-o", tmp_path / "report.json")
    said = json.loads((tmp_path / "report.json").read_bytes())
    assert len(said["findings"]) > 15
    codes = {f["rule"] for f in said["findings"]}
    assert codes == set(said["summary"]["by_rule"]) - {"TOK409"}  # a note
    assert all(f"rule-{code}" in seen.page.ids for code in codes)
    page = seen.data.pop("page")
    assert seen.data == {k: v for k, v in said.items() if k != "effects"}  # the JSON report's
    assert page["shown"] == page["listed"] == len(said["findings"]) and not page["of_each"]
    assert all(f["message"] in seen.words for f in said["findings"])
    for words in ("Failed", "What llava-next does with the rows", "Why it matters", "How to fix it",
                  "Rounds per row", "Words per row", "Mixture by source", "Image sizes", "Formats",
                  "Aspect ratios", "Findings by place", "need JavaScript"):  # fmt: skip
        assert words in seen.words, words


def test_every_effect_can_be_filtered_and_sorted(tmp_path: Path) -> None:
    page = (report(DEMO, tmp_path).page and (tmp_path / "report.html").read_text(encoding="utf-8"))
    sorted_by = json.loads(re.search(r"const EFFECTS = (\[[^]]+\])", page)[1])
    filters = re.search(r"<select id='effect'>(.+?)</select>", page)[1]
    named = json.loads(run("trainers", "all", "--format", "json", cwd=tmp_path).out)["trainers"]
    assert {effect["effect"] for trainer in named for effect in trainer["effects"]} == set(sorted_by)
    assert re.findall(r"<option>(\w+)</option>", filters) == sorted_by


def test_all_trainers(tmp_path: Path) -> None:
    seen = report(DEMO, tmp_path, "--trainer", "all", "-o", tmp_path / "report.json")
    trainers = json.loads((tmp_path / "report.json").read_bytes())["trainers"]
    assert "All training programs" in seen.words and len(trainers) > 5
    for said in trainers:
        effects = ("refused", "crash", "replaced", "dropped", "altered", "unknown", "fine")
        starts = ("yes" if said["starts"] else "no") + (f": {said['note']}" if "note" in said else "")
        cells = [said["name"], starts, *(f"{said[effect]:,}" for effect in effects)]
        assert "".join(cells) in seen.words, cells
    assert "All training programs" not in report(DEMO, tmp_path).words


def test_every_effect_is_in_the_legend(tmp_path: Path) -> None:
    """This includes rows that a loader leaves out, and those of a file that it does not load."""
    pair = [{"from": "human", "value": "Q"}, {"from": "gpt", "value": "A"}]
    rows = [{"id": str(n), "conversations": pair[::-1] if n else pair} for n in range(4)]
    write_rows(tmp_path / "dropped.json", rows)
    (tmp_path / "refused.json").write_text(json.dumps(rows[:2])[:-1] + ",]")
    for name, trainer, words in (
        ("dropped", "llama-factory", "3 left out"),
        ("refused", "llava-next", "1 in a file that is not loaded"),
    ):
        seen = report(tmp_path / f"{name}.json", tmp_path, "--trainer", trainer)
        assert seen.data["summary"]["trainer"][name] > 0
        assert words in seen.words, seen.words[:2000]


@pytest.mark.parametrize("trainer", ["qwen-vl", "ms-swift"])
def test_trainer(trainer: str, tmp_path: Path) -> None:
    copy_fixture(DEMO, tmp_path / "demo")
    seen = report(tmp_path / "demo", tmp_path, "--trainer", trainer)
    assert f"What {trainer} does with the rows" in seen.words
    assert seen.data["dataset"]["trainer"] == trainer


def test_clean_and_empty(tmp_path: Path) -> None:
    (tmp_path / "images").mkdir()
    shutil.copy(GOOD_JPEG, tmp_path / "images/a.jpg")
    rows = write_rows(tmp_path / "rows.json", [row("a", "a.jpg")])
    seen = report(rows, tmp_path)
    assert "Passed no findings in 1 row" in seen.words
    assert seen.data["findings"] == [] and "There are no findings to list" in seen.words
    seen = report(write_rows(tmp_path / "rows.json", []), tmp_path)
    assert "Rows0" in seen.words


def test_levels(tmp_path: Path) -> None:
    copy_fixture(DEMO, tmp_path / "demo")
    seen = report(tmp_path / "demo", tmp_path, "--show", "error")
    assert {f["severity"] for f in seen.data["findings"]} == {"error"}
    assert "Counted above, but not listed: 2 warnings, 4 notes (llava-next: altered); --show info lists all" in seen.words


def test_verified(tmp_path: Path) -> None:
    copy_fixture(DEMO, tmp_path / "demo")
    assert run("demo", "-q", cwd=tmp_path).code == 1
    changed = tmp_path / "demo/images/ai2d/images/1017.png"
    changed.write_bytes(b"\0" * changed.stat().st_size)
    done = run("verify", "demo", "-q", "-o", "verified.html", cwd=tmp_path)
    assert not done.err, done
    assert "The files, read again" in Report((tmp_path / "verified.html").read_bytes()).words


def test_hostile_text_stays_text(tmp_path: Path) -> None:
    """Malicious names of images and files, ids, roles, sources and values, everywhere in the page."""
    rows: list[dict[str, Any]] = []
    for n, text in enumerate(HOSTILE):
        rows.append(row(text, text + ".jpg"))
        rows.append(row(text, f"{text}/{n}.jpg"))
        rows.append({"id": f"x{n}", "data_source": text, text: 1,
                     "conversations": [{"from": text, "value": text}]})  # fmt: skip
    folder = tmp_path / "<b>'\"&\u202e"
    folder.mkdir()
    write_rows(folder / "<i>\u202e\n.json", rows)
    raw = json.dumps(rows[0]).encode().replace(b"alert", b"\xff\xfe")
    (folder / "bytes.jsonl").write_bytes(raw + b"\n" + raw[:-9] + b"\n")
    seen = report(folder, tmp_path, "--show", "info")
    assert len(seen.data["findings"]) > 60
    for text in ("<script>alert(1)</script>.jpg", "\\u{202e}to", "\\x1b[31mred", "new\\x0aline",
                 "]]><!-- --!> <![CDATA[", "line\\u{2028}", "&lt;b&gt; &amp;", "שלום",
                 "more characters)"):  # fmt: skip
        assert text in seen.words, text
        assert any(text in str(part) for f in seen.data["findings"] for part in f.values()), text
    assert "longlonglong" * 100 not in seen.source
    source = seen.source[: seen.source.rindex("<script>")]
    assert "alert(1)</script" not in source and "<script>alert" not in source


def test_many_findings_are_capped(tmp_path: Path) -> None:
    count = LISTED_MOST + 3000
    with open(tmp_path / "rows.jsonl", "w", encoding="utf-8") as rows:
        for n in range(count):
            text = json.dumps(row(str(n), f"{n % 7}/{n}.jpg"))
            rows.write((text if n != count - 1 else text[:-1]) + "\n")
    (tmp_path / "nothing").mkdir()
    seen = report(tmp_path / "rows.jsonl", tmp_path, "--images", tmp_path / "nothing", paper=True)
    page = seen.data["page"]
    assert len(seen.data["findings"]) == page["listed"] <= LISTED_MOST < page["shown"]
    codes = [f["rule"] for f in seen.data["findings"]]
    assert len(set(codes)) > 1  # the only row that is cut is not hidden
    assert f"{len(codes):,} of {page['shown']:,} findings are listed" in seen.words
    assert len(re.findall("<tr role='row' id='finding-", seen.text)) == 200


def test_same_bytes_and_no_other_file_is_overwritten(tmp_path: Path) -> None:
    copy_fixture(DEMO, tmp_path / "demo")
    pages = [report(tmp_path / "demo", tmp_path, "-j", n).source for n in ("1", "8")]
    assert pages[0] == pages[1]
    mine = tmp_path / "index.html"
    mine.write_text("<!doctype html>\n<p>mine</p>\n")
    assert run("demo", "--no-index", "-q", "-o", mine, cwd=tmp_path).code == 2
    assert mine.read_text() == "<!doctype html>\n<p>mine</p>\n"
