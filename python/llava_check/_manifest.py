"""Manifests: records of the files in a folder."""

from __future__ import annotations

import os
import weakref
from typing import TYPE_CHECKING, Any, Literal, Optional, Union

from llava_check import _files, _run
from llava_check._errors import UsageError
from llava_check._library import PathLike, collect, decode, encode, library

if TYPE_CHECKING:
    from llava_check._progress import OnProgress

HEAD = b"# llava-check manifest"


class Manifest:
    """The files of a folder with their sizes and checksums: see :func:`llava_check.manifest`."""

    def __init__(self, handle: Any, folder: bytes) -> None:
        self._handle = handle
        self._folder = folder
        self._close = weakref.finalize(self, library().lc_manifest_free, handle)
        counts = library().lc_manifest_counts(handle).contents
        self.files: int = counts.files
        """Files that are recorded."""
        self.bytes: int = counts.bytes
        """Of them."""
        self.links: int = counts.links
        """Links, which are neither followed nor recorded."""

    def text(self) -> str:
        """The manifest: a line for each file, sorted by path. The same files give the same text."""
        return decode(self._content())

    def _content(self) -> bytes:
        return collect("lc_manifest_write_to", (self._handle,))

    def write(self, file: PathLike, *, force: bool = False) -> None:
        """Write it to a file.

        :param force: replace an existing file, if it is a manifest
        """
        path = os.fsdecode(encode(file) or b"")
        if os.path.lexists(path):
            if not force:
                raise UsageError(f"{path}: it exists; force=True replaces it")
            _refuse_others(path)
        _files.put(path, self._content())

    def __repr__(self) -> str:
        return f"<Manifest: {self.files:,} files, {self.bytes:,} bytes>"


def _refuse_others(path: str) -> None:
    if os.path.islink(path) or not os.path.isfile(path):
        raise UsageError(f"{path}: it is not a regular file")
    with open(path, "rb") as file:
        if file.read(len(HEAD)) != HEAD:
            raise UsageError(f"{path}: it is not a manifest")


def manifest(
    path: PathLike,
    output: Optional[PathLike] = None,
    *,
    force: bool = False,
    threads: Optional[int] = None,
    progress: Union[bool, Literal["auto", "never"], OnProgress] = "auto",
) -> Manifest:
    """Record the files of a folder, as ``llava-check manifest PATH -o FILE`` does.

    Whoever receives the files compares them with ``verify(path, manifest=FILE)``.

    :param path: a folder
    :param output: the file to write the manifest to; it is not recorded itself
    :param force: replace that file, if it is a manifest
    :param threads: worker threads (default: one per processor)
    :param progress: as for :func:`llava_check.check`
    :raises UsageError: no such folder, or the output exists
    :raises OSError: a file cannot be read, or changes while it is read
    """
    if output is not None and os.path.lexists(output) and not force:
        raise UsageError(f"{os.fsdecode(output)}: it exists; force=True replaces it")
    given = {"threads": threads, "progress": progress}
    result = Manifest(*_run.manifest(path, output, given))
    if output is not None:
        result.write(output, force=force)
    return result
