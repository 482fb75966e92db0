"""The grid's model: rows are ids, pages are asked for once, lists change in small steps."""

from __future__ import annotations

import random
from collections.abc import Sequence

from fake_library import photo
from PySide6.QtCore import QPersistentModelIndex
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from engine.types import Band, Hit, PhotoId
from gui.grid.model import PAGE, GridModel, HitRole, IdRole, Listing, PhotoRole


def ids(*numbers: int) -> list[PhotoId]:
    return [PhotoId(number) for number in numbers]


def shown(model: GridModel) -> list[PhotoId]:
    return [model.index(row).data(IdRole) for row in range(model.rowCount())]


def test_model_keeps_qts_rules_while_it_changes(qtbot: QtBot, qtmodeltester: ModelTester) -> None:
    model = GridModel()
    qtmodeltester.check(model)
    dice = random.Random(7)
    now = ids(*range(40))
    model.show(Listing(now))
    for _ in range(60):
        kept = [id_ for id_ in now if dice.random() > 0.1]
        new = [PhotoId(dice.randrange(1000, 9_000_000)) for _ in range(dice.randrange(4))]
        for id_ in new:
            kept.insert(dice.randrange(len(kept) + 1), id_)
        if dice.random() < 0.1:
            dice.shuffle(kept)
        now = kept
        model.show(Listing(now, fresh=dice.random() < 0.1))
        assert shown(model) == now
        if now:
            model.put([photo(now[0])])
        assert all(model.row_of(id_) == row for row, id_ in enumerate(now))


def test_each_page_is_asked_for_once(qtbot: QtBot) -> None:
    model = GridModel()
    model.show(Listing(ids(*range(3 * PAGE))))
    asked: list[Sequence[PhotoId]] = []
    model.page_wanted.connect(asked.append)
    for _ in range(3):
        for row in range(PAGE + 3):
            assert model.index(row).data(PhotoRole) is None
    assert [len(page) for page in asked] == [PAGE, PAGE]
    model.put([photo(id_) for id_ in asked[0]], asked=asked[0])
    found = model.index(5).data(PhotoRole)
    assert found is not None
    assert found.id == 5


def test_put_ignores_what_is_not_shown_and_tells_once(qtbot: QtBot) -> None:
    model = GridModel()
    model.show(Listing(ids(1, 2, 3, 4)))
    with qtbot.waitSignal(model.dataChanged) as changed:
        model.put([photo(2), photo(3), photo(99)])
    assert [index.row() for index in changed.args[:2]] == [1, 2]  # pyright: ignore
    assert model.photo(PhotoId(99)) is None


def test_unknown_photo_is_not_asked_for_over_and_over(qtbot: QtBot) -> None:
    model = GridModel()
    model.show(Listing(ids(1, 2)))
    asked: list[Sequence[PhotoId]] = []
    model.page_wanted.connect(asked.append)
    model.index(0).data(PhotoRole)
    model.put([photo(1)], asked=asked[0])
    model.index(1).data(PhotoRole)
    assert len(asked) == 1


def test_changed_photo_is_shown_until_the_new_one_is_here(qtbot: QtBot) -> None:
    model = GridModel()
    model.show(Listing(ids(1)))
    model.put([photo(1)])
    asked: list[Sequence[PhotoId]] = []
    model.page_wanted.connect(asked.append)
    model.forget(ids(1))
    old = model.index(0).data(PhotoRole)
    assert old is not None
    assert asked == [ids(1)]
    model.put([photo(1, size=5)], asked=ids(1))
    assert model.index(0).data(PhotoRole).size == 5
    assert len(asked) == 1


def test_rows_keep_their_identity_when_photos_come_and_go(qtbot: QtBot) -> None:
    model = GridModel()
    model.show(Listing(ids(1, 2, 3, 4, 5)))
    resets: list[int] = []
    model.modelReset.connect(lambda: resets.append(1))
    watched = QPersistentModelIndex(model.index(3))
    model.show(Listing(ids(9, 1, 2, 4, 5, 8), fresh=False))
    assert watched.data(IdRole) == 4
    assert watched.row() == 3
    assert resets == []
    model.show(Listing(ids(8, 5, 4), fresh=False))
    assert resets == [1]


def test_hits_are_told_with_their_rows(qtbot: QtBot) -> None:
    hits = {PhotoId(2): Hit(PhotoId(2), 0.31), PhotoId(1): Hit(PhotoId(1), 0.1, Band.WEAKER)}
    model = GridModel()
    model.show(Listing(ids(2, 1), hits=hits, weaker_from=1))
    assert model.index(0).data(HitRole).score == 0.31
    assert model.index(1).data(HitRole).band is Band.WEAKER
    model.show(Listing(ids(1, 2)))
    assert model.index(0).data(HitRole) is None


def test_drag_out_gives_file_urls(qtbot: QtBot) -> None:
    model = GridModel()
    model.show(Listing(ids(1, 2)))
    model.put([photo(1)])
    mime = model.mimeData([model.index(0), model.index(1)])
    assert [url.toLocalFile() for url in mime.urls()] == ["/photos/red 1.jpg"]
