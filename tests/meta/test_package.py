"""The Python package: its version, its layout in a wheel, and the pinned versions of its libraries."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from tree import ROOT, program, public_headers, run

PROJECT = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
PACKAGING = ROOT / "packaging" / "wheel"

# Names that the command prints, with pkg-config's; libunistring has no pkg-config file
LIBRARIES = {"simdjson": "simdjson", "libjpeg-turbo": "libjpeg", "libpng": "libpng",
             "libwebp": "libwebp", "libtiff": "libtiff-4", "zlib": "zlib",
             "libdeflate": "libdeflate", "LMDB": "lmdb", "xxHash": "libxxhash",
             "nettle": "nettle", "libunistring": "", "libyaml": "yaml-0.1",
             "liblzma": "liblzma", "zstd": "libzstd", "bzip2": "", "ISA-L": "libisal"}


def test_one_version():
    """CMake's version is the wheel's (by the expression in pyproject.toml), the header's and the command's."""
    expression = re.search(r"^regex = '(.*)'$", PROJECT, flags=re.MULTILINE).group(1)
    found = re.search(expression, (ROOT / "CMakeLists.txt").read_text()).group("value")
    header = public_headers()["llava_check/version.h"].read_text()
    assert f'#define LC_VERSION_STRING "{found}"' in header
    assert run(program(), "version").splitlines()[0] == f"llava-check {found}"
    assert 'dynamic = ["version"]' in PROJECT


def test_versions_of_libraries_are_those_that_are_installed():
    printed = dict(line.split() for line in run(program(), "version").splitlines()[1:])
    assert printed.keys() == LIBRARIES.keys()
    for name, module in LIBRARIES.items():
        wanted = run("pkg-config", "--modversion", module).strip() if module else printed[name]
        if name == "nettle":  # it only has major and minor
            wanted = ".".join(wanted.split(".")[:2])
        assert printed[name] == wanted, name
        assert re.fullmatch(r"\d+(\.\d+)+", printed[name])


def test_classifiers_are_the_versions_that_are_tried():
    floor = re.search(r'^requires-python = ">=3\.(\d+)"$', PROJECT, flags=re.MULTILINE).group(1)
    named = [int(minor) for minor in re.findall(r'"Programming Language :: Python :: 3\.(\d+)"', PROJECT)]
    assert named == list(range(int(floor), max(named) + 1)) and len(named) >= 5


@pytest.fixture(name="wheel", scope="module")
def installed_as_a_wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files that scikit-build-core would put into a wheel, from a configuration that builds nothing."""
    build = tmp_path_factory.mktemp("wheel")
    done = subprocess.run(
        ["cmake", "-S", ROOT, "-B", build, "-G", "Ninja", "-DBUILD_TESTING=OFF", "-DSKBUILD=2",
         "-DSKBUILD_PLATLIB_DIR=/P", "-DSKBUILD_SCRIPTS_DIR=/S", "-DSKBUILD_DATA_DIR=/D",
         "-DSKBUILD_METADATA_DIR=/M", "-DLC_LICENCES=/licences"],
        capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return build


def test_layout_of_a_wheel(wheel: Path):
    rules = (wheel / "cmake_install.cmake").read_text()
    assert set(re.findall(r'DESTINATION "(/[PSDM][^"]*)"', rules)) == {
        "/P/llava_check/_lib", "/S", "/M/licenses/libraries", "/D/share/man/man1",
        "/D/share/bash-completion/completions", "/D/share/zsh/site-functions",
        "/D/share/fish/vendor_completions.d"}
    assert "/libllava_check.so\"" in rules  # one file without a version, because wheels have no links
    assert "libllava_check.so.0" not in rules and "include/llava_check" not in rules


def test_command_of_a_wheel_needs_no_library_of_ours(wheel: Path):
    edges = (wheel / "build.ninja").read_text()
    (command,) = re.findall(r"^build llava-check: (.*?)\n\n", edges, flags=re.MULTILINE | re.DOTALL)
    assert "src/base/text.c.o" in command and "libllava_check" not in command


def test_package_without_an_installation(tmp_path: Path):
    """From a checkout, it can be imported, and reports what is missing when the command is called."""
    code = "import llava_check; print(llava_check.__version__)"
    python = [sys.executable, "-B", "-I", "-c"]
    start = f"import sys; sys.path.insert(0, {str(ROOT / 'python')!r})\n"
    done = subprocess.run([*python, start + code], capture_output=True, text=True, cwd=tmp_path, check=False)
    assert done.returncode == 0, done.stderr
    start += f"import sysconfig; sysconfig.get_path = lambda *a, **b: {str(tmp_path)!r}\n"
    start += f"sys.executable = {str(tmp_path / 'python')!r}\n"
    code = "from llava_check.__main__ import main; main()"
    start += "import os; os.environ['PATH'] = ''; os.environ.pop('LLAVA_CHECK_LIBRARY', None)\n"
    done = subprocess.run([*python, start + code], capture_output=True, text=True, cwd=tmp_path, check=False)
    assert done.returncode == 2
    assert done.stderr.startswith("llava-check: the command llava-check is neither on PATH nor in one of ")
    (tmp_path / "llava-check").symlink_to(program())
    code = "sys.argv[1:] = ['version']; " + code
    done = subprocess.run([*python, start + code], capture_output=True, text=True, cwd=tmp_path, check=False)
    assert done.returncode == 0 and done.stdout == run(program(), "version"), done.stderr


def test_pins_of_wheels():
    """Each source package has files with hashes, and each library is built from one."""
    lines = [line.split() for line in (PACKAGING / "sources.txt").read_text().splitlines()
             if line and not line.startswith("#")]
    packages = {line[1]: line[2] for line in lines if line[0] == "package"}
    files = [line for line in lines if line[0] == "file"]
    assert len(packages) >= 16 and len(files) == 3 * len(packages) and len(lines) == 4 * len(packages)
    assert all(re.fullmatch("[0-9a-f]{64}", line[1]) for line in files)
    built = re.findall(r"^library(?:_x86_64)? \w+ (\S+) \S", (PACKAGING / "libraries.sh").read_text(), flags=re.MULTILINE)
    assert sorted(built) == sorted(packages)
    tools = (PACKAGING / "tools.txt").read_text()
    assert all("==" in line and line.endswith("\\") for line in tools.splitlines()
               if line and not line.startswith(("#", " ")))
