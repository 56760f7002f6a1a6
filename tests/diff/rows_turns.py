"""The rules about a row's turns, implemented simply from the catalogue: CNV301 to CNV314, TOK405 to TOK409.

A row's findings are a set of codes. Rules about single texts apply to well-formed turns of any role;
rules about the conversation apply only if every turn is well-formed ("whole").
"""

from __future__ import annotations

import re

import tool_calls
from rows_dialects import Bare, Dialect, Row, Turn, bare_text, inline_paths, is_blank

TEMPLATE_TOKENS = [
    "</s>", "<s>", "<|im_start|>", "<|im_end|>", "<|eot_id|>", "<|start_header_id|>", "<|end_header_id|>", "<|begin_of_text|>",
    "<|end_of_text|>", "<|endoftext|>", "[INST]", "[/INST]", "<<SYS>>", "<</SYS>>", " ASSISTANT: ",
    "<unk>", "<|vision_start|>", "<|vision_end|>", "<|vision_pad|>", "<|video_pad|>", "<|object_ref_start|>", "<|object_ref_end|>",
    "<|box_start|>", "<|box_end|>", "<|quad_start|>", "<|quad_end|>", "<|fim_prefix|>", "<|fim_middle|>", "<|fim_suffix|>",
    "<|fim_pad|>", "<|repo_name|>", "<|file_sep|>", "<tool_call>", "</tool_call>", "<tool_response>", "</tool_response>",
]  # fmt: skip
LINE_STARTS = ["\nASSISTANT:", "\nUSER:"]
DAMAGE = re.compile(
    "[\ufffd\x00-\x08\x0b\x0c\x0e-\x1f\x80-\x9f]"
    "|[\xc2\xc3][\xa0-\xbf]|\xe2\u20ac|\xf0\u0178|\xef\xbf\xbd|\xef\xbb\xbf"
)

IMAGE_TOKENS = ("<|image_pad|>", "<IMG_CONTEXT>")  # tokens in any text
LOOKALIKES = ["</image>", "<image/>", "<img>", "</img>", "<|image|>", "<ImageHere>", "<IMG_CONTEXT>", "<|image_pad|>"]
SPELLINGS = re.compile("< *[Ii][Mm][Aa][Gg][Ee] *>")  # <image> itself is one of them
NUMBERED = re.compile("<image_?[0-9]+>")


QUESTIONS = ("human", "result", "whole")
ANSWERS = ("gpt", "call")


def echoes(turns: list[Turn]) -> bool:
    """CNV311: an answer that repeats its question, or two equal answers."""
    pairs = zip(turns, turns[1:], strict=False)
    if any(a.role == "human" and b.role == "gpt" and a.said == b.said for a, b in pairs):
        return True
    answers = [turn.said for turn in turns if turn.role == "gpt"]
    return len(set(answers)) < len(answers)


def says_nothing(turn: Turn, dialect: Dialect) -> bool:
    """Whether a turn has no text, and no medium as a part."""
    shows = turn.has_media_parts and not dialect.marks
    return turn.value is not None and is_blank(turn.text) and not shows and turn.role != "call"


def out_of_turn(roles: list[str | None], strict: bool) -> bool:
    """CNV303. An answer may come first. If tools may be called several times, only two questions or two
    answers in a row are suspicious."""
    if "other" in roles:
        return False
    if not strict:
        return any(a == b and a in ("human", "gpt") for a, b in zip(roles, roles[1:], strict=False))
    sides = ["answer" if role in ANSWERS else "question" if role in QUESTIONS else role for role in roles]
    in_step = sides[1:] if sides[:1] == ["answer"] else sides
    return in_step != (["question", "answer"] * len(sides))[: len(in_step)]


def judge_conversation(row: Row) -> set[str]:
    """CNV303 to CNV305, CNV307, CNV311 and CNV313, for a whole conversation."""
    codes = set()
    roles = [turn.role for turn in row.turns]
    after = roles[1:] if roles[0] == "system" else roles
    if out_of_turn(after, row.dialect.strict):
        codes.add("CNV303")
    if after and after[0] in ANSWERS:
        codes.add("CNV304")
    if roles[-1] not in (*ANSWERS, "other", "whole") and not row.answered:
        codes.add("CNV305")
    if all(says_nothing(turn, row.dialect) for turn in row.turns) and (roles[-1] == "gpt" or not row.answered):
        codes.add("CNV307")
    if echoes(row.turns):
        codes.add("CNV311")
    if row.compared:
        codes.add("CNV313")
    return codes


def has_template_token(text: str, bare: str) -> bool:
    """CNV309. Tokens in < > do not count within a path between tags."""
    if any(token in (bare if token.startswith("<") else text) for token in TEMPLATE_TOKENS):
        return True
    return any(start in "\n" + text for start in LINE_STARTS)


OF_OTHERS = ("<video>", "<audio>")  # placeholders of programs that read more than images


def has_lookalike(bare: str, row: Row) -> bool:
    """TOK406. The dialect's own placeholders do not count."""
    for placeholder in row.dialect.placeholders.values():
        if placeholder not in OF_OTHERS:
            bare = bare.replace(placeholder, "\ue001")
    if any(lookalike in bare for lookalike in LOOKALIKES):
        return True
    if SPELLINGS.search(bare) or NUMBERED.search(bare):
        return True
    return not row.media["video"].there and not row.dialect.modern and any(tag in bare for tag in OF_OTHERS)


