"""llava_check.ray with a fake Ray that runs each task immediately; scripts/ray.sh uses a real cluster."""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from conftest import make_row, png

import llava_check


class FakeRay:
    """The parts of Ray that llava_check.ray uses. Tasks fail a given number of times, and are retried."""

    class exceptions:  # noqa: N801: as Ray has it
        class RayError(Exception):
            pass

        class RayTaskError(RayError):
            def __init__(self, cause: Exception) -> None:
                super().__init__(str(cause))
                self.cause = cause

    def __init__(self, failures: int = 0) -> None:
        self.failures = failures
        self.names: list[str] = []
        self.options: dict[str, Any] = {}

    def is_initialized(self) -> bool:
        return True

    def cluster_resources(self) -> dict[str, float]:
        return {"CPU": 4.0}

    def remote(self, **options: Any) -> Any:
        self.options = options
        return lambda function: SimpleNamespace(options=lambda name: SimpleNamespace(remote=self._start(function, name)))

    def _start(self, function: Any, name: str) -> Any:
        def start(*arguments: Any) -> Any:
            self.names.append(name)
            for _ in range(self.options["max_retries"] + 1):
                try:
                    if self.failures:
                        self.failures -= 1
                        raise OSError("the node is gone")
                    return Result(function(*arguments))
                except Exception as error:
                    last = error
            return Result(self.exceptions.RayTaskError(last))

        return start

    def wait(self, tasks: list[Any], num_returns: int) -> tuple[list[Any], list[Any]]:
        return tasks[-num_returns:], tasks[:-num_returns]  # the last is done first

    def get(self, task: Any) -> Any:
        if isinstance(task.value, Exception):
            raise task.value
        return task.value

    def cancel(self, task: Any, force: bool) -> None:
        pass


class Result:
    def __init__(self, value: Any) -> None:
        self.value = value


@pytest.fixture(name="data")
def make_data(tmp_path: Path) -> Path:
    data = tmp_path / "data"
    (data / "images").mkdir(parents=True)
    rows = [make_row(number % 9, f"{number % 7}.png") for number in range(20)]
    for number in range(5):
        (data / "images" / f"{number}.png").write_bytes(png(8, 8, number))


    (data / "rows.json").write_text(json.dumps(rows))
    return data


def use(monkeypatch: pytest.MonkeyPatch, fake: FakeRay) -> Any:
    monkeypatch.setitem(sys.modules, "ray", fake)  # type: ignore[arg-type]
    import llava_check.ray as module

    return module


def test_parts_make_one_report(tmp_path: Path, data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake = FakeRay(failures=2)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    report = use(monkeypatch, fake).check(data, index=tmp_path / "merged", cpus_per_part=2, progress=False)
    assert fake.names == [f"llava-check {n}/8" for n in range(1, 9)] and fake.options["num_cpus"] == 2
    assert report.to_dict() == llava_check.check(data, index=tmp_path / "whole").to_dict()
    assert not list(tmp_path.glob("llava-check*"))  # parts were removed


def test_paths_are_absolute(tmp_path: Path, data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(data.parent)
    report = use(monkeypatch, FakeRay()).check("data", index="merged", parts=2, images="data/images", progress=False)
    assert report.summary.rows == 20 and (tmp_path / "merged/index.mdb").exists()


def test_failures_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    module = use(monkeypatch, FakeRay())
    with pytest.raises(llava_check.Error, match="part 2/2: .*nothing: no such file or folder"):
        module.check(tmp_path / "nothing", index=tmp_path / "x", parts=2, progress=False)
    with pytest.raises(llava_check.UsageError, match="parts must be at least 1"):
        module.check(tmp_path, index=tmp_path / "x", parts=0)
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(llava_check.UsageError, match="pip install"):
        module.check(tmp_path, index=tmp_path / "x")
