"""A hub on this machine: the API as huggingface_hub asks it, a store of large files, and faults."""

from __future__ import annotations

import gzip
import hashlib
import json
import re
import ssl
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, TypeAlias
from urllib.parse import unquote, urlsplit

ID = "someone/tiny-clip"
COMMIT = "0123456789abcdef0123456789abcdef01234567"
WEIGHTS = "model.safetensors"
_LARGE = 100_000  # from here on in the store of large files, known by sha256


@dataclass(frozen=True)
class Asked:
    """One request as it came in; `place` is api, file, cache or cdn."""

    place: str
    method: str
    name: str
    headers: dict[str, str]

    @property
    def range(self) -> str:
        return self.headers.get("range", "")


Play: TypeAlias = Callable[["Handler", bytes], None]
"""Answers one request in place of the server; the bytes are what it would have sent."""


class Hub:
    """One repository and its faults: `faults[place or name]` are played first, one per request."""

    def __init__(self, folder: Path) -> None:
        self.files = {path.name: path.read_bytes() for path in sorted(folder.iterdir())}
        self.wanted = sorted(self.files)
        self.files |= {"README.md": b"hello", "pytorch_model.bin": b"pickle" * 9,
                       "onnx/model.safetensors": b"x", "open_clip_model.safetensors": b"y",
                       }  # fmt: skip
        self.commit = COMMIT
        self.asked: list[Asked] = []
        self.faults: dict[str, deque[Play]] = {}
        self.always: dict[str, Play] = {}
        self.ranges = True
        self.edit: Callable[[dict[str, Any]], None] = lambda listing: None
        self.release = threading.Event()
        """Lets every stalled answer end."""
        self.stalled = threading.Event()
        self.hung_up = threading.Event()
        """Set when a stalled answer's client has closed the connection."""
        self._servers = [_Server(self, "hub"), _Server(self, "cdn")]
        self.address = f"http://127.0.0.1:{self._servers[0].server_port}"
        # another name: what is meant for the hub alone must not get there
        self.cdn = f"http://localhost:{self._servers[1].server_port}"

    def close(self) -> None:
        self.release.set()
        for server in self._servers:
            server.end()

    def fault(self, where: str, *plays: Play) -> None:
        self.faults[where] = deque(plays)

    def heal(self) -> None:
        self.faults.clear()
        self.always.clear()
        self.ranges = True
        self.edit = lambda listing: None
        self.asked.clear()

    def large(self, name: str) -> bool:
        return len(self.files[name]) >= _LARGE

    def ranges_of(self, name: str = WEIGHTS) -> list[str]:
        """The Range headers with which the bytes of a file were asked for."""
        return [a.range for a in self.asked if a.name == name and a.place in ("cdn", "cache")]

    def describe(self, blobs: bool) -> bytes:
        """As `/api/models/{id}` answers, with sizes and hashes when asked for blobs."""
        siblings: list[dict[str, Any]] = []
        for name, data in self.files.items():
            entry: dict[str, Any] = {"rfilename": name}
            if blobs:
                entry |= {"size": len(data), "blobId": git_hash(data)}
                if self.large(name):
                    sha256 = hashlib.sha256(data).hexdigest()
                    entry["blobId"] = git_hash(b"pointer to " + sha256.encode())
                    entry["lfs"] = {"sha256": sha256, "size": len(data), "pointerSize": 134}
            siblings.append(entry)
        listing = {"_id": "6", "id": ID, "modelId": ID, "sha": self.commit, "private": False,
                   "gated": False, "disabled": False, "tags": [], "siblings": siblings}  # fmt: skip
        self.edit(listing)
        return json.dumps(listing).encode()


