"""Progress bars: tqdm's, a notebook's, or none."""

from __future__ import annotations

import sys
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from llava_check import _progress
from llava_check import _structs as structs
from llava_check._progress import Progress, Throttle, bar_of, in_notebook

NOTHING = {"info": 0, "warning": 0, "error": 0}


class FakeTqdm:
    """Record what is done with a bar."""

    made: list[FakeTqdm] = []

    def __init__(self, **options: Any) -> None:
        self.options, self.n, self.is_closed = options, 0, False
        self.postfix: dict[str, Any] = {}
        FakeTqdm.made.append(self)

    def update(self, n: int) -> None:
        self.n += n

    def set_postfix(self, refresh: bool = True, **values: Any) -> None:
        self.postfix = values

    def close(self) -> None:
        self.is_closed = True


def fake(monkeypatch: pytest.MonkeyPatch, name: str, **members: Any) -> None:
    module = ModuleType(name)
    module.__dict__.update(members)
    monkeypatch.setitem(sys.modules, name, module)


def use_terminal(monkeypatch: pytest.MonkeyPatch, is_terminal: bool) -> None:
    monkeypatch.setattr(sys, "stderr", SimpleNamespace(isatty=lambda: is_terminal))


def test_there_is_no_bar_without_a_terminal(monkeypatch: pytest.MonkeyPatch):
    use_terminal(monkeypatch, False)
    assert not in_notebook() and bar_of("auto") is None
    for none in (False, None, "never"):
        assert bar_of(none) is None
    with pytest.raises(ValueError):
        bar_of("json")


def test_there_is_no_bar_without_tqdm(monkeypatch: pytest.MonkeyPatch):
    use_terminal(monkeypatch, True)
    monkeypatch.setitem(sys.modules, "tqdm", None)
    assert bar_of("auto") is None


def test_tqdm_has_a_bar_for_each_stage(monkeypatch: pytest.MonkeyPatch):
    use_terminal(monkeypatch, True)
    FakeTqdm.made = []
    fake(monkeypatch, "tqdm", tqdm=FakeTqdm)
    bar = bar_of(True)
    assert bar is not None
    for progress in (
        Progress("rows", 0, 0, 0, NOTHING),
        Progress("rows", 40, 100, 0, NOTHING),
        Progress("rows", 100, 100, 0, {**NOTHING, "error": 3}),
        Progress("images", 7, 9, 500, NOTHING),
    ):
        bar(progress)
    bar.close()
    rows, images = FakeTqdm.made
    assert (rows.n, rows.options["total"], rows.options["unit"], rows.is_closed) == (100, 100, "B", True)
    assert rows.postfix == {"errors": 3}
    assert (images.n, images.options["desc"], images.is_closed) == (7, "images", True)


def test_a_notebook_has_a_bar_of_its_own(monkeypatch: pytest.MonkeyPatch):
    shown: list[dict[str, str]] = []
    handle = SimpleNamespace(update=lambda bundle, raw: shown.append(bundle))

    def display(bundle: dict[str, str], raw: bool, display_id: bool) -> Any:
        shown.append(bundle)
        return handle

    shell = type("ZMQInteractiveShell", (), {})()
    fake(monkeypatch, "IPython", get_ipython=lambda: shell)
    fake(monkeypatch, "IPython.display", display=display)
    monkeypatch.setitem(sys.modules, "ipywidgets", None)
    assert in_notebook()
    bar = bar_of("auto")
    assert bar is not None
    bar(Progress("rows", 25, 100, 0, {**NOTHING, "error": 1}))
    bar(Progress("images", 1, 4, 0, NOTHING))
    bar.close()
    assert 'value="0.2500"' in shown[0]["text/html"] and "1 errors" in shown[0]["text/html"]
    assert "images: 1 of 4" in shown[1]["text/html"] and shown[2]["text/html"] == ""


def test_frequent_updates_are_throttled(monkeypatch: pytest.MonkeyPatch):
    now = [0.0]
    monkeypatch.setattr(_progress.time, "monotonic", lambda: now[0])
    seen: list[Progress] = []
    bar = bar_of(seen.append)
    assert bar is not None
    throttle = Throttle(bar)
    for done in range(1, 1001):
        now[0] += 0.001
        throttle(structs.Progress(stage=2, done=done, total=1000))
    assert 8 <= len(seen) <= 13
    assert (seen[0].done, seen[-1].done) == (1, 1000)
