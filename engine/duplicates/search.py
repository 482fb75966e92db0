"""Searching and looking at what was found: the half of the door that changes no photo."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from engine.catalog.duplicates import pair_of
from engine.duplicate_types import (
    Arrival,
    DuplicateClass,
    DuplicateGroup,
    FindReport,
    GroupId,
    Parted,
    PickRules,
    Totals,
)
from engine.duplicates.finding import VERSION, Finder, Found
from engine.duplicates.rules import rules_from
from engine.duplicates.view import Snapshot, View, snapshot
from engine.files.thumbnails import ThumbnailCache
from engine.jobs import Job
from engine.types import CatalogChange, PhotoId, PhotoState

if TYPE_CHECKING:
    from engine.catalog import Catalog
    from engine.embedding_index import EmbeddingIndex
    from engine.files.decode import DecoderPool

_Answers = dict[tuple[PickRules, DuplicateClass | None], list[DuplicateGroup]]
_ARRIVALS = (DuplicateClass.IDENTICAL, DuplicateClass.SAME_PICTURE)


class Search:
    """Finds groups and shows them. One search at a time; the rest from any thread."""

    def __init__(
        self,
        catalog: Catalog,
        decoders: DecoderPool,
        vectors: Callable[[], EmbeddingIndex | None],
        folder: Path,
    ) -> None:
        self._catalog = catalog
        self._decoders = decoders
        self._vectors = vectors
        self._thumbnails = ThumbnailCache(folder / "thumbnails")
        self._lock = threading.Lock()
        self._changes = 0
        self._known: tuple[int, Snapshot, _Answers] | None = None
        catalog.subscribe(self._note_change)

    def _note_change(self, change: CatalogChange) -> None:
        del change
        self._changes += 1

    # ---- jobs --------------------------------------------------------------------------------

    def find(self) -> Job[FindReport]:
        """See `Duplicates.find`."""
        found = yield from self._run()
        self._catalog.duplicates.mark_searched(VERSION)
        self._changes += 1
        rules = rules_from(self._catalog.duplicates.rules())
        return FindReport(
            photos=found.contents,
            compared=found.compared,
            totals=self.totals(rules),
            skipped=len(found.skipped),
            seconds=time.monotonic() - found.started,
            note=self._note(found),
        )

    def check(self, ids: Collection[PhotoId]) -> Job[int]:
        """See `Duplicates.check`."""
        yield from self._run()
        self._changes += 1
        rules = rules_from(self._catalog.duplicates.rules())
        wanted = set(ids)
        noted: list[tuple[PhotoId, DuplicateClass, PhotoId]] = []
        for group in self.groups(None, rules):
            if group.kind not in _ARRIVALS:
                continue
            members = [member.photo_id for member in group.members]
            before = [photo_id for photo_id in members if photo_id not in wanted]
            if not before:
                continue
            noted += [(new, group.kind, before[0]) for new in members if new in wanted]
        noted = list({entry[0]: entry for entry in reversed(noted)}.values())  # the surer class
        if noted:
            self._catalog.duplicates.note_arrivals(sorted(noted, key=lambda entry: entry[0]))
        return len(noted)

    def _run(self) -> Job[Found]:
        index = self._vectors()
        finder = Finder(
            self._catalog,
            self._decoders,
            self._thumbnails,
            None if index is None else index.space_id,
        )
        return (yield from finder.run())

    def _note(self, found: Found) -> str:
        if not found.without_vector:
            return ""
        if found.without_vector == found.contents:
            return (
                "No photo was compared by meaning, as there are no vectors yet: crops and bursts"
                " may be missing."
            )
        return (
            f"{found.without_vector:,} photos have no vector yet: crops and bursts of these may"
            " be missing."
        )

    # ---- looking -----------------------------------------------------------------------------

    def groups(self, kind: DuplicateClass | None, rules: PickRules) -> list[DuplicateGroup]:
        """See `Duplicates.groups`."""
        if not self._catalog.duplicates.searched(VERSION):
            return []
        known, answers = self._look()
        if (rules, kind) not in answers:
            answers[rules, kind] = View(known, rules).groups(kind)
        return [*answers[rules, kind]]

    def totals(self, rules: PickRules) -> dict[DuplicateClass, Totals]:
        """See `Duplicates.totals`."""
        if not self._catalog.duplicates.searched(VERSION):
            return {}
        found = {kind: list[DuplicateGroup]() for kind in DuplicateClass}
        for group in self.groups(None, rules):
            found[group.kind].append(group)
        return {kind: _totals(groups) for kind, groups in found.items()}

    def arrivals(self) -> list[Arrival]:
        """See `Duplicates.arrivals`."""
        rows = self._catalog.duplicates.arrivals()
        wanted = {photo_id for row in rows for photo_id in (row[0], row[2])}
        there = {
            photo.id: photo.content_hash
            for photo in self._catalog.photos.page(sorted(wanted), None)
            if photo.online and photo.state is PhotoState.PRESENT and photo.content_hash is not None
        }
        found = [Arrival(*row) for row in rows if {row[0], row[2]} <= there.keys()]
        if not found:
            return []
        decided = self._catalog.duplicates.decided()
        files = self._look()[0].of_content

        def is_parted(one: Arrival) -> bool:
            pair = pair_of(there[one.photo_id], there[one.twin])
            count = len(files.get(pair[0], ())) if pair[0] == pair[1] else 0
            return decided.get(pair, -1) >= count

        return [one for one in found if not is_parted(one)]

    def part(self, which: GroupId | Sequence[PhotoId], rules: PickRules) -> Parted:
        """See `Duplicates.not_duplicates`."""
        if isinstance(which, int):
            groups = self.groups(None, rules)
            members = next((one.members for one in groups if one.id == which), ())
            ids: Sequence[PhotoId] = [member.photo_id for member in members]
        else:
            ids = which
        decided = self._catalog.duplicates.decided()
        view = View(self._look()[0], rules)
        pairs = [entry for entry in view.to_decide(ids) if decided.get(entry[:2], -1) < entry[2]]
        self._catalog.duplicates.decide(pairs)
        return Parted(tuple(pairs))

    def _look(self) -> tuple[Snapshot, _Answers]:
        """What is known now, read again only after a commit, and the answers that were given."""
        with self._lock:
            changes = self._changes
            if self._known is None or self._known[0] != changes:
                self._known = (changes, snapshot(self._catalog), {})
            return self._known[1:]


def _totals(groups: Sequence[DuplicateGroup]) -> Totals:
    return Totals(
        groups=len(groups),
        photos=sum(member.offered for group in groups for member in group.members[1:]),
        bytes=sum(group.to_win for group in groups),
    )
