"""Settings files from strangers: which ones are trusted, what a file may set, and what is never read or quoted.

A file in the data may only describe the data, one in the working tree may select and write inside its folder, and one
that the user names with --config may set everything.
"""

from __future__ import annotations

import json
import os
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from ci_runners import hidden, obeyed
from hostile import plant
from program import (DEMO, NOBODY, REPOSITORY, assert_complaint, copy_fixture, files_of, make_small, row, run, unprivileged,
                     write_rows)
from report_readers import VERDICTS

NAME = "llava-check.yaml"
TABLE = (REPOSITORY / "src/cli/options.def").read_text(encoding="utf-8")
ACCEPT = "; to use it, pass it with --config\n"


def make_repository(folder: Path, data: Path | None = None) -> Path:
    """Make a repository as if it was cloned, with a data set in raw/."""
    (folder / "repo/.git").mkdir(parents=True)
    if data:
        copy_fixture(data, folder / "repo/raw")
    else:
        make_small(folder / "repo/raw")
    return folder / "repo"


def outcome(*arguments: str | Path, cwd: Path) -> tuple[int, dict[str, Any]]:
    """Return the exit code and the JSON report."""
    done = run(*arguments, "-f", "json", "--no-index", cwd=cwd)
    assert done.code in (0, 1), done.err
    return done.code, json.loads(done.out)


def notes(*arguments: str | Path, cwd: Path) -> str:
    return run(*arguments, "-f", "json", "--no-index", cwd=cwd).err


# ---- in the data


# Settings that turn a failure into a pass, hide it, write or open something; and their names in the note
HOSTILE = {
    "ignore: [all]": "ignore",
    "select: [SET]": "select",
    "severity: {IMG501: info, JSN101: off}": "severity",
    "severity: [all=off]": "severity",
    "per-folder-ignores: {'**': [all]}": "per-folder-ignores",
    "baseline: baseline.json": "baseline",
    "exit-zero: true": "exit-zero",
    "fail-on: error": "fail-on",
    "show: error": "show",
    "max-findings: 1": "max-findings",
    "quiet: true": "quiet",
    "no-images: true": "no-images",
    "no-index: true": "no-index",
    "recheck: true": "recheck",
    "index: index": "index",
    "index-mode: metadata": "index-mode",
    "allow-outside: true": "allow-outside",
    "report: report.json": "report",
    "report: ['text:../.bashrc', 'json:/tmp/x']": "report",
    "format: stats": "format",
    "output-format: gitlab": "format",
    "statistics: true": "statistics",
    "thumbnails: true": "thumbnails",
    "threads: 512": "threads",
    "io-depth: 512": "io-depth",
    "color: always": "color",
    "progress: json": "progress",
    "verbose: true": "verbose",
}


@pytest.mark.parametrize("text, name", HOSTILE.items())
def test_the_data_does_not_decide(tmp_path: Path, text: str, name: str) -> None:
    """Exit code and report are the same as without the file, and one line says so."""
    data = tmp_path / "data"
    copy_fixture(DEMO, data)
    (data / "baseline.json").write_bytes(b"")
    run("data", "-q", "--isolated", "--write-baseline", "data/baseline.json", "--no-index", cwd=tmp_path)
    without = outcome("data", "--isolated", cwd=tmp_path)
    assert without[0] == 1
    (data / NAME).write_text(text + "\n")
    before = files_of(tmp_path)
    assert outcome("data", cwd=tmp_path) == without
    assert notes("data", cwd=tmp_path) == (
        f"note: settings from data/{NAME}, which is part of the data set; not allowed there: {name}" + ACCEPT
        + "note: skipped baseline.json: it is empty\n")
    assert outcome(".", cwd=data)[0] == 1  # even if the user works there
    assert f"{NAME}, which is part of the data set; not allowed there: {name};" in notes(".", cwd=data)
    assert notes("llava_demo.json", cwd=data).count("not allowed there") == 1
    assert notes("llava_{demo,demo}.json", cwd=data).count("not allowed there") == 1
    assert files_of(tmp_path) == before


