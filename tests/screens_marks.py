"""Renders stars, flags, captions and albums into pictures: `python -m tests.screens_marks OUT_DIR`.

The real window and engine on the demo photos; see `tests/screens.py` for all other pages.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QApplication

from gui import theme
from gui.app import DEMO_PHOTOS, Desk, make_app
from gui.translations import install_translator
from tests.screens import Screens, wait_for, wait_until

_SIZES = ((1024, 700), (1600, 1000))


class MarkScreens(Screens):
    """Marks some photos and shows them in the grid, in the viewer and in the inspector."""

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

    def all(self) -> None:
        """From marked cells to a caption."""
        assert self.desk.library is not None
        marking, model = self.desk.library.marking, self.window.grid.model
        for row in range(12):
            ids = [model.id_at(row)]
            marking.rate(ids, row % 6)
            (marking.pick, marking.reject, marking.unflag)[row % 3](ids)
            marking.favour(ids, row % 4 == 1)
        marking.caption([model.id_at(5)], "Evening by the river,\nthe last light on the boats")
        self.window.grid.view.setCurrentIndex(model.index(5))
        self.rest()
        self.shot("k01-grid")
        self.window.grid.view.set_cell_size(96)
        self.shot("k02-small-cells")
        self.window.grid.view.selectAll()
        self.shot("k03-many")
        self.window.grid.view.set_cell_size(168)
        for name, rows in (("By the sea", range(3, 20)), ("Family", range(8)), ("Best", range(5))):
            self.desk.library.albums.create(name, [model.id_at(row) for row in rows])
        wait_until(lambda: len(self.window.albums.seen) == 3)
        wait_for(self.window.session.lister.listed, self._open_album)
        self.window.grid.view.go_to(model.id_at(0))
        self.shot("k05-album")
        self.window.open_viewer(model.id_at(2))
        self.shot("k04-viewer")

    def _open_album(self) -> None:
        self.window.albums.open(self.window.albums.seen[0].id)


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
            screens = MarkScreens(desk, options.folder, scheme)
            screens.rest()
            screens.all()
            desk.window.close()


if __name__ == "__main__":
    main()
