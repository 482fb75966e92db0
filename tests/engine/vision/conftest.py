"""A tiny random CLIP checkpoint for every test here, with transformers' answers to it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hub_server import Hub
from tiny_clip import TINY, load_reference, write_checkpoint, write_tiny_tokenizer

from engine.vision.clip import ClipModel, open_clip
from engine.vision.models import ModelStore
from engine.vision.patience import Clock


@pytest.fixture(scope="session")
def tiny_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A whole checkpoint; look, do not touch."""
    folder = tmp_path_factory.mktemp("models") / "tiny-clip"
    folder.mkdir()
    write_checkpoint(folder, write_tiny_tokenizer(folder), **TINY)
    return folder


@pytest.fixture
def broken_folder(tiny_folder: Path, tmp_path: Path) -> Path:
    """A copy of the checkpoint to damage."""
    return Path(shutil.copytree(tiny_folder, tmp_path / "broken"))


@pytest.fixture
def store(tmp_path: Path) -> ModelStore:
    return ModelStore(tmp_path / "store")


@pytest.fixture
def exact(monkeypatch: pytest.MonkeyPatch) -> None:
    """No 16 bits: what is compared must agree closely."""
    from engine.vision import runtime
    from engine.vision.engines import Way

    monkeypatch.setattr(runtime, "image_ways", lambda: [Way("openvino", "cpu", "fp32")])


@pytest.fixture
def tiny(tiny_folder: Path, store: ModelStore) -> ClipModel:
    return open_clip(store.resolve(str(tiny_folder)))


@pytest.fixture(scope="session")
def reference(tiny_folder: Path) -> Callable[[Any, list[str]], Any]:
    """CLIPModel of transformers itself with its own processors, padded to the full length."""
    return load_reference(tiny_folder)


@pytest.fixture
def hub(tiny_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    """A hub on this machine that offers the checkpoint; downloads go there, untested."""
    from huggingface_hub import constants

    from engine.vision import download

    def works(files: object) -> str:
        return ""

    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "SSL_CERT_FILE"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    served = Hub(tiny_folder)
    monkeypatch.setenv("HF_ENDPOINT", served.address)
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr(download, "self_test", works)
    yield served
    served.close()


class PatientClock(Clock):
    """A clock whose waits take no time; `waited` adds them up."""

    def __init__(self) -> None:
        self.waited = 0.0
        self._calls = 0

    def now(self) -> float:
        self._calls += 1
        return self.waited + self._calls * 1e-5

    def date(self) -> float:
        return 1_700_000_000.0 + self.waited

    def sleep(self, seconds: float) -> None:
        self.waited += seconds


@pytest.fixture
def clock() -> PatientClock:
    return PatientClock()
