"""fix: a few bytes of a row change, the rule no longer fires, and nothing else differs.

LC_FIX_ROWS is the number of mutated rows that are compared with what Python reads.
"""

from __future__ import annotations

import json
import os
import random
import re
import shutil
import signal
import subprocess
import time
from pathlib import Path
from typing import Any, Callable, NamedTuple

import pytest
from PIL import Image
from program import (
    DEMO, GOOD_JPEG, GOOD_PNG, READERS_OF_SHARDS, READS_LLAVA, REPOSITORY, TRAINERS, Done, assert_complaint, copy_fixture, environment, files_of, moments,
    program, row, run, unprivileged, write_rows,
)  # fmt: skip

SANITIZED = bool(os.environ.get("LC_SANITIZE"))
ROWS = int(os.environ.get("LC_FIX_ROWS") or (300 if SANITIZED else 3000))
FIXES = re.findall(r'^LC_FIX\((\w+),\s*"([\w-]+)",\s*(SAFE|UNSAFE),\s*(\w+),', (REPOSITORY / "src/rules/fixes.def").read_text(), re.M)
IMAGES = ["--images", "images"]


@pytest.fixture(name="place")
def made_place(tmp_path: Path) -> Path:
    """Make a folder of images beside the data: a.jpg, b.png and one in deep/er."""
    (tmp_path / "images/deep/er").mkdir(parents=True)
    shutil.copy(GOOD_JPEG, tmp_path / "images/a.jpg")
    shutil.copy(GOOD_PNG, tmp_path / "images/b.png")
    shutil.copy(GOOD_JPEG, tmp_path / "images/deep/er/c.jpg")
    return tmp_path


def report_of(out: Path) -> dict[str, Any]:
    report: dict[str, Any] = json.loads(out.with_name(out.name + ".report.json").read_text())
    rows = report["rows"]
    assert rows["in"] == rows["kept"] + rows["fixed"] + rows["dropped"] + rows["not_sampled"]
    return report


def fix(cwd: Path, *options: str, source: str = "raw", out: str = "out.json") -> dict[str, Any]:
    done = run("fix", source, "-o", out, "--no-index", "--force", *options, cwd=cwd)
    assert done.code == 0, done
    report = report_of(cwd / out)
    if report["rows"]["fixed"]:
        fixed = [json.loads(line) for line in (cwd / (out + ".fixed.jsonl")).open(encoding="utf-8")]
        assert len(fixed) == report["rows"]["fixed"]
        assert all(entry["fixes"] and entry["bytes"] for entry in fixed)
    return report


def names_in(report: dict[str, Any]) -> set[str]:
    return {entry["fix"] for entry in report["fixes"]}


def findings_of(cwd: Path, path: str, *options: str) -> list[dict[str, Any]]:
    done = run(path, *IMAGES, "-f", "json", "--no-index", *options, cwd=cwd)
    assert done.code in (0, 1), done
    found: list[dict[str, Any]] = json.loads(done.out)["findings"]
    return found


# ---- every fix

GOOD = json.dumps(row("good", "a.jpg", "Good."))


def text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def turns(*pairs: tuple[str, str]) -> list[dict[str, str]]:
    return [{"from": who, "value": what} for who, what in pairs]


def chat(*pairs: tuple[str, str], image: Any = "a.jpg") -> str:
    return text({"id": "x", **({} if image is None else {"image": image}), "conversations": turns(*pairs)})


class Case(NamedTuple):
    fix: str
    before: str
    after: str  # equal to before: not fixed
    options: tuple[str, ...] = ()


X = chat(("human", "<image>\nWhat?"), ("gpt", "This."))
NO = chat(("human", "What?"), ("gpt", "This."), image=None)
TWO = chat(("human", "<image>\nWhat?"), ("gpt", "This."), ("human", "Who?"), ("gpt", "He."))
IDENT, IDENT_15 = '"x"', '"1.5"'
UNSAFE = ("--unsafe",)

