"""Offers kept boxes to other programs: pictures, data sets, sidecars."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QSettings, Qt
from PySide6.QtWidgets import QFileDialog, QMenu, QMessageBox, QWidget

from engine.types import PhotoId
from gui import icons
from gui.detection.run_work import Kind, Pictures, RunWork

_KEY = "detection/export folder"


class ExportMenu(QMenu):
    """A menu that asks where to, and exports the photos that `ids` tells."""

    def __init__(
        self, work: RunWork, ids: Callable[[], Sequence[PhotoId]], parent: QWidget
    ) -> None:
        super().__init__(parent)
        self._work = work
        self._ids = ids
        self._page = parent
        entries: tuple[tuple[Kind, Pictures, str, str], ...] = (
            ("annotated", "", "image", self.tr("Pictures with the boxes drawn in…")),
            ("coco", "", "export", self.tr("COCO JSON…")),
            ("yolo", "", "export", self.tr("YOLO text files…")),
            ("yolo", "copy", "photos", self.tr("YOLO with copies of the photos…")),
            ("regions", "", "save", self.tr("Regions in sidecars beside the photos…")),
        )
        for kind, pictures, icon, words in entries:
            action = self.addAction(icons.icon(icon), words)
            action.triggered.connect(partial(self._ask, kind, pictures))

    def _ask(self, kind: Kind, pictures: Pictures, _on: bool = False) -> None:
        ids = list(self._ids())
        if kind == "regions":
            self.ask_for_sidecars(ids)
            return
        folder = QFileDialog.getExistingDirectory(
            self._page, self.tr("Export the boxes into a folder"), str(QSettings().value(_KEY, ""))
        )
        if folder:
            QSettings().setValue(_KEY, folder)
            self._work.export(ids, kind, Path(folder), pictures)

    def ask_for_sidecars(self, ids: Sequence[PhotoId]) -> QMessageBox:
        """Say what is written before it is: these files lie among the user's own."""
        box = QMessageBox(self._page)
        box.setWindowTitle(self.tr("Write regions"))
        box.setStyleSheet("QLabel { min-width: 380px }")
        box.setTextFormat(Qt.TextFormat.PlainText)
        words = self.tr(
            "Write the boxes of %Ln photo(s) into sidecar files beside them?", "", len(ids)
        )
        box.setText(words)
        box.setInformativeText(
            self.tr(
                "The photos themselves are not touched. What an .xmp file holds already stays in "
                "it; other programs then show the boxes as regions."
            )
        )
        write = box.addButton(self.tr("Write sidecars"), QMessageBox.ButtonRole.AcceptRole)
        box.addButton(QMessageBox.StandardButton.Cancel)
        box.setDefaultButton(write)
        box.accepted.connect(lambda: self._work.export(ids, "regions", Path()))
        box.finished.connect(box.deleteLater)
        box.open()
        return box


def export_words() -> str:
    """What the button is called that opens the menu."""
    return QCoreApplication.translate("ExportMenu", "Export")
