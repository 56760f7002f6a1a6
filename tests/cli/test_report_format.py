"""Every JSON report is as documented in docs/report-format.md."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from program import FIXTURES, REPOSITORY, TRAINERS, make_small, row, run, write_rows

DOC = REPOSITORY / "docs/report-format.md"
TOP = "schema tool dataset summary verdict statistics mixture image_statistics findings effects".split()
DATASET = "path rows_files files image_root trainer".split()
COMMON = {"rule": str, "name": str, "severity": str, "message": str, "effect": str}
ABOUT_ROW = {"file": str, "line": int, "column": int, "offset": int}
MAYBE = {"case": str, "fix": str}
ABOUT_ROW_MAYBE = {"row": int, "id": str, "turn": int}
COUNTS = (
    "rows rows_ok rows_text_only urls embedded turns words characters rows_sampled images_referenced images "
    "images_ok images_unverified images_skipped image_bytes"
).split()
WITHHELD = "by_selection by_folders by_baseline expired unneeded".split()
VERDICT = "failed text adjusted".split()
EFFECTS = "refused crash replaced dropped altered unknown fine".split()  # worst first
GROUPS = {
    "rows_by_images": ["none", "one", "several"],
    "rows_by_script": ["latin", "han", "other", "none"],
}
HISTOGRAMS = (
    "rounds_per_row words_per_turn characters_per_turn words_per_row characters_per_row"
).split()
SPREAD = "count sum mean median most histogram".split()
SHARE = {"name": str, "rows": int, "images": int, "rounds": int, "words": int}
KINDS = {"by_format": "format", "by_mode": "mode", "by_depth": "depth"}
MARKS = "turned animated blank trailing".split()
SIZES = "width height pixels".split()
FINDING_COUNTS = {"demo": 17, "rules": 200}  # at least


def check_users(users: dict[str, Any]) -> None:
    assert set(users) == {"count", "first"}
    assert len(users["first"]) == min(users["count"], 3) > 0
    for user in users["first"]:
        assert list(user) in (["file", "row", "line"], ["file", "row", "line", "id"])


def check_finding(finding: dict[str, Any], codes: dict[str, str]) -> tuple[Any, ...]:
    """Check a finding; return the key that findings must be sorted by."""
    rest = dict(finding)
    for name, kind in COMMON.items():
        assert type(rest.pop(name)) is kind
    for name, kind in MAYBE.items():
        assert type(rest.pop(name, kind())) is kind
    assert codes[finding["rule"]] == finding["name"]
    assert finding["severity"] in ("error", "warning", "info")
    assert finding["effect"] in EFFECTS
    assert finding["message"] and "\n" not in finding["message"]
    assert finding.get("fix", "safe") in ("safe", "unsafe")
    rank = list(codes).index(finding["rule"])
    if "file" in rest:
        for name, kind in ABOUT_ROW.items():
            assert type(rest.pop(name)) is kind
        for name, kind in ABOUT_ROW_MAYBE.items():
            assert type(rest.pop(name, kind())) is kind
        assert not rest and finding["line"] >= 1 and finding["column"] >= 1
        whole = 0 if not finding["offset"] else 1 << 64
        return (1, finding["file"].encode(), finding.get("row", whole), rank)
    if finding["rule"] in {"SET602", "ROW214"}:  # about a folder; about many ids
        assert not rest
        return (3, rank, b"", 0)
    check_users(rest.pop("rows"))
    if "image" in rest:
        assert list(rest) == ["image"]
        return (2, finding["image"].encode(), 0, rank)
    assert list(rest) == ["id"]
    first = finding["rows"]["first"][0]
    return (3, rank, first["file"].encode(), first["row"])


def check_dataset(dataset: dict[str, Any], summary: dict[str, Any]) -> None:
    assert list(dataset) == DATASET
    assert [file["name"] for file in dataset["files"]] == dataset["rows_files"]
    for file in dataset["files"]:
        assert list(file) == ["name", "rows", "dialect", "sampled"]
        assert type(file["rows"]) is int and file["sampled"] == file["rows"]
    assert sum(file["rows"] for file in dataset["files"]) == summary["rows"]
    assert sum(file["sampled"] for file in dataset["files"]) == summary["rows_sampled"]


def check_summary(summary: dict[str, Any]) -> None:
    assert list(summary) == [*COUNTS, "by_severity", "by_rule", "withheld", "listed", "trainer",
                             "complete"]
    assert all(type(summary[name]) is int and summary[name] >= 0 for name in COUNTS)
    assert summary["complete"] is True
    assert summary["images_ok"] <= summary["images"] <= summary["images_referenced"]
    assert summary["words"] < summary["characters"] and summary["images_skipped"] == 0
    trainer = summary["trainer"]
    numbers = [*EFFECTS, "files", "unloaded", "limit", "longer", "perhaps_longer"]
    assert list(trainer) == ["name", *numbers]
    assert all(type(trainer[number]) is int for number in numbers)
    assert sum(trainer[effect] for effect in EFFECTS) == summary["rows"]


def check_effects(report: dict[str, Any]) -> None:
    """Check that the listed effects on rows agree with the summary and with the rows' findings."""
    effects, summary, dataset = report["effects"], report["summary"], report["dataset"]
    for entry in effects:
        assert list(entry) in (["file", "row", "line", "effect"], ["file", "row", "line", "id", "effect"])
        assert type(entry.get("id", "")) is str
        assert type(entry["row"]) is int and type(entry["line"]) is int
    places = [(dataset["rows_files"].index(e["file"]), e["row"], e["line"]) for e in effects]
    assert places == sorted(set(places))
    rows = {file["name"]: file["rows"] for file in dataset["files"]}
    assert all(e["row"] < rows[e["file"]] and e["line"] >= 1 for e in effects)
    for effect in EFFECTS[:-1]:
        assert summary["trainer"][effect] == sum(e["effect"] == effect for e in effects), effect
    assert summary["trainer"]["fine"] == summary["rows"] - len(effects)
    said = {(e["file"], e["row"]): EFFECTS.index(e["effect"]) for e in effects}
    fine = EFFECTS.index("fine")
    explained = set()
    for finding in report["findings"]:
        own = [(finding["file"], finding["row"])] if "row" in finding else []
        own += [(user["file"], user["row"]) for user in finding.get("rows", {"first": []})["first"]]
        rank = EFFECTS.index(finding["effect"])
        assert all(said.get(place, fine) <= rank for place in own), finding
        explained |= {place for place in own if said.get(place) == rank}
    most = max((f["rows"]["count"] for f in report["findings"] if "rows" in f), default=0)
    if most <= 3:  # otherwise, no finding lists some of the rows
        assert explained == set(said)
    loading = [f for f in report["findings"] if f["rule"].startswith("JSN") and f["rule"] != "JSN108"]
    assert summary["trainer"]["files"] == len({f["file"] for f in loading if f["effect"] in ("crash", "refused")})
    lines = [file["name"] for file in dataset["files"] if file["name"].endswith(".jsonl")]
    assert summary["trainer"]["unloaded"] == len(lines)  # llava-next: only in a mixture


