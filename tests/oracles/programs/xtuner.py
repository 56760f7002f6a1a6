"""xtuner v1: the data set that a DatasetConfig for Qwen3-VL builds, with its cache, and its collator.

One tokenizing process: with more, as by default, a row that raises ends its process, and the job
waits for it for ever instead of ending. The numbers of images ("Picture 1: ") are left out.
"""

from __future__ import annotations

import copy
import dataclasses
import os
import sys
from pathlib import Path
from typing import Any

from expect import LEFT_OUT, XTUNER_TAG, Sample
from harness import Setup, one_size
from programs.chatml import TEMPLATE, Tokens, image_digests
from programs.qwen3_vl import model_folder


class Program:
    name = "xtuner"
    form = "jsonl"
    mixtures = False
    template = TEMPLATE
    packages = ("torch", "transformers", "pydantic", "Pillow")

    def __init__(self, setup: Setup) -> None:
        os.environ.update(HF_HUB_OFFLINE="1", XTUNER_TOKENIZE_WORKERS="1")
        sys.path.insert(0, str(setup.checkout))
        import torch
        from loguru import logger
        from transformers import AutoTokenizer
        from xtuner.v1.datasets import Qwen3VLTokenizeFnConfig
        from xtuner.v1.datasets.utils import tokenizer_xxhash

        torch.set_num_threads(1)  # others would not be there in a process that forks
        logger.remove()  # and nor would the thread that writes what it logs
        folder = model_folder(setup)
        self.tokenizer = AutoTokenizer.from_pretrained(folder)
        self.function = Qwen3VLTokenizeFnConfig(
            processor_path=str(folder), add_vision_id=False, trim_memory_interval=1 << 30)
        self.hash = tokenizer_xxhash(self.tokenizer)[:16]
        self.shown = Tokens(self.tokenizer)

    def twin(self, paths: list[str]) -> dict[str, Any]:
        parts = [{"type": "image_url", "image_url": {"url": path, "image_wh": [640, 480]}} for path in paths]
        text = XTUNER_TAG * len(paths) + "What is to be seen?"
        return {"messages": [{"role": "user", "content": [*parts, {"type": "text", "text": text}]},
                             {"role": "assistant", "content": "A gradient."}]}

    def start(self, rows_file: Path, home: Path) -> Loader:
        from xtuner.v1.datasets import DatasetConfig, JsonlDataset

        JsonlDataset._thread_executor = None  # its threads are those of the process that forked
        config = DatasetConfig(name="rows", anno_path=str(rows_file), media_root=str(home / "images"),
                               class_name="VLMJsonlDataset")
        rows = config.build(self.function.build(self.tokenizer, tokenizer_hash=self.hash))
        if not len(rows):  # all of them have been left out
            self.pack(config)
        return Loader(self, rows)

    def pack(self, config: Any) -> None:
        """What its trainer makes of a data set before the first step."""
        from xtuner.v1.datasets.config import DataloaderConfig

        loader = DataloaderConfig(
            dataset_config_list=[{"dataset": config, "tokenize_fn": self.function}],
            pack_workers=1, collator="qwen3_vl_sft_collator", tokenizer_hash=self.hash,
        ).build(self.tokenizer, dp_mesh=None, global_batch_size=1, micro_batch_size=1, seed=0, total_step=None)
        if not len(loader):
            raise ValueError("no steps")


class Loader:
    def __init__(self, program: Program, rows: Any) -> None:
        self.program, self.rows = program, rows
        # what it has instead of a row that raises, without a target
        self.stand_in = rows.tokenize_fn(rows.fake_data)["input_ids"]

    def __len__(self) -> int:
        return len(self.rows)

    def get(self, number: int) -> Any:
        return self.rows[number]

    def sample(self, got: Any) -> Sample:
        import torch

        if got["input_ids"] == self.stand_in:
            return LEFT_OUT
        batch = {key: torch.as_tensor(got[key]) for key in ("input_ids", "labels")}
        if got.get("pixel_values") is not None:
            batch |= {key: got[key] for key in ("pixel_values", "image_grid_thw")}
        flaws = [] if any(label != -100 for label in got["labels"]) else ["no target"]
        sample = self.program.shown.sample(batch, image_digests(batch), flaws)
        if XTUNER_TAG in sample.text:
            sample = dataclasses.replace(sample, flaws=("a placeholder that is no image",))
        return sample

    def batch(self, got: list[Any]) -> list[tuple[str, ...]] | None:
        from xtuner.v1.datasets.collator import qwen3_vl_sft_collator

        items = [copy.deepcopy(item) for item in got]
        length = sum(item["num_tokens"] for item in items)
        qwen3_vl_sft_collator([items], pack_max_length=length, padding_token_idx=0)
        return None


program = one_size(Program)
