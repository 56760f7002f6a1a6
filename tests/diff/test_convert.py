"""Compares llava-check convert with a simple reference in Python, and converts there and back.

LLAVA_CHECK is the path of the built program."""

from __future__ import annotations

import copy
import json
import os
import random
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

import rows_mutate
from convert_reference import CONVERTED, Refused, Sizes, convert, in_parts
from rows_dialects import DIALECTS
from rows_program import program, runner

PAIRS = [(a, b) for a in CONVERTED for b in CONVERTED]
FORMS = [(a, b, "strings") for a, b in PAIRS] + [
    ("llava", "xtuner", "strings"), ("messages", "xtuner", "strings"), ("xtuner", "llava", "strings"), ("xtuner", "messages", "parts"),
    ("messages", "messages", "named"), ("llava", "messages", "named"), ("query", "messages", "named"),
]  # fmt: skip
ROWS = int(os.environ.get("LC_CONVERT_ROWS", "80"))  # number for each pair, in the mutated files; .ci/nightly uses more
SOUND = max(30, ROWS // 4)
SEED = os.environ.get("LC_CONVERT_SEED", "")
Row = dict[str, Any]


def run(folder: Path, *words: str | Path) -> runner.Ended:
    environment = {**os.environ, "LC_ALL": "C.UTF-8", "XDG_STATE_HOME": str(folder / "state")}
    return runner.run([program(), *words], folder, environment, timeout=120)


def convert_file(folder: Path, source: Path, dialect: str, to: str, name: str, *more: str) -> list[Row]:
    """The rows of the result; with --skip those of the list beside it are returned as numbers."""
    done = run(folder, "convert", source, "--dialect", dialect, "--to", to, "-o", name, "--force", "--no-index", "-q", *more)
    assert done.returncode == 0, done.stderr
    return read_rows(folder / name)


def read_rows(path: Path) -> list[Any]:
    text = path.read_bytes()
    return [json.loads(line) for line in text.splitlines()] if path.suffix == ".jsonl" else json.loads(text)


def skipped(path: Path) -> dict[int, str]:
    lines = path.with_name(path.name + ".skipped.jsonl").read_text().splitlines()
    return {row["row"]: row["reason"] for row in map(json.loads, lines)}


def expected(rows: list[Any], source: str, to: str, form: str = "strings", sizes: Sizes | None = None) -> dict[int, Any]:
    found = {}
    for number, row in enumerate(rows):
        try:
            found[number] = convert(row, source, to, form, sizes)
        except Refused:
            pass
    return found


DIFFERS = "its media or placeholders would be read differently"


# ---- compared with the reference


@pytest.mark.parametrize("source, to, form", FORMS, ids=["-".join(names) for names in FORMS])
def test_mutated_rows(source: str, to: str, form: str, tmp_path: Path) -> None:
    """Mutants of LLaVA's rows are converted or refused exactly as by the reference."""
    rng = random.Random(f"{source} {to}{SEED}" + form * (form != "strings"))
    (tmp_path / "images").mkdir()
    rows = rows_mutate.make_rows(rows_mutate.seeds(), ROWS, rng, DIALECTS[source])
    text = [json.dumps(to_plain(row)) for row in rows]
    path = tmp_path / "rows.jsonl"
    path.write_text("\n".join(line for line in text if line.startswith("{")) + "\n")
    read = [json.loads(line) for line in path.read_text().splitlines()]
    name = rng.choice(["out.json", "out.jsonl"])
    sizes = draw_images(tmp_path / "images", read) if to == "xtuner" else {}
    more = {"strings": [], "parts": ["--in-parts"], "named": ["--part-paths"]}[form]
    got = convert_file(tmp_path, path, source, to, name, "--skip", "--images", "images", *more)
    reasons = skipped(tmp_path / name)
    wanted = expected(read, source, to, form, sizes)
    checked_away = {row for row, reason in reasons.items() if reason == DIFFERS}
    assert set(wanted) - checked_away == set(range(len(read))) - set(reasons), (reasons, sorted(wanted))
    assert got == [wanted[row] for row in sorted(wanted) if row not in checked_away]
    different = {json.dumps(wanted[row] | {"id": 0}, sort_keys=True) for row in checked_away}  # some files have repeated rows
    assert len(read) > ROWS // 2 and len(different) <= 3 + ROWS // 50 and len(got) > (ROWS // 2 if (source, form) == (to, "strings") else 3)


def draw_images(folder: Path, rows: list[Any]) -> Sizes:
    """Create files for everything that looks like a path in the rows."""
    for path in set(re.findall(r'"((?:\w+/)*\w+\.(?:jpg|png))"', json.dumps(rows))):
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        if not (folder / path).is_dir():
            Image.new("L", (3, 2)).save(folder / path, "PNG")
    return {str(path.relative_to(folder)): (3, 2) for path in folder.rglob("*") if path.is_file()}


def to_plain(value: Any) -> Any:
    """Return what Python reads from what the mutator writes; the last of duplicate keys counts."""
    if isinstance(value, str):
        return str(value)
    if type(value).__name__ == "Members":
        return {str(key): to_plain(item) for key, item in value}
    if isinstance(value, dict):
        return {str(key): to_plain(item) for key, item in value.items()}
    return [to_plain(item) for item in value] if isinstance(value, list) else value


# ---- there and back


TEXTS = ["What is it?", "A \"dog\".\n", "日本語 \U0001f600", "\\n is no line end", "tab\there", "", "\u2028", "</s>x", "é" * 40]


def sound_row(rng: random.Random, number: int, to: str) -> Row:
    """Make a row that every dialect can hold, in the usual form of one."""
    rounds = rng.choice([1, 1, 2, 3])
    count = rng.choice([0, 1, 1, 1, 2])
    texts = [rng.choice(TEXTS[:5]) + str(number) for _ in range(2 * rounds)]
    texts[0] = "<image>\n" * count + texts[0]
    images = [f"{rng.choice('ab')}{number % 7}.png" for _ in range(count)]
    extra = {"id": f"{to}-{number}", "note": rng.choice([None, 1, 2.5]), "data_source": "s"}
    keys = {name: extra[name] for name in rng.sample(sorted(extra), 2)}
    dialect = DIALECTS[to]
    media: Row = {}
    if images:
        media = {"images": images} if dialect.modern else {"image": images if count > 1 else images[0]}
    if dialect.has_turns:
        names = {"human": "user", "gpt": "assistant"} if dialect.role_key == "role" else {"human": "human", "gpt": "gpt"}
        turns = [{dialect.role_key: names["gpt" if i % 2 else "human"], dialect.text_key: text} for i, text in enumerate(texts)]
        said: Row = {dialect.columns["turns"][0]: turns}
    else:
        said = {dialect.columns["prompt"][0]: texts[-2], dialect.columns["response"][0]: texts[-1]}
        if to == "alpaca":
            said["input"] = ""
        if rounds > 1:
            said["history"] = [list(pair) for pair in zip(texts[:-2:2], texts[1:-2:2])]
    return {**keys, **media, **said}


@pytest.fixture(scope="module", name="pictures")
def made_pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pictures")
    for name in [f"{letter}{number}.png" for letter in "ab" for number in range(7)]:
        Image.effect_noise((40, 30), 50).convert("RGB").save(folder / name)
    return folder


def summary(folder: Path, path: Path, pictures: Path) -> Row:
    done = run(folder, path, "--images", pictures, "-f", "json", "--no-index", "--exit-zero")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("source, to", [p for p in PAIRS if p[0] != p[1]])
def test_there_and_back(source: str, to: str, tmp_path: Path, pictures: Path) -> None:
    """Rows in the usual form come back unchanged; each form is trained as written by its dialect's trainer."""
    rng = random.Random(f"{source}{to}{SEED}")
    rows = [sound_row(rng, number, source) for number in range(SOUND)]
    path = tmp_path / "rows.jsonl"
    path.write_text("".join(json.dumps(row, ensure_ascii=rng.random() < 0.5) + "\n" for row in rows))
    there = convert_file(tmp_path, path, source, to, "there.jsonl", "--images", str(pictures))
    assert there == [convert(row, source, to) for row in rows]
    back = convert_file(tmp_path, tmp_path / "there.jsonl", to, source, "back.jsonl", "--images", str(pictures))
    assert back == rows
    reports = [summary(tmp_path, p, pictures) for p in (path, tmp_path / "there.jsonl")]
    if "internvl" not in (source, to):  # this dialect is never detected
        assert [r["dataset"]["files"][0]["dialect"] for r in reports] == [source, to]
        assert reports[1]["dataset"]["trainer"] == DIALECT_TRAINERS[to]
        fine = [r["summary"]["trainer"]["fine"] for r in reports]
        assert fine == [SOUND, SOUND], [r["effects"][:3] + r["findings"][:3] for r in reports]


DIALECT_TRAINERS = {"llava": "llava-next", "sharegpt": "llama-factory", "messages": "ms-swift", "role-value": "ms-swift",
                    "alpaca": "llama-factory", "query": "ms-swift", "xtuner": "xtuner"}  # fmt: skip


@pytest.mark.parametrize("source", CONVERTED)
def test_parts_and_back(source: str, tmp_path: Path, pictures: Path) -> None:
    """With --in-parts, only the texts of a row differ; it comes back unchanged, and TRL trains it."""
    rng = random.Random(f"parts{source}{SEED}")
    rows = [sound_row(rng, number, source) for number in range(SOUND)]
    path, images = tmp_path / "rows.jsonl", ["--images", str(pictures)]
    path.write_text("".join(json.dumps(row, ensure_ascii=rng.random() < 0.5) + "\n" for row in rows))
    wanted = [convert(row, source, "messages", "parts") for row in rows]
    there = convert_file(tmp_path, path, source, "messages", "there.jsonl", "--in-parts", *images)
    assert there == wanted
    assert convert_file(tmp_path, tmp_path / "there.jsonl", "messages", "messages", "twice.jsonl", "--in-parts", *images) == there
    if source != "messages":
        assert convert_file(tmp_path, tmp_path / "there.jsonl", "messages", source, "back.jsonl", *images) == rows
    done = run(tmp_path, "there.jsonl", *images, "-t", "trl", "-f", "json", "--no-index", "--exit-zero")
    report = json.loads(done.stdout)
    # rows without images have no placeholder, and TRL trains them, too
    assert report["summary"]["trainer"]["fine"] == SOUND, (report["summary"]["trainer"], report["effects"][:3])


@pytest.mark.parametrize("source", CONVERTED)
def test_paths_in_parts_and_back(source: str, tmp_path: Path, pictures: Path) -> None:
    """With --part-paths, and in XTuner's rows, parts name the files. Rows come back unchanged, and both programs train them."""
    rng = random.Random(f"paths{source}{SEED}")
    rows = [sound_row(rng, number, source) for number in range(SOUND)]
    path, images = tmp_path / "rows.jsonl", ["--images", str(pictures)]
    path.write_text("".join(json.dumps(row, ensure_ascii=rng.random() < 0.5) + "\n" for row in rows))
    sizes = {f"{letter}{number}.png": (40, 30) for letter in "ab" for number in range(7)}
    for to, form, more in (("messages", "named", ["--part-paths"]), ("xtuner", "strings", [])):
        there = convert_file(tmp_path, path, source, to, "there.jsonl", *more, *images)
        assert there == [convert(row, source, to, form, sizes) for row in rows]
        if source != to:
            assert convert_file(tmp_path, tmp_path / "there.jsonl", to, source, "back.jsonl", *images) == rows
        trainer = json.loads(run(tmp_path, "there.jsonl", *images, "--trainer", DIALECT_TRAINERS[to], "-f", "json", "--no-index",
                                 "--exit-zero").stdout)["summary"]["trainer"]  # fmt: skip
        assert trainer["fine"] == SOUND, trainer


def test_odd_parts(tmp_path: Path, pictures: Path) -> None:
    """Parts from Arrow have null members; files may be named by path or url; lossy conversions are refused."""
    def row(*parts: Row, **more: Any) -> Row:
        return {"messages": [{"role": "user", "content": list(parts)}, {"role": "assistant", "content": "It."}], **more}

    text = {"type": "text", "text": "Q"}
    rows = [
        row({"type": "image", "image": "a0.png", "text": None}, {"type": "text", "text": "Q", "image": None}),
        row({"type": "image", "path": "a0.png"}, text), row(text, {"type": "image", "url": "a0.png"}),
        row({"type": "image_url", "image_url": {"url": "a0.png", "detail": None}}, text),
        row({"type": "image", "text": None}, text, images=["a0.png"]),
        row({"type": "image_url", "image_url": {"url": "a0.png", "detail": "low"}}, text),
        row({"type": "image", "image": "a0.png", "max_pixels": 9}, text),
        row({"type": "image", "image": "a0.png", "path": "a1.png"}, text),
        row({"type": "image", "image": "a0.png"}, {"type": "image"}, text),
        row({"type": "image"}, text, images=["a0.png", "a1.png"]),
    ]  # fmt: skip
    path, images = tmp_path / "rows.json", ["--images", str(pictures), "--skip"]
    path.write_text(json.dumps(rows))
    for to, form, more in (("llava", "strings", []), ("messages", "named", ["--part-paths"]), ("messages", "parts", ["--in-parts"]),
                           ("xtuner", "strings", []), ("sharegpt", "strings", [])):  # fmt: skip
        wanted = expected(rows, "messages", to, form, {"a0.png": (40, 30), "a1.png": (40, 30)})
        got = convert_file(tmp_path, path, "messages", to, "out.json", *more, *images)
        assert got == list(wanted.values())
        assert set(range(5)) <= set(wanted) and not {5, 6, 7} & set(wanted), (to, wanted)
        assert (8 in wanted) == (form != "named" and to != "xtuner")


def test_escaped_placeholders(tmp_path: Path, pictures: Path) -> None:
    """Go and .NET write < and > as escapes; an escaped backslash before such letters is no escape."""
    rows = r'[{"image": "a0.png", "conversations": [{"from": "human", "value": "\\u003cimage> \u003cimage\u003E\nQ"}, {"from": "gpt", "value": "A"}]}]'
    path, images = tmp_path / "rows.json", ["--images", str(pictures)]
    path.write_text(rows)
    for to, form, more in (("messages", "parts", ["--in-parts"]), ("messages", "named", ["--part-paths"]), ("xtuner", "strings", [])):
        wanted = [convert(row, "llava", to, form, {"a0.png": (40, 30)}) for row in json.loads(rows)]
        assert convert_file(tmp_path, path, "llava", to, "out.json", *more, *images) == wanted
        assert r"\u003cimage> " in (tmp_path / "out.json").read_text()
        assert convert_file(tmp_path, tmp_path / "out.json", to, "llava", "back.json", *images) == json.loads(rows)


def test_parts_of_odd_texts(tmp_path: Path) -> None:
    """Escapes stay, placeholders of all kinds become parts, and a literal one in a text part is refused."""
    texts = ["<image>", "<image><video>", "a<image>\n<image>b", "", "\\<image> \\n", "<Image> < image>"]
    rows: list[Row] = [{"images": ["a.png"] * text.count("<image>"), "videos": ["a.mp4"] * text.count("<video>"),
                        "messages": [{"role": "system", "content": "Be <b>"}, {"role": "user", "content": text}, {"role": "assistant", "content": "\u00e9"}]}
                       for text in texts]
    path = tmp_path / "rows.json"
    path.write_text(json.dumps(rows))
    there = convert_file(tmp_path, path, "messages", "messages", "there.json", "--in-parts")
    assert [turn["content"] for row in there for turn in row["messages"]] == [in_parts(turn["content"]) for row in rows for turn in row["messages"]]
    literal = {"images": ["a.png"], "messages": [
        {"role": "user", "content": [{"type": "image"}, {"type": "text", "text": "Say <image>."}]}, {"role": "assistant", "content": "It."}]}
    named = {"messages": [{"role": "user", "content": [{"type": "image", "image": "a.png"}, {"type": "text", "text": "Q"}]},
                          {"role": "assistant", "content": "It."}]}
    preferred = {**rows[0], "rejected": {"role": "assistant", "content": "No."}}
    path.write_text(json.dumps([named, literal, preferred]))
    there = convert_file(tmp_path, path, "messages", "messages", "there.json", "--in-parts", "--skip")
    assert len(there) == 1 and there[0]["images"] == ["a.png"] and there[0]["messages"][0]["content"] == [{"type": "image"}, {"type": "text", "text": "Q"}]
    assert skipped(tmp_path / "there.json") == {1: DIFFERS, 2: "preference data cannot be converted to another dialect"}


def test_bytes_of_texts_stay(tmp_path: Path) -> None:
    """Escapes, numbers and other columns keep their bytes."""
    odd = r'"\u0041\/\ud83d\ude00 \ud800 é"'
    row = ('{"n": 1.50e+3, "big": 123456789012345678901234567890, "id": 7, "nan": NaN, "image": "\\u0061.png", "conversations": '
           '[{"from": "human", "value": %s}, {"value": "\\t", "from": "gp\\u0074", "w": -0.0}], "n": 2.50e+3}' % odd)  # fmt: skip
    (tmp_path / "rows.jsonl").write_text(row + "\n")
    convert_file(tmp_path, tmp_path / "rows.jsonl", "llava", "messages", "out.jsonl")
    assert (tmp_path / "out.jsonl").read_text() == (
        '{"n": 2.50e+3, "big": 123456789012345678901234567890, "id": 7, "nan": NaN, "images": ["\\u0061.png"], "messages": '
        '[{"role": "user", "content": %s}, {"role": "assistant", "content": "\\t", "w": -0.0}]}\n' % odd)  # fmt: skip


CASES = {
    "system": ({"system": "Be brief."}, "llava", "the dialect does not have system messages"),
    "tools": ({"tools": "[]"}, "llava", "the dialect does not have tools"),
    "audio": ({"audios": ["a.wav"]}, "llava", "the dialect does not have this kind of media"),
    "url": ({"images": ["https://a.b/c.png"]}, "llava", "one of the dialects has only paths, not URLs or embedded images"),
    "object": ({"images": [{"path": "a.png"}]}, "llava", "an image, a video or a sound is not a path"),
    "column": ({"image": "other"}, "llava", "a column would be read as something else"),
    "chosen": ({"chosen": {"from": "gpt", "value": "x"}}, "messages", "preference data cannot be converted to another dialect"),
    "turn": ({"conversations": ["x"]}, "llava", "a turn is not an object with a role and a text"),
    "pair": ({"conversations": [{"human": "a", "assistant": "b", "w": 1}]}, "llava",
             "a turn is a pair of question and answer with further members"),
    "text": ({"conversations": [{"from": "human", "value": 7}]}, "llava", "a text is not a string"),
    "role": ({"conversations": [{"from": "judge", "value": "7"}]}, "messages", "the dialect does not have the role"),
    "tool turn": ({"conversations": [{"from": "observation", "value": "7"}]}, "llava", "the dialect does not have tool turns"),
    "order": ({"conversations": [{"from": "gpt", "value": "7"}]}, "alpaca", "questions and answers do not alternate"),
    "member": ({"conversations": [{"from": "human", "value": "a", "w": 1}, {"from": "gpt", "value": "b"}]}, "query",
               "a turn has a member that the dialect does not have"),
    "no turns": ({"conversations": None}, "llava", "the row has no turns"),
    "late": ({"conversations": [{"from": "human", "value": "a"}, {"from": "system", "value": "b"}]}, "internvl",
             "a system message is not the first turn"),
    "twice": ({"system": "a", "conversations": [{"from": "system", "value": "b"}]}, "messages",
              "there are a system column and a system turn"),
    "places": ({"images": ["a1.png"] * 9}, "xtuner", "the questions have more or fewer placeholders than there are media"),
    "size": ({"conversations": [{"from": "human", "value": "<image><image>"}, {"from": "gpt", "value": "b"}], "images": ["a1.png", "missing.png"]},
             "xtuner", "the size of an image or a video is unknown"),
    "literal": ({"conversations": [{"from": "human", "value": "<IMG_CONTEXT>"}, {"from": "gpt", "value": "b"}], "images": []}, "xtuner",
                "a text contains a placeholder of the other dialect"),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_refusals(name: str, tmp_path: Path, pictures: Path) -> None:
    """Nothing is written, and the reason is reported; with --skip, the other rows are written."""
    change, to, reason = CASES[name]
    good = sound_row(random.Random(1), 1, "sharegpt")
    bad = {**copy.deepcopy(good), **change}
    (tmp_path / "rows.jsonl").write_text(json.dumps(good) + "\n" + json.dumps(bad) + "\n")
    words = ["convert", "rows.jsonl", "--images", str(pictures), "--dialect", "sharegpt", "--to", to, "-o", "out.json"]
    done = run(tmp_path, *words)
    assert done.returncode == 2 and done.stdout == b""
    said = [line for line in done.stderr.decode().splitlines() if not line.startswith("note:")]
    assert said[0] == f"llava-check: out.json: 1 of 2 rows cannot be converted to {to}; --skip leaves them out"
    assert said[1].split("  ")[-1].startswith(f"{reason}") and said[1].endswith("; first in rows.jsonl, line 2, row 1")
    assert not list(tmp_path.glob("out*"))
    assert run(tmp_path, *words, "--skip").returncode == 0
    assert read_rows(tmp_path / "out.json") == [convert(good, "sharegpt", to, sizes=dict.fromkeys(good["images"], (40, 30)))]
    assert skipped(tmp_path / "out.json") == {1: reason}
    (line,) = (tmp_path / "out.json.skipped.jsonl").read_text().splitlines()
    assert json.loads(json.loads(line)["bytes"]) == bad
    with pytest.raises(Refused):
        convert(bad, "sharegpt", to)


def test_every_refusal_is_seen(tmp_path: Path) -> None:
    assert Counter(to for _, to, _ in CASES.values())["llava"] > 5 and len(CASES) == 20
