"""What the user said, and what a keeper takes over from a duplicate: the later holds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from clearing_sample import ClearingSample, bytes_like

from engine.mark_types import Marks
from engine.marking import Marking
from engine.types import PhotoId


@pytest.fixture
def sample(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ClearingSample]:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "xdg"))
    made = ClearingSample(tmp_path)
    yield made
    made.close()


def marks(sample: ClearingSample, photo_id: PhotoId) -> Marks:
    found = Marking(sample.catalog).of([photo_id]).get(photo_id, Marks())
    return replace(found, own=frozenset())


def test_stars_are_ordered_by_time(sample: ClearingSample):
    keep, copy = sample.add("a.jpg", "b/a (1).jpg", data=bytes_like)
    marking = Marking(sample.catalog)
    marking.rate([keep], 2)
    marking.rate([copy], 4)
    marking.caption([copy], "Evening")
    sample.clear()
    assert marks(sample, keep) == Marks(4, caption="Evening")
    undo = marking.rate([keep], 1)
    assert marks(sample, keep).rating == 1
    marking.undo(undo)
    assert marks(sample, keep).rating == 4
    marking.rate([keep], 1)
    sample.take_back()
    assert marks(sample, keep) == Marks(1)
    marking.rate([keep], None)
    assert marks(sample, keep) == Marks()
    assert marks(sample, copy) == Marks(4, caption="Evening")
    assert sample.catalog.check() == []


def test_a_favourite_stays_one_in_its_keeper(sample: ClearingSample):
    keep, copy = sample.add("a.jpg", "b/a (1).jpg", data=bytes_like)
    marking = Marking(sample.catalog)
    marking.favour([copy])
    (merge,) = sample.clearing.preview(sample.choices())
    assert merge.favourite
    sample.clear()
    assert marks(sample, keep).favourite
    sample.take_back()
    assert not marks(sample, keep).favourite
    assert marks(sample, copy).favourite

    sample.clear()
    marking.favour([keep], False)
    marking.favour([keep])  # the user's own from now on
    sample.take_back()
    assert marks(sample, keep).favourite
