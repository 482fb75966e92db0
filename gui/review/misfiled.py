"""Photos whose folder or tag disagrees with their neighbours, with the better place."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QListView,
    QPushButton,
    QStackedWidget,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from engine.errors import EngineError
from engine.tag_types import Misfiled
from engine.types import Photo, PhotoId
from gui import acts, icons, theme
from gui.empty_state import EmptyState
from gui.engine_words import said
from gui.labels import path_text, plain_text, text_label
from gui.session import Session
from gui.tagging.strip import ACCEPT_KEYS, REJECT_KEYS
from gui.thumbnails import Frame, Thumbnails

if TYPE_CHECKING:
    from engine.tagging import Tagging

_ROW = 72
_Index = QModelIndex | QPersistentModelIndex
_TOP = QModelIndex()
EntryRole = Qt.ItemDataRole.UserRole + 1
PhotoRole = Qt.ItemDataRole.UserRole + 2


class MisfiledList(QAbstractListModel):
    """One row per photo and place, the clearest first."""

    def __init__(self) -> None:
        super().__init__()
        self.entries: list[Misfiled] = []
        self._photos: dict[PhotoId, Photo] = {}

    def show(self, entries: Sequence[Misfiled], photos: Sequence[Photo]) -> None:
        self.beginResetModel()
        self.entries = list(entries)
        self._photos = {photo.id: photo for photo in photos}
        self.endResetModel()

    def take(self, rows: Sequence[int]) -> None:
        """These are dealt with."""
        for row in sorted(rows, reverse=True):
            self.beginRemoveRows(_TOP, row, row)
            del self.entries[row]
            self.endRemoveRows()

    def photo(self, row: int) -> Photo | None:
        return self._photos.get(self.entries[row].photo_id)

    def rowCount(self, parent: _Index = _TOP) -> int:
        return 0 if parent.isValid() else len(self.entries)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid() or index.row() >= len(self.entries):
            return None
        entry = self.entries[index.row()]
        if role == EntryRole:
            return entry
        if role == PhotoRole:
            return self._photos.get(entry.photo_id)
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            photo = self._photos.get(entry.photo_id)
            return f"{plain_text(photo.name) if photo else ''}, {self.sentence(entry)}"
        return None

    def sentence(self, entry: Misfiled) -> str:
        if entry.folder is not None:
            words = self.tr("Lies in “%1”, looks like those in “%2”")
        else:
            words = self.tr("Tagged “%1”, looks like those tagged “%2”")
        here, better = _named(entry.here, entry), _named(entry.better, entry)
        return words.replace("%1", here).replace("%2", better)


class _Row(QStyledItemDelegate):
    """A thumbnail, the photo's name, and where it looks to belong."""

    def __init__(self, thumbnails: Thumbnails, parent: QWidget) -> None:
        super().__init__(parent)
        self._thumbnails = thumbnails

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        return QSize(200, _ROW)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        entry: Misfiled = index.data(EntryRole)
        photo: Photo | None = index.data(PhotoRole)
        state: QStyle.StateFlag = option.state  # pyright: ignore[reportAttributeAccessIssue]
        area: QRect = option.rect  # pyright: ignore[reportAttributeAccessIssue]
        colours = theme.colours()
        painter.save()
        if state & QStyle.StateFlag.State_Selected:
            painter.fillRect(area, colours.selection)
        elif state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(area, colours.hover)
        cell = QRect(area.left() + 24, area.top() + 4, _ROW - 8, _ROW - 8)
        frame = Frame(round(cell.width() * painter.device().devicePixelRatioF()), True)
        pixmap = self._thumbnails.at_least(entry.photo_id, frame)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        if pixmap is None or pixmap.isNull():
            painter.fillRect(cell, colours.placeholder)
        else:
            side = min(pixmap.width(), pixmap.height())
            left, top = (pixmap.width() - side) // 2, (pixmap.height() - side) // 2
            painter.drawPixmap(cell, pixmap, QRect(left, top, side, side))
        text = QRect(cell.right() + 16, area.top(), area.right() - cell.right() - 40, area.height())
        metrics = painter.fontMetrics()
        upper = QRect(text.left(), text.center().y() - metrics.height(), text.width(), 22)
        lower = QRect(text.left(), text.center().y() + 2, text.width(), 22)
        middle = Qt.TextElideMode.ElideMiddle
        model = index.model()
        assert isinstance(model, MisfiledList)
        painter.setPen(colours.text)
        painter.drawText(upper, metrics.elidedText(model.sentence(entry), middle, text.width()))
        painter.setPen(colours.muted)
        where = path_text(photo.path) if photo is not None else ""
        painter.drawText(lower, metrics.elidedText(where, middle, text.width()))
        painter.restore()


class _List(QListView):
    """Signals: accepted() · dismissed()."""

    accepted = Signal()
    dismissed = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in ACCEPT_KEYS:
            self.accepted.emit()
        elif event.key() in REJECT_KEYS:
            self.dismissed.emit()
        else:
            super().keyPressEvent(event)


