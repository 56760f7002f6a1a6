"""tests/not_run.txt explains only existing lines."""

from __future__ import annotations

from tree import ROOT


def test_lines_are_there():
    text = (ROOT / "tests/not_run.txt").read_text(encoding="utf-8").splitlines()
    entries = [line[4:].split(": ", 1) for line in text if line.startswith("    ")]
    assert len(entries) > 100 and len({tuple(entry) for entry in entries}) == len(entries)
    lines = {path: {line.strip() for line in (ROOT / path).read_text(encoding="utf-8").splitlines()}
             for path, _ in entries if path != "*"}
    assert [entry for entry in entries if entry[0] != "*" and entry[1] not in lines[entry[0]]] == []


def test_reasons_have_lines():
    text = (ROOT / "tests/not_run.txt").read_text(encoding="utf-8").splitlines()
    text = [line for line in text if line and not line.startswith("#")]
    assert [line for line, below in zip(text, text[1:] + [""])
            if not line.startswith("    ") and not below.startswith("    ")] == []
