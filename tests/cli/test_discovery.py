"""Rows files at any depth below PATH: which are found, grouped, listed, skipped."""

from __future__ import annotations

import json
import os
import shutil
import time
from pathlib import Path
from typing import Any

import pytest

from program import GOOD_JPEG, assert_complaint, files_of, make_small, row, run, unprivileged, write_rows


def text_rows(count: int = 2) -> list[dict[str, Any]]:
    return [row(f"{n}", None, f"Answer {n}.") for n in range(count)]


def files_read(*arguments: str | Path, cwd: Path) -> list[str]:
    done = run(*arguments, "--no-index", "-f", "json", cwd=cwd)
    assert done.code in (0, 1), done
    names: list[str] = json.loads(done.out)["dataset"]["rows_files"]
    return names


def listed(*arguments: str | Path, cwd: Path, count: int) -> list[str]:
    """Return the commands that a run lists because there are several data sets."""
    done = run(*arguments, "--no-index", cwd=cwd)
    first, *lines = done.err.splitlines()
    assert done.code == 2 and done.out == b""
    assert first.startswith("llava-check: ") and f"contains {count} data sets" in first and "--all" in first
    assert all(line.startswith("  llava-check ") for line in lines)
    return [line.removeprefix("  llava-check ") for line in lines]


# ---- what is found ----


@pytest.mark.parametrize("folder", ["a", "a/b", "a/b/c/d/e/f/g/h/i/j/k"])
def test_one_data_set_at_any_depth(folder: str, tmp_path: Path) -> None:
    make_small(tmp_path / "repo" / folder)
    (tmp_path / "repo/package.json").write_text('{"name": "x", "scripts": {}}')
    (tmp_path / "repo/README.md").write_text("# x\n")
    done = run("repo", "--no-index", cwd=tmp_path)
    assert done.code == 0 and b"2 images" in done.out, done
    assert files_read("repo", cwd=tmp_path) == [f"{folder}/rows.json"]
    assert files_read(".", cwd=tmp_path / "repo") == [f"{folder}/rows.json"]


def test_files_of_one_folder_and_splits_are_one_data_set(tmp_path: Path) -> None:
    for name in ("train/a.json", "train/b.jsonl", "val/c.json", "Test/d.json"):
        write_rows(tmp_path / "repo/data" / name, text_rows())
    wanted = ["data/Test/d.json", "data/train/a.json", "data/train/b.jsonl", "data/val/c.json"]
    assert files_read("repo", cwd=tmp_path) == wanted
    assert files_read("data", cwd=tmp_path / "repo") == [name.removeprefix("data/") for name in wanted]


def test_splits_of_the_folder_itself(tmp_path: Path) -> None:
    """They are one data set, however PATH is written, but not if PATH has rows or other data sets as well: then each is checked alone."""
    for name in ("train/a.json", "val/b.json"):
        write_rows(tmp_path / "repo" / name, text_rows())
    assert files_read(".", cwd=tmp_path / "repo") == files_read("repo", cwd=tmp_path) == ["train/a.json", "val/b.json"]
    write_rows(tmp_path / "repo/deep/c.json", text_rows(5))
    write_rows(tmp_path / "repo/deep/train/d.json", text_rows(4))
    for path, cwd, below in ("repo", tmp_path, "repo/"), (".", tmp_path / "repo", ""):
        lines = listed(path, cwd=cwd, count=4)
        assert [line.split()[0] for line in lines] == [below + name for name in ("deep", "deep/train", "train", "val")]
        assert run(path, "--all", "--no-index", cwd=cwd).out.count(b"  rows ") == 4
    write_rows(tmp_path / "repo/e.json", text_rows(6))
    done = run("repo", "--no-index", "--all", cwd=tmp_path)
    assert done.err.startswith("note: rows in repo/deep and in 3 more places are separate data sets; ")
    assert [line.split()[1] for line in done.out.decode().splitlines() if line.startswith("  rows ")] == ["6", "5", "4", "2", "2"]


