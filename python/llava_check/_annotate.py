"""Verdicts about batches of rows in memory: Arrow in, Arrow out."""

from __future__ import annotations

import contextlib
import ctypes
import errno
import json
import os
import tempfile
from typing import TYPE_CHECKING, Any, Iterator, Literal, NamedTuple, Optional, Sequence, Union

from llava_check import _structs as structs
from llava_check._errors import Error, UsageError
from llava_check._library import PathLike, call, encode, library
from llava_check._parquet import _image_kind, _to_json, suffix_of
from llava_check._report import Report
from llava_check._table import Table

if TYPE_CHECKING:
    import pyarrow

COLUMNS = ("ok", "findings", "effect")
HEAD = 16  # bytes that tell an image's format
JPEG = b"\xff\xd8\xff"  # what most begin with


def _pyarrow() -> Any:
    try:
        import pyarrow

        return pyarrow
    except ImportError as error:
        raise Error("annotate needs pyarrow: pip install pyarrow") from error


class _Bytes(NamedTuple):
    """An image's bytes, in a buffer of Arrow's or one of our own."""

    address: int
    size: int
    owner: Any


def bytes_at(data: bytes) -> _Bytes:
    """Where the content of a bytes object is."""
    address = ctypes.cast(ctypes.c_char_p(data), ctypes.c_void_p).value or 0
    return _Bytes(address, len(data), data)


class _Images:
    """The images of a batch by the paths that its rows have for them: ``row.position.suffix``."""

    def __init__(self) -> None:
        self.root = b"."
        self._by_path: dict[bytes, _Bytes] = {}
        self._read: list[Any] = []  # files, until the batch is done
        self.error: Optional[BaseException] = None

    def __bool__(self) -> bool:
        return bool(self._by_path)

    def add(self, path: str, data: _Bytes) -> None:
        self._by_path[path.encode("utf-8", "surrogatepass")] = data

    def _read_file(self, path: bytes) -> _Bytes:
        """An image that has no bytes: the file that its path names."""
        with open(os.path.join(self.root, path), "rb") as file:
            data = bytes_at(file.read())
        self._read.append(data)
        return data

    def get(self, _user: object, path: bytes, out: Any) -> int:
        """get_image of struct lc_check_options."""
        try:
            data = self._by_path.get(path) or self._read_file(path)
        except OSError as error:
            is_missing = isinstance(error, (FileNotFoundError, NotADirectoryError))
            return errno.ENOENT if is_missing else error.errno or errno.EIO
        except BaseException as error:  # noqa: BLE001: it cannot pass through C
            self.error = self.error or error
            return errno.EIO
        image = out.contents
        image.data, image.size = data.address, data.size
        return 0


def _check_types(table: Any) -> None:
    """Refuse what cannot be a member of a row: images that were decoded already."""
    for field in table.schema:
        if isinstance(field.type, _pyarrow().ExtensionType) and "ensor" in str(field.type):
            raise UsageError(
                f"the column {field.name!r} has decoded pixels, not the bytes of image files"
            )


def _bytes_of(array: Any) -> list[Optional[_Bytes]]:
    """Where the values of an array of bytes are: nothing is copied, no scalar is made."""
    array = array.cast(_pyarrow().large_binary())
    if not len(array):
        return []
    _, offsets, data = array.buffers()
    ends = memoryview(offsets).cast("q")[array.offset : array.offset + len(array) + 1]
    start = data.address if data is not None else 0
    return [
        _Bytes(start + ends[i], ends[i + 1] - ends[i], data) if valid else None
        for i, valid in enumerate(array.is_valid().to_pylist())
    ]


class _Image(NamedTuple):
    data: Optional[_Bytes]  # None: the row only has its path
    path: Optional[str]

    def suffix(self) -> str:
        """By the image's content: the name that an import gives its file."""
        head = b""
        if self.data is not None and self.data.size:
            head = ctypes.string_at(self.data.address, min(self.data.size, HEAD))
        return ".jpg" if head[:3] == JPEG else suffix_of(memoryview(head), self.path)


