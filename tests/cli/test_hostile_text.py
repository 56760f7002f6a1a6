"""Text from the data, from settings and from the command line, in every command and format.

No terminal, and no CI system that shows it in a log, may obey anything that is printed or written. The
commands to run are read from the program's own help and messages.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any, Iterator, NamedTuple

import pytest

from ci_runners import hidden, obeyed
from program import GOOD_JPEG, Done, environment, program, row, run, write_rows
from report_readers import READERS, read_cell
from terminal import open_terminal, read_terminal
from test_formats import FORMATS

COMMANDS = ["check", "clean", "fix", "convert", "import", "report", "plan", "merge", "slurm", "watch", "verify", "manifest", "index", "diff", "config", "rules", "trainers", "completions",
            "man", "version", "help"]  # fmt: skip
QUESTIONS = ["stats", "get", "rows", "images", "duplicates", "findings", "dump", "check"]
FORMAT_COUNT = 15
TABLES = ["rows", "images", "findings", "files"]

STARTS = ["::error file=x,line=1::", "  ::set-output name=a::", "\u3000::stop-commands::", "\u00a0::ADD-MASK::",
          "##[error]", "a ##[set-env name=PATH]", "##vso[task.setvariable variable=a]", "b##VSO[task.complete result=x]",
          "##teamcity[buildStatus]", "###[warning]", ":::debug::", "--- ", "+++ ", "~~~ ", "^^^ +++ "]
BREAKS = ["\n", "\r", "\r\n", "\v", "\f", "\x1c", "\x85", "\u2028", "\u2029"]
# Texts that become a command together with the text before or after them
PARTS = ["##", "##vso", ":", "::", "[error]", "[task.complete]x", "error::x", ":error::x", "vso[a.b]"]
MARKS = ["\u061c", "\u200e", "\u200f", "\u202a", "\u202d", "\u202e", "\u2066", "\u2069", "\u200b", "\u2060", "\ufeff",
         "\U000e0041", "\x1b]0;title\x07", "\x1b[2J", "\x9b31m", "\x7f", "\b\b", "section_start:0:a\r\x1b[0K"]
SHEETS = ["=cmd|'C calc'!A1", "+1+1", "-1+1", "@SUM(A1)", "\uff1d1+1", "\uff0b1", "\uff0d1", "\uff201", "\t=1", "\r=1",
          "'=1", "'quoted'", "back\\x3aslash", "back\\u{202e}slash", "a\\", "\\\\x0a", "plain, \"text\"; ok"]
TEXTS = [
    *[f"{start}pwned{n}" for n, start in enumerate(STARTS)],
    *[f"line{n}{mark}::error::pwned" for n, mark in enumerate(BREAKS)],
    *PARTS,
    *[f"mark{mark}{n}" for n, mark in enumerate(MARKS)],
    *SHEETS,
    "std::vector<int>",
]
TEXT_COUNT = 69
WORDS = [text for text in TEXTS if not text.startswith("-")]  # no options, for use on the command line
# All texts at once, for tests that run once for each option
EVIL = "::error::a ##[error]b ##vso[a.b]c \u202e\x1b[31m\n::add-mask::d"
NAMED = ["::error::x", "##[error]y", "##vso[a.b]z", "\u202e\x1b[1m", "--- fold"]


def as_name(text: str) -> str:
    return text.replace("/", "_")


def rows_of(texts: list[str]) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for n, text in enumerate(texts):
        turns = [{"from": text, "value": text}, {"from": "gpt", "value": f"{text} <image> {text}"}]
        rows += [
            {**row(text, f"{as_name(text)}.jpg"), "data_source": text},
            {**row(text, f"{as_name(text)}/missing.jpg"), "data_source": f"{text}{n % 3}"},
            {"id": f"{text}{n}", "image": f"{text}x.jpg", "conversations": turns},
            {"id": n, text: f"{text}.jpg", "conversations": [{"from": "human", "value": text}]},
            {"id": [text], "image": [f"{as_name(text)}.jpg", text], "conversations": text},
            {"id": text + "v", "video": f"{text}.mp4", "conversations": [{text: text}]},
        ]
    return rows


def make_set(folder: Path) -> Path:
    (folder / "images").mkdir(parents=True)
    for n, text in enumerate(TEXTS):
        data = GOOD_JPEG.read_bytes()
        path = folder / "images" / f"{as_name(text)}.jpg"
        path.write_bytes(data if n % 3 else data[: len(data) // 2] + text.encode())
    write_rows(folder / "rows.json", rows_of(TEXTS))
    for name in NAMED:
        write_rows(folder / f"{name}.json", rows_of([name, ":"]))
        twice = ", ".join(f"{json.dumps(name)}: {n}" for n in range(2))
        (folder / f"{name}2.jsonl").write_text(f'{{{twice}}}\n{{"id": "\\ud83d{EVIL[:9]}"}}\n{{"a": {EVIL[:8]}\n')
    (folder / os.fsdecode(b"\xff\xfe::error::.json")).write_text("[]")
    return folder


class Made(NamedTuple):
    folder: Path
    data: str  # a folder with a malicious name
    other: str  # another version of the data
    changed: str  # checked, then changed


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    folder = tmp_path_factory.mktemp("hostile")
    data, other, changed = "--- ::error::##[error]\u202e", "##vso[a.b]\x1b[1m", "b\n::debug::x"
    make_set(folder / data)
    for name in (other, changed):
        shutil.copytree(folder / data, folder / name)
    for path in sorted((folder / other / "images").iterdir())[::2]:
        path.unlink()
    write_rows(folder / other / "rows.json", rows_of(TEXTS[::2])[::-1])
    for name in (data, other, changed):
        assert run(f"./{name}", "-q", cwd=folder).code == 1
    for path in sorted((folder / changed / "images").iterdir())[::3]:
        path.unlink()
    for path in sorted((folder / changed / "images").iterdir())[::2]:
        path.write_bytes(path.read_bytes() + b"more")
    return Made(folder, f"./{data}", f"./{other}", f"./{changed}")


def assert_safe(text: str, what: object, name: str = "text") -> None:
    """Assert that no CI system and no terminal obeys anything in a text, except what belongs to the format."""
    if name == "github":  # its own commands
        text = re.sub(r"^::(?:notice|warning|error) ([^\n]*?)::", r"\1 ", text, flags=re.MULTILINE)
    elif name == "html":  # its own style sheet
        text = re.sub(r"<style>.*?</style>", "", text, flags=re.DOTALL)
    assert not obeyed(text), (what, obeyed(text)[:5])
    assert not hidden(text), (what, hidden(text)[:5])


def assert_done(done: Done, what: object, name: str = "text") -> None:
    assert done.code in (0, 1, 2), what
    assert_safe(done.out.decode("utf-8"), what, name)
    assert_safe(done.err, what)


def question_formats(made: Made, *question: str) -> list[str]:
    """Return the formats of a question, from the error message about an unknown one."""
    done = run("index", *question, "-f", "json", cwd=made.folder)
    if done.err == f"llava-check: 'index {question[0]}' does not accept --format\n":
        return []
    done = run("index", *question, "-f", "github", cwd=made.folder)
    return re.findall(r"\w+", re.search(r"use one of (.*)$", done.err.strip())[1])


def test_there_is_something_to_run() -> None:
    assert len(TEXTS) == len(set(TEXTS)) == TEXT_COUNT
    said = run("--help", cwd=Path("/")).out.decode()
    assert re.findall(r"^  (\w+) ", said.split("\nCommands:\n")[1].split("\n\n")[0], re.M) == COMMANDS
    said = run("help", "index", cwd=Path("/")).out.decode()
    assert re.findall(r"^  (\w+) ", said.split("Queries:\n")[1].split("\n\n")[0], re.M) == QUESTIONS
    assert len(FORMATS) == len(READERS) + sum(not f.printed for f in FORMATS) == FORMAT_COUNT


def test_the_parsers_find_what_they_should() -> None:
    """A parser that finds nothing would accept everything."""
    for line in ("::error::x", "  ::set-output name=a::b", "\u3000::STOP-commands::t", "a\n::debug::", "x ##[error]y",
                 "##[set-output name=a]b", "##vso[task.complete result=Failed;]", "a ##VSO[a.b]c",
                 "##teamcity[x]", "section_start:1:a\r\x1b[0K", "--- a", "+++ b", "std::vector"):
        assert obeyed(line), line
    for line in (r"std:\x3avector", ":: error::", "a: b", "# [x]", "##x y[", "----", "section_start:1:a"):
        assert not obeyed(line), line
    assert hidden("a\x1bb\u202ec\u200bd\x85\U000e0041\n") == sorted("\x1b\u202e\u200b\x85\U000e0041")


@pytest.mark.parametrize("name", [f.name for f in FORMATS])
def test_reports(name: str, made: Made) -> None:
    """check, report and verify: printed and written to a file, with and without colours and lower levels."""
    for command, data, more in (
        ("check", made.data, ["--no-index", "--show", "info"]),
        ("check", made.data, ["-v", "--color", "never"]),
        ("report", made.data, ["--show", "info", "--exit-zero", "--severity", "CNV=info", "--ignore", "ROW"]),
        ("report", f"{made.data}/.llava-check", ["--max-findings", "3", "-t", "llava-1.5"]),
        ("verify", made.changed, ["-q"]),
    ):
        out = f"{command}-{name}.out"
        printed = ["-f", name] if command != "verify" else []
        done = run(command, data, *more, *printed, "-o", f"{name}:{out}", cwd=made.folder)
        assert done.code in (0, 1), done.err
        assert_done(done, (command, more), name)
        written = (made.folder / out).read_bytes()
        assert len(written) > 200 or name == "counts"
        assert_safe(written.decode("utf-8"), (command, name), name)
        if "--max-findings" not in more:
            READERS[name](written)


def test_colours_are_the_only_escapes(made: Made) -> None:
    for name in ("text", "full", "grouped", "concise", "counts"):
        done = run("report", made.data, "-f", name, "--color", "always", "--show", "info", cwd=made.folder)
        text = done.out.decode()
        assert "\x1b[" in text
        assert_safe(re.sub(r"\x1b\[[\d;]*m", "", text), name)
        assert not obeyed(text)


@pytest.mark.parametrize("question", QUESTIONS)
def test_questions(question: str, made: Made) -> None:
    asked = [[question, made.data]]
    if question == "get":
        asked = [[question, made.data, *WORDS, EVIL, "1"]]
    elif question == "dump":
        asked = [[question, table, made.data] for table in TABLES]
    elif question == "rows":
        asked += [[question, made.data, "-w", f"{field}~{as_name(text)}"] for text in TEXTS[::9] for field in ("id", "image")]
    elif question == "images":
        asked += [[question, made.data, "-w", f"path={as_name(text)}.jpg"] for text in TEXTS]
    elif question == "findings":
        asked += [[question, made.data, "--show", "info"]]
    seen = 0
    for words in asked:
        formats = question_formats(made, *words)
        assert bool(formats) == (question not in ("stats", "check"))
        for name in formats:
            done = run("index", *words, "-f", name, cwd=made.folder)
            assert_done(done, (words, name), name)
            seen += len(done.out) > 200
        if not formats:
            done = run("index", *words, cwd=made.folder)
            assert_done(done, words)
            seen += len(done.out) > 200
    assert seen >= len(asked)


def test_json_and_csv_are_exact(made: Made) -> None:
    """Escaped text is read back unchanged."""
    asked = ["index", "dump", "rows", f"{made.data}/rows.json", "-f"]
    assert run(f"{made.data}/rows.json", "-q", "--images", f"{made.data}/images", "--index", "one",
               cwd=made.folder).code == 1
    asked[3] = "one"
    wanted = [{"id": r["id"], "source": r.get("data_source", "")} for r in rows_of(TEXTS)]
    wanted = [{**r, "id": json.dumps(r["id"]) if not isinstance(r["id"], str) else r["id"]} for r in wanted]
    lines = [json.loads(line) for line in run(*asked, "jsonl", cwd=made.folder).out.splitlines()]
    array = json.loads(run(*asked, "json", cwd=made.folder).out)
    assert lines == array and len(lines) == 6 * TEXT_COUNT
    cells = read_table(run(*asked, "csv", cwd=made.folder).out)
    for got in (lines, cells):
        for line, row_wanted in zip(got, wanted, strict=True):
            if isinstance(row_wanted["id"], str) and not row_wanted["id"].startswith("["):
                assert line.get("id", "") == row_wanted["id"]
            assert line.get("data_source", "") == row_wanted["source"]
    assert [json.loads(c["images"]) for c in cells] == [line["images"] for line in lines]
    images = [json.loads(line)["path"] for line in run("index", "dump", "images", "one", cwd=made.folder).out.splitlines()]
    dumped = run("index", "images", "one", "-f", "csv", cwd=made.folder).out
    assert [c["path"] for c in read_table(dumped)] == images and len(images) > 3 * TEXT_COUNT
    report = run("report", "one", "-f", "csv", cwd=made.folder).out
    found = json.loads(run("report", "one", "-f", "json", cwd=made.folder).out)["findings"]
    for cell, finding in zip(read_table(report), found, strict=True):
        assert cell["message"] == finding["message"]
        assert finding.get("image", cell["image"]) == cell["image"]
        assert finding.get("id", cell["id"]) == cell["id"]


def read_table(data: bytes) -> list[dict[str, str]]:
    import csv
    import io

    rows = list(csv.reader(io.StringIO(data.decode(), newline=""), strict=True))
    assert len(rows) == data.count(b"\n"), "a record is a line"
    for cells in rows:
        for cell in cells:
            assert not cell.startswith(("=", "+", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20", "\t", "\r")), cell
            assert not cell.startswith("-") or cell[1:].isdigit(), cell
    return [dict(zip(rows[0], map(read_cell, cells))) for cells in rows[1:]]


def test_diff(made: Made) -> None:
    for a, b in ((made.data, made.other), (made.other, f"{made.data}/.llava-check")):
        for name in ("text", "json"):
            done = run("diff", a, b, "-f", name, cwd=made.folder)
            assert done.code == 1 and len(done.out) > 400
            assert_done(done, (a, b, name), name)
    assert "use one of text, json" in run("diff", made.data, made.other, "-f", "csv", cwd=made.folder).err


def options_of(command: str) -> Iterator[str]:
    said = run("help", command, cwd=Path("/")).out.decode()
    yield from re.findall(r"^  (?:-\w, |    )(--[\w-]+) [A-Z=]+\b", said, re.M)


@pytest.mark.parametrize("command", COMMANDS)
def test_words_and_options(command: str, made: Made, tmp_path: Path) -> None:
    """Try each word and each option with malicious arguments."""
    (tmp_path / made.data).symlink_to(made.folder / made.data)
    words = {"index": ["images"], "diff": [made.data], "clean": ["-o", "cleaned.json", "--force"], "fix": ["-o", "fixed.json", "--force"],
             "convert": ["--to", "sharegpt", "-o", "converted.json", "--force"], "import": ["parquet"], "watch": ["--settle", "0"], "completions": [], "man": [], "version": []}.get(command, [])
    asked = [[command, *words, EVIL], [command, EVIL, EVIL, EVIL], [EVIL], [command, f"--{EVIL}"], [command, f"--show={EVIL}"]]
    options = list(options_of(command))
    assert bool(options) == (command not in ("completions", "import", "man", "version", "help"))
    for option in options:
        for value in (EVIL, NAMED[0], f"json:{EVIL}/x", f"CNV301={EVIL}", f"path={EVIL}"):
            asked.append([command, *words, made.data, option, value])
            asked.append([command, *words, made.data, f"{option}={value}"])
    for words_given in asked:
        done = run(*words_given, cwd=tmp_path)
        assert_done(done, words_given, "json" if "json" in words_given else "text")
        assert done.out or done.err


def test_paths_that_are_not_there(made: Made) -> None:
    for text in [*TEXTS, *NAMED]:
        for words in ([as_name(text)], ["report", f"./{as_name(text)}"], ["help", text], ["rules", text], ["index", text, "."]):
            done = run(*words, cwd=made.folder)
            assert done.code == 2 and done.err.count("\n") == 1, words
            assert_done(done, words)


SETTINGS: list[dict[str, Any]] = [
    {EVIL: 1}, {"images": EVIL}, {"ignore": [EVIL]}, {"select": EVIL}, {"show": EVIL}, {"trainer": EVIL},
    {"severity": {EVIL: EVIL}}, {"severity": [f"IMG501={EVIL}"]}, {"per-folder-ignores": {EVIL: "IMG501"}},
    {"per-folder-ignores": {"a": EVIL}}, {"baseline": EVIL}, {"report": [EVIL]}, {"report": f"json:{EVIL}/x"},
    {"index": EVIL}, {"threads": EVIL}, {"format": EVIL}, {"videos": EVIL},
]


def test_settings(made: Made, tmp_path: Path) -> None:
    """Settings are in a file with a malicious name; their values are also shown by config."""
    for name in ("s.yaml", f"{NAMED[0]}{NAMED[1]}\u202e.yaml"):
        for settings in SETTINGS:
            (tmp_path / name).write_text(json.dumps(settings))
            for command in (["config"], ["config", "-f", "json"], ["check", "--no-index"]):
                done = run(*command, made.folder / made.data, "--config", name, cwd=tmp_path)
                assert_done(done, (command, settings), "json" if "json" in command else "text")
        for text in (f"a: [{EVIL}", f"\t{EVIL}", f"{EVIL}: *x", f"&{NAMED[1]} a: 1", f"!!{NAMED[0]} a"):
            (tmp_path / name).write_text(text)
            done = run("config", ".", "--config", name, cwd=tmp_path)
            assert done.code == 2
            assert_done(done, text)
    assert len(SETTINGS) == 17


def test_settings_within_the_data(tmp_path: Path) -> None:
    folder = make_set(tmp_path / NAMED[0])
    (folder / "llava-check.yaml").write_text(json.dumps({"per-folder-ignores": {text: "IMG" for text in TEXTS}}))
    for words in (["check", NAMED[0], "--no-index"], ["config", NAMED[0]], ["config", NAMED[0], "-f", "json"]):
        assert_done(run(*words, cwd=tmp_path), words)


def test_mixtures_and_baselines(made: Made, tmp_path: Path) -> None:
    (tmp_path / "rows.json").write_text("[]")
    for n, text in enumerate([EVIL, *NAMED, "first:::error::1", "random:##[error]%"]):
        for entry in ({"json_path": text}, {"json_path": "rows.json", "sampling_strategy": text},
                      {"json_path": f"{text}.json", text: text}, text):
            for mixture in ({"datasets": [entry]}, {text: [entry]}):
                path = tmp_path / f"{as_name(NAMED[n % len(NAMED)])}.yaml"
                path.write_text(json.dumps(mixture))
                assert_done(run(path.name, "-v", "--no-index", cwd=tmp_path), mixture)
        head = {"llava-check-baseline": 1}
        for entries in ([head, {text: 1}], [{text: 1}], [head, {"fingerprint": text}], [head, text],
                        [head, {"fingerprint": "0" * 32, "reason": text, "expires": text}]):
            (tmp_path / "b.json").write_text(json.dumps(entries))
            done = run("report", made.folder / made.data, "--baseline", "b.json", cwd=tmp_path)
            assert_done(done, entries)


def test_a_terminal(made: Made) -> None:
    """With both streams on a terminal, only colours and wiping the bar are obeyed."""
    env = {**environment(made.folder), "TERM": "xterm"}
    for columns in (30, 100):
        for words in (["check", made.data, "--recheck", "-v"], ["check", made.data, "--no-index", "-f", "grouped"],
                      ["report", made.data, "-f", "full"], ["diff", made.data, made.other],
                      ["clean", made.data, "-o", "cleaned.json", "--force"],
                      ["fix", made.data, "-o", "fixed.json", "--unsafe", "--force"],
                      ["convert", made.data, "--to", "messages", "-o", "converted.json", "--force"],
                      ["convert", made.data, "--to", "messages", "-o", "converted.json", "--force", "--skip"],
                      ["index", "images", made.data], ["index", "get", made.data, *WORDS],
                      ["verify", made.changed, "-v"], ["config", made.data], ["check", EVIL]):
            ours, theirs = open_terminal(columns)
            with subprocess.Popen([program(), *words], cwd=made.folder, env=env, stdin=subprocess.DEVNULL,
                                  stdout=theirs, stderr=theirs) as process:
                os.close(theirs)
                seen = read_terminal(ours, process).decode().replace("\r\n", "\n")
            assert process.returncode in (0, 1, 2) and len(seen) > 40
            seen = re.sub(r"\r[^\n]*?\x1b\[K", "", seen)
            assert_safe(re.sub(r"\x1b\[[\d;]*m", "", seen), words)


def test_progress(made: Made) -> None:
    for how in ("json", "never", "auto"):
        for more in ([], ["-v"]):
            done = run("check", made.data, "--recheck", "--progress", how, *more, cwd=made.folder)
            assert_done(done, how)


def test_what_stays_readable(made: Made) -> None:
    """Text is escaped only where a runner could obey it."""
    out = run("index", "get", made.data, "std::vector<int>", "plain, \"text\"; ok", cwd=made.folder).out.decode()
    assert r"id 'std:\x3avector<int>'" in out and "id 'plain, \"text\"; ok'" in out
    out = run("index", "get", made.data, "std::vector<int>", "-f", "jsonl", cwd=made.folder).out.decode()
    assert '"id":"std:\\u003avector<int>"' in out and json.loads(out.split("\n")[0])["id"] == "std::vector<int>"