def test_rows_in_the_folder_itself_are_all_that_is_read(tmp_path: Path) -> None:
    write_rows(tmp_path / "repo/deep/a.json", text_rows())
    write_rows(tmp_path / "repo/b.json", text_rows())
    write_rows(tmp_path / "repo/c.jsonl", text_rows())
    assert files_read("repo", cwd=tmp_path) == ["b.json", "c.jsonl"]


def test_data_sets_below_rows_are_noted(tmp_path: Path) -> None:
    write_rows(tmp_path / "repo/b.json", text_rows())
    (tmp_path / "repo/settings").mkdir()
    (tmp_path / "repo/settings/zero.json").write_text('{"stage": 3}')
    assert run("repo", "--no-index", cwd=tmp_path).err == ""
    write_rows(tmp_path / "repo/it's/a.json", text_rows(3))
    done = run("repo", "--no-index", cwd=tmp_path)
    assert done.code == 0 and b"OK: no errors in 2 rows" in done.out
    assert done.err == (
        "note: rows in repo/it's are separate data sets; check them with llava-check 'repo/it'\\''s', "
        "or each with --all\n"
    )
    write_rows(tmp_path / "repo/it's/c/d.json", text_rows())
    assert "repo/it's and in 1 more place are" in run("repo", "--no-index", cwd=tmp_path).err
    assert run("repo", "--no-index", "-q", cwd=tmp_path).err == ""
    done = run("repo", "--no-index", "--all", cwd=tmp_path)
    assert done.code == 0 and done.out.count(b"OK: no errors in") == 3 and done.err.count("note: ") == 1
    assert done.out.count(b"\n\n") == run("repo/b.json", "--no-index", cwd=tmp_path).out.count(b"\n\n") * 3 + 3  # and the list
    write_rows(tmp_path / "repo/b.json", [{"id": "a", "conversations": []}])
    assert run("repo", "--no-index", "--all", cwd=tmp_path).code == 1


def test_a_search_beside_rows_ends_early(tmp_path: Path) -> None:
    write_rows(tmp_path / "repo/b.json", text_rows())
    write_rows(tmp_path / "repo/z/a.json", text_rows())
    for number in range(20_100):
        (tmp_path / "repo" / f"{number}").touch()
    assert run("repo", "--no-index", cwd=tmp_path).err == ""


HIDDEN = [".git", ".hidden", "node_modules", "__pycache__", ".llava-check"]


@pytest.mark.parametrize("name", HIDDEN)
def test_folders_that_are_passed_over(name: str, tmp_path: Path) -> None:
    write_rows(tmp_path / "repo" / name / "a.json", text_rows())
    assert_complaint(run("repo", "--no-index", cwd=tmp_path), "repo: no rows found: it has no .json or .jsonl file")
    write_rows(tmp_path / "repo/some" / name / "a.json", text_rows())
    write_rows(tmp_path / "repo/some/b.json", text_rows())
    assert files_read("repo", cwd=tmp_path) == ["some/b.json"]


