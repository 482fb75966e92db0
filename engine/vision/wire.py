"""Web requests on a thread of their own: whatever the network does, who asked can stop at once."""

from __future__ import annotations

import contextlib
import queue
import socket
import threading
from collections import deque
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin, urlsplit

from engine.errors import DownloadFailed

TICK_S = 0.25
"""While nothing comes, the one who waits hears of it this often."""

_CONNECT_S = 15.0
_SILENCE_S = 30.0  # a connection that says nothing for so long is dead
_AHEAD = 32  # pieces of at most 64 KB that wait to be taken
_LEFT_S = 8.0  # nothing taken for so long: the job pauses, and its connection is let go
_HOPS = 8


@dataclass(frozen=True, slots=True)
class Answer:
    """The head of an answer; `headers` has lower-case names, `url` is where it came from."""

    status: int
    headers: Mapping[str, str]
    url: str
    authorized: bool  # whether the user's token was shown


class LeftAlone(Exception):
    """The connection was closed because nobody took what it brought."""


class _Request:
    """One question and what has come for it, shared by the asking thread and the wire's."""

    def __init__(self, url: str, headers: Mapping[str, str], hang_up: Callable[[], None]) -> None:
        self.url = url
        self.headers = headers
        self.error: Exception | None = None
        self._hang_up = hang_up
        self._changed = threading.Condition()
        self._came: deque[Answer | bytes] = deque()
        self._over = False
        self._stopped = False

    def put(self, item: Answer | bytes) -> bool:
        """Hand over what came; False when nobody wants it any more."""
        with self._changed:
            if not self._changed.wait_for(
                lambda: self._stopped or len(self._came) < _AHEAD, _LEFT_S
            ):
                raise LeftAlone
            self._came.append(item)
            self._changed.notify_all()
            return not self._stopped

    def finish(self, error: Exception | None) -> None:
        with self._changed:
            self.error, self._over = error, True
            self._changed.notify_all()

    def take(self) -> list[Answer | bytes] | None:
        """All that has come, nothing after a while of silence, None at the end."""
        with self._changed:
            self._changed.wait_for(lambda: self._came or self._over, TICK_S)
            came = list(self._came)
            self._came.clear()
            self._changed.notify_all()
            return came if came or not self._over else None

    def stop(self) -> None:
        """Let the wire's thread go on, also when it waits for a server that says nothing."""
        with self._changed:
            self._stopped = True
            if not self._over:
                self._hang_up()
            self._changed.notify_all()

    @property
    def stopped(self) -> bool:
        with self._changed:
            return self._stopped


