"""Checks a data set in parts on a Ray cluster; experimental. ``pip install 'llava-check[ray]'``

The cluster's nodes must see the data at the same paths, and have the same version of this
package.
"""

from __future__ import annotations

import importlib
import os
import shutil
import tempfile
from pathlib import Path
from typing import Any, Optional, Sequence

from llava_check import _command
from llava_check._api import open as open_index
from llava_check._errors import Error, UsageError
from llava_check._library import PathLike, encode
from llava_check._report import Report

__all__ = ["check"]


def _check_part(paths: list[bytes], part: str, threads: int, options: dict[str, object]) -> bytes:
    """On a node, check a part and return its index, which is built on the node's own disk."""
    with tempfile.TemporaryDirectory(prefix="llava-check-") as folder:
        index = os.path.join(folder, "index")
        own = {**options, "part": part, "index": index, "threads": threads, "quiet": True}
        _command.run("check", paths, own)
        return Path(index, "index.mdb").read_bytes()


def _bar(total: int, wanted: bool) -> Any:
    """Return a bar of tqdm, or None if tqdm is not installed or no bar is wanted."""
    if not wanted:
        return None
    try:
        from tqdm.auto import tqdm
    except ImportError:
        return None
    return tqdm(total=total, unit="part", desc="llava-check")


def _absolute(path: bytes) -> bytes:
    """Make a path absolute, because nodes have another working directory."""
    return os.path.join(os.getcwdb(), path)


def _ray() -> Any:
    ray: Any
    try:
        ray = importlib.import_module("ray")
    except ImportError:
        raise UsageError("Ray is not installed: pip install 'llava-check[ray]'") from None
    if not ray.is_initialized():
        ray.init()
    return ray


def check(
    path: PathLike | Sequence[PathLike],
    *,
    index: PathLike,
    parts: Optional[int] = None,
    cpus_per_part: int = 2,
    retries: int = 3,
    progress: bool = True,
    images: Optional[PathLike] = None,
    videos: Optional[PathLike] = None,
    dialect: Optional[str] = None,
    no_images: bool = False,
    allow_outside: bool = False,
) -> Report:
    """Check a data set in parts on a Ray cluster, and merge the results here.

    The report is the same as that of :func:`llava_check.check`.

    :param path: the path of the data set, or several, as all nodes see them
    :param index: folder for the merged results, on this machine
    :param parts: number of parts (default: four times as many as can run at once)
    :param cpus_per_part: processors, and threads, for each part
    :param retries: how often a part is checked again if it fails or its node is lost
    :param progress: show a bar, if tqdm is installed; Ray's dashboard shows each part
    :param images, videos, dialect, no_images, allow_outside: as for :func:`llava_check.check`
    :raises Error: a part failed every time; the message is the command's
    """
    ray = _ray()
    if parts is None:
        parts = max(1, int(ray.cluster_resources().get("CPU", 1)) // cpus_per_part) * 4
    if parts < 1:
        raise UsageError("parts must be at least 1")
    options: dict[str, object] = {
        "images": _absolute(encode(images) or b"") if images is not None else None,
        "videos": _absolute(encode(videos) or b"") if videos is not None else None,
        "dialect": dialect,
        "no-images": no_images,
        "allow-outside": allow_outside,
    }
    paths = [_absolute(one) for one in _command.as_paths(path)]
    remote = ray.remote(num_cpus=cpus_per_part, max_retries=retries, retry_exceptions=True)(
        _check_part
    )
    names = [f"{number}/{parts}" for number in range(1, parts + 1)]
    waiting = {
        remote.options(name=f"llava-check {name}").remote(paths, name, cpus_per_part, options): name
        for name in names
    }
    bar = _bar(parts, progress)
    folder = tempfile.mkdtemp(prefix="llava-check-parts-")
    try:
        found = _collect(ray, waiting, folder, bar)
        _command.run("merge", found, {"index": index, "quiet": True, "isolated": True})
    finally:
        for left in waiting:
            ray.cancel(left, force=True)
        if bar is not None:
            bar.close()
        shutil.rmtree(folder)
    return open_index(index)


def _collect(ray: Any, waiting: dict[Any, str], folder: str, bar: Any) -> list[bytes]:
    """Wait for the parts, and write each index as it arrives: only one is in memory at a time."""
    found = []
    while waiting:
        (done, *_), _ = ray.wait(list(waiting), num_returns=1)
        name = waiting.pop(done)
        try:
            content: bytes = ray.get(done)
        except ray.exceptions.RayTaskError as error:
            cause = error.cause if isinstance(error.cause, Error) else None
            raise Error(f"part {name}: {cause or error}") from error
        except ray.exceptions.RayError as error:
            raise Error(f"part {name}: {error}") from error
        file = Path(folder, name.partition("/")[0], "index.mdb")
        file.parent.mkdir()
        file.write_bytes(content)
        found.append(os.fsencode(file.parent))
        if bar is not None:
            bar.update()
    return found
