"""Snapshots of the disk: taken before and after a run, they show what the run created or changed."""

from __future__ import annotations

import hashlib
import os
import stat
from collections import Counter
from pathlib import Path
from typing import NamedTuple

MOST_HASHED = 64 << 20  # of larger files, which are sparse, only the size is compared


class Seen(NamedTuple):
    """An entry's lstat and content, without its atime, which reading changes."""

    kind: str
    mode: int
    owner: tuple[int, int]
    links: int
    size: int
    mtime_ns: int
    content: str  # SHA-256 of a file, target of a symbolic link


KINDS = {stat.S_IFREG: "file", stat.S_IFDIR: "folder", stat.S_IFLNK: "link", stat.S_IFIFO: "fifo",
         stat.S_IFSOCK: "socket", stat.S_IFCHR: "device", stat.S_IFBLK: "disk"}  # fmt: skip


def look(path: str) -> Seen:
    status = os.lstat(path)
    kind = KINDS[stat.S_IFMT(status.st_mode)]
    content = ""
    if kind == "link":
        content = os.readlink(path)
    elif kind == "file" and status.st_size <= MOST_HASHED:
        content = hashlib.sha256(Path(path).read_bytes()).hexdigest()
    return Seen(kind, stat.S_IMODE(status.st_mode), (status.st_uid, status.st_gid), status.st_nlink,
                status.st_size, status.st_mtime_ns, content)  # fmt: skip


def snapshot(top: Path, *, index: Path | None = None) -> dict[str, Seen]:
    """Return every entry of a tree by its path, including the tree itself.

    Left out are the index folder, what its creation changes about the folder around it, and the link
    counts of files that have another name in it.
    """
    inside = Counter(os.lstat(path).st_ino for path in index.rglob("*")) if index and index.is_dir() else Counter()
    seen: dict[str, Seen] = {}

    def add(path: str) -> None:
        entry = look(path)
        if index and Path(path) == index.parent:
            entry = entry._replace(links=0, size=0, mtime_ns=0)
        if entry.kind != "folder":
            entry = entry._replace(links=entry.links - inside[os.lstat(path).st_ino])
        seen[path] = entry

    add(str(top))
    for folder, folders, files in os.walk(top):
        if index and Path(folder) == index.parent and index.name in folders:
            folders.remove(index.name)
        for name in [*folders, *files]:
            if not (index and Path(folder, name) == index):
                add(os.path.join(folder, name))
    return seen


def changes(before: dict[str, Seen], after: dict[str, Seen]) -> list[str]:
    """List the differences, for people; empty if there are none."""
    gone = [f"removed: {path}" for path in sorted(before.keys() - after.keys())]
    new = [f"created: {path}" for path in sorted(after.keys() - before.keys())]
    changed = [f"changed: {path}: {before[path]} -> {after[path]}"
               for path in sorted(before.keys() & after.keys()) if before[path] != after[path]]
    return gone + new + changed
