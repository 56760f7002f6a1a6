"""Files under 500 lines, functions of at most 60."""

from __future__ import annotations

from tree import ROOT, files

MOST_FILE_LINES = 499
MOST_FUNCTION_LINES = 60

SOURCES = files("*.c", "*.h", "*.cpp")


ASSETS = files("*.css", "*.js")


def functions(text: str) -> list[tuple[str, int]]:
    """First line and number of lines of what stands between braces in column 0.

    The signature counts, from the line behind the blank line before it.
    """
    found, start, open_at = [], 0, None
    lines = text.split("\n")
    for number, line in enumerate(lines):
        if not line.strip() and open_at is None:
            start = number + 1
        elif line == "{":
            open_at = number
        elif line.startswith("}") and open_at is not None:
            head = start
            while lines[head].startswith(("/*", " *", "//", "#")):
                head += 1  # comments are not counted
            found.append((lines[head], number - head + 1))
            open_at, start = None, number + 1
    return found


def test_functions_are_measured():
    text = "int a;\n\n/* why\n * so */\nstatic int f(int x,\n             int y)\n{\n\n    g();\n}\n"
    assert functions(text) == [("static int f(int x,", 6)]
    assert functions("struct a {\n    int x;\n};\n") == []


def test_files_are_short():
    assert len(SOURCES) > 70
    assert len(ASSETS) >= 5
    long = {str(path.relative_to(ROOT)): count for path in [*SOURCES, *ASSETS]
            if (count := path.read_text().count("\n")) > MOST_FILE_LINES}
    assert long == {}


def test_functions_are_short():
    found = [(str(path.relative_to(ROOT)), *entry) for path in SOURCES
             for entry in functions(path.read_text())]
    assert len(found) > 400
    assert [entry for entry in found if entry[2] > MOST_FUNCTION_LINES] == []


def test_lines_fit_90_columns():
    long = [f"{path.relative_to(ROOT)}:{number}" for path in SOURCES
            for number, line in enumerate(path.read_text().split("\n"), 1)
            if len(line) > 90]
    assert long == []
