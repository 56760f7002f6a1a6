"""A simple reader for rows of each dialect, as docs/dialects.md describes them."""

from __future__ import annotations

import itertools
import re
from typing import Any, NamedTuple

MEDIA = ("image", "video", "audio")
IMAGE_HEADS = ("/9j/", "iVBORw0KGgo", "R0lGOD", "UklGR", "Qk")  # of base64
NAME_MAX, PATH_MAX = 255, 4096


class Dialect(NamedTuple):
    """Where a dialect's rows have what. If a row has several names of a column, the first in the list counts."""

    name: str
    columns: dict[str, list[str]]
    role_key: str
    text_key: str
    roles: dict[str, str]
    placeholders: dict[str, str]
    counted: str  # placeholders: "in questions", "anywhere", or "or none": then programs add them
    strict: bool = True  # questions and answers alternate
    tags: tuple[tuple[str, str, str], ...] = ()  # around paths in a text: opening, closing, medium
    pairs: bool = False  # a turn may be {"human": …, "assistant": …}
    parts: bool = False  # a text may be a list of parts
    marks: bool = False  # parts only name the files of media: their positions are the placeholders in the texts
    answers_show: bool = False  # answers can show media, too
    add_up: bool = False  # all names of a medium's column count, in order
    lists_answers: bool = False  # of a list in the answer's column, the first element is the answer
    modern: bool = True  # null, empty lists, objects, URLs and base64 may stand for media

    @property
    def has_turns(self) -> bool:
        return "turns" in self.columns


PLAIN = {"image": "<image>", "video": "<video>", "audio": "<audio>"}
TAGS = (
    ("<|vision_start|>", "<|vision_end|>", "image"),
    ("<img>", "</img>", "image"),
    ("<audio>", "</audio>", "audio"),
)
LISTS = {"image": ["images", "image"], "video": ["videos", "video"], "audio": ["audios", "audio"]}
PREFERENCES = {
    "chosen": ["chosen", "completion"],
    "rejected": ["rejected", "rejected_response", "rejected_messages"],
    "label": ["label", "kto_tag"],
}
REJECTED_MEDIA = {f"rejected_{medium}": [f"rejected_{medium}s"] for medium in MEDIA}
PROMPTS = {"system": ["system"], "tools": ["tools"]}
BESIDE = ("system", "tools", *PREFERENCES)  # other columns that distinguish rows
LLAVA_ROLES = {"human": "human", "gpt": "gpt"}
USER_ROLES = {"user": "human", "assistant": "gpt", **LLAVA_ROLES, "system": "system"}
TOOL_ROLES = {
    "observation": "result", "tool_response": "result", "tool": "result", "function_call": "call", "tool_call": "call",
}  # fmt: skip