CASES = [
    Case("remove-comma", X.replace('"}]}', '",}]}'), X),
    Case("remove-comma", X.replace("}]}", "},]}"), X),
    Case("remove-comma", X.replace("}]}", "} , ] ,\n}").replace("What?", "a,}b"), X.replace("}]}", "}  ] \n}").replace("What?", "a,}b")),
    Case("remove-comma", X.replace("}]}", '},],"z": [1,,]}'), X.replace("}]}", '},],"z": [1,,]}')),
    Case("escape-control", X.replace("This.", "Th\tis\x01\x7f"), X.replace("This.", "Th\\tis\\u0001\x7f")),
    Case("remove-comma", X.replace("This.", "Th\nis").replace("}]}", "},]}"), X.replace("This.", "Th\\nis")),
    Case("remove-repeat", X.replace('{"id": "x",', '{"id": "x", "k": 1, "id": "x",'), X.replace('{"id": "x",', '{"k": 1, "id": "x",')),
    Case("remove-repeat", X.replace('{"id": "x",', '{"id": "y", "id": "x",'), X.replace('{"id": "x",', '{"id": "y", "id": "x",')),
    Case("keep-last", X.replace('{"id": "x",', '{"id": "y", "id": "x",'), X, UNSAFE),
    Case("keep-last", X.replace('"This."', '"That.", "value": "This."'), X, UNSAFE),
    Case("quote-id", X.replace('"x"', "1.50"), X.replace('"x"', '"1.50"'), ("--ignore", "JSN115")),
    Case("quote-id", X.replace('"x"', "true"), X.replace('"x"', '"true"'), ("--ignore", "JSN115")),
    Case("remove-image-key", NO.replace('"x", ', '"x", "image": null, '), NO),
    Case("remove-image-key", NO.replace('{"id"', '{"image":[]  ,\n "id"'), NO),
    Case("remove-image-key", NO.replace("}]}", '}] , "image": " "}'), NO),
    Case("remove-image-key", X.replace('"a.jpg"', "null"), X.replace('"a.jpg"', "null")),
    Case("rename-image-key", X.replace('"image"', '"images"').replace('"a.jpg"', '[ "a.jpg" ]'), X, UNSAFE),
    Case("image-as-string", X.replace('"a.jpg"', '[\n"a.jpg" ]'), X, ("--for", "llava-1.5", "--ignore", "JSN115")),
    Case("image-as-string", X.replace('"a.jpg"', '["a.jpg"]'), X.replace('"a.jpg"', '["a.jpg"]'), ("--for", "llava-next", "--ignore", "JSN115")),
    Case("correct-path", X.replace("a.jpg", "A.JPG"), X),
    Case("correct-path", X.replace("a.jpg", "b.jpg"), X.replace("a.jpg", "b.png")),
    Case("correct-path", X.replace("a.jpg", "c.jpg"), X.replace("a.jpg", "c.jpg")),  # a single one may be another c.jpg
    Case("correct-path", X.replace("a.jpg", "nowhere.jpg"), X.replace("a.jpg", "nowhere.jpg")),
    Case("relative-path", X.replace("a.jpg", "deep\\\\er\\\\c.jpg"), X.replace("a.jpg", "deep/er/c.jpg")),
    Case("relative-path", X.replace("a.jpg", "deep/../a.jpg"), X),
    Case("relative-path", X.replace("a.jpg", "https:\\/\\/host/a.jpg"), X.replace("a.jpg", "https:\\/\\/host/a.jpg")),
    Case("relative-path", *(text({"id": "x", "conversations": [{"from": "user", "value": f"1: <img>{path}</img>é <img>a.jpg</img>"},
                                                               {"from": "assistant", "value": "This."}]})
                            for path in ("deep\\er\\c.jpg", "deep/er/c.jpg")), ("--for", "llava-next", "--dialect", "inline")),
    Case("rename-keys", text({"id": "x", "image": "a.jpg", "conversations": [
        {"role": "user", "content": "<image>\nWhat?"}, {"content": "This.", "role": "assistant"}]}),
        text({"id": "x", "image": "a.jpg", "conversations": [
        {"from": "human", "value": "<image>\nWhat?"}, {"value": "This.", "from": "gpt"}]})),
    Case("rename-keys", text({"id": "x", "conversations": [
        {"role": "user", "content": "What?"}, {"role": "critic", "content": "This."}]}),
        text({"id": "x", "conversations": [{"role": "user", "content": "What?"}, {"role": "critic", "content": "This."}]})),
    Case("rename-roles", X.replace('"human"', '"user"').replace('"gpt"', '"Assistant"'), X, UNSAFE),
    Case("rename-roles", X.replace('"human"', '"user"'), X.replace('"human"', '"user"')),
    Case("rename-roles", TWO.replace('"gpt"', '"bot"', 1).replace('"gpt"', '"critic"', 1),
         TWO.replace('"gpt"', '"bot"', 1).replace('"gpt"', '"critic"', 1), UNSAFE),
    Case("join-turns", chat(("human", "<image>\nWhat?"), ("human", "Who?"), ("gpt", "This."), ("gpt", "\"He\" é"), ("gpt", "Yes")),
         chat(("human", "<image>\nWhat?\nWho?"), ("gpt", "This.\n\"He\" é\nYes")), UNSAFE),
    Case("drop-first-answer", chat(("gpt", "Hi."), ("human", "<image>\nWhat?"), ("gpt", "This.")), X, UNSAFE),
    Case("drop-last-question", chat(("human", "<image>\nWhat?"), ("gpt", "This."), ("human", "Who?")), X, UNSAFE),
    Case("drop-last-question", chat(("human", "What?"), ("gpt", "This."), ("human", "<image>\nWho?")),
         X, UNSAFE),  # followed by add-placeholder
    Case("restore-encoding", X.replace("This.", "CafÃ© â€œxâ€\u009d, \\u00c3\\u00bc"), X.replace("This.", "Café “x”, \\u00fc"), UNSAFE),
    Case("restore-encoding", X.replace("This.", "caf\ufffd"), X.replace("This.", "caf\ufffd"), UNSAFE),
    Case("spell-placeholder", X.replace("<image>", "<Image>"), X, UNSAFE),
    Case("spell-placeholder", X.replace("What?", "<Image>?"), X.replace("What?", "<Image>?"), UNSAFE),
    Case("move-from-answer", chat(("human", "What?"), ("gpt", "This <image> one.")), chat(("human", "<image>\nWhat?"), ("gpt", "This one.")), UNSAFE),
    Case("move-from-answer", chat(("human", "<image>\nWhat?"), ("gpt", "This.\n<image>")), X, UNSAFE),
    Case("remove-placeholder", X.replace("<image>\\n", "<image>\\n<image>\\n<image>\\n"), X, UNSAFE),
    Case("remove-placeholder", NO.replace("What?", "<image>\\nWhat?"), NO, UNSAFE),
    Case("remove-placeholder", NO.replace("What?", "What?\\n\\u003cimage\\u003e"), NO, UNSAFE),
    Case("add-placeholder", X.replace("<image>\\n", ""), X, UNSAFE),
    Case("add-placeholder", X.replace("<image>\\n", "").replace('"a.jpg"', '["a.jpg", "b.png"]'),
         X.replace("<image>\\n", "").replace('"a.jpg"', '["a.jpg", "b.png"]'), (*UNSAFE, "--ignore", "JSN115")),
    Case("move-to-front", chat(("human", "What?\n<image>"), ("gpt", "This."), ("human", "Who?"), ("gpt", "He.")), TWO, UNSAFE),
    Case("move-to-front", chat(("human", "What?\n<image>"), ("gpt", "This.")), chat(("human", "What?\n<image>"), ("gpt", "This.")),
         ("--unsafe", "--for", "qwen-vl")),
    Case("move-to-front", chat(("human", "What?"), ("gpt", "This."), ("human", "<image>\nWho?"), ("gpt", "He.")), TWO, UNSAFE),
    # one after the other
    Case("add-placeholder", X.replace("<image>\\n", "").replace("}]}", "},]}"), X, UNSAFE),
    Case("join-turns", chat(("USER", "What?"), ("user", "Who?"), ("gpt", "This.")).replace('"}]}', '",}]}'),
         chat(("human", "<image>\nWhat?\nWho?"), ("gpt", "This.")), UNSAFE),
]  # fmt: skip
ELSEWHERE = {  # tested below, on whole files
    "remove-mark", "write-array", "write-lines", "join-arrays", "remove-text-after", "remove-blank-lines", "strip-lines", "join-lines",
    "unify-ids", "unify-images", "drop-duplicate",
}  # fmt: skip


def test_every_fix_has_a_case() -> None:
    assert len(FIXES) >= 30
    assert {name for _, name, _, _ in FIXES} == {case.fix for case in CASES} | ELSEWHERE


@pytest.mark.parametrize("number", range(len(CASES)))
def test_a_fix_changes_a_few_bytes(number: int, place: Path) -> None:
    case = CASES[number]
    (place / "raw").mkdir()
    before = f"[\n  {GOOD},\n  {case.before}\n]\n"
    (place / "raw/rows.json").write_bytes(before.encode())
    report = fix(place, *IMAGES, *(case.options or ("--for", "llava-next")))
    assert (place / "out.json").read_bytes().decode() == f"[\n  {GOOD},\n  {case.after}\n]\n"
    assert (place / "raw/rows.json").read_bytes() == before.encode()
    if case.before == case.after:
        assert report["rows"]["fixed"] == 0
        return
    assert report["rows"] == {"in": 2, "kept": 1, "fixed": 1, "dropped": 0, "not_sampled": 0}
    assert case.fix in names_in(report), report["fixes"]
    codes = {entry["rule"] for entry in report["fixes"]}
    assert not codes & {f["rule"] for f in findings_of(place, "out.json")}


# ---- descriptions of fixes


def table_of_fixes() -> str:
    """Return the table of docs/fix.md."""
    lines = ["| Fix | Rules | | What is done |", "|---|---|---|---|"]
    source = re.sub(r'"\s*\n\s*"', "", (REPOSITORY / "src/rules/fixes.def").read_text(encoding="utf-8"))
    for part in re.split(r"^LC_FIX\(", source, flags=re.M)[1:]:
        name, safety, summary = re.match(r'\w+,\s*"([\w-]+)",\s*(\w+),\s*\w+,\s*"(.*)"\)', part).groups()  # type: ignore[union-attr]
        codes = dict.fromkeys(re.findall(r"^LC_FIXES(?:_ALL)?\((\w+)", part, flags=re.M))
        text_of = summary.replace("\\\\", "\\").replace('\\"', '"')
        lines.append(f"| `{name}` | {', '.join(codes)} | {safety.lower()} | {text_of} |")
    return "\n".join(lines) + "\n"


