"""The verdict: its sentences, the exit code and the numbers agree, in every format."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from html_reader import Report
from program import FIXTURES, READS_LLAVA, REPOSITORY, copy_fixture, make_small, row, run, write_rows

PEOPLE = ["text", "full", "grouped", "concise", "counts"]
RECIPE = "llava-check index dump rows raw/ | jq -r 'select(.faulty) | .id'"
# Options that change what is shown, and whether they hide, lower or raise errors
OPTIONS: dict[tuple[str, ...], str] = {
    (): "",
    ("--fail-on", "warning"): "",
    ("--exit-zero",): "",
    ("--ignore", "IMG"): "hidden",
    ("--select", "IMG"): "hidden",
    ("--severity", "IMG501=warning"): "hidden",
    ("--severity", "CNV=error", "--severity", "IMG=error"): "raised",
    ("--baseline", "all.json"): "hidden",
}
SETS = {"demo": 15, "rules": 434, "shared": 9, "sound": 0, "warned": 0, "none": 0}
OPTION_COUNT = 8


class Said(NamedTuple):
    report: dict[str, Any]
    code: int


@pytest.fixture(scope="module")
def sets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Sets, one of which has only bad images of several rows, and one only warnings."""
    folder = tmp_path_factory.mktemp("verdict")
    for name in ("demo", "rules"):
        copy_fixture(FIXTURES / name, folder / name)
    for name in ("shared", "sound", "warned"):
        make_small(folder / name)
    write_rows(folder / "shared/rows.json", [
        row(n, ["a.jpg", "gone.jpg", "bad.png"][n // 4] if n != 11 else "../outside.jpg") for n in range(12)])
    (folder / "shared/images/bad.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    write_rows(folder / "shared/more.jsonl", [row(20, "a.jpg"), {**row(21, "a.jpg"), "conversations": []}])
    write_rows(folder / "warned/rows.json", [row("a", "a.jpg", ""), row("a", "b.png")])
    (folder / "none").mkdir()
    (folder / "none/rows.json").write_text("[]")
    for name in SETS:
        assert run("check", name, "-q", "--write-baseline", f"{name}.baseline", cwd=folder).code == 0
    return folder


def say(sets: Path, name: str, *options: str) -> Said:
    options = tuple(o.replace("all.json", f"{name}.baseline") for o in options)
    done = run("report", name, "-f", "json", *options, cwd=sets)
    return Said(json.loads(done.out), done.code)


def recipe(sets: Path, name: str) -> list[str]:
    """Return what the recipe in docs/questions.md lists."""
    assert f"    {RECIPE}\n" in (REPOSITORY / "docs/questions.md").read_text(encoding="utf-8")
    rows = run("index", "dump", "rows", name, cwd=sets).out
    ids = [json.dumps(r.get("id")) for r in map(json.loads, rows.splitlines()) if r["faulty"]]
    jq = shutil.which("jq")
    if jq:  # jq is not on every machine
        done = subprocess.run([jq, "-r", RECIPE.split("'")[1]], input=rows, capture_output=True, check=True)
        assert done.stdout.count(b"\n") == len(ids)
    return ids


def number(text: str) -> int:
    return int(text.replace(",", ""))


def bad_rows(text: str) -> list[tuple[int, int]]:
    return [(number(a), number(b)) for a, b in re.findall(r"([\d,]+) of ([\d,]+) rows? ha(?:s|ve) errors", text)]


def assert_trainer_line(line: str, rows: int, counts: dict[str, int]) -> None:
    """The numbers in the sentence about the trainer are those of the JSON report, and add up to all rows."""
    number_of = r"([\d,]+) (?:of [\d,]+ rows? )?"
    words = {"refused": number_of + "keeps? it from starting", "dropped": number_of + "(?:is|are|would be) left out",
             "crash": number_of + "(?:would )?stops? it", "replaced": number_of + "(?:is|are|would be) silently replaced",
             "unknown": number_of + "ha(?:s|ve) an unknown effect", "altered": number_of + "(?:is|are|would be) trained altered",
             "fine": number_of + "(?:rows? )?(?:(?:is|are|would be) trained )?as written"}
    for effect, pattern in words.items():
        found = re.search(pattern, line)
        assert (number(found[1]) if found else 0) == counts[effect] or "trains the row" in line, (effect, line)
    assert sum(counts[effect] for effect in words) == rows


def test_the_sets_are_as_they_should_be(sets: Path) -> None:
    assert len(OPTIONS) == OPTION_COUNT and len(SETS) == 6
    for name, bad in SETS.items():
        summary = say(sets, name).report["summary"]
        assert summary["rows"] - summary["rows_ok"] == bad, name
    assert say(sets, "warned").report["summary"]["by_severity"]["warning"] >= 1


@pytest.mark.parametrize("name", SETS)
def test_the_recipe_lists_the_rows_that_the_verdict_counts(name: str, sets: Path) -> None:
    assert len(recipe(sets, name)) == SETS[name]
    text = run("report", name, cwd=sets).out.decode()
    if SETS[name]:
        assert bad_rows(text.splitlines()[-1])[0][0] == SETS[name]
    dumped = [json.loads(line) for line in run("index", "dump", "rows", name, cwd=sets).out.splitlines()]
    for line in dumped[:60]:
        ident = line.get("id")
        if ident and not str(ident).startswith("-"):
            got = run("index", "get", name, str(ident), "-f", "json", cwd=sets)
            assert {g["number"]: g["faulty"] for g in json.loads(got.out)}[line["number"]] == line["faulty"]


@pytest.mark.parametrize("options", OPTIONS)
@pytest.mark.parametrize("name", SETS)
def test_all_formats_say_the_same(name: str, options: tuple[str, ...], sets: Path) -> None:
    said = say(sets, name, *options)
    summary, verdict = said.report["summary"], said.report["verdict"]
    rows, bad = summary["rows"], summary["rows"] - summary["rows_ok"]
    errors, warnings = summary["by_severity"]["error"], summary["by_severity"]["warning"]
    assert bad == SETS[name]
    failed = errors > 0 or (warnings > 0 and "warning" in options and "--fail-on" in options)
    assert verdict["failed"] == failed
    assert said.code == (failed and "--exit-zero" not in options)
    options = tuple(o.replace("all.json", f"{name}.baseline") for o in options)
    for format in PEOPLE:
        done = run("report", name, "-f", format, *options, cwd=sets)
        lines = done.out.decode().splitlines()
        assert done.code == said.code
        assert lines[-1].startswith("FAILED: " if failed else "OK: "), format
        assert "as written" not in lines[-1]
        assert_trainer_line(lines[-2], rows, summary["trainer"])
        if failed:
            assert (f"{errors:,} error" in lines[-1]) == (errors > 0)
        assert bad_rows(lines[-1]) == ([(bad, rows)] if failed and errors and (bad or "cannot load" in lines[-1]) else [])
        if bad_rows(lines[-1]):
            shown = " ".join(lines[-1].split(" have errors" if bad != 1 else " has errors")[1:])
            assert shown.startswith(", including hidden or lowered ones") == (OPTIONS[tuple(
                "all.json" if o.endswith(".baseline") else o for o in options)] == "hidden" and is_hidden(verdict))
            assert ("not counting raised ones" in shown) == is_raised(said.report, sets, name)
    page = run("report", name, "-f", "html", *options, cwd=sets).out
    sentence = re.search(r"<p class='verdict'><strong>(\w+)</strong> (.*?)</p>", page.decode())
    assert sentence and sentence[1] == ("Failed" if failed else "Passed")
    assert bad_rows(sentence[2]) == ([(bad, rows)] if bad else [])
    assert "as written" not in sentence[2] and Report(page)
    sound = f"; {rows - bad:,} of {rows:,} rows"
    assert sound in verdict["text"] and verdict["text"].startswith("FAILED" if failed else "OK")
    for format in ("markdown", "sarif", "junit"):
        assert sound in run("report", name, "-f", format, *options, cwd=sets).out.decode(), format
    assert re.search(rf"^  sound +{rows - bad:,}$", run("report", name, "-f", "stats", cwd=sets).out.decode(), re.M)


def is_hidden(verdict: dict[str, Any]) -> bool:
    return any(a["error"] for a in verdict["adjusted"] if a["how"] != "passed")


def is_raised(report: dict[str, Any], sets: Path, name: str) -> bool:
    found = say(sets, name).report["summary"]["by_severity"]["error"]
    adjusted = sum(a["error"] for a in report["verdict"]["adjusted"] if a["how"] != "passed")
    return bool(report["summary"]["by_severity"]["error"] + adjusted > found)


@pytest.mark.parametrize("trainer", READS_LLAVA)
def test_the_trainers_line_is_another_matter(trainer: str, sets: Path) -> None:
    """Rows may be altered in training without an error, and errors may concern another trainer."""
    for name in SETS:
        said = say(sets, name, "-t", trainer).report
        lines = run("report", name, "-t", trainer, cwd=sets).out.decode().splitlines()
        assert_trainer_line(lines[-2], said["summary"]["rows"], said["summary"]["trainer"])
        default = run("report", name, cwd=sets).out.decode().splitlines()
        assert lines[-1] == default[-1]