DIALECTS = {
    dialect.name: dialect
    for dialect in (
        Dialect(
            "llava", {"turns": ["conversations"], "image": ["image"], "video": ["video"]}, "from", "value",
            LLAVA_ROLES, PLAIN, "in questions", modern=False,
        ),
        Dialect(
            "sharegpt",
            {"turns": ["conversations", "conversation", "messages"], "image": ["images"], "video": ["videos"], "audio": ["audios"],
             **PREFERENCES, **PROMPTS},
            "from", "value", {**USER_ROLES, **TOOL_ROLES}, PLAIN, "anywhere", pairs=True,
        ),
        Dialect(
            "messages",
            {"turns": ["messages", "conversations", "conversation", "prompt", "chosen_messages"], **LISTS, **PREFERENCES,
             **REJECTED_MEDIA, **PROMPTS},
            "role", "content",
            {**USER_ROLES, **TOOL_ROLES, "bot": "gpt", "developer": "system", "function": "result", "pretrain": "whole"},
            PLAIN, "or none", strict=False, tags=TAGS, parts=True,
        ),
        Dialect(
            "inline", {"turns": ["conversations", "conversation"], "system": ["system"]}, "from", "value", USER_ROLES, {},
            "or none", tags=TAGS,
        ),
        Dialect(
            "role-value", {"turns": ["conversations", "messages", "conversation"], **LISTS, "system": ["system"]},
            "role", "value", USER_ROLES, PLAIN, "or none", tags=TAGS,
        ),
        Dialect(
            "alpaca",
            {"prompt": ["instruction"], "query": ["input"], "response": ["output"], "history": ["history"], **LISTS,
             **PREFERENCES, **PROMPTS},
            "", "", {}, PLAIN, "anywhere",
        ),
        Dialect(
            "query",
            {"prompt": ["query", "question", "prompt", "problem"], "response": ["response", "answer", "solution", "completion"],
             "history": ["history"], **LISTS, "chosen": ["chosen"], "rejected": ["rejected", "rejected_response"],
             "label": ["label"], "system": ["system", "system_prompt"], "tools": ["tools"], **REJECTED_MEDIA},
            "", "", {}, PLAIN, "or none", tags=TAGS, lists_answers=True,
        ),
        Dialect(
            "xcomposer", {"turns": ["conversations"], "image": ["image"]}, "from", "value",
            {"user": "human", "assistant": "gpt", "human": "human", "bot": "gpt"}, {"image": "<ImageHere>"}, "or none",
            modern=False,
        ),
        Dialect(
            "xtuner", {"turns": ["messages"]}, "role", "content",
            {"user": "human", "assistant": "gpt", "system": "system", "developer": "system", "tool": "result", "pretrain": "whole"},
            {"image": "<IMG_CONTEXT>", "video": "<VIDEO_CONTEXT>"}, "in questions", strict=False, parts=True, marks=True,
        ),
        Dialect(
            "nextgpt", {"turns": ["conversations"], **{m: [f"input_{m}", f"output_{m}"] for m in MEDIA}}, "from", "value",
            LLAVA_ROLES, PLAIN, "anywhere", answers_show=True, add_up=True,
        ),
        Dialect(
            "internvl", {"turns": ["conversations"], "image": ["image"], "video": ["video"]}, "from", "value",
            {**LLAVA_ROLES, "system": "system"}, PLAIN, "anywhere", modern=False,
        ),
    )
}  # fmt: skip


class Media(NamedTuple):
    """The files of a medium that a row names, in order: "path", "url" or "data", and the text."""

    there: bool = False
    wrong: bool = False
    items: tuple[tuple[str, str], ...] = ()
    rejected: int = 0  # number of items of the rejected answer, which are the last ones

    @property
    def shown(self) -> int:
        """The number of items that the row's own turns show."""
        return len(self.items) - self.rejected

    @property
    def paths(self) -> tuple[str, ...]:
        return tuple(text for kind, text in self.items if kind == "path")


class Turn(NamedTuple):
    """A turn; a faulty role or text is None."""

    role: str | None
    name: str | None = None  # of the role, as written
    value: str | None = None
    foreign: bool = False  # it has the keys of another dialect
    parts: tuple[tuple[str, Any], ...] | None = None  # of a list: its media with their positions in the text, and calls
    calls: str = ""  # of tools
    own: Any = ()  # the media that its parts name
    contradicts: bool = False  # it also has the keys of another dialect, with other content
    named: tuple[str, ...] = ()  # the media of parts that name a file by the key of their type

    @property
    def malformed(self) -> bool:
        return self.role is None or self.value is None

    @property
    def text(self) -> str:
        return self.value or ""

    @property
    def has_media_parts(self) -> bool:
        return any(part in MEDIA for part, _ in self.parts or ())

    @property
    def said(self) -> tuple[Any, ...]:
        return (self.value, self.parts, self.calls)


class Rejected(NamedTuple):
    """A rejected answer that is a conversation, and so includes the question."""

    tags: dict[str, int]  # its number of placeholders for each medium
    separate: bool  # the media of the row are not shown in it


