"""Verdicts about batches of rows in memory: Arrow in, Arrow out.

The C library renders the rows and finds their images in Arrow's buffers. Python loops over rows
only for columns of types that the library cannot render.
"""

from __future__ import annotations

import ctypes
import functools
import os
import threading
from typing import TYPE_CHECKING, Any, Literal, Optional, Sequence, Union

from llava_check import _structs as structs
from llava_check._arrow import next_array, schema_of, schema_pointer
from llava_check._errors import Error, UsageError
from llava_check._import_batch import IMAGE, IMAGES, JSON, VALUE, _can_render
from llava_check._library import PathLike, call, decode, encode, fail, library
from llava_check._parquet import _image_kind, render_value
from llava_check._report import check_verdicts, selection_of

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
    """How to treat each column of a schema; made once for all batches with that schema."""

    def __init__(self, schema: pyarrow.Schema) -> None:
        self.schema = schema
        roles = [_role_of(field) for field in schema]
        self.roles = bytes(roles)
        self.rendered = [i for i, role in enumerate(roles) if role == JSON]
        """Columns that become JSON here."""
        sent = schema
        for i in self.rendered:
            sent = sent.set(i, _pyarrow().field(schema.field(i).name, _pyarrow().large_string()))
        self._capsule = sent.__arrow_c_schema__()
        self.sent = schema_pointer(self._capsule)
        """The schema of what the library gets, in Arrow's C interface."""
        self._annotated: dict[str, pyarrow.Schema] = {}

    def annotated(self, prefix: str) -> pyarrow.Schema:
        """Return the schema with the verdict columns appended."""
        if prefix not in self._annotated:
            out = self.schema
            for name, position in zip(COLUMNS, _positions()):
                kind = _verdicts_schema().field(position).type
                out = out.append(_pyarrow().field(prefix + name, kind))
            self._annotated[prefix] = out
        return self._annotated[prefix]


def _role_of(field: pyarrow.Field) -> int:
    """Return the ``enum lc_import_role`` of a column."""
    if isinstance(field.type, _pyarrow().ExtensionType) and "ensor" in str(field.type):
        raise UsageError(
            f"the column {field.name!r} has decoded pixels, not the bytes of image files"
        )
    kind = _image_kind(field)
    if kind:
        return IMAGE if kind == "one" else IMAGES
    return VALUE if _can_render(field.type) else JSON


def _as_json(array: Any) -> Any:
    """Convert an array of values that the library cannot render to JSON texts."""
    arrow = _pyarrow()
    texts = [render_value(value) for value in array.to_pylist()]
    return arrow.array(texts, arrow.large_string())


@functools.lru_cache(maxsize=None)
def _verdicts_schema() -> pyarrow.Schema:
    """Return the schema of the library's verdicts table."""
    schema = schema_of(structs.TABLES.index("verdicts"))
    return _pyarrow().Schema._import_from_c(ctypes.addressof(schema))


@functools.lru_cache(maxsize=None)
def _positions() -> list[int]:
    """Return the positions of the appended columns in the library's verdicts table."""
    return [_verdicts_schema().names.index(name) for name in ("is_ok", "findings", "effect")]


class _Rows:
    """The rows of a batch, held by the C library. Not thread-safe."""

    def __init__(self) -> None:
        self._handle = ctypes.c_void_p()
        self._arrays: list[structs.ArrowArray] = []  # of the batch
        self._plan: Optional[_Plan] = None  # of the last batch
        call("lc_importer_new", ctypes.byref(self._handle))

    def __del__(self) -> None:
        if self._handle:
            library().lc_importer_free(self._handle)

    def plan_for(self, schema: pyarrow.Schema) -> _Plan:
        """Return the plan for a schema, reusing the last batch's if the schema is the same."""
        if self._plan is None or not self._plan.schema.equals(schema, check_metadata=True):
            self._plan = _Plan(schema)
        return self._plan

    def render(self, batches: list[pyarrow.RecordBatch], plan: _Plan) -> None:
        """Replace the rows held by those of the batches."""
        self.clear()
        row = 0
        for batch in batches:
            self._render(batch, plan, row)
            row += batch.num_rows

    def _render(self, batch: pyarrow.RecordBatch, plan: _Plan, row: int) -> None:
        if plan.rendered:
            columns = batch.columns
            for i in plan.rendered:
                columns[i] = _as_json(columns[i])
            batch = _pyarrow().RecordBatch.from_arrays(columns, names=batch.schema.names)
        array = structs.ArrowArray()
        batch._export_to_c(ctypes.addressof(array))
        self._arrays.append(array)
        arguments = structs.ImportBatch(
            ctypes.sizeof(structs.ImportBatch),
            plan.sent,
            ctypes.addressof(array),
            plan.roles,
            first_row=row,
        )
        error = structs.Error()
        status = library().lc_importer_render(
            self._handle, ctypes.byref(arguments), ctypes.byref(error)
        )
        if status != structs.STATUS_OK:
            fail(error, decode(library().lc_importer_subject(self._handle)))

    def verdicts(
        self, rows: int, options: structs.CheckOptions, verdicts: structs.VerdictOptions
    ) -> list[pyarrow.RecordBatch]:
        """Check the rows that were added, and return the library's verdicts table."""
        stream, array = structs.ArrowArrayStream(), structs.ArrowArray()
        call(
            "lc_importer_verdicts",
            self._handle,
            ctypes.byref(options),
            ctypes.byref(verdicts),
            ctypes.byref(stream),
            subject=decode(verdicts.trainer),
        )
        import_from_c = _pyarrow().RecordBatch._import_from_c
        batches = []
        try:
            while rows > 0 and next_array(stream, array):
                batches.append(import_from_c(ctypes.addressof(array), _verdicts_schema()))
                rows -= batches[-1].num_rows
        finally:
            stream.release(ctypes.byref(stream))
        return batches

    def clear(self) -> None:
        """Release the arrays of the batch."""
        for array in self._arrays:
            array.release(ctypes.byref(array))
        self._arrays.clear()


