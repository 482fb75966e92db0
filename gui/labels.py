"""Labels for texts that come from files: shown as they are, elided or wrapped, never as markup."""

from __future__ import annotations

import html
import os
import unicodedata
from pathlib import Path

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QPainter, QPaintEvent, QResizeEvent, QTextOption
from PySide6.QtWidgets import (
    QFrame,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QSizePolicy,
    QStyle,
    QStyleOption,
    QWidget,
)

from gui import theme

# These turn the reading direction of what follows: "photo<U+202E>gpj.exe" would be read as
# "photoexe.jpg". Marks that only hint (U+200E, U+200F) belong to honest Arabic and Hebrew names.
_TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_UNSHOWABLE = frozenset({"Cc", "Cs", "Zl", "Zp"})


def plain_text(text: str, *, lines: bool = False) -> str:
    """Text from a file, safe to show: what cannot be seen or misleads the eye becomes U+FFFD.

    Args:
        text: a name, a caption; may hold lone surrogates (names that are not UTF-8).
        lines: keep line breaks and tabs (captions).
    """
    kept = "\n\t" if lines else ""
    return "".join(
        "\ufffd"
        if letter not in kept
        and (letter in _TURNING or unicodedata.category(letter) in _UNSHOWABLE)
        else letter
        for letter in text
    )


def path_text(path: Path) -> str:
    """A path for the eye: the home folder is "~"."""
    home = str(Path.home())
    text = str(path)
    if text == home or text.startswith(home + os.sep):
        text = "~" + text[len(home) :]
    return plain_text(text)


def tooltip_text(text: str) -> str:
    """The same for tooltips, which Qt would take for HTML when they look like it."""
    text = plain_text(text, lines=True)
    return f"<span>{html.escape(text)}</span>" if "<" in text else text


def short_title(title: str) -> str:
    """A model's name where there is little room: without what follows the comma."""
    return plain_text(title).split(",")[0].strip()


def text_label(text: str = "", role: str = "", *, wrap: bool = False) -> QLabel:
    """A label that never takes its text for markup; `role` is one of the theme's."""
    label = QLabel()
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setText(text)
    label.setWordWrap(wrap)
    if role:
        theme.mark(label, role=role)
    return label


def hairline() -> QFrame:
    """A line of one pixel between two regions that stand above each other."""
    line = QFrame()
    line.setFixedHeight(1)
    return theme.mark(line, role="hairline")


class ElidedLabel(QLabel):
    """One line that gives way: too long, it loses its middle, and the tooltip has the whole."""

    def __init__(
        self,
        text: str = "",
        parent: QWidget | None = None,
        *,
        mode: Qt.TextElideMode = Qt.TextElideMode.ElideMiddle,
    ) -> None:
        super().__init__(parent)
        self._mode = mode
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        self.setText(text)

    def minimumSizeHint(self) -> QSize:
        return QSize(self.fontMetrics().averageCharWidth() * 4, super().minimumSizeHint().height())

    def shown_text(self) -> str:
        """What is painted at the present width."""
        return self.fontMetrics().elidedText(self.text(), self._mode, self.contentsRect().width())

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        option = QStyleOption()
        option.initFrom(self)
        self.style().drawItemText(
            painter,
            self.contentsRect(),
            int(self.alignment()),
            option.palette,
            self.isEnabled(),
            self.shown_text(),
            self.foregroundRole(),
        )

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        cut = self.shown_text() != self.text()
        self.setToolTip(tooltip_text(self.text()) if cut else "")


class FittingLabel(ElidedLabel):
    """Says as much as there is room for: of several wordings the longest that fits."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("", parent, mode=Qt.TextElideMode.ElideRight)
        self._wordings = [""]

    def set_wordings(self, wordings: list[str]) -> None:
        """Take these, the longest first; the tooltip has the longest."""
        if wordings != self._wordings:
            self._wordings = wordings
            self.setText(wordings[0])
            self.setAccessibleName(wordings[0])
            self.setToolTip(tooltip_text(wordings[0]))
            self.updateGeometry()
            self.update()

    def shown_text(self) -> str:
        metrics, room = self.fontMetrics(), self.contentsRect().width()
        for words in self._wordings:
            if metrics.horizontalAdvance(words) <= room:
                return words
        return metrics.elidedText(self._wordings[-1], self._mode, room)

    def minimumSizeHint(self) -> QSize:
        hint = super().minimumSizeHint()
        shortest = self.fontMetrics().horizontalAdvance(self._wordings[-1])
        return QSize(min(shortest, 160), hint.height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        QLabel.resizeEvent(self, event)


class PathLink(QPushButton):
    """A path that can be clicked, elided in its middle.

    Signals:
        activated(Path): it was clicked or chosen with the keyboard.
    """

    activated = Signal(object)

    def __init__(self, path: Path, text: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.path = path
        self._whole = text or path_text(path)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setToolTip(tooltip_text(str(path)))
        self.setAccessibleName(self._whole)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.clicked.connect(lambda: self.activated.emit(self.path))
        theme.mark(self, link=True)
        self._elide()

    def sizeHint(self) -> QSize:
        hint = super().sizeHint()
        hint.setWidth(self.fontMetrics().horizontalAdvance(self._whole) + 4)
        return hint

    def minimumSizeHint(self) -> QSize:
        return QSize(48, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._elide()

    def _elide(self) -> None:
        width = max(self.width() - 2, 0)
        shown = self.fontMetrics().elidedText(self._whole, Qt.TextElideMode.ElideMiddle, width)
        # A lone "&" in a button's text would be taken for a shortcut.
        self.setText(shown.replace("&", "&&"))


class WrappedText(QPlainTextEdit):
    """Text to read and to copy, as high as it needs to be; breaks inside long words."""

    def __init__(self, role: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setReadOnly(True)
        self.setTabChangesFocus(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.document().setDocumentMargin(0)
        self.document().documentLayout().documentSizeChanged.connect(self._fit)
        theme.mark(self, role=role or "text", wrapped=True)

    def set_text(self, text: str) -> None:
        self.setPlainText(plain_text(text, lines=True))
        self._fit()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        # Qt's own menu offers Undo and Paste in a text that cannot be changed.
        menu = self.createStandardContextMenu()
        for action in menu.actions():
            if not action.isEnabled() and not action.isSeparator():
                menu.removeAction(action)
        menu.exec(event.globalPos())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._fit()

    def minimumSizeHint(self) -> QSize:
        return QSize(48, self.fontMetrics().lineSpacing())

    def _fit(self) -> None:
        # A plain text document measures its height in lines.
        lines = max(1, round(self.document().size().height()))
        margins = self.contentsMargins()
        height = lines * self.fontMetrics().lineSpacing() + margins.top() + margins.bottom() + 4
        if height != self.height():
            self.setFixedHeight(height)


def standard_height(widget: QWidget) -> int:
    """Height of a row in lists and tables: a line of text and 8 px of air, on the 4 px grid."""
    line = widget.fontMetrics().lineSpacing()
    metric = widget.style().pixelMetric(QStyle.PixelMetric.PM_SmallIconSize)
    return (max(line, metric) + 8 + 3) // 4 * 4