class Row(NamedTuple):
    dialect: Dialect
    shape: str  # of the turns: "missing", "wrong" or "list"
    turns: list[Turn]
    media: dict[str, Media]
    beside: dict[str, Any]  # the columns system, tools … that have content
    answered: bool  # its answers are in separate columns
    inline: frozenset[str]  # the media that may be named in the texts
    columns: frozenset[str]  # the media that columns name
    rejected: Rejected | None = None
    compared: bool = False  # it is preference data

    @property
    def whole(self) -> bool:
        return bool(self.turns) and not any(turn.malformed for turn in self.turns)

    def count(self, turn: Turn, medium: str) -> int:
        """Count the placeholders of a medium in a turn, including paths between tags."""
        if turn.parts is not None and not self.dialect.marks:
            return sum(part == medium for part, _ in turn.parts) if turn.value is not None else 0
        placeholder = self.dialect.placeholders.get(medium)
        count = bare_text(turn.text, self.dialect).count(placeholder) if placeholder else 0
        if medium in self.inline and not turn.malformed:
            count += sum(kind == medium for _, _, kind, _ in inline_paths(turn.text, self.dialect))
        return count


def is_blank(text: str) -> bool:
    return not text or text.isspace()


def is_something(value: Any) -> bool:
    """Whether a key's value counts as content; numbers do, even 0."""
    if isinstance(value, str):
        return not is_blank(value)
    return not (value is None or value is False or value == [] or value == {})


def is_text(value: Any) -> bool:
    return isinstance(value, str) and not is_blank(value)


def column_of(row: dict[str, Any], dialect: Dialect, column: str) -> str | None:
    """Return the name under which a row has a column. For modern programs, null counts as missing."""
    names = [name for name in dialect.columns.get(column, []) if name in row]
    meant = [name for name in names if not dialect.modern or row[name] is not None]
    return (meant or names or [None])[0]


def columns_of(row: dict[str, Any], dialect: Dialect, medium: str) -> list[str]:
    """Return the names under which a row has a medium."""
    if dialect.add_up:
        return [name for name in dialect.columns.get(medium, []) if name in row]
    name = column_of(row, dialect, medium)
    return [] if name is None else [name]


# ---- media ----


def is_base64(text: str) -> bool:
    beginning = text.encode("utf-8", "surrogatepass")[:NAME_MAX].decode("latin-1")
    good = re.fullmatch("[A-Za-z0-9+/=\n]*", beginning)
    return text.startswith(IMAGE_HEADS) and bool(good) and len(text.encode("utf-8", "surrogatepass")) > NAME_MAX


def classify(text: str, dialect: Dialect) -> tuple[str, str]:
    if not dialect.modern:
        return "path", text
    if text.startswith(("http://", "https://")):
        return "url", text
    if text.startswith("file://"):
        return classify_path(FileUrl(text.removeprefix("file://")))
    return classify_path(text)


class FileUrl(str):
    """A path that was written as file://…"""


class Bare(str):
    """The text of parts of which one is a string."""


def classify_path(text: str) -> tuple[str, str]:
    if text.startswith("data:"):
        return "data", text.partition(",")[2]
    return ("data" if is_base64(text) else "path"), text


def read_item(value: Any, dialect: Dialect, frames: bool) -> tuple[str, str] | None:
    """Return a file, URL or embedded medium; None if it is none of these."""
    if is_text(value):
        return classify(value, dialect)
    if dialect.modern and isinstance(value, dict):
        for key in ("bytes", "path", "url", "data", "image_url"):
            if is_text(value.get(key)):
                return classify(value[key], dialect)
    if dialect.modern and frames and isinstance(value, list) and value and is_text(value[0]):
        return classify(value[0], dialect)  # the first frame stands for a video
    return None


def join_items(items: list[tuple[str, str] | None]) -> Media:
    good = tuple(item for item in items if item is not None)
    return Media(True, True) if len(good) < len(items) else Media(True, False, good)


def read_media(value: Any, dialect: Dialect, medium: str) -> Media:
    if value == [] or (value is None and dialect.modern):
        return Media() if dialect.modern else Media(True, True)
    if isinstance(value, list):
        return join_items([read_item(item, dialect, medium == "video") for item in value])
    return join_items([read_item(value, dialect, False)])


def add_media(media: list[Media]) -> Media:
    """Combine the media of several columns."""
    if any(one.wrong for one in media):
        return Media(True, True)
    return Media(any(one.there for one in media), False, tuple(item for one in media for item in one.items))