def test_the_table_of_the_manual() -> None:
    page = REPOSITORY / "docs/fix.md"
    before = page.read_text(encoding="utf-8")
    head, _, rest = before.partition("| Fix | Rules |")
    after = head + table_of_fixes() + rest[re.search(r"\n\n", rest).start() + 1 :]  # type: ignore[union-attr]
    if os.environ.get("LC_UPDATE_GOLDEN"):
        page.write_text(after, encoding="utf-8")
    assert after == before or os.environ.get("LC_UPDATE_GOLDEN")
    assert table_of_fixes().count("\n") == len(FIXES) + 2


def test_help_says_which_fixes_a_rule_has(tmp_path: Path) -> None:
    texts = {code: run("help", code, cwd=tmp_path).out.decode() for code in ("JSN109", "TOK402", "IMG501", "IMG507")}
    assert "remove-repeat (safe)" in texts["JSN109"] and "keep-last (only with --unsafe)" in texts["JSN109"]
    assert "for the cases texts, unasked, and findings without a case" in texts["TOK402"] and "several" in texts["TOK402"]
    assert "correct-path (safe)" in texts["IMG501"] and "llava-check fix" not in texts["IMG507"]
    rules = run("rules", cwd=tmp_path).out.decode().splitlines()
    marked = {line[:6] for line in rules if line.endswith("fix)")}
    source = (REPOSITORY / "src/rules/fixes.def").read_text(encoding="utf-8")
    assert marked == set(re.findall(r"^LC_FIXES(?:_ALL)?\((\w+)", source, flags=re.M))


# ---- whole files

FILES: dict[str, tuple[str, str, str, str]] = {
    # name: the fix, source name, source, result
    "mark": ("remove-mark", "rows.json", f"\ufeff[{GOOD}]", f"[{GOOD}]"),
    "lines in json": ("write-array", "rows.json", f"{GOOD}\n{NO}\n", f"[\n{GOOD},\n{NO}\n]\n"),
    "array in jsonl": ("write-lines", "rows.jsonl", f"[{GOOD},\n{NO}]", f"{GOOD}\n{NO}\n"),
    "blank lines": ("remove-blank-lines", "rows.jsonl", f"{GOOD}\n\n{NO}\n \n", f"{GOOD}\n{NO}\n"),
    "space": ("strip-lines", "rows.jsonl", f"{GOOD}\u00a0\n\x0c{NO}\n", f"{GOOD}\n{NO}\n"),
    "two arrays": ("join-arrays", "rows.json", f"[{GOOD},\n{NO}]\n[{X}]\n", f"[{GOOD},\n{NO},\n{X}]\n"),
    "commas": ("remove-comma", "rows.json", f"[{GOOD},\n{NO},\n]", f"[{GOOD},\n{NO}\n]\n"),
    "a row on lines": ("join-lines", "rows.jsonl", f"{GOOD}\n{json.dumps(json.loads(NO), indent=1)}\n{X}\n", f"{GOOD}\n" + NO.replace(
        '{"id": "x", ', '{"id": "x",').replace("}, {", "},{").replace('", "value"', '","value"') + f"\n{X}\n"),
}  # fmt: skip


@pytest.mark.parametrize("name", FILES)
def test_faults_between_rows(name: str, place: Path) -> None:
    _, source, before, after = FILES[name]
    (place / "raw").mkdir()
    (place / "raw" / source).write_bytes(before.encode())
    assert findings_of(place, "raw")
    fix(place, *IMAGES, out="out" + Path(source).suffix)
    assert (place / ("out" + Path(source).suffix)).read_bytes().decode() == after
    assert not findings_of(place, "out" + Path(source).suffix, "--select", "JSN")


def test_an_indented_array_named_jsonl_becomes_lines(place: Path) -> None:
    (place / "raw").mkdir()
    rows = [json.loads(GOOD), json.loads(NO)]
    (place / "raw/rows.jsonl").write_text(json.dumps(rows, indent=2))
    fix(place, *IMAGES, out="out.jsonl")
    lines = (place / "out.jsonl").read_text().splitlines()
    assert [json.loads(line) for line in lines] == rows


def test_text_after_the_array_stays_unless_unsafe(place: Path) -> None:
    (place / "raw").mkdir()
    source = f"[{NO.replace(IDENT, '1.5')}]\nmore\n"
    (place / "raw/rows.json").write_text(source)
    fix(place, *IMAGES)
    assert (place / "out.json").read_text() == source.replace("1.5", '"1.5"')
    fix(place, *IMAGES, "--unsafe")
    assert (place / "out.json").read_text() == f"[{NO.replace(IDENT, IDENT_15)}\n]\n"


def test_ids_of_two_types_become_strings(place: Path) -> None:
    rows = [row(i if i % 3 else f"{i}", None, f"{i}") for i in range(20)]
    write_rows(place / "raw/rows.jsonl", rows)
    report = fix(place, *IMAGES, "--for", "llama-factory", out="out.jsonl")
    assert report["rows"]["fixed"] == 13 and names_in(report) == {"unify-ids"}
    fixed = [json.loads(line) for line in (place / "out.jsonl").read_text().splitlines()]
    assert fixed == [{**r, "id": str(r["id"])} for r in rows]


@pytest.mark.parametrize("several", [False, True])
def test_images_of_two_types_become_one(several: bool, place: Path) -> None:
    rows = [row("a", "a.jpg"), row("b", ["b.png"], "b"), row("c", "b.png", "c")]
    if several:
        rows[1]["image"] = ["a.jpg", "b.png"]
        rows[1]["conversations"][0]["value"] = "<image>\n<image>\nWhich?"
    write_rows(place / "raw/rows.jsonl", rows)
    report = fix(place, *IMAGES, "--for", "llama-factory", out="out.jsonl")
    assert names_in(report) == {"unify-images"} and report["rows"]["fixed"] == (2 if several else 1)
    fixed = [json.loads(line)["image"] for line in (place / "out.jsonl").read_text().splitlines()]
    assert fixed == ([["a.jpg"], ["a.jpg", "b.png"], ["b.png"]] if several else ["a.jpg", "b.png", "b.png"])


def test_joined_files_have_one_type(place: Path) -> None:
    write_rows(place / "raw/a.json", [row(i, "a.jpg", f"{i}") for i in range(3)])
    write_rows(place / "raw/b.json", [row(f"b{i}", ["b.png"], f"b{i}") for i in range(5)])
    report = fix(place, *IMAGES, "--for", "llama-factory", out="apart")
    assert report["rows"]["fixed"] == 0
    done = run("clean", "raw", *IMAGES, "--for", "llama-factory", "--fix", "--merge", "-o", "out.json", "--no-index", cwd=place)
    assert done.code == 0 and report_of(place / "out.json")["rows"] == {"in": 8, "kept": 0, "fixed": 8, "dropped": 0, "not_sampled": 0}
    rows = json.loads((place / "out.json").read_text())
    assert {type(r["id"]) for r in rows} == {str} and {type(r["image"]) for r in rows} == {str}


