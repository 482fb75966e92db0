"""One model's answer in the comparison: its name and its best photos."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from engine.types import Hit, PhotoId
from gui import theme
from gui.grid.model import GridModel, Listing
from gui.grid.pages import PageSource
from gui.grid.view import GridView
from gui.labels import ElidedLabel, plain_text
from gui.thumbnails import Thumbnails

if TYPE_CHECKING:
    from gui.session import Session

_CELL = 112


class Column(QWidget):
    """The photos that one model finds, best first; those the other does not find are marked.

    Signals:
        selected(PhotoId): another photo was chosen.
    """

    selected = Signal(object)

    def __init__(self, session: Session, title: str, role: str) -> None:
        super().__init__()
        self._following = False
        heading = ElidedLabel(plain_text(title))
        theme.mark(heading, role="section-strong")
        words = ElidedLabel(role)
        theme.mark(words, role="muted")
        self.model = GridModel(self)
        self.pages = PageSource(self.model, session.workers, session.library.photos)
        # Thumbnails of its own: a view drops the questions for what it does not show itself.
        self.thumbnails = Thumbnails(
            session.workers, session.library.thumbnail, cache_mb=24, parent=self
        )
        self.view = GridView(self.model, self.thumbnails)
        self.view.set_cell_size(_CELL)
        self.view.setAccessibleName(self.tr("Found by %1").replace("%1", plain_text(title)))
        self.view.setSelectionMode(GridView.SelectionMode.SingleSelection)
        self.view.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Expanding)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addWidget(heading)
        column.addWidget(words)
        column.addSpacing(6)
        column.addWidget(self.view, 1)
        self.view.selection_changed.connect(self._tell)

    def show_hits(self, hits: Sequence[Hit], marked: frozenset[PhotoId]) -> None:
        """Show an answer; `marked` are the photos that the other one has not."""
        self.view.mark(marked)
        self.model.show(
            Listing([hit.photo_id for hit in hits], hits={hit.photo_id: hit for hit in hits})
        )

    def follow(self, photo_id: PhotoId) -> None:
        """Choose the photo that was chosen in the other column, where it is here too."""
        self._following = True
        if self.model.row_of(photo_id) is not None:
            self.view.go_to(photo_id)
        else:
            self.view.clearSelection()

    def _tell(self, ids: Sequence[PhotoId]) -> None:
        if self._following:
            self._following = False
        elif ids:
            self.selected.emit(ids[0])
