"""The rules of a row's turns, written plainly from the catalogue: CNV301 to CNV312, TOK405 to TOK408.

A row's findings are a set of codes. Rules about single texts look at well-formed turns of any role;
rules about the conversation wait until every turn is well-formed ("whole").
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

PLACEHOLDER = "<image>"

TEMPLATE_TOKENS = [
    "</s>", "<s>", "<|im_start|>", "<|im_end|>", "<|eot_id|>", "<|start_header_id|>", "<|end_header_id|>", "<|begin_of_text|>",
    "<|end_of_text|>", "<|endoftext|>", "[INST]", "[/INST]", "<<SYS>>", "<</SYS>>", " ASSISTANT: ",
]  # fmt: skip
LINE_STARTS = ["\nASSISTANT:", "\nUSER:"]
DAMAGE = re.compile(
    "[\ufffd\x00-\x08\x0b\x0c\x0e-\x1f\x80-\x9f]"
    "|[\xc2\xc3][\xa0-\xbf]|\xe2\u20ac|\xf0\u0178|\xef\xbf\xbd|\xef\xbb\xbf"
)

LOOKALIKES = ["</image>", "<image/>", "<img>", "<|image|>", "<ImageHere>", "<IMG_CONTEXT>", "<|image_pad|>"]
SPELLINGS = re.compile("< *[Ii][Mm][Aa][Gg][Ee] *>")  # the placeholder itself is one of them
NUMBERED = re.compile("<image_?[0-9]+>")


class Turn(NamedTuple):
    """A turn; anything but a string is None."""

    role: str | None
    value: str | None
    openai: bool = False

    @property
    def malformed(self) -> bool:
        return self.role is None or self.value is None

    @property
    def text(self) -> str:
        return self.value or ""

    @property
    def placeholders(self) -> int:
        return self.text.count(PLACEHOLDER)


def is_blank(text: str) -> bool:
    return not text or text.isspace()


def string(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def read_turn(turn: Any) -> Turn:
    if not isinstance(turn, dict):
        return Turn(None, None)
    openai = "role" in turn and "content" in turn and "from" not in turn and "value" not in turn
    return Turn(string(turn.get("from")), string(turn.get("value")), openai)


def read_turns(row: dict[str, Any]) -> list[Turn]:
    """The row's turns; none when it has no list of them."""
    conversations = row.get("conversations")
    return [read_turn(turn) for turn in conversations] if isinstance(conversations, list) else []


def is_whole(turns: list[Turn]) -> bool:
    return bool(turns) and not any(turn.malformed for turn in turns)


def echoes(turns: list[Turn]) -> bool:
    """CNV311: an answer that is its question, or two equal answers."""
    pairs = zip(turns, turns[1:], strict=False)
    if any(a.role == "human" and b.role == "gpt" and a.value == b.value for a, b in pairs):
        return True
    answers = [turn.value for turn in turns if turn.role == "gpt"]
    return len(set(answers)) < len(answers)


def judge_conversation(turns: list[Turn]) -> set[str]:
    """CNV303 to CNV305, CNV307 and CNV311, of a whole conversation."""
    codes = set()
    roles = [turn.role for turn in turns]
    unknown = any(role not in ("human", "gpt") for role in roles)
    in_step = roles[1:] if roles[0] == "gpt" else roles
    if not unknown and in_step != (["human", "gpt"] * len(roles))[: len(in_step)]:
        codes.add("CNV303")
    if roles[0] == "gpt":
        codes.add("CNV304")
    if roles[-1] == "human":
        codes.add("CNV305")
    if all(is_blank(turn.text) for turn in turns):
        codes.add("CNV307")
    if echoes(turns):
        codes.add("CNV311")
    return codes


def has_template_token(text: str) -> bool:
    if any(token in text for token in TEMPLATE_TOKENS):
        return True
    return any(start in "\n" + text for start in LINE_STARTS)


def has_lookalike(text: str, video: bool) -> bool:
    if any(lookalike in text for lookalike in LOOKALIKES):
        return True
    if any(match != PLACEHOLDER for match in SPELLINGS.findall(text)):
        return True
    return bool(NUMBERED.search(text)) or (not video and "<video>" in text)


def is_glued(text: str) -> bool:
    """TOK407: text on the line of a placeholder, where a line ends at \\n or \\r."""
    lines = [line for line in re.split("[\n\r]", text) if PLACEHOLDER in line]
    return any(not is_blank(part) for line in lines for part in line.split(PLACEHOLDER))


def is_amid(text: str) -> bool:
    """TOK408: a placeholder with text on both sides, however far away."""
    return sum(not is_blank(part) for part in text.split(PLACEHOLDER)) > 1


def is_bare(text: str) -> bool:
    """CNV312: nothing but placeholders."""
    return PLACEHOLDER in text and is_blank(text.replace(PLACEHOLDER, ""))


def judge_value(text: str, video: bool) -> set[str]:
    """The codes of a well-formed turn's text."""
    codes = set()
    if is_blank(text):
        codes.add("CNV306")
    if has_template_token(text):
        codes.add("CNV309")
    if DAMAGE.search(text):
        codes.add("CNV310")
    if has_lookalike(text, video):
        codes.add("TOK406")
    if PLACEHOLDER in text:
        codes |= {"TOK407"} if is_glued(text) else set()
        codes |= {"TOK408"} if is_amid(text) else set()
    return codes


def judge_turns(turns: list[Turn], video: bool) -> set[str]:
    """The rules of turns, but for those that need the row's images."""
    codes = set()
    if any(turn.openai for turn in turns):
        codes.add("CNV308")
    if any(turn.malformed and not turn.openai for turn in turns):
        codes.add("CNV301")
    if any(turn.role not in (None, "human", "gpt") for turn in turns):
        codes.add("CNV302")  # a turn without a value has a role all the same
    for turn in turns:
        if not turn.malformed:
            codes |= judge_value(turn.text, video)
            codes |= {"CNV312"} if turn.role == "human" and is_bare(turn.text) else set()
    if is_whole(turns):
        codes |= judge_conversation(turns)
    return codes


def is_late(turns: list[Turn], images: int) -> bool:
    """TOK405: the one image's one placeholder comes after the first human turn."""
    human = [turn.placeholders for turn in turns if turn.role == "human"]
    return is_whole(turns) and images == 1 and sum(human) == 1 and human[0] == 0
