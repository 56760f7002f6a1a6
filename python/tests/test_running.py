"""During a run: progress and Ctrl-C; and the run that continues an interrupted one."""

from __future__ import annotations

import json
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from conftest import Made, make_row, png

import llava_check

IMAGES = 600
ATTEMPTS = 8


@pytest.fixture(name="large", scope="module")
def make_large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a data set whose check takes a while."""
    folder = tmp_path_factory.mktemp("large")
    (folder / "images").mkdir(parents=True)
    rows = []
    for number in range(IMAGES):
        (folder / "images" / f"{number}.png").write_bytes(png(1200, 1200, number))
        rows.append(make_row(number, f"{number}.png"))
    (folder / "rows.json").write_text(json.dumps(rows))
    time.sleep(2.2)  # until the files' times can be trusted
    return folder


def test_progress_goes_through_the_stages(made: Made):
    seen: list[llava_check.Progress] = []
    llava_check.check(made.path, progress=seen.append).close()
    stages = [p.stage for p in seen]
    assert list(dict.fromkeys(stages)) == ["rows", "links", "images", "set", "index"]
    assert all(0 <= p.done <= p.total or not p.total for p in seen)
    assert seen[-1].findings["error"] > 0


def test_what_a_callback_raises_is_raised(made: Made):
    def fail(progress: llava_check.Progress) -> None:
        raise LookupError(progress.stage)

    with pytest.raises(LookupError):
        llava_check.check(made.path, progress=fail)
    llava_check.check(made.path).close()


def test_other_threads_run_meanwhile(large: Path):
    """A run does not hold the interpreter's lock."""
    steps, done = [0], threading.Event()

    def count() -> None:
        while not done.is_set():
            steps[0] += 1
            time.sleep(0.001)

    thread = threading.Thread(target=count)
    thread.start()
    start = time.perf_counter()
    try:
        llava_check.check(large, no_index=True, threads=1).close()
    finally:
        took = time.perf_counter() - start
        done.set()
        thread.join()
    assert took > 0.05 and steps[0] > 10 * took


CHILD = """
import os, signal, sys
import llava_check
import llava_check._progress
llava_check._progress.EACH = 0
def progress(p):
    if p.stage == "images" and p.total and p.done > p.total // 10 and not progress.sent:
        progress.sent = True
        os.kill(os.getpid(), signal.SIGINT)
progress.sent = False
try:
    llava_check.check(sys.argv[1], progress=progress, threads=1)
except KeyboardInterrupt:
    print("interrupted")
    try:
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
        report = llava_check.check(sys.argv[1], progress="never")
        print(report.notices)
        print(report.summary.images_ok)
    finally:
        sys.stdout.flush()
"""


def test_an_interrupted_run_is_resumed(large: Path):
    """On a busy machine, a signal may arrive after all images were checked: then the test tries again."""
    for _ in range(ATTEMPTS):
        shutil.rmtree(large / ".llava-check", ignore_errors=True)
        child = subprocess.run([sys.executable, "-c", CHILD, str(large)],
                               capture_output=True, text=True, check=False)
        assert child.stderr == ""
        lines = child.stdout.splitlines()
        if not lines:
            continue  # the run ended before it reported its images
        first, notices, sound = lines
        assert (first, sound) == ("interrupted", str(IMAGES))
        reused = re.search(rf"(\d+) of {IMAGES} images are unchanged", notices)
        if reused and 0 < int(reused[1]) < IMAGES:
            break
    else:
        raise AssertionError(f"no run was interrupted within its images: {child.stdout}")


def test_an_interrupt_in_another_thread_is_not_ours(made: Made):
    """A run in another thread than the main one does not change signal handlers."""
    results: list[bool] = []
    before = signal.getsignal(signal.SIGINT)
    thread = threading.Thread(
        target=lambda: results.append(llava_check.check(made.path).ok))
    thread.start()
    thread.join()
    assert results == [False] and signal.getsignal(signal.SIGINT) is before


def test_watch_reports_when_all_is_there(made: Made, tmp_path: Path):
    image = made.path / "images" / "a" / "0.png"
    content = image.read_bytes()
    image.unlink()
    lines: list[str] = []

    def on_round(line: str) -> None:
        lines.append(line)
        if not image.exists():
            image.write_bytes(content)  # the last file arrives

    metrics, page = tmp_path / "m.prom", tmp_path / "r.json"
    with llava_check.watch(made.path, settle=1, progress=on_round, trainer="llava-next",
                           metrics=metrics, report=page, ignore="CNV") as report:
        assert report.summary.images_ok == 9 and not report.ok
        assert {f["rule"] for f in report.findings if f["severity"] == "error"} == {"IMG501"}
    assert json.loads(page.read_text())["verdict"]
    assert lines and all("images are there" in line for line in lines)
    assert "llava_check_exit_code 1" in metrics.read_text()


def test_watch_raises_what_the_command_and_the_callback_say(made: Made, tmp_path: Path):
    with pytest.raises(llava_check.UsageError, match="nowhere"):
        llava_check.watch(tmp_path / "nowhere", settle=1)
    with pytest.raises(llava_check.UsageError, match="trainer"):
        llava_check.watch(made.path, settle=1, trainer="none-such")
    with pytest.raises(llava_check.UsageError, match="progress"):
        llava_check.watch(made.path, progress="loud")  # type: ignore[arg-type]

    def fail(line: str) -> None:
        raise LookupError(line)

    with pytest.raises(LookupError):
        llava_check.watch(made.path, settle=600, progress=fail)
    llava_check.check(made.path).close()  # the index is not locked
