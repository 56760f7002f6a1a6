"""What is reported about each trainer: in `rules`, with each finding, for each row, and in a sentence."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any, Iterator, NamedTuple, Sequence

import pytest

from program import (
    DEMO,
    FIXTURES,
    GOOD_JPEG,
    READERS_OF_SHARDS,
    READS_LLAVA,
    REPOSITORY,
    TRAINERS,
    assert_complaint,
    copy_fixture,
    files_of,
    row,
    run,
    write_rows,
)

DEFAULT = "llava-next"
READ_ROLE = ("ms-swift",)  # it reads turns with role and value
TAKES_NEXT = ("llava-next", "llava-next-qwen", "qwen-vl")  # they use another row in place of one that fails
TAKES_PAIRS = "qwen-vl-series"  # reads turns in pairs, and stops at a single one
EFFECTS = ["refused", "crash", "replaced", "dropped", "altered", "unknown", "fine"]  # worst first


class Effect(NamedTuple):
    """What `rules CODE` prints about a trainer, for findings of one case."""

    trainer: str
    effect: str
    case: str  # "": all cases that are not named
    text: str  # what happens, and the source


def effects_in(text: str) -> list[Effect]:
    """Parse the part of the text about trainers, which must not contain anything else."""
    part = text.split("\nWhat trainers do\n")[1]
    explained: list[Effect] = []
    alike: dict[str, list[str]] = {}  # by the first of those that share a paragraph
    names: list[str] = []
    for line in part.splitlines():
        if re.fullmatch(r"  \S+(, \S+)*,?", line):  # several names, on one line or more
            names += [name.strip() for name in line.split(",") if name.strip()]
            continue
        if names and (found := re.fullmatch(r" {18}(\w+)", line)):
            alike[names[0]] = names
            explained.append(Effect(names[0], found[1], "", ""))
            names = []
            continue
        if found := re.fullmatch(r"  all of them     (\w+)", line):
            alike[TRAINERS[0]] = TRAINERS
            explained.append(Effect(TRAINERS[0], found[1], "", ""))
            continue
        if found := re.fullmatch(r" {18}(\w+), if ([\w-]+)", line):
            explained.append(Effect(explained[-1].trainer, found[1], found[2], ""))
            continue
        if line.startswith(" " * 18):
            words = " ".join([*explained[-1].text.split(), *line.split()])
            explained[-1] = explained[-1]._replace(text=words)
            continue
        found = re.fullmatch(r"  (\S+) +(\w+)", line)
        assert found and line.startswith(f"  {found[1]:15} "), line
        explained.append(Effect(found[1], found[2], "", ""))
    each = [effect._replace(trainer=name) for effect in explained for name in alike.get(effect.trainer, [effect.trainer])]
    return sorted(each, key=lambda effect: TRAINERS.index(effect.trainer))


def text_of(literals: str) -> str:
    """Join C string literals."""
    parts = re.findall(r'"((?:[^"\\]|\\.)*)"', literals)
    return "".join(json.loads(f'"{part}"') for part in parts)


def cases_written() -> dict[tuple[str, str], str]:
    """Return the name of each case in rules.def by its rule's code and its identifier."""
    return {(code, identifier): name for code, _, identifier, name in case_rows()}


def case_rows() -> list[tuple[str, str, str, str]]:
    """Return for each case: its rule's code, the case that it is part of or "", its identifier and name."""
    table = (REPOSITORY / "src/rules/rules.def").read_text(encoding="utf-8")
    found = re.findall(r'^LC_CASE(?:_OF\((\w+), (\w+)|\((\w+)()), (\w+),\s+"([\w-]+)",\s+"', table, re.M)
    assert len(found) == len(re.findall(r"^LC_CASE(?:_OF)?\(", table, re.M)) > 50
    return [(part or code, whole, identifier, name) for part, whole, code, _, identifier, name in found]


def wholes_written() -> dict[tuple[str, str], str]:
    """Return the case that each case is part of, by its rule's code and its name."""
    names = cases_written()
    return {(code, name): names[code, whole] for code, whole, _, name in case_rows() if whole}


def effects_written() -> dict[str, list[Effect]]:
    """Return the tables of src/rules/effects by rule; each trainer has a file."""
    written: dict[str, list[Effect]] = {}
    cases = cases_written()
    literal = r'((?:\s*"(?:[^"\\]|\\.)*")+)'
    for name in TRAINERS:
        file = name.replace("-", "_").replace(".", "") + ".def"
        effects = REPOSITORY / "src/rules/effects"
        table = (effects / file).read_text(encoding="utf-8")
        if name not in READERS_OF_SHARDS:
            table += (effects / "archives.inc").read_text(encoding="utf-8")  # shared by all others
        entries = re.findall(rf"^LC_EFFECT\((\w+), (\w+), (\w+),{literal},{literal}\)", table, re.M)
        unknown = table.count(", UNKNOWN, NULL, NULL)")  # cases that differ from the rest of their rule
        assert len(entries) == table.count("\nLC_EFFECT(") - unknown > 50, name
        for code, identifier, effect, *texts in entries:
            words = " ".join(text_of(t) for t in texts)
            case = "" if identifier == "ANY" else cases[code, identifier]
            written.setdefault(code, []).append(Effect(name, effect.lower(), case, words))
    return written


def rule_codes(scratch: Path) -> dict[str, str]:
    """Return the default level of every rule by its code."""
    lines = run("rules", cwd=scratch).out.decode("utf-8").splitlines()
    return {line.split()[0]: line.split()[1] for line in lines}


@pytest.fixture(scope="module")
def explained(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Effect]]:
    """What `rules` prints, by rule."""
    scratch = tmp_path_factory.mktemp("rules")
    said = {code: run("rules", code, cwd=scratch).out.decode("utf-8") for code in rule_codes(scratch)}
    assert len(said) > 50
    return {code: effects_in(text) for code, text in said.items()}


def explained_effect(explained: dict[str, list[Effect]], rule: str, case: str, trainer: str) -> str:
    own = {e.case: e.effect for e in explained[rule] if e.trainer == trainer}
    while case not in own:
        case = wholes_written().get((rule, case), "")
    return own[case]


# For a row, the first one counts: that its file is not loaded, then that it is left out.
ORDER = ["not loaded", "dropped", *(effect for effect in EFFECTS if effect != "dropped")]


def worst(effects: Sequence[str]) -> str:
    return min([*effects, "fine"], key=ORDER.index)


def effect_of(finding: dict[str, Any]) -> str:
    of_file = finding["rule"].startswith("JSN") and finding["rule"] != "JSN108"
    return "not loaded" if of_file and finding["effect"] == "refused" else finding["effect"]


def check(path: Path, scratch: Path, *more: str | Path) -> Any:
    """Return the JSON report with all findings, and the exit code."""
    done = run("check", path, "--no-index", "-f", "json", "--show", "info", *more, cwd=scratch)
    assert done.code in (0, 1), done.err
    return {**json.loads(done.out), "code": done.code}


# ---- names


def test_every_trainer_is_in_the_table() -> None:
    files = {path.stem for path in (REPOSITORY / "src/rules/effects").glob("*.def")}
    assert {name.replace("-", "_").replace(".", "") for name in TRAINERS} == files
    assert len({*TRAINERS}) == len(TRAINERS) == len(files) > 5 and DEFAULT in TRAINERS


@pytest.mark.parametrize("name", TRAINERS)
def test_each_is_known(name: str, tmp_path: Path) -> None:
    said = [
        run("check", DEMO, "--no-index", "-f", "json", *option, cwd=tmp_path)
        for option in (["--trainer", name], [f"--trainer={name}"], ["-t", name], [f"-t{name}"])
    ]
    assert {(done.code, done.out) for done in said} == {(1, said[0].out)}
    report = json.loads(said[0].out)
    assert report["dataset"]["trainer"] == report["summary"]["trainer"]["name"] == name


def test_the_default(tmp_path: Path) -> None:
    assert check(DEMO, tmp_path) == check(DEMO, tmp_path, "--trainer", DEFAULT)
    assert check(DEMO, tmp_path) != check(DEMO, tmp_path, "--trainer", "qwen-vl")
    # the last one counts
    assert check(DEMO, tmp_path, "-t", "qwen-vl", "-t", DEFAULT) == check(DEMO, tmp_path)


UNKNOWN = {  # unknown names, and the suggestions for them
    "llava": "", "llava-next-": "llava-next", "llava-nex": "llava-next",
    "LLaVA-NeXT": "llava-next", "llava_next": "llava-next", " llava-next": "llava-next",
    "intern": "internvl", "All": "all", "a\nb": "", "é": "", "%s": "",
}  # fmt: skip


@pytest.mark.parametrize("name", UNKNOWN)
def test_unknown_names(name: str, tmp_path: Path) -> None:
    near = UNKNOWN[name]
    said = f"did you mean '{near}'?" if near else f"use one of {', '.join(TRAINERS)}, all"
    copy_fixture(DEMO, tmp_path / "demo")
    before = files_of(tmp_path / "demo")
    for command in (["demo"], ["check", "demo"], ["report", "demo"]):
        done = run(*command, "--trainer", name, cwd=tmp_path)
        assert_complaint(done, "unknown trainer ", said)
        assert done.out == b""
    assert files_of(tmp_path / "demo") == before


@pytest.mark.parametrize("command", [["index", "stats", "demo"], ["rules"], ["version"]])
def test_other_commands_take_none(command: list[str], tmp_path: Path) -> None:
    copy_fixture(DEMO, tmp_path / "demo")
    done = run(*command, "--trainer", DEFAULT, cwd=tmp_path)
    named = " ".join(command[:-1] or command)  # questions of index have their own options
    assert_complaint(done, f"'{named}' does not accept --trainer")


# ---- the command


def listed(scratch: Path, *names: str) -> Any:
    """Return what `trainers` prints as JSON."""
    done = run("trainers", *names, "-f", "json", cwd=scratch)
    assert done.code == 0 and not done.err
    return json.loads(done.out)["trainers"]


def flat(text: str) -> str:
    return " ".join(text.split())


def agreements() -> dict[str, list[int | str]]:
    """Return the figures of src/rules/agreement*.def by the identifier of the trainer."""
    table = "".join((REPOSITORY / f"src/rules/{name}.def").read_text(encoding="utf-8") for name in ("agreement", "agreement_shards"))
    rows = re.findall(r"^LC_AGREEMENT\((\w+), (.+)\)$", table, re.M)
    return {name: json.loads(f"[{figures}]") for name, figures in rows}


def test_the_list(tmp_path: Path) -> None:
    trainers = listed(tmp_path)
    assert [t["name"] for t in trainers] == TRAINERS
    text = run("trainers", cwd=tmp_path).out.decode()
    blocks = text.split("\n\n")
    assert len(blocks) == len(TRAINERS)
    for trainer, block, figures in zip(trainers, blocks, agreements().values(), strict=True):
        right, cases, rows_right, rows, false_fine, date = figures
        assert trainer["agreement"] == {
            "date": date, "cases": cases, "cases_agree": right, "rows": rows, "rows_agree": rows_right,
            "false_fine": false_fine,
        }  # fmt: skip
        assert trainer["assumed"] and trainer["files"] and "effects" not in trainer
        assert block.startswith(f"{trainer['name']}: {trainer['title']}\n")
        own = [d["dialect"] for d in trainer["dialects"] if d["effect"] == "fine"]
        assert own
        words = flat(block)
        files = "shards" if trainer["files"] == ["shards"] else "."
        assert f"program {trainer['program']} files {files}" in words
        assert f" dialects {', '.join(own)} agreement " in words
        assert words.endswith(
            f"agreement {rows_right:,} of {rows:,} rows, {right:,} of {cases:,} cases, on {date}"
        )
        assert max(map(len, block.splitlines())) <= 80


