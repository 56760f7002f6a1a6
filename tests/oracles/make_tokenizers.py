"""Make the programs' tokenizers from files in three packages.

    make_tokenizers.py FOLDER DASHSCOPE_WHEEL MISTRAL_COMMON_WHEEL TRL_WHEEL

FOLDER/llama/tokenizer.model is a sentencepiece BPE of 32,000 pieces with byte fallback, like those
of Llama and Vicuna. FOLDER/qwen has Qwen's own vocabulary as vocab.json and merges.txt,
and FOLDER/qwen3_vl.jinja is the chat template of Qwen3-VL, copied from TRL.
"""

from __future__ import annotations

import base64
import json
import sys
import zipfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from harness import LETTERS

TO_LETTER = {byte: letter for letter, byte in LETTERS.items()}


def letters(token: bytes) -> str:
    return "".join(TO_LETTER[byte] for byte in token)


def split(token: bytes, ranks: dict[bytes, int]) -> list[bytes]:
    """Return the two tokens that were merged into this one."""
    parts = [bytes([byte]) for byte in token]
    while len(parts) > 2:
        best = min(
            (at for at in range(len(parts) - 1) if parts[at] + parts[at + 1] in ranks),
            key=lambda at: ranks[parts[at] + parts[at + 1]],
        )
        if ranks[parts[best] + parts[best + 1]] >= ranks[token]:
            break
        parts[best : best + 2] = [parts[best] + parts[best + 1]]
    return parts


def main() -> int:
    folder, dashscope, mistral, trl = map(Path, sys.argv[1:5])
    (folder / "llama").mkdir(parents=True, exist_ok=True)
    (folder / "qwen").mkdir(exist_ok=True)
    with zipfile.ZipFile(mistral) as wheel:
        (folder / "llama/tokenizer.model").write_bytes(wheel.read("mistral_common/data/tokenizer.model.v1"))
    with zipfile.ZipFile(trl) as wheel:
        (folder / "qwen3_vl.jinja").write_bytes(wheel.read("trl/chat_templates/qwen3_vl.jinja"))
    with zipfile.ZipFile(dashscope) as wheel:
        lines = wheel.read("dashscope/resources/qwen.tiktoken").split(b"\n")
    ranks = {base64.b64decode(line.split()[0]): int(line.split()[1]) for line in lines if line}
    vocabulary = {letters(token): rank for token, rank in ranks.items()}
    merges = []
    for token in sorted(ranks, key=lambda t: ranks[t]):
        if len(token) > 1:
            parts = split(token, ranks)
            if len(parts) == 2:
                merges.append(" ".join(map(letters, parts)))
    (folder / "qwen/vocab.json").write_text(json.dumps(vocabulary, ensure_ascii=False))
    (folder / "qwen/merges.txt").write_text("#version: 0.2\n" + "\n".join(merges) + "\n")
    print(f"{len(vocabulary)} tokens, {len(merges)} merges")
    return 0


if __name__ == "__main__":
    sys.exit(main())
