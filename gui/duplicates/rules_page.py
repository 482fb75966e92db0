"""Which photo of a group stays: an ordered list of rules, and the folders that two of them need."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFileDialog,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from engine.duplicate_types import Criterion, PickRules
from gui import icons, theme
from gui.duplicates.words import DuplicateWords
from gui.grid.model import Index
from gui.job_row import tool_button
from gui.labels import hairline, path_text, text_label, tooltip_text

_ROLE = Qt.ItemDataRole.UserRole


class OrderedList(QListWidget):
    """Rows in an order that matters: dragged, or moved with Alt and the arrows.

    Signals: reordered(), also when one was ticked, added or removed.
    """

    reordered = Signal()

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        theme.mark(self, role="field")
        self.setAccessibleName(name)
        self.setDragDropMode(QAbstractItemView.DragDropMode.InternalMove)
        self.setDefaultDropAction(Qt.DropAction.MoveAction)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setIconSize(QSize(16, 16))
        self.model().rowsMoved.connect(lambda: self.reordered.emit())
        self.model().rowsInserted.connect(lambda: self.reordered.emit())
        self.model().rowsRemoved.connect(lambda: self.reordered.emit())
        self.itemChanged.connect(lambda: self.reordered.emit())

    def move_current(self, steps: int) -> None:
        """Let the chosen row rise or sink."""
        row, to = self.currentRow(), self.currentRow() + steps
        if row >= 0 and 0 <= to < self.count():
            item = self.takeItem(row)
            self.insertItem(to, item)
            self.setCurrentRow(to)

    def items_in_order(self) -> list[QListWidgetItem]:
        return [self.item(row) for row in range(self.count())]

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.modifiers() & Qt.KeyboardModifier.AltModifier and event.key() in (
            Qt.Key.Key_Up,
            Qt.Key.Key_Down,
        ):
            self.move_current(-1 if event.key() == Qt.Key.Key_Up else 1)
        else:
            super().keyPressEvent(event)


class NoteDelegate(QStyledItemDelegate):
    """A row with a muted note at its right end, where there is room for both."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        super().paint(painter, option, index)
        cell: QRect = option.rect  # pyright: ignore[reportAttributeAccessIssue]
        note = str(index.data(Qt.ItemDataRole.ToolTipRole) or "")
        metrics = painter.fontMetrics()
        words = metrics.horizontalAdvance(str(index.data()))
        if words + metrics.horizontalAdvance(note) + 112 > cell.width():
            return
        painter.save()
        painter.setPen(theme.colours().muted)
        align = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(cell.adjusted(0, 0, -12, 0), align, note)
        painter.restore()


