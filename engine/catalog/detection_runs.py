"""Runs of a detector: what they were asked, how far they are, what they found, taken back."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from typing import Any

from engine.catalog.detection_rows import Decided, clean_label, labels_from, labels_json, refresh
from engine.catalog.detections import clipped
from engine.catalog.store import Store
from engine.detection_types import DetectionRun, DetectionRunId, Label, Sight
from engine.errors import DetectionError
from engine.types import Aspect, PhotoId

_RUN = """SELECT r.id, r.model, r.labels, r.threshold, r.what, r.started_at,
    (SELECT count(*) FROM detection_run_photo WHERE run_id = r.id),
    (SELECT count(*) FROM detection_run_photo WHERE run_id = r.id AND state = 'waiting'),
    (SELECT count(*) FROM detection_run_photo WHERE run_id = r.id AND state = 'skipped'),
    (SELECT count(*) FROM detection WHERE run_id = r.id),
    r.undone_at FROM detection_run r"""


class DetectionRuns:
    """A run's boxes are its own: taking it back touches nothing else, and can be undone."""

    def __init__(self, store: Store) -> None:
        self._store = store

    # ---- looking -----------------------------------------------------------------------------

    def all(self) -> list[DetectionRun]:
        """Every run, the newest first."""
        with self._store.read() as db:
            return [_run(row) for row in db.execute(f"{_RUN} ORDER BY r.id DESC").fetchall()]

    def one(self, run_id: DetectionRunId) -> DetectionRun:
        """A run. DetectionError: there is none of this number."""
        with self._store.read() as db:
            row = db.execute(f"{_RUN} WHERE r.id = ?", (run_id,)).fetchone()
        if row is None:
            raise DetectionError(f"There is no detection run {run_id}.")
        return _run(row)

    def waiting(self, run_id: DetectionRunId) -> list[PhotoId]:
        """Photos a run has not looked at yet, in its order."""
        with self._store.read() as db:
            return [
                row[0]
                for row in db.execute(
                    "SELECT photo_id FROM detection_run_photo"
                    " WHERE run_id = ? AND state = 'waiting' ORDER BY place",
                    (run_id,),
                )
            ]

    def tally(self, run_id: DetectionRunId) -> tuple[int, int, int]:
        """Of a run: photos with at least one box, boxes, photos that could not be read."""
        with self._store.read() as db:
            return db.execute(
                "SELECT count(DISTINCT photo_id), count(*),"
                " (SELECT count(*) FROM detection_run_photo WHERE run_id = ?1"
                "  AND state = 'skipped') FROM detection WHERE run_id = ?1",
                (run_id,),
            ).fetchone()

    def photos(self, run_id: DetectionRunId) -> list[PhotoId]:
        """Photos in which a run found something that is still there, the surest first."""
        with self._store.read() as db:
            return [
                row[0]
                for row in db.execute(
                    "SELECT d.photo_id FROM detection d JOIN detection_run_photo l"
                    "  ON l.run_id = d.run_id AND l.photo_id = d.photo_id"
                    " WHERE d.run_id = ? AND d.removed_at IS NULL GROUP BY d.photo_id"
                    " ORDER BY max(d.score) DESC, min(l.place)",
                    (run_id,),
                )
            ]

    def looked(self, run_id: DetectionRunId) -> list[PhotoId]:
        """Photos that a run could look at, in its order."""
        with self._store.read() as db:
            return [
                row[0]
                for row in db.execute(
                    "SELECT photo_id FROM detection_run_photo"
                    " WHERE run_id = ? AND state = 'looked' ORDER BY place",
                    (run_id,),
                )
            ]

    # ---- running -----------------------------------------------------------------------------

    def start(
        self,
        model: str,
        labels: Sequence[Label],
        threshold: float,
        what: str,
        photos: Sequence[PhotoId],
    ) -> DetectionRunId:
        """Write down what a run is asked to do. Photos that are gone are left out.

        Raises:
            DetectionError: no label, or one that cannot be.
        """
        names = {clean_label(label.name).casefold() for label in labels}
        if not names:
            raise DetectionError("Say at least one thing to look for.")
        with self._store.write() as db:
            ((run_id,),) = db.execute(
                "INSERT INTO detection_run(model, labels, threshold, what, started_at)"
                " VALUES (?, ?, ?, ?, ?) RETURNING id",
                (model, labels_json(labels), threshold, what, time.time()),
            ).fetchall()
            db.executemany(
                "INSERT INTO detection_run_label VALUES (?, ?)",
                [(run_id, name) for name in sorted(names)],
            )
            db.execute(
                "INSERT INTO detection_run_photo(run_id, photo_id, place)"
                " SELECT ?, p.id, min(j.key) FROM json_each(?) j JOIN photo p ON p.id = j.value"
                " GROUP BY p.id",
                (run_id, json.dumps(list(photos))),
            )
            self._store.changed((), Aspect.DETECTION)
        return run_id

    def record(
        self, run_id: DetectionRunId, photo_id: PhotoId, content_hash: bytes, sight: Sight
    ) -> int:
        """A run has looked at a photo of these bytes. Returns: how many boxes were kept.

        What would only repeat a box that the user kept, drew, corrected or removed is left out.
        Nothing happens when the photo is gone.
        """
        with self._store.write() as db:
            done = db.execute(
                "UPDATE detection_run_photo SET state = 'looked', content_hash = ?"
                " WHERE run_id = ? AND photo_id = ?",
                (content_hash, run_id, photo_id),
            )
            if not done.rowcount:
                return 0
            decided = Decided(db, photo_id, content_hash)
            size, now = (sight.width, sight.height), time.time()
            fresh = [
                (
                    photo_id, run_id, run_id, label, label.casefold(), seen.score,
                    *box, *size, content_hash, now,
                )
                for seen in sight.detections
                for label in [clean_label(seen.label)]
                for box in [clipped(seen.box, size)]
                if box is not None and not decided.has(label.casefold(), box)
            ]  # fmt: skip
            db.executemany(
                "INSERT INTO detection(photo_id, source, run_id, model, label, folded_label, score,"
                " box_left, box_top, box_right, box_bottom, width, height, content_hash, added_at)"
                " VALUES (?, 'run', ?, (SELECT model FROM detection_run WHERE id = ?),"
                "  ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                fresh,
            )
            refresh(db, [photo_id])
            self._store.changed([photo_id], Aspect.DETECTION)
        return len(fresh)

    def skip(self, run_id: DetectionRunId, photo_id: PhotoId) -> None:
        """A run could not read a photo."""
        with self._store.write() as db:
            db.execute(
                "UPDATE detection_run_photo SET state = 'skipped'"
                " WHERE run_id = ? AND photo_id = ?",
                (run_id, photo_id),
            )

    # ---- taking back -------------------------------------------------------------------------

    def roll_back(self, run_id: DetectionRunId) -> int:
        """Take a run's boxes away, but for those that the user corrected; earlier ones return.

        Returns:
            How many boxes are away; 0 when the run was taken back before.

        Raises:
            DetectionError: there is no such run.
        """
        return self._turn(run_id, undone_at=time.time())

    def restore(self, run_id: DetectionRunId) -> int:
        """Undo `roll_back`. Returns: how many boxes are back. DetectionError: no such run."""
        return self._turn(run_id, undone_at=None)

    def _turn(self, run_id: DetectionRunId, undone_at: float | None) -> int:
        with self._store.write() as db:
            if self.one(run_id).undone == (undone_at is not None):
                return 0
            db.execute("UPDATE detection_run SET undone_at = ? WHERE id = ?", (undone_at, run_id))
            photos = [
                row[0]
                for row in db.execute(
                    "SELECT photo_id FROM detection_run_photo WHERE run_id = ?", (run_id,)
                )
            ]
            refresh(db, photos)
            self._store.changed(photos, Aspect.DETECTION)
            ((turned,),) = db.execute(
                "SELECT count(*) FROM detection"
                " WHERE run_id = ? AND found IS NULL AND removed_at IS NULL",
                (run_id,),
            ).fetchall()
        return turned


def _run(row: tuple[Any, ...]) -> DetectionRun:
    run_id, model, labels, threshold, what, started_at, asked, waiting, skipped, *rest = row
    boxes, undone_at = rest
    return DetectionRun(
        id=run_id,
        model=model,
        labels=labels_from(labels),
        threshold=threshold,
        what=what,
        started_at=started_at,
        asked=asked,
        looked=asked - waiting,
        boxes=boxes,
        undone=undone_at is not None,
        skipped=skipped,
    )
