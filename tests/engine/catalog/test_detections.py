"""Boxes in the catalog: which are shown, corrected, taken back exactly, and asked for."""

from __future__ import annotations

import json

import pytest
from catalog_makers import digest, moved, read, seen
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule

from engine.catalog import Catalog
from engine.detection_types import Detection, DetectionRunId, Label, Sight, StoredDetection
from engine.errors import DetectionError
from engine.types import Aspect, Box, CatalogChange, Filter, PhotoId, Root

WIDE, HIGH = 40, 30
LEFT, RIGHT = Box(0, 0, 10, 10), Box(20, 0, 40, 30)


@pytest.fixture
def photos(catalog: Catalog, root: Root) -> list[PhotoId]:
    """Three photos that were read."""
    files = [seen(f"{n}.jpg") for n in range(3)]
    ids = catalog.photos.add(root.id, files)
    for photo_id, file in zip(ids, files, strict=True):
        read(catalog, photo_id, file, str(photo_id))
    return ids


def look(
    catalog: Catalog, photos: list[PhotoId], *found: Detection, labels: str = "dog"
) -> DetectionRunId:
    """A run that finds the same in all photos."""
    asked = [Label(name) for name in labels.split(",")]
    run_id = catalog.detection_runs.start("model", asked, 0.1, "", photos)
    for photo_id in photos:
        sight = Sight(WIDE, HIGH, found)
        catalog.detection_runs.record(run_id, photo_id, digest(str(photo_id)), sight)
    return run_id


def dog(box: Box = LEFT, score: float = 0.5, label: str = "dog") -> Detection:
    return Detection(label, score, box)


def shown(catalog: Catalog, photo_id: PhotoId) -> list[tuple[str, Box]]:
    return [(seen.label, seen.box) for seen in catalog.detections.of([photo_id])[photo_id]]


def matching(catalog: Catalog, name: str, value: str, op: str = "=", amount: str = "") -> list[int]:
    return sorted(catalog.photos.matching([Filter(name, op, value, amount=amount)]))


# ---- runs ----------------------------------------------------------------------------------------


def test_a_run_knows_what_is_left(catalog: Catalog, photos: list[PhotoId]):
    labels = [Label("dog", ("a dog", "子犬"), 0.3), Label("cat")]
    run_id = catalog.detection_runs.start("model", labels, 0.1, "All", photos[::-1])
    assert catalog.detection_runs.waiting(run_id) == photos[::-1]
    sight = Sight(WIDE, HIGH, (dog(),))
    assert catalog.detection_runs.record(run_id, photos[2], digest(str(photos[2])), sight) == 1
    catalog.detection_runs.skip(run_id, photos[1])
    assert catalog.detection_runs.waiting(run_id) == [photos[0]]
    (run,) = catalog.detection_runs.all()
    assert (run.labels, run.what) == (tuple(labels), "All")
    assert (run.asked, run.looked, run.boxes) == (3, 2, 1)
    assert not run.finished
    assert catalog.detection_runs.tally(run_id) == (1, 1, 1)
    assert catalog.detection_runs.photos(run_id) == [photos[2]]


def test_a_later_run_for_the_same_label_takes_the_place_of_the_earlier(
    catalog: Catalog, photos: list[PhotoId]
):
    first = look(catalog, photos, dog(), dog(RIGHT), dog(label="cat"), labels="dog,cat")
    second = look(catalog, photos[:1], dog(RIGHT, 0.9), labels="Dog")
    assert shown(catalog, photos[0]) == [("dog", RIGHT), ("cat", LEFT)]
    assert matching(catalog, "count", "dog", ">=", "2") == photos[1:]
    assert catalog.detection_runs.roll_back(second) == 1
    assert len(shown(catalog, photos[0])) == 3
    assert catalog.detection_runs.roll_back(second) == 0
    assert catalog.detection_runs.roll_back(first) == 9
    assert shown(catalog, photos[0]) == []
    assert catalog.detection_runs.restore(second) == 1
    assert shown(catalog, photos[0]) == [("dog", RIGHT)]


