"""A NeMo Curator pipeline stage that checks documents that are rows; experimental.

    pipeline.add_stage(ParquetReader("data/"))
    pipeline.add_stage(llava_check.nemo_curator.Annotate(trainer="llava-next", images="raw/images", drop=("replaced",)))
    pipeline.add_stage(ParquetWriter("checked/"))
"""

from __future__ import annotations

from typing import Any, Optional, Sequence, Union

from nemo_curator.stages.base import ProcessingStage
from nemo_curator.tasks import DocumentBatch

from llava_check._annotate import COLUMNS, annotate, read_drop
from llava_check._library import PathLike

__all__ = ["Annotate"]

PREFIX = "llava_"


class Annotate(ProcessingStage[DocumentBatch, DocumentBatch]):  # type: ignore[misc]
    """Adds the columns ``llava_ok``, ``llava_findings`` and ``llava_effect`` to batches of rows.

    A batch in a pandas frame becomes a pyarrow table; if readers are told to return tables, nothing
    is converted.

    :param drop: drop rows with these effects, such as ``("replaced", "crash", "refused")``
    :param trainer, images, dialect, no_images, allow_outside, select, ignore, show, threads: as
        for :func:`llava_check.annotate`
    """

    name = "llava_check"

    def __init__(
        self,
        *,
        drop: Sequence[str] = (),
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
        self.drop = read_drop(drop)
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

    def inputs(self) -> tuple[list[str], list[str]]:
        """Return what a batch must have. Called by NeMo Curator."""
        return ["data"], []

    def outputs(self) -> tuple[list[str], list[str]]:
        """Return what a batch has afterwards. Called by NeMo Curator."""
        return ["data"], [PREFIX + column for column in COLUMNS]

    def process(self, task: DocumentBatch) -> DocumentBatch:
        """Check a batch. Called by NeMo Curator."""
        import pyarrow.compute

        table = annotate(task.to_pyarrow(), prefix=PREFIX, **self.options)
        if self.drop:
            effects = table.column(PREFIX + "effect").cast(pyarrow.string())
            is_dropped = pyarrow.compute.is_in(effects, pyarrow.array(self.drop))
            table = table.filter(pyarrow.compute.invert(is_dropped))
        return DocumentBatch(
            dataset_name=task.dataset_name,
            data=table,
            _metadata=task._metadata,
            _stage_perf=task._stage_perf,
        )
