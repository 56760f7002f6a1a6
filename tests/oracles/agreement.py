"""How far predictions agree with records: agreement/PROGRAM.json has the figures and every difference.

compare.py writes these files. src/rules/agreement.def, which the program is built with, has their
figures; run this file to write only that one. Each file has the digest of the record it belongs to.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import re
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
OUTCOMES = HERE / "outcomes"
FOLDER = HERE / "agreement"
SOURCE = HERE.parents[1] / "src/rules"
TABLE = SOURCE / "agreement.def"
HEAD = """\
/* agreement.def - how far predictions agree with what each program did; written by
 * `scripts/oracles.sh --compare` from tests/oracles/agreement
 *
 * LC_AGREEMENT(trainer, cases that agree, cases, rows that agree, rows,
 *              rows called fine that are not, date of the record)
 */
"""


@dataclasses.dataclass(frozen=True)
class Difference:
    case: str
    where: str  # "file", or a row number
    said: str
    did: str
    rules: str  # rules of the findings there
    why: str = dataclasses.field(default="", compare=False)

    @property
    def false_fine(self) -> bool:
        return self.said == "fine" and self.did not in ("fine", "")

    def line(self) -> str:
        return f"{self.case} {self.where}: said {self.said}, did {self.did} [{self.rules}] {self.why}".rstrip()


@dataclasses.dataclass
class Tally:
    cases: int = 0
    cases_right: int = 0
    rows: int = 0
    rows_right: int = 0
    differences: list[Difference] = dataclasses.field(default_factory=list)

    def add(self, other: Tally) -> None:
        """Add the counts of another case."""
        self.cases += 1
        self.cases_right += not other.differences
        self.rows += other.rows
        self.rows_right += other.rows_right
        self.differences += other.differences

    @property
    def false_fine(self) -> int:
        return sum(difference.false_fine for difference in self.differences)


def trainers() -> dict[str, str]:
    """Return the identifiers of all predicted programs by name, except for readers of shards, which tests/shards covers."""
    found = re.findall(r'^LC_TRAINER\((\w+), "(.+?)"(?!.*FORM_SHARDS)', (SOURCE / "trainers.def").read_text(encoding="utf-8"), re.M)
    return {name: identifier for identifier, name in found}


def digest(program: str) -> str:
    """Return a digest that changes with a program's record."""
    return hashlib.sha256((OUTCOMES / f"{program}.json").read_bytes()).hexdigest()[:16]


def read(program: str) -> dict[str, Any]:
    kept = json.loads((FOLDER / f"{program}.json").read_text(encoding="utf-8"))
    return {**kept, "differences": [Difference(**difference) for difference in kept["differences"]]}


def write(program: str, date: str, total: Tally) -> None:
    """Write the results of comparing all cases."""
    head = {
        "program": program, "record": digest(program), "date": date,
        "cases": total.cases, "cases_agree": total.cases_right,
        "rows": total.rows, "rows_agree": total.rows_right, "false_fine": total.false_fine,
    }  # fmt: skip
    ordered = sorted(total.differences, key=lambda d: (d.case, d.where == "file", d.where.zfill(6)))
    lines = [json.dumps({**vars(d), "why": ""}, ensure_ascii=False) for d in ordered]
    lines = [line.replace(', "why": ""', "") for line in lines]
    FOLDER.mkdir(exist_ok=True)
    text = json.dumps(head)[:-1] + ', "differences": [\n' + ",\n".join(lines) + "\n]}\n"
    (FOLDER / f"{program}.json").write_text(text, encoding="utf-8")


def table() -> str:
    """Return the contents of agreement.def."""
    lines = []
    for program, identifier in trainers().items():
        if (FOLDER / f"{program}.json").exists():
            kept = read(program)
            lines.append(
                f"LC_AGREEMENT({identifier}, {kept['cases_agree']}, {kept['cases']}, {kept['rows_agree']}, "
                f'{kept["rows"]}, {kept["false_fine"]}, "{kept["date"]}")\n'
            )
    return HEAD + "".join(lines)


if __name__ == "__main__":
    TABLE.write_text(table(), encoding="utf-8")
