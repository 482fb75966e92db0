"""What is on one photo: boxes the detector sees and boxes that are kept, filtered without it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from engine.detection_types import Detection, DetectionId, Label, Sight, StoredDetection
from engine.types import Box, PhotoId

_SAME = 0.5  # overlap from which what is seen is what is kept already

ThingKey: TypeAlias = tuple[int, str, Box]
"""Names a thing for as long as its photo is shown."""


@dataclass(frozen=True, slots=True)
class Thing:
    """One box on the photo, in pixels of the upright photo.

    Kept ones have an id; one that the user drew or named has no score.
    """

    label: str
    score: float | None
    box: Box
    id: DetectionId | None = None

    @property
    def key(self) -> ThingKey:
        return (self.id, "", self.box) if self.id is not None else (0, self.label, self.box)

    @property
    def kept(self) -> bool:
        return self.id is not None

    @property
    def detection(self) -> Detection:
        return Detection(self.label, self.score or 0.0, self.box)


@dataclass(frozen=True, slots=True)
class LabelCount:
    """A label with its things: shown, and those below the threshold."""

    label: str
    shown: int
    below: int = 0


@dataclass(frozen=True, slots=True)
class Scene:
    """The things of one photo; every change of mind is a new scene, and none asks the engine.

    `labels` are those asked for, in the order typed; `cuts` are thresholds of single labels;
    `dismissed` are seen things that the user has deleted or named otherwise.
    """

    photo_id: PhotoId | None = None
    sight: Sight | None = None
    kept: Sequence[StoredDetection] = ()
    labels: Sequence[Label] = ()
    threshold: float = 0.1
    cuts: Mapping[str, float] = field(default_factory=dict[str, float])
    hidden: Collection[str] = frozenset[str]()
    dismissed: Collection[ThingKey] = frozenset[ThingKey]()
    _things: list[Thing] = field(default_factory=list[Thing], compare=False)

    @property
    def seen(self) -> list[Thing]:
        """What the detector sees of the labels asked for, whatever the threshold; best first."""
        if self.sight is None:
            return []
        asked = {label.name for label in self.labels}
        seen: list[Thing] = []
        for entry in self.sight.detections:
            if entry.label not in asked or any(_same(kept, entry) for kept in self.kept):
                continue
            thing = Thing(entry.label, entry.score, entry.box)
            if thing.key not in self.dismissed:
                seen.append(thing)
        return seen

    @property
    def things(self) -> list[Thing]:
        """What reaches its threshold and what is kept, by label; hidden labels too."""
        if not self._things:
            own = [Thing(entry.label, entry.score, entry.box, entry.id) for entry in self.kept]
            cuts = self._cuts()
            new = [thing for thing in self.seen if _score(thing) >= cuts[thing.label]]
            places = {label: place for place, label in enumerate(self._names([*own, *new]))}
            both = [*own, *new]
            both.sort(key=lambda thing: (places[thing.label], -_score(thing), thing.box))
            self._things.extend(both)
        return self._things

    @property
    def shown(self) -> list[Thing]:
        """What is drawn."""
        return [thing for thing in self.things if thing.label not in self.hidden]

    @property
    def new(self) -> list[Thing]:
        """What is drawn and not kept yet."""
        return [thing for thing in self.shown if not thing.kept]

    @property
    def counts(self) -> list[LabelCount]:
        """Every label with how many things it has, in the order of the list."""
        things, seen = self.things, self.seen
        cuts = self._cuts()
        return [
            LabelCount(
                name,
                sum(thing.label == name for thing in things),
                sum(thing.label == name and _score(thing) < cuts[name] for thing in seen),
            )
            for name in self._names(things)
        ]

    @property
    def best_below(self) -> Thing | None:
        """The surest of what does not reach its threshold."""
        cuts = self._cuts()
        return next((thing for thing in self.seen if _score(thing) < cuts[thing.label]), None)

    def behind(self, thing: Thing) -> list[ThingKey]:
        """What is seen where a kept thing is, and would be shown again when that goes."""
        seen = self.sight.detections if thing.kept and self.sight is not None else ()
        return [
            Thing(entry.label, entry.score, entry.box).key for entry in seen if _same(thing, entry)
        ]

    def find(self, key: ThingKey | None) -> Thing | None:
        """The thing of this name, if it is still drawn."""
        return next((thing for thing in self.shown if thing.key == key), None)

    def follow(self, key: ThingKey | None) -> Thing | None:
        """The same; a kept one also where it lies elsewhere now."""
        found = self.find(key)
        if found is None and key is not None and key[0]:
            found = next((thing for thing in self.shown if thing.id == key[0]), None)
        return found

    def kept_at(self, box: Box) -> Thing | None:
        """What is kept in exactly this place."""
        return next((thing for thing in self.shown if thing.kept and thing.box == box), None)

    def _cuts(self) -> Mapping[str, float]:
        return {
            label.name: self.threshold if label.threshold is None else label.threshold
            for label in self.labels
        } | dict(self.cuts)

    def _names(self, things: Sequence[Thing]) -> list[str]:
        asked = [label.name for label in self.labels]
        return list(dict.fromkeys([*asked, *sorted({thing.label for thing in things})]))


def _same(kept: StoredDetection | Thing, seen: Detection) -> bool:
    """Whether what is seen is this, which is kept already."""
    same_label = kept.label.casefold() == seen.label.casefold()
    return same_label and overlap(kept.box, seen.box) >= _SAME


def overlap(one: Box, other: Box) -> float:
    """Intersection over union."""
    width = min(one.right, other.right) - max(one.left, other.left)
    height = min(one.bottom, other.bottom) - max(one.top, other.top)
    if width <= 0 or height <= 0:
        return 0.0
    both = width * height
    return both / (area(one) + area(other) - both)


def area(box: Box) -> float:
    """In pixels."""
    return max(0.0, box.right - box.left) * max(0.0, box.bottom - box.top)


def _score(thing: Thing) -> float:
    return 2.0 if thing.score is None else thing.score
