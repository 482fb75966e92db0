"""Fixtures of the journeys: a library with drawn photos in a folder of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from journey import draw

from engine import Library


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
