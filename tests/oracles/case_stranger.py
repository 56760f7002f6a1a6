"""Cases by a second stranger, who did not know the predictions: several faults in one row, columns that first appear late
in the file, odd values in each field, rows in the programs' own dialects, and odd pictures."""

from __future__ import annotations

import io
import json
import random
from collections.abc import Callable, Iterator
from typing import Any

import pictures as pic
from cases import SOUND, SOUND_MEDIA, Case, answer, ask, between, dump, sound, text_row, turns
from PIL import Image

PNG = SOUND["s1"]
MARKS = ("s0", "s1", "s2")
Row = dict[str, Any]


def cases() -> Iterator[Case]:
    for make in (pairs, late, media_values, extra_media, fields, roles, texts, files, odd_pictures, openai_rows, xtuner_rows, part_rows, mixed, mixed_messages, nulls):
        yield from make()


def case(name: str, *rows: Any, **more: Any) -> Case:
    return between(f"stranger/{name}", "", *rows, **more)


def among(name: str, *rows: Any) -> Case:
    """Put rows of another dialect between two of LLaVA's. All have different content, so that records show which are left out."""
    return Case(f"stranger/{name}", "", (sound("m8"), *rows, sound("m9", image="s3.png")), media=SOUND_MEDIA)


def three(name: str, make: Callable[[str], Any]) -> Case:
    return Case(f"stranger/{name}", "", tuple(make(mark) for mark in MARKS), media=SOUND_MEDIA)


def talk(mark: str, *pairs: tuple[Any, Any]) -> Row:
    return {"conversations": [{"from": who, "value": what} for who, what in pairs]}


def pairs() -> Iterator[Case]:
    """Two or three faults in one row."""
    q, a = ask("s1"), answer("s1")
    plain = "What is in picture s1?"
    for name, row in (
        ("gone-two-tags", sound("s1", image="gone.png", conversations=turns("<image>\n" + q, a))),
        ("gone-answer-empty", sound("s1", image="gone.png", conversations=turns(q, ""))),
        ("gone-answer-null", sound("s1", image="gone.png", conversations=turns(q, None))),
        ("gone-no-tag", sound("s1", image="gone.png", conversations=turns(plain, a))),
        ("gone-answer-first", sound("s1", image="gone.png", conversations=turns(a, q, roles=("gpt", "human")))),
        ("two-images-one-gone-one-tag", sound("s1", image=["s1.png", "gone.png"])),
        ("two-images-no-tag", sound("s1", image=["s1.png", "s3.png"], conversations=turns(plain, a))),
        ("two-images-one-tag-late", sound("s1", image=["s1.png", "s3.png"], conversations=turns(plain, a, "<image>\nAnd this?", "Soft."))),
        ("two-images-tags-apart", sound("s1", image=["s1.png", "s3.png"], conversations=turns(q, a, "<image>\nAnd this?", "Soft."))),
        ("two-images-tag-in-answer", sound("s1", image=["s1.png", "s3.png"], conversations=turns(q, "<image> is " + a))),
        ("null-image-odd-role", sound("s1", image=None, conversations=turns(plain, a, roles=("human", "narrator")))),
        ("null-image-tag", sound("s1", image=None)),
        ("empty-list-tag", sound("s1", image=[])),
        ("empty-list-no-tag", sound("s1", image=[], conversations=turns(plain, a))),
        ("list-of-blank-tag", sound("s1", image=[" "])),
        ("role-null-value-null", sound("s1", conversations=[{"from": None, "value": None}, {"from": "gpt", "value": a}])),
        ("system-answer-first", sound("s1", **talk("s1", ("system", "Be short."), ("gpt", "Hello."), ("human", q), ("gpt", a)))),
        ("system-question-last", sound("s1", **talk("s1", ("system", "Be short."), ("human", q), ("gpt", a), ("human", "And?")))),
        ("system-tag-surplus", sound("s1", **talk("s1", ("system", "Be <image> short."), ("human", q), ("gpt", a)))),
        ("question-empty-answer-empty", sound("s1", conversations=turns("", ""))),
        ("question-tag-only-answer-blank", sound("s1", conversations=turns("<image>", " "))),
        ("question-tag-only", sound("s1", conversations=turns("<image>", a))),
        ("upper-roles-two-tags", sound("s1", conversations=turns("<image>\n" + q, a, roles=("Human", "GPT")))),
        ("duplicate-rows", sound("s0")), ("id-missing-image-missing", sound("s1", id=..., image=...)),
        ("everything-null", {"id": None, "image": None, "conversations": None}), ("nothing-but-id", {"id": "s1"}), ("nothing-but-turns", {"conversations": turns(plain, a)}),
        ("value-long-blank-end", sound("s1", conversations=turns(q, a + "\n" * 500))), ("pad-and-end", sound("s1", conversations=turns(q + "<|image_pad|>", a + "<|im_end|>"))),
        ("video-tag-image", sound("s1", conversations=turns("<video>\n" + q, a))), ("audio-tag-image", sound("s1", conversations=turns("<audio>\n" + q, a))),
        ("turn-extra-null", sound("s1", conversations=[{"from": "human", "value": q, "images": None}, {"from": "gpt", "value": a, "weight": 1}])),
    ):
        yield case(f"pair-{name}", row)