OTHERS = {
    "package.json": '{"name": "x", "dependencies": {"a": "^1.0"}}',
    "tsconfig.json": '{\n  // of the compiler\n  "compilerOptions": {"strict": true,},\n}',
    "zero3.json": '{"zero_optimization": {"stage": 3}, "fp16": {"enabled": "auto"}}',
    "commas.json": '{"a": 1,}',
    "numbers.json": "[1, 2, 3]",
    "metrics.jsonl": '{"loss": 1.5, "step": 10}\n{"loss": 1.4, "step": 20}\n',
    "answers.jsonl": '{"question_id": 1, "answer_id": "x", "text": "A cat.", "model_id": "m"}\n',
    "scores.json": '[{"id": 7, "score": 0.5}]',
    "vocab.json": '{"a": 0, "b": 1}',
    "text.json": '"text"',
    "boxes.jsonl": '{"id": "7", "image": "7.jpg", "captions": ["A cat."], "instances": []}\n',
    "to_be_answered.jsonl": '{"query": "What is it?", "images": ["7.jpg"]}\n',
    "choices.json": '[{"question": "What is it?", "answer": "B", "image": "7.jpg", "options": ["A dog", "A cat"]}]',
    "kinds.json": '[{"question": "What is it?", "answer": "A cat.", "video": "7.mp4", "question_type": "what"}]',
    "letters.jsonl": '{"question": "What is it?", "answer": "B", "A": "A dog", "B": "A cat"}\n',
    "predictions.jsonl": '{"prompt": "What is it?", "answer": "A cat.", "predict": "A dog."}\n',
    "gold.json": '[{"id": "7", "question": "<image>\\nWhat is it?", "gt_answer": "A dog.", "answer": "A cat."}]',
    "boxes.json": '[{"image": "7.jpg", "question": "Where is it?", "answer": "Left.", "pred_bbox": [1, 2, 3, 4]}]',
    "models.jsonl": '{"image": "7.jpg", "question_id": 7, "question": "What is it?", "answer": "A cat.", "model_id": "m"}\n',
    "logits.json": '[{"image": "7.jpg", "conversations": [{"from": "human", "value": "Hi"}, {"from": "gpt", "value": "Yes."}], "logits": {}}]',
    "letter.jsonl": '{"question": "What is it?", "answer": "B", "option1": "A dog", "option2": "A cat"}\n',
    "mixed.json": json.dumps([{"question": "Is it?", "answer": "B", "options": ["A"]}] * 2 + [{"question": "What is it?", "answer": "A cat."}]),
    "ranked.json": '[{"query": "What is it?", "response": ["A dog.", "A cat."], "image": "7.jpg", "human_ranking": [0, 1]}]',
    "outputs.jsonl": '{"messages": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Yes."}], "model_output": "Yes."}\n',
}


@pytest.mark.parametrize("name", OTHERS)
def test_other_json_is_never_taken_for_rows(name: str, tmp_path: Path) -> None:
    """Other JSON is not taken for rows: neither beside rows, nor alone, nor deep in a tree."""
    (tmp_path / "repo/sub").mkdir(parents=True)
    (tmp_path / "repo/sub" / name).write_text(OTHERS[name])
    assert_complaint(run("repo", "--no-index", cwd=tmp_path), f"repo: no rows found: skipped sub/{name}: it has no rows")
    assert_complaint(run("repo/sub", "--no-index", cwd=tmp_path), f"repo/sub: no rows found: skipped {name}: it has no rows")
    write_rows(tmp_path / "repo/other/rows.json", text_rows())
    assert files_read("repo", cwd=tmp_path) == ["other/rows.json"]
    write_rows(tmp_path / "repo/sub/rows.json", text_rows())
    assert files_read("repo/sub", cwd=tmp_path) == ["rows.json"]


ROWS = {
    "messages of from and value": {"messages": [{"from": "human", "value": "Hi"}, {"from": "gpt", "value": "Yes."}]},
    "a question and an answer": {"question": "Hi", "answer": "Yes."},
    "a question and two answers": {"prompt": "Hi", "chosen": "Yes.", "rejected": "No."},
    "a model and no question's number": {"question": "Hi", "answer": "Yes.", "model_id": "m"},
    "turns with the keys of a test": {"conversations": row("1", None)["conversations"], "question_type": "what"},
}


@pytest.mark.parametrize("name", ROWS)
def test_what_is_taken_for_rows(name: str, tmp_path: Path) -> None:
    write_rows(tmp_path / "repo/a/rows.json", [ROWS[name]])
    assert files_read("repo", cwd=tmp_path) == ["a/rows.json"]


PREDICTION = {"id": "1", "image": "1.jpg", "answer": "A cat.", "model": "m"}


