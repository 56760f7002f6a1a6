"""Importing parquet: rows as JSON, images as files with the bytes that they had.

Each row group is a task, done by one thread: it writes its images, then a part of the rows and of
the mapping. A part has its name when it is whole, so a run that was stopped goes on with the parts
that are missing. At the end the parts are joined.
"""

from __future__ import annotations

import contextlib
import csv
import io
import json
import os
import shutil
import tempfile
import threading
from collections import Counter
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Optional, Sequence, Union

from llava_check import _command
from llava_check._errors import UsageError
from llava_check._inspect import inspect_at
from llava_check._library import PathLike, encode
from llava_check._parquet import (
    SUFFIX,
    Image,
    ParquetSource,
    Row,
    collision_key,
    find_sources,
    render,
    safe_name,
    with_paths,
)
from llava_check._progress import Progress, bar_of
from llava_check._report import Report

STATE = ".llava-check-import"
VERSION = 1
MAPPING = "mapping.csv"
HEAD = ("row", "id", "file", "row_group", "row_in_group", "image", "content", "format", "state")


@dataclass
class ImportResult:
    """What an import has written."""

    folder: Path
    rows_file: Path
    mapping: Path
    """of each image: its row, where that was, its file, the hash of its bytes, the verdict"""
    rows: int
    rows_text_only: int
    images: int
    """of all rows; rows with the same id and the same image share a file"""
    image_bytes: int
    states: dict[str, int]
    """images by verdict: ok, truncated, corrupt …"""
    reused: int
    """row groups that an earlier run had written"""
    report: Optional[Report] = None


@dataclass
class _Task:
    source: ParquetSource
    number: int  # of the source
    group: int

    @property
    def part(self) -> str:
        return f"{self.number:06d}-{self.group:06d}"


@dataclass
class _Counts:
    rows: int = 0
    rows_text_only: int = 0
    images: int = 0
    image_bytes: int = 0
    states: Counter[str] = field(default_factory=Counter)


