"""Boxes with labels on photos: those of runs, those that were kept, the user's own."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Iterable, Sequence

from engine.catalog.detection_rows import (
    COLUMNS,
    IDS,
    SAME_THING,
    clean_label,
    detection_from,
    overlap,
    refresh,
)
from engine.catalog.store import Store
from engine.detection_types import Detection, DetectionId, StoredDetection
from engine.errors import DetectionError
from engine.types import Aspect, Box, PhotoId

_REMEMBERED = 100  # labels
_LABELS = "detection labels"  # in the table meta
_KEPT_EDGES = "box_left, box_top, box_right, box_bottom"


class Detections:
    """Nothing is deleted here: a box that is removed can be put back just as it was."""

    def __init__(self, store: Store) -> None:
        self._store = store

    # ---- looking -----------------------------------------------------------------------------

    def of(self, ids: Sequence[PhotoId]) -> dict[PhotoId, list[StoredDetection]]:
        """The boxes shown on each photo: the user's own first, then by score. All ids are keys."""
        found: dict[PhotoId, list[StoredDetection]] = {photo_id: [] for photo_id in ids}
        with self._store.read() as db:
            rows = db.execute(
                f"SELECT {COLUMNS} FROM detection d JOIN photo p ON p.id = d.photo_id"  # noqa: S608
                f" WHERE d.shown AND d.photo_id IN {IDS}"
                " ORDER BY d.score IS NOT NULL, d.score DESC, d.id",
                (json.dumps([*found]),),
            ).fetchall()
        for row in rows:
            found[row[1]].append(detection_from(row))
        return found

    def labels(self) -> list[str]:
        """Labels that were looked for or drawn, the last first."""
        with self._store.read() as db:
            row = db.execute("SELECT value FROM meta WHERE key = ?", (_LABELS,)).fetchone()
        return json.loads(row[0]) if row else []

    # ---- changing ----------------------------------------------------------------------------

    def remember(self, labels: Sequence[str]) -> None:
        """These labels were used now."""
        before = self.labels()
        now = once([*labels, *before])[:_REMEMBERED]
        if now != before:
            with self._store.write() as db:
                db.execute(
                    "INSERT OR REPLACE INTO meta VALUES (?, ?)",
                    (_LABELS, json.dumps(now, ensure_ascii=False)),
                )

    def keep(
        self,
        photo_id: PhotoId,
        detections: Sequence[Detection],
        model: str,
        size: tuple[int, int],
        content_hash: bytes | None,
    ) -> list[DetectionId]:
        """Keep what a detector saw in a photo; with `model` empty it is the user's own.

        What is shown there already under the same label keeps its id.

        Raises:
            DetectionError: the photo is gone, a label or box is impossible.
        """
        with self._store.write() as db:
            known = self.of([photo_id])[photo_id]
            kept: list[DetectionId] = []
            for seen in detections:
                label, box = clean_label(seen.label), inside(seen.box, size)
                same = [
                    other.id
                    for other in known
                    if other.label.casefold() == label.casefold()
                    and overlap(other.box, box) >= SAME_THING
                    and not other.outdated
                ]
                if same and model:
                    kept.append(same[0])
                    continue
                row = db.execute(
                    "INSERT INTO detection(photo_id, source, model, label, folded_label, score,"  # noqa: S608
                    f" {_KEPT_EDGES}, width, height, content_hash, added_at)"
                    " SELECT id, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ? FROM photo WHERE id = ?"
                    " RETURNING id",
                    (
                        "kept" if model else "user", model, label, label.casefold(),
                        seen.score if model else None, *box, *size, content_hash, time.time(),
                        photo_id,
                    ),
                ).fetchone()  # fmt: skip
                if row is None:
                    raise DetectionError("This photo is no longer in the library.")
                kept.append(row[0])
            self._store.changed([photo_id], Aspect.DETECTION)
        return kept

    def relabel(self, ids: Sequence[DetectionId], label: str) -> None:
        """Correct the label of boxes. DetectionError: a label that cannot be."""
        shown = clean_label(label)
        with self._store.write() as db:
            self._note_found(db, ids)
            db.execute(
                f"UPDATE detection SET label = ?, folded_label = ? WHERE id IN {IDS}",  # noqa: S608
                (shown, shown.casefold(), json.dumps(list(ids))),
            )
            self._settle(db, ids)

    def move(self, detection_id: DetectionId, box: Box) -> None:
        """Correct where a box lies. DetectionError: it lies outside of the photo, or is gone."""
        with self._store.write() as db:
            size = db.execute(
                "SELECT width, height FROM detection WHERE id = ?", (detection_id,)
            ).fetchone()
            if size is None:
                raise DetectionError("This box is no longer there.")
            self._note_found(db, [detection_id])
            db.execute(
                f"UPDATE detection SET ({_KEPT_EDGES}) = (?, ?, ?, ?) WHERE id = ?",  # noqa: S608
                (*inside(box, size), detection_id),
            )
            self._settle(db, [detection_id])

    def remove(self, ids: Sequence[DetectionId]) -> None:
        """Take boxes away; `put_back` brings them back. What a run finds there again stays away."""
        with self._store.write() as db:
            db.execute(
                "UPDATE detection SET removed_at = ?"  # noqa: S608
                f" WHERE removed_at IS NULL AND id IN {IDS}",
                (time.time(), json.dumps(list(ids))),
            )
            self._settle(db, ids)

    def put_back(self, ids: Sequence[DetectionId]) -> None:
        """Undo `remove`."""
        with self._store.write() as db:
            db.execute(
                f"UPDATE detection SET removed_at = NULL WHERE id IN {IDS}",  # noqa: S608
                (json.dumps(list(ids)),),
            )
            self._settle(db, ids)

    def _note_found(self, db: sqlite3.Connection, ids: Sequence[DetectionId]) -> None:
        """Remember what a detector had said before the user says otherwise."""
        db.execute(
            "UPDATE detection SET found ="  # noqa: S608
            " json_array(label, box_left, box_top, box_right, box_bottom)"
            f" WHERE source <> 'user' AND found IS NULL AND id IN {IDS}",
            (json.dumps(list(ids)),),
        )

    def _settle(self, db: sqlite3.Connection, ids: Sequence[DetectionId]) -> None:
        """After a change: what says again what the detector said is not corrected any more."""
        packed = json.dumps(list(ids))
        db.execute(
            "UPDATE detection SET found = NULL"  # noqa: S608
            f" WHERE found = json_array(label, {_KEPT_EDGES}) AND id IN {IDS}",
            (packed,),
        )
        photos = [
            row[0]
            for row in db.execute(
                f"SELECT DISTINCT photo_id FROM detection WHERE id IN {IDS}",  # noqa: S608
                (packed,),
            )
        ]
        if photos:
            refresh(db, photos)
            self._store.changed(photos, Aspect.DETECTION)


def once(names: Iterable[str]) -> list[str]:
    """Each name where it comes first, without regard to case."""
    found: dict[str, str] = {}
    for name in names:
        found.setdefault(name.casefold(), name)
    return [*found.values()]


def inside(box: Box, size: tuple[int, int]) -> Box:
    """The part of a box that lies in the photo, corners in order.

    Raises:
        DetectionError: nothing of it does.
    """
    found = clipped(box, size)
    if found is None:
        raise DetectionError("The box lies outside of the photo.")
    return found


def clipped(box: Box, size: tuple[int, int]) -> Box | None:
    """The same; None where nothing is left."""
    width, height = size
    left, right = sorted(min(max(x, 0.0), float(width)) for x in (box.left, box.right))
    top, bottom = sorted(min(max(y, 0.0), float(height)) for y in (box.top, box.bottom))
    if not (right - left > 0 and bottom - top > 0):  # NaN too
        return None
    return Box(left, top, right, bottom)
