"""The last net: what nobody caught is logged, told once per burst, and can be reported."""

from __future__ import annotations

import faulthandler
import logging
import platform
import sys
import threading
import time
import traceback
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import IO

from PySide6.QtCore import (
    QMessageLogContext,
    QObject,
    Qt,
    QtMsgType,
    QUrl,
    Signal,
    Slot,
    qInstallMessageHandler,
)
from PySide6.QtGui import QDesktopServices, QFontDatabase, QGuiApplication
from PySide6.QtWidgets import (
    QApplication,
    QDialog,
    QHBoxLayout,
    QMessageBox,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from engine.errors import EngineError
from gui import icons, theme
from gui.labels import plain_text, text_label

log = logging.getLogger(__name__)

_QUIET_S = 60.0  # the same mistake is not told again so soon
_LOGGED_PER_PLACE = 20  # a broken paint method would fill the disk


class CrashDialog(QDialog):
    """Says that something went wrong in Photosift, and that the photos are untouched."""

    def __init__(self, report: str, log_folder: Path, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.report = report
        self.more = 0
        self._log_folder = log_folder
        self.setWindowTitle(self.tr("Something went wrong"))
        self.setMinimumWidth(520)

        self.sentence = text_label(
            self.tr("Something went wrong in Photosift"), "heading", wrap=True
        )
        self.comfort = text_label(
            self.tr(
                "It is a mistake in the program. Nothing of your photos was touched. You can keep "
                "working; if things look odd, quit and start again."
            ),
            wrap=True,
        )
        self.count = text_label("", "muted")
        self.count.hide()
        self.details_button = QPushButton(
            icons.icon("chevron-right"), self.tr("Details for a report")
        )
        self.details_button.setCheckable(True)
        theme.mark(self.details_button, link=True)
        self.details = QPlainTextEdit(report)
        self.details.setReadOnly(True)
        self.details.setTabChangesFocus(True)
        self.details.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.details.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.details.setMinimumHeight(200)
        self.details.setAccessibleName(self.tr("Report"))
        self.details.hide()
        self.copy_button = QPushButton(icons.icon("copy"), self.tr("Copy report"))
        self.log_button = QPushButton(icons.icon("folder"), self.tr("Show log"))
        self.quit_button = QPushButton(self.tr("Quit Photosift"))
        self.keep_button = theme.mark(QPushButton(self.tr("Keep working")), primary=True)
        self.keep_button.setDefault(True)

        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        for button in (self.copy_button, self.log_button):
            buttons.addWidget(button)
        buttons.addStretch()
        buttons.addSpacing(24)
        for button in (self.quit_button, self.keep_button):
            buttons.addWidget(button)
        for button in (
            self.details_button,
            self.copy_button,
            self.log_button,
            self.quit_button,
            self.keep_button,
        ):
            button.setAccessibleName(button.text())
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 16)
        column.setSpacing(8)
        column.addWidget(self.sentence)
        column.addWidget(self.comfort)
        column.addWidget(self.count)
        column.addWidget(self.details_button, 0, Qt.AlignmentFlag.AlignLeft)
        column.addWidget(self.details, 1)
        column.addSpacing(8)
        column.addLayout(buttons)

        self.details_button.toggled.connect(self._unfold)
        self.copy_button.clicked.connect(self._copy)
        self.log_button.clicked.connect(self._show_log)
        self.keep_button.clicked.connect(self.accept)
        self.quit_button.clicked.connect(self._quit)
        self.keep_button.setFocus()

    def add_more(self) -> None:
        """Another mistake while this one is on the screen."""
        self.more += 1
        self.count.setText(self.tr("%Ln more of the kind followed; see the log.", "", self.more))
        self.count.show()

    def _unfold(self, on: bool) -> None:
        self.details_button.setIcon(icons.icon("chevron-down" if on else "chevron-right"))
        self.details.setVisible(on)
        if not on:
            self.adjustSize()

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.report)
        self.copy_button.setText(self.tr("Copied"))

    def _show_log(self) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._log_folder)))

    def _quit(self) -> None:
        self.reject()
        QApplication.exit(1)


