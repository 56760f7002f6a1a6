"""Importing parquet: rows as JSON, images as files with unchanged bytes.

Each row group is a task for one thread: it writes its images, then its part of the rows file and of
the mapping. A part gets its name when it is complete, so a run that was stopped can resume with the
missing parts. At the end the parts are joined.
"""

from __future__ import annotations

import contextlib
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
from llava_check import _structs as structs
from llava_check._errors import UsageError
from llava_check._import_batch import Place, writer_of_thread
from llava_check._library import PathLike, decode, encode, library
from llava_check._parquet import SUFFIX, ParquetSource, collision_key, find_sources, safe_name
from llava_check._progress import Progress, bar_of
from llava_check._report import Report

STATE = ".llava-check-import"
VERSION = 2
MAPPING = "mapping.csv"
HEAD = ("row", "id", "file", "row_group", "row_in_group", "image", "content", "format", "state")


@dataclass
class ImportResult:
    """What an import wrote."""

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
    number: int  # the position of the source
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

    def add(self, other: structs.ImportCounts) -> None:
        """Add the counts of a batch."""
        self.rows += other.rows
        self.rows_text_only += other.rows_text_only
        self.images += other.images
        self.image_bytes += other.image_bytes
        for number, count in enumerate(other.states):
            if count:
                self.states[decode(library().lc_image_state_name(number))] += count


class _Importer:
    def __init__(self, sources: list[ParquetSource], out: str, name: str) -> None:
        self.sources = sources
        self.out = out
        self.state = os.path.join(out, STATE)
        self.images = os.path.join(out, "images")
        self.rows_file = os.path.join(out, f"{name}.json")
        self.folders = [_folder_of(source) for source in sources]
        self.starts = _starts(sources)
        self.stop = threading.Event()

    # ---- the folder ----

    def claim(self) -> None:
        """Make the folder, or recognise it as that of an earlier run over the same files."""
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
            # a run that was killed before this line left only its state folder
            if os.path.isdir(self.out) and set(os.listdir(self.out)) - {STATE}:
                raise UsageError(f"{self.out}: it is not empty: choose another folder")
            os.makedirs(self.state, exist_ok=True)
            self._put(path, identity.encode())
        os.makedirs(os.path.join(self.state, "parts"), exist_ok=True)
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
        """Whether an earlier run finished a row group."""
        return os.path.exists(self._part(task, "done"))

    # ---- a row group ----

    def run(self, task: _Task) -> None:
        """Write the images of a row group, and its parts of the rows file and the mapping.

        Rows do not become Python objects: the library reads pyarrow's batches in place.
        """
        counts = _Counts()
        writer = writer_of_thread()
        folder = self.folders[task.number]
        with contextlib.ExitStack() as stack:
            rows = stack.enter_context(_Replacing(self._part(task, "rows"), self.state))
            mapping = stack.enter_context(_Replacing(self._part(task, "map"), self.state))
            for number, batch in task.source.batches(task.group):
                if self.stop.is_set():
                    raise KeyboardInterrupt
                place = Place(
                    os.path.join(self.images, folder),
                    folder,
                    task.source,
                    task.group,
                    number,
                    self.starts[task.number] + number,
                )
                written = writer.write(batch, place)
                rows.write(written.rows)
                mapping.write(written.mapping)
                counts.add(written.counts)
        done = {**counts.__dict__, "states": dict(counts.states)}
        self._put(self._part(task, "done"), json.dumps(done).encode())

    # ---- the end ----

    def join(self, tasks: list[_Task]) -> None:
        """Join the parts into the rows file and the mapping."""
        with contextlib.ExitStack() as stack:
            out = stack.enter_context(_Replacing(self.rows_file, self.state, durable=True))
            mapping_path = os.path.join(self.out, MAPPING)
            mapping = stack.enter_context(_Replacing(mapping_path, self.state, durable=True))
            mapping.write((",".join(HEAD) + "\n").encode())
            before = b"["
            for task in tasks:
                with open(self._part(task, "rows"), "rb") as part:
                    first = part.read(1)  # the comma before a part's first row
                    if first:
                        out.write(before)
                        before = b","
                    shutil.copyfileobj(part, out, 1 << 20)
                with open(self._part(task, "map"), "rb") as part:
                    shutil.copyfileobj(part, mapping, 1 << 20)
            out.write(b"[\n]\n" if before == b"[" else b"\n]\n")

    def totals(self, tasks: list[_Task]) -> _Counts:
        """Return the sum of the counts of all parts."""
        total = _Counts()
        for task in tasks:
            with open(self._part(task, "done"), encoding="utf-8") as file:
                done = json.load(file)
            for name in ("rows", "rows_text_only", "images", "image_bytes"):
                setattr(total, name, getattr(total, name) + done[name])
            total.states.update(done["states"])
        return total


class _Replacing:
    """A file that gets its name when it is complete.

    :param durable: flush it to disk before it gets its name
    """

    def __init__(self, path: str, folder: str, durable: bool = False) -> None:
        self._path = path
        self._durable = durable
        fd, self._name = tempfile.mkstemp(dir=folder)
        self._file = open(fd, "wb", buffering=1 << 20)

    def write(self, data: bytes) -> None:
        """Append bytes."""
        self._file.write(data)

    def __enter__(self) -> _Replacing:
        return self

    def __exit__(self, kind: object, *_rest: object) -> None:
        try:
            if kind is None:
                self._file.flush()
                if self._durable:
                    os.fsync(self._file.fileno())
                os.fchmod(self._file.fileno(), 0o644)
        finally:
            self._file.close()
        if kind is None:
            os.replace(self._name, self._path)
        else:
            os.unlink(self._name)


def _folder_of(source: ParquetSource) -> str:
    """Return the folder for a file's images: its name without the suffix, made safe."""
    stem = source.name[: -len(SUFFIX)] if source.name.endswith(SUFFIX) else source.name
    return safe_name(stem)


def _starts(sources: list[ParquetSource]) -> list[int]:
    """Return the number in the data set of each file's first row."""
    starts, next_row = [], 0
    for source in sources:
        starts.append(next_row)
        next_row += source.rows
    return starts


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
    """Convert parquet with images, as ``datasets`` of Hugging Face writes it, to JSON and files.

    Image bytes stay as they are: nothing is decoded and encoded again. An image's suffix comes
    from its content, its name from the id of its row; names cannot lead out of the folder, and
    rows that share an id still have their own images. Rows without an image and all other columns
    are kept. Each image is checked while it is written, and afterwards the data set is checked.

    If a run was stopped, starting it again resumes it.

    :param path: parquet files, patterns, or folders with such files
    :param output: the new folder, which gets ``NAME.json``, ``images/`` and ``mapping.csv``
    :param name: the name of the rows file, without its suffix
    :param jobs: threads; None: one per processor
    :param check: check the result
    :param progress: as for :func:`llava_check.check`
    :param options: the options of that check
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
