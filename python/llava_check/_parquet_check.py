"""Checking parquet files in place: rows go as JSON to a temporary folder, images stay in memory,
and places are reported as file:row group:row.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import hashlib
import os
import re
import tempfile
import threading
from collections import OrderedDict
from typing import Any, Callable, Mapping, Optional

from llava_check import _structs as structs
from llava_check._library import decode
from llava_check._parquet import (
    SUFFIX,
    Image,
    ParquetSource,
    Row,
    find_sources,
    render,
    with_paths,
)
from llava_check._report import Report

GROUPS = 4  # number of row groups whose images are kept in memory
ROWS_SUFFIX = ".json"
FIRST_LINE = 2  # the first row's, after the bracket
PLACE = re.compile(r"^(.*):(\d+):(\d+)(?:\.(\d+))?(\.[a-z0-9]{1,8})$")


class _Group:
    """The images of a row group."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.images: Optional[dict[tuple[int, int], Image]] = None


class ParquetImages:
    """The images of parquet files, by the paths in the rows: ``file:row group:row.suffix``."""

    def __init__(self, sources: list[ParquetSource]) -> None:
        self._sources = {source.name: source for source in sources}
        self._groups: OrderedDict[tuple[str, int], _Group] = OrderedDict()
        self._lock = threading.Lock()
        self._held: dict[int, list[Any]] = {}

    def _find(self, path: str) -> Optional[Image]:
        match = PLACE.match(path)
        if not match or match[1] not in self._sources:
            return None
        key = (match[1], int(match[2]))
        with self._lock:
            group = self._groups.setdefault(key, _Group())
            self._groups.move_to_end(key)
            while len(self._groups) > GROUPS:
                self._groups.popitem(last=False)
        with group.lock:
            if group.images is None:
                group.images = {
                    (row.number, i): image
                    for row in self._sources[key[0]].read(key[1])
                    for i, image in enumerate(row.images)
                }
        return group.images.get((int(match[3]), int(match[4] or 0)))

    def get(self, _user: object, path: bytes, out: Any) -> int:
        """Implement get_image of struct lc_check_options."""
        image = self._find(decode(path))
        if image is None or image.data is None:
            return errno.ENOENT
        data = image.data
        with self._lock:
            self._held.setdefault(data.address, []).append(data)
        out.contents.data, out.contents.size = data.address, data.size
        return 0

    def put(self, _user: object, image: Any) -> None:
        """Implement put_image of struct lc_check_options."""
        address = image.contents.data
        with self._lock:
            held = self._held[address]
            held.pop()
            if not held:
                del self._held[address]


def _name_of(source: ParquetSource, row: Row, position: int) -> str:
    """Return the path of an image, which says where it is."""
    name = f"{source.name}:{row.group}:{row.number}"
    if len(row.images) > 1:
        name += f".{position}"
    return name + row.images[position].suffix


def write_rows(
    sources: list[ParquetSource],
    path: str,
    rename: Callable[[str, Row], str] = lambda name, _row: name,
) -> None:
    """Write all rows as an import does: an array with one row a line.

    :param rename: returns the name of an image, given its path and its row
    """
    with open(path, "wb", buffering=1 << 20) as file:
        before = b"[\n"
        for source in sources:
            shared: dict[tuple[str, Optional[int], bytes], str] = {}
            for row in (row for group in range(source.groups) for row in source.read(group)):
                paths = []
                for i, image in enumerate(row.images):
                    name = _name_of(source, row, i)
                    if image.data is None:
                        name = image.path or ""
                    elif row.is_shared:  # rows with the same id and bytes share the image
                        digest = hashlib.sha256(image.data).digest()
                        name = shared.setdefault((row.name, image.position, digest), name)
                    paths.append(rename(name, row))
                file.write(before + render(with_paths(row, paths)))
                before = b",\n"
        file.write(b"\n]\n" if before == b",\n" else b"[\n]\n")


