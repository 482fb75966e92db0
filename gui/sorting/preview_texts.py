"""A preview in words: its groups, its totals, and why it cannot be applied."""

from __future__ import annotations

from PySide6.QtCore import QLocale, QObject

from engine.file_types import SortMode
from gui.facts import size_text
from gui.labels import path_text, plain_text
from gui.sorting.draft import Preview
from gui.sorting.groups import CONFLICTS, SAMPLES, STAYS, GroupRow, category_key
from gui.sorting.words import SortWords
from gui.tagging.words import DOT

_KEYS = 9  # categories that a digit moves photos to


class PreviewTexts(QObject):
    """An object, for only its `tr` knows plural forms."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._words = SortWords(self)

    def refusal(self, preview: Preview) -> str:
        """Why it cannot be applied, or nothing."""
        plan = preview.plan
        if plan.refusal:
            return plan.refusal
        if preview.choice.mode is not SortMode.ALBUM and plan.needed_bytes > plan.free_bytes:
            words = self.tr("There is too little space: %1 are needed, %2 are free.")
            words = words.replace("%1", size_text(plan.needed_bytes))
            return words.replace("%2", size_text(plan.free_bytes))
        return ""

    def totals(self, preview: Preview) -> list[str]:
        """What there is to say of all groups together, the longest wording first."""
        plan, parts = preview.plan, [self.tr("%Ln stay(s)", "", len(preview.stays))]
        if preview.companions:
            parts.insert(0, self.tr("with %Ln companion file(s)", "", preview.companions))
        if preview.conflicts:
            parts.append(self.tr("%Ln conflict(s)", "", len(preview.conflicts)))
        shorter = DOT.join(parts)
        if plan.needed_bytes:
            room = self.tr("%1 needed, %2 free").replace("%1", size_text(plan.needed_bytes))
            parts.append(room.replace("%2", size_text(plan.free_bytes)))
        elif plan.going and preview.choice.mode is not SortMode.ALBUM:
            parts.append(self.tr("needs no space"))
        return [DOT.join(parts), shorter]

    def rows(self, preview: Preview) -> list[GroupRow]:
        """The groups as the list shows them."""
        rows: list[GroupRow] = []
        for number, group in enumerate(preview.plan.groups, 1):
            facts = [QLocale().toString(group.photos)]
            spoken = [self._words.photos(group.photos)]
            if group.companions:
                spoken.append(self._words.companions(group.companions))
            if group.bytes:
                facts.append(size_text(group.bytes))
                spoken.append(size_text(group.bytes))
            spoken.append(path_text(group.folder))
            ids = preview.groups[group.category]
            rows.append(
                GroupRow(
                    category_key(group.category),
                    plain_text(group.category),
                    DOT.join(facts),
                    DOT.join(spoken),
                    preview.choice.colours.get(group.category, ""),
                    tuple(ids[::-1][:SAMPLES]),
                    number if number <= _KEYS else None,
                )
            )
        if preview.conflicts:
            count = len(preview.conflicts)
            words, spoken = QLocale().toString(count), [self._words.photos(count)]
            samples = tuple(preview.conflicts[:SAMPLES])
            name = self.tr("Conflicts")
            rows.append(GroupRow(CONFLICTS, name, words, spoken[0], "", samples, None, takes=False))
        count = len(preview.stays)
        words, spoken = QLocale().toString(count), [self._words.photos(count)]
        samples = tuple(preview.stays[::-1][:SAMPLES])
        name = self.tr("None of these: stay")
        rows.append(GroupRow(STAYS, name, words, spoken[0], "", samples, 0))
        return rows
