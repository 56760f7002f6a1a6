"""JPEGs with entropy-coded data that no encoder writes are damaged, and sound ones are not.

The references are a simple reader of Huffman codes (jpeg_reference.py), and libjpeg-turbo with both
of its ways of reading. LC_IMAGE_FACTS is the path of the built program image_facts.
"""

import os
import pathlib
import re
import subprocess
import sys
import tempfile

import pytest
from PIL import Image

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE))

import seeds_jpeg  # noqa: E402
import seeds_rare_jpeg as rare  # noqa: E402
from image_seeds import encode, noise  # noqa: E402

PYTHON = os.environ.get("LC_PYTHON", "/usr/bin/python3")

MUTANTS = 1600


def facts_program():
    program = os.environ.get("LC_IMAGE_FACTS", "")
    assert program, "LC_IMAGE_FACTS must name the program image_facts"
    assert os.access(program, os.X_OK), f"LC_IMAGE_FACTS: no program at {program}"
    return program


def run(*arguments, facts=None):
    """Run jpeg_damage.py; its exit code and output."""
    environment = dict(os.environ, PYTHONDONTWRITEBYTECODE="1", PYTHONNOUSERSITE="1")
    done = subprocess.run(
        [PYTHON, str(HERE / "jpeg_damage.py"), "--facts", facts or facts_program(), *map(str, arguments)],
        capture_output=True, text=True, timeout=300, env=environment, check=False,
    )
    assert done.stderr == ""
    return done.returncode, done.stdout


def test_sound_pictures_are_ok():
    code, output = run("--sound")
    assert "6224 sound JPEGs, 0 of them not ok\n" in output
    assert code == 0


@pytest.fixture(scope="module")
def mutants():
    return run("--mutants", MUTANTS)


def test_damage_is_found(mutants):
    code, output = mutants
    assert output.endswith(f"{MUTANTS} mutants, 0 wrong\n"), output
    assert code == 0


@pytest.mark.parametrize(("kind", "least"), [
    ("other pixels  noticed by libjpeg  damaged", 400),
    ("other pixels  noticed by no libjpeg  damaged", 40),
    ("other pixels  valid codes  ok", 100),
    ("raises", 100),
])
def test_mutants_are_of_every_kind(mutants, kind, least):
    lines = re.findall(rf"^ *(\d+) {re.escape(kind)}", mutants[1], re.MULTILINE)
    assert sum(map(int, lines)) >= least, mutants[1]


@pytest.mark.parametrize("fault", [
    "invalid Huffman code", "too many coefficients in a block",
    "run of empty blocks past the last block", "the data ends early", "left over",
])
def test_every_fault_is_met(mutants, fault):
    """Every fault of the simple reader occurs; each is compared with ours, including its MCU."""
    found = re.search(rf"^ *(\d+) fault: {re.escape(fault)}$", mutants[1], re.MULTILINE)
    assert found and int(found.group(1)) >= 5, mutants[1]


@pytest.mark.parametrize(("verdict", "why"), [("ok", "libjpeg warns"), ("damaged", "nobody sees damage")])
def test_a_liar_is_found_out(tmp_path, verdict, why):
    """A program with the same verdict for everything is detected."""
    liar = tmp_path / "image_facts"
    liar.write_text(
        "#!/bin/sh\n"
        "tr '\\0' '\\n' | while read -r path; do\n"
        f"printf '%s\\t{verdict}\\tjpeg\\t1\\t1\\tL\\t0\\t0\\t1\\t0\\t0\\t1\\t0\\t8\\t0\\t0\\trefused\\t\\t\\n' \"$path\"\ndone\n"
    )
    liar.chmod(0o755)
    os.symlink(pathlib.Path(facts_program()).parent / "jpeg_silence", tmp_path / "jpeg_silence")
    code, output = run("--mutants", 60, facts=str(liar))
    wrong = re.search(r"^60 mutants, (\d+) wrong$", output, re.MULTILINE)
    assert code == 1 and int(wrong.group(1)) >= 20, output
    assert f".jpg: {why}\n" in output


# --- made by hand: what mutants do not reach -----------------------------------------------


def three(*scans, kind=0xC0):
    """Make a picture of three colours with one block each."""
    head = rare.QUANT + rare.DC + rare.AC
    return rare.SOI + head + rare.frame(rare.YCC, kind=kind) + b"".join(scans) + rare.EOI


def noisy(mode="L", **options):
    """Make a picture with enough input for libjpeg to take its fast path."""
    return encode(noise(mode, (200, 160), 7), "JPEG", **options)


def without_tables(data):
    """Remove the tables, as in a frame of Motion JPEG: the decoder uses those of ITU-T T.81 K.3."""
    while (at := data.find(b"\xff\xc4")) >= 0:
        data = data[:at] + data[at + 2 + int.from_bytes(data[at + 2 : at + 4], "big") :]
    return data