def test_every_hostile_setting_is_tried() -> None:
    """Every setting in the table of options that the data may not set is tried."""
    rows = re.findall(r'LC_OPTION\(\w+, "([\w-]+)",.*?\b(ALIAS|REPEAT|0),\s+(DATA|TREE|NAMED|COMMAND),', TABLE, re.DOTALL)
    assert len(rows) == TABLE.count("\nLC_OPTION(") > 30
    refused = {name for name, flags, origin in rows if origin in ("TREE", "NAMED") and flags != "ALIAS"}
    assert refused | {"per-folder-ignores"} == set(HOSTILE.values())
    assert {name for name, flags, origin in rows if origin == "DATA" and flags != "ALIAS"} == {"images", "videos", "trainer", "dialect"}
    assert {name for name, _, origin in rows if origin == "NAMED"} == {"allow-outside", "index", "quiet"}


@pytest.mark.parametrize("text", [
    "images: /etc", "images: ..", "images: ../other", "images: images/../../other", "images: out", "images: out/deep",
    "images: nowhere", "images: rows.json", "images: [images]", "images: {a: b}", "images: 7", "images: true",
    "images: ''", "images: ~", "images: \"ima\\0ges\"", "images: closed/../../other", "videos: /", "videos: out",
    "videos: dangling", "videos: loop", "trainer: none", "trainer: [qwen-vl]", "trainer: \"\\e[31m\"", "trainer: &a b",
    "images: " + "a/" * 3000, "config: other.yaml", "write-baseline: x", "isolated: true",
])
def test_a_value_that_is_wrong_is_not_used(tmp_path: Path, text: str) -> None:
    """The data can neither make a run fail nor lead out of themselves."""
    data = make_small(tmp_path / "data")
    make_small(tmp_path / "other/deep")
    (data / "out").symlink_to("../other")
    (data / "dangling").symlink_to("nowhere")
    (data / "loop").symlink_to("loop")
    without = outcome("data", "--isolated", cwd=tmp_path)
    (data / NAME).write_text(text + "\n")
    assert outcome("data", cwd=tmp_path) == without
    name = text.split(":")[0]
    assert notes("data", cwd=tmp_path) == (
        f"note: settings from data/{NAME}, which is part of the data set; invalid: {name}\n")


def test_what_the_data_may_say(tmp_path: Path) -> None:
    """The data may set the trainer and the image folder, even through a link that stays inside."""
    data = make_small(tmp_path / "data")
    (data / "images").rename(data / "pictures")
    (data / "link").symlink_to("pictures")
    (data / "deep").mkdir()
    for text, root in (("images: pictures", "pictures"), ("images: ./deep/../pictures/", "pictures"),
                       ("images: link", "pictures")):
        (data / NAME).write_text(text + "\ntrainer: qwen-vl\n")
        code, report = outcome("data", cwd=tmp_path)
        assert code == 0 and report["dataset"]["image_root"] == root
        assert report["dataset"]["trainer"] == "qwen-vl"
        assert notes("data", cwd=tmp_path).endswith("of the data set: images, trainer\n")
    assert outcome("data", "--trainer", "internvl", cwd=tmp_path)[1]["dataset"]["trainer"] == "internvl"


def test_all_of_it_at_once(tmp_path: Path) -> None:
    """Whatever else the file has, allowed settings are used, and one line names the rest."""
    data = make_small(tmp_path / "data")
    many = "".join(f"\"k\\e[31m{i}\": [1, {{a: *b}}]\n? [x, y]\n: &b z\n" for i in range(500))
    (data / NAME).write_text("trainer: internvl\nignore: &b all\ntrainer: qwen-vl\nreport: {a: [b]}\n" + many)
    done = run("data", "-f", "json", cwd=tmp_path)
    assert json.loads(done.out)["dataset"]["trainer"] == "internvl"
    assert done.err == (
        f"note: settings from data/{NAME}, which is part of the data set: trainer; invalid: trainer, 1000 unknown "
        f"settings; not allowed there: report, ignore{ACCEPT}")


