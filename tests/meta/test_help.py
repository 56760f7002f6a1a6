"""The program's own documentation: every option in its help, every rule in docs/rules.md."""

from __future__ import annotations

import json
import re
import subprocess
from typing import NamedTuple

from tree import ROOT, SRC, program, rule_codes, run, without_comments

OPTIONS_AT_LEAST = 10
ORIGINS = {"DATA": "data", "TREE": "working tree", "NAMED": "--config", "COMMAND": "command line"}
RULES_AT_LEAST = 30


class Option(NamedTuple):
    """A row of src/cli/options.def."""

    name: str
    letter: str | None
    argument: str | None
    kind: str
    choices: list[str]
    takers: list[str] | None  # None: every command
    group: str
    flags: list[str]
    origin: str  # the least trusted place that may set it
    help: str
    alone: str | None  # why settings files may not have it


def text_of(field: str) -> str | None:
    """Join a C string of one or several pieces; None for NULL."""
    if field == "NULL":
        return None
    return "".join(re.findall(r'"((?:[^"\\]|\\.)*)"', field)).replace('\\"', '"')


def options() -> list[Option]:
    """Return the table of options."""
    text = without_comments((SRC / "cli" / "options.def").read_text())
    field = r"""((?:"(?:[^"\\]|\\.)*"\s*)+|'.'|[^,"']+)"""
    rows = re.findall(r"LC_OPTION\(" + r",\s*".join([field] * 12) + r"\)\n", text)
    assert len(rows) == text.count("LC_OPTION("), "a row was not understood"
    return [Option(text_of(row[1]), None if row[2] == "0" else row[2].strip("'"),
                   text_of(row[3]), row[4], (text_of(row[5]) or "").split(),
                   None if row[6] == "NULL" else text_of(row[6]).split(), row[7],
                   [] if row[8] == "0" else row[8].split(" | "), row[9], text_of(row[10]),
                   text_of(row[11]))
            for row in rows]


def commands() -> list[str]:
    text = without_comments((SRC / "cli" / "main.c").read_text())
    table = re.search(r"commands\[\] = \{(.*?)\n\};", text, flags=re.DOTALL)
    assert table, "no table of commands in src/cli/main.c"
    return re.findall(r'\{"(\w+)",', table.group(1))


def listed_options(text: str) -> set[str]:
    return set(re.findall(r"^\s+(?:-\w, )?\s*--([\w-]+)", text, flags=re.MULTILINE))


def printed_rules() -> list[str]:
    return re.findall(r"\b[A-Z]{3}\d{3}\b", run(program(), "rules", "--color", "never"))


def test_every_option_is_in_help():
    help_of = {command: listed_options(run(program(), "help", command))
               for command in commands()}
    overview = run(program(), "--help")
    rows = options()
    assert len(rows) >= OPTIONS_AT_LEAST
    for row in rows:
        letter = f"-{row.letter}, " if row.letter else ""
        value = f" {row.argument}" if row.argument else ""
        assert re.search(rf"  {letter}--{row.name}{value}(  |$)", overview,
                         flags=re.MULTILINE), row.name
        for command, listed in help_of.items():
            taken = row.takers is None or command in row.takers
            assert (row.name in listed) == taken, f"help {command}: --{row.name}"


def test_every_option_is_in_the_man_page():
    page = run(program(), "man").replace("\\-", "-")
    for row in options():
        letter = rf"\fB-{row.letter}\fR, " if row.letter else ""
        value = rf" \fI{row.argument}\fR" if row.argument else ""
        assert f"\n.TP\n{letter}\\fB--{row.name}\\fR{value}\n" in page, row.name
    for command in commands():
        assert f"\n.TP\n\\fB{command}\\fR" in page, command


def test_every_option_is_in_the_completions():
    bash, zsh, fish = (run(program(), "completions", s) for s in ("bash", "zsh", "fish"))
    for command in commands():
        (of_bash,) = re.findall(rf"^    {command}\)\n        options='(.*)'$", bash,
                                flags=re.MULTILINE)
        (of_zsh,) = re.findall(rf"^    {command}\)\n(.*?)^        ;;$", zsh,
                               flags=re.MULTILINE | re.DOTALL)
        of_fish = "\n".join(line for line in fish.splitlines()
                            if f"'__llava_check_is {command}'" in line)
        for row in options():
            taken = row.takers is None or command in row.takers
            assert (f"--{row.name} " in of_bash) == taken, f"bash, {command}: --{row.name}"
            assert bool(re.search(rf"--{row.name}[=\[}}]", of_zsh)) == taken, row.name
            assert bool(re.search(rf" -l {row.name} ", of_fish)) == taken, row.name


