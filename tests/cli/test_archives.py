"""Images in archives: the report is the same as for the unpacked folder."""

from __future__ import annotations

import io
import json
import os
import random
import re
import shutil
import subprocess
import sys
import tarfile
import time
import zipfile
from pathlib import Path
from typing import Any, Callable

import pytest
from program import FIXTURES, REPOSITORY, Aged, Done, environment, program, row, run, write_rows

RULES = FIXTURES / "rules/images"
SETS = 24
TESTS_OF_RAW = 7
FORMATS = {"tar": "w", "tar.gz": "w:gz", "tgz": "w:gz", "tar.xz": "w:xz", "tar.bz2": "w:bz2", "tar.zst": "w", "zip": ""}
FLAVOURS = (tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT)
Files = dict[str, bytes]


def pictures() -> list[Path]:
    """Return small files of the fixtures, sound and faulty ones."""
    found = sorted(path for path in RULES.iterdir() if path.is_file() and path.stat().st_size < 100_000)
    assert len(found) > 60
    return found


def add(archive: tarfile.TarFile, name: str, data: bytes) -> None:
    member = tarfile.TarInfo(name)
    member.size = len(data)
    member.mtime = 1_700_000_000
    archive.addfile(member, io.BytesIO(data))


def pack(path: Path, members: list[tuple[str, bytes]], flavour: int = tarfile.PAX_FORMAT) -> None:
    path.parent.mkdir(exist_ok=True)
    kind = path.name.split(".", 1)[1]
    if kind == "zip":
        pack_zip(path, members)
        return
    with tarfile.open(path, FORMATS[kind], format=flavour) as archive:
        for name, data in members:
            add(archive, name, data)
    if kind == "tar.zst":
        whole = path.read_bytes()
        path.write_bytes(subprocess.run(["zstd", "-qc"], input=whole, capture_output=True, check=True).stdout)


def pack_zip(path: Path, members: list[tuple[str, bytes]]) -> None:
    """Make a zip with some members stored and some deflated."""
    with zipfile.ZipFile(path, "w") as archive:
        for number, (name, data) in enumerate(members):
            archive.writestr(zipfile.ZipInfo(name), data,
                             zipfile.ZIP_DEFLATED if number % 2 else zipfile.ZIP_STORED)


def unpacked(folder: Path, files: Files) -> None:
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


def report(folder: Path, *options: str) -> tuple[dict[str, Any], str]:
    """Return the JSON report without the places of images, and what was printed on stderr."""
    done = run("check", ".", "-f", "json", "-v", "--no-index", *options, cwd=folder)
    return placeless(done), done.err


def placeless(done: Done) -> dict[str, Any]:
    found = json.loads(done.out)
    for name in ("dataset", "image_root", "target", "name"):
        found.pop(name, None)
    findings = [f for f in found["findings"] if not f["rule"].startswith("ARC")]
    for finding in findings:
        finding.pop("archive", None)
    found["findings"] = findings
    return found


def rows_of(files: Files, draw: random.Random, gone: list[str]) -> list[dict[str, Any]]:
    """Make rows that name most of the files, some twice, and some missing files."""
    names = [name for name in files if draw.random() < 0.85] + gone
    names += draw.choices(names, k=3) + ["./" + names[0]]
    return [row(str(number), name) for number, name in enumerate(names)]


def random_files(draw: random.Random) -> Files:
    tops = ["coco/train2017", "gqa/images", "vg/VG_100K", "ocr_vqa/images", "a"]
    files: Files = {}
    for top in draw.sample(tops, draw.randint(1, 4)):
        for picture in draw.sample(pictures(), draw.randint(2, 12)):
            files[f"{top}/{picture.name}"] = picture.read_bytes()
        if draw.random() < 0.5:
            files[f"{top}/notes.txt"] = b"no image"
    return files