BROKEN = ["@", "ignore: [IMG", "- a", "text", "trainer: internvl\n---\na: b", "trainer: internvl\n\x01", "a: " + "[" * 99,
          "trainer: internvl\nb: \"", "\xff", "root:x:0:0:root:/root:/bin/sh\n"]


@pytest.mark.parametrize("text", BROKEN)
def test_a_broken_file_in_the_data_is_not_used(tmp_path: Path, text: str) -> None:
    data = make_small(tmp_path / "data")
    without = outcome("data", "--isolated", cwd=tmp_path)
    (data / NAME).write_text(text, encoding="latin-1")
    assert outcome("data", cwd=tmp_path) == without
    assert re.fullmatch(rf"note: data/{NAME} was ignored: it is not a settings file: see line \d+\n",
                        notes("data", cwd=tmp_path))


def test_files_of_other_folders_of_the_data(tmp_path: Path) -> None:
    """The working directory may be in any of the paths, or in the image root."""
    make_small(tmp_path / "a")
    make_small(tmp_path / "b")
    elsewhere = tmp_path / "pictures"
    shutil.move(tmp_path / "a/images", elsewhere)
    write_rows(tmp_path / "a/rows.json", [row("a", "a.jpg"), row("x", "x.jpg")])
    for here in ("b", "b/images", "pictures"):
        (tmp_path / here / NAME).write_text("ignore: [all]\n")
        code, report = outcome(tmp_path / "a", tmp_path / "b", "--images", elsewhere, cwd=tmp_path / here)
        assert code == 1 and report["verdict"]["adjusted"] == [], here
    (tmp_path / "linked.json").symlink_to("a/rows.json")  # a link's folder also counts as that of the data
    (tmp_path / NAME).write_text("ignore: [all]\n")
    assert outcome("linked.json", "--images", elsewhere, cwd=tmp_path)[0] == 1


def test_the_index_in_the_data_is_of_the_data(tmp_path: Path) -> None:
    """The argument may be the index folder, or its file."""
    data = make_small(tmp_path / "data")
    write_rows(data / "rows.json", [row("x", "x.jpg")])
    assert run("data", "-q", cwd=tmp_path).code == 1
    (data / NAME).write_text("ignore: [all]\n")
    for path in (".llava-check", ".llava-check/index.mdb", "."):
        assert run("report", path, "-q", cwd=data).code == 1, path


def test_places_that_are_none(tmp_path: Path) -> None:
    """A removed working directory, and paths that are too long, have no settings."""
    data = make_small(tmp_path / "data")
    script = f'mkdir gone && cd gone && rmdir ../gone && "$0" {data} --no-index -q'
    assert run(cwd=tmp_path, before=["sh", "-c", script]).err == ""
    done = run("d/" * 3000 + "rows.json", cwd=tmp_path)
    assert_complaint(done, "d/d/")


# ---- above the data


def test_a_file_above_the_data_is_not_read(tmp_path: Path) -> None:
    """A cloned repository may have settings at the top, and rows in raw/."""
    repository = make_repository(tmp_path, DEMO)
    home = tmp_path / "home"
    home.mkdir()
    (home / ".bashrc").write_text("# mine\n")
    (repository / NAME).write_text("report: ['text:../home/.bashrc']\nignore: [all]\n")
    assert outcome("repo/raw", cwd=tmp_path) == outcome("repo/raw", "--isolated", cwd=tmp_path)
    assert notes("repo/raw", cwd=tmp_path) == (
        f"note: repo/{NAME} was ignored: it is above the data set and outside the working tree{ACCEPT}")
    assert notes("../repo/raw", cwd=home).startswith(f"note: {repository}/{NAME} was ignored: ")
    assert (home / ".bashrc").read_text() == "# mine\n"
    (repository / ".git").rmdir()
    (repository / "raw/.git").mkdir()  # the search ends at the top of a repository
    assert notes("repo/raw", cwd=tmp_path) == ""


