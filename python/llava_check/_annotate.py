"""Verdicts about batches of rows in memory: Arrow in, Arrow out.

The C library renders the rows and finds their images in Arrow's buffers: there is no loop over rows
here, but for columns of types that it cannot render.
"""

from __future__ import annotations

import ctypes
import os
import threading
from typing import TYPE_CHECKING, Any, Literal, Optional, Sequence, Union

from llava_check import _structs as structs
from llava_check._arrow import array_pointers
from llava_check._errors import Error, UsageError
from llava_check._import_batch import IMAGE, IMAGES, JSON, VALUE, _can_render
from llava_check._library import PathLike, call, decode, encode, fail, library
from llava_check._parquet import _image_kind, render_value
from llava_check._report import Report

if TYPE_CHECKING:
    import pyarrow

COLUMNS = ("ok", "findings", "effect")


def _pyarrow() -> Any:
    try:
        import pyarrow

        return pyarrow
    except ImportError as error:
        raise Error("annotate needs pyarrow: pip install pyarrow") from error


class _Plan:
    """What the library does with the columns of a schema."""

    def __init__(self, schema: pyarrow.Schema) -> None:
        self.schema = schema
        roles = [_role_of(field) for field in schema]
        self.roles = bytes(roles)
        self.rendered = [(i, field.name) for i, field in enumerate(schema) if roles[i] == JSON]
        """Columns that become JSON here."""


def _role_of(field: pyarrow.Field) -> int:
    """An ``enum lc_import_role``."""
    if isinstance(field.type, _pyarrow().ExtensionType) and "ensor" in str(field.type):
        raise UsageError(
            f"the column {field.name!r} has decoded pixels, not the bytes of image files"
        )
    kind = _image_kind(field)
    if kind:
        return IMAGE if kind == "one" else IMAGES
    return VALUE if _can_render(field.type) else JSON


def _as_json(array: Any) -> Any:
    """An array of values that the library cannot render, as JSON texts."""
    arrow = _pyarrow()
    texts = [render_value(value) for value in array.to_pylist()]
    return arrow.array(texts, arrow.large_string())


class _Rows:
    """The rows of a batch, in the C library. One thread uses it."""

    def __init__(self) -> None:
        self._handle = ctypes.c_void_p()
        self._capsules: list[Any] = []  # they own the batch
        self._plan: Optional[_Plan] = None  # of the last batch
        call("lc_importer_new", ctypes.byref(self._handle))

    def __del__(self) -> None:
        library().lc_importer_free(self._handle)

    def render(self, table: pyarrow.Table) -> None:
        """Take the rows of a table in the place of those before."""
        self.clear()
        schema = table.schema
        if self._plan is None or not self._plan.schema.equals(schema):
            self._plan = _Plan(schema)
        for number, name in self._plan.rendered:
            texts = [_as_json(chunk) for chunk in table.column(number).chunks]
            kind = _pyarrow().large_string()
            table = table.set_column(number, name, _pyarrow().chunked_array(texts, kind))
        row = 0
        for batch in table.to_batches() or [_empty(table.schema)]:
            self._render(batch, self._plan.roles, row)
            row += batch.num_rows

    def _render(self, batch: pyarrow.RecordBatch, roles: bytes, row: int) -> None:
        capsules = batch.__arrow_c_array__()
        self._capsules.append(capsules)
        schema, array = array_pointers(capsules)
        arguments = structs.ImportBatch(
            ctypes.sizeof(structs.ImportBatch), schema, array, roles, first_row=row
        )
        error = structs.Error()
        status = library().lc_importer_render(
            self._handle, ctypes.byref(arguments), ctypes.byref(error)
        )
        if status != structs.STATUS_OK:
            fail(error, decode(library().lc_importer_subject(self._handle)))

    def check(self, options: structs.CheckOptions) -> ctypes.c_void_p:
        """Check them; returns the index."""
        index = ctypes.c_void_p()
        call("lc_importer_check", self._handle, ctypes.byref(options), ctypes.byref(index))
        return index

    def clear(self) -> None:
        """Let go of the batch."""
        self._capsules.clear()