@pytest.mark.parametrize("name", TRAINERS)
def test_one_trainer(name: str, explained: dict[str, list[Effect]], tmp_path: Path) -> None:
    """Its effects by rule are those that `rules` prints for it."""
    (trainer,) = listed(tmp_path, name)
    said = {(e["rule"], e.get("case", "")): (e["effect"], e.get("what"), e.get("source")) for e in trainer["effects"]}
    wanted = {(code, e.case): e for code, effects in explained.items() for e in effects if e.trainer == name}
    assert list(said) == list(wanted) and len(said) == len(trainer["effects"])
    for key, (effect, *texts) in said.items():
        assert effect == wanted[key].effect and " ".join(filter(None, texts)) == wanted[key].text, key
    text = run("trainers", name, cwd=tmp_path).out.decode()
    words = flat(text)
    for part in [*trainer["assumed"], trainer["program"], trainer["title"]]:
        assert part in words
    for dialect in trainer["dialects"]:
        of = {"all": "", "with media": ", for rows that name media", None: ""}[dialect.get("rows")]
        what = f"{dialect['effect']}{of} {dialect['what']} {dialect['source']}" if "what" in dialect else "its own"
        assert f" {dialect['dialect']} {what} " in words
    length = trainer.get("length")
    assert ("\nRows of more than " in text) == (length is not None)
    if length:
        limit = f"Rows of more than {length['limit']:,} tokens"
        assert f"{limit} {length['effect']} {length['what']} {length['source']} " in words
    by_rule = text.split("\nWhat it does, by rule\n")[1]
    heads = re.findall(r"^  (\w{3}\d{3})  (\w+): |^        (\w+), if ([\w-]+): ", by_rule, re.M)
    assert [(a or c, d) for _, a, c, d in heads] == [(e[0], key[1]) for key, e in said.items()]
    parts = re.split(r"^  \w{3}\d{3}  \w+: .*\n|^ {8}\w+, if [\w-]+: .*\n", by_rule, flags=re.M)[1:]
    assert [flat(part) for part in parts] == [" ".join(filter(None, texts)) for _, *texts in said.values()]
    assert max(map(len, text.splitlines())) <= 120


@pytest.mark.parametrize(("name", "near"), [("qwen-v", "qwen-vl"), ("Internvl", "internvl"), ("", "")])
def test_no_such_trainer(name: str, near: str, tmp_path: Path) -> None:
    done = run("trainers", name, cwd=tmp_path)
    assert_complaint(done, *([f"unknown trainer '{name}'", f"did you mean '{near}'?"] if near else [""]))
    assert done.out == b""


def test_all_of_them_in_full(tmp_path: Path) -> None:
    assert listed(tmp_path, "all") == [listed(tmp_path, name)[0] for name in TRAINERS]
    texts = [run("trainers", name, cwd=tmp_path).out for name in TRAINERS]
    assert run("trainers", "all", cwd=tmp_path).out == b"\n".join(texts)


def test_forms_are_those_that_are_loaded(tmp_path: Path) -> None:
    """`trainers` and a run report the same about forms of files."""
    for suffix, text in ("json", json.dumps(PLAIN[:2])), ("jsonl", "".join(json.dumps(r) + "\n" for r in PLAIN[:2])):
        (tmp_path / f"rows.{suffix}").write_text(text, encoding="utf-8")
    for trainer in listed(tmp_path):
        for suffix in "json", "jsonl":
            report = check(tmp_path / f"rows.{suffix}", tmp_path, "--trainer", trainer["name"])
            assert (report["summary"]["trainer"]["unloaded"] == 0) == (suffix in trainer["files"])


# ---- rules


def test_every_rule_explains_every_trainer(explained: dict[str, list[Effect]]) -> None:
    written, cases = effects_written(), cases_written()
    assert set(written) <= set(explained)
    for code, effects in explained.items():
        assert [e.trainer for e in effects if not e.case] == TRAINERS, code
        places = [TRAINERS.index(e.trainer) for e in effects]
        assert places == sorted(places), code
        entries = written.get(code, [])
        for e in effects:
            assert e.effect in EFFECTS and (not e.case or (code, e.case) in {(c, n) for (c, _), n in cases.items()})
            of = [w for w in entries if w.trainer == e.trainer and w.case == e.case]
            if of:
                assert len(of) == 1 and (e.effect, e.text) == (of[0].effect, of[0].text), (code, e)
            else:  # the effect is unknown
                assert (e.effect, e.text) == ("unknown", ""), (code, e)
            assert not of or re.search(r"[\w/]+\.\w", e.text), (code, e)  # the source is a file
        for w in entries:
            assert w in effects, w
    # no trainer is a copy of another one
    columns = {t: tuple(e[1:3] for c in explained for e in explained[c] if e.trainer == t) for t in TRAINERS}
    assert len(set(columns.values())) == len(TRAINERS)
    seen = {effect for column in columns.values() for effect, _ in column}
    assert seen >= {"refused", "crash", "replaced", "altered", "fine"}


def test_rules_list_their_cases(tmp_path: Path) -> None:
    by_code: dict[str, list[str]] = {code: [] for code in rule_codes(tmp_path)}
    for (code, _), name in cases_written().items():
        by_code[code].append(name)
    for code, names in by_code.items():
        text = run("rules", code, cwd=tmp_path).out.decode()
        part = text.partition("\nCases that trainers may treat differently\n")[2].partition("\n\n")[0]
        assert [line.split()[0] for line in part.splitlines()] == names, code


# ---- findings


def rows_of(path: Path) -> list[Any] | None:
    """Return the rows of a file as Python reads them; None if it does not."""
    try:
        text = path.read_bytes().decode("utf-8")
        lines = text.splitlines() if path.suffix == ".jsonl" else []
        rows = [json.loads(line) for line in lines] if lines else json.loads(text)
    except (ValueError, RecursionError):
        return None
    return rows if isinstance(rows, list) else None


def paths_of(value: Any) -> list[str]:
    """Return the paths that `image` names; none if anything in it is faulty."""
    paths = [value] if isinstance(value, str) else value
    if not isinstance(paths, list) or not all(isinstance(p, str) and p.strip() for p in paths):
        return []
    return paths


def shown(text: str) -> str:
    return text.encode("utf-8", "surrogatepass").decode("utf-8", "backslashreplace")


def id_of(entry: dict[str, Any]) -> str | None:
    """Return the id as findings name it."""
    ident = entry.get("id")
    if isinstance(ident, bool) or not isinstance(ident, (str, int)) or not str(ident).strip():
        return None
    return shown(str(ident))


def subjects_of(entry: Any) -> Iterator[tuple[str, str]]:
    """Yield the images and the id of a row that findings may be about, and other rows may share."""
    if not isinstance(entry, dict):
        return
    for path in paths_of(entry.get("image")):
        yield "image", shown(path)
    ident = id_of(entry)
    if ident is not None:
        yield "id", ident


def columns_in(entry: Any) -> list[str]:
    """Return what a row has in those columns of which a program may ignore one."""
    if not isinstance(entry, dict):
        return []
    turns = entry.get("conversations")
    return ["images"] * bool(paths_of(entry.get("image"))) + ["turns"] * (isinstance(turns, list) and bool(turns))


def is_odd(entry: Any) -> bool:
    turns = entry.get("conversations") if isinstance(entry, dict) else None
    return isinstance(turns, list) and len(turns) % 2 == 1


ABOUT_MEDIA = {"ROW208", "TOK401", "TOK402", "TOK404", "TOK405"}
READ_IMAGE_ALONE = {"llava-1.5", "llava-next", "llava-next-qwen", "qwen-vl", "qwen-vl-series", "internvl"}


def is_unread(finding: dict[str, Any], dialect: str, trainer: str) -> bool:
    """Whether a finding is about images in a column that the trainer ignores: the row is trained without them."""
    return finding["rule"] in ABOUT_MEDIA and dialect not in ("llava", "messages") and trainer in READ_IMAGE_ALONE


def check_row_effects(report: dict[str, Any], folder: Path, at_least: int) -> int:
    """Check that each row's effect is the worst of its findings'. Return how many were compared."""
    own: dict[tuple[str, int], list[str]] = {}
    shared: dict[tuple[str, str], list[str]] = {}
    dialects = {f["name"]: f["dialect"] for f in report["dataset"]["files"]}
    for f in report["findings"]:
        if f["rule"] == "JSN117":  # it is about all rows of the file with such a column
            shared.setdefault((f["case"].removesuffix("-gone"), f["file"]), []).append(f["effect"])
        elif f["rule"] == "ROW218" and f.get("case") == "preference":  # about all rows of the file
            shared.setdefault(("preference", f["file"]), []).append(f["effect"])
        elif "file" in f:
            if is_unread(f, dialects[f["file"]], report["dataset"]["trainer"]):
                continue
            own.setdefault((f["file"], f.get("row", -1)), []).append(effect_of(f))
        elif f["rule"] not in {"SET602", "ROW214"}:  # these are about no single row
            kind = "image" if "image" in f else "id"
            shared.setdefault((kind, f[kind]), []).append(f["effect"])
    # a row that has what all others of its file lack may be trained although they are left out
    spared = {(f["file"], f.get("row")) for f in report["findings"] if f["rule"] == "JSN117" and f["case"] == "turns" or f.get("case") == "preference"}
    misnamed = {f["file"] for f in report["findings"] if f["rule"] == "JSN103" and f["case"] in ("array", "json-lines")}
    renamed = {(f["file"], f["row"]) for f in report["findings"] if f["rule"] == "CNV302"}
    said = {(e["file"], e["row"]): e["effect"] for e in report["effects"]}
    every = [(f["name"], n) for f in report["dataset"]["files"] for n in range(f["rows"])]
    after = dict(zip(every, every[1:], strict=False)) if report["dataset"]["trainer"] in TAKES_NEXT else {}
    assert len(said) == len(report["effects"]) and "fine" not in said.values()
    compared = 0
    for file in report["dataset"]["files"]:
        rows = rows_of(folder / file["name"])
        if rows is None or file["name"] in misnamed or file["dialect"] != "llava":  # findings only give a lower limit for their rows
            for n in range(file["rows"]):
                least = worst(own.get((file["name"], n), []))
                effect = said.get((file["name"], n), "fine")
                least = "refused" if least == "not loaded" else least
                assert ORDER.index(effect) <= ORDER.index(least), (file["name"], n)
            continue
        assert len(rows) == file["rows"]
        for n, entry in enumerate(rows):
            effects = list(own.get((file["name"], n), []))
            for subject in [*subjects_of(entry), *((column, file["name"]) for column in [*columns_in(entry), "preference"])]:
                effects += shared.get(subject, [])
            if report["dataset"]["trainer"] == TAKES_PAIRS and is_odd(entry):
                effects.append("crash")
            wanted = worst(effects).replace("not loaded", "refused")
            if report["dataset"]["trainer"] == TAKES_PAIRS and (file["name"], n) in renamed and said.get((file["name"], n)) == "crash":
                wanted = "crash"  # the pairs are those of the roles that it knows
            if wanted == "dropped" and (file["name"], n) in spared:
                wanted = "unknown"
            if wanted == "replaced" and report["dataset"]["trainer"] in TAKES_NEXT:  # it is replaced by a row that must not fail
                follower = said.get(after.get((file["name"], n), ("", -1)), "fine")
                if (file["name"], n) not in after or follower in ("replaced", "crash"):
                    wanted = "crash"
            assert said.get((file["name"], n), "fine") == wanted, (file["name"], n)
            compared += 1
    assert compared >= at_least
    return compared


