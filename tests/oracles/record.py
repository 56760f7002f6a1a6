"""Run one program's own data code on every case, and write the outcomes.

    record.py PROGRAM --checkout DIR --tokenizers DIR --cases DIR --work DIR --out FILE

It runs in the virtual environment of the program, which scripts/oracles.sh makes. Meanwhile, records
are kept in FILE.part. A run that was stopped resumes from there, unless the program or the harness has
changed.
"""

from __future__ import annotations

import argparse
import base64
import contextlib
import datetime
import hashlib
import io
import importlib
import importlib.metadata
import json
import os
import pickle
import platform
import random
import re
import resource
import signal
import subprocess
import sys
import traceback
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from expect import Sample, expected, read_rows
from harness import Loader, Program, Setup
from outcome import Pixels, Seen, outcome
from PIL import Image, ImageFile, ImageOps, PngImagePlugin

FULL_SIZE = ("image/", "video/", "fixture/IMG", "row/long", "strange/picture", "strange/long", "strange/several")  # cases in which the sizes of pictures matter
LIMIT = 600  # seconds for a case of few rows
MEMORY = 12 << 30  # bytes of address space, as for a data loader's worker


class Slow(BaseException):
    """A case takes too long."""


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    for name in ("checkout", "tokenizers", "cases", "work", "out"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    parser.add_argument("--only", default="", help="a regular expression in the names of cases")
    parser.add_argument("--keep", action="store_true", help="keep what the file has: record cases that it lacks, or that have changed, or --only")
    parser.add_argument("--trace", action="store_true", help="print what happened, with tracebacks")
    options = parser.parse_args()
    for name in ("checkout", "tokenizers", "cases", "work", "out"):
        setattr(options, name, getattr(options, name).resolve())  # some programs need another working folder
    module = importlib.import_module("programs." + options.program.replace("-", "_").replace(".", "_"))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    options.work.mkdir(parents=True, exist_ok=True)
    made: dict[bool, tuple[Program, References]] = {}
    with quiet(options.trace):
        for small in (False, True):
            program = module.program(Setup(options.checkout, options.tokenizers, small))
            made[small] = program, References(program, options.work)
            warm_up(program, options.work)
    index = [json.loads(line) for line in (options.cases / "index.jsonl").read_text().splitlines()]
    kept = json.loads(options.out.read_text())["cases"] if options.keep else {}
    records: dict[str, Any] = {entry["name"]: kept[entry["name"]] for entry in index if entry["name"] in kept}
    if options.keep and not options.only:
        index = [entry for entry in index if records.get(entry["name"], {}).get("case") != entry["digest"]]
    todo = [entry for entry in index
            if re.search(options.only, entry["name"]) and (program.mixtures or not entry["mixture"])]
    part = Part(options.out, program, options.checkout)
    found = part.read()
    done = {entry["name"]: found[entry["name"]] for entry in todo
            if found.get(entry["name"], {}).get("case") == entry["digest"]}
    records |= done
    todo = [entry for entry in todo if entry["name"] not in done]
    calls = [
        (*made[not entry["name"].startswith(FULL_SIZE)], options.cases / entry["name"],
         options.cases / entry["file"], entry, options.trace)
        for entry in todo
    ]
    with part.writer(done) as add:
        for number, (entry, record) in enumerate(zip(todo, apart(calls)), 1):
            records[entry["name"]] = packed({"case": entry["digest"]} | record)
            add(entry["name"], records[entry["name"]])
            if number % 100 == 0:
                print(f"{number} of {len(todo)}", flush=True)
    save(options.out, head_of(program, options.checkout), records)
    part.path.unlink()
    return 0


@contextlib.contextmanager
def quiet(trace: bool) -> Any:
    """Suppress output: programs print a line for each row that fails."""
    if trace:
        yield
        return
    sys.stdout.flush()
    with open(os.devnull, "w") as nowhere:
        kept = os.dup(1), os.dup(2)
        os.dup2(nowhere.fileno(), 1)
        os.dup2(nowhere.fileno(), 2)
        try:
            yield
        finally:
            sys.stdout.flush()
            os.dup2(kept[0], 1)
            os.dup2(kept[1], 2)
            os.close(kept[0])
            os.close(kept[1])


def run(
    program: Program, references: References, home: Path, path: Path, entry: dict[str, Any], trace: bool
) -> dict[str, Any]:
    rows = read_rows((home / entry["rows"]).read_bytes())
    # Bombs are expected; the programs neither raise nor suppress Pillow's warnings.
    warnings.simplefilter("ignore")
    signal.signal(signal.SIGALRM, too_slow)
    signal.alarm(LIMIT + 10 * len(rows or []))
    try:
        seen = watch(program, path, home, rows, trace)
        wanted = [want for want in map(expected, rows or []) if want and want.images]
        pixels = references.pixels(home, {want.images for want in wanted}, entry) if not seen.start else {}
    finally:
        signal.alarm(0)
    if trace:
        for sample in seen.rows:
            print(sample if isinstance(sample, str) else (sample.text, sample.mask, sample.images))
        print(pixels)
    return outcome(seen, rows, program.template, pixels, getattr(program, "replaces", True))


def warm_up(program: Program, work: Path) -> None:
    """Make the program import everything that it needs for a row, once for all cases."""
    folder = work / "first"
    (folder / "images").mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (64, 48)).save(folder / "images/s.png")
    path = folder / f"rows.{program.form}"
    row = json.dumps(program.twin([str(folder / "images/s.png")]))
    path.write_text(row + "\n" if program.form == "jsonl" else f"[{row}]")
    watch(program, path, folder, None, False)


