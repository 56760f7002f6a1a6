"""`clean` rewrites shards: it keeps complete samples, byte for byte and in order, in tars that all programs read

The expected result is computed here, from what tarfile reads of the source: a sample is kept if it has an image that
can be decoded, exactly one text, which can be read, no duplicate suffix, and no earlier sample with its key.
"""

from __future__ import annotations

import io
import json
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import tarfile
import time
from pathlib import Path
from typing import Any, Callable, Iterator

import pytest

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent / "cli")]
from cases import JPEG, Case, Member, after, cases, pair, rows, squeeze, tar, WHOLE  # noqa: E402
from model import split, webdataset  # noqa: E402
from test_hostile import NAMES, OBEYED  # noqa: E402
from program import Done, program, run  # noqa: E402

CASES = {case.name: case for case in cases()}
CASE_COUNT = 72
IMAGES, TEXTS = {"jpg", "jpeg", "png", "webp"}, {"json", "txt"}
COMPRESSED = {"gz", "gz-as-tar", "gz-cut", "gz-no-trailer", "gz-bad-crc"}


def read(data: bytes) -> Iterator[tuple[tarfile.TarInfo, bytes, bytes]]:
    """Yield header, data and raw bytes of each member that tarfile finds, until it ends."""
    with tarfile.open(fileobj=io.BytesIO(data), mode="r:") as file:
        at = 0
        while True:
            try:
                info = file.next()
            except tarfile.ReadError:
                return
            if not info:
                return
            end = info.offset_data + (info.size + 511) // 512 * 512 * info.isreg()
            if end > len(data):
                return
            yield info, data[info.offset_data : info.offset_data + info.size], data[at:end]
            at = end


def samples_of(data: bytes) -> list[tuple[str, list[tuple[str, bytes, bytes]]]]:
    found: list[tuple[str, list[tuple[str, bytes, bytes]]]] = []
    try:
        for info, content, raw in read(data):
            parts = split(info.name)
            if not info.isreg() or not parts:
                continue
            if not found or found[-1][0] != parts[0]:
                found.append((parts[0], []))
            found[-1][1].append((parts[1], content, raw))
    except tarfile.ReadError:
        pass
    return found


def is_row(text: bytes, suffix: str) -> bool:
    if suffix == "txt":
        return True
    try:
        return isinstance(json.loads(text), (dict, list))
    except ValueError:
        return False


def is_whole(members: list[tuple[str, bytes, bytes]]) -> bool:
    suffixes = [suffix.lower() for suffix, _, _ in members]
    images = [content for suffix, content, _ in members if suffix.lower() in IMAGES]
    texts = [(content, suffix.lower()) for suffix, content, _ in members if suffix.lower() in TEXTS]
    return (len(set(suffixes)) == len(suffixes) and bool(images) and all(image == JPEG for image in images)
            and len(texts) == 1 and is_row(*texts[0]))  # fmt: skip


def put(folder: Path, shards: dict[str, bytes]) -> None:
    folder.mkdir(parents=True)
    for name, data in shards.items():
        (folder / name).write_bytes(data)


def clean(tmp_path: Path, *words: str | Path, **more: Any) -> Done:
    return run("clean", *words, "--no-index", cwd=tmp_path, **more)


@pytest.mark.parametrize("name", CASES)
def test_broken_shards(name: str, tmp_path: Path) -> None:
    case: Case = CASES[name]
    put(tmp_path / "in", case.shards)
    paths = [f"in/{shard}" for shard in case.shards]
    done = clean(tmp_path, *paths, "-o", "out", "--for", "webdataset")
    if name in COMPRESSED:
        assert done.code == 2 and "is compressed" in done.err and "gzip -dc in/s-000000.tar" in done.err, done
        return
    meant = {shard: [sample for sample in samples_of(data) if is_whole(sample[1])] for shard, data in case.shards.items()}
    if not any(meant.values()):
        assert done.code == 2 and ("no row is left" in done.err or "there are no rows" in done.err), done
        assert not (tmp_path / "out").exists()
        return
    assert done.code == 0, done
    for shard, samples in meant.items():
        kept, last = [], None
        for key, members in samples:
            if key != last:
                kept.append((key, members))
            last = key
        path = tmp_path / "out" / shard
        assert path.exists() == bool(kept), (shard, done)
        if not kept:
            continue
        data = path.read_bytes()
        body = b"".join(raw for _, members in kept for _, _, raw in members)
        if name not in ("folder-entry", "folder-between", "stranger-between", "symlink", "hardlink", "fifo"):
            assert data.startswith(body) and not data[len(body) :].strip(b"\0"), name
        assert len(data) % 10240 == 0 and not data[-1024:].strip(b"\0")
        yielded, raises = webdataset([data])
        assert not raises and yielded == [[key, sorted(s.lower() for s, _, _ in members)] for key, members in kept]
        assert samples_of(data) and [(k, [m[:2] for m in s]) for k, s in samples_of(data)] == [
            (k, [m[:2] for m in s]) for k, s in kept]  # fmt: skip
    listed = subprocess.run(["tar", "-tf", *(tmp_path / "out").iterdir()][:3], capture_output=True, text=True, check=False)
    assert listed.returncode == 0 and (not listed.stderr or "Removing leading" in listed.stderr), listed.stderr
    again = run("out", "--no-index", "--trainer", "webdataset", "--ignore", "TOK,CNV,ROW", cwd=tmp_path)
    assert again.code == 0 or "ARC808" in again.out.decode(), again.out.decode()


