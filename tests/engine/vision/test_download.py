"""Downloads from a small hub on this machine: whole, resumed, damaged, refused, cancelled."""

from __future__ import annotations

import hashlib
import json
import shutil
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from engine.errors import DownloadFailed, ModelInvalid
from engine.jobs import Progress, drain
from engine.vision.clip import open_clip
from engine.vision.download import download
from engine.vision.models import ModelStore

ID = "someone/tiny-clip"
COMMIT = "0123456789abcdef0123456789abcdef01234567"
WEIGHTS = "model.safetensors"


@dataclass
class Hub:
    """A repository as the hub serves it, with the faults that a test asks for."""

    files: dict[str, bytes]
    address: str = ""
    requests: list[tuple[str, str]] = field(default_factory=list)  # (path, Range)
    drop_after: list[int] = field(default_factory=list)  # bytes until the connection breaks
    api_status: int = 200
    file_status: int = 200
    ranges: bool = True
    lie_about_hash: bool = False
    listing: bytes | None = None

    def describe(self) -> bytes:
        def entry(name: str, data: bytes) -> dict[str, Any]:
            git = hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False)
            known: dict[str, Any] = {
                "rfilename": name, "size": len(data), "blobId": git.hexdigest()}  # fmt: skip
            if len(data) > 100_000:
                sha256 = hashlib.sha256(data + b"?" * self.lie_about_hash).hexdigest()
                known["blobId"] = "f" * 40
                known["lfs"] = {"size": len(data), "sha256": sha256, "pointerSize": 130}
            return known

        siblings = [entry(name, data) for name, data in self.files.items()]
        return json.dumps({"id": ID, "sha": COMMIT, "siblings": siblings}).encode()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    hub: Hub

    def log_message(self, format: str, *args: Any) -> None:
        """Tests are quiet."""

    def do_GET(self) -> None:
        hub, path = self.hub, self.path.partition("?")[0]
        hub.requests.append((path, self.headers.get("Range", "")))
        assert "Authorization" not in self.headers
        if path.startswith("/api/models/"):
            self._send(hub.api_status, hub.listing or hub.describe())
            return
        prefix, _, name = path.rpartition("/")
        if prefix != f"/{ID}/resolve/{COMMIT}" or name not in hub.files or hub.file_status != 200:
            self._send(hub.file_status if hub.file_status != 200 else 404, b"{}")
            return
        data, start = hub.files[name], 0
        if hub.ranges and (wanted := self.headers.get("Range")):
            start = int(wanted.removeprefix("bytes=").removesuffix("-"))
        if start and start >= len(data):
            self._send(416, b"")
            return
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(len(data) - start))
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(data) - 1}/{len(data)}")
        self.end_headers()
        if name == WEIGHTS and hub.drop_after:
            self.wfile.write(data[start : start + hub.drop_after.pop(0)])
            self.close_connection = True
            return
        self.wfile.write(data[start:])

    def _send(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@pytest.fixture
def hub(tiny_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    from huggingface_hub import constants

    files = {path.name: path.read_bytes() for path in sorted(tiny_folder.iterdir())}
    served = Hub({**files, "README.md": b"hello", "pytorch_model.bin": b"pickle" * 9,
                  "onnx/model.safetensors": b"x", "open_clip_model.safetensors": b"y"})  # fmt: skip

    class Handler(_Handler):
        hub = served

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    served.address = f"http://127.0.0.1:{server.server_port}"
    monkeypatch.setenv("HF_ENDPOINT", served.address)
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    yield served
    server.shutdown()
    thread.join()
    server.server_close()


def part_of(store: ModelStore) -> Path:
    return store.folder / f"someone--tiny-clip.{COMMIT[:12]}.part"


def test_a_whole_model_arrives_and_works(hub: Hub, store: ModelStore):
    events: list[Any] = []
    info = drain(download(ID, store), events.append)
    assert (info.id, info.dim, info.installed) == (ID, 24, True)
    wanted = ["config.json", "merges.txt", WEIGHTS, "preprocessor_config.json", "vocab.json"]
    assert sorted(p.name for p in store.place(ID).iterdir()) == sorted([*wanted, "photosift.json"])
    assert all(isinstance(event, Progress) for event in events)
    total = sum(len(hub.files[name]) for name in wanted)
    assert events[-1].done == events[-1].total == total
    done = [event.done for event in events]
    assert done == sorted(done)
    assert {event.note for event in events if event.note} == set(wanted)
    files = store.resolve(ID)
    assert files.space.revision == COMMIT
    assert open_clip(files).text.embed(["a dog"]).shape == (1, 24)
    assert [p.name for p in store.folder.iterdir() if ".part" in p.name] == []


def test_a_model_that_is_here_is_not_fetched_again(hub: Hub, store: ModelStore):
    first = drain(download(ID, store))
    hub.requests.clear()
    assert drain(download(ID, store)) == first
    assert hub.requests == []


def test_a_damaged_download_is_replaced(hub: Hub, store: ModelStore):
    drain(download(ID, store))
    path = store.place(ID) / WEIGHTS
    path.write_bytes(path.read_bytes()[:1000])
    drain(download(ID, store))
    assert path.read_bytes() == hub.files[WEIGHTS]


def test_a_broken_connection_goes_on_where_it_broke(hub: Hub, store: ModelStore):
    hub.drop_after = [40_000, 50_000]
    drain(download(ID, store))
    ranges = [wanted for path, wanted in hub.requests if path.endswith(WEIGHTS)]
    assert len(ranges) == 3
    assert ranges[0] == ""
    assert all(wanted.startswith("bytes=") for wanted in ranges[1:])
    assert (store.place(ID) / WEIGHTS).read_bytes() == hub.files[WEIGHTS]


def test_a_dead_connection_fails_and_the_next_try_goes_on(hub: Hub, store: ModelStore):
    hub.drop_after = [30_000, *[0] * 9]
    with pytest.raises(DownloadFailed, match="mirror"):
        drain(download(ID, store))
    kept = (part_of(store) / f"{WEIGHTS}.incomplete").stat().st_size
    assert 0 < kept <= 30_000
    hub.drop_after = []
    hub.requests.clear()
    drain(download(ID, store))
    assert [wanted for path, wanted in hub.requests if "/resolve/" in path] == [f"bytes={kept}-"]


def test_closing_the_job_keeps_what_came(hub: Hub, store: ModelStore):
    job = download(ID, store)
    for event in job:
        if isinstance(event, Progress) and event.note == WEIGHTS:
            break
    job.close()
    assert not store.place(ID).exists()
    assert (part_of(store) / "config.json").is_file()
    hub.requests.clear()
    drain(download(ID, store))
    assert not any(path.endswith("config.json") for path, _ in hub.requests)


def test_a_server_without_ranges_starts_over(hub: Hub, store: ModelStore):
    hub.drop_after, hub.ranges = [30_000], False
    drain(download(ID, store))
    assert (store.place(ID) / WEIGHTS).read_bytes() == hub.files[WEIGHTS]


@pytest.mark.parametrize("size", [200_000, None])
def test_a_part_of_something_else_starts_over(size: int | None, hub: Hub, store: ModelStore):
    """Too long a part, or one of the right length with the wrong bytes."""
    part_of(store).mkdir(parents=True)
    partial = part_of(store) / f"{WEIGHTS}.incomplete"
    partial.write_bytes(b"x" * (len(hub.files[WEIGHTS]) + 5 if size is None else 3000))
    if size is None:
        drain(download(ID, store))
    else:
        with pytest.raises(DownloadFailed, match="arrived damaged"):
            drain(download(ID, store))
        assert not partial.exists()
        drain(download(ID, store))
    assert (store.place(ID) / WEIGHTS).read_bytes() == hub.files[WEIGHTS]


def test_the_wrong_hash_is_refused(hub: Hub, store: ModelStore):
    hub.lie_about_hash = True
    with pytest.raises(DownloadFailed, match=r"model\.safetensors arrived damaged"):
        drain(download(ID, store))
    assert not store.place(ID).exists()


def test_a_small_file_is_verified_too(hub: Hub, store: ModelStore):
    hub.listing = hub.describe()
    hub.files["config.json"] = hub.files["config.json"].replace(b"clip", b"clap")
    with pytest.raises(DownloadFailed, match=r"config\.json arrived damaged"):
        drain(download(ID, store))


def test_a_model_of_another_kind_is_refused_and_leaves_nothing(hub: Hub, store: ModelStore):
    hub.files["config.json"] = b'{"model_type": "llama"}'
    with pytest.raises(ModelInvalid, match="not a CLIPModel"):
        drain(download(ID, store))
    assert not store.place(ID).exists()
    assert not part_of(store).exists()


@pytest.mark.parametrize(
    ("status", "reason"), [(404, "has no model"), (500, "error 500"), (503, "error 503")]
)
def test_what_the_hub_refuses_is_told(status: int, reason: str, hub: Hub, store: ModelStore):
    hub.api_status = status
    with pytest.raises(DownloadFailed, match=reason) as caught:
        drain(download(ID, store))
    assert "folder" in str(caught.value)
    hub.api_status, hub.file_status = 200, status
    with pytest.raises(DownloadFailed):
        drain(download(ID, store))


@pytest.mark.parametrize("listing", [b"<html>", b"[]", b'{"id": "x", "siblings": []}'])
def test_a_mirror_that_answers_nonsense(listing: bytes, hub: Hub, store: ModelStore):
    hub.listing = listing
    with pytest.raises(DownloadFailed):
        drain(download(ID, store))


def test_only_pickled_weights_are_not_fetched(hub: Hub, store: ModelStore):
    del hub.files[WEIGHTS]
    with pytest.raises(DownloadFailed, match="without safetensors"):
        drain(download(ID, store))


def test_no_network(hub: Hub, store: ModelStore, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(DownloadFailed, match="cannot be reached"):
        drain(download(ID, store))


def test_offline_mode_is_respected(hub: Hub, store: ModelStore, monkeypatch: pytest.MonkeyPatch):
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(DownloadFailed, match="HF_HUB_OFFLINE"):
        drain(download(ID, store))
    assert hub.requests == []


def test_no_room_is_told_before_anything_is_fetched(
    hub: Hub, store: ModelStore, monkeypatch: pytest.MonkeyPatch
):
    usage = shutil.disk_usage("/")._replace(free=1000)

    def full(path: Any) -> Any:
        return usage

    monkeypatch.setattr(shutil, "disk_usage", full)
    with pytest.raises(DownloadFailed, match="Make room"):
        drain(download(ID, store))
    assert not any("/resolve/" in path for path, _ in hub.requests)


def test_a_disk_that_fails_is_told(hub: Hub, store: ModelStore, monkeypatch: pytest.MonkeyPatch):
    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(DownloadFailed, match="No space left on device"):
        drain(download(ID, store))


@pytest.mark.parametrize("bad", ["../../up", "no-slash", "photosift/demo"])
def test_what_is_no_hub_model_is_not_looked_for(
    bad: str, hub: Hub, store: ModelStore, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    from engine.errors import ModelError
    from engine.vision import models

    monkeypatch.setattr(models, "DEMO_FOLDER", tmp_path / "none")
    with pytest.raises(ModelError):
        drain(download(bad, store))
    assert hub.requests == []
