"""Names of symbols: all begin with lc_, and the library only exports declared ones."""

from __future__ import annotations

import re

from tree import build_dir, public_text, run

DECLARED_AT_LEAST = 10


def library() -> str:
    path = build_dir() / "libllava_check.so"
    assert path.exists(), f"no library at {path}"
    return str(path)


def symbols(*options: str) -> dict[str, str]:
    """Return name and kind of each symbol that nm prints."""
    lines = [line.split() for line in run("nm", *options, library()).splitlines()]
    return {fields[-1]: fields[-2] for fields in lines if len(fields) >= 2}


def declared() -> set[str]:
    text = public_text()
    found = re.findall(r"^LC_API\s[^;(]*?(\w+)\(", text, flags=re.MULTILINE)
    assert len(found) == text.count("LC_API ") - 1  # the macro itself is not a declaration
    return set(found)


def objects_symbols() -> dict[str, str]:
    """Return the global symbols of our C objects; hidden ones are local in the library."""
    found: dict[str, str] = {}
    objects = sorted((build_dir() / "CMakeFiles" / "lc_objects.dir").rglob("*.c.o"))
    assert len(objects) > 30, "the build folder holds no objects"
    for path in objects:
        for line in run("nm", "-g", "--defined-only", str(path)).splitlines():
            _, kind, name = line.split()
            found[name] = kind
    return found


def test_every_global_symbol_has_the_prefix():
    found = objects_symbols()
    found.update(symbols("-g", "--defined-only"))
    ours = {name: kind for name, kind in found.items() if kind in "TDBR"}
    assert len(ours) > 100
    assert [name for name in sorted(ours) if not name.startswith("lc_")] == []


def test_exported_is_what_is_declared():
    exported = {name.split("@")[0] for name, kind in
                symbols("-D", "--defined-only").items() if kind != "A"}
    assert len(declared()) >= DECLARED_AT_LEAST
    assert exported == declared()
