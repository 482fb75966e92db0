"""Renders searching into pictures: `python -m tests.screens_search OUT_DIR`.

The real window and engine on the demo photos; see `tests/screens.py` for all other pages.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from PySide6.QtCore import QPoint, QSettings, Qt
from PySide6.QtGui import QPainter, QPixmap
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from engine.query import PictureTerm
from gui import theme
from gui.app import DEMO_PHOTOS, Desk, make_app
from gui.translations import install_translator
from tests.screens import Screens, wait_for, wait_until

_SIZES = ((1024, 700), (1600, 1000))


class SearchScreens(Screens):
    """Takes a window of its own through one search after the other."""

    def __init__(self, desk: Desk, folder: Path, scheme: str) -> None:
        super().__init__(desk.window, folder, scheme)
        self.desk = desk
        self.search_desk = desk.window.search

    def rest(self, until: Callable[[], bool] = lambda: True) -> None:
        wait_until(until)
        for _ in range(3):
            wait_until(lambda: not self.desk.workers.tasks)
            QApplication.processEvents()

    def shot(self, name: str) -> None:
        """The same state in both sizes."""
        for width, height in _SIZES:
            self.window.resize(width, height)
            self.rest()
            self.take(f"{name}-{width}")
        self.window.resize(*_SIZES[0])
        self.rest()

    def over(self, name: str, popup: QWidget) -> None:
        """The window with a popup where it really is; a grab knows no other windows."""
        self._settle()
        picture = QPixmap(self.window.grab())
        painter = QPainter(picture)
        painter.drawPixmap(self.window.mapFromGlobal(popup.mapToGlobal(QPoint(0, 0))), popup.grab())
        painter.end()
        path = self._folder / f"{self._scheme}-{name}.png"
        picture.save(str(path))
        sys.stdout.write(f"{path}\n")

    def all(self) -> None:
        """From the first letter to a saved search."""
        window, bar = self.window, self.window.search_bar
        lister = self.desk.session.lister if self.desk.session else None
        assert lister is not None
        saved = self.search_desk.saved
        window.resize(*_SIZES[0])
        bar.focus()
        QTest.keyClicks(bar.field, "a dog or")
        self.over("q01-completion", self.search_desk.completion.popup)
        bar.field.clear()
        QTest.keyClicks(bar.field, "rating:")
        self.over("q02-values", self.search_desk.completion.popup)
        self.search_desk.completion.popup.hide()
        self.search('a dog -"a person" date:>=2015 -is:rejected')
        self.shot("q03-parts")
        wait_for(lister.failed, lambda: bar.search_for("a dog oriantation:portrait"))
        self.shot("q04-error")
        self.search("a red car")
        self.shot("q05-divider")
        button = self.search_desk.show_strictness()
        self.over("q06-strictness", button)
        button.close()
        window.grid.view.go_to(window.grid.model.id_at(0))
        why = self.search_desk.tell_why()
        assert why is not None
        wait_until(lambda: bool(why.bars))
        why.where_button.click()
        wait_until(lambda: not self.desk.workers.tasks)
        QApplication.processEvents()
        self.over("q07-why", why)
        why.close()
        first, second = window.grid.model.id_at(0), window.grid.model.id_at(3)
        self.search("snow")
        for term in (PictureTerm(first), PictureTerm(second, weight=-1.0)):
            wait_for(lister.listed, lambda term=term: bar.add_picture(term, None, "a photo.jpg"))
        self.rest(lambda: all(chip.picture is not None for chip in bar.chips))
        self.shot("q08-pictures")
        self._part(first)
        for text, name in (("a beach date:>2010", "Beaches"), ("a cat", "Cats")):
            self.search(text)
            wait_for(saved.feed.answered, lambda n=name, t=text: saved.save(n, t))
        self.search("a beach date:>2010")
        self.shot("q10-saved")
        popup = self.search_desk.saved.ask_to_save()
        assert popup is not None
        self.over("q11-save", popup)
        popup.close()
        self.search("an astronaut on the moon")
        self.shot("q12-not-there")
        wait_for(lister.listed, bar.clear)
        for album in self.search_desk.saved.seen.albums:
            wait_for(saved.feed.answered, lambda a=album: saved.remove(a))

    def _part(self, photo_id: object) -> None:
        window, veil = self.window, self.search_desk.veil
        window.open_viewer(photo_id)  # pyright: ignore[reportArgumentType]
        self.rest(lambda: window.viewer.canvas.image is not None)
        window.menus.part.trigger()
        self.shot_veil()
        QTest.keyClick(veil, Qt.Key.Key_Escape)
        window.show_page(window.grid)

    def shot_veil(self) -> None:
        """The veil goes when the window changes its size."""
        self.take("q09-part")


def main() -> int:
    """Take all pictures in both colour schemes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=lambda name: Path(name).absolute())
    parser.add_argument("--only", choices=("dark", "light"))
    parser.add_argument("--language", choices=("en", "zh_CN"), default="en")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    QSettings.setDefaultFormat(QSettings.Format.IniFormat)
    app = make_app()
    app.setQuitOnLastWindowClosed(False)
    install_translator(app, options.language)
    with tempfile.TemporaryDirectory(prefix="photosift-screens-") as temporary:
        home = Path(temporary)
        QSettings.setPath(
            QSettings.Format.IniFormat, QSettings.Scope.UserScope, str(home / "state")
        )
        desk = Desk(home / "library", DEMO_PHOTOS)
        desk.show()
        wait_until(lambda: desk.session is not None)
        assert desk.session is not None
        wait_for(desk.session.keeper.settled)
        wait_until(lambda: desk.session is not None and not desk.session.keeper.at_work)
        wait_until(lambda: desk.workers.tasks == [])
        for scheme in (options.only,) if options.only else ("dark", "light"):
            theme.apply_theme(app, scheme)
            SearchScreens(desk, options.folder, scheme).all()
        desk.window.close()
    return desk.exit_code or 0


if __name__ == "__main__":
    sys.exit(main())