def split(files: Files, draw: random.Random) -> list[tuple[str, list[tuple[str, bytes]]]]:
    """The members of archives, whose layouts differ: names without suffix, and members."""
    layout = draw.choice(["plain", "dotted", "below", "parts", "tops"])
    items = list(files.items())
    draw.shuffle(items)
    if layout == "plain":
        return [("images", items)]
    if layout == "dotted":
        return [("all", [(f"./{name}", data) for name, data in items])]
    if layout == "below":
        return [("data", [(f"some/folder/{name}", data) for name, data in items])]
    if layout == "parts":
        return [(f"images_{number}", items[number::3]) for number in range(3) if items[number::3]]
    tops = sorted({name.split("/")[0] for name in files})
    return [(top, [(name.split("/", 1)[1], data) for name, data in items if name.split("/")[0] == top])
            for top in tops]


@pytest.mark.parametrize("seed", range(SETS))
def test_the_report_of_archives_is_that_of_the_folder(tmp_path: Path, seed: int) -> None:
    draw = random.Random(seed)
    files = random_files(draw)
    rows = rows_of(files, draw, ["coco/train2017/gone.jpg", "elsewhere/1.jpg"])
    raw, plain = tmp_path / "raw", tmp_path / "plain"
    for folder in (raw, plain):
        folder.mkdir()
        write_rows(folder / "rows.json", rows)
    unpacked(plain, files)
    kinds = list(FORMATS)  # every format is in some sets
    assert len(kinds) == 7 and SETS >= 3 * len(kinds)
    for number, (name, members) in enumerate(split(files, draw)):
        pack(raw / f"{name}.{kinds[(seed + number) % len(kinds)]}", members, draw.choice(FLAVOURS))
    if draw.random() < 0.3:  # some members are also unpacked
        unpacked(raw, dict(draw.sample(sorted(files.items()), 1)))
    expected, _ = report(plain)
    for threads in ("1", "4"):
        found, _ = report(raw, "--threads", threads)
        assert found == expected
    assert sorted(path.name for path in raw.iterdir() if path.is_dir()) == [] or len(files) > 1


def make_raw(folder: Path) -> Path:
    """Make two archives of four images each, and rows that name all but one of the images."""
    folder.mkdir()
    data = (RULES / "ok.jpg").read_bytes()
    names = [f"coco/{number}.jpg" for number in range(8)]
    write_rows(folder / "rows.json", [row(name, name) for name in names[:-1]])
    pack(folder / "a_1.tar.gz", [(name, data + bytes([number])) for number, name in enumerate(names[:4])])
    pack(folder / "a_2.tar", [(name, data + bytes([number])) for number, name in enumerate(names[4:], 4)])
    return folder


@pytest.fixture(name="aged", scope="module", autouse=True)
def made_aged(tmp_path_factory: pytest.TempPathFactory) -> Aged:
    return Aged([make_raw(tmp_path_factory.mktemp("aged") / "raw") for _ in range(TESTS_OF_RAW)])


@pytest.fixture(name="raw")
def taken_raw(aged: Aged) -> Path:
    return aged.take()


def said_of(err: str) -> list[str]:
    return re.findall(r"^archive: (.*)$", err, re.MULTILINE)


def check(folder: Path, *options: str) -> tuple[dict[str, Any], list[str]]:
    done = run("check", ".", "-v", "-f", "json", *options, cwd=folder)
    return placeless(done), said_of(done.err)


def test_a_second_run_reads_no_archive(raw: Path) -> None:
    first, said = check(raw)
    assert [line.split(" (")[1] for line in said] == ["4 of 4 sampled members are images of rows)"] * 2 or said
    script = [sys.executable, REPOSITORY / "docs/examples/read_index.py", raw / ".llava-check", "archives"]
    listed = subprocess.run(script, capture_output=True, text=True, check=True).stdout.splitlines()
    assert [json.loads(line)["kind"] for line in listed] == [".tar.gz", ".tar"]
    again, said = check(raw)
    assert again == first
    assert said == ["a_1.tar.gz (unchanged)", "a_2.tar (unchanged)"]
    write_rows(raw / "rows.json", [row("0", "coco/0.jpg"), row("x", "coco/none.jpg")])
    _, said = check(raw)  # a row names an image that is in no archive, which the index knows
    assert said == ["a_1.tar.gz (unchanged)", "a_2.tar (unchanged)"]
    write_rows(raw / "rows.json", [row("7", "coco/7.jpg"), row("0", "coco/0.jpg")])
    found, said = check(raw)  # it was in the archive all along
    assert found["summary"]["images_ok"] == 2
    assert said[0] == "a_1.tar.gz (unchanged)" and "sampled" in said[1]


