"""Each header compiles alone, without what another would have included before it."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from tree import INCLUDE, PUBLIC_HEADERS, ROOT, SRC, UMBRELLA, files, run

HEADERS = files("*.h")
HEADERS_AT_LEAST = 30
PUBLIC_HEADERS_AT_LEAST = 10
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
    twice = f'#include "{header}"\n' * 2 + "typedef int some;\n"  # a header may have macros alone
    compile_text(twice, "c", "c11", "-D_GNU_SOURCE", f"-I{SRC}", f"-I{INCLUDE}", *C_ONLY_FLAGS,
                 *library_flags())


@pytest.mark.parametrize("header", [UMBRELLA, *PUBLIC_HEADERS], ids=lambda path: path.name)
def test_public_header_needs_nothing_of_ours(header: Path):
    """A user has no src/ and no _GNU_SOURCE, and includes what he wants, in C or C++."""
    name = header.relative_to(INCLUDE)
    compile_text(f"#include <{name}>\nint main(void) {{ return 0; }}\n", "c", "c11",
                 f"-I{INCLUDE}", *C_ONLY_FLAGS)
    compile_text(f"#include <{name}>\nint main() {{ return 0; }}\n", "c++", "c++17",
                 f"-I{INCLUDE}")


def test_umbrella_includes_every_public_header():
    assert len(PUBLIC_HEADERS) >= PUBLIC_HEADERS_AT_LEAST
    included = re.findall(r'^#include "(.*)"$', UMBRELLA.read_text(), flags=re.MULTILINE)
    assert included == [str(path.relative_to(INCLUDE)) for path in PUBLIC_HEADERS]


def test_umbrella_compiles_as_cpp():
    compile_text("#include <llava_check.h>\n"
                 "int main() { return lc_version() == nullptr; }\n", "c++", "c++17",
                 f"-I{INCLUDE}")


@pytest.mark.parametrize("header", HEADERS, ids=lambda path: str(path.relative_to(ROOT)))
def test_header_is_guarded_by_its_path(header: Path):
    inner = header.relative_to(SRC if header.is_relative_to(SRC) else INCLUDE)
    guard = "LC_" + "_".join(inner.with_suffix("").parts).upper() + "_H"
    if header == UMBRELLA:
        guard = "LLAVA_CHECK_H"
    text = header.read_text()
    assert f"#ifndef {guard}\n#define {guard}\n" in text
    assert text.startswith(f"/* {header.name} - ")