def check_counts(report: dict[str, Any]) -> None:
    """Check that the summary is the sum of the lists."""
    counts = report["summary"]["trainer"]
    listed = [e["effect"] for e in report["effects"]]
    for effect in EFFECTS[:-1]:
        assert counts[effect] == listed.count(effect), effect
    assert sum(counts[effect] for effect in EFFECTS) == report["summary"]["rows"]
    of_rows = {("JSN117", "image"), ("JSN117", "messages")}
    stopping = [f for f in report["findings"] if f["rule"].startswith("JSN") and f["rule"] != "JSN108" and (f["rule"], f.get("case")) not in of_rows]
    assert counts["files"] == len({f["file"] for f in stopping if f["effect"] in ("crash", "refused")})


@pytest.mark.parametrize("name", READS_LLAVA)
@pytest.mark.parametrize("fixture", ["demo", "rules"])
def test_effects(fixture: str, name: str, explained: dict[str, list[Effect]], tmp_path: Path) -> None:
    report = check(FIXTURES / fixture, tmp_path, "--trainer", name)
    said = {(e["file"], e["row"]): e["effect"] for e in report["effects"]}
    for f in report["findings"]:
        usual = explained_effect(explained, f["rule"], f.get("case", ""), name)
        if f["effect"] != usual:  # something else decides what happens to its rows
            rows = [f] if "row" in f else f["rows"]["first"]
            shown = {said.get((row["file"], row["row"]), "fine") for row in rows}
            assert EFFECTS.index(f["effect"]) >= min(map(EFFECTS.index, shown)), f
            assert "dropped" not in shown or len(shown) > 1 or f["effect"] == "dropped", f
    if fixture == "rules":  # empty files beside rows are not read
        elsewhere = {code for code in explained if code.startswith(("IDX", "ARC", "HUB"))} | {"JSN103", "JSN110", "SET604"}
        assert {f["rule"] for f in report["findings"]} >= explained.keys() - elsewhere
    check_counts(report)
    check_row_effects(report, FIXTURES / fixture, 700 if fixture == "rules" else 0)


ONE_TYPE = {"llama-factory"}  # trainers that refuse files with several types in a column (JSN115)


def make_shared(folder: Path) -> Path:
    """Make good and bad rows that share images and ids, in two files of valid JSON."""
    (folder / "images").mkdir(parents=True)
    shutil.copy(GOOD_JPEG, folder / "images/good.jpg")
    (folder / "images/cut.jpg").write_bytes(GOOD_JPEG.read_bytes()[:2000])
    (folder / "images/empty.jpg").write_bytes(b"")
    images: list[Any] = ["good.jpg", "cut.jpg", "empty.jpg", "gone.jpg", ["good.jpg", "cut.jpg"], None]
    images += [["cut.jpg", "gone.jpg"], ["good.jpg", "good.jpg"], "../out.jpg", [], "images/good.jpg"]
    rows = [row(f"id{n % 7}", image, f"answer {n}") for n, image in enumerate(images * 4)]
    rows += [row(n % 3 if n % 2 else str(n % 3), "good.jpg", f"text {n}") for n in range(9)]
    for n, entry in enumerate(rows):
        if n % 5 == 4:  # its own fault may be worse than its image's
            entry["conversations"] = entry["conversations"][: n % 2]
        if n % 7 == 6:
            entry["conversations"][-1:] = [{"from": "gpt", "value": " "}]
    write_rows(folder / "a.json", rows[:30])
    write_rows(folder / "b.json", [*rows[30:], row("last", "gone.jpg")])
    return folder


@pytest.mark.parametrize("name", READS_LLAVA)
def test_rows_that_share(name: str, tmp_path: Path) -> None:
    """More rows share an image or an id than a finding lists."""
    report = check(make_shared(tmp_path / "set"), tmp_path, "--trainer", name)
    assert check_row_effects(report, tmp_path / "set", 54) == 54
    check_counts(report)
    counts = report["summary"]["trainer"]
    assert counts["files"] == (2 if name in ONE_TYPE else 0) and sum(counts[e] for e in EFFECTS[:4]) > 3
    many = [f for f in report["findings"] if f.get("rows", {"count": 0})["count"] > 3]
    assert {f["rule"] for f in many} >= {"ROW206", "ROW207", "IMG501", "IMG504", "IMG507"}
    # the only thing wrong with the last row is an image that it shares
    last = {(e["file"], e["row"]): e["effect"] for e in report["effects"]}.get(("b.json", 23), "fine")
    (gone,) = [f["effect"] for f in report["findings"] if f.get("image") == "gone.jpg"]
    assert last == ("crash" if name in TAKES_NEXT else gone) != "fine"


def test_what_is_not_listed_counts(tmp_path: Path) -> None:
    """--show selects which findings are listed, not which effects count."""
    said = []
    for level in ("info", "warning", "error"):
        at = ["check", FIXTURES / "rules", "--no-index", "-f", "json", "--show", level]
        said.append(json.loads(run(*at, cwd=tmp_path).out))
    assert len({len(report["findings"]) for report in said}) == 3
    assert said[0]["effects"] == said[1]["effects"] == said[2]["effects"]
    for report in said:
        assert report["summary"].pop("listed") == len(report["findings"])
    assert said[0]["summary"] == said[1]["summary"] == said[2]["summary"]


@pytest.mark.parametrize("trainer", [(), ("--trainer", "qwen-vl")])
def test_unknown_effects_fail_on_request(trainer: tuple[str, ...], tmp_path: Path) -> None:
    """An image that was not verified is never trained as written; --fail-on unknown fails it."""
    images = str(FIXTURES / "rules/images")
    for name, code, said in (("IMG521-fires-im", 1, "; some effects are unknown"), ("IMG521-ok-bmp", 0, "")):
        at = ["check", FIXTURES / f"rules/{name}.json", "--no-index", "--images", images, *trainer]
        assert run(*at, cwd=tmp_path).code == 0
        failing = run(*at, "--fail-on", "unknown", cwd=tmp_path)
        assert failing.code == code and said in failing.out.decode()
        effects, verdict = failing.out.decode().splitlines()[-2:]
        assert ("1 of 2 rows has an unknown effect" in effects) == bool(code)
        assert verdict.startswith("FAILED: " if code else "OK: ")
        assert run(*at, "--fail-on", "unknown", "--exit-zero", "-q", cwd=tmp_path).code == 0


@pytest.mark.parametrize("fixture", ["demo", "rules", "small"])
def test_the_verdict_stays(fixture: str, tmp_path: Path) -> None:
    """A trainer only changes effects: no level, no exit code, no other number."""
    path = FIXTURES / fixture
    if fixture == "small":  # only a warning, which no trainer makes worse
        path = write_rows(tmp_path / "rows.json", [row(1, None, " "), row(2, None)])
    said: dict[str, Any] = {name: check(path, tmp_path, "--trainer", name) for name in READS_LLAVA}
    moved = set()
    for name, report in said.items():
        effects = [[f.pop("effect") for f in report["findings"]], report.pop("effects")]
        effects.append(report["summary"].pop("trainer"))
        assert report["dataset"].pop("trainer") == effects[-1].pop("name") == name
        moved.add(json.dumps(effects))
    assert len({json.dumps(report) for report in said.values()}) == 1
    assert said[DEFAULT]["code"] == (0 if fixture == "small" else 1)
    assert len(moved) > 1
    for level in ("error", "warning", "info"):
        at = ["check", path, "--no-index", "-q", "--fail-on", level]
        names = READS_LLAVA[::4] if fixture == "rules" else READS_LLAVA
        codes = {run(*at, "--trainer", name, cwd=tmp_path).code for name in names}
        assert codes == {0 if fixture == "small" and level == "error" else 1}


# ---- the sentence


READS = {
    "llava-1.5": "it loads only .json files",
    "llava-next": "it loads a .jsonl only when a mixture .yaml names it",
    "llava-next-qwen": "it loads a .jsonl only when a mixture .yaml names it",
    "qwen-vl-series": "it reads a rows file as one JSON value",
    "internvl": "it loads only .jsonl files",
    "xtuner": "it reads each line as a row",
    "webdataset": "it loads only shards",
    "energon": "it loads only shards",
}
READS_NO_MIXTURES = ("llava-1.5", "qwen-vl-series")
STARTS_WITHOUT_TURNS = ("qwen-vl", "qwen-vl-series", "internvl", "ms-swift")


@pytest.mark.parametrize("name", READS_LLAVA)
def test_forms_that_are_loaded(name: str, tmp_path: Path) -> None:
    """A form that the program does not load is reported, whatever its rows."""
    turns = [{"from": "human", "value": "What?"}, {"from": "gpt", "value": "That."}]
    text = json.dumps({"id": "a", "conversations": turns})
    (tmp_path / "a.json").write_text(f"[{text}]\n")
    (tmp_path / "b.jsonl").write_text(f"{text}\n")
    (tmp_path / "m.yaml").write_text("datasets: [{json_path: b.jsonl}]\n")
    loads = {"a.json": name != "internvl", "b.jsonl": name == "internvl" or name not in READS,
             "m.yaml": name not in READS_NO_MIXTURES}  # fmt: skip
    for path, loaded in loads.items():
        report = check(tmp_path / path, tmp_path, "--trainer", name)
        assert report["summary"]["trainer"]["unloaded"] == (not loaded), path
        said = sentence_said(tmp_path / path, tmp_path, name)
        assert said == (f"{name} trains the 1 row as written" if loaded else f"{name}: {READS[name]}. 1 of 1 row would be trained as written")
        assert run(tmp_path / path, "--no-index", "--trainer", name, cwd=tmp_path).out.endswith(b"OK: no errors in 1 row and 0 images\n")


def test_what_does_not_start_is_not_ok(tmp_path: Path) -> None:
    """A report has both that the job does not start and that the check failed, or neither."""
    text = json.dumps(one_row())
    (tmp_path / "a.json").write_text(f"[{text},]")
    out = run("a.json", "--no-index", cwd=tmp_path).out.decode()
    assert "\nllava-next does not start: its loader rejects the file. " in out and "\nFAILED: " in out
    out = run("a.json", "--no-index", "--ignore", "JSN", cwd=tmp_path).out.decode()
    assert "\nllava-next: its loader rejects the file. " in out and "\nOK: 1 error ignored" in out
    assert "does not start" not in out


def asked(text: str, **members: Any) -> dict[str, Any]:
    return {"messages": [{"role": "user", "content": text}, {"role": "assistant", "content": "That."}], **members}


# rows without an error, and whether they stop LLaMA-Factory
STOPPED: dict[str, tuple[list[Any], bool]] = {
    "sound": ([asked("<image>What?", images=["good.jpg"])], False),
    "no placeholder": ([asked("What?", images=["good.jpg"])], True),
    "column type": ([asked("What?", n=1), asked("What else?", n="1")], True),
}


@pytest.mark.parametrize("case", STOPPED)
def test_a_named_trainer_that_stops_fails_the_set(case: str, tmp_path: Path) -> None:
    rows, stops = STOPPED[case]
    write_rows(tmp_path / "a.json", rows)
    shutil.copy(GOOD_JPEG, tmp_path / "good.jpg")
    named = ("a.json", "--no-index", "--trainer", "llama-factory")
    done = run(*named, cwd=tmp_path)
    last = done.out.decode().splitlines()[-1]
    assert done.code == stops and last.startswith("FAILED: " if stops else "OK: ")
    assert last.endswith("; llama-factory stops") == stops
    for name in ("json", "markdown"):
        text = run(*named, "-f", name, cwd=tmp_path).out.decode()
        assert ("FAILED: " in text, "; llama-factory stops" in text) == (stops, stops)
    # the others were not requested, and hidden findings are accepted
    assert run("a.json", "--no-index", cwd=tmp_path).code == 0
    assert run("a.json", "--no-index", "--trainer", "ms-swift", cwd=tmp_path).code == 0
    assert run(*named, "--ignore", "TOK402,JSN115", cwd=tmp_path).code == 0
    assert run(*named, "--exit-zero", cwd=tmp_path).code == 0
    # a dialect that it does not read
    done = run("a.json", "--no-index", "--trainer", "llava-next", cwd=tmp_path)
    assert done.code == 1 and b"; llava-next stops\n" in done.out