def check_histogram(spread: dict[str, Any], median: bool) -> None:
    assert list(spread) == [member for member in SPREAD if median or member != "median"]
    assert all(type(spread[member]) is int for member in spread if member not in ("mean", "histogram"))
    count, total, buckets = spread["count"], spread["sum"], spread["histogram"]
    assert type(spread["mean"]) is float and abs(spread["mean"] * count - total) <= 0.0005 * count + 1e-6
    for start, end, number in buckets:
        assert number > 0 and (end == max(2 * start - 1, 0)) and start & (start - 1) == 0
    assert buckets == sorted(buckets)
    assert sum(number for _, _, number in buckets) == count
    assert buckets[-1][0] <= spread["most"] <= buckets[-1][1]
    assert sum(b[0] * b[2] for b in buckets) <= total <= sum(b[1] * b[2] for b in buckets)
    if median:
        below = sum(b[2] for b in buckets if b[1] < spread["median"])
        up_to = sum(b[2] for b in buckets if b[0] <= spread["median"])
        assert 2 * below < count <= 2 * up_to


def check_statistics(report: dict[str, Any]) -> None:
    """Check that statistics and mixture are about the same rows, and agree with the summary."""
    statistics, mixture, summary = report["statistics"], report["mixture"], report["summary"]
    wanted = ["rows_by_images", "rows_with_video", "rows_by_script", *HISTOGRAMS]
    assert list(statistics) == wanted
    totals = []
    for name, keys in GROUPS.items():
        assert list(statistics[name]) == keys
        totals.append(sum(statistics[name].values()))
    for name in HISTOGRAMS:
        check_histogram(statistics[name], name == "rounds_per_row")
    assert list(mixture) == ["data_source", "folder"]
    for shares in mixture.values():
        for share in shares:
            assert {key: type(value) for key, value in share.items()} == SHARE
            assert list(share) == list(SHARE) and share["rows"] > 0
        order = [(-share["rows"], share["name"].encode()) for share in shares]
        assert order == sorted(order)
        assert len({share["name"] for share in shares}) == len(shares)
        totals.append(sum(share["rows"] for share in shares))
        assert sum(share["words"] for share in shares) == summary["words"]
        assert sum(share["rounds"] for share in shares) == statistics["rounds_per_row"]["sum"]
    assert len(set(totals)) == 1 and 0 < totals[0] <= summary["rows"]
    images = [sum(share["images"] for share in shares) for shares in mixture.values()]
    assert images[0] == images[1] >= summary["images_referenced"]
    by_images = statistics["rows_by_images"]
    assert images[0] >= by_images["one"] + 2 * by_images["several"]
    no_folder = sum(share["rows"] for share in mixture["folder"] if not share["name"])
    assert no_folder == by_images["none"] >= summary["rows_text_only"]
    assert statistics["rows_with_video"] <= totals[0] - summary["rows_text_only"]
    for what in ("words", "characters"):
        for unit in ("turn", "row"):
            assert statistics[f"{what}_per_{unit}"]["sum"] == summary[what]
    assert statistics["words_per_turn"]["count"] <= summary["turns"]
    counts = {statistics[f"{name}_per_row"]["count"] for name in ("rounds", "words", "characters")}
    assert len(counts) == 1 and counts.pop() <= totals[0]


