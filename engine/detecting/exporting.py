"""Detections in files of their own: data sets of other programs, pictures with boxes drawn in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeAlias

from engine import detection_export
from engine.detecting.seeing import Seeing
from engine.detection_types import Exported, StoredDetection
from engine.errors import DiskError, PhotoError
from engine.files.decode import DecoderPool
from engine.jobs import Event, Job, Progress, Skipped
from engine.types import PhotoId, RGBImage

if TYPE_CHECKING:
    from collections.abc import Generator

    from engine.catalog import Catalog

ExportKind: TypeAlias = Literal["coco", "yolo", "annotated", "regions"]

_ATTEMPTS = 1000


def export(
    catalog: Catalog,
    decoders: DecoderPool,
    seeing: Seeing,
    ids: Sequence[PhotoId],
    kind: ExportKind,
    folder: Path,
) -> Job[Exported]:
    """Write what is known of photos; see `Detecting.export`."""
    if kind == "annotated":
        return (yield from _annotated(catalog, decoders, seeing, ids, folder))
    if kind == "regions":
        return (yield from _regions(catalog, seeing, ids))
    return (yield from _data_set(catalog, seeing, ids, kind, folder))


def _data_set(
    catalog: Catalog, seeing: Seeing, ids: Sequence[PhotoId], kind: ExportKind, folder: Path
) -> Job[Exported]:
    known = catalog.detections.of(ids)
    photos: list[detection_export.Seen] = []
    skipped = 0
    for done, photo_id in enumerate(ids, start=1):
        try:
            size = _size(seeing, photo_id, known[photo_id])
            path = seeing.path_of(photo_id)
        except PhotoError as error:
            skipped += 1
            yield Skipped(error.path, error.reason)
            continue
        photos.append((path, *size, known[photo_id]))
        yield Progress(done, len(ids), path.name)
    files = write_data_set(photos, kind, folder)
    boxes = sum(len(photo[3]) for photo in photos)
    return Exported(tuple(files), len(photos), boxes, skipped)


def write_data_set(
    photos: Sequence[detection_export.Seen], kind: ExportKind, folder: Path
) -> list[Path]:
    """Write photos with their boxes as "coco" or "yolo". DiskError: it cannot be written."""
    from engine.files.new_files import new_file

    if kind == "coco":
        data = detection_export.as_json(detection_export.coco(photos))
        return [new_file(folder / "detections.json", data, another_name=True)]
    # A data set is a folder: next to an older one, not among its files.
    place = _free_folder(folder / "yolo")
    return [
        new_file(place / name, text.encode("utf-8", "surrogateescape"))
        for name, text in detection_export.yolo(photos).items()
    ]


def _annotated(
    catalog: Catalog,
    decoders: DecoderPool,
    seeing: Seeing,
    ids: Sequence[PhotoId],
    folder: Path,
) -> Job[Exported]:
    from engine.files.annotate import annotate, save_picture
    from engine.label_colours import label_colours

    known = catalog.detections.of(ids)
    # One colour per label in all of the pictures.
    colours = label_colours(sorted({seen.label for some in known.values() for seen in some}))

    def draw(photo_id: PhotoId, path: Path) -> Path:
        picture: RGBImage = annotate(decoders.picture(path), known[photo_id], colours)
        target = folder / f"{path.stem} (boxes).jpg"
        return save_picture(target, picture, another_name=True)

    return (yield from _each(seeing, ids, known, draw))


def _regions(catalog: Catalog, seeing: Seeing, ids: Sequence[PhotoId]) -> Job[Exported]:
    from engine.files.regions import write_regions  # pyright: ignore

    known = catalog.detections.of(ids)

    def write(photo_id: PhotoId, path: Path) -> Path:
        size = _size(seeing, photo_id, known[photo_id])
        return write_regions(path, *size, known[photo_id])

    return (yield from _each(seeing, ids, known, write))


def _each(
    seeing: Seeing,
    ids: Sequence[PhotoId],
    known: dict[PhotoId, list[StoredDetection]],
    act: Callable[[PhotoId, Path], Path],
) -> Generator[Event, None, Exported]:
    """One file per photo with boxes; a photo that fails is told and left out."""
    files: list[Path] = []
    photos = boxes = skipped = 0
    for done, photo_id in enumerate(ids, start=1):
        path = Path()
        if known[photo_id]:
            try:
                path = seeing.path_of(photo_id)
                files.append(act(photo_id, path))
                photos, boxes = photos + 1, boxes + len(known[photo_id])
            except PhotoError as error:
                skipped += 1
                yield Skipped(error.path, error.reason)
        yield Progress(done, len(ids), path.name)
    return Exported(tuple(files), photos, boxes, skipped)


def _size(seeing: Seeing, photo_id: PhotoId, known: Sequence[StoredDetection]) -> tuple[int, int]:
    """Of the upright photo; boxes know it already."""
    for detection in known:
        if not detection.outdated:
            return detection.width, detection.height
    content = seeing.size_of(photo_id)
    return content.width, content.height


def _free_folder(path: Path) -> Path:
    for number in range(1, _ATTEMPTS):
        found = path if number == 1 else path.with_name(f"{path.name} ({number})")
        if not found.exists():
            return found
    raise DiskError(f"There are too many data sets in {path.parent}; choose another folder.")
