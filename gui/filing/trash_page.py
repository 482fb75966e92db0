"""The trash page: photos that were put into the trash from here, and the way back for each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QIcon, QKeyEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QPushButton,
    QStackedWidget,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from engine.file_types import TrashedPhoto
from engine.types import PhotoId
from gui import facts, icons, theme
from gui.empty_state import EmptyState
from gui.labels import path_text, plain_text, text_label, tooltip_text
from gui.thumbnails import Frame, Thumbnails

AnyIndex: TypeAlias = QModelIndex | QPersistentModelIndex
_TOP = QModelIndex()
_NAME, _FOLDER, _WHEN = range(3)
_SIDE = 32  # of a thumbnail
_ROW = 40


class TrashTable(QAbstractTableModel):
    """One row per photo, what went last first."""

    def __init__(self, thumbnails: Thumbnails, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._thumbnails = thumbnails
        self.photos: Sequence[TrashedPhoto] = ()
        self.ratio = 1.0
        thumbnails.ready.connect(self._repaint)

    def show(self, photos: Sequence[TrashedPhoto]) -> None:
        """Show these."""
        self.beginResetModel()
        self.photos = photos
        self.endResetModel()

    def rowCount(self, parent: AnyIndex = _TOP) -> int:
        return 0 if parent.isValid() else len(self.photos)

    def columnCount(self, parent: AnyIndex = _TOP) -> int:
        return 0 if parent.isValid() else 3

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        return (self.tr("Photo"), self.tr("Where it was"), self.tr("When"))[section]

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        one = self.photos[index.row()]
        match role, index.column():
            case Qt.ItemDataRole.DisplayRole, 0:
                return self._name(one)
            case Qt.ItemDataRole.DisplayRole, 1:
                return path_text(one.path.parent)
            case Qt.ItemDataRole.DisplayRole, 2:
                return facts.moment_text(one.trashed_at)
            case Qt.ItemDataRole.DecorationRole, 0:
                return self._picture(one)
            case Qt.ItemDataRole.ForegroundRole, (1 | 2):
                return theme.colours().muted
            case Qt.ItemDataRole.ToolTipRole, _:
                parts = [path_text(one.path), facts.size_text(one.size), one.reason]
                return tooltip_text("\n".join(filter(None, parts)))
            case Qt.ItemDataRole.AccessibleTextRole, 0:
                where = self.tr("%1, from %2").replace("%1", self._name(one))
                return where.replace("%2", path_text(one.path.parent))
            case _:
                return None

    def _name(self, one: TrashedPhoto) -> str:
        words = plain_text(one.path.name)
        if one.cleared:
            words += " · " + self.tr("duplicate")
        if one.companions:
            words += " · " + self.tr("and %Ln more file(s)", "", one.companions)
        return words

    def _picture(self, one: TrashedPhoto) -> QIcon:
        frame = Frame(round(_SIDE * self.ratio), fill=True)
        if one.photo_id is not None:
            found = self._thumbnails.at_least(one.photo_id, frame)
            if found is not None and not found.isNull():
                return QIcon(found)
        return icons.icon("image", muted=True)

    def _repaint(self, photo_id: PhotoId) -> None:
        for row, one in enumerate(self.photos):
            if one.photo_id == photo_id:
                at = self.index(row, _NAME)
                self.dataChanged.emit(at, at, [Qt.ItemDataRole.DecorationRole])


class TrashPage(QWidget):
    """What is in the trash by a deed of this program.

    Signals: put_back_wanted(list[TrashedPhoto]) · left(), Esc.
    """

    put_back_wanted = Signal(object)
    left = Signal()

    def __init__(self, thumbnails: Thumbnails, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model = TrashTable(thumbnails, self)
        self.model.ratio = self.devicePixelRatioF()
        self.table = _Table()
        self.table.setModel(self.model)
        self.table.setAccessibleName(self.tr("Photos in the trash"))
        header = self.table.horizontalHeader()
        header.setSectionResizeMode(_NAME, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(_FOLDER, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(_WHEN, QHeaderView.ResizeMode.Fixed)
        self.table.setColumnWidth(_WHEN, 152)
        self.summary = text_label("", "muted")
        self.back_button = theme.mark(
            QPushButton(icons.icon("undo", on_accent=True), ""), primary=True
        )
        titles = QVBoxLayout()
        titles.setSpacing(4)
        titles.addWidget(text_label(self.tr("Trash"), "heading"))
        titles.addWidget(self.summary)
        top = QHBoxLayout()
        top.setContentsMargins(24, 16, 24, 16)
        top.addLayout(titles, 1)
        top.addWidget(self.back_button, 0, Qt.AlignmentFlag.AlignVCenter)
        body = QHBoxLayout()
        body.setContentsMargins(16, 0, 16, 0)
        body.addWidget(self.table)
        filled = QWidget()
        column = QVBoxLayout(filled)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(top)
        column.addLayout(body, 1)
        self.empty = EmptyState()
        self.empty.say(
            self.tr("Nothing that you moved to the trash from here is in it."), "", "trash"
        )
        self.pages = QStackedWidget()
        self.pages.addWidget(self.empty)
        self.pages.addWidget(filled)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self.pages)
        theme.mark(self, region="canvas")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFocusProxy(self.table)
        self.table.selectionModel().selectionChanged.connect(lambda: self._follow())
        self.table.doubleClicked.connect(lambda: self._put_back())
        self.table.entered_row.connect(self._put_back)
        self.table.left.connect(self.left)
        self.back_button.clicked.connect(self._put_back)
        self._follow()

    def show_photos(self, photos: Sequence[TrashedPhoto]) -> None:
        """Show these; what was selected stays selected."""
        kept = {_key(one) for one in self._marked()}
        self.model.show(photos)
        self.pages.setCurrentIndex(1 if photos else 0)
        size = facts.size_text(sum(one.size for one in photos))
        words = self.tr("%Ln photo(s)", "", len(photos))
        self.summary.setText(
            self.tr("%1, %2 · emptying the trash is your desktop's business")
            .replace("%1", words)
            .replace("%2", size)
        )
        selection = self.table.selectionModel()
        flags = selection.SelectionFlag
        for row, one in enumerate(photos):
            if _key(one) in kept:
                selection.select(self.model.index(row, 0), flags.Select | flags.Rows)
        if photos and not self.table.currentIndex().isValid():
            selection.setCurrentIndex(self.model.index(0, 0), flags.NoUpdate)
        self._follow()

    def chosen(self) -> list[TrashedPhoto]:
        """What would be put back: of a clearing of duplicates always all of it."""
        marked = {_key(one) for one in self._marked()}
        whole = {one.run_id for one in self._marked() if one.cleared}
        return [one for one in self.model.photos if one.run_id in whole or _key(one) in marked]

    def _marked(self) -> list[TrashedPhoto]:
        rows = {index.row() for index in self.table.selectionModel().selectedRows()}
        return [self.model.photos[row] for row in sorted(rows)]

    def _follow(self) -> None:
        chosen = self.chosen()
        words = self.tr("Put %Ln photo(s) back", "", len(chosen)) if chosen else self.tr("Put back")
        self.back_button.setText(words)
        self.back_button.setAccessibleName(words)
        tip = self.tr("To where they were, with all that was known of them (Enter)")
        if len(chosen) > len(self._marked()):
            tip = self.tr("Duplicates come back together with all that were cleared with them")
        self.back_button.setToolTip(tip)
        self.back_button.setEnabled(bool(chosen))

    def _put_back(self) -> None:
        if chosen := self.chosen():
            self.put_back_wanted.emit(chosen)


def _key(one: TrashedPhoto) -> tuple[int, object]:
    return one.run_id, one.path


class _Table(QTableView):
    """Signals: entered_row(), Enter · left(), Esc."""

    entered_row = Signal()
    left = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setIconSize(QSize(_SIDE, _SIDE))
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setTabKeyNavigation(False)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(_ROW)
        self.horizontalHeader().setHighlightSections(False)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.entered_row.emit()
        elif event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)
