"""The door of duplicates: find groups, look at them, choose, clear, take back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from engine.duplicate_types import (
    Choice,
    Clearing,
    ClearingId,
    ClearingReport,
    DuplicateClass,
    DuplicateGroup,
    Merge,
    PickRules,
)
from engine.duplicates.runs import ClearingRuns
from engine.jobs import Job

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
        self._decoders = decoders
        self._vectors = vectors
        self._folder = folder
        self._runs = ClearingRuns(catalog, folder, self.groups, self.rules)

    def groups(
        self, kind: DuplicateClass | None = None, rules: PickRules | None = None
    ) -> list[DuplicateGroup]:
        """The current groups of a class, or of all."""
        del kind, rules
        return []

    def rules(self) -> PickRules:
        """How the photo that stays is chosen."""
        return PickRules()

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
