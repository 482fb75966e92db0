"""A library of drawn photos with a random detector: real files, weights and tables, no meaning."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from journey import draw
from random_detector import LABELS, write_detector

from engine import Library
from engine.jobs import drain
from engine.types import PhotoId, Scope


@pytest.fixture(scope="session")
def detector_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_detector(tmp_path_factory.mktemp("detector"))


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    folder = tmp_path / "photos"
    for seed in range(12):
        draw(folder / f"IMG_{seed:04}.jpg", seed)
    return folder


@pytest.fixture
def open_library(
    tmp_path: Path, photos: Path, detector_folder: Path
) -> Iterator[Callable[[], Library]]:
    """Opens the same library again and again, with all photos read, and none embedded."""
    folder = tmp_path / "library"
    folder.mkdir()
    settings = {"model_id": "no/model", "detector_id": str(detector_folder)}
    (folder / "settings.json").write_text(json.dumps(settings), encoding="utf-8")
    opened: list[Library] = []

    def open_again() -> Library:
        for library in opened:
            library.close()
        opened.clear()
        opened.append(Library.open(folder))
        opened[0].add_root(photos)
        drain(opened[0].reconcile())
        drain(opened[0].index())
        return opened[0]

    yield open_again
    for library in opened:
        library.close()


@pytest.fixture
def library(open_library: Callable[[], Library]) -> Library:
    return open_library()


@pytest.fixture
def ids(library: Library) -> list[PhotoId]:
    return library.photo_ids(Scope())


@pytest.fixture
def threshold(library: Library, ids: list[PhotoId]) -> float:
    """One that some photos reach and some do not."""
    best = [library.detecting.look(photo_id, LABELS).detections for photo_id in ids]
    scores = sorted(found[0].score if found else 0.0 for found in best)
    return (scores[5] + scores[6]) / 2