@pytest.mark.parametrize(("old", "new"), [("deep/er/{}", "{}"), ("{}", "deep/er/{}"), ("/data/train/deep/er/{}", "deep/er/{}"),
                                          ("..\\\\train\\\\er\\\\{}", "deep/er/{}")])  # fmt: skip
def test_a_front_that_several_paths_have(old: str, new: str, place: Path) -> None:
    """Folders are removed or added only if that is right for several images."""
    target = place / "images" / new.format("")
    target.mkdir(parents=True, exist_ok=True)
    for i in range(4):
        Image.new("RGB", (8, 8 + i), (i * 9, 20, 30)).save(target / f"n{i}.png")
    before = [row(f"{i}", old.replace("\\\\", "\\").format(f"n{i}.png"), f"{i}") for i in range(4)]
    write_rows(place / "raw/rows.json", [*before, row("a", "a.jpg")])
    report = fix(place, *IMAGES)
    paths = [r["image"] for r in json.loads((place / "out.json").read_text())]
    if old.startswith(".."):  # er/n0.png exists only with one more folder: two changes at once would be a guess
        assert report["rows"]["fixed"] == 0
        return
    assert paths == [*(new.format(f"n{i}.png") for i in range(4)), "a.jpg"]
    assert report["rows"]["fixed"] == 4


def test_what_two_files_match_is_not_guessed(place: Path) -> None:
    for name in ("Cat.png", "CAT.png", "dog.png", "dog.webp"):
        Image.new("RGB", (9, len(name)), (1, len(name), 3)).save(place / "images" / name)
    (place / "images/horse.txt").write_text("not an image")
    rows = [row("1", "cat.png", "1"), row("2", "dog.jpg", "2"), row("3", "horse.jpg", "3")]
    write_rows(place / "raw/rows.json", rows)
    report = fix(place, *IMAGES)
    assert report["rows"]["fixed"] == 0 and report["not_fixed"] == 3
    assert json.loads((place / "out.json").read_text()) == rows


def test_two_fronts_that_mean_one_file_are_not_guessed(place: Path) -> None:
    for i in range(3):
        Image.new("RGB", (8, 8 + i), (i * 9, 20, 30)).save(place / f"images/n{i}.png")
    write_rows(place / "raw/rows.json", [row(f"{who}{i}", f"{who}/n{i}.png", f"{who}{i}") for who in ("coco", "gqa") for i in range(3)])
    assert fix(place, *IMAGES)["rows"]["fixed"] == 0


def test_unicode_forms(place: Path) -> None:
    Image.new("RGB", (9, 9), (1, 2, 3)).save(place / "images/café.png")
    source = "[" + json.dumps(row("1", "cafe\u0301.png")) + "]"
    (place / "raw").mkdir()
    (place / "raw/rows.json").write_text(source)
    fix(place, *IMAGES)
    assert (place / "out.json").read_text() == source.replace("cafe\\u0301", "caf\\u00e9")  # still escaped


def test_duplicates_are_left_out_only_on_demand(place: Path) -> None:
    rows = [row("a", "a.jpg"), row("b", "a.jpg"), row("c", "b.png")]
    write_rows(place / "raw/rows.json", rows)
    assert fix(place, *IMAGES)["rows"]["kept"] == 3
    report = fix(place, *IMAGES, "--unsafe")
    assert report["rows"] == {"in": 3, "kept": 2, "fixed": 0, "dropped": 1, "not_sampled": 0}
    assert names_in(report) == {"drop-duplicate"}
    assert [r["id"] for r in json.loads((place / "out.json").read_text())] == ["a", "c"]
    assert [json.loads(line)["id"] for line in (place / "out.json.dropped.jsonl").open()] == ["b"]


def test_rules_can_be_chosen(place: Path) -> None:
    rows = [{**row(1.5, None, "1")}, {**row("b", None, "2"), "image": None}]
    write_rows(place / "raw/rows.json", rows)
    assert names_in(fix(place, *IMAGES, "--select", "ROW205")) == {"quote-id"}
    assert names_in(fix(place, *IMAGES, "--ignore", "id-type,JSN")) == {"remove-image-key"}
    assert names_in(fix(place, *IMAGES, "--ignore", "JSN")) == {"quote-id", "remove-image-key"}


def test_rows_that_are_not_json_stay(place: Path) -> None:
    """They stay as they are, including the bytes around them."""
    (place / "raw").mkdir()
    source = f'[{GOOD},  {{"id": tru}} ,\n{X.replace("}]}", "},]}")}, {{"id": "cut'
    (place / "raw/rows.json").write_text(source)
    report = fix(place, *IMAGES)
    assert (place / "out.json").read_text() == source.replace("},]}", "}]}")
    assert report["rows"]["fixed"] == 1


# ---- three ways to use fix


def spoil(place: Path) -> Path:
    """Make raw/one.json and raw/two.jsonl with something to fix in each, and raw/good.json without."""
    (place / "raw").mkdir()
    (place / "raw/one.json").write_text(f"[\n  {GOOD},\n  {X.replace('a.jpg', 'A.jpg')}\n]\n")
    (place / "raw/two.jsonl").write_text(X.replace('"x"', "2.5") + "\n" + NO.replace("{", '{"image": null, ', 1) + "\n")
    write_rows(place / "raw/good.json", [row("g", "b.png", "Good, too.")])
    return place / "raw"


def test_a_diff_can_be_applied(place: Path) -> None:
    raw = spoil(place)
    before = files_of(place)
    done = run("fix", "raw", *IMAGES, "--diff", "--no-index", cwd=place)
    assert done.code == 1 and files_of(place) == before and not done.err
    assert fix(place, *IMAGES, out="fixed") and (place / "fixed/good.json").read_bytes() == (raw / "good.json").read_bytes()
    subprocess.run(["patch", "-p1", "--quiet"], input=done.out, cwd=raw, check=True)
    for name in ("one.json", "two.jsonl", "good.json"):
        assert (raw / name).read_bytes() == (place / "fixed" / name).read_bytes()
    again = run("fix", "raw", *IMAGES, "--diff", "--no-index", cwd=place)
    assert again == Done(0, b"", "note: 1 row could be fixed with --unsafe\n")


def test_a_diff_of_lines_that_end_as_on_windows_can_be_applied(place: Path) -> None:
    raw = spoil(place)
    for name in ("one.json", "two.jsonl"):
        (raw / name).write_bytes((raw / name).read_bytes().replace(b"\n", b"\r\n"))
    done = run("fix", "raw", *IMAGES, "--diff", "--no-index", cwd=place)
    assert done.code == 1 and b"\r\n" in done.out and b"x0d" not in done.out
    assert b"x0d" in run("fix", "raw", *IMAGES, "--diff", "--no-index", "--color", "always", cwd=place).out
    assert fix(place, *IMAGES, out="fixed")
    subprocess.run(["patch", "-p1", "--quiet", "--binary"], input=done.out, cwd=raw, check=True)
    for name in ("one.json", "two.jsonl"):
        assert (raw / name).read_bytes() == (place / "fixed" / name).read_bytes()


