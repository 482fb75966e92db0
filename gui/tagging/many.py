"""The inspector's part about the tags of many photos: what all have, and what some have."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QLocale, Qt, QTimer
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from engine.types import PhotoId
from gui.labels import plain_text, text_label
from gui.session import Session
from gui.tagging.popup import TagField
from gui.tagging.seen import TagsSeen

_MOST = 24  # rows; the most frequent ones


class ManyTags(QWidget):
    """One box per tag: ticked where all have it, half where some do. A click gives it to all."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._work = session.tags
        self._ids: Sequence[PhotoId] = ()
        self._tags: tuple[tuple[str, int], ...] = ()
        self._photos = 0
        self.boxes: dict[str, QCheckBox] = {}
        self._counts: dict[str, QLabel] = {}
        self._rows = QVBoxLayout()
        self._rows.setContentsMargins(0, 0, 0, 0)
        self._rows.setSpacing(2)
        self.more = text_label(role="muted")
        self.field = TagField(session.tags.seen.tags)
        self.field.setPlaceholderText(self.tr("Add a tag to all of them"))
        self.field.setAccessibleName(self.field.placeholderText())
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 4, 0, 8)
        column.setSpacing(4)
        column.addWidget(text_label(self.tr("Tags"), "muted"))
        column.addLayout(self._rows)
        column.addWidget(self.more)
        column.addWidget(self.field)
        self.field.returnPressed.connect(self._add)
        self._work.seen_changed.connect(self._offer)

    def _offer(self, seen: TagsSeen) -> None:
        self.field.offer(seen.tags)

    def show_tags(
        self, ids: Sequence[PhotoId], tags: tuple[tuple[str, int], ...], photos: int
    ) -> None:
        """Show the tags of these photos, each with how many of them have it."""
        self._ids = ids
        if (tags, photos) == (self._tags, self._photos):
            return
        same = [path for path, _ in tags[:_MOST]] == list(self.boxes)
        self._tags, self._photos = tags, photos
        if not same:
            self._build([path for path, _ in tags[:_MOST]])
        for path, count in tags[:_MOST]:
            self._paint(path, count)
        hidden = len(tags) - _MOST
        self.more.setText(self.tr("and %Ln more tag(s)", "", max(hidden, 0)))
        self.more.setVisible(hidden > 0)

    def _build(self, paths: Sequence[str]) -> None:
        while (item := self._rows.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        self.boxes, self._counts = {}, {}
        for path in paths:
            box = QCheckBox()
            box.setTristate(True)
            box.clicked.connect(partial(self._turn, path))
            holder = QWidget()
            row = QHBoxLayout(holder)
            row.setContentsMargins(0, 0, 0, 0)
            row.addWidget(box, 1)
            self._counts[path] = text_label("", "muted")
            row.addWidget(self._counts[path])
            self._rows.addWidget(holder)
            self.boxes[path] = box

    def _paint(self, path: str, count: int) -> None:
        box, name = self.boxes[path], plain_text(path)
        every = count >= self._photos
        states = Qt.CheckState
        box.setCheckState(states.Checked if every else states.PartiallyChecked)
        room = 168  # of the narrowest panel
        shown = box.fontMetrics().elidedText(name, Qt.TextElideMode.ElideMiddle, room)
        box.setText(shown.replace("&", "&&"))
        some = self.tr("%1 of %2").replace("%1", QLocale().toString(count))
        some = some.replace("%2", QLocale().toString(self._photos))
        words = self.tr("all") if every else some
        box.setAccessibleName(f"{name}, {words}")
        tip = self.tr("Take it off all of them") if every else self.tr("Put it on all of them")
        box.setToolTip(f"{name}: {tip}")
        self._counts[path].setText("" if every else some)

    def _turn(self, path: str, _on: bool = False) -> None:
        count = dict(self._tags).get(path, 0)
        every = count >= self._photos
        # As it will be; the catalog's answer corrects it where it differs.
        states = Qt.CheckState
        self.boxes[path].setCheckState(states.Unchecked if every else states.Checked)
        now = 0 if every else self._photos
        self._tags = tuple((one, now if one == path else had) for one, had in self._tags)
        if every:
            self._work.untag(list(self._ids), path)
        else:
            self._work.tag(list(self._ids), path)

    def _add(self) -> None:
        if name := self.field.tag():
            self._work.tag(list(self._ids), name)
            # The completer writes its choice into the field after Enter.
            QTimer.singleShot(0, self.field, self.field.clear)