def test_what_the_user_decided_is_not_found_again(catalog: Catalog, photos: list[PhotoId]):
    photo = photos[0]
    look(catalog, [photo], dog(), dog(RIGHT), dog(Box(12, 15, 18, 30)))
    first, second, third = catalog.detections.of([photo])[photo]
    catalog.detections.remove([first.id])
    catalog.detections.relabel([second.id], "wolf")
    catalog.detections.move(third.id, Box(12, 14, 18, 30))
    look(catalog, [photo], *(dog(one.box, 0.7) for one in (first, second, third)))
    assert sorted(shown(catalog, photo)) == sorted([("wolf", RIGHT), ("dog", Box(12, 14, 18, 30))])
    catalog.detections.put_back([first.id])  # the newer run knows nothing of it
    assert len(shown(catalog, photo)) == 2


def test_corrected_boxes_outlive_their_run(catalog: Catalog, photos: list[PhotoId]):
    run_id = look(catalog, photos, dog(), dog(RIGHT))
    box = catalog.detections.of(photos)[photos[0]][0]
    catalog.detections.relabel([box.id], "wolf")
    assert catalog.detection_runs.roll_back(run_id) == 5
    assert shown(catalog, photos[0]) == [("wolf", LEFT)]
    catalog.detections.relabel([box.id], "dog")  # as the detector said: it is the run's again
    assert shown(catalog, photos[0]) == []
    catalog.detection_runs.restore(run_id)
    assert catalog.detections.of(photos)[photos[0]][0] == box


def test_boxes_that_lie_outside_are_left_out(catalog: Catalog, photos: list[PhotoId]):
    look(catalog, photos[:1], dog(Box(-5, -5, 50, 50)), dog(Box(60, 0, 70, 10)))
    assert shown(catalog, photos[0]) == [("dog", Box(0, 0, WIDE, HIGH))]


def test_a_run_needs_a_label_and_a_number_that_there_is(catalog: Catalog, photos: list[PhotoId]):
    with pytest.raises(DetectionError, match="at least one thing"):
        catalog.detection_runs.start("model", [], 0.1, "", photos)
    with pytest.raises(DetectionError, match="label needs"):
        catalog.detection_runs.start("model", [Label(" \u200b")], 0.1, "", photos)
    with pytest.raises(DetectionError, match="no detection run 7"):
        catalog.detection_runs.roll_back(DetectionRunId(7))
    assert catalog.detection_runs.all() == []


# ---- the user's own ------------------------------------------------------------------------------


def test_kept_boxes_stay_whatever_runs_do(
    catalog: Catalog, photos: list[PhotoId], changes: list[CatalogChange]
):
    photo, size, bytes_now = photos[0], (WIDE, HIGH), digest(str(photos[0]))
    kept = catalog.detections.keep(photo, [dog(score=0.8)], "model", size, bytes_now)
    assert catalog.detections.keep(photo, [dog()], "model", size, bytes_now) == kept
    (drawn,) = catalog.detections.keep(photo, [dog(RIGHT)], "", size, bytes_now)
    run_id = look(catalog, photos, dog(), dog(RIGHT))
    own, by_model = catalog.detections.of([photo])[photo]
    assert (own.id, own.score, own.model, own.run_id) == (drawn, None, "", None)
    assert (by_model.id, by_model.score, by_model.model) == (kept[0], 0.8, "model")
    assert catalog.detection_runs.roll_back(run_id) == 4
    assert len(shown(catalog, photo)) == 2
    assert changes[-1] == CatalogChange(frozenset(photos), Aspect.DETECTION)
    with pytest.raises(DetectionError, match="outside"):
        catalog.detections.keep(photo, [dog(Box(50, 0, 60, 9))], "", size, bytes_now)
    with pytest.raises(DetectionError, match="no longer"):
        catalog.detections.keep(PhotoId(99), [dog()], "", size, bytes_now)


def test_editing_is_undone_exactly(catalog: Catalog, photos: list[PhotoId]):
    look(catalog, photos, dog(), dog(RIGHT))
    before = catalog.detections.of(photos)
    ids = [box.id for boxes in before.values() for box in boxes]
    catalog.detections.remove(ids[:4])
    catalog.detections.relabel(ids, "Wolf")
    catalog.detections.move(ids[0], Box(1, 1, 5, 5))
    assert all(box.corrected for box in catalog.detections.of(photos)[photos[2]])
    catalog.detections.move(ids[0], LEFT)
    catalog.detections.relabel(ids, "dog")
    catalog.detections.put_back(ids)
    assert catalog.detections.of(photos) == before