def test_every_option_is_in_the_configuration(tmp_path):
    """A settings file may have each option, or the error says why not; the page on settings agrees."""
    page = (ROOT / "docs" / "configuration.md").read_text()
    settings, rest = page.split("| Setting |")[1].split("| Option |")
    rows = options()
    samples = {"NUMBER": "3", "DIR": "x", "FILE": "x.json", "CODE": "IMG", "FORMAT": "json",
               "TRAINER": "qwen-vl", "DIALECT": "sharegpt", "FLAG": "true"}
    assert sum(row.alone is None for row in rows) > 20 and any(row.alone for row in rows)
    for row in rows:
        value = row.choices[0] if row.choices else samples.get(row.kind, "IMG=error")
        file = tmp_path / "some.yaml"
        file.write_text(f"{row.name}: {value}\n")
        done = subprocess.run([program(), "config", tmp_path, "--config", file, "-f", "json"],
                              capture_output=True, text=True)
        if row.alone:
            assert done.returncode == 2
            assert f"'{row.name}' cannot be set in a file, only on the command line: {row.alone}" in done.stderr
            assert f"\n| `--{row.name}` | {row.alone} |\n" in rest, row.name
            continue
        assert done.returncode == 0, done.stderr
        shown = json.loads(done.stdout)["settings"]
        target = rows[rows.index(row) - 1].name if "ALIAS" in row.flags else row.name
        assert shown[target]["from"] == "--config", row.name
        assert shown[target]["settable_from"] == ORIGINS[row.origin], row.name
        assert f"`{row.name}`" in settings, row.name
        if "ALIAS" not in row.flags:
            assert re.search(rf"\n\| `{row.name}` \|.*\| `{ORIGINS[row.origin]}` \|\n", settings), row.name


def test_help_says_who_may_set_what():
    text = run(program(), "help", "config").split("Which settings file may set which option:\n")[1]
    seen = 0
    for origin, name in ORIGINS.items():
        found = re.search(rf"^  {name}: .*\n((?:      .*\n)+)", text, flags=re.MULTILINE)
        assert bool(found) == (origin != "COMMAND")
        listed = re.findall(r"[\w-]+", found[1]) if found else []
        seen += len(listed)
        wanted = [row.name for row in options() if row.origin == origin and "ALIAS" not in row.flags]
        assert origin == "COMMAND" or listed == wanted + ["per-folder-ignores"] * (origin == "TREE")
    assert seen > 20


def test_rows_of_options_make_sense():
    rows = options()
    names = [r.name for r in rows]
    assert len(set(names)) == len(names)
    for command in commands():  # a letter may mean different options for different commands
        letters = [r.letter for r in rows if r.letter and (r.takers is None or command in r.takers)]
        assert len(set(letters)) == len(letters), command
    for row in rows:
        assert (row.kind == "FLAG") == (row.argument is None), row.name
        assert (row.kind == "CHOICE") == bool(row.choices), row.name
        assert set(row.takers or []) <= set(commands()), row.name
        assert set(row.flags) <= {"ALIAS", "REPEAT"}, row.name
        assert row.origin in ORIGINS, row.name
        assert (row.origin == "COMMAND") == bool(row.alone), row.name
        assert row.origin != "DATA" or row.kind in ("DIR", "TRAINER", "DIALECT"), row.name
        assert row.alone is None or (row.alone and not row.alone.endswith(".")), row.name
        assert row.help and not row.help.endswith("."), row.name
        assert all(choice in row.help for choice in row.choices), row.name


def test_help_fits_a_screen():
    lines = run(program(), "--help").splitlines()
    assert 24 <= len(lines) <= 48
    for text in (lines, *(run(program(), "help", c).splitlines() for c in commands())):
        assert [line for line in text if len(line) > 80] == []


def test_options_of_help_are_aligned():
    """Descriptions begin in the same column, however long the names are."""
    longest = max(len(f"--{row.name} {row.argument or ''}".rstrip()) for row in options())
    for command in commands():
        lines = [line for line in run(program(), "help", command).splitlines()
                 if re.match(r"  (-\w, |    )--", line)]
        assert lines
        for line in lines:
            assert re.fullmatch(rf"  .{{4}}--[\w-]+(?: \S+)?(?= ) +", line[:6 + longest + 2]), line
            assert line[6 + longest + 2] not in " -", line


def test_columns_of_help_are_aligned():
    """Columns are aligned although an ellipsis is three bytes but one column."""
    overview = run(program(), "--help").split("Commands:\n")[1].split("\n\n")[0]
    rows = [re.match(r"  \w+ +(\S+ )*? {2,}(?=\S)|", line).end()
            for line in overview.splitlines()]
    assert len(rows) == len(commands())
    assert len({at for at in rows if at}) == 1


def test_every_command_is_in_help():
    overview = run(program(), "--help")
    assert len(commands()) >= 5
    for command in commands():
        assert re.search(rf"^  {command}\b", overview, flags=re.MULTILINE), command


def test_rules_prints_the_table():
    codes = rule_codes()
    assert len(codes) >= RULES_AT_LEAST
    assert sorted(set(printed_rules())) == sorted(codes)
    for code in codes:
        assert code in run(program(), "rules", code)


def rows_of_tables(path) -> set[str]:
    """Return the rule codes in the rows of a Markdown file's tables."""
    assert path.exists(), f"{path.relative_to(ROOT)} is missing"
    rows = [line for line in path.read_text().splitlines() if line.lstrip().startswith("|")]
    return {code for row in rows for code in re.findall(r"\b[A-Z]{3}\d{3}\b", row)}


def test_every_rule_is_in_the_list_of_rules():
    assert sorted(set(rule_codes()) - rows_of_tables(ROOT / "docs/rules.md")) == []


def test_the_list_of_rules_names_no_others():
    assert sorted(rows_of_tables(ROOT / "docs/rules.md") - set(rule_codes())) == []


def test_every_rule_is_in_the_list_of_fixtures():
    text = (ROOT / "fixtures" / "README.md").read_text()
    assert [code for code in rule_codes() if code not in text] == []
