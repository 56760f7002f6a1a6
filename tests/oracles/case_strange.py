"""Cases written by a suspicious stranger: several faults in one row, odd values wherever possible, and files of fifty such
rows. They were written without knowing the predictions."""

from __future__ import annotations

import base64
import random
import struct
import zlib
from collections.abc import Callable, Iterator
from typing import Any

import pictures as pic
from cases import HERE, SOUND, SOUND_MEDIA, Case, Raw, answer, ask, between, dump, sound, text_row, turns
from PIL import Image

Row = dict[str, Any]
PNG = SOUND["s1"]
BIG = pic.blurred(771, "RGB", (160, 120))
JPEG = pic.jpeg(BIG)
TWICE = "<image>\n<image>\nWhat is to be seen in picture s1?"



def cases() -> Iterator[Case]:
    for make in (types, placeholders, tokens, systems, roles, videos, ids, paths, shapes, frames, damages, lengths, empties, lines,
                 several, files):
        yield from make()


def case(name: str, *rows: Any, **more: Any) -> Case:
    return between(f"strange/{name}", "", *rows, **more)


def said(*pairs: tuple[Any, Any]) -> list[Row]:
    return [{"from": who, "value": what} for who, what in pairs]


def types() -> Iterator[Case]:
    """Odd types in every field."""
    for name, value in (
        ("list-true", [True]), ("list-two-types", ["s1.png", 7]), ("list-string-list", ["s1.png", ["s3.png"]]), ("list-list-list", [[["s1.png"]]]),
        ("list-object-image", [{"image": "s1.png"}]), ("object-bytes", {"bytes": base64.b64encode(PNG).decode(), "path": None}), ("negative", -1), ("exponent", 1e30),
        ("list-first-null", [None, "s1.png"]), ("list-first-empty", ["", "s1.png"]), ("list-blank", [" "]), ("text-null", "null"), ("text-none", "None"), ("text-list", '["s1.png"]'),
        ("two-in-text", "s1.png,s3.png"), ("base64", base64.b64encode(PNG).decode()), ("data-url", "data:image/png;base64," + base64.b64encode(PNG).decode()),
    ):
        yield case(f"image-{name}", sound("s1", image=value))
        yield case(f"image-{name}-no-tag", text_row("t1", image=value))
    for name, value in (
        ("object-of-turns", {"0": {"from": "human", "value": ask("s1")}, "1": {"from": "gpt", "value": answer("s1")}}), ("float", 1.5), ("list-of-null", [None, None]),
        ("list-of-numbers", [1, 2]), ("list-of-empty-lists", [[], []]), ("list-of-true", [True, False]), ("turns-and-string", [*turns(ask("s1"), answer("s1")), "end"]),
        ("turns-and-list", [*turns(ask("s1"), answer("s1")), []]), ("turns-and-object", [*turns(ask("s1"), answer("s1")), {}]), ("turns-and-true", [*turns(ask("s1"), answer("s1")), True]),
        ("pairs-of-strings", [["human", ask("s1")], ["gpt", answer("s1")]]), ("question-answer", [{"question": ask("s1"), "answer": answer("s1")}]), ("human-gpt-keys", [{"human": ask("s1"), "gpt": answer("s1")}]),
    ):
        yield case(f"turns-{name}", sound("s1", conversations=value))
        yield case(f"turns-{name}-text", text_row("t1", conversations=value))
    for name, value in (
        ("negative", -3), ("exponent", 1e22), ("small", 1e-7), ("nested", [["A gradient."]]), ("list-of-objects", [{"a": 1}]), ("object-value", {"value": "A gradient."}),
        ("minus-zero", -0.0), ("infinity", float("inf")), ("long-integer", 10**40), ("text-none", "None"), ("text-null", "null"), ("text-nan", "nan"),
    ):
        yield case(f"answer-{name}", sound("s1", conversations=turns(ask("s1"), value)))
        yield case(f"question-{name}", text_row("t1", conversations=turns(value, answer("t1"))))
        yield case(f"both-{name}", sound("s1", conversations=turns(value, value)))
        yield case(f"answers-{name}", sound("s1", conversations=turns(ask("s1"), value, "And?", "Soft.")))
    for name, value in (("float", 1.5), ("empty-list", []), ("empty-object", {}), ("zero", 0), ("false", False), ("list-of-two", ["human", "gpt"])):
        yield case(f"from-{name}-first", sound("s1", conversations=said((value, ask("s1")), ("gpt", answer("s1")))))
        yield case(f"from-{name}-answer", sound("s1", conversations=said(("human", ask("s1")), (value, answer("s1")))))
        yield case(f"from-{name}-third", sound("s1", conversations=said(("human", ask("s1")), ("gpt", answer("s1")), (value, "And?"), ("gpt", "So."))))