def test_predictions_are_never_taken_for_rows(tmp_path: Path) -> None:
    """Predictions name images, too, but have no turns."""
    write_rows(tmp_path / "repo/out/predictions.json", [PREDICTION])
    assert_complaint(run("repo", cwd=tmp_path), "no rows found: skipped out/predictions.json: it has no rows")
    make_small(tmp_path / "repo/data")
    assert files_read("repo", cwd=tmp_path) == ["data/rows.json"]
    write_rows(tmp_path / "repo/data/predictions.json", [{**PREDICTION, "image": f"elsewhere/{n}.jpg"} for n in range(60)])
    done = run("repo", "--no-index", cwd=tmp_path)
    assert done.code == 0 and done.err == "note: skipped data/predictions.json: it has no rows (keys 'id', 'image', 'answer', 'model')\n"
    assert_complaint(run("repo/data/predictions.json", "--no-index", cwd=tmp_path), "rows of an unknown dialect, with the keys 'id', 'image'")


@pytest.mark.parametrize("text", ["[]", " [\n]\n", "[\r\n\t]", "", "\n"])
def test_an_empty_file_beside_rows(text: str, tmp_path: Path) -> None:
    folder = make_small(tmp_path / "set")
    (folder / "none.json").write_text(text)
    done = run("set", "--no-index", cwd=tmp_path)
    assert done.code == 0 and done.err == "note: skipped none.json: it is empty\n"
    # also below another folder
    done = run(".", "--no-index", cwd=tmp_path)
    assert done.code == 0 and "skipped set/none.json: it is empty" in done.err
    # if it is alone, it is checked
    (folder / "rows.json").unlink()
    done = run("set", "--no-index", cwd=tmp_path)
    assert done.code == 1 and b"JSN110" in done.out and done.err == ""
    assert run("set/none.json", "--no-index", cwd=tmp_path).code == 1


def test_damaged_rows_are_found_if_no_others_are(tmp_path: Path) -> None:
    pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n"
    (tmp_path / "repo/a/b").mkdir(parents=True)
    (tmp_path / "repo/a/b/rows.json").write_text(pointer)
    (tmp_path / "repo/tsconfig.json").write_text(OTHERS["tsconfig.json"])
    assert files_read("repo", cwd=tmp_path) == ["a/b/rows.json"]
    write_rows(tmp_path / "repo/c/more.json", text_rows())
    assert files_read("repo", cwd=tmp_path) == ["c/more.json"]
    write_rows(tmp_path / "repo/a/b/more.json", text_rows())
    shutil.rmtree(tmp_path / "repo/c")
    assert files_read("repo", cwd=tmp_path) == ["a/b/more.json", "a/b/rows.json"]


def test_what_is_said_when_nothing_is_found(tmp_path: Path) -> None:
    """The message is true: it names the files that exist."""
    for number in range(12):
        folder = tmp_path / f"repo/x/{number:02d}"
        folder.mkdir(parents=True)
        (folder / "settings.json").write_text("{}")
    assert_complaint(run("repo", cwd=tmp_path), "repo: no rows found: skipped x/00/settings.json: it has no rows (and 11 more)")
    (tmp_path / "repo/a.zip").write_bytes(b"PK")
    assert_complaint(run("repo", cwd=tmp_path), " (and 11 more); not unpacked: a.zip")


def test_the_file_that_looks_most_like_data_is_named(tmp_path: Path) -> None:
    """Of the files without rows, the message names one with objects, if possible with images, and its keys."""
    write_rows(tmp_path / "repo/a/log.json", [{"step": n, "loss": 1.5} for n in range(99)])
    (tmp_path / "repo/a/settings.json").write_text("{}")
    done = run("repo", cwd=tmp_path)
    assert_complaint(done, "repo: no rows found: skipped a/log.json: it has no rows (keys 'step', 'loss') (and 1 more)")
    assert "; rows have one of the keys conversations, messages, instruction, query" in done.err
    write_rows(tmp_path / "repo/z/data.json", [{"images": ["1.jpg"], "report": "Nothing."}])
    named = "skipped z/data.json: it has no rows (keys 'images', 'report')"
    assert_complaint(run("repo", cwd=tmp_path), f"repo: no rows found: {named} (and 2 more)")
    (tmp_path / "repo/settings.json").write_text("{}")
    assert_complaint(run("repo", cwd=tmp_path), f"repo: no rows found: {named} (and 3 more)")
    write_rows(tmp_path / "repo/more.json", [{"image": "1.jpg", **{f"the column with number {n}": n for n in range(9)}}])
    listed = "'image', " + ", ".join(f"'the column with number {n}'" for n in range(2))
    assert_complaint(run("repo", cwd=tmp_path), f"repo: no rows found: skipped more.json: it has no rows (keys {listed}) (and 4 more)")


