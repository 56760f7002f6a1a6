"""Data sets in object stores: listed, and fetched file by file to where the library reads them.

During the run, a temporary folder has a sparse file of the right size for each object. Rows files,
and what downloaders left in hidden folders, are fetched first. An image or an archive is fetched
when a worker is about to read it, and becomes a hole again afterwards. So the library finds and
reports what it would in a copy, but the disk holds only the rows and what is being read.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import shutil
import tempfile
import threading
import time
from collections import OrderedDict
from typing import Any, Callable, Iterator, Mapping, NamedTuple, NoReturn, Optional, cast

from llava_check._errors import Error, UsageError
from llava_check._report import Report

URL = re.compile(rb"^([a-z][a-z0-9+.-]+)://")
ROWS = (".json", ".jsonl", ".yaml", ".yml")
ARCHIVES = (".tar", ".tgz", ".tar.gz", ".tar.zst", ".tar.xz", ".tar.bz2", ".zip")
HIDDEN_BYTES = 16 << 20  # larger files in hidden folders are not read
KEPT_BYTES = 4 << 30  # of archives that are kept because they may be read again
MOST_FOLDERS = 200  # depth of an object's path
CHUNK = 1 << 20
ATTEMPTS = 4
WAIT = 0.5  # seconds, doubled each time


class Entry(NamedTuple):
    """An object below a prefix."""

    path: str  # relative to the prefix
    size: int
    mtime_ns: int


class ArrowStore:
    """A store behind a file system of pyarrow."""

    def __init__(self, filesystem: Any, root: str) -> None:
        self._filesystem = filesystem
        self.root = root.rstrip("/")

    def is_file(self) -> bool:
        """Whether the root is an object."""
        return bool(self._filesystem.get_file_info(self.root).is_file)

    def entries(self) -> Iterator[Entry]:
        """All objects below the root."""
        from pyarrow import fs

        selector = fs.FileSelector(self.root, recursive=True)
        for info in self._filesystem.get_file_info(selector):
            if info.type == fs.FileType.File:
                path = info.path[len(self.root) :].lstrip("/")
                yield Entry(path, info.size or 0, info.mtime_ns or 0)

    def fetch(self, path: str, fd: int, most: int) -> int:
        """Write an object into an open file, up to more bytes than most. Returns its size."""
        size = 0
        name = f"{self.root}/{path}".rstrip("/")
        # compression=None: do not decompress, whatever the suffix
        with self._filesystem.open_input_stream(name, compression=None) as stream:
            while size <= most and (chunk := stream.read(CHUNK)):
                _write(fd, chunk)
                size += len(chunk)
        return size


class FsspecStore:
    """A store behind a file system of fsspec."""

    def __init__(self, filesystem: Any, root: str) -> None:
        self._filesystem = filesystem
        self.root = root.rstrip("/")

    def is_file(self) -> bool:
        """Whether the root is an object."""
        return bool(self._filesystem.isfile(self.root))

    def entries(self) -> Iterator[Entry]:
        """All objects below the root."""
        strip = self._filesystem._strip_protocol
        start = len(strip(self.root))
        for name, info in self._filesystem.find(self.root, detail=True).items():
            size = info.get("size")
            if size is None:
                size = self._filesystem.size(name) or 0
            yield Entry(strip(name)[start:].lstrip("/"), size, _time_of(info))

    def fetch(self, path: str, fd: int, most: int) -> int:
        """Write an object into an open file, up to more bytes than most. Returns its size."""
        size = 0
        name = f"{self.root}/{path}".rstrip("/")
        with self._filesystem.open(name, "rb", cache_type="readahead") as stream:
            while size <= most and (chunk := stream.read(CHUNK)):
                _write(fd, chunk)
                size += len(chunk)
        return size


def _write(fd: int, data: Any) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(fd, view) :]


def _time_of(info: Mapping[str, Any]) -> int:
    for key in ("LastModified", "mtime", "updated", "last_modified", "created"):
        value = info.get(key)
        if hasattr(value, "timestamp"):
            return int(cast(Any, value).timestamp() * 1e9)
        if isinstance(value, (int, float)):
            return int(value * 1e9)
    return 0


def is_url(path: Optional[bytes]) -> bool:
    """Whether a path is a URL: s3://…, gs://…, https://…"""
    return bool(path and URL.match(path))


def public(url: str) -> str:
    """Return a URL without credentials and options."""
    return re.sub(r"^([a-z0-9+.-]+://)[^/@]*@", r"\1", url).partition("?")[0]