def test_the_cases_are_all() -> None:
    assert len(CASES) == CASE_COUNT


def test_samples_that_would_come_together(tmp_path: Path) -> None:
    """If the sample between two with the same key is dropped, the second of these must be dropped, too."""
    broken = [Member("b.jpg", JPEG[:60]), Member("b.json", rows("b"))]
    put(tmp_path / "in", {"s.tar": tar([*pair("a"), *broken, *pair("a"), *pair("c")])})
    done = clean(tmp_path, "in", "-o", "out")
    assert done.code == 0 and "sample-repeated whole" in done.out.decode(), done
    assert webdataset([(tmp_path / "out/s.tar").read_bytes()]) == ([["a", ["jpg", "json"]], ["c", ["jpg", "json"]]], False)
    dropped = [json.loads(line) for line in (tmp_path / "out.dropped.jsonl").read_text().splitlines()]
    assert [(one["row"], one["id"]) for one in dropped] == [(1, "b"), (2, "a")]
    assert [one["reasons"][-1]["rule"] for one in dropped] == ["IMG507", "ARC813"]
    assert dropped[1]["bytes"].encode() == rows("a")


def test_keys_that_energon_refuses(tmp_path: Path) -> None:
    """Only the first sample with each key is kept, within a shard and across shards."""
    put(tmp_path / "in", {"0.tar": tar([*pair("a"), *pair("b"), *pair("a")]), "1.tar": tar([*pair("b"), *pair("c")])})
    done = clean(tmp_path, "in", "-o", "out", "--for", "energon")
    assert done.code == 0 and "2  ROW206 id-duplicate: refused" in done.out.decode(), done
    keys = [[key for key, _ in samples_of((tmp_path / f"out/{n}.tar").read_bytes())] for n in range(2)]
    assert keys == [["a", "b"], ["c"]]
    assert run("out", "--no-index", "-q", "--trainer", "energon", cwd=tmp_path).code == 0
    put(tmp_path / "misnamed", {"s.tar.gz": WHOLE})
    done = clean(tmp_path, "misnamed/s.tar.gz", "-o", "new", "--for", "energon")
    assert done.code == 2 and "rename it" in done.err, done
    assert clean(tmp_path, "misnamed/s.tar.gz", "-o", "new.tar", "--for", "energon").code == 0


def test_texts_of_dropped_samples(tmp_path: Path) -> None:
    """The list of dropped rows has the texts as in the shard, in any form."""
    turns = json.dumps(json.loads(rows("a"))["conversations"]).encode()
    caption = b'say "\xff" \\ \n'
    put(tmp_path / "in", {"s.tar": tar([Member("a.json", turns), Member("b.txt", caption), Member("c.jpg", JPEG), *pair("d")])})
    assert clean(tmp_path, "in", "-o", "out").code == 0
    dropped = [json.loads(line) for line in (tmp_path / "out.dropped.jsonl").read_text().splitlines()]
    texts = [one["bytes"].encode("utf-8", "surrogateescape") for one in dropped]
    assert [one["id"] for one in dropped] == ["a", "b", "c"] and texts == [turns, caption, b""]


