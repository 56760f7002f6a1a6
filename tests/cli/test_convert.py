"""llava-check convert from the user's side: what it prints, what it refuses, and where it writes."""

from __future__ import annotations

import json
import os
import re
import resource
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from program import DEMO, GOOD_JPEG, TIMEOUT_S, assert_complaint, files_of, make_small, moments, program, row, run, write_rows

KILLS = 5
TO_SHAREGPT = ["--to", "sharegpt", "--images", "images"]


@pytest.fixture(name="small")
def made_small(tmp_path: Path) -> Path:
    """raw/ with rows, images/ beside it."""
    (tmp_path / "images").mkdir()
    shutil.copy(GOOD_JPEG, tmp_path / "images/a.jpg")
    write_rows(tmp_path / "raw/rows.json", [row("a", "a.jpg"), row("b", None)])
    return tmp_path


def converted(path: Path) -> list[dict[str, Any]]:
    text = path.read_text()
    return [json.loads(line) for line in text.splitlines()] if path.suffix == ".jsonl" else json.loads(text)


def test_what_is_printed(small: Path) -> None:
    done = run("convert", "raw", *TO_SHAREGPT, "-o", "out.jsonl", "--no-index", cwd=small)
    assert done.code == 0
    assert done.out.decode().splitlines() == [
        "raw",
        "  rows      2 in = 2 converted to sharegpt + 0 skipped",
        "  wrote     out.jsonl: 2 rows",
        "  checked   llama-factory trains every row as written",
        "",
        "  llava-check out.jsonl --images images --dialect sharegpt --trainer llama-factory   # checks it again",
    ]
    turns = [row("a", "a.jpg"), row("b", None)]
    assert converted(small / "out.jsonl") == [
        {"id": "a", "images": ["a.jpg"], "conversations": turns[0]["conversations"]}, turns[1]]
    again = run(*done.out.decode().splitlines()[-1].split("#")[0].split()[1:], "--no-index", cwd=small)
    assert again.code == 0 and b"llama-factory trains all 2 rows as written" in again.out


def test_the_demo(tmp_path: Path) -> None:
    """Two of its rows cannot be converted to sharegpt; the others keep their images."""
    shutil.copytree(DEMO, tmp_path / "demo")
    done = run("convert", "demo", "--to", "sharegpt", "-o", "out.json", "--no-index", cwd=tmp_path)
    assert done.code == 2 and done.out == b""
    assert "llava-check: out.json: 2 of 43 rows cannot be converted to sharegpt; --skip leaves them out\n" in done.err
    assert '1  the dialect does not have the role: "user"; first in llava_demo.json, line 357, row 17\n' in done.err
    assert [p.name for p in tmp_path.iterdir()] == ["demo"]
    done = run("convert", "demo", "--to", "sharegpt", "-o", "out.json", "--no-index", "--skip", cwd=tmp_path)
    assert done.code == 0 and b"43 in = 41 converted to sharegpt + 2 skipped" in done.out
    assert len(converted(tmp_path / "out.json")) == 41
    lines = [json.loads(line) for line in (tmp_path / "out.json.skipped.jsonl").read_text().splitlines()]
    assert [(line["file"], line["row"]) for line in lines] == [("llava_demo.json", 17), ("llava_demo.json", 25)]
    text = (DEMO / "llava_demo.json").read_bytes()
    for line in lines:
        bytes_ = line["bytes"].encode("utf-8", "surrogateescape")
        assert text[line["offset"]:].startswith(bytes_) and len(bytes_) > 50


def test_several_files_become_one(small: Path) -> None:
    """Rows are in the order of the data set, each file read in its own dialect."""
    query = {"query": "What?", "response": "That."}
    write_rows(small / "raw/second.jsonl", [query, {**query, "id": 7}])
    done = run("convert", "raw", "--to", "messages", "--images", "images", "-o", "out.json", "-q", cwd=small)
    assert (done.code, done.out) == (0, b"")
    rows = converted(small / "out.json")
    assert [r.get("id") for r in rows] == ["a", "b", None, 7]
    assert rows[2] == {"messages": [{"role": "user", "content": "What?"}, {"role": "assistant", "content": "That."}]}
    assert (small / "out.json").read_text().startswith('[\n{"id": "a", "images": ["a.jpg"], "messages": [{"role": "user"')
    assert (small / "out.json").read_text().count("\n") == 6


