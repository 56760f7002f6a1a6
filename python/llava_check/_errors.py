"""Why a call failed. What is wrong with the data is a finding instead."""

from __future__ import annotations


class Error(Exception):
    """The library or the command failed."""


class UsageError(Error, ValueError):
    """An argument makes no sense, or there is no such path, rule or trainer."""


class SeveralSetsError(UsageError):
    """There are several data sets below the path: check one, or see
    :func:`llava_check.check_all`.

    :ivar paths: the paths of the data sets; first the one with images and most bytes
    """

    def __init__(self, message: str, paths: list[str]) -> None:
        super().__init__(message)
        self.paths = paths


class IndexDamagedError(Error):
    """The index is damaged, of another version, or in use by another run."""


class BadRowError(Error):
    """The trainer would not use a row as written: see :func:`llava_check.guard`.

    :ivar number: the number of the row in the data set, from 0
    :ivar row: the row itself, if it is known
    :ivar findings: the findings about it: a list of dicts
    :ivar effect: what the trainer does with it: ``"replaced"``, ``"crash"`` …
    """

    def __init__(
        self,
        message: str,
        number: int,
        row: object = None,
        findings: list[dict[str, object]] | None = None,
        effect: str | None = None,
    ) -> None:
        super().__init__(message)
        self.number = number
        self.row = row
        self.findings = findings or []
        self.effect = effect

    def __reduce__(self) -> tuple[object, ...]:
        # pickled from a DataLoader's worker to its parent
        args = (str(self), self.number, self.row, self.findings, self.effect)
        return (type(self), args)
