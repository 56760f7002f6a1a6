"""File times that do not fit in 64 bits of nanoseconds: nothing is trusted because of them."""

from __future__ import annotations

import json
import os
import re
import shutil
import tempfile
from datetime import datetime, timezone
from pathlib import Path
from typing import Iterator, NamedTuple

import pytest
from program import Aged, make_small, run

NS = 10**9
LATEST, EARLIEST = 2**63 - 1, -(2**63)  # what an index stores for times beyond the range
SETTLED = 1_500_000_000  # seconds since 1970: long before any run


class Year(NamedTuple):
    year: int
    stored_ns: int  # as stored in the index

    @property
    def seconds(self) -> int:
        return int(datetime(self.year, 1, 1, tzinfo=timezone.utc).timestamp())


IN_RANGE = [Year(year, int(datetime(year, 1, 1, tzinfo=timezone.utc).timestamp()) * NS) for year in (1960, 1971)]
BEYOND = [Year(1600, EARLIEST), Year(2263, LATEST), Year(2300, LATEST), Year(2440, LATEST)]


def make_scratch(wanted: int, tmp_path: Path) -> Path:
    """Make a folder on a file system that can store the time: ext4 begins in 1901, tmpfs stores any."""
    for above in (tmp_path, Path("/dev/shm")):
        folder = Path(tempfile.mkdtemp(prefix="llava-check-times-", dir=above))
        os.utime(folder, (wanted, wanted))
        if os.stat(folder).st_mtime_ns == wanted * NS:
            return folder
        folder.rmdir()
    raise AssertionError(f"no file system here keeps {wanted} s")


@pytest.fixture(name="aged", scope="module")
def made_aged(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[Year, Aged]]:
    """A small set for each year with times of that year; change times, which cannot be set, are old enough to be trusted."""
    made = {year: make_scratch(year.seconds, tmp_path_factory.mktemp("aged")) for year in [*BEYOND, *IN_RANGE]}
    for year, folder in made.items():
        make_small(folder)
        set_times(folder, year.seconds)
    yield {year: Aged([folder]) for year, folder in made.items()}
    for folder in made.values():
        shutil.rmtree(folder)


@pytest.fixture(name="scratch")
def made_scratch(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Path]:
    folder = make_scratch(request.node.callspec.params["year"].seconds, tmp_path)
    yield folder
    shutil.rmtree(folder)


def set_times(folder: Path, seconds: int) -> None:
    for path in folder.rglob("*"):
        if ".llava-check" not in path.parts:
            os.utime(path, (seconds, seconds))


def reused(said: str) -> dict[str, int]:
    """Return how many rows files and images a run reused from the index."""
    found = re.findall(r"(\d+) of \d+ (rows files|images) are unchanged", said)
    return {"rows files": 0, "images": 0} | {what: int(number) for number, what in found}


def stored(folder: Path, table: str) -> set[int]:
    done = run("index", "dump", table, folder, cwd=folder)
    return {json.loads(line)["mtime_ns"] for line in done.out.splitlines()}


@pytest.mark.parametrize("year", BEYOND, ids=str)
def test_a_time_beyond_64_bits_is_not_believed(year: Year, aged: dict[Year, Aged]) -> None:
    scratch = aged[year].take()
    first = run(".", "-v", "-f", "json", cwd=scratch)
    assert first.code == 0 and stored(scratch, "images") == stored(scratch, "files") == {year.stored_ns}
    second = run(".", "-v", "-f", "json", cwd=scratch)
    assert second.out == first.out
    assert reused(second.err) == {"rows files": 0, "images": 0}
    # other bytes of the same size, with a time in another such year
    image = scratch / "images/a.jpg"
    data = image.read_bytes()
    image.write_bytes(data[: len(data) // 2] + bytes(len(data) - len(data) // 2))
    set_times(scratch, year.seconds + (1 if year.seconds > 0 else -1))
    changed = run(".", "-f", "json", cwd=scratch)
    assert changed.code == 1 and json.loads(changed.out)["findings"][0]["image"] == "a.jpg"


@pytest.mark.parametrize("year", IN_RANGE, ids=str)
def test_a_time_before_1970_is_one_like_others(year: Year, aged: dict[Year, Aged]) -> None:
    scratch = aged[year].take()
    assert run(".", "-q", cwd=scratch).code == 0
    assert stored(scratch, "images") == stored(scratch, "files") == {year.stored_ns}
    assert reused(run(".", "-v", cwd=scratch).err) == {"rows files": 1, "images": 2}


@pytest.mark.parametrize("year, said", [(BEYOND[0], "1677 or earlier"), (BEYOND[2], "2262 or later")], ids=str)
def test_verify_does_not_make_up_a_date(year: Year, said: str, scratch: Path) -> None:
    make_small(scratch)
    set_times(scratch, SETTLED)
    assert run(".", "-q", cwd=scratch).code == 0
    image = scratch / "images/a.jpg"
    image.write_bytes(bytes(image.stat().st_size))
    os.utime(image, (year.seconds, year.seconds))
    done = run("verify", ".", "-q", "-o", "json:/dev/stdout", "--show", "info", cwd=scratch)
    (finding,) = json.loads(done.out)["findings"]
    assert finding["rule"] == "IDX702"
    assert finding["message"].endswith(f"modified {said}, before 2017-07-14 02:40:00 UTC")