class FolderList(QWidget):
    """Folders in an order, with buttons to add and remove them. Signals: changed()."""

    changed = Signal()

    def __init__(self, title: str, note: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._title = title
        self.list = OrderedList(title)
        self.list.setFixedHeight(104)
        self.add_button = theme.mark(QPushButton(self.tr("Add…")), link=True)
        self.add_button.setAccessibleName(f"{title}: {self.add_button.text()}")
        self.remove_button = theme.mark(QPushButton(self.tr("Remove")), link=True)
        self.remove_button.setAccessibleName(f"{title}: {self.remove_button.text()}")
        head = QHBoxLayout()
        head.setSpacing(12)
        head.addWidget(text_label(title, "section-strong"))
        head.addStretch(1)
        head.addWidget(self.add_button)
        head.addWidget(self.remove_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(head)
        column.addWidget(text_label(note, "muted", wrap=True))
        column.addWidget(self.list)
        self.add_button.clicked.connect(self._ask)
        self.remove_button.clicked.connect(self._remove)
        self.list.reordered.connect(self.changed)
        self.list.currentRowChanged.connect(self._follow)
        self._follow()

    @property
    def folders(self) -> tuple[Path, ...]:
        return tuple(item.data(_ROLE) for item in self.list.items_in_order())

    def show_folders(self, folders: tuple[Path, ...]) -> None:
        self.list.clear()
        for folder in folders:
            self._put(folder)

    def add(self, folder: Path) -> None:
        """Take a folder, once."""
        if folder not in self.folders:
            self._put(folder)
            self.list.setCurrentRow(self.list.count() - 1)

    def _put(self, folder: Path) -> None:
        item = QListWidgetItem(icons.icon("folder"), path_text(folder))
        item.setToolTip(tooltip_text(str(folder)))
        item.setData(_ROLE, folder)
        self.list.addItem(item)

    def _ask(self) -> None:
        chosen = QFileDialog.getExistingDirectory(self.window(), self._title, str(Path.home()))
        if chosen:
            self.add(Path(chosen))

    def _remove(self) -> None:
        if self.list.currentRow() >= 0:
            self.list.takeItem(self.list.currentRow())

    def _follow(self) -> None:
        self.remove_button.setEnabled(self.list.currentRow() >= 0)


class RulesPage(QWidget):
    """Asks which photo stays.

    Signals: rules_wanted(PickRules), use these · left(), without a change.
    """

    rules_wanted = Signal(object)
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._words = DuplicateWords(self)
        self._rules = PickRules()
        self.criteria = OrderedList(self.tr("Rules in their order"))
        self.criteria.setItemDelegate(NoteDelegate(self.criteria))
        self.up_button = tool_button("chevron-up", self.tr("More important (Alt+Up)"))
        self.down_button = tool_button("chevron-down", self.tr("Less important (Alt+Down)"))
        self.usual_button = theme.mark(QPushButton(self.tr("Usual order")), link=True)
        self.usual_button.setAccessibleName(self.usual_button.text())
        self.preferred = FolderList(
            self.tr("Preferred folders"),
            self.tr("Of two copies the one in the upper folder stays."),
        )
        self.protected = FolderList(
            self.tr("Protected folders"),
            self.tr("Nothing in them or below ever goes to the trash."),
        )
        self.use_button = theme.mark(QPushButton(self.tr("Use these rules")), primary=True)
        self.cancel_button = QPushButton(self.tr("Cancel"))
        for button in (self.use_button, self.cancel_button):
            button.setAccessibleName(button.text())
        self._lay_out()
        self.up_button.clicked.connect(lambda: self.criteria.move_current(-1))
        self.down_button.clicked.connect(lambda: self.criteria.move_current(1))
        self.usual_button.clicked.connect(lambda: self._fill(PickRules().order))
        self.use_button.clicked.connect(lambda: self.rules_wanted.emit(self.rules))
        self.cancel_button.clicked.connect(lambda: self.left.emit())
        for part in (self.criteria.reordered, self.preferred.changed, self.protected.changed):
            part.connect(self._follow)

    def _lay_out(self) -> None:
        left = QVBoxLayout()
        left.setSpacing(8)
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(text_label(self.tr("The first that tells two apart decides"), "muted"), 1)
        head.addWidget(self.usual_button)
        head.addWidget(self.up_button)
        head.addWidget(self.down_button)
        left.addLayout(head)
        left.addWidget(self.criteria, 1)
        right = QVBoxLayout()
        right.setSpacing(24)
        right.addWidget(self.preferred)
        right.addWidget(self.protected)
        right.addStretch(1)
        both = QHBoxLayout()
        both.setContentsMargins(24, 0, 24, 16)
        both.setSpacing(40)
        both.addLayout(left, 3)
        both.addLayout(right, 2)
        middle = QWidget()
        middle.setLayout(both)
        middle.setMaximumWidth(1120)
        foot = QHBoxLayout()
        foot.setContentsMargins(24, 8, 24, 12)
        foot.setSpacing(8)
        foot.addStretch(1)
        foot.addWidget(self.cancel_button)
        foot.addWidget(self.use_button)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(middle, 1)
        whole.addWidget(hairline())
        whole.addLayout(foot)

    def focusInEvent(self, event: QFocusEvent) -> None:
        # No proxy: with one, Tab would pass over all that stands before it.
        self.criteria.setFocus(event.reason())

    @property
    def rules(self) -> PickRules:
        """As they stand here; those that are not ticked are left out."""
        order = tuple(
            item.data(_ROLE)
            for item in self.criteria.items_in_order()
            if item.checkState() == Qt.CheckState.Checked
        )
        return PickRules(order, self.preferred.folders, self.protected.folders)

    def show_rules(self, rules: PickRules) -> None:
        """Begin with these."""
        self._rules = rules
        self.preferred.show_folders(rules.preferred)
        self.protected.show_folders(rules.protected)
        self._fill(rules.order)
        self.criteria.setCurrentRow(0)

    def _fill(self, order: tuple[Criterion, ...]) -> None:
        self.criteria.clear()
        for criterion in (*order, *(one for one in Criterion if one not in order)):
            item = QListWidgetItem(icons.icon("grip", muted=True), self._words.criterion(criterion))
            item.setToolTip(self._words.criterion_note(criterion))
            item.setData(_ROLE, criterion)
            flags = item.flags() | Qt.ItemFlag.ItemIsUserCheckable
            item.setFlags(flags & ~Qt.ItemFlag.ItemIsDropEnabled)
            ticked = Qt.CheckState.Checked if criterion in order else Qt.CheckState.Unchecked
            item.setCheckState(ticked)
            self.criteria.addItem(item)
        self._follow()

    def _follow(self) -> None:
        self.use_button.setEnabled(self.rules != self._rules and bool(self.rules.order))
