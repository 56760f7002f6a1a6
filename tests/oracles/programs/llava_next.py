"""LLaVA-NeXT with the Vicuna template: scripts/train/direct_finetune_clip.sh with --version v1."""

from __future__ import annotations

import sys
import types
from typing import Any

from expect import Template
from harness import Setup
from programs import llava_common as common

GRIDS = ((1, 2), (2, 1), (2, 2), (3, 1), (1, 3))  # in sides of the vision tower
LONGEST = 32768


def program(setup: Setup) -> common.Program:
    train = modules(setup)
    train.conversation_lib.default_conversation = train.conversation_lib.conv_templates["v1"]
    tokenizer = common.llama_tokenizer(setup.tokenizers, LONGEST)
    return build(setup, "llava-next", train, tokenizer, common.vicuna_template(train.conversation_lib.default_conversation.system))


def modules(setup: Setup) -> Any:
    sys.path.insert(0, str(setup.checkout))
    common.stub_modules("deepspeed", "trl", "trl.trainer", "trl.trainer.utils")
    from llava.train import train

    train.time = types.SimpleNamespace(sleep=lambda seconds: None)
    return train


def build(setup: Setup, name: str, train: Any, tokenizer: Any, template: Template) -> common.Program:
    from llava.model import llava_arch
    from llava.train import llava_trainer

    side = common.side_of(setup)
    pinpoints = [(side * width, side * height) for width, height in GRIDS]
    model = common.merger(llava_arch, {
        "mm_patch_merge_type": "spatial_unpad", "image_aspect_ratio": "anyres", "image_grid_pinpoints": pinpoints,
        "mm_newline_position": "grid", "tokenizer_model_max_length": LONGEST, "tokenizer_padding_side": "right",
        "tune_mm_mlp_adapter": False, "mm_use_im_start_end": False, "mm_spatial_pool_mode": "bilinear",
        "add_faster_video": False,
    }, side)

    def merge(batch: dict[str, Any]) -> Any:
        found = model.prepare_inputs_labels_for_multimodal(
            batch["input_ids"], None, batch["attention_mask"], None, batch["labels"], batch["images"],
            batch["modalities"], image_sizes=batch["image_sizes"])
        return found[4], found[5]

    options = {
        "data": lambda home: {"image_aspect_ratio": "anyres", "image_grid_pinpoints": pinpoints,
                              "video_folder": str(home / "videos")},
        "set": {"image_processor": common.image_processor(side), "mm_use_im_start_end": False},
    }
    return common.Program(name, tokenizer, template, train, llava_trainer, options, merge,
                          lambda got: [image[0] for image in got.get("image", [])], mixtures=True)
