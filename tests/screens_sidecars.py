"""Renders what tells of sidecars into pictures: `python -m tests.screens_sidecars OUT_DIR`.

The real window and engine on copies of the demo photos; see `tests/screens.py` for all other pages.
"""

from __future__ import annotations

import argparse
import errno
import shutil
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QApplication

from engine.files import writes
from engine.jobs import drain
from engine.types import Scope
from gui import theme
from gui.app import DEMO_PHOTOS, Desk, make_app
from gui.settings.dialog import SettingsDialog
from gui.translations import install_translator
from tests.screens import Screens, wait_until

_SIZES = ((1024, 700), (1600, 1000))
_PAGE = 3  # of the settings


class SidecarScreens(Screens):
    """Says something of photos, and lets it be written."""

    def __init__(self, desk: Desk, folder: Path, scheme: str) -> None:
        super().__init__(desk.window, folder, scheme)
        self.desk = desk

    def rest(self) -> None:
        """Until nothing runs."""
        for _ in range(4):
            wait_until(lambda: not self.desk.workers.tasks)
            QApplication.processEvents()

    def all(self) -> None:
        """From the switch to what could not be written."""
        library = self.desk.library
        assert library is not None
        ids = library.photo_ids(Scope())
        library.marking.rate(ids[:12], 4)
        library.tagging.tag(ids[:5], "Places/By the sea")
        self._settings("d01-off")
        self._settings("d02-switching-on", switch=True)
        library.change_settings(replace(library.settings, write_sidecars=True))
        drain(library.sidecars.write())
        self._settings("d03-on")
        library.marking.rate(ids, 3)
        self.window.session.sidecars.now()
        task = self.desk.workers.tasks[-1]
        task.pause()
        self.desk.workers.announce(task)
        self.take("d06-writing")
        task.resume()
        self.rest()
        library.marking.rate(ids[:3], 5)
        writes.before = _refuse
        drain(library.sidecars.write())
        writes.before = None
        self.rest()
        wait_until(lambda: self.window.problems.model.rowCount() == 3)
        self.window.sidebar.problems_chosen.emit()
        for width, height in _SIZES:
            self.window.resize(width, height)
            self.rest()
            self.take(f"d04-problems-{width}")
        self._settings("d05-failed")

    def _settings(self, name: str, switch: bool | None = None) -> None:
        self.window.dialogs.show_settings()
        dialog = self.window.dialogs.settings_dialog
        assert isinstance(dialog, SettingsDialog)
        dialog.navigation.setCurrentRow(_PAGE)
        if switch is not None:
            dialog.sidecars.switch.setChecked(switch)
        self.rest()
        self.take(name, dialog)
        dialog.reject()
        self.rest()


def _refuse(_name: str, path: Path) -> None:
    raise PermissionError(errno.EACCES, "denied", str(path))


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
            photos = Path(shutil.copytree(DEMO_PHOTOS, f"{temporary}/photos"))
            desk = Desk(Path(temporary) / "library", photos, demo=True)
            desk.window.resize(*_SIZES[0])
            desk.show()
            wait_until(lambda desk=desk: desk.session is not None)
            theme.apply_theme(app, scheme)
            screens = SidecarScreens(desk, options.folder, scheme)
            screens.rest()
            screens.all()
            desk.window.close()


if __name__ == "__main__":
    main()