def late() -> Iterator[Case]:
    """A column that first appears late in the file, or only in one row."""
    for name, key, value in (
        ("images-list", "images", ["s2.png"]), ("images-null", "images", None), ("images-empty", "images", []), ("images-string", "images", "s2.png"), ("videos-empty", "videos", []), ("videos-null", "videos", None),
        ("audios-empty", "audios", []), ("messages-null", "messages", None), ("messages-empty", "messages", []), ("system-text", "system", "Be short."), ("system-null", "system", None), ("tools-empty", "tools", []), ("tools-list", "tools", [{"name": "look"}]),
        ("text", "text", "x"), ("prompt", "prompt", "x"), ("label-false", "label", False), ("chosen-null", "chosen", None), ("query", "query", "x"), ("response", "response", "x"), ("history", "history", [["a", "b"]]), ("input", "input", "x"), ("instruction", "instruction", "x"), ("output", "output", "x"),
        ("image-path", "image_path", "s2.png"), ("objects-empty", "objects", {}), ("objects-bbox", "objects", {"ref": ["a"], "bbox": [[1, 2, 3, 4]]}), ("channel", "channel", "x"), ("solution", "solution", "x"), ("margin", "margin", 0.5), ("token-type", "token_type_ids", [1]), ("labels", "labels", [1, 2]), ("input-ids", "input_ids", [1, 2]),
    ):
        yield Case(f"stranger/late-{name}", "", (sound("s0"), sound("s1"), sound("s2", **{key: value})), media=SOUND_MEDIA)
    for name, first in (("image", sound("s0", image=...)), ("conversations", sound("s0", conversations=...)), ("id", sound("s0", id=...)), ("image-text", text_row("t0"))):
        yield Case(f"stranger/late-first-lacks-{name}", "", (first, sound("s1"), sound("s2")), media=SOUND_MEDIA)
    yield Case("stranger/late-keys-all-differ", "", tuple(sound(mark, **{f"k{mark}": mark}) for mark in MARKS), media=SOUND_MEDIA)
    yield Case("stranger/late-order-differs", "", (sound("s0"), dict(reversed(sound("s1").items())), sound("s2")), media=SOUND_MEDIA)


def media_values() -> Iterator[Case]:
    for name, value in (
        ("comma-joined", "s1.png,s3.png"), ("list-with-number", ["s1.png", 7]), ("list-with-object", [{"path": "s1.png"}]), ("list-bytes-null", [{"bytes": None, "path": "s1.png"}]), ("object-numbered", {"0": "s1.png"}), ("nested-twice", [[["s1.png"]]]), ("true-list", [True]),
        ("newline-end", "s1.png\n"), ("quoted", "'s1.png'"), ("upper", "S1.PNG"), ("folder-slash", "images/s1.png"), ("dot-slash", "./s1.png"), ("nul", "s1.png\0"), ("float", 1.5), ("list-empty-string", [""]), ("list-twice", ["s1.png", "s1.png"]), ("list-none-second", ["s1.png", None]), ("none-string", "None"), ("null-string", "null"), ("nan-string", "nan"),
    ):
        yield case(f"image-{name}", sound("s1", image=value))
    for name, value in (("number", lambda mark: 7), ("false", lambda mark: False), ("object-path", lambda mark: {"path": f"{mark}.png"}), ("list-object-path", lambda mark: [{"path": f"{mark}.png"}]), ("list-null", lambda mark: [None]), ("list-of-lists", lambda mark: [[f"{mark}.png"]]), ("blank", lambda mark: "")):
        yield three(f"image-every-{name}", lambda mark, value=value: sound(mark, image=value(mark)))


def extra_media() -> Iterator[Case]:
    plain = "What is in picture t1?"
    for name, changes, question in (
        ("videos-object", {"videos": [{"path": "v.mp4"}]}, "<video>\n" + plain), ("videos-null-in-list", {"videos": [None]}, plain), ("videos-empty-tag", {"videos": []}, "<video>\n" + plain), ("audio-string", {"audio": "a.wav"}, "<audio>\n" + plain), ("audios-list", {"audios": ["a.wav"]}, "<audio>\n" + plain), ("audios-no-tag", {"audios": ["a.wav"]}, plain), ("audio-null", {"audio": None}, plain), ("video-null-tag", {"video": None}, "<video>\n" + plain), ("video-list-empty", {"video": []}, plain), ("video-object", {"video": {"path": "v.mp4"}}, plain), ("video-true", {"video": True}, plain),
    ):
        yield case(f"media-{name}", text_row("t1", conversations=turns(question, answer("t1")), **changes), media={"videos/v.mp4": b"no video", "images/a.wav": b"no sound"}, intact={"videos/v.mp4": None, "images/a.wav": None})
    for name, changes in (("video-null", {"video": None}), ("videos-empty", {"videos": []}), ("audios-null", {"audios": None}), ("video-empty", {"video": ""})):
        yield three(f"media-every-{name}", lambda mark, changes=changes: sound(mark, **changes))


