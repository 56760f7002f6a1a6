"""Makes random data sets: rows, a tree of folders and links, images, settings, all damaged."""

from __future__ import annotations

import copy
import json
import os
import random
import re
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Callable

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "diff"))

# tests/diff, whose modules damage one kind of thing each
import diff_images  # noqa: E402, F401: it registers the seeds and damages of every format
import image_mutants  # noqa: E402
import image_seeds  # noqa: E402
import json_mutate  # noqa: E402
import rows_mutate  # noqa: E402
import rows_mutators  # noqa: E402
import rows_texts as texts  # noqa: E402

SECRET = "secret.jpg"  # beside the data set; links and paths lead to it
NAMES = [
    "a", "b", "c", "d.e", "é", "e\u0301", "A", "中", "new\nline", "esc\x1b[31m", "tab\t", "%s%n", " ", "-rf", "q\"'`",
    "a" * 200, "😀", "two..dots", "#x", "$(x)", "a\\b", "C:", "*", "{a,b}", "\u202egpj", "'; drop", "<img>", "]]>", "&amp;",
]  # fmt: skip
BYTES_NAMES = [b"bad-\xff\xfe", b"cut-\xc3", b"\x01\x02"]
FOLDERS = ["", "", "images", "images", "image", "coco/train", "é/中", "a b", "deep/" * 12 + "x", "n\nl", ".hidden", "[x]"]
SUFFIXES = [".jpg", ".jpg", ".png", ".JPG", ".jpeg", ".webp", ".gif", ".bmp", ".tif", "", ".txt", ".json", ".mp4"]
ODD_FILES = [
    b"", b"\0", b"x", b"<!doctype html><p>404", b"<?xml version='1.0'?>", b'{"error": 404}', b"PK\x03\x04" + b"\0" * 40,
    b"version https://git-lfs.github.com/spec/v1\noid sha256:" + b"0" * 64 + b"\nsize 12\n", b"\xff\xd8\xff",
    b"\x89PNG\r\n\x1a\n", b"GIF89a", b"BM", b"II*\0", b"RIFF\xff\xff\xff\xffWEBP", b"[]", b"\0" * 70000,
]  # fmt: skip
LINKS = ["../" + SECRET, "/dev/zero", "/dev/null", "/dev/tty", "/", "..", ".", "nothing/here", "self.jpg", "/proc/self/maps"]
STRAY_PATHS = [
    "/etc/hostname", "../" + SECRET, "a/../../" + SECRET, "..", ".", "/", "", "missing.jpg", "images/missing.jpg", "Images/a.jpg",
    "C:\\x.jpg", "https://x.y/z.jpg", "data:image/png;base64,AAAA", "nul\0.jpg", "b" * 300, "c/" * 3000 + "x.jpg", "a.jpg/",
    "images//a.jpg", "./a.jpg", "\ud83d.jpg", "x.jpg?y=1", "%2e%2e/x", "/dev/zero", "//etc//hostname",
]  # fmt: skip
LEVELS = ["info", "warning", "error"]
CODES = ["JSN", "ROW", "CNV", "TOK", "IMG", "SET", "IMG501", "ROW206", "turn-blank", "IMG5,TOK4", "ALL"]
TABLE_OF_TRAINERS = Path(__file__).resolve().parents[2] / "src/rules/trainers.def"
TRAINERS = re.findall(r'^LC_TRAINER\(\w+, "(.+?)"', TABLE_OF_TRAINERS.read_text(encoding="utf-8"), re.M)
FORMATS = ["text", "json", "jsonl", "csv", "markdown", "sarif", "junit", "github", "gitlab", "stats", "html"]
STRATEGIES = ["all", "first:3", "end:2", "random:50%", "first:10%", "random:4", "end:0", "first:-1"]  # fmt: skip

Image = tuple[str, bytes]


@dataclass
class Seeds:
    """What sets are made from; read once."""

    rows: list[Any] = field(default_factory=rows_mutate.seeds)
    images: list[Image] = field(default_factory=lambda: diff_images.balanced(list(image_seeds.seeds())))


@dataclass
class Made:
    """A data set, and the program's arguments for it; all paths are relative to the folder."""

    folder: Path
    arguments: list[str] = field(default_factory=list)  # paths and options
    paths: list[str] = field(default_factory=list)  # of images, as rows may name them
    rows_files: list[str] = field(default_factory=list)

    @property
    def data(self) -> Path:
        return self.folder / "data"


def an_image(seeds: Seeds, rng: random.Random) -> bytes:
    name, data = rng.choice(seeds.images)
    if rng.random() < 0.35:
        return data
    return image_mutants.mutate(data, rng) if rng.random() < 0.9 else rng.choice(ODD_FILES)