class _Importer:
    def __init__(self, sources: list[ParquetSource], out: str, name: str) -> None:
        self.sources = sources
        self.out = out
        self.state = os.path.join(out, STATE)
        self.images = os.path.join(out, "images")
        self.rows_file = os.path.join(out, f"{name}.json")
        self.folders = [_folder_of(source) for source in sources]
        self.stop = threading.Event()

    # ---- the folder ----

    def claim(self) -> None:
        """Make the folder, or recognise it as one of an earlier run over the same files."""
        identity = json.dumps([VERSION, *(s.identity for s in self.sources)])
        path = os.path.join(self.state, "source.json")
        try:
            with open(path, encoding="utf-8") as file:
                before = file.read()
        except FileNotFoundError:
            before = None
        if before is not None and before != identity:
            raise UsageError(
                f"{self.out}: it has an import of other files, or of these before they changed: "
                "choose another folder"
            )
        if before is None:
            if os.path.isdir(self.out) and os.listdir(self.out):
                raise UsageError(f"{self.out}: it is not empty: choose another folder")
            os.makedirs(os.path.join(self.state, "parts"), exist_ok=True)
            self._put(path, identity.encode())
        for folder in self.folders:
            os.makedirs(os.path.join(self.images, folder), exist_ok=True)

    def _put(self, path: str, content: bytes) -> None:
        fd, name = tempfile.mkstemp(dir=self.state)
        with open(fd, "wb") as file:
            file.write(content)
        os.replace(name, path)

    def _part(self, task: _Task, suffix: str) -> str:
        return os.path.join(self.state, "parts", f"{task.part}.{suffix}")

    def is_done(self, task: _Task) -> bool:
        """Whether an earlier run has finished a row group."""
        return os.path.exists(self._part(task, "done"))

    # ---- a row group ----

    def run(self, task: _Task) -> None:
        """Write the images of a row group, and its parts."""
        counts = _Counts()
        mapping = io.StringIO(newline="")
        writer = csv.writer(mapping, lineterminator="\n")
        first = task.source.first_row(task.group)
        with tempfile.NamedTemporaryFile(dir=self.state, delete=False) as rows:
            for row in task.source.read(task.group):
                if self.stop.is_set():
                    raise KeyboardInterrupt
                paths = [
                    self._image(task, row, image, writer, first, counts) for image in row.images
                ]
                rows.write(render(with_paths(row, paths)) + b"\n")
                counts.rows += 1
                counts.rows_text_only += not row.images
        os.replace(rows.name, self._part(task, "rows"))
        self._put(self._part(task, "map"), mapping.getvalue().encode("utf-8", "surrogatepass"))
        done = {**counts.__dict__, "states": dict(counts.states)}
        self._put(self._part(task, "done"), json.dumps(done).encode())

    def _image(
        self, task: _Task, row: Row, image: Image, writer: Any, first: int, counts: _Counts
    ) -> str:
        """Write an image, note it, and return its path as the row has it."""
        if image.data is None:  # the parquet file only names it
            return image.path or ""
        seen = inspect_at(image.data.address, image.data.size)
        name = row.name
        if image.position is not None:
            name += f"-{image.position}"
        if row.is_shared or image.position is not None:
            name += f"-{seen.content[:16]}"
        path = self._write(self.folders[task.number], name, image, seen.content)
        counts.images += 1
        counts.image_bytes += image.data.size
        counts.states[seen.state] += 1
        place = (task.source.name, row.group, row.number)
        row_id = row.members.get("id", "")
        writer.writerow(
            (first + row.number, row_id, *place, path, seen.content, seen.format, seen.state)
        )
        return path

    def _write(self, folder: str, name: str, image: Image, content: str) -> str:
        """Write an image's bytes at a name that is free, or has the same bytes."""
        assert image.data is not None
        suffix = image.suffix
        for extra in ("", f"-{content}"):
            relative = f"{folder}/{name}{extra}{suffix}"
            if _write_once(os.path.join(self.images, relative), memoryview(image.data)):
                return relative
        raise UsageError(f"{relative}: another file has this name")

    # ---- the end ----

    def join(self, tasks: list[_Task]) -> None:
        """Join the parts to the rows file and the mapping."""
        offset = dict(zip((s.name for s in self.sources), _starts(self.sources)))
        with contextlib.ExitStack() as stack:
            rows = stack.enter_context(_Replacing(self.rows_file, self.state))
            mapping = stack.enter_context(_Replacing(os.path.join(self.out, MAPPING), self.state))
            mapping.write((",".join(HEAD) + "\n").encode())
            rows.write(b"[")
            separator = b"\n"
            for task in tasks:
                with open(self._part(task, "rows"), "rb") as part:
                    for line in part:
                        rows.write(separator + line.rstrip(b"\n"))
                        separator = b",\n"
                with open(self._part(task, "map"), encoding="utf-8", newline="") as text:
                    out = io.StringIO(newline="")
                    writer = csv.writer(out, lineterminator="\n")
                    for cells in csv.reader(text):
                        writer.writerow((int(cells[0]) + offset[task.source.name], *cells[1:]))
                    mapping.write(out.getvalue().encode("utf-8"))
            rows.write(b"\n]\n")

    def totals(self, tasks: list[_Task]) -> _Counts:
        """What all parts have together."""
        total = _Counts()
        for task in tasks:
            with open(self._part(task, "done"), encoding="utf-8") as file:
                done = json.load(file)
            for name in ("rows", "rows_text_only", "images", "image_bytes"):
                setattr(total, name, getattr(total, name) + done[name])
            total.states.update(done["states"])
        return total


class _Replacing:
    """A file that gets its name when it is whole."""

    def __init__(self, path: str, folder: str) -> None:
        self._path = path
        fd, self._name = tempfile.mkstemp(dir=folder)
        self._file = open(fd, "wb", buffering=1 << 20)

    def write(self, data: bytes) -> None:
        """Append bytes."""
        self._file.write(data)

    def __enter__(self) -> _Replacing:
        return self

    def __exit__(self, kind: object, *_rest: object) -> None:
        if kind is None:
            self._file.flush()
            os.fsync(self._file.fileno())
            os.chmod(self._name, 0o644)
            self._file.close()
            os.replace(self._name, self._path)
        else:
            self._file.close()
            os.unlink(self._name)


def _folder_of(source: ParquetSource) -> str:
    """The folder of a file's images: its own name, safe, without what all files have."""
    stem = source.name[: -len(SUFFIX)] if source.name.endswith(SUFFIX) else source.name
    return safe_name(stem)


def _starts(sources: list[ParquetSource]) -> list[int]:
    """The number in the data set of each file's first row."""
    starts, next_row = [], 0
    for source in sources:
        starts.append(next_row)
        next_row += source.rows
    return starts


