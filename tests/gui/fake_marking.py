"""Marks in memory: what files say, what the user says, and the way back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from engine.mark_types import Flag, Marks, MarkUndo
from engine.types import Aspect, PhotoId

if TYPE_CHECKING:
    from fake_library import FakeLibrary


class FakeMarking:
    """Announces every change; a step is undone by the marks before it."""

    def __init__(self, library: FakeLibrary) -> None:
        self._library = library
        self.kept: dict[PhotoId, Marks] = {}
        self._before: list[dict[PhotoId, Marks]] = []
        self.fails: Exception | None = None  # what the next change raises

    def of(self, ids: Sequence[PhotoId]) -> dict[PhotoId, Marks]:
        return {photo_id: self.kept[photo_id] for photo_id in ids if photo_id in self.kept}

    def rate(self, ids: Sequence[PhotoId], stars: int | None) -> MarkUndo:
        return self._put(ids, "rating", stars)

    def pick(self, ids: Sequence[PhotoId]) -> MarkUndo:
        return self._put(ids, "flag", Flag.PICKED)

    def reject(self, ids: Sequence[PhotoId]) -> MarkUndo:
        return self._put(ids, "flag", Flag.REJECTED)

    def unflag(self, ids: Sequence[PhotoId]) -> MarkUndo:
        return self._put(ids, "flag", Flag.NONE)

    def favour(self, ids: Sequence[PhotoId], favourite: bool = True) -> MarkUndo:
        return self._put(ids, "favourite", favourite)

    def caption(self, ids: Sequence[PhotoId], words: str | None) -> MarkUndo:
        return self._put(ids, "caption", words)

    def title(self, ids: Sequence[PhotoId], words: str | None) -> MarkUndo:
        return self._put(ids, "title", words)

    def undo(self, undo: MarkUndo) -> MarkUndo:
        """Of albums too, as the real one."""
        if undo.albums:
            return self._library.albums.undo(undo)
        return self._change([row[0] for row in undo.marks], self._before[int(undo.marks[0][1])])

    def _put(self, ids: Sequence[PhotoId], name: str, value: object) -> MarkUndo:
        if self.fails is not None:
            raise self.fails
        now = dict(self.kept)
        for photo_id in ids:
            marks = now.get(photo_id, Marks())
            said: dict[str, object] = {name: value, "own": marks.own | {name}}
            now[photo_id] = replace(marks, **said)  # pyright: ignore[reportArgumentType]
        return self._change(ids, now)

    def _change(self, ids: Sequence[PhotoId], marks: dict[PhotoId, Marks]) -> MarkUndo:
        self._before.append(self.kept)
        self.kept = marks
        self._library.announce(ids, Aspect.MARK)
        token = str(len(self._before) - 1)
        return MarkUndo(marks=tuple((photo_id, token, None) for photo_id in ids))
