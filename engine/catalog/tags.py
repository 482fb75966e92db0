"""Tags on photos: put, taken, renamed and merged by the user, each step with its undo."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Sequence

from engine.catalog import file_tags
from engine.catalog.photo_rows import FROM_PHOTO, HIDDEN_FOLDERS, text
from engine.catalog.sidecar_dues import own_restored
from engine.catalog.store import Store
from engine.catalog.tag_rows import (
    IDS,
    check_depth,
    ensure_tag,
    find_tag,
    inverse_of,
    note_answers,
    path_parts,
    paths,
    snapshot_links,
    snapshot_tags,
    subtree,
    together,
    write_back,
)
from engine.tag_types import CategoryId, PhotoTag, Tag, TagId, TagMerge, TagSource, TagUndo
from engine.types import Aspect, PhotoId


class Tags:
    """All tags and which photos carry them.

    A photo has a tag once, whoever put it; what the user puts becomes the user's own. To put or
    take a category's tag is an answer to that category, so no run does the contrary later.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    # ---- looking -----------------------------------------------------------------------------

    def all(self) -> list[Tag]:
        """Every tag with its numbers of photos, by path. Cost: 40 ms for 500,000 links."""
        with self._store.read() as db:
            rows: list[tuple[TagId, TagId | None, str]] = db.execute(
                "SELECT id, parent_id, colour FROM tag"
            ).fetchall()
            by_id = paths(db)
            counts = _counts(db)
            children: dict[TagId | None, list[TagId]] = {}
            for tag_id, parent, _ in rows:
                children.setdefault(parent, []).append(tag_id)
            found = [
                Tag(
                    id=tag_id,
                    path=by_id[tag_id],
                    parent=parent,
                    colour=colour,
                    photos=counts.get(tag_id, 0),
                    below=_photos_below(db, tag_id)
                    if tag_id in children
                    else counts.get(tag_id, 0),
                )
                for tag_id, parent, colour in rows
            ]
        return sorted(found, key=lambda tag: tag.path.casefold().split("/"))

    def find(self, path: str) -> TagId | None:
        """The tag with this path, without regard to case; ValueError for a name of nothing."""
        with self._store.read() as db:
            return find_tag(db, path_parts(path))

    def of(self, ids: Sequence[PhotoId]) -> dict[PhotoId, list[PhotoTag]]:
        """The tags of photos, by path; a photo without any is left out."""
        with self._store.read() as db:
            by_id = paths(db)
            rows = db.execute(
                "SELECT l.photo_id, l.tag_id, t.colour, l.source, l.score, l.run_id,"  # noqa: S608
                " ifnull(r.model, '') FROM photo_tag l JOIN tag t ON t.id = l.tag_id"
                f" LEFT JOIN tag_run r ON r.id = l.run_id WHERE l.photo_id IN {IDS}",
                (json.dumps(list(ids)),),
            ).fetchall()
        found: dict[PhotoId, list[PhotoTag]] = {}
        for photo_id, tag_id, colour, source, score, run_id, model in rows:
            found.setdefault(photo_id, []).append(
                PhotoTag(tag_id, by_id[tag_id], colour, TagSource(source), score, run_id, model)
            )
        for tags in found.values():
            tags.sort(key=lambda tag: tag.path.casefold())
        return found

    def photos(self, tag_id: TagId, *, below: bool = True) -> list[PhotoId]:
        """Present photos with a tag, or one below it, ascending."""
        with self._store.read() as db:
            tags = subtree(db, [tag_id]) if below else [tag_id]
            return [
                row[0]
                for row in db.execute(
                    f"SELECT DISTINCT p.id {FROM_PHOTO} JOIN photo_tag l ON l.photo_id = p.id"
                    f" WHERE l.tag_id IN {IDS} AND p.state = 'present'"
                    " AND r.forgotten_at IS NULL ORDER BY p.id",
                    (json.dumps(tags),),
                )
            ]

    # ---- on photos ---------------------------------------------------------------------------

    def put(self, ids: Sequence[PhotoId], path: str) -> TagUndo:
        """Put a tag on photos as the user's own; it is made where it lacks.

        Raises:
            ValueError: a name that cannot be one, in one sentence.

        Cost: 10,000 photos in .1 s.
        """
        parts = path_parts(path)
        with self._store.write() as db:
            tag_id, fresh = ensure_tag(db, parts)
            assert tag_id is not None
            undo = TagUndo(tags=tuple((made, None) for made in fresh))
            links = put_links(db, ids, tag_id)
            fresh_ids = [link[0] for link in links.links if not link[2] or link[2][0] != "user"]
            undo = together(undo, links, _answers(db, fresh_ids, tag_id, True))
            self._store.changed(ids, Aspect.TAG)
        return undo

    def take(self, ids: Sequence[PhotoId], path: str) -> TagUndo:
        """Take a tag off photos, whoever put it. A tag that is not there costs nothing."""
        with self._store.write() as db:
            tag_id = find_tag(db, path_parts(path))
            if tag_id is None:
                return TagUndo()
            links = take_links(db, ids, tag_id)
            had = [photo_id for photo_id, _, row in links.links if row is not None]
            undo = together(links, _answers(db, had, tag_id, False))
            self._store.changed(ids, Aspect.TAG)
        return undo

    def restore(self, undo: TagUndo) -> TagUndo:
        """Bring rows back to how they were. Returns: what would undo that."""
        with self._store.write() as db:
            refused = file_tags.refused(db, [row[:2] for row in undo.refused])
            inverse = together(inverse_of(db, undo), TagUndo(refused=refused))
            write_back(db, undo)
            file_tags.set_refused(db, undo.refused)
            own_restored(db, undo)
            if undo:
                photos = {link[0] for link in (*undo.links, *inverse.links)}
                self._store.changed(photos, Aspect.TAG)
        return inverse

    # ---- the tags themselves -----------------------------------------------------------------

    def make(self, path: str) -> TagId:
        """The tag with this path, made with its parents where they lack."""
        return self.create(path)[0]

    def create(self, path: str) -> tuple[TagId, TagUndo]:
        """The same with what takes the new ones away."""
        parts = path_parts(path)
        with self._store.write() as db:
            tag_id, fresh = ensure_tag(db, parts)
            assert tag_id is not None
            if fresh:
                self._store.changed((), Aspect.TAG)
        return tag_id, TagUndo(tags=tuple((made, None) for made in fresh))

    def would_merge(self, tag_id: TagId, into: TagId) -> TagMerge:
        """What `merge` would do, to be shown before it is done."""
        with self._store.read() as db:
            own = _carrying(db, subtree(db, [tag_id]))
            return TagMerge(len(own), len(own & _carrying(db, subtree(db, [into]))))

    def paint(self, tag_id: TagId, colour: str) -> TagUndo:
        """Give a tag a colour, "#rrggbb" or empty."""
        with self._store.write() as db:
            undo = TagUndo(tags=snapshot_tags(db, [tag_id]).tags)
            db.execute("UPDATE tag SET colour = ? WHERE id = ?", (text(colour), tag_id))
            self._store.changed((), Aspect.TAG)
        return undo

    def rename(self, tag_id: TagId, path: str) -> TagUndo:
        """Give a tag another path; those below it come along. One that is there is merged with.

        Raises:
            ValueError: it would lie below itself, or too deep.
        """
        parts = path_parts(path)
        with self._store.write() as db:
            own = subtree(db, [tag_id])
            if any(find_tag(db, parts[:depth]) == tag_id for depth in range(1, len(parts))):
                raise ValueError("A tag cannot lie below itself.")
            there = find_tag(db, parts)
            if there is not None and there != tag_id:
                return self.merge(tag_id, there)
            check_depth(db, tag_id, len(parts))
            undo = snapshot_tags(db, own)
            parent, fresh = ensure_tag(db, parts[:-1])
            file_tags.follow_renamed(db, tag_id, tag_id)
            db.execute(
                "UPDATE tag SET parent_id = ?, name = ?, folded_name = ? WHERE id = ?",
                (parent, parts[-1], parts[-1].casefold(), tag_id),
            )
            self._store.changed({link[0] for link in undo.links}, Aspect.TAG)
            return together(TagUndo(tags=tuple((made, None) for made in fresh)), undo)

    def merge(self, tag_id: TagId, into: TagId) -> TagUndo:
        """Give all photos of a tag another one instead; tags below it are merged by name.

        Raises:
            ValueError: one lies below the other, or what is below it would lie too deep.
        """
        with self._store.write() as db:
            own, others = subtree(db, [tag_id]), subtree(db, [into])
            if into in own or tag_id in others:
                raise ValueError("A tag cannot be merged with one below it.")
            check_depth(db, tag_id, paths(db)[into].count("/") + 1)
            undo = snapshot_tags(db, [*own, *others])
            _merge(db, tag_id, into)
            after = {(link[0], link[1]) for link in snapshot_tags(db, others).links}
            known = {(link[0], link[1]) for link in undo.links}
            fresh = TagUndo(links=tuple((*key, None) for key in after - known))
            self._store.changed({link[0] for link in undo.links}, Aspect.TAG)
            return together(undo, fresh)

    def remove(self, tag_id: TagId) -> TagUndo:
        """Take a tag and all below it off every photo and forget them."""
        with self._store.write() as db:
            own = subtree(db, [tag_id])
            undo = snapshot_tags(db, own)
            refused = file_tags.refuse(db, own, {link[0] for link in undo.links})
            undo = together(undo, TagUndo(refused=refused))
            db.execute("DELETE FROM tag WHERE id = ?", (tag_id,))
            self._store.changed({link[0] for link in undo.links}, Aspect.TAG)
        return undo