def test_parts_and_samples(tmp_path: Path) -> None:
    members = [member for i in range(40) for member in [Member(f"{i:02}.jpg", JPEG + bytes([i])), Member(f"{i:02}.json", rows(str(i)))]]
    put(tmp_path / "in", {"s.tar": tar(members)})
    assert clean(tmp_path, "in", "-o", "parts", "--split", "train=0.7,val=0.3").code == 0
    parts = [samples_of((tmp_path / f"parts/s.{part}.tar").read_bytes()) for part in ("train", "val")]
    assert sorted(key for part in parts for key, _ in part) == [f"{i:02}" for i in range(40)] and min(map(len, parts)) > 4
    assert clean(tmp_path, "in", "-o", "one.tar", "--sample", "7").code == 0
    assert len(samples_of((tmp_path / "one.tar").read_bytes())) == 7
    kept = (tmp_path / "one.tar").read_bytes()
    assert clean(tmp_path, "one.tar", "-o", "two.tar").code == 0
    assert (tmp_path / "two.tar").read_bytes() == kept  # nothing to drop


def test_headers_of_all_kinds(tmp_path: Path) -> None:
    """Long names, owners, times and pax records are copied; so are members that are neither image nor text."""
    for form in (tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT):
        long = "d" * 90 + "/" + "k" * 90
        members = [*pair("a"), Member("a.cls", b"7"), *pair(long), Member("b.json", b"{"), *pair("c")]
        put(tmp_path / f"{form}", {"s.tar": tar(members, form)})
        assert clean(tmp_path, f"{form}/s.tar", "-o", f"{form}.tar").code == 0
        with tarfile.open(tmp_path / f"{form}.tar") as file:
            assert file.getnames() == ["a.jpg", "a.json", "a.cls", long + ".jpg", long + ".json", "c.jpg", "c.json"]
            assert all(file.extractfile(info) for info in file)


