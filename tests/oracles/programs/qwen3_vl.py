"""A folder like a checkout of Qwen/Qwen3-VL-4B-Instruct, but without weights and tiny.

The vocabulary is Qwen's own; the special tokens and the settings of the image processor are
those of the model.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from harness import Setup

SPLIT = (r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*"
         r"|\s*[\r\n]+|\s+(?!\S)|\s+")
SPECIAL = ("<|endoftext|>", "<|im_start|>", "<|im_end|>", "<|object_ref_start|>",
           "<|object_ref_end|>", "<|box_start|>", "<|box_end|>", "<|quad_start|>",
           "<|quad_end|>", "<|vision_start|>", "<|vision_end|>", "<|vision_pad|>",
           "<|image_pad|>", "<|video_pad|>")
ADDED = ("<tool_call>", "</tool_call>", "<|fim_prefix|>", "<|fim_middle|>", "<|fim_suffix|>",
         "<|fim_pad|>", "<|repo_name|>", "<|file_sep|>", "<tool_response>", "</tool_response>",
         "<think>", "</think>")


def make_tokenizer(qwen: Path) -> Any:
    from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers
    from tokenizers import pre_tokenizers as before

    tokenizer = Tokenizer(models.BPE.from_file(str(qwen / "vocab.json"), str(qwen / "merges.txt")))
    tokenizer.normalizer = normalizers.NFC()
    tokenizer.pre_tokenizer = before.Sequence([
        before.Split(Regex(SPLIT), behavior="isolated"),
        before.ByteLevel(add_prefix_space=False, use_regex=False),
    ])
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens([AddedToken(token, normalized=False) for token in SPECIAL])
    tokenizer.add_tokens([AddedToken(token, normalized=False) for token in ADDED])
    return tokenizer


def settings() -> dict[str, Any]:
    image = {
        "size": {"longest_edge": 16777216, "shortest_edge": 65536},
        "patch_size": 16, "temporal_patch_size": 2, "merge_size": 2,
        "image_mean": [0.5, 0.5, 0.5], "image_std": [0.5, 0.5, 0.5],
        "processor_class": "Qwen3VLProcessor",
    }
    text = {
        "model_type": "qwen3_vl_text", "vocab_size": 151936, "hidden_size": 64,
        "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4,
        "num_key_value_heads": 2, "head_dim": 16, "max_position_embeddings": 262144,
        "rope_scaling": {"mrope_interleaved": True, "mrope_section": [4, 2, 2],
                         "rope_type": "default"},
        "rope_theta": 5000000, "bos_token_id": 151643, "eos_token_id": 151645,
    }
    vision = {
        "model_type": "qwen3_vl", "depth": 2, "hidden_size": 64, "intermediate_size": 128,
        "num_heads": 4, "out_hidden_size": 64, "patch_size": 16, "spatial_merge_size": 2,
        "temporal_patch_size": 2, "deepstack_visual_indexes": [0], "num_position_embeddings": 2304,
    }
    return {
        "config.json": {
            "architectures": ["Qwen3VLForConditionalGeneration"], "model_type": "qwen3_vl",
            "transformers_version": "4.57.0", "image_token_id": 151655, "video_token_id": 151656, "vision_start_token_id": 151652,
            "vision_end_token_id": 151653, "tie_word_embeddings": True,
            "text_config": text, "vision_config": vision,
        },
        "generation_config.json": {
            "bos_token_id": 151643, "pad_token_id": 151643, "eos_token_id": [151645, 151643],
        },
        "preprocessor_config.json": {
            **image, "image_processor_type": "Qwen2VLImageProcessorFast",
        },
        "video_preprocessor_config.json": {
            **image, "size": {"longest_edge": 25165824, "shortest_edge": 4096},
            "video_processor_type": "Qwen3VLVideoProcessor",
        },
        "tokenizer_config.json": {
            "tokenizer_class": "Qwen2Tokenizer", "model_max_length": 262144,
            "add_prefix_space": False, "bos_token": None, "unk_token": None,
            "eos_token": "<|im_end|>", "pad_token": "<|endoftext|>",
            "additional_special_tokens": list(SPECIAL[1:]), "clean_up_tokenization_spaces": False,
            "split_special_tokens": False,
        },
    }


def model_folder(setup: Setup) -> Path:
    """Make the folder, unless it is there."""
    folder = setup.tokenizers / "Qwen3-VL-4B-Instruct"
    if (folder / "ready").exists():
        return folder
    folder.mkdir(exist_ok=True)
    make_tokenizer(setup.tokenizers / "qwen").save(str(folder / "tokenizer.json"))
    for name, value in settings().items():
        (folder / name).write_text(json.dumps(value, indent=1) + "\n", "utf-8")
    (folder / "ready").touch()
    return folder
