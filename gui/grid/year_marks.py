"""A thin scale beside the grid: the years of the library, to be gone to with a click or a drag."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, QRect, QSize, Qt
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from engine.mark_types import Month
from engine.types import Order
from gui import theme
from gui.grid.delegate import GAP
from gui.grid.model import GridModel
from gui.grid.view import GridView
from gui.lister import Question

_WIDTH = 44
_APART = 20  # pixels from one year to the next, at the least
_SCREENS = 3  # of photos from which on a scale helps


class YearMarks(QWidget):
    """Shown beside all photos in the order of their dates, and nowhere else.

    By keys the same is done in the sidebar's timeline.
    """

    def __init__(self, view: GridView, model: GridModel) -> None:
        super().__init__(view)
        self._view = view
        self._model = model
        self._months: Sequence[Month] = ()
        self._question = Question()
        self.starts: list[tuple[int, int]] = []  # years, and the row where each begins
        self._point_at: int | None = None  # where the mouse is
        self.setMouseTracking(True)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName(self.tr("Years"))
        self.setToolTip(self.tr("Go to a year"))
        self.hide()
        view.installEventFilter(self)
        view.verticalScrollBar().valueChanged.connect(self.update)
        view.verticalScrollBar().rangeChanged.connect(lambda: self._settle())
        model.shown.connect(lambda: self._settle())
        theme.notifier.changed.connect(self.update)

    def show_months(self, months: Sequence[Month]) -> None:
        """Take over how many photos each month has, the newest first."""
        self._months = months
        self._settle()

    def follow(self, question: Question) -> None:
        """Something else is shown, or in another order."""
        self._question = question
        self._settle()

    # -- when and where ------------------------------------------------------------------------

    def _settle(self) -> None:
        self.starts = self._years() if self._helps() else []
        shown = len(self.starts) > 1
        if shown != self.isVisibleTo(self._view):
            self.setVisible(shown)
            self._view.setViewportMargins(GAP, 0, _WIDTH if shown else 0, 0)
        self._place()
        self.update()

    def _helps(self) -> bool:
        scope = self._question.scope
        by_date = scope.order in (Order.DATE_NEWEST, Order.DATE_OLDEST)
        whole = scope.root_id is None and not self._question.searches
        return by_date and whole and self._screens() > _SCREENS

    def _screens(self) -> float:
        """How many screens of cells there would be without the scale.

        Not asked of the scroll bar: with the scale cells are smaller, so it might no longer help,
        and without it help again, without end.
        """
        width, cell = self._view.width(), self._view.cell_size
        columns = max(1, round(width / cell))
        lines = -(-self._model.rowCount() // columns)
        return lines * (width // columns) / max(1, self._view.viewport().height())

    def _years(self) -> list[tuple[int, int]]:
        """By shares: while photos come, months and rows are not of one moment."""
        months = self._months
        whole = max(1, sum(month.photos for month in months))
        if self._question.scope.order is Order.DATE_OLDEST:
            months = months[::-1]
        found: list[tuple[int, int]] = []
        row = 0
        for month in months:
            if not found or found[-1][0] != month.year:
                found.append((month.year, row * self._model.rowCount() // whole))
            row += month.photos
        return found

    def _place(self) -> None:
        cells = self._view.viewport().geometry()
        self.setGeometry(QRect(cells.right() + 1, cells.top(), _WIDTH, cells.height()))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The view has another size."""
        if event.type() in (QEvent.Type.Resize, QEvent.Type.LayoutRequest) and self.starts:
            self._place()
        return False

    def sizeHint(self) -> QSize:
        return QSize(_WIDTH, 0)

    # -- going there ---------------------------------------------------------------------------

    def go_to(self, y: int) -> None:
        """Scroll to what lies at a height of the scale."""
        share = min(1.0, max(0.0, y / max(1, self.height())))
        rows = self._model.rowCount()
        if rows:
            index = self._model.index(min(rows - 1, int(share * rows)))
            self._view.scrollTo(index, GridView.ScrollHint.PositionAtTop)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.go_to(round(event.position().y()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._point_at = round(event.position().y())
        if event.buttons() & Qt.MouseButton.LeftButton:
            self.go_to(self._point_at)
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        self._point_at = None
        self.update()
        super().leaveEvent(event)

    # -- painting ------------------------------------------------------------------------------

    def marks(self) -> list[tuple[int, int]]:
        """Years with the height of each; those that would lie on another one are left out."""
        rows = max(1, self._model.rowCount())
        found: list[tuple[int, int]] = []
        for year, row in self.starts:
            y = round(row / rows * self.height())
            if year > 0 and y + _APART <= self.height() and (
                not found or y - found[-1][1] >= _APART
            ):  # fmt: skip
                found.append((year, y))
        return found

    def year_at(self, row: int) -> int:
        """The year of a photo."""
        return max(((start, year) for year, start in self.starts if start <= row), default=(0, 0))[
            1
        ]

    def paintEvent(self, event: QPaintEvent) -> None:
        now = theme.colours()
        painter = QPainter(self)
        here = self.year_at(next(iter(self._view.visible_rows()), 0))
        for year, y in self.marks():
            painter.setPen(now.text if year == here else now.muted)
            place = QRect(0, y, _WIDTH - 8, _APART)
            painter.drawText(place, Qt.AlignmentFlag.AlignCenter, str(year))
        if self._point_at is not None:
            painter.fillRect(QRect(4, self._point_at, _WIDTH - 12, 2), now.accent)
        painter.end()
