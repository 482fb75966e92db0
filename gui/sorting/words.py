"""What is said of sorting: what becomes of photos, why one stays, what a run did."""

from __future__ import annotations

from PySide6.QtCore import QObject

from engine.assignment import Assignment
from engine.file_types import Fate, FilingRun, PlannedPhoto, RunState, SortMode
from gui.engine_words import said
from gui.labels import path_text, plain_text
from gui.sorting.draft import Preview
from gui.sorting.seen import RunSeen, categories_of, into_of
from gui.tagging.words import DOT, percent_text


class SortWords(QObject):
    """An object, for only its `tr` knows plural forms."""

    # -- the preview ---------------------------------------------------------------------------

    def title(self, preview: Preview) -> str:
        """What a sort would do, in one line."""
        count = preview.plan.going
        if not count:
            return self.tr("No photo goes anywhere")
        if preview.choice.mode is SortMode.ALBUM:
            into = self.tr("into %Ln album(s)", "", preview.targets)
        else:
            into = self.tr("into %Ln folder(s)", "", preview.targets)
        return self.tr("%Ln photo(s) %1", "", count).replace("%1", into)

    def button(self, preview: Preview) -> str:
        """What applying does, as the button says it."""
        count, mode = preview.plan.going, preview.choice.mode
        if not count:
            return {
                SortMode.COPY: self.tr("Nothing to copy"),
                SortMode.MOVE: self.tr("Nothing to move"),
                SortMode.LINK: self.tr("Nothing to link"),
                SortMode.ALBUM: self.tr("Nothing for albums"),
            }[mode]
        if mode is SortMode.ALBUM:
            into = self.tr("into %Ln album(s)", "", preview.targets)
            words = self.tr("Put %Ln photo(s) %1", "", count)
        else:
            into = self.tr("into %Ln folder(s)", "", preview.targets)
            if mode is SortMode.COPY:
                words = self.tr("Copy %Ln photo(s) %1", "", count)
            elif mode is SortMode.MOVE:
                words = self.tr("Move %Ln photo(s) %1", "", count)
            else:
                words = self.tr("Link %Ln photo(s) %1", "", count)
        return words.replace("%1", into)

    def companions(self, count: int) -> str:
        return self.tr("%Ln companion file(s)", "", count)

    def photos(self, count: int) -> str:
        return self.tr("%Ln photo(s)", "", count)

    def placed(self, count: int, category: str | None) -> str:
        """What was just done by hand."""
        if category is None:
            return self.tr("%Ln photo(s) stay where they are", "", count)
        words = self.tr("%Ln photo(s) moved to “%1”", "", count)
        return words.replace("%1", plain_text(category))

    def sureness(self, guess: Assignment | None) -> str:
        """How sure a photo's category is, and what comes next."""
        if guess is None:
            return ""
        if guess.category is None:
            return self.tr("fits none of these")
        margin = round(guess.margin * 100)
        lead = f"+{margin}" if margin > 0 else f"−{-margin}" if margin else "0"
        return DOT.join(
            (
                f"{plain_text(guess.category)} {percent_text(guess.score)}",
                self.second(guess),
                self.tr("margin %1 %").replace("%1", lead),
            )
        )

    def second(self, guess: Assignment) -> str:
        """What comes next after the likeliest category."""
        name = guess.runner_up if guess.runner_up is not None else self.tr("none of these")
        return f"{plain_text(name)} {percent_text(max(0.0, guess.score - guess.margin))}"

    def fate(self, photo: PlannedPhoto) -> str:
        """Why a photo stays, or what else there is to say of where it goes."""
        match photo.fate:
            case Fate.RENAMED:
                words = self.tr("Goes as “%1”: another file has its name there.")
            case Fate.SAME_NAME:
                words = self.tr("Goes as “%1”: another photo of this sort has its name.")
            case Fate.ALREADY_THERE:
                words = self.tr("Stays: the same photo is there already, as “%1”.")
            case Fate.IN_PLACE:
                words = self.tr("Stays: it lies in that folder already.")
            case Fate.OFFLINE:
                words = self.tr("Stays: its drive or folder is not there.")
            case Fate.MISSING:
                words = self.tr("Stays: its file is not there any more.")
            case Fate.OTHER_DISK:
                words = self.tr("Stays: a link cannot lead to another disk.")
            case Fate.GOES | Fate.NONE_OF_THESE | Fate.BELOW_THRESHOLD:
                return ""
            case _:
                return self.tr("Stays: %1").replace("%1", plain_text(said(photo.reason)))
        return words.replace("%1", plain_text(photo.name))

    def short_fate(self, photo: PlannedPhoto) -> str:
        """The same in two words, for the corner of a photo."""
        return {
            Fate.RENAMED: self.tr("gets a number"),
            Fate.SAME_NAME: self.tr("gets a number"),
            Fate.ALREADY_THERE: self.tr("already there"),
            Fate.IN_PLACE: self.tr("in place"),
            Fate.OFFLINE: self.tr("offline"),
            Fate.MISSING: self.tr("missing"),
            Fate.UNREADABLE: self.tr("not readable"),
            Fate.OTHER_DISK: self.tr("other disk"),
            Fate.REFUSED: self.tr("folder refused"),
        }.get(photo.fate, "")

    # -- running -------------------------------------------------------------------------------

    def applying(self, mode: SortMode) -> str:
        return {
            SortMode.COPY: self.tr("Copying photos"),
            SortMode.MOVE: self.tr("Moving photos"),
            SortMode.LINK: self.tr("Linking photos"),
            SortMode.ALBUM: self.tr("Filling albums"),
        }[mode]

    def taking_back(self) -> str:
        return self.tr("Taking back the sort")

    def busy(self) -> str:
        return self.tr("Photos are being sorted already. Wait until that is done, or stop it.")

    # -- runs ----------------------------------------------------------------------------------

    def done(self, run: RunSeen) -> str:
        """What a run did: "38 photos copied into 3 folders"."""
        count, targets = run.there, len(run.by_category)
        if run.mode is SortMode.ALBUM:
            into = self.tr("into %Ln album(s)", "", targets)
            words = self.tr("%Ln photo(s) put %1", "", count)
        else:
            into = self.tr("into %Ln folder(s)", "", targets)
            if run.mode is SortMode.COPY:
                words = self.tr("%Ln photo(s) copied %1", "", count)
            elif run.mode is SortMode.MOVE:
                words = self.tr("%Ln photo(s) moved %1", "", count)
            else:
                words = self.tr("%Ln photo(s) linked %1", "", count)
        return words.replace("%1", into)

    def taken_back(self, run: RunSeen) -> str:
        """How far a run was taken back."""
        words = self.tr("%Ln photo(s) taken back", "", run.back)
        if run.there:
            words += DOT + self.tr("%Ln left where they are", "", run.there)
        return words

    def heading(self, run: RunSeen) -> str:
        """What stands over a report."""
        if run.undone:
            return self.taken_back(run)
        return self.done(run) if run.there else self.tr("No photo was sorted")

    def state(self, run: FilingRun) -> str:
        """How far a run is."""
        return {
            RunState.APPLYING: self.tr("under way"),
            RunState.STOPPED: self.tr("stopped"),
            RunState.APPLIED: self.tr("done"),
            RunState.UNDOING: self.tr("taken back in part"),
            RunState.UNDONE: self.tr("taken back"),
        }[run.state]

    def run_title(self, run: FilingRun, mode: SortMode) -> str:
        """The rule of a run: what, where."""
        words = {
            SortMode.COPY: self.tr("Copied into %1"),
            SortMode.MOVE: self.tr("Moved into %1"),
            SortMode.LINK: self.tr("Linked into %1"),
            SortMode.ALBUM: self.tr("Put into albums"),
        }[mode]
        return words.replace("%1", path_text(into_of(run)))

    def run_facts(self, run: FilingRun) -> str:
        """State and counts of a run, then its categories."""
        parts = [self.state(run)]
        there = run.done + run.left
        if there and run.undone:
            parts.append(self.tr("%Ln file(s) still there", "", there))
        elif there:
            parts.append(self.tr("%Ln file(s)", "", there))
        if run.undone:
            parts.append(self.tr("%Ln back", "", run.undone))
        if run.planned:
            parts.append(self.tr("%Ln not tried", "", run.planned))
        if run.skipped:
            parts.append(self.tr("%Ln left out", "", run.skipped))
        names = categories_of(run)
        return DOT.join([*parts, ", ".join(map(plain_text, names))] if names else parts)
