"""lmms-engine: its qwen3_vl data set as a configuration in YAML builds it, and its collator.

`dataset_format: yaml` with the rows file and its folder of images, as the examples have it;
not shuffled, so that rows can be identified by number.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

from expect import Sample
from harness import Setup, one_size
from programs.chatml import END, START, TEMPLATE, Tokens, image_digests
from programs.llava_common import stub_modules
from programs.qwen3_vl import model_folder


class Program:
    name = "lmms-engine"
    form = "jsonl"
    mixtures = False
    template = TEMPLATE.__class__(
        begin=START + "system\nYou are a helpful assistant" + END + "\n",
        begin_system=TEMPLATE.begin_system, heads=TEMPLATE.heads, tails=TEMPLATE.tails)
    packages = ("torch", "transformers", "datasets", "pyarrow", "Pillow")

    def __init__(self, setup: Setup) -> None:
        os.environ["HF_HUB_OFFLINE"] = "1"
        sys.path[:0] = [str(setup.checkout), str(setup.checkout / "src")]
        stub_modules("deepspeed")
        import torch.distributed

        torch.distributed.init_process_group("gloo", store=torch.distributed.HashStore(), rank=0, world_size=1)
        self.folder = model_folder(setup)
        chat = setup.tokenizers / "qwen3_vl.jinja"
        (self.folder / "chat_template.jinja").write_bytes(chat.read_bytes())

    def twin(self, paths: list[str]) -> dict[str, Any]:
        parts = [{"type": "image_url", "image_url": {"url": path}} for path in paths]
        return {"messages": [
            {"role": "user", "content": [*parts, {"type": "text", "text": "What is to be seen?"}]},
            {"role": "assistant", "content": [{"type": "text", "text": "A gradient."}]}]}

    def start(self, rows_file: Path, home: Path) -> Loader:
        from lmms_engine.datasets import DatasetConfig
        from lmms_engine.mapping_func import DATASET_MAPPING

        source = {"path": str(rows_file), "data_folder": str(home / "images"),
                  "data_type": rows_file.suffix[1:]}
        config = DatasetConfig(
            dataset_type="qwen3_vl", dataset_format="yaml", datasets=[source], shuffle=False,
            filter_overlong_workers=None,
            processor_config={"processor_name": str(self.folder), "processor_type": "qwen3_vl"})
        rows = DATASET_MAPPING[config.dataset_type](config)
        rows.build()
        return Loader(rows)


class Loader:
    def __init__(self, rows: Any) -> None:
        self.rows = rows
        self.collate = rows.get_collator()
        self.shown = Tokens(rows.processor.tokenizer)

    def __len__(self) -> int:
        return len(self.rows)

    def get(self, number: int) -> Any:
        return self.rows[number]

    def sample(self, got: Any) -> Sample:
        batch = self.collate([dict(got)])
        return self.shown.sample(batch, image_digests(batch))

    def batch(self, got: list[Any]) -> list[tuple[str, ...]] | None:
        self.collate([dict(item) for item in got])
        return None


program = one_size(Program)