class Wire:
    """Fetches one address after the other on one background thread, which ends with `close`.

    Redirects are followed here: the user's token goes to `home` alone, and never from https
    to http. Proxies and certificates are those of the environment and the system.

    Args:
        home: the origin that may see the token, as `https://host`; empty for none.
        token: asked on the background thread, because finding it may take the network.
    """

    def __init__(self, home: str = "", token: Callable[[], str] = str) -> None:
        self._home = origin(home) if home else ""
        self._token = token
        self._waiting: queue.SimpleQueue[_Request | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._sockets: list[socket.socket] = []
        self.anonymous = False
        """Set to show no token any more: an expired one closes doors that are open to all."""

    def get(
        self, url: str, headers: Mapping[str, str] | None = None
    ) -> Generator[Answer | bytes | None, None, None]:
        """Yield the answer's head, then its body in pieces, and None while nothing comes.

        Raises:
            httpx.RequestError: the network's fault, of the version that huggingface_hub brings.
            LeftAlone: the reader paused for so long that the connection was closed.
            DownloadFailed: a redirect or proxy that is not followed.
        """
        if self._thread is None:
            self._thread = threading.Thread(target=self._serve, name="download", daemon=True)
            self._thread.start()
        request = _Request(url, headers or {}, self._hang_up)
        self._waiting.put(request)
        try:
            while (came := request.take()) is not None:
                yield from came or (None,)
        finally:
            request.stop()
        if request.error is not None:
            raise request.error

    def close(self) -> None:
        """End the thread, now or as soon as the system lets go of it."""
        self._waiting.put(None)

    def _hang_up(self) -> None:
        """Wake the thread where it waits for a server that says nothing."""
        for connection in self._sockets:
            with contextlib.suppress(OSError):  # not ssl's: the other thread is still in it
                socket.socket.shutdown(connection, socket.SHUT_RDWR)

    def _serve(self) -> None:
        client: Any = None
        token: str | None = None
        while (request := self._waiting.get()) is not None:
            try:
                client = client or _client()
                if token is None:
                    token = self._token() if self._home else ""
                self._answer(client, token, request)
            except (OSError, UnicodeError) as error:  # not to be taken for the disk's
                from huggingface_hub.utils import httpx

                request.finish(httpx.ConnectError(str(error)))
            except Exception as error:  # noqa: BLE001 - whatever it is, the asking thread is told
                request.finish(error)
            else:
                request.finish(None)
        if client is not None:
            client.close()

    def _answer(self, client: Any, token: str, request: _Request) -> None:
        def watch(event: str, info: Mapping[str, Any]) -> None:
            if event.endswith(("connect_tcp.complete", "start_tls.complete")):
                self._sockets = [s for s in self._sockets if s.fileno() >= 0]
                self._sockets.append(info["return_value"].get_extra_info("socket"))
                if request.stopped:
                    self._hang_up()

        url = request.url
        for _ in range(_HOPS):
            headers = {"accept-encoding": "identity", "user-agent": "photosift", **request.headers}
            authorized = bool(token) and origin(url) == self._home and not self.anonymous
            if authorized:
                headers["authorization"] = token
            with client.stream("GET", url, headers=headers, extensions={"trace": watch}) as got:
                if request.stopped:
                    return
                where = got.headers.get("location", "")
                if got.status_code in (301, 302, 303, 307, 308) and where:
                    url = _redirected(url, where)
                    continue
                lower = {name.lower(): value for name, value in got.headers.items()}
                packed = lower.get("content-encoding", "identity") not in ("", "identity")
                request.put(Answer(got.status_code, lower, url, authorized))
                for piece in got.iter_bytes() if packed else got.iter_raw():
                    if not request.put(piece):
                        return
                return
        raise DownloadFailed(
            f"{shown(request.url)} sends us around in a circle. Check the network's login page, "
            "the proxy and HF_ENDPOINT, then try again."
        )


def origin(url: str) -> str:
    """Scheme, host and port: what a token is given to."""
    parts = urlsplit(url)
    port = parts.port or {"http": 80, "https": 443}.get(parts.scheme, 0)
    return f"{parts.scheme}://{parts.hostname}:{port}"


def shown(url: str) -> str:
    """The host of an address as a sentence names it: no password, no signature."""
    parts = urlsplit(url)
    port = f":{parts.port}" if parts.port else ""
    return f"{parts.hostname or url}{port}"


def _redirected(url: str, where: str) -> str:
    target = ""
    try:
        target = urljoin(url, where)
        old, new = urlsplit(url), urlsplit(target)
        if old.scheme == "https" and (new.scheme, new.netloc) == ("http", old.hostname):
            target = f"https{target[4:]}"  # a mirror behind a proxy that does not know of its https
        secure, scheme = url.startswith("https:"), urlsplit(target).scheme
        fine = scheme == "https" or (scheme == "http" and not secure)
        fine = fine and bool(urlsplit(target).hostname)
        origin(target)  # a port that is none
    except ValueError:
        fine = False
    if not fine:
        raise DownloadFailed(
            f"{shown(url)} sends us on to an unsafe address. Check the network's login page, "
            "the proxy and HF_ENDPOINT, then try again."
        )
    return target


def _client() -> Any:
    from huggingface_hub.utils import httpx

    timeout = httpx.Timeout(_SILENCE_S, connect=_CONNECT_S)
    try:
        return httpx.Client(timeout=timeout, follow_redirects=False)
    except (ImportError, ValueError, httpx.InvalidURL) as error:
        raise DownloadFailed(
            f"The proxy of this computer's settings cannot be used ({error}). Correct HTTP_PROXY, "
            "HTTPS_PROXY and ALL_PROXY, or put the host into NO_PROXY, then try again."
        ) from error
    except OSError as error:  # certificates that are not there
        raise DownloadFailed(
            f"The certificates of SSL_CERT_FILE or SSL_CERT_DIR cannot be read ({error}). "
            "Correct or unset them, then try again."
        ) from error
