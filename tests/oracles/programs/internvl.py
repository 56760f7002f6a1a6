"""InternVL: shell/internvl2.5/2nd_finetune/internvl2_5_1b_dynamic_res_2nd_finetune_full.sh.

Stubs: weights, deepspeed, flash-attn, the process group. The model's forward runs up to its
language model, with features that are the number of their tile.
"""

from __future__ import annotations

import json
import re
import sys
import types
from pathlib import Path
from typing import Any
from unittest import mock

import torch
from expect import IMAGE, Sample, Template, special
from harness import Setup, bpe_bytes, digest, llava_twin, to_text
from programs.llava_common import stub_modules
from programs.qwen_common import ADDED, PLAIN

IGNORE, LONGEST, WIDTH = -100, 8192, 2
MARKUP = re.compile(r"</?(?:quad|ref|box)>")  # added to the tokenizer for what rows say, not for the template


class Enough(Exception):
    """The language model has been reached."""


class Loader:
    def __init__(self, data: Any, program: Program) -> None:
        self.data, self.program = data, program

    def __len__(self) -> int:
        return len(self.data)

    def get(self, number: int) -> Any:
        return self.data[number]

    def sample(self, got: Any) -> Sample:
        text, mask = self.program.text(got["input_ids"].tolist(), got["labels"].tolist())
        return Sample(text, mask, self.pictures(got))

    def pictures(self, got: Any) -> tuple[str, ...]:
        """The digest of each image: of the tiles that its tokens stand for."""
        if not int(got["image_flags"].sum()):
            return ()
        tiles, found, at = got["pixel_values"], [], 0
        for count in self.program.tokens_by_image(got["input_ids"].tolist()):
            number = count // self.program.model.num_image_token
            found.append(digest(tiles[at : at + number]))
            at += number
        return tuple(found) if at == len(tiles) else (*found, "tiles left over")

    def batch(self, got: list[Any]) -> None:
        self.program.forward(self.program.code.concat_pad_data_collator([dict(item) for item in got]))


