"""No two files and no two folders of src/ need each other; CONTRIBUTING.md draws their order.

A module is a .c file with the header of the same name. It uses another one if it includes that one's
header, or if its object calls a function of the other's object. A header without a .c file of that
name is shared by several modules, and is not a module.
"""

from __future__ import annotations

import re
import subprocess
from collections import defaultdict
from functools import lru_cache
from pathlib import Path

from tree import ROOT, SRC, build_dir, files, without_comments

# Modules that are one unit in several files, with the reason. A group may be a cycle.
ONE_THING = [
    (["cli/cmd_help", "cli/completions", "cli/main", "cli/man"],
     "the table of commands holds the commands that print the table"),
    (["cli/config", "cli/config_data", "cli/config_file", "cli/config_open", "cli/config_path",
      "cli/config_reader"],
     "one reader of settings files; config.h is the interface of all of it"),
    (["cli/options", "cli/settings"],
     "an option is applied to settings, and a setting is applied as an option"),
    (["image/png/chunks", "image/png/text"],
     "text.c has the handlers of text chunks, which refuse a file as all handlers do"),
    (["json/exact", "json/scalars"],
     "one recursive parser: exact.c has its structure, scalars.c its strings and numbers"),
    (["json/lines", "json/splitter"],
     "one state machine: lines.c has its states for JSON lines"),
    (["thumb/decode", "thumb/gif", "thumb/jpeg", "thumb/png", "thumb/webp"],
     "decode.c picks the decoder, and has the first step of all of them"),
]

# The same code compiled for several instruction sets, and its dispatcher
VARIANT = re.compile(r"_(avx2|avx512|plain)$")

Graph = dict[str, set[str]]


def module_of(path: Path) -> str:
    """Return the module of a file: image/jpeg/lanes for src/image/jpeg/lanes_avx2.c."""
    return VARIANT.sub("", path.relative_to(SRC).with_suffix("").as_posix())


def sources() -> list[Path]:
    return [path for path in files("*.c", "*.cpp", "*.h") if path.is_relative_to(SRC)]


def includes(path: Path) -> set[str]:
    found = re.findall(r'^\s*#\s*include\s+"([^"]+)\.h"', without_comments(path.read_text()),
                       flags=re.MULTILINE)
    return {name for name in found if not name.startswith("llava_check")}


def objects() -> dict[str, list[Path]]:
    """Return the objects of each module in the library and the program."""
    found = defaultdict(list)
    for folder in ("lc_objects.dir", "lc_program.dir", "llava-check.dir"):
        top = build_dir() / "CMakeFiles" / folder / "src"
        for path in top.rglob("*.o"):
            source = SRC / path.relative_to(top).with_suffix("")
            if source.exists():
                found[module_of(source)].append(path)
    return found


def symbols() -> list[tuple[str, str, str]]:
    """Return module, kind and name of each of our symbols in the objects."""
    of = {str(path): module for module, paths in objects().items() for path in paths}
    text = subprocess.run(["nm", "-g", "-A", *of], capture_output=True, text=True, check=True,
                          timeout=60).stdout
    return [(of[path], kind, name) for path, kind, name in
            re.findall(r"^(.*?\.o):[0-9a-f ]* ([A-Z]) (lc_\w+)$", text, flags=re.MULTILINE)]


def calls() -> Graph:
    """Return, for each module, those whose functions or tables it uses."""
    found = symbols()
    home = {name: module for module, kind, name in found if kind != "U"}
    uses = defaultdict(set)
    for module, kind, name in found:
        uses[module].update({home[name]} if kind == "U" and name in home else set())
    return uses


@lru_cache(maxsize=1)
def graph() -> Graph:
    modules = {module_of(path) for path in sources() if path.suffix != ".h"}
    found: Graph = calls()
    for path in sources():
        if module_of(path) in modules:
            found.setdefault(module_of(path), set()).update(
                name for name in includes(path) if name in modules)
    return {module: used - {module} for module, used in found.items()}


