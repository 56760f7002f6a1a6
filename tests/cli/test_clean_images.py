"""clean --copy-images and --link-images: the images of kept rows under a new root, never anywhere else."""

from __future__ import annotations

import json
import os
import random
import re
import resource
import shutil
import signal
import subprocess
import time
from pathlib import Path
from typing import Callable

import pytest
import xxhash
from program import DEMO, GOOD_JPEG, GOOD_PNG, TIMEOUT_S, Done, assert_complaint, copy_fixture, environment, files_of, program, row, run, write_rows
from test_clean import SANITIZED, bytes_of, read_result, rows_in

KILLS = 4 if SANITIZED else 10
KINDS = ["copy", "symbolic", "hard"]
JPEG = GOOD_JPEG.read_bytes()


def options(kind: str, folder: str) -> list[str]:
    return ["--copy-images", folder] if kind == "copy" else ["--link-images", folder, "--link", kind]


def clean(*arguments: str, cwd: Path) -> Done:
    done = run("clean", *arguments, "--no-index", cwd=cwd)
    assert done.code == 0, done
    return done


def variants(count: int) -> list[bytes]:
    """Make JPEGs that differ only after their end, which is not a fault."""
    return [JPEG + f"{i:06}".encode() for i in range(count)]


def make_set(folder: Path, names: list[str | bytes], **more: object) -> Path:
    """Make a data set in raw/ with an image for each name in images/."""
    for name, data in zip(names, variants(len(names))):
        path = os.path.join(os.fsencode(folder / "images"), os.fsencode(name))
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(data)
    write_rows(folder / "raw/rows.json", [row(i, os.fsdecode(name), **more) for i, name in enumerate(names)])
    return folder


ROOT = ["raw", "--images", "images", "-o", "out.json"]


