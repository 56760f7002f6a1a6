"""A data set that raises for a bad row, which the trainer's own would silently replace."""

from __future__ import annotations

import contextlib
import json
import operator
import os
import tempfile
import threading
from typing import Any, Iterator, Mapping, Optional, Union

from llava_check._errors import BadRowError, UsageError
from llava_check._library import PathLike
from llava_check._report import Report

# Attributes in which data sets of the LLaVA family keep their rows
ROWS = ("list_data_dict", "list_data", "cached_data_dict", "raw_data", "data", "samples")

# Effects that keep a row out of training, or end the run
BAD = ("dropped", "replaced", "crash", "refused")


class _Reading(threading.local):
    """The row numbers that this thread has read of each list being recorded, by the list's id."""

    def __init__(self) -> None:
        self.lists: dict[int, set[int]] = {}


_reading = _Reading()


class _Recorded(list):  # type: ignore[type-arg]
    """A list of rows that records which of them a thread reads."""

    @contextlib.contextmanager
    def recording(self) -> Iterator[set[int]]:
        """Record what this thread reads inside the ``with`` block."""
        lists = _reading.lists
        outer = lists.get(id(self))
        read: set[int] = set()
        lists[id(self)] = read
        try:
            yield read
        finally:
            del lists[id(self)]
            if outer is not None:
                lists[id(self)] = outer

    def __getitem__(self, index: Any) -> Any:
        read = _reading.lists.get(id(self))
        if read is not None and not isinstance(index, slice):
            read.add(operator.index(index) % len(self))
        return super().__getitem__(index)


class Guard:
    """See :func:`llava_check.guard`."""

    def __init__(
        self,
        dataset: Any,
        report: Optional[Union[Report, PathLike]] = None,
        *,
        trainer: Optional[str] = None,
        images: Optional[PathLike] = None,
        rows: Optional[str] = None,
        bad: tuple[str, ...] = BAD,
    ) -> None:
        self._dataset = dataset
        self._trainer = trainer
        self._images = images if images is not None else _image_folder(dataset)
        self._attribute = rows if rows is not None else _find_rows(dataset)
        if self._attribute is not None:
            recorded = _Recorded(getattr(dataset, self._attribute))
            setattr(dataset, self._attribute, recorded)
        self._bad: dict[int, str] = {}
        self._findings: dict[int, list[dict[str, object]]] = {}
        if report is not None:
            self._learn(report, bad)

    def _learn(self, source: Union[Report, PathLike], bad: tuple[str, ...]) -> None:
        """Remember the bad rows of a report, and the findings about them."""
        if not isinstance(source, Report):
            from llava_check import _api

            with _api.open(source) as opened:
                self._learn(opened, bad)
            return
        for row in source.effects(self._trainer):
            if row["effect"] in bad:
                keys = ("effect", "rule", "name", "case", "what", "file", "line", "id")
                finding = {key: row[key] for key in keys if row[key] is not None}
                self._bad[row["number"]] = row["effect"]
                self._findings[row["number"]] = [finding]
        recorded = self._rows()
        if recorded is not None and source.summary.rows != len(recorded):
            raise UsageError(
                f"the report has {source.summary.rows:,} rows, and the data set has "
                f"{len(recorded):,}: it is of other data"
            )

    def _rows(self) -> Optional[_Recorded]:
        return None if self._attribute is None else getattr(self._dataset, self._attribute)

    # ---- the data set ----

    def __len__(self) -> int:
        return len(self._dataset)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") or "_dataset" not in self.__dict__:
            raise AttributeError(name)
        return getattr(self._dataset, name)

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        if hasattr(index, "__index__"):  # integers of numpy and torch, too
            given = operator.index(index)
            index = given + len(self) if given < 0 else given
            if not 0 <= index < len(self):
                raise IndexError(f"there is no row {given}")
        if index in self._bad:
            raise self._error(index, self._bad[index], None)
        rows = self._rows()
        if rows is None:
            return self._load(index)
        with rows.recording() as read:
            item = self._load(index)
        others = sorted(read - {index})
        if index in read and others:
            raise self._error(index, "replaced", f"row {others[-1]} was returned in its place")
        return item

    def _load(self, index: int) -> Any:
        try:
            return self._dataset[index]
        except IndexError:
            if not 0 <= index < len(self._dataset):
                raise  # the end of an iteration
            raise self._error(index, "crash", "IndexError") from None
        except BadRowError:
            raise
        except Exception as error:
            raise self._error(index, "crash", repr(error)) from error

    def __iter__(self) -> Iterator[Any]:
        for index in range(len(self)):
            yield self[index]

    # ---- what is wrong ----

    def _row(self, index: int) -> Any:
        rows = self._rows()
        return list.__getitem__(rows, index) if rows is not None else None

    def _error(self, index: int, effect: str, cause: Optional[str]) -> BadRowError:
        row = self._row(index)
        findings = self._findings.get(index)
        if findings is None:
            findings = self._look(row)
        name = f"row {index}"
        if isinstance(row, Mapping) and row.get("id") is not None:
            name += f" (id {row['id']!r})"
        parts = [cause] if cause else []
        for finding in findings[:3]:
            text = finding.get("message") or finding.get("what") or ""
            parts.append(f"{finding.get('rule', '')} {finding.get('name', '')}: {text}".strip())
        reason = "; ".join(parts) or "no finding explains it"
        return BadRowError(f"{name} would be {_PAST[effect]}: {reason}", index, row, findings, effect)

    def _look(self, row: Any) -> list[dict[str, object]]:
        """Check a single row."""
        if not isinstance(row, Mapping):
            return []
        from llava_check import _api

        with tempfile.TemporaryDirectory(prefix="llava-check-") as folder:
            path = os.path.join(folder, "row.json")
            with open(path, "w", encoding="utf-8", errors="surrogatepass") as file:
                json.dump([row], file, default=repr)
            try:
                with _api.check(
                    path,
                    images=self._images,
                    no_images=self._images is None,
                    trainer=self._trainer,
                    no_index=True,
                    isolated=True,
                    progress="never",
                    threads=1,
                ) as report:
                    keys = ("rule", "name", "case", "severity", "message", "image", "what", "effect")
                    found = [
                        {key: f[key] for key in keys if f[key] is not None}
                        for f in report.findings
                        if f["kind"] != "set"  # findings about the set mean nothing for one row
                    ]
            except UsageError:  # not a row at all
                return []
        order = {"error": 0, "warning": 1, "info": 2}
        return sorted(found, key=lambda finding: order.get(str(finding["severity"]), 3))