def test_an_archive_that_changed_is_read_again(raw: Path) -> None:
    check(raw)
    data = (RULES / "ok.jpg").read_bytes()
    pack(raw / "a_2.tar", [(f"coco/{number}.jpg", data[: 100 * number]) for number in range(4, 8)])
    found, said = check(raw)
    assert said[0] == "a_1.tar.gz (unchanged)" and "sampled" in said[1]
    assert found["summary"]["images_ok"] == 4


def test_files_come_before_members(raw: Path) -> None:
    (raw / "coco").mkdir()
    (raw / "coco/5.jpg").write_bytes(b"")
    found, _ = check(raw)
    assert [f["image"] for f in found["findings"] if f["rule"] == "IMG504"] == ["coco/5.jpg"]
    check(raw)  # the index knows the member, and that a file took its place
    (raw / "coco/5.jpg").unlink()
    found, _ = check(raw)
    assert not [f for f in found["findings"] if f["rule"] == "IMG504"]
    assert found["summary"]["images_ok"] == 7


def test_unpacked_archives_are_not_read(raw: Path) -> None:
    subprocess.run(["tar", "-xf", "a_1.tar.gz"], cwd=raw, check=True)
    found, said = check(raw)
    assert said[0] == "a_1.tar.gz (unpacked already: not read)" and "sampled" in said[1]
    assert found["summary"]["images_ok"] == 7
    subprocess.run(["tar", "-xf", "a_2.tar"], cwd=raw, check=True)
    done = run("check", ".", "-v", cwd=raw)
    assert "archives: 2 (not needed: all images are files)" in done.err


def test_of_two_members_the_last_one_counts(tmp_path: Path) -> None:
    data = (RULES / "ok.jpg").read_bytes()
    write_rows(tmp_path / "rows.json", [row("1", "x/1.jpg"), row("2", "x/2.jpg")])
    pack(tmp_path / "a.tar", [("x/1.jpg", data), ("x/2.jpg", b""), ("x/1.jpg", b"")])
    pack(tmp_path / "b.tar.gz", [("x/2.jpg", data)])
    found, _ = report(tmp_path)
    assert [f["image"] for f in found["findings"] if f["rule"] == "IMG504"] == ["x/1.jpg"]


def test_links_lead_to_members(tmp_path: Path) -> None:
    data = (RULES / "ok.jpg").read_bytes()
    names = ["a/1.jpg", "a/hard.jpg", "b/soft.jpg", "b/dead.jpg", "b/out.jpg"]
    write_rows(tmp_path / "rows.json", [row(name, name) for name in names])
    plain = tmp_path / "plain"
    with tarfile.open(tmp_path / "x.tar", "w") as archive:
        add(archive, "a/1.jpg", data)
        for name, kind, target in (("a/hard.jpg", tarfile.LNKTYPE, "a/1.jpg"),
                                   ("b/soft.jpg", tarfile.SYMTYPE, "../a/1.jpg"),
                                   ("b/dead.jpg", tarfile.SYMTYPE, "none.jpg"),
                                   ("b/out.jpg", tarfile.SYMTYPE, "/nowhere/1.jpg")):
            member = tarfile.TarInfo(name)
            member.type, member.linkname = kind, target
            archive.addfile(member)
    found, _ = report(tmp_path)
    assert found["summary"]["images_ok"] == 3
    assert {f["image"] for f in found["findings"] if f["rule"] == "IMG501"} == {"b/dead.jpg", "b/out.jpg"}
    assert not plain.exists()


@pytest.mark.parametrize("links_first", [False, True])
def test_links_to_members_that_no_row_names(tmp_path: Path, links_first: bool) -> None:
    """Their bytes were not read, so they are not verified; a link that leads nowhere is missing."""
    names = ["a/file.jpg", "a/link.jpg", "a/dead.jpg"]
    write_rows(tmp_path / "rows.json", [row(name, name) for name in names])
    links = [("a/file.jpg", "other.jpg"), ("a/link.jpg", "more.jpg"), ("a/dead.jpg", "none.jpg"), ("a/more.jpg", "other.jpg")]
    with tarfile.open(tmp_path / "x.tar", "w") as archive:
        if not links_first:
            add(archive, "a/other.jpg", (RULES / "ok.jpg").read_bytes())
        for name, target in links if links_first else reversed(links):
            member = tarfile.TarInfo(name)
            member.type, member.linkname = tarfile.SYMTYPE, target
            archive.addfile(member)
        if links_first:
            add(archive, "a/other.jpg", (RULES / "ok.jpg").read_bytes())
    found, _ = report(tmp_path)
    by_rule = {(f["rule"], f["image"]) for f in found["findings"] if f.get("image")}
    assert by_rule == {("IMG502", "a/file.jpg"), ("IMG502", "a/link.jpg"), ("IMG501", "a/dead.jpg")}


