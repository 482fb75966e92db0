"""Albums that photos are put into, and smart ones: queries with a name, answered when asked."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeAlias

from engine.errors import AlbumError
from engine.mark_types import Album, AlbumId, MarkUndo
from engine.query import parse
from engine.types import Band, Order, PhotoId, Scope, SearchResult

if TYPE_CHECKING:
    from engine.catalog import Catalog

Ask: TypeAlias = Callable[[str, int | None, Scope], SearchResult]
"""How a query is answered: text, limit, scope."""


class Albums:
    """The user's albums. Names are told apart without regard to case.

    Whatever changes something returns what `Marking.undo` needs.

    Args:
        catalog: holds them.
        ask: answers the queries of smart ones.
    """

    def __init__(self, catalog: Catalog, ask: Ask) -> None:
        self._catalog = catalog
        self._ask = ask

    # ---- looking -----------------------------------------------------------------------------

    def all(self) -> list[Album]:
        """All albums in the user's order. Smart ones are not asked: see `count`."""
        return self._catalog.albums.entries()

    def get(self, album_id: AlbumId) -> Album:
        """One album. AlbumError: it is not there."""
        for album in self.all():
            if album.id == album_id:
                return album
        raise AlbumError("This album is not there any more.")

    def named(self, name: str) -> Album:
        """The album of this name. AlbumError: there is none."""
        wanted = " ".join(name.split()).casefold()
        for album in self.all():
            if album.name.casefold() == wanted:
                return album
        raise AlbumError(f"There is no album “{name}”.")

    def photos(self, album_id: AlbumId, order: Order | None = None) -> list[PhotoId]:
        """The present photos of an album, in its own order unless another is asked for.

        Of a smart album: what matches its query now. Weaker matches are left out.

        Raises:
            AlbumError: it is not there.
            QueryError: a smart album's query means nothing any more, such as a tag that is gone.
            ModelError: its words need a model, and there is none.
        """
        album = self.get(album_id)
        if not album.is_smart:
            return self._catalog.albums.photos(album_id, order)
        return [hit.photo_id for hit in self._answer(album, order).hits if hit.band is Band.MATCH]

    def count(self, album_id: AlbumId) -> int:
        """How many photos an album has now. Raises what `photos` raises.

        Cost: of a smart album that of its query.
        """
        album = self.get(album_id)
        return len(self.photos(album_id)) if album.photos is None else album.photos

    def of(self, photo_id: PhotoId) -> list[Album]:
        """The albums that a photo was put into."""
        wanted = set(self._catalog.albums.of(photo_id))
        return [album for album in self.all() if album.id in wanted]

    def _answer(self, album: Album, order: Order | None) -> SearchResult:
        wanted = order or album.order
        ranks = parse(album.query).ranks
        found = self._ask(album.query, None, Scope(order=wanted or Order.DATE_NEWEST))
        if wanted is None or not ranks:
            return found
        # Words rank by likeness; here another order was chosen.
        by_id = {hit.photo_id: hit for hit in found.hits}
        ids = self._catalog.photos.ids(Scope(order=wanted))
        return SearchResult(tuple(by_id[i] for i in ids if i in by_id), found.note)

    # ---- albums ------------------------------------------------------------------------------

    def create(self, name: str, photos: Sequence[PhotoId] = ()) -> tuple[AlbumId, MarkUndo]:
        """A new album, the last in the list, with photos in this order.

        Raises:
            AlbumError: a name that cannot be, or that another album has.
        """
        with _told(), self._catalog.write():
            undo = self._catalog.albums.create(name)
            album_id = undo.albums[0][0]
            if photos:
                self._catalog.albums.put(album_id, photos)
        return album_id, undo

    def save_query(
        self, name: str, query: str, order: Order | None = None
    ) -> tuple[AlbumId, MarkUndo]:
        """A new smart album: whatever answers a query, now and later.

        Args:
            name: as `create`.
            query: as typed into the search bar.
            order: how its photos are shown; None: the best first.

        Raises:
            AlbumError: the name cannot be, or the query is empty.
            QueryError: the query cannot be understood, with the position.
        """
        text = _checked(query)
        with _told():
            undo = self._catalog.albums.create(name, text, order)
        return undo.albums[0][0], undo

    def change_query(self, album_id: AlbumId, query: str) -> MarkUndo:
        """Give a smart album another query. AlbumError, QueryError: as `save_query`."""
        if not self.get(album_id).is_smart:
            raise AlbumError("Photos are put into this album by hand; it has no query.")
        with _told():
            return self._catalog.albums.change(album_id, query=_checked(query))

    def rename(self, album_id: AlbumId, name: str) -> MarkUndo:
        """Give an album another name. AlbumError: as `create`."""
        with _told():
            return self._catalog.albums.change(album_id, name=name)

    def set_order(self, album_id: AlbumId, order: Order | None) -> MarkUndo:
        """How its photos are shown; None: as arranged by hand, of a smart one the best first."""
        with _told():
            return self._catalog.albums.change(album_id, order=order)

    def remove(self, album_id: AlbumId) -> MarkUndo:
        """Forget an album; the photos in it stay. AlbumError: it is not there."""
        with _told():
            return self._catalog.albums.remove(album_id)

    def arrange(self, album_ids: Sequence[AlbumId]) -> MarkUndo:
        """Put the list of albums into this order; those not named come last."""
        return self._catalog.albums.arrange(album_ids)

    # ---- photos in them ----------------------------------------------------------------------

    def add(self, album_id: AlbumId, ids: Sequence[PhotoId]) -> MarkUndo:
        """Put photos at the end of an album; those in it already stay where they are.

        Raises:
            AlbumError: it is not there, or a smart one.

        Cost: 10,000 photos in .1 s.
        """
        with _told():
            return self._catalog.albums.put(album_id, ids)

    def take(self, album_id: AlbumId, ids: Sequence[PhotoId]) -> MarkUndo:
        """Take photos out of an album; nothing happens to them."""
        return self._catalog.albums.take(album_id, ids)

    def move(
        self, album_id: AlbumId, ids: Sequence[PhotoId], before: PhotoId | None = None
    ) -> MarkUndo:
        """Put photos of an album in front of another one, in this order; None: at its end.

        Its order is that of the user's hand from then on, and begins as it was shown.

        Raises:
            AlbumError: it is not there, or a smart one.
        """
        with _told():
            return self._catalog.albums.move(album_id, ids, before)


def _checked(query: str) -> str:
    """A query that can be saved."""
    parse(query)
    if not query.strip():
        raise AlbumError("An empty query finds everything; type something to look for first.")
    return query.strip()


@contextmanager
def _told() -> Generator[None, None, None]:
    """What the catalog refuses is told to the user."""
    try:
        yield
    except ValueError as error:
        raise AlbumError(str(error)) from error