class CrashReporter(QObject):
    """Takes exceptions from any thread and tells of them on the GUI thread."""

    _happened = Signal(object, str)

    def __init__(
        self,
        log_folder: Path,
        versions: dict[str, str],
        parent_of: Callable[[], QWidget | None],
    ) -> None:
        super().__init__()
        self.dialog: QDialog | None = None
        self._log_folder = log_folder
        self._versions = versions
        self._parent_of = parent_of
        self._lock = threading.Lock()
        self._logged: dict[str, int] = {}
        self._told: dict[str, float] = {}
        self._happened.connect(self._tell)

    def take(
        self,
        kind: type[BaseException],
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """The hook of `sys`: log, then tell. Never raises; may be called on any thread."""
        if issubclass(kind, KeyboardInterrupt):
            QApplication.exit(130)
            return
        error = error if error is not None else kind()
        place = _place(kind, trace)
        with self._lock:
            seen = self._logged[place] = self._logged.get(place, 0) + 1
        if seen <= _LOGGED_PER_PLACE:
            log.error("nobody caught this", exc_info=(kind, error, trace))
        self._happened.emit(error, place)

    def take_from_thread(self, args: threading.ExceptHookArgs) -> None:
        """The hook of `threading`."""
        if not issubclass(args.exc_type, SystemExit):
            self.take(args.exc_type, args.exc_value, args.exc_traceback)

    @Slot(object, str)
    def _tell(self, error: BaseException, place: str) -> None:
        if self.dialog is not None:
            if isinstance(self.dialog, CrashDialog):
                self.dialog.add_more()
            return
        now = time.monotonic()
        if now - self._told.get(place, -_QUIET_S) < _QUIET_S:
            return
        self._told[place] = now
        parent = self._parent_of()
        if isinstance(error, EngineError):
            self.dialog = _message(str(error), parent)
        else:
            self.dialog = CrashDialog(
                report_text(error, self._versions, self._log_folder), self._log_folder, parent
            )
        self.dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.dialog.finished.connect(self._closed)
        self.dialog.open()

    @Slot()
    def _closed(self) -> None:
        self.dialog = None


def report_text(error: BaseException, versions: dict[str, str], log_folder: Path) -> str:
    """What helps to find the mistake: versions, system, the way to it."""
    lines = [f"{name} {version}" for name, version in versions.items()]
    lines += [platform.platform(), datetime.now().astimezone().isoformat(timespec="seconds"), ""]
    trace = "".join(traceback.format_exception(error)).rstrip()
    return "\n".join([*lines, trace, "", f"Log: {log_folder}"])


def _message(sentence: str, parent: QWidget | None) -> QMessageBox:
    box = QMessageBox(parent)
    box.setIcon(QMessageBox.Icon.NoIcon)
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setWindowTitle("Photosift")
    box.setText(plain_text(sentence, lines=True))
    box.setStandardButtons(QMessageBox.StandardButton.Ok)
    return box


def _place(kind: type[BaseException], trace: TracebackType | None) -> str:
    """Where it happened: two mistakes at the same place are the same."""
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return kind.__name__
    return f"{kind.__name__} {trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}"


_LEVELS = {
    QtMsgType.QtDebugMsg: logging.DEBUG,
    QtMsgType.QtInfoMsg: logging.INFO,
    QtMsgType.QtWarningMsg: logging.WARNING,
    QtMsgType.QtCriticalMsg: logging.ERROR,
    QtMsgType.QtFatalMsg: logging.CRITICAL,
}


def take_qt_message(kind: QtMsgType, context: QMessageLogContext, message: str) -> None:
    """Qt's own words go to our log, under the name of Qt's category."""
    category = getattr(context, "category", None) or "default"
    logging.getLogger(f"qt.{category}").log(_LEVELS.get(kind, logging.WARNING), "%s", message)


class _Installed:
    """What `install` put in place; held here for as long as the process lives."""

    reporter: CrashReporter | None = None
    fault_log: IO[str] | None = None


def install(
    log_folder: Path, versions: dict[str, str], parent_of: Callable[[], QWidget | None]
) -> None:
    """Catch what nobody caught, from now on, on all threads. Call once, on the GUI thread.

    Args:
        log_folder: `faulthandler` writes crash.log here; the report names it.
        versions: name to version, for the report.
        parent_of: the window that dialogs belong to, asked when one is shown.
    """
    log_folder.mkdir(parents=True, exist_ok=True)
    reporter = CrashReporter(log_folder, versions, parent_of)
    _Installed.reporter = reporter
    fault_log = (log_folder / "crash.log").open("a", encoding="utf-8")
    faulthandler.enable(file=fault_log)
    if _Installed.fault_log is not None:
        _Installed.fault_log.close()
    _Installed.fault_log = fault_log
    sys.excepthook = reporter.take
    threading.excepthook = reporter.take_from_thread
    qInstallMessageHandler(take_qt_message)


def uninstall() -> None:
    """Take the nets away again; Python's and Qt's own are back in place."""
    sys.excepthook = sys.__excepthook__
    threading.excepthook = threading.__excepthook__
    qInstallMessageHandler(None)
    _Installed.reporter = None
    if _Installed.fault_log is not None:
        faulthandler.disable()
        _Installed.fault_log.close()
        _Installed.fault_log = None
