"""Tables of a report as parquet files."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any, Callable, Mapping

from llava_check import _arrow
from llava_check import _structs as structs
from llava_check._errors import Error, UsageError

COMPRESSIONS = ("zstd", "snappy", "gzip", "lz4", "brotli", "none")
MakeStream = Callable[[], structs.ArrowArrayStream]


class _Stream:
    """A stream that can be read once, through Arrow's PyCapsule protocol."""

    def __init__(self, stream: structs.ArrowArrayStream) -> None:
        self._stream = stream

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return _arrow.stream_capsule(self._stream)


def _write(parquet: Any, stream: structs.ArrowArrayStream, file: Any, compression: str) -> None:
    import pyarrow

    reader = pyarrow.RecordBatchReader.from_stream(_Stream(stream))
    with parquet.ParquetWriter(file, reader.schema, compression=compression) as writer:
        for batch in reader:
            writer.write_batch(batch, row_group_size=len(batch))


def write_parquet(
    streams: Mapping[str, MakeStream], folder: str, force: bool, compression: str
) -> list[Path]:
    """Write each stream to ``folder/NAME.parquet``. A file appears only when it is complete.

    :raises UsageError: a file exists and ``force`` is not set, or there is no such compression
    """
    try:
        import pyarrow.parquet as parquet
    except ImportError as error:
        raise Error("parquet needs pyarrow: pip install pyarrow") from error
    if compression not in COMPRESSIONS:
        raise UsageError(f"compression is one of {', '.join(COMPRESSIONS)}")
    os.makedirs(folder, exist_ok=True)
    targets = {name: Path(folder, f"{name}.parquet") for name in streams}
    for target in targets.values():
        if os.path.lexists(target) and not force:
            raise UsageError(f"{target}: it exists; force=True replaces it")
        if os.path.lexists(target) and (target.is_symlink() or not target.is_file()):
            raise UsageError(f"{target}: it is not a regular file")
    mask = os.umask(0)
    os.umask(mask)
    for name, make_stream in streams.items():
        fd, temporary = tempfile.mkstemp(prefix=".llava-check-", dir=folder)
        try:
            with open(fd, "wb") as file:
                _write(parquet, make_stream(), file, compression)
                file.flush()
                os.fsync(file.fileno())
            os.chmod(temporary, 0o666 & ~mask)
            os.replace(temporary, targets[name])
        except BaseException:
            os.unlink(temporary)
            raise
    return list(targets.values())