def put_links(db: sqlite3.Connection, ids: Sequence[PhotoId], tag_id: TagId) -> TagUndo:
    """The user's own tag on photos; a machine's tag that is there becomes the user's."""
    undo = TagUndo(links=snapshot_links(db, tag_id, ids))
    db.execute(
        "INSERT INTO photo_tag SELECT id, ?, 'user', NULL, NULL, ? FROM photo"  # noqa: S608
        f" WHERE id IN {IDS} ON CONFLICT DO UPDATE SET source = 'user', run_id = NULL,"
        " score = NULL, added_at = excluded.added_at WHERE source <> 'user'",
        (tag_id, time.time(), json.dumps(list(ids))),
    )
    return undo


def take_links(db: sqlite3.Connection, ids: Sequence[PhotoId], tag_id: TagId) -> TagUndo:
    """No such tag on these photos, though their files say so."""
    undo = TagUndo(
        links=snapshot_links(db, tag_id, ids), refused=file_tags.refuse(db, [tag_id], ids)
    )
    db.execute(
        f"DELETE FROM photo_tag WHERE tag_id = ? AND photo_id IN {IDS}",  # noqa: S608
        (tag_id, json.dumps(list(ids))),
    )
    return undo


def _answers(
    db: sqlite3.Connection, ids: Sequence[PhotoId], tag_id: TagId, accepted: bool
) -> TagUndo:
    categories: list[tuple[CategoryId]] = db.execute(
        "SELECT id FROM category WHERE tag_id = ? AND removed_at IS NULL", (tag_id,)
    ).fetchall()
    return together(*(note_answers(db, row[0], ids, accepted) for row in categories))


