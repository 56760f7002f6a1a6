"""Readers and a writer use an index at the same time; test_bad_use tests several writers."""

from __future__ import annotations

import subprocess
from pathlib import Path

from program import program, row, run, write_rows

from test_killed import JPEG_SIDE, noise

IMAGES = 40


def test_readers_read_while_a_run_writes(tmp_path: Path) -> None:
    """Each reader sees a complete run: the last one that finished before it started."""
    (tmp_path / "images").mkdir()
    jpeg = noise(JPEG_SIDE)
    for number in range(IMAGES):
        (tmp_path / f"images/{number}.jpg").write_bytes(jpeg)
    rows = [row(str(n), f"{n}.jpg") for n in range(IMAGES)]
    write_rows(tmp_path / "rows.json", rows)
    run("check", ".", cwd=tmp_path)
    before = run("report", ".", "-f", "json", cwd=tmp_path).out
    write_rows(tmp_path / "rows.json", [*rows, row("new", "gone.jpg")])
    seen = set()
    command = [str(program()), "check", ".", "--recheck", "-q"]
    with subprocess.Popen(command, cwd=tmp_path) as writer:
        while writer.poll() is None:
            seen.add(run("report", ".", "-f", "json", cwd=tmp_path).out)
            assert run("index", "check", ".", cwd=tmp_path).code == 0
    after = run("report", ".", "-f", "json", cwd=tmp_path).out
    assert after != before
    assert before in seen
    assert seen <= {before, after}
