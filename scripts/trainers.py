"""trainers.py BINARY - write the table of docs/trainers.md, docs/trainers/by-rule.md, and docs/trainers/NAME.md for each program

The texts come from llava-check (`trainers all --format json`, `rules CODE`). The differences between
predictions and what the training programs did come from tests/oracles/agreement.
"""

from __future__ import annotations

import collections
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
OVERVIEW = Path("docs/trainers.md")
FOLDER = Path("docs/trainers")
BY_RULE = FOLDER / "by-rule.md"
AGREEMENT = ROOT / "tests/oracles/agreement"
MARK = "<!-- written by scripts/trainers.py from here on -->\n"
KINDS = 12  # kinds of differences that a page lists
SIGNS = {"fine": "·", "unknown": "?"}
FORMS = {"json": "`.json`", "jsonl": "`.jsonl`", "mixed jsonl": "`.jsonl` that a mixture names", "shards": "shards"}
Effects = dict[tuple[str, str], dict[str, str]]  # by rule and case


def printed(binary: str, *arguments: str) -> str:
    return subprocess.run([binary, *arguments], check=True, capture_output=True, text=True).stdout


def own(text: str) -> str:
    """Escape the markup in a text, except in code in backquotes."""
    parts = text.split("`")
    for n in range(0, len(parts), 2):
        parts[n] = re.sub(r"([\\*_\[\]<>|~&$#])", r"\\\1", parts[n])
    return "`".join(part.replace("|", "\\|") for part in parts)


def table(head: list[str], rows: list[list[str]], right: int = 0) -> str:
    """Return a table; its last `right` columns are numbers."""
    marks = ["---"] * (len(head) - right) + ["--:"] * right
    return "".join(f"| {' | '.join(cells)} |\n" for cells in [head, marks, *rows]).replace("| --- ", "|---").replace(
        "| --: ", "|--:"
    )


class Rules:
    """The rules and their cases, in order."""

    def __init__(self, binary: str) -> None:
        self.rules: dict[str, tuple[str, str]] = {}  # name and summary
        self.cases: dict[str, dict[str, str]] = {}  # summaries
        self.wholes: dict[tuple[str, str], str] = {}  # the case that a case is part of
        for code, name, summary in re.findall(r"^(\w+)  \w+ +(\S+) +(.+?)(?: \((?:unsafe )?fix\))?$", printed(binary, "rules"), re.M):
            self.rules[code] = name, summary
            text = printed(binary, "rules", code)
            part = text.partition("\nCases that trainers may treat differently\n")[2].partition("\n\n")[0]
            self.cases[code] = dict(re.findall(r"^  (\S+) +(.+)$", part, re.M))
        source = (ROOT / "src/rules/rules.def").read_text(encoding="utf-8")
        names = dict(re.findall(r'^LC_CASE(?:_OF)?\((\w+(?:, \w+)+), "([\w-]+)"', source, re.M))
        by_place = {(words[0], words[-1]): name for key, name in names.items() for words in [key.split(", ")]}
        for key, name in names.items():
            words = key.split(", ")
            self.wholes[words[0], name] = by_place[words[0], words[1]] if len(words) == 3 else ""

    def effect(self, effects: Effects, code: str, case: str) -> dict[str, str]:
        """Return what a trainer does with a case: its own effect, or that of the case or rule around it."""
        while (code, case) not in effects:
            case = self.wholes[code, case]
        return effects[code, case]


def forms(trainer: dict[str, Any]) -> str:
    """Return the kinds of rows files that a trainer loads: "`.json` and `.jsonl`"."""
    return " and ".join(FORMS[form] for form in trainer["files"] if form != "mixed jsonl" or "jsonl" not in trainer["files"])


def effects_of(trainer: dict[str, Any]) -> Effects:
    return {(e["rule"], e.get("case", "")): e for e in trainer["effects"]}


def link(trainer: dict[str, Any]) -> str:
    return f"[{trainer['name']}](trainers/{trainer['name']}.md)"


def summary_table(trainers: list[dict[str, Any]]) -> str:
    rows = []
    for trainer in trainers:
        a = trainer["agreement"]
        dialects = ", ".join(d["dialect"] for d in trainer["dialects"] if d["effect"] == "fine")
        rows.append([link(trainer), own(trainer["title"]), forms(trainer),
                     own(dialects), f"{a['rows_agree']:,} of {a['rows']:,} ({share(a)})"])
    return table(["`--trainer`", "Program", "Files", "Dialects", "Rows predicted correctly"], rows, 1)


def share(agreement: dict[str, int]) -> str:
    """Return the share of rows that agree in per cent, rounded down, so that 100 means all."""
    return f"{agreement['rows_agree'] * 1000 // agreement['rows'] / 10:.1f} %"


def comparison(rules: Rules, trainers: list[dict[str, Any]]) -> str:
    """Return a table with a row for each rule, and for each case that a trainer treats differently."""
    columns = [effects_of(trainer) for trainer in trainers]
    rows = []
    for code, (name, _) in rules.rules.items():
        usual = [column[code, ""]["effect"] for column in columns]
        rows.append([f"**{code}** {name}", *(SIGNS.get(effect, effect) for effect in usual)])
        for case in rules.cases[code]:
            effects = [rules.effect(column, code, case)["effect"] for column in columns]
            whole = [rules.effect(column, code, rules.wholes[code, case])["effect"] for column in columns]
            if effects != whole:
                rows.append([f"– {case}", *(SIGNS.get(effect, effect) for effect in effects)])
    return table(["Rule, case", *(trainer["name"] for trainer in trainers)], rows)


