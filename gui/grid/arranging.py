"""Photos of an album put into another order in the grid: by drag, or with Alt and the arrows."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, Qt, Signal
from PySide6.QtGui import QDragMoveEvent, QDropEvent, QKeyEvent
from PySide6.QtWidgets import QFrame

from engine.types import PhotoId
from gui import theme
from gui.grid.delegate import GAP
from gui.grid.model import GridModel
from gui.grid.view import GridView, dragged_photos

_KEYS = (Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down)
_EDGE = 32  # pixels at the top and the bottom where a drag scrolls
_STEP = 24


class Arranger(QObject):
    """Takes drops of the grid's own photos between its cells, while it is active.

    Signals: arranged(list[PhotoId], PhotoId | None), to stand before another one, or last.
    """

    arranged = Signal(object, object)

    def __init__(self, view: GridView, model: GridModel) -> None:
        super().__init__(view)
        self._view = view
        self._model = model
        self._active = False
        self._cells = view.viewport()
        self.line = QFrame(self._cells)
        self.line.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.line.setAutoFillBackground(True)
        self.line.hide()
        view.viewport().installEventFilter(self)
        view.installEventFilter(self)

    @property
    def active(self) -> bool:
        """Whether what is shown has an order that a hand can change."""
        return self._active

    def set_active(self, active: bool) -> None:
        """The grid shows an album and nothing else, or something else."""
        self._active = active
        self._view.viewport().setAcceptDrops(active)
        self.line.hide()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Drops on the cells, keys of the view."""
        if not self._active:
            return False
        if isinstance(event, QKeyEvent):
            return self._key(event)
        if watched is not self._cells:
            return False
        match event.type():
            case QEvent.Type.DragEnter | QEvent.Type.DragMove if isinstance(event, QDragMoveEvent):
                self._hover(event)
            case QEvent.Type.DragLeave:
                self.line.hide()
            case QEvent.Type.Drop if isinstance(event, QDropEvent):
                self._drop(event)
            case _:
                return False
        return True

    # -- dragging ------------------------------------------------------------------------------

    def _hover(self, event: QDragMoveEvent) -> None:
        if not dragged_photos(event.mimeData()):
            event.ignore()
            return
        at, height = event.position().toPoint(), self._view.viewport().height()
        bar = self._view.verticalScrollBar()
        if at.y() < _EDGE:
            bar.setValue(bar.value() - _STEP)
        elif at.y() > height - _EDGE:
            bar.setValue(bar.value() + _STEP)
        self._draw_line(self.row_at(at))
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()

    def _drop(self, event: QDropEvent) -> None:
        self.line.hide()
        shown = set(self._model.ids)
        ids = [photo_id for photo_id in dragged_photos(event.mimeData()) if photo_id in shown]
        if ids:
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()
            self._arrange(ids, self.row_at(event.position().toPoint()))
        else:
            event.ignore()

    def row_at(self, at: QPoint) -> int:
        """The row that a photo dropped here gets; behind the last is their number."""
        side, count = self._view.gridSize().width(), self._model.rowCount()
        x = at.x()
        while x > -side:
            index = self._view.indexAt(QPoint(max(0, x), at.y()))
            if index.isValid():
                cell = self._view.visualRect(index)
                return index.row() + (at.x() > cell.center().x())
            x -= side // 2
        return 0 if at.y() < 0 else count

    def _draw_line(self, row: int) -> None:
        last = row >= self._model.rowCount()
        cell: QRect = self._view.visualRect(self._model.index(row - 1 if last else row))
        left = cell.right() if last else cell.left() - GAP
        palette = self.line.palette()
        palette.setColor(self.line.backgroundRole(), theme.colours().accent)
        self.line.setPalette(palette)
        self.line.setGeometry(max(0, left), cell.top(), 3, cell.height() - GAP)
        self.line.show()
        self.line.raise_()

    # -- keys ----------------------------------------------------------------------------------

    def _key(self, event: QKeyEvent) -> bool:
        ours = event.modifiers() == Qt.KeyboardModifier.AltModifier and event.key() in _KEYS
        if not ours:
            return False
        if event.type() == QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        if event.type() != QEvent.Type.KeyPress:
            return False
        columns = max(1, self._view.viewport().width() // max(1, self._view.gridSize().width()))
        steps = {_KEYS[0]: -1, _KEYS[1]: 1, _KEYS[2]: -columns, _KEYS[3]: columns}
        self.shift(steps[Qt.Key(event.key())])
        return True

    def shift(self, steps: int) -> None:
        """Move what is selected so many cells on, or back."""
        ids = self._view.selected_ids()
        rows = [row for photo_id in ids if (row := self._model.row_of(photo_id)) is not None]
        if rows:
            to = rows[0] + steps if steps < 0 else rows[-1] + 1 + steps
            self._arrange(ids, max(0, min(self._model.rowCount(), to)))

    def _arrange(self, ids: list[PhotoId], row: int) -> None:
        """Tell where they go, unless they are there already."""
        shown, moved = list(self._model.ids), set(ids)
        before = next((photo_id for photo_id in shown[row:] if photo_id not in moved), None)
        rest = [photo_id for photo_id in shown if photo_id not in moved]
        at = rest.index(before) if before is not None else len(rest)
        if [*rest[:at], *ids, *rest[at:]] != shown:
            self.arranged.emit(ids, before)
