"""Detections in the words of other programs: COCO JSON and YOLO text files. Pure values."""

from __future__ import annotations

import json
import os
import unicodedata
from collections.abc import Sequence
from pathlib import Path, PurePath
from typing import Any, TypeAlias

from engine.detection_types import Detection, StoredDetection
from engine.types import Box

Seen: TypeAlias = tuple[Path, int, int, Sequence[StoredDetection | Detection]]
"""A photo, width and height of it when upright, and what is in it."""


def coco(photos: Sequence[Seen]) -> dict[str, Any]:
    """The object detection format of COCO, as pycocotools and most annotation tools read it.

    Args:
        photos: in the order that they get their ids; those without detections count as well,
            they say that nothing is there.

    Returns:
        A dictionary for `as_json`. Boxes are [left, top, width, height] in pixels of the upright
        photo, to a hundredth. `file_name` is relative to the deepest folder that holds all of
        the photos. The annotations of a detector carry a `score`, the user's own do not; there
        are no segmentations.

    Source: https://cocodataset.org/#format-data
    """
    labels = labels_of(photos)
    numbers = _numbers(labels, 1)
    names = relative_names([photo[0] for photo in photos])
    images: list[dict[str, Any]] = []
    annotations: list[dict[str, Any]] = []
    for image_id, (name, (_, width, height, detections)) in enumerate(
        zip(names, photos, strict=True), start=1
    ):
        images.append({"id": image_id, "file_name": name, "width": width, "height": height})
        for detection in detections:
            box = clipped(detection.box, width, height)
            if box is None:
                continue
            left, top = round(box.left, 2), round(box.top, 2)
            wide, high = round(box.right - left, 2), round(box.bottom - top, 2)
            annotation: dict[str, Any] = {
                "id": len(annotations) + 1,
                "image_id": image_id,
                "category_id": numbers[detection.label.casefold()],
                "bbox": [left, top, wide, high],
                "area": round(wide * high, 2),
                "iscrowd": 0,
                "segmentation": [],
            }
            if detection.score is not None:
                annotation["score"] = round(float(detection.score), 4)
            annotations.append(annotation)
    return {
        "info": {"description": "Detections of Photosift, in pixels of the upright photos"},
        "licenses": [],
        "images": images,
        "annotations": annotations,
        "categories": [
            {"id": number, "name": label, "supercategory": ""}
            for number, label in enumerate(labels, start=1)
        ],
    }


def as_json(value: dict[str, Any]) -> bytes:
    """UTF-8 JSON, indented; a file name that is no UTF-8 keeps its bytes as lone surrogates."""
    try:
        text = json.dumps(value, ensure_ascii=False, indent=1)
        return (text + "\n").encode("utf-8")
    except UnicodeEncodeError:
        return (json.dumps(value, indent=1) + "\n").encode("ascii")


def yolo(photos: Sequence[Seen], *, with_pictures: bool = False) -> dict[str, str]:
    """The text files of a YOLO data set, as ultralytics reads it.

    Args:
        photos: each gets a file, empty where nothing is there.
        with_pictures: they are put there, too, and need not be by the reader.

    Returns:
        The content by name: `data.yaml`, `classes.txt` (a label a line), and below `labels/` one
        file per photo with a line per box: number of the label, then the centre's x and y, width
        and height as shares of the upright photo. The picture that belongs to `labels/x.txt` is
        `images/x.jpg`: `yolo_pictures` says which photo that is.

    Source: https://docs.ultralytics.com/datasets/detect/
    """
    labels = labels_of(photos)
    numbers = _numbers(labels, 0)
    files = {
        "data.yaml": _data_yaml(labels, with_pictures),
        "classes.txt": "".join(f"{_one_line(label)}\n" for label in labels),
    }
    for name, (_, width, height, detections) in zip(yolo_pictures(photos), photos, strict=True):
        lines: list[str] = []
        for detection in detections:
            box = clipped(detection.box, width, height)
            if box is None:
                continue
            shares = (
                (box.left + box.right) / 2 / width,
                (box.top + box.bottom) / 2 / height,
                (box.right - box.left) / width,
                (box.bottom - box.top) / height,
            )
            numbered = (
                str(numbers[detection.label.casefold()]),
                *(f"{share:.6f}" for share in shares),
            )
            lines.append(" ".join(numbered) + "\n")
        label_file = PurePath("labels") / PurePath(name).relative_to("images").with_suffix(".txt")
        files[label_file.as_posix()] = "".join(lines)
    return files


def yolo_pictures(photos: Sequence[Seen]) -> dict[str, Path]:
    """Where a YOLO data set expects each picture, and which photo it is, in the same order.

    Two photos that differ in their ending only would share a label file: the second gets " (2)".
    """
    found: dict[str, Path] = {}
    taken: set[str] = set()
    paths = [photo[0] for photo in photos]
    for path, name in zip(paths, relative_names(paths), strict=True):
        stem, ending = os.path.splitext(f"images/{name}")  # noqa: PTH122 - not of a file
        free, number = stem, 1
        while free.casefold() in taken:
            number += 1
            free = f"{stem} ({number})"
        taken.add(free.casefold())
        found[free + ending] = path
    return found


def labels_of(photos: Sequence[Seen]) -> list[str]:
    """The labels in all of them, by name: the same numbers whatever order the photos are in.

    Labels that differ in capitals only are one, as everywhere.
    """
    found = {detection.label for photo in photos for detection in photo[3]}
    ordered = sorted(found, key=lambda label: (label.casefold(), label))
    return list({label.casefold(): label for label in reversed(ordered)}.values())[::-1]


def _numbers(labels: Sequence[str], first: int) -> dict[str, int]:
    return {label.casefold(): number for number, label in enumerate(labels, start=first)}


def relative_names(paths: Sequence[Path]) -> list[str]:
    """Paths as seen from the deepest folder that holds them all, with forward slashes."""
    parts = [path.absolute().parts for path in paths]
    common = 0
    for level in zip(*(each[:-1] for each in parts), strict=False):
        if len(set(level)) > 1:
            break
        common += 1
    if parts and common == 0:  # two drives: the names alone must do
        return [PurePath(*each[1:]).as_posix() for each in parts]
    return ["/".join(each[common:]) for each in parts]


def clipped(box: Box, width: int, height: int) -> Box | None:
    """The part of a box that is in the picture, None where there is none."""
    left, right = max(0.0, box.left), min(float(width), box.right)
    top, bottom = max(0.0, box.top), min(float(height), box.bottom)
    return Box(left, top, right, bottom) if right > left and bottom > top else None


def _data_yaml(labels: Sequence[str], with_pictures: bool) -> str:
    where = "The pictures lie in" if with_pictures else "Put the pictures into"
    names = "".join(
        # A JSON string is a YAML string as well.
        f"  {number}: {json.dumps(_one_line(label), ensure_ascii=False)}\n"
        for number, label in enumerate(labels)
    )
    return (
        f"# {where} the folder images, by the names of the files in labels.\n"
        "train: images\nval: images\n"
        f"names:{' {}' if not labels else ''}\n{names}"
    )


def _one_line(label: str) -> str:
    """Without line breaks, and what neither UTF-8 nor YAML has."""
    shown = (
        " " if unicodedata.category(one) in ("Cc", "Cs") or one in "\ufffe\uffff" else one
        for one in label
    )
    return " ".join("".join(shown).split())
