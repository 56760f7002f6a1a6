"""Checking, verifying and opening: from keywords to the library's option structs."""

from __future__ import annotations

import contextlib
import ctypes
import logging
import os
import re
import signal
import subprocess
import threading
from typing import Any, Callable, Mapping, Optional, Sequence, cast

from llava_check import _command
from llava_check import _structs as structs
from llava_check._errors import SeveralSetsError, UsageError
from llava_check._library import PathLike, decode, encode, fail, library
from llava_check._progress import Throttle, bar_of
from llava_check._report import Report

logger = logging.getLogger("llava_check")

# Options that are no settings: the command `config` does not accept them
_NOT_SETTINGS = {"all", "force", "write-baseline", "prune-baseline", "progress", "quiet"}
_NOT_SETTINGS |= {"verbose", "thumbnails", "download", "manifest"}

DETACHED_BYTES = 64 << 20
"""Larger indexes remain mapped: copying one takes a tenth of a second for each 250 MB."""

Options = Mapping[str, object]
Paths = "PathLike | Sequence[PathLike]"


class _Interrupt:
    """During a run, makes Ctrl-C stop the run, instead of raising wherever Python happens to be."""

    def __init__(self) -> None:
        self.came = False
        self.error: Optional[BaseException] = None
        self._before: Any = None
        self._is_main = threading.current_thread() is threading.main_thread()

    def __enter__(self) -> _Interrupt:
        if self._is_main and signal.getsignal(signal.SIGINT) not in (
            signal.SIG_IGN,
            None,
        ):
            self._before = signal.signal(signal.SIGINT, self._note)
        return self

    def _note(self, _number: int, _frame: object) -> None:
        self.came = True

    def __exit__(self, *_exc: object) -> None:
        if self._before is not None:
            signal.signal(signal.SIGINT, self._before)

    def guarded(self, function: Callable[..., Any], failed: Any = None) -> Callable[..., Any]:
        """Wrap a callback so that it cannot raise into C: an exception ends the run, and is raised
        when C has returned.

        :param failed: the value that C gets if the callback raises
        """

        def call(*arguments: Any) -> Any:
            try:
                return function(*arguments)
            except BaseException as error:  # noqa: BLE001
                self.error = self.error or error
                self.came = True
                return failed

        return call


class _Job:
    """A call of lc_check, lc_verify or lc_manifest, with its callbacks."""

    def __init__(self, options: Options) -> None:
        self.notices: list[str] = []
        self.choices: list[tuple[str, str]] = []
        self.sets: list[str] = []
        self._is_verbose = bool(options.get("verbose"))
        progress = options.get("progress", "auto")
        self._bar = bar_of("never" if options.get("quiet") else progress)
        self.names: list[bytes] = []
        """What errors call the paths, if not by their names."""

    def run(
        self, name: str, struct: Any, interrupt: Optional[_Interrupt] = None
    ) -> ctypes.c_void_p:
        """Make the call, and return the handle of its result."""
        error = structs.Error()
        handle = ctypes.c_void_p()
        with interrupt or _Interrupt() as interrupt:
            throttle = Throttle(self._bar) if self._bar else None

            @interrupt.guarded
            def on_progress(_user: object, raw: Any) -> None:
                if throttle:
                    throttle(raw.contents)

            def is_stopped(_user: object) -> bool:
                return interrupt.came

            @interrupt.guarded
            def on_notice(_user: object, line: bytes) -> None:
                self.notices.append(decode(line))
                logger.info("%s", self.notices[-1])

            @interrupt.guarded
            def on_choice(_user: object, what: bytes, choice: bytes) -> None:
                self.choices.append((decode(what), decode(choice)))
                if self._is_verbose:
                    logger.info("%s: %s", *self.choices[-1])

            @interrupt.guarded
            def on_set(_user: object, found: Any) -> None:
                self.sets.append(decode(found.contents.path))

            if throttle:
                struct.on_progress = structs.ON_PROGRESS(on_progress)
            struct.is_stopped = structs.IS_STOPPED(is_stopped)
            struct.on_choice = structs.ON_CHOICE(on_choice)
            if name == "lc_check":
                struct.on_notice = structs.ON_NOTICE(on_notice)
                struct.on_set = structs.ON_SET(on_set)
            try:
                status = getattr(library(), name)(
                    ctypes.byref(struct), ctypes.byref(handle), ctypes.byref(error)
                )
            finally:
                if self._bar:
                    self._bar.close()
        if status != structs.STATUS_OK:
            self._fail(interrupt, error, struct)
        if interrupt.came:  # Ctrl-C came too late to stop the run
            is_manifest = name == "lc_manifest_new"
            (library().lc_manifest_free if is_manifest else library().lc_index_close)(handle)
            raise interrupt.error or KeyboardInterrupt
        return handle

    def _fail(self, interrupt: _Interrupt, error: structs.Error, struct: Any) -> None:
        if interrupt.error:
            raise interrupt.error
        if self.names:
            subject = decode(self.names[0])
        else:
            subject = decode(struct.paths[min(error.path, struct.path_count - 1)])
        if error.status == structs.STATUS_USAGE and self.sets:
            raise SeveralSetsError(f"{subject}: {decode(error.message)}", self.sets)
        fail(error, subject)


