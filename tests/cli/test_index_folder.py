"""The files of an index folder: no file that has another name, or belongs to the user, is written.

An archive can contain a folder .llava-check with anything in it; a folder named with --index may
have files of the user with the same names as ours.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
from pathlib import Path
from typing import Any, Callable

import pytest
from forge import edited, forge, seal, unseal
from hostile import odd_names
from program import (
    GOOD_JPEG, NOBODY, assert_complaint, environment, files_of, make_small, row, run, unprivileged, write_rows,
)  # fmt: skip
from snapshot import changes, snapshot

INDEX = ".llava-check"
MAPS_ITSELF = os.environ.get("LC_SANITIZE") == "thread"  # with a temporary file, when a program starts
MINE = b"nobody writes here\n"
IN_PLACE = ["lock", "journal"]  # written in place
NAMES = [*IN_PLACE, "index.mdb", "index.mdb.part"]
UNUSED = ["index.mdb.part-lock", "index.mdb-lock", "CACHEDIR.TAG", ".gitignore", "data.mdb"]  # in a folder that exists

# ---- what a name may refer to ----


def to_file(path: Path, outside: Path) -> None:
    path.symlink_to(outside / "file")


def to_nothing(path: Path, outside: Path) -> None:
    path.symlink_to(outside / "new")


def to_folder(path: Path, outside: Path) -> None:
    path.symlink_to(outside / "folder")


def to_itself(path: Path, outside: Path) -> None:
    path.symlink_to(path.name)


def to_device(path: Path, outside: Path) -> None:
    path.symlink_to("/dev/full")


def second_name(path: Path, outside: Path) -> None:
    os.link(outside / "file", path)


def second_name_of_link(path: Path, outside: Path) -> None:
    (outside / "link").symlink_to("file")
    os.link(outside / "link", path, follow_symlinks=False)


def fifo(path: Path, outside: Path) -> None:
    os.mkfifo(path)


def unix_socket(path: Path, outside: Path) -> None:
    back = os.getcwd()
    os.chdir(path.parent)  # paths of sockets must be short
    with socket.socket(socket.AF_UNIX) as unix:
        unix.bind(path.name)
    os.chdir(back)


def empty_folder(path: Path, outside: Path) -> None:
    path.mkdir()


Make = Callable[[Path, Path], None]
TRICKS: list[Make] = [to_file, to_nothing, to_folder, to_itself, to_device, second_name, second_name_of_link, fifo,
                      unix_socket, empty_folder]  # fmt: skip
TRICK_COUNT = 10


@pytest.fixture(name="world")
def made_world(tmp_path: Path) -> Path:
    """Make a data set, and beside it what must not be touched."""
    make_small(tmp_path / "set")
    (tmp_path / "outside/folder").mkdir(parents=True)
    (tmp_path / "outside/file").write_bytes(MINE)
    return tmp_path


def removed(said: str) -> list[str]:
    """Return the names that a run reported as removed."""
    return [line.split("'")[1] for line in said.splitlines() if line.startswith("note: removed '")]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("make", TRICKS)
@pytest.mark.parametrize("target", ["set", "set/rows.json"])
def test_what_came_with_the_data_is_not_written_through(target: str, make: Make, name: str, world: Path) -> None:
    """The name is removed, with a note; its target stays, and the run continues normally."""
    folder = world / "set" / INDEX / ("" if target == "set" else "rows.json")
    folder.mkdir(parents=True)
    make(folder / name, world / "outside")
    before = snapshot(world, index=world / "set" / INDEX)
    plain = run(target, "--no-index", "--isolated", "-f", "json", cwd=world)
    done = run(target, "-f", "json", cwd=world, timeout=20)
    # a second name is harmless if the file is only replaced
    assert removed(done.err) == ([] if make is second_name and name not in IN_PLACE else [name])
    assert (done.code, done.out) == (plain.code, plain.out)
    assert changes(before, snapshot(world, index=world / "set" / INDEX)) == []
    assert sorted(path.name for path in folder.iterdir()) == ["index.mdb", "lock"]
    assert run("index", "check", target, cwd=world).code == 0
    again = run(target, "-f", "json", cwd=world)
    assert (again.code, again.out, removed(again.err)) == (plain.code, plain.out, [])
    assert len(TRICKS) == TRICK_COUNT


@pytest.mark.parametrize("make", TRICKS)
def test_other_names_are_not_touched(make: Make, world: Path) -> None:
    (world / "set" / INDEX).mkdir()
    for number, name in enumerate(UNUSED):
        outside = world / f"outside{number}"
        shutil.copytree(world / "outside", outside)
        make(world / "set" / INDEX / name, outside)
    before = snapshot(world)
    assert run("set", "-q", cwd=world).code == 0
    kept = {path: seen for path, seen in snapshot(world).items() if path in before}
    ignored = str(world / "set" / INDEX)
    assert [line for line in changes(before, kept) if not line.startswith(f"changed: {ignored}: ")] == []


@pytest.mark.parametrize("name", NAMES)
def test_a_folder_that_holds_something(name: str, world: Path) -> None:
    """It is not emptied: only its owner should do that."""
    (world / "set" / INDEX / name / "below").mkdir(parents=True)
    done = run("set", cwd=world)
    assert_complaint(done, f"set: its file '{name}' is a folder, and cannot be removed: Directory not empty")
    assert (world / "set" / INDEX / name / "below").is_dir()
    assert run("set", "--index", "mine", cwd=world).code == 0


@pytest.mark.parametrize("make", [to_file, to_nothing, to_folder, second_name, fifo, unix_socket])
@pytest.mark.parametrize("name", [INDEX, f"{INDEX}/rows.json"])
def test_a_folder_that_is_none(name: str, make: Make, world: Path) -> None:
    (world / "set" / name).parent.mkdir(exist_ok=True)
    make(world / "set" / name, world / "outside")
    before = snapshot(world)
    for target in ["set/rows.json", *(["set"] if name == INDEX else [])]:
        for command in (["check"], ["report"], ["verify"]):
            done = run(*command, target, cwd=world, timeout=20)
            assert_complaint(done, f"{target}: its ", f"{INDEX} is or contains a ", "--index")
    assert changes(before, snapshot(world)) == []


# ---- folders that are named ----


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("make", TRICKS)
@pytest.mark.parametrize("options", [[], ["--recheck"]])
def test_nothing_is_removed_from_a_folder_that_was_named(options: list[str], make: Make, name: str, world: Path) -> None:
    (world / "mine").mkdir()
    make(world / "mine" / name, world / "outside")
    before = snapshot(world)
    done = run("set", "--index", "mine", *options, cwd=world, timeout=20)
    assert_complaint(done, f"mine: its file '{name}' ", "remove it, or name another folder with --index")
    assert changes(before, snapshot(world)) == []


THEIRS = {
    "text": b"Dear diary\n",
    "a process": b"4711\n",  # as other programs lock
    "a database": b"\0" * 8 + b"SQLite format 3\0" * 20,
    "another LMDB": b"\0" * 16 + b"\xde\xc0\xef\xbe" + bytes(8172),
}


@pytest.mark.parametrize("kind", THEIRS)
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("options", [[], ["--recheck"], ["--no-images"], ["--index-mode", "content"]])
def test_files_of_the_users_are_not_replaced(options: list[str], name: str, kind: str, world: Path) -> None:
    if (kind, name) == ("another LMDB", "index.mdb.part"):
        return  # an unfinished index looks like this
    (world / "mine").mkdir()
    (world / "mine" / name).write_bytes(THEIRS[kind])
    before = snapshot(world)
    done = run("set", "--index", "mine", *options, cwd=world)
    assert_complaint(done, f"mine: its file '{name}' was not written by llava-check; remove it, or name another folder")
    assert changes(before, snapshot(world)) == []


def test_files_that_are_ours(world: Path) -> None:
    """Files of a finished run, of one that was stopped, and what a crash may leave of them, are ours."""
    (world / "mine").mkdir()
    for left in ({}, {"index.mdb.part": THEIRS["another LMDB"]}, {"journal": b"LCJ1 of an old version"},
                 {"journal": bytes(4096), "lock": b"", "index.mdb.part": b""}, {"index.mdb.part": bytes(8192)}):
        for name, content in left.items():
            (world / "mine" / name).write_bytes(content)
        assert run("set", "-q", "--index", "mine", cwd=world).code == 0, left
        assert sorted(path.name for path in (world / "mine").iterdir()) == ["index.mdb", "lock"]
    assert (world / "mine/lock").read_bytes().startswith(b"llava-check ")


@pytest.mark.parametrize("name", NAMES)
def test_a_folder_that_we_made_is_ours(name: str, world: Path) -> None:
    """In such a folder, files with any contents may be damaged, and are rewritten."""
    assert run("set", "-q", "--index", "made", cwd=world).code == 0
    assert (world / "made/CACHEDIR.TAG").is_file()
    (world / "made" / name).write_bytes(b"damaged\n" * 100)
    assert run("set", "-q", "--index", "made", cwd=world).code == 0
    assert run("index", "check", "made", cwd=world).code == 0


def test_a_tag_of_others_is_not_ours(world: Path) -> None:
    (world / "mine").mkdir()
    (world / "mine/CACHEDIR.TAG").write_text("Signature: 8a477f597d28d172789f06886806bc55\n# Made by cargo\n")
    (world / "mine/journal").write_bytes(MINE)
    assert_complaint(run("set", "--index", "mine", cwd=world), "mine: its file 'journal' was not written by llava-check")


def test_folders_with_hard_links(world: Path) -> None:
    """`cp -al` makes a copy that shares its files with the original: a run gives it its own files."""
    assert run("set", "-q", cwd=world).code == 0
    shutil.copytree(world / "set", world / "copy", copy_function=os.link)
    before = files_of(world / "set")
    done = run("copy", cwd=world)
    assert done.code == 0 and removed(done.err) == ["lock"]
    assert files_of(world / "set") == before
    assert run("set", "-q", cwd=world).code == 0


# ---- everything at once ----


SETTINGS = """\
report: ["text:../home/.bashrc", "concise:../home/new.sh", json:rows.json, html:images/page.html]
index: ../home
baseline: ../home/notes.txt
ignore: [all]
severity: {IMG: info, ROW: off}
per-folder-ignores: {"**": [all]}
exit-zero: true
allow-outside: true
no-images: true
force: true
"""


def links_for_index(index: Path, home: Path) -> None:
    """Make links with our names to files of the user."""
    os.link(home / ".bashrc", index / "journal")
    (index / "lock").symlink_to(home / ".profile")
    (index / "index.mdb").symlink_to(home / "notes.txt")
    os.link(home / ".netrc", index / "index.mdb.part")
    (index / "index.mdb.part-lock").symlink_to(home / "new")
    (index / "CACHEDIR.TAG").symlink_to(home / ".config/settings")
    os.link(home / "notes.txt", index / ".gitignore")


def forged_index(index: Path, home: Path) -> None:
    """Make a resealed index for this place, without findings, and with counts of rows that do not exist."""
    def forget(transaction: Any, table: Any) -> None:
        transaction.drop(table, delete=False)

    stranger = {**environment(home), "XDG_STATE_HOME": str(index.parent.parent / "stranger")}
    assert run(index.parent, "-q", "--isolated", cwd=home, env=stranger).code == 1
    edited(index / "index.mdb", index / "other", "findings", forget)
    shutil.move(index / "other/index.mdb", index / "index.mdb")
    (index / "other").rmdir()
    forge(index / "index.mdb")
    shutil.copy(index / "index.mdb", index / "index.mdb.part")
    os.link(home / ".bashrc", index / "journal")


def broken_index(index: Path, home: Path) -> None:
    """Make a resealed index whose pages refer to offsets outside of the file: LMDB would crash."""
    forged_index(index, home)
    file = index / "index.mdb"
    unseal(file)
    data = bytearray(file.read_bytes())
    pages = range(2 * 4096, len(data), 4096)
    for page in pages:  # the offsets of its nodes
        data[page + 16 : page + 32] = b"\xff\x0f" * 8
    file.write_bytes(data)
    seal(file)
    assert len(pages) > 8


INDEXES = [links_for_index, forged_index, broken_index]


def make_trap(top: Path, make_index: Callable[[Path, Path], None]) -> Path:
    """Make a data set that uses every known trick, and its targets."""
    home, work = top / "home", top / "work"
    for folder in (home, home / ".config", work, top / "tmp", top / "data" / INDEX):
        folder.mkdir(parents=True)
    for name in (".bashrc", ".profile", ".netrc", "notes.txt", ".config/settings"):
        (home / name).write_bytes(MINE + name.encode())
    (work / "Makefile").write_bytes(b"all:\n")
    data = make_small(top / "data/raw") and top / "data"
    shutil.move(data / "raw/rows.json", data / "rows.json")
    shutil.move(data / "raw/images", data / "images")
    (data / "raw").rmdir()
    for name, target in {"bashrc.jpg": home / ".bashrc", "new.jpg": home / "new", "fifo.jpg": data / "fifo"}.items():
        (data / "images" / name).symlink_to(target)
    os.mkfifo(data / "fifo")
    os.mkfifo(data / "fifo.json")
    (data / "netrc.jsonl").symlink_to(home / ".netrc")
    rows = json.loads((data / "rows.json").read_text())
    good = GOOD_JPEG.read_bytes()
    odd = {**odd_names(good), "##[error]x.jpg": good, "damaged.jpg": damage(good), "half.jpg": good[: len(good) // 2]}
    for name, content in odd.items():
        (data / "images" / name).parent.mkdir(parents=True, exist_ok=True)
        (data / "images" / name).write_bytes(content)
    rows += [row("::error::x", name) for name in odd]
    (data / "mark.json").write_bytes(b"\xef\xbb\xbf[]")
    (data / "lines.jsonl").write_bytes(b'{"id": 1}\r\n\n{"id": "\\ud800", "id": 2}\x1b[2J\r')
    names = ["bashrc.jpg", "new.jpg", "fifo.jpg", str(home / ".netrc"), "../../home/.bashrc", "gone.jpg", "late.jpg", "early.jpg"]
    write_rows(data / "rows.json", [*rows, *(row(name, name) for name in names)])
    for name, seconds in {"late.jpg": 10_413_792_000, "early.jpg": -11_676_096_000}.items():
        shutil.copy(GOOD_JPEG, data / "images" / name)
        os.utime(data / "images" / name, (seconds, seconds))
    (data / "llava-check.yaml").write_text(SETTINGS)
    (top / "llava-check.yaml").write_text(SETTINGS)
    make_index(data / INDEX, home)
    return data


def damage(jpeg: bytes) -> bytes:
    """Change bytes of the scan: the rest of the picture differs, but Pillow loads it."""
    scan = jpeg.index(b"\xff\xda")
    at = scan + (len(jpeg) - scan) // 2
    return jpeg[:at] + bytes(30) + jpeg[at + 30 :]


@pytest.mark.parametrize("who", ["who runs the tests", "an ordinary user"])
@pytest.mark.parametrize("make_index", INDEXES)
@pytest.mark.parametrize("where", ["data", ".", "{top}/data"])
def test_a_data_set_of_traps(where: str, make_index: Callable[[Path, Path], None], who: str, open_folder: Path) -> None:
    """It is judged as without its index, and nothing around it is created or changed."""
    top = open_folder / "top"
    data = make_trap(top, make_index)
    if where == "data":  # the user works in this folder, and owns it
        (top / "llava-check.yaml").unlink()
    how: dict[str, Any] = {}
    env = {**environment(top), "HOME": str(top / "home"), "TMPDIR": str(top / "tmp")}
    env = {name: value for name, value in env.items() if not name.startswith("XDG_")}
    if who == "an ordinary user":
        user = unprivileged(open_folder)
        # its key is in its home, too
        before = [word for word in user.before if not word.startswith("XDG_STATE_HOME=")]
        how = {"executable": user.executable, "before": before}
    if how.get("before"):
        for path in [top, *top.rglob("*")]:
            os.lchown(path, NOBODY, NOBODY)
    cwd = data if where == "." else top if where == "data" else top / "work"
    path = where.format(top=top)
    make_small(top / "other")
    run(top / "other", "--isolated", "--index", top / "other-index", "-q", cwd=cwd, env=env, **how)  # makes the user's key
    assert (top / "home/.local/state/llava-check/key").is_file()
    plain = run(path, "--isolated", "--no-index", "-f", "json", cwd=cwd, env=env, timeout=30, **how)
    rules = {finding["rule"] for finding in json.loads(plain.out)["findings"]}
    assert plain.code == 1 and {"IMG502", "IMG507", "IMG509", "JSN101"} <= rules, rules
    taken = snapshot(open_folder, index=data / INDEX)

    def changed(temporary: bool = False) -> list[str]:
        """Return what has changed, except for the times of the temporary folder if it is used."""
        lines = changes(taken, snapshot(open_folder, index=data / INDEX))
        return [line for line in lines if not (temporary or MAPS_ITSELF) or f"changed: {top}/tmp: " not in line]

    for options in ([], [], ["--recheck"], ["-j", "1", "--index-mode", "content"]):
        done = run(path, *options, "-f", "json", cwd=cwd, env=env, timeout=30, **how)
        assert (done.code, done.out) == (plain.code, plain.out), done.err
        assert changed() == []
    for command in (["report"], ["index", "check"], ["index", "stats"], ["verify"]):
        done = run(*command, path, cwd=cwd, env=env, timeout=30, **how)
        assert done.code in (0, 1), done
        # the index of verify is a file in the folder for temporary files, until it ends
        assert changed(temporary=command == ["verify"]) == []
