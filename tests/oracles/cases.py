"""The cases that every program is run on: small data sets, each with one fault or none.

`all_cases()` always yields the same cases. A case of rows is written as an array or with one row
per line, whichever the program reads; a case of a file is bytes with a name.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
FIXTURES = ROOT / "fixtures" / "rules"
sys.path.insert(0, str(ROOT / "fixtures"))

HERE = "{HERE}"  # in a row: the folder of the case, for absolute paths
MAKERS = ("case_fixtures", "case_rows", "case_texts", "case_images", "case_files", "case_mixed", "case_unseen", "case_stranger",
          "case_strange", "case_calls", "case_forms")


@dataclasses.dataclass(frozen=True)
class Case:
    """A data set: rows, or the bytes of a file, and the media beside it.

    aims    the rules and cases that it is about, such as "TOK401 more"; "" for a sound one
    media   bytes by path, below the folder of the case: images/…, videos/…
    intact  for damaged pictures in `media`, the picture before the damage, or None; used if Pillow
            refuses the damaged one
    silent  damaged pictures whose damage Pillow does not report
    mixture the program reads a mixture file, mixture.yaml, that names the rows file
    """

    name: str
    aims: str
    rows: tuple[Any, ...] | None = None
    data: bytes = b""
    file: str = ""
    media: dict[str, bytes] = dataclasses.field(default_factory=dict)
    intact: dict[str, bytes | None] = dataclasses.field(default_factory=dict)
    silent: frozenset[str] = frozenset()
    mixture: bool = False

    def rows_file(self, form: str) -> str:
        return self.file or f"rows.{form}"

    def bytes(self, form: str) -> bytes:
        if self.rows is None:
            return self.data
        if form == "jsonl":
            return "".join(dump(row) + "\n" for row in self.rows).encode("utf-8", "surrogatepass")
        return ("[\n" + ",\n".join(map(dump, self.rows)) + "\n]\n").encode("utf-8", "surrogatepass")

    def write(self, folder: Path, form: str) -> Path:
        """Write the case below `folder`; return the path of its rows file."""
        home = folder / self.name
        for path, data in self.media.items():
            target = home / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)
        (home / "images").mkdir(parents=True, exist_ok=True)
        (home / "videos").mkdir(exist_ok=True)
        rows = home / self.rows_file(form)
        rows.write_bytes(self.bytes(form).replace(HERE.encode(), str(home).encode()))
        if self.mixture:
            (home / "mixture.yaml").write_text(f"datasets:\n  - json_path: {rows}\n    sampling_strategy: all\n")
            return home / "mixture.yaml"
        return rows

    def digest(self) -> str:
        """Return eight digits that change with the case."""
        seal = hashlib.sha256(self.bytes("json"))
        for path, data in sorted(self.media.items()):
            seal.update(path.encode() + data)
        return seal.hexdigest()[:8]


class Raw(str):
    """A row given as text, which json.dumps might write differently."""


def dump(row: Any) -> str:
    return row if isinstance(row, Raw) else json.dumps(row, ensure_ascii=False)


def turns(*values: Any, roles: tuple[str, ...] = ("human", "gpt")) -> list[dict[str, Any]]:
    return [{"from": roles[i % len(roles)], "value": v} for i, v in enumerate(values)]


def ask(mark: str) -> str:
    return f"<image>\nWhat is to be seen in picture {mark}?"


def answer(mark: str) -> str:
    return f"Picture {mark} is a soft gradient."


def sound(mark: str, **changes: Any) -> dict[str, Any]:
    """Return a row that every program accepts; a keyword replaces a key, or removes it with `...`."""
    base = {
        "id": mark,
        "image": f"{mark}.png" if mark in SOUND else "s1.png",
        "conversations": turns(ask(mark), answer(mark)),
    }
    return {k: v for k, v in {**base, **changes}.items() if v is not ...}


def text_row(mark: str, **changes: Any) -> dict[str, Any]:
    base = {
        "id": mark,
        "conversations": turns(f"Name what is not in picture {mark}.", f"Picture {mark} has no text."),
    }
    return {k: v for k, v in {**base, **changes}.items() if v is not ...}


def _pictures() -> dict[str, bytes]:
    import pictures as pic

    return {mark: pic.png(pic.blurred(900 + n)) for n, mark in enumerate(("s0", "s1", "s2", "s3"))}


SOUND = _pictures()
SOUND_MEDIA = {f"images/{mark}.png": data for mark, data in SOUND.items()}


def between(
    name: str, aims: str, *middle: Any, last: bool = False, media: dict[str, bytes] | None = None,
    intact: dict[str, bytes | None] | None = None, silent: frozenset[str] = frozenset(),
) -> Case:
    """Make a case of rows between two sound ones, or after one."""
    rows = (sound("s0"), *middle) + (() if last else (sound("s2"),))
    return Case(name, aims, rows, media=SOUND_MEDIA | (media or {}), intact=intact or {}, silent=silent)


def all_cases() -> Iterator[Case]:
    """Every case, in order; their names differ."""
    import importlib

    seen: set[str] = set()
    for maker in MAKERS:
        for case in importlib.import_module(maker).cases():
            assert case.name not in seen, case.name
            seen.add(case.name)
            yield case
