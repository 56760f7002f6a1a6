"""Verify downloads of the hub's real clients; scripts/hub.sh runs this with their Pythons

    clients.py LLAVA_CHECK WORK PYTHON…

Each PYTHON has a version of huggingface_hub. It downloads a data set from a server on this machine:
into a folder and into its cache, completely and in part, a second version over the first, and over a
connection that breaks. llava-check must verify each download. Then a byte of each file is flipped, and
each file is removed; llava-check must find every flip and every removal.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from pathlib import Path
from typing import Any, Callable

sys.path.insert(0, str(Path(__file__).parent))
from server import Hub, running  # noqa: E402

NAME = "me/demo"
random.seed(21)
FILES = {
    "README.md": b"# demo\n",
    ".gitattributes": b"*.bin filter=lfs\n",
    "rows.json": b'[{"id": "1"}]\n',
    "empty.txt": b"",
    "images/big.bin": random.randbytes(300_000),
    "images/deep er/caf\u00e9.bin": random.randbytes(5_000),
    "images/a.b.json": b"{}\n",
    "data/train-00000.parquet": random.randbytes(70_000),
}
CALLS = {
    "folder": "h.snapshot_download(NAME, repo_type='dataset', local_dir=TARGET)",
    "cache": "h.snapshot_download(NAME, repo_type='dataset', cache_dir=TARGET)",
    "part": "h.snapshot_download(NAME, repo_type='dataset', local_dir=TARGET, allow_patterns=['images/*'])",
    "file": "h.hf_hub_download(NAME, 'images/big.bin', repo_type='dataset', local_dir=TARGET)",
}


class Tried:
    def __init__(self, program: str) -> None:
        self.program = program
        self.verified = self.flips = self.removals = 0
        self.failed: list[str] = []

    def verify(self, folder: Path) -> tuple[int, dict[str, Any]]:
        report = folder.parent / "report.json"
        report.unlink(missing_ok=True)
        done = subprocess.run([self.program, "verify", "--download", str(folder), "--quiet", "--show", "info",
                               "--report", str(report)],
                              capture_output=True, check=False)  # fmt: skip
        if done.returncode not in (0, 1):
            return done.returncode, {"error": done.stderr.decode()}
        return done.returncode, json.loads(report.read_bytes())

    def expect(self, what: str, good: bool, report: Any) -> None:
        if not good:
            found = {key: report.get(key) for key in ("error", "proof", "findings")}
            self.failed.append(f"{what}: {json.dumps(found)[:600]}")

    def rules(self, report: dict[str, Any]) -> list[str]:
        return sorted(f["rule"] for f in report.get("findings", []) if f["severity"] != "info")


def download(python: str, hub: Hub, work: Path, call: str, target: Path) -> int:
    code = f"import huggingface_hub as h\nNAME={NAME!r}\nTARGET={str(target)!r}\n{CALLS[call]}\n"
    env = {**os.environ, "HF_ENDPOINT": hub.address, "HF_HOME": str(work / f"home-{random.random()}"),
           "HF_HUB_DISABLE_PROGRESS_BARS": "1", "HF_HUB_DISABLE_TELEMETRY": "1", "HF_HUB_DISABLE_XET": "1",
           "HF_HUB_DOWNLOAD_TIMEOUT": "3", "NO_PROXY": "*", "no_proxy": "*"}  # fmt: skip
    done = subprocess.run([python, "-c", code], env=env, capture_output=True, check=False)
    if done.returncode and not hub.cut:
        sys.exit(f"{python}: {call}: {done.stderr.decode()[-2000:]}")
    return done.returncode


def change(path: Path, how: Callable[[bytes], bytes]) -> Callable[[], None]:
    """Change a file without changing its time; return a function that undoes it."""
    data, stat = path.read_bytes(), path.stat()

    def put(what: bytes) -> None:
        path.write_bytes(what)
        os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))

    put(how(data))
    return lambda: put(data)


def flip(data: bytes) -> bytes:
    at = random.randrange(len(data))
    return data[:at] + bytes([data[at] ^ 1 << random.randrange(8)]) + data[at + 1 :]


def damage(tried: Tried, what: str, folder: Path, files: list[Path]) -> None:
    """Flip a byte of each file, then remove it: each time, the report must name exactly that file."""
    for path in files:
        real = path.resolve()
        if real.stat().st_size:
            undo = change(real, flip)
            code, report = tried.verify(folder)
            tried.flips += 1
            tried.expect(f"{what}: flip {path}", code == 1 and tried.rules(report) == ["HUB901"], report)
            undo()
        kept = folder.parent / "kept"
        real.rename(kept)
        code, report = tried.verify(folder)
        tried.removals += 1
        tried.expect(f"{what}: remove {path}", code == 1 and tried.rules(report) == ["HUB902"], report)
        kept.rename(real)


def try_client(tried: Tried, python: str, hub: Hub, work: Path) -> None:
    version = subprocess.run([python, "-c", "import huggingface_hub as h; print(h.__version__)"],
                             capture_output=True, check=True).stdout.decode().strip()  # fmt: skip
    has_records = not version.startswith("0.17")  # 0.17 writes none into a folder
    hub.sets[NAME] = dict(FILES)
    for call in CALLS:
        target = work / version / call
        target.mkdir(parents=True)
        download(python, hub, work, call, target)
        code, report = tried.verify(target)
        if call != "cache" and not has_records:
            tried.expect(f"{version} {call}: no records", code == 2 and "no record of its download" in report["error"], report)
            continue
        paths = [p for p in FILES if call in ("folder", "cache") or p.startswith("images/")]
        if call == "file":
            paths = ["images/big.bin"]
        root = target if call != "cache" else next(target.glob("datasets--*/snapshots/*"))
        proof = report.get("proof", {})
        size = sum(len(FILES[p]) for p in paths)
        tried.verified += 1
        tried.expect(f"{version} {call}", code == 0 and not tried.rules(report) and proof["proven"] == len(paths)
                     and proof["unrecorded"] == 0 and proof["proven_bytes"] + proof["weakly_proven_bytes"] == size
                     and any(o["commit"] == hub.commit(NAME) for o in proof["origins"])
                     and (call != "cache" or all(o["repository"] == "datasets/me/demo" for o in proof["origins"])), report)  # fmt: skip
        damage(tried, f"{version} {call}", target, [root / p for p in paths])
        if call == "cache":  # the path that is passed to a training program
            code, report = tried.verify(root)
            tried.expect(f"{version} snapshot", code == 0 and report["proof"]["proven"] == len(paths), report)

    # a second version over the first: the records name two commits
    hub.sets[NAME] = {**FILES, "rows.json": b'[{"id": "2"}]\n', "images/big.bin": random.randbytes(200_000)}
    for call in ("folder", "cache") if has_records else ("cache",):
        target = work / version / call
        download(python, hub, work, call, target)
        code, report = tried.verify(target)
        tried.verified += 1
        tried.expect(f"{version} {call}, second version", code == 0 and not tried.rules(report), report)
    if not has_records:
        return

    # a connection that breaks
    hub.sets[NAME] = dict(FILES)
    hub.cut = {"images/big.bin"}
    target = work / version / "broken"
    target.mkdir()
    download(python, hub, work, "folder", target)
    hub.cut = set()
    code, report = tried.verify(target)
    # since 2.4, no partial file is left: only the listing of the commit shows that one is missing
    found = [f["rule"] for f in report["findings"] if "images/" in f["message"]]
    tried.expect(f"{version} broken", found == (["HUB903"] if code else ["HUB902"]), report)
    download(python, hub, work, "folder", target)
    code, report = tried.verify(target)
    tried.expect(f"{version} finished", code == 0 and report["proof"]["proven"] == len(FILES), report)


def main() -> None:
    program, work = sys.argv[1], Path(sys.argv[2])
    tried = Tried(program)
    with running(Hub()) as hub:
        for python in sys.argv[3:]:
            try_client(tried, python, hub, work)
    print(f"{len(sys.argv) - 3} clients: {tried.verified} downloads verified, {tried.flips} flips, {tried.removals} removals")
    for line in tried.failed:
        print("FAILED", line)
    sys.exit(bool(tried.failed))


if __name__ == "__main__":
    main()
