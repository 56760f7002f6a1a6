"""README.md and docs/ show what the program prints: the demo's output and the tables of rules."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

SOURCE = Path(os.environ["LC_SOURCE_DIR"])
README = (SOURCE / "README.md").read_text(encoding="utf-8")
RULES = (SOURCE / "docs/rules.md").read_text(encoding="utf-8")
INDEX = (SOURCE / "docs/README.md").read_text(encoding="utf-8")
CUT = "…"


def run(*arguments: str) -> str:
    command = [os.environ["LLAVA_CHECK"], *arguments]
    done = subprocess.run(command, cwd=SOURCE, capture_output=True, text=True, timeout=60)
    assert done.returncode in (0, 1), done.stderr
    return done.stdout


def shown_pieces() -> list[list[str]]:
    """Return the demo's output in the README, split at the cuts."""
    block = README.split("    $ llava-check fixtures/demo\n")[1].split("\n\nThe worst findings")[0]
    pieces: list[list[str]] = [[]]
    for line in block.splitlines():
        if line[4:] == CUT:
            pieces.append([])
        else:
            pieces[-1].append(line[4:])
    return pieces


def find_piece(piece: list[str], lines: list[str], start: int) -> int | None:
    """Return where the consecutive lines of a piece are, at or after start."""
    return next((at for at in range(start, len(lines) - len(piece) + 1)
                 if lines[at : at + len(piece)] == piece), None)


def test_demo_output() -> None:
    pieces = shown_pieces()
    printed = run("fixtures/demo", "--no-index").splitlines()
    assert len(pieces) > 2 and sum(len(piece) for piece in pieces) > 20
    assert printed[: len(pieces[0])] == pieces[0]
    end = len(pieces[0])
    for piece in pieces[1:]:
        at = find_piece(piece, printed, end)
        assert at is not None, piece
        assert at > end, "nothing is cut here"
        end = at + len(piece)
    assert end == len(printed)


def test_rules_tables() -> None:
    listed = re.findall(r"^(\w{3}\d{3})  (\w+) +(\S+) +(.+?)(?: \((?:unsafe )?fix\))?$", run("rules"), re.MULTILINE)
    rows = re.findall(r"^\| (\w{3}\d{3}) \| (\S+) \| (\w+) \| (.+) \|$", RULES, re.MULTILINE)
    assert len(listed) > 30
    table = [(code, level, name, re.sub("`(<(?:image|video|audio)>)`", r"\1", text)) for code, name, level, text in rows]
    assert table == listed


def test_rule_groups() -> None:
    """Each group has a heading in docs/rules.md, above its rules, and a row in the README."""
    prefixes = list(dict.fromkeys(code[:3] for code in re.findall(r"^\w{3}\d{3}", run("rules"), re.MULTILINE)))
    assert len(prefixes) >= 7
    assert re.findall(r"^## (\w{3}): ", RULES, re.MULTILINE) == prefixes
    for section in re.split(r"^## ", RULES, flags=re.MULTILINE)[1:]:
        assert {code[:3] for code in re.findall(r"^\| (\w{3}\d{3}) \|", section, re.MULTILINE)} == {section[:3]}
    assert re.findall(r"^\| `(\w{3})` \|", README, re.MULTILINE) == prefixes


def test_index_of_pages() -> None:
    """docs/README.md lists every page once, and README.md names docs/."""
    pages = sorted(path.name for path in (SOURCE / "docs").glob("*.md") if path.name != "README.md")
    assert len(pages) >= 14
    assert sorted(re.findall(r"^\| \[(?:[^\]]+)\]\(([\w-]+\.md)\) \|", INDEX, re.MULTILINE)) == pages
    assert "(docs/README.md)" in README


def anchors(page: Path) -> set[str]:
    """Return the anchors of a page's headings, as made by GitHub."""
    heads = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


def test_links_lead_somewhere() -> None:
    pages = [*SOURCE.glob("*.md"), *(SOURCE / "docs").rglob("*.md"), *(SOURCE / "reports").glob("*.md")]
    checked = 0
    for page in pages:
        for target in re.findall(r"\]\((?!https?:)([^)\s]*)\)", page.read_text(encoding="utf-8")):
            name, _, anchor = target.partition("#")
            goal = page.parent / name if name else page
            assert goal.exists(), f"{page.name}: {target}"
            assert not anchor or anchor in anchors(goal), f"{page.name}: {target}"
            checked += 1
    assert checked > 60
