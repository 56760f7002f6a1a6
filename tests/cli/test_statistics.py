"""The statistics and the mixture of the JSON report are what simple Python code counts in the rows."""

from __future__ import annotations

import json
import random
import re
from pathlib import Path
from typing import Any, Iterable, NamedTuple, Sequence

import pytest

from program import DEMO, REPOSITORY, run, write_rows

DERIVED = REPOSITORY.parent / "shared/corpus/derived"
UNREADABLE = object()  # a row that is not valid JSON
EXACT_ROUNDS = 1024
NAME_BYTES = 256
NAMES = 10_000
REST = "…"
THREADS = ("1", "4")

# First and last code points of the letters of each script; whole blocks, as in docs/report-format.md.
LATIN = [(0x41, 0x5A), (0x61, 0x7A), (0xAA, 0xAA), (0xBA, 0xBA), (0xC0, 0xD6), (0xD8, 0xF6)]
LATIN += [(0xF8, 0x2AF), (0x1E00, 0x1EFF)]
HAN = [(0x3400, 0x9FFF), (0xF900, 0xFAFF), (0x20000, 0x3FFFF)]
OTHER = [(0x370, 0x1DFF), (0x1F00, 0x1FFF), (0x3040, 0x33FF), (0xA000, 0xD7FF), (0xFB00, 0xFDFF)]
OTHER += [(0xFE70, 0xFEFE), (0xFF66, 0xFFDC), (0x10000, 0x1CFFF), (0x1F000, 0x1FFFF)]
SCRIPTS = {"latin": LATIN, "han": HAN, "other": OTHER}


# ---- the same numbers, counted simply


def script_of_point(point: int) -> str:
    for script, ranges in SCRIPTS.items():
        if any(first <= point <= last for first, last in ranges):
            return script
    return "none"


def script_of(texts: Iterable[str]) -> str:
    """Return the script of most letters, not counting placeholders."""
    letters = dict.fromkeys(SCRIPTS, 0)
    for text in texts:
        for character in text.replace("<image>", ""):
            script = script_of_point(ord(character))
            if script in letters:
                letters[script] += 1
    most = max(letters.values())
    return next(s for s, count in letters.items() if count == most) if most else "none"


def paths_of(value: Any) -> list[str]:
    """Return the paths that `image` names; none if anything in it is faulty."""
    paths = [value] if isinstance(value, str) else value
    if not isinstance(paths, list) or not all(isinstance(p, str) and p.strip() for p in paths):
        return []
    return paths


def folder_of(paths: Sequence[str]) -> str:
    """Return the top folder of the first path."""
    if not paths:
        return ""
    path = paths[0]
    while path.startswith("./"):
        path = path[2:]
    if "/" not in path:
        return "." if path else ""
    return path.split("/")[0] or "/"