def fields() -> Iterator[Case]:
    """Odd types in every field of a row and of a turn."""
    q, a = ask("s1"), answer("s1")
    for name, row in (
        ("id-list", sound("s1", id=["s1"])), ("id-object", sound("s1", id={"n": 1})), ("id-true", sound("s1", id=True)), ("id-float", sound("s1", id=1.5)), ("id-empty", sound("s1", id="")),
        ("turns-object-of-turns", sound("s1", conversations={"0": turns(q, a)[0], "1": turns(q, a)[1]})), ("turns-object-of-lists", sound("s1", conversations={"from": ["human", "gpt"], "value": [q, a]})), ("turns-of-pairs", sound("s1", conversations=[["human", q], ["gpt", a]])), ("turns-one-key", sound("s1", conversations=[{"human": q}, {"gpt": a}])), ("turns-list-end-null", sound("s1", conversations=[*turns(q, a), None])),
        ("turns-false", sound("s1", conversations=False)), ("turns-zero", sound("s1", conversations=0)), ("value-object-text", sound("s1", conversations=turns(q, {"text": a}))), ("value-list-text", sound("s1", conversations=turns(q, [a]))), ("value-nested-list", sound("s1", conversations=turns(q, [[a]]))), ("from-empty-both", sound("s1", conversations=turns(q, a, roles=("", "")))), ("from-list-both", sound("s1", conversations=[{"from": ["human"], "value": q}, {"from": ["gpt"], "value": a}])),
        ("value-bool", sound("s1", conversations=turns(q, True))), ("value-float-exponent", sound("s1", conversations=turns(q, 1e20))), ("question-number", sound("s1", conversations=turns(7, a))), ("question-list-parts", sound("s1", conversations=turns([{"type": "image"}, {"type": "text", "text": "Picture s1?"}], a))), ("answer-parts", sound("s1", conversations=turns(q, [{"type": "text", "text": a}]))),
    ):
        yield case(f"field-{name}", row)
    for name, make in (
        ("id-null", lambda mark: sound(mark, id=None)), ("id-list", lambda mark: sound(mark, id=[mark])), ("value-list", lambda mark: sound(mark, conversations=turns([ask(mark)], [answer(mark)]))), ("value-number", lambda mark: text_row(mark, conversations=turns(1, 2))), ("turn-id", lambda mark: sound(mark, conversations=[{**turn, "id": n} for n, turn in enumerate(turns(ask(mark), answer(mark)))])),
        ("turn-loss-true", lambda mark: sound(mark, conversations=[{**turn, "loss": True} for turn in turns(ask(mark), answer(mark))])), ("turn-weight-zero", lambda mark: sound(mark, conversations=[{**turn, "weight": 0} for turn in turns(ask(mark), answer(mark))])), ("turn-null-extra", lambda mark: sound(mark, conversations=[{**turn, "name": None} for turn in turns(ask(mark), answer(mark))])),
        ("key-case", lambda mark: {key.title(): value for key, value in sound(mark).items()}), ("turns-tuple", lambda mark: sound(mark, conversations=[[ask(mark), answer(mark)]])),
    ):
        yield three(f"every-{name}", make)


def roles() -> Iterator[Case]:
    q, a = ("human", ask("s1")), ("gpt", answer("s1"))
    for name, *pairs in (
        ("system-empty", ("system", ""), q, a), ("system-tag-only", ("system", "<image>"), ("human", "What is in picture s1?"), a), ("system-human-system", ("system", "Be short."), q, ("system", "Be kind."), a), ("system-end-pair", q, a, ("system", "Be short."), ("gpt", "Yes.")), ("gpt-gpt-human", a, ("gpt", "More."), q), ("human-x5", q, q, q, q, q), ("gpt-only-three", a, a, a),
        ("tool-after-answer", q, a, ("tool", "It rains.")), ("observation-first", ("observation", "It rains."), q, a), ("function-first", ("function_call", "{}"), ("observation", "x"), a), ("function-empty", q, ("function_call", ""), ("observation", ""), a), ("function-list", q, ("function_call", '[{"name": "look", "arguments": {}}]'), ("observation", "x"), a), ("function-no-arguments", q, ("function_call", '{"name": "look"}'), ("observation", "x"), a), ("function-arguments-text", q, ("function_call", '{"name": "look", "arguments": "s1"}'), ("observation", "x"), a),
        ("tool-call-role", q, ("tool_call", '{"name": "look", "arguments": {}}'), ("tool_response", "x"), a), ("assistant-human", ("assistant", answer("s1")), q), ("user-gpt-human-assistant", ("user", ask("s1")), a, ("human", "And?"), ("assistant", "So.")), ("critic", q, ("critic", "Wrong."), a), ("role-unicode", ("人类", ask("s1")), ("助手", answer("s1"))), ("role-tab", ("human\t", ask("s1")), a), ("role-nul", ("human\0", ask("s1")), a), ("thought", q, ("thought", "Hm."), a),
    ):
        yield case(f"role-{name}", sound("s1", **talk("s1", *pairs)))


