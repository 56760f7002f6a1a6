"""Compares src/archive with Python's tarfile and zipfile, and with what GNU tar unpacks, on sound,
hostile and mutated archives.

LC_ARCHIVE_FACTS is the path of the built program archive_facts. LC_ARCHIVES sets their number and
LC_ARCHIVES_SEED the first seed, as .ci/nightly does."""

from __future__ import annotations

import os
import tarfile
from pathlib import Path

import pytest

import archive_compare

ARCHIVES = int(os.environ.get("LC_ARCHIVES", "400"))
SEED = int(os.environ.get("LC_ARCHIVES_SEED", "1"))
# Least numbers among 400 archives, so that agreement proves something
LEAST = {"sound": 60, "truncated": 15, "bad header": 15, "ambiguous": 15, "bad checksum": 3, "bad data": 3, "no end": 3,
         "trailing bytes": 5, "bad extension": 3, "unsupported": 3, "continues": 2, "not an archive": 3,
         "python refuses": 20, "gnu refuses": 30, "zipfile refuses": 5, "folders": 80, "members": 500,
         ".tar": 60, ".tar.gz": 20, ".tar.xz": 10, ".tar.bz2": 10, ".tar.zst": 10, ".zip": 30}


@pytest.fixture(scope="module", name="outcome")
def _outcome(tmp_path_factory: pytest.TempPathFactory) -> archive_compare.Outcome:
    return archive_compare.run(os.environ["LC_ARCHIVE_FACTS"], tmp_path_factory.mktemp("archives"), ARCHIVES, SEED)


def test_members_bytes_and_rejections_are_the_same(outcome: archive_compare.Outcome) -> None:
    assert outcome.compared == ARCHIVES
    assert not outcome.disagreements, outcome.describe()


def test_archives_meet_every_verdict(outcome: archive_compare.Outcome) -> None:
    print(outcome.describe())
    few = {what: outcome.seen[what] for what, least in LEAST.items() if outcome.seen[what] < least}
    assert not few, outcome.describe()


def test_facts_are_read(tmp_path: Path) -> None:
    """Facts about a file that is not an archive, and about no file."""
    (tmp_path / "x.tar").write_bytes(b"no archive")
    facts = archive_compare.read_facts(os.environ["LC_ARCHIVE_FACTS"], [tmp_path / "x.tar"])
    assert facts[str(tmp_path / "x.tar")].kinds == {"not an archive"}


def header(name: str, type: bytes, size: int = 0) -> bytes:
    info = tarfile.TarInfo(name)
    info.type, info.size = type, size
    return info.tobuf(tarfile.USTAR_FORMAT)


def pax(type: bytes, **values: str) -> bytes:
    """An extended header of these records."""
    text = b""
    for key, value in values.items():
        size = len(f" {key}={value}\n") + 2
        text += f"{size} {key}={value}\n".encode()
        assert 10 <= size < 100
    return header("pax", type, len(text)) + text.ljust(512, b"\0")


END = bytes(1024)
DATA = b"x".ljust(512, b"\0")
MEMBER = header("a.jpg", tarfile.REGTYPE, 1) + DATA
GLOBAL = pax(tarfile.XGLTYPE, comment="a text")
SPARSE = pax(tarfile.XHDTYPE, **{"GNU.sparse.size": "9", "GNU.sparse.numblocks": "1", "GNU.sparse.map": "0,1"})
FOUND = {  # kinds of faults, by archive; tarfile raises ReadError at the end of the first three
    "global-end": (MEMBER + GLOBAL + END, {"bad extension"}),
    "global-no-end": (MEMBER + GLOBAL, {"truncated"}),
    "global-bad": (MEMBER + GLOBAL + b"no header".ljust(512, b"\0") + END, {"bad header"}),
    "global": (GLOBAL + MEMBER + END, set()),
    "sparse": (SPARSE + MEMBER + END, {"unsupported"}),
    "sparse-type": (SPARSE + header("s.jpg", b"Z", 1) + DATA + END, {"unsupported"}),
}


@pytest.mark.parametrize("name", FOUND)
def test_what_longer_runs_found(name: str, tmp_path: Path) -> None:
    data, kinds = FOUND[name]
    path = tmp_path / "x.tar"
    path.write_bytes(data)
    facts = archive_compare.read_facts(os.environ["LC_ARCHIVE_FACTS"], [path])[str(path)]
    made = archive_compare.Made("x.tar", data, data)
    assert facts.kinds == kinds
    assert not archive_compare.compare_tar(path, made, facts, tmp_path / "scratch", archive_compare.Outcome())
