"""Strict readers for every report format: anything invalid fails an assertion.

Each takes a report's bytes and returns its entries: the listed findings, single or grouped. VERDICTS
has, for each format, what its verdict says about findings.
"""

from __future__ import annotations

import csv
import io
import json
import re
import unicodedata
import xml.etree.ElementTree as ElementTree
from collections import Counter
from pathlib import Path
from typing import Any, Callable, NamedTuple
from urllib.parse import unquote_to_bytes

import jsonschema

from html_reader import Report
from program import REPOSITORY

SCHEMAS = Path(__file__).with_name("schemas")
CSV_HEAD = "rule name severity effect message file row line column offset turn id image rows fix".split()
MARKDOWN_MOST = 1 << 20
JUNIT_CASE = {"classname", "name", "file", "line"}
GITHUB_MOST = 10
HTML_MOST = 50_000
RULE = re.compile(r"[A-Z]{3}\d{3} [a-z0-9-]+")


class Entry(NamedTuple):
    rule: str  # code; empty: several rules
    level: str
    text: str
    path: str = ""
    line: int = 0
    identity: str = ""
    count: int = 1  # number of findings


def assert_harmless(text: str, *, marks: str = "") -> None:
    """Assert that a text has nothing that a terminal obeys or that reorders text, except marks."""
    for character in set(text) - set(marks) - {"\n"}:
        kind = unicodedata.category(character)
        assert kind not in ("Cc", "Cs", "Zl", "Zp"), repr(character)
        assert character not in "\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"


def together(text: str) -> int:
    """Return the number of findings of a grouped entry, with which its text begins."""
    found = re.match(r"([\d,]+) findings?(?: in | of |, such as)", text)
    return int(found[1].replace(",", "")) if found else 1


def read_text(data: bytes) -> list[Entry]:
    text = data.decode("utf-8")
    assert not re.search(r"^\s*::", text, re.MULTILINE), "a line that GitHub obeys"
    heads = re.findall(r"^(error|warning|info) (\w{3}\d{3}) [a-z0-9-]+: ([\d,]+) finding", text, re.M)
    return [Entry(code, level, "", count=int(n.replace(",", ""))) for level, code, n in heads]


def read_terminal(pattern: str, data: bytes) -> list[Entry]:
    """Read the lines that a terminal shows; those about findings have count, level, code, text."""
    text = data.decode("utf-8")
    assert not re.search(r"^\s*::", text, re.MULTILINE), "a line that GitHub obeys"
    found = [m.groupdict() for m in re.finditer(pattern, text, re.MULTILINE)]
    return [Entry(f["code"], f["level"], f.get("text", ""), count=int(f.get("n", "1").replace(",", "")))
            for f in found]


def read_concise(data: bytes) -> list[Entry]:
    return read_terminal(r"^.+?: (?P<level>error|warning|info) (?P<code>[A-Z]{3}\d{3}) (?P<text>.+)$", data)


def read_grouped(data: bytes) -> list[Entry]:
    return read_terminal(r"^  (?P<level>error|warning|info) +(?P<code>[A-Z]{3}\d{3})  (?P<text>.+)$", data)


def read_counts(data: bytes) -> list[Entry]:
    return read_terminal(r"^ *(?P<n>[\d,]+)  (?P<level>error|warning|info) +(?P<code>[A-Z]{3}\d{3})  ", data)


def read_stats(data: bytes) -> list[Entry]:
    assert not re.search(r"^\s*::", data.decode("utf-8"), re.MULTILINE)
    return []


def from_json(findings: list[dict[str, Any]]) -> list[Entry]:
    return [Entry(f["rule"], f["severity"], f["message"], f.get("file", f.get("image", ""))) for f in findings]


def read_json(data: bytes) -> list[Entry]:
    return from_json(json.loads(data.decode("utf-8"))["findings"])


def read_jsonl(data: bytes) -> list[Entry]:
    lines = data.decode("utf-8").split("\n")
    assert lines.pop() == ""
    found = [json.loads(line) for line in lines]
    assert all(f["rule"] for f in found[:-1]), "the verdict comes last"
    return from_json([f for f in found if f["rule"]])


def documented(page: str, function: str) -> Any:
    """Return a Python function that a page of the documentation shows."""
    text = (REPOSITORY / "docs" / page).read_text(encoding="utf-8")
    (code,) = [block for block in re.findall(r"```python\n(.*?)```", text, re.DOTALL) if f"def {function}(" in block]
    names: dict[str, Any] = {}
    exec(code, names)
    return names[function]


READ_CELL = documented("questions.md", "read_cell")


def read_cell(cell: str) -> str:
    """Return the text of a cell, with bytes that were not UTF-8 as backslash escapes."""
    return READ_CELL(cell).decode("utf-8", "backslashreplace")


