"""Importing pyarrow's batches with the library, which reads them in place."""

from __future__ import annotations

import ctypes
import threading
from typing import TYPE_CHECKING, Any, NamedTuple

from llava_check import _structs as structs
from llava_check._arrow import array_pointers, schema_pointer
from llava_check._library import call, decode, encode, fail, library
from llava_check._parquet import ParquetSource, render_value

if TYPE_CHECKING:
    import pyarrow

# enum lc_import_role
VALUE, JSON, IMAGE, IMAGES, NAME, SHARED, ID = range(7)


class Place(NamedTuple):
    """Where rows come from, and where their images go."""

    images: str
    folder: str  # the same folder, as rows name it
    source: ParquetSource
    group: int
    number: int  # of the first row in the file
    row: int  # of the first row in the data set


class Written(NamedTuple):
    """The output for a batch."""

    rows: bytes
    mapping: bytes
    counts: structs.ImportCounts


class BatchWriter:
    """An importer of the library; not thread-safe."""

    def __init__(self) -> None:
        self._handle = ctypes.c_void_p()
        call("lc_importer_new", ctypes.byref(self._handle))

    def __del__(self) -> None:
        library().lc_importer_free(self._handle)

    def write(self, batch: pyarrow.RecordBatch, place: Place) -> Written:
        """Write the images of a batch, without holding the interpreter's lock."""
        table, roles = _with_labels(batch, place)
        capsules = table.__arrow_c_array__()
        schema, array = array_pointers(capsules)
        first = place.source.first_row(place.group)
        arguments = structs.ImportBatch(
            ctypes.sizeof(structs.ImportBatch),
            schema,
            array,
            bytes(roles),
            encode(place.images),
            place.folder.encode("utf-8"),
            place.source.name.encode("utf-8"),
            place.group,
            place.number - first,
            place.row,
        )
        counts = structs.ImportCounts()
        error = structs.Error()
        status = library().lc_importer_write(
            self._handle, ctypes.byref(arguments), ctypes.byref(counts), ctypes.byref(error)
        )
        del capsules  # they own the arrays that the call read
        if status != structs.STATUS_OK:
            fail(error, decode(library().lc_importer_subject(self._handle)))
        return Written(
            _bytes(library().lc_importer_rows(self._handle)),
            _bytes(library().lc_importer_mapping(self._handle)),
            counts,
        )


_own = threading.local()


def writer_of_thread() -> BatchWriter:
    """Return this thread's writer."""
    if not hasattr(_own, "writer"):
        _own.writer = BatchWriter()
    writer: BatchWriter = _own.writer
    return writer


def _bytes(span: structs.Span) -> bytes:
    return ctypes.string_at(span.text, span.size)


def _with_labels(
    batch: pyarrow.RecordBatch, place: Place
) -> tuple[pyarrow.RecordBatch, list[int]]:
    """Return a batch with columns for ids and image names added, and all columns' roles."""
    import pyarrow

    names = place.source.names()
    rows = slice(place.number, place.number + batch.num_rows)
    arrays, fields, roles = [], [], []

    def add(name: str, array: Any, role: int) -> None:
        arrays.append(array)
        fields.append(pyarrow.field(name, array.type))
        roles.append(role)

    for name, array in zip(batch.schema.names, batch.columns):
        kind = place.source.image_columns.get(name)
        if kind:
            add(name, array, IMAGE if kind == "one" else IMAGES)
        elif _can_render(array.type):
            add(name, array, VALUE)
        else:
            texts = [render_value(value) for value in array.to_pylist()]
            add(name, pyarrow.array(texts, pyarrow.large_string()), JSON)
    add("", pyarrow.array(names.names[rows], pyarrow.string()), NAME)
    add("", pyarrow.array(names.shared[rows], pyarrow.bool_()), SHARED)
    add("", pyarrow.array(names.ids[rows], pyarrow.string()), ID)
    return pyarrow.RecordBatch.from_arrays(arrays, schema=pyarrow.schema(fields)), roles


def _can_render(kind: pyarrow.DataType) -> bool:
    """Whether the library can render the values of a type."""
    capsule = kind.__arrow_c_schema__()
    return bool(library().lc_import_can_render(schema_pointer(capsule)))
