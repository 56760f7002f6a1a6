"""What the program says of itself: every option in its help, every rule in the README."""

from __future__ import annotations

import re

from tree import ROOT, SRC, program, rule_codes, run, without_comments

OPTIONS_AT_LEAST = 10
RULES_AT_LEAST = 30


def options() -> list[tuple[str, str | None]]:
    """Each option of the table in options.c: its name, and the commands that take it."""
    text = without_comments((SRC / "cli" / "options.c").read_text())
    table = re.search(r"options\[\] = \{(.*?)\n\};", text, flags=re.DOTALL)
    assert table, "no table of options in src/cli/options.c"
    rows = re.findall(r'\{OPTION_\w+,\s*"([\w-]+)",\s*(?:0|\'.\'),\s*(?:NULL|"[^"]*"),\s*'
                      r'(NULL|"[^"]*")', table.group(1))
    assert len(rows) == table.group(1).count("{OPTION_"), "a row was not understood"
    return [(name, None if takers == "NULL" else takers.strip('"')) for name, takers in rows]


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
    overview = listed_options(run(program(), "--help"))
    rows = options()
    assert len(rows) >= OPTIONS_AT_LEAST
    for name, takers in rows:
        assert name in overview or any(name in listed for listed in help_of.values()), name
        for command, listed in help_of.items():
            taken = takers is None or command in takers.split()
            assert (name in listed) == taken, f"help {command}: --{name}"


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
    """The rule codes that stand in the rows of a Markdown file's tables."""
    assert path.exists(), f"{path.relative_to(ROOT)} is missing"
    rows = [line for line in path.read_text().splitlines() if line.lstrip().startswith("|")]
    return {code for row in rows for code in re.findall(r"\b[A-Z]{3}\d{3}\b", row)}


def test_every_rule_is_in_the_readme():
    assert sorted(set(rule_codes()) - rows_of_tables(ROOT / "README.md")) == []


def test_the_readme_names_no_other_rules():
    assert sorted(rows_of_tables(ROOT / "README.md") - set(rule_codes())) == []


def test_every_rule_is_in_the_list_of_fixtures():
    text = (ROOT / "fixtures" / "README.md").read_text()
    assert [code for code in rule_codes() if code not in text] == []
