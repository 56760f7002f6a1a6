"""tree.py - the source tree and the build, for the tests of this folder."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

ROOT = Path(os.environ.get("LC_SOURCE_DIR", Path(__file__).resolve().parents[2]))
SRC = ROOT / "src"
INCLUDE = ROOT / "include"
UMBRELLA = INCLUDE / "llava_check.h"  # includes all of public_headers()


def build_dir() -> Path:
    folder = os.environ.get("LC_BUILD_DIR", "")
    assert folder, "LC_BUILD_DIR must name the build folder"
    return Path(folder)


def program() -> str:
    path = os.environ.get("LLAVA_CHECK", "")
    assert path and os.access(path, os.X_OK), "LLAVA_CHECK must name the program"
    return path


def run(*command: str) -> str:
    """Run a command, which must succeed; return its standard output."""
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, f"{' '.join(command)}: {done.stderr}"
    return done.stdout


def files(*patterns: str) -> list[Path]:
    """Return the files below src/ and include/ whose names match."""
    return sorted(path for top in (INCLUDE, SRC) for pattern in patterns
                  for path in top.rglob(pattern))


def without_comments(text: str) -> str:
    return re.sub(r"//[^\n]*|/\*.*?\*/", " ", text, flags=re.DOTALL)


def public_headers() -> dict[str, Path]:
    """Return every installed header except the umbrella, by its name in an #include; the version's is
    generated in the build folder."""
    return {f"llava_check/{path.name}": path for top in (INCLUDE, build_dir() / "include")
            for path in (top / "llava_check").glob("*.h")}


def public_text() -> str:
    """Return everything that a user of the library sees, without comments."""
    return "".join(without_comments(path.read_text()) for path in public_headers().values())


def rule_codes() -> list[str]:
    """Return every rule's code from the table of rules."""
    text = without_comments((SRC / "rules" / "rules.def").read_text())
    return re.findall(r"^LC_RULE\((\w+),", text, flags=re.MULTILINE)
