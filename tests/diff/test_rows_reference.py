"""The program's findings on rows that were changed in their structure, against rows_reference.py.

LLAVA_CHECK is the path of the built program. rows_mutate.py runs far more.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

import rows_mutate
import rows_reference as reference
import rows_write
from rows_dialects import DIALECTS
from rows_program import Checker, by_row

ROWS = 5000
CODES = {"JSN101", "JSN105", "JSN107", "JSN108", "JSN109", "JSN113", "JSN114", "JSN115", "JSN117", "JSN118", "JSN120", "JSN121", "JSN122", *(f"ROW{n}" for n in range(201, 213)), "ROW215", "ROW216", "ROW217", "ROW218", "ROW219",
         *(f"CNV{n}" for n in range(301, 315)), *(f"TOK{n}" for n in range(401, 410)), "SET605"}  # fmt: skip
LEAST = 8  # of each code and seed


@pytest.mark.parametrize("seed", [2, 3])
def test_mutants(seed: int, tmp_path: Path) -> None:
    outcome = rows_mutate.run(ROWS // 2, seed, tmp_path)
    assert outcome.rows >= ROWS // 2
    assert not outcome.disagreements, outcome.describe()
    assert set(outcome.fired) == CODES
    assert min(outcome.fired.values()) >= LEAST, outcome.describe()
    assert set(outcome.dialects) == set(DIALECTS) and min(outcome.dialects.values()) >= ROWS // 50
    assert outcome.sound >= ROWS // 20, outcome.describe()


def judge(*rows: Any, videos: set[str] | None = None) -> set[tuple[int | str | None, str]]:
    texts = [json.dumps(row).encode() for row in rows]
    return set(reference.judge_file(texts, frozenset(videos or ())))


def row(*values: str, **keys: Any) -> dict[str, Any]:
    roles = ["human", "gpt"] * len(values)
    turns = [{"from": f, "value": v} for f, v in zip(roles, values, strict=False)]
    return {"id": "a", "conversations": turns, **keys}


def test_the_reference_itself() -> None:
    """A few rows judged by hand."""
    assert judge(row("What?", "That.")) == set()
    assert judge(row("<image>\nx", "That.", image="a.jpg")) == set()
    assert judge(row("What?", "That.", image="a.jpg")) == {(0, "TOK402")}
    assert judge(row("<image>\nx", "That.")) == {(0, "TOK403")}
    assert judge(row("<image><image>\nx", "<image>", image="a.jpg")) == {(0, "TOK401"), (0, "TOK404")}
    assert judge(row("What?", "\u3000"), row("x", "y", id="b")) == {(0, "CNV306")}
    assert judge(row("What?")) == {(0, "CNV305")}
    assert judge(row("x", "y", id=7), row("x", "z", id="7")) == {("7", "ROW206"), (1, "JSN115")}
    assert judge([], {}) == {(0, "ROW201"), (1, "ROW202"), (1, "ROW204")}
    assert judge() == {(None, "JSN110")}


def codes(*texts: str, **keys: Any) -> set[str]:
    """The codes of one row with those texts."""
    return {code for _, code in judge(row(*texts, **keys))} - {"ROW217"}  # of each list of images


def test_the_reference_itself_on_doubled_keys() -> None:
    def doubled(text: str) -> bool:
        found = set(reference.judge_file([text.encode()]))
        assert all(code in ("JSN109", "JSN120") or not code.startswith("JSN") for _, code in found)
        return (0, "JSN109") in found

    assert doubled('{"a": 1, "b": 2, "a": 1}')
    assert doubled('{"meta": {"a": 1, "a": 2}}')
    assert doubled('{"conversations": [{"from": "human", "fr\\u006fm": "gpt", "value": "x"}]}')
    assert doubled('[7, [{"a": 1, "a": 2}]]')
    assert doubled('{"a": {"b": 1, "b": 2}, "c": 1}')
    assert doubled('{"": 1, "": 2}')
    assert not doubled('{"a": {"a": {"a": 1}}, "b": [{"a": 1}, {"a": 1}]}')
    assert not doubled('{"a": 1, "A": 2, "a ": 3, "a\\u0000": 4, "a\\u0301": 5, "\\u00e1": 6}')


def test_the_reference_itself_on_blank_lines() -> None:
    def white(lines: str) -> set[tuple[int | str | None, str]]:
        findings: reference.Findings = Counter()
        reference.judge_white_space(lines.encode(), findings)
        return set(findings)

    for lines in ("\na\n", "a\n\nb\n", "a\r\n\r\nb\r\n", "a\n \t\nb\n", "a\n\n", "a\n ", "a\n\r", " \na"):
        assert white(lines) == {(None, "JSN113")}, lines
    for lines in ("a\n", "a", "a\r\nb\r\n", " a \n b \n", "a\r", "a\r\nb\r", "a\xa0b\n", "a\u200b\n"):
        assert white(lines) == set(), lines
    assert white("a\rb\r") == {(None, "JSN121")}
    assert white("a\r\rb") == {(None, "JSN113"), (None, "JSN121")}
    for lines in ("a\n\x0b\nb\n", "a\n\xa0\nb\n", "a\n\n \u2028"):
        assert white(lines) == {(None, "JSN113"), (None, "JSN114")}, lines
    assert white("a\n\x1fb\nc \x0c\n\x0bd\x0b\r") == {(1, "JSN114"), (2, "JSN114"), (3, "JSN114")}
    text = json.dumps(row("x", "y")).encode()
    assert set(reference.judge_file([text], lines=text + b"\n\n")) == {(None, "JSN113")}
    assert set(reference.judge_file([text], lines=text + b"\n")) == set()
    assert set(reference.judge_file([text[:-9]])) == {(0, "JSN101")}
    assert set(reference.judge_file([text[:9] + b"\xff" + text[9:]])) == {(0, "JSN105")}


def test_the_reference_itself_on_ids() -> None:
    def ids(*rows: tuple[Any, Any]) -> set[str]:
        made = [row(f"<image> {n}", "y", id=i, image=image) for n, (i, image) in enumerate(rows)]
        return {code for key, code in judge(*made) if key in ("7", "a")}

    assert ids((7, "a.jpg"), ("7", "b.jpg")) == {"ROW206", "ROW207"}
    assert ids(("a", "a.jpg"), ("a", ["a.jpg", "b.jpg"]), ("a", "a.jpg")) == {"ROW206", "ROW207"}
    assert ids(("a", ["a.jpg", "b.jpg"]), ("a", ["b.jpg", "a.jpg"])) == {"ROW206", "ROW207"}
    assert ids((7, "a.jpg"), ("7", ["a.jpg"])) == {"ROW206"}
    assert ids(("a", "a.jpg"), ("a", 7), ("a", []), ("a", " ")) == {"ROW206"}
    assert ids(("a", "a.jpg"), ("A", "b.jpg"), (True, "c.jpg"), (True, "d.jpg")) == set()
    assert judge(row("x", "y"), row("<image>\nx", "y", image="a.jpg")) == {("a", "ROW206")}


def test_the_reference_itself_on_repeated_rows() -> None:
    def repeats(first: dict[str, Any], second: dict[str, Any]) -> bool:
        found = judge({**first, "id": "0"}, {**second, "id": "1"})
        assert (0, "ROW210") not in found
        return (1, "ROW210") in found

    text, picture = row("x", "y"), row("<image>\nx", "y", image="a.jpg")
    film = row("<image>\nx", "y", video="v.mp4")
    assert repeats(text, text) and repeats(picture, picture) and repeats(film, film)
    assert repeats(picture, {**picture, "image": ["a.jpg"], "note": 7})
    assert repeats(text, {"conversations": [{"n": 1, "value": "x", "from": "human"}, text["conversations"][1]]})
    assert repeats(row("x", "y", video=["v"]), row("x", "y", video=["v"]))
    assert repeats(row(" "), row(" "))
    assert not repeats(row("x", video=""), row("x", video=""))
    assert not repeats(picture, {**picture, "image": "b.jpg"})
    assert not repeats(picture, {**picture, "video": "v.mp4"})
    assert repeats(film, {**film, "video": ["v.mp4"]})
    assert not repeats(row("x", "y", video=None), row("x", "y", video=None))
    assert not repeats(text, row("x", "y", video=[]))
    assert not repeats(row("x", "y", image=None), row("x", "y", image=None))
    assert not repeats(text, row("x", "y ")) and not repeats(text, row("x", "y", "x"))
    assert not repeats(row("x", "y", image="x"), row("x", "y"))
    assert not repeats({"conversations": []}, {"conversations": []})
    assert not repeats({"conversations": [{"from": "gpt"}]}, {"conversations": [{"from": "gpt"}]})
    assert len(judge(*[row("x", "y", id=n) for n in range(4)])) == 3  # each later one


@pytest.mark.parametrize("value", ["a.jpg", 0, 7, True, ["a.jpg"], [""], {"a": 1}, 0.0])
def test_the_reference_itself_on_unread_keys(value: Any) -> None:
    for key in ("images", "image_path", "input_image", "photos", "Image"):
        assert codes("x", "y", **{key: value}) == {"ROW209"}
        assert codes("<image>\nx", "y", **{key: value}) == {"ROW209", "TOK403"}
        two_names = {"JSN117"} if key.lower() in ("image", "images") else set()
        assert codes("<image>\nx", "y", image="b.jpg", **{key: value}) == two_names
    assert codes("x", "y", **{"image ": value, "iMage": value, "pics": value, "note": value}) == set()
    assert codes("x", "y", images=None, img=False, pic=" \u3000", photo=[], Image={}, IMAGE="") == set()


def test_the_reference_itself_on_videos() -> None:
    def found(video: Any) -> set[str]:
        rows = row("<image>\nx", "y", video=video)
        return {code for _, code in judge(rows, videos={"v.mp4", "frames"})}

    assert found("v.mp4") == found("frames") == found(["frames"]) == {"ROW211"}
    assert found(["v.mp4", "frames"]) == {"ROW211"}
    for wrong in ("w.mp4", "v.mp4 ", "v.mp4\0", "", " ", None, 7, [], {}, ["v.mp4", "w.mp4"], ["v.mp4", ""]):
        assert found(wrong) == {"ROW211", "ROW212"}, wrong
    assert judge(row("x", "y", videos="w.mp4")) == {(0, "ROW218")}


def test_video_paths(tmp_path: Path) -> None:
    """Which of the mutator's paths lead to a video."""
    there = rows_mutate.make_videos(tmp_path)
    assert there == {
        "v.mp4", "./v.mp4", "frames", "frames/", "frames/1.jpg", "frames//1.jpg", "é.mp4", "a..b.mp4", ".",
    }  # fmt: skip


