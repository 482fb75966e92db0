"""The list under the search bar: filters, their values, tags, recent and saved searches."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QSettings,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import (
    QCompleter,
    QListView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from engine.query import Completion, CompletionKind, Values, complete
from gui import icons, theme
from gui.engine_words import said
from gui.labels import plain_text
from gui.searching.field import SearchField

AnyIndex = QModelIndex | QPersistentModelIndex

_HISTORY = 30
_KEY = "search/history"
_ICONS = {
    CompletionKind.FILTER: "filter",
    CompletionKind.VALUE: "check",
    CompletionKind.TAG: "tag",
    CompletionKind.RECENT: "clock",
    CompletionKind.SAVED: "search",
}
_POPUP = """
QListView {{ background: {field}; border: 1px solid {hairline}; padding: 2px; }}
QListView::item {{ padding: 0 8px; border-radius: 4px; }}
QListView::item:hover, QListView::item:selected {{ background: {selection}; color: {text}; }}
"""  # a popup is a window of its own and needs its own edge


class CompletionList(QAbstractListModel):
    """What is offered; the text of a row is what will stand in the bar, or a saved one's name."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.rows: list[Completion] = []

    def show(self, rows: Sequence[Completion]) -> None:
        self.beginResetModel()
        self.rows = list(rows)
        self.endResetModel()

    def rowCount(self, parent: AnyIndex | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.rows)

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid() or index.row() >= len(self.rows):
            return None
        row = self.rows[index.row()]
        saved = row.kind is CompletionKind.SAVED
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.EditRole):
            return plain_text(row.note if saved else row.text)
        if role == Qt.ItemDataRole.DecorationRole:
            return icons.icon(_ICONS[row.kind], muted=True)
        if role == Qt.ItemDataRole.UserRole:
            return plain_text(row.text if saved else said(row.note))
        return None


class _Rows(QStyledItemDelegate):
    """Rows with some air, and beside their text a note in muted letters."""

    def sizeHint(self, option: QStyleOptionViewItem, index: AnyIndex) -> QSize:
        return super().sizeHint(option, index) + QSize(0, 12)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: AnyIndex) -> None:
        super().paint(painter, option, index)
        note = index.data(Qt.ItemDataRole.UserRole)
        if not isinstance(note, str) or not note:
            return
        rect: QRect = option.rect  # pyright: ignore[reportAttributeAccessIssue]
        metrics = painter.fontMetrics()
        taken = metrics.horizontalAdvance(str(index.data())) + 64
        room = rect.adjusted(taken, 0, -12, 0)
        if room.width() > 40:
            painter.save()
            painter.setPen(theme.colours().muted)
            shown = metrics.elidedText(note, Qt.TextElideMode.ElideRight, room.width())
            align = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(room, align, shown)
            painter.restore()


class SearchCompletion(QObject):
    """Offers what may be meant at the cursor while one types, and earlier searches on Down.

    `values(text)` answers at once with what is known so far.

    Signals: taken(str, bool), the text with what was chosen; True: it is to be asked at once.
    """

    taken = Signal(str, bool)

    def __init__(self, field: SearchField, frame: QWidget) -> None:
        """Args: frame: what the list is as wide as."""
        super().__init__(field)
        self._field = field
        self._frame = frame
        self.values: Callable[[str], Values] = lambda _text: Values()
        self.recent = earlier_searches()
        self.model = CompletionList(self)
        self.popup = QListView()
        self.completer = QCompleter(self.model, self)
        self.completer.setPopup(self.popup)
        self.popup.setIconSize(QSize(16, 16))
        self.popup.setItemDelegate(_Rows(self.popup))
        self.completer.setCompletionMode(QCompleter.CompletionMode.UnfilteredPopupCompletion)
        self.completer.setWidget(field)
        self.completer.setMaxVisibleItems(10)
        self.completer.activated[QModelIndex].connect(self._take_index)  # pyright: ignore
        field.choosing = self._choosing
        field.textEdited.connect(self._offer)
        field.down_pressed.connect(self.show_all)
        theme.notifier.changed.connect(self.dress)
        self.dress()

    def show_all(self) -> None:
        """Offer what fits at the cursor, or else earlier searches."""
        text = self._field.text()
        found = self._complete(text)
        if not found:
            kind = CompletionKind.RECENT
            found = [Completion(earlier, 0, len(text), kind) for earlier in self.recent]
        self._show(found)

    def remember(self, text: str) -> None:
        """It was searched for."""
        if text:
            self.recent = [text, *(old for old in self.recent if old != text)][:_HISTORY]
            QSettings().setValue(_KEY, self.recent)

    def take(self, row: int) -> None:
        """Put one of the offers into the text."""
        chosen = self.model.rows[row]
        text, cursor = chosen.put_into(self._field.text())
        whole = chosen.kind in (CompletionKind.RECENT, CompletionKind.SAVED)
        self._field.setText(text.rstrip() if whole else text)
        if not whole:
            self._field.setCursorPosition(cursor)
        self.popup.hide()
        self.taken.emit(self._field.text(), whole)
        if chosen.goes_on:
            self._offer()

    def dress(self) -> None:
        colours = theme.colours()
        names = ("field", "hairline", "selection", "text")
        self.popup.setStyleSheet(_POPUP.format(**{n: getattr(colours, n).name() for n in names}))

    # -- inside --------------------------------------------------------------------------------

    def _complete(self, text: str) -> list[Completion]:
        known = self.values(text)
        values = Values(
            **{name: getattr(known, name) for name in Values.__slots__ if name != "recent"},
            recent=self.recent,
        )
        return complete(text, self._field.cursorPosition(), values)

    def _offer(self) -> None:
        """While one types: what goes on where the cursor is, but no list for no reason."""
        text = self._field.text()
        self._show(self._complete(text) if text.strip() else [])

    def _show(self, found: Sequence[Completion]) -> None:
        self.model.show(found)
        if not found:
            self.popup.hide()
            return
        self.completer.setCompletionPrefix("")
        # The completer reckons from the field, the list is as wide as the whole bar.
        corner = self._field.mapTo(self._frame, QPoint(0, 0))
        self.completer.complete(self._frame.rect().translated(-corner))
        self.popup.setCurrentIndex(QModelIndex())  # Enter searches for what is typed

    def _choosing(self, key: int) -> bool:
        if not self.popup.isVisible():
            return False
        takes = key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Tab)
        return key == Qt.Key.Key_Escape or (takes and self.popup.currentIndex().isValid())

    def _take_index(self, index: QModelIndex) -> None:
        self.take(index.row())


def earlier_searches() -> list[str]:
    """What was searched for of late, the newest first."""
    stored = QSettings().value(_KEY, [])
    if isinstance(stored, str):  # an ini file gives a list of one back as a string
        return [stored]
    return [entry for entry in stored if isinstance(entry, str)] if isinstance(stored, list) else []