def test_rows_on_several_lines(small: Path) -> None:
    """As JSON lines, each row is on one line, even if it is not converted."""
    rows = [{**row("a", "a.jpg"), "note": {"a": [1, {"b": "x\ty"}]}}, row("b", None)]
    (small / "raw/rows.json").write_text(json.dumps(rows, indent=4).replace("\n", "\r\n"))
    assert run("convert", "raw", "--to", "llava", "--images", "images", "-o", "same.jsonl", "-q", cwd=small).code == 0
    assert converted(small / "same.jsonl") == rows
    assert run("convert", "raw", *TO_SHAREGPT, "-o", "out.jsonl", "-q", cwd=small).code == 0
    assert converted(small / "out.jsonl")[0]["note"] == rows[0]["note"]


def test_a_folder_with_results_is_read_as_the_result_alone(tmp_path: Path) -> None:
    """Files beside the rows are not taken for rows."""
    shutil.copytree(DEMO, tmp_path / "demo")
    (tmp_path / "result").mkdir()
    done = run("convert", "demo", "--to", "sharegpt", "-o", "result/out.json", "--skip", "--entry", "x", "--no-index", cwd=tmp_path)
    assert done.code == 0
    done = run("result", "--images", "demo/images", "--no-index", "-f", "json", cwd=tmp_path)
    assert json.loads(done.out)["dataset"]["rows_files"] == ["out.json"]
    assert json.loads(done.out)["summary"]["rows"] == 41


# ---- the entry of a registry


def test_the_entry_of_llama_factory(small: Path) -> None:
    """Read back, the registry's rows are those of the result, as the trainer reads them."""
    write_rows(small / "raw/rows.json", [{**row("a", "a.jpg"), "images": ["a.jpg"], "system": "Be brief."}])
    rows = json.loads((small / "raw/rows.json").read_text())
    del rows[0]["image"]
    write_rows(small / "raw/rows.json", rows)
    for to in ("sharegpt", "messages", "alpaca", "role-value"):
        (small / to).mkdir()
        done = run("convert", "raw", "--to", to, "--images", "images", "-t", "llama-factory", "-o", f"{to}/out.json", "--entry", "mine",
                   cwd=small)
        assert done.code == 0, done.err
        entry = json.loads((small / to / "out.json.entry").read_text())
        assert list(entry) == ["mine"] and entry["mine"]["file_name"] == "out.json"
        assert set(entry["mine"]["columns"]) == {"alpaca": {"prompt", "query", "response", "images", "system"}}.get(
            to, {"messages", "images"} | ({"system"} if to == "sharegpt" else set()))
        (small / to / "out.json.entry").rename(small / to / "dataset_info.json")
        done = run(f"{to}/dataset_info.json", "--images", "images", "-f", "json", "--no-index", "-t", "llama-factory", cwd=small)
        report = json.loads(done.out)
        assert report["dataset"]["rows_files"] == ["out.json"] and report["summary"]["trainer"]["fine"] == 1, (to, report["findings"])


def test_the_entry_of_preference_data(small: Path) -> None:
    """Without ranking, LLaMA-Factory would read no answer at all."""
    answers = {key: {"from": "gpt", "value": key} for key in ("chosen", "rejected")}
    write_rows(small / "raw/rows.json", [{"id": "a", "conversations": [{"from": "human", "value": "Which?"}], "images": [], **answers}])
    (small / "out").mkdir()
    done = run("convert", "raw", "--to", "sharegpt", "-t", "llama-factory", "-o", "out/out.json", "--entry", "mine", cwd=small)
    assert done.code == 0, done.err
    entry = json.loads((small / "out/out.json.entry").read_text())["mine"]
    assert entry["ranking"] is True and {"chosen", "rejected"} < set(entry["columns"])


