"""Registries: files that name rows files, with roots, columns and sampling.

LLaVA-NeXT's mixtures are tested in test_inputs.py.
"""

from __future__ import annotations

import json
import os
import shutil
import time
from pathlib import Path
from typing import Any

import pytest

from program import GOOD_JPEG, assert_complaint, files_of, row, run, write_rows

Json = dict[str, Any]


def report_of(*arguments: str | Path, cwd: Path) -> Json:
    done = run(*arguments, "--no-index", "-f", "json", cwd=cwd)
    assert done.code in (0, 1), done
    report: Json = json.loads(done.out)
    return report


def notes(*arguments: str | Path, cwd: Path) -> list[str]:
    done = run(*arguments, "--no-index", "-q", cwd=cwd)
    assert done.err == ""
    return [line.removeprefix("note: ") for line in run(*arguments, "--no-index", cwd=cwd).err.splitlines()]


def text_rows(count: int, name: str = "r") -> list[Json]:
    return [row(f"{name}-{n}", None, f"Answer {n} of {name}.") for n in range(count)]


def place(*paths: Path) -> None:
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(GOOD_JPEG, path)


def write(path: Path, value: Any) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value, indent=2), encoding="utf-8")
    return path


def files(report: Json) -> list[tuple[str, int, int]]:
    """Return name, number of rows, and number of rows that training uses, for each file."""
    return [(f["name"], f["rows"], f.get("sampled", f["rows"])) for f in report["dataset"]["files"]]


# ---- LLaMA-Factory ----


def messages(image: str | None = None, names: tuple[str, ...] = ("messages", "role", "content", "user", "assistant", "images")) -> Json:
    turns, role, text, user, answer, images = names
    question = "What is it?" if image is None else "<image>What is it?"
    return {turns: [{role: user, text: question}, {role: answer, text: f"It is {image}."}], **({} if image is None else {images: [image]})}


def make_llama_factory(data: Path) -> None:
    place(data / "pictures/1.jpg")
    write(data / "mm.json", [messages("pictures/1.jpg")])
    write(data / "odd.json", [messages("pictures/1.jpg", ("talk", "who", "says", "me", "you", "pics"))])
    write(data / "alpaca.json", [{"instruction": "Say a.", "input": "", "output": "a"}, {"instruction": "Say b.", "output": "b"}])
    write(data / "dataset_info.json", {
        "remote": {"hf_hub_url": "someone/something"},
        "alpaca": {"file_name": "alpaca.json", "num_samples": 5},
        "mm": {"file_name": "mm.json", "formatting": "sharegpt", "columns": {"messages": "messages", "images": "images"},
               "tags": {"role_tag": "role", "content_tag": "content", "user_tag": "user", "assistant_tag": "assistant"}},
        "odd": {"file_name": "odd.json", "formatting": "sharegpt", "columns": {"messages": "talk", "images": "pics"},
                "tags": {"role_tag": "who", "content_tag": "says", "user_tag": "me", "assistant_tag": "you"}},
        "script": {"script_url": "load.py"},
    })  # fmt: skip


@pytest.mark.parametrize("path", ["data/dataset_info.json", "data", "."])
def test_llama_factory(path: str, tmp_path: Path) -> None:
    """Columns and tags are mapped; the registry is found by its path, its folder, or its repository."""
    make_llama_factory(tmp_path / "r/data")
    report = report_of(path, "--trainer", "llama-factory", cwd=tmp_path / "r")
    below = "data/" if path == "." else ""
    assert files(report) == [(f"{below}alpaca.json", 2, 5), (f"{below}mm.json", 1, 1), (f"{below}odd.json", 1, 1)]
    assert report["summary"]["by_rule"].keys() <= {"ROW211"} or not [f for f in report["findings"] if f["severity"] == "error"]
    assert report["summary"]["images_ok"] == 1 and report["summary"]["rows_ok"] == 4
    assert [f.get("sampling_strategy") for f in report["dataset"]["files"]] == ["num_samples 5", None, None]
    assert notes(path, cwd=tmp_path / "r") == [f"{below}dataset_info.json: 2 entries without a local file are not checked"]


def test_columns_without_images_read_none(tmp_path: Path) -> None:
    """A map of columns replaces all standard names: columns that it does not list are not read."""
    make_llama_factory(tmp_path)
    write(tmp_path / "dataset_info.json", {"mm": {"file_name": "mm.json", "formatting": "sharegpt", "columns": {"messages": "messages"},
          "tags": {"role_tag": "role", "content_tag": "content", "user_tag": "user", "assistant_tag": "assistant"}}})  # fmt: skip
    report = report_of("dataset_info.json", "--trainer", "llama-factory", cwd=tmp_path)
    assert report["summary"]["images_referenced"] == 0 and "TOK403" in report["summary"]["by_rule"]


