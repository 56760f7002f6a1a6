"""What cmake --install installs works there: the program, the library, pkg-config.

LC_BUILD_DIR is the build folder; by default, the folder of LLAVA_CHECK.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import NamedTuple

import pytest

from program import DEMO, REPOSITORY, environment, program, run

PROGRAM = r"""
#include <llava_check.h>

#include <string.h>

static void notice(void *user, const char *line)
{
    ++*(int *)user;
    (void)line;
}

int main(int argc, char **argv)
{
    int notices = 0;
    struct lc_check_options options = {
        .size = sizeof(options), .paths = (const char *const *)argv + 1, .path_count = (size_t)argc - 1, .no_index = true, .on_notice = notice, .user = &notices};
    struct lc_report_options report = LC_OPTIONS(lc_report_options);
    struct lc_error error = {0};
    struct lc_index *index = NULL;
    const struct lc_summary *summary;
    size_t rules = 0;

    report.format = "json";
    report.show = LC_SEVERITY_WARNING;
    if (lc_check(&options, &index, &error) != LC_OK) {
        printf("%d: %s\n", (int)error.status, error.message);
        return 2;
    }
    summary = lc_index_summary(index);
    while (lc_rule_at(rules))
        rules++;
    printf("%s %llu %llu %llu %d %d\n", lc_version(), (unsigned long long)summary->rows,
           (unsigned long long)summary->rows_ok,
           (unsigned long long)summary->findings[LC_SEVERITY_ERROR], notices, rules > 30);
    if (strcmp(lc_rule_find("image-truncated")->code, "IMG507") != 0)
        return 3;
    if (lc_report_write(index, &report, stdout, &error) != LC_OK)
        return 4;
    lc_index_close(index);
    return 0;
}
"""


class Installed(NamedTuple):
    prefix: Path
    sanitize: list[str]  # flags that are also needed to link with it
    env: dict[str, str]


def from_cache(build: Path, name: str) -> str:
    """Return a value from CMakeCache.txt."""
    for line in (build / "CMakeCache.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith(name + ":"):
            return line.split("=", 1)[1]
    return ""


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    build = Path(os.environ.get("LC_BUILD_DIR") or program().parent).resolve()
    assert (build / "CMakeCache.txt").is_file(), f"LC_BUILD_DIR: no build folder {build}"
    scratch = tmp_path_factory.mktemp("installed")
    prefix = scratch / "prefix"
    done = subprocess.run(
        ["cmake", "--install", build, "--prefix", prefix], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    env = environment(scratch)
    for name in ("LD_LIBRARY_PATH", "PKG_CONFIG_PATH"):
        env.pop(name, None)
    sanitize = from_cache(build, "LC_SANITIZE")
    return Installed(prefix, [f"-fsanitize={sanitize}"] if sanitize else [], env)


def one(folder: Path, pattern: str) -> Path:
    found = sorted(folder.rglob(pattern))
    assert len(found) == 1, (pattern, found)
    return found[0]


def test_what_is_installed(installed: Installed) -> None:
    files = {p.name for p in installed.prefix.rglob("*") if not p.is_dir()}
    assert {"llava-check", "llava_check.h", "llava-check.pc", "libllava_check.so"} <= files
    assert {p.name for p in (installed.prefix / "include" / "llava_check").iterdir()} == {
        "version.h", *(p.name for p in (REPOSITORY / "include" / "llava_check").iterdir())}
    assert not [name for name in files if name.endswith((".a", ".o", ".cmake"))]
    libraries = {p.name for p in installed.prefix.rglob("libllava_check.so*")}
    assert len(libraries) == 3


def test_soname_changes_with_every_minor_version_until_1(installed: Installed) -> None:
    library = one(installed.prefix, "libllava_check.so").resolve()
    text = subprocess.run(["readelf", "-d", library], capture_output=True, text=True).stdout
    major, minor, _ = pkg_config(installed, "--modversion").split(".")
    assert f"[libllava_check.so.{f'0.{minor}' if major == '0' else major}]" in text


def test_man_page_and_completions(installed: Installed, tmp_path: Path) -> None:
    share = installed.prefix / "share"
    for place, words in {
        "man/man1/llava-check.1": ["man"],
        "bash-completion/completions/llava-check": ["completions", "bash"],
        "zsh/site-functions/_llava-check": ["completions", "zsh"],
        "fish/vendor_completions.d/llava-check.fish": ["completions", "fish"],
    }.items():
        assert (share / place).read_bytes() == run(*words, cwd=tmp_path).out, place


def test_program_runs_from_there(installed: Installed, tmp_path: Path) -> None:
    moved = tmp_path / "moved to a folder with blanks"  # nothing may depend on its place
    shutil.copytree(installed.prefix, moved, symlinks=True)
    for prefix in (installed.prefix, moved):
        executable = prefix / "bin/llava-check"
        done = run(DEMO, "--no-index", cwd=tmp_path, executable=executable, env=installed.env)
        assert done.code == 1 and not done.err and b"FAILED" in done.out
        libraries = subprocess.run(["ldd", executable], capture_output=True, text=True).stdout
        (line,) = [li for li in libraries.splitlines() if "libllava_check.so" in li]
        found = Path(line.split("=>")[1].rsplit("(", 1)[0].strip())
        assert found.resolve().is_relative_to(prefix.resolve())


def pkg_config(installed: Installed, *arguments: str) -> str:
    folder = one(installed.prefix, "llava-check.pc").parent
    env = {**installed.env, "PKG_CONFIG_PATH": str(folder)}
    done = subprocess.run(
        ["pkg-config", *arguments, "llava-check"], capture_output=True, text=True, env=env
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_pkg_config(installed: Installed, tmp_path: Path) -> None:
    version = run("version", cwd=tmp_path).out.decode().split()[1]
    assert pkg_config(installed, "--modversion") == version
    assert Path(pkg_config(installed, "--variable=includedir"), "llava_check.h").is_file()
    assert Path(pkg_config(installed, "--variable=libdir"), "libllava_check.so").is_file()


@pytest.mark.parametrize(
    "compiler, flags",
    [
        ("cc", ["-std=c11", "-Wall", "-Wextra", "-Wpedantic", "-Werror"]),
        ("cc", ["-std=c11", "-Wall", "-Werror", "-Wconversion", "-Wstrict-prototypes"]),
    ],
)
def test_a_program_of_ones_own(
    compiler: str, flags: list[str], installed: Installed, tmp_path: Path
) -> None:
    """Compile a program as users would, with only the flags of pkg-config."""
    words = pkg_config(installed, "--cflags", "--libs")
    source = tmp_path / "own.c"
    source.write_text(PROGRAM)
    own = tmp_path / "own"
    library = one(installed.prefix, "libllava_check.so").parent
    at = [compiler, *flags, *installed.sanitize, source, "-o", own, *words.split()]
    done = subprocess.run([*at, f"-Wl,-rpath,{library}"], capture_output=True, text=True)
    assert done.returncode == 0 and not done.stderr, done.stderr
    done = subprocess.run([own, DEMO], capture_output=True, text=True, env=installed.env)
    assert done.returncode == 0, done.stderr
    numbers, _, report = done.stdout.partition("\n")
    assert numbers.split()[1:] == ["43", "28", "15", "0", "1"]
    program_says = run(DEMO, "--no-index", "-f", "json", cwd=tmp_path)
    assert report == program_says.out.decode()
    done = subprocess.run([own, tmp_path / "no"], capture_output=True, text=True, env=installed.env)
    assert (done.returncode, done.stdout) == (2, "1: no such file or folder\n")


@pytest.mark.parametrize("name", ["findings_by_rule", "bad_rows"])
def test_examples_are_built_from_there(name: str, installed: Installed, tmp_path: Path) -> None:
    data = tmp_path / "demo"
    shutil.copytree(DEMO, data)
    assert run(data, cwd=tmp_path, env=installed.env).code == 1
    words = pkg_config(installed, "--cflags", "--libs").split()
    source = REPOSITORY / "docs" / "examples" / f"{name}.c"
    library = one(installed.prefix, "libllava_check.so").parent
    flags = ["-std=c11", "-Wall", "-Wextra", "-Wpedantic", "-Werror", *installed.sanitize]
    done = subprocess.run(["cc", *flags, source, "-o", tmp_path / name, *words,
                           f"-Wl,-rpath,{library}"], capture_output=True, text=True)
    assert done.returncode == 0 and not done.stderr, done.stderr
    done = subprocess.run([tmp_path / name, data], capture_output=True, text=True,
                          env=installed.env)
    assert done.returncode == 0 and len(done.stdout.splitlines()) > 10, done.stderr


def test_header_compiles_as_cxx(installed: Installed, tmp_path: Path) -> None:
    source = tmp_path / "own.cpp"
    source.write_text(
        '#include "llava_check.h"\n'
        "int main() { lc_check_options options = LC_OPTIONS(lc_check_options);\n"
        "return options.size != sizeof(options) || lc_version() == nullptr; }\n")
    include = one(installed.prefix, "llava_check.h").parent
    flags = ["-std=c++17", "-Wall", "-Wextra", "-Werror", "-fsyntax-only", f"-I{include}"]
    done = subprocess.run(["c++", *flags, source], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
