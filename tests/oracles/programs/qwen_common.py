"""What the programs for Qwen-VL models share: the processor of Qwen2.5-VL, built without a hub."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import torch
from expect import IMAGE, Template, special
from harness import bpe_bytes, digest, to_text

IMAGE_ID, IGNORE = 151655, -100
ADDED = (  # as in the model's tokenizer_config.json, from 151643 on
    "<|endoftext|>", "<|im_start|>", "<|im_end|>", "<|object_ref_start|>", "<|object_ref_end|>", "<|box_start|>",
    "<|box_end|>", "<|quad_start|>", "<|quad_end|>", "<|vision_start|>", "<|vision_end|>", "<|vision_pad|>",
    "<|image_pad|>", "<|video_pad|>", "<tool_call>", "</tool_call>", "<|fim_prefix|>", "<|fim_middle|>",
    "<|fim_suffix|>", "<|fim_pad|>", "<|repo_name|>", "<|file_sep|>",
)
PLAIN = ADDED[14:]  # added, but not special
CHAT = (
    "{% for message in messages %}{% if loop.first and message['role'] != 'system' %}<|im_start|>system\n"
    "You are a helpful assistant.<|im_end|>\n{% endif %}<|im_start|>{{ message['role'] }}\n"
    "{% if message['content'] is string %}{{ message['content'] }}<|im_end|>\n{% else %}"
    "{% for content in message['content'] %}"
    "{% if content['type'] == 'image' or 'image' in content or 'image_url' in content %}"
    "<|vision_start|><|image_pad|><|vision_end|>"
    "{% elif content['type'] == 'video' or 'video' in content %}<|vision_start|><|video_pad|><|vision_end|>"
    "{% elif 'text' in content %}{{ content['text'] }}{% endif %}{% endfor %}<|im_end|>\n{% endif %}{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)


THINK = ("<tool_response>", "</tool_response>", "<think>", "</think>")  # what Qwen3-VL has beyond these


def tokenizer(folder: Path, more: tuple[str, ...] = ()) -> Any:
    from transformers import AddedToken, Qwen2TokenizerFast

    found = Qwen2TokenizerFast(
        str(folder / "qwen/vocab.json"), str(folder / "qwen/merges.txt"), unk_token=None, eos_token="<|endoftext|>",
        pad_token="<|endoftext|>", model_max_length=131072, padding_side="right", clean_up_tokenization_spaces=False,
        add_prefix_space=False)
    found.add_tokens([AddedToken(token, special=token not in PLAIN, normalized=False) for token in ADDED],
                     special_tokens=False)
    found.add_tokens([AddedToken(token, special=False, normalized=False) for token in more])
    found.eos_token = "<|im_end|>"
    assert found.convert_tokens_to_ids("<|image_pad|>") == IMAGE_ID
    assert found("assistant<|im_end|>").input_ids == [77091, 151645]
    return found


def processor(folder: Path) -> Any:
    """Qwen2.5-VL's: patches of 14 pixels, four to a token."""
    from transformers import Qwen2_5_VLProcessor, Qwen2VLImageProcessorFast, Qwen2VLVideoProcessor

    numbers = {
        "min_pixels": 3136, "max_pixels": 12845056, "patch_size": 14, "temporal_patch_size": 2, "merge_size": 2,
        "image_mean": [0.48145466, 0.4578275, 0.40821073], "image_std": [0.26862954, 0.26130258, 0.27577711],
    }
    return Qwen2_5_VLProcessor(
        image_processor=Qwen2VLImageProcessorFast(**numbers), tokenizer=tokenizer(folder),
        video_processor=Qwen2VLVideoProcessor(**numbers), chat_template=CHAT)


def processor_3(folder: Path) -> Any:
    """Qwen3-VL's: patches of 16 pixels."""
    from transformers import Qwen2VLImageProcessorFast, Qwen3VLProcessor, Qwen3VLVideoProcessor

    numbers = {"patch_size": 16, "temporal_patch_size": 2, "merge_size": 2, "image_mean": [0.5] * 3, "image_std": [0.5] * 3}
    size = {"shortest_edge": 65536, "longest_edge": 16777216}
    return Qwen3VLProcessor(
        image_processor=Qwen2VLImageProcessorFast(size=size, **numbers), tokenizer=tokenizer(folder, THINK),
        video_processor=Qwen3VLVideoProcessor(size={"shortest_edge": 4096, "longest_edge": 25165824}, **numbers),
        chat_template=CHAT)


def template() -> Template:
    start, end = re.escape(special("<|im_start|>")), re.escape(special("<|im_end|>")) + "\n"
    heads = {role: start + name + "\n" for role, name in
             (("human", "user"), ("gpt", "assistant"), ("system", "system"))}
    return Template(
        begin=start + "system\nYou are a helpful assistant." + end, begin_system=start + "system\n",
        heads=heads, tails=dict.fromkeys(heads, end),
        image=re.escape(special("<|vision_start|>")) + IMAGE + re.escape(special("<|vision_end|>")),
    )


def text_of(tokens: Any, ids: list[int], labels: list[int]) -> tuple[str, str]:
    # Those that the templates of Qwen3 write within a turn are text.
    specials = {number: str(token) for number, token in tokens.added_tokens_decoder.items() if str(token) not in THINK}

    def pieces(some: list[int]) -> list[bytes]:
        return bpe_bytes(tokens.convert_ids_to_tokens(some))

    return to_text(ids, [label != IGNORE for label in labels], IMAGE_ID, specials, pieces)


def pictures(pixels: Any, grid: Any) -> tuple[str, ...]:
    """The digest of each image: its patches, and their grid."""
    if pixels is None or grid is None:
        return ()
    sizes = [int(row.prod()) for row in grid]
    return tuple(digest(torch.cat([part.flatten(), row.float()])) for part, row in zip(pixels.split(sizes), grid))


def check_features(batch: dict[str, Any]) -> None:
    """What the model does before it puts the images in: as many features as tokens."""
    from types import SimpleNamespace

    from transformers.models.qwen2_5_vl.modeling_qwen2_5_vl import Qwen2_5_VLModel

    if batch.get("pixel_values") is None:
        return
    count = int(sum(row.prod() for row in batch["image_grid_thw"])) // 4
    ids = batch["input_ids"]
    embeds = torch.zeros(*ids.shape, 2)
    model = SimpleNamespace(config=SimpleNamespace(image_token_id=IMAGE_ID, video_token_id=IMAGE_ID + 1))
    Qwen2_5_VLModel.get_placeholder_mask(model, ids, inputs_embeds=embeds, image_features=torch.zeros(count, 2))
