"""Samples are equal by the bytes of their images, whatever their keys: ROW210, SET605, diff and clean

What ROW210 and SET605 find in random shards is compared with a model that reads them with tarfile.
"""

from __future__ import annotations

import gzip
import io
import json
import os
import random
import subprocess
import sys
import tarfile
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))
from cases import JPEG, Member, tar  # noqa: E402

BINARY = os.environ["LLAVA_CHECK"]
SETS = 12
SAMPLES = 14


def jpeg(number: int) -> bytes:
    return JPEG[:2] + b"\xff\xfe\0\6" + number.to_bytes(4, "big") + JPEG[2:]


def text(question: str, answer: str) -> bytes:
    return json.dumps({"conversations": [{"from": "human", "value": f"<image>\n{question}"}, {"from": "gpt", "value": answer}]}).encode()


def sample(key: str, image: int, question: str = "What?", answer: str = "A dog.") -> list[Member]:
    return [Member(f"{key}.jpg", jpeg(image)), Member(f"{key}.json", text(question, answer))]


def run(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    done = subprocess.run([BINARY, *words], cwd=folder, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode in (0, 1), (words, done.stderr)
    return done


def findings(folder: Path, *words: str) -> dict[str, list[tuple[str, str]]]:
    """Return shard and key of each finding, by rule."""
    found = defaultdict(list)
    for one in json.loads(run(folder, "check", "data", "--format", "json", "--show", "info", *words).stdout)["findings"]:
        if one.get("id") is not None:
            found[one["rule"]].append((one["file"], one["id"]))
    return {rule: sorted(places) for rule, places in found.items()}


def put(folder: Path, *shards: list[Member], suffix: str = ".tar") -> None:
    (folder / "data").mkdir()
    for number, members in enumerate(shards):
        data = tar(members)
        (folder / f"data/{number}{suffix}").write_bytes(gzip.compress(data) if suffix == ".tar.gz" else data)


@pytest.mark.parametrize("suffix", [".tar", ".tar.gz"])
def test_equal_keys_are_not_equal_images(tmp_path: Path, suffix: str) -> None:
    put(tmp_path, sample("a", 1) + sample("b", 2), sample("a", 3), suffix=suffix)
    assert not {"ROW210", "SET605"} & findings(tmp_path, "--no-index").keys()


@pytest.mark.parametrize("suffix", [".tar", ".tar.gz"])
def test_equal_images_under_other_keys_are_equal(tmp_path: Path, suffix: str) -> None:
    put(tmp_path, sample("a", 1) + sample("b", 2), sample("c", 1) + sample("d", 2, answer="A cat."), suffix=suffix)
    found = findings(tmp_path, "--index", "index")
    assert found["ROW210"] == [(f"1{suffix}", "c")]
    assert found["SET605"] == [(f"0{suffix}", "b")]
    assert findings(tmp_path, "--index", "index") == found  # reused
    assert findings(tmp_path, "--index", "index", "--recheck") == found


def test_without_images_keys_are_compared(tmp_path: Path) -> None:
    put(tmp_path, sample("a", 1) + sample("b", 1), sample("a", 2))
    assert findings(tmp_path, "--no-index", "--no-images")["ROW210"] == [("1.tar", "a")]


def test_the_order_of_images_counts(tmp_path: Path) -> None:
    def two(key: str, first: int, second: int) -> list[Member]:
        return [Member(f"{key}.jpg", jpeg(first)), Member(f"{key}.1.jpg", jpeg(second)), Member(f"{key}.json", text("What?", "A dog."))]

    put(tmp_path, two("a", 1, 2), two("b", 2, 1), two("c", 1, 2))
    assert findings(tmp_path, "--no-index")["ROW210"] == [("2.tar", "c")]


def test_an_image_that_cannot_be_read_is_compared_by_its_key(tmp_path: Path) -> None:
    """A sparse member has no bytes that are known."""
    put(tmp_path)
    for number in range(2):
        out = io.BytesIO()
        with tarfile.open(fileobj=out, mode="w", format=tarfile.GNU_FORMAT) as file:
            info = tarfile.TarInfo("a.jpg")
            info.type, info.size = tarfile.GNUTYPE_SPARSE, 512
            file.addfile(info, io.BytesIO(bytes(512)))
            for member in [Member("a.json", text("What?", "A dog."))]:
                info = tarfile.TarInfo(member.name)
                info.size = len(member.data)
                file.addfile(info, io.BytesIO(member.data))
        (tmp_path / f"data/{number}.tar").write_bytes(out.getvalue())
    assert findings(tmp_path, "--no-index")["ROW210"] == [("1.tar", "a")]


def make_set(rng: random.Random, folder: Path) -> None:
    shards = []
    for _ in range(3):
        members = []
        for key in rng.sample(range(40), SAMPLES):
            members += sample(f"{key:02}", rng.randrange(6), rng.choice(["What?", "Where?"]), rng.choice(["One.", "Two.", "Three."]))
        shards.append(members)
    put(folder, *shards, suffix=rng.choice([".tar", ".tar.gz"]))


def predict(folder: Path) -> dict[str, list[tuple[str, str]]]:
    """Compare texts and images of all samples."""
    rows: list[tuple[str, str, bytes, Any]] = []
    for path in sorted((folder / "data").iterdir()):
        with tarfile.open(path) as file:
            data = {info.name: file.extractfile(info).read() for info in file}  # type: ignore[union-attr]
        keys = [name[:-4] for name in data if name.endswith(".jpg")]
        rows += [(path.name, key, data[key + ".jpg"], json.loads(data[key + ".json"])["conversations"]) for key in keys]
    twins, answers = [], defaultdict(list)
    seen = set()
    for name, key, image, turns in rows:
        whole = (image, turns[0]["value"], turns[1]["value"])
        if whole in seen:
            twins.append((name, key))
        seen.add(whole)
        answers[whole[:2]].append((name, key, whole[2]))
    several = [group[0][:2] for group in answers.values() if len({answer for _, _, answer in group}) > 1]
    return {"ROW210": sorted(twins), "SET605": sorted(several)}


@pytest.mark.parametrize("number", range(SETS))
def test_random_shards(tmp_path: Path, number: int) -> None:
    make_set(random.Random(number), tmp_path)
    wanted = predict(tmp_path)
    assert wanted["ROW210"] and wanted["SET605"]
    found = findings(tmp_path, "--index", "whole")
    assert {rule: found[rule] for rule in wanted} == wanted
    if number % 3:
        return
    parts = [f"part-{part}" for part in (1, 2)]
    for part, index in enumerate(parts, 1):
        run(tmp_path, "check", "data", "--part", f"{part}/2", "--index", index, "-q")
    run(tmp_path, "merge", *parts, "--index", "merged", "-q")
    whole = run(tmp_path, "report", "whole", "--format", "csv").stdout
    assert run(tmp_path, "report", "merged", "--format", "csv").stdout == whole


def test_clean_drops_what_is_equal(tmp_path: Path) -> None:
    """The result is checked again: it has equal keys, but no equal samples."""
    put(tmp_path, sample("a", 1) + sample("b", 2), sample("a", 3) + sample("c", 1))
    run(tmp_path, "check", "data", "--index", "index", "-q")
    done = run(tmp_path, "clean", "data", "--index", "index", "-o", "new", "--drop", "ROW210")
    assert "ROW210" not in done.stderr
    with tarfile.open(tmp_path / "new/1.tar") as file:
        assert file.getnames() == ["a.jpg", "a.json"]


def test_diff_finds_a_sample_whose_image_changed(tmp_path: Path) -> None:
    put(tmp_path, sample("a", 1) + sample("b", 2))
    run(tmp_path, "check", "data", "--index", "old", "-q")
    (tmp_path / "data/0.tar").write_bytes(tar(sample("x", 1) + sample("b", 7)))
    run(tmp_path, "check", "data", "--index", "new", "-q")
    found = json.loads(run(tmp_path, "diff", "old", "new", "--format", "json").stdout)
    assert found["rows"] == {"same": 0, "added": 0, "removed": 0, "changed": 1, "renamed": 1}
    changes = [(one["change"], one.get("differs"), one["a"]["id"], one["b"]["id"]) for one in found["changes"] if "row" in one["change"]]
    assert changes == [("row-changed", ["images"], "b", "b"), ("row-renamed", None, "a", "x")]