def apart(calls: list[Any]) -> Iterator[dict[str, Any]]:
    """`run` in another process, and in a new one after each case that kills it with a signal."""
    number = 0
    while number < len(calls):
        reading, writing = os.pipe()
        child = os.fork()
        if not child:
            os.close(reading)
            run_each(calls[number:], writing)
        os.close(writing)
        with os.fdopen(reading, "rb") as pipe, contextlib.suppress(EOFError):
            while True:
                yield pickle.load(pipe)
                number += 1
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        if status > 0:
            raise SystemExit(status)
        if number < len(calls):
            yield {"start": f"signal {-status}"}
            number += 1


def run_each(calls: list[Any], writing: int) -> None:
    status = 1
    try:
        with os.fdopen(writing, "wb") as pipe:
            for call in calls:
                *_, entry, trace = call
                if trace:
                    print("==", entry["name"])
                with quiet(trace):
                    record = run(*call)
                if trace:
                    print(json.dumps(record, ensure_ascii=False))
                pickle.dump(record, pipe)
                pipe.flush()
        status = 0
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        os._exit(status)


def too_slow(*_: Any) -> None:
    raise Slow


def watch(program: Program, path: Path, home: Path, rows: list[Any] | None, trace: bool) -> Seen:
    """Do everything that a job would do with the case, until it ends."""
    seen = Seen()
    try:
        loader = program.start(path, home)
        seen.length = len(loader)
    except (Exception, SystemExit, Slow) as error:
        seen.start = describe(error, trace)
        return seen
    got: list[Any] = []
    for number in range(seen.length):
        reseed(number)
        try:
            item = loader.get(number)
            seen.rows.append(loader.sample(item))
            got.append(item)
            seen.alone.append(batch_of(loader, [item], trace)[0])
        except (Exception, SystemExit, Slow) as error:
            seen.rows.append(describe(error, trace))
            seen.alone.append("")
    if len(got) > 1 and len(got) <= 8:
        seen.batch, images = batch_of(loader, got, trace)
        samples = [(n, row) for n, row in enumerate(seen.rows) if isinstance(row, Sample)]
        for (number, sample), own in zip(samples, images or []):
            if tuple(own) != sample.images:
                seen.shifted[number] = "other images"
    return seen


def batch_of(loader: Loader, got: list[Any], trace: bool) -> tuple[str, list[tuple[str, ...]] | None]:
    try:
        return "", loader.batch(got)
    except (Exception, SystemExit, Slow) as error:
        return describe(error, trace), None


def reseed(number: int) -> None:
    import numpy
    import torch

    random.seed(number)
    numpy.random.seed(number)
    torch.manual_seed(number)


