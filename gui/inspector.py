"""The inspector: everything known about the chosen photo, as text to read and to copy."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from engine.types import PhotoDetail
from gui import facts, icons, theme
from gui.labels import PathLink, WrappedText, path_text, text_label
from gui.map_link import open_map

if TYPE_CHECKING:
    from gui.detection.inspector_section import DetectionSection
    from gui.marking.section import MarkSection
    from gui.tagging.section import TagSection


class Inspector(QScrollArea):
    """Facts about what is selected.

    Signals:
        find_similar_wanted(PhotoId): photos like this one are wanted.
        path_activated(Path): a folder or a copy was clicked.
    """

    find_similar_wanted = Signal(object)
    path_activated = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._detail: PhotoDetail | None = None
        self._sections: list[TagSection | DetectionSection] = []
        self._marks: MarkSection | None = None
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName(self.tr("Details"))
        self.setMinimumWidth(216)
        # The facts below can be reached one by one; the area itself is no stop.
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        theme.mark(self, region="panel")
        self._show(self._empty())

    def add_section(self, section: TagSection | DetectionSection) -> None:
        """Have a part that goes from photo to photo, below the name and those added before."""
        self._sections.append(section)
        section.setParent(self)
        section.hide()

    def add_marks(self, section: MarkSection) -> None:
        """Have a part in which marks are changed; who adds it tells it what to show."""
        self._marks = section
        section.setParent(self)
        section.hide()

    def show_detail(self, detail: PhotoDetail | None) -> None:
        """Show one photo, or that none is selected."""
        same = self._detail is not None and detail == self._detail
        self._detail = detail
        if same:
            return  # an unchanged photo keeps the user's text selection and place
        self._show(self._empty() if detail is None else self._facts(detail))

    def show_many(self, count: int, total_bytes: int) -> None:
        """Show that several photos are selected."""
        self._detail = None
        page, column = _page()
        column.addWidget(text_label(self.tr("%Ln photo(s)", "", count), "heading"))
        column.addWidget(text_label(facts.size_text(total_bytes), "muted"))
        self._add_marks(column)
        column.addStretch()
        self._show(page)

    def _show(self, page: QWidget) -> None:
        place = self.verticalScrollBar().value()
        # Not destroyed at once: a click on one of its buttons may be what brought us here.
        if self.widget() is not None:
            former = self.takeWidget()
            for section in self._sections:
                if former.isAncestorOf(section):
                    section.setParent(self)  # it outlives the page
                    section.hide()
                    section.show_photo(None)
            if self._marks is not None and former.isAncestorOf(self._marks):
                self._marks.setParent(self)
                self._marks.hide()
            former.hide()
            former.deleteLater()
        self.page = theme.mark(page, region="panel")
        self.setWidget(page)
        if place:  # who reads the place of one photo after the other stays there
            QTimer.singleShot(0, self, lambda: self.verticalScrollBar().setValue(place))

    def _empty(self) -> QWidget:
        page, column = _page()
        words = text_label(self.tr("Select a photo to see what is known about it."), "muted")
        words.setWordWrap(True)
        words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        column.addStretch()
        column.addWidget(words)
        column.addStretch()
        return page

    def _facts(self, detail: PhotoDetail) -> QWidget:
        photo, metadata = detail.photo, detail.metadata
        page, column = _page()
        name = WrappedText("heading")
        name.setAccessibleName(self.tr("Name"))
        name.set_text(photo.name)
        column.addWidget(name)
        folder = PathLink(photo.path.parent)
        folder.setAccessibleName(
            self.tr("Show in folder: %1").replace("%1", path_text(photo.path.parent))
        )
        folder.clicked.connect(lambda: self.path_activated.emit(photo.path))
        column.addWidget(folder)
        if not photo.online:
            column.addWidget(self._warning(self.tr("This photo is on a drive that is offline.")))
        problem = detail.problem or photo.damaged
        if problem:
            column.addWidget(self._warning(facts.reason_text(problem)))
        column.addSpacing(8)
        similar = QPushButton(icons.icon("similar"), self.tr("Find similar"))
        similar.setToolTip(self.tr("Search for photos that look like this one (Ctrl+E)"))
        similar.setAccessibleName(self.tr("Find similar"))
        similar.setEnabled(photo.embedded)
        if not photo.embedded:
            similar.setToolTip(self.tr("This photo is not searchable yet"))
        similar.clicked.connect(lambda: self.find_similar_wanted.emit(photo.id))
        column.addWidget(similar)
        column.addSpacing(8)
        self._add_marks(column)
        for section in self._sections:
            column.addWidget(section)
            section.show()
            section.show_photo(photo.id)

        self._fact(column, self.tr("Title"), metadata.title)
        if self._marks is None:
            self._fact(column, self.tr("Caption"), metadata.caption)
            if metadata.rating is not None:
                self._rating(column, metadata.rating)
        self._fact(
            column, self.tr("Taken"), facts.date_text(metadata.taken_at, metadata.utc_offset)
        )
        self._fact(column, self.tr("Camera"), facts.camera_text(metadata))
        self._fact(column, self.tr("Lens"), metadata.lens)
        self._fact(column, self.tr("Exposure"), facts.exposure_text(metadata))
        self._fact(column, self.tr("Picture"), facts.file_text(photo))
        kind = [photo.format or "", facts.size_text(photo.size)]
        self._fact(column, self.tr("File"), " · ".join(part for part in kind if part))
        self._fact(column, self.tr("Keywords"), ", ".join(metadata.keywords))
        self._fact(column, self.tr("Software"), metadata.software)
        place = facts.place_text(metadata)
        if place:
            self._fact(column, self.tr("Place"), place)
            column.addWidget(self._map_link(detail), 0, Qt.AlignmentFlag.AlignLeft)
        if detail.copies:
            column.addSpacing(4)
            column.addWidget(
                text_label(self.tr("%Ln exact copies", "", len(detail.copies)), "muted")
            )
            for path in detail.copies:
                link = PathLink(path)
                link.activated.connect(self.path_activated.emit)
                column.addWidget(link)
        column.addStretch()
        return page

    def _add_marks(self, column: QVBoxLayout) -> None:
        if self._marks is not None:
            column.addWidget(self._marks)
            self._marks.show()

    def _fact(self, column: QVBoxLayout, name: str, value: str | None) -> None:
        if not value:
            return
        column.addSpacing(4)
        column.addWidget(text_label(name, "muted"))
        text = WrappedText()
        text.setAccessibleName(name)
        text.set_text(value)
        column.addWidget(text)

    def _rating(self, column: QVBoxLayout, rating: int) -> None:
        column.addSpacing(4)
        column.addWidget(text_label(self.tr("Rating"), "muted"))
        if rating < 0:
            column.addWidget(text_label(self.tr("Rejected")))
            return
        row = QHBoxLayout()
        row.setSpacing(4)
        now = theme.colours()
        for star in range(5):
            full = star < rating
            label = QLabel()
            label.setPixmap(
                icons.pixmap(
                    "star-fill" if full else "star",
                    16,
                    now.accent if full else now.muted,
                    self.devicePixelRatioF(),
                )
            )
            row.addWidget(label)
        row.addStretch()
        holder = QWidget()
        row.setContentsMargins(0, 0, 0, 0)
        holder.setLayout(row)
        holder.setFixedHeight(22)
        holder.setAccessibleName(self.tr("%Ln star(s)", "", rating))
        holder.setToolTip(self.tr("%Ln star(s)", "", rating))
        column.addWidget(holder)

    def _map_link(self, detail: PhotoDetail) -> QPushButton:
        link = theme.mark(QPushButton(self.tr("Show on map")), link=True)
        link.setIcon(icons.icon("external"))
        link.setAccessibleName(self.tr("Show on map"))
        link.setCursor(Qt.CursorShape.PointingHandCursor)
        # Said before the click: this is the one thing here that leaves the computer.
        link.setToolTip(self.tr("Opens openstreetmap.org in your browser, with this place"))
        at = detail.metadata.latitude, detail.metadata.longitude
        if at[0] is not None and at[1] is not None:
            link.clicked.connect(partial(_open_map, at[0], at[1]))
        return link

    def _warning(self, sentence: str) -> QWidget:
        row = QHBoxLayout()
        row.setContentsMargins(0, 8, 0, 0)
        row.setSpacing(8)
        sign = QLabel()
        sign.setPixmap(
            icons.pixmap("warning", 16, theme.colours().warning, self.devicePixelRatioF())
        )
        words = WrappedText()
        words.setAccessibleName(self.tr("Problem"))
        words.set_text(sentence)
        row.addWidget(sign, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(words, 1)
        holder = QWidget()
        holder.setLayout(row)
        return holder


def _open_map(latitude: float, longitude: float, _checked: bool = False) -> None:
    open_map(latitude, longitude)


def _page() -> tuple[QWidget, QVBoxLayout]:
    page = QWidget()
    page.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
    column = QVBoxLayout(page)
    column.setContentsMargins(16, 16, 16, 16)
    column.setSpacing(2)
    return page, column