def inline_paths(text: str, dialect: Dialect) -> list[tuple[int, int, str, str]]:
    """Return the paths between tags: for each, begin and end including the tags, medium, and path."""
    found, at = [], text.find("<")
    while at >= 0:
        for opening, closing, medium in dialect.tags:
            begin = at + len(opening)
            end = text.find(closing, begin) if text.startswith(opening, at) else -1
            if text.startswith("<|", begin) and text[end - 1] == ">":
                continue  # a token between Qwen's, like <|image_pad|>
            if end >= 0 and len(text[begin:end].encode("utf-8", "surrogatepass")) <= PATH_MAX:
                found.append((at, end + len(closing), medium, text[begin:end]))
                at = end + len(closing) - 1
                break
        at = text.find("<", at + 1)
    return found


def bare_text(text: str, dialect: Dialect) -> str:
    """Replace each path between tags by a character that belongs to no placeholder or token."""
    for begin, end, _, _ in reversed(inline_paths(text, dialect)):
        text = text[:begin] + "\ue000" + text[end:]
    return text


# ---- turns ----

PART_KEYS = {
    "image": "image", "image_url": "image", "video": "video", "video_url": "video", "audio": "audio", "audio_url": "audio",
    "input_audio": "audio",
}  # fmt: skip


def first_of(members: dict[str, Any], *keys: str) -> Any:
    return next((members[key] for key in keys if key in members), None)


def part_medium(part: dict[str, Any]) -> str | None:
    """Return the key that names a part's medium: its type or, without one, the key of its file."""
    kind = part.get("type")
    if is_text(kind):
        return kind if kind in PART_KEYS else None
    return next((key for key in PART_KEYS if key in part), None)


def within(part: Any) -> list[Any]:
    """Return the parts of a tool's result; for other parts, the part itself."""
    if isinstance(part, dict) and part.get("type") == "tool_result" and isinstance(part.get("content"), list):
        return part["content"]
    return [part]


def read_parts(parts: list[Any], dialect: Dialect) -> tuple[str | None, Any, Any, tuple[str, ...]]:
    """Return the text of a list of parts, the positions of media in it, the files that they name, and
    the media of those that name a file by the key of their type."""
    text, wrong, bare, places, files, named = "", False, False, [], [], []
    for part in itertools.chain.from_iterable(map(within, parts)):
        if isinstance(part, str) and not dialect.marks:
            text, bare = text + part, True
            continue
        if not isinstance(part, dict):
            wrong = True
            continue
        key = part_medium(part)
        if key is not None:
            medium = PART_KEYS[key]
            places.append((medium, len(text.encode("utf-8", "surrogatepass"))))
            value = first_of(part, key, medium, "value", "path", "url", "content", "source")
            if is_something(part.get(key)):
                named.append(medium)
            if value is not None:
                files.append((medium, read_item(value, dialect, medium == "video")))
            continue
        if part.get("type") == "tool_use":
            places.append(("call", repr(part)))
            continue
        said = first_of(part, "text", "value", "content")
        if isinstance(said, str):
            text += said
        else:
            wrong = True
    return (None if wrong else Bare(text) if bare else text), tuple(places), tuple(files), tuple(named)


def read_text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


SAME_ROLES = {"human": ("user", "human"), "gpt": ("assistant", "gpt")}


def read_turn(turn: Any, dialect: Dialect) -> Turn:
    if not isinstance(turn, dict):
        return Turn(None)
    other = ("from", "value") if dialect.role_key == "role" else ("role", "content")
    own = (dialect.role_key, dialect.text_key)
    foreign = all(key in turn for key in other) and not any(key in turn for key in own)
    name = read_text(turn.get(dialect.role_key))
    role = None if name is None else dialect.roles.get(name, "other")
    content, parts, files, named = turn.get(dialect.text_key), None, (), ()
    value = read_text(content)
    if dialect.parts and isinstance(content, list):
        value, parts, files, named = read_parts(content, dialect)
    calls = turn.get("tool_calls") if dialect.parts else None
    has_calls = is_something(calls)
    if has_calls and content is None:
        value = ""
    if role == "gpt" and (has_calls or "call" in dict(parts or ())):
        role = "call"
    theirs = [read_text(turn.get(key)) for key in other]
    same_role = theirs[0] == name or theirs[0] in SAME_ROLES.get(role or "", ())
    contradicts = all(key in turn and key not in own for key in other) and not (same_role and theirs[1] == value)
    return Turn(role, name, value, foreign, parts, repr(calls) if has_calls else "", files, contradicts, named)