def _empty(schema: pyarrow.Schema) -> pyarrow.RecordBatch:
    arrays = [_pyarrow().array([], field.type) for field in schema]
    return _pyarrow().RecordBatch.from_arrays(arrays, schema=schema)


_own = threading.local()


def _rows_of_thread() -> _Rows:
    if not hasattr(_own, "rows"):
        _own.rows = _Rows()
    rows: _Rows = _own.rows
    return rows


class BatchReport(Report):
    """The results of a batch: its rows are a sample."""

    def _new_prediction(self, trainer: Optional[str]) -> ctypes.c_void_p:
        prediction = ctypes.c_void_p()
        call(
            "lc_prediction_new_of_each",
            self._handle(),
            encode(trainer),
            ctypes.byref(prediction),
            subject=trainer or "",
        )
        return prediction


def image_root(images: Optional[PathLike]) -> bytes:
    """The folder that paths are relative to."""
    return os.fsencode(os.path.abspath(os.fsdecode(encode(images) or b".")))


def read_drop(drop: Sequence[str]) -> tuple[str, ...]:
    """The effects whose rows a step of a pipeline drops."""
    if isinstance(drop, str) or set(drop) - set(structs.EFFECTS):
        raise UsageError(f"drop: effects are {', '.join(structs.EFFECTS)}")
    return tuple(drop)


def annotate(
    table: Union[pyarrow.Table, pyarrow.RecordBatch],
    *,
    trainer: Optional[str] = None,
    images: Optional[PathLike] = None,
    dialect: Optional[str] = None,
    no_images: bool = False,
    allow_outside: bool = False,
    select: Union[str, Sequence[str]] = (),
    ignore: Union[str, Sequence[str]] = (),
    show: Literal["info", "warning", "error"] = "warning",
    threads: int = 1,
    prefix: str = "llava_",
) -> pyarrow.Table:
    """Add to each row of a batch whether it is sound, and what a training program does with it.

    Three columns are appended: ``llava_ok``, ``llava_findings`` (a list of structs of ``rule``,
    ``severity``, ``message`` and ``image``, a position among the row's images) and
    ``llava_effect``. Each row is checked by itself: nothing is compared with other rows.

    It is what ``map_batches`` of Ray Data and ``map`` of ``datasets`` call::

        ds.map_batches(llava_check.annotate, batch_format="pyarrow",
                       fn_kwargs={"trainer": "llava-next"})

    :param table: rows: each column is a member of the rows' JSON objects. A column of structs of
        ``bytes`` and ``path``, of lists of these, or of binary named image or images has the
        images; other images are files
    :param trainer: training program to predict for (default: by dialect)
    :param images: folder that image paths are relative to (default: the working directory)
    :param dialect: how rows are written (default: detected in each batch)
    :param no_images: check rows only
    :param allow_outside: also open image paths that are absolute or contain ".."
    :param select, ignore: as for :func:`llava_check.check`; ``llava_ok`` follows them
    :param show: lowest level of the findings that are listed
    :param threads: worker threads; 0: one per processor
    :param prefix: what the names of the columns begin with; columns that have them are replaced
    :raises UsageError: no such trainer, dialect or rule; images that were decoded already
    """
    arrow = _pyarrow()
    if isinstance(table, arrow.RecordBatch):
        table = arrow.Table.from_batches([table])
    names = [prefix + column for column in COLUMNS]
    replaced = set(names).intersection(table.column_names)
    if replaced:
        table = table.drop_columns(list(replaced))
    root = image_root(images)
    options = structs.CheckOptions(
        images=root,
        videos=root,
        dialect=encode(dialect),
        no_images=no_images,
        allow_outside=allow_outside,
        threads=threads,
    )
    rows = _rows_of_thread()
    try:
        rows.render(table)
        index = rows.check(options)
    finally:
        rows.clear()
    settings = {"select": select, "ignore": ignore, "trainer": trainer}
    with BatchReport(index, [], settings, {}) as report:
        verdicts = report.verdicts(trainer, show=show).to_arrow()
    for name, column in zip(names, ("is_ok", "findings", "effect")):
        table = table.append_column(name, verdicts.column(column))
    return table
