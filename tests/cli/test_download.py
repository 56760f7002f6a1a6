"""`verify --download` and `manifest`: compare files with what downloaders and others recorded about them.

The layouts are those that the clients write; in tests/hub, real clients write them (scripts/hub.sh).
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import random
import re
import subprocess
import time
from pathlib import Path
from typing import Any, Callable

import pytest

from program import GOOD_JPEG, Done, assert_complaint, row, run, write_rows

COMMIT = "11c5a3d5811f50298f278a704980280950aedb10"
OTHER = "22c5a3d5811f50298f278a704980280950aedb10"
FILES = {
    "README.md": b"# demo\n",
    "empty.txt": b"",
    "images/b.bin": random.Random(1).randbytes(300_000),
    "images/caf\u00e9 \n\\.bin": random.Random(2).randbytes(5_000),
    "rows.json": b"[]\n",
}
LARGE = {path for path, data in FILES.items() if len(data) > 1000}


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def blob(data: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()


def pointer(data: bytes) -> bytes:
    return f"version https://git-lfs.github.com/spec/v1\noid sha256:{sha256(data)}\nsize {len(data)}\n".encode()


def etag(path: str, data: bytes) -> str:
    return sha256(data) if path in LARGE else blob(data)


def put(path: Path, data: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def put_files(folder: Path) -> None:
    for path, data in FILES.items():
        put(folder / path, data)


def tree_of(files: dict[str, bytes]) -> bytes:
    listed: dict[str, Any] = {}
    for path, data in files.items():
        listed[path] = {"size": len(data), "blob_id": blob(data)}
        if path in LARGE:
            listed[path] = {"size": len(data), "blob_id": blob(pointer(data)), "lfs_sha256": sha256(data), "lfs_size": len(data)}
    return json.dumps({"format_version": 1, "files": listed}, indent=1).encode()


def local(folder: Path, name: str = ".cache/huggingface") -> Path:
    put_files(folder)
    for path, data in FILES.items():
        text = f"{COMMIT}\n{etag(path, data)}\n{time.time()}\n"
        put(folder / name / "download" / f"{path}.metadata", text.encode())
        put(folder / name / "download" / f"{path}.lock", b"")
    put(folder / name / ".gitignore", b"*")
    return folder


def local_old(folder: Path) -> Path:
    return local(folder, ".huggingface")


def local_new(folder: Path) -> Path:
    local(folder)
    put(folder / ".cache/huggingface/CACHEDIR.TAG", b"Signature: 8a477f597d28d172789f06886806bc55\n")
    put(folder / f".cache/huggingface/trees/{COMMIT}.json", tree_of(FILES))
    return folder


def cache(folder: Path) -> Path:
    top = folder / "datasets--me--demo"
    put(top / "refs/main", COMMIT.encode())
    put(top / f".no_exist/{COMMIT}/x.json", b"")
    for path, data in FILES.items():
        put(top / "blobs" / etag(path, data), data)
        link = top / "snapshots" / COMMIT / path
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(os.path.relpath(top / "blobs" / etag(path, data), link.parent))
    put(folder / ".locks/datasets--me--demo/x.lock", b"")
    put(folder / "CACHEDIR.TAG", b"x")
    return folder


def cache_new(folder: Path) -> Path:
    cache(folder)
    put(folder / f"datasets--me--demo/trees/{COMMIT}.json", tree_of(FILES))
    return folder


def git(folder: Path, version: int = 2) -> Path:
    """Make a checkout in which git-LFS stores the large files."""
    put_files(folder)
    put(folder / "crlf.txt", b"a\r\nb\r\n")
    (folder / "link").symlink_to("README.md")

    def call(*words: str, data: bytes = b"") -> str:
        done = subprocess.run(["git", *words], cwd=folder, input=data, capture_output=True, check=True, env={
            **os.environ, "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@b",
            "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@b"})  # fmt: skip
        return done.stdout.decode().strip()

    call("init", "-q", "-b", "main")
    call("config", "index.version", str(version))
    call("remote", "add", "origin", "https://user:secret@example.com/me/demo")
    call("add", "--", *[path for path in FILES if path not in LARGE], "link")
    for path, data in [*((path, pointer(FILES[path])) for path in LARGE), ("crlf.txt", b"a\nb\n")]:
        name = call("hash-object", "-w", "--stdin", data=data)
        call("update-index", "--add", "--cacheinfo", f"100644,{name},{path}")
    call("commit", "-q", "-m", "x")
    for path in LARGE:
        oid = sha256(FILES[path])
        put(folder / ".git/lfs/objects" / oid[:2] / oid[2:4] / oid, FILES[path])
    assert int.from_bytes((folder / ".git/index").read_bytes()[4:8], "big") == version
    return folder


def git_4(folder: Path) -> Path:
    return git(folder, 4)


def escaped(path: str) -> tuple[str, str]:
    odd = path.replace("\\", "\\\\").replace("\n", "\\n")
    return ("\\" if odd != path else "", odd)


def sums(folder: Path, kind: str = "sha256") -> Path:
    put_files(folder)
    lines = []
    for path, data in FILES.items():
        mark, name = escaped(path)
        lines.append(f"{mark}{hashlib.new(kind, data).hexdigest()}  {name}\n")
    put(folder / f"{kind.upper()}SUMS", b"# by hand\n\n" + "".join(lines).encode())
    return folder


def sums_of(kind: str) -> Callable[[Path], Path]:
    return lambda folder: sums(folder, kind)


def tagged(folder: Path) -> Path:
    put_files(folder)
    names = {"md5": "MD5", "sha1": "SHA1", "sha256": "SHA256", "sha512": "SHA512"}
    for number, (path, data) in enumerate(FILES.items()):
        kind = sorted(names)[number % 4]
        mark, name = escaped(path)
        line = f"{mark}{names[kind]} ({name}) = {hashlib.new(kind, data).hexdigest()}\r\n"
        put(folder / f"{number}.sha256sum", line.encode())
    return folder


def beside(folder: Path) -> Path:
    """Make a file with only a checksum, and lines that are relative to a parent folder."""
    put_files(folder)
    put(folder / "README.md.md5", hashlib.md5(FILES["README.md"]).hexdigest().encode() + b"\n")
    put(folder / "images/SHA256SUMS", f"{sha256(FILES['images/b.bin'])} *images/b.bin\n".encode())
    for path in FILES:
        if path not in ("README.md", "images/b.bin"):
            (folder / path).unlink()
    return folder


def bag(folder: Path) -> Path:
    put(folder / "bagit.txt", b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n")
    lines = []
    for path, data in FILES.items():
        put(folder / "data" / path, data)
        lines.append(f"{hashlib.sha512(data).hexdigest()}  data/{path.replace('%', '%25').replace(chr(10), '%0A')}\n")
    put(folder / "manifest-sha512.txt", "".join(lines).encode())
    put(folder / "tagmanifest-sha512.txt", f"{hashlib.sha512((folder / 'bagit.txt').read_bytes()).hexdigest()}  bagit.txt\n".encode())
    return folder


class Verified:
    def __init__(self, done: Done, report: dict[str, Any]) -> None:
        self.done, self.report = done, report
        self.proof = report["proof"]

    def rules(self) -> list[str]:
        return sorted(f["rule"] for f in self.report["findings"] if f["severity"] != "info")

    def messages(self, rule: str) -> list[str]:
        return [f["message"] for f in self.report["findings"] if f["rule"] == rule]


def verify(folder: Path, *more: str | Path, by: str = "--download") -> Verified:
    report = folder.parent / "report.json"
    report.unlink(missing_ok=True)
    done = run("verify", by, *more, folder, "--show", "info", "--report", report, cwd=folder.parent)
    assert done.code in (0, 1), done
    return Verified(done, json.loads(report.read_bytes()))


LAYOUTS: dict[str, tuple[Callable[[Path], Path], str, str]] = {  # how it is made, recorder, which bytes are only weakly proven
    "local": (local, "huggingface-folder", "small"),
    "local-old": (local_old, "huggingface-folder", "small"),
    "local-new": (local_new, "huggingface-folder", "small"),
    "cache": (cache, "huggingface-cache", "small"),
    "cache-new": (cache_new, "huggingface-cache", "small"),
    "git": (git, "git", "some"),
    "git-4": (git_4, "git", "some"),
    "sha256": (sums, "checksums", "none"),
    "sha512": (sums_of("sha512"), "checksums", "none"),
    "sha1": (sums_of("sha1"), "checksums", "all"),
    "md5": (sums_of("md5"), "checksums", "all"),
    "tagged": (tagged, "checksums", "some"),
    "beside": (beside, "checksums", "some"),
    "bag": (bag, "bagit", "none"),
}


def recorded(folder: Path) -> list[Path]:
    """Return the files that the layout has records about."""
    skipped = {".cache", ".huggingface", ".locks", ".no_exist", "refs", "trees", "snapshots", "CACHEDIR.TAG"}
    return sorted(
        path for path in folder.rglob("*")
        if path.is_file() and not path.is_symlink() and not skipped & set(path.relative_to(folder).parts)
        and (".git" not in path.relative_to(folder).parts or "lfs" in path.parts)
        and not re.search(r"SUMS$|\.sha256sum$|\.md5$|manifest-", path.name)
    )  # fmt: skip


def change(path: Path, data: bytes) -> None:
    """Change a file's bytes, but not its time."""
    stat = path.stat()
    path.chmod(0o644)
    path.write_bytes(data)
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))


