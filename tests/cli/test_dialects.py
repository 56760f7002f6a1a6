"""The dialect of a rows file is detected from its first rows, shown, and can be overridden."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from program import GOOD_JPEG, REPOSITORY, run, write_rows

NAMES = ["llava", "sharegpt", "messages", "inline", "role-value", "alpaca", "query", "xcomposer", "xtuner", "nextgpt", "internvl"]
TRAINERS = {
    "llava": "llava-next", "sharegpt": "llama-factory", "alpaca": "llama-factory", "xcomposer": "llava-next", "nextgpt": "llava-next",
    "internvl": "internvl", "xtuner": "xtuner",
}  # fmt: skip
PEEK_ROWS = 64


def examples(name: str) -> list[Any]:
    """Return the rows that docs/dialects.md shows for a dialect."""
    text = (REPOSITORY / "docs/dialects.md").read_text(encoding="utf-8")
    section = re.split(r"^## ", text, flags=re.MULTILINE)
    (found,) = [part for part in section if part.startswith(f"{name}\n")]
    blocks = re.findall(r"```json\n(.*?)```", found, flags=re.DOTALL)
    return [json.loads(line) for block in blocks for line in block.splitlines()]


def check(*arguments: str | Path, cwd: Path) -> Any:
    done = run("check", *arguments, "--no-index", "--no-images", "--show", "info", "-f", "json", cwd=cwd)
    assert done.code in (0, 1), done
    return json.loads(done.out)


def dialects(report: Any) -> list[str]:
    return [file["dialect"] for file in report["dataset"]["files"]]


def found(report: Any) -> list[tuple[int, str]]:
    return sorted((finding["row"], finding["rule"]) for finding in report["findings"] if finding["severity"] != "info")


def talk(text: str = "Q") -> dict[str, Any]:
    return {"conversations": [{"from": "human", "value": text}, {"from": "gpt", "value": f"{text}?"}]}


def messages(text: str = "Q") -> dict[str, Any]:
    return {"messages": [{"role": "user", "content": text}, {"role": "assistant", "content": f"{text}?"}]}


def turns(asks: str, text: str, answers: str) -> dict[str, Any]:
    return {"image": "a.jpg", "conversations": [{"from": asks, "value": text}, {"from": answers, "value": "A"}]}


# ---- detected ----


@pytest.mark.parametrize("name", NAMES)
def test_the_documentation_is_read(name: str, tmp_path: Path) -> None:
    """Each row in the documentation has the dialect that it is shown for, and no fault."""
    rows = examples(name)
    assert rows
    named = ("--dialect", name) if name == "internvl" else ()  # its rows look like LLaVA's
    for number, row in enumerate(rows):
        path = write_rows(tmp_path / f"{number}.json", [row])
        report = check(path, *named, cwd=tmp_path)
        assert dialects(report) == [name] and found(report) == [], row
        assert report["dataset"]["trainer"] == TRAINERS.get(name, "ms-swift")


@pytest.mark.parametrize("suffix", [".json", ".jsonl"])
def test_the_head_names_it(suffix: str, tmp_path: Path) -> None:
    rows = tmp_path / f"rows{suffix}"
    write_rows(rows, [messages("a"), messages("b")])
    done = run(rows, "--no-index", cwd=tmp_path)
    assert b"\n  dialect   messages\n" in done.out
    write_rows(rows, [talk("a"), talk("b")])
    done = run(rows, "--no-index", cwd=tmp_path)
    assert b"dialect" not in done.out


def test_files_of_several_dialects(tmp_path: Path) -> None:
    write_rows(tmp_path / "set/a.json", [talk("a")])
    write_rows(tmp_path / "set/b.jsonl", [messages("b")])
    write_rows(tmp_path / "set/c.json", [{"query": "c", "response": "d"}])
    report = check("set", cwd=tmp_path)
    assert dialects(report) == ["llava", "messages", "query"] and found(report) == []
    done = run("set", "--no-index", cwd=tmp_path)
    assert b"\n  dialects  llava, messages, query\n" in done.out


@pytest.mark.parametrize(
    ("row", "name"),
    [
        (talk(), "llava"),  # also fits sharegpt and nextgpt
        ({**talk(), "image": "a.jpg"}, "llava"),
        ({**talk(), "images": ["a.jpg"]}, "sharegpt"),
        ({**talk(), "input_image": "a.jpg"}, "nextgpt"),
        ({**messages(), "images": ["a.jpg"]}, "messages"),
        ({"conversations": messages()["messages"]}, "messages"),
        ({"conversations": [{"role": "user", "value": "Q"}, {"role": "assistant", "value": "A"}]}, "role-value"),
        ({"conversations": [{"from": "user", "value": "<img>a.jpg</img>"}, {"from": "assistant", "value": "A"}]}, "inline"),
        (turns("human", "<image>\nQ", "assistant"), "llava"),  # like xcomposer, except for its placeholder
        (turns("user", "<image>\nQ", "bot"), "llava"),
        (turns("user", "<ImageHere>\nQ", "assistant"), "xcomposer"),
        ({"instruction": "Q", "input": "", "output": "A"}, "alpaca"),
        ({"question": "Q", "answer": "A", "image": "a.jpg"}, "query"),
        (messages()["messages"], "messages"),
    ],
)
def test_ties_go_to_the_first(row: Any, name: str, tmp_path: Path) -> None:
    assert dialects(check(write_rows(tmp_path / "rows.jsonl", [row, row]), cwd=tmp_path)) == [name]


def test_a_tag_counts_more_than_rows_without(tmp_path: Path) -> None:
    """Text-only rows may fit several dialects."""
    text = {"conversations": [{"from": "human", "value": "Q"}, {"from": "bot", "value": "A"}]}
    rows = [text, turns("human", "<ImageHere>\nQ", "bot"), text]
    assert dialects(check(write_rows(tmp_path / "rows.json", rows), cwd=tmp_path)) == ["xcomposer"]


def test_files_beside_one_with_a_tag(tmp_path: Path) -> None:
    """As in InternLM-XComposer's examples, one of three files has <ImageHere>, and all have answers by bot."""
    def talk(question: str, answerer: str) -> list[dict[str, str]]:
        return [{"from": "human", "value": question}, {"from": answerer, "value": "That."}]

    write_rows(tmp_path / "d/several.json", [{"id": "0", "image": ["a.jpg"], "conversations": talk("<ImageHere>What?", "bot")}])
    write_rows(tmp_path / "d/single.json", [{"id": "0", "image": ["a.jpg"], "conversations": talk("What?", "bot")}])
    write_rows(tmp_path / "d/text.json", [{"id": "0", "conversations": talk("Why?", "bot")}])
    write_rows(tmp_path / "d/other.json", [{"id": "0", "conversations": talk("Who?", "gpt")}])
    shutil.copy(GOOD_JPEG, tmp_path / "d/a.jpg")
    done = run("d", "--no-index", "-f", "json", cwd=tmp_path)
    files = {file["name"]: file["dialect"] for file in json.loads(done.out)["dataset"]["files"]}
    assert files == {"several.json": "xcomposer", "single.json": "xcomposer", "text.json": "xcomposer", "other.json": "llava"}
    assert done.code == 0
    (tmp_path / "d/several.json").unlink()
    assert json.loads(run("d", "--no-index", "-f", "json", cwd=tmp_path).out)["summary"]["by_rule"]["CNV302"] == 2


