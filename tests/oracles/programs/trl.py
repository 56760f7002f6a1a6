"""TRL: SFTTrainer with a data set of `messages` and `images`.

`load_dataset("json", …)` as `trl sft` does, then SFTTrainer for Qwen3-VL with what its
documentation advises for such models: assistant_only_loss=True and max_length=None. Paths of
images are relative to the working directory.
"""

from __future__ import annotations

import copy
import os
import sys
import uuid
from pathlib import Path
from typing import Any

from expect import Sample
from harness import Setup, one_size
from programs.chatml import TEMPLATE, Tokens, image_digests
from programs.qwen3_vl import model_folder


class Program:
    name = "trl"
    form = "jsonl"
    dialect = "parts"
    mixtures = False
    template = TEMPLATE
    packages = ("torch", "transformers", "datasets", "pyarrow", "Pillow")

    def __init__(self, setup: Setup) -> None:
        os.environ["HF_HUB_OFFLINE"] = "1"
        sys.path.insert(0, str(setup.checkout))
        import datasets.fingerprint
        import trl
        from transformers import AutoConfig, AutoModelForImageTextToText, AutoProcessor
        from trl import SFTConfig

        datasets.fingerprint.Hasher.hash = classmethod(lambda cls, value: uuid.uuid4().hex[:16])
        folder = model_folder(setup)
        self.model = AutoModelForImageTextToText.from_config(AutoConfig.from_pretrained(folder))
        self.processor = AutoProcessor.from_pretrained(folder)
        # The model's own template, of which TRL has a copy.
        template = Path(trl.__file__).with_name("chat_templates") / "qwen3_vl.jinja"
        self.processor.chat_template = template.read_text()
        self.args = SFTConfig(
            output_dir="out", assistant_only_loss=True, max_length=None, report_to="none",
            per_device_train_batch_size=1, bf16=False, use_cpu=True, gradient_checkpointing=False)
        self.shown = Tokens(self.processor.tokenizer)

    def twin(self, paths: list[str]) -> dict[str, Any]:
        parts = [{"type": "image"} for _ in paths] + [{"type": "text", "text": "What is to be seen?"}]
        answer = [{"type": "text", "text": "A gradient."}]
        return {"messages": [{"role": "user", "content": parts},
                             {"role": "assistant", "content": answer}], "images": paths}

    def copied_processor(self) -> Any:
        """A processor of its own; its vocabulary, which takes a second to copy, is only read."""
        made = copy.copy(self.processor)
        made.tokenizer = copy.copy(self.processor.tokenizer)
        made.image_processor = copy.deepcopy(self.processor.image_processor)
        return made

    def start(self, rows_file: Path, home: Path) -> Loader:
        from datasets import load_dataset
        from trl import SFTTrainer

        os.chdir(home / "images")
        rows = load_dataset("json", data_files=str(rows_file), split="train",
                            cache_dir=str(home / ".cache"))
        trainer = SFTTrainer(model=self.model, args=copy.deepcopy(self.args), train_dataset=rows,
                             processing_class=self.copied_processor())
        trainer.get_train_dataloader()
        return Loader(self, trainer)


class Loader:
    def __init__(self, program: Program, trainer: Any) -> None:
        self.program = program
        self.rows, self.collate = trainer.train_dataset, trainer.data_collator

    def __len__(self) -> int:
        return len(self.rows)

    def get(self, number: int) -> Any:
        return self.rows[number]

    def sample(self, got: Any) -> Sample:
        batch = self.collate([copy.deepcopy(got)])
        return self.program.shown.sample(batch, image_digests(batch))

    def batch(self, got: list[Any]) -> list[tuple[str, ...]] | None:
        self.collate(copy.deepcopy(got))
        return None


program = one_size(Program)
