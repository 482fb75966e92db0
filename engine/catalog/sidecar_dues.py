"""Photos whose sidecars are behind what the user said, and what was written last."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from engine.catalog import given_facts
from engine.catalog.photo_rows import place, text
from engine.catalog.store import Store
from engine.catalog.tag_rows import IDS, paths, subtree
from engine.catalog.writing_schema import SAID
from engine.mark_types import Flag
from engine.sidecar_types import Told
from engine.tag_types import TagUndo
from engine.types import Aspect, PhotoId, Problem

_HERE = "p.state <> 'missing' AND r.forgotten_at IS NULL AND r.online"
_AWAY = "p.state <> 'missing' AND r.forgotten_at IS NULL AND NOT r.online"
_DUE = (  # in this order: few are due, many are not
    "FROM sidecar_due d CROSS JOIN photo p ON p.id = d.photo_id"
    " JOIN folder f ON f.id = p.folder_id JOIN root r ON r.id = f.root_id"
)


@dataclass(frozen=True, slots=True)
class Due:
    """A photo to be written, and all that is needed for it.

    `change` tells one state of what was said from later ones. `written` and `planned` are the
    sidecar's hash and our own note of it: after the last writing, and before one that was begun.
    """

    photo_id: PhotoId
    path: Path
    change: int
    said: Told
    carried: tuple[str, ...]  # tags from its files
    refused: tuple[str, ...]  # keywords of its files that the user took off
    flag: Flag | None  # what the user decided
    written: tuple[bytes, str] | None
    planned: tuple[bytes, str] | None


@dataclass(frozen=True, slots=True)
class Done:
    """What came of a photo: its sidecar's hash and our note of it; no hash where there is none."""

    photo_id: PhotoId
    change: int
    digest: bytes
    note: str
    overtaken: tuple[str, ...] = ()  # what another program says since


_EVER = (
    "SELECT photo_id FROM photo_tag WHERE source = 'user'"  # noqa: S608
    f" UNION SELECT photo_id FROM mark WHERE name IN {SAID}"
    f" UNION SELECT photo_id FROM given_fact WHERE name IN {SAID}"
    " UNION SELECT photo_id FROM sidecar_written"
)


