"""One group: its photos compared, and a card for each with what is to become of it."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QPushButton, QVBoxLayout, QWidget

from engine.duplicate_types import DuplicateClass, DuplicateGroup, Member
from engine.types import PhotoId
from gui import acts, icons, theme
from gui.duplicates.compare import ComparePane
from gui.duplicates.engine_notes import reason_text
from gui.duplicates.marks import Mark
from gui.duplicates.members import MemberStrip
from gui.duplicates.seen import MemberFacts
from gui.duplicates.work import DuplicateWork
from gui.labels import ElidedLabel
from gui.session import Session
from gui.thumbnails import Thumbnails

_HELD_S = 0.25  # Space held longer than this shows the other one only so long


class GroupPane(QWidget):
    """Shows a group and says what the user wants of it; what becomes of it is told by `set_mark`.

    Signals: kept(PhotoId), let this one stay · toggled(PhotoId), mark it for the trash or no
    longer · parted(), these are no duplicates · opened(PhotoId).
    """

    kept = Signal(object)
    toggled = Signal(object)
    parted = Signal()
    opened = Signal(object)

    def __init__(
        self,
        session: Session,
        work: DuplicateWork,
        thumbnails: Thumbnails,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._work = work
        self._flicked: tuple[float, bool] | None = None  # since when Space is down, and before
        self.group: DuplicateGroup | None = None
        self.following: Callable[[], DuplicateGroup | None] = lambda: None  # the group after it
        self.compare = ComparePane(session)
        self.strip = MemberStrip(thumbnails)
        self.reason = ElidedLabel(mode=Qt.TextElideMode.ElideRight)
        theme.mark(self.reason, role="muted")
        self.keep_button = QPushButton(icons.icon("check"), self.tr("Keep"))
        self.keep_button.setToolTip(self.tr("This one stays instead (K)"))
        self.trash_button = QPushButton(icons.icon("trash"), self.tr("Trash"))
        self.trash_button.setToolTip(
            self.tr("Mark it, so that it goes with the others; again: it stays (X or Del)")
        )
        self.not_button = QPushButton(icons.icon("not-equal"), self.tr("Not duplicates"))
        below = QHBoxLayout()
        below.setContentsMargins(16, 6, 16, 2)
        below.setSpacing(8)
        below.addWidget(self.reason, 1)
        for button in (self.keep_button, self.trash_button, self.not_button):
            button.setAccessibleName(button.text())
            below.addWidget(button)
        strip = QHBoxLayout()
        strip.setContentsMargins(12, 0, 0, 0)
        strip.addWidget(self.strip)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.compare, 1)
        column.addLayout(below)
        column.addLayout(strip)
        self.strip.chosen.connect(self._show_member)
        self.strip.opened.connect(self.opened)
        self.strip.menu_wanted.connect(self._offer)
        self.compare.opened.connect(self.opened)
        self.keep_button.clicked.connect(self.keep)
        self.trash_button.clicked.connect(self.toggle)
        self.not_button.clicked.connect(lambda: self.parted.emit())

    # -- showing -------------------------------------------------------------------------------

    def show_group(self, group: DuplicateGroup | None, mark: Mark | None) -> None:
        """Show another group, or none."""
        self.group = group
        self.strip.show_group(group, mark)
        if group is None:
            self.compare.show_nothing()
            return
        self._tell_reason()
        if group.kind is DuplicateClass.SIMILAR:
            words, why = (
                self.tr("Keep all"),
                self.tr("All of these stay; do not show them again (N)"),
            )
        else:
            words, why = self.tr("Not duplicates"), self.tr("Never show this group again (N)")
        self.not_button.setText(words)
        self.not_button.setAccessibleName(words)
        self.not_button.setToolTip(why)
        task = self._work.describe([member.photo_id for member in group.members])
        task.succeeded.connect(partial(self._take_facts, group))

    def set_mark(self, mark: Mark) -> None:
        """Take what is to become of the members now."""
        self.strip.rows.set_mark(mark)
        self._tell_reason()
        if self.strip.member is not None:
            self._show_member(self.strip.member)

    def _tell_reason(self) -> None:
        group, mark = self.group, self.strip.rows.mark
        if group is None or mark is None:
            return
        why = reason_text(group.reason)
        if mark.keep != group.keep:
            self.reason.setText(self.tr("Stays because you chose it"))
        else:
            self.reason.setText(self.tr("Stays: %1").replace("%1", why) if why else "")

    def _take_facts(self, group: DuplicateGroup, told: dict[PhotoId, MemberFacts]) -> None:
        if self.group is group:
            self.strip.rows.set_facts(told)

    def _show_member(self, member: Member) -> None:
        group, mark = self.group, self.strip.rows.mark
        if group is None or mark is None:
            return
        kept = next((m for m in group.members if m.photo_id == mark.keep), group.members[0])
        other = member
        if member is kept:
            other = next((m for m in group.members if m is not kept), kept)
        self.compare.show_pair(group, kept, other, self._ahead(group, other))
        self.keep_button.setEnabled(member is not kept)
        self.trash_button.setEnabled(member.offered)
        going = member.photo_id in mark.trash
        self.trash_button.setText(self.tr("Let it stay") if going else self.tr("Trash"))
        self.trash_button.setAccessibleName(self.trash_button.text())

    def _ahead(self, group: DuplicateGroup, other: Member) -> list[PhotoId]:
        """The photo after this one, or the one the next group would be compared with."""
        at = group.members.index(other)
        if at + 1 < len(group.members):
            return [group.members[at + 1].photo_id]
        following = self.following()
        return [m.photo_id for m in following.members[1:2]] if following is not None else []

    # -- acting --------------------------------------------------------------------------------

    def keep(self) -> None:
        """Let the chosen one stay in the place of the other."""
        if self.strip.member is not None:
            self.kept.emit(self.strip.member.photo_id)

    def toggle(self) -> None:
        """Mark the chosen one for the trash, or no longer."""
        if self.strip.member is not None:
            self.toggled.emit(self.strip.member.photo_id)

    def press(self, event: QKeyEvent) -> bool:
        """Take a key that belongs to a group. False for all others."""
        key, keys = event.key(), Qt.Key
        if key in (keys.Key_Right, keys.Key_Left):
            self.strip.step(1 if key == keys.Key_Right else -1)
        elif key == keys.Key_K:
            self.keep()
        elif key in (keys.Key_X, keys.Key_Delete):
            self.toggle()
        elif key == keys.Key_N:
            self.parted.emit()
        elif keys.Key_1 <= key <= keys.Key_4:
            self.compare.press(key - keys.Key_0)
        elif key == keys.Key_Space:
            self._press_space(event)
        elif key == keys.Key_Z:
            self.compare.stage.toggle_full()
        elif key in (keys.Key_Plus, keys.Key_Equal, keys.Key_Minus):
            (self.compare.smaller if key == keys.Key_Minus else self.compare.larger).click()
        elif key in (keys.Key_Return, keys.Key_Enter) and self.strip.member is not None:
            self.opened.emit(self.strip.member.photo_id)
        else:
            return False
        return True

    def _press_space(self, event: QKeyEvent) -> None:
        """A short press changes the two; held, the other one is there for as long."""
        if not event.isAutoRepeat():
            self._flicked = (time.monotonic(), self.compare.stage.shows_other)
            self.compare.flick()

    def release(self, event: QKeyEvent) -> bool:
        """Take the end of a key press that belongs to a group."""
        if event.key() != Qt.Key.Key_Space or event.isAutoRepeat() or self._flicked is None:
            return False
        since, before = self._flicked
        self._flicked = None
        if time.monotonic() - since > _HELD_S:
            self.compare.flick(before)
        return True

    def menu(self) -> QMenu:
        """What can be done with the chosen member."""
        menu = QMenu(self)
        member = self.strip.member
        if member is None:
            return menu
        path, photo_id = member.path, member.photo_id
        menu.addAction(icons.icon("image"), self.tr("Open"), lambda: self.opened.emit(photo_id))
        menu.addAction(
            icons.icon("folder-open"), self.tr("Show in folder"), lambda: acts.show_in_folder(path)
        )
        menu.addSeparator()
        for button, act in (
            (self.keep_button, self.keep),
            (self.trash_button, self.toggle),
            (self.not_button, self.parted.emit),
        ):
            action = menu.addAction(button.icon(), button.text(), act)
            action.setEnabled(button.isEnabled())
        return menu

    def _offer(self, at: QPoint) -> None:
        menu = self.menu()
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(at)
