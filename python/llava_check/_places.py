"""Where the shared library and the command of this package are."""

from __future__ import annotations

import os
import sys
import sysconfig
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent
LIBRARY = "libllava_check.so"
COMMAND = "llava-check"


def library_path() -> Path:
    """The shared library: $LLAVA_CHECK_LIBRARY, or the one that was installed with the package."""
    named = os.environ.get("LLAVA_CHECK_LIBRARY")
    return Path(named) if named else PACKAGE / "_lib" / LIBRARY


def command_path() -> Path:
    """The command that was installed with the package.

    The folder of scripts depends on how pip was called: in an environment, with --user, or with
    --target, which puts bin/ beside the package.
    """
    folders = [
        Path(sysconfig.get_path("scripts")),
        Path(sysconfig.get_path("scripts", scheme=f"{os.name}_user")),
        PACKAGE.parent / "bin",
        PACKAGE.parents[2] / "bin",
        Path(sys.executable).parent,
    ]
    for folder in folders:
        if (folder / COMMAND).is_file():
            return folder / COMMAND
    places = ", ".join(dict.fromkeys(str(folder) for folder in folders))
    raise FileNotFoundError(f"the command {COMMAND} is in none of {places}")
