"""A strict reader of the HTML report, both of the file and as its script renders it (render.js): all
elements are closed, the policy names the only script and style, and nothing is loaded from elsewhere."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import subprocess
from functools import cached_property
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

RENDER = Path(__file__).with_name("render.js")
VOID = {"meta", "br", "hr", "img", "input", "link"}
ELEMENTS = {
    "html", "head", "meta", "title", "style", "body", "a", "header", "p", "h1", "bdi", "nav", "main",
    "section", "strong", "dl", "div", "dt", "dd", "small", "h2", "svg", "rect", "ul", "li", "i", "b",
    "span", "details", "summary", "code", "table", "thead", "tbody", "tr", "th", "td", "figure",
    "figcaption", "g", "path", "text", "em", "noscript", "label", "input", "select", "option",
    "button", "script", "footer", "img",
}  # fmt: skip


class Strict(HTMLParser):
    """Accepts only pages in which every element is closed in the right place."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.ids: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.inside: dict[str, list[str]] = {"script": [], "style": []}
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in ELEMENTS, tag
        assert len({name for name, _ in attrs}) == len(attrs), (tag, attrs)
        if tag in self.inside:
            self.inside[tag].append("")
        for name, value in attrs:
            assert not name.startswith("on") and name != "style", (tag, name)
            self.attributes.append((tag, name, value or ""))
            if name == "id":
                self.ids.append(value or "")
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open and self.open.pop() == tag, (tag, self.open[-3:], self.getpos())

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] in self.inside:
            self.inside[self.open[-1]][-1] += data
        else:
            self.words.append(data)

    def unknown_decl(self, data: str) -> None:
        raise AssertionError(data)


class Report:
    """A page that passed all checks: `source` is the file, `data` its JSON, `text` what the script renders,
    on screen or on paper."""

    def __init__(self, source: bytes, paper: bool = False) -> None:
        self.source = source.decode("utf-8")
        self.paper = paper
        self.inside = self._parse(self.source).inside
        assert len(self.inside["script"]) == 2 and not set("<>&") & set(self.inside["script"][0])
        self.data: dict[str, Any] = json.loads(self.inside["script"][0])

    @cached_property
    def _rendered(self) -> tuple[str, Strict]:
        done = subprocess.run(["node", RENDER, *["paper"] * self.paper], input=self.source.encode(),
                              capture_output=True, timeout=60)  # fmt: skip
        assert done.returncode == 0, done.stderr.decode()
        text = done.stdout.decode()
        page = self._parse(text)
        assert page.inside == {**self.inside, "script": ["", self.inside["script"][1]]}
        return text, page

    @property
    def text(self) -> str:
        return self._rendered[0]

    @property
    def page(self) -> Strict:
        return self._rendered[1]

    @cached_property
    def words(self) -> str:
        return " ".join("".join(self.page.words).split())

    def _parse(self, text: str) -> Strict:
        assert text.startswith("<!doctype html>\n<!-- llava-check report -->\n")
        assert not re.search("[\0-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]", text)
        page = Strict()
        page.feed(text)
        page.close()
        assert page.open == []
        check_links(page)
        check_policy(page)
        return page


def check_links(page: Strict) -> None:
    assert len(set(page.ids)) == len(page.ids)
    for tag, name, value in page.attributes:
        if name == "href":
            assert tag == "a" and value.startswith("#") and value[1:] in page.ids, value
        if (tag, name) == ("img", "src"):
            assert re.fullmatch("data:image/jpeg;base64,[A-Za-z0-9+/]+=*", value), value[:99]
            continue
        assert name not in ("src", "srcset", "action", "formaction", "ping", "data"), name
    assert "url(" not in page.inside["style"][0]
    assert "@import" not in page.inside["style"][0]


def check_policy(page: Strict) -> None:
    (policy,) = [value for tag, name, value in page.attributes
                 if tag == "meta" and value.startswith("default-src")]  # fmt: skip
    parts = dict(part.strip().split(" ", 1) for part in policy.split(";"))
    hashes = {kind: "'sha256-%s'" % base64.b64encode(
        hashlib.sha256(page.inside[kind][-1].encode()).digest()).decode()
        for kind in ("script", "style")}  # fmt: skip
    images = parts.pop("img-src", None)  # if pictures were requested, shown or not
    assert images == "data:" or images is None and not any(tag == "img" for tag, _, _ in page.attributes)
    assert parts == {
        "default-src": "'none'",
        "style-src": hashes["style"],
        "script-src": hashes["script"],
        "base-uri": "'none'",
        "form-action": "'none'",
    }
    assert len(page.inside["style"]) == 1
