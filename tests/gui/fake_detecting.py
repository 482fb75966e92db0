"""Detection in memory: the detector sees on each photo two things of the photo's own colour."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from engine.detection_types import (
    Detection,
    DetectionId,
    DetectionProgress,
    DetectionReport,
    DetectionRun,
    DetectionRunId,
    DetectorStatus,
    Exported,
    Label,
    ObjectMatch,
    ObjectProgress,
    Sight,
    StoredDetection,
)
from engine.errors import DetectionError, ModelMissing, PhotoUndecodable
from engine.jobs import Job, Progress
from engine.types import Aspect, Box, PhotoId, PhotoState, RGBImage

if TYPE_CHECKING:
    from fake_library import FakeLibrary

LARGE, SMALL, FAINT = Box(60, 40, 300, 300), Box(360, 120, 540, 330), Box(20, 20, 590, 390)
READY = DetectorStatus("photosift/demo-detector", "Demo detector", ready=True, threshold=0.3)


class FakeDetecting:
    """Answers as the real one does, where the window looks."""

    def __init__(self, library: FakeLibrary) -> None:
        self._library = library
        self._lock = threading.RLock()
        self.now = READY
        self.known: list[str] = ["red", "green", "blue"]
        self.shelf: dict[DetectionId, StoredDetection] = {}
        self.gone: dict[DetectionId, StoredDetection] = {}
        self.made_runs: dict[DetectionRunId, DetectionRun] = {}
        self.asked: dict[DetectionRunId, list[PhotoId]] = {}
        self.looks: list[tuple[PhotoId, tuple[str, ...]]] = []
        self.exports: list[tuple[str, Path, list[PhotoId]]] = []
        self.cropped: list[tuple[PhotoId, Box, Path | None]] = []
        self._number = 0

    def _next(self) -> int:
        self._number += 1
        return self._number

    def _told(self, ids: Sequence[PhotoId]) -> None:
        self._library.announce(ids, Aspect.DETECTION)

    # -- looking -------------------------------------------------------------------------------

    def status(self) -> DetectorStatus:
        return self.now

    def suggestions(self) -> list[str]:
        return list(self.known)

    def _sight(self, photo_id: PhotoId, labels: Sequence[Label]) -> Sight:
        photo = self._library.shelf[photo_id]
        if photo.state is not PhotoState.PRESENT:
            raise PhotoUndecodable(photo.path, "is not a picture")
        colour = photo.name.split(" ")[0]
        found: list[Detection] = []
        for label in labels:
            if label.name == colour:
                found += [Detection(label.name, 0.9, LARGE), Detection(label.name, 0.4, SMALL)]
            elif label.name != "nothing":
                found.append(Detection(label.name, 0.12, FAINT))
        found.sort(key=lambda entry: -entry.score)
        return Sight(photo.width or 600, photo.height or 400, tuple(found))

    def look(self, photo: PhotoId | Path, labels: Sequence[Label]) -> Sight:
        assert not isinstance(photo, Path)
        self._library.pass_gate("look")
        self.looks.append((photo, tuple(label.name for label in labels)))
        if not self.now.ready:
            raise ModelMissing(self.now.why)
        return self._sight(photo, labels)

    def crop(self, photo: PhotoId | Path, box: Box, path: Path | None = None) -> RGBImage:
        assert not isinstance(photo, Path)
        self.cropped.append((photo, box, path))
        picture = self._library.picture(photo)
        left, top, right, bottom = (round(side) for side in box)
        return np.ascontiguousarray(picture[top:bottom, left:right])

    # -- what is kept --------------------------------------------------------------------------

    def of_photo(self, photo_id: PhotoId) -> list[StoredDetection]:
        return self.of_photos([photo_id])[photo_id]

    def of_photos(self, ids: Sequence[PhotoId]) -> dict[PhotoId, list[StoredDetection]]:
        with self._lock:
            return {
                id_: [entry for entry in self.shelf.values() if entry.photo_id == id_]
                for id_ in ids
            }

    def _put(self, entry: StoredDetection) -> DetectionId:
        self.shelf[entry.id] = entry
        return entry.id

    def keep(self, photo_id: PhotoId, detections: Sequence[Detection]) -> list[DetectionId]:
        ids: list[DetectionId] = []
        for entry in detections:
            new = DetectionId(self._next())
            model = self.now.model_id
            ids.append(
                self._put(
                    StoredDetection(new, photo_id, entry.label, entry.box, entry.score, None, model)
                )
            )
        self._told([photo_id])
        return ids

    def add(self, photo_id: PhotoId, label: str, box: Box) -> DetectionId:
        if not label.strip():
            raise DetectionError("A label needs a name.")
        new = self._put(StoredDetection(DetectionId(self._next()), photo_id, label, box))
        self._told([photo_id])
        return new

    def relabel(self, ids: Sequence[DetectionId], label: str) -> None:
        for id_ in ids:
            self.shelf[id_] = replace(self.shelf[id_], label=label, corrected=True)
        self._told([self.shelf[id_].photo_id for id_ in ids])

    def move(self, detection_id: DetectionId, box: Box) -> None:
        self._library.pass_gate("move")
        entry = self.shelf[detection_id]
        self.shelf[detection_id] = replace(entry, box=box, corrected=entry.score is not None)
        self._told([entry.photo_id])

    def remove(self, ids: Sequence[DetectionId]) -> None:
        with self._lock:
            self.gone.update({id_: self.shelf.pop(id_) for id_ in ids})
        self._told([self.gone[id_].photo_id for id_ in ids])

    def put_back(self, ids: Sequence[DetectionId]) -> None:
        with self._lock:
            self.shelf.update({id_: self.gone.pop(id_) for id_ in ids})
        self._told([self.shelf[id_].photo_id for id_ in ids])

    # -- many photos ---------------------------------------------------------------------------

    def run(
        self,
        ids: Sequence[PhotoId],
        labels: Sequence[Label],
        threshold: float | None = None,
        what: str = "",
    ) -> Job[DetectionReport]:
        if not self.now.ready:
            raise ModelMissing(self.now.why)
        run_id = DetectionRunId(self._next())
        least = self.now.threshold if threshold is None else threshold
        self.made_runs[run_id] = DetectionRun(
            run_id, self.now.model_id, tuple(labels), least, what, 1.7e9 + run_id, len(ids), 0, 0
        )
        self.asked[run_id] = list(ids)
        return (yield from self.resume(run_id))

    def find(
        self,
        ids: Sequence[PhotoId],
        labels: Sequence[Label],
        threshold: float | None = None,
        limit: int = 200,
        what: str = "",
    ) -> Job[DetectionReport]:
        return (yield from self.run(ids[:limit], labels, threshold, what))

    def resume(self, run_id: DetectionRunId) -> Job[DetectionReport]:
        asked = self.asked[run_id]
        while True:
            run = self.made_runs[run_id]
            matching = len(self.photos_of_run(run_id))
            yield DetectionProgress(run.looked, run.asked, "", run_id, matching, run.boxes)
            if run.finished:
                skipped = run.skipped
                return DetectionReport(run_id, run.looked, matching, run.boxes, skipped, 1.0)
            self._library.pass_gate("detect")
            photo_id = asked[run.looked]
            try:
                seen = self._sight(photo_id, run.labels).detections
            except PhotoUndecodable:
                self.made_runs[run_id] = replace(
                    run, looked=run.looked + 1, skipped=run.skipped + 1
                )
                continue
            found = [entry for entry in seen if entry.score >= run.threshold]
            with self._lock:
                for entry in found:
                    new = DetectionId(self._next())
                    self._put(
                        StoredDetection(
                            new, photo_id, entry.label, entry.box, entry.score, run_id, run.model,
                            600, 400,
                        )
                    )  # fmt: skip
            self.made_runs[run_id] = replace(
                run, looked=run.looked + 1, boxes=run.boxes + len(found)
            )
            self._told([photo_id])

    def runs(self) -> list[DetectionRun]:
        return sorted(self.made_runs.values(), key=lambda run: -run.id)

    def photos_of_run(self, run_id: DetectionRunId) -> list[PhotoId]:
        best: dict[PhotoId, float] = {}
        with self._lock:
            for entry in self.shelf.values():
                if entry.run_id == run_id:
                    best[entry.photo_id] = max(best.get(entry.photo_id, 0), entry.score or 0)
        return sorted(best, key=lambda id_: (-best[id_], id_))

    def roll_back(self, run_id: DetectionRunId) -> int:
        with self._lock:
            ids = [entry.id for entry in self.shelf.values() if entry.run_id == run_id]
            self.gone.update({id_: self.shelf.pop(id_) for id_ in ids})
        self.made_runs[run_id] = replace(self.made_runs[run_id], undone=True)
        self._told([self.gone[id_].photo_id for id_ in ids])
        return len(ids)

    def restore(self, run_id: DetectionRunId) -> int:
        with self._lock:
            ids = [entry.id for entry in self.gone.values() if entry.run_id == run_id]
            self.shelf.update({id_: self.gone.pop(id_) for id_ in ids})
        self.made_runs[run_id] = replace(self.made_runs[run_id], undone=False)
        self._told([self.shelf[id_].photo_id for id_ in ids])
        return len(ids)

    def find_object(
        self, photo: PhotoId | Path, box: Box, ids: Sequence[PhotoId]
    ) -> Job[list[ObjectMatch]]:
        """The same thing is on all photos of the same colour."""
        assert not isinstance(photo, Path)
        colour = self._library.shelf[photo].name.split(" ")[0]
        found: list[ObjectMatch] = []
        yield ObjectProgress(0, len(ids))
        for done, other in enumerate(ids, start=1):
            self._library.pass_gate("object")
            same = self._library.shelf[other].name.startswith(colour)
            found.append(ObjectMatch(other, 0.8 if same else 0.2, box))
            found.sort(key=lambda match: -match.score)
            yield ObjectProgress(done, len(ids), "", tuple(found))
        return found

    def export(
        self, ids: Sequence[PhotoId], kind: str, folder: Path, pictures: str = ""
    ) -> Job[Exported]:
        self.exports.append((" with ".join(filter(None, (kind, pictures))), folder, list(ids)))
        for done in range(len(ids) + 1):
            yield Progress(done, len(ids))
        boxes = sum(len(found) for found in self.of_photos(ids).values())
        return Exported((folder / "detections.json",), len(ids), boxes)
