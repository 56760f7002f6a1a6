"""A strict reader of the HTML report: closed elements, one script and one style that the policy
names, nothing from elsewhere."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from html.parser import HTMLParser
from typing import Any

VOID = {"meta", "br", "hr", "img", "input", "link"}
ELEMENTS = {
    "html", "head", "meta", "title", "style", "body", "a", "header", "p", "h1", "bdi", "nav", "main",
    "section", "strong", "dl", "div", "dt", "dd", "small", "h2", "svg", "rect", "ul", "li", "i", "b",
    "span", "details", "summary", "code", "table", "thead", "tbody", "tr", "th", "td", "figure",
    "figcaption", "g", "path", "text", "em", "noscript", "label", "input", "select", "option",
    "button", "script", "footer", "img",
}  # fmt: skip


class Strict(HTMLParser):
    """Takes pages whose every element is closed where it should be."""

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
    """A page that was looked at closely."""

    def __init__(self, data: bytes) -> None:
        self.text = data.decode("utf-8")
        assert self.text.startswith("<!doctype html>\n<!-- llava-check report -->\n")
        assert not re.search("[\0-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]",
                             self.text)  # fmt: skip
        self.page = Strict()
        self.page.feed(self.text)
        self.page.close()
        assert self.page.open == []
        self.words = " ".join("".join(self.page.words).split())
        self._check_links()
        self._check_policy()
        data = self.page.inside["script"][0] if len(self.page.inside["script"]) == 2 else "{}"
        self.data: dict[str, Any] = json.loads(data)

    def _check_links(self) -> None:
        ids = self.page.ids
        assert len(set(ids)) == len(ids)
        for tag, name, value in self.page.attributes:
            if name == "href":
                assert tag == "a" and value.startswith("#") and value[1:] in ids, value
            if (tag, name) == ("img", "src"):
                assert re.fullmatch("data:image/jpeg;base64,[A-Za-z0-9+/]+=*", value), value[:99]
                continue
            assert name not in ("src", "srcset", "action", "formaction", "ping", "data"), name
        assert "url(" not in self.page.inside["style"][0]
        assert "@import" not in self.page.inside["style"][0]

    def _check_policy(self) -> None:
        (policy,) = [value for tag, name, value in self.page.attributes
                     if tag == "meta" and value.startswith("default-src")]  # fmt: skip
        parts = dict(part.strip().split(" ", 1) for part in policy.split(";"))
        hashes = {kind: "'sha256-%s'" % base64.b64encode(
            hashlib.sha256(self.page.inside[kind][-1].encode()).digest()).decode()
            for kind in ("script", "style")}  # fmt: skip
        images = parts.pop("img-src", None)  # where pictures were asked for, shown or not
        assert images == "data:" or images is None and "<ul class='thumbs'" not in self.text
        assert parts == {
            "default-src": "'none'",
            "style-src": hashes["style"],
            "script-src": hashes["script"],
            "base-uri": "'none'",
            "form-action": "'none'",
        }
        assert len(self.page.inside["style"]) == 1
