"""Reading photo rows: what the grid, the inspector and the activities ask for."""

from __future__ import annotations

import json
import os
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from engine.catalog import file_facts
from engine.catalog.orders import Orders
from engine.catalog.photo_rows import (
    FROM_PHOTO,
    HIDDEN_FOLDERS,
    KNOWN_COLUMNS,
    PHOTO_COLUMNS,
    VISIBLE_FOLDERS,
    KnownContent,
    KnownFile,
    below,
    known_files,
    metadata_from,
    path_from,
    photo_from,
    place,
    signed,
    split,
)
from engine.catalog.query_values import query_values
from engine.catalog.selection import Selection
from engine.catalog.store import Store
from engine.query import Expr, Values, all_of
from engine.types import (
    Counts,
    Filter,
    FolderCount,
    Photo,
    PhotoDetail,
    PhotoId,
    RootId,
    Scope,
    SpaceId,
)

_EMBEDDED = "EXISTS(SELECT 1 FROM embedding e WHERE e.photo_id = p.id AND e.space_id = ?)"
_KNOWN = f"SELECT {KNOWN_COLUMNS} {FROM_PHOTO}"
_IN = "IN (SELECT value FROM json_each(?))"


class PhotoViews:
    """All questions about photos; nothing here changes a row."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._orders = Orders(store)

    # ---- for the activities ------------------------------------------------------------------

    def known(
        self, root_id: RootId, folder: bytes = b"", recursive: bool = True
    ) -> list[KnownFile]:
        """The files of a folder, tombstones too. Cost: .3 s for 100,000."""
        where, values = "f.root_id = ?", [root_id]
        more: list[bytes] = []
        if not recursive:
            where, more = where + " AND f.relpath = ?", [folder]
        elif folder:
            where += " AND (f.relpath = ? OR (f.relpath > ? AND f.relpath < ?))"
            more = [folder, *below(folder)]
        with self._store.read() as db:
            return known_files(db.execute(f"{_KNOWN} WHERE {where}", (*values, *more)))

    def with_identity(self, keys: Sequence[tuple[int, int, int]]) -> list[KnownFile]:
        """Rows whose (ino, size, mtime_ns) is one of these; of forgotten roots only tombstones."""
        wanted = json.dumps([(signed(ino), size, mtime_ns) for ino, size, mtime_ns in keys])
        with self._store.read() as db:
            return known_files(
                db.execute(
                    f"{_KNOWN} JOIN json_each(?) k ON p.ino = k.value ->> 0"
                    " AND p.size = k.value ->> 1 AND p.mtime_ns = k.value ->> 2"
                    " WHERE p.ino <> 0 AND (r.forgotten_at IS NULL OR p.state = 'missing')"
                    " GROUP BY p.id",
                    (wanted,),
                )
            )

    def to_read(self, limit: int | None = None) -> list[KnownFile]:
        """Files whose bytes were never read or have changed, the newest first."""
        with self._store.read() as db:
            return known_files(
                db.execute(
                    f"{_KNOWN} WHERE p.state = 'present' AND p.read_ns IS NULL"
                    " AND r.forgotten_at IS NULL AND r.online"
                    " ORDER BY p.mtime_ns DESC, p.id LIMIT ?",
                    (-1 if limit is None else limit,),
                )
            )

    def to_embed(self, space_id: SpaceId) -> list[KnownFile]:
        """Files that were read and have no embedding in this space, the newest first."""
        with self._store.read() as db:
            return known_files(
                db.execute(
                    f"{_KNOWN} WHERE p.state = 'present' AND p.read_ns IS NOT NULL"
                    f" AND r.forgotten_at IS NULL AND r.online AND NOT {_EMBEDDED}"
                    " ORDER BY p.mtime_ns DESC, p.id",
                    (space_id,),
                )
            )

    def without_embedding(self, space_id: SpaceId) -> list[PhotoId]:
        """Files within reach, read or not, that have no embedding in this space."""
        with self._store.read() as db:
            rows = db.execute(
                f"SELECT p.id {FROM_PHOTO} WHERE p.state = 'present'"
                f" AND r.forgotten_at IS NULL AND r.online AND NOT {_EMBEDDED}",
                (space_id,),
            ).fetchall()
        return [PhotoId(row[0]) for row in rows]

    def missing_with_hash(self, content_hash: bytes, size: int) -> PhotoId | None:
        """A row without a file in sight that a new file of these bytes may be.

        A tombstone first, then a photo of a forgotten root.
        """
        with self._store.read() as db:
            row = db.execute(
                "SELECT p.id " + FROM_PHOTO + " WHERE p.content_hash = ? AND p.size = ?"
                " AND (p.state = 'missing' OR r.forgotten_at IS NOT NULL)"
                " ORDER BY r.forgotten_at IS NOT NULL, p.state <> 'missing', p.id DESC LIMIT 1",
                (content_hash, size),
            ).fetchone()
        return row[0] if row else None

    def contents(self, ids: Sequence[PhotoId]) -> dict[PhotoId, KnownContent]:
        """What was last read of these photos; those of forgotten roots are left out."""
        with self._store.read() as db:
            rows = db.execute(
                "SELECT p.id, r.path, f.relpath, p.name, r.online, p.size, p.mtime_ns,"
                " iif(p.read_ns IS NULL, NULL, p.content_hash), p.width, p.height"
                f" {FROM_PHOTO} WHERE p.id {_IN} AND r.forgotten_at IS NULL",
                (json.dumps(list(ids)),),
            ).fetchall()
        return {
            row[0]: KnownContent(
                row[0],
                place(*row[1:4]),
                bool(row[4]),
                *row[5:8],
                *(row[8:] if row[7] is not None else (None, None)),
            )
            for row in rows
        }

    def path_of(self, photo_id: PhotoId) -> Path | None:
        with self._store.read() as db:
            row = db.execute(
                f"SELECT r.path, f.relpath, p.name {FROM_PHOTO}"
                " WHERE p.id = ? AND r.forgotten_at IS NULL",
                (photo_id,),
            ).fetchone()
        return place(*row) if row else None

    def find(self, path: Path) -> PhotoId | None:
        """The photo whose file lies at `path`; a tombstone has no file."""
        raw = os.fsencode(path)
        with self._store.read() as db:
            roots = db.execute("SELECT id, path FROM root WHERE forgotten_at IS NULL").fetchall()
            for root_id, root in roots:
                start = root.rstrip(b"/") + b"/"
                if not raw.startswith(start):
                    continue
                folder, name = split(raw[len(start) :])
                row = db.execute(
                    "SELECT p.id FROM photo p JOIN folder f ON f.id = p.folder_id"
                    " WHERE f.root_id = ? AND f.relpath = ? AND p.name = ?"
                    " AND p.state <> 'missing'",
                    (root_id, folder, name),
                ).fetchone()
                if row:
                    return row[0]
        return None

    # ---- for the screen ----------------------------------------------------------------------

    def ids(self, scope: Scope = Scope()) -> list[PhotoId]:  # noqa: B008 - frozen
        """Present photos in the order of the scope, those of offline roots too."""
        return self.matching(None, scope)

    def matching(
        self,
        where: Expr | Sequence[Filter] | None,
        scope: Scope = Scope(),  # noqa: B008 - frozen
        space_id: SpaceId | None = None,
    ) -> list[PhotoId]:
        """Photos of the scope that the filters accept, in the order of the scope.

        Args:
            where: plain facts, of a list all must hold; None: every photo. Names and values as
                in `engine/catalog/filters.py`.
            scope: which photos, and their order.
            space_id: the embedding space that `is:unsearchable` asks about.

        Raises:
            FilterRefused: a name or value that means nothing, in one sentence; a ValueError.
        """
        if isinstance(where, Sequence):
            where = all_of(where)
        with self._store.read() as db:
            if where is None:
                return self._orders.all(db, scope).tolist()
            found = Selection(db, where, space_id)
            missing = found.asks_missing
            return self._orders.chosen(db, scope, found.mask, missing=missing).tolist()

    def query_values(self) -> Values:
        """What queries can ask for here, but for earlier searches: for completion."""
        with self._store.read() as db:
            return query_values(db)

    def page(self, ids: Sequence[PhotoId], space_id: SpaceId | None) -> list[Photo]:
        """These photos in this order; ids that mean nothing (any more) are left out."""
        with self._store.read() as db:
            rows = db.execute(
                f"SELECT {PHOTO_COLUMNS}, {_EMBEDDED} {FROM_PHOTO}"
                f" WHERE p.id {_IN} AND r.forgotten_at IS NULL",
                (space_id, json.dumps(list(ids))),
            ).fetchall()
        found = {row[0]: row for row in rows}
        return [photo_from(found[photo_id]) for photo_id in ids if photo_id in found]

    def detail(self, photo_id: PhotoId, space_id: SpaceId | None = None) -> PhotoDetail | None:
        """All that is known of a photo, and where its copies lie."""
        with self._store.read() as db:
            photos = self.page([photo_id], space_id)
            if not photos:
                return None
            metadata, problem = db.execute(
                "SELECT coalesce(m.facts, '{}'), coalesce(b.reason, '') FROM photo p"
                " LEFT JOIN metadata m ON m.photo_id = p.id"
                " LEFT JOIN problem b ON b.photo_id = p.id WHERE p.id = ?",
                (photo_id,),
            ).fetchone()
            copies = db.execute(
                f"SELECT r.path, f.relpath, p.name {FROM_PHOTO}"
                " WHERE p.content_hash = ? AND p.id <> ? AND p.state = 'present'"
                " AND r.forgotten_at IS NULL ORDER BY r.id, f.relpath, p.name_key",
                (photos[0].content_hash, photo_id),
            ).fetchall()
            told = file_facts.sources(db, photo_id)
        folder = photos[0].path.parent
        return PhotoDetail(
            photo=photos[0],
            metadata=metadata_from(metadata),
            copies=tuple(place(*row) for row in copies),
            problem=problem or told.trouble,
            sidecars=tuple(folder / os.fsdecode(name) for name in told.sidecars),
            told_by=tuple((field, folder / os.fsdecode(name)) for field, name in told.by),
        )

    def folders(self) -> list[FolderCount]:
        """Every folder with photos in or below it, roots first, then by path."""
        with self._store.read() as db:
            roots = db.execute(
                "SELECT id, path FROM root WHERE forgotten_at IS NULL ORDER BY id"
            ).fetchall()
            rows = db.execute(
                "SELECT f.root_id, f.relpath, c.photos FROM folder f JOIN"
                " (SELECT folder_id, count(*) AS photos FROM photo INDEXED BY photo_folder"
                "  WHERE state = 'present' GROUP BY folder_id) c ON c.folder_id = f.id"
            ).fetchall()
        below_root: dict[RootId, defaultdict[bytes, int]] = {
            root_id: defaultdict(int) for root_id, _ in roots
        }
        for root_id, relpath, photos in rows:
            totals = below_root.get(root_id)
            if totals is None:
                continue
            totals[relpath] += photos
            while relpath:
                relpath, _ = split(relpath)
                totals[relpath] += photos
        return [
            FolderCount(
                root_id=root_id,
                path=path_from(root) / os.fsdecode(relpath),
                relpath=relpath,
                photos=photos,
            )
            for root_id, root in roots
            for relpath, photos in sorted({b"": 0, **below_root[root_id]}.items())
        ]

    def by_folder(self) -> list[tuple[Path, list[PhotoId]]]:
        """Present photos by the folder they lie in, ascending; folders by path."""
        with self._store.read() as db:
            rows = db.execute(
                "SELECT f.id, r.path, f.relpath, p.id FROM folder f"
                " JOIN root r ON r.id = f.root_id JOIN photo p ON p.folder_id = f.id"
                " WHERE p.state = 'present' AND r.forgotten_at IS NULL"
                " ORDER BY r.path, f.relpath, p.id"
            ).fetchall()
        found: dict[int, tuple[Path, list[PhotoId]]] = {}
        for folder_id, root, relpath, photo_id in rows:
            if folder_id not in found:
                found[folder_id] = (path_from(root) / os.fsdecode(relpath), [])
            found[folder_id][1].append(photo_id)
        return [*found.values()]

    def counts(self, space_id: SpaceId | None) -> Counts:
        """How the library stands."""
        with self._store.read() as db:
            photos, offline, missing = db.execute(
                "SELECT coalesce(sum(c.photos) FILTER (WHERE c.state = 'present'), 0),"
                " coalesce(sum(c.photos) FILTER (WHERE c.state = 'present' AND NOT r.online), 0),"
                " coalesce(sum(c.photos) FILTER (WHERE c.state = 'missing'), 0)"
                " FROM (SELECT folder_id, state, count(*) AS photos"
                "  FROM photo INDEXED BY photo_folder GROUP BY folder_id, state) c"
                " JOIN folder f ON f.id = c.folder_id JOIN root r ON r.id = f.root_id"
                " WHERE r.forgotten_at IS NULL"
            ).fetchone()
            (unread,) = db.execute(
                "SELECT count(*) FROM photo INDEXED BY photo_unread"  # noqa: S608
                " WHERE state = 'present' AND read_ns IS NULL"
                f" AND folder_id IN {VISIBLE_FOLDERS}"
            ).fetchone()
            # All vectors less those of photos out of sight: these are few, so no join of all.
            embedded, gone, hidden = db.execute(
                "SELECT (SELECT count(*) FROM embedding WHERE space_id = ?1),"  # noqa: S608
                " (SELECT count(*) FROM photo p CROSS JOIN embedding e ON e.photo_id = p.id"
                "  AND e.space_id = ?1 WHERE p.state <> 'present'),"
                " (SELECT count(*) FROM photo p CROSS JOIN embedding e ON e.photo_id = p.id"
                "  AND e.space_id = ?1 WHERE p.state = 'present'"
                f"  AND p.folder_id IN {HIDDEN_FOLDERS})",
                (space_id,),
            ).fetchone()
            (problems,) = db.execute(
                "SELECT count(*) + (SELECT count(DISTINCT p.folder_id || '/' || hex(s.name))"  # noqa: S608
                "  FROM sidecar s INDEXED BY sidecar_trouble CROSS JOIN photo p"
                "  ON p.id = s.photo_id WHERE s.trouble <> '' AND s.read_ns IS NOT NULL"
                f"  AND p.state <> 'missing' AND p.folder_id IN {VISIBLE_FOLDERS})"
                " FROM problem b CROSS JOIN photo p ON p.id = b.photo_id"
                f" WHERE p.state <> 'missing' AND p.folder_id IN {VISIBLE_FOLDERS}"
            ).fetchone()
        return Counts(
            photos=photos,
            unread=unread,
            not_searchable=photos - (embedded - gone - hidden),
            problems=problems,
            missing=missing,
            offline=offline,
        )
