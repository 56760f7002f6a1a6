"""Rows and images in parquet files, as Hugging Face's ``datasets`` writes them.

A column of images holds structs of bytes and path, lists of such structs, or binary values and is
named image or images. Every other column becomes a member of the row's JSON object.

An image's name depends on its row's id and, if several rows of a file share that id, on its bytes;
rows with the same id and the same bytes share the image. So names do not depend on the order in
which row groups are read.
"""

from __future__ import annotations

import base64
import ctypes
import datetime
import glob
import json
import os
import re
import threading
import unicodedata
from collections import Counter
from typing import TYPE_CHECKING, Any, Iterator, NamedTuple, Optional

from llava_check._errors import Error, UsageError
from llava_check._library import decode, library

if TYPE_CHECKING:
    import pyarrow
    import pyarrow.parquet

SUFFIX = ".parquet"
BATCH_ROWS = 64
NAME_BYTES = 120
FREE_ROWS = 100_000  # allowed in a file of any size
ROW_BYTES = 8  # a row with its own text takes more than this, however well compressed

# Names that are safe as they are, which most ids are
SAFE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_-]{0,100}")
# What an import appends to a name that several images would have
HASHED = re.compile(r"-[0-9a-f]{16}$")
IMAGE_SUFFIXES = re.compile(r"\.(jpe?g|png|gif|bmp|tiff?|webp|heic|avif)$", re.IGNORECASE)


def require() -> Any:
    """Return pyarrow.parquet.

    :raises Error: it is not installed
    """
    try:
        import pyarrow.parquet

        return pyarrow.parquet
    except ImportError as error:
        raise Error("parquet needs pyarrow: pip install pyarrow") from error


# ---- files ----


def _walk(folder: str) -> Iterator[tuple[str, list[str]]]:
    """Yield a folder and those below it, with the names of the files in each, except hidden ones.

    Links are followed, but no folder is listed twice: with a few links to parent folders, the walk
    would never end.
    """
    left, seen = [folder], set()
    while left:
        where = left.pop()
        try:
            status = os.stat(where)
            names = sorted(name for name in os.listdir(where) if not name.startswith("."))
        except OSError:
            continue  # unreadable folders are skipped, as glob does
        if (status.st_dev, status.st_ino) in seen:
            continue
        seen.add((status.st_dev, status.st_ino))
        folders = {name for name in names if os.path.isdir(os.path.join(where, name))}
        left += [os.path.join(where, name) for name in sorted(folders)]
        yield where, [name for name in names if name not in folders]


def find_files(paths: list[bytes]) -> list[str]:
    """Return the parquet files in files, patterns and folders, each once, sorted."""
    found: dict[str, None] = {}
    for path in map(os.fsdecode, paths):
        if os.path.isdir(path):
            found_below = ((where, name) for where, names in _walk(path) for name in names)
            below = [os.path.join(*one) for one in found_below if one[1].endswith(SUFFIX)]
        elif os.path.exists(path):
            below = [path]
        else:
            below = [name for name in glob.glob(path, recursive=True) if name.endswith(SUFFIX)]
        files = sorted(name for name in below if os.path.isfile(name))
        if not files:
            raise UsageError(f"{path}: no parquet files there")
        found.update(dict.fromkeys(files))
    return list(found)


def is_parquet(paths: list[bytes]) -> bool:
    """Whether paths have the suffix of parquet, or are a folder with parquet and no rows files."""
    suffix = SUFFIX.encode()
    if all(path.endswith(suffix) for path in paths):
        return not any(os.path.isdir(path) for path in paths)
    if len(paths) != 1 or not os.path.isdir(paths[0]):
        return False
    names = [name for _, names in _walk(os.fsdecode(paths[0])) for name in names]
    rows = (".json", ".jsonl", ".yaml", ".yml")
    return any(n.endswith(SUFFIX) for n in names) and not any(n.endswith(rows) for n in names)


# ---- names ----


def suffix_of(data: memoryview, path: Optional[str]) -> str:
    """Return the suffix for an image's content; for other bytes, the suffix of the path, if any."""
    head = bytes(data[:4096])
    raw = (path or "").encode("utf-8", "replace")
    out = ctypes.create_string_buffer(16)
    library().lc_import_suffix(head, len(head), raw, len(raw), out)
    return out.value.decode("ascii")


