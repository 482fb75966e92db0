"""Fixtures of the journeys: a library with drawn photos in a folder of its own."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from changing import fill
from journey import draw
from other_model import rotated_model

from engine import Library


@pytest.fixture(scope="session")
def models_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("data")


@pytest.fixture(autouse=True)
def remembered_models(
    private_places: None, models_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was measured and tested of a model is known to the next test, as to a user."""
    monkeypatch.setenv("XDG_DATA_HOME", str(models_folder))
    known = models_folder / "photosift" / "models" / "known.json"
    if known.is_file():
        kept = json.loads(known.read_text(encoding="utf-8")) | {"folders": []}
        known.write_text(json.dumps(kept), encoding="utf-8")


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """Twelve photos in two folders."""
    folder = tmp_path / "photos"
    for seed in range(12):
        draw(folder / ("a" if seed < 6 else "b") / f"IMG_{seed:04}.jpg", seed)
    return folder


@pytest.fixture
def open_library(tmp_path: Path) -> Iterator[Callable[[], Library]]:
    """Opens the same library again and again; what is left open is closed at the end."""
    opened: list[Library] = []

    def open_again() -> Library:
        for library in opened:
            library.close()
        opened.clear()
        opened.append(Library.open(tmp_path / "library"))
        return opened[0]

    yield open_again
    for library in opened:
        library.close()


@pytest.fixture
def library(open_library: Callable[[], Library]) -> Library:
    return open_library()


@pytest.fixture(scope="session")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return rotated_model(tmp_path_factory.mktemp("models") / "turned")


@pytest.fixture
def turned(made_once: Path, tmp_path: Path) -> str:
    """The other model's id, in a folder that the test may damage."""
    return str(shutil.copytree(made_once, tmp_path / "turned"))


@pytest.fixture
def filled(library: Library, photos: Path) -> Library:
    """Twelve photos known to the demo model, two to a batch."""
    return fill(library, photos)
