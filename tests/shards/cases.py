"""WebDataset shards, broken in 60 ways: each a small data set in its own folder

A case has a name, what is wrong, its shards (bytes by file name), and how often each sample of
`a`, `b`, `c` … is meant to be trained. Cases are always the same: nothing depends on time or chance.
"""

from __future__ import annotations

import gzip
import io
import json
import tarfile
from typing import Callable, NamedTuple

JPEG = bytes.fromhex(
    "ffd8ffe000104a46494600010100000100010000ffdb004300ffffffffffffffffffffffffffffffffffffffffffffffff"
    "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
    "c0000b080001000101011100ffc40014000100000000000000000000000000000000ffc40014100100000000000000000000"
    "000000000000ffda0008010100003f0037ffd9"
)


def rows(key: str) -> bytes:
    return json.dumps({"id": key, "conversations": [
        {"from": "human", "value": "<image>\nWhat is it?"}, {"from": "gpt", "value": f"It is {key}."}]}).encode()  # fmt: skip


class Member(NamedTuple):
    name: str
    data: bytes = b""
    type: bytes = tarfile.REGTYPE
    link: str = ""


def pair(key: str, image: str = "jpg", text: str = "json") -> list[Member]:
    return [Member(f"{key}.{image}", JPEG), Member(f"{key}.{text}", rows(key))]


def tar(members: list[Member], form: int = tarfile.USTAR_FORMAT) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=form) as file:
        for member in members:
            info = tarfile.TarInfo(member.name)
            info.size, info.type, info.linkname = len(member.data), member.type, member.link
            file.addfile(info, io.BytesIO(member.data))
    return out.getvalue()


def ends(data: bytes) -> int:
    """Return the size of a tar without the zeros at its end."""
    size = len(data.rstrip(b"\0"))
    return (size + 511) // 512 * 512


def squeeze(data: bytes) -> bytes:
    return gzip.compress(data, mtime=0)


class Case(NamedTuple):
    name: str
    what: str
    shards: dict[str, bytes]
    meant: list[str]  # keys of the samples that a person would expect


ABC = pair("a") + pair("b") + pair("c")
WHOLE = tar(ABC)


def one(name: str, what: str, data: bytes, meant: str | list[str] = "abc", file: str = "s-000000.tar") -> Case:
    return Case(name, what, {file: data}, list(meant))