@pytest.mark.parametrize("name", LAYOUTS)
def test_layouts(name: str, tmp_path: Path) -> None:
    """Everything is proven; flipped bits and missing files are found."""
    make, recorder, weak = LAYOUTS[name]
    folder = make(tmp_path / "data")
    files = recorded(folder)
    seen = verify(folder)
    assert seen.done.code == 0 and seen.rules() == []
    assert seen.proof["proven"] == seen.proof["files"] == len(files)
    assert seen.proof["unrecorded"] == 0 and recorder in {o["recorder"] for o in seen.proof["origins"]}
    assert seen.proof["bytes"] == seen.proof["proven_bytes"] + seen.proof["weakly_proven_bytes"] == sum(p.stat().st_size for p in files)
    small = sum(p.stat().st_size for p in files if p.stat().st_size < 1000)
    assert {"small": seen.proof["weakly_proven_bytes"] == small, "none": seen.proof["weakly_proven_bytes"] == 0,
            "all": seen.proof["proven_bytes"] == 0, "some": seen.proof["weakly_proven_bytes"] > 0}[weak]  # fmt: skip
    if recorder.startswith("hugging") or recorder == "git":
        assert any(re.fullmatch("[0-9a-f]{40}", o["commit"]) for o in seen.proof["origins"])
    assert b"secret" not in json.dumps(seen.report).encode() + seen.done.out
    flips = 0
    files = [path for path in files if path.name != "bagit.txt"]  # without it, it is not a bag
    for number, path in enumerate(files):
        data = path.read_bytes()
        if data:
            at = random.Random(number).randrange(len(data))
            change(path, data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])
            bad = verify(folder)
            assert bad.done.code == 1 and bad.rules() == ["HUB901"] and bad.proof["differing"] == 1, path
            (finding,) = bad.report["findings"]
            assert re.search(r": its .+ is [0-9a-f]{12}…, recorded [0-9a-f]{12}…", finding["message"]), finding
            change(path, data)
            flips += 1
        if ".git" in path.parts:
            continue  # an object of git-LFS, which nothing else names
        path.rename(tmp_path / "kept")
        gone = verify(folder)
        assert gone.done.code == 1 and gone.rules() == ["HUB902"] and gone.proof["missing"] == 1, path
        (tmp_path / "kept").rename(path)
        if number == 2:
            break  # the nightly script uses real clients, and flips all files
    assert flips >= 1
    put(folder / "mine.txt", b"x")
    assert verify(folder).proof["unrecorded"] == 1


