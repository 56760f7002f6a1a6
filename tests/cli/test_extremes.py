"""Extreme rows files: huge, deep, long, or with very many of something.

Each gets a finding or a clear error, in bounded time and memory, and the same report with one thread
as with four. The bounds are four times what was measured, at least 10 s (3 s for smaller ones) and 300 MB.

    LC_EXTREME=1 LLAVA_CHECK=… python3 -m pytest tests/cli/test_extremes.py -k one_long

uses rows of 2 GiB instead of 25 MiB (5 GB of memory and 3 GB of disk are enough), and a million of
things instead of a tenth: enough to notice quadratic time, which would be 100,000 times 100,000
steps.
"""

from __future__ import annotations

import filecmp
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, Iterable, NamedTuple

import pytest

from program import environment, program, runner

MIB = 1 << 20
WATCHED = bool(os.environ.get("LC_SANITIZE") or os.environ.get("LC_COVERAGE"))
SLOWER = 10 if WATCHED else runner.SLOWNESS  # for builds that check every memory access, and emulators
EXTREME = bool(os.environ.get("LC_EXTREME"))  # set by .ci/nightly
PART = 32 if WATCHED else 1 if EXTREME else 10  # sizes are divided by this
LONG = 2048 * MIB if EXTREME else 256 * MIB // PART
MILLION = 1_000_000 // PART
MANY = 200_000 // PART
LEAST_S, LEAST_MB = 10 if WATCHED or EXTREME else 3, 300
KILL_S = 120

# A child's ru_maxrss includes that of its parent, so the program is started by a small process. Prints
# the exit code, seconds, and KiB. Seconds are elapsed or processor time, whichever is less: on a busy
# machine, a run waits, and with two threads it uses both processors.
LAUNCH = """
import os, sys, time
began = time.monotonic()
child = os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ)
_, status, usage = os.wait4(child, 0)
seconds = min(time.monotonic() - began, usage.ru_utime + usage.ru_stime)
print(os.waitstatus_to_exitcode(status), seconds, usage.ru_maxrss)
"""

HEAD = b'{"id": "x", "conversations": [{"from": "human", "value": "q"}, {"from": "gpt", "value": "'
TAIL = b'"}]}'
SOUND = HEAD + b"a" + TAIL
KEYS = HEAD.removeprefix(b'{"id": "x", ')  # the row without its id
BROKEN_BEHIND = HEAD + b" " + TAIL  # has a finding, which shows that this row was seen

Chunk = bytes | tuple[bytes, int]  # bytes, or (bytes, repetitions)


class Ended(NamedTuple):
    """A finished run, with the files of its report, its text and its output."""

    code: int
    err: str
    seconds: float
    megabytes: float
    folder: Path