class MisfiledTab(QWidget):
    """The audit; it is made when the tab is first looked at, and again on request.

    Signals: opened(PhotoId).
    """

    opened = Signal(object)

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._asked = False
        self.model = MisfiledList()
        self.list = _List()
        self.list.setModel(self.model)
        self.list.setItemDelegate(_Row(session.thumbnails, self.list))
        self.list.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.list.setUniformItemSizes(True)
        self.list.setMouseTracking(True)
        self.list.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.list.setAccessibleName(self.tr("Photos that may be misfiled"))
        self.summary = text_label("", "muted")
        self.again_button = QPushButton(icons.icon("refresh"), self.tr("Look again"))
        self.folder_button = QPushButton(icons.icon("external"), self.tr("Show in folder"))
        self.dismiss_button = QPushButton(icons.icon("close"), self.tr("It is right here"))
        self.retag_button = theme.mark(
            QPushButton(icons.icon("check", on_accent=True), self.tr("Change the tag")),
            primary=True,
        )
        self.dismiss_button.setToolTip(self.tr("Leave it as it is (N or Backspace)"))
        self.empty = EmptyState()
        self._stack = QStackedWidget()
        self._stack.addWidget(self.list)
        self._stack.addWidget(self.empty)
        row = QHBoxLayout()
        row.setContentsMargins(24, 8, 24, 8)
        row.setSpacing(8)
        row.addWidget(self.again_button)
        row.addWidget(self.summary, 1)
        for button in (self.folder_button, self.dismiss_button, self.retag_button):
            row.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._stack, 1)
        column.addLayout(row)
        self.list.selectionModel().selectionChanged.connect(lambda: self._follow_selection())
        self.list.accepted.connect(self._retag)
        self.list.dismissed.connect(self._dismiss)
        self.list.doubleClicked.connect(self._open)
        self.retag_button.clicked.connect(self._retag)
        self.dismiss_button.clicked.connect(self._dismiss)
        self.folder_button.clicked.connect(self._show_in_folder)
        self.again_button.clicked.connect(self.look)
        self.empty.acted.connect(self.look)
        session.thumbnails.ready.connect(self._repaint)
        self.setFocusProxy(self.list)
        self._follow_selection()

    def _open(self, index: QModelIndex) -> None:
        self.opened.emit(self.model.entries[index.row()].photo_id)

    def _repaint(self) -> None:
        self.list.viewport().update()

    def look_once(self) -> None:
        """Make the audit unless it was made."""
        if not self._asked:
            self.look()

    def look(self) -> None:
        """Compare every photo with its neighbours, as a job."""
        self._asked = True
        self.again_button.setEnabled(False)
        self.empty.say(self.tr("Comparing every photo with those like it…"), "", "search")
        self._stack.setCurrentWidget(self.empty)
        library = self._session.library

        def audit(tagging: Tagging):
            found = yield from tagging.misfiled()
            return found, library.photos([entry.photo_id for entry in found])

        task = self._session.tags.ask_job(self.tr("Looking for misfiled photos"), audit)
        task.succeeded.connect(self._show)
        task.failed.connect(self._excuse)
        task.finished.connect(partial(self.again_button.setEnabled, True))
        task.cancelled.connect(partial(self._say, self.tr("The comparison was cancelled.")))

    def _show(self, answer: tuple[list[Misfiled], list[Photo]]) -> None:
        entries, photos = answer
        self.model.show(entries, photos)
        if entries:
            self._stack.setCurrentWidget(self.list)
            self.list.setCurrentIndex(self.model.index(0))
        self._tell()

    def _excuse(self, error: Exception) -> None:
        if isinstance(error, EngineError):
            self._say(said(str(error)))

    def _say(self, sentence: str) -> None:
        self.empty.say(sentence, self.tr("Look again"), "search")
        self._stack.setCurrentWidget(self.empty)

    def _tell(self) -> None:
        count = len(self.model.entries)
        self.summary.setText(
            self.tr("%Ln photo(s) look like those of another place", "", count) if count else ""
        )
        if not count:
            self._say(self.tr("Every photo looks like those beside it."))
        self._follow_selection()

    def _rows(self) -> list[int]:
        return sorted(index.row() for index in self.list.selectionModel().selectedIndexes())

    def _follow_selection(self) -> None:
        chosen = [self.model.entries[row] for row in self._rows()]
        tags = [entry for entry in chosen if entry.folder is None]
        self.retag_button.setVisible(bool(tags) or not chosen)
        self.retag_button.setEnabled(bool(tags))
        self.folder_button.setEnabled(len(chosen) == 1)
        self.dismiss_button.setEnabled(bool(chosen))
        if len(tags) == 1:
            name = plain_text(tags[0].better).replace("&", "&&")
            self.retag_button.setText(self.tr("Tag it “%1”").replace("%1", name))
        else:
            self.retag_button.setText(self.tr("Change the tag"))
        self.retag_button.setToolTip(self.tr("The better tag instead of this one (Y or Enter)"))

    def _retag(self) -> None:
        rows = [row for row in self._rows() if self.model.entries[row].folder is None]
        for row in rows:
            entry = self.model.entries[row]
            self._session.tags.retag(entry.photo_id, entry.here, entry.better)
        self._take(rows)

    def _dismiss(self) -> None:
        self._take(self._rows())

    def _take(self, rows: Sequence[int]) -> None:
        if rows:
            self.model.take(rows)
            if self.model.entries:
                row = min(rows[0], len(self.model.entries) - 1)
                self.list.setCurrentIndex(self.model.index(row))
            self._tell()

    def _show_in_folder(self) -> None:
        rows = self._rows()
        photo = self.model.photo(rows[0]) if len(rows) == 1 else None
        if photo is not None:
            acts.show_in_folder(photo.path)


def _named(place: str, entry: Misfiled) -> str:
    """The last part of a folder's path; a tag as it is."""
    return plain_text(place.rstrip("/").rpartition("/")[2] if entry.folder is not None else place)
