"""tests/mutation: the operators, programs that contain several mutants, and the list of equivalent ones."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest

from tree import ROOT, build_dir

sys.path.insert(0, str(ROOT / "tests/mutation"))

import mutation  # noqa: E402
import operators  # noqa: E402

FOLLOWING = {"RED": "GREEN", "GREEN": "RED"}

# Statements, and their mutants
CASES = [
    ("if (a < b && c)\n        return -1;", {
        "if (a <= b && c)", "if (a < b || c)", "if (!(a < b && c))", ";", "return -(1 - 1);"}),
    ("while (n > 10)\n        n -= 2;", {
        "while (n >= 10)", "while (!(n > 10))", "while (n > (10 + 1))", "n += 2;", "n -= (2 + 1);", ";"}),
    ("at->text[i] = x + 0x1F;", {"at->text[i] = x - 0x1F;", "at->text[i] = x + (0x1F + 1);", ";"}),
    ("call(\"a < b\", RED); /* 1 */", {"call(\"a < b\", GREEN); /* 1 */", "; /* 1 */"}),
    ("return is_known(x) == true;", {
        "return is_known(x) != true;", "return is_known(x) == false;", "return 0;"}),
    ("*p |= q & m;", {"*p &= q & m;", "*p |= q | m;", ";"}),
    ("int x = *y;", set()),
    ("struct a *x = &b;", set()),
    ("assert(a < 1);", set()),
    ("return p->a;", {"return 0;"}),
]

PROGRAM = """
int main(int argc, char **argv)
{
    int result = 3;

    (void)argv;
    if (argc > 1)
        goto out;
    result = 5;
out:
    return result;
}
"""


def function_of(statement: str) -> operators.Function:
    found = list(operators.functions("a.c", f"static int f(int a)\n{{\n    {statement}\n}}\n"))
    assert [function.name for function in found] == ["f"]
    return found[0]


@pytest.mark.parametrize(("statement", "wanted"), CASES)
def test_operators(statement, wanted):
    found = list(operators.mutants(function_of(statement), FOLLOWING))
    lines = {line[2:] for mutant in found for line in mutant.diff() if line.startswith("+ ")}
    assert lines - {""} == wanted
    assert len({mutant.identity for mutant in found}) == len(found) >= len(wanted)
    assert all(mutant.text.count("\n") == mutant.function.text.count("\n") for mutant in found)


def test_a_sample_does_not_depend_on_other_functions():
    def first(*statements: str) -> list[str]:
        found = [mutant for statement in statements
                 for mutant in operators.mutants(function_of(statement), FOLLOWING)]
        return [mutant.identity for mutant in operators.sample(found, 1)]

    few, many = first(CASES[0][0]), first(*(statement for statement, _ in CASES))
    assert [identity for identity in many if identity in few] == few


def test_one_program_contains_all_mutants(tmp_path):
    [function] = operators.functions("a.c", PROGRAM)
    found = [mutant for mutant in operators.mutants(function, FOLLOWING)]
    text = operators.with_mutants(list(enumerate(found, 1)))
    program = tmp_path / "a"
    subprocess.run(["cc", "-w", "-x", "c", "-", "-o", program], input=text, text=True, check=True, timeout=60)
    codes = [subprocess.run([program], env={**os.environ, "LC_MUTANT": str(number)}, check=False).returncode
             for number in range(len(found) + 1)]
    by_operator = {mutant.edit.operator: code for mutant, code in zip(found, codes[1:])}
    assert codes[0] == 5
    assert by_operator["negated condition"] == 3 and by_operator["result"] == 0
    assert {tuple(mutant.diff())[1]: code for mutant, code in zip(found, codes[1:])}["+ result = (5 - 1);"] == 4


def test_equivalent_mutants_are_in_the_sources():
    entries = operators.read_equivalent(mutation.EQUIVALENT)
    following = operators.enumerators(path.read_text() for path in sorted((ROOT / "src").rglob("*.[ch]")))
    names = {entry.function for entry in entries}
    there = [mutant for function in operators.read_functions(ROOT, ["src"]) if function.name in names
             for mutant in operators.mutants(function, following)]
    for entry in entries:
        of = [mutant for mutant in there if entry.is_of(mutant)]
        assert len(of) == 1, (entry, [mutant.identity for mutant in of])
    assert [entry for entry in entries if len(entry.reason) < 10] == []
    assert len({(entry.function, entry.lines, entry.identity) for entry in entries}) == len(entries)


def test_every_source_has_tests_and_every_pattern_fits_some():
    text = subprocess.run(["ctest", "--test-dir", build_dir(), "-N"], capture_output=True, text=True, check=True,
                          timeout=60).stdout
    tests = dict.fromkeys(re.findall(r"Test +#\d+: (\S+)", text))
    paths = [str(path.relative_to(ROOT)) for path in (ROOT / "src").rglob("*.c")]
    assert len(tests) > 50 and len(paths) > 100
    assert [path for path in paths if not all(mutation.relevant(path, tests))] == []
    for folder, groups in mutation.RELEVANT:
        fitting = [match for path in paths if (match := re.match(folder, path))]
        names = {prefix + name for match in fitting for group in groups for prefix, choice, one in
                 re.findall(r"(\w+\.)(?:\((.*?)\)(?=\||$)|([\w.*]+))", match.expand(group))
                 for name in (choice or one).split("|")}
        assert names and all(any(re.fullmatch(name, test) for test in tests) for name in names), (folder, names)
    assert [folder for folder in mutation.FOLDERS if not (ROOT / folder).is_dir()] == []
