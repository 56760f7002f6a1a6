"""archive_reference.py - read an archive with tarfile, zipfile and GNU tar."""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
import subprocess
import tarfile
import zipfile
from dataclasses import dataclass, field
from pathlib import Path

SECONDS = 10  # time limit of a program for one archive


@dataclass
class Member:
    kind: str  # f file, h hard link, s soft link, d folder, p device or FIFO, o other
    name: bytes
    link: bytes = b""
    sha: str = ""  # of files; "!" if they cannot be read


@dataclass
class Listing:
    members: list[Member] = field(default_factory=list)
    error: str = ""  # why there are no more members; may come from the exit code


class TooLong(Exception):
    pass


def _alarm(*_: object) -> None:
    raise TooLong


def raw(name: str) -> bytes:
    return name.encode("utf-8", "surrogateescape")


def by_tarfile(path: Path, mode: str = "r:*") -> Listing:
    """Read with Python's tarfile as datasets do: members, and the bytes of files."""
    out = Listing()
    signal.signal(signal.SIGALRM, _alarm)
    signal.alarm(SECONDS)
    try:
        with tarfile.open(path, mode, encoding="utf-8", errors="surrogateescape") as archive:
            for info in archive:
                out.members.append(_tar_member(archive, info))
    except TooLong:
        out.error = "it takes too long"
    except Exception as error:  # pylint: disable=broad-except # any kind, from zlib errors to recursion
        out.error = f"{type(error).__name__}: {error}"
    finally:
        signal.alarm(0)
    return out


def _tar_member(archive: tarfile.TarFile, info: tarfile.TarInfo) -> Member:
    name = raw(info.name)
    name = name.rstrip(b"/") or (name[:1] if not info.isdir() else b"")
    if info.issparse():
        return Member("p", name)
    if info.isdir():
        return Member("d", name)
    if info.islnk() or info.issym():
        return Member("h" if info.islnk() else "s", name, raw(info.linkname))
    if info.isdev():
        return Member("c", name)
    sha = hashlib.sha256()
    read = 0
    with archive.extractfile(info) as data:  # in pieces, as its size may be wrong
        while piece := data.read(1 << 16):
            sha.update(piece)
            read += len(piece)
    if read < info.size:
        return Member("f" if info.isreg() else "o", name, sha="!")
    return Member("f" if info.isreg() else "o", name, sha=sha.hexdigest())


def by_zipfile(path: Path) -> Listing:
    out = Listing()
    try:
        with zipfile.ZipFile(path) as archive:
            for info in archive.infolist():
                name = info.orig_filename
                name = raw(name) if info.flag_bits & 0x800 else name.encode("cp437")
                name = name.rstrip(b"/") or name[:1]
                if info.is_dir():
                    out.members.append(Member("d", name))
                    continue
                try:
                    sha = hashlib.sha256(archive.read(info)).hexdigest()
                except Exception:  # pylint: disable=broad-except
                    sha = "!"
                out.members.append(Member("f", name, sha=sha))
    except Exception as error:  # pylint: disable=broad-except
        out.error = f"{type(error).__name__}: {error}"
    return out


def by_gnu(path: Path, folder: Path) -> tuple[dict[bytes, Member], str]:
    """Unpack with GNU tar: return what it leaves in a folder, and the error that it reports."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    done = subprocess.run(["tar", "-xf", path, "-C", folder, "--no-same-owner", "--no-same-permissions", "--delay-directory-restore"],
                          capture_output=True, check=False, timeout=SECONDS, env={"PATH": os.environ["PATH"], "LC_ALL": "C"})
    found = {}
    for top, folders, files in os.walk(os.fsencode(folder)):
        for name in folders + files:
            full = os.path.join(top, name)
            place = os.path.relpath(full, os.fsencode(folder))
            if os.path.islink(full):
                found[place] = Member("s", place, os.readlink(full))
            elif os.path.isdir(full):
                found[place] = Member("d", place)
            elif os.path.isfile(full):
                with open(full, "rb") as file:
                    found[place] = Member("f", place, sha=hashlib.sha256(file.read()).hexdigest())
            else:
                found[place] = Member("c", place)
    return found, done.stderr.decode(errors="replace") if done.returncode else ""
