"""operators.py - make mutants of C functions: small changes that a test should detect.

The sources are formatted by clang-format, so this needs no parser: a function's body is enclosed
by braces in column 0, a binary operator has a space on either side, and a statement ends at the
end of a line. Comments, strings, preprocessor lines and assertions are blanked before anything is
matched, so that they are not changed.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Iterable, Iterator, NamedTuple


class Edit(NamedTuple):
    """Text to put at body[start:end]."""

    operator: str
    start: int
    end: int
    text: str


@dataclass(frozen=True)
class Function:
    path: str  # relative to the tree
    text: str  # contents of the file
    name: str
    line: int  # of its opening brace, from 1
    start: int  # of its body in the file, after the opening brace
    body: str


@dataclass(frozen=True)
class Mutant:
    function: Function
    edit: Edit
    identity: str

    @property
    def body(self) -> str:
        old, edit = self.function.body, self.edit
        # keep the line numbers, which assertions contain
        lines = old[edit.start:edit.end].count("\n") - edit.text.count("\n")
        return old[:edit.start] + edit.text + "\n" * max(lines, 0) + old[edit.end:]

    @property
    def text(self) -> str:
        """Return the whole file with the change."""
        function = self.function
        return function.text[:function.start] + self.body + \
            function.text[function.start + len(function.body):]

    @property
    def line(self) -> int:
        return self.function.line + self.function.body.count("\n", 0, self.edit.start)

    def diff(self) -> list[str]:
        """Return the changed lines without indentation, each after "- " or "+ "."""
        old, edit = self.function.body, self.edit
        start, end = old.rfind("\n", 0, edit.start) + 1, old.find("\n", edit.end)
        new = old[start:edit.start] + edit.text + old[edit.end:end]
        return [sign + line.strip() for sign, text in (("- ", old[start:end]), ("+ ", new))
                for line in text.split("\n")]


# ---- reading C ----

ASSERTION = re.compile(r"\b(?:static_)?assert\(")
BLANKED = re.compile(
    r"//[^\n]*|/\*.*?\*/|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'|^[ ]*#(?:\\\n|[^\n])*",
    re.DOTALL | re.MULTILINE)


def blank(text: str) -> str:
    """Replace comments and preprocessor lines by spaces, and the contents of strings by "_"."""

    def fill(match: re.Match[str]) -> str:
        found = match[0]
        if found[0] in "\"'":
            return found[0] + "_" * (len(found) - 2) + found[0]
        return re.sub(r"[^\n]", " ", found)

    text = BLANKED.sub(fill, text)
    for match in reversed(list(ASSERTION.finditer(text))):
        end = closing(text, match.end() - 1)
        inside = re.sub(r"[^\n]", " ", text[match.start():end + 1])
        text = text[:match.start()] + inside + text[end + 1:]
    return text


def closing(text: str, at: int) -> int:
    """Return the offset at which the parenthesis at `at` is closed."""
    depth = 0
    for i in range(at, len(text)):
        depth += (text[i] == "(") - (text[i] == ")")
        if depth == 0:
            return i
    return len(text) - 1


def functions(path: str, text: str) -> Iterator[Function]:
    plain = blank(text)
    for opened in re.finditer(r"^\{$", plain, re.MULTILINE):
        closed = plain.find("\n}", opened.end())
        head = plain[:opened.start()]
        head = head[max(head.rfind(sign) for sign in ";}") + 1:]
        name = re.search(r"(\w+)\(", head)
        if name and closed > 0:
            yield Function(path, text, name[1], plain.count("\n", 0, opened.start()) + 1, opened.end(),
                           text[opened.end():closed + 1])


def enumerators(texts: Iterable[str]) -> dict[str, str]:
    """Map every enumerator to the next one of its enum, and the last one to the first."""
    following = {}
    for text in texts:
        for match in re.finditer(r"\benum(?: \w+)? \{([^}]*)\}", blank(text)):
            names = [name for name in re.findall(r"(?:^|,)\s*([A-Z]\w+)", match[1])
                     if not name.endswith("_COUNT")]
            following.update(zip(names, names[1:] + names[:1]))
    return following


# ---- operators ----

SWAPS = {  # the spaces around them make these binary operators
    "boundary": {"<": "<=", "<=": "<", ">": ">=", ">=": ">"},
    "equality": {"==": "!=", "!=": "=="},
    "logic": {"&&": "||", "||": "&&"},
    "arithmetic": {"+": "-", "-": "+", "+=": "-=", "-=": "+=", "*": "+", "/": "*", "%": "/"},
    "bits": {"&": "|", "|": "&", "<<": ">>", ">>": "<<", "|=": "&=", "&=": "|=", "^": "&"},
}
BINARY = re.compile(r"(?<=[\w)\]'\"] )(?:[<>=!]=|&&|\|\||<<|>>|[-+|&]=|[-+*/%<>&|^])(?=[ \n])")
NUMBER = re.compile(r"(?<![\w.])(0x[0-9A-Fa-f]+|\d+)([uUlL]*)(?![\w.])")
CONDITION = re.compile(r"\b(?:if|while) \(")
GUARD = re.compile(r"^ +(if \()", re.MULTILINE)
JUMP = re.compile(r" +(?:\{\n +)?(?:return|goto|continue|break)\b[^;{}]*;(?:\n +\})?(?!\n +else| else)")
STATEMENT = re.compile(r"^( +)(?!(?:if|else|while|for|do|switch|case|default)\b)([\w*(][^;{}]*;)(?= *$)", re.MULTILINE)
CALL = re.compile(r"[a-z_]\w*(?:(?:->|\.)\w+)*\(")
ASSIGNMENT = re.compile(r"(?:\*|\+\+|--)?\(?[\w*]+(?:->|[.\w)]|\[[^\n]*?\])*(?: (?:[-+*/|&^]|<<|>>)?= |\+\+;|--;)")
DECLARATION = re.compile(r"(?:const|static|struct|enum|union|unsigned|return|goto|case|else)\b|\w+ \**\w+")
RESULT = re.compile(r"\breturn ([^;]+);")
CONSTANT_RESULT = re.compile(r"-?\d+|NULL|LC_OK|true|false")
WORDS = {"true": "false", "false": "true", "continue;": "break;"}


def edits(body: str, following: dict[str, str]) -> Iterator[Edit]:
    plain = blank(body)
    yield from edit_operators(plain)
    yield from edit_conditions(body, plain)
    yield from edit_statements(plain)
    yield from edit_values(body, plain, following)


def edit_operators(plain: str) -> Iterator[Edit]:
    for match in BINARY.finditer(plain):
        for operator, swaps in SWAPS.items():
            if match[0] in swaps:
                yield Edit(operator, *match.span(), swaps[match[0]])


def edit_conditions(body: str, plain: str) -> Iterator[Edit]:
    for match in CONDITION.finditer(plain):
        end = closing(plain, match.end() - 1)
        yield Edit("negated condition", match.end(), end, f"!({body[match.end():end]})")
    for match in GUARD.finditer(plain):
        end = closing(plain, match.end(1) - 1) + 1
        jump = JUMP.match(plain[end:].replace("\n", " ", 1)[:400])
        if jump:
            yield Edit("removed guard", match.start(1), end + jump.end(), ";")


def edit_statements(plain: str) -> Iterator[Edit]:
    for match in STATEMENT.finditer(plain):
        before = plain[:match.start()].rstrip()
        if before and before[-1] not in ";{}):" and not before.endswith("else"):
            continue  # inside a statement
        if DECLARATION.match(match[2]) and not re.match(r"\w+ [-+|&]?= ", match[2]):
            continue
        if CALL.match(match[2]) and not match[2].startswith("(void)"):
            yield Edit("removed call", *match.span(2), ";")
        elif ASSIGNMENT.match(match[2]):
            yield Edit("removed assignment", *match.span(2), ";")


def edit_values(body: str, plain: str, following: dict[str, str]) -> Iterator[Edit]:
    for match in NUMBER.finditer(plain):
        if plain[:match.start()].endswith("= {"):
            continue
        # a larger array would behave the same
        is_lowered = match[1][-1] in "13579" or plain[match.start() - 1] == "["
        yield Edit("constant", *match.span(), f"({match[0]} {'-' if is_lowered else '+'} 1)")
    for match in re.finditer(r"\b(?:true|false|continue;)", plain):
        yield Edit("word", *match.span(), WORDS[match[0]])
    for match in RESULT.finditer(plain):
        if not CONSTANT_RESULT.fullmatch(match[1]):
            yield Edit("result", *match.span(1), "0")
    for match in re.finditer(r"\b[A-Z]\w+\b", plain):
        other = following.get(match[0], match[0])
        if other != match[0] and not plain[:match.start()].endswith("case "):
            yield Edit("enumerator", *match.span(), other)


# ---- mutants ----

def mutants(function: Function, following: dict[str, str]) -> Iterator[Mutant]:
    """Yield all mutants of a function.

    A mutant's identity depends only on the function's name and the changed lines, so that it stays
    the same when other code changes or the function moves to another file.
    """
    seen: dict[str, int] = {}
    for edit in edits(function.body, following):
        mutant = Mutant(function, edit, "")
        text = "\n".join([function.name, edit.operator, *mutant.diff()])
        seen[text] = seen.get(text, 0) + 1
        digest = hashlib.sha256(f"{text}\n{seen[text]}".encode()).hexdigest()
        yield Mutant(function, edit, digest[:10])


def sample(found: Iterable[Mutant], seed: int) -> list[Mutant]:
    """Return the mutants in an order that depends on the seed.

    They are sorted by hash, so that a change to one function does not change the order of the
    others' mutants.
    """

    def rank(mutant: Mutant) -> bytes:
        return hashlib.sha256(f"{seed} {mutant.identity}".encode()).digest()

    return sorted(found, key=rank)


def read_functions(root: Path, folders: Iterable[str]) -> list[Function]:
    paths = sorted({path for folder in folders for path in
                    ([root / folder] if (root / folder).is_file() else (root / folder).rglob("*.c"))})
    return [function for path in paths
            for function in functions(str(path.relative_to(root)), path.read_text("utf-8"))]


# ---- all mutants of a file in one program ----

READ_NUMBER = """#include <stdlib.h>
static int lc_mutant;
__attribute__((constructor)) static void lc_read_mutant(void)
{
    const char *number = getenv("LC_MUTANT");

    lc_mutant = number ? atoi(number) : 0;
}
"""


def with_mutants(chosen: list[tuple[int, Mutant]]) -> str:
    """Return a file's text with numbered mutants of its functions, of which LC_MUTANT selects one at run time.

    Each function that has mutants becomes
    { if (lc_mutant == 5) { a mutant } else if (lc_mutant == 9) { another } else { itself } }
    """
    text = chosen[0][1].function.text
    by_function: dict[int, list[tuple[int, Mutant]]] = {}
    for number, mutant in chosen:
        by_function.setdefault(mutant.function.start, []).append((number, mutant))
    for start in sorted(by_function, reverse=True):
        function = by_function[start][0][1].function
        parts = [f"if (lc_mutant == {number}) {{{with_own_labels(mutant.body)}}} else "
                 for number, mutant in by_function[start]]
        body = "".join(parts) + "{" + with_own_labels(function.body) + "}\n"
        text = text[:start] + body + text[start + len(function.body):]
    return READ_NUMBER + text


def with_own_labels(body: str) -> str:
    names = set(re.findall(r"^ *(\w+):$", blank(body), re.MULTILINE)) - {"default"}
    return "".join(f" __label__ {name};" for name in sorted(names)) + body


# ---- equivalent mutants ----

class Equivalent(NamedTuple):
    """A mutant that behaves like the original, given by its function's name and changed lines.

    If the same change is possible at several places of the function, identity selects one.
    """

    function: str
    lines: tuple[str, ...]
    reason: str
    identity: str = ""

    def is_of(self, mutant: Mutant) -> bool:
        return self.function == mutant.function.name and self.lines == tuple(mutant.diff()) and \
            self.identity in ("", mutant.identity)


def read_equivalent(path: Path) -> list[Equivalent]:
    """Read entries separated by blank lines: "# reason" lines, the function's name, optionally the
    mutant's identity, and its diff."""
    entries = []
    for block in re.split(r"\n{2,}", path.read_text("utf-8").strip()):
        lines = block.split("\n")
        reason = " ".join(line[2:] for line in lines if line.startswith("# "))
        rest = [line for line in lines if not line.startswith("# ")]
        if any(rest):
            name, _, identity = rest[0].partition(" ")
            entries.append(Equivalent(name, tuple(rest[1:]), reason, identity))
    return entries
