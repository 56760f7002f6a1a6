"""Reports: verdicts, tables without Arrow, files, baselines, errors."""

from __future__ import annotations

import json
import os
import pickle
import re
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from conftest import BAD_TURNS, REPLACED, ROOT, Made, command, fresh, make_dataset, make_row

import llava_check


def test_a_report_and_its_tables(made: Made):
    with llava_check.check(made.path) as report:
        assert not report.ok and report.exit_code == 1
        assert report.summary.rows == len(report.rows) == len(made.rows)
        assert report.summary.findings == report.counts
        assert "FAILED" in repr(report)
        rows = report.rows.to_pylist()
        assert [row["id"] for row in rows] == [row["id"] for row in made.rows]
        assert rows[0]["images"] == ["a/0.png"] and rows[2]["images"] == []
        assert rows[2]["is_text_only"] and not rows[REPLACED[0]]["is_ok"]
        images = report.images.to_pylist()
        assert len(images) == len(report.images) == len(made.rows) - 1
        missing = {image["path"] for image in images if image["state"] == "missing"}
        assert missing == {f"a/{n}.png" for n in REPLACED}
        assert {image["size"] for image in images if image["state"] == "missing"} == {None}
        findings = report.findings.to_pylist()
        assert len(findings) == len(report.findings)
        assert [f["image"] for f in findings if f["rule"] == "IMG501"] == sorted(missing)
        (file,) = report.files
        assert file["name"] == "rows.json" and file["rows"] == len(made.rows)
        assert report.findings.columns["severity"] == "dictionary"
        assert "IMG501" in report.findings._repr_html_()
        assert "IMG501" in report._repr_html_()
    with pytest.raises(llava_check.Error, match="closed"):
        len(report.rows)
    assert "closed" in repr(report)
    report.close()  # again


def test_tables_agree_with_the_json_report(made: Made):
    """The tables contain what the JSON report contains: all findings, all effects."""
    with llava_check.check(made.path, show="info") as report:
        wanted = report.to_dict()
        found = [{k: v for k, v in f.items() if v is not None} for f in report.findings]
        assert len(wanted["findings"]) == len(found) > 3
        for theirs, ours in zip(wanted["findings"], found):
            for key, value in theirs.items():
                if key not in ("rows", "fix"):  # the table has neither the rows that use an image, nor fixes
                    assert ours[key] == value, key
        effects = [e for e in report.effects() if e["effect"] != "fine"]
        assert [(e["row"], e["effect"]) for e in effects] == [
            (e["row"], e["effect"]) for e in wanted["effects"]]


def test_effects_and_their_reasons(made: Made):
    with llava_check.check(made.path) as report:
        effects = report.effects("llava-next")
        table = effects.to_pylist()
        for number in REPLACED:
            assert table[number]["effect"] == "replaced"
            assert table[number]["rule"] == "IMG501" and table[number]["what"]
        assert table[BAD_TURNS]["rule"] == "CNV303"
        counts = effects.counts
        assert counts["replaced"] == 3 and sum(counts.values()) == len(made.rows)
        for trainer in llava_check.trainers():
            assert sum(report.effects(trainer.name).counts.values()) == len(made.rows)
        with pytest.raises(llava_check.UsageError):
            report.effects("none-such")
        with pytest.raises(llava_check.UsageError):
            report.effects("all")


def test_a_table_outlives_its_report(made: Made):
    report = llava_check.check(made.path)
    rows = report.rows
    batches = rows.batches()
    first = next(batches)
    assert len(first) == len(made.rows)
    report.close()
    del first
    assert list(batches) == []
    with pytest.raises(llava_check.Error, match="closed"):
        rows.to_pylist()


def test_open_and_verify(made: Made):
    with pytest.raises(llava_check.UsageError):
        llava_check.open(made.path)
    llava_check.check(made.path).close()
    for place in (made.path, made.path / ".llava-check", made.path / ".llava-check/index.mdb"):
        with llava_check.open(place) as report:
            assert report.summary.rows == len(made.rows)
    with llava_check.verify(made.path, progress="never") as report:
        assert report.ok and len(report.findings) == 0
    (made.path / "images/a/0.png").write_bytes(b"other")
    with llava_check.verify(made.path, progress="never") as report:
        assert "IDX" in report.findings.to_pylist()[0]["rule"]
        assert report.ok and sum(report.counts.values()) == 1  # like the command
        assert "1 replaced" in report.text()
        assert "IDX" in report._repr_html_()


