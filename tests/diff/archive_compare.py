"""archive_compare.py - whether src/archive, tarfile, zipfile and GNU tar agree about archives.

All of them must read an archive without damage alike, and an archive that one of them refuses must
have a damage. What may differ because of a damage is listed below, by its kind."""

from __future__ import annotations

import os
import subprocess
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import archive_reference as reference
from archive_mutants import Made, Maker
from archive_reference import Listing, Member

# Damages of a container: what a program reads before it notices them depends on its buffers
CONTAINER = ("gzip", "zstd", "xz", "bzip2")
# Damages that the programs may ignore: our verdict is stricter
STRICTER = {"no end", "half an end", "continues", "trailing bytes", "ambiguous", "bad extension", "unsupported"}
# Damages after which the programs may find other members
DIFFERENT = {"ambiguous", "unsupported", "over a limit"}
# Cuts at which both programs stop in silence
CUT_IN_SILENCE = {"it ends within a header", "it ends within a member after its extension"}
BATCH = 200


@dataclass
class Damage:
    what: str
    member: int
    detail: str

    @property
    def is_of_container(self) -> bool:
        return any(name in self.detail for name in CONTAINER)


@dataclass
class Facts:
    members: list[Member] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    after: list[bool] = field(default_factory=list)
    damages: list[Damage] = field(default_factory=list)
    suffix: str = ""
    is_done: bool = False

    @property
    def kinds(self) -> set[str]:
        return {damage.what for damage in self.damages}


@dataclass
class Outcome:
    compared: int = 0
    disagreements: list[str] = field(default_factory=list)
    seen: Counter[str] = field(default_factory=Counter)  # number of damages, and of comparisons

    def describe(self) -> str:
        return f"{len(self.disagreements)} of {self.compared}: {self.seen}\n" + "\n".join(self.disagreements[:20])


def text(escaped: str) -> bytes:
    return escaped.encode().decode("unicode_escape").encode("latin-1")


def read_facts(program: str, paths: list[Path]) -> dict[str, Facts]:
    """Return the facts of src/archive about archives, by their paths."""
    done = subprocess.run([program, *map(str, paths)], capture_output=True, timeout=600, check=False)
    assert done.returncode == 0 and not done.stderr, done.stderr.decode()
    found: dict[str, Facts] = {}
    for line in done.stdout.decode().splitlines():
        kind, *values = line.split("\t")
        if kind == "archive":
            facts = found[values[0]] = Facts()
        elif kind == "member":
            sha = values[9] if values[10] in ("sound", "unsupported") else "!"
            name = text(values[6])
            if values[0] == "d" and name == b"/":  # tarfile strips the whole name
                name = b""
            facts.members.append(Member(values[0], name, text(values[7]),
                                        sha if values[0] in "fo" else ""))
            facts.numbers.append(int(values[1]))
            facts.after.append(values[5] == "1")
            facts.faults.append(values[10])
        elif kind == "damage":
            facts.damages.append(Damage(values[0], int(values[2]), values[5]))
        elif kind == "end":
            facts.suffix, facts.is_done = values[0], values[1] == "1"
    assert len(found) == len(paths)
    return found


class Folder:
    """What unpacking leaves in a folder, as far as it can be predicted simply."""

    def __init__(self) -> None:
        self.files: dict[bytes, Member] = {}
        self.is_simple = True
        self.fails = False

    def path(self, name: bytes) -> bytes | None:
        parts = [part for part in name.split(b"/") if part not in (b"", b".")]
        if b".." in parts:
            self.fails = True
            return None
        if any(len(part) > 255 for part in parts) or len(name) > 4000:
            self.is_simple = False
        return b"/".join(parts)

    def make_parents(self, path: bytes) -> None:
        parts = path.split(b"/")
        for count in range(1, len(parts)):
            above = b"/".join(parts[:count])
            if self.files.setdefault(above, Member("d", above)).kind != "d":
                self.is_simple = False

    def add(self, member: Member) -> None:
        path = self.path(member.name)
        if path is None:
            return
        if not path:
            self.is_simple = self.is_simple and member.kind == "d" and member.name != b""
            return
        self.make_parents(path)
        old = self.files.get(path)
        if old and (old.kind == "d") != (member.kind == "d"):
            self.is_simple = False
        elif member.kind == "h":
            target = self.path(member.link)
            if target not in self.files or target == path or self.files[target].kind != "f" or member.link.startswith(b"/"):
                self.is_simple = False
            else:
                self.files[path] = Member("f", path, sha=self.files[target].sha)
        elif member.kind in "fo":
            self.files[path] = Member("f", path, sha=member.sha)
        elif member.kind == "s" and member.link:
            self.files[path] = Member("s", path, member.link)
        elif member.kind == "d":
            self.files[path] = Member("d", path)
        else:
            self.is_simple = False