@pytest.mark.parametrize("threads", ["1", "8"])
def test_reports_are_the_same(threads: str, tmp_path: Path) -> None:
    folder = local_new(tmp_path / "data")
    change(folder / "images/b.bin", b"x")
    (folder / "rows.json").unlink()
    done = run("verify", "--download", "data", "--threads", threads, cwd=tmp_path)
    assert done.code == 1 and done.err == ""
    assert done.out.decode().splitlines()[:5] == [
        "data",
        "  records   huggingface_hub, local folder: commit 11c5a3d5811f: 10 records",
        "  files     5 recorded: 3 proven, 1 not as recorded, 1 missing; 4.9 KiB read",
        "  proven    4.9 KiB by SHA-256 or SHA-512, 7 bytes by SHA-1 or MD5, which show damage alone",
        "",
    ]
    assert done.out.decode().splitlines()[-1] == "FAILED: 2 errors; 2 of 5 recorded files not proven"


def test_cached_paths(tmp_path: Path) -> None:
    """The cache, a repository in it, a snapshot, and a file there lead to the same records; findings
    name paths in the snapshot."""
    folder = cache(tmp_path / "hub")
    change(folder / "datasets--me--demo/blobs" / sha256(FILES["images/b.bin"]), b"x" * 300_000)
    top = folder / "datasets--me--demo"
    for path in (folder, top, top / f"snapshots/{COMMIT}", top / f"snapshots/{COMMIT}/images", top / f"snapshots/{COMMIT}/rows.json"):
        seen = verify(path)
        assert seen.rules() == ["HUB901"] and seen.proof["files"] == 5
        assert f"snapshots/{COMMIT}/images/b.bin'" in seen.messages("HUB901")[0]
        assert {o["repository"] for o in seen.proof["origins"]} == {"datasets/me/demo"}


