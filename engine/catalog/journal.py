"""The journal of filed photos: which file was to go where, and how far that is."""

from __future__ import annotations

import json
import os
import sqlite3
import time
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from pathlib import Path

from engine.catalog.photo_rows import path_from, signed, text, unsigned
from engine.catalog.store import Store
from engine.file_types import (
    FilingRun,
    FilingStep,
    RunId,
    RunState,
    StepOp,
    StepState,
    TrashedPhoto,
)
from engine.types import PhotoId

_COLUMNS = (
    "id, run_id, bundle, photo_id, op, category, source, target, size, mtime_ns, dev, ino,"
    " content_hash, target_mtime_ns, target_dev, target_ino, made_photo_id, state, reason"
)
_OPEN = "('started', 'undoing')"
SORT, MOVING, COPYING, RENAMING = "sort", "move", "copy", "rename"
PLACED = (SORT, MOVING, COPYING, RENAMING)
"""Kinds of runs that give photos another place, where they stay in sight."""
CLEARING, TRASHING = "clearing", "trash"
"""Kinds of runs that put photos into the trash: as duplicates of others, and as asked for."""


class Journal:
    """Runs and their steps. A step is on the disk before its file is touched."""

    def __init__(self, store: Store) -> None:
        self._store = store

    # ---- runs --------------------------------------------------------------------------------

    def begin(
        self, kind: str, rule: Mapping[str, object], token: str, steps: Sequence[FilingStep]
    ) -> RunId:
        """Note a run with all that it is to do. The ids of run and steps are given here.

        Args:
            kind: one of those above.
            rule: for showing; anything that JSON can hold.
            token: what the run's unfinished copies are called, different for each run.
            steps: in order; those of a bundle follow each other.
        """
        with self._store.write() as db:
            ((run_id,),) = db.execute(
                "INSERT INTO filing_run(kind, rule, token, created_at, state)"
                " VALUES (?, ?, ?, ?, 'applying') RETURNING id",
                (kind, json.dumps(rule), token, time.time()),
            ).fetchall()
            _insert(db, run_id, steps)
        return run_id

    def add(self, run_id: RunId, steps: Sequence[FilingStep]) -> list[FilingStep]:
        """Note more of what a run is about to do; gives the steps with their ids.

        When it returns the disk has it. Cost: one flush for all of them.
        """
        with self._store.write(durable=True) as db:
            (last,) = db.execute("SELECT coalesce(max(id), 0) FROM filing_step").fetchone()
            _insert(db, run_id, steps)
            return _steps(
                db.execute(
                    f"SELECT {_COLUMNS} FROM filing_step WHERE id > ? ORDER BY id",  # noqa: S608
                    (last,),
                )
            )

    def runs(self, *kinds: str) -> list[FilingRun]:
        """All runs of these kinds, of sorts where none is given, the newest first."""
        with self._store.read() as db:
            rows = db.execute(
                "SELECT r.id, r.kind, r.rule, r.created_at, r.ended_at, r.state, r.note,"
                " count(s.id), count(CASE WHEN s.state IN ('done', 'undoing') THEN 1 END),"
                " count(CASE WHEN s.state IN ('planned', 'started') THEN 1 END),"
                " count(CASE WHEN s.state = 'skipped' THEN 1 END),"
                " count(CASE WHEN s.state = 'undone' THEN 1 END),"
                " count(CASE WHEN s.state = 'left' THEN 1 END)"
                " FROM filing_run r LEFT JOIN filing_step s ON s.run_id = r.id"
                " WHERE r.kind IN (SELECT value FROM json_each(?))"
                " GROUP BY r.id ORDER BY r.id DESC",
                (json.dumps(kinds or (SORT,)),),
            ).fetchall()
        return [
            FilingRun(
                RunId(run_id),
                kind,
                json.loads(rule),
                created,
                ended,
                RunState(state),
                note,
                *counts,
            )
            for run_id, kind, rule, created, ended, state, note, *counts in rows
        ]

    def run(self, run_id: RunId, *kinds: str) -> FilingRun | None:
        """A run, if it is of one of these kinds; where none is given, of those in `PLACED`."""
        return next((run for run in self.runs(*(kinds or PLACED)) if run.id == run_id), None)

    def token(self, run_id: RunId) -> str:
        """What the run's unfinished copies are called."""
        with self._store.read() as db:
            row = db.execute("SELECT token FROM filing_run WHERE id = ?", (run_id,)).fetchone()
        return row[0] if row else ""

    def set_state(self, run_id: RunId, state: RunState, note: str = "") -> None:
        """How far a run is; one that is over gets its end time."""
        running = state in (RunState.APPLYING, RunState.UNDOING)
        with self._store.write() as db:
            db.execute(
                "UPDATE filing_run SET state = ?, note = ?, ended_at = ? WHERE id = ?",
                (state.value, text(note), None if running else time.time(), run_id),
            )

    # ---- steps -------------------------------------------------------------------------------

    def steps(self, run_id: RunId, states: Iterable[StepState] | None = None) -> list[FilingStep]:
        """The steps of a run in the order of the plan; only those in `states` if given."""
        wanted = json.dumps([state.value for state in (states or StepState)])
        with self._store.read() as db:
            return _steps(
                db.execute(
                    f"SELECT {_COLUMNS} FROM filing_step WHERE run_id = ?"  # noqa: S608
                    " AND state IN (SELECT value FROM json_each(?)) ORDER BY bundle, id",
                    (run_id, wanted),
                )
            )

    def in_trash(self) -> list[TrashedPhoto]:
        """Photos in the trash by runs of ours, and still there; the newest run first."""
        with self._store.read() as db:
            rows = db.execute(
                "SELECT s.run_id, s.photo_id, s.source, s.target, s.size, r.created_at, s.bundle,"
                " r.kind, s.reason FROM filing_step s JOIN filing_run r ON r.id = s.run_id"
                " WHERE r.kind IN (?, ?) AND s.state IN ('done', 'left', 'undoing')"
                " ORDER BY s.run_id DESC, s.bundle, s.id",
                (CLEARING, TRASHING),
            ).fetchall()
        found: list[TrashedPhoto] = []
        for _, held in groupby(rows, key=lambda row: (row[0], row[6])):
            bundle = list(held)
            run_id, photo_id, source, target, _, at, _, kind, reason = next(
                (row for row in bundle if row[1] is not None), bundle[0]
            )
            if not os.path.lexists(path_from(target)):
                continue  # the user emptied the trash
            found.append(
                TrashedPhoto(
                    RunId(run_id), photo_id, path_from(source), sum(row[4] for row in bundle), at,
                    len(bundle) - 1, kind == CLEARING, reason,
                )
            )  # fmt: skip
        return found

    def open_steps(self, *kinds: str) -> list[FilingStep]:
        """The bundles that were being acted on when the journal was last written to.

        Of runs of these kinds, or in `PLACED`. A bundle is given whole, its other steps too.
        """
        with self._store.read() as db:
            return _steps(
                db.execute(
                    f"SELECT {_COLUMNS} FROM filing_step WHERE (run_id, bundle) IN"  # noqa: S608
                    f" (SELECT run_id, bundle FROM filing_step WHERE state IN {_OPEN})"
                    " AND run_id IN (SELECT id FROM filing_run"
                    "  WHERE kind IN (SELECT value FROM json_each(?)))"
                    " ORDER BY run_id, bundle, id",
                    (json.dumps(kinds or PLACED),),
                )
            )

    def unfinished_runs(self, *kinds: str) -> list[RunId]:
        """Runs of these kinds, or in `PLACED`, that say they are under way."""
        with self._store.read() as db:
            rows = db.execute(
                "SELECT id FROM filing_run WHERE state = 'applying'"
                " AND kind IN (SELECT value FROM json_each(?))",
                (json.dumps(kinds or PLACED),),
            ).fetchall()
        return [RunId(row[0]) for row in rows]

    def undone_but_for_its_end(self, *kinds: str) -> list[RunId]:
        """Runs of these kinds, or in `PLACED`, that have no file left to take back."""
        with self._store.read() as db:
            rows = db.execute(
                "SELECT id FROM filing_run r WHERE state = 'undoing'"
                " AND kind IN (SELECT value FROM json_each(?))"
                " AND NOT EXISTS (SELECT 1 FROM filing_step"
                "  WHERE run_id = r.id AND state IN ('done', 'undoing', 'left'))",
                (json.dumps(kinds or PLACED),),
            ).fetchall()
        return [RunId(row[0]) for row in rows]

    def start(
        self, steps: Sequence[FilingStep], folders: Sequence[tuple[RunId, Path]] = ()
    ) -> None:
        """Note that these files are about to be touched, and folders about to be made.

        When it returns the disk has it. Cost: one flush for all of them.
        """
        with self._store.write(durable=True) as db:
            self._update(db, steps)
            db.executemany(
                "INSERT OR IGNORE INTO filing_folder VALUES (?, ?)",
                [(run_id, os.fsencode(path)) for run_id, path in folders],
            )

    def update(self, steps: Sequence[FilingStep]) -> None:
        """Note how far these steps are."""
        with self._store.write() as db:
            self._update(db, steps)

    def _update(self, db: sqlite3.Connection, steps: Sequence[FilingStep]) -> None:
        db.executemany(
            "UPDATE filing_step SET target = ?, size = ?, mtime_ns = ?, dev = ?, ino = ?,"
            " content_hash = ?, target_mtime_ns = ?, target_dev = ?, target_ino = ?,"
            " made_photo_id = ?, state = ?, reason = ? WHERE id = ?",
            [
                (
                    os.fsencode(one.target), one.size, one.mtime_ns, signed(one.dev),
                    signed(one.ino), one.content_hash, one.target_mtime_ns,
                    None if one.target_dev is None else signed(one.target_dev),
                    None if one.target_ino is None else signed(one.target_ino),
                    one.made_photo_id, one.state.value, text(one.reason), one.id,
                )
                for one in steps
            ],
        )  # fmt: skip

    def moved_on_by(self, step: FilingStep) -> RunId | None:
        """The later run that took a step's file away from where this step put it."""
        with self._store.read() as db:
            row = db.execute(
                "SELECT run_id FROM filing_step WHERE source = ? AND run_id > ? AND op = 'move'"
                " AND state IN ('done', 'left', 'started', 'undoing') ORDER BY run_id LIMIT 1",
                (os.fsencode(step.target), step.run_id),
            ).fetchone()
        return RunId(row[0]) if row else None

    def now_at(self, path: Path, since: RunId) -> Path:
        """Where later runs have taken the file that lay at `path`; the trash is no place."""
        seen: set[Path] = set()
        with self._store.read() as db:
            while path not in seen:
                seen.add(path)
                row = db.execute(
                    "SELECT target, run_id FROM filing_step WHERE source = ? AND run_id > ?"
                    " AND op = 'move' AND state IN ('done', 'left')"
                    " AND run_id IN (SELECT id FROM filing_run"
                    "  WHERE kind NOT IN ('clearing', 'trash'))"
                    " ORDER BY run_id LIMIT 1",
                    (os.fsencode(path), since),
                ).fetchone()
                if row is None:
                    break
                path, since = path_from(row[0]), RunId(row[1])
        return path

    def came_from(self, path: Path) -> Path | None:
        """Where the file that lay at `path` until its run was taken back had come from."""
        with self._store.read() as db:
            row = db.execute(
                "SELECT source FROM filing_step WHERE target = ? AND state = 'undone'"
                " AND run_id IN (SELECT id FROM filing_run"
                "  WHERE kind NOT IN ('clearing', 'trash'))"
                " ORDER BY run_id DESC LIMIT 1",
                (os.fsencode(path),),
            ).fetchone()
        return path_from(row[0]) if row else None

    # ---- folders -----------------------------------------------------------------------------

    def folders(self, run_id: RunId) -> list[Path]:
        """Folders that were made for a run, the deepest first."""
        with self._store.read() as db:
            rows = db.execute("SELECT path FROM filing_folder WHERE run_id = ?", (run_id,))
            found = [path_from(row[0]) for row in rows]
        return sorted(found, key=lambda path: (-len(path.parts), path))

    def folders_of_undone(self) -> list[tuple[RunId, Path]]:
        """Folders that were made for runs which are undone, and that were not empty then."""
        with self._store.read() as db:
            rows = db.execute(
                "SELECT f.run_id, f.path FROM filing_folder f JOIN filing_run r ON r.id = f.run_id"
                " WHERE r.state = 'undone'"
            ).fetchall()
        return [(RunId(run_id), path_from(path)) for run_id, path in rows]

    def forget_folder(self, run_id: RunId, path: Path) -> None:
        """It was removed, or was somebody else's."""
        with self._store.write() as db:
            db.execute(
                "DELETE FROM filing_folder WHERE run_id = ? AND path = ?",
                (run_id, os.fsencode(path)),
            )