BROKEN_INFO: dict[str, tuple[Json, str]] = {
    "missing": ({"file_name": "none.json"}, "no such file: none.json"),
    "folder": ({"file_name": 3}, "file_name is not a string"),
    "formatting": ({"file_name": "alpaca.json", "formatting": "odd"}, "formatting is neither alpaca, sharegpt nor openai"),
    "samples": ({"file_name": "alpaca.json", "num_samples": -1}, "num_samples is not a number of rows"),
    "half": ({"file_name": "alpaca.json", "num_samples": 1.5}, "num_samples is not a number of rows"),
    "kind": ({"file_name": "a.csv"}, "neither .json nor .jsonl: a.csv"),
    "columns": ({"file_name": "mm.json", "formatting": "sharegpt", "columns": {"images": "images"}}, "its columns have no messages"),
    "prompt": ({"file_name": "alpaca.json", "columns": {"response": "output"}}, "its columns have no prompt"),
    "name": ({"file_name": "alpaca.json", "columns": {"prompt": "x" * 500}}, "too long"),
    "escape": ({"file_name": "alpaca.json", "columns": {"prompt": 'a"b'}}, "needs escapes"),
}


@pytest.mark.parametrize("name", BROKEN_INFO)
def test_one_broken_entry(name: str, tmp_path: Path) -> None:
    """It is named with its line, and the others are checked. If it is the only one, it is an error."""
    entry, why = BROKEN_INFO[name]
    make_llama_factory(tmp_path)
    (tmp_path / "a.csv").write_text("a,b\n")
    write(tmp_path / "dataset_info.json", {"good": {"file_name": "alpaca.json"}, name: entry})
    report = report_of("dataset_info.json", cwd=tmp_path)
    assert files(report) == [("alpaca.json", 2, 2)]
    (note,) = notes("dataset_info.json", cwd=tmp_path)
    assert note.startswith("dataset_info.json: line ") and f"entry {name} is not checked: " in note and why in note
    write(tmp_path / "dataset_info.json", {name: entry})
    assert_complaint(run("dataset_info.json", cwd=tmp_path), "dataset_info.json: line ", f"entry {name}: ", why[:40])


def test_a_folder_as_entry(tmp_path: Path) -> None:
    write_rows(tmp_path / "data/parts/1.jsonl", text_rows(2, "a"))
    write_rows(tmp_path / "data/parts/2.jsonl", text_rows(3, "b"))
    (tmp_path / "data/parts/readme.txt").write_text("x")
    write(tmp_path / "data/dataset_info.json", {"x": {"file_name": "parts", "formatting": "sharegpt"}})
    assert files(report_of("data/dataset_info.json", cwd=tmp_path)) == [("parts/1.jsonl", 2, 2), ("parts/2.jsonl", 3, 3)]


def test_a_registry_of_a_folder_leads_nowhere_else(tmp_path: Path) -> None:
    """It came with the data: only a named registry may lead out of its folder."""
    write_rows(tmp_path / "secret.json", text_rows(2))
    write_rows(tmp_path / "data/a.json", text_rows(3))
    (tmp_path / "data/link").symlink_to("..")
    write(tmp_path / "data/dataset_info.json", {
        "up": {"file_name": "../secret.json", "formatting": "sharegpt"}, "link": {"file_name": "link/secret.json", "formatting": "sharegpt"},
        "absolute": {"file_name": str(tmp_path / "secret.json"), "formatting": "sharegpt"}, "a": {"file_name": "a.json", "formatting": "sharegpt"},
    })  # fmt: skip
    assert files(report_of("data", cwd=tmp_path)) == [("a.json", 3, 3)]
    assert sum("it leads out of the folder" in note for note in notes("data", cwd=tmp_path)) == 3
    assert len(files(report_of("data/dataset_info.json", cwd=tmp_path))) == 2  # three entries lead to one file


def test_prompts_alone(tmp_path: Path) -> None:
    """Pre-training data name no column for answers, so none is missing."""
    write(tmp_path / "data/text.json", [{"text": "Once upon a time."}])
    for columns, count in ({"prompt": "text"}, 0), ({"prompt": "text", "response": "answer"}, 1):
        write(tmp_path / "data/dataset_info.json", {"text": {"file_name": "text.json", "columns": columns}})
        report = report_of("data", cwd=tmp_path)
        assert report["summary"]["rows"] == 1 and report["summary"]["by_rule"].get("CNV305", 0) == count


GOOD, BAD, OTHER = ({"from": "gpt", "value": "Good."}, {"from": "gpt", "value": "Bad."}, {"from": "nobody", "value": "Bad."})
# What stage rm, and stage sft, do with the second of three rows; ran with LLaMA-Factory, commit ff6d4d12.
RANKED: dict[str, tuple[Json, Json, str, str]] = {
    "a pair": ({"chosen": GOOD, "rejected": BAD}, {}, "fine", "dropped"),
    "no rejected answer": ({"chosen": GOOD}, {}, "dropped", "dropped"),
    "null": ({"chosen": GOOD, "rejected": None}, {}, "dropped", "dropped"),
    "no chosen answer": ({"rejected": BAD}, {}, "dropped", "dropped"),
    "neither": ({}, {}, "dropped", "dropped"),
    "an answer, too": ({"chosen": GOOD, "rejected": BAD}, {"answer": "Good."}, "dropped", "fine"),
    "a question": ({"chosen": GOOD, "rejected": {"from": "human", "value": "Bad?"}}, {}, "altered", "dropped"),
    "nobody": ({"chosen": GOOD, "rejected": OTHER}, {}, "refused", "dropped"),
    "no text": ({"chosen": {"from": "gpt"}, "rejected": BAD}, {}, "refused", "dropped"),
    "empty": ({"chosen": GOOD, "rejected": {"from": "gpt", "value": ""}}, {}, "fine", "dropped"),
    "the same": ({"chosen": GOOD, "rejected": GOOD}, {}, "fine", "dropped"),
}  # fmt: skip


