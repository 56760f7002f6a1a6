"""Baselines: known findings pass, new ones fail; reasons and dates; pruning."""

from __future__ import annotations

import json
import os
import re
import stat
from pathlib import Path
from typing import Any, Sequence

import pytest

from program import FIXTURES, Done, assert_complaint, copy_fixture, make_small, row, run, write_rows

HEAD = {"llava-check-baseline": 1}
LATER, EARLIER = "2999-12-31", "2001-01-01"


def entries(path: Path) -> list[dict[str, Any]]:
    lines = path.read_text(encoding="utf-8").split("\n")
    assert lines[0] == "[" and lines[-2:] == ["]", ""]
    data = json.loads("\n".join(lines))
    assert data[0] == HEAD
    assert len(data) == len(lines) - 3  # an entry a line
    return data[1:]


def write(path: Path, items: Sequence[dict[str, Any]]) -> None:
    path.write_text(json.dumps([HEAD, *items], indent=2), encoding="utf-8")


def check(folder: Path, *options: str, show: str = "error") -> tuple[int, dict[str, Any], str]:
    done = run("data", "-f", "json", "--show", show, *options, cwd=folder)
    assert done.code in (0, 1), done.err
    return done.code, json.loads(done.out), done.err


def make(folder: Path) -> Path:
    """Make three rows, two with missing images, and their baseline b.json."""
    make_small(folder / "data")
    write_rows(folder / "data/rows.json", [row("a", "a.jpg"), row("x", "x.jpg"), row("y", "y.jpg")])
    assert run("data", "--write-baseline", "b.json", "-q", cwd=folder).code == 0
    return folder


def last_line(done: Done) -> str:
    return done.out.decode().splitlines()[-1]


def test_known_findings_pass_and_new_ones_fail(tmp_path: Path) -> None:
    make(tmp_path)
    known = entries(tmp_path / "b.json")
    assert [(e["rule"], e["place"], e["reason"]) for e in known] == [
        ("IMG501", "x.jpg", ""), ("IMG501", "y.jpg", "")]
    assert all(re.fullmatch("[0-9a-f]{32}", e["fingerprint"]) for e in known)
    code, data, _ = check(tmp_path, "--baseline", "b.json")
    assert code == 0 and data["findings"] == []
    assert data["summary"]["withheld"]["by_baseline"]["error"] == 2
    assert data["summary"]["rows_ok"] == 1  # the facts about the data do not change
    done = run("data", "--baseline", "b.json", cwd=tmp_path)
    assert last_line(done).startswith("OK: 2 errors known in b.json; no other errors")
    write_rows(tmp_path / "data/rows.json",
               [row(str(i), None) for i in range(5)] + [row("y", "y.jpg"), row("z", "z.jpg")])
    code, data, _ = check(tmp_path, "--baseline", "b.json")
    assert code == 1 and [f["image"] for f in data["findings"]] == ["z.jpg"]
    assert data["summary"]["withheld"]["unneeded"] == 1  # x.jpg
    text = run("report", "data", "--baseline", "b.json", cwd=tmp_path).out.decode()
    assert "1 entry of the baseline is no longer needed: --prune-baseline" in text
    assert entries(tmp_path / "b.json") == known  # nothing is written unless requested


def test_writing_passes_at_once(tmp_path: Path) -> None:
    make(tmp_path)
    done = run("report", "data", "--write-baseline", "c.json", cwd=tmp_path)
    assert done.code == 0 and done.err == "note: c.json: 0 entries kept, 2 added, 0 removed\n"
    assert last_line(done).startswith("OK: 2 errors known in c.json; no other errors")
    assert (tmp_path / "b.json").read_bytes() == (tmp_path / "c.json").read_bytes()
    umask = os.umask(0)
    os.umask(umask)
    assert stat.S_IMODE((tmp_path / "c.json").stat().st_mode) == 0o666 & ~umask
    assert sorted(p.name for p in tmp_path.iterdir() if p.name != "cache") == ["b.json", "c.json", "data"]


def test_everything_of_the_fixtures_passes(tmp_path: Path) -> None:
    for name in ("demo", "rules"):
        copy_fixture(FIXTURES / name, tmp_path / "data")
        assert run("data", "--show", "info", "--write-baseline", "b.json", "-q", cwd=tmp_path).code == 0
        code, data, _ = check(tmp_path, "--baseline", "b.json", "--fail-on", "info", show="info")
        assert code == 0 and data["findings"] == []
        withheld = sum(data["summary"]["withheld"]["by_baseline"].values())
        assert withheld == sum(e.get("count", 1) for e in entries(tmp_path / "b.json"))
        assert data["summary"]["withheld"]["unneeded"] == 0
        before = (tmp_path / "b.json").read_bytes()
        run("report", "data", "--show", "info", "--write-baseline", "b.json", "-q", cwd=tmp_path)
        assert (tmp_path / "b.json").read_bytes() == before
        run("report", "data", "--baseline", "b.json", "--prune-baseline", "-q", cwd=tmp_path)
        assert (tmp_path / "b.json").read_bytes() == before
        (tmp_path / "b.json").unlink()
        for path in sorted((tmp_path / "data").rglob("*"), reverse=True):
            path.rmdir() if path.is_dir() and not path.is_symlink() else path.unlink()
        (tmp_path / "data").rmdir()


