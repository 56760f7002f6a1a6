"""LLaVA-NeXT with Qwen's template: scripts/train/direct_finetune_clip.sh with --version qwen_1_5."""

from __future__ import annotations

import copy
import re
from typing import Any

from expect import Template, special
from harness import Setup
from programs import llava_common as common
from programs import llava_next


class Quick:
    """A copy of the tokenizer that does not copy its vocabulary, as preprocess_qwen has one for each row.

    It adds <image> to the copy where there is an image, and sets the template: two tokenizers
    are kept, one of which has that token.
    """

    def __init__(self, plain: Any, tagged: Any) -> None:
        self.__dict__["kept"] = plain, tagged

    def __getattr__(self, name: str) -> Any:
        return getattr(self.kept[0], name)

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(self.kept[0], name, value)

    def __call__(self, *words: Any, **more: Any) -> Any:
        return self.kept[0](*words, **more)

    def __deepcopy__(self, memo: Any) -> Quick:
        return Quick(*self.kept)

    def add_tokens(self, tokens: list[str], special_tokens: bool = False) -> int:
        assert tokens == ["<image>"] and special_tokens
        self.__dict__["kept"] = self.kept[1], self.kept[1]
        return 1


def program(setup: Setup) -> common.Program:
    from transformers import Qwen2TokenizerFast

    train = llava_next.modules(setup)
    train.conversation_lib.default_conversation = train.conversation_lib.conv_templates["qwen_1_5"]
    folder = setup.tokenizers / "qwen"
    tokenizer = Qwen2TokenizerFast(
        str(folder / "vocab.json"), str(folder / "merges.txt"), unk_token=None, eos_token="<|endoftext|>",
        pad_token="<|endoftext|>", additional_special_tokens=["<|im_start|>", "<|im_end|>"],
        model_max_length=llava_next.LONGEST, padding_side="right")
    assert tokenizer.convert_tokens_to_ids("<|im_end|>") == 151645 and tokenizer("\n").input_ids == [198]
    tagged = copy.deepcopy(tokenizer)
    tagged.add_tokens(["<image>"], special_tokens=True)
    start, end = re.escape(special("<|im_start|>")), re.escape(special("<|im_end|>")) + "\n"
    begin = start + "system\nYou are a helpful assistant." + end
    heads = {"human": start + "user\n", "gpt": start + "assistant\n", "system": start + "system\n"}
    template = Template(begin=begin, heads=heads, tails=dict.fromkeys(heads, end))
    return llava_next.build(setup, "llava-next-qwen", train, Quick(tokenizer, tagged), template)