def test_notices_of_many_files_without_rows_are_joined(tmp_path: Path) -> None:
    write_rows(tmp_path / "repo/sub/rows.json", text_rows())
    for number in range(6):
        (tmp_path / f"repo/sub/{number}.json").write_text("{}")
        write_rows(tmp_path / f"repo/sub/log{number}.json", [{"step": 1}])
    for path, prefix, where in (("repo", "sub/", " in sub"), ("repo/sub", "", "")):
        lines = run(path, "--no-index", cwd=tmp_path).err.splitlines()
        assert lines == [
            *(f"note: skipped {prefix}{number}.json: it has no rows" for number in range(4)),
            *(f"note: skipped {prefix}log{number}.json: it has no rows (keys 'step')" for number in range(4)),
            f"note: skipped 4 more files{where}: they have no rows",
        ]
    (tmp_path / "repo/sub/rows.json").unlink()
    assert_complaint(run("repo", cwd=tmp_path), "skipped sub/log0.json: it has no rows (keys 'step') (and 11 more)")
    assert_complaint(run(".", cwd=tmp_path / "repo/sub"), "skipped log0.json: it has no rows (keys 'step') (and 11 more)")


# ---- several data sets ----


def make_three(repo: Path) -> None:
    write_rows(repo / "text/t.json", text_rows(50))
    write_rows(repo / "small/rows.json", text_rows(1))
    make_small(repo / "with images")


def test_several_are_listed(tmp_path: Path) -> None:
    """Data sets with images come first, then the largest ones; each listed command works."""
    make_three(tmp_path / "repo")
    before = files_of(tmp_path)
    size = [(tmp_path / "repo" / name).stat().st_size for name in ("with images/rows.json", "text/t.json", "small/rows.json")]
    assert listed("repo", cwd=tmp_path, count=3) == [
        f"'repo/with images'   # 1 file, {size[0]} bytes",
        f"repo/text   # 1 file, {size[1] / 1000:.1f} kB",
        f"repo/small   # 1 file, {size[2]} bytes",
    ]
    assert files_of(tmp_path) == before
    for name in ("with images", "text", "small"):
        assert run(f"repo/{name}", "--no-index", cwd=tmp_path).code == 0
    assert run("repo/text", "repo/small", "--no-index", cwd=tmp_path).code in (0, 1)


def test_several_below_one_of_two_paths(tmp_path: Path) -> None:
    make_three(tmp_path / "repo")
    done = run("repo/text", "repo", "--no-index", cwd=tmp_path)
    assert done.code == 2 and done.err.startswith("llava-check: repo: contains 3 data sets")


def test_hundreds_are_not_all_listed(tmp_path: Path) -> None:
    for number in range(100):
        write_rows(tmp_path / f"repo/{number:03d}/a.json", text_rows())
    done = run("repo", cwd=tmp_path)
    lines = done.err.splitlines()
    assert "contains 100 data sets" in lines[0] and len(lines) == 22
    assert lines[1].startswith("  llava-check repo/000 ") and lines[-1] == "  \\u{2026} and 80 more" or lines[-1].endswith("and 80 more")


