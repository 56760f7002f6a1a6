#!/usr/bin/env python3
"""Compare the predictions for random shards, sample by sample, with what webdataset and Energon did

    LLAVA_CHECK=… compare_random.py SEED COUNT RECORD…

RECORD was written by record.py for the same seed and count. For each set:

- the rows are the samples, in order and by key, up to where webdataset raises;
- a row has the images of its sample, and has ARC812 if the sample has no image or no text;
- webdataset raises if, and only if, a finding predicts it, at the sample of such a row;
- `energon prepare` refuses, or the loader raises, if a finding predicts it.

These do not count as differences: effects predicted as unknown; damage after a header at which the reader has ended
(both faults in a shard are reported); and broken JSON after the first sample, which `energon prepare` does not read: the
loader silently drops the sample, and the prediction is stricter.

Prints differences and figures; the exit code is 1 if there are differences.
"""

from __future__ import annotations

import collections
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from random_cases import cases
from test_predictions import BINARY, IMAGES, TEXTS, check, put

FORMATS = IMAGES | {"gif", "bmp", "tif", "tiff"}


def rows_of(folder: Path, index: Path) -> list[dict[str, Any]]:
    shards = sorted(str(path) for path in folder.iterdir() if ".tar" in path.name)
    subprocess.run([BINARY, *shards, "--index", str(index), "--quiet", "--isolated"], capture_output=True, check=False)
    done = subprocess.run([BINARY, "index", "dump", "rows", str(index)], capture_output=True, text=True, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def effects_of(report: Any) -> tuple[list[str], dict[tuple[str, int], set[str]], dict[tuple[str, int], set[str]]]:
    """Return all effects, the effects on each row, and the rules of each row."""
    every, effects, rules = [], collections.defaultdict(set), collections.defaultdict(set)
    for finding in report["findings"]:
        every.append(finding["effect"])
        places = [finding] if "row" in finding else finding.get("rows", {}).get("first", [])
        for place in places:
            effects[place["file"], place["row"]].add(finding["effect"])
            rules[place["file"], place["row"]].add(finding["rule"])
    return every, effects, rules


def is_whole(suffixes: list[str]) -> bool:
    small = {suffix.lower().rpartition(".")[2] for suffix in suffixes}
    return bool(small & FORMATS) and bool(small & TEXTS)


def compare_samples(rows: list[Any], rules: dict[Any, set[str]], samples: list[Any], raises: bool) -> list[str]:
    wrong = []
    keys, wanted = [row["id"] for row in rows], [key for key, _ in samples]
    if keys[: len(wanted)] != wanted or (not raises and len(keys) != len(wanted)):
        return [f"rows {keys}, samples {wanted}"]
    for row, (key, suffixes) in zip(rows, samples):
        images = sorted(suffix for suffix in suffixes if suffix.lower().rpartition(".")[2] in FORMATS)
        found = sorted({image.rpartition("!")[2].rpartition("/")[2].partition(".")[2].lower() for image in row.get("images", [])})
        if found != images:
            wrong.append(f"{key}: images {found}, in the sample {images}")
        found_wrong = rules[row["file"], row["row"]]
        lacks = "ARC812" in found_wrong
        # nothing more is reported about a row that is not JSON, which is a crash anyway
        if lacks == is_whole(suffixes) and not any(rule.startswith("JSN") for rule in found_wrong):
            wrong.append(f"{key}: {'lacks a part' if lacks else 'is whole'}, in the sample {suffixes}")
    return wrong


def compare_webdataset(outcome: Any, report: Any, rows: list[Any]) -> list[str]:
    every, effects, rules = effects_of(report)
    raw, decoded = outcome["raw"], outcome["decoded"]
    wrong = compare_samples(rows, rules, raw["samples"], "error" in raw)
    raises = "error" in raw or "error" in decoded
    is_behind = not raises and {"dropped", "crash"} <= set(every)
    if raises != ("crash" in every) and not is_behind and "unknown" not in every:
        wrong.append(f"{'raises' if raises else 'does not raise'}: {raw.get('error') or decoded.get('error')}, predicted {sorted(set(every))}")
    if "error" in decoded and "error" not in raw and len(decoded["samples"]) < len(rows):
        row = rows[len(decoded["samples"])]
        if "crash" not in effects[row["file"], row["row"]]:
            wrong.append(f"{row['id']} cannot be decoded: {decoded['error']}, predicted {effects[row['file'], row['row']]}")
        for before in rows[: len(decoded["samples"])]:
            if "crash" in effects[before["file"], before["row"]]:
                wrong.append(f"{before['id']} is decoded, predicted crash: {rules[before['file'], before['row']]}")
    return wrong


def compare_energon(outcome: Any, report: Any, rows: list[Any]) -> list[str]:
    every, effects, rules = effects_of(report)
    refused = not isinstance(outcome["prepare"], dict)
    if "unknown" in every:
        return []
    broken = {place for place, found in rules.items() if any(rule.startswith("JSN1") for rule in found) and "refused" in effects[place]}
    if not refused and broken and rows and (rows[0]["file"], rows[0]["row"]) not in broken:
        for place in broken:
            effects[place].add("dropped")
        every = [finding["effect"] for finding in report["findings"] if not finding["rule"].startswith("JSN1")]
    is_behind = not refused and {"dropped", "refused"} <= set(every)
    if refused != ("refused" in every) and not is_behind:
        return [f"{'refused' if refused else 'prepared'}: {outcome['prepare']}, predicted {sorted(set(every))}"]
    if refused:
        return []
    run = outcome["raw"]
    if "error" in run:
        return [] if "crash" in every else [f"raises {run['error']}, predicted {sorted(set(every))}"]
    kept = [row["id"] for row in rows if "dropped" not in effects[row["file"], row["row"]]]
    keys = [key.rpartition("!")[2] for key, _ in run["samples"]]
    keys = [key.partition(".tar/")[2] or key for key in keys]
    if "crash" in every:
        return [f"does not raise, predicted crash: {sorted(set(every))}"]
    return [] if kept == keys else [f"rows {kept}, samples {keys}"]


def main() -> int:
    seed, count = int(sys.argv[1]), int(sys.argv[2])
    records = [json.loads(Path(name).read_text(encoding="ascii")) for name in sys.argv[3:]]
    compare = {"webdataset": compare_webdataset, "energon": compare_energon}
    differ: collections.Counter[str] = collections.Counter()
    samples: collections.Counter[str] = collections.Counter()
    with tempfile.TemporaryDirectory() as scratch:
        for case in cases(seed, count):
            folder = put(case, Path(scratch) / case.name)
            rows = rows_of(folder, Path(scratch) / f"index-{case.name}")
            for record in records:
                program = record["program"]
                outcome = record["cases"][case.name]
                wrong = compare[program](outcome, check(folder, program), rows)
                samples[program] += len(outcome.get("raw", {}).get("samples", []))
                differ[program] += bool(wrong)
                for line in wrong:
                    print(f"{case.name} ({case.what}), {program}: {line}", flush=True)
    for record in records:
        program = record["program"]
        print(f"{program} {record['version']}: {count - differ[program]} of {count} sets as predicted, {samples[program]} samples")
    return 1 if sum(differ.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
