#!/usr/bin/python3
"""sizes.py - the longest functions and files of src/ and include/: a report, not a limit."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SHOWN = 20


def functions(text: str) -> list[tuple[str, int]]:
    """Return the first line and the number of lines of every function.

    A function's body is between braces in column 0. Its signature is counted, the comment above it
    is not.
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
                head += 1
            found.append((lines[head], number - head + 1))
            open_at, start = None, number + 1
    return found


def main() -> None:
    texts = {path.relative_to(ROOT): path.read_text(encoding="utf-8")
             for top in ("src", "include") for suffix in ("c", "h", "cpp", "css", "js")
             for path in (ROOT / top).rglob(f"*.{suffix}")}
    files = sorted(((text.count("\n"), str(path)) for path, text in texts.items()), reverse=True)
    lengths = sorted(((count, f"{path}: {head}") for path, text in texts.items()
                      for head, count in functions(text)), reverse=True)
    print(f"{len(files)} files, {sum(count for count, _ in files)} lines; the longest:")
    for count, path in files[:SHOWN]:
        print(f"{count:6} {path}")
    print(f"{len(lengths)} functions, median {lengths[len(lengths) // 2][0]} lines; the longest:")
    for count, name in lengths[:SHOWN]:
        print(f"{count:6} {name}")


if __name__ == "__main__":
    main()
