"""The library's verdict about an image in memory."""

from __future__ import annotations

import ctypes
import threading
from typing import Any, NamedTuple, Optional

from llava_check import _structs as structs
from llava_check._library import call, decode, library


class Inspected(NamedTuple):
    """What a check would find out about a file with these bytes."""

    state: str
    """``"ok"``, ``"damaged"``, ``"truncated"``, ``"corrupt"`` …"""
    format: Optional[str]
    mode: Optional[str]
    width: int
    height: int
    transparent: bool
    detail: Optional[str]
    content: str
    """XXH3-128 of the bytes, in hexadecimal digits"""


class _Inspector:
    def __init__(self) -> None:
        self.handle = ctypes.c_void_p()
        call("lc_inspector_new", ctypes.byref(self.handle))

    def __del__(self) -> None:
        library().lc_inspector_free(self.handle)


_own = threading.local()


def inspect_at(address: Optional[int], size: int) -> Inspected:
    """Inspect the bytes at an address, without holding the interpreter's lock."""
    if not hasattr(_own, "inspector"):
        _own.inspector = _Inspector()
    raw = structs.Inspected()
    call("lc_inspect", _own.inspector.handle, address, size, ctypes.byref(raw))

    def text(value: Optional[bytes]) -> Optional[str]:
        return decode(value) if value else None

    return Inspected(
        decode(library().lc_image_state_name(raw.state)),
        text(raw.format),
        text(raw.mode),
        raw.width,
        raw.height,
        raw.transparent,
        text(raw.detail),
        bytes(raw.content).hex(),
    )


def inspect(data: bytes) -> Inspected:
    """Inspect an image's bytes: whether it loads, and what it is.

    inspect(path.read_bytes()).state == "ok"
    """
    buffer: Any = ctypes.c_char_p(data)
    return inspect_at(ctypes.cast(buffer, ctypes.c_void_p).value if data else None, len(data))
