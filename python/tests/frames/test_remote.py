"""Data sets in object stores: the report is that of a copy on this machine. scripts/s3.sh has a real
server; here, the stores are pyarrow's and fsspec's own for local files and memory."""

from __future__ import annotations

import io
import json
import os
import shutil
import tarfile
import tempfile
import threading
import zipfile
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT, make_row, png
from pyarrow import fs

import llava_check

DEMO = ROOT / "fixtures/demo"


def packed(folder: Path) -> Path:
    """The demo with some images as files, and the others in archives; more files than rows name."""
    data = folder / "packed"
    data.mkdir()
    shutil.copy(DEMO / "llava_demo.json", data)
    names = sorted(path for path in (DEMO / "images").rglob("*") if path.is_file())
    with tarfile.open(data / "a.tar.gz", "w:gz") as tar, zipfile.ZipFile(data / "b.zip", "w") as archive:
        for number, path in enumerate(names):
            name = path.relative_to(DEMO / "images").as_posix()
            if number % 3 == 0:
                (data / "images" / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(path, data / "images" / name)
            elif number % 3 == 1:
                tar.add(path, f"images/{name}")
            else:
                archive.write(path, f"images/{name}")
    (data / "images/unused.png").write_bytes(png())
    return data


def texts(report: llava_check.Report) -> list[str]:
    return [report.text("json"), report.text("full"), report.text("jsonl")]


def local(data: Path, **options: Any) -> list[str]:
    return texts(llava_check.check(data, no_index=True, isolated=True, **options))


def scratch(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    own = folder / "scratch"
    own.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(own))
    return own


@pytest.fixture(name="data", params=["demo", "packed"])
def make_data(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    if request.param == "packed":
        return packed(tmp_path)
    return Path(shutil.copytree(DEMO, tmp_path / "demo", ignore=shutil.ignore_patterns(".llava-check")))


@pytest.mark.parametrize("kind", ["arrow", "fsspec", "url"])
def test_the_report_is_that_of_a_copy(
    data: Path, kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = scratch(tmp_path, monkeypatch)
    wanted = local(data)
    path, filesystem = f"file://{data}", None
    if kind == "arrow":
        path, filesystem = str(data), fs.LocalFileSystem()
    elif kind == "fsspec":
        import fsspec

        filesystem = fsspec.filesystem("memory")
        for file in data.rglob("*"):
            if file.is_file():
                filesystem.pipe(f"/bucket/{data.name}/{file.relative_to(data)}", file.read_bytes())
        path = f"memory://bucket/{data.name}"
    report = llava_check.check(path, filesystem=filesystem, isolated=True, threads=4)
    assert texts(report) == wanted
    assert os.listdir(own) == []
    assert not (data / ".llava-check").exists()


def test_the_disk_holds_little(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of all images, only those that are being read."""
    own = scratch(tmp_path, monkeypatch)
    data = tmp_path / "data"
    (data / "images").mkdir(parents=True)
    rows = [make_row(i, f"{i}.png") for i in range(60)]
    (data / "rows.json").write_text(json.dumps(rows))
    for i in range(60):
        (data / "images" / f"{i}.png").write_bytes(png(seed=i) + os.urandom(200_000))
    wanted = local(data)
    most = 0
    done = threading.Event()

    def watch() -> None:
        nonlocal most
        while not done.wait(0.002):
            used = 0
            for path in own.rglob("*.png"):
                try:
                    used += path.stat().st_blocks * 512
                except FileNotFoundError:
                    pass
            most = max(most, used)

    watcher = threading.Thread(target=watch)
    watcher.start()
    report = llava_check.check(f"file://{data}", isolated=True, threads=2, io_depth=2)
    done.set()
    watcher.join()
    assert texts(report) == wanted
    assert 0 < most <= 6 * 204_800, most


def test_results_are_kept_in_an_index(data: Path, tmp_path: Path) -> None:
    index = tmp_path / "index"
    first = llava_check.check(f"file://{data}", index=index, isolated=True)
    again = llava_check.check(f"file://{data}", index=index, isolated=True)
    assert texts(first) == texts(again) == texts(llava_check.open(index, isolated=True))


class Failing(fs.FileSystemHandler):  # type: ignore[misc]
    """Local files, of which some cannot be read, at first or ever."""

    def __init__(self, failures: dict[str, list[Exception]]) -> None:
        self.inner = fs.LocalFileSystem()
        self.failures = failures

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)

    def get_type_name(self) -> str:
        return "failing"

    def get_file_info(self, paths: Any) -> Any:
        return self.inner.get_file_info(paths)

    def get_file_info_selector(self, selector: Any) -> Any:
        return self.inner.get_file_info(selector)

    def open_input_stream(self, path: str) -> Any:
        left = self.failures.get(os.path.basename(path), [])
        if left:
            raise left.pop(0)
        return self.inner.open_input_stream(path)

    def _unused(self, *_: Any) -> Any:
        raise NotImplementedError

    create_dir = delete_dir = delete_dir_contents = delete_root_dir_contents = delete_file = _unused
    move = copy_file = open_input_file = open_output_stream = open_append_stream = normalize_path = _unused


def test_errors_of_the_store(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if data.name != "demo":
        return
    from llava_check import _remote

    monkeypatch.setattr(_remote, "WAIT", 0.001)
    wanted = local(data)
    name = "000000033471.jpg"
    assert any(path.name == name for path in data.rglob("*"))

    def run(errors: list[Exception]) -> llava_check.Report:
        store = fs.PyFileSystem(Failing({name: errors}))
        return llava_check.check(str(data), filesystem=store, isolated=True)

    assert texts(run([OSError("slow down"), TimeoutError()])) == wanted
    with pytest.raises(OSError, match="slow down"):
        run([OSError("slow down")] * 9)
    codes = [f["message"] for f in run([PermissionError("no")]).findings if name in (f["image"] or "")]
    assert codes == ["permission denied"]


def test_hostile_names(tmp_path: Path) -> None:
    """Objects whose names lead outside, or cannot be those of files, are left out."""
    import fsspec

    store = fsspec.filesystem("memory")
    store.pipe("/odd/set/rows.json", json.dumps([make_row(1, "a.png")]).encode())
    store.pipe("/odd/set/images/a.png", png())
    names = ["/odd/set/images/../../../evil", "/odd/set/images/" + "n" * 300, "/odd/set/images//x"]
    for name in names:
        store.store[name] = type(store.store["/odd/set/rows.json"])(store, name, b"x")
    report = llava_check.check("memory://odd/set", filesystem=store, isolated=True)
    assert report.summary.images_ok == 1
    assert any("left out" in notice for notice in report.notices)
    assert not (tmp_path.parent / "evil").exists()


def test_what_cannot_be_is_refused(tmp_path: Path, data: Path) -> None:
    for path, message in (
        ("nothing://bucket/x", "nothing"), (f"file://{tmp_path}/none", "no such file"),
        ([f"file://{data}", f"file://{data}"], "one remote data set"),
    ):  # fmt: skip
        with pytest.raises(llava_check.UsageError, match=message):
            llava_check.check(path, isolated=True)
    with pytest.raises(llava_check.UsageError, match="filesystem is one of"):
        llava_check.check("x", filesystem=io.BytesIO())
    report = llava_check.check(f"file://{data}", isolated=True)
    with pytest.raises(llava_check.UsageError, match="not on this machine"):
        report.clean(tmp_path / "clean.json")
    report.write(tmp_path / "report.json")
    report.write(tmp_path / "report.json")  # it replaces a report
    assert json.loads((tmp_path / "report.json").read_text())["summary"]


def test_a_rows_file_and_an_image_root(data: Path) -> None:
    if data.name != "demo":
        return
    wanted = local(data / "llava_demo.json", images=data / "images")
    report = llava_check.check(f"file://{data}/llava_demo.json", images=f"file://{data}/images", isolated=True)
    assert texts(report) == wanted


def test_credentials_are_not_shown() -> None:
    from llava_check._remote import public

    assert public("s3://key:secret@bucket/raw?region=x") == "s3://bucket/raw"
