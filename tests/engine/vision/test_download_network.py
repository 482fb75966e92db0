"""Downloads through proxies, behind https, with a login, from mirrors, and without a network."""

from __future__ import annotations

import select
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from hub_server import ID, WEIGHTS, Drop, Handler, Hub, tls_server

from engine.errors import DownloadFailed
from engine.jobs import drain
from engine.vision import hub as rules
from engine.vision.download import download
from engine.vision.models import ModelStore
from engine.vision.patience import Clock


class Proxy(ThreadingHTTPServer):
    """Forwards plain requests and tunnels, and remembers for whom."""

    daemon_threads = True
    block_on_close = False

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Forward)
        self.served: list[str] = []
        self.password = ""
        self.address = f"http://127.0.0.1:{self.server_port}"
        self.thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.01})
        self.thread.start()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients hang up as they like."""


class _Forward(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Proxy  # pyright: ignore[reportIncompatibleVariableOverride]

    def log_message(self, format: str, *args: Any) -> None:
        """Tests are quiet."""

    def do_GET(self) -> None:
        self._open(urlsplit(self.path).netloc, tunnel=False)

    def do_CONNECT(self) -> None:
        self._open(self.path, tunnel=True)

    def _open(self, netloc: str, tunnel: bool) -> None:
        self.server.served.append(netloc)
        self.close_connection = True
        if self.server.password not in self.headers.get("Proxy-Authorization", ""):
            self.send_response(407)
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        host, _, port = netloc.rpartition(":")
        with socket.create_connection((host, int(port))) as other:
            if tunnel:
                self.wfile.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            else:
                path = self.path.partition(netloc)[2]
                headers = "".join(f"{k}: {v}\r\n" for k, v in self.headers.items())
                head = f"GET {path} HTTP/1.1\r\n{headers}Connection: close\r\n\r\n"
                other.sendall(head.encode())
            ends = [self.connection, other]
            while True:
                for end in select.select(ends, [], [])[0]:
                    data = end.recv(65536)
                    if not data:
                        return
                    (other if end is self.connection else self.connection).sendall(data)


@pytest.fixture
def proxy(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> Iterator[Proxy]:
    server = Proxy()
    monkeypatch.setenv("HTTP_PROXY", server.address)
    monkeypatch.setenv("HTTPS_PROXY", server.address)
    yield server
    server.shutdown()
    server.thread.join()
    server.server_close()


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A key and a certificate for localhost that no system trusts."""
    path = tmp_path / "localhost.pem"
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
               "-nodes", "-days", "2", "-subj", "/CN=localhost", "-addext",
               "subjectAltName=DNS:localhost", "-keyout", str(path), "-out", str(path) + ".crt",
               ]  # fmt: skip
    try:
        subprocess.run(command, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("openssl is not here to make a certificate")
    path.write_bytes(path.read_bytes() + Path(f"{path}.crt").read_bytes())
    return path


@pytest.fixture
def secure(hub: Hub, certificate: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The address of the hub behind https."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server = tls_server(hub, context)
    address = f"https://localhost:{server.server_port}"
    monkeypatch.setenv("HF_ENDPOINT", address)
    yield address
    server.end()


def test_a_proxy_is_used(proxy: Proxy, hub: Hub, store: ModelStore):
    drain(download(ID, store))
    assert {*proxy.served} == {urlsplit(hub.address).netloc, urlsplit(hub.cdn).netloc}
    assert (store.place(ID) / WEIGHTS).read_bytes() == hub.files[WEIGHTS]


def test_no_proxy_is_honoured(
    proxy: Proxy, hub: Hub, store: ModelStore, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    drain(download(ID, store))
    assert {*proxy.served} == {urlsplit(hub.cdn).netloc}


def test_a_proxys_password(
    proxy: Proxy, hub: Hub, store: ModelStore, monkeypatch: pytest.MonkeyPatch
):
    proxy.password = "Basic bWU6aHVzaA=="
    with pytest.raises(DownloadFailed, match="proxy wants a user name") as caught:
        drain(download(ID, store))
    monkeypatch.setenv("HTTP_PROXY", proxy.address.replace("//", "//me:hush@"))
    drain(download(ID, store))
    assert "hush" not in str(caught.value)


def test_a_tunnel_through_a_proxy(
    proxy: Proxy, secure: str, certificate: Path, store: ModelStore, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    hub_only = f"{urlsplit(secure).netloc}"
    proxy.password = "Basic bWU6aHVzaA=="
    with pytest.raises(DownloadFailed, match="proxy wants a user name"):
        drain(download(ID, store))
    proxy.password = ""
    with pytest.raises(DownloadFailed, match="unsafe address"):  # its store speaks plain http
        drain(download(ID, store))
    assert {*proxy.served} == {hub_only}


def test_an_unknown_certificate_is_told(
    secure: str, hub: Hub, certificate: Path, store: ModelStore, monkeypatch: pytest.MonkeyPatch
):
    with pytest.raises(DownloadFailed, match=r"certificate of localhost.*SSL_CERT_FILE"):
        drain(download(ID, store))
    assert hub.asked == []
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    monkeypatch.setattr("hub_server._LARGE", 10**9)  # all from the hub itself
    drain(download(ID, store))
    assert (store.place(ID) / WEIGHTS).read_bytes() == hub.files[WEIGHTS]


def test_certificates_that_are_not_there_are_told(
    secure: str, store: ModelStore, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("SSL_CERT_FILE", "/not/there.pem")
    with pytest.raises(DownloadFailed, match="SSL_CERT_FILE"):
        drain(download(ID, store))


def test_the_users_login_goes_to_the_hub_alone(
    hub: Hub, store: ModelStore, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(rules, "HUB", hub.address)
    drain(download(ID, store))
    shown = {asked.place: asked.headers.get("authorization", "") for asked in hub.asked}
    assert shown == {"api": "Bearer hf_secret", "file": "Bearer hf_secret",
                     "cache": "Bearer hf_secret", "cdn": ""}  # fmt: skip


def test_a_mirror_never_sees_the_login(hub: Hub, store: ModelStore):
    drain(download(ID, store))
    assert hub.asked
    assert not any("authorization" in asked.headers for asked in hub.asked)
    assert not any("hf_secret" in str(asked) for asked in hub.asked)


def test_a_mirror_never_sees_the_login_through_a_redirect(
    hub: Hub, store: ModelStore, monkeypatch: pytest.MonkeyPatch
):
    """The hub sends us to another host, whose answers need no login and get none."""
    monkeypatch.setattr(rules, "HUB", hub.address)

    def away(handler: Handler, data: bytes) -> None:
        where = f"{hub.cdn}{handler.path}"
        handler.reply(308, b"", {"Location": where})

    hub.fault("api", away)
    drain(download(ID, store))
    seen = [asked for asked in hub.asked if asked.headers.get("host", "").startswith("localhost")]
    assert {asked.place for asked in seen} == {"api", "cdn"}
    assert not any("authorization" in asked.headers for asked in seen)


@pytest.mark.parametrize("end", ["", "/", "///", "/mirror", "/mirror/"])
def test_an_endpoint_with_a_slash_or_a_path(
    end: str, hub: Hub, store: ModelStore, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("HF_ENDPOINT", f" {hub.address}{end} ")
    drain(download(ID, store))
    assert (store.place(ID) / WEIGHTS).read_bytes() == hub.files[WEIGHTS]


def test_a_mirrors_password_is_not_told(
    hub: Hub, store: ModelStore, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("HF_ENDPOINT", "http://me:hush@127.0.0.1:9")
    with pytest.raises(DownloadFailed, match=r"^127\.0\.0\.1:9 cannot be reached") as caught:
        drain(download(ID, store))
    assert "hush" not in str(caught.value)


def test_a_name_that_nobody_knows(
    hub: Hub, store: ModelStore, clock: Clock, monkeypatch: pytest.MonkeyPatch
):
    def unknown(*args: Any, **more: Any) -> Any:
        raise socket.gaierror(-2, "Name or service not known")

    with monkeypatch.context() as patch:
        patch.setattr(socket, "getaddrinfo", unknown)
        patch.setenv("HF_ENDPOINT", "http://hub.example")
        with pytest.raises(DownloadFailed, match="no connection to the internet"):
            drain(download(ID, store, clock))
    drain(download(ID, store, clock))


def test_cancel_does_not_wait_for_a_name(
    hub: Hub, store: ModelStore, monkeypatch: pytest.MonkeyPatch
):
    """The system's resolver cannot be interrupted, so nobody waits for it."""
    asked, release = threading.Event(), threading.Event()

    def slow(*args: Any, **more: Any) -> Any:
        asked.set()
        release.wait(30)
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", slow)
    monkeypatch.setenv("HF_ENDPOINT", "http://hub.example")
    job = download(ID, store)
    next(event for event in job if asked.is_set())
    began = time.monotonic()
    next(job)
    job.close()
    assert time.monotonic() - began < 1
    release.set()


def test_offline_mode_is_respected(hub: Hub, store: ModelStore, monkeypatch: pytest.MonkeyPatch):
    from huggingface_hub import constants

    with monkeypatch.context() as patch:
        patch.setattr(constants, "HF_HUB_OFFLINE", True)
        with pytest.raises(DownloadFailed, match="HF_HUB_OFFLINE forbids"):
            drain(download(ID, store))
    assert hub.asked == []
    drain(download(ID, store))


def test_a_network_that_comes_back_is_waited_for(
    hub: Hub, store: ModelStore, clock: Any, monkeypatch: pytest.MonkeyPatch
):
    """In the middle of a download a dead network is waited for; at its start it is told at once."""
    connect = socket.create_connection

    def refused(*args: Any, **more: Any) -> Any:
        if hub.ranges_of() and clock.waited < 10:
            raise OSError(101, "Network is unreachable")
        return connect(*args, **more)

    hub.fault(f"data:{WEIGHTS}", Drop(9_000))
    monkeypatch.setattr(socket, "create_connection", refused)
    drain(download(ID, store, clock))
    assert 10 <= clock.waited < 40
    assert hub.ranges_of() == ["", "bytes=9000-"]
