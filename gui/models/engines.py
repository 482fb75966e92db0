"""Which engine computes a model here and how the others did: one line, the rest on request."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QSizePolicy, QToolButton, QVBoxLayout, QWidget

from engine.types import EngineMeasured
from gui import icons, theme
from gui.labels import WrappedText, plain_text, text_label
from gui.models.state import ModelView, Standing
from gui.models.words import DOT, agreement_text, engine_text, speed_text

_NOT_MEASURED = (Standing.INSTALLED, Standing.STARTED, Standing.PREPARING)


class Engines(QWidget):
    """The engine in use with its figures; what else was tried folds out below."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._others: tuple[EngineMeasured, ...] = ()
        self.summary = WrappedText()
        self.summary.setAccessibleName(self.tr("Engine"))
        self.note = WrappedText("muted")
        self.note.setAccessibleName(self.tr("About the engine"))
        self.fold = QToolButton()
        self.fold.setAccessibleName(self.tr("Other engines"))
        self.fold.setCheckable(True)
        self.fold.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.fold.setIconSize(QSize(12, 12))
        self.fold.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.fold.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        theme.mark(self.fold, fold=True)
        self.list = WrappedText("muted")
        self.list.setAccessibleName(self.tr("Other engines that were tried"))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(text_label(self.tr("On this computer"), "section"))
        for part in (self.summary, self.note, self.fold, self.list):
            column.addWidget(part)
        self.fold.toggled.connect(self._unfold)
        self._unfold(False)

    def show_view(self, view: ModelView) -> None:
        """Show what was measured of a model; nothing at all while nothing was."""
        used = next((m for m in view.measured if m.name == view.engine), None)
        parts = [engine_text(view.engine)] if view.engine else []
        if view.photos_per_second:
            parts.append(speed_text(view.photos_per_second))
        if used is not None and (agreement := agreement_text(used)):
            parts.append(agreement)
        if view.device and view.engine and view.device.casefold() not in view.engine.casefold():
            parts.insert(1, plain_text(view.device).upper())  # "cpu", "cuda", "mps"
        self.summary.set_text(DOT.join(parts))
        self.summary.setVisible(bool(parts))
        note = view.note
        if not parts and not note and view.standing in _NOT_MEASURED:
            note = self.tr("Its speed is measured when it looks at your photos.")
        self.note.set_text(note)
        self.note.setVisible(bool(note))
        self._others = tuple(m for m in view.measured if m.name != view.engine)
        self.list.set_text("\n".join(_line(measured) for measured in self._others))
        words = self.tr("%n other(s) tried", "", len(self._others))
        self.fold.setText(words)
        self.fold.setAccessibleName(words)
        self.fold.setVisible(bool(self._others))
        self.list.setVisible(bool(self._others) and self.fold.isChecked())
        self.setVisible(bool(parts) or bool(note) or bool(self._others))

    def _unfold(self, open_: bool) -> None:
        self.fold.setIcon(icons.icon("chevron-down" if open_ else "chevron-right"))
        self.list.setVisible(open_ and bool(self._others))


def _line(measured: EngineMeasured) -> str:
    parts = [engine_text(measured.name)]
    if measured.photos_per_second:
        parts.append(speed_text(measured.photos_per_second))
    if agreement := agreement_text(measured):
        parts.append(agreement)
    line = DOT.join(parts)
    return f"{line}: {plain_text(measured.reason)}" if measured.reason else line