def check_image_statistics(report: dict[str, Any]) -> None:
    images, summary = report["image_statistics"], report["summary"]
    assert list(images) == ["by_verdict", *KINDS, *MARKS, *SIZES]
    verdicts = images["by_verdict"]
    assert sum(verdicts.values()) == summary["images_referenced"]
    assert verdicts["ok"] == summary["images_ok"]
    assert verdicts["not-looked-at"] == summary["images_skipped"]
    for kind in KINDS:
        for entry in images[kind]:
            assert {key: type(value) for key, value in entry.items()} == {
                "name": str, "images": int, "bytes": int
            }
        order = [(-entry["images"], entry["name"]) for entry in images[kind]]
        assert order == sorted(order)
    assert sum(entry["images"] for entry in images["by_format"]) == summary["images"]
    assert sum(entry["bytes"] for entry in images["by_format"]) == summary["image_bytes"]
    for name in SIZES:
        check_histogram(images[name], False)
    assert images["width"]["count"] == images["pixels"]["count"] > 20
    assert images["turned"] == summary["by_rule"].get("IMG514", 0)
    for mark in MARKS:
        assert type(images[mark]) is int


def rule_names(scratch: Path) -> dict[str, str]:
    lines = run("rules", cwd=scratch).out.decode().splitlines()
    return {line.split()[0]: line.split()[2] for line in lines}


@pytest.mark.parametrize("name", FINDING_COUNTS)
def test_members_and_order(name: str, tmp_path: Path) -> None:
    done = run("check", FIXTURES / name, "--no-index", "-f", "json", "--show", "info", "--trainer", "llava-next", cwd=tmp_path)
    report = json.loads(done.out.decode("utf-8"))
    assert list(report) == TOP
    assert report["schema"] == 1 and report["tool"]["name"] == "llava-check"
    summary, findings = report["summary"], report["findings"]
    check_dataset(report["dataset"], summary)
    check_summary(summary)
    assert list(report["verdict"]) == VERDICT and report["verdict"]["failed"] is True
    assert report["verdict"]["text"].startswith("FAILED: ") and report["verdict"]["adjusted"] == []
    check_effects(report)
    check_statistics(report)
    check_image_statistics(report)
    assert report["dataset"]["trainer"] == summary["trainer"]["name"] == "llava-next"
    codes = rule_names(tmp_path)
    order = [check_finding(f, codes) for f in findings]
    assert order == sorted(order) and len(order) >= FINDING_COUNTS[name]
    assert {o[0] for o in order} >= {1, 2}
    for member, key in (("by_rule", "rule"), ("by_severity", "severity")):
        seen = {k: sum(f[key] == k for f in findings) for k in summary[member]}
        assert summary[member] == seen
    assert sum(summary["by_rule"].values()) == len(findings)
    assert str(tmp_path) not in done.out.decode() and str(FIXTURES) not in done.out.decode()


def test_each_finding_has_a_line(tmp_path: Path) -> None:
    """So do each share of the mixture, and each row that is not trained as written."""
    done = run(FIXTURES / "demo", "--no-index", "-f", "json", cwd=tmp_path)
    report = json.loads(done.out)
    shares = [*report["mixture"]["data_source"], *report["mixture"]["folder"]]
    starts = {'    {"rule":"': report["findings"], '    {"file":"': report["effects"], '      {"name":"': shares}
    for start, wanted in starts.items():
        lines = [li for li in done.out.decode().splitlines() if li.startswith(start)]
        assert [json.loads(li.rstrip(",")) for li in lines] == wanted and len(wanted) > 15


