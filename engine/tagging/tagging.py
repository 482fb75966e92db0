"""The sub-door to tagging: what a library's tags and categories can be asked and told."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from engine.assignment import Assignment
from engine.errors import TagError
from engine.jobs import Job
from engine.learning import log_odds, sigmoid
from engine.tag_types import (
    Answer,
    Borderline,
    Category,
    CategoryId,
    CategoryIdea,
    CategorySet,
    CategoryState,
    Concept,
    Estimate,
    Misfiled,
    ReviewOrder,
    RolledBack,
    SetId,
    Suggestion,
    TagId,
    TagReport,
    TagRun,
    TagRunId,
    TagUndo,
)
from engine.tagging import review
from engine.tagging.assigning import assign
from engine.tagging.board import Board, Column, Sheet, estimate_of
from engine.tagging.editing import Editing
from engine.tagging.ideas import from_pictures, from_tags_and_folders, misfiled
from engine.tagging.runs import tag_all, tag_new
from engine.tagging.scoring import index_of
from engine.tagging.vocabulary import read_vocabulary
from engine.types import PhotoId

if TYPE_CHECKING:
    from engine.catalog import Catalog
    from engine.switching import InUse

_FIRST_SET = "Categories"


class Tagging(Editing):
    """Tags, categories, review and runs of one library. Thread-safe.

    What needs a model raises ModelError without one; names that cannot be are a TagError, one
    sentence for the user. Every change by the user returns what `undo` takes.

    Args:
        catalog: the truth.
        in_use: the model that answers, with its vectors; raises ModelError without one.
        folder: the library's folder, where the user's own vocabulary may lie.
    """

    def __init__(self, catalog: Catalog, in_use: Callable[[], InUse], folder: Path) -> None:
        super().__init__(catalog)
        self._board = Board(catalog, in_use)
        self._folder = folder

    def close(self) -> None:
        """Listen to the catalog no longer and give the vectors' memory back."""
        self._board.forget()
        self._board.rest()

    def rest(self) -> None:
        """Give the vectors' memory back, as when no page of categories is open."""
        self._board.rest()

    # ---- scores ------------------------------------------------------------------------------

    def states(self, set_id: SetId | None = None) -> list[CategoryState]:
        """Every category with its cut, what it has learned and what it finds.

        Cost: 50 categories over 100,000 photos in 2 s the first time, .3 s later.
        """
        found: list[CategoryState] = []
        for group in self.sets():
            if set_id is None or group.id == set_id:
                sheet, columns = self._columns(group)
                found += [self._state(sheet, column) for column in columns]
        return found

    def scores(
        self, category_id: CategoryId, photo_ids: Sequence[PhotoId] | None = None
    ) -> dict[PhotoId, float]:
        """The probability of each photo, or of these; photos without a vector are left out."""
        sheet, column = self._column(category_id)
        return _chances(sheet, column, photo_ids)

    def preview(
        self, category: Category, photo_ids: Sequence[PhotoId] | None = None
    ) -> dict[PhotoId, float]:
        """As `scores` for a category that is being edited and was not saved yet.

        Cost: one more column: 60 ms for 100,000 photos, and a pass of the text tower.
        """
        group = next((entry for entry in self.sets() if entry.id == category.set_id), None)
        if group is None:
            raise TagError("The set of this category is not there any more.")
        others = [c for c in self.categories(group.id) if c.id != category.id]
        sheet, columns = self._board.columns(group, [*others, category], [category.id])
        return _chances(sheet, columns[0], photo_ids)

    def assign(
        self,
        category_names: Sequence[str] | None = None,
        threshold: float | None = None,
        drafts: Sequence[Category] = (),
    ) -> list[Assignment]:
        """Every photo's place among categories, for sorting; ascending by photo.

        The categories compete with each other, with the others of an exclusive set, and with
        "none of these"; a photo goes to the likeliest if that reaches the cut, else nowhere.

        Args:
            category_names: which; None is all that are not off.
            threshold: the cut for all of them; None is each one's own (in sets where several may
                fit: an even race against the others, .4).
            drafts: categories from `draft`, which need not be kept for this.

        Raises:
            TagError: a name that there is not.
        """
        return assign(self._catalog, self._board, category_names, threshold, drafts)

    # ---- review ------------------------------------------------------------------------------

    def suggestions(
        self,
        category_id: CategoryId,
        order: ReviewOrder = ReviewOrder.INFORMATIVE,
        limit: int = 60,
    ) -> list[Suggestion]:
        """Photos to accept or reject: without an answer, without the user's own tag.

        BEST and WEAKEST show what reaches the cut; INFORMATIVE what teaches most, on both sides.
        """
        sheet, column = self._column(category_id)
        return review.suggestions(sheet, column, self._carrying(column), order, limit)

    def borderline(
        self, category_id: CategoryId, threshold: float | None = None, n: int = 12
    ) -> Borderline:
        """The n photos just above a cut and the n just below; None is the category's own cut."""
        sheet, column = self._column(category_id)
        cut = column.cut if threshold is None else log_odds(threshold)
        return review.borderline(sheet, column, self._carrying(column), cut, n)

    def estimate(self, category_id: CategoryId, threshold: float | None = None) -> Estimate:
        """Expected precision and recall at a cut, each with a 90 % interval."""
        _, column = self._column(category_id)
        return estimate_of(column, threshold)

    def answer(
        self, category_id: CategoryId, photo_ids: Sequence[PhotoId], accepted: bool | None
    ) -> TagUndo:
        """Say that photos belong to a category or do not; None takes the answer back.

        Accepted photos get its tag as the user's own, rejected ones lose it.
        """
        return self._catalog.categories.answer(category_id, photo_ids, accepted)

    def answers(self, category_id: CategoryId) -> list[Answer]:
        """What was answered, copies included."""
        return self._catalog.categories.answers(category_id)

    def reset_learning(self, category_id: CategoryId) -> TagUndo:
        """Forget a category's answers; tags stay. To only switch it off, set `learning`."""
        return self._catalog.categories.forget_answers(category_id)

    def _carrying(self, column: Column) -> dict[PhotoId, bool]:
        tag_id = self._tag_of(column.category)
        return {} if tag_id is None else self._catalog.tag_runs.carrying(tag_id)

    def _tag_of(self, category: Category) -> TagId | None:
        return self._catalog.tags.find(category.tag) if category.tag else None

    def _state(self, sheet: Sheet, column: Column) -> CategoryState:
        reached = column.scores >= column.cut
        carrying = self._carrying(column)
        has = np.isin(sheet.ids, np.fromiter(carrying, np.int64, len(carrying)))
        return CategoryState(
            category=column.category,
            threshold=column.threshold,
            stage=column.learned.stage,
            accepted=int(np.nansum(column.known == 1)),
            rejected=int(np.nansum(column.known == 0)),
            photos=int(np.count_nonzero(reached)),
            tagged=int(np.count_nonzero(has)),
            waiting=int(np.count_nonzero(reached & ~has & np.isnan(column.known))),
        )

    def _columns(
        self, group: CategorySet, wanted: Sequence[CategoryId] | None = None
    ) -> tuple[Sheet, list[Column]]:
        return self._board.columns(group, self.categories(group.id), wanted)

    def _column(self, category_id: CategoryId) -> tuple[Sheet, Column]:
        for group in self.sets():
            categories = self.categories(group.id)
            if any(category.id == category_id for category in categories):
                sheet, columns = self._board.columns(group, categories, [category_id])
                return sheet, columns[0]
        raise TagError("This category is not there any more.")

    # ---- ideas -------------------------------------------------------------------------------

    def vocabulary(self) -> list[Concept]:
        """The starter vocabulary, or the user's own vocabulary.txt in the library's folder."""
        return read_vocabulary(self._folder)

    def add_from_vocabulary(
        self, names: Sequence[str], *, set_id: SetId | None = None
    ) -> list[Category]:
        """Categories for concepts, by name or Chinese name; their tags lie below their group."""
        concepts = {c.name.casefold(): c for c in self.vocabulary()}
        concepts |= {c.chinese: c for c in concepts.values() if c.chinese}
        made: list[Category] = []
        with self._catalog.write():
            for name in names:
                concept = concepts.get(name.casefold()) or concepts.get(name)
                if concept is None:
                    raise TagError(f"The vocabulary does not know “{name}”.")
                local = name == concept.chinese
                shown = name if local else concept.name
                group = concept.chinese_group if local else concept.group
                prompts = concept.prompts or (concept.name,)
                tag = f"{group}/{shown}" if group else shown
                made.append(self.add_category(shown, prompts, set_id=set_id, tag=tag))
        return made

    def suggest_categories(self) -> list[CategoryIdea]:
        """Categories from tags and folders that have enough photos; the largest first."""
        return from_tags_and_folders(self._catalog, self._board)

    def find_concepts(self, most: int = 40) -> Job[list[CategoryIdea]]:
        """Categories from the vocabulary that the photos show; takes seconds the first time."""
        return from_pictures(self._board, self.vocabulary(), most)

    def misfiled(self) -> Job[list[Misfiled]]:
        """Photos that look like those of another folder or tag, the clearest first.

        Only groups of 8 photos or more that hang together are compared. Copies do not vote.
        """
        return misfiled(self._catalog, self._board)

    # ---- runs --------------------------------------------------------------------------------

    def run(self, category_ids: Sequence[CategoryId] | None = None) -> Job[TagReport]:
        """Tag with automatic categories, count for those that suggest; a run to be taken back.

        Args:
            category_ids: only these, whatever their mode but off; None is all.
        """
        return tag_all(self._catalog, self._columns, category_ids)

    def new_photos(self) -> Job[TagReport]:
        """Tag the photos that automatic categories have not seen; for the end of indexing.

        Costs nothing where there are none, or no automatic category.
        """
        return tag_new(self._catalog, self._columns)

    def runs(self) -> list[TagRun]:
        """Every run that changed something, the newest first."""
        return self._catalog.tag_runs.all()

    def roll_back(self, run_id: TagRunId) -> RolledBack:
        """Take back exactly what a run did; what the user made their own since stays."""
        return self._catalog.tag_runs.roll_back(run_id)


def _chances(
    sheet: Sheet, column: Column, photo_ids: Sequence[PhotoId] | None
) -> dict[PhotoId, float]:
    """Probabilities by photo; only of those asked for, since one photo of 100,000 is common."""
    rows = np.arange(len(sheet.ids)) if photo_ids is None else index_of(sheet.ids, photo_ids)
    found = zip(sheet.ids[rows].tolist(), sigmoid(column.scores[rows]).tolist(), strict=True)
    return {PhotoId(photo_id): chance for photo_id, chance in found}