def _empty(schema: pyarrow.Schema) -> pyarrow.RecordBatch:
    arrays = [_pyarrow().array([], field.type) for field in schema]
    return _pyarrow().RecordBatch.from_arrays(arrays, schema=schema)


_own = threading.local()


def _rows_of_thread() -> _Rows:
    if not hasattr(_own, "rows"):
        _own.rows = _Rows()
    rows: _Rows = _own.rows
    return rows


def image_root(images: Optional[PathLike]) -> bytes:
    """Return the folder that image paths are relative to, as an absolute path."""
    path = encode(images) or b"."
    return path if path.startswith(b"/") else os.path.abspath(path)


@functools.lru_cache(maxsize=8)
def _check_options(
    images: Union[str, bytes],
    dialect: Optional[str],
    no_images: bool,
    allow_outside: bool,
    threads: int,
) -> structs.CheckOptions:
    """Return check options; the library only reads them, so a pipeline's batches share them."""
    root = image_root(images)
    return structs.CheckOptions(
        images=root,
        videos=root,
        dialect=encode(dialect),
        no_images=no_images,
        allow_outside=allow_outside,
        threads=threads,
    )


@functools.lru_cache(maxsize=8)
def _verdict_options(
    trainer: Optional[str], show: str, select: tuple[str, ...], ignore: tuple[str, ...]
) -> tuple[structs.VerdictOptions, list[Any]]:
    """Return verdict options for the library, and the objects that they point to."""
    check_verdicts(trainer, show)
    options = structs.VerdictOptions(
        trainer=encode(trainer), show=structs.SEVERITIES.index(show)
    )
    if not select and not ignore:
        return options, []
    selection, keep = selection_of({"select": select, "ignore": ignore})
    options.selection = ctypes.pointer(selection)
    return options, [selection, keep]


def _as_tuple(names: Union[str, Sequence[str]]) -> tuple[str, ...]:
    return (names,) if isinstance(names, str) else tuple(names)


def read_drop(drop: Sequence[str]) -> tuple[str, ...]:
    """Validate and return the effects whose rows a pipeline step drops."""
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
    """Add to each row of a batch whether it is sound and what a training program does with it.

    Three columns are appended: ``llava_ok``, ``llava_findings`` (a list of structs of ``rule``,
    ``severity``, ``message`` and ``image``, a position among the row's images) and
    ``llava_effect``. Each row is checked by itself: nothing is compared with other rows.

    Pass it to ``map_batches`` of Ray Data or ``map`` of ``datasets``::

        ds.map_batches(llava_check.annotate, batch_format="pyarrow",
                       fn_kwargs={"trainer": "llava-next"})

    :param table: the rows: each column becomes a member of their JSON objects. Images come
        from columns of structs of ``bytes`` and ``path``, of lists of such structs, or of binary
        values named image or images; other images are files
    :param trainer: training program to predict for (default: by dialect)
    :param images: folder that image paths are relative to (default: the working directory)
    :param dialect: how rows are written (default: detected in each batch)
    :param no_images: check rows only
    :param allow_outside: also open image paths that are absolute or contain ".."
    :param select, ignore: as for :func:`llava_check.check`; ``llava_ok`` follows them
    :param show: lowest level of the findings that are listed
    :param threads: worker threads; 0: one per processor
    :param prefix: prefix of the new columns' names; existing columns of these names are replaced
    :raises UsageError: no such trainer, dialect or rule; images that are already decoded
    """
    arrow = _pyarrow()
    if isinstance(table, arrow.RecordBatch):
        table = arrow.Table.from_batches([table])
    present = table.column_names
    replaced = [prefix + name for name in COLUMNS if prefix + name in present]
    if replaced:
        table = table.drop_columns(replaced)
    if not isinstance(images, str) or not images.startswith("/"):
        images = image_root(images)  # a relative path depends on the working directory
    options = _check_options(images, dialect, no_images, allow_outside, threads)
    wanted, _keep = _verdict_options(trainer, show, _as_tuple(select), _as_tuple(ignore))
    rows = _rows_of_thread()
    plan = rows.plan_for(table.schema)
    batches = table.to_batches()
    try:
        rows.render(batches or [_empty(plan.schema)], plan)
        verdicts = rows.verdicts(table.num_rows, options, wanted)
    finally:
        rows.clear()
    return _with_verdicts(table, batches, verdicts, plan.annotated(prefix))


def _with_verdicts(
    table: pyarrow.Table,
    batches: list[pyarrow.RecordBatch],
    verdicts: list[pyarrow.RecordBatch],
    schema: pyarrow.Schema,
) -> pyarrow.Table:
    """Return a table with the verdict columns appended; the batches are those of the table."""
    arrow = _pyarrow()
    if len(batches) == 1 == len(verdicts):  # the common case, in a third of the time
        columns = batches[0].columns + [verdicts[0].column(i) for i in _positions()]
        return arrow.Table.from_batches([arrow.RecordBatch.from_arrays(columns, schema=schema)])
    found = arrow.Table.from_batches(verdicts, _verdicts_schema())
    columns = table.columns + [found.column(i) for i in _positions()]
    return arrow.Table.from_arrays(columns, schema=schema)
