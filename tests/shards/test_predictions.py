"""Compares predictions for the broken shards with what webdataset and Energon did with them

The prediction for a case is the worst effect of its findings. The outcome comes from the records: `refused` if
`energon prepare` failed, `crash` if the loader raised, else the result of comparing the intended samples with those
that were yielded complete.
"""

from __future__ import annotations

import collections
import io
import json
import os
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))
from cases import JPEG, Case, cases, rows  # noqa: E402
from model import split  # noqa: E402

BINARY = os.environ["LLAVA_CHECK"]
ORDER = ["fine", "altered", "dropped", "crash", "refused"]
IMAGES, TEXTS = {"jpg", "jpeg", "png", "webp"}, {"json", "txt"}
CASE_COUNT = 72
STRICTER = {
    # only the original size would tell whether a tar without an end was cut
    ("no-end", "webdataset"): ("dropped", "fine"),
    ("no-end", "energon"): ("dropped", "fine"),
    # a sample whose members have no suffix is lost, although the case does not expect it
    ("no-suffix", "webdataset"): ("dropped", "fine"),
    ("no-suffix", "energon"): ("dropped", "fine"),
    # the damaged header costs the rest of a sample, not a whole one
    ("huge-size", "webdataset"): ("dropped", "altered"),
    ("huge-size", "energon"): ("dropped", "altered"),
}
RECORDS = {name: json.loads((HERE / f"outcomes/{name}.json").read_text(encoding="ascii"))["cases"] for name in ("webdataset", "energon")}


def members(case: Case) -> int:
    """Count the files that belong to samples, as far as they can be read."""
    count = 0
    for data in case.shards.values():
        try:
            with tarfile.open(fileobj=io.BytesIO(data)) as file:
                count += sum(info.isreg() and split(info.name) is not None for info in file)
        except tarfile.TarError:
            pass
    return count


def compare(case: Case, samples: list[Any]) -> str:
    whole: list[str] = []
    parts = []
    capitals = False
    for key, suffixes in samples:
        capitals |= any(suffix not in IMAGES | TEXTS and suffix.lower() in IMAGES | TEXTS for suffix in suffixes)
        if IMAGES & set(suffixes) and TEXTS & set(suffixes):
            whole.append(key)
        else:
            parts.append(key)
    meant = collections.Counter(case.meant)
    missing = meant - collections.Counter(whole)
    if not missing:
        fewer = sum(len(suffixes) for _, suffixes in samples) < members(case)
        return "altered" if capitals or (fewer and not parts) else "fine"
    of_parts = [key for key in missing if any(key.casefold() == part.casefold() or key.startswith(part + ".") for part in parts)]
    return "altered" if len(of_parts) == len(missing) else "dropped"


def outcome(case: Case, trainer: str) -> str:
    record = RECORDS[trainer][case.name]
    if trainer == "energon" and not isinstance(record["prepare"], dict):
        return "refused"
    run = record["raw" if trainer == "energon" else "decoded"]
    return "crash" if "error" in run else compare(case, run["samples"])


def put(case: Case, folder: Path) -> Path:
    folder.mkdir()
    for name, data in case.shards.items():
        (folder / name).write_bytes(data)
    return folder


def check(folder: Path, trainer: str, *words: str) -> Any:
    shards = sorted(str(path) for path in folder.iterdir() if ".tar" in path.name)
    run = subprocess.run([BINARY, *shards, "--no-index", "-t", trainer, "-f", "json", "--show", "info", "--threads", "1", *words],
                         capture_output=True, text=True, timeout=60)  # fmt: skip
    assert run.returncode in (0, 1), run.stderr
    report = json.loads(run.stdout)
    stops = {"crash", "refused"} & {finding["effect"] for finding in report["findings"]}
    assert run.returncode == 1 or not stops, (folder, trainer)  # whatever the level of the findings
    return report


def test_predictions(tmp_path: Path) -> None:
    seen, wrong = 0, []
    for case in cases():
        folder = put(case, tmp_path / case.name)
        for trainer in RECORDS:
            report = check(folder, trainer)
            effects = [finding["effect"] for finding in report["findings"]]
            assert "unknown" not in effects, (case.name, trainer, report["findings"])
            predicted = max(effects, key=ORDER.index, default="fine")
            recorded = outcome(case, trainer)
            if STRICTER.get((case.name, trainer), (recorded, recorded)) != (predicted, recorded):
                codes = sorted({f"{finding['rule']}:{finding.get('case', '')}:{finding['effect']}" for finding in report["findings"]})
                wrong.append(f"{case.name}, {trainer}: predicted {predicted}, recorded {recorded}: {codes}")
            seen += 1
    assert not wrong, "\n".join(wrong)
    assert seen == 2 * CASE_COUNT
    for trainer in RECORDS:
        agree = [case for case in cases() if (case.name, trainer) not in STRICTER]
        figures = f"LC_AGREEMENT({trainer}, {len(agree)}, {CASE_COUNT}, {samples(agree)}, {samples(cases())}, 0, "
        assert figures in (HERE.parents[1] / "src/rules/agreement_shards.def").read_text(encoding="ascii")


