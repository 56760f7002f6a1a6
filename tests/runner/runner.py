"""Runs the program in many tests: as children of a process that is loaded once (runner.c).

A run does the same as if the program was started, but without the time to load it: 5 ms, and 30 with
the address sanitizer. LC_RUNNER is the path of that process. Without it, for other programs than
LLAVA_CHECK, and for runs that must be started separately, subprocess.run starts the program. Each
thread of a test has its own process.
"""

from __future__ import annotations

import atexit
import os
import struct
import subprocess
import threading
from pathlib import Path
from typing import Mapping, Sequence

# Commands that look for themselves in /proc, or call programs beside them
STARTED = {b"slurm", b"import"}
# Variables that the loader, the C library and sanitizers read before main
EARLY = ("LD_", "ASAN_", "LSAN_", "MALLOC_", "TSAN_", "UBSAN_", "GLIBC_", "GCOV_")
SLOWNESS = int(os.environ.get("LC_SLOWNESS", "1"))  # of an emulated processor; all time limits grow by it
REQUEST, REPLY = struct.Struct("=IIII"), struct.Struct("=iIQQQ")

Argument = str | Path | bytes


class Ended:
    """A finished run: the members of subprocess.CompletedProcess, and its memory, if known."""

    def __init__(self, returncode: int, stdout: bytes, stderr: bytes, most_kib: int = 0) -> None:
        self.returncode, self.stdout, self.stderr, self.most_kib = returncode, stdout, stderr, most_kib


class Runner:
    """The process that is loaded only once."""

    def __init__(self, path: str) -> None:
        self.early = early(os.environ)
        self.process = subprocess.Popen([path], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        atexit.register(self.close)

    def close(self) -> None:
        """End the process, which must not have leaked."""
        self.process.communicate(timeout=60 * SLOWNESS)
        assert self.process.returncode == 0, self.process.returncode

    def run(self, command: Sequence[bytes], cwd: bytes, env: Mapping[str, str], timeout: float) -> Ended:
        variables = [os.fsencode(f"{name}={value}") for name, value in env.items()]
        texts = b"".join(text + b"\0" for text in (cwd, *command, *variables))
        head = REQUEST.pack(len(command), len(variables), len(texts), int(timeout * 1000))
        assert self.process.stdin and self.process.stdout
        self.process.stdin.write(head + texts)
        self.process.stdin.flush()
        reply = self.process.stdout.read(REPLY.size)
        assert len(reply) == REPLY.size, f"the runner ended: {self.process.wait()}"
        status, timed_out, most_kib, out_size, err_size = REPLY.unpack(reply)
        out, err = self.process.stdout.read(out_size), self.process.stdout.read(err_size)
        if timed_out:
            raise subprocess.TimeoutExpired(list(command), timeout, out, err)
        return Ended(os.waitstatus_to_exitcode(status), out, err, most_kib)


def early(env: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in env.items() if name.startswith(EARLY)}


_own = threading.local()


def _runner() -> Runner | None:
    if getattr(_own, "pid", None) != os.getpid():  # after a fork, it is the parent's
        path = os.environ.get("LC_RUNNER")
        _own.runner, _own.pid = Runner(path) if path else None, os.getpid()
    runner: Runner | None = _own.runner
    return runner


def run(
    command: Sequence[Argument], cwd: Path | None = None, env: Mapping[str, str] | None = None, timeout: float = 60
) -> Ended:
    """Run the program, whose path is the command's first word, and capture what it prints."""
    words = [os.fsencode(word) for word in command]
    env = os.environ if env is None else env
    timeout *= SLOWNESS
    program = os.path.realpath(os.environ.get("LLAVA_CHECK", ""))
    runner = None
    if os.path.realpath(command[0]) == os.fsencode(program) or os.path.realpath(command[0]) == program:
        runner = _runner()
    if not runner or STARTED & set(words[1:2]) or early(env) != runner.early or any(b"\0" in w for w in words):
        done = subprocess.run(words, cwd=cwd, env=env, timeout=timeout, stdin=subprocess.DEVNULL, capture_output=True)
        return Ended(done.returncode, done.stdout, done.stderr)
    return runner.run(words, os.fsencode(cwd or os.getcwd()), env, timeout)