def test_all_checks_each(tmp_path: Path) -> None:
    make_three(tmp_path / "repo")
    done = run("repo", "--all", cwd=tmp_path)
    text = done.out.decode()
    heads = [line for line in text.splitlines() if line.startswith("data set ")]
    assert (done.code, done.err) == (0, "")
    names = ["with images", "text", "small"]
    assert heads == [f"data set {number} of 3: repo/{name}" for number, name in enumerate(names, 1)]
    assert text.count("\nOK: ") == 3
    listed = text[text.index("\n3 data sets: 3 OK\n"):].splitlines()[2:]
    assert [line[:2 + 8 + 16].rstrip() for line in listed] == [f"  OK      repo/{name}" for name in names]
    assert "(llava); 2 of 2 images sound, in repo/with images/images (2 of 2 sampled paths found); 0 errors" in listed[0]
    assert sorted(p.parent.name for p in (tmp_path / "repo").rglob(".llava-check")) == ["small", "text", "with images"]
    for name in names:
        assert run("report", f"repo/{name}", cwd=tmp_path).out in done.out
    (tmp_path / "repo/with images/images/a.jpg").unlink()
    assert run("repo", "--all", "-q", cwd=tmp_path) == (1, b"", "")
    assert run("repo", "--all", "--exit-zero", "-q", cwd=tmp_path).code == 0


def test_all_with_one(tmp_path: Path) -> None:
    make_small(tmp_path / "repo/x")
    assert run("repo", "--all", "--no-index", cwd=tmp_path) == run("repo", "--no-index", cwd=tmp_path)
    assert run("repo/x", "--all", "--no-index", cwd=tmp_path).code == 0


def test_all_ends_with_a_list_for_programs(tmp_path: Path) -> None:
    make_three(tmp_path / "repo")
    (tmp_path / "repo/with images/images/a.jpg").unlink()
    (tmp_path / "repo/small/cut.json").write_text("[")
    done = run("repo", "--all", "-f", "json", "--no-index", cwd=tmp_path)
    assert done.code == 1
    documents, at = [], 0
    while at < len(done.out):
        document, size = json.JSONDecoder().raw_decode(done.out.decode()[at:].strip() or "null")
        documents.append(document)
        at += size + 1
    assert len(documents) == 4 and documents[-1]["failed"] == 2 and documents[-1]["not_checked"] == 0
    for report, line in zip(documents, documents[-1]["data_sets"], strict=False):
        assert line["path"] == f"repo/{report['dataset']['path']}" and line["rows"] == report["summary"]["rows"]
        assert line["errors"] == report["summary"]["by_severity"]["error"]
        assert (line["verdict"] == "failed") == report["verdict"]["failed"]
        assert {file["dialect"] for file in report["dataset"]["files"]} == {line["dialects"]}
    alone = run("repo/text", "--all", "-f", "json", "--no-index", cwd=tmp_path)
    assert alone.out.startswith(run("repo/text", "-f", "json", "--no-index", cwd=tmp_path).out)
    assert b'"path": "repo/text", "verdict": "ok"' in alone.out


def test_files_of_all(tmp_path: Path) -> None:
    """There is one report for each data set, or a list in formats that support it; no other file is replaced."""
    make_three(tmp_path / "repo")
    (tmp_path / "o o").mkdir()
    reports = [part for name in ("r.html", "r.sarif.json", "r.json", "csv:c", "r.txt") for part in ("-o", name.replace("csv:", "csv:o o/") if ":" in name else f"o o/{name}")]
    done = run("repo", "--all", "--no-index", "-q", *reports, cwd=tmp_path)
    assert done == (0, b"", ""), done
    numbered = [f"{name}-{number}{suffix}" for name, suffix in (("r", ".html"), ("r", ".sarif.json"), ("r", ".json"), ("c", ""), ("r", ".txt")) for number in (1, 2, 3)]
    assert {path.name for path in (tmp_path / "o o").iterdir()} == {*numbered, "r.html", "r.json", "r.txt"}
    listed = json.loads((tmp_path / "o o/r.json").read_text())["data_sets"]
    for number, line in enumerate(listed, 1):
        assert line["report"] == f"r-{number}.json"
        report = json.loads((tmp_path / "o o" / line["report"]).read_text())
        assert line["path"] == f"repo/{report['dataset']['path']}"
    page = (tmp_path / "o o/r.html").read_text()
    assert "<a href='r-1.html'><bdi>repo/with images</bdi></a>" in page and "<script" not in page
    assert run("repo", "--all", "--no-index", "-q", *reports, cwd=tmp_path).code == 0  # its own reports are replaced
    (tmp_path / "o o/r-3.html").write_text("mine")
    before = files_of(tmp_path / "o o")
    assert_complaint(run("repo", "--all", "--no-index", *reports, cwd=tmp_path), "o o/r-3.html")
    assert files_of(tmp_path / "o o") == before