def open_store(path: str, filesystem: Any = None) -> Any:
    """Return the store for a URL, or for a path in a file system.

    :raises UsageError: no installed package supports the URL
    """
    if filesystem is not None:
        inner = path.partition("://")[2] or path
        if hasattr(filesystem, "get_file_info"):
            return ArrowStore(filesystem, inner)
        if hasattr(filesystem, "find") and hasattr(filesystem, "open"):
            return FsspecStore(filesystem, path)
        raise UsageError("filesystem is one of pyarrow.fs or fsspec")
    scheme = path.partition("://")[0]
    try:
        from pyarrow import fs

        try:
            return ArrowStore(*fs.FileSystem.from_uri(path))
        except (ValueError, NotImplementedError):  # pyarrow does not know the scheme
            pass
    except ImportError:
        pass
    try:
        import fsspec
    except ImportError:
        extra = "s3" if scheme == "s3" else "fsspec"
        raise UsageError(f"{scheme}:// needs more: pip install 'llava-check[{extra}]'") from None
    try:
        return FsspecStore(*fsspec.core.url_to_fs(path))
    except (ValueError, ImportError) as error:
        raise UsageError(f"{public(path)}: {error}") from None


def _is_safe(path: str) -> bool:
    """Whether an object's name can be a file's."""
    if "\0" in path or len(os.fsencode(path)) > 3000:
        return False
    parts = path.split("/")
    return len(parts) <= MOST_FOLDERS and all(
        part not in ("", ".", "..") and len(os.fsencode(part)) <= 255 for part in parts
    )


def _is_fetched_first(entry: Entry) -> bool:
    if entry.path.endswith(ROWS):
        return True
    folders = entry.path.split("/")[:-1]
    return entry.size <= HIDDEN_BYTES and any(name.startswith(".") for name in folders)


class _Active:
    """A file that is fetched, or being fetched."""

    def __init__(self) -> None:
        self.users = 0
        self.is_there = False
        self.lock = threading.Lock()


class Tree:
    """A local folder that mirrors a prefix."""

    def __init__(self, store: Any, folder: str) -> None:
        self.store = store
        self.folder = folder
        self.fetched: set[str] = set()
        self.left_out = 0

    def make(self) -> None:
        """Make its files, and fetch those that are read before bring_file is called."""
        first = []
        for entry in self.store.entries():
            if entry.path.split("/")[0] == ".llava-check" or entry.path.endswith("/"):
                continue
            if not _is_safe(entry.path) or not self._make_hole(entry):
                self.left_out += 1
            elif entry.size and _is_fetched_first(entry):
                first.append(entry)
        need = sum(entry.size for entry in first)
        free = shutil.disk_usage(self.folder).free
        if need > free:
            raise OSError(
                errno.ENOSPC,
                f"rows files have {need:,} bytes, and {self.folder} has room for {free:,}: "
                "set TMPDIR to another disk",
            )
        for entry in first:
            self.fetch(entry.path)
            self.fetched.add(entry.path)

    def _make_hole(self, entry: Entry) -> bool:
        path = os.path.join(self.folder, entry.path)
        try:
            os.makedirs(os.path.dirname(path), exist_ok=True)
            fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        except (FileExistsError, NotADirectoryError):  # an object and a prefix have the same name
            return False
        try:
            os.ftruncate(fd, entry.size)
            os.utime(fd, ns=(entry.mtime_ns, entry.mtime_ns))
        finally:
            os.close(fd)
        return True

    def fetch(self, path: str) -> None:
        """Fetch a file into its place; retry after errors that may be temporary."""
        local = os.path.join(self.folder, path)
        status = os.stat(local)
        wait, size = WAIT, -1
        for attempt in range(ATTEMPTS):
            fd = os.open(local, os.O_WRONLY | os.O_CLOEXEC)
            try:
                size = self.store.fetch(path, fd, status.st_size)
                break
            except (FileNotFoundError, PermissionError):
                raise
            except Exception as error:
                is_full = isinstance(error, OSError) and error.errno == errno.ENOSPC
                if attempt + 1 == ATTEMPTS or is_full:
                    raise
            finally:
                os.close(fd)
            time.sleep(wait)
            wait *= 2
        if size != status.st_size:
            raise Error(f"{path}: it has changed since it was listed: run the check again")
        os.utime(local, ns=(status.st_mtime_ns, status.st_mtime_ns))

    def empty(self, path: str) -> None:
        """Make a file a hole again."""
        local = os.path.join(self.folder, path)
        status = os.stat(local)
        os.truncate(local, 0)
        os.truncate(local, status.st_size)
        os.utime(local, ns=(status.st_mtime_ns, status.st_mtime_ns))


