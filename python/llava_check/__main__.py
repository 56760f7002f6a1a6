"""python -m llava_check: the command, with the same arguments and exit codes, and parquet.

    llava-check import parquet DIR -o raw/               parquet as JSON and image files
    python -m llava_check check data/*.parquet           check parquet as it is
    python -m llava_check diff data/ raw/                compare it with the raw format
"""

from __future__ import annotations

import argparse
import os
import re
import sys
from typing import Any, NoReturn, Optional

from llava_check._places import command_path

EXIT_ERROR = 2
EXIT_INTERRUPTED = 130


def _escape(character: str) -> str:
    code = ord(character)
    return f"\\x{code:02x}" if code < 0x80 else f"\\u{{{code:x}}}"


def _printable(text: str) -> str:
    """Escape terminal control characters and CI log commands, as the command does."""
    text = "".join(c if c.isprintable() else _escape(c) for c in text)
    text = re.sub("(?<=:):", lambda m: _escape(m[0]), text)
    return re.sub(r"(?i)(##[a-z]*)(\[)", lambda m: m[1] + _escape(m[2]), text)


def _complain(message: object) -> int:
    sys.stderr.write(f"llava-check: {_printable(str(message))}\n")
    return EXIT_ERROR


class _Parser(argparse.ArgumentParser):
    """An argument parser that reports errors on one line, as the command does."""

    def error(self, message: str) -> NoReturn:
        sys.exit(_complain(f"{message}; see '{self.prog} --help'"))


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="llava-check",
        description="What the Python package adds to the command: parquet. "
        "All other arguments are the command's: llava-check --help",
    )
    commands = parser.add_subparsers(dest="command", required=True)
    bringing = commands.add_parser("import", help="write a data set in the raw format")
    kinds = bringing.add_subparsers(dest="kind", required=True)
    parquet = kinds.add_parser("parquet", help="of Hugging Face's parquet files")
    parquet.add_argument("path", nargs="+", help="parquet files, patterns, or folders with them")
    parquet.add_argument("-o", "--output", required=True, help="new folder")
    parquet.add_argument("--name", default="rows", help="of the rows file (default: rows)")
    parquet.add_argument("-j", "--jobs", type=int, help="threads (default: one per processor)")
    parquet.add_argument("--no-check", action="store_true", help="do not check the result")
    parquet.add_argument("-t", "--trainer", help="training program to predict for")
    parquet.add_argument("-q", "--quiet", action="store_true", help="print nothing but errors")
    return parser


def _import(arguments: argparse.Namespace) -> int:
    from llava_check._import import import_parquet

    result = import_parquet(
        arguments.path,
        arguments.output,
        name=arguments.name,
        jobs=arguments.jobs,
        check=not arguments.no_check,
        progress="never" if arguments.quiet else "auto",
        **({"trainer": arguments.trainer} if arguments.trainer else {}),
    )
    if not arguments.quiet:
        states = ", ".join(f"{n:,} {state}" for state, n in sorted(result.states.items()))
        print(f"{result.folder}")
        print(f"  rows      {result.rows:,} in {result.rows_file.name}, of which "
              f"{result.rows_text_only:,} are text only")
        print(f"  images    {result.images:,} ({states}); {result.image_bytes / 2**20:,.1f} MiB")
        print(f"  mapping   {result.mapping}")
        if result.reused:
            print(f"  resumed   {result.reused:,} row groups were there already")
        if result.report:
            print()
            print(result.report.text(), end="")
    return result.report.exit_code if result.report else 0


def _option_of(text: str) -> tuple[str, Optional[str]]:
    name, equals, value = text[2:].partition("=")
    return name, value if equals else None


def _check(words: list[str]) -> int:
    """Run check on parquet files; its options are those of the command, from the same table."""
    from llava_check._api import OPTIONS, check
    from llava_check._errors import UsageError

    short = {"-t": "--trainer", "-o": "--report", "-f": "--format", "-j": "--threads",
             "-q": "--quiet", "-v": "--verbose"}
    paths: list[str] = []
    given: dict[str, Any] = {}
    left = iter(words)
    for word in left:
        word = short.get(word, word)
        if not word.startswith("--"):
            paths.append(word)
            continue
        if word == "--":
            paths += left
            break
        name, value = _option_of(word)
        if name not in OPTIONS:
            raise UsageError(f"unknown option --{name}")
        is_flag, repeats = OPTIONS[name]
        if is_flag:
            given[name] = True
            continue
        value = next(left, None) if value is None else value
        if value is None:
            raise UsageError(f"--{name} requires a value")
        given[name] = [*given.get(name, []), value] if repeats else value
    shown = {key: given.pop(key) for key in ("format", "statistics") if key in given}
    when = given.pop("color", "auto")
    keywords = {name.replace("-", "_"): value for name, value in given.items()}
    try:
        report = check(paths, **keywords)
    except TypeError as error:
        raise UsageError(f"this option is not for parquet: {error}") from error
    if not given.get("quiet"):
        color = when == "always" or (when == "auto" and sys.stdout.isatty())
        print(report.text(color=color, **shown), end="")
    return report.exit_code


def _diff(words: list[str]) -> Optional[int]:
    """Run diff if either side is a parquet folder or file; return None if neither is."""
    from llava_check._command import as_paths
    from llava_check._rules import diff
    from llava_check._run import is_parquet

    if len(words) != 2 or not any(is_parquet(as_paths(word)) for word in words):
        return None
    found = diff(words[0], words[1])
    print(found.text(), end="")
    return 0 if found.equal else 1


def _run(words: list[str]) -> Optional[int]:
    """Do what the command cannot; return None if the command can do it."""
    if words[:1] == ["import"]:
        return _import(_parser().parse_args(words))
    if words[:1] == ["diff"]:
        return _diff(words[1:])
    if not any(word.endswith(".parquet") for word in words):
        return None
    if words[0] in ("check",):
        words = words[1:]
    elif not words[0].startswith("-") and not words[0].endswith(".parquet"):
        return None  # another command
    return _check(words)


def main() -> None:
    """Become the command: it replaces this process, so signals and exit codes are its own."""
    from llava_check._errors import Error

    try:
        code = _run(sys.argv[1:])
        if code is None:
            command = command_path()
            sys.stdout.flush()
            os.execv(command, [str(command), *sys.argv[1:]])
        sys.stdout.flush()
    except KeyboardInterrupt:
        code = EXIT_INTERRUPTED
        _complain("interrupted; run the same command again to continue")
    except (Error, OSError, ValueError) as error:
        code = _complain(error)
    sys.exit(code)


if __name__ == "__main__":
    main()