def spread(values: Sequence[int], median: bool = False) -> dict[str, Any]:
    buckets: dict[int, int] = {}
    for value in values:
        buckets[value.bit_length()] = buckets.get(value.bit_length(), 0) + 1
    least = {bits: 1 << (bits - 1) if bits else 0 for bits in buckets}
    mean = sum(values) / len(values) if values else 0
    middle = sorted(values)[(len(values) - 1) // 2] if values else 0
    return {
        "count": len(values),
        "sum": sum(values),
        "mean": float(f"{mean:.3f}"),
        **({"median": min(middle, EXACT_ROUNDS)} if median else {}),
        "most": max(values, default=0),
        "histogram": [
            [least[bits], max(2 * least[bits] - 1, 0), buckets[bits]] for bits in sorted(buckets)
        ],
    }


class Counted(NamedTuple):
    """The counts of a row."""

    source: str
    paths: list[str]
    turns: list[Any]
    texts: list[str]


def count_row(row: Any) -> Counted:
    if not isinstance(row, dict):
        return Counted("", [], [], [])
    source, turns = row.get("data_source"), row.get("conversations")
    turns = turns if isinstance(turns, list) else []
    values = [t["value"] for t in turns if isinstance(t, dict) and "value" in t]
    texts = [value for value in values if isinstance(value, str)]
    return Counted(source if isinstance(source, str) else "", paths_of(row.get("image")), turns, texts)


def words_of(texts: Iterable[str]) -> int:
    return sum(len(text.split()) for text in texts)


def statistics_of(rows: Sequence[Any]) -> dict[str, Any]:
    """Of rows that are objects."""
    objects = [row for row in rows if isinstance(row, dict)]
    counted = [count_row(row) for row in objects]
    talks = [c for c, row in zip(counted, objects) if isinstance(row.get("conversations"), list)]
    images = [len(c.paths) for c in counted]
    scripts = [script_of(c.texts) for c in counted]
    texts = [text for c in talks for text in c.texts]
    return {
        "rows_by_images": {
            "none": images.count(0),
            "one": images.count(1),
            "several": sum(n > 1 for n in images),
        },
        "rows_with_video": sum("video" in row for row in objects),
        "rows_by_script": {name: scripts.count(name) for name in [*SCRIPTS, "none"]},
        "rounds_per_row": spread([len(c.turns) // 2 for c in talks], median=True),
        "words_per_turn": spread([len(text.split()) for text in texts]),
        "characters_per_turn": spread([len(text) for text in texts]),
        "words_per_row": spread([words_of(c.texts) for c in talks]),
        "characters_per_row": spread([sum(map(len, c.texts)) for c in talks]),
    }


def mixture_of(rows: Sequence[Any]) -> dict[str, Any]:
    """Of rows that are objects."""
    shares: dict[str, dict[bytes, list[int]]] = {"data_source": {}, "folder": {}}
    for c in (count_row(row) for row in rows if isinstance(row, dict)):
        for kind, text in (("data_source", c.source), ("folder", folder_of(c.paths))):
            name = text.encode("utf-8", "surrogatepass")[:NAME_BYTES]
            if name not in shares[kind] and len(shares[kind]) >= NAMES:
                name = REST.encode()
            numbers = shares[kind].setdefault(name, [0, 0, 0, 0])
            for i, n in enumerate((1, len(c.paths), len(c.turns) // 2, words_of(c.texts))):
                numbers[i] += n
    keys = ("rows", "images", "rounds", "words")
    return {
        kind: [
            {"name": name.decode("utf-8", "backslashreplace"), **dict(zip(keys, numbers))}
            for name, numbers in sorted(found.items(), key=lambda f: (-f[1][0], f[0]))
        ]
        for kind, found in shares.items()
    }


def summary_of(rows: Sequence[Any]) -> dict[str, int]:
    """Return the members of the summary that have the same numbers."""
    readable = [row for row in rows if row is not UNREADABLE]
    counted = [count_row(row) for row in readable]
    objects = [row for row in readable if isinstance(row, dict)]
    return {
        "rows": len(rows),
        "rows_sampled": len(rows),
        "rows_text_only": sum("image" not in row and "video" not in row for row in objects),
        "turns": sum(len(c.turns) for c in counted),
        "words": sum(words_of(c.texts) for c in counted),
        "characters": sum(len(text) for c in counted for text in c.texts),
    }


def check_numbers(rows: Sequence[Any], path: Path, scratch: Path, *more: str) -> dict[str, Any]:
    """Check that the report on a data set agrees with its rows, in the order of files."""
    readable = [row for row in rows if row is not UNREADABLE]
    expected = {"statistics": statistics_of(readable), "mixture": mixture_of(readable)}
    report: dict[str, Any] = {}
    for threads in THREADS:
        at = ["check", path, "--no-index", "--threads", threads, "-f", "json", *more]
        done = run(*at, cwd=scratch)
        assert done.code in (0, 1), done.err
        report = json.loads(done.out)
        for name, value in expected["statistics"].items():
            assert report["statistics"][name] == value, (threads, name)
        for name, value in expected["mixture"].items():
            assert report["mixture"][name] == value, (threads, name)
        assert {name: report[name] for name in expected} == expected
        summary = summary_of(rows)
        assert {name: report["summary"][name] for name in summary} == summary
    return report


# ---- existing data sets


def demo_rows() -> list[Any]:
    """Return the rows of the demo, one of which is not valid JSON."""
    text = (DEMO / "llava_demo.json").read_text(encoding="utf-8")
    rows: list[Any] = []
    for found in re.findall(r"^ {4}\{$.*?^ {4}\}", text, re.M | re.S):
        try:
            rows.append(json.loads(found))
        except json.JSONDecodeError:
            rows.append(UNREADABLE)
    assert len(rows) == 43 and rows.count(UNREADABLE) == 1
    return rows


def derived_rows() -> list[Any]:
    rows: list[Any] = []
    for path in sorted(DERIVED.iterdir()):
        text = path.read_text(encoding="utf-8") if path.is_file() else ""
        if path.suffix == ".json":
            rows += json.loads(text)
        elif path.suffix == ".jsonl":
            rows += map(json.loads, text.splitlines())
    assert len(rows) == 499
    return rows


@pytest.mark.parametrize("name", ["demo", *(["derived"] if DERIVED.is_dir() else [])])
def test_real_rows(name: str, tmp_path: Path) -> None:
    if name == "demo":
        check_numbers(demo_rows(), DEMO, tmp_path)
    else:
        check_numbers(derived_rows(), DERIVED, tmp_path)


# ---- odd rows


def talk(*values: Any) -> list[dict[str, Any]]:
    return [{"from": ("human", "gpt")[i % 2], "value": v} for i, v in enumerate(values)]


TEXTS = [
    "", " ", "\t\n", "word", "two words", "What is it?", "12 345 6.7", "?!… — “”", "_", "ß",
    "这是什么？", "一只猫坐在沙发上。", "Это кошка на диване.", "これはペンです", "고양이", "Η γάτα", "قطة صغيرة",
    "😀😀", "👩‍👩‍👧 family", "ＦＵＬＬ　ｗｉｄｔｈ １２３", "ｱｲｳ", "été à Zürich", "Ａ我", "ǅ ə", "ḀỀ", "ἄλφα",
    "a\u00a0b\u2003c\u3000d\u2028e\x85f\x1cg\x1fh\u200bi", "\u3000\u2000\xa0", "\ufeff", "\u0000 \x7f",
    "\U00020000\U0003fffd", "𝐀𝐁", "\U00010400", "ªº", "×÷", "\u02b0\u0300", "豈更", "ﬁﬀ", "！？",
    # ties
    "ab我你", "我你жд", "abжд", "ab我你жд", "a我你жд", "我жд",
    # placeholders
    "<image>", "<image>\n你", "<image><image>", "<image> ab 你好", "<image> ab 你好吗", "image 你你你你你你",
    "image 你你你你你", "<IMAGE> жжжжж", "<IMAGE> жжжжжж", "<image жжжжж", "<<image>> ж", "<image>ж<image>ab",
    "e" * 31 + "我" * 31, "e" * 32 + "我" * 33, "<image>" * 40 + "e" * 70 + "ж" * 71, "é" * 40 + "我" * 39,
    "word " * 300, "你好" * 500, "длинный текст " * 77, "x" * 65536,
]  # fmt: skip

TURNS: list[Any] = [
    5, None, "text", [], {}, True, [{"from": "human", "value": "nested words"}],
    {"from": "human"}, {"value": "no from at all"}, {"value": 5}, {"from": 3, "value": "a number from"},
    {"from": "human", "value": None}, {"from": "gpt", "value": ["in", "a list"]},
    {"from": "gpt", "value": {"value": "deeper"}}, {"role": "user", "content": "other keys"},
    {"from": "system", "value": "你是助手"}, {"from": "gpt", "value": "more", "weight": 0.5},
    {"value": "<image>\n我", "from": "human"}, {"from": "gpt", "value": float("nan")},
]  # fmt: skip

SOURCES: list[Any] = [
    None, 5, "", "coco", "coco ", "Coco", ["coco"], {"a": 1}, True, "图像", "a\nb", "\x00", REST, "\\x41",
    "n" * 255, "n" * 256, "n" * 257, "n" * 300, "ß" * 150, "a" + "ß" * 150, "ab" + "我" * 100, "ab" + "我" * 101,
]  # fmt: skip

IMAGES: list[Any] = [
    None, 5, True, {}, {"path": "a.jpg"}, "", " ", "\u3000", [], [[]], ["a.jpg", ""], ["d/a.jpg", None], [" "],
    "a.jpg", "d/a.jpg", "d/e/a.jpg", "./a.jpg", "./d/a.jpg", "././d/a.jpg", "./", ".", "..", "./.", "/", "/a.jpg",
    "/abs/a.jpg", ".//abs/a.jpg", "d//a.jpg", "../up/a.jpg", "d\\a.jpg", "https://h/a.jpg", ".d/a.jpg", " d/a.jpg",
    "图/a.jpg", "d", "d/", "ab" + "我" * 101 + "/a.jpg", "n" * 257 + "/a.jpg", "n" * 300, "\n/a.jpg", REST + "/a.jpg",
    ["a.jpg"], ["d/a.jpg"], ["d/a.jpg", "e/b.jpg"], ["e/b.jpg", "d/a.jpg", "a.jpg"], ["d/a.jpg", "d/a.jpg"],
]  # fmt: skip

VIDEOS: list[Any] = [None, "v.mp4", [], ["v.mp4"], ["v.mp4", "w.mp4"], 7, "", {}]

# Rows whose spelling matters
WRITTEN = [
    '{"id": 1, "conversations": [{"from": "human", "value": "gone"}], "conversations": null}',
    '{"id": 2, "conversations": 7, "conversations": [{"from": "human", "value": "the last counts"}]}',
    '{"id": 3, "conversations": [{"from": "human", "value": "gone away", "value": "kept"}, {"value": "a", "value": 1}]}',
    '{"id": 4, "image": "d/a.jpg", "image": ["e/a.jpg", "f/b.jpg"], "data_source": "s", "data_source": "t"}',
    '{"id": 5, "image": "d/a.jpg", "image": null, "data_source": "s", "data_source": 1, "conversations": []}',
    '{"id": 6, "\\u0063onversations": [{"\\u0066rom": "human", "v\\u0061lue": "\\u4f60\\u597d \\ud83d\\ude00"}]}',
    '{"id": 7, "conversations": [{"from": "human", "value": "half \\ud83d"}, {"from": "gpt", "value": "\\ude00"}]}',
    '{"id": 8, "data_source": "\\ud83d", "image": "\\udc00/a.jpg", "conversations": [], "x": [NaN, -Infinity]}',
    '{"id": 9, "conversations": [{"from": "human", "value": "a\\u0000b \\u001c c"}], "x": 1e999, "y": -0.0}',
    "{}",
    "[]", "null", "true", "5", '"a row"', '[{"from": "human", "value": "hi there"}]', "12345678901234567890123",
]  # fmt: skip

BROKEN = [
    b'{"id": "b1", "conversations": [{"from": "human", "value": "not counted"}],}',
    b'{"id": "b2", "image": "broken/a.jpg", "data_source": "broken", "x": "\\q"}',
    b'{"id": "b3", "data_source": "broken", "x": tru}',
    b'{"id": "b4", "conversations": [{"from": "human", "value": "caf\xe9"}]}',
    b'{"id": "b5", "x": ' + b"[" * 3000 + b"]" * 3000 + b"}",
]


def odd_rows() -> list[dict[str, Any]]:
    """Make rows with one oddity each, and with those that need a long conversation."""
    rows: list[dict[str, Any]] = [{"conversations": talk(text)} for text in TEXTS]
    rows += [{"conversations": talk("<image>\n说", text)} for text in TEXTS]
    rows += [{"conversations": [turn, *talk("an answer")]} for turn in TURNS]
    rows += [{"conversations": TURNS}]
    rows += [{"conversations": x} for x in (None, "text", 5, {}, {"value": "x"}, [], False)]
    rows += [{"data_source": source, "conversations": talk("a", "b c")} for source in SOURCES]
    rows += [{"image": image, "conversations": talk("<image>", "b")} for image in IMAGES]
    rows += [{"video": video, "conversations": talk("a", "b")} for video in VIDEOS]
    rows += [{"video": video, "image": "d/a.jpg"} for video in VIDEOS]
    for rounds in (1, 2, 3, 1022, 1023, 1024, 1025, 2500):
        rows.append({"conversations": talk(*["a"] * (2 * rounds))})
        rows.append({"conversations": talk(*["b c"] * (2 * rounds + 1)), "image": "many/a.jpg"})
    return rows


def random_rows(count: int) -> list[dict[str, Any]]:
    """Make rows with random combinations of oddities, enough for many jobs."""
    chance = random.Random(20)
    rows = []
    short = [text for text in TEXTS if len(text) < 200]
    for n in range(count):
        turns: list[Any] = talk(*(chance.choice(short) for _ in range(chance.randrange(9))))
        if chance.random() < 0.2:
            turns.insert(chance.randrange(len(turns) + 1), chance.choice(TURNS))
        row: dict[str, Any] = {"id": n, "conversations": turns}
        if chance.random() < 0.6:
            row["image"] = chance.choice(IMAGES)
        if chance.random() < 0.1:
            row["video"] = chance.choice(VIDEOS)
        if chance.random() < 0.7:
            row["data_source"] = chance.choice(SOURCES)
        keys = list(row)
        chance.shuffle(keys)
        rows.append({key: row[key] for key in keys})
    return rows


class Piece(NamedTuple):
    """A row as it is written, and what Python reads."""

    text: bytes
    row: Any


def pieces_of(rows: Iterable[Any]) -> list[Piece]:
    chance = random.Random(7)
    return [Piece(json.dumps(r, ensure_ascii=chance.random() < 0.3).encode(), r) for r in rows]


def make_odd(folder: Path) -> list[Any]:
    """Write the data set, as an array and as JSON lines; return its rows."""
    written = [Piece(text.encode(), json.loads(text)) for text in WRITTEN]
    broken = [Piece(text, UNREADABLE) for text in BROKEN]
    common = pieces_of([{"conversations": talk("<image>", "first"), "image": "d/a.jpg"}])
    array = [*common, *pieces_of(odd_rows()), *written, *common]
    for piece in broken:  # each between two sound ones
        array += [piece, *common]
    lines = [*common, *pieces_of(random_rows(4000)), *written, *common, *broken[:4], *common]
    folder.mkdir()
    (folder / "a.json").write_bytes(b"[" + b",\n".join(p.text for p in array) + b"]\n")
    (folder / "b.jsonl").write_bytes(b"".join(p.text + b"\n" for p in lines))
    return [piece.row for piece in [*array, *lines]]


def test_odd_rows(tmp_path: Path) -> None:
    rows = make_odd(tmp_path / "set")
    report = check_numbers(rows, tmp_path / "set", tmp_path, "--dialect", "llava")
    # every oddity occurs
    statistics = report["statistics"]
    assert all(statistics["rows_by_images"].values()) and all(statistics["rows_by_script"].values())
    assert statistics["rows_with_video"] > 100
    assert statistics["rounds_per_row"]["most"] == 2500
    assert statistics["characters_per_turn"]["most"] == 65536
    readable = [row for row in rows if row is not UNREADABLE]
    objects = sum(isinstance(row, dict) for row in readable)
    assert sum(statistics["rows_by_script"].values()) == objects < len(readable) < len(rows)
    for shares in report["mixture"].values():
        assert sum(share["rows"] for share in shares) == objects
        names = [share["name"] for share in shares]
        assert len(set(names)) == len(names) > 15 and "broken" not in names
        assert {"", REST} < set(names) and any(name.endswith("\\xe6\\x88") for name in names)
    assert {".", "/", "..", "https:"} < {share["name"] for share in report["mixture"]["folder"]}
    for file in report["dataset"]["files"]:
        assert file["rows"] == file["sampled"] > 200
    found = report["summary"]["by_rule"]
    assert [found[code] for code in ("JSN101", "JSN105", "JSN112")] == [6, 2, 1]
    assert rows.count(UNREADABLE) == 9


@pytest.mark.parametrize("kind", ["one-by-one", "in-an-array", "over-blocks"])
@pytest.mark.parametrize("script", [*SCRIPTS, "none"])
def test_ends_of_the_ranges(script: str, kind: str, tmp_path: Path) -> None:
    """The first and the last letters of each range, and their neighbours, are of one script."""
    ends = {end + d for ranges in SCRIPTS.values() for r in ranges for end in r for d in (-1, 0, 1)}
    points = sorted(p for p in ends | {0x4000, 0xD800, 0xDFFF, 0x10FFFF} if script_of_point(p) == script)
    assert len(points) >= 6
    length = 150 if kind == "over-blocks" else 1
    rows = [{"conversations": talk(chr(p) * length)} for p in points]
    path = tmp_path / ("rows.json" if kind == "in-an-array" else "rows.jsonl")
    plain = [0xD800 <= p <= 0xDFFF for p in points]  # these must be written as escapes
    lines = [json.dumps(r, ensure_ascii=p) for r, p in zip(rows, plain)]
    text = "[" + ",".join(lines) + "]" if kind == "in-an-array" else "\n".join(lines)
    path.write_text(text, encoding="utf-8")
    report = check_numbers(rows, path, tmp_path)
    assert report["statistics"]["rows_by_script"][script] == len(points)


def test_the_ranges_are_described() -> None:
    described = (REPOSITORY / "docs/report-format.md").read_text(encoding="utf-8")
    found = re.findall(r"^\| `(\w+)` \| ((?:[0-9A-F]+(?:–[0-9A-F]+)?(?:, )?)+) \|$", described, re.M)
    ranges = {
        name: [(int(r.split("–")[0], 16), int(r.split("–")[-1], 16)) for r in text.split(", ")]
        for name, text in found
    }
    assert ranges == SCRIPTS


# ---- the median, and many names


@pytest.mark.parametrize(
    ("rounds", "median"),
    [
        ([1, 3], 1),
        ([3, 1, 2], 2),
        ([5, 1, 1, 4], 1),
        ([1, 1023, 1023], 1023),
        ([1023, 1024], 1023),
        ([1, 1025, 1026], 1024),
        ([1024, 1024, 1024], 1024),
        ([0, 0, 7], 0),
    ],
)
def test_median(rounds: list[int], median: int, tmp_path: Path) -> None:
    rows = [{"id": n, "conversations": talk(*["a"] * (2 * r))} for n, r in enumerate(rounds)]
    report = check_numbers(rows, write_rows(tmp_path / "rows.json", rows), tmp_path)
    assert report["statistics"]["rounds_per_row"]["median"] == median


def test_no_conversation(tmp_path: Path) -> None:
    rows = [{"id": "a"}, {"id": "b", "conversations": "text"}, {"id": "c", "image": "a.jpg"}]
    report = check_numbers(rows, write_rows(tmp_path / "rows.json", rows), tmp_path)
    nothing = {"count": 0, "sum": 0, "mean": 0, "most": 0, "histogram": []}
    assert report["statistics"]["words_per_row"] == nothing
    assert report["statistics"]["rows_by_script"]["none"] == 3


def test_many_names(tmp_path: Path) -> None:
    """The first 10,000 names of each kind have a share; all others share one."""
    rows: list[dict[str, Any]] = []
    for n in range(NAMES + 20):
        folder = f"d{n if n < NAMES - 5 else n // 3}"
        rows.append({"data_source": f"s{n}", "image": f"{folder}/a.jpg", "conversations": talk("a b")})
    rows += [{"data_source": f"s{n}"} for n in (0, NAMES - 1, NAMES, NAMES + 1, 7, 7)]
    rows += [{"data_source": f"late{n}", "image": f"late{n}/a.jpg"} for n in range(50)]
    path = write_rows(tmp_path / "rows.jsonl", rows)
    report = check_numbers(rows, path, tmp_path, "--no-images")
    sources = {share["name"]: share["rows"] for share in report["mixture"]["data_source"]}
    assert len(sources) == NAMES + 1 and sources[REST] == 20 + 2 + 50 and sources["s7"] == 3
    assert list(sources)[:2] == [REST, "s7"] and "late0" not in sources
    folders = {share["name"]: share["rows"] for share in report["mixture"]["folder"]}
    assert REST in folders and folders[""] == 6


# ---- the text report


@pytest.mark.parametrize("name", ["demo", "odd"])
def test_text_says_the_same(name: str, tmp_path: Path) -> None:
    if name == "odd":
        make_odd(tmp_path / "set")
    path = DEMO if name == "demo" else tmp_path / "set"
    said = {f: run(path, "--no-index", "-f", f, cwd=tmp_path).out for f in ("json", "text")}
    report = json.loads(said["json"])
    statistics = report["statistics"]
    rounds, words = statistics["rounds_per_row"], statistics["words_per_turn"]
    titles = {"latin": "Latin", "han": "Han", "other": "other", "none": "without letters"}
    scripts = [f"{n:,} {titles[s]}" for s, n in statistics["rows_by_script"].items() if n]
    turns = (
        f"  turns     {rounds['sum'] / rounds['count']:.1f} rounds per row "
        f"(median {rounds['median']:,}, max {rounds['most']:,}), "
        f"{words['sum'] / words['count']:.1f} words per turn; rows by script: {', '.join(scripts)}"
    )
    lines = said["text"].decode("utf-8").splitlines()
    assert turns in lines
    named = [s for s in report["mixture"]["data_source"] if s["name"]]
    sources = ", ".join(f"{s['name']} {s['rows']:,}" for s in named[:4])
    (line,) = [line for line in lines if line.startswith("  sources ")]
    assert line.endswith(f" and {len(named) - 4} more")
    if name == "demo":
        assert line == f"  sources   {sources} and {len(named) - 4} more"
