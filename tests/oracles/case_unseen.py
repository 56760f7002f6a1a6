"""Cases that were written after the predictions, by someone who did not know the others: those that revealed something
new, and files with mixtures of faults."""

from __future__ import annotations

import base64
import json
import random
from collections.abc import Iterator
from typing import Any

import pictures as pic
from cases import HERE, SOUND, SOUND_MEDIA, Case, answer, ask, between, dump, sound, text_row, turns

PNG = SOUND["s1"]
URL = "data:image/png;base64," + base64.b64encode(PNG).decode()
MARKS = ("s0", "s1", "s2")
NAMES = {"from": "role", "value": "content"}
ROLES = {"human": "user", "gpt": "assistant", "bot": "assistant"}


def cases() -> Iterator[Case]:
    for make in (values, columns, files, media_values, texts, roles, orders, dialects, mixed, mixed_messages):
        yield from make()


def case(name: str, *rows: Any, **more: Any) -> Case:
    return between(f"unseen/{name}", "", *rows, **more)


def all_rows(name: str, make: Any) -> Case:
    return Case(f"unseen/{name}", "", tuple(make(mark) for mark in MARKS), media=SOUND_MEDIA)


def values() -> Iterator[Case]:
    for name, value in (
        ("list-empty-object", [{}]), ("object-url", {"url": "s1.png"}), ("object-path-null", {"path": None}), ("object-text", {"text": "s1.png"}),
        ("object-bytes-null", {"bytes": None, "path": "s1.png"}), ("string-of-list", "['s1.png']"), ("dot-dot", ".."), ("slash", "/"), ("tilde", "~/s1.png"),
    ):
        yield case(f"image-{name}", sound("s1", image=value))
        yield case(f"image-{name}-text", text_row("t1", image=value))
    for name, talk in (
        ("list-of-lists", [[turn] for turn in turns(ask("s1"), answer("s1"))]), ("string-of-json", json.dumps(turns(ask("s1"), answer("s1")))),
        ("pairs", [[ask("s1"), answer("s1")]]), ("null-first", [None, *turns(ask("s1"), answer("s1"))]),
        ("empty-turn-between", [*turns(ask("s1")), {}, *turns(answer("s1"), roles=("gpt",))]),
    ):
        yield case(f"turns-{name}", sound("s1", conversations=talk))
    for name, value in (("list-of-numbers", [1, 2]), ("list-null", [None]), ("two-strings", ["A gradient.", "B."])):
        yield case(f"value-answer-{name}", sound("s1", conversations=turns(ask("s1"), value)))
        yield case(f"value-question-{name}", sound("s1", conversations=turns(value, answer("s1"))))


def columns() -> Iterator[Case]:
    """Columns that are odd in every row, or have another type in one row."""
    for name, changes in (("image-null", {"image": None}), ("conversations-null", {"conversations": None}), ("note-empty-object", {"note": {}}),
                          ("empty-key", {"": "x"}), ("dotted-key", {"a.b": "x"}), ("many-keys", {f"k{n}": n for n in range(300)}), ("date", {"date": "2024-01-01T00:00:00Z"})):
        yield all_rows(f"every-{name}", lambda mark, changes=changes: sound(mark, **changes))
    for name, notes in (("int-float", (1, 2.5, 3)), ("bool-int", (True, 1, False)), ("list-null-string", (["a"], [None], ["b"])), ("object-keys", ({"a": 1}, {"b": 1}, {"c": 1})),
                        ("date-text", ("2024-01-01", "x", "y")), ("unsigned", (1, 2**63, 3)), ("negative-big", (1, -(2**63), 3)), ("over-64", (1, 2**64, 3))):
        yield Case(f"unseen/types-{name}", "", tuple(sound(mark, note=note) for mark, note in zip(MARKS, notes)), media=SOUND_MEDIA)
        yield Case(f"unseen/types-{name}-inner", "", tuple(sound(mark, meta={"note": note}) for mark, note in zip(MARKS, notes)), media=SOUND_MEDIA)


