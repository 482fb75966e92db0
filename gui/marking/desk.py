"""Puts stars, flags, favourites and captions into the window."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cache, partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from engine.errors import EngineError
from engine.mark_types import Flag, Marks, MarkUndo
from engine.types import PhotoId
from gui.marking.badges import PhotoBadge
from gui.marking.section import MarkSection
from gui.marking.seen import MarksSeen
from gui.marking.steps import way_back
from gui.marking.words import MarkWords
from gui.workers import Task

if TYPE_CHECKING:
    from gui.main_window import MainWindow

log = logging.getLogger(__name__)

_QUIET_MS = 60  # while one holds an arrow key down, the marks may wait
_NOTHING = Marks()
_AT_ONCE = 500  # photos whose marks are told without a lane


class MarkDesk(QObject):
    """Marks what is selected, or the photo in front; all of it can be undone.

    What was done is shown at once; the catalog's answer corrects it where it differs.
    """

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._session = window.session
        self._library = window.session.library
        self._words = MarkWords(self)
        self._ids: Sequence[PhotoId] = ()
        self._held = False
        self._kinds: Sequence[Marks] = (_NOTHING,)  # the different ones of what is meant
        self._task: Task | None = None
        self._quiet = QTimer(self, singleShot=True, interval=_QUIET_MS)
        self._quiet.timeout.connect(self._ask)
        grid, viewer = window.grid, window.viewer
        self.seen = MarksSeen(grid.model, self._session.workers, self._library.marking.of)
        self.seen.changed.connect(grid.view.viewport().update)
        grid.view.show_marks(self.seen.get)
        grid.model.spoken_marks = self._spoken
        grid.offer_marks = window.menus.marks.add_to
        self.section = MarkSection()
        window.inspector.add_marks(self.section)
        self.badge = PhotoBadge(viewer.canvas)

        grid.selection_changed.connect(self._follow_selection)
        viewer.photo_changed.connect(self._follow_viewer)
        self._session.photos_changed.connect(self._follow_change)
        for source in (window.menus.marks, self.section):
            source.rated.connect(self.rate)
            source.flagged.connect(self.flag)
            source.favoured.connect(self.favour)
        self.section.captioned.connect(self.caption)
        self.section.titled.connect(self.title)
        self.section.left.connect(self._leave)

    @property
    def ids(self) -> Sequence[PhotoId]:
        """What is marked now: the selection, or the photo in front."""
        # A click and the key after it may come in one turn of the loop.
        self._window.grid.view.settle_selection()
        return self._ids

    @property
    def idle(self) -> bool:
        """Whether what is shown is what is known."""
        return self._task is None and not self._quiet.isActive()

    # -- looking -------------------------------------------------------------------------------

    def hold(self, ids: Sequence[PhotoId] | None) -> None:
        """Mean these, whatever is selected; None: mean the selection again."""
        self._held = ids is not None
        self._show(ids if ids is not None else self._window.grid.view.selected_ids())

    def _follow_selection(self, ids: Sequence[PhotoId]) -> None:
        if not self._held and self._window.stack.currentWidget() is not self._window.viewer:
            self._show(ids)

    def _follow_viewer(self, photo_id: PhotoId) -> None:
        self._show([photo_id])

    def _follow_change(self, changed: frozenset[PhotoId]) -> None:
        if not changed or not changed.isdisjoint(self._ids):
            self._quiet.start()

    def _show(self, ids: Sequence[PhotoId]) -> None:
        self._ids = ids
        known = {photo_id: self.seen.get(photo_id) or _NOTHING for photo_id in ids[:_AT_ONCE]}
        self._kinds = _kinds(tuple(known), known)
        self._tell()
        self._quiet.start()

    def _ask(self) -> None:
        if self._task is not None:
            self._task.cancel()
        ids, marking = self._ids, self._library.marking

        def fetch() -> Sequence[Marks]:
            return _kinds(ids, marking.of(ids))

        self._task = task = self._session.workers.start("page", "", fetch)
        task.succeeded.connect(partial(self._take, ids))
        task.finished.connect(partial(self._forget, task))

    def _forget(self, task: Task) -> None:
        if task is self._task:
            self._task = None

    def _take(self, ids: Sequence[PhotoId], kinds: Sequence[Marks]) -> None:
        if ids is self._ids:
            self._kinds = kinds
            self._tell()

    def _tell(self) -> None:
        self.section.show_marks(self._ids, self._kinds)
        self.badge.show_marks(self._kinds[0] if len(self._ids) == 1 else _NOTHING)

    def _spoken(self, photo_id: PhotoId) -> str:
        marks = self.seen.get(photo_id)
        return self._words.marks(marks) if marks is not None else ""

    # -- acting --------------------------------------------------------------------------------

    def rate(self, stars: int) -> None:
        """Give what is shown 0 to 5 stars."""
        ids, marking = self.ids, self._library.marking
        words = self._words.rated(stars, len(ids))
        own = partial(_said, "rating", rating=stars)
        self._do(words, own, lambda: marking.rate(ids, stars))

    def flag(self, flag: Flag) -> None:
        """Pick or reject what is shown, or neither."""
        ids, marking = self.ids, self._library.marking
        act = {Flag.PICKED: marking.pick, Flag.REJECTED: marking.reject}.get(flag, marking.unflag)
        words = self._words.flagged(flag, len(ids))
        self._do(words, partial(_said, "flag", flag=flag), lambda: act(ids))

    def favour(self) -> None:
        """Make favourites of what is shown, or none any more where all of it are."""
        ids, marking = self.ids, self._library.marking
        wanted = not all(kind.favourite for kind in self._kinds)
        words = self._words.favoured(wanted, len(ids))
        own = partial(_said, "favourite", favourite=wanted)
        self._do(words, own, lambda: marking.favour(ids, wanted))

    def caption(self, ids: Sequence[PhotoId], words: str) -> None:
        """Write the caption of photos; they need not be shown any more."""
        library = self._library
        act = partial(library.marking.caption, ids, words)
        self._session.history.do(self.tr("Caption changed"), lambda: way_back(library, act()))

    def title(self, ids: Sequence[PhotoId], words: str) -> None:
        """Write the title of photos; they need not be shown any more."""
        library = self._library
        act = partial(library.marking.title, ids, words)
        self._session.history.do(self.tr("Title changed"), lambda: way_back(library, act()))

    def finish(self) -> None:
        """The window closes: what is being typed is written now, for no lane will run again."""
        marking = self._library.marking
        for field, keep in (
            (self.section.caption, marking.caption),
            (self.section.title, marking.title),
        ):
            if (words := field.take()) is not None:
                try:
                    keep(self._ids, words)
                except EngineError:
                    log.exception("What was typed could not be kept")

    def _do(self, words: str, own: Callable[[Marks], Marks], act: Callable[[], MarkUndo]) -> None:
        if not self._ids:
            return
        library = self._library
        own = cache(own)  # many photos, few kinds of marks
        self._kinds = [own(kind) for kind in self._kinds]
        # What can be seen changes at once; of all others the catalog tells when they are.
        ids, view = self._ids, self._window.grid.view
        if len(ids) > _AT_ONCE:
            inside = set(ids)
            rows = view.visible_rows()
            ids = [i for i in self._window.grid.model.ids[rows.start : rows.stop] if i in inside]
        self.seen.put(ids, {id_: own(self.seen.get(id_) or _NOTHING) for id_ in ids})
        self._tell()
        task = self._session.history.do(words, lambda: way_back(library, act()))
        task.failed.connect(partial(self._regret, self._ids))

    def _regret(self, ids: Sequence[PhotoId], _error: Exception) -> None:
        """It could not be done: look again what holds."""
        self._window.grid.model.forget(ids)
        self._quiet.start()

    def _leave(self) -> None:
        page = self._window.stack.currentWidget()
        if page is not None:
            page.setFocus()


def _kinds(ids: Sequence[PhotoId], marks: Mapping[PhotoId, Marks]) -> Sequence[Marks]:
    """The different marks that photos have; one that is not named has none."""
    return list(dict.fromkeys(marks.get(photo_id, _NOTHING) for photo_id in ids)) or [_NOTHING]


def _said(name: str, marks: Marks, **values: object) -> Marks:
    """Marks with one that the user gives."""
    changed = replace(marks, own=marks.own | {name})
    return replace(changed, **values)  # pyright: ignore[reportArgumentType] - a mark's own name
