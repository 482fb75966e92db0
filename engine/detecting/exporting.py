"""Detections in files of their own: data sets of other programs, pictures with boxes drawn in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeAlias

from engine import detection_export
from engine.detecting.picture_set import Pictures, put_pictures
from engine.detecting.seeing import Seeing
from engine.detection_types import Exported, StoredDetection
from engine.errors import DiskError, PhotoError
from engine.files.decode import DecoderPool
from engine.jobs import Event, Job, Progress, Skipped
from engine.types import PhotoId

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
    kept: Path,
    pictures: Pictures = "",
) -> Job[Exported]:
    """Write what is known of photos; see `Detecting.export`. `kept`: for sidecars as they were."""
    if kind == "annotated":
        return (yield from _annotated(catalog, decoders, seeing, ids, folder))
    if kind == "regions":
        return (yield from _regions(catalog, decoders, seeing, ids, kept))
    return (yield from _data_set(catalog, decoders, seeing, ids, kind, folder, pictures))


def _data_set(
    catalog: Catalog,
    decoders: DecoderPool,
    seeing: Seeing,
    ids: Sequence[PhotoId],
    kind: ExportKind,
    folder: Path,
    pictures: Pictures,
) -> Job[Exported]:
    known = catalog.detections.of(ids)
    steps = len(ids) * (2 if pictures else 1)
    photos: list[detection_export.Seen] = []
    skipped = 0
    for done, photo_id in enumerate(ids, start=1):
        try:
            size = _size(seeing, photo_id)
            path = seeing.path_of(photo_id)
        except PhotoError as error:
            skipped += 1
            yield Skipped(error.path, error.reason)
            continue
        photos.append((path, *size, _still_there(known[photo_id], size)))
        yield Progress(done, steps, path.name)
    files = yield from write_data_set(decoders, photos, kind, folder, pictures)
    boxes = sum(len(photo[3]) for photo in photos)
    return Exported(tuple(files), len(photos), boxes, skipped)


def write_data_set(
    decoders: DecoderPool,
    photos: Sequence[detection_export.Seen],
    kind: ExportKind,
    folder: Path,
    pictures: Pictures = "",
) -> Generator[Event, None, list[Path]]:
    """Write photos with their boxes as "coco" or "yolo". DiskError: it cannot be written."""
    from engine.files.new_files import new_file

    if kind == "coco":
        data = detection_export.as_json(detection_export.coco(photos))
        return [new_file(folder / "detections.json", data, another_name=True)]
    # A data set is a folder: next to an older one, not among its files.
    place = _free_folder(folder / "yolo")
    texts = detection_export.yolo(photos, with_pictures=bool(pictures))
    files = [
        new_file(place / name, text.encode("utf-8", "surrogateescape"))
        for name, text in texts.items()
    ]
    if pictures:
        files += yield from put_pictures(decoders, photos, place, pictures)
    return files


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
        picture = decoders.picture(path)
        boxes = _still_there(known[photo_id], (picture.shape[1], picture.shape[0]))
        target = folder / f"{path.stem} (boxes).jpg"
        return save_picture(target, annotate(picture, boxes, colours), another_name=True)

    return (yield from _each(seeing, ids, known, draw))


def _regions(
    catalog: Catalog, decoders: DecoderPool, seeing: Seeing, ids: Sequence[PhotoId], kept: Path
) -> Job[Exported]:
    from engine.files.sidecar import write_regions

    known = catalog.detections.of(ids)

    def write(photo_id: PhotoId, path: Path) -> Path | None:
        if not known[photo_id]:  # what an earlier export said of it goes
            return write_regions(path, 1, 1, (), 1, kept)
        size = _size(seeing, photo_id)
        boxes = _still_there(known[photo_id], size)
        return write_regions(path, *size, boxes, decoders.orientation(path), kept)

    return (yield from _each(seeing, ids, known, write, all_photos=True))


def _each(
    seeing: Seeing,
    ids: Sequence[PhotoId],
    known: dict[PhotoId, list[StoredDetection]],
    act: Callable[[PhotoId, Path], Path | None],
    *,
    all_photos: bool = False,
) -> Generator[Event, None, Exported]:
    """One file per photo with boxes; a photo that fails is told and left out."""
    files: list[Path] = []
    photos = boxes = skipped = 0
    for done, photo_id in enumerate(ids, start=1):
        path = Path()
        if known[photo_id] or all_photos:
            try:
                path = seeing.path_of(photo_id)
                written = act(photo_id, path)
            except PhotoError as error:
                skipped += 1
                yield Skipped(error.path, error.reason)
            else:
                files += [written] if written else []
                photos, boxes = photos + 1, boxes + len(known[photo_id])
        yield Progress(done, len(ids), path.name)
    return Exported(tuple(files), photos, boxes, skipped)


def _size(seeing: Seeing, photo_id: PhotoId) -> tuple[int, int]:
    """Of the upright photo as it is now."""
    content = seeing.size_of(photo_id)
    return content.width, content.height


def _still_there(known: Sequence[StoredDetection], size: tuple[int, int]) -> list[StoredDetection]:
    """Without boxes of a picture that had another size."""
    return [seen for seen in known if not seen.outdated or (seen.width, seen.height) == size]


def _free_folder(path: Path) -> Path:
    for number in range(1, _ATTEMPTS):
        found = path if number == 1 else path.with_name(f"{path.name} ({number})")
        if not found.exists():
            return found
    raise DiskError(f"There are too many data sets in {path.parent}; choose another folder.")
