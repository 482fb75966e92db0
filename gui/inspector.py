"""The inspector: everything known about the chosen photo, as text to read and to copy."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
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

from engine.mark_types import Summary
from engine.types import PhotoDetail, PhotoId
from gui import facts, icons, theme
from gui.labels import PathLink, WrappedText, path_text, plain_text, text_label
from gui.many_page import ManyPage
from gui.map_link import open_map

if TYPE_CHECKING:
    from gui.detection.inspector_section import DetectionSection
    from gui.marking.section import MarkSection
    from gui.tagging.many import ManyTags
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
        self._many_tags: ManyTags | None = None
        self._belonging: QWidget | None = None
        self._beside: tuple[PhotoId | None, list[Path]] = (None, [])
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
        self._add_belonging()

    def add_many_tags(self, section: ManyTags) -> None:
        """Have a part with the tags of a selection of many."""
        self._many_tags = section
        section.setParent(self)
        section.hide()

    def show_many(self, ids: Sequence[PhotoId], told: Summary) -> None:
        """Show what is known of several photos together."""
        self._detail = None
        if not isinstance(self.widget(), ManyPage):
            page = ManyPage()
            self._add_marks(page.middle)
            if self._many_tags is not None:
                page.middle.addWidget(self._many_tags)
                self._many_tags.show()
            self._show(page)
        page = self.widget()
        if isinstance(page, ManyPage):
            page.show_summary(told)
        if self._many_tags is not None:
            self._many_tags.show_tags(ids, told.tags, told.photos)

    def show_belonging(self, photo_id: PhotoId, paths: Sequence[Path]) -> None:
        """Show the files that belong to a photo, now or as soon as it is shown."""
        self._beside = photo_id, list(paths)
        self._add_belonging()

    def _add_belonging(self) -> None:
        photo_id, paths = self._beside
        layout = self.page.layout()
        if self._belonging is not None:
            self._belonging.hide()
            self._belonging.deleteLater()
            self._belonging = None
        shown = self._detail is not None and self._detail.photo.id == photo_id
        if not shown or not paths or not isinstance(layout, QVBoxLayout):
            return
        self._belonging = holder = QWidget()
        column = QVBoxLayout(holder)
        column.setContentsMargins(0, 4, 0, 0)
        column.setSpacing(2)
        column.addWidget(text_label(self.tr("Belongs together with"), "muted"))
        for path in paths:
            link = PathLink(path, plain_text(path.name))
            link.activated.connect(self.path_activated.emit)
            column.addWidget(link)
        layout.insertWidget(layout.count() - 1, holder)

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
            for kept in (self._marks, self._many_tags):
                if kept is not None and former.isAncestorOf(kept):
                    kept.setParent(self)
                    kept.hide()
            self._belonging = None
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

        if self._marks is None:
            self._fact(column, self.tr("Title"), metadata.title)
            self._fact(column, self.tr("Caption"), metadata.caption)
            if metadata.rating is not None:
                self._rating(column, metadata.rating)
        taken = facts.date_text(metadata.taken_at, metadata.utc_offset)
        self._fact(column, self.tr("Taken"), taken, facts.sidecar_of(detail, "taken_at"))
        beside = facts.sidecar_of(detail, "camera_model", "camera_make")
        self._fact(column, self.tr("Camera"), facts.camera_text(metadata), beside)
        self._fact(column, self.tr("Lens"), metadata.lens, facts.sidecar_of(detail, "lens"))
        self._fact(column, self.tr("Exposure"), facts.exposure_text(metadata))
        self._fact(column, self.tr("Picture"), facts.file_text(photo))
        kind = [photo.format or "", facts.size_text(photo.size)]
        self._fact(column, self.tr("File"), " · ".join(part for part in kind if part))
        beside = facts.sidecar_of(detail, "keywords")
        self._fact(column, self.tr("Keywords"), ", ".join(metadata.keywords), beside)
        self._fact(column, self.tr("Software"), metadata.software)
        place = facts.place_text(metadata)
        if place:
            self._fact(column, self.tr("Place"), place, facts.sidecar_of(detail, "latitude"))
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

    def _fact(self, column: QVBoxLayout, name: str, value: str | None, sidecar: str = "") -> None:
        """A line with its name; where a sidecar tells it, and not the photo, that is said."""
        if not value:
            return
        column.addSpacing(4)
        source = self.tr("from %1").replace("%1", sidecar)
        column.addWidget(text_label(f"{name} · {source}" if sidecar else name, "muted"))
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
