"""The fastest way is measured on the user's photos: when there are enough, once, in between."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from journey import draw

from engine import Library, indexing
from engine.jobs import Progress, drain
from engine.tuning import NOTE
from engine.vision import choosing, openvino_engine

pytestmark = pytest.mark.skipif(
    "int8" not in openvino_engine.precisions(), reason="this processor has no 8-bit products"
)


@pytest.fixture(autouse=True)
def worth_measuring(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The demo model is so quick that nothing would be gained; here it shall be measured."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))  # nothing is known yet
    monkeypatch.setattr(choosing, "_FAST_ENOUGH", float("inf"))
    monkeypatch.setattr(choosing, "_SMALL_WORK", 0.0)


def many(folder: Path, count: int) -> Path:
    for seed in range(count):
        draw(folder / f"IMG_{seed:04}.jpg", seed)
    return folder


def notes(library: Library) -> list[Progress]:
    drain(library.reconcile())
    told: list[Progress] = []
    drain(
        library.index(), lambda event: told.append(event) if isinstance(event, Progress) else None
    )
    return told


def test_after_the_last_photo_of_a_small_library(library: Library, tmp_path: Path):
    folder = many(tmp_path / "photos", 100)
    (folder / "broken.jpg").write_bytes(b"\xff\xd8 not a photo")
    library.add_root(folder)
    told = notes(library)
    assert [event.note for event in told].index(NOTE) > 100 / library.settings.batch_size
    assert told[-1].done == 101
    status = library.model_status()
    assert {entry.name for entry in status.measured} >= {"openvino int8", "openvino fp32"}
    before = library.search("a dog")
    draw(folder / "one_more.jpg", 5000)
    assert NOTE not in [event.note for event in notes(library)]  # it is known now
    assert library.model_status().engine == next(e.name for e in status.measured if e.accepted)
    after = library.search("a dog", len(before.hits))
    assert len({hit.photo_id for hit in before.hits} & {hit.photo_id for hit in after.hits}) > 90


def test_before_the_first_photo_of_a_large_one(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(indexing, "WORTH_WAITING", 96)
    library.add_root(many(tmp_path / "photos", 100))
    told = notes(library)
    assert told[0].note == NOTE
    assert told[0].done == 0
    assert told[-1].note != NOTE


def test_a_few_photos_are_not_measured(library: Library, tmp_path: Path):
    library.add_root(many(tmp_path / "photos", 20))
    assert NOTE not in [event.note for event in notes(library)]


def test_it_can_be_left_in_the_middle(library: Library, tmp_path: Path):
    library.add_root(many(tmp_path / "photos", 100))
    drain(library.reconcile())
    job = library.index()
    for event in job:
        if isinstance(event, Progress) and event.note == NOTE:
            break
    job.close()
    assert library.counts().not_searchable == 0
    draw(tmp_path / "photos" / "one_more.jpg", 5000)
    assert NOTE in [event.note for event in notes(library)]  # with the photos there are


def test_whatever_computes_the_vectors_are_of_one_space(library: Library, tmp_path: Path):
    """Photos embedded before and after the measuring are compared with each other."""
    folder = many(tmp_path / "photos", 100)
    library.add_root(folder)
    notes(library)
    draw(folder / "again.jpg", 7, (95, 64))  # nearly the same as IMG_0007, computed in 8 bits
    notes(library)
    found = library.similar(folder / "again.jpg", limit=3)
    names = [library.photos([hit.photo_id])[0].name for hit in found.hits]
    assert "IMG_0007.jpg" in names
    assert np.isfinite([hit.score for hit in found.hits]).all()
