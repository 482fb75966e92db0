"""Tags and categories as conditions on photos: tag:Places/Italy, category:Receipts."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Collection
from difflib import get_close_matches

from engine.catalog.tag_rows import paths, subtree
from engine.tag_types import TagId

UNTAGGED = "NOT EXISTS (SELECT 1 FROM photo_tag l WHERE l.photo_id = p.id)"


def tagged(db: sqlite3.Connection, value: str) -> tuple[str, tuple[object, ...]]:
    """Photos with a tag or one below it.

    Args:
        db: the catalog.
        value: a tag's name, the end of its path or all of it; * and ? stand for letters. With "/"
            before it, it is the whole path.

    Raises:
        ValueError: there is no such tag, with the nearest that there is.
    """
    wanted = "/".join(part.strip() for part in value.casefold().split("/") if part.strip())
    signs = {"*": "[^/]*", "?": "[^/]"}
    pattern = "".join(signs.get(sign, re.escape(sign)) for sign in wanted)
    by_path = {path.casefold(): tag_id for tag_id, path in paths(db).items()}
    before = "" if value.lstrip().startswith("/") else "(.*/)?"
    found = [tag_id for path, tag_id in by_path.items() if re.fullmatch(before + pattern, path)]
    if not found:
        names = {part: part for path in by_path for part in (path, path.rpartition("/")[2])}
        raise ValueError(f"There is no tag “{value}”.{_hint(wanted, names)}")
    return _links(db, found)


def in_category(db: sqlite3.Connection, value: str) -> tuple[str, tuple[object, ...]]:
    """Photos that carry a category's tag. Raises ValueError where there is no such category."""
    rows = db.execute(
        "SELECT name, folded_name, tag_id FROM category WHERE removed_at IS NULL"
    ).fetchall()
    wanted = " ".join(value.split()).casefold()
    found: list[TagId | None] = [tag_id for _, folded, tag_id in rows if folded == wanted]
    if not found:
        raise ValueError(
            f"There is no category “{value}”.{_hint(wanted, {row[1] for row in rows})}"
        )
    return _links(db, [tag_id for tag_id in found if tag_id is not None])


def _links(db: sqlite3.Connection, tags: list[TagId]) -> tuple[str, tuple[object, ...]]:
    return (
        "p.id IN (SELECT photo_id FROM photo_tag WHERE tag_id IN (SELECT value FROM json_each(?)))",
        (json.dumps(subtree(db, tags)),),
    )


def _hint(wanted: str, names: Collection[str]) -> str:
    near = get_close_matches(wanted, names, n=1)
    return f" Did you mean “{near[0]}”?" if near else ""
