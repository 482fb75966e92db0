"""Which RAW photos are one with a picture beside them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from threading import Lock

from engine.catalog.store import Store
from engine.query.vocabulary import RAW_EXTENSIONS
from engine.types import Aspect, CatalogChange, PhotoId

_PLACES = Aspect.EXISTENCE | Aspect.FILE | Aspect.ROOT
_SELECT = "SELECT id, folder_id, folded_name, extension FROM photo WHERE state = 'present'"
_IN = "IN (SELECT value FROM json_each(?))"


class Pairs:
    """RAW photos with the picture of the same name and folder; remembered until files change."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = Lock()
        self._changes = 0
        self._known: tuple[int, Mapping[PhotoId, PhotoId]] | None = None
        store.subscribe(self._follow)

    def all(self) -> Mapping[PhotoId, PhotoId]:
        """Each RAW photo that has one, and the picture that it is shown as.

        Names agree up to the extension, whatever their case, as they do for `bundles` of the
        files. Of several pictures it is the first by name.
        Cost: 25 ms for 100,000 photos without a RAW, .2 s for 50,000 pairs; the second time
        nothing.
        """
        with self._lock:
            changes = self._changes
            if self._known is not None and self._known[0] == changes:
                return self._known[1]
        found = self._ask()
        with self._lock:
            self._known = (changes, found)
        return found

    def _follow(self, change: CatalogChange) -> None:
        if change.aspects & _PLACES:
            with self._lock:
                self._changes += 1

    def _ask(self) -> dict[PhotoId, PhotoId]:
        kinds = json.dumps(RAW_EXTENSIONS)
        with self._store.read() as db:
            raws = db.execute(
                f"{_SELECT} AND extension {_IN}",
                (kinds,),
            ).fetchall()
            if not raws:
                return {}
            folders = json.dumps(sorted({row[1] for row in raws}))
            others = db.execute(
                f"{_SELECT} AND folder_id {_IN} AND extension NOT {_IN} ORDER BY folded_name DESC",
                (folders, kinds),
            ).fetchall()
        shown = {(folder, _stem(name, kind)): id_ for id_, folder, name, kind in others}
        return {
            id_: shown[key]
            for id_, folder, name, kind in raws
            if (key := (folder, _stem(name, kind))) in shown
        }


def _stem(name: str, kind: str) -> str:
    return name[: len(name) - len(kind)]