def test_a_repository_does_not_write_outside(tmp_path: Path) -> None:
    """Not even if the user works in it, and whatever the name."""
    repository = make_repository(tmp_path, DEMO)
    (tmp_path / "home").mkdir()
    (tmp_path / "home/.bashrc").write_text("# mine\n")
    (repository / "out").symlink_to("../home")
    (repository / "rc").symlink_to("../home/.bashrc")
    (repository / "new").symlink_to("../home/new")
    (repository / "inside").mkdir()
    (repository / "raw/o\n'`$(touch ..home)`'").write_text("")
    before = files_of(tmp_path)
    without = outcome("raw", "--isolated", cwd=repository)
    for path in ("../home/.bashrc", str(tmp_path / "home/.bashrc"), "out/.bashrc", "rc", "new", "out/x", ".git/config",
                 ".git/x", ".GIT/x", "inside/../../home/x", "inside/no/../../../home/x", "/dev/stdout", "~/../home/x/../y"):
        for form in ("text", "concise", "json"):
            (repository / NAME).write_text(f"report: ['{form}:{path}']\n")
            assert outcome("raw", cwd=repository) == without, path
            assert notes("raw", cwd=repository) == (
                f"note: settings from {NAME}; not allowed there: report{ACCEPT}"), path
    (repository / NAME).unlink()
    assert files_of(tmp_path) == before


def test_what_the_working_tree_may_say(tmp_path: Path) -> None:
    """It may select, ignore, write reports and name files, inside its folder."""
    repository = make_repository(tmp_path, DEMO)
    (repository / "out").mkdir()
    (repository / "there").symlink_to("out")
    (repository / NAME).write_text("report: [there/a.json, 'junit:out/../b', out/new.csv]\nignore: IMG\n"
                                   "images: raw/images\nseverity: {CNV: info}\nshow: info\n")
    done = run("../raw", "--no-index", cwd=repository / "out")
    assert done.code == 1 and done.err == f"note: settings from {repository / NAME}\n"
    assert {p.name for p in (repository / "out").iterdir()} == {"a.json", "new.csv"}
    assert (repository / "b").read_bytes().startswith(b"<?xml")
    assert re.search(r"; 8 errors and 1 warning ignored by llava-check.yaml, 2 errors and 1 warning lowered by "
                     r"llava-check.yaml$", done.out.decode().splitlines()[-1])


@pytest.mark.parametrize("text, name", [
    ("allow-outside: true", "allow-outside"), ("quiet: true", "quiet"), ("index: x", "index"), ("images: /etc", "images"),
    ("images: out", "images"), ("videos: ..", "videos"), ("baseline: ../b.json", "baseline"),
    ("baseline: link.json", "baseline"), ("report: [a.json, ../b.json]", "report"),
])
def test_what_the_working_tree_may_not_say(tmp_path: Path, text: str, name: str) -> None:
    repository = make_repository(tmp_path)
    write_rows(repository / "raw/rows.json", [row("a", "a.jpg"), row("x", "../x.jpg")])
    (repository / "out").symlink_to("..")
    (repository / "link.json").symlink_to("../b.json")
    run("raw", "-q", "--write-baseline", "../b.json", "--no-index", cwd=repository)
    without = outcome("raw", "--isolated", cwd=repository)
    (repository / NAME).write_text(f"{text}\n")
    assert outcome("raw", cwd=repository) == without
    assert without[0] == 1
    assert notes("raw", cwd=repository) == (
        f"note: settings from {NAME}; not allowed there: {name}{ACCEPT}")
    assert not (repository / "x").exists() and (repository / "a.json").exists() == (name == "report")
    shown = json.loads(run("config", "raw", "-f", "json", cwd=repository).out)
    assert shown["files"][0]["note"] == f"; not allowed there: {name}{ACCEPT.rstrip()}"
    assert run("config", "raw", "--config", NAME, cwd=repository).code == 0