# what happens to trainers that do not read LLaVA's dialect
UNREAD = {"trl": "ValueError at start-up: the data set is not conversational"}


def sentence(report: dict[str, Any]) -> str:
    """Return the sentence of the text report, made from the JSON's counts."""
    counts, rows = report["summary"]["trainer"], report["summary"]["rows"]
    name, plural = counts["name"], "" if rows == 1 else "s"
    before = ""
    if counts["files"]:
        if not rows:
            return f"{name} does not start: its loader gets no rows"
        before = f"{name} does not start: its loader rejects {'the file' if counts['files'] == 1 else 'files'}. "
    elif counts["unloaded"]:
        before = f"{name}: {READS[name]}. "
    elif name in UNREAD:
        before = f"{name} does not read the llava dialect: {UNREAD[name]}. "
    elif counts["fine"] == rows:
        return f"{name} trains {'the' if rows == 1 else 'all'} {rows:,} row{plural} as written"
    would = bool(counts["files"] or counts["unloaded"] or counts["refused"])
    words = {
        "refused": ("keeps it from starting", "keep it from starting"),
        "crash": would_be("stops it", "stop it", would),
        "replaced": would_be("is silently replaced by another row", "are silently replaced by another row", would),
        "dropped": would_be("is left out", "are left out", would),
        "unknown": ("has an unknown effect", "have an unknown effect"),
        "altered": would_be("is trained altered", "are trained altered", would),
        "fine": ("as written",) * 2 if counts["altered"] else would_be("is trained as written", "are trained as written", would),
    }
    parts = [f"{counts[effect]:,} {said[counts[effect] != 1]}" for effect, said in words.items() if counts[effect]]
    number, said = parts[0].split(" ", 1)
    parts[0] = f"{number} of {rows:,} row{plural} {said}"
    listed = " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)
    starts = report["code"] == 0 or not counts["refused"]
    return (before or f"{name}{'' if starts else ' does not start'}: ") + listed + sentence_on_lengths(counts)


def would_be(one: str, several: str, would: bool) -> tuple[str, str]:
    """What is said about one row and about several, or, of a job that does not start, about any number."""
    return (f"would {'be' if several.startswith('are ') else ''} {several.removeprefix('are ')}".replace("  ", " "),) * 2 if would else (one, several)


def sentence_on_lengths(counts: dict[str, Any]) -> str:
    longer, perhaps = counts.get("longer", 0), counts.get("perhaps_longer", 0)
    if not longer and not perhaps:
        return ""
    if not longer:
        return f". By estimate, {perhaps:,} row{'' if perhaps == 1 else 's'} may be longer than {counts['limit']:,} tokens"
    more = f", and {perhaps:,} more may be" if perhaps else ""
    return f". By estimate, {longer:,} row{' is' if longer == 1 else 's are'} longer than {counts['limit']:,} tokens{more}"


def sentence_said(path: Path, scratch: Path, name: str) -> str:
    """Return the line before the verdict, which must agree with the JSON report."""
    done = run("check", path, "--no-index", "--trainer", name, "--dialect", "llava", cwd=scratch)
    lines = done.out.decode("utf-8").splitlines()
    assert lines[-1].startswith(("FAILED: ", "OK: "))
    assert lines[-2] == sentence(check(path, scratch, "--trainer", name, "--dialect", "llava"))
    assert sum(bool(re.search(rf"^{name}[: ]", line)) for line in lines) == 1
    return lines[-2]


@pytest.mark.parametrize("name", TRAINERS)
@pytest.mark.parametrize("fixture", ["demo", "rules", "shared"])
def test_sentence(fixture: str, name: str, tmp_path: Path) -> None:
    path = make_shared(tmp_path / "set") if fixture == "shared" else FIXTURES / fixture
    said = sentence_said(path, tmp_path, name)
    starts = (fixture == "shared" and name in STARTS_WITHOUT_TURNS) or (fixture, name) == ("demo", "ms-swift")
    reads_no_json = name in READERS_OF_SHARDS or (fixture, name) in {("shared", "xtuner"), ("demo", "trl")}
    stops = "keep it from starting" if reads_no_json else "does not start"
    assert (stops in said) == (not starts)


def one_row(**members: Any) -> dict[str, Any]:
    return {**row("a", None), **members}


PLAIN = [row(n, None, f"answer {n}") for n in range(1200)]
CASES: dict[str, tuple[str, str]] = {
    "one": (json.dumps(PLAIN[:1]), "llava-next trains the 1 row as written"),
    "all": (json.dumps(PLAIN[:3]), "llava-next trains all 3 rows as written"),
    "many": (json.dumps(PLAIN), "llava-next trains all 1,200 rows as written"),
    "one-crash": (json.dumps([one_row(conversations=[])]), "llava-next does not start: 1 of 1 row keeps it from starting"),
    "crash": (
        json.dumps([*PLAIN[:2], one_row(conversations=[])]),
        "llava-next does not start: 1 of 3 rows keeps it from starting and 2 would be trained as written",
    ),
    "altered": (
        json.dumps([one_row(images=["a.jpg"])]),
        "llava-next: 1 of 1 row is trained altered",
    ),
    "both": (
        json.dumps([one_row(images=["a.jpg"]), *PLAIN]),
        "llava-next: 1 of 1,201 rows is trained altered and 1,200 as written",
    ),
    "three": (
        json.dumps([one_row(image=7), one_row(images=["a.jpg"]), PLAIN[5]]),
        "llava-next: 1 of 3 rows is silently replaced by another row, 1 is trained altered and 1 as written",
    ),
    "all-replaced": (
        json.dumps([one_row(image=7), PLAIN[3], one_row(image=None), PLAIN[4]]),
        "llava-next: 2 of 4 rows are silently replaced by another row and 2 are trained as written",
    ),
    "none-to-replace": (
        json.dumps([PLAIN[3], one_row(image=7), one_row(image=None)]),
        "llava-next: 2 of 3 rows stop it and 1 is trained as written",
    ),
    "broken": (
        '[{"id": 1,}, ' + json.dumps(PLAIN[2]) + "]",
        "llava-next does not start: its loader rejects the file. "
        "1 of 2 rows keeps it from starting and 1 would be trained as written",
    ),
    "mark": (  # no row has a fault
        "\ufeff" + json.dumps(PLAIN[:2]),
        "llava-next does not start: its loader rejects the file. 2 of 2 rows would be trained as written",
    ),
    "no-rows": ("[]", "llava-next does not start: its loader gets no rows"),
}


def test_a_note_that_does_harm_is_named(tmp_path: Path) -> None:
    """Findings below the listed levels say so if the trainer does not take their rows as written."""
    (tmp_path / "images").mkdir()
    shutil.copy(GOOD_JPEG, tmp_path / "images/a.jpg")
    rows = write_rows(tmp_path / "rows.json", [row("a", ["a.jpg"])])
    for name, told in {"llava-1.5": " (llava-1.5: crash)", "llava-next": ""}.items():
        done = run("check", rows, "--no-index", "--trainer", name, "--select", "ROW217", cwd=tmp_path)
        assert f"1 note{told} not listed: --show info\n" in done.out.decode()
        assert (b"llava-1.5 stops" in done.out) == bool(told)


def test_what_is_not_known(tmp_path: Path) -> None:
    """A trainer whose source does not show what happens to a video."""
    (tmp_path / "set/videos").mkdir(parents=True)
    (tmp_path / "set/videos/v.mp4").write_bytes(b"frames")
    video = [{**row(f"v{n}", "", f"answer {n}"), "video": "v.mp4"} for n in range(2)]
    for entry in video:
        del entry["image"]
    wrong = one_row(id="w", video="v.mp4", conversations=[])  # worse than an unknown effect
    write_rows(tmp_path / "set/rows.json", [*video, wrong, PLAIN[0]])
    said = sentence_said(tmp_path / "set", tmp_path, "qwen-vl")
    assert said == (
        "qwen-vl: 1 of 4 rows is silently replaced by another row, "
        "2 have an unknown effect and 1 is trained as written"
    )
    report = check(tmp_path / "set", tmp_path, "--trainer", "qwen-vl")
    assert [e["effect"] for e in report["effects"]] == ["unknown", "unknown", "replaced"]
    check_counts(report)


def turns(question: str, answer: str) -> list[dict[str, str]]:
    return [{"role": "user", "content": question}, {"role": "assistant", "content": answer}]


@pytest.mark.parametrize("name", ["llama-factory", "ms-swift"])
def test_videos_of_modern_rows(name: str, tmp_path: Path) -> None:
    """Their programs read videos, so only a missing one does harm."""
    (tmp_path / "set").mkdir()
    (tmp_path / "set/v.mp4").write_bytes(b"frames")
    good = {"messages": turns("<video>What is it?", "A cat."), "videos": ["v.mp4"]}
    write_rows(tmp_path / "set/rows.json", [good, {**good, "videos": ["w.mp4"]}, good])
    report = check(tmp_path / "set", tmp_path, "--trainer", name)
    harm = {"llama-factory": "refused", "ms-swift": "replaced"}[name]
    assert [(e["row"], e["effect"]) for e in report["effects"]] == [(1, harm)]
    check_counts(report)


def test_a_row_that_is_left_out(tmp_path: Path) -> None:
    """Its other faults do not matter; but a file that is not loaded has no rows."""
    (tmp_path / "set").mkdir()
    shutil.copy(GOOD_JPEG, tmp_path / "set/good.jpg")
    answers = [{"from": "gpt", "value": "A cat."}]
    out = {**row("a", "gone.jpg", "<image>"), "conversations": answers}
    good = row("b", "good.jpg", "A cat.")
    write_rows(tmp_path / "set/rows.json", [good, out])
    report = check(tmp_path / "set", tmp_path, "--trainer", "llama-factory")
    assert {f["effect"] for f in report["findings"] if f.get("row") == 1} >= {"dropped"}
    assert not {f["effect"] for f in report["findings"]} & {"refused", "crash"}
    assert [(e["row"], e["effect"]) for e in report["effects"]] == [(1, "dropped")]
    write_rows(tmp_path / "set/rows.json", [good, {**out, "id": 7}])
    report = check(tmp_path / "set", tmp_path, "--trainer", "llama-factory")
    assert [(e["row"], e["effect"]) for e in report["effects"]] == [(1, "refused")]
    assert "refused" in {f["effect"] for f in report["findings"] if f["rule"] == "IMG501"}


def test_no_row_is_left(tmp_path: Path) -> None:
    """A program that leaves out every row does not start."""
    answers = [{"from": "gpt", "value": "A cat."}]
    write_rows(tmp_path / "rows.json", [{"conversations": answers}] * 2)
    report = check(tmp_path / "rows.json", tmp_path, "--trainer", "llama-factory")
    assert {e["effect"] for e in report["effects"]} == {"refused"}
    assert report["code"] == 1
    check_counts(report)


SYSTEM = {"from": "system", "value": "Be short."}


def spoken(order: str, tag: str = "") -> list[dict[str, Any]]:
    """Make turns of human and gpt from letters such as "hg"; the tag is in the first turn."""
    return [{"from": {"h": "human", "g": "gpt"}[who], "value": f"{tag if n == 0 else ''} Turn {n}."} for n, who in enumerate(order)]