def test_the_list_of_all_holds_no_markup_or_commands(tmp_path: Path) -> None:
    name = "a\x1b[31m<script>'\"&::error::\n\udcff"
    folder = os.fsencode(tmp_path / "repo") + b"/" + os.fsencode(name)
    os.makedirs(folder)
    write_rows(tmp_path / "repo/b/t.json", text_rows())
    os.link(tmp_path / "repo/b/t.json", folder + b"/t.json")
    run("repo", "--all", "--no-index", "-q", "-o", "r.html", "-o", "r.json", cwd=tmp_path)
    out = run("repo", "--all", "--no-index", cwd=tmp_path).out
    page = (tmp_path / "r.html").read_bytes()
    assert b"\x1b" not in out + page and b"::error" not in out + page and b"<script" not in page
    paths = [line["path"] for line in json.loads((tmp_path / "r.json").read_bytes())["data_sets"]]
    assert sorted(paths) == [f"repo/{name}", "repo/b"]


WRONG = [
    (["repo", "repo", "--all"], "--all requires one PATH"),
    (["repo", "--all", "-f", "csv"], "--all cannot print csv, which has one data set; --report FILE writes a file for each"),
    (["repo", "--all", "-f", "html"], "--all cannot print html"),
    (["repo", "--all", "-o", "json:repo/text/t.json"], "repo/text/t.json"),
    (["repo", "--all", "--index", "i"], "--all cannot be used with --index"),
    (["repo", "--all", "--write-baseline", "b"], "--all cannot be used with --write-baseline"),
    (["verify", "repo", "--all"], "--all"),
]


@pytest.mark.parametrize("arguments, part", WRONG, ids=lambda value: str(value))
def test_wrong_uses_of_all(arguments: list[str], part: str, tmp_path: Path) -> None:
    make_three(tmp_path / "repo")
    before = files_of(tmp_path)
    assert_complaint(run(*arguments, cwd=tmp_path), part)
    assert files_of(tmp_path) == before


# ---- bounds ----


def test_a_bound_of_depth_is_said(tmp_path: Path) -> None:
    deep = tmp_path / "repo" / "/".join("d" * 1 for _ in range(13))
    write_rows(deep / "a.json", text_rows())
    assert_complaint(run("repo", cwd=tmp_path), "no rows found", "folders more than 12 levels deep were not searched")
    write_rows(tmp_path / "repo/d/b.json", text_rows())
    done = run("repo", "--no-index", cwd=tmp_path)
    assert done.code == 0 and done.err == "note: folders more than 12 levels deep were not searched\n"
    write_rows(tmp_path / "repo/e/b.json", text_rows())
    assert "2 data sets, or more: folders more than 12 levels" in run("repo", cwd=tmp_path).err


def test_a_bound_of_files_is_said(tmp_path: Path) -> None:
    folder = tmp_path / "repo/notes"
    folder.mkdir(parents=True)
    for number in range(4097):
        (folder / f"{number}.json").write_text("{}")
    assert_complaint(run("repo", cwd=tmp_path), "(and 4095 more); the search ended after 4096 .json and .jsonl files")