def tree(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


@pytest.fixture(name="demo")
def made_demo(tmp_path: Path) -> Path:
    copy_fixture(DEMO, tmp_path / "demo")
    return tmp_path


# ---- what is put where


@pytest.mark.parametrize("kind", KINDS)
def test_the_images_of_the_kept_rows_and_no_others(kind: str, demo: Path) -> None:
    before = files_of(demo / "demo")
    done = clean("demo", "-o", "out.json", *options(kind, "new"), cwd=demo)
    named = {r.value["image"] for r in rows_in(demo / "out.json") if r.value.get("image")}
    assert len(named) == 24
    assert tree(demo / "new") == {name: (demo / "demo/images" / name).read_bytes() for name in named}
    assert files_of(demo / "demo") == before
    assert re.search(r"\n  images    24 (copied to|linked in|linked \(hard\) in) new: 222\.1 kB, each verified\n", done.out.decode())
    images = read_result(demo / "out.json").report["images"]
    assert images == {"how": kind, "placed": 24, "bytes": 222149, "missing": 0, "outside": 0, "videos_left": 0}
    again = run("out.json", "--images", "new", "--no-index", cwd=demo)
    assert again.code == 0 and b"24 images" in again.out
    assert b"llava-check out.json --images new --trainer llava-next" in done.out


def test_what_the_kinds_of_links_are(tmp_path: Path) -> None:
    make_set(tmp_path, ["a.jpg", "deep/er/b.jpg"])
    (tmp_path / "images/c.jpg").symlink_to("deep/er/b.jpg")
    write_rows(tmp_path / "raw/rows.json", [row(i, name) for i, name in enumerate(["a.jpg", "deep/er/b.jpg", "c.jpg"])])
    for kind in ("copy", "symbolic", "hard"):
        clean(*ROOT, "--force", *options(kind, kind), cwd=tmp_path)
    names = ["a.jpg", "c.jpg", "deep/er/b.jpg"]
    for name in names:
        source = tmp_path / "images" / name
        assert os.readlink(tmp_path / "symbolic" / name) == str(tmp_path.resolve() / "images" / name)
        assert os.path.samefile(tmp_path / "hard" / name, source) and not (tmp_path / "hard" / name).is_symlink()
        copy = (tmp_path / "copy" / name).lstat()
        assert copy.st_nlink == 1 and copy.st_ino != source.stat().st_ino and copy.st_mode & 0o7777 == 0o666 & ~umask()


def umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def test_reflinks_work_or_say_what_to_do(tmp_path: Path) -> None:
    make_set(tmp_path, ["a.jpg"])
    done = run("clean", *ROOT, "--no-index", *options("reflink", "new"), cwd=tmp_path)
    if done.code:
        assert_complaint(done, "new: a.jpg: the file system cannot share blocks", "--copy-images")
        assert not (tmp_path / "out.json").exists() and tree(tmp_path / "new") == {}
    else:
        assert tree(tmp_path / "new") == tree(tmp_path / "images")


def test_a_hard_link_to_another_file_system(tmp_path: Path) -> None:
    make_set(tmp_path, ["a.jpg"])
    elsewhere = Path("/dev/shm") / f"llava-check-{os.getpid()}"
    assert os.stat("/dev/shm").st_dev != os.stat(tmp_path).st_dev
    try:
        done = run("clean", *ROOT, "--no-index", *options("hard", str(elsewhere)), cwd=tmp_path)
        assert_complaint(done, "a.jpg: is on another file system", "--link symbolic")
        assert not elsewhere.exists() and not (tmp_path / "out.json").exists()
        clean(*ROOT, *options("symbolic", str(elsewhere)), cwd=tmp_path)
        assert tree(elsewhere) == tree(tmp_path / "images")
    finally:
        shutil.rmtree(elsewhere, ignore_errors=True)


def test_a_sample_has_its_own_images_alone(tmp_path: Path) -> None:
    make_set(tmp_path, [f"{i % 7}/{i}.jpg" for i in range(40)])
    clean(*ROOT, "--sample", "9", "--copy-images", "new", cwd=tmp_path)
    assert set(tree(tmp_path / "new")) == {r.value["image"] for r in rows_in(tmp_path / "out.json")}
    assert len(tree(tmp_path / "new")) == 9


def test_images_of_parts_are_together(tmp_path: Path) -> None:
    make_set(tmp_path, [f"{i}.jpg" for i in range(20)])
    clean(*ROOT, "--split", "a=0.5,b=0.5", "--copy-images", "new", cwd=tmp_path)
    assert tree(tmp_path / "new") == tree(tmp_path / "images")


def test_roots_of_their_own_are_below_the_new_one(tmp_path: Path) -> None:
    """Roots from a registry keep their relative positions."""
    for i, name in enumerate(["coco", "gqa"]):
        (tmp_path / "pics" / name).mkdir(parents=True)
        (tmp_path / "pics" / name / "a.jpg").write_bytes(variants(2)[i])
        write_rows(tmp_path / f"ann/{name}.jsonl", [row(i, "a.jpg")])
    (tmp_path / "meta.json").write_text(json.dumps({name: {
        "root": f"pics/{name}/", "annotation": f"ann/{name}.jsonl", "data_augment": False, "repeat_time": 1, "length": 1,
    } for name in ("coco", "gqa")}))  # fmt: skip
    clean("meta.json", "-o", "out/", "--for", "internvl", "--copy-images", "out/pics", cwd=tmp_path)
    assert tree(tmp_path / "out/pics") == {f"{name}/a.jpg": variants(2)[i] for i, name in enumerate(["coco", "gqa"])}


def test_what_is_left_is_counted(tmp_path: Path) -> None:
    make_set(tmp_path, ["a.jpg"])
    (tmp_path / "images/v.mp4").write_bytes(b"\0\0\0\x18ftypmp42")
    video = row("v", None)
    video["video"] = "v.mp4"
    video["conversations"][0]["value"] = "<video>\nWhat is it?"
    outside = str(tmp_path / "images/a.jpg")
    rows = [row("a", "a.jpg"), row("gone", "gone.jpg"), row("out", outside), row("up", "../images/a.jpg"), video]
    write_rows(tmp_path / "raw/rows.json", rows)
    done = clean(*ROOT, "--for", "qwen-vl", "--drop", "ROW210", "--videos", "images", "--allow-outside", "--copy-images", "new",
                 cwd=tmp_path)
    assert "1 not: missing, or not readable" in done.out.decode()
    assert "2 not: their paths lead out of the image root" in done.out.decode()
    assert "1 video not: clean copies only images" in done.out.decode()
    assert tree(tmp_path / "new") == {"a.jpg": variants(1)[0]}
    report = read_result(tmp_path / "out.json").report
    assert report["rows"]["kept"] == 5 and report["images"]["outside"] == 2 and report["images"]["videos_left"] == 1


@pytest.mark.parametrize("threads", ["1", "8"])
def test_many_folders_and_threads(threads: str, tmp_path: Path) -> None:
    rng = random.Random(5)
    names = sorted({"/".join(rng.choices(["a", "b", "cc", "d d"], k=rng.randint(0, 5)) + [f"{i}.jpg"]) for i in range(600)})
    make_set(tmp_path, list(names))
    clean(*ROOT, "--threads", threads, "--copy-images", "new", cwd=tmp_path)
    assert tree(tmp_path / "new") == tree(tmp_path / "images") and len(names) == 600


# ---- untrusted names

HOSTILE: list[str | bytes] = [
    "new\nline.jpg", "-rf.jpg", "$(touch x).jpg", "a b\t.jpg", "\x1b[31mred.jpg", "ü\u202egpj.exe.jpg", "...jpg", "..a/..b.jpg",
    "~/.ssh.jpg", "%s%n.jpg", "x" * 251 + ".jpg", "/".join(["d" * 200] * 15) + "/deep.jpg", ".llava-check-0.jpg", "CON.jpg", " .jpg",
]  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_hostile_names(kind: str, tmp_path: Path) -> None:
    make_set(tmp_path, HOSTILE)
    write_rows(tmp_path / "raw/rows.json", [row(i, name) for i, name in enumerate([*HOSTILE, "./-rf.jpg", "..a//..b.jpg", "..a/./..b.jpg"])])
    clean(*ROOT, *options(kind, "new"), cwd=tmp_path)
    assert tree(tmp_path / "new") == tree(tmp_path / "images")
    assert read_result(tmp_path / "out.json").report["images"]["placed"] == len(HOSTILE) + 3
    assert {p.name for p in tmp_path.iterdir()} == {"images", "raw", "new", "cache", *(f"out.json{s}" for s in (
        "", ".dropped.jsonl", ".refetch.txt", ".report.json"))} - ({"cache"} if not (tmp_path / "cache").exists() else set())


@pytest.mark.parametrize("kind", KINDS)
def test_no_link_leads_out_of_the_new_root(kind: str, tmp_path: Path) -> None:
    make_set(tmp_path, ["a.jpg", "sub/b.jpg"])
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "new").mkdir()
    for name, target in {"a.jpg": "../elsewhere/a.jpg", "sub": "../elsewhere"}.items():
        (tmp_path / "new" / name).symlink_to(target)
        done = run("clean", *ROOT, "--no-index", *options(kind, "new"), cwd=tmp_path)
        assert_complaint(done, "new: ", "link")
        assert list((tmp_path / "elsewhere").iterdir()) == [] and not (tmp_path / "out.json").exists()
        (tmp_path / "new" / name).unlink()
        shutil.rmtree(tmp_path / "new")
        (tmp_path / "new").mkdir()
    (tmp_path / "way").symlink_to("new")  # a link that the user names is a folder
    clean(*ROOT, *options(kind, "way"), cwd=tmp_path)
    assert tree(tmp_path / "new") == tree(tmp_path / "images")