class SidecarDues:
    """Rows of `sidecar_due` and `sidecar_written`. The former come by triggers."""

    def __init__(self, store: Store) -> None:
        self._store = store

    # ---- looking -----------------------------------------------------------------------------

    def counts(self) -> tuple[int, int, int, int]:
        """Photos waiting, waiting for their drive, failed, written. Cost: 20 ms for 100,000."""
        self._spread()
        with self._store.read() as db:
            here, failed = db.execute(
                f"SELECT count(*), count(*) FILTER (WHERE d.reason <> '') {_DUE} WHERE {_HERE}"
            ).fetchone()
            (away,) = db.execute(f"SELECT count(*) {_DUE} WHERE {_AWAY}").fetchone()
            (written,) = db.execute(
                "SELECT count(*) FROM sidecar_written WHERE digest <> x''"
            ).fetchone()
        return here, away, failed, written

    def ever(self) -> int:
        """Photos that `all_due` would have written. Cost: 60 ms for 100,000."""
        with self._store.read() as db:
            (count,) = db.execute(
                f"SELECT count(*) FROM ({_EVER}) e JOIN photo p ON p.id = e.photo_id"  # noqa: S608
                " JOIN folder f ON f.id = p.folder_id JOIN root r ON r.id = f.root_id"
                " WHERE p.state <> 'missing' AND r.forgotten_at IS NULL"
            ).fetchone()
        return count

    def ids(self, failed_before: float) -> list[PhotoId]:
        """Photos to be written that can be reached, folder by folder.

        Args:
            failed_before: of those that could not be written, only what was tried before then.
        """
        self._spread()
        with self._store.read() as db:
            rows = db.execute(
                f"SELECT p.id {_DUE} WHERE {_HERE}"
                " AND (d.reason = '' OR d.tried_at < ?) ORDER BY p.folder_id, p.id",
                (failed_before,),
            ).fetchall()
        return [row[0] for row in rows]

    def of(self, ids: Sequence[PhotoId]) -> list[Due]:
        """What is to be written for these, in one snapshot; those not due any more are left out."""
        asked = (json.dumps(list(ids)),)
        with self._store.read() as db:
            by_id = paths(db)
            tags: dict[PhotoId, dict[str, list[str]]] = {}
            for photo_id, tag_id, source in db.execute(
                "SELECT photo_id, tag_id, source FROM photo_tag"  # noqa: S608
                f" WHERE source IN ('user', 'file') AND photo_id IN {IDS}",
                asked,
            ):
                tags.setdefault(photo_id, {}).setdefault(source, []).append(by_id[tag_id])
            refused: dict[PhotoId, list[str]] = {}
            for photo_id, keyword in db.execute(
                f"SELECT photo_id, keyword FROM keyword_refused WHERE photo_id IN {IDS}",  # noqa: S608
                asked,
            ):
                refused.setdefault(photo_id, []).append(keyword)
            marks: dict[PhotoId, dict[str, int | str]] = {}
            for photo_id, name, value in db.execute(
                "SELECT photo_id, name, value FROM mark"  # noqa: S608
                f" WHERE name IN {SAID} AND photo_id IN {IDS}",
                asked,
            ):
                marks.setdefault(photo_id, {})[name] = value
            # What a keeper took over from its duplicates is the user's word, where it shows.
            for photo_id, name, value, shown in db.execute(
                "SELECT g.photo_id, g.name, g.value, json_extract(m.facts, '$.' || g.name)"  # noqa: S608
                " FROM given_fact g JOIN metadata m ON m.photo_id = g.photo_id"
                f" WHERE g.name IN {SAID} AND g.photo_id IN {IDS}",
                asked,
            ):
                if json.loads(value) == shown:
                    marks.setdefault(photo_id, {})[name] = shown
            rows = db.execute(
                "SELECT p.id, r.path, f.relpath, p.name, d.change, w.digest, w.said,"
                f" w.planned_digest, w.planned {_DUE}"
                " LEFT JOIN sidecar_written w ON w.photo_id = p.id"
                f" WHERE {_HERE} AND p.id IN {IDS} ORDER BY f.id, p.name",
                asked,
            ).fetchall()
        found: list[Due] = []
        for photo_id, root, folder, name, change, digest, said, planned_digest, planned in rows:
            own, mine = tags.get(photo_id, {}), marks.get(photo_id, {})
            flag = Flag(mine["flag"]) if "flag" in mine else None
            found.append(
                Due(
                    photo_id=photo_id,
                    path=place(root, folder, name),
                    change=change,
                    said=_said(own.get("user", []), mine, flag),
                    carried=tuple(sorted(own.get("file", []))),
                    refused=tuple(refused.get(photo_id, [])),
                    flag=flag,
                    written=(digest, said) if digest is not None else None,
                    planned=(planned_digest, planned) if planned_digest is not None else None,
                )
            )
        return found

    def failed(self) -> int:
        """How many `problems` tells of."""
        with self._store.read() as db:
            return db.execute(
                f"SELECT count(*) {_DUE} WHERE {_HERE} AND d.reason <> ''"
            ).fetchone()[0]

    def problems(self) -> list[Problem]:
        """Sidecars that could not be written, with the reason."""
        with self._store.read() as db:
            rows = db.execute(
                "SELECT p.id, r.path, f.relpath, p.name, d.reason, d.tried_at"
                f" {_DUE} WHERE {_HERE} AND d.reason <> '' ORDER BY d.tried_at DESC, p.id"
            ).fetchall()
        return [
            Problem(photo_id, place(root, folder, name), reason, False, tried_at, unwritten=True)
            for photo_id, root, folder, name, reason, tried_at in rows
        ]

    # ---- writing -----------------------------------------------------------------------------

    def plan(self, rows: Sequence[tuple[PhotoId, bytes, str]]) -> None:
        """Note what is about to be written: hash and note. A kill in between is told by it."""
        with self._store.write() as db:
            db.executemany(
                "INSERT INTO sidecar_written VALUES (?1, x'', '', ?2, ?3) ON CONFLICT(photo_id)"
                " DO UPDATE SET planned_digest = ?2, planned = ?3",
                rows,
            )

    def done(self, rows: Sequence[Done]) -> None:
        """These are as the user says; what was said since stays due."""
        overtaken = [row.photo_id for row in rows if row.overtaken]
        with self._store.write() as db:
            cured: list[PhotoId] = []
            for row in rows:
                cured += [
                    row.photo_id
                    for (reason,) in db.execute(
                        "DELETE FROM sidecar_due WHERE photo_id = ? AND change = ?"
                        " RETURNING reason",
                        (row.photo_id, row.change),
                    ).fetchall()
                    if reason
                ]
                db.execute("DELETE FROM sidecar_written WHERE photo_id = ?", (row.photo_id,))
                if row.note:
                    db.execute(
                        "INSERT INTO sidecar_written VALUES (?, ?, ?, NULL, NULL)",
                        (row.photo_id, row.digest, row.note),
                    )
                for name in row.overtaken:
                    db.execute(
                        "DELETE FROM mark WHERE photo_id = ?1 AND (name = ?2"
                        " OR (?2 = 'rating' AND name = 'flag' AND value = -1))",
                        (row.photo_id, name),
                    )
                    db.execute(
                        "DELETE FROM given_fact WHERE photo_id = ? AND name = ?",
                        (row.photo_id, name),
                    )
            if overtaken:
                given_facts.said(db, overtaken)
                self._store.changed(overtaken, Aspect.MARK | Aspect.FILE)
            if cured:
                self._store.changed(cured, Aspect.PROBLEM)

    def fail(self, photo_id: PhotoId, change: int, reason: str) -> None:
        """It could not be written; it stays due."""
        with self._store.write() as db:
            db.execute(
                "UPDATE sidecar_due SET reason = ?, tried_at = ? WHERE photo_id = ? AND change = ?",
                (text(reason), time.time(), photo_id, change),
            )
            self._store.changed([photo_id], Aspect.PROBLEM)

    def retry(self, ids: Sequence[PhotoId] | None = None) -> int:
        """Try again what could not be written; all of it when `ids` is None."""
        chosen = None if ids is None else json.dumps(list(ids))
        with self._store.write() as db:
            rows = db.execute(
                "UPDATE sidecar_due SET reason = '' WHERE reason <> '' AND"
                " (?1 IS NULL OR photo_id IN (SELECT value FROM json_each(?1))) RETURNING photo_id",
                (chosen,),
            ).fetchall()
            if rows:
                self._store.changed([row[0] for row in rows], Aspect.PROBLEM)
        return len(rows)

    def all_due(self) -> None:
        """Everything that the user has said is to be written, and what was written looked at."""
        with self._store.write() as db:
            db.execute(
                f"INSERT INTO sidecar_due(photo_id, change) SELECT photo_id, 1 FROM ({_EVER})"  # noqa: S608
                " WHERE true ON CONFLICT(photo_id) DO UPDATE SET change = change + 1"
            )

    def forget(self) -> None:
        """Nothing that was said so far is to be written; what is said from now on is."""
        with self._store.write() as db:
            db.execute("DELETE FROM sidecar_due")
            db.execute("DELETE FROM sidecar_due_tag")
            self._store.changed((), Aspect.PROBLEM)

    def _spread(self) -> None:
        """Photos of tags that got another name are due."""
        with self._store.read() as db:
            tags = [row[0] for row in db.execute("SELECT tag_id FROM sidecar_due_tag")]
            below = json.dumps(subtree(db, tags)) if tags else ""
        if not tags:
            return
        with self._store.write() as db:
            db.execute(
                "INSERT INTO sidecar_due(photo_id, change) SELECT DISTINCT photo_id, 1"  # noqa: S608
                f" FROM photo_tag WHERE source = 'user' AND tag_id IN {IDS}"
                " ON CONFLICT(photo_id) DO UPDATE SET change = change + 1, reason = ''",
                (below,),
            )
            db.execute(
                f"DELETE FROM sidecar_due_tag WHERE tag_id IN {IDS}",  # noqa: S608
                (json.dumps(tags),),
            )


def own_restored(db: sqlite3.Connection, undo: TagUndo) -> None:
    """Keywords that were refused and come back are the user's, where sidecars are written.

    We may have taken them out of the sidecar: no file would say them any more.
    """
    allowed = {photo_id for photo_id, _, refused in undo.refused if not refused}
    db.executemany(
        "UPDATE photo_tag SET source = 'user' WHERE photo_id = ?1 AND tag_id = ?2"
        " AND source = 'file' AND EXISTS (SELECT 1 FROM sidecar_written WHERE photo_id = ?1)",
        [link[:2] for link in undo.links if link[0] in allowed],
    )


def _said(tags: Sequence[str], marks: dict[str, int | str], flag: Flag | None) -> Told:
    """What the user says, as sidecars tell it: a rejected photo has -1 stars."""
    rating = marks.get("rating")
    if flag is Flag.REJECTED:
        rating = -1
    caption, title = marks.get("caption"), marks.get("title")
    return Told(
        tags=tuple(sorted(tags)),
        rating=rating if isinstance(rating, int) else None,
        caption=caption if isinstance(caption, str) else None,
        title=title if isinstance(title, str) else None,
    )
