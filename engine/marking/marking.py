"""Stars, flags, favourites, captions and titles. In the catalog only; no file is touched."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from engine.mark_types import Flag, Marks, MarkUndo
from engine.types import PhotoId

if TYPE_CHECKING:
    from engine.catalog import Catalog

_MOST_STARS = 5
_LONGEST_CAPTION = 20_000  # characters
_LONGEST_TITLE = 500


class Marking:
    """What the user says of photos; it outweighs what their files say of themselves.

    Every method that changes something takes many photos at once, returns what `undo` needs, and
    does it for 10,000 photos in a second at most. Ids that mean nothing are ignored.
    """

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog

    def of(self, ids: Sequence[PhotoId]) -> dict[PhotoId, Marks]:
        """The marks of photos, those from the file too; a photo without any is left out."""
        return self._catalog.marks.of(ids)

    def rate(self, ids: Sequence[PhotoId], stars: int | None) -> MarkUndo:
        """Give photos 0 to 5 stars. None: as their files say.

        Raises:
            ValueError: other stars.
        """
        if stars is not None and stars not in range(_MOST_STARS + 1):
            raise ValueError(f"{stars} stars cannot be given")
        return self._catalog.marks.put(ids, "rating", stars)

    def pick(self, ids: Sequence[PhotoId]) -> MarkUndo:
        """These are wanted."""
        return self._catalog.marks.put(ids, "flag", Flag.PICKED.value)

    def reject(self, ids: Sequence[PhotoId]) -> MarkUndo:
        """These are not wanted; nothing happens to their files."""
        return self._catalog.marks.put(ids, "flag", Flag.REJECTED.value)

    def unflag(self, ids: Sequence[PhotoId]) -> MarkUndo:
        """Neither picked nor rejected, whatever their files say."""
        return self._catalog.marks.put(ids, "flag", Flag.NONE.value)

    def favour(self, ids: Sequence[PhotoId], favourite: bool = True) -> MarkUndo:
        """Make photos favourites, or none any more."""
        return self._catalog.marks.put(ids, "favourite", 1 if favourite else None)

    def caption(self, ids: Sequence[PhotoId], words: str | None) -> MarkUndo:
        """Write a caption; empty for none, None for what their files say. Line ends are kept."""
        return self._catalog.marks.put(ids, "caption", _clean(words, _LONGEST_CAPTION))

    def title(self, ids: Sequence[PhotoId], words: str | None) -> MarkUndo:
        """Write a title, one line; empty for none, None for what their files say."""
        line = None if words is None else " ".join(words.split())
        return self._catalog.marks.put(ids, "title", _clean(line, _LONGEST_TITLE))

    def undo(self, undo: MarkUndo) -> MarkUndo:
        """Bring marks and albums back to how they were. Returns: what would redo it.

        Undo steps in the opposite order of how they were made; photos that are gone stay so.
        """
        with self._catalog.write():
            marks = self._catalog.marks.restore(undo.marks) if undo.marks else MarkUndo()
            if not undo.albums and not undo.members:
                return marks
            albums = self._catalog.albums.restore(undo.albums, undo.members)
        return MarkUndo(marks.marks, albums.albums, albums.members)


def _clean(words: str | None, longest: int) -> str | None:
    """Without signs that no one can see, and not endless."""
    if words is None:
        return None
    kept = "".join(s for s in words.replace("\r\n", "\n") if s in "\n\t" or s.isprintable())
    return kept.strip()[:longest]
