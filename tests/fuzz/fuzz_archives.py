"""fuzz_archives.py - archives as seeds for fuzzing; fuzz_seeds.py writes them."""

import random
import sys
import tarfile
import tempfile
import zlib
from pathlib import Path

import archive_mutants
import archive_seeds

sys.path.append(str(Path(__file__).resolve().parents[1] / "shards"))
import cases as shard_cases  # noqa: E402

WORDS = [b"PK\1\2", b"PK\3\4", b"PK\5\6", b"PK\6\6", b"PK\6\7", b"ustar\x0000", b"ustar  \0", b"path=", b"size=",
         b"linkpath=", b"GNU.sparse.name=", b"\x1f\x8b\x08", b"\x80\0\0\0", b"\xff\xff\xff\xff"]
LONGEST = 16000


def tars():
    with tempfile.TemporaryDirectory() as folder:
        every = [*archive_seeds.by_hand().values(), *archive_seeds.by_gnu(Path(folder))]
    rng = random.Random("tars")
    for form in (tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT) * 4:
        every.append(archive_seeds.by_python(rng, form))
    return [data for data in every if len(data) <= LONGEST]


def shards():
    """The shards of tests/shards, broken in many ways."""
    return [data for case in shard_cases.cases() for data in case.shards.values() if len(data) <= LONGEST]


def deflated(data, level):
    packer = zlib.compressobj(level, wbits=-15)
    return packer.compress(data) + packer.flush()


def archives():
    """Archives with every kind of compression."""
    rng = random.Random("archives")
    chosen = tars()[::3]
    made = [archive_mutants.compress(rng, data, coding) for data in chosen for coding in ("gz", "zst", "xz", "bz2")]
    return [*chosen, *made]


def family(name):
    """Return the seeds and the words of a family; None if it is not one of these."""
    if name == "tars":
        return tars(), WORDS
    if name == "shards":
        return shards(), WORDS + [b".jpg", b".json", b".JPG", b"__", b"[{", b"ustar"]
    if name == "archives":
        return archives(), WORDS
    if name == "zips":
        rng = random.Random("zips")
        return [archive_seeds.zips(rng) for _ in range(80)], WORDS
    if name == "deflated":
        return [deflated(data, level)[:4000] for data in tars()[::4] for level in (0, 1, 6, 9)], None
    return None
