"""python_api.py - write python/llava_check/_api.py from src/cli/options.def, the table of options

Each function has the options of a command as keywords, with their types and help texts, so that an
option added to the table becomes part of the package, too.
"""

from __future__ import annotations

import re
import sys
import textwrap
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]
TABLE = ROOT / "src/cli/options.def"
TARGET = ROOT / "python/llava_check/_api.py"
WIDTH = 96

# Options that are keywords of another function: Report.text returns what a command prints
ELSEWHERE = {
    "all": "llava_check.check_all",
    "format": "llava_check.Report.text",
    "statistics": "llava_check.Report.text",
    "color": "llava_check.Report.text",
    "where": "llava_check.Report.query",
    "rule": "llava_check.Report.query",
}
# Options that only a command needs
NOT_HERE = {
    "help": "help(llava_check.check)",
    "version": "llava_check.__version__",
}
# Options that only these functions have: for others, use the report's attributes or progress=
ONLY_OF = {"metrics": ("watch",)}
# Options with other types of values than on the command line
TYPES = {
    "watch.progress": 'Union[bool, Literal["auto", "never"], Callable[[str], None]]',
    "progress": 'Union[bool, Literal["auto", "never"], OnProgress]',
    "drop": "Union[str, Sequence[str]]",
}
HELP = {
    "watch.progress": "a function that is called with the command's line about each round; the "
    "line is also logged to llava_check",
    "progress": "a bar of tqdm, or of the notebook (auto, default), none (never), or a "
    "function that is called with each :class:`llava_check.Progress`",
    "quiet": "no bar",
    "verbose": "log what is detected, and timings, to the logger llava_check",
}


class Option(NamedTuple):
    name: str
    kind: str
    choices: tuple[str, ...]
    commands: tuple[str, ...]  # (): all
    repeats: bool
    alias: bool
    help: str

    @property
    def keyword(self) -> str:
        return self.name.replace("-", "_")


def c_string(text: str) -> str:
    return "".join(re.findall(r'"((?:[^"\\]|\\.)*)"', text)).replace('\\"', '"')


def split_arguments(text: str) -> list[str]:
    """Split the arguments of a macro at the commas outside of strings."""
    return [part.strip() for part in re.findall(r'((?:"(?:[^"\\]|\\.)*"|[^,"])+)', text)]


def options() -> list[Option]:
    """Return the rows of the table."""
    text = TABLE.read_text(encoding="utf-8")
    text = text.partition("*/\n")[2]
    found = []
    for row in re.findall(r'^LC_OPTION\(((?:"(?:[^"\\]|\\.)*"|[^")])*)\)$', text, flags=re.MULTILINE):
        cells = split_arguments(row)
        assert len(cells) == 12, row
        found.append(
            Option(
                name=c_string(cells[1]),
                kind=cells[4],
                choices=tuple(c_string(cells[5]).split()),
                commands=tuple(c_string(cells[6]).split()),
                repeats="REPEAT" in cells[8],
                alias="ALIAS" in cells[8],
                help=c_string(cells[10]),
            )
        )
    assert len(found) == text.count("LC_OPTION(")
    return found


def options_of(command: str) -> list[Option]:
    """Return the options that the function for a command has as keywords."""
    return [
        option
        for option in options()
        if command in option.commands
        and not option.alias
        and option.name not in (*ELSEWHERE, *NOT_HERE)
        and command in ONLY_OF.get(option.name, command)
    ]


def type_and_default(option: Option, command: str) -> tuple[str, str]:
    own = TYPES.get(f"{command}.{option.name}", TYPES.get(option.name))
    if own:
        return own, '"auto"' if option.name == "progress" else "()"
    if option.kind == "FLAG":
        return "bool", "False"
    if option.repeats and option.kind in ("FILE", "DIR", "PATH"):
        return "Union[PathLike, Sequence[PathLike]]", "()"
    if option.repeats:
        return "Union[str, Sequence[str]]", "()"
    if option.kind == "NUMBER":
        return "Optional[int]", "None"
    if option.kind in ("FILE", "DIR", "PATH"):
        return "Optional[PathLike]", "None"
    if option.kind == "CHOICE":
        names = ", ".join(f'"{choice}"' for choice in option.choices)
        return f"Optional[Literal[{names}]]", "None"
    return "Optional[str]", "None"


