"""The page of the settings on which sidecars are switched on."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QVBoxLayout, QWidget

from engine.settings import Settings
from engine.sidecar_types import SIDECAR_NAMES, SidecarStatus
from gui.labels import text_label
from gui.settings.controls import choice_box, setting_row, setting_switch


class SidecarsPage(QWidget):
    """Whether sidecars are written, how new ones are called, and with what they begin.

    Signals: changed().
    """

    changed = Signal()

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        self._was_on = settings.write_sidecars
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        self.switch = setting_switch(
            column,
            self.tr("Write what I say of photos into sidecars"),
            self.tr(
                "Tags that you gave or accepted, stars, rejects (as −1 star), captions and titles. "
                "Never what was only suggested."
            ),
            settings.write_sidecars,
        )
        self.so_far = QCheckBox()
        self.so_far.setChecked(True)
        indented = QHBoxLayout()
        indented.setContentsMargins(28, 0, 0, 12)
        indented.addWidget(self.so_far)
        column.addLayout(indented)
        names = {
            "whole": self.tr("IMG.CR2.xmp, as digiKam and darktable do"),
            "short": self.tr("IMG.xmp, as Lightroom does"),
        }
        self.name_box = choice_box(SIDECAR_NAMES, names, settings.sidecar_name)
        setting_row(
            column,
            self.tr("Name of a new sidecar"),
            self.name_box,
            self.tr("A sidecar that is there keeps its name, and all that others wrote in it."),
        )
        self.status_label = text_label("", "muted", wrap=True)
        column.addWidget(self.status_label)
        column.addStretch()
        self.switch.toggled.connect(lambda: self._follow())
        self.name_box.currentIndexChanged.connect(lambda: self.changed.emit())
        self.show_status(None)

    @property
    def begins_anew(self) -> bool:
        """Whether they are switched on with all that was ever said."""
        return self.switch.isChecked() and not self._was_on and self.so_far.isChecked()

    @property
    def begins_now(self) -> bool:
        """Whether what was said so far stays unwritten: they are switched on without it."""
        return self.switch.isChecked() and not self._was_on and not self.so_far.isChecked()

    def settle(self) -> None:
        """What is shown was handed over: it is not begun with once more."""
        self._was_on = self.switch.isChecked()
        self._follow()

    def show_status(self, status: SidecarStatus | None) -> None:
        """Tell how far the sidecars are; None while that is asked."""
        words = self.tr("Begin with what I have said so far")
        lines: list[str] = []
        if status is not None:
            if status.said:
                words = self.tr(
                    "Begin with what I have said so far of %Ln photo(s)", "", status.said
                )
            waiting = status.waiting - status.failed + status.offline
            if waiting:
                lines.append(self.tr("%Ln photo(s) are still to be written.", "", waiting))
            elif status.written:
                lines.append(
                    self.tr("The sidecars of %Ln photo(s) are written.", "", status.written)
                )
            if status.failed:
                lines.append(
                    self.tr("%Ln sidecar(s) could not be written: see Problems.", "", status.failed)
                )
        self.so_far.setText(words)
        self.so_far.setAccessibleName(words)
        self.status_label.setText(" ".join(lines) if self._was_on else "")
        self._follow()

    def _follow(self) -> None:
        self.so_far.setVisible(self.switch.isChecked() and not self._was_on)
        self.changed.emit()