def _given(options: Options) -> dict[str, object]:
    """Return the options that settings files have too."""
    return {name: value for name, value in options.items() if name not in _NOT_SETTINGS}


def _settings(paths: list[bytes], options: Options) -> dict[str, Any]:
    """Return the settings in force."""
    return _in_force(_command.start_settings(paths, _given(options)), options)


def _in_force(search: subprocess.Popen[bytes], options: Options) -> dict[str, Any]:
    """Return the settings that a search found. Paths that were given stay as they are, because the
    command may have escaped them."""
    values: dict[str, Any] = {}
    for name, setting in _command.finish_settings(search).items():
        is_default = setting["from"] == "default"
        values[name] = None if is_default else setting["value"]
    for name, value in _given(options).items():
        if value not in (None, False, ()):
            values[name] = value
    return values


def _threads(settings: Mapping[str, Any]) -> int:
    return int(cast(Any, settings.get("threads")) or 0)


def _io_depth(settings: Mapping[str, Any]) -> int:
    return int(settings.get("io-depth") or 0)


def is_url(path: bytes) -> bool:
    """Whether a path is a URL. Does not import _remote."""
    return b"://" in path and re.match(rb"[a-z][a-z0-9+.-]+://", path) is not None


def is_parquet(paths: list[bytes]) -> bool:
    """Whether paths name parquet files. Imports _parquet only if they may."""
    if not any(path.endswith(b".parquet") or os.path.isdir(path) for path in paths):
        return False
    from llava_check import _parquet

    return _parquet.is_parquet(paths)


def check(path: Any, options: Options, filesystem: Any = None) -> Report:
    """See llava_check.check."""
    paths = _command.as_paths(path)
    with contextlib.ExitStack() as stack:
        mirror = None
        given = paths
        if filesystem is not None or any(map(is_url, paths)):
            from llava_check import _remote

            given = [os.fsencode(_remote.public(os.fsdecode(one))) for one in paths]
            mirror, paths, options = _remote.prepare(paths, options, filesystem, stack)
        return _check(paths, given, options, mirror, stack)


def _check(
    paths: list[bytes],
    given: list[bytes],
    options: Options,
    mirror: Any,
    stack: contextlib.ExitStack,
) -> Report:
    """Check local paths.

    :param given: their names in the report
    :param mirror: fetches their files; None: all files are local
    :param stack: closed after the run
    """
    settings = _settings(paths, options)
    if settings.get("no-index") and (
        options.get("write-baseline") or options.get("prune-baseline")
    ):
        raise UsageError("a baseline is written from an index, and no_index is set")
    mode = "ignore" if settings.get("recheck") else settings.get("index-mode") or "metadata"
    job = _Job(options)
    interrupt = _Interrupt()
    members: dict[str, Any] = {"images": encode(settings.get("images"))}
    rows: list[bytes] = paths
    make: Any = Report
    from_parquet = is_parquet(paths)
    is_elsewhere = from_parquet or mirror is not None
    no_index = bool(settings.get("no-index")) or (is_elsewhere and not settings.get("index"))
    if mirror is not None:
        from llava_check import _remote

        if from_parquet:
            raise UsageError("parquet is checked on a local disk")
        members.update(_remote.guarded_members(mirror, interrupt.guarded))
        job.names = given
        make = _remote.RemoteReport
    elif from_parquet:
        from llava_check._parquet_check import prepare

        rows, members, make = prepare(paths, stack, interrupt.guarded)
    struct = structs.CheckOptions(
        paths=ctypes.cast(structs.strings(rows), ctypes.POINTER(ctypes.c_char_p)),
        path_count=len(rows),
        videos=encode(settings.get("videos")),
        dialect=encode(settings.get("dialect")),
        index=encode(settings.get("index")),
        no_index=no_index,
        no_images=bool(settings.get("no-images")),
        index_mode=structs.INDEX_MODES.index(mode),
        allow_outside=bool(settings.get("allow-outside")),
        threads=_threads(settings),
        io_depth=_io_depth(settings),
        **members,
    )
    handle = job.run("lc_check", struct, interrupt)
    if not no_index:
        _detach(handle, given[0])
    report: Report = make(handle, given, settings, dict(options))
    report.notices = (mirror.notices() if mirror is not None else []) + job.notices
    report.choices = job.choices
    report.sets_below = job.sets
    report._write_files()
    return report


