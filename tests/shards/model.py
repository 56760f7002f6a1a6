"""A short model of how webdataset and Energon read a shard, confirmed by their records; it is what a dialect has to
predict

A member counts if it is a regular file (not a link), has a key, and is not metadata. Its key ends at the first dot
after the last slash. Consecutive members with the same key are a sample; the end of a shard ends a sample. A header
that cannot be read silently ends the shard; data that cannot be read raise an exception.
"""

from __future__ import annotations

import io
import re
import tarfile
from typing import Iterator

Sample = list[object]  # key, sorted suffixes


def members(data: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield name and data of each regular file, in order; raise what tarfile raises."""
    with tarfile.open(fileobj=io.BytesIO(data), mode="r|*") as file:
        for info in file:
            if info.isreg():
                opened = file.extractfile(info)
                assert opened
                yield info.name, opened.read()


def split(name: str) -> tuple[str, str] | None:
    """Return key and suffix; None if a member belongs to no sample."""
    if re.match(r"__[^/]*__($|/)", name):
        return None
    folder, slash, base = name.rpartition("/")
    key, dot, suffix = base.partition(".")
    if not dot or (not key and not slash):
        return None
    return (folder + slash + key, suffix) if key or slash else None


def webdataset(shards: list[bytes]) -> tuple[list[Sample], bool]:
    """Return the samples that webdataset 1.0 yields, and whether it raises after them."""
    found: list[Sample] = []
    for data in shards:
        key, suffixes = None, []
        try:
            for name, _ in members(data):
                parts = split(name)
                if not parts:
                    continue
                if parts[0] != key:
                    if suffixes:
                        found.append([key, sorted(suffixes)])
                    key, suffixes = parts[0], []
                if parts[1].lower() in suffixes:
                    return found, True
                suffixes.append(parts[1].lower())
        except tarfile.ReadError:
            return found, True
        if suffixes:
            found.append([key, sorted(suffixes)])
    return found, False