@pytest.mark.parametrize("where", ["raw", "raw/new", "images", "images/new", "images/../images", "link/new"])
def test_not_into_the_data(where: str, tmp_path: Path) -> None:
    make_set(tmp_path, ["a.jpg"])
    (tmp_path / "link").symlink_to("images")
    before = files_of(tmp_path)
    done = run("clean", *ROOT, "--no-index", "--copy-images", where, cwd=tmp_path)
    assert_complaint(done, f"{where}: is inside the", "which is never written into")
    assert files_of(tmp_path) == before


# ---- nothing is replaced, nothing is lost


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_that_is_there_is_kept_or_refused(kind: str, tmp_path: Path) -> None:
    make_set(tmp_path, ["a.jpg", "b.jpg"])
    (tmp_path / "new").mkdir()
    shutil.copy(tmp_path / "images/a.jpg", tmp_path / "new/a.jpg")
    inode = (tmp_path / "new/a.jpg").stat().st_ino
    done = clean(*ROOT, *options(kind, "new"), cwd=tmp_path)
    assert "1 of them was there already" in done.out.decode()
    assert (tmp_path / "new/a.jpg").stat().st_ino == inode
    done = clean(*ROOT, "--force", *options(kind, "new"), cwd=tmp_path)
    assert "2 of them were there already" in done.out.decode()
    before = (tmp_path / "out.json").read_bytes()
    other = variants(3)[2]
    (tmp_path / "new/a.jpg").write_bytes(other)
    for _ in range(2):
        done = run("clean", *ROOT, "--force", "--no-index", *options(kind, "new"), cwd=tmp_path)
        assert_complaint(done, "new: a.jpg: a different file exists there and is never replaced")
        assert (tmp_path / "new/a.jpg").read_bytes() == other and (tmp_path / "out.json").read_bytes() == before
        other = b"short"
        (tmp_path / "new/a.jpg").write_bytes(other)
    (tmp_path / "new/a.jpg").unlink()
    (tmp_path / "new/a.jpg").mkdir()
    done = run("clean", *ROOT, "--force", "--no-index", *options(kind, "new"), cwd=tmp_path)
    assert_complaint(done, "a folder or device exists there")


