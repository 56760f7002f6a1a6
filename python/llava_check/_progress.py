"""Progress of a run: a bar of tqdm, our own bar in notebooks, or the caller's function."""

from __future__ import annotations

import html
import importlib
import sys
import time
from typing import Any, Callable, NamedTuple, Optional, Union, cast

from llava_check import _structs as structs


class Progress(NamedTuple):
    """How far a run is."""

    stage: str
    """``"rows"``, ``"links"``, ``"images"``, ``"set"`` or ``"index"``"""
    done: int
    """of total: bytes of rows files, or images"""
    total: int
    """0: the stage has only begun"""
    bytes: int
    """that were read of images"""
    findings: dict[str, int]
    """so far, by severity"""


OnProgress = Callable[[Progress], None]

EACH = 0.1  # seconds between updates


def progress_of(raw: structs.Progress) -> Progress:
    """Convert the library's struct."""
    return Progress(
        structs.STAGES[raw.stage],
        raw.done,
        raw.total,
        raw.bytes,
        dict(zip(structs.SEVERITIES, raw.findings)),
    )


def in_notebook() -> bool:
    """Whether the code runs in a Jupyter kernel; imports nothing."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    return shell is not None and type(shell).__name__ == "ZMQInteractiveShell"


class _Tqdm:
    """A bar of tqdm for each stage."""

    def __init__(self, tqdm: Any) -> None:
        self._tqdm = tqdm
        self._bar: Any = None
        self._stage = ""

    def __call__(self, progress: Progress) -> None:
        if progress.stage != self._stage:
            self.close()
            self._stage = progress.stage
        if not progress.total:
            return
        if self._bar is None:
            in_bytes = progress.stage == "rows"
            self._bar = self._tqdm(
                total=progress.total,
                desc=progress.stage,
                unit="B" if in_bytes else "",
                unit_scale=True,
                leave=False,
            )
        self._bar.set_postfix(errors=progress.findings["error"], refresh=False)
        self._bar.update(progress.done - self._bar.n)

    def close(self) -> None:
        """Remove the bar."""
        if self._bar is not None:
            self._bar.close()
        self._bar = None


class _Notebook:
    """A bar in HTML, for notebooks without tqdm or its widgets."""

    def __init__(self, display: Any) -> None:
        self._display = display
        self._handle: Any = None

    def __call__(self, progress: Progress) -> None:
        part = progress.done / progress.total if progress.total else 0.0
        markup = (
            f'<progress max="1" value="{part:.4f}"></progress> '
            f"{html.escape(progress.stage)}: {progress.done:,} of {progress.total:,}"
            f" · {progress.findings['error']:,} errors"
        )
        bundle = {"text/html": markup, "text/plain": progress.stage}
        if self._handle is None:
            self._handle = self._display(bundle, raw=True, display_id=True)
        else:
            self._handle.update(bundle, raw=True)

    def close(self) -> None:
        """Remove the bar."""
        if self._handle is not None:
            self._handle.update({"text/html": "", "text/plain": ""}, raw=True)


class _Function:
    def __init__(self, function: OnProgress) -> None:
        self._function = function

    def __call__(self, progress: Progress) -> None:
        self._function(progress)

    def close(self) -> None:
        """Do nothing: there is no bar."""


Bar = Union[_Tqdm, _Notebook, _Function]


def _automatic() -> Optional[Bar]:
    if in_notebook():
        display: Any = importlib.import_module("IPython.display").display
        try:
            importlib.import_module("ipywidgets")  # which tqdm needs for its bar
            notebook: Any = importlib.import_module("tqdm.notebook")
        except ImportError:
            return _Notebook(display)
        return _Tqdm(notebook.tqdm)
    if not sys.stderr or not sys.stderr.isatty():
        return None
    try:
        plain: Any = importlib.import_module("tqdm")
    except ImportError:
        return None
    return _Tqdm(plain.tqdm)


def bar_of(progress: object) -> Optional[Bar]:
    """Return the bar for the keyword ``progress``, or None to show nothing."""
    if callable(progress):
        return _Function(cast(OnProgress, progress))
    if progress in (False, None, "never"):
        return None
    if progress in (True, "auto"):
        return _automatic()
    raise ValueError(f"progress={progress!r}: it may be 'auto', 'never' or a function")


class Throttle:
    """Limits how often a bar is updated; the begin and the end of each stage always pass."""

    def __init__(self, bar: Bar) -> None:
        self._bar = bar
        self._stage = -1
        self._next = 0.0

    def __call__(self, raw: structs.Progress) -> None:
        now = time.monotonic()
        is_edge = raw.stage != self._stage or (raw.total and raw.done >= raw.total)
        if not is_edge and now < self._next:
            return
        self._stage = raw.stage
        self._next = now + EACH
        self._bar(progress_of(raw))
