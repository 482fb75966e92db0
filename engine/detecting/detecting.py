"""The door of detection: look at a photo, run over many, keep and correct what was found."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from engine.catalog.detection_rows import clean_label
from engine.catalog.detections import once
from engine.detecting import runs
from engine.detecting.exporting import ExportKind, export, write_data_set
from engine.detecting.objects import find_object
from engine.detecting.picture_set import Pictures
from engine.detecting.seeing import Detectors, Seeing
from engine.detection_types import (
    Detection,
    DetectionId,
    DetectionReport,
    DetectionRun,
    DetectionRunId,
    DetectorStatus,
    Exported,
    Label,
    ObjectMatch,
    Sight,
    StoredDetection,
)
from engine.errors import CatalogError, DetectionError, DiskError, ModelError
from engine.jobs import Job
from engine.priority import Gate
from engine.settings import Settings
from engine.types import Box, PhotoId, RGBImage

if TYPE_CHECKING:
    from engine.catalog import Catalog
    from engine.files.decode import DecoderPool
    from engine.vision.models import ModelStore

_SHORTLIST = 200  # photos that are verified when nobody says how many


class Detecting:
    """Finds things by words or by a box, and keeps what it found. Thread-safe.

    Boxes are in pixels of the upright photo.
    """

    def __init__(
        self,
        catalog: Catalog,
        decoders: DecoderPool,
        store: Callable[[], ModelStore],
        folder: Path,
        settings: Callable[[], Settings],
        gate: Gate,
    ) -> None:
        """Nothing is loaded or written yet.

        Args:
            catalog: where detections are kept.
            decoders: who opens the files.
            store: the models on this computer.
            folder: the library's; what detectors have seen is kept below it.
            settings: say which detector is used, and whether in 8 bits.
            gate: who waits for a photo goes before work in the background.
        """
        self._catalog = catalog
        self._decoders = decoders
        self._folder = folder
        self._gate = gate
        self._detectors = Detectors(store, settings)
        self._seeing = Seeing(catalog, decoders, folder / "detections")
        self._means = runs.Means(catalog, decoders, self._seeing, self._between_photos)

    # ---- the detector ------------------------------------------------------------------------

    def status(self) -> DetectorStatus:
        """The detector that would be used now; looks anew which are here. Loads nothing."""
        self._detectors.check_again()
        try:
            detector = self._detectors.use()
        except ModelError as error:
            return DetectorStatus("", "", False, 0.0, str(error))
        info = detector.files.info
        return DetectorStatus(info.id, info.title, True, detector.threshold)

    def rest(self, idle_s: float) -> None:
        """Give back the memory of a detector that nobody used for so long."""
        self._detectors.rest(idle_s)

    def close(self) -> None:
        """Give back what is held."""
        self._detectors.close()

    def _between_photos(self) -> None:
        self._detectors.used()
        self._gate.give_way()

    # ---- one photo ---------------------------------------------------------------------------

    def look(self, photo: PhotoId | Path, labels: Sequence[Label]) -> Sight:
        """Everything that a detector sees of these labels in a photo, far below any threshold.

        Other labels for a photo that was looked at before cost milliseconds.

        Raises:
            PhotoError: the photo cannot be read. ModelError: there is no usable detector.
            DetectionError: a label that cannot be.
        """
        wanted = _labels(labels)
        with self._gate.asking():
            detector = self._detectors.use()
            seen = self._seeing.see(detector, photo)
            sight = detector.look(seen.features, seen.content.width, seen.content.height, wanted)
        with contextlib.suppress(CatalogError, DiskError):  # seen all the same
            self._catalog.detections.remember([label.name for label in wanted])
        return sight

    def suggestions(self) -> list[str]:
        """Labels to offer: used before, the last first, then categories, then tags."""
        names = self._catalog.detections.labels()
        names += [category.name for category in self._catalog.categories.all()]
        names += sorted((tag.name for tag in self._catalog.tags.all()), key=str.casefold)
        return once(names)

    def crop(self, photo: PhotoId | Path, box: Box, path: Path | None = None) -> RGBImage:
        """The pixels in a box, all of them; with `path` also saved as a new file.

        Raises:
            PhotoError: the photo cannot be read.
            DetectionError: the box lies outside of it.
            DiskError: the file is there already, or cannot be written.
        """
        from engine.files.annotate import save_picture

        source = photo if isinstance(photo, Path) else self._seeing.path_of(photo)
        picture = self._decoders.picture(source)
        height, width = picture.shape[:2]
        left, top = max(0, math.floor(box.left)), max(0, math.floor(box.top))
        right, bottom = min(width, math.ceil(box.right)), min(height, math.ceil(box.bottom))
        if left >= right or top >= bottom:
            raise DetectionError("The box lies outside of the photo.")
        part = picture[top:bottom, left:right].copy()
        if path is not None:
            save_picture(path, part)
        return part

    def annotated(
        self,
        photo: PhotoId | Path,
        detections: Sequence[Detection | StoredDetection],
        path: Path | None = None,
    ) -> RGBImage:
        """A copy of a photo, all its pixels, with boxes drawn in; with `path` also saved.

        Raises:
            PhotoError: the photo cannot be read.
            DiskError: the file is there already, or cannot be written.
        """
        from engine.files.annotate import annotate, save_picture

        source = photo if isinstance(photo, Path) else self._seeing.path_of(photo)
        drawn = annotate(self._decoders.picture(source), detections)
        if path is not None:
            save_picture(path, drawn)
        return drawn

    # ---- many photos -------------------------------------------------------------------------

    def run(
        self,
        ids: Sequence[PhotoId],
        labels: Sequence[Label],
        threshold: float | None = None,
        what: str = "",
    ) -> Job[DetectionReport]:
        """Look for things in many photos, in the order given, and keep what is found.

        Results are in the catalog a few photos at a time. The events are `DetectionProgress`
        and `Skipped`; the first one tells the run's number. Closing the job keeps what was
        looked at; `resume` goes on, also after a kill.

        Args:
            ids: the photos.
            labels: what to look for; a label's own threshold goes before the run's.
            threshold: least score, None for the detector's own.
            what: which photos these are, in words.

        Raises:
            ModelError: there is no usable detector.
            DetectionError: no label, or one that cannot be.
            CatalogError, DiskError: nothing can be kept.
        """
        wanted = _labels(labels)
        detector = self._detectors.use()
        least = detector.threshold if threshold is None else threshold
        table = self._catalog.detection_runs
        with self._catalog.write():
            run_id = table.start(detector.files.info.id, wanted, least, what, ids)
            self._catalog.detections.remember([label.name for label in wanted])
        return (yield from runs.run(self._means, detector, table.one(run_id)))

    def find(
        self,
        ids: Sequence[PhotoId],
        labels: Sequence[Label],
        threshold: float | None = None,
        limit: int = _SHORTLIST,
        what: str = "",
    ) -> Job[DetectionReport]:
        """Find with proof: a search has ranked photos, the detector verifies the best of them.

        Args:
            ids: as `Library.search` ranked them, best first.
            labels: what the photos are to show.
            threshold: least score, None for the detector's own.
            limit: so many photos are looked at.
            what: the search, in words.

        Raises:
            As `run`.
        """
        return (yield from self.run(ids[:limit], labels, threshold, what))

    def runs(self) -> list[DetectionRun]:
        """Every run, the newest first."""
        return self._catalog.detection_runs.all()

    def resume(self, run_id: DetectionRunId) -> Job[DetectionReport]:
        """Go on with a run that was cancelled or killed, with the detector it began with.

        Raises:
            DetectionError: there is no such run, or it was taken back.
            ModelError: its detector is no longer on this computer.
        """
        asked = self._catalog.detection_runs.one(run_id)
        if asked.undone:
            raise DetectionError(f"Run {run_id} was taken back; restore it first.")
        detector = self._detectors.use(asked.model)
        return (yield from runs.run(self._means, detector, asked))

    def roll_back(self, run_id: DetectionRunId) -> int:
        """Take a run's boxes away, but for those that the user corrected.

        Boxes of earlier runs that it had replaced are shown again.

        Returns:
            How many boxes are away. DetectionError: there is no such run.
        """
        return self._catalog.detection_runs.roll_back(run_id)

    def restore(self, run_id: DetectionRunId) -> int:
        """Undo `roll_back`, exactly. Returns: how many boxes are back."""
        return self._catalog.detection_runs.restore(run_id)

    def photos_of_run(self, run_id: DetectionRunId, *, negatives: bool = False) -> list[PhotoId]:
        """Photos in which a run found something, the surest first.

        With `negatives` also those that it looked at in vain, behind them, in the run's order.
        """
        found = self._catalog.detection_runs.photos(run_id)
        if not negatives:
            return found
        there = set(found)
        looked = self._catalog.detection_runs.looked(run_id)
        return found + [photo_id for photo_id in looked if photo_id not in there]

    def find_object(
        self, photo: PhotoId | Path, box: Box, ids: Sequence[PhotoId]
    ) -> Job[list[ObjectMatch]]:
        """Look in photos for the thing in a box of another: best first, the best box of each.

        The events are `ObjectProgress`, with what was found so far, and `Skipped`. From a score
        of .6 on it is likely the same thing.

        Raises:
            PhotoError: the photo with the box cannot be read.
            ModelError: there is no usable detector.
        """
        detector = self._detectors.use()
        return (yield from find_object(self._means, detector, photo, box, ids))

    # ---- what is kept ------------------------------------------------------------------------

    def of_photo(self, photo_id: PhotoId) -> list[StoredDetection]:
        """The boxes of a photo: the user's own first, then by score."""
        return self.of_photos([photo_id])[photo_id]

    def of_photos(self, ids: Sequence[PhotoId]) -> dict[PhotoId, list[StoredDetection]]:
        """The same of many; every id is a key. Cost: 20 ms for 1,000 photos with 5 boxes."""
        return self._catalog.detections.of(ids)

    def keep(self, photo_id: PhotoId, detections: Sequence[Detection]) -> list[DetectionId]:
        """Keep what `look` showed; what is there already under this label keeps its id.

        Raises:
            PhotoError: the photo cannot be read any more. DetectionError: an impossible box.
        """
        content = self._seeing.size_of(photo_id)
        return self._catalog.detections.keep(
            photo_id,
            detections,
            self._detectors.files().info.id,
            (content.width, content.height),
            content.content_hash,
        )

    def add(self, photo_id: PhotoId, label: str, box: Box) -> DetectionId:
        """The user draws a box. PhotoError, DetectionError: as `keep`."""
        content = self._seeing.size_of(photo_id)
        size = content.width, content.height
        drawn = [Detection(label, 1.0, box)]
        with self._catalog.write():
            kept = self._catalog.detections.keep(photo_id, drawn, "", size, content.content_hash)
            self._catalog.detections.remember([clean_label(label)])
        return kept[0]

    def relabel(self, ids: Sequence[DetectionId], label: str) -> None:
        """Correct a label. Giving it back is the way to undo. DetectionError: an impossible one."""
        self._catalog.detections.relabel(ids, label)

    def move(self, detection_id: DetectionId, box: Box) -> None:
        """Correct where a box lies; undone likewise. DetectionError: it is outside, or gone."""
        self._catalog.detections.move(detection_id, box)

    def remove(self, ids: Sequence[DetectionId]) -> None:
        """Take boxes away. Later runs do not find them again."""
        self._catalog.detections.remove(ids)

    def put_back(self, ids: Sequence[DetectionId]) -> None:
        """Undo `remove`, exactly."""
        self._catalog.detections.put_back(ids)

    def export(
        self,
        ids: Sequence[PhotoId],
        kind: ExportKind,
        folder: Path,
        pictures: Pictures = "",
    ) -> Job[Exported]:
        """Write the boxes of photos for other programs. No file of the user's is overwritten.

        Only "regions" writes beside photos: into sidecars, in which all else stays as it is, and
        of which the library keeps a copy.

        Args:
            ids: the photos; for data sets those without boxes count too.
            kind: "coco" (a JSON file), "yolo" (a folder), "annotated" (copies with the boxes
                drawn in) or "regions" (in sidecars beside the photos).
            folder: where to; of no meaning to "regions".
            pictures: for "yolo", "copy" puts a copy of each photo into the data set, "link" a
                symbolic link; what programs for training cannot read becomes an upright JPEG.

        Raises:
            DiskError: it cannot be written.
        """
        kept = self._folder / "sidecars"
        means = self._catalog, self._decoders, self._seeing
        return export(*means, ids, kind, folder, kept, pictures)

    def export_seen(
        self,
        photos: Sequence[tuple[Path, Sight]],
        kind: Literal["coco", "yolo"],
        folder: Path,
        pictures: Pictures = "",
    ) -> Job[list[Path]]:
        """Write what `look` saw, without keeping it. Returns: the files. DiskError: it cannot."""
        seen = [(path, s.width, s.height, s.detections) for path, s in photos]
        return write_data_set(self._decoders, seen, kind, folder, pictures)


def _labels(labels: Sequence[Label]) -> list[Label]:
    """With clean names, each once.

    Raises:
        DetectionError: none is left.
    """
    found: dict[str, Label] = {}
    for label in labels:
        if label.name.strip():
            clean = replace(label, name=clean_label(label.name))
            found.setdefault(clean.name.casefold(), clean)
    if not found:
        raise DetectionError("Say at least one thing to look for.")
    return [*found.values()]
