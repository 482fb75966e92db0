"""Changing photo rows: added, moved, changed, gone, back, read."""

from __future__ import annotations

import logging
import sqlite3
import time
from collections.abc import Sequence

from engine.catalog import file_facts, given_facts
from engine.catalog.detection_rows import move_detections, refresh_changed
from engine.catalog.embeddings import drop_embeddings, touch
from engine.catalog.marks import move_marks
from engine.catalog.photo_rows import (
    KnownFile,
    camera_of,
    date_key,
    extension,
    folded,
    name_key,
    signed,
    split,
    text,
    wall_clock,
)
from engine.catalog.photo_views import PhotoViews
from engine.catalog.problems import clear_problems, set_problem
from engine.catalog.tag_rows import move_tags
from engine.types import Aspect, FileSeen, PhotoContent, PhotoId, RootId, SpaceId

log = logging.getLogger(__name__)

_PLACE_COLUMNS = "folder_id, name, folded_name, extension, name_key"
_CONTENT_COLUMNS = (
    "content_hash, width, height, format, damaged, taken_at, camera, latitude, longitude"
)


__all__ = ["KnownFile", "Photos"]


class Photos(PhotoViews):
    """One row per file. A row's id is never used again; its file may move, vanish and return.

    At most one row that is not missing has a given place. A tombstone keeps the place it had
    and stands in nobody's way there.
    """

    # ---- places ------------------------------------------------------------------------------

    def add(self, root_id: RootId, files: Sequence[FileSeen]) -> list[PhotoId]:
        """New files, to be read later.

        Returns:
            Their ids in order; a file that has a row already keeps it.
        """
        ids: list[PhotoId] = []
        fresh: list[PhotoId] = []
        with self._store.write() as db:
            folders = _Folders(db)
            for file in files:
                folder_id, name = folders.place(root_id, file.relpath)
                row = db.execute(
                    f"INSERT INTO photo(state, {_PLACE_COLUMNS}, size, mtime_ns, dev, ino,"  # noqa: S608
                    " date_key) VALUES ('present', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
                    " ON CONFLICT DO NOTHING RETURNING id",
                    (*_place(folder_id, name), *_stat(file)),
                ).fetchone()
                if row is None:
                    ids += _living(db, folder_id, name)
                else:
                    ids.append(row[0])
                    fresh.append(row[0])
            if fresh:
                self._store.changed(fresh, Aspect.EXISTENCE)
        return ids

    def relocate(self, moves: Sequence[tuple[PhotoId, RootId, FileSeen]]) -> None:
        """Give photos the places where their files lie now; the bytes are the same.

        All moves happen at once, so swaps are fine. A photo that had such a place and is not
        moved itself becomes missing: its file was overwritten. The photos are present then,
        unless what is the matter with their bytes makes them unreadable.
        """
        if not moves:
            return
        with self._store.write() as db:
            moved = [photo_id for photo_id, _, _ in moves]
            # Out of the way first: the rule of one row per place does not bind tombstones.
            db.executemany("UPDATE photo SET state = 'missing' WHERE id = ?", [(i,) for i in moved])
            folders = _Folders(db)
            changed = set(moved)
            for photo_id, root_id, file in moves:
                folder_id, name = folders.place(root_id, file.relpath)
                self.mark_missing(_living(db, folder_id, name))
                _settle(db, photo_id, folder_id, name, file)
            self._store.changed(changed, Aspect.FILE | Aspect.EXISTENCE)

    def mark_changed(self, files: Sequence[tuple[PhotoId, FileSeen]]) -> None:
        """The bytes at a photo's place differ or may differ: read them again.

        What is known of the old bytes is kept until then. Tombstones are ignored.
        """
        if not files:
            return
        with self._store.write() as db:
            db.executemany(
                "UPDATE photo SET state = 'present', size = ?1, mtime_ns = ?2, dev = ?3,"
                " ino = ?4, read_ns = NULL, date_key = iif(taken_at IS NULL, ?5, date_key)"
                " WHERE id = ?6 AND state <> 'missing'",
                [(*_stat(file), photo_id) for photo_id, file in files],
            )
            ids = [photo_id for photo_id, _ in files]
            aspects = Aspect.FILE | Aspect.EXISTENCE
            if clear_problems(db, ids):
                aspects |= Aspect.PROBLEM
            self._store.changed(ids, aspects)

    def mark_missing(self, ids: Sequence[PhotoId]) -> None:
        """The files vanished: the rows become tombstones with all that is known of them."""
        with self._store.write() as db:
            gone = [
                photo_id
                for photo_id in ids
                if db.execute(
                    "UPDATE photo SET state = 'missing' WHERE id = ? AND state <> 'missing'",
                    (photo_id,),
                ).rowcount
            ]
            if gone:
                self._store.changed(gone, Aspect.EXISTENCE | Aspect.PROBLEM)

    def mark_returned(self, files: Sequence[tuple[PhotoId, FileSeen]]) -> None:
        """Tombstones whose file is back at its place.

        With another size or time, or never read, it is read again. A tombstone whose place has
        been taken by another photo stays one.
        """
        back: list[PhotoId] = []
        with self._store.write() as db:
            for photo_id, file in files:
                done = db.execute(
                    "UPDATE OR IGNORE photo SET state = 'present',"
                    " read_ns = iif((size, mtime_ns) = (?1, ?2) AND content_hash IS NOT NULL"
                    "  AND id NOT IN (SELECT photo_id FROM problem WHERE NOT damaged),"
                    "  read_ns, NULL),"
                    " size = ?1, mtime_ns = ?2, dev = ?3, ino = ?4,"
                    " date_key = iif(taken_at IS NULL, ?5, date_key)"
                    " WHERE id = ?6 AND state = 'missing'",
                    (*_stat(file), photo_id),
                )
                if done.rowcount:
                    back.append(photo_id)
            db.executemany(
                "DELETE FROM problem WHERE photo_id = ? AND NOT damaged", [(i,) for i in back]
            )
            if back:
                self._store.changed(back, Aspect.EXISTENCE | Aspect.FILE | Aspect.PROBLEM)

    def adopt(self, old: PhotoId, new: PhotoId) -> None:
        """The file of `new` turns out to be that of `old`: `old` takes over its place.

        `old` keeps its id, tags, boxes and embeddings, and what was read, tagged and seen of
        `new`; `new` is deleted.
        Nothing happens where one of them is gone.
        """
        if old == new:
            return
        with self._store.write() as db:
            rows = {
                row[0]: row[1:]
                for row in db.execute(
                    "SELECT id, size, mtime_ns, content_hash, read_ns FROM photo"
                    " WHERE id IN (?, ?)",
                    (old, new),
                )
            }
            if len(rows) < 2:
                return
            (*old_stat, old_hash, _), (*new_stat, new_hash, new_read) = rows[old], rows[new]
            aspects = Aspect.EXISTENCE | Aspect.FILE | Aspect.PROBLEM
            if new_hash is not None and new_read is not None:
                if old_hash != new_hash and drop_embeddings(db, old):
                    aspects |= Aspect.EMBEDDING
                if _move_embeddings(db, old, new):
                    aspects |= Aspect.EMBEDDING
                _move_content(db, old, new)
                given_facts.reread(db, old)
            else:
                drop_embeddings(db, new)
                if old_hash is None or old_stat != new_stat:
                    db.execute("UPDATE photo SET read_ns = ? WHERE id = ?", (new_read, old))
            if move_tags(db, old, new):
                aspects |= Aspect.TAG
            if move_marks(db, old, new):
                aspects |= Aspect.MARK | Aspect.ALBUM
            file_facts.move(db, old, new, read=new_hash is not None and new_read is not None)
            aspects |= file_facts.refresh(db, old, anew=False)
            if move_detections(db, old, new):
                aspects |= Aspect.DETECTION
            db.execute("DELETE FROM problem WHERE photo_id = ?", (old,))
            db.execute("UPDATE problem SET photo_id = ? WHERE photo_id = ?", (old, new))
            place = db.execute(
                f"SELECT {_PLACE_COLUMNS}, size, mtime_ns, dev, ino, state, date_key"  # noqa: S608
                " FROM photo WHERE id = ?",
                (new,),
            ).fetchone()
            db.execute("DELETE FROM photo WHERE id = ?", (new,))
            db.execute(
                f"UPDATE photo SET ({_PLACE_COLUMNS}, size, mtime_ns, dev, ino, state)"  # noqa: S608
                " = (?, ?, ?, ?, ?, ?, ?, ?, ?, ?),"
                " date_key = iif(taken_at IS NULL, ?, date_key) WHERE id = ?",
                (*place, old),
            )
            self._store.changed((old, new), aspects)

    # ---- contents ----------------------------------------------------------------------------

    def set_content(
        self,
        photo_id: PhotoId,
        content: PhotoContent,
        seen_size: int,
        seen_mtime_ns: int,
        dev: int,
        ino: int,
        read_ns: int,
    ) -> None:
        """Note what reading a file told.

        Args:
            photo_id: a row that is gone meanwhile is ignored; a tombstone stays one.
            content: facts of the bytes that were read.
            seen_size: of the very file that was read, as are the next three.
            seen_mtime_ns: its modification time.
            dev: its file system.
            ino: its inode.
            read_ns: when it was opened, Unix time.

        Other bytes than before drop the photo's embeddings in the same transaction, and hide what
        runs have seen in the old ones.
        """
        with self._store.write() as db:
            row = db.execute(
                "SELECT content_hash, state FROM photo WHERE id = ?", (photo_id,)
            ).fetchone()
            if row is None:
                return
            facts = file_facts.with_sidecars(db, photo_id, content.metadata)
            taken_at = None if wall_clock(facts.taken_at) is None else facts.taken_at
            aspects = Aspect.FILE if row[1] == "present" else Aspect.FILE | Aspect.EXISTENCE
            if row[0] != content.content_hash and drop_embeddings(db, photo_id):
                aspects |= Aspect.EMBEDDING
            db.execute(
                "UPDATE photo SET state = iif(state = 'missing', state, 'present'),"  # noqa: S608
                f" ({_CONTENT_COLUMNS}, date_key, size,"
                " mtime_ns, dev, ino, read_ns) = (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
                " WHERE id = ?",
                (
                    content.content_hash, content.width, content.height, text(content.format),
                    text(content.damaged), taken_at, camera_of(facts), facts.latitude,
                    facts.longitude, date_key(taken_at, seen_mtime_ns),
                    seen_size, seen_mtime_ns, signed(dev), signed(ino), read_ns, photo_id,
                ),
            )  # fmt: skip
            if row[0] != content.content_hash and refresh_changed(db, photo_id):
                aspects |= Aspect.DETECTION
            aspects |= file_facts.keep(db, photo_id, facts, content.metadata)
            db.execute("DELETE FROM facts_unread WHERE photo_id = ?", (photo_id,))
            if clear_problems(db, [photo_id]):
                aspects |= Aspect.PROBLEM
            if content.damaged:
                set_problem(db, photo_id, content.damaged, damaged=True)
                aspects |= Aspect.PROBLEM
            self._store.changed([photo_id], aspects)

    def set_unreadable(
        self,
        photo_id: PhotoId,
        reason: str,
        seen: FileSeen | None = None,
        *,
        passing: bool = False,
    ) -> None:
        """A file is there, but it cannot be read. It is tried again once it changes.

        What was known of it is kept: it may only be a permission. With `passing` it is tried
        again although it did not change (see `Problems.retry_passing`).
        """
        with self._store.write() as db:
            done = db.execute(
                "UPDATE photo SET state = 'unreadable', read_ns = ?"
                " WHERE id = ? AND state <> 'missing'",
                (time.time_ns(), photo_id),
            )
            if not done.rowcount:
                return
            if seen is not None:
                db.execute(
                    "UPDATE photo SET size = ?, mtime_ns = ?, dev = ?, ino = ? WHERE id = ?",
                    (*_stat(seen)[:4], photo_id),
                )
            set_problem(db, photo_id, reason, damaged=False, passing=passing)
            self._store.changed([photo_id], Aspect.PROBLEM | Aspect.EXISTENCE | Aspect.FILE)


