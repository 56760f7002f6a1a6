"""Report.to_parquet: the tables as files, whole and in row groups."""

from __future__ import annotations

import os
from pathlib import Path

import pyarrow
import pyarrow.parquet
import pytest
from conftest import Made

import llava_check
from llava_check import _report

TABLES = ("files", "rows", "images", "findings", "effects")


def test_files_have_the_tables(made: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_report, "GROUP_ROWS", 5)
    report = llava_check.check(made.path)
    files = report.to_parquet(tmp_path / "out", trainer="llava-next")
    assert [file.name for file in files] == [f"{name}.parquet" for name in TABLES]
    assert sorted(os.listdir(tmp_path / "out")) == sorted(file.name for file in files)
    for name, file in zip(TABLES, files):
        table = report.effects("llava-next") if name == "effects" else getattr(report, name)
        wanted = table.to_pylist()
        found = pyarrow.parquet.read_table(file)
        if "mtime_ns" in found.column_names:
            found = found.set_column(found.column_names.index("mtime_ns"), "mtime_ns",
                                     found["mtime_ns"].cast(pyarrow.int64()))
        assert found.to_pylist() == wanted and found.num_rows == len(table)
        groups = pyarrow.parquet.ParquetFile(file).metadata.num_row_groups
        assert groups == -(-len(wanted) // 5)
    (tmp_path / "plain").touch()
    assert {file.stat().st_mode for file in files} == {(tmp_path / "plain").stat().st_mode}


def test_verdicts_and_a_selection(made: Made, tmp_path: Path) -> None:
    report = llava_check.check(made.path, select="IMG501")
    (file,) = report.to_parquet(tmp_path, tables=["verdicts"])
    found = pyarrow.parquet.read_table(file).to_pylist()
    assert [f["rule"] for row in found for f in row["findings"]] == ["IMG501", "IMG501"]


def test_nothing_is_replaced_unasked(made: Made, tmp_path: Path) -> None:
    report = llava_check.check(made.path)
    out = tmp_path / "out"
    out.mkdir()
    (out / "rows.parquet").write_text("mine")
    with pytest.raises(llava_check.UsageError, match="it exists"):
        report.to_parquet(out)
    assert os.listdir(out) == ["rows.parquet"] and (out / "rows.parquet").read_text() == "mine"
    report.to_parquet(out, force=True)
    assert pyarrow.parquet.read_table(out / "rows.parquet").num_rows == len(made.rows)
    (out / "rows.parquet").unlink()
    (out / "rows.parquet").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(llava_check.UsageError, match="not a regular file"):
        report.to_parquet(out, force=True)
    for options in ({"tables": ["nothing"]}, {"tables": "rows"}, {"compression": "none at all"}):
        with pytest.raises(llava_check.UsageError):
            report.to_parquet(tmp_path / "other", **options)  # type: ignore[arg-type]
    assert not (tmp_path / "other").exists()


def test_an_empty_table(made: Made, tmp_path: Path) -> None:
    report = llava_check.check(made.path, select="IMG507")
    (file,) = report.to_parquet(tmp_path / "out", tables=["findings"])
    assert pyarrow.parquet.read_table(file).num_rows == 0