def test_a_header_for_all_members(tmp_path: Path) -> None:
    """Python applies its names to all members, so they cannot be copied one by one."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT, pax_headers={"path": "x.jpg"}):
        pass
    put(tmp_path / "in", {"s.tar": out.getvalue()[:1024] + WHOLE})
    done = clean(tmp_path, "in/s.tar", "-o", "out")
    assert done.code == 2 and "cannot be copied" in done.err and not (tmp_path / "out").exists(), done


def test_hostile_names(tmp_path: Path) -> None:
    odd = [Member(f"{name}.{suffix}", JPEG[:60]) for name in NAMES for suffix in ("jpg", "png")]
    put(tmp_path / "in", {"a\x1b[2J.tar": tar([*pair("a"), *odd], tarfile.PAX_FORMAT), "b\u202e.tar.gz": squeeze(WHOLE)})
    done = clean(tmp_path, "in/a\x1b[2J.tar", "-o", "out")
    assert done.code == 0 and not OBEYED.search(done.out.decode() + done.err), done
    done = clean(tmp_path, "in/b\u202e.tar.gz", "-o", "out")
    assert done.code == 2 and not OBEYED.search(done.out.decode() + done.err), done


REFUSED = [
    (["in", "-o", "in"], "is inside the data folder"),
    (["in", "-o", "in/new"], "is inside the data folder"),
    (["in/s.tar", "-o", "in/s.tar", "--force"], "a file of the data set"),
    (["in", "-o", "out.json"], "written as shards"),
    (["rows.json", "-o", "out.tar"], "not written as a shard"),
    (["in", "-o", "out", "--fix"], "not fixed"),
    (["in", "-o", "out", "--shuffle", "1"], "not shuffled"),
    (["in", "-o", "out", "--copy-images", "pics"], "are in the shards"),
    (["in/s.tar", "-o", "out.tar", "--merge"], "not merged"),
    (["in/s.tar", "in/t.tar", "-o", "out.tar"], "name a folder"),
    (["in/s.tar", "rows.json", "-o", "out"], "separate data sets"),
    (["in", "-o", "prepared", "--force"], "an index of Energon"),
    (["in", "-o", "indexed", "--force"], "an index of Energon"),
    (["in/s.tar", "-o", "indexed/s.tar", "--force"], "an index of Energon"),
    (["in", "-o", "old"], "--force"),
    (["in", "-o", "out", "--for", "llava-next"], "does not read"),
]


@pytest.mark.parametrize("words, said", REFUSED)
def test_what_is_refused(words: list[str], said: str, tmp_path: Path) -> None:
    put(tmp_path / "in", {"s.tar": WHOLE, "t.tar": tar(pair("t"))})
    (tmp_path / "rows.json").write_bytes(b"[" + rows("a") + b"]")
    put(tmp_path / "old", {"s.tar": b"old"})
    put(tmp_path / "indexed", {"s.tar.idx": bytes(32)})
    put(tmp_path / "prepared/.nv-meta", {".info.json": b"{}"})
    before = {path: path.stat().st_mtime_ns for path in sorted(tmp_path.rglob("*")) if path.is_file()}
    done = clean(tmp_path, *words)
    assert done.code == 2 and said in done.err, done
    left = {path: path.stat().st_mtime_ns for path in sorted(tmp_path.rglob("*")) if path.is_file() and "cache" not in path.parts}
    assert left == before


def test_the_note_about_the_index_of_energon(tmp_path: Path) -> None:
    put(tmp_path / "in", {"s.tar": WHOLE})
    put(tmp_path / "in/.nv-meta", {".info.json": b'{"shard_counts": {"s.tar": 3}}'})
    assert "energon prepare" in clean(tmp_path, "in", "-o", "out").out.decode()
    assert not (tmp_path / "out/.nv-meta").exists()


def limited(size: int) -> Callable[[], None]:
    def limit() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

    return limit


@pytest.fixture(name="large")
def made_large(tmp_path: Path) -> Path:
    noise = random.Random(1).randbytes(3_000_000)
    for number in range(3):
        members = [m for i in range(4) for m in [*pair(f"{number}{i}"), Member(f"{number}{i}.bin", noise)]]
        (tmp_path / "in").mkdir(exist_ok=True)
        (tmp_path / f"in/{number}.tar").write_bytes(tar(members))
    return tmp_path


def test_a_full_disk(large: Path) -> None:
    run("in", "-q", cwd=large)
    done = run("clean", "in", "-o", "out", "-q", cwd=large, preexec_fn=limited(9_000_000))
    assert done.code == 2 and "out/0.tar" in done.err and "File too large" in done.err, done
    assert not (large / "out").exists() and not list(large.glob("out*"))


def test_a_kill_at_any_moment(large: Path) -> None:
    run("in", "-q", cwd=large)
    words = [program(), "clean", "in", "-o", "out", "--force", "-q"]
    began = time.monotonic()
    assert subprocess.run(words, cwd=large, check=False).returncode == 0
    seconds = time.monotonic() - began
    whole = {path.name: path.read_bytes() for path in (large / "out").iterdir()}
    assert sorted(whole) == ["0.tar", "1.tar", "2.tar"]
    for moment in range(8):
        for name in whole:
            (large / "out" / name).write_bytes(b"old")
        process = subprocess.Popen(words, cwd=large)
        time.sleep(seconds * (moment + 0.5) / 8)
        process.kill()
        process.wait()
        assert all((large / "out" / name).read_bytes() in (b"old", data) for name, data in whole.items())
        for path in (large / "out").iterdir():
            if path.name not in whole:
                path.unlink()
    shutil.rmtree(large / "in")


def test_a_shard_that_changed(tmp_path: Path) -> None:
    """The shard changes between check and copy, which the index reveals."""
    put(tmp_path / "in", {"s.tar": WHOLE})
    assert run("in", "-q", cwd=tmp_path).code in (0, 1)
    at = WHOLE.index(b"b.jpg") + 512 + 40
    st = (tmp_path / "in/s.tar").stat()
    (tmp_path / "in/s.tar").write_bytes(WHOLE[:at] + bytes([WHOLE[at] ^ 1]) + WHOLE[at + 1 :])
    os.utime(tmp_path / "in/s.tar", ns=(st.st_atime_ns, st.st_mtime_ns))
    done = run("clean", "in", "-o", "out", cwd=tmp_path)
    assert done.code == 0 or "changed" in done.err, done  # with another ctime, it is read again


def test_more_shards_than_files_may_be_open(tmp_path: Path) -> None:
    put(tmp_path / "in", {f"{i:03}.tar": tar(pair(f"{i}")) for i in range(120)})
    soft = lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (64, 4096))  # noqa: E731
    done = clean(tmp_path, "in", "-o", "out", "-q", preexec_fn=soft)
    assert done.code == 0 and len(list((tmp_path / "out").iterdir())) == 120, done
    hard = lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))  # noqa: E731
    done = clean(tmp_path, "in", "-o", "new", "-q", preexec_fn=hard)
    assert done.code == 2 and "Too many open files" in done.err and not (tmp_path / "new").exists(), done
