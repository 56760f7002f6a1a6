"""Reports: the results of a run."""

from __future__ import annotations

import ctypes
import json
import os
import threading
import weakref
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Mapping, Optional, Sequence

from llava_check import _arrow, _command, _files
from llava_check import _structs as structs
from llava_check._errors import Error, UsageError
from llava_check._library import PathLike, call, collect, decode, encode, library
from llava_check._table import Table

if TYPE_CHECKING:
    import pandas

    from llava_check._command import CommandResult


GROUP_ROWS = 262_144  # rows in a row group of an exported table


@dataclass(frozen=True)
class Summary:
    """A run in numbers."""

    rows_files: int
    rows: int
    rows_ok: int
    """no error in the row, nor in an image of it"""
    rows_text_only: int
    """rows with neither image nor video"""
    turns: int
    words: int
    """in all turns, as ``str.split`` counts"""
    characters: int
    rows_sampled: int
    """sampled for training: all, unless a registry says else"""
    images_referenced: int
    """different paths that rows name"""
    images: int
    """of those, files that were read"""
    images_ok: int
    """of those, images that load without repairs"""
    images_unverified: int
    images_skipped: int
    image_bytes: int
    urls: int
    embedded: int
    findings: dict[str, int]
    """by severity, whatever is selected"""


def _free(handles: dict[str, Any], index: ctypes.c_void_p) -> None:
    """Free the handles of a report; the index comes last."""
    for prediction in handles.get("predictions", {}).values():
        library().lc_prediction_free(prediction)
    library().lc_view_free(handles.get("view"))
    library().lc_index_close(index)