def test_the_trainer_of_several_dialects_reads_all(tmp_path: Path) -> None:
    """LLaMA-Factory reads alpaca's rows but no query rows, about which nothing was known."""
    write_rows(tmp_path / "d/a.json", [{"instruction": "Q", "input": "", "output": "A"}])
    assert check("d", cwd=tmp_path)["dataset"]["trainer"] == "llama-factory"
    write_rows(tmp_path / "d/b.json", [{"query": "Q", "response": "A"}])
    report = check("d", cwd=tmp_path)
    assert (report["dataset"]["trainer"], dialects(report)) == ("ms-swift", ["alpaca", "query"])


@pytest.mark.parametrize("keys", [("query", "prompt"), ("prompt", "query")])
def test_a_second_name_of_the_question(keys: tuple[str, str], tmp_path: Path) -> None:
    """In any order, it counts as a column of the dialect, not as a key of another program."""
    write_rows(tmp_path / "t.json", [{**dict.fromkeys(keys, "Q"), "response": "A"}])
    assert "ROW218" not in check("t.json", cwd=tmp_path)["summary"]["by_rule"]


def test_a_key_of_another_program_has_its_last_value(tmp_path: Path) -> None:
    row = json.dumps(talk())[:-1]
    for values, count in (("1", 1), ("null", 0), ("1, \"Audio\": null", 0), ("null, \"Audio\": 1", 1)):
        (tmp_path / "t.json").write_text(f'[{row}, "Audio": {values}}}]')
        assert check("t.json", cwd=tmp_path)["summary"]["by_rule"].get("ROW218", 0) == count, values