def test_snapshot_of_another_blob(tmp_path: Path) -> None:
    """A link leads to a sound blob of another file, which the listing of the commit reveals."""
    folder = cache_new(tmp_path / "hub")
    link = folder / f"datasets--me--demo/snapshots/{COMMIT}/rows.json"
    link.unlink()
    link.symlink_to(f"../../blobs/{blob(FILES['README.md'])}")
    seen = verify(folder)
    assert seen.done.code == 1 and seen.rules() == ["HUB901", "HUB902"] or seen.rules() == ["HUB901"]


def brief(name: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha1(name.encode()).digest()).decode()


def test_unfinished(tmp_path: Path) -> None:
    folder = local_new(tmp_path / "data")
    download = folder / ".cache/huggingface/download"
    oid = sha256(FILES["images/b.bin"])
    put(download / f"images/{brief('b.bin.metadata')}.{oid}.incomplete", b"x")  # finished nevertheless
    put(download / f"rows.json.{'0' * 40}.incomplete", b"x")  # likewise, by 0.23
    assert verify(folder).rules() == []
    (download / "images/b.bin.metadata").unlink()
    (folder / "images/b.bin").unlink()
    seen = verify(folder)
    assert seen.done.code == 1 and seen.rules() == ["HUB903"] and seen.proof["unfinished"] == 1
    assert seen.messages("HUB903") == ["'images/b.bin': huggingface_hub has a part of it"]
    assert seen.messages("HUB902")[0].startswith("records of the download: 1 file of the commit not downloaded")
    put(download / f"other/{brief('x')}.{oid}.01234567.incomplete", b"x")  # it is unknown which file this was to become
    assert len(verify(folder).messages("HUB903")) == 2
    put(folder / "._____temp/images/c.bin", b"x")  # ModelScope
    put(folder / ".msc", b"\x80\x04.")
    seen = verify(folder)
    assert len(seen.messages("HUB903")) == 3 and "pickles" in seen.messages("HUB906")[0]

    hub = cache(tmp_path / "hub")
    blobs = hub / "datasets--me--demo/blobs"
    put(blobs / f"{oid}.incomplete", b"x")
    put(blobs / f"{oid}.01234567.incomplete", b"x")
    assert verify(hub).rules() == []
    (blobs / oid).unlink()
    assert verify(hub).rules() == ["HUB902", "HUB903", "HUB903"]


def test_part_and_second_version(tmp_path: Path) -> None:
    """Files of the commit that were not requested are a note; a listing of an older commit does not
    apply to files that were downloaded again."""
    folder = local_new(tmp_path / "data")
    new = b"[1]\n"
    change(folder / "rows.json", new)
    put(folder / ".cache/huggingface/download/rows.json.metadata", f"{OTHER}\n{blob(new)}\n{time.time()}\n".encode())
    seen = verify(folder)
    assert seen.done.code == 0 and seen.proof["proven"] == 5
    assert {o["commit"] for o in seen.proof["origins"]} == {COMMIT, OTHER}
    for path in ("README.md", "images/b.bin"):
        (folder / path).unlink()
        (folder / f".cache/huggingface/download/{path}.metadata").unlink()
    seen = verify(folder)
    assert seen.done.code == 0 and seen.proof["files"] == 3
    assert seen.messages("HUB902") == ["records of the download: 2 files of the commit not downloaded, such as 'README.md'"]


