#!/usr/bin/python3
"""Check what must be true of a wheel on every machine: inspect_wheel.py WHEEL

Checks its size, its files and their permissions, the licences of all libraries, and what its two
programs need from the system. Prints a line; a fault ends it with a traceback.
"""

from __future__ import annotations

import re
import struct
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
MOST_BYTES = 8 << 20
MACHINES = {"x86_64": 62, "aarch64": 183}
LOADERS = {"x86_64": "ld-linux-x86-64.so.2", "aarch64": "ld-linux-aarch64.so.1"}
SYSTEM = {"libc.so.6", "libm.so.6", "libpthread.so.0", "libdl.so.2", "librt.so.1"}
NEWEST_GLIBC = (2, 28)


def readelf(path: Path, *options: str) -> str:
    return subprocess.run(["readelf", "-W", *options, path], check=True, capture_output=True,
                          text=True).stdout


def check_program(path: Path, arch: str) -> None:
    """Check that an ELF file needs at most glibc 2.28, and was built with cmake/hardening.cmake."""
    head = path.read_bytes()[:20]
    assert head[:6] == b"\x7fELF\x02\x01" and struct.unpack("<H", head[18:])[0] == MACHINES[arch]
    dynamic = readelf(path, "-d")
    needed = set(re.findall(r"\(NEEDED\).*\[(.*)\]", dynamic))
    assert "libc.so.6" in needed and needed <= SYSTEM | {LOADERS[arch]}, needed
    assert "RPATH" not in dynamic and "RUNPATH" not in dynamic
    versions = {tuple(map(int, found.split("."))) for found in
                re.findall(r"GLIBC_([0-9.]+)", readelf(path, "-V"))}
    assert versions and max(versions) <= NEWEST_GLIBC, max(versions)
    segments = readelf(path, "-l")
    assert "GNU_RELRO" in segments and " NOW" in dynamic and "DYN" in readelf(path, "-h")
    assert not re.search(r"^ +(LOAD|GNU_STACK) .* RWE ", segments, flags=re.MULTILINE)
    sections = readelf(path, "-S")
    assert ".debug_" not in sections and ".symtab" not in sections


def check_exports(library: Path) -> int:
    """Check that only our functions are exported: our zlib must not clash with another in the process."""
    lines = [line.split() for line in readelf(library, "--dyn-syms").splitlines()[3:]]
    exported = {words[7].split("@")[0] for words in lines
                if len(words) > 7 and words[6] != "UND" and words[4] in ("GLOBAL", "WEAK")}
    others = {name for name in exported if not name.startswith("lc_")}
    assert not others, sorted(others)[:20]
    assert len(exported) > 50
    return len(exported)


def check_licences(names: list[str], info: str, arch: str) -> int:
    built = [(name, files) for only, name, files in
             re.findall(r"^library(?:_(\w+))? (\w+) \S+ (.*)$", (HERE / "libraries.sh").read_text(), flags=re.MULTILINE)
             if only in ("", arch)]
    assert len(built) >= 15
    for name, files in built:
        for file in [*files.split(), "debian-copyright"]:
            assert f"{info}/licenses/libraries/{name}/{Path(file).name}" in names, (name, file)
    assert f"{info}/licenses/LICENSE" in names
    return len(built)


def main() -> None:
    wheel = Path(sys.argv[1])
    name, version, *tags = wheel.stem.split("-")
    assert tags[:2] == ["py3", "none"], tags
    arch = re.fullmatch(r"manylinux_2_28_(x86_64|aarch64)", tags[2]).group(1)
    assert wheel.stat().st_size < MOST_BYTES
    info = f"{name}-{version}.dist-info"
    data = f"{name}-{version}.data"
    with zipfile.ZipFile(wheel) as archive, tempfile.TemporaryDirectory() as folder:
        names = archive.namelist()
        assert sum(member.file_size for member in archive.infolist()) < 2 * MOST_BYTES
        command = f"{data}/scripts/llava-check"
        library = f"{name}/_lib/libllava_check.so"
        assert {command, library, f"{name}/__init__.py", f"{name}/py.typed", f"{info}/METADATA",
                f"{data}/data/share/man/man1/llava-check.1"} <= set(names)
        assert archive.getinfo(command).external_attr >> 16 & 0o111
        assert not [each for each in names if each.endswith((".a", ".o", ".h", ".pc", ".pyc", ".cmake"))]
        assert {each.split("/")[0] for each in names} == {name, info, data}
        for member in (command, library):
            check_program(Path(archive.extract(member, folder)), arch)
        exported = check_exports(Path(folder, library))
        licences = check_licences(names, info, arch)
        text = archive.read(f"{info}/METADATA").decode()
        assert f"\nVersion: {version}\n" in text and "\nRequires-Python: >=3.9\n" in text
        assert "\nLicense-Expression: Apache-2.0\n" in text
        assert f"Tag: py3-none-{tags[2]}\n" in archive.read(f"{info}/WHEEL").decode()
    print(f"{wheel.stat().st_size / 1e6:.2f} MB, {len(names)} files, licences of {licences} libraries,"
          f" {exported} exported functions")


if __name__ == "__main__":
    main()