def read_pair(turn: Any) -> list[Turn]:
    """Read a question and its answer from one object; return no turns if it is not such a pair."""
    if not isinstance(turn, dict):
        return []
    asked = next((key for key in ("human", "user") if key in turn), None)
    answer = next((key for key in ("gpt", "assistant", "bot") if key in turn), None)
    if asked is None or answer is None:
        return []
    return [Turn("human", asked, read_text(turn[asked])), Turn("gpt", answer, read_text(turn[answer]))]


def read_list(turns: list[Any], dialect: Dialect) -> list[Turn]:
    read = []
    for turn in turns:
        read += (dialect.pairs and read_pair(turn)) or [read_turn(turn, dialect)]
    return read


def column_turn(role: str, value: Any) -> Turn:
    return Turn(role, role, read_text(value))


def read_history(history: Any) -> list[Turn]:
    if not history:
        return []
    if not isinstance(history, list):
        return [Turn("human")]
    turns = []
    for pair in history:
        if isinstance(pair, list) and len(pair) == 2:
            turns += [column_turn("human", pair[0]), column_turn("gpt", pair[1])]
        else:
            turns.append(Turn("human"))
    return turns


def read_columns(row: dict[str, Any], dialect: Dialect) -> tuple[str, list[Turn]]:
    """Read a question and its answer from columns of the row."""

    def get(column: str) -> Any:
        name = column_of(row, dialect, column)
        return None if name is None else row[name]

    prompt, more, answer = get("prompt"), get("query"), get("response")
    if prompt is None and isinstance(more, str):
        prompt = ""
    elif column_of(row, dialect, "prompt") is None:
        return "missing", []
    elif prompt is None:
        prompt = ""
    if not isinstance(prompt, str):
        return "wrong", []
    if more and not isinstance(more, str):
        prompt = None
    elif more:
        prompt = prompt + "\n" + more if prompt else more
    turns = [*read_history(get("history")), column_turn("human", prompt)]
    if dialect.lists_answers and isinstance(answer, list) and answer:
        answer = answer[0]
        return "list", [*turns, column_turn("gpt", answer)]
    return "list", turns if answer is None else [*turns, column_turn("gpt", answer)]


def find_turns(row: dict[str, Any], dialect: Dialect) -> tuple[str | None, Any]:
    """Return the name of the list of turns, and the list; without one, those of the better answer."""
    name = column_of(row, dialect, "turns")
    if dialect.parts and (name is None or row[name] is None):
        chosen = column_of(row, dialect, "chosen")
        if chosen is not None and isinstance(row[chosen], list):
            return chosen, row[chosen]
    return name, None if name is None else row[name]


# ---- rows ----


def add_part_files(media: dict[str, Media], turns: list[Turn]) -> None:
    """Add the files that parts name, for media that no column names."""
    named = {medium for medium in MEDIA if media[medium].there}
    for turn in turns:
        for medium, item in turn.own:
            old = media[medium]
            if medium in named:
                continue
            media[medium] = Media(True, True) if item is None or old.wrong else Media(True, False, (*old.items, item))


def add_inline_files(media: dict[str, Media], turns: list[Turn], dialect: Dialect, inline: frozenset[str]) -> None:
    """Add the files that texts name between tags, for media that nothing else names."""
    for turn in turns:
        if turn.malformed or turn.parts is not None:
            continue
        for _, _, medium, path in inline_paths(turn.text, dialect):
            if medium not in inline:
                continue
            old, path = media[medium], path.strip()
            item = classify(path, dialect) if path else None
            media[medium] = Media(True, True) if item is None or old.wrong else Media(True, False, (*old.items, item))


