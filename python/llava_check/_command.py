"""Running the command: to read settings, and for commands that write files."""

from __future__ import annotations

import collections
import json
import os
import signal
import subprocess
from pathlib import Path
from typing import Any, Callable, Mapping, NamedTuple, Optional, Sequence

from llava_check._errors import Error, UsageError
from llava_check._library import PathLike, encode
from llava_check._places import command_path

# exit codes: 0: clean; 1: findings; 2: the command failed
EXIT_ERROR = 2

ROUND = b"watch: "  # prefix of the line about each round
MOST_LINES = 100  # number of other lines that are kept


def as_paths(paths: PathLike | Sequence[PathLike]) -> list[bytes]:
    """Return one path or several as a list of bytes."""
    if isinstance(paths, (str, bytes, os.PathLike)):
        paths = [paths]
    encoded = [encode(path) or b"" for path in paths]
    if not encoded or b"" in encoded:
        raise UsageError("a path is empty" if encoded else "no path is given")
    return encoded


def _values(value: object) -> list[bytes]:
    if isinstance(value, (str, bytes, os.PathLike)):
        value = [value]
    if isinstance(value, (list, tuple)):
        return [encode(one) or b"" for one in value]
    return [str(value).encode()]


def arguments(options: Mapping[str, object]) -> list[bytes]:
    """Convert options to arguments of the command; None, False and empty ones are left out."""
    found = []
    for name, value in options.items():
        if value is None or value is False or value == ():
            continue
        flag = b"--" + name.encode()
        if value is True:
            found.append(flag)
        else:
            found += [flag + b"=" + text for text in _values(value)]
    return found


class CommandResult(NamedTuple):
    """The outcome of a command that writes files."""

    output: Optional[Path]
    """what was written: a file or a folder; None: nothing new"""
    report: dict[str, Any]
    """what was done in numbers: ``OUT.report.json``"""
    text: str
    """what the command printed"""
    exit_code: int


def run(command: str, paths: list[bytes], options: Mapping[str, object]) -> tuple[int, str]:
    """Run the command. Return its exit code and what it printed.

    :raises Error: the command failed; the message is its own
    """
    return finish(start(command, paths, options))


def start(
    command: str, paths: list[bytes], options: Mapping[str, object]
) -> subprocess.Popen[bytes]:
    """Start the command; call :func:`finish` or :func:`stop` afterwards."""
    argv = [
        os.fsencode(command_path()),
        command.encode(),
        *arguments(options),
        b"--",
        *paths,
    ]
    return subprocess.Popen(
        argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )


def stop(process: subprocess.Popen[bytes]) -> None:
    """Interrupt a command, which then removes its unfinished output, and wait for it."""
    process.send_signal(signal.SIGINT)
    process.communicate()


def finish(process: subprocess.Popen[bytes]) -> tuple[int, str]:
    """Wait for a command that was started, and return what :func:`run` returns."""
    try:
        printed, complained = process.communicate()
    except BaseException:
        stop(process)
        raise
    _raise_for(process.returncode, complained)
    return process.returncode, printed.decode("utf-8", "backslashreplace")


def _raise_for(code: int, complained: bytes) -> None:
    """Raise if a command failed."""
    message = complained.decode("utf-8", "backslashreplace").strip()
    if code < 0 or code > EXIT_ERROR:
        if code in (-signal.SIGINT, 128 + signal.SIGINT):
            raise KeyboardInterrupt
        raise Error(message or f"the command ended with {code}")
    if code == EXIT_ERROR:
        lines = [line.replace("llava-check: ", "", 1) for line in message.splitlines()]
        raise UsageError("\n".join(lines) or "the command failed")


def run_watch(
    paths: list[bytes], options: Mapping[str, object], on_round: Callable[[str], None]
) -> None:
    """Run ``llava-check watch``, and pass its line about each round to ``on_round``."""
    argv = [os.fsencode(command_path()), b"watch", *arguments(options), b"--", *paths]
    process = subprocess.Popen(
        argv, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    assert process.stderr
    complained = collections.deque[bytes](maxlen=MOST_LINES)
    try:
        for line in process.stderr:
            if line.startswith(ROUND):
                on_round(line[len(ROUND) :].decode("utf-8", "backslashreplace").strip())
            else:
                complained.append(line)
        process.wait()
    except BaseException:
        stop(process)
        raise
    finally:
        process.stderr.close()
    _raise_for(process.returncode, b"".join(complained))


def start_settings(
    paths: list[bytes], options: Mapping[str, object]
) -> subprocess.Popen[bytes]:
    """Start reading the settings; :func:`finish_settings` returns them."""
    # `config` accepts one path, where it looks for the settings file of the data set
    return start("config", paths[:1], {**options, "format": "json"})


def finish_settings(process: subprocess.Popen[bytes]) -> dict[str, Any]:
    """Return the settings in force, as ``llava-check config`` prints them: from options, settings
    files and defaults.

    :returns: for each option, a dict with its ``value`` and where that comes ``from``
    """
    found: dict[str, Any] = json.loads(finish(process)[1])["settings"]
    return found


def run_clean(
    command: str,
    path: PathLike | Sequence[PathLike],
    output: Optional[PathLike],
    options: Mapping[str, object],
) -> CommandResult:
    """Run a command that writes a result, and read its report."""
    given = {**options, "output": output, "progress": "never"}
    # "quiet" would suppress the text that is returned here
    given.update(quiet=False, verbose=bool(options.get("verbose")))
    code, text = run(command, as_paths(path), given)
    if output is None:
        return CommandResult(None, {}, text, code)
    target = os.fsdecode(encode(output) or b"").rstrip("/")
    report: dict[str, Any] = {}
    try:
        with open(f"{target}.report.json", encoding="utf-8") as file:
            report = json.load(file)
    except FileNotFoundError:
        pass
    return CommandResult(Path(target), report, text, code)
