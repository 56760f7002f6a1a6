"""A step of a datatrove pipeline that checks documents which are rows; experimental.

    LocalPipelineExecutor([
        JsonlReader("data", adapter=llava_check.datatrove.adapter),
        llava_check.datatrove.Annotate(trainer="llava-next", images="raw/images", drop=("replaced", "crash")),
        ParquetWriter("checked"),
    ]).run()
"""

from __future__ import annotations

from itertools import islice
from typing import Any, Iterable, Iterator, Optional, Sequence, Union

from datatrove.data import Document
from datatrove.pipeline.base import PipelineStep

from llava_check import _structs as structs
from llava_check._annotate import COLUMNS, _Image, _Images, bytes_at, verdicts_of
from llava_check._errors import UsageError
from llava_check._library import PathLike

__all__ = ["Annotate", "adapter"]

PREFIX = "llava_"
IMAGE_MEMBERS = ("image", "images", "img")


def adapter(_reader: Any, data: dict[str, Any], path: str, id_in_file: Union[int, str]) -> Any:
    """For a reader of datatrove: a row as a document, with all its members as metadata.

    Its text is the text of the conversation, for steps that look at it.
    """
    texts = []
    for turns in data.values():
        if isinstance(turns, list):
            for turn in turns:
                values = turn.values() if isinstance(turn, dict) else ()
                texts += [value for value in values if isinstance(value, str)]
    name = str(data.get("id", f"{path}/{id_in_file}"))
    return {"text": "\n".join(texts) or name, "id": name, "media": [], "metadata": data}


class Annotate(PipelineStep):  # type: ignore[misc]
    """Adds ``llava_ok``, ``llava_findings`` and ``llava_effect`` to the metadata of documents.

    The metadata are the members of the row. Images are paths, bytes, or dicts of ``bytes`` and
    ``path``, below ``image``, ``images`` or ``img``.

    :param drop: effects whose documents are dropped: ``("replaced", "crash", "refused")``
    :param batch_size: documents that are checked at a time
    :param trainer, images, dialect, no_images, allow_outside, select, ignore, show, threads: as
        for :func:`llava_check.annotate`
    """

    type = "CHECK"
    name = "llava-check"

    def __init__(
        self,
        *,
        drop: Sequence[str] = (),
        batch_size: int = 256,
        trainer: Optional[str] = None,
        images: Optional[PathLike] = None,
        dialect: Optional[str] = None,
        no_images: bool = False,
        allow_outside: bool = False,
        select: Union[str, Sequence[str]] = (),
        ignore: Union[str, Sequence[str]] = (),
        show: str = "warning",
        threads: int = 1,
    ) -> None:
        super().__init__()
        unknown = set(drop) - set(structs.EFFECTS)
        if unknown or isinstance(drop, str):
            raise UsageError(f"drop: effects are {', '.join(structs.EFFECTS)}")
        if batch_size < 1:
            raise UsageError("batch_size must be at least 1")
        self.drop = tuple(drop)
        self.batch_size = batch_size
        self.options: dict[str, Any] = {
            "trainer": trainer,
            "images": images,
            "dialect": dialect,
            "no_images": no_images,
            "allow_outside": allow_outside,
            "select": select,
            "ignore": ignore,
            "show": show,
            "threads": threads,
        }

    def run(self, data: Iterable[Document], rank: int = 0, world_size: int = 1) -> Iterator[Document]:
        """Of datatrove: check documents, and pass them on."""
        documents = iter(data or ())
        while batch := list(islice(documents, self.batch_size)):
            with self.track_time("batch"):
                verdicts = self._check(batch)
            for document, verdict in zip(batch, verdicts):
                self.stat_update("total", f"effect_{verdict['effect']}")
                if verdict["effect"] in self.drop:
                    self.stat_update("dropped")
                    continue
                found = (verdict["is_ok"], verdict["findings"], verdict["effect"])
                document.metadata.update(zip((PREFIX + name for name in COLUMNS), found))
                self.stat_update("forwarded")
                yield document

    def _check(self, batch: list[Document]) -> list[dict[str, Any]]:
        memory = _Images()
        rows = [_row_of(number, document, memory) for number, document in enumerate(batch)]
        with verdicts_of(rows, memory, **self.options) as table:
            return table.to_pylist()


def _row_of(number: int, document: Document, memory: _Images) -> dict[str, Any]:
    """A document's row, with paths in the place of images' bytes."""
    row = dict(document.metadata)
    for name in COLUMNS:
        row.pop(PREFIX + name, None)
    for key in IMAGE_MEMBERS:
        value = row.get(key)
        several = value if isinstance(value, list) else [value]
        paths = [_path_of(one, f"{number}.{key}.{i}", memory) for i, one in enumerate(several)]
        if any(path is not one for path, one in zip(paths, several)):
            row[key] = paths if isinstance(value, list) else paths[0]
    return row


def _path_of(value: Any, name: str, memory: _Images) -> Any:
    path, data = None, value
    if isinstance(value, dict) and "bytes" in value:
        path, data = value.get("path"), value["bytes"]
        if data is None:
            return path or ""
    if not isinstance(data, bytes):
        return value
    image = _Image(bytes_at(data), path)
    name += image.suffix()
    memory.add(name, bytes_at(data))
    return name
