"""VeOmni: the mapping data set of its VLM trainer with Qwen3-VL's transform, and its collator.

The settings of images are those of configs/multimodal/qwen3_vl/qwen3_vl_dense.yaml; the source
is sharegpt4v_sft, whose rows are LLaVA's with a list `images`. Paths of images are relative to
the working directory.
"""

from __future__ import annotations

import copy
import os
import sys
import types
from pathlib import Path
from typing import Any

from expect import Sample
from harness import Setup, one_size
from programs.chatml import TEMPLATE, Tokens, image_digests
from programs.qwen3_vl import model_folder

IMAGES = {"image_max_pixels": 602112}


class Program:
    name = "veomni"
    form = "jsonl"
    mixtures = False
    template = TEMPLATE
    packages = ("torch", "transformers", "datasets", "pyarrow", "Pillow")

    def __init__(self, setup: Setup) -> None:
        os.environ["HF_HUB_OFFLINE"] = "1"
        sys.path.insert(0, str(setup.checkout))
        from transformers import AutoConfig
        from veomni.data import MainCollator, build_chat_template, build_data_transform
        from veomni.models import build_processor
        from veomni.models.transformers.qwen3_vl.generated import patched_modeling_qwen3_vl_gpu as modeling

        folder = model_folder(setup)
        processor = build_processor(str(folder))
        # All that is asked of the model is how it counts positions, for which it needs no weights.
        model = types.SimpleNamespace(config=AutoConfig.from_pretrained(folder))
        count = modeling.Qwen3VLForConditionalGeneration.get_position_id_func(model)
        self.transform = build_data_transform(
            "qwen3_vl", processor=processor, chat_template=build_chat_template("qwen3vl", processor),
            position_id_func=count, **IMAGES)
        self.collate = MainCollator()
        self.shown = Tokens(processor.tokenizer)

    def twin(self, paths: list[str]) -> dict[str, Any]:
        turns = [("human", f"<image>{'What is to be seen?' if not n else 'And here?'}") for n in range(len(paths))]
        talk = [{"from": role, "value": value} for turn in turns for role, value in (turn, ("gpt", "A gradient."))]
        return {"images": paths, "conversations": talk}

    def start(self, rows_file: Path, home: Path) -> Loader:
        from veomni.data import build_dataset

        os.chdir(home / "images")
        os.environ["HF_DATASETS_CACHE"] = str(home / ".cache")
        rows = build_dataset("mapping", train_path=str(rows_file), transform=self.transform,
                             source_name="sharegpt4v_sft")
        return Loader(self, rows)


class Loader:
    def __init__(self, program: Program, rows: Any) -> None:
        self.program, self.rows = program, rows

    def __len__(self) -> int:
        return len(self.rows)

    def get(self, number: int) -> Any:
        return self.rows[number][0]

    def sample(self, got: Any) -> Sample:
        batch = {key: got[key].clone() for key in ("input_ids", "labels", "attention_mask")}
        batch["input_ids"][got["image_mask"]] = self.program.shown.image
        batch |= {key: got[key] for key in ("pixel_values", "image_grid_thw") if key in got}
        features = got["image_grid_thw"].prod(-1).sum().item() // 4 if "image_grid_thw" in got else 0
        agree = features == got["image_mask"].sum().item()
        flaws = [] if agree else ["other numbers of image tokens and features"]
        return self.program.shown.sample(batch, image_digests(batch), flaws)

    def batch(self, got: list[Any]) -> list[tuple[str, ...]] | None:
        self.program.collate([copy.deepcopy(item) for item in got])
        return None


program = one_size(Program)
