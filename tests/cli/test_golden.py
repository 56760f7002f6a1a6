"""Golden runs: golden/CASE.cmd is a shell script; its output must be CASE.out, .err and .rc.

A script finds in its working folder the program as llava-check, a copy of the fixtures `demo`, and a
link to `rules`, from which it copies what it needs. If it contains $THREADS, it is run with one, two
and eight threads, and must print the same. A missing .out or .err counts as empty. LC_UPDATE_GOLDEN=1
writes the current output.
"""

from __future__ import annotations

import difflib
import os
import subprocess
from pathlib import Path
from typing import NamedTuple

import pytest

from program import FIXTURES, TIMEOUT_S, copy_fixture, environment, program

GOLDEN = Path(__file__).with_name("golden")
CASES = sorted(path.stem for path in GOLDEN.glob("*.cmd"))
CASE_COUNT = 62
UPDATE = os.environ.get("LC_UPDATE_GOLDEN") == "1"


class Said(NamedTuple):
    out: bytes
    err: bytes
    rc: bytes


def run_script(script: str, threads: int, scratch: Path) -> Said:
    if "demo/" in script or " demo " in script + " ":
        copy_fixture(FIXTURES / "demo", scratch / "demo")
    if "rules/" in script:
        (scratch / "rules").symlink_to(FIXTURES / "rules")
    tools = scratch / ".tools"
    tools.mkdir()
    (tools / "llava-check").symlink_to(program())
    env = environment(scratch)
    env.update(PATH=f"{tools}:{env['PATH']}", THREADS=f"--threads {threads}")
    done = subprocess.run(
        ["sh", "-c", script],
        cwd=scratch,
        env=env,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=TIMEOUT_S,
    )
    return Said(done.stdout, done.stderr, b"%d\n" % done.returncode)


def golden_file(case: str, kind: str) -> Path:
    return GOLDEN / f"{case}.{kind}"


def update(case: str, said: Said) -> None:
    for kind, data in said._asdict().items():
        if data:
            golden_file(case, kind).write_bytes(data)
        else:
            golden_file(case, kind).unlink(missing_ok=True)


def difference(kind: str, wanted: bytes, got: bytes) -> str:
    sides = [data.decode("utf-8", "backslashreplace").splitlines() for data in (wanted, got)]
    return "\n".join(difflib.unified_diff(*sides, f"golden {kind}", f"{kind} now", lineterm=""))


@pytest.mark.parametrize("case", CASES)
def test_golden(case: str, tmp_path: Path) -> None:
    script = golden_file(case, "cmd").read_text(encoding="utf-8")
    counts = [1, 2, 8] if "$THREADS" in script else [1]
    for threads in counts:
        scratch = tmp_path / str(threads)
        scratch.mkdir()
        said = run_script(script, threads, scratch)
        if UPDATE and threads == 1:
            update(case, said)
        for kind, got in said._asdict().items():
            path = golden_file(case, kind)
            wanted = path.read_bytes() if path.exists() else b""
            assert got == wanted, f"--threads {threads}:\n{difference(kind, wanted, got)}"


def test_all_cases_were_seen() -> None:
    assert len(CASES) == CASE_COUNT
    kinds = {"cmd", "out", "err", "rc"}
    strays = [p.name for p in GOLDEN.iterdir() if p.stem not in CASES or p.suffix[1:] not in kinds]
    assert not strays
