"""The cases of fixtures/rules, with a sound row before and after the faulty one."""

from __future__ import annotations

import functools
import json
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cases import FIXTURES, SOUND_MEDIA, Case, sound


WHOLE = ("ROW206", "ROW207", "ROW210", "SET601", "SET603", "SET605")  # rules about several rows


def named(value: Any) -> Iterator[str]:
    """Yield every string in a row."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, (dict, list)):
        for part in value.values() if isinstance(value, dict) else value:
            yield from named(part)


@functools.cache
def files_of(kind: str) -> list[tuple[str, Path]]:
    """Return the files of a folder of the fixtures, with their relative names."""
    folder = FIXTURES / kind
    return [(path.relative_to(folder).as_posix(), path) for path in sorted(folder.rglob("*")) if path.is_file()]


def media_of(strings: set[str]) -> dict[str, bytes]:
    """Return the media that the strings may name, and the neighbours that they may be mistaken for."""
    found = {}
    for kind in ("images", "videos"):
        for name, path in files_of(kind):
            if any(name in text or name.split("/")[0] in text for text in strings):
                found[f"{kind}/{name}"] = path.read_bytes()
    return found


@functools.cache
def sound_stems() -> set[str]:
    """Return codes and names of the fixtures without a fault."""
    return {path.stem.split("-ok-")[0] + "-" + path.stem.split("-ok-")[1] for path in FIXTURES.glob("*-ok-*.json")}


def damaged(media: dict[str, bytes]) -> dict[str, bytes | None]:
    """Return the media that a decoder repairs or fills up, each with the undamaged picture, if that is known."""
    codes = ("IMG507", "IMG508", "IMG509")
    return {
        path: before_damage(path, data)
        for path, data in media.items()
        if path.split("/")[-1].startswith(codes) and path.split("/")[-1].split(".")[0] not in sound_stems()
    }


def before_damage(path: str, data: bytes) -> bytes | None:
    """Return the picture before the damage, if it is known."""
    if "-no-eoi-" in path:
        return data + b"\xff\xd9"
    if "-time-crc" in path:  # the checksum of an unneeded chunk
        at = data.index(b"tIME")
        return data[: at + 11] + struct.pack(">I", zlib.crc32(data[at : at + 11])) + data[at + 15 :]
    return None


def cases() -> Iterator[Case]:
    for path in sorted(FIXTURES.glob("*-*.json*")):
        code, _, rest = path.stem.partition("-")
        fires, _, sub = rest.partition("-")
        name = f"fixture/{code}-{rest}" + path.suffix.replace(".json", "")
        aims = f"{code} {sub}" if fires == "fires" else ""
        data = path.read_bytes()
        if code.startswith("JSN"):
            strings = {data.decode("utf-8", "replace")}
            yield Case(name, aims, data=data, file="rows" + path.suffix,
                       media=SOUND_MEDIA | media_of(strings))
            continue
        text = data.decode()
        rows = [json.loads(line) for line in text.splitlines()] if path.suffix == ".jsonl" else json.loads(text)
        if code in ("CNV313", "CNV314", "ROW219") or any(isinstance(row, dict) and "instruction" in row for row in rows):
            continue  # rows of another dialect, which cannot stand beside sound ones
        own = rows[1:] if len(rows) > 1 and is_a(rows[0]) and code not in WHOLE else rows
        media = media_of(set(named(own)))
        broken = damaged(media)
        yield Case(name, aims, (sound("s0"), *own, sound("s2")), media=SOUND_MEDIA | media, intact=broken,
                   silent=frozenset(path for path in broken if "IMG509-" in path))


def is_a(row: Any) -> bool:
    """Whether this is the sound row at the start of the fixtures."""
    return isinstance(row, dict) and row.get("id") == "a"
