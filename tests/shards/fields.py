"""fields.py - record which fields of samples Energon reads according to its dataset.yaml

    PYTHON tests/shards/fields.py WORK OUT

PYTHON is an interpreter with Energon. The data set is a shard whose samples have various suffixes; each case is a
dataset.yaml for it. The record has the samples that the loader yields, in order, with the fields that are set, and the
exception that ended it.
"""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path
from typing import Any, Iterator, NamedTuple

sys.path.insert(0, str(Path(__file__).parent))
import energon  # noqa: E402
from cases import JPEG, Member, rows, tar  # noqa: E402

SHARD = "s-0.tar"
MEMBERS = [
    Member("a.jpg", JPEG), Member("a.txt", b"A text."),
    Member("b.jpg", JPEG), Member("b.json", rows("b")),
    Member("c.jpeg", JPEG), Member("c.txt", b"A text."),
    Member("d.jpg", JPEG), Member("d.json", rows("d")), Member("d.txt", b"A text."),
    Member("e.JPG", JPEG), Member("e.txt", b"A text."),
    Member("f.jpg", JPEG), Member("f.txt", b"\xff\xfe"),
    Member("g.jpg", JPEG), Member("g.json", rows("g")), Member("g.txt", b"\xff\xfe"),
    Member("h.seg.jpg", JPEG), Member("h.txt", b"A text."),
]  # fmt: skip
KEYS = "abcdefgh"
LOADER = "def sample_loader(raw):\n    return {'image': raw['jpg'], 'caption': 'x'}\n\ndef part_filter(part):\n    return part == 'jpg'\n"


class Fields(NamedTuple):
    name: str
    config: dict[str, Any]
    finds: str = ""  # the case of ARC816 that is found for the data set; "": none


def of(kind: str, fields: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"sample_type": {"__module__": "megatron.energon", "__class__": kind + "Sample"}, "field_map": fields, **more}


CASES = [
    Fields("caption", of("Captioning", {"image": "jpg", "caption": "txt"})),
    Fields("options", of("Captioning", {"image": "jpg,jpeg", "caption": "txt"})),
    Fields("all-options", of("Captioning", {"image": "jpg,jpeg,JPG,seg.jpg", "caption": "json,txt"})),
    Fields("json", of("Captioning", {"image": "jpg", "caption": "json"})),
    Fields("space", of("Captioning", {"image": "jpg, jpeg", "caption": "txt"})),
    Fields("empty", of("Captioning", {"image": "jpg", "caption": ""})),
    Fields("dotted", of("Captioning", {"image": "seg.jpg", "caption": "txt"})),
    Fields("text", of("Text", {"text": "txt"})),
    Fields("subflavors", of("Captioning", {"image": "jpg", "caption": "txt"}, subflavors={"a": 1})),
    Fields("old-class", {"__module__": "megatron.energon", "__class__": "CaptioningWebdataset", "field_map": {"image": "jpg", "caption": "txt"}}),
    Fields("optional", of("VQA", {"image": "jpg", "context": "txt", "answers": "json"})),
    Fields("optional-left-out", of("VQA", {"image": "jpg", "context": "txt"})),
    Fields("within-json", of("Captioning", {"image": "jpg", "caption": "json[id]"}), "unfollowed"),
    Fields("within-nothing", of("Captioning", {"image": "jpg", "caption": "json[nope]"}), "unfollowed"),
    Fields("other-part", of("ImageClassification", {"image": "jpg", "label": "cls"}), "unfollowed"),
    Fields("no-such-field", of("Captioning", {"image": "jpg", "captoin": "txt"}), "misfit"),
    Fields("field-left-out", of("Captioning", {"image": "jpg"}), "misfit"),
    Fields("no-type", {"field_map": {"image": "jpg", "caption": "txt"}}, "misfit"),
    Fields("no-map", {"sample_type": {"__module__": "megatron.energon", "__class__": "CaptioningSample"}}, "misfit"),
    Fields("no-such-class", of("Nope", {"image": "jpg"}), "unfollowed"),
    Fields("other-module", {"sample_type": {"__module__": "nope", "__class__": "Nope"}, "field_map": {"image": "jpg"}}, "unfollowed"),
    Fields("other-key", of("Captioning", {"image": "jpg", "caption": "txt"}, nope=1), "unfollowed"),
    Fields("number", of("Captioning", {"image": 7, "caption": "txt"}), "unfollowed"),
    Fields("loader", {"sample_type": {"__module__": "megatron.energon", "__class__": "CaptioningSample"},
                      "sample_loader": "sample_loader.py:sample_loader", "part_filter": "sample_loader.py:part_filter"}, "unfollowed"),
    Fields("crude", {"__module__": "megatron.energon", "__class__": "CrudeWebdataset", "subflavors": {"a": 1}}),
    Fields("crude-parts", {"__module__": "megatron.energon", "__class__": "CrudeWebdataset", "part_filter": ["jpg"]}, "unfollowed"),
    Fields("crude-map", {"__module__": "megatron.energon", "__class__": "CrudeWebdataset", "field_map": {"image": "jpg"}}, "misfit"),
]  # fmt: skip


def put(case: Fields, folder: Path) -> None:
    (folder / SHARD).write_bytes(tar(MEMBERS))
    (folder / ".nv-meta").mkdir(exist_ok=True)
    (folder / ".nv-meta/.info.json").write_text(json.dumps({"energon_version": "7.4.1", "shard_counts": {SHARD: len(KEYS)}}))
    (folder / ".nv-meta/split.yaml").write_text(json.dumps({"split_parts": {"train": [], "val": [SHARD], "test": []}, "exclude": []}))
    (folder / ".nv-meta/dataset.yaml").write_text(json.dumps(case.config))  # JSON is YAML
    (folder / ".nv-meta/sample_loader.py").write_text(LOADER)


def folders(work: Path) -> Iterator[tuple[str, Path]]:
    whole = work / "whole"
    shutil.rmtree(whole, ignore_errors=True)
    whole.mkdir(parents=True)
    (whole / SHARD).write_bytes(tar(MEMBERS))
    with energon.silence():
        energon.prepare(whole)
    for case in CASES:
        folder = work / case.name
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(whole, folder)
        put(case, folder)
        yield case.name, folder


def main() -> None:
    count = energon.record_keys(folders(Path(sys.argv[1]).resolve()), Path(sys.argv[2]))
    print(f"energon: {count} forms of dataset.yaml")


if __name__ == "__main__":
    main()
