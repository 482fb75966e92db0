"""What the window knows of sets and categories: one answer, kept fresh."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.tag_types import Category, CategoryId, CategorySet, CategoryState, Mode, SetId


@dataclass(frozen=True, slots=True)
class TagsSeen:
    """Sets and categories as they were last seen.

    `states` may lack categories, or be empty, while there is no model; `note` says why.
    """

    sets: tuple[CategorySet, ...] = ()
    categories: tuple[Category, ...] = ()
    states: Mapping[CategoryId, CategoryState] = field(
        default_factory=dict[CategoryId, CategoryState]
    )
    note: str = ""
    tags: tuple[str, ...] = ()  # paths of all tags, for completion

    def of_set(self, set_id: SetId) -> list[Category]:
        return [category for category in self.categories if category.set_id == set_id]

    def group(self, set_id: SetId) -> CategorySet | None:
        return next((group for group in self.sets if group.id == set_id), None)

    def category(self, category_id: CategoryId | None) -> Category | None:
        return next((entry for entry in self.categories if entry.id == category_id), None)

    def waiting(self, category_id: CategoryId) -> int:
        """Suggestions that wait for an answer; of categories that are off there are none."""
        entry, state = self.category(category_id), self.states.get(category_id)
        if entry is None or state is None or entry.mode is Mode.OFF:
            return 0
        return state.waiting

    @property
    def all_waiting(self) -> int:
        return sum(self.waiting(category.id) for category in self.categories)

    @property
    def reviewed(self) -> list[Category]:
        """Categories that suggest, those with the most waiting first."""
        asking = [entry for entry in self.categories if entry.mode is not Mode.OFF]
        return sorted(asking, key=lambda entry: -self.waiting(entry.id))
