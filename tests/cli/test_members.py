"""Members of large archives: runs that resume within an archive, and commands that read single members."""

from __future__ import annotations

import gzip
import io
import json
import os
import random
import re
import shutil
import subprocess
import tarfile
import time
from pathlib import Path
from typing import Any, Iterator

import pytest
import xxhash
from html_reader import Report
from program import FIXTURES, environment, program, row, run, write_rows
from test_thumbnails import thumbs_of

DEMO = FIXTURES / "demo/images/coco/train2017/000000033471.jpg"
RULES = FIXTURES / "rules/images"
MEMBERS = 75  # of 2 MB each: two points
KILLS = 5
DAMAGED = 8


def add(archive: tarfile.TarFile, name: str, data: bytes) -> None:
    member = tarfile.TarInfo(name)
    member.size, member.mtime = len(data), 1_700_000_000
    archive.addfile(member, io.BytesIO(data))


def link(archive: tarfile.TarFile, name: str, kind: bytes, target: str) -> None:
    member = tarfile.TarInfo(name)
    member.type, member.linkname = kind, target
    archive.addfile(member)


@pytest.fixture(name="made", scope="module")
def made_set(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make archives of 150 MB and of a few images, with links and a member that no row names."""
    folder = tmp_path_factory.mktemp("large")
    draw = random.Random(1)
    picture, broken = DEMO.read_bytes(), DEMO.read_bytes()[:-400]
    names = [f"coco/{number:04d}.jpg" for number in range(MEMBERS)]
    with gzip.GzipFile(folder / "big.tar.gz", "wb", compresslevel=0) as packed, \
            tarfile.open(fileobj=packed, mode="w|") as archive:
        add(archive, "README", b"no image")
        for number, name in enumerate(names):
            # trailing bytes are a finding, but need no decoding
            add(archive, name, (broken if number == 60 else picture) + draw.randbytes(2_000_000))
        link(archive, "links/hard.jpg", tarfile.LNKTYPE, names[70])
        link(archive, "links/soft.jpg", tarfile.SYMTYPE, f"../{names[10]}")
    with tarfile.open(folder / "small.tar", "w") as archive:
        add(archive, "s/1.jpg", picture)
        add(archive, "s/2.jpg", broken)
    names += ["links/hard.jpg", "links/soft.jpg", "s/1.jpg", "s/2.jpg", "./" + names[3], "coco/none.jpg"]
    write_rows(folder / "rows.json", [row(name, name) for name in names])
    time.sleep(2.2)  # until times are old enough to be trusted
    return folder


@pytest.fixture(name="raw")
def with_index(made: Path) -> Iterator[Path]:
    run("check", ".", "-q", cwd=made)
    yield made
    shutil.rmtree(made / ".llava-check")


def report(folder: Path, *options: str) -> tuple[dict[str, Any], str]:
    done = run("check", ".", "-v", "-f", "json", *options, cwd=folder)
    return json.loads(done.out), done.err


def read_by(folder: Path) -> int:
    """Return the number of bytes that a check reads."""
    done = subprocess.run(["sh", "-c", '"$0" check . -q >/dev/null; grep rchar /proc/$$/io', program()], cwd=folder,
                          env=environment(folder), capture_output=True, text=True, check=True)
    return int(done.stdout.split()[-1])


def kill(folder: Path, least: int, *options: str) -> bool:
    """Kill a check when its journal has least bytes; return whether it did."""
    journal = folder / ".llava-check/journal"
    with subprocess.Popen([program(), "check", ".", "-q", *options], cwd=folder, env=environment(folder),
                          stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as child:
        while child.poll() is None and (not journal.exists() or journal.stat().st_size < least):
            time.sleep(0.002)
        child.kill()
    return journal.exists()


def test_a_killed_run_continues_within_an_archive(made: Path) -> None:
    expected, said = report(made)
    index = made / ".llava-check"
    assert "continued" not in said
    continued = 0
    for number in range(KILLS):
        shutil.rmtree(index)
        if not kill(made, 40_000 + 35_000 * (number % 2)):
            continue
        if number < 2:
            assert read_by(made) < 120_000_000
            continue
        found, said = report(made)
        assert found == expected
        continued += bool(re.search(r"big.tar.gz \(11 .*; continued after \d+ members\)", said))
    assert continued
    assert run("index", "check", ".", cwd=made).code == 0
    shutil.rmtree(index)


def blocks_of(journal: bytes) -> Iterator[tuple[int, int]]:
    """Yield offset and size of each block's content."""
    at = 0
    while at < len(journal):
        size = int.from_bytes(journal[at + 4 : at + 8], "big")
        yield at + 56, size
        at += 56 + size


def test_a_malformed_section_is_not_used(made: Path) -> None:
    """Sections of a journal are validated, whoever wrote it."""
    draw = random.Random(2)
    index = made / ".llava-check"
    shutil.rmtree(index, ignore_errors=True)
    assert kill(made, 40_000, "--index", ".llava-check")
    whole = (index / "journal").read_bytes()
    (begin, size), = [(at, size) for at, size in blocks_of(whole) if whole[at : at + 1] == b"a"][:1]
    for number in range(DAMAGED):
        damaged = bytearray(whole)
        head = [begin + draw.randrange(1, 120), begin + size - draw.randrange(1, 2000)][number % 2]
        damaged[head] = draw.choice([0, 1, 0x7F, 0xFF])
        damaged[begin - 48 : begin - 32] = xxhash.xxh3_128(damaged[begin : begin + size]).digest()
        (index / "index.mdb").unlink(missing_ok=True)
        (index / "journal").write_bytes(damaged)
        done = run("check", ".", "-q", "--index", ".llava-check", cwd=made)
        assert done.code == 1, done
    shutil.rmtree(index)


def test_verify_finds_every_image_and_link(raw: Path) -> None:
    done = run("verify", ".", cwd=raw)
    assert done.code == 0 and f"images    {MEMBERS + 5}: all as indexed".encode() in done.out, done.out
    big = raw / "big.tar.gz"
    times = os.stat(big)
    with big.open("r+b") as file:  # within an image, which is stored uncompressed
        file.seek(big.stat().st_size - 20_000_000)
        before = file.read(1)
        file.seek(-1, 1)
        file.write(bytes([before[0] ^ 1]))
    os.utime(big, ns=(times.st_atime_ns, times.st_mtime_ns))
    try:
        done = run("verify", ".", "--show", "info", cwd=raw)
        changed = set(re.findall(rb"big.tar.gz!(\S+.jpg)", done.out))
        assert done.code == 1 and len(changed) == 1, done.out
    finally:
        with big.open("r+b") as file:
            file.seek(big.stat().st_size - 20_000_000)
            file.write(before)
        os.utime(big, ns=(times.st_atime_ns, times.st_mtime_ns))


def test_images_are_copied_from_archives(raw: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = run("clean", str(raw), "-o", str(tmp_path / "clean.json"), "--copy-images", str(out), "--drop", "IMG507",
               cwd=tmp_path)
    assert done.code == 0, done.err
    unpacked = tmp_path / "unpacked"
    unpacked.mkdir()
    for name in ("big.tar.gz", "small.tar"):
        subprocess.run(["tar", "-xf", raw / name, "-C", unpacked], check=True)
    copied = sorted(path.relative_to(out) for path in out.rglob("*.jpg"))
    assert len(copied) == MEMBERS + 3  # s/2.jpg is dropped
    for name in copied:
        assert (out / name).read_bytes() == (unpacked / name).read_bytes()
    again = run("clean", str(raw), "-o", str(tmp_path / "again.json"), "--copy-images", str(out), "--drop", "IMG507",
                cwd=tmp_path)
    assert again.code == 0 and b"already" in again.out, again


def test_thumbnails_show_members(raw: Path) -> None:
    run("report", ".", "-q", "--show", "info", "--thumbnails", "-o", "page.html", cwd=raw)
    thumbs = thumbs_of(Report((raw / "page.html").read_bytes()), "IMG517")
    (raw / "page.html").unlink()
    assert len(thumbs) == 5
    for thumb in thumbs:
        assert not thumb.why and len(thumb.pictures) == 1
    assert not list(raw.glob("*.jpg"))


def test_there_is_nothing_to_link_to(raw: Path, tmp_path: Path) -> None:
    done = run("clean", str(raw), "-o", str(tmp_path / "clean.json"), "--link-images", str(tmp_path / "out"), cwd=tmp_path)
    assert done.code == 2 and "--copy-images" in done.err
    assert not list(tmp_path.rglob("*.json"))
