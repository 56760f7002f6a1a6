"""--metrics FILE: a strict parser reads the file, in Prometheus' text format; it is complete at any time."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "cli"))
from program import DEMO, GOOD_JPEG, assert_complaint, environment, program, run  # noqa: E402

NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
VALUE = r'"((?:[^"\\\n]|\\\\|\\"|\\n)*)"'
SAMPLE = re.compile(rf"({NAME})(?:\{{((?:[a-z_]+={VALUE},?)*)\}})? ([0-9]+(?:\.[0-9]+)?)$")
TURNS = [{"from": "human", "value": "<image>\nWhat is it?"}, {"from": "gpt", "value": "A cat."}]


class Metrics(NamedTuple):
    """Samples by name and labels, and the names in the order of the file."""

    samples: dict[tuple[str, tuple[tuple[str, str], ...]], float]
    names: list[str]

    def __getitem__(self, key: str) -> float:
        return self.of(key)

    def of(self, name: str, **labels: str) -> float:
        return self.samples[f"llava_check_{name}", tuple(sorted(labels.items()))]


def parse(data: bytes) -> Metrics:
    """Parse the exposition format strictly: HELP, TYPE, then the samples of the metric, without duplicates."""
    text = data.decode("utf-8")  # strict
    assert text.endswith("\n") and "\r" not in text
    samples: dict[tuple[str, tuple[tuple[str, str], ...]], float] = {}
    names: list[str] = []
    lines = iter(text[:-1].split("\n"))
    for line in lines:
        if line.startswith("# HELP "):
            name = re.fullmatch(rf"# HELP ({NAME}) [^\\]+", line)[1]
            assert next(lines) == f"# TYPE {name} gauge" and name not in names
            names.append(name)
            continue
        match = SAMPLE.match(line)
        assert match and match[1] == names[-1], line
        labels = tuple(sorted((k, re.sub(r"\\(.)", lambda m: "\n" if m[1] == "n" else m[1], v))
                              for k, v in re.findall(rf"([a-z_]+)={VALUE}", match[2] or "")))  # fmt: skip
        assert (match[1], labels) not in samples
        samples[match[1], labels] = float(match[4])
    assert {name for name, _ in samples} == set(names) and len(names) > 10
    return Metrics(samples, names)


def test_a_finished_run(tmp_path: Path) -> None:
    began = int(time.time())
    done = run(DEMO, "--index", "index", "--metrics", "m.prom", "--format", "json", "--threads", "3", cwd=tmp_path)
    metrics = parse((tmp_path / "m.prom").read_bytes())
    report = json.loads(done.out)
    assert metrics["exit_code"] == done.code == 1
    assert metrics["running"] == 0
    assert began <= metrics["start_timestamp_seconds"] <= metrics["end_timestamp_seconds"] <= time.time()
    assert metrics["rows"] == report["summary"]["rows"] and metrics["images"] == 35
    assert metrics["rows_sound"] == 28 and metrics["images_sound"] == 27 and metrics["workers"] == 3
    assert metrics["image_bytes"] > 200_000 and metrics["images_reused"] == 0
    levels = {level: metrics.of("findings", level=level) for level in ("error", "warning", "info")}
    assert levels["error"] == 15
    rules = {dict(labels)["rule"]: value for (name, labels), value in metrics.samples.items()
             if name == "llava_check_rule_findings" and dict(labels)["level"] == "error"}  # fmt: skip
    assert sum(rules.values()) == 15 and rules["IMG501"] == 1
    assert metrics.of("stage_seconds", stage="images") > 0
    assert [p.name for p in tmp_path.iterdir() if "prom" in p.name] == ["m.prom"]
    (tmp_path / "other").touch()
    assert (tmp_path / "m.prom").stat().st_mode == (tmp_path / "other").stat().st_mode  # others may read it

    time.sleep(2.1 if time.time() - (DEMO / "llava_demo.json").stat().st_ctime < 2.1 else 0)
    run(DEMO, "--index", "index", "--metrics", "m.prom", "--ignore", "IMG501", cwd=tmp_path)
    again = parse((tmp_path / "m.prom").read_bytes())
    assert again["images_reused"] > 20
    assert again.of("findings", level="error") == 14  # ignored rules are not counted


def test_the_file_is_complete_during_a_run(tmp_path: Path) -> None:
    """The file is complete whenever it is read, and says that the run is in progress, even after the run was killed."""
    (tmp_path / "set").mkdir()
    rows = []
    for i in range(400):
        (tmp_path / f"set/{i}.jpg").write_bytes(GOOD_JPEG.read_bytes())
        rows.append({"id": f"{i}", "image": f"{i}.jpg", "conversations": TURNS})
    (tmp_path / "set/rows.json").write_text(json.dumps(rows), encoding="utf-8")
    late = {**environment(tmp_path), "LD_PRELOAD": os.environ["LC_LATENCY"], "LATENCY_OPEN": "10000",
            "LATENCY_SUFFIX": ".jpg"}  # fmt: skip
    process = subprocess.Popen([program(), "set", "--io-depth", "1", "--metrics", "m.prom", "-q"], cwd=tmp_path, env=late)
    while not (tmp_path / "m.prom").exists():
        assert process.poll() is None
        time.sleep(0.02)
    metrics = parse((tmp_path / "m.prom").read_bytes())
    assert metrics["running"] == 1 and metrics["files_at_once"] >= 1
    assert 0 < metrics.of("stage_done", stage="images") < metrics.of("stage_total", stage="images") == 400
    assert "llava_check_exit_code" not in metrics.names and "llava_check_rows" not in metrics.names
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert parse((tmp_path / "m.prom").read_bytes())["running"] == 1
    assert run("set", "--metrics", "m.prom", "-q", cwd=tmp_path).code == 0
    assert parse((tmp_path / "m.prom").read_bytes())["exit_code"] == 0


def test_hostile_names_do_not_break_the_format(tmp_path: Path) -> None:
    names = [b'a"} 1\nllava_check_exit_code 0\n#', b"back\\slash\\n", b"\xff\xfe\xc3(", "ünï\u2028".encode(), b"\r\t\x1b[31m"]
    for name in names:
        top = os.fsencode(tmp_path) + b"/" + name
        os.mkdir(top)
        with open(top + b"/rows.json", "wb") as file:
            file.write(json.dumps([{"id": "1", "conversations": [{"from": "human", "value": "a"}, {"from": "gpt", "value": "b"}]}]).encode())
        done = run(name, "--metrics", "m.prom", "--no-index", cwd=tmp_path)
        data = (tmp_path / "m.prom").read_bytes()
        if b"\r" not in name:
            metrics = parse(data)
            assert metrics["exit_code"] == done.code
            path = [dict(labels)["path"] for (n, labels) in metrics.samples if n == "llava_check_info"]
            assert path == [re.sub("[\udc80-\udcff]", "\ufffd", os.fsdecode(name))]
        else:
            assert b'path="\r\t\x1b[31m"' in data  # the format does not escape these


def test_other_files_are_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "set").mkdir()
    (tmp_path / "set/rows.json").write_text(json.dumps([{"id": "1", "conversations": TURNS}]), encoding="utf-8")
    (tmp_path / "mine.prom").write_text("my_metric 1\n", encoding="utf-8")
    (tmp_path / "link.prom").symlink_to("mine.prom")
    for name, why in (("mine.prom", "has no metrics of llava-check"), ("link.prom", "is a symbolic link"),
                      ("set", "is a folder"), ("none/m.prom", "cannot open the metrics file"),
                      ("set/rows.json", "is a file of the data set")):  # fmt: skip
        assert_complaint(run("set", "--metrics", name, cwd=tmp_path), why)
    assert_complaint(run("set", "--force", "--metrics", "set/rows.json", cwd=tmp_path), "is a file of the data set")
    assert (tmp_path / "mine.prom").read_text(encoding="utf-8") == "my_metric 1\n"
    run("set", "--force", "--metrics", "mine.prom", cwd=tmp_path)
    parse((tmp_path / "mine.prom").read_bytes())
    assert_complaint(run("set", "--all", "--metrics", "m.prom", cwd=tmp_path), "--all cannot be used with --metrics")


def test_a_run_that_fails_says_so(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert run("empty", "--metrics", "m.prom", cwd=tmp_path).code == 2
    metrics = parse((tmp_path / "m.prom").read_bytes())
    assert metrics["exit_code"] == 2 and metrics["running"] == 0


def test_verify(tmp_path: Path) -> None:
    run(DEMO, "--index", "index", cwd=tmp_path)
    done = run("verify", DEMO, "--index", "index", "--metrics", "m.prom", cwd=tmp_path)
    assert done.code == 0, done
    assert parse((tmp_path / "m.prom").read_bytes())["exit_code"] == 0