@pytest.mark.parametrize(
    ("rule", "case", "changes"),
    [
        ("CNV302", "no-question", {"conversations": [SYSTEM, {"from": "gpt", "value": "A cat."}]}),
        ("CNV302", "no-turn", {"conversations": [SYSTEM]}),
        ("CNV301", "no-value", {"conversations": [SYSTEM, {"from": "human"}, {"from": "gpt", "value": "A cat."}]}),
        ("CNV301", "no-value-disordered", {"conversations": [SYSTEM, {"from": "gpt"}]}),
        ("CNV301", "null-answer", {"conversations": [{"from": "human", "value": "What?"}, {"from": "gpt", "value": None}]}),
        ("CNV301", "null-question-disordered", {"conversations": [{"from": "human", "value": None}]}),
        ("CNV302", "first-model", {"conversations": [{"from": "chatgpt", "value": "A cat."}]}),
        ("CNV302", "first-observation", {"conversations": [{"from": "observation", "value": "A cat."}, {"from": "gpt", "value": "A."}]}),
        ("CNV302", "later-tool", {"conversations": [{"from": "human", "value": "What?"}, {"from": "observation", "value": "7"}]}),
        ("CNV301", "neither", {"conversations": [SYSTEM, {}]}),
        ("CNV302", "first-system", {"conversations": [SYSTEM, *row("a", "", "A cat.")["conversations"]]}),
        ("CNV302", "first-system-in-text", {"image": ..., "conversations": [SYSTEM, *spoken("hg")]}),
        ("CNV302", "first-system-again", {"image": ..., "conversations": [SYSTEM, *spoken("hg"), SYSTEM]}),
        ("CNV302", "no-question-in-text", {"image": ..., "conversations": [SYSTEM, *spoken("g")]}),
        ("CNV302", "no-question-tagged", {"conversations": [{**SYSTEM, "value": "<image>"}, *spoken("g")]}),
        ("CNV302", "later-system", {"conversations": [*spoken("h"), SYSTEM]}),
        ("CNV302", "later-system-answered", {"conversations": [*spoken("hg"), SYSTEM]}),
        ("CNV302", "later-assistant", {"conversations": [*spoken("hgg"), {"from": "assistant", "value": "So."}]}),
        ("CNV302", "later-answer", {"conversations": [*spoken("hgg"), *({"from": who, "value": "So."} for who in ("assistant", "bot"))]}),
        ("CNV301", "from-nested", {"conversations": [*spoken("h"), {"from": ["gpt"], "value": "A cat."}]}),
        ("CNV301", "from-nested-tagged", {"conversations": [{"from": {"a": 1}, "value": "<image>"}, *spoken("g")]}),
        ("CNV301", "from-not-text", {"conversations": [*spoken("h"), {"from": 1, "value": "A cat."}]}),
        ("CNV301", "number-answer", {"conversations": [*spoken("h", "<image>"), {"from": "gpt", "value": 7}]}),
        ("CNV301", "number-miscounted", {"conversations": [*spoken("h"), {"from": "gpt", "value": 7}]}),
        ("CNV301", "zero-miscounted", {"image": ..., "conversations": [*spoken("h", "<image>"), {"from": "gpt", "value": 0}]}),
        ("CNV301", "nan-miscounted", {"conversations": [*spoken("h"), {"from": "gpt", "value": float("nan")}]}),
        ("CNV301", "system-not-text", {"conversations": [{**SYSTEM, "value": ["Be short."]}, *spoken("hg")]}),
        ("CNV302", "tagged-system", {"conversations": [{**SYSTEM, "value": "<image>"}, *spoken("hg")]}),
        ("CNV302", "tagged-system-full", {"conversations": [{**SYSTEM, "value": "<image>"}, *spoken("hg", "<image>")]}),
        ("CNV309", "video-pad", {"conversations": spoken("hg", "<image><|video_pad|>")}),
        ("CNV309", "video-pad-in-text", {"image": ..., "conversations": spoken("hg", "<|video_pad|>")}),
        ("CNV301", "number-system", {"conversations": [{**SYSTEM, "value": 7}, *spoken("hg")]}),
        ("CNV304", None, {"conversations": spoken("g", "<image>")}),
        ("CNV304", "text", {"image": ..., "conversations": spoken("g")}),
        ("CNV304", "even-in-text", {"image": ..., "conversations": spoken("gh")}),
        ("TOK402", None, {"conversations": spoken("hg")}),
        ("TOK402", "unasked", {"conversations": spoken("ghg")}),
        ("TOK402", None, {"image": ..., "video": "", "conversations": spoken("hg"), "found": []}),
        ("TOK404", "equal", {"conversations": [*spoken("h"), *spoken("g", "<image>")]}),
        ("TOK404", "equal-shifted", {"conversations": [*spoken("g", "<image>"), *spoken("h")]}),
        ("TOK406", "pad", {"conversations": spoken("hg", "<image> <|image_pad|>")}),
        ("TOK406", "pad-in-text", {"image": ..., "conversations": spoken("hg", "<|image_pad|>")}),
        ("ROW211", "beside-image", {"video": "v.mp4"}),
        ("ROW212", "beside-image", {"video": "v.mp4"}),
        ("ROW211", None, {"video": "v.mp4", "image": None}),
        ("ROW212", None, {"video": "v.mp4", "image": None}),
        ("ROW212", "outside", {"video": "/v.mp4", "image": None}),
        ("ROW212", "outside", {"video": "../v.mp4", "image": None}),
        ("ROW212", None, {"video": "C:/v.mp4", "image": None}),
        ("ROW212", "list", {"video": ["/v.mp4"], "image": None}),
        ("ROW212", "outside-beside-image", {"video": "/v.mp4"}),
    ],
)
def test_cases_of_rows(rule: str, case: str | None, changes: dict[str, Any], tmp_path: Path) -> None:
    made = {key: value for key, value in {**row("b", "good.jpg", "A dog."), **changes}.items() if value is not ...}
    wanted = made.pop("found", [case])
    write_rows(tmp_path / "rows.json", [row("a", "good.jpg", "A cat."), made])
    report = check(tmp_path / "rows.json", tmp_path)
    assert [f.get("case") for f in report["findings"] if f["rule"] == rule] == wanted


def effects_on(path: Path, scratch: Path, trainer: str) -> list[str]:
    """Return what a trainer does with each row."""
    report = check(path, scratch, "--trainer", trainer)
    known = {effect["row"]: effect["effect"] for effect in report["effects"]}
    return [known.get(n, "fine") for n in range(report["summary"]["rows"])]


@pytest.mark.parametrize(
    ("trainer", "wanted"),
    [
        ("llava-1.5", "altered altered crash crash altered fine"),
        ("llava-next", "altered altered crash replaced altered fine"),
        ("qwen-vl", "replaced altered altered altered altered fine"),
        ("qwen-vl-series", "crash altered crash altered altered fine"),
        ("internvl", "altered altered fine replaced altered fine"),
    ],
)
def test_sharegpt_where_only_image_is_read(trainer: str, wanted: str, tmp_path: Path) -> None:
    """Faults of media that are not read do not count; nor do roles that this dialect has, but LLaVA's has not."""
    media = {"images": ["good.jpg"]}
    rows: list[Any] = [
        {"conversations": spoken("hg", "<image>"), **media},
        {"conversations": spoken("hg"), **media},
        {"conversations": [SYSTEM, *spoken("hg")]},
        {"conversations": [{"from": "observation", "value": "It rains."}, *spoken("g")]},
        {"conversations": spoken("hg"), "images": [7]},
        {"conversations": spoken("hg")},
    ]
    shutil.copy(GOOD_JPEG, tmp_path / "good.jpg")
    suffix = "jsonl" if trainer == "internvl" else "json"
    text = "".join(json.dumps(row) + "\n" for row in rows) if suffix == "jsonl" else json.dumps(rows)
    (tmp_path / f"rows.{suffix}").write_text(text)
    assert " ".join(effects_on(tmp_path / f"rows.{suffix}", tmp_path, trainer)) == wanted


@pytest.mark.parametrize(
    ("changes", "trainer", "said"),
    [
        ({"images": ["gone.jpg"]}, "llava-1.5", ("altered", "only the key image is read: the row is trained without its media")),
        ({"image": "gone.jpg", "conversations": spoken("hhg", "<image>")}, "llama-factory",
         ("dropped", "the row is left out for another reason")),
    ],
)
def test_no_finding_is_worse_than_its_row(changes: dict[str, Any], trainer: str, said: tuple[str, str], tmp_path: Path) -> None:
    """The program reads no `images`, or leaves the row out: that the image is missing changes nothing."""
    media = {key: ["good.jpg"] if key == "images" else "good.jpg" for key in changes if key != "conversations"}
    good = {"conversations": spoken("hg", "<image>"), **media}
    (tmp_path / "set").mkdir()
    shutil.copy(GOOD_JPEG, tmp_path / "set/good.jpg")
    (tmp_path / "set/rows.json").write_text(json.dumps([good, {**good, **changes}, good]))
    report = check(tmp_path / "set", tmp_path, "--trainer", trainer)
    assert effects_of(report)[1] == said[0]
    assert [f["effect"] for f in report["findings"] if f["rule"] == "IMG501"] == [said[0]]
    effect, what = said
    run("check", "set", "--index", "index", cwd=tmp_path)
    shown = {name: run("report", "index", "-t", trainer, "-f", name, cwd=tmp_path).out.decode()
             for name in ("csv", "sarif", "html", "text", "markdown")}
    assert f"IMG501,image-missing,error,{effect}," in shown["csv"]
    assert f"; {trainer}: {effect}, {what}" in shown["sarif"]
    assert f'"effect_text":"{what}"' in shown["html"]
    assert f"error IMG501 image-missing: 1 finding ({trainer}: {effect})" in shown["text"]
    assert f"{effect}; {what}" in shown["markdown"]



def test_placeholders_where_answers_belong(tmp_path: Path) -> None:
    """Qwen-VL-Series-Finetune reads turns in pairs, whatever their roles."""
    shutil.copy(GOOD_JPEG, tmp_path / "good.jpg")
    asked = {"from": "human", "value": "<image> Turn 1."}
    rows = [{"image": "good.jpg", "conversations": turns} for turns in (
        [SYSTEM, asked, *spoken("hg")], [asked, *spoken("g")], [*spoken("hg"), asked, *spoken("g")])]
    write_rows(tmp_path / "rows.json", rows)
    assert effects_on(tmp_path / "rows.json", tmp_path, "qwen-vl-series") == ["crash", "fine", "fine"]


def test_pictographs_are_long(tmp_path: Path) -> None:
    """Each has several tokens, so the few Latin letters around them do not determine the length."""
    texts = "A cat. " + "\U0001f325\ufe0f" * 700, "A cat. " + "It rains. " * 140
    write_rows(tmp_path / "rows.json", [{"conversations": [*spoken("h"), {"from": "gpt", "value": text}]} for text in texts])
    assert effects_on(tmp_path / "rows.json", tmp_path, "llava-1.5") == ["unknown", "fine"]


def test_one_odd_row_is_no_dialect(tmp_path: Path) -> None:
    """Pairs belong to LLaMA-Factory, which does not read the column of the other rows."""
    odd = {**row("b", "good.jpg", "A dog."), "conversations": [{"human": "<image>What?", "gpt": "A dog."}]}
    write_rows(tmp_path / "rows.json", [row("a", "good.jpg", "A cat."), odd, row("c", "good.jpg", "A cow.")])
    report = check(tmp_path / "rows.json", tmp_path)
    assert {finding.get("row") for finding in report["findings"] if finding["rule"] in ("CNV301", "ROW209")} == {1}


PART = {"type": "image", "image": "good.jpg"}
BARE = {"type": "image"}