# ---- files of other users


@pytest.mark.parametrize("place", ["data", "tree"])
def test_a_file_of_another_user(open_folder: Path, place: str) -> None:
    """For root, it belongs to nobody; for nobody, to a third user, which needs root to set up, as in CI."""
    assert os.geteuid() == 0, "run as root: ownership cannot be set up otherwise"
    repository = make_repository(open_folder)
    file = repository / ("raw" if place == "data" else ".") / NAME
    file.write_text("trainer: qwen-vl\n")
    where = str(file.relative_to(repository))
    refused = f"note: {where} was ignored: it belongs to another user{ACCEPT}"
    user = unprivileged(open_folder)

    def err(as_root: bool) -> str:
        more: dict[str, Any] = {} if as_root else {"before": user.before, "executable": user.executable}
        done = run("raw", "-f", "json", "--no-index", cwd=repository, **more)
        assert done.code == 0
        used = json.loads(done.out)["dataset"]["trainer"] == "qwen-vl"
        assert used == ("was ignored" not in done.err)
        return done.err

    assert "settings from" in err(True) and "settings from" in err(False)  # both accept root's
    os.chown(file, NOBODY, NOBODY)
    assert err(True) == refused and "settings from" in err(False)
    os.chown(file, 4711, 4711)
    assert err(True) == err(False) == refused
    assert run("raw", "--config", file, "--no-index", cwd=repository).err == f"note: settings from {file}\n"
    file.unlink()
    (repository / "mine.yaml").write_text("trainer: qwen-vl\n")  # the link belongs to another user, who chose its target
    file.symlink_to(os.path.relpath(repository / "mine.yaml", file.parent) if place == "tree" else "mine.yaml")
    shutil.copy(repository / "mine.yaml", repository / "raw/mine.yaml")
    os.chown(file, 4711, 4711, follow_symlinks=False)
    assert err(True) == err(False) == refused


def test_a_file_that_may_not_be_read(open_folder: Path) -> None:
    """In the data, it changes nothing; in the working directory, it is an error, not ignored."""
    repository = make_repository(open_folder)
    user = unprivileged(open_folder)
    for path in (repository / "raw", repository):
        (path / NAME).write_text("trainer: qwen-vl\n")
        (path / NAME).chmod(0)
        os.chown(path / NAME, NOBODY, NOBODY)
        done = run("raw", "--no-index", cwd=repository, before=user.before, executable=user.executable)
        if path.name == "raw":
            assert done.code == 0 and done.err == f"note: raw/{NAME} was ignored: permission denied\n"
            (path / NAME).unlink()
        else:
            assert_complaint(done, NAME, "Permission denied")


# ---- links, and quoting


SECRET = "root:$6$SECRETSALT$SECRETHASH:19000:0:99999:7:::\ndaemon:*:19000:0:99999:7:::\n"


@pytest.mark.parametrize("place", ["raw", "."])
@pytest.mark.parametrize("kind", ["link", "hard link", "link to a link"])
def test_a_settings_file_that_links_to_a_secret(tmp_path: Path, place: str, kind: str) -> None:
    """None of its contents is printed on either stream or in a report."""
    repository = make_repository(tmp_path)
    secret = tmp_path / "shadow"
    secret.write_text(SECRET)
    file = repository / place / NAME
    if kind == "link":
        file.symlink_to(secret)
    elif kind == "hard link":
        os.link(secret, file)
    else:
        (repository / "hop").symlink_to("../shadow")
        file.symlink_to(os.path.relpath(repository / "hop", file.parent))
    for command in (["raw"], ["config", "raw"], ["config", "raw", "-f", "json"], ["verify", "raw"], ["report", "raw"]):
        done = run(*command, cwd=repository)
        assert "SECRET" not in done.err and b"SECRET" not in done.out and "root" not in done.err
        if kind != "hard link":
            assert done.code == 0
            assert "link to a file outside its folder" in done.err + done.out.decode()


