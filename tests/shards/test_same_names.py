"""Members with the same name, or names for the same path: each image is decoded, counted and located

Readers of shards use members in order, so two samples with the same key both train, and a sound image must not hide a
broken one. What tarfile finds in a shard is compared with the index: every image of a sample, by its position in the
archive and its bytes. In archives beside a rows file, the last member counts, as in a folder where they are unpacked.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import os
import random
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import Any, Iterator

import pytest
import xxhash

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))
from cases import JPEG, Case, Member, cases, pair, rows, tar  # noqa: E402
from model import members, split  # noqa: E402

BINARY = os.environ["LLAVA_CHECK"]
FORMATS = ["text", "json", "jsonl", "csv", "markdown", "sarif", "junit", "github", "gitlab", "html"]
IMAGES = {"jpg", "jpeg", "png", "webp", "gif", "bmp", "tif", "tiff", "ppm", "pgm", "pbm", "pnm"}
KEYS = ["a", "./a", "x/a", "x//a", "x/./a", "/a", "../a", "__/a", "x\\a", "C:\\a", "C:a", "a!b", "http://h/a", "data:,a", "~", " a", "a#2", "n\nl"]  # fmt: skip
PLACES = {"a": "a", "./a": "a", "x//a": "x/a", "x/./a": "x/a", "/a": "a", "../a": "__/a"}
CASE_COUNT = 72


def jpeg(number: int, broken: bool = False) -> bytes:
    """Make a JPEG whose bytes depend on its number."""
    whole = JPEG[:2] + b"\xff\xfe\0\6" + number.to_bytes(4, "big") + JPEG[2:]
    return whole[:-40] if broken else whole


def sample(key: str, number: int, broken: bool = False) -> list[Member]:
    return [Member(f"{key}.jpg", jpeg(number, broken)), Member(f"{key}.json", rows(str(number)))]


def run(folder: Path, *words: str | Path) -> subprocess.CompletedProcess[str]:
    done = subprocess.run([BINARY, *map(str, words)], cwd=folder, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode in (0, 1), (words, done)
    return done


def put(folder: Path, shards: dict[str, bytes]) -> list[str]:
    for name, data in shards.items():
        (folder / name).write_bytes(data)
    return sorted(shards)


def images_of(shards: dict[str, bytes]) -> list[tuple[str, int, str]]:
    """Return shard, offset and hash of each image that belongs to a sample, until tarfile ends."""
    found = []
    for name, data in shards.items():
        plain = gzip.decompress(data) if name.endswith(".gz") else data
        try:
            with tarfile.open(fileobj=io.BytesIO(plain), mode="r:") as file:
                for info in file:
                    parts = split(info.name) if info.isreg() else None
                    if parts and parts[1].rpartition(".")[2].lower() in IMAGES:
                        bytes_of = plain[info.offset_data : info.offset_data + info.size]
                        found.append((name, info.offset_data, xxhash.xxh3_128_hexdigest(bytes_of)))
        except tarfile.ReadError:
            pass
    return sorted(found)


def indexed(folder: Path, index: str = "index") -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(run(folder, "index", "images", index, "--format", "csv").stdout)))


def compare(folder: Path, shards: dict[str, bytes], index: str = "index") -> int:
    """Check that each image is in the index with a unique path; return the number of images."""
    meant, images = images_of(shards), indexed(folder, index)
    assert sorted((one["archive"], int(one["offset"]), one["content"]) for one in images) == meant
    assert len({one["path"] for one in images}) == len(meant)
    return len(meant)


VARIANTS: dict[str, dict[str, list[tuple[str, bool]]]] = {
    "over shards, first": {"0": [("a", True), ("b", False)], "1": [("a", False)]},
    "over shards, last": {"0": [("a", False), ("b", False)], "1": [("a", True)]},
    "apart, first": {"0": [("a", True), ("b", False), ("a", False)]},
    "apart, last": {"0": [("a", False), ("b", False), ("a", True)]},
    "in a row, first": {"0": [("a", True), ("a", False)]},
    "in a row, last": {"0": [("a", False), ("a", True)]},
    "thrice": {"0": [("a", False), ("b", False), ("a", True), ("c", False), ("a", False)]},
    "dot": {"0": [("./a", True), ("a", False)]},
    "dot last": {"0": [("a", False), ("./a", True)]},
    "slashes": {"0": [("x/a", True), ("x//a", False), ("x/./a", False)]},
    "absolute": {"0": [("/a", True), ("a", False)]},
    "climbs": {"0": [("../a", True), ("__/a", False)]},
    "folder": {"0": [("x/a", True), ("a", False), ("y/a", False)]},
    "backslash": {"0": [("x\\a", True), ("x/a", False)]},
    "drive": {"0": [("C:\\a", True), ("b", False)]},
}


COMPRESSED = ["over shards, first", "apart, first", "dot", "climbs"]


@pytest.mark.parametrize("what, suffix", [*((what, ".tar") for what in VARIANTS), *((what, ".tar.gz") for what in COMPRESSED)])
def test_broken_one_is_found(tmp_path: Path, what: str, suffix: str) -> None:
    shards, places, times, number = {}, [], {}, 0
    for name, samples in VARIANTS[what].items():
        parts: list[Member] = []
        for key, broken in samples:
            number += 1
            parts += sample(key, number, broken)
            path = f"{name}{suffix}!{PLACES.get(key, key)}.jpg".replace("x//a", "x/a").replace("x/./a", "x/a")
            times[path] = times.get(path, 0) + 1
            if broken:
                places.append(path + f"#{times[path]}" * (times[path] > 1))
        shards[name + suffix] = tar(parts) if suffix == ".tar" else gzip.compress(tar(parts), mtime=0)
    paths, first = put(tmp_path, shards), None
    for words in (["--index", "index"], ["--index", "index"], ["--index", "index", "--recheck"], ["--no-index", "--threads", "1"]):
        done = run(tmp_path, *paths, *words, "--isolated", "-f", "json", "--show", "info")
        report = json.loads(done.stdout)
        assert done.returncode == 1
        assert [one["image"] for one in report["findings"] if one["rule"] == "IMG507"] == places, words
        assert (report["summary"]["images"], report["summary"]["images_ok"]) == (number, number - 1)
        first = first or report["findings"]
        assert report["findings"] == first
    compare(tmp_path, shards)
    for form in FORMATS if what in ("apart, last", "backslash") else FORMATS[:1]:
        text = run(tmp_path, *paths, "--index", "index", "--isolated", "-f", form, "--show", "error").stdout
        assert places[0] in text.replace("\\\\", "\\").replace("\\!", "!"), form
    assert "as indexed" in run(tmp_path, "verify", *paths, "--index", "index").stdout
    for part in (1, 2):
        run(tmp_path, "check", *paths, "--part", f"{part}/2", "--index", f"part-{part}", "--isolated")
    merged = run(tmp_path, "merge", "part-1", "part-2", "--index", "merged", "--isolated", "-f", "json", "--show", "info")
    assert json.loads(merged.stdout)["findings"] == first
    compare(tmp_path, shards, "merged")


@pytest.mark.parametrize("broken", [0, 1])
def test_member_twice_in_a_sample(tmp_path: Path, broken: int) -> None:
    """webdataset raises, Energon takes the last one: both are looked at, and neither is an image more of the row."""
    images = [Member("a.jpg", jpeg(n, n == broken)) for n in range(2)]
    shards = {"0.tar": tar([*images, Member("a.json", rows("a")), *sample("b", 9)])}
    report = json.loads(run(tmp_path, *put(tmp_path, shards), "--index", "index", "-f", "json").stdout)
    found = {(one["rule"], one.get("image")) for one in report["findings"]}
    assert ("IMG507", "0.tar!a.jpg" + "#2" * broken) in found and "TOK401" not in {rule for rule, _ in found}
    assert report["summary"]["images"] == compare(tmp_path, shards) == 3
    assert run(tmp_path, "index", "check", "index").returncode == 0
    where = run(tmp_path, "index", "rows", "index", "--where", "images=2", "--format", "ids").stdout
    assert json.loads(where) == "a"


def test_cases(tmp_path: Path) -> None:
    seen = 0
    for case in cases():
        folder = tmp_path / case.name
        folder.mkdir()
        if "gz" in case.name or case.name == "huge-size":  # tarfile refuses it, or reads past the end
            continue
        run(folder, *put(folder, case.shards), "--index", "index", "--quiet", "--isolated")
        seen += 1
        compare(folder, {name: data for name, data in case.shards.items()})
    assert seen == CASE_COUNT - 7


def random_set(rng: random.Random) -> dict[str, bytes]:
    number, shards = 0, {}
    for name in range(rng.randrange(1, 4)):
        parts: list[Member] = []
        for _ in range(rng.randrange(1, 9)):
            number += 1
            parts += sample(rng.choice(KEYS), number, rng.random() < 0.3)
            if rng.random() < 0.2:
                parts.insert(rng.randrange(len(parts) + 1), rng.choice(parts))
        shards[f"{name}.tar"] = tar(parts, tarfile.PAX_FORMAT)
    return shards


def test_random_sets(tmp_path: Path) -> None:
    """Random sets, and the output of `clean` for them as webdataset reads it: it has only sound samples of the source."""
    rng, seen, kept = random.Random(21), 0, 0
    for number in range(40):
        folder = tmp_path / str(number)
        folder.mkdir()
        shards = random_set(rng)
        run(folder, *put(folder, shards), "--index", "index", "--quiet", "--isolated")
        seen += compare(folder, shards)
        done = subprocess.run([BINARY, "clean", *sorted(shards), "-o", "out", "--index", "index"], cwd=folder, capture_output=True, text=True)
        assert done.returncode == 0 or "no row is left" in done.stderr, done
        sound = {xxhash.xxh3_128_hexdigest(jpeg(n)) for n in range(1, 40)}
        for path in (folder / "out").glob("*.tar"):
            written = images_of({path.name: path.read_bytes()})
            assert {hash_of for _, _, hash_of in written} <= sound
            kept += len(written)
    assert seen >= 400 and kept > 100


def archives(kind: str) -> Iterator[tuple[str, dict[str, bytes], bool]]:
    """Yield the name of a case, its archives, and whether the image that counts is broken."""
    image = lambda name, number, broken: [Member(name, jpeg(number, broken))]  # noqa: E731
    for broken in (False, True):
        first, last = (lambda name: image(name, 1, not broken)), (lambda name: image(name, 2, broken))
        yield "in one", {"0" + kind: tar(first("a.jpg") + last("a.jpg"))}, broken
        yield "with ./", {"0" + kind: tar(first("a.jpg") + last("./a.jpg"))}, broken
        yield "with //", {"0" + kind: tar(first("./a.jpg") + last("/a.jpg"))}, broken
        yield "over two", {"0" + kind: tar(first("a.jpg")), "1" + kind: tar(last("a.jpg"))}, broken


@pytest.mark.parametrize("kind", [".tar", ".tar.gz"])
def test_archives_beside_rows(tmp_path: Path, kind: str) -> None:
    """The last member wins, as if the archives were unpacked in the order of their names; the other is reported."""
    seen = 0
    for what, packed, broken in archives(kind):
        folder = tmp_path / f"{what.replace('/', '_')}-{broken}"
        folder.mkdir()
        row = {"id": "1", "image": "a.jpg", **{k: v for k, v in json.loads(rows("a")).items() if k != "id"}}
        (folder / "rows.json").write_text(json.dumps([row]))
        put(folder, {name: gzip.compress(data, mtime=0) if kind != ".tar" else data for name, data in packed.items()})
        for _ in range(2):
            report: Any = json.loads(run(folder, ".", "--index", "index", "--isolated", "-f", "json").stdout)
            found = {one["rule"] for one in report["findings"]}
            assert ("IMG507" in found) == broken, (what, broken)
            assert "ARC806" in found or "ARC807" in found, (what, found)
            assert report["summary"]["images_ok"] == 1 - broken
        seen += 1
    assert seen == 8
