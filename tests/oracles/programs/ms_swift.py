"""ms-swift: SwiftSft from the loading of the data set to its collator.

The package is imported from the checkout. `swift sft --model Qwen3-VL-4B-Instruct --dataset FILE`
with ROOT_IMAGE_DIR and the defaults, strict=False and lazy_tokenize among them; only the data
set is not shuffled, so that rows can be identified by number.
"""

from __future__ import annotations

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
    name = "ms-swift"
    form = "json"
    mixtures = False
    template = TEMPLATE
    packages = ("torch", "transformers", "datasets", "pyarrow", "pandas", "Pillow")

    def __init__(self, setup: Setup) -> None:
        os.environ.update(HF_HUB_OFFLINE="1", MODELSCOPE_CACHE=os.path.abspath(".cache"))
        sys.path.insert(0, str(setup.checkout))
        import datasets.fingerprint
        import urllib3
        from swift.arguments import SftArguments
        from swift.pipelines.train.sft import SwiftSft

        # A fingerprint only names a file of the cache, but to hash a template takes seconds.
        datasets.fingerprint.Hasher.hash = classmethod(lambda cls, value: uuid.uuid4().hex[:16])
        # Pauses between the tries to fetch a picture change no outcome.
        urllib3.Retry.sleep = lambda retry, response=None: None
        self.args = SftArguments(
            model=str(model_folder(setup)), dataset=["rows.json"],
            output_dir="out", add_version=False, torch_dtype="float32",
            dataset_shuffle=False, load_from_cache_file=False)
        self.args.dataset_num_proc = None  # in this process
        # All of SwiftSft but the model.
        self.sft = SwiftSft.__new__(SwiftSft)
        self.sft.args, self.sft.train_msg, self.sft.model = self.args, {}, None
        _, self.sft.processor = self.args.get_model_processor(load_model=False)
        self.sft._prepare_template()
        self.shown = Tokens(self.sft.processor.tokenizer)

    def start(self, rows_file: Path, home: Path) -> Loader:
        os.environ["ROOT_IMAGE_DIR"] = str(home / "images")
        self.args.dataset = [str(rows_file)]
        return Loader(self, self.sft._prepare_dataset()[0])

    def twin(self, paths: list[str]) -> dict[str, Any]:
        question = "<image>\n" * len(paths) + "What is to be seen?"
        return {"messages": [{"role": "user", "content": question},
                             {"role": "assistant", "content": "A gradient."}], "images": paths}


class Loader:
    def __init__(self, program: Program, rows: Any) -> None:
        self.program, self.rows = program, rows

    def __len__(self) -> int:
        return len(self.rows)

    def get(self, number: int) -> Any:
        return self.rows[number]

    def sample(self, got: Any) -> Sample:
        batch = self.program.sft.template.data_collator([dict(got)])
        return self.program.shown.sample(batch, image_digests(batch))

    def batch(self, got: list[Any]) -> list[tuple[str, ...]] | None:
        self.program.sft.template.data_collator([dict(encoded) for encoded in got])
        return None


program = one_size(Program)