def test_texts_and_files(made: Made, tmp_path: Path):
    with llava_check.check(made.path) as report:
        assert "IMG501" in report.text() and "IMG501" in report.text(statistics=True)
        assert "\x1b[" in report.text(color=True)
        for line in report.text("jsonl").splitlines():
            json.loads(line)
        target = tmp_path / "report.html"
        report.write(target, thumbnails=True)
        assert b"IMG501" in target.read_bytes()
        report.write(target)  # a report may be replaced
        report.write(f"json:{tmp_path}/odd.name")
        assert json.loads((tmp_path / "odd.name").read_text())["schema"] == 1
        notes = tmp_path / "notes.txt"
        notes.write_text("mine")
        for bad in (notes, made.path / "rows.json", tmp_path / "no.suffix-known"):
            with pytest.raises(llava_check.UsageError):
                report.write(bad)
        with pytest.raises(llava_check.UsageError):
            report.write(f"json:{made.path}/rows.json", force=True)
        link = tmp_path / "link.json"
        link.symlink_to(made.path / "rows.json")
        with pytest.raises(llava_check.UsageError):
            report.write(link, force=True)
        report.write(notes, force=True)
        with pytest.raises(OSError):
            report.write(tmp_path / "none/such.json")
        assert sorted(p.name for p in tmp_path.iterdir() if p.is_file()) == [
            "link.json", "notes.txt", "odd.name", "report.html"]
        with pytest.raises(llava_check.UsageError):
            report.text("none-such")
    assert json.loads((made.path / "rows.json").read_text()) == made.rows


def test_report_keyword_without_an_index(made: Made, tmp_path: Path):
    target = tmp_path / "a.json"
    llava_check.check(made.path, no_index=True, report=[target, f"sarif:{tmp_path}/b"]).close()
    assert json.loads(target.read_text())["summary"]["rows"] == len(made.rows)
    assert not (made.path / ".llava-check").exists()
    with pytest.raises(llava_check.UsageError, match="index"):
        llava_check.check(made.path, no_index=True, write_baseline=tmp_path / "b.json")


def test_baselines(made: Made, tmp_path: Path):
    baseline = tmp_path / "baseline.json"
    with llava_check.check(made.path, write_baseline=baseline) as report:
        assert report.ok and report.exit_code == 0
    (made.path / "images/a/0.png").unlink()
    with llava_check.check(made.path, baseline=baseline) as report:
        assert not report.ok
        assert [f["image"] for f in report.findings if f["severity"] == "error"] == ["a/0.png"]
    rows = [row for row in made.rows if row["id"] != "000003"]
    (made.path / "rows.json").write_text(json.dumps(rows))
    before = baseline.read_text()
    llava_check.check(made.path, baseline=baseline, prune_baseline=True).close()
    assert baseline.read_text() != before


def test_diff(made: Made, tmp_path: Path):
    other = tmp_path / "other"
    shutil.copytree(made.path, other)
    (other / "rows.json").write_text(json.dumps(made.rows[1:]))
    llava_check.check(made.path).close()
    llava_check.check(other).close()
    found = llava_check.diff(made.path, other)
    assert not found.equal and "1" in found.text()
    assert found.to_dict()["rows"]["removed"] == 1
    assert llava_check.diff(made.path, made.path).equal
    printed = subprocess.run([command(), "diff", str(made.path), str(other), "--format", "json"],
                             capture_output=True, text=True, check=False).stdout
    assert json.loads(printed) == found.to_dict()


def test_clean(made: Made, tmp_path: Path):
    with llava_check.check(made.path, trainer="llava-next") as report:
        result = report.clean(tmp_path / "out.json")
    kept = [row["id"] for n, row in enumerate(made.rows) if n not in (*REPLACED, BAD_TURNS)]
    assert [row["id"] for row in json.loads((tmp_path / "out.json").read_text())] == kept
    assert result.report["trainer"] == "llava-next" and result.exit_code == 0
    with pytest.raises(llava_check.UsageError, match="exists"):
        llava_check.clean(made.path, tmp_path / "out.json")
    assert llava_check.clean(made.path, tmp_path / "two.json", drop="crash").output.exists()