HUMAN, GPT = {"from": "human", "value": "x"}, {"from": "gpt", "value": "y"}
SEEN = {"role": "user", "content": "<image>\nQ"}
OPENAI = {"role": "user", "content": "x"}


@pytest.mark.parametrize(
    ("turns", "wanted"),
    [
        ([OPENAI, GPT], {"CNV308"}),
        ([OPENAI, {"role": None, "content": 7, "note": 1}], {"CNV308", "JSN115"}),
        ([OPENAI, {"from": "gpt"}], {"CNV308", "CNV301"}),
        ([{**OPENAI, "from": "human"}, GPT], {"CNV301"}),
        ([{**OPENAI, "value": None}, GPT], {"CNV301"}),
        ([{"role": "user"}, GPT], {"CNV301"}),
        ([{"content": "x"}, GPT], {"CNV301"}),
        ([{**OPENAI, **HUMAN}, GPT], set()),
        ([OPENAI, {"from": "bot", "value": "y"}], {"CNV308", "CNV302"}),
        ([{"from": "bot"}, GPT], {"CNV301", "CNV302"}),
        ([OPENAI, {"from": "gpt", "value": " "}], {"CNV308", "CNV306"}),
    ],
)
def test_the_reference_itself_on_turns(turns: list[Any], wanted: set[str]) -> None:
    assert {code for _, code in judge({"id": "a", "conversations": turns})} == wanted


