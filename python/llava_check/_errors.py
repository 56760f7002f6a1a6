"""Why a call failed: never what is wrong with the data, which is a finding."""

from __future__ import annotations


class Error(Exception):
    """The library or the command could not do what it was asked to."""


class UsageError(Error, ValueError):
    """What was asked for does not exist or make sense: no such path, rule or trainer."""


class SeveralSetsError(UsageError):
    """There are several data sets below the path: check one of them, or ``all=True``.

    :ivar paths: of the data sets, the one with images and most bytes first
    """

    def __init__(self, message: str, paths: list[str]) -> None:
        super().__init__(message)
        self.paths = paths


class IndexDamagedError(Error):
    """The index is damaged, of another version, or in use by another run."""


class BadRowError(Error):
    """A row that the trainer would not take as written: see :func:`llava_check.guard`.

    :ivar number: of the row in the data set, from 0
    :ivar row: the row itself, if it is known
    :ivar findings: what was found about it: a list of dicts
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
        # from the worker of a DataLoader to its parent
        args = (str(self), self.number, self.row, self.findings, self.effect)
        return (type(self), args)
