"""Builds without sanitizers show the effects of cmake/hardening.cmake."""

from __future__ import annotations

import pathlib

import pytest
from tree import build_dir, run

BUILT = ("llava-check", "libllava_check.so")


@pytest.fixture(name="path", params=BUILT)
def built(request: pytest.FixtureRequest) -> pathlib.Path:
    path = build_dir() / request.param
    assert path.exists()
    return path


def undefined(path: pathlib.Path) -> str:
    return run("nm", "-D", "--undefined-only", str(path))


def test_addresses_are_chosen_when_it_starts(path):
    assert "DYN" in run("readelf", "-hW", str(path))
    if path.name == "llava-check":
        assert " PIE" in run("readelf", "-dW", str(path))


def test_what_the_linker_wrote_is_read_only(path):
    assert "GNU_RELRO" in run("readelf", "-lW", str(path))
    assert " NOW" in run("readelf", "-dW", str(path))


def test_nothing_is_both_written_and_run(path):
    segments = [line.split() for line in run("readelf", "-lW", str(path)).splitlines()
                if line.strip().startswith(("LOAD", "GNU_STACK"))]
    assert any(fields[0] == "GNU_STACK" for fields in segments)
    for fields in segments:
        flags = "".join(fields[6:-1])
        assert not ("W" in flags and "E" in flags), fields


def test_stacks_and_copies_are_guarded(path):
    names = undefined(path)
    assert "__stack_chk_fail" in names
    assert "_chk@" in names.replace("__stack_chk_fail", "")  # _FORTIFY_SOURCE's
