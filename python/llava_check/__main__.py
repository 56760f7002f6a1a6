"""python -m llava_check: the command, with the same arguments and exit codes."""

from __future__ import annotations

import os
import sys

from llava_check._places import command_path


def main() -> None:
    """Become the command: its process is this one, so signals and exit codes are its own."""
    try:
        command = command_path()
    except FileNotFoundError as error:
        sys.stderr.write(f"llava_check: {error}\n")
        sys.exit(2)
    sys.stdout.flush()
    os.execv(command, [str(command), *sys.argv[1:]])


if __name__ == "__main__":
    main()
