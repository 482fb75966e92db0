"""Renders names, the trash, menus and properties: `python -m tests.screens_filing OUT_DIR`.

The real window and engine on copies of the demo photos; see `tests/screens.py` for other pages.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QApplication

from engine.types import Order
from gui import theme
from gui.app import DEMO_PHOTOS, Desk, make_app
from gui.shortcut_help import ShortcutHelp
from gui.translations import install_translator
from tests.screens import Screens, wait_for, wait_until

_SIZE = (1280, 800)


class FilingScreens(Screens):
    """Does with a few photos what one does with files."""

    def __init__(self, desk: Desk, folder: Path, scheme: str) -> None:
        super().__init__(desk.window, folder, scheme)
        self.desk = desk

    def rest(self) -> None:
        """Until nothing runs."""
        for _ in range(4):
            wait_until(lambda: not self.desk.workers.tasks)
            QApplication.processEvents()
        wait_until(lambda: self.window.marks.idle and self.window.details.idle)

    def select(self, first: int, last: int) -> None:
        """Rows of the grid."""
        window = self.window
        view, model = window.grid.view, window.grid.model
        view.setCurrentIndex(model.index(first))
        flags = view.selectionModel().SelectionFlag
        for row in range(first, last + 1):
            view.selectionModel().select(model.index(row), flags.Select)
        wait_until(lambda: len(window.marks.ids) == last - first + 1)
        self.rest()

    def all(self) -> None:
        """From one name to the trash."""
        window, filing = self.window, self.window.filing
        library = window.session.library
        wait_for(window.session.lister.listed, lambda: window.set_order(Order.NAME))
        self.rest()
        model = window.grid.model
        library.tagging.tag(model.ids[:6], "Trips/Sea")
        library.tagging.tag(model.ids[:2], "Best")
        library.marking.title(model.ids[:1], "Evening at the harbour")
        self.select(3, 3)
        filing.ask_names()
        assert filing.name_field is not None
        self.rest()
        self.take("f01-name", filing.name_field)
        filing.name_field.close()
        self.select(0, 5)
        self.take("f02-many")
        filing.ask_names()
        self.rest()
        self.take("f03-pattern", filing.pattern_dialog)
        filing.pattern_dialog.pattern.setText("{date:%Y}/{n}")
        self.rest()
        wait_until(lambda: not filing.pattern_dialog.go.isEnabled())
        self.take("f04-pattern-wrong", filing.pattern_dialog)
        filing.pattern_dialog.reject()
        filing.show_properties()
        self.rest()
        self.take("f05-properties-many", filing.properties)
        filing.properties.close()
        self.select(0, 0)
        filing.show_properties()
        self.rest()
        self.take("f06-properties", filing.properties)
        filing.properties.close()
        menu = window.grid.menu()
        self.take("f07-menu", menu)
        menu.deleteLater()
        self.select(0, 3)
        filing.trash()
        self.rest()
        self.take("f08-notice")
        filing.show_trash()
        self.rest()
        filing.page.table.selectRow(1)
        self.rest()
        self.take("f09-trash")
        self.take("f10-keys", ShortcutHelp(window))


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
            os.environ["XDG_DATA_HOME"] = f"{temporary}/xdg"
            QSettings.setDefaultFormat(QSettings.Format.IniFormat)
            QSettings.setPath(
                QSettings.Format.IniFormat, QSettings.Scope.UserScope, f"{temporary}/state"
            )
            install_translator(app, language)
            photos = Path(temporary) / "Photos"
            photos.mkdir()
            for path in sorted(DEMO_PHOTOS.rglob("*.jpg"))[:24]:
                shutil.copy(path, photos)
            desk = Desk(Path(temporary) / "library", photos)
            desk.window.resize(*_SIZE)
            desk.show()
            wait_until(lambda desk=desk: desk.session is not None)
            theme.apply_theme(app, scheme)
            screens = FilingScreens(desk, options.folder, scheme)
            screens.rest()
            screens.all()
            desk.window.close()


if __name__ == "__main__":
    main()