def test_places_lead_to_the_matter(tmp_path: Path) -> None:
    """Line, column and offset refer to the same place."""
    done = run(FIXTURES / "demo", "--no-index", "-f", "json", cwd=tmp_path)
    seen = 0
    for finding in json.loads(done.out)["findings"]:
        if "file" in finding:
            before = (FIXTURES / "demo" / finding["file"]).read_bytes()[: finding["offset"]]
            assert finding["line"] == before.count(b"\n") + 1
            assert finding["column"] == len(before.split(b"\n")[-1].decode()) + 1
            seen += 1
    assert seen == 8


def test_show_leaves_out_and_still_counts(tmp_path: Path) -> None:
    said = {}
    for level in ("info", "warning", "error"):
        at = ["check", FIXTURES / "rules", "--no-index", "-f", "json", "--show", level]
        said[level] = json.loads(run(*at, cwd=tmp_path).out)
    for report in said.values():
        assert report["summary"].pop("listed") == len(report["findings"])
    assert said["info"]["summary"] == said["warning"]["summary"] == said["error"]["summary"]
    for name in ("effects", "statistics", "mixture", "image_statistics", "dataset"):
        assert said["info"][name] == said["warning"][name] == said["error"][name]
    counts = said["info"]["summary"]["by_severity"]
    assert all(counts.values())
    assert len(said["error"]["findings"]) == counts["error"]
    assert len(said["warning"]["findings"]) == counts["error"] + counts["warning"]
    assert len(said["info"]["findings"]) == sum(counts.values())


def test_what_is_not_utf8(tmp_path: Path) -> None:
    folder = make_small(tmp_path / "set")
    rows = folder / "rows.json"
    text = '[{"id": "half \\ud83d", "image": "no\\nsuch\\u0001.jpg", "conversations": [], "data_source": "\\udc00"}]'
    rows.write_text(text)
    rows.rename(folder / "caf\udce9.json")
    done = run("set", "-f", "json", cwd=tmp_path)
    report = json.loads(done.out.decode("utf-8"))
    assert report["dataset"]["rows_files"] == ["caf\\xe9.json"]
    assert report["dataset"]["files"] == [{"name": "caf\\xe9.json", "rows": 1, "dialect": "llava", "sampled": 1}]
    assert [effect["file"] for effect in report["effects"]] == ["caf\\xe9.json"]
    assert [share["name"] for share in report["mixture"]["data_source"]] == ["\\xed\\xb0\\x80"]
    found = {f["rule"]: f for f in report["findings"]}
    assert found["JSN108"]["file"] == "caf\\xe9.json"
    assert found["JSN108"]["id"] == "half \\xed\\xa0\\xbd"
    assert found["IMG501"]["image"] == "no\nsuch\x01.jpg"


def test_a_mixture_draws(tmp_path: Path) -> None:
    """Files that a mixture names have its sampling_strategy; all their rows are checked."""
    entries = {"a": ("first:3", 3), "b": ("random:25%", 3), "c": ("", 10), "d": ("end:99", 10)}
    text = "datasets:\n"
    for name, (strategy, _) in entries.items():
        rows = [row(f"{name}{n}", None, f"{name} says {n}") for n in range(10)]
        write_rows(tmp_path / f"{name}.json", rows)
        text += f"  - json_path: {name}.json\n"
        text += f'    sampling_strategy: "{strategy}"\n' if strategy else ""
    (tmp_path / "mix.yaml").write_text(text, encoding="utf-8")
    report = json.loads(run("mix.yaml", "--no-index", "-f", "json", cwd=tmp_path).out)
    wanted = [
        {"name": f"{name}.json", "rows": 10, "dialect": "llava", "sampling_strategy": strategy or "all", "sampled": sampled}
        for name, (strategy, sampled) in entries.items()
    ]
    assert report["dataset"]["files"] == wanted
    assert list(report["dataset"]["files"][0]) == ["name", "rows", "dialect", "sampling_strategy", "sampled"]
    assert report["summary"]["rows"] == 40 and report["summary"]["rows_sampled"] == 26
    assert report["statistics"]["rows_by_images"]["none"] == 40
    assert report["summary"]["trainer"]["fine"] == 40 and report["effects"] == []


