"""What the inspector says of many photos: how many, how large, when, with what."""

from __future__ import annotations

from PySide6.QtCore import QLocale, QObject
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from engine.mark_types import Summary
from gui import facts
from gui.labels import WrappedText, plain_text, text_label

_MOST = 4  # cameras or formats that are named


class ManyWords(QObject):
    """An object, for only its `tr` knows plural forms."""

    def facts(self, told: Summary) -> list[tuple[str, str]]:
        """Names with values, in the order of the inspector; without those that say nothing."""
        rows = [
            (self.tr("Taken"), self._dates(told)),
            (self.tr("Cameras"), _counted(told.cameras, told.photos)),
            (self.tr("Formats"), _counted(told.formats, told.photos)),
        ]
        if told.folders > 1:
            rows.append((self.tr("Folders"), self.tr("%Ln folder(s)", "", told.folders)))
        if told.offline:
            rows.append((self.tr("Offline"), self.tr("%Ln photo(s)", "", told.offline)))
        return [(name, value) for name, value in rows if value]

    def _dates(self, told: Summary) -> str:
        if told.first is None or told.last is None:
            return ""
        first, last = (facts.day_text(at) for at in (told.first, told.last))
        words = first if first == last else f"{first} \N{EN DASH} {last}"
        if told.undated:
            words += "\n" + self.tr("%Ln without a date", "", told.undated)
        return words


class ManyPage(QWidget):
    """One page for one selection; who shows it puts the marks and the tags into `middle`."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._words = ManyWords(self)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.heading = text_label(role="heading")
        self.amount = text_label(role="muted")
        self.middle = QVBoxLayout()
        self.middle.setSpacing(2)
        self._facts = QVBoxLayout()
        self._facts.setSpacing(2)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(2)
        column.addWidget(self.heading)
        column.addWidget(self.amount)
        column.addLayout(self.middle)
        column.addLayout(self._facts)
        column.addStretch()
        self._shown: Summary | None = None

    def show_summary(self, told: Summary) -> None:
        """Say what is known of them."""
        if told == self._shown:
            return
        self._shown = told
        self.heading.setText(self.tr("%Ln photo(s)", "", told.photos))
        self.amount.setText(facts.size_text(told.bytes))
        while (item := self._facts.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        for name, value in self._words.facts(told):
            label = text_label(name, "muted")
            label.setContentsMargins(0, 4, 0, 0)
            self._facts.addWidget(label)
            text = WrappedText()
            text.setAccessibleName(name)
            text.set_text(value)
            self._facts.addWidget(text)


def _counted(values: tuple[tuple[str, int], ...], photos: int) -> str:
    """The most frequent values, with how many have them where not all do."""
    lines: list[str] = []
    for value, count in values[:_MOST]:
        name = plain_text(value)
        lines.append(name if count == photos else f"{name} · {QLocale().toString(count)}")
    if len(values) > _MOST:
        lines.append("…")
    return "\n".join(lines)