def with_ones(data, where=0.3):
    """Thirty-two ones in a scan: somewhere in them, no code of the standard tables begins."""
    begin = data.rindex(b"\xff\xda") + 14
    at = begin + int(where * (len(data) - 2 - begin))
    while 0xFF in data[at - 1 : at + 5]:
        at += 1
    return data[:at] + b"\xff\0" * 4 + data[at + 4 :]


def with_fill(data, what):
    """Insert a fill byte before the first occurrence of these two bytes in the scan."""
    at = data.index(what, data.index(b"\xff\xda") + 14)
    return data[:at] + b"\xff" + data[at:]


def behind_first_scan(data, part):
    at = data.index(b"\xff\xda", data.index(b"\xff\xda") + 2)
    return data[:at] + part + data[at:]


def cjpeg(*options, script=None, image=None):
    with tempfile.TemporaryDirectory() as folder:
        return seeds_jpeg.cjpeg(image or noise("RGB", (61, 45), 3), options, script, folder)


def lose_last_scan(data):
    return data[: data.rindex(b"\xff\xda")] + rare.EOI


SCANS = [rare.scan(number) + rare.GRAY for number in (1, 2, 3)]
DCS = [rare.scan(number, last=0) + b"\x7f" for number in (1, 2, 3)]
LARGE_DC = b"\xff\xc4\0\x15\x00\0\2" + bytes(14) + b"\0\x0c"

# File, verdict, and detail.
BY_HAND = {
    "apart": (three(*SCANS), "ok", ""),
    "one-missing": (three(*SCANS[:2]), "damaged", "colour component 3 is missing"),
    "two-missing": (three(SCANS[2]), "damaged", "colour component 1 is missing"),
    "twice": (three(SCANS[0], *SCANS), "damaged", "colour component 1 is coded twice"),
    "dc-missing": (three(*DCS[:2], kind=0xC2), "damaged", "colour component 3 is missing"),
    "dc-alone": (three(*DCS, kind=0xC2), "ok", ""),
    "last-scan-missing": (lose_last_scan(cjpeg("-progressive")), "ok", ""),
    "large-values": (rare.simple(head=rare.QUANT + LARGE_DC + rare.AC, after=rare.scan(1) + b"\x1f" + rare.EOI), "ok", ""),
    "without-tables": (without_tables(noisy()), "ok", ""),
    "without-tables-ones": (with_ones(without_tables(noisy())), "damaged", "Corrupt JPEG data: .*"),
    "ones": (with_ones(noisy()), "damaged", r"MCU \d+ of 500: invalid Huffman code; \d+\.\d % of .*"),
    "cmyk": (noisy("CMYK"), "ok", ""),
    "cmyk-ones": (with_ones(noisy("CMYK")), "damaged", r"MCU \d+ of 500: invalid Huffman code; .*"),
    "fill-before-stuffing": (with_fill(noisy(), b"\xff\0"), "ok", ""),
    "restart-out-of-order": (cjpeg("-restart", "1").replace(b"\xff\xd1", b"\xff\xd5", 1), "damaged",
                             r"MCU \d+ of \d+: restart marker out of order; .*"),
    "fill-before-restart": (with_fill(cjpeg("-restart", "1"), b"\xff\xd1"), "ok", ""),
    "table-between-scans": (with_ones(behind_first_scan(cjpeg(script=seeds_jpeg.APART), rare.QUANT), 0.1), "damaged",
                            r"MCU \d+ of \d+ in scan 3: .*"),
    "number-of-lines": (behind_first_scan(cjpeg(script=seeds_jpeg.APART), b"\xff\xdc\0\4\0\x2d"), "ok", ""),
    "many-scans": (rare.progressive(*rare.terms_one_by_one()), "ok", ""),
    "many-scans-cut": (rare.progressive(*rare.terms_one_by_one())[:-3] + rare.EOI, "damaged",
                       r"MCU 1 of 1 in scan 127: the data ends early; 0\.0 % of the picture follows"),
}


@pytest.mark.parametrize("name", BY_HAND)
@pytest.mark.parametrize("option", ["-m700000000", "-x"])
def test_by_hand(tmp_path, name, option):
    """With the proof before libjpeg, and after it."""
    data, verdict, detail = BY_HAND[name]
    path = tmp_path / "file.jpg"
    path.write_bytes(data)
    said = subprocess.run([facts_program(), option, path], capture_output=True, text=True, check=True)
    facts = said.stdout.rstrip("\n").split("\t")
    assert re.fullmatch(detail, facts[-1]) and facts[1] == verdict, facts
    Image.open(path).convert("RGB")


def test_by_hand_all():
    assert len(BY_HAND) == 20
