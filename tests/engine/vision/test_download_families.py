"""Downloads of each family, of weights in parts, of a pinned version, and from the terminal."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hub_server import COMMIT, ID, WEIGHTS, Drop, Hub, Status, hang_up
from tiny_families import write_family

from engine.errors import DownloadFailed
from engine.jobs import drain
from engine.types import ModelSlot
from engine.vision.download import begun, download
from engine.vision.models import ModelStore
from engine.vision.patience import Clock
from engine.vision.registry import BY_ID, REGISTRY, RegistryEntry

Offer = Callable[[str], Hub]


def entry(**more: object) -> RegistryEntry:
    """The hub's model as if it were in the registry."""
    return replace(REGISTRY[1], id=ID, revision=COMMIT, **more)  # type: ignore[arg-type]


@pytest.fixture
def offer(hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Offer]:
    """Serves a tiny model of a family."""
    hubs: list[Hub] = []

    def serve(family: str) -> Hub:
        folder = tmp_path / family
        folder.mkdir()
        write_family(family, folder)
        hubs.append(Hub(folder))
        monkeypatch.setenv("HF_ENDPOINT", hubs[-1].address)
        return hubs[-1]

    yield serve
    for served in hubs:
        served.close()


@pytest.mark.parametrize("family", ["chinese_clip", "siglip", "owlvit", "owlv2"])
def test_every_family_arrives(
    family: str, offer: Offer, store: ModelStore, monkeypatch: pytest.MonkeyPatch
):
    served = offer(family)
    slot = ModelSlot.DETECT if family.startswith("owl") else ModelSlot.SEARCH
    monkeypatch.setitem(BY_ID, ID, entry(slot=slot, family=family))
    info = drain(download(ID, store))
    assert info.installed
    assert info.slot is slot
    assert store.resolve(ID, slot).family == family
    here = {path.name for path in store.place(ID).iterdir()}
    assert here <= {*served.wanted, "photosift.json"}
    assert not any(asked.name.endswith((".bin", ".md")) for asked in served.asked)
    served.asked.clear()
    drain(download(ID, store))
    assert served.asked == []


def in_parts(hub: Hub) -> None:
    """Replace the weights by three files and their index."""
    from safetensors.numpy import load, save

    tensors = load(hub.files.pop(WEIGHTS))
    names, places = sorted(tensors), dict[str, str]()
    for part in range(3):
        file = f"model-{part + 1:05}-of-00003.safetensors"
        hub.files[file] = save({name: tensors[name] for name in names[part::3]})
        places |= dict.fromkeys(names[part::3], file)
    index = {"metadata": {}, "weight_map": places}
    hub.files[f"{WEIGHTS}.index.json"] = json.dumps(index).encode()


def test_weights_in_parts_arrive(hub: Hub, store: ModelStore, clock: Clock):
    in_parts(hub)
    second = "model-00002-of-00003.safetensors"
    hub.fault(f"data:{second}", Drop(100), *[hang_up] * 9)
    with pytest.raises(DownloadFailed):
        drain(download(ID, store, clock))
    hub.heal()
    drain(download(ID, store, clock))
    files = store.resolve(ID)
    assert len({tensor.file for tensor in files.tensors.values()}) == 3
    assert hub.ranges_of(second) == ["bytes=100-"]


def test_a_pinned_version_is_asked_for(
    hub: Hub, store: ModelStore, clock: Clock, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setitem(BY_ID, ID, entry())
    hub.fault("cdn", Drop(5_000), *[Status(404)] * 9)
    assert store.info(ID).downloaded_bytes == 0
    with pytest.raises(DownloadFailed):
        drain(download(ID, store, clock))
    assert store.info(ID).downloaded_bytes == begun(ID, store) > 5_000
    drain(download(ID, store, clock))
    assert store.info(ID).installed
    assert store.info(ID).downloaded_bytes == 0
    assert store.resolve(ID).space.revision == COMMIT


def test_a_pinned_version_that_is_gone_is_told(
    hub: Hub, store: ModelStore, monkeypatch: pytest.MonkeyPatch
):
    """What `main` holds now is not what was tested, so it is not taken."""
    monkeypatch.setitem(BY_ID, ID, replace(entry(), revision="a" * 40))
    with pytest.raises(DownloadFailed, match="no longer has the version"):
        drain(download(ID, store))
    assert [asked.place for asked in hub.asked] == ["api"]


def test_the_command_downloads(
    hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    from engine.commands import main

    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("HOME", str(tmp_path))
    library = ["--library", str(tmp_path / "library")]
    with monkeypatch.context() as patch:
        patch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
        assert main([*library, "models", "download", ID]) == 1
    told = capsys.readouterr().err
    assert told.startswith("photosift: 127.0.0.1:9 cannot be reached")
    assert told.count("\n") == 1
    assert main([*library, "models", "download", ID]) == 0
    if os.name != "nt":
        (place,) = (tmp_path / "data").rglob("someone--tiny-clip")
        assert (place / WEIGHTS).read_bytes() == hub.files[WEIGHTS]
