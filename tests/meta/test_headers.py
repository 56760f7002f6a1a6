"""Each header compiles alone, without what another would have included before it."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from tree import INCLUDE, PUBLIC_HEADER, ROOT, SRC, files, run

HEADERS = files("*.h")
HEADERS_AT_LEAST = 30
C_ONLY_FLAGS = ["-Wmissing-prototypes", "-Wstrict-prototypes"]


def compile_text(text: str, language: str, standard: str, *flags: str) -> None:
    command = ["cc" if language == "c" else "c++", f"-x{language}", f"-std={standard}",
               "-fsyntax-only", "-Wall", "-Wextra", "-Wpedantic", "-Werror", *flags, "-"]
    done = subprocess.run(command, input=text, capture_output=True, text=True, timeout=60,
                          check=False)
    assert done.returncode == 0, done.stderr


def library_flags() -> list[str]:
    return run("pkg-config", "--cflags", "json-c", "lmdb", "libxxhash", "zlib").split()


def test_headers_are_found():
    assert len(HEADERS) >= HEADERS_AT_LEAST


@pytest.mark.parametrize("header", HEADERS, ids=lambda path: str(path.relative_to(ROOT)))
def test_header_compiles_alone_as_c(header: Path):
    compile_text(f'#include "{header}"\n#include "{header}"\n', "c", "c11", "-D_GNU_SOURCE",
                 f"-I{SRC}", f"-I{INCLUDE}", *C_ONLY_FLAGS, *library_flags())


def test_public_header_needs_nothing_of_ours():
    """A user has no src/ and no _GNU_SOURCE."""
    compile_text(f'#include "{PUBLIC_HEADER}"\nint main(void) {{ return 0; }}\n', "c", "c11")


def test_public_header_compiles_as_cpp():
    compile_text(f'#include "{PUBLIC_HEADER}"\n'
                 "int main() { return lc_version() == nullptr; }\n", "c++", "c++17")


@pytest.mark.parametrize("header", HEADERS, ids=lambda path: str(path.relative_to(ROOT)))
def test_header_is_guarded_by_its_path(header: Path):
    inner = header.relative_to(SRC if header.is_relative_to(SRC) else INCLUDE)
    guard = "LC_" + "_".join(inner.with_suffix("").parts).upper() + "_H"
    if header == PUBLIC_HEADER:
        guard = "LLAVA_CHECK_H"
    text = header.read_text()
    assert f"#ifndef {guard}\n#define {guard}\n" in text
    assert text.startswith(f"/* {header.name} - ")