def texts() -> Iterator[Case]:
    a = answer("s1")
    for name, question, reply in (
        ("tag-wide", "＜image＞\nPicture s1?", a), ("tag-title", "<Image>\nPicture s1?", a), ("tag-space", "<image >\nPicture s1?", a), ("tag-closed", "<image/>\nPicture s1?", a), ("tag-numbered", "<image1>\nPicture s1?", a), ("tag-placeholder", "<image_placeholder>\nPicture s1?", a), ("tag-pipes", "<|image|>\nPicture s1?", a), ("tag-pair", "<image></image>\nPicture s1?", a), ("tag-bracket", "[image]\nPicture s1?", a), ("tag-escaped", "&lt;image&gt;\nPicture s1?", a), ("tag-doubled-brackets", "<<image>>\nPicture s1?", a), ("tag-split-lines", "<ima\nge>\nPicture s1?", a), ("tag-context", "<IMG_CONTEXT>\nPicture s1?", a), ("tag-img", "<img>\nPicture s1?", a),
        ("tag-with-file", "<image>s1.png</image>\nPicture s1?", a), ("tag-last-newline", "Picture s1?\n<image>\n", a), ("tag-indent", "   <image>   \n\n  Picture s1?", a), ("emoji-zwj", "<image>\nPicture s1 👩‍👩‍👧?", "Picture s1 👩‍👩‍👧."), ("combining", "<image>\nPicture s1 e\u0301?", "Picture s1 e\u0301."), ("hangul-jamo", "<image>\nPicture s1 \u1112\u1161\u11ab?", "Picture s1 \u1112\u1161\u11ab."), ("direction-marks", "<image>\nPicture \u202es1\u202c?", "Picture \u2067s1\u2069."), ("nul-in-answer", "<image>\nPicture s1?", "Picture s1\0."), ("bom-first", "\ufeff<image>\nPicture s1?", "\ufeff" + a), ("private", "<image>\nPicture s1 \ue000?", "Picture s1 \U000f0000."), ("tags-many", "<image>" * 40 + "\nPicture s1?", a),
        ("think", "<image>\nPicture s1?", "<think>Hm.</think>Picture s1."), ("think-open", "<image>\nPicture s1?", "<think>Picture s1."), ("think-in-question", "<image>\nPicture s1? </think>", a), ("im-start", "<image>\nPicture s1?", "<|im_start|>assistant\nPicture s1."), ("end-of-text", "<image>\nPicture s1?<|endoftext|>", a), ("tool-call", "<image>\nPicture s1?", '<tool_call>\n{"name": "look", "arguments": {}}\n</tool_call>'), ("box", "<image>\nWhere is <|object_ref_start|>s1<|object_ref_end|>?", "<|box_start|>(1,2),(3,4)<|box_end|>"), ("vision-start", "<image>\n<|vision_start|>Picture s1?", a), ("video-pad", "<image>\nPicture s1? <|video_pad|>", a), ("inst", "<image>\n[INST] Picture s1? [/INST]", a), ("s-tag", "<image>\n<s>Picture s1?</s>", "Picture s1.</s>"),
        ("long-word", "<image>\nPicture s1?", "Picture s1 " + "ab" * 900), ("mixed-lines", "<image>\r\nPicture\rs1?\r\n", "Picture\r\ns1.\r"), ("only-punctuation", "<image>\n???", "..."), ("blank-lines-first", "\n\n<image>\n\nPicture s1?", "\n\nPicture s1."), ("tabs", "<image>\tPicture\ts1?", "\tPicture\ts1.\t"),
    ):
        yield case(f"text-{name}", sound("s1", conversations=turns(question, reply)))


def files() -> Iterator[Case]:
    rows = [sound(mark) for mark in MARKS]
    flat = "".join(dump(row) + "\n" for row in rows).encode()
    whole = json.dumps(rows, indent=1).encode()
    one, two, three_ = flat.splitlines()
    for name, data in (
        ("array-in-lines-then-blank", b"[" + one + b"]\n\n"), ("each-line-an-array", b"[" + one + b"]\n[" + two + b"]\n"), ("each-line-a-string", b"".join(json.dumps(line.decode()).encode() + b"\n" for line in (one, two, three_))), ("crlf-blank", one + b"\r\n\r\n" + two + b"\r\n"), ("return-once", one + b"\r" + two + b"\n" + three_ + b"\n"), ("return-all-then-newline", flat.replace(b"\n", b"\r") + b"\n"), ("return-at-end", flat.rstrip() + b"\r"), ("return-within", flat.replace(b'", "conv', b'",\r"conv', 1)), ("returns-doubled", flat.replace(b"\n", b"\r\r\n", 1)), ("bom-array", b"\xef\xbb\xbf" + whole), ("nul-at-end", flat + b"\0"), ("sub-at-end", flat + b"\x1a"),
        ("empty-objects", one + b"\n{}\n" + two + b"\n"), ("nulls", one + b"\nnull\n"), ("numbers", b"1\n2\n3\n"), ("concatenated", one + two + three_), ("commas", one + b",\n" + two + b",\n" + three_), ("brackets-apart", b"[\n" + one + b",\n" + two + b"\n]\n"), ("zero-exponent", flat.replace(b'"id": "s1"', b'"id": "s1", "n": 0e999', 1)), ("zero-exponent-within", flat.replace(b'"id": "s1"', b'"id": "s1", "n": {"a": [0.0E+310]}', 1)), ("large-exponent", flat.replace(b'"id": "s1"', b'"id": "s1", "n": 1.8e308', 1)), ("wide-fraction", flat.replace(b'"id": "s1"', b'"id": "s1", "n": ' + b"1" * 25 + b".5", 1)), ("minus-zero", flat.replace(b'"id": "s1"', b'"id": "s1", "n": -0', 1)),
        ("nan-among-numbers", flat.replace(b'"id": "s1"', b'"id": "s1", "n": NaN', 1)), ("capital-true", flat.replace(b'"id": "s1"', b'"id": "s1", "n": True', 1)), ("plus-number", flat.replace(b'"id": "s1"', b'"id": "s1", "n": +1', 1)), ("colon-missing", flat.replace(b'"id": "s1"', b'"id" "s1"', 1)), ("escape-bad", flat.replace(b"soft gradient", b"soft \\x41 gradient", 1)), ("escape-u-short", flat.replace(b"soft gradient", b"soft \\u12 gradient", 1)), ("key-not-quoted", flat.replace(b'"id"', b"id", 1)), ("key-empty", flat.replace(b'"id": "s1"', b'"": "s1"', 1)), ("comment-line", one + b"\n// x\n" + two + b"\n"), ("slash-escaped", flat.replace(b"s1.png", b"s1\\u002epng")), ("id-twice", flat.replace(b'"id": "s1"', b'"id": "s1", "id": "s1"', 1)),
    ):
        for form in ("jsonl", "json"):
            yield Case(f"stranger/{form}-{name}", "", data=data, file=f"rows.{form}", media=SOUND_MEDIA)
    many = [sound(f"m{n}", image="s0.png", note="x" * 2300) for n in range(150)]
    for name, row in (("type", many[-1] | {"note": 7}), ("key", many[-1] | {"extra": {"a": 1}}), ("null", many[-1] | {"note": None}), ("gone", many[-1] | {"image": "gone.png"})):
        yield Case(f"stranger/block-last-{name}", "", (*many[:-1], row), media=SOUND_MEDIA)