@pytest.mark.parametrize(
    ("parts", "case", "ms_swift", "trl"),
    [
        ([PART], "twice", "replaced", "crash"),
        ([{"type": "image_url", "image_url": {"url": "good.jpg"}}], "twice", "replaced", "crash"),
        ([PART, BARE], "twice-filled", "replaced", "fine"),
        ([{"type": "image", "image": ""}], None, None, None),
        ([BARE], None, None, None),
    ],
)
def test_images_in_a_column_and_in_parts(parts: list[Any], case: str | None, ms_swift: str | None, trl: str | None, tmp_path: Path) -> None:
    """ms-swift asserts that the column has none; TRL fills parts that name no image."""
    good = [{"role": "user", "content": [BARE, {"type": "text", "text": "What?"}]}, {"role": "assistant", "content": "A cat."}]
    bad = [{"role": "user", "content": [*parts, {"type": "text", "text": "What?"}]}, {"role": "assistant", "content": "A dog."}]
    write_rows(tmp_path / "rows.json", [{"messages": turns, "images": ["good.jpg"]} for turns in (good, bad)])
    for trainer, effect in (("ms-swift", ms_swift), ("trl", trl)):
        report = check(tmp_path / "rows.json", tmp_path, "--trainer", trainer)
        found = [(f["row"], f.get("case"), f["effect"]) for f in report["findings"] if f["rule"] == "TOK401"]
        assert found == ([(1, case, effect)] if case else [])


@pytest.mark.parametrize(("answer", "case", "swift"), [
    ({"a": 1}, "answer-column-not-text", "replaced"), (7, "answer-column-not-text", "replaced"), (True, "answer-column-not-text", "replaced"),
    ([{"a": 1}], "answer-column-not-text", "replaced"), ({}, "answer-column-void", "altered"), ([], "answer-column-empty", "dropped"),
    (["x"], "answer-column-list", "fine"), (["x", "y"], "answer-column-list", "fine"),
])  # fmt: skip
def test_an_answer_in_a_column(answer: Any, case: str, swift: str, tmp_path: Path) -> None:
    """LLaMA-Factory has no answer for it, and leaves the row out. Both programs were run on these rows."""
    write_rows(tmp_path / "rows.json", [{"instruction": f"Say {n}.", "output": answer} for n in range(2)])
    for trainer, effect in ("llama-factory", "dropped"), ("ms-swift", swift):
        report = check(tmp_path / "rows.json", tmp_path, "--trainer", trainer)
        assert {(f["row"], f["case"], f["effect"]) for f in report["findings"] if f["rule"] == "CNV301"} == {(n, case, effect) for n in range(2)}
    if not isinstance(answer, dict) or not answer:
        return
    write_rows(tmp_path / "rows.json", [{"messages": [{"role": "user", "content": "Say it."}, {"role": "assistant", "content": answer}]}])
    report = check(tmp_path / "rows.json", tmp_path, "--trainer", "llama-factory")
    assert [f["effect"] for f in report["findings"] if f["rule"] == "CNV301"] == ["refused"]


@pytest.mark.parametrize(("row", "case", "factory", "swift"), [
    ({"input": 3}, "number-input", "refused", "fine"), ({"input": 2.5}, "number-input", "refused", "fine"),
    ({"input": True}, "input-not-text", "refused", "altered"), ({"input": ["q"]}, "input-not-text", "refused", "altered"),
    ({"input": {"a": "b"}}, "input-not-text", "refused", "altered"), *[({"input": void}, None, "", "") for void in ({}, [], 0, 0.0, False, None, "")],
    *[({"history": void}, None, "", "") for void in ("", {}, [], None, 0)], ({"history": [["a", "b", "c"]]}, "question-not-text", "refused", "replaced"),
    ({"instruction": None, "input": "Say it."}, None, "", ""), ({"instruction": "", "input": "Say it."}, None, "", ""),
])  # fmt: skip
def test_a_question_of_two_columns(row: dict[str, Any], case: str | None, factory: str, swift: str, tmp_path: Path) -> None:
    """What Python calls false is none, and so is an instruction that is null. Both programs were run on these rows."""
    sound = {"instruction": "Say a.", "input": "", "output": "a"}
    write_rows(tmp_path / "rows.json", [sound, sound | {"instruction": "Say b."} | row])
    for trainer, effect in ("llama-factory", factory), ("ms-swift", swift):
        report = check(tmp_path / "rows.json", tmp_path, "--trainer", trainer)
        found = [(f["row"], f["case"], f["effect"]) for f in report["findings"] if f["rule"] not in ("JSN115", "ROW204")]
        assert found == ([(1, case, effect)] if case else [])


@pytest.mark.parametrize(
    ("videos", "cases", "effects"),
    [
        (["gone.mp4"], ("list", "column-beside-image"), ("refused", "replaced")),
        (["/gone.mp4"], ("outside", "outside-column-beside-image"), ("unknown", "unknown")),
        (["../gone.mp4"], ("outside", "outside-column-beside-image"), ("unknown", "unknown")),
        (["good.jpg", "x\\y"], ("list", "column-beside-image"), ("refused", "replaced")),
    ],
)
def test_videos_in_a_column(videos: list[str], cases: tuple[str, str], effects: tuple[str, str], tmp_path: Path) -> None:
    """They are opened whether or not the row has images; effects of videos that were not looked for are not predicted."""
    good = {"messages": [{"role": "user", "content": "Q"}, {"role": "assistant", "content": "A."}], "images": [], "videos": []}
    for images, case, by_trl in ([], cases[0], "altered"), (["good.jpg"], cases[1], "fine"):
        question = "<image>" * len(images) + "<video>" * len(videos) + "What?"
        bad = {"messages": [{"role": "user", "content": question}, {"role": "assistant", "content": "A cat."}], "images": images, "videos": videos}
        write_rows(tmp_path / "rows.json", [good, bad])
        for trainer, effect in zip(("llama-factory", "ms-swift", "trl"), (*effects, by_trl), strict=True):
            report = check(tmp_path / "rows.json", tmp_path, "--trainer", trainer)
            assert [(f["case"], f["effect"]) for f in report["findings"] if f["rule"] == "ROW212"] == [(case, effect)]


def test_paths_between_tokens_of_vision(tmp_path: Path) -> None:
    """ms-swift reads only <img>."""
    rows = [{"conversations": [{"from": "user", "value": f"{text}What?"}, {"from": "assistant", "value": f"A {text[:3]}."}]}
            for text in ("<|vision_start|>good.jpg<|vision_end|>", "<img>good.jpg</img>", "")]
    write_rows(tmp_path / "rows.json", rows)
    report = check(tmp_path / "rows.json", tmp_path, "--trainer", "ms-swift")
    assert [(f["row"], f["severity"], f["effect"]) for f in report["findings"] if f["rule"] == "CNV309"] == [(0, "info", "altered")]


@pytest.mark.parametrize(("form", "case"), [("json", "control-character"), ("jsonl", "control-lines")])
def test_control_characters_by_form(form: str, case: str, tmp_path: Path) -> None:
    text = json.dumps(row("a", "good.jpg", "A_cat.")).replace("_", "\t")
    (tmp_path / f"rows.{form}").write_text(text + "\n" if form == "jsonl" else f"[{text}]")
    report = check(tmp_path / f"rows.{form}", tmp_path)
    assert [f.get("case") for f in report["findings"] if f["rule"] == "JSN101"] == [case]


def test_pictures_in_answers(tmp_path: Path) -> None:
    """They are the purpose of such rows in NExT-GPT."""
    (tmp_path / "set").mkdir()
    shutil.copy(GOOD_JPEG, tmp_path / "set/a.jpg")
    conversation = [{"from": "human", "value": "Draw."}, {"from": "gpt", "value": "Here: <image>"}]
    for key, count in ("output_image", 0), ("images", 1):
        write_rows(tmp_path / "set/rows.json", [{key: ["a.jpg"], "conversations": conversation}])
        report = check(tmp_path / "set", tmp_path)
        assert report["summary"]["by_rule"].get("TOK404", 0) == count


@pytest.mark.parametrize("case", CASES)
def test_wording(case: str, tmp_path: Path) -> None:
    text, wanted = CASES[case]
    path = tmp_path / "rows.json"
    path.write_text(text, encoding="utf-8")
    assert sentence_said(path, tmp_path, DEFAULT) == wanted


def test_several_files(tmp_path: Path) -> None:
    """Two of three files cannot be loaded."""
    for n, text in enumerate(['[{"id": 1,}]', json.dumps(PLAIN[:2]), '[{"id": 2,}]']):
        (tmp_path / "set").mkdir(exist_ok=True)
        (tmp_path / f"set/{n}.json").write_text(text, encoding="utf-8")
    said = sentence_said(tmp_path / "set", tmp_path, DEFAULT)
    assert said == (
        "llava-next does not start: its loader rejects files. "
        "2 of 4 rows keep it from starting and 2 would be trained as written"
    )


def test_rows_of_role_and_value(tmp_path: Path) -> None:
    """Programs that look up a turn's `from` fail; those that use other keys do not."""
    turns = [{"role": "user", "value": "What?"}, {"role": "assistant", "value": "That."}]
    write_rows(tmp_path / "rows.json", [{"conversations": turns}, {"conversations": [*turns, *turns]}])
    assert run("check", "rows.json", "--index", "index", "-q", cwd=tmp_path).code == 0
    for name in TRAINERS:
        done = run("report", "index", "-t", name, "-f", "json", cwd=tmp_path)
        effects = [e["effect"] for e in json.loads(done.out)["effects"]]
        if name in READ_ROLE:
            assert (done.code, effects) == (0, []), name
        else:
            assert (done.code, len(effects)) == (1, 2) and {*effects} < {"crash", "refused"}, name


# ---- comparing all trainers


def again(scratch: Path, *more: str) -> Any:
    """Return the JSON report from the index in the folder, and the exit code."""
    done = run("report", "index", "-f", "json", "--show", "info", *more, cwd=scratch)
    return {**json.loads(done.out), "code": done.code}


def compared(path: Path, scratch: Path) -> tuple[Any, dict[str, Any]]:
    """Return the report with --trainer all, and its part about each trainer; keep the index."""
    assert run("check", path, "--index", "index", "-q", cwd=scratch).code in (0, 1)
    report = again(scratch, "--trainer", "all")
    return report, {trainer["name"]: trainer for trainer in report.pop("trainers")}


MIXED = [row(0, None), one_row(image=7), one_row(images=["a.jpg"]), PLAIN[5], one_row(conversations=[])]
SETS = {
    "fine": json.dumps(PLAIN[:3]),
    "mixed": json.dumps(MIXED),
    "broken": '[{"id": 1,}, ' + json.dumps(PLAIN[2]) + "]",
    "none": "[]",
    "alpaca": json.dumps([{"instruction": "What?", "input": "", "output": "That."}] * 2),
}


@pytest.mark.parametrize("name", [*SETS, "demo", "rules"])
def test_all_trainers(name: str, tmp_path: Path) -> None:
    """The report is the default trainer's, and each line agrees with the trainer's own report."""
    path = FIXTURES / name
    if name in SETS:
        path = tmp_path / "rows.json"
        path.write_text(SETS[name], encoding="utf-8")
    report, trainers = compared(path, tmp_path)
    assert report == again(tmp_path)
    assert list(trainers) == TRAINERS
    rows = report["summary"]["rows"]
    for trainer, said in trainers.items():
        starts, note = said.pop("starts"), said.pop("note", "")
        own = again(tmp_path, "--trainer", trainer)
        assert own["summary"]["trainer"] == said
        assert starts == (rows > 0 and not (said["refused"] or said["files"] or said["unloaded"]))
        if said["unloaded"]:
            assert note == f"{READS[trainer]}; rows are counted as if loaded"
        text = run("report", "index", "-t", trainer, cwd=tmp_path).out.decode().splitlines()
        unread = re.match(r"(\S+) does not read the ([\w-]+) dialect: (.+?)\. \d", text[-2])
        if unread and not said["unloaded"]:
            assert note == f"it does not read the {unread[2]} dialect: {unread[3]}"
        assert f"{trainer} does not start" not in text[-2] or not starts
        if own["code"] == 0:  # nothing stops it
            assert not own["summary"]["trainer"]["refused"] and not own["summary"]["trainer"]["crash"]


