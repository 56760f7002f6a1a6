"""Where the shared library and the command of this package are."""

from __future__ import annotations

import os
import shutil
import sys
import sysconfig
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent
LIBRARY = "libllava_check.so"
COMMAND = "llava-check"


def library_path() -> Path:
    """Return the path of the shared library: $LLAVA_CHECK_LIBRARY, the one installed with the
    package or, if the package has none, the system's."""
    named = os.environ.get("LLAVA_CHECK_LIBRARY")
    if named:
        return Path(named)
    own = PACKAGE / "_lib" / LIBRARY
    return own if own.exists() else Path(LIBRARY)


def command_path() -> Path:
    """Return the path of the command: beside $LLAVA_CHECK_LIBRARY, or where pip put it.

    That folder depends on how pip was called: in an environment, with --user, or with
    --target, which puts bin/ beside the package. A package without a library of its own uses the
    command that is on PATH.
    """
    named = os.environ.get("LLAVA_CHECK_LIBRARY")
    folders = [
        Path(sysconfig.get_path("scripts")),
        Path(sysconfig.get_path("scripts", scheme=f"{os.name}_user")),
        PACKAGE.parent / "bin",
        PACKAGE.parents[2] / "bin",
        Path(sys.executable).parent,
    ]
    if named:
        folders = [Path(named).parent, Path(named).parent.parent / "bin", *folders]
    for folder in folders:
        if (folder / COMMAND).is_file():
            return folder / COMMAND
    found = shutil.which(COMMAND)
    if found:
        return Path(found)
    places = ", ".join(dict.fromkeys(str(folder) for folder in folders))
    raise FileNotFoundError(f"the command {COMMAND} is neither on PATH nor in one of {places}")