def read_csv(data: bytes) -> list[Entry]:
    text = data.decode("utf-8")
    rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    assert rows[0] == CSV_HEAD
    assert len(rows) == text.count("\n"), "a record is a line"
    for cells in rows[1:]:
        assert len(cells) == len(CSV_HEAD)
        assert not any(cell.startswith(("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20", "\t", "\r"))
                       for cell in cells), cells
        for name, cell in zip(CSV_HEAD, cells):
            if name in ("row", "line", "column", "offset", "turn", "rows"):
                assert re.fullmatch(r"\d*", cell)
    assert all(cells[0] for cells in rows[1:-1]), "the verdict comes last"
    return [Entry(c[0], c[2], read_cell(c[4]), read_cell(c[12] or c[5]), int(c[7] or 0)) for c in rows[1:] if c[0]]


def without_code(text: str) -> str:
    """Return a line of Markdown without its code spans (CommonMark 6.1), which must be closed."""
    out, at = "", 0
    while True:
        tick = re.compile(r"(?<!\\)`+").search(text, at)
        if not tick:
            return out + text[at:]
        end = re.compile(rf"(?<!`){tick[0]}(?!`)").search(text, tick.end())
        assert end, f"code without an end: {text!r}"
        assert len(tick[0]) <= 9
        out += text[at : tick.start()] + "CODE"
        at = end.end()


def read_markdown(data: bytes) -> list[Entry]:
    assert len(data) < MARKDOWN_MOST
    text = data.decode("utf-8")
    entries = []
    for line in text.split("\n"):
        bare = without_code(line)
        prose = re.sub(r"\\[!-/:-@\[-`{-~]", "", bare)
        table = prose.startswith("|")
        if table:
            assert prose.count("|") == 5, line
            prose = prose.replace("|", "")
        assert not re.search(r"[<>*_~\[\]|&$]", prose), line
        assert "#" not in re.sub(r"^##? ", "", prose), line
        assert not re.search(r"https?:|www\.|@", prose), line
        row = re.match(r"\| (\w+) \| (\w{3}\d{3}) \S+ \| .* \| ([\d,]+) \|$", line)
        assert bool(row) == (table and line[2:7] != "Level" and line[1] != "-")
        if row:
            entries.append(Entry(row[2], row[1], "", count=int(row[3].replace(",", ""))))
    return entries


