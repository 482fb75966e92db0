"""The bridge: many commits from any thread, one signal on the GUI thread."""

from __future__ import annotations

import threading
from pathlib import Path

from fake_library import FakeLibrary
from pytestqt.qtbot import QtBot

from engine.types import Aspect, CatalogChange, DirtyFolder, PhotoId
from gui.bridge import Bridge


def test_two_hundred_commits_become_one_signal(qtbot: QtBot) -> None:
    library = FakeLibrary()
    bridge = Bridge(library)
    changes: list[CatalogChange] = []
    threads: list[bool] = []

    def note(change: CatalogChange) -> None:
        changes.append(change)
        threads.append(threading.current_thread() is threading.main_thread())

    bridge.catalog_changed.connect(note)

    def commit() -> None:
        for number in range(200):
            aspect = Aspect.EXISTENCE if number % 2 else Aspect.EMBEDDING
            library.announce([PhotoId(number)], aspect)

    committing = threading.Thread(target=commit)
    with qtbot.waitSignal(bridge.catalog_changed):
        committing.start()
        committing.join()
    assert len(changes) == 1
    assert changes[0].photos == frozenset(range(200))
    assert changes[0].aspects == Aspect.EXISTENCE | Aspect.EMBEDDING
    assert threads == [True]


def test_a_steady_stream_still_gets_through(qtbot: QtBot) -> None:
    library = FakeLibrary()
    bridge = Bridge(library)
    stop = threading.Event()

    def commit() -> None:
        while not stop.wait(0.005):
            library.announce([PhotoId(1)])

    committing = threading.Thread(target=commit)
    committing.start()
    try:
        for _ in range(3):
            with qtbot.waitSignal(bridge.catalog_changed, timeout=2000):
                pass
    finally:
        stop.set()
        committing.join()


def test_watchers_batches_arrive_on_the_gui_thread(qtbot: QtBot) -> None:
    bridge = Bridge(FakeLibrary())
    batch = frozenset({DirtyFolder(Path("/photos"), recursive=False)})
    seen: list[tuple[object, bool]] = []

    def note(folders: object) -> None:
        seen.append((folders, threading.current_thread() is threading.main_thread()))

    bridge.folders_settled.connect(note)
    with qtbot.waitSignal(bridge.folders_settled):
        threading.Thread(target=bridge.settle, args=(batch,)).start()
    assert seen == [(batch, True)]


def test_closed_bridge_hears_nothing(qtbot: QtBot) -> None:
    library = FakeLibrary()
    bridge = Bridge(library)
    bridge.close()
    library.announce([PhotoId(1)])
    with qtbot.assertNotEmitted(bridge.catalog_changed, wait=150):
        pass