@pytest.mark.parametrize("between", [",\n", ", "])
@pytest.mark.parametrize("indent", [None, 0, 2])
@pytest.mark.parametrize("seed", range(3))
def test_diffs_of_many_rows_can_be_applied(indent: int | None, seed: int, between: str, place: Path) -> None:
    rng = random.Random(seed)
    rows = [mutate(rng, i)[0] for i in range(60 if between == ",\n" or indent is not None else 30)]
    (place / "raw").mkdir()
    joined = between.join(json.dumps(r, indent=indent, ensure_ascii=False) for r in rows)
    (place / "raw/rows.json").write_text(f"[{joined}]", encoding="utf-8")
    done = run("fix", "raw", *IMAGES, "--diff", "--unsafe", "--no-index", cwd=place)
    assert done.code == 1 and b"part of a line" not in done.out
    fix(place, *IMAGES, "--unsafe")
    subprocess.run(["patch", "-p1", "--quiet"], input=done.out, cwd=place / "raw", check=True)
    assert (place / "raw/rows.json").read_bytes() == (place / "out.json").read_bytes()


def test_a_diff_of_many_adjacent_rows_shows_only_what_changes(place: Path) -> None:
    rows = [row(f"{n}", "a.jpg", f"Answer {n}") for n in range(80)]
    for r in rows:
        r["conversations"][0]["value"] = "What is it?"
    (place / "raw").mkdir()
    (place / "raw/rows.json").write_text(json.dumps(rows, indent=4))
    done = run("fix", "raw", *IMAGES, "--diff", "--unsafe", "--no-index", cwd=place)
    lines = done.out.decode().splitlines()
    assert done.code == 1 and sum(line.startswith("-") for line in lines) == 1 + 80 == sum(line.startswith("+") for line in lines)
    subprocess.run(["patch", "-p1", "--quiet"], input=done.out, cwd=place / "raw", check=True)
    assert (place / "raw/rows.json").read_text().count("<image>") == 80


def test_a_diff_notes_rows_that_it_does_not_fix(place: Path) -> None:
    """The report cannot know whether a file in the root is meant by an absolute path, and says so."""
    (place / "raw").mkdir()
    write_rows(place / "raw/rows.json", [row("a", "/elsewhere/x.jpg", "Yes."), row("b", "/elsewhere/y.jpg", "No.")])
    assert b"# 2 findings may have a fix" in run("raw", *IMAGES, "--no-index", cwd=place).out
    done = run("fix", "raw", *IMAGES, "--diff", "--no-index", cwd=place)
    assert done == Done(0, b"", "note: 2 rows not fixed: no fix applies, or the fixed row would not pass\n")
    assert run("fix", "raw", *IMAGES, "--diff", "--no-index", "--quiet", cwd=place) == Done(0, b"", "")
    write_rows(place / "raw/rows.json", [json.loads(X.replace("<image>", ""))])
    done = run("fix", "raw", *IMAGES, "--diff", "--no-index", cwd=place)
    assert done == Done(0, b"", "note: 1 row could be fixed with --unsafe\n")


def test_a_diff_of_one_long_line_shows_parts(place: Path) -> None:
    rows = [row(f"{i}", "a.jpg", f"Answer {i}") for i in range(2000)]
    rows[700]["id"] = 7.5
    rows[1900]["image"] = "A.JPG"
    (place / "raw").mkdir()
    (place / "raw/rows.json").write_text(json.dumps(rows))
    done = run("fix", "raw", *IMAGES, "--diff", "--no-index", cwd=place)
    assert done.code == 1 and len(done.out) < 2000
    lines = done.out.decode().splitlines()
    assert [line[0] for line in lines] == ["-", "+", "@", "-", "+", "@", "-", "+"]
    assert '"id": 7.5,' in lines[3] and '"id": "7.5",' in lines[4] and "part of a line" in lines[2]


def test_a_diff_of_one_long_line_shows_adjacent_rows_apart(place: Path) -> None:
    rows = [row(f"{i}", "A.JPG", f"Answer {i}") for i in range(2000)]
    (place / "raw").mkdir()
    (place / "raw/rows.json").write_text(json.dumps(rows))
    done = run("fix", "raw", *IMAGES, "--diff", "--no-index", cwd=place)
    lines = done.out.decode().splitlines()
    assert done.code == 1 and len(lines) == 2 + 3 * len(rows)
    for i in range(len(rows)):
        hunk, old, new = lines[2 + 3 * i:5 + 3 * i]
        assert hunk == "@@ -1 +1 @@ part of a line" and old[0] + new[0] == "-+"
        assert f'"id": "{i}"' in old and "A.JPG" in old and old[1:].replace("A.JPG", "a.jpg") == new[1:]


def test_a_diff_is_colored_and_safe_to_print(place: Path) -> None:
    (place / "raw").mkdir()
    evil = X.replace("What?", "\x1b]0;owned\x07::error::").replace('"x"', "1.5").encode()
    (place / "raw/rows.json").write_bytes(b"[" + evil + b"]")
    done = run("fix", "raw", *IMAGES, "--diff", "--no-index", "--color", "never", cwd=place)
    assert done.code == 1 and b"\x1b" not in done.out and b"\x07" not in done.out and b"::error" not in done.out
    done = run("fix", "raw", *IMAGES, "--diff", "--no-index", "--color", "always", cwd=place)
    left = re.sub(rb"\x1b\[(0|1|31|32|36)m", b"", done.out)
    assert left != done.out and b"\x1b" not in left


def test_in_place_keeps_the_original(place: Path) -> None:
    raw = spoil(place)
    (raw / "one.json").chmod(0o640)
    before = {p.name: p.read_bytes() for p in raw.iterdir()}
    fix(place, *IMAGES, out="fixed")
    done = run("fix", "raw", *IMAGES, "--in-place", "--no-index", cwd=place)
    assert done.code == 0, done
    assert sorted(p.name for p in raw.iterdir()) == ["good.json", "one.json", "one.json.orig", "two.jsonl", "two.jsonl.orig"]
    for name, content in before.items():
        changed = (raw / (name + ".orig")).exists()
        assert changed == (name != "good.json")
        assert (raw / (name + ".orig" if changed else name)).read_bytes() == content
        assert (raw / name).read_bytes() == (place / "fixed" / name).read_bytes()
    assert (raw / "one.json").stat().st_mode & 0o777 == 0o640
    done = run("fix", "raw", *IMAGES, "--in-place", "--no-index", cwd=place)
    assert done.code == 2 and "one.json.orig: exists" in done.err or done.code == 0


def test_a_backup_is_never_overwritten(place: Path) -> None:
    raw = spoil(place)
    (raw / "two.jsonl.orig").write_text("precious")
    before = files_of(raw)
    assert_complaint(run("fix", "raw", *IMAGES, "--in-place", "--no-index", cwd=place), "two.jsonl.orig: exists")
    assert files_of(raw) == before
    (raw / "two.jsonl.orig").unlink()
    (raw / "two.jsonl.orig").symlink_to("nowhere")
    assert_complaint(run("fix", "raw", *IMAGES, "--in-place", "--no-index", cwd=place), "two.jsonl.orig: exists")
    assert (raw / "two.jsonl.orig").is_symlink() and not (raw / "nowhere").exists()


