"""What LLaVA and LLaVA-NeXT share: their data set, their collator, and how images meet tokens.

The data set, the sampler, the collator and prepare_inputs_labels_for_multimodal are the
program's. Stubs are the model's weights (a vision tower that answers with the number of the
picture, an embedding of zeros), deepspeed, trl, and time.sleep.
"""

from __future__ import annotations

import importlib.machinery
import sys
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest import mock

import torch
from expect import Sample, Template, special
from harness import Setup, bpe_bytes, digest, llava_twin, sentencepiece_bytes, to_text

IGNORE, IMAGE_ID, WIDTH = -100, -200, 2


def stub_modules(*names: str) -> None:
    """Modules that are not data code and not installed."""
    for name in names:
        module = mock.MagicMock(name=name)
        module.__version__ = "2.5.0"
        module.__spec__ = importlib.machinery.ModuleSpec(name, None)
        sys.modules[name] = module


class Tower:
    """A vision tower whose features of a view are the view's number in the batch, from 1."""

    is_loaded = True

    def __init__(self, side: int) -> None:
        self.image_size = side
        self.num_patches_per_side = side // 14
        self.num_patches = self.num_patches_per_side**2

    def __call__(self, images: torch.Tensor) -> torch.Tensor:
        features = torch.zeros(images.shape[0], self.num_patches, WIDTH)
        features[:, :, 0] = torch.arange(1, images.shape[0] + 1)[:, None]
        return features


def merger(arch: Any, config: dict[str, Any], side: int) -> Any:
    """The program's LlavaMetaForCausalLM around the stub of a model."""

    class Model:
        mm_projector = staticmethod(lambda features: features)
        vision_resampler = staticmethod(lambda features, images=None: features)
        image_newline = torch.zeros(WIDTH)

        def get_vision_tower(self) -> Tower:
            return Tower(side)

        @staticmethod
        def embed_tokens(ids: torch.Tensor) -> torch.Tensor:
            if ids.numel() and not 0 <= int(ids.min()) <= int(ids.max()) < 152000:
                raise IndexError("index out of range in self")
            return torch.zeros(ids.shape[0], WIDTH)

    class Merger(arch.LlavaMetaForCausalLM):
        def __init__(self) -> None:
            self.model = Model()
            self.config = types.SimpleNamespace(**config)
            self.device = torch.device("cpu")
            self.training = True

        def get_model(self) -> Model:
            return self.model

    Merger.__abstractmethods__ = frozenset()
    return Merger()


class Loader:
    def __init__(self, data: Any, collator: Any, program: Program) -> None:
        self.data, self.collator, self.program = data, collator, program
        self.known: dict[int, tuple[Any, list[tuple[str, int]]]] = {}  # by id(), of what is kept here

    def __len__(self) -> int:
        return len(self.data)

    def get(self, number: int) -> Any:
        return self.data[number]

    def sample(self, got: Any) -> Sample:
        ids, labels = got["input_ids"].tolist(), got["labels"].tolist()
        limit = self.program.tokenizer.model_max_length
        text, mask = self.program.text(ids[:limit], [label != IGNORE for label in labels[:limit]])
        pictures = [name for name, _ in self.pictures(got) if name]
        return Sample(text, mask, tuple(pictures), self.flaws(got, pictures))

    def flaws(self, got: Any, pictures: list[str]) -> tuple[str, ...]:
        """What the model does not see of a row that is alone in its batch."""
        try:
            rows, kept = self.merge([got])
        except Exception:
            return ()  # recorded by batch()
        found = []
        if kept[0] < int((got["labels"][1:] != IGNORE).sum()):
            found.append("targets cut off")
        sizes = [size for name, size in self.pictures(got) if name]
        for name, size in zip(pictures, sizes):
            views = {number for owner, number in rows[0] if owner == name}
            if size > 1 and len(views) == 1:
                found.append("empty detail view")
        return tuple(found)

    def pictures(self, got: Any) -> list[tuple[str, int]]:
        """The digest of each image of a row and its number of views; "" for the blank of a text row."""
        if id(got) not in self.known:
            found = [("" if not tensor.any() else digest(tensor), 1 if tensor.ndim == 3 else tensor.shape[0])
                     for tensor in self.program.tensors(got)]
            self.known[id(got)] = got, found
        return self.known[id(got)][1]

    def batch(self, got: list[Any]) -> list[tuple[str, ...]]:
        rows, _ = self.merge(got)
        return [in_order(row) for row in rows]

    def merge(self, got: list[Any]) -> tuple[list[list[tuple[str, int]]], list[int]]:
        """For each row: the views that it shows, by owner and number; and its targets that are left."""
        batch = self.collator(got)
        owners: list[tuple[str, int]] = []
        for item in got:
            for name, size in self.pictures(item):
                owners += [(name, number) for number in range(size)]
        embeds, labels = self.program.merge(batch)
        rows = []
        for row in range(len(got)):
            if embeds is None:
                rows.append([])
                continue
            numbers = [int(n) for n in embeds[row, :, 0].tolist()]
            runs = [n for at, n in enumerate(numbers) if n and (at == 0 or numbers[at - 1] != n)]
            rows.append([owners[n - 1] for n in runs])
        return rows, [int((labels[row] != IGNORE).sum()) for row in range(len(got))]