def files() -> Iterator[Case]:
    whole = json.dumps([sound(mark) for mark in MARKS], indent=2).encode()
    flat = "".join(dump(sound(mark)) + "\n" for mark in MARKS).encode()
    for name, old, new in (
        ("escaped-key", b'"image"', b'"im\\u0061ge"'), ("underflow", b'"id": "s1"', b'"id": "s1", "n": 1e-400'), ("long-fraction", b'"id": "s1"', b'"id": "s1", "n": 3.' + b"14" * 400),
        ("number-dot", b'"id": "s1"', b'"id": "s1", "n": 5.'), ("dot-number", b'"id": "s1"', b'"id": "s1", "n": .5'), ("minus-nan", b'"id": "s1"', b'"id": "s1", "n": -NaN'),
        ("leading-zero-id", b'"id": "s1"', b'"id": 01'), ("comma-in-object", b'"s1.png"', b'"s1.png", "n": {"a": 1,}'), ("comma-in-both", b'"s1.png"', b'"s1.png", "n": {"a": [1,],}'),
        ("bad-utf8-note", b'"id": "s1"', b'"id": "s1", "note": "caf\xe9"'), ("surrogate-note", b'"id": "s1"', b'"id": "s1", "note": "\\udc80"'), ("surrogate-role", b'"gpt"', b'"gpt\\ud83d"'),
        ("surrogate-pair-split", b"soft gradient", b"soft \\ud83d \\ude00 gradient"), ("raw-newline", b"soft gradient", b"soft\ngradient"), ("raw-nul", b"soft gradient", b"soft\0gradient"),
        ("nan-id", b'"id": "s1"', b'"id": NaN'), ("infinity-id", b'"id": "s1"', b'"id": Infinity'), ("nul-in-object", b'"id": "s1"', b'"id": "s1", "a": {"b\\u0000": 1}'),
    ):
        for form, data in (("json", whole), ("jsonl", flat)):
            assert old in data
            yield Case(f"unseen/{form}-{name}", "", data=data.replace(old, new, 1), file=f"rows.{form}", media=SOUND_MEDIA)
    for name, data in (
        ("array-of-null", b"[null]"), ("array-of-empties", b"[{}, {}, {}]"), ("array-then-line", whole + b"\n" + flat.split(b"\n")[0]), ("train-key", b'{"train": ' + whole + b"}"),
        ("brackets-missing", whole.strip()[1:-1]), ("lines-comma-last", flat.rstrip() + b","),
    ):
        for form in ("json", "jsonl"):
            yield Case(f"unseen/{form}-{name}", "", data=data, file=f"rows.{form}", media=SOUND_MEDIA)
    yield Case("unseen/json-double-encoded", "", data=json.dumps(whole.decode()[:9]).encode(), file="rows.json", media=SOUND_MEDIA)


def media_values() -> Iterator[Case]:
    for name, value in (("data-url-cut", URL[:-40]), ("http", "http://127.0.0.1:9/x.png"), ("file-url", "file://" + HERE + "/images/s1.png"), ("s3", "s3://bucket/s1.png"),
                        ("absolute", HERE + "/images/s1.png"), ("absolute-gone", "/gone/s1.png"), ("parent", "../images/s1.png"), ("parent-gone", "../../s1.png"), ("query", "s1.png?x=1"), ("percent", "s1%2Epng")):
        yield case(f"path-{name}", sound("s1", image=value))
        yield all_rows(f"path-{name}-lists", lambda mark, value=value: sound(mark, image=[value if mark == "s1" else f"{mark}.png"]))
    for name, changes, question in (
        ("string", {"video": "v.mp4"}, "<video>\nWhat is in picture t1?"), ("image-tag", {"video": "v.mp4"}, "<image>\nWhat is in picture t1?"), ("no-tag", {"video": "v.mp4"}, "What is in picture t1?"),
        ("videos-no-tag", {"videos": ["v.mp4"]}, "What is in picture t1?"), ("cased-no-tag", {"Videos": ["v.mp4"]}, "What is in picture t1?"), ("number", {"video": 3}, "What is in picture t1?"), ("empty", {"video": ""}, "What is in picture t1?"),
    ):
        yield case(f"video-{name}", text_row("t1", conversations=turns(question, answer("t1")), **changes), media={"videos/v.mp4": b"no video"}, intact={"videos/v.mp4": None})