def differences(name: str) -> str:
    """Return a table of the kinds of wrong predictions, the most frequent first."""
    kept = json.loads((AGREEMENT / f"{name}.json").read_text(encoding="utf-8"))["differences"]
    kinds = collections.Counter((d["rules"], d["said"], d["did"]) for d in kept)
    cases = {(d["rules"], d["said"], d["did"]): d["case"] for d in reversed(kept)}
    ordered = sorted(kinds, key=lambda kind: (-kinds[kind], kind))
    if not kinds:
        return "There are no differences.\n"
    rows = [[own(kind[0]) or "none", kind[1], kind[2], f"`{cases[kind]}`", f"{kinds[kind]:,}"] for kind in ordered[:KINDS]]
    text = table(["Findings", "Predicted", "Actual", "Example", "Number"], rows, 1)
    rest = ordered[KINDS:]
    if rest:
        text += f"\nThere are {len(rest)} more kinds, with {sum(kinds[kind] for kind in rest):,} differences.\n"
    return text


def page(rules: Rules, trainer: dict[str, Any]) -> str:
    """Return a trainer's page."""
    a, effects = trainer["agreement"], effects_of(trainer)
    dialects = [
        [d["dialect"], d["effect"] if "rows" in d else "read", {"with media": "those with media"}.get(d.get("rows", ""), "all"),
         own(d.get("what", ""))]
        for d in trainer["dialects"]
    ]  # fmt: skip
    rows = []
    for (code, case), effect in effects.items():
        name, summary = rules.rules[code]
        head = f"– {case}: {own(rules.cases[code][case])}" if case else f"**{code}** {name}: {own(summary)}"
        rows.append([head, effect["effect"], own(effect.get("what", "")), own(effect.get("source", ""))])
    text = f"# {trainer['name']}: {own(trainer['title'])}\n\n"
    text += f"    llava-check raw/ --trainer {trainer['name']}\n\n"
    text += "Written by `scripts/trainers.py`. [What the terms mean](../trainers.md).\n\n"
    text += f"The program is {own(trainer['program'])}. It loads {forms(trainer)}. Assumed:\n\n"
    text += "".join(f"- {own(assumption)}\n" for assumption in trainer["assumed"])
    if "length" in trainer:
        length = trainer["length"]
        text += f"\nA row of more than {length['limit']:,} tokens is *{length['effect']}*: {own(length['what'])}\n"
        text += f"({own(length['source'])}).\n"
    text += "\n## Dialects\n\n" + table(["Dialect", "Effect", "Rows", "What happens"], dialects)
    text += "\n## Agreement with real runs\n\n"
    if not (AGREEMENT / f"{trainer['name']}.json").exists():
        text += (
            f"The reader was run on {a['cases']:,} small data sets of [tests/shards](../../tests/shards/README.md), each broken in another way,\n"
            f"on {a['date']}; {a['cases_agree']:,} outcomes were predicted, and in the others more was reported than was lost.\n"
        )
    else:
        text += (
            f"The program was run on {a['cases']:,} small data sets on {a['date']}. {a['rows_agree']:,} of {a['rows']:,} rows ({share(a)}) "
            f"were\npredicted correctly; {a['false_fine']:,} rows that were predicted *fine* were not trained as written. Differences:\n\n"
        )
        text += differences(trainer["name"])
    text += "\n## Rules\n\nA case without a row is treated like its rule.\n\n"
    return text + table(["Rule, case", "Effect", "What happens", "Where that is decided"], rows)


def pages(binary: str) -> dict[Path, str]:
    """Return every generated file with its contents."""
    trainers = json.loads(printed(binary, "trainers", "all", "--format", "json"))["trainers"]
    rules = Rules(binary)
    head = (ROOT / OVERVIEW).read_text(encoding="utf-8").partition(MARK)[0]
    made = {FOLDER / f"{trainer['name']}.md": page(rules, trainer) for trainer in trainers}
    made[OVERVIEW] = (
        head + MARK + "\n## The programs\n\n" + summary_table(trainers)
        + "\n[trainers/by-rule.md](trainers/by-rule.md) compares them by rule.\n"
    )  # fmt: skip
    made[BY_RULE] = (
        "# What each training program does, by rule\n\nWritten by `scripts/trainers.py`. [What the terms mean](../trainers.md).\n\n"
        "`·` is *fine*, `?` is *unknown*. A case has a row only if some program treats it differently from its rule.\n\n"
        + comparison(rules, trainers)
    )
    return made


def main() -> None:
    made = pages(str(Path(sys.argv[1]).resolve()))
    (ROOT / FOLDER).mkdir(exist_ok=True)
    for path in (ROOT / FOLDER).glob("*.md"):
        if path.relative_to(ROOT) not in made:
            path.unlink()
    for path, text in made.items():
        (ROOT / path).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
