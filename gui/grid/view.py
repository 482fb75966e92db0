"""The grid of photos: its parts, keys, selection and drag."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from pathlib import Path

from PySide6.QtCore import (
    QItemSelection,
    QItemSelectionModel,
    QMimeData,
    QModelIndex,
    QPoint,
    Qt,
    QTimer,
    QUrl,
    Signal,
)
from PySide6.QtGui import (
    QContextMenuEvent,
    QDrag,
    QKeyEvent,
    QPaintEvent,
    QPixmap,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QStyle, QWidget

from engine.mark_types import Marks
from engine.types import Photo, PhotoId
from gui.grid.delegate import GAP, CellDelegate
from gui.grid.divider import HEIGHT, Divider
from gui.grid.model import GridModel, Index, Listing
from gui.grid.tiles import TileView
from gui.thumbnails import Thumbnails

SMALLEST, LARGEST, USUAL = 96, 256, 168
_OURS = "application/x-photosift-photos"


class GridView(TileView):
    """Shows a `GridModel` edge to edge.

    Signals: opened(PhotoId) · selection_changed(list[PhotoId]) · menu_wanted(QPoint), global ·
    cell_size_changed(int) · left(), Esc.
    """

    opened = Signal(object)
    selection_changed = Signal(object)
    menu_wanted = Signal(object)
    cell_size_changed = Signal(int)
    left = Signal()

    def __init__(
        self, model: GridModel, thumbnails: Thumbnails, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._model = model
        self._thumbnails = thumbnails
        self._cell = USUAL
        self._anchor: tuple[PhotoId, int] | None = None
        self._selected: set[PhotoId] = set()
        self._current: PhotoId | None = None
        self._folds = False  # what is weaker, where there are matches
        self.divider = Divider(self.viewport())
        self.divider.clicked.connect(self.fold_weaker)
        self._cells = CellDelegate(thumbnails, self)
        self.setModel(model)
        self.setItemDelegate(self._cells)

        self.setFrameShape(self.Shape.NoFrame)
        self.setViewportMargins(GAP, 0, 0, 0)
        self.setDragEnabled(True)
        self.setDragDropMode(self.DragDropMode.DragOnly)
        self.setMouseTracking(True)
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setAccessibleName(self.tr("Photos"))

        self._settle = QTimer(self, singleShot=True, interval=0)
        self._settle.timeout.connect(self._tell_selection)
        self.selectionModel().selectionChanged.connect(self._settle.start)
        model.modelReset.connect(self._settle.start)
        model.rowsRemoved.connect(self._settle.start)
        for changed in (model.modelReset, model.rowsRemoved, model.rowsInserted):
            changed.connect(self.doItemsLayout)
        self.doubleClicked.connect(self._open)
        model.about_to_show.connect(self._remember)
        model.shown.connect(self._restore)
        thumbnails.ready.connect(self._repaint)

    # -- size ----------------------------------------------------------------------------------

    @property
    def cell_size(self) -> int:
        """The wished-for edge of a cell; cells are stretched a little to fill the width."""
        return self._cell

    def set_cell_size(self, size: int) -> None:
        size = max(SMALLEST, min(LARGEST, size))
        if size == self._cell:
            return
        self._remember(None)
        self._cell = size
        self._fit_cells()
        self._restore(None)
        self.cell_size_changed.emit(size)

    @property
    def fills_cells(self) -> bool:
        return self._cells.fill

    def set_fills_cells(self, fill: bool) -> None:
        """Photos cut to the cell, or whole with margins."""
        self._cells.fill = fill
        self.viewport().update()

    def mark(self, ids: Collection[PhotoId]) -> None:
        """Give these photos a dot in the corner, and no others."""
        self._cells.marked = ids
        self.viewport().update()

    def show_marks(self, marks_of: Callable[[PhotoId], Marks | None]) -> None:
        """Show marks on the cells; the function answers at once with what is known."""
        self._cells.marks_of = marks_of
        self.viewport().update()

    def _fit_cells(self) -> None:
        # Room for the scroll bar even when it is hidden, so that nothing moves when it comes.
        metric = QStyle.PixelMetric.PM_ScrollBarExtent
        bar = self.style().pixelMetric(metric, None, self.verticalScrollBar())
        width = max(self._cell, self.maximumViewportSize().width() - bar - 1)
        columns = max(1, round(width / self._cell))
        self.set_tiles(width // columns, columns)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._fit_cells()
        super().resizeEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            steps = event.angleDelta().y() / 120
            self.set_cell_size(self._cell + round(24 * steps))
            event.accept()
        else:
            super().wheelEvent(event)

    # -- matches and weaker ones ---------------------------------------------------------------

    @property
    def folds_weaker(self) -> bool:
        return self._folds

    def fold_weaker(self) -> None:
        """Hide what is only a weaker match, or show it again."""
        if self._model.weaker_from:
            self._remember(None)
            self._folds = not self._folds
            self._part()
            current = self.currentIndex()
            if current.isValid() and self.isIndexHidden(current):
                self.setCurrentIndex(self._model.index(self.rows_shown() - 1))
            self._restore(None)

    def _part(self) -> None:
        """Put the line where matches end; nothing is hidden where there are none."""
        parted = self._model.weaker_from or None
        count = self._model.rowCount()
        if parted is not None and parted >= count:
            parted = None
        self.set_parts(parted, HEIGHT, folded=self._folds and parted is not None)
        if parted is not None:
            self.divider.tell(parted, count - parted, folded=self._folds)
        self._place_divider()

    def _place_divider(self) -> None:
        top = self.line_top()
        self.divider.setVisible(top is not None)
        if top is not None:
            self.divider.setGeometry(0, top, self.viewport().width() - GAP, HEIGHT - GAP)

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        super().scrollContentsBy(dx, dy)
        self._place_divider()

    def updateGeometries(self) -> None:
        super().updateGeometries()
        if hasattr(self, "divider"):  # Qt asks while it builds the view
            self._place_divider()

    # -- selection -----------------------------------------------------------------------------

    def selected_ids(self) -> list[PhotoId]:
        """Selected photos in the order shown. Cost: by ranges, so select-all is cheap."""
        ids = self._model.ids
        chosen: list[PhotoId] = []
        selection = self.selectionModel().selection()
        spans = [selection.at(at) for at in range(selection.count())]
        for top, bottom in sorted((span.top(), span.bottom()) for span in spans):
            chosen.extend(ids[top : bottom + 1])
        return chosen

    def selected_photos(self) -> list[Photo]:
        """Of the selected photos those whose rows are known."""
        known = (self._model.photo(id_) for id_ in self.selected_ids())
        return [photo for photo in known if photo is not None]

    def current_id(self) -> PhotoId | None:
        index = self.currentIndex()
        return self._model.id_at(index.row()) if index.isValid() else None

    def go_to(self, photo_id: PhotoId) -> None:
        """Make a photo the current and only selected one, and scroll to it."""
        row = self._model.row_of(photo_id)
        if row is not None:
            self.setCurrentIndex(self._model.index(row))
            self.scrollTo(self._model.index(row))

    def select_photos(self, ids: Sequence[PhotoId]) -> None:
        """Select exactly these, those that are shown; the first becomes the current one."""
        self._selected, self._current = set(ids), next(iter(ids), None)
        self._select_again()

    def invert_selection(self) -> None:
        if self._model.rowCount():
            everything = QItemSelection(
                self._model.index(0), self._model.index(self.rows_shown() - 1)
            )
            self.selectionModel().select(everything, QItemSelectionModel.SelectionFlag.Toggle)

    def settle_selection(self) -> None:
        """Tell of a selection that has just changed now, before something is done with it."""
        if self._settle.isActive():
            self._settle.stop()
            self._tell_selection()

    def _tell_selection(self) -> None:
        self.selection_changed.emit(self.selected_ids())

    def _open(self, index: QModelIndex) -> None:
        self.opened.emit(self._model.id_at(index.row()))

    # -- staying where one is while the list changes -----------------------------------------

    def _remember(self, listing: Listing | None) -> None:
        fresh = listing is not None and listing.fresh
        self._anchor = None
        self._selected = set() if fresh else set(self.selected_ids())
        self._current = None if fresh else self.current_id()
        if fresh or self.verticalScrollBar().value() == 0 or not self._model.rowCount():
            return  # at the top one wants to see what comes in at the top
        wanted = set(listing.ids) if listing is not None else None
        for row in self.visible_rows():
            photo_id = self._model.id_at(row)
            if wanted is None or photo_id in wanted:
                top = self.visualRect(self._model.index(row)).top()
                self._anchor = (photo_id, top)
                return

    def _restore(self, listing: Listing | None) -> None:
        self._part()
        if listing is not None and listing.fresh:
            self.scrollToTop()
            return
        if not self.selectionModel().hasSelection() and self._selected:
            self._select_again()
        if self._anchor is not None:
            photo_id, top = self._anchor
            row = self._model.row_of(photo_id)
            if row is not None:
                bar = self.verticalScrollBar()
                now = self.visualRect(self._model.index(row)).top()
                bar.setValue(bar.value() + now - top)
        self._anchor = None

    def _select_again(self) -> None:
        rows = sorted(
            row for row in (self._model.row_of(id_) for id_ in self._selected) if row is not None
        )
        selection = QItemSelection()
        start = 0
        for at, row in enumerate(rows):
            if at + 1 == len(rows) or rows[at + 1] != row + 1:
                selection.select(self._model.index(rows[start]), self._model.index(row))
                start = at + 1
        flags = QItemSelectionModel.SelectionFlag
        self.selectionModel().select(selection, flags.ClearAndSelect)
        if self._current is not None:
            row = self._model.row_of(self._current)
            if row is not None:
                self.selectionModel().setCurrentIndex(self._model.index(row), flags.NoUpdate)

    def dataChanged(
        self,
        topLeft: Index,  # noqa: N803 - Qt's names
        bottomRight: Index,  # noqa: N803
        roles: Sequence[int] = (),
    ) -> None:
        """Repaint only: QListView would lay out all rows again, though all cells are alike."""
        rows = self.visible_rows()
        if topLeft.row() < rows.stop and bottomRight.row() >= rows.start:
            self.viewport().update()

    # -- painting ------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        rows = self.visible_rows()
        self._thumbnails.keep_only(set(self._model.ids[rows.start : rows.stop]))

    def _repaint(self, photo_id: PhotoId) -> None:
        row = self._model.row_of(photo_id)
        if row is not None and row in self.visible_rows():
            self.viewport().update(self.visualRect(self._model.index(row)))

    # -- keys, menu, drag ----------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        index = self.currentIndex()
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space) and index.isValid():
            self._open(index)
        elif key == Qt.Key.Key_Escape:
            self.left.emit()
        elif event.text() and not event.modifiers() and event.text().isprintable():
            event.ignore()  # single letters are shortcuts of the window, not a search by name
        else:
            super().keyPressEvent(event)

    def keyboardSearch(self, search: str) -> None:
        """Nothing: it would fetch every row's name."""

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        index = self.currentIndex()
        if event.reason() == QContextMenuEvent.Reason.Keyboard:
            if not index.isValid():
                return
            self.menu_wanted.emit(self.viewport().mapToGlobal(self.visualRect(index).center()))
        elif self.indexAt(event.pos()).isValid():
            self.menu_wanted.emit(event.globalPos())

    def startDrag(self, supportedActions: Qt.DropAction) -> None:  # noqa: N803 - Qt's name
        """Drag the files out as URLs; other programs may only copy them."""
        photos = self.selected_photos()
        if not photos:
            return
        drag = QDrag(self)
        drag.setMimeData(dragged(photos, self.selected_ids()))
        photo_id = self.current_id()
        picture = self._picture_of(photo_id) if photo_id is not None else None
        if picture is not None:
            drag.setPixmap(picture)
            drag.setHotSpot(QPoint(picture.width() // 2, picture.height() // 2))
        drag.exec(Qt.DropAction.CopyAction)

    def _picture_of(self, photo_id: PhotoId) -> QPixmap | None:
        row = self._model.row_of(photo_id)
        if row is None:
            return None
        picture = self.viewport().grab(self.visualRect(self._model.index(row)))
        return picture.scaledToWidth(96, Qt.TransformationMode.SmoothTransformation)


def file_urls(photos: Sequence[Photo]) -> QMimeData:
    """What a drag or the clipboard hands to other programs."""
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(photo.path)) for photo in photos])
    mime.setText("\n".join(str(photo.path) for photo in photos))
    return mime


def dragged(photos: Sequence[Photo], ids: Sequence[PhotoId]) -> QMimeData:
    """The same with the photos' ids, for our own pages."""
    mime = file_urls(photos)
    mime.setData(_OURS, ",".join(map(str, ids)).encode())
    return mime


def dragged_photos(mime: QMimeData) -> list[PhotoId]:
    """The ids of photos that come from one of our own grids."""
    parts = bytes(mime.data(_OURS).data()).decode().split(",")
    return [PhotoId(int(part)) for part in parts if part.isdigit()]


def dragged_files(mime: QMimeData) -> list[Path]:
    """Files on this computer that another program hands over; none of our own drags."""
    if mime.hasFormat(_OURS):
        return []
    return [Path(url.toLocalFile()) for url in mime.urls() if url.isLocalFile()]


__all__ = [
    "GAP", "LARGEST", "SMALLEST", "USUAL", "GridView", "dragged", "dragged_files",
    "dragged_photos", "file_urls",
]  # fmt: skip
