"""Albums: the user's own collections of photos, which touch no file, and saved queries."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence

from engine.catalog.album_rows import (
    AlbumRow,
    MemberRow,
    album_row,
    check_free,
    check_plain,
    counts_of_albums,
    found_row,
    make_album,
    members,
    named,
    put_photos,
    write_back,
)
from engine.catalog.mark_filters import RATING
from engine.catalog.photo_rows import FROM_PHOTO, text
from engine.catalog.store import Store
from engine.catalog.tag_rows import clean_name
from engine.file_types import RunId
from engine.mark_types import Album, AlbumId, MarkUndo
from engine.types import Aspect, Order, PhotoId

_IDS = "(SELECT value FROM json_each(?))"
_SEEN = "p.state = 'present' AND r.forgotten_at IS NULL"
_ORDERS = {
    "": "m.place, m.photo_id",
    Order.DATE_NEWEST.value: "p.date_key DESC, p.name_key DESC, p.id DESC",
    Order.DATE_OLDEST.value: "p.date_key, p.name_key, p.id",
    Order.NAME.value: "p.name_key, p.id",
    Order.RATING.value: (
        f"ifnull((SELECT max(0, {RATING.replace('m.', 's.')}) FROM metadata s"  # noqa: S608
        " WHERE s.photo_id = p.id), 0) DESC, p.date_key DESC, p.name_key DESC, p.id DESC"
    ),
}


class Albums:
    """Names of albums are told apart without regard to case."""

    def __init__(self, store: Store) -> None:
        self._store = store

    # ---- for runs of sorting -----------------------------------------------------------------

    def add(self, name: str, photos: Sequence[PhotoId], run_id: RunId | None = None) -> None:
        """Put photos into an album, which is made where there is none of this name.

        Photos that are in it already stay as they are; with `run_id` the run can be taken back.
        A smart album of this name takes no photos: another is made beside it.
        """
        shown, number = text(name), 1
        with self._store.write() as db:
            while (row := named(db, shown)) is not None and row[1]:
                number += 1
                shown = f"{text(name)} ({number})"
            album_id = row[0] if row else make_album(db, shown, "", "", run_id)
            put_photos(db, album_id, photos, run_id)
            self._store.changed(photos, Aspect.ALBUM)

    def take_back(self, photos: Sequence[PhotoId], run_id: RunId) -> None:
        """Take photos out of the albums that a run put them into; empty ones that it made go."""
        with self._store.write() as db:
            db.executemany(
                "DELETE FROM album_photo WHERE photo_id = ? AND run_id = ?",
                [(photo_id, run_id) for photo_id in photos],
            )
            db.execute(
                "DELETE FROM album WHERE run_id = ?"
                " AND id NOT IN (SELECT album_id FROM album_photo)",
                (run_id,),
            )
            self._store.changed(photos, Aspect.ALBUM)

    def all(self) -> list[tuple[str, list[PhotoId]]]:
        """Each album that holds photos with all of them, by name."""
        with self._store.read() as db:
            rows = db.execute(
                "SELECT a.name, p.photo_id FROM album a JOIN album_photo p ON p.album_id = a.id"
                " ORDER BY a.folded_name, p.photo_id"
            ).fetchall()
        found: dict[str, list[PhotoId]] = {}
        for name, photo_id in rows:
            found.setdefault(name, []).append(PhotoId(photo_id))
        return list(found.items())

    # ---- looking -----------------------------------------------------------------------------

    def entries(self) -> list[Album]:
        """All albums in the user's order. Cost: 20 ms for 100,000 photos in albums."""
        with self._store.read() as db:
            rows = db.execute(
                "SELECT id, name, query, arranged FROM album ORDER BY place, id"
            ).fetchall()
            counts = counts_of_albums(db)
            covers = {
                row[0]: self._photos(db, row[0], row[3], 1) for row in rows if row[0] in counts
            }
        return [
            Album(
                AlbumId(album_id),
                name,
                None if query else counts.get(album_id, 0),
                query,
                Order(arranged) if arranged else None,
                next(iter(covers.get(album_id, ())), None),
            )
            for album_id, name, query, arranged in rows
        ]

    def photos(self, album_id: AlbumId, order: Order | None = None) -> list[PhotoId]:
        """The present photos of a plain album, in its order or in another."""
        with self._store.read() as db:
            row = db.execute("SELECT arranged FROM album WHERE id = ?", (album_id,)).fetchone()
            if row is None:
                return []
            return self._photos(db, album_id, order.value if order else row[0])

    def _photos(
        self, db: sqlite3.Connection, album_id: AlbumId, arranged: str, most: int = -1
    ) -> list[PhotoId]:
        rows = db.execute(
            f"SELECT p.id {FROM_PHOTO} JOIN album_photo m ON m.photo_id = p.id"
            f" WHERE m.album_id = ? AND {_SEEN}"
            f" ORDER BY {_ORDERS[arranged]} LIMIT ?",
            (album_id, most),
        )
        return [row[0] for row in rows]

    def of(self, photo_id: PhotoId) -> list[AlbumId]:
        """The albums that a photo was put into, in the user's order."""
        with self._store.read() as db:
            rows = db.execute(
                "SELECT a.id FROM album a JOIN album_photo m ON m.album_id = a.id"
                " WHERE m.photo_id = ? ORDER BY a.place, a.id",
                (photo_id,),
            )
            return [AlbumId(row[0]) for row in rows]

    # ---- albums themselves -------------------------------------------------------------------

    def create(self, name: str, query: str = "", order: Order | None = None) -> MarkUndo:
        """A new album, the last of all; with a query a smart one.

        Raises:
            ValueError: a name that cannot be, or that another has; one sentence.
        """
        shown = clean_name(name)
        with self._store.write() as db:
            check_free(db, shown)
            made = make_album(db, shown, text(query), order.value if order else "", None)
            self._store.changed((), Aspect.ALBUM)
        return MarkUndo(albums=((made, None),))

    def change(
        self,
        album_id: AlbumId,
        *,
        name: str | None = None,
        query: str | None = None,
        order: Order | str | None = "",
    ) -> MarkUndo:
        """Change what is given; an `order` of None is that of the user's hand.

        Raises:
            ValueError: as `create`, or there is no such album.
        """
        with self._store.write() as db:
            before = album_row(db, album_id)
            values: dict[str, object] = {}
            if name is not None:
                shown = clean_name(name)
                check_free(db, shown, album_id)
                values |= {"name": shown, "folded_name": shown.casefold()}
            if query is not None:
                values["query"] = text(query)
            if not isinstance(order, str):
                values["arranged"] = order.value if order else ""
            for column, value in values.items():
                db.execute(f"UPDATE album SET {column} = ? WHERE id = ?", (value, album_id))  # noqa: S608
            self._store.changed((), Aspect.ALBUM)
        return MarkUndo(albums=((album_id, before),))

    def remove(self, album_id: AlbumId) -> MarkUndo:
        """Forget an album; its photos stay where they are."""
        with self._store.write() as db:
            undo = MarkUndo(
                albums=((album_id, album_row(db, album_id)),), members=members(db, album_id)
            )
            db.execute("DELETE FROM album WHERE id = ?", (album_id,))
            self._store.changed({row[1] for row in undo.members}, Aspect.ALBUM)
        return undo

    def arrange(self, album_ids: Sequence[AlbumId]) -> MarkUndo:
        """Put albums into this order; those that are not named come after them as they were."""
        with self._store.write() as db:
            known = [row[0] for row in db.execute("SELECT id FROM album ORDER BY place, id")]
            first = [album_id for album_id in dict.fromkeys(album_ids) if album_id in known]
            ordered = [*dict.fromkeys([*first, *known])]
            undo = MarkUndo(
                albums=tuple((album_id, album_row(db, album_id)) for album_id in ordered)
            )
            db.executemany(
                "UPDATE album SET place = ? WHERE id = ?", [*enumerate(ordered, start=1)]
            )
            self._store.changed((), Aspect.ALBUM)
        return undo

    # ---- photos in them ----------------------------------------------------------------------

    def put(self, album_id: AlbumId, ids: Sequence[PhotoId]) -> MarkUndo:
        """Put photos at the end of an album; those in it stay where they are.

        Raises:
            ValueError: there is no such album, or it is a smart one.
        """
        with self._store.write() as db:
            check_plain(db, album_id)
            undo = MarkUndo(members=members(db, album_id, ids))
            put_photos(db, album_id, ids, None)
            self._store.changed(ids, Aspect.ALBUM)
        return undo

    def take(self, album_id: AlbumId, ids: Sequence[PhotoId]) -> MarkUndo:
        """Take photos out of an album."""
        with self._store.write() as db:
            undo = MarkUndo(members=members(db, album_id, ids))
            db.execute(
                f"DELETE FROM album_photo WHERE album_id = ? AND photo_id IN {_IDS}",  # noqa: S608
                (album_id, json.dumps(list(ids))),
            )
            self._store.changed(ids, Aspect.ALBUM)
        return undo

    def move(self, album_id: AlbumId, ids: Sequence[PhotoId], before: PhotoId | None) -> MarkUndo:
        """Put photos of an album in front of another one, or last; the order is the user's then.

        Raises:
            ValueError: there is no such album, or it is a smart one.
        """
        with self._store.write() as db:
            check_plain(db, album_id)
            row = album_row(db, album_id)
            arranged = str(row[4])
            shown = db.execute(
                "SELECT p.id FROM photo p JOIN album_photo m ON m.photo_id = p.id"  # noqa: S608
                f" WHERE m.album_id = ? ORDER BY {_ORDERS[arranged]}",
                (album_id,),
            ).fetchall()
            held = [photo_id for (photo_id,) in shown]
            inside = set(held)
            moved = [photo_id for photo_id in dict.fromkeys(ids) if photo_id in inside]
            going = set(moved)
            # In front of one that moves itself: of the next that stays.
            at = held.index(before) if before in held else len(held)
            stay = [photo_id for photo_id in held[:at] if photo_id not in going]
            rest = [photo_id for photo_id in held[at:] if photo_id not in going]
            undo = MarkUndo(albums=((album_id, row),), members=members(db, album_id))
            db.executemany(
                "UPDATE album_photo SET place = ? WHERE photo_id = ? AND album_id = ?",
                [
                    (place, one, album_id)
                    for place, one in enumerate([*stay, *moved, *rest], start=1)
                ],
            )
            db.execute("UPDATE album SET arranged = '' WHERE id = ?", (album_id,))
            self._store.changed(moved, Aspect.ALBUM)
        return undo

    def restore(self, albums: Sequence[AlbumRow], rows: Sequence[MemberRow]) -> MarkUndo:
        """Bring rows back to how they were. Returns: what would undo that."""
        by_album: dict[AlbumId, list[PhotoId]] = {}
        for album_id, photo_id, _ in rows:
            by_album.setdefault(album_id, []).append(photo_id)
        with self._store.write() as db:
            inverse = MarkUndo(
                albums=tuple((album_id, found_row(db, album_id)) for album_id, _ in albums),
                members=(
                    *(row for key, ids in by_album.items() for row in members(db, key, ids)),
                    *(row for key, old in albums if old is None for row in members(db, key)),
                ),
            )
            for album_id, row in albums:
                if row is None:
                    db.execute("DELETE FROM album WHERE id = ?", (album_id,))
                else:
                    write_back(db, album_id, row)
            db.executemany(
                "DELETE FROM album_photo WHERE album_id = ? AND photo_id = ?",
                [row[:2] for row in rows],
            )
            db.executemany(
                "INSERT OR IGNORE INTO album_photo(album_id, photo_id, run_id, place)"
                " SELECT a.id, p.id, ?, ? FROM album a, photo p WHERE a.id = ? AND p.id = ?",
                [(*row, album_id, photo_id) for album_id, photo_id, row in rows if row],
            )
            self._store.changed({row[1] for row in (*rows, *inverse.members)}, Aspect.ALBUM)
        return inverse
