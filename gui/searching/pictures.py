"""Pictures for a query: small ones for the chips, and pasted ones kept in a file."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import QCryptographicHash, QObject, QSize, Qt, Signal
from PySide6.QtGui import QImage, QPixmap

from engine.errors import EngineError
from engine.query import PictureTerm
from engine.types import Box, PhotoId
from gui.looking.pictures import to_qimage
from gui.session import Session

_SIDE = 512  # of the picture that a chip's part is cut from, in pixels
_KEPT_SIDE = 1024  # of a pasted picture; a model looks at 224 to 512 pixels


class SearchPictures(QObject):
    """Loads and keeps them on lanes.

    Signals: loaded(PictureTerm, QPixmap, str), the name of its photo · kept(Path), a pasted
    picture has a file now · failed(str), why a pasted picture could not be kept.
    """

    loaded = Signal(object, object, str)
    kept = Signal(object)
    failed = Signal(str)

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._wanted: set[tuple[PhotoId | Path, Box | None]] = set()

    def want(self, term: PictureTerm) -> None:
        """Load the picture of a photo of the library or of another file, or the part of it."""
        key = (term.photo, term.box)
        if key in self._wanted:
            return
        self._wanted.add(key)
        library, photo, box = self._session.library, term.photo, term.box

        def load() -> tuple[QImage, str]:
            known = library.photos([photo]) if not isinstance(photo, Path) else []
            name = known[0].name if known else ""
            if box is None and not isinstance(photo, Path):
                return QImage.fromData(library.thumbnail(photo)), name
            # A box of a file is in pixels of the whole of it.
            side = None if box is not None and isinstance(photo, Path) else _SIDE
            image = to_qimage(library.picture(photo, side))
            if box is None:
                return image, name
            width = (known[0].width if known else None) or image.width()
            return part_of(image, box, image.width() / width), name

        task = self._session.workers.start("io", "", load)
        task.succeeded.connect(partial(self._show, term))
        task.finished.connect(partial(self._wanted.discard, key))

    def _show(self, term: PictureTerm, loaded: tuple[QImage, str]) -> None:
        image, name = loaded
        if not image.isNull():
            self.loaded.emit(term, QPixmap.fromImage(image), name)

    def keep(self, image: object) -> None:
        """Write a picture from the clipboard or another program into the library's own folder."""
        if not isinstance(image, QImage) or image.isNull():
            return
        folder = self._session.library.folder / "pasted"
        task = self._session.workers.start("io", "", partial(_kept, image, folder))
        task.succeeded.connect(self.kept)
        task.failed.connect(self._tell)

    def _tell(self, error: Exception) -> None:
        if isinstance(error, EngineError | OSError):
            self.failed.emit(str(error))


def part_of(image: QImage, box: Box, factor: float) -> QImage:
    """What is in a box; `factor` is the picture's pixels per pixel of the box."""
    left, top, right, bottom = (round(edge * factor) for edge in box)
    return image.copy(left, top, max(1, right - left), max(1, bottom - top))


def _kept(image: QImage, folder: Path) -> Path:
    """On a lane: the file of a picture. The same picture has the same file."""
    if max(image.width(), image.height()) > _KEPT_SIDE:
        size = QSize(_KEPT_SIDE, _KEPT_SIDE)
        aspect = Qt.AspectRatioMode.KeepAspectRatio
        image = image.scaled(size, aspect, Qt.TransformationMode.SmoothTransformation)
    image = image.convertToFormat(QImage.Format.Format_RGB888)
    digest = QCryptographicHash(QCryptographicHash.Algorithm.Sha256)
    digest.addData(bytes(image.constBits()))
    path = folder / f"{bytes(digest.result().toHex().data()).decode()[:16]}.png"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        if not image.save(str(path)):
            raise OSError(f"The picture could not be kept in {folder}.")
    return path
