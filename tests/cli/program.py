"""How the tests of this folder run the program, and the small data sets that they make.

LLAVA_CHECK is the path of the built program. Tests run it in scratch folders only.
"""

from __future__ import annotations

import json
import os
import random
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Iterator, NamedTuple, Sequence

REPOSITORY = Path(__file__).resolve().parents[2]
sys.path.append(str(REPOSITORY / "tests/runner"))

import runner  # noqa: E402  (its folder is not a package)

FIXTURES = REPOSITORY / "fixtures"
DEMO = FIXTURES / "demo"
GOOD_JPEG = DEMO / "images/coco/train2017/000000033471.jpg"
GOOD_PNG = DEMO / "images/ai2d/images/1017.png"
TRAINERS = re.findall(
    r'^LC_TRAINER\(\w+, "(.+?)"', (REPOSITORY / "src/rules/trainers.def").read_text(encoding="utf-8"), re.M
)
READERS_OF_SHARDS = ("webdataset", "energon")  # these read no rows files
READS_LLAVA = [  # all others refuse LLaVA's rows
    name for name in TRAINERS
    if "LC_DIALECT(llava, ROWS" not in
    (REPOSITORY / "src/rules/effects" / (name.replace("-", "_").replace(".", "") + ".def")).read_text(encoding="utf-8")
]  # fmt: skip
TIMEOUT_S = 60 * runner.SLOWNESS
NOBODY = 65534


class Done(NamedTuple):
    """A finished run."""

    code: int
    out: bytes
    err: str


def program() -> Path:
    path = os.environ.get("LLAVA_CHECK")
    assert path, "set LLAVA_CHECK to the path of the built program"
    return Path(path).resolve()


def environment(home: Path) -> dict[str, str]:
    """Return the caller's environment without variables that change output; caches go below home."""
    unwanted = {"NO_COLOR", "TERM", "COLUMNS"}
    kept = {k: v for k, v in os.environ.items() if k not in unwanted}
    return {**kept, "LC_ALL": "C", "TZ": "UTC", "XDG_CACHE_HOME": str(home / "cache")}


def run(
    *arguments: str | Path | bytes,
    cwd: Path,
    before: Sequence[str] = (),
    executable: Path | None = None,
    timeout: float = 60,
    **more: Any,
) -> Done:
    """Run the program; before is a command to put in front, such as setpriv.

    An ordinary run is not started as a program, but is a child of a runner process.
    """
    if not before and not executable and set(more) <= {"env"}:
        ended = runner.run([program(), *arguments], cwd, more.get("env") or environment(cwd), timeout)
        return Done(ended.returncode, ended.stdout, ended.stderr.decode("utf-8", "backslashreplace"))
    more.setdefault("stdin", subprocess.DEVNULL)
    more.setdefault("stdout", subprocess.PIPE)
    more.setdefault("env", environment(cwd))
    done = subprocess.run(
        [*before, executable or program(), *arguments],
        cwd=cwd,
        stderr=subprocess.PIPE,
        timeout=timeout * runner.SLOWNESS,
        **more,
    )
    err = done.stderr.decode("utf-8", "backslashreplace")
    return Done(done.returncode, done.stdout or b"", err)


def moments(count: int, whole: float) -> list[float]:
    """Return when to kill runs, in seconds: from at once to after the end of a run of this length.

    The first is 0, so that it hits a run that has done nothing, however fast or busy the machine is.
    """
    rng = random.Random(count)
    return [1.2 * whole * (n + (rng.random() if n else 0)) / count for n in range(count)]


def assert_complaint(done: Done, *parts: str) -> None:
    """The program must have refused: exit code 2, and one line with the reason."""
    lines = done.err.splitlines()
    assert done.code == 2, done
    assert len(lines) == 1 and done.err.endswith("\n"), done.err
    assert lines[0].startswith("llava-check: "), done.err
    assert lines[0].isprintable(), done.err
    for part in parts:
        assert part in lines[0], (part, lines[0])


class Entry(NamedTuple):
    content: bytes
    mtime_ns: int


def files_of(folder: Path, *, without: str = "") -> dict[str, Entry]:
    """Return every file, folder and link below a folder, with content and time."""

    def entries() -> Iterator[tuple[str, Entry]]:
        for path in sorted(folder.rglob("*")):
            name = path.relative_to(folder).as_posix()
            if without and without in name.split("/"):
                continue
            content = path.read_bytes() if path.is_file() else b""
            # a folder's time changes when the index folder is created in it
            yield name, Entry(content, path.lstat().st_mtime_ns if not path.is_dir() else 0)

    return dict(entries())


def row(ident: Any, image: Any, answer: str = "This is it.") -> dict[str, Any]:
    """Make a sound row; if image is None, without an image."""
    question = "What is it?" if image is None else "<image>\nWhat is it?"
    turns = [{"from": "human", "value": question}, {"from": "gpt", "value": answer}]
    return {"id": ident, **({} if image is None else {"image": image}), "conversations": turns}


def write_rows(path: Path, rows: Sequence[dict[str, Any]]) -> Path:
    """Write rows as an array or, to a .jsonl, one a line."""
    lines = [json.dumps(r, ensure_ascii=False) for r in rows]
    text = "\n".join(lines) if path.suffix == ".jsonl" else "[" + ",\n".join(lines) + "]"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text + "\n", encoding="utf-8")
    return path


def make_small(folder: Path) -> Path:
    """Make a data set of two rows and two images, all sound."""
    (folder / "images").mkdir(parents=True)
    shutil.copy(GOOD_JPEG, folder / "images/a.jpg")
    shutil.copy(GOOD_PNG, folder / "images/b.png")
    write_rows(folder / "rows.json", [row("a", "a.jpg"), row("b", "b.png")])
    return folder


class Aged:
    """Folders for several tests, made together, so that there is only one wait until their files' times are trusted."""

    def __init__(self, folders: Sequence[Path]) -> None:
        self.folders, self.made = list(folders), time.monotonic()

    def take(self) -> Path:
        time.sleep(max(0.0, self.made + 2.2 - time.monotonic()))
        return self.folders.pop()


class Unprivileged(NamedTuple):
    """A copy of the program that an unprivileged user can run, and how to run it."""

    executable: Path
    before: list[str]


def unprivileged(folder: Path) -> Unprivileged:
    """Copy the program to where everybody can read it, because the build folder may be closed.

    Permissions do not apply to root, so root becomes nobody; other users stay who they are.
    """
    if os.geteuid() != 0:
        return Unprivileged(program(), [])
    there = folder / "program"
    there.mkdir()
    for file in [program(), *program().parent.glob("libllava_check.so*")]:
        shutil.copy(file, there)
    state = folder / "state"  # a separate folder, because it cannot read our key
    state.mkdir()
    shutil.chown(state, NOBODY, NOBODY)
    setpriv = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]
    libraries = ["env", f"LD_LIBRARY_PATH={there}", f"XDG_STATE_HOME={state}"]
    return Unprivileged(there / program().name, [*setpriv, *libraries])


def copy_fixture(source: Path, target: Path) -> None:
    """Copy a folder of fixtures, without an index that a run may have left in it."""
    shutil.copytree(source, target, ignore=shutil.ignore_patterns(".llava-check"))
