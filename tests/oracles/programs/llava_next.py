"""LLaVA-NeXT with the Vicuna template: scripts/train/direct_finetune_clip.sh with --version v1."""

from __future__ import annotations

import sys
from typing import Any

from expect import Template
from harness import Setup
from programs import llava_common as common

PINPOINTS = [(336, 672), (672, 336), (672, 672), (1008, 336), (336, 1008)]
LONGEST = 32768


def program(setup: Setup) -> common.Program:
    train = modules(setup)
    train.conversation_lib.default_conversation = train.conversation_lib.conv_templates["v1"]
    tokenizer = common.llama_tokenizer(setup.tokenizers, LONGEST)
    return build("llava-next", train, tokenizer, common.vicuna_template(train.conversation_lib.default_conversation.system))


def modules(setup: Setup) -> Any:
    sys.path.insert(0, str(setup.checkout))
    common.stub_modules("deepspeed", "trl", "trl.trainer", "trl.trainer.utils")
    from llava.train import train

    train.time.sleep = lambda seconds: None
    return train


def build(name: str, train: Any, tokenizer: Any, template: Template) -> common.Program:
    from llava.model import llava_arch
    from llava.train import llava_trainer

    model = common.merger(llava_arch, {
        "mm_patch_merge_type": "spatial_unpad", "image_aspect_ratio": "anyres", "image_grid_pinpoints": PINPOINTS,
        "mm_newline_position": "grid", "tokenizer_model_max_length": LONGEST, "tokenizer_padding_side": "right",
        "tune_mm_mlp_adapter": False, "mm_use_im_start_end": False, "mm_spatial_pool_mode": "bilinear",
        "add_faster_video": False,
    })

    def merge(batch: dict[str, Any]) -> Any:
        found = model.prepare_inputs_labels_for_multimodal(
            batch["input_ids"], None, batch["attention_mask"], None, batch["labels"], batch["images"],
            batch["modalities"], image_sizes=batch["image_sizes"])
        return found[4], found[5]

    options = {
        "data": lambda home: {"image_aspect_ratio": "anyres", "image_grid_pinpoints": PINPOINTS,
                              "video_folder": str(home / "videos")},
        "set": {"image_processor": common.image_processor(), "mm_use_im_start_end": False},
    }
    return common.Program(name, tokenizer, template, train, llava_trainer, options, merge,
                          lambda got: [image[0] for image in got.get("image", [])], mixtures=True)
