"""xtuner v1: the data set that a DatasetConfig for Qwen3-VL builds, with its cache, and its collator.

One tokenizing process: with more, as by default, a row that raises ends its process, and the job
waits for it for ever instead of ending. The numbers of images ("Picture 1: ") are left out.
"""

from __future__ import annotations

import copy
import os
import sys
from pathlib import Path
from typing import Any

from expect import Sample
from harness import Setup, one_size
from programs.chatml import TEMPLATE, Tokens, image_digests
from programs.qwen3_vl import model_folder

LONGEST = 2048


class Program:
    name = "xtuner"
    form = "jsonl"
    mixtures = False
    template = TEMPLATE
    packages = ("torch", "transformers", "pydantic", "Pillow")

    def __init__(self, setup: Setup) -> None:
        os.environ.update(HF_HUB_OFFLINE="1", XTUNER_TOKENIZE_WORKERS="1")
        sys.path.insert(0, str(setup.checkout))
        from transformers import AutoTokenizer
        from xtuner.v1.datasets import Qwen3VLTokenizeFnConfig

        folder = model_folder(setup)
        self.tokenizer = AutoTokenizer.from_pretrained(folder)
        self.function = Qwen3VLTokenizeFnConfig(
            processor_path=str(folder), max_length=LONGEST, add_vision_id=False)
        self.shown = Tokens(self.tokenizer)

    def twin(self, paths: list[str]) -> dict[str, Any]:
        from PIL import Image

        parts = [{"type": "image_url", "image_url": {"url": path, "image_wh": list(Image.open(path).size)}}
                 for path in paths]
        text = "<IMG_CONTEXT>" * len(paths) + "What is to be seen?"
        return {"messages": [{"role": "user", "content": [*parts, {"type": "text", "text": text}]},
                             {"role": "assistant", "content": "A gradient."}]}

    def start(self, rows_file: Path, home: Path) -> Loader:
        from xtuner.v1.datasets import DatasetConfig

        config = DatasetConfig(name="rows", anno_path=str(rows_file), media_root=str(home / "images"),
                               class_name="VLMJsonlDataset")
        return Loader(self, config.build(self.function.build(self.tokenizer)))


class Loader:
    def __init__(self, program: Program, rows: Any) -> None:
        self.program, self.rows = program, rows

    def __len__(self) -> int:
        return len(self.rows)

    def get(self, number: int) -> Any:
        return self.rows[number]

    def sample(self, got: Any) -> Sample:
        import torch

        batch = {key: torch.as_tensor(got[key]) for key in ("input_ids", "labels")}
        if got.get("pixel_values") is not None:
            batch |= {key: got[key] for key in ("pixel_values", "image_grid_thw")}
        flaws = [] if any(label != -100 for label in got["labels"]) else ["no target"]
        return self.program.shown.sample(batch, image_digests(batch), flaws)

    def batch(self, got: list[Any]) -> list[tuple[str, ...]] | None:
        from xtuner.v1.datasets.collator import qwen3_vl_sft_collator

        items = [copy.deepcopy(item) for item in got]
        length = sum(item["num_tokens"] for item in items)
        qwen3_vl_sft_collator([items], pack_max_length=length, padding_token_idx=0)
        return None


program = one_size(Program)