@pytest.mark.parametrize(
    ("values", "wanted"),
    [
        ([" ", "\u3000"], {"CNV306", "CNV307"}),
        (["", "\n"], {"CNV306", "CNV307"}),
        (["", ""], {"CNV306", "CNV307", "CNV311"}),
        (["", "\u200b"], {"CNV306"}),
        (["<image>", " "], {"CNV306", "CNV312", "TOK403"}),
        (["x", "x"], {"CNV311"}),
        (["x", "y", "z", "y"], {"CNV311"}),
        (["x", "y", "x", "z"], set()),
        (["x", "y", "y", "z"], set()),
        (["x", "x "], set()),
        (["x", "\u00e9", "z", "e\u0301"], set()),
    ],
)
def test_the_reference_itself_on_conversations(values: list[str], wanted: set[str]) -> None:
    assert codes(*values) == wanted


def test_the_reference_itself_on_echoes() -> None:
    def found(*roles_and_values: str) -> bool:
        turns = [dict(zip(("from", "value"), turn.split(), strict=True)) for turn in roles_and_values]
        return (0, "CNV311") in judge({"conversations": turns})

    assert found("gpt x", "human x", "gpt x") and found("gpt x", "gpt x") and found("bot x", "human y", "gpt y")
    assert not found("gpt x", "human x") and not found("bot x", "gpt x") and not found("human x", "human x")