def test_labels_are_remembered_the_last_first(catalog: Catalog):
    assert catalog.detections.labels() == []
    catalog.detections.remember(["dog", "cat"])
    catalog.detections.remember(["Cat", "日本"])
    assert catalog.detections.labels() == ["Cat", "日本", "dog"]
    catalog.detections.remember([str(number) for number in range(200)])
    assert len(catalog.detections.labels()) == 100


# ---- photos that change --------------------------------------------------------------------------


def test_other_bytes_hide_what_runs_saw_and_flag_what_the_user_drew(
    catalog: Catalog, photos: list[PhotoId], changes: list[CatalogChange]
):
    photo, file = photos[0], seen("0.jpg")
    look(catalog, photos, dog())
    catalog.detections.keep(photo, [dog(RIGHT)], "", (WIDE, HIGH), digest(str(photo)))
    before = catalog.detections.of(photos)
    read(catalog, photo, file, "other bytes")
    assert Aspect.DETECTION in changes[-1].aspects
    (own,) = catalog.detections.of([photo])[photo]
    assert (own.box, own.outdated) == (RIGHT, True)
    assert matching(catalog, "count", "dog", "=", "1") == photos
    read(catalog, photo, file, str(photo))  # a backup was put back
    assert catalog.detections.of(photos) == before


def test_boxes_follow_a_file_that_was_found_again(
    catalog: Catalog, root: Root, photos: list[PhotoId]
):
    old, file = photos[0], seen("0.jpg")
    look(catalog, photos, dog())
    before = catalog.detections.of([old])
    catalog.photos.mark_missing([old])
    (new,) = catalog.photos.add(root.id, [moved(file, "moved.jpg")])
    look(catalog, [new], dog(RIGHT, 0.9))
    read(catalog, new, file, str(old))
    catalog.photos.adopt(old, new)
    assert catalog.detections.of([old]) == before
    read(catalog, old, file, str(new))  # the bytes that the second run saw
    assert shown(catalog, old) == [("dog", RIGHT)]
    assert catalog.check() == []


# ---- queries -------------------------------------------------------------------------------------


def test_queries_ask_for_labels_numbers_and_sizes(catalog: Catalog, photos: list[PhotoId]):
    one, two, none = photos
    look(catalog, [one], dog(RIGHT))  # half of the picture
    look(
        catalog, [two], dog(), dog(RIGHT), dog(label="remote control"), labels="dog,remote control"
    )
    look(catalog, [none])
    assert matching(catalog, "detected", "DOG") == [one, two]
    assert matching(catalog, "detected", "r*") == [two]
    assert matching(catalog, "count", "dog") == [one, two]
    assert matching(catalog, "count", "dog", ">=", "2") == [two]
    assert matching(catalog, "count", "dog", "=", "1..2") == [one, two]
    assert matching(catalog, "count", "dog", "=", "2..") == [two]
    assert matching(catalog, "count", "dog", "<", "2") == [one, none]
    assert matching(catalog, "count", "remote  control", "=", "0") == []  # looked for nowhere else
    assert matching(catalog, "box", "dog", ">", "49%") == [one, two]
    assert matching(catalog, "box", "dog", ">", "50") == []
    assert matching(catalog, "box", "remote control", "<", "10%") == [two]
    assert catalog.photos.matching([Filter("detected", "=", "dog", negate=True)]) == [none]


@pytest.mark.parametrize(
    ("entry", "why"),
    [
        (Filter("detected", "=", "dgo"), "Did you mean “dog”"),
        (Filter("detected", "=", "elephant"), "in some photos first"),
        (Filter("count", ">=", "dog", amount="x"), "whole number"),
        (Filter("count", "=", "dog", amount=".."), "one end"),
        (Filter("box", ">", "dog", amount="lots"), "part of the picture"),
        (Filter("box", "=", "dog", amount="20%"), "part of the picture"),
        (Filter("detected", ">", "dog"), "cannot be compared"),
    ],
)
def test_what_a_query_cannot_mean_is_said(
    catalog: Catalog, photos: list[PhotoId], entry: Filter, why: str
):
    look(catalog, photos, dog())
    with pytest.raises(ValueError, match=why):
        catalog.photos.matching([entry])


# ---- anything, in any order ----------------------------------------------------------------------