def test_an_answer_alone_may_be_for_pretraining(tmp_path: Path) -> None:
    answer = {"role": "assistant", "content": "A"}
    write_rows(tmp_path / "t.json", [{"messages": [answer]}, {"messages": [answer, *messages()["messages"]]}])
    levels = [f["severity"] for f in check("t.json", cwd=tmp_path)["findings"] if f["rule"] == "CNV304"]
    assert sorted(levels) == ["info", "warning"]


@pytest.mark.parametrize(("content", "count"), [("", 0), ([["x"]], 1), (None, 1)])
def test_a_second_text_that_is_none(content: Any, count: int, tmp_path: Path) -> None:
    """A value that is not a string is different from an empty string."""
    row = talk()
    row["conversations"][1].update({"value": "", "role": "gpt", "content": content})
    write_rows(tmp_path / "t.json", [talk("X"), row])
    assert check("t.json", cwd=tmp_path)["summary"]["by_rule"].get("CNV308", 0) == count


def test_most_rows_decide(tmp_path: Path) -> None:
    """The most common dialect wins; other rows get findings."""
    rows = [messages("a"), messages("b"), talk("c"), messages("d")]
    report = check(write_rows(tmp_path / "rows.json", rows), cwd=tmp_path)
    assert dialects(report) == ["messages"] and found(report) == [(2, "CNV308"), (2, "JSN117")]
    rows = [talk("a"), messages("b"), talk("c")]
    report = check(write_rows(tmp_path / "rows.json", rows), cwd=tmp_path)
    assert dialects(report) == ["llava"] and found(report) == [(1, "JSN117"), (1, "ROW202")]
    foreign = {"conversations": messages("b")["messages"]}
    report = check(write_rows(tmp_path / "rows.json", [talk("a"), foreign, talk("c")]), cwd=tmp_path)
    assert dialects(report) == ["llava"] and found(report) == [(1, "CNV308")]


