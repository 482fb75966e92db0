"""Between rows and detections: which boxes are shown, which are the same thing, which move."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from typing import Any

from engine.catalog.tag_rows import clean_name
from engine.detection_types import Label, StoredDetection
from engine.errors import DetectionError
from engine.types import Box, PhotoId

IDS = "(SELECT value FROM json_each(?))"
SAME_THING = 0.5
"""Intersection over union from which two boxes of one label are one thing: NMS says the same."""

COLUMNS = (
    "d.id, d.photo_id, d.label, d.box_left, d.box_top, d.box_right, d.box_bottom, d.score,"
    " d.run_id, d.model, d.width, d.height, d.found IS NOT NULL,"
    " d.content_hash IS NOT p.content_hash"
)
"""Of detection d joined with photo p."""

# A run's box is shown while the run stands, the photo has the bytes that were looked at, and no
# later run that stands has looked at them for the same label. The user's own are always shown.
_SHOWN = """
    removed_at IS NULL AND (source <> 'run' OR found IS NOT NULL OR (
        (SELECT undone_at IS NULL FROM detection_run WHERE id = run_id)
        AND content_hash IS (SELECT content_hash FROM photo WHERE id = photo_id)
        AND NOT EXISTS (
            SELECT 1 FROM detection_run_photo l
            JOIN detection_run n ON n.id = l.run_id AND n.undone_at IS NULL
            JOIN detection_run_label b ON b.run_id = l.run_id
                AND b.folded_label = detection.folded_label
            WHERE l.photo_id = detection.photo_id AND l.run_id > detection.run_id
                AND l.state = 'looked' AND l.content_hash IS detection.content_hash)))
"""


def clean_label(name: str) -> str:
    """A label as it is kept.

    Raises:
        DetectionError: nothing is left of it, or too much.
    """
    try:
        return clean_name(name)
    except ValueError as error:
        raise DetectionError(str(error).replace("A name", "A label")) from error


def refresh(db: sqlite3.Connection, photos: Iterable[PhotoId]) -> None:
    """Find out anew which boxes of these photos are shown. Cost: 20 µs a box."""
    db.execute(
        f"UPDATE detection SET shown = ({_SHOWN}) WHERE photo_id IN {IDS}"  # noqa: S608
        f" AND shown <> ({_SHOWN})",
        (json.dumps([*photos]),),
    )


def refresh_changed(db: sqlite3.Connection, photo_id: PhotoId) -> bool:
    """A photo's bytes have changed: runs' boxes go, or come back. Returns: whether it has any."""
    held = db.execute("SELECT 1 FROM detection WHERE photo_id = ? LIMIT 1", (photo_id,)).fetchone()
    if held:
        refresh(db, [photo_id])
    return bool(held)


def move_detections(db: sqlite3.Connection, old: PhotoId, new: PhotoId) -> bool:
    """Give `old` the boxes of `new`, and its place in runs. Returns: whether it has any.

    To be called when `old` has got its bytes.
    """
    db.execute("UPDATE detection SET photo_id = ? WHERE photo_id = ?", (old, new))
    # Where both were in a run, what was looked at counts; and that of the bytes it has now.
    db.execute(
        "DELETE FROM detection_run_photo WHERE photo_id = ?1 AND run_id IN"
        " (SELECT run_id FROM detection_run_photo WHERE photo_id = ?2 AND state = 'looked')",
        (old, new),
    )
    db.execute(
        "UPDATE OR IGNORE detection_run_photo SET photo_id = ? WHERE photo_id = ?", (old, new)
    )
    return refresh_changed(db, old)


# ---- the same thing twice ------------------------------------------------------------------------


def overlap(one: Box, other: Box) -> float:
    """Intersection over union, 0..1."""
    width = min(one.right, other.right) - max(one.left, other.left)
    height = min(one.bottom, other.bottom) - max(one.top, other.top)
    if width <= 0 or height <= 0:
        return 0.0
    both = width * height
    return both / (_area(one) + _area(other) - both)


def _area(box: Box) -> float:
    return (box.right - box.left) * (box.bottom - box.top)


class Decided:
    """What the user has already said of a photo's boxes: kept, drawn, corrected, removed."""

    def __init__(self, db: sqlite3.Connection, photo_id: PhotoId, content_hash: bytes) -> None:
        self._boxes: list[tuple[set[str], Box]] = []
        rows: list[tuple[Any, ...]] = db.execute(
            "SELECT folded_label, box_left, box_top, box_right, box_bottom, found FROM detection"
            " WHERE photo_id = ? AND content_hash IS ?"
            " AND (removed_at IS NULL AND (source <> 'run' OR found IS NOT NULL)"
            "  OR removed_at IS NOT NULL AND source <> 'user')",
            (photo_id, content_hash),
        ).fetchall()
        for label, *edges, found in rows:
            self._boxes.append(({label}, Box(*edges)))
            if found is not None:
                before, *edges = json.loads(found)
                self._boxes.append(({label, before.casefold()}, Box(*edges)))

    def has(self, folded_label: str, box: Box) -> bool:
        """Whether this box would only repeat what was decided."""
        return any(
            folded_label in labels and overlap(box, known) >= SAME_THING
            for labels, known in self._boxes
        )


# ---- values --------------------------------------------------------------------------------------


def detection_from(row: Sequence[Any]) -> StoredDetection:
    """A row of `COLUMNS`."""
    return StoredDetection(
        id=row[0],
        photo_id=row[1],
        label=row[2],
        box=Box(*row[3:7]),
        score=row[7],
        run_id=row[8],
        model=row[9],
        width=row[10],
        height=row[11],
        corrected=bool(row[12]),
        outdated=bool(row[13]),
    )


def labels_json(labels: Sequence[Label]) -> str:
    """Labels as a run keeps them."""
    return json.dumps(
        [[label.name, [*label.prompts], label.threshold] for label in labels], ensure_ascii=False
    )


def labels_from(raw: str) -> tuple[Label, ...]:
    """The inverse of `labels_json`."""
    return tuple(
        Label(name, tuple(prompts), threshold) for name, prompts, threshold in json.loads(raw)
    )
