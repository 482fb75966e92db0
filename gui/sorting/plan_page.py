"""The preview of a sort: groups at the left, the photos of one of them at the right."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, QPoint, Qt, Signal
from PySide6.QtWidgets import (
    QHBoxLayout,
    QMenu,
    QPushButton,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from engine.file_types import SortMode
from engine.types import PhotoId
from gui import theme
from gui.empty_state import EmptyState
from gui.facts import size_text
from gui.grid.model import GridModel, Listing
from gui.grid.pages import PageSource
from gui.labels import (
    ElidedLabel,
    FittingLabel,
    hairline,
    path_text,
    plain_text,
    text_label,
    tooltip_text,
)
from gui.session import Session
from gui.sorting.draft import Preview
from gui.sorting.engine_notes import note_text
from gui.sorting.groups import (
    CONFLICTS,
    STAYS,
    GroupKey,
    GroupList,
)
from gui.sorting.preview_texts import PreviewTexts
from gui.sorting.threshold import ThresholdRow
from gui.sorting.view import SortView
from gui.sorting.words import SortWords
from gui.tagging.words import DOT, percent_text
from gui.thumbnails import Thumbnails


class PlanPage(QWidget):
    """What would go where.

    Signals: apply_wanted() · again_wanted(), the plan is stale ·
    threshold_moved(float | None) · placed(list[PhotoId], str | None), by hand · opened(PhotoId).
    """

    apply_wanted = Signal()
    again_wanted = Signal()
    threshold_moved = Signal(object)
    placed = Signal(object, object)
    opened = Signal(object)

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._words = SortWords(self)
        self._texts = PreviewTexts(self)
        self._preview: Preview | None = None
        self._shown: GroupKey | None = None
        self.small_thumbnails = Thumbnails(
            session.workers, session.library.thumbnail, cache_mb=16, parent=self
        )
        self.model = GridModel(self)
        self.pages = PageSource(self.model, session.workers, session.library.photos)
        self.view = SortView(self.model, session.thumbnails)
        self.groups = GroupList(self.small_thumbnails)
        self.totals = FittingLabel()
        theme.mark(self.totals, role="muted")
        self.notes = ElidedLabel(mode=Qt.TextElideMode.ElideRight)
        theme.mark(self.notes, role="muted")
        self.trouble = text_label("", "danger", wrap=True)
        self.stale_label = text_label(
            self.tr("Photos have changed since this preview was made."), "muted"
        )
        self.again_button = theme.mark(QPushButton(self.tr("Look again")), link=True)
        self.again_button.setAccessibleName(self.again_button.text())
        self.threshold = ThresholdRow()
        self.group_title = text_label("", "section-strong")
        self.group_folder = ElidedLabel()
        theme.mark(self.group_folder, role="muted")
        self.group_facts = text_label("", "muted")
        self.empty = EmptyState()
        self.line = text_label("", "muted", wrap=True)
        self.line.setFixedHeight(2 * self.line.fontMetrics().lineSpacing() + 2)
        self.line.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.move_button = QPushButton(self.tr("Move to group…"))
        self.move_button.setToolTip(self.tr("Put the selected photos into another group (M)"))
        self.apply_button = theme.mark(QPushButton(), primary=True)
        self._lay_out()

        self.apply_button.clicked.connect(lambda: self.apply_wanted.emit())
        self.again_button.clicked.connect(lambda: self.again_wanted.emit())
        self.threshold.moved.connect(self.threshold_moved)
        self.groups.chosen.connect(self.show_group)
        self.groups.dropped.connect(self._drop)
        self.groups.number_pressed.connect(self._press)
        self.view.number_pressed.connect(self._press)
        self.view.menu_key_pressed.connect(self._offer_below)
        self.view.menu_wanted.connect(self._offer)
        self.view.opened.connect(self.opened)
        self.view.selection_changed.connect(self._follow_selection)
        self.view.left.connect(self.groups.setFocus)
        self.view.entered.connect(self._hover)
        self.view.viewportEntered.connect(lambda: self._say(self.view.selected_ids()))
        self.move_button.clicked.connect(self._offer_below)
        session.photos_changed.connect(self._follow_photos)
        self.set_stale(False)

    def _lay_out(self) -> None:
        stale = QHBoxLayout()
        stale.setSpacing(8)
        stale.addWidget(self.stale_label)
        stale.addWidget(self.again_button)
        stale.addStretch(1)
        head = QVBoxLayout()
        head.setContentsMargins(24, 0, 24, 12)
        head.setSpacing(8)
        head.addWidget(self.notes)
        head.addWidget(self.trouble)
        head.addLayout(stale)
        head.addWidget(self.threshold)

        about = QHBoxLayout()
        about.setContentsMargins(8, 8, 16, 8)
        about.setSpacing(8)
        about.addWidget(self.group_title)
        about.addWidget(self.group_folder, 1)
        about.addWidget(self.group_facts)
        about.addWidget(self.move_button)
        self._photos = QStackedWidget()
        self._photos.addWidget(self.view)
        self._photos.addWidget(self.empty)
        below = QHBoxLayout()
        below.setContentsMargins(8, 4, 16, 4)
        below.setSpacing(8)
        below.addWidget(self.line, 1)
        right = QWidget()
        column = QVBoxLayout(right)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(about)
        column.addWidget(self._photos, 1)
        column.addLayout(below)
        split = QSplitter(Qt.Orientation.Horizontal)
        split.setHandleWidth(1)
        split.addWidget(self.groups)
        split.addWidget(right)
        split.setStretchFactor(1, 1)
        split.setSizes([312, 700])
        split.setCollapsible(0, False)
        split.setCollapsible(1, False)
        foot = QHBoxLayout()
        foot.setContentsMargins(24, 8, 24, 12)
        foot.setSpacing(16)
        foot.addWidget(self.totals, 1)
        foot.addWidget(self.apply_button)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addLayout(head)
        whole.addWidget(hairline())
        whole.addWidget(split, 1)
        whole.addWidget(hairline())
        whole.addLayout(foot)
        self.setFocusProxy(self.view)

    # -- showing -------------------------------------------------------------------------------

    def show_preview(self, preview: Preview) -> None:
        """Show what a sort would do; a changed preview of the same draft keeps its place."""
        fresh = self._preview is None or self._preview.number != preview.number
        self._preview = preview
        plan = preview.plan
        self.totals.set_wordings(self._texts.totals(preview))
        notes = " ".join(map(note_text, plan.notes))
        self.notes.setText(notes)
        self.notes.setToolTip(tooltip_text(notes))
        self.notes.setVisible(bool(plan.notes))
        self.show_trouble(self._texts.refusal(preview))
        self.threshold.show_start(preview.start, fresh=fresh)
        self.apply_button.setText(self._words.button(preview).replace("&", "&&"))
        self.apply_button.setAccessibleName(self._words.button(preview))
        if fresh:
            self._shown = None
            self.set_stale(False)
        self.groups.show_groups(self._texts.rows(preview))
        if fresh:
            filled = next((r for r in self.groups.groups.rows if r.samples), None)
            if filled is not None:
                self.groups.choose(filled.key)
        self.show_group(self.groups.key or STAYS)

    def show_trouble(self, words: str) -> None:
        """Why it cannot be done, or nothing."""
        self.trouble.setText(note_text(words))
        self.trouble.setVisible(bool(words))
        able = self._preview is not None and self._preview.plan.going > 0
        self.apply_button.setEnabled(able and not words)

    def set_stale(self, stale: bool) -> None:
        """Say that photos have come, gone or changed since the preview was made."""
        self.stale_label.setVisible(stale)
        self.again_button.setVisible(stale)

    def show_group(self, key: GroupKey) -> None:
        """The photos of a group, where it is least sure first."""
        preview = self._preview
        if preview is None:
            return
        fresh = key != self._shown
        self._shown = key
        facts: list[str] = []
        folder = ""
        if key == CONFLICTS:
            ids: Sequence[PhotoId] = preview.conflicts
            folder = self.tr("they stay although they fit, or get another name")
            self.group_title.setText(self.tr("Conflicts"))
        elif key == STAYS:
            ids = preview.stays
            folder = self.tr("they stay where they are; those that nearly fit come first")
            self.group_title.setText(self.tr("None of these"))
        else:
            ids = preview.groups.get(key[1], [])
            group = next((g for g in preview.plan.groups if g.category == key[1]), None)
            self.group_title.setText(plain_text(key[1]))
            if group is not None:
                album = preview.choice.mode is SortMode.ALBUM
                folder = self.tr("into an album of this name")
                folder = folder if album else "→ " + path_text(group.folder)
                if group.companions:
                    facts.append(self._words.companions(group.companions))
                if group.bytes:
                    facts.append(size_text(group.bytes))
        facts.insert(0, self._words.photos(len(ids)))
        self.group_folder.setText(folder)
        self.group_facts.setText(DOT.join(facts))
        self.view.tell(self._told, always=key == CONFLICTS)
        self.view.mark(preview.placed)
        self.model.show(Listing(ids, fresh=fresh))
        self.empty.say(self._nothing(key), "", "folder")
        self._photos.setCurrentWidget(self.view if ids else self.empty)
        self._follow_selection(self.view.selected_ids())

    def _nothing(self, key: GroupKey) -> str:
        if self._preview is not None and not self._preview.photos:
            return self.tr("There are no photos to sort yet.")
        if key == STAYS:
            return self.tr("Every photo has a place.")
        return self.tr("No photo belongs here. Lower the threshold, or drag photos here.")

    def _told(self, photo_id: PhotoId) -> str:
        """In the corner of a photo."""
        preview = self._preview
        photo = preview.photos.get(photo_id) if preview is not None else None
        if preview is None or photo is None:
            return ""
        if self._shown == CONFLICTS:
            return self._words.short_fate(photo)
        if photo_id in preview.placed:
            return self.tr("moved by you")
        guess = preview.guesses.get(photo_id)
        if guess is None or guess.category is None:
            return ""
        share = percent_text(guess.score)
        if self._shown == STAYS:
            return f"{plain_text(guess.category)} {share}"
        return f"{share}{DOT}{self._words.second(guess)}"

    def _follow_selection(self, ids: Sequence[PhotoId]) -> None:
        self.move_button.setEnabled(bool(ids))
        self._say(ids)

    def _hover(self, index: QModelIndex) -> None:
        """What the mouse is over says all of itself."""
        self._say([self.model.id_at(index.row())])

    def _say(self, ids: Sequence[PhotoId]) -> None:
        """Say all there is to say of one photo, or how to go on."""
        preview = self._preview
        if preview is None:
            return
        if not ids:
            self.line.setText(
                self.tr("Drag photos to another group, or press its number; 0 lets them stay.")
            )
        elif len(ids) > 1:
            self.line.setText(self.tr("%Ln photo(s) selected", "", len(ids)))
        elif (photo := preview.photos.get(ids[0])) is not None:
            parts = [plain_text(photo.source.name)]
            if photo.photo_id in preview.placed:
                parts.append(self.tr("moved by you"))
            parts.append(self._words.sureness(preview.guesses.get(photo.photo_id)))
            if photo.companions:
                parts.append(self._words.companions(photo.companions))
            parts.insert(1, self._words.fate(photo))
            self.line.setText(DOT.join(filter(None, parts)))

    def _follow_photos(self, photos: frozenset[PhotoId]) -> None:
        self.model.forget(photos or self.model.ids)
        self.small_thumbnails.forget(photos)

    # -- moving --------------------------------------------------------------------------------

    def move_photos(self, ids: Sequence[PhotoId], key: GroupKey) -> None:
        """Put photos into a group by hand."""
        if ids and key != self._shown and key != CONFLICTS:
            self.placed.emit(list(ids), None if key == STAYS else key[1])

    def _drop(self, key: GroupKey, ids: Sequence[PhotoId]) -> None:
        known = self._preview.photos if self._preview is not None else {}
        self.move_photos([photo_id for photo_id in ids if photo_id in known], key)

    def _press(self, number: int) -> None:
        row = next((r for r in self.groups.groups.rows if r.key_number == number), None)
        if row is not None:
            self.move_photos(self.view.selected_ids(), row.key)

    def menu(self) -> QMenu:
        """The groups that the selected photos can be moved to."""
        menu = QMenu(self)
        ids = self.view.selected_ids()
        for row in self.groups.groups.rows:
            if not row.takes:
                continue
            key = f"\t{row.key_number}" if row.key_number is not None else ""
            action = menu.addAction(row.title.replace("&", "&&") + key)
            action.setEnabled(bool(ids) and row.key != self._shown)
            action.triggered.connect(lambda _=False, row=row: self.move_photos(ids, row.key))
        return menu

    def _offer(self, at: QPoint) -> None:
        menu = self.menu()
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(at)

    def _offer_below(self) -> None:
        if self.view.selected_ids():
            self._offer(self.move_button.mapToGlobal(self.move_button.rect().bottomLeft()))
