"""Many photos: kept as they come, cancelled, gone on with, taken back, asked for in queries."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from random_detector import LABELS

from engine import Library
from engine.detection_types import (
    Detection,
    DetectionProgress,
    DetectionReport,
    DetectionRunId,
    Label,
    ObjectProgress,
)
from engine.errors import CatalogError, DetectionError, PhotoUnreadable, QueryError
from engine.jobs import Event, Job, Progress, Skipped, drain
from engine.types import Aspect, Box, CatalogChange, PhotoId
from engine.vision.owl_vit import Detector


def until(job: Job[DetectionReport], done: int) -> DetectionProgress:
    """Pull a run until so many photos are done."""
    while True:
        event = next(job)
        if isinstance(event, DetectionProgress) and event.done >= done:
            return event


def test_a_run_keeps_what_look_shows(library: Library, ids: list[PhotoId], threshold: float):
    heard: list[CatalogChange] = []
    library.subscribe(heard.append)
    report = drain(library.detecting.run(ids, LABELS, threshold, "All photos"))
    expected = {
        photo_id: [
            (seen.label, seen.score, seen.box)
            for seen in library.detecting.look(photo_id, LABELS).detections
            if seen.score >= threshold
        ]
        for photo_id in ids
    }
    stored = library.detecting.of_photos(ids)
    for photo_id in ids:
        assert [(d.label, d.score, d.box) for d in stored[photo_id]] == expected[photo_id]
    with_boxes = [photo_id for photo_id in ids if expected[photo_id]]
    assert (report.looked, report.skipped) == (12, 0)
    assert (report.matching, report.boxes) == (len(with_boxes), sum(map(len, expected.values())))
    assert 0 < len(with_boxes) < 12
    best = library.detecting.photos_of_run(report.run_id)
    assert best == sorted(with_boxes, key=lambda i: -expected[i][0][1])
    (run,) = library.detecting.runs()
    assert (run.what, run.finished, run.labels) == ("All photos", True, tuple(LABELS))
    steps = [change for change in heard if change.aspects == Aspect.DETECTION and change.photos]
    assert len(steps) >= 3  # as they come
    assert {photo_id for change in steps for photo_id in change.photos} == set(ids)


def test_a_label_may_have_a_threshold_of_its_own(library: Library, ids: list[PhotoId]):
    labels = [Label("cat", threshold=0.999_999), Label("dog", threshold=0.02)]
    drain(library.detecting.run(ids, labels, 0.5))
    found = [box for boxes in library.detecting.of_photos(ids).values() for box in boxes]
    assert all(box.score and box.score >= (0.02 if box.label == "dog" else 0.9999) for box in found)
    assert any(box.score and box.score < 0.5 for box in found)


def test_queries_find_what_runs_found(library: Library, ids: list[PhotoId], threshold: float):
    with pytest.raises(QueryError, match="looked for"):
        library.search("detected:dog")
    drain(library.detecting.run(ids, LABELS, threshold))
    stored = library.detecting.of_photos(ids)

    def found(query: str) -> set[PhotoId]:
        return {hit.photo_id for hit in library.search(query).hits}

    def dogs(photo_id: PhotoId) -> int:
        return sum(box.label == "dog" for box in stored[photo_id])

    assert found("detected:dog") == {i for i in ids if dogs(i)}
    assert found("count:dog>=1 count:dog<2") == {i for i in ids if dogs(i) == 1}
    assert found("count:dog=0") == {i for i in ids if not dogs(i)}
    assert found("-detected:*") == {i for i in ids if not stored[i]}
    assert found("box:dog>100%") == set()


def test_a_cancelled_run_keeps_what_it_saw_and_goes_on(
    open_library: Callable[[], Library], ids: list[PhotoId], threshold: float
):
    library = open_library()
    job = library.detecting.run(ids, LABELS, threshold)
    run_id = until(job, 6).run_id
    job.close()
    (run,) = library.detecting.runs()
    assert (run.id, run.looked, run.finished) == (run_id, 6, False)
    library = open_library()
    report = drain(library.detecting.resume(run_id))
    assert report.looked == 12
    resumed = library.detecting.of_photos(ids)
    drain(library.detecting.run(ids, LABELS, threshold))  # undisturbed
    again = library.detecting.of_photos(ids)
    for photo_id in ids[6:]:  # of the same program, which computes in the same way
        assert [d.box for d in resumed[photo_id]] == [d.box for d in again[photo_id]]


def test_only_runs_that_stand_are_gone_on_with(library: Library, ids: list[PhotoId]):
    with pytest.raises(DetectionError, match="no detection run"):
        drain(library.detecting.resume(DetectionRunId(5)))
    job = library.detecting.run(ids, LABELS, 0.1)
    run_id = until(job, 4).run_id
    job.close()
    library.detecting.roll_back(run_id)
    with pytest.raises(DetectionError, match="taken back"):
        drain(library.detecting.resume(run_id))
    library.detecting.restore(run_id)
    assert drain(library.detecting.resume(run_id)).looked == 12


def test_photos_that_cannot_be_read_are_skipped(library: Library, ids: list[PhotoId], photos: Path):
    paths = {photo.id: photo.path for photo in library.photos(ids)}
    paths[ids[3]].unlink()
    paths[ids[5]].write_bytes(b"no picture")
    skipped: list[Skipped] = []
    job = library.detecting.run([*ids, PhotoId(777)], LABELS, 0.02)
    report = drain(job, lambda event: skipped.append(event) if isinstance(event, Skipped) else None)
    assert {event.path for event in skipped} == {paths[ids[3]], paths[ids[5]]}
    assert (report.looked, report.skipped) == (12, 2)
    run = library.detecting.runs()[0]
    assert run.finished
    assert (run.looked, run.skipped, run.seen) == (12, 2, 10)


@pytest.mark.expects_warnings
def test_a_drive_that_is_away_is_said(library: Library, ids: list[PhotoId], photos: Path):
    photos.rename(photos.with_name("unplugged"))
    drain(library.reconcile())
    skipped: list[Skipped] = []
    job = library.detecting.run(ids[:2], LABELS, 0.1)
    drain(job, lambda event: skipped.append(event) if isinstance(event, Skipped) else None)
    assert len(skipped) == 2
    assert "cannot be reached" in skipped[0].reason


def test_taking_back_is_exact(library: Library, ids: list[PhotoId], threshold: float):
    first = drain(library.detecting.run(ids, LABELS, threshold))
    one = library.detecting.of_photos(ids)
    second = drain(library.detecting.run(ids[:6], [Label("cat")], threshold / 2))
    two = library.detecting.of_photos(ids)
    assert one != two
    assert library.detecting.roll_back(second.run_id) == second.boxes
    assert library.detecting.of_photos(ids) == one
    assert library.detecting.restore(second.run_id) == second.boxes
    assert library.detecting.of_photos(ids) == two
    library.detecting.roll_back(second.run_id)
    assert library.detecting.roll_back(first.run_id) == first.boxes
    assert not any(library.detecting.of_photos(ids).values())
    assert not library.search("detected:cat").hits


def test_what_the_user_keeps_and_draws(library: Library, ids: list[PhotoId]):
    seen = library.detecting.look(ids[0], LABELS).detections[:2]
    kept = library.detecting.keep(ids[0], seen)
    drawn = library.detecting.add(ids[0], " My  cup ", Box(-3, 2, 20, 15))
    stored = {box.id: box for box in library.detecting.of_photo(ids[0])}
    assert stored[drawn].label == "My cup"
    assert (stored[drawn].box, stored[drawn].score) == (Box(0, 2, 20, 15), None)
    assert [(stored[i].label, stored[i].score) for i in kept] == [(d.label, d.score) for d in seen]
    assert all(stored[i].model for i in kept)
    assert {hit.photo_id for hit in library.search('detected:"my cup"').hits} == {ids[0]}
    library.detecting.remove([drawn])
    library.detecting.relabel(kept, "thing")
    library.detecting.move(kept[0], Box(1, 1, 9, 9))
    assert library.detecting.of_photo(ids[0])[0].corrected
    assert library.detecting.suggestions()[0] == "My cup"
    library.detecting.put_back([drawn])
    assert library.detecting.of_photo(ids[0])[0] == stored[drawn]


def test_a_photo_that_changed_loses_what_runs_saw(
    library: Library, ids: list[PhotoId], photos: Path
):
    drain(library.detecting.run(ids, LABELS, 0.02))
    own = library.detecting.add(ids[0], "cup", Box(0, 0, 9, 9))
    path = library.photos(ids[:1])[0].path
    shutil.copyfile(library.photos(ids[1:2])[0].path, path)
    drain(library.reconcile())
    drain(library.index())
    assert [(box.id, box.outdated) for box in library.detecting.of_photo(ids[0])] == [(own, True)]
    drain(library.detecting.run(ids[:1], LABELS, 0.02))
    again = library.detecting.of_photo(ids[0])
    assert len(again) > 1
    assert [box.outdated for box in again] == [True] + [False] * (len(again) - 1)


def test_find_looks_at_the_shortlist_in_its_order(
    library: Library, ids: list[PhotoId], monkeypatch: pytest.MonkeyPatch
):
    looked: list[int] = []
    original = Detector.look

    def noting(self: Detector, *arguments: object, **named: object) -> object:
        looked.append(1)
        return original(self, *arguments, **named)  # pyright: ignore[reportArgumentType]

    monkeypatch.setattr(Detector, "look", noting)
    report = drain(library.detecting.find(ids[::-1], LABELS, 0.1, limit=5, what="Search"))
    assert (report.looked, len(looked)) == (5, 5)
    with library._catalog._store.read() as db:  # pyright: ignore[reportPrivateUsage]
        rows = db.execute("SELECT photo_id FROM detection_run_photo ORDER BY place").fetchall()
    assert [row[0] for row in rows] == ids[::-1][:5]


def test_a_thing_is_found_in_its_own_photo_first(library: Library, ids: list[PhotoId]):
    seen = library.detecting.look(ids[4], LABELS).detections[0]
    events: list[ObjectProgress] = []
    job = library.detecting.find_object(ids[4], seen.box, ids)
    found = drain(job, lambda e: events.append(e) if isinstance(e, ObjectProgress) else None)
    assert found == sorted(found, key=lambda match: -match.score)
    assert {match.photo_id for match in found} <= set(ids)
    assert events[-1].found == tuple(found)
    assert [event.done for event in events] == [*range(13)]
    with pytest.raises(PhotoUnreadable):
        drain(library.detecting.find_object(PhotoId(99), seen.box, ids))


def test_photos_wait_for_the_detector_in_bounded_number(
    library: Library, ids: list[PhotoId], monkeypatch: pytest.MonkeyPatch
):
    """Decoded ahead are a handful, however many photos there are."""
    from engine.files.decode import DecoderPool

    asked: list[int] = []
    looked: list[int] = []
    most = 0
    submit, see = DecoderPool.submit, Detector.see

    def submitting(self: DecoderPool, *arguments: object, **named: object) -> object:
        asked.append(1)
        return submit(self, *arguments, **named)  # pyright: ignore[reportArgumentType]

    def seeing(self: Detector, *arguments: object) -> object:
        nonlocal most
        looked.append(1)
        most = max(most, len(asked) - len(looked))
        return see(self, *arguments)  # pyright: ignore[reportArgumentType]

    monkeypatch.setattr(DecoderPool, "submit", submitting)
    monkeypatch.setattr(Detector, "see", seeing)
    drain(library.detecting.run(ids, LABELS, 0.1))
    assert len(looked) == 12
    assert most <= 4


def test_a_run_larger_than_the_cache_leaves_room_in_it(library: Library, ids: list[PhotoId]):
    library.detecting.look(ids[-1], LABELS)
    seeing = library.detecting._seeing  # pyright: ignore[reportPrivateUsage]
    kept = [path for path in seeing._disk.folder.rglob("*") if path.is_file()]  # pyright: ignore[reportPrivateUsage]
    assert len(kept) == 1
    seeing._disk.limit = 6 * kept[0].stat().st_size  # pyright: ignore[reportPrivateUsage]
    drain(library.detecting.run(ids, LABELS, 0.1))
    assert kept[0].is_file()
    left = [path for path in seeing._disk.folder.rglob("*") if path.is_file()]  # pyright: ignore[reportPrivateUsage]
    assert 2 < len(left) <= 6


def test_a_catalog_that_fails_ends_the_run_with_what_it_kept(
    library: Library, ids: list[PhotoId], monkeypatch: pytest.MonkeyPatch
):
    from engine.catalog.detection_runs import DetectionRuns

    record = DetectionRuns.record
    calls = 0

    def failing(self: DetectionRuns, *arguments: object) -> object:
        nonlocal calls
        calls += 1
        if calls == 7:
            raise CatalogError("The disk is full.")
        return record(self, *arguments)  # pyright: ignore[reportArgumentType]

    monkeypatch.setattr(DetectionRuns, "record", failing)
    with pytest.raises(CatalogError):
        drain(library.detecting.run(ids, LABELS, 0.1))
    (run,) = library.detecting.runs()
    assert run.looked in (1, 2, 3, 4, 5, 6)
    monkeypatch.undo()
    assert drain(library.detecting.resume(run.id)).looked == 12


def test_exports_write_new_files_only(
    library: Library, ids: list[PhotoId], photos: Path, tmp_path: Path
):
    drain(library.detecting.run(ids, LABELS, 0.02))
    before = {path: path.read_bytes() for path in photos.iterdir()}
    boxes = sum(map(len, library.detecting.of_photos(ids).values()))
    target = tmp_path / "out"
    for kind in ("coco", "yolo", "annotated"):
        done = drain(library.detecting.export(ids, kind, target))
        assert (done.boxes, done.skipped) == (boxes, 0)
        again = drain(library.detecting.export(ids, kind, target))
        assert not set(done.files) & set(again.files)
        assert all(path.is_file() for path in (*done.files, *again.files))
    assert {path: path.read_bytes() for path in photos.iterdir()} == before
    done = drain(library.detecting.export(ids, "regions", target))
    assert {path.suffix for path in done.files} == {".xmp"}
    assert {path: path.read_bytes() for path in before} == before
    library.detecting.roll_back(library.detecting.runs()[0].id)
    drain(library.detecting.export(ids, "regions", target))
    assert all(b"ImageRegion" not in path.read_bytes() for path in done.files if path.exists())


def test_what_was_seen_is_drawn_and_exported_without_keeping_it(
    library: Library, ids: list[PhotoId], tmp_path: Path
):
    path = library.photos(ids[:1])[0].path
    sight = library.detecting.look(path, LABELS)
    drawn = library.detecting.annotated(path, sight.detections[:3], tmp_path / "boxes.png")
    assert drawn.shape == (64, 96, 3)
    assert (tmp_path / "boxes.png").is_file()
    assert len(drain(library.detecting.export_seen([(path, sight)], "coco", tmp_path))) == 1
    assert library.detecting.of_photo(ids[0]) == []


def test_a_box_beside_the_photo_is_refused(library: Library, ids: list[PhotoId]):
    with pytest.raises(DetectionError, match="outside"):
        library.detecting.add(ids[0], "cup", Box(97, 0, 120, 10))
    with pytest.raises(DetectionError, match="label needs"):
        library.detecting.keep(ids[0], [Detection("", 0.5, Box(0, 0, 9, 9))])


def test_before_many_photos_the_fastest_way_is_found_once(
    library: Library, ids: list[PhotoId], monkeypatch: pytest.MonkeyPatch
):
    tuned: list[tuple[int, ...]] = []

    def tuning(_: Detector, pixels: NDArray[np.uint8]) -> Iterator[str]:
        tuned.append(pixels.shape)
        yield "measuring"

    monkeypatch.setattr(Detector, "tuning", tuning)

    def wanted(_: Detector) -> int:
        return 0 if tuned else 4

    monkeypatch.setattr(Detector, "photos_wanted", wanted)
    monkeypatch.setattr("engine.vision.owl_vit.WORTH_TUNING", 10)
    drain(library.detecting.run(ids[:9], LABELS, 0.1))
    assert tuned == []
    events: list[Event] = []
    report = drain(library.detecting.run(ids, LABELS, 0.1), events.append)
    assert tuned == [(4, 36, 36, 3)]
    assert any(isinstance(event, Progress) and "fastest" in event.note for event in events)
    assert report.looked == 12
    drain(library.detecting.run(ids, LABELS, 0.1))
    assert len(tuned) == 1