_PAST = {
    "dropped": "left out",
    "replaced": "replaced",
    "crash": "the end of the run",
    "refused": "refused",
    "altered": "altered",
    "unknown": "treated in an unknown way",
}


def _find_rows(dataset: Any) -> Optional[str]:
    for name in ROWS:
        if isinstance(getattr(dataset, name, None), list):
            return name
    return None


def _image_folder(dataset: Any) -> Optional[str]:
    arguments = getattr(dataset, "data_args", None)
    for owner in (dataset, arguments):
        for name in ("image_folder", "image_dir", "image_root"):
            value = getattr(owner, name, None)
            if isinstance(value, (str, os.PathLike)):
                return os.fspath(value)
    return None


def guard(
    dataset: Any,
    report: Optional[Union[Report, PathLike]] = None,
    *,
    trainer: Optional[str] = None,
    images: Optional[PathLike] = None,
    rows: Optional[str] = None,
    bad: tuple[str, ...] = BAD,
) -> Guard:
    """Wrap a torch-style data set so that a bad row raises, with its findings.

    The data sets of LLaVA and its descendants catch the exception that a bad row raises, and
    return the next row in its place. The guard notices which rows were read, and raises
    :class:`llava_check.BadRowError` instead. With a report it raises before the row is loaded.

        data = llava_check.guard(LazySupervisedDataset(…))

    :param dataset: supports ``len(dataset)`` and ``dataset[i]``, and has its rows in a list
    :param report: a report on the same rows in the same order, or the path that was checked
    :param trainer: the training program that the data set belongs to
    :param images: the image folder, to find out what is wrong; None: ``data_args.image_folder``
    :param rows: the attribute with the list of rows; None: a common one, such as
        ``list_data_dict``
    :param bad: the effects, according to the report, for which a row raises
    """
    return Guard(dataset, report, trainer=trainer, images=images, rows=rows, bad=bad)
