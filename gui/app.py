"""Builds the window around a library and takes everything down again in order."""

from __future__ import annotations

import logging
import os
import platform
import signal
import sys
import time
from functools import partial
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QObject, QTimer, Signal, qVersion
from PySide6.QtWidgets import QApplication, QMessageBox

from engine.errors import EngineError
from engine.settings import Settings
from gui import crash_dialog, icons, theme
from gui.engine_words import said
from gui.garbage import Collector
from gui.main_window import MainWindow
from gui.session import Session
from gui.translations import install_translator
from gui.workers import Workers

if TYPE_CHECKING:
    from engine import Library

log = logging.getLogger(__name__)

_BEGAN = time.monotonic()
_CLOSE_WITHIN_S = 3.0  # of the five seconds a user may wait; the rest is for the catalog
DEMO_MODEL = Settings().model_id  # a new library begins with the embedded one
DEMO_PHOTOS = Path(__file__).resolve().parent.parent / "resources" / "demo" / "photos"


def display_available() -> bool:
    """Whether a window can be opened at all; asked before Qt is started, which would abort."""
    if os.environ.get("QT_QPA_PLATFORM", "").split(":")[0] in ("offscreen", "minimal", "vnc"):
        return True
    if sys.platform in ("win32", "darwin"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def versions() -> dict[str, str]:
    """What a crash report says of this installation."""
    return {
        "Python": platform.python_version(),
        "Qt": qVersion() or "",
        "System": platform.platform(),
    }


class Desk(QObject):
    """One library on screen: opened in the background, closed in order.

    The window is shown first; the catalog is opened on a lane, and torch is imported only after
    the first photos were painted.

    Signals: warmed_up(), the model is loaded or will not be. The window has `first_painted`, the
    session `search_ready`; the log tells when both came.
    """

    warmed_up = Signal()

    def __init__(self, folder: Path, first_folder: Path | None, *, demo: bool = False) -> None:
        super().__init__()
        self.folder = folder
        self._first_folder = first_folder
        self._demo = demo
        self.exit_code = 0
        self.library: Library | None = None
        self.session: Session | None = None
        self.other: Desk | None = None  # the demo, opened from here
        self.workers = Workers(self)
        self.window = MainWindow()
        self.window.closed.connect(self.close)
        self.window.demo_wanted.connect(self._open_demo)
        self.window.first_painted.connect(partial(_mark, "The window is on screen"))
        self._closed = False

    def show(self) -> None:
        """Show the window and open the library."""
        self.window.show()
        task = self.workers.start("io", "", self._open)
        task.succeeded.connect(self._attach)
        task.failed.connect(self._refuse)

    def _open(self) -> Library:
        """On a lane: the catalog, and for the demo its photos and model."""
        from engine import Library

        library = Library.open(self.folder)
        try:
            if self._first_folder is not None:
                library.add_root(self._first_folder)
            if self._demo and library.settings.model_id != DEMO_MODEL:
                library.use_model(DEMO_MODEL)
        except EngineError as error:
            library.notes.append(str(error))
        return library

    def _attach(self, library: Library) -> None:
        self.library = library
        self.session = Session(library, self.workers, self)
        app = QApplication.instance()
        if isinstance(app, QApplication):
            theme.apply_theme(app, library.settings.theme)
        if self._demo:
            self.window.setWindowTitle(self.tr("Photosift: demo"))
        self.session.lister.listed.connect(self._warm_up_once)
        self.session.search_ready.connect(partial(_mark, "Search is ready"))
        self.window.attach(self.session)

    def _warm_up_once(self) -> None:
        assert self.session is not None
        self.session.lister.listed.disconnect(self._warm_up_once)
        self.session.warm_up().finished.connect(self.warmed_up)

    def _refuse(self, error: Exception) -> None:
        """The library cannot be opened: one sentence, and the end."""
        self.exit_code = 1
        box = QMessageBox(self.window)
        box.setIcon(QMessageBox.Icon.Warning)
        box.setWindowTitle(self.tr("Photosift"))
        box.setText(said(str(error)))
        box.finished.connect(self.window.close)
        box.open()

    def _open_demo(self) -> None:
        from engine.settings import default_library

        demo = Desk(default_library().with_name("demo"), DEMO_PHOTOS, demo=True)
        self.other = demo
        demo.show()
        self.window.close()

    def close(self) -> None:
        """Stop the jobs, then close the library. Called when the window is closed."""
        if self._closed:
            return
        self._closed = True
        if self.session is not None:
            self.session.close()
        ended = self.workers.shutdown(_CLOSE_WITHIN_S)
        if self.library is not None:
            try:
                self.library.close()
            except EngineError:
                log.exception("The library could not be closed in order")
        if not ended:
            # A thread is in foreign code, such as the import of torch, and Qt would abort on
            # destroying it. What was committed is safe.
            log.info("Leaving although a thread has not ended")
            logging.shutdown()
            os._exit(self.exit_code)


def run(library_folder: Path, *, first_folder: Path | None = None, demo: bool = False) -> int:
    """Open the window on a library and stay until it is closed.

    Args:
        library_folder: the data folder; made when it is not there.
        first_folder: a folder of photos to watch from the start.
        demo: use the embedded model.

    Returns:
        The exit code: 0, or 1 when the library could not be opened.
    """
    app = make_app()
    settings, _ = Settings.load(library_folder / "settings.json")
    install_translator(app, settings.language)
    theme.apply_theme(app, settings.theme)
    crash_dialog.install(library_folder / "logs", versions(), QApplication.activeWindow)
    collector = Collector(app)
    desk = Desk(library_folder, first_folder, demo=demo)
    desk.warmed_up.connect(collector.freeze)
    desk.show()
    _close_on_signals(app)
    app.exec()
    collector.stop()
    while desk.other is not None:
        desk = desk.other
    return desk.exit_code


def _mark(what: str) -> None:
    """A milestone of the start."""
    log.info("%s after %.2f s", what, time.monotonic() - _BEGAN)


def _close_on_signals(app: QApplication) -> None:
    """Ctrl+C in the terminal and the end of the desktop's session close the window in order.

    Python gets to its handlers whenever it runs again: at the latest with the collector's timer.
    """

    def close(_number: int, _frame: FrameType | None) -> None:
        QTimer.singleShot(0, app, app.closeAllWindows)

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, close)


def make_app() -> QApplication:
    """The application object with its names and icon."""
    existing = QApplication.instance()
    app = existing if isinstance(existing, QApplication) else QApplication(sys.argv[:1])
    QCoreApplication.setOrganizationName("Photosift")
    QCoreApplication.setApplicationName("Photosift")
    app.setWindowIcon(icons.icon("photos"))
    return app