def safe_name(text: str) -> str:
    """Make a file name that cannot leave its folder or be taken for an option or another file."""
    if SAFE.fullmatch(text):
        return text
    name = IMAGE_SUFFIXES.sub("", unicodedata.normalize("NFC", text))
    name = "".join(
        c if c.isprintable() and c not in '/\\:*?"<>|' and not c.isspace() else "_" for c in name
    )
    name = name.rstrip(".")
    if name[:1] in (".", "-", ""):
        name = "_" + name
    raw = name.encode("utf-8")
    if len(raw) > NAME_BYTES:
        import hashlib

        digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]
        name = raw[:NAME_BYTES].decode("utf-8", "ignore") + "-" + digest
    return name


def collision_key(name: str) -> str:
    """Return a key that is equal for names that are the same file on some file systems."""
    if name.isascii():
        return name.lower()
    return unicodedata.normalize("NFKC", name).casefold()


class Image(NamedTuple):
    """An image of a row."""

    column: str
    position: Optional[int]  # in a list; None: the column has single images
    data: Optional[pyarrow.Buffer]  # None: the parquet file has only its path
    path: Optional[str]

    @property
    def suffix(self) -> str:
        """The suffix for its file name."""
        return suffix_of(memoryview(self.data or b""), self.path)


def with_paths(row: Row, paths: list[str]) -> dict[str, Any]:
    """Return a row's members with its images replaced by their paths."""
    members = dict(row.members)
    left = iter(paths)
    for column in dict.fromkeys(image.column for image in row.images):
        several = [next(left) for image in row.images if image.column == column]
        is_list = any(i.position is not None for i in row.images if i.column == column)
        members[column] = several if is_list else several[0]
    return members


class Row(NamedTuple):
    """A row: its place and its content."""

    group: int
    number: int  # in its row group
    name: str  # of its images, without what makes it unique
    is_shared: bool  # other rows of the file have this name, or could have it
    members: dict[str, Any]  # images are an Image or a list of them
    images: list[Image]


def _to_json(value: Any) -> Any:
    """Convert a value that JSON has no type for."""
    if isinstance(value, (bytes, bytearray, memoryview)):
        return base64.b64encode(bytes(value)).decode("ascii")
    if isinstance(value, (datetime.date, datetime.time)):
        return value.isoformat()
    return str(value)


def render_value(value: Any) -> str:
    """Render a value as JSON on one line."""
    return json.dumps(value, ensure_ascii=False, default=_to_json)


def render(members: dict[str, Any]) -> bytes:
    """Render a row as JSON on one line."""
    return render_value(members).encode("utf-8", "surrogatepass")


# ---- reading ----


def check_counts(path: str, group_rows: list[int], rows: int, size: int) -> None:
    """Refuse a file that claims more rows than it can have, because each takes memory here."""
    if min(group_rows, default=0) < 0 or sum(group_rows) != rows:
        raise UsageError(f"{path}: its row groups do not have the rows that it says it has")
    if rows > FREE_ROWS + size // ROW_BYTES:
        raise UsageError(f"{path}: {rows:,} rows in {size:,} bytes: it is not read")


class Names(NamedTuple):
    """The names of rows, by their number in the file."""

    ids: list[str]  # "": the row has none
    names: list[str]  # of the images, without what makes them unique
    shared: list[bool]  # other rows of the file have this name, or could have it


