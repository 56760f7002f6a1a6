"""A datatrove pipeline step that checks documents made from rows; experimental.

    LocalPipelineExecutor([
        JsonlReader("data", adapter=llava_check.datatrove.adapter),
        llava_check.datatrove.Annotate(trainer="llava-next", images="raw/images", drop=("replaced", "crash")),
        ParquetWriter("checked"),
    ]).run()
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import json
import os
import tempfile
from itertools import islice
from typing import Any, Iterable, Iterator, NamedTuple, Optional, Sequence, Union

from datatrove.data import Document
from datatrove.pipeline.base import PipelineStep

from llava_check import _run
from llava_check import _structs as structs
from llava_check._annotate import COLUMNS, image_root, read_drop
from llava_check._errors import UsageError
from llava_check._library import PathLike, call, encode, library
from llava_check._parquet import _to_json, suffix_of
from llava_check._report import Report
from llava_check._table import Table

__all__ = ["Annotate", "adapter"]

PREFIX = "llava_"
OWN = tuple(PREFIX + name for name in COLUMNS)
IMAGE_MEMBERS = ("image", "images", "img")
HEAD = 16  # bytes that are enough to detect an image's format


def adapter(_reader: Any, data: dict[str, Any], path: str, id_in_file: Union[int, str]) -> Any:
    """Adapter for datatrove's readers: make a row a document, with all its members as metadata.

    The document's text is the text of the conversation, for steps that read it.
    """
    texts = []
    for turns in data.values():
        if isinstance(turns, list):
            for turn in turns:
                values = turn.values() if isinstance(turn, dict) else ()
                texts += [value for value in values if isinstance(value, str)]
    name = str(data.get("id", f"{path}/{id_in_file}"))
    return {"text": "\n".join(texts) or name, "id": name, "media": [], "metadata": data}


class Annotate(PipelineStep):  # type: ignore[misc]
    """Adds ``llava_ok``, ``llava_findings`` and ``llava_effect`` to the metadata of documents.

    The metadata must be the members of the row. Images are paths, bytes, or dicts of ``bytes`` and
    ``path``, in the member ``image``, ``images`` or ``img``.

    :param drop: drop documents with these effects, such as ``("replaced", "crash", "refused")``
    :param batch_size: number of documents that are checked at a time
    :param trainer, images, dialect, no_images, allow_outside, select, ignore, show, threads: as
        for :func:`llava_check.annotate`
    """

    type = "CHECK"
    name = "llava-check"

    def __init__(
        self,
        *,
        drop: Sequence[str] = (),
        batch_size: int = 256,
        trainer: Optional[str] = None,
        images: Optional[PathLike] = None,
        dialect: Optional[str] = None,
        no_images: bool = False,
        allow_outside: bool = False,
        select: Union[str, Sequence[str]] = (),
        ignore: Union[str, Sequence[str]] = (),
        show: str = "warning",
        threads: int = 1,
    ) -> None:
        super().__init__()
        if batch_size < 1:
            raise UsageError("batch_size must be at least 1")
        self.drop = read_drop(drop)
        self.batch_size = batch_size
        self.options: dict[str, Any] = {
            "trainer": trainer,
            "images": images,
            "dialect": dialect,
            "no_images": no_images,
            "allow_outside": allow_outside,
            "select": select,
            "ignore": ignore,
            "show": show,
            "threads": threads,
        }

    def run(self, data: Iterable[Document], rank: int = 0, world_size: int = 1) -> Iterator[Document]:
        """Check documents, and pass them on. Called by datatrove."""
        documents = iter(data or ())
        while batch := list(islice(documents, self.batch_size)):
            with self.track_time("batch"):
                verdicts = self._check(batch)
            for document, verdict in zip(batch, verdicts):
                self.stat_update("total", f"effect_{verdict['effect']}")
                if verdict["effect"] in self.drop:
                    self.stat_update("dropped")
                    continue
                found = (verdict["is_ok"], verdict["findings"], verdict["effect"])
                document.metadata.update(zip(OWN, found))
                self.stat_update("forwarded")
                yield document

    def _check(self, batch: list[Document]) -> list[dict[str, Any]]:
        memory = _Images()
        rows = [_row_of(number, document, memory) for number, document in enumerate(batch)]
        with _verdicts_of(rows, memory, **self.options) as table:
            return table.to_pylist()


class _Bytes(NamedTuple):
    """An image's bytes, in an Arrow buffer or in one of our own."""

    address: int
    size: int
    owner: Any


