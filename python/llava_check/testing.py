"""For a project's own tests: a test fails, with the report, unless a data set is sound.

    from llava_check.testing import assert_sound

    def test_training_data():
        assert_sound("data/raw", trainer="llava-next")
"""

from __future__ import annotations

from typing import Any, Sequence, Union

from llava_check._library import PathLike
from llava_check._report import Report

__all__ = ["assert_sound"]


def assert_sound(
    path: Union[PathLike, Sequence[PathLike], Report], **options: Any
) -> Report:
    """Check a data set, and raise AssertionError with the report unless it passes.

    :param path: as for :func:`llava_check.check`, or a report
    :param options: as for :func:`llava_check.check`: ``trainer``, ``fail_on``, ``baseline`` …
    :returns: the report
    """
    __tracebackhide__ = True
    from llava_check import _api

    if isinstance(path, Report):
        report = path
    else:
        report = _api.check(path, **{"progress": "never", **options})
    if not report.ok:
        raise AssertionError("the data set is not sound\n\n" + report.text("text"))
    return report
