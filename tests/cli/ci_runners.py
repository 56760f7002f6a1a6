"""Reference parsers for everything that CI systems and terminals would obey in a log.

Modelled on the sources: ActionCommand.TryParseV2 and TryParse of GitHub's runner
(src/Runner.Common/ActionCommand.cs, commands in src/Runner.Worker/ActionCommandManager.cs),
Command.TryParse of Azure's agent (src/Microsoft.VisualStudio.Services.Agent/Command.cs), the
documentation of TeamCity (service messages), GitLab (custom collapsible sections) and Buildkite
(managing log output).
"""

from __future__ import annotations

import re
import unicodedata

# Commands that GitHub's runner knows, in upper or lower case; stop-commands makes any word a command.
GITHUB = {
    "internal-set-repo-path", "set-env", "set-output", "save-state", "add-path", "add-mask", "add-matcher",
    "remove-matcher", "warning", "error", "notice", "debug", "group", "endgroup", "echo", "stop-commands",
    "stopped", "section", "command",
}
# Direction marks, line separators, zero-width characters, tags
HIDDEN = "".join(map(chr, [
    0xAD, 0x61C, 0x180E, *range(0x200B, 0x2010), *range(0x2028, 0x202F), *range(0x2060, 0x2070), 0xFEFF,
    *range(0xFFF9, 0xFFFC), *range(0xE0000, 0xE1000),
]))
COLORS = re.compile(r"\x1b\[[\d;]*m")


def lines_of(text: str) -> list[str]:
    """Return lines as .NET's StreamReader.ReadLine, which both runners use."""
    return re.split(r"\r\n|\r|\n", text)


def github_command(line: str) -> str:
    """Return the command that GitHub's runner finds in a line, or an empty text."""
    line = line.lstrip()  # Unicode white space, as string.TrimStart
    if line.startswith("::") and "::" in line[2:]:
        name = line[2 : line.index("::", 2)].split(" ")[0]
        if name.lower() in GITHUB:
            return f"::{name}"
    at = line.find("##[")
    if at >= 0 and "]" in line[at:]:
        name = line[at + 3 : line.index("]", at)].split(" ")[0]
        if name.lower() in GITHUB:
            return f"##[{name}"
    return ""


def azure_command(line: str) -> str:
    at = line.lower().find("##vso[")
    if at >= 0 and "]" in line[at:]:
        name = line[at + 6 : line.index("]", at)].split(" ")[0]
        if len([part for part in name.split(".") if part]) == 2:
            return f"##vso[{name}"
    return "##[" if re.match(r"##\[(group|endgroup|error|warning|section|command|debug)\]", line, re.I) else ""


# TeamCity, GitLab, Travis, Buildkite; the second and third end by wiping themselves from the terminal
OTHERS = re.compile(
    r"##teamcity\[|section_(?:start|end):\d+:[^\r\n]*\r\x1b\[0K|travis_\w+:\w+:[^\r\n]*\r"
    r"|^(?:---|\+\+\+|~~~|\^\^\^ \+\+\+)(?: |$)", re.I | re.M)


def obeyed(text: str) -> list[str]:
    """Return each command that a CI system would obey in a log."""
    text = COLORS.sub("", text)
    found = [command for line in lines_of(text) for command in (github_command(line), azure_command(line)) if command]
    # and what may be one if lines are broken elsewhere, or for another runner
    return found + OTHERS.findall(text) + re.findall(r"::[\w-]|##[A-Za-z]*\[", text)


def hidden(text: str) -> list[str]:
    """Return each character that a terminal obeys, or does not show as itself."""
    bad = set(text) - {"\n"}
    return sorted(c for c in bad if c in HIDDEN or unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp"))