class Report:
    """The results of :func:`llava_check.check`, ``open`` or ``verify``.

    A report is closed at the end of a ``with`` block, by :meth:`close`, or when nothing refers to
    it any more. Tables and frames made from it stay valid. Any thread may use it, but only one at
    a time.
    """

    def __init__(
        self,
        handle: ctypes.c_void_p,
        paths: list[bytes],
        settings: Mapping[str, Any],
        options: Mapping[str, object],
    ) -> None:
        self._index = handle
        self._handles: dict[str, Any] = {"predictions": {}}
        self._lock = threading.RLock()
        self._paths = paths
        self._settings = settings
        self._options = options
        self._close = weakref.finalize(self, _free, self._handles, handle)
        self.notices: list[str] = []
        """What the run skipped or chose, one line each."""
        self.choices: list[tuple[str, str]] = []
        """What the run detected: ``("image root", "images")`` …"""
        self.sets_below: list[str] = []
        """Data sets below the path, which were not checked."""

    # ---- the handle ----

    def close(self) -> None:
        """Close the index. The report cannot be used afterwards."""
        with self._lock:
            self._close()

    def __enter__(self) -> Report:
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()

    def __reduce__(self) -> Any:
        raise TypeError("a Report cannot be pickled: open it again where it is needed")

    def _handle(self) -> ctypes.c_void_p:
        if not self._close.alive:
            raise Error("the report was closed")
        return self._index

    def _view(self) -> Any:
        """Return the view of what is selected, or None if everything is."""
        settings = self._settings
        keys = ("select", "ignore", "severity", "per-folder-ignores", "baseline")
        if not any(settings.get(key) for key in keys):
            return None
        if "view" not in self._handles:
            view = ctypes.c_void_p()
            selection, _keep = selection_of(settings)
            call("lc_view_new", self._handle(), ctypes.byref(selection), ctypes.byref(view))
            self._handles["view"] = view
        return self._handles["view"]

    def _prediction(self, trainer: Optional[str] = None) -> Any:
        trainer = trainer or self._settings.get("trainer")
        key = trainer or ""
        known = self._handles["predictions"]
        if key not in known:
            known[key] = self._new_prediction(trainer)
        return known[key]

    def _new_prediction(self, trainer: Optional[str]) -> ctypes.c_void_p:
        prediction = ctypes.c_void_p()
        is_all = trainer == "all"
        call(
            "lc_prediction_new",
            self._handle(),
            None if is_all else encode(trainer),
            is_all,
            ctypes.byref(prediction),
            subject=trainer or "",
        )
        return prediction

    # ---- the verdict ----

    @property
    def summary(self) -> Summary:
        """The run in numbers."""
        raw = library().lc_index_summary(self._handle()).contents
        numbers = {name: getattr(raw, name) for name, *_ in raw._fields_}
        numbers["findings"] = dict(zip(structs.SEVERITIES, raw.findings))
        return Summary(**numbers)

    @property
    def counts(self) -> dict[str, int]:
        """The number of reported findings by level."""
        with self._lock:
            view = self._view()
            if view is None:
                return self.summary.findings
            raw = library().lc_view_counts(view).contents
            return dict(zip(structs.SEVERITIES, raw.findings))

    def _one_trainer(self) -> Optional[str]:
        """Return the trainer that was named; None if none was, or all."""
        trainer: Optional[str] = self._settings.get("trainer")
        return None if trainer == "all" else trainer

    def _is_stopped(self) -> bool:
        """Whether the named trainer stops, as the command determines it."""
        if not self._one_trainer():
            return False
        stops = ctypes.c_bool()
        call(
            "lc_prediction_stops",
            self._prediction(),
            self._view(),
            ctypes.byref(stops),
        )
        return stops.value

    def _is_unsure(self) -> bool:
        if self._settings.get("fail-on") != "unknown":
            return False
        return bool(library().lc_prediction_is_unsure(self._prediction()))

    def _fail_level(self) -> int:
        level = self._settings.get("fail-on") or "error"
        return structs.SEVERITIES.index("error" if level == "unknown" else level)

    def _fails(self) -> bool:
        counts = list(self.counts.values())
        return any(counts[self._fail_level() :]) or self._is_stopped() or self._is_unsure()

    @property
    def ok(self) -> bool:
        """Whether the data set passes: ``fail_on``, the selection and the baseline decide."""
        with self._lock:
            return not self._fails()

    @property
    def exit_code(self) -> int:
        """The exit code of the command: 0, or 1 if the data set does not pass."""
        return 0 if self._settings.get("exit-zero") or self.ok else 1

    @property
    def caveat(self) -> Optional[str]:
        """Why the index may come from another user's run; None if nothing suggests it."""
        text = library().lc_index_caveat(self._handle())
        return decode(text) if text else None

    # ---- tables ----

    def _stream(
        self, table: str, trainer: Optional[str] = None, show: str = "info", batch: int = 0
    ) -> structs.ArrowArrayStream:
        stream = structs.ArrowArrayStream()
        with self._lock:
            level = structs.SEVERITIES.index(show)
            options = structs.ArrowOptions(view=self._view(), show=level, batch=batch)
            is_verified = bool(library().lc_index_verification(self._handle()))
            if table in ("effects", "verdicts") or (table == "findings" and not is_verified):
                options.prediction = self._prediction(trainer)
            call(
                "lc_arrow_stream",
                self._handle(),
                structs.TABLES.index(table),
                ctypes.byref(options),
                ctypes.byref(stream),
            )
        return stream

    def _table(self, name: str, length: Any) -> Table:
        return Table(name, lambda: self._stream(name), length)

    @property
    def findings(self) -> Table:
        """The reported findings, in the order of reports."""
        return self._table("findings", lambda: sum(self.counts.values()))

    @property
    def rows(self) -> Table:
        """All rows, in the order of the data set."""
        return self._table("rows", lambda: self.summary.rows)

    @property
    def images(self) -> Table:
        """All image paths that rows name, sorted by their bytes."""
        return self._table("images", lambda: self.summary.images_referenced)

    @property
    def files(self) -> Table:
        """The rows files, in the order of the data set."""
        return self._table("files", lambda: self.summary.rows_files)

    def to_pandas(self) -> pandas.DataFrame:
        """The findings as a ``pandas.DataFrame``: see :meth:`Table.to_pandas`."""
        return self.findings.to_pandas()

    def effects(self, trainer: Optional[str] = None) -> Effects:
        """What a training program does with each row, and why.

        :param trainer: its name; None: the report's, or the one for the rows' dialect
        """
        if trainer == "all":
            raise UsageError("effects are those of one trainer")
        with self._lock:
            self._prediction(trainer)  # raises for an unknown name
        return Effects(
            "effects", lambda: self._stream("effects", trainer), lambda: self.summary.rows
        )

    def verdicts(self, trainer: Optional[str] = None, *, show: str = "info") -> Table:
        """The verdicts, one for each row: ``is_ok``, ``effect``, and the ``findings`` about it.

        A finding is a struct of ``rule``, ``severity``, ``message`` and ``image``: the position
        of the image that it is about among the row's images. Findings about the row's images are
        included, those about files and the whole set are not. ``is_ok`` is false if one is an
        error.

        :param trainer: as for :meth:`effects`
        :param show: lowest level of the findings that are listed: info, warning or error
        """
        check_verdicts(trainer, show)
        with self._lock:
            self._prediction(trainer)  # raises for an unknown name
        return Table(
            "verdicts",
            lambda: self._stream("verdicts", trainer, show),
            lambda: self.summary.rows,
        )

    def to_parquet(
        self,
        folder: PathLike,
        *,
        tables: Sequence[str] = ("files", "rows", "images", "findings", "effects"),
        trainer: Optional[str] = None,
        force: bool = False,
        compression: str = "zstd",
    ) -> list[Path]:
        """Write tables as parquet files: ``folder/rows.parquet`` …, for a warehouse.

        Row groups have up to 262,144 rows, and only one is in memory at a time. Needs pyarrow.

        :param folder: it is created if it does not exist
        :param tables: which tables to write: those above, or ``verdicts``
        :param trainer: as for :meth:`effects`
        :param force: replace existing files
        :param compression: zstd, snappy, gzip, lz4, brotli or none
        :returns: the paths of the files
        """
        from llava_check._export import write_parquet

        unknown = [name for name in tables if name not in structs.TABLES]
        if unknown or isinstance(tables, str):
            raise UsageError(f"there is no table {unknown[0] if unknown else tables!r}")
        streams = {}
        for name in dict.fromkeys(tables):
            streams[name] = lambda name=name: self._stream(name, trainer, batch=GROUP_ROWS)
        return write_parquet(streams, os.fsdecode(encode(folder) or b""), force, compression)

    # ---- texts and files ----

    def _report_options(self, keep: list[Any], **members: Any) -> structs.ReportOptions:
        settings = self._settings
        options = structs.ReportOptions(
            show=structs.SEVERITIES.index(settings.get("show") or "warning"),
            trainer=encode(self._one_trainer()),
            failed=self._fails(),
            fail_on=self._fail_level(),
            view=self._view(),
            unsure=self._is_unsure(),
            stopped=self._is_stopped(),
            max_findings=int(settings.get("max-findings") or 0),
            passed_by=b"exit_zero" if settings.get("exit-zero") else None,
            prediction=self._prediction(),
            **members,
        )
        baseline = settings.get("baseline")
        if baseline:
            options.adjusted_by[4] = os.path.basename(encode(baseline) or b"")
        keep.append(options)
        return options

    def text(
        self,
        format: Optional[str] = None,
        *,
        statistics: bool = False,
        color: bool = False,
        width: int = 0,
    ) -> str:
        """Return the report as the command prints it.

        :param format: text (default), full, json, jsonl, html …: ``llava-check help report``
        :param statistics: only the number of findings of each rule
        :param color: use colour codes of terminals
        :param width: line width in columns; 0: lines are not wrapped
        """
        name = "counts" if statistics else format or self._settings.get("format") or "text"
        with self._lock:
            return self._render(name, color=color, width=width).decode("utf-8")

    def _render(self, format: str, **members: Any) -> bytes:
        keep: list[Any] = []
        options = self._report_options(keep, format=encode(format), **members)
        return collect("lc_report_write_to", (self._handle(), ctypes.byref(options)))

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON report: see docs/report-format.md."""
        report: dict[str, Any] = json.loads(self.text("json"))
        return report

    def write(self, file: PathLike, *, force: bool = False, thumbnails: bool = False) -> None:
        """Write the report to a file; an existing file is replaced only if it is a report.

        :param file: the format comes from its suffix, or from ``FORMAT:FILE``
        :param force: also replace a file that is not a report, but never one of the data set
        :param thumbnails: show thumbnails of bad images in an HTML report
        """
        format_name, path = _files.split_target(os.fsdecode(encode(file) or b""))
        _files.check_target(path, self._data_paths(), force)
        with self._lock:
            pictures = ctypes.c_void_p()
            if thumbnails and format_name == "html":
                pictures = self._thumbnails()
            try:
                content = self._render(format_name, marked=True, thumbnails=pictures)
            finally:
                library().lc_thumbnails_free(pictures)
        _files.put(path, content)

    def _data_paths(self) -> list[bytes]:
        """Return the paths of the data set on this machine."""
        return self._paths

    def _thumbnails(self) -> ctypes.c_void_p:
        pictures = ctypes.c_void_p()
        view = self._view()
        own = None
        if view is None:
            own = ctypes.c_void_p()
            call(
                "lc_view_new",
                self._handle(),
                ctypes.byref(structs.Selection()),
                ctypes.byref(own),
            )
        options = structs.ThumbnailOptions(
            paths=ctypes.cast(structs.strings(self._paths), ctypes.POINTER(ctypes.c_char_p)),
            path_count=len(self._paths),
            images=encode(self._settings.get("images")),
            allow_outside=bool(self._settings.get("allow-outside")),
            show=structs.SEVERITIES.index(self._settings.get("show") or "warning"),
        )
        try:
            call(
                "lc_thumbnails_new",
                self._handle(),
                view or own,
                ctypes.byref(options),
                ctypes.byref(pictures),
            )
        finally:
            library().lc_view_free(own)
        return pictures

    def _write_files(self) -> None:
        """Write the files that the keywords request: baselines, then reports."""
        options = self._options
        if options.get("write-baseline") or options.get("prune-baseline"):
            names = ["select", "ignore", "severity", "show", "fail-on", "baseline", "config"]
            names += ["isolated", "write-baseline", "prune-baseline", "force"]
            given = {name: options.get(name) for name in names}
            source = self._settings.get("index")
            _command.run(
                "report",
                [encode(source) or b""] if source else self._paths,
                {**given, "quiet": True, "exit-zero": True},
            )
            written = options.get("write-baseline")
            if written:
                self._settings = {**self._settings, "baseline": written}
            library().lc_view_free(self._handles.pop("view", None))
        targets = options.get("report") or self._settings.get("report") or ()
        if isinstance(targets, (str, bytes, os.PathLike)):
            targets = (targets,)
        is_shown = bool(options.get("thumbnails") or self._settings.get("thumbnails"))
        for target in targets if isinstance(targets, (list, tuple)) else ():
            self.write(target, force=bool(options.get("force")), thumbnails=is_shown)

    def query(
        self,
        question: str,
        *ids: str,
        where: str | Sequence[str] = (),
        rule: str | Sequence[str] = (),
        show: str = "warning",
        trainer: Optional[str] = None,
        format: Optional[str] = None,
    ) -> str:
        """Return the answer of ``llava-check index QUESTION``.

        :param question: ``"get"``, ``"rows"``, ``"images"``, ``"findings"``, ``"duplicates"`` …
        :param ids: ids of rows, for ``"get"``
        :param where: list only rows or images that match these conditions: ``"width<100"``
        :param rule: list only findings of these rules
        :param show: lowest level to list
        :param trainer: the program whose effects on rows are meant; None: the report's
        :param format: format of the answer
        """
        lists = []
        for values in (ids, where, rule):
            several = [values] if isinstance(values, str) else list(values)
            lists.append([encode(value) or b"" for value in several])
        arrays = [structs.strings(values) for values in lists]
        pointers = [ctypes.cast(array, ctypes.POINTER(ctypes.c_char_p)) for array in arrays]
        query = structs.Query(
            name=encode(question),
            format=encode(format),
            ids=pointers[0],
            id_count=len(lists[0]),
            where=pointers[1],
            where_count=len(lists[1]),
            rules=pointers[2],
            rule_count=len(lists[2]),
            show=structs.SEVERITIES.index(show),
            trainer=encode(trainer or self._one_trainer()),
        )
        with self._lock:
            return collect(
                "lc_query_write_to", (self._handle(), ctypes.byref(query)), (None,)
            ).decode("utf-8")

    # ---- other data sets ----

    def diff(self, other: Report) -> Diff:
        """Compare this version of a data set with another one.

        Images in parquet files have no names, so their rows are compared by the images' bytes.
        """
        before, after = self, other
        if other._is_parquet:
            after = other._named_as(self)
        elif self._is_parquet:
            before = self._named_as(other)
        return Diff(before, after, (self, other))

    _is_parquet = False

    def _named_as(self, other: Report) -> Report:
        raise NotImplementedError

    def _to_places(self, text: str) -> str:
        """Replace places in a text by those that users know; here they are the same."""
        return text

    def clean(self, output: PathLike, **options: Any) -> CommandResult:
        """Write only the rows that a trainer trains on: see :func:`llava_check.clean`."""
        from llava_check import _api

        return _api.clean(
            [os.fsdecode(path) for path in self._paths],
            output,
            **{**self._given(), **options},
        )

    def fix(self, output: Optional[PathLike] = None, **options: Any) -> CommandResult:
        """Write the rows, fixing what can be fixed: see :func:`llava_check.fix`."""
        from llava_check import _api

        return _api.fix(
            [os.fsdecode(path) for path in self._paths],
            output,
            **{**self._given(), **options},
        )

    def _given(self) -> dict[str, Any]:
        """Return the keywords of this report that clean and fix have too."""
        names = ["images", "videos", "dialect", "allow-outside", "index", "trainer", "config"]
        names += ["isolated", "no-index", "threads"]
        return {
            name.replace("-", "_"): self._options[name]
            for name in names
            if self._options.get(name) not in (None, False, ())
        }

    # ---- people ----

    def __repr__(self) -> str:
        if not self._close.alive:
            return "<Report: closed>"
        summary, counts = self.summary, self.counts
        verdict = "ok" if self.ok else "FAILED"
        return (
            f"<Report: {verdict}: {counts['error']:,} errors, {counts['warning']:,} warnings; "
            f"{summary.rows_ok:,} of {summary.rows:,} rows and "
            f"{summary.images_ok:,} of {summary.images_referenced:,} images are sound>"
        )

    def _repr_html_(self) -> str:
        from llava_check._html import report_html

        with self._lock:
            return report_html(self)


class Effects(Table):
    """What a training program does with each row: a table and its counts."""

    @property
    def counts(self) -> dict[str, int]:
        """The number of rows by effect: ``{"fine": …, "crash": …}``."""
        totals: dict[str, int] = {name: 0 for name in structs.EFFECTS}
        for batch in self.batches():
            array, field = batch.column("effect")
            data = bytes(_arrow.numbers(array, field))
            for number, name in enumerate(_arrow.names(array)):
                totals[name] += data.count(number)
        return totals


class Diff:
    """The differences between two versions of a data set."""

    def __init__(self, before: Report, after: Report, given: tuple[Report, Report]) -> None:
        self._reports = (before, after)
        self._given = given

    def _write(self, format: str, color: bool, examples: int) -> tuple[bytes, bool]:
        before, after = self._reports
        equal = ctypes.c_bool()
        options = structs.DiffOptions(format=encode(format), color=color, examples=examples)
        options.names[0], options.names[1] = (report._paths[0] for report in self._given)
        with before._lock, after._lock:
            text = collect(
                "lc_diff_write_to",
                (before._handle(), after._handle(), ctypes.byref(options)),
                (ctypes.byref(equal),),
            )
        return text, equal.value

    @property
    def equal(self) -> bool:
        """Whether nothing differs."""
        return self._write("json", False, 0)[1]

    def text(self, format: str = "text", *, color: bool = False, examples: int = 3) -> str:
        """Return the differences as ``llava-check diff`` prints them.

        :param examples: number of changes to show of each kind, in text
        """
        text = self._write(format, color, examples)[0].decode("utf-8")
        for report in self._given:
            text = report._to_places(text)
        return text

    def to_dict(self) -> dict[str, Any]:
        """Return the differences as JSON: see docs/diff-format.md."""
        differences: dict[str, Any] = json.loads(self.text("json"))
        return differences

    def __repr__(self) -> str:
        return "<Diff: equal>" if self.equal else "<Diff: different>"

    def __str__(self) -> str:
        return self.text()


def _texts(value: object) -> list[bytes]:
    """Split a setting: a list, or a text with commas."""
    values = [value] if isinstance(value, str) else value or []
    assert isinstance(values, (list, tuple))
    return [part.strip().encode() for text in values for part in str(text).split(",")]


def check_verdicts(trainer: Optional[str], show: str) -> None:
    """Raise if there can be no verdicts for a trainer or a level."""
    if trainer == "all":
        raise UsageError("effects are those of one trainer")
    if show not in structs.SEVERITIES:
        raise UsageError(f"there is no level {show!r}")


def selection_of(settings: Mapping[str, Any]) -> tuple[structs.Selection, list[Any]]:
    """Return the selection that settings define, and the objects that it points to."""
    select, ignore = _texts(settings.get("select")), _texts(settings.get("ignore"))
    levels = []
    for text in _texts(settings.get("severity")):
        rules, _, level = text.rpartition(b"=")
        number = -1 if level == b"off" else structs.SEVERITIES.index(level.decode())
        levels.append(structs.LevelChoice(rules, number))
    folders = [
        structs.FolderChoice(encode(choice["pattern"]), choice["rule"].encode())
        for choice in settings.get("per-folder-ignores") or ()
    ]
    keep = [
        structs.strings(select),
        structs.strings(ignore),
        (structs.LevelChoice * len(levels))(*levels),
        (structs.FolderChoice * len(folders))(*folders),
    ]
    selection = structs.Selection(
        select=ctypes.cast(keep[0], ctypes.POINTER(ctypes.c_char_p)),
        select_count=len(select),
        ignore=ctypes.cast(keep[1], ctypes.POINTER(ctypes.c_char_p)),
        ignore_count=len(ignore),
        levels=ctypes.cast(keep[2], ctypes.POINTER(structs.LevelChoice)),
        level_count=len(levels),
        folders=ctypes.cast(keep[3], ctypes.POINTER(structs.FolderChoice)),
        folder_count=len(folders),
        baseline=encode(settings.get("baseline")),
    )
    return selection, keep
