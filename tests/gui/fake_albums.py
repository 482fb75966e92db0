"""Albums and saved searches in memory, with undo as the real ones have it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from engine.errors import AlbumError
from engine.mark_types import Album, AlbumId, MarkUndo
from engine.query import read
from engine.types import Aspect, Band, Order, PhotoId

if TYPE_CHECKING:
    from fake_library import FakeLibrary


class FakeAlbums:
    """Keeps a list; every change announces itself and can be undone by the list before."""

    def __init__(self, library: FakeLibrary) -> None:
        self._library = library
        self._next = 1
        self.kept: list[Album] = []
        self.members: dict[AlbumId, tuple[PhotoId, ...]] = {}
        self._before: dict[AlbumId, tuple[list[Album], dict[AlbumId, tuple[PhotoId, ...]]]] = {}

    def all(self) -> list[Album]:
        return [
            album if album.is_smart else replace(album, photos=len(self.members[album.id]))
            for album in self.kept
        ]

    def asked(self, query: str) -> tuple[PhotoId, ...] | None:
        """What a query for one album, and nothing else, finds."""
        for album in self.kept:
            if query in (f"album:{album.name}", f'album:"{album.name}"'):
                return self.members[album.id]
        return None

    def create(self, name: str, photos: Sequence[PhotoId] = ()) -> tuple[AlbumId, MarkUndo]:
        made = Album(AlbumId(self._next), name, 0)
        members = {**self.members, made.id: tuple(photos)}
        return made.id, self._change([*self.kept, made], members)

    def photos(self, album_id: AlbumId) -> list[PhotoId]:
        order = next(album.order for album in self.kept if album.id == album_id)
        members = list(self.members[album_id])
        if order is None:
            return members
        return sorted(members, reverse=order is Order.DATE_NEWEST)

    def set_order(self, album_id: AlbumId, order: Order | None) -> MarkUndo:
        return self._change([replace(a, order=order) if a.id == album_id else a for a in self.kept])

    def move(
        self, album_id: AlbumId, ids: Sequence[PhotoId], before: PhotoId | None = None
    ) -> MarkUndo:
        rest = [id_ for id_ in self.photos(album_id) if id_ not in ids]
        at = len(rest) if before is None else rest.index(before)
        moved = (*rest[:at], *ids, *rest[at:])
        kept = [replace(a, order=None) if a.id == album_id else a for a in self.kept]
        return self._change(kept, {**self.members, album_id: moved})

    def add(self, album_id: AlbumId, ids: Sequence[PhotoId]) -> MarkUndo:
        put = dict.fromkeys((*self.members[album_id], *ids))
        return self._change(self.kept, {**self.members, album_id: tuple(put)})

    def take(self, album_id: AlbumId, ids: Sequence[PhotoId]) -> MarkUndo:
        left = tuple(id_ for id_ in self.members[album_id] if id_ not in ids)
        return self._change(self.kept, {**self.members, album_id: left})

    def count(self, album_id: AlbumId) -> int:
        album = next(album for album in self.kept if album.id == album_id)
        hits = self._library.search(album.query).hits
        return sum(hit.band is Band.MATCH for hit in hits)

    def save_query(
        self, name: str, query: str, order: Order | None = None
    ) -> tuple[AlbumId, MarkUndo]:
        read(query)
        if any(album.name.casefold() == name.casefold() for album in self.kept):
            raise AlbumError(f"There is an album “{name}” already.")
        made = Album(AlbumId(self._next), name, None, query, order)
        return made.id, self._change([*self.kept, made])

    def rename(self, album_id: AlbumId, name: str) -> MarkUndo:
        return self._change([replace(a, name=name) if a.id == album_id else a for a in self.kept])

    def change_query(self, album_id: AlbumId, query: str) -> MarkUndo:
        return self._change([replace(a, query=query) if a.id == album_id else a for a in self.kept])

    def remove(self, album_id: AlbumId) -> MarkUndo:
        return self._change([album for album in self.kept if album.id != album_id])

    def arrange(self, album_ids: Sequence[AlbumId]) -> MarkUndo:
        return self._change(
            sorted(
                self.kept,
                key=lambda album: album_ids.index(album.id) if album.id in album_ids else 999,
            )
        )

    def undo(self, undo: MarkUndo) -> MarkUndo:
        return self._change(*self._before[undo.albums[0][0]])

    def _change(
        self, albums: list[Album], members: dict[AlbumId, tuple[PhotoId, ...]] | None = None
    ) -> MarkUndo:
        self._next += 1
        token = AlbumId(self._next)
        self._before[token] = (self.kept, self.members)
        self.members = self.members if members is None else members
        self.kept = albums
        self._library.announce([], Aspect.ALBUM)
        return MarkUndo(albums=((token, None),))
