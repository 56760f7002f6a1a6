"""docs/examples/read_index.py reads an index by docs/index-format.md alone, and must find in it
what the JSON report says."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import xxhash

from program import FIXTURES, REPOSITORY, copy_fixture, run

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
}


class Set:
    """A fixture that was checked: its report, and what the script reads."""

    def __init__(self, name: str, scratch: Path) -> None:
        self.folder = scratch / name
        self.index = self.folder / ".llava-check"
        copy_fixture(FIXTURES / name, self.folder)
        done = run("check", name, "-f", "json", "--show", "info", cwd=scratch)
        assert done.code == 1
        self.report: dict[str, Any] = json.loads(done.out)

    def read(self, *arguments: str) -> list[dict[str, Any]]:
        done = subprocess.run(
            [sys.executable, SCRIPT, self.index, *arguments], capture_output=True, check=True
        )
        return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.fixture(scope="module", params=["demo", "rules"])
def checked(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Set:
    return Set(request.param, tmp_path_factory.mktemp("checked"))


def test_summary(checked: Set) -> None:
    (summary,) = checked.read("summary")
    report = checked.report
    for name in ("rows", "rows_ok", "rows_text_only", "turns", "words", "images_referenced"):
        assert summary[name] == report["summary"][name], name
    for name in ("images", "images_ok", "images_unverified", "image_bytes"):
        assert summary[name] == report["summary"][name], name
    for name in ("by_severity", "by_rule"):
        assert summary[name] == report["summary"][name], name
    assert summary["tool"] == report["tool"]["version"]
    assert summary["dataset"] == report["dataset"]["path"]
    assert summary["image_root"] == report["dataset"]["image_root"]
    assert summary["rows_files"] == len(report["dataset"]["rows_files"])


def test_files_and_rows(checked: Set) -> None:
    files = checked.read("files")
    rows = checked.read("rows")
    assert [f["name"] for f in files] == checked.report["dataset"]["rows_files"]
    assert [r["number"] for r in rows] == list(range(checked.report["summary"]["rows"]))
    assert rows[7:9] == checked.read("rows", "7", "8")
    assert sum(r["words"] for r in rows) == checked.report["summary"]["words"]
    for file in files:
        path = checked.folder / file["name"]
        text = path.read_bytes()
        assert (file["size"], file["mtime_ns"]) == (len(text), path.stat().st_mtime_ns)
        assert file["inode"] == path.stat().st_ino
        assert file["lines"] == (path.suffix == ".jsonl")
        own = rows[file["first_row"] : file["first_row"] + file["rows"]]
        assert [r["row"] for r in own] == list(range(file["rows"]))
        for row in own:
            assert row["file"] == file["name"]
            assert row["line"] == text.count(b"\n", 0, row["offset"]) + 1
            if row["readable"]:
                check_row(row, text[row["offset"] : row["offset"] + row["size"]])


def check_row(row: dict[str, Any], text: bytes) -> None:
    """A row of the index against its own text."""
    data = json.loads(text.decode("utf-8", "surrogateescape"))
    if not isinstance(data, dict):
        return
    images = data.get("image")
    if isinstance(images, str) and images.strip():
        assert row["images"] == [images]
    if isinstance(data.get("id"), (str, int)) and not isinstance(data["id"], bool) and row["id"]:
        assert row["id"] == str(data["id"])
    if isinstance(data.get("conversations"), list):
        assert row["turns"] == len(data["conversations"])


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
    errors = [f for f in checked.report["findings"] if f["severity"] == "error"]
    verdicts = {f["image"]: BAD_STATES[f["rule"]] for f in errors if f["rule"] in BAD_STATES}
    bad = {image["path"]: image["state"] for image in checked.read("bad")}
    assert bad == verdicts and len(bad) >= 8


def test_findings(checked: Set) -> None:
    """The same findings in the same order, with the same fields."""
    rows = checked.read("rows")
    found = checked.read("findings")
    wanted = checked.report["findings"]
    assert len(found) == len(wanted) == sum(checked.report["summary"]["by_rule"].values())
    for ours, reported in zip(found, wanted):
        kind = ours.pop("kind")
        reported = dict(reported)
        del reported["name"]
        if kind == "row":
            assert ours == reported
            continue
        users = reported.pop("rows")
        if kind == "image":
            numbers = ours.pop("rows")
            assert users["count"] == len(numbers)
            first = [{k: rows[n][k] for k in ("file", "row", "line")} for n in numbers[:3]]
            assert users["first"] == first
        else:
            assert users["count"] == ours.pop("row_count")
        assert ours == reported


def test_look_ups(checked: Set) -> None:
    """Every look-up leads to where it must, and duplicates are those of the files."""
    sys.path.insert(0, str(SCRIPT.parent))
    try:
        from read_index import Index  # type: ignore[import]
    finally:
        sys.path.pop(0)
    index = Index(checked.index)
    for image in checked.read("images"):
        path = xxhash.xxh3_128(image["path"].encode()).digest()
        assert index.values("by_path", path) == [image["number"]]
        if image["format"]:
            content = bytes.fromhex(image["content"])
            assert image["number"] in index.values("by_content", content)
    named = [row for row in checked.read("rows") if row["id"]]
    assert len(named) > 30
    for row in named:
        ident = xxhash.xxh3_128(row["id"].encode()).digest()
        assert row["number"] in index.values("by_id", ident)
    for group in checked.read("duplicates"):
        root = checked.folder / checked.report["dataset"]["image_root"]
        assert len({(root / path).read_bytes() for path in group["paths"]}) == 1


def test_the_description_names_every_field() -> None:
    sys.path.insert(0, str(SCRIPT.parent))
    try:
        import read_index  # type: ignore[import]
    finally:
        sys.path.pop(0)
    described = FORMAT.read_text(encoding="utf-8")
    records = (read_index.FILE, read_index.ROW, read_index.IMAGE, read_index.FINDING)
    names = [field.split(":")[0] for record in records for field in record.split()]
    names += read_index.SUMMARY + read_index.STATES + read_index.SEVERITIES
    assert len(names) == 74
    missing = [name for name in names if f"`{name}`" not in described]
    assert not missing


def test_wrong_use() -> None:
    for arguments in ([], ["index"], ["index", "nothing"]):
        done = subprocess.run([sys.executable, SCRIPT, *arguments], capture_output=True)
        assert done.returncode != 0