def describe(error: BaseException, trace: bool) -> str:
    """Describe an exception on one short line, without paths of this machine."""
    if trace:
        traceback.print_exception(type(error), error, error.__traceback__)
    text = (str(error).strip() or "").split("\n")[0]
    for word in text.split():
        if "/" in word:
            text = text.replace(word, "…" + word.rsplit("/", 1)[-1])
    return f"{type(error).__name__}: {text}"[:110].rstrip(": ")


class References:
    """The pixels that a program should get from a picture as people see it, stored as a PNG.

    The program itself processes that PNG in a sound row, so that its resizing makes no
    difference. There are none for pictures that cannot be trained completely: those with
    several frames, more than 8 bits, or damage.
    """

    def __init__(self, program: Program, work: Path) -> None:
        self.program = program
        self.folder = work / "references"
        self.folder.mkdir(parents=True, exist_ok=True)
        self.known: dict[tuple[str, ...], list[str | None]] = {}

    def pixels(self, home: Path, wanted: set[tuple[str, ...]], entry: dict[str, Any]) -> Pixels:
        clean = {name: self.clean(home, name, entry) for images in wanted for name in images}
        keys = {images: tuple(clean[name] or "" for name in images) for images in wanted}
        todo = sorted({key for key in keys.values() if key not in self.known})
        for key in todo:
            self.known[key] = self.process(key)
        return {images: self.known[key] for images, key in keys.items()}

    def clean(self, home: Path, name: str, entry: dict[str, Any]) -> str | None:
        if embedded := as_bytes(name):
            return self.as_png(io.BytesIO(embedded))
        path = home / "images" / name
        intact = home.parent.parent / ".intact" / home.parent.name / home.name / "images" / name
        found = self.as_png(path) if name not in entry["silent"] else None
        return found or (self.as_png(intact) if name in entry["damaged"] else None)

    def as_png(self, path: Path | io.BytesIO) -> str | None:
        """Return the picture as a PNG, if Pillow with its default settings loads all of it."""
        held = ImageFile.LOAD_TRUNCATED_IMAGES, PngImagePlugin.MAX_TEXT_CHUNK, Image.MAX_IMAGE_PIXELS
        ImageFile.LOAD_TRUNCATED_IMAGES = False
        PngImagePlugin.MAX_TEXT_CHUNK, Image.MAX_IMAGE_PIXELS = 1 << 30, None  # limits that do not change pixels
        try:
            with Image.open(path) as image:
                seen = as_seen(image)
            if seen is None:
                return None
            seal = hashlib.sha256(str(seen.size).encode() + seen.tobytes()).hexdigest()[:20]
            target = self.folder / f"{seal}.png"
            if not target.exists():
                seen.save(target)
            return str(target)
        except (Exception, SystemExit):
            return None
        finally:
            ImageFile.LOAD_TRUNCATED_IMAGES, PngImagePlugin.MAX_TEXT_CHUNK, Image.MAX_IMAGE_PIXELS = held

    def process(self, key: tuple[str, ...]) -> list[str | None]:
        """Return digests of these pictures in one row; if one is missing, only of those that exist."""
        present = [path for path in key if path]
        if not present:
            return [None] * len(key)
        home = self.folder / "twin"
        (home / "images").mkdir(parents=True, exist_ok=True)
        (home / "videos").mkdir(exist_ok=True)
        row = json.dumps(self.program.twin(present))
        path = home / f"rows.{self.program.form}"
        path.write_text(row + "\n" if self.program.form == "jsonl" else f"[{row}]")
        try:
            loader = self.program.start(path, home)
            reseed(0)
            images = list(loader.sample(loader.get(0)).images)
        except (Exception, Slow):
            return [None] * len(key)
        made = iter(images)
        return [next(made, None) if path else None for path in key]


def as_bytes(name: str) -> bytes | None:
    """Return the bytes of a picture in base64, which is longer than the name of a file can be, or in a data: URL."""
    head, comma, text = name.partition(",")
    if not name.startswith("data:"):
        head, text = "", name
    if not (comma and head.endswith(";base64")) and len(text) <= 255:
        return None
    try:
        return base64.b64decode(text, validate=True)
    except ValueError:
        return None


