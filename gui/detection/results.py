"""What was found on many photos, filtered and ordered for the grid without asking the engine."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field

from engine.detection_types import DetectionRun, ObjectMatch, StoredDetection
from engine.types import PhotoId
from gui.detection.scene import LabelCount, Thing

Size = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Results:
    """Boxes by photo, of one run or of a search for one thing.

    `sizes` are those of the photos in whose pixels boxes are, where they are known.
    """

    run: DetectionRun | None = None
    boxes: Mapping[PhotoId, Sequence[Thing]] = field(default_factory=dict[PhotoId, Sequence[Thing]])
    sizes: Mapping[PhotoId, Size] = field(default_factory=dict[PhotoId, Size])
    labels: Sequence[str] = ()

    @property
    def counts(self) -> list[LabelCount]:
        """Photos by label, in the labels' order; others behind them."""
        photos: dict[str, int] = dict.fromkeys(self.labels, 0)
        for things in self.boxes.values():
            for label in {thing.label for thing in things}:
                photos[label] = photos.get(label, 0) + 1
        return [LabelCount(label, count) for label, count in photos.items()]

    def filtered(self, cut: Callable[[str], float], hidden: Collection[str]) -> Results:
        """What reaches its label's threshold and is not hidden; photos without any are left out."""
        boxes: dict[PhotoId, Sequence[Thing]] = {}
        for photo_id, things in self.boxes.items():
            left = [
                thing
                for thing in things
                if thing.label not in hidden and sureness(thing) >= cut(thing.label)
            ]
            if left:
                boxes[photo_id] = left
        return Results(self.run, boxes, self.sizes, self.labels)

    @property
    def ids(self) -> list[PhotoId]:
        """Photos with a box, the surest first."""
        best = {id_: max(map(sureness, things)) for id_, things in self.boxes.items() if things}
        return sorted(best, key=lambda id_: (-best[id_], id_))

    @property
    def count(self) -> int:
        """Boxes in all."""
        return sum(len(things) for things in self.boxes.values())


def sureness(thing: Thing) -> float:
    """The user's own boxes are the surest."""
    return 1.0 if thing.score is None else thing.score


def of_run(
    run: DetectionRun, ids: Sequence[PhotoId], kept: Mapping[PhotoId, Sequence[StoredDetection]]
) -> Results:
    """The boxes that a run has found so far; those that the user corrected too."""
    boxes: dict[PhotoId, Sequence[Thing]] = {}
    sizes: dict[PhotoId, Size] = {}
    for photo_id in ids:
        own = [entry for entry in kept.get(photo_id, ()) if entry.run_id == run.id]
        if own:
            boxes[photo_id] = [
                Thing(entry.label, entry.score, entry.box, entry.id) for entry in own
            ]
            sizes[photo_id] = (own[0].width, own[0].height)
    return Results(run, boxes, sizes, [label.name for label in run.labels])


def of_matches(matches: Sequence[ObjectMatch], label: str) -> Results:
    """Where the same thing is on other photos."""
    boxes = {match.photo_id: [Thing(label, match.score, match.box)] for match in matches}
    return Results(None, boxes, {}, [label])
