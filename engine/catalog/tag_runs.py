"""Runs that tag photos: what each added and removed, so that it can be taken back exactly."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from engine.catalog.store import Store
from engine.catalog.tag_rows import IDS
from engine.tag_types import CategoryRun, RolledBack, RunKind, TagId, TagRun, TagRunId
from engine.types import Aspect, PhotoId, SpaceId

_JOINED_S = 24 * 3600.0  # new photos of a day are one run


class TagRuns:
    """Machine tags, which never touch what the user has put or said."""

    def __init__(self, store: Store) -> None:
        self._store = store

    # ---- looking -----------------------------------------------------------------------------

    def all(self) -> list[TagRun]:
        """Every run that changed something, the newest first."""
        with self._store.read() as db:
            rows = db.execute(
                "SELECT r.id, r.kind, r.started_at, r.model, r.what, r.added, r.removed,"
                " (SELECT count(*) FROM photo_tag WHERE run_id = r.id), r.undone_at"
                " FROM tag_run r ORDER BY r.id DESC"
            ).fetchall()
        return [_run(row) for row in rows]

    def any_waiting(self) -> bool:
        """Whether there are photos that automatic categories have not seen."""
        with self._store.read() as db:
            return bool(db.execute("SELECT EXISTS(SELECT 1 FROM untagged_photo)").fetchone()[0])

    def waiting(self, space_id: SpaceId) -> list[PhotoId]:
        """Photos with a vector that automatic categories have not seen yet, ascending."""
        with self._store.read() as db:
            return [
                row[0]
                for row in db.execute(
                    "SELECT u.photo_id FROM untagged_photo u JOIN embedding e"
                    " ON e.photo_id = u.photo_id AND e.space_id = ? ORDER BY u.photo_id",
                    (space_id,),
                )
            ]

    def carrying(self, tag_id: TagId) -> dict[PhotoId, bool]:
        """Photos with a tag → whether a zero-shot run of ours put it."""
        with self._store.read() as db:
            rows = db.execute(
                "SELECT photo_id, source = 'zero_shot' FROM photo_tag WHERE tag_id = ?", (tag_id,)
            ).fetchall()
        return {photo_id: bool(ours) for photo_id, ours in rows}

    # ---- running -----------------------------------------------------------------------------

    def start(self, kind: RunKind, space_id: SpaceId) -> TagRunId:
        """Begin a run, inside of a write. That of new photos goes on with the last day's."""
        with self._store.write() as db:
            if kind is RunKind.NEW_PHOTOS:
                row = db.execute(
                    "SELECT id, kind, space_id, started_at, undone_at FROM tag_run"
                    " ORDER BY id DESC LIMIT 1"
                ).fetchone()
                since = time.time() - _JOINED_S
                if row and row[1:3] == (kind.value, space_id) and row[3] > since and not row[4]:
                    return row[0]
            ((run_id,),) = db.execute(
                "INSERT INTO tag_run(kind, space_id, model, what, started_at)"
                " SELECT ?, id, model_id, '[]', ? FROM embedding_space WHERE id = ? RETURNING id",
                (kind.value, time.time(), space_id),
            ).fetchall()
        return run_id

    def stands(self, run_id: TagRunId) -> bool:
        """Whether a run was not taken back."""
        with self._store.read() as db:
            row = db.execute("SELECT undone_at FROM tag_run WHERE id = ?", (run_id,)).fetchone()
        return row is not None and row[0] is None

    def add(self, run_id: TagRunId, tag_id: TagId, scores: Mapping[PhotoId, float]) -> int:
        """Tag photos that do not have the tag. Returns: how many were added.

        Photos that were rejected are the caller's to leave out.
        """
        with self._store.write() as db:
            now = time.time()
            added = [
                row[0]
                for photo_id, score in scores.items()
                for row in db.execute(
                    "INSERT INTO photo_tag SELECT id, ?2, 'zero_shot', ?3, ?4, ?5 FROM photo"
                    " WHERE id = ?1 ON CONFLICT DO NOTHING RETURNING photo_id",
                    (photo_id, tag_id, run_id, score, now),
                ).fetchall()
            ]
            db.execute("UPDATE tag_run SET added = added + ? WHERE id = ?", (len(added), run_id))
            if added:
                self._store.changed(added, Aspect.TAG)
        return len(added)

    def take(self, run_id: TagRunId, tag_id: TagId, ids: Sequence[PhotoId]) -> int:
        """Take earlier runs' tags off photos; what is the user's stays. Returns: how many."""
        with self._store.write() as db:
            packed = json.dumps(list(ids))
            db.execute(
                "INSERT OR IGNORE INTO tag_run_removed SELECT ?, photo_id, tag_id, source, run_id,"  # noqa: S608
                " score, added_at FROM photo_tag WHERE tag_id = ? AND source = 'zero_shot'"
                f" AND run_id <> ? AND photo_id IN {IDS}",
                (run_id, tag_id, run_id, packed),
            )
            taken = [
                row[0]
                for row in db.execute(
                    "DELETE FROM photo_tag WHERE tag_id = ? AND source = 'zero_shot'"  # noqa: S608
                    f" AND run_id <> ? AND photo_id IN {IDS} RETURNING photo_id",
                    (tag_id, run_id, packed),
                ).fetchall()
            ]
            db.execute(
                "UPDATE tag_run SET removed = removed + ? WHERE id = ?", (len(taken), run_id)
            )
            if taken:
                self._store.changed(taken, Aspect.TAG)
        return len(taken)

    def finish(self, run_id: TagRunId, what: Sequence[CategoryRun]) -> bool:
        """Note what a run did. One that changed nothing is forgotten. Returns: whether it is kept.

        What an earlier part of the same run did for a category is added up.
        """
        with self._store.write() as db:
            added, removed, known = db.execute(
                "SELECT added, removed, what FROM tag_run WHERE id = ?", (run_id,)
            ).fetchone()
            if not added and not removed:
                db.execute("DELETE FROM tag_run WHERE id = ?", (run_id,))
                return False
            merged = {entry["category"]: entry for entry in json.loads(known)}
            for entry in what:
                now = asdict(entry)
                before = merged.get(entry.category, {})
                for count in ("added", "removed", "suggested"):
                    now[count] += before.get(count, 0)
                merged[entry.category] = now
            db.execute(
                "UPDATE tag_run SET what = ? WHERE id = ?",
                (json.dumps([*merged.values()], ensure_ascii=False), run_id),
            )
            self._store.changed((), Aspect.TAG)
        return True

    def seen(self, ids: Sequence[PhotoId]) -> None:
        """Automatic categories have looked at these photos."""
        with self._store.write() as db:
            db.executemany("DELETE FROM untagged_photo WHERE photo_id = ?", [(i,) for i in ids])

    # ---- taking back -------------------------------------------------------------------------

    def roll_back(self, run_id: TagRunId) -> RolledBack:
        """Take back what a run did, and nothing else.

        Its tags go, unless the user has made them their own since. What it removed of earlier
        runs comes back, unless the photo has the tag again, the user has rejected it, or that
        earlier run was taken back itself. A second time does nothing.
        """
        with self._store.write() as db:
            row = db.execute(
                "SELECT added, undone_at FROM tag_run WHERE id = ?", (run_id,)
            ).fetchone()
            if row is None or row[1] is not None:
                return RolledBack(0, 0, 0)
            gone = db.execute(
                "DELETE FROM photo_tag WHERE run_id = ? RETURNING photo_id", (run_id,)
            ).fetchall()
            back = _restore_removed(db, run_id)
            db.execute("UPDATE tag_run SET undone_at = ? WHERE id = ?", (time.time(), run_id))
            self._store.changed({found[0] for found in (*gone, *back)}, Aspect.TAG)
        return RolledBack(len(gone), len(back), row[0] - len(gone))