def test_lfs_pointer(tmp_path: Path) -> None:
    folder = git(tmp_path / "data")
    change(folder / "images/b.bin", pointer(FILES["images/b.bin"]))
    seen = verify(folder)
    assert seen.done.code == 1 and seen.rules() == ["HUB903"] and "git lfs pull" in seen.messages("HUB903")[0]


def test_nothing_recorded(tmp_path: Path) -> None:
    put(tmp_path / "data/a.txt", b"x")
    assert_complaint(run("verify", "--download", "data", cwd=tmp_path), "no record of its download")
    put(tmp_path / "data/.msc", b"x")
    assert_complaint(run("verify", "--download", "data", cwd=tmp_path), "'.msc'", "pickles")
    assert_complaint(run("verify", "--download", "gone", cwd=tmp_path), "no such file")
    assert_complaint(run("verify", "--download", "data", "data", cwd=tmp_path), "only one download")
    assert_complaint(run("verify", "--download", "--manifest", "x", "data", cwd=tmp_path), "--manifest")
    for option in (["--index", "x"], ["--images", "x"], ["--allow-outside"]):
        assert_complaint(run("verify", "--download", "data", *option, cwd=tmp_path), option[0])
    put(tmp_path / "data/notes.md5", b"these are\nno checksums\n")
    put(tmp_path / "data/x.b3sum", b"0" * 64 + b"  a.txt\n")
    assert_complaint(run("verify", "--download", "data", cwd=tmp_path), "no usable record")


# ---- hostile records


def outside(folder: Path, data: Path) -> None:
    """Make records that name files outside, none of which may be opened."""
    evil = sha256(data.read_bytes())
    put(folder / "SHA256SUMS", f"{evil}  ../secret\n{evil}  {data}\n{evil}  a/../../secret\n{evil}  /\n{evil}  .\n{evil}  a//./../ok\n".encode())
    put(folder / "ok", data.read_bytes())
    put(folder / f".cache/huggingface/trees/{COMMIT}.json", json.dumps({"format_version": 1, "files": {
        name: {"size": 6, "blob_id": "0" * 40, "lfs_sha256": evil, "lfs_size": 6}
        for name in ("../secret", str(data), "a/../../secret", "..", "", "a\0b", "x" * 5000)}}).encode())  # fmt: skip
    (folder / "link").symlink_to("../secret")
    (folder / "dir").symlink_to("..")
    put(folder / "LINKS.sha256", f"{evil}  link\n{evil}  dir/secret\n".encode())
    os.mkfifo(folder / "fifo")
    put(folder / "FIFO.sha256", f"{evil}  fifo\n".encode())
    top = folder / "datasets--a--b"
    (top / f"snapshots/{COMMIT}").mkdir(parents=True)
    (top / f"snapshots/{COMMIT}/x").symlink_to("../../../../secret")
    (top / f"snapshots/{COMMIT}/y").symlink_to("../../blobs/../../../secret")
    (top / f"snapshots/{COMMIT}/z").symlink_to("/etc/passwd")
    (folder / "linked.sha256").symlink_to("../secret")


def test_records_do_not_lead_out(tmp_path: Path) -> None:
    secret = put(tmp_path / "secret", b"secret")
    folder = tmp_path / "data"
    folder.mkdir()
    outside(folder, secret)
    atime = secret.stat().st_atime_ns
    seen = verify(folder)
    assert seen.done.code == 1 and seen.proof["proven"] == 1 and seen.proof["bytes"] == 6
    assert set(seen.rules()) == {"HUB906"}
    assert seen.proof["unread"] == 3 and seen.proof["unusable"] >= 11
    assert secret.stat().st_atime_ns == atime
    traced = run("verify", "--download", "data", cwd=tmp_path, before=["strace", "-f", "-e", "trace=open,openat", "-o", "trace"]) if Path("/usr/bin/strace").exists() else None
    if traced:
        assert "secret" not in (tmp_path / "trace").read_text()


