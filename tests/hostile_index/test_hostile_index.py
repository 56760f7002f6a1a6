"""Runs every command that opens an index on damaged and forged ones: it works or refuses.

LC_HOSTILE_INDEX is the path of the built program hostile_index (driver.c), which makes mutants and runs
the commands on them. scripts/hostile_index.sh runs larger campaigns.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import forgeries
import pytest
import totals
from work import TIMEOUT_S, driver, make_work

# The number of mutants of a set's index, the options of the driver, and the percentage of mutants that must
# get past opening. Two drivers at a time try each set. Most run with sanitizers, which also notice
# accesses out of bounds; campaigns run any number.
MUTANTS = 140
SANITIZED = bool(os.environ.get("LC_SANITIZE"))
CAMPAIGNS = {"demo": (MUTANTS, ["-e", "4"], 40), "generated": (60 if SANITIZED else 40, ["-e", "8"], 30),
             "demo-sparing": (4 * MUTANTS, ["-s"], 40),
             "demo-part": (MUTANTS if SANITIZED else 80, ["-p", "-s"], 30)}
FEWEST_COMMANDS = 60


def begin(work: Path, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen([driver(), *arguments[:-2], work, *arguments[-2:]], stdout=subprocess.PIPE,
                            stderr=subprocess.STDOUT, text=True)


@pytest.mark.parametrize("name", CAMPAIGNS)
def test_mutants(name: str, demo: Path, folder: Path) -> None:
    count, options, share = CAMPAIGNS[name]
    works = [demo if name == "demo" else make_work(f"{name}-1", folder), make_work(f"{name}-2", folder)]
    first = 10_001 if "-s" in options else 1
    half = count // len(works)
    drivers = [begin(work, *options, str(first + i * half), str(half)) for i, work in enumerate(works)]
    outputs = [process.communicate(timeout=TIMEOUT_S)[0] for process in drivers]
    counted = totals.add(outputs)
    assert [process.returncode for process in drivers] == [0] * len(works), "".join(outputs)[-3000:]
    assert counted.failures == []
    assert counted.mutants == count and counted.sealed == count - count // 10
    assert counted.opened * 100 >= count * share and counted.sound > 0
    assert len(counted.commands) >= FEWEST_COMMANDS
    assert all(command.runs for command in counted.commands.values()) or "-p" in options
    assert counted.commands["all answers, by the library"].runs == counted.commands["index check index"].runs == count
    assert all(change.made for change in counted.changes.values()) or count < 1000
    assert "-p" not in options or sum(c.runs for words, c in counted.commands.items() if words.startswith("merge")) == count
    assert counted.reused > 0 or name != "demo"  # code that trusts an index was reached, too


@pytest.mark.parametrize("forgery", forgeries.FORGERIES, ids=lambda forgery: forgery.change.__name__)
def test_forgeries_that_cost_too_much(forgery: forgeries.Forgery, demo: Path) -> None:
    """Larger ones took minutes or gigabytes when look-ups had no limit."""
    file = demo / f"{forgery.change.__name__}.mdb"
    forgeries.forge(demo / "sound/index.mdb", file, forgery.change)
    done = subprocess.run([driver(), "-f", demo, file], capture_output=True, text=True, timeout=TIMEOUT_S,
                          check=False)
    assert done.returncode == 0, done.stdout[-1000:] + done.stderr[-1000:]
    counted = totals.add([done.stdout])
    assert counted.mutants == 1 and counted.failures == []
    answers = counted.commands["all answers, by the library"]
    assert (counted.opened, answers.clean) == (forgery.is_opened, forgery.is_answered)
