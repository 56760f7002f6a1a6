"""Which folder may include which: the house, as a table."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tree import INCLUDE, PUBLIC_HEADERS, SRC, files, without_comments

UMBRELLA = "llava_check.h"
PUBLIC = "llava_check/"

# Beside itself and the public headers. cli has only these two.
MAY_INCLUDE = {
    "base": set(),
    "json": {"base"},
    "dataset": {"base", "json"},
    "image": {"base"},
    "store": {"base"},
    "rules": {"base", "json", "dataset", "image", "store"},
    "index": {"base"},
    "scan": {"base", "json", "dataset", "image", "store", "rules", "index"},
    "diff": {"base", "index"},
    "view": {"base", "json", "rules", "index"},
    "thumb": {"base", "dataset", "image", "store", "rules", "index", "view"},
    "report": {"base", "json", "rules", "index", "diff", "view", "thumb"},
    "query": {"base", "index", "report"},
    "cli": set(),
}

# A library's header, and where alone it may be included
LIBRARIES = {
    r"lmdb\.h": ["index/writer.h"],
    r"simdjson\.h": ["json/json.cpp"],
    r"jpeglib\.h|jerror\.h|jmorecfg\.h": ["image/", "thumb/jpeg.c", "thumb/encode.c"],
    r"webp/.*": ["image/libraries.c", "image/tiff_piece.c", "image/webp.c", "thumb/webp.c"],
    r"tiff\.h|tiffio\.h": ["image/"],
    r"pthread\.h|threads\.h|stdatomic\.h": ["base/", "scan/"],
    r"zlib\.h|libdeflate\.h": ["image/", "thumb/png.c"],
    r"xxhash\.h": ["base/"],
    r"nettle/.*": ["base/digest.c"],
    r"yaml\.h": ["dataset/", "cli/config_reader.h"],
    r"uni(case|norm|str|types)\.h": ["base/fold.c"],
    r"json-c/.*|json\.h|json_.*\.h": ["report/"],
}

SOURCES = files("*.c", "*.h", "*.cpp", "*.def")
SOURCES_AT_LEAST = 70


def includes(path: Path) -> list[tuple[str, bool]]:
    """Each included name, and whether it is one of ours."""
    found = re.findall(r'^\s*#\s*include\s+([<"])([^>"]+)[>"]',
                       without_comments(path.read_text()), flags=re.MULTILINE)
    return [(name, quote == '"') for quote, name in found]


def layer_fault(layer: str, name: str) -> str | None:
    """Why a file of a layer may not include one of our headers; None when it may."""
    if name == UMBRELLA or name.startswith(PUBLIC):
        return None
    folder = name.split("/")[0]
    if "/" not in name or folder not in MAY_INCLUDE:
        return f"{name} is named by no path from src/"
    if folder != layer and folder not in MAY_INCLUDE[layer]:
        return f"{layer} may not include {name}"
    return None


def library_fault(path: str, name: str) -> str | None:
    """Why a file may not include a library's header; None when it may."""
    for pattern, places in LIBRARIES.items():
        if re.fullmatch(pattern, name) and not any(path.startswith(p) for p in places):
            return f"{path} may not include <{name}>"
    return None


def test_sources_are_found():
    assert len(SOURCES) >= SOURCES_AT_LEAST
    assert {path.name for path in SRC.iterdir() if path.is_dir()} == set(MAY_INCLUDE)
    assert sum(len(includes(path)) for path in SOURCES) > 200


def test_folders_include_what_they_may():
    faults = []
    for path in SOURCES:
        if not path.is_relative_to(SRC):
            continue
        inner = path.relative_to(SRC)
        for name, ours in includes(path):
            fault = (layer_fault(inner.parts[0], name) if ours
                     else library_fault(str(inner), name))
            if fault:
                faults.append(f"{inner}: {fault}")
    assert faults == []


def test_public_headers_include_libc_alone():
    """And each other."""
    public = [INCLUDE / UMBRELLA, *PUBLIC_HEADERS]
    for name, ours in (one for path in public for one in includes(path)):
        assert name.startswith(PUBLIC) if ours else name in {
            "stdbool.h", "stddef.h", "stdint.h", "stdio.h"}


@pytest.mark.parametrize("layer, name, good", [
    ("json", "base/text.h", True),
    ("json", "json/parser.h", True),
    ("json", "llava_check/error.h", True),
    ("json", "image/image.h", False),
    ("base", "json/json.h", False),
    ("cli", "base/text.h", False),
    ("report", "scan/scan.h", False),
    ("index", "tables.h", False),
])
def test_layers_are_told(layer: str, name: str, good: bool):
    assert (layer_fault(layer, name) is None) == good


@pytest.mark.parametrize("path, name, good", [
    ("index/writer.h", "lmdb.h", True),
    ("index/reader.c", "lmdb.h", False),
    ("scan/rows.c", "lmdb.h", False),
    ("json/json.cpp", "simdjson.h", True),
    ("json/exact.c", "simdjson.h", False),
    ("image/png.c", "pthread.h", False),
    ("report/json.c", "json-c/json.h", True),
    ("cli/main.c", "json-c/json.h", False),
    ("cli/main.c", "stdio.h", True),
])
def test_libraries_are_told(path: str, name: str, good: bool):
    assert (library_fault(path, name) is None) == good