def saved(image: Image.Image, form: str, **options: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, form, **options)
    return out.getvalue()


def odd_pictures() -> Iterator[Case]:
    plain = pic.blurred(77, "RGB", (64, 48))
    frames = [pic.blurred(78 + n, "RGB", (40, 30)) for n in range(3)]
    exif = Image.Exif()
    exif[0x0112] = 6
    whole = saved(plain, "JPEG", quality=90)
    transparent = plain.convert("RGBA")
    transparent.putalpha(Image.linear_gradient("L").resize(plain.size))
    opaque = plain.convert("RGBA")
    for name, data, intact in (
        ("a.jpg", saved(plain, "JPEG", exif=exif), ...), ("b.png", saved(transparent, "PNG"), ...), ("c.png", saved(opaque, "PNG"), ...), ("d.png", saved(plain.convert("P"), "PNG"), ...), ("e.png", saved(plain.convert("1"), "PNG"), ...), ("f.jpg", saved(plain.convert("CMYK"), "JPEG"), ...), ("g.jpg", saved(plain.convert("L"), "JPEG"), ...), ("h.gif", saved(frames[0], "GIF", save_all=True, append_images=frames[1:]), ...), ("i.webp", saved(frames[0], "WEBP", save_all=True, append_images=frames[1:]), ...), ("j.webp", saved(transparent, "WEBP", lossless=True), ...), ("k.bmp", saved(plain, "BMP"), ...), ("l.tif", saved(plain, "TIFF", compression="tiff_lzw"), ...), ("m.jpg", saved(plain, "PNG"), ...), ("n.png", whole + b"junk" * 9, ...), ("o.jpg", whole[:-2], whole), ("p.jpg", whole[:-200], whole), ("q.jpg", whole[:300], whole), ("r.png", saved(plain, "PNG")[:-12], saved(plain, "PNG")), ("s.png", saved(plain.resize((1, 1)), "PNG"), ...), ("t.png", saved(plain.resize((300, 1)), "PNG"), ...), ("u.png", saved(plain.resize((1, 199)), "PNG"), ...), ("v.png", saved(plain.resize((2, 402)), "PNG"), ...), ("w.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>", None), ("x.png", b"", None), ("y.png", b"\x89PNG\r\n\x1a\n", None), ("z.jpg", saved(plain, "JPEG", progressive=True)[:1200], saved(plain, "JPEG", progressive=True)),
    ):
        media = {f"images/{name}": data}
        yield case(f"picture-{name.replace('.', '-')}", sound("s1", image=name), media=media, intact={} if intact is ... else {f"images/{name}": intact})


def messages(mark: str, **more: Any) -> Row:
    row = {"messages": [{"role": "user", "content": ask(mark)}, {"role": "assistant", "content": answer(mark)}], "images": [f"{mark}.png"]} | more
    return {key: value for key, value in row.items() if value is not ...}


def said(*pairs: tuple[Any, Any], **more: Any) -> list[Row]:
    return [{"role": who, "content": what} | more for who, what in pairs]