def texts() -> Iterator[Case]:
    for name, question, reply in (
        ("digits-long", "<image>\nPicture s1?", "7" * 2500), ("digits-spaced", "<image>\nPicture s1?", "7 " * 1250), ("spaces-long", "<image>\nPicture s1?", "Picture s1" + " " * 3000 + "end."),
        ("tag-in-html", "<p><image></p>\nPicture s1?", answer("s1")), ("tag-zero-width", "<image>\u200bPicture s1?", answer("s1")), ("tag-only-in-answer", "Picture s1?", "<image>"),
        ("img-tag", "<image>\nPicture <img>s1.png</img>?", answer("s1")), ("img-tags-apart", "<image>\nPicture </img> s1 <img>?", answer("s1")), ("jinja", "<image>\n{{ messages }} s1?", "{% if x %} s1."),
        ("vision-pair", "<|vision_start|><|image_pad|><|vision_end|>Picture s1?", answer("s1")), ("think-empty", "<image>\nPicture s1?", "<think>\n\n</think>\n\nPicture s1."),
        ("tool-response", "<image>\n<tool_response>\nPicture s1\n</tool_response>", answer("s1")), ("bbox", "<image>\nWhere is <ref-object> in s1?", "At <bbox>."), ("image-pad-answer", "<image>\nPicture s1?", "Picture <|image_pad|> s1."),
    ):
        yield case(f"text-{name}", sound("s1", conversations=turns(question, reply)))
        yield case(f"text-{name}-plain", text_row("t1", conversations=turns(question.replace("<image>\n", "").replace("s1", "t1"), reply.replace("s1", "t1"))))


def roles() -> Iterator[Case]:
    q, a, s = ("human", ask("s1")), ("gpt", answer("s1")), ("system", "Be short.")
    more, tool = ("human", "Is it soft?"), ("observation", "A cloud.")
    call = ("function_call", '{"name": "look", "arguments": {"at": "s1"}}')
    for name, talk in (
        ("two-systems", [s, s, q, a]), ("system-with-tag", [("system", "<image>\nBe short in picture s1."), ("human", "What?"), a]), ("system-last", [q, a, s]), ("system-only", [s]),
        ("system-between", [q, s, a]), ("system-blank", [("system", " "), q, a]), ("system-then-answer", [s, a]), ("system-then-answers", [s, a, q, a]), ("system-null", [("system", None), q, a]), ("system-number", [("system", 7), q, a]),
        ("system-upper", [("System", "Be short."), q, a]), ("system-after-round", [q, a, s, more, ("gpt", "Yes.")]), ("call-without-result", [q, call, a]), ("result-without-call", [q, tool, a]), ("call-first", [call, tool, q, a]),
        ("call-at-end", [q, a, more, call]), ("call-twice", [q, call, tool, call, tool, a]), ("call-not-json", [q, ("function_call", "look"), tool, a]), ("tool-role", [q, ("tool", "A cloud."), a]), ("ends-in-result", [q, call, tool]),
        ("result-with-tag", [("human", "What is in picture s1?"), call, ("observation", "<image>"), a]), ("user-first-only", [("user", ask("s1")), a]), ("assistant-last-only", [q, a, more, ("assistant", "Yes.")]), ("mixed-roles", [q, ("assistant", answer("s1")), ("user", "And?"), ("gpt", "So.")]),
        ("role-number", [(1, ask("s1")), (2, answer("s1"))]), ("role-null-both", [(None, ask("s1")), (None, answer("s1"))]), ("role-swapped", [("gpt", ask("s1")), ("human", answer("s1"))]), ("role-same", [q, ("human", answer("s1"))]), ("role-space", [("human ", ask("s1")), ("gpt ", answer("s1"))]),
        ("role-spanish", [("humano", ask("s1")), ("asistente", answer("s1"))]), ("role-q-a", [("Q", ask("s1")), ("A", answer("s1"))]), ("role-prompter", [("prompter", ask("s1")), ("assistant", answer("s1"))]), ("developer", [("developer", "Be short."), q, a]), ("role-title", [("Human", ask("s1")), ("Assistant", answer("s1"))]),
    ):
        yield case(f"role-{name}", sound("s1", conversations=[{"from": who, "value": what} for who, what in talk]))
        if len(talk) > 1 and all(isinstance(who, str) for who, _ in talk):
            yield all_rows(f"role-{name}-all", lambda mark, talk=talk: sound(mark, conversations=[
                {"from": who, "value": what.replace("s1", mark) if isinstance(what, str) else what} for who, what in talk]))


