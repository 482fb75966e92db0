"""What is done, and was done, with the files of chosen photos, in words."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QObject

from engine.file_types import FilingReport, FilingRun
from engine.jobs import Skipped
from gui.labels import plain_text
from gui.sorting.engine_notes import note_text, reason_text

MOVE, COPY, RENAME, TRASH = "move", "copy", "rename", "trash"
"""Kinds of runs as the journal calls them."""


class FilingWords(QObject):
    """An object, for only its `tr` knows plural forms."""

    # -- before --------------------------------------------------------------------------------

    def to_trash(self, count: int) -> str:
        """What the key Del does, by its name: "Move 12 photos to the trash"."""
        return self.tr("Move %Ln photo(s) to the trash", "", count)

    def renaming(self, count: int) -> str:
        """The name of the action."""
        return self.tr("Rename %Ln photo(s)…", "", count) if count > 1 else self.tr("Rename…")

    def under_way(self, kind: str) -> str:
        """What the status bar shows while it runs."""
        return {
            MOVE: self.tr("Moving photos"),
            COPY: self.tr("Copying photos"),
            RENAME: self.tr("Renaming photos"),
            TRASH: self.tr("Moving photos to the trash"),
        }[kind]

    def going_back(self, kind: str) -> str:
        """What it shows while that is taken back."""
        if kind == TRASH:
            return self.tr("Putting photos back")
        return self.tr("Taking it back")

    # -- after ---------------------------------------------------------------------------------

    def begun(self, kind: str, count: int, into: Path | None = None) -> str:
        """What is undone, as long as it is not known how much of it was done."""
        return self._said(kind, count, into)

    def done(self, kind: str, report: FilingReport, into: Path | None = None) -> str:
        """What was done, with what went along and what stayed."""
        words = self._said(kind, report.photos, into)
        others = report.files - report.photos
        if others > 0:
            words += self.tr(", with %Ln file(s) that belong to them", "", others)
        if report.quarantined:
            words += self.tr(". ") + self.tr(
                "Where a disk has no trash, they are kept in the library's folder"
            )
        if len(report.skipped) == 1:
            words += self.tr(". ") + self.stayed(report.skipped[0])
        elif report.skipped:
            words += self.tr(". ") + self.tr(
                "%Ln photo(s) stayed as they were", "", len(report.skipped)
            )
        if report.stopped:
            words += self.tr(". ") + note_text(report.stopped)
        return words

    def nothing(self, report: FilingReport) -> str:
        """Why nothing was done."""
        if len(report.skipped) == 1:
            return self.stayed(report.skipped[0])
        if report.stopped:
            return note_text(report.stopped)
        return self.tr("%Ln photo(s) stayed as they were", "", len(report.skipped))

    def stayed(self, one: Skipped) -> str:
        """Why one photo stayed as it was."""
        why = reason_text(one.reason).rstrip(".。")
        return f"{plain_text(one.path.name)}: {why[:1].lower() + why[1:]}"

    def was_done(self, run: FilingRun) -> str:
        """A run of before, for the menu and the lists."""
        into = run.rule.get("into")
        return self._said(run.kind, _count(run), Path(str(into)) if into else None)

    def put_back(self, count: int) -> str:
        """What putting back has done."""
        return self.tr("%Ln photo(s) put back", "", count)

    def _said(self, kind: str, count: int, into: Path | None) -> str:
        name = plain_text(into.name or str(into)) if into is not None else ""
        if kind == MOVE:
            return self.tr("%Ln photo(s) moved to “%1”", "", count).replace("%1", name)
        if kind == COPY:
            return self.tr("%Ln photo(s) copied to “%1”", "", count).replace("%1", name)
        if kind == RENAME:
            return self.tr("%Ln photo(s) renamed", "", count)
        return self.tr("%Ln photo(s) moved to the trash", "", count)


def reasons(skipped: Sequence[Skipped]) -> list[tuple[Path, str]]:
    """Each file with why it stayed, for a list."""
    said = {reason: reason_text(reason) for reason in {one.reason for one in skipped}}
    return [(one.path, said[one.reason]) for one in skipped]


def _count(run: FilingRun) -> int:
    photos = run.rule.get("photos")
    return photos if isinstance(photos, int) else run.files
