"""What the tests of changing the model do over and over: fill a library, ask it, step a job."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from journey import update

from engine import Library
from engine.jobs import IndexReport, Job, Progress
from engine.types import SearchResult

DEMO = "photosift/demo"


def fill(library: Library, photos: Path) -> Library:
    library.change_settings(replace(library.settings, batch_size=2))
    library.add_root(photos)
    update(library)
    return library


def scores(library: Library) -> dict[int, float]:
    return by_photo(library.search("a red cat", limit=100))


def by_photo(result: SearchResult) -> dict[int, float]:
    return {hit.photo_id: hit.score for hit in result.hits}


def alike(found: dict[int, float], expected: dict[int, float]) -> bool:
    """Both models score alike but for rounding; by vectors of mixed spaces it is about 0."""
    return found == pytest.approx(expected, abs=0.06)


def in_use(library: Library) -> str:
    info = library.model_status().info
    return info.id if info else ""


def advance(job: Job[IndexReport], batches: int) -> None:
    """Pull a job until so many batches are stored."""
    while batches:
        batches -= isinstance(next(job), Progress)
