"""The properties of photos: every fact with where it comes from, to read and to copy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QSize
from PySide6.QtGui import QBrush, QGuiApplication
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QHBoxLayout,
    QHeaderView,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from engine.mark_types import Marks, Summary
from engine.types import PhotoDetail, PhotoId
from gui import facts, icons, theme
from gui.labels import path_text, plain_text, standard_height, text_label, tooltip_text
from gui.many_page import ManyWords

Row = tuple[str, str, str]
"""A name, a value, where it comes from."""


class PropertiesDialog(QDialog):
    """One table; nothing in it can be changed."""

    def __init__(self, title: str, rows: Sequence[Row], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Properties"))
        self.rows = [row for row in rows if row[1]]
        sourced = any(row[2] for row in self.rows)
        self.table = QTableWidget(len(self.rows), 3 if sourced else 2)
        self.table.setAccessibleName(self.windowTitle())
        self.table.horizontalHeader().hide()
        self.table.verticalHeader().hide()
        self.table.verticalHeader().setDefaultSectionSize(standard_height(self.table))
        self.table.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        self.table.setShowGrid(False)
        self.table.setWordWrap(True)
        self.table.setTabKeyNavigation(False)
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.horizontalHeader().setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
        self.table.setColumnWidth(0, 128)
        if sourced:
            self.table.setColumnWidth(2, 152)
        theme.mark(self.table, region="panel")
        muted = QBrush(theme.colours().muted)
        for at, row in enumerate(self.rows):
            for column, words in enumerate(row[: self.table.columnCount()]):
                item = QTableWidgetItem(plain_text(words, lines=True))
                item.setToolTip(tooltip_text(words))
                if column != 1:
                    item.setForeground(muted)
                self.table.setItem(at, column, item)
        self.copy_button = QPushButton(icons.icon("copy"), self.tr("Copy"))
        self.close_button = theme.mark(QPushButton(self.tr("Close")), primary=True)
        for button in (self.copy_button, self.close_button):
            button.setAccessibleName(button.text())
        foot = QHBoxLayout()
        foot.addWidget(self.copy_button)
        foot.addStretch(1)
        foot.addWidget(self.close_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 20)
        column.setSpacing(12)
        column.addWidget(text_label(plain_text(title), "heading", wrap=True))
        column.addWidget(self.table, 1)
        column.addLayout(foot)
        self.close_button.setDefault(True)
        self.close_button.clicked.connect(self.accept)
        self.copy_button.clicked.connect(self._copy)

    def sizeHint(self) -> QSize:
        return QSize(600, 560)

    def _copy(self) -> None:
        lines = ["\t".join(part for part in row if part) for row in self.rows]
        QGuiApplication.clipboard().setText("\n".join(lines))


class PropertyRows(ManyWords):
    """What the table holds: of one photo all that is known, of many what they have in common."""

    def of_one(self, detail: PhotoDetail, marks: Mapping[PhotoId, Marks]) -> list[Row]:
        """Every fact of a photo with its source."""
        photo, told = detail.photo, detail.metadata
        own = marks.get(photo.id, Marks())
        camera, stars = facts.camera_text(told), told.rating or 0
        rows: list[Row] = [
            (self.tr("Folder"), path_text(photo.path.parent), ""),
            (self.tr("File"), facts.size_text(photo.size), ""),
            (self.tr("Format"), photo.format or "", ""),
            (self.tr("Picture"), facts.file_text(photo), ""),
            (self.tr("Changed"), facts.moment_text(photo.mtime_ns / 1e9), ""),
            (self.tr("Title"), told.title or "", self._said(detail, own, "title")),
            (self.tr("Caption"), told.caption or "", self._said(detail, own, "caption")),
            (
                self.tr("Rating"),
                self.tr("%Ln star(s)", "", stars) if stars > 0 else "",
                self._said(detail, own, "rating"),
            ),
            (
                self.tr("Taken"),
                facts.date_text(told.taken_at, told.utc_offset),
                self._source(detail, "taken_at"),
            ),
            (self.tr("Camera"), camera, self._source(detail, "camera_model", "camera_make")),
            (self.tr("Lens"), told.lens or "", self._source(detail, "lens")),
            (
                self.tr("Exposure"),
                facts.exposure_text(told),
                self._source(detail, "exposure_s", "f_number", "iso", "focal_mm"),
            ),
            (self.tr("Place"), facts.place_text(told), self._source(detail, "latitude")),
            (self.tr("Keywords"), ", ".join(told.keywords), self._source(detail, "keywords")),
            (self.tr("Software"), told.software or "", self._source(detail, "software")),
            (self.tr("Problem"), facts.reason_text(detail.problem or photo.damaged), ""),
        ]
        rows += [(self.tr("Sidecar"), path.name, "") for path in detail.sidecars]
        rows += [(self.tr("Exact copy"), path_text(path), "") for path in detail.copies]
        return rows

    def of_many(self, told: Summary) -> list[Row]:
        """What they have in common."""
        rows: list[Row] = [(self.tr("Size"), facts.size_text(told.bytes), "")]
        rows += [(name, value, "") for name, value in self.facts(told)]
        tags = [path if count == told.photos else f"{path} ({count})" for path, count in told.tags]
        rows.append((self.tr("Tags"), ", ".join(tags), ""))
        rows.append((self.tr("Title"), told.title or "", ""))
        rows.append((self.tr("Caption"), told.caption or "", ""))
        return rows

    def _said(self, detail: PhotoDetail, own: Marks, name: str) -> str:
        return self.tr("your own") if name in own.own else self._source(detail, name)

    def _source(self, detail: PhotoDetail, *names: str) -> str:
        sidecar = facts.sidecar_of(detail, *names)
        if sidecar:
            return self.tr("from %1").replace("%1", sidecar)
        return self.tr("from the file")