def test_images_that_were_not_looked_at(tmp_path: Path) -> None:
    said = {}
    for option in ("--no-images", "--show=warning"):
        at = ["check", FIXTURES / "demo", "--no-index", "-f", "json", "--show", "info", option]
        said[option] = json.loads(run(*at, cwd=tmp_path).out)
    looked, skipped = said["--show=warning"], said["--no-images"]
    assert looked["summary"]["images_skipped"] == 0
    assert skipped["summary"]["images_skipped"] == skipped["summary"]["images_referenced"] == 35
    assert skipped["summary"]["images"] == skipped["summary"]["image_bytes"] == 0
    for name in ("statistics", "mixture"):
        assert skipped[name] == looked[name]
    assert skipped["image_statistics"]["by_verdict"]["not-looked-at"] == 35
    assert skipped["image_statistics"]["pixels"]["count"] == 0
    assert len(skipped["effects"]) < len(looked["effects"])
    check_effects(skipped)


def test_nothing_to_list(tmp_path: Path) -> None:
    """Lists and histograms may be empty."""
    (tmp_path / "rows.json").write_text('[{"id": 1,}]', encoding="utf-8")
    report = json.loads(run("rows.json", "--no-index", "-f", "json", cwd=tmp_path).out)
    assert list(report) == TOP
    assert report["mixture"] == {"data_source": [], "folder": []}
    nothing = {"count": 0, "sum": 0, "mean": 0.0, "median": 0, "most": 0, "histogram": []}
    assert report["statistics"]["rounds_per_row"] == nothing
    assert [effect["effect"] for effect in report["effects"]] == ["refused"]
    (tmp_path / "rows.json").write_text(json.dumps([row(1, None)]), encoding="utf-8")
    report = json.loads(run("rows.json", "--no-index", "-f", "json", cwd=tmp_path).out)
    assert report["effects"] == report["findings"] == []


def members_of(value: Any, without: set[str]) -> set[str]:
    """Return the names of all members at any depth, except within the given members."""
    found: set[str] = set()
    if isinstance(value, dict):
        for key, inner in value.items():
            found |= {key} | (set() if key in without else members_of(inner, without))
    elif isinstance(value, list):
        for inner in value:
            found |= members_of(inner, without)
    return found


def test_the_description_names_every_member(tmp_path: Path) -> None:
    described = DOC.read_text(encoding="utf-8")
    names = {*TOP, *DATASET, *COMMON, *ABOUT_ROW, *ABOUT_ROW_MAYBE, *COUNTS, *EFFECTS, *HISTOGRAMS}
    names |= {*GROUPS, *SPREAD, *SHARE, "image", "count", "first", "dialect", "sampling_strategy", "sampled"}
    for folder in ("demo", "rules"):  # names that occur
        at = ["check", FIXTURES / folder, "--no-index", "-f", "json", "--show", "info"]
        names |= members_of(json.loads(run(*at, cwd=tmp_path).out), {"by_rule"})
    assert len(names) > 70
    missing = [name for name in sorted(names) if not re.search(rf"`{name}`", described)]
    assert not missing
    sections = {name: re.search(rf"^## {name}$(.*?)(?=^## )", described, re.M | re.S) for name in TOP[2:]}
    members = {
        "dataset": [*DATASET, "name", "rows", "dialect", "sampling_strategy", "sampled"],
        "summary": [*COUNTS, "by_severity", "by_rule", "withheld", "listed", *WITHHELD,
                    "trainer", "complete", *EFFECTS, "files"],
        "verdict": [*VERDICT, "how", "by"],
        "statistics": [*GROUPS, "rows_with_video", *HISTOGRAMS, *SPREAD],
        "mixture": ["data_source", "folder", *SHARE],
        "image_statistics": ["by_verdict", *KINDS, *MARKS, *SIZES],
        "findings": [*COMMON, *ABOUT_ROW, *ABOUT_ROW_MAYBE, "image", "rows"],
        "effects": ["file", "row", "line", "id", "effect"],
    }
    for name, section in sections.items():  # each has a line in a table
        assert section, name
        lines = re.findall(r"^\| `(\w+)` \|", section[1], re.M)
        assert set(members[name]) <= set(lines), name
    example = json.loads(re.search(r"```json\n(.*?)```", described, re.S).group(1))  # type: ignore
    assert list(example) == TOP
    assert list(example["dataset"]) == DATASET


def test_the_description_names_every_trainer(tmp_path: Path) -> None:
    described = DOC.read_text(encoding="utf-8")
    names = run("check", "--trainer", "?", cwd=tmp_path).err.split("use one of ")[1].split(", ")
    assert [name.strip() for name in names] == [*TRAINERS, "all"]
    assert all(f"`{name.strip()}`" in described for name in names)