def test_the_entry_of_others(small: Path) -> None:
    for to, trainer, name in (("llava", "llava-next", "out.json.entry.yaml"), ("internvl", "internvl", "out.jsonl.entry.json"),
                              ("messages", "ms-swift", "out.json.entry.json")):
        out = name.split(".entry")[0]
        done = run("convert", "raw", "--to", to, "--images", "images", "-o", out, "--entry", "mine", "--force", cwd=small)
        assert done.code == 0, done.err
        text = (small / name).read_text()
        entry = yaml.safe_load(text)
        if trainer == "llava-next":
            assert entry == {"datasets": [{"json_path": "out.json", "sampling_strategy": "all"}]}
        elif trainer == "internvl":
            assert entry == {"mine": {"root": "images", "annotation": "out.jsonl", "data_augment": False, "repeat_time": 1, "length": 2}}
        else:
            assert entry == [{"dataset_path": "out.json", "dataset_name": "mine"}]
        (small / "list").mkdir(exist_ok=True)
        registry = Path(name).with_name(f"registry{Path(name).suffix}")
        shutil.copy(small / name, small / registry)
        report = json.loads(run(registry, "--images", "images", "-f", "json", "--no-index", cwd=small).out)
        assert report["summary"]["rows"] == 2 and report["dataset"]["rows_files"] == [out], report["dataset"]


@pytest.mark.parametrize("options, said", [
    (["--to", "llava"], "usage: llava-check convert PATH --to DIALECT -o OUT"),
    (["-o", "out.json"], "usage: llava-check convert PATH --to DIALECT -o OUT"),
    (["--to", "lava", "-o", "out.json"], "did you mean 'llava'"),
    (["--to", "nextgpt", "-o", "out.json"], "rows cannot be converted to the dialect nextgpt"),
    (["--to", "llava", "-o", "out.json", "--in-parts"], "only the dialect messages has texts in parts, not llava"),
    (["--to", "llava", "-o", "out"], "out: name the result .json for an array, or .jsonl for JSON lines"),
    (["--to", "llava", "-o", "out.json", "-t", "all"], "convert needs one trainer"),
    (["--to", "llava", "-o", "out.json", "--entry", "a b"], "--entry must be a name of letters, digits"),
    (["--to", "llava", "-o", "out.json", "--entry", ""], "the value of --entry is empty"),
    (["--to", "llava", "-o", "out.json", "--entry", "a", "-t", "trl"], "--entry: trl has no registry of data sets"),
    (["--to", "llava", "-o", "out.json", "--dialect", "xcomposer"], "rows of the dialect xcomposer, which cannot be converted"),
])  # fmt: skip
def test_wrong_options(options: list[str], said: str, small: Path) -> None:
    before = files_of(small)
    assert_complaint(run("convert", "raw", *options, "--images", "images", "--no-index", cwd=small), said)
    assert files_of(small) == before


# ---- where it writes


def test_what_exists_is_replaced_by_force_alone(small: Path) -> None:
    for name in ("out.json", "out.json.skipped.jsonl", "out.json.entry"):
        (small / name).write_text("mine")
        words = ["convert", "raw", *TO_SHAREGPT, "-o", "out.json", "--skip", "--entry", "x"]
        assert_complaint(run(*words, "--no-index", cwd=small), f"{name}: exists", "--force")
        assert sorted(p.name for p in small.glob("out*")) == [name] and (small / name).read_text() == "mine"
        assert run(*words, "--force", "-q", cwd=small).code == 0
        for path in small.glob("out*"):
            assert path.read_text() != "mine"
            path.unlink()


@pytest.mark.parametrize("out", ["raw/out.json", "raw/rows.json", "raw/deep/out.json", "images/out.json", "link/out.json",
                                 "raw/../raw/out.json"])
def test_nothing_is_written_into_the_data(out: str, small: Path) -> None:
    (small / "link").symlink_to("raw")
    before = files_of(small)
    done = run("convert", "raw", *TO_SHAREGPT, "-o", out, "--force", "--no-index", cwd=small)
    assert_complaint(done, "is inside the", "which is never written into")
    assert files_of(small) == before


def test_the_source_is_never_replaced(small: Path) -> None:
    os.link(small / "raw/rows.json", small / "hard.json")
    (small / "soft.json").symlink_to("raw/rows.json")
    before = files_of(small)
    for out in ("raw/rows.json", "hard.json", "soft.json"):
        done = run("convert", "raw/rows.json", *TO_SHAREGPT, "-o", out, "--force", "--no-index", cwd=small)
        assert_complaint(done, f"{out}: is a file of the data set")
    assert files_of(small) == before
    assert run("convert", "raw/rows.json", *TO_SHAREGPT, "-o", "raw/new.json", "-q", cwd=small).code == 0


def limited(size: int) -> Callable[[], None]:
    def limit() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

    return limit