TEXTS = {
    "CNV309": (
        ["a</s>", "<s>", "<|im_start|>", "<|im_end|>", "<|eot_id|>", "<|start_header_id|>", "<|end_header_id|>",
         "<|begin_of_text|>", "<|end_of_text|>", "<|endoftext|>", "[INST]", "a[/INST]b", "<<SYS>>", "<</SYS>>", "ASSISTANT:",
         "a\nASSISTANT:b", "USER:", "a\r\nUSER: b", "a ASSISTANT: b"],
        ["</S>", "<S>", "< s>", "[inst]", "[ INST]", "<sys>", "<|im_start|", "a ASSISTANT:", "aASSISTANT: ", "a USER: b",
         "\rASSISTANT:", "\n ASSISTANT:", "Assistant:", "\u2028USER:", "ASSISTANT", "a\tASSISTANT: b", "ASSISTANT :"],
    ),
    "CNV310": (
        ["\ufffd", "a\0", "\x01", "\x0b", "\x0c", "\x1b", "\x1f", "\x80", "\x85", "\x9f", "caf\xc3\xa9", "\xc3\xa0",
         "\xc2\xb0", "\xc2\xa0", "\xc3\xbf", "\xe2\u20ac\u2122", "\xf0\u0178", "\xef\xbf\xbd", "\xef\xbb\xbf"],
        ["\t\n\r", "\x7f", "\xa0", "\xc3", "\xc3a", "\xc3\xc0", "\xc2 ", "\xe2", "\xe2 \u20ac", "\u20ac", "\xf0", "\xdc\xbb",
         "\xef\xbf", "\xef\xbb", "\ufeff", "caf\xe9", "\u2028", "\U0001f600", "\u4e2d"],
    ),
    "TOK406": (
        ["<Image>", "<IMAGE>", "<image >", "< image>", "<  iMaGe  >", "<img>", "<image/>", "</image>", "<image_1>", "<image1>",
         "<image_007>", "<|image|>", "<ImageHere>", "<IMG_CONTEXT>", "<|image_pad|>", "<video>", "a<<IMAGE>>b",
         "< image < image>"],
        ["<image_>", "<image-1>", "<images>", "<image1 >", "< image1>", "<Image1>", "<\timage>", "<image\xa0>", "<\u0131mage>",
         "<\u0130mage>", "<IMG>", "<img/>", "<image />", "</Image>", "<|Image|>", "<image_1_2>", "<image__1>",
         "<image_\uff11>", "<Video>", "<video >", "<im age>", "image", "<image"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("code", TEXTS)
def test_the_reference_itself_on_texts(code: str) -> None:
    fires, does_not = TEXTS[code]
    before = "" if code == "CNV309" else "a"  # the start is a place of its own there; here, no blanks
    for text in fires:
        assert codes("x", before + text) == {code}, text
        assert codes(before + text, "y", "z") == {code, "CNV305"}, text
    for text in does_not:
        assert codes("x", before + text) == set(), text
    assert codes("x<video>", "y", video="v.mp4") == {"ROW211", "ROW212"}
    assert codes("x", "y", video="v.mp4") == {"ROW211", "ROW212", "TOK402"}


@pytest.mark.parametrize(
    ("texts", "images", "late"),
    [
        (["x", "y", "<image>", "z"], "a.jpg", True),
        (["x", "y", "z", "v", "<image>"], ["a.jpg"], True),
        (["<image>", "y", "x", "z"], "a.jpg", False),
        (["x", "y", "<image><image>", "z"], "a.jpg", False),
        (["<image>", "y", "<image>", "z"], "a.jpg", False),
        (["x", "y", "<image>", "z"], ["a.jpg", "b.jpg"], False),
        (["x", "y<image>", "z", "v"], "a.jpg", False),
        (["x", "y<image>", "<image>", "v"], "a.jpg", True),
        (["x", "y", "<image>", "z"], None, False),
    ],
)
def test_the_reference_itself_on_late_placeholders(texts: list[str], images: Any, late: bool) -> None:
    assert ("TOK405" in codes(*texts, image=images)) == late
    film = {"id": "a", "video": "v.mp4", **row(*texts)}
    assert (0, "TOK405") not in judge(film)
    broken = row(*texts, image=images)
    broken["conversations"].append({"from": "human"})
    assert (0, "TOK405") not in judge(broken)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("<image>\nWhat?", set()),
        ("What?\n<image>", {"TOK409"}),
        ("<image>\r\nWhat?", set()),
        (" <image>\u3000\nWhat?", set()),
        ("<image>\n<image>\nWhat?", set()),
        ("<image> <image>\x85\nWhat?", {"CNV310"}),
        ("<image>What?", {"TOK407"}),
        ("What?<image>", {"TOK407", "TOK409"}),
        ("What? <image>", {"TOK407", "TOK409"}),
        ("<image>\u2028What?", {"TOK407"}),
        ("<image>x<image>", {"TOK407"}),
        ("<image><image>x", {"TOK407"}),
        ("<image>\u200b", {"TOK407"}),
        ("a\n<image>\nb", {"TOK408"}),
        ("a\r<image>\rb", {"TOK408"}),
        ("a\n<image>\n<image>\nb", {"TOK408"}),
        ("a<image>b", {"TOK407", "TOK408"}),
        ("<image>a<image>b", {"TOK407", "TOK408"}),
        ("a\n<image>\n \n", {"TOK409"}),
        ("<im<image>age>", {"TOK407", "TOK408"}),
    ],
)
def test_the_reference_itself_on_places(text: str, wanted: set[str]) -> None:
    images = ["a.jpg"] * text.count("<image>")
    assert codes(text, "y", image=images) == wanted
    assert codes("x", text) - {"TOK403", "TOK404"} == wanted


@pytest.mark.parametrize("text", ["<image>", " <image>\n", "<image><image>", "\u3000<image>\r\n<image>\x85"])
def test_the_reference_itself_on_bare_questions(text: str) -> None:
    images = ["a.jpg"] * text.count("<image>")
    assert "CNV312" in codes(text, "y", image=images)
    assert "CNV312" not in codes("x", text, image=images)
    assert "CNV312" not in codes(text + "\u200b", "y", image=images)
    assert "CNV312" not in codes(text.replace("<image>", ""), "y", image=images)


def test_the_reference_itself_on_answers() -> None:
    def found(*rows: dict[str, Any]) -> list[int | str | None]:
        return [where for where, code in judge(*rows) if code == "SET605"]

    asked, other = row("x", "y", image="a.jpg"), row("x", "z", image=["a.jpg"], id="b")
    assert found(asked, other) == [0] and found(row("v", "y", image="a.jpg"), other, asked, asked) == [1]
    assert found(row("x", "y", "v", "w", image="a.jpg"), asked) == []
    for keys in ({"image": "b.jpg"}, {"image": None}, {"image": "a.jpg", "video": "v.mp4"}, {"video": "a.jpg"}, {}):
        assert found(asked, row("x", "z", **keys)) == []
    for values in (["X", "z"], ["x"], ["x", " y", "z", 7]):
        assert found(asked, row(*values, image="a.jpg")) == ([0] if values == ["x", " y"] else [])
    system, late = {"from": "system", "value": "s"}, {"from": "gpt", "value": "s"}
    for extra, wanted in ((system, []), (late, [0])):
        assert found(asked, {**other, "conversations": [extra, *other["conversations"]]}) == wanted


def test_the_same_path_in_two_media(tmp_path: Path) -> None:
    """A video and a sound of one name are not the same, whoever names them."""
    rows = [{"query": "<image>\nWhat?", "response": "<audio>v.mp4</audio>"}, {"query": "<image>\nWhat?", "response": "A.", "videos": ["v.mp4"]},
            {"query": "<image>\nWhat?", "response": "B.", "images": ["v.mp4"]}, {"query": "<image>\nWhat?", "response": "C.", "audios": ["v.mp4"]}]
    for count, firsts in (3, []), (4, [0]):
        data, texts = rows_write.write(rows[:count], rows_write.FORMS[0])
        found = by_row(Checker(tmp_path).check(data, dialect="query").findings)
        wanted = reference.judge_file(texts, dialect="query")
        assert [[row for row, code in codes if code == "SET605"] for codes in (found, wanted)] == [firsts, firsts]


@pytest.mark.parametrize("answers", [{"chosen": "A", "rejected": "B"}, {"output": ""}, {"output": "", "chosen": "A"}, {}])
def test_a_blank_question_of_preference_data(answers: dict[str, str], tmp_path: Path) -> None:
    """Its answer is elsewhere, so the row is not blank."""
    data, texts = rows_write.write([{"instruction": "", "input": " ", **answers}], rows_write.FORMS[0])
    found = {code for _, code in by_row(Checker(tmp_path).check(data, dialect="alpaca").findings)}
    assert found == {code for _, code in reference.judge_file(texts, dialect="alpaca")}
    assert "CNV306" in found and ("CNV307" in found) == (set(answers) != {"chosen", "rejected"})


def test_the_reference_itself_as_a_program(tmp_path: Path) -> None:
    rows = [row("x", "y", video="v"), row("x", "y", video="v"), 7, row("What?", "\x85")]
    wanted = "1 CNV306 1 CNV310 1 ROW201 1 ROW206 1 ROW210 2 ROW211 2 TOK402".split()
    for name, text in (("a.json", json.dumps(rows)), ("a.jsonl", "\n".join(map(json.dumps, rows)) + "\n\n")):
        (tmp_path / name).write_text(text, encoding="utf-8")
        command = [sys.executable, reference.__file__, str(tmp_path / name)]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        assert done.stdout.split() == wanted


def test_a_false_finding_is_seen(tmp_path: Path) -> None:
    """The comparison must notice a finding too many, too few and at another row."""
    data, texts = rows_write.write([row("What?", "\xa0"), row("x", "y", id="b")], rows_write.FORMS[0])
    found = by_row(Checker(tmp_path).check(data).findings)
    assert reference.difference(found, reference.judge_file(texts)) == (Counter(), Counter())
    over, under = reference.difference(found, reference.judge_file(texts[::-1]))
    assert set(over) == {(0, "CNV306")} and set(under) == {(1, "CNV306")}


@pytest.mark.parametrize("form", rows_write.FORMS, ids=lambda form: form.name)
def test_forms_are_what_python_reads(form: rows_write.Form) -> None:
    """The writer's file is the rows whose texts it names."""
    rows: list[Any] = [row("é\ud83d😀", "b"), {}, {"a": [], rows_write.Escaped("b/\n😀"): {"c": [1, {}]}}, row("x", "y")]
    data, texts = rows_write.write(rows, form)
    decoded = data.decode("utf-8")
    read = [json.loads(line) for line in decoded.splitlines()] if form.lines else json.loads(decoded)
    assert read == rows == [json.loads(text) for text in texts]


def read(dialect: str, row: Any) -> set[str]:
    """The codes of one row in a dialect, but for that of a missing id."""
    found = reference.judge_file([json.dumps(row).encode()], frozenset({"v.mp4"}), dialect=dialect)
    return {code for _, code in found} - {"ROW204"}


ASKED, SHOWN = {"role": "user", "content": "<image>Q"}, {"role": "assistant", "content": "A"}
PICTURE = {"type": "image", "image": "a.jpg"}
SAMPLES: list[tuple[str, Any, set[str]]] = [
    ("llava", {"image": "a.jpg", "conversations": [{"from": "human", "value": "<image>\nQ"}, GPT]}, set()),
    ("llava", {"images": ["a.jpg"], "conversations": [HUMAN, GPT]}, {"ROW209"}),
    ("sharegpt", {"conversations": [{"human": "<image>\nQ", "gpt": "A"}], "images": ["a.jpg"]}, set()),
    ("sharegpt", {"conversations": [HUMAN, GPT], "images": ["a.jpg"]}, {"TOK402"}),
    ("sharegpt", {"conversations": [HUMAN, GPT], "images": None, "videos": []}, set()),
    ("sharegpt", {"conversations": [HUMAN], "chosen": GPT, "rejected": GPT}, {"CNV313"}),
    ("sharegpt", {"conversations": [HUMAN, GPT], "rejected_response": None}, {"CNV313"}),
    ("messages", {"messages": [SEEN, {"role": "assistant", "content": "A"}], "images": "a.jpg", "image": [{"path": "b.jpg"}]}, {"ROW218", "JSN117"}),
    ("messages", {"messages": [SEEN, {"role": "assistant", "content": "A"}], "images": {"path": "a.jpg"}}, set()),
    ("messages", {"prompt": [{"role": "user", "content": "Q"}], "completion": [SHOWN]}, set()),
    ("sharegpt", {"conversations": [{"from": "system", "value": "s"}, HUMAN, {"from": "function_call", "value": ""}]}, {"CNV314"}),
    ("sharegpt", {"conversations": [HUMAN, {"from": "function_call", "value": '{"name": "f", "arguments": {}}'}], "tools": ["{}"]}, set()),
    ("messages", {"messages": [ASKED, {"role": "tool_call", "content": "{'name': 'f', 'arguments': {}}"}], "images": ["a.jpg"], "tools": "f"},
     {"CNV314", "ROW219", "TOK407"}),
    ("llava", {"conversations": [HUMAN, {"from": "function_call", "value": "[]"}], "tools": [1]}, {"CNV302", "CNV314", "ROW218", "ROW219"}),
    ("sharegpt", {"conversations": [HUMAN, GPT, {"from": "observation", "value": "r"}, GPT]}, {"CNV311"}),
    ("sharegpt", {"conversations": [ASKED]}, {"CNV308"}),
    ("messages", {"messages": [ASKED, SHOWN], "images": [{"path": "a.jpg"}]}, {"TOK407"}),
    ("messages", {"messages": [ASKED, SHOWN], "images": ["https://x/a.jpg", "data:,"]}, {"TOK401", "TOK407", "ROW215", "ROW216"}),
    ("messages", {"messages": [{"role": "user", "content": [PICTURE, {"text": "Q"}]}, SHOWN]}, {"JSN115"}),
    ("messages", {"messages": [{"role": "user", "content": [PICTURE, {"text": "Q"}]}, SHOWN], "image": "a.jpg"}, {"JSN115", "TOK401"}),
    ("messages", {"messages": [{"role": "user", "content": [PICTURE]}, SHOWN], "image": ["a.jpg", "b.jpg"]}, {"CNV312", "TOK401", "JSN115"}),
    ("messages", {"messages": [{"role": "user", "content": [7]}, SHOWN]}, {"CNV301", "JSN115"}),
    ("messages", {"messages": [SHOWN, SHOWN]}, {"CNV303", "CNV304", "CNV311"}),
    ("messages", {"prompt": [{"role": "user", "content": "Q"}]}, set()),
    ("messages", {"messages": [{"role": "user", "content": "Q"}]}, {"CNV305"}),
    ("messages", [{"role": "user", "content": "Q"}, SHOWN], {"ROW201"}),
    ("messages", {"messages": [{"role": "user", "content": "Q"}, {"role": "assistant", "tool_calls": [1]}]}, set()),
    ("inline", {"conversations": [{"from": "user", "value": "<img>a.jpg</img>Q"}, GPT]}, set()),
    ("inline", {"conversations": [{"from": "user", "value": "<img></img>Q"}, GPT]}, {"ROW208"}),
    ("inline", {"conversations": [{"from": "user", "value": "<img>a.jpg"}, GPT]}, {"TOK406"}),
    ("inline", {"conversations": [{"from": "user", "value": "<audio>w.wav</audio>Q"}, GPT]}, {"ROW212"}),
    ("role-value", {"conversations": [{"role": "user", "value": "Q"}, {"role": "assistant", "value": "A"}]}, set()),
    ("role-value", {"conversations": [{"role": "nobody", "value": "Q"}, {"role": "assistant"}]}, {"CNV301", "CNV302"}),
    ("alpaca", {"instruction": "Q", "input": "<image>", "output": "A", "images": "a.jpg"}, set()),
    ("alpaca", {"instruction": "Q", "output": "A", "history": [["P"], ["P", "B"]]}, {"CNV301"}),
    ("alpaca", {"instruction": 7, "output": "A"}, {"ROW202"}),
    ("alpaca", {"instruction": None, "input": None, "output": "A"}, {"CNV306"}),
    ("query", {"question": "Q", "solution": ["A", "B"], "query": None}, set()),
    ("query", {"query": "<video>", "response": "A", "video": "v.mp4"}, {"CNV312"}),
    ("query", {"query": "<audio>Q", "response": "A"}, {"TOK403"}),
    ("query", {"query": "Q", "response": "A", "prompt": "x"}, set()),
    ("xcomposer", {"image": ["a.jpg"], "conversations": [{"from": "user", "value": "<ImageHere>\nQ"}, GPT]}, {"CNV302"}),
    ("nextgpt", {"output_image": "a.jpg", "conversations": [HUMAN, {"from": "gpt", "value": "<image>"}]}, set()),
    ("nextgpt", {"output_image": "b.jpg", "input_image": "a.jpg",
                 "conversations": [{"from": "human", "value": "<image>\nQ"}, {"from": "gpt", "value": "<image>"}]}, set()),
    ("internvl", {"image": None, "conversations": [{"from": "system", "value": "s"}, HUMAN, GPT]}, {"ROW208"}),
]  # fmt: skip


@pytest.mark.parametrize(("dialect", "row", "wanted"), SAMPLES)
def test_the_reference_itself_on_dialects(dialect: str, row: Any, wanted: set[str]) -> None:
    """Rows judged by hand."""
    assert read(dialect, row) == wanted


def test_the_reference_itself_on_what_makes_rows_the_same() -> None:
    def same(dialect: str, first: Any, second: Any) -> bool:
        found = reference.judge_file([json.dumps(row).encode() for row in (first, second)], dialect=dialect)
        return (1, "ROW210") in found

    talk = {"messages": [ASKED, SHOWN]}
    assert same("messages", talk, {**talk, "images": [], "system": "", "note": 7})
    for other in ({"system": "s"}, {"tools": "t"}, {"rejected": "A"}, {"images": ["a"]}, {"videos": ["a"]}, {"audios": ["a"]}):
        assert same("messages", {**talk, **other}, {**talk, **other}) and not same("messages", talk, {**talk, **other})
    assert same("messages", {**talk, "image": "a"}, {**talk, "images": [{"path": "a"}]})
    assert not same("messages", {**talk, "images": ["http://x", "a"]}, {**talk, "images": ["a", "http://x"]})
    assert same("messages", {"messages": [{"role": "user", "content": [PICTURE, "a", "b"]}]},
                {"messages": [{"role": "human", "content": [{"type": "image_url", "image_url": {"url": "a.jpg"}}, "ab"]}]})
    assert same("query", {"query": "Q", "response": "A"}, {"question": "Q", "answer": ["A", "B"]})
    assert same("alpaca", {"instruction": "Q", "input": "R", "output": "A"}, {"instruction": "Q\nR", "output": "A"})
