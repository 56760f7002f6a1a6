"""The command watch on data sets that are written slowly, as by a download or while unpacking."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "cli"))
from program import GOOD_JPEG, environment, program, run  # noqa: E402

TURNS = [{"from": "human", "value": "<image>\nWhat is it?"}, {"from": "gpt", "value": "A cat."}]
JPEG = GOOD_JPEG.read_bytes()
IMAGES = 40


def rows_text(count: int) -> bytes:
    rows = [{"id": str(i), "image": f"images/{i}.jpg", "conversations": TURNS} for i in range(count)]
    return json.dumps(rows).encode()


def picture(i: int) -> bytes:
    return JPEG[:2] + b"\xff\xfe\x00\x06%04d" % i + JPEG[2:]


class Writer(threading.Thread):
    """Write a data set piece by piece: rows in two halves; images directly, or renamed when complete."""

    def __init__(self, top: Path, pause: float, cut: bool = False) -> None:
        super().__init__()
        self.top, self.pause, self.cut = top, pause, cut
        (top / "images").mkdir(parents=True)

    def run(self) -> None:
        text = rows_text(IMAGES)
        with open(self.top / "rows.json", "wb", buffering=0) as rows:
            rows.write(text[: len(text) // 2])
            for i in range(IMAGES):
                data = picture(i)
                part = self.top / f"images/{i}.jpg{'.incomplete' if i % 2 else ''}"
                with open(part, "wb", buffering=0) as file:
                    file.write(data[: len(data) // 2])
                    time.sleep(self.pause)
                    file.write(data[len(data) // 2 :])
                if i % 2:
                    part.rename(self.top / f"images/{i}.jpg")
                if i == IMAGES // 2:
                    rows.write(text[len(text) // 2 :])
        if self.cut:
            (self.top / "images/7.jpg").write_bytes(picture(7)[:-500])
            (self.top / "images/8.jpg.incomplete").write_bytes(b"")


def test_a_slow_download_is_reported_when_it_is_over(tmp_path: Path) -> None:
    writer = Writer(tmp_path / "set", 0.05)
    writer.start()
    done = run("watch", "set", "--settle", "4", "--format", "json", cwd=tmp_path)
    writer.join()
    report = json.loads(done.out)
    assert done.code == 0, done
    assert report["summary"]["images"] == report["summary"]["images_ok"] == IMAGES
    said = re.findall(r"^watch: (\d+) rows; (\d+) of (\d+) images are there", done.err, re.M)
    assert said, done.err  # at least one round before the end
    again = run("set", "--format", "json", cwd=tmp_path)
    assert again.out == done.out  # a check of the final state gives the same report


def test_what_stays_incomplete_is_reported(tmp_path: Path) -> None:
    writer = Writer(tmp_path / "set", 0.01, cut=True)
    writer.start()
    done = run("watch", "set", "--settle", "4", "--format", "concise", cwd=tmp_path)
    writer.join()
    assert done.code == 1, done
    assert b"IMG507" in done.out and b"images/7.jpg" in done.out
    assert "1 file has the name of a download that is not finished: 8.jpg.incomplete" in done.err


def test_each_round_reads_what_is_new(tmp_path: Path) -> None:
    """Old images are opened once; new ones again until their times can be trusted."""
    top = tmp_path / "set"
    (top / "images").mkdir(parents=True)
    (top / "rows.json").write_bytes(rows_text(IMAGES))
    for i in range(IMAGES // 2):
        (top / f"images/{i}.jpg").write_bytes(picture(i))
        os.utime(top / f"images/{i}.jpg", (1e9, 1e9))
    time.sleep(2.1)  # times are trusted
    env = {**environment(tmp_path), "LD_PRELOAD": os.environ["LC_LATENCY"], "LATENCY_OPEN": "1",
           "LATENCY_SUFFIX": ".jpg", "LATENCY_REPORT": str(tmp_path / "calls")}  # fmt: skip
    process = subprocess.Popen([program(), "watch", "set", "--settle", "2"], cwd=tmp_path, env=env,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)  # fmt: skip
    for i in range(IMAGES // 2, IMAGES):
        (top / f"images/{i}.jpg").write_bytes(picture(i))
        time.sleep(0.1)
    out, err = process.communicate(timeout=60)
    rounds = err.count("watch: ") + 1
    opens = int((tmp_path / "calls").read_text().split()[1])
    assert process.returncode == 0 and rounds >= 2, err
    # old images once; new ones in each round until their times are trusted
    assert opens <= IMAGES // 2 + IMAGES // 2 * rounds, (opens, rounds)


def test_a_signal_ends_it_with_a_report(tmp_path: Path) -> None:
    top = tmp_path / "set"
    (top / "images").mkdir(parents=True)
    (top / "rows.json").write_bytes(rows_text(3))
    (top / "images/0.jpg").write_bytes(picture(0))
    process = subprocess.Popen([program(), "watch", "set"], cwd=tmp_path, env=environment(tmp_path),
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE)  # fmt: skip
    assert process.stderr
    line = process.stderr.readline()
    assert b"watch: 3 rows; 1 of 3 images are there: 1 sound, 0 bad" in line
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=30)
    assert process.returncode == 130
    assert b"FAILED: 2 errors" in out and b"images/1.jpg" in out


def test_a_missing_or_empty_folder_is_an_error(tmp_path: Path) -> None:
    done = run("watch", "nowhere", cwd=tmp_path, timeout=20)  # a mistyped path is not waited for
    assert done.code == 2 and "no such file or folder" in done.err
    (tmp_path / "empty").mkdir()
    done = run("watch", "empty", "--settle", "1", cwd=tmp_path)
    assert done.code == 2 and "watch: no rows yet, in 0 files" not in done.err


def test_its_own_files_do_not_keep_it_busy(tmp_path: Path) -> None:
    top = tmp_path / "set"
    (top / "images").mkdir(parents=True)
    (top / "rows.json").write_bytes(rows_text(1))
    (top / "images/0.jpg").write_bytes(picture(0))
    done = run("watch", "set", "--settle", "1", "--index", "set/index", "--metrics", "set/m.prom", cwd=tmp_path, timeout=50)
    assert done.code == 0, done
