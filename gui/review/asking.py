"""What the review asks for: suggestions of one category or of all, read on a lane."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import TYPE_CHECKING

from engine.tag_types import CategoryId, Estimate, ReviewOrder, Suggestion
from engine.types import PhotoId
from gui.tagging.cut import Ranked

if TYPE_CHECKING:
    from engine.tagging import Tagging

PAGE = 60
_EACH = 24  # of each category, where all are shown
_HAIR = 1e-6  # between a score and the same as a threshold
_WORTH = 0.2  # of the cut: nobody is asked about photos that are hardly in question


@dataclass(frozen=True, slots=True)
class Pair:
    """A photo and what it is suggested for."""

    category_id: CategoryId
    suggestion: Suggestion
    reaches: bool = True  # its cut

    @property
    def photo_id(self) -> PhotoId:
        return self.suggestion.photo_id


@dataclass(frozen=True, slots=True)
class Page:
    """What is to be shown next, and for one category what surrounds its cut."""

    pairs: tuple[Pair, ...] = ()
    ranked: Ranked | None = None
    answers: dict[PhotoId, bool] = field(default_factory=dict[PhotoId, bool])
    estimate: Estimate | None = None
    threshold: float = 0.5


def ask_one(
    tagging: Tagging, category_id: CategoryId, order: ReviewOrder, skipped: Collection[PhotoId]
) -> Page:
    """A page of one category, with all its scores."""
    found = tagging.suggestions(category_id, order, PAGE + len(skipped))
    estimate = tagging.estimate(category_id)
    cut = estimate.threshold
    pairs = [
        Pair(category_id, entry, entry.score >= cut - _HAIR)
        for entry in found
        if entry.photo_id not in skipped and entry.score >= cut * _WORTH
    ]
    return Page(
        tuple(pairs[:PAGE]),
        Ranked.of(tagging.scores(category_id)),
        {answer.photo_id: answer.accepted for answer in tagging.answers(category_id)},
        estimate,
        estimate.threshold,
    )


def ask_all(
    tagging: Tagging,
    category_ids: Sequence[CategoryId],
    order: ReviewOrder,
    skipped: Collection[tuple[CategoryId, PhotoId]],
) -> Page:
    """A page of several categories in turn, a photo for the first that wants it.

    Only what reaches its cut: so there is an end to it.
    """
    sides = ReviewOrder.WEAKEST if order is ReviewOrder.INFORMATIVE else order
    each: list[list[Pair]] = []
    for category_id in category_ids:
        found = tagging.suggestions(category_id, sides, _EACH + len(skipped))
        each.append(
            [Pair(category_id, s) for s in found if (category_id, s.photo_id) not in skipped]
        )
    pairs: dict[PhotoId, Pair] = {}
    for row in zip_longest(*each):
        for pair in row:
            if pair is not None:
                pairs.setdefault(pair.photo_id, pair)
    return Page(tuple(pairs.values())[:PAGE])
