"""Tokens of the search bar: a picture, words or a fact that was understood, with its weight."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QCoreApplication, QEvent, QObject, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QIcon, QKeyEvent, QPainter, QPainterPath, QPaintEvent, QPen, QPixmap
from PySide6.QtWidgets import QHBoxLayout, QMenu, QSizePolicy, QToolButton, QWidget

from engine.query import PictureTerm
from engine.types import Filter
from gui import icons, theme
from gui.labels import plain_text, tooltip_text

_LONGEST = 32  # letters shown in a token
_PICTURE = 24
_SIGNS = {">=": "≥ ", "<=": "≤ ", ">": "> ", "<": "< ", "=": ""}


class Chip(QWidget):
    """A small token. With a weight, a click offers other ones; otherwise it says `chosen`.

    Signals: removed() · weighed(float) · chosen(), it is to be typed anew.
    """

    removed = Signal()
    weighed = Signal(float)
    chosen = Signal()
    _speaks_weight = False  # the words of a query say it themselves

    def __init__(
        self, words: str, name: str, weight: float | None = None, parent: QWidget | None = None
    ) -> None:
        """Args: words: what stands on it; name: what is spoken; weight: None if it takes none."""
        super().__init__(parent)
        self.weight = weight
        self._less = weight is not None and weight < 0
        self.body = QToolButton()
        self.body.setAutoRaise(True)
        self.body.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.body.setIconSize(QSize(_PICTURE, _PICTURE))
        self.body.setStyleSheet("QToolButton { padding: 0 2px; border: none }")
        self.body.setCursor(Qt.CursorShape.ArrowCursor)
        self.body.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.body.clicked.connect(self._click)
        self.body.installEventFilter(self)
        shown = plain_text(words)
        shown = shown if len(shown) <= _LONGEST else shown[: _LONGEST - 1] + "…"
        parts = (weight_text(weight), shown)
        self.body.setText(" ".join(part for part in parts if part).replace("&", "&&"))
        if not self.body.text():
            self.body.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
        self.close_button = bar_button("close", "", 12)
        self.close_button.clicked.connect(self.removed)
        row = QHBoxLayout(self)
        row.setContentsMargins(4, 2, 2, 2)
        row.setSpacing(2)
        row.addWidget(self.body)
        row.addWidget(self.close_button)
        self.setFixedHeight(28)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.call(name)
        theme.notifier.changed.connect(self.update)

    def call(self, name: str) -> None:
        """What is spoken and told of it."""
        stop = self.tr("Leave out “%1”").replace("%1", plain_text(name))
        spoken = (plain_text(name), weight_text(self.weight) if self._speaks_weight else "")
        self.body.setAccessibleName(", ".join(part for part in spoken if part))
        self.close_button.setAccessibleName(stop)
        self.close_button.setToolTip(tooltip_text(stop))
        self.set_tip(name)

    def set_tip(self, text: str) -> None:
        """What it is, and what a click does."""
        does = self.tr("Click to change its weight") if self.weight is not None else ""
        self.body.setToolTip(tooltip_text("\n".join(part for part in (text, does) if part)))

    def menu(self) -> QMenu:
        """The weights that it can have."""
        menu = QMenu(self)
        for weight, words in (
            (3.0, self.tr("Much more of this")),
            (2.0, self.tr("More of this")),
            (1.0, self.tr("As it is")),
            (0.5, self.tr("Less important")),
            (-1.0, self.tr("Not like this")),
            (-2.0, self.tr("Not at all like this")),
        ):
            action = menu.addAction(words)
            action.setCheckable(True)
            action.setChecked(weight == self.weight)
            action.triggered.connect(partial(self._weigh, weight))
        return menu

    def _click(self) -> None:
        if self.weight is None:
            self.chosen.emit()
            return
        menu = self.menu()
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(self.mapToGlobal(self.rect().bottomLeft()))

    def _weigh(self, weight: float, _on: bool = False) -> None:
        self.weighed.emit(weight)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The ring of the one that has the keyboard comes and goes."""
        if event.type() in (QEvent.Type.FocusIn, QEvent.Type.FocusOut):
            self.update()
        return super().eventFilter(watched, event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.removed.emit()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        colours = theme.colours()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        if self._less:  # what is not wanted is an outline only
            painter.setPen(QPen(colours.muted, 1, Qt.PenStyle.DashLine))
            painter.setBrush(Qt.BrushStyle.NoBrush)
        else:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colours.selection)
        painter.drawRoundedRect(area, 6, 6)
        if self.body.hasFocus():
            painter.setPen(QPen(colours.accent, 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(area.adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)


class PictureChip(Chip):
    """A picture that results are to be like, or unlike."""

    _speaks_weight = True

    def __init__(
        self, term: PictureTerm, picture: QPixmap | None, name: str, words: str = ""
    ) -> None:
        super().__init__(words, name, term.weight)
        self.term = term
        self.name = name
        self.words = words
        self.picture: QPixmap | None = None
        self.show_picture(picture)

    def be_called(self, name: str) -> None:
        """Its name is known now."""
        self.name = name
        self.call(name)

    def show_picture(self, picture: QPixmap | None) -> None:
        """Show the picture itself; without one, a sign for it."""
        self.picture = picture if picture is not None and not picture.isNull() else None
        if self.picture is None:
            self.body.setIcon(icons.icon("image"))
        else:
            self.body.setIcon(QIcon(_rounded(self.picture, _PICTURE, self.devicePixelRatioF())))


def weight_text(weight: float | None) -> str:
    """A weight as it is shown: nothing for the usual one."""
    if weight is None or weight == 1:
        return ""
    if weight == -1:
        return "−"
    size = f"{abs(weight):g}×"
    return size if weight > 0 else f"− {size}"


def filter_words(entry: Filter) -> str:
    """A fact on a token: not camera: Pixel 8, rating: ≥ 3."""
    translate = QCoreApplication.translate
    value = f"{_SIGNS[entry.op]}{entry.value}"
    if entry.amount:
        value = f"{entry.value} {_SIGNS[entry.op] or '= '}{entry.amount}"
    words = value if entry.name in ("is", "orientation") else f"{entry.name}: {value}"
    return translate("SearchChip", "not %1").replace("%1", words) if entry.negate else words


def bar_button(name: str, text: str, size: int) -> QToolButton:
    """A button that is only an icon; the text is its tooltip and its spoken name."""
    button = QToolButton()
    button.setIcon(icons.icon(name))
    button.setIconSize(QSize(size, size))
    button.setAutoRaise(True)
    button.setToolTip(tooltip_text(text))
    button.setAccessibleName(text)
    button.setCursor(Qt.CursorShape.ArrowCursor)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return button


def _rounded(picture: QPixmap, side: int, ratio: float) -> QPixmap:
    """A small square with round corners, cut from the middle of a picture."""
    edge = round(side * ratio)
    scaled = picture.scaled(
        edge,
        edge,
        Qt.AspectRatioMode.KeepAspectRatioByExpanding,
        Qt.TransformationMode.SmoothTransformation,
    )
    rounded = QPixmap(edge, edge)
    rounded.fill(Qt.GlobalColor.transparent)
    painter = QPainter(rounded)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    path = QPainterPath()
    path.addRoundedRect(QRectF(0, 0, edge, edge), 4 * ratio, 4 * ratio)
    painter.setClipPath(path)
    painter.drawPixmap((edge - scaled.width()) // 2, (edge - scaled.height()) // 2, scaled)
    painter.end()
    rounded.setDevicePixelRatio(ratio)
    return rounded
