"""The list of models: a line each, in sections, with its state at the right."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontMetrics, QKeyEvent, QPainter, QPen
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from gui import icons, theme
from gui.engine_words import said
from gui.labels import plain_text
from gui.models.state import Group, ModelView, Standing, group_of
from gui.models.words import DOT, group_text, sentence, state_text, subtitle

_VIEW = Qt.ItemDataRole.UserRole
_GROUP = Qt.ItemDataRole.UserRole + 1
_PAD = 12
_MOVING = (
    Standing.DOWNLOADING,
    Standing.PAUSED,
    Standing.QUEUED,
    Standing.PREPARING,
)


class ModelsList(QListWidget):
    """All models, one of them chosen.

    Signals:
        chosen(str): another model's id.
        acted(): Enter, or a double click on the chosen one.
        delete_wanted(): the Delete key.
    """

    chosen = Signal(str)
    acted = Signal()
    delete_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._order: list[tuple[Group, str]] = []
        self.setAccessibleName(self.tr("Models"))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setMouseTracking(True)
        self.setItemDelegate(_Lines(self))
        theme.mark(self, region="panel", role="models")
        self.currentItemChanged.connect(self._tell)
        self.itemDoubleClicked.connect(lambda: self.acted.emit())

    def set_views(self, views: Sequence[ModelView], wanted: str = "") -> None:
        """Show these. The chosen line stays chosen; without one it is `wanted`, or the first."""
        keep = self.chosen_id() or wanted
        grouped = [(g, v) for g in Group for v in views if group_of(v.info) is g]
        order = [(group, view.info.id) for group, view in grouped]
        if order != self._order:
            self._order = order
            self.blockSignals(True)
            self.clear()
            last = None
            for group, view in grouped:
                if group is not last:
                    self._add_heading(group)
                last = group
                self.addItem(_item(view))
            self.blockSignals(False)
            if not self._choose(keep) and not self._choose(wanted) and order:
                self._choose(order[0][1])
        else:
            by_id = {view.info.id: view for view in views}
            for row in range(self.count()):
                item = self.item(row)
                old: ModelView | None = item.data(_VIEW)
                if old is not None and (new := by_id[old.info.id]) != old:
                    _fill(item, new)

    def choose(self, model_id: str) -> None:
        """Make a model the chosen one."""
        self._choose(model_id)

    def chosen_id(self) -> str:
        item = self.currentItem()
        view: ModelView | None = item.data(_VIEW) if item is not None else None  # pyright: ignore[reportUnnecessaryComparison]
        return view.info.id if view is not None else ""

    def view(self, model_id: str) -> ModelView | None:
        """What is shown of a model."""
        for row in range(self.count()):
            found: ModelView | None = self.item(row).data(_VIEW)
            if found is not None and found.info.id == model_id:
                return found
        return None

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.acted.emit()
        elif event.key() == Qt.Key.Key_Delete:
            self.delete_wanted.emit()
        else:
            super().keyPressEvent(event)

    def _choose(self, model_id: str) -> bool:
        for row in range(self.count()):
            view: ModelView | None = self.item(row).data(_VIEW)
            if view is not None and view.info.id == model_id:
                self.setCurrentRow(row)
                return True
        return False

    def _add_heading(self, group: Group) -> None:
        item = QListWidgetItem(group_text(group))
        item.setFlags(Qt.ItemFlag.NoItemFlags)
        item.setData(_GROUP, group.name)
        self.addItem(item)

    def _tell(self) -> None:
        if model_id := self.chosen_id():
            self.chosen.emit(model_id)


def _item(view: ModelView) -> QListWidgetItem:
    item = QListWidgetItem()
    _fill(item, view)
    return item


def _fill(item: QListWidgetItem, view: ModelView) -> None:
    item.setData(_VIEW, view)
    title = plain_text(view.info.title)
    if view.recommended:
        title += ", " + _recommended()
    spoken = ", ".join(part for part in (title, state_text(view), subtitle(view)) if part)
    item.setData(Qt.ItemDataRole.AccessibleTextRole, spoken)
    told = " ".join(
        part for part in (sentence(view), said(view.reason), said(view.info.note)) if part
    )
    item.setData(Qt.ItemDataRole.AccessibleDescriptionRole, plain_text(told))
    item.setText(plain_text(view.info.title))


def _recommended() -> str:
    from gui.models.words import translate

    return translate("Models", "Recommended")


class _Lines(QStyledItemDelegate):
    """Paints headings and models; everything has its place, so that columns line up."""

    def sizeHint(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        line = QFontMetrics(_font(option)).lineSpacing()
        if index.data(_VIEW) is None:
            return QSize(0, line + (24 if index.row() == 0 else 28))
        return QSize(0, 2 * line + 20)

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        view: ModelView | None = index.data(_VIEW)
        area: QRect = option.rect  # pyright: ignore[reportAttributeAccessIssue]
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if view is None:
            font = _font(option)
            font.setWeight(QFont.Weight.DemiBold)
            painter.setFont(font)
            painter.setPen(theme.colours().muted)
            align = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignBottom
            painter.drawText(area.adjusted(_PAD, 0, -_PAD, -6), align, index.data())
        else:
            self._ground(painter, option, area)
            self._model(painter, option, area.adjusted(_PAD, 8, -_PAD, -8), view)
        painter.restore()

    def _ground(self, painter: QPainter, option: QStyleOptionViewItem, area: QRect) -> None:
        colours = theme.colours()
        state: QStyle.StateFlag = option.state  # pyright: ignore[reportAttributeAccessIssue]
        selected = bool(state & QStyle.StateFlag.State_Selected)
        if selected or state & QStyle.StateFlag.State_MouseOver:
            focused = selected and state & QStyle.StateFlag.State_HasFocus
            painter.setPen(QPen(colours.accent, 1) if focused else Qt.PenStyle.NoPen)
            painter.setBrush(colours.selection if selected else colours.hover)
            painter.drawRoundedRect(QRectF(area).adjusted(0.5, 1.5, -0.5, -1.5), 6, 6)

    def _model(
        self, painter: QPainter, option: QStyleOptionViewItem, area: QRect, view: ModelView
    ) -> None:
        colours = theme.colours()
        font = _font(option)
        metrics = QFontMetrics(font)
        line = metrics.lineSpacing()
        upper = QRect(area.left(), area.top(), area.width(), line)
        lower = QRect(area.left(), area.bottom() + 1 - line, area.width(), line)
        left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        ratio = painter.device().devicePixelRatioF()

        state = state_text(view)
        colour = _state_colour(view)
        width = metrics.horizontalAdvance(state)
        painter.setPen(colour)
        painter.drawText(upper, right, state)
        if view.standing is Standing.IN_USE and not view.reason:
            side = 14
            spot = QRect(upper.right() - width - side - 5, 0, side, side)
            spot.moveTop(upper.center().y() - side // 2)
            painter.drawPixmap(spot, icons.pixmap("check", side, colour, ratio))
            width += side + 6
        room = upper.width() - width - 16
        badge = _recommended() if view.recommended else ""
        small = QFont(font)
        small.setPointSizeF(font.pointSizeF() * 0.88)
        token = QFontMetrics(small).horizontalAdvance(badge) + 14 if badge else 0
        title = metrics.elidedText(
            plain_text(view.info.title), Qt.TextElideMode.ElideMiddle, room - token - 8
        )
        painter.setPen(colours.text)
        painter.drawText(upper, left, title)
        if badge:
            place = QRect(upper.left() + metrics.horizontalAdvance(title) + 8, 0, token, line)
            place.moveTop(upper.top())
            painter.setPen(QPen(colours.accent, 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(place).adjusted(0.5, 0.5, -0.5, -0.5), 7, 7)
            painter.setFont(small)
            painter.drawText(place, Qt.AlignmentFlag.AlignCenter, badge)
            painter.setFont(font)
        words = subtitle(view)
        if view.standing in _MOVING:
            self._bar(painter, lower, view)
            lower.setWidth(lower.width() - 112)
        painter.setPen(colours.muted)
        parts = words.split(DOT)
        while len(parts) > 1 and metrics.horizontalAdvance(DOT.join(parts)) > lower.width():
            parts.pop()  # a licence less rather than half a word
        words = metrics.elidedText(DOT.join(parts), Qt.TextElideMode.ElideMiddle, lower.width())
        painter.drawText(lower, left, words)

    def _bar(self, painter: QPainter, line: QRect, view: ModelView) -> None:
        """How far it is, at the right of the lower line; an even line while nobody knows."""
        colours = theme.colours()
        whole = QRectF(line.right() - 95, line.center().y() - 1, 96, 4)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colours.hairline)
        painter.drawRoundedRect(whole, 2, 2)
        share = view.share
        if share is not None and share > 0:
            done = QRectF(whole)
            done.setWidth(max(4.0, whole.width() * share))
            still = view.standing in (Standing.PAUSED, Standing.QUEUED)
            painter.setBrush(colours.muted if still else colours.accent)
            painter.drawRoundedRect(done, 2, 2)


def _state_colour(view: ModelView) -> QColor:
    colours = theme.colours()
    if (view.reason or view.standing is Standing.FAILED) and view.running is None:
        return colours.danger
    strong = (Standing.IN_USE, Standing.PREPARING, Standing.READY, Standing.DOWNLOADING)
    return colours.accent if view.standing in strong else colours.muted


def _font(option: QStyleOptionViewItem) -> QFont:
    return QFont(option.font)  # pyright: ignore[reportAttributeAccessIssue]