def test_fix(made: Made, tmp_path: Path):
    result = llava_check.fix(made.path, tmp_path / "fixed.json", unsafe=True)
    rows = result.report["rows"]
    assert rows["in"] == len(made.rows) == rows["kept"] + rows["fixed"] + rows["dropped"]
    assert len(json.loads((tmp_path / "fixed.json").read_text())) == rows["kept"] + rows["fixed"]
    (made.path / "rows.json").write_text(json.dumps(made.rows, indent=1)[:-1] + ",]")
    with llava_check.check(made.path) as report:
        shown = report.fix(diff=True)
        assert shown.output is None and "\n-,]" in shown.text
        result = report.fix(tmp_path / "out.json", trainer="llava-next")
    fixed = json.loads((tmp_path / "out.json").read_text())
    assert all(row in made.rows for row in fixed) and result.report
    with pytest.raises(llava_check.UsageError):
        llava_check.fix(made.path)


def test_convert(made: Made, tmp_path: Path):
    result = llava_check.convert(made.path, tmp_path / "out.json", to="messages", skip=True)
    rows = json.loads((tmp_path / "out.json").read_text())
    assert rows and all("messages" in row for row in rows) and result.text
    with pytest.raises(llava_check.UsageError):
        llava_check.convert(made.path, tmp_path / "two.json")


def test_several_data_sets(tmp_path: Path):
    for name in ("one", "two"):
        make_dataset(tmp_path / "sets" / name, 12 if name == "one" else 13)
    with pytest.raises(llava_check.SeveralSetsError) as caught:
        llava_check.check(tmp_path / "sets")
    assert len(caught.value.paths) == 2
    reports = llava_check.check_all(tmp_path / "sets")
    assert {Path(path).name: r.summary.rows for path, r in reports.items()} == {
        "one": 12, "two": 13}


def test_names_that_are_not_utf8(tmp_path: Path):
    folder = tmp_path / "caf\udce9"
    made = make_dataset(folder)
    with llava_check.check(folder) as report:
        assert len(report.rows) == len(made.rows)
    with llava_check.check(os.fsencode(folder)) as report:
        assert report.text()
    with llava_check.open([folder]) as report:
        assert report.query("get", "000001")
        assert "a/0.png" in report.query("images", where=["width=40"])
        assert "IMG501" in report.query("findings", rule="IMG501")
    with pytest.raises(llava_check.UsageError, match="caf"):
        llava_check.check(tmp_path / "caf\udce9 none")


def test_a_notebook_shows_the_worst_rules_first(made: Made):
    with llava_check.check(made.path, show="info") as report:
        page = report._repr_html_()
        codes = re.findall(r">([A-Z]{3}[0-9]{3}) [a-z-]+</td>", page)
        level = {rule.code: rule.severity for rule in llava_check.rules()}
        order = [("error", "warning", "info").index(level[code]) for code in codes]
        assert len(codes) >= 3 and order == sorted(order)
        assert "IMG501 image-missing" in page and "more rule" not in page
    with llava_check.check(ROOT / "fixtures/demo", no_index=True, isolated=True) as report:
        assert "more rules</td>" in report._repr_html_()
    with llava_check.check(made.path, select="HUB", no_index=True) as report:
        assert report.findings._repr_html_() == "<p>no findings</p>"


def test_hostile_text_in_html(tmp_path: Path):
    folder = tmp_path / "x"
    folder.mkdir()
    (folder / "rows.json").write_text(json.dumps(
        [make_row(0, "<script>alert(1)</script>.png"), {"id": "<b>"}]))
    with llava_check.check(folder) as report:
        for text in (report._repr_html_(), report.findings._repr_html_(),
                     report.rows._repr_html_()):
            assert "<script" not in text and "<b>" not in text.replace("<b style", "")


