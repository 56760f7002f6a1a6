"""Cases about whole files: faults that stop a loader before it reads a row."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from cases import SOUND_MEDIA, Case, dump, sound, text_row

ROWS = [sound("s0"), sound("s1"), sound("s2")]
BOM = b"\xef\xbb\xbf"


def array(rows: list[Any], indent: int | None = None) -> bytes:
    return json.dumps(rows, ensure_ascii=False, indent=indent).encode()


def lines(rows: list[Any], end: str = "\n") -> bytes:
    return "".join(dump(row) + end for row in rows).encode()


def cases() -> Iterator[Case]:
    whole, flat = array(ROWS, 2), lines(ROWS)
    latin = lines([sound("s0"), sound("s1", note="caf@"), sound("s2")]).replace(b"@", b"\xe9")
    for name, aims, data in (
        ("array", "", whole), ("array-one-line", "", array(ROWS)), ("array-tab", "", whole.replace(b"  ", b"\t")),
        ("array-crlf", "", whole.replace(b"\n", b"\r\n")), ("array-cr", "", whole.replace(b"\n", b"\r")),
        ("array-space-around", "", b" \n\t" + whole + b"\n \r\n"), ("bom", "JSN106", BOM + whole),
        ("utf16", "JSN105", whole.decode().encode("utf-16")), ("utf16-le", "JSN105", whole.decode().encode("utf-16-le")),
        ("utf32", "JSN105", whole.decode().encode("utf-32")),
        ("latin-1", "JSN105", b"[" + latin.strip().replace(b"\n", b",\n") + b"]"),
        ("empty", "JSN110", b""), ("blank", "JSN110", b" \n\t\n"), ("no-rows", "JSN110", b"[]"),
        ("null", "JSN103", b"null"), ("number", "JSN103", b"404"), ("string", "JSN103", b'"rows"'),
        ("true", "JSN103", b"true"), ("object", "JSN103", b'{"data": ' + whole + b"}"),
        ("object-rows", "JSN103", b'{"rows": ' + whole + b', "version": 1}'),
        ("object-empty", "JSN103", b"{}"), ("one-row", "JSN103", array(ROWS[0], 2)),
        ("by-id", "JSN103", array({row["id"]: row for row in ROWS})), ("nested", "JSN103", b"[" + whole + b"]"),
        ("columns", "JSN103", array({key: [row[key] for row in ROWS] for key in ROWS[0]})),
        ("two-arrays", "JSN103", whole + b"\n" + whole), ("text-behind", "JSN103", whole + b"\nSaved 3 rows.\n"),
        ("comma-behind", "JSN103", whole + b","), ("nul-behind", "JSN103", whole + b"\0"),
        ("lines-as-json", "JSON lines", flat), ("lines-as-json-one", "JSON lines", lines(ROWS[:1])),
        ("lines-as-json-crlf", "JSON lines", lines(ROWS, "\r\n")), ("lines-as-json-blank", "JSON lines", lines(ROWS, "\n\n")),
        ("pretty-lines-as-json", "JSON lines", b"\n".join(array(row, 2) for row in ROWS)),
        ("cut-string", "JSN102", whole[: len(whole) // 2]), ("cut-bracket", "JSN102", whole[:-2]),
        ("cut-comma", "JSN102", whole[:-3].rstrip() + b","), ("one-bracket", "JSN102", b"["),
        ("trailing-comma", "JSN101", whole.rstrip()[:-1].rstrip() + b",\n]"), ("leading-comma", "JSN101", b"[," + whole[1:]),
        ("missing-comma", "JSN101", whole.replace(b"},\n  {", b"}\n  {", 1)),
        ("comment", "JSN101", b"// rows\n" + whole), ("hash", "JSN101", b"# rows\n" + whole),
        ("single-quotes", "JSN101", whole.replace(b'"', b"'")), ("python", "JSN101", str(ROWS).encode()),
        ("lfs", "JSN104", b"version https://git-lfs.github.com/spec/v1\noid sha256:" + b"0" * 64 + b"\nsize 1\n"),
        ("html", "JSN101", b"<!DOCTYPE html>\n<html></html>\n"), ("csv", "JSN101", b"id,image\ns0,s0.png\n"),
        ("form-feed", "JSN101", b"\f" + whole), ("no-break-space", "JSN101", "\u00a0".encode() + whole),
        ("nul", "JSN101", b"\0" + whole), ("deep", "JSN112", b"[" * 100000),
        ("control-tab", "JSN101 control", whole.replace(b"soft gradient", b"soft\tgradient", 1)),
        ("control-newline", "JSN101 control", whole.replace(b"soft gradient", b"soft\ngradient", 1)),
        ("surrogate-bytes", "JSN105", whole.replace(b"soft gradient", b"soft \xed\xa0\xbd gradient", 1)),
        ("overlong", "JSN105", whole.replace(b"soft gradient", b"soft \xc0\xaf gradient", 1)),
        ("huge-number", "", whole.replace(b'"s1",', b'"s1", "n": ' + b"9" * 400 + b",", 1)),
        ("huge-integer", "", whole.replace(b'"s1",', b'"s1", "n": ' + b"9" * 5000 + b",", 1)),
        ("leading-zero", "JSN101", whole.replace(b'"s1",', b'"s1", "n": 007,', 1)),
        ("plus", "JSN101", whole.replace(b'"s1",', b'"s1", "n": +7,', 1)),
        ("hex", "JSN101", whole.replace(b'"s1",', b'"s1", "n": 0x7,', 1)),
    ):
        yield Case(f"file/json-{name}", aims, data=data, file="rows.json", media=SOUND_MEDIA)
    broken = flat.split(b"\n")
    for name, aims, data in (
        ("lines", "", flat), ("crlf", "", lines(ROWS, "\r\n")), ("cr", "JSN101", lines(ROWS, "\r")),
        ("no-end", "", flat.rstrip()), ("blank-within", "JSN113", broken[0] + b"\n\n" + b"\n".join(broken[1:])),
        ("blank-behind", "JSN113", flat + b"\n"), ("blanks-behind", "JSN113", flat + b"\n \n\t\n"),
        ("blank-before", "JSN113", b"\n" + flat), ("space-before", "", b"  " + flat), ("tab-behind", "", lines(ROWS, "\t\n")),
        ("bom", "JSN106", BOM + flat), ("bom-each", "JSN106", BOM + flat.replace(b"\n{", b"\n" + BOM + b"{")),
        ("no-break", "JSN114", lines(ROWS, "\u00a0\n")), ("form-feed", "JSN114", lines(ROWS, "\f\n")),
        ("separator-28", "JSN114", lines(ROWS, "\x1c\n")), ("line-separator", "JSN114", lines(ROWS, "\u2028\n")),
        ("comma", "JSN101", lines(ROWS, ",\n")), ("array", "array", array(ROWS) + b"\n"), ("array-tall", "JSN111", whole),
        ("tall", "JSN111", b"\n".join(array(row, 2) for row in ROWS)), ("two-on-a-line", "JSN101", flat.replace(b"\n", b" ", 1)),
        ("cut", "JSN102", flat[:-40]), ("cut-within", "JSN101", broken[0] + b"\n" + broken[1][:-9] + b"\n" + broken[2] + b"\n"),
        ("empty", "JSN110", b""), ("blank", "JSN110", b"\n\n"), ("null-line", "ROW201 null", broken[0] + b"\nnull\n" + broken[2] + b"\n"),
        ("text-line", "JSN101", broken[0] + b"\nrows\n" + broken[2] + b"\n"), ("comment", "JSN101", b"# rows\n" + flat),
        ("latin-1", "JSN105", latin), ("utf16", "JSN105", flat.decode().encode("utf-16")), ("lfs", "JSN104",
         b"version https://git-lfs.github.com/spec/v1\noid sha256:" + b"0" * 64 + b"\nsize 1\n"),
        ("nul-line", "JSN101", broken[0] + b"\n" + bytes(200) + b"\n" + broken[2] + b"\n"),
        ("nan", "JSN107", flat.replace(b'"s1"', b'NaN', 1)), ("infinity", "JSN107", flat.replace(b'"s1"', b"-Infinity", 1)),
        ("u2028-within", "", flat.replace(b"soft gradient", "soft\u2028gradient".encode(), 1)),
        ("u0085-within", "", flat.replace(b"soft gradient", "soft\u0085gradient".encode(), 1)),
        ("control-tab", "JSN101 control", flat.replace(b"soft gradient", b"soft\tgradient", 1)),
        ("surrogate-escape", "JSN108", flat.replace(b"soft gradient", b"soft\\ud83dgradient", 1)),
        ("duplicate-key", "JSN109", flat.replace(b'"id": "s1"', b'"id": "x", "id": "s1"', 1)),
        ("huge-number", "", flat.replace(b'"s1",', b'"s1", "n": ' + b"9" * 400 + b",", 1)),
        ("float-overflow", "", flat.replace(b'"s1",', b'"s1", "n": 1e999,', 1)),
        ("deep", "JSN112", flat.replace(b'"s1",', b'"s1", "n": ' + b"[" * 1100 + b"]" * 1100 + b",", 1)),
        ("mixed-text", "", lines([sound("s0"), text_row("t1"), sound("s2")])),
        ("text-first", "", lines([text_row("t0"), sound("s1"), text_row("t2")])),
    ):
        yield Case(f"file/lines-{name}", aims, data=data, file="rows.jsonl", media=SOUND_MEDIA)
        yield Case(f"file/mixture-{name}", aims, data=data, file="rows.jsonl", media=SOUND_MEDIA,
                   mixture=True)
