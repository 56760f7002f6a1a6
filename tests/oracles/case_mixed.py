"""Files of fifty rows with one to five faults each, chosen by a seed; and random single rows."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import pictures as pic
from cases import SOUND_MEDIA, Case, answer, ask, between, sound, text_row, turns

FILES, ROWS = 100, 50
CUT = pic.jpeg(pic.blurred(81, "RGB", (160, 120)))
MEDIA: dict[str, bytes] = {
    "images/cut.jpg": CUT[: len(CUT) // 2],
    "images/text.jpg": b"Access denied.\n",
    "images/empty.jpg": b"",
    "images/thin.png": pic.png(pic.blurred(82, "RGB", (1, 100))),
    "images/dot.png": pic.png(pic.blurred(83, "RGB", (1, 1))),
    "images/line.png": pic.png(pic.blurred(84, "RGB", (1500, 5))),
    "images/alpha.png": pic.png(pic.blurred(85, "RGBA")),
    "images/deep.png": pic.png(pic.blurred(86, "L").convert("I").point(lambda v: v * 256)),
    "images/named.jpg": pic.png(pic.blurred(87)),
}
INTACT: dict[str, bytes | None] = {"images/cut.jpg": CUT, "images/text.jpg": None, "images/empty.jpg": None}


def good(number: int, dice: random.Random) -> dict[str, Any]:
    mark = f"m{number}"
    if dice.random() < 0.3:
        return text_row(mark)
    row = sound(mark, image=f"s{dice.randrange(4)}.png")
    if dice.random() < 0.3:
        row["conversations"] += turns("Is it soft?", f"It is, in {mark}.")
    return row


def faults(mark: str) -> dict[str, dict[str, Any]]:
    """Rows with one fault each, by name."""
    pair = [f"s{n}.png" for n in (1, 2)]
    made: dict[str, dict[str, Any]] = {
        f"IMG-{path.split('/')[1].split('.')[0]}": sound(mark, image=path.split("/")[1]) for path in MEDIA
    }
    return made | {
        "IMG501": sound(mark, image="gone.png"),
        "IMG501-list": sound(mark, image=["s1.png", "gone.png"],
                             conversations=turns("<image>\n" + ask(mark), answer(mark))),
        "ROW202": sound(mark, conversations=...),
        "ROW203": sound(mark, conversations=[]),
        "ROW208-null": sound(mark, image=None),
        "ROW208-empty": sound(mark, image=""),
        "ROW208-list": sound(mark, image=[]),
        "image-list": sound(mark, image=["s1.png"]),
        "image-pair": sound(mark, image=pair, conversations=turns("<image>\n" + ask(mark), answer(mark))),
        "ROW209": sound(mark, image=..., images=["s1.png"]),
        "ROW205": sound(mark, id=None),
        "ROW204": sound(mark, id=...),
        "CNV301-null": sound(mark, conversations=[*turns(ask(mark), answer(mark), "Why?"), None]),
        "CNV301-value": sound(mark, conversations=turns(ask(mark), 7)),
        "CNV301-no-value": sound(mark, conversations=[*turns(ask(mark)), {"from": "gpt"}]),
        "CNV301-no-from": sound(mark, conversations=[*turns(ask(mark)), {"value": answer(mark)}]),
        "CNV302-user": sound(mark, conversations=turns(ask(mark), answer(mark), roles=("user", "assistant"))),
        "CNV302-system": sound(mark, conversations=turns("Be short.", ask(mark), answer(mark), roles=("system", "human", "gpt"))),
        "CNV303": sound(mark, conversations=turns(ask(mark), "Wait.", answer(mark), roles=("human", "gpt", "gpt"))),
        "CNV304": sound(mark, conversations=turns("Hello.", ask(mark), answer(mark), roles=("gpt", "human", "gpt"))),
        "CNV305": sound(mark, conversations=turns(ask(mark), answer(mark), "Why?")),
        "CNV305-only": sound(mark, conversations=turns(ask(mark))),
        "CNV306": sound(mark, conversations=turns(ask(mark), "")),
        "CNV306-question": text_row(mark, conversations=turns("", answer(mark))),
        "CNV308": sound(mark, conversations=[{"role": "user", "content": ask(mark)},
                                             {"role": "assistant", "content": answer(mark)}]),
        "CNV309": sound(mark, conversations=turns(ask(mark), f"Picture {mark}</s> is soft.<|im_end|>")),
        "CNV309-assistant": sound(mark, conversations=turns(ask(mark), f"Picture {mark}. ASSISTANT: Soft.")),
        "TOK401": sound(mark, conversations=turns("<image>\n" + ask(mark), answer(mark))),
        "TOK401-fewer": sound(mark, image=pair),
        "TOK402": sound(mark, conversations=turns(f"What is in picture {mark}?", answer(mark))),
        "TOK403": text_row(mark, conversations=turns(ask(mark), answer(mark))),
        "TOK404": sound(mark, conversations=turns(ask(mark), f"<image>\n{answer(mark)}")),
        "TOK405": sound(mark, conversations=turns("Hello.", "Hello.", ask(mark), answer(mark))),
        "TOK406": sound(mark, conversations=turns(f"{ask(mark)} <|image_pad|>", answer(mark))),
        "place": sound(mark, conversations=turns(f"What is in picture {mark}?\n<image>", answer(mark))),
    }


# Faults that stop some program before its first row are in only one file of four.
WHOLE = ("ROW202", "ROW203", "CNV301-null", "CNV301-value", "CNV301-no-value", "CNV308", "image-list", "image-pair",
         "IMG501-list", "ROW208-list", "TOK401-fewer", "ROW205", "ROW204", "ROW209")


def cases() -> Iterator[Case]:
    kinds = sorted(faults("m0"))
    mild = [kind for kind in kinds if kind not in WHOLE]
    for number in range(FILES):
        dice = random.Random(7000 + number)
        rows = [good(n, dice) for n in range(ROWS)]
        drawn = []
        for place in sorted(dice.sample(range(ROWS), 1 + number % 5)):
            kind = dice.choice(kinds if number % 4 == 0 else mild)
            rows[place] = faults(f"m{place}")[kind]
            drawn.append(f"{place}:{kind}")
        yield Case(f"mixed/{number:03d}", " ".join(drawn), tuple(rows), media=SOUND_MEDIA | MEDIA, intact=INTACT)
    for number in range(60):
        dice = random.Random(9000 + number)
        row = scrambled(dice)
        yield between(f"random/{number:03d}", "random", row)


def scrambled(dice: random.Random) -> Any:
    """Make a row of one to four turns, in which every part may be odd."""
    odd = (None, 7, "", [], {}, True, 1.5, " ", ["x"])
    row: dict[str, Any] = {"id": dice.choice(["r1", 5, None, ""])}
    if dice.random() < 0.7:
        row["image"] = dice.choice(["s1.png", "s1.png", ["s1.png"], ["s1.png", "s3.png"], "gone.png", *odd[:4]])
    talk = []
    for n in range(dice.randint(1, 4)):
        text = dice.choice(["<image>\n", "", "", "<image><image>\n"] if n % 2 == 0 else [""])
        text += dice.choice([f"Is it picture r1, {n}?", "Yes.", "", "assistant", "a\n<image>", "ASSISTANT: b", "</s>", "c <|im_end|> d"])
        turn: dict[str, Any] = {"from": "human" if n % 2 == 0 else "gpt", "value": text}
        if dice.random() < 0.12:
            turn[dice.choice(["from", "value"])] = dice.choice(odd)
        if dice.random() < 0.08:
            turn["from"] = dice.choice(["user", "assistant", "system", "bot"])
        talk.append(turn)
    row["conversations"] = talk
    return row


