"""Lines fit in 90 columns; scripts/sizes.py, which reports sizes, measures functions correctly."""

from __future__ import annotations

import sys

from tree import ROOT, files

sys.path.insert(0, str(ROOT / "scripts"))
from sizes import functions  # noqa: E402

SOURCES = files("*.c", "*.h", "*.cpp")


def test_functions_are_measured():
    text = "int a;\n\n/* why\n * so */\nstatic int f(int x,\n             int y)\n{\n\n    g();\n}\n"
    assert functions(text) == [("static int f(int x,", 6)]
    assert functions("struct a {\n    int x;\n};\n") == []


def test_lines_fit_90_columns():
    assert len(SOURCES) > 70
    long = [f"{path.relative_to(ROOT)}:{number}" for path in SOURCES
            for number, line in enumerate(path.read_text().split("\n"), 1)
            if len(line) > 90]
    assert long == []
