"""What can be done from a box: search on, tag, teach a category, copy or save what is in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog, QMenu, QWidget

from engine.tag_types import CategoryId
from engine.types import Box, PhotoId, RGBImage
from gui import acts, icons
from gui.detection.work import DetectWork
from gui.labels import plain_text
from gui.looking.pictures import to_qimage
from gui.session import Session
from gui.tagging.dots import dot_icon


@dataclass(frozen=True, slots=True)
class BoxSpot:
    """A box on a photo; `label` is "" while it has none."""

    photo_id: PhotoId
    box: Box
    label: str = ""
    name: str = ""  # of the photo's file


class BoxActs(QObject):
    """Carries out what a box's menu offers.

    Signals: similar_wanted(BoxSpot), photos that look like what is in it ·
    object_wanted(BoxSpot), the same thing in the photos shown.
    """

    similar_wanted = Signal(object)
    object_wanted = Signal(object)

    def __init__(self, session: Session, work: DetectWork, parent: QWidget) -> None:
        super().__init__(parent)
        self._session = session
        self._work = work
        self._parent = parent

    def actions(self) -> Sequence[tuple[str, str, str]]:
        """Name, icon and words of what needs no label."""
        return (
            ("similar", "similar", self.tr("Find similar photos (S)")),
            ("object", "object", self.tr("Find this thing in the other photos (O)")),
            ("copy", "copy", self.tr("Copy what is in the box (C)")),
            ("save", "save", self.tr("Save what is in the box…")),
        )

    def act(self, name: str, spot: BoxSpot) -> None:
        """Do what one of the `actions` says."""
        match name:
            case "similar":
                self.similar_wanted.emit(spot)
            case "object":
                self.object_wanted.emit(spot)
            case "copy":
                self._work.crop(spot.photo_id, spot.box, self._copy)
            case _:
                self.ask_to_save(spot)

    def fill(self, menu: QMenu, spot: BoxSpot) -> None:
        """Offer it all in a menu."""
        for name, icon, words in self.actions():
            action = menu.addAction(icons.icon(icon), words)
            action.triggered.connect(partial(self._do, name, spot))
            if name == "object":
                self._offer_tags(menu, spot)

    def _offer_tags(self, menu: QMenu, spot: BoxSpot) -> None:
        menu.addSeparator()
        if spot.label:
            name = plain_text(spot.label).replace("&", "&&")
            words = self.tr("Tag the photo “%1”").replace("%1", name)
            menu.addAction(icons.icon("tag"), words).triggered.connect(partial(self.tag, spot))
        categories = self._session.tags.seen.categories
        if categories:
            examples = menu.addMenu(icons.icon("categories"), self.tr("Add the photo as example"))
            for category in sorted(categories, key=lambda entry: entry.name.casefold()):
                name = plain_text(category.name).replace("&", "&&")
                action = examples.addAction(dot_icon(category.colour), name)
                action.triggered.connect(partial(self._teach, category.id, spot))
        menu.addSeparator()

    def _do(self, name: str, spot: BoxSpot, _on: bool = False) -> None:
        self.act(name, spot)

    def tag(self, spot: BoxSpot, _on: bool = False) -> None:
        """Put the box's label on its photo as a tag."""
        self._session.tags.tag([spot.photo_id], spot.label)

    def _teach(self, category_id: CategoryId, spot: BoxSpot, _on: bool = False) -> None:
        category = self._session.tags.seen.category(category_id)
        if category is not None:
            self._session.tags.add_examples(category, [spot.photo_id])

    def _copy(self, pixels: RGBImage) -> None:
        QGuiApplication.clipboard().setImage(to_qimage(pixels))
        height, width = pixels.shape[:2]
        words = self.tr("Copied, %1 × %2 pixels").replace("%1", str(width))
        self._work.noticed.emit(words.replace("%2", str(height)), "", None)

    def ask_to_save(self, spot: BoxSpot) -> None:
        """Let the user choose where a copy of what is in the box goes."""
        stem = Path(spot.name).stem or self.tr("Photo")
        words = " ".join(part for part in (stem, spot.label) if part).replace("/", " ")
        path, _ = QFileDialog.getSaveFileName(
            self._parent,
            self.tr("Save what is in the box"),
            f"{words}.jpg",
            self.tr("Pictures (*.jpg *.png)"),
        )
        if path:
            self.save(spot, Path(path))

    def save(self, spot: BoxSpot, path: Path) -> None:
        """Write what is in the box into a new file."""
        detecting = self._work.detecting
        task = self._session.workers.start(
            "io", "", lambda: detecting.crop(spot.photo_id, spot.box, path)
        )
        task.failed.connect(self._work.tell)
        task.succeeded.connect(lambda: self._tell_saved(path))

    def _tell_saved(self, path: Path) -> None:
        words = self.tr("Saved as “%1”").replace("%1", plain_text(path.name))
        show = partial(acts.show_in_folder, path)
        self._work.noticed.emit(words, self.tr("Show in folder"), show)