@pytest.mark.parametrize("name", RANKED)
def test_the_stage_of_an_entry(name: str, tmp_path: Path) -> None:
    """With ranking, each row must have two answers to compare; without, nothing reads them."""
    answers, other, ranked, supervised = RANKED[name]

    def talk(n: int, answer: str, keys: Json) -> Json:
        said = [{"from": "gpt", "value": answer}] if answer else []
        return {"id": str(n), "conversations": [{"from": "human", "value": f"Question {n}?"}, *said], **keys}

    pair = {"chosen": GOOD, "rejected": BAD}
    columns = {"messages": "conversations", "chosen": "chosen", "rejected": "rejected"}
    for ranking, effect in (True, ranked), (False, supervised):
        around = [talk(n, "" if ranking else "Good.", pair) for n in (0, 2)]
        write(tmp_path / "rows.json", [around[0], talk(1, other.get("answer", ""), answers), around[1]])
        entry = {"file_name": "rows.json", "formatting": "sharegpt", "ranking": ranking, "columns": columns}
        write(tmp_path / "dataset_info.json", {"x": entry})
        report = report_of("dataset_info.json", "--trainer", "llama-factory", cwd=tmp_path)
        assert [e["effect"] for e in report["effects"] if "row" in e] == [effect] * (effect != "fine"), report["findings"]


@pytest.mark.parametrize(("answers", "effect"), [
    ({"chosen": "Good.", "rejected": "Bad."}, "fine"), ({"chosen": "Good."}, "dropped"), ({"output": "Good."}, "dropped"),
    ({"output": "Good.", "chosen": "Good.", "rejected": "Bad."}, "fine"), ({"chosen": "Good.", "rejected": ""}, "fine"),
])  # fmt: skip
def test_ranked_columns(answers: Json, effect: str, tmp_path: Path) -> None:
    rows = [{"instruction": f"Question {n}?", "input": "", "chosen": "Good.", "rejected": "Bad."} for n in range(2)]
    write(tmp_path / "rows.json", [rows[0], {"instruction": "And?", "input": "", **answers}, rows[1]])
    columns = {"prompt": "instruction", "query": "input", "response": "output", "chosen": "chosen", "rejected": "rejected"}
    write(tmp_path / "dataset_info.json", {"x": {"file_name": "rows.json", "ranking": True, "columns": columns}})
    report = report_of("dataset_info.json", "--trainer", "llama-factory", cwd=tmp_path)
    assert [e["effect"] for e in report["effects"] if "row" in e] == [effect] * (effect != "fine"), report["findings"]


def test_media_of_a_clone(tmp_path: Path) -> None:
    """LLaMA-Factory searches the registry's folder, then the working folder: each file has the root that has its media."""
    place(tmp_path / "repo/data/pictures/1.jpg", tmp_path / "repo/elsewhere/2.jpg")
    write(tmp_path / "repo/data/a.json", [messages("pictures/1.jpg")])
    write(tmp_path / "repo/data/b.json", [messages("elsewhere/2.jpg")])
    entry = {"formatting": "openai", "columns": {"messages": "messages", "images": "images"},
             "tags": {"role_tag": "role", "content_tag": "content", "user_tag": "user", "assistant_tag": "assistant"}}
    write(tmp_path / "repo/data/dataset_info.json", {name: {"file_name": f"{name}.json", **entry} for name in "ab"})
    for path in "repo", tmp_path / "repo":  # as it is written, and absolute
        report = report_of(path, cwd=tmp_path)
        assert report["summary"]["images_ok"] == 2, report["findings"]


def test_rows_beside_a_registry_without_files(tmp_path: Path) -> None:
    write_rows(tmp_path / "repo/data/rows.json", text_rows(2))
    write(tmp_path / "repo/data/dataset_info.json", {"a": {"file_name": "absent.json"}})
    for path, name in ("repo", "data/dataset_info.json"), ("repo/data", "dataset_info.json"):
        assert report_of(path, cwd=tmp_path)["summary"]["rows"] == 2
        assert notes(path, cwd=tmp_path) == [
            f"{name}: line 2: entry a is not checked: no such file: absent.json",
            f"{name.removesuffix('dataset_info.json')}rows.json: not named in dataset_info.json, so training by it does not read it; "
            "checked nevertheless",
        ]


@pytest.mark.parametrize("path", ["repo", "."])
def test_a_registry_below_without_other_rows(path: str, tmp_path: Path) -> None:
    """Its rows may have special columns; if none of its files is here, the message names one."""
    place(tmp_path / "repo/deep/data/pictures/1.jpg")
    odd = messages("pictures/1.jpg", ("talk", "who", "says", "me", "you", "pics"))
    entry = {"file_name": "sub/odd.json", "formatting": "sharegpt", "columns": {"messages": "talk", "images": "pics"},
             "tags": {"role_tag": "who", "content_tag": "says", "user_tag": "me", "assistant_tag": "you"}}
    write(tmp_path / "repo/deep/data/dataset_info.json", {"odd": entry, "gone": {"file_name": "gone.json"}})
    write(tmp_path / "repo/a.d/dataset_info.json.d/dataset_info.json", {})
    where = "deep/data/dataset_info.json" if path == "repo" else "repo/deep/data/dataset_info.json"
    assert_complaint(run(path, "--no-index", cwd=tmp_path), f"{where}: line 2: entry odd is not checked: no such file: sub/odd.json")
    write(tmp_path / "repo/deep/data/sub/odd.json", [odd])
    report = report_of(path, cwd=tmp_path)
    assert (report["summary"]["rows"], report["summary"]["images_ok"]) == (1, 1)
    assert any(note.startswith(f"{where}: line 16: entry gone is not checked") for note in notes(path, cwd=tmp_path))