def test_hostile_trees(open_folder: Path) -> None:
    """Links, loops, FIFOs, inaccessible folders, and very many entries; nothing outside is read."""
    repo = open_folder / "repo"
    write_rows(open_folder / "outside/secret.json", text_rows())
    write_rows(repo / "a/rows.json", text_rows())
    os.symlink("../../outside/secret.json", repo / "a/link.json")
    os.symlink(open_folder / "outside", repo / "folder")
    os.symlink("..", repo / "a/up")
    os.symlink("loop", repo / "a/loop")
    os.symlink("loop.json", repo / "a/loop.json")
    os.mkfifo(repo / "a/fifo.json")
    os.mkfifo(repo / "fifo.jsonl")
    os.symlink("/dev/zero", repo / "a/zero.json")
    write_rows(repo / "closed/b.json", text_rows())
    write_rows(repo / "c/closed.json", text_rows())
    (repo / "many").mkdir()
    for number in range(20000):
        (repo / f"many/{number}.jpg").touch()
    user = unprivileged(open_folder)
    (repo / "c/closed.json").chmod(0)
    (repo / "closed").chmod(0)
    started = time.monotonic()
    done = run("repo", "--no-index", "-f", "json", cwd=open_folder, before=user.before, executable=user.executable, timeout=20)
    assert time.monotonic() - started < 10
    assert done.code == 0, done
    assert "a/rows.json" in json.loads(done.out)["dataset"]["rows_files"]
    assert "outside" not in done.err and b"secret" not in done.out


def test_an_image_beside_a_discovered_file(tmp_path: Path) -> None:
    """Image roots are found for discovered data sets in the same way as for named ones."""
    write_rows(tmp_path / "repo/data/ann/t.json", [row("a", "1.jpg"), row("b", "2.jpg")])
    (tmp_path / "repo/data/pics").mkdir()
    for name in ("1.jpg", "2.jpg"):
        shutil.copy(GOOD_JPEG, tmp_path / "repo/data/pics" / name)
    for path in ("repo", "repo/data", "repo/data/ann", "repo/data/ann/t.json"):
        report = json.loads(run(path, "--no-index", "-f", "json", cwd=tmp_path).out)
        assert report["summary"]["images_ok"] == 2, path


def test_a_log_with_a_bad_line_is_not_taken_for_damaged_rows(tmp_path: Path) -> None:
    log = '{"action": "click", "result": "success"}\n' * 5
    write_rows(tmp_path / "repo/rows.json", text_rows())
    (tmp_path / "repo/log.jsonl").write_text(log + "s" + log)
    done = run("repo", "--no-index", cwd=tmp_path)
    assert done.code == 0 and done.err == "note: skipped log.jsonl: it has no rows (keys 'action', 'result')\n"
    # most lines are damaged, but it may have been a rows file
    (tmp_path / "repo/log.jsonl").write_text(log[: len(log) // 5] + "s" + log.replace("{", "s{"))
    assert b"JSN101" in run("repo", "--no-index", cwd=tmp_path).out


@pytest.mark.parametrize("value,found", [('"conversations"', False), ("[]", True), ("", True)])
def test_a_registry_under_another_name(value: str, found: bool, tmp_path: Path) -> None:
    """A registry names the column `conversations`; a list with that key means rows within an object."""
    write_rows(tmp_path / "repo/rows.json", text_rows())
    registry = '{"a": {"file_name": "rows.json", "columns": {"conversations" : ' + value
    (tmp_path / "repo/registry.json").write_text(registry + "}}}" * bool(value))
    done = run("repo", "--no-index", cwd=tmp_path)
    assert (b"registry.json" in done.out) == found, done
    assert ("note: registry.json is a LLaMA-Factory registry; " in done.err) != found


def test_pointers_beside_the_weights_of_a_model(tmp_path: Path) -> None:
    pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n"
    (tmp_path / "model").mkdir()
    for name in ("model.safetensors.index.json", "tokenizer.json", "vocab.json"):
        (tmp_path / "model" / name).write_text(pointer)
    done = run("model", "--no-index", cwd=tmp_path)
    assert done.code == 2 and "no rows found" in done.err