def after(member: int) -> int:
    """Return the offset in WHOLE after a member's header and data."""
    return sum(512 + (len(m.data) + 511) // 512 * 512 for m in ABC[: member + 1])


def header_of(name: str) -> int:
    return WHOLE.index(name.encode() + b"\0")


def patch(at: int, data: bytes) -> bytes:
    return WHOLE[:at] + data + WHOLE[at + len(data) :]


def cases() -> list[Case]:
    jpg, text = (lambda k: Member(f"{k}.jpg", JPEG)), (lambda k: Member(f"{k}.json", rows(k)))
    found = [
        one("sound", "nothing", WHOLE),
        one("png-webp", "suffixes of other formats", tar(pair("a", "png") + pair("b", "webp") + pair("c", "jpeg"))),
        one("txt", "a caption in place of rows", tar(pair("a", text="txt") + pair("b", text="txt")), "ab"),
        one("json-first", "the JSON before its image", tar([text("a"), jpg("a"), text("b"), jpg("b")]), "ab"),
        one("folder", "keys with a folder", tar(pair("x/a") + pair("x/b") + pair("y/a")), ["x/a", "x/b", "y/a"]),
        one("dot-slash", "names that begin with ./", tar(pair("./a") + pair("./b")), ["./a", "./b"]),
        # keys
        one("dot-in-key", "a dot in the key: two samples merge", tar(pair("a.1") + pair("a.2")), ["a.1", "a.2"]),
        one("dot-in-key-same-suffix", "a dot in the key, and one number", tar([*pair("v1.5-a"), *pair("v1.5-b")]), ["v1.5-a", "v1.5-b"]),
        one("dot-in-folder", "a dot in a folder of the key", tar(pair("v1.5/a") + pair("v1.5/b")), ["v1.5/a", "v1.5/b"]),
        one("dot-folder-hidden", "a folder that begins with a dot", tar(pair(".x/a") + pair(".x/b")), [".x/a", ".x/b"]),
        one("hidden-key", "a name that begins with a dot", tar([Member(".a.jpg", JPEG), Member(".a.json", rows("a"))] + pair("b")), [".a", "b"]),
        one("no-suffix", "members without a suffix", tar([Member("a", JPEG), Member("b", rows("a"))] + pair("c")), "c"),
        one("suffix-case", "suffixes in capitals", tar([Member("a.JPG", JPEG), Member("a.Json", rows("a"))] + pair("b")), "ab"),
        one("suffix-clash", "a.jpg and a.JPG", tar([jpg("a"), Member("a.JPG", JPEG), text("a")] + pair("b")), "ab"),
        one("key-case", "keys that differ in case", tar([jpg("a"), Member("A.json", rows("a"))] + pair("b")), "ab"),
        one("key-space", "blanks in keys", tar(pair("a b") + pair("c d")), ["a b", "c d"]),
        one("key-unicode", "keys in Unicode", tar(pair("\u00e9") + pair("\u4e2d"), tarfile.PAX_FORMAT), ["\u00e9", "\u4e2d"]),
        one("key-long", "a key of 200 bytes", tar(pair("k" * 200) + pair("b"), tarfile.GNU_FORMAT), ["k" * 200, "b"]),
        one("key-empty", "a name that is a suffix alone, in a folder", tar([Member("x/.jpg", JPEG), Member("x/.json", rows("a"))] + pair("b")), ["x/", "b"]),
        one("meta-key", "a key that is taken for metadata", tar(pair("__a__") + pair("__b__x") + pair("c")), ["__a__", "__b__x", "c"]),
        one("meta-folder", "a folder that is taken for metadata", tar(pair("__x__/a") + pair("b")), ["__x__/a", "b"]),
        one("backslash", "backslashes in names", tar(pair("x\\a") + pair("x\\b")), ["x\\a", "x\\b"]),
        one("parent", "names that climb", tar(pair("../a") + pair("b")), ["../a", "b"]),
        one("absolute", "names that are absolute", tar(pair("/a") + pair("b")), ["/a", "b"]),
        # order
        one("interleaved", "members of two samples in turn", tar([jpg("a"), jpg("b"), text("a"), text("b")]), "ab"),
        one("by-suffix", "all images, then all JSON", tar([jpg(k) for k in "abc"] + [text(k) for k in "abc"])),
        one("one-apart", "one member at the end of the shard", tar([jpg("a"), *pair("b"), *pair("c"), text("a")])),
        one("folder-entry", "an entry for a folder between members", tar([Member("x", type=tarfile.DIRTYPE), *pair("x/a"), *pair("x/b")]), ["x/a", "x/b"]),
        one("folder-between", "an entry for a folder within a sample", tar([jpg("a"), Member("x", type=tarfile.DIRTYPE), text("a")] + pair("b")), "ab"),
        one("stranger-between", "a README within a sample", tar([jpg("a"), Member("README", b"x"), text("a")] + pair("b")), "ab"),
        one("stranger-with-suffix", "a README.md within a sample", tar([jpg("a"), Member("README.md", b"x"), text("a")] + pair("b")), "ab"),
        # missing and duplicate members of samples
        one("no-image", "a sample without its image", tar([text("a")] + pair("b")), "ab"),
        one("no-json", "a sample without its JSON", tar([jpg("a")] + pair("b")), "ab"),
        one("twice-in-a-row", "a key twice in a row", tar(pair("a") + pair("a") + pair("b")), ["a", "a", "b"]),
        one("twice-apart", "a key twice, another between", tar(pair("a") + pair("b") + pair("a")), ["a", "b", "a"]),
        one("image-twice", "an image twice in a sample", tar([jpg("a"), jpg("a"), text("a")] + pair("b")), "ab"),
        one("two-images", "two images of one key", tar([jpg("a"), Member("a.png", JPEG), text("a")] + pair("b")), "ab"),
        one("image-empty", "an image of 0 bytes", tar([Member("a.jpg"), text("a")] + pair("b")), "ab"),
        one("image-cut", "half an image", tar([Member("a.jpg", JPEG[:60]), text("a")] + pair("b")), "ab"),
        one("json-broken", "JSON that is cut off", tar([jpg("a"), Member("a.json", rows("a")[:30])] + pair("b")), "ab"),
        one("json-empty", "JSON of 0 bytes", tar([jpg("a"), Member("a.json")] + pair("b")), "ab"),
        one("json-list", "JSON that is a list of turns", tar([jpg("a"), Member("a.json", json.dumps(json.loads(rows("a"))["conversations"]).encode())]), "a"),
        one("json-not-utf8", "JSON that is not UTF-8", tar([jpg("a"), Member("a.json", b'{"id": "\xff"}')] + pair("b")), "ab"),
        # members that are not files
        one("symlink", "an image that is a symbolic link", tar([Member("a.jpg", type=tarfile.SYMTYPE, link="b.jpg"), text("a")] + pair("b")), "ab"),
        one("hardlink", "an image that is a hard link", tar(pair("b") + [Member("c.jpg", type=tarfile.LNKTYPE, link="b.jpg"), text("c")]), "bc"),
        one("fifo", "a FIFO named as an image", tar([Member("a.jpg", type=tarfile.FIFOTYPE), text("a")] + pair("b")), "ab"),
        # incomplete shards
        one("cut-member", "cut at the end of a sample", WHOLE[: after(3)]),
        one("cut-in-sample", "cut between the members of a sample", WHOLE[: after(2)]),
        one("cut-in-data", "cut within the data of a member", WHOLE[: after(2) - 400]),
        one("cut-in-header", "cut within a header", WHOLE[: after(1) + 100]),
        one("no-end", "without the zeros at the end", WHOLE[: ends(WHOLE)]),
        one("one-end-block", "one block of zeros in place of two", WHOLE[: ends(WHOLE)] + bytes(512)),
        one("empty-file", "a file of 0 bytes", b"", ""),
        one("empty-tar", "a tar without members", tar([]), ""),
        one("zeros-within", "two blocks of zeros between samples", WHOLE[: after(1)] + bytes(1024) + WHOLE[after(1) :]),
        one("two-tars", "two tars, one after the other", tar(pair("a")) + tar(pair("b")), "ab"),
        one("garbage-after", "bytes after the end", WHOLE + b"x" * 700),
        one("garbage-header", "a header of random bytes between samples", WHOLE[: after(1)] + bytes(range(1, 256)) * 2 + b"\1\2" + WHOLE[after(1) :]),
        one("bad-checksum", "a wrong checksum in a header", patch(header_of("b.jpg") + 148, b"000000\0 ")),
        one("bad-size", "a size that is no number", patch(header_of("b.jpg") + 124, b"zzzzzzzzzzz\0")),
        one("huge-size", "a size beyond the file", patch(header_of("c.json") + 124, b"77777777777\0")),
        one("html", "an error page in place of a shard", b"<html>404</html>\n" * 40, ""),
        # compression
        one("gz", "tar.gz", squeeze(WHOLE), file="s-000000.tar.gz"),
        one("gz-as-tar", "a gzip file named .tar", squeeze(WHOLE)),
        one("tar-as-gz", "a tar named .tar.gz", WHOLE, file="s-000000.tar.gz"),
        one("gz-cut", "tar.gz without its last third", squeeze(WHOLE)[: len(squeeze(WHOLE)) * 2 // 3], file="s-000000.tar.gz"),
        one("gz-no-trailer", "tar.gz without CRC and length", squeeze(WHOLE)[:-8], file="s-000000.tar.gz"),
        one("gz-bad-crc", "tar.gz with a wrong CRC", squeeze(WHOLE)[:-8] + b"\0\0\0\0" + squeeze(WHOLE)[-4:], file="s-000000.tar.gz"),
        # several shards
        Case("over-shards", "a sample that begins in one shard and ends in the next",
             {"s-000000.tar": tar([*pair("a"), jpg("b")]), "s-000001.tar": tar([text("b"), *pair("c")])}, list("abc")),
        Case("twice-over-shards", "a key in two shards", {"s-000000.tar": tar(pair("a")), "s-000001.tar": tar(pair("a"))}, ["a", "a"]),
        Case("number-missing", "shard 1 of 0 to 2 is missing",
             {"s-000000.tar": tar(pair("a")), "s-000002.tar": tar(pair("c"))}, list("abc")),
        Case("one-empty", "a shard of 0 bytes among others",
             {"s-000000.tar": tar(pair("a")), "s-000001.tar": b"", "s-000002.tar": tar(pair("c"))}, list("ac")),
    ]  # fmt: skip
    assert len(found) >= 60 and len({case.name for case in found}) == len(found)
    return found


CASES: Callable[[], list[Case]] = cases
