"""The members of a group as a strip of cards: which stays, which go, and how each differs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QDateTime,
    QLocale,
    QModelIndex,
    QObject,
    QPoint,
    QRect,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QFont,
    QKeyEvent,
    QPainter,
    QPen,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from engine.duplicate_types import DuplicateGroup, Member
from engine.types import PhotoId
from gui import icons, theme
from gui.duplicates.engine_notes import note_text
from gui.duplicates.marks import Mark
from gui.duplicates.seen import MemberFacts
from gui.duplicates.stage import KEPT
from gui.duplicates.words import DuplicateWords
from gui.facts import size_text
from gui.grid.model import Index
from gui.labels import path_text, plain_text, tooltip_text
from gui.tagging.words import DOT
from gui.thumbnails import Frame, Thumbnails

_SIDE, _SMALL = 92, 64  # of a thumbnail, and in a narrow card
_LEAST, _MOST, HEIGHT = 236, 348, 112  # widths of a card, and its height
_ROLE = Qt.ItemDataRole.UserRole + 1
_TOP = QModelIndex()


class MemberRows(QAbstractListModel):
    """The members of one group, with what is known and what is to become of each."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._words = DuplicateWords(self)
        self.group: DuplicateGroup | None = None
        self.mark: Mark | None = None
        self.facts: Mapping[PhotoId, MemberFacts] = {}
        self.arrivals: frozenset[PhotoId] = frozenset()  # new ones that were there already

    @property
    def members(self) -> tuple[Member, ...]:
        return self.group.members if self.group is not None else ()

    def show(self, group: DuplicateGroup | None, mark: Mark | None) -> None:
        self.beginResetModel()
        self.group, self.mark, self.facts = group, mark, {}
        self.endResetModel()

    def set_mark(self, mark: Mark) -> None:
        self.mark = mark
        self._changed()

    def set_facts(self, facts: Mapping[PhotoId, MemberFacts]) -> None:
        self.facts = facts
        self._changed()

    def _changed(self) -> None:
        if self.members:
            self.dataChanged.emit(self.index(0), self.index(len(self.members) - 1))

    def rowCount(self, parent: Index = _TOP) -> int:
        return 0 if parent.isValid() else len(self.members)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        member = self.members[index.row()]
        if role == _ROLE:
            return member
        if role == Qt.ItemDataRole.DisplayRole:
            return plain_text(member.path.name)
        lines = [str(member.path), *self.lines(member)[:2]]
        if role == Qt.ItemDataRole.ToolTipRole:
            files = [path.name for path in member.companions]
            return tooltip_text("\n".join(filter(None, [*lines, *files])))
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return plain_text(", ".join(filter(None, [member.path.name, *self.lines(member)])))
        return None

    def state(self, member: Member) -> str:
        """Which of the three it is: "kept", "trash", or neither."""
        if self.mark is not None and member.photo_id == self.mark.keep:
            return "kept"
        marked = self.mark is not None and member.photo_id in self.mark.trash
        return "trash" if marked else ""

    def lines(self, member: Member) -> list[str]:
        """What is said of a member: its part, its picture, its file, its place."""
        known = self.facts.get(member.photo_id, MemberFacts())
        picture = [f"{member.width} × {member.height}", size_text(member.size), known.format]
        if member.companions:
            picture.append(self.tr("+ %Ln file(s)", "", len(member.companions)))
        about = [_moment(known.taken_at)]
        about.append(known.camera)
        if known.rating:
            about.append(self.tr("%Ln star(s)", "", known.rating))
        about += [plain_text(tag) for tag in known.tags]
        return [
            self._part(member),
            DOT.join(filter(None, picture)),
            path_text(member.path.parent),
            DOT.join(filter(None, about)),
        ]

    def _part(self, member: Member) -> str:
        if self.group is None:
            return ""
        first = self.group.members[0]
        if self.state(member) == "kept":
            return self.tr("Stays")
        if not member.offered:
            return note_text(member.why_not) or self.tr("Cannot go")
        if member is first:
            return self.tr("The rules would keep it")
        proof = self._words.proof(first, member)
        if member.photo_id in self.arrivals:
            return DOT.join(filter(None, [self.tr("You already had this one"), proof]))
        return proof