def limited(size: int) -> Callable[[], None]:
    def limit() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

    return limit


def test_a_full_disk(tmp_path: Path) -> None:
    make_set(tmp_path, ["a.jpg", "b.jpg"])
    with (tmp_path / "images/b.jpg").open("ab") as file:
        file.write(bytes(3000000))
    run("raw", "--images", "images", "-q", cwd=tmp_path)
    done = run("clean", *ROOT, "--copy-images", "new", "-q", cwd=tmp_path, preexec_fn=limited(2000000))
    assert_complaint(done, "new: b.jpg: write the image: File too large")
    assert set(tree(tmp_path / "new")) <= {"a.jpg"} and not (tmp_path / "out.json").exists()


def test_a_kill_leaves_whole_files_and_the_next_run_goes_on(tmp_path: Path) -> None:
    make_set(tmp_path, [f"{i // 100}/{i}.jpg" for i in range(1500)])
    whole = tree(tmp_path / "images")
    assert run("raw", "--images", "images", "-q", cwd=tmp_path).code == 0
    command = [program(), "clean", *ROOT, "--force", "-q", "--copy-images", "new"]
    folders, cut = sorted(str(i) for i in range(15)), 0
    for number, folder in enumerate(folders * 2):  # on a busy machine, some end before they are killed
        if number >= KILLS and cut > KILLS / 3:
            break
        process = subprocess.Popen(command, cwd=tmp_path, env=environment(tmp_path))
        deadline = time.monotonic() + 120
        while process.poll() is None and not (tmp_path / "new" / folder).exists():
            assert time.monotonic() < deadline
        process.send_signal(signal.SIGKILL)
        process.wait(timeout=TIMEOUT_S)
        there = tree(tmp_path / "new")
        cut += len(there) < len(whole)
        assert there.items() <= whole.items()
        assert not (tmp_path / "out.json").exists() or there == whole
        for left in tmp_path.glob("out.json*"):
            left.unlink()
        if len(there) == len(whole):
            shutil.rmtree(tmp_path / "new")
    assert cut > KILLS / 3
    assert run(*command[1:], cwd=tmp_path).code == 0
    assert tree(tmp_path / "new") == whole
    assert [bytes_of(d) for d in read_result(tmp_path / "out.json").dropped] == []


@pytest.mark.parametrize("given, said", [
    (["--copy-images", "x", "--link-images", "y"], "cannot be combined"),
    (["--link", "hard"], "--link has no effect without --link-images"),
    (["--copy-images", "x", "--link", "hard"], "--link has no effect without --link-images"),
    (["--link-images", "x", "--link", "soft"], "--link"),
    (["--copy-images", "file"], "file: is not a folder"),
    (["--copy-images", "no/new"], "no/new: cannot create the folder"),
])  # fmt: skip
def test_wrong_options(given: list[str], said: str, tmp_path: Path) -> None:
    make_set(tmp_path, ["a.jpg"])
    (tmp_path / "file").write_text("")
    assert_complaint(run("clean", *ROOT, "--no-index", *given, cwd=tmp_path), said)
    assert sorted(p.name for p in tmp_path.iterdir() if p.name.startswith(("out", "x", "y"))) == []


def test_progress_has_the_stage(tmp_path: Path) -> None:
    make_set(tmp_path, [f"{i}.jpg" for i in range(30)])
    done = clean(*ROOT, "--copy-images", "new", "--progress", "json", cwd=tmp_path)
    stages = [json.loads(line) for line in done.err.splitlines() if line.startswith("{")]
    last = [s for s in stages if s["stage"] == "copy"][-1]
    assert last["done"] == last["total"] == 30 and last["unit"] == "images"
    assert last["bytes"] == sum(len(data) for data in variants(30))


def test_hashes_are_those_of_the_index(tmp_path: Path) -> None:
    make_set(tmp_path, ["a.jpg", "b/c.jpg"])
    shutil.copy(GOOD_PNG, tmp_path / "images/a.jpg")
    clean(*ROOT, "--copy-images", "new", cwd=tmp_path)
    assert {xxhash.xxh3_128_hexdigest(data) for data in tree(tmp_path / "new").values()} == {
        xxhash.xxh3_128_hexdigest(data) for data in tree(tmp_path / "images").values()}
