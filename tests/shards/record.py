"""record.py - run a program's own reader on broken shards, and record what it yields

    PYTHON tests/shards/record.py webdataset|energon WORK OUT [SEED COUNT]

SEED and COUNT select sets of random_cases.py, instead of those of cases.py. PYTHON is an interpreter
with the program. The record has, for each case, the keys of the samples that it yields, in order,
with their suffixes, and the exception that ended it. If there is a second common way to call the
program, it is recorded too.
"""

from __future__ import annotations

import contextlib
import io
import json
import logging
import shutil
import signal
import sys
import warnings
from importlib.metadata import version
from pathlib import Path
from typing import Any, Callable, Iterable

sys.path.insert(0, str(Path(__file__).parent))
import energon  # noqa: E402
import random_cases  # noqa: E402
from cases import Case, cases  # noqa: E402

LIMIT_S = 60
Samples = list[list[Any]]


class Late(BaseException):
    pass


def on_alarm(number: int, frame: Any) -> None:
    raise Late


def put(case: Case, folder: Path) -> list[str]:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name, data in case.shards.items():
        (folder / name).write_bytes(data)
    return [str(folder / name) for name in case.shards]


def describe(sample: dict[str, Any]) -> list[Any]:
    return [sample["__key__"], sorted(key for key in sample if not key.startswith("__"))]


def collect(samples: Callable[[], Iterable[dict[str, Any]]], work: Path) -> dict[str, Any]:
    """Collect what is yielded until the end, an exception, or the time limit."""
    found: Samples = []
    outcome: dict[str, Any] = {"samples": found}
    signal.signal(signal.SIGALRM, on_alarm)
    signal.alarm(LIMIT_S)
    try:
        for sample in samples():
            found.append(describe(sample))
            if len(found) > 100:
                outcome["endless"] = True
                break
    except Late:
        outcome["error"] = "no end"
    except Exception as error:  # noqa: BLE001
        text = str(error.args[0] if error.args else error).replace(str(work), "WORK").split("\n")[0]
        outcome["error"] = f"{type(error).__name__}: {text}"[:200]
    finally:
        signal.alarm(0)
    return outcome


def run_webdataset(case: Case, folder: Path) -> dict[str, Any]:
    import webdataset

    def samples(**options: Any) -> Callable[[], Iterable[dict[str, Any]]]:
        return lambda: webdataset.WebDataset(put(case, folder), shardshuffle=False, empty_check=False, **options)

    def decoded() -> Iterable[dict[str, Any]]:
        return webdataset.WebDataset(put(case, folder), shardshuffle=False, empty_check=False).decode("pil")

    return {
        "raw": collect(samples(), folder),
        "decoded": collect(decoded, folder),
        "warn-and-continue": collect(samples(handler=webdataset.warn_and_continue), folder),
    }


def run_energon(case: Case, folder: Path) -> dict[str, Any]:
    outcome: dict[str, Any] = {}
    said = io.StringIO()
    put(case, folder)
    signal.signal(signal.SIGALRM, on_alarm)
    signal.alarm(LIMIT_S)
    try:
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
            energon.prepare(folder)
        outcome["prepare"] = json.loads((folder / ".nv-meta/.info.json").read_text())["shard_counts"]
    except Late:
        outcome["prepare"] = "no end"
    except BaseException as error:  # noqa: BLE001 it ends the program
        lines = [line for line in said.getvalue().splitlines() if "rror" in line or "uplicate" in line]
        text = f"{type(error).__name__}: {error}: {'; '.join(dict.fromkeys(lines))}"
        outcome["prepare"] = text.replace(str(folder), "WORK").split("\n")[0][:300]
    finally:
        signal.alarm(0)

    def samples() -> Iterable[dict[str, Any]]:
        return map(dict, energon.samples(folder))

    if isinstance(outcome["prepare"], dict):
        outcome["raw"] = collect(samples, folder)
    if list(case.shards) == ["s-000000.tar"] and not sys.argv[4:]:
        # the index was made when the shard was sound; now the shard is broken
        sound = folder.with_name("prepared")
        if not sound.exists():
            put(next(c for c in cases() if c.name == "sound"), sound)
            with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
                energon.prepare(sound)
        shutil.rmtree(folder)
        shutil.copytree(sound, folder)
        (folder / "s-000000.tar").write_bytes(case.shards["s-000000.tar"])
        outcome["stale"] = collect(samples, folder)
    return outcome


def main() -> None:
    program, work, out = sys.argv[1], Path(sys.argv[2]).resolve(), Path(sys.argv[3])
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    run = {"webdataset": run_webdataset, "energon": run_energon}[program]
    package = {"webdataset": "webdataset", "energon": "megatron-energon"}[program]
    outcome = {}
    chosen = random_cases.cases(int(sys.argv[4]), int(sys.argv[5])) if sys.argv[4:] else cases()
    for case in chosen:
        outcome[case.name] = {"what": case.what, "meant": case.meant, **run(case, work / case.name)}
    text = {"program": program, "version": version(package), "cases": outcome}
    out.write_text(json.dumps(text, indent=1, ensure_ascii=True) + "\n", encoding="ascii")
    print(f"{program} {text['version']}: {len(outcome)} cases")


if __name__ == "__main__":
    main()
