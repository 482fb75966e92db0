"""A small library with duplicates, known by their hash, and a trash of its own."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from filing_sample import Sample

from engine.duplicate_types import (
    Choice,
    ClearingReport,
    DuplicateClass,
    DuplicateGroup,
    GroupId,
    Member,
    PickRules,
)
from engine.duplicates.picking import pick
from engine.duplicates.runs import ClearingRuns
from engine.jobs import drain
from engine.types import PhotoId, PhotoState


class ClearingSample(Sample):
    """Photos with the same bytes are a group; `same_picture` makes one of any others."""

    def __init__(self, folder: Path, photos: Path | None = None) -> None:
        self.rules = PickRules()
        self.by_hand: list[tuple[DuplicateClass, tuple[PhotoId, ...]]] = []
        self.xdg = folder / "xdg"
        os.environ["XDG_DATA_HOME"] = str(self.xdg)
        self._elsewhere = photos
        super().__init__(folder)

    @property
    def trash(self) -> Path:
        return self.xdg / "Trash"

    @property
    def quarantine(self) -> Path:
        return self.folder / "data" / "trash"

    def open(self) -> None:
        super().open()
        if self._elsewhere is not None:
            self.photos = self._elsewhere
            self.photos.mkdir(exist_ok=True)
        own = self.folder / "data"
        self.clearing = ClearingRuns(self.catalog, own, self.groups, lambda: self.rules)

    def groups(
        self, kind: DuplicateClass | None = None, rules: PickRules | None = None
    ) -> list[DuplicateGroup]:
        """Stand in for finding."""
        found: list[tuple[DuplicateClass, tuple[PhotoId, ...]]] = [*self.by_hand]
        by_hash: defaultdict[tuple[str, bytes], list[PhotoId]] = defaultdict(list)
        for row in self.catalog.photos.known(self.root_id()):
            if row.state is PhotoState.PRESENT and row.content_hash is not None:
                ending = row.path.suffix.lower()
                by_hash[ending, row.content_hash].append(row.photo_id)
        found += [(DuplicateClass.IDENTICAL, tuple(ids)) for ids in by_hash.values()]
        groups: list[DuplicateGroup] = []
        for number, (of_kind, ids) in enumerate(found):
            rows = self.catalog.photos.page(ids, None)
            there = [row for row in rows if row.state is PhotoState.PRESENT]
            if len(there) < 2 or kind not in (None, of_kind):
                continue
            members = [Member(row.id, row.path, row.size, 4, 3) for row in there]
            ordered, reason = pick(members, rules or self.rules, {})
            to_win = sum(one.size for one in ordered[1:])
            groups.append(DuplicateGroup(GroupId(number), of_kind, ordered, reason, to_win))
        return groups

    def same_picture(self, *ids: PhotoId) -> None:
        self.by_hand.append((DuplicateClass.SAME_PICTURE, ids))

    def choices(self, kind: DuplicateClass = DuplicateClass.IDENTICAL) -> list[Choice]:
        return self.clearing.choices(kind)

    def clear(self, choices: Sequence[Choice] | None = None) -> ClearingReport:
        return drain(self.clearing.clear(self.choices() if choices is None else choices))

    def take_back(self) -> ClearingReport:
        """The newest clearing."""
        return drain(self.clearing.undo(self.clearing.clearings()[0].id))

    def in_trash(self) -> list[str]:
        """The names in the trash, each with its note or not at all."""
        files = sorted(p.name for p in (self.trash / "files").glob("*"))
        notes = sorted(p.name.removesuffix(".trashinfo") for p in (self.trash / "info").glob("*"))
        assert files == notes
        return files


def bytes_like(name: str) -> bytes:
    """Files called alike but for " (n)" hold the same bytes: `IMG.jpg`, `b/IMG (1).jpg`."""
    plain = Path(name).name
    stem, dot, ending = plain.partition(".")
    return f"the bytes of {stem.partition(' (')[0]}{dot}{ending}".encode()
