"""Detections as conditions on photos: detected:dog, count:dog>=2, box:dog>20%."""

from __future__ import annotations

import re
import sqlite3
from difflib import get_close_matches

from engine.types import Filter

_AREA = "(d.box_right - d.box_left) * (d.box_bottom - d.box_top) / (d.width * d.height)"
_SHARE = re.compile(r"([0-9]{1,3}(?:\.[0-9]+)?) ?%?")


def detected(db: sqlite3.Connection, entry: Filter) -> tuple[str, tuple[object, ...]]:
    """Photos with a box of this label; * and ? stand for letters.

    Raises:
        ValueError: nobody has looked for it yet.
    """
    label = _folded(entry.value)
    if _is_glob(label):
        return (
            "p.id IN (SELECT d.photo_id FROM detection d WHERE d.shown AND d.folded_label GLOB ?)",
            (label,),
        )
    _require(db, entry.value)
    return (
        "p.id IN (SELECT d.photo_id FROM detection d WHERE d.shown AND d.folded_label = ?)",
        (label,),
    )


def counted(db: sqlite3.Connection, entry: Filter) -> tuple[str, tuple[object, ...]]:
    """Photos with so many boxes of this label.

    None at all means: looked at for it and none found, not merely never looked at.

    Raises:
        ValueError: no number, or nobody has looked for it yet.
    """
    low, high = _number_range(entry)
    _require(db, entry.value)
    label = _folded(entry.value)
    some = (
        "SELECT d.photo_id FROM detection d WHERE d.shown AND d.folded_label = ?"
        " GROUP BY d.photo_id HAVING count(*) BETWEEN ? AND ?"
    )
    if low > 0:
        return f"p.id IN ({some})", (label, low, high)
    none = (
        "SELECT l.photo_id FROM detection_run_label b JOIN detection_run r"
        " ON r.id = b.run_id AND r.undone_at IS NULL JOIN detection_run_photo l"
        " ON l.run_id = r.id AND l.state = 'looked' JOIN photo q ON q.id = l.photo_id"
        " AND q.content_hash IS l.content_hash WHERE b.folded_label = ?"
        " EXCEPT SELECT d.photo_id FROM detection d WHERE d.shown AND d.folded_label = ?"
    )
    return f"p.id IN ({none} UNION {some})", (label, label, label, max(low, 1), high)


def boxed(db: sqlite3.Connection, entry: Filter) -> tuple[str, tuple[object, ...]]:
    """Photos of which the largest box of this label covers such a part.

    Raises:
        ValueError: no share, or nobody has looked for it yet.
    """
    found = _SHARE.fullmatch(entry.amount.strip())
    if found is None or entry.op not in (">", ">=", "<", "<="):
        raise ValueError("“box:” needs a part of the picture, such as box:dog>20%.")
    _require(db, entry.value)
    return (
        "p.id IN (SELECT d.photo_id FROM detection d WHERE d.shown AND d.folded_label = ?"  # noqa: S608
        f" GROUP BY d.photo_id HAVING max({_AREA}) {entry.op} ?)",
        (_folded(entry.value), float(found[1]) / 100),
    )


def _number_range(entry: Filter) -> tuple[int, int]:
    """The least and the greatest count that is asked for."""
    most = 1_000_000_000
    if not entry.amount:
        return 1, most
    if entry.op == "=" and ".." in entry.amount:
        low, _, high = entry.amount.partition("..")
        if not low and not high:
            raise ValueError("“count:” needs at least one end of the range.")
        return _number(low or "0"), _number(high) if high else most
    number = _number(entry.amount)
    return {
        ">=": (number, most),
        ">": (number + 1, most),
        "<": (0, number - 1),
        "<=": (0, number),
    }.get(entry.op, (number, number))


def _number(raw: str) -> int:
    if not re.fullmatch(r"[0-9]{1,9}", raw.strip()):
        raise ValueError("“count:” needs a whole number, such as count:dog>=2.")
    return int(raw)


def _folded(value: str) -> str:
    return " ".join(value.split()).casefold()


def _is_glob(label: str) -> bool:
    return any(sign in label for sign in "*?")


def _require(db: sqlite3.Connection, value: str) -> None:
    """Tell a typing error from an honest nothing."""
    label = _folded(value)
    if not label:
        raise ValueError("Say what to look for, such as detected:dog.")
    looked = db.execute(
        "SELECT EXISTS(SELECT 1 FROM detection_run_label WHERE folded_label = ?1)"
        " OR EXISTS(SELECT 1 FROM detection WHERE shown AND folded_label = ?1)",
        (label,),
    ).fetchone()
    if not looked[0]:
        known = {
            row[0]
            for row in db.execute(
                "SELECT folded_label FROM detection_run_label UNION"
                " SELECT DISTINCT folded_label FROM detection WHERE shown"
            )
        }
        near = get_close_matches(label, known, n=1)
        hint = f"Did you mean “{near[0]}”?" if near else "Detect it in some photos first."
        raise ValueError(f"Nobody has looked for “{value}” in photos yet. {hint}")