def help_of(option: Option, command: str = "") -> str:
    text = HELP.get(f"{command}.{option.name}") or HELP.get(option.name)
    text = text or option.help.replace("`", "'")
    text = re.sub(r"--([a-z][a-z-]*[a-z])", lambda m: f"``{m[1].replace('-', '_')}``", text)
    return text.replace("\\", "\\\\")


class Function(NamedTuple):
    name: str
    command: str
    parameters: str  # the ones that are not options
    returns: str
    text: str
    documented: list[tuple[str, str]]  # descriptions of the parameters
    body: str
    leave_out: tuple[str, ...] = ()
    keywords: tuple[tuple[str, str, str], ...] = ()  # others: name, type, help


PATH = ("path", "a folder, rows file, registry or pattern; or several, which are one data set")

FUNCTIONS = [
    Function(
        "check",
        "check",
        "path: Paths",
        "Report",
        """Check a data set, as ``llava-check PATH`` does.

        Like the command, it reads settings files (``llava-check.yaml``), and reuses results from the
        index, even those of an interrupted run. KeyboardInterrupt ends the run; the next run reuses
        what was read until then.

        A path may be a URL of an object store: ``s3://bucket/raw``. Images and archives are fetched
        when they are read, and not kept; results are stored only with ``index``.

        :raises UsageError: no such path, no rows, or an invalid value of an option
        :raises SeveralSetsError: several data sets are below the path: see :func:`check_all`
        :raises IndexDamagedError: another run holds the index
        :raises OSError: a rows file or the index folder cannot be used, or the disk is full
        """,
        [PATH],
        "return _run.check({path}, {options}, filesystem)",
        keywords=(("filesystem", "Any = None", "the file system of a remote path, from pyarrow.fs or "
                   "fsspec (default: by its URL)"),),
    ),
    Function(
        "check_all",
        "check",
        "path: PathLike",
        "dict[str, Report]",
        """Check each of the data sets below a folder, as ``llava-check PATH --all`` does.

        :returns: the reports by the path of the data set
        """,
        [("path", "a folder")],
        "return _run.check_all({path}, {options})",
        ("index", "report", "write_baseline", "prune_baseline"),
    ),
    Function(
        "watch",
        "watch",
        "path: Paths",
        "Report",
        """Check a data set while its files arrive, as ``llava-check watch PATH`` does.

        This runs the command. It checks in rounds while files arrive, and ends when nothing has
        changed for ``settle`` seconds; the report is that of :func:`check` afterwards.
        KeyboardInterrupt ends it earlier; what was read is kept.

        :raises UsageError: no such path, no rows, or an invalid value of an option
        :raises Error: the command failed; the message is its own
        """,
        [PATH],
        "return _run.watch({path}, {options})",
    ),
    Function(
        "open",
        "report",
        "path: Paths",
        "Report",
        """Open the results of an earlier run, as ``llava-check report PATH`` does.

        :raises UsageError: there are no results
        :raises IndexDamagedError: the index is damaged, or of another version
        """,
        [("path", "what was checked; or an index folder or file")],
        "return _run.open_index({path}, {options})",
    ),
    Function(
        "verify",
        "verify",
        "path: Paths",
        "Report",
        """Compare the files of a checked data set with its index, as ``llava-check verify`` does.

        The report has the findings IDX701 to IDX704: files that changed or are gone. With
        ``download`` or ``manifest``, files are compared with records of their download or with a
        manifest instead, and the findings are HUB901 to HUB906.
        """,
        [PATH],
        "return _run.verify({path}, {options})",
    ),
    Function(
        "clean",
        "clean",
        "path: Paths, output: PathLike",
        "CommandResult",
        """Write only the rows that a trainer trains on, as ``llava-check clean`` does.

        This runs the command. The rows are written byte for byte, and checked before the output
        file appears.

        :returns: what was done: ``.report`` is the content of ``OUT.report.json``
        :raises Error: the command failed; the message is its own
        """,
        [PATH, ("output", "")],
        'return _command.run_clean("clean", {path}, output, {options})',
        ("output",),
    ),
]

