"""Which folder may include which: the architecture, as a table."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tree import SRC, UMBRELLA, files, public_headers, without_comments

PUBLIC = "llava_check/"

# The folders whose headers a folder's files may include, besides its own and the public headers.
# A folder within another has a separate row. cli may use the public headers, and what is not about
# data sets.
MAY_INCLUDE = {
    "base": set(),
    "json": {"base"},
    "dataset": {"base", "json", "archive"},
    "image/inflate": {"base"},
    "image/common": {"base", "image/inflate"},
    "image/jpeg": {"base", "image/common"},
    "image/png": {"base", "image/common"},
    "image/gif": {"base", "image/common"},
    "image/bmp": {"base", "image/common"},
    "image/msp": {"base", "image/common"},
    "image/outline": {"base", "image/common"},
    "image/pcx": {"base", "image/common"},
    "image/pnm": {"base", "image/common"},
    "image/qoi": {"base", "image/common"},
    "image/sgi": {"base", "image/common"},
    "image/tga": {"base", "image/common"},
    "image/tiff": {"base", "image/common"},
    "image/webp": {"base", "image/common"},
    "image": {"base", "image/common", "image/jpeg", "image/png", "image/gif", "image/bmp", "image/msp",
              "image/outline", "image/pcx", "image/pnm", "image/qoi", "image/sgi", "image/tga", "image/tiff", "image/webp"},
    "store": {"base"},
    "proof": {"base", "json", "store"},
    "archive": {"base"},
    "member": {"base", "archive", "store", "index"},
    "rules": {"base", "json", "dataset", "image", "store", "rules/effects"},
    "rules/effects": set(),
    "fix": {"base", "json", "dataset", "store", "rules"},
    "index/format": {"base"},
    "index": {"base", "index/format"},
    "index/read": {"base", "index", "index/format"},
    "index/write": {"base", "index", "index/format", "index/read"},
    "scan/common": {"base", "index", "index/format", "rules"},
    "scan/shards": {"base", "dataset", "json", "store", "scan/common"},
    "scan/rows": {"base", "json", "dataset", "image", "store", "rules", "index", "scan/common", "scan/shards"},
    "scan/images": {"base", "image", "store", "rules", "index", "index/write", "scan/common"},
    "scan/archives": {"base", "archive", "dataset", "image", "store", "member", "rules", "index", "index/format", "index/write",
                      "scan/common", "scan/images", "scan/set", "scan/shards"},
    "scan/set": {"base", "image", "dataset", "store", "proof", "rules", "index", "scan/common"},
    "scan": {"archive", "base", "dataset", "image", "store", "proof", "rules", "index", "index/write", "scan/common",
             "scan/rows", "scan/images", "scan/archives", "scan/set", "scan/shards"},
    "diff": {"base", "index"},
    "view": {"base", "json", "rules", "index"},
    "iterate": {"base", "json", "index", "view"},
    "thumb": {"base", "dataset", "image", "image/gif", "store", "member", "rules", "index", "view", "transcode"},
    "transcode": {"base", "image", "image/common", "image/bmp", "image/gif", "image/png", "image/tiff"},
    "print": {"base", "index"},
    "report": {"base", "json", "view", "print", "report/model"},
    "report/model": {"base", "rules", "index", "view", "print", "report"},
    "report/text": {"base", "rules", "print", "report/model"},
    "report/json": {"base", "print", "report/model"},
    "report/html": {"base", "rules", "thumb", "print", "report/json", "report/model"},
    "report/machine": {"base", "print", "report/json", "report/model"},
    "report/diff": {"base", "diff", "print", "report/model"},
    "query": {"base", "index", "iterate", "print", "report/model"},
    "clean": {"base", "json", "dataset", "store", "member", "transcode", "fix", "rules", "index", "index/format", "view", "scan", "scan/common",
              "print", "report/model"},
    "arrow": {"base", "rules", "index", "view", "report", "report/model"},
    "import": {"base", "json", "image", "print"},
    "convert": {"base", "json", "dataset", "rules", "index", "index/format", "iterate", "scan",
                "print", "report/model"},
    "cli": {"base"},
}

# The header of a library, and the only files that may include it
LIBRARIES = {
    r"lmdb\.h": ["index/write/state.h", "iterate/libraries.c"],
    r"simdjson\.h": ["json/json.cpp"],
    r"jpeglib\.h|jerror\.h|jmorecfg\.h": ["image/", "thumb/jpeg.c", "thumb/encode.c", "iterate/libraries.c", "transcode/jpeg.c"],
    r"png\.h": ["thumb/png.c", "iterate/libraries.c", "transcode/"],
    r"webp/.*": ["image/libraries.c", "image/tiff/piece.c", "image/webp/webp.c", "thumb/webp.c",
                 "iterate/libraries.c", "transcode/webp.c"],
    r"tiff\.h|tiffio\.h": ["image/", "iterate/libraries.c"],
    r"pthread\.h|threads\.h|stdatomic\.h": ["base/", "scan/", "clean/images.c", "index/read/reader.h"],
    r"zlib\.h|libdeflate\.h": ["archive/", "image/", "iterate/libraries.c"],
    r"xxhash\.h": ["base/", "iterate/libraries.c"],
    r"nettle/.*": ["base/checksum.c", "base/digest.c", "iterate/libraries.c"],
    r"yaml\.h": ["dataset/", "cli/config_reader.h", "iterate/libraries.c"],
    r"unistring/version\.h": ["iterate/libraries.c"],
    r"isa-l.*|lzma\.h|zstd\.h|zstd_errors\.h|bzlib\.h": ["archive/", "iterate/libraries.c"],
    r"uni(case|norm|str|types)\.h": ["base/fold.c"],
}

SOURCES = files("*.c", "*.h", "*.cpp", "*.def")
SOURCES_AT_LEAST = 70


def includes(path: Path) -> list[tuple[str, bool]]:
    """Return each included name, and whether it is one of ours."""
    found = re.findall(r'^\s*#\s*include\s+([<"])([^>"]+)[>"]',
                       without_comments(path.read_text()), flags=re.MULTILINE)
    return [(name, quote == '"') for quote, name in found]


def layer_of(path: Path) -> str:
    """Return the folder of a file, relative to src/."""
    return path.parent.relative_to(SRC).as_posix()


def layer_fault(layer: str, name: str) -> str | None:
    """Return why a file of a folder may not include one of our headers, or None."""
    if name == UMBRELLA.name:  # files that include it are compiled again whenever any header changes
        return f"{layer} includes every public header"
    if name.startswith(PUBLIC):
        return None
    folder = name.rpartition("/")[0]
    if folder not in MAY_INCLUDE:
        return f"{name} is named by no path from src/"
    if folder != layer and folder not in MAY_INCLUDE[layer]:
        return f"{layer} may not include {name}"
    return None


def library_fault(path: str, name: str) -> str | None:
    """Return why a file may not include a library's header, or None."""
    for pattern, places in LIBRARIES.items():
        if re.fullmatch(pattern, name) and not any(path.startswith(p) for p in places):
            return f"{path} may not include <{name}>"
    return None


