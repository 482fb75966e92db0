"""The grid's model: ids of all rows, photos for the pages looked at."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QMimeData,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    QUrl,
    Signal,
)

from engine.types import Hit, Photo, PhotoId, PhotoState

PAGE = 64
_MAX_STEPS = 64  # more separate insertions or removals than this are shown as a new list

IdRole = Qt.ItemDataRole.UserRole + 1
"""PhotoId, always known."""
PhotoRole = Qt.ItemDataRole.UserRole + 2
"""Photo, or None while its page is being fetched."""
HitRole = Qt.ItemDataRole.UserRole + 3
RawRole = Qt.ItemDataRole.UserRole + 4  # whether the picture stands for its RAW too
"""Hit of a search result, or None."""

Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True, slots=True)
class Listing:
    """What the grid is to show.

    `weaker_from` is the row of the first hit below the adaptive cut. `fresh`: the user asked for
    something else, so the view starts at its top; otherwise it is the same question with an
    answer that changed, and the view stays where it is. `with_raw`: pictures that stand for
    their RAW too.
    """

    ids: Sequence[PhotoId]
    hits: Mapping[PhotoId, Hit] = field(default_factory=dict[PhotoId, Hit])
    weaker_from: int | None = None
    note: str = ""
    fresh: bool = True
    with_raw: frozenset[PhotoId] = frozenset()


class GridModel(QAbstractListModel):
    """Rows are ids; `data` never waits and never computes.

    Signals: page_wanted(list[PhotoId]), once per page · about_to_show(Listing) · shown(Listing).
    """

    page_wanted = Signal(object)
    about_to_show = Signal(object)
    shown = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._ids: list[PhotoId] = []
        self._hits: Mapping[PhotoId, Hit] = {}
        self.weaker_from: int | None = None
        self.with_raw: frozenset[PhotoId] = frozenset()
        self._rows: dict[PhotoId, int] | None = {}
        self._photos: dict[PhotoId, Photo] = {}
        self.spoken_marks: Callable[[PhotoId], str] = lambda _: ""  # for screen readers
        self._asked: set[PhotoId] = set()
        self._stale: set[PhotoId] = (
            set()
        )  # known, but changed since: shown until the answer is here
        self._gone: set[PhotoId] = set()  # asked for, and the catalog does not know them any more

    # -- reading -------------------------------------------------------------------------------

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        return 0 if parent.isValid() else len(self._ids)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        row = index.row()
        if not index.isValid() or row >= len(self._ids):
            return None
        photo_id = self._ids[row]
        if role == IdRole:
            return photo_id
        if role == HitRole:
            return self._hits.get(photo_id)
        if role == RawRole:
            return photo_id in self.with_raw
        if role not in (
            PhotoRole,
            Qt.ItemDataRole.DisplayRole,
            Qt.ItemDataRole.ToolTipRole,
            Qt.ItemDataRole.AccessibleTextRole,
        ):
            return None
        photo = self._photos.get(photo_id)
        if photo is None or photo_id in self._stale:
            self._ask(row)
        if role == PhotoRole:
            return photo
        if photo is None:
            return None
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return self._spoken(photo)
        return photo.name

    def flags(self, index: Index) -> Qt.ItemFlag:
        if not index.isValid():
            return Qt.ItemFlag.NoItemFlags
        return (
            Qt.ItemFlag.ItemIsEnabled
            | Qt.ItemFlag.ItemIsSelectable
            | Qt.ItemFlag.ItemIsDragEnabled
            | Qt.ItemFlag.ItemNeverHasChildren
        )

    def mimeTypes(self) -> list[str]:
        return ["text/uri-list"]

    def mimeData(self, indexes: Sequence[QModelIndex]) -> QMimeData:
        """File URLs of the photos that are known."""
        mime = QMimeData()
        photos = [self._photos.get(self._ids[index.row()]) for index in indexes]
        mime.setUrls([QUrl.fromLocalFile(str(photo.path)) for photo in photos if photo])
        return mime

    @property
    def ids(self) -> Sequence[PhotoId]:
        """All rows' ids; not to be changed."""
        return self._ids

    def id_at(self, row: int) -> PhotoId:
        return self._ids[row]

    def row_of(self, photo_id: PhotoId) -> int | None:
        """Where a photo is. Cost: once 10 ms per 100,000 rows after each change."""
        if self._rows is None:
            self._rows = {id_: row for row, id_ in enumerate(self._ids)}
        return self._rows.get(photo_id)

    def photo(self, photo_id: PhotoId) -> Photo | None:
        return self._photos.get(photo_id)

    def hits_of(self, ids: Iterable[PhotoId]) -> list[Hit]:
        """What a search said of these photos."""
        return [self._hits[id_] for id_ in ids if id_ in self._hits]

    def _spoken(self, photo: Photo) -> str:
        when = photo.taken_at.replace("T", " ")[:16] if photo.taken_at else ""
        marks = self.spoken_marks(photo.id)
        raw = self.tr("with its RAW") if photo.id in self.with_raw else ""
        state = ""
        if not photo.online:
            state = self.tr("offline")
        elif photo.damaged:
            state = self.tr("damaged")
        elif photo.state is not PhotoState.PRESENT:
            state = self.tr("not readable")
        return ", ".join(part for part in (photo.name, raw, when, marks, state) if part)

    # -- changing ------------------------------------------------------------------------------

    def show(self, listing: Listing) -> None:
        """Show other ids. What stays keeps its row objects, so selections survive.

        Rows are removed and inserted where that tells the difference; only another order, or a
        difference in very many places, resets the model (the view then restores by id).
        """
        self.about_to_show.emit(listing)
        self._hits = listing.hits
        self.weaker_from = listing.weaker_from
        self.with_raw = listing.with_raw
        new = list(listing.ids)
        if listing.fresh or not self._change_in_steps(new):
            self.beginResetModel()
            self._ids = new
            self._rows = None
            self.endResetModel()
        elif self._ids and listing.hits:
            self.dataChanged.emit(self.index(0), self.index(len(self._ids) - 1), [HitRole])
        if len(self._photos) > 50_000 or len(self._photos) > 4 * len(new) + 1000:
            keep = set(new)
            self._photos = {id_: photo for id_, photo in self._photos.items() if id_ in keep}
            self._stale &= keep
        self._gone.clear()
        self.shown.emit(listing)

    def _change_in_steps(self, new: list[PhotoId]) -> bool:
        """Turn the old list into the new one by few removals and insertions, or change nothing."""
        if new == self._ids:
            return True
        start = _same_start(self._ids, new)
        end = _same_end(self._ids, new, start)
        old, coming = self._ids[start : len(self._ids) - end], new[start : len(new) - end]
        wanted, had = set(coming), set(old)
        if not self._ids or [i for i in old if i in wanted] != [i for i in coming if i in had]:
            return False
        removals = _spans([row for row, id_ in enumerate(old, start) if id_ not in wanted])
        insertions = _spans([row for row, id_ in enumerate(coming, start) if id_ not in had])
        if len(removals) + len(insertions) > _MAX_STEPS:
            return False
        for first, last in reversed(removals):
            self.beginRemoveRows(QModelIndex(), first, last)
            del self._ids[first : last + 1]
            self._rows = None
            self.endRemoveRows()
        for first, last in insertions:
            self.beginInsertRows(QModelIndex(), first, last)
            self._ids[first:first] = new[first : last + 1]
            self._rows = None
            self.endInsertRows()
        return True

    def put(self, photos: Iterable[Photo], asked: Collection[PhotoId] = ()) -> None:
        """Take a page that was asked for; ids no longer shown are ignored.

        Args:
            photos: what the catalog knows.
            asked: the ids of the question; those without a photo are gone and not asked again.
        """
        rows: list[int] = []
        for photo in photos:
            row = self.row_of(photo.id)
            if row is not None:
                self._photos[photo.id] = photo
                self._stale.discard(photo.id)
                rows.append(row)
        for id_ in asked:
            if id_ in self._stale:  # asked about and not answered
                self._photos.pop(id_, None)
                self._stale.discard(id_)
            if id_ not in self._photos:
                self._gone.add(id_)
        self._asked.difference_update(asked)
        if rows:
            self._tell(min(rows), max(rows))

    def forget(self, ids: Collection[PhotoId]) -> None:
        """These changed: fetch them again when they are next looked at."""
        self._asked.difference_update(ids)
        self._gone.difference_update(ids)
        known = ids if len(ids) < len(self._photos) else self._photos.keys() & set(ids)
        self._stale.update(id_ for id_ in known if id_ in self._photos)
        rows = [row for row in (self.row_of(id_) for id_ in known) if row is not None]
        if rows:
            self._tell(min(rows), max(rows))

    def not_fetched(self, ids: Collection[PhotoId]) -> None:
        """A question was dropped; it will be asked again if these rows are painted again."""
        self._asked.difference_update(ids)

    def _tell(self, first: int, last: int) -> None:
        self.dataChanged.emit(self.index(first), self.index(last))

    def _ask(self, row: int) -> None:
        start = row // PAGE * PAGE
        if self._ids[row] in self._asked or self._ids[row] in self._gone:
            return
        ids = [
            id_
            for id_ in self._ids[start : start + PAGE]
            if (id_ not in self._photos or id_ in self._stale)
            and id_ not in self._asked
            and id_ not in self._gone
        ]
        self._asked.update(ids)
        self.page_wanted.emit(ids)


def _same_start(one: list[PhotoId], other: list[PhotoId]) -> int:
    """How many entries both begin with; comparing slices is a hundred times as fast as a loop."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def _same_end(one: list[PhotoId], other: list[PhotoId], start: int) -> int:
    """How many entries both end with, beside those they begin with."""
    low, high = 0, min(len(one), len(other)) - start
    while low < high:
        middle = (low + high + 1) // 2
        if one[len(one) - middle : len(one) - low] == other[len(other) - middle : len(other) - low]:
            low = middle
        else:
            high = middle - 1
    return low


def _spans(rows: Sequence[int]) -> list[tuple[int, int]]:
    """Group ascending rows into (first, last) runs."""
    spans: list[tuple[int, int]] = []
    for row in rows:
        if spans and row == spans[-1][1] + 1:
            spans[-1] = (spans[-1][0], row)
        else:
            spans.append((row, row))
    return spans
