#!/usr/bin/env python3
"""Write all cases below a folder, once: write_cases.py FOLDER [DIALECT.]json|jsonl

Runs with Debian's Python, whose Pillow encodes the pictures; the programs' own Pillows read them.
The index lists each case with what `record.py` needs to know about it. `parts.jsonl` is one row per
line in the dialect of messages with parts; see dialects.py.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from cases import all_cases
from dialects import translate


def main() -> int:
    folder = Path(sys.argv[1]).resolve()
    dialect, _, form = sys.argv[2].rpartition(".")
    with_index = folder / "index.jsonl"
    lines = []
    for case in all_cases():
        if dialect:
            case = translate(case, dialect)
        path = case.write(folder, form)
        for name, data in case.intact.items():
            if data is not None:
                target = folder / ".intact" / case.name / name
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(data)
        lines.append(json.dumps({
            "name": case.name, "aims": case.aims, "digest": case.digest(), "file": str(path.relative_to(folder)),
            "rows": case.rows_file(form), "mixture": case.mixture,
            "damaged": sorted(name.removeprefix("images/") for name in case.intact),
            "silent": sorted(name.removeprefix("images/") for name in case.silent),
        }))
    with_index.write_text("\n".join(lines) + "\n")
    print(f"{len(lines)} cases in {folder}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