def test_a_link_is_not_replaced(place: Path) -> None:
    raw = spoil(place)
    (place / "other").mkdir()
    (place / "other/one.json").symlink_to(raw / "one.json")
    before = files_of(raw)
    assert_complaint(run("fix", "other/one.json", *IMAGES, "--in-place", "--no-index", cwd=place), "is a symbolic link")
    assert files_of(raw) == before and [p.name for p in (place / "other").iterdir()] == ["one.json"]


@pytest.mark.parametrize("options", [[], ["-o", "x.json", "--diff"], ["--diff", "--in-place"], ["--in-place", "-o", "x.json"]])
def test_one_way_must_be_chosen(options: list[str], place: Path) -> None:
    spoil(place)
    assert_complaint(run("fix", "raw", *IMAGES, *options, cwd=place), "usage: llava-check fix")
    assert_complaint(run("clean", "raw", *IMAGES, "-o", "x.json", "--unsafe", cwd=place), "--unsafe needs --fix")


def test_where_the_folder_cannot_be_written(place: Path, open_folder: Path) -> None:
    raw = spoil(place)
    user = unprivileged(open_folder)
    shutil.copytree(raw, open_folder / "raw")
    raw = open_folder / "raw"
    raw.chmod(0o555)
    before = files_of(raw)
    done = run("fix", "raw", "--in-place", "--no-index", cwd=open_folder, executable=user.executable, before=user.before)
    raw.chmod(0o755)
    assert done.code == 2 and "raw/good.json: cannot create a file beside it: Permission denied" in done.err, done
    assert files_of(raw) == before