def try_make(make: Callable[[], Any]) -> bool:
    """Make a file, unless its name is too long, taken, or below a file."""
    try:
        make()
    except (OSError, ValueError):
        return False
    return True


def add_special(path: Path, made: Made, rng: random.Random) -> None:
    """Add something that is not a regular file, or a file with two names."""
    what = rng.randrange(5)
    if what == 0:
        try_make(lambda: os.mkfifo(path))
    elif what == 1:
        try_make(path.mkdir)
    elif what == 2 and made.paths:
        other = made.data / rng.choice(made.paths)
        try_make(lambda: os.link(other, path, follow_symlinks=False))
    elif what == 3 and made.paths:
        try_make(lambda: path.symlink_to(made.data / rng.choice(made.paths)))
    else:
        try_make(lambda: path.symlink_to(rng.choice([*LINKS, path.name])))


def add_tree(made: Made, seeds: Seeds, rng: random.Random) -> None:
    """Add folders with images, and with other things that are named like images."""
    folders = rng.sample(FOLDERS, k=rng.randrange(1, 4))
    for _ in range(rng.choice([0, 1, 2, 4, 8, 14])):
        name = rng.choice(NAMES) + rng.choice(SUFFIXES)
        if rng.random() < 0.1:
            name = os.fsdecode(rng.choice(BYTES_NAMES)) + ".jpg"
        relative = os.path.join(rng.choice(folders), name)
        path = made.data / relative
        if not try_make(lambda: path.parent.mkdir(parents=True, exist_ok=True)):
            continue
        if rng.random() < 0.2:
            add_special(path, made, rng)
        elif not path.exists() and not path.is_symlink():
            try_make(lambda: path.write_bytes(an_image(seeds, rng)))
        made.paths.append(relative)


def named_by_rows(made: Made, rng: random.Random) -> str:
    """Return a path in the tree, relative to some folder, or one that leads nowhere or elsewhere."""
    if not made.paths or rng.random() < 0.2:
        return rng.choice(STRAY_PATHS + texts.PATHS)
    path = os.fsencode(rng.choice(made.paths)).decode("utf-8", "replace")
    head, _, rest = path.partition("/")
    return rest if rest and rng.random() < 0.7 else path


def rows_of(made: Made, seeds: Seeds, rng: random.Random) -> list[Any]:
    rows = copy.deepcopy(rng.sample(seeds.rows, k=6))
    for row in rows:
        if isinstance(row.get("image"), list):
            row["image"] = [named_by_rows(made, rng) for _ in row["image"]]
        elif "image" in row or rng.random() < 0.5:
            row["image"] = named_by_rows(made, rng)
    made_rows = rows_mutate.make_rows(rows, rng.choice([1, 2, 5, 12, 30]), rng)
    if rng.random() < 0.5:  # so that not everything is damaged
        made_rows += [rows_mutators.vary(rng.choice(rows), rng) for _ in range(rng.randrange(1, 9))]
    return made_rows


def add_rows(made: Made, seeds: Seeds, rng: random.Random) -> None:
    """Add one or several rows files, whose bytes may also be damaged."""
    for number in range(rng.choice([1, 1, 1, 2, 3])):
        written = rows_mutate.make_file(rows_of(made, seeds, rng), rng)
        data = written.data
        if rng.random() < 0.25:
            data = json_mutate.mutate(data, rng)
        name = rng.choice(["rows", "é rows", "n\nl", "[x]", "-r"]) + str(number)
        suffix = written.suffix if rng.random() < 0.9 else rng.choice([".json", ".jsonl"])
        path = made.data / rng.choice(["", "", "sub", "images"]) / (name + suffix)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        made.rows_files.append(str(path.relative_to(made.folder)))
    if rng.random() < 0.05:
        try_make(lambda: os.mkfifo(made.data / "fifo.json"))
    if rng.random() < 0.05:
        (made.data / "linked.json").symlink_to(rng.choice([*LINKS, "rows0.json"]))


def a_mixture(made: Made, rng: random.Random) -> str:
    lines = ["datasets:"]
    for path in made.rows_files + rng.choice([[]] * 8 + [["data/none.json"], [made.rows_files[0]]]):
        lines.append(f"  - json_path: {json.dumps(path)}")
        if rng.random() < 0.5:
            lines.append(f"    sampling_strategy: {json.dumps(rng.choice(STRATEGIES))}")
    text = "\n".join(lines).encode("utf-8", "surrogateescape")
    if rng.random() < 0.2:
        text = json_mutate.mutate(text, rng)
    (made.folder / "mix.yaml").write_bytes(text)
    return "mix.yaml"


