"""Parquet: imported without a change to its images, checked as it is, compared with the result."""

from __future__ import annotations

import collections
import csv
import io
import json
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import parquet_data
import pyarrow
import pyarrow.parquet
import pytest
from PIL import Image

import llava_check

COUNT = 160
Rows = list[dict[str, Any]]


@pytest.fixture(name="parquet", scope="module")
def make_parquet(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("parquet") / "data"
    parquet_data.write(folder, COUNT, size=(160, 120))
    return folder


def read_cell(cell: str) -> str:
    """The text of a cell of CSV, by the function that docs/questions.md gives users."""
    text = (Path(__file__).parents[3] / "docs/questions.md").read_text(encoding="utf-8")
    names: dict[str, Any] = {}
    exec(re.search(r"```python\n(import re\n\ndef read_cell.*?)```", text, re.DOTALL)[1], names)
    return names["read_cell"](cell).decode()


def read_rows(folder: Path) -> Rows:
    """The rows of parquet files, by pyarrow alone."""
    return [row for file in sorted(folder.rglob("*.parquet"))
            for row in pyarrow.parquet.read_table(file).to_pylist()]


def imported(folder: Path, out: Path, **options: Any) -> llava_check.ImportResult:
    return llava_check.import_parquet(folder, out, check=False, **options)


def files_of(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes()
            for path in sorted(folder.rglob("*")) if path.is_file()}


def test_nothing_is_lost_or_changed(parquet: Path, tmp_path: Path):
    result = imported(parquet, tmp_path / "raw")
    wanted = read_rows(parquet)
    rows = json.loads(result.rows_file.read_text(encoding="utf-8"))
    assert len(rows) == result.rows == len(wanted) == COUNT
    for row, source in zip(rows, wanted):
        image = source.pop("image")
        path = row.pop("image", None)
        assert row == source
        assert (path is None) == (image is None)
        if image:
            assert (tmp_path / "raw/images" / path).read_bytes() == image["bytes"]
    assert result.rows_text_only == sum("image" not in row for row in json.loads(
        result.rows_file.read_text(encoding="utf-8")))
    assert not (tmp_path / "raw/.llava-check-import").exists()
    assert sorted(p.name for p in (tmp_path / "raw").iterdir()) == [
        "images", "mapping.csv", "rows.json"]


def test_the_mapping(parquet: Path, tmp_path: Path):
    result = imported(parquet, tmp_path / "raw")
    rows = json.loads(result.rows_file.read_text(encoding="utf-8"))
    with result.mapping.open(encoding="utf-8", newline="") as file:
        mapping = list(csv.DictReader(file))
    assert len(mapping) == result.images == sum("image" in row for row in rows)
    sources = {f.name: pyarrow.parquet.ParquetFile(f) for f in parquet.iterdir()}
    for line in mapping:
        row = rows[int(line["row"])]
        assert (row["id"], row["image"]) == (line["id"], line["image"])
        group = sources[line["file"]].read_row_group(int(line["row_group"]))
        data = group.column("image")[int(line["row_in_group"])].as_py()["bytes"]
        seen = llava_check.inspect(data)
        assert (seen.content, seen.state) == (line["content"], line["state"])
    assert collections.Counter(line["state"] for line in mapping) == result.states
    assert set(result.states) == {"ok", "truncated", "not-an-image"}


def test_names_are_safe_and_say_what_the_content_is(parquet: Path, tmp_path: Path):
    result = imported(parquet, tmp_path / "raw")
    suffixes = collections.Counter(path.suffix for path in (tmp_path / "raw/images").rglob("*.*"))
    assert {".jpg", ".png", ".gif", ".webp"} == set(suffixes)
    root = (tmp_path / "raw/images").resolve()
    folded = set()
    for row in json.loads(result.rows_file.read_text(encoding="utf-8")):
        if "image" in row:
            path = (root / row["image"]).resolve()
            assert path.is_relative_to(root) and path.is_file() and not path.is_symlink()
            folded.add(row["image"].casefold())
    assert len(folded) == sum(suffixes.values())  # also where case does not count
    with llava_check.check(tmp_path / "raw", show="info") as report:
        assert not [f for f in report.findings if f["rule"] in ("IMG501", "IMG510", "IMG502")]


def snippet(rows: Rows, folder: Path) -> tuple[Rows, list[str]]:
    """What the card's conversion does: each image is decoded, and saved as JPEG under its id."""
    converted, failures = [], []
    for row in rows:
        found = {"id": row["id"], "conversations": row["conversations"]}
        if row["image"] is not None:
            found["image"] = f"{row['id']}.jpg"
            try:
                Image.open(io.BytesIO(row["image"]["bytes"])).save(folder / found["image"])
            except (OSError, ValueError) as error:
                failures.append(f"{row['id']}: {error}")
        converted.append(found)
    return converted, failures


def test_the_faults_of_the_conversion_on_the_card(parquet: Path, tmp_path: Path):
    """Rows with one id overwrite each other's image; alpha, palettes and slashes fail; and no
    image has the bytes that it had."""
    wanted = read_rows(parquet)
    (tmp_path / "card").mkdir()
    rows, failures = snippet(wanted, tmp_path / "card")
    assert any("RGBA" in text for text in failures) and any("mode P" in text for text in failures)
    assert any("passwd" in text or "gqa/images" in text for text in failures)
    shared = [row for row in rows if row["id"] == "shared" and "image" in row]
    assert len(shared) > 1 and len({row["image"] for row in shared}) == 1
    for row, source in zip(rows, wanted):
        path = tmp_path / "card" / row.get("image", "none")
        if source["image"] and path.is_file():
            assert path.read_bytes() != source["image"]["bytes"]

    result = imported(parquet, tmp_path / "raw")
    ours = json.loads(result.rows_file.read_text(encoding="utf-8"))
    shared = [row for row in ours if row["id"] == "shared" and "image" in row]
    assert len({row["image"] for row in shared}) == len(shared)
    same = [row["image"] for row in ours if row["id"] == "same"]
    assert len(set(same)) == 2 < len(same)  # one in each file


def findings_of(report: llava_check.Report) -> collections.Counter[tuple[Any, ...]]:
    """Findings without their places."""
    keys = ("rule", "case", "severity", "row_number", "line", "column", "id", "turn", "effect",
            "row_count")
    return collections.Counter(
        (*(f[key] for key in keys), re.sub(r"'[^']*'", "''", f["message"] or ""))
        for f in report.findings)


def test_a_check_of_parquet_finds_what_a_check_of_the_result_finds(parquet: Path, tmp_path: Path):
    imported(parquet, tmp_path / "raw")
    with llava_check.check(parquet, show="info") as before, \
            llava_check.check(tmp_path / "raw", show="info") as after:
        found = findings_of(before)
        assert found == findings_of(after) and sum(found.values()) > 100
        assert before.effects().counts == after.effects().counts
        for name in ("rows", "rows_ok", "rows_text_only", "turns", "images", "images_ok",
                     "image_bytes", "findings"):
            assert getattr(before.summary, name) == getattr(after.summary, name)
        wanted = read_rows(parquet)
        for finding in before.findings:
            if finding["kind"] == "image":
                name, group, rest = finding["image"].rsplit(":", 2)
                table = pyarrow.parquet.ParquetFile(parquet / name).read_row_group(int(group))
                data = table.column("image")[int(rest.partition(".")[0])].as_py()["bytes"]
                content = llava_check.inspect(data).content
                (image,) = [i for i in before.images if i["path"] == finding["image"]]
                assert image["content"] == content
            elif finding["row_number"] is not None:
                name, group, row = before.place(finding["row_number"]).rsplit(":", 2)
                table = pyarrow.parquet.ParquetFile(parquet / name).read_row_group(int(group))
                assert table.column("id")[int(row)].as_py() == wanted[finding["row_number"]]["id"]
        text = before.text()
        assert re.search(r"train-00001-of-00002\.parquet:\d+:\d+", text)
        assert ".json" not in text and "llava-check-parquet" not in text
        assert not (parquet / ".llava-check").exists()
        # what people ask: which rows are in one and not in the other, and what became of them
        assert before.diff(after).equal and after.diff(before).equal
    rows = [r for r in json.loads((tmp_path / "raw/rows.json").read_text()) if "image" in r]
    rows[0]["conversations"][1]["value"] = "other"
    (tmp_path / "raw/rows.json").write_text(json.dumps(rows))
    llava_check.check(tmp_path / "raw").close()
    difference = llava_check.diff(parquet, tmp_path / "raw").to_dict()["rows"]
    text_only = sum(row["image"] is None for row in wanted)
    assert (difference["removed"], difference["changed"], difference["added"]) == (text_only, 1, 0)


def test_the_result_does_not_depend_on_threads_nor_interruptions(parquet: Path, tmp_path: Path):
    imported(parquet, tmp_path / "one", jobs=1)
    imported(parquet, tmp_path / "many", jobs=7)
    wanted = files_of(tmp_path / "one")
    assert files_of(tmp_path / "many") == wanted
    kills = 0
    code = ("import sys, llava_check; llava_check.import_parquet(sys.argv[1], sys.argv[2], "
            "check=False, jobs=2, progress='never')")
    for wait in (0.2, 0.4, 0.6, 0.8, 1.0, 1.4):
        child = subprocess.Popen([sys.executable, "-c", code, str(parquet), str(tmp_path / "cut")])
        time.sleep(wait)
        child.send_signal(signal.SIGKILL if kills % 2 else signal.SIGINT)
        kills += child.wait() != 0
        if child.returncode == 0:
            break
    parts = tmp_path / "cut/.llava-check-import/parts"
    done = len(list(parts.glob("*.done"))) if parts.exists() else 0
    if child.returncode:
        assert imported(parquet, tmp_path / "cut").reused == done
    assert files_of(tmp_path / "cut") == wanted and kills


def test_a_stopped_import_goes_on(parquet: Path, tmp_path: Path):
    seen = []

    def stop(progress: llava_check.Progress) -> None:
        seen.append(progress)
        if len(seen) == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        imported(parquet, tmp_path / "raw", jobs=2, progress=stop)
    assert not (tmp_path / "raw/rows.json").exists()
    assert imported(parquet, tmp_path / "raw", jobs=2).reused >= 3
    imported(parquet, tmp_path / "whole")
    assert files_of(tmp_path / "raw") == files_of(tmp_path / "whole")


def test_a_run_that_was_killed_at_its_beginning_or_end_goes_on(parquet: Path, tmp_path: Path):
    imported(parquet, tmp_path / "whole")
    wanted = files_of(tmp_path / "whole")
    (tmp_path / "begun/.llava-check-import").mkdir(parents=True)  # and nothing is in it
    imported(parquet, tmp_path / "begun")
    assert files_of(tmp_path / "begun") == wanted

    def stop(progress: llava_check.Progress) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        imported(parquet, tmp_path / "ended", jobs=1, progress=stop)
    shutil.rmtree(tmp_path / "ended/.llava-check-import/parts")
    imported(parquet, tmp_path / "ended")
    assert files_of(tmp_path / "ended") == wanted


def test_what_is_there_is_not_touched(parquet: Path, tmp_path: Path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/notes").write_text("mine")
    with pytest.raises(llava_check.UsageError, match="not empty"):
        imported(parquet, tmp_path / "mine")
    assert files_of(tmp_path / "mine") == {"notes": b"mine"}
    imported(parquet, tmp_path / "raw")
    with pytest.raises(llava_check.UsageError, match="not empty"):
        imported(parquet, tmp_path / "raw")
    with pytest.raises(llava_check.UsageError, match="parquet"):
        imported(tmp_path / "mine", tmp_path / "other")
    (tmp_path / "bad.parquet").write_bytes(b"PAR1 no")
    with pytest.raises(llava_check.UsageError, match="parquet"):
        imported(tmp_path / "bad.parquet", tmp_path / "other")
    for name in ("a/b", "..", ""):
        with pytest.raises(llava_check.UsageError):
            imported(parquet, tmp_path / "other", name=name)


def write_table(path: Path, **columns: Any) -> None:
    pyarrow.parquet.write_table(pyarrow.table(columns), path)


HOSTILE = ["../../x", "/etc/passwd", "a\0b", "a\nb", "-rf", ".hidden", "CON:", "x" * 900, "é/é",
           "e\u0301/e\u0301", "", None, "a\u202eb", "..", " ", "ﬁ", "fi", "0001.jpg", "0001"]


def test_hostile_ids(tmp_path: Path):
    image = pyarrow.struct([("bytes", pyarrow.binary()), ("path", pyarrow.string())])
    pictures = [{"bytes": b"\xff\xd8\xff" + bytes([i]), "path": "../../y.png"}
                for i in range(len(HOSTILE))]
    write_table(tmp_path / "a.parquet", id=pyarrow.array(HOSTILE, pyarrow.string()),
                image=pyarrow.array(pictures, image))
    result = imported(tmp_path / "a.parquet", tmp_path / "raw")
    rows = json.loads(result.rows_file.read_text(encoding="utf-8"))
    assert [row["id"] for row in rows] == HOSTILE
    names = [row["image"] for row in rows]
    assert len({name.casefold() for name in names}) == len(HOSTILE)
    for row, picture in zip(rows, pictures):
        folder, name = row["image"].split("/")
        assert folder == "a" and name.isprintable() and name[0] not in ".-" and len(name) < 200
        assert (tmp_path / "raw/images" / row["image"]).read_bytes() == picture["bytes"]
    assert {p.name for p in tmp_path.iterdir()} <= {"a.parquet", "raw", "state", "cache", "work"}


def test_other_columns_and_lists_of_images(tmp_path: Path):
    image = pyarrow.struct([("bytes", pyarrow.binary()), ("path", pyarrow.string())])
    one = parquet_data.picture("RGB", "PNG", parquet_data.random.Random(1), (40, 40))
    lists = [[{"bytes": one, "path": None}, {"bytes": one + b"2", "path": None}], [], None,
             [{"bytes": None, "path": "elsewhere/3.png"}]]
    messages = [[{"role": "user", "content": "hi"}]] * 4
    stamps = pyarrow.array([0, 1, None, 3], pyarrow.timestamp("ms"))
    write_table(tmp_path / "m.parquet", messages=messages,
                images=pyarrow.array(lists, pyarrow.list_(image)), score=[0.5, None, 1.0, 2.0],
                when=stamps, blob=pyarrow.array([b"\0\xff", b"", None, b"x"]))
    result = imported(tmp_path / "m.parquet", tmp_path / "raw")
    rows = json.loads(result.rows_file.read_text(encoding="utf-8"))
    assert [len(row.get("images", [])) for row in rows] == [2, 0, 0, 1]
    assert "images" not in rows[1] and rows[3]["images"] == ["elsewhere/3.png"]
    data = [(tmp_path / "raw/images" / path).read_bytes() for path in rows[0]["images"]]
    assert data == [one, one + b"2"]
    assert [row["messages"] for row in rows] == messages
    assert [row["score"] for row in rows] == [0.5, None, 1.0, 2.0]
    assert rows[0]["blob"] == "AP8=" and rows[1]["when"].startswith("1970-01-01T00:00:00.001")
    with llava_check.check(tmp_path / "m.parquet") as report:
        assert report.summary.images_referenced == 3
        missing = [f["image"] for f in report.findings if f["rule"] == "IMG501"]
        assert missing == ["elsewhere/3.png"]


def random_value(kind: pyarrow.DataType, rng: random.Random, depth: int = 0) -> Any:
    """A value of a type, now and then null, with texts that JSON has to escape."""
    if rng.random() < 0.15 or pyarrow.types.is_null(kind):
        return None
    if pyarrow.types.is_boolean(kind):
        return rng.random() < 0.5
    if pyarrow.types.is_integer(kind):
        signed = pyarrow.types.is_signed_integer(kind)
        low, high = (-1 << kind.bit_width - 1, (1 << kind.bit_width - 1) - 1) if signed else (
            0, (1 << kind.bit_width) - 1)
        return rng.choice([low, high, 0, 1, rng.randint(low, high)])
    if pyarrow.types.is_struct(kind):
        return {f.name: random_value(f.type, rng, depth + 1) for f in kind}
    if pyarrow.types.is_list(kind) or pyarrow.types.is_large_list(kind):
        return [random_value(kind.value_type, rng, depth + 1) for _ in range(rng.randrange(4))]
    if pyarrow.types.is_floating(kind):
        return rng.choice([0.1, 1e300, -0.0, 3.0, 1e16])
    letters = [*map(chr, range(128)), "é", "图", "\U0001f600", "\ufeff", "\u2028", '"', "\\"]
    return "".join(rng.choices(letters, k=rng.randrange(12)))


def test_rows_and_mapping_are_what_python_writes(tmp_path: Path):
    """Rows are byte by byte what json.dumps makes of pyarrow's values, and csv reads the mapping."""
    string, rng, cases = pyarrow.string(), random.Random(7), 0
    pair = pyarrow.struct([("from", string), ("n\"é", pyarrow.int16())])
    kinds = [string, pyarrow.large_string(), pyarrow.bool_(), pyarrow.null(), pyarrow.int8(), pyarrow.uint8(),
             pyarrow.uint16(), pyarrow.int32(), pyarrow.uint32(), pyarrow.int64(), pyarrow.uint64(),
             pyarrow.list_(pair), pyarrow.large_list(pyarrow.list_(string)), pyarrow.float64(),
             pyarrow.struct([("a", pyarrow.list_(pyarrow.bool_())), ("b", pair)]),
             pyarrow.list_(pyarrow.float32()), pyarrow.dictionary(pyarrow.int32(), string)]
    image = pyarrow.struct([("path", string), ("bytes", pyarrow.large_binary())])
    for number in range(8):
        picked = rng.sample(kinds, 6)
        fields = [pyarrow.field("id", rng.choice([string, pyarrow.int64()]))]
        fields += [pyarrow.field(f"c,{i}", kind) for i, kind in enumerate(picked)]
        fields.insert(rng.randrange(len(fields)), pyarrow.field("image", image))
        table = []
        for _ in range(150):
            row = {f.name: random_value(f.type, rng) for f in fields if f.name != "image"}
            row["image"] = rng.choice([None, {"bytes": rng.randbytes(9), "path": None}, {
                "bytes": None, "path": 'a"b/é.png'}, {"bytes": b"\x89PNG\r\n\x1a\n", "path": "x.jpg"}])
            table.append(row)
        source = tmp_path / f"t{number}.parquet"
        pyarrow.parquet.write_table(pyarrow.Table.from_pylist(table, schema=pyarrow.schema(fields)),
                                    source, row_group_size=97)
        result = imported(source, tmp_path / f"raw{number}", jobs=2)
        lines = result.rows_file.read_bytes().split(b"\n")
        assert (lines[0], lines[-2:]) == (b"[", [b"]", b""])
        with result.mapping.open(encoding="utf-8", newline="") as file:
            lines_of_mapping = file.read().split("\n")
            mapped = iter([list(map(read_cell, cells)) for cells in csv.reader(lines_of_mapping[1:-1])])
        for line, (n, row) in zip(lines[1:-2], enumerate(pyarrow.parquet.read_table(source).to_pylist()),
                                  strict=True):
            found = row["image"]
            if found is None:
                del row["image"]
            elif found["bytes"] is None:
                row["image"] = found["path"]
            else:
                row["image"] = json.loads(line.rstrip(b","))["image"]
                seen = llava_check.inspect(found["bytes"])
                cells = [str(n), "" if row["id"] is None else str(row["id"]), source.name, str(n // 97),
                         str(n % 97), row["image"], seen.content, seen.format or "", seen.state]
                assert next(mapped) == cells
            assert line.rstrip(b",") == json.dumps(row, ensure_ascii=False).encode()
            cases += 1
        assert next(mapped, None) is None
    assert cases == 8 * 150


def test_ids_that_look_like_names_of_shared_images(tmp_path: Path):
    """An id can end as the names of other rows' images do: no image gets another one's file."""
    image = pyarrow.struct([("bytes", pyarrow.binary()), ("path", pyarrow.string())])
    data = [b"one", b"two", b"three", b"four"]
    digest = llava_check.inspect(data[0]).content
    ids = ["x", "x", f"x-{digest[:16]}", f"x-{digest[:16]}-{digest}"]
    write_table(tmp_path / "a.parquet", id=ids,
                image=pyarrow.array([{"bytes": d, "path": None} for d in data], image))
    result = imported(tmp_path / "a.parquet", tmp_path / "raw")
    rows = json.loads(result.rows_file.read_text(encoding="utf-8"))
    assert [(tmp_path / "raw/images" / row["image"]).read_bytes() for row in rows] == data


def test_a_text_that_is_not_utf8_is_an_error(tmp_path: Path):
    bad = pyarrow.array([b"ok", b"\xff\xfe"], pyarrow.binary()).view(pyarrow.string())
    write_table(tmp_path / "a.parquet", id=pyarrow.array(["1", "2"]), note=bad)
    with pytest.raises(llava_check.UsageError, match="column note: a text is not UTF-8"):
        imported(tmp_path / "a.parquet", tmp_path / "raw")
    assert not (tmp_path / "raw/rows.json").exists()


def test_two_columns_of_one_name_are_an_error(tmp_path: Path):
    table = pyarrow.Table.from_arrays([pyarrow.array([1]), pyarrow.array([2])], names=["a", "a"])
    pyarrow.parquet.write_table(table, tmp_path / "a.parquet")
    with pytest.raises(llava_check.UsageError, match="several columns have the name 'a'"):
        imported(tmp_path / "a.parquet", tmp_path / "raw")


def test_the_same_name_in_two_folders(tmp_path: Path):
    for folder in ("a", "b"):
        parquet_data.write(tmp_path / "data" / folder, 40, files=1, size=(160, 120))
    result = imported(tmp_path / "data", tmp_path / "raw")
    assert result.rows == 80
    assert len(list((tmp_path / "raw/images").iterdir())) == 2


def test_the_command_line(parquet: Path, tmp_path: Path):
    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([sys.executable, "-m", "llava_check", *arguments], check=False,
                              capture_output=True, text=True)

    done = run("import", "parquet", str(parquet), "-o", str(tmp_path / "raw"))
    assert done.returncode == 1 and "FAILED" in done.stdout and done.stderr == ""
    assert f"{COUNT} in rows.json" in done.stdout
    again = run("import", "parquet", str(parquet), "-o", str(tmp_path / "raw"))
    assert again.returncode == 2 and again.stderr.startswith("llava-check: ")
    names = [str(path) for path in sorted(parquet.iterdir())]
    checked = run("check", *names, "--ignore", "IMG,ROW", "--fail-on=warning")
    assert checked.returncode == 0 and "OK" in checked.stdout
    assert run(*names, "-q").returncode == 1
    assert run(*names, "--none-such").returncode == 2
    assert run("diff", str(parquet), str(tmp_path / "raw")).returncode == 0
    assert run("check", str(tmp_path / "raw"), "-q").returncode == 1  # the command itself
    assert run("--version").returncode == 0


def test_a_broken_page_is_an_error(parquet: Path, tmp_path: Path):
    """What cannot be read is not a finding."""
    (source, *_) = sorted(parquet.iterdir())
    data = bytearray(source.read_bytes())
    file = pyarrow.parquet.ParquetFile(source)
    group = file.metadata.row_group(1)
    for i in range(group.num_columns):
        column = group.column(i)
        if column.path_in_schema == "image.bytes":
            start = column.dictionary_page_offset or column.data_page_offset
            data[start : start + 400] = b"\xff" * 400
    (tmp_path / "broken.parquet").write_bytes(data)
    with pytest.raises((OSError, ValueError, llava_check.Error)):
        llava_check.check(tmp_path / "broken.parquet")
    with pytest.raises((OSError, ValueError, llava_check.Error)):
        imported(tmp_path / "broken.parquet", tmp_path / "raw")
    assert not (tmp_path / "raw/rows.json").exists()