BROKEN: dict[str, bytes] = {
    ".cache/huggingface/download/a.metadata": b"",
    ".cache/huggingface/download/b.metadata": b"x\ny\nz\n",
    ".cache/huggingface/download/c.metadata": f"{COMMIT}\n{'0' * 40}\nnan\n".encode(),
    ".cache/huggingface/download/d.metadata": f"{COMMIT}\nW/\"{'0' * 32}\"\n1.0\n".encode(),
    ".cache/huggingface/download/e.metadata": b"\0" * 5000,
    f".cache/huggingface/trees/{COMMIT}.json": b'{"format_version": 1, "files": {"a": 1, "b": {"blob_id": 7}}}',
    f".cache/huggingface/trees/{OTHER}.json": b"{",
    ".cache/huggingface/trees/x.json": b"{}",
    f".cache/huggingface/trees/{'3' * 40}.json": b'{"format_version": 2, "files": {}}',
    f".cache/huggingface/trees/{'4' * 40}.json": b"[" * 100_000,
    "x/.git/index": b"DIRC" + b"\xff" * 100,
    "y/.git/index": b"DIRC" + (4).to_bytes(4, "big") + (2**32 - 1).to_bytes(4, "big") + b"\x80" * 100 + b"\0" * 20,
    "z/.git/index": b"",
    "w/.git/index": b"DIRC" + (2).to_bytes(4, "big") + (1).to_bytes(4, "big") + b"\0" * 24 + (0o100644).to_bytes(4, "big") + b"\0" * 34 + b"../../secret\0" + b"\0" * 9 + b"\0" * 20,
    "datasets--a--b/blobs/xyz": b"1",
    "datasets--a--b/blobs/" + "g" * 64: b"1",
    "models--/blobs/" + "0" * 64: b"1",
    "bad.manifest": b"# llava-check manifest 1\n# 99999999999999999999 00\nx\n",
}


@pytest.mark.parametrize("name", BROKEN)
def test_broken_records(name: str, tmp_path: Path) -> None:
    """A damaged record is reported, or does not count as one; files with sound records are proven."""
    folder = sums(tmp_path / "data")
    put(folder / name, BROKEN[name])
    seen = verify(folder)
    assert seen.proof["proven"] == 5 and set(seen.rules()) <= {"HUB906", "HUB901"}
    assert seen.rules() or name in ("bad.manifest",) or name.startswith("models--")


def test_mutated_records(tmp_path: Path) -> None:
    """Whatever bytes a record has, the program exits normally, and no file is changed."""
    chance = random.Random(7)
    tried = 0
    for make, name in ((local_new, f".cache/huggingface/trees/{COMMIT}.json"), (git_4, ".git/index"), (git, ".git/index"), (tagged, "3.sha256sum")):
        folder = make(tmp_path / make.__name__)
        data = (folder / name).read_bytes()
        for _ in range(12):
            bad = bytearray(data)
            for _ in range(chance.randrange(1, 6)):
                at = chance.randrange(len(bad))
                bad[at] = chance.choice([0, 255, chance.randrange(256)])
            if chance.random() < 0.3:
                del bad[chance.randrange(len(bad)) :]
            if name.endswith("index"):
                bad[-20:] = bytes(20)  # without a checksum, as git can write it
            change(folder / name, bytes(bad))
            done = run("verify", "--download", folder, cwd=tmp_path)
            assert done.code in (0, 1, 2), done
            tried += 1
    assert tried == 48


def test_many_records(tmp_path: Path) -> None:
    """Lines for 50,000 missing files are handled in bounded time and memory."""
    folder = tmp_path / "data"
    put(folder / "SHA256SUMS", b"".join(b"%064x  images/%d.jpg\n" % (i, i) for i in range(50_000)))
    # sanitizers reserve address space for all memory
    bounded = [] if os.environ.get("LC_SANITIZE") else ["prlimit", "--as=2000000000"]
    done = run("verify", "--download", "data", "--quiet", cwd=tmp_path, before=bounded)
    assert done.code == 1


def test_huge_file(tmp_path: Path) -> None:
    """A sparse file is hashed like any other, and the run can be stopped in the middle of it."""
    folder = tmp_path / "data"
    folder.mkdir()
    with (folder / "huge").open("wb") as file:
        file.truncate(1 << 40)
    put(folder / "SHA256SUMS", b"0" * 64 + b"  huge\n")
    done = run("verify", "--download", "data", cwd=tmp_path, before=["timeout", "--signal=INT", "1"])
    assert done.code in (124, 130)


# ---- manifests