def samples(of: list[Case]) -> int:
    return sum(len(case.meant) for case in of)


@pytest.mark.parametrize("name, found", [
    ("cut-in-data", "ARC801:"), ("cut-in-header", "ARC801:header"), ("gz-no-trailer", "ARC801:trailer"), ("gz-cut", "ARC801:"),
    ("garbage-header", "ARC802:header"), ("bad-checksum", "ARC802:header"), ("html", "ARC802:"), ("gz-bad-crc", "ARC803:"),
    ("no-end", "ARC804:"), ("cut-member", "ARC804:"), ("one-end-block", "ARC804:half"), ("two-tars", "ARC805:continues"),
    ("zeros-within", "ARC805:continues"), ("garbage-after", "ARC805:trailing"),
    ("number-missing", "ARC808:"),
])  # fmt: skip
def test_cases_of_archives(name: str, found: str, tmp_path: Path) -> None:
    case = next(case for case in cases() if case.name == name)
    report = check(put(case, tmp_path / "set"), "webdataset")
    assert found in {f"{finding['rule']}:{finding.get('case', '')}" for finding in report["findings"]}


def test_model_and_rows(tmp_path: Path) -> None:
    """The report's samples are those that webdataset yields, until it raises."""
    from model import webdataset

    for case in cases():
        samples, raises = webdataset(list(case.shards.values()))
        count = check(put(case, tmp_path / case.name), "webdataset")["summary"]["rows"]
        assert count == len(samples) if not raises else count >= len(samples), case.name


@pytest.mark.parametrize("name", ["interleaved", "cut-member", "over-shards"])
def test_folder_is_recognised(name: str, tmp_path: Path) -> None:
    case = next(case for case in cases() if case.name == name)
    run = subprocess.run([BINARY, str(put(case, tmp_path / "set")), "--no-index", "-f", "json"], capture_output=True, text=True)
    files = json.loads(run.stdout)["dataset"]["files"]
    assert [file["dialect"] for file in files] == ["webdataset"] * len(case.shards)
    assert [file["name"] for file in files] == sorted(case.shards)


@pytest.mark.parametrize("form", ["gnu", "posix"])
def test_a_sparse_text_is_not_verified(form: str, tmp_path: Path) -> None:
    """Its data in the archive are sound JSON, but a hole follows. ARC802 makes the effect on the whole shard unknown."""
    (tmp_path / "data").mkdir()
    for key in "abc":
        (tmp_path / f"{key}.jpg").write_bytes(JPEG)
        (tmp_path / f"{key}.json").write_bytes(rows(key).ljust(4096))
    (tmp_path / "c.txt").write_bytes(b"A caption.".ljust(4096))
    for name in ("b.json", "c.txt"):
        os.truncate(tmp_path / name, 1 << 20)
    names = ["a.jpg", "a.json", "b.jpg", "b.json", "c.jpg", "c.json", "c.txt"]
    subprocess.run(["tar", f"--format={form}", "-S", "-cf", "data/s.tar", *names], cwd=tmp_path, check=True)
    with tarfile.open(tmp_path / "data/s.tar") as file:
        assert [member.issparse() for member in file] == [False, False, False, True, False, False, True]
    for extra in (["--no-images"], []):
        for trainer in ("webdataset", "energon"):
            found = check(tmp_path / "data", trainer, *extra)
            summary = found["summary"]
            assert (summary["rows"], summary["rows_ok"]) == (3, 1)
            assert [(f["row"], f["rule"], f["case"], f["effect"]) for f in found["findings"] if f["rule"] in ("ARC812", "JSN101")] == [
                (row, "ARC812", "sparse", "unknown") for row in (1, 2)]  # fmt: skip
            assert [(f["case"], f["effect"]) for f in found["findings"] if f["rule"] == "ARC802"] == ([] if extra else [("form", "unknown")])
            assert (summary["trainer"]["fine"], summary["trainer"]["unknown"]) == ((1, 2) if extra else (0, 3))
    only = tmp_path / "only"
    only.mkdir()
    subprocess.run(["tar", f"--format={form}", "-S", "-cf", "only/s.tar", "b.jpg", "b.json"], cwd=tmp_path, check=True)
    found = check(only, "webdataset")
    assert found["dataset"]["files"][0]["dialect"] == "webdataset" and found["summary"]["rows_ok"] == 0