def write(path: Path, chunks: Iterable[Chunk]) -> Path:
    """Write a large file without holding it in memory."""
    with open(path, "wb") as file:
        for chunk in chunks:
            text, count = chunk if isinstance(chunk, tuple) else (chunk, 1)
            at_once = max(1, MIB // len(text)) if text else 1
            block = text * min(at_once, count)
            for _ in range(count // at_once):
                file.write(block)
            file.write(text * (count % at_once))
    return path


def check(rows: Path, threads: int, *arguments: str) -> Ended:
    folder = rows.parent / f"threads-{threads}"
    folder.mkdir()
    outputs = ["-o", folder / "r.json", "-o", folder / "r.txt", "--index", "index"]
    command = [sys.executable, "-IS", "-c", LAUNCH, program(), "check", rows, "--threads", str(threads), "--show", "info"]  # fmt: skip
    with open(folder / "printed", "wb") as printed:
        done = subprocess.run(
            [*command, *outputs, *arguments, "--color", "never"],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=printed,
            stderr=subprocess.PIPE,
            env=environment(rows.parent),
            timeout=KILL_S * SLOWER,
            check=True,
        )
    # the launcher's line comes after all other output
    with open(folder / "printed", "r+b") as printed:
        printed.seek(max(0, os.path.getsize(printed.fileno()) - 200))
        tail = printed.read()
        last = tail.splitlines(keepends=True)[-1]
        printed.truncate(os.path.getsize(printed.fileno()) - len(last))
    code, seconds, kib = last.split()
    err = done.stderr.decode("utf-8", "backslashreplace")
    return Ended(int(code), err, float(seconds), int(kib) / 1024, folder)


def summary_of(report: Path) -> dict[str, Any]:
    """Return the summary of a report, which may be large."""
    with open(report, "rb") as file:
        for line in file:
            if line.startswith(b'  "summary": '):
                summary: dict[str, Any] = json.loads(b"{" + line.rstrip(b",\n") + b"}")["summary"]
                return summary
    raise AssertionError("no summary")


def check_extreme(
    rows: Path, count: int, by_rule: dict[str, int], *arguments: str,
    seconds: float = LEAST_S, megabytes: float = LEAST_MB,
) -> dict[str, Any]:  # fmt: skip
    """Check rows with one thread and with four; return the summary."""
    ended = [check(rows, threads, *arguments) for threads in (1, 4)]
    for run in ended:
        assert run.code in (0, 1), (run.code, run.err[-2000:])
        assert run.err.count("\n") <= 1, run.err[-2000:]
        assert len(run.err) < 1000
        bounds = (seconds * SLOWER, megabytes * SLOWER)
        assert run.seconds < bounds[0] and run.megabytes < bounds[1], (run, bounds)
        assert not list(run.folder.rglob("*.part"))
    for name in ("r.json", "r.txt", "printed"):
        one, four = (run.folder / name for run in ended)
        assert filecmp.cmp(one, four, shallow=False), name
    summary = summary_of(ended[0].folder / "r.json")
    assert summary["complete"] and summary["rows"] == count
    assert summary["by_rule"] == by_rule
    errors = summary["by_severity"]["error"]
    assert {run.code for run in ended} == {1 if errors else 0}
    return summary


@pytest.fixture
def scratch(tmp_path: Path) -> Iterable[Path]:
    """A folder whose files are removed right after the test, because they are large."""
    yield tmp_path
    shutil.rmtree(tmp_path)


def report_size(scratch: Path) -> int:
    return (scratch / "threads-1/r.json").stat().st_size


# ---- one long thing ----

LONG_MB = 2100 * LONG // (256 * MIB)  # measured: twice the row
LONG_S = 80 if LONG > 256 * MIB else LEAST_S


def test_one_long_string(scratch: Path) -> None:
    rows = write(scratch / "rows.json", [b"[", HEAD, (b"a", LONG), TAIL, b"]"])
    summary = check_extreme(rows, 1, {}, seconds=LONG_S, megabytes=max(LONG_MB, LEAST_MB))
    assert summary["words"] == 2 and summary["characters"] == LONG + 1


def test_one_long_line_of_jsonl(scratch: Path) -> None:
    """The rows around it are seen, too."""
    text = [SOUND, b"\n", HEAD, (b"word ", LONG // 5), TAIL, b"\n", BROKEN_BEHIND, b"\n"]
    by_rule = {"CNV306": 1, "ROW206": 1}
    rows = write(scratch / "rows.jsonl", text)
    summary = check_extreme(rows, 3, by_rule, seconds=LONG_S, megabytes=max(LONG_MB, LEAST_MB))
    assert summary["words"] == LONG // 5 + 4


def test_one_long_string_that_is_cut_off(scratch: Path) -> None:
    rows = write(scratch / "rows.json", [b"[", SOUND, b",", HEAD, (b"a", LONG)])
    check_extreme(rows, 2, {"JSN102": 1}, seconds=LONG_S, megabytes=max(LONG_MB, LEAST_MB))


def test_one_long_white_space(scratch: Path) -> None:
    text = [b"[", SOUND, (b" \n", LONG // 4), b",", (b"\t", LONG // 2), BROKEN_BEHIND, b"]"]
    rows = write(scratch / "rows.json", text)
    check_extreme(rows, 2, {"CNV306": 1, "ROW206": 1}, megabytes=max(LONG_MB, LEAST_MB))


# What follows a first row: a hole, which takes no disk space (Python would refuse its zeros), and with
# LC_EXTREME also text that Python would read, although no test does.
STARS = ("\N{BLACK STAR}".encode(), 1400 * MIB)
TOO_LONG: dict[str, list[Chunk]] = {"hole.jsonl": [SOUND, b"\n", HEAD]}
if EXTREME:
    TOO_LONG["last.json"] = [b"[", SOUND, b",\n", HEAD, STARS, TAIL, b"]"]
    TOO_LONG["not-last.json"] = [*TOO_LONG["last.json"][:-1], b",", SOUND, b"]"]


@pytest.mark.parametrize("name", TOO_LONG)
def test_a_row_of_over_4_gib(name: str, scratch: Path) -> None:
    """It is refused with its file and line, and not called broken."""
    rows = write(scratch / name, TOO_LONG[name])
    os.truncate(rows, max(rows.stat().st_size, 4100 * MIB))
    run = check(rows, 2)
    wanted = f"{rows}: {name}:2: a row larger than 4 GiB\n"
    assert (run.code, run.err) == (2, f"llava-check: {wanted}")
    assert not (run.folder / "r.json").exists()


ESCAPES = {
    "letters": (b"\\u0041", {}),
    "line feeds": (b"\\n", {"CNV306": 1}),
    "pairs": (b"\\ud83d\\ude00", {}),
    "halves": (b"\\ud83d", {"JSN108": 1}),
    "quotes": (b'\\"', {}),
    "backslashes": (b"\\\\", {}),
    "controls": (b"\\u0007", {"CNV310": 1}),
}


@pytest.mark.parametrize("name", ESCAPES)
def test_ten_million_escapes(name: str, scratch: Path) -> None:
    escape, by_rule = ESCAPES[name]
    rows = write(scratch / "rows.json", [b"[", HEAD, (escape, 10 * MILLION), TAIL, b"]"])
    check_extreme(rows, 1, by_rule, megabytes=400)


def test_an_open_string_of_escapes(scratch: Path) -> None:
    for number in (0, 1):  # the quote after them is escaped, or not
        folder = scratch / str(number)
        folder.mkdir()
        text: list[Chunk] = [b"[", HEAD, (b"\\", 10 * MILLION + number), b'"}]}]']
        rows = write(folder / "rows.json", text)
        check_extreme(rows, 1, {"JSN102": 1} if number else {})


# ---- deep nesting ----

NESTED: dict[str, tuple[Chunk, bytes, Chunk]] = {
    "arrays": ((b"[", MILLION), b"", (b"]", MILLION)),
    "objects": ((b'{"a":', MILLION), b"1", (b"}", MILLION)),
    "both": ((b'[{"a":', MILLION // 2), b"1", (b"}]", MILLION // 2)),
    "strings": ((b'[{"]}\\"":', MILLION // 2), b"1", (b"}]", MILLION // 2)),
}


@pytest.mark.parametrize("suffix", [".json", ".jsonl"])
@pytest.mark.parametrize("name", NESTED)
def test_nested_a_million_deep(name: str, suffix: str, scratch: Path) -> None:
    """The depth is reported for the value of a key, and the next row is still checked."""
    deep = [HEAD, b"a", TAIL[:-1], b', "note": ', *NESTED[name], b"}"]
    before, comma, after = (b"[", b",\n", b"]") if suffix == ".json" else (b"", b"\n", b"\n")
    text = [before, SOUND, comma, *deep, comma, BROKEN_BEHIND, after]
    rows = write(scratch / f"rows{suffix}", text)
    check_extreme(rows, 3, {"JSN112": 1, "CNV306": 1, "ROW206": 1})


@pytest.mark.parametrize("name", NESTED)
def test_a_row_that_is_a_million_deep(name: str, scratch: Path) -> None:
    rows = write(scratch / "rows.json", [b"[", *NESTED[name], b"]"])
    check_extreme(rows, 1, {"JSN112": 1})


@pytest.mark.parametrize("name", NESTED)
def test_a_million_brackets_that_are_open(name: str, scratch: Path) -> None:
    rows = write(scratch / "rows.json", [b"[", NESTED[name][0]])
    check_extreme(rows, 1, {"JSN102": 1, "JSN112": 1})


def test_rows_within_rows_a_million_deep(scratch: Path) -> None:
    """Each of them begins like a row, so the number of rows is not tested."""
    text: list[Chunk] = [b"[", (b'{"conversations":[', MILLION // 2), (b"]}", MILLION // 2), b"]"]
    ended = [check(write(scratch / "rows.json", text), threads) for threads in (1, 4)]
    one, four = (run.folder / "r.json" for run in ended)
    assert filecmp.cmp(one, four, shallow=False)
    assert all(run.code == 1 and run.seconds < LEAST_S * SLOWER for run in ended), ended
    assert all(run.megabytes < 900 * SLOWER for run in ended), ended
    assert summary_of(one)["by_rule"]["JSN112"] >= 1


def test_many_rows_that_are_too_deep(scratch: Path) -> None:
    deep = b'{"id": 1, "note": ' + b"[" * 1100 + b"]" * 1100 + b"}"
    rows = write(scratch / "rows.json", [b"[", (deep + b",\n", MANY // 100), SOUND, b"]"])
    check_extreme(rows, MANY // 100 + 1, {"JSN112": MANY // 100})


def test_many_rows_that_are_too_deep_and_open(scratch: Path) -> None:
    """The search for each one's last bracket must not read the rest of the file every time."""
    deep = b'{"id": 1, "note": ' + b"[" * 1100 + b",\n"
    rows = write(scratch / "rows.json", [b"[\n", (deep, MANY // 8), b"]"])
    check_extreme(rows, MANY // 8, {"JSN112": MANY // 8})


# ---- many things in one row ----

TURN_PAIRS = {
    "same": (b'{"from":"human","value":"q"},{"from":"gpt","value":"a"},', {"CNV311": 1}),
    "blank": (b'{"from":"human","value":""},{"from":"gpt","value":" "},', {"CNV306": 2, "CNV311": 1}),
    "roles": (b'{"from":"x","value":"q"},{"from":"y","value":"a"},', {"CNV302": 1}),
    "numbers": (b"7,8,", {"CNV301": 1, "JSN115": 1}),
}


@pytest.mark.parametrize("name", TURN_PAIRS)
def test_a_million_turns(name: str, scratch: Path) -> None:
    pair, by_rule = TURN_PAIRS[name]
    last = b'{"from":"human","value":"last"},{"from":"gpt","value":"end"}]}]'
    text = [b'[{"id":1,"conversations":[', (pair, MILLION // 2 - 1), last]
    summary = check_extreme(write(scratch / "rows.json", text), 1, by_rule, megabytes=1500)
    assert summary["turns"] == MILLION // 2 * 2
    assert report_size(scratch) < 10_000


def test_a_million_different_turns(scratch: Path) -> None:
    """The search for echoes must not compare every pair."""
    turns = (
        b'%s{"from":"%s","value":"t%d"}' % (b"," if n else b"", (b"human", b"gpt")[n % 2], n)
        for n in range(MILLION)
    )
    text = [b'[{"id":1,"conversations":[', *turns, b"]}]"]
    check_extreme(write(scratch / "rows.json", text), 1, {}, megabytes=1100)


@pytest.mark.parametrize("kind", ["same", "different", "escaped"])
def test_a_million_keys(kind: str, scratch: Path) -> None:
    """A duplicate key is found among them without comparing every pair."""
    keys: Iterable[Chunk]
    if kind == "same":
        keys, by_rule = [(b',"k":1', MILLION)], {"JSN109": 1}
    elif kind == "different":
        keys, by_rule = [b',"k%d":1' % n for n in range(MILLION)], {}
    else:  # only the last key repeats the first
        keys = [*(b',"\\u006b%d":1' % n for n in range(MILLION)), b',"k0":2']
        by_rule = {"JSN109": 1}
    rows = write(scratch / "rows.json", [b"[", SOUND[:-1], *keys, b"}]"])
    check_extreme(rows, 1, by_rule, megabytes=400)


@pytest.mark.parametrize("kind", ["integer", "fraction", "exponent"])
def test_a_million_digits(kind: str, scratch: Path) -> None:
    """Python refuses an integer of more than 4,300 digits, and reads the others."""
    before = {"integer": b"", "fraction": b"0.", "exponent": b"1e-"}[kind]
    text = [b"[", SOUND[:-1], b', "note": ', before, (b"1", MILLION), b"},\n", BROKEN_BEHIND, b"]"]
    others = {"JSN101": 1} if kind == "integer" else {"ROW206": 1}  # a refused row has no id
    check_extreme(write(scratch / "rows.json", text), 2, {"CNV306": 1, **others})


def test_a_hundred_thousand_images_in_a_row(scratch: Path) -> None:
    count = 100_000 // PART
    paths = [b'%s"folder %d/%d.jpg"' % (b"," if n else b"", n % 100, n) for n in range(count)]
    text = [b'[{"id":1,"image":[', *paths, b"],", KEYS.replace(b'"q"', b'"' + b"<image>" * count + b'"'), b"a", TAIL, b"]"]  # fmt: skip
    rows = write(scratch / "rows.json", text)
    summary = check_extreme(rows, 1, {"CNV312": 1, "IMG501": count, "ROW217": 1})
    assert summary["images_referenced"] == count


def test_the_same_image_a_hundred_thousand_times(scratch: Path) -> None:
    count = 100_000 // PART
    text = [b'[{"id":1,"image":["a.jpg"', (b',"a.jpg"', count - 1), b"],", KEYS, b"a", TAIL, b"]"]
    rows = write(scratch / "rows.json", text)
    summary = check_extreme(rows, 1, {"IMG501": 1, "ROW217": 1, "TOK402": 1})
    assert summary["images_referenced"] == 1


def test_a_million_placeholders(scratch: Path) -> None:
    text = [b"[", HEAD.replace(b'"q"', b'"' + b"<image>" * MILLION + b'"'), (b"<Image> ", MILLION), TAIL, b"]"]  # fmt: skip
    rows = write(scratch / "rows.json", text)
    check_extreme(rows, 1, {"CNV312": 1, "TOK403": 1, "TOK406": 1})
    assert report_size(scratch) < 10_000


# ---- long names ----

NAME = (b"n", 10 * MILLION)
LONG_NAMES: dict[str, tuple[list[Chunk], dict[str, int]]] = {
    "id": ([b'{"id":"', NAME, b'","conversations":[]}'], {"ROW203": 1}),
    "role": ([b'{"id":1,"conversations":[{"from":"', NAME, b'","value":"x"}]}'], {"CNV302": 1}),
    "key": ([SOUND[:-1], b',"', NAME, b'":1,"', NAME, b'":1}'], {"JSN109": 1}),
    "data_source": ([SOUND[:-1], b',"data_source":"', NAME, b'"}'], {}),
    "video": ([b'{"id":1,"video":"', NAME, b'",', KEYS, b"a", TAIL], {"ROW211": 1, "ROW212": 1, "TOK402": 1}),
}  # fmt: skip


@pytest.mark.parametrize("name", LONG_NAMES)
def test_a_name_of_ten_megabytes(name: str, scratch: Path) -> None:
    """It is cut so that the report stays readable."""
    text, by_rule = LONG_NAMES[name]
    check_extreme(write(scratch / "rows.json", [b"[", *text, b"]"]), 1, by_rule)
    assert report_size(scratch) < 12_000  # 4 kB of an id, both in the finding and in the effect


def test_an_id_of_ten_megabytes_twice(scratch: Path) -> None:
    """Here the finding is about the id: JSON has all of it, reports for people do not."""
    text: list[Chunk] = [b'{"id":"', NAME, b'","conversations":[]}']
    rows = write(scratch / "rows.json", [b"[", *text, b",\n", *text, b"]"])
    check_extreme(rows, 2, {"ROW203": 2, "ROW206": 1})
    assert (scratch / "threads-1/printed").stat().st_size < 10_000


def test_an_image_path_of_ten_megabytes(scratch: Path) -> None:
    text: list[Chunk] = [b'[{"id":1,"image":"', NAME, b'",', KEYS.replace(b'"q"', b'"<image>"'), b"a", TAIL, b"]"]  # fmt: skip
    check_extreme(write(scratch / "rows.json", text), 1, {"CNV312": 1, "IMG501": 1})


# ---- many rows ----


def test_a_million_empty_objects(scratch: Path) -> None:
    """Two million findings: 0.4 GB of report."""
    rows = write(scratch / "rows.json", [b"[{}", (b",{}", MILLION - 1), b"]"])
    by_rule = {"ROW202": MILLION, "ROW204": MILLION}
    check_extreme(rows, MILLION, by_rule, seconds=30, megabytes=1500)


@pytest.mark.parametrize("suffix", [".json", ".jsonl"])
def test_rows_that_are_all_the_same(suffix: str, scratch: Path) -> None:
    before, comma, after = (b"[", b",\n", b"]") if suffix == ".json" else (b"", b"\n", b"\n")
    text = [before, SOUND, (comma + SOUND, MANY - 1), after]
    rows = write(scratch / f"rows{suffix}", text)
    check_extreme(rows, MANY, {"ROW206": 1, "ROW210": MANY - 1}, megabytes=400)


def test_rows_of_the_same_id_and_other_content(scratch: Path) -> None:
    text = [b"[", *(HEAD + b"%d" % n + TAIL + b",\n" for n in range(MANY - 1)), SOUND, b"]"]
    check_extreme(write(scratch / "rows.json", text), MANY, {"ROW206": 1})


@pytest.mark.parametrize("kind", ["same", "different"])
def test_rows_of_the_same_id_with_images(kind: str, scratch: Path) -> None:
    """Only the last row has another image, or each has its own."""
    image = b"a.jpg" if kind == "same" else b"%d.jpg"
    text = [b"["]
    for n in range(MANY):
        path = image % n if b"%" in image else image if n < MANY - 1 else b"b.jpg"
        turns = KEYS.replace(b'"q"', b'"<image>"') + b"%d" % n + TAIL
        text.append(b'%s{"id":"x","image":"%s",%s' % (b",\n" if n else b"", path, turns))
    rows = write(scratch / "rows.json", [*text, b"]"])
    by_rule = {"CNV312": MANY, "ROW206": 1, "ROW207": 1} | ({"SET605": 1} if kind == "same" else {})
    summary = check_extreme(rows, MANY, by_rule, "--no-images", megabytes=400)
    assert summary["images_referenced"] == (2 if kind == "same" else MANY)


def test_different_data_sources(scratch: Path) -> None:
    """The table of sources is bounded, but still counts every row."""
    turns = [b'"id":%d,"data_source":"source %d",%s%d%s' % (n, n, KEYS, n, TAIL) for n in range(MANY)]  # fmt: skip
    text = [b"[", *(b"{" + turn + b",\n" for turn in turns[:-1]), b"{" + turns[-1], b"]"]
    check_extreme(write(scratch / "rows.json", text), MANY, {})
    report = json.loads((scratch / "threads-1/r.json").read_bytes())
    table = report["mixture"]["data_source"]
    assert sum(entry["rows"] for entry in table) == MANY
    assert 1000 <= len(table) <= 20_000
    assert (scratch / "threads-1/printed").stat().st_size < 10_000


BROKEN = {
    "open.json": (b'{"id":1,\n', {"JSN101": MANY}),
    "open-in-turns.json": (b'{"id":1,"conversations":[{"from":"human","value":"q"},\n', {"JSN101": MANY}),
    "quote.json": (b'{"id":"1,\n', {"JSN101": MANY}),
    "open.jsonl": (b'{"id":1,\n', {"JSN101": MANY}),
    "split.jsonl": (b'{"id":\n1,\n"conversations":\n[]}\n', {"JSN111": MANY}),
    "bytes.jsonl": (b'{"id":"\xff"}\n', {"JSN105": MANY}),
    "returns.jsonl": (b'{"id":1,\r', {"JSN101": MANY, "JSN121": 1}),
    "space.jsonl": (b'{"id":1,"conversations":[]}\xc2\xa0\r', {"JSN114": MANY, "JSN121": 1, "ROW203": MANY, "ROW206": 1}),
}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN)
def test_rows_that_are_all_broken(name: str, scratch: Path) -> None:
    """The search for the next row must not read the rest of the file every time."""
    row, by_rule = BROKEN[name]
    before, after = (b"", b"") if name.endswith(".jsonl") else (b"[\n", b"]")
    check_extreme(write(scratch / name, [before, (row, MANY), after]), MANY, by_rule)


def test_rows_that_are_never_closed(scratch: Path) -> None:
    """To see that a line does not begin a row that spans lines, the rest of the file must not be read every time."""
    text: list[Chunk] = []
    for _ in range(1000):
        text += [b'{"id":[\n', b'"', (b"x", 50 * MILLION // 1000), b'",\n']
    check_extreme(write(scratch / "rows.jsonl", text), 2000, {"JSN101": 2000})


@pytest.mark.parametrize("blank", [b"\n \r\n", b"\r", b" \r\n\r", b"\n\xc2\xa0\r\x0c"], ids=repr)
def test_blank_lines(blank: bytes, scratch: Path) -> None:
    text = [SOUND, b"\n", (blank, 10 * MILLION), BROKEN_BEHIND, b"\n"]
    rows = write(scratch / "rows.jsonl", text)
    odd = {"JSN114": 2} if b"\xa0" in blank else {}  # for a blank line, and for the row after the last one
    check_extreme(rows, 2, {"JSN113": 1, "CNV306": 1, "ROW206": 1, **odd})


def test_a_line_of_white_space(scratch: Path) -> None:
    """A row between huge amounts of white space."""
    space = (b" \xc2\xa0", 10 * MILLION)
    rows = write(scratch / "rows.jsonl", [SOUND, b"\r", space, BROKEN_BEHIND, space, b"\r", space])
    check_extreme(rows, 2, {"JSN113": 1, "JSN114": 2, "JSN121": 1, "CNV306": 1, "ROW206": 1})


# ---- almost nothing, and junk ----

NOTHING: dict[str, tuple[list[Chunk], dict[str, int]]] = {
    "[.json": ([b"["], {"JSN102": 1}),
    "{.json": ([b"{"], {"JSN103": 1}),
    "quote.json": ([b'"'], {"JSN103": 1}),
    "empty.json": ([b""], {"JSN110": 1}),
    "empty.jsonl": ([b""], {"JSN110": 1}),
    "[].json": ([b"[]"], {"JSN110": 1}),
    "null.json": ([b"null"], {"JSN103": 1}),
    "zeros.json": ([(b"\0", 10 * MILLION)], {"JSN103": 1}),
    "closed.json": ([(b"]", 10 * MILLION)], {"JSN103": 1}),
    "arrays.json": ([(b"[]", MILLION)], {"JSN103": 1}),
    "white.json": ([(b" \n", 10 * MILLION)], {"JSN110": 1}),
    "commas.json": ([b"[", (b",", MANY), b"]"], {"JSN101": MANY + 1}),
}


@pytest.mark.parametrize("name", NOTHING)
def test_no_row_at_all(name: str, scratch: Path) -> None:
    text, by_rule = NOTHING[name]
    check_extreme(write(scratch / name, text), 0, by_rule)


@pytest.mark.parametrize("text", [b"[", b"{", b'"', b'{"', b'{"id', b'{"id":', b'{"id":1,'])
def test_a_cut_line_of_jsonl(text: bytes, scratch: Path) -> None:
    done = [check(write(scratch / "rows.jsonl", [text]), threads) for threads in (1, 4)]
    for run in done:
        assert run.code == 1 and run.err.count("\n") <= 1
    summary = summary_of(done[0].folder / "r.json")
    assert summary["by_severity"]["error"] >= 1 and summary["rows_ok"] == 0
    assert set(summary["by_rule"]) <= {"JSN102", "JSN103"}


def test_bounds_can_be_broken(scratch: Path) -> None:
    """The limits of time and memory can fail."""
    rows = write(scratch / "rows.json", [b"[", SOUND, (b",\n" + SOUND, MANY - 1), b"]"])
    run = check(rows, 1)
    assert run.seconds > 0.02 and run.megabytes > os.path.getsize(rows) / MIB
    assert (run.folder / "printed").read_bytes().startswith(b"rows.json\n")