class _Folders:
    """Folder rows by place, made on first use; each is looked up once per transaction."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self._ids: dict[tuple[RootId, bytes], int] = {}

    def place(self, root_id: RootId, relpath: bytes) -> tuple[int, bytes]:
        """The folder's id and the file's name."""
        folder, name = split(relpath)
        found = self._ids.get((root_id, folder))
        if found is None:
            self._db.execute(
                "INSERT OR IGNORE INTO folder(root_id, relpath) VALUES (?, ?)", (root_id, folder)
            )
            (found,) = self._db.execute(
                "SELECT id FROM folder WHERE root_id = ? AND relpath = ?", (root_id, folder)
            ).fetchone()
            self._ids[root_id, folder] = found
        return found, name


def _living(db: sqlite3.Connection, folder_id: int, name: bytes) -> list[PhotoId]:
    """The row whose file lies at a place, or none."""
    rows = db.execute(
        "SELECT id FROM photo WHERE folder_id = ? AND name = ? AND state <> 'missing'",
        (folder_id, name),
    )
    return [PhotoId(row[0]) for row in rows]


def _settle(
    db: sqlite3.Connection, photo_id: PhotoId, folder_id: int, name: bytes, file: FileSeen
) -> None:
    db.execute(
        "UPDATE photo SET state = iif(id IN (SELECT photo_id FROM problem WHERE NOT damaged),"  # noqa: S608
        f" 'unreadable', 'present'), ({_PLACE_COLUMNS}, size, mtime_ns, dev, ino)"
        " = (?, ?, ?, ?, ?, ?, ?, ?, ?), date_key = iif(taken_at IS NULL, ?, date_key)"
        " WHERE id = ?",
        (*_place(folder_id, name), *_stat(file), photo_id),
    )


def _place(folder_id: int, name: bytes) -> tuple[int, bytes, str, str, str]:
    """The values of `_PLACE_COLUMNS`."""
    return folder_id, name, folded(name), extension(name), name_key(name)


def _stat(file: FileSeen) -> tuple[int, int, int, int, int]:
    """Size, time, device and inode as columns, and the date that the time stands for."""
    return (
        file.size, file.mtime_ns, signed(file.dev), signed(file.ino),
        date_key(None, file.mtime_ns),
    )  # fmt: skip


def _move_content(db: sqlite3.Connection, old: PhotoId, new: PhotoId) -> None:
    """Give `old` what was read of `new`."""
    given_facts.only_own(db, new)
    db.execute(
        f"UPDATE photo SET ({_CONTENT_COLUMNS}, date_key, read_ns)"  # noqa: S608
        f" = (SELECT {_CONTENT_COLUMNS}, date_key, read_ns FROM photo WHERE id = ?) WHERE id = ?",
        (new, old),
    )
    db.execute("DELETE FROM metadata WHERE photo_id = ?", (old,))
    db.execute("UPDATE metadata SET photo_id = ? WHERE photo_id = ?", (old, new))


def _move_embeddings(db: sqlite3.Connection, old: PhotoId, new: PhotoId) -> bool:
    """Give `old` the vectors of `new` in the spaces where it has none."""
    moved = db.execute(
        "UPDATE OR IGNORE embedding SET photo_id = ? WHERE photo_id = ? RETURNING space_id",
        (old, new),
    ).fetchall()
    left = db.execute("SELECT space_id FROM embedding WHERE photo_id = ?", (new,)).fetchall()
    touch(db, {SpaceId(row[0]) for row in (*moved, *left)})
    return bool(moved or left)
