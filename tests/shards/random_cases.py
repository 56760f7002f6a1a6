"""Random sets of shards, each with 0 to 3 faults; a seed and a number always give the same set"""

from __future__ import annotations

import random
import tarfile
from typing import Callable

from cases import JPEG, Case, Member, ends, pair, rows, squeeze, tar

Shard = list[Member]
KEYS = ["{}", "{}", "x/{}", "k {}", "\u00e9{}", "K{}"]


def pick(shard: Shard, rng: random.Random, suffix: str = "") -> int:
    """Return the position of a member, or -1."""
    found = [i for i, member in enumerate(shard) if member.name.endswith(suffix)]
    return rng.choice(found) if found else -1


def rename(shard: Shard, rng: random.Random) -> None:
    """Give a sample another kind of key."""
    at = pick(shard, rng)
    key = shard[at].name.rsplit(".", 1)[0]
    folder, _, last = key.rpartition("/")
    new = folder + "/" * bool(folder) + rng.choice(["v1." + last, "v1." + last, "." + last, "__" + last + "__", last.upper(), "../" + last])
    for i, member in enumerate(shard):
        if member.name.startswith(key + "."):
            shard[i] = member._replace(name=new + member.name[len(key) :])


def suffix(shard: Shard, rng: random.Random) -> None:
    at = pick(shard, rng)
    stem, _, last = shard[at].name.rpartition(".")
    new = rng.choice([last.upper(), last.title(), "", "jpeg" if last == "jpg" else "txt", "2." + last])
    shard[at] = shard[at]._replace(name=stem + "." * bool(new) + new)


def drop(shard: Shard, rng: random.Random) -> None:
    shard.pop(pick(shard, rng))


def swap(shard: Shard, rng: random.Random) -> None:
    a, b = pick(shard, rng), pick(shard, rng)
    shard[a], shard[b] = shard[b], shard[a]


def again(shard: Shard, rng: random.Random) -> None:
    at = pick(shard, rng)
    shard.insert(rng.choice([at + 1, rng.randrange(len(shard) + 1)]), shard[at])


def stranger(shard: Shard, rng: random.Random) -> None:
    kinds = [Member("README", b"x"), Member("README.md", b"x"), Member("x", type=tarfile.DIRTYPE), Member("stray.jpg", JPEG),
             Member(".hidden.jpg", JPEG), Member("__meta__/a.json", b"{}"), Member("image", JPEG), Member("x/.jpg", JPEG)]  # fmt: skip
    shard.insert(rng.randrange(len(shard) + 1), rng.choice(kinds))


def link(shard: Shard, rng: random.Random) -> None:
    at = pick(shard, rng)
    kind = rng.choice([tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE])
    shard[at] = Member(shard[at].name, type=kind, link=rng.choice(shard).name)


def image(shard: Shard, rng: random.Random) -> None:
    at = pick(shard, rng, ".jpg")
    if at >= 0:
        shard[at] = shard[at]._replace(data=rng.choice([b"", JPEG[:60], b"no image", JPEG + b"more", b"\0" * 600]))


def text(shard: Shard, rng: random.Random) -> None:
    at = pick(shard, rng, ".json")
    if at >= 0:
        data = shard[at].data
        shard[at] = shard[at]._replace(data=rng.choice([b"", data[:30], b'{"id": "\xff"}', b"[]", b" " + data + b"\n", b"null", data + b","]))


def more(shard: Shard, rng: random.Random) -> None:
    at = pick(shard, rng)
    stem = shard[at].name.rsplit(".", 1)[0]
    suffix, data = rng.choice([(".png", JPEG), (".txt", b"a text"), (".cls", b"3"), (".jpg", JPEG), (".1.jpg", JPEG)])
    shard.insert(at + 1, Member(stem + suffix, data))


def cut(data: bytes, rng: random.Random) -> bytes:
    return data[: rng.randrange(ends(data) // 512 + 1) * 512] if rng.random() < 0.6 else data[: rng.randrange(max(1, len(data)))]


def tail(data: bytes, rng: random.Random) -> bytes:
    return rng.choice([data[: ends(data)], data[: ends(data)] + bytes(512), data + b"x" * 700, data + bytes(4096)])


def within(data: bytes, rng: random.Random) -> bytes:
    at = rng.randrange(ends(data) // 512 + 1) * 512
    return data[:at] + rng.choice([bytes(1024), bytes(512), b"\1" * 512]) + data[at:]


def flip(data: bytes, rng: random.Random) -> bytes:
    """Change a byte of a header: name, checksum, size or type."""
    headers = [at for at in range(0, len(data) - 511, 512) if data[at + 257 : at + 262] == b"ustar"]
    if not headers:
        return data
    at = rng.choice(headers) + rng.choice([0, 124, 130, 148, 150, 156, 257])
    return data[:at] + rng.choice([b"z", b"7", b"\0"]) + data[at + 1 :]


def replaced(data: bytes, rng: random.Random) -> bytes:
    return rng.choice([b"", b"<html>404</html>\n" * 40, tar([]), data + data])


MEMBERS: list[Callable[[Shard, random.Random], None]] = [rename, suffix, drop, swap, swap, again, stranger, link, image, text, more]
BYTES: list[Callable[[bytes, random.Random], bytes]] = [cut, cut, tail, within, flip, replaced]


def make(seed: int, number: int) -> Case:
    rng = random.Random(f"{seed}:{number}")
    shards: list[Shard] = []
    key = 0
    for _ in range(rng.choice([1, 1, 2, 3])):
        shard: Shard = []
        for _ in range(rng.choice([1, 2, 3, 5])):
            key += 1
            members = pair(rng.choice(KEYS).format(f"{key:03}"))
            shard += members if rng.random() < 0.7 else members[::-1]
        shards.append(shard)
    faults = [rng.choice([*MEMBERS, *BYTES]) for _ in range(rng.choice([0, 1, 1, 1, 2, 2, 3]))]
    for fault in faults:
        shard = rng.choice(shards)
        if fault in MEMBERS and shard:
            fault(shard, rng)  # type: ignore[call-arg, arg-type]
    if len(shards) > 1 and rng.random() < 0.1:
        faults.append(again)
        shards[-1] += shards[0][:2]
    files = [tar(shard, tarfile.PAX_FORMAT) for shard in shards]
    for fault in faults:
        at = rng.randrange(len(files))
        if fault in BYTES:
            files[at] = fault(files[at], rng)  # type: ignore[call-arg, arg-type, assignment]
    suffix = ".tar.gz" if rng.random() < 0.08 else ".tar"
    if suffix == ".tar.gz":
        files = [squeeze(data) for data in files]
    names = [f"s-{i:06}{suffix}" for i in range(len(files))]
    what = ", ".join(fault.__name__ for fault in faults) or "nothing"
    return Case(f"{seed}-{number}", what, dict(zip(names, files)), [])


def cases(seed: int, count: int) -> list[Case]:
    return [make(seed, number) for number in range(count)]