def test_which_levels_are_written(tmp_path: Path) -> None:
    copy_fixture(FIXTURES / "rules", tmp_path / "data")
    levels = check(tmp_path)[1]["summary"]["by_severity"]
    counts = {}
    for options in ((), ("--show", "error"), ("--show", "info"), ("--show", "error", "--fail-on", "info"),
                    ("--select", "IMG"), ("--ignore", "IMG")):
        run("data", *options, "--write-baseline", "b.json", "-q", cwd=tmp_path)
        counts[options] = sum(e.get("count", 1) for e in entries(tmp_path / "b.json"))
        (tmp_path / "b.json").unlink()
    assert counts[("--show", "error")] == levels["error"] > 0
    assert counts[()] == levels["error"] + levels["warning"] > levels["error"]
    assert counts[()] == counts[("--select", "IMG")] + counts[("--ignore", "IMG")]
    assert counts[("--show", "info")] == sum(levels.values()) > counts[()]
    assert counts[("--show", "info")] == counts[("--show", "error", "--fail-on", "info")]


def test_reasons_and_dates_stay(tmp_path: Path) -> None:
    make(tmp_path)
    known = entries(tmp_path / "b.json")
    known[0] |= {"reason": "the mirror's \"fault\" \u2014 asked", "expires": LATER}
    write(tmp_path / "b.json", known[:1])
    code, data, _ = check(tmp_path, "--baseline", "b.json")
    assert code == 1 and [f["image"] for f in data["findings"]] == ["y.jpg"]
    run("report", "data", "--write-baseline", "b.json", "-q", cwd=tmp_path)
    found = json.loads((tmp_path / "b.json").read_text(encoding="utf-8"))[1:]
    assert found == known


def test_entries_expire(tmp_path: Path) -> None:
    make(tmp_path)
    known = entries(tmp_path / "b.json")
    known[0] |= {"reason": "soon", "expires": EARLIER}
    known[1] |= {"expires": LATER}
    write(tmp_path / "b.json", known)
    code, data, _ = check(tmp_path, "--baseline", "b.json")
    assert code == 1 and [f["image"] for f in data["findings"]] == ["x.jpg"]
    assert data["summary"]["withheld"]["expired"] == 1
    done = run("report", "data", "--baseline", "b.json", cwd=tmp_path)
    assert "1 finding is reported again: the baseline's entry has expired" in done.out.decode()
    page = run("report", "data", "--baseline", "b.json", "-f", "html", cwd=tmp_path).out.decode()
    assert re.search("<p class='notice'>[^<]*entry has expired", page)
    run("report", "data", "--baseline", "b.json", "--prune-baseline", "-q", cwd=tmp_path)
    assert json.loads((tmp_path / "b.json").read_text())[1:] == known  # it is still found
    run("report", "data", "--write-baseline", "b.json", "-q", cwd=tmp_path)  # accepted again
    assert json.loads((tmp_path / "b.json").read_text())[1] == {
        k: v for k, v in known[0].items() if k != "expires"}
    assert check(tmp_path, "--baseline", "b.json")[0] == 0


def test_a_count_that_falls_leaves_the_rest(tmp_path: Path) -> None:
    make(tmp_path)
    known = entries(tmp_path / "b.json")
    known[0] |= {"reason": "soon \u2192 mended", "expires": LATER}
    write(tmp_path / "b.json", [{**known[0], "count": 5}, *known[1:]])
    assert run("data", "--baseline", "b.json", "--prune-baseline", "-q", cwd=tmp_path).code == 0
    assert json.loads((tmp_path / "b.json").read_text())[1:] == known


