"""2U1's Qwen-VL-Series-Finetune with the options of scripts/finetune.sh: Qwen3-VL, no lengths grouped."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

from expect import Sample, Template, special
from harness import Setup, llava_twin
from programs import qwen_common as common

MODEL = "Qwen/Qwen3-VL-4B-Instruct"


class Loader:
    def __init__(self, data: Any, collator: Any) -> None:
        self.data, self.collator = data, collator

    def __len__(self) -> int:
        return len(self.data)

    def get(self, number: int) -> Any:
        return self.data[number]

    def sample(self, got: Any) -> Sample:
        tokens = self.data.processor.tokenizer
        text, mask = common.text_of(tokens, got["input_ids"].tolist(), got["labels"].tolist())
        return Sample(text, mask, common.pictures(got.get("pixel_values"), got.get("image_grid_thw")))

    def batch(self, got: list[Any]) -> None:
        common.check_features(self.collator(got))


class Program:
    name, form, mixtures, replaces = "qwen-vl-series", "json", False, False
    packages = ("torch", "transformers", "tokenizers", "pillow", "numpy", "ujson", "qwen-vl-utils")

    def __init__(self, setup: Setup) -> None:
        sys.path.insert(0, str(setup.checkout))
        from src.dataset import make_supervised_data_module
        from src.params import DataArguments

        self.make, self.arguments = make_supervised_data_module, DataArguments
        side = 28 if setup.small else 28 * 28
        self.pixels = 512 * side, 1280 * side
        self.processor = common.processor_3(setup.tokenizers)
        plain = common.template()
        self.template = Template(begin="", heads=plain.heads, tails=plain.tails, image=plain.image)
        assert re.match(self.template.heads["human"], special("<|im_start|>") + "user\n")

    def twin(self, images: list[str]) -> dict[str, Any]:
        return llava_twin(images)

    def start(self, rows_file: Path, home: Path) -> Loader:
        from torch.utils.data import RandomSampler

        arguments = self.arguments(
            data_path=str(rows_file), image_folder=str(home / "images"), lazy_preprocess=True,
            image_min_pixels=self.pixels[0], image_max_pixels=self.pixels[1])
        module = self.make(model_id=MODEL, processor=self.processor, data_args=arguments)
        RandomSampler(module["train_dataset"])  # the Trainer's, which refuses no rows
        return Loader(module["train_dataset"], module["data_collator"])


def program(setup: Setup) -> Program:
    return Program(setup)
