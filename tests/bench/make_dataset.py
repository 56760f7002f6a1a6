#!/usr/bin/python3
"""make_dataset.py - a data set of the size and shape of LLaVA-NeXT-Data.

Writes OUT/rows.json (or rows.jsonl), OUT/images/ and OUT/MADE.txt; the same
arguments give the same bytes. Rows: 6.0 rounds on average, median 4, at most
275; about 1,140 bytes a row as json.dump() writes it without indent (4 blanks
of indent add some 700). With --fault-rate also OUT/faults.tsv: what is wrong
where, and the rule that must find it.
"""
from __future__ import annotations

import argparse
import itertools
import json
import math
import random
import sys
from pathlib import Path
from typing import Any, BinaryIO, Callable, Iterator, NamedTuple

import dataset_images
import dataset_text

MAX_ROUNDS = 275
TEXT_ONLY_SHARE = 0.05
CHINESE_SHARE = 0.08
ROWS_A_WRITE = 1000

# Rounds of a row: lognormal with median 4; this sigma makes the mean 6.0.
ROUNDS_MU = math.log(4.0)
ROUNDS_SIGMA = 0.893

Row = dict[str, Any]


class Layout:
    """The text around the values of a row, taken from the output of json.dumps()."""

    def __init__(self, jsonl: bool, indent: int | None) -> None:
        self.jsonl = jsonl
        self.indent = None if jsonl else indent
        newline = self.indent is not None
        self.begin = "" if jsonl else "[\n" if newline else "["
        self.end = "\n" if jsonl else "\n]" if newline else "]"
        self.row_separator = "\n" if jsonl else ",\n" if newline else ", "
        pad = " " * (3 * self.indent) if self.indent is not None else ""
        self.turn_separator = f",\n{pad}" if newline else ", "

        turns = self.row({"conversations": [{"from": "human", "value": "@"},
                                            {"from": "gpt", "value": "@"}]})
        human, gpt = turns[turns.index("[") + 1: turns.rindex("]")].strip().split(
            self.turn_separator + "{")
        self.human = human.split("@")
        self.gpt = ("{" + gpt).split("@")
        self.with_image = self.row({"id": "@", "image": "@", "conversations": ["@"],
                                    "data_source": "@"}).replace('"@"', "@").split("@")
        self.text_only = self.row({"id": "@", "conversations": ["@"],
                                   "data_source": "@"}).replace('"@"', "@").split("@")

    def row(self, row: Row) -> str:
        """Return a row as json.dump() of the whole list would write it."""
        text = json.dumps(row, ensure_ascii=False, indent=self.indent)
        if self.indent is None:
            return text
        pad = " " * self.indent
        return pad + text.replace("\n", "\n" + pad)

    def round(self, question: str, answer: str) -> str:
        """Return a human turn and an answer; both texts are already JSON-escaped."""
        return (question.join(self.human) + self.turn_separator
                + answer.join(self.gpt))


class Pools(NamedTuple):
    """Ready-made parts of one language; questions and answers are JSON-escaped."""

    questions: list[str]
    short_answers: list[str]
    long_answers: list[str]
    short_rounds: list[str]
    long_rounds: list[str]


def make_pools(rng: random.Random, text: dataset_text.Texts, layout: Layout) -> Pools:
    """Serialise every question once, with some answers."""
    short = list(zip(text.questions, rng.sample(text.short_answers, len(text.questions))))
    long = list(zip(text.questions, itertools.cycle(text.long_answers)))
    return Pools(text.questions, text.short_answers, text.long_answers,
                 [layout.round(*pair) for pair in short],
                 [layout.round(*pair) for pair in long])


def draw_rounds(rng: random.Random, n: int, rows: int) -> int:
    """Return the number of rounds of row n; one row of a large set has the maximum."""
    rounds = int(rng.lognormvariate(ROUNDS_MU, ROUNDS_SIGMA) + 0.5)
    if n == rows // 2 and rows >= 1000:
        return MAX_ROUNDS
    return min(max(rounds, 1), MAX_ROUNDS)


def image_order(images: int) -> Iterator[int]:
    """Yield every image once, in a scattered order, repeatedly."""
    step = int(images * 0.618) | 1
    while math.gcd(step, images) != 1:
        step += 2
    return ((k * step) % images for k in itertools.count())


def make_rows(rng: random.Random, rows: int, names: list[str],
              layout: Layout) -> Iterator[str]:
    """Yield the text of each row."""
    chinese = make_pools(rng, dataset_text.chinese(rng), layout)
    english = make_pools(rng, dataset_text.english(rng), layout)
    order = image_order(len(names))
    draw, choice, choices = rng.random, rng.choice, rng.choices

    for n in range(rows):
        pools = chinese if draw() < CHINESE_SHARE else english
        rounds = draw_rounds(rng, n, rows)
        is_long = rounds <= 2
        # The number makes short rows different from each other.
        question = f"{choice(pools.questions)} [{n}]"
        answer = choice(pools.long_answers if is_long else pools.short_answers)
        more = choices(pools.long_rounds if is_long else pools.short_rounds, k=rounds - 1)
        key = (n * 7_368_787 + 33_471) % 1_000_000_007

        if draw() < TEXT_ONLY_SHARE or not names:
            turns = layout.turn_separator.join([layout.round(question, answer), *more])
            a, b, c, d = layout.text_only
            yield f'{a}"text_{key:010d}"{b}{turns}{c}"text"{d}'
            continue
        first = draw() < 0.6
        question = f"<image>\\n{question}" if first else f"{question}\\n<image>"
        turns = layout.turn_separator.join([layout.round(question, answer), *more])
        name = names[next(order)]
        source = name[: name.index("/")]
        a, b, c, d, e = layout.with_image
        row_id = f"{key:012d}" if source == "coco" else f"{source}_{key:010d}"
        yield f'{a}"{row_id}"{b}"{name}"{c}{turns}{d}"{source}"{e}'


