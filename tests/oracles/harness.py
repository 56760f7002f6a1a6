"""Shared by the harnesses of all programs: the interface, tokens as text, digests of pixels."""

from __future__ import annotations

import dataclasses
import functools
import hashlib
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, Protocol

from expect import IMAGE, Sample, Template, special


class Loader(Protocol):
    """The rows of a file in the program's own data set."""

    def __len__(self) -> int: ...

    def get(self, number: int) -> Any:
        """Return what the program's data set returns for the row; raise what it raises."""

    def sample(self, got: Any) -> Sample:
        """Convert that to text, mask and digests."""

    def batch(self, got: list[Any]) -> list[tuple[str, ...]] | None:
        """Collate rows as for a step; if the model picks the images itself, let it do so.

        Return the digests of each row's images, or None if the batch has them by row anyway.
        """


class Program(Protocol):
    """One training program.

    form      "json" or "jsonl": how cases of rows are written for it
    mixtures  whether it reads mixture.yaml
    replaces  whether it ever replaces a row by another; the default is True
    """

    name: str
    form: str
    mixtures: bool
    template: Template
    packages: tuple[str, ...]  # packages whose versions are in the record

    def twin(self, images: list[str]) -> dict[str, Any]:
        """Return a sound row with these images, to get their pixels from the program."""

    def start(self, rows_file: Path, home: Path) -> Loader:
        """Load the file and do everything before the first step; raise if the job would end."""


def llava_twin(images: list[str]) -> dict[str, Any]:
    question = "<image>\n" * len(images) + "What is it?"
    turns = [{"from": "human", "value": question}, {"from": "gpt", "value": "A picture."}]
    return {"id": "twin", "image": images if len(images) > 1 else images[0], "conversations": turns}


@dataclasses.dataclass(frozen=True)
class Setup:
    """Paths and settings from the command line."""

    checkout: Path  # the program's repository
    tokenizers: Path  # made by make_tokenizers.py
    small: bool  # pictures may be processed at a smaller size, because the case is not about them


def one_size(make: Callable[[Setup], Program]) -> Callable[[Setup], Program]:
    """For a program that never resizes pictures: use one instance for both sizes."""

    @functools.cache
    def made(setup: Setup) -> Program:
        return make(setup)

    return lambda setup: made(dataclasses.replace(setup, small=False))


def digest(tensor: Any) -> str:
    """Return a digest of a tensor's shape and values. Values are rounded to 1/512, to hide differences in the last bits."""
    array = tensor.detach().float().cpu().numpy()
    rounded = (array * 512).round().astype("int32")
    return hashlib.sha256(str(array.shape).encode() + rounded.tobytes()).hexdigest()[:12]


def to_text(
    ids: Sequence[int], targets: Sequence[bool], image_id: int | None, specials: dict[int, str],
    pieces: Callable[[list[int]], Iterable[bytes]], merged: bool = True,
) -> tuple[str, str]:
    """Convert tokens to text with a mask. If `merged`, a run of image tokens is one IMAGE.

    `specials` are the control tokens; `pieces` gives the bytes of each other token.
    """
    text: list[str] = []
    mask: list[str] = []
    held: list[tuple[bytes, bool]] = []

    def flush() -> None:
        data = b"".join(piece for piece, _ in held)
        flags = [flag for piece, flag in held for _ in piece]
        at = 0
        for letter in data.decode("utf-8", "surrogateescape"):
            text.append(letter)
            mask.append("1" if flags[at] else "0")
            at += len(letter.encode("utf-8", "surrogateescape"))
        held.clear()

    todo = [n for n, token in enumerate(ids) if token != image_id and token not in specials]
    plain = dict(zip(todo, pieces([ids[n] for n in todo])))
    for n, token in enumerate(ids):
        if n in plain:
            held.append((plain[n], targets[n]))
            continue
        flush()
        if token == image_id:
            if merged and text and text[-1] == IMAGE and ids[n - 1] == image_id:
                continue
            text.append(IMAGE)
            mask.append("1" if targets[n] else "0")
        else:
            shown = special(specials[token])
            text.append(shown)
            mask.append(("1" if targets[n] else "0") * len(shown))
    flush()
    return "".join(text), "".join(mask)


def sentencepiece_bytes(pieces: Iterable[str]) -> list[bytes]:
    """Return the bytes of the pieces of a sentencepiece model with byte fallback."""
    found = []
    for piece in pieces:
        if len(piece) == 6 and piece.startswith("<0x") and piece.endswith(">"):
            found.append(bytes([int(piece[3:5], 16)]))
        else:
            found.append(piece.replace("\u2581", " ").encode("utf-8", "surrogateescape"))
    return found


def byte_letters() -> dict[str, int]:
    """Return the letters that stand for bytes in GPT-2's and Qwen's vocabularies."""
    plain = [*range(33, 127), *range(161, 173), *range(174, 256)]
    letters = {chr(byte): byte for byte in plain}
    others = (byte for byte in range(256) if byte not in plain)
    return letters | {chr(256 + n): byte for n, byte in enumerate(others)}


LETTERS = byte_letters()


def bpe_bytes(pieces: Iterable[str]) -> list[bytes]:
    """Return the bytes of the pieces of a byte-level BPE."""
    return [
        bytes(LETTERS[letter] for letter in piece) if all(letter in LETTERS for letter in piece)
        else piece.encode("utf-8", "surrogateescape")
        for piece in pieces
    ]
