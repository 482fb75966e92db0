"""What the window does in the desktop: show a file, open it elsewhere, copy."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QProcess, QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication

from engine.types import Photo
from gui.grid.view import file_urls


def show_in_folder(path: Path) -> bool:
    """Open the file manager at a file or folder; False when there is none."""
    if sys.platform == "win32" and path.exists():
        return QProcess.startDetached("explorer.exe", ["/select,", str(path)])[0]
    if sys.platform == "darwin" and path.exists():
        return QProcess.startDetached("open", ["-R", str(path)])[0]
    folder = path if path.is_dir() else path.parent
    return QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))


def open_elsewhere(path: Path) -> bool:
    """Open a photo with the desktop's own viewer."""
    return QDesktopServices.openUrl(QUrl.fromLocalFile(str(path)))


def copy_files(photos: Sequence[Photo]) -> None:
    """Put files on the clipboard: a file manager pastes copies, an editor the paths."""
    if photos:
        QGuiApplication.clipboard().setMimeData(file_urls(photos))


def copy_paths(photos: Sequence[Photo]) -> None:
    """Put the paths on the clipboard, one per line."""
    if photos:
        QGuiApplication.clipboard().setText("\n".join(str(photo.path) for photo in photos))