def _restore_removed(db: sqlite3.Connection, run_id: TagRunId) -> list[tuple[PhotoId]]:
    return db.execute(
        "INSERT INTO photo_tag SELECT m.photo_id, m.tag_id, m.source, m.earlier_run_id, m.score,"
        " m.added_at FROM tag_run_removed m JOIN tag_run e ON e.id = m.earlier_run_id"
        " JOIN photo p ON p.id = m.photo_id"
        " WHERE m.run_id = ? AND e.undone_at IS NULL"
        " AND NOT EXISTS (SELECT 1 FROM answer a JOIN category c ON c.id = a.category_id"
        "  WHERE c.tag_id = m.tag_id AND NOT a.accepted"
        "  AND (a.content_hash = p.content_hash OR a.photo_id = p.id))"
        " ON CONFLICT DO NOTHING RETURNING photo_id",
        (run_id,),
    ).fetchall()


def _run(row: tuple[Any, ...]) -> TagRun:
    run_id, kind, started_at, model, what, added, removed, held, undone_at = row
    done: list[dict[str, Any]] = json.loads(what)
    entries = tuple(
        CategoryRun(
            category=entry["category"],
            tag=entry["tag"],
            prompts=tuple(entry["prompts"]),
            threshold=entry["threshold"],
            added=entry["added"],
            removed=entry["removed"],
            suggested=entry["suggested"],
        )
        for entry in done
    )
    return TagRun(
        run_id, RunKind(kind), started_at, model, entries, added, removed, held, undone_at
    )