def predicted(facts: Facts) -> Folder:
    folder = Folder()
    for member in facts.members:
        folder.add(member)
    return folder


def tar_of(path: Path, made: Made) -> Listing:
    """Read a tar with Python, which reads zstd only since 3.14: the program zstd decompresses it."""
    if not made.name.endswith(".zst"):
        return reference.by_tarfile(path)
    plain = path.with_suffix(".plain")
    with plain.open("wb") as to:
        done = subprocess.run(["zstd", "-dcq", path], stdout=to, stderr=subprocess.PIPE, check=False)
    out = reference.by_tarfile(plain, "r:")
    plain.unlink()
    out.error = out.error or done.stderr.decode(errors="replace")
    return out


def compare_tar(path: Path, made: Made, facts: Facts, scratch: Path, outcome: Outcome) -> list[str]:
    python = tar_of(path, made)
    folder = predicted(facts)
    if any(member.kind == "c" for member in facts.members):
        folder.is_simple = False  # devices are not created
        gnu, gnu_error = {}, ""
    else:
        gnu, gnu_error = reference.by_gnu(path, scratch)
    kinds = facts.kinds
    container = any(damage.is_of_container for damage in facts.damages)
    wrong = []
    outcome.seen["python refuses"] += bool(python.error)
    outcome.seen["gnu refuses"] += bool(gnu_error)
    outcome.seen["members"] += len(facts.members)
    if python.error and not kinds:
        wrong.append(f"sound, but tarfile: {python.error}")
    if gnu_error and not kinds and folder.is_simple and not folder.fails:
        wrong.append(f"sound, but tar: {gnu_error}")
    if python.members != facts.members and not kinds:
        wrong.append(f"sound, but tarfile has {python.members}, not {facts.members}")
    # members before the first damage are the same
    first = min((damage.member for damage in facts.damages), default=len(facts.members))
    for at in range(min(first, len(python.members))):
        if facts.faults[at] == "sound" and python.members[at] != facts.members[at]:
            wrong.append(f"member {at} is {facts.members[at]}, to tarfile {python.members[at]}")
    if len(python.members) < first and not container and not python.error:
        wrong.append(f"tarfile has {len(python.members)} members, not {first}")
    # broken headers, as tarfile treats them
    if not kinds & (DIFFERENT | {"bad extension"}) and not container and not python.error:
        seen = [member for member, late in zip(facts.members, facts.after) if not late]
        if python.members != seen and "not an archive" not in kinds:
            wrong.append(f"tarfile has {python.members}, not {seen}")
    if folder.is_simple and not kinds & (DIFFERENT | {"not an archive"}):
        outcome.seen["folders"] += 1
        wrong += compare_folder(facts, folder, gnu, container)
    if kinds - STRICTER and not python.error and not gnu_error and not folder.fails and folder.is_simple:
        # a reader may stop before the end of the file; a truncated header does not count as one
        lazy = container or all(damage.what in STRICTER or damage.detail in CUT_IN_SILENCE
                                for damage in facts.damages)
        if not any(facts.after) and not lazy and python.members == facts.members:
            wrong.append(f"{kinds - STRICTER}, but tarfile and tar read it")
    return wrong