def test_killed_in_place_at_any_moment(place: Path) -> None:
    """Whenever the run is killed, rows files are complete, and originals are not lost."""
    (place / "raw").mkdir()
    original = b"[" + b",\n".join(json.dumps(row(i + 0.5, None, f"{i}" * 50)).encode() for i in range(20000)) + b"]\n"
    (place / "raw/rows.json").write_bytes(original)
    fix(place, *IMAGES)
    wanted = (place / "out.json").read_bytes()
    started = time.monotonic()
    fix(place, *IMAGES)
    whole = time.monotonic() - started
    seen = set()
    for moment in moments(4 if SANITIZED else 12, whole):
        for path in (place / "raw").iterdir():
            path.unlink()
        (place / "raw/rows.json").write_bytes(original)
        with subprocess.Popen([program(), "fix", "raw", *IMAGES, "--in-place", "--no-index", "-q"], cwd=place,
                              env=environment(place), stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:  # fmt: skip
            time.sleep(moment)
            running.send_signal(signal.SIGKILL)
        now = (place / "raw/rows.json").read_bytes()
        assert now in (original, wanted)
        if now == wanted:
            assert (place / "raw/rows.json.orig").read_bytes() == original
        seen.add(now == wanted)
    assert False in seen


def test_a_diff_that_is_killed_leaves_no_file(place: Path) -> None:
    """The compared result is an unnamed file. The index folder is created and removed at once, but a kill may come between."""
    (place / "raw").mkdir()
    (place / "tmp").mkdir()
    (place / "raw/rows.json").write_text(json.dumps([row(i + 0.5, None, f"{i}" * 50) for i in range(20000)]))
    words = [program(), "fix", "raw", *IMAGES, "--diff", "--no-index"]
    settings = {**environment(place), "TMPDIR": str(place / "tmp")}
    started = time.monotonic()
    subprocess.run(words, cwd=place, env=settings, stdout=subprocess.DEVNULL, check=False)
    whole = time.monotonic() - started
    for moment in moments(3 if SANITIZED else 8, whole):
        with subprocess.Popen(words, cwd=place, env=settings, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as running:
            time.sleep(moment)
            running.kill()
        assert [p for p in (place / "tmp").iterdir() if not p.name.startswith("llava-check-")] == []


# ---- together with clean

ALL_EFFECTS = "crash,replaced,altered,unknown"


def converted(value: dict[str, Any], dialect: str) -> dict[str, Any]:
    """Convert a sound row to the form that a trainer reads."""
    if dialect == "llava":
        return value
    who = {"human": "user", "gpt": "assistant"}
    out: dict[str, Any] = {"messages": [{"role": who[t["from"]], "content": t["value"]} for t in value["conversations"]]}
    if dialect == "xtuner":
        image, ask = value.get("image"), out["messages"][0] if out["messages"] else {}
        if image is not None and ask:
            text = ask["content"].replace("<image>", "<IMG_CONTEXT>")
            ask["content"] = [{"type": "image_url", "image_url": {"url": image, "image_wh": [64, 64]}}, {"type": "text", "text": text}]
        return out
    if dialect == "parts":
        for t in out["messages"]:
            *pictures, said = t["content"].split("<image>\n")
            t["content"] = [*({"type": "image"} for _ in pictures), {"type": "text", "text": said}]
    return {**out, **({"images": [value["image"]]} if "image" in value else {})}


def plant(place: Path, trainer: str) -> tuple[Path, int]:
    """Make a set with 20 kinds of faults in its rows, images and file, in the form that the trainer reads."""
    dialect = "llava" if trainer in READS_LLAVA else {"trl": "parts", "xtuner": "xtuner"}.get(trainer, "messages")
    suffix = ".jsonl" if trainer in ("internvl", "xtuner") else ".json"
    rng = random.Random(4)
    for i in range(12):
        Image.frombytes("RGB", (64, 64), rng.randbytes(64 * 64 * 3)).save(place / f"images/p{i}.png")
    for i in range(3):
        cut = (place / f"images/p{i}.png").read_bytes()
        (place / f"images/cut{i}.png").write_bytes(cut[:900])
    (place / "images/page.png").write_text("<html>not found</html>")
    texts = [json.dumps(converted(row(f"s{i}", f"p{i % 12}.png", f"Answer {i}."), dialect)) for i in range(40)]
    texts += [json.dumps(converted(row(f"t{i}", None, f"Answer {i}."), dialect)) for i in range(10)]
    if dialect == "llava":
        texts += [json.dumps(mutate(rng, i, [kind])[0], ensure_ascii=False) for i in range(20) for kind in KINDS]
    faulty = [row("c", f"cut{i}.png", f"Cut {i}") for i in range(3)] + [
        row("d", "page.png", "Page"), row("e", "gone.png", "Gone"), row("f", "P3.PNG", "Case"), row("g", "p4.jpg", "Suffix"),
        row("h", "p5.png", ""), {**row("i", "p6.png", "More"), "conversations": []}]  # fmt: skip
    texts += [json.dumps(converted(f, dialect)) for f in faulty]
    texts += [t.replace('"}]', '",}]', 1) for t in texts[:5]] + [t.replace("Answer", "Answer\t", 1) for t in texts[5:9]]
    texts += [texts[0], '{"broken": tru}', "null", "17"]
    rng.shuffle(texts)
    (place / "raw").mkdir()
    source = "\n".join(texts) + "\n\n" if suffix == ".jsonl" else "\ufeff[" + ",\n".join(texts) + ",\n]\n"
    (place / f"raw/rows{suffix}").write_bytes(source.encode())
    return place / f"raw/rows{suffix}", len(texts)


def trained_as_written(place: Path, name: str, images: str, trainer: str) -> int:
    """Check that the trainer trains every row of a file as written. Returns their number."""
    done = run(name, "--images", images, "--trainer", trainer, "-f", "json", "--no-index", cwd=place)
    report = json.loads(done.out)
    effects, count = report["summary"]["trainer"], report["summary"]["rows"]
    assert effects["fine"] == count and report["effects"] == [], (trainer, effects)
    assert report["verdict"]["reads"] if "reads" in report["verdict"] else True
    return int(count)


@pytest.mark.parametrize("trainer", [name for name in TRAINERS if name not in READERS_OF_SHARDS])
def test_planted_faults_are_fixed_or_dropped(trainer: str, place: Path) -> None:
    source, count = plant(place, trainer)
    suffix = source.suffix
    fix(place, *IMAGES, "--for", trainer, "--unsafe", out=f"fixed{suffix}")
    done = run("clean", f"fixed{suffix}", *IMAGES, "--for", trainer, "--drop", ALL_EFFECTS, "-o", f"clean{suffix}", "--no-index", cwd=place)
    assert done.code == 0, done
    in_two = trained_as_written(place, f"clean{suffix}", "images", trainer)
    done = run("clean", source, *IMAGES, "--for", trainer, "--drop", ALL_EFFECTS, "--fix", "--unsafe", "-o", f"one{suffix}", "--no-index",
               cwd=place)  # fmt: skip
    assert done.code == 0, done
    in_one = trained_as_written(place, f"one{suffix}", "images", trainer)
    report = report_of(place / f"one{suffix}")
    assert report["rows"]["in"] == count and report["rows"]["kept"] + report["rows"]["fixed"] == in_one
    assert in_one == in_two
    assert report["rows"]["fixed"] > (60 if trainer in READS_LLAVA else 5)
    plain = run("clean", source, *IMAGES, "--for", trainer, "--drop", ALL_EFFECTS, "-o", f"plain{suffix}", "--no-index", cwd=place)
    if plain.code == 0:
        assert report_of(place / f"plain{suffix}")["rows"]["kept"] < in_one
    else:  # this gives columns with two types
        assert trainer == "llama-factory" and "rows must still be dropped" in plain.err


@pytest.mark.parametrize("trainer", READS_LLAVA)
def test_the_demo_is_fixed(trainer: str, tmp_path: Path) -> None:
    copy_fixture(DEMO, tmp_path / "demo")
    done = run("clean", "demo", "--for", trainer, "--drop", ALL_EFFECTS, "--fix", "--unsafe", "-o", "out.json", "--no-index", cwd=tmp_path)
    assert done.code == 0, done
    trained_as_written(tmp_path, "out.json", "demo/images", trainer)
    rows = report_of(tmp_path / "out.json")["rows"]
    assert rows["in"] == 43 and rows["fixed"] >= 4, rows


def test_the_images_of_fixed_rows_are_copied(place: Path) -> None:
    write_rows(place / "raw/rows.json", [row("1", "A.JPG", "1"), row("2", "b.jpg", "2"), row("3", "a.jpg", "3"), row("4", "gone.png", "4")])
    done = run("clean", "raw", *IMAGES, "--for", "llava-next", "--fix", "-o", "out.json", "--copy-images", "new", "--no-index", cwd=place)
    assert done.code == 0, done
    assert sorted(p.name for p in (place / "new").iterdir()) == ["a.jpg", "b.png"]
    assert [r["image"] for r in json.loads((place / "out.json").read_text())] == ["a.jpg", "b.png", "a.jpg"]


# ---- mutants


def mutate(rng: random.Random, number: int, chosen: list[str] | None = None) -> tuple[dict[str, Any], list[str]]:
    """Make a row with up to three faults, or with the chosen ones; return their names, too."""
    name = rng.choice(["a.jpg", "b.png", "deep/er/c.jpg"])
    r = row(f"m{number}", rng.choice([name, name, name, None]), f"Answer {number} é \"quoted\" 世界 {'x' * rng.randrange(40)}")
    r["extra"] = {"n": [1, 2.50, None], "s": "a,}b"}
    more = [{"from": "human", "value": f"And {number}?"}, {"from": "gpt", "value": "Yes."}]
    r["conversations"] += more * rng.randrange(3)
    talk = r["conversations"]
    kinds = rng.sample(KINDS, rng.randrange(4)) if chosen is None else chosen
    for kind in kinds:
        if kind == "case" and r.get("image"):
            r["image"] = r["image"].upper() if r["image"] == name else r["image"]
        elif kind == "suffix" and r.get("image") == "b.png":
            r["image"] = "b.jpeg"
        elif kind == "id":
            r["id"] = number + 0.25
        elif kind == "null" and "image" not in r:
            r["image"] = rng.choice([None, [], ""])
        elif kind == "keys":
            r["conversations"] = talk = [{"role": {"human": "user", "gpt": "assistant"}.get(t["from"], "user"), "content": t["value"]}
                                         if "from" in t else t for t in talk]  # fmt: skip
        elif kind == "roles" and "from" in talk[0]:
            talk[0]["from"] = rng.choice(["user", "USER", "Human"])
        elif kind == "join" and "from" in talk[0]:
            talk.insert(1, {"from": "human", "value": "More?"})
        elif kind == "last" and "from" in talk[0]:
            talk.append({"from": "human", "value": "Last?"})
        elif kind == "first" and "from" in talk[0]:
            talk.insert(0, {"from": "gpt", "value": "Hello."})
        elif kind == "mojibake":
            talk[-1]["value" if "value" in talk[-1] else "content"] += " crÃ¨me brÃ»lÃ©e"
        elif kind == "more" and "value" in talk[0]:
            talk[0]["value"] = "<image>\n" + talk[0]["value"]
        elif kind == "none" and "value" in talk[0]:
            talk[0]["value"] = talk[0]["value"].replace("<image>\n", "")
        elif kind == "answer" and "value" in talk[-1]:
            talk[-1]["value"] += "\n<image>"
        elif kind == "late" and len(talk) > 2 and "value" in talk[2]:
            talk[0]["value"] = talk[0]["value"].replace("<image>\n", "")
            talk[2]["value"] = "<image>\n" + talk[2]["value"]
        elif kind == "alike" and "value" in talk[0]:
            talk[0]["value"] = talk[0]["value"].replace("<image>", "<Image>")
        elif kind == "images" and isinstance(r.get("image"), str):
            r["images"] = [r.pop("image")]
    return r, kinds


KINDS = ["case", "suffix", "id", "null", "keys", "roles", "join", "last", "first", "mojibake", "more", "none", "answer", "late", "alike",
         "images"]  # fmt: skip


def spoil_text(rng: random.Random, source: str) -> str:
    """Damage the text of a row, which may no longer be JSON."""
    kind = rng.randrange(8)
    if kind == 0:
        return source.replace('"}]', '",}]', 1)
    if kind == 1:
        return source.replace("}]", "} ,\n ]", 1)
    if kind == 2:
        return source.replace("Answer ", "Answer\t\x02", 1)
    if kind == 3:
        return source.replace('{"id"', '{"id": "gone", "id"', 1)
    if kind == 4:
        return re.sub(r'\{("id": [^,]+,)', r'{\1 \1', source, count=1)
    return source


def check_mutants(place: Path, seed: int, count: int, *options: str) -> tuple[int, set[str]]:
    """Fix mutated rows and compare them with the originals. Return how many were fixed, and by which fixes."""
    rng = random.Random(seed)
    sources = []
    for i in range(count):
        value, _ = mutate(rng, i)
        sources.append(spoil_text(rng, json.dumps(value, ensure_ascii=bool(rng.randrange(2)))))
    shutil.rmtree(place / "raw", ignore_errors=True)
    (place / "raw").mkdir()
    (place / "raw/rows.json").write_bytes(("[\n" + ",\n".join(sources) + "\n]\n").encode())
    report = fix(place, *IMAGES, "--for", "llava-next", *options)
    out = (place / "out.json").read_bytes()
    fixed = {e["row"]: e for e in map(json.loads, (place / "out.json.fixed.jsonl").open(encoding="utf-8"))}
    pieces = split_rows(out)
    assert len(pieces) == count
    before = by_row(findings_of(place, "raw", "--show", "info"), [image_of(s) for s in sources])
    after = by_row(findings_of(place, "out.json", "--show", "info"), [image_of(s) for s in pieces])
    for i, source in enumerate(sources):
        if i not in fixed:
            assert pieces[i] == source.encode(), (i, source)
            assert lone(before.get(i, {})) == lone(after.get(i, {})), (i, source)
            assert "JSN101" not in before.get(i, {}), (i, source)  # all of these can be fixed
            continue
        check_row(i, source, pieces[i], fixed[i], before.get(i, {}), after.get(i, {}))
    return len(fixed), {f["fix"] for e in fixed.values() for f in e["fixes"]}


REVEALING = {name for _, name, _, kind in FIXES if kind == "TEXT"}
BRINGS = {"unify-images": {"ROW217"}, "rename-image-key": {"ROW217"}}


def lone(codes: dict[str, int]) -> dict[str, int]:
    """Remove findings that depend on other rows."""
    return {c: n for c, n in codes.items() if not c.startswith(("ROW206", "ROW207", "ROW210", "SET", "JSN115", "JSN117"))}


def check_row(number: int, source: str, now: bytes, entry: dict[str, Any], before: dict[str, int], after: dict[str, int]) -> None:
    names = {f["fix"] for f in entry["fixes"]}
    assert entry["bytes"] == source, number
    value = json.loads(now)  # it is JSON
    for f in entry["fixes"]:
        assert f["rule"] not in lone(after), (number, f, source, now)
    if not names & REVEALING:
        allowed = set().union(*(BRINGS.get(name, set()) for name in names))
        new = {c for c, n in lone(after).items() if n > before.get(c, 0)} - allowed
        assert not new, (number, new, names, source, now)
    try:
        was = read_exactly(source)
    except ValueError:
        was = read_exactly(re.sub(r",(\s*[\]}])", r"\1", source.replace("a,}b", "a,|b")).replace("a,|b", "a,}b"))
    compare_members(was, read_exactly(now.decode()), names, (number, names, source, now))


# Members of a row that a fix may change; other fixes do not change members
MAY_CHANGE = {
    **dict.fromkeys(["unify-ids", "quote-id"], {"id"}),
    **dict.fromkeys(["unify-images", "remove-image-key", "image-as-string", "correct-path", "relative-path"], {"image"}),
    "rename-image-key": {"image", "images"},
    **dict.fromkeys(["rename-keys", "rename-roles", "join-turns", "drop-first-answer", "drop-last-question", "restore-encoding",
                     "spell-placeholder", "move-from-answer", "remove-placeholder", "add-placeholder", "move-to-front"],
                    {"conversations"}),
}  # fmt: skip
ON_TEXTS = {"spell-placeholder", "move-from-answer", "remove-placeholder", "add-placeholder", "move-to-front", "restore-encoding"}


def read_exactly(text: str) -> Any:
    """Read a value as Python does, but keep numbers as written, and members in order."""
    return json.loads(text, strict=False, parse_float=lambda n: f"float {n}", parse_int=lambda n: f"int {n}",
                      object_pairs_hook=lambda pairs: list(dict(pairs).items()))  # fmt: skip


def compare_members(was: Any, now: Any, names: set[str], context: object) -> None:
    """Assert that nothing else changed: members, their order, numbers, and turns, except for what was fixed."""
    free = set().union(*(MAY_CHANGE.get(name, set()) for name in names))
    assert [(k, v) for k, v in was if k not in free] == [(k, v) for k, v in now if k not in free], context
    assert {k for k, _ in now} - {k for k, _ in was} <= ({"image"} if "rename-image-key" in names else set()), context
    if "conversations" not in free:
        return
    before, after = (texts_of(value) for value in (was, now))
    if "restore-encoding" in names:
        before = [text.replace("crÃ¨mebrÃ»lÃ©e", "crèmebrûlée") for text in before]
    if "drop-first-answer" in names:
        before = before[1:]
    if "drop-last-question" in names:
        before = before[:-1]
    if "join-turns" in names:
        before, after = ["".join(before)], ["".join(after)]
    assert before == after, context
    if names <= ON_TEXTS:
        assert [[k for k, _ in turn] for turn in dict(was)["conversations"]] == [[k for k, _ in turn] for turn in dict(now)["conversations"]]


def texts_of(value: Any) -> list[str]:
    """Return the texts of the turns, without placeholders and the white space around them."""
    turns = [dict(turn) for turn in dict(value)["conversations"]]
    return [re.sub(r"(?i)\s*<image>\s*|\s+", "", str(t.get("value", t.get("content")))) for t in turns]


def split_rows(data: bytes) -> list[bytes]:
    """Return the text of each row of an array with one row a line; rows may be broken."""
    found = []
    source = data.decode()
    decoder = json.JSONDecoder(strict=False)
    at = source.index("[") + 1
    while True:
        at = re.compile(r"[ \t\r\n,]*").match(source, at).end()  # type: ignore[union-attr]
        if source[at] == "]":
            return found
        try:
            _, end = decoder.raw_decode(source, at)
        except ValueError:
            end = re.compile(r",\n\{|\n\]\n").search(source, at).start()  # type: ignore[union-attr]
        found.append(source[at:end].encode())
        at = end


def by_row(findings: list[dict[str, Any]], images: list[str | None]) -> dict[int, dict[str, int]]:
    """Count the findings of each code by row; those of an image count for each row that names it."""
    out: dict[int, dict[str, int]] = {}
    named: dict[str, list[int]] = {}
    for number, path in enumerate(images):
        named.setdefault(path or "", []).append(number)
    for f in findings:
        for number in [f["row"]] if "row" in f else named.get(f.get("image", "-"), []):
            codes = out.setdefault(number, {})
            codes[f["rule"]] = codes.get(f["rule"], 0) + 1
    return out


def image_of(source: str | bytes) -> str | None:
    """Return the path that a row names; the row may not be JSON."""
    try:
        value = json.loads(source).get("image")
    except ValueError:
        return None
    return value[0] if isinstance(value, list) and value else value or None


@pytest.mark.parametrize("options", [(), ("--unsafe",)])
def test_mutants(options: tuple[str, ...], place: Path) -> None:
    fixed, names = check_mutants(place, 1, ROWS, *options)
    assert fixed > ROWS // 10
    assert len(names) >= (14 if options else 7), names