def reject(media: dict[str, Media], medium: str, items: list[tuple[str, str] | None]) -> None:
    """Add items of the rejected answer to the media of a row."""
    old = media[medium]
    good = tuple(item for item in items if item is not None)
    if old.wrong or len(good) < len(items):
        media[medium] = Media(True, True)
    elif good:
        media[medium] = Media(True, False, (*old.items, *good), old.rejected + len(good))


def read_rejected(row: dict[str, Any], dialect: Dialect, media: dict[str, Media], inline: frozenset[str]) -> Rejected | None:
    """Read the rejected answer and add its media: those of its columns, or those that its turns name."""
    named = set()
    for medium in MEDIA:
        name = column_of(row, dialect, f"rejected_{medium}")
        read = Media() if name is None else read_media(row[name], dialect, medium)
        if read.there:
            named.add(medium)
            reject(media, medium, [None] if read.wrong else list(read.items))
    name = column_of(row, dialect, "rejected")
    if name is None or not dialect.parts or not isinstance(row[name], list):
        return None
    tags = dict.fromkeys(MEDIA, 0)
    asks = False
    for turn in row[name]:
        if not isinstance(turn, dict):
            continue
        role, content = turn.get(dialect.role_key), turn.get(dialect.text_key)
        asks = asks or (isinstance(role, str) and dialect.roles.get(role) == "human")
        if isinstance(content, list):
            _, places, files, _ = read_parts(content, dialect)
            for medium, _ in places:
                if medium in tags:
                    tags[medium] += 1
            for medium, item in files:
                if medium not in named:
                    reject(media, medium, [item])
        if isinstance(content, str):
            bare = bare_text(content, dialect)
            for medium, placeholder in dialect.placeholders.items():
                tags[medium] += bare.count(placeholder)
            for _, _, medium, path in inline_paths(content, dialect):
                if medium not in inline - named:
                    continue
                tags[medium] += 1
                reject(media, medium, [classify(path.strip(), dialect) if path.strip() else None])
    return Rejected(tags, name == "rejected_messages") if asks else None


def is_compared(row: dict[str, Any], dialect: Dialect, beside: dict[str, Any]) -> bool:
    """Whether the row has an answer to be compared, or rejected_response, which is null. A completion is no such answer."""
    if "rejected" in beside or ("chosen" in beside and column_of(row, dialect, "chosen") == "chosen"):
        return True
    name = "rejected_response"
    return name in dialect.columns.get("rejected", []) and name in row and row[name] is None


def read_row(row: Any, dialect: Dialect) -> Row | None:
    """Read a row; return None if it is not one."""
    if isinstance(row, list) and dialect.parts and row and isinstance(row[0], dict) and dialect.role_key in row[0]:
        row, shape, turns, named = {}, "list", read_list(row, dialect), None
    elif not isinstance(row, dict):
        return None
    elif dialect.has_turns:
        named, found = find_turns(row, dialect)
        shape = "missing" if named is None else "list" if isinstance(found, list) else "wrong"
        turns = read_list(found, dialect) if isinstance(found, list) else []
    else:
        named = None
        shape, turns = read_columns(row, dialect)
    media = {}
    for medium in MEDIA:
        names = columns_of(row, dialect, medium)
        media[medium] = add_media([read_media(row[name], dialect, medium) for name in names])
    columns = frozenset(medium for medium in MEDIA if media[medium].there)
    add_part_files(media, turns)
    inline = frozenset(medium for medium in MEDIA if not media[medium].there)
    add_inline_files(media, turns, dialect, inline)
    rejected = read_rejected(row, dialect, media, inline)
    beside = {}
    for column in BESIDE:
        name = column_of(row, dialect, column)
        if name is not None and is_something(row[name]):
            beside[column] = row[name]
    answered = "chosen" in beside or "rejected" in beside or (named == "prompt" and row[named] is not None)
    compared = is_compared(row, dialect, beside)
    return Row(dialect, shape, turns, media, beside, answered, inline, columns, rejected, compared)