class AnyOrder(RuleBasedStateMachine):
    """Runs, taking back, edits and files that change: what is shown follows from the rules."""

    runs = Bundle("runs")

    @initialize()
    def start(self) -> None:
        from pathlib import Path
        from tempfile import TemporaryDirectory

        self.folder = TemporaryDirectory()
        self.catalog = Catalog.open(Path(self.folder.name) / "catalog.db")
        root = self.catalog.roots.add(Path("/photos"))
        self.files = [seen(f"{n}.jpg") for n in range(2)]
        self.ids = self.catalog.photos.add(root.id, self.files)
        self.bytes = dict.fromkeys(self.ids, "a")
        for photo_id, file in zip(self.ids, self.files, strict=True):
            read(self.catalog, photo_id, file, "a")
        self.said: list[tuple[DetectionRunId, set[str], PhotoId, str, list[Detection]]] = []
        self.undone: set[DetectionRunId] = set()

    def teardown(self) -> None:
        if hasattr(self, "catalog"):
            assert self.catalog.check() == []
            self.catalog.close()
            self.folder.cleanup()

    @rule(
        target=runs,
        labels=st.sets(st.sampled_from(["dog", "cat"]), min_size=1),
        which=st.integers(0, 1),
        boxes=st.sets(st.integers(0, 3)),
    )
    def run(self, labels: set[str], which: int, boxes: set[int]) -> DetectionRunId:
        photo_id = self.ids[which]
        run_id = self.catalog.detection_runs.start(
            "model", [Label(name) for name in labels], 0.1, "", self.ids
        )
        found = [
            Detection(name, 0.5 + place / 10, Box(place * 10, 0, place * 10 + 10, 10))
            for name in sorted(labels)
            for place in boxes
        ]
        now = self.bytes[photo_id]
        sight = Sight(WIDE, HIGH, tuple(found))
        self.catalog.detection_runs.record(run_id, photo_id, digest(now), sight)
        self.said.append((run_id, labels, photo_id, now, found))
        return run_id

    @rule(run_id=runs)
    def roll_back(self, run_id: DetectionRunId) -> None:
        self.catalog.detection_runs.roll_back(run_id)
        self.undone.add(run_id)

    @rule(run_id=runs)
    def restore(self, run_id: DetectionRunId) -> None:
        self.catalog.detection_runs.restore(run_id)
        self.undone.discard(run_id)

    @rule(which=st.integers(0, 1), now=st.sampled_from("ab"))
    def change(self, which: int, now: str) -> None:
        self.bytes[self.ids[which]] = now
        read(self.catalog, self.ids[which], self.files[which], now)

    @rule(which=st.integers(0, 1))
    def edit_and_undo(self, which: int) -> None:
        before = self.catalog.detections.of(self.ids)
        ids = [box.id for box in before[self.ids[which]]]
        self.catalog.detections.relabel(ids, "cat")
        self.catalog.detections.remove(ids)
        assert self.catalog.detections.of(self.ids)[self.ids[which]] == []
        self.catalog.detections.put_back(ids)
        for box in before[self.ids[which]]:
            self.catalog.detections.relabel([box.id], box.label)
        assert self.catalog.detections.of(self.ids) == before

    @invariant()
    def what_is_shown_follows(self) -> None:
        if not hasattr(self, "catalog"):
            return
        for photo_id in self.ids:
            expected: list[tuple[str, Box]] = []
            for label in ("dog", "cat"):
                standing = [
                    found
                    for run_id, labels, photo, now, found in self.said
                    if label in labels
                    and (photo, now) == (photo_id, self.bytes[photo_id])
                    and run_id not in self.undone
                ]
                expected += [(d.label, d.box) for d in (standing or [[]])[-1] if d.label == label]
            assert sorted(shown(self.catalog, photo_id)) == sorted(expected)


TestAnyOrder = AnyOrder.TestCase
TestAnyOrder.settings = settings(max_examples=15, stateful_step_count=15, deadline=None)


def test_a_stored_box_is_a_plain_value(catalog: Catalog, photos: list[PhotoId]):
    look(catalog, photos[:1], dog())
    (box,) = catalog.detections.of(photos[:1])[photos[0]]
    assert box == StoredDetection(
        box.id, photos[0], "dog", LEFT, 0.5, DetectionRunId(1), "model", WIDE, HIGH
    )
    assert json.dumps(box.box) == "[0.0, 0.0, 10.0, 10.0]"
