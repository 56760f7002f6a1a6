"""measure.py - run a program and measure it; describe the machine; lay out tables."""
from __future__ import annotations

import os
import platform
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import IO, NamedTuple, Sequence

MB = 1e6


class Run(NamedTuple):
    """One finished run; peak is the most memory resident at once, in bytes."""

    wall: float
    cpu: float
    peak: int
    stdout: str


class Started(NamedTuple):
    """A run in progress."""

    process: subprocess.Popen[bytes]
    begin: float
    stdout: IO[bytes]
    stderr: IO[bytes]


def start(command: Sequence[str], stdin: Path | None = None,
          cores: int | None = None) -> Started:
    """Start a program; cores: the number of our cores that it may use."""
    def confine() -> None:
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:cores])

    # Files instead of pipes, so that nothing has to read while the program runs.
    stdout, stderr = tempfile.TemporaryFile(), tempfile.TemporaryFile()
    with open(stdin or os.devnull, "rb") as source:
        begin = time.monotonic()
        process = subprocess.Popen(command, stdin=source, stdout=stdout, stderr=stderr,
                                   preexec_fn=confine if cores else None)
    return Started(process, begin, stdout, stderr)


def finish(started: Started) -> Run:
    """Wait for a run; any exit code but 0 ends the benchmark."""
    process = started.process
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.monotonic() - started.begin
    process.returncode = os.waitstatus_to_exitcode(status)

    texts = []
    for stream in (started.stdout, started.stderr):
        stream.seek(0)
        texts.append(stream.read().decode(errors="replace"))
        stream.close()
    if process.returncode != 0:
        raise SystemExit(f"exit code {process.returncode}: {process.args}\n"
                         f"{texts[0][:2000]}\n{texts[1][:2000]}")
    return Run(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024, texts[0])


def run(command: Sequence[str], stdin: Path | None = None, cores: int | None = None) -> Run:
    return finish(start(command, stdin, cores))


def value(text: str, name: str) -> str:
    """Return the value in a `name value` line of a program's output."""
    for line in text.splitlines():
        key, _, rest = line.partition(" ")
        if key == name:
            return rest
    raise SystemExit(f"no line {name} in what the program printed")


def warm(root: Path) -> int:
    """Read every file once, so that it is cached for all runs; return the number of bytes."""
    size = 0
    for folder, _, names in os.walk(root):
        for name in names:
            with open(os.path.join(folder, name), "rb") as file:
                while piece := file.read(1 << 20):
                    size += len(piece)
    return size


def machine() -> list[str]:
    """Describe the processor, the number of usable cores, memory and system."""
    model = "unknown processor"
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            model = line.partition(":")[2].strip()
            break
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    cores = len(os.sched_getaffinity(0))
    load = os.getloadavg()[0]
    return [f"{model}, {cores} cores usable, {memory / 2**30:.0f} GiB",
            f"{platform.system()} {platform.machine()}, load {load:.1f} at the start"]


def pillow_version() -> str:
    code = ("import PIL; from PIL import features as f; "
            "print(PIL.__version__, 'with libjpeg-turbo', f.version('libjpeg_turbo'))")
    return run([sys.executable, "-c", code]).stdout.strip()


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a Markdown table; all columns but the first are right-aligned."""
    lines = [head, ["---"] + ["---:"] * (len(head) - 1), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines) + "\n"


def verdict(passed: bool, text: str) -> str:
    """Return a list item that says whether a target was met."""
    return f"- **{'PASS' if passed else 'FAIL'}**: {text}\n"


def publish(text: str, passed: bool, out: Path | None) -> int:
    """Print a page, and write it to a file if requested; return the exit code."""
    print(text)
    if out:
        out.write_text(text, encoding="utf-8")
    return int(not passed)
