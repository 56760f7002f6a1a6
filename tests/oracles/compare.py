"""Compare what llava-check predicts for a program with what the program did.

    compare.py PROGRAM --cases DIR --check PROGRAM_FILE [--brief] [--only PART] [--keep]

For each case, compares whether the job starts, and what happens to each row. Prints the agreement and
all differences, first those with predicted "fine" but actual harm. Exit 1 if there are any, or if a
report contradicts itself.
With --keep, writes them to agreement/PROGRAM.json, and src/rules/agreement.def.
"""

from __future__ import annotations

import argparse
import collections
import concurrent.futures
import json
import os
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))

import agreement  # noqa: E402
from agreement import Difference, Tally  # noqa: E402
from consistent import contradictions  # noqa: E402

sys.path.append(str(Path(__file__).resolve().parents[1] / "runner"))

import runner  # noqa: E402

def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("--cases", type=Path, required=True)
    parser.add_argument("--check", type=Path, required=True)
    parser.add_argument("--only", default="")
    parser.add_argument("--brief", action="store_true", help="differences by rule, with one example each")
    parser.add_argument("--keep", action="store_true", help="write the agreement, of all cases")
    options = parser.parse_args()
    if options.keep and options.only:
        parser.error("--keep is about all cases")
    record = json.loads((agreement.OUTCOMES / f"{options.program}.json").read_text())
    index = {entry["name"]: entry for line in (options.cases / "index.jsonl").read_text().splitlines()
             for entry in [json.loads(line)]}
    names = [name for name in record["cases"] if options.only in name]
    missing = [name for name, entry in index.items()
               if options.only in name and not entry["mixture"] and name not in record["cases"]]
    stale = {name for name in names if record["cases"][name]["case"] != index.get(name, {}).get("digest")}
    own = sorted(name for name in stale if not name.startswith("fixture/"))
    if own:
        print(f"{len(own)} cases are not recorded as they are now, such as {own[0]}: record them with --keep")
        return 1
    if stale or missing:  # fixtures change with the rules; a recording may have been stopped
        print(f"left out: {len(stale)} fixtures that are newer than the record, {len(missing)} cases that it lacks")
        names = [name for name in names if name not in stale]
    check = options.check.resolve()

    def one(name: str) -> tuple[Tally, list[str]]:
        report = predict(check, options.program, options.cases / name, options.cases / index[name]["file"])
        return compare(name, report, record["cases"][name]), [f"{name}: {text}" for text in contradictions(report)]

    total, wrong = Tally(), []
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for tally, said in pool.map(one, names):
            total.add(tally)
            wrong += said
    if options.keep:
        agreement.write(options.program, record["date"], total)
        agreement.TABLE.write_text(agreement.table(), encoding="utf-8")
    show(options.program, record, total, options.brief)
    for text in wrong:
        print(f"contradiction: {text}")
    return bool(total.differences or wrong)


def predict(check: Path, program: str, home: Path, rows: Path) -> dict[str, Any]:
    command = [check, "check", rows, "--trainer", program, "--format", "json", "--no-index", "--show", "info", "--allow-outside",
               "--images", home / "images", "--videos", home / "videos"]
    done = runner.run(command)
    if done.returncode == 2 and b"an unknown dialect" in done.stderr:
        done = runner.run([*command, "--dialect", "llava"])
    if done.returncode not in (0, 1):
        raise RuntimeError(f"{home.name}: {done.stderr.decode('utf-8', 'replace')}")
    return json.loads(done.stdout)


def unpack(text: str) -> list[str]:
    """Convert "fine*3 replaced" to a list."""
    return [kind for part in text.split() for kind, _, count in [part.partition("*")] for _ in range(int(count or 1))]


def rules_at(report: dict[str, Any], row: int | None) -> str:
    """Return the rules of the findings about a row, or about the file."""
    found = set()
    for finding in report["findings"]:
        rows = [finding["row"]] if "row" in finding else [r["row"] for r in finding.get("rows", {}).get("first", [])]
        if row in rows or row is None and not rows:
            found.add(finding["rule"] + (f" {finding['case']}" if "case" in finding else ""))
    return ", ".join(sorted(found))


def compare(name: str, report: dict[str, Any], did: dict[str, Any]) -> Tally:
    tally = Tally()
    effects = {effect["row"]: effect["effect"] for effect in report["effects"] if "row" in effect}
    of_file = {finding.get("effect") for finding in report["findings"] if not {"row", "rows"} & {*finding}}
    trainer = report["summary"]["trainer"]
    refused = trainer["unloaded"] > 0 or "refused" in {*of_file, *effects.values()}
    if "start" in did:
        # a signal ends the job at any point
        if not refused and not (did["start"].startswith("signal") and "crash" in effects.values()):
            said = worst({*of_file, *effects.values()})
            every = ", ".join(sorted({f["rule"] for f in report["findings"]}))
            tally.differences.append(Difference(name, "file", said, "refused", every, did["start"]))
        return tally
    kinds = unpack(did["rows"]) if did.get("rows") else []
    if refused:
        why = " ".join(did.get("why", {}).values())
        tally.rows = len(kinds)
        tally.differences.append(Difference(name, "file", "refused", "starts", rules_at(report, None), why))
        return tally
    usual = "crash" if "crash" in of_file else "fine"
    for row, kind in enumerate(kinds):
        said = effects.get(row, usual)
        tally.rows += 1
        allowed = {kind}
        if str(row) in did.get("others", {}) and kind == "fine":
            allowed.add("altered")  # the fault of another row in the same batch
        if kind == "dropped" and kinds.count(kind) > len(kinds) - did.get("loads", 0):
            allowed.add("replaced")  # the record cannot tell which absent rows were replaced
        if said in allowed:
            tally.rows_right += 1
            continue
        why = did.get("why", {}).get(str(row), "")
        tally.differences.append(Difference(name, str(row), said, kind, rules_at(report, row), why))
    return tally


def worst(effects: set[str | None]) -> str:
    ranks = ("crash", "replaced", "dropped", "altered", "unknown")
    return next((rank for rank in ranks if rank in effects), "fine")


def show(program: str, record: dict[str, Any], total: Tally, brief: bool) -> None:
    order = sorted(total.differences, key=lambda d: (not d.false_fine, d.rules, d.said, d.did, d.case))
    if brief:
        groups: dict[tuple[str, str, str], list[Difference]] = collections.defaultdict(list)
        for difference in order:
            groups[difference.rules, difference.said, difference.did].append(difference)
        for (rules, said, did), members in sorted(
            groups.items(), key=lambda item: (not item[1][0].false_fine, -len(item[1]))
        ):
            first = members[0]
            print(f"{len(members):4} x said {said}, did {did} [{rules}], as {first.case} {first.where}: {first.why}")
    else:
        for difference in order:
            print(difference.line())
    print(
        f"{program} at {record['commit'][:7]}, recorded {record['date']}: {total.cases_right} of {total.cases} cases "
        f"agree, {total.rows_right} of {total.rows} rows; fine was said and harm done {total.false_fine} times"
    )


if __name__ == "__main__":
    sys.exit(main())
