"""Labels with how many photos show them; each can be put away."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import Signal
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QPushButton, QSizePolicy, QWidget

from gui import theme
from gui.detection.flow import FlowLayout
from gui.detection.scene import LabelCount
from gui.labels import plain_text
from gui.tagging.dots import dot_icon


class Legend(QWidget):
    """Signals: label_hidden(str, bool)."""

    label_hidden = Signal(str, bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.buttons: dict[str, QPushButton] = {}
        self._flow = FlowLayout(self, gap=6)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def show_counts(self, counts: Sequence[LabelCount], colours: Mapping[str, str]) -> None:
        """Show these; buttons that stay keep the focus and whether they are pressed."""
        wanted = [count.label for count in counts]
        if wanted != list(self.buttons):
            for label in [label for label in self.buttons if label not in wanted]:
                button = self.buttons.pop(label)
                self._flow.removeWidget(button)
                button.hide()
                button.deleteLater()
            for at, label in enumerate(wanted):
                if label not in self.buttons:
                    self._flow.insert_widget(at, self._button(label))
            self.buttons = {label: self.buttons[label] for label in wanted}
        for count in counts:
            button = self.buttons[count.label]
            name = plain_text(count.label)
            words = f"{name}  {self.locale().toString(count.shown)}"
            button.setText(words.replace("&", "&&"))
            button.setIcon(QIcon(dot_icon(colours.get(count.label, "")).pixmap(16, 16)))
            spoken = self.tr("%1, %Ln photo(s)", "", count.shown).replace("%1", name)
            button.setAccessibleName(spoken)
        self.setVisible(bool(counts))

    def _button(self, label: str) -> QPushButton:
        button = theme.mark(QPushButton(), segment=True)
        button.setCheckable(True)
        button.setChecked(True)
        button.setToolTip(self.tr("Show or hide these boxes"))
        button.toggled.connect(lambda on: self.label_hidden.emit(label, not on))  # pyright: ignore
        button.show()
        self.buttons[label] = button
        return button
