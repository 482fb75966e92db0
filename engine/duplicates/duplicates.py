"""The door of duplicates: find groups, look at them, choose, clear, take back."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from engine.duplicate_types import (
    Arrival,
    Choice,
    Clearing,
    ClearingId,
    ClearingReport,
    DuplicateClass,
    DuplicateGroup,
    FindReport,
    GroupId,
    Merge,
    Parted,
    PickRules,
    Totals,
)
from engine.duplicates.rules import rules_as_text, rules_from
from engine.duplicates.runs import ClearingRuns
from engine.duplicates.search import Search
from engine.jobs import Job
from engine.types import PhotoId

if TYPE_CHECKING:
    from engine.catalog import Catalog
    from engine.embedding_index import EmbeddingIndex
    from engine.files.decode import DecoderPool


class Duplicates:
    """Finds photos that are there more than once, and helps to clear them safely."""

    def __init__(
        self,
        catalog: Catalog,
        decoders: DecoderPool,
        vectors: Callable[[], EmbeddingIndex | None],
        folder: Path,
    ) -> None:
        self._catalog = catalog
        self._search = Search(catalog, decoders, vectors, folder)
        self._runs = ClearingRuns(catalog, folder, self.groups, self.rules)

    # ---- finding -----------------------------------------------------------------------------

    def find(self) -> Job[FindReport]:
        """Look through the whole library; only what is new is compared.

        Closing the job keeps what was found so far, and the next one goes on from there.

        Raises:
            CatalogError: nothing can be stored.

        Cost: a millisecond for each new photo, 10 to 200 ms for each pair that looks alike.
        """
        return self._search.find()

    def check(self, ids: Collection[PhotoId]) -> Job[int]:
        """See whether photos that came just now were there already; `arrivals` tells which.

        Returns:
            How many were.
        """
        return self._search.check(ids)

    def arrivals(self) -> list[Arrival]:
        """Photos that were duplicates when they came and still are, the newest first."""
        return self._search.arrivals()

    def forget_arrivals(self, ids: Sequence[PhotoId] | None = None) -> None:
        """The user has seen these; all when None."""
        self._catalog.duplicates.forget_arrivals(ids)

    def groups(
        self, kind: DuplicateClass | None = None, rules: PickRules | None = None
    ) -> list[DuplicateGroup]:
        """The current groups of a class, or of all; none before the first search.

        Groups that the user parted are left out. The keeper is chosen by the rules given, else
        by those kept.

        Cost: 1 s for 100,000 photos with 10,000 pairs; at once while nothing changes.
        """
        return self._search.groups(kind, rules or self.rules())

    def totals(self) -> dict[DuplicateClass, Totals]:
        """Groups and what could be won, per class; empty before the first search."""
        return self._search.totals(self.rules())

    # ---- decisions ---------------------------------------------------------------------------

    def not_duplicates(self, which: GroupId | Sequence[PhotoId]) -> Parted:
        """These are none: remembered by content, until a photo that is new joins them.

        Returns:
            What `again` takes back.
        """
        return self._search.part(which, self.rules())

    def again(self, parted: Parted) -> None:
        """Take a `not_duplicates` back."""
        self._catalog.duplicates.undecide([(one, two) for one, two, _ in parted.pairs])

    def rules(self) -> PickRules:
        """How the photo that stays is chosen."""
        return rules_from(self._catalog.duplicates.rules())

    def change_rules(self, rules: PickRules) -> None:
        """Choose otherwise from now on."""
        self._catalog.duplicates.keep_rules(rules_as_text(rules))

    # ---- clearing ----------------------------------------------------------------------------

    def choices(self, kind: DuplicateClass, rules: PickRules | None = None) -> list[Choice]:
        """By the rules, what would happen to every group of a class; nothing is touched.

        Similar shots are different pictures: which of them to keep is never proposed.
        """
        return self._runs.choices(kind, rules)

    def preview(self, choices: Sequence[Choice]) -> list[Merge]:
        """What each keeper would take over, in the order of the choices."""
        return self._runs.preview(choices)

    def clear(self, choices: Sequence[Choice]) -> Job[ClearingReport]:
        """Put the chosen photos into the trash, each after it and its keeper were read again.

        A photo that is not safe to go is left and named. Closing the job stops after the photos
        at hand. Nothing to do makes no run: the report has the id 0.

        Raises:
            DiskError: nothing was begun: another clearing is under way.
            CatalogError: the catalog cannot be written; what was done is settled by `recover`.

        Cost: every photo that goes and every keeper is read once.
        """
        return self._runs.clear(choices)

    def clearings(self) -> list[Clearing]:
        """All clearings that moved something, the newest first."""
        return self._runs.clearings()

    def undo(self, clearing_id: ClearingId) -> Job[ClearingReport]:
        """Bring back what a clearing took: paths, times, companions, and what keepers took over.

        What is not in the trash any more, or whose place is taken, is left and named; it can be
        tried again.

        Raises:
            DiskError: nothing was begun: another clearing is under way.
        """
        return self._runs.undo(clearing_id)

    def recover(self) -> list[str]:
        """Settle what a crash cut short; called at opening. Sentences for the user."""
        return self._runs.recover()