def make_large(folder: Path) -> Path:
    return write_rows(folder / "raw/rows.json", [row(f"{i}", None, f"answer {i} " * 30) for i in range(25000)])


def start(folder: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen([program(), "convert", "raw", "--to", "messages", "-o", "out.json", "--force", "-q"], cwd=folder,
                            stderr=subprocess.PIPE)


def unfinished(folder: Path) -> list[Path]:
    return [p for p in folder.glob("out.json*") if re.fullmatch(r"\.\w{6}", p.suffix)]


@pytest.fixture(name="large")
def made_large(tmp_path: Path) -> Path:
    make_large(tmp_path)
    run("raw", "-q", cwd=tmp_path)
    (tmp_path / "out.json").write_text("old")
    return tmp_path


def test_a_full_disk_leaves_what_was_there(large: Path) -> None:
    done = run("convert", "raw", "--to", "messages", "-o", "out.json", "--force", "-q", cwd=large, preexec_fn=limited(5000000))
    assert done.code == 2 and "out.json" in done.err and "File too large" in done.err, done
    assert (large / "out.json").read_text() == "old" and not unfinished(large)


def test_a_source_that_changes_while_it_is_read(large: Path) -> None:
    for _ in range(20):  # on a busy machine, a run may end before we look
        (large / "out.json").write_text("old")
        process = start(large)
        while process.poll() is None and not unfinished(large):
            time.sleep(0.001)
        process.send_signal(signal.SIGSTOP)
        with (large / "raw/rows.json").open("ab") as file:
            file.write(b"\n")
        process.send_signal(signal.SIGCONT)
        _, err = process.communicate(timeout=TIMEOUT_S)
        if process.returncode:
            break
    assert process.returncode == 2 and b"changed" in err, err
    assert (large / "out.json").read_text() == "old" and not unfinished(large)


def test_a_kill_at_any_moment_leaves_the_old_file_or_the_new_one(large: Path) -> None:
    began = time.monotonic()
    assert start(large).wait() == 0
    seconds = time.monotonic() - began
    new = (large / "out.json").read_bytes()
    assert len(json.loads(new)) == 25000
    left = []
    for moment in moments(KILLS, seconds):
        (large / "out.json").write_bytes(b"old")
        process = start(large)
        time.sleep(moment)
        process.kill()
        process.communicate()
        left.append((large / "out.json").read_bytes())
        for part in unfinished(large):
            part.unlink()
    assert set(left) <= {b"old", new} and b"old" in left


def test_ctrl_c_removes_what_is_unfinished(large: Path) -> None:
    process = start(large)
    while process.poll() is None and not unfinished(large):
        time.sleep(0.001)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=TIMEOUT_S)
    assert process.returncode in (0, 130) and not unfinished(large)


def test_hostile_rows(tmp_path: Path) -> None:
    """Thousands of keys, deep values, duplicate keys: converted in time, and no control character reaches a terminal."""
    make_small(tmp_path / "set")
    many = {f"k{i}": i for i in range(20000)}
    deep = "[" * 900 + "]" * 900
    turns = '[{"from": "human", "value": "a"}, {"from": "gpt", "value": "b", %s}]' % ", ".join(f'"t{i}": 1' for i in range(20000))
    evil = json.dumps("\x1b[1m::error::\n")
    lines = [
        json.dumps({**many, "conversations": [{"from": "human", "value": "a"}, {"from": "gpt", "value": "b"}]}),
        f'{{"deep": {deep}, "conversations": {turns}}}',
        "{" + ", ".join('"id": 1' for _ in range(20000)) + f', {evil}: 1, "conversations": []}}',
        f'{{"conversations": [{{"from": {evil}, "value": "a"}}]}}',
    ]
    (tmp_path / "set/rows.json").unlink()
    (tmp_path / "set/rows.jsonl").write_text("\n".join(lines) + "\n")
    began = time.monotonic()
    done = run("convert", "set", "--to", "messages", "--dialect", "llava", "-o", "out.jsonl", "--skip", cwd=tmp_path)
    assert done.code == 0, done.err
    assert time.monotonic() - began < 60
    rows = converted(tmp_path / "out.jsonl")
    assert len(rows) == 3 and rows[0]["k19999"] == 19999 and rows[1]["messages"][1]["t19999"] == 1 and rows[2]["id"] == 1
    assert b"\x1b" not in done.out and "\x1b" not in done.err and b"\n::" not in done.out
