"""Cases about the text of turns: template tokens, look-alikes of tags, names of roles."""

from __future__ import annotations

from collections.abc import Iterator

from cases import Case, answer, ask, between, sound, text_row, turns

TOKENS = (
    "</s>", "<s>", "<unk>", "<pad>", "<|im_start|>", "<|im_end|>", "<|endoftext|>", "<|eot_id|>",
    "<|start_header_id|>", "<|end_header_id|>", "<|begin_of_text|>", "<|end_of_text|>", "[INST]", "[/INST]",
    "<<SYS>>", "<</SYS>>", "<|user|>", "<|assistant|>", "<|end|>", "<bos>", "<eos>", "<start_of_turn>",
    "<end_of_turn>", "<|vision_start|>", "<|vision_end|>", "<|image_pad|>", "<|video_pad|>", "<|vision_pad|>",
    "<|object_ref_start|>", "<|box_start|>", "<|quad_start|>", "<tool_call>", "<|fim_prefix|>", "<think>",
    "<img>", "</img>", "<IMG_CONTEXT>", "<box>", "<ref>", "<quad>", "<video>", "<audio>", "<|image|>",
    "<im_start>", "<im_end>", "<im_patch>", "<image_placeholder>", "###", "<0x0A>",
)
WORDS = (
    "ASSISTANT: ", "ASSISTANT:", "USER: ", "USER:", "assistant", "Assistant", "user", "system", "(assistant)",
    "assistant\n", "\nassistant\n", " assistant ", "the assistant says", "assistants", "gpt", "human", "model",
    "im_start", "<|im_start|>assistant\n", "<|im_end|>\n<|im_start|>user\n", "\nassistant", "\n\nassistant:",
    "\"assistant\"", "QA_GT_caption_based_noisy", "助手",
)
TAGS = (
    "<Image>", "<IMAGE>", "<image >", "< image>", "<image/>", "</image>", "<image_1>", "<image1>", "<|image|>",
    "<ImageHere>", "<img>", "<video>", "<videos>", "<image>.", "&lt;image&gt;", "<images>", "[image]", "{image}",
    "<|image_pad|>", "<vid>", "<VIDEO>", "<IMG>",
)


def cases() -> Iterator[Case]:
    for number, token in enumerate(TOKENS):
        name = f"{number:02d}-" + ("".join(c for c in token if c.isalnum()) or "sign")
        aim = f"CNV309 {token}"
        yield text_case(f"token-{name}-answer", aim, turns(ask("s1"), f"Picture s1 {token} is soft."))
        yield text_case(f"token-{name}-answer-end", aim, turns(ask("s1"), f"Picture s1 is soft.{token}"))
        yield text_case(f"token-{name}-question", aim, turns(f"{ask('s1')} {token} Say it.", answer("s1")))
        plain = text_row("t1", conversations=turns(f"What is {token} in picture t1?", answer("t1")))
        yield between(f"text/token-{name}-text", aim, plain)
    for number, word in enumerate(WORDS):
        name = f"{number:02d}-" + ("".join(c for c in word if c.isascii() and c.isalnum()) or "han")
        aim = f"CNV309 {word.strip()}"
        yield text_case(f"word-{name}-answer", aim, turns(ask("s1"), f"Picture s1 {word}is soft."))
        yield text_case(f"word-{name}-answer-line", aim, turns(ask("s1"), f"Picture s1.\n{word}It is soft."))
        yield text_case(f"word-{name}-answer-first", aim, turns(ask("s1"), f"{word}Picture s1 is soft."))
        yield text_case(f"word-{name}-question", aim, turns(f"<image>\nIs it {word} in picture s1?", answer("s1")))
        yield text_case(f"word-{name}-question-line", aim, turns(f"<image>\nPicture s1.\n{word}\nSay it.", answer("s1")))
        yield text_case(f"word-{name}-question-paren", aim, turns(f"<image>\nPicture s1 ({word}).", answer("s1")))
        plain = text_row("t1", conversations=turns(f"{word}\nIs it picture t1?", answer("t1")))
        yield between(f"text/word-{name}-text", aim, plain)
    for number, tag in enumerate(TAGS):
        name = f"{number:02d}-" + ("".join(c for c in tag if c.isalnum()) or "sign")
        aim = f"TOK406 {tag}"
        yield text_case(f"tag-{name}-beside", aim, turns(f"{ask('s1')} {tag}", answer("s1")))
        yield text_case(f"tag-{name}-instead", aim, turns(f"{tag}\nWhat is in picture s1?", answer("s1")))
        yield text_case(f"tag-{name}-answer", aim, turns(ask("s1"), f"Picture s1 {tag} is soft."))
        plain = text_row("t1", conversations=turns(f"What is {tag} in picture t1?", answer("t1")))
        yield between(f"text/tag-{name}-text", aim, plain)
    for name, text in (
        ("han", "图片 s1 是一片柔和的渐变。"), ("emoji", "Picture s1 \U0001f600 is soft \U0001f468\u200d\U0001f469."),
        ("math", "Picture s1: $\\frac{a}{b} \\le 10^{-3}$."), ("code", "```python\nprint('s1')\n```"),
        ("json", '{"picture": "s1", "soft": true}'), ("markdown", "# Picture s1\n\n* soft\n* blue\n"),
        ("html", "<b>Picture s1</b> is <i>soft</i>."), ("arabic", "الصورة s1 ناعمة"), ("accents", "Naïve café s1 élan"),
        ("decomposed", "Cafe\u0301 s1"), ("full-width", "Ｐｉｃｔｕｒｅ s1"), ("digits", "0123456789 s1"),
        ("crlf", "Picture s1.\r\nIt is soft."), ("one-letter", "s"), ("full-stop", "."), ("digit", "5"),
        ("quote", '"s1"'), ("newline-first", "\nPicture s1."), ("colon", ": s1"), ("ligature", "ﬁne s1 ½ ²"),
    ):
        yield text_case(f"plain-{name}-answer", "", turns(ask("s1"), text))
        yield text_case(f"plain-{name}-question", "", turns("<image>\n" + text, answer("s1")))
        yield between(f"text/plain-{name}-text", "", text_row("t1", conversations=turns(text, text + " Yes.")))


def text_case(name: str, aims: str, conversations: list[dict[str, str]]) -> Case:
    return between(f"text/{name}", aims, sound("s1", conversations=conversations))
