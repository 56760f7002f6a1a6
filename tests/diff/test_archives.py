"""Compares src/archive with Python's tarfile and zipfile, and with what GNU tar unpacks, on sound,
hostile and mutated archives.

LC_ARCHIVE_FACTS is the path of the built program archive_facts. LC_ARCHIVES sets their number and
LC_ARCHIVES_SEED the first seed, as .ci/nightly does."""

from __future__ import annotations

import os
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