@pytest.mark.parametrize("place", ["raw", "."])
def test_a_file_that_is_too_large(tmp_path: Path, place: str) -> None:
    repository = make_repository(tmp_path)
    (repository / place / NAME).write_text("#" * (1 << 20) + "\n")
    done = run("raw", cwd=repository)
    assert done.code == 0 and done.err == f"note: {Path(place) / NAME} was ignored: it is too large\n"


def test_a_link_that_stays_is_followed(tmp_path: Path) -> None:
    repository = make_repository(tmp_path)
    (repository / "conf").mkdir()
    (repository / "conf/mine.yaml").write_text("trainer: qwen-vl\n")
    (repository / NAME).symlink_to("conf/mine.yaml")
    assert outcome("raw", cwd=repository)[1]["dataset"]["trainer"] == "qwen-vl"
    (repository / NAME).unlink()
    (repository / NAME).symlink_to("nowhere.yaml")
    done = run("raw", cwd=repository)
    assert done.code == 0 and "was ignored: it is a symbolic link to a file outside its folder" in done.err


MARK = "MARK8472"
QUOTES = [
    f"{MARK}: 1", f"show: {MARK}", f"trainer: {MARK}", f"format: {MARK}", f"ignore: {MARK}", f"severity: {MARK}",
    f"severity: {{IMG: {MARK}}}", f"severity: {{{MARK}: off}}", f"select: [IMG, {MARK}]", f"threads: {MARK}",
    f"max-findings: '{MARK}'", f"no-images: {MARK}", f"per-folder-ignores: {{a: {MARK}}}",
    f"per-folder-ignores: {{{MARK}: ','}}", f"images: [{MARK}]", f"color: {MARK}", f"progress: {MARK}", f"index-mode: {MARK}",
    f"- {MARK}", f"{MARK}", f"? {{{MARK}: 1}}\n: 1", f"show: &{MARK} info\nfail-on: *{MARK}", f"a: \"{MARK}\n", f"%{MARK} 1\n---",
    f"!{MARK}!x a: b", f"@{MARK}", f"show: \"{MARK}\\0\"", f"fail-on: !{MARK} {MARK}",
]


@pytest.mark.parametrize("text", QUOTES)
def test_errors_do_not_quote_the_file(tmp_path: Path, text: str) -> None:
    """Only a file that the user named is quoted; in other cases, a link may have led to any file."""
    make_repository(tmp_path)
    repository = tmp_path / "repo"
    (repository / NAME).write_text(text + "\n")
    done = run("raw", cwd=repository)
    assert_complaint(done, f"llava-check: {NAME}: line ")
    assert MARK not in done.err
    named = run("raw", "--config", NAME, cwd=repository)
    assert_complaint(named, f"llava-check: {NAME}: line ")
    (repository / NAME).rename(repository / "raw" / NAME)
    done = run("raw", cwd=repository)
    assert done.code == 0 and MARK not in done.err


def test_a_named_file_is_quoted(tmp_path: Path) -> None:
    repository = make_repository(tmp_path)
    (repository / NAME).write_text("trainer: llava-nxt\n")
    assert_complaint(run("raw", cwd=repository), "line 1: unknown trainer '…'; did you mean 'llava-next'?")
    assert_complaint(run("raw", "--config", NAME, cwd=repository), "line 1: unknown trainer 'llava-nxt'; did you mean")


# ---- everything at once


