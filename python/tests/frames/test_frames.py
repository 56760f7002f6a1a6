"""Tables in pyarrow, Polars, DuckDB and pandas: the same values, in time, in little memory."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import duckdb
import pandas
import polars
import pyarrow
import pytest

import llava_check

TABLES = ("files", "rows", "images", "findings", "effects")
ROWS = 493_334  # with three findings in two rows
LARGE = 740_000


def table(report: llava_check.Report, name: str) -> llava_check.Table:
    return report.effects() if name == "effects" else getattr(report, name)


def plain(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows without pyarrow's timestamps."""
    return [{key: getattr(value, "value", value) for key, value in row.items()} for row in rows]


@pytest.mark.parametrize("name", TABLES)
def test_all_readers_see_the_same(made: Any, name: str):
    with llava_check.check(made.path, show="info") as report:
        source = table(report, name)
        wanted = source.to_pylist()
        arrow = pyarrow.table(source)
        arrow.validate(full=True)
        assert plain(arrow.to_pylist()) == wanted
        assert pyarrow.schema(source) == arrow.schema
        assert arrow.column_names == list(source.columns)
        frame = polars.DataFrame(source)
        assert frame.height == len(wanted) == len(source)
        for key in wanted[0]:
            if key != "mtime_ns":
                assert frame[key].to_list() == [row[key] for row in wanted], key
        rows = duckdb.sql("from source").fetchall()
        assert len(rows) == len(wanted)
        assert [row[0] for row in rows] == [row[arrow.column_names[0]] for row in wanted]
        data = source.to_pandas()
        assert list(data.columns) == arrow.column_names
        for key in ("id", "message", "path", "number", "effect"):
            if key in wanted[0]:
                values = [None if pandas.isna(value) else value for value in data[key]]
                assert values == [row[key] for row in wanted], key
        if hasattr(pandas.DataFrame, "from_arrow"):
            assert len(pandas.DataFrame.from_arrow(source)) == len(wanted)


def test_a_reader_outlives_the_report(made: Any):
    report = llava_check.check(made.path)
    reader = pyarrow.RecordBatchReader.from_stream(report.findings)
    count = len(report.findings)
    report.close()
    del report
    assert reader.read_all().num_rows == count


def test_questions_that_people_ask(made: Any):
    with llava_check.check(made.path) as report:
        rows, effects = report.rows, report.effects("llava-next")
        found = duckdb.sql("select effect, count(*) from effects join rows using (number) "
                           "group by effect order by effect").fetchall()
        assert dict(found) == {k: v for k, v in effects.counts.items() if v}
        data = report.to_pandas()
        assert set(data[data.severity == "error"].rule) == {"CNV303", "CNV305", "IMG501"}


@pytest.fixture(name="large", scope="module")
def make_large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data set with 740,000 findings."""
    folder = tmp_path_factory.mktemp("large")
    with (folder / "rows.jsonl").open("w", encoding="utf-8") as file:
        for i in range(ROWS):
            turns = [{"from": "human", "value": "What is it?"}, {"from": "gpt", "value": f"a {i}"}]
            file.write(json.dumps({"id": f"{i:012d}", "image": f"{i // 2:012d}.jpg",
                                   "conversations": turns}) + "\n")
    llava_check.check(folder, no_images=True, ignore="SET").close()
    return folder


CHILD = """
import sys, time, llava_check
import pandas, polars, pyarrow
def status(name):
    (line,) = [x for x in open("/proc/self/status") if x.startswith(name)]
    return int(line.split()[1]) * 1024
start = time.perf_counter()
report = llava_check.open(sys.argv[1], isolated=True)
opened = time.perf_counter() - start
table = report.findings
open("/proc/self/clear_refs", "w").write("5")
before = status("RssAnon")
start = time.process_time()  # of all threads: other programs lengthen only the wall's time
if sys.argv[2] == "polars":
    frame = polars.DataFrame(table)
    texts = sum(kind == polars.String for kind in frame.dtypes)
    size = frame.estimated_size() + 16 * texts * len(frame)  # a view of each text, which it leaves out
else:
    frame = table.to_pandas()
    size = int(frame.memory_usage(deep=True).sum())
took = time.process_time() - start
print(len(frame), took, size, status("VmHWM") - status("VmRSS") + status("RssAnon") - before, opened)
"""


@pytest.mark.parametrize("reader", ["pandas", "polars"])
def test_a_large_report_becomes_a_frame_in_a_second(large: Path, reader: str):
    best = 9.0
    for _ in range(5):
        printed = subprocess.run([sys.executable, "-c", CHILD, str(large), reader], check=True,
                                 capture_output=True, text=True).stdout
        count, took, size, extra, opened = map(float, printed.split())
        best = min(best, took)
    print(f"{reader}: {count:,.0f} findings in {best:.2f} s, {size / 1e6:.0f} MB of data, "
          f"{extra / size:.2f} times that in memory at the peak; opened in {opened * 1000:.0f} ms")
    assert LARGE <= count < 1.1 * LARGE
    assert extra <= 1.5 * size  # with the frame itself
    assert best < (1.0 if os.getloadavg()[0] < (os.cpu_count() or 1) else 3.0)


