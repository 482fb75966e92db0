"""What is on one photo: filtered by threshold, label and what is kept, without the engine."""

from __future__ import annotations

from dataclasses import replace

from engine.detection_types import Detection, DetectionId, Label, Sight, StoredDetection
from engine.types import Box, PhotoId
from gui.detection.scene import Scene, overlap

ONE, TWO, FAR = Box(0, 0, 100, 100), Box(10, 10, 110, 110), Box(300, 0, 400, 100)
SIGHT = Sight(
    640,
    480,
    (
        Detection("cat", 0.9, ONE),
        Detection("dog", 0.5, FAR),
        Detection("cat", 0.3, FAR),
        Detection("cat", 0.1, Box(500, 0, 600, 100)),
    ),
)
BOTH = (Label("cat"), Label("dog"))


def scene(**facts: object) -> Scene:
    made = Scene(PhotoId(1), SIGHT, labels=BOTH, threshold=0.2)
    return replace(made, **facts)  # pyright: ignore[reportArgumentType]


def kept(label: str, box: Box, score: float | None = None) -> StoredDetection:
    return StoredDetection(DetectionId(7), PhotoId(1), label, box, score)


def test_a_threshold_only_leaves_out() -> None:
    told = [(thing.label, thing.score) for thing in scene().things]
    assert told == [("cat", 0.9), ("cat", 0.3), ("dog", 0.5)]
    assert [thing.score for thing in scene(threshold=0.4).things] == [0.9, 0.5]
    assert scene(threshold=0.95).things == []
    best = scene(threshold=0.95).best_below
    assert best is not None
    assert (best.label, best.score) == ("cat", 0.9)


def test_a_label_may_have_a_threshold_of_its_own() -> None:
    own = scene(labels=(Label("cat", threshold=0.05), Label("dog")))
    assert [thing.score for thing in own.things if thing.label == "cat"] == [0.9, 0.3, 0.1]


def test_labels_are_counted_in_the_order_typed_also_without_things() -> None:
    counts = scene(labels=(Label("dog"), Label("cat"), Label("cow"))).counts
    assert [(count.label, count.shown, count.below) for count in counts] == [
        ("dog", 1, 0),
        ("cat", 2, 1),
        ("cow", 0, 0),
    ]


def test_what_is_kept_is_not_shown_twice_and_knows_no_threshold() -> None:
    now = scene(kept=(kept("cat", TWO, 0.15), kept("cushion", FAR)), threshold=0.6)
    told = [(thing.label, thing.score, thing.kept) for thing in now.things]
    assert told == [("cat", 0.15, True), ("cushion", None, True)]
    assert now.new == []


def test_capitals_make_no_second_thing() -> None:
    assert [thing.score for thing in scene(kept=(kept("Cat", ONE),)).seen] == [0.5, 0.3, 0.1]


def test_another_label_on_the_same_place_is_another_thing() -> None:
    now = scene(kept=(kept("sofa", ONE),))
    assert {thing.label for thing in now.things} == {"cat", "dog", "sofa"}


def test_hidden_and_dismissed() -> None:
    assert [thing.label for thing in scene(hidden={"cat"}).shown] == ["dog"]
    first = scene().things[0]
    left = scene(dismissed={first.key})
    assert first.key not in [thing.key for thing in left.things]
    assert left.find(first.key) is None


def test_things_of_labels_no_longer_asked_for_are_gone_at_once() -> None:
    assert [thing.label for thing in scene(labels=(Label("dog"),)).things] == ["dog"]


def test_overlap() -> None:
    assert overlap(ONE, ONE) == 1.0
    assert overlap(ONE, FAR) == 0.0
    assert abs(overlap(ONE, TWO) - 8100 / 11900) < 1e-9