def watch(path: Any, options: Options) -> Report:
    """See llava_check.watch."""
    progress = options.get("progress", "auto")
    if not callable(progress) and progress not in (True, False, None, "auto", "never"):
        raise UsageError(f"progress={progress!r}: it may be 'auto', 'never' or a function")

    def on_round(line: str) -> None:
        logger.info("%s", line)
        if callable(progress):
            progress(line)

    # the check below does what is left, and finds all results in the index
    of_command = {**options, "progress": "never", "quiet": False, "verbose": False}
    _command.run_watch(_command.as_paths(path), of_command, on_round)
    is_done = {"settle", "metrics", "report", "progress"}
    left = {name: value for name, value in options.items() if name not in is_done}
    return check(path, {**left, "progress": "never"})


def check_all(path: PathLike, options: Options) -> dict[str, Report]:
    """See llava_check.check_all."""
    reports = {}
    try:
        report = check(path, {**options, "index": None})
        reports[decode(encode(path))] = report
        below = report.sets_below
    except SeveralSetsError as error:
        below = error.paths
    for one in below:
        reports[one] = check(one, options)
    return reports


def check_quietly(struct: structs.CheckOptions) -> ctypes.c_void_p:
    """Check without settings, callbacks and signals, in any thread. Return the index."""
    handle = ctypes.c_void_p()
    error = structs.Error()
    status = library().lc_check(
        ctypes.byref(struct), ctypes.byref(handle), ctypes.byref(error)
    )
    if status != structs.STATUS_OK:
        fail(error)
    return handle


def _detach(handle: ctypes.c_void_p, path: bytes) -> None:
    """Copy an index into memory unless it is large, so that nobody can truncate it."""
    error = structs.Error()
    status = library().lc_index_detach(handle, DETACHED_BYTES, ctypes.byref(error))
    if status not in (structs.STATUS_OK, structs.STATUS_MEMORY):  # it then remains mapped
        library().lc_index_close(handle)
        fail(error, decode(path))


def verify(path: Any, options: Options) -> Report:
    """See llava_check.verify."""
    paths = _command.as_paths(path)
    settings = _settings(paths, options)
    job = _Job(options)
    handle = job.run(
        "lc_verify",
        structs.VerifyOptions(
            paths=ctypes.cast(structs.strings(paths), ctypes.POINTER(ctypes.c_char_p)),
            path_count=len(paths),
            images=encode(settings.get("images")),
            index=encode(settings.get("index")),
            allow_outside=bool(settings.get("allow-outside")),
            threads=_threads(settings),
            io_depth=_io_depth(settings),
            download=bool(options.get("download")),
            manifest=encode(cast(Any, options.get("manifest"))),
        ),
    )
    _detach(handle, paths[0])
    report = Report(handle, paths, settings, dict(options))
    report.choices = job.choices
    report._write_files()
    return report


def manifest(path: Any, output: Any, options: Options) -> tuple[ctypes.c_void_p, bytes]:
    """See llava_check.manifest. Return the handle for lc_manifest_free, and the folder."""
    folder = encode(path) or b""
    job = _Job(options)
    job.names = [folder]
    struct = structs.ManifestOptions(path=folder, threads=_threads(options))
    setattr(struct, "except", encode(output))
    return job.run("lc_manifest_new", struct), folder


def open_index(path: Any, options: Options) -> Report:
    """See llava_check.open."""
    paths = _command.as_paths(path)
    handle = ctypes.c_void_p()
    error = structs.Error()
    search = _command.start_settings(paths, _given(options))  # while the index is read
    try:
        status = library().lc_index_open(
            structs.strings(paths), len(paths), ctypes.byref(handle), ctypes.byref(error)
        )
    except BaseException:
        _command.stop(search)
        raise
    try:
        settings = _in_force(search, options)
    except BaseException:
        library().lc_index_close(handle)
        raise
    if status != structs.STATUS_OK:
        fail(error, decode(paths[0]))
    _detach(handle, paths[0])
    report = Report(handle, paths, settings, dict(options))
    report._write_files()
    return report