def openai_rows() -> Iterator[Case]:
    """Rows of messages with texts and a list of images."""
    q, a = ("user", ask("s1")), ("assistant", answer("s1"))
    call = {"id": "c1", "type": "function", "function": {"name": "look", "arguments": "{}"}}
    for name, change in (
        ("tool-calls", {"messages": [*said(q), {"role": "assistant", "content": None, "tool_calls": [call]}, {"role": "tool", "tool_call_id": "c1", "content": "x"}, *said(a)]}), ("tool-calls-empty", {"messages": [*said(q), {"role": "assistant", "content": answer("s1"), "tool_calls": []}]}), ("tool-calls-null", {"messages": [*said(q), {"role": "assistant", "content": answer("s1"), "tool_calls": None}]}), ("name", {"messages": said(q, a, name="x")}), ("name-null", {"messages": said(q, a, name=None)}), ("weight", {"messages": said(q, a, weight=1)}), ("loss-false", {"messages": said(q, a, loss=False)}), ("reasoning", {"messages": [*said(q), {"role": "assistant", "content": answer("s1"), "reasoning_content": "Hm."}]}), ("refusal-null", {"messages": [*said(q), {"role": "assistant", "content": answer("s1"), "refusal": None}]}),
        ("developer", {"messages": said(("developer", "Be short."), q, a)}), ("system-parts", {"messages": [{"role": "system", "content": [{"type": "text", "text": "Be short."}]}, *said(q, a)]}), ("roles-upper", {"messages": said(("User", ask("s1")), ("Assistant", answer("s1")))}), ("human-gpt", {"messages": said(("human", ask("s1")), ("gpt", answer("s1")))}), ("content-empty-list", {"messages": said(q, ("assistant", []))}), ("content-number", {"messages": said(q, ("assistant", 7))}), ("content-true", {"messages": said(q, ("assistant", True))}), ("from-value", {"messages": turns(ask("s1"), answer("s1"))}), ("mixed-keys", {"messages": [{"role": "user", "content": ask("s1")}, {"from": "gpt", "value": answer("s1")}]}),
        ("image-and-images", {"image": "s1.png"}), ("images-two-one-tag", {"images": ["s1.png", "s3.png"]}), ("images-object", {"images": [{"path": "s1.png"}]}), ("images-bytes", {"images": [{"bytes": "eA==", "path": None}]}), ("images-missing", {"images": ...}), ("images-number", {"images": 7}), ("images-gone-twice", {"images": ["gone.png", "gone.png"], "messages": said(("user", "<image><image>\nPicture s1?"), a)}), ("conversations-too", {"conversations": turns(ask("s1"), answer("s1"))}), ("prompt-too", {"prompt": "x"}), ("text-too", {"text": "x"}), ("videos-gone", {"videos": ["gone.mp4"]}), ("objects", {"objects": {"ref": [], "bbox": []}}), ("tools-text", {"tools": "look"}), ("tools-object", {"tools": {"name": "look"}}), ("system-key-too", {"system": "Be short."}), ("id-mixed", {"id": 7}), ("messages-object", {"messages": {"role": "user", "content": ask("s1")}}), ("messages-nested", {"messages": [said(q, a)]}),
    ):
        yield among(f"openai-{name}", messages("s0"), messages("s1", **change), messages("s2"))
    for name, change in (("name-all", lambda mark: {"messages": said(("user", ask(mark)), ("assistant", answer(mark)), name="x")}), ("tools-all", lambda mark: {"tools": [{"type": "function", "function": {"name": "look", "parameters": {}}}]}), ("image-key-all", lambda mark: {"images": ..., "image": f"{mark}.png"}), ("string-all", lambda mark: {"images": f"{mark}.png"}), ("object-all", lambda mark: {"images": [{"path": f"{mark}.png"}]}), ("no-images-all", lambda mark: {"images": ..., "messages": said(("user", f"Picture {mark}?"), ("assistant", answer(mark)))}), ("empty-images-all", lambda mark: {"images": [], "messages": said(("user", f"Picture {mark}?"), ("assistant", answer(mark)))}), ("system-all", lambda mark: {"messages": said(("system", "Be short."), ("user", ask(mark)), ("assistant", answer(mark)))})):
        yield three(f"openai-{name}", lambda mark, change=change: messages(mark, **change(mark)))


def xtuner_rows() -> Iterator[Case]:
    """Rows in XTuner's form: parts with sizes."""
    def row(mark: str, image: Any = ..., text: Any = ..., reply: Any = ..., **more: Any) -> Row:
        first = {"type": "image_url", "image_url": {"url": f"{mark}.png", "image_wh": [48, 32]}} if image is ... else image
        asked = [*(first if isinstance(first, list) else [first]), {"type": "text", "text": f"<IMG_CONTEXT>\nPicture {mark}?" if text is ... else text}]
        return {"id": mark, "messages": [{"role": "user", "content": asked}, {"role": "assistant", "content": answer(mark) if reply is ... else reply}]} | more

    def url(value: Any = "s1.png", **more: Any) -> Row:
        return {"type": "image_url", "image_url": {"url": value} | more}

    for name, middle in (
        ("no-size", row("s1", url())), ("size-text", row("s1", url(image_wh="48x32"))), ("size-null", row("s1", url(image_wh=None))), ("size-one", row("s1", url(image_wh=[48]))), ("size-nested", row("s1", url(image_wh=[[48, 32]]))), ("size-zero", row("s1", url(image_wh=[0, 0]))), ("size-wrong", row("s1", url(image_wh=[640, 480]))), ("size-swapped", row("s1", url(image_wh=[32, 48]))), ("size-float", row("s1", url(image_wh=[48.0, 32.0]))), ("size-negative", row("s1", url(image_wh=[-48, 32]))), ("url-text", row("s1", {"type": "image_url", "image_url": "s1.png"})), ("url-null", row("s1", url(None, image_wh=[48, 32]))), ("url-empty", row("s1", url("", image_wh=[48, 32]))), ("url-gone", row("s1", url("gone.png", image_wh=[48, 32]))), ("url-missing", row("s1", {"type": "image_url", "image_url": {"image_wh": [48, 32]}})), ("part-image", row("s1", {"type": "image", "image": "s1.png"})), ("part-odd", row("s1", {"type": "picture", "picture": "s1.png"})), ("part-null", row("s1", [None])), ("part-string", row("s1", ["s1.png"])), ("part-no-type", row("s1", {"image_url": {"url": "s1.png", "image_wh": [48, 32]}})),
        ("tag-missing", row("s1", text="Picture s1?")), ("tag-twice", row("s1", text="<IMG_CONTEXT><IMG_CONTEXT>\nPicture s1?")), ("tag-in-answer", row("s1", text="Picture s1?", reply="<IMG_CONTEXT>")), ("tag-llava", row("s1", text="<image>\nPicture s1?")), ("tag-in-text-row", row("s1", [], reply=answer("s1"))), ("two-images-two-tags", row("s1", [url(image_wh=[48, 32]), url("s3.png", image_wh=[48, 32])], text="<IMG_CONTEXT><IMG_CONTEXT>\nPicture s1?")), ("two-images-one-tag", row("s1", [url(image_wh=[48, 32]), url("s3.png", image_wh=[48, 32])])), ("one-sized", row("s1", [url(image_wh=[48, 32]), url("s3.png")], text="<IMG_CONTEXT><IMG_CONTEXT>\nPicture s1?")), ("text-null", row("s1", text=None)), ("text-number", row("s1", text=7)), ("reply-null", row("s1", reply=None)), ("reply-empty", row("s1", reply="")), ("reply-parts", row("s1", reply=[{"type": "text", "text": answer("s1")}])), ("reply-empty-list", row("s1", reply=[])), ("extra-key", row("s1", extra={"a": 1})), ("detail", row("s1", url(image_wh=[48, 32], detail="high"))), ("video-part", row("s1", {"type": "video_url", "video_url": {"url": "v.mp4"}}, text="<VIDEO_CONTEXT>\nPicture s1?")),
        ("image-after-text", {"id": "s1", "messages": [{"role": "user", "content": [{"type": "text", "text": "<IMG_CONTEXT>\nPicture s1?"}, url(image_wh=[48, 32])]}, {"role": "assistant", "content": answer("s1")}]}), ("texts-two", {"id": "s1", "messages": [{"role": "user", "content": [url(image_wh=[48, 32]), {"type": "text", "text": "<IMG_CONTEXT>\n"}, {"type": "text", "text": "Picture s1?"}]}, {"role": "assistant", "content": answer("s1")}]}), ("system", {"id": "s1", "messages": [{"role": "system", "content": "Be short."}, *row("s1")["messages"]]}), ("role-odd", {"id": "s1", "messages": [{"role": "narrator", "content": "x"}, *row("s1")["messages"]]}), ("answer-first", {"id": "s1", "messages": [{"role": "assistant", "content": "Hello."}, *row("s1")["messages"]]}), ("question-last", {"id": "s1", "messages": [*row("s1")["messages"], {"role": "user", "content": "And?"}]}), ("loss-false", {"id": "s1", "messages": [row("s1")["messages"][0], row("s1")["messages"][1] | {"loss": False}]}), ("loss-null", {"id": "s1", "messages": [row("s1")["messages"][0], row("s1")["messages"][1] | {"loss": None}]}), ("messages-null", {"id": "s1", "messages": None}), ("messages-empty", {"id": "s1", "messages": []}), ("text-only-string", {"id": "s1", "messages": said(("user", "Picture s1?"), ("assistant", answer("s1")))}), ("tag-only-string", {"id": "s1", "messages": said(("user", "<IMG_CONTEXT>\nPicture s1?"), ("assistant", answer("s1")))}),
    ):
        yield among(f"xtuner-{name}", row("s0"), middle, row("s2"))
    yield three("xtuner-sound", row)


