"""llava_check.manifest writes what the command writes, and verify compares with it."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from conftest import Made, command

import llava_check


def test_it_equals_the_manifest_of_the_command(made: Made, tmp_path: Path) -> None:
    subprocess.run([command(), "manifest", made.path, "-o", tmp_path / "by-command"], check=True, capture_output=True)
    (made.path / "link").symlink_to("rows.json")
    seen = []
    manifest = llava_check.manifest(made.path, tmp_path / "mine", progress=seen.append)
    assert (tmp_path / "mine").read_bytes() == (tmp_path / "by-command").read_bytes() == manifest.text().encode()
    files = [path for path in made.path.rglob("*") if path.is_file() and not path.is_symlink()]
    assert (manifest.files, manifest.links) == (len(files), 1)
    assert manifest.bytes == sum(path.stat().st_size for path in files)
    assert seen and seen[-1].stage == "hash"


def test_verify_compares_with_it(made: Made, tmp_path: Path) -> None:
    llava_check.manifest(made.path, tmp_path / "m")
    assert llava_check.verify(made.path, manifest=tmp_path / "m").ok
    (made.path / "images/a/1.png").write_bytes(b"other")
    assert not llava_check.verify(made.path, manifest=tmp_path / "m").ok


def test_it_is_not_recorded_itself_and_replaces_only_manifests(made: Made, tmp_path: Path) -> None:
    inside = made.path / "m"
    first = llava_check.manifest(made.path, inside)
    with pytest.raises(llava_check.UsageError, match="it exists"):
        llava_check.manifest(made.path, inside)
    assert llava_check.manifest(made.path, inside, force=True).text() == first.text()
    mine = tmp_path / "mine"
    mine.write_text("mine")
    with pytest.raises(llava_check.UsageError, match="not a manifest"):
        llava_check.manifest(made.path, mine, force=True)
    (tmp_path / "link").symlink_to(inside)
    with pytest.raises(llava_check.UsageError, match="not a regular file"):
        first.write(tmp_path / "link", force=True)
    assert mine.read_text() == "mine"


def test_errors_name_the_folder(made: Made, tmp_path: Path) -> None:
    with pytest.raises(llava_check.UsageError, match="nothing"):
        llava_check.manifest(tmp_path / "nothing")

    def stop(_progress: llava_check.Progress) -> None:
        raise RuntimeError("enough")

    os.truncate(made.path / "rows.json", 300_000_000)
    with pytest.raises(RuntimeError, match="enough"):
        llava_check.manifest(made.path, tmp_path / "m", progress=stop)
    assert not (tmp_path / "m").exists()