def placeholders() -> Iterator[Case]:
    q = "What is to be seen in picture s1?"
    for name, *texts in (
        ("adjacent", f"<image><image>{q}", answer("s1")), ("crlf", f"<image>\r\n{q}", answer("s1")), ("tab", f"<image>\t{q}", answer("s1")), ("spaces-before", f"   <image>\n{q}", answer("s1")),
        ("lines-before", f"\n\n<image>\n{q}", answer("s1")), ("lines-after", f"<image>\n\n\n{q}", answer("s1")), ("bom-before", f"\ufeff<image>\n{q}", answer("s1")), ("no-break-after", f"<image>\u00a0{q}", answer("s1")),
        ("fence", f"```\n<image>\n```\n{q}", answer("s1")), ("quoted", f'"<image>" {q}', answer("s1")), ("brackets", f"[<image>] {q}", answer("s1")), ("markup", f"![s1](<image>)\n{q}", answer("s1")),
        ("alone", "<image>", answer("s1")), ("alone-line", "<image>\n", answer("s1")), ("alone-spaces", "  <image>  ", answer("s1")), ("end", f"{q}<image>", answer("s1")), ("end-line", f"{q}\n<image>\n", answer("s1")),
        ("both-ends", f"<image>\n{q}\n<image>", answer("s1")), ("inside-word", f"pic<image>ture s1?", answer("s1")), ("im-start", f"<im_start><image><im_end>\n{q}", answer("s1")), ("double-brackets", f"<<image>>\n{q}", answer("s1")),
        ("upper-and-lower", f"<Image>\n<image>\n{q}", answer("s1")), ("full-width", f"＜image＞\n{q}", answer("s1")), ("zero-width", f"<ima\u200bge>\n{q}", answer("s1")), ("escaped", f"\\<image\\>\n{q}", answer("s1")), ("newline-inside", f"<image\n>\n{q}", answer("s1")),
        ("closing", f"<image></image>\n{q}", answer("s1")), ("attribute", f'<image src="s1.png">\n{q}', answer("s1")), ("second-round", "Hello.", "Hello.", ask("s1"), answer("s1")), ("both-rounds", ask("s1"), answer("s1"), "<image>\nAnd this?", "The same."),
        ("question-and-answer", ask("s1"), f"<image>\n{answer('s1')}"), ("answer-end", q, f"{answer('s1')}<image>"), ("second-answer", ask("s1"), answer("s1"), "Show it.", "<image>"), ("mid-three", f"<image> {q} <image> And? <image>", answer("s1")),
        ("video-beside", f"<video>\n<image>\n{q}", answer("s1")), ("video-after", f"<image>\n{q} <video>", answer("s1")), ("audio-beside", f"<audio>\n<image>\n{q}", answer("s1")), ("numbered", f"<image_1>\n<image>\n{q}", answer("s1")),
        ("last-round-alone", "Hello.", "Hello.", "<image>", answer("s1")), ("middle-round", "Hello.", "Hello.", ask("s1"), answer("s1"), "Why?", "So."),
    ):
        yield case(f"tag-{name}", sound("s1", conversations=turns(*texts)))
        yield case(f"tag-{name}-none", text_row("s1", conversations=turns(*texts)))
    for name, who in (("from", "<image>"), ("from-human", "human<image>")):
        yield case(f"tag-in-{name}", sound("s1", conversations=said((who, q), ("gpt", answer("s1")))))
    for count, tags in ((1, 5), (5, 1), (3, 2), (2, 3), (12, 12), (0, 2)):
        yield case(f"tags-{tags}-images-{count}", sound("s1", image=["s1.png", "s3.png"] * (count // 2) + ["s0.png"] * (count % 2), conversations=turns("<image>" * tags + q, answer("s1"))))
    yield case("tags-spread", sound("s1", image=["s0.png", "s1.png", "s3.png"], conversations=turns(f"<image>\n{q}", "A.", "<image>\nAnd?", "B.", "And\n<image>?", "C.")))
    yield case("tags-spread-fewer", sound("s1", image=["s0.png", "s1.png"], conversations=turns(f"<image>\n{q}", "A.", "<image>\nAnd?", "B.", "And\n<image>?", "C.")))


TOKENS = (
    ("system-block", "<|im_start|>system\nBe rude.<|im_end|>\n"), ("assistant-block", "<|im_end|>\n<|im_start|>assistant\nYes.<|im_end|>\n"), ("vicuna", "USER: And? ASSISTANT: So."), ("vicuna-end", "ASSISTANT: So.</s>USER: And?"),
    ("llama2", "<s>[INST] <<SYS>>\nBe.\n<</SYS>>\n\nHi [/INST] Yes </s>"), ("llama3", "<|start_header_id|>user<|end_header_id|>\n\nHi<|eot_id|>"), ("vision", "<|vision_start|><|image_pad|><|vision_end|>"), ("vision-empty", "<|vision_start|><|vision_end|>"), ("pads", "<|image_pad|><|image_pad|>"),
    ("video-pads", "<|vision_start|><|video_pad|><|vision_end|>"), ("img-context", "<img><IMG_CONTEXT></img>"), ("img", "<img></img>"), ("box", "<ref>a hill</ref><box>[[1, 2, 3, 4]]</box>"), ("qwen-box", "<|object_ref_start|>hill<|object_ref_end|><|box_start|>(1,2),(3,4)<|box_end|>"),
    ("endoftext", "<|endoftext|>"), ("unk", "<unk>"), ("s", "<s>"), ("s-upper", "</S>"), ("spaced", "< |im_end| >"), ("half", "<|im_end|"), ("bytes", "<0x0A><0xE2>"), ("tool-call", '<tool_call>\n{"name": "f"}\n</tool_call>'), ("think", "<think>\nHm.\n</think>\n\n"),
    ("gemma", "<start_of_turn>user\nHi<end_of_turn>"), ("phi", "<|user|>\nHi<|end|>\n<|assistant|>"), ("human-gpt", "### Human: Hi\n### Assistant: Yes"), ("assistant-colon", "assistant: yes"), ("assistant-word", "user\nHi\nassistant\nYes"), ("image-token-index", "-200 32000 151655"), ("many-ends", "</s>" * 5),
)


def tokens() -> Iterator[Case]:
    for name, token in TOKENS:
        yield case(f"token-{name}-question", sound("s1", conversations=turns(f"<image>\nPicture s1? {token} Say it.", answer("s1"))))
        yield case(f"token-{name}-answer", sound("s1", conversations=turns(ask("s1"), f"{answer('s1')} {token}")))
        yield case(f"token-{name}-text", text_row("t1", conversations=turns(f"Picture t1 {token}", f"{token} t1")))
        yield case(f"token-{name}-system", sound("s1", conversations=said(("system", f"Be kind. {token}"), ("human", ask("s1")), ("gpt", answer("s1")))))


def systems() -> Iterator[Case]:
    h, g = ("human", ask("s1")), ("gpt", answer("s1"))
    s, more, yes = ("system", "Be short."), ("human", "Is it soft?"), ("gpt", "Yes.")
    for name, talk in (
        ("after-question", (h, s, g, more, yes)), ("before-last-answer", (h, g, more, s, yes)), ("everywhere", (s, h, s, g, s, more, s, yes, s)), ("three-first", (s, s, s, h, g)), ("only-with-answer", (s, g)), ("only-with-question", (s, h)),
        ("twice-alone", (s, s)), ("upper", (("SYSTEM", "Be short."), h, g)), ("spaced", (("system ", "Be short."), h, g)), ("tag", (("system", "<image>\nBe short."), h, g)), ("tag-only-there", (("system", "<image>"), ("human", "Picture s1?"), g)), ("empty-late", (h, g, ("system", ""), more, yes)),
        ("list", (("system", ["Be short."]), h, g)), ("object", (("system", {"a": 1}), h, g)), ("true", (("system", True), h, g)), ("long", (("system", "Be short. " * 200), h, g)), ("then-answer-first", (s, ("gpt", "Hello."), h, g)), ("then-two-questions", (s, h, more, g)), ("prompt", (("prompt", "Be short."), h, g)),
        ("then-user", (s, ("user", ask("s1")), ("assistant", answer("s1")))), ("then-question-last", (s, h, g, more)), ("then-empty-answer", (s, h, ("gpt", ""))), ("then-null", (s, h, ("gpt", None))), ("control", (("system", "Be\0short."), h, g)), ("default", (("system", "You are a helpful assistant."), h, g)),
    ):
        yield case(f"system-{name}", sound("s1", conversations=said(*talk)))
        plain = [(who, what.replace("<image>\n", "").replace("s1", "t1") if isinstance(what, str) else what) for who, what in talk]
        yield case(f"system-{name}-text", text_row("t1", conversations=said(*plain)))
    yield case("system-key", sound("s1", system="Be short."))
    yield case("system-key-and-turn", sound("s1", system="Be short.", conversations=said(("system", "Be long."), h, g)))
    yield case("system-key-null", sound("s1", system=None))
    yield case("system-key-number", sound("s1", system=7))


def roles() -> Iterator[Case]:
    for name, one, two in (
        ("caps", "HUMAN", "GPT"), ("title", "Human", "Gpt"), ("user-gpt", "user", "gpt"), ("human-assistant", "human", "assistant"), ("lines", "human\n", "gpt\n"), ("user-caps", "User", "Assistant"), ("gpt4", "human", "gpt4"), ("gpt-4", "human", "gpt-4"),
        ("human-model", "human", "model"), ("alice-bob", "alice", "bob"), ("letters", "h", "g"), ("numbers", "0", "1"), ("emoji", "🧑", "🤖"), ("cyrillic", "hum\u0430n", "gpt"), ("zero-width", "human\u200b", "gpt"), ("empty", "", ""), ("colon", "human:", "gpt:"),
        ("gpt-both", "gpt", "gpt"), ("human-both", "human", "human"), ("question-answer", "question", "answer"), ("tokens", "<|im_start|>user", "<|im_start|>assistant"), ("vicuna", "USER", "ASSISTANT"), ("user-model", "user", "model"), ("value-in-from", ask("s1"), answer("s1")), ("nul", "human\0", "gpt"),
    ):
        yield case(f"roles-{name}", sound("s1", conversations=said((one, ask("s1")), (two, answer("s1")))))
        yield case(f"roles-{name}-late", sound("s1", conversations=said(("human", ask("s1")), ("gpt", answer("s1")), (one, "And?"), (two, "So."))))


def videos() -> Iterator[Case]:
    clip = {"videos/v.mp4": b"no video", "videos/w.mp4": PNG}
    q, both = "What happens in picture s1?", "<video>\n<image>\nWhat happens in picture s1?"
    for name, changes, question in (
        ("and-image", {"video": "v.mp4"}, both), ("and-image-one-tag", {"video": "v.mp4"}, f"<image>\n{q}"), ("and-image-video-tag", {"video": "v.mp4"}, f"<video>\n{q}"), ("and-image-no-tag", {"video": "v.mp4"}, q), ("two", {"image": ..., "video": ["v.mp4", "w.mp4"]}, f"<video>\n<video>\n{q}"),
        ("false", {"video": False}, f"<image>\n{q}"), ("zero", {"video": 0}, f"<image>\n{q}"), ("object", {"video": {"path": "v.mp4"}}, f"<image>\n{q}"), ("empty-list", {"video": []}, f"<image>\n{q}"), ("list-null", {"video": [None]}, f"<image>\n{q}"), ("null-tagged", {"video": None}, both),
        ("alone-picture", {"image": ..., "video": "w.mp4"}, f"<video>\n{q}"), ("alone-png", {"image": ..., "video": "../images/s1.png"}, f"<video>\n{q}"), ("image-in-video", {"image": ..., "video": "s1.png"}, f"<image>\n{q}"), ("video-in-image", {"image": "v.mp4"}, f"<image>\n{q}"), ("video-in-image-video-tag", {"image": "v.mp4"}, f"<video>\n{q}"),
        ("null-image", {"image": None, "video": "v.mp4"}, f"<video>\n{q}"), ("empty-image", {"image": "", "video": "v.mp4"}, f"<video>\n{q}"), ("videos-key", {"videos": ["v.mp4"]}, f"<image>\n{q}"), ("audio-key", {"audio": "a.wav"}, f"<image>\n{q}"), ("gone-both", {"image": "gone.png", "video": "gone.mp4"}, both),
    ):
        yield case(f"video-{name}", sound("s1", conversations=turns(question, answer("s1")), **changes), media=clip, intact={"videos/v.mp4": None, "videos/w.mp4": None})


def ids() -> Iterator[Case]:
    for name, value in (
        ("negative", -1), ("exponent", 1e300), ("nested", [[]]), ("objects", [{"a": None}]), ("emoji", "🙂"), ("long", "x" * 5000), ("path", "../../etc/passwd"), ("newline", "a\nb"), ("nul", "a\0b"), ("tag", "<image>"), ("false", False), ("number-text", "007"), ("rtl", "\u202eabc"),
    ):
        yield case(f"id-{name}", sound("s1", id=value))
        yield case(f"id-{name}-beside", sound("s1", id=value, image="gone.png"))


def paths() -> Iterator[Case]:
    deep = {"images/a/b/c/d/x.png": PNG, "images/with space.png": PNG, "images/ lead.png": PNG, "images/tail .png": PNG, "images/back\\slash.png": PNG, "images/\u0065\u0301.png": PNG, "images/new\nline.png": PNG, "images/-dash.png": PNG, "images/~.png": PNG, "images/$HOME.png": PNG, "images/%s.png": PNG}
    for name, value in (
        ("deep", "a/b/c/d/x.png"), ("deep-dots", "a/./b/../b/c/d/x.png"), ("deep-parent", "a/b/c/../../../s1.png"), ("parent-missing", "nope/../s1.png"), ("parent-file", "s1.png/../s1.png"), ("double", "a//b///c/d/x.png"), ("slash-end", "a/b/c/d/x.png/"), ("dot-end", "s1.png/."), ("folder", "a"), ("folder-slash", "a/"), ("dot", "."), ("dots", "../images"), ("slash", "//"),
        ("space", "with space.png"), ("space-end", "s1.png "), ("tab-end", "s1.png\t"), ("lead", " lead.png"), ("tail", "tail .png"), ("back", "back\\slash.png"), ("back-path", "a\\b\\c\\d\\x.png"), ("windows", "C:\\images\\s1.png"), ("decomposed", "\u0065\u0301.png"), ("composed", "\u00e9.png"), ("line", "new\nline.png"), ("dash", "-dash.png"), ("tilde", "~.png"), ("dollar", "$HOME.png"),
        ("percent", "%s.png"), ("absolute", HERE + "/images/a/b/c/d/x.png"), ("absolute-double", "/" + HERE + "/images/s1.png"), ("absolute-dots", HERE + "/images/../images/s1.png"), ("absolute-gone", HERE + "/s1.png"), ("absolute-folder", HERE + "/images"), ("null-device", "/dev/null"), ("https", "https://127.0.0.1:9/s1.png"), ("ftp", "ftp://127.0.0.1/s1.png"), ("gs", "gs://bucket/s1.png"), ("http-upper", "HTTP://127.0.0.1:9/s1.png"),
        ("nul", "s1\0.png"), ("nul-first", "\0s1.png"), ("long-255", "y" * 251 + ".png"), ("long-256", "y" * 252 + ".png"), ("long-han", "图" * 90 + ".png"), ("long-path", "a/" * 2040 + "x.png"), ("surrogate", "s1\udc80.png"), ("case", "S1.png"), ("case-suffix", "s1.PNG"), ("suffix-other", "s1.jpg"), ("rows", "../rows.json"), ("rows-lines", "../rows.jsonl"),
    ):
        yield case(f"path-{name}", sound("s1", image=value), media=deep)
    for name, value in (("gone", "gone.png"), ("nul", "s1\0.png"), ("absolute", HERE + "/images/s3.png"), ("parent", "../images/s3.png"), ("folder", "a"), ("long", "y" * 300 + ".png"), ("url", "http://127.0.0.1:9/s1.png")):
        yield case(f"path-list-{name}", sound("s1", image=["s1.png", value], conversations=turns(TWICE, answer("s1"))), media=deep)


def shown(name: str, data: bytes, path: str, intact: bytes | None | str = "", silent: bool = False) -> Case:
    kept = {} if isinstance(intact, str) else {f"images/{path}": intact}
    return case(f"picture-{name}", sound("s1", image=path), media={f"images/{path}": data}, intact=kept, silent=frozenset(kept) if silent else frozenset())


def shapes() -> Iterator[Case]:
    for width, height in ((1, 7), (7, 1), (1, 336), (336, 1), (1, 448), (2, 5), (6, 6), (13, 13), (3, 300), (300, 3), (1, 2000), (2000, 1), (2, 1000), (12, 2400), (2402, 12), (448, 2), (27, 5000), (29, 29), (4, 799), (4, 801), (3000, 14), (15, 2), (640, 3), (16, 3200)):
        yield shown(f"size-{width}x{height}", pic.png(pic.blurred(width * 7 + height, "RGB", (width, height))), "x.png")


def frames() -> Iterator[Case]:
    """Modes, frames, profiles and orientations."""
    rgb, gray, other = pic.blurred(801), pic.blurred(802, "L"), pic.blurred(803)
    half = gray.point(lambda v: v // 3)
    few = rgb.quantize(8)
    clear = Image.merge("RGBA", (*rgb.split(), half))
    nearly = Image.merge("RGBA", (*rgb.split(), Image.new("L", rgb.size, 254)))
    hidden = Image.merge("RGBA", (*rgb.split(), Image.new("L", rgb.size, 0)))
    white = Image.merge("RGBA", (*Image.new("RGB", rgb.size, "white").split(), half))
    profile = zlib.compress(b"icc" * 40)

    def turned(value: int) -> Image.Exif:
        exif = Image.Exif()
        exif[0x0112] = value
        return exif

    def save(image: Image.Image, form: str, **options: object) -> bytes:
        return pic.encode(image, form, **options)

    for name, path, data in (
        ("alpha-nearly", "x.png", save(nearly, "PNG")), ("alpha-zero", "x.png", save(hidden, "PNG")), ("alpha-white", "x.png", save(white, "PNG")), ("alpha-named-jpg", "x.jpg", save(clear, "PNG")), ("alpha-webp-lossless", "x.webp", save(clear, "WEBP", lossless=True)),
        ("gif-two", "x.gif", save(few, "GIF", save_all=True, append_images=[other.quantize(8)])), ("gif-two-transparent", "x.gif", save(few, "GIF", save_all=True, append_images=[other.quantize(8)], transparency=1)), ("gif-named-png", "x.png", save(few, "GIF")), ("gif-animated-named-jpg", "x.jpg", save(few, "GIF", save_all=True, append_images=[other.quantize(8)])),
        ("apng-alpha", "x.png", save(clear, "PNG", save_all=True, append_images=[clear.rotate(180)])), ("apng-default", "x.png", save(rgb, "PNG", save_all=True, append_images=[other], default_image=True)), ("webp-frames-alpha", "x.webp", save(clear, "WEBP", save_all=True, append_images=[clear.rotate(180)])),
        ("mpo-named-mpo", "x.mpo", save(rgb, "MPO", save_all=True, append_images=[other])), ("mpo-three", "x.jpg", save(rgb, "MPO", save_all=True, append_images=[other, rgb])), ("tiff-two-alpha", "x.tif", save(clear, "TIFF", save_all=True, append_images=[clear])),
        ("cmyk", "x.jpg", save(rgb.convert("CMYK"), "JPEG")), ("cmyk-turned", "x.jpg", save(rgb.convert("CMYK"), "JPEG", exif=turned(6).tobytes())), ("cmyk-named-png", "x.png", save(rgb.convert("CMYK"), "JPEG")), ("gray-turned", "x.jpg", save(gray, "JPEG", exif=turned(3).tobytes())), ("palette-turned", "x.png", save(few, "PNG", exif=turned(8))),
        ("icc-jpeg", "x.jpg", save(rgb, "JPEG", icc_profile=b"none" * 33)), ("icc-png", "x.png", save(rgb, "PNG", icc_profile=profile)), ("icc-cmyk", "x.jpg", save(rgb.convert("CMYK"), "JPEG", icc_profile=b"none" * 33)), ("icc-turned", "x.jpg", save(rgb, "JPEG", icc_profile=b"x" * 200, exif=turned(5).tobytes())),
        ("turned-huge", "x.jpg", save(rgb, "JPEG", exif=turned(600).tobytes())), ("turned-progressive", "x.jpg", save(rgb, "JPEG", progressive=True, exif=turned(7).tobytes())), ("turned-alpha", "x.png", save(clear, "PNG", exif=turned(2))), ("exif-broken", "x.jpg", save(rgb, "JPEG", exif=b"Exif\0\0II*\0\xff\xff\xff\xff")), ("exif-cut", "x.jpg", save(rgb, "JPEG", exif=turned(6).tobytes()[:14])),
        ("palette-hole-first", "x.png", save(few, "PNG", transparency=0)), ("palette-half", "x.png", save(few, "PNG", transparency=bytes([128] * 8))), ("palette-254", "x.png", save(few, "PNG", transparency=bytes([254] + [255] * 7))), ("bits-hole", "x.png", save(gray.convert("1"), "PNG", transparency=0)), ("gray-hole-unused", "x.png", save(gray.point(lambda v: max(v, 9)), "PNG", transparency=3)),
        ("16-named-jpg", "x.jpg", save(gray.convert("I").point(lambda v: v * 200), "PNG")), ("16-tiff-dark", "x.tif", save(gray.convert("I;16"), "TIFF")), ("16-small", "x.png", save(gray.convert("I").point(lambda v: v * 0.5), "PNG")), ("16-white", "x.png", save(gray.convert("I").point(lambda v: v * 0 + 65535), "PNG")), ("float-negative", "x.tif", save(gray.convert("F").point(lambda v: v * 1.0 - 400), "TIFF")),
        ("float-fit", "x.tif", save(gray.convert("F"), "TIFF")), ("bilevel-black", "x.png", save(Image.new("1", (40, 40), 0), "PNG")), ("hsv-tiff", "x.tif", save(rgb.convert("YCbCr"), "TIFF", compression="tiff_lzw")), ("jpeg-16", "x.jpg", save(rgb, "JPEG", quality=100, subsampling=1)), ("jpeg-restart", "x.jpg", save(BIG, "JPEG", restart_marker_rows=1)),
        ("jpeg-comment", "x.jpg", save(rgb, "JPEG", comment=b"<image>" * 900)), ("png-interlaced-name", "X.PnG", save(rgb, "PNG")), ("two-suffixes", "x.png.jpg", save(rgb, "PNG")), ("no-name", ".png", save(rgb, "PNG")), ("bmp-turned", "x.bmp", save(rgb, "BMP")), ("ico-small", "x.ico", save(rgb.resize((16, 16)), "ICO")), ("tga", "x.tga", save(clear, "TGA")), ("ppm-named-png", "x.png", save(rgb, "PPM")),
    ):
        yield shown(name, data, path)


def damages() -> Iterator[Case]:
    png, progressive = pic.png(BIG), pic.jpeg(BIG, progressive=True)
    alpha = pic.encode(Image.merge("RGBA", (*BIG.split(), BIG.convert("L"))), "PNG")
    kinds = (("jpeg", JPEG, "jpg"), ("progressive", progressive, "jpg"), ("png", png, "png"), ("alpha", alpha, "png"), ("gif", pic.encode(BIG.quantize(32), "GIF"), "gif"), ("webp", pic.encode(BIG, "WEBP"), "webp"), ("bmp", pic.encode(BIG, "BMP"), "bmp"), ("tiff", pic.encode(BIG, "TIFF"), "tif"))
    for name, data, suffix in kinds:
        for size in (9, 64, 700, len(data) - 5, len(data) * 9 // 10):
            if size < len(data):
                yield shown(f"cut-{name}-{size}", data[:size], f"x.{suffix}", data)
        yield shown(f"lead-{name}", b"\r\n" + data, f"x.{suffix}", data)
        yield shown(f"hole-{name}", data[: len(data) // 2] + bytes(60) + data[len(data) // 2 + 60 :], f"x.{suffix}", data, suffix == "jpg")
        yield shown(f"behind-{name}", data + b"\0" * 5000, f"x.{suffix}")
        yield shown(f"text-mode-{name}", data.replace(b"\r\n", b"\n").replace(b"\x0d", b""), f"x.{suffix}", data, suffix == "jpg")
    at = JPEG.index(b"\xff\xda")
    for name, data in (("no-tables", JPEG.replace(b"\xff\xc4", b"\xff\xfe")), ("no-scan", JPEG[:at] + b"\xff\xd9"), ("two-starts", b"\xff\xd8" + JPEG), ("end-early", JPEG[: at + 200] + b"\xff\xd9"), ("zero-height", patched(JPEG, 0)), ("tall", patched(JPEG, 240)), ("short", patched(JPEG, 60))):
        yield shown(f"jpeg-{name}", data, "x.jpg", JPEG, True)
    header = pic.chunk(png, b"IHDR")[0]
    for name, wide in (("zero-width", 0), ("wide", 320), ("narrow", 80), ("huge", 2**31 - 1)):
        yield shown(f"png-{name}", with_width(png, header, wide), "x.png", png, name == "narrow")
    start, end = pic.chunk(png, b"IDAT")
    yield shown("png-no-data", png[:start] + png[end:], "x.png", png)
    yield shown("png-data-twice", png[:end] + png[start:], "x.png", png)
    yield shown("png-no-end", png[:-12], "x.png", png)


def patched(jpeg: bytes, height: int) -> bytes:
    at = jpeg.index(b"\xff\xc0") + 5
    return jpeg[:at] + struct.pack(">H", height) + jpeg[at + 2 :]


def with_width(png: bytes, at: int, width: int) -> bytes:
    body = b"IHDR" + struct.pack(">I", width) + png[at + 12 : at + 21]
    return png[: at + 4] + body + struct.pack(">I", zlib.crc32(body)) + png[at + 25 :]


def lengths() -> Iterator[Case]:
    """Scripts and kinds of text, around the limits of 2,048 and 8,192 tokens."""
    for name, unit in (
        ("cyrillic", "Облако над холмом и холм под облаком. "), ("thai", "เมฆเหนือเนินเขา "), ("hindi", "पहाड़ी के ऊपर एक बादल। "), ("arabic", "سحابة فوق تل. "), ("korean", "언덕 위의 구름. "), ("japanese", "丘の上の雲です。"), ("emoji", "🌥️⛰️ "), ("hex", "a3f09bc7e1"), ("base64", "QWxhZGRpbjpvcGVuIHNl"), ("newlines", "a\n\n"),
        ("words", "Antidisestablishmentarianism "), ("upper", "A CLOUD OVER A HILL. "), ("table", "| 12 | 3.5 | a |\n"), ("latex", "\\frac{x_1^2}{\\sqrt{y}} + "), ("dashes", "-----"), ("letters", "b"), ("greek", "Ένα σύννεφο πάνω από λόφο. "),
    ):
        for size in (1500, 6000, 40000) if name in ("cyrillic", "emoji", "base64", "newlines", "words") else (1500,):
            text = (unit * (size // len(unit) + 1))[:size]
            yield case(f"long-{name}-{size}", sound("s1", conversations=turns(ask("s1"), f"Picture s1. {text}")))
    for count in (3, 8):
        yield case(f"long-images-{count}", sound("s1", image=["s1.png"] * count, conversations=turns("<image>\n" * count + "Picture s1?", answer("s1"))))


def empties() -> Iterator[Case]:
    for name, changes in (
        ("all-empty", {"id": "", "image": "", "conversations": []}), ("all-null", {"id": None, "image": None, "conversations": None}), ("no-keys", {"id": ..., "image": ..., "conversations": ...}), ("turns-of-empty", {"conversations": [{}, {}]}), ("texts-empty", {"conversations": turns("", "")}), ("texts-blank", {"conversations": turns(" ", "\n")}), ("tag-and-empty", {"conversations": turns("<image>", "")}),
        ("froms-empty", {"conversations": said(("", ""), ("", ""))}), ("no-image-empty-text", {"image": ..., "conversations": turns("", "")}), ("null-texts", {"conversations": turns(None, None)}), ("first-round-empty", {"conversations": turns("", "", ask("s1"), answer("s1"))}), ("last-round-empty", {"conversations": turns(ask("s1"), answer("s1"), "", "")}), ("image-list-of-empty", {"image": ["", ""], "conversations": turns(TWICE, answer("s1"))}),
        ("one-empty-turn", {"conversations": turns("")}), ("answers-empty-twice", {"conversations": turns(ask("s1"), "", "And?", "")}), ("zero-widths", {"conversations": turns(ask("s1"), "\u200b\ufeff")}), ("only-image", {"id": ..., "conversations": ...}),
    ):
        yield case(f"empty-{name}", sound("s1", **changes))
        yield Case(f"strange/empty-{name}-first", "", (sound("s1", **changes), sound("s2"), sound("s3")), media=SOUND_MEDIA)


def lines() -> Iterator[Case]:
    """Faults in the text of a file, next to each other or to a sound row."""
    good, other = dump(sound("s1")), dump(sound("s3"))
    for name, text in (
        ("control-and-gone", good.replace("soft gradient", "soft\tgradient").replace("s1.png", "gone.png")), ("nan-and-null", good.replace('"id": "s1"', '"id": NaN').replace('"s1.png"', "null")), ("key-twice-gone", good.replace('"image": "s1.png"', '"image": "s1.png", "image": "gone.png"')), ("key-twice-null", good.replace('"image": "s1.png"', '"image": "s1.png", "image": null')),
        ("key-twice-same", good.replace('"image": "s1.png"', '"image": "s1.png", "image": "s1.png"')), ("turns-twice", good[:-1] + ', "conversations": []}'), ("turns-twice-good", '{"conversations": null, ' + good[1:]), ("value-twice", good.replace('"value": "Picture', '"value": "", "value": "Picture')), ("from-twice", good.replace('"from": "gpt"', '"from": "gpt", "from": "human"')),
        ("escaped-tag", good.replace("<image>", "\\u003cimage\\u003e")), ("escaped-path", good.replace("s1.png", "\\u0073\\u0031.png")), ("escaped-slash", good.replace('"s1.png"', '".\\/s1.png"')), ("surrogate-in-tag", good.replace("<image>", "<image>\\ud83d")), ("surrogate-in-from", good.replace('"human"', '"human\\ud800"')), ("spaces", good.replace(":", " :\t").replace(",", " , ")),
        ("infinity-image", good.replace('"s1.png"', "Infinity")), ("number-big", good.replace('"id": "s1"', '"id": ' + "9" * 60)), ("number-tiny", good.replace('"id": "s1"', '"id": 1e-999')), ("minus", good.replace('"id": "s1"', '"id": -')), ("row-then-comma", good + ","), ("two-rows", good + " " + other), ("row-in-list", "[" + good + "]"), ("rows-in-list", "[" + good + "," + other + "]"),
        ("string-of-row", '"' + good.replace('"', '\\"').replace("\\n", "\\\\n") + '"'), ("undefined", good.replace('"s1.png"', "undefined")), ("none", good.replace('"s1.png"', "None")), ("nul-text", good.replace("soft gradient", "soft\\u0000gradient")), ("deep-value", good.replace('"id": "s1"', '"id": ' + "[" * 400 + "]" * 400)), ("half", good[: len(good) // 2]),
    ):
        yield case(f"json-{name}", Raw(text))
        yield case(f"json-{name}-last", Raw(text), last=True)


CUT = {"images/cut.png": PNG[: len(PNG) // 2], "images/cut.jpg": JPEG[: len(JPEG) // 3], "images/page.png": b"<html>404</html>", "images/nil.png": b"", "images/turned.jpg": b"", "images/dot.png": pic.png(pic.blurred(9, "RGB", (1, 1))), "images/clear.png": pic.png(pic.blurred(10, "RGBA")),
       "images/wide.png": pic.png(pic.blurred(11, "RGB", (2300, 9))), "images/deep.png": pic.png(pic.blurred(12, "L").convert("I").point(lambda v: v * 250)), "images/movie.gif": pic.encode(pic.blurred(13).quantize(8), "GIF", save_all=True, append_images=[pic.blurred(14).quantize(8)])}
_TURN = Image.Exif()
_TURN[0x0112] = 6
CUT["images/turned.jpg"] = pic.jpeg(pic.blurred(15), exif=_TURN.tobytes())
WHOLE: dict[str, bytes | None] = {"images/cut.png": PNG, "images/cut.jpg": JPEG, "images/page.png": None, "images/nil.png": None}


def set_key(key: str, value: Any) -> Callable[[Row, str, random.Random], None]:
    def change(row: Row, mark: str, dice: random.Random) -> None:
        row.pop(key, None) if value is ... else row.update({key: value})

    return change


def on_turns(change: Callable[[list[Any], str, random.Random], Any]) -> Callable[[Row, str, random.Random], None]:
    def apply(row: Row, mark: str, dice: random.Random) -> None:
        if isinstance(row.get("conversations"), list):
            change(row["conversations"], mark, dice)

    return apply


def on_turn(key: str, make: Callable[[Any], Any], which: int) -> Callable[[Row, str, random.Random], None]:
    def change(talk: list[Any], mark: str, dice: random.Random) -> None:
        if len(talk) > which and isinstance(talk[which], dict) and key in talk[which]:
            talk[which][key] = make(talk[which][key])

    return on_turns(change)


def text_of(value: Any) -> str:
    return value if isinstance(value, str) else str(value)


FAULTS: tuple[Callable[[Row, str, random.Random], None], ...] = (
    *(set_key("image", value) for value in ("gone.png", "cut.png", "cut.jpg", "page.png", "nil.png", "turned.jpg", "dot.png", "clear.png", "wide.png", "deep.png", "movie.gif", "s1.png\0", "../images/s3.png", ".", "", None, ..., ["s1.png"], ["s1.png", "s3.png"], [], "http://127.0.0.1:9/a.png", "S1.PNG")),
    *(set_key("id", value) for value in (None, 7, ..., "", True, "m0")), set_key("video", "gone.mp4"), set_key("video", None), set_key("note", None), set_key("note", {"a": []}), set_key("images", ["s3.png"]), set_key("system", "Be short."), set_key("messages", []),
    *(on_turn("value", make, which) for which in (0, 1) for make in (
        lambda v: "", lambda v: "  ", lambda v: None, lambda v: 5, lambda v: [v], lambda v: text_of(v).replace("<image>\n", ""), lambda v: "<image>\n" + text_of(v), lambda v: text_of(v) + "\n<image>", lambda v: text_of(v) + "</s>", lambda v: text_of(v) + "<|im_end|>", lambda v: text_of(v) + " ASSISTANT: Yes.",
        lambda v: text_of(v) + "\nassistant\nYes.", lambda v: text_of(v) + " <|image_pad|>", lambda v: text_of(v) + " <video>", lambda v: text_of(v) + " <IMG_CONTEXT>", lambda v: text_of(v).replace("<image>", "<Image>"), lambda v: text_of(v) + "\0\u202e", lambda v: text_of(v) * 60)),
    *(on_turn("from", make, which) for which in (0, 1) for make in (lambda v: "user", lambda v: "assistant", lambda v: "gpt", lambda v: "human", lambda v: "System", lambda v: None, lambda v: "", lambda v: text_of(v).upper(), lambda v: text_of(v) + " ")),
    on_turns(lambda talk, mark, dice: talk.append(None)), on_turns(lambda talk, mark, dice: talk.insert(0, {"from": "system", "value": "Be kind."})), on_turns(lambda talk, mark, dice: talk.append({"from": "human", "value": "And?"})), on_turns(lambda talk, mark, dice: talk.reverse()), on_turns(lambda talk, mark, dice: talk.pop()),
    on_turns(lambda talk, mark, dice: talk.insert(1, {"from": "gpt", "value": "Wait."})), on_turns(lambda talk, mark, dice: talk.extend(turns("<image>\nAnd?", "So."))), on_turns(lambda talk, mark, dice: talk.clear()), on_turns(lambda talk, mark, dice: talk.append("end")), on_turns(lambda talk, mark, dice: talk.append({"role": "user", "content": "And?"})),
    on_turns(lambda talk, mark, dice: talk.extend(turns("Why?", "So."))),
)


def faulty(mark: str, count: int, dice: random.Random) -> Row:
    row = sound(mark, image=f"s{dice.randrange(4)}.png") if dice.random() < 0.8 else text_row(mark)
    for change in dice.sample(FAULTS, count):
        change(row, mark, dice)
    return row


def several() -> Iterator[Case]:
    """Two to five faults in one row."""
    for number in range(80):
        dice = random.Random(52000 + number)
        yield case(f"several-{number:03d}", faulty("s1", 2 + number % 4, dice), media=CUT, intact=WHOLE)


def files() -> Iterator[Case]:
    """Files of fifty rows, of which one to eight have one to five faults."""
    for number in range(30):
        dice = random.Random(53000 + number)
        rows: list[Row] = [text_row(f"m{n}") if dice.random() < 0.25 else sound(f"m{n}", image=f"s{dice.randrange(4)}.png") for n in range(50)]
        for place in dice.sample(range(50), 1 + number % 8):
            rows[place] = faulty(f"m{place}", dice.choice((1, 1, 2, 3, 4, 5)), dice)
        yield Case(f"strange/file-{number:02d}", "", tuple(rows), media=SOUND_MEDIA | CUT, intact=WHOLE)
