"""A terminal for the program to write on, read to its end."""

from __future__ import annotations

import fcntl
import os
import pty
import struct
import subprocess
import termios
from typing import Callable


def open_terminal(columns: int) -> tuple[int, int]:
    """Our side and the program's of a terminal of 24 lines."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    return ours, theirs


def read_terminal(
    ours: int, process: subprocess.Popen[bytes], look: Callable[[bytes], None] = lambda seen: None
) -> bytes:
    """All that the process, the only one on the other side, writes until it ends; closes ours.

    look is called with what was read so far, after each part.

    A read that comes while the process writes its last and closes can fail with EIO though there is
    more: Linux looks for input first and for the closed side after. So only a failure after the end
    of the process counts as the end.
    """
    seen = b""
    while True:
        ended = process.poll() is not None
        try:
            seen += os.read(ours, 65536)
        except OSError:
            if ended:
                break
            process.wait()
            continue
        look(seen)
    os.close(ours)
    return seen