def folders(uses: Graph) -> Graph:
    """Return, for each folder, those whose headers it includes or whose functions it calls."""
    found = defaultdict(set)
    for module, used in uses.items():
        found[module.rpartition("/")[0]].update(name.rpartition("/")[0] for name in used)
    for path in sources():
        folder = path.parent.relative_to(SRC).as_posix()
        found[folder].update(name.rpartition("/")[0] for name in includes(path))
    return {folder: used - {folder} for folder, used in found.items()}


def cycles(uses: Graph) -> list[list[str]]:
    """Return the groups of nodes that reach each other, each sorted."""
    def reach(start: str) -> set[str]:
        seen, todo = set(), [start]
        while todo:
            for node in uses.get(todo.pop(), ()):
                if node not in seen:
                    seen.add(node)
                    todo.append(node)
        return seen

    reached = {node: reach(node) for node in uses}
    groups = {tuple(sorted(other for other in reached[node] if node in reached.get(other, ())))
              for node in uses if node in reached[node]}
    return sorted(map(list, groups))


def test_cycles_are_found():
    assert cycles({"a": {"b"}, "b": {"c"}, "c": {"b"}}) == [["b", "c"]]
    assert cycles({"a": {"b"}, "b": {"c"}, "c": set()}) == []


def test_graph_has_calls_and_includes():
    uses = graph()
    assert len(uses) > 150
    assert "scan/rows/rows" in uses["scan/check"]  # by its header
    assert "image/jpeg/lanes" not in uses["image/jpeg/lanes"]
    assert sum(map(len, uses.values())) > 400


def test_folders_have_no_cycle():
    assert cycles(folders(graph())) == []


def test_files_have_no_cycle_unless_they_are_one_thing():
    assert cycles(graph()) == sorted(sorted(group) for group, _ in ONE_THING)
    assert all(reason for _, reason in ONE_THING)


# ---- the picture in CONTRIBUTING.md


def picture(head: str) -> list[str]:
    """Return the lines of the indented block below a sentence, without explanations after |."""
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").split(head, 1)[1]
    block = re.search(r"\n\n((?:    .*\n)+)", text).group(1)
    return [line.split("|")[0].strip() for line in block.splitlines()]


def upward(uses: Graph, rows: list[list[str]]) -> list[str]:
    """Return the uses of folders that are not on a later row than the folder that uses them."""
    row_of = {name: number for number, row in enumerate(rows) for name in row}
    return [f"{user} uses {used}" for user in row_of for used in sorted(uses.get(user, ()))
            if used in row_of and row_of[used] <= row_of[user]]


def test_picture_of_layers():
    rows = [line.split() for line in picture("includes only what is drawn below it")]
    uses = defaultdict(set)
    for user, used in folders(graph()).items():
        uses[user.split("/")[0]].update({name.split("/")[0] for name in used}
                                        - {user.split("/")[0]})
    assert sorted(name for row in rows for name in row) == sorted(
        path.name for path in SRC.iterdir() if path.is_dir())
    assert upward(uses, rows) == []


def test_picture_of_folders_within_layers():
    lines = [[row.split() for row in line.split(">")] for line in picture("Within a layer")]
    uses = folders(graph())
    drawn = [name for rows in lines for row in rows for name in row]
    assert sorted(drawn) == sorted({folder for folder in uses if "/" in folder} |
                                   {name for name in drawn if "/" not in name})
    for rows in lines:
        assert upward(uses, rows) == []


def test_upward_uses_are_found():
    assert upward({"a": {"b"}, "b": set()}, [["a"], ["b"]]) == []
    assert upward({"a": {"b"}, "b": {"a"}}, [["a"], ["b"]]) == ["b uses a"]
    assert upward({"a": {"b"}}, [["a", "b"]]) == ["a uses b"]