def _merge(db: sqlite3.Connection, tag_id: TagId, into: TagId) -> None:
    db.execute(
        "INSERT INTO photo_tag SELECT photo_id, ?1, source, run_id, score, added_at"
        " FROM photo_tag WHERE tag_id = ?2 ON CONFLICT DO UPDATE SET source = 'user',"
        " run_id = NULL, score = NULL WHERE excluded.source = 'user' AND source <> 'user'",
        (into, tag_id),
    )
    db.execute("UPDATE category SET tag_id = ? WHERE tag_id = ?", (into, tag_id))
    file_tags.follow_renamed(db, tag_id, into)
    children: list[tuple[TagId, str]] = db.execute(
        "SELECT id, folded_name FROM tag WHERE parent_id = ?", (tag_id,)
    ).fetchall()
    for child, folded_name in children:
        row = db.execute(
            "SELECT id FROM tag WHERE parent_id = ? AND folded_name = ?", (into, folded_name)
        ).fetchone()
        if row is None:
            db.execute("UPDATE tag SET parent_id = ? WHERE id = ?", (into, child))
        else:
            _merge(db, child, row[0])
    db.execute("DELETE FROM tag WHERE id = ?", (tag_id,))


def _counts(db: sqlite3.Connection) -> dict[TagId, int]:
    """Photos per tag: all links less those of photos out of sight, which are few."""
    counts: dict[TagId, int] = dict(
        db.execute("SELECT tag_id, count(*) FROM photo_tag GROUP BY tag_id").fetchall()
    )
    for where in (
        "p.state <> 'present'",
        f"p.state = 'present' AND p.folder_id IN {HIDDEN_FOLDERS}",
    ):
        for tag_id, hidden in db.execute(
            "SELECT l.tag_id, count(*) FROM photo p CROSS JOIN photo_tag l"  # noqa: S608
            f" ON l.photo_id = p.id WHERE {where} GROUP BY l.tag_id"
        ):
            counts[tag_id] -= hidden
    return counts


def _carrying(db: sqlite3.Connection, tags: Sequence[TagId]) -> set[PhotoId]:
    """Present photos with one of these tags."""
    rows = db.execute(
        f"SELECT DISTINCT p.id {FROM_PHOTO} JOIN photo_tag l ON l.photo_id = p.id"
        f" WHERE l.tag_id IN {IDS} AND p.state = 'present' AND r.forgotten_at IS NULL",
        (json.dumps(list(tags)),),
    )
    return {row[0] for row in rows}


def _photos_below(db: sqlite3.Connection, tag_id: TagId) -> int:
    (found,) = db.execute(
        f"SELECT count(DISTINCT p.id) {FROM_PHOTO} JOIN photo_tag l ON l.photo_id = p.id"
        f" WHERE l.tag_id IN {IDS} AND p.state = 'present' AND r.forgotten_at IS NULL",
        (json.dumps(subtree(db, [tag_id])),),
    ).fetchone()
    return found