@pytest.mark.parametrize("in_shard", [False, True])
def test_a_sparse_file_is_called_so(tmp_path: Path, in_shard: bool) -> None:
    """A single run, and a merge of parts."""
    raw = tmp_path / "raw"
    raw.mkdir()
    shutil.copy(RULES / "ok.jpg", tmp_path / "0.jpg")
    shutil.copy(RULES / "ok.jpg", tmp_path / "1.jpg")
    os.truncate(tmp_path / "1.jpg", 1 << 20)
    names = ["0.jpg", "1.jpg"]
    if in_shard:
        for name in ("0.json", "1.json"):
            (tmp_path / name).write_text(json.dumps(row("x", "x.jpg")["conversations"]))
        names = ["0.jpg", "0.json", "1.jpg", "1.json"]
    else:
        write_rows(raw / "rows.json", [row(name, name) for name in names])
    subprocess.run(["tar", "--remove-files", "--format=gnu", "-S", "-cf", raw / "a-0.tar", *names], cwd=tmp_path, check=True)
    for part in ("1", "2"):
        run("check", "raw", "--part", f"{part}/2", "--index", part, cwd=tmp_path)
    run("merge", "1", "2", "--index", "merged", cwd=tmp_path)
    for place in (("check", "raw", "--no-index"), ("report", "merged")):
        found = json.loads(run(*place, "-f", "json", cwd=tmp_path).out)["findings"]
        texts = [(f["rule"], f["message"]) for f in found if f["rule"].startswith("IMG")]
        assert texts == [("IMG502", "not verified: it is a sparse file in the archive; "
                                    "pack it again without tar's option --sparse")]


CUTS = 12


@pytest.mark.parametrize("kind", ["tar", "tar.gz"])
def test_a_cut_archive_is_what_tar_unpacks_of_it(tmp_path: Path, kind: str) -> None:
    draw = random.Random(kind)
    data = (RULES / "ok.jpg").read_bytes()
    names = [f"coco/{number}.jpg" for number in range(9)]
    raw, plain = tmp_path / "raw", tmp_path / "plain"
    raw.mkdir()
    write_rows(raw / "rows.json", [row(name, name) for name in names])
    pack(raw / f"a.{kind}", [(name, data + bytes(number)) for number, name in enumerate(names)])
    whole = (raw / f"a.{kind}").read_bytes()
    for _ in range(CUTS):
        (raw / f"a.{kind}").write_bytes(whole[: draw.randrange(600, len(whole))])
        shutil.rmtree(plain, ignore_errors=True)
        plain.mkdir()
        shutil.copy(raw / "rows.json", plain)
        subprocess.run(["tar", "-xf", raw / f"a.{kind}"], cwd=plain, stderr=subprocess.DEVNULL)
        assert report(raw)[0] == report(plain)[0]


def hostile(name: str, **fields: Any) -> Callable[[tarfile.TarFile], None]:
    def put(archive: tarfile.TarFile) -> None:
        member = tarfile.TarInfo(name)
        for field, value in fields.items():
            setattr(member, field, value)
        archive.addfile(member, io.BytesIO(bytes(member.size)))
    return put