def test_the_next_llama_factory(tmp_path: Path) -> None:
    """It is YAML, with paths relative to the parent folder."""
    write_rows(tmp_path / "r/data/a.jsonl", text_rows(3))
    text = "a:\n  path: data/a.jsonl\n  source: local\n  converter: sharegpt\n  size: 2\nb:\n  path: someone/b\n  split: train\n"
    (tmp_path / "r/data/v1.yaml").write_text(text)
    assert files(report_of("r/data/v1.yaml", cwd=tmp_path)) == [("a.jsonl", 3, 2)]
    assert notes("r/data/v1.yaml", cwd=tmp_path) == ["v1.yaml: 1 entry without a local file is not checked"]


# ---- InternVL ----


def make_internvl(folder: Path) -> None:
    place(folder / "pics/coco/1.jpg", folder / "pics/coco/2.jpg", folder / "pics/gqa/1.jpg", folder / "pics/gqa/x/3.jpg")
    write_rows(folder / "ann/a.jsonl", [row("a", "1.jpg"), row("b", "2.jpg")])
    write_rows(folder / "ann/b.jsonl", [row("c", "1.jpg", "Other."), row("d", "x/3.jpg"), row("e", "x/none.jpg")])
    write_rows(folder / "ann/c.jsonl", text_rows(10))


def test_internvl(tmp_path: Path) -> None:
    """Each entry has its own root, and its image paths are relative to that."""
    make_internvl(tmp_path)
    write(tmp_path / "shell/data/meta.json", {
        "a": {"root": "pics/coco/", "annotation": "ann/a.jsonl", "data_augment": False, "repeat_time": 3, "length": 2},
        "b": {"root": "pics/gqa", "annotation": "ann/b.jsonl", "data_augment": True, "repeat_time": 1, "length": 3},
        "c": {"root": "pics", "annotation": ["ann/c.jsonl"], "data_augment": False, "repeat_time": 0.25, "length": 10},
    })  # fmt: skip
    for path, cwd in (("shell/data/meta.json", tmp_path), ("meta.json", tmp_path / "shell/data")):
        report = report_of(path, "--trainer", "internvl", cwd=cwd)
        assert [(rows, sampled) for _, rows, sampled in files(report)] == [(2, 6), (3, 3), (10, 2)]
        assert report["summary"]["images_referenced"] == 5 and report["summary"]["images_ok"] == 4
        (missing,) = (f for f in report["findings"] if f["rule"] == "IMG501")
        assert missing["image"] == "gqa/x/none.jpg"
        assert report["dataset"]["image_root"] == "pics"
        assert "SET602" not in report["summary"]["by_rule"]


def test_equal_paths_below_different_roots_are_different_images(tmp_path: Path) -> None:
    place(tmp_path / "a/1.jpg", tmp_path / "b/1.jpg")
    for name in "ab":
        write_rows(tmp_path / f"{name}.jsonl", [row(f"{name}-1", "1.jpg")])
    write(tmp_path / "meta.json", {n: {"root": n, "annotation": f"{n}.jsonl", "repeat_time": 1} for n in "ab"})
    report = report_of("meta.json", cwd=tmp_path)
    assert report["summary"]["images_referenced"] == 2 and "ROW210" not in report["summary"]["by_rule"]
    write(tmp_path / "meta.json", {n: {"root": "a", "annotation": f"{n}.jsonl", "repeat_time": 1} for n in "ab"})
    assert report_of("meta.json", cwd=tmp_path)["summary"]["by_rule"]["ROW210"] == 1


def test_internvl_with_one_root(tmp_path: Path) -> None:
    make_internvl(tmp_path)
    write(tmp_path / "meta.json", {n: {"root": "pics/coco", "annotation": f"ann/{n}.jsonl", "repeat_time": 1} for n in "ac"})
    report = report_of("meta.json", cwd=tmp_path)
    assert report["dataset"]["image_root"] == "pics/coco" and report["summary"]["images_ok"] == 2


def test_a_root_of_a_registry_that_is_missing(tmp_path: Path) -> None:
    make_internvl(tmp_path)
    write(tmp_path / "meta.json", {"a": {"root": "nowhere", "annotation": "ann/a.jsonl", "repeat_time": 1}})
    assert notes("meta.json", cwd=tmp_path) == ["meta.json: line 2: there is no folder nowhere; its images are searched for"]
    assert report_of("meta.json", cwd=tmp_path)["summary"]["images_ok"] == 2


def test_a_root_that_is_named_counts_for_all(tmp_path: Path) -> None:
    make_internvl(tmp_path)
    write(tmp_path / "meta.json", {n: {"root": f"pics/{r}", "annotation": f"ann/{n}.jsonl", "repeat_time": 1} for n, r in (("a", "coco"), ("b", "gqa"))})
    report = report_of("meta.json", "--images", "pics/coco", cwd=tmp_path)
    assert report["summary"]["images_referenced"] == 4 and report["summary"]["images_ok"] == 2
    assert report_of("meta.json", "--no-images", cwd=tmp_path)["summary"]["images_skipped"] == 4