def in_order(views: list[tuple[str, int]]) -> tuple[str, ...]:
    """The owners of the views, each once where its views begin."""
    return tuple(name for name, number in views if number == 0 and name)


class Program:
    """LLaVA's train.py with one template; what differs is given by the two programs."""

    form = "json"
    packages = ("torch", "transformers", "tokenizers", "pillow", "numpy")

    def __init__(self, name: str, tokenizer: Any, template: Template, train: Any, trainer: Any, options: dict[str, Any],
                 merge: Callable[[dict[str, Any]], Any], tensors: Callable[[Any], list[Any]], mixtures: bool) -> None:
        self.name, self.tokenizer, self.template = name, tokenizer, template
        self.train, self.trainer, self.options = train, trainer, options
        self.merge, self.tensors, self.mixtures = merge, tensors, mixtures
        self.replaces = name != "llava-1.5"
        special_ids = dict(zip(tokenizer.all_special_ids, tokenizer.all_special_tokens))
        self.specials = special_ids | {
            number: str(token) for number, token in getattr(tokenizer, "added_tokens_decoder", {}).items()
        }
        self.by_bytes = bpe_bytes if hasattr(tokenizer, "byte_encoder") or tokenizer.is_fast else sentencepiece_bytes

    def twin(self, images: list[str]) -> dict[str, Any]:
        return llava_twin(images)

    def text(self, ids: list[int], targets: list[bool]) -> tuple[str, str]:
        def pieces(some: list[int]) -> list[bytes]:
            return self.by_bytes(self.tokenizer.convert_ids_to_tokens(some))

        return to_text(ids, targets, IMAGE_ID, self.specials, pieces, merged=False)

    def start(self, rows_file: Path, home: Path) -> Loader:
        arguments = self.train.DataArguments(
            data_path=str(rows_file), lazy_preprocess=True, is_multimodal=True,
            image_folder=str(home / "images"), **self.options["data"](home),
        )
        for key, value in self.options["set"].items():
            setattr(arguments, key, value)
        module = self.train.make_supervised_data_module(self.tokenizer, arguments)
        data = module["train_dataset"]
        job = types.SimpleNamespace(train_dataset=data, args=types.SimpleNamespace(
            group_by_length=False, group_by_modality_length=True, train_batch_size=4, world_size=2,
            gradient_accumulation_steps=1))
        sampler = self.trainer.LLaVATrainer._get_train_sampler(job)
        if not list(iter(sampler)):
            raise ValueError("no rows to train on")
        return Loader(data, module["data_collator"], self)


def side_of(setup: Setup) -> int:
    """Of CLIP ViT-L/14's pictures: 336 pixels, or a sixth of that."""
    return 56 if setup.small else 336


def image_processor(side: int) -> Any:
    """That of CLIP ViT-L/14, as its preprocessor_config.json says, at this size."""
    from transformers import CLIPImageProcessor

    return CLIPImageProcessor(
        size={"shortest_edge": side}, crop_size={"height": side, "width": side},
        image_mean=[0.48145466, 0.4578275, 0.40821073], image_std=[0.26862954, 0.26130258, 0.27577711],
    )


def llama_tokenizer(folder: Path, longest: int) -> Any:
    """As of lmsys/vicuna-7b-v1.5: slow, not legacy; the pad token is the unknown one, as train() sets it."""
    from transformers import LlamaTokenizer

    tokenizer = LlamaTokenizer(str(folder / "llama/tokenizer.model"), legacy=False, add_bos_token=True,
                               add_eos_token=False, clean_up_tokenization_spaces=False, model_max_length=longest,
                               padding_side="right")
    tokenizer.pad_token = tokenizer.unk_token
    return tokenizer


def vicuna_template(system: str) -> Template:
    import re

    return Template(
        begin=re.escape(special("<s>")) + r"\s*" + re.escape(system) + " ",
        heads={"human": r"\s*USER:", "gpt": r"\s*ASSISTANT:"},
        tails={"human": "", "gpt": re.escape(special("</s>"))},
    )