class Program:
    name, form, mixtures = "internvl", "jsonl", False
    packages = ("torch", "torchvision", "transformers", "tokenizers", "pillow", "numpy", "orjson")

    def __init__(self, setup: Setup) -> None:
        sys.path.insert(0, str(setup.checkout / "internvl_chat"))
        stub_modules("deepspeed", "flash_attn", "flash_attn.flash_attn_interface", "flash_attn.bert_padding",
                     "flash_attn.layers", "flash_attn.layers.rotary")
        from internvl.conversation import get_conv_template
        from internvl.model.internvl_chat.modeling_internvl_chat import InternVLChatModel
        from internvl.train import internvl_chat_finetune as code
        from transformers import trainer

        self.code, self.forward_of, self.trainer = code, InternVLChatModel.forward, trainer
        code.dist = mock.MagicMock(get_rank=lambda: 0, get_world_size=lambda: 1)
        code.replace_train_sampler()
        self.side = 56 if setup.small else 448
        self.tokenizer = self.make_tokenizer(setup.tokenizers)
        self.context = self.tokenizer.convert_tokens_to_ids(code.IMG_CONTEXT_TOKEN)
        self.model = types.SimpleNamespace(num_image_token=int((self.side // 14) ** 2 * 0.25))
        self.specials = {number: str(token) for number, token in self.tokenizer.added_tokens_decoder.items()
                         if not MARKUP.fullmatch(str(token))}
        system = get_conv_template("internvl2_5").system_message
        start, end = (special(token).replace("|", r"\|") for token in ("<|im_start|>", "<|im_end|>"))
        heads = {role: start + name + "\n" for role, name in
                 (("human", "user"), ("gpt", "assistant"), ("system", "system"))}
        self.template = Template(
            begin=start + "system\n" + system + end + "\n", begin_system=start + "system\n", heads=heads,
            tails=dict.fromkeys(heads, end + "\n"), image=special("<img>") + IMAGE + special("</img>"))

    def make_tokenizer(self, folder: Path) -> Any:
        """That of InternVL2_5-1B: Qwen2.5's, slow, with the tokens that main() adds."""
        from transformers import AddedToken, Qwen2Tokenizer

        tokenizer = Qwen2Tokenizer(str(folder / "qwen/vocab.json"), str(folder / "qwen/merges.txt"), unk_token=None,
                                   eos_token="<|endoftext|>", pad_token="<|endoftext|>")
        tokenizer.add_tokens([AddedToken(token, special=token not in PLAIN, normalized=False) for token in ADDED])
        tokenizer.eos_token = "<|im_end|>"
        assert tokenizer.convert_tokens_to_ids("<|im_end|>") == 151645
        tokenizer.model_max_length = LONGEST
        code = self.code
        tokenizer.add_tokens([code.IMG_START_TOKEN, code.IMG_END_TOKEN, code.IMG_CONTEXT_TOKEN, code.QUAD_START_TOKEN,
                              code.QUAD_END_TOKEN, code.REF_START_TOKEN, code.REF_END_TOKEN, code.BOX_START_TOKEN,
                              code.BOX_END_TOKEN], special_tokens=True)
        return tokenizer

    def twin(self, images: list[str]) -> dict[str, Any]:
        return llava_twin(images)

    def text(self, ids: list[int], labels: list[int]) -> tuple[str, str]:
        def pieces(some: list[int]) -> list[bytes]:
            return bpe_bytes(self.tokenizer.convert_ids_to_tokens(some))

        return to_text(ids, [label != IGNORE for label in labels], self.context, self.specials, pieces)

    def tokens_by_image(self, ids: list[int]) -> list[int]:
        """The lengths of the runs of image tokens."""
        runs: list[int] = []
        for at, token in enumerate(ids):
            if token == self.context:
                if at and ids[at - 1] == self.context:
                    runs[-1] += 1
                else:
                    runs.append(1)
        return runs

    def forward(self, batch: dict[str, Any]) -> None:
        """The model's own, until the images are among the tokens."""
        flawed: list[str] = []

        def language_model(**inputs: Any) -> None:
            raise Enough

        language_model.get_input_embeddings = lambda: lambda ids: torch.zeros(*ids.shape, WIDTH)  # type: ignore[attr-defined]
        tokens = self.model.num_image_token
        model = types.SimpleNamespace(
            config=types.SimpleNamespace(use_return_dict=True), language_model=language_model,
            extract_feature=lambda pixels: torch.ones(pixels.shape[0], tokens, WIDTH),
            img_context_token_id=self.context, num_samples=0)
        with mock.patch("builtins.print", lambda *words, **_: flawed.append(str(words[0]))):
            try:
                self.forward_of(model, **{key: batch[key] for key in (
                    "pixel_values", "input_ids", "attention_mask", "position_ids", "image_flags", "labels")})
            except Enough:
                pass
        if any("warning" in line for line in flawed):
            raise ValueError("the loss of the batch is multiplied by 0")

    def start(self, rows_file: Path, home: Path) -> Loader:
        meta = rows_file.with_name("meta.json")
        held = {"root": str(home / "images") + "/", "annotation": str(rows_file), "data_augment": False, "repeat_time": 1}
        meta.write_text(json.dumps({"case": held}))
        try:
            arguments = self.code.DataTrainingArguments(
                meta_path=str(meta), conv_style="internvl2_5", force_image_size=self.side, max_dynamic_patch=6,
                max_seq_length=LONGEST, dynamic_image_size=True, use_thumbnail=True, down_sample_ratio=0.5)
            data = self.code.build_datasets(
                arguments, self.tokenizer, None, self.model, group_by_length=True, dynamic_image_size=True,
                use_thumbnail=True, min_dynamic_patch=1, max_dynamic_patch=6, normalize_type="imagenet")
        finally:
            meta.unlink()
        job = types.SimpleNamespace(train_dataset=data, tokenizer=self.tokenizer, args=types.SimpleNamespace(
            group_by_length=True, train_batch_size=4, world_size=1, gradient_accumulation_steps=1))
        if not list(iter(self.trainer.Trainer._get_train_sampler(job))):
            raise ValueError("no rows to train on")
        return Loader(data, self)


def program(setup: Setup) -> Program:
    return Program(setup)