def test_manifest(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    put_files(folder)
    put(folder / ".git/x", b"")
    put(folder / ".llava-check/x", b"")
    (folder / "link").symlink_to("README.md")
    done = run("manifest", "data", "-o", "data/MANIFEST", cwd=tmp_path)
    assert done.code == 0 and done.out.decode() == "data/MANIFEST: 5 files, 305,010 bytes\n  1 link not followed, and not recorded\n"
    text = (folder / "MANIFEST").read_bytes()
    assert_complaint(run("manifest", "data", "-o", "data/MANIFEST", cwd=tmp_path), "--force")
    assert run("manifest", "data", "-o", "data/MANIFEST", "--force", cwd=tmp_path).code == 0
    assert (folder / "MANIFEST").read_bytes() == text  # it does not list itself
    lines = text.decode().splitlines()
    assert lines[0] == "# llava-check manifest 1" and lines[-1] == "# end: 5 files, 305010 bytes"
    names = [line.lstrip("\\")[66:] for line in lines if not line.startswith("#")]
    assert names == sorted(names) and len(names) == 5
    assert subprocess.run(["sha256sum", "--check", "--strict", "--quiet", "MANIFEST"], cwd=folder, check=False).returncode == 0
    moved = tmp_path / "elsewhere"
    folder.rename(moved)
    seen = verify(moved, moved / "MANIFEST", by="--manifest")
    assert seen.done.code == 0 and seen.proof["proven"] == 5 and seen.proof["unrecorded"] == 0
    assert seen.proof["origins"][0]["records"] == 5
    assert verify(moved).proof["proven"] == 5  # also found by its name
    change(moved / "rows.json", b"{}\n")
    assert verify(moved, moved / "MANIFEST", by="--manifest").rules() == ["HUB901", ]
    (moved / "rows.json").unlink()
    assert verify(moved, moved / "MANIFEST", by="--manifest").rules() == ["HUB902"]


def test_manifest_that_is_not_whole(tmp_path: Path) -> None:
    put_files(tmp_path / "data")
    assert run("manifest", "data", "-o", "whole", cwd=tmp_path).code == 0
    text = (tmp_path / "whole").read_bytes()
    lines = text.splitlines(keepends=True)
    bad = [text[:-1] + b"x", b"".join(lines[:-1]), b"".join(lines[:3] + lines[5:]), text + b"\n", text + lines[-1], b"", b"x",
           text.replace(b"README", b"../x"), text.replace(b"  README", b"  /README"), text[: len(text) // 2]]  # fmt: skip
    for content in bad:
        put(tmp_path / "bad", content)
        done = run("verify", "--manifest", "bad", "data", cwd=tmp_path)
        assert_complaint(done, "manifest")
    assert_complaint(run("verify", "--manifest", "gone", "data", cwd=tmp_path), "manifest")
    assert_complaint(run("manifest", "data", cwd=tmp_path), "-o FILE")
    assert_complaint(run("manifest", "gone", "-o", "x", cwd=tmp_path), "no such folder")
    assert_complaint(run("manifest", "whole", "-o", "x", cwd=tmp_path), "folder")
    assert not (tmp_path / "x").exists()


def test_file_that_changes_while_it_is_read(tmp_path: Path) -> None:
    """Files in /proc have size 0 but contents, as if they had grown while they were read."""
    put(tmp_path / "data/boot_id", b"")
    assert run("manifest", "data", "-o", "MANIFEST", cwd=tmp_path).code == 0
    (tmp_path / "folder").symlink_to("/proc/sys/kernel/random")
    seen = verify(tmp_path / "folder", tmp_path / "MANIFEST", by="--manifest")
    assert seen.messages("HUB906") == ["'boot_id': it changed while it was being read"] and seen.proof["proven"] == 0
    assert seen.done.code == 1


def test_a_recorded_file_that_is_a_link_fails(tmp_path: Path) -> None:
    put(tmp_path / "data/a", b"abc")
    put(tmp_path / "data/b", b"abcd")
    assert run("manifest", "data", "-o", "MANIFEST", cwd=tmp_path).code == 0
    (tmp_path / "data/a").rename(tmp_path / "moved")
    (tmp_path / "data/a").symlink_to(tmp_path / "moved")
    seen = verify(tmp_path / "data", tmp_path / "MANIFEST", by="--manifest")
    assert seen.done.code == 1 and seen.proof["proven"] == seen.proof["unread"] == 1
    assert seen.messages("HUB906") == ["'a': a link, which is not followed"]


# ---- records used by a check


def data_set(folder: Path) -> Path:
    write_rows(folder / "rows.json", [row("1", "a.jpg"), row("2", "b.jpg")])
    for name in ("a.jpg", "b.jpg"):
        put(folder / f"images/{name}", GOOD_JPEG.read_bytes() + name.encode())
    put(folder / "images.tar.gz", b"x" * 2000)
    files = {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}
    listed = {}
    for path, data in files.items():
        put(folder / f".cache/huggingface/download/{path}.metadata", f"{COMMIT}\n{sha256(data)}\n{time.time()}\n".encode())
        listed[path] = {"size": len(data), "blob_id": "0" * 40, "lfs_sha256": sha256(data), "lfs_size": len(data)}
    put(folder / f".cache/huggingface/trees/{COMMIT}.json", json.dumps({"format_version": 1, "files": listed}).encode())
    return folder


def check(folder: Path) -> tuple[Done, list[str]]:
    report = folder.parent / "check.json"
    done = run("check", folder, "--show", "info", "--report", report, "--force", cwd=folder.parent)
    findings = json.loads(report.read_bytes())["findings"]
    return done, [f"{f['rule']} {f['severity']} {f['message']}" for f in findings if f["rule"].startswith("HUB")]


def test_check_looks_at_records(tmp_path: Path) -> None:
    folder = data_set(tmp_path / "data")
    done, found = check(folder)
    assert done.code == 0 and found == []
    assert f"note: downloaded by huggingface_hub: commit {COMMIT[:12]}; 4 files are recorded" in done.err
    (folder / "images.tar.gz").unlink()  # unpacked and removed
    assert check(folder)[1] == []
    data = (folder / "images/a.jpg").read_bytes()
    change(folder / "images/a.jpg", data[:-9])
    done, found = check(folder)
    assert done.code == 1 and found == [f"HUB901 error 'images/a.jpg': {len(data) - 9} bytes, recorded {len(data)}"]
    os.utime(folder / "images/a.jpg", (time.time() + 100,) * 2)
    found = check(folder)[1]
    assert len(found) == 1 and found[0].startswith("HUB904 warning records of the download: 1 file modified since, such as 'images/a.jpg'")
    (folder / "images/a.jpg").unlink()
    put(folder / f".cache/huggingface/download/images/{brief('a.jpg.metadata')}.{sha256(data)}.incomplete", b"x")
    assert check(folder)[1] == ["HUB902 warning 'images/a.jpg': no such file"]
    (folder / ".cache/huggingface/download/images/a.jpg.metadata").unlink()
    assert check(folder)[1] == ["HUB903 warning 'images/a.jpg': huggingface_hub has a part of it"]
    again = check(folder)
    assert again[1] == ["HUB903 warning 'images/a.jpg': huggingface_hub has a part of it"]


def test_check_in_a_snapshot(tmp_path: Path) -> None:
    folder = data_set(tmp_path / "data")
    top = tmp_path / "datasets--me--demo"
    for path in ("rows.json", "images/a.jpg", "images/b.jpg"):
        data = (folder / path).read_bytes()
        put(top / "blobs" / sha256(data), data)
        link = top / "snapshots" / COMMIT / path
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(os.path.relpath(top / "blobs" / sha256(data), link.parent))
    done, found = check(top / "snapshots" / COMMIT)
    assert done.code == 0 and found == []
    assert f"note: downloaded by huggingface_hub: datasets/me/demo, commit {COMMIT[:12]}; 3 files are recorded" in done.err


def test_names_in_a_deep_folder_are_not_looked_for_without_end(tmp_path: Path) -> None:
    """60 folders for each of a million names took hours: all folders are tried only for 64 names."""
    data = tmp_path / "data"
    deep = "d/" * 20
    put(data / "found", b"x")
    names = [f"{n}" for n in range(100)]
    lines = [f"{sha256(b'x')}  {name}\n" for name in ["found", *names[:80], "found"]]
    put(data / deep / "SHA256SUMS", "".join(lines).encode())
    found = verify(data)
    assert found.proof["proven"] == 1  # the first one's folder is tried for all
    assert found.proof["missing"] == 80
    put(data / deep / "SHA256SUMS", "".join(lines[1:]).encode())
    assert verify(data).proof["missing"] == 81