def test_another_root_is_another_result(tmp_path: Path) -> None:
    """Rows are reused only if the prefix of their paths is the same."""
    make_internvl(tmp_path)

    def check(root: str) -> Json:
        write(tmp_path / "meta.json", {"a": {"root": root, "annotation": "ann/a.jsonl", "repeat_time": 1},
                                       "c": {"root": "pics/gqa", "annotation": "ann/c.jsonl", "repeat_time": 1}})  # fmt: skip
        os.utime(tmp_path / "ann/a.jsonl", (10**9, 10**9))
        done = run("meta.json", "-f", "json", cwd=tmp_path)
        summary: Json = json.loads(done.out)["summary"]
        return summary

    assert check("pics/coco")["images_ok"] == check("pics/coco")["images_ok"] == 2
    assert check("pics/gqa/x")["images_ok"] == 0
    assert check("pics/coco")["images_ok"] == 2


@pytest.mark.parametrize("repeat, sampled", [(1, 10), (2, 20), (0, 0), (0.5, 5), (0.29, 2), (1.0, 10), (0.05, 0)])
def test_repeat_time(repeat: float, sampled: int, tmp_path: Path) -> None:
    write_rows(tmp_path / "c.jsonl", text_rows(10))
    write(tmp_path / "meta.json", {"c": {"root": ".", "annotation": "c.jsonl", "repeat_time": repeat}})
    assert files(report_of("meta.json", cwd=tmp_path)) == [("c.jsonl", 10, sampled)]


@pytest.mark.parametrize("repeat", [1.5, "2", -1, None, [1]])
def test_repeat_time_that_is_none(repeat: Any, tmp_path: Path) -> None:
    write_rows(tmp_path / "c.jsonl", text_rows(10))
    write(tmp_path / "meta.json", {"c": {"root": ".", "annotation": "c.jsonl", "repeat_time": repeat}})
    assert_complaint(run("meta.json", cwd=tmp_path), "entry c: repeat_time is neither")


# ---- ms-swift ----


def test_swift(tmp_path: Path) -> None:
    write_rows(tmp_path / "lists/a.jsonl", text_rows(3))
    write(tmp_path / "lists/info.json", [{"dataset_path": "a.jsonl", "dataset_name": "mine"}, {"ms_dataset_id": "x/y"}, {"hf_dataset_id": "z"},
                                         {"dataset_path": "none.jsonl"}])  # fmt: skip
    assert files(report_of("lists/info.json", cwd=tmp_path)) == [("a.jsonl", 3, 3)]
    assert notes("lists/info.json", cwd=tmp_path) == [
        "info.json: line 12: entry none.jsonl is not checked: no such file: none.jsonl",
        "info.json: 2 entries without a local file are not checked",
    ]
    write(tmp_path / "hubs.json", [{"ms_dataset_id": "x/y"}])
    assert_complaint(run("hubs.json", cwd=tmp_path), "hubs.json: a list of ms-swift without a local file: 1 entry")


@pytest.mark.parametrize("count, sampled", [(0, 0), (3, 3), (5, 5), (12, 12)])
def test_a_number_of_rows(count: int, sampled: int, tmp_path: Path) -> None:
    write_rows(tmp_path / "a.jsonl", text_rows(5))
    report = report_of(f"a.jsonl#{count}", cwd=tmp_path)
    assert files(report) == [("a.jsonl", 5, sampled)] and report["dataset"]["files"][0]["sampling_strategy"] == f"#{count}"


def test_a_file_whose_name_has_a_number(tmp_path: Path) -> None:
    write_rows(tmp_path / "a#5.jsonl", text_rows(2))
    assert files(report_of("a#5.jsonl", cwd=tmp_path)) == [("a#5.jsonl", 2, 2)]
    write_rows(tmp_path / "b#7", text_rows(2))
    assert files(report_of("b#7", cwd=tmp_path)) == [("b#7", 2, 2)]
    for path in ("none.jsonl#3", "a#5.jsonl#x", "a#5.jsonl#", "a#5.jsonl#-1"):
        assert_complaint(run(path, cwd=tmp_path), f"{path}: no such file or folder")


# ---- lmms-engine, Energon ----


@pytest.mark.parametrize("key", ["path", "json_path"])
def test_lmms_engine(key: str, tmp_path: Path) -> None:
    make_internvl(tmp_path)
    (tmp_path / "configs").mkdir()
    text = f"""datasets:
- {key}: ann/a.jsonl
  data_folder: pics/coco
  data_type: jsonl
- {key}: ann/b.jsonl
  data_folder: pics/gqa
  data_type: jsonl
- {key}: ann/c.parquet
  data_folder: ""
  data_type: parquet
"""
    (tmp_path / "configs/data.yaml").write_text(text)
    report = report_of("configs/data.yaml", cwd=tmp_path)
    assert [rows for _, rows, _ in files(report)] == [2, 3] and report["summary"]["images_ok"] == 4
    assert notes("configs/data.yaml", cwd=tmp_path)[0] == "data.yaml: line 8: entry ann/c.parquet is not checked: files of type parquet are not read"


