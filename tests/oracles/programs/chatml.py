"""What the programs that train Qwen3-VL share: ChatML as text, images as digests."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from expect import IMAGE, Sample, Template, special
from harness import bpe_bytes, digest, to_text

IGNORED = -100
START, END = re.escape(special("<|im_start|>")), re.escape(special("<|im_end|>"))
TEMPLATE = Template(
    begin="",
    begin_system=START + "system\n",
    heads={"human": START + "user\n", "gpt": START + "assistant\n", "system": START + "system\n"},
    tails={role: END + "\n?" for role in ("human", "gpt", "system")},
    # of Qwen's chat template
    tools=r"(?<=\n)\s*# Tools\n\n.*?<tools>\n(?P<tools>.*?)\n</tools>\n\nFor each function call, .*?\n</tool_call>",
)
SEEN = special("<|vision_start|>"), special("<|vision_end|>")


class Tokens:
    """The tokens of Qwen's tokenizer as text."""

    def __init__(self, tokenizer: Any) -> None:
        self.tokenizer = tokenizer
        added = tokenizer.added_tokens_decoder
        self.specials = {number: token.content for number, token in added.items() if token.special}
        self.plain = {number: token.content for number, token in added.items() if not token.special}
        self.image = tokenizer.convert_tokens_to_ids("<|image_pad|>")

    def pieces(self, ids: list[int]) -> list[bytes]:
        own = self.tokenizer.convert_ids_to_tokens(ids)
        return [self.plain[number].encode() if number in self.plain else bpe_bytes([piece])[0]
                for number, piece in zip(ids, own)]

    def sample(self, batch: Any, images: Sequence[str] = (), flaws: Sequence[str] = ()) -> Sample:
        """A batch of one row. Tokens that no token attends to are padding."""
        ids = batch["input_ids"].reshape(-1).tolist()
        labels = batch["labels"].reshape(-1).tolist()
        if batch.get("attention_mask") is not None:
            seen = batch["attention_mask"].reshape(-1).tolist()
            ids = [value for value, one in zip(ids, seen) if one]
            labels = [value for value, one in zip(labels, seen) if one]
        targets = [label != IGNORED for label in labels]
        text, mask = to_text(ids, targets, self.image, self.specials, self.pieces)
        text, mask = without_borders(text, mask)
        return Sample(text, mask, tuple(images), tuple(flaws))


def without_borders(text: str, mask: str) -> tuple[str, str]:
    """Leave out the tokens around each image, which belong to it."""
    start, end = SEEN
    kept, flags, at = [], [], 0
    for found in re.finditer(re.escape(start + IMAGE + end), text):
        image = found.start() + len(start)
        kept += [text[at:found.start()], IMAGE]
        flags += [mask[at:found.start()], mask[image]]
        at = found.end()
    return "".join([*kept, text[at:]]), "".join([*flags, mask[at:]])


def image_digests(batch: Any) -> list[str]:
    """The digest of each image of a batch."""
    grids = batch.get("image_grid_thw")
    if grids is None:
        return []
    found, at = [], 0
    for frames, rows, columns in grids.tolist():
        size = frames * rows * columns
        found.append(f"{rows}x{columns}:" + digest(batch["pixel_values"][at:at + size]))
        at += size
    return found
