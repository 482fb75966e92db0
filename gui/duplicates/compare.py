"""The surface where two photos are compared, with the buttons for its modes and its zoom."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QSizeF, Qt, Signal
from PySide6.QtGui import QImage, QResizeEvent, QTransform
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QPushButton, QSlider, QVBoxLayout, QWidget

from engine.duplicate_types import DuplicateGroup, Member
from engine.types import PhotoId
from gui import facts, icons, theme
from gui.duplicates.difference import Difference, difference
from gui.duplicates.pair_view import Mode
from gui.duplicates.placing import placing_of
from gui.duplicates.stage import Stage
from gui.duplicates.words import DuplicateWords
from gui.job_row import tool_button
from gui.labels import plain_text, text_label
from gui.looking.pictures import Pictures
from gui.looking.stage import STEP, Side
from gui.session import Session
from gui.workers import Task

_MODES = (Mode.SIDE, Mode.FLICK, Mode.SPLIT, Mode.DIFFERENCE)
_BUDGET_MB = 128  # of pictures that are not in front
_LEAST = 1000  # longest edge of a picture
_WIDE = 720  # with words on the buttons
_ICONS = ("side-by-side", "flick", "split", "difference")


class ComparePane(QWidget):
    """Compares the photo that stays with another one of its group.

    Signals: opened(PhotoId), double click.
    """

    opened = Signal(object)

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._words = DuplicateWords(self)
        self._peek = session.thumbnails.peek
        self._pictures = Pictures(
            session.workers, session.library.picture, self, budget_mb=_BUDGET_MB
        )
        self._pair: tuple[Member, Member] | None = None  # the one that stays, the other
        self._task: Task | None = None
        self.stage = Stage()
        self.stage.setAccessibleName(self.tr("Comparison"))
        self.modes = QButtonGroup(self)
        self.buttons: list[QPushButton] = []
        names = (
            self.tr("Side by side"),
            self.tr("Flick"),
            self.tr("Split"),
            self.tr("Difference"),
        )
        tips = (
            self.tr("Beside each other, at the same place (1)"),
            self.tr("One in the place of the other; Space changes them (2)"),
            self.tr("Half of the one, half of the other (3)"),
            self.tr("What differs glows (4)"),
        )
        for at, (icon, name, tip) in enumerate(zip(_ICONS, names, tips, strict=True)):
            button = theme.mark(QPushButton(icons.icon(icon), ""), segment=True)
            button.setCheckable(True)
            button.setAccessibleName(name)
            button.setToolTip(tip)
            self.modes.addButton(button, at)
            button.setProperty("words", name)
            self.buttons.append(button)
        self.buttons[0].setChecked(True)
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(0, 100)
        self.slider.setFixedWidth(120)
        self._amount, self._split = 40, 50
        self.zoom = text_label("", "muted")
        self.zoom.setMinimumWidth(44)
        self.zoom.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.smaller = tool_button("zoom-out", self.tr("Zoom out (-)"))
        self.larger = tool_button("zoom-in", self.tr("Zoom in (+)"))
        self.fit = tool_button("fit", self.tr("Fit or 100 % (Z)"))
        self._lay_out()

        self.modes.idClicked.connect(self._choose_mode)
        self.slider.valueChanged.connect(self._slide)
        self.smaller.clicked.connect(lambda: self.stage.zoom_by(1 / STEP))
        self.larger.clicked.connect(lambda: self.stage.zoom_by(STEP))
        self.fit.clicked.connect(lambda: self.stage.toggle_full())
        self.stage.zoom_changed.connect(self._tell_zoom)
        self.stage.detail_wanted.connect(self._want_full)
        self.stage.split_moved.connect(self._follow_split)
        self.stage.opened.connect(self._open)
        self._pictures.loaded.connect(self._show_loaded)
        self._pictures.failed.connect(self._show_failure)
        session.pictures.forgotten.connect(self._pictures.forget)
        self._show_slider()

    def _lay_out(self) -> None:
        bar = QHBoxLayout()
        bar.setContentsMargins(16, 6, 16, 6)
        bar.setSpacing(4)
        for button in self.buttons:
            bar.addWidget(button)
        bar.addSpacing(8)
        bar.addWidget(self.slider)
        bar.addStretch(1)
        bar.addWidget(self.zoom)
        for tool in (self.smaller, self.larger, self.fit):
            bar.addWidget(tool)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(bar)
        column.addWidget(self.stage, 1)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_buttons(event.size().width())

    def _fit_buttons(self, width: int) -> None:
        """Words where there is room for them; the icons alone say enough beside small photos."""
        wide = width >= _WIDE
        for button in self.buttons:
            button.setText(button.property("words") if wide else "")

    # -- what is compared ----------------------------------------------------------------------

    def show_pair(
        self, group: DuplicateGroup, kept: Member, other: Member, ahead: Sequence[PhotoId] = ()
    ) -> None:
        """Compare two members; `ahead` are the photos likely to be wanted next."""
        if (kept, other) == self._pair:
            return
        self._pair = (kept, other)
        onto = placing_of(group, kept, other)
        self.stage.show_pair(self._side(kept), self._side(other), onto)
        side = self._side_wanted()
        front = [(kept.photo_id, side), (other.photo_id, side)]
        self._pictures.want_each(front, [(photo_id, side) for photo_id in ahead])
        self._tell()
        self._compute()

    def show_nothing(self) -> None:
        """There is no pair."""
        self._pair = None
        self.stage.show_pair(Side(), Side(), QTransform())

    def _side(self, member: Member) -> Side:
        photo_id, pictures = member.photo_id, self._pictures
        image = pictures.get_full(photo_id) or pictures.get(photo_id)
        if image is None and (thumbnail := self._peek(photo_id)) is not None:
            whole = thumbnail.toImage()
            shape = whole.width() * member.height - whole.height() * member.width
            known = abs(shape) < 2 * max(member.width, member.height)  # not one cut to a square
            image = whole if known and not whole.isNull() else None
        return Side(plain_text(member.path.name), QSizeF(member.width, member.height), image)

    def _side_wanted(self) -> int:
        """Enough for the surface; whoever magnifies gets all pixels."""
        size = self.stage.size() * self.devicePixelRatioF()
        return max(size.width(), size.height(), _LEAST)

    def _sides(self, photo_id: PhotoId) -> list[tuple[bool, Side]]:
        """Where a photo is shown: as the one that stays, as the other."""
        if self._pair is None:
            return []
        both = ((True, self.stage.kept), (False, self.stage.other))
        shown = zip(self._pair, both, strict=True)
        return [side for member, side in shown if member.photo_id == photo_id]

    def _show_loaded(self, photo_id: PhotoId, image: QImage, _full: bool) -> None:
        for kept, side in self._sides(photo_id):
            if side.image is None or image.width() >= side.image.width():
                self.stage.set_image(image, kept=kept)
                self._compute()

    def _show_failure(self, photo_id: PhotoId, reason: str) -> None:
        for kept, _ in self._sides(photo_id):
            self.stage.say(facts.reason_text(reason), kept=kept)

    def _want_full(self) -> None:
        if self._pair is not None:
            for member in self._pair:
                self._pictures.want_full(member.photo_id)

    # -- modes ---------------------------------------------------------------------------------

    def set_mode(self, mode: Mode) -> None:
        """Compare in another way."""
        self.buttons[_MODES.index(mode)].setChecked(True)
        self.stage.set_mode(mode)
        self._show_slider()
        self._tell()
        self._compute()

    def _choose_mode(self, at: int) -> None:
        self.set_mode(_MODES[at])

    def press(self, number: int) -> None:
        """A digit: the mode with this number."""
        if 1 <= number <= len(_MODES):
            self.set_mode(_MODES[number - 1])

    def flick(self, other: bool | None = None) -> None:
        """Show the other one, or whichever is not shown; flicking begins with it."""
        if self.stage.mode is not Mode.FLICK:
            self.set_mode(Mode.FLICK)
            other = True if other is None else other
        self.stage.flick(not self.stage.shows_other if other is None else other)

    def _show_slider(self) -> None:
        """The one slider serves the mode that needs one."""
        splits = self.stage.mode is Mode.SPLIT
        self.slider.setVisible(splits or self.stage.mode is Mode.DIFFERENCE)
        self.slider.blockSignals(True)
        self.slider.setValue(self._split if splits else self._amount)
        self.slider.blockSignals(False)
        name = self.tr("Where the two meet") if splits else self.tr("How strongly it glows")
        self.slider.setAccessibleName(name)
        self.slider.setToolTip(name)
        self._slide(self.slider.value())

    def _slide(self, value: int) -> None:
        if self.stage.mode is Mode.SPLIT:
            self._split = value
            self.stage.set_split(value / 100)
        elif self.stage.mode is Mode.DIFFERENCE:
            self._amount = value
            self.stage.set_amount(2 ** (value / 100 * 6))  # 1 to 64

    def _follow_split(self, split: float) -> None:
        self._split = round(split * 100)
        self.slider.blockSignals(True)
        self.slider.setValue(self._split)
        self.slider.blockSignals(False)

    def _compute(self) -> None:
        """Have the difference made, once both pictures are there with their pixels."""
        stage = self.stage
        kept, other = stage.kept, stage.other
        if stage.mode is not Mode.DIFFERENCE or kept.image is None or other.image is None:
            return
        if self._task is not None:
            self._task.cancel()
        first, second = QImage(kept.image), QImage(other.image)
        sizes, onto = (kept.size, other.size), stage.onto
        task = self._session.workers.start(
            "picture", "", lambda: difference(first, second, sizes, onto)
        )
        self._task = task
        task.succeeded.connect(self._take_difference)
        task.finished.connect(partial(self._computed, task))

    def _computed(self, task: Task) -> None:
        if task is self._task:
            self._task = None

    def _take_difference(self, shown: Difference) -> None:
        self.stage.set_difference(shown)
        self._tell()

    def _tell(self) -> None:
        mode = self.stage.mode
        words = ""
        if mode is Mode.DIFFERENCE:
            words = self._words.difference(self.stage.difference)
        self.stage.caption = words
        self.stage.setAccessibleDescription(words)
        self.stage.update()

    def _tell_zoom(self, zoom: float) -> None:
        self.zoom.setText(f"{round(zoom * 100)} %" if self.stage.kept.image is not None else "")

    def _open(self, kept: bool) -> None:
        if self._pair is not None:
            self.opened.emit(self._pair[0 if kept else 1].photo_id)

    @property
    def idle(self) -> bool:
        """Whether all that is wanted of this pair is there."""
        wanted = self.stage.mode is Mode.DIFFERENCE and self._pair is not None
        return self._task is None and not (wanted and self.stage.difference is None)