def _insert(db: sqlite3.Connection, run_id: RunId, steps: Sequence[FilingStep]) -> None:
    db.executemany(
        "INSERT INTO filing_step(run_id, bundle, photo_id, op, category, source, target,"
        " size, mtime_ns, dev, ino, content_hash, made_photo_id, state, reason)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (
                run_id, one.bundle, one.photo_id, one.op.value, text(one.category),
                os.fsencode(one.source), os.fsencode(one.target), one.size, one.mtime_ns,
                signed(one.dev), signed(one.ino), one.content_hash, one.made_photo_id,
                one.state.value, text(one.reason),
            )
            for one in steps
        ],
    )  # fmt: skip


def _steps(cursor: sqlite3.Cursor) -> list[FilingStep]:
    """Rows of `_COLUMNS`."""
    found: list[FilingStep] = []
    for row in cursor:
        step = FilingStep(
            id=row[0],
            run_id=RunId(row[1]),
            bundle=row[2],
            photo_id=PhotoId(row[3]) if row[3] is not None else None,
            op=StepOp(row[4]),
            category=row[5],
            source=path_from(row[6]),
            target=path_from(row[7]),
            size=row[8],
            mtime_ns=row[9],
            dev=unsigned(row[10]),
            ino=unsigned(row[11]),
            content_hash=row[12],
            target_mtime_ns=row[13],
            target_dev=None if row[14] is None else unsigned(row[14]),
            target_ino=None if row[15] is None else unsigned(row[15]),
            made_photo_id=PhotoId(row[16]) if row[16] is not None else None,
            state=StepState(row[17]),
            reason=row[18],
        )
        found.append(step)
    return found
