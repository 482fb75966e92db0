"""The list beside the photo: labels with their counts, below each its things with a crop."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import QPoint, QRect, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QEnterEvent, QIcon, QImage, QKeyEvent, QPixmap
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTreeWidget, QTreeWidgetItem, QWidget

from gui import theme
from gui.detection.scene import Scene, Thing, ThingKey
from gui.labels import plain_text
from gui.tagging.dots import dot_icon
from gui.tagging.words import percent_text

_CROP = 40  # edge of a thing's picture
_KEY = Qt.ItemDataRole.UserRole
_LABEL = Qt.ItemDataRole.UserRole + 1
_TREE_KEYS = (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Home, Qt.Key.Key_End)
_LABEL_KEYS = (Qt.Key.Key_Space, Qt.Key.Key_Left, Qt.Key.Key_Right)


class ThingList(QTreeWidget):
    """Labels that can be hidden, and their things.

    Signals: chosen(ThingKey | None) · hovered(ThingKey | None) · label_hidden(str, bool) ·
    thing_menu_wanted(ThingKey, QPoint), global · named(ThingKey), it is to be called otherwise.
    """

    chosen = Signal(object)
    hovered = Signal(object)
    label_hidden = Signal(str, bool)
    thing_menu_wanted = Signal(object, object)
    named = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._silent = False
        self._shown: tuple[object, ...] = ()
        self._image: QImage | None = None
        self._scale = 1.0
        self._rows: dict[ThingKey, QTreeWidgetItem] = {}
        self._crops: dict[ThingKey, QPixmap] = {}
        self.setColumnCount(2)
        self.setHeaderHidden(True)
        self.setRootIsDecorated(False)
        self.setIndentation(12)
        self.setIconSize(QSize(_CROP, _CROP))
        self.setUniformRowHeights(False)
        self.setMouseTracking(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.setAllColumnsShowFocus(True)
        self.setExpandsOnDoubleClick(False)
        self.setAccessibleName(self.tr("Things on the photo"))
        header = self.header()
        header.setStretchLastSection(False)
        header.setMinimumSectionSize(24)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        theme.mark(self, region="panel")
        self.currentItemChanged.connect(self._choose)
        self.itemChanged.connect(self._changed)
        self.itemEntered.connect(self._enter)
        self.itemDoubleClicked.connect(self._name)
        self.customContextMenuRequested.connect(self._offer)
        theme.notifier.changed.connect(self._dress)

    def show_scene(self, scene: Scene, colours: Mapping[str, str]) -> None:
        """Show these; what is chosen stays chosen."""
        counts = [count for count in scene.counts if count.shown or count.below or not scene.sight]
        things = scene.things
        now = (tuple(counts), tuple(things), tuple(sorted(scene.hidden)), tuple(colours.items()))
        if now == self._shown:
            return
        self._shown = now
        self._silent = True
        former = self._current()
        chosen = former.data(0, _KEY) if former is not None else None
        self.clear()
        self._rows = {}
        by_label: dict[str, list[Thing]] = {}
        for thing in things:
            by_label.setdefault(thing.label, []).append(thing)
        for count in counts:
            hidden = count.label in scene.hidden
            top = self._label_row(count.label, count.shown, colours.get(count.label, ""), hidden)
            for thing in by_label.get(count.label, ()):
                top.addChild(self._thing_row(thing, hidden))
            top.setExpanded(not hidden)
        self._crops = {key: crop for key, crop in self._crops.items() if key in self._rows}
        if chosen in self._rows:
            self.setCurrentItem(self._rows[chosen])
        self._silent = False

    def show_picture(self, image: QImage | None, scale: float) -> None:
        """Cut the crops from this picture; `scale` is its pixels per pixel of the boxes."""
        same = image is None or (
            self._image is not None and image.cacheKey() == self._image.cacheKey()
        )
        if same and (image is None) == (self._image is None) and scale == self._scale:
            return
        self._image = image
        self._scale = scale
        self._crops = {}
        for key, row in self._rows.items():
            self._silent = True
            row.setIcon(0, self._crop(key))
            self._silent = False

    def select(self, key: ThingKey | None) -> None:
        """Mark one without a signal."""
        self._silent = True
        row = self._rows.get(key) if key is not None else None
        if row is not None:
            self.setCurrentItem(row)
            self.scrollToItem(row)
        elif (former := self._current()) is not None and former.data(0, _KEY) is not None:
            self.setCurrentItem(None)  # pyright: ignore[reportArgumentType] - Qt's null item
        self._silent = False

    def point_at(self, key: ThingKey | None) -> None:
        """The mouse is over this one's box: show its row like one under the mouse."""
        for at, row in self._rows.items():
            wanted = theme.colours().hover if at == key else QColor(0, 0, 0, 0)
            self._silent = True
            for column in (0, 1):
                row.setBackground(column, wanted)
            self._silent = False

    def keys(self) -> Sequence[ThingKey]:
        """All things in the order of the rows, those of hidden labels too."""
        return list(self._rows)

    # -- rows ----------------------------------------------------------------------------------

    def _label_row(self, label: str, shown: int, colour: str, hidden: bool) -> QTreeWidgetItem:
        name = plain_text(label)
        row = QTreeWidgetItem(self, [name, self.locale().toString(shown)])
        row.setData(0, _LABEL, label)
        # A pixmap keeps its size; an icon would grow to that of the crops.
        dot = dot_icon(colour).pixmap(QSize(16, 16), self.devicePixelRatioF())
        row.setData(0, Qt.ItemDataRole.DecorationRole, dot)
        row.setCheckState(0, Qt.CheckState.Unchecked if hidden else Qt.CheckState.Checked)
        row.setToolTip(0, self.tr("Show or hide these boxes (H)"))
        font = self.font()
        font.setBold(True)
        row.setFont(0, font)
        row.setSizeHint(0, QSize(0, 32))
        row.setTextAlignment(1, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        words = self.tr("%1, %Ln box(es)", "", shown).replace("%1", name)
        row.setData(0, Qt.ItemDataRole.AccessibleTextRole, words)
        if not shown:
            row.setForeground(0, theme.colours().muted)
            row.setForeground(1, theme.colours().muted)
        return row

    def _thing_row(self, thing: Thing, hidden: bool) -> QTreeWidgetItem:
        if thing.score is None:
            words, state = self.tr("Yours"), ""
        else:
            words, state = percent_text(thing.score), self.tr("kept") if thing.kept else ""
        row = QTreeWidgetItem([words, state])
        row.setData(0, _KEY, thing.key)
        row.setSizeHint(0, QSize(0, _CROP + 8))
        row.setTextAlignment(1, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        row.setForeground(1, theme.colours().muted)
        row.setData(
            0,
            Qt.ItemDataRole.AccessibleTextRole,
            ", ".join(part for part in (plain_text(thing.label), words, state) if part),
        )
        if hidden:
            row.setForeground(0, theme.colours().muted)
        self._rows[thing.key] = row
        row.setIcon(0, self._crop(thing.key))
        return row

    def _crop(self, key: ThingKey) -> QIcon:
        crop = self._crops.get(key)
        if crop is None:
            crop = self._cut(key)
            if self._image is not None:
                self._crops[key] = crop
        icon = QIcon(crop)
        icon.addPixmap(crop, QIcon.Mode.Selected)  # Qt would tint it
        return icon

    def _cut(self, key: ThingKey) -> QPixmap:
        """A square with the thing in its middle and a little of what is around it."""
        ratio = self.devicePixelRatioF()
        edge = round(_CROP * ratio)
        if self._image is None:
            empty = QPixmap(edge, edge)
            empty.fill(theme.colours().placeholder)
            empty.setDevicePixelRatio(ratio)
            return empty
        left, top, right, bottom = (side * self._scale for side in key[2])
        side = max(right - left, bottom - top) * 1.1
        side = min(side, self._image.width(), self._image.height())
        middle_x, middle_y = (left + right) / 2, (top + bottom) / 2
        area = QRect(0, 0, max(1, round(side)), max(1, round(side)))
        area.moveLeft(round(max(0, min(middle_x - side / 2, self._image.width() - side))))
        area.moveTop(round(max(0, min(middle_y - side / 2, self._image.height() - side))))
        cut = self._image.copy(area).scaled(
            edge,
            edge,
            Qt.AspectRatioMode.KeepAspectRatioByExpanding,
            Qt.TransformationMode.SmoothTransformation,
        )
        made = QPixmap.fromImage(cut)
        made.setDevicePixelRatio(ratio)
        return made

    def _current(self) -> QTreeWidgetItem | None:
        return self.currentItem()

    def _dress(self) -> None:
        self._shown = ()

    # -- mouse and keys ------------------------------------------------------------------------

    def _choose(self, item: QTreeWidgetItem | None, _former: object) -> None:
        if not self._silent:
            self.chosen.emit(item.data(0, _KEY) if item is not None else None)

    def _changed(self, item: QTreeWidgetItem, column: int) -> None:
        label: Any = item.data(0, _LABEL)
        if not self._silent and column == 0 and label is not None:
            hidden = item.checkState(0) == Qt.CheckState.Unchecked
            # Not at once: the rows are made anew, and Qt is not done with this one yet.
            QTimer.singleShot(0, self, lambda: self.label_hidden.emit(label, hidden))

    def _enter(self, item: QTreeWidgetItem) -> None:
        self.hovered.emit(item.data(0, _KEY))

    def _name(self, item: QTreeWidgetItem) -> None:
        if item.data(0, _KEY) is not None:
            self.named.emit(item.data(0, _KEY))

    def _offer(self, at: QPoint) -> None:
        item = self.itemAt(at)
        if item is not None and item.data(0, _KEY) is not None:
            self.thing_menu_wanted.emit(item.data(0, _KEY), self.viewport().mapToGlobal(at))

    def leaveEvent(self, event: QEnterEvent) -> None:  # pyright: ignore[reportIncompatibleMethodOverride]
        self.hovered.emit(None)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        item = self._current()
        of_label = item is not None and item.data(0, _LABEL) is not None
        if key in _TREE_KEYS or (of_label and key in _LABEL_KEYS):
            super().keyPressEvent(event)
        else:
            event.ignore()  # the page's

    def keyboardSearch(self, search: str) -> None:
        """Nothing: single letters are the page's keys."""