def test_pruning(tmp_path: Path) -> None:
    make(tmp_path)
    before = (tmp_path / "b.json").read_text(encoding="utf-8")
    write_rows(tmp_path / "data/rows.json", [row("a", "a.jpg"), row("y", "y.jpg")])
    done = run("data", "--baseline", "b.json", "--prune-baseline", "--no-index", cwd=tmp_path)
    assert done.code == 0 and done.err == "note: b.json: 1 entries kept, 0 added, 1 removed\n"
    assert "no longer needed" not in done.out.decode()
    after = (tmp_path / "b.json").read_text(encoding="utf-8")
    assert set(before.split("\n")) - set(after.split("\n"))
    assert [e["place"] for e in entries(tmp_path / "b.json")] == ["y.jpg"]
    assert after.split("\n")[2] in before  # unchanged
    write_rows(tmp_path / "data/rows.json", [row("y", "y.jpg"), row("z", "z.jpg")])
    done = run("data", "--baseline", "b.json", "--prune-baseline", "-q", cwd=tmp_path)
    assert done.code == 1
    assert [e["place"] for e in entries(tmp_path / "b.json")] == ["y.jpg"]  # z.jpg is not added


def test_findings_that_are_alike_are_counted(tmp_path: Path) -> None:
    """Findings about rows that nothing distinguishes, not even an id, are counted."""
    make_small(tmp_path / "data")
    bad = {"conversations": [{"from": "user", "value": "Hi"}, {"from": "gpt", "value": "Hi"}]}
    write_rows(tmp_path / "data/rows.json", [bad] * 3 + [row("a", None)])
    run("data", "--dialect", "llava", "--select", "CNV302", "--write-baseline", "b.json", "-q", cwd=tmp_path)
    assert [e["count"] for e in entries(tmp_path / "b.json")] == [3]
    write_rows(tmp_path / "data/rows.json", [row("a", None)] + [bad] * 4)
    code, data, _ = check(tmp_path, "--baseline", "b.json", "--select", "CNV302", "--dialect", "llava")
    assert code == 1 and [f["row"] for f in data["findings"]] == [4]
    write_rows(tmp_path / "data/rows.json", [row("a", None)] + [bad] * 2)
    code, data, _ = check(tmp_path, "--baseline", "b.json", "--select", "CNV302", "--dialect", "llava")
    assert code == 0 and data["summary"]["withheld"]["unneeded"] == 1
    run("report", "data", "--baseline", "b.json", "--prune-baseline", "-q", cwd=tmp_path)
    assert [e["count"] for e in entries(tmp_path / "b.json")] == [2]


def test_what_was_not_looked_for_is_not_unneeded(tmp_path: Path) -> None:
    make(tmp_path)
    before = (tmp_path / "b.json").read_bytes()
    for options in (("--no-images",), ("--ignore", "IMG"), ("--severity", "IMG=off")):
        data = check(tmp_path, "--baseline", "b.json", *options)[1]
        assert data["summary"]["withheld"]["unneeded"] == 0, options
        run("data", "--baseline", "b.json", "--prune-baseline", "-q", *options, cwd=tmp_path)
        assert (tmp_path / "b.json").read_bytes() == before, options
        run("data", "--write-baseline", "b.json", "-q", *options, cwd=tmp_path)
        assert (tmp_path / "b.json").read_bytes() == before, options
    run("data", "-q", cwd=tmp_path)
    done = run("verify", "data", "--baseline", "b.json", cwd=tmp_path)
    assert done.code == 0 and "no longer needed" not in done.out.decode()


def test_a_level_changes_no_fingerprint(tmp_path: Path) -> None:
    make(tmp_path)
    for level in ("info", "warning", "error"):
        code, data, _ = check(tmp_path, "--baseline", "b.json", "--severity", f"IMG={level}",
                              "--fail-on", "info", "--ignore", "SET", show="info")
        assert code == 0 and data["findings"] == []


def test_fingerprints_are_those_of_reports(tmp_path: Path) -> None:
    copy_fixture(FIXTURES / "demo", tmp_path / "data")
    run("data", "--write-baseline", "b.json", "-q", cwd=tmp_path)
    sarif = json.loads(run("report", "data", "-f", "sarif", cwd=tmp_path).out)
    printed = {result["partialFingerprints"]["llavaCheck/v1"] for result in sarif["runs"][0]["results"]}
    assert {e["fingerprint"] for e in entries(tmp_path / "b.json")} <= printed


