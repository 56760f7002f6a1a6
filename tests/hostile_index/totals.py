"""Add up the counts of drivers: totals.py OUTPUT... prints them. Exit 1: a failure."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class Command:
    runs: int = 0
    clean: int = 0
    findings: int = 0
    refused: int = 0
    failed: int = 0


@dataclass
class Change:
    made: int = 0
    opened: int = 0


@dataclass
class Totals:
    """The lines of driver.c, by their first words."""

    commands: dict[str, Command] = field(default_factory=dict)
    changes: dict[str, Change] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)
    mutants: int = 0
    opened: int = 0
    sealed: int = 0
    sound: int = 0
    reused: int = 0
    longest: tuple[int, str, str] = (0, "", "")  # ms, seed, command
    largest: tuple[int, str, str] = (0, "", "")  # KiB


def add(outputs: list[str]) -> Totals:
    t = Totals()
    for line in "\n".join(outputs).split("\n"):
        kind, *words = line.split("\t")
        if kind == "command":
            of = t.commands.setdefault(words[5], Command())
            for name, number in zip(vars(of), words):
                setattr(of, name, getattr(of, name) + int(number))
        elif kind == "change":
            change = t.changes.setdefault(words[2], Change())
            change.made += int(words[0])
            change.opened += int(words[1])
        elif kind == "failure":
            t.failures.append(" ".join(words))
        elif kind == "mutants":
            for name, number in zip(("mutants", "opened", "sealed", "sound", "reused"), words):
                setattr(t, name, getattr(t, name) + int(number))
        elif kind in ("longest", "largest"):
            setattr(t, kind, max(getattr(t, kind), (int(words[0]), words[1], words[2])))
    return t


def main() -> int:
    t = add([Path(name).read_text(encoding="utf-8", errors="replace") for name in sys.argv[1:]])
    print(f"{'runs':>9} {'exit 0':>9} {'exit 1':>9} {'exit 2':>9} {'failed':>7}  command")
    for name, c in t.commands.items():
        print(f"{c.runs:9} {c.clean:9} {c.findings:9} {c.refused:9} {c.failed:7}  {name}")
    print(f"\n{'mutants':>9} {'opened':>9}  change")
    for name, change in t.changes.items():
        print(f"{change.made:9} {change.opened:9}  {name}")
    runs = sum(c.runs for c in t.commands.values())
    print(f"\n{t.mutants} mutants, {t.sealed} of them sealed again; {t.opened} were opened, {t.sound} sound for"
          f" index check, of {t.reused} a lie was reused; {runs} runs, {len(t.failures)} failures")
    print("longest run: {0} ms of processor time, mutant {1}: {2}".format(*t.longest))
    print("most memory: {0} KiB, mutant {1}: {2}".format(*t.largest))
    for failure in t.failures:
        print(f"FAILURE: mutant {failure}")
    return 1 if t.failures or not t.mutants else 0


if __name__ == "__main__":
    sys.exit(main())