def compare_folder(facts: Facts, folder: Folder, gnu: dict[bytes, Member], container: bool) -> list[str]:
    """Compare GNU tar's folder with the one that our members make, except for truncated files."""
    cut = {folder.path(member.name) for member, fault in zip(facts.members, facts.faults) if fault != "sound"}
    ours = {path: member for path, member in folder.files.items() if path not in cut}
    theirs = {path: member for path, member in gnu.items() if path not in cut}
    if container:  # it may have read less, or more of the last file
        extra = [path for path, member in theirs.items() if path in ours and ours[path] != member]
        return [f"tar leaves another {path!r}" for path in extra[1:]]
    return [] if ours == theirs else [f"tar leaves {theirs}, not {ours}"]


def compare_zip(path: Path, facts: Facts, outcome: Outcome) -> list[str]:
    python = reference.by_zipfile(path)
    kinds = facts.kinds
    ordered = [member for _, member in sorted(zip(facts.numbers, facts.members), key=lambda pair: pair[0])]
    faults = [fault for _, fault in sorted(zip(facts.numbers, facts.faults), key=lambda pair: pair[0])]
    wrong = []
    outcome.seen["zipfile refuses"] += bool(python.error)
    outcome.seen["members"] += len(facts.members)
    if python.error and not kinds:
        wrong.append(f"sound, but zipfile: {python.error}")
    if not python.error and not kinds and python.members != ordered:
        wrong.append(f"sound, but zipfile has {python.members}, not {ordered}")
    if python.error or kinds & {"over a limit", "not an archive"}:
        return wrong
    if len(python.members) != len(ordered):
        if not kinds & {"bad header", "truncated"}:
            wrong.append(f"zipfile has {len(python.members)} members, not {len(ordered)}")
        return wrong
    for theirs, ours, fault in zip(python.members, ordered, faults):
        if ours.kind == "s":  # for Python it is a file: ambiguous
            continue
        if theirs.name != ours.name and "ambiguous" not in kinds:
            wrong.append(f"{ours.name!r} is {theirs.name!r} to zipfile")
        if theirs.sha == "!" and fault == "sound" and ours.kind == "f":
            wrong.append(f"{ours.name!r} is sound, but zipfile cannot read it")
        if fault == "sound" and theirs.sha != ours.sha and ours.kind == "f":
            wrong.append(f"{ours.name!r} has other bytes than to zipfile")
        if fault not in ("sound", "bad length", "unsupported", "ambiguous") and theirs.sha != "!" and theirs.kind == "f":
            wrong.append(f"{ours.name!r} has {fault}, but zipfile reads it")
    return wrong


def run(program: str, work: Path, count: int, seed: int) -> Outcome:
    """Make and compare a number of archives."""
    maker = Maker(work / "seeds", seed)
    outcome = Outcome()
    folder = work / "archives"
    folder.mkdir()
    for begin in range(0, count, BATCH):
        batch = [maker.make(n) for n in range(begin, min(begin + BATCH, count))]
        paths = [folder / made.name for made in batch]
        for made, path in zip(batch, paths):
            path.write_bytes(made.data)
        every = read_facts(program, paths)
        for made, path in zip(batch, paths):
            facts = every[str(path)]
            if any(damage.detail == "this program was built without bzip2" for damage in facts.damages):
                wrong = [] if made.name.endswith(".bz2") else ["it is not a bzip2 file"]
                outcome.seen[".tar.bz2"] += 1
            elif made.tar is None:
                wrong = compare_zip(path, facts, outcome)
            else:
                wrong = compare_tar(path, made, facts, work / "scratch", outcome)
            if not facts.is_done:
                wrong.append("it was not read to its end")
            outcome.compared += 1
            outcome.seen.update(facts.kinds or {"sound"})
            outcome.seen[facts.suffix] += 1
            outcome.disagreements += [f"{made.name}: {one} ({[d.detail for d in facts.damages]})" for one in wrong]
            keep = os.environ.get("LC_KEEP")
            if wrong and keep:
                Path(keep, made.name).write_bytes(made.data)
            path.unlink()
    return outcome