class Mirror:
    """The local folders that mirror the remote paths of a check while it runs."""

    def __init__(self) -> None:
        self._trees: list[Tree] = []
        self._active: dict[str, _Active] = {}
        self._kept: OrderedDict[str, int] = OrderedDict()
        self._lock = threading.Lock()
        self._scratch = ""

    def open(self, stack: contextlib.ExitStack) -> None:
        """Make the temporary folder, which is removed when the stack is closed."""
        self._scratch = os.path.realpath(
            stack.enter_context(tempfile.TemporaryDirectory(prefix="llava-check-remote-"))
        )

    def add(self, path: str, filesystem: Any, is_root: bool) -> str:
        """Mirror a URL in a folder.

        :param is_root: it is an image or video root, which may be empty
        :returns: the local path
        """
        store = open_store(path, filesystem)
        name = ""
        try:
            if not is_root and store.is_file():
                store.root, _, name = store.root.rpartition("/")
            title = os.path.basename(store.root) or "data"
            folder = os.path.join(self._scratch, str(len(self._trees)), title)
            os.makedirs(folder)
            tree = Tree(store, folder)
            self._trees.append(tree)
            tree.make()
        except FileNotFoundError as error:
            raise UsageError(f"{public(path)}: no such file or folder") from error
        if not is_root and not os.listdir(folder):
            raise UsageError(f"{public(path)}: no such file or folder")
        return os.path.join(folder, name) if name else folder

    def notices(self) -> list[str]:
        """Return notices about what was left out."""
        count = sum(tree.left_out for tree in self._trees)
        return [f"{count} objects have names that files cannot have: left out"] if count else []

    def _find(self, folder: Optional[bytes], path: bytes) -> Optional[tuple[Tree, str, str]]:
        local = os.path.normpath(os.path.join(os.fsdecode(folder or b""), os.fsdecode(path)))
        for tree in self._trees:
            if local.startswith(tree.folder + "/"):
                name = local[len(tree.folder) + 1 :]
                return None if name in tree.fetched else (tree, name, local)
        return None

    def bring(self, _user: object, folder: Optional[bytes], path: bytes) -> int:
        """Implement bring_file of struct lc_check_options."""
        found = self._find(folder, path)
        if not found or not os.path.isfile(found[2]):
            return 0  # the library reports what it is
        tree, name, local = found
        with self._lock:
            active = self._active.setdefault(local, _Active())
            active.users += 1
            self._kept.pop(local, None)
        try:
            with active.lock:
                if not active.is_there:
                    tree.fetch(name)
                active.is_there = True
            return 0
        except BaseException as error:
            self._leave(tree, name, local)
            if isinstance(error, FileNotFoundError):
                return errno.ENOENT
            if isinstance(error, PermissionError):
                return errno.EACCES
            raise

    def put_back(self, _user: object, folder: Optional[bytes], path: bytes) -> None:
        """Implement return_file of struct lc_check_options."""
        found = self._find(folder, path)
        if found:
            self._leave(*found)

    def _leave(self, tree: Tree, name: str, local: str) -> None:
        with self._lock:
            active = self._active.get(local)
            if active is None:
                return
            active.users -= 1
            if active.users:
                return
            if active.is_there and name.endswith(ARCHIVES):
                self._kept[local] = os.stat(local).st_size
            else:
                self._drop(tree, name, local)
            while sum(self._kept.values()) > KEPT_BYTES:
                oldest, _ = self._kept.popitem(last=False)
                found = self._find(None, os.fsencode(oldest))
                if found:
                    self._drop(*found)

    def _drop(self, tree: Tree, name: str, local: str) -> None:
        del self._active[local]
        tree.empty(name)


class RemoteReport(Report):
    """The report on a data set that is not on this machine."""

    def _data_paths(self) -> list[bytes]:
        return []

    def _refuse(self) -> NoReturn:
        raise UsageError("the data set is not on this machine: download it to rewrite its rows")

    def clean(self, output: Any, **options: Any) -> NoReturn:
        """Refused: rows are copied from local files."""
        self._refuse()

    def fix(self, output: Any = None, **options: Any) -> NoReturn:
        """Refused: rows are copied from local files."""
        self._refuse()


def prepare(
    paths: list[bytes],
    options: Mapping[str, object],
    filesystem: Any,
    stack: contextlib.ExitStack,
) -> tuple[Mirror, list[bytes], dict[str, object]]:
    """Mirror the remote paths of a check in local folders.

    :param stack: closed after the run
    :returns: the mirror, which fetches files, and the local paths and options for the run
    """
    if len(paths) != 1:
        raise UsageError("one remote data set is checked at a time")
    mirror = Mirror()
    mirror.open(stack)
    local = dict(options)
    given = os.fsdecode(paths[0])
    path = mirror.add(given, filesystem, False)
    if path.endswith(".parquet"):
        raise UsageError(f"{public(given)}: parquet is checked on a local disk")
    for key in ("images", "videos"):
        root = options.get(key)
        if isinstance(root, str) and (filesystem is not None or is_url(root.encode())):
            local[key] = mirror.add(root, filesystem, True)
    for key in ("write-baseline", "prune-baseline", "part"):
        if options.get(key):
            raise UsageError(f"{key.replace('-', '_')} needs a local data set")
    return mirror, [os.fsencode(path)], local


def guarded_members(mirror: Mirror, guarded: Callable[..., Any]) -> dict[str, Any]:
    """Return the members of struct lc_check_options that fetch files."""
    from llava_check import _structs as structs

    return {
        "bring_file": structs.BRING_FILE(guarded(mirror.bring, errno.EIO)),
        "return_file": structs.RETURN_FILE(guarded(mirror.put_back, None)),
    }