class ParquetSource:
    """A parquet file."""

    def __init__(self, path: str, name: str) -> None:
        self.path = path
        self.name = name
        self._parquet = require()
        self._metadata: Any = None  # read once
        file = self.open()
        self._metadata = file.metadata
        self.groups = int(file.metadata.num_row_groups)
        self.group_rows = [file.metadata.row_group(i).num_rows for i in range(self.groups)]
        self.rows = int(file.metadata.num_rows)
        status = os.stat(path)
        check_counts(path, self.group_rows, self.rows, status.st_size)
        schema = file.schema_arrow
        twins = [name for name, count in Counter(schema.names).items() if count > 1]
        if twins:
            raise UsageError(f"{self.path}: several columns have the name {twins[0]!r}")
        self.image_columns = {f.name: kind for f in schema if (kind := _image_kind(f))}
        self.other_columns = [f.name for f in schema if f.name not in self.image_columns]
        self.columns = list(schema.names)
        self.has_id = "id" in self.other_columns
        self.identity = [name, status.st_size, status.st_mtime_ns, self.rows, self.groups]
        self._lock = threading.Lock()
        self._names: Optional[Names] = None

    def open(self) -> pyarrow.parquet.ParquetFile:
        """Open the file again; only one thread at a time may read the result."""
        try:
            return self._parquet.ParquetFile(self.path, metadata=self._metadata)
        except Exception as error:  # pyarrow raises many kinds
            raise UsageError(f"{self.path}: it cannot be read as parquet: {error}") from error

    def names(self) -> Names:
        """Return the ids of all rows and the names of their images; they are read once."""
        with self._lock:
            if self._names is None:
                self._names = self._read_names()
            return self._names

    def _read_names(self) -> Names:
        width = len(str(max(self.rows - 1, 0)))
        names = [f"row-{number:0{width}}" for number in range(self.rows)]
        ids = [""] * self.rows
        if self.has_id:
            values = self.open().read(columns=["id"]).column("id").to_pylist()
            ids = ["" if value is None else str(value) for value in values]
            for number, text in enumerate(ids):
                if text:
                    names[number] = safe_name(text)
        keys = list(map(collision_key, names))
        counts = Counter(keys)
        shared = [counts[key] > 1 or HASHED.search(key) is not None for key in keys]
        return Names(ids, names, shared)

    def first_row(self, group: int) -> int:
        """Return the number in the file of a row group's first row."""
        return sum(self.group_rows[:group])

    def batches(self, group: int) -> Iterator[tuple[int, pyarrow.RecordBatch]]:
        """Yield the rows of a row group in batches, each with the number of its first row."""
        number = self.first_row(group)
        for batch in self.open().iter_batches(
            batch_size=BATCH_ROWS, row_groups=[group], use_threads=False
        ):
            yield number, batch
            number += batch.num_rows

    def read(self, group: int) -> Iterator[Row]:
        """Yield the rows of a row group."""
        names = self.names()
        first = self.first_row(group)
        for number, batch in self.batches(group):
            others = batch.select(self.other_columns).to_pylist()
            images = {
                column: _images_of(batch.column(column), column, kind)
                for column, kind in self.image_columns.items()
            }
            for i in range(batch.num_rows):
                own = others[i] if others else {}
                members: dict[str, Any] = {}
                found: list[Image] = []
                for column in self.columns:
                    if column not in images:
                        members[column] = own[column]
                    elif images[column][i]:
                        found += images[column][i]
                        members[column] = images[column][i]
                name, is_shared = names.names[number], names.shared[number]
                yield Row(group, number - first, name, is_shared, members, found)
                number += 1


def _image_kind(field: pyarrow.Field) -> Optional[str]:
    """Return ``"one"`` or ``"list"`` for a column of images, None for others."""
    import pyarrow.types as types

    def is_image(kind: pyarrow.DataType) -> bool:
        if types.is_struct(kind):
            fields = {kind.field(i).name: kind.field(i).type for i in range(kind.num_fields)}
            inner = fields.get("bytes")
            return inner is not None and _is_binary(inner) and set(fields) <= {"bytes", "path"}
        return _is_binary(kind) and field.name in ("image", "images", "img")

    if is_image(field.type):
        return "one"
    if types.is_list(field.type) or types.is_large_list(field.type):
        return "list" if is_image(field.type.value_type) else None
    return None


def _is_binary(kind: pyarrow.DataType) -> bool:
    import pyarrow.types as types

    return bool(types.is_binary(kind) or types.is_large_binary(kind))


def _images_of(array: Any, column: str, kind: str) -> list[list[Image]]:
    """Return the images of each row of a column."""
    found: list[list[Image]] = []
    for scalar in array:
        if not scalar.is_valid:
            found.append([])
        elif kind == "one":
            image = _image_of(scalar, column, None)
            found.append([image] if image else [])
        else:
            several = [_image_of(one, column, i) for i, one in enumerate(scalar.values or ())]
            found.append([image for image in several if image])
    return found


def _image_of(scalar: Any, column: str, position: Optional[int]) -> Optional[Image]:
    if not scalar.is_valid:
        return None
    data, path = scalar, None
    if hasattr(scalar, "keys"):  # a struct
        data = scalar["bytes"]
        path = scalar["path"].as_py() if "path" in scalar else None
    if not data.is_valid:
        return Image(column, position, None, path) if path else None
    return Image(column, position, data.as_buffer(), path)


def find_sources(paths: list[bytes]) -> list[ParquetSource]:
    """Return the parquet files that paths name, with names relative to their common folder."""
    files = find_files(paths)
    folder = os.path.dirname(os.path.commonprefix([os.path.abspath(f) for f in files]) + "x")
    if len(files) == 1:
        folder = os.path.dirname(os.path.abspath(files[0]))
    sources = []
    for file in files:
        name = os.path.relpath(os.path.abspath(file), folder)
        # the name becomes part of JSON, CSV and messages
        sources.append(ParquetSource(file, decode(os.fsencode(name))))
    return sources