class MemberDelegate(QStyledItemDelegate):
    """Paints a card."""

    def __init__(self, thumbnails: Thumbnails, rows: MemberRows, parent: QObject) -> None:
        super().__init__(parent)
        self._thumbnails = thumbnails
        self._rows = rows
        self.width = _LEAST

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(self.width, HEIGHT)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        member: Member = index.data(_ROLE)
        colours = theme.colours()
        flags: QStyle.StateFlag = option.state  # pyright: ignore[reportAttributeAccessIssue]
        cell: QRect = option.rect  # pyright: ignore[reportAttributeAccessIssue]
        state = self._rows.state(member)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        area = cell.adjusted(2, 2, -2, -2)
        if flags & QStyle.StateFlag.State_Selected:
            focused = bool(flags & QStyle.StateFlag.State_HasFocus)
            painter.setPen(QPen(colours.accent, 2) if focused else Qt.PenStyle.NoPen)
            painter.setBrush(colours.selection)
            painter.drawRoundedRect(area.adjusted(1, 1, -1, -1), 6, 6)
        elif flags & QStyle.StateFlag.State_MouseOver:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colours.hover)
            painter.drawRoundedRect(area, 6, 6)
        side = _SIDE if area.width() >= 300 else _SMALL
        square = QRect(area.left() + 8, area.center().y() - side // 2, side, side)
        self._picture(painter, square, member, faint=state == "trash")
        self._badge(painter, square, state, offered=member.offered)
        text = QRect(square.right() + 12, area.top(), 0, area.height())
        text.setRight(area.right() - 8)
        self._text(painter, text, member, state)
        painter.restore()

    def _picture(self, painter: QPainter, square: QRect, member: Member, *, faint: bool) -> None:
        """The whole photo: of a crop one wants to see the shape."""
        side = round(_SIDE * painter.device().devicePixelRatioF())
        pixmap = self._thumbnails.pixmap(member.photo_id, Frame(side, fill=False))
        if pixmap is None or pixmap.isNull():
            painter.fillRect(square, theme.colours().placeholder)
            return
        size = pixmap.size().scaled(square.size(), Qt.AspectRatioMode.KeepAspectRatio)
        fitted = QRect(QPoint(0, 0), size)
        fitted.moveCenter(square.center())
        painter.setOpacity(0.4 if faint else 1.0)
        painter.drawPixmap(fitted, pixmap, pixmap.rect())
        painter.setOpacity(1.0)

    def _badge(self, painter: QPainter, square: QRect, state: str, *, offered: bool) -> None:
        name = {"kept": "check", "trash": "trash"}.get(state, "" if offered else "lock")
        if not name:
            return
        disc = QRect(square.left() + 4, square.top() + 4, 24, 24)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(KEPT if state == "kept" else QColor(0, 0, 0, 190))
        painter.drawEllipse(disc)
        ratio = painter.device().devicePixelRatioF()
        ink = QColor(16, 28, 20) if state == "kept" else QColor(255, 255, 255)
        painter.drawPixmap(disc.adjusted(4, 4, -4, -4), icons.pixmap(name, 16, ink, ratio))

    def _text(self, painter: QPainter, area: QRect, member: Member, state: str) -> None:
        colours = theme.colours()
        font = QFont(painter.font())
        step = painter.fontMetrics().lineSpacing()
        part, picture, place, about = self._rows.lines(member)
        rows = [(plain_text(member.path.name), colours.text, QFont.Weight.DemiBold)]
        rows.append((part, colours.text if state != "trash" else colours.muted, _NORMAL))
        rows += [(line, colours.muted, _NORMAL) for line in (picture, place, about)]
        rows = [row for row in rows if row[0]]
        top = area.top() + max(0, (area.height() - len(rows) * step) // 2)
        for words, ink, weight in rows:
            font.setWeight(weight)
            painter.setFont(font)
            painter.setPen(ink)
            mode = Qt.TextElideMode.ElideMiddle if words == place else Qt.TextElideMode.ElideRight
            line = QRect(area.left(), top, area.width(), step)
            painter.drawText(
                line,
                Qt.AlignmentFlag.AlignVCenter,
                painter.fontMetrics().elidedText(words, mode, area.width()),
            )
            top += step


_NORMAL = QFont.Weight.Normal


def _moment(taken_at: str) -> str:
    """Day and time, short, the year whole."""
    moment = QDateTime.fromString(taken_at[:19], Qt.DateFormat.ISODate)
    if not moment.isValid():
        return ""
    locale = QLocale()
    day = locale.dateFormat(QLocale.FormatType.ShortFormat)
    day = day if "yyyy" in day else day.replace("yy", "yyyy")
    time = locale.toString(moment.time(), QLocale.FormatType.ShortFormat)
    return f"{locale.toString(moment.date(), day)} {time}"


class MemberStrip(QListView):
    """The members of the chosen group.

    Signals: chosen(Member), to be compared with the one that stays · opened(PhotoId) ·
    menu_wanted(QPoint), global.
    """

    chosen = Signal(object)
    opened = Signal(object)
    menu_wanted = Signal(object)

    def __init__(self, thumbnails: Thumbnails) -> None:
        super().__init__()
        self.rows = MemberRows(self)
        self.setModel(self.rows)
        self._cards = MemberDelegate(thumbnails, self.rows, self)
        self.setItemDelegate(self._cards)
        self.setFlow(QListView.Flow.LeftToRight)
        self.setWrapping(False)
        self.setUniformItemSizes(True)
        self.setMouseTracking(True)
        self.setHorizontalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFrameShape(QListView.Shape.NoFrame)
        self.setFixedHeight(HEIGHT + 12)
        self.setAccessibleName(self.tr("Photos of the group"))
        self.selectionModel().currentChanged.connect(self._tell)
        self.doubleClicked.connect(self._open)
        thumbnails.ready.connect(lambda: self.viewport().update())
        theme.notifier.changed.connect(self.viewport().update)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_cards()

    def _fit_cards(self) -> None:
        """Two cards side by side where there are two: one sees both without scrolling."""
        width = self.viewport().width() // max(2, min(4, len(self.rows.members)))
        width = max(_LEAST, min(_MOST, width - 1))
        if width != self._cards.width:
            self._cards.width = width
            self.scheduleDelayedItemsLayout()

    @property
    def member(self) -> Member | None:
        """The one that is chosen."""
        index = self.currentIndex()
        return self.rows.members[index.row()] if index.isValid() else None

    def show_group(self, group: DuplicateGroup | None, mark: Mark | None) -> None:
        """Show its members and choose the first that does not stay."""
        self.rows.show(group, mark)
        self._fit_cards()
        if group is None or mark is None:
            return
        row = next((n for n, m in enumerate(group.members) if m.photo_id != mark.keep), 0)
        self.setCurrentIndex(self.rows.index(row))

    def step(self, steps: int) -> None:
        """Choose the next one, or one before; nothing happens at the ends."""
        row = self.currentIndex().row() + steps
        if 0 <= row < len(self.rows.members):
            self.setCurrentIndex(self.rows.index(row))

    def _tell(self) -> None:
        if self.member is not None:
            self.chosen.emit(self.member)

    def _open(self) -> None:
        if self.member is not None:
            self.opened.emit(self.member.photo_id)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        event.ignore()  # all keys are the page's: it knows groups and members

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        event.ignore()

    def keyboardSearch(self, search: str) -> None:
        """Nothing: letters are keys of the page."""

    def wheelEvent(self, event: QWheelEvent) -> None:
        bar = self.horizontalScrollBar()
        bar.setValue(bar.value() - event.angleDelta().y() - event.angleDelta().x())
        event.accept()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        if event.reason() == QContextMenuEvent.Reason.Keyboard:
            rect = self.visualRect(self.currentIndex())
            self.menu_wanted.emit(self.viewport().mapToGlobal(rect.center()))
        elif self.indexAt(event.pos()).isValid():
            self.menu_wanted.emit(event.globalPos())