HOSTILE = {
    "climbs": hostile("../../coco/1.jpg", size=5),
    "absolute": hostile("/coco/2.jpg", size=5),
    "device": hostile("coco/3.jpg", type=tarfile.CHRTYPE, devmajor=1, devminor=3),
    "fifo": hostile("coco/4.jpg", type=tarfile.FIFOTYPE),
    "link to /etc": hostile("coco/5.jpg", type=tarfile.SYMTYPE, linkname="/etc/passwd"),
    "loop": hostile("coco/6.jpg", type=tarfile.SYMTYPE, linkname="6.jpg"),
    "climbing link": hostile("coco/7.jpg", type=tarfile.SYMTYPE, linkname="../../../etc/passwd"),
    "folder": hostile("coco/8.jpg", type=tarfile.DIRTYPE),
    "no name": hostile("."),
    "long": hostile("x/" * 1500 + "1.jpg", size=5),
    "escapes": hostile("coco/\x1b[31m\n9.jpg", size=5),
}


def test_hostile_members_are_never_followed(tmp_path: Path) -> None:
    raw = tmp_path / "raw"
    raw.mkdir()
    rows = [row(str(number), f"coco/{number}.jpg") for number in range(1, 10)]
    write_rows(raw / "rows.json", rows)
    with tarfile.open(raw / "a.tar.gz", "w:gz") as archive:
        for put in HOSTILE.values():
            put(archive)
        add(archive, "coco/10.jpg", b"")
    before = sorted(os.listdir(tmp_path))
    found, _ = report(raw)
    assert len(HOSTILE) == 11
    verdicts = {f["image"]: f["rule"] for f in found["findings"] if f["rule"].startswith("IMG50")}
    assert verdicts["coco/3.jpg"] == verdicts["coco/4.jpg"] == "IMG502"
    for number in (1, 5, 6, 7, 8, 9):
        assert verdicts[f"coco/{number}.jpg"] == "IMG501"
    assert verdicts["coco/2.jpg"] == "IMG506"
    assert sorted(os.listdir(tmp_path)) == before and os.listdir(raw).count("coco") == 0


def test_verify_reads_members_again(raw: Path) -> None:
    check(raw)
    done = run("verify", ".", cwd=raw)
    assert done.code == 0 and b"images    7: all as indexed" in done.out
    data = (RULES / "ok.jpg").read_bytes()
    pack(raw / "a_2.tar", [(f"coco/{number}.jpg", data + bytes([number + (number == 5)])) for number in range(4, 8)])
    done = run("verify", ".", "--show", "info", cwd=raw)
    assert b"7: 6 as indexed" in done.out and b"a_2.tar!coco/5.jpg" in done.out
    assert b"a_2.tar!coco/4.jpg" not in done.out
    (raw / "a_1.tar.gz").unlink()
    done = run("verify", ".", cwd=raw)
    assert done.code == 1 and b"IDX703" in done.out and b"4 findings" in done.out


@pytest.mark.parametrize("kind", list(FORMATS))
def test_members_of_all_kinds_are_read_again(tmp_path: Path, kind: str) -> None:
    """Members are read again in any order of rows, some under two names."""
    draw = random.Random(kind)
    raw, out = tmp_path / "raw", tmp_path / "out"
    raw.mkdir()
    data = (RULES / "ok.jpg").read_bytes()
    files = {f"{draw.choice('abc')}/{number}.jpg": data + draw.randbytes(number) for number in range(80)}
    names = list(files) + [f"./{name}" for name in list(files)[::9]]
    draw.shuffle(names)
    write_rows(raw / "rows.json", [row(str(number), name) for number, name in enumerate(names)])
    pack(raw / f"x.{kind}", list(files.items()))
    check(raw)
    done = run("verify", ".", cwd=raw)
    assert done.code == 0 and f"images    {len(names)}: all as indexed".encode() in done.out, done.out
    done = run("clean", "raw", "-o", "clean.json", "--copy-images", "out", cwd=tmp_path)
    assert done.code == 0, done.err
    assert {str(path.relative_to(out)): path.read_bytes() for path in out.rglob("*.jpg")} == files


def test_a_folder_and_its_archives_are_equal(raw: Path) -> None:
    check(raw)
    plain = raw.parent / "plain"
    plain.mkdir()
    shutil.copy(raw / "rows.json", plain)
    for archive in ("a_1.tar.gz", "a_2.tar"):
        subprocess.run(["tar", "-xf", raw / archive], cwd=plain, check=True)
    check(plain)
    done = run("diff", "plain", "raw", "--format", "json", cwd=raw.parent)
    found = json.loads(done.out)
    assert done.code == 0, found


