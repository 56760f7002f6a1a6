"""Compares src/image with Pillow on damaged pictures: the verdicts must be the same.

LC_IMAGE_FACTS is the path of the built program image_facts. The comparison runs under the
distribution's Python, whose Pillow is the reference; LC_PYTHON names another.
"""

import os
import pathlib
import re
import subprocess

import pytest

HERE = pathlib.Path(__file__).parent
PYTHON = os.environ.get("LC_PYTHON", "/usr/bin/python3")

# Takes about a minute; scripts run far more.
SANITIZED = bool(os.environ.get("LC_SANITIZE"))
MUTANTS = 3000 if SANITIZED else 9000


def facts_program():
    program = os.environ.get("LC_IMAGE_FACTS", "")
    assert program, "LC_IMAGE_FACTS must name the program image_facts"
    assert os.access(program, os.X_OK), f"LC_IMAGE_FACTS: no program at {program}"
    return program


def compare(*arguments):
    """Run diff_images.py; return its last line's two numbers and its output."""
    environment = dict(os.environ, PYTHONDONTWRITEBYTECODE="1", PYTHONNOUSERSITE="1")
    done = subprocess.run(
        [PYTHON, str(HERE / "diff_images.py"), "--facts", facts_program(), *arguments],
        capture_output=True, text=True, timeout=300, env=environment, check=False,
    )
    match = re.search(r"(\d+) compared, (\d+) disagreements\n\Z", done.stdout)
    assert match, done.stderr
    assert done.returncode == (1 if int(match.group(2)) else 0), done.stderr
    return int(match.group(1)), int(match.group(2)), done.stdout


@pytest.fixture(scope="module")
def compared():
    return compare("--mutants", str(MUTANTS), "--seed", "1", "--jobs", "2")


def test_mutants(compared):
    count, disagreements, output = compared
    assert count == MUTANTS
    assert disagreements == 0, output


# BMPs and WebPs are never repaired. With sanitizers, there are too few mutants for rare verdicts.
USUAL = ("ok", "corrupt") if SANITIZED else ("ok", "truncated", "corrupt")
VERDICTS = [(kind, verdict) for kind in ("jpeg", "png", "gif", "tiff", "bmp", "dib", "webp") for verdict in USUAL] + \
    [(kind, "damaged") for kind in ("jpeg", "png", "gif", "tiff") if not SANITIZED]


@pytest.mark.parametrize(("kind", "verdict"), VERDICTS)
def test_mutants_meet_every_verdict(compared, kind, verdict):
    """If all mutants were refused, agreement would prove nothing."""
    counts = re.findall(rf"^ *(\d+) {kind} +ours {verdict} ", compared[2], re.MULTILINE)
    assert sum(int(count) for count in counts) >= 5, compared[2]


def test_a_disagreement_is_seen(tmp_path):
    """A program that calls everything sound must be detected."""
    liar = tmp_path / "liar"
    liar.write_text(
        "#!/bin/sh\n"
        "tr '\\0' '\\n' | while read -r path; do\n"
        "printf '%s\\tok\\tjpeg\\t1\\t1\\tL\\t0\\t0\\t1\\t0\\t0\\t1\\t0\\t8\\t0\\t0\\trefused\\t\\t\\n' \"$path\"\ndone\n"
    )
    liar.chmod(0o755)
    silent = tmp_path / "jpeg_silence"
    silent.write_text("#!/bin/sh\necho 1\n")
    silent.chmod(0o755)
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(b"\xff\xd8\xff\xe0\0\x10JFIF")
    done = subprocess.run(
        [PYTHON, str(HERE / "diff_images.py"), "--facts", str(liar), str(broken)],
        capture_output=True, text=True, timeout=60, check=False,
        env=dict(os.environ, PYTHONDONTWRITEBYTECODE="1"),
    )
    assert done.returncode == 1, done.stdout + done.stderr
    assert "1 compared, 1 disagreements" in done.stdout


def test_a_warning_of_libjpeg_is_seen(tmp_path):
    """A file that Pillow loads but libjpeg warns about must be detected if it was called clean."""
    picture = tmp_path / "whole.jpg"
    subprocess.run(["cjpeg", "-outfile", picture], input=b"P5 8 8 255\n" + bytes(range(64)),
                   check=True)
    data = picture.read_bytes()
    picture.write_bytes(data[:-2] + b"\0\0\0" + data[-2:])
    liar = tmp_path / "liar"
    liar.write_text(
        "#!/bin/sh\n"
        "tr '\\0' '\\n' | while read -r path; do\n"
        "printf '%s\\tok\\tjpeg\\t8\\t8\\tL\\t0\\t0\\t8\\t0\\t0\\t1\\t0\\t8\\t0\\t0\\trefused\\t\\t\\n' \"$path\"\ndone\n"
    )
    liar.chmod(0o755)
    os.symlink(pathlib.Path(facts_program()).parent / "jpeg_silence", tmp_path / "jpeg_silence")
    done = subprocess.run(
        [PYTHON, str(HERE / "diff_images.py"), "--facts", str(liar), str(picture)],
        capture_output=True, text=True, timeout=60, check=False,
        env=dict(os.environ, PYTHONDONTWRITEBYTECODE="1"),
    )
    assert "libjpeg is not silent" in done.stdout, done.stdout + done.stderr
    assert done.returncode == 1