def test_only_the_first_rows_decide(tmp_path: Path) -> None:
    rows = [talk(f"a{n}") for n in range(PEEK_ROWS)] + [messages(f"b{n}") for n in range(2 * PEEK_ROWS)]
    assert dialects(check(write_rows(tmp_path / "rows.json", rows), cwd=tmp_path)) == ["llava"]
    rows = rows[PEEK_ROWS // 2 + 1 :]
    assert dialects(check(write_rows(tmp_path / "rows.json", rows), cwd=tmp_path)) == ["messages"]
    rows.insert(0, 7)  # an element that is not a row does not count
    assert dialects(check(write_rows(tmp_path / "rows.json", rows), cwd=tmp_path)) == ["messages"]


# ---- one column beside another ----


@pytest.mark.parametrize(
    ("columns", "is_text"),
    [
        ({"images": "a.jpg"}, True),
        ({"images": "a.jpg", "image": [{"path": "b.jpg"}]}, True),
        ({"images": "a.jpg", "rejected": "B", "rejected_images": [{"path": "b.jpg"}]}, True),
        ({"images": {"path": "a.jpg"}}, False),
        ({"images": ["a.jpg"]}, False),
    ],
)
def test_images_that_is_a_string(columns: dict[str, Any], is_text: bool, tmp_path: Path) -> None:
    """What other columns contain does not matter (ROW218 images-text): TRL fails at such a string."""
    path = write_rows(tmp_path / "rows.json", [messages("<image>") | columns])
    cases = [f["case"] for f in check(path, "--dialect", "messages", cwd=tmp_path)["findings"] if f["rule"] == "ROW218"]
    assert ("images-text" in cases) == is_text, cases


# ---- named ----


@pytest.mark.parametrize("name", NAMES)
def test_the_option_overrides(name: str, tmp_path: Path) -> None:
    path = write_rows(tmp_path / "rows.json", [messages("a")])
    report = check(path, "--dialect", name, cwd=tmp_path)
    assert dialects(report) == [name]
    assert found(report) == {"messages": [], "xtuner": [], "role-value": [(0, "CNV301")], "sharegpt": [(0, "CNV308")]}.get(name, [(0, "ROW202")])


def test_the_configuration_names_it_too(tmp_path: Path) -> None:
    path = write_rows(tmp_path / "rows.json", [talk("a")])
    (tmp_path / "llava-check.yaml").write_text("dialect: sharegpt\n")
    assert dialects(check(path, cwd=tmp_path)) == ["sharegpt"]
    assert dialects(check(path, "--dialect", "llava", cwd=tmp_path)) == ["llava"]


@pytest.mark.parametrize(("name", "said"), [("nope", NAMES), ("LLaVA", ["llava"]), ("message", ["messages"])])
def test_unknown_names(name: str, said: list[str], tmp_path: Path) -> None:
    path = write_rows(tmp_path / "rows.json", [talk("a")])
    done = run("check", path, "--no-index", f"--dialect={name}", cwd=tmp_path)
    assert done.code == 2 and done.out == b"" and len(done.err.splitlines()) == 1
    assert all(known in done.err for known in said)



# ---- rows in another dialect than their file ----


def chat(name: str, image: str) -> dict[str, Any]:
    """A row of messages with an image."""
    asked = [{"type": "image_url", "image_url": {"url": image, "image_wh": [1, 1]}}, {"type": "text", "text": f"<IMG_CONTEXT>\n{name}?"}]
    return {"id": name, "messages": [{"role": "user", "content": asked}, {"role": "assistant", "content": f"{name}!"}]}


def picture(name: str, image: str = "a.jpg") -> dict[str, Any]:
    """A row of LLaVA with an image."""
    said = [{"from": "human", "value": f"<image>\n{name}?"}, {"from": "gpt", "value": f"{name}."}]
    return {"id": name, "image": image, "conversations": said}


def asked(name: str, image: str) -> dict[str, Any]:
    """The same in messages, with the image in a column."""
    said = [{"role": "user", "content": f"<image>\n{name}?"}, {"role": "assistant", "content": f"{name}."}]
    return {"id": name, "images": [image], "messages": said}


def effects(report: Any) -> dict[int, str]:
    return {effect["row"]: effect["effect"] for effect in report["effects"]}


def cases(report: Any, row: int) -> set[str]:
    return {f"{f['rule']} {f.get('case', '')}".strip() for f in report["findings"] if f.get("row") == row and f["severity"] != "info"}


def check_images(folder: Path, *arguments: str, rows: list[Any]) -> Any:
    (folder / "images").mkdir(exist_ok=True)
    shutil.copy(GOOD_JPEG, folder / "images" / "a.jpg")
    path = write_rows(folder / "rows.json", rows)
    done = run("check", path, "--images", "images", "--show", "info", "-f", "json", *arguments, cwd=folder)
    assert done.code in (0, 1), done
    return json.loads(done.out)


@pytest.mark.parametrize("other", [chat, asked])
def test_a_row_is_read_in_its_own_dialect(other: Any, tmp_path: Path) -> None:
    """Its images are checked, and a program that reads each row alone trains it."""
    rows = [other("p", "a.jpg"), picture("q"), other("r", "a.jpg"), picture("s", "gone.jpg"), other("t", "a.jpg")]
    report = check_images(tmp_path, "--trainer", "qwen-vl-series", "--no-index", rows=rows)
    assert dialects(report)[0] in ("messages", "xtuner")
    assert effects(report) == {0: "crash", 2: "crash", 3: "crash", 4: "crash"}
    assert [f["rule"] for f in report["findings"] if f.get("image") == "gone.jpg"] == ["IMG501"]
    assert cases(report, 1) >= {"ROW202 llava-row"} or cases(report, 1) >= {"CNV308 llava-row"}
    assert report["statistics"]["rows_by_images"]["one"] == 5
    # a row that fails is replaced by the next one, if that one does not fail as well
    report = check_images(tmp_path, "--trainer", "qwen-vl", "--no-index", rows=rows)
    assert effects(report) == {0: "replaced", 2: "crash", 3: "crash", 4: "crash"}


def test_a_row_of_messages_among_others(tmp_path: Path) -> None:
    rows = [picture("p"), asked("q", "a.jpg"), picture("r")]
    report = check_images(tmp_path, "--trainer", "ms-swift", "--no-index", rows=rows)
    assert dialects(report) == ["llava"] and "ROW202 messages-row" in cases(report, 1)
    assert effects(report) == {0: "dropped", 2: "dropped"}


def test_images_in_a_column_among_rows_with_parts(tmp_path: Path) -> None:
    parts = [{"type": "image"}, {"type": "text", "text": "Q?"}]
    column = {"images": ["gone.jpg"], "messages": [{"role": "user", "content": parts}, {"role": "assistant", "content": "A."}]}
    report = check_images(tmp_path, "--trainer", "trl", "--no-index", rows=[chat("p", "a.jpg"), column, chat("q", "a.jpg")])
    assert dialects(report) == ["xtuner"] and "ROW209 images-of-messages" in cases(report, 1)
    assert [f["rule"] for f in report["findings"] if f.get("image") == "gone.jpg"] == ["IMG501"]
    assert effects(report)[1] == "crash"


def test_the_first_row_decides_for_trl(tmp_path: Path) -> None:
    rows = [messages("p"), messages("q"), talk("r")]
    kinds = [set(effects(check(write_rows(tmp_path / "rows.json", given), "--trainer", "trl", cwd=tmp_path)).values())
             for given in (rows, rows[::-1], [{"id": "x"}, *rows[:2]])]
    assert "refused" not in kinds[0] and kinds[1] == kinds[2] == {"refused"}


def test_a_named_dialect_is_that_of_all_rows(tmp_path: Path) -> None:
    path = write_rows(tmp_path / "rows.json", [picture("p"), chat("q", "a.jpg"), {"conversations": messages("r")["messages"]}])
    report = check(path, "--dialect", "llava", cwd=tmp_path)
    assert cases(report, 1) >= {"ROW202", "JSN117 turns"} and cases(report, 2) == {"CNV308"}
    named = report["statistics"]["words_per_row"]
    assert check(path, cwd=tmp_path)["statistics"]["words_per_row"]["sum"] > named["sum"]


def test_no_other_dialect_fits(tmp_path: Path) -> None:
    """Neither a row with the turns of no dialect, nor one that has some in its own, nor a test, is read in another one."""
    both = {"messages": [*messages("r")["messages"], *talk("r")["conversations"]]}
    odd = [{"id": "x"}, {"messages": None}, {"text": "Q"}, {"question": "Q", "answer": "A", "options": ["A"]},
           {"query": "Q", "response": "A", "prediction": "B"}]
    report = check(write_rows(tmp_path / "rows.json", [messages("p"), messages("q"), messages("s"), *odd, both]), cwd=tmp_path)
    assert dialects(report) == ["messages"]
    assert not any("dialect" in f["message"] for f in report["findings"]), report["findings"]
    assert {f["row"] for f in report["findings"] if f["rule"] == "ROW202"} == {3, 4, 5, 6, 7}


def test_a_second_run_reuses_such_rows(tmp_path: Path) -> None:
    rows = [messages("p"), picture("q", "gone.jpg"), messages("r")]
    first = check_images(tmp_path, "--trainer", "qwen-vl-series", rows=rows)
    again = check_images(tmp_path, "--trainer", "qwen-vl-series", rows=rows)
    assert first["findings"] == again["findings"] and first["effects"] == again["effects"]
    named = check_images(tmp_path, "--trainer", "qwen-vl-series", "--dialect", "messages", rows=rows)
    assert named["findings"] != again["findings"]  # they are read again in another dialect
    assert check_images(tmp_path, "--trainer", "qwen-vl-series", rows=rows)["findings"] == first["findings"]
    assert run("index", "check", tmp_path / "rows.json", cwd=tmp_path).code == 0


def test_converted_into_one_dialect(tmp_path: Path) -> None:
    rows = [messages("p"), talk("q"), messages("r")]
    path = write_rows(tmp_path / "rows.json", rows)
    done = run("convert", path, "--to", "llava", "-o", "out.json", "--no-index", cwd=tmp_path)
    assert done.code == 0, done.err
    made = json.loads((tmp_path / "out.json").read_bytes())
    assert [row["conversations"] for row in made] == [talk(text)["conversations"] for text in "pqr"]


def test_cleaned_for_a_program_that_reads_each_row_alone(tmp_path: Path) -> None:
    path = write_rows(tmp_path / "rows.json", [messages("p"), talk("q"), messages("r")])
    done = run("clean", path, "-o", "out", "--for", "qwen-vl-series", "--no-index", cwd=tmp_path)
    assert done.code == 0, done.err
    assert json.loads((tmp_path / "out" / "rows.json").read_bytes()) == [talk("q")]
