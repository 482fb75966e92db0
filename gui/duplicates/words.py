"""What is said of duplicates: how two photos differ, why one stays, what goes."""

from __future__ import annotations

from PySide6.QtCore import QLocale, QObject

from engine.duplicate_types import (
    Clearing,
    ClearingReport,
    Criterion,
    DuplicateClass,
    DuplicateGroup,
    Edit,
    Member,
    Merge,
    Proof,
)
from gui.duplicates.difference import Difference
from gui.duplicates.marks import Sum
from gui.facts import size_text
from gui.labels import plain_text
from gui.tagging.words import DOT


class DuplicateWords(QObject):
    """An object, for only its `tr` knows plural forms."""

    # -- classes and groups --------------------------------------------------------------------

    def kind(self, kind: DuplicateClass) -> str:
        return {
            DuplicateClass.IDENTICAL: self.tr("Identical"),
            DuplicateClass.SAME_PICTURE: self.tr("Same picture"),
            DuplicateClass.SIMILAR: self.tr("Similar shots"),
        }[kind]

    def about(self, kind: DuplicateClass) -> str:
        """What the photos of a class have in common."""
        return {
            DuplicateClass.IDENTICAL: self.tr("The same to the last pixel"),
            DuplicateClass.SAME_PICTURE: self.tr("One picture, saved again, resized or edited"),
            DuplicateClass.SIMILAR: self.tr("Other moments of one scene, no copies"),
        }[kind]

    def tab(self, kind: DuplicateClass, groups: int) -> str:
        count = QLocale().toString(groups)
        return f"{self.kind(kind)}{DOT}{count}" if groups else self.kind(kind)

    def none(self, kind: DuplicateClass) -> str:
        return {
            DuplicateClass.IDENTICAL: self.tr("No photo is there twice."),
            DuplicateClass.SAME_PICTURE: self.tr("No picture is there in several versions."),
            DuplicateClass.SIMILAR: self.tr("There are no series of similar shots."),
        }[kind]

    def totals(self, groups: int, size: int) -> str:
        words = self.tr("%Ln group(s)", "", groups)
        return words + DOT + self.tr("%1 to win").replace("%1", size_text(size))

    def group_facts(self, group: DuplicateGroup) -> str:
        words = self.tr("%Ln photo(s)", "", len(group.members))
        if group.kind is DuplicateClass.SIMILAR:
            return words
        if not any(member.offered for member in group.members[1:]):
            return words + DOT + self.tr("all stay")
        return words + DOT + size_text(group.to_win)

    # -- pairs ---------------------------------------------------------------------------------

    def proof(self, kept: Member, other: Member) -> str:
        """What was done to a picture: "resized to 50 %, saved again"."""
        proof = other.proof
        if proof is None:
            return ""
        parts = [self._edit(edit, proof, kept, other) for edit in proof.edits]
        words = ", ".join(part for part in parts if part)
        return words[:1].upper() + words[1:]

    def _edit(self, edit: Edit, proof: Proof, kept: Member, other: Member) -> str:
        if edit is Edit.RESIZED:
            return self._resized(proof, kept, other)
        if edit is Edit.CROPPED and proof.part is not None:
            return self._cropped(proof, kept, other)
        if edit is Edit.ROTATED:
            return {
                1: self.tr("rotated to the left"),
                2: self.tr("upside down"),
                3: self.tr("rotated to the right"),
            }.get(proof.turns % 4, self.tr("rotated"))
        if edit in (Edit.BURST, Edit.BRACKET, Edit.SCENE) and proof.seconds is not None:
            return self._moment(edit) + self._apart(proof.seconds)
        return self._moment(edit) or self._plain(edit)

    def _plain(self, edit: Edit) -> str:
        return {
            Edit.BYTES: self.tr("the same file, byte for byte"),
            Edit.METADATA: self.tr("same pixels, only metadata differ"),
            Edit.ENCODED: self.tr("saved again"),
            Edit.CROPPED: self.tr("cropped"),
            Edit.MIRRORED: self.tr("mirrored"),
            Edit.LIGHT: self.tr("brightness changed"),
            Edit.COLOUR: self.tr("colours changed"),
            Edit.MARKED: self.tr("something drawn over it"),
            Edit.FRAMED: self.tr("border added"),
        }.get(edit, "")

    def _moment(self, edit: Edit) -> str:
        return {
            Edit.BURST: self.tr("same burst"),
            Edit.BRACKET: self.tr("exposure bracket"),
            Edit.SCENE: self.tr("same scene"),
        }.get(edit, "")

    def _apart(self, seconds: float) -> str:
        locale = QLocale()
        if abs(seconds) < 10:
            return self.tr(", %1 s apart").replace("%1", locale.toString(abs(seconds), "f", 1))
        if abs(seconds) < 120:
            return self.tr(", %1 s apart").replace("%1", locale.toString(round(abs(seconds))))
        minutes = locale.toString(round(abs(seconds) / 60))
        return self.tr(", %1 minutes apart").replace("%1", minutes)

    def _resized(self, proof: Proof, kept: Member, other: Member) -> str:
        """By how much, of edges of the part that both show."""
        whole, small = max(kept.width, kept.height), max(other.width, other.height)
        if proof.part is not None:
            part = proof.part
            edge = max(part.right - part.left, part.bottom - part.top)
            whole, small = (whole, edge) if proof.part_in_second else (edge, small)
        share = 100 * small / max(1, whole)
        words = self.tr("enlarged to %1 %") if share > 101 else self.tr("resized to %1 %")
        return words.replace("%1", QLocale().toString(round(share)))

    def _cropped(self, proof: Proof, kept: Member, other: Member) -> str:
        """How much of the larger one is gone."""
        part, larger = proof.part, other if proof.part_in_second else kept
        assert part is not None
        left = (part.right - part.left) * (part.bottom - part.top)
        gone = 100 * (1 - left / max(1, larger.width * larger.height))
        words = self.tr("%1 % more around it") if proof.part_in_second else self.tr("%1 % cut off")
        return words.replace("%1", QLocale().toString(max(1, round(gone))))

    def difference(self, shown: Difference | None) -> str:
        """How much two pictures differ."""
        if shown is None:
            return ""
        if shown.most == 0:
            return self.tr("Not one pixel differs")
        if shown.share < 0.0005:
            return self.tr("Nothing that the eye sees differs")
        share = QLocale().toString(shown.share * 100, "f", 1 if shown.share < 0.1 else 0)
        return self.tr("%1 % of the picture differ").replace("%1", share)

    # -- marks and clearing --------------------------------------------------------------------

    def marked(self, total: Sum) -> list[str]:
        """What is marked, the longest wording first."""
        if not total.photos:
            return [self.tr("Nothing is marked")]
        photos = self.tr("%Ln photo(s) marked", "", total.photos)
        groups = self.tr("in %Ln group(s)", "", total.groups)
        size = size_text(total.bytes)
        return [f"{photos} {groups}{DOT}{size}", f"{photos}{DOT}{size}", photos]

    def button(self, photos: int) -> str:
        """What clearing does, as the button says it."""
        if not photos:
            return self.tr("Move to trash")
        return self.tr("Move %Ln photo(s) to trash", "", photos)

    def clearing(self) -> str:
        return self.tr("Moving photos to trash")

    def taking_back(self) -> str:
        return self.tr("Bringing photos back")

    def cleared(self, report: ClearingReport) -> str:
        """What was just done."""
        if report.quarantined >= report.photos > 0:
            words = self.tr("%Ln photo(s) are in quarantine", "", report.photos)
        else:
            words = self.tr("%Ln photo(s) are in the trash", "", report.photos)
        return words + DOT + size_text(report.bytes)

    def brought_back(self, report: ClearingReport) -> str:
        return self.tr("%Ln photo(s) are back in their place", "", report.photos)

    def left(self, count: int) -> str:
        return self.tr("%Ln photo(s) left alone", "", count)

    def busy(self) -> str:
        return self.tr("Photos are being moved already; one thing at a time.")

    def not_duplicates(self, group: DuplicateGroup) -> str:
        return self.tr("%Ln photo(s) are no duplicates", "", len(group.members))

    def arrivals(self, count: int) -> str:
        return self.tr("%Ln new photo(s) were in the library already", "", count)

    def run(self, clearing: Clearing) -> str:
        if clearing.undone:
            return self.tr("%Ln photo(s), brought back", "", clearing.photos)
        return self.tr("%Ln photo(s) moved to trash", "", clearing.photos)

    def merge(self, merge: Merge) -> str:
        """What a kept photo takes over."""
        parts: list[str] = []
        if merge.tags:
            parts.append(self.tr("tags: %1").replace("%1", _listed(merge.tags)))
        if merge.albums:
            parts.append(self.tr("albums: %1").replace("%1", _listed(merge.albums)))
        if merge.rating is not None:
            parts.append(self.tr("rating %1").replace("%1", str(merge.rating)))
        if merge.caption:
            parts.append(self.tr("caption “%1”").replace("%1", plain_text(merge.caption)))
        if merge.title:
            parts.append(self.tr("title “%1”").replace("%1", plain_text(merge.title)))
        if merge.keywords:
            parts.append(self.tr("keywords: %1").replace("%1", _listed(merge.keywords)))
        if merge.place is not None:
            north, east = merge.place
            parts.append(self.tr("place %1").replace("%1", f"{north:.4f}, {east:.4f}"))
        return DOT.join(parts)

    # -- rules ---------------------------------------------------------------------------------

    def criterion(self, criterion: Criterion) -> str:
        return {
            Criterion.PROTECTED: self.tr("Lies in a protected folder"),
            Criterion.RESOLUTION: self.tr("Has more pixels"),
            Criterion.CAMERA: self.tr("Is the camera's original"),
            Criterion.FORMAT: self.tr("Has the better format"),
            Criterion.BYTES: self.tr("Is the larger file"),
            Criterion.FOLDER: self.tr("Lies in a preferred folder"),
            Criterion.OLDEST: self.tr("Is older"),
            Criterion.RATING: self.tr("Is rated higher"),
        }[criterion]

    def criterion_note(self, criterion: Criterion) -> str:
        return {
            Criterion.PROTECTED: self.tr("nothing in these folders ever goes"),
            Criterion.RESOLUTION: self.tr("width times height"),
            Criterion.CAMERA: self.tr("it knows its camera, lens and exposure"),
            Criterion.FORMAT: self.tr("RAW, then without loss, then HEIC and JPEG"),
            Criterion.BYTES: self.tr("less was lost when it was saved"),
            Criterion.FOLDER: self.tr("in the order of the folders"),
            Criterion.OLDEST: self.tr("by the date it was taken, then of the file"),
            Criterion.RATING: self.tr("by its stars"),
        }[criterion]


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(map(plain_text, names))
