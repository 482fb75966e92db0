"""Renders the sidebar into pictures: `python -m tests.screens_sidebar OUT_DIR`.

The real window and engine on the demo photos, with many folders, tags and albums.
"""

from __future__ import annotations

import argparse
import sqlite3
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from PySide6.QtCore import QSettings, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from gui import theme
from gui.app import DEMO_PHOTOS, Desk, make_app
from gui.places import Place
from gui.tagging.dots import COLOURS
from gui.translations import install_translator
from tests.screens import Screens, wait_for, wait_until

_SIZES = ((1024, 700), (1600, 1000))
_TAGS = (
    "Animals/Cats", "Animals/Dogs", "Animals/Birds/Gulls", "Animals/Birds/Owls", "Family/Anna",
    "Family/Ben", "Family/Grandparents", "Friends", "Food/Bread", "Food/Cake", "Garden/Roses",
    "Garden/Vegetables", "House", "Music/Concerts", "Places/France/Paris", "Places/France/Lyon",
    "Places/Italy/Rome", "Places/Italy/Venice", "Places/New York", "Places/Norway", "Receipts",
    "School", "Screenshots", "Sports/Football", "Sports/Swimming", "To print", "Work/Plans",
    "Work/Whiteboards", "Boats", "Books", "Bridges", "Castles", "Christmas", "Cycling", "Farm",
    "Flowers", "Forest", "Lakes", "Lights", "Maps", "Markets", "Mountains", "Museums", "Night",
)  # fmt: skip
_ALBUMS = (
    "Best of the year", "By the sea", "Calendar", "Christmas", "For grandma", "Garden",
    "Holidays in Norway with everybody who came along", "House", "Paris", "Portfolio", "Prints",
    "School play", "Slideshow", "Wedding", "Winter",
)  # fmt: skip
_TOWNS = ((48.8566, 2.3522), (41.9028, 12.4964), (40.7128, -74.0060), (-33.8688, 151.2093))


class SidebarScreens(Screens):
    """A library as it is after some years."""

    def __init__(self, desk: Desk, folder: Path, scheme: str) -> None:
        super().__init__(desk.window, folder, scheme)
        self.desk = desk

    def rest(self) -> None:
        """Until nothing runs."""
        for _ in range(4):
            wait_until(lambda: not self.desk.workers.tasks)
            QApplication.processEvents()
        wait_until(lambda: self.window.marks.idle and self.window.details.idle)

    def shot(self, name: str) -> None:
        """The same state in both sizes."""
        for width, height in _SIZES:
            self.window.resize(width, height)
            self.rest()
            self.take(f"{name}-{width}")
        self.window.resize(*_SIZES[0])

    def fill(self) -> None:
        """Tags, albums and places; the last are written behind the engine's back."""
        library, model = self.desk.library, self.window.grid.model
        assert library is not None
        ids = list(model.ids)
        for at, path in enumerate(_TAGS):
            library.tagging.tag(ids[at % 9 : at % 9 + 1 + at * 7 % 40], path)
        for at, tag in enumerate(library.tagging.tags()):
            if at % 5 == 0:
                library.tagging.colour_tag(tag.id, COLOURS[at // 5 % len(COLOURS)])
        for at, name in enumerate(_ALBUMS):
            library.albums.create(name, ids[at : at + 3 + at * 5 % 23])
        library.albums.save_query("Red things", "something red")
        db = sqlite3.connect(library.folder / "catalog.db")
        with db:
            for at, photo_id in enumerate(ids):
                north, east = _TOWNS[at * at % 7 % 4]
                db.execute(
                    "UPDATE photo SET latitude = ?, longitude = ? WHERE id = ? AND ? % 3",
                    (north + at % 5 * 0.01, east + at % 3 * 0.01, photo_id, at),
                )
        db.close()
        wait_for(self.window.places.spots.answered, self.window.places.spots.refresh_now)
        wait_until(lambda: len(self.window.places.tags.seen) > 40)

    def all(self) -> None:
        """From what is usual to what is asked for."""
        self.shot("s00-new")
        self.fill()
        sidebar, model = self.window.sidebar, self.window.sidebar.model
        tree = sidebar.tree
        self.shot("s01-usual")
        for place in (Place.ALBUMS, Place.SECTION):
            tree.collapse(model.index_of(place))
        tags = {tag.path: tag for tag in self.window.places.tags.seen}
        for path in ("Places", "Places/Italy", "Animals"):
            tree.expand(model.index_of(Place.of_tag(tags[path].id)))
        listed = self.window.session.lister.listed
        wait_for(
            listed,
            lambda: tree.setCurrentIndex(model.index_of(Place.of_tag(tags["Places/Italy"].id))),
        )
        tree.scrollTo(model.index_of(Place.TAGS), tree.ScrollHint.PositionAtTop)
        self.shot("s02-tags")
        tree.collapse(model.index_of(Place.TAGS))
        for place in (Place.TIMELINE, Place.SPOTS):
            tree.expand(model.index_of(place))
        year = next(node for node in model.nodes(Place.TIMELINE) if node.query)
        tree.expand(model.index_of(year.place))
        wait_for(listed, lambda: tree.setCurrentIndex(model.index_of(year.place)))
        tree.scrollTo(model.index_of(Place.TIMELINE), tree.ScrollHint.PositionAtTop)
        self.shot("s03-times")
        spot = model.nodes(Place.SPOTS)[0]
        wait_for(listed, lambda: tree.setCurrentIndex(model.index_of(spot.place)))
        tree.scrollTo(model.index_of(Place.SPOTS), tree.ScrollHint.PositionAtTop)
        self.shot("s04-places")
        tree.expand(model.index_of(Place.TAGS))
        QTest.keyClicks(sidebar.field, "no")
        wait_until(lambda: tree.isRowHidden(0, model.index_of(Place.TOP)))
        self.shot("s05-found")
        sidebar.field.clear()
        self.rest()
        popup = self.window.places.tags.ask_to_merge(tags["Places/Norway"])
        popup.field.setText("Lakes")
        offered = popup.field.completer().popup()
        assert offered is not None
        offered.hide()
        self.rest()
        popup.grab().save(str(self._folder / f"{self._scheme}-s06-merge.png"))
        popup.close()
        menu = sidebar.menus[b"tag"](tags["Places/Norway"].id)
        assert menu is not None
        menu.setAttribute(Qt.WidgetAttribute.WA_DontShowOnScreen)
        menu.popup(self.window.pos())
        menu.grab().save(str(self._folder / f"{self._scheme}-s07-menu.png"))
        menu.close()


def main() -> None:
    """Every scheme with a library of its own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--only", choices=("dark", "light"))
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    app = make_app()
    app.setQuitOnLastWindowClosed(False)
    for scheme, language in (("dark", "en"), ("light", "zh_CN")):
        if options.only not in (None, scheme):
            continue
        with tempfile.TemporaryDirectory() as temporary:
            QSettings.setDefaultFormat(QSettings.Format.IniFormat)
            QSettings.setPath(
                QSettings.Format.IniFormat, QSettings.Scope.UserScope, f"{temporary}/state"
            )
            install_translator(app, language)
            desk = Desk(Path(temporary) / "library", DEMO_PHOTOS, demo=True)
            desk.window.resize(*_SIZES[0])
            desk.show()
            wait_until(lambda desk=desk: desk.session is not None)
            theme.apply_theme(app, scheme)
            screens = SidebarScreens(desk, options.folder, scheme)
            screens.rest()
            screens.all()
            desk.window.close()


if __name__ == "__main__":
    main()
