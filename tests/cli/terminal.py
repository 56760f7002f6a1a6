"""A terminal for the program to write to, read to its end."""

from __future__ import annotations

import fcntl
import os
import pty
import struct
import subprocess
import termios
from typing import Callable


def open_terminal(columns: int) -> tuple[int, int]:
    """Open a terminal of 24 lines; return our side and the program's."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    return ours, theirs


def read_terminal(
    ours: int, process: subprocess.Popen[bytes], look: Callable[[bytes], None] = lambda seen: None
) -> bytes:
    """Read everything that the process, the only one on the other side, writes until it ends; close our side.

    look is called after each piece, with everything read so far.

    A read while the process writes its last bytes and closes can fail with EIO although there is more:
    Linux first checks for input, then for the closed side. So only a failure after the end of the
    process counts as the end.
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
