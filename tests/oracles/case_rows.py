"""Cases for the ROW, CNV and TOK rules: every way in which a row or its turns can be faulty."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cases import HERE, SOUND_MEDIA, Case, Raw, answer, ask, between, dump, sound, text_row, turns

TWO = ["s1.png", "s3.png"]
LONG = "A cloud over a hill, and a hill under a cloud. "


def cases() -> Iterator[Case]:
    for make in (shapes, images, ids, roles, turn_shapes, turn_values, orders, blanks, counts, places,
                 keys, other_keys, dialects, json_values, lengths, last_rows, neighbours, sets):
        yield from make()


def case(name: str, aims: str, *rows: Any, **more: Any) -> Case:
    return between(f"row/{name}", aims, *rows, **more)


def shapes() -> Iterator[Case]:
    yield Case("row/sound", "", (sound("s0"), sound("s1"), sound("s2"), sound("s3")), media=SOUND_MEDIA)
    yield Case("row/sound-text", "", (text_row("t0"), text_row("t1")), media=SOUND_MEDIA)
    yield Case("row/sound-mixed", "", (sound("s0"), text_row("t1"), sound("s2")), media=SOUND_MEDIA)
    yield Case("row/sound-one", "", (sound("s0"),), media=SOUND_MEDIA)
    for name, value in (
        ("string", "text"), ("empty-string", ""), ("number", 7), ("zero", 0), ("float", 0.5), ("null", None),
        ("true", True), ("false", False), ("list", [sound("s1")]), ("list-of-two", [sound("s1"), sound("s3")]),
        ("empty-list", []), ("empty-object", {}),
    ):
        yield case(f"ROW201-{name}", f"ROW201 {name}" if name != "empty-object" else "ROW202 missing", value)
    for name, value in (
        ("missing", ...), ("null", None), ("string", "text"), ("empty-string", ""), ("number", 7), ("zero", 0),
        ("true", True), ("object", {"from": "human", "value": ask("s1")}), ("empty-object", {}),
        ("list-of-strings", [ask("s1"), answer("s1")]), ("nested", [turns(ask("s1"), answer("s1"))]),
    ):
        yield case(f"ROW202-{name}", f"ROW202 {name}", sound("s1", conversations=value))
        yield case(f"ROW202-{name}-text", f"ROW202 {name}", text_row("t1", conversations=value))
    yield case("ROW203-empty", "ROW203", sound("s1", conversations=[]))
    yield case("ROW203-empty-text", "ROW203", text_row("t1", conversations=[]))


def images() -> Iterator[Case]:
    for name, value in (
        ("null", None), ("empty", ""), ("blank", " "), ("number", 7), ("zero", 0), ("float", 1.5), ("true", True),
        ("false", False), ("object", {"path": "s1.png"}), ("empty-object", {}), ("empty-list", []),
        ("list-null", [None]), ("list-empty", [""]), ("list-number", [7]), ("nested", [["s1.png"]]),
        ("list-object", [{"path": "s1.png"}]), ("list-second-null", ["s1.png", None]),
        ("list-second-empty", ["s1.png", ""]),
    ):
        tags = "<image>\n" * (2 if "second" in name else 1)
        question = tags + "What is to be seen in picture s1?"
        yield case(f"ROW208-{name}", f"ROW208 {name}",
                   sound("s1", image=value, conversations=turns(question, answer("s1"))))
        yield case(f"ROW208-{name}-text", f"ROW208 {name}", text_row("t1", image=value))
        yield case(f"ROW208-{name}-last", f"ROW208 {name}",
                   sound("s1", image=value, conversations=turns(question, answer("s1"))), last=True)
    yield case("image-list-one", "", sound("s1", image=["s1.png"]))
    yield Case("row/image-list-all", "", tuple(sound(m, image=[f"{m}.png"]) for m in ("s0", "s1", "s2")),
               media=SOUND_MEDIA)
    two = turns("<image>\n<image>\nWhat is to be seen in picture s1?", answer("s1"))
    yield case("image-list-two", "", sound("s1", image=TWO, conversations=two))
    yield case("image-list-same-twice", "", sound("s1", image=["s1.png", "s1.png"], conversations=two))
    rounds = turns(ask("s1"), answer("s1"), "<image>\nAnd here?", "The same.")
    yield case("image-list-two-rounds", "", sound("s1", image=TWO, conversations=rounds))
    three = turns("<image>\n<image>\n<image>\nWhat is to be seen in picture s1?", answer("s1"))
    yield case("image-list-three", "", sound("s1", image=["s1.png", "s3.png", "s2.png"], conversations=three))
    missing = turns("<image>\n<image>\nWhat is to be seen in picture s1?", answer("s1"))
    yield case("IMG501-in-list", "IMG501", sound("s1", image=["s1.png", "gone.png"], conversations=missing))
    yield case("IMG501-first-in-list", "IMG501", sound("s1", image=["gone.png", "s1.png"], conversations=missing))
    yield case("IMG501-list-of-one", "IMG501", sound("s1", image=["gone.png"]))
    yield case("IMG503-absolute-there", "IMG503 absolute", sound("s1", image=HERE + "/images/s1.png"))
    yield case("IMG503-absolute-gone", "IMG503 absolute", sound("s1", image=HERE + "/images/gone.png"))
    yield case("IMG503-parent-there", "IMG503 parent", sound("s1", image="../images/s1.png"))
    yield case("IMG503-parent-gone", "IMG503 parent", sound("s1", image="../images/gone.png"))
    yield case("IMG503-parent-within", "IMG503 parent", sound("s1", image="x/../s1.png"),
               media={"images/x/y.txt": b"y"})
    yield case("IMG503-dot", "", sound("s1", image="./s1.png"))
    yield case("IMG503-double-slash", "", sound("s1", image=".//s1.png"))
    yield case("IMG503-url", "IMG503 url", sound("s1", image="http://127.0.0.1:9/s1.png"))
    yield case("IMG503-file-url", "IMG503 url", sound("s1", image="file://" + HERE + "/images/s1.png"))
    yield case("IMG503-backslash", "IMG503 backslash", sound("s1", image="x\\s1.png"))
    yield case("IMG502-folder", "IMG502 folder", sound("s1", image="x.png"), media={"images/x.png/y.txt": b"y"})
    yield case("IMG501-gone", "IMG501", sound("s1", image="gone.png"))
    yield case("IMG501-gone-text", "IMG501", text_row("t1", image="gone.png"))


def ids() -> Iterator[Case]:
    for name, value in (
        ("missing", ...), ("null", None), ("empty", ""), ("blank", " "), ("number", 7), ("float", 1.5), ("zero", 0),
        ("true", True), ("list", ["s1"]), ("object", {"a": 1}), ("nan", float("nan")), ("huge", 10**30),
    ):
        code = "ROW204" if name == "missing" else "" if name in ("number", "zero", "huge") else "ROW205"
        yield case(f"id-{name}", f"{code} {name}".strip() if code else "", sound("s1", id=value))
    yield Case("row/id-null-all", "ROW205 null", tuple(sound(m, id=None) for m in ("s0", "s1", "s2")),
               media=SOUND_MEDIA)
    yield Case("row/id-missing-all", "ROW204", tuple(sound(m, id=...) for m in ("s0", "s1", "s2")),
               media=SOUND_MEDIA)
    yield Case("row/id-mixed", "ROW205 mixed", (sound("s0", id=7), sound("s1", id="G0"), sound("s2", id=8)),
               media=SOUND_MEDIA)
    yield Case("row/id-mixed-late", "ROW205 mixed", (sound("s0", id="G0"), sound("s1", id="G1"), sound("s2", id=8)),
               media=SOUND_MEDIA)
    yield case("ROW206-same", "ROW206", sound("s1", id="s0"))


ROLES = (
    "user", "assistant", "Human", "GPT", "HUMAN", "system", "tool", "function_call", "observation", "bot", "model",
    "chatgpt", "bing", "narrator", "", " human", "gpt ", "ipython", "function", "assistant\n", "人",
)


def roles() -> Iterator[Case]:
    for role in ROLES:
        name = role.strip().replace("人", "han") or "empty"
        name += {" human": "-led", "gpt ": "-trailed", "assistant\n": "-line", "HUMAN": "-upper"}.get(role, "")
        aim = f"CNV302 {name}"
        first = [{"from": role, "value": ask("s1")}, {"from": "gpt", "value": answer("s1")}]
        yield case(f"CNV302-{name}-first", aim, sound("s1", conversations=first))
        plain = [{"from": role, "value": "What is not in picture t1?"}, {"from": "gpt", "value": "A text."}]
        yield case(f"CNV302-{name}-first-text", aim, text_row("t1", conversations=plain))
        second = [{"from": "human", "value": ask("s1")}, {"from": role, "value": answer("s1")}]
        yield case(f"CNV302-{name}-answer", aim, sound("s1", conversations=second))
        later = [*turns(ask("s1"), answer("s1")), {"from": role, "value": "Is it soft?"}, *turns("It is.", roles=("gpt",))]
        yield case(f"CNV302-{name}-later", aim, sound("s1", conversations=later))
        lead = [{"from": role, "value": "You are helpful."}, *turns(ask("s1"), answer("s1"))]
        yield case(f"CNV302-{name}-leading", aim, sound("s1", conversations=lead))
    leading = [{"from": "system", "value": "You see picture t1."}, *turns("What is in it?", "A cloud.")]
    yield case("CNV302-system-leading-text", "CNV302 system", text_row("t1", conversations=leading))
    empty = [{"from": "system", "value": ""}, *turns(ask("s1"), answer("s1"))]
    yield case("CNV302-system-empty", "CNV302 system", sound("s1", conversations=empty))
    within = [*turns(ask("s1"), answer("s1")), {"from": "system", "value": "Be short."}, *turns("Is it soft?", "Yes.")]
    yield case("CNV302-system-within", "CNV302 system", sound("s1", conversations=within))
    for pair in (("user", "assistant"), ("user", "gpt"), ("human", "bot"), ("USER", "ASSISTANT"), ("human", "assistant")):
        rounds = turns(ask("s1"), answer("s1"), "Is it soft?", "It is.", roles=pair)
        yield case(f"CNV302-pair-{'-'.join(pair)}", "CNV302 pair", sound("s1", conversations=rounds))
        all_rows = tuple(sound(m, conversations=turns(ask(m), answer(m), roles=pair)) for m in ("s0", "s1", "s2"))
        yield Case(f"row/CNV302-all-{'-'.join(pair)}", "CNV302 pair", all_rows, media=SOUND_MEDIA)
    tools = turns(ask("s1"), "look(s1)", "A cloud.", answer("s1"), roles=("human", "function_call", "observation", "gpt"))
    yield case("CNV302-tools", "CNV302 tools", sound("s1", conversations=tools))


def turn_shapes() -> Iterator[Case]:
    odd: tuple[tuple[str, Any], ...] = (
        ("string", "A gradient."), ("null", None), ("number", 7), ("true", True), ("list", ["gpt", "A gradient."]),
        ("empty-list", []), ("empty-object", {}), ("no-from", {"value": "A gradient."}), ("no-value", {"from": "gpt"}),
        ("from-null", {"from": None, "value": "A gradient."}), ("from-number", {"from": 1, "value": "A gradient."}),
        ("from-list", {"from": ["gpt"], "value": "A gradient."}), ("from-object", {"from": {"a": 1}, "value": "A."}),
        ("from-true", {"from": True, "value": "A gradient."}),
        ("text-for-value", {"from": "gpt", "text": "A gradient."}),
        ("role-for-from", {"role": "gpt", "value": "A gradient."}),
        ("content-for-value", {"from": "gpt", "content": "A gradient."}),
        ("upper-keys", {"From": "gpt", "Value": "A gradient."}),
    )
    question = {"from": "human", "value": ask("s1")}
    for name, turn in odd:
        aim = f"CNV301 {name}"
        yield case(f"CNV301-{name}-last-turn", aim,
                   sound("s1", conversations=[*turns(ask("s1"), "A cloud.", "Is it soft?"), turn]))
        yield case(f"CNV301-{name}-only-answer", aim, sound("s1", conversations=[question, turn]))
        first = {**turn, "value": ask("s1")} if isinstance(turn, dict) and "value" in turn else turn
        yield case(f"CNV301-{name}-first", aim, sound("s1", conversations=[first, *turns(answer("s1"), roles=("gpt",))]))
        yield case(f"CNV301-{name}-text", aim, text_row("t1", conversations=[*turns("What is in picture t1?"), turn]))
    for name, turn in odd[:2] + odd[7:9]:
        yield case(f"CNV301-{name}-last-row", f"CNV301 {name}", sound("s1", conversations=[question, turn]), last=True)


def turn_values() -> Iterator[Case]:
    for name, value in (
        ("number", 7), ("zero", 0), ("float", 1.5), ("null", None), ("true", True), ("false", False),
        ("list", ["A gradient."]), ("empty-list", []), ("object", {"text": "A gradient."}), ("empty-object", {}),
        ("parts", [{"type": "text", "text": "A gradient."}]), ("nan", float("nan")), ("huge", 10**30),
    ):
        aim = f"CNV301 value-{name}"
        yield case(f"CNV301-answer-{name}", aim, sound("s1", conversations=turns(ask("s1"), value)))
        yield case(f"CNV301-answer-{name}-text", aim, text_row("t1", conversations=turns("Is it picture t1?", value)))
        yield case(f"CNV301-question-{name}", aim, sound("s1", conversations=turns(value, answer("s1"))))
        yield case(f"CNV301-question-{name}-text", aim, text_row("t1", conversations=turns(value, "Picture t1.")))
        later = turns(ask("s1"), answer("s1"), value, "It is.")
        yield case(f"CNV301-later-question-{name}", aim, sound("s1", conversations=later))
        later = turns(ask("s1"), answer("s1"), "How many?", value)
        yield case(f"CNV301-later-answer-{name}", aim, sound("s1", conversations=later))


def orders() -> Iterator[Case]:
    texts = [ask("s1"), answer("s1"), "Is it soft?", "It is.", "Why?", "It was made so."]
    for name, order in (
        ("CNV303-two-questions", "hhg"), ("CNV303-two-answers", "hgg"), ("CNV303-late", "hghgg"),
        ("CNV303-late-question", "hghhg"), ("CNV303-three-questions", "hhhg"), ("CNV303-ends-twice", "hghh"),
        ("CNV303-all-questions", "hh"), ("CNV304-answer-first", "ghg"), ("CNV304-answer-only", "g"),
        ("CNV304-two-answers-first", "gghg"), ("CNV304-answers-only", "gg"), ("CNV304-then-two", "gh"),
        ("CNV305-question-last", "hgh"), ("CNV305-question-only", "h"), ("CNV305-long", "hghgh"),
    ):
        roles_of = {"h": "human", "g": "gpt"}
        code = name.split("-")[0]
        plain = [{"from": roles_of[r], "value": texts[i].replace("<image>\n", "")} for i, r in enumerate(order)]
        yield case(f"{name}-text", f"{code} {order}", text_row("t1", conversations=plain))
        tagged = [dict(turn) for turn in plain]
        first = next((i for i, r in enumerate(order) if r == "h"), 0)
        tagged[first]["value"] = "<image>\n" + tagged[first]["value"]
        yield case(name, f"{code} {order}", sound("s1", conversations=tagged))
    yield case("rounds", "", sound("s1", conversations=turns(*texts)))
    many = [text for n in range(15) for text in (f"What is {n} in picture s1?", f"Thing {n}.")]
    many[0] = "<image>\n" + many[0]
    yield case("rounds-many", "", sound("s1", conversations=turns(*many)))


def blanks() -> Iterator[Case]:
    for name, text in (("empty", ""), ("space", " "), ("line", "\n"), ("lines", "\n\n"), ("no-break", "\u00a0"),
                       ("ideographic", "\u3000"), ("zero-width", "\u200b"), ("tab", "\t")):
        yield case(f"CNV306-answer-{name}", "CNV306 answer", sound("s1", conversations=turns(ask("s1"), text)))
        later = turns(ask("s1"), answer("s1"), "Is it soft?", text)
        yield case(f"CNV306-last-answer-{name}", "CNV306 answer", sound("s1", conversations=later))
        within = turns(ask("s1"), text, "Is it soft?", "It is.")
        yield case(f"CNV306-first-answer-{name}", "CNV306 answer", sound("s1", conversations=within))
        later = turns(ask("s1"), answer("s1"), text, "It is.")
        yield case(f"CNV306-question-{name}", "CNV306 question", sound("s1", conversations=later))
        first = turns(text, "Picture t1.")
        yield case(f"CNV306-question-{name}-text", "CNV306 question", text_row("t1", conversations=first))
        yield case(f"CNV307-{name}-text", "CNV307", text_row("t1", conversations=turns(text, text)))
        bare = turns("<image>", text)
        yield case(f"CNV306-bare-{name}", "CNV306 answer", sound("s1", conversations=bare))
    yield case("CNV307-four", "CNV307", text_row("t1", conversations=turns("", "", "", "")))
    for name, text in (("alone", "<image>"), ("line", "<image>\n"), ("blanks", " \n<image>\n ")):
        yield case(f"CNV312-{name}", "CNV312", sound("s1", conversations=turns(text, answer("s1"))))
    for name, text in (("leading", "  Picture s1."), ("trailing", "Picture s1.  "), ("line", "Picture s1.\n"),
                       ("lines-within", "Picture s1.\n\nIt is soft.\n\tYes."), ("spaces-within", "Picture  s1   is soft.")):
        yield case(f"space-answer-{name}", "", sound("s1", conversations=turns(ask("s1"), text)))
        yield case(f"space-question-{name}", "", sound("s1", conversations=turns("<image>\n" + text, answer("s1"))))
        yield case(f"space-text-{name}", "", text_row("t1", conversations=turns(text, answer("t1"))))
    yield case("CNV311-echo", "CNV311", text_row("t1", conversations=turns("Picture t1.", "Picture t1.")))
    yield case("CNV311-same-answers", "CNV311", sound("s1", conversations=turns(ask("s1"), "Yes.", "Is it soft?", "Yes.")))


def counts() -> Iterator[Case]:
    tag = "<image>\n"

    def q(n: int) -> str:
        return tag * n + "What is to be seen in picture s1?"

    for name, aim, image, values in (
        ("TOK401-more", "TOK401 more", "s1.png", (q(2), answer("s1"))),
        ("TOK401-more-3", "TOK401 more", "s1.png", (q(3), answer("s1"))),
        ("TOK401-more-list-1", "TOK401 more", ["s1.png"], (q(2), answer("s1"))),
        ("TOK401-more-list", "TOK401 more", TWO, (q(3), answer("s1"))),
        ("TOK401-more-each-turn", "TOK401 more", "s1.png", (q(1), answer("s1"), tag + "Is it soft?", "It is.")),
        ("TOK401-more-list-each-turn", "TOK401 more", TWO,
         (q(1), answer("s1"), tag + "Is it soft?", "It is.", tag + "Why?", "So.")),
        ("TOK401-more-late", "TOK401 more", "s1.png", (q(1), answer("s1"), tag * 2 + "Is it soft?", "It is.")),
        ("TOK401-fewer", "TOK401 fewer", TWO, (q(1), answer("s1"))),
        ("TOK401-fewer-3", "TOK401 fewer", [*TWO, "s2.png"], (q(1), answer("s1"))),
        ("TOK401-fewer-3-of-2", "TOK401 fewer", [*TWO, "s2.png"], (q(2), answer("s1"))),
        ("TOK401-fewer-late", "TOK401 fewer", TWO, (q(0), answer("s1"), tag + "Is it soft?", "It is.")),
        ("TOK401-fewer-rounds", "TOK401 fewer", [*TWO, "s2.png"],
         (q(1), answer("s1"), tag + "Is it soft?", "It is.")),
        ("TOK402-string", "TOK402 one", "s1.png", (q(0), answer("s1"))),
        ("TOK402-list-1", "TOK402 one", ["s1.png"], (q(0), answer("s1"))),
        ("TOK402-list-2", "TOK402 list", TWO, (q(0), answer("s1"))),
        ("TOK402-rounds", "TOK402 one", "s1.png", (q(0), answer("s1"), "Is it soft?", "It is.")),
        ("TOK403-one", "TOK403", ..., (q(1), answer("s1"))),
        ("TOK403-two", "TOK403", ..., (q(2), answer("s1"))),
        ("TOK403-late", "TOK403", ..., (q(0), answer("s1"), tag + "Is it soft?", "It is.")),
        ("TOK403-answer", "TOK404", ..., (q(0), "An <image> tag.")),
        ("TOK404-answer", "TOK404", "s1.png", (q(0), tag + answer("s1"))),
        ("TOK404-both", "TOK404", "s1.png", (q(1), tag + answer("s1"))),
        ("TOK404-both-two", "TOK404", TWO, (q(1), tag + answer("s1"))),
        ("TOK404-late", "TOK404", "s1.png", (q(1), answer("s1"), "Is it soft?", "It is: <image>")),
        ("TOK404-within", "TOK404", "s1.png", (q(1), "The <image> is soft.")),
        ("TOK405-second", "TOK405", "s1.png", (q(0), answer("s1"), tag + "Is it soft?", "It is.")),
        ("TOK405-list", "TOK405", ["s1.png"], (q(0), answer("s1"), tag + "Is it soft?", "It is.")),
        ("TOK405-third", "TOK405", "s1.png", (q(0), answer("s1"), "Why?", "So.", tag + "Is it soft?", "It is.")),
        ("TOK405-two", "TOK405", TWO, (q(0), answer("s1"), tag * 2 + "Is it soft?", "It is.")),
    ):
        row = sound("s1", image=image, conversations=turns(*values))
        yield case(name, aim, row)
        yield case(name + "-last", aim, row, last=True)
    for name, first, second in (("then-list", "TOK401-more", "list"), ("then-text", "TOK401-more", "text")):
        other = text_row("t2") if second == "text" else sound(
            "s3", image=TWO, conversations=turns("<image>\n<image>\nWhat is in picture s3?", answer("s3")))
        yield case(f"{first}-{name}", "TOK401 more", sound("s1", conversations=turns(q(2), answer("s1"))), other)


def places() -> Iterator[Case]:
    for name, aim, text in (
        ("TOK407-behind", "TOK407", "<image>What is in picture s1?"),
        ("TOK407-space", "TOK407", "<image> What is in picture s1?"),
        ("TOK407-before", "TOK407", "What is in picture s1? <image>"),
        ("TOK407-last-word", "TOK407", "Picture s1:<image>"),
        ("after-line", "after", "What is in picture s1?\n<image>"),
        ("after-lines", "after", "Picture s1.\nWhat is in it?\n\n<image>\n"),
        ("between-lines", "after", "Picture s1.\n<image>\nWhat is in it?"),
        ("TOK408-within", "TOK408", "In <image> of picture s1, what is seen?"),
        ("TOK408-within-line", "TOK408", "In\n<image>\nof picture s1, what is seen?"),
        ("leading-line", "", "\n<image>\nWhat is in picture s1?"),
        ("leading-space", "", "  <image>\nWhat is in picture s1?"),
        ("two-lines", "", "<image>\n\nWhat is in picture s1?"),
        ("carriage-return", "", "<image>\r\nWhat is in picture s1?"),
    ):
        yield case(f"place-{name}", aim, sound("s1", conversations=turns(text, answer("s1"))))
        listed = sound("s1", image=["s1.png"], conversations=turns(text, answer("s1")))
        yield case(f"place-{name}-list", aim, listed)
        later = turns(ask("s1"), answer("s1"), text.replace("<image>", ""), "So.")
        yield case(f"place-{name}-without", "", sound("s1", conversations=later))
    for name, aim, text in (
        ("two-after", "after", "What is in picture s1?\n<image>\n<image>"),
        ("two-around", "after", "<image>\nWhat is in picture s1?\n<image>"),
        ("two-within", "TOK408", "Is <image> like <image> of picture s1?"),
        ("two-named", "TOK407", "Picture 1: <image>\nPicture 2: <image>\nWhat is in picture s1?"),
        ("two-glued", "", "<image><image>\nWhat is in picture s1?"),
        ("two-spaced", "TOK407", "<image> <image> What is in picture s1?"),
    ):
        yield case(f"place-{name}", aim, sound("s1", image=TWO, conversations=turns(text, answer("s1"))))


def keys() -> Iterator[Case]:
    for key in ("images", "image_path", "img", "image_file", "image_url", "Image", "picture", "file_name", "image_paths"):
        row = sound("s1", image=..., **{key: "s1.png"})
        yield case(f"ROW209-{key}", f"ROW209 {key}", row)
        listed = sound("s1", image=..., **{key: ["s1.png"]})
        yield case(f"ROW209-{key}-list", f"ROW209 {key}", listed)
        yield case(f"ROW209-{key}-no-tag", f"ROW209 {key}", text_row("t1", **{key: "s1.png"}))
    yield case("ROW209-beside", "", sound("s1", images=["s1.png"]))
    yield case("extra-key", "", sound("s1", note="x"))
    yield case("extra-null", "", sound("s1", note=None))
    yield case("extra-empty-list", "", sound("s1", tags=[]))
    yield case("extra-width", "", sound("s1", width=48, height=32))
    yield Case("row/extra-changing-type", "types extra", (sound("s0", note="x"), sound("s1", note=7), sound("s2", note=[1])),
               media=SOUND_MEDIA)
    yield Case("row/extra-changing-object", "types extra",
               (sound("s0", note={"a": 1}), sound("s1", note={"a": "x"}), sound("s2", note={"b": None})), media=SOUND_MEDIA)
    yield Case("row/image-mixed-types", "types image", (sound("s0"), sound("s1", image=["s1.png"]), sound("s2")),
               media=SOUND_MEDIA)
    yield Case("row/image-mixed-first", "types image", (sound("s0", image=["s0.png"]), sound("s1"), sound("s2")),
               media=SOUND_MEDIA)
    for key, value in (("messages", []), ("messages", [{"role": "user", "content": "x"}, {"role": "assistant", "content": "y"}]),
                       ("images", []), ("images", ["s1.png"]), ("query", "x"), ("response", "y"), ("system", "Be short."),
                       ("text", "x"), ("length", 7), ("video", None), ("videos", []), ("label", 1), ("weight", 0.5),
                       ("type", "x"), ("prompt", "x"), ("history", []), ("tools", ""), ("audio", None), ("rejected", "x")):
        size = "" if not isinstance(value, list) else "-empty" if not value else "-full"
        yield case(f"added-{key}{size}", f"added {key}", sound("s1", **{key: value}))
        every = tuple(sound(m, **{key: [f"{m}.png"] if size == "-full" and key == "images" else value})
                      for m in ("s0", "s1", "s2"))
        yield Case(f"row/added-{key}{size}-all", f"added {key}", every, media=SOUND_MEDIA)
    reordered = {"conversations": turns(ask("s1"), answer("s1")), "image": "s1.png", "id": "s1"}
    yield case("keys-reordered", "", reordered)
    values_first = [{"value": ask("s1"), "from": "human"}, {"value": answer("s1"), "from": "gpt"}]
    yield case("keys-of-turns-reordered", "", sound("s1", conversations=values_first))
    extra = [turn | {"weight": 1} for turn in turns(ask("s1"), answer("s1"))]
    yield case("keys-of-turns-extra", "", sound("s1", conversations=extra))
    both = [turn | {"role": "user", "content": "x"} for turn in turns(ask("s1"), answer("s1"))]
    yield case("CNV308-both", "", sound("s1", conversations=both))
    openai = [{"role": "user", "content": ask("s1")}, {"role": "assistant", "content": answer("s1")}]
    yield case("CNV308-openai", "CNV308", sound("s1", conversations=openai))
    yield case("CNV308-openai-text", "CNV308", text_row(
        "t1", conversations=[{"role": "user", "content": "What is in picture t1?"}, {"role": "assistant", "content": "A."}]))
    yield case("CNV308-openai-human", "CNV308", sound("s1", conversations=[
        {"role": "human", "content": ask("s1")}, {"role": "gpt", "content": answer("s1")}]))
    yield Case("row/CNV308-openai-all", "CNV308", tuple(sound(m, conversations=[
        {"role": "user", "content": ask(m)}, {"role": "assistant", "content": answer(m)}]) for m in ("s0", "s1", "s2")),
        media=SOUND_MEDIA)


def other_keys() -> Iterator[Case]:
    """Keys that mean something to one of the programs, in a sound row and in its turns."""
    for name, key, value in (
        ("objects", "objects", {"ref": ["hill"], "bbox": [[1, 2, 30, 20]]}), ("objects-empty", "objects", {}),
        ("objects-list", "objects", []), ("objects-text", "objects", "x"), ("objects-null", "objects", None),
        ("rejected-response", "rejected_response", "No cloud."), ("rejected-same", "rejected_response", answer("s1")),
        ("rejected-null", "rejected_response", None), ("rejected-messages", "rejected_messages", []),
        ("rejected-images", "rejected_images", ["s3.png"]), ("label-text", "label", "x"), ("channel", "channel", "x"),
        ("margin-text", "margin", "x"), ("positive", "positive_messages", []), ("chosen", "chosen", "x"),
        ("input-ids", "input_ids", [1, 2, 3]), ("completion", "completion", "x"), ("labels", "labels", [1]),
        ("template-kwargs", "chat_template_kwargs", {"add_generation_prompt": True}), ("template", "chat_template", "x"),
        ("assistant-masks", "assistant_masks", [1]), ("data-path", "data_path", "/none"), ("pure-text", "pure_text", True),
        ("width-list", "width_list", [48]), ("conversation", "conversation", []), ("audios", "audios", []),
        ("images-null", "images", None), ("image-sizes", "image_sizes", [[1, 1]]), ("modalities", "modalities", ["video"]),
    ):
        yield case(f"key-{name}", f"added {key}", sound("s1", **{key: value}))
    for name, extra in (
        ("loss-false", {"loss": False}), ("loss-true", {"loss": True}), ("loss-null", {"loss": None}),
        ("loss-text", {"loss": "x"}), ("loss-scale", {"loss_scale": 0.0}), ("weight-zero", {"weight": 0}),
        ("name", {"name": "x"}), ("tool-calls", {"tool_calls": []}), ("reasoning", {"reasoning_content": "x"}),
        ("image", {"image": "s3.png"}), ("images", {"images": ["s3.png"]}),
    ):
        question, reply = turns(ask("s1"), answer("s1"))
        yield case(f"turn-{name}", f"added to a turn: {name}", sound("s1", conversations=[question, reply | extra]))
    question, reply = turns(ask("s1"), answer("s1"))
    yield case("turn-question-loss", "added to a turn: loss", sound("s1", conversations=[question | {"loss": True}, reply]))
    two = turns("<image>\n<image>\nWhat is to be seen in picture s1?", answer("s1"))
    yield case("image-list-same-otherwise", "", sound("s1", image=["s1.png", "./s1.png"], conversations=two))
    yield case("ROW208-list-second-nested", "ROW208", sound("s1", image=["s1.png", ["s3.png"]], conversations=two))
    yield case("image-list-many", "", sound("s1", image=["s1.png"] * 9,
                                            conversations=turns("<image>\n" * 9 + "What is to be seen?", answer("s1"))))
    deep: Any = "s1"
    for _ in range(60):
        deep = [deep]
    yield case("id-deep", "ROW205", sound("s1", id=deep))
    yield case("extra-deep", "", sound("s1", note=deep))


def dialects() -> Iterator[Case]:
    def messages(mark: str, **more: Any) -> dict[str, Any]:
        return {"messages": [{"role": "user", "content": ask(mark)}, {"role": "assistant", "content": answer(mark)}],
                "images": [f"{mark}.png"], **more}

    def parts(mark: str) -> dict[str, Any]:
        content = [{"type": "image"}, {"type": "text", "text": f"What is in picture {mark}?"}]
        return {"messages": [{"role": "user", "content": content},
                             {"role": "assistant", "content": [{"type": "text", "text": answer(mark)}]}],
                "images": [f"{mark}.png"]}

    def sharegpt(mark: str) -> dict[str, Any]:
        return sound(mark, image=..., images=[f"{mark}.png"])

    def alpaca(mark: str) -> dict[str, Any]:
        return {"instruction": ask(mark), "input": "", "output": answer(mark), "images": [f"{mark}.png"]}

    def query(mark: str) -> dict[str, Any]:
        return {"query": ask(mark), "response": answer(mark), "images": [f"{mark}.png"]}

    for make in (messages, parts, sharegpt, alpaca, query):
        rows = tuple(make(mark) for mark in ("s0", "s1", "s2"))
        yield Case(f"row/dialect-{make.__name__}", f"dialect {make.__name__}", rows, media=SOUND_MEDIA)
        yield case(f"dialect-{make.__name__}-one", f"dialect {make.__name__}", make("s1"))
    for name, images in (("fewer", []), ("more", ["s1.png", "s3.png"]), ("missing", ["gone.png"]), ("string", "s1.png"),
                         ("null", None), ("objects", [{"path": "s1.png"}]), ("absolute", [HERE + "/images/s1.png"])):
        rows = (messages("s0"), {**messages("s1"), "images": images}, messages("s2"))
        yield Case(f"row/messages-images-{name}", f"dialect messages {name}", rows, media=SOUND_MEDIA)
        rows = (sharegpt("s0"), {**sharegpt("s1"), "images": images}, sharegpt("s2"))
        yield Case(f"row/sharegpt-images-{name}", f"dialect sharegpt {name}", rows, media=SOUND_MEDIA)
    for name, broken in (("empty", []), ("null", None), ("string", "x"), ("no-role", [{"content": "x"}]),
                         ("no-content", [{"role": "user"}]), ("content-null", [{"role": "user", "content": None}]),
                         ("content-number", [{"role": "user", "content": 7}]), ("role-odd", [{"role": "x", "content": "y"}]),
                         ("assistant-first", [{"role": "assistant", "content": "x"}, {"role": "user", "content": "y"}]),
                         ("user-only", [{"role": "user", "content": "x"}])):
        rows = (messages("s0"), {**messages("s1"), "messages": broken}, messages("s2"))
        yield Case(f"row/messages-turns-{name}", f"dialect messages {name}", rows, media=SOUND_MEDIA)


def json_values() -> Iterator[Case]:
    whole = dump(sound("s1"))

    def edited(name: str, aims: str, old: str, new: str) -> Case:
        assert whole.count(old) == 1, old
        return case(name, aims, Raw(whole.replace(old, new)))

    for number in ("NaN", "Infinity", "-Infinity", "1e400", "-0", "12345678901234567890123"):
        yield edited(f"JSN107-{number.lower()}", "JSN107" if number[-1] in "Ny" else "",
                     '"id": "s1"', f'"id": "s1", "extra": {number}')
    yield edited("JSN107-id", "JSN107", '"id": "s1"', '"id": NaN')
    yield edited("JSN107-image", "JSN107", '"image": "s1.png"', '"image": NaN')
    yield edited("JSN108-extra", "JSN108 extra", '"id": "s1"', '"id": "s1", "extra": "\\ud83d"')
    yield edited("JSN108-id", "JSN108 id", '"id": "s1"', '"id": "s\\ud83d"')
    yield edited("JSN108-question", "JSN108 text", "seen in picture", "seen \\ud83d in picture")
    yield edited("JSN108-answer", "JSN108 text", "soft gradient", "soft \\ude00 gradient")
    yield edited("JSN108-path", "JSN108 path", '"image": "s1.png"', '"image": "s1\\ud83d.png"')
    yield edited("JSN108-key", "JSN108 extra", '"id": "s1"', '"id": "s1", "\\ud83d": 1')
    yield edited("JSN109-id", "JSN109 id", '"id": "s1"', '"id": "x", "id": "s1"')
    yield edited("JSN109-image", "JSN109 image", '"image": "s1.png"', '"image": "gone.png", "image": "s1.png"')
    yield edited("JSN109-image-lost", "JSN109 image", '"image": "s1.png"', '"image": "s3.png", "image": "s1.png"')
    yield edited("JSN109-image-gone", "JSN109 image", '"image": "s1.png"', '"image": "s1.png", "image": "gone.png"')
    yield edited("JSN109-turns", "JSN109 conversations", '"conversations":', '"conversations": [], "conversations":')
    yield edited("JSN109-value", "JSN109 value", '"from": "gpt", "value":', '"from": "gpt", "value": "Lost.", "value":')
    yield edited("JSN109-from", "JSN109 from", '"from": "gpt"', '"from": "human", "from": "gpt"')
    yield edited("JSN109-extra", "JSN109 extra", '"id": "s1"', '"id": "s1", "x": 1, "x": 2')
    for name, raw in (("tab", "\t"), ("newline", "\\n"), ("escape", "\x1b"), ("nul", "\x00"), ("unit", "\x1f")):
        if name != "newline":
            yield edited(f"JSN101-raw-{name}", "JSN101 control", "soft gradient", f"soft{raw}gradient")
    for name, escape in (("nul", "\\u0000"), ("escape", "\\u001b"), ("bell", "\\u0007"), ("delete", "\\u007f"),
                         ("replacement", "\\ufffd"), ("bom", "\\ufeff"), ("c1", "\\u0092"), ("form-feed", "\\f"),
                         ("vertical-tab", "\\u000b"), ("line-separator", "\\u2028"), ("rtl", "\\u202e"),
                         ("private", "\\ue000"), ("noncharacter", "\\uffff"), ("emoji", "\\ud83d\\ude00"),
                         ("mojibake", "caf\\u00c3\\u00a9")):
        yield edited(f"CNV310-answer-{name}", "CNV310", "soft gradient", f"soft {escape} gradient")
        yield edited(f"CNV310-question-{name}", "CNV310", "seen in picture", f"seen {escape} in picture")
    yield edited("JSN101-comma", "JSN101", '"id": "s1"', '"id": "s1",,')
    yield edited("JSN101-trailing-comma", "JSN101", 'gradient."}]', 'gradient."},]')
    yield edited("JSN101-single-quotes", "JSN101", '"id": "s1"', "'id': 's1'")
    yield edited("JSN101-comment", "JSN101", '"id": "s1"', '/* id */ "id": "s1"')
    yield edited("JSN101-escape", "JSN101", "soft gradient", "soft \\x gradient")
    yield edited("JSN101-true", "JSN101", '"id": "s1"', '"id": True')
    for depth in (50, 200, 900, 1100):
        yield edited(f"JSN112-{depth}", "JSN112" if depth > 1000 else "", '"id": "s1"',
                     f'"id": "s1", "extra": {"[" * depth}{"]" * depth}')


def lengths() -> Iterator[Case]:
    """Rows near and past 2,048 tokens; "a cloud…" is 12 tokens in either tokenizer."""
    for words in (100, 1000, 1500, 2000, 3000):
        text = "Picture s1. " + LONG * (words // 10)
        yield case(f"long-answer-{words}", f"long {words}", sound("s1", conversations=turns(ask("s1"), text)))
        yield case(f"long-question-{words}", f"long {words}",
                   sound("s1", conversations=turns("<image>\n" + text, answer("s1"))))
        yield case(f"long-text-{words}", f"long {words}",
                   text_row("t1", conversations=turns("What is in it?", text.replace("s1", "t1"))))
    rounds = [text for n in range(120) for text in (f"What is thing {n} in picture s1?", f"Thing {n} is a cloud over a hill.")]
    rounds[0] = "<image>\n" + rounds[0]
    yield case("long-rounds", "long", sound("s1", conversations=turns(*rounds)))
    han = "图片是天空和山。" * 300
    yield case("long-han", "long", sound("s1", conversations=turns(ask("s1"), "Picture s1. " + han)))
    code = "x_{17} = f(a[3]) ** 2; // -> {\"k\": 0x1F}\n" * 90
    yield case("long-code", "long", sound("s1", conversations=turns(ask("s1"), "Picture s1. " + code)))


def last_rows() -> Iterator[Case]:
    """The same faults in the last row, and in two consecutive rows, so that no next row can replace them."""
    broken: tuple[tuple[str, Any], ...] = (
        ("IMG501", sound("s1", image="gone.png")),
        ("ROW202", sound("s1", conversations=...)),
        ("CNV301", sound("s1", conversations=[{"from": "human"}])),
        ("CNV302", sound("s1", conversations=turns(ask("s1"), answer("s1"), roles=("narrator", "x")))),
        ("CNV303", sound("s1", conversations=turns(ask("s1"), "a", "b", roles=("human", "gpt", "gpt")))),
        ("CNV308", sound("s1", conversations=[{"role": "user", "content": ask("s1")}])),
        ("ROW201", None),
    )
    for code, row in broken:
        yield case(f"{code}-last-row", code, row, last=True)
        yield case(f"{code}-two-rows", code, row, row)
        yield Case(f"row/{code}-first-row", code, (row, sound("s2"), sound("s3")), media=SOUND_MEDIA)
        yield Case(f"row/{code}-alone", code, (row,), media=SOUND_MEDIA)


def neighbours() -> Iterator[Case]:
    """Every pair of some faults in one row."""
    faults: dict[str, dict[str, Any]] = {
        "IMG501": {"image": "gone.png"},
        "ROW208": {"image": None},
        "TOK402": {"conversations": turns("What is in picture s1?", answer("s1"))},
        "TOK401": {"conversations": turns("<image>\n<image>\nPicture s1?", answer("s1"))},
        "CNV302": {"conversations": turns(ask("s1"), answer("s1"), roles=("user", "assistant"))},
        "CNV303": {"conversations": turns(ask("s1"), "a", "b", roles=("human", "gpt", "gpt"))},
        "CNV301": {"conversations": [*turns(ask("s1"), answer("s1")), None]},
        "CNV305": {"conversations": turns(ask("s1"), answer("s1"), "Why?")},
        "ROW205": {"id": None},
        "CNV306": {"conversations": turns(ask("s1"), "")},
    }
    for first, one in faults.items():
        for second, other in faults.items():
            if first < second and not set(one) & set(other):
                yield case(f"pair-{first}-{second}", f"{first} {second}", sound("s1", **one, **other))


def sets() -> Iterator[Case]:
    yield case("ROW210-twice", "ROW210", sound("s1"), sound("s1"))
    yield case("ROW210-three", "ROW210", sound("s1"), sound("s1", id="x"), sound("s1", id="y"))
    yield case("SET605-answers", "SET605", sound("s1"), sound("s1", conversations=turns(ask("s1"), "A cloud.")))
    yield case("SET601-copies", "SET601", sound("s1"), sound("s3", image="copy.png"),
               media={"images/copy.png": SOUND_MEDIA["images/s1.png"]})
    yield case("SET604-case", "SET604", sound("s1", image="A.png"), sound("s3", image="a.png"),
               media={"images/A.png": SOUND_MEDIA["images/s1.png"], "images/a.png": SOUND_MEDIA["images/s3.png"]})
