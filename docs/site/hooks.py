"""What the site has beside the pages of docs/: the reference of the Python package, the notebook
with its output, a complete navigation; and no links to files that are not pages."""

from __future__ import annotations

import json
import os
import posixpath
import re
from pathlib import Path
from typing import Any

from mkdocs.structure.files import File, Files

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOK = ROOT / "docs/notebooks/first_steps.ipynb"

REFERENCE = """# Python reference

The package is described in [python.md](python.md). This page is made of its docstrings.

"""
MODULES = (
    ("_api", ()),
    ("_import", ("import_parquet", "ImportResult")),
    ("_annotate", ("annotate",)),
    ("ray", ("check",)),
    ("datatrove", ("Annotate", "adapter")),
    ("nemo_curator", ("Annotate",)),
    ("_report", ("Report", "Effects", "Diff", "Summary")),
    ("_table", ("Table",)),
    ("_sound", ("SoundRows",)),
    ("_guard", ("guard",)),
    ("_inspect", ("inspect", "Inspected")),
    ("_manifest", ("manifest", "Manifest")),
    ("_rules", ("rules", "trainers", "diff", "Rule", "Trainer")),
    ("_progress", ("Progress",)),
    ("_command", ("CommandResult",)),
    ("_errors", ("Error", "UsageError", "SeveralSetsError", "IndexDamagedError", "BadRowError")),
    ("testing", ("assert_sound",)),
)


def _reference() -> str:
    api = (ROOT / "python/llava_check/_api.py").read_text(encoding="utf-8")
    functions = re.findall(r"^def (\w+)\(", api, flags=re.MULTILINE)
    lines = [REFERENCE]
    for module, names in MODULES:
        lines += [f"::: llava_check.{module}.{name}\n" for name in names or functions]
    return "\n".join(lines)


def _notebook() -> str:
    """The notebook as a page: what it says, its code, and what that printed, if it was run."""
    executed = Path(os.environ.get("LC_NOTEBOOK", NOTEBOOK))
    lines = []
    for cell in json.loads(executed.read_text(encoding="utf-8"))["cells"]:
        source = "".join(cell["source"])
        if cell["cell_type"] == "markdown":
            lines.append(source)
            continue
        lines.append(f"```python\n{source}\n```")
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            shown = "".join(data.get("text/html", ""))
            plain = "".join(data.get("text/plain", output.get("text", "")))
            if shown:
                lines.append(f'<div class="output">{shown}</div>')
            elif plain:
                lines.append(f"```text\n{plain.rstrip()}\n```")
    return "\n\n".join(lines) + "\n"


def _expand(items: list[Any], pages: list[str]) -> list[Any]:
    """The navigation, with TRAINERS replaced by the pages of all trainers."""
    found: list[Any] = []
    for item in items:
        if item == "TRAINERS":
            found += [page for page in pages if page.startswith("trainers/")]
        elif isinstance(item, dict):
            found.append({key: _expand(value, pages) if isinstance(value, list) else value
                          for key, value in item.items()})
        else:
            found.append(item)
    return found


def _named(items: list[Any]) -> set[str]:
    found: set[str] = set()
    for item in items:
        if isinstance(item, dict):
            for value in item.values():
                found |= _named(value) if isinstance(value, list) else {value}
        else:
            found.add(item)
    return found


def on_config(config: Any) -> Any:
    """Complete the navigation: a page that is not named in it is put at its end."""
    docs = Path(config["docs_dir"])
    skipped = ("site", "examples", "notebooks")
    pages = sorted(
        path.relative_to(docs).as_posix()
        for path in docs.rglob("*.md")
        if path.relative_to(docs).parts[0] not in skipped
    )
    nav = _expand(config["nav"], pages)
    rest = [page for page in pages if page not in _named(nav)]
    config["nav"] = nav + ([{"More": rest}] if rest else [])
    return config


def on_files(files: Files, config: Any) -> Files:
    """Add the pages that are generated."""
    files.append(File.generated(config, "python-api.md", content=_reference()))
    files.append(File.generated(config, "notebook.md", content=_notebook()))
    return files


LINK = re.compile(r"\[((?:[^\[\]]|\[[^\]]*\])*)\]\((?!https?://|#)([^)\s#]+)(#[^)\s]*)?\)")


def on_page_markdown(markdown: str, page: Any, config: Any, files: Files) -> str:
    """Turn links to files of the repository that are not pages into their names."""

    def keep(match: re.Match[str]) -> str:
        target = posixpath.normpath(posixpath.join(posixpath.dirname(page.file.src_uri), match[2]))
        if files.get_file_from_path(target) is not None:
            return match[0]
        name = target
        while name.startswith("../"):
            name = name[3:]
        exists = (Path(config["docs_dir"]) / target).exists()
        if not exists:
            return match[0]  # a warning of mkdocs, which fails the build
        text = match[1]
        return f"{text} (`{name}`)" if name not in text else text

    return LINK.sub(keep, markdown)
