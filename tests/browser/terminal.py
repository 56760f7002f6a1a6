"""Take pictures of the program in a terminal: run it in tmux, convert the screen to HTML, draw it with Chromium."""

from __future__ import annotations

import html
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from PIL import Image

from chromium import Page

SOURCE = Path(__file__).resolve().parents[2]
MANY = 740_000
WAIT_S = 60
DONE = "--- done"
SHOTS = {  # name: columns, command
    "terminal-demo-80": (80, "llava-check demo"),
    "terminal-demo-200": (200, "llava-check report demo"),
    "terminal-many-80": (80, "llava-check report raw"),
    "terminal-full-120": (120, "llava-check report demo -f full --select CNV,TOK"),
    "terminal-lists-120": (120, "llava-check report demo -f concise; llava-check report demo -f grouped"),
    "terminal-statistics-80": (80, "llava-check report demo --statistics"),
}
COLORS = {"1;31": "#f38ba8;font-weight:bold", "1;33": "#f9e2af;font-weight:bold", "1;34": "#89b4fa;font-weight:bold",
          "1;32": "#a6e3a1;font-weight:bold", "1": "#ffffff;font-weight:bold", "2": "#8a8fa8", "36": "#94e2d5"}
PAGE = """<!doctype html><meta charset="utf-8"><style>
body {{ margin: 0; background: #1e1e2e; }}
pre {{ margin: 0; padding: 14px; display: inline-block; color: #cdd6f4;
  font: 13px/1.3 "DejaVu Sans Mono", monospace; }}
</style><pre>{}</pre>"""


def make_many(folder: Path) -> None:
    """Make a data set whose images are all missing."""
    folder.mkdir()
    (folder / "images").mkdir()
    with open(folder / "rows.json", "w", encoding="utf-8") as rows:
        for n in range(MANY):
            row = {"id": f"{n}", "image": f"part{n % 40:02}/{n:09}.jpg", "conversations": [
                {"from": "human", "value": "<image>\nWhat is this?"}, {"from": "gpt", "value": f"Number {n}."}]}
            rows.write(("[" if not n else ",\n") + json.dumps(row))
        rows.write("]\n")


def screen_of(command: str, columns: int, folder: Path) -> str:
    """Return tmux's screen with its colour codes. The prompt is not a shell's: echo prints it."""
    server = ["tmux", "-L", f"pictures-{os.getpid()}", "-f", "/dev/null"]
    env = {**os.environ, "PATH": f"{folder}/.tools:{os.environ['PATH']}", "TERM": "xterm-256color"}
    shown = "; ".join(f"echo '$ {part}'; {part}" for part in command.split("; "))
    subprocess.run([*server, "new-session", "-d", "-x", str(columns), "-y", "140",
                    "sh", "-c", f"{shown}; echo '{DONE}'; sleep {WAIT_S}"], cwd=folder, env=env, check=True)
    try:
        for _ in range(10 * WAIT_S):
            time.sleep(0.1)
            done = subprocess.run([*server, "capture-pane", "-e", "-p"], capture_output=True, text=True, check=True)
            if DONE in done.stdout:
                return done.stdout.split(DONE)[0].rstrip()
    finally:
        subprocess.run([*server, "kill-server"], check=False)
    raise AssertionError(f"{command}: not done in {WAIT_S} seconds")


def as_page(screen: str) -> str:
    """Convert a screen to HTML, with a span for each run of one colour."""
    out: list[str] = []
    codes: set[str] = set()
    for part in re.split(r"(\x1b\[[\d;]*m)", screen):
        if part.startswith("\x1b"):
            for code in part[2:-1].split(";"):
                if code in ("", "0"):
                    codes.clear()
                elif code[0] == "3":  # a colour replaces the previous one; 39 is the default
                    codes = {c for c in codes if c[0] != "3"} | ({code} - {"39"})
                elif code != "49":
                    codes.add(code)
        elif part:
            style, text = COLORS[";".join(sorted(codes))] if codes else "", html.escape(part)
            out.append(f'<span style="color:{style}">{text}</span>' if style else text)
    return PAGE.format("".join(out))


def main(to: Path) -> None:
    to.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as name, Page() as page:
        folder = Path(name)
        (folder / ".tools").mkdir()
        (folder / ".tools/llava-check").symlink_to(Path(os.environ["LLAVA_CHECK"]).resolve())
        shutil.copytree(SOURCE / "fixtures/demo", folder / "demo", ignore=shutil.ignore_patterns(".*"))
        make_many(folder / "raw")
        subprocess.run([folder / ".tools/llava-check", "raw", "-q"], cwd=folder, check=False)
        for shot, (columns, command) in SHOTS.items():
            (folder / "page.html").write_text(as_page(screen_of(command, columns, folder)), encoding="utf-8")
            page.open(folder / "page.html")
            box = page.run("(() => { const b = document.querySelector('pre').getBoundingClientRect();"
                           " return [Math.ceil(b.width), Math.ceil(b.height)]; })()")
            page.resize(*box)
            page.settle()
            page.screenshot(folder / "shot.png")
            with Image.open(folder / "shot.png") as picture:  # a palette needs a third of the bytes
                picture.convert("RGB").quantize(128).save(to / f"{shot}.png", optimize=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
