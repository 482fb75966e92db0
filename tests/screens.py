"""Renders every page of the real window into pictures: `python -m tests.screens OUT_DIR`.

Models, categories and sorting have modules of their own, `tests.screens_…`, which it runs too.

The real library works on the demo photos; each picture is taken when what it shows has arrived,
told by signals, never by waiting for a time.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from PySide6.QtCore import QEventLoop, QRect, QSettings, QTimer, SignalInstance
from PySide6.QtGui import QPainter, QPixmap
from PySide6.QtWidgets import QApplication, QDialog, QWidget

from gui import crash_dialog, theme
from gui.app import DEMO_PHOTOS, Desk, make_app
from gui.main_window import MainWindow
from gui.translations import install_translator

_PATIENCE_MS = 120_000
_CHECKOUT = Path(__file__).resolve().parents[1]
_SHARED = Path(__file__).resolve().parents[2] / "shared" / "data" / "photos"


def wait_for(signal: SignalInstance, start: Callable[[], object] = lambda: None) -> None:
    """Run the event loop until a signal comes; a picture of a half-made page helps nobody."""
    loop = QEventLoop()
    signal.connect(loop.quit)
    late = QTimer(singleShot=True, interval=_PATIENCE_MS)
    late.timeout.connect(lambda: loop.exit(1))
    late.start()
    QTimer.singleShot(0, start)
    if loop.exec():
        raise TimeoutError(f"no {signal} within {_PATIENCE_MS / 1000:.0f} s")
    signal.disconnect(loop.quit)


def wait_until(true: Callable[[], bool]) -> None:
    """Run the event loop until a condition holds; looked at after each event."""
    late = QTimer(singleShot=True, interval=_PATIENCE_MS)
    late.start()
    while not true():
        if not late.isActive():
            raise TimeoutError
        QApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)


class Screens:
    """Takes the window from page to page and its picture on each."""

    def __init__(self, window: MainWindow, folder: Path, scheme: str) -> None:
        self.window = window
        self._folder = folder
        self._scheme = scheme

    def take(self, name: str, dialog: QWidget | None = None) -> None:
        """Save the window, with a dialog over it where there is one."""
        self._settle()
        picture = self.window.grab()
        if dialog is not None:
            veiled = QPixmap(picture.size())
            painter = QPainter(veiled)
            painter.drawPixmap(0, 0, picture)
            over = dialog.grab()
            place = QRect(over.rect())
            place.moveCenter(picture.rect().center())
            painter.fillRect(place.adjusted(-1, -1, 1, 1), theme.colours().hairline)
            painter.drawPixmap(place, over)
            painter.end()
            picture = veiled
        path = self._folder / f"{self._scheme}-{name}.png"
        picture.save(str(path))
        sys.stdout.write(f"{path}\n")

    def _settle(self) -> None:
        """Until everything painted has its picture, and the inspector what is selected."""
        session = self.window.session
        self.window.grab()
        wait_until(lambda: session.thumbnails.idle and self.window.details.idle)
        for _ in range(5):  # a text that wraps tells its height in a later turn of the loop
            QApplication.processEvents()

    def search(self, text: str) -> None:
        wait_for(self.window.session.lister.listed, lambda: self.window.search_bar.search_for(text))

    def all(self) -> None:
        """Every page, in the order a user would meet them."""
        window, session = self.window, self.window.session
        grid = window.grid.view
        self.take("01-grid")
        row = min(6, window.grid.model.rowCount() - 1)
        photo_id = window.grid.model.id_at(row)
        wait_for(window.details.detail_ready, lambda: grid.go_to(photo_id))
        self.take("02-inspector")
        wait_for(window.details.many_ready, grid.selectAll)
        self.take("03-selection")
        grid.clearSelection()
        if session.library.model_status().ready:
            self.search("a red car")
            self.take("04-search")
            wait_for(session.lister.listed, lambda: window.find_similar(photo_id))
            self.take("05-similar")
        self.search("name:nowhere")
        self.take("06-nothing-found")
        wait_for(session.lister.failed, lambda: window.search_bar.search_for("sise:large dogs"))
        self.take("07-query-error")
        wait_for(session.lister.listed, window.search_bar.clear)
        wait_for(window.details.detail_ready, lambda: window.open_viewer(photo_id))
        wait_until(lambda: window.viewer.canvas.image is not None)
        self.take("08-viewer")
        window.viewer.canvas.zoom_to(2.0)
        wait_until(lambda: session.workers.tasks == [])
        self.take("09-viewer-zoomed")
        window.sidebar.problems_chosen.emit()
        self.take("10-problems")
        window.show_page(window.first_run)
        window.sidebar.hide()
        window.inspector.hide()
        self.take("11-first-run")
        window.sidebar.show()
        window.inspector.show()
        window.show_page(window.grid)
        self._dialogs()

    def _dialogs(self) -> None:
        window = self.window
        grid = window.grid.view
        window.dialogs.show_settings()
        settings = window.dialogs.settings_dialog
        assert settings is not None
        for page in range(settings.navigation.count()):
            settings.navigation.setCurrentRow(page)
            self.take(f"12-settings-{page + 1}", settings)
        settings.reject()
        wait_for(window.session.models.answered, window.dialogs.show_models)
        models = window.dialogs.models_dialog
        assert models is not None
        self.take("13-models", models)
        models.reject()
        help_dialog = window.dialogs.show_shortcuts()
        self.take("14-shortcuts", help_dialog)
        help_dialog.reject()
        window.dialogs.ask_to_forget(window.session.library.roots()[0].id)
        question = QApplication.activeModalWidget()
        if isinstance(question, QDialog):
            self.take("15-remove-folder", question)
            question.reject()
        bug = ZeroDivisionError("division by zero")
        report = crash_dialog.report_text(bug, {"Photosift": "0.1.0"}, Path("/logs"))
        crash = crash_dialog.CrashDialog(report, Path("/logs"), window)
        self.take("16-crash", crash)
        grid.go_to(window.grid.model.id_at(0))
        menu = window.grid.menu()
        self.take("17-context-menu", menu)
        window.resize(1024, 700)
        self.take("18-small-window")
        window.resize(1280, 800)


def _photos(folder: Path) -> Path:
    """A folder of photos to show, with some files among them that cannot be read."""
    photos = folder / "Pictures"
    source = DEMO_PHOTOS if DEMO_PHOTOS.is_dir() else _SHARED
    shutil.copytree(source, photos)
    broken = photos / "Broken"
    broken.mkdir()
    (broken / "holiday.jpg").write_bytes(b"this is no picture")
    (broken / "empty.png").write_bytes(b"")
    whole = next(path for path in sorted(photos.rglob("*.jpg")) if path.stat().st_size > 4000)
    (broken / "cut short.jpg").write_bytes(whole.read_bytes()[: whole.stat().st_size * 2 // 3])
    return photos


def main() -> int:
    """Take all pictures in both colour schemes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=lambda name: Path(name).absolute())
    parser.add_argument("--scheme", choices=("dark", "light"))
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
        desk = Desk(home / "library", _photos(home))
        desk.show()
        wait_until(lambda: desk.session is not None)
        assert desk.session is not None
        wait_for(desk.session.keeper.settled)
        wait_until(lambda: desk.session is not None and not desk.session.keeper.at_work)
        wait_until(lambda: desk.workers.tasks == [])
        desk.window.resize(1280, 800)
        for scheme in (options.scheme,) if options.scheme else ("dark", "light"):
            theme.apply_theme(app, scheme)
            Screens(desk.window, options.folder, scheme).all()
        desk.window.close()
    if options.language != "en":  # the further pages are taken in Chinese as well, unasked
        return desk.exit_code
    return desk.exit_code or _further(options.folder, options.scheme)


def _further(folder: Path, scheme: str | None) -> int:
    """The pages with pictures of their own, each in a process of its own."""
    only = ["--only", scheme] if scheme else []
    pages = ("search", "models", "tags", "sorting", "detection", "duplicates", "marks", "story")
    pages += ("filing", "looking", "sidebar", "sidecars")
    for name in pages:
        command = [sys.executable, "-m", f"tests.screens_{name}", str(folder), *only]
        if code := subprocess.run(command, cwd=_CHECKOUT, check=False).returncode:
            return code
    return 0


if __name__ == "__main__":
    sys.exit(main())
