#!/usr/bin/env python3
"""Check a data set in an S3 server on this machine: the report must be that of a local copy.

    python scripts/s3_server.py BUILD_FOLDER

Needs moto's server, pyarrow and s3fs, and a build with the library. The demo is stored twice: as
files, and with its images in archives.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import tarfile
import tempfile
import threading
import time
import zipfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
BUILD = Path(sys.argv[1]).resolve()
os.environ.update(
    LLAVA_CHECK_LIBRARY=str(BUILD / "libllava_check.so"), AWS_ACCESS_KEY_ID="test", AWS_SECRET_ACCESS_KEY="test",
    AWS_EC2_METADATA_DISABLED="true",
)  # fmt: skip
sys.path[0] = str(ROOT / "python")

import s3fs  # noqa: E402
from pyarrow import fs  # noqa: E402

import llava_check  # noqa: E402

COPIES = 6  # number of copies of the demo's images


def free_port() -> int:
    with socket.socket() as own:
        own.bind(("127.0.0.1", 0))
        return int(own.getsockname()[1])


def start_server(port: int) -> subprocess.Popen[bytes]:
    server = Path(sys.executable).with_name("moto_server")
    process = subprocess.Popen(
        [str(server), "-H", "127.0.0.1", "-p", str(port)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    for _ in range(300):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return process
        time.sleep(0.1)
    process.kill()
    raise AssertionError("the server does not start")


def make_files(folder: Path) -> Path:
    """Write the demo's rows, with many copies of its images."""
    data = folder / "files"
    rows = []
    text = json.loads(llava_check_rows())
    for copy in range(COPIES):
        shutil.copytree(ROOT / "fixtures/demo/images", data / f"images/{copy}")
        rows += [{**row, "id": f"{copy}-{row.get('id')}", "image": f"{copy}/{row['image']}"}
                 for row in text if isinstance(row.get("image"), str)]
    (data / "rows.json").write_text(json.dumps(rows))
    return data


def llava_check_rows() -> str:
    """Return the rows of the demo that are valid JSON."""
    demo = ROOT / "fixtures/demo"
    text = (demo / "llava_demo.json").read_bytes()
    found = []
    for row in llava_check.check(demo, no_index=True, isolated=True, no_images=True).rows:
        try:
            value = json.loads(text[row["offset"]:row["offset"] + row["size"]])
        except ValueError:
            continue
        if isinstance(value, dict):
            found.append(value)
    return json.dumps(found)


def make_packed(folder: Path) -> Path:
    """Write the demo, with a third of its images in a tar and a third in a zip."""
    data = folder / "packed"
    data.mkdir()
    shutil.copy(ROOT / "fixtures/demo/llava_demo.json", data)
    images = ROOT / "fixtures/demo/images"
    names = sorted(path for path in images.rglob("*") if path.is_file())
    with tarfile.open(data / "a.tar.gz", "w:gz") as tar, zipfile.ZipFile(data / "b.zip", "w") as archive:
        for number, path in enumerate(names):
            name = path.relative_to(images).as_posix()
            if number % 3 == 0:
                (data / "images" / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(path, data / "images" / name)
            elif number % 3 == 1:
                tar.add(path, f"images/{name}")
            else:
                archive.write(path, f"images/{name}")
    return data


def upload(store: Any, data: Path) -> None:
    for path in sorted(data.rglob("*")):
        if path.is_file():
            name = f"bucket/{data.name}/{path.relative_to(data)}"
            with store.open_output_stream(name, compression=None) as out:
                out.write(path.read_bytes())


class Watch:
    """Measures the peak size of a folder on disk, in bytes."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.most, self.done = folder, 0, threading.Event()
        self.thread = threading.Thread(target=self._run)

    def _run(self) -> None:
        while not self.done.wait(0.01):
            used = 0
            for parent, _, names in os.walk(self.folder):
                for name in names:
                    try:
                        used += os.lstat(os.path.join(parent, name)).st_blocks * 512
                    except FileNotFoundError:
                        pass
            self.most = max(self.most, used)

    def __enter__(self) -> Watch:
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.done.set()
        self.thread.join()


def main() -> int:
    folder = Path(tempfile.mkdtemp(prefix="llava-check-s3-"))
    scratch = folder / "scratch"
    scratch.mkdir()
    port = free_port()
    server = start_server(port)
    try:
        store = fs.S3FileSystem(
            endpoint_override=f"127.0.0.1:{port}", scheme="http", region="us-east-1", allow_bucket_creation=True
        )
        store.create_dir("bucket")
        other = s3fs.S3FileSystem(endpoint_url=f"http://127.0.0.1:{port}", client_kwargs={"region_name": "us-east-1"})
        for data in (make_files(folder), make_packed(folder)):
            upload(store, data)
            wanted = llava_check.check(data, no_index=True, isolated=True)
            size = sum(path.stat().st_size for path in data.rglob("*") if path.is_file())
            tempfile.tempdir = str(scratch)
            query = f"?scheme=http&endpoint_override=127.0.0.1:{port}&region=us-east-1"
            for name, path, filesystem in (
                ("pyarrow", f"bucket/{data.name}", store),
                ("a URL", f"s3://bucket/{data.name}{query}", None),
                ("s3fs", f"s3://bucket/{data.name}", other),
            ):
                began = time.monotonic()
                with Watch(scratch) as watch:
                    report = llava_check.check(path, filesystem=filesystem, isolated=True, progress="never")
                for form in ("json", "full"):
                    assert report.text(form) == wanted.text(form), f"{data.name} by {name}: another report"
                assert not any(scratch.iterdir()), "something is left"
                print(f"{data.name} by {name}: the report of a copy; {report.summary.images} images, {size:,} bytes, of "
                      f"which {watch.most:,} were on disk at once; {time.monotonic() - began:.1f} s")
            tempfile.tempdir = None
    finally:
        server.kill()
        server.wait()
        shutil.rmtree(folder, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
