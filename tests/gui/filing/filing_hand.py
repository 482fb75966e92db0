"""A hand on the real window: selects by name, waits until all is done, looks at the disk."""

from __future__ import annotations

import re
import shutil
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from PySide6.QtCore import QItemSelectionModel, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from engine.types import Order, PhotoId
from gui.app import DEMO_PHOTOS, Desk


class FilingHand:
    """Acts as a user does."""

    def __init__(self, qtbot: QtBot, desk: Desk, photos: Path) -> None:
        self.qtbot = qtbot
        self.desk = desk
        self.window = desk.window
        self.photos = photos

    def begin(self) -> None:
        """Until the window shows all photos by name and nothing runs."""
        self.qtbot.waitUntil(lambda: self.desk.session is not None, timeout=20_000)
        self.rest()
        with self.qtbot.waitSignal(self.window.session.lister.listed):
            self.window.set_order(Order.NAME)
        self.rest()

    def rest(self) -> None:
        """Until no lane works."""
        for _ in range(3):
            self.qtbot.waitUntil(lambda: not self.desk.workers.tasks, timeout=90_000)
            QApplication.processEvents()

    def names(self) -> list[str]:
        """What the grid shows."""
        model = self.window.grid.model
        self.qtbot.waitUntil(lambda: all(model.photo(id_) for id_ in self._asked()))
        found = [model.photo(photo_id) for photo_id in model.ids]
        return [photo.name for photo in found if photo is not None]

    def _asked(self) -> list[PhotoId]:
        model = self.window.grid.model
        for row in range(model.rowCount()):
            model.data(model.index(row), Qt.ItemDataRole.DisplayRole)
        return list(model.ids)

    def id_of(self, name: str) -> PhotoId:
        """The photo of a name."""
        self.qtbot.waitUntil(lambda: name in self.names())
        return self.window.grid.model.ids[self.names().index(name)]

    def select(self, *names: str) -> list[PhotoId]:
        """Select these in the grid, and wait until the window knows."""
        view, model = self.window.grid.view, self.window.grid.model
        ids = [self.id_of(name) for name in names]
        view.clearSelection()
        flags = QItemSelectionModel.SelectionFlag
        for photo_id in ids:
            index = model.index(model.row_of(photo_id) or 0)
            view.selectionModel().setCurrentIndex(index, flags.Select)
        self.window.activateWindow()
        view.setFocus()
        self.qtbot.waitUntil(view.hasFocus)
        self.qtbot.waitUntil(lambda: set(self.window.marks.ids) == set(ids))
        self.qtbot.waitUntil(lambda: self.window.menus.files.count == len(ids))
        return ids

    def press(self, key: Qt.Key, *modifiers: Qt.KeyboardModifier) -> None:
        """A key on the page in front."""
        held = Qt.KeyboardModifier.NoModifier
        for one in modifiers:
            held |= one
        page = self.window.stack.currentWidget()
        assert page is not None
        target = page.focusProxy() or page
        QTest.keyClick(target, key, held)

    def files(self) -> list[str]:
        """Every file below the photos' folder."""
        return sorted(
            path.relative_to(self.photos).as_posix()
            for path in self.photos.rglob("*")
            if path.is_file()
        )

    def bytes_of(self, *folders: Path) -> Counter[bytes]:
        """What is in all files, whatever they are called."""
        found: Iterable[Path] = (p for folder in folders for p in folder.rglob("*"))
        return Counter(path.read_bytes() for path in found if path.is_file())

    def undo(self) -> None:
        self.window.menus.undo.trigger()
        self.rest()

    def redo(self) -> None:
        self.window.menus.redo.trigger()
        self.rest()

    @property
    def notice(self) -> str:
        """What the status bar says."""
        return counted(self.window.status.notice_label.text())


def counted(text: str) -> str:
    """A text with its plural forms as the source has them, whether they are translated or not."""
    return re.sub(r"\b(photo|file)(\(s\)|s\b|\b)", r"\1(s)", text).replace("belongs", "belong")


def made_photos(folder: Path) -> Path:
    """Six photos in two folders, one of them with a sidecar."""
    (folder / "Trips").mkdir(parents=True)
    for number, path in enumerate(sorted(DEMO_PHOTOS.rglob("*.jpg"))[:6]):
        place = folder / "Trips" if number >= 4 else folder
        shutil.copy(path, place / f"p{number}.jpg")
    (folder / "p0.jpg.xmp").write_text("<x:xmpmeta xmlns:x='adobe:ns:meta/'/>")
    return folder


class Opener:
    """Opens the window on one library, again and again."""

    def __init__(self, folder: Path) -> None:
        self.photos = made_photos(folder / "photos")
        self.folder = folder
        self.desk: Desk | None = None

    def open(self, qtbot: QtBot) -> FilingHand:
        """A window at rest; the one before is closed."""
        self.close()
        self.desk = desk = Desk(self.folder / "library", self.photos)
        desk.window.resize(1200, 800)
        desk.show()
        hand = FilingHand(qtbot, desk, self.photos)
        hand.begin()
        return hand

    def close(self) -> None:
        """Close the window, if there is one."""
        if self.desk is not None:
            self.desk.window.close()
            self.desk = None