FINGERPRINT = "0" * 32
BROKEN: list[tuple[str, str]] = [
    ("", "not a baseline"),
    (" \n ", "not a baseline"),
    (f'[{{"llava-check-baseline": 1}},\n{{"fingerprint": "{FINGERPRINT}", "expires": "2027-1x-01"}}]',
     "line 2: expires must be a date"),
    ("{}", "not a baseline"),
    ("[]", "not a baseline"),
    ("[1]", "not a baseline: it does not start with"),
    ('[{"id": 1}]', "not a baseline: it does not start with"),
    ('[{"llava-check-baseline": 2}]', "format version that this program does not support"),
    ('[{"llava-check-baseline": 1},\n{}]', "line 2: the entry has no fingerprint"),
    ('[{"llava-check-baseline": 1},\n7]', "line 2: an entry must be an object"),
    ('[{"llava-check-baseline": 1},\n\n{"fingerprint": "12"}]', "line 3: fingerprint must be 32"),
    ('[{"llava-check-baseline": 1},\n{"fingerprint": "F", "x": 1}]', "line 2: fingerprint"),
    (f'[{{"llava-check-baseline": 1}},\n{{"fingerprint": "{FINGERPRINT}", "expire": "x"}}]',
     "line 2: unknown key 'expire'"),
    (f'[{{"llava-check-baseline": 1}},\n{{"fingerprint": "{FINGERPRINT}", "expires": "31.1.2027"}}]',
     "line 2: expires must be a date"),
    (f'[{{"llava-check-baseline": 1}},\n{{"fingerprint": "{FINGERPRINT}", "expires": "2027-13-01"}}]',
     "line 2: expires must be a date"),
    (f'[{{"llava-check-baseline": 1}},\n{{"fingerprint": "{FINGERPRINT}", "reason": 1}}]',
     "line 2: 'reason' must be a string"),
    (f'[{{"llava-check-baseline": 1}},\n{{"fingerprint": "{FINGERPRINT}", "count": 0}}]',
     "line 2: count must be a number of at least 1"),
    (f'[{{"llava-check-baseline": 1}},\n{{"fingerprint": "{FINGERPRINT}"}},\n'
     f'{{"fingerprint": "{FINGERPRINT}"}}]', "line 3: the fingerprint is already on line 2"),
    ('[{"llava-check-baseline": 1},\n{"fingerprint": "', "line 2: "),
    ('[{"llava-check-baseline": 1},\n{"fingerprint": }]', "line 2: "),
]


@pytest.mark.parametrize("text, part", BROKEN)
def test_broken_baselines(tmp_path: Path, text: str, part: str) -> None:
    make_small(tmp_path / "data")
    (tmp_path / "b.json").write_text(text)
    for option in ("--baseline", "--write-baseline"):
        assert_complaint(run("data", option, "b.json", cwd=tmp_path), "b.json: ", part)
    assert (tmp_path / "b.json").read_text() == text  # it is not overwritten
    assert not (tmp_path / "data/.llava-check").exists()  # refused before the run


@pytest.mark.parametrize("options, part", [
    (("--baseline", "no.json"), "no.json: "),
    (("--baseline", "data"), "data: "),
    (("--write-baseline", "no/b.json"), "no/b.json: "),
    (("--write-baseline", "data/rows.json"), "data/rows.json: is a file of the data set"),
    (("--prune-baseline",), "--prune-baseline requires --baseline"),
    (("--prune-baseline", "--write-baseline", "b.json"), "--prune-baseline"),
    (("--baseline", "b.json", "--write-baseline", "b.json"), "cannot be combined"),
])
def test_wrong_use(tmp_path: Path, options: tuple[str, ...], part: str) -> None:
    make_small(tmp_path / "data")
    before = (tmp_path / "data/rows.json").read_bytes()
    assert_complaint(run("data", *options, cwd=tmp_path), part)
    assert (tmp_path / "data/rows.json").read_bytes() == before


def test_a_baseline_in_the_settings(tmp_path: Path) -> None:
    make(tmp_path)
    (tmp_path / "llava-check.yaml").write_text("baseline: b.json\n")
    assert run("data", "-q", cwd=tmp_path).code == 0
    (tmp_path / "b.json").rename(tmp_path / "data/b.json")
    (tmp_path / "llava-check.yaml").write_text("baseline: data/b.json\n")
    assert run("data", "-q", cwd=tmp_path).code == 0
    write_rows(tmp_path / "data/rows.json", [row("z", "z.jpg")])
    assert run("data", "-q", cwd=tmp_path).code == 1
    assert run("data", "--write-baseline", "c.json", "-q", cwd=tmp_path).code == 0
    assert [e["place"] for e in entries(tmp_path / "c.json")] == ["z.jpg"]


def test_strange_names_are_written_validly(tmp_path: Path) -> None:
    make_small(tmp_path / "data")
    names = ['q"u\\o\x1b[31m.jpg', "\u202ertl.jpg", "a" * 3000 + ".jpg", "\ud83d.jpg"]
    write_rows(tmp_path / "data/rows.json", [row(name, name) for name in names[:3]])
    assert run("data", "--write-baseline", "b.json", "-q", cwd=tmp_path).code == 0
    text = (tmp_path / "b.json").read_text(encoding="utf-8")
    assert len(entries(tmp_path / "b.json")) == 3
    assert "\x1b" not in text and "\u202e" not in text and max(map(len, text.split("\n"))) < 600
    assert run("data", "--baseline", "b.json", "-q", cwd=tmp_path).code == 0
