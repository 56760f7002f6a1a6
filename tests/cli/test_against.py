"""verify --against: compare a folder with the archive that it was unpacked from."""

from __future__ import annotations

import io
import random
import shutil
import subprocess
import tarfile
import zipfile
from pathlib import Path

import pytest
from program import Done, run

KINDS = ("tar", "tar.gz", "tar.bz2", "tar.xz", "tar.zst", "zip")
FILES = 30


def pack(path: Path, files: dict[str, bytes], links: dict[str, str] | None = None) -> None:
    kind = path.name.split(".", 1)[1]
    if kind == "zip":
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
            for name, data in files.items():
                packed.writestr(zipfile.ZipInfo(name), data)
        return
    with tarfile.open(path, {"tar.gz": "w:gz", "tar.bz2": "w:bz2", "tar.xz": "w:xz"}.get(kind, "w")) as archive:
        for name, data in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
        for name, target in (links or {}).items():
            member = tarfile.TarInfo(name)
            member.type, member.linkname = tarfile.LNKTYPE, target
            archive.addfile(member)
    if kind == "tar.zst":
        whole = path.read_bytes()
        path.write_bytes(subprocess.run(["zstd", "-qc"], input=whole, capture_output=True, check=True).stdout)


def unpack(files: dict[str, bytes], to: Path, without: str = "") -> Path:
    for name, data in files.items():
        path = to / name.removeprefix(without)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return to


def against(archive: Path, folder: Path, *options: str) -> Done:
    return run("verify", "--against", str(archive), str(folder), *options, cwd=folder)


@pytest.fixture(name="files")
def made_files() -> dict[str, bytes]:
    draw = random.Random(3)
    return {f"images/{draw.choice('ab')}/{n}.jpg": draw.randbytes(draw.randrange(5000)) for n in range(FILES)}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("without", ["", "images/"])
def test_a_folder_is_what_was_unpacked(tmp_path: Path, files: dict[str, bytes], kind: str, without: str) -> None:
    archive = tmp_path / f"x.{kind}"
    pack(archive, files)
    folder = unpack(files, tmp_path / "out", without)
    done = against(archive, folder)
    assert done.code == 0 and f"{FILES} of {FILES} recorded files have the recorded bytes".encode() in done.out, done
    (folder / "new.jpg").write_bytes(b"?")
    names = [name.removeprefix(without) for name in files]
    gone, other, longer = names[3], names[7], names[11]
    (folder / gone).unlink()
    (folder / other).write_bytes(bytes(len(files[without + other])) if files[without + other] else b"?")
    (folder / longer).write_bytes(files[without + longer] + b"?")
    done = against(archive, folder, "--show", "info")
    assert done.code == 1
    for code, name in (("HUB901", other), ("HUB901", longer), ("HUB902", gone), ("HUB905", "new.jpg")):
        part = done.out.partition(code.encode())[2].partition(b"\n\n")[0]
        assert name.encode() in part, (code, name, done.out)


def test_the_last_of_two_members_and_links_count(tmp_path: Path) -> None:
    archive = tmp_path / "x.tar"
    with tarfile.open(archive, "w") as packed:
        for data in (b"first", b"second"):
            member = tarfile.TarInfo("a/1")
            member.size = len(data)
            packed.addfile(member, io.BytesIO(data))
        member = tarfile.TarInfo("a/2")
        member.type, member.linkname = tarfile.LNKTYPE, "a/1"
        packed.addfile(member)
        packed.addfile(tarfile.TarInfo("../../up"), io.BytesIO(b""))
    folder = tmp_path / "out"
    folder.mkdir()
    subprocess.run(["tar", "-xf", archive, "-C", folder], stderr=subprocess.DEVNULL, check=False)
    done = against(archive, folder)
    assert done.code == 0 and b"2 of 2 recorded" in done.out and b"HUB906" in done.out, done.out
    (folder / "a/1").unlink()
    (folder / "a/1").write_bytes(b"first")
    assert against(archive, folder).code == 1


def test_a_damaged_archive_proves_nothing(tmp_path: Path, files: dict[str, bytes]) -> None:
    archive = tmp_path / "x.tar.gz"
    pack(archive, files)
    folder = unpack(files, tmp_path / "out")
    whole = archive.read_bytes()
    for damaged in (whole[:-20], whole[: len(whole) // 2], whole[:-8] + bytes(4) + whole[-4:]):
        archive.write_bytes(damaged)
        done = against(archive, folder)
        assert done.code == 1 and b"HUB903" in done.out, done


def test_what_is_no_archive_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    (tmp_path / "text.tar").write_bytes(b"text")
    assert against(tmp_path / "none.tar", folder).code == 2
    done = against(tmp_path / "text.tar", folder)
    assert done.code == 2 and "is not an archive" in done.err
    assert "one after the other" in against(tmp_path / "text.tar", folder, "--download").err
    shutil.rmtree(folder)
