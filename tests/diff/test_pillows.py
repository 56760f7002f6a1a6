"""Checks the table of differences between Debian's Pillows with the one that is running.

Each row must be true for the files that it names; otherwise it would only hide mistakes.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

import diff_images  # first, because it completes the seeds
import image_seeds
import pillow_verdict
import pillows
import seeds_rare

ROWS = 12
SEEDS = dict(image_seeds.seeds() + seeds_rare.seeds())


def our_facts(path: Path) -> dict[str, object]:
    program = os.environ.get("LC_IMAGE_FACTS", "")
    assert program, "LC_IMAGE_FACTS must name the program image_facts"
    return diff_images.read_facts(program, [str(path)])[0]


def test_there_are_as_many_rows() -> None:
    assert len(pillows.REFUSALS) == ROWS
    assert {row.by for row in pillows.REFUSALS} == {*pillows.KNOWN, pillows.ANY}
    assert pillows.running() in pillows.KNOWN


@pytest.mark.parametrize("row", pillows.REFUSALS, ids=lambda row: row.reason)
def test_who_refuses(row: pillows.Refusal, tmp_path: Path) -> None:
    """We refuse with this reason; the named Pillow refuses, and the other one loads."""
    for name in row.seeds:
        path = tmp_path / name
        path.write_bytes(SEEDS[name])
        fact = our_facts(path)
        assert (fact["decode"], fact["detail"]) == ("corrupt", row.reason), name
        theirs = pillow_verdict.verdict(str(path))
        if row.by == pillows.running():
            assert theirs["verdict"] == "corrupt", (name, theirs)
        elif row.by in pillows.KNOWN:
            assert theirs["verdict"] == "ok", (name, theirs)


@pytest.mark.parametrize("row", [row for row in pillows.REFUSALS if row.by == pillows.ANY],
                         ids=lambda row: row.reason)
def test_who_loads_what_a_library_refuses(row: pillows.Refusal, tmp_path: Path) -> None:
    """Debian 12's libraries load these; another verdict would come from a single library."""
    for name in row.seeds:
        path = tmp_path / name
        path.write_bytes(SEEDS[name])
        expected = {"9.4": ("ok",), "11.1": ("ok", "corrupt")}[pillows.running()]
        assert pillow_verdict.verdict(str(path))["verdict"] in expected, name


@pytest.mark.parametrize(("form", "ours"), pillows.MODES)
def test_modes(form: str, ours: str, tmp_path: Path) -> None:
    path = tmp_path / "file"
    names = {("png", "I"): "png-plain-0-16", ("tiff", "RGBX"): "tiff-rgbx-II-1"}
    path.write_bytes(SEEDS[names[form, ours]])
    assert our_facts(path)["mode"] == ours
    assert pillow_verdict.verdict(str(path))["mode"] == pillows.mode(form, ours)


def test_frames_after_an_empty_graphic_control(tmp_path: Path) -> None:
    path = tmp_path / "file"
    head, *frames = SEEDS["gif-animated"].split(b"\x21\xf9\x04")
    assert len(frames) == 4
    path.write_bytes(head + b"".join(b"\x21\xf9\x04" + frame for frame in frames[:-1])
                     + b"\x21\xf9\x00\x00" + b"\x21\xf9\x04" + frames[-1])
    fact, theirs = our_facts(path), pillow_verdict.verdict(str(path))
    assert (fact["decode"], theirs["verdict"], fact["frames"]) == ("ok", "ok", 3)
    assert theirs["frames"] == {"9.4": 0, "11.1": 4}[pillows.running()]
    assert pillows.may_have_more_frames({**fact, "path": str(path)}, theirs) == (pillows.running() != "9.4")


def test_the_size_of_a_turned_tiff(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(SEEDS["tiff-orientation"])
    fact = our_facts(path)
    assert fact["orientation"] >= 5 and fact["width"] != fact["height"]
    assert tuple(pillow_verdict.verdict(str(path))["size"]) == pillows.size(fact)


def test_a_pillow_without_a_column_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pillows.PIL, "__version__", "8.1.2")
    with pytest.raises(RuntimeError, match="Pillow 8.1 is neither of"):
        pillows.running()


def test_only_the_other_pillow_is_excused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A refusal by one Pillow is no excuse when that Pillow runs."""
    for row in pillows.REFUSALS:
        for version in pillows.KNOWN:
            monkeypatch.setattr(pillows.PIL, "__version__", version + ".0")
            assert pillows.may_load("why: " + row.reason) == (version != row.by)
    assert not pillows.may_load("the pixel data is corrupt")
