"""test_bench.py - run every measurement with small data."""
from __future__ import annotations

import json
import os
import re
import shutil
import statistics
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from PIL import Image

HERE = Path(__file__).resolve().parent
ROWS = 200
IMAGES = 20

# Replaces llava-check in tests of the runner itself.
STAND_IN = """#!{python}
import json, sys
if sys.argv[1] == "version":
    print("stand-in 0")
elif "--report" in sys.argv:
    rows = sum('"conversations"' in line for line in open(sys.argv[2], encoding="utf-8"))
    if not sys.argv[2].endswith("l") and rows == 1:
        rows = len(json.load(open(sys.argv[2], encoding="utf-8")))
    summary = {{"rows": rows, "images": {images}, "complete": True}}
    with open(sys.argv[sys.argv.index("--report") + 1], "w") as file:
        json.dump({{"summary": summary}}, file)
"""


def make(out: Path, *options: str) -> Path:
    subprocess.run([sys.executable, str(HERE / "make_dataset.py"), str(out),
                    "--rows", str(ROWS), "--images", str(IMAGES), *options], check=True)
    return out


def pillow_check(data: Path) -> subprocess.CompletedProcess[str]:
    rows = next(data.glob("rows.json*"))
    return subprocess.run(
        [sys.executable, str(HERE / "pillow_check.py"), str(rows),
         "--images", str(data / "images"), "--processes", "2"],
        capture_output=True, text=True, check=False)


def files(root: Path) -> dict[str, bytes]:
    return {str(p.relative_to(root)): p.read_bytes()
            for p in sorted(root.rglob("*")) if p.is_file()}


def llava_check() -> str:
    program = os.environ.get("LLAVA_CHECK")
    if not program:
        pytest.fail("LLAVA_CHECK must name the built program")
    return program


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make(tmp_path_factory.mktemp("bench") / "clean")


@pytest.fixture(scope="module")
def faulty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make(tmp_path_factory.mktemp("bench") / "faulty", "--fault-rate", "0.2")