def _bytes_at(data: bytes) -> _Bytes:
    """Return the address and size of a bytes object's content."""
    address = ctypes.cast(ctypes.c_char_p(data), ctypes.c_void_p).value or 0
    return _Bytes(address, len(data), data)


class _Images:
    """The images of a batch, by the paths in its rows: ``row.position.suffix``."""

    def __init__(self) -> None:
        self.root = b"."
        self._by_path: dict[bytes, _Bytes] = {}
        self._read: list[Any] = []  # files' contents, until the batch is done
        self.error: Optional[BaseException] = None

    def __bool__(self) -> bool:
        return bool(self._by_path)

    def add(self, path: str, data: _Bytes) -> None:
        self._by_path[path.encode("utf-8", "surrogatepass")] = data

    def _read_file(self, path: bytes) -> _Bytes:
        """Read an image that has no bytes from the file that its path names."""
        with open(os.path.join(self.root, path), "rb") as file:
            data = _bytes_at(file.read())
        self._read.append(data)
        return data

    def get(self, _user: object, path: bytes, out: Any) -> int:
        """Implement get_image of struct lc_check_options."""
        try:
            data = self._by_path.get(path) or self._read_file(path)
        except OSError as error:
            is_missing = isinstance(error, (FileNotFoundError, NotADirectoryError))
            return errno.ENOENT if is_missing else error.errno or errno.EIO
        except BaseException as error:  # noqa: BLE001: exceptions cannot pass through C
            self.error = self.error or error
            return errno.EIO
        image = out.contents
        image.data, image.size = data.address, data.size
        return 0


class _Image(NamedTuple):
    data: Optional[_Bytes]  # None: the row has only its path
    path: Optional[str]

    def suffix(self) -> str:
        """The suffix that an import would give its file: by content, else by path."""
        head = b""
        if self.data is not None and self.data.size:
            head = ctypes.string_at(self.data.address, min(self.data.size, HEAD))
        return suffix_of(memoryview(head), self.path)


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


@contextlib.contextmanager
def _verdicts_of(
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
    """Yield the verdicts table of rows; read it inside the ``with`` block."""
    root = image_root(images)
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
        with BatchReport(handle, [path], settings, {}) as report:
            yield report.verdicts(trainer, show=show)


def _row_of(number: int, document: Document, memory: _Images) -> dict[str, Any]:
    """Return a document's row, with the images' bytes replaced by paths."""
    row = dict(document.metadata)
    for name in OWN:
        row.pop(name, None)
    for key in IMAGE_MEMBERS:
        if key not in row:
            continue
        value = row[key]
        several = value if isinstance(value, list) else [value]
        paths = [_path_of(one, f"{number}.{key}.{i}", memory) for i, one in enumerate(several)]
        if any(path is not one for path, one in zip(paths, several)):
            row[key] = paths if isinstance(value, list) else paths[0]
    return row


def _path_of(value: Any, name: str, memory: _Images) -> Any:
    path, data = None, value
    if isinstance(value, dict) and "bytes" in value:
        path, data = value.get("path"), value["bytes"]
        if data is None:
            return path or ""
    if not isinstance(data, bytes):
        return value
    image = _Image(_bytes_at(data), path)
    name += image.suffix()
    memory.add(name, _bytes_at(data))
    return name