def part_rows() -> Iterator[Case]:
    """Rows in TRL's form: parts are the positions of images in a list."""
    def row(mark: str, asked: Any = ..., reply: Any = ..., **more: Any) -> Row:
        asked = [{"type": "image"}, {"type": "text", "text": f"Picture {mark}?"}] if asked is ... else asked
        reply = [{"type": "text", "text": answer(mark)}] if reply is ... else reply
        made = {"images": [f"{mark}.png"], "messages": [{"role": "user", "content": asked}, {"role": "assistant", "content": reply}]} | more
        return {key: value for key, value in made.items() if value is not ...}

    text = {"type": "text", "text": "Picture s1?"}
    for name, middle in (
        ("sound-last", row("s1", [text, {"type": "image"}])), ("none", row("s1", [text])), ("two", row("s1", [{"type": "image"}, {"type": "image"}, text])), ("two-images", row("s1", images=["s1.png", "s3.png"])), ("gone", row("s1", images=["gone.png"])), ("images-null", row("s1", images=None)), ("images-empty", row("s1", images=[])), ("images-missing", row("s1", images=...)), ("images-string", row("s1", images="s1.png")), ("part-with-path", row("s1", [{"type": "image", "image": "s1.png"}, text])), ("part-url", row("s1", [{"type": "image_url", "image_url": {"url": "s1.png"}}, text])), ("part-odd", row("s1", [{"type": "picture"}, text])), ("part-no-type", row("s1", [{"text": "Picture s1?"}])), ("part-null", row("s1", [None, text])), ("part-string", row("s1", ["Picture s1?"])), ("text-null", row("s1", [{"type": "image"}, {"type": "text", "text": None}])), ("text-empty", row("s1", [{"type": "image"}, {"type": "text", "text": ""}])), ("text-number", row("s1", [{"type": "image"}, {"type": "text", "text": 7}])), ("text-missing", row("s1", [{"type": "image"}, {"type": "text"}])), ("image-in-answer", row("s1", [text], [{"type": "image"}, {"type": "text", "text": answer("s1")}])), ("reply-string", row("s1", reply=answer("s1"))), ("reply-empty", row("s1", reply=[])), ("reply-null", row("s1", reply=None)), ("reply-two", row("s1", reply=[{"type": "text", "text": "Picture s1"}, {"type": "text", "text": " is soft."}])), ("asked-empty", row("s1", [])), ("asked-string", row("s1", "Picture s1?")), ("asked-string-tag", row("s1", "<image>\nPicture s1?")), ("tag-beside-part", row("s1", [{"type": "image"}, {"type": "text", "text": "<image>\nPicture s1?"}])), ("video-part", row("s1", [{"type": "video"}, text])), ("index", row("s1", [{"type": "image", "index": 0}, text])),
        ("system", {**row("s1"), "messages": [{"role": "system", "content": [{"type": "text", "text": "Be short."}]}, *row("s1")["messages"]]}), ("system-string", {**row("s1"), "messages": [{"role": "system", "content": "Be short."}, *row("s1")["messages"]]}), ("system-image", {**row("s1", [text]), "messages": [{"role": "system", "content": [{"type": "image"}]}, *row("s1", [text])["messages"]]}), ("question-last", {**row("s1"), "messages": [*row("s1")["messages"], {"role": "user", "content": [text]}]}), ("answer-first", {**row("s1"), "messages": row("s1")["messages"][::-1]}),
    ):
        yield among(f"parts-{name}", row("s0"), middle, row("s2"))
    yield three("parts-sound", row)


