"""Thumbnails: asked for by painting, newest first, dropped when scrolled away, kept in bounds."""

from __future__ import annotations

import threading

import pytest
from fake_library import jpeg
from pytestqt.qtbot import QtBot

from engine.errors import PhotoUndecodable
from engine.types import PhotoId
from gui.thumbnails import Frame, Thumbnails
from gui.workers import Workers

FRAME = Frame(100, fill=True)


class Source:
    """Loads pictures of one colour; waits while it is told to."""

    def __init__(self) -> None:
        self.loaded: list[int] = []
        self.go = threading.Event()
        self.go.set()
        self._lock = threading.Lock()

    def load(self, photo_id: PhotoId) -> bytes:
        with self._lock:
            self.loaded.append(photo_id)
        assert self.go.wait(10)
        if photo_id < 0:
            from pathlib import Path

            raise PhotoUndecodable(Path("x.jpg"), "is not a picture")
        return jpeg("red")


@pytest.fixture
def source() -> Source:
    return Source()


def test_first_nothing_then_the_picture(qtbot: QtBot, workers: Workers, source: Source) -> None:
    thumbnails = Thumbnails(workers, source.load)
    assert thumbnails.pixmap(PhotoId(1), FRAME) is None
    assert thumbnails.pixmap(PhotoId(1), FRAME) is None
    with qtbot.waitSignal(thumbnails.ready):
        pass
    pixmap = thumbnails.pixmap(PhotoId(1), FRAME)
    assert pixmap is not None
    assert (pixmap.width(), pixmap.height()) == (150, 100)  # its shorter edge fills the cell
    assert source.loaded == [1]


def test_another_size_is_shown_while_the_right_one_comes(
    qtbot: QtBot, workers: Workers, source: Source
) -> None:
    thumbnails = Thumbnails(workers, source.load)
    thumbnails.pixmap(PhotoId(1), FRAME)
    with qtbot.waitSignal(thumbnails.ready):
        pass
    whole = Frame(60, fill=False)
    assert thumbnails.pixmap(PhotoId(1), whole) is not None
    with qtbot.waitSignal(thumbnails.ready):
        pass
    pixmap = thumbnails.pixmap(PhotoId(1), whole)
    assert pixmap is not None
    assert (pixmap.width(), pixmap.height()) == (60, 40)


def test_newest_first_and_what_scrolled_away_is_dropped(
    qtbot: QtBot, workers: Workers, source: Source
) -> None:
    thumbnails = Thumbnails(workers, source.load)
    source.go.clear()
    for number in range(100):
        thumbnails.pixmap(PhotoId(number), FRAME)
    for number in range(500, 510):
        thumbnails.pixmap(PhotoId(number), FRAME)
    thumbnails.keep_only({PhotoId(number) for number in range(500, 510)})
    source.go.set()
    qtbot.waitUntil(lambda: thumbnails.idle)
    later = source.loaded[4:]
    assert later == sorted(range(500, 510), reverse=True) or set(later) == set(range(500, 510))
    assert len(source.loaded) <= 4 + 10


def test_a_photo_without_thumbnail_is_not_tried_again_until_it_changes(
    qtbot: QtBot, workers: Workers, source: Source
) -> None:
    thumbnails = Thumbnails(workers, source.load)
    broken = PhotoId(-1)
    thumbnails.pixmap(broken, FRAME)
    with qtbot.waitSignal(thumbnails.ready):
        pass
    assert thumbnails.failure(broken) == "is not a picture"
    thumbnails.pixmap(broken, FRAME)
    assert thumbnails.idle
    thumbnails.forget([broken])
    thumbnails.pixmap(broken, FRAME)
    qtbot.waitUntil(lambda: thumbnails.idle)
    assert source.loaded == [-1, -1]


def test_a_changed_photo_keeps_its_old_picture_meanwhile(
    qtbot: QtBot, workers: Workers, source: Source
) -> None:
    thumbnails = Thumbnails(workers, source.load)
    thumbnails.pixmap(PhotoId(1), FRAME)
    with qtbot.waitSignal(thumbnails.ready):
        pass
    thumbnails.forget([PhotoId(1)])
    assert thumbnails.pixmap(PhotoId(1), FRAME) is not None
    qtbot.waitUntil(lambda: thumbnails.idle)
    assert source.loaded == [1, 1]


def test_the_cache_stays_within_its_bytes(qtbot: QtBot, workers: Workers, source: Source) -> None:
    thumbnails = Thumbnails(workers, source.load, cache_mb=1)
    for number in range(60):  # 60 KB each
        thumbnails.pixmap(PhotoId(number), FRAME)
    qtbot.waitUntil(lambda: thumbnails.idle)
    kept = [number for number in range(60) if thumbnails.peek(PhotoId(number)) is not None]
    assert 10 <= len(kept) <= 17
