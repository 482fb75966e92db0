"""Why a photo was found: what each part of the query did, and where in the photo it is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QImage, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QPushButton, QVBoxLayout, QWidget

from engine.errors import EngineError
from engine.query import Contribution, PictureTerm, parse
from engine.types import PhotoId
from gui import theme
from gui.engine_words import said
from gui.labels import plain_text, text_label
from gui.looking.pictures import to_qimage

if TYPE_CHECKING:
    from gui.session import Session

_WIDTH = 420
_SIDE = 480  # of the photo under the heat, in pixels
_ROW = 24
_LANE = "why"
_HOT = (255, 120, 40)


class ShareBar(QWidget):
    """One part of the query with a bar: to the right what it added, to the left what it took."""

    def __init__(self, words: str, share: float, *, detail: bool = False) -> None:
        super().__init__()
        self.words = plain_text(words)
        self.share = share
        self._detail = detail
        self.setFixedHeight(_ROW if not detail else _ROW - 4)
        percent = f"{round(100 * abs(share))} %"
        self.percent = percent if share >= 0 else f"−{percent}"
        self.setAccessibleName(f"{self.words}, {self.percent}")

    def paintEvent(self, event: QPaintEvent) -> None:
        colours = theme.colours()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        metrics = painter.fontMetrics()
        painter.setPen(colours.muted if self._detail else colours.text)
        indent = 16 if self._detail else 0
        room = QRect(indent, 0, 150 - indent, self.height())
        align = Qt.AlignmentFlag.AlignVCenter
        elide = Qt.TextElideMode.ElideRight
        painter.drawText(
            room, align | Qt.AlignmentFlag.AlignLeft,
            metrics.elidedText(self.words, elide, room.width()),
        )  # fmt: skip
        right = QRect(self.width() - 56, 0, 56, self.height())
        painter.drawText(right, align | Qt.AlignmentFlag.AlignRight, self.percent)
        track = QRectF(160, self.height() / 2 - 3, self.width() - 160 - 64, 6)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colours.hairline)
        painter.drawRoundedRect(track, 3, 3)
        painter.setBrush(colours.accent if self.share >= 0 else colours.danger)
        if self._detail:
            painter.setOpacity(0.6)
        length = max(2.0, min(1.0, abs(self.share)) * track.width())
        painter.drawRoundedRect(QRectF(track.topLeft(), QSize(round(length), 6)), 3, 3)


class HeatPicture(QWidget):
    """A photo with the places that speak for the words glowing; what was not seen is dark."""

    def __init__(self) -> None:
        super().__init__()
        self.image = QImage()
        self._heat = QImage()
        self.hide()

    def show_heat(self, photo: QImage, heat: NDArray[np.float32], width: int) -> None:
        """Args: heat: (rows, columns) of 0..1, NaN where the model did not look."""
        self.image = photo
        self._heat = heat_image(heat)
        height = round(width * photo.height() / max(1, photo.width()))
        self.setFixedSize(width, min(height, 360))
        self.show()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        size = self.image.size().scaled(self.size(), Qt.AspectRatioMode.KeepAspectRatio)
        place = QRect(QPoint(0, 0), size)
        place.moveCenter(self.rect().center())
        painter.drawImage(place, self.image)
        painter.drawImage(place, self._heat)


class WhyPopup(QFrame):
    """Closes by itself on Esc or a click elsewhere."""

    def __init__(
        self, session: Session, query: str, photo_id: PhotoId, name: str, parent: QWidget
    ) -> None:
        """Args: query: as it was asked; name: of the photo's file."""
        super().__init__(parent, Qt.WindowType.Popup)
        self._session = session
        self._photo_id = photo_id
        self._words = parse(query).words
        theme.mark(self, role="popup")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        title = self.tr("Why “%1” was found").replace("%1", plain_text(name))
        self.note = text_label(self.tr("Looking…"), "muted", wrap=True)
        self.bars: list[ShareBar] = []
        self.heat = HeatPicture()
        self.heat.setAccessibleName(self.tr("Where in the photo the words are"))
        self.where_button = QPushButton(self.tr("Show where in the photo"))
        self.where_button.clicked.connect(self.ask_where)
        self._rows = QVBoxLayout()
        self._rows.setSpacing(2)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 12, 16, 16)
        column.setSpacing(8)
        column.addWidget(text_label(title, wrap=True))
        column.addLayout(self._rows)
        column.addWidget(self.note)
        column.addWidget(self.heat)
        column.addWidget(self.where_button)
        self.where_button.setVisible(bool(self._words))
        self.setFixedWidth(_WIDTH)
        library = session.library
        task = session.workers.start(_LANE, "", lambda: library.why(query, photo_id))
        task.succeeded.connect(self._show)
        task.failed.connect(self._excuse)

    def show_over(self, page: QWidget) -> None:
        """In the upper middle of a page."""
        self.adjustSize()
        middle = QPoint((page.width() - self.width()) // 2, max(8, page.height() // 8))
        self.move(page.mapToGlobal(middle))
        self.show()
        self.where_button.setFocus()

    def ask_where(self) -> None:
        """Look into the photo for the words."""
        self.where_button.setEnabled(False)
        self._say(self.tr("Looking into the photo…"))
        library, words, photo_id = self._session.library, self._words, self._photo_id

        def look() -> tuple[QImage, NDArray[np.float32]]:
            return to_qimage(library.picture(photo_id, _SIDE)), library.heat(words, photo_id)

        task = self._session.workers.start(_LANE, "", look)
        task.succeeded.connect(self._show_heat)
        task.failed.connect(self._excuse)

    def _show(self, found: Sequence[Contribution]) -> None:
        self._say("" if found else self.tr("Facts alone found it; no words or pictures ranked it."))
        for part in found:
            self._add(self._called(part), part.share)
            if len(part.words) > 1:
                for word, share in part.words:
                    self._add(word, share, detail=True)
        self._fit()

    def _called(self, part: Contribution) -> str:
        if not isinstance(part.what, PictureTerm):
            return part.what.words
        return self.tr("A part of a picture") if part.what.box else self.tr("The picture")

    def _add(self, words: str, share: float, *, detail: bool = False) -> None:
        bar = ShareBar(words, share, detail=detail)
        self.bars.append(bar)
        self._rows.addWidget(bar)

    def _show_heat(self, answer: tuple[QImage, NDArray[np.float32]]) -> None:
        image, heat = answer
        nowhere = not np.nan_to_num(heat).any()
        self._say(self.tr("Nowhere more than anywhere else.") if nowhere else "")
        self.where_button.hide()
        self.heat.show_heat(image, heat, _WIDTH - 32)
        self._fit()

    def _excuse(self, error: Exception) -> None:
        if isinstance(error, EngineError):
            self._say(said(str(error)))
            self.where_button.hide()
            self._fit()

    def _say(self, words: str) -> None:
        self.note.setText(words)
        self.note.setVisible(bool(words))

    def _fit(self) -> None:
        self.layout().activate()  # pyright: ignore[reportOptionalMemberAccess]
        self.adjustSize()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.close()
        else:
            super().keyPressEvent(event)


def heat_image(heat: NDArray[np.float32]) -> QImage:
    """(rows, columns) as a small picture to be stretched over a photo."""
    rows, columns = heat.shape
    unseen = np.isnan(heat)
    warm = np.nan_to_num(heat).clip(0.0, 1.0)
    pixels = np.zeros((rows, columns, 4), np.uint8)
    pixels[..., :3] = np.where(unseen[..., None], 0, np.array(_HOT))
    pixels[..., 3] = np.where(unseen, 150, np.round(warm * 190))
    data = pixels.tobytes()
    image = QImage(data, columns, rows, 4 * columns, QImage.Format.Format_RGBA8888)
    return image.convertToFormat(QImage.Format.Format_ARGB32_Premultiplied)