FIX = Function(
    "fix",
    "fix",
    "path: Paths, output: Optional[PathLike] = None",
    "CommandResult",
    """Fix the rows that can be fixed, and write all rows, as ``llava-check fix`` does.

    This runs the command. Nothing is written into the data set, unless ``in_place`` is set. With
    ``diff``, nothing is written at all, and ``.text`` has the differences.

    :returns: what was done: ``.report`` is the content of ``OUT.report.json``
    :raises Error: the command failed; the message is its own
    """,
    [PATH, ("output", "")],
    'return _command.run_clean("fix", {path}, output, {options})',
    ("output",),
)

CONVERT = Function(
    "convert",
    "convert",
    "path: Paths, output: PathLike",
    "CommandResult",
    """Write the rows in another dialect, as ``llava-check convert`` does.

    This runs the command. The result is read again before the output file appears.

    :returns: what was done: ``.text`` is what the command prints
    :raises Error: the command failed; the message is its own
    """,
    [PATH, ("output", "")],
    'return _command.run_clean("convert", {path}, output, {options})',
    ("output",),
)

HEAD = '''"""The functions of the package, with every option of the command as a keyword.

Written by scripts/python_api.py from src/cli/options.def: do not edit it.
"""

from __future__ import annotations

import builtins
from typing import TYPE_CHECKING, Any, Callable, Literal, Optional, Sequence, Union

from llava_check import _command, _run
from llava_check._library import PathLike
from llava_check._progress import OnProgress

if TYPE_CHECKING:
    from llava_check._command import CommandResult
    from llava_check._report import Report

Paths = Union[PathLike, Sequence[PathLike]]
'''


def wrapped(text: str, first: str, rest: str) -> str:
    return textwrap.fill(text, WIDTH, initial_indent=first, subsequent_indent=rest,
                         break_long_words=False, break_on_hyphens=False)


def write_function(function: Function) -> str:
    every = [o for o in options_of(function.command) if o.keyword not in function.leave_out]
    lines = [f"def {function.name}("]
    lines += [f"    {p.strip()}," for p in function.parameters.split(",")]
    lines.append("    *,")
    for option in every:
        kind, default = type_and_default(option, function.command)
        lines.append(f"    {option.keyword}: {kind} = {default},")
    lines += [f"    {name}: {kind}," for name, kind, _ in function.keywords]
    lines.append(f") -> {function.returns}:")
    text = textwrap.dedent("    " * 2 + function.text).strip().replace("\n    " * 1, "\n")
    body, _, fields = text.partition("\n:")
    lines.append('    """' + textwrap.indent(body.strip(), "    ").strip())
    lines.append("")
    helps = {o.keyword: help_of(o) for o in options()}
    for name, what in function.documented:
        lines.append(wrapped(f":param {name}: {what or helps[name]}", "    ", "        "))
    for option in every:
        lines.append(wrapped(f":param {option.keyword}: {help_of(option, function.command)}", "    ", "        "))
    for name, _, what in function.keywords:
        lines.append(wrapped(f":param {name}: {what}", "    ", "        "))
    for field in re.split(r"\n(?=:)", ":" + fields.strip()) if fields else []:
        lines.append(wrapped(" ".join(field.split()), "    ", "        "))
    lines.append('    """')
    lines.append("    options: dict[str, object] = {")
    lines += [f'        "{option.name}": {option.keyword},' for option in every]
    lines.append("    }")
    lines.append("    " + function.body.format(path="path", options="options"))
    return "\n".join(lines)


def module() -> str:
    functions = [*FUNCTIONS, FIX, CONVERT]
    names = ", ".join(f'"{f.name}"' for f in sorted(functions))
    text = HEAD + f"\n__all__ = [{names}]\n"
    text = text.replace("import builtins\n", "")
    for function in functions:
        text += "\n\n" + write_function(function) + "\n"
    tables = [o for o in options() if not o.alias]
    text += "\n\n# For each option: whether it is a flag, and whether it may be repeated\n"
    text += "OPTIONS = {\n"
    for option in tables:
        text += f'    "{option.name}": ({option.kind == "FLAG"}, {option.repeats}),\n'
    return text + "}\n"


def main() -> None:
    if sys.argv[1:] not in ([], ["--check"]):
        sys.exit(__doc__)
    if sys.argv[1:]:
        sys.exit(0 if TARGET.read_text(encoding="utf-8") == module() else
                 f"{TARGET.relative_to(ROOT)} is not what {Path(__file__).name} writes: run it")
    TARGET.write_text(module(), encoding="utf-8")


if __name__ == "__main__":
    main()
