"""Loading libllava_check.so, and turning its errors into exceptions."""

from __future__ import annotations

import ctypes
import errno
import functools
import os
from typing import Any, Callable, Iterator, Optional, Union

from llava_check import _structs as structs
from llava_check._errors import Error, IndexDamagedError, UsageError
from llava_check._places import library_path

PathLike = Union[str, bytes, "os.PathLike[str]", "os.PathLike[bytes]"]


@functools.lru_cache(maxsize=None)
def library() -> Any:
    """Return the library, with the types of its functions declared.

    :raises Error: it is not installed, or its version differs from this package's
    """
    path = library_path()
    try:
        loaded = ctypes.CDLL(os.fspath(path))
    except OSError as error:
        raise Error(f"cannot load {path}: {error}") from error
    for name, (result, arguments) in structs.FUNCTIONS.items():
        try:
            function = getattr(loaded, name)
        except AttributeError:
            raise Error(f"{path} is of another version: it has no {name}") from None
        function.restype = result
        function.argtypes = arguments
    return loaded


def encode(value: Optional[PathLike]) -> Optional[bytes]:
    """Encode a path or a text for the library."""
    if value is None:
        return None
    try:
        encoded = os.fsencode(value)
    except UnicodeEncodeError as error:
        raise UsageError(f"{value!r} has no bytes: {error}") from None
    if b"\0" in encoded:
        raise UsageError(f"a NUL in {value!r}")
    return encoded


def decode(value: Optional[bytes]) -> str:
    """Decode a text of the library; bytes that are not UTF-8 become ``\\xNN``."""
    return (value or b"").decode("utf-8", "backslashreplace")


def fail(error: structs.Error, subject: str = "") -> None:
    """Raise the exception for an error that a call has filled in."""
    message = decode(error.message)
    if subject:
        message = f"{subject}: {message}"
    if error.status == structs.STATUS_STOPPED:
        raise KeyboardInterrupt(message)
    if error.status == structs.STATUS_MEMORY:
        raise MemoryError(message)
    if error.status == structs.STATUS_IO:
        raise OSError(error.os_errno or errno.EIO, message)
    if error.status == structs.STATUS_USAGE:
        raise UsageError(message)
    if error.status == structs.STATUS_INDEX:
        raise IndexDamagedError(message)
    raise Error(message)


def call(name: str, *arguments: Any, subject: str = "") -> None:
    """Call a function whose last parameter is the error, and raise the error that it reports."""
    error = structs.Error()
    if getattr(library(), name)(*arguments, ctypes.byref(error)) != structs.STATUS_OK:
        fail(error, subject)


def collect(name: str, before: tuple[Any, ...], after: tuple[Any, ...] = ()) -> bytes:
    """Call a function that writes through a callback, and return everything that it wrote."""
    pieces: list[bytes] = []

    def write(_context: object, data: Any, size: int) -> int:
        pieces.append(ctypes.string_at(data, size))
        return 0

    call(name, *before, structs.WRITE(write), None, *after)
    return b"".join(pieces)


def infos(name: str, function: Optional[Callable[[Any], Any]] = None) -> Iterator[Any]:
    """Yield the entries of one of the library's tables: rules, trainers …"""
    number = 0
    while True:
        entry = getattr(library(), name)(number)
        if not entry:
            return
        yield function(entry.contents) if function else entry.contents
        number += 1


def version() -> str:
    """Return the version of the loaded library."""
    return decode(library().lc_version())
