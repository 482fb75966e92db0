"""What is to become of the members of groups: one stays, others are marked for the trash."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from engine.duplicate_types import Choice, DuplicateClass, DuplicateGroup
from engine.types import PhotoId

Key: TypeAlias = frozenset[PhotoId]
"""What a group is for us: its members. Whoever joins or leaves makes it another one."""


@dataclass(frozen=True, slots=True)
class Mark:
    """What is to become of one group. `by_hand`: the user said so, no rule changes it."""

    keep: PhotoId
    trash: frozenset[PhotoId] = frozenset()
    by_hand: bool = False


@dataclass(frozen=True, slots=True)
class Sum:
    """What all marks come to."""

    groups: int = 0
    photos: int = 0
    bytes: int = 0


def key_of(group: DuplicateGroup) -> Key:
    """What a group is for us."""
    return frozenset(member.photo_id for member in group.members)


def others(group: DuplicateGroup, keep: PhotoId) -> frozenset[PhotoId]:
    """All members that may go when one stays."""
    return frozenset(
        member.photo_id for member in group.members if member.offered and member.photo_id != keep
    )


class Marks:
    """The marks of the groups of one class. At least one member of a group always stays.

    Copies that are equal to the last pixel start marked, for any of them is as good as the other;
    all else is marked by the user alone, one by one or by the rules.
    """

    def __init__(self) -> None:
        self._groups: dict[Key, DuplicateGroup] = {}
        self._marks: dict[Key, Mark] = {}
        self._spared: set[PhotoId] = set()

    def spare(self, ids: Iterable[PhotoId]) -> None:
        """These could not go: from now on they are marked by the user alone."""
        self._spared.update(ids)
        for group in self._groups.values():
            mark = self.of(group)
            if mark.trash & self._spared:
                self._put(group, replace(mark, trash=mark.trash - self._spared))

    def take(self, groups: Sequence[DuplicateGroup]) -> None:
        """These are the groups now; what was marked by hand in those still there stays so."""
        before, self._groups = self._marks, {key_of(group): group for group in groups}
        self._marks = {}
        for key, group in self._groups.items():
            former = before.get(key)
            self._marks[key] = (
                former if former is not None and former.by_hand else self._start(group)
            )

    def of(self, group: DuplicateGroup) -> Mark:
        return self._marks.get(key_of(group)) or Mark(group.keep)

    def keep(self, group: DuplicateGroup, photo_id: PhotoId) -> None:
        """Let this one stay. Where all others were to go, they still are."""
        mark = self.of(group)
        all_go = bool(mark.trash) and mark.trash == others(group, mark.keep)
        trash = others(group, photo_id) if all_go else mark.trash - {photo_id}
        self._put(group, Mark(photo_id, trash, by_hand=True))

    def toggle(self, group: DuplicateGroup, photo_id: PhotoId) -> bool:
        """Mark a member for the trash, or take the mark off. False where it must stay.

        Of the one that is kept the part goes to another, one that is not marked if there is one.
        """
        mark = self.of(group)
        member = next((m for m in group.members if m.photo_id == photo_id), None)
        if member is None or not member.offered:
            return False
        if photo_id in mark.trash:
            self._put(group, replace(mark, trash=mark.trash - {photo_id}, by_hand=True))
            return True
        keep, trash = mark.keep, mark.trash | {photo_id}
        if photo_id == keep:
            rest = [m.photo_id for m in group.members if m.photo_id != photo_id]
            keep = next((id_ for id_ in rest if id_ not in mark.trash), rest[0])
            trash -= {keep}
        self._put(group, Mark(keep, trash, by_hand=True))
        return True

    def mark_others(self, group: DuplicateGroup) -> None:
        """All but the kept one go."""
        mark = self.of(group)
        self._put(group, Mark(mark.keep, others(group, mark.keep), by_hand=True))

    def unmark(self, groups: Iterable[DuplicateGroup] | None = None) -> None:
        """Nothing of these groups goes; of all when None."""
        for group in list(self._groups.values() if groups is None else groups):
            self._put(group, Mark(self.of(group).keep, by_hand=True))

    def apply(self, choices: Iterable[Choice]) -> None:
        """Mark as the rules say."""
        by_id = {group.id: group for group in self._groups.values()}
        for choice in choices:
            group = by_id.get(choice.group_id)
            if group is not None:
                self._put(group, Mark(choice.keep, frozenset(choice.trash), by_hand=True))

    def choices(self) -> list[Choice]:
        """What is to be done, of groups in their order."""
        return [
            Choice(
                group.id,
                group.kind,
                mark.keep,
                tuple(m.photo_id for m in group.members if m.photo_id in mark.trash),
            )
            for key, group in self._groups.items()
            if (mark := self._marks[key]).trash
        ]

    def sum(self) -> Sum:
        groups = photos = size = 0
        for key, group in self._groups.items():
            going = self._marks[key].trash
            groups += bool(going)
            photos += len(going)
            size += sum(member.size for member in group.members if member.photo_id in going)
        return Sum(groups, photos, size)

    def _put(self, group: DuplicateGroup, mark: Mark) -> None:
        if key_of(group) in self._groups:
            self._marks[key_of(group)] = mark

    def _start(self, group: DuplicateGroup) -> Mark:
        if group.kind is not DuplicateClass.IDENTICAL:
            return Mark(group.keep)
        return Mark(group.keep, others(group, group.keep) - self._spared)
