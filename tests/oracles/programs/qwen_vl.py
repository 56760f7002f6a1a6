"""qwen-vl-finetune with the options of scripts/sft.sh: Qwen2.5-VL, data_flatten."""

from __future__ import annotations

import sys
import types
from pathlib import Path
from typing import Any

from expect import Sample
from harness import Setup, llava_twin
from programs import qwen_common as common


class Loader:
    def __init__(self, data: Any, collator: Any) -> None:
        self.data, self.collator = data, collator

    def __len__(self) -> int:
        return len(self.data)

    def get(self, number: int) -> Any:
        return self.data[number]

    def sample(self, got: Any) -> Sample:
        text, mask = common.text_of(self.data.tokenizer, got["input_ids"][0].tolist(), got["labels"][0].tolist())
        return Sample(text, mask, common.pictures(got.get("pixel_values"), got.get("image_grid_thw")))

    def batch(self, got: list[Any]) -> None:
        common.check_features(self.collator(got))


class Program:
    name, form, mixtures = "qwen-vl", "json", False
    packages = ("torch", "transformers", "tokenizers", "pillow", "numpy")

    def __init__(self, setup: Setup) -> None:
        sys.path.insert(0, str(setup.checkout / "qwen-vl-finetune"))
        import qwenvl.data as registry
        from qwenvl.data import data_processor
        from qwenvl.train.argument import DataArguments

        self.registry, self.code, self.arguments = registry, data_processor, DataArguments
        self.code.time = types.SimpleNamespace(sleep=lambda seconds: None)
        self.processor = common.processor(setup.tokenizers)
        self.template = common.template()

    def twin(self, images: list[str]) -> dict[str, Any]:
        return llava_twin(images)

    def start(self, rows_file: Path, home: Path) -> Loader:
        from torch.utils.data import RandomSampler

        self.registry.data_dict["case"] = {"annotation_path": str(rows_file), "data_path": str(home / "images")}
        arguments = self.arguments(dataset_use="case", data_flatten=True, max_pixels=50176, min_pixels=784)
        arguments.model_type = "qwen2.5vl"
        module = self.code.make_supervised_data_module(self.processor, arguments)
        RandomSampler(module["train_dataset"])  # the Trainer's, which refuses no rows
        return Loader(module["train_dataset"], module["data_collator"])


def program(setup: Setup) -> Program:
    return Program(setup)
