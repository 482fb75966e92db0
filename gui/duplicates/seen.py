"""What the window knows of duplicates: totals, rules, and what there is to say of a member."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from engine.duplicate_types import Arrival, DuplicateClass, PickRules, Totals
from engine.types import PhotoId

if TYPE_CHECKING:
    from engine import Library

_MOST = 80  # members of one group that are described


@dataclass(frozen=True, slots=True)
class DuplicatesSeen:
    """How duplicates stand. No totals: they were never searched for."""

    totals: Mapping[DuplicateClass, Totals] = field(default_factory=dict[DuplicateClass, Totals])
    rules: PickRules = field(default_factory=PickRules)
    arrivals: tuple[Arrival, ...] = ()  # new photos that were there already, the newest first
    note: str = ""

    @property
    def searched(self) -> bool:
        return bool(self.totals)

    def groups(self, kind: DuplicateClass) -> int:
        total = self.totals.get(kind)
        return total.groups if total is not None else 0

    @property
    def waiting(self) -> int:
        """Groups of copies; similar shots are none, and do not call for anything."""
        return self.groups(DuplicateClass.IDENTICAL) + self.groups(DuplicateClass.SAME_PICTURE)


@dataclass(frozen=True, slots=True)
class MemberFacts:
    """What is known of a photo beside its size."""

    format: str = ""
    taken_at: str = ""
    camera: str = ""
    tags: tuple[str, ...] = ()
    rating: int | None = None


def describe(library: Library, ids: Sequence[PhotoId]) -> dict[PhotoId, MemberFacts]:
    """On a lane: look up what there is to say of some photos."""
    told: dict[PhotoId, MemberFacts] = {}
    for photo_id in ids[:_MOST]:
        detail = library.detail(photo_id)
        if detail is None:
            continue
        photo, metadata = detail.photo, detail.metadata
        tags = tuple(tag.path for tag in library.tagging.tags_of(photo_id))
        told[photo_id] = MemberFacts(
            photo.format or "", photo.taken_at or "", photo.camera or "", tags, metadata.rating
        )
    return told