def _title(sources: list[ParquetSource]) -> str:
    """Return a name for the files together."""
    if len(sources) == 1:
        return os.path.basename(sources[0].name)
    folder = os.path.basename(os.path.dirname(os.path.abspath(sources[0].path)))
    return f"{folder or 'data'}{SUFFIX}"


class ParquetReport(Report):
    """The report on parquet files: its places are ``file.parquet:row group:row``.

    All rows count as rows of one file, as they do after an import.
    """

    _is_parquet = True
    _sources: list[ParquetSource]
    _title: str

    def place(self, row: int) -> str:
        """Return where a row is: ``file.parquet:row group:row``; numbers start at 0.

        :param row: its number in the data set: the column ``number`` of ``rows``, or
            ``row_number`` of ``findings``
        """
        for source in self._sources:
            if row < source.rows:
                group = 0
                while row >= source.group_rows[group]:
                    row -= source.group_rows[group]
                    group += 1
                return f"{source.name}:{group}:{row}"
            row -= source.rows
        raise IndexError("there is no such row")

    def _to_places(self, text: str) -> str:
        """Replace lines of the temporary rows file in a text by places in the parquet files."""
        name = re.escape(self._title + ROWS_SUFFIX)

        def place(match: re.Match[str]) -> str:
            number = int(match[1]) - FIRST_LINE
            return self.place(number) if 0 <= number < self.summary.rows else match[0]

        text = re.sub(rf"{name}:(\d+)(?::\d+)?", place, text)
        return text.replace(self._title + ROWS_SUFFIX, self._title)

    def _render(self, format: str, **members: Any) -> bytes:
        text = super()._render(format, **members).decode("utf-8")
        return self._to_places(text).encode("utf-8")

    def _named_as(self, other: Report) -> Report:
        """Return a report on the same rows, with each image named as the other data set names one
        with the same bytes, so that a diff compares rows and bytes, not names."""
        by_content: dict[str, list[str]] = {}
        contents = {}
        for image in other.images:
            if image["content"]:
                contents[image["path"]] = image["content"]
                by_content.setdefault(image["content"], []).append(image["path"])
        by_id: dict[str, list[str]] = {}
        for row in other.rows:
            if row["id"] and row["images"]:
                by_id.setdefault(row["id"], []).extend(row["images"])
        own = {image["path"]: image["content"] for image in self.images}

        def rename(name: str, row: Row) -> str:
            content = own.get(name)
            if not content or content not in by_content:
                return name
            left = by_id.get(str(row.members.get("id")), [])
            for path in left:
                if contents.get(path) == content:
                    left.remove(path)  # the next row with this id takes another one
                    return path
            return by_content[content][0]

        from llava_check import _api

        with tempfile.TemporaryDirectory(prefix="llava-check-parquet-") as folder:
            path = os.path.join(folder, self._title + ROWS_SUFFIX)
            write_rows(self._sources, path, rename)
            return _api.check(
                path, no_images=True, no_index=True, isolated=True, progress="never"
            )


def prepare(
    paths: list[bytes], stack: contextlib.ExitStack, guarded: Any
) -> tuple[list[bytes], dict[str, Any], Any]:
    """Prepare a check of parquet files by lc_check.

    :param stack: closed after the check: nothing is read later
    :returns: the paths of the rows files, members of struct lc_check_options, and a function
        that makes the report
    """
    sources = find_sources(paths)
    folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="llava-check-parquet-"))
    path = os.path.join(folder, _title(sources) + ROWS_SUFFIX)
    write_rows(sources, path)
    images = ParquetImages(sources)
    get = structs.GET_IMAGE(guarded(images.get, errno.EIO))
    put = structs.PUT_IMAGE(guarded(images.put, None))
    members = {"images": os.fsencode(folder), "get_image": get, "put_image": put}

    def make(
        handle: ctypes.c_void_p,
        given: list[bytes],
        settings: Mapping[str, Any],
        options: Mapping[str, object],
    ) -> Report:
        report = ParquetReport(handle, given, settings, options)
        report._sources = sources
        report._title = _title(sources)
        return report

    return [os.fsencode(path)], members, make