def add_settings(made: Made, rng: random.Random) -> None:
    settings: dict[str, Any] = {
        "fail-on": rng.choice(LEVELS), "ignore": rng.sample(CODES[:6], k=2), "select": [rng.choice(CODES[:9])],
        "per-folder-ignores": {rng.choice(["images/**", "*", "**/a*", "é"]): [rng.choice(CODES[:9])]},
        "trainer": rng.choice(TRAINERS), "max-findings": rng.randrange(1, 20),
        "show": rng.choice(LEVELS), "exit-zero": True, "images": rng.choice(["..", "/etc", "none"]),
        "severity": ["CNV=" + rng.choice(LEVELS)], "no-images": True,
    }  # fmt: skip
    chosen = rng.sample(sorted(settings), k=rng.randrange(1, 4))
    text = "".join(f"{name}: {json.dumps(settings[name])}\n" for name in chosen).encode()
    if rng.random() < 0.3:
        text = json_mutate.mutate(text, rng)
    (made.data / "llava-check.yaml").write_bytes(text)


def some_options(made: Made, rng: random.Random) -> list[str]:
    options = ["--show", "info"] if rng.random() < 0.7 else []
    choices: list[Callable[[], list[str]]] = [
        lambda: ["--trainer", rng.choice(TRAINERS)],
        lambda: ["--select", rng.choice(CODES[:9])],
        lambda: ["--ignore", rng.choice(CODES[:10])],
        lambda: ["--severity", f"{rng.choice(CODES[:9])}={rng.choice(LEVELS)}"],
        lambda: ["--fail-on", rng.choice(LEVELS)],
        lambda: ["--max-findings", str(rng.choice([1, 3, 100]))],
        lambda: ["--format", rng.choice(FORMATS)],
        lambda: ["--index-mode", "content"],
        lambda: ["--allow-outside"],
        lambda: ["--no-images"],
        lambda: ["--exit-zero"],
        lambda: ["--isolated"],
        lambda: ["--color", "always"],
        lambda: ["--videos", "data"],
        lambda: ["--recheck"],
        lambda: ["--thumbnails", "--report", "html:report-9"],
    ]
    for choice in rng.sample(choices, k=rng.choice([0, 1, 1, 2, 4])):
        options += choice()
    for number in range(rng.choice([0, 0, 1, 2])):
        options += ["--report", f"{rng.choice(FORMATS)}:report-{number}"]
    return options


def add_question(made: Made, rng: random.Random) -> None:
    """Choose the program's argument: a folder, files, a mixture, a pattern."""
    how = rng.randrange(6)
    if how <= 2:
        made.arguments = ["data"]
    elif how == 3:
        made.arguments = list(made.rows_files)
    elif how == 4:
        made.arguments = [a_mixture(made, rng)]
    else:
        names = [Path(name).relative_to("data") for name in made.rows_files]
        here = [name.stem for name in names if name.suffix == ".json" and len(name.parts) == 1]
        made.arguments = ["data/{" + ",".join(here) + "}.json"] if here else ["data"]
    roots = [path for path in ("data", "data/images", "data/coco") if (made.folder / path).is_dir()]
    if rng.random() < 0.5:
        made.arguments += ["--images", rng.choice(roots)]
    made.arguments += some_options(made, rng)


def make_set(folder: Path, seeds: Seeds, seed: int, number: int) -> Made:
    """Make a set; the same folder, seed and number give the same set."""
    rng = random.Random(f"{seed}:{number}")
    made = Made(folder)
    made.data.mkdir(parents=True)
    (folder / SECRET).write_bytes(rng.choice(seeds.images)[1])
    add_tree(made, seeds, rng)
    add_rows(made, seeds, rng)
    if rng.random() < 0.2:
        add_settings(made, rng)
    add_question(made, rng)
    return made


def change_set(made: Made, seeds: Seeds, seed: int, number: int) -> None:
    """Change the set as somebody might between two runs."""
    rng = random.Random(f"{seed}:{number}:change")
    for relative in made.paths:
        path = made.data / relative
        if path.is_symlink() or not path.is_file() or rng.random() < 0.6:
            continue
        if rng.random() < 0.3:
            path.unlink()
        else:
            path.write_bytes(an_image(seeds, rng))
    for name in made.rows_files:
        if rng.random() < 0.5:
            data = rows_mutate.make_file(rows_of(made, seeds, rng), rng).data
            (made.folder / name).write_bytes(data)