def test_energon(tmp_path: Path) -> None:
    make_internvl(tmp_path)
    text = """__module__: megatron.energon
__class__: MetadatasetV2
splits:
  train:
    blend_epochized:
      - repetitions: 2
        path: ann/a.jsonl
        aux: {images: "filesystem://./pics/coco"}
      - repetitions: 0.5
        path: ann/b.jsonl
        aux: {images: "filesystem://pics/gqa"}
      - path: ./webdataset
  val:
    path: ann/c.jsonl
"""
    (tmp_path / "meta.yaml").write_text(text)
    report = report_of("meta.yaml", cwd=tmp_path)
    assert files(report) == [("ann/a.jsonl", 2, 4), ("ann/b.jsonl", 3, 1), ("ann/c.jsonl", 10, 10)]
    assert report["summary"]["images_ok"] == 4
    assert notes("meta.yaml", cwd=tmp_path)[0] == "meta.yaml: line 12: entry ./webdataset is not checked: a WebDataset or another metadataset"


# ---- hostile registries ----


def test_what_is_no_registry_is_rows(tmp_path: Path) -> None:
    """A .json that is an object, but not a registry, is still checked as rows."""
    for text in ('{"a": 1}', '{"id": 1, "conversations": []}', "{", '{"x": {"y": 1}}'):
        (tmp_path / "a.json").write_text(text)
        assert run("a.json", "--no-index", cwd=tmp_path).code == 1, text


def test_a_registry_that_is_not_json(tmp_path: Path) -> None:
    (tmp_path / "meta.json").write_text('{\n  "a": {"root": ".", "annotation": "a.jsonl", "repeat_time": 1},\n}\n')
    assert_complaint(run("meta.json", cwd=tmp_path), "meta.json: line 2: invalid JSON: trailing comma")


def test_huge_registries_are_bounded(tmp_path: Path) -> None:
    write_rows(tmp_path / "a.json", text_rows(1))
    write(tmp_path / "many.json", {f"e{n}": {"file_name": "none.json"} for n in range(12000)})
    started = time.monotonic()
    assert_complaint(run("many.json", cwd=tmp_path, timeout=30), "more than 10000 entries")
    big = {f"e{n}": {"file_name": "none.json", "help": "x" * 1000} for n in range(2000)}
    write(tmp_path / "big.json", big)
    assert b"JSN103" in run("big.json", "--no-index", cwd=tmp_path, timeout=30).out  # too large for a registry
    laughs = "a: &a [{path: a.json}]\n" + "".join(
        f"{chr(98 + n)}: &{chr(98 + n)} {{blend: [{', '.join(['*' + chr(97 + n)] * 50)}]}}\n" for n in range(1, 8)
    )
    (tmp_path / "laughs.yaml").write_text("__module__: megatron.energon\nb: &b {blend: [{path: a.json}]}\n" + laughs.split("\n", 1)[1] + "splits: {train: *i}\n")
    assert_complaint(run("laughs.yaml", cwd=tmp_path, timeout=30), "more than 10000 entries")
    (tmp_path / "deep.json").write_text('{"a": {"file_name": ' + "[" * 2000 + "]" * 2000 + "}}")
    assert run("deep.json", "--no-index", cwd=tmp_path, timeout=30).code in (1, 2)
    assert time.monotonic() - started < 20


def test_hundreds_of_broken_entries_are_summed_up(tmp_path: Path) -> None:
    write_rows(tmp_path / "a.json", text_rows(1))
    entries: Json = {f"e{n}": {"file_name": f"none{n}.json"} for n in range(100)}
    write(tmp_path / "info.json", {"a": {"file_name": "a.json", "formatting": "sharegpt"}, **entries})
    said = notes("info.json", cwd=tmp_path)
    assert len(said) == 9 and said[-1] == "info.json: 92 more entries are not checked"


def test_special_files_as_entries(tmp_path: Path) -> None:
    write_rows(tmp_path / "a.json", text_rows(1))
    os.mkfifo(tmp_path / "fifo.json")
    os.symlink("/dev/zero", tmp_path / "zero.json")
    os.symlink("loop.json", tmp_path / "loop.json")
    names = ["fifo.json", "zero.json", "loop.json", "/dev/zero", "a\u0000.json", "x" * 5000]
    write(tmp_path / "info.json", {"a": {"file_name": "a.json"}, **{str(n): {"file_name": name} for n, name in enumerate(names)}})
    before = files_of(tmp_path)
    done = run("info.json", "--no-index", cwd=tmp_path, timeout=10)
    assert done.code in (0, 1) and done.err.count("is not checked: ") == len(names)
    assert files_of(tmp_path) == before


def test_hostile_names(tmp_path: Path) -> None:
    """Names of entries are escaped when they are printed."""
    write_rows(tmp_path / "a.json", text_rows(1))
    write(tmp_path / "info.json", {"a": {"file_name": "a.json"}, "\x1b[31m\u202e": {"file_name": "\x1b]0;x\x07.json"}})
    done = run("info.json", "--no-index", cwd=tmp_path)
    assert "\x1b" not in done.err and "\u202e" not in done.err and "\\x1b[31m" in done.err


# ---- registries below PATH, and rows that none names ----


def sharegpt_rows(count: int, image: str) -> list[Json]:
    return [
        {"conversations": [{"from": "human", "value": f"<image>What is {n}?"}, {"from": "gpt", "value": f"It is {n}."}], "images": [image]}
        for n in range(count)
    ]


