"""The rows that a trainer uses as written, read from their files on demand."""

from __future__ import annotations

import json
import os
from array import array
from itertools import compress
from typing import Any, Iterator, Optional, Sequence, Union, overload

from llava_check import _arrow, _structs
from llava_check._errors import UsageError
from llava_check._library import PathLike, decode, encode
from llava_check._report import Report


class SoundRows(Sequence[Any]):
    """A sequence of the rows that a trainer uses as written; each item is the row's dict.

    Only 20 bytes a row are held in memory: a row is read and parsed on access, and opening its
    images is up to the caller. The sequence can be pickled, and used after a fork or in a spawned
    process, for example as the data of a torch ``DataLoader`` with workers.

    The data set must have been checked before. Rows are counted as in the data set, whether or not
    the trainer samples them.

        rows = llava_check.SoundRows("raw", "llava-next")
        rows[0]["conversations"]

    :param source: the path that was checked, or its report
    :param trainer: the program that trains on the rows; None: the one for their dialect
    :param effects: keep rows with these effects: only ``"fine"``, or also ``"altered"``
    :param root: the folder that names of rows files are relative to, unless it is the path
    :raises UsageError: there is no index, or a rows file has changed since it was checked
    """

    def __init__(
        self,
        source: Union[PathLike, Report],
        trainer: Optional[str] = None,
        *,
        effects: Sequence[str] = ("fine",),
        root: Optional[PathLike] = None,
    ) -> None:
        unknown = set(effects) - set(_structs.EFFECTS)
        if unknown:
            raise UsageError(f"no such effect: {', '.join(sorted(unknown))}")
        if isinstance(source, Report):
            self._fill(source, trainer, effects, root)
            return
        from llava_check import _api

        with _api.open(source) as report:
            self._fill(report, trainer, effects, root)

    def _fill(
        self,
        report: Report,
        trainer: Optional[str],
        effects: Sequence[str],
        root: Optional[PathLike],
    ) -> None:
        self.trainer = trainer
        self.numbers: array[int] = array("Q")
        """The numbers of the rows in the data set, from 0."""
        self._offsets: array[int] = array("Q")
        self._sizes: array[int] = array("I")
        self._of_file: array[int] = array("I")
        self._files: list[tuple[bytes, int, int]] = []
        self._open: dict[int, int] = {}
        by_name: dict[str, int] = {}
        for number, file in enumerate(report.files):
            by_name.setdefault(file["name"], number)
            path = _find_file(report._paths, file["name"], root)
            self._files.append((path, file["size"], file["mtime_ns"]))
        for batch in report.effects(trainer).batches():
            self._add(batch, effects, by_name)

    def _add(
        self, batch: _arrow.Batch, effects: Sequence[str], by_name: dict[str, int]
    ) -> None:
        column, field = batch.column("effect")
        wanted = [name in effects for name in _arrow.names(column)]
        mask = [wanted[i] for i in _arrow.numbers(column, field)]
        targets = {"number": self.numbers, "offset": self._offsets, "size": self._sizes}
        for name, target in targets.items():
            target.extend(compress(_arrow.numbers(*batch.column(name)), mask))
        column, field = batch.column("file")
        files = [by_name[name] for name in _arrow.names(column)]
        numbers = _arrow.numbers(column, field)
        self._of_file.extend(files[i] for i in compress(numbers, mask))

    # ---- the sequence ----

    def __len__(self) -> int:
        return len(self.numbers)

    @overload
    def __getitem__(self, index: int) -> Any: ...

    @overload
    def __getitem__(self, index: slice) -> list[Any]: ...

    def __getitem__(self, index: Union[int, slice]) -> Any:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        return json.loads(self.text(index))

    def __iter__(self) -> Iterator[Any]:
        for i in range(len(self)):
            yield self[i]

    def text(self, index: int) -> bytes:
        """Return the text of a row as it is in its file."""
        offset, size = self._offsets[index], self._sizes[index]
        text = os.pread(self._descriptor(self._of_file[index]), size, offset)
        if len(text) != size:
            raise UsageError(f"{self._name(self._of_file[index])}: it is shorter than it was")
        return text

    def _name(self, file: int) -> str:
        return decode(self._files[file][0])

    def _descriptor(self, file: int) -> int:
        # A descriptor inherited through a fork works too: pread does not use its position
        if file not in self._open:
            path, size, mtime_ns = self._files[file]
            fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
            now = os.fstat(fd)
            if (now.st_size, now.st_mtime_ns) != (size, mtime_ns):
                os.close(fd)
                raise UsageError(f"{decode(path)}: it has changed since it was checked")
            if self._open.setdefault(file, fd) != fd:  # another thread was faster
                os.close(fd)
        return self._open[file]

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_open": {}}

    def __del__(self) -> None:
        for fd in self.__dict__.get("_open", {}).values():
            os.close(fd)

    def __repr__(self) -> str:
        return f"<SoundRows: {len(self):,} rows>"


def _find_file(paths: list[bytes], name: str, root: Optional[PathLike]) -> bytes:
    encoded = os.fsencode(name)
    folders = [encode(root) or b""] if root is not None else []
    if root is None:
        for path in paths:
            folders.append(path if os.path.isdir(path) else os.path.dirname(path))
    for folder in folders:
        candidate = os.path.abspath(os.path.join(folder, encoded))
        if os.path.exists(candidate):
            return candidate
    if root is None:  # the data set may be in a folder below
        for folder in folders:
            for entry in sorted(os.scandir(folder or b"."), key=lambda e: e.name):
                candidate = os.path.abspath(os.path.join(entry.path, encoded))
                if entry.is_dir() and os.path.exists(candidate):
                    return candidate
    raise UsageError(f"{name}: no such rows file: name its folder with root=")