def extra_turn(row: Row) -> None:
    row["conversations"].insert(1, {"from": "human", "value": "And what else?"})


def add_text(turn: int, text: str) -> Callable[[Row], None]:
    def apply(row: Row) -> None:
        row["conversations"][turn]["value"] += text
    return apply


def drop_placeholder(row: Row) -> None:
    turn = row["conversations"][0]
    turn["value"] = turn["value"].replace("<image>", "").strip()


ANY_ROW_FAULTS: list[tuple[str, Callable[[Row], Any]]] = [
    ("ROW202", lambda row: row.pop("conversations")),
    ("ROW203", lambda row: row["conversations"].clear()),
    ("CNV301", lambda row: row["conversations"][1].pop("value")),
    ("CNV302", lambda row: row["conversations"][0].update({"from": "user"})),
    ("CNV303", extra_turn),
    ("TOK404", add_text(1, "\n<image>")),
]
IMAGE_ROW_FAULTS = ANY_ROW_FAULTS + [
    ("ROW208", lambda row: row.update(image=7)),
    ("TOK401", add_text(0, "\n<image>")),
    ("TOK402", drop_placeholder),
    ("IMG501", lambda row: row.update(image=f"gone/{row['image']}")),
]
TEXT_ROW_FAULTS = [("TOK403", add_text(0, "\n<image>"))] + ANY_ROW_FAULTS


def with_faults(rows: Iterator[str], rate: float, layout: Layout,
                faults: list[str]) -> Iterator[str]:
    """Damage a share of the rows, one kind after the other."""
    with_image, text_only = itertools.cycle(IMAGE_ROW_FAULTS), itertools.cycle(TEXT_ROW_FAULTS)
    for n, text in enumerate(rows):
        if int((n + 1) * rate) == int(n * rate):
            yield text
            continue
        row = json.loads(text)
        code, damage = next(with_image if "image" in row else text_only)
        damage(row)
        faults.append(f"row\t{n}\t{code}\n")
        yield layout.row(row)


def write_rows(to: BinaryIO, rows: Iterator[str], layout: Layout) -> None:
    """Write the file in large pieces, without holding it."""
    separator = layout.begin
    while piece := list(itertools.islice(rows, ROWS_A_WRITE)):
        to.write((separator + layout.row_separator.join(piece)).encode())
        separator = layout.row_separator
    to.write(layout.end.encode())


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("out", type=Path, help="folder to make; must not hold anything")
    parser.add_argument("--rows", type=int, required=True)
    parser.add_argument("--images", type=int, required=True, help="how many image files")
    parser.add_argument("--from", dest="source", type=Path, metavar="FOLDER",
                        help="copy these images under many names; default: make small ones")
    parser.add_argument("--format", choices=("json", "jsonl"), default="json")
    parser.add_argument("--indent", default="4", help="blanks, or none (default: 4)")
    parser.add_argument("--no-images", action="store_true",
                        help="the rows name images, but no file is made")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--fault-rate", type=float, default=0.0,
                        help="damage this share of the rows and of the images")
    args = parser.parse_args()
    if args.rows < 1 or args.images < 0 or not 0.0 <= args.fault_rate <= 1.0:
        parser.error("--rows from 1, --images from 0, --fault-rate from 0 to 1")
    if args.indent != "none" and not (args.indent.isdigit() and int(args.indent) > 0):
        parser.error("--indent is a number from 1, or none")
    if args.out.exists() and any(args.out.iterdir()):
        parser.error("the folder is not empty")
    return args


def main() -> int:
    args = parse_arguments()
    layout = Layout(args.format == "jsonl",
                    None if args.indent == "none" else int(args.indent))
    faults: list[str] = []
    args.out.mkdir(parents=True, exist_ok=True)

    # Rows and images have separate random generators, so that rows with the same seed
    # are the same in every format, and with or without files.
    sources = dataset_images.find_sources(args.source, random.Random(args.seed + 1))
    copies = dataset_images.plan(sources, args.images, random.Random(args.seed + 2))
    if not args.no_images:
        faults += dataset_images.write(args.out / "images", copies, args.fault_rate)
    rows = make_rows(random.Random(args.seed), args.rows,
                     [copy.name for copy in copies], layout)
    if args.fault_rate > 0.0:
        rows = with_faults(rows, args.fault_rate, layout, faults)
    with open(args.out / f"rows.{args.format}", "wb") as file:
        write_rows(file, rows, layout)
    if args.fault_rate > 0.0:
        (args.out / "faults.tsv").write_text("".join(faults), encoding="utf-8")

    (args.out / "MADE.txt").write_text(
        f"rows={args.rows} images={args.images} format={args.format} "
        f"indent={layout.indent} files={not args.no_images} seed={args.seed} "
        f"fault_rate={args.fault_rate}\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
