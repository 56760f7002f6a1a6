"""LLaVA-NeXT with Qwen's template: scripts/train/direct_finetune_clip.sh with --version qwen_1_5."""

from __future__ import annotations

import re

from expect import Template, special
from harness import Setup
from programs import llava_common as common
from programs import llava_next


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
    start, end = re.escape(special("<|im_start|>")), re.escape(special("<|im_end|>")) + "\n"
    begin = start + "system\nYou are a helpful assistant." + end
    heads = {"human": start + "user\n", "gpt": start + "assistant\n", "system": start + "system\n"}
    template = Template(begin=begin, heads=heads, tails=dict.fromkeys(heads, end))
    return llava_next.build("llava-next-qwen", train, tokenizer, template)