def as_seen(image: Image.Image) -> Image.Image | None:
    """Return the picture in RGB, upright, on white; None if that would lose something."""
    if getattr(image, "n_frames", 1) > 1 or image.mode in ("F", "I") or image.mode.startswith("I;16"):
        return None
    image.load()
    if "transparency" in image.info or image.mode in ("RGBA", "LA", "PA", "La", "RGBa"):
        layer = image.convert("RGBA")
        if layer.getchannel("A").getextrema()[0] < 255:
            paper = Image.new("RGBA", layer.size, "white")
            return ImageOps.exif_transpose(Image.alpha_composite(paper, layer).convert("RGB"))
    return ImageOps.exif_transpose(image).convert("RGB")


class Part:
    """The records of an unfinished run: a line about what made them, and one for each case."""

    def __init__(self, out: Path, program: Program, checkout: Path) -> None:
        self.path = out.with_name(out.name + ".part")
        head = head_of(program, checkout)
        del head["date"]
        self.maker = head | {"harness": harness_digest()}

    def read(self) -> dict[str, Any]:
        """Return records by the name of the case; none if another program or harness made them."""
        if not self.path.exists():
            return {}
        whole, _, _ = self.path.read_text("utf-8").rpartition("\n")  # the last line may be cut
        maker, *lines = [json.loads(line) for line in whole.split("\n")] if whole else [{}]
        return dict(lines) if maker == self.maker else {}

    @contextlib.contextmanager
    def writer(self, done: dict[str, Any]) -> Iterator[Callable[[str, Any], None]]:
        """Write the finished records; yield a function that adds one."""
        fresh = self.path.with_name(self.path.name + ".new")
        with fresh.open("w", encoding="utf-8") as to:

            def add(name: str, record: Any) -> None:
                to.write(json.dumps([name, record]) + "\n")
                to.flush()

            to.write(json.dumps(self.maker) + "\n")
            for name, record in done.items():
                add(name, record)
            fresh.replace(self.path)
            yield add


def harness_digest() -> str:
    """Return a digest of the imported sources in this folder."""
    here = Path(__file__).resolve().parent
    files = {Path(module.__file__).resolve() for module in sys.modules.values() if getattr(module, "__file__", None)}
    found = sorted(path for path in files if path.is_relative_to(here))
    return hashlib.sha256(b"".join(path.read_bytes() for path in found)).hexdigest()[:12]


def head_of(program: Program, checkout: Path) -> dict[str, Any]:
    versions = {"python": platform.python_version()}
    versions |= {name: importlib.metadata.version(name) for name in program.packages}
    return {
        "program": program.name, "commit": commit_of(checkout), "date": datetime.date.today().isoformat(),
        "versions": versions,
    }


def save(out: Path, head: dict[str, Any], records: dict[str, Any]) -> None:
    lines = [json.dumps(head, ensure_ascii=False)[:-1] + ', "cases": {']
    body = [
        json.dumps(name, ensure_ascii=False) + ": " + json.dumps(record, ensure_ascii=False)
        for name, record in sorted(records.items())
    ]
    out.write_text(lines[0] + "\n" + ",\n".join(body) + "\n}}\n")


def packed(record: dict[str, Any]) -> dict[str, Any]:
    """Write the outcomes of rows as one text: "fine*3 replaced fine"."""
    if "rows" not in record:
        return record
    runs: list[list[Any]] = []
    for kind in record["rows"]:
        if runs and runs[-1][0] == kind:
            runs[-1][1] += 1
        else:
            runs.append([kind, 1])
    text = " ".join(kind if count == 1 else f"{kind}*{count}" for kind, count in runs)
    return {key: value for key, value in (record | {"rows": text}).items() if value != {}}


def commit_of(checkout: Path) -> str:
    beside = checkout.with_name(checkout.name + ".commit")
    if beside.exists():
        return beside.read_text().strip()
    asked = subprocess.run(["git", "-C", checkout, "rev-parse", "HEAD"], capture_output=True, text=True, check=True)
    return asked.stdout.strip()


if __name__ == "__main__":
    sys.exit(main())
