"""Tables, which pyarrow, Polars, DuckDB and pandas read without going through Python objects."""

from __future__ import annotations

import ctypes
import html
from typing import TYPE_CHECKING, Any, Callable, Iterator

from llava_check import _arrow
from llava_check import _structs as structs

if TYPE_CHECKING:
    import pandas
    import polars
    import pyarrow

HTML_ROWS = 10


class Table:
    """A table of a report: rows, images, findings, files or effects.

    It supports Arrow's PyCapsule protocol: ``pyarrow.table(t)``, ``polars.DataFrame(t)``,
    ``duckdb.sql("from t")`` and ``pandas.DataFrame.from_arrow(t)`` read it. The C library fills its
    columns, batch by batch, each time that it is read.

    Without any of these packages, ``for row in t`` yields dicts; ``len(t)`` is the number of rows.
    """

    def __init__(
        self,
        name: str,
        make_stream: Callable[[], structs.ArrowArrayStream],
        length: Callable[[], int],
    ) -> None:
        self.name = name
        self._make_stream = make_stream
        self._length = length

    def __reduce__(self) -> Any:
        raise TypeError("a table cannot be pickled: pickle table.to_arrow() or another frame")

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """Return a capsule with an ``ArrowArrayStream``. A requested schema is ignored."""
        return _arrow.stream_capsule(self._make_stream())

    def __arrow_c_schema__(self) -> object:
        """Return a capsule with an ``ArrowSchema``."""
        return _arrow.schema_capsule(self._schema())

    def _schema(self) -> structs.ArrowSchema:
        return _arrow.schema_of(structs.TABLES.index(self.name))

    @property
    def columns(self) -> dict[str, str]:
        """The names of the columns, with the names of their types."""
        schema = self._schema()
        try:
            return {field.name: field.type for field in _arrow.fields_of(schema)}
        finally:
            schema.release(ctypes.byref(schema))

    def __len__(self) -> int:
        return self._length()

    def batches(self) -> Iterator[_arrow.Batch]:
        """Yield the library's batches, for direct access to columns of numbers."""
        return _arrow.batches(self._make_stream())

    def __iter__(self) -> Iterator[dict[str, Any]]:
        for batch in self.batches():
            yield from batch.rows()

    def to_pylist(self) -> list[dict[str, Any]]:
        """Return all rows as dicts."""
        return list(self)

    def to_arrow(self) -> pyarrow.Table:
        """Return the table as a ``pyarrow.Table``."""
        import pyarrow

        return pyarrow.RecordBatchReader.from_stream(self).read_all()

    def to_polars(self) -> polars.DataFrame:
        """Return the table as a ``polars.DataFrame``."""
        import polars

        return polars.DataFrame(self)

    def to_pandas(self) -> pandas.DataFrame:
        """Return the table as a ``pandas.DataFrame``.

        Its columns keep their Arrow types (``pandas.ArrowDtype``), and those with few distinct
        texts are categories, so that nothing becomes Python objects. Needs pandas 2 and pyarrow.
        """
        import pandas
        import pyarrow

        def dtype(arrow: pyarrow.DataType) -> Any:
            return None if pyarrow.types.is_dictionary(arrow) else pandas.ArrowDtype(arrow)

        return self.to_arrow().to_pandas(types_mapper=dtype, split_blocks=True)

    def __repr__(self) -> str:
        return f"<{self.name}: {len(self):,} rows, {len(self.columns)} columns>"

    def _repr_html_(self) -> str:
        rows = []
        for row in self:
            rows.append(row)
            if len(rows) == HTML_ROWS:
                break
        if not rows:
            return f"<p>no {html.escape(self.name)}</p>"
        left = 'style="text-align:left"'
        head = "".join(f"<th {left}>{html.escape(name)}</th>" for name in self.columns)
        body = "".join(
            "<tr>" + "".join(f"<td {left}>{_cell(value)}</td>" for value in row.values()) + "</tr>"
            for row in rows
        )
        more = len(self) - len(rows)
        note = f"<p>… and {more:,} more</p>" if more > 0 else ""
        return (
            '<div style="overflow-x:auto"><table style="margin:0;table-layout:auto">'
            f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>{note}"
        )


def _cell(value: object) -> str:
    if value is None:
        return ""
    text = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    escaped = html.escape(text if len(text) <= 80 else text[:79] + "…")
    if len(text) <= 24:
        return escaped
    return f'<div style="min-width:16em">{escaped}</div>'
