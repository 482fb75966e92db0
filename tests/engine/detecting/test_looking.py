"""One photo: seen once, asked for other words at once, from memory or the disk; crops."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from random_detector import LABELS

from engine import Library
from engine.detection_types import Label, Sight
from engine.errors import DetectionError, DiskError, PhotoError, PhotoUnreadable
from engine.types import Box, PhotoId
from engine.vision.owl_vit import Detector


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many photos the image tower looked at, call by call."""
    counts: list[int] = []
    original = Detector.see

    def counting(self: Detector, pixels: np.ndarray[tuple[int, ...], np.dtype[np.uint8]]):
        counts.append(len(pixels))
        return original(self, pixels)

    monkeypatch.setattr(Detector, "see", counting)
    return counts


def test_other_labels_need_no_second_look(
    library: Library, ids: list[PhotoId], photos: Path, seen: list[int]
):
    sight = library.detecting.look(ids[0], LABELS)
    assert (sight.width, sight.height) == (96, 64)
    assert {found.label for found in sight.detections} <= {"cat", "dog"}
    library.detecting.look(ids[0], [Label("tree")])
    path = library.photos(ids[:1])[0].path
    assert library.detecting.look(path, LABELS) == sight
    copy = shutil.copy(path, photos.parent / "elsewhere.jpg")
    assert library.detecting.look(Path(copy), LABELS) == sight
    assert seen == [1]


def alike(one: Sight, other: Sight) -> bool:
    """As far as engines agree: the next program may compute words in another way."""
    scores = [[found.score for found in sight.detections[:5]] for sight in (one, other)]
    boxes = [[found.box for found in sight.detections[:1]] for sight in (one, other)]
    return np.allclose(*scores, atol=0.01) and np.allclose(*boxes, atol=1)


def test_what_was_seen_survives_the_program_and_its_own_loss(
    open_library: Callable[[], Library], ids: list[PhotoId], seen: list[int]
):
    sight = open_library().detecting.look(ids[0], LABELS)
    library = open_library()
    assert alike(library.detecting.look(ids[0], LABELS), sight)
    assert seen == [1]
    kept = [path for path in (library.folder / "detections").rglob("*") if path.is_file()]
    for path in kept:
        path.write_bytes(path.read_bytes()[:-7])  # a power cut
    assert alike(open_library().detecting.look(ids[0], LABELS), sight)
    shutil.rmtree(library.folder / "detections")
    assert alike(open_library().detecting.look(ids[0], LABELS), sight)
    assert seen == [1, 1, 1]


def test_a_photo_that_changed_is_looked_at_again(
    library: Library, ids: list[PhotoId], photos: Path, seen: list[int]
):
    before = library.detecting.look(ids[0], LABELS)
    path = library.photos(ids[:1])[0].path
    other = next(p for p in sorted(photos.iterdir()) if p != path)
    stat = path.stat()
    shutil.copyfile(other, path)
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns + 1))
    assert library.detecting.look(ids[0], LABELS) != before
    assert seen == [1, 1]


def test_a_full_disk_only_costs_time(
    library: Library, ids: list[PhotoId], monkeypatch: pytest.MonkeyPatch
):
    def full(*_: object, **__: object) -> None:
        raise DiskError("there is no space left")

    monkeypatch.setattr("engine.files.kept_bytes.replace_file", full)
    assert library.detecting.look(ids[0], LABELS).width == 96


def test_photos_that_cannot_be_read_are_said(library: Library, ids: list[PhotoId], photos: Path):
    gone = library.photos(ids[:1])[0].path
    gone.unlink()
    with pytest.raises(PhotoUnreadable, match="there is no such file"):
        library.detecting.look(ids[0], LABELS)
    with pytest.raises(PhotoUnreadable, match="no longer in the library"):
        library.detecting.look(PhotoId(999), LABELS)
    text = photos / "text.jpg"
    text.write_text("no picture", encoding="utf-8")
    with pytest.raises(PhotoError):
        library.detecting.look(text, LABELS)


def test_labels_are_cleaned_and_must_be_there(library: Library, ids: list[PhotoId]):
    with pytest.raises(DetectionError, match="at least one thing"):
        library.detecting.look(ids[0], [Label("  ")])
    with pytest.raises(DetectionError, match="letters at most"):
        library.detecting.look(ids[0], [Label("x" * 300)])
    sight = library.detecting.look(ids[0], [Label(" big  cat "), Label("Big cat"), Label("")])
    assert {found.label for found in sight.detections} <= {"big cat"}


def test_suggestions_are_what_was_used_then_categories_then_tags(
    library: Library, ids: list[PhotoId]
):
    library.tagging.tag(ids[:1], "Beach")
    library.tagging.add_category("Receipts")
    library.detecting.look(ids[0], [Label("dog"), Label("beach")])
    library.detecting.look(ids[0], [Label("cat")])
    assert library.detecting.suggestions() == ["cat", "dog", "beach", "Receipts"]


def test_without_a_detector_it_says_why(library: Library, ids: list[PhotoId], tmp_path: Path):
    status = library.detecting.status()
    assert (status.ready, status.why) == (True, "")
    assert 0 < status.threshold < 1
    chosen = library.settings.detector_id
    for wrong in (str(tmp_path / "nothing"), "google/owlvit-base-patch32", "photosift/demo"):
        library.change_settings(replace(library.settings, detector_id=wrong))
        status = library.detecting.status()
        assert not status.ready
        assert status.why.endswith(".")
    library.change_settings(replace(library.settings, detector_id=chosen))
    assert library.detecting.look(ids[0], LABELS)


def test_a_crop_has_every_pixel_and_overwrites_nothing(
    library: Library, ids: list[PhotoId], tmp_path: Path
):
    whole = library.picture(ids[0])
    part = library.detecting.crop(ids[0], Box(10.4, 5, 30, 20.6))
    assert np.array_equal(part, whole[5:21, 10:30])
    target = tmp_path / "part.png"
    library.detecting.crop(ids[0], Box(10, 5, 30, 21), target)
    assert np.array_equal(library.detecting.crop(target, Box(0, 0, 99, 99)), part)
    before = target.read_bytes()
    with pytest.raises(DiskError):
        library.detecting.crop(ids[0], Box(0, 0, 9, 9), target)
    assert target.read_bytes() == before
    with pytest.raises(DetectionError, match="outside"):
        library.detecting.crop(ids[0], Box(200, 0, 300, 9))


def test_memory_is_given_back(library: Library, ids: list[PhotoId]):
    library.detecting.look(ids[0], LABELS)
    detector = library.detecting._detectors.use()  # pyright: ignore[reportPrivateUsage]
    assert detector.engine
    library.rest(0.0)
    assert not detector.engine
    assert library.detecting.look(ids[1], LABELS)


def test_a_long_run_is_no_idleness(library: Library, ids: list[PhotoId]):
    detectors = library.detecting._detectors  # pyright: ignore[reportPrivateUsage]
    job = library.detecting.run(ids, LABELS, 0.5)
    for _ in range(3):
        next(job)
    detectors._used_at -= 3600  # pyright: ignore[reportPrivateUsage]
    next(job)
    library.rest(600)
    assert detectors.use().engine
    job.close()
