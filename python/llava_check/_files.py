"""Report files: which may be overwritten, and how they are moved into place."""

from __future__ import annotations

import ctypes
import os
import stat
import tempfile
from typing import Optional

from llava_check import _structs as structs
from llava_check._errors import UsageError
from llava_check._library import call, decode, infos, library

HEAD_SIZE = 256  # LC_REPORT_HEAD_SIZE


def formats() -> dict[str, list[str]]:
    """Return the report formats with the suffixes of their files."""
    return {
        decode(info.name): decode(info.suffixes).split() for info in infos("lc_report_format_at")
    }


def split_target(target: str) -> tuple[str, str]:
    """Split ``FILE`` or ``FORMAT:FILE`` into the format and the path."""
    known = formats()
    prefix, colon, rest = target.partition(":")
    if colon and prefix in known and rest:
        return prefix, rest
    best = ""
    chosen: Optional[str] = None
    for name, suffixes in known.items():
        for suffix in suffixes:
            if target.endswith(suffix) and len(suffix) > len(best):
                best, chosen = suffix, name
    if chosen is None:
        raise UsageError(
            f"{target}: the format is not clear from its suffix: write FORMAT:FILE, "
            f"with one of {', '.join(known)}"
        )
    return chosen, target


def check_target(path: str, dataset: list[bytes], force: bool) -> None:
    """Raise unless a report may be written to a path: nothing is there, or a report."""
    encoded = os.fsencode(path)
    try:
        found = os.lstat(path)
    except FileNotFoundError:
        return
    if not stat.S_ISREG(found.st_mode):
        raise UsageError(f"{path}: it is not a regular file; cannot write a report there")
    is_data = ctypes.c_bool()
    if dataset:
        call(
            "lc_dataset_has_file",
            structs.strings(dataset),
            len(dataset),
            encoded,
            ctypes.byref(is_data),
            subject=path,
        )
    if is_data.value:
        raise UsageError(f"{path}: it is a file of the data set; cannot write a report there")
    if force:
        return
    fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with open(fd, "rb") as file:
        head = file.read(HEAD_SIZE)
    if not library().lc_report_is_one(head, len(head)):
        raise UsageError(f"{path}: it exists and is not a llava-check report: force=True replaces it")


def put(path: str, content: bytes) -> None:
    """Write to a temporary file in the same folder, and rename it to the path."""
    folder = os.path.dirname(path) or "."
    fd, name = tempfile.mkstemp(prefix=".llava-check-", dir=folder)
    try:
        with open(fd, "wb") as file:
            file.write(content)
        mask = os.umask(0)
        os.umask(mask)
        os.chmod(name, 0o666 & ~mask)
        os.replace(name, path)
    except BaseException:
        os.unlink(name)
        raise