def git_hash(data: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, hub: Hub, role: str, tls: ssl.SSLContext | None = None) -> None:
        class Bound(Handler):
            pass

        Bound.hub, Bound.role = hub, role
        super().__init__(("127.0.0.1", 0), Bound)
        if tls is not None:
            self.socket = tls.wrap_socket(self.socket, server_side=True)
        self._thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()

    def end(self) -> None:
        self.shutdown()
        self._thread.join()
        self.server_close()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients hang up as they like."""


def tls_server(hub: Hub, context: ssl.SSLContext) -> _Server:
    """The same hub behind https."""
    return _Server(hub, "hub", context)


class Handler(BaseHTTPRequestHandler):
    """Answers for the hub and for its store of large files."""

    protocol_version = "HTTP/1.1"
    hub: Hub
    role: str

    def log_message(self, format: str, *args: Any) -> None:
        """Tests are quiet."""

    def do_HEAD(self) -> None:
        self._route()

    def do_GET(self) -> None:
        self._route()

    def _route(self) -> None:
        path = unquote(urlsplit(self.path).path)
        hub = self.hub
        listing = re.fullmatch(rf"(?:/mirror)?/api/models/{ID}(?:/revision/(.+))?", path)
        resolve = re.fullmatch(rf"(?:/mirror)?/{ID}/resolve/([^/]+)/(.+)", path)
        cached = re.fullmatch(rf"/api/resolve-cache/models/{ID}/([^/]+)/(.+)", path)
        stored = re.fullmatch(r"/store/(\w+)/(.+)", path) if self.role == "cdn" else None
        if listing:
            data = hub.describe("blobs=true" in self.path.lower())
            good = listing[1] in (None, "main", hub.commit)
            self._play("api", "", data, lambda: self._known(good, "RevisionNotFound", data))
        elif resolve:
            good = resolve[1] in ("main", hub.commit)
            name = resolve[2] if good and resolve[2] in hub.files else ""
            code = "EntryNotFound" if good else "RevisionNotFound"
            send = (lambda: self._resolve(name)) if name else lambda: self.refuse(404, code)
            self._play("file", name, b"", send)
        elif cached or stored:
            name = (cached or stored or [""] * 3)[2]
            data = hub.files.get(name, b"")
            self._play("cache" if cached else "cdn", name, data, lambda: self.send_part(data))
        else:
            hub.asked.append(Asked("?", self.command, path, {}))
            self.refuse(401, "RepoNotFound", "Invalid username or password.")

    def _play(self, place: str, name: str, data: bytes, otherwise: Callable[[], None]) -> None:
        headers = {key.lower(): value for key, value in self.headers.items()}
        hub = self.hub
        hub.asked.append(Asked(place, self.command, name, headers))
        for key in (place, name) if place in ("api", "file") else (place, f"data:{name}"):
            if hub.faults.get(key):
                hub.faults[key].popleft()(self, data)
                return
            if key in hub.always:
                hub.always[key](self, data)
                return
        otherwise()

    def _known(self, good: bool, code: str, data: bytes) -> None:
        if good:
            self.reply(200, data, {"Content-Type": "application/json"})
        else:
            self.refuse(404, code)

    def _resolve(self, name: str) -> None:
        """Small files come from the hub's own cache, large ones from the store, both elsewhere."""
        hub, data = self.hub, self.hub.files[name]
        headers = {"X-Repo-Commit": hub.commit, "Accept-Ranges": "bytes"}
        if hub.large(name):
            sha256 = hashlib.sha256(data).hexdigest()
            headers |= {"X-Linked-Size": str(len(data)), "X-Linked-Etag": f'"{sha256}"',
                        "ETag": f'"{sha256}"',
                        "Location": f"{hub.cdn}/store/{sha256}/{name}?Signature=s3cret",
                        }  # fmt: skip
            self.reply(302, b"Found. Redirecting", headers)
        else:
            headers["ETag"] = f'"{git_hash(data)}"'
            headers["Location"] = f"/api/resolve-cache/models/{ID}/{hub.commit}/{name}"
            self.reply(307, b"Temporary Redirect", headers)

    def send_part(self, data: bytes, *, cut: int | None = None) -> None:
        """A file or the rest of it; `cut` closes the connection after so many bytes of it."""
        start = 0
        wanted = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
        if self.hub.ranges and wanted:
            start = int(wanted[1])
        etag = {"ETag": f'"{hashlib.sha256(data).hexdigest()}"', "X-Repo-Commit": self.hub.commit}
        if start and start >= len(data):
            self.reply(416, b"", {"Content-Range": f"bytes */{len(data)}"})
            return
        if self.hub.ranges and wanted:
            etag["Content-Range"] = f"bytes {start}-{len(data) - 1}/{len(data)}"
        self.reply(206 if "Content-Range" in etag else 200, data[start:], etag, cut=cut)

    def refuse(self, status: int, code: str, message: str = "") -> None:
        headers = {"X-Error-Code": code, "X-Error-Message": message or code,
                   "Content-Type": "application/json"}  # fmt: skip
        self.reply(status, json.dumps({"error": message or code}).encode(), headers)

    def reply(
        self, status: int, body: bytes, headers: dict[str, str], *, cut: int | None = None
    ) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body if cut is None else body[:cut])
        if cut is not None:
            self.close_connection = True


# ---- faults ----------------------------------------------------------------------------------


@dataclass
class Status:
    """A refusal as the hub words it."""

    code: int
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b'{"error": "no"}'

    def __call__(self, handler: Handler, data: bytes) -> None:
        handler.reply(self.code, self.body, {"Content-Type": "application/json", **self.headers})


@dataclass
class Drop:
    """The connection breaks after so many bytes of the body."""

    after: int

    def __call__(self, handler: Handler, data: bytes) -> None:
        handler.send_part(data, cut=self.after)


def hang_up(handler: Handler, data: bytes) -> None:
    """Closes without a word."""
    handler.close_connection = True


@dataclass
class Stall:
    """Says nothing more after so many bytes, or not even hello, until the test releases it."""

    after: int = -1

    def __call__(self, handler: Handler, data: bytes) -> None:
        hub = handler.hub
        if self.after >= 0:
            handler.send_part(data, cut=self.after)
            handler.wfile.flush()
        handler.close_connection = True
        hub.stalled.set()
        handler.connection.settimeout(0.02)
        while not hub.release.is_set():
            try:
                if not handler.connection.recv(1):
                    hub.hung_up.set()
                    return
            except TimeoutError:
                continue
            except OSError:
                hub.hung_up.set()
                return


@dataclass
class Instead:
    """Other bytes, as if they were the file."""

    body: bytes
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)

    def __call__(self, handler: Handler, data: bytes) -> None:
        handler.reply(self.status, self.body, self.headers)


def page(handler: Handler, data: bytes) -> None:
    """A network's login page."""
    handler.reply(200, b"<html>Welcome to our hotel</html>", {"Content-Type": "text/html"})


def packed(handler: Handler, data: bytes) -> None:
    """Compressed although nobody asked for it."""
    handler.reply(200, gzip.compress(data), {"Content-Encoding": "gzip"})


def until_closed(handler: Handler, data: bytes) -> None:
    """No length: the body ends with the connection."""
    handler.send_response(200)
    handler.end_headers()
    handler.wfile.write(data)
    handler.close_connection = True


def chunked(handler: Handler, data: bytes) -> None:
    handler.send_response(200)
    handler.send_header("Transfer-Encoding", "chunked")
    handler.end_headers()
    for at in range(0, len(data), 30_000):
        piece = data[at : at + 30_000]
        handler.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
    handler.wfile.write(b"0\r\n\r\n")