def schema(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((SCHEMAS / name).read_text(encoding="utf-8"))
    jsonschema.Draft7Validator.check_schema(loaded)
    return loaded


def read_sarif(data: bytes) -> list[Entry]:
    report = json.loads(data.decode("utf-8"))
    jsonschema.validate(report, schema("sarif.json"), cls=jsonschema.Draft7Validator)
    (run,) = report["runs"]
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert len(set(rules)) == len(rules)
    assert {result["ruleId"] for result in run["results"]} == set(rules)
    entries = []
    for result in run["results"]:
        place = result["locations"][0]["physicalLocation"]
        path = unquote_to_bytes(place["artifactLocation"]["uri"]).decode("utf-8", "backslashreplace")
        prints = result["partialFingerprints"]
        entry = Entry(
            result["ruleId"],
            {"note": "info"}.get(result["level"], result["level"]),
            result["message"]["text"],
            path,
            place["region"]["startLine"],
            prints["llavaCheck/v1"],
            result["properties"].get("findings", 1),
        )
        assert prints["primaryLocationLineHash"].split(":")[0] == entry.identity[:16]
        entries.append(entry)
    return entries


def read_gitlab(data: bytes) -> list[Entry]:
    report = json.loads(data.decode("utf-8"))
    jsonschema.validate(report, schema("gitlab.json"), cls=jsonschema.Draft7Validator)
    levels = {"major": "error", "minor": "warning", "info": "info"}
    return [
        Entry(
            issue["check_name"][:6],
            levels[issue["severity"]],
            issue["description"],
            issue["location"]["path"],
            issue["location"]["lines"]["begin"],
            issue["fingerprint"],
            together(issue["description"]),
        )
        for issue in report
        if issue["check_name"] != "verdict"
    ]


def read_junit(data: bytes) -> list[Entry]:
    """Read JUnit as Jenkins' and GitLab's readers do: counts must be right, names unique."""
    root = ElementTree.fromstring(data.decode("utf-8"))
    assert data.startswith(b'<?xml version="1.0" encoding="UTF-8"?>\n<testsuites ')
    (suite,) = root
    assert suite.tag == "testsuite" and set(root.attrib) == {"name", "tests", "failures", "errors"}
    assert set(suite.attrib) == {*root.attrib, "skipped"}
    cases = suite.findall("testcase")
    assert [child.tag for child in suite] == ["properties", *["testcase"] * len(cases)]
    assert all(set(p.attrib) == {"name", "value"} for p in suite[0]) and suite[0][0].get("name") == "totals"
    assert int(suite.attrib["tests"]) == int(root.attrib["tests"]) == len(cases)
    failures = suite.findall("testcase/failure")
    assert int(suite.attrib["failures"]) == int(root.attrib["failures"]) == len(failures)
    names = Counter((case.get("classname"), case.get("name")) for case in cases)
    assert max(names.values()) == 1, names.most_common(1)
    entries = []
    for case in cases:
        assert {"classname", "name"} <= set(case.attrib) <= JUNIT_CASE and len(case) <= 1
        assert RULE.fullmatch(case.attrib["classname"]) and case.attrib["name"]
        if not len(case):
            continue
        (inner,) = case
        text = inner.text or ""
        if inner.tag == "failure":
            assert set(inner.attrib) == {"type", "message"}
            level = inner.attrib["type"]
        else:
            assert inner.tag == "system-out" and not inner.attrib
            level, text = text.split(": ", 1)
        rule, path = case.attrib["classname"][:6], case.attrib["file"]
        entries.append(Entry(rule, level, text, path, int(case.get("line", 0)), count=together(text)))
    return entries


def unescape_command(text: str, *, prop: bool) -> str:
    """Unescape like the Actions runner: these escapes, in this order."""
    escapes = {"%0D": "\r", "%0A": "\n"}
    if prop:
        assert ":" not in text and "," not in text
        escapes |= {"%3A": ":", "%2C": ","}
    assert not re.search(r"%(?!25|0D|0A" + ("|3A|2C" if prop else "") + ")", text), text
    for escape, character in escapes.items():
        text = text.replace(escape, character)
    return text.replace("%25", "%")


def read_github(data: bytes) -> list[Entry]:
    lines = data.decode("utf-8").split("\n")
    assert lines.pop() == ""
    entries, levels = [], Counter[str]()
    for line in lines:
        command = re.fullmatch(r"::(notice|warning|error) (.*?)::(.*)", line)
        assert command, line
        pairs = [pair.split("=", 1) for pair in command[2].split(",")]
        props = {name: unescape_command(value, prop=True) for name, value in pairs}
        assert len(props) == len(pairs) and set(props) <= {"file", "line", "col", "title"}
        text = unescape_command(command[3], prop=False)
        assert text and "\n" not in text and "\r" not in text
        levels[command[1]] += 1
        if props["title"] == "llava-check":
            assert not entries, "the totals come first"
            continue
        rule = "" if props["title"] == "more rules" else props["title"][:6]
        assert not rule or RULE.fullmatch(props["title"])
        level = {"notice": "info"}.get(command[1], command[1])
        entries.append(
            Entry(rule, level, text, props.get("file", ""), int(props.get("line", 0)), count=together(text))
        )
    assert max(levels.values(), default=0) <= GITHUB_MOST
    return entries


def read_html(data: bytes) -> list[Entry]:
    seen = Report(data).data
    assert len(seen["findings"]) == seen["page"]["listed"] == min(seen["page"]["shown"], HTML_MOST)
    return [Entry(f["rule"], f["severity"], f["message"], f.get("file") or f.get("image") or f.get("id", ""))
            for f in seen["findings"]]


READERS: dict[str, Callable[[bytes], list[Entry]]] = {
    "text": read_text,
    "full": read_text,
    "grouped": read_grouped,
    "concise": read_concise,
    "counts": read_counts,
    "json": read_json,
    "jsonl": read_jsonl,
    "csv": read_csv,
    "markdown": read_markdown,
    "sarif": read_sarif,
    "junit": read_junit,
    "github": read_github,
    "gitlab": read_gitlab,
    "stats": read_stats,
    "html": read_html,
}


def last_line(data: bytes) -> str:
    return data.decode("utf-8").splitlines()[-1]


def last_of(lines: list[dict[str, Any]], key: str, value: str, text: str) -> str:
    """Return the text of the last entry if it is the verdict, else an empty text."""
    return lines[-1][text] if lines and lines[-1][key] == value else ""


def csv_verdict(data: bytes) -> str:
    cells = list(csv.reader(io.StringIO(data.decode("utf-8"), newline=""), strict=True))[-1]
    assert cells[0] or (cells[1:4] == ["verdict", "info", "fine"] and not any(cells[5:]))
    return "" if cells[0] else cells[4]


def junit_verdict(data: bytes) -> str:
    (suite,) = ElementTree.fromstring(data.decode("utf-8"))
    return suite[0][0].attrib["value"]


def html_verdict(data: bytes) -> str:
    (text,) = re.findall(r"<p class='verdict'><strong>(.*?)</p>", data.decode("utf-8"))
    return text.replace("</strong>", ":")


VERDICTS: dict[str, Callable[[bytes], str]] = {
    **dict.fromkeys(("text", "full", "grouped", "concise", "counts"), last_line),
    "json": lambda data: json.loads(data)["verdict"]["text"],
    "jsonl": lambda data: last_of([json.loads(line) for line in data.splitlines()], "name", "verdict", "message"),
    "csv": csv_verdict,
    "markdown": lambda data: data.decode("utf-8").split("\n\n")[1].replace("\\", ""),
    "sarif": lambda data: json.loads(data)["runs"][0]["invocations"][0]["toolExecutionNotifications"][0][
        "message"]["text"],
    "junit": junit_verdict,
    "github": lambda data: unescape_command(
        "".join(re.findall(r"\A::notice title=llava-check::(.*)", data.decode("utf-8"))), prop=False),
    "gitlab": lambda data: last_of(json.loads(data), "check_name", "verdict", "description"),
    "stats": lambda data: "\n".join(re.findall("^adjusted: .*", data.decode("utf-8"), re.MULTILINE)),
    "html": html_verdict,
}