def test_sources_are_found():
    assert len(SOURCES) >= SOURCES_AT_LEAST
    assert {layer_of(path) for path in SOURCES if path.is_relative_to(SRC)} == set(MAY_INCLUDE)
    assert sum(len(includes(path)) for path in SOURCES) > 200


def test_folders_include_what_they_may():
    faults = []
    for path in SOURCES:
        if not path.is_relative_to(SRC):
            continue
        inner = path.relative_to(SRC)
        for name, ours in includes(path):
            fault = (layer_fault(layer_of(path), name) if ours
                     else library_fault(str(inner), name))
            if fault:
                faults.append(f"{inner}: {fault}")
    assert faults == []


def test_public_headers_include_libc_alone():
    """They may also include each other."""
    public = [UMBRELLA, *public_headers().values()]
    for name, ours in (one for path in public for one in includes(path)):
        assert name.startswith(PUBLIC) if ours else name in {
            "stdbool.h", "stddef.h", "stdint.h", "stdio.h"}


@pytest.mark.parametrize("layer, name, good", [
    ("json", "base/text.h", True),
    ("json", "json/parser.h", True),
    ("json", "llava_check/error.h", True),
    ("json", "llava_check.h", False),
    ("json", "image/image.h", False),
    ("base", "json/json.h", False),
    ("cli", "base/text.h", True),
    ("cli", "json/json.h", False),
    ("report", "scan/common/run.h", False),
    ("scan/rows", "scan/images/image_cache.h", False),
    ("index", "tables.h", False),
    ("image/jpeg", "base/bytes.h", True),
    ("image/jpeg", "image/png/chunks.h", False),
    ("query", "report/json/members.h", False),
])
def test_layer_violations_are_reported(layer: str, name: str, good: bool):
    assert (layer_fault(layer, name) is None) == good


@pytest.mark.parametrize("path, name, good", [
    ("index/write/state.h", "lmdb.h", True),
    ("index/read/reader.c", "lmdb.h", False),
    ("scan/rows/rows.c", "lmdb.h", False),
    ("json/json.cpp", "simdjson.h", True),
    ("json/exact.c", "simdjson.h", False),
    ("image/png/png.c", "pthread.h", False),
    ("cli/main.c", "stdio.h", True),
])
def test_library_violations_are_reported(path: str, name: str, good: bool):
    assert (library_fault(path, name) is None) == good