def test_damaged_index(made: Made):
    llava_check.check(made.path).close()
    index = made.path / ".llava-check/index.mdb"
    data = bytearray(index.read_bytes())
    data[5000] ^= 1
    index.write_bytes(data)
    with pytest.raises(llava_check.IndexDamagedError):
        llava_check.open(made.path)


def test_a_report_from_other_threads(made: Made):
    with llava_check.check(made.path) as report:
        found: list[int] = []
        threads = [threading.Thread(target=lambda: found.append(len(list(report.findings))))
                   for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert found == [len(report.findings)] * 8


def test_an_error_names_what_cannot_be_pickled(made: Made):
    with llava_check.check(made.path) as report, pytest.raises(TypeError, match="pickled"):
        pickle.dumps(report)


def test_nothing_is_printed(made: Made, capfd: pytest.CaptureFixture[str]):
    with llava_check.check(made.path) as report:
        report.text()
        report.findings.to_pylist()
        repr(report)
    llava_check.verify(made.path).close()
    with pytest.raises(llava_check.UsageError):
        llava_check.check(made.path / "none")
    assert capfd.readouterr() == ("", "")


def test_catalogues():
    rules = llava_check.rules()
    assert len(rules) > 80 and len({rule.code for rule in rules}) == len(rules)
    assert {t.name for t in llava_check.trainers()} >= {"llava-next", "internvl"}


def time_import(module: str) -> tuple[float, str]:
    """Return the processor time of an import in seconds, and the heavy modules that it imports."""
    code = (f"import sys, time; before = set(sys.modules); start = time.process_time(); "
            f"import {module}; took = time.process_time() - start; "
            "heavy = {'ctypes', 'json', 'torch', 'pandas', 'pyarrow', 'numpy', 'tqdm', "
            "'subprocess'}; "
            "print(took, sorted(heavy & (set(sys.modules) - before)))")
    took, _, rest = subprocess.run([sys.executable, "-c", code], capture_output=True,
                                   text=True, check=True).stdout.partition(" ")
    return float(took), rest.strip()


def test_importing_is_quick_and_imports_nothing():
    best, limit = 1.0, 0.06
    for _ in range(20):
        took, heavy = time_import("llava_check")
        assert heavy == "[]"
        best = min(best, took)
        if best < limit:
            break
        # a busy machine slows down every import; on a quiet one, asyncio takes about as long
        limit = max(limit, time_import("asyncio")[0])
    assert best < limit
    assert set(llava_check.__all__) <= set(dir(llava_check))
    for name in llava_check.__all__:
        assert getattr(llava_check, name) is not None
    with pytest.raises(AttributeError, match="none_such"):
        llava_check.none_such


def test_assert_sound(made: Made):
    from llava_check.testing import assert_sound

    with pytest.raises(AssertionError, match="IMG501"):
        assert_sound(made.path)
    assert_sound(made.path, ignore="IMG,CNV")
    fresh(made.path)
    with llava_check.check(made.path) as report, pytest.raises(AssertionError):
        assert_sound(report)


def test_verdicts(made: Made) -> None:
    """Each row comes with its effect, and with the findings about it and its images."""
    with llava_check.check(made.path) as report:
        table = report.verdicts("llava-next")
        assert table.columns == {
            "number": "integer", "is_ok": "bool", "effect": "string", "findings": "list of structs",
        }  # fmt: skip
        verdicts = table.to_pylist()
        assert [v["is_ok"] for v in verdicts] == [row["is_ok"] for row in report.rows]
        assert [v["effect"] for v in verdicts] == [row["effect"] for row in report.effects("llava-next")]
        assert "CNV303" in [f["rule"] for f in verdicts[BAD_TURNS]["findings"]]
        for number in REPLACED:
            (finding,) = verdicts[number]["findings"]
            assert finding["rule"] == "IMG501" and finding["severity"] == "error" and finding["image"] == 0
        listed = sum(len(v["findings"]) for v in report.verdicts(show="error"))
        assert len(REPLACED) < listed < sum(len(v["findings"]) for v in report.verdicts()) + 1
        for trainer in ("all", "nobody"):
            with pytest.raises(llava_check.UsageError):
                report.verdicts(trainer)
        with pytest.raises(llava_check.UsageError):
            report.verdicts(show="everything")