def sharegpt_entry(name: str) -> Json:
    return {"file_name": name, "formatting": "sharegpt", "columns": {"messages": "conversations", "images": "images"}}


UNNAMED = {
    "folder": ("mine.json", ["sub/other.json"], "repo/data/sub"),
    "file": ("sub/mine.json", ["sub/other.json"], "repo/data/sub/other.json"),
    "split": ("mine.json", ["train/other.json"], "repo/data/train"),
    "several": ("sub/mine.json", ["sub/other.json", "zoo/other.json"], "repo/data/zoo and in 1 more place"),
}


@pytest.mark.parametrize("name", UNNAMED)
@pytest.mark.parametrize("path", ["repo", "repo/data"])
def test_a_registry_is_the_data_set(path: str, name: str, tmp_path: Path) -> None:
    """Rows below its folder that it does not name are listed, with the command that checks them; --all checks them, too."""
    named, others, where = UNNAMED[name]
    place(tmp_path / "repo/data/1.jpg")
    write(tmp_path / "repo/data" / named, sharegpt_rows(3, "1.jpg"))
    for number, other in enumerate(others):
        write(tmp_path / "repo/data" / other, sharegpt_rows(4 + number, "1.jpg"))
    write(tmp_path / "repo/data/dataset_info.json", {"mine": sharegpt_entry(named)})
    below = "data/" if path == "repo" else ""
    assert files(report_of(path, cwd=tmp_path)) == [(below + named, 3, 3)]
    command = where.split(" ")[0]
    assert notes(path, cwd=tmp_path) == [
        f"rows in {where} are not named in dataset_info.json; check them with llava-check {command}, or each with --all"
    ]
    assert files(report_of(command, cwd=tmp_path)) == [("other.json", 3 + len(others), 3 + len(others))]
    done = run(path, "--all", "--no-index", cwd=tmp_path)
    assert [line.split()[:3] for line in done.out.decode().splitlines() if line.startswith("  rows ")] == [
        ["rows", str(count), "in"] for count in [3, *reversed(range(4, 4 + len(others)))]
    ]


def test_rows_beside_those_that_a_registry_names(tmp_path: Path) -> None:
    """They are checked, and named; a file that two entries name, or that has another path there, is read once."""
    place(tmp_path / "r/data/1.jpg")
    (tmp_path / "r/data/x").mkdir()
    for name in "abcd":
        write(tmp_path / f"r/data/{name}.json", [{**row, "id": name} for row in sharegpt_rows(2, "1.jpg")])
    entries = {"a": sharegpt_entry("./a.json"), "a again": sharegpt_entry("a.json"), "b": sharegpt_entry("x/../b.json"),
               "b as alpaca": {"file_name": "b.json", "columns": {"prompt": "id"}}}
    write(tmp_path / "r/data/dataset_info.json", entries)
    for path in "r", "r/data":
        below = "data/" if path == "r" else ""
        assert [Path(name).name for name, _, _ in files(report_of(path, cwd=tmp_path))] == ["a.json", "b.json", "b.json", "c.json", "d.json"]
        assert [note for note in notes(path, cwd=tmp_path) if "entry b as alpaca does not describe its rows" not in note] == [
            f"{below}c.json and 1 other file: not named in dataset_info.json, so training by it does not read them; checked nevertheless"
        ]
    assert len(files(report_of("r/data/dataset_info.json", cwd=tmp_path))) == 3


def test_two_registries_and_rows_elsewhere(tmp_path: Path) -> None:
    """Each is a data set, and so are the rows outside of their folders; every command in the list works."""
    for number, name in enumerate(("one", "two"), 1):
        write(tmp_path / f"repo/{name}/dataset_info.json", {name: sharegpt_entry(f"deep/{name}.json")})
        write(tmp_path / f"repo/{name}/deep/{name}.json", sharegpt_rows(number, "1.jpg"))
    write(tmp_path / "repo/eval/rows.json", text_rows(7))
    done = run("repo", "--no-index", cwd=tmp_path)
    first, *lines = done.err.splitlines()
    assert done.code == 2 and "repo: contains 3 data sets" in first
    commands = [line.split()[1] for line in lines]
    assert sorted(commands) == ["repo/eval", "repo/one", "repo/two"]
    rows = [files(report_of(command, cwd=tmp_path)) for command in sorted(commands)]
    assert rows == [[("rows.json", 7, 7)], [("deep/one.json", 1, 1)], [("deep/two.json", 2, 2)]]
    assert run("repo", "--all", "--no-index", cwd=tmp_path).out.count(b"  rows ") == 3


def test_rows_beside_one_of_two_registries_are_checked_once(tmp_path: Path) -> None:
    """As PATH, the folder of a registry means all its rows files, so the unnamed ones are no data set of their own."""
    for number, name in enumerate(("one", "train"), 1):
        write(tmp_path / f"repo/{name}/dataset_info.json", {name: sharegpt_entry("named.json")})
        write(tmp_path / f"repo/{name}/named.json", sharegpt_rows(number, "1.jpg"))
        write(tmp_path / f"repo/{name}/unnamed.json", sharegpt_rows(number + 2, "1.jpg"))
    lines = run("repo", "--no-index", cwd=tmp_path).err.splitlines()
    assert [line.split()[1:5] for line in lines[1:]] == [["repo/train", "#", "2", "files,"], ["repo/one", "#", "2", "files,"]]
    done = run("repo", "--all", "--no-index", cwd=tmp_path)
    assert [line.split()[1] for line in done.out.decode().splitlines() if line.startswith("  rows ")] == ["6", "4"]