def make_trap(folder: Path) -> Path:
    """Make a repository with everything that a settings file can set, in the data and above it."""
    repository = make_repository(folder, DEMO)
    (folder / "victim").mkdir()
    (folder / "victim/.bashrc").write_text("# mine\n")
    (folder / "victim/train.json").write_text("[]\n")
    run("repo/raw", "-q", "--isolated", "--no-index", "--write-baseline", "repo/raw/known.json", cwd=folder)
    every = ("ignore: [all]\nselect: SET\nseverity: {all: off}\nper-folder-ignores: {'**': all}\nbaseline: known.json\n"
             "exit-zero: true\nquiet: true\nno-images: true\nallow-outside: true\nindex: ../../victim\nfail-on: error\n"
             "report: ['text:../../victim/.bashrc', 'text:../../victim/train.json', 'concise:../run.sh', json:../x]\n"
             "images: ../../victim\nvideos: /\nformat: stats\nmax-findings: 1\nshow: error\nthreads: 512\n"
             "\"\\e[2J\": 1\n")
    (repository / "raw" / NAME).write_text(every)
    (repository / NAME).write_text("exit-zero: true\nignore: [all]\nreport: ['text:../victim/.bashrc']\n")
    (repository / "raw/images" / NAME).write_text("ignore: [all]\n")
    (folder / NAME).write_text("ignore: [all]\nreport: ['text:victim/.bashrc']\n")
    return repository


@pytest.mark.parametrize("as_root", [True, False])
def test_a_trap_changes_nothing(open_folder: Path, as_root: bool) -> None:
    """Exit code and findings are those with --isolated --no-index, and only the index is written."""
    repository = make_trap(open_folder)
    away = open_folder / "away"
    away.mkdir(mode=0o755)
    user = unprivileged(open_folder)
    if os.geteuid() == 0 and not as_root:
        for path in [repository, *repository.rglob("*")]:
            os.chown(path, NOBODY, NOBODY)
    more: dict[str, Any] = {} if as_root else {"before": user.before, "executable": user.executable}

    def files() -> dict[str, Any]:
        """Return all files, except the user's own key and the index."""
        return {name: entry for name, entry in files_of(open_folder, without=".llava-check").items()
                if name.split("/")[0] != "state"}

    before = files()
    seen = 0
    for cwd, path in ((away, repository / "raw"), (repository / "raw", Path(".")), (repository / "raw/images", Path("..")),
                      (away, repository / "raw/llava_demo.json"), (repository / "raw", Path("llava_demo.json"))):
        plain = run(path, "--isolated", "--no-index", "-f", "json", cwd=cwd, **more)
        # above raw/, the user works in the repository: that file may select, as the verdict says
        works_there = cwd != away
        done = run(path, "-f", "json", cwd=cwd, **more)
        assert plain.code == 1, plain.err
        if works_there:
            adjusted = json.loads(done.out)["verdict"]["adjusted"]
            assert [(a["how"], a["by"]) for a in adjusted] == [("ignored", NAME)]
            assert adjusted[0]["error"] == json.loads(plain.out)["summary"]["by_severity"]["error"] == 15
            assert f"not allowed there: report{ACCEPT.rstrip()}" in done.err
        else:
            assert (done.code, done.out) == (1, plain.out)
        assert done.err.replace("\n", "").isprintable()
        assert len([line for line in done.err.splitlines() if NAME in line]) == 2
        seen += 1
    assert seen == 5
    assert files() == before


