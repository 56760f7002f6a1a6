"""Energon's own code, for the programs that record what it does: they run with an interpreter that has it."""

from __future__ import annotations

import contextlib
import io
import json
import logging
import warnings
from importlib.metadata import version
from pathlib import Path
from typing import Any, Iterable, Iterator


def prepare(folder: Path) -> None:
    """Run `energon prepare` on the shards of a folder; all of them are of the part val."""
    from megatron.energon.tools.prepare import command

    command.main([str(folder), "--non-interactive", "--split-ratio", "0,1,0", "--sample-type", "CrudeWebdataset",
                  "--num-workers", "1", "--no-progress"], standalone_mode=False)  # fmt: skip


def samples(folder: Path) -> Iterator[Any]:
    """Read the samples of the part val, in order, as the loader yields them."""
    from megatron.energon import Cooker, CrudeSample, DefaultTaskEncoder, WorkerConfig, get_loader, get_val_dataset, stateless

    @stateless
    def cook(sample: dict[str, Any]) -> CrudeSample:
        return CrudeSample(sample)

    class Encoder(DefaultTaskEncoder[Any, Any, Any, Any]):
        cookers = [Cooker(cook)]

        def batch(self, samples: list[Any]) -> Any:
            return samples

        def encode_batch(self, batch: Any) -> Any:
            return batch

    config = WorkerConfig(rank=0, world_size=1, num_workers=0)
    dataset = get_val_dataset(str(folder), worker_config=config, batch_size=1, task_encoder=Encoder())
    for batch in get_loader(dataset):
        yield batch[0]


@contextlib.contextmanager
def silence() -> Iterator[None]:
    """Drop what Energon prints and logs."""
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        yield


def record_keys(folders: Iterable[tuple[str, Path]], out: Path) -> int:
    """Write the keys of the samples in each named folder, and the exception that ended the reading; return their number."""
    found: dict[str, Any] = {}
    for name, folder in folders:
        outcome: dict[str, Any] = {"samples": []}
        try:
            with silence():
                for sample in samples(folder):
                    key = sample["__key__"] if isinstance(sample, dict) else getattr(sample, "__key__")
                    outcome["samples"].append(key.rpartition("/")[2])
        except Exception as error:  # noqa: BLE001
            outcome["error"] = type(error).__name__
        found[name] = outcome
    text = {"program": "energon", "version": version("megatron-energon"), "cases": found}
    out.write_text(json.dumps(text, indent=1) + "\n", encoding="ascii")
    return len(found)
