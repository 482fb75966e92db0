"""A download that goes well: what arrives, what is told of it, pause, cancel, discard, remove."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import hub_server
import numpy as np
import pytest
from hub_server import COMMIT, ID, WEIGHTS, Drop, Hub, Stall

from engine.errors import DownloadFailed, ModelError, ModelInvalid, ModelMissing
from engine.jobs import Event, Progress, drain
from engine.vision import download as downloads
from engine.vision import wire
from engine.vision.clip import open_clip
from engine.vision.download import begun, discard, download, remove
from engine.vision.models import ModelFiles, ModelStore
from engine.vision.patience import Clock
from engine.vision.self_test import passed_before

proof = downloads.self_test  # the real one, which the fixture puts aside
CHECKOUT = Path(__file__).resolve().parents[3]


class Running(Clock):
    """Goes on by so many seconds with every look at it."""

    def __init__(self, step: float) -> None:
        self.seconds = 0.0
        self._step = step

    def now(self) -> float:
        self.seconds += self._step
        return self.seconds


def part_of(store: ModelStore) -> Path:
    return store.folder / ".someone--tiny-clip.part"


def arrived(hub: Hub, store: ModelStore) -> bool:
    """Whether the whole model stands in its place, byte for byte, and nothing beside it."""
    place = store.place(ID)
    assert {p.name: p.read_bytes() for p in place.iterdir() if p.name != "photosift.json"} == {
        name: hub.files[name] for name in hub.wanted
    }
    left = {p.name for p in store.folder.iterdir()} - {"known.json", ".someone--tiny-clip.lock"}
    assert left == {place.name}
    return True


def test_the_server_speaks_the_hubs_api(hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """The library that defines the API takes our server for the hub."""
    from huggingface_hub import HfApi, hf_hub_download, hf_hub_url, utils

    found = HfApi(endpoint=hub.address).model_info(ID, files_metadata=True, token=False)
    assert found.sha == COMMIT
    sizes = {s.rfilename: s.size for s in found.siblings or []}
    assert sizes == {name: len(data) for name, data in hub.files.items()}
    assert hub.asked[-1].place == "api"
    monkeypatch.setenv("HF_HUB_DISABLE_XET", "1")
    for name in ("config.json", WEIGHTS):
        got = hf_hub_download(ID, name, endpoint=hub.address, cache_dir=tmp_path, token=False)
        assert Path(got).read_bytes() == hub.files[name]
        url = hf_hub_url(ID, name, revision=COMMIT, endpoint=hub.address)
        assert url == downloads.hub.file_url(hub.address, ID, COMMIT, name)
    with pytest.raises(utils.RevisionNotFoundError):
        HfApi(endpoint=hub.address).model_info(ID, revision="gone", token=False)
    utils.close_session()


def test_a_whole_model_arrives_and_works(hub: Hub, store: ModelStore):
    events: list[Any] = []
    info = drain(download(ID, store), events.append)
    assert (info.id, info.dim, info.installed) == (ID, 24, True)
    assert arrived(hub, store)
    assert all(isinstance(event, Progress) for event in events)
    total = sum(len(hub.files[name]) for name in hub.wanted)
    assert events[-1].done == events[-1].total == total
    done = [event.done for event in events]
    assert done == sorted(done)
    assert {event.note for event in events if event.note} >= set(hub.wanted)
    files = store.resolve(ID)
    assert files.space.revision == COMMIT
    assert open_clip(files).text.embed(["a dog"]).shape == (1, 24)
    assert begun(ID, store) == 0


def test_a_model_that_is_here_is_not_fetched_again(hub: Hub, store: ModelStore):
    first = drain(download(ID, store))
    hub.asked.clear()
    assert drain(download(ID, store)) == first
    assert hub.asked == []


def test_a_damaged_download_is_replaced(hub: Hub, store: ModelStore):
    drain(download(ID, store))
    path = store.place(ID) / WEIGHTS
    path.write_bytes(path.read_bytes()[:1000])
    drain(download(ID, store))
    assert arrived(hub, store)


def with_more(weights: bytes, count: int) -> bytes:
    """The same weights with a tensor more that no model asks for."""
    length = int.from_bytes(weights[:8], "little")
    header = json.loads(weights[8 : 8 + length])
    end = len(weights) - 8 - length
    header["more"] = {"dtype": "U8", "shape": [count], "data_offsets": [end, end + count]}
    told = json.dumps(header).encode()
    return len(told).to_bytes(8, "little") + told + weights[8 + length :] + bytes(count)


def test_large_files_do_not_send_many_events(hub: Hub, store: ModelStore):
    """A second of data is a handful of events, however many pieces it came in."""
    hub.files[WEIGHTS] = with_more(hub.files[WEIGHTS], 20_000_000)
    clock, events = Running(0.01), list[Event]()
    drain(download(ID, store, clock), events.append)
    assert clock.seconds > 3  # hundreds of pieces
    assert len(events) <= clock.seconds / 0.2 + 20
    told = [event for event in events if isinstance(event, Progress)]
    assert told[-1].done == told[-1].total


def test_a_silent_server_still_sends_events(hub: Hub, store: ModelStore):
    hub.fault("cdn", Stall(10_000))
    job = download(ID, store)
    next(event for event in job if hub.stalled.is_set())
    began = time.monotonic()
    assert all(isinstance(next(job), Progress) for _ in range(3))
    assert time.monotonic() - began < 3
    job.close()


@pytest.mark.parametrize("place", ["api", "file", "cdn", "body"])
def test_cancel_does_not_wait_for_a_silent_server(place: str, hub: Hub, store: ModelStore):
    hub.fault("cdn" if place == "body" else place, Stall(20_000 if place == "body" else -1))
    job = download(ID, store)
    for _ in job:
        part = sum(path.stat().st_size for path in part_of(store).glob(f"{WEIGHTS}.*"))
        if hub.stalled.is_set() and (place != "body" or part == 20_000):
            break
    began = time.monotonic()
    next(job)  # as long as a cancel may have to wait for its turn
    job.close()
    assert time.monotonic() - began < 1
    assert hub.hung_up.wait(5)
    assert not store.place(ID).exists()
    hub.heal()
    drain(download(ID, store))
    assert arrived(hub, store)
    if place == "body":
        assert hub.ranges_of() == ["bytes=20000-"]


def test_a_job_that_is_not_pulled_lets_its_connection_go(
    hub: Hub, store: ModelStore, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(wire, "_LEFT_S", 0.05)
    monkeypatch.setattr(wire, "_AHEAD", 1)
    gone = threading.Event()
    send = hub_server.Handler.send_part

    def watched(self: hub_server.Handler, data: bytes, **more: Any) -> None:
        try:
            send(self, data, **more)
            self.wfile.flush()
        except OSError:
            gone.set()
            raise

    monkeypatch.setattr(hub_server.Handler, "send_part", watched)
    hub.files[WEIGHTS] = with_more(hub.files[WEIGHTS], 30_000_000)  # beyond buffers
    job = download(ID, store, Running(1.0))
    for event in job:
        if isinstance(event, Progress) and event.note == WEIGHTS and event.done > 200_000:
            break
    assert gone.wait(5)
    drain(job)
    assert len(hub.ranges_of()) >= 2
    assert all(wanted.startswith("bytes=") for wanted in hub.ranges_of()[1:])


def test_discard_deletes_what_came(hub: Hub, store: ModelStore, clock: Clock):
    assert discard(ID, store) == 0
    hub.fault(f"data:{WEIGHTS}", *[Drop(40_000)] + [hub_server.hang_up] * 9)
    with pytest.raises(DownloadFailed):
        drain(download(ID, store, clock))
    kept = begun(ID, store)
    assert kept > 40_000
    hub.fault("cdn", Stall())
    job = download(ID, store)
    next(event for event in job if hub.stalled.is_set())
    with pytest.raises(DownloadFailed, match="being downloaded already"):
        discard(ID, store)
    with pytest.raises(DownloadFailed, match="being downloaded already"):
        remove(ID, store)
    job.close()
    assert discard(ID, store) == kept
    assert begun(ID, store) == 0
    assert not part_of(store).exists()


def test_remove_deletes_the_model_and_nothing_else(hub: Hub, store: ModelStore, tmp_path: Path):
    with pytest.raises(ModelMissing):
        remove(ID, store)
    drain(download(ID, store))
    precious = tmp_path / "precious"
    precious.mkdir()
    (precious / "photo.jpg").write_bytes(b"irreplaceable")
    (store.place(ID) / "link").symlink_to(precious, target_is_directory=True)
    assert remove(ID, store) >= sum(len(hub.files[name]) for name in hub.wanted)
    assert not store.place(ID).exists()
    assert (precious / "photo.jpg").read_bytes() == b"irreplaceable"
    store.place(ID).symlink_to(precious, target_is_directory=True)
    remove(ID, store)
    assert not store.place(ID).is_symlink()
    assert (precious / "photo.jpg").read_bytes() == b"irreplaceable"
    for bad in ("../precious", str(precious), "precious", "/"):
        with pytest.raises(ModelError):
            remove(bad, store)
    assert (precious / "photo.jpg").exists()


def test_a_removal_that_fails_is_told(hub: Hub, store: ModelStore, monkeypatch: pytest.MonkeyPatch):
    drain(download(ID, store))

    def held(self: Path, target: Path) -> None:
        raise PermissionError(13, "Permission denied", str(self))

    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", held)
        with pytest.raises(ModelError, match=r"permission was denied.*try again"):
            remove(ID, store)
    assert store.resolve(ID).info.installed


def test_a_model_that_fails_its_test_is_kept_out(
    hub: Hub, store: ModelStore, monkeypatch: pytest.MonkeyPatch
):
    def fails(files: object) -> str:
        return "its towers do not agree."

    with monkeypatch.context() as patch:
        patch.setattr(downloads, "self_test", fails)
        with pytest.raises(ModelInvalid, match="does not work here: its towers do not agree"):
            drain(download(ID, store))
    assert not store.place(ID).exists()
    assert begun(ID, store) > 0
    hub.asked.clear()
    drain(download(ID, store))
    assert arrived(hub, store)
    assert [asked.place for asked in hub.asked] == ["api"]


def test_the_model_proves_itself_at_the_end(
    hub: Hub, store: ModelStore, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(downloads, "self_test", proof)
    events: list[Event] = []
    drain(download(ID, store), events.append)
    assert passed_before(store.resolve(ID))
    assert arrived(hub, store)


def test_an_empty_tower_is_kept_out(hub: Hub, store: ModelStore, monkeypatch: pytest.MonkeyPatch):
    """Its hashes are right and its shapes too, but the hub itself offers nothing but zeros."""
    from safetensors.numpy import load, save

    monkeypatch.setattr(downloads, "self_test", proof)
    tensors = load(hub.files[WEIGHTS])
    for name in tensors:
        if name.startswith("text_model.encoder"):
            tensors[name] = np.zeros_like(tensors[name])
    hub.files[WEIGHTS] = save(tensors)
    with pytest.raises(ModelInvalid, match=rf"{ID} arrived as the hub has it, but does not work"):
        drain(download(ID, store))
    assert not store.place(ID).exists()


def test_a_model_of_another_kind_is_refused_and_leaves_nothing(hub: Hub, store: ModelStore):
    hub.files["config.json"] = b'{"model_type": "llama"}'
    with pytest.raises(ModelInvalid, match=rf"^{ID} holds a model of kind 'llama'"):
        drain(download(ID, store))
    assert not store.place(ID).exists()
    assert not part_of(store).exists()


@pytest.mark.parametrize("bad", ["../../up", "no-slash", "photosift/demo"])
def test_what_is_no_hub_model_is_not_looked_for(
    bad: str, hub: Hub, store: ModelStore, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    from engine.vision import models

    monkeypatch.setattr(models, "DEMO_FOLDER", tmp_path / "none")
    with pytest.raises(ModelError):
        drain(download(bad, store))
    assert hub.asked == []


_USE = """
import socket, sys
def refuse(*_, **__): raise AssertionError("a connection was tried")
socket.socket.connect = socket.socket.connect_ex = socket.getaddrinfo = refuse
socket.create_connection = refuse
from pathlib import Path
from engine.vision.clip import open_clip
from engine.vision.models import ModelFiles, ModelStore
from engine.vision.patience import Clock
from engine.vision.self_test import passed_before
import numpy as np
model = open_clip(ModelStore(Path(sys.argv[1])).resolve(sys.argv[2]))
side = model.spec.crop
black = np.zeros((1, side, side, 3), "u1")
print(model.text.embed(["a dog"]).shape, model.image.embed(black).shape)
"""


def test_after_the_download_no_connection_is_made(hub: Hub, store: ModelStore):
    drain(download(ID, store))
    environment = {k: v for k, v in os.environ.items() if k != "HF_HUB_OFFLINE"}
    hub.asked.clear()
    done = subprocess.run(
        [sys.executable, "-c", _USE, str(store.folder), ID],
        cwd=CHECKOUT, env=environment, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["(1,", "24)", "(1,", "24)"]
    assert hub.asked == []


def test_a_copy_in_the_cache_that_is_no_good_is_fetched_anew(
    hub: Hub, store: ModelStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """Its files are valid, so nothing but the test tells; downloading again is the remedy."""
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))
    monkeypatch.delenv("HF_HUB_CACHE", raising=False)
    snapshot = tmp_path / "hf" / "hub" / f"models--{ID.replace('/', '--')}" / "snapshots" / "old"
    snapshot.mkdir(parents=True)
    for name in hub.wanted:
        (snapshot / name).write_bytes(hub.files[name])
    assert store.resolve(ID).folder == snapshot

    def test(files: ModelFiles) -> str:
        return "its towers do not belong together." if files.folder == snapshot else ""

    monkeypatch.setattr(downloads, "self_test", test)
    drain(download(ID, store))
    assert store.resolve(ID).folder == store.place(ID)
    assert arrived(hub, store)
