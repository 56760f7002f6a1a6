"""Check visual-instruction data sets before a training job runs on them.

    import llava_check

    report = llava_check.check("raw")
    print(report.ok, report.counts)
    report.findings.to_pandas()

The C library does the work, without holding the interpreter's lock. Nothing is imported before it
is needed: not torch, not pandas, not pyarrow. Nothing is printed except the progress bar of a run.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

try:
    from llava_check._version import version as __version__
except ImportError:  # a checkout that is not installed
    __version__ = "0+checkout"

if TYPE_CHECKING:
    from llava_check._annotate import annotate
    from llava_check._api import check, check_all, clean, convert, fix, open, verify, watch
    from llava_check._command import CommandResult
    from llava_check._errors import (
        BadRowError,
        Error,
        IndexDamagedError,
        SeveralSetsError,
        UsageError,
    )
    from llava_check._guard import Guard, guard
    from llava_check._import import ImportResult, import_parquet
    from llava_check._inspect import Inspected, inspect
    from llava_check._manifest import Manifest, manifest
    from llava_check._progress import Progress
    from llava_check._report import Diff, Effects, Report, Summary
    from llava_check._rules import Rule, Trainer, diff, rules, trainers
    from llava_check._sound import SoundRows
    from llava_check._table import Table

# The module of each public name; imported on first use
_MODULES = {
    "_annotate": ("annotate",),
    "_api": ("check", "check_all", "clean", "convert", "fix", "open", "verify", "watch"),
    "_command": ("CommandResult",),
    "_errors": (
        "BadRowError",
        "Error",
        "IndexDamagedError",
        "SeveralSetsError",
        "UsageError",
    ),
    "_guard": ("Guard", "guard"),
    "_import": ("ImportResult", "import_parquet"),
    "_inspect": ("Inspected", "inspect"),
    "_manifest": ("Manifest", "manifest"),
    "_progress": ("Progress",),
    "_report": ("Diff", "Effects", "Report", "Summary"),
    "_rules": ("Rule", "Trainer", "diff", "rules", "trainers"),
    "_sound": ("SoundRows",),
    "_table": ("Table",),
}
_PLACES = {name: module for module, names in _MODULES.items() for name in names}

__all__ = [
    "BadRowError",
    "CommandResult",
    "Diff",
    "Effects",
    "Error",
    "Guard",
    "ImportResult",
    "IndexDamagedError",
    "Inspected",
    "Manifest",
    "Progress",
    "Report",
    "Rule",
    "SeveralSetsError",
    "SoundRows",
    "Summary",
    "Table",
    "Trainer",
    "UsageError",
    "__version__",
    "annotate",
    "check",
    "check_all",
    "clean",
    "convert",
    "diff",
    "fix",
    "guard",
    "import_parquet",
    "inspect",
    "manifest",
    "open",
    "rules",
    "trainers",
    "verify",
    "watch",
]


def __getattr__(name: str) -> Any:
    module = _PLACES.get(name)
    if module is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    import importlib

    value = getattr(importlib.import_module(f"{__name__}.{module}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
