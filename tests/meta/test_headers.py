"""Each header compiles alone, without others included before it."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from tree import INCLUDE, ROOT, SRC, UMBRELLA, build_dir, files, program, public_headers, run

HEADERS = files("*.h")
HEADERS_AT_LEAST = 30
PUBLIC_HEADERS_AT_LEAST = 10
C_ONLY_FLAGS = ["-Wmissing-prototypes", "-Wstrict-prototypes"]
PUBLIC_FLAGS = [f"-I{INCLUDE}", f"-I{build_dir() / 'include'}"]


def compile_text(text: str, language: str, standard: str, *flags: str) -> None:
    command = ["cc" if language == "c" else "c++", f"-x{language}", f"-std={standard}",
               "-fsyntax-only", "-Wall", "-Wextra", "-Wpedantic", "-Werror", *flags, "-"]
    done = subprocess.run(command, input=text, capture_output=True, text=True, timeout=60,
                          check=False)
    assert done.returncode == 0, done.stderr


def library_flags() -> list[str]:
    return [f"-I{build_dir() / 'include'}",
            *run("pkg-config", "--cflags", "lmdb", "libxxhash", "zlib").split()]


def test_headers_are_found():
    assert len(HEADERS) >= HEADERS_AT_LEAST


@pytest.mark.parametrize("header", HEADERS, ids=lambda path: str(path.relative_to(ROOT)))
def test_header_compiles_alone_as_c(header: Path):
    twice = f'#include "{header}"\n' * 2 + "typedef int some;\n"  # a header may only have macros
    compile_text(twice, "c", "c11", "-D_GNU_SOURCE", f"-I{SRC}", f"-I{INCLUDE}", *C_ONLY_FLAGS,
                 *library_flags())


@pytest.mark.parametrize("name", [UMBRELLA.name, *public_headers()])
def test_public_header_needs_nothing_of_ours(name: str):
    """Users have neither src/ nor _GNU_SOURCE, and may include any public header, in C or C++."""
    compile_text(f"#include <{name}>\nint main(void) {{ return 0; }}\n", "c", "c11",
                 *PUBLIC_FLAGS, *C_ONLY_FLAGS)
    compile_text(f"#include <{name}>\nint main() {{ return 0; }}\n", "c++", "c++17",
                 *PUBLIC_FLAGS)


def test_umbrella_includes_every_public_header():
    assert len(public_headers()) >= PUBLIC_HEADERS_AT_LEAST
    included = re.findall(r'^#include "(.*)"$', UMBRELLA.read_text(), flags=re.MULTILINE)
    stable = [name for name, path in public_headers().items()
              if "; experimental */" not in path.read_text().partition("\n")[0]]
    experimental = public_headers().keys() - set(stable)
    assert len(experimental) >= 3
    assert included == sorted(stable) + sorted(experimental)
    last = UMBRELLA.read_text().partition("\n#ifdef LC_EXPERIMENTAL\n")[2]
    assert all(name in last for name in experimental)


def test_umbrella_compiles_as_cpp():
    compile_text("#include <llava_check.h>\n"
                 "int main() { return lc_version() == nullptr; }\n", "c++", "c++17",
                 *PUBLIC_FLAGS)


def test_version_macros():
    """The macros, the library and the program agree, and the number can be compared."""
    compile_text("#include <llava_check.h>\n"
                 "#if LC_VERSION_NUMBER < 100 || LC_VERSION_MAJOR > 0\n#error\n#endif\n"
                 "_Static_assert(LC_VERSION_NUMBER == LC_VERSION_MAJOR * 10000 +\n"
                 "LC_VERSION_MINOR * 100 + LC_VERSION_PATCH, \"\");\n", "c", "c11",
                 *PUBLIC_FLAGS)
    text = public_headers()["llava_check/version.h"].read_text()
    (string,) = re.findall(r'^#define LC_VERSION_STRING "(.*)"$', text, flags=re.MULTILINE)
    numbers = [re.search(rf"^#define LC_VERSION_{name} (\d+)$", text, flags=re.MULTILINE).group(1)
               for name in ("MAJOR", "MINOR", "PATCH")]
    assert ".".join(numbers) == string
    assert run(program(), "version").split()[1] == string


@pytest.mark.parametrize("header", HEADERS, ids=lambda path: str(path.relative_to(ROOT)))
def test_header_is_guarded_by_its_path(header: Path):
    inner = header.relative_to(SRC if header.is_relative_to(SRC) else INCLUDE)
    guard = "LC_" + "_".join(inner.with_suffix("").parts).upper() + "_H"
    if header == UMBRELLA:
        guard = "LLAVA_CHECK_H"
    text = header.read_text()
    assert f"#ifndef {guard}\n#define {guard}\n" in text
    assert text.startswith(f"/* {header.name} - ")
