"""A hub on the loopback interface, from which huggingface_hub 0.17 to 2.4 can download data sets

It answers the clients' requests for a revision, its tree, and its files. Large files are redirected
to another port, with X-Linked-Etag and X-Linked-Size, as the real hub redirects them to its store.
"""

from __future__ import annotations

import hashlib
import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Iterator
from urllib.parse import quote, unquote, urlsplit

LARGE = 1000  # bytes: larger files are stored in "LFS"


def blob_id(data: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()


def pointer(data: bytes) -> bytes:
    oid = hashlib.sha256(data).hexdigest()
    return f"version https://git-lfs.github.com/spec/v1\noid sha256:{oid}\nsize {len(data)}\n".encode()


class Hub:
    """Data sets by name. Each is a dictionary of its files by path."""

    def __init__(self) -> None:
        self.sets: dict[str, dict[str, bytes]] = {}
        self.port = self.store_port = 0
        self.cut: set[str] = set()  # files whose download ends in the middle

    def commit(self, name: str) -> str:
        facts = json.dumps({path: blob_id(data) for path, data in sorted(self.sets[name].items())})
        return hashlib.sha1(facts.encode()).hexdigest()

    def is_large(self, data: bytes) -> bool:
        return len(data) > LARGE

    def tree(self, name: str) -> list[dict[str, object]]:
        items: list[dict[str, object]] = []
        for path, data in sorted(self.sets[name].items()):
            item: dict[str, object] = {"type": "file", "path": path, "size": len(data)}
            if self.is_large(data):
                item["oid"] = blob_id(pointer(data))
                item["lfs"] = {"oid": hashlib.sha256(data).hexdigest(), "size": len(data),
                               "pointerSize": len(pointer(data))}  # fmt: skip
            else:
                item["oid"] = blob_id(data)
            items.append(item)
        return items

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"


class Handler(BaseHTTPRequestHandler):
    hub: Hub
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: object) -> None:
        pass

    def answer(self, code: int, body: bytes, headers: dict[str, str], cut: bool = False) -> None:
        self.send_response(code)
        for key, value in headers.items():
            self.send_header(key, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body[: len(body) // 2] if cut else body)
        if cut:
            self.close_connection = True

    def answer_json(self, value: object) -> None:
        self.answer(200, json.dumps(value).encode(), {"Content-Type": "application/json"})

    def missing(self, code: str) -> None:
        self.answer(404, b"", {"X-Error-Code": code})

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        parts = [unquote(part) for part in urlsplit(self.path).path.strip("/").split("/")]
        if parts[0] == "store":
            name, path = "/".join(parts[1:3]), "/".join(parts[3:])
            return self.answer_file(name, path, {})
        if parts[:2] == ["api", "datasets"]:
            name = "/".join(parts[2:4])
            if name not in self.hub.sets:
                return self.missing("RepoNotFound")
            commit = self.hub.commit(name)
            if len(parts) > 4 and parts[4] == "tree":
                return self.answer_json(self.hub.tree(name))
            return self.answer_json({
                "id": name, "sha": commit, "private": False, "gated": False, "tags": [], "downloads": 0, "likes": 0, "disabled": False,
                "siblings": [{"rfilename": path} for path in sorted(self.hub.sets[name])],
            })  # fmt: skip
        if parts[0] == "datasets" and parts[3] == "resolve":
            return self.resolve("/".join(parts[1:3]), "/".join(parts[5:]))
        return self.missing("EntryNotFound")

    def answer_file(self, name: str, path: str, headers: dict[str, str]) -> None:
        data = self.hub.sets[name][path]
        start = self.headers.get("Range", "")
        code = 200
        if start.startswith("bytes="):
            begin = int(start[6:].split("-")[0])
            headers = {**headers, "Content-Range": f"bytes {begin}-{len(data) - 1}/{len(data)}"}
            data, code = data[begin:], 206
        self.answer(code, data, headers, cut=path in self.hub.cut and self.command == "GET")

    def resolve(self, name: str, path: str) -> None:
        if path not in self.hub.sets.get(name, {}):
            return self.missing("EntryNotFound")
        data = self.hub.sets[name][path]
        headers = {"X-Repo-Commit": self.hub.commit(name)}
        if self.hub.is_large(data):
            headers["X-Linked-Etag"] = f'"{hashlib.sha256(data).hexdigest()}"'
            headers["X-Linked-Size"] = str(len(data))
            headers["Location"] = f"http://127.0.0.1:{self.hub.store_port}/store/{name}/{quote(path)}"
            return self.answer(302, b"", headers)
        headers["ETag"] = f'"{blob_id(data)}"'
        return self.answer_file(name, path, headers)


@contextmanager
def running(hub: Hub) -> Iterator[Hub]:
    """Serve a hub on one port and its store on another."""
    handler = type("Handler", (Handler,), {"hub": hub})
    servers = [ThreadingHTTPServer(("127.0.0.1", 0), handler) for _ in range(2)]
    hub.port, hub.store_port = (server.server_address[1] for server in servers)
    threads = [threading.Thread(target=server.serve_forever, daemon=True) for server in servers]
    for thread in threads:
        thread.start()
    try:
        yield hub
    finally:
        for server in servers:
            server.shutdown()
            server.server_close()
