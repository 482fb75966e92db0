"""The panel beside the photo: how sure, what was found, and what to do where nothing was."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QHBoxLayout,
    QMenu,
    QProgressBar,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from gui import icons, theme
from gui.detection.flow import FlowLayout
from gui.detection.scene import Scene
from gui.detection.thing_list import ThingList
from gui.detection.threshold import ThresholdSlider
from gui.job_row import tool_button
from gui.labels import ElidedLabel, plain_text, text_label
from gui.tagging.words import percent_text

_SLOW_MS = 250  # a look that takes longer is said to be under way
_OFFERS = 14


class SidePanel(QWidget):
    """What there is to say of one photo.

    Signals: keep_wanted(), all that is shown · draw_toggled(bool) · models_wanted() ·
    label_taken(str), a suggestion · threshold_wanted(float), so that the best below is shown.
    """

    keep_wanted = Signal()
    draw_toggled = Signal(bool)
    models_wanted = Signal()
    label_taken = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._act: Callable[[], None] = lambda: None
        theme.mark(self, region="panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedWidth(280)
        self.heading = ElidedLabel("", mode=Qt.TextElideMode.ElideRight)
        theme.mark(self.heading, role="heading")
        self.more_button = tool_button("export", self.tr("Export"))
        self.more_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setRange(0, 0)
        self.bar.setAccessibleName(self.tr("Looking"))
        policy = self.bar.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.bar.setSizePolicy(policy)
        self.bar.hide()
        self._slow = QTimer(self, singleShot=True, interval=_SLOW_MS)
        self._slow.timeout.connect(self._show_busy)
        self.threshold = ThresholdSlider()
        self.message = text_label("", wrap=True)
        self.detail = text_label("", "muted", wrap=True)
        self.button = QPushButton()
        self.offers = QWidget()
        self._offers = FlowLayout(self.offers, gap=6)
        self.list = ThingList()
        self.draw_button = QPushButton(icons.icon("draw"), self.tr("Draw a box"))
        self.draw_button.setCheckable(True)
        self.draw_button.setToolTip(
            self.tr("Drag around a thing, or press D and move the box with the arrow keys")
        )
        self.keep_button = theme.mark(QPushButton(), primary=True)
        self.keep_button.setToolTip(self.tr("Keep all boxes shown (Ctrl+Return)"))
        for button in (self.draw_button, self.button, self.keep_button):
            button.setAccessibleName(button.text() or self.tr("Keep the boxes"))
        self._lay_out()
        self.keep_button.clicked.connect(lambda: self.keep_wanted.emit())
        self.draw_button.toggled.connect(self.draw_toggled)
        self.button.clicked.connect(lambda: self._act())

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.addWidget(self.heading, 1)
        top.addWidget(self.more_button)
        head = QVBoxLayout()
        head.setContentsMargins(16, 12, 12, 0)
        head.setSpacing(8)
        head.addLayout(top)
        head.addWidget(self.bar)
        head.addWidget(self.threshold)
        self._said = QWidget()
        said = QVBoxLayout(self._said)
        said.setContentsMargins(16, 16, 16, 8)
        said.setSpacing(8)
        said.addWidget(self.message)
        said.addWidget(self.detail)
        said.addWidget(self.button, 0, Qt.AlignmentFlag.AlignLeft)
        said.addWidget(self.offers)
        below = QVBoxLayout()
        below.setContentsMargins(16, 8, 16, 12)
        below.setSpacing(8)
        below.addWidget(self.keep_button)
        below.addWidget(self.draw_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(head)
        column.addWidget(self._said)
        inset = QHBoxLayout()
        inset.setContentsMargins(10, 0, 4, 0)
        inset.addWidget(self.list)
        column.addLayout(inset, 1)
        column.addStretch(0)
        column.addLayout(below)

    def set_export_menu(self, menu: QMenu) -> None:
        self.more_button.setMenu(menu)

    # -- what is said --------------------------------------------------------------------------

    def set_busy(self, busy: bool) -> None:
        """A look is under way; said only when it takes long."""
        if busy:
            self._slow.start()
        else:
            self._slow.stop()
            self.bar.hide()

    def _show_busy(self) -> None:
        self.bar.show()

    def show_scene(self, scene: Scene, colours: Mapping[str, str]) -> None:
        """Show these things with their counts."""
        shown, new = len(scene.shown), len(scene.new)
        looked = scene.sight is not None and bool(scene.labels)
        if shown:
            self.heading.setText(self.tr("%Ln thing(s)", "", shown))
        else:
            self.heading.setText(self.tr("Nothing found") if looked else self.tr("Things"))
        self.threshold.setVisible(looked)
        self.threshold.set_labels([label.name for label in scene.labels], colours)
        self.list.show_scene(scene, colours)
        self.list.setVisible(bool(scene.things))
        self.keep_button.setText(self.tr("Keep %Ln box(es)", "", new))
        self.keep_button.setAccessibleName(self.keep_button.text())
        self.keep_button.setVisible(new > 0)

    def say(
        self,
        sentence: str,
        detail: str = "",
        button: str = "",
        act: Callable[[], None] | None = None,
        offers: Sequence[str] = (),
    ) -> None:
        """One sentence, what follows from it, and the way on."""
        self.message.setText(sentence)
        self.detail.setText(detail)
        self.detail.setVisible(bool(detail))
        self.button.setText(button)
        self.button.setAccessibleName(button)
        self.button.setVisible(bool(button))
        self._act = act or (lambda: None)
        self._show_offers(offers)
        self._said.setVisible(bool(sentence))

    def _show_offers(self, names: Sequence[str]) -> None:
        while (item := self._offers.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        for name in names[:_OFFERS]:
            shown = plain_text(name)
            button = theme.mark(QPushButton(shown.replace("&", "&&")), segment=True)
            button.setAccessibleName(self.tr("Look for “%1”").replace("%1", shown))
            button.setMaximumWidth(240)
            button.clicked.connect(lambda _on=False, name=name: self.label_taken.emit(name))
            self._offers.addWidget(button)
            button.show()
        self.offers.setVisible(bool(names))

    def say_nothing_found(self, scene: Scene, lower: Callable[[float], None]) -> None:
        """Nothing reaches the threshold: offer the best that was seen below it."""
        names = [f"“{plain_text(label.name)}”" for label in scene.labels]
        if len(names) == 1:
            sentence = self.tr("%1 is not seen here.").replace("%1", names[0])
        else:
            sentence = self.tr("None of these is seen here.")
        best = scene.best_below
        if best is None or best.score is None:
            self.say(sentence, self.tr("Try other words, or draw the box yourself."))
            return
        score = best.score
        words = self.tr("The best below the threshold: %1, %2")
        words = words.replace("%1", plain_text(best.label)).replace("%2", percent_text(score))
        self.say(sentence, words, self.tr("Show it"), lambda: lower(score))
