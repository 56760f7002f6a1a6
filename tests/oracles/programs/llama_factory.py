"""LLaMA-Factory: get_dataset and the collator of its sft stage.

The package is imported from the checkout. The settings are those of
examples/train_lora/qwen3vl_lora_sft.yaml, and the defaults of what that leaves open: one
process, batches of one row.
"""

from __future__ import annotations

import copy
import json
import os
import sys
import uuid
from pathlib import Path
from typing import Any

from expect import Sample, read_rows
from harness import Setup, one_size
from programs.chatml import TEMPLATE, Tokens, image_digests
from programs.qwen3_vl import model_folder

SETTINGS = {
    "image_max_pixels": 262144, "video_max_pixels": 16384, "trust_remote_code": True,
    "stage": "sft", "do_train": True, "finetuning_type": "lora", "lora_rank": 8,
    "lora_target": "all", "dataset": "rows", "template": "qwen3_vl_nothink", "cutoff_len": 2048,
    "max_samples": 1000, "per_device_train_batch_size": 1, "report_to": "none",
}
OPENAI_TAGS = {"role_tag": "role", "content_tag": "content", "user_tag": "user",
               "assistant_tag": "assistant", "system_tag": "system"}
ALPACA = {"prompt": "instruction", "query": "input", "response": "output", "history": "history"}


def registry_entry(rows_file: Path) -> dict[str, Any]:
    """What a user who knows the keys of the file writes into dataset_info.json.

    LLaMA-Factory reads a column only if it is named there.
    """
    keys, turn_keys = keys_of(rows_file)
    columns = {"images": first_of(keys, "image", "images")}
    columns |= {kind: kind for kind in ("videos", "audios") if kind in keys}
    columns = {column: key for column, key in columns.items() if key}
    entry: dict[str, Any] = {"file_name": rows_file.name}
    if "conversations" not in keys and "instruction" in keys:
        return entry | {"columns": columns | {k: v for k, v in ALPACA.items() if v in keys}}
    messages = first_of(keys, "conversations", "messages", "conversation") or "conversations"
    entry |= {"formatting": "sharegpt", "columns": columns | {"messages": messages}}
    if "role" in turn_keys and "from" not in turn_keys:
        entry["tags"] = OPENAI_TAGS
    return entry


def first_of(keys: set[str], *wanted: str) -> str | None:
    return next((key for key in wanted if key in keys), None)


def keys_of(rows_file: Path) -> tuple[set[str], set[str]]:
    """The keys of the rows and of their turns; those of a LLaVA file where they cannot be read."""
    rows = read_rows(rows_file.read_bytes())
    rows = [row for row in rows or () if isinstance(row, dict)]
    turns = [turn for row in rows for value in row.values() if isinstance(value, list)
             for turn in value if isinstance(turn, dict)]
    if not rows:
        return {"image", "conversations"}, {"from", "value"}
    return {key for row in rows for key in row}, {key for turn in turns for key in turn}


class Program:
    name = "llama-factory"
    form = "json"
    mixtures = False
    template = TEMPLATE
    packages = ("torch", "transformers", "datasets", "pyarrow", "pandas", "Pillow")

    def __init__(self, setup: Setup) -> None:
        os.environ.update(DISABLE_VERSION_CHECK="1", HF_HUB_OFFLINE="1")
        sys.path.insert(0, str(setup.checkout / "src"))
        import datasets.fingerprint
        from llamafactory.data import (SFTDataCollatorWith4DAttentionMask,
                                       get_template_and_fix_tokenizer)
        from llamafactory.hparams import get_train_args
        from llamafactory.model import load_tokenizer

        # A fingerprint only names a file of the cache, but to hash the tokenizer takes seconds.
        datasets.fingerprint.Hasher.hash = classmethod(lambda cls, value: uuid.uuid4().hex[:16])
        arguments = get_train_args({
            **SETTINGS, "model_name_or_path": str(model_folder(setup)),
            "output_dir": "out", "dataset_dir": ".",
        })
        self.model_args, self.data_args, self.training_args = arguments[:3]
        self.training_args.log_level = "error"
        self.tokens = load_tokenizer(self.model_args)
        self.shown = Tokens(self.tokens["tokenizer"])
        self.chat = get_template_and_fix_tokenizer(self.tokens["tokenizer"], self.data_args)
        self.collator = SFTDataCollatorWith4DAttentionMask(
            template=self.chat, model=None, pad_to_multiple_of=8, label_pad_token_id=-100,
            block_diag_attn=self.model_args.block_diag_attn, neat_packing=False,
            attn_implementation="sdpa", compute_dtype=self.model_args.compute_dtype, **self.tokens)

    def start(self, rows_file: Path, home: Path) -> Loader:
        from llamafactory.data import get_dataset

        (home / "dataset_info.json").write_text(json.dumps({"rows": registry_entry(rows_file)}))
        model_args, data_args = copy.copy(self.model_args), copy.copy(self.data_args)
        model_args.cache_dir = str(home / ".cache")
        data_args.dataset_dir, data_args.media_dir = str(home), str(home / "images")
        return Loader(self, get_dataset(self.chat, model_args, data_args, self.training_args,
                                        stage="sft", **self.tokens)["train_dataset"])


    def twin(self, paths: list[str]) -> dict[str, Any]:
        question = "<image>\n" * len(paths) + "What is to be seen?"
        return {"image": paths, "conversations": [{"from": "human", "value": question},
                                                  {"from": "gpt", "value": "A gradient."}]}


class Loader:
    def __init__(self, program: Program, rows: Any) -> None:
        self.program, self.rows = program, rows

    def __len__(self) -> int:
        return len(self.rows)

    def get(self, number: int) -> Any:
        return self.rows[number]

    def sample(self, got: Any) -> Sample:
        batch = self.program.collator([copy.deepcopy(got)])
        # The collator adds a white image to a batch without any, and hides its tokens.
        return self.program.shown.sample(batch, image_digests(batch) if got["images"] else ())

    def batch(self, got: list[Any]) -> list[tuple[str, ...]] | None:
        self.program.collator(copy.deepcopy(got))
        return None


program = one_size(Program)