def _write_once(path: str, data: memoryview) -> bool:
    """Write a file, unless another one has its name: then it returns False.

    One with the same bytes will do, and one that a killed run has not finished is finished: what
    it has is the beginning of these bytes.
    """
    flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    try:
        fd = os.open(path, flags | os.O_EXCL, 0o644)
        there = 0
    except FileExistsError:
        try:
            fd = os.open(path, flags, 0o644)
        except OSError:
            return False
        there = os.fstat(fd).st_size
    with open(fd, "r+b", buffering=0) as file:
        # the bytes of pyarrow's buffers are signed, which makes them differ from others
        data = data.cast("B")
        if there > len(data) or (there and file.read(there) != data[:there]):
            return False
        left = data[there:]
        while left:
            left = left[file.write(left) :]
    return True


def import_parquet(
    path: Union[PathLike, Sequence[PathLike]],
    output: PathLike,
    *,
    name: str = "rows",
    jobs: Optional[int] = None,
    check: bool = True,
    progress: object = "auto",
    **options: Any,
) -> ImportResult:
    """Write parquet with images, as Hugging Face's ``datasets`` has it, as JSON and image files.

    The bytes of images stay as they are: nothing is decoded and encoded again. Their suffixes go
    by their content, their names by the ids of their rows, which cannot lead out of the folder;
    rows that share an id have images of their own. Rows without an image and all other columns
    are kept. Each image is judged while it is written, and afterwards the data set is checked.

    A run that was stopped goes on where it was when it is started again.

    :param path: parquet files, patterns, or folders with such files
    :param output: the new folder: ``NAME.json``, ``images/`` and ``mapping.csv``
    :param name: of the rows file
    :param jobs: threads; None: one per processor
    :param check: check the result
    :param progress: as for :func:`llava_check.check`
    :param options: of that check
    """
    sources = find_sources(_command.as_paths(path))
    out = os.fsdecode(encode(output) or b"").rstrip("/") or "/"
    if "/" in name or name in ("", ".", ".."):
        raise UsageError(f"name={name!r}: it is to be the name of a file")
    importer = _Importer(sources, out, name)
    folders = Counter(map(collision_key, importer.folders))
    for source, folder in zip(sources, importer.folders):
        if folders[collision_key(folder)] > 1:
            raise UsageError(f"{source.name}: another file's images would be in the same folder")
    importer.claim()
    tasks = [_Task(s, n, g) for n, s in enumerate(sources) for g in range(s.groups)]
    left = [task for task in tasks if not importer.is_done(task)]
    reused = len(tasks) - len(left)
    _run_all(importer, left, tasks, jobs or len(os.sched_getaffinity(0)), progress)
    importer.join(tasks)
    counts = importer.totals(tasks)
    result = ImportResult(
        Path(out),
        Path(importer.rows_file),
        Path(out) / MAPPING,
        counts.rows,
        counts.rows_text_only,
        counts.images,
        counts.image_bytes,
        dict(counts.states),
        reused,
    )
    shutil.rmtree(os.path.join(importer.state, "parts"))
    shutil.rmtree(importer.state)
    if check:
        from llava_check import _api

        result.report = _api.check(out, progress=progress, **options)  # type: ignore[arg-type]
    return result


def _run_all(
    importer: _Importer, left: list[_Task], tasks: list[_Task], jobs: int, progress: object
) -> None:
    """Run the tasks in threads; the first failure stops all of them, and is raised."""
    bar = bar_of(progress)
    total = sum(task.source.group_rows[task.group] for task in tasks)
    done = total - sum(task.source.group_rows[task.group] for task in left)
    nothing = {"info": 0, "warning": 0, "error": 0}
    pending: dict[Future[None], _Task] = {}
    queue = iter(left)
    pool = ThreadPoolExecutor(jobs, thread_name_prefix="llava-check-import")
    try:
        while True:
            while len(pending) < jobs + 1:
                task = next(queue, None)
                if task is None:
                    break
                pending[pool.submit(importer.run, task)] = task
            if not pending:
                break
            finished, _ = wait(pending, return_when=FIRST_COMPLETED)
            for future in finished:
                future.result()
                done_task = pending.pop(future)
                done += done_task.source.group_rows[done_task.group]
            if bar:
                bar(Progress("import", done, total, 0, nothing))
    finally:
        importer.stop.set()
        pool.shutdown(wait=True)
        if bar:
            bar.close()