def table_printed(text: str) -> dict[str, dict[str, str]]:
    """Return the cells of the text report's table by trainer and column."""
    lines = text.splitlines()
    head = next(n for n, line in enumerate(lines) if line.startswith("trainer  "))
    ends = [found.end() for found in re.finditer(r"\S+", lines[head])]
    names = lines[head].split()
    said = {}
    for line in lines[head + 1 : head + 1 + len(TRAINERS)]:
        name, starts = line.split()[:2]
        begin = len(line) - len(line[ends[1] :])
        cells = [line[a:b].strip() for a, b in zip([begin, *ends[2:]], ends[2:], strict=False)]
        said[name] = dict(zip(names[1:], [starts, *cells], strict=True))
    return said


@pytest.mark.parametrize("format", ["text", "full", "grouped", "concise", "counts"])
@pytest.mark.parametrize("name", ["mixed", "demo"])
def test_all_trainers_in_text(name: str, format: str, tmp_path: Path) -> None:
    path = FIXTURES / name
    if name in SETS:
        path = tmp_path / "rows.json"
        path.write_text(SETS[name], encoding="utf-8")
    _, trainers = compared(path, tmp_path)
    done = run("report", "index", "-t", "all", "-f", format, cwd=tmp_path)
    usual = run("report", "index", "-f", format, cwd=tmp_path)
    text = done.out.decode()
    assert done.code == usual.code == 1
    assert text.splitlines()[-2:] == usual.out.decode().splitlines()[-2:]
    said = table_printed(text)
    assert list(said) == TRAINERS
    shown = [effect for effect in EFFECTS if any(trainer[effect] for trainer in trainers.values())]
    for trainer, cells in said.items():
        wanted = {effect: f"{trainers[trainer][effect]:,}" if trainers[trainer][effect] else "" for effect in shown}
        assert cells == {"starts": "yes" if trainers[trainer]["starts"] else "no", **wanted}
    for trainer in trainers.values():
        assert (f"\n{trainer['name']}: {trainer.get('note')}\n" in text) == ("note" in trainer)


def test_all_trainers_in_other_reports(tmp_path: Path) -> None:
    _, trainers = compared(DEMO, tmp_path)
    text = run("report", "index", "-t", "all", "-f", "markdown", cwd=tmp_path).out.decode()
    lines = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line[:2] == "| "]
    assert ["Trainer", "Starts", *EFFECTS] in lines
    for name, said in trainers.items():
        starts = ("yes" if said["starts"] else "no") + (f": {said['note']}" if "note" in said else "")
        assert [name, starts, *(f"{said[effect]:,}" for effect in EFFECTS)] in lines
    text = run("report", "index", "-t", "all", "-f", "stats", cwd=tmp_path).out.decode()
    for name, said in trainers.items():
        for effect in EFFECTS:
            assert re.search(rf"^{re.escape(name)}: {effect} +{said[effect]:,}$", text, re.M)
    for format in "sarif", "junit", "csv":  # these know only the default trainer
        said = [run("report", "index", "-f", format, *t, cwd=tmp_path).out for t in ([], ["-t", "all"])]
        assert said[0] == said[1]


def test_the_exit_code_is_the_usual_one(tmp_path: Path) -> None:
    """Only a trainer that is named fails a set without errors, and so does an unknown effect on the default's."""
    write_rows(tmp_path / "a.json", STOPPED["no placeholder"][0])
    shutil.copy(GOOD_JPEG, tmp_path / "good.jpg")
    done = run("a.json", "--no-index", "-t", "all", cwd=tmp_path)
    assert done.code == 0 and done.out.decode().splitlines()[-1].startswith("OK: ")
    assert table_printed(done.out.decode())["llama-factory"]["starts"] == "no"
    assert run("a.json", "--no-index", "-t", "all", "-t", "llama-factory", cwd=tmp_path).code == 1
    assert run("a.json", "--no-index", "-t", "llama-factory", "-t", "all", cwd=tmp_path).code == 0
    assert_complaint(run("clean", "a.json", "-o", "b.json", "-t", "all", cwd=tmp_path), "clean needs one trainer")
    assert not (tmp_path / "b.json").exists()
    (tmp_path / "llava-check.yaml").write_text("trainer: all\n")
    done = run("a.json", "--no-index", cwd=tmp_path)
    assert done.code == 0 and b"\ntrainer  " in done.out


# ---- reports from the index


@pytest.mark.parametrize("fixture", ["demo", "rules"])
def test_report_for_another_trainer(fixture: str, tmp_path: Path) -> None:
    """The index covers every trainer, whichever the run was for; the data are not read again."""
    copy_fixture(FIXTURES / fixture, tmp_path / fixture)
    assert run("check", fixture, "-q", "--trainer", "qwen-vl", cwd=tmp_path).code == 1
    shutil.move(tmp_path / fixture, tmp_path / "there")
    (tmp_path / fixture).mkdir()
    shutil.move(tmp_path / "there/.llava-check", tmp_path / fixture / ".llava-check")
    before = files_of(tmp_path / fixture)
    said = {}
    for name in [*TRAINERS, "all", ""]:
        option = ["--trainer", name] if name else []
        for form in ("json", "text", "stats"):
            said[name, form] = run("report", fixture, "-f", form, *option, cwd=tmp_path)
    assert files_of(tmp_path / fixture) == before
    shutil.rmtree(tmp_path / fixture)
    shutil.move(tmp_path / "there", tmp_path / fixture)
    for name in [*TRAINERS, "all", ""]:
        files = [option for form in ("json", "stats") for option in ("-o", f"{form}:{tmp_path / form}")]
        again = run("check", fixture, "--recheck", "-f", "text", *files, *(["--trainer", name] if name else []), cwd=tmp_path)
        for form in ("json", "text", "stats"):
            out = again.out if form == "text" else (tmp_path / form).read_bytes()
            out = out.partition(b"\n")[2] if form == "stats" else out  # a file begins with what it is
            assert (said[name, form].code, said[name, form].out) == (again.code, out), (name, form)
    default = json.loads(said["", "json"].out)["dataset"]["trainer"]  # one that reads all dialects of the set
    assert default == {"demo": DEFAULT, "rules": "llama-factory"}[fixture]
    assert said["", "json"].out == said[default, "json"].out
    assert len({said[name, "json"].out for name in TRAINERS}) == len(TRAINERS)
    assert len({said[name, "text"].out for name in TRAINERS}) == len(TRAINERS)
    # and by file, if only the path decides
    out = tmp_path / "out.json"
    assert run("check", fixture, "-q", "-o", out, "--trainer", "internvl", cwd=tmp_path).code == 1
    assert out.read_bytes() == said["internvl", "json"].out


LONG_TEXTS = {  # tokens of Vicuna's tokenizer: counted, rounded to hundreds
    "short": ("A cloud is over the hill. " * 60, 400),
    "near": ("A cloud is over the hill. " * 260, 1800),
    "long": ("A cloud is over the hill. " * 700, 4900),
    "boxes": ("a red hat: [0.36, 0.52, 0.71, 0.93]. " * 70, 2000),
    "han": ("图片是天空和山。" * 120, 1000),
    "long-han": ("图片是天空和山。" * 700, 5600),
}


def test_rows_that_are_too_long(tmp_path: Path) -> None:
    """Certainly more than 2,048 tokens: altered. Possibly more: unknown. The true number is within the range."""
    write_rows(tmp_path / "rows.json", [row(name, None, text) for name, (text, _) in LONG_TEXTS.items()])
    report = check(tmp_path / "rows.json", tmp_path, "--trainer", "llava-1.5")
    effects = {list(LONG_TEXTS)[e["row"]]: (e["effect"], e["tokens"]) for e in report["effects"]}
    assert {name: effect for name, (effect, _) in effects.items()} == {
        "near": "unknown", "long": "altered", "boxes": "unknown", "long-han": "altered",
    }  # fmt: skip
    for name, (_, (least, most)) in effects.items():
        assert least <= LONG_TEXTS[name][1] <= most, name
    trainer = report["summary"]["trainer"]
    assert (trainer["limit"], trainer["longer"], trainer["perhaps_longer"]) == (2048, 2, 2)
    said = sentence_said(tmp_path / "rows.json", tmp_path, "llava-1.5")
    assert said.endswith(". By estimate, 2 rows are longer than 2,048 tokens, and 2 more may be")
    assert check(tmp_path / "rows.json", tmp_path, "--trainer", "llava-next")["effects"] == []


@pytest.mark.parametrize(
    ("limit", "longer", "perhaps"), [(16384, 0, 0), (20000, 0, 0), (4000, 1, 2), (100, 6, 0), (1000000000, 0, 0)]
)
def test_the_limit_of_tokens_can_be_set(limit: int, longer: int, perhaps: int, tmp_path: Path) -> None:
    write_rows(tmp_path / "rows.json", [row(name, None, text) for name, (text, _) in LONG_TEXTS.items()])
    report = check(tmp_path / "rows.json", tmp_path, "--trainer", f"llava-1.5:{limit}")
    trainer = report["summary"]["trainer"]
    assert (trainer["name"], trainer["limit"]) == ("llava-1.5", limit)
    assert trainer["longer"] >= longer and trainer["longer"] + trainer["perhaps_longer"] >= longer + perhaps
    if limit > 15000:
        assert report["effects"] == []
    assert len(report["effects"]) == trainer["longer"] + trainer["perhaps_longer"]
    (tmp_path / "set").mkdir()
    write_rows(tmp_path / "set/rows.json", [row(name, None, text) for name, (text, _) in LONG_TEXTS.items()])
    (tmp_path / "set/llava-check.yaml").write_text(f"trainer: llava-1.5:{limit}\n")
    assert check(tmp_path / "set", tmp_path)["summary"]["trainer"] == trainer


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("llava-1.5:", "from 1 to 1000000000"),
        ("llava-1.5:0", "from 1 to 1000000000"),
        ("llava-1.5:-1", "from 1 to 1000000000"),
        ("llava-1.5:1e3", "from 1 to 1000000000"),
        ("llava-1.5:1000000001", "from 1 to 1000000000"),
        ("llava-1.5:99999999999999999999999", "from 1 to 1000000000"),
        ("qwen-vl:2048", "the length of its rows is not estimated"),
        ("llava:2048", "unknown trainer 'llava:2048'"),
        ("all:2048", "unknown trainer 'all:2048'"),
    ],
)
def test_a_limit_that_is_none(name: str, said: str, tmp_path: Path) -> None:
    write_rows(tmp_path / "rows.json", [row("a", None)])
    assert_complaint(run("rows.json", "--trainer", name, cwd=tmp_path), said)


def test_a_length_matters_less_than_what_stops_the_trainer(tmp_path: Path) -> None:
    long = row("a", "missing.jpg", LONG_TEXTS["long"][0])
    write_rows(tmp_path / "rows.json", [long, row("b", None)])
    report = check(tmp_path / "rows.json", tmp_path, "--trainer", "llava-1.5")
    assert [effect["effect"] for effect in report["effects"]] == ["crash"]
    assert report["summary"]["trainer"]["longer"] == 0


