"""The catalogues: rules and training programs; and comparing two data sets by their paths."""

from __future__ import annotations

from typing import NamedTuple, Optional

from llava_check import _structs as structs
from llava_check._library import PathLike, decode, infos
from llava_check._report import Diff, Report


class Rule(NamedTuple):
    """A rule of the catalogue."""

    code: str
    name: str
    severity: str
    summary: str
    why: str
    fix: str
    source: str


class Trainer(NamedTuple):
    """A training program whose behaviour is predicted."""

    name: str
    title: str
    source: str
    """the repository and the commit that were read"""
    reads: Optional[str]
    """which rows files it loads; None: .json and .jsonl"""


def rules() -> list[Rule]:
    """Return all rules, in the order of the catalogue."""
    return [
        Rule(
            decode(info.code),
            decode(info.name),
            structs.SEVERITIES[info.severity],
            decode(info.summary),
            decode(info.why),
            decode(info.fix),
            decode(info.source),
        )
        for info in infos("lc_rule_at")
    ]


def trainers() -> list[Trainer]:
    """Return all training programs."""
    return [
        Trainer(
            decode(info.name),
            decode(info.title),
            decode(info.source),
            decode(info.reads) if info.reads else None,
        )
        for info in infos("lc_trainer_at")
    ]


def diff(before: PathLike, after: PathLike) -> Diff:
    """Compare two checked data sets, as ``llava-check diff`` does; parquet files are checked now."""
    from llava_check import _api, _command, _run

    def report_of(path: PathLike) -> Report:
        if _run.is_parquet(_command.as_paths(path)):
            return _api.check(path)
        return _api.open(path)

    return report_of(before).diff(report_of(after))