CUT = pic.jpeg(pic.blurred(681, "RGB", (160, 120)))
MEDIA = {"images/broken.png": PNG[: len(PNG) // 2], "images/none.png": b"", "images/half.jpg": CUT[: len(CUT) // 2]}
INTACT: dict[str, bytes | None] = {"images/broken.png": PNG, "images/none.png": None, "images/half.jpg": CUT}


def spoil(row: Row, mark: str, dice: random.Random) -> Row:
    """Make two or three changes to a row: in its image, its turns, or elsewhere."""
    plain, q, a = f"What is in picture {mark}?", ask(mark), answer(mark)
    images = ("gone.png", "broken.png", "none.png", "half.jpg", "", None, "S0.PNG", "./s1.png", ".", "../images/s2.png")
    talks = (
        turns(plain, a), turns("<image>\n" + q, a), turns(q, ""), turns(q, None), turns(q), turns(q, a, "Why?"), turns("Hello.", q, a, roles=("gpt", "human", "gpt")), turns(q, "Well?", a, roles=("human", "human", "gpt")), turns("Be kind.", q, a, roles=("system", "human", "gpt")), turns(q, a, roles=("human", "narrator")), turns(q, a, roles=("user", "assistant")), [*turns(q), {"value": a}], [*turns(q), {"from": "gpt"}], turns(q, a + "<|im_end|>"), turns(plain, "<image> " + a), turns(q, a, "Be short.", "More?", "Yes.", roles=("human", "gpt", "system", "human", "gpt")), [], turns(q + "<|image_pad|>", a), turns("", a),
    )
    besides: tuple[Row, ...] = ({"source": "x"}, {"score": 0.5}, {"id": "m0"}, {"id": None}, {"note": {"a": [1]}}, {"system": "Be short."}, {"videos": []}, {"tools": []}, {"lang": None})
    made = dict(row)
    for what in dice.sample(("image", "talk", "beside"), dice.randint(2, 3)):
        if what == "image":
            made["image"] = dice.choice(images)
        elif what == "talk":
            made["conversations"] = dice.choice(talks)
        else:
            made |= dice.choice(besides)
    return made


def mixed() -> Iterator[Case]:
    for number in range(12):
        dice = random.Random(77000 + number)
        rows: list[Any] = [text_row(f"m{n}") if dice.random() < 0.25 else sound(f"m{n}", image=f"s{dice.randrange(4)}.png") for n in range(24)]
        for place in dice.sample(range(24), 1 + number % 4):
            rows[place] = spoil(sound(f"m{place}", image="s3.png"), f"m{place}", dice)
        yield Case(f"stranger/mixed-{number:02d}", "", tuple(rows), media=SOUND_MEDIA | MEDIA, intact=INTACT)


def mixed_messages() -> Iterator[Case]:
    for number in range(8):
        dice = random.Random(78000 + number)
        rows = [sound(f"m{n}", image=f"s{dice.randrange(4)}.png") for n in range(16)]
        for place in dice.sample(range(16), 1 + number % 3):
            rows[place] = spoil(rows[place], f"m{place}", dice)
        yield Case(f"stranger/messages-mixed-{number:02d}", "", tuple(map(as_messages, rows)), media=SOUND_MEDIA | MEDIA, intact=INTACT)


def as_messages(row: Row) -> Row:
    made = {key: value for key, value in row.items() if key not in ("image", "conversations")}
    made["images"] = [row["image"]] if row.get("image") else []
    names = {"from": "role", "value": "content"}
    roles = {"human": "user", "gpt": "assistant"}
    made["messages"] = [{names[key]: roles.get(value, value) if key == "from" else value for key, value in turn.items()} for turn in row["conversations"]]
    return made


def nulls() -> Iterator[Case]:
    """Lists that begin with null."""
    for name, notes in (
        ("before-string", (..., [None, "a"], ...)), ("alone", (..., [None], ...)), ("two", (..., [None, None], ...)), ("late", (["a"], ["b"], [None, "c"])), ("first", ([None, "a"], ["b"], ["c"])), ("numbers", (..., [None, 1], ...)), ("objects", (..., [None, {"a": 1}], ...)), ("within", (..., {"box": [[None, 1, 2]]}, ...)), ("behind", (..., ["a", None], ...)),
    ):
        rows = tuple(sound(mark, note=note) for mark, note in zip(MARKS, notes))
        for form in ("jsonl", "json"):
            data = "".join(dump(row) + "\n" for row in rows) if form == "jsonl" else json.dumps(rows)
            yield Case(f"stranger/nulls-{name}-{form}", "", data=data.encode(), file=f"rows.{form}", media=SOUND_MEDIA)
