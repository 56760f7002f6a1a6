"""Moves the images of a random data set into archives, or makes one of shards; some are damaged."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import os
import random
import tarfile
import zipfile
from dataclasses import dataclass, field
from pathlib import Path

from make_set import Made, Seeds, an_image

SUFFIXES = [".tar", ".tar", ".tar.gz", ".tar.gz", ".tgz", ".zip", ".tar.xz", ".tar.bz2"]
STEMS = ["part_{}", "images.{}", "a{}", "00000{}", "é {}", "x{}y"]
OUTSIDE = ["../up.jpg", "/etc/hostname", "a/../b.jpg", "", ".", "n\nl.jpg", "esc\x1b[2J.jpg", "\u202egpj.a"]
COMPRESS = {".gz": gzip.compress, "tgz": gzip.compress, ".xz": lzma.compress, "bz2": bz2.compress}


@dataclass
class Member:
    name: str
    data: bytes = b""
    kind: bytes = tarfile.REGTYPE
    target: str = ""


@dataclass
class Archive:
    name: str
    members: list[Member] = field(default_factory=list)

    def tar(self) -> bytes:
        out = io.BytesIO()
        with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as tar:
            for member in self.members:
                info = tarfile.TarInfo(member.name)
                info.type, info.linkname, info.size = member.kind, member.target, len(member.data)
                tar.addfile(info, io.BytesIO(member.data))
        return out.getvalue()

    def zip(self) -> bytes:
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as packed:
            for member in self.members:
                if member.kind == tarfile.REGTYPE and member.name:
                    name = member.name.encode("utf-8", "replace").decode()
                    packed.writestr(zipfile.ZipInfo(name), member.data)
        return out.getvalue()

    def bytes(self) -> bytes:
        if self.name.endswith(".zip"):
            return self.zip()
        return COMPRESS.get(self.name[-3:], lambda data: data)(self.tar())


def damaged(data: bytes, rng: random.Random) -> bytes:
    how = rng.randrange(4)
    if how == 0:
        return data[: rng.randrange(len(data))]
    if how == 1:
        return data + rng.randbytes(rng.choice([1, 512, 2000]))
    if how == 2:
        return data[: -rng.choice([512, 1024])]
    out = bytearray(data)
    for _ in range(rng.choice([1, 3])):
        out[rng.randrange(len(out))] ^= 1 << rng.randrange(8)
    return bytes(out)


def write(path: Path, archive: Archive, rng: random.Random, damages: float) -> None:
    data = archive.bytes()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(damaged(data, rng) if rng.random() < damages else data)


def some_archives(rng: random.Random) -> list[Archive]:
    """Make archives, mostly of one series whose numbers may have a gap."""
    stem, first = rng.choice(STEMS), rng.randrange(3)
    out = []
    for number in range(first, first + rng.choice([1, 2, 3, 5, 7])):
        if rng.random() < 0.15:
            continue
        name = (rng.choice(STEMS) if rng.random() < 0.15 else stem).format(number) + rng.choice(SUFFIXES)
        out.append(Archive(rng.choice(["", "", "", "images/", "sub/"]) + name))
    return out or [Archive("only.tar")]


def loose_files(made: Made) -> list[Path]:
    rows = {made.folder / name for name in made.rows_files}
    return sorted(
        path
        for path in made.data.rglob("*")
        if path.is_file() and not path.is_symlink() and path not in rows and path.suffix not in {".yaml", ".json", ".jsonl"}
    )


def add_odd_members(archive: Archive, others: list[Archive], seeds: Seeds, rng: random.Random) -> None:
    """Add members that no row names, links, names that lead elsewhere, and a duplicate with other bytes."""
    names = [member.name for other in others for member in other.members if member.name] or ["none.jpg"]
    for _ in range(rng.choice([0, 0, 1, 2, 5])):
        how = rng.randrange(8)
        near = rng.choice(names)
        if how <= 1:
            name = rng.choice(["unused/", "images/", "", os.path.dirname(near) + "/"]) + f"u{rng.randrange(5)}.jpg"
            archive.members.append(Member(name.lstrip("/"), an_image(seeds, rng)))
        elif how == 2:
            archive.members.append(Member(near, an_image(seeds, rng)))
        elif how == 3:
            archive.members.append(Member(near, b"", tarfile.LNKTYPE, rng.choice(names)))
        elif how <= 5:
            target = os.path.relpath(rng.choice([*names, "none.jpg"]), os.path.dirname(near) or ".")
            archive.members.append(Member(near, b"", tarfile.SYMTYPE, rng.choice([target, target, "/etc/x", "../../x"])))
        elif how == 6:
            archive.members.append(Member(rng.choice(OUTSIDE), an_image(seeds, rng)))
        else:
            archive.members.append(Member(near + ".d", b"", rng.choice([tarfile.FIFOTYPE, tarfile.DIRTYPE])))
    rng.shuffle(archive.members)


def pack(made: Made, seeds: Seeds, rng: random.Random) -> None:
    """Move images into archives; some go into two of them, and some also stay as files."""
    archives = some_archives(rng)
    folder = rng.choice(["", "", "", "top/", "./", "data/"])  # prefix of the members' names
    prefix = rng.choice([None, None, "images", "coco"])  # a folder that is not in the archive
    for path in loose_files(made):
        name = str(path.relative_to(made.data))
        if prefix and name.startswith(prefix + "/") and rng.random() < 0.9:
            name = name[len(prefix) + 1 :]
        data = path.read_bytes()
        chosen = rng.sample(archives, k=min(len(archives), rng.choice([0, 1, 1, 1, 1, 2])))
        for number, archive in enumerate(chosen):
            other = an_image(seeds, rng) if number and rng.random() < 0.5 else data
            archive.members.append(Member(folder + name, other))
        if chosen and rng.random() < 0.85:
            path.unlink()
    for archive in archives:
        add_odd_members(archive, archives, seeds, rng)
    for archive in archives:
        write(made.data / archive.name, archive, rng, 0.15)


def a_sample(key: str, seeds: Seeds, rng: random.Random) -> list[Member]:
    turns = [{"from": "human", "value": "<image>\nWhat is it?"}, {"from": "gpt", "value": rng.choice(["A cat.", "A dog.", ""])}]
    row = {"id": key, "image": key + ".jpg", "conversations": turns}
    members = [Member(key + ".jpg", an_image(seeds, rng)), Member(key + ".json", json.dumps(row).encode())]
    how = rng.randrange(14)
    if how == 0:
        members.pop(rng.randrange(2))
    elif how == 1:
        members[1] = Member(key + ".json", rng.choice([b"{", json.dumps(turns).encode(), b"[]", b"\0"]))
    elif how == 2:
        members[1] = Member(key + ".txt", b"a caption")
    elif how == 3:
        members.append(Member(key + ".2.png", an_image(seeds, rng)))
    elif how == 4:
        members.append(Member(key + rng.choice([".jpg", ".json", ".JPG"]), an_image(seeds, rng)))
    elif how == 5:
        members.append(Member("README" + rng.choice(["", ".md", ".jpg"]), b"x"))
    elif how == 6:
        members[0] = Member(key + ".jpg", b"", rng.choice([tarfile.SYMTYPE, tarfile.FIFOTYPE]), "x.jpg")
    return members


def make_shards(folder: Path, seeds: Seeds, rng: random.Random) -> Made:
    """Make a set of shards instead of rows and images."""
    made = Made(folder, arguments=["data"])
    made.data.mkdir(parents=True)
    number = 0
    suffix = rng.choice([".tar"] * 4 + [".tar.gz", ".tar.xz"])
    for shard in range(rng.choice([1, 2, 3, 5, 9, 12])):
        if shard > 1 and rng.random() < 0.1:
            continue
        archive = Archive(f"{shard:05}{suffix}")
        for _ in range(rng.choice([0, 1, 2, 3, 6])):
            number += rng.random() < 0.95
            key = rng.choice(["", "", "a/"]) + rng.choice(["k{}", "{:06}", "v1.{}", "é{}"]).format(number)
            archive.members += a_sample(key, seeds, rng)
        write(made.data / archive.name, archive, rng, 0.2)
    if rng.random() < 0.3:
        info = {"shard_counts": {path.name: rng.choice([2, 3]) for path in made.data.glob("*.tar")}}
        (made.data / ".nv-meta").mkdir()
        (made.data / ".nv-meta/.info.json").write_text(json.dumps(info))
    return made
