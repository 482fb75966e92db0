"""What we know: the SQLite catalog of photos. sqlite3 is used only in this room."""

from __future__ import annotations

from engine.catalog.catalog import Catalog
from engine.catalog.photo_rows import KnownFile

__all__ = ["Catalog", "KnownFile"]