def is_glued(text: str, placeholder: str) -> bool:
    """TOK407: text on the line of a placeholder, where a line ends at \\n or \\r."""
    lines = [line for line in re.split("[\n\r]", text) if placeholder in line]
    return any(not is_blank(part) for line in lines for part in line.split(placeholder))


def is_amid(text: str, placeholder: str) -> bool:
    """TOK408: a placeholder with text on both sides, however far away."""
    return sum(not is_blank(part) for part in text.split(placeholder)) > 1


def is_last(text: str, placeholder: str) -> bool:
    """TOK409: text before the first placeholder, and none after it."""
    first, *others = text.split(placeholder)
    return not is_blank(first) and all(is_blank(part) for part in others)


def is_assistant_question(turn: Turn) -> bool:
    """CNV309 as a note: the word, stripped of white space before it at the start, else after no space or letter."""
    text = turn.text
    pattern = r"(?<![A-Za-z ])assistant(?![A-Za-z\x80-\U0010ffff])"
    at_start = re.match(r"assistant(?![A-Za-z\x80-\U0010ffff])", text.lstrip()) is not None
    return turn.role == "human" and (at_start or re.search(pattern, text) is not None)


def has_path_of_vision(turn: Turn, dialect: Dialect) -> bool:
    """CNV309 as a note: a path between Qwen's own tokens."""
    text = turn.text
    return turn.parts is None and any(text.startswith("<|vision_start|>", begin) for begin, _, _, _ in inline_paths(text, dialect))


def is_bare(turn: Turn, dialect: Dialect) -> bool:
    """CNV312: only placeholders, or paths between tags."""
    if turn.parts is not None and not dialect.marks:
        return turn.has_media_parts and is_blank(turn.text)
    bare = bare_text(turn.text, dialect)
    for placeholder in dialect.placeholders.values():
        bare = bare.replace(placeholder, "\ue000")
    return "\ue000" in bare and is_blank(bare.replace("\ue000", ""))


def judge_value(turn: Turn, row: Row) -> set[str]:
    """Return the codes of a well-formed turn's text. In a list of parts, what looks like a placeholder is text."""
    codes = set()
    bare = bare_text(turn.text, row.dialect)
    if says_nothing(turn, row.dialect):
        codes.add("CNV306")
    if has_template_token(turn.text, bare) or is_assistant_question(turn) or has_path_of_vision(turn, row.dialect):
        codes.add("CNV309")
    if DAMAGE.search(turn.text):
        codes.add("CNV310")
    if turn.role == "human" and is_bare(turn, row.dialect):
        codes.add("CNV312")
    if turn.parts is not None and not row.dialect.marks:
        return codes | ({"TOK406"} if any(token in turn.text for token in IMAGE_TOKENS) else set())
    if has_lookalike(bare, row):
        codes.add("TOK406")
    placeholder = row.dialect.placeholders.get("image")
    if placeholder is not None and placeholder in bare:
        codes |= {"TOK407"} if is_glued(bare, placeholder) else set()
        codes |= {"TOK408"} if is_amid(bare, placeholder) else set()
        codes |= {"TOK409"} if is_last(bare, placeholder) and not row.dialect.modern else set()
    return codes


def is_call(turn: Turn) -> bool:
    """Whether programs parse the text of a turn, by the name of its role."""
    return turn.name in ("function_call", "tool_call") and not turn.calls and "call" not in dict(turn.parts or ())


def is_bad_call(turn: Turn) -> bool:
    """CNV314: what a program makes of a call is not what is written. So it is if the call is the first turn (judge_turns)."""
    return is_call(turn) and (turn.parts is not None or not tool_calls.is_sound(turn.text))


def judge_turns(row: Row) -> set[str]:
    """The rules about turns, except those that need the row's media."""
    codes = set()
    faulty = [turn for turn in row.turns if turn.malformed]
    if any(turn.foreign for turn in faulty) or any(turn.contradicts for turn in row.turns if not turn.malformed):
        codes.add("CNV308")
    if not all(turn.foreign for turn in faulty):
        codes.add("CNV301")
    if any(isinstance(turn.value, Bare) for turn in row.turns if not turn.malformed):
        codes.add("CNV301")
    if any(turn.role == "other" for turn in row.turns):
        codes.add("CNV302")  # a turn without a value still has a role
    for turn in row.turns:
        if not turn.malformed:
            codes |= judge_value(turn, row) | ({"CNV314"} if is_bad_call(turn) else set())
    after = row.turns[1:] if row.turns and (row.turns[0].role == "system" or row.turns[0].name == "system") else row.turns
    if after and is_call(after[0]) and not after[0].malformed:
        codes.add("CNV314")
    if row.whole:
        codes |= judge_conversation(row)
    return codes


def is_late(row: Row) -> bool:
    """TOK405: the only image's only placeholder comes after the first human turn."""
    human = [row.count(turn, "image") for turn in row.turns if turn.role == "human"]
    return row.whole and row.media["image"].shown == 1 and sum(human) == 1 and human[0] == 0