def _images_in(array: Any) -> list[Optional[_Image]]:
    """The images of an array of bytes, or of structs of bytes and path."""
    found = []
    paths: list[Optional[str]] = [None] * len(array)
    if _pyarrow().types.is_struct(array.type):
        names = [array.type.field(i).name for i in range(array.type.num_fields)]
        parts = dict(zip(names, array.flatten()))
        array = parts["bytes"]
        paths = parts["path"].to_pylist() if "path" in parts else paths
    for data, path in zip(_bytes_of(array), paths):
        found.append(_Image(data, path) if data is not None or path else None)
    return found


def _images_of(column: Any, kind: str) -> list[list[_Image]]:
    """The images of each row of a column."""
    rows: list[list[_Image]] = []
    for chunk in column.chunks:
        if kind == "one":
            rows += [[image] if image else [] for image in _images_in(chunk)]
            continue
        images = _images_in(chunk.flatten())
        end = 0
        for length in chunk.value_lengths().to_pylist():
            start, end = end, end + (length or 0)
            rows.append([image for image in images[start:end] if image])
    return rows


def _members(table: Any, images: _Images) -> list[dict[str, Any]]:
    """The rows as JSON objects, with paths in the place of images' bytes."""
    kinds = {f.name: kind for f in table.schema if (kind := _image_kind(f))}
    rows: list[dict[str, Any]] = table.drop_columns(list(kinds)).to_pylist()
    if len(rows) != table.num_rows:  # there are no other columns
        rows = [{} for _ in range(table.num_rows)]
    for name, kind in kinds.items():
        for number, found in enumerate(_images_of(table.column(name), kind)):
            paths: list[str] = []
            for image in found:
                path = image.path or ""
                if image.data is not None:
                    path = f"{number}.{name}.{len(paths)}{image.suffix()}"
                    images.add(path, image.data)
                paths.append(path)
            if paths:
                rows[number][name] = paths[0] if kind == "one" else paths
    return rows


class _BatchReport(Report):
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


@contextlib.contextmanager
def verdicts_of(
    rows: list[dict[str, Any]],
    memory: _Images,
    *,
    trainer: Optional[str],
    images: Optional[PathLike],
    dialect: Optional[str],
    no_images: bool,
    allow_outside: bool,
    select: Union[str, Sequence[str]],
    ignore: Union[str, Sequence[str]],
    show: str,
    threads: int,
) -> Iterator[Table]:
    """The table of verdicts about rows; it is read inside of the ``with`` block."""
    from llava_check import _run

    root = os.fsencode(os.path.abspath(os.fsdecode(encode(images) or b".")))
    memory.root = root
    settings = {"select": select, "ignore": ignore, "trainer": trainer}
    with tempfile.TemporaryDirectory(prefix="llava-check-batch-") as folder:
        path = os.fsencode(os.path.join(folder, "rows.json"))
        with open(path, "wb") as file:
            text = json.dumps(rows, ensure_ascii=False, default=_to_json)
            file.write(text.encode("utf-8", "surrogatepass"))
        struct = structs.CheckOptions(
            paths=ctypes.cast(structs.strings([path]), ctypes.POINTER(ctypes.c_char_p)),
            path_count=1,
            images=root,
            videos=root,
            dialect=encode(dialect),
            no_index=True,
            no_images=no_images,
            allow_outside=allow_outside,
            threads=threads,
            each_alone=True,
        )
        if memory:
            struct.get_image = structs.GET_IMAGE(memory.get)
        handle = _run.check_quietly(struct)
        if memory.error:
            library().lc_index_close(handle)
            raise memory.error
        with _BatchReport(handle, [path], settings, {}) as report:
            yield report.verdicts(trainer, show=show)


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
    table = table.drop_columns([name for name in names if name in table.column_names])
    _check_types(table)
    memory = _Images()
    rows = _members(table, memory)
    with verdicts_of(
        rows,
        memory,
        trainer=trainer,
        images=images,
        dialect=dialect,
        no_images=no_images,
        allow_outside=allow_outside,
        select=select,
        ignore=ignore,
        show=show,
        threads=threads,
    ) as found:
        verdicts = found.to_arrow()
    for name, column in zip(names, ("is_ok", "findings", "effect")):
        table = table.append_column(name, verdicts.column(column))
    return table
