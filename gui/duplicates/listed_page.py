"""Lists of photos with a word on each: what those that stay take over, and what was left alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QFocusEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from engine.duplicate_types import LeftAlone, Merge
from engine.types import PhotoId
from gui.duplicates.engine_notes import note_text
from gui.duplicates.words import DuplicateWords
from gui.labels import path_text, plain_text, text_label, tooltip_text

_MOST = 5000  # rows


class ListedPage(QWidget):
    """A table of two columns below a sentence."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._words = DuplicateWords(self)
        self.sentence = text_label("", "muted", wrap=True)
        self.table = QTreeWidget()
        self.table.setAccessibleName(self.tr("Photos"))
        self.table.setColumnCount(2)
        self.table.setRootIsDecorated(False)
        self.table.setUniformRowHeights(True)
        self.table.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        header = self.table.header()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Interactive)
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
        header.resizeSection(0, 280)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 0, 24, 16)
        column.setSpacing(12)
        column.addWidget(self.sentence)
        column.addWidget(self.table, 1)

    def focusInEvent(self, event: QFocusEvent) -> None:
        # No proxy: with one, Tab would pass over all that stands before it.
        self.table.setFocus(event.reason())

    def show_merges(self, merges: Sequence[Merge], paths: Mapping[PhotoId, Path]) -> None:
        """What each photo that stays takes over; `paths` of those."""
        self.sentence.setText(
            self.tr(
                "What photos that go know and those that stay do not. It is noted in the library; "
                "no file is changed, and undo takes it back."
            )
        )
        self.table.setAccessibleName(self.tr("What is taken over"))
        self.table.setHeaderLabels([self.tr("Photo that stays"), self.tr("Takes over")])
        self._fill([(paths.get(m.keep, Path()), self._words.merge(m)) for m in merges])

    def show_left(self, left: Sequence[LeftAlone]) -> None:
        """What was not moved, and why."""
        self.sentence.setText(self.tr("These photos are where they were, untouched."))
        self.table.setAccessibleName(self.tr("Photos left alone"))
        self.table.setHeaderLabels([self.tr("Photo"), self.tr("Why it was left alone")])
        self._fill([(one.path, note_text(one.reason)) for one in left])

    def _fill(self, rows: Sequence[tuple[Path, str]]) -> None:
        self.table.clear()
        for path, words in rows[:_MOST]:
            item = QTreeWidgetItem([plain_text(path.name), words])
            item.setToolTip(0, tooltip_text(path_text(path)))
            item.setToolTip(1, tooltip_text(words))
            self.table.addTopLevelItem(item)
