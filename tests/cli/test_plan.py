"""The estimates of `llava-check plan`."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest
from program import DEMO, GOOD_JPEG, assert_complaint, environment, program, row, run, write_rows


def make_set(folder: Path, rows: int = 6000) -> Path:
    """Make rows in two files, which share most of their images."""
    data = folder / "a set"
    (data / "images").mkdir(parents=True)
    for number in range(40):
        shutil.copy(GOOD_JPEG, data / f"images/{number}.jpg")
    for name in ("one.jsonl", "two.json"):
        write_rows(data / name, [row(f"{name}-{i}", f"{i % 40}.jpg") for i in range(rows // 2)])
    return data


def numbers(text: str) -> list[int]:
    return [int(word.replace(",", "")) for word in re.findall(r"\d[\d,]*", text)]


def test_estimate(tmp_path: Path) -> None:
    make_set(tmp_path)
    (tmp_path / "tmp").mkdir()
    done = run("plan", "a set", cwd=tmp_path, env={**environment(tmp_path), "TMPDIR": str(tmp_path / "tmp")})
    assert done.code == 0 and done.err == ""
    lines = done.out.decode().splitlines()
    rows, files = numbers(lines[0])[:2]
    assert 5900 <= rows <= 6100 and files == 2
    assert re.fullmatch(r"measured on [\d,]+ rows: [\d.]+ [KMG]iB a second; on 40 images: [\d,]+ a second", lines[1])
    # taking the sample leaves no files, neither in the data
    assert list((tmp_path / "tmp").iterdir()) == []
    assert sorted(path.name for path in (tmp_path / "a set").iterdir()) == ["images", "one.jsonl", "two.json"]
    # printed commands can be copied
    command = shlex.split(lines[-1])
    assert command == ["llava-check", "check", "a set"]
    assert subprocess.run([program(), *command[1:], "--quiet"], cwd=tmp_path, check=False).returncode == 0


def test_small_sets(tmp_path: Path) -> None:
    done = run("plan", DEMO, cwd=tmp_path)
    assert done.code == 0 and done.out.startswith(b"about 43 rows in 1 file (24 KiB), at most 35 images (")
    (tmp_path / "rows.json").write_text("[]")
    done = run("plan", "rows.json", cwd=tmp_path)
    assert done.code == 0 and done.out.startswith(b"about 0 rows in 1 file (2 bytes)"), done
    done = run("plan", DEMO, "--no-images", cwd=tmp_path)
    assert done.code == 0 and b"images" not in done.out


def test_damaged_rows(tmp_path: Path) -> None:
    (tmp_path / "rows.jsonl").write_bytes(b'{"id": 1}\n{"id": \n\xff\xfe\n' * 9)
    done = run("plan", "rows.jsonl", cwd=tmp_path)
    assert done.code == 0 and b"rows in 1 file" in done.out


def test_archives_are_named(tmp_path: Path) -> None:
    data = make_set(tmp_path, rows=20)
    shutil.make_archive(str(data / "images"), "tar", data / "images")
    done = run("plan", data.name, cwd=tmp_path)
    assert done.code == 0 and b"archives beside the rows are not counted" in done.out


@pytest.mark.parametrize("arguments, said", [
    (["nothing"], "no such file or folder"),
    ([], "usage: llava-check plan PATH"),
    (["."], "no rows"),
])  # fmt: skip
def test_misuse(tmp_path: Path, arguments: list[str], said: str) -> None:
    assert_complaint(run("plan", *arguments, cwd=tmp_path), said)


def test_temporary_folder_that_cannot_be_used(tmp_path: Path) -> None:
    done = run("plan", DEMO, cwd=tmp_path, env={**environment(tmp_path), "TMPDIR": "/nothing"})
    assert_complaint(done, "create a temporary folder")
