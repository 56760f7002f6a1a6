"""The functions of the package, with every option of the command as a keyword.

Written by scripts/python_api.py from src/cli/options.def: do not edit it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Callable, Literal, Optional, Sequence, Union

from llava_check import _command, _run
from llava_check._library import PathLike
from llava_check._progress import OnProgress

if TYPE_CHECKING:
    from llava_check._command import CommandResult
    from llava_check._report import Report

Paths = Union[PathLike, Sequence[PathLike]]

__all__ = ["check", "check_all", "clean", "convert", "fix", "open", "verify", "watch"]


def check(
    path: Paths,
    *,
    images: Optional[PathLike] = None,
    videos: Optional[PathLike] = None,
    dialect: Optional[str] = None,
    no_images: bool = False,
    part: Optional[str] = None,
    allow_outside: bool = False,
    index: Optional[PathLike] = None,
    index_mode: Optional[Literal["metadata", "content"]] = None,
    recheck: bool = False,
    no_index: bool = False,
    trainer: Optional[str] = None,
    report: Union[PathLike, Sequence[PathLike]] = (),
    force: bool = False,
    thumbnails: bool = False,
    select: Union[str, Sequence[str]] = (),
    ignore: Union[str, Sequence[str]] = (),
    severity: Union[str, Sequence[str]] = (),
    show: Optional[Literal["info", "warning", "error"]] = None,
    fail_on: Optional[Literal["info", "warning", "error", "unknown"]] = None,
    exit_zero: bool = False,
    max_findings: Optional[int] = None,
    baseline: Optional[PathLike] = None,
    write_baseline: Optional[PathLike] = None,
    prune_baseline: bool = False,
    threads: Optional[int] = None,
    io_depth: Optional[int] = None,
    progress: Union[bool, Literal["auto", "never"], OnProgress] = "auto",
    quiet: bool = False,
    verbose: bool = False,
    config: Optional[PathLike] = None,
    isolated: bool = False,
    filesystem: Any = None,
) -> Report:
    """Check a data set, as ``llava-check PATH`` does.

    Like the command, it reads settings files (``llava-check.yaml``), and reuses results from the
    index, even those of an interrupted run. KeyboardInterrupt ends the run; the next run reuses
    what was read until then.

    A path may be a URL of an object store: ``s3://bucket/raw``. Images and archives are fetched
    when they are read, and not kept; results are stored only with ``index``.

    :param path: a folder, rows file, registry or pattern; or several, which are one data set
    :param images: folder that image paths are relative to (default: detected)
    :param videos: folder that video paths are relative to (default: detected)
    :param dialect: how rows are written: llava, sharegpt, messages … (default: detected for
        each file)
    :param no_images: check rows only; ignore images and videos
    :param part: check only part I of N, into ``index``; 'llava-check merge' joins the parts of
        several machines
    :param allow_outside: also open image paths that are absolute or contain ".."
    :param index: folder for results (default: .llava-check in PATH)
    :param index_mode: reuse results for files with unchanged size and times (metadata,
        default), or re-read every file (content)
    :param recheck: ignore earlier results; read all rows and images again
    :param no_index: do not store results on disk
    :param trainer: training program to predict for (default: by dialect, llava-next for LLaVA's
        rows); NAME:TOKENS sets its token limit; all: also compare all programs
    :param report: also write a report to FILE; the format comes from its suffix, or from
        FORMAT:FILE; may be repeated
    :param force: let ``report`` overwrite files that are not llava-check reports, and let
        clean, fix and convert overwrite existing files; input files are never overwritten
    :param thumbnails: show thumbnails of bad images in HTML reports
    :param select: report, or fix, only these rules: codes, prefixes or names (IMG,CNV3); may be
        repeated
    :param ignore: do not report, or fix, these rules; where ``select`` names them too, the more
        specific one wins
    :param severity: change the level of a rule's findings to info, warning, error or off; may
        be repeated
    :param show: lowest level to list: info, warning (default) or error
    :param fail_on: lowest level that fails the run (exit code 1): info, warning or error
        (default); unknown: like error, and also if some rows have an unknown effect
    :param exit_zero: exit with 0 even if there are findings
    :param max_findings: list at most N findings (text, full: per rule); all are counted
    :param baseline: accept the findings recorded in FILE; only new ones count
    :param write_baseline: record all findings in FILE and accept them
    :param prune_baseline: remove entries that match no finding from the baseline
    :param threads: worker threads (default: one per processor)
    :param io_depth: files read at once, independent of ``threads``, up to 512 (default: as many
        as make slow storage faster)
    :param progress: a bar of tqdm, or of the notebook (auto, default), none (never), or a
        function that is called with each :class:`llava_check.Progress`
    :param quiet: no bar
    :param verbose: log what is detected, and timings, to the logger llava_check
    :param config: read this settings file instead of llava-check.yaml in the data set and in
        the working directory or above it
    :param isolated: ignore all settings files
    :param filesystem: the file system of a remote path, from pyarrow.fs or fsspec (default: by
        its URL)
    :raises UsageError: no such path, no rows, or an invalid value of an option
    :raises SeveralSetsError: several data sets are below the path: see :func:`check_all`
    :raises IndexDamagedError: another run holds the index
    :raises OSError: a rows file or the index folder cannot be used, or the disk is full
    """
    options: dict[str, object] = {
        "images": images,
        "videos": videos,
        "dialect": dialect,
        "no-images": no_images,
        "part": part,
        "allow-outside": allow_outside,
        "index": index,
        "index-mode": index_mode,
        "recheck": recheck,
        "no-index": no_index,
        "trainer": trainer,
        "report": report,
        "force": force,
        "thumbnails": thumbnails,
        "select": select,
        "ignore": ignore,
        "severity": severity,
        "show": show,
        "fail-on": fail_on,
        "exit-zero": exit_zero,
        "max-findings": max_findings,
        "baseline": baseline,
        "write-baseline": write_baseline,
        "prune-baseline": prune_baseline,
        "threads": threads,
        "io-depth": io_depth,
        "progress": progress,
        "quiet": quiet,
        "verbose": verbose,
        "config": config,
        "isolated": isolated,
    }
    return _run.check(path, options, filesystem)


def check_all(
    path: PathLike,
    *,
    images: Optional[PathLike] = None,
    videos: Optional[PathLike] = None,
    dialect: Optional[str] = None,
    no_images: bool = False,
    part: Optional[str] = None,
    allow_outside: bool = False,
    index_mode: Optional[Literal["metadata", "content"]] = None,
    recheck: bool = False,
    no_index: bool = False,
    trainer: Optional[str] = None,
    force: bool = False,
    thumbnails: bool = False,
    select: Union[str, Sequence[str]] = (),
    ignore: Union[str, Sequence[str]] = (),
    severity: Union[str, Sequence[str]] = (),
    show: Optional[Literal["info", "warning", "error"]] = None,
    fail_on: Optional[Literal["info", "warning", "error", "unknown"]] = None,
    exit_zero: bool = False,
    max_findings: Optional[int] = None,
    baseline: Optional[PathLike] = None,
    threads: Optional[int] = None,
    io_depth: Optional[int] = None,
    progress: Union[bool, Literal["auto", "never"], OnProgress] = "auto",
    quiet: bool = False,
    verbose: bool = False,
    config: Optional[PathLike] = None,
    isolated: bool = False,
) -> dict[str, Report]:
    """Check each of the data sets below a folder, as ``llava-check PATH --all`` does.

    :param path: a folder
    :param images: folder that image paths are relative to (default: detected)
    :param videos: folder that video paths are relative to (default: detected)
    :param dialect: how rows are written: llava, sharegpt, messages … (default: detected for
        each file)
    :param no_images: check rows only; ignore images and videos
    :param part: check only part I of N, into ``index``; 'llava-check merge' joins the parts of
        several machines
    :param allow_outside: also open image paths that are absolute or contain ".."
    :param index_mode: reuse results for files with unchanged size and times (metadata,
        default), or re-read every file (content)
    :param recheck: ignore earlier results; read all rows and images again
    :param no_index: do not store results on disk
    :param trainer: training program to predict for (default: by dialect, llava-next for LLaVA's
        rows); NAME:TOKENS sets its token limit; all: also compare all programs
    :param force: let ``report`` overwrite files that are not llava-check reports, and let
        clean, fix and convert overwrite existing files; input files are never overwritten
    :param thumbnails: show thumbnails of bad images in HTML reports
    :param select: report, or fix, only these rules: codes, prefixes or names (IMG,CNV3); may be
        repeated
    :param ignore: do not report, or fix, these rules; where ``select`` names them too, the more
        specific one wins
    :param severity: change the level of a rule's findings to info, warning, error or off; may
        be repeated
    :param show: lowest level to list: info, warning (default) or error
    :param fail_on: lowest level that fails the run (exit code 1): info, warning or error
        (default); unknown: like error, and also if some rows have an unknown effect
    :param exit_zero: exit with 0 even if there are findings
    :param max_findings: list at most N findings (text, full: per rule); all are counted
    :param baseline: accept the findings recorded in FILE; only new ones count
    :param threads: worker threads (default: one per processor)
    :param io_depth: files read at once, independent of ``threads``, up to 512 (default: as many
        as make slow storage faster)
    :param progress: a bar of tqdm, or of the notebook (auto, default), none (never), or a
        function that is called with each :class:`llava_check.Progress`
    :param quiet: no bar
    :param verbose: log what is detected, and timings, to the logger llava_check
    :param config: read this settings file instead of llava-check.yaml in the data set and in
        the working directory or above it
    :param isolated: ignore all settings files
    :returns: the reports by the path of the data set
    """
    options: dict[str, object] = {
        "images": images,
        "videos": videos,
        "dialect": dialect,
        "no-images": no_images,
        "part": part,
        "allow-outside": allow_outside,
        "index-mode": index_mode,
        "recheck": recheck,
        "no-index": no_index,
        "trainer": trainer,
        "force": force,
        "thumbnails": thumbnails,
        "select": select,
        "ignore": ignore,
        "severity": severity,
        "show": show,
        "fail-on": fail_on,
        "exit-zero": exit_zero,
        "max-findings": max_findings,
        "baseline": baseline,
        "threads": threads,
        "io-depth": io_depth,
        "progress": progress,
        "quiet": quiet,
        "verbose": verbose,
        "config": config,
        "isolated": isolated,
    }
    return _run.check_all(path, options)


def watch(
    path: Paths,
    *,
    images: Optional[PathLike] = None,
    videos: Optional[PathLike] = None,
    dialect: Optional[str] = None,
    allow_outside: bool = False,
    index: Optional[PathLike] = None,
    trainer: Optional[str] = None,
    report: Union[PathLike, Sequence[PathLike]] = (),
    force: bool = False,
    thumbnails: bool = False,
    select: Union[str, Sequence[str]] = (),
    ignore: Union[str, Sequence[str]] = (),
    severity: Union[str, Sequence[str]] = (),
    show: Optional[Literal["info", "warning", "error"]] = None,
    fail_on: Optional[Literal["info", "warning", "error", "unknown"]] = None,
    exit_zero: bool = False,
    max_findings: Optional[int] = None,
    baseline: Optional[PathLike] = None,
    threads: Optional[int] = None,
    io_depth: Optional[int] = None,
    settle: Optional[int] = None,
    progress: Union[bool, Literal["auto", "never"], Callable[[str], None]] = "auto",
    metrics: Optional[PathLike] = None,
    quiet: bool = False,
    verbose: bool = False,
    config: Optional[PathLike] = None,
    isolated: bool = False,
) -> Report:
    """Check a data set while its files arrive, as ``llava-check watch PATH`` does.

    This runs the command. It checks in rounds while files arrive, and ends when nothing has
    changed for ``settle`` seconds; the report is that of :func:`check` afterwards.
    KeyboardInterrupt ends it earlier; what was read is kept.

    :param path: a folder, rows file, registry or pattern; or several, which are one data set
    :param images: folder that image paths are relative to (default: detected)
    :param videos: folder that video paths are relative to (default: detected)
    :param dialect: how rows are written: llava, sharegpt, messages … (default: detected for
        each file)
    :param allow_outside: also open image paths that are absolute or contain ".."
    :param index: folder for results (default: .llava-check in PATH)
    :param trainer: training program to predict for (default: by dialect, llava-next for LLaVA's
        rows); NAME:TOKENS sets its token limit; all: also compare all programs
    :param report: also write a report to FILE; the format comes from its suffix, or from
        FORMAT:FILE; may be repeated
    :param force: let ``report`` overwrite files that are not llava-check reports, and let
        clean, fix and convert overwrite existing files; input files are never overwritten
    :param thumbnails: show thumbnails of bad images in HTML reports
    :param select: report, or fix, only these rules: codes, prefixes or names (IMG,CNV3); may be
        repeated
    :param ignore: do not report, or fix, these rules; where ``select`` names them too, the more
        specific one wins
    :param severity: change the level of a rule's findings to info, warning, error or off; may
        be repeated
    :param show: lowest level to list: info, warning (default) or error
    :param fail_on: lowest level that fails the run (exit code 1): info, warning or error
        (default); unknown: like error, and also if some rows have an unknown effect
    :param exit_zero: exit with 0 even if there are findings
    :param max_findings: list at most N findings (text, full: per rule); all are counted
    :param baseline: accept the findings recorded in FILE; only new ones count
    :param threads: worker threads (default: one per processor)
    :param io_depth: files read at once, independent of ``threads``, up to 512 (default: as many
        as make slow storage faster)
    :param settle: seconds without a change after which a download is over (default: 30)
    :param progress: a function that is called with the command's line about each round; the
        line is also logged to llava_check
    :param metrics: write the state of the run to FILE every 5 seconds and at its end, in
        Prometheus' text format (*.prom for the node exporter)
    :param quiet: no bar
    :param verbose: log what is detected, and timings, to the logger llava_check
    :param config: read this settings file instead of llava-check.yaml in the data set and in
        the working directory or above it
    :param isolated: ignore all settings files
    :raises UsageError: no such path, no rows, or an invalid value of an option
    :raises Error: the command failed; the message is its own
    """
    options: dict[str, object] = {
        "images": images,
        "videos": videos,
        "dialect": dialect,
        "allow-outside": allow_outside,
        "index": index,
        "trainer": trainer,
        "report": report,
        "force": force,
        "thumbnails": thumbnails,
        "select": select,
        "ignore": ignore,
        "severity": severity,
        "show": show,
        "fail-on": fail_on,
        "exit-zero": exit_zero,
        "max-findings": max_findings,
        "baseline": baseline,
        "threads": threads,
        "io-depth": io_depth,
        "settle": settle,
        "progress": progress,
        "metrics": metrics,
        "quiet": quiet,
        "verbose": verbose,
        "config": config,
        "isolated": isolated,
    }
    return _run.watch(path, options)


def open(
    path: Paths,
    *,
    images: Optional[PathLike] = None,
    allow_outside: bool = False,
    trainer: Optional[str] = None,
    report: Union[PathLike, Sequence[PathLike]] = (),
    force: bool = False,
    thumbnails: bool = False,
    select: Union[str, Sequence[str]] = (),
    ignore: Union[str, Sequence[str]] = (),
    severity: Union[str, Sequence[str]] = (),
    show: Optional[Literal["info", "warning", "error"]] = None,
    fail_on: Optional[Literal["info", "warning", "error", "unknown"]] = None,
    exit_zero: bool = False,
    max_findings: Optional[int] = None,
    baseline: Optional[PathLike] = None,
    write_baseline: Optional[PathLike] = None,
    prune_baseline: bool = False,
    quiet: bool = False,
    config: Optional[PathLike] = None,
    isolated: bool = False,
) -> Report:
    """Open the results of an earlier run, as ``llava-check report PATH`` does.

    :param path: what was checked; or an index folder or file
    :param images: folder that image paths are relative to (default: detected)
    :param allow_outside: also open image paths that are absolute or contain ".."
    :param trainer: training program to predict for (default: by dialect, llava-next for LLaVA's
        rows); NAME:TOKENS sets its token limit; all: also compare all programs
    :param report: also write a report to FILE; the format comes from its suffix, or from
        FORMAT:FILE; may be repeated
    :param force: let ``report`` overwrite files that are not llava-check reports, and let
        clean, fix and convert overwrite existing files; input files are never overwritten
    :param thumbnails: show thumbnails of bad images in HTML reports
    :param select: report, or fix, only these rules: codes, prefixes or names (IMG,CNV3); may be
        repeated
    :param ignore: do not report, or fix, these rules; where ``select`` names them too, the more
        specific one wins
    :param severity: change the level of a rule's findings to info, warning, error or off; may
        be repeated
    :param show: lowest level to list: info, warning (default) or error
    :param fail_on: lowest level that fails the run (exit code 1): info, warning or error
        (default); unknown: like error, and also if some rows have an unknown effect
    :param exit_zero: exit with 0 even if there are findings
    :param max_findings: list at most N findings (text, full: per rule); all are counted
    :param baseline: accept the findings recorded in FILE; only new ones count
    :param write_baseline: record all findings in FILE and accept them
    :param prune_baseline: remove entries that match no finding from the baseline
    :param quiet: no bar
    :param config: read this settings file instead of llava-check.yaml in the data set and in
        the working directory or above it
    :param isolated: ignore all settings files
    :raises UsageError: there are no results
    :raises IndexDamagedError: the index is damaged, or of another version
    """
    options: dict[str, object] = {
        "images": images,
        "allow-outside": allow_outside,
        "trainer": trainer,
        "report": report,
        "force": force,
        "thumbnails": thumbnails,
        "select": select,
        "ignore": ignore,
        "severity": severity,
        "show": show,
        "fail-on": fail_on,
        "exit-zero": exit_zero,
        "max-findings": max_findings,
        "baseline": baseline,
        "write-baseline": write_baseline,
        "prune-baseline": prune_baseline,
        "quiet": quiet,
        "config": config,
        "isolated": isolated,
    }
    return _run.open_index(path, options)


def verify(
    path: Paths,
    *,
    images: Optional[PathLike] = None,
    download: bool = False,
    manifest: Optional[PathLike] = None,
    against: Optional[PathLike] = None,
    allow_outside: bool = False,
    index: Optional[PathLike] = None,
    report: Union[PathLike, Sequence[PathLike]] = (),
    force: bool = False,
    select: Union[str, Sequence[str]] = (),
    ignore: Union[str, Sequence[str]] = (),
    severity: Union[str, Sequence[str]] = (),
    show: Optional[Literal["info", "warning", "error"]] = None,
    fail_on: Optional[Literal["info", "warning", "error", "unknown"]] = None,
    exit_zero: bool = False,
    max_findings: Optional[int] = None,
    baseline: Optional[PathLike] = None,
    threads: Optional[int] = None,
    io_depth: Optional[int] = None,
    progress: Union[bool, Literal["auto", "never"], OnProgress] = "auto",
    quiet: bool = False,
    verbose: bool = False,
    config: Optional[PathLike] = None,
    isolated: bool = False,
) -> Report:
    """Compare the files of a checked data set with its index, as ``llava-check verify`` does.

    The report has the findings IDX701 to IDX704: files that changed or are gone. With
    ``download`` or ``manifest``, files are compared with records of their download or with a
    manifest instead, and the findings are HUB901 to HUB906.

    :param path: a folder, rows file, registry or pattern; or several, which are one data set
    :param images: folder that image paths are relative to (default: detected)
    :param download: compare the files with what their downloader recorded (huggingface_hub,
        git-LFS), or with checksum files
    :param manifest: compare the files with a manifest, which 'llava-check manifest' has written
    :param against: compare the files with an archive (tar, tar.gz, zip …) that they were
        unpacked from
    :param allow_outside: also open image paths that are absolute or contain ".."
    :param index: folder for results (default: .llava-check in PATH)
    :param report: also write a report to FILE; the format comes from its suffix, or from
        FORMAT:FILE; may be repeated
    :param force: let ``report`` overwrite files that are not llava-check reports, and let
        clean, fix and convert overwrite existing files; input files are never overwritten
    :param select: report, or fix, only these rules: codes, prefixes or names (IMG,CNV3); may be
        repeated
    :param ignore: do not report, or fix, these rules; where ``select`` names them too, the more
        specific one wins
    :param severity: change the level of a rule's findings to info, warning, error or off; may
        be repeated
    :param show: lowest level to list: info, warning (default) or error
    :param fail_on: lowest level that fails the run (exit code 1): info, warning or error
        (default); unknown: like error, and also if some rows have an unknown effect
    :param exit_zero: exit with 0 even if there are findings
    :param max_findings: list at most N findings (text, full: per rule); all are counted
    :param baseline: accept the findings recorded in FILE; only new ones count
    :param threads: worker threads (default: one per processor)
    :param io_depth: files read at once, independent of ``threads``, up to 512 (default: as many
        as make slow storage faster)
    :param progress: a bar of tqdm, or of the notebook (auto, default), none (never), or a
        function that is called with each :class:`llava_check.Progress`
    :param quiet: no bar
    :param verbose: log what is detected, and timings, to the logger llava_check
    :param config: read this settings file instead of llava-check.yaml in the data set and in
        the working directory or above it
    :param isolated: ignore all settings files
    """
    options: dict[str, object] = {
        "images": images,
        "download": download,
        "manifest": manifest,
        "against": against,
        "allow-outside": allow_outside,
        "index": index,
        "report": report,
        "force": force,
        "select": select,
        "ignore": ignore,
        "severity": severity,
        "show": show,
        "fail-on": fail_on,
        "exit-zero": exit_zero,
        "max-findings": max_findings,
        "baseline": baseline,
        "threads": threads,
        "io-depth": io_depth,
        "progress": progress,
        "quiet": quiet,
        "verbose": verbose,
        "config": config,
        "isolated": isolated,
    }
    return _run.verify(path, options)


def clean(
    path: Paths,
    output: PathLike,
    *,
    images: Optional[PathLike] = None,
    videos: Optional[PathLike] = None,
    dialect: Optional[str] = None,
    allow_outside: bool = False,
    index: Optional[PathLike] = None,
    index_mode: Optional[Literal["metadata", "content"]] = None,
    recheck: bool = False,
    no_index: bool = False,
    trainer: Optional[str] = None,
    force: bool = False,
    select: Union[str, Sequence[str]] = (),
    ignore: Union[str, Sequence[str]] = (),
    severity: Union[str, Sequence[str]] = (),
    drop: Union[str, Sequence[str]] = (),
    fix: bool = False,
    unsafe: bool = False,
    merge: bool = False,
    sample: Optional[int] = None,
    split: Optional[str] = None,
    seed: Optional[int] = None,
    shuffle: Optional[int] = None,
    copy_images: Optional[PathLike] = None,
    link_images: Optional[PathLike] = None,
    link: Optional[Literal["symbolic", "hard", "reflink"]] = None,
    transcode: bool = False,
    threads: Optional[int] = None,
    io_depth: Optional[int] = None,
    progress: Union[bool, Literal["auto", "never"], OnProgress] = "auto",
    quiet: bool = False,
    verbose: bool = False,
    config: Optional[PathLike] = None,
    isolated: bool = False,
) -> CommandResult:
    """Write only the rows that a trainer trains on, as ``llava-check clean`` does.

    This runs the command. The rows are written byte for byte, and checked before the output
    file appears.

    :param path: a folder, rows file, registry or pattern; or several, which are one data set
    :param output: file to write to: rows (.json, .jsonl), a shard (.tar) or the manifest; clean
        and fix write several rows files, and clean shards, into a folder. What was dropped or
        fixed, and why, goes to OUT.dropped.jsonl, OUT.refetch.txt, OUT.fixed.jsonl and
        OUT.report.json
    :param images: folder that image paths are relative to (default: detected)
    :param videos: folder that video paths are relative to (default: detected)
    :param dialect: how rows are written: llava, sharegpt, messages … (default: detected for
        each file)
    :param allow_outside: also open image paths that are absolute or contain ".."
    :param index: folder for results (default: .llava-check in PATH)
    :param index_mode: reuse results for files with unchanged size and times (metadata,
        default), or re-read every file (content)
    :param recheck: ignore earlier results; read all rows and images again
    :param no_index: do not store results on disk
    :param trainer: training program to predict for (default: by dialect, llava-next for LLaVA's
        rows); NAME:TOKENS sets its token limit; all: also compare all programs
    :param force: let ``report`` overwrite files that are not llava-check reports, and let
        clean, fix and convert overwrite existing files; input files are never overwritten
    :param select: report, or fix, only these rules: codes, prefixes or names (IMG,CNV3); may be
        repeated
    :param ignore: do not report, or fix, these rules; where ``select`` names them too, the more
        specific one wins
    :param severity: change the level of a rule's findings to info, warning, error or off; may
        be repeated
    :param drop: what drops a row: effects (crash, replaced, altered, unknown), a level (error,
        warning) or rules (default: crash,replaced, for shards also altered; without a trainer:
        error); may be repeated
    :param fix: fix rows before dropping any
    :param unsafe: also make fixes that a person should review
    :param merge: write the rows of all rows files to one file
    :param sample: keep N rows, picked by a hash: the same on every machine
    :param split: split rows into files such as train=0.99,val=0.01; rows that show the same
        picture are in the same part
    :param seed: seed of ``sample`` and ``split`` (default: 0)
    :param shuffle: shuffle the rows of each file
    :param copy_images: copy the images of kept rows to DIR, at the same relative paths; each is
        verified by its hash
    :param link_images: like ``copy_images``, with links instead of copies; see ``link``
    :param link: kind of links for ``link_images``: symbolic (default), hard (another name of
        the same file) or reflink (a copy that shares disk blocks)
    :param transcode: with ``copy_images``: rewrite images that the trainer sees differently
        from image viewers (rotated, transparent, 16-bit, several frames, too large)
    :param threads: worker threads (default: one per processor)
    :param io_depth: files read at once, independent of ``threads``, up to 512 (default: as many
        as make slow storage faster)
    :param progress: a bar of tqdm, or of the notebook (auto, default), none (never), or a
        function that is called with each :class:`llava_check.Progress`
    :param quiet: no bar
    :param verbose: log what is detected, and timings, to the logger llava_check
    :param config: read this settings file instead of llava-check.yaml in the data set and in
        the working directory or above it
    :param isolated: ignore all settings files
    :returns: what was done: ``.report`` is the content of ``OUT.report.json``
    :raises Error: the command failed; the message is its own
    """
    options: dict[str, object] = {
        "images": images,
        "videos": videos,
        "dialect": dialect,
        "allow-outside": allow_outside,
        "index": index,
        "index-mode": index_mode,
        "recheck": recheck,
        "no-index": no_index,
        "trainer": trainer,
        "force": force,
        "select": select,
        "ignore": ignore,
        "severity": severity,
        "drop": drop,
        "fix": fix,
        "unsafe": unsafe,
        "merge": merge,
        "sample": sample,
        "split": split,
        "seed": seed,
        "shuffle": shuffle,
        "copy-images": copy_images,
        "link-images": link_images,
        "link": link,
        "transcode": transcode,
        "threads": threads,
        "io-depth": io_depth,
        "progress": progress,
        "quiet": quiet,
        "verbose": verbose,
        "config": config,
        "isolated": isolated,
    }
    return _command.run_clean("clean", path, output, options)


def fix(
    path: Paths,
    output: Optional[PathLike] = None,
    *,
    images: Optional[PathLike] = None,
    videos: Optional[PathLike] = None,
    dialect: Optional[str] = None,
    allow_outside: bool = False,
    index: Optional[PathLike] = None,
    index_mode: Optional[Literal["metadata", "content"]] = None,
    recheck: bool = False,
    no_index: bool = False,
    trainer: Optional[str] = None,
    force: bool = False,
    select: Union[str, Sequence[str]] = (),
    ignore: Union[str, Sequence[str]] = (),
    unsafe: bool = False,
    diff: bool = False,
    in_place: bool = False,
    threads: Optional[int] = None,
    io_depth: Optional[int] = None,
    progress: Union[bool, Literal["auto", "never"], OnProgress] = "auto",
    quiet: bool = False,
    verbose: bool = False,
    config: Optional[PathLike] = None,
    isolated: bool = False,
) -> CommandResult:
    """Fix the rows that can be fixed, and write all rows, as ``llava-check fix`` does.

    This runs the command. Nothing is written into the data set, unless ``in_place`` is set. With
    ``diff``, nothing is written at all, and ``.text`` has the differences.

    :param path: a folder, rows file, registry or pattern; or several, which are one data set
    :param output: file to write to: rows (.json, .jsonl), a shard (.tar) or the manifest; clean
        and fix write several rows files, and clean shards, into a folder. What was dropped or
        fixed, and why, goes to OUT.dropped.jsonl, OUT.refetch.txt, OUT.fixed.jsonl and
        OUT.report.json
    :param images: folder that image paths are relative to (default: detected)
    :param videos: folder that video paths are relative to (default: detected)
    :param dialect: how rows are written: llava, sharegpt, messages … (default: detected for
        each file)
    :param allow_outside: also open image paths that are absolute or contain ".."
    :param index: folder for results (default: .llava-check in PATH)
    :param index_mode: reuse results for files with unchanged size and times (metadata,
        default), or re-read every file (content)
    :param recheck: ignore earlier results; read all rows and images again
    :param no_index: do not store results on disk
    :param trainer: training program to predict for (default: by dialect, llava-next for LLaVA's
        rows); NAME:TOKENS sets its token limit; all: also compare all programs
    :param force: let ``report`` overwrite files that are not llava-check reports, and let
        clean, fix and convert overwrite existing files; input files are never overwritten
    :param select: report, or fix, only these rules: codes, prefixes or names (IMG,CNV3); may be
        repeated
    :param ignore: do not report, or fix, these rules; where ``select`` names them too, the more
        specific one wins
    :param unsafe: also make fixes that a person should review
    :param diff: show what would be changed, as a unified diff; write nothing
    :param in_place: replace the rows files; each original is kept as NAME.orig
    :param threads: worker threads (default: one per processor)
    :param io_depth: files read at once, independent of ``threads``, up to 512 (default: as many
        as make slow storage faster)
    :param progress: a bar of tqdm, or of the notebook (auto, default), none (never), or a
        function that is called with each :class:`llava_check.Progress`
    :param quiet: no bar
    :param verbose: log what is detected, and timings, to the logger llava_check
    :param config: read this settings file instead of llava-check.yaml in the data set and in
        the working directory or above it
    :param isolated: ignore all settings files
    :returns: what was done: ``.report`` is the content of ``OUT.report.json``
    :raises Error: the command failed; the message is its own
    """
    options: dict[str, object] = {
        "images": images,
        "videos": videos,
        "dialect": dialect,
        "allow-outside": allow_outside,
        "index": index,
        "index-mode": index_mode,
        "recheck": recheck,
        "no-index": no_index,
        "trainer": trainer,
        "force": force,
        "select": select,
        "ignore": ignore,
        "unsafe": unsafe,
        "diff": diff,
        "in-place": in_place,
        "threads": threads,
        "io-depth": io_depth,
        "progress": progress,
        "quiet": quiet,
        "verbose": verbose,
        "config": config,
        "isolated": isolated,
    }
    return _command.run_clean("fix", path, output, options)


def convert(
    path: Paths,
    output: PathLike,
    *,
    images: Optional[PathLike] = None,
    videos: Optional[PathLike] = None,
    dialect: Optional[str] = None,
    allow_outside: bool = False,
    index: Optional[PathLike] = None,
    index_mode: Optional[Literal["metadata", "content"]] = None,
    recheck: bool = False,
    no_index: bool = False,
    trainer: Optional[str] = None,
    force: bool = False,
    to: Optional[str] = None,
    in_parts: bool = False,
    part_paths: bool = False,
    skip: bool = False,
    entry: Optional[str] = None,
    threads: Optional[int] = None,
    io_depth: Optional[int] = None,
    progress: Union[bool, Literal["auto", "never"], OnProgress] = "auto",
    quiet: bool = False,
    verbose: bool = False,
    config: Optional[PathLike] = None,
    isolated: bool = False,
) -> CommandResult:
    """Write the rows in another dialect, as ``llava-check convert`` does.

    This runs the command. The result is read again before the output file appears.

    :param path: a folder, rows file, registry or pattern; or several, which are one data set
    :param output: file to write to: rows (.json, .jsonl), a shard (.tar) or the manifest; clean
        and fix write several rows files, and clean shards, into a folder. What was dropped or
        fixed, and why, goes to OUT.dropped.jsonl, OUT.refetch.txt, OUT.fixed.jsonl and
        OUT.report.json
    :param images: folder that image paths are relative to (default: detected)
    :param videos: folder that video paths are relative to (default: detected)
    :param dialect: how rows are written: llava, sharegpt, messages … (default: detected for
        each file)
    :param allow_outside: also open image paths that are absolute or contain ".."
    :param index: folder for results (default: .llava-check in PATH)
    :param index_mode: reuse results for files with unchanged size and times (metadata,
        default), or re-read every file (content)
    :param recheck: ignore earlier results; read all rows and images again
    :param no_index: do not store results on disk
    :param trainer: training program to predict for (default: by dialect, llava-next for LLaVA's
        rows); NAME:TOKENS sets its token limit; all: also compare all programs
    :param force: let ``report`` overwrite files that are not llava-check reports, and let
        clean, fix and convert overwrite existing files; input files are never overwritten
    :param to: dialect to convert rows to: llava, sharegpt, messages …
    :param in_parts: with ``to`` messages: write each text as a list of parts, with {"type":
        "image"} for a placeholder, as TRL reads them
    :param part_paths: the same, but each part names its file: {"type": "image", "image":
        "a.jpg"}, and no column lists the files
    :param skip: leave out rows that the dialect cannot hold, and list them in OUT.skipped.jsonl
    :param entry: also write the entry for the trainer's registry (dataset_info.json, mixture …)
        to OUT.entry, OUT.entry.json or OUT.entry.yaml
    :param threads: worker threads (default: one per processor)
    :param io_depth: files read at once, independent of ``threads``, up to 512 (default: as many
        as make slow storage faster)
    :param progress: a bar of tqdm, or of the notebook (auto, default), none (never), or a
        function that is called with each :class:`llava_check.Progress`
    :param quiet: no bar
    :param verbose: log what is detected, and timings, to the logger llava_check
    :param config: read this settings file instead of llava-check.yaml in the data set and in
        the working directory or above it
    :param isolated: ignore all settings files
    :returns: what was done: ``.text`` is what the command prints
    :raises Error: the command failed; the message is its own
    """
    options: dict[str, object] = {
        "images": images,
        "videos": videos,
        "dialect": dialect,
        "allow-outside": allow_outside,
        "index": index,
        "index-mode": index_mode,
        "recheck": recheck,
        "no-index": no_index,
        "trainer": trainer,
        "force": force,
        "to": to,
        "in-parts": in_parts,
        "part-paths": part_paths,
        "skip": skip,
        "entry": entry,
        "threads": threads,
        "io-depth": io_depth,
        "progress": progress,
        "quiet": quiet,
        "verbose": verbose,
        "config": config,
        "isolated": isolated,
    }
    return _command.run_clean("convert", path, output, options)


# For each option: whether it is a flag, and whether it may be repeated
OPTIONS = {
    "images": (False, False),
    "videos": (False, False),
    "dialect": (False, False),
    "no-images": (True, False),
    "all": (True, False),
    "part": (False, False),
    "parts": (False, False),
    "allow-missing": (True, False),
    "download": (True, False),
    "manifest": (False, False),
    "against": (False, False),
    "allow-outside": (True, False),
    "index": (False, False),
    "index-mode": (False, False),
    "recheck": (True, False),
    "no-index": (True, False),
    "trainer": (False, False),
    "report": (False, True),
    "force": (True, False),
    "format": (False, False),
    "statistics": (True, False),
    "thumbnails": (True, False),
    "color": (False, False),
    "where": (False, True),
    "rule": (False, True),
    "select": (False, True),
    "ignore": (False, True),
    "severity": (False, True),
    "show": (False, False),
    "fail-on": (False, False),
    "exit-zero": (True, False),
    "max-findings": (False, False),
    "baseline": (False, False),
    "write-baseline": (False, False),
    "prune-baseline": (True, False),
    "output": (False, False),
    "to": (False, False),
    "in-parts": (True, False),
    "part-paths": (True, False),
    "skip": (True, False),
    "entry": (False, False),
    "drop": (False, True),
    "fix": (True, False),
    "unsafe": (True, False),
    "diff": (True, False),
    "in-place": (True, False),
    "merge": (True, False),
    "sample": (False, False),
    "split": (False, False),
    "seed": (False, False),
    "shuffle": (False, False),
    "copy-images": (False, False),
    "link-images": (False, False),
    "link": (False, False),
    "transcode": (True, False),
    "threads": (False, False),
    "io-depth": (False, False),
    "settle": (False, False),
    "progress": (False, False),
    "metrics": (False, False),
    "quiet": (True, False),
    "verbose": (True, False),
    "config": (False, False),
    "isolated": (True, False),
    "help": (True, False),
    "version": (True, False),
}