def test_registries_of_other_names_are_named(tmp_path: Path) -> None:
    """A folder with an InternVL meta file and a mixture: its rows are checked, and what the two would sample is said."""
    make_internvl(tmp_path / "d")
    for name in "ab":
        shutil.copy(tmp_path / f"d/ann/{name}.jsonl", tmp_path / f"d/{name}.jsonl")
    (tmp_path / "d/mix.yaml").write_text('datasets:\n  - json_path: a.jsonl\n    sampling_strategy: "first:1"\n')
    (tmp_path / "d/other.yaml").write_text("datasets:\n  - name: x\n")
    (tmp_path / "d/paths.yaml").write_text("model:\n  path: x\n")
    (tmp_path / "d/list.json").write_text('["a.jsonl"]')
    write(tmp_path / "d/meta.json", {"a": {"root": "pics/coco", "annotation": "a.jsonl", "data_augment": False, "repeat_time": 1, "length": 2}})
    assert [note for note in notes("d", cwd=tmp_path) if "separate" not in note] == [
        "skipped list.json: it has no rows",
        "meta.json is an InternVL meta file (and 1 more registry here); to check the rows as it says: llava-check d/meta.json",
    ]


def llava_rows(count: int, image: str) -> list[Json]:
    return [row(f"{n}", image, f"Answer {n}.") for n in range(count)]


MISFITS: dict[str, tuple[list[Json], Json, Json | None]] = {
    "no formatting": (sharegpt_rows(3, "1.jpg"), {},
                      {"formatting": "sharegpt", "columns": {"messages": "conversations", "images": "images"}}),
    "no columns": ([messages("1.jpg"), messages("1.jpg")], {"formatting": "sharegpt"},
                   {"formatting": "sharegpt", "columns": {"messages": "messages", "images": "images"},
                    "tags": {"role_tag": "role", "content_tag": "content", "user_tag": "user", "assistant_tag": "assistant"}}),
    "no tags": ([messages("1.jpg")], {"formatting": "sharegpt", "columns": {"messages": "messages", "images": "images"}},
                {"formatting": "sharegpt", "columns": {"messages": "messages", "images": "images"},
                 "tags": {"role_tag": "role", "content_tag": "content", "user_tag": "user", "assistant_tag": "assistant"}}),
    "alpaca": ([{"instruction": "Say a.", "output": "a"}], {"formatting": "sharegpt"},
               {"formatting": "alpaca", "columns": {"prompt": "instruction", "response": "output"}}),
    "preferences": ([{"instruction": f"Say {n}.", "chosen": "a", "rejected": "b"} for n in range(2)], {"formatting": "sharegpt"},
                    {"formatting": "alpaca", "ranking": True, "columns": {"prompt": "instruction", "chosen": "chosen", "rejected": "rejected"}}),
    "LLaVA": (llava_rows(3, "1.jpg"), {"formatting": "sharegpt"},
              {"formatting": "sharegpt", "columns": {"messages": "conversations", "images": "image"}}),
    "LLaVA with some texts": ([*llava_rows(3, "1.jpg"), *text_rows(2)], {"formatting": "sharegpt"},
                              {"formatting": "sharegpt", "columns": {"messages": "conversations", "images": "image"}}),
    "parts": ([{"messages": [{"role": "user", "content": [{"type": "image", "image": "1.jpg"}, {"type": "text", "text": "What?"}]},
                             {"role": "assistant", "content": "A dog."}]}], {"formatting": "sharegpt"}, None),
    "nothing": ([{"some": 1, "other": "x"}], {"formatting": "sharegpt"}, None),
    "described": (sharegpt_rows(3, "1.jpg"), {"formatting": "sharegpt", "columns": {"messages": "conversations", "images": "images"}}, None),
}  # fmt: skip


@pytest.mark.parametrize("name", MISFITS)
def test_what_an_entry_should_say(name: str, tmp_path: Path) -> None:
    """Rows of another dialect than the entry's, or images that it does not map: a note has what to write, and that is right."""
    rows, entry, better = MISFITS[name]
    place(tmp_path / "1.jpg")
    write(tmp_path / "rows.json", rows)
    write(tmp_path / "dataset_info.json", {"x": {"file_name": "rows.json", **entry}})
    for path in ".", "dataset_info.json":
        found = [note for note in notes(path, cwd=tmp_path) if "does not describe" in note]
        assert len(found) == (better is not None)
        if better:
            begin, text = found[0].split("This would: ")
            assert begin == "dataset_info.json: line 2: entry x does not describe its rows. "
            assert json.loads("{" + text + "}") == better
    if not better:
        return
    assert run(".", "--no-index", "--trainer", "llama-factory", cwd=tmp_path).code == 1
    write(tmp_path / "dataset_info.json", {"x": {"file_name": "rows.json", **better}})
    done = run(".", "--no-index", "--trainer", "llama-factory", cwd=tmp_path)
    assert done.code == 0 and done.err == "" and b"rows as written" in done.out.replace(b"the 1 row as", b"rows as")