@pytest.fixture(scope="module")
def full_decode(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("bench") / "full_decode"
    subprocess.run(["cc", "-O2", "-std=gnu11", "-Wall", "-Wextra", "-Werror", "-o",
                    str(out), str(HERE / "full_decode.c"), "-ljpeg"], check=True)
    return out


def test_rows_have_the_shape(clean: Path) -> None:
    rows = json.loads((clean / "rows.json").read_text(encoding="utf-8"))
    assert len(rows) == ROWS
    assert len({row["id"] for row in rows}) == ROWS
    assert {row["image"] for row in rows if "image" in row} == {
        name.removeprefix("images/") for name in files(clean) if "images/" in name}
    rounds = [len(row["conversations"]) / 2 for row in rows]
    assert 4.5 < statistics.mean(rounds) < 7.5
    assert 3 <= statistics.median(rounds) <= 5
    text = (clean / "rows.json").read_text(encoding="utf-8")
    assert any("\u4e00" <= char <= "\u9fff" for char in text)


def test_images_load(clean: Path) -> None:
    formats = Counter()
    for path in (clean / "images").rglob("*.*"):
        with Image.open(path) as image:
            image.convert("RGB")
            formats[image.format] += 1
    assert sum(formats.values()) == IMAGES
    assert set(formats) == {"JPEG", "PNG"}


def test_formats_are_what_python_writes(clean: Path, tmp_path: Path) -> None:
    text = (clean / "rows.json").read_text(encoding="utf-8")
    rows = json.loads(text)
    assert text == json.dumps(rows, indent=4, ensure_ascii=False)
    compact = make(tmp_path / "compact", "--indent", "none") / "rows.json"
    assert compact.read_text(encoding="utf-8") == json.dumps(rows, ensure_ascii=False)
    jsonl = make(tmp_path / "jsonl", "--format", "jsonl") / "rows.jsonl"
    lines = jsonl.read_text(encoding="utf-8").splitlines()
    assert lines == [json.dumps(row, ensure_ascii=False) for row in rows]


def test_seed_decides(clean: Path, tmp_path: Path) -> None:
    assert files(make(tmp_path / "same")) == files(clean)
    other = files(make(tmp_path / "other", "--seed", "2"))
    assert other["rows.json"] != files(clean)["rows.json"]


def test_no_images_keeps_the_rows(clean: Path, tmp_path: Path) -> None:
    out = make(tmp_path / "rows", "--no-images")
    assert not (out / "images").exists()
    assert files(out)["rows.json"] == files(clean)["rows.json"]


def test_copies_of_a_folder(clean: Path, tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    for n, path in enumerate(sorted((clean / "images").rglob("*.jpg"))[:3]):
        (source / f"{n}.JPEG").write_bytes(path.read_bytes())
    out = make(tmp_path / "copies", "--from", str(source))
    paths = list((out / "images").rglob("*.jpg"))
    assert len(paths) == IMAGES
    assert {p.read_bytes() for p in paths} == {p.read_bytes() for p in source.iterdir()}
    assert all(p.stat().st_nlink == 1 and not p.is_symlink() for p in paths)
    assert pillow_check(out).returncode == 0


def test_a_used_folder_is_refused(clean: Path) -> None:
    with pytest.raises(subprocess.CalledProcessError):
        make(clean)


def test_pillow_script_calls_it_clean(clean: Path) -> None:
    result = pillow_check(clean)
    assert result.returncode == 0, result.stdout + result.stderr
    for line in (f"rows {ROWS}", f"images {IMAGES}", "errors 0", "warnings 0"):
        assert line in result.stdout.splitlines()


def test_pillow_script_finds_the_faults(faulty: Path) -> None:
    result = pillow_check(faulty)
    assert result.returncode == 1, result.stdout + result.stderr
    faults = (faulty / "faults.tsv").read_text(encoding="utf-8").splitlines()
    assert len(faults) == int(0.2 * ROWS) + int(0.2 * IMAGES)
    assert len({line.split("\t")[2] for line in faults}) >= 12
    assert f"errors {len(faults)}" in result.stdout.splitlines()


def test_full_decode_counts(full_decode: Path, clean: Path) -> None:
    paths = sorted((clean / "images").rglob("*.jpg"))
    names = "".join(f"{path}\n" for path in paths)
    result = subprocess.run([str(full_decode)], input=names, capture_output=True, text=True,
                            check=True)
    lines = result.stdout.splitlines()
    assert f"files {len(paths)}" in lines and "failed 0" in lines
    assert f"bytes {sum(p.stat().st_size for p in paths)}" in lines
    broken = subprocess.run([str(full_decode)], input=f"{HERE / 'README.md'}\n{HERE}\n",
                            capture_output=True, text=True, check=False)
    assert broken.returncode == 1 and "failed 2" in broken.stdout.splitlines()


def test_runner(full_decode: Path, clean: Path, tmp_path: Path) -> None:
    program = tmp_path / "llava-check"
    program.write_text(STAND_IN.format(python=sys.executable, images=IMAGES))
    program.chmod(0o755)
    source = tmp_path / "source"
    source.mkdir()
    for path in (clean / "images").rglob("*.jpg"):
        (source / path.name).write_bytes(path.read_bytes())
    out = tmp_path / "out.md"
    command = [sys.executable, str(HERE / "run.py"), "--program", str(program),
               "--baseline", str(full_decode), "--images-from", str(source), "--names",
               str(IMAGES), "--pillow-names", "10", "--rows", str(ROWS), "--pairs", "2",
               "--work", str(tmp_path / "work"), "--out", str(out)]
    subprocess.run(command, check=True)
    subprocess.run(command + ["--only", "rows"], check=True)  # reuses the data
    subprocess.run(command, check=True)
    text = out.read_text(encoding="utf-8")
    assert str(tmp_path) not in text and str(HERE.parent) not in text
    assert text.count("PASS") + text.count("FAIL") == 1 + 3 * 4 + 2
    assert text.count("llava-check check") == 1 + 3 * 2


def verify_files() -> str:
    program = os.environ.get("LC_VERIFY_FILES")
    if not program:
        pytest.fail("LC_VERIFY_FILES must name the built program")
    return program


def test_verify_files_counts(clean: Path, tmp_path: Path) -> None:
    paths = [str(p) for p in sorted((clean / "images").rglob("*.*"))]
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"\x89PNG\r\n\x1a\n")
    paths.append(str(broken))
    printed = set()
    for options in ([], ["-x"], ["-t", "3"]):
        result = subprocess.run([verify_files(), *options], input="\n".join(paths),
                                capture_output=True, text=True, check=True)
        lines = result.stdout.splitlines()
        assert {f"files {IMAGES + 1}", f"sound {IMAGES}", "refused 1",
                f"bytes {sum(os.path.getsize(p) for p in paths)}"} <= set(lines)
        printed.add(tuple(line for line in lines if not re.search("second", line)))
    assert len(printed) == 1
    missing = subprocess.run([verify_files()], input=str(tmp_path / "no"), text=True,
                             capture_output=True, check=False)
    assert missing.returncode == 1 and "failed 1" in missing.stdout.splitlines()
    assert subprocess.run([verify_files(), "-t", "0"], capture_output=True,
                          check=False).returncode == 2


def test_formats(full_decode: Path, clean: Path, tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    for path in list((clean / "images").rglob("*.jpg"))[:4]:
        (source / path.name).write_bytes(path.read_bytes())
    out = tmp_path / "out.md"
    command = [sys.executable, str(HERE / "formats.py"), "--verify", verify_files(),
               "--baseline", str(full_decode), "--images-from", str(source), "--jpeg",
               str(source), "--rounds", "2", "--threads", "2", "--megabytes", "1", "--drawn",
               "5", "--work", str(tmp_path / "work"), "--out", str(out)]
    subprocess.run(command, check=True)
    text = out.read_text(encoding="utf-8")
    assert str(tmp_path) not in text
    rows = [line.split("|") for line in text.splitlines() if line.startswith("| PNG, ")
            or line.startswith("| JPEG")]
    assert [row[2].strip() for row in rows] == ["4", "5", "5", "4", "4"]
    assert all(float(row[4]) > 0 and float(row[9]) > 0 for row in rows)
    assert [bool(row[10].strip()) for row in rows] == [False, False, False, True, True]
    subprocess.run(command + ["--only", "jpeg"], check=True)
    assert "| PNG" not in out.read_text(encoding="utf-8")


def test_llava_check_calls_it_clean(clean: Path) -> None:
    result = subprocess.run(
        [llava_check(), "check", str(clean / "rows.json"), "--images",
         str(clean / "images"), "--no-index"], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr


def test_llava_check_finds_the_faults(faulty: Path, tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    result = subprocess.run(
        [llava_check(), "check", str(faulty / "rows.json"), "--images",
         str(faulty / "images"), "--no-index", "--report", str(report), "-q"],
        capture_output=True, text=True, check=False)
    assert result.returncode == 1, result.stdout + result.stderr

    found = set()
    for finding in json.loads(report.read_text(encoding="utf-8"))["findings"]:
        found.add(("image", finding.get("image"), finding["rule"]))
        users = [user["row"] for user in finding.get("rows", {}).get("first", [])]
        for row in users or [finding.get("row")]:
            found.add(("row", str(row), finding["rule"]))
    faults = (faulty / "faults.tsv").read_text(encoding="utf-8").splitlines()
    missed = [line for line in faults if tuple(line.split("\t")) not in found]
    assert faults and not missed


def test_scale(tmp_path: Path) -> None:
    """A small run reports every phase, and writes a consistent index."""
    out = tmp_path / "scale.md"
    done = subprocess.run(
        [sys.executable, str(HERE / "scale.py"), "--scale", os.environ["LC_SCALE"],
         "--program", os.environ["LLAVA_CHECK"], "--work", str(tmp_path), "--out", str(out),
         "--rows", "20000", "--images", "4000"], capture_output=True, text=True)
    assert done.returncode in (0, 1), done.stderr  # with so few rows, times may miss the target
    text = out.read_text(encoding="utf-8")
    for phase in ("rows", "links", "images", "set", "finish", "index stats",
                  "index duplicates", "index check", "index findings"):
        assert f"\n| {phase} | " in text
    assert "20,000 rows" in text and "22,000 times" in text


def test_repositories(tmp_path: Path) -> None:
    """One clone has two data sets, one of them without its images; another has no rows."""
    clone = tmp_path / "clones/a+b"
    make(clone / "first")
    make(clone / "second")
    shutil.rmtree(clone / "second/images")
    (tmp_path / "clones/a+b.commit").write_text("0123456789abcdef\n")
    (tmp_path / "clones/none").mkdir()
    done = subprocess.run(
        [sys.executable, str(HERE / "repositories.py"), str(tmp_path / "clones"),
         "--program", os.environ["LLAVA_CHECK"], "--trainer", "a+b=qwen-vl", "--keep", str(tmp_path / "kept")],
        capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    head, _, first, second = done.stdout.splitlines()
    cells = dict(zip(head.split("|"), first.split("|")))
    assert first.startswith("| a/b | 0123456789ab | qwen-vl | 2 | llava | 2 | ")
    assert "IMG501" in cells[" errors "] and second.startswith("| none |  |  | 0 | ")
    assert "no rows found" in done.stderr and (tmp_path / "kept/a+b.json").exists()


def test_again(tmp_path: Path) -> None:
    """A small run changes an image and a row, finds both changes, and restores the files."""
    data = make(tmp_path / "data", "--format", "jsonl")
    before, out = files(data), tmp_path / "again.md"
    done = subprocess.run(
        [sys.executable, str(HERE / "again.py"), str(data), "--program", os.environ["LLAVA_CHECK"],
         "--work", str(tmp_path / "work"), "--rounds", "2", "--out", str(out)],
        capture_output=True, text=True)
    assert done.returncode == 0, done.stderr + done.stdout
    text = out.read_text(encoding="utf-8")
    assert text.count("**PASS**") == 4 and "CNV302" in text and "IMG507" in text
    assert {name: data for name, data in files(data).items() if ".llava-check" not in name} == before


def test_reports(tmp_path: Path) -> None:
    """A small run writes every format, and its reader accepts it."""
    out = tmp_path / "reports.md"
    done = subprocess.run(
        [sys.executable, str(HERE / "reports.py"), "--program", os.environ["LLAVA_CHECK"],
         "--work", str(tmp_path / "work"), "--rows", "900", "--rounds", "1", "--out", str(out)],
        capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    text = out.read_text(encoding="utf-8")
    for name in ("text", "json", "csv", "sarif", "junit", "gitlab", "html"):
        assert f"| `{name}` |" in text
    assert "| `jsonl` |" in text and text.count("| 900 |") >= 4