def test_columns_of_two_names(tmp_path: Path) -> None:
    """A program that loads rows as a table loses a column in all rows, not only in those with the other."""
    (tmp_path / "set").mkdir()
    shutil.copy(GOOD_JPEG, tmp_path / "set/good.jpg")
    good, text = row("a", "good.jpg", "A cat."), {**PLAIN[0], "id": "t"}
    write_rows(tmp_path / "set/rows.json", [good, text, {**good, "id": "b", "images": []}, {**good, "id": "c"}])
    report = check(tmp_path / "set", tmp_path, "--trainer", "ms-swift")
    assert [(e["row"], e["effect"]) for e in report["effects"]] == [(row, "altered") for row in (0, 2, 3)]
    check_counts(report)
    messages = turns("What?", "That.")
    write_rows(tmp_path / "set/rows.json", [good, text, {"id": "m", "messages": messages}])
    report = check(tmp_path / "set", tmp_path, "--trainer", "ms-swift", "--dialect", "llava")
    assert {e["effect"] for e in report["effects"] if e["row"] < 2} <= {"dropped", "refused"}
    report = check(tmp_path / "set", tmp_path, "--trainer", "llava-next", "--dialect", "llava")
    assert [e["row"] for e in report["effects"]] == [2]


# ---- single programs


def effects_of(report: dict[str, Any]) -> list[str]:
    said = {e["row"]: e["effect"] for e in report["effects"]}
    return [said.get(n, "fine") for n in range(report["summary"]["rows"])]


def talk(*turns: tuple[str, str]) -> dict[str, Any]:
    return one_row(conversations=[{"from": name, "value": text} for name, text in turns])


def test_turns_in_pairs(tmp_path: Path) -> None:
    """qwen-vl-series trains the second turn of each pair, and stops at a single turn."""
    h, g, user, answer = ("human", "What?"), ("gpt", "That."), ("user", "What?"), ("assistant", "That.")
    cases = [
        ((h, g), "fine"), ((h, g, h), "crash"), ((g, h, g), "crash"), ((g, h), "altered"), ((h, h, g), "crash"),
        ((h, h, g, g), "altered"), ((h,), "crash"), ((h, h), "altered"), ((user, answer), "fine"),
        ((user, g, h, answer), "fine"), ((answer, user), "altered"), ((("system", "Be."), h, g), "crash"),
    ]  # fmt: skip
    path = write_rows(tmp_path / "rows.json", [talk(*turns) for turns, _ in cases])
    for dialect in ("llava", "sharegpt"):
        report = check(path, tmp_path, "--trainer", "qwen-vl-series", "--dialect", dialect)
        assert [e if e == "crash" else "" for e in effects_of(report)] == [e if e == "crash" else "" for _, e in cases]
        assert dialect != "llava" or effects_of(report) == [effect for _, effect in cases]


def said_to(*turns: tuple[str, Any], **more: Any) -> dict[str, Any]:
    return {"messages": [{"role": role, "content": content} for role, content in turns], **more}


@pytest.mark.parametrize("content", ["<image>What?", [{"type": "image"}, {"type": "text", "text": "What?"}]])
@pytest.mark.parametrize(
    ("image", "llama_factory", "trl"),
    [
        ("good.jpg", "fine", "fine"),
        ({"path": "good.jpg"}, "refused", "crash"),
        ({"path": "good.jpg", "bytes": None}, "fine", "crash"),
        ({"path": None, "bytes": "/9j/4AAQ"}, "refused", "crash"),
    ],
)
def test_images_that_are_objects(image: Any, llama_factory: str, trl: str, content: Any, tmp_path: Path) -> None:
    """LLaMA-Factory accepts bytes that are null, but no parts; TRL accepts no objects."""
    shutil.copy(GOOD_JPEG, tmp_path / "good.jpg")
    one = said_to(("user", content), ("assistant", "That."), images=[image])
    (tmp_path / "rows.jsonl").write_text((json.dumps(one) + "\n") * 2)
    trainer, wanted = ("llama-factory", llama_factory) if isinstance(content, str) else ("trl", trl)
    assert effects_of(check(tmp_path / "rows.jsonl", tmp_path, "--trainer", trainer)) == [wanted] * 2


def test_messages_that_trl_reads_in_another_way(tmp_path: Path) -> None:
    """It knows four roles, and no placeholders in texts."""
    (tmp_path / "images").mkdir()
    shutil.copy(GOOD_JPEG, tmp_path / "images/a.jpg")
    shutil.copy(FIXTURES / "rules/images/IMG521-bmp.bmp", tmp_path / "images/a.bmp")
    part, text = {"type": "image"}, {"type": "text", "text": "What?"}
    answer, one = ("assistant", "That."), {"images": ["a.jpg"]}
    cases = [
        (said_to(("user", [part, text]), answer, **one), "fine"),
        (said_to(("user", "<image>What?"), answer, **one), "altered"),
        (said_to(("user", "What?"), answer, **one), "altered"),
        (said_to(("user", [text]), answer, **one), "crash"),
        (said_to(("user", [part, part, text]), answer, **one), "crash"),
        (said_to(("user", [part, text]), answer, images=["a.bmp"]), "crash"),
        (said_to(("human", [part, text]), answer, **one), "crash"),
        (said_to(("user", "What?"), ("tool", "1"), answer), "altered"),
        (said_to(("user", "What?"), ("system", "Be."), answer), "altered"),
        (said_to(("system", "Be."), ("user", "What?"), answer), "fine"),
        (said_to(("user", [text, {"type": "text", "text": "<|image_pad|>"}]), answer), "crash"),
    ]
    path = tmp_path / "rows.jsonl"
    path.write_text("".join(json.dumps(entry) + "\n" for entry, _ in cases))
    report = check(path, tmp_path, "--trainer", "trl", "--images", tmp_path / "images")
    assert effects_of(report) == [effect for _, effect in cases]


def xtuner_row(text: str, *images: dict[str, Any]) -> dict[str, Any]:
    """Make a question with images as parts, and its answer."""
    parts = [*({"type": "image_url", "image_url": image} for image in images), {"type": "text", "text": text}]
    return {"messages": [{"role": "user", "content": parts}, {"role": "assistant", "content": f"{len(text)}."}]}


@pytest.mark.parametrize("lines", [True, False])
def test_xtuner_reads_lines_in_files_of_any_name(lines: bool, tmp_path: Path) -> None:
    rows = [xtuner_row("A"), said_to(("user", "<image>A"), ("assistant", "B"))]
    rows.insert(0, xtuner_row("<IMG_CONTEXT>A", {"url": "a.jpg", "image_wh": [6, 4]}))
    shutil.copy(GOOD_JPEG, tmp_path / "a.jpg")
    (tmp_path / "rows.json").write_text("".join(json.dumps(row) + "\n" for row in rows) if lines else json.dumps(rows))
    report = check(tmp_path / "rows.json", tmp_path, "--trainer", "xtuner", "--dialect", "xtuner")
    assert report["summary"]["trainer"]["unloaded"] == (0 if lines else 1)
    assert {f["effect"] for f in report["findings"] if f["rule"] == "JSN103"} == ({"fine"} if lines else set())
    if lines:
        assert effects_of(report) == ["fine", "fine", "altered"]


@pytest.mark.parametrize(
    ("row", "dialect", "effect"),
    [
        (xtuner_row("<IMG_CONTEXT>A", {"url": "a.jpg", "image_wh": [6, 4]}), "xtuner", "fine"),
        (xtuner_row("<IMG_CONTEXT>A", {"url": "a.jpg"}), "xtuner", "dropped"),
        (xtuner_row("<IMG_CONTEXT><IMG_CONTEXT>A", {"url": "a.jpg"}, {"url": "a.jpg", "image_wh": [6, 4]}), "xtuner", "refused"),
        (xtuner_row("<IMG_CONTEXT><IMG_CONTEXT>A", {"url": "a.jpg", "image_wh": [6, 4]}), "xtuner", "refused"),
        (xtuner_row("<IMG_CONTEXT>A", {"url": "gone.jpg", "image_wh": [6, 4]}), "xtuner", "replaced"),
        (xtuner_row("A", {"url": "a.jpg", "image_wh": [6, 4]}), "messages", "refused"),
        (xtuner_row("A", {"url": "a.jpg"}), "messages", "dropped"),
        (xtuner_row("A"), "messages", "fine"),
        ({**said_to(("user", "A"), ("assistant", "B")), "images": ["a.jpg"]}, "messages", "altered"),
        # the column is not read, whatever is in it
        ({**said_to(("user", "<image>A"), ("assistant", "B")), "images": ["a.jpg", None]}, "messages", "altered"),
        ({**said_to(("user", "<image>A"), ("assistant", "<image>")), "images": ["a.jpg", "a.jpg"]}, "messages", "altered"),
        (xtuner_row("<IMG_CONTEXT>A", {"url": "a.jpg", "image_wh": [6, 4]}) | {"image": "b.jpg"}, "xtuner", "altered"),
        (xtuner_row("<IMG_CONTEXT>A", {"url": "a.jpg", "image_wh": [6, 4]}) | {"image": ["a.jpg", "a.jpg"]}, "xtuner", "altered"),
        (xtuner_row("<IMG_CONTEXT>A", {"url": "a.jpg", "image_wh": [6, 4]}) | {"image": "images/a.jpg"}, "xtuner", "fine"),
        (xtuner_row("<IMG_CONTEXT>A", {"url": "", "image_wh": [6, 4]}), "xtuner", "replaced"),
        (xtuner_row("<IMG_CONTEXT>A", {"url": "http://x.org/a.jpg", "image_wh": [6, 4]}), "xtuner", "replaced"),
    ],
)
def test_xtuner_needs_sizes_and_places(row: dict[str, Any], dialect: str, effect: str, tmp_path: Path) -> None:
    (tmp_path / "images").mkdir()
    shutil.copy(GOOD_JPEG, tmp_path / "images/a.jpg")
    path = write_rows(tmp_path / "rows.jsonl", [row, xtuner_row("B")])
    report = check(path, tmp_path, "--trainer", "xtuner", "--images", tmp_path / "images")
    assert [file["dialect"] for file in report["dataset"]["files"]] == [dialect]
    assert effects_of(report)[0] == effect


@pytest.mark.parametrize(
    ("roles", "effect"),
    [
        ("system user assistant", "fine"),
        ("user assistant system user assistant", "fine"),
        ("system system user assistant", "fine"),
        ("user system assistant", "altered"),
        ("user system system assistant", "altered"),
        ("user assistant system assistant", "altered"),
        ("user tool system assistant", "altered"),
    ],
)
def test_xtuner_writes_system_turns_between_rounds(roles: str, effect: str, tmp_path: Path) -> None:
    row = said_to(*((role, f"Turn {n}.") for n, role in enumerate(roles.split())))
    report = check(write_rows(tmp_path / "rows.jsonl", [row, xtuner_row("B")]), tmp_path, "--trainer", "xtuner")
    assert effects_of(report)[0] == effect


@pytest.mark.parametrize(("loss", "role", "effect"), [(True, 0, "altered"), (1, 0, "altered"), (False, 0, "altered"), (None, 0, "fine"), (True, 1, "fine"),
                                                      (1, 1, "fine"), (False, 1, "altered"), (2, 0, "refused")])
def test_xtuner_reads_which_turns_are_targets(loss: Any, role: int, effect: str, tmp_path: Path) -> None:
    row = said_to(("user", "A"), ("assistant", "B"))
    row["messages"][role]["loss"] = loss
    report = check(write_rows(tmp_path / "rows.jsonl", [row, xtuner_row("B")]), tmp_path, "--trainer", "xtuner")
    assert effects_of(report)[0] == effect


def test_a_dialect_that_stops_it(tmp_path: Path) -> None:
    path = write_rows(tmp_path / "rows.json", PLAIN[:2])
    lines = run("check", path, "--no-index", "-t", "trl", cwd=tmp_path).out.decode().splitlines()
    assert lines[-2].startswith("trl does not read the llava dialect: ValueError at start-up: ")
    assert lines[-1] == "FAILED: no errors in 2 rows; trl stops"