def orders() -> Iterator[Case]:
    dice = random.Random(41)
    for number in range(24):
        order = [dice.choice("hg") for _ in range(dice.randint(1, 6))]
        talk = [{"from": "human" if who == "h" else "gpt", "value": f"Thing {n} of picture s1."} for n, who in enumerate(order)]
        for turn in talk[:1]:
            turn["value"] = "<image>\n" + turn["value"]
        yield case(f"order-{number:02d}-{''.join(order)}", sound("s1", conversations=talk))


def dialects() -> Iterator[Case]:
    def messages(mark: str, **more: Any) -> dict[str, Any]:
        return {"messages": [{"role": "user", "content": ask(mark)}, {"role": "assistant", "content": answer(mark)}], "images": [f"{mark}.png"]} | more

    def sharegpt(mark: str, **more: Any) -> dict[str, Any]:
        return {"conversations": turns(ask(mark), answer(mark)), "images": [f"{mark}.png"]} | more

    for kind, make, key, turn in (("messages", messages, "messages", ("role", "content")), ("sharegpt", sharegpt, "conversations", ("from", "value"))):
        who, what = turn
        user, bot = ("user", "assistant") if kind == "messages" else ("human", "gpt")

        def talk(*pairs: Any, who: str = who, what: str = what) -> list[Any]:
            return [pair if not isinstance(pair, tuple) else {who: pair[0], what: pair[1]} for pair in pairs]

        q, a = (user, ask("s1")), (bot, answer("s1"))
        for name, change in (
            ("gone", {"images": ["gone.png"]}), ("string", {"images": "s1.png"}), ("empty", {"images": []}), ("null", {"images": None}), ("none", {"images": ["s1.png", None]}), ("blank", {"images": [""]}), ("number", {"images": [7]}), ("nested", {"images": [["s1.png"]]}),
            ("surplus-image", {"images": ["s1.png", "s3.png"]}), ("same-twice", {"images": ["s1.png", "s1.png"], key: talk((user, "<image>\n<image>\nPicture s1?"), a)}), ("no-tag", {key: talk((user, "What is in picture s1?"), a)}), ("two-tags", {key: talk((user, "<image><image>\nPicture s1?"), a)}), ("tag-late", {key: talk((user, "Hi."), (bot, "Hi."), q, a)}),
            ("tag-in-answer", {key: talk((user, "Picture s1?"), (bot, "<image>"))}), ("system", {key: talk(("system", "Be short."), q, a)}), ("system-late", {key: talk(q, a, ("system", "Be short."), (user, "And?"), (bot, "So."))}), ("answer-first", {key: talk(a, q)}), ("answer-first-three", {key: talk((bot, "Hello."), q, a)}),
            ("question-last", {key: talk(q, a, (user, "And?"))}), ("question-only", {key: talk(q)}), ("two-questions", {key: talk(q, (user, "And?"), a)}), ("two-answers", {key: talk(q, a, (bot, "So."))}), ("answer-empty", {key: talk(q, (bot, ""))}), ("answer-blank", {key: talk(q, (bot, " \n"))}), ("answer-null", {key: talk(q, (bot, None))}),
            ("answer-number", {key: talk(q, (bot, 5))}), ("answer-list", {key: talk(q, (bot, ["A"]))}), ("question-empty", {key: talk((user, ""), a)}), ("role-odd", {key: talk(q, ("narrator", answer("s1")))}), ("role-null", {key: talk(q, (None, answer("s1")))}), ("turn-null", {key: talk(q, a, None)}), ("turn-string", {key: talk(q, "x")}), ("turns-null", {key: None}),
            ("turns-empty", {key: []}), ("turns-string", {key: "x"}), ("missing-answer-text", {key: [*talk(q), {who: bot}]}), ("missing-role", {key: [*talk(q), {what: answer("s1")}]}), ("extra-turn-key", {key: [*talk(q), {who: bot, what: answer("s1"), "name": "x"}]}), ("im-end", {key: talk(q, (bot, "Picture s1.<|im_end|>"))}), ("tool", {key: talk(q, ("tool", "x"), a)}),
            ("extra-null", {"note": None}), ("image-beside", {"image": "s1.png"}), ("image-null-beside", {"image": None}), ("id-number", {"id": 5}), ("videos-empty", {"videos": []}), ("system-key", {"system": "Be short."}), ("tools-key", {"tools": "[]"}),
        ):
            rows = (make("s0"), make("s1") | change, make("s2"))
            yield Case(f"unseen/{kind}-{name}", "", rows, media=SOUND_MEDIA)
            if name in ("extra-null", "image-null-beside", "id-number", "videos-empty", "system", "system-key", "tools-key", "string", "empty", "null"):
                yield Case(f"unseen/{kind}-{name}-all", "", tuple(make(m) | json.loads(json.dumps(change).replace("s1", m)) for m in MARKS), media=SOUND_MEDIA)


