"""The library's iterators return what the command prints, and reports through a callback are the same as
to a stream: tests/cli/library_facts.c and docs/examples, linked with the library."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tarfile
from pathlib import Path
from typing import Any

import pytest

from program import DEMO, environment, run

FACTS = os.environ["LC_LIBRARY_FACTS"]
EXAMPLES = Path(os.environ["LC_EXAMPLES"])
CHANNELS = {"": 0, "RGB": 3, "L": 1, "RGBA": 4, "P": 1, "1": 1, "LA": 2, "CMYK": 4}


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("library")
    shutil.copytree(DEMO, folder / "demo")
    shutil.copy(folder / "demo/images/ai2d/images/1017.png", folder / "demo/images/again.png")
    row = ('{"id": "twice", "image": "again.png", "conversations": '
           '[{"from": "human", "value": "<image> %s"}, {"from": "gpt", "value": "b"}]}\n')
    member = row.replace("again.png", "packed.png") % "3"
    (folder / "demo/more.jsonl").write_text(row % "1" + "{broken\n" + row % "2" + member)
    with tarfile.open(folder / "demo/some.tar", "w", format=tarfile.USTAR_FORMAT) as archive:
        archive.add(folder / "demo/images/again.png", "packed.png")
    assert run("demo", cwd=folder).code == 1
    return folder / "demo"


def facts(data: Path, *words: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run([FACTS, data, *words], capture_output=True, timeout=60,
                          env=environment(data.parent), check=False)


def entries(data: Path, table: str) -> list[dict[str, Any]]:
    done = facts(data, table)
    assert (done.returncode, done.stderr) == (0, b"")
    return [json.loads(line) for line in done.stdout.splitlines()]


def dumped(data: Path, *words: str) -> list[dict[str, Any]]:
    done = run("index", *words, data, cwd=data.parent)
    assert done.code == 0, done.err
    return [json.loads(line) for line in done.out.splitlines()]


@pytest.mark.parametrize("table, count", [("files", 2), ("rows", 47)])
def test_entries_are_what_the_command_dumps(table: str, count: int, data: Path) -> None:
    got = entries(data, table)
    assert len(got) == count
    assert got == dumped(data, "dump", table)


def test_images(data: Path) -> None:
    got = entries(data, "images")
    assert len(got) > 30
    assert {image["mode"] for image in got} >= {"", "RGB"}
    assert [(image["archive"], image["offset"]) for image in got if image.get("archive")] == [("some.tar", 512)]
    for image in got:
        assert image.pop("channels") == CHANNELS[image["mode"]]
    assert got == dumped(data, "dump", "images")


def test_findings(data: Path) -> None:
    got = entries(data, "findings")
    rows, images = entries(data, "rows"), entries(data, "images")
    assert {finding["kind"] for finding in got} == {"row", "image", "set"}
    for finding in got:
        assert finding.pop("found_severity") == finding["severity"]
        if "row_number" in finding:
            row = rows[finding.pop("row_number")]
            assert (row["file"], row["row"]) == (finding["file"], finding["row"])
        if finding["kind"] == "row":
            files = ["llava_demo.json", "more.jsonl"]
            assert files[finding.pop("file_number")] == finding["file"]
        if "image_number" in finding:
            assert images[finding.pop("image_number")]["path"] == finding["image"]
    assert got == dumped(data, "dump", "findings")


def test_findings_are_those_of_the_report(data: Path) -> None:
    done = run("report", data, "-f", "jsonl", "--show", "info", cwd=data.parent)
    report = [json.loads(line) for line in done.out.splitlines()]
    keys = ("rule", "name", "severity", "message")
    assert len(report) > 15
    assert [[finding[key] for key in keys] for finding in entries(data, "findings")] == \
        [[finding[key] for key in keys] for finding in report]


def test_findings_of_a_view(data: Path) -> None:
    every = [finding for finding in entries(data, "findings")
             if finding["rule"].startswith("CNV") and finding["rule"] != "CNV303"]
    assert [finding["severity"] for finding in every] == ["error", "warning"]
    for finding in every:
        finding["severity"] = "warning"
    assert entries(data, "selected") == every


def test_rows_that_are_ok_are_counted_so(data: Path) -> None:
    ok = sum(not row["faulty"] for row in entries(data, "rows"))
    summary = json.loads(run("report", data, "-f", "json", cwd=data.parent).out)["summary"]
    assert 0 < ok == summary["rows_ok"]


@pytest.mark.parametrize("form", ["json", "jsonl", "csv", "sarif"])
def test_report_through_a_function(form: str, data: Path) -> None:
    done = facts(data, "report", form, "1000000", "0")
    assert done.returncode == 0 and done.stderr.endswith(b" calls, 1\n")
    printed = run("report", data, f"--report={form}:report", "--show", "info", "-q",
                  cwd=data.parent)
    assert printed.code == 1
    written = (data.parent / "report").read_bytes()
    (data.parent / "report").unlink()
    assert len(done.stdout) > 500
    assert done.stdout == written


@pytest.mark.parametrize("result, code, error", [
    (28, 2, b"2 28 the caller's function failed: No space left on device\n"),
    (-1, 5, b"5 0 the caller asked to stop\n"),
])
@pytest.mark.parametrize("good", [0, 1])
def test_a_function_that_fails_ends_the_report(
    good: int, result: int, code: int, error: bytes, data: Path
) -> None:
    done = facts(data, "report", "html", str(good), str(result))
    assert done.returncode == code
    assert done.stderr == b"%d calls, 1\n" % (good + 1) + error


def test_example_counts_findings_by_rule(data: Path) -> None:
    done = subprocess.run([EXAMPLES / "findings_by_rule", data], capture_output=True, text=True,
                          env=environment(data.parent), check=False)
    assert (done.returncode, done.stderr) == (0, "")
    want: dict[str, int] = {}
    for finding in entries(data, "findings"):
        want[finding["rule"]] = want.get(finding["rule"], 0) + 1
    lines = [line.split(maxsplit=2) for line in done.stdout.splitlines()]
    assert {rule: int(count) for count, rule, _ in lines} == want


def test_example_lists_ids_of_bad_rows(data: Path) -> None:
    done = subprocess.run([EXAMPLES / "bad_rows", data], capture_output=True, text=True,
                          env=environment(data.parent), check=False)
    assert (done.returncode, done.stderr) == (0, "")
    want = [row.get("id", f"{row['file']}:{row['line']}")
            for row in entries(data, "rows") if row["faulty"]]
    assert len(want) > 5
    assert done.stdout.splitlines() == want


@pytest.mark.parametrize("name", ["findings_by_rule", "bad_rows"])
def test_examples_complain(name: str, tmp_path: Path) -> None:
    done = subprocess.run([EXAMPLES / name, tmp_path / "no"], capture_output=True, text=True,
                          env=environment(tmp_path), check=False)
    assert done.returncode == 2 and done.stdout == ""
    assert done.stderr.startswith(f"{name}: ")
