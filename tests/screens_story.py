"""One continuous session of searching as numbered pictures: `python -m tests.screens_story OUT`.

The real window and engine on the demo photos, one picture for each thing that happens, in order;
at last a library of 100,000 rows. See `tests/screens.py` for all other pages.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from PySide6.QtCore import QPoint, QSettings, Qt
from PySide6.QtGui import QPainter, QPixmap
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from engine.query import PictureTerm
from engine.types import Order
from gui import theme
from gui.app import DEMO_PHOTOS, Desk, make_app
from gui.translations import install_translator
from tests.screens import Screens, wait_for, wait_until

_ROWS = 100_000


class Story(Screens):
    """Takes a picture after each step, with the popup that is open."""

    def __init__(self, desk: Desk, folder: Path, scheme: str, begin: int = 1) -> None:
        super().__init__(desk.window, folder, scheme)
        assert desk.session is not None
        self.desk, self.session, self.search_desk = desk, desk.session, desk.window.search
        self.next = begin

    def step(self, what: str, popup: QWidget | None = None) -> None:
        self.window.grid.view.settle_selection()  # so that the facts are those of what is chosen
        wait_until(lambda: not self.desk.workers.tasks and self.window.details.idle)
        self._settle()
        picture = QPixmap(self.window.grab())
        if popup is not None and popup.isVisible():
            painter = QPainter(picture)
            place = self.window.mapFromGlobal(popup.mapToGlobal(QPoint(0, 0)))
            painter.drawPixmap(place, popup.grab())
            painter.end()
        path = self._folder / f"{self._scheme}-story-{self.next:02}-{what}.png"
        picture.save(str(path))
        sys.stdout.write(f"{path}\n")
        self.next += 1

    def press(self, key: Qt.Key, widget: QWidget | None = None) -> None:
        QTest.keyClick(widget or self.window.search_bar.field, key)

    def asks(self, act: Callable[[], object]) -> None:
        wait_for(self.session.lister.listed, act)

    def type(self, text: str) -> None:
        """Letter by letter, waiting for the answer to the last one."""
        self.asks(lambda: QTest.keyClicks(self.window.search_bar.field, text))

    def tell(self) -> None:
        """From the first letter to an album that stays."""
        window, bar, desk = self.window, self.window.search_bar, self.search_desk
        popup = desk.completion.popup
        self.step("all-photos")
        bar.focus()
        for letters, name in (("a", "a"), (" dog", "a-dog"), (" on the beach", "dog-on-beach")):
            self.type(letters)
            self.step(f"typed-{name}", popup)
        QTest.keyClicks(bar.field, " orient")
        self.step("completion-name", popup)
        self.press(Qt.Key.Key_Down, popup)  # the list has the keys while it is open
        self.press(Qt.Key.Key_Return, popup)
        self.step("completion-value", popup)
        self.press(Qt.Key.Key_Escape)
        self.asks(lambda: bar.search_for('a dog -"a cat" type:jpg -is:rejected'))
        self.step("chips")
        wait_for(self.session.lister.failed, lambda: bar.search_for("a dog date:2024-08..2024-05"))
        self.step("error-and-remedy")
        self.asks(bar.fix_button.click)
        self.step("remedied-nothing-found")
        self.asks(lambda: bar.search_for("a red car"))
        grid = window.grid.view
        grid.setFocus()
        grid.go_to(window.grid.model.id_at(0))
        self.step("matches-line-weaker")
        self.press(Qt.Key.Key_G, grid)
        self.step("weaker-folded")
        self.press(Qt.Key.Key_G, grid)
        self.asks(lambda: window.set_order(Order.NAME))
        self.step("by-name-the-cut-kept")
        self.asks(lambda: window.set_order(None))
        button = desk.show_strictness()
        self.step("strictness", button)
        button.close()
        self._why()
        photo_id = window.grid.model.id_at(0)
        self.asks(lambda: window.find_similar(photo_id))
        self.step("similar")
        self.type("at night")
        self.step("similar-and-words")
        self._part(window.grid.model.id_at(0))
        self._outside()
        self._saved()
        self.asks(lambda: bar.search_for("an astronaut on the moon"))
        self.step("words-not-known")
        self.asks(lambda: bar.search_for("a yellow bird at night"))
        self.step("no-clear-matches")
        self.asks(lambda: bar.search_for("name:nowhere"))
        self.step("no-photo-matches")
        self.asks(bar.clear)

    def _why(self) -> None:
        self.window.grid.view.go_to(self.window.grid.model.id_at(0))
        why = self.search_desk.tell_why()
        assert why is not None
        wait_until(lambda: bool(why.bars))
        self.step("why", why)
        why.where_button.click()
        self.step("why-heat", why)
        why.close()

    def _part(self, photo_id: object) -> None:
        window, veil = self.window, self.search_desk.veil
        window.open_viewer(photo_id)  # pyright: ignore[reportArgumentType]
        wait_until(lambda: window.viewer.canvas.image is not None)
        wait_until(lambda: not self.desk.workers.tasks)  # a sharper one would end the drawing
        self._settle()
        window.menus.part.trigger()
        middle = veil.rect().center()
        left = Qt.MouseButton.LeftButton
        QTest.mousePress(veil, left, pos=middle - QPoint(150, 110))
        QTest.mouseMove(veil, middle + QPoint(130, 90))
        self.step("rectangle")
        self.asks(lambda: QTest.mouseRelease(veil, left, pos=middle + QPoint(130, 90)))
        self.step("rectangle-found")

    def _outside(self) -> None:
        """A file that is not in the library, and one that is less wanted."""
        bar, other = self.window.search_bar, self._folder / "from-outside.png"
        picture = QPixmap(self.window.grab())
        picture.copy(300, 300, 200, 160).save(str(other))
        self.asks(bar.clear)
        self.asks(lambda: bar.add_picture(PictureTerm(other), None, other.name))
        wait_until(lambda: all(chip.picture is not None for chip in bar.chips))
        self.step("picture-from-outside")
        other.unlink()

    def _saved(self) -> None:
        bar, saved = self.window.search_bar, self.search_desk.saved
        self.asks(lambda: bar.search_for("a beach at night"))
        popup = saved.ask_to_save()
        assert popup is not None
        self.step("save", popup)
        popup.close()
        wait_for(saved.feed.answered, lambda: saved.save("Night beaches", "a beach at night"))
        self.step("saved-in-the-sidebar")
        for album in saved.seen.albums:
            wait_for(saved.feed.answered, lambda a=album: saved.remove(a))

    def tell_of_many(self) -> None:
        """A library of very many rows: scrolled, all selected, searched."""
        window = self.window
        view = window.grid.view
        self.step("many-top")
        view.verticalScrollBar().setValue(view.verticalScrollBar().maximum() // 2)
        self.step("many-middle")
        wait_for(window.details.many_ready, view.selectAll)
        self.step("many-all-selected")
        view.clearSelection()
        self.asks(lambda: window.search_bar.search_for("name:IMG_0001* rating:>=3"))
        self.step("many-found")


def wide_screen(file: Path) -> None:
    """Without a display a screen is 800 pixels wide, and lists would be pushed to its left."""
    screen = {"name": "wide", "x": 0, "y": 0, "width": 1920, "height": 1200, "dpr": 1}
    screen |= {"logicalDpi": 96, "logicalBaseDpi": 96}
    file.write_text(json.dumps({"screens": [screen]}), encoding="utf-8")
    if os.environ.get("QT_QPA_PLATFORM", "offscreen") == "offscreen":
        os.environ["QT_QPA_PLATFORM"] = f"offscreen:configfile={file}"


def many(folder: Path) -> Path:
    """A library of synthetic rows; no file of it exists."""
    from bench.query_rows import fill
    from engine.types import EmbeddingSpace

    folder.mkdir(parents=True)
    fill(folder / "catalog.db", _ROWS, EmbeddingSpace("model", "1", "224", "fp32", 8))
    return folder


def opened(library: Path, photos: Path | None) -> Desk:
    """A window that shows a library and is ready to search."""
    warm: list[bool] = []
    desk = Desk(library, photos, demo=photos is not None)
    desk.warmed_up.connect(partial(warm.append, True))
    desk.window.resize(1180, 760)
    desk.show()
    wait_until(lambda: bool(warm) and not desk.workers.tasks)
    return desk


def main() -> int:
    """Take all pictures in both colour schemes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=lambda name: Path(name).absolute())
    parser.add_argument("--only", choices=("dark", "light"))
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    QSettings.setDefaultFormat(QSettings.Format.IniFormat)
    with tempfile.TemporaryDirectory() as made:
        place = Path(made)
        wide_screen(place / "screen.json")
        app = make_app()
        install_translator(app, "en")
        QSettings.setPath(QSettings.Format.IniFormat, QSettings.Scope.UserScope, made)
        rows = many(place / "many")
        for scheme in (options.only,) if options.only else ("dark", "light"):
            theme.apply_theme(app, scheme)
            begin = 1
            for library, photos in ((place / "demo", DEMO_PHOTOS), (rows, None)):
                desk = opened(library, photos)
                theme.apply_theme(app, scheme)  # and not that of the library's settings
                story = Story(desk, options.folder, scheme, begin)
                story.tell() if photos is not None else story.tell_of_many()
                begin = story.next
                desk.window.close()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
