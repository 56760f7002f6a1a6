"""LLaVA 1.5: scripts/v1_5/finetune.sh."""

from __future__ import annotations

import sys
from typing import Any

from harness import Setup
from programs import llava_common as common

LONGEST = 2048


def program(setup: Setup) -> common.Program:
    sys.path.insert(0, str(setup.checkout))
    common.stub_modules("deepspeed")
    from llava.model import llava_arch
    from llava.train import llava_trainer, train

    train.conversation_lib.default_conversation = train.conversation_lib.conv_templates["v1"]
    system = train.conversation_lib.default_conversation.system
    tokenizer = common.llama_tokenizer(setup.tokenizers, LONGEST)
    side = common.side_of(setup)
    model = common.merger(llava_arch, {
        "mm_patch_merge_type": "flat", "image_aspect_ratio": "pad", "tokenizer_model_max_length": LONGEST,
        "tokenizer_padding_side": "right", "tune_mm_mlp_adapter": False, "mm_use_im_start_end": False,
    }, side)

    def merge(batch: dict[str, Any]) -> Any:
        found = model.prepare_inputs_labels_for_multimodal(
            batch["input_ids"], None, batch["attention_mask"], None, batch["labels"], batch["images"])
        return found[4], found[5]

    options = {
        "data": lambda home: {"image_aspect_ratio": "pad"},
        "set": {"image_processor": common.image_processor(side), "mm_use_im_start_end": False},
    }
    return common.Program("llava-1.5", tokenizer, common.vicuna_template(system), train, llava_trainer, options, merge,
                          lambda got: [got["image"]] if "image" in got else [], mixtures=False)