def test_rows_of_archives_are_cleaned(raw: Path) -> None:
    done = run("clean", ".", "-o", "../clean.json", cwd=raw)
    assert done.code == 0 and len(json.loads((raw.parent / "clean.json").read_text())) == 7


# ---- what is wrong with archives


def findings(folder: Path) -> dict[str, list[dict[str, Any]]]:
    """Return the findings about archives by rule; a second run, which reads no archive, must have the same."""
    time.sleep(2.2)
    found: dict[str, list[dict[str, Any]]] = {}
    for number in range(2):
        done = run("check", ".", "-f", "json", "--show", "info", cwd=folder)
        before, found = found, {}
        for finding in json.loads(done.out)["findings"]:
            if finding["rule"].startswith("ARC"):
                found.setdefault(finding["rule"], []).append(finding)
        assert not number or found == before
    return found


def test_damaged_archives_are_reported(tmp_path: Path) -> None:
    data = (RULES / "ok.jpg").read_bytes()
    names = [f"x/{number}.jpg" for number in range(8)]
    write_rows(tmp_path / "rows.json", [row(name, name) for name in names])
    for number, name in enumerate(["cut.tar.gz", "sum.tar.gz", "end.tar", "twice.tar", "sound.tar"]):
        pack(tmp_path / name, [(names[number], data)])
    path = tmp_path / "cut.tar.gz"
    path.write_bytes(path.read_bytes()[:-300])
    path = tmp_path / "sum.tar.gz"
    whole = bytearray(path.read_bytes())
    whole[-5] ^= 1
    path.write_bytes(whole)
    path = tmp_path / "end.tar"
    path.write_bytes(path.read_bytes()[: 512 + (len(data) + 511) // 512 * 512])
    path = tmp_path / "twice.tar"
    path.write_bytes(path.read_bytes() + (tmp_path / "sound.tar").read_bytes())
    (tmp_path / "no.tar").write_bytes(b"<html>not found</html>")
    found = findings(tmp_path)
    places = {rule: [f["message"].split("'")[1] for f in of_rule] for rule, of_rule in found.items()}
    assert places == {"ARC801": ["cut.tar.gz"], "ARC802": ["no.tar"], "ARC803": ["sum.tar.gz"],
                      "ARC804": ["end.tar"], "ARC805": ["twice.tar"]}
    assert {f["severity"] for f in found["ARC801"] + found["ARC802"] + found["ARC803"]} == {"error"}


def test_what_an_unreadable_archive_may_have_is_not_missing(tmp_path: Path) -> None:
    data = (RULES / "ok.jpg").read_bytes()
    write_rows(tmp_path / "rows.json", [row(name, name) for name in ("x/1.jpg", "x/2.jpg")])
    pack(tmp_path / "a.tar", [("x/1.jpg", data)])
    (tmp_path / "b.tar").symlink_to("/proc/self/mem")  # reading it gives an I/O error
    done = run("check", ".", "-f", "json", cwd=tmp_path)
    found = {f["rule"]: f for f in json.loads(done.out)["findings"] if f["rule"][:3] in ("ARC", "IMG")}
    assert found["ARC802"]["message"].startswith("'b.tar'") and "IMG501" not in found
    assert found["IMG502"]["image"] == "x/2.jpg" and found["IMG502"]["message"].startswith(
        "not verified: it may be in 'b.tar', which cannot be read")
    (tmp_path / "b.tar").unlink()
    pack(tmp_path / "b.tar", [("x/2.jpg", data)])
    assert json.loads(run("check", ".", "-f", "json", cwd=tmp_path).out)["summary"]["images_ok"] == 2


def test_repeated_unsafe_and_unused_members_are_reported(tmp_path: Path) -> None:
    data = (RULES / "ok.jpg").read_bytes()
    write_rows(tmp_path / "rows.json", [row(name, name) for name in ("x/1.jpg", "x/2.jpg")])
    pack(tmp_path / "a.tar", [("x/1.jpg", data), ("x/2.jpg", data), ("x/1.jpg", data), ("/x/0.jpg", data)])
    pack(tmp_path / "b.tar", [("x/2.jpg", data + b"1")])
    pack(tmp_path / "c.tar", [("README", b"?"), ("../up", b"?")])
    found = findings(tmp_path)
    assert [(f["severity"], f["message"]) for f in found["ARC807"]] == [
        ("warning", "'a.tar': 2 images are repeated, such as 'x/1.jpg', which is in it again, 1 of them with other bytes")]
    assert len(found["ARC806"]) == 2 and "'c.tar': none of its 2 members" in found["ARC809"][0]["message"]
    assert set(found) == {"ARC806", "ARC807", "ARC809"}


@pytest.mark.parametrize("names, missing", [
    (["p_1.tar", "p_2.tar", "p_4.tar"], "p_3.tar"),
    (["p-00000.tar", "p-00002.tar", "p-00003.tar"], "p-00001.tar"),
    (["p2.tar", "p3.tar", "p4.tar"], "p1.tar"),
    (["p_2014.tar", "p_2015.tar", "p_2017.tar"], ""),
    (["p_1.tar", "p_9.tar", "p_30.tar"], ""),
    (["p_1.tar", "p_3.tar", "q_2.tar"], ""),
])
def test_a_gap_in_a_series_is_reported(tmp_path: Path, names: list[str], missing: str) -> None:
    data = (RULES / "ok.jpg").read_bytes()
    write_rows(tmp_path / "rows.json", [row(str(n), f"x/{n}.jpg") for n in range(4)])
    for number, name in enumerate(names):
        pack(tmp_path / name, [(f"x/{number}.jpg", data)])
    done = run("check", ".", "-f", "json", "--no-index", cwd=tmp_path)
    found = [f for f in json.loads(done.out)["findings"] if f["rule"] == "ARC808"]
    assert [f["message"].split("'")[1] for f in found] == [missing] * bool(missing)
    if missing:
        assert "1 image of 1 row is in no archive" in found[0]["message"] and found[0]["severity"] == "error"


# ---- interrupted runs

KILLS = 6


def test_a_run_that_is_killed_is_continued(tmp_path: Path) -> None:
    """Runs are killed at random moments; the last one has the same report as an undisturbed run."""
    draw = random.Random(7)
    data = (FIXTURES / "demo/images/coco/train2017/000000033471.jpg").read_bytes()
    names = [f"coco/{number:03d}.jpg" for number in range(600)]
    write_rows(tmp_path / "rows.json", [row(name, name) for name in names])
    for part in range(3):
        pack(tmp_path / f"p_{part}.tar.gz",
             [(name, data + name.encode()) for name in names[part * 200 : part * 200 + 200]])
    time.sleep(2.2)
    expected, _ = report(tmp_path)
    began = time.monotonic()
    report(tmp_path, "--threads", "2")
    whole = time.monotonic() - began
    for _ in range(KILLS):
        with subprocess.Popen([program(), "check", ".", "-q"], cwd=tmp_path, env=environment(tmp_path),
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as child:
            time.sleep(draw.uniform(0.05, max(0.1, 0.9 * whole)))
            child.kill()
    found, _ = check(tmp_path)
    assert found == expected


def test_no_archive_stays_open(tmp_path: Path) -> None:
    """A data set may have more archives, or shards, than a process may open files."""
    picture = pictures()[0].read_bytes()
    count, files = 100, 64
    rows = []
    for number in range(count):
        pack(tmp_path / f"a/{number:03}.tar", [(f"{number}{pictures()[0].suffix}", picture)])
        pack(tmp_path / f"w/{number:03}.tar", [(f"{number}.json", json.dumps(row(number, None)).encode()),
                                               (f"{number}{pictures()[0].suffix}", picture)])
        rows.append(row(str(number), f"{number}{pictures()[0].suffix}"))
    write_rows(tmp_path / "a/rows.json", rows)
    few = ["sh", "-c", f'ulimit -n {files} && exec "$0" "$@"']
    for name, more in (("a", []), ("w", []), ("a", ["--copy-images", "copies", "-o", "rows.json"])):
        command = ["clean" if more else "check", name, *more, "-j", "2"]
        done = run(*command, cwd=tmp_path, before=few)
        assert done.code in (0, 1), (command, done.err)
    assert len(list((tmp_path / "copies").iterdir())) == count
    done = run("verify", "w", cwd=tmp_path, before=few)
    assert done.code in (0, 1), done.err