CUT = pic.jpeg(pic.blurred(581, "RGB", (160, 120)))
MEDIA = {"images/broken.png": PNG[: len(PNG) // 2], "images/page.jpg": b"<html>403</html>", "images/none.png": b"", "images/half.jpg": CUT[: len(CUT) // 2]}
INTACT: dict[str, bytes | None] = {"images/broken.png": PNG, "images/page.jpg": None, "images/none.png": None, "images/half.jpg": CUT}


def faults(mark: str) -> dict[str, dict[str, Any]]:
    """Return rows with a fault or oddity, by name; none changes the type of a column."""
    plain = f"What is in picture {mark}?"
    return {
        "gone": sound(mark, image="nowhere/x.png"), "broken": sound(mark, image="broken.png"), "page": sound(mark, image="page.jpg"), "none": sound(mark, image="none.png"), "half": sound(mark, image="half.jpg"),
        "no-image": sound(mark, image=...), "no-tag": sound(mark, conversations=turns(plain, answer(mark))), "tag-no-image": text_row(mark, conversations=turns(ask(mark), answer(mark))), "two-tags": sound(mark, conversations=turns("<image>\n" + ask(mark), answer(mark))),
        "tag-answer": sound(mark, conversations=turns(plain, "<image> " + answer(mark))), "tag-last": sound(mark, conversations=turns(plain + "\n<image>", answer(mark))), "tag-mid": sound(mark, conversations=turns(f"Is <image> picture {mark}?", answer(mark))),
        "empty-answer": sound(mark, conversations=turns(ask(mark), "")), "space-answer": sound(mark, conversations=turns(ask(mark), "  ")), "empty-question": text_row(mark, conversations=turns("", answer(mark))), "null-answer": sound(mark, conversations=turns(ask(mark), None)),
        "no-turns": sound(mark, conversations=[]), "null-turns": sound(mark, conversations=None), "missing-turns": sound(mark, conversations=...), "one-turn": sound(mark, conversations=turns(ask(mark))), "three-turns": sound(mark, conversations=turns(ask(mark), answer(mark), "Why?")),
        "answer-only": text_row(mark, conversations=turns(answer(mark), roles=("gpt",))), "answer-first": sound(mark, conversations=turns("Hello.", ask(mark), answer(mark), roles=("gpt", "human", "gpt"))), "two-questions": sound(mark, conversations=turns(ask(mark), "Well?", answer(mark), roles=("human", "human", "gpt"))),
        "system": sound(mark, conversations=turns("Be kind.", ask(mark), answer(mark), roles=("system", "human", "gpt"))), "user-bot": sound(mark, conversations=turns(ask(mark), answer(mark), roles=("user", "bot"))), "odd-role": sound(mark, conversations=turns(ask(mark), answer(mark), roles=("human", "narrator"))),
        "no-role": sound(mark, conversations=[*turns(ask(mark)), {"value": answer(mark)}]), "no-value": sound(mark, conversations=[*turns(ask(mark)), {"from": "gpt"}]), "im-end": sound(mark, conversations=turns(ask(mark), f"Picture {mark}.<|im_end|> More.")), "pad": sound(mark, conversations=turns(ask(mark) + " <|image_pad|>", answer(mark))),
        "null-image": sound(mark, image=None), "null-image-text": text_row(mark, image=None), "empty-image": sound(mark, image=""), "empty-image-text": text_row(mark, image=""), "same": sound(mark, id="m0"), "null-id": sound(mark, id=None), "extra": sound(mark, source="x"), "extra-null": sound(mark, source=None),
        "upper-name": sound(mark, image="S1.PNG"), "parent": sound(mark, image="../images/gone.png"), "folder": sound(mark, image="."), "video-tag": text_row(mark, conversations=turns(f"<video>\n{plain}", answer(mark))),
    }


def mixed() -> Iterator[Case]:
    kinds = sorted(faults("m0"))
    for number in range(40):
        dice = random.Random(31000 + number)
        rows: list[Any] = [text_row(f"m{n}") if dice.random() < 0.2 else sound(f"m{n}", image=f"s{dice.randrange(4)}.png") for n in range(50)]
        for place in dice.sample(range(50), 1 + number % 5):
            rows[place] = faults(f"m{place}")[dice.choice(kinds)]
        yield Case(f"unseen/mixed-{number:02d}", "", tuple(rows), media=SOUND_MEDIA | MEDIA, intact=INTACT)


def mixed_messages() -> Iterator[Case]:
    """The same faults in the dialect of messages with lists of images."""
    kinds = sorted(set(faults("m0")) - {"video-tag"})
    for number in range(20):
        dice = random.Random(32000 + number)
        rows: list[Any] = [sound(f"m{n}", image=f"s{dice.randrange(4)}.png") for n in range(20)]
        for place in dice.sample(range(20), 1 + number % 4):
            rows[place] = faults(f"m{place}")[dice.choice(kinds)]
        yield Case(f"unseen/messages-mixed-{number:02d}", "", tuple(map(as_messages, rows)), media=SOUND_MEDIA | MEDIA, intact=INTACT)


def as_messages(row: dict[str, Any]) -> dict[str, Any]:
    made = {key: value for key, value in row.items() if key not in ("image", "conversations")}
    if "image" in row:
        made["images"] = [row["image"]] if row["image"] else []
    talk = row.get("conversations", ...)
    if isinstance(talk, list):
        made["messages"] = [{NAMES[key]: ROLES.get(value, value) if key == "from" else value for key, value in turn.items()} for turn in talk]
    elif talk is not ...:
        made["messages"] = talk
    return made
