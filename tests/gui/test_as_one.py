"""A RAW and its picture are one photo in the grid."""

from __future__ import annotations

from fake_library import FakeLibrary, photo
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from engine.types import Band, Hit, PhotoId
from gui.grid.as_one import as_one
from gui.grid.model import GridModel, Listing, RawRole
from gui.lister import Lister, Question
from gui.workers import Workers


def ids(*numbers: int) -> list[PhotoId]:
    return [PhotoId(number) for number in numbers]


RAW, PICTURE = ids(1, 2)
PAIRS = {RAW: PICTURE}


def test_the_picture_stands_for_both_where_both_are_shown() -> None:
    seen = as_one(Listing(ids(3, 1, 4, 2)), PAIRS)
    assert seen.ids == [3, 4, 2], "in its own place"
    assert seen.with_raw == {PICTURE}
    for alone in (ids(3, 1), ids(3, 2)):
        listing = Listing(alone)
        assert as_one(listing, PAIRS) is listing
    empty = Listing(ids(1, 2))
    assert as_one(empty, {}) is empty


def test_among_hits_the_better_of_both_counts() -> None:
    bands = (Band.MATCH, Band.MATCH, Band.WEAKER, Band.WEAKER)
    scores = (0.9, 0.8, 0.4, 0.3)
    hits = {
        id_: Hit(id_, score, band)
        for id_, score, band in zip(ids(3, 1, 2, 4), scores, bands, strict=True)
    }
    seen = as_one(Listing(list(hits), hits, weaker_from=2), PAIRS)
    assert seen.ids == [3, 2, 4]
    assert seen.weaker_from == 2
    assert seen.hits[PICTURE] == Hit(PICTURE, 0.8, Band.MATCH)


def test_a_photo_is_not_like_its_own_raw() -> None:
    hits = {id_: Hit(id_, score) for id_, score in zip(ids(1, 3, 4), (0.99, 0.8, 0.3), strict=True)}
    seen = as_one(Listing(list(hits), hits, weaker_from=2), PAIRS, like=PICTURE)
    assert seen.ids == [3, 4]
    assert seen.weaker_from == 1


def test_the_grid_shows_one_and_says_so(qtbot: QtBot, workers: Workers) -> None:
    library = FakeLibrary([photo(1), photo(2), photo(3)])
    library.paired = dict(PAIRS)
    lister, model = Lister(library, workers), GridModel()
    with qtbot.waitSignal(lister.listed) as listed:
        lister.ask(Question())
    model.show(listed.args[0])  # pyright: ignore[reportOptionalSubscript]
    model.put([library.shelf[PICTURE]])
    assert model.ids == [3, 2]
    row = model.index(1)
    assert row.data(RawRole)
    assert not model.index(0).data(RawRole)
    assert "with its RAW" in row.data(Qt.ItemDataRole.AccessibleTextRole)
