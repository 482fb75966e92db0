"""Groups of duplicates, class by class: looked at, compared, marked, cleared."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QPushButton,
    QSplitter,
    QStackedWidget,
    QTabBar,
    QVBoxLayout,
    QWidget,
)

from engine.duplicate_types import (
    Choice,
    ClearingId,
    ClearingReport,
    DuplicateClass,
    DuplicateGroup,
    Merge,
)
from engine.types import PhotoId
from gui import theme
from gui.duplicates.engine_notes import note_text
from gui.duplicates.foot import Foot
from gui.duplicates.group_pane import GroupPane
from gui.duplicates.groups import GroupListView
from gui.duplicates.marks import Mark, Marks
from gui.duplicates.seen import DuplicatesSeen
from gui.duplicates.words import DuplicateWords
from gui.duplicates.work import DuplicateWork
from gui.empty_state import EmptyState
from gui.labels import FittingLabel, hairline
from gui.session import Session
from gui.tagging.words import DOT
from gui.thumbnails import Thumbnails

KINDS = (DuplicateClass.IDENTICAL, DuplicateClass.SAME_PICTURE, DuplicateClass.SIMILAR)
_QUIET_MS = 250  # of marking, before it is asked what the kept ones take over


class ReviewPane(QWidget):
    """The groups of one class at a time.

    Signals: opened(PhotoId) · search_wanted() · merges_wanted(list[Merge], paths by PhotoId) ·
    left_wanted(ClearingReport).
    """

    opened = Signal(object)
    search_wanted = Signal()
    merges_wanted = Signal(object, object)
    left_wanted = Signal(object)

    def __init__(
        self, session: Session, work: DuplicateWork, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._session = session
        self.work = work
        self._words = DuplicateWords(self)
        self._marks = {kind: Marks() for kind in KINDS}
        self._shown: DuplicateClass | None = None  # whose groups are in the list
        self._wanted: PhotoId | None = None  # whose group is to be chosen once it is there
        self._merges: list[Merge] = []
        self.kind = DuplicateClass.IDENTICAL
        self.small_thumbnails = Thumbnails(
            session.workers, session.library.thumbnail, cache_mb=16, parent=self
        )
        self.tabs = QTabBar()
        self.tabs.setAccessibleName(self.tr("Kinds of duplicates"))
        self.tabs.setDrawBase(False)
        self.tabs.setExpanding(False)
        for kind in KINDS:
            self.tabs.addTab(self._words.kind(kind))
            self.tabs.setTabToolTip(self.tabs.count() - 1, self._words.about(kind))
        self.totals = FittingLabel()
        theme.mark(self.totals, role="muted")
        self.mark_button = theme.mark(QPushButton(self.tr("Mark by the rules")), link=True)
        self.mark_button.setToolTip(self.tr("In every group all but the one that stays"))
        self.unmark_button = theme.mark(QPushButton(self.tr("Unmark all")), link=True)
        self.list = GroupListView(self.small_thumbnails)
        self.list.rows.mark = self._mark_of
        self.pane = GroupPane(session, work, self.small_thumbnails)
        self.pane.following = self._following
        self.empty = EmptyState()
        self.foot = Foot()
        self._soon = QTimer(self, singleShot=True, interval=_QUIET_MS)
        self._lay_out()
        self._connect()
        self.empty.say("")

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setContentsMargins(24, 0, 24, 6)
        head.setSpacing(16)
        head.addWidget(self.tabs)
        head.addWidget(self.totals, 1)
        self.totals.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        for link in (self.mark_button, self.unmark_button):
            link.setAccessibleName(link.text())
            link.setCursor(Qt.CursorShape.PointingHandCursor)
            head.addWidget(link)
        self.split = QSplitter(Qt.Orientation.Horizontal)
        self.split.setHandleWidth(1)
        self.split.addWidget(self.list)
        self.split.addWidget(self.pane)
        self.split.setStretchFactor(1, 1)
        self.split.setSizes([256, 700])
        self.split.setCollapsible(0, False)
        self.split.setCollapsible(1, False)
        self._stack = QStackedWidget()
        self._stack.addWidget(self.split)
        self._stack.addWidget(self.empty)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addLayout(head)
        whole.addWidget(hairline())
        whole.addWidget(self._stack, 1)
        whole.addWidget(hairline())
        whole.addWidget(self.foot)

    def focusInEvent(self, event: QFocusEvent) -> None:
        # No proxy: with one, Tab would pass over all that stands before it.
        self.list.setFocus(event.reason())

    def _connect(self) -> None:
        work = self.work
        self.tabs.currentChanged.connect(self._choose_tab)
        self.mark_button.clicked.connect(self._mark_all)
        self.unmark_button.clicked.connect(self._unmark_all)
        self.list.chosen.connect(self._show_group)
        self.pane.kept.connect(self._keep)
        self.pane.toggled.connect(self._toggle)
        self.pane.parted.connect(self._part)
        self.pane.opened.connect(self.opened)
        self.empty.acted.connect(self._go_on)
        self.foot.clear_wanted.connect(self._clear)
        self.foot.undo_wanted.connect(work.take_back)
        self.foot.merges_wanted.connect(self._show_merges)
        self.foot.left_wanted.connect(lambda: self.left_wanted.emit(self.foot.report))
        self._soon.timeout.connect(self._ask_merges)
        work.groups_changed.connect(self._take)
        self._session.photos_changed.connect(self._forget)

    # -- showing -------------------------------------------------------------------------------

    def choose(self, kind: DuplicateClass) -> None:
        """Look at the groups of this class."""
        self.kind = kind
        self.tabs.blockSignals(True)
        self.tabs.setCurrentIndex(KINDS.index(kind))
        self.tabs.blockSignals(False)
        self.work.show_groups(kind)

    def _choose_tab(self, at: int) -> None:
        self.choose(KINDS[at])

    def look_for(self, kind: DuplicateClass, photo_id: PhotoId) -> None:
        """Look at the group of a class that a photo is in."""
        self._wanted = photo_id
        self.choose(kind)

    def show_seen(self, seen: DuplicatesSeen) -> None:
        """Take totals."""
        for at, kind in enumerate(KINDS):
            self.tabs.setTabText(at, self._words.tab(kind, seen.groups(kind)))
        self.pane.strip.rows.arrivals = frozenset(one.photo_id for one in seen.arrivals)
        self._tell_totals()

    def _take(self, kind: DuplicateClass, groups: Sequence[DuplicateGroup]) -> None:
        if kind is not self.kind:
            return
        fresh, self._shown = kind is not self._shown, kind
        self._marks[kind].take(groups)
        self.list.show_groups(groups, fresh=fresh)
        if self._wanted is not None:
            self.list.choose_photo(self._wanted)
            self._wanted = None
        self._stack.setCurrentWidget(self.split if groups else self.empty)
        if not groups:
            self._say_empty()
        self._follow_marks()

    def _say_empty(self) -> None:
        following = self._next_kind()
        if following is not None:
            words = self._words.tab(following, self.work.seen.groups(following))
            self.empty.say(self._words.none(self.kind), words, "done")
        else:
            self.empty.say(self._words.none(self.kind), self.tr("Search again"), "done")

    def _next_kind(self) -> DuplicateClass | None:
        seen = self.work.seen
        return next((k for k in KINDS if k is not self.kind and seen.groups(k)), None)

    def _go_on(self) -> None:
        following = self._next_kind()
        if following is not None:
            self.choose(following)
        else:
            self.search_wanted.emit()

    def _tell_totals(self) -> None:
        total = self.work.seen.totals.get(self.kind)
        about = self._words.about(self.kind)
        if total is None or not total.groups:
            self.totals.set_wordings([about, ""])
            return
        counts = self._words.totals(total.groups, total.bytes)
        counts = counts if self.kind is not DuplicateClass.SIMILAR else ""
        note = self.work.seen.note
        parts = [part for part in (note_text(note) or about, counts) if part]
        self.totals.set_wordings([DOT.join(parts), counts or about, ""])

    def _mark_of(self, group: DuplicateGroup) -> Mark:
        return self._marks[group.kind].of(group)

    def _show_group(self, group: DuplicateGroup | None) -> None:
        self.pane.show_group(group, self._mark_of(group) if group is not None else None)

    def _following(self) -> DuplicateGroup | None:
        row = self.list.currentIndex().row() + 1
        groups = self.list.rows.groups
        return groups[row] if row < len(groups) else None

    def _forget(self, photos: frozenset[PhotoId]) -> None:
        self.small_thumbnails.forget(photos)

    # -- marking -------------------------------------------------------------------------------

    def _keep(self, photo_id: PhotoId) -> None:
        if (group := self.list.group) is not None:
            self._marks[group.kind].keep(group, photo_id)
            self._follow_mark(group)

    def _toggle(self, photo_id: PhotoId) -> None:
        group = self.list.group
        if group is not None and self._marks[group.kind].toggle(group, photo_id):
            self._follow_mark(group)

    def _part(self) -> None:
        if self.list.group is not None:
            self.work.not_duplicates(self.list.group)

    def _follow_mark(self, group: DuplicateGroup) -> None:
        self.pane.set_mark(self._mark_of(group))
        self.foot.tell(None)
        self._follow_marks()

    def _follow_marks(self) -> None:
        total = self._marks[self.kind].sum()
        self.list.rows.refresh()
        self.foot.show_sum(total)
        known = self.work.seen.totals.get(self.kind)
        some_left = known is not None and total.photos < known.photos
        self.mark_button.setVisible(self.kind is not DuplicateClass.SIMILAR and some_left)
        self.unmark_button.setVisible(total.photos > 0)
        self._tell_totals()
        if total.photos:
            self._soon.start()
        else:
            self.foot.show_merges(0)

    def _mark_all(self) -> None:
        task = self.work.choices(self.kind)
        task.succeeded.connect(partial(self._apply, self.kind))

    def _apply(self, kind: DuplicateClass, choices: Sequence[Choice]) -> None:
        self._marks[kind].apply(choices)
        self._marked_many()

    def _unmark_all(self) -> None:
        self._marks[self.kind].unmark()
        self._marked_many()

    def _marked_many(self) -> None:
        if self.list.group is not None:
            self._follow_mark(self.list.group)
        else:
            self._follow_marks()

    def _ask_merges(self) -> None:
        choices = self._marks[self.kind].choices()
        task = self.work.preview(choices)
        task.succeeded.connect(self._take_merges)

    def _take_merges(self, merges: Sequence[Merge]) -> None:
        self._merges = [merge for merge in merges if not merge.is_empty]
        self.foot.show_merges(len(self._merges))

    def tell_cleared(self, report: ClearingReport) -> None:
        """What was just done, with the way back in the same place."""
        self._marks[self.kind].spare(left.photo_id for left in report.left_alone)
        self.foot.tell(report)

    def follow_undo(self, run_id: ClearingId) -> None:
        """A clearing was taken back: its way back is no more."""
        report = self.foot.report
        if report is not None and report.run_id == run_id:
            self.foot.tell(None)

    def _show_merges(self) -> None:
        paths = {m.photo_id: m.path for g in self.list.rows.groups for m in g.members}
        self.merges_wanted.emit(self._merges, paths)

    def _clear(self) -> None:
        self.work.clear(self._marks[self.kind].choices())

    # -- keys ----------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        shift, keypad = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.KeypadModifier
        key = event.key()
        backwards = bool(event.modifiers() & shift)
        if event.modifiers() & ~(shift | keypad):
            super().keyPressEvent(event)
        elif key in (Qt.Key.Key_Down, Qt.Key.Key_J):
            self.list.step(-1 if backwards else 1)
        elif key == Qt.Key.Key_Up:
            self.list.step(-1)
        elif not self.pane.press(event):
            super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if not self.pane.release(event):
            super().keyReleaseEvent(event)