# Commands for the data, run in an empty folder beside it
COMMANDS = [
    ["check", "DATA"], ["check", "DATA", "--all", "--report", "all.json"], ["check", "DATA", "--metrics", "m.prom", "--thumbnails", "-f", "html"],
    ["plan", "DATA"], ["verify", "DATA", "--download"], ["verify", "DATA"], ["report", "DATA", "-f", "html", "--thumbnails"],
    ["clean", "DATA", "-o", "cleaned", "--copy-images", "copies", "--transcode"], ["clean", "DATA", "-o", "both", "--fix"],
    ["clean", "DATA", "-o", "linked", "--link-images", "links"], ["fix", "DATA", "-o", "fixed"],
    ["convert", "DATA", "-o", "converted.json", "--to", "messages", "--skip"], ["manifest", "DATA", "-o", "data.manifest"],
    ["check", "DATA", "--part", "1/2", "--index", "none"], ["check", DEMO, "--part", "1/2", "--index", "part"], ["merge", "part", "--index", "merged", "--allow-missing"],
    ["slurm", "DATA", "--index", "results"], ["diff", "DATA", "merged"], ["index", "check", "DATA"], ["check", "DATA/a.tar"],
    ["check", "DATA/b.tar.gz"], ["check", "DATA/mixture.yaml"], ["check", "DATA/dataset_info.json"], ["check", "DATA/fifo.tar"],
    ["watch", "DATA", "--settle", "0"],
]


@pytest.mark.parametrize("as_root", [True, False])
def test_every_surface_at_once(open_folder: Path, as_root: bool) -> None:
    """Archives, shards, registries, records of downloads, settings: no command hangs, crashes, writes into or
    beside the data, follows a member or record out of them, or prints anything that is obeyed."""
    repository = make_trap(open_folder)
    raw, victim = repository / "raw", open_folder / "victim"
    named = plant(raw, victim)
    write_rows(raw / "more.jsonl", [row(f"=1+1\x1b[{n}m::error::", name) for n, name in enumerate(named)])
    away = open_folder / "away"
    away.mkdir(mode=0o755)
    user = unprivileged(open_folder)
    if os.geteuid() == 0 and not as_root:
        for path in [away, repository, *repository.rglob("*")]:
            os.chown(path, NOBODY, NOBODY, follow_symlinks=False)
    more: dict[str, Any] = {} if as_root else {"before": user.before, "executable": user.executable}

    def files() -> dict[str, Any]:
        found = files_of(open_folder, without=".llava-check").items()
        return {name: entry for name, entry in found if name.split("/")[0] not in ("state", "away")}

    before, codes = files(), []
    plain = run(raw, "--isolated", "--no-index", "-f", "json", cwd=away, **more)
    done = run(raw, "-f", "json", cwd=away, **more)
    assert plain.code == 1 and (done.code, done.out) == (1, plain.out), plain.err
    for command in COMMANDS:
        done = run(*[str(word).replace("DATA", str(raw)) for word in command], cwd=away, timeout=60, **more)
        assert done.code in (0, 1, 2), (command, done.err[-2000:])
        text = done.out.decode("utf-8") if "html" not in command else ""
        assert not obeyed(text + done.err) and not hidden(text + done.err), (command, done.err)
        codes.append(done.code)
    assert files() == before
    assert codes.count(2) <= 5, list(zip(COMMANDS, codes))
    copies = {str(path.relative_to(away)) for path in away.rglob("*.jpg")}
    assert copies and all(path.split("/")[0] in ("copies", "links") for path in copies)
    assert not [path for path in victim.rglob("*") if path.suffix == ".jpg"]


@pytest.mark.parametrize("text", ["ignore: [all]", "severity: {all: info}", "exit-zero: true", "baseline: known.json"])
def test_what_the_working_tree_hides_is_counted(tmp_path: Path, text: str) -> None:
    """The verdict in every format has the number, with the file that hides them."""
    repository = make_repository(tmp_path, DEMO)
    run("raw", "-q", "--write-baseline", "known.json", "--show", "info", cwd=repository)
    (repository / NAME).write_text(text + "\n")
    for form, read in VERDICTS.items():
        done = run("report", "raw", "-f", form, cwd=repository)
        assert done.code == 0
        said = read(done.out)
        assert re.search(r"15 errors\b.* (by llava-check\.yaml|in known\.json)" if form != "stats" else
                         r"error +15  .*(by llava-check\.yaml|in known\.json)", said), (form, said)
